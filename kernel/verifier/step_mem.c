// SPDX-License-Identifier: GPL-2.0-only
/*
 * Loads, stores, atomics, 64-bit immediates and packet loads.
 */
#include "env.h"

static void bvm_sign_extend(struct bvm_env *env, struct bvm_val *v, u32 bytes)
{
	u64 half = BIT_ULL(8 * bytes - 1);

	if (v->s.umax < half)
		return;
	bvm_unlink(v);
	v->def = bvm_def_join(env, v->def, NULL);
	if (!bvm_scalar_sext(&v->s, 8 * bytes, 8))
		bvm_val_unknown(v, 8);
}

/**
 * bvm_step_ldx - RFC 9669 section 5, loads
 * @env:	environment with a reserve
 * @st:		state
 * @in:		instruction
 * Return: 0, or a negative errno with a message.
 */
int bvm_step_ldx(struct bvm_env *env, struct bvm_state *st, const struct bvm_insn *in)
{
	struct bvm_val v;
	int err = bvm_need_reg(env, st, in->src);

	if (!err)
		err = bvm_check_access(env, st, in->src, in->off, in->size, BVM_READ);
	if (!err)
		err = bvm_load(env, st, in->src, in->off, in->size, &v);
	if (err)
		return err;
	/* an address is loaded from the context as it is */
	if ((in->flags & BVM_F_SEXT) && bvm_is_pointer(&v))
		return bvm_reject(env, CTX_ACCESS, in->off, in->size);
	if (in->flags & BVM_F_SEXT)
		bvm_sign_extend(env, &v, in->size);
	bvm_reg_set(env, st, in->dst, &v);
	return 0;
}

/**
 * bvm_step_store - RFC 9669 section 5, stores of a register or an immediate
 * @env:	environment with a reserve
 * @st:		state
 * @in:		instruction
 * Return: 0, or a negative errno with a message.
 */
int bvm_step_store(struct bvm_env *env, struct bvm_state *st, const struct bvm_insn *in)
{
	const struct bvm_val *v = &env->imm;
	int err = 0;

	if (in->class == BVM_STX)
		err = bvm_need_reg(env, st, in->src);
	if (!err)
		err = bvm_need_reg(env, st, in->dst);
	if (!err)
		err = bvm_check_access(env, st, in->dst, in->off, in->size, BVM_WRITE);
	if (!err && bvm_reg(env, st, in->dst)->kind == BVM_PTR_VALUE)
		err = bvm_store_field(env, st, in);
	if (err || bvm_reg(env, st, in->dst)->kind != BVM_PTR_STACK)
		return err;
	if (in->class == BVM_STX && bvm_reg(env, st, in->src)->kind == BVM_PTR_STACK &&
	    bvm_reg(env, st, in->dst)->frame != st->top)
		return bvm_reject(env, SPILL_STACK);
	err = bvm_stack_overwrite(env, st, bvm_reg(env, st, in->dst), in->off, in->size);
	if (err)
		return err;
	if (in->class == BVM_STX) {
		bvm_reg_link(env, st, in->src);
		v = bvm_reg(env, st, in->src);
	} else {
		bvm_scalar_const(&env->imm.s, in->imm);
	}
	bvm_stack_store(env, st, bvm_reg(env, st, in->dst), in->off, in->size, v);
	return 0;
}

/**
 * bvm_step_atomic - RFC 9669 section 5.3
 * @env:	environment with a reserve
 * @st:		state
 * @in:		instruction
 *
 * Always aligned: an atomic across a cache line is not one everywhere.
 *
 * Return: 0, or a negative errno with a message.
 */
