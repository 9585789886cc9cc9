// SPDX-License-Identifier: GPL-2.0-only
/*
 * Linked numbers: values with the same id are the same number, but for a distance that each
 * of them knows (@off of struct bvm_val).  What is learned about one of them, by a
 * comparison, holds for all.
 *
 * Distances are those of 64-bit arithmetic, which wraps around: "r2 = r1; r2 += 5" keeps the
 * link whatever r1 holds.  A second addition breaks it, so that counters in a loop do not
 * make each of its rounds differ from all others.
 */
#include "env.h"

/**
 * bvm_unlink - a value becomes one of its own
 * @v:		value
 */
void bvm_unlink(struct bvm_val *v)
{
	v->id = 0;
	if (v->kind == BVM_SCALAR)
		v->off = 0;
}

/**
 * bvm_reg_link - give an unknown number an id, because it is about to be copied
 * @env:	environment with a reserve
 * @st:		state
 * @reg:	0..10
 *
 * One that has moved away from others begins anew.
 */
void bvm_reg_link(struct bvm_env *env, struct bvm_state *st, u32 reg)
{
	const struct bvm_val *v = bvm_reg(env, st, reg);
	struct bvm_val *own;

	if (v->kind != BVM_SCALAR || (v->id && !v->off) || bvm_is_const(v))
		return;
	own = bvm_reg_edit(env, st, reg);
	own->id = bvm_new_id(env);
	own->off = 0;
	if (!own->def)
		own->def = bvm_def_get(env, own);
}

/**
 * bvm_link_alu - does a number stay linked when something is done to it?
 * @in:		binary operation
 * @dst:	number, before it; unlinked if it does not
 * @src:	other operand
 */
void bvm_link_alu(const struct bvm_insn *in, struct bvm_val *dst, const struct bvm_val *src)
{
	s64 by = bvm_scalar_value(&src->s);	/* if it is constant */

	/* "r1 += r1" moves r1 by what it is: there is nothing to gain */
	if (dst->id && !dst->off && in->op == BVM_ADD && in->size == 8 && bvm_is_const(src) &&
	    !(in->flags & BVM_F_SRC_REG && in->src == in->dst) && by >= S32_MIN && by <= S32_MAX)
		dst->off = by;
	else
		bvm_unlink(dst);
}

/**
 * bvm_link_follow - what is known about a value after more was learned about a linked one
 * @own:	value
 * @learned:	the linked one
 * @out:	result; @learned's node
 */
void bvm_link_follow(const struct bvm_val *own, const struct bvm_val *learned, struct bvm_val *out)
{
	struct bvm_scalar by, was = own->s;

	*out = *learned;
	if (learned->kind != BVM_SCALAR || own->kind != BVM_SCALAR) {
		/* pointers have a constant offset there; one that is found to be NULL has none */
		out->off = learned->kind == BVM_SCALAR ? 0 : own->off;
		return;
	}
	out->off = own->off;
	if (own->off == learned->off)
		return;
	bvm_scalar_const(&by, (s64)own->off - learned->off);
	/* No number is left only where no path leads: anything that is not too little will do. */
	if (!bvm_scalar_alu(BVM_ADD, 8, &out->s, &by) || !bvm_scalar_intersect(&out->s, &was))
		out->s = own->s;
}
