// SPDX-License-Identifier: GPL-2.0-only
/*
 * A pass over the IR: the halves of a rotation, put together, become a rotation.
 */
#include "opt.h"

/**
 * struct shifted - what a register is
 * @value:	number of its value: those of the same number have the same; [1]: low halves
 * @of:		number of the value that it is a shift of, or 0
 * @left:	by how many bits to the left; to the right: the width less that
 * @op:		BVM_IR_LSH64I or the like
 */
struct shifted {
	u32 value[2];
	u32 of;
	u32 left;
	u16 op;
};

/**
 * struct rotate - what is known between two instructions
 * @o:		pass
 * @reg:	about each register
 * @values:	numbers that values have got so far
 */
struct rotate {
	struct bvm_opt *o;
	struct shifted reg[BVM_IR_REGS];
	u32 values;
};

static void new_value(struct rotate *p, u32 reg)
{
	u32 value = ++p->values;

	p->reg[reg] = (struct shifted){ .value = { value, value } };
}

static bool is_shift(u16 op)
{
	return op == BVM_IR_LSH64I || op == BVM_IR_LSH32I || op == BVM_IR_RSH64I ||
	       op == BVM_IR_RSH32I;
}

static bool is_narrow(u16 op)
{
	return op == BVM_IR_LSH32I || op == BVM_IR_RSH32I;
}

static bool is_left(u16 op)
{
	return op == BVM_IR_LSH64I || op == BVM_IR_LSH32I;
}

/* The other half of a rotation? */
static bool completes(const struct shifted *a, const struct shifted *b)
{
	return a->of && a->of == b->of && a->left == b->left &&
	       is_narrow(a->op) == is_narrow(b->op) && is_left(a->op) != is_left(b->op);
}

/* A register that has the value @value still, or BVM_IR_REGS. */
static u32 holder_of(const struct rotate *p, u32 value, bool narrow)
{
	u32 r;

	for (r = 0; r < BVM_IR_REGS; r++)
		if (p->reg[r].value[narrow] == value)
			break;
	return r;
}

/* What @ir makes of the value of @ir->dst. */
static struct shifted after_shift(struct rotate *p, const struct bvm_ir *ir)
{
	bool narrow = is_narrow(ir->op);
	u32 bits = narrow ? 32 : 64, value = ++p->values;

	return (struct shifted){
		.value = { value, value },
		.of = p->reg[ir->dst].value[narrow],
		.left = is_left(ir->op) ? ir->imm : bits - ir->imm,
		.op = ir->op,
	};
}

/* The second of two shifts of a value must not be the end of it. */
static void shift(struct rotate *p, const struct bvm_ir *ir, u32 i)
{
	struct shifted after = after_shift(p, ir);
	bool pair = false, narrow = is_narrow(ir->op);
	u32 r;

	if (ir->imm <= 0 || ir->imm >= (narrow ? 32 : 64))
		after.of = 0;
	for (r = 0; r < BVM_IR_REGS; r++)
		pair |= r != ir->dst && completes(&after, &p->reg[r]);
	p->reg[ir->dst].value[narrow] = 0;
	if (pair && holder_of(p, after.of, narrow) == BVM_IR_REGS &&
	    !(bvm_opt_live(p->o, i) & BIT(BVM_IR_TMP1)) && ir->dst != BVM_IR_TMP1) {
		OPT_EMIT(p->o, MOV64R, .dst = BVM_IR_TMP1, .src = ir->dst);
		new_value(p, BVM_IR_TMP1);
		p->reg[BVM_IR_TMP1].value[narrow] = after.of;
	}
	bvm_opt_emit(p->o, *ir);
	p->reg[ir->dst] = after;
}

static bool puts_together(u16 op, bool narrow)
{
	if (narrow)
		return op == BVM_IR_OR32R || op == BVM_IR_XOR32R || op == BVM_IR_ADD32R ||
		       op == BVM_IR_OR64R || op == BVM_IR_XOR64R;
	return op == BVM_IR_OR64R || op == BVM_IR_XOR64R || op == BVM_IR_ADD64R;
}

static bool rotation(struct rotate *p, const struct bvm_ir *ir)
{
	const struct shifted *a = &p->reg[ir->dst], *b = &p->reg[ir->src];
	bool narrow = is_narrow(a->op);
	u32 from;

	if (bvm_ir_form[ir->op] != BVM_FORM_DST_SRC || !puts_together(ir->op, narrow) ||
	    !completes(a, b))
		return false;
	from = holder_of(p, a->of, narrow);
	if (from == BVM_IR_REGS)
		return false;
	OPT_EMIT(p->o, MOV64R, .dst = ir->dst, .src = from);
	OPT_EMIT_OP(p->o, narrow ? BVM_IR_ROL32I : BVM_IR_ROL64I, .dst = ir->dst, .imm = a->left);
	new_value(p, ir->dst);
	p->o->todo |= BIT(BVM_PASS_COPY);
	return true;
}

static void rotate_insn(struct rotate *p, const struct bvm_ir *ir, u32 i)
{
	u16 changed;
	u32 r;

	if (is_shift(ir->op))
		return shift(p, ir, i);
	if (rotation(p, ir))
		return;
	bvm_opt_emit(p->o, *ir);
	if (ir->op == BVM_IR_MOV64R) {
		p->reg[ir->dst] = p->reg[ir->src];
		return;
	}
	changed = bvm_ir_changes(ir);
	for (r = 0; changed >> r; r++) {
		if (!(changed & BIT(r)))
			continue;
		new_value(p, r);
		if (ir->op == BVM_IR_MOV32R)
			p->reg[r].value[1] = p->reg[ir->src].value[1];
	}
}

/**
 * bvm_wants_rotate - are there halves of rotations?
 * @code:	instructions
 * @len:	number of them
 * Any context.
 */
bool bvm_wants_rotate(const struct bvm_ir *code, u32 len)
{
	u64 left[2] = {}, right[2] = {};	/* by how many bits; [1]: low halves */
	u32 i;

	for (i = 0; i < len; i++) {
		bool narrow = is_narrow(code[i].op);

		if (!is_shift(code[i].op))
			continue;
		if (is_left(code[i].op))
			left[narrow] |= BIT_ULL(code[i].imm & 63);
		else
			right[narrow] |= BIT_ULL(((narrow ? 32 : 64) - code[i].imm) & 63);
	}
	return left[0] & right[0] || left[1] & right[1];
}

/**
 * bvm_pass_rotate - rotations
 * @o:		pass
 */
void bvm_pass_rotate(struct bvm_opt *o)
{
	struct rotate p = { .o = o };
	u32 i, r;

	for (i = 0; i < o->len && !o->err; i++) {
		o->at[i] = o->n;
		if (!bvm_opt_inside(o, i)) {
			p.values = 0;
			for (r = 0; r < BVM_IR_REGS; r++)
				new_value(&p, r);
		}
		rotate_insn(&p, &o->code[i], i);
	}
}
