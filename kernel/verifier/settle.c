// SPDX-License-Identifier: GPL-2.0-only
/*
 * Paths that end on a checkpoint before all is known that follows it: it was open, being
 * on the way here, or one of its own paths ends so.  Its needs may still grow, and then
 * they must be passed on, and what it covers be looked at again.
 *
 * Such states are kept.  When all paths have been explored, needs are passed on until
 * nothing changes; a state that its checkpoint turns out not to cover is explored once
 * more.  What it can be reached from counts as open in the meantime, lest a cycle be closed
 * outside of any run.
 */
#include "env.h"

/**
 * bvm_cover - a path ends, because a checkpoint covers its state
 * @env:	environment
 * @st:		state; goes
 * @cp:		checkpoint
 */
void bvm_cover(struct bvm_env *env, struct bvm_state *st, struct bvm_checkpoint *cp)
{
	struct bvm_checkpoint *up;
	bool keep = (cp->open || cp->ahead || cp->loose) && !BVM_PLANTED(EDGE_DROPPED);

	bvm_pass_needs(env, &cp->st, st);
	for (up = st->parent; keep && up && !up->loose; up = up->st.parent)
		up->loose = true;
	bvm_path_end(env, st);
	if (!keep) {
		bvm_state_free(env, st);
		return;
	}
	st->cover = cp;
	st->next = env->edges;
	env->edges = st;
}

/* Passes needs on until nothing changes. */
static void bvm_spread_needs(struct bvm_env *env)
{
	struct bvm_state *st;
	u64 needs;

	do {
		needs = env->needs;
		for (st = env->edges; st; st = st->next)
			bvm_pass_needs(env, &st->cover->st, st);
		cond_resched();
	} while (needs != env->needs);
}

/* Takes a state off the list that its checkpoint does not cover any more. */
static struct bvm_state *bvm_find_uncovered(struct bvm_env *env)
{
	struct bvm_state **where, *st;

	for (where = &env->edges; *where; where = &st->next) {
		st = *where;
		if (BVM_PLANTED(EDGE_UNCHECKED) ||
		    bvm_subsumes(env, &st->cover->st, st, BVM_MATCH_NEEDED))
			continue;
		*where = st->next;
		return st;
	}
	return NULL;
}

static bool bvm_mark_ahead(struct bvm_checkpoint *cp)
{
	bool marked = false;

	for (; cp && !cp->ahead; cp = cp->st.parent) {
		cp->ahead = true;
		marked = true;
	}
	return marked;
}

/* Marks all checkpoints that @st can be reached from. */
static void bvm_mark_all_ahead(struct bvm_env *env, struct bvm_state *st)
{
	struct bvm_state *edge;
	bool more;

	bvm_mark_ahead(st->parent);
	do {
		more = false;
		for (edge = env->edges; edge; edge = edge->next)
			if (edge->cover->ahead)
				more |= bvm_mark_ahead(edge->parent);
	} while (more);
}

/*
 * What was made just now, and what that leads to, can be reached from those ahead, and was
 * closed before them: so it shall look.  Among themselves they stay as they are.
 */
static void bvm_unmark_all(struct bvm_env *env)
{
	struct bvm_checkpoint *cp, *next;
	LIST_HEAD(ahead);

	list_for_each_entry_safe(cp, next, &env->closed, when) {
		if (!cp->ahead)
			continue;
		cp->ahead = false;
		list_move_tail(&cp->when, &ahead);
	}
	list_splice_tail(&ahead, &env->closed);
}

static int bvm_explore_again(struct bvm_env *env, struct bvm_state *st)
{
	struct bvm_checkpoint *cp;
	int err;

	bvm_mark_all_ahead(env, st);
	for (cp = st->parent; cp && !cp->open++; cp = cp->st.parent)
		;
	err = bvm_explore_from(env, st, true);
	if (!err)
		bvm_unmark_all(env);
	return err;
}

/**
 * bvm_settle - what was covered too early is looked at once more
 * @env:	environment, all paths explored
 * Process context, may sleep.  Return: as bvm_explore().
 */
int bvm_settle(struct bvm_env *env)
{
	struct bvm_state *st;
	int err;

	for (;;) {
		bvm_spread_needs(env);
		st = bvm_find_uncovered(env);
		if (!st)
			return 0;
		err = bvm_explore_again(env, st);
		if (err)
			return err;
	}
}
