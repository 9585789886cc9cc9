// SPDX-License-Identifier: GPL-2.0-only
/*
 * Depth-first exploration of all paths.  Where paths meet, states are remembered as
 * checkpoints; a path ends when a checkpoint whose paths have all been explored covers
 * its state.
 *
 * A loop is walked round by round.  It ends when its condition is decided, when the
 * state is the same as one round before (it would never end), or with the budget.
 */
#include "env.h"

/* Rounds of a run that are walked one by one, as they are. */
#define BVM_EXACT_ROUNDS	3
/* Endless loops are found by comparing with so many checkpoints on the way. */
#define BVM_OPEN_LOOKS		16
#define BVM_RESCHED_MASK	1023

/* Return: 1 if @cp covers @st, 0 if not, -EINVAL for an endless loop. */
static int bvm_compare(struct bvm_env *env, const struct bvm_block *block,
		       const struct bvm_checkpoint *cp, const struct bvm_state *st)
{
	enum bvm_match_how how = BVM_MATCH_NEEDED;

	if (!bvm_same_calls(&cp->st, st))
		return 0;
	if (BVM_PLANTED(OPEN_COVERS))
		return bvm_subsumes(env, &cp->st, st, how);
	/* Depth first: open means on the way to here.  No run has gone on: no cover, either. */
	if (cp->open && bvm_same_rounds(&cp->st, st)) {
		if (cp->st.exact == st->exact &&
		    bvm_subsumes(env, &cp->st, st, BVM_MATCH_EXACT))
			return bvm_reject(env, INFINITE_LOOP, st->insn);
		return 0;
	}
	if (cp->open || cp->ahead) {
		/* What it needs is not known yet. */
		how = BVM_MATCH_ALL;
		if (!bvm_same_head_run(block, &cp->st, st))
			return 0;
	}
	return bvm_same_runs(&cp->st, st) && bvm_subsumes(env, &cp->st, st, how);
}

/*
 * A run goes on.  After some rounds, what still changes from round to round is taken for
 * unknown, so that this comes to an end.
 */
static void bvm_next_round(struct bvm_env *env, struct bvm_state *st,
			   const struct bvm_block *block)
{
	const struct bvm_checkpoint *cp;

	if (bvm_head_rounds(block, st) < BVM_EXACT_ROUNDS)
		return;
	for (cp = block->open; cp; cp = cp->next)
		if (bvm_same_calls(&cp->st, st) && bvm_same_head_run(block, &cp->st, st))
			break;
	if (!cp)
		return;
	bvm_widen(env, &cp->st, st);
	st->exact = bvm_point_exact(env, st);
}

/* Only a state that is equal, but where a run goes on. */
static bool bvm_may_end_on(const struct bvm_block *block, const struct bvm_checkpoint *cp,
			   const struct bvm_state *st)
{
	return block->head || cp->st.exact == st->exact || BVM_PLANTED(OPEN_COVERS);
}

/* Compares @st with checkpoints on the way here. */
static int bvm_visit_open(struct bvm_env *env, struct bvm_state *st,
			  const struct bvm_block *block, u32 key)
{
	struct bvm_checkpoint *cp;
	int covered = 0;
	u32 i = 0;

	for (cp = block->open; cp && !covered && i < BVM_OPEN_LOOKS; cp = cp->next, i++) {
		if (cp->key != key || !bvm_may_end_on(block, cp, st))
			continue;
		covered = bvm_compare(env, block, cp, st);
		if (covered > 0) {
			cp->hits++;
			st->cover = cp;
		}
	}
	return covered;
}

/* Compares @st with checkpoints that have been closed. */
static int bvm_visit_closed(struct bvm_env *env, struct bvm_state *st,
			    const struct bvm_block *block, u32 key)
{
	struct bvm_checkpoint **where = bvm_point_first(env, key), *cp;
	int covered = 0;

	while (*where && !covered) {
		cp = *where;
		if (cp->key != key || cp->st.insn != st->insn) {
			where = &cp->next;
			continue;
		}
		covered = bvm_compare(env, block, cp, st);
		if (covered > 0) {
			bvm_point_hit(env, where);
			st->cover = cp;
		} else if (!covered) {
			where = bvm_point_miss(env, where);
		}
	}
	return covered;
}

/* Return: 1 if @st is covered, 0 if it must be explored, -EINVAL for an endless loop. */
static int bvm_visit(struct bvm_env *env, struct bvm_state *st)
{
	struct bvm_block *block = bvm_meeting_at(env, st->insn);
	int covered;
	u32 key;

	if (!block)
		return 0;
	if (block->head)
		bvm_note_run(env, st, block);
	key = bvm_point_key(env, st);
	st->exact = bvm_point_exact(env, st);
	covered = bvm_visit_open(env, st, block, key) ?: bvm_visit_closed(env, st, block, key);
	if (covered)
		return covered;
	if (block->head)
		bvm_next_round(env, st, block);
	if ((env->args->load_flags & BPF_F_TEST_STATE_FREQ) || block->head ||
	    bvm_point_worth(st, block))
		bvm_point_add(env, st, block, key);
	return 0;
}

