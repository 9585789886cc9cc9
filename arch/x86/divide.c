// SPDX-License-Identifier: GPL-2.0-only
/*
 * Division of the x86-64 back end: the machine divides rdx:rax, and traps where BPF
 * defines a result.
 */
#include "gen.h"

/**
 * struct division - a division that is being emitted
 * @ir:		instruction
 * @d:		register of dividend and result
 * @v:		register of the divisor
 * @how:	X86_W or 0
 * @has_sign:	signed
 * @modulo:	remainder, not quotient
 */
struct division {
	const struct bvm_ir *ir;
	u8 d, v;
	u32 how;
	bool has_sign, modulo;
};

/* dst = its low half; nothing to do for all of it */
static void keep(struct bvm_x86_gen *g, const struct division *div)
{
	if (!(div->how & X86_W))
		EMIT(mov, 0, div->d, div->d);
}

/* A register that nothing needs meanwhile, or X86_NONE. */
static u8 spare(struct bvm_x86_gen *g, const struct bvm_ir *ir, u16 taken)
{
	static const u8 pool[] = { 2, 1, 4, 5, BVM_IR_TMP0, BVM_IR_TMP1 };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(pool); i++)
		if (!is_live(g, pool[i]) && pool[i] != ir->dst && pool[i] != ir->src &&
		    !(taken & BIT(reg_of(g, pool[i]))))
			return reg_of(g, pool[i]);
	return X86_NONE;
}

/* Return: where @reg is kept, X86_NONE: on the stack; @reg itself: nowhere, no one reads it. */
static u8 save(struct bvm_x86_gen *g, const struct division *div, u8 reg, bool live, u16 taken)
{
	u8 to;

	if (reg == div->d || !live)
		return reg;
	to = spare(g, div->ir, taken);
	if (to == X86_NONE)
		EMIT(push, reg);
	else
		EMIT(mov, X86_W, to, reg);
	return to;
}

static void restore(struct bvm_x86_gen *g, u8 reg, u8 from)
{
	if (from == X86_NONE)
		EMIT(pop, reg);
	else if (from != reg)
		EMIT(mov, X86_W, reg, from);
}

/* The divisor is not 0, nor -1 when there is a sign. */
static void divide(struct bvm_x86_gen *g, const struct division *div)
{
	u8 v = div->v, out = div->modulo ? X86_DX : X86_AX, ax, dx;

	if (v == X86_AX || v == X86_DX) {
		EMIT(mov, div->how, SCRATCH, v);
		v = SCRATCH;
	}
	ax = save(g, div, X86_AX, is_live(g, 0), 0);
	dx = save(g, div, X86_DX, is_live(g, 3), ax == X86_NONE ? 0 : BIT(ax));
	if (div->d != X86_AX)
		EMIT(mov, div->how, X86_AX, div->d);
	if (div->has_sign)
		EMIT(cqo, div->how);
	else
		EMIT(mov_imm, X86_DX, 0);
	EMIT(unary, div->has_sign ? X86_IDIV : X86_DIV, div->how, v);
	if (div->d != out)
		EMIT(mov, div->how, div->d, out);
	restore(g, X86_DX, dx);
	restore(g, X86_AX, ax);
}

/* x / 0 = 0, x % 0 = x */
static void divide_unsigned(struct bvm_x86_gen *g, const struct division *div)
{
	u32 zero;

	if (div->ir->off == BVM_IR_NOT_ZERO)
		return divide(g, div);
	/* of either width, 32 bits clear the upper half when the division is left out */
	if (div->modulo || div->d == div->v)
		keep(g, div);
	EMIT(test, div->how, div->v, div->v);
	if (!div->modulo && div->d != div->v)
		EMIT(cmov, X86_E, div->how, div->d, div->v);
	zero = skip(g, X86_E);
	divide(g, div);
	landed(g, zero);
}

