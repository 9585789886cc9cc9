// SPDX-License-Identifier: GPL-2.0-only
/*
 * A pass over the IR: bytes that are loaded one by one and put together become one load;
 * numbers that are stored next to each other become one store; what has just been stored to
 * the stack is not loaded from there.
 */
#include "opt.h"

#define NOWHERE	S32_MAX		/* where a byte is from that is 0 */

/**
 * struct bytes - where the bytes of a register are from
 * @known:	it is known
 * @base:	register that they were loaded relative to, which has not changed since
 * @age:	of memory, when they were loaded
 * @from:	of each byte, the lowest first: its offset, or NOWHERE
 */
struct bytes {
	bool known;
	u8 base;
	u32 age;
	s32 from[8];
};

/**
 * struct word - what is on the stack
 * @op:		of the store that has put it there, 0: nothing is known
 * @reg:	register that it was stored from, if it was
 * @off:	where it is
 * @imm:	what it is otherwise
 */
struct word {
	u16 op;
	u8 reg;
	s32 off;
	s64 imm;
};

#define WORDS	8

/**
 * struct memory - what is known between two instructions
 * @o:		pass
 * @reg:	about each register
 * @known:	bits of those of which something is known
 * @word:	the last few that were stored to the stack
 * @stored:	there are some
 * @next:	the one of them to forget next
 * @age:	of memory: how often it has changed
 * @start:	where in the new program the block begins
 */
struct memory {
	struct bvm_opt *o;
	struct bytes reg[BVM_IR_REGS];
	u16 known;
	struct word word[WORDS];
	bool stored;
	u32 next;
	u32 age;
	u32 start;
};

static void forget_words(struct memory *m)
{
	if (m->stored)
		memset(m->word, 0, sizeof(m->word));
	m->stored = false;
}

static void forget_bytes(struct memory *m, u32 reg)
{
	m->reg[reg].known = false;
	m->known &= ~BIT(reg);
}

static void forget_all(struct memory *m)
{
	u32 r;

	for (r = 0; r < BVM_IR_REGS; r++)
		forget_bytes(m, r);
	forget_words(m);
}

static bool is_store(u16 op)
{
	return op >= BVM_IR_STORE8R && op <= BVM_IR_STORE64I;
}

static bool is_store_reg(u16 op)
{
	return op >= BVM_IR_STORE8R && op <= BVM_IR_STORE64R;
}

/* log2 of the bytes of a store */
static u32 width_of(u16 op)
{
	return op - (is_store_reg(op) ? BVM_IR_STORE8R : BVM_IR_STORE8I);
}

/* These registers get new values. */
static void forget(struct memory *m, u16 regs)
{
	u32 r;

	for (r = 0; m->known >> r; r++)
		if (m->known & BIT(r) && regs & (BIT(r) | BIT(m->reg[r].base)))
			forget_bytes(m, r);
	for (r = 0; m->stored && r < WORDS; r++)
		if (is_store_reg(m->word[r].op) && regs & BIT(m->word[r].reg))
			m->word[r].op = 0;
}

static bool little_endian(void)
{
	return (__force u16)cpu_to_le16(1) == 1;
}

/* ---------------------------------------------------------- bytes of registers */

static struct bytes shifted(const struct bytes *b, int up)
{
	struct bytes s = *b;
	int i;

	for (i = 0; i < 8; i++)
		s.from[i] = i - up >= 0 && i - up < 8 ? b->from[i - up] : NOWHERE;
	return s;
}

static struct bytes truncated(struct bytes b, u32 to)
{
	for (; to < 8; to++)
		b.from[to] = NOWHERE;
	return b;
}

/* @a | @b, which must have no byte in common. */
static struct bytes together(const struct bytes *a, const struct bytes *b)
{
	struct bytes s = *a;
	u32 i;

	s.known = a->known && b->known && a->base == b->base && a->age == b->age;
	for (i = 0; i < 8; i++) {
		if (b->from[i] == NOWHERE)
			continue;
		s.known &= a->from[i] == NOWHERE;
		s.from[i] = b->from[i];
	}
	return s;
}

/* A load without a sign. */
static struct bytes loaded(const struct memory *m, const struct bvm_ir *ir)
{
	struct bytes b = { .known = true, .base = ir->src, .age = m->age };
	u32 i;

	for (i = 0; i < 8; i++)
		b.from[i] = i < 1u << (ir->op - BVM_IR_LOAD8) ? ir->off + (s32)i : NOWHERE;
	return b;
}

/* What its destination is made of after @ir. */
static struct bytes result_of(const struct memory *m, const struct bvm_ir *ir)
{
	const struct bytes *d = &m->reg[ir->dst], *s = &m->reg[ir->src];
	u32 count = ir->imm;

