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

/* What writes its destination and does not read it. */
#define IS_MOVE(op)								\
	((op) == BVM_IR_MOV64R || (op) == BVM_IR_MOV32R || (op) == BVM_IR_MOVI ||	\
	 (op) == BVM_IR_CURRENT || ((op) >= BVM_IR_SEXT8_64 && (op) <= BVM_IR_ZEXT16))
#define IS_TRY(op)	((op) >= BVM_IR_TRY8 && (op) <= BVM_IR_TRY64)
#define IS_CMPXCHG(op)	((op) >= BVM_IR_CMPXCHG32 && (op) <= BVM_IR_CMPXCHG64)
#define R0		BIT(BPF_REG_0)
#define DST		BVM_USE_DST
#define SRC		BVM_USE_SRC

/* What is read, by form. */
#define READS_BVM_FORM_NONE(op)		((op) == BVM_IR_RET || (op) == BVM_IR_EXIT ? R0 : 0)
#define READS_BVM_FORM_DST(op)		DST
#define READS_BVM_FORM_DST_SRC(op)	(IS_MOVE(op) ? SRC : DST | SRC)
#define READS_BVM_FORM_DST_IMM(op)	(IS_MOVE(op) ? 0 : DST)
#define READS_BVM_FORM_LOAD(op)		SRC
#define READS_BVM_FORM_STORE(op)	(DST | SRC | (IS_CMPXCHG(op) ? R0 : 0))
#define READS_BVM_FORM_STORE_IMM(op)	DST
#define READS_BVM_FORM_JUMP(op)		0
#define READS_BVM_FORM_JUMP_SRC(op)	(DST | SRC)
#define READS_BVM_FORM_JUMP_IMM(op)	DST
#define READS_BVM_FORM_CALL_FN(op)	\
	((op) == BVM_IR_CHECK ? BVM_AT_LIVE : CALL_ARGS | BIT(BVM_IR_FP))
#define READS_BVM_FORM_CALL_IR(op)	(CALL_ARGS | BIT(BVM_IR_FP))
#define READS_BVM_FORM_IR(op)		0
#define READS_BVM_FORM_FUNC(op)		0
#define READS_BVM_FORM_CALL_SRC(op)	(CALL_ARGS | BIT(BVM_IR_FP) | SRC)

/* What is written whatever happens, by form. */
#define WRITES_BVM_FORM_NONE(op)	0
#define WRITES_BVM_FORM_DST(op)		DST
#define WRITES_BVM_FORM_DST_SRC(op)	DST
#define WRITES_BVM_FORM_DST_IMM(op)	DST
#define WRITES_BVM_FORM_LOAD(op)	(DST | (IS_TRY(op) ? R0 : 0))
#define WRITES_BVM_FORM_STORE(op)	0
#define WRITES_BVM_FORM_STORE_IMM(op)	0
#define WRITES_BVM_FORM_JUMP(op)	0
#define WRITES_BVM_FORM_JUMP_SRC(op)	0
#define WRITES_BVM_FORM_JUMP_IMM(op)	0
#define WRITES_BVM_FORM_CALL_FN(op)	((op) == BVM_IR_CHECK ? 0 : CALL_CLOBBERS)
#define WRITES_BVM_FORM_CALL_IR(op)	CALL_CLOBBERS
#define WRITES_BVM_FORM_IR(op)		0
#define WRITES_BVM_FORM_FUNC(op)	DST
#define WRITES_BVM_FORM_CALL_SRC(op)	CALL_CLOBBERS

