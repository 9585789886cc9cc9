// SPDX-License-Identifier: GPL-2.0-only
/*
 * Several operations of the IR that are one instruction of x86-64: sums and shifts that
 * are part of an address, loads that are an operand, tests whose answer is in the flags.
 *
 * A window begins at the current operation.  Nothing jumps into it but to its beginning,
 * and what its instruction does not set must be dead behind it.
 */
#include "gen.h"

#define D(ir)		reg_of(g, (ir)->dst)
#define S(ir)		reg_of(g, (ir)->src)

/* The @k-th operation of the window, or NULL: it cannot be part of one. */
static const struct bvm_ir *op_at(const struct bvm_x86_gen *g, u32 k)
{
	const struct bvm_jit *jit = g->jit;
	u32 i = g->i + k;

	if (i >= jit->prog->len || (k && jit->about[i] & (BVM_AT_TARGET | BVM_AT_ENTRY)))
		return NULL;
	return &jit->prog->code[i];
}

static bool is_dead_after(const struct bvm_x86_gen *g, u32 k, u8 reg)
{
	return !(g->jit->about[g->i + k] & BIT(reg));
}

static bool fused(struct bvm_x86_gen *g, u32 n)
{
	g->next = g->i + n;
	return true;
}

static bool has(const struct bvm_x86_gen *g, u32 feature)
{
	return g->jit->cpu->features & feature;
}

static bool is_load(const struct bvm_ir *ir)
{
	return ir && ir->op >= BVM_IR_LOAD8 && ir->op <= BVM_IR_LOADS32;
}

static bool is_store(const struct bvm_ir *ir)
{
	return ir && ir->op >= BVM_IR_STORE8R && ir->op <= BVM_IR_STORE64I;
}

/* The form of an operation: 0 is of 64 bits and a register, 1 of 64 and a number, 2 and 3 of 32. */
static u32 form_of(const struct bvm_ir *ir, u16 base)
{
	return (ir->op - base) & 3;
}

static u32 width_of(u32 form)
{
	return form & 2 ? 0 : X86_W;
}

static bool is_alu(const struct bvm_ir *ir)
{
	return ir && ir->op >= BVM_IR_ADD64R && ir->op <= BVM_IR_ARSH32I;
}

static bool is_compare(const struct bvm_ir *ir)
{
	return ir && ir->op >= BVM_IR_JEQ64R && ir->op <= BVM_IR_JSLE32I;
}

#define NO_ARITH	0xff

/* enum x86_arith of an operation, or NO_ARITH */
static u8 arith_of(const struct bvm_ir *ir)
{
	switch (ir->op) {
	case BVM_IR_ADD64R ... BVM_IR_ADD32I:
		return X86_ADD;
	case BVM_IR_SUB64R ... BVM_IR_SUB32I:
		return X86_SUB;
	case BVM_IR_OR64R ... BVM_IR_OR32I:
		return X86_OR;
	case BVM_IR_AND64R ... BVM_IR_AND32I:
		return X86_AND;
	case BVM_IR_XOR64R ... BVM_IR_XOR32I:
		return X86_XOR;
	default:
		return NO_ARITH;
	}
}

/* The condition under which a comparison jumps, or 0 for JSET. */
static u8 cond_of(const struct bvm_ir *ir)
{
	static const u8 cond[] = {
		X86_E, X86_NE, 0, X86_A, X86_AE, X86_B, X86_BE, X86_G, X86_GE, X86_L, X86_LE,
	};

	return cond[(ir->op - BVM_IR_JEQ64R) / 4];
}

/* The jump of the comparison that ends a window of @n. */
static bool branch(struct bvm_x86_gen *g, u32 n, u8 cond)
{
	fused(g, n);
	g->i += n - 1;
	bvm_x86_branch(g, g->jit->prog->code[g->i].off, cond);
	return true;
}

/* --------------------------------------------------------------- addresses */

/**
 * struct chain - operations on one register that make an address
 * @reg:	register of the IR
 * @n:		number of them
 * @m:		what it is then; @base X86_NONE: a shifted index only
 */
struct chain {
	u8 reg;
	u32 n;
	struct x86_mem m;
};

