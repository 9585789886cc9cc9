// SPDX-License-Identifier: GPL-2.0-only
/*
 * How control and values flow through the IR.
 */
#include "flow.h"

/* Passes over the program in which liveness must settle, or everything counts as live. */
#define LIVE_ROUNDS	16

const u8 bvm_ir_form[__BVM_IR_OP_MAX] = {
#define BVM_IR_OP(name, form, ...) \
	[BVM_IR_##name] = form,
	BVM_IR_OPS(BVM_IR_OP)
#undef BVM_IR_OP
};

/* ---------------------------------------------------------------- registers */

#define REGS(first, last)	((u16)GENMASK(last, first))
#define CALL_ARGS	REGS(1, 5)
/* temporaries are not kept over calls */
#define CALL_CLOBBERS	(REGS(0, 5) | REGS(BVM_IR_TMP0, BVM_IR_TMP1))

/* What an operation writes and does not read. */
static bool is_move(u16 op)
{
	return op == BVM_IR_MOV64R || op == BVM_IR_MOV32R || op == BVM_IR_MOVI ||
	       op == BVM_IR_CURRENT || (op >= BVM_IR_SEXT8_64 && op <= BVM_IR_ZEXT16);
}

bool bvm_ir_pure(const struct bvm_ir *ir)
{
	switch (bvm_ir_form[ir->op]) {
	case BVM_FORM_DST:
	case BVM_FORM_DST_SRC:
	case BVM_FORM_DST_IMM:
	case BVM_FORM_FUNC:
		return true;
	case BVM_FORM_LOAD:
		return !bvm_ir_tries(ir);
	default:
		return false;
	}
}

u16 bvm_ir_reads(const struct bvm_ir *ir)
{
	u16 dst = BIT(ir->dst), src = BIT(ir->src);

	switch (bvm_ir_form[ir->op]) {
	case BVM_FORM_DST:
	case BVM_FORM_JUMP_IMM:
	case BVM_FORM_STORE_IMM:
		return dst;
	case BVM_FORM_DST_IMM:
		return is_move(ir->op) ? 0 : dst;
	case BVM_FORM_DST_SRC:
		return is_move(ir->op) ? src : dst | src;
	case BVM_FORM_LOAD:
		return src;
	case BVM_FORM_STORE:
		return dst | src | (ir->op >= BVM_IR_CMPXCHG32 && ir->op <= BVM_IR_CMPXCHG64);
	case BVM_FORM_JUMP_SRC:
		return dst | src;
	case BVM_FORM_CALL_FN:
	case BVM_FORM_CALL_IR:
		return ir->op == BVM_IR_CHECK ? BVM_AT_LIVE : CALL_ARGS | BIT(BVM_IR_FP);
	case BVM_FORM_CALL_SRC:
		return CALL_ARGS | BIT(BVM_IR_FP) | src;
	default:
		return ir->op == BVM_IR_RET || ir->op == BVM_IR_EXIT;
	}
}

u16 bvm_ir_writes(const struct bvm_ir *ir)
{
	if (bvm_ir_pure(ir))
		return BIT(ir->dst);
	if (bvm_ir_tries(ir))
		return BIT(ir->dst) | BIT(BPF_REG_0);
	switch (bvm_ir_form[ir->op]) {
	case BVM_FORM_CALL_FN:
		return ir->op == BVM_IR_CHECK ? 0 : CALL_CLOBBERS;
	case BVM_FORM_CALL_IR:
	case BVM_FORM_CALL_SRC:
		return CALL_CLOBBERS;
	default:
		return 0;
	}
}

u16 bvm_ir_changes(const struct bvm_ir *ir)
{
	if (bvm_ir_form[ir->op] != BVM_FORM_STORE || ir->op < BVM_IR_FETCH_ADD32)
		return bvm_ir_writes(ir);
	if (ir->op >= BVM_IR_CMPXCHG32 && ir->op <= BVM_IR_CMPXCHG64)
		return BIT(BPF_REG_0);
	return BIT(ir->src);
}

/* ----------------------------------------------------------------- liveness */

/* What is live after @i, given what is before each of the others. */
static u16 live_after(const struct bvm_ir *code, u32 len, const u16 *before, u32 i)
{
	const struct bvm_ir *ir = &code[i];
	u16 live = 0;

	if (bvm_ir_jumps(ir))
		live |= before[ir->off];
	if (!bvm_ir_ends(ir) && i + 1 < len)
		live |= before[i + 1];
	return live;
}

void bvm_find_live(const struct bvm_ir *code, u32 len, u16 *before, u16 *about)
{
	bool changed = true;
	u32 i, round;

	for (round = 0; changed && round < LIVE_ROUNDS; round++) {
		changed = false;
		for (i = len; i--;) {
			u16 live = live_after(code, len, before, i) & ~bvm_ir_writes(&code[i]);

			live |= bvm_ir_reads(&code[i]);
			/* only who jumped back here has seen the old ones */
			changed |= live != before[i] && about[i] & BVM_AT_LOOP;
			before[i] = live;
		}
	}
	for (i = 0; i < len; i++)
		about[i] |= changed ? BVM_AT_LIVE : live_after(code, len, before, i);
}

/* ------------------------------------------------------------------ targets */

void bvm_find_targets(const struct bvm_ir *code, u32 len, u16 *about)
{
	u32 i;

	about[0] |= BVM_AT_ENTRY;
	for (i = 0; i < len; i++) {
		const struct bvm_ir *ir = &code[i];

		if (bvm_ir_jumps(ir))
			about[ir->off] |= BVM_AT_TARGET | (ir->off <= (s64)i ? BVM_AT_LOOP : 0);
		else if (bvm_ir_names(ir))
			about[ir->off] |= BVM_AT_ENTRY;
	}
}
