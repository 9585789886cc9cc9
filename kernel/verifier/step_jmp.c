// SPDX-License-Identifier: GPL-2.0-only
/*
 * Conditional jumps: which way they can go, and what is known on each.
 */
#include "env.h"

static void bvm_set_not_null(struct bvm_env *env, struct bvm_state *st, u32 reg)
{
	struct bvm_val v = *bvm_reg(env, st, reg);
	u32 id = v.id;

	v.flags &= ~BVM_VAL_OR_NULL;
	/* two pointers to one lock are known by it */
	if (v.kind != BVM_PTR_VALUE || !bvm_map_has_lock(bvm_val_map(env, &v)))
		v.id = 0;
	bvm_update_equal(env, st, id, &v);
}

static void bvm_set_null(struct bvm_env *env, struct bvm_state *st, u32 reg)
{
	const struct bvm_val *old = bvm_reg(env, st, reg);
	u32 id = old->id, ref = old->flags & BVM_VAL_OWNED ? old->ref : 0;
	struct bvm_val v;

	bvm_val_const(&v, 0);
	bvm_update_equal(env, st, id, &v);
	/* What could not be acquired need not be given back. */
	if (ref)
		bvm_ref_release(env, st, ref);
}

/* What was to be held is not there: no pointer leads to it, and nothing is to be released. */
static void bvm_set_missing(struct bvm_env *env, struct bvm_state *st, u32 reg)
{
	struct bvm_val v;

	bvm_val_const(&v, 0);
	bvm_ref_release(env, st, bvm_reg(env, st, reg)->ref);
	bvm_reg_set(env, st, reg, &v);
}

/* Give @succ the state of the taken branch, for now a copy of @st. */
static void bvm_fork(struct bvm_env *env, struct bvm_state *st, const struct bvm_insn *in,
		     struct bvm_succ *succ)
{
	succ->branch = bvm_state_copy(env, st);
	succ->branch->insn = st->insn + in->off;
	succ->branch->prev = st->insn - 1;
}

/* The branch is taken, always: @st goes there. */
static void bvm_take(struct bvm_state *st, const struct bvm_insn *in)
{
	st->insn += in->off;
}

/*
 * "if (ptr == 0)": the check that turns a value_or_null into one or the other.  A
 * pointer that is not null stays so, unless it was moved by an unknown distance.  Only of
 * maps and memory from helpers, as for the stock verifier: what others are may depend on
 * what a function was called with.
 */
static bool bvm_jump_null(struct bvm_env *env, struct bvm_state *st, const struct bvm_insn *in,
			  const struct bvm_val *a, const struct bvm_val *b, struct bvm_succ *succ)
{
	u32 kinds = BIT(BVM_PTR_VALUE) | BIT(BVM_PTR_KEY) | BIT(BVM_PTR_MEM) |
		    BIT(BVM_PTR_MAP) | BIT(BVM_PTR_VIEW);
	bool equal = in->op == BVM_JEQ;

	if ((in->op != BVM_JEQ && in->op != BVM_JNE) || in->size != 8 || !bvm_is_pointer(a) ||
	    !bvm_is_zero(b))
		return false;
	if (a->flags & BVM_VAL_OR_NULL) {
		bvm_demand(env, b);
		bvm_fork(env, st, in, succ);
		bvm_set_null(env, equal ? succ->branch : st, in->dst);
		bvm_set_not_null(env, equal ? st : succ->branch, in->dst);
		return true;
	}
	/* An object may be missing though that was not announced. */
	if (a->kind == BVM_PTR_BTF && (a->flags & BVM_VAL_OWNED) && !a->off &&
	    bvm_scalar_is_const(&a->s)) {
		bvm_demand(env, b);
		bvm_fork(env, st, in, succ);
		bvm_set_missing(env, equal ? succ->branch : st, in->dst);
		return true;
	}
	if (!(BIT(a->kind) & kinds) || !bvm_scalar_is_const(&a->s))
		return false;
	bvm_demand(env, b);
	if (!equal)
		bvm_take(st, in);
	return true;
}

/** struct bvm_learned - what is known about two numbers if a comparison of them holds, or not */
struct bvm_learned {
	struct bvm_scalar a, b;
};

/* What a comparison taught about a register, if it did. */
static void bvm_learn(struct bvm_env *env, struct bvm_state *st, u32 reg,
		      const struct bvm_scalar *learned, struct bvm_def *def)
{
	if (!bvm_scalar_equal(&bvm_reg(env, st, reg)->s, learned))
		bvm_reg_refine(env, st, reg, learned, def);
}