static bool add_number(struct x86_mem *m, s64 imm)
{
	s64 disp = m->disp + imm;

	if (!x86_is_s32(imm) || !x86_is_s32(disp))
		return false;
	m->disp = disp;
	return true;
}

/* dst *= 3, 5 or 9: dst + (dst << 1, 2 or 3) */
static bool is_scale(const struct bvm_ir *ir)
{
	return ir->imm == 3 || ir->imm == 5 || ir->imm == 9;
}

static bool extend(const struct bvm_x86_gen *g, struct chain *c, const struct bvm_ir *ir)
{
	struct x86_mem *m = &c->m;

	switch (ir->op) {
	case BVM_IR_MOV64R:
		m->base = S(ir);
		return !c->n && ir->src != ir->dst;
	case BVM_IR_ADD64R:
		if (ir->src == ir->dst || (m->base != X86_NONE && m->index != X86_NONE))
			return false;
		if (m->base == X86_NONE)
			m->base = S(ir);
		else
			m->index = S(ir);
		return true;
	case BVM_IR_ADD64I:
		return add_number(m, ir->imm);
	case BVM_IR_SUB64I:
		return add_number(m, -ir->imm);
	case BVM_IR_MUL64I:
		if (!is_scale(ir) || m->base == X86_NONE || m->index != X86_NONE || m->disp)
			return false;
		m->index = m->base;
		m->shift = ilog2(ir->imm);
		return true;
	case BVM_IR_LSH64I:
		if (ir->imm < 1 || ir->imm > 3 || m->index != X86_NONE || m->disp)
			return false;
		m->index = m->base;
		m->base = X86_NONE;
		m->shift = ir->imm;
		return true;
	default:
		return false;
	}
}

static struct chain chain_of(struct bvm_x86_gen *g)
{
	const struct bvm_ir *ir = op_at(g, 0);
	struct chain c = { .reg = ir->dst, .m = x86_at(D(ir), 0) };

	for (; ir && ir->dst == c.reg; ir = op_at(g, c.n)) {
		struct chain next = c;

		if (!extend(g, &next, ir))
			break;
		next.n = c.n + 1;
		c = next;
	}
	/* the one of base and index that can do without a displacement */
	if (c.m.base != X86_NONE && c.m.index != X86_NONE && !c.m.shift &&
	    (c.m.base & 7) == X86_BP)
		swap(c.m.base, c.m.index);
	return c;
}

/* ------------------------------------------------------------------- loads */

static const struct {
	u32 op;
	u8 how;
} loads[] = {
	{ 0x0fb6 }, { 0x0fb7 }, { 0x8b }, { 0x8b, X86_W },
	{ 0x0fbe, X86_W }, { 0x0fbf, X86_W }, { 0x63, X86_W },
};

static_assert(BVM_IR_LOAD8 + ARRAY_SIZE(loads) - 1 == BVM_IR_LOADS32);

/* The @k-th operation. */
static void load(struct bvm_x86_gen *g, u32 k, const struct bvm_ir *ir, struct x86_mem m)
{
	u32 how = loads[ir->op - BVM_IR_LOAD8].how;

	if (ir->op == BVM_IR_LOAD64)
		how = width_after(g, k, ir->dst);
	EMIT(rm, loads[ir->op - BVM_IR_LOAD8].op, how, D(ir), m);
}

/* Is it a load of all that an operation of the form looks at? */
static bool is_whole(const struct bvm_ir *ir, u32 form)
{
	return ir->op == (form & 2 ? BVM_IR_LOAD32 : BVM_IR_LOAD64);
}

/* load; dst op= what was loaded */
static bool operand(struct bvm_x86_gen *g, u32 k, const struct bvm_ir *ir, struct x86_mem m)
{
	const struct bvm_ir *next = op_at(g, k + 1);
	u32 form = is_alu(next) ? form_of(next, BVM_IR_ADD64R) : 1, how;
	u8 arith;

	if (form & 1 || next->src != ir->dst || next->dst == ir->dst || !is_whole(ir, form) ||
	    !is_dead_after(g, k + 1, ir->dst))
		return false;
	arith = arith_of(next);
	how = form & 2 ? 0 : width_after(g, k + 1, next->dst);
	if (arith != NO_ARITH)
		EMIT(rm, arith << 3 | 3, how, D(next), m);
	else if (next->op >= BVM_IR_MUL64R && next->op <= BVM_IR_MUL32I)
		EMIT(rm, 0x0faf, how, D(next), m);
	else
		return false;
	return fused(g, k + 2);
}

