/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Runs, see run.c.  Part of env.h, which includes it.
 */
#ifndef _BVM_RUN_H
#define _BVM_RUN_H

/* The next place in @st that may hold a run, @place or a later one; BVM_RUN_PLACES: none. */
static inline u32 bvm_next_place(const struct bvm_state *st, u32 place)
{
	if (place >= (st->top + 1) * BVM_FRAME_RUNS && place < BVM_MAX_FRAMES * BVM_FRAME_RUNS)
		place = BVM_MAX_FRAMES * BVM_FRAME_RUNS;
	return place < BVM_MAX_FRAMES * BVM_FRAME_RUNS + st->nr_refs ? place : BVM_RUN_PLACES;
}

struct bvm_run bvm_run_at(const struct bvm_state *st, u32 place);
bool bvm_same_runs(const struct bvm_state *old, const struct bvm_state *cur);
bool bvm_same_rounds(const struct bvm_state *old, const struct bvm_state *cur);
bool bvm_same_head_run(const struct bvm_block *block, const struct bvm_state *old,
		       const struct bvm_state *cur);
u32 bvm_head_rounds(const struct bvm_block *block, const struct bvm_state *st);
void bvm_note_run(struct bvm_env *env, struct bvm_state *st, const struct bvm_block *block);

#endif /* _BVM_RUN_H */
