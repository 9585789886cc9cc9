/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How control and values flow through the IR, for its passes and for the JIT.
 */
#ifndef _BVM_FLOW_H
#define _BVM_FLOW_H

#include "ir.h"

/* About an instruction: BIT(0) to BIT(BVM_IR_REGS - 1) are registers. */
#define BVM_AT_LIVE	GENMASK(BVM_IR_REGS - 1, 0)
#define BVM_AT_LOOP	BIT(13)		/* a jump backwards, or to itself, goes to it */
#define BVM_AT_TARGET	BIT(14)		/* a jump goes to it */
#define BVM_AT_ENTRY	BIT(15)		/* a function begins here: its prologue */

/* enum bvm_ir_form of each operation */
extern const u8 bvm_ir_form[__BVM_IR_OP_MAX];

/* In struct bvm_ir_use: the register that is the instruction's operand. */
#define BVM_USE_DST	BIT(13)
#define BVM_USE_SRC	BIT(14)

/* Of struct bvm_ir_use, each what the function of that name asks. */
#define BVM_IS_JUMP	BIT(0)
#define BVM_IS_END	BIT(1)
#define BVM_IS_PURE	BIT(2)
#define BVM_IS_NAMING	BIT(3)

/**
 * struct bvm_ir_use - what an operation does to registers
 * @reads:	bits of registers whose values matter to it, BVM_USE_*
 * @writes:	bits of registers whose old values are gone after it, BVM_USE_*
 * @changes:	bits of registers that it may change: more than @writes
 * @is:		BVM_IS_*
 */
struct bvm_ir_use {
	u16 reads, writes, changes, is;
};

extern const struct bvm_ir_use bvm_ir_use[__BVM_IR_OP_MAX];

/**
 * bvm_ir_jumps - may it go to the instruction that its offset names?
 * @ir:		instruction
 * Any context.
 */
static inline bool bvm_ir_jumps(const struct bvm_ir *ir)
{
	return bvm_ir_use[ir->op].is & BVM_IS_JUMP;
}

/**
 * bvm_ir_ends - does the next instruction never follow it?
 * @ir:		instruction
 * Any context.
 */
static inline bool bvm_ir_ends(const struct bvm_ir *ir)
{
	return bvm_ir_use[ir->op].is & BVM_IS_END;
}

/**
 * bvm_ir_names - is its offset the index of an instruction?
 * @ir:		instruction
 * Any context.
 */
static inline bool bvm_ir_names(const struct bvm_ir *ir)
{
	return bvm_ir_use[ir->op].is & BVM_IS_NAMING;
}

/**
 * bvm_ir_tries - is it a load that says in r0 whether it has succeeded?
 * @ir:		instruction
 * Any context.
 */
static inline bool bvm_ir_tries(const struct bvm_ir *ir)
{
	return ir->op >= BVM_IR_TRY8 && ir->op <= BVM_IR_TRY64;
}

/**
 * bvm_ir_pure - does it do nothing but set its destination?
 * @ir:		instruction
 * Any context.
 */
static inline bool bvm_ir_pure(const struct bvm_ir *ir)
{
	return bvm_ir_use[ir->op].is & BVM_IS_PURE;
}

/**
 * bvm_ir_by_halves - of 64 bits: is the low half of its result made of low halves only?
 * @ir:		instruction
 * Any context.
 */
bool bvm_ir_by_halves(const struct bvm_ir *ir);

/* @use: of struct bvm_ir_use */
static inline u16 bvm_ir_used(const struct bvm_ir *ir, u16 use)
{
	return (use & BVM_AT_LIVE) | (use / BVM_USE_DST & 1) << ir->dst |
	       (use / BVM_USE_SRC & 1) << ir->src;
}

/**
 * bvm_ir_reads - registers whose values matter to it
 * @ir:		instruction
 * Any context.  Return: bits.
 */
static inline u16 bvm_ir_reads(const struct bvm_ir *ir)
{
	return bvm_ir_used(ir, bvm_ir_use[ir->op].reads);
}

/**
 * bvm_ir_writes - registers whose old values are gone after it
 * @ir:		instruction
 * Any context.  Return: bits.
 */
static inline u16 bvm_ir_writes(const struct bvm_ir *ir)
{
	return bvm_ir_used(ir, bvm_ir_use[ir->op].writes);
}

/**
 * bvm_ir_changes - registers that it may change: more than bvm_ir_writes()
 * @ir:		instruction
 * Any context.  Return: bits.
 */
static inline u16 bvm_ir_changes(const struct bvm_ir *ir)
{
	return bvm_ir_used(ir, bvm_ir_use[ir->op].changes);
}

/**
 * bvm_find_targets - where jumps and calls go
 * @code:	instructions
 * @len:	number of them
 * @about:	[@len] 0 before; gets BVM_AT_LOOP, BVM_AT_TARGET, BVM_AT_ENTRY
 *
 * Any context.
 */
void bvm_find_targets(const struct bvm_ir *code, u32 len, u16 *about);

/**
 * bvm_find_live - registers whose values may still be read
 * @code:	instructions
 * @len:	number of them
 * @before:	[@len] 0 before; result: bits of those live before each
 * @about:	[@len] of bvm_find_targets(); result, added to that: those live after each.  All
 *		are, when the program is so tangled that it takes too long to find out
 *
 * Any context.
 */
void bvm_find_live(const struct bvm_ir *code, u32 len, u16 *before, u16 *about);

/**
 * bvm_find_wide - registers whose values, and those whose upper halves may still be read
 * @code:	instructions
 * @len:	number of them
 * @before:	[2 * @len] 0 before; result: bits of those live before each, and those of upper
 *		halves behind that
 * @about:	as bvm_find_live()
 * @wide:	[@len] result: bits of registers whose upper halves may be read after each
 *
 * Any context.
 */
void bvm_find_wide(const struct bvm_ir *code, u32 len, u16 *before, u16 *about, u16 *wide);

#endif /* _BVM_FLOW_H */