	switch (ir->op) {
	case BVM_IR_LOAD8 ... BVM_IR_LOAD64:
		return loaded(m, ir);
	case BVM_IR_MOV64R:
		return *s;
	case BVM_IR_MOV32R:
		return truncated(*s, 4);
	case BVM_IR_LSH64I:
		if (!(count & 7) && count < 64)
			return shifted(d, count / 8);
		break;
	case BVM_IR_LSH32I:
		if (!(count & 7) && count < 32)
			return truncated(shifted(d, count / 8), 4);
		break;
	case BVM_IR_OR64R:
	case BVM_IR_XOR64R:
	case BVM_IR_ADD64R:
		return together(d, s);
	case BVM_IR_OR32R:
	case BVM_IR_XOR32R:
	case BVM_IR_ADD32R:
		return truncated(together(d, s), 4);
	}
	return (struct bytes){ .known = false };
}

/* How many bytes, that lie next to each other in memory, it is; @up: the lowest one first. */
static u32 run_of(const struct bytes *b, bool *up)
{
	u32 n, i;

	for (n = 0; n < 8 && b->from[n] != NOWHERE; n++)
		;
	for (i = n; i < 8; i++)
		if (b->from[i] != NOWHERE)
			return 0;
	if (n != 2 && n != 4 && n != 8)
		return 0;
	*up = b->from[1] > b->from[0];
	for (i = 1; i < n; i++)
		if (b->from[i] != b->from[i - 1] + (*up ? 1 : -1))
			return 0;
	return n;
}

/* @ir has put bytes together: one load in its place? */
static bool load_at_once(struct memory *m, const struct bvm_ir *ir, const struct bytes *b)
{
	bool up;
	u32 n;

	if (!b->known || b->age != m->age || bvm_ir_form[ir->op] != BVM_FORM_DST_SRC ||
	    ir->op == BVM_IR_MOV64R || ir->op == BVM_IR_MOV32R)
		return false;
	n = run_of(b, &up);
	if (!n)
		return false;
	OPT_EMIT_OP(m->o, BVM_IR_LOAD8 + ilog2(n), .dst = ir->dst, .src = b->base,
		    .off = b->from[up ? 0 : n - 1]);
	if (up != little_endian())
		OPT_EMIT_OP(m->o, BVM_IR_SWAP16 + ilog2(n) - 1, .dst = ir->dst);
	return true;
}

/*
 * The last of the bytes is often loaded to where the address was: that is kept then,
 * and the bytes that are there already are relative to what it is kept in.
 */
static bool keep_base(struct memory *m, const struct bvm_ir *ir, u32 i)
{
	u16 tmp = BIT(BVM_IR_TMP0);
	bool any = false;
	u32 r;

	if (ir->op < BVM_IR_LOAD8 || ir->op > BVM_IR_LOAD64 || ir->dst != ir->src ||
	    bvm_opt_live(m->o, i) & tmp || ir->dst == BVM_IR_TMP0)
		return false;
	for (r = 0; r < BVM_IR_REGS; r++)
		any |= m->reg[r].known && m->reg[r].base == ir->src && m->reg[r].age == m->age;
	if (!any)
		return false;
	forget(m, tmp);
	OPT_EMIT(m->o, MOV64R, .dst = BVM_IR_TMP0, .src = ir->src);
	for (r = 0; r < BVM_IR_REGS; r++)
		if (m->reg[r].base == ir->src)
			m->reg[r].base = BVM_IR_TMP0;
	return true;
}

/* -------------------------------------------------------------- stack and back */

/* Memory is changed by @ir, which is not known to be about the stack, or is. */
static void note_store(struct memory *m, const struct bvm_ir *ir)
{
	s32 end;
	u32 i;

	m->age++;
	if (!is_store(ir->op) || ir->dst != BVM_IR_FP)
		return forget_words(m);
	end = ir->off + (1 << width_of(ir->op));
	for (i = 0; i < WORDS; i++)
		if (m->word[i].op && m->word[i].off < end &&
		    ir->off < m->word[i].off + (1 << width_of(m->word[i].op)))
			m->word[i].op = 0;
	m->stored = true;
	m->word[m->next++ % WORDS] = (struct word){ ir->op, ir->src, ir->off, ir->imm };
}

/* A load of what was stored. */
static struct bvm_ir from_word(const struct memory *m, const struct bvm_ir *ir)
{
	static const u16 part[] = { 0, BVM_IR_ZEXT16, BVM_IR_MOV32R, BVM_IR_MOV64R };
	u32 i, width = ir->op - BVM_IR_LOAD8;

