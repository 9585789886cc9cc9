// SPDX-License-Identifier: GPL-2.0-only
/*
 * Arithmetic: numbers by the value domain, pointers by what may be added to them.
 * Needing CAP_PERFMON, programs may turn pointers into numbers; never the other way.
 */
#include "env.h"

/* Does the low part of @bits, sign-extended, equal the number? */
static bool bvm_fits_signed(const struct bvm_scalar *s, u32 bits)
{
	return s->smin >= -(s64)BIT_ULL(bits - 1) && s->smax < (s64)BIT_ULL(bits - 1);
}

/* The operation left no value, which a reduced operand cannot cause: know nothing. */
static void bvm_or_unknown(struct bvm_val *v, bool some)
{
	if (some)
		return;
	bvm_scalar_unknown(&v->s);
	bvm_unlink(v);
}

/* Number from register to register; a copy that keeps the number stays linked to it. */
static void bvm_mov_scalar(struct bvm_env *env, struct bvm_state *st, const struct bvm_insn *in)
{
	const struct bvm_val *src = bvm_reg(env, st, in->src);
	struct bvm_def *def = src->def;
	struct bvm_val *v;
	bool same;

	if (in->ext)
		same = bvm_fits_signed(&src->s, 8 * in->ext) &&
		       (in->size == 8 || src->s.smin >= 0);
	else
		same = in->size == 8 || src->s.umax <= U32_MAX;
	if (same) {
		bvm_reg_link(env, st, in->src);
		bvm_reg_set(env, st, in->dst, bvm_reg(env, st, in->src));
		return;
	}
	v = bvm_reg_new(env, st, in->dst);	/* perhaps @src */
	v->s = src->s;
	bvm_val_number(v);
	if (in->ext)
		bvm_or_unknown(v, bvm_scalar_sext(&v->s, 8 * in->ext, in->size));
	else
		bvm_or_unknown(v, bvm_scalar_zext(&v->s, 32));
	bvm_def_derive(env, v, def, NULL);
}

/* From one address space to the other: what it is does not matter, half of it is used. */
static int bvm_step_cast(struct bvm_env *env, struct bvm_state *st, const struct bvm_insn *in,
			 const struct bvm_val *v)
{
	struct bvm_val out;

	if (bvm_is_pointer(v) && v->kind != BVM_PTR_ARENA)
		return bvm_reject(env, CAST_POINTER, in->src, bvm_kind_name(v));
	if (!bvm_has_arena(env))
		return bvm_reject(env, CAST_NO_ARENA);
	if (in->op == BVM_MOV_TO_KERNEL)
		bvm_val_arena(&out);
	else
		bvm_val_unknown(&out, 8);
	bvm_reg_set(env, st, in->dst, &out);
	return 0;
}

/**
 * bvm_step_mov - RFC 9669 section 4.1, MOV and MOVSX
 * @env:	environment with a reserve
 * @st:		state
 * @in:		instruction
 * Return: 0 or -EACCES with a message.
 */
int bvm_step_mov(struct bvm_env *env, struct bvm_state *st, const struct bvm_insn *in)
{
	const struct bvm_val *src;
	struct bvm_val *v, part;
	int err;

	if (!(in->flags & BVM_F_SRC_REG)) {
		v = bvm_reg_new(env, st, in->dst);
		bvm_scalar_const(&v->s, in->size == 4 ? (u32)in->imm : (u64)in->imm);
		bvm_val_number(v);
		bvm_def_derive(env, v, NULL, NULL);
		return 0;
	}
	err = bvm_need_reg(env, st, in->src);
	if (err)
		return err;
	src = bvm_reg(env, st, in->src);
	if (in->op)
		return bvm_step_cast(env, st, in, src);
	if (!bvm_is_pointer(src)) {
		bvm_mov_scalar(env, st, in);
		return 0;
	}
	if (in->ext || in->size == 4) {	/* a part of it: just a number */
		bvm_val_unknown(&part, in->size);
		src = &part;
	}
	bvm_reg_set(env, st, in->dst, src);
	return 0;
}

