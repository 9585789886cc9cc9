// SPDX-License-Identifier: GPL-2.0-only
/*
 * Contents of the stack.  Bounds and alignment of every access have been checked by
 * bvm_check_stack() before one of these functions is called.
 */
#include "env.h"

/** struct bvm_extent - bytes of stack that an access may touch, lowest address is 0 */
struct bvm_extent {
	u32 from;
	u32 to;
};

static struct bvm_extent bvm_stack_extent(const struct bvm_val *fp, s32 off, u32 size)
{
	s64 at = (s64)fp->off + off + BVM_MAX_STACK;

	return (struct bvm_extent){ at + fp->s.smin, at + fp->s.smax + size };
}

static u32 bvm_slot_of(u32 byte)
{
	return BVM_SLOTS - 1 - byte / 8;
}

/* Is byte @i of the slot known to be 0? */
static bool bvm_byte_zero(const struct bvm_slot *slot, u32 i)
{
	if (slot->byte[i] == BVM_BYTE_SPILL)
		return bvm_is_zero(&slot->cell->val);
	return slot->byte[i] == BVM_BYTE_ZERO;
}

/* Are all bytes known to be 0?  Then that matters. */
static bool bvm_extent_zero(struct bvm_env *env, const struct bvm_frame *frame,
			    struct bvm_extent ext)
{
	const struct bvm_slot *slot;
	u32 i;

	for (i = ext.from; i < ext.to; i++)
		if (!bvm_byte_zero(bvm_slot(frame, bvm_slot_of(i)), i % 8))
			return false;
	for (i = ext.from; i < ext.to; i++) {
		slot = bvm_slot(frame, bvm_slot_of(i));
		if (slot->byte[i % 8] == BVM_BYTE_SPILL)
			bvm_demand(env, &slot->cell->val);
	}
	return true;
}

static u64 bvm_low_mask(u32 bytes)
{
	return U64_MAX >> (64 - 8 * bytes);
}

/*
 * The low bytes of a number come first in memory on little endian: then the head of a
 * spilled number is the number cut down.
 */
static bool bvm_load_head(struct bvm_env *env, const struct bvm_slot *slot, u32 size,
			  struct bvm_val *out)
{
	if (__BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__)
		return false;
	*out = slot->cell->val;
	if (out->s.umax > bvm_low_mask(size)) {
		bvm_unlink(out);
		out->def = bvm_def_join(env, out->def, NULL);
		return bvm_scalar_zext(&out->s, 8 * size);
	}
	return true;
}

/**
 * bvm_stack_load - what a load from the stack gives
 * @env:	environment
 * @st:		state
 * @fp:		pointer
 * @off:	offset in the instruction
 * @size:	1, 2, 4 or 8, aligned
 * @out:	value, zero-extended
 * Return: 0; -EACCES with a message for a part of a spilled pointer, or of an object.
 */
int bvm_stack_load(struct bvm_env *env, struct bvm_state *st, const struct bvm_val *fp, s32 off,
		   u32 size, struct bvm_val *out)
{
	struct bvm_extent ext = bvm_stack_extent(fp, off, size);
	const struct bvm_frame *frame = st->frame[fp->frame];
	const struct bvm_slot *slot = bvm_slot(frame, bvm_slot_of(ext.from));
	u32 at = ext.from % 8, spilled = bvm_slot_spilled(slot);
	bool fixed = ext.to - ext.from == size;

	if (bvm_object_within(st, fp->frame, ext.from, ext.to))
		return bvm_reject(env, OBJECT_READ, (int)ext.from - BVM_MAX_STACK, 0, size);
	if (fixed && fp->frame == st->top)
		env->touched_slots |= BIT_ULL(bvm_slot_of(ext.from));
	if (fixed && at < spilled) {
		if (size == 8 && spilled == 8) {
			*out = slot->cell->val;
			return 0;
		}
		if (slot->cell->val.kind != BVM_SCALAR)
			return bvm_reject(env, PARTIAL_FILL);
		if (!at && size <= spilled && bvm_load_head(env, slot, size, out))
			return 0;
	}
	if (bvm_extent_zero(env, frame, ext))
		bvm_val_const(out, 0);
	else
		bvm_val_unknown(out, size);
	return 0;
}

/* The bytes [from, to) of a slot were overwritten with something unknown, or with zeroes. */
static void bvm_slot_smear(struct bvm_env *env, struct bvm_state *st, u32 frame, u32 slot,
			   u32 from, u32 to, bool zero)
{
	if (from < bvm_slot_spilled(bvm_slot(st->frame[frame], slot)))
		bvm_slot_scrub(env, st, frame, slot, from, to);
	memset(bvm_slot_write(env, st, frame, slot)->byte + from,
	       zero ? BVM_BYTE_ZERO : BVM_BYTE_MISC, to - from);
}

