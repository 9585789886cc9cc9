// SPDX-License-Identifier: GPL-2.0-only
/*
 * A pass over the IR: registers that are copies of another one, or another one and a
 * number.  What reads them reads the other one, and is often the last that did.
 */
#include "opt.h"

/* Offsets as far as this have a short form on every machine, or none has. */
#define FAR	4096

/**
 * struct copies - what is known between two instructions
 * @base:	[of each register] what it is the sum of: another register, or itself
 * @off:	... and this number
 * @known:	bits of registers that are the sum of another one
 * @bases:	bits of these others, and of some that were
 * @changed:	an instruction reads another register than before
 */
struct copies {
	u8 base[BVM_IR_REGS];
	s32 off[BVM_IR_REGS];
	u16 known, bases;
	bool changed;
};

static void forget_one(struct copies *c, u32 r)
{
	c->base[r] = r;
	c->off[r] = 0;
	c->known &= ~BIT(r);
}

static void forget_all(struct copies *c)
{
	u32 r;

	c->known = 0;
	c->bases = 0;
	for (r = 0; r < BVM_IR_REGS; r++)
		forget_one(c, r);
}

/* @regs are about to have other values. */
static void forget(struct copies *c, u16 regs)
{
	u16 known = c->known;
	u32 r;

	if (!(regs & (known | c->bases)))
		return;
	for (r = 0; known >> r; r++)
		if (known & BIT(r) && regs & (BIT(r) | BIT(c->base[r])))
			forget_one(c, r);
	c->bases &= ~regs;
}

/* @dst = @src */
static void copied(struct copies *c, u32 dst, u32 src)
{
	u8 base = c->base[src];
	s32 off = c->off[src];

	if (base == dst) {
		/* back where it came from */
		if (off)
			forget(c, BIT(dst));
		return;
	}
	forget(c, BIT(dst));
	c->base[dst] = base;
	c->off[dst] = off;
	c->known |= BIT(dst);
	c->bases |= BIT(base);
}

/* @reg += @imm: then others that are sums of it are sums of what it is now */
static void added(struct copies *c, u32 reg, s64 imm)
{
	u16 known = c->known;
	u32 r;

	if (imm <= -FAR || imm >= FAR || c->off[reg] <= -FAR || c->off[reg] >= FAR)
		return forget(c, BIT(reg));
	if (c->base[reg] != reg) {
		c->off[reg] += imm;
		return;
	}
	for (r = 0; known >> r; r++) {
		if (!(known & BIT(r)) || c->base[r] != reg)
			continue;
		if (c->off[r] <= -FAR || c->off[r] >= FAR)
			forget_one(c, r);
		else
			c->off[r] -= imm;
	}
}

static void learn(struct copies *c, const struct bvm_ir *ir)
{
	if (ir->op == BVM_IR_MOV64R)
		copied(c, ir->dst, ir->src);
	else if (ir->op == BVM_IR_ADD64I)
		added(c, ir->dst, ir->imm);
	else if (ir->op == BVM_IR_SUB64I)
		added(c, ir->dst, -ir->imm);
	else
		forget(c, bvm_ir_changes(ir));
}

/* What is read is another register that has the same value. */
static void source(struct copies *c, u8 *reg)
{
	if (c->base[*reg] == *reg || c->off[*reg])
		return;
	*reg = c->base[*reg];
	c->changed = true;
}

/* The address @reg + @off, from another register. */
static void address(struct copies *c, u8 *reg, s32 *off)
{
	s64 sum = (s64)*off + c->off[*reg];

	if (c->base[*reg] == *reg || sum <= -FAR || sum >= FAR)
		return;
	*reg = c->base[*reg];
	*off = sum;
	c->changed = true;
}

static void replace(struct copies *c, struct bvm_ir *ir)
{
	switch (bvm_ir_form[ir->op]) {
	case BVM_FORM_DST_SRC:
		source(c, &ir->src);
		break;
	case BVM_FORM_LOAD:
		address(c, &ir->src, &ir->off);
		break;
	case BVM_FORM_STORE:
		/* others have a result in it */
		if (ir->op < BVM_IR_FETCH_ADD32)
			source(c, &ir->src);
		address(c, &ir->dst, &ir->off);
		break;
	case BVM_FORM_STORE_IMM:
		address(c, &ir->dst, &ir->off);
		break;
	case BVM_FORM_JUMP_SRC:
		source(c, &ir->src);
		source(c, &ir->dst);
		break;
	case BVM_FORM_JUMP_IMM:
		source(c, &ir->dst);
		break;
	}
}

/**
 * bvm_pass_copy - copies, and sums of a register and a number
 * @o:		pass
 */
void bvm_pass_copy(struct bvm_opt *o)
{
	struct copies c = {};
	u32 i;

	for (i = 0; i < o->len; i++) {
		if (!bvm_opt_inside(o, i))
			forget_all(&c);
		replace(&c, &o->code[i]);
		learn(&c, &o->code[i]);
	}
	o->in_place = true;
	o->changed = c.changed;
}