/**
 * bvm_step_unary - negation and byte swaps, RFC 9669 sections 4.1 and 4.2
 * @env:	environment with a reserve
 * @st:		state
 * @in:		instruction
 * Return: 0 or -EACCES with a message.
 */
int bvm_step_unary(struct bvm_env *env, struct bvm_state *st, const struct bvm_insn *in)
{
	struct bvm_val v;
	int err = bvm_need_reg(env, st, in->dst);

	if (err)
		return err;
	v = *bvm_reg(env, st, in->dst);
	if (bvm_is_pointer(&v))
		bvm_val_unknown(&v, 8);
	bvm_unlink(&v);
	v.def = bvm_def_join(env, v.def, NULL);
	if (in->class == BVM_NEG)
		bvm_or_unknown(&v, bvm_scalar_neg(in->size, &v.s));
	else
		bvm_or_unknown(&v, bvm_scalar_endian(in->op, in->ext, &v.s));
	bvm_reg_set(env, st, in->dst, &v);
	return 0;
}

/* Is the offset of a pointer, or what is added to it, small enough to compute with? */
static int bvm_check_offset(struct bvm_env *env, const struct bvm_val *v, const struct bvm_val *ptr)
{
	const char *kind = bvm_kind_name(ptr);
	s64 value = bvm_scalar_value(&v->s);

	if (bvm_scalar_is_const(&v->s) && (value >= BVM_MAX_VAR_OFF || value <= -BVM_MAX_VAR_OFF))
		return bvm_reject(env, PTR_MATH_CONST, kind, value);
	if (bvm_is_pointer(v) && (v->off >= BVM_MAX_VAR_OFF || v->off <= -BVM_MAX_VAR_OFF))
		return bvm_reject(env, PTR_OFFSET, kind, (s64)v->off);
	/* The stock verifier does not know how small a number gets when it is shifted left. */
	if (v->s.smin < -(s64)U32_MAX)
		return bvm_reject(env, PTR_MATH_UNBOUNDED, kind);
	if (v->s.smin >= BVM_MAX_VAR_OFF || v->s.smin <= -BVM_MAX_VAR_OFF)
		return bvm_reject(env, PTR_VALUE, (s64)v->s.smin, kind);
	return 0;
}

/* May this operation be done to this pointer at all? */
static int bvm_check_ptr_op(struct bvm_env *env, const struct bvm_insn *in,
			    const struct bvm_val *ptr, const struct bvm_val *num)
{
	const char *kind = bvm_kind_name(ptr);

	if (ptr->flags & BVM_VAL_OR_NULL)
		return bvm_reject(env, PTR_NULL_ALU, in->dst, kind);
	if (ptr->kind == BVM_PTR_PKT_END || ptr->kind == BVM_PTR_VIEW)
		return bvm_reject(env, PTR_KIND_ALU, in->dst, kind);
	if (ptr->kind == BVM_PTR_MAP &&
	    (in->op != BVM_ADD || !bvm_is_const(num) || bvm_scalar_value(&num->s)))
		return bvm_reject(env, PTR_KIND_ALU, in->dst, kind);
	switch (in->op) {
	case BVM_ADD:
		return 0;
	case BVM_SUB:
		if (ptr->kind == BVM_PTR_STACK)
			return bvm_reject(env, PTR_SUB_STACK, in->dst);
		return 0;
	case BVM_AND:
	case BVM_OR:
	case BVM_XOR:
		return bvm_reject(env, PTR_BITWISE, in->dst, bvm_alu_op_name(in->op));
	default:
		return bvm_reject(env, PTR_OPERATOR, in->dst, bvm_alu_op_name(in->op));
	}
}

