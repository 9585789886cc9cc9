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

/**
 * struct inverse - x / by = (x * @factor) >> @bits + @shift, for x of @bits bits
 * @factor:	of one bit more than @bits at most
 * @shift:	beyond @bits
 */
struct inverse {
	unsigned __int128 factor;
	u32 shift;
};

/*
 * Granlund and Montgomery, Division by invariant integers using multiplication: there is
 * a multiple of 2^shift / by close enough above for all x; the smallest @factor that will
 * do.  @by is no power of 2; the lowest @clear of the @bits bits of x, shifted out, do not
 * matter.
 */
static struct inverse inverse_of(u32 by, u32 bits, u32 clear)
{
	u32 log = fls(by), i;
	u64 rest = (1ULL << log) - by;
	unsigned __int128 low = 1, high;

	for (i = 0; i < bits; i += 32) {
		low = low << 32 | div_u64(rest << 32, by);
		rest = (rest << 32) - div_u64(rest << 32, by) * by;
	}
	high = low + div_u64(rest + (1ULL << (log + clear)), by);
	for (; log && low >> 1 < high >> 1; log--) {
		low >>= 1;
		high >>= 1;
	}
	return (struct inverse){ high, log };
}

/* d = x - x / by * by, with the quotient in the scratch register */
static void rest(struct bvm_x86_gen *g, const struct division *div, s32 by)
{
	EMIT(imul_imm, div->how, SCRATCH, SCRATCH, by);
	EMIT(arith, X86_SUB, div->how, div->d, SCRATCH);
}

static void multiply_narrow(struct bvm_x86_gen *g, const struct division *div, u32 by)
{
	struct inverse v = inverse_of(by, 32, 0);
	u8 d = div->d, q = div->modulo ? SCRATCH : d, other = div->modulo ? d : SCRATCH;

	EMIT(mov, 0, d, d);
	if (v.factor <= S32_MAX) {
		EMIT(imul_imm, X86_W, q, d, v.factor);
		EMIT(shift_imm, X86_SHR, X86_W, q, 32 + v.shift);
	} else if (v.factor <= U32_MAX) {
		EMIT(mov_imm, SCRATCH, (u32)v.factor);
		EMIT(imul, X86_W, q, other);
		EMIT(shift_imm, X86_SHR, X86_W, q, 32 + v.shift);
	} else {
		/* the product's 65 bits: x is added after it has been shifted */
		EMIT(mov_imm, SCRATCH, (u32)v.factor);
		EMIT(imul, X86_W, SCRATCH, d);
		EMIT(shift_imm, X86_SHR, X86_W, SCRATCH, 32);
		EMIT(arith, X86_ADD, X86_W, q, other);
		EMIT(shift_imm, X86_SHR, X86_W, q, v.shift);
	}
	if (div->modulo)
		rest(g, div, by);
}

/* The upper half of a product; false: a division is as good. */
static bool multiply_wide(struct bvm_x86_gen *g, const struct division *div, s32 by)
{
	struct inverse v = inverse_of(by, 64, 0);
	u32 even = 0;
	u8 dx;

	if (v.factor > U64_MAX) {
		even = __ffs(by);
		v = inverse_of(by >> even, 64, even);
	}
	if (v.factor > U64_MAX || (even && div->modulo && div->d == X86_DX))
		return false;
	dx = save(g, div, X86_DX, is_live(g, 3), 0);
	if (div->d != X86_DX)
		EMIT(mov, X86_W, X86_DX, div->d);
	if (even)
		EMIT(shift_imm, X86_SHR, X86_W, X86_DX, even);
	EMIT(mov_imm, SCRATCH, (s64)v.factor);
	EMIT(mulx, SCRATCH, SCRATCH, SCRATCH);
	restore(g, X86_DX, dx);
	if (v.shift)
		EMIT(shift_imm, X86_SHR, X86_W, SCRATCH, v.shift);
	if (div->modulo)
		rest(g, div, by);
	else
		EMIT(mov, X86_W, div->d, SCRATCH);
	return true;
}

static bool constant_unsigned(struct bvm_x86_gen *g, const struct division *div, s32 imm)
{
	bool wide = div->how & X86_W;
	u64 by = wide ? (u64)imm : (u32)imm;

	if (is_power_of_2(by))
		shift_unsigned(g, div, by);
	else if (!wide)
		multiply_narrow(g, div, by);
	else
		return imm > 0 && g->jit->cpu->features & BVM_X86_BMI2 &&
		       multiply_wide(g, div, imm);
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
 * @g:		program
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