/* load; what was loaded op= something; store where it was loaded from */
static bool update(struct bvm_x86_gen *g, u32 k, const struct bvm_ir *ir, struct x86_mem m)
{
	const struct bvm_ir *next = op_at(g, k + 1), *store = op_at(g, k + 2);
	u32 width = ir->op - BVM_IR_LOAD8, how = width == 3 ? X86_W : 0, form;
	u8 arith = is_alu(next) ? arith_of(next) : NO_ARITH;

	if (arith == NO_ARITH || next->dst != ir->dst || !is_store(store) ||
	    store->op != BVM_IR_STORE8R + width || width < 2 || width > 3 ||
	    store->src != ir->dst || store->dst != ir->src || store->off != ir->off ||
	    store->dst == store->src || !is_dead_after(g, k + 2, ir->dst))
		return false;
	form = form_of(next, BVM_IR_ADD64R);
	if ((width == 3 && form & 2) || (!(form & 1) && next->src == next->dst) ||
	    (form & 1 && !x86_is_s32(next->imm)))
		return false;
	if (!(form & 1))
		EMIT(rm, arith << 3 | 1, how, S(next), m);
	else
		EMIT(arith_mem_imm, arith, how, m, next->imm);
	return fused(g, k + 3);
}

/* load; compare what was loaded with a number */
static bool compare_number(struct bvm_x86_gen *g, u32 k, const struct bvm_ir *ir,
			   const struct bvm_ir *next, struct x86_mem m)
{
	u32 form = form_of(next, BVM_IR_JEQ64R);
	bool small = next->imm >= 0 && next->imm <= 0xff;
	u8 cond = cond_of(next);

	if (!cond && small) {
		EMIT(test_mem_imm8, m, next->imm);
		return branch(g, k + 2, X86_NE);
	}
	if (!cond)
		return false;
	if (is_whole(ir, form))
		EMIT(arith_mem_imm, X86_CMP, width_of(form), m, next->imm);
	else if (ir->op == BVM_IR_LOAD8 && small && cond < X86_L)
		EMIT(cmp_mem_byte, m, next->imm);
	else
		return false;
	return branch(g, k + 2, cond);
}

/* load; compare what was loaded */
static bool compared(struct bvm_x86_gen *g, u32 k, const struct bvm_ir *ir, struct x86_mem m)
{
	const struct bvm_ir *next = op_at(g, k + 1);
	u32 form = is_compare(next) ? form_of(next, BVM_IR_JEQ64R) : 0;
	u8 cond;

	if (!is_compare(next) || !is_dead_after(g, k + 1, ir->dst) || ir->op > BVM_IR_LOAD64)
		return false;
	if (form & 1)
		return next->dst == ir->dst && compare_number(g, k, ir, next, m);
	cond = cond_of(next);
	if (next->dst == next->src || !cond || !is_whole(ir, form))
		return false;
	if (next->src == ir->dst)
		EMIT(rm, X86_CMP << 3 | 3, width_of(form), D(next), m);
	else if (next->dst == ir->dst)
		EMIT(rm, X86_CMP << 3 | 1, width_of(form), S(next), m);
	else
		return false;
	return branch(g, k + 2, cond);
}

/* load a byte; load another; compare them */
static bool bytes_compared(struct bvm_x86_gen *g, const struct bvm_ir *ir, struct x86_mem m)
{
	const struct bvm_ir *second = op_at(g, 1), *next = op_at(g, 2);
	u8 a = ir->dst, b, cond;

	if (ir->op != BVM_IR_LOAD8 || !second || second->op != BVM_IR_LOAD8 || second->src == a ||
	    !is_compare(next) || form_of(next, BVM_IR_JEQ64R) & 1)
		return false;
	b = second->dst;
	cond = cond_of(next);
	if (a == b || !cond || cond >= X86_L || !is_dead_after(g, 2, b))
		return false;
	if (next->dst == a && next->src == b) {
		load(g, 0, ir, m);
		EMIT(rm, 0x3a, X86_BYTE_REG, D(ir), x86_at(S(second), second->off));
	} else if (next->dst == b && next->src == a) {
		load(g, 0, ir, m);
		EMIT(rm, 0x38, X86_BYTE_REG, D(ir), x86_at(S(second), second->off));
	} else {
		return false;
	}
	return branch(g, 3, cond);
}

