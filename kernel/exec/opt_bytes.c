// SPDX-License-Identifier: GPL-2.0-only
/*
 * A pass over the IR: bytes that are loaded one by one and put together become one load;
 * numbers that are stored next to each other become one store; what has just been stored to
 * the stack is not loaded from there.
 */
#include "opt.h"

/* In struct bytes: eight bytes of this number; 0, 1, 2 ... from the lowest one on. */
#define EACH(n)		((n) * 0x0101010101010101ULL)
#define COUNT		0x0706050403020100ULL
#define HERE		0x80		/* the offset itself */
#define NEAR		0x10		/* so far are bytes that are put together */

/**
 * struct bytes - where the bytes of a register are from
 * @base:	register that they were loaded relative to, which has not changed since
 * @off:	an offset
 * @age:	of memory, when they were loaded
 * @from:	of each byte: how far from @off it was loaded, counted from HERE; or 0, then it is 0
 */
struct bytes {
	u8 base;
	s32 off;
	u32 age;
	u64 from;
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
 * @known:	bits of those of which it is known
 * @bases:	bits of those that they may be relative to
 * @word:	the last few that were stored to the stack
 * @stored:	there are some
 * @sources:	bits of the registers that they may have been stored from
 * @next:	the one of them to forget next
 * @age:	of memory: how often it has changed
 * @start:	where in the new program the block begins
 */
struct memory {
	struct bvm_opt *o;
	struct bytes reg[BVM_IR_REGS];
	u16 known, bases;
	struct word word[WORDS];
	bool stored;
	u16 sources;
	u32 next;
	u32 age;
	u32 start;
};

static void forget_words(struct memory *m)
{
	if (m->stored)
		memset(m->word, 0, sizeof(m->word));
	m->stored = false;
	m->sources = 0;
}

static void forget_all(struct memory *m)
{
	m->known = 0;
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

	m->known &= ~regs;
	for (r = 0; regs & m->bases && m->known >> r; r++)
		if (m->known & BIT(r) && regs & BIT(m->reg[r].base))
			m->known &= ~BIT(r);
	for (r = 0; regs & m->sources && r < WORDS; r++)
		if (is_store_reg(m->word[r].op) && regs & BIT(m->word[r].reg))
			m->word[r].op = 0;
}

static void learn(struct memory *m, u32 reg, const struct bytes *b)
{
	m->known |= BIT(reg);
	m->bases |= BIT(b->base);
	m->reg[reg] = *b;
}

static bool little_endian(void)
{
	return (__force u16)cpu_to_le16(1) == 1;
}

/* ---------------------------------------------------------- bytes of registers */

/* All ones where a byte of @from is not 0. */
static u64 used(u64 from)
{
	u64 top = (((from & EACH(0x7f)) + EACH(0x7f)) | from) & EACH(0x80);

	return (top >> 7) * 0xff;
}

/* @a |= @b, which must have no byte in common and be from near by. */
static bool together(struct bytes *a, const struct bytes *b)
{
	u64 other = used(b->from);
	s64 far = (s64)b->off - a->off;

	if (a->base != b->base || a->age != b->age || used(a->from) & other)
		return false;
	/* then no byte is less than 0 or more than 0xff */
	if (far <= -NEAR || far >= NEAR ||
	    ((b->from + (other & EACH(NEAR))) & EACH(0xc0)) != (other & EACH(HERE)))
		return false;
	a->from |= b->from + far * (other & EACH(1));
	return true;
}

/* A load without a sign. */
static struct bytes loaded(const struct memory *m, const struct bvm_ir *ir)
{
	u32 bits = 8 << (ir->op - BVM_IR_LOAD8);