static void bvm_extent_smear(struct bvm_env *env, struct bvm_state *st, u32 frame,
			     struct bvm_extent ext)
{
	u32 i, next;

	for (i = ext.from; i < ext.to; i = next) {
		next = min(round_down(i, 8) + 8, ext.to);
		bvm_slot_smear(env, st, frame, bvm_slot_of(i), i % 8, i % 8 + next - i, false);
	}
}

/**
 * bvm_stack_overwrite - something is going to be stored into the stack: objects end there
 * @env:	environment with a reserve
 * @st:		state
 * @fp:		pointer
 * @off:	offset in the instruction
 * @size:	1, 2, 4 or 8, aligned
 *
 * So do pointers into them, what will be stored among them.
 *
 * Return: 0; -EINVAL with a message.
 */
int bvm_stack_overwrite(struct bvm_env *env, struct bvm_state *st, const struct bvm_val *fp,
			s32 off, u32 size)
{
	struct bvm_extent ext = bvm_stack_extent(fp, off, size);

	return bvm_object_overwrite(env, st, fp->frame, ext.from, ext.to, false);
}

/**
 * bvm_stack_store - store into the stack
 * @env:	environment with a reserve
 * @st:		state
 * @fp:		pointer; bvm_stack_overwrite() has agreed
 * @off:	offset in the instruction
 * @size:	1, 2, 4 or 8, aligned
 * @v:		value, of which the low @size bytes are stored
 */
void bvm_stack_store(struct bvm_env *env, struct bvm_state *st, const struct bvm_val *fp, s32 off,
		     u32 size, const struct bvm_val *v)
{
	struct bvm_extent ext = bvm_stack_extent(fp, off, size);
	u32 slot = bvm_slot_of(ext.from), at = ext.from % 8;
	struct bvm_val part;
	bool zero = bvm_is_const(v) && !(bvm_scalar_value(&v->s) & bvm_low_mask(size));

	if (ext.to - ext.from > size) {
		/* Somewhere in there: zeroes stay zeroes if a zero is stored. */
		if (zero && bvm_extent_zero(env, st->frame[fp->frame], ext))
			bvm_demand(env, v);
		else
			bvm_extent_smear(env, st, fp->frame, ext);
		return;
	}
	bvm_slot_smear(env, st, fp->frame, slot, at, at + size, zero);
	if (at || (size < 8 && v->kind != BVM_SCALAR)) {
		if (zero)
			bvm_demand(env, v);
		return;
	}
	if (v->kind == BVM_SCALAR && v->s.umax > bvm_low_mask(size)) {
		part = *v;
		bvm_unlink(&part);
		part.def = bvm_def_join(env, v->def, NULL);
		if (!bvm_scalar_zext(&part.s, 8 * size))
			return;
		v = &part;
	}
	if (BVM_PLANTED(NEED_SPILL)) {
		part = *v;
		part.def = NULL;
		v = &part;
	}
	bvm_slot_spill(env, st, fp->frame, slot, size, v);
}

/**
 * bvm_stack_readable - may a helper read a piece of stack?
 * @env:	environment
 * @st:		state
 * @reg:	register that holds the address, for the message
 * @fp:		pointer
 * @size:	bytes
 * Return: 0; -EACCES with a message for an object.
 */
int bvm_stack_readable(struct bvm_env *env, const struct bvm_state *st, u32 reg,
		       const struct bvm_val *fp, u32 size)
{
	struct bvm_extent ext = bvm_stack_extent(fp, 0, size);

	if (!bvm_object_within(st, fp->frame, ext.from, ext.to))
		return 0;
	return bvm_reject(env, OBJECT_HELPER_READ, reg, (int)ext.from - BVM_MAX_STACK, 0, size);
}

/**
 * bvm_stack_forget - a helper may have written something unknown
 * @env:	environment with a reserve
 * @st:		state
 * @fp:		pointer
 * @off:	further offset
 * @size:	bytes, any number and alignment
 * Return: 0; -EINVAL, -EACCES with a message.
 */
int bvm_stack_forget(struct bvm_env *env, struct bvm_state *st, const struct bvm_val *fp, s32 off,
		     u32 size)
{
	struct bvm_extent ext = bvm_stack_extent(fp, off, size);
	int err = bvm_object_overwrite(env, st, fp->frame, ext.from, ext.to, true);

	if (!err)
		bvm_extent_smear(env, st, fp->frame, ext);
	return err;
}