/* By 0 and -1 without a division: x / b = x * b, x % b = x * (b + 1). */
static void divide_signed(struct bvm_x86_gen *g, const struct division *div)
{
	u32 normal, end;

	EMIT(lea, div->how, SCRATCH, x86_at(div->v, 1));
	EMIT(arith_imm, X86_CMP, div->how, SCRATCH, 1);
	normal = skip(g, X86_A);
	EMIT(imul, div->how, div->d, div->modulo ? SCRATCH : div->v);
	EMIT(jmp, 0);
	end = g->jit->len;
	landed(g, normal);
	divide(g, div);
	landed(g, end);
}

/* --------------------------------------------------------- constant divisors */

static void shift_unsigned(struct bvm_x86_gen *g, const struct division *div, u64 by)
{
	if (by == 1 && div->modulo)
		EMIT(mov_imm, div->d, 0);
	else if (by == 1)
		keep(g, div);
	else if (div->modulo)
		EMIT(arith_imm, X86_AND, 0, div->d, by - 1);
	else
		EMIT(shift_imm, X86_SHR, div->how, div->d, ilog2(by));
}

/* By 1 << @k: what is negative is rounded up to a multiple first. */
static void shift_signed(struct bvm_x86_gen *g, const struct division *div, u32 k, bool negative)
{
	u32 bits = div->how & X86_W ? 64 : 32, how = div->how;
	u8 d = div->d;

	EMIT(mov, how, SCRATCH, d);
	if (k > 1)
		EMIT(shift_imm, X86_SAR, how, SCRATCH, bits - 1);
	EMIT(shift_imm, X86_SHR, how, SCRATCH, bits - k);
	if (div->modulo) {
		EMIT(arith, X86_ADD, how, SCRATCH, d);
		EMIT(arith_imm, X86_AND, how, SCRATCH, -(1LL << k));
		EMIT(arith, X86_SUB, how, d, SCRATCH);
		return;
	}
	EMIT(arith, X86_ADD, how, d, SCRATCH);
	EMIT(shift_imm, X86_SAR, how, d, k);
	if (negative)
		EMIT(unary, X86_NEG, how, d);
}

static bool constant_unsigned(struct bvm_x86_gen *g, const struct division *div, s32 imm)
{
	u64 by = div->how & X86_W ? (u64)imm : (u32)imm;

	if (!is_power_of_2(by))
		return false;
	shift_unsigned(g, div, by);
	return true;
}

static bool constant_signed(struct bvm_x86_gen *g, const struct division *div, s32 imm)
{
	u64 size = imm < 0 ? -(s64)imm : imm;

	if (!is_power_of_2(size))
		return false;
	if (size != 1)
		shift_signed(g, div, ilog2(size), imm < 0);
	else if (div->modulo)
		EMIT(mov_imm, div->d, 0);
	else if (imm < 0)
		EMIT(unary, X86_NEG, div->how, div->d);
	else
		keep(g, div);
	return true;
}

static void divide_constant(struct bvm_x86_gen *g, struct division *div, s32 imm)
{
	if (!imm && div->modulo)
		return keep(g, div);
	if (!imm)
		return EMIT(mov_imm, div->d, 0);
	if (div->has_sign ? constant_signed(g, div, imm) : constant_unsigned(g, div, imm))
		return;
	EMIT(mov_imm, SCRATCH, div->how & X86_W ? (s64)imm : (u32)imm);
	div->v = SCRATCH;
	divide(g, div);
}

/**
 * bvm_x86_divide - DIV, SDIV, MOD, SMOD
 * @g:		pass
 * @ir:		instruction
 * @how:	X86_W or 0
 * @has_sign:	signed
 * @modulo:	remainder, not quotient
 * @imm:	the divisor is a constant
 */
void bvm_x86_divide(struct bvm_x86_gen *g, const struct bvm_ir *ir, u32 how, bool has_sign,
		    bool modulo, bool imm)
{
	struct division div = {
		.ir = ir, .d = reg_of(g, ir->dst), .v = reg_of(g, ir->src), .how = how,
		.has_sign = has_sign, .modulo = modulo,
	};

	if (imm)
		divide_constant(g, &div, ir->imm);
	else if (has_sign)
		divide_signed(g, &div);
	else
		divide_unsigned(g, &div);
}
