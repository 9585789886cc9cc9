// SPDX-License-Identifier: GPL-2.0-only
/*
 * IR instructions as text, for tests and debugging.
 */
#include "ir.h"

static const struct {
	const char *name;
	u8 form;
} ops[__BVM_IR_OP_MAX] = {
#define BVM_IR_OP(name, form, ...) \
	[BVM_IR_##name] = { #name, form },
	BVM_IR_OPS(BVM_IR_OP)
#undef BVM_IR_OP
};

int bvm_ir_print(char *buf, size_t size, const struct bvm_ir *ir)
{
	const char *name;

	if (ir->op >= __BVM_IR_OP_MAX)
		return snprintf(buf, size, "?%u", ir->op);
	name = ops[ir->op].name;
	switch (ops[ir->op].form) {
	case BVM_FORM_DST:
		return snprintf(buf, size, "%s r%u", name, ir->dst);
	case BVM_FORM_DST_SRC:
		return snprintf(buf, size, "%s r%u, r%u", name, ir->dst, ir->src);
	case BVM_FORM_DST_IMM:
		return snprintf(buf, size, "%s r%u, %lld", name, ir->dst, ir->imm);
	case BVM_FORM_LOAD:
		return snprintf(buf, size, "%s r%u, [r%u%+d]", name, ir->dst, ir->src, ir->off);
	case BVM_FORM_STORE:
		return snprintf(buf, size, "%s [r%u%+d], r%u", name, ir->dst, ir->off, ir->src);
	case BVM_FORM_STORE_IMM:
		return snprintf(buf, size, "%s [r%u%+d], %lld", name, ir->dst, ir->off, ir->imm);
	case BVM_FORM_JUMP:
	case BVM_FORM_IR:
		return snprintf(buf, size, "%s @%d", name, ir->off);
	case BVM_FORM_JUMP_SRC:
		return snprintf(buf, size, "%s r%u, r%u, @%d", name, ir->dst, ir->src, ir->off);
	case BVM_FORM_JUMP_IMM:
		return snprintf(buf, size, "%s r%u, %lld, @%d", name, ir->dst, ir->imm, ir->off);
	case BVM_FORM_CALL_FN:
		/* an address is different in every run, and none of the reader's business */
		return snprintf(buf, size, "%s", name);
	case BVM_FORM_CALL_IR:
		return snprintf(buf, size, "%s @%d, %lld", name, ir->off, ir->imm);
	case BVM_FORM_CALL_SRC:
		return snprintf(buf, size, "%s r%u, %lld", name, ir->src, ir->imm);
	case BVM_FORM_FUNC:
		return snprintf(buf, size, "%s r%u, @%d", name, ir->dst, ir->off);
	default:
		return snprintf(buf, size, "%s", name);
	}
}