int bvm_step_atomic(struct bvm_env *env, struct bvm_state *st, const struct bvm_insn *in)
{
	u32 without = BIT(BVM_PTR_CTX) | BIT(BVM_PTR_TP_BUFFER) | BIT(BVM_PTR_ARENA);
	u32 result = in->op == BVM_ATOMIC_CMPXCHG ? 0 : in->src;
	struct bvm_val base, old;
	int err = bvm_need_reg(env, st, in->src);

	if (!err && in->op == BVM_ATOMIC_CMPXCHG)
		err = bvm_need_reg(env, st, 0);
	if (!err)
		err = bvm_need_reg(env, st, in->dst);
	if (err)
		return err;
	base = *bvm_reg(env, st, in->dst);
	if (BIT(base.kind) & without || bvm_is_packet(&base))
		return bvm_reject(env, ST_KIND, "BPF_ATOMIC", in->dst, bvm_kind_name(&base));
	err = bvm_check_access(env, st, in->dst, in->off, in->size, BVM_READ);
	if (!err)
		err = bvm_check_field_atomic(env, &base, in->off, in->size);
	if (!err)
		err = bvm_check_aligned(env, &base, in->off, in->size);
	if (!err)
		err = bvm_load(env, st, in->dst, in->off, in->size, &old);
	if (!err)
		err = bvm_check_access(env, st, in->dst, in->off, in->size, BVM_WRITE);
	if (err)
		return err;
	if (base.kind == BVM_PTR_STACK)
		err = bvm_stack_forget(env, st, &base, in->off, in->size);
	if (err)
		return err;
	if (BVM_PLANTED(NEED_FETCHED))
		old.def = NULL;
	if (in->flags & BVM_F_FETCH)
		bvm_reg_set(env, st, result, &old);
	return 0;
}

/**
 * bvm_step_ld_imm64 - RFC 9669 section 5.4
 * @env:	environment with a reserve
 * @st:		state
 * @in:		instruction; bvm_check_maps() has checked what it refers to
 * Return: 0, or -EINVAL with a message.
 */
int bvm_step_ld_imm64(struct bvm_env *env, struct bvm_state *st, const struct bvm_insn *in)
{
	struct bvm_val v;

	switch (in->src) {
	case 0:
		bvm_val_const(&v, in->imm);
		break;
	case BPF_PSEUDO_FUNC:
		bvm_val_const(&v, 0);
		v.kind = BVM_PTR_FUNC;
		v.map = bvm_func_at(env, st->insn + 1 + (s32)in->imm);
		break;
	case BPF_PSEUDO_MAP_FD:
	case BPF_PSEUDO_MAP_VALUE:
		bvm_val_const(&v, 0);
		v.kind = in->src == BPF_PSEUDO_MAP_FD ? BVM_PTR_MAP : BVM_PTR_VALUE;
		v.map = (u32)in->imm;
		v.off = upper_32_bits(in->imm);
		/* the address that user space knows */
		if (v.kind == BVM_PTR_VALUE && bvm_val_map(env, &v)->type->caps & BVM_MAP_ARENA)
			bvm_val_unknown(&v, 8);
		break;
	default:
		return bvm_reject(env, UNKNOWN_LD_IMM64);
	}
	bvm_reg_set(env, st, in->dst, &v);
	return 0;
}

/**
 * bvm_step_ld_pkt - legacy packet loads, BPF_ABS and BPF_IND
 * @env:	environment with a reserve
 * @st:		state
 * @in:		instruction
 * @succ:	other successor, in a function: that has returned 0
 *
 * They take the context in r6, destroy r1 to r5 as a call does, and end the function
 * with 0 when the packet is too short.
 *
 * Return: 0, or a negative errno with a message.
 */
int bvm_step_ld_pkt(struct bvm_env *env, struct bvm_state *st, const struct bvm_insn *in,
		    struct bvm_succ *succ)
{
	const struct bvm_prog_type *type = env->args->type;
	struct bvm_val v;
	u32 i;
	int err;

	/* The implicit exit must be one that the type allows. */
	if (!(type->flags & BVM_PROG_LD_PKT) || type->ret_min > 0 || type->ret_max < 0)
		return bvm_reject(env, LD_PKT_TYPE);
	err = bvm_check_no_refs(env, st);
	if (err)
		return bvm_reject(env, LD_PKT_REFS);
	err = bvm_need_reg(env, st, 6);
	if (err)
		return err;
	if (bvm_reg(env, st, 6)->kind != BVM_PTR_CTX)
		return bvm_reject(env, LD_PKT_CTX);
	err = bvm_check_const_off(env, 6, bvm_reg(env, st, 6));
	if (!err && in->class == BVM_LD_IND)
		err = bvm_need_reg(env, st, in->src);
	if (err)
		return err;
	for (i = 1; i <= 5; i++)
		bvm_reg_clear(env, st, i);
	if (st->top) {
		bvm_val_const(&v, 0);
		err = bvm_fork_return(env, st, &v, succ);
	}
	bvm_val_unknown(&v, 8);
	bvm_reg_set(env, st, 0, &v);
	return err;
}