/* What may be written: atomic operations have a result besides. */
#define CHANGES(op, form)							\
	(IS_CMPXCHG(op) ? R0 : (op) >= BVM_IR_FETCH_ADD32 && (op) <= BVM_IR_XCHG64 ? SRC :	\
	 WRITES_##form(op))

/* What else it is, by form. */
#define ENDS(op)								\
	((op) == BVM_IR_RET || (op) == BVM_IR_EXIT || (op) == BVM_IR_TRAP || (op) == BVM_IR_JA)
#define IS_BVM_FORM_NONE(op)		(ENDS(op) ? BVM_IS_END : 0)
#define IS_BVM_FORM_DST(op)		BVM_IS_PURE
#define IS_BVM_FORM_DST_SRC(op)		BVM_IS_PURE
#define IS_BVM_FORM_DST_IMM(op)		BVM_IS_PURE
#define IS_BVM_FORM_LOAD(op)		(IS_TRY(op) ? 0 : BVM_IS_PURE)
#define IS_BVM_FORM_STORE(op)		0
#define IS_BVM_FORM_STORE_IMM(op)	0
#define IS_BVM_FORM_JUMP(op)		(BVM_IS_JUMP | BVM_IS_NAMING | IS_BVM_FORM_NONE(op))
#define IS_BVM_FORM_JUMP_SRC(op)	(BVM_IS_JUMP | BVM_IS_NAMING)
#define IS_BVM_FORM_JUMP_IMM(op)	(BVM_IS_JUMP | BVM_IS_NAMING)
#define IS_BVM_FORM_CALL_FN(op)		0
#define IS_BVM_FORM_CALL_IR(op)		BVM_IS_NAMING
#define IS_BVM_FORM_IR(op)		(BVM_IS_NAMING | BVM_IS_END)
#define IS_BVM_FORM_FUNC(op)		(BVM_IS_NAMING | BVM_IS_PURE)
#define IS_BVM_FORM_CALL_SRC(op)	0

const struct bvm_ir_use bvm_ir_use[__BVM_IR_OP_MAX] = {
#define BVM_IR_OP(name, form, ...) \
	[BVM_IR_##name] = {				\
		.reads = READS_##form(BVM_IR_##name),	\
		.writes = WRITES_##form(BVM_IR_##name),	\
		.changes = CHANGES(BVM_IR_##name, form),	\
		.is = IS_##form(BVM_IR_##name),		\
	},
	BVM_IR_OPS(BVM_IR_OP)
#undef BVM_IR_OP
};

/* ----------------------------------------------------------------- liveness */

bool bvm_ir_by_halves(const struct bvm_ir *ir)
{
	switch (ir->op) {
	case BVM_IR_ADD64R ... BVM_IR_ADD64I:
	case BVM_IR_SUB64R ... BVM_IR_SUB64I:
	case BVM_IR_MUL64R ... BVM_IR_MUL64I:
	case BVM_IR_OR64R ... BVM_IR_OR64I:
	case BVM_IR_AND64R ... BVM_IR_AND64I:
	case BVM_IR_XOR64R ... BVM_IR_XOR64I:
	case BVM_IR_NEG64:
	case BVM_IR_MOV64R:
		return true;
	case BVM_IR_LSH64I:
		return (ir->imm & 63) < 32;
	default:
		return false;
	}
}

/* Are the upper halves of its operands nothing to it? An address has one. */
static bool is_narrow(const struct bvm_ir *ir)
{
	switch (ir->op) {
	case BVM_IR_ADD64R ... BVM_IR_ARSH32I:
		return (ir->op - BVM_IR_ADD64R) & 2;
	case BVM_IR_JEQ64R ... BVM_IR_JSLE32I:
		return (ir->op - BVM_IR_JEQ64R) & 2;
	case BVM_IR_ROL32I:
	case BVM_IR_NEG32:
	case BVM_IR_MOV32R:
	case BVM_IR_SEXT8_64 ... BVM_IR_SWAP32:
		return true;
	default:
		return false;
	}
}

/* Registers, of those it @reads, whose upper halves matter to it when those of @after do. */
static u16 reads_wide(const struct bvm_ir *ir, u16 reads, u16 after)
{
	if (is_narrow(ir) || (bvm_ir_by_halves(ir) && !(after & BIT(ir->dst))))
		return 0;
	if (ir->op >= BVM_IR_STORE8R && ir->op <= BVM_IR_STORE32R)
		return BIT(ir->dst);
	return reads;
}

/*
 * A round goes from the end to the start.  Only who jumps back may have seen less than there
 * is: without such a jump, one round is enough.  @wide: NULL, if upper halves are not asked for.
 */
static __always_inline void find_read(const struct bvm_ir *code, u32 len, u16 *before, u16 *about,
				      u16 *before_wide, u16 *wide)
{
	bool changed = true;
	u32 i, round;

	for (round = 0; changed && round < LIVE_ROUNDS; round++) {
		u16 live = 0, upper = 0;

		changed = false;
		for (i = len; i--;) {
			const struct bvm_ir *ir = &code[i];
			u16 reads = bvm_ir_reads(ir), kept = ~bvm_ir_writes(ir);

			if (bvm_ir_ends(ir)) {
				live = 0;
				upper = 0;
			}
			if (bvm_ir_jumps(ir)) {
				live |= before[ir->off];
				upper |= wide ? before_wide[ir->off] : 0;
			}
			about[i] = (about[i] & ~BVM_AT_LIVE) | live;
			live = (live & kept) | reads;
			if (about[i] & BVM_AT_LOOP)
				changed |= live != before[i];
			before[i] = live;
			if (!wide)
				continue;
			wide[i] = upper;
			upper = (upper & kept) | reads_wide(ir, reads, upper);
			if (about[i] & BVM_AT_LOOP)
				changed |= upper != before_wide[i];
			before_wide[i] = upper;
		}
	}
	for (i = 0; changed && i < len; i++) {
		about[i] |= BVM_AT_LIVE;
		if (wide)
			wide[i] = BVM_AT_LIVE;
	}
}

void bvm_find_live(const struct bvm_ir *code, u32 len, u16 *before, u16 *about)
{
	find_read(code, len, before, about, NULL, NULL);
}

void bvm_find_wide(const struct bvm_ir *code, u32 len, u16 *before, u16 *about, u16 *wide)
{
	find_read(code, len, before, about, before + len, wide);
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
