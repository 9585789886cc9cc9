/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Lowering, between its files.
 */
#ifndef _BVM_LOWER_H
#define _BVM_LOWER_H

#include "exec.h"

/**
 * struct spot - one of BPF's instructions
 * @at:		index of its first IR instruction
 * @fn:		index of the instruction that its function begins with
 * @entry:	a function begins here
 * @depth:	of an entry: calls that can be active below this function
 */
struct spot {
	u32 at;
	u32 fn;
	u8 entry;
	u8 depth;
};

/**
 * struct lower - a program being lowered
 * @args:	program
 * @spot:	@args->len + 1 entries
 * @code:	NULL while counting
 * @n:		IR instructions so far
 * @funcs:	has pointers to functions
 * @tail_calls:	has tail calls
 * @deep:	has tail calls in subprograms
 * @loops:	bytes of stack that loops over calls take
 * @err:	the IR cannot express it
 */
struct lower {
	const struct bvm_lower_args *args;
	struct spot *spot;
	struct bvm_ir *code;
	u32 n;
	bool funcs;
	bool tail_calls;
	bool deep;
	u32 loops;
	int err;
};

static inline void emit(struct lower *l, struct bvm_ir ir)
{
	if (l->code)
		l->code[l->n] = ir;
	l->n++;
}

#define EMIT_OP(l, which, ...)	emit(l, (struct bvm_ir){ .op = (which), __VA_ARGS__ })
#define EMIT(l, name, ...)	EMIT_OP(l, BVM_IR_##name, __VA_ARGS__)

/* Which of the four forms of an operation: 64R, 64I, 32R, 32I. */
static inline u16 form_of(u16 base, const struct bvm_insn *insn)
{
	return base + (insn->size == 4 ? 2 : 0) + (insn->flags & BVM_F_SRC_REG ? 0 : 1);
}

/* Operations of 1, 2, 4 and 8 bytes follow each other. */
static inline u16 width_of(u16 base, u32 bytes)
{
	return base + ilog2(bytes);
}

static inline bool little_endian(void)
{
	return (__force u16)cpu_to_le16(1) == 1;
}

void bvm_lower_cast(struct lower *l, const struct bvm_insn *insn);
void bvm_lower_mem(struct lower *l, const struct bvm_insn *insn, u32 i);
void bvm_lower_atomic(struct lower *l, const struct bvm_insn *insn, u32 i);

#endif /* _BVM_LOWER_H */