	return (struct bytes){ .base = ir->src, .off = ir->off, .age = m->age,
			       .from = (EACH(HERE) + COUNT) & (U64_MAX >> (64 - bits)) };
}

/* What its destination is made of after @ir, if that is known. */
static bool result_of(const struct memory *m, const struct bvm_ir *ir, struct bytes *b)
{
	const struct bytes *s = &m->reg[ir->src];
	u16 both = BIT(ir->dst) | BIT(ir->src);
	bool known = m->known & BIT(ir->dst);
	u32 count = ir->imm;

	*b = m->reg[ir->dst];
	switch (ir->op) {
	case BVM_IR_LOAD8 ... BVM_IR_LOAD64:
		*b = loaded(m, ir);
		return true;
	case BVM_IR_MOV64R:
		*b = *s;
		return m->known & BIT(ir->src);
	case BVM_IR_MOV32R:
		*b = *s;
		b->from &= U32_MAX;
		return m->known & BIT(ir->src);
	case BVM_IR_LSH64I:
		b->from <<= count & 63;
		return known && !(count & 7) && count < 64;
	case BVM_IR_LSH32I:
		b->from = (u32)b->from << (count & 31);
		b->from &= U32_MAX;
		return known && !(count & 7) && count < 32;
	case BVM_IR_OR64R:
	case BVM_IR_XOR64R:
	case BVM_IR_ADD64R:
		return !(both & ~m->known) && together(b, s);
	case BVM_IR_OR32R:
	case BVM_IR_XOR32R:
	case BVM_IR_ADD32R:
		if (both & ~m->known || !together(b, s))
			return false;
		b->from &= U32_MAX;
		return true;
	}
	return false;
}

/* How many bytes, that lie next to each other in memory, it is; @up: the lowest one first. */
static u32 run_of(const struct bytes *b, bool *up)
{
	u32 n = b->from > U32_MAX ? 8 : b->from > U16_MAX ? 4 : 2;
	u64 all = U64_MAX >> (64 - 8 * n), first = EACH(b->from & 0xff);

	*up = b->from == ((first + COUNT) & all);
	return *up || b->from == ((first - COUNT) & all) ? n : 0;
}

/* @ir has put bytes together: one load in its place? */
static bool load_at_once(struct memory *m, const struct bvm_ir *ir, const struct bytes *b)
{
	s32 first = b->off + (s32)(b->from & 0xff) - HERE;
	bool up;
	u32 n;

	if (b->age != m->age || bvm_ir_form[ir->op] != BVM_FORM_DST_SRC ||
	    ir->op == BVM_IR_MOV64R || ir->op == BVM_IR_MOV32R)
		return false;
	n = run_of(b, &up);
	if (!n)
		return false;
	if (b->base == BVM_IR_TMP0)
		m->o->todo |= BIT(BVM_PASS_COPY);
	OPT_EMIT_OP(m->o, BVM_IR_LOAD8 + ilog2(n), .dst = ir->dst, .src = b->base,
		    .off = up ? first : first - (s32)(n - 1));
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
	u16 moved = 0;
	u32 r;

	if (ir->op < BVM_IR_LOAD8 || ir->op > BVM_IR_LOAD64 || ir->dst != ir->src ||
	    ir->dst == BVM_IR_TMP0)
		return false;
	for (r = 0; r < BVM_IR_REGS; r++)
		if (m->known & BIT(r) && m->reg[r].base == ir->src && m->reg[r].age == m->age)
			moved |= BIT(r);
	if (!moved || bvm_opt_live(m->o, i) & tmp)
		return false;
	forget(m, tmp);
	OPT_EMIT(m->o, MOV64R, .dst = BVM_IR_TMP0, .src = ir->src);
	for (r = 0; r < BVM_IR_REGS; r++)
		if (moved & m->known & BIT(r))
			m->reg[r].base = BVM_IR_TMP0;
	m->bases |= tmp;
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
	m->sources |= BIT(ir->src);
	m->word[m->next++ % WORDS] = (struct word){ ir->op, ir->src, ir->off, ir->imm };
}

/* A load of what was stored. */
static struct bvm_ir from_word(struct memory *m, const struct bvm_ir *ir)
{
	static const u16 part[] = { 0, BVM_IR_ZEXT16, BVM_IR_MOV32R, BVM_IR_MOV64R };
	u32 i, width = ir->op - BVM_IR_LOAD8;

	if (ir->op < BVM_IR_LOAD8 || ir->op > BVM_IR_LOAD64 || ir->src != BVM_IR_FP)
		return *ir;
	for (i = 0; i < WORDS; i++) {
		const struct word *w = &m->word[i];

		if (!w->op || w->off != ir->off || width_of(w->op) != width)
			continue;
		m->o->todo |= BIT(BVM_PASS_COPY);
		if (!is_store_reg(w->op)) {
			m->o->todo |= BIT(BVM_PASS_FOLD);
			return (struct bvm_ir){ BVM_IR_MOVI, ir->dst, 0, 0,
						width == 3 ? w->imm :
						w->imm & (BIT_ULL(8 << width) - 1) };
		}
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
	bool kept, known;

	if (!bvm_ir_pure(ir)) {
		bvm_opt_emit(m->o, *ir);
		forget(m, bvm_ir_changes(ir));
		if (changes_memory(ir))
			note_store(m, ir);
		return;
	}
	kept = keep_base(m, ir, i);
	known = result_of(m, ir, &b);
	if (!known || !load_at_once(m, ir, &b))
		bvm_opt_emit(m->o, *ir);
	if (kept)
		b.base = BVM_IR_TMP0;
	forget(m, BIT(ir->dst));
	if (known && b.base != ir->dst)
		learn(m, ir->dst, &b);
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