/* load; swap the bytes */
static bool swapped(struct bvm_x86_gen *g, u32 k, const struct bvm_ir *ir, struct x86_mem m)
{
	const struct bvm_ir *next = op_at(g, k + 1);

	if (!next || next->dst != ir->dst)
		return false;
	if (ir->op == BVM_IR_LOAD16 && next->op == BVM_IR_SWAP16) {
		load(g, k, ir, m);
		EMIT(shift_imm, X86_ROL, X86_H, D(ir), 8);
	} else if (ir->op == BVM_IR_LOAD32 && next->op == BVM_IR_SWAP32 && has(g, BVM_X86_MOVBE)) {
		EMIT(rm, X86_MOVBE, 0, D(ir), m);
	} else if (ir->op == BVM_IR_LOAD64 && next->op == BVM_IR_SWAP64 && has(g, BVM_X86_MOVBE)) {
		EMIT(rm, X86_MOVBE, X86_W, D(ir), m);
	} else {
		return false;
	}
	return fused(g, k + 2);
}

static bool loaded(struct bvm_x86_gen *g, u32 k, const struct bvm_ir *ir, struct x86_mem m)
{
	if (operand(g, k, ir, m) || compared(g, k, ir, m) || swapped(g, k, ir, m))
		return true;
	if (!k)
		return update(g, k, ir, m) || bytes_compared(g, ir, m);
	load(g, k, ir, m);
	return fused(g, k + 1);
}

/* -------------------------------------------------------------- their users */

static bool stored(struct bvm_x86_gen *g, u32 k, const struct bvm_ir *ir, struct x86_mem m)
{
	static const u8 how[] = { X86_BYTE_REG, X86_H, 0, X86_W };
	u32 width;

	if (ir->op >= BVM_IR_STORE8I) {
		EMIT(store_imm, 1 << (ir->op - BVM_IR_STORE8I), m, ir->imm);
		return fused(g, k + 1);
	}
	width = ir->op - BVM_IR_STORE8R;
	EMIT(rm, width ? 0x89 : 0x88, how[width], S(ir), m);
	return fused(g, k + 1);
}

/* The address is an operand of a load or a store, and of nothing else. */
static bool address(struct bvm_x86_gen *g, const struct chain *c)
{
	const struct bvm_ir *ir = op_at(g, c->n);
	struct x86_mem m = c->m;

	if (!ir || m.base == X86_NONE || !add_number(&m, ir->off))
		return false;
	if (is_load(ir) && ir->src == c->reg &&
	    (ir->dst == c->reg || is_dead_after(g, c->n, c->reg)))
		return loaded(g, c->n, ir, m);
	if (is_store(ir) && ir->dst == c->reg && is_dead_after(g, c->n, c->reg) &&
	    (ir->op >= BVM_IR_STORE8I || ir->src != c->reg))
		return stored(g, c->n, ir, m);
	return false;
}

/* dst += index << shift */
static bool add_shifted(struct bvm_x86_gen *g, const struct chain *c)
{
	const struct bvm_ir *ir = op_at(g, c->n);
	struct x86_mem m = c->m;

	if (!ir || m.base != X86_NONE || ir->op != BVM_IR_ADD64R || ir->src != c->reg ||
	    ir->dst == c->reg || !is_dead_after(g, c->n, c->reg))
		return false;
	m.base = D(ir);
	EMIT(lea, width_after(g, c->n, ir->dst), D(ir), m);
	return fused(g, c->n + 1);
}

static bool address_or_sum(struct bvm_x86_gen *g)
{
	struct chain c = chain_of(g);

	if (!c.n)
		return false;
	if (address(g, &c) || add_shifted(g, &c))
		return true;
	if (c.n < 2 || c.m.base == X86_NONE)
		return false;
	EMIT(lea, width_after(g, c.n - 1, c.reg), reg_of(g, c.reg), c.m);
	return fused(g, c.n);
}

