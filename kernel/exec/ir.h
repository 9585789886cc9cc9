/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The linear intermediate representation: what the interpreter executes and
 * what a JIT back end selects from.  No quirk of the BPF encoding is left in it:
 * widths are explicit, 64-bit immediates are one instruction, targets are IR
 * indices, the corner cases of division and shifts are defined by the op.
 *
 * The back ends in arch/ include this header and nothing else of BVM.
 */
#ifndef _BVM_IR_H
#define _BVM_IR_H

#include "../deps.h"

/* see ops.h for the X-macro rows: BVM_IR_OP(NAME, form, meaning) */
#include "ops.h"

enum bvm_ir_op {
#define BVM_IR_OP(name, ...) BVM_IR_##name,
	BVM_IR_OPS(BVM_IR_OP)
#undef BVM_IR_OP
	__BVM_IR_OP_MAX
};

/* Bytes that CALL_SUB keeps below the caller's frame: r6..r9, frame pointer, budget, way back */
#define BVM_IR_SAVE	64
#define BVM_IR_LOOP	32	/* and what a loop over calls does */
#define BVM_IR_CURSOR	40	/* and what one does over things: their struct bvm_cursor */
#define BVM_IR_FRAMES	8		/* functions that are active at a time */
#define BVM_IR_BUDGET	BIT(23)		/* MAY_GOTOs of a call that do not jump */
#define BVM_IR_LOOPS	BIT(23)		/* iterations of a counted loop over calls */
#define BVM_IR_NOT_ZERO	1		/* offset of a division: its divisor is no 0 */
#define BVM_IR_TAIL_CALLS 33		/* TAIL_CALLs that succeed in a run */

/* Registers: r0..r10 of BPF, then temporaries that lowering uses. */
#define BVM_IR_FP	10
#define BVM_IR_TMP0	11
#define BVM_IR_TMP1	12
#define BVM_IR_REGS	13

/**
 * struct bvm_ir - one IR instruction, 16 bytes
 * @op:		enum bvm_ir_op
 * @dst:	register
 * @src:	register
 * @off:	memory offset in bytes, or the index of the IR instruction to jump to; of CALL:
 *		BPF_FUNC_* of the helper, or 0
 * @imm:	immediate, address of a helper, or a map
 */
struct bvm_ir {
	u16 op;
	u8 dst;
	u8 src;
	s32 off;
	s64 imm;
};

/**
 * struct bvm_ir_prog - a lowered program
 * @len:	number of IR instructions
 * @stack_size:	bytes of stack, a multiple of 8
 * @pages:	pages that this structure occupies (made read-only after lowering)
 * @tail_calls:	has TAIL_CALLs
 * @deep:	has TAIL_CALLs in subprograms: the programs that they lead to use the stack
 *		below the caller's
 * @code:	instructions
 */
struct bvm_ir_prog {
	u32 len;
	u32 stack_size;
	u32 pages;
	bool tail_calls;
	bool deep;
	struct bvm_ir code[];
};

/**
 * bvm_ir_print - one IR instruction as text, "ADD64I r1, 5"
 * @buf:	NUL-terminated output, no newline
 * @size:	bytes in @buf
 * @ir:		instruction
 *
 * For tests and debugging.  Any context.  Return: characters of the whole text.
 */
int bvm_ir_print(char *buf, size_t size, const struct bvm_ir *ir);

/**
 * bvm_ir_alloc - memory for a program of @len instructions
 * @len:	instructions
 *
 * Writable until bvm_ir_seal().  Process context, may sleep; charged to the caller's
 * memory cgroup.  Return: program with ->len and ->pages set, or NULL.
 */
struct bvm_ir_prog *bvm_ir_alloc(u32 len);

/**
 * bvm_ir_seal - make a finished program read-only
 * @prog:	program
 *
 * Process context, may sleep.  Return: 0 or the error of the architecture; the program
 * must be freed then.
 */
int bvm_ir_seal(struct bvm_ir_prog *prog);

#endif /* _BVM_IR_H */
