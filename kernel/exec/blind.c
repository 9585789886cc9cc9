// SPDX-License-Identifier: GPL-2.0-only
/*
 * Numbers that a program's author has chosen are kept out of its machine code.
 *
 * Their bytes would be there as they are, and who finds a way to jump into the midst of
 * them runs what he likes.  So a number becomes two: a random one, and that one xor the
 * number, put together in a register that is free.  Counts of shifts, which are six bits, and
 * offsets of memory, which are sixteen, stay.
 */
#include "opt.h"

static void put_half(struct bvm_opt *o, u8 reg, s32 value, bool first)
{
	s32 mask = get_random_u32();

	OPT_EMIT_OP(o, first ? BVM_IR_MOVI : BVM_IR_XOR64I, .dst = reg, .imm = value ^ mask);
	OPT_EMIT(o, XOR64I, .dst = reg, .imm = mask);
}

/* @reg = @imm.  The low half is xored with its sign, so the high half is without it. */
static void put_number(struct bvm_opt *o, u8 reg, s64 imm)
{
	s32 low = imm, high = (imm ^ low) >> 32;

	if (high) {
		put_half(o, reg, high, true);
		OPT_EMIT(o, LSH64I, .dst = reg, .imm = 32);
	}
	put_half(o, reg, low, !high);
}

/* A register that instruction @i does not need, nor what follows; or BVM_IR_REGS. */
static u32 spare(struct bvm_opt *o, u32 i)
{
	/* others would have to be saved */
	static const u8 pool[] = { BVM_IR_TMP0, BVM_IR_TMP1, 5, 4, 3, 2, 1, 0 };
	const struct bvm_ir *ir = &o->code[i];
	u32 k;

	for (k = 0; k < ARRAY_SIZE(pool); k++)
		if (!((bvm_opt_live(o, i) | BIT(ir->dst)) & BIT(pool[k])))
			return pool[k];
	return BVM_IR_REGS;
}

/* The operation that has its number in a register; itself, if there is none. */
static u16 with_register(u16 op)
{
	if (op >= BVM_IR_LSH64R && op <= BVM_IR_ARSH32I)
		return op;
	switch (bvm_ir_form[op]) {
	case BVM_FORM_DST_IMM:
		/* of the four forms of an operation, that is the one before */
		return op >= BVM_IR_ADD64R && op <= BVM_IR_ARSH32I ? op - 1 : op;
	case BVM_FORM_JUMP_IMM:
		return op - 1;
	case BVM_FORM_STORE_IMM:
		return BVM_IR_STORE8R + op - BVM_IR_STORE8I;
	default:
		return op;
	}
}

static void blind_insn(struct bvm_opt *o, u32 i)
{
	struct bvm_ir ir = o->code[i];
	u16 op = with_register(ir.op);

	if (ir.op == BVM_IR_MOVI) {
		put_number(o, ir.dst, ir.imm);
		return;
	}
	if (op != ir.op) {
		u32 reg = spare(o, i);

		if (reg == BVM_IR_REGS) {
			o->err = -EOPNOTSUPP;
			return;
		}
		put_number(o, reg, ir.imm);
		ir.op = op;
		ir.src = reg;
		ir.imm = 0;
	}
	bvm_opt_emit(o, ir);
}

static void blind_all(struct bvm_opt *o)
{
	u32 i;

	for (i = 0; i < o->len && !o->err; i++) {
		o->at[i] = o->n;
		blind_insn(o, i);
	}
}

struct bvm_ir_prog *bvm_blind(const struct bvm_ir_prog *prog, u32 *where, u32 n)
{
	struct bvm_opt o = { .code_room = prog->len, .len = prog->len };
	struct bvm_ir_prog *out = NULL;
	int err = -ENOMEM;

	o.code = kvmalloc_array(o.len, sizeof(*o.code), GFP_KERNEL);
	if (!o.code)
		return ERR_PTR(err);
	memcpy(o.code, prog->code, o.len * sizeof(*o.code));
	err = bvm_opt_pass(&o, blind_all, where, n);
	if (err >= 0) {
		out = bvm_ir_alloc(o.len);
		err = -ENOMEM;
	}
	if (out) {
		memcpy(out->code, o.code, o.len * sizeof(*o.code));
		out->stack_size = prog->stack_size;
		out->tail_calls = prog->tail_calls;
		out->deep = prog->deep;
	}
	bvm_opt_done(&o);
	kvfree(o.code);
	return out ?: ERR_PTR(err);
}