/* ------------------------------------------------------- three operands, flags */

/* dst = src; dst &= number; jump if dst is (not) 0 */
static bool tested(struct bvm_x86_gen *g, u32 k, const struct bvm_ir *and, u8 reg)
{
	const struct bvm_ir *next;
	u32 form;
	u8 cond;

	if (and->op != BVM_IR_AND64I && and->op != BVM_IR_AND32I)
		return false;
	next = op_at(g, k + 1);
	form = is_compare(next) ? form_of(next, BVM_IR_JEQ64R) : 0;
	cond = form & 1 ? cond_of(next) : 0;
	if ((cond != X86_E && cond != X86_NE) || next->imm || next->dst != and->dst ||
	    !is_dead_after(g, k + 1, and->dst) || (and->op == BVM_IR_AND64I && form & 2))
		return false;
	if (and->imm >= 0 && and->imm <= 0xff)
		EMIT(test_imm, X86_BYTE_RM, reg, and->imm);
	else
		EMIT(test_imm, and->imm >= 0 || and->op == BVM_IR_AND32I ? 0 : X86_W, reg,
		     and->imm);
	return branch(g, k + 2, cond);
}

/* dst = src; dst op= number */
static bool moved(struct bvm_x86_gen *g, const struct bvm_ir *ir)
{
	const struct bvm_ir *next = op_at(g, 1);
	bool and;

	if (!next || next->dst != ir->dst || ir->dst == ir->src)
		return false;
	if (is_alu(next) && tested(g, 1, next, S(ir)))
		return true;
	and = next->op == BVM_IR_AND64I || next->op == BVM_IR_AND32I;
	if (and && next->imm == 0xff)
		EMIT(rr, 0x0fb6, X86_BYTE_RM, D(ir), S(ir));
	else if (and && next->imm == 0xffff)
		EMIT(rr, 0x0fb7, 0, D(ir), S(ir));
	else if ((next->op == BVM_IR_MUL64I || next->op == BVM_IR_MUL32I) && next->imm > 0 &&
		 !is_power_of_2(next->imm) && !is_scale(next))
		EMIT(imul_imm, next->op == BVM_IR_MUL64I ? X86_W : 0, D(ir), S(ir), next->imm);
	else if (next->op == BVM_IR_RSH64I && next->imm > 0 && next->imm <= 32 &&
		 has(g, BVM_X86_BMI2) && !width_after(g, 1, ir->dst))
		EMIT(rorx, X86_W, D(ir), S(ir), next->imm);
	else if (next->op == BVM_IR_ROL64I && has(g, BVM_X86_BMI2))
		EMIT(rorx, X86_W, D(ir), S(ir), 64 - next->imm);
	else if (next->op == BVM_IR_ROL32I && has(g, BVM_X86_BMI2))
		EMIT(rorx, 0, D(ir), S(ir), 32 - next->imm);
	else
		return false;
	return fused(g, 2);
}

/* Does what is selected for it leave in the flags whether the result is 0? */
static bool sets_flags(const struct bvm_ir *ir)
{
	u32 form = form_of(ir, BVM_IR_ADD64R);

	if (ir->op >= BVM_IR_LSH64R)
		return form & 1 && ir->imm & (form & 2 ? 31 : 63);
	if (arith_of(ir) == NO_ARITH)
		return false;
	/* numbers that have other instructions, or none */
	return !(form & 1) || (ir->imm && ir->imm != -1 && ir->imm != 0xff && ir->imm != 0xffff) ||
	       (ir->imm && ir->op <= BVM_IR_SUB32I);
}

/**
 * bvm_x86_flags() - after the operation that has been emitted, jump if its result is (not) 0
 * @g:		program
 * @ir:		that operation
 */
