// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pass over the IR: calls of small functions of the program become these functions.
 *
 * A function may take the place of its call when it calls none itself and has no stack.  What
 * it keeps in r6 to r9 is kept in those that its caller does not need then.  It stays where it
 * is, too: user space counts on the program to have it.
 */
#include "opt.h"

#define SUB_MAX		12	/* instructions of a function that is copied */
#define GROWTH		4096	/* of the program, by all copies of one run */

#define SAVED		GENMASK(BPF_REG_9, BPF_REG_6)
#define ARGS		GENMASK(BPF_REG_5, BPF_REG_0)

/**
 * struct sub - a function that a call is to become
 * @start:	its first instruction
 * @len:	number of them
 * @saved:	registers of SAVED that it uses
 * @reg:	what each register is in its caller
 */
struct sub {
	u32 start, len;
	u16 saved;
	u8 reg[BVM_IR_REGS];
};

bool bvm_wants_subs(const struct bvm_ir *code, u32 len)
{
	u32 i;

	for (i = 0; i < len; i++)
		if (code[i].op == BVM_IR_CALL_SUB)
			return true;
	return false;
}

/* Is there nothing in it that is about the function's own frame, or its place? */
static bool is_movable(const struct bvm_ir *ir)
{
	switch (ir->op) {
	case BVM_IR_MAY_GOTO:
	case BVM_IR_CALL_SUB:
	case BVM_IR_CALL_SUBR:
	case BVM_IR_FUNC:
	case BVM_IR_BODY:
	case BVM_IR_TAIL_CALL:
	case BVM_IR_CHECK:
	case BVM_IR_EXIT:
		return false;
	default:
		return true;
	}
}

/* Looks at the function at @start.  Return: it may be copied. */
static bool describe(const struct bvm_opt *o, u32 start, struct sub *sub)
{
	u32 i, last = start;
	u16 used = 0;

	/* to where nothing in it goes on, nor jumps over */
	for (i = start; i < o->len; i++) {
		const struct bvm_ir *ir = &o->code[i];

		if (i - start == SUB_MAX || !is_movable(ir))
			return false;
		/* of a helper: no more than after the function can be counted on */
		if (ir->op != BVM_IR_CALL)
			used |= bvm_ir_reads(ir) | bvm_ir_changes(ir);
		if (bvm_ir_jumps(ir) && (u32)ir->off < start)
			return false;
		if (bvm_ir_jumps(ir))
			last = max_t(u32, last, ir->off);
		if (bvm_ir_ends(ir) && i >= last)
			break;
	}
	*sub = (struct sub){ .start = start, .len = i + 1 - start, .saved = used & SAVED };
	return !(used & ~(SAVED | ARGS));
}

/* Registers for what it keeps in SAVED: not those that are live in its caller. */
static bool place(struct sub *sub, u16 live)
{
	u16 free = SAVED & ~live;
	u32 i;

	for (i = 0; i < BVM_IR_REGS; i++)
		sub->reg[i] = i;
	for (i = BPF_REG_6; i <= BPF_REG_9; i++) {
		if (!(sub->saved & BIT(i)))
			continue;
		if (!free)
			return false;
		sub->reg[i] = __ffs(free);
		free &= free - 1;
	}
	return true;
}

static void copy(struct bvm_opt *o, const struct sub *sub)
{
	u32 i, at = o->n, end = at + sub->len;

	for (i = 0; i < sub->len && !o->err; i++) {
		struct bvm_ir ir = o->code[sub->start + i];

		if (ir.op == BVM_IR_RET) {
			OPT_EMIT(o, JA, .off = ~(s32)end);
			continue;
		}
		ir.dst = sub->reg[ir.dst];
		ir.src = sub->reg[ir.src];
		if (bvm_ir_names(&ir))
			ir.off = ~(s32)(at + ir.off - sub->start);
		bvm_opt_emit(o, ir);
	}
}

static bool becomes_copy(struct bvm_opt *o, u32 i)
{
	const struct bvm_ir *ir = &o->code[i];
	struct sub sub;

	if (ir->op != BVM_IR_CALL_SUB || o->n > i + GROWTH || !describe(o, ir->off, &sub) ||
	    !place(&sub, sub.saved ? bvm_opt_live(o, i) : 0))
		return false;
	copy(o, &sub);
	return true;
}

/* @copied: by a function's first instruction */
static void copy_all(struct bvm_opt *o, bool *copied)
{
	u32 i;

	for (i = 0; i < o->len && !o->err; i++) {
		o->at[i] = o->n;
		if (becomes_copy(o, i)) {
			copied[o->code[i].off] = true;
			o->todo |= BIT(BVM_PASS_SUBS);
			continue;
		}
		bvm_opt_emit(o, o->code[i]);
		if (o->code[i].op == BVM_IR_BODY)
			copied[o->code[i].off] = false;
	}
	for (i = 0; i < o->len && !o->err; i++)
		if (copied[i])
			OPT_EMIT(o, BODY, .off = i);
}

/**
 * bvm_pass_subs - calls of small functions become these functions
 * @o:		pass
 */
void bvm_pass_subs(struct bvm_opt *o)
{
	bool *copied = kvcalloc(o->len, sizeof(*copied), GFP_KERNEL);

	if (copied)
		copy_all(o, copied);
	else
		o->err = -ENOMEM;
	kvfree(copied);
}
