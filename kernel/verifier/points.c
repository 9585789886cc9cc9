// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checkpoints: states at the starts of blocks that later ones are compared with.
 *
 * One is open until all paths from it have been explored.  Those that turn out to cover
 * nothing go; those that have covered a state, or are at the heads of runs, stay until the
 * end, for the certificate.
 */
#include "env.h"

/* Checkpoints of one instruction that states are compared with. */
#define BVM_MAX_POINTS		64
/* One goes after so many misses, and so many more for each hit. */
#define BVM_MISSES		3

static void bvm_point_drop(struct bvm_env *env, struct bvm_checkpoint *cp)
{
	env->live_points--;
	bvm_checkpoint_free(env, cp);
}

/* It is not on the list of those that states are compared with, and has been closed. */
static void bvm_point_retire(struct bvm_env *env, struct bvm_checkpoint *cp)
{
	struct bvm_block *block = &env->blocks[env->block_at[cp->st.insn] - 1];

	if (!cp->hits && !cp->loose && !block->head) {
		bvm_point_drop(env, cp);
		return;
	}
	cp->listed = true;
	cp->next = block->kept;
	block->kept = cp;
}

/* Takes a checkpoint off the list that states are compared with. */
static void bvm_point_unlist(struct bvm_env *env, struct bvm_block *block,
			     struct bvm_checkpoint **where)
{
	struct bvm_checkpoint *cp = *where;

	*where = cp->next;
	block->nr_points--;
	cp->listed = false;
	if (!cp->open)
		bvm_point_retire(env, cp);
}

/**
 * bvm_point_miss - a checkpoint does not cover a state
 * @env:	environment
 * @block:	block that it belongs to
 * @where:	where the list refers to it; if it is useless, it goes
 * Return: where the list goes on.
 */
struct bvm_checkpoint **bvm_point_miss(struct bvm_env *env, struct bvm_block *block,
				       struct bvm_checkpoint **where)
{
	struct bvm_checkpoint *cp = *where;

	if (++cp->misses <= BVM_MISSES * (cp->hits + 1) || block->head)
		return &cp->next;
	bvm_point_unlist(env, block, where);
	return where;
}

/**
 * bvm_point_hit - a checkpoint covers a state
 * @block:	block that it belongs to
 * @where:	where the list refers to it
 */
void bvm_point_hit(struct bvm_block *block, struct bvm_checkpoint **where)
{
	struct bvm_checkpoint *cp = *where;

	cp->hits++;
	*where = cp->next;
	cp->next = block->points;
	block->points = cp;
}

static void bvm_point_evict(struct bvm_env *env, struct bvm_block *block)
{
	struct bvm_checkpoint **last = &block->points;

	while ((*last)->next)
		last = &(*last)->next;
	bvm_point_unlist(env, block, last);
}

/**
 * bvm_point_add - remember a state
 * @env:	environment with a reserve
 * @st:		state; what is dead is dropped, and what follows counts as what follows the
 *		checkpoint
 * @block:	block that it is at the start of
 */
void bvm_point_add(struct bvm_env *env, struct bvm_state *st, struct bvm_block *block)
{
	struct bvm_checkpoint *cp;
	u32 i;

	for (i = 0; i <= st->top; i++)
		bvm_state_clean(env, st, i, bvm_frame_live(env, st, i));
	bvm_state_fresh_defs(env, st);
	cp = bvm_checkpoint_new(env, st);
	cp->open = 1;
	cp->listed = true;
	cp->next = block->points;
	block->points = cp;
	if (++block->nr_points > BVM_MAX_POINTS)
		bvm_point_evict(env, block);
	st->parent = cp;
	st->jumps = 0;
	st->insns = 0;
	st->wrote = 0;
	st->wrote_slots = 0;
	env->total_points++;
	env->live_points++;
	env->peak_points = max(env->peak_points, env->live_points);
	env->max_points = max(env->max_points, block->nr_points);
}

/**
 * bvm_path_end - a path is done: close the checkpoints that it was the last open path of
 * @env:	environment
 * @st:		its last state
 */
void bvm_path_end(struct bvm_env *env, struct bvm_state *st)
{
	struct bvm_checkpoint *cp = st->parent, *parent;

	while (cp && !--cp->open) {
		parent = cp->st.parent;
		if (!cp->ahead)
			cp->closed = env->epoch + env->closings++;
		if (!cp->listed)
			bvm_point_retire(env, cp);
		cp = parent;
	}
}