void bvm_x86_flags(struct bvm_x86_gen *g, const struct bvm_ir *ir)
{
	const struct bvm_ir *next = op_at(g, 1), *move = NULL;
	u32 n = 2, form;
	u8 cond;

	if (!is_alu(ir) || g->next != g->i + 1)
		return;
	/* in between, it leaves them alone */
	if (next && next->op == BVM_IR_MOV64R && next->dst != ir->dst && next->dst != next->src) {
		move = next;
		next = op_at(g, n++);
	}
	form = is_compare(next) ? form_of(next, BVM_IR_JEQ64R) : 0;
	cond = form & 1 ? cond_of(next) : 0;
	if ((cond != X86_E && cond != X86_NE) || next->imm || next->dst != ir->dst ||
	    !sets_flags(ir) || (form & 2 && !(form_of(ir, BVM_IR_ADD64R) & 2)))
		return;
	if (move)
		EMIT(mov, width_after(g, 1, move->dst), D(move), S(move));
	branch(g, n, cond);
}

/* ------------------------------------------------------- without a jump */

/* Return: the condition on which it would jump. */
static u8 compare(struct bvm_x86_gen *g, const struct bvm_ir *ir)
{
	u32 form = form_of(ir, BVM_IR_JEQ64R), how = width_of(form);
	u8 cond = cond_of(ir);

	if (form & 1 && !cond)
		EMIT(test_imm, ir->imm >= 0 ? 0 : how, D(ir), ir->imm);
	else if (form & 1 && ir->imm)
		EMIT(arith_imm, X86_CMP, how, D(ir), ir->imm);
	else if (form & 1 || !cond)
		EMIT(test, how, D(ir), form & 1 ? D(ir) : S(ir));
	else
		EMIT(arith, X86_CMP, how, D(ir), S(ir));
	return cond ?: X86_NE;
}

/* dst = 1 or 0; jump over what is next; dst = 0 or 1 */
static bool is_set(struct bvm_x86_gen *g, const struct bvm_ir *ir)
{
	const struct bvm_ir *jump = op_at(g, 1), *other = op_at(g, 2);
	u32 form = is_compare(jump) ? form_of(jump, BVM_IR_JEQ64R) : 0;

	if (ir->imm & ~1ULL || !is_compare(jump) || !other ||
	    jump->off != (s64)g->i + 3 || other->op != BVM_IR_MOVI || other->dst != ir->dst ||
	    other->imm != !ir->imm || jump->dst == ir->dst ||
	    (!(form & 1) && jump->src == ir->dst))
		return false;
	EMIT(mov_imm, D(ir), 0);
	EMIT(setcc, compare(g, jump) ^ !ir->imm, D(ir));
	return fused(g, 3);
}

/* The same number, stored several times: from a register. */
static bool same_stores(struct bvm_x86_gen *g, const struct bvm_ir *ir)
{
	const struct bvm_ir *next = ir;
	u32 n = 0, i;

	while (next && next->imm == ir->imm &&
	       (next->op == BVM_IR_STORE64I || next->op == BVM_IR_STORE32I))
		next = op_at(g, ++n);
	if (n < 2 || (n < 3 && ir->imm))
		return false;
	EMIT(mov_imm, SCRATCH, ir->imm);
	for (i = 0; i < n; i++, ir++)
		EMIT(rm, 0x89, ir->op == BVM_IR_STORE64I ? X86_W : 0, SCRATCH,
		     x86_at(D(ir), ir->off));
	return fused(g, n);
}

/**
 * bvm_x86_fuse() - one instruction for several operations
 * @g:		program
 * @ir:		the first of them
 * Return: they have been emitted.
 */
bool bvm_x86_fuse(struct bvm_x86_gen *g, const struct bvm_ir *ir)
{
	switch (ir->op) {
	case BVM_IR_LOAD8 ... BVM_IR_LOADS32:
		return loaded(g, 0, ir, x86_at(S(ir), ir->off));
	case BVM_IR_STORE32I:
	case BVM_IR_STORE64I:
		return same_stores(g, ir);
	case BVM_IR_AND64I:
	case BVM_IR_AND32I:
		return tested(g, 0, ir, D(ir));
	case BVM_IR_MOVI:
		return is_set(g, ir);
	case BVM_IR_MOV64R:
		return moved(g, ir) || address_or_sum(g);
	/* what else extend() takes for the first one */
	case BVM_IR_ADD64R:
	case BVM_IR_ADD64I:
	case BVM_IR_SUB64I:
	case BVM_IR_MUL64I:
	case BVM_IR_LSH64I:
		return address_or_sum(g);
	default:
		return false;
	}
}