/* Write back what a comparison taught about both operands. */
static bool bvm_refine(struct bvm_env *env, struct bvm_state *st, const struct bvm_insn *in,
		       struct bvm_learned *learned, struct bvm_def *def_a, struct bvm_def *def_b)
{
	struct bvm_def *def = bvm_def_join(env, def_a, def_b);
	const struct bvm_val *a = bvm_reg(env, st, in->dst), *b;

	if (BVM_PLANTED(NEED_REFINED))
		def = NULL;
	if (in->flags & BVM_F_SRC_REG) {
		if (in->dst == in->src)
			return true;
		b = bvm_reg(env, st, in->src);
		if (a->id && a->id == b->id && a->off == b->off &&
		    !bvm_scalar_intersect(&learned->a, &learned->b))
			return false;
		if (!a->id || a->id != b->id)
			bvm_learn(env, st, in->src, &learned->b, def);
	}
	bvm_learn(env, st, in->dst, &learned->a, def);
	return true;
}

static void bvm_jump_scalar(struct bvm_env *env, struct bvm_state *st, const struct bvm_insn *in,
			    const struct bvm_val *a, const struct bvm_val *b,
			    struct bvm_succ *succ)
{
	struct bvm_learned if_so = { a->s, b->s }, if_not = { a->s, b->s };
	bool yes = bvm_scalar_assume(in->op, in->size, &if_so.a, &if_so.b);
	bool no = bvm_scalar_assume_not(in->op, in->size, &if_not.a, &if_not.b);
	struct bvm_def *def_a = a->def, *def_b = b->def;

	if (yes && no) {
		bvm_fork(env, st, in, succ);
		yes = bvm_refine(env, succ->branch, in, &if_so, def_a, def_b);
		no = bvm_refine(env, st, in, &if_not, def_a, def_b);
		if (yes && no)
			return;
		/* Equal numbers were compared: one way is impossible after all. */
		if (yes)
			swap(*st, *succ->branch);
		bvm_state_free(env, succ->branch);
		succ->branch = NULL;
	} else if (yes) {
		bvm_take(st, in);
	}
	/* Neither way: no concrete run gets here. */
	succ->done = !yes && !no;
	if (BVM_PLANTED(NEED_DECIDED))
		return;
	bvm_def_demand(env, def_a);
	bvm_def_demand(env, def_b);
}

/* A pointer into the packet against the end of it. */
static void bvm_jump_packet(struct bvm_env *env, struct bvm_state *st, const struct bvm_insn *in,
			    u32 reg, u32 op, struct bvm_succ *succ)
{
	int way = bvm_packet_decided(bvm_reg(env, st, reg), op);

	if (way > 0)
		bvm_take(st, in);
	if (way)
		return;
	bvm_fork(env, st, in, succ);
	bvm_packet_learn(env, succ->branch, reg, op, true);
	bvm_packet_learn(env, st, reg, op, false);
}

/**
 * bvm_step_may_goto - a loop may go on, or has done so too often
 * @env:	environment with a reserve
 * @st:		state, ->insn is the next instruction; becomes the successor that jumps
 * @in:		instruction
 * @succ:	other successor: goes on, one time less than there may be
 * Return: 0.
 */
int bvm_step_may_goto(struct bvm_env *env, struct bvm_state *st, const struct bvm_insn *in,
		      struct bvm_succ *succ)
{
	succ->branch = bvm_state_copy(env, st);
	succ->branch->prev = st->insn - 1;
	bvm_frame_own(env, succ->branch, st->top)->run[BVM_RUN_MAY_GOTO].rounds++;
	bvm_take(st, in);
	return 0;
}

/**
 * bvm_step_jcond - RFC 9669 section 4.3
 * @env:	environment with a reserve
 * @st:		state, ->insn is the next instruction; becomes the successor that falls
 *		through, or the taken one if that is the only one
 * @in:		instruction
 * @succ:	the taken one when both are possible
 * Return: 0 or -EACCES with a message.
 */
int bvm_step_jcond(struct bvm_env *env, struct bvm_state *st, const struct bvm_insn *in,
		   struct bvm_succ *succ)
{
	const struct bvm_val *a, *b;
	u32 reg, op;
	int err = bvm_need_reg(env, st, in->dst);

	if (!err && (in->flags & BVM_F_SRC_REG))
		err = bvm_need_reg(env, st, in->src);
	if (err)
		return err;
	a = bvm_reg(env, st, in->dst);
	b = bvm_operand(env, st, in);
	if (!bvm_is_pointer(a) && !bvm_is_pointer(b))
		bvm_jump_scalar(env, st, in, a, b, succ);
	else if (bvm_packet_against_end(in, a, b, &reg, &op))
		bvm_jump_packet(env, st, in, reg, op, succ);
	else if (!bvm_jump_null(env, st, in, a, b, succ))
		/* Addresses are compared as numbers that nothing is known about. */
		bvm_fork(env, st, in, succ);
	return 0;
}
