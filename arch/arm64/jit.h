/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Inside the arm64 back end: jit.c selects instructions, mem.c those that access memory,
 * frame.c has prologues, calls and ways out.
 */
#ifndef _BVM_ARM64_JIT_H
#define _BVM_ARM64_JIT_H

#include "exec/jit.h"
#include "encode.h"

/* struct bvm_jit_cpu::features */
#define A64_LSE		BIT(0)		/* atomic instructions of ARMv8.1 */
#define A64_BTI		BIT(1)		/* indirect branches lead to landing pads only */
#define A64_PAC		BIT(2)		/* return addresses are signed */
#define A64_EL2		BIT(3)		/* the kernel is at EL2 */

/*
 * Registers.  r1..r5 are where the kernel passes arguments, r0 is a seventh register, so
 * that it and r1 can differ.  Where a function calls nothing, r6..r9 are registers that
 * nobody needs saved.
 */
enum {
	A64_R0 = 7,
	A64_SOURCE = 8,		/* of the emitter: the frame pointer, for an atomic operation */
	A64_STATUS = 9,		/* of the emitter: of store-exclusive */
	A64_NEW = 12,		/* and what that stores */
	A64_BUDGET_LEAF = 15,	/* MAY_GOTO */
	A64_X16 = 16,		/* of the emitter: values, addresses */
	A64_X17 = 17,		/* and constants */
	A64_R6 = 19,
	A64_BUDGET = 23,
	A64_FP = 25,		/* frame pointer of subprograms */
	A64_COUNT = 26,		/* address of the number of tail calls */
};

/**
 * struct a64_func - a function of the program
 * @start:	its first IR instruction
 * @end:	the one behind it
 * @last:	the last way out, which has the epilogue
 * @body:	byte offset behind the prologue
 * @frame:	bytes of stack
 * @fp_off:	the program's: frame pointer less SP
 * @ctx_off:	where the context is kept during TAIL_CALL
 * @main:	the program itself, no subprogram
 * @calls:	calls something
 * @subs:	calls subprograms
 * @tail:	has TAIL_CALLs
 * @budget:	has MAY_GOTOs
 * @fp:		the program's frame has to be there
 * @nr_saved:	number of @saved
 * @saved:	registers of the caller that are saved, besides x29 and x30
 * @reg:	register of each register of the IR
 */
struct a64_func {
	u32 start, end, last, body;
	u32 frame, fp_off, ctx_off;
	bool main, calls, subs, tail, budget, fp;
	u8 nr_saved;
	u8 saved[8];
	u8 reg[BVM_IR_REGS];
};

struct a64;

/**
 * struct a64_row - how an operation of the IR is emitted
 * @emit:	function
 * @arg:	for it
 * @wide:	of 64 bits
 * @fuse:	takes a move's source for its destination's old value
 */
struct a64_row {
	void (*emit)(struct a64 *s, const struct bvm_ir *ir);
	u8 arg;
	bool wide;
	bool fuse;
};

/**
 * struct a64 - a program that is being written
 * @jit:	its in- and output
 * @fn:		function that is being emitted
 * @i:		IR instruction
 * @row:	how that is emitted
 * @from:	register that the instruction reads instead of its destination: a move to that
 *		has been left out, or -1
 * @sub_fp:	subprograms get a frame pointer
 * @tail:	the program has TAIL_CALLs
 * @err:	0 or error
 */
struct a64 {
	struct bvm_jit *jit;
	struct a64_func fn;
	u32 i;
	const struct a64_row *row;
	int from;
	bool sub_fp, tail;
	int err;
};

/* jit.c */
void a64_emit(struct a64 *s, u32 word);
u32 a64_constant(u32 *words, u32 rd, u64 value);
void a64_set(struct a64 *s, u32 rd, u64 value);
void a64_add_const(struct a64 *s, bool wide, u32 rd, u32 rn, s64 value);
void a64_move(struct a64 *s, bool wide, u32 rd, u32 rn);
bool a64_is_sp(struct a64 *s, u32 reg);
u32 a64_read(struct a64 *s, u32 reg, u32 scratch);
u32 a64_form(u32 op);
bool a64_dead(struct a64 *s, u32 i, bool before);
bool a64_has(const struct a64 *s, u32 feature);

/* rows of atomic operations: the operation, and that the old value is wanted */
enum { ATOM_ADD, ATOM_OR, ATOM_AND, ATOM_XOR, ATOM_XCHG, ATOM_CMPXCHG, ATOM_FETCH = 8 };

/* mem.c */
void a64_load(struct a64 *s, const struct bvm_ir *ir);
void a64_store_reg(struct a64 *s, const struct bvm_ir *ir);
void a64_store_const(struct a64 *s, const struct bvm_ir *ir);
void a64_put(struct a64 *s, const struct bvm_ir *ir);
void a64_probe(struct a64 *s, const struct bvm_ir *ir);
void a64_atomic(struct a64 *s, const struct bvm_ir *ir);

/* frame.c */
bool a64_scan(struct a64 *s, u32 start);
void a64_scan_program(struct a64 *s);
void a64_outer(struct a64 *s);
void a64_prologue(struct a64 *s);
void a64_exit(struct a64 *s, const struct bvm_ir *ir);
void a64_trap(struct a64 *s, const struct bvm_ir *ir);
void a64_call(struct a64 *s, const struct bvm_ir *ir);
void a64_call_sub(struct a64 *s, const struct bvm_ir *ir);
void a64_tail_call(struct a64 *s, const struct bvm_ir *ir);
void a64_may_goto(struct a64 *s, const struct bvm_ir *ir);

/* link.c */
void a64_goto(struct a64 *s, u32 word, u32 to);
void a64_call_func(struct a64 *s, u32 to);
void a64_call_kernel(struct a64 *s, u64 address);
void a64_func_address(struct a64 *s, const struct bvm_ir *ir);

#endif /* _BVM_ARM64_JIT_H */
