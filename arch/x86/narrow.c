// SPDX-License-Identifier: GPL-2.0-only
/*
 * Operations of 64 bits that 32 bits are enough for: that saves a byte, unless a register
 * needs a prefix anyway.  Either the upper half of the result is not read, or upper halves
 * of operands are known to be 0.
 */
#include "gen.h"

/**
 * bvm_x86_narrow() - does the form of 32 bits of an operation of 64 do the same?
 * @g:		program
 * @ir:		operation at @g->i
 */
bool bvm_x86_narrow(const struct bvm_x86_gen *g, const struct bvm_ir *ir)
{
	bool dst = g->zero & BIT(ir->dst), src = g->zero & BIT(ir->src);
	bool unread = !width_after(g, 0, ir->dst);

	switch (ir->op) {
	case BVM_IR_LOAD64:
		return unread;
	case BVM_IR_MOV64R:
		return src || unread;
	case BVM_IR_AND64R:
		return dst || src || unread;
	case BVM_IR_OR64R:
	case BVM_IR_XOR64R:
		return (dst && src) || unread;
	case BVM_IR_OR64I:
	case BVM_IR_XOR64I:
		return (dst && ir->imm >= 0) || unread;
	case BVM_IR_RSH64I:
		return dst && (ir->imm & 63) < 32;
	case BVM_IR_JSET64R:
		return dst || src;
	case BVM_IR_JEQ64R:
	case BVM_IR_JNE64R:
	case BVM_IR_JGT64R:
	case BVM_IR_JGE64R:
	case BVM_IR_JLT64R:
	case BVM_IR_JLE64R:
		return dst && src;
	case BVM_IR_JEQ64I:
	case BVM_IR_JNE64I:
	case BVM_IR_JGT64I:
	case BVM_IR_JGE64I:
	case BVM_IR_JLT64I:
	case BVM_IR_JLE64I:
		return dst && ir->imm >= 0;
	default:
		return unread && bvm_ir_by_halves(ir);
	}
}

/* Is the upper half of its result 0? */
static bool clears(const struct bvm_x86_gen *g, const struct bvm_ir *ir)
{
	bool dst = g->zero & BIT(ir->dst), src = g->zero & BIT(ir->src);

	/* the forms of 32 bits */
	if (ir->op >= BVM_IR_ADD64R && ir->op <= BVM_IR_ARSH32I && (ir->op - BVM_IR_ADD64R) & 2)
		return true;
	switch (ir->op) {
	case BVM_IR_LOAD8 ... BVM_IR_LOAD32:
	case BVM_IR_PROBE8 ... BVM_IR_PROBE32:
	case BVM_IR_MOV32R:
	case BVM_IR_SEXT8_32 ... BVM_IR_SWAP32:
	case BVM_IR_ROL32I:
	case BVM_IR_NEG32:
		return true;
	case BVM_IR_MOVI:
		return ir->imm == (u32)ir->imm;
	case BVM_IR_MOV64R:
		return src;
	case BVM_IR_AND64R:
		return dst || src;
	case BVM_IR_OR64R:
	case BVM_IR_XOR64R:
		return dst && src;
	case BVM_IR_AND64I:
		return dst || ir->imm >= 0;
	case BVM_IR_OR64I:
	case BVM_IR_XOR64I:
		return dst && ir->imm >= 0;
	case BVM_IR_RSH64I:
		return dst || (ir->imm & 63) >= 32;
	default:
		return false;
	}
}

/**
 * bvm_x86_know() - go on behind an operation, with what is known then
 * @g:		program
 * @ir:		operation
 */
void bvm_x86_know(struct bvm_x86_gen *g, const struct bvm_ir *ir)
{
	bool zero = clears(g, ir);

	g->zero &= ~bvm_ir_changes(ir);
	if (zero)
		g->zero |= BIT(ir->dst);
}