	if (ir->op < BVM_IR_LOAD8 || ir->op > BVM_IR_LOAD64 || ir->src != BVM_IR_FP)
		return *ir;
	for (i = 0; i < WORDS; i++) {
		const struct word *w = &m->word[i];

		if (!w->op || w->off != ir->off || width_of(w->op) != width)
			continue;
		if (!is_store_reg(w->op))
			return (struct bvm_ir){ BVM_IR_MOVI, ir->dst, 0, 0,
						width == 3 ? w->imm :
						w->imm & (BIT_ULL(8 << width) - 1) };
		if (part[width])
			return (struct bvm_ir){ part[width], ir->dst, w->reg };
	}
	return *ir;
}

static bool changes_memory(const struct bvm_ir *ir)
{
	return !bvm_ir_pure(ir) && !bvm_ir_jumps(ir) && !bvm_ir_tries(ir);
}

static void track(struct memory *m, const struct bvm_ir *old, u32 i)
{
	struct bvm_ir new = from_word(m, old);
	const struct bvm_ir *ir = &new;
	struct bytes b;
	bool kept;

	if (!bvm_ir_pure(ir)) {
		bvm_opt_emit(m->o, *ir);
		forget(m, bvm_ir_changes(ir));
		if (changes_memory(ir))
			note_store(m, ir);
		return;
	}
	kept = keep_base(m, ir, i);
	b = result_of(m, ir);
	if (!load_at_once(m, ir, &b))
		bvm_opt_emit(m->o, *ir);
	if (kept)
		b.base = BVM_IR_TMP0;
	forget(m, BIT(ir->dst));
	if (!b.known || b.base == ir->dst)
		return;
	m->reg[ir->dst] = b;
	m->known |= BIT(ir->dst);
}

/* ------------------------------------------------------------ stores of numbers */

static bool is_store_imm(const struct bvm_ir *ir)
{
	return ir->op >= BVM_IR_STORE8I && ir->op <= BVM_IR_STORE32I;
}

/* Two numbers of @bits that become one of twice that. */
static bool merge(struct bvm_ir *a, const struct bvm_ir *b)
{
	u32 bytes = 1 << (b->op - BVM_IR_STORE8I), bits = bytes * 8;
	const struct bvm_ir *low = a->off < b->off ? a : b, *high = low == a ? b : a;
	u64 mask = BIT_ULL(bits) - 1, value;
	s64 imm;

	if (a->op != b->op || a->dst != b->dst || (s64)high->off - low->off != bytes)
		return false;
	if (!little_endian())
		swap(low, high);
	value = (high->imm & mask) << bits | (low->imm & mask);
	imm = bits == 32 ? (s64)value : bits == 16 ? (s32)value : (s16)value;
	if (imm != (s32)imm)
		return false;
	a->off = min(a->off, b->off);
	a->imm = imm;
	a->op++;
	return true;
}

static void store_at_once(struct memory *m)
{
	struct bvm_opt *o = m->o;

	while (o->n >= m->start + 2 && is_store_imm(&o->out[o->n - 1]) &&
	       merge(&o->out[o->n - 2], &o->out[o->n - 1]))
		o->n--;
}

/**
 * bvm_wants_bytes - are there parts to be put together, or is something loaded from the stack?
 * @code:	instructions
 * @len:	number of them
 * Any context.
 */
bool bvm_wants_bytes(const struct bvm_ir *code, u32 len)
{
	bool part = false, shift = false, stored = false;
	u32 i;

	for (i = 0; i < len; i++) {
		const struct bvm_ir *ir = &code[i];

		if (ir->op >= BVM_IR_LOAD8 && ir->op <= BVM_IR_LOAD64) {
			if (ir->src == BVM_IR_FP)
				return true;
			part |= ir->op != BVM_IR_LOAD64;
		} else if (is_store_imm(ir)) {
			if (stored)
				return true;
			stored = true;
		} else {
			shift |= ir->op == BVM_IR_LSH64I || ir->op == BVM_IR_LSH32I;
		}
	}
	return part && shift;
}

/**
 * bvm_pass_bytes - bytes that are loaded or stored one by one
 * @o:		pass
 */
void bvm_pass_bytes(struct bvm_opt *o)
{
	struct memory *m = kzalloc(sizeof(*m), GFP_KERNEL);
	u32 i;

	if (!m)
		o->err = -ENOMEM;
	if (m)
		m->o = o;
	for (i = 0; i < o->len && !o->err; i++) {
		o->at[i] = o->n;
		if (!bvm_opt_inside(o, i)) {
			forget_all(m);
			m->start = o->n;
		}
		track(m, &o->code[i], i);
		if (is_store_imm(&o->code[i]))
			store_at_once(m);
	}
	kfree(m);
}