/* dst = ptr + num or ptr - num, in 64 bits */
static int bvm_move_pointer(struct bvm_env *env, struct bvm_state *st, const struct bvm_insn *in,
			    const struct bvm_val *ptr, const struct bvm_val *num)
{
	struct bvm_val v = *ptr;
	s64 off;
	int err;

	if (!BVM_PLANTED(NEED_OFFSET))
		bvm_demand(env, num);
	err = bvm_check_offset(env, num, ptr);
	if (!err)
		err = bvm_check_offset(env, ptr, ptr);
	if (err)
		return err;
	if (bvm_scalar_is_const(&num->s)) {
		off = bvm_scalar_value(&num->s);
		v.off += in->op == BVM_ADD ? off : -off;	/* both are below 2^29 */
	} else if (!bvm_scalar_alu(in->op, 8, &v.s, &num->s)) {
		bvm_scalar_unknown(&v.s);
	}
	err = bvm_check_offset(env, &v, ptr);
	if (err)
		return err;
	if (bvm_is_packet(&v))
		bvm_packet_moved(env, &v, in->op, num);
	bvm_reg_set(env, st, in->dst, &v);
	return 0;
}

static int bvm_alu_pointer(struct bvm_env *env, struct bvm_state *st, const struct bvm_insn *in,
			   const struct bvm_val *dst, const struct bvm_val *src)
{
	const struct bvm_val *ptr = bvm_is_pointer(dst) ? dst : src;
	const struct bvm_val *num = ptr == dst ? src : dst;
	struct bvm_val v;
	int err;

	if (ptr->kind == BVM_PTR_ARENA && !bvm_is_pointer(num)) {
		/* a number like any other; where it is taken for an address, any will do */
		if (ptr == dst || in->op == BVM_ADD)
			bvm_val_arena(&v);
		else
			bvm_val_unknown(&v, in->size);
		bvm_reg_set(env, st, in->dst, &v);
		return 0;
	}
	if (in->op == BVM_SUB && (in->size == 4 || bvm_is_pointer(num))) {
		/* a distance, or half of one: just a number */
		bvm_val_unknown(&v, in->size);
		bvm_reg_set(env, st, in->dst, &v);
		return 0;
	}
	if (bvm_is_pointer(num))
		return bvm_reject(env, PTR_PTR_ALU, in->dst, bvm_alu_op_name(in->op));
	if (in->size == 4)
		return bvm_reject(env, PTR_ALU32, in->dst);
	if (in->op == BVM_SUB && ptr == src) {
		bvm_demand(env, num);
		return bvm_check_offset(env, num, ptr) ?: bvm_reject(env, PTR_SUB_FROM, in->dst);
	}
	err = bvm_check_ptr_op(env, in, ptr, num);
	if (err)
		return err;
	return bvm_move_pointer(env, st, in, ptr, num);
}

/**
 * bvm_step_alu - RFC 9669 section 4.1, binary operations
 * @env:	environment with a reserve
 * @st:		state
 * @in:		instruction
 * Return: 0 or -EACCES with a message.
 */
int bvm_step_alu(struct bvm_env *env, struct bvm_state *st, const struct bvm_insn *in)
{
	const struct bvm_val *dst, *src;
	struct bvm_val *v;
	int err = bvm_need_reg(env, st, in->dst);

	if (!err && (in->flags & BVM_F_SRC_REG))
		err = bvm_need_reg(env, st, in->src);
	if (err)
		return err;
	dst = bvm_reg(env, st, in->dst);
	src = bvm_operand(env, st, in);
	if (bvm_is_pointer(dst) || bvm_is_pointer(src))
		return bvm_alu_pointer(env, st, in, dst, src);
	v = bvm_reg_edit(env, st, in->dst);	/* perhaps @src */
	bvm_link_alu(in, v, src);
	bvm_or_unknown(v, bvm_scalar_alu(in->op, in->size, &v->s, &src->s));
	bvm_def_derive(env, v, v->def, BVM_PLANTED(NEED_OPERAND) ? NULL : src->def);
	bvm_reg_wrote(env, st, in->dst);
	return 0;
}
