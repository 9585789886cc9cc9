// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs: what goes round, but not for ever, whatever the program does.  A helper calls a
 * function back a limited number of times; iterators come to an end.
 *
 * So where a round of a run begins, at its head, a path may end on a checkpoint that is
 * open, which is to say on the way here, if both are of the same run.  Nothing else may
 * close a cycle.  For that, a state in the midst of a run is covered only by a checkpoint of
 * that run; where a run starts, or outside of any, paths do not lead back into it.  Then
 * every cycle of checkpoints lies within one run of the one among them that was made first,
 * and goes through its rounds.  The certificate checks that once more.
 *
 * A run has a number of its own and a place in the state, the same in all states at one
 * instruction with the same calls and references.  To add a kind of run:
 * - give it a place: a row in enum bvm_frame_run if it belongs to a function at work, the
 *   reference itself if it belongs to an object that must be given back;
 * - where a round begins, the step counts it: ->rounds++ in that place.  It does so before
 *   anything of the round happens, and never elsewhere.  When the run is over, or another
 *   one takes its place, the place is cleared or gets another number;
 * - the instruction that begins a round is a head: a row in enum bvm_head, set in cfg.c, and
 *   one in bvm_head_place() below.  What makes it sound is that the *kernel* bounds the
 *   rounds of each run: say how in the comment there.
 */
#include "env.h"

#define BVM_NO_PLACE	U32_MAX

/**
 * bvm_run_at - the run in a place
 * @st:		state
 * @place:	frame * BVM_FRAME_RUNS + enum bvm_frame_run, or BVM_MAX_FRAMES *
 *		BVM_FRAME_RUNS + index of a reference
 * Return: run, ->id is 0 if there is none.
 */
struct bvm_run bvm_run_at(const struct bvm_state *st, u32 place)
{
	u32 frame = place / BVM_FRAME_RUNS, ref = place - BVM_MAX_FRAMES * BVM_FRAME_RUNS;

	if (frame <= st->top)
		return st->frame[frame]->run[place % BVM_FRAME_RUNS];
	if (frame >= BVM_MAX_FRAMES && ref < st->nr_refs)
		return (struct bvm_run){ st->ref[ref].id, st->ref[ref].rounds };
	return (struct bvm_run){};
}

/* Does a step look at the rounds of the run in a place? */
static bool bvm_place_counts(u32 place)
{
	return place < BVM_MAX_FRAMES * BVM_FRAME_RUNS &&
	       place % BVM_FRAME_RUNS == BVM_RUN_CALLBACK;
}

/**
 * bvm_same_runs - may a checkpoint cover a state, as far as runs are concerned?
 * @old:	checkpoint's state
 * @cur:	state
 *
 * A callback's run may be limited to a number of rounds: then a checkpoint covers only
 * states that have as many of them behind them, or more.
 */
bool bvm_same_runs(const struct bvm_state *old, const struct bvm_state *cur)
{
	struct bvm_run o, c;
	u32 i;

	if (old->top != cur->top || (old->nr_refs != cur->nr_refs && !BVM_PLANTED(COVER_REFS)))
		return false;
	for (i = bvm_next_place(old, 0); i < BVM_RUN_PLACES; i = bvm_next_place(old, i + 1)) {
		o = bvm_run_at(old, i);
		c = bvm_run_at(cur, i);
		if (bvm_place_counts(i) && o.rounds > c.rounds && !BVM_PLANTED(RUN_ROUNDS))
			return false;
		if (o.rounds && o.id != c.id && !BVM_PLANTED(RUN_ID))
			return false;
	}
	return true;
}

/**
 * bvm_same_rounds - has nothing that is bounded happened between two states?
 * @old:	state
 * @cur:	another one, later on the same path
 */
bool bvm_same_rounds(const struct bvm_state *old, const struct bvm_state *cur)
{
	u32 i;

	if (old->top != cur->top || old->nr_refs != cur->nr_refs)
		return false;
	for (i = bvm_next_place(old, 0); i < BVM_RUN_PLACES; i = bvm_next_place(old, i + 1))
		if (bvm_run_at(old, i).rounds != bvm_run_at(cur, i).rounds)
			return false;
	return true;
}

static u32 bvm_ref_place(const struct bvm_state *st, u32 ref)
{
	u32 i;

	for (i = 0; i < st->nr_refs; i++)
		if (st->ref[i].id == ref)
			return BVM_MAX_FRAMES * BVM_FRAME_RUNS + i;
	return BVM_NO_PLACE;
}

/* The place of the run of which a round begins. */
static u32 bvm_head_place(const struct bvm_block *block, const struct bvm_state *st)
{
	switch (block->head) {
	case BVM_HEAD_CALLBACK:	/* BVM_MAX_LOOPS of bpf_loop(), elements of a map */
		return st->top * BVM_FRAME_RUNS + BVM_RUN_CALLBACK;
	case BVM_HEAD_ITER:	/* helpers/iter.c */
		return bvm_ref_place(st, bvm_iter_ref(st));
	case BVM_HEAD_MAY_GOTO:	/* BVM_IR_BUDGET of a call of the function */
		return st->top * BVM_FRAME_RUNS + BVM_RUN_MAY_GOTO;
	default:
		return BVM_NO_PLACE;
	}
}

/**
 * bvm_same_head_run - are two states at the head of the same run?
 * @block:	block that both are at the start of
 * @old:	state
 * @cur:	another one
 */
bool bvm_same_head_run(const struct bvm_block *block, const struct bvm_state *old,
		       const struct bvm_state *cur)
{
	u32 place = bvm_head_place(block, cur), id;

	if (place == BVM_NO_PLACE || place != bvm_head_place(block, old))
		return false;
	id = bvm_run_at(cur, place).id;
	return id && bvm_run_at(old, place).id == id;
}

/**
 * bvm_head_rounds - rounds begun so far of the run of which another one begins
 * @block:	block that @st is at the start of
 * @st:		state
 */
u32 bvm_head_rounds(const struct bvm_block *block, const struct bvm_state *st)
{
	return bvm_run_at(st, bvm_head_place(block, st)).rounds;
}

/**
 * bvm_note_run - a state has come to a head: a run begins unless it is in the midst of one
 * @env:	environment with a reserve
 * @st:		state
 * @block:	block that it is at the start of
 */
void bvm_note_run(struct bvm_env *env, struct bvm_state *st, const struct bvm_block *block)
{
	u32 place = bvm_head_place(block, st), frame = place / BVM_FRAME_RUNS;

	if (frame <= st->top && !bvm_run_at(st, place).id)
		bvm_frame_own(env, st, frame)->run[place % BVM_FRAME_RUNS].id = bvm_new_id(env);
}
