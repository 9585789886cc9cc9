// SPDX-License-Identifier: GPL-2.0-only
/*
 * The arm64 back end: a row for each operation of the IR.
 *
 * Division needs no branches, for the machine's x / 0 is 0 and its MIN / -1 is MIN.
 * A move to a register that the next instruction computes with is left out: instructions
 * of three operands read the source instead.
 */
#include "jit.h"

static const struct a64_row rows[__BVM_IR_OP_MAX];

static const u8 forms[__BVM_IR_OP_MAX] = {
#define BVM_IR_OP(name, form, ...) \
	[BVM_IR_##name] = form,
	BVM_IR_OPS(BVM_IR_OP)
#undef BVM_IR_OP
};

/**
 * a64_form() - operands of an operation
 * @op:	enum bvm_ir_op
 * Return: enum bvm_ir_form.
 */
u32 a64_form(u32 op)
{
	return forms[op];
}

/**
 * a64_dead() - nothing leads to an instruction
 * @s:		program, in the function that it is of
 * @i:		index of the instruction
 * @before:	this, of the instruction before
 * Return: nothing has to be emitted.
 */
bool a64_dead(struct a64 *s, u32 i, bool before)
{
	if (i == s->fn.start || s->jit->about[i] & BVM_AT_TARGET)
		return false;
	return before || bvm_ir_ends(&s->jit->prog->code[i - 1]);
}

/**
 * a64_has() - is it for a CPU or a kernel that has something?
 * @s:		program
 * @feature:	A64_LSE, ...
 */
bool a64_has(const struct a64 *s, u32 feature)
{
	return s->jit->cpu->features & feature;
}

/* -------------------------------------------------------------------- pieces */

/**
 * a64_emit() - one instruction
 * @s:		program
 * @word:	its encoding
 */
void a64_emit(struct a64 *s, u32 word)
{
	put_unaligned(cpu_to_le32(word), (__le32 *)bvm_jit_room(s->jit, sizeof(word)));
	s->jit->len += sizeof(word);
}

static u16 half(u64 value, u32 i)
{
	return value >> 16 * i;
}

/**
 * a64_constant() - the instructions that make a constant
 * @words:	result, four at most
 * @rd:		register
 * @value:	all its 64 bits
 *
 * One instruction if there is one; or the shorter of starting with 0s and with 1s.
 * Return: number of them.
 */
u32 a64_constant(u32 *words, u32 rd, u64 value)
{
	u32 i, n = 0, zero_halves = 0, one_halves = 0, halves = value >> 32 ? 4 : 2;
	bool wide = value >> 32, ones;
	s32 mask;

	for (i = 0; i < halves; i++) {
		zero_halves += !half(value, i);
		one_halves += half(value, i) == 0xffff;
	}
	ones = one_halves > zero_halves;
	if (max(zero_halves, one_halves) < halves - 1) {
		mask = a64_bitmask(value, wide);
		if (mask >= 0) {
			words[0] = a64_logic_imm(A64_ORR, wide, rd, A64_ZR, mask);
			return 1;
		}
	}
	for (i = 0; i < halves; i++) {
		u16 part = half(value, i);

		if (part == (ones ? 0xffff : 0))
			continue;
		if (!n)
			words[n++] = a64_mov(ones ? A64_MOVN : A64_MOVZ, wide, rd,
					     ones ? (u16)~part : part, i);
		else
			words[n++] = a64_mov(A64_MOVK, wide, rd, part, i);
	}
	if (!n)
		words[n++] = a64_mov(ones ? A64_MOVN : A64_MOVZ, wide, rd, 0, 0);
	return n;
}

/**
 * a64_set() - a constant
 * @s:		program
 * @rd:		register
 * @value:	all its 64 bits
 */
void a64_set(struct a64 *s, u32 rd, u64 value)
{
	u32 words[4], n = a64_constant(words, rd, value), i;

	for (i = 0; i < n; i++)
		a64_emit(s, words[i]);
}

/**
 * a64_move() - rd = rn
 * @s:		program
 * @wide:	all of it, else the low half
 * @rd:		register
 * @rn:		register
 */
void a64_move(struct a64 *s, bool wide, u32 rd, u32 rn)
{
	if (rd != rn || !wide)
		a64_emit(s, a64_logic(A64_ORR, wide, false, rd, A64_ZR, rn));
}

/**
 * a64_add_const() - rd = rn + value
 * @s:		program
 * @wide:	of 64 bits
 * @rd:		register, or SP
 * @rn:		register; or SP, then @value is below 2^24 and as far below 0
 * @value:	constant
 */
void a64_add_const(struct a64 *s, bool wide, u32 rd, u32 rn, s64 value)
{
	u32 op = value < 0 ? A64_SUB : A64_ADD;
	u64 size = value < 0 ? -value : value;

	if (!size && rd != A64_SP && rn != A64_SP) {
		a64_move(s, wide, rd, rn);
	} else if (size < BIT(12)) {
		a64_emit(s, a64_add_imm(op, wide, rd, rn, size, false));
	} else if (size < BIT(24) && (size >= BIT(16) || rd == A64_SP || rn == A64_SP ||
				      !(size & 0xfff))) {
		a64_emit(s, a64_add_imm(op, wide, rd, rn, size >> 12, true));
		if (size & 0xfff)
			a64_emit(s, a64_add_imm(op, wide, rd, rd, size & 0xfff, false));
	} else {
		a64_set(s, A64_X17, wide ? size : (u32)size);
		a64_emit(s, a64_add(op, wide, rd, rn, A64_X17, 0));
	}
}

/**
 * a64_is_sp() - a register of the IR is SP plus a constant
 * @s:		program
 * @reg:	register of the IR
 * Return: it is the program's frame pointer.
 */
bool a64_is_sp(struct a64 *s, u32 reg)
{
	return reg == BVM_IR_FP && s->fn.main;
}

/**
 * a64_read() - a register that has the value of one of the IR
 * @s:		program
 * @reg:	register of the IR
 * @scratch:	where to put the program's frame pointer, which is in none
 * Return: register.
 */
u32 a64_read(struct a64 *s, u32 reg, u32 scratch)
{
	if (!a64_is_sp(s, reg))
		return s->fn.reg[reg];
	a64_add_const(s, true, scratch, A64_SP, s->fn.fp_off);
	return scratch;
}

/* The first operand: what the destination holds, or would if the move were there. */
static u32 first(struct a64 *s, const struct bvm_ir *ir)
{
	return s->from >= 0 ? s->from : s->fn.reg[ir->dst];
}

static u32 second(struct a64 *s, const struct bvm_ir *ir)
{
	return ir->src == ir->dst ? first(s, ir) : a64_read(s, ir->src, A64_X16);
}

/* An immediate as the bits that an operation of that width sees. */
static u64 bits_of(const struct bvm_ir *ir, bool wide)
{
	return wide ? ir->imm : (u32)ir->imm;
}

/* --------------------------------------------------------------- arithmetic */

static void add_reg(struct a64 *s, const struct bvm_ir *ir)
{
	const struct a64_row *row = s->row;
	u32 a = first(s, ir), b = second(s, ir);

	a64_emit(s, a64_add(row->arg, row->wide, s->fn.reg[ir->dst], a, b, 0));
}

static void add_const(struct a64 *s, const struct bvm_ir *ir)
{
	const struct a64_row *row = s->row;
	s64 value = row->arg == A64_SUB ? -(u64)ir->imm : ir->imm;
	u32 a = first(s, ir);

	if (a == A64_SP)
		value += s->fn.fp_off;
	a64_add_const(s, row->wide, s->fn.reg[ir->dst], a, row->wide ? value : (s32)value);
}

static void logic_reg(struct a64 *s, const struct bvm_ir *ir)
{
	const struct a64_row *row = s->row;
	u32 a = first(s, ir), b = second(s, ir);

	a64_emit(s, a64_logic(row->arg, row->wide, false, s->fn.reg[ir->dst], a, b));
}

static void logic_const(struct a64 *s, const struct bvm_ir *ir)
{
	const struct a64_row *row = s->row;
	u64 value = bits_of(ir, row->wide), all = row->wide ? ~0ULL : ~0U;
	u32 rd = s->fn.reg[ir->dst], a = first(s, ir);
	s32 mask = a64_bitmask(value, row->wide);

	if (value == (row->arg == A64_AND ? all : 0)) {
		a64_move(s, row->wide, rd, a);
	} else if (value == (row->arg == A64_AND ? 0 : all) && row->arg != A64_EOR) {
		a64_set(s, rd, value);
	} else if (value == all) {
		a64_emit(s, a64_logic(A64_ORR, row->wide, true, rd, A64_ZR, a));
	} else if (mask >= 0) {
		a64_emit(s, a64_logic_imm(row->arg, row->wide, rd, a, mask));
	} else {
		a64_set(s, A64_X17, value);
		a64_emit(s, a64_logic(row->arg, row->wide, false, rd, a, A64_X17));
	}
}

static void mul_reg(struct a64 *s, const struct bvm_ir *ir)
{
	const struct a64_row *row = s->row;
	u32 a = first(s, ir), b = second(s, ir);

	a64_emit(s, a64_madd(false, row->wide, s->fn.reg[ir->dst], a, b, A64_ZR));
}

static void shift_left(struct a64 *s, bool wide, u32 rd, u32 rn, u32 count)
{
	u32 top = wide ? 63 : 31;

	if (count)
		a64_emit(s, a64_bits(A64_UBFM, wide, rd, rn, (top + 1 - count) & top, top - count));
	else
		a64_move(s, wide, rd, rn);
}

static void mul_const(struct a64 *s, const struct bvm_ir *ir)
{
	const struct a64_row *row = s->row;
	u32 rd = s->fn.reg[ir->dst], a = first(s, ir);
	u64 value = bits_of(ir, row->wide);

	if (!value) {
		a64_set(s, rd, 0);
	} else if (is_power_of_2(value)) {
		shift_left(s, row->wide, rd, a, ilog2(value));
	} else if (is_power_of_2(value - 1)) {
		a64_emit(s, a64_add(A64_ADD, row->wide, rd, a, a, ilog2(value - 1)));
	} else if (is_power_of_2(-value) && row->wide) {
		a64_emit(s, a64_add(A64_SUB, true, rd, A64_ZR, a, ilog2(-value)));
	} else {
		a64_set(s, A64_X17, value);
		a64_emit(s, a64_madd(false, row->wide, rd, a, A64_X17, A64_ZR));
	}
}

static void div_reg(struct a64 *s, const struct bvm_ir *ir)
{
	const struct a64_row *row = s->row;
	u32 a = first(s, ir), b = second(s, ir);

	a64_emit(s, a64_two(row->arg, row->wide, s->fn.reg[ir->dst], a, b));
}

static void mod_reg(struct a64 *s, const struct bvm_ir *ir)
{
	const struct a64_row *row = s->row;
	u32 a = first(s, ir), b = second(s, ir);

	a64_emit(s, a64_two(row->arg, row->wide, A64_X17, a, b));
	a64_emit(s, a64_madd(true, row->wide, s->fn.reg[ir->dst], A64_X17, b, a));
}

/* Division by a constant that is one instruction: false if it is none. */
static bool div_short(struct a64 *s, bool wide, u32 op, u32 rd, u32 a, u64 value)
{
	bool sign = op == A64_SDIV;
	u32 top = wide ? 63 : 31;

	if (!value)
		a64_set(s, rd, 0);
	else if (value == 1)
		a64_move(s, wide, rd, a);
	else if (sign && value == (wide ? ~0ULL : ~0U))
		a64_emit(s, a64_add(A64_SUB, wide, rd, A64_ZR, a, 0));
	else if (!sign && is_power_of_2(value))
		a64_emit(s, a64_bits(A64_UBFM, wide, rd, a, ilog2(value), top));
	else
		return false;
	return true;
}

static void div_const(struct a64 *s, const struct bvm_ir *ir)
{
	const struct a64_row *row = s->row;
	u32 rd = s->fn.reg[ir->dst], a = first(s, ir);
	u64 value = bits_of(ir, row->wide);

	if (div_short(s, row->wide, row->arg, rd, a, value))
		return;
	if (value == 2) {
		/* towards zero: one more if negative */
		a64_emit(s, a64_add_lsr(row->wide, A64_X17, a, a, row->wide ? 63 : 31));
		a64_emit(s, a64_bits(A64_SBFM, row->wide, rd, A64_X17, 1, row->wide ? 63 : 31));
		return;
	}
	a64_set(s, A64_X17, value);
	a64_emit(s, a64_two(row->arg, row->wide, rd, a, A64_X17));
}

static void mod_const(struct a64 *s, const struct bvm_ir *ir)
{
	const struct a64_row *row = s->row;
	u32 rd = s->fn.reg[ir->dst], a = first(s, ir);
	u64 value = bits_of(ir, row->wide);
	bool sign = row->arg == A64_SDIV;

	if (!value) {
		a64_move(s, row->wide, rd, a);
	} else if (value == 1 || (sign && value == (row->wide ? ~0ULL : ~0U))) {
		a64_set(s, rd, 0);
	} else if (!sign && is_power_of_2(value)) {
		a64_emit(s, a64_logic_imm(A64_AND, row->wide, rd, a,
					  a64_bitmask(value - 1, row->wide)));
	} else {
		a64_set(s, A64_X16, value);
		a64_emit(s, a64_two(row->arg, row->wide, A64_X17, a, A64_X16));
		a64_emit(s, a64_madd(true, row->wide, rd, A64_X17, A64_X16, a));
	}
}

static void shift_const(struct a64 *s, const struct bvm_ir *ir)
{
	const struct a64_row *row = s->row;
	u32 rd = s->fn.reg[ir->dst], a = first(s, ir), top = row->wide ? 63 : 31;
	u32 count = ir->imm & top;

	if (!count || row->arg == A64_LSLV)
		shift_left(s, row->wide, rd, a, count);
	else
		a64_emit(s, a64_bits(row->arg == A64_ASRV ? A64_SBFM : A64_UBFM, row->wide, rd, a,
				     count, top));
}

static void rotate(struct a64 *s, const struct bvm_ir *ir)
{
	bool wide = s->row->wide;

	a64_emit(s, a64_ror(wide, s->fn.reg[ir->dst], first(s, ir), (wide ? 64 : 32) - ir->imm));
}

static void current_task(struct a64 *s, const struct bvm_ir *ir)
{
	a64_emit(s, a64_mrs_sp_el0(s->fn.reg[ir->dst]));
}

static void percpu(struct a64 *s, const struct bvm_ir *ir)
{
	a64_emit(s, a64_mrs_tpidr(s->jit->cpu->features & A64_EL2, A64_X17));
	a64_emit(s, a64_add(A64_ADD, true, s->fn.reg[ir->dst], first(s, ir), A64_X17, 0));
}

static void negate(struct a64 *s, const struct bvm_ir *ir)
{
	const struct a64_row *row = s->row;

	a64_emit(s, a64_add(A64_SUB, row->wide, s->fn.reg[ir->dst], A64_ZR, first(s, ir), 0));
}

/* -------------------------------------------------------------------- moves */

/* The next instruction can read @ir's source instead of its destination. */
static bool fuses(struct a64 *s, const struct bvm_ir *ir)
{
	const struct bvm_ir *next = ir + 1;
	const struct a64_row *row;

	if (s->i + 1 >= s->fn.end || s->jit->about[s->i + 1] & BVM_AT_TARGET)
		return false;
	row = &rows[next->op];
	if (!row->fuse || next->dst != ir->dst || row->wide > s->row->wide)
		return false;
	if (a64_is_sp(s, ir->src))
		return next->op == BVM_IR_ADD64I && next->imm > -(s64)BIT(20) &&
		       next->imm < BIT(20);
	return true;
}

static void move_reg(struct a64 *s, const struct bvm_ir *ir)
{
	bool wide = s->row->wide;
	u32 rd = s->fn.reg[ir->dst];

	if (fuses(s, ir))
		s->from = a64_is_sp(s, ir->src) ? A64_SP : s->fn.reg[ir->src];
	else if (!a64_is_sp(s, ir->src))
		a64_move(s, wide, rd, s->fn.reg[ir->src]);
	else
		a64_move(s, wide, rd, a64_read(s, ir->src, rd));
}

static void move_const(struct a64 *s, const struct bvm_ir *ir)
{
	a64_set(s, s->fn.reg[ir->dst], ir->imm);
}

/* arg: bits; 128 and: zeroes come in */
static void extend(struct a64 *s, const struct bvm_ir *ir)
{
	const struct a64_row *row = s->row;
	u32 rn = a64_read(s, ir->src, A64_X16);

	a64_emit(s, a64_bits(row->arg & 128 ? A64_UBFM : A64_SBFM, row->wide, s->fn.reg[ir->dst],
			     rn, 0, (row->arg & 127) - 1));
}

static void swap_bytes(struct a64 *s, const struct bvm_ir *ir)
{
	const struct a64_row *row = s->row;
	u32 rd = s->fn.reg[ir->dst];

	a64_emit(s, a64_rev(row->arg, row->wide, rd, first(s, ir)));
	if (row->arg == A64_REV16)
		a64_emit(s, a64_bits(A64_UBFM, false, rd, rd, 0, 15));
}

/* -------------------------------------------------------------------- jumps */

/* arg: condition; TEST: of the bits that both have */
#define TEST		16

static void jump_reg(struct a64 *s, const struct bvm_ir *ir)
{
	const struct a64_row *row = s->row;
	u32 a = a64_read(s, ir->dst, A64_X16), b = a64_read(s, ir->src, A64_X17);

	if (row->arg == TEST) {
		a64_emit(s, a64_logic(A64_ANDS, row->wide, false, A64_ZR, a, b));
		a64_goto(s, a64_b_cond(A64_NE, 0), ir->off);
		return;
	}
	a64_emit(s, a64_add(A64_SUBS, row->wide, A64_ZR, a, b, 0));
	a64_goto(s, a64_b_cond(row->arg, 0), ir->off);
}

static void compare_const(struct a64 *s, bool wide, u32 a, s64 value)
{
	u32 op = value < 0 ? A64_ADDS : A64_SUBS;
	u64 size = value < 0 ? -value : value;

	if (size < BIT(12)) {
		a64_emit(s, a64_add_imm(op, wide, A64_ZR, a, size, false));
	} else if (size < BIT(24) && !(size & 0xfff)) {
		a64_emit(s, a64_add_imm(op, wide, A64_ZR, a, size >> 12, true));
	} else {
		a64_set(s, A64_X17, wide ? value : (u32)value);
		a64_emit(s, a64_add(A64_SUBS, wide, A64_ZR, a, A64_X17, 0));
	}
}

/* Compared with 0, or what amounts to that: one instruction, or none. */
static bool jump_zero(struct a64 *s, bool wide, u32 cond, u32 a, s64 value, u32 to)
{
	u32 top = wide ? 63 : 31;

	if ((value == 1 && cond == A64_LO) || (!value && cond == A64_LS))
		cond = A64_EQ;
	else if ((value == 1 && cond == A64_HS) || (!value && cond == A64_HI))
		cond = A64_NE;
	else if (value == -1 && cond == A64_GT)
		cond = A64_GE;
	else if (value == -1 && cond == A64_LE)
		cond = A64_LT;
	else if (value)
		return false;
	if (cond == A64_EQ || cond == A64_NE)
		a64_goto(s, a64_cbz(wide, cond == A64_NE, a, 0), to);
	else if (cond == A64_GE || cond == A64_LT)
		a64_goto(s, a64_tbz(cond == A64_LT, a, top, 0), to);
	else if (cond == A64_HS)
		a64_goto(s, 0, to);
	else if (cond != A64_LO)
		return false;
	return true;
}

static void jump_const(struct a64 *s, const struct bvm_ir *ir)
{
	const struct a64_row *row = s->row;
	s64 value = row->wide ? ir->imm : (s32)ir->imm;
	u32 a = a64_read(s, ir->dst, A64_X16);

	if (jump_zero(s, row->wide, row->arg, a, value, ir->off))
		return;
	compare_const(s, row->wide, a, value);
	a64_goto(s, a64_b_cond(row->arg, 0), ir->off);
}

static void jump_test(struct a64 *s, const struct bvm_ir *ir)
{
	bool wide = s->row->wide;
	u64 value = bits_of(ir, wide);
	u32 a = a64_read(s, ir->dst, A64_X16);
	s32 mask = a64_bitmask(value, wide);

	if (!value)
		return;
	if (is_power_of_2(value)) {
		a64_goto(s, a64_tbz(true, a, ilog2(value), 0), ir->off);
		return;
	}
	if (value == (wide ? ~0ULL : ~0U)) {
		a64_goto(s, a64_cbz(wide, true, a, 0), ir->off);
		return;
	}
	if (mask >= 0) {
		a64_emit(s, a64_logic_imm(A64_ANDS, wide, A64_ZR, a, mask));
	} else {
		a64_set(s, A64_X17, value);
		a64_emit(s, a64_logic(A64_ANDS, wide, false, A64_ZR, a, A64_X17));
	}
	a64_goto(s, a64_b_cond(A64_NE, 0), ir->off);
}

static void jump_always(struct a64 *s, const struct bvm_ir *ir)
{
	a64_goto(s, 0, ir->off);
}

/* ---------------------------------------------------------------- the table */

#define ALU(NAME, reg, constant, arg)						\
	[BVM_IR_##NAME##64R] = { reg, arg, true, true },			\
	[BVM_IR_##NAME##64I] = { constant, arg, true, true },			\
	[BVM_IR_##NAME##32R] = { reg, arg, false, true },			\
	[BVM_IR_##NAME##32I] = { constant, arg, false, true }

#define JCC(NAME, constant, cond)						\
	[BVM_IR_##NAME##64R] = { jump_reg, cond, true },			\
	[BVM_IR_##NAME##64I] = { constant, cond, true },			\
	[BVM_IR_##NAME##32R] = { jump_reg, cond, false },			\
	[BVM_IR_##NAME##32I] = { constant, cond, false }

#define MEM(bits, size)								\
	[BVM_IR_LOAD##bits] = { a64_load, 4 * A64_LDR + (size) },			\
	[BVM_IR_PROBE##bits] = { a64_probe, size },					\
	[BVM_IR_TRY##bits] = { a64_probe, size },					\
	[BVM_IR_PUT##bits] = { a64_put, size },						\
	[BVM_IR_STORE##bits##R] = { a64_store_reg, size },				\
	[BVM_IR_STORE##bits##I] = { a64_store_const, size }

#define ATOMIC(NAME, arg)							\
	[BVM_IR_##NAME##32] = { a64_atomic, arg, false },				\
	[BVM_IR_##NAME##64] = { a64_atomic, arg, true }

static const struct a64_row rows[__BVM_IR_OP_MAX] = {
	ALU(ADD, add_reg, add_const, A64_ADD),
	ALU(SUB, add_reg, add_const, A64_SUB),
	ALU(MUL, mul_reg, mul_const, 0),
	ALU(DIV, div_reg, div_const, A64_UDIV),
	ALU(SDIV, div_reg, div_const, A64_SDIV),
	ALU(MOD, mod_reg, mod_const, A64_UDIV),
	ALU(SMOD, mod_reg, mod_const, A64_SDIV),
	ALU(OR, logic_reg, logic_const, A64_ORR),
	ALU(AND, logic_reg, logic_const, A64_AND),
	ALU(XOR, logic_reg, logic_const, A64_EOR),
	ALU(LSH, div_reg, shift_const, A64_LSLV),
	ALU(RSH, div_reg, shift_const, A64_LSRV),
	ALU(ARSH, div_reg, shift_const, A64_ASRV),
	[BVM_IR_ROL64I] = { rotate, 0, true, true },
	[BVM_IR_ROL32I] = { rotate, 0, false, true },
	[BVM_IR_NEG64] = { negate, 0, true, true },
	[BVM_IR_NEG32] = { negate, 0, false, true },
	[BVM_IR_MOV64R] = { move_reg, 0, true },
	[BVM_IR_MOV32R] = { move_reg, 0, false },
	[BVM_IR_MOVI] = { move_const },
	[BVM_IR_CURRENT] = { current_task },
	[BVM_IR_PERCPU] = { percpu, 0, true, true },
	[BVM_IR_SEXT8_64] = { extend, 8, true },
	[BVM_IR_SEXT16_64] = { extend, 16, true },
	[BVM_IR_SEXT32_64] = { extend, 32, true },
	[BVM_IR_SEXT8_32] = { extend, 8, false },
	[BVM_IR_SEXT16_32] = { extend, 16, false },
	[BVM_IR_ZEXT16] = { extend, 128 | 16, false },
	[BVM_IR_SWAP16] = { swap_bytes, A64_REV16, false, true },
	[BVM_IR_SWAP32] = { swap_bytes, A64_REV32, false, true },
	[BVM_IR_SWAP64] = { swap_bytes, A64_REV64, true, true },
	MEM(8, 0), MEM(16, 1), MEM(32, 2), MEM(64, 3),
	[BVM_IR_LOADS8] = { a64_load, 4 * A64_LDRS64 + 0 },
	[BVM_IR_LOADS16] = { a64_load, 4 * A64_LDRS64 + 1 },
	[BVM_IR_LOADS32] = { a64_load, 4 * A64_LDRS64 + 2 },
	ATOMIC(ATOMIC_ADD, ATOM_ADD),
	ATOMIC(ATOMIC_OR, ATOM_OR),
	ATOMIC(ATOMIC_AND, ATOM_AND),
	ATOMIC(ATOMIC_XOR, ATOM_XOR),
	ATOMIC(FETCH_ADD, ATOM_FETCH | ATOM_ADD),
	ATOMIC(FETCH_OR, ATOM_FETCH | ATOM_OR),
	ATOMIC(FETCH_AND, ATOM_FETCH | ATOM_AND),
	ATOMIC(FETCH_XOR, ATOM_FETCH | ATOM_XOR),
	ATOMIC(XCHG, ATOM_FETCH | ATOM_XCHG),
	ATOMIC(CMPXCHG, ATOM_CMPXCHG),
	JCC(JEQ, jump_const, A64_EQ),
	JCC(JNE, jump_const, A64_NE),
	JCC(JSET, jump_test, TEST),
	JCC(JGT, jump_const, A64_HI),
	JCC(JGE, jump_const, A64_HS),
	JCC(JLT, jump_const, A64_LO),
	JCC(JLE, jump_const, A64_LS),
	JCC(JSGT, jump_const, A64_GT),
	JCC(JSGE, jump_const, A64_GE),
	JCC(JSLT, jump_const, A64_LT),
	JCC(JSLE, jump_const, A64_LE),
	[BVM_IR_JA] = { jump_always },
	[BVM_IR_MAY_GOTO] = { a64_may_goto },
	[BVM_IR_CALL] = { a64_call },
	[BVM_IR_CALL_SUB] = { a64_call_sub },
	[BVM_IR_CALL_SUBR] = { a64_call_sub },
	[BVM_IR_FUNC] = { a64_func_address },
	[BVM_IR_TAIL_CALL] = { a64_tail_call },
	[BVM_IR_RET] = { a64_exit },
	[BVM_IR_EXIT] = { a64_exit },
	[BVM_IR_BODY] = { a64_trap },
	[BVM_IR_TRAP] = { a64_trap },
};

static void function(struct a64 *s)
{
	struct bvm_jit *jit = s->jit;
	bool dead = false;

	a64_prologue(s);
	for (s->i = s->fn.start; s->i < s->fn.end && !s->err; s->i++) {
		const struct bvm_ir *ir = &jit->prog->code[s->i];
		bool moved = s->from >= 0;

		if (s->i > s->fn.start)
			jit->at[s->i] = jit->len;
		dead = a64_dead(s, s->i, dead);
		s->row = &rows[ir->op];
		if (dead)
			continue;
		if (!s->row->emit)
			s->err = -EOPNOTSUPP;
		else
			s->row->emit(s, ir);
		if (moved)
			s->from = -1;
	}
}

/* Kernel-doc: in kernel/exec/jit.h. */
int bvm_arch_jit(struct bvm_jit *jit)
{
	struct a64 s = { .jit = jit, .from = -1 };
	u32 i = 0;

	a64_scan_program(&s);
	jit->at[0] = 0;
	if (s.tail)
		a64_outer(&s);
	jit->tail_entry = jit->len;
	for (i = 0; !s.err && a64_scan(&s, i); i = s.fn.end) {
		if (i)
			jit->at[i] = jit->len;
		function(&s);
	}
	jit->at[jit->prog->len] = jit->len;
	return s.err;
}
