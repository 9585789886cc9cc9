/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * States: how they are looked at and written, see state.c.  Part of env.h, which includes it.
 */
#ifndef _BVM_STATE_H
#define _BVM_STATE_H

extern const struct bvm_val bvm_uninit_val;
extern const struct bvm_slot bvm_unwritten_slot;

void bvm_cell_put(struct bvm_env *env, struct bvm_cell *cell);
struct bvm_state *bvm_state_new(struct bvm_env *env);
struct bvm_state *bvm_state_copy(struct bvm_env *env, const struct bvm_state *from);
void bvm_state_free(struct bvm_env *env, struct bvm_state *st);
struct bvm_checkpoint *bvm_checkpoint_new(struct bvm_env *env, const struct bvm_state *st);
void bvm_checkpoint_free(struct bvm_env *env, struct bvm_checkpoint *cp);
void bvm_frame_push(struct bvm_env *env, struct bvm_state *st, u32 func);
void bvm_frame_pop(struct bvm_env *env, struct bvm_state *st);
struct bvm_frame *bvm_frame_copy(struct bvm_env *env, struct bvm_state *st, u32 frame);
void bvm_state_clean(struct bvm_env *env, struct bvm_state *st, u32 frame,
		     const struct bvm_live *live);
struct bvm_val *bvm_reg_copy(struct bvm_env *env, struct bvm_state *st, u32 reg);
struct bvm_val *bvm_reg_new(struct bvm_env *env, struct bvm_state *st, u32 reg);
void bvm_reg_set(struct bvm_env *env, struct bvm_state *st, u32 reg, const struct bvm_val *v);
void bvm_reg_refine(struct bvm_env *env, struct bvm_state *st, u32 reg,
		    const struct bvm_scalar *known, struct bvm_def *def);
void bvm_reg_replace(struct bvm_env *env, struct bvm_state *st, u32 reg, const struct bvm_val *v);
void bvm_reg_clear(struct bvm_env *env, struct bvm_state *st, u32 reg);
void bvm_state_fresh_defs(struct bvm_env *env, struct bvm_state *st);
struct bvm_slot *bvm_slot_write(struct bvm_env *env, struct bvm_state *st, u32 frame, u32 slot);
void bvm_slot_spill(struct bvm_env *env, struct bvm_state *st, u32 frame, u32 slot, u32 bytes,
		    const struct bvm_val *v);
void bvm_slot_scrub(struct bvm_env *env, struct bvm_state *st, u32 frame, u32 slot, u32 from,
		    u32 to);
void bvm_update_equal(struct bvm_env *env, struct bvm_state *st, u32 id,
		      const struct bvm_val *v);
void bvm_forget_ref(struct bvm_env *env, struct bvm_state *st, u32 ref);
void bvm_forget_frame(struct bvm_env *env, struct bvm_state *st, u32 frame);
void bvm_forget_packet(struct bvm_env *env, struct bvm_state *st);
void bvm_update_range(struct bvm_env *env, struct bvm_state *st, const struct bvm_val *v);

/**
 * bvm_frame_own - a frame to be written, not shared with any other state
 * @env:	environment with a reserve
 * @st:		state
 * @frame:	0..@st->top
 */
static inline struct bvm_frame *bvm_frame_own(struct bvm_env *env, struct bvm_state *st, u32 frame)
{
	struct bvm_frame *own = st->frame[frame];

	return own->refs == 1 ? own : bvm_frame_copy(env, st, frame);
}

/**
 * bvm_reg - look at a register of the function that executes
 * @env:	environment
 * @st:		state
 * @reg:	0..10
 * Return: its value, valid until the register is written.
 */
static inline const struct bvm_val *bvm_reg(const struct bvm_env *env, const struct bvm_state *st,
					    u32 reg)
{
	const struct bvm_cell *cell;

	if (reg == BVM_FP)
		return &env->fp[st->top];
	cell = st->frame[st->top]->reg[reg];
	return cell ? &cell->val : &bvm_uninit_val;
}

/**
 * bvm_reg_edit - a register's value, to be changed in place
 * @env:	environment with a reserve
 * @st:		state
 * @reg:	0..9, initialised
 *
 * When its number or id has changed, it needs another node: bvm_def_derive().
 */
static inline struct bvm_val *bvm_reg_edit(struct bvm_env *env, struct bvm_state *st, u32 reg)
{
	struct bvm_frame *frame = st->frame[st->top];

	if (frame->refs == 1 && frame->reg[reg]->refs == 1)
		return &frame->reg[reg]->val;
	return bvm_reg_copy(env, st, reg);
}

/**
 * bvm_slot - look at a stack slot
 * @frame:	frame
 * @slot:	0 is at r10 - 8
 */
static inline const struct bvm_slot *bvm_slot(const struct bvm_frame *frame, u32 slot)
{
	const struct bvm_page *page = frame->page[slot / BVM_PAGE_SLOTS];

	return page ? &page->slot[slot % BVM_PAGE_SLOTS] : &bvm_unwritten_slot;
}

/* An instruction has written a register. */
static inline void bvm_reg_wrote(struct bvm_env *env, struct bvm_state *st, u32 reg)
{
	st->wrote |= BIT(reg);
	env->touched |= BIT(reg);
}

#endif /* _BVM_STATE_H */