static int bvm_push(struct bvm_env *env, struct bvm_state *st)
{
	if (env->nr_pending == BVM_MAX_PENDING)
		return bvm_reject(env, TOO_COMPLEX, env->nr_pending);
	if (BVM_PLANTED(BRANCH_LOST)) {
		bvm_state_free(env, st);
		return 0;
	}
	st->forked = true;
	st->log_pos = env->log->pos;
	st->next = env->pending;
	env->pending = st;
	env->nr_pending++;
	if (st->parent)
		st->parent->open++;
	return 0;
}

static struct bvm_state *bvm_pop(struct bvm_env *env)
{
	struct bvm_state *st = env->pending;

	if (!st)
		return NULL;
	env->pending = st->next;
	env->nr_pending--;
	if (!(env->log->level & BVM_LOG_ALL))
		bvm_log_reset(env->log, st->log_pos);
	return st;
}

/* Counts an instruction, and lets others run. */
static int bvm_budget(struct bvm_env *env, const struct bvm_state *st)
{
	if (++env->processed > BVM_MAX_PROCESSED)
		return bvm_reject(env, TOO_LARGE, env->processed);
	if (!(env->processed & BVM_RESCHED_MASK)) {
		if (fatal_signal_pending(current))
			return -EAGAIN;
		cond_resched();
	}
	return bvm_pools_reserve(env, st->top + 2);
}

/* One instruction with its lines in the log. */
static int bvm_step_logged(struct bvm_env *env, struct bvm_state *st, struct bvm_succ *succ)
{
	u64 start, end;
	int err;

	if (!bvm_logs(env))
		return bvm_step(env, st, succ);
	bvm_print_source(env, st->insn);
	start = env->log->pos;
	bvm_print_insn(env, st->insn);
	end = env->log->pos;
	err = bvm_step(env, st, succ);
	if (err)
		return err;
	bvm_marks_jumped(env, st->prev);
	if (!succ->done)
		bvm_marks_end(env, st, env->processed + 1);
	if (env->log->pos == end)
		bvm_print_touched(env, st, start);
	return 0;
}

/* Follows a path to its end; branches are put aside. */
static int bvm_run_path(struct bvm_env *env, struct bvm_state *st, bool popped)
{
	struct bvm_succ succ;
	u32 at, top;
	int err;

	for (;;) {
		at = st->insn;
		top = st->top;
		err = bvm_budget(env, st);
		if (!err)
			bvm_trail_add(env, st);
		if (!err)
			err = bvm_visit(env, st);
		if (err > 0 && bvm_logs(env)) {
			if (popped)
				bvm_log(env->log, "\nfrom %d to %d: safe\n", st->prev, st->insn);
			else
				bvm_log(env->log, "%d: safe\n", st->insn);
		}
		if (err)
			break;
		if (popped && bvm_logs(env)) {
			bvm_marks_end(env, st, env->processed);
			bvm_log(env->log, "\nfrom %d to %d:", st->prev, st->insn);
			bvm_print_state(env, st);
		}
		popped = false;
		err = bvm_step_logged(env, st, &succ);
		if (!err && succ.branch) {
			st->forked = true;
			err = bvm_push(env, succ.branch);
		}
		if (err || succ.done)
			break;
	}
	if (err < 0) {
		env->failure = (struct bvm_failure){ .st = st, .insn = at, .top = top };
		return err;
	}
	if (err) {
		bvm_cover(env, st, st->cover);
		return 0;
	}
	bvm_path_end(env, st);
	bvm_state_free(env, st);
	return 0;
}

/**
 * bvm_explore_from - step through all paths from a state
 * @env:	environment
 * @st:		state; goes
 * @popped:	the log must say where this comes from
 *
 * Return: as bvm_explore().
 */
int bvm_explore_from(struct bvm_env *env, struct bvm_state *st, bool popped)
{
	int err = 0;

	for (; st && !err; st = bvm_pop(env)) {
		err = bvm_run_path(env, st, popped);
		if (err)
			break;
		popped = true;
	}
	return err;
}

/* All paths from one entry.  The log of a path that is fine is dropped, but for level 2. */
static int bvm_explore_entry(struct bvm_env *env, u32 func)
{
	struct bvm_state *st;
	int err = bvm_pools_reserve(env, 1);

	if (err)
		return err;
	st = bvm_entry_state(env, func);
	if (bvm_logs(env) && func)
		bvm_log(env->log, "Validating %s() func#%d...\n", env->funcs[func].name, func);
	if (bvm_logs(env)) {
		bvm_log(env->log, "%d:", st->insn);
		bvm_print_state(env, st);
	}
	err = bvm_explore_from(env, st, false);
	if (!err)
		err = bvm_settle(env);
	if (err)
		return err;
	if (!(env->log->level & BVM_LOG_ALL))
		bvm_log_reset(env->log, 0);
	if (bvm_logs(env) && func)
		bvm_log(env->log,
			"Func#%d ('%s') is safe for any args that match its prototype\n", func,
			env->funcs[func].name);
	return 0;
}

/**
 * bvm_explore - step through all paths of the program
 * @env:	environment with blocks and liveness
 *
 * First those of the program itself, then those of each global function that turns out to
 * be called.  Process context, may sleep.
 *
 * Return: 0; a negative errno with a message; -ENOMEM; -EAGAIN on a fatal signal.
 */
int bvm_explore(struct bvm_env *env)
{
	u32 func = 0;
	int err;

	do {
		err = bvm_explore_entry(env, func);
		func = err || BVM_PLANTED(ENTRY_SKIPPED) ? 0 : bvm_next_entry(env);
	} while (func);
	return err;
}
