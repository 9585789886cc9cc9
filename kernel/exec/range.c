// SPDX-License-Identifier: GPL-2.0-only
/*
 * Unsigned ranges.
 */
#include "range.h"

/* ---------------------------------------------------------------- operations */

static struct bvm_range number(u64 value)
{
	return bvm_range_number(value);
}

static bool is_number(struct bvm_range r)
{
	return bvm_range_is_number(r);
}

struct bvm_range bvm_range_extend(struct bvm_range r, u32 bits, u32 size)
{
	if (r.max <= bvm_range_any(bits - 1).max)
		return r;
	if (!is_number(r))
		return bvm_range_any(size * 8);
	return bvm_range_low(number(sign_extend64(r.min, bits - 1)), size * 8);
}

/* From @a.min + @min on up to @a.max + @max: a range if that does not wrap around. */
static struct bvm_range added(struct bvm_range a, u64 min, u64 max, struct bvm_range all)
{
	struct bvm_range sum = { (a.min + min) & all.max, (a.max + max) & all.max };
	bool wide = a.max - a.min > all.max - (max - min);

	return wide || sum.min > sum.max ? all : sum;
}

static struct bvm_range multiplied(struct bvm_range a, struct bvm_range b, struct bvm_range all)
{
	struct bvm_range product = { a.min * b.min };

	if (is_number(a) && is_number(b))
		return number(product.min & all.max);
	if (check_mul_overflow(a.max, b.max, &product.max) || product.max > all.max)
		return all;
	return product;
}

static struct bvm_range divided(enum bvm_alu_op op, struct bvm_range a, struct bvm_range b)
{
	if (is_number(b) && !b.min)
		return op == BVM_DIV ? b : a;
	if (op == BVM_DIV)
		return (struct bvm_range){ b.min ? a.min / b.max : 0, a.max / (b.min ?: 1) };
	if (a.max < b.min)
		return a;
	if (is_number(a) && is_number(b))
		return number(a.min % b.min);
	return (struct bvm_range){ 0, b.min ? min(a.max, b.max - 1) : a.max };
}

static struct bvm_range combined(enum bvm_alu_op op, struct bvm_range a, struct bvm_range b)
{
	struct bvm_range bits = bvm_range_any(fls64(a.max | b.max));

	if (is_number(a) && is_number(b))
		return number(op == BVM_OR ? a.min | b.min :
			      op == BVM_AND ? a.min & b.min : a.min ^ b.min);
	if (op == BVM_OR)
		bits.min = max(a.min, b.min);
	else if (op == BVM_AND)
		bits.max = min(a.max, b.max);
	return bits;
}

static struct bvm_range shifted(enum bvm_alu_op op, struct bvm_range a, u32 count,
				struct bvm_range all)
{
	u64 sign = all.max ^ all.max >> 1;

	if (op == BVM_LSH && is_number(a))
		return number(a.min << count & all.max);
	if (op == BVM_LSH)
		return a.max > all.max >> count ? all :
		       (struct bvm_range){ a.min << count, a.max << count };
	if (op == BVM_ARSH && is_number(a))
		return number((((a.min ^ sign) >> count) - (sign >> count)) & all.max);
	if (op == BVM_ARSH && a.max & sign)
		return all;
	return (struct bvm_range){ a.min >> count, a.max >> count };
}

struct bvm_range bvm_range_alu(enum bvm_alu_op op, u32 size, struct bvm_range a,
			       struct bvm_range b)
{
	struct bvm_range all = bvm_range_any(size * 8);

	a = bvm_range_low(a, size * 8);
	b = bvm_range_low(b, size * 8);
	switch (op) {
	case BVM_ADD:
		return added(a, b.min, b.max, all);
	case BVM_SUB:
		return added(a, -b.max, -b.min, all);
	case BVM_MUL:
		return multiplied(a, b, all);
	case BVM_DIV:
	case BVM_MOD:
		return divided(op, a, b);
	case BVM_OR:
	case BVM_AND:
	case BVM_XOR:
		return combined(op, a, b);
	case BVM_RSH:
		if (!is_number(b))
			return (struct bvm_range){ 0, a.max };
		fallthrough;
	case BVM_LSH:
	case BVM_ARSH:
		return is_number(b) ? shifted(op, a, b.min & (size * 8 - 1), all) : all;
	default:
		return all;
	}
}

/* --------------------------------------------------------------- comparisons */

static bool is_empty(const struct bvm_range *r)
{
	return r->min > r->max;
}

static void intersect(struct bvm_range *a, struct bvm_range b)
{
	a->min = max(a->min, b.min);
	a->max = min(a->max, b.max);
}

static bool assume_eq(struct bvm_range *a, struct bvm_range *b)
{
	intersect(a, *b);
	*b = *a;
	return !is_empty(a);
}

/* What @b is, if it is a number, is cut off where it is an end of @a. */
static bool trim(struct bvm_range *a, struct bvm_range b)
{
	if (!is_number(b))
		return true;
	if (is_number(*a))
		return a->min != b.min;
	if (a->min == b.min)
		a->min++;
	else if (a->max == b.min)
		a->max--;
	return true;
}

static bool assume_ne(struct bvm_range *a, struct bvm_range *b)
{
	struct bvm_range old = *a;

	return trim(a, *b) && trim(b, old);
}

static bool assume_le(struct bvm_range *a, struct bvm_range *b)
{
	a->max = min(a->max, b->max);
	b->min = max(b->min, a->min);
	return !is_empty(a) && !is_empty(b);
}

static bool assume_lt(struct bvm_range *a, struct bvm_range *b)
{
	if (!b->max || a->min == U64_MAX)
		return false;
	a->max = min(a->max, b->max - 1);
	b->min = max(b->min, a->min + 1);
	return !is_empty(a) && !is_empty(b);
}

/* a & b is not 0: what has one of the bits of a number is no less than the lowest of them. */
static bool assume_set(struct bvm_range *a, struct bvm_range *b)
{
	if (is_number(*b))
		a->min = max(a->min, b->min & -b->min);
	return b->max && a->max && !is_empty(a) &&
	       (!is_number(*a) || !is_number(*b) || a->min & b->min);
}

/* a & b is 0: the bits that a may have are among those that a number has not. */
static bool assume_clear(struct bvm_range *a, struct bvm_range *b)
{
	if (is_number(*a) && is_number(*b))
		return !(a->min & b->min);
	if (is_number(*b))
		a->max = min(a->max, bvm_range_any(fls64(a->max)).max & ~b->min);
	return !is_empty(a);
}

/*
 * Comparisons and their complements, as ones that are known how to assume: @swap exchanges
 * the operands, @is_signed: of signed numbers.  The last row is the complement of BVM_JSET.
 */
#define JCLEAR	__BVM_COND_MAX

static const struct {
	bool (*assume)(struct bvm_range *a, struct bvm_range *b);
	u8 complement;
	bool swap, is_signed;
} conds[] = {
	[BVM_JEQ] = { assume_eq, BVM_JNE },
	[BVM_JNE] = { assume_ne, BVM_JEQ },
	[BVM_JSET] = { assume_set, JCLEAR },
	[JCLEAR] = { assume_clear, BVM_JSET },
	[BVM_JGT] = { assume_lt, BVM_JLE, .swap = true },
	[BVM_JGE] = { assume_le, BVM_JLT, .swap = true },
	[BVM_JLT] = { assume_lt, BVM_JGE },
	[BVM_JLE] = { assume_le, BVM_JGT },
	[BVM_JSGT] = { assume_lt, BVM_JSLE, .swap = true, .is_signed = true },
	[BVM_JSGE] = { assume_le, BVM_JSLT, .swap = true, .is_signed = true },
	[BVM_JSLT] = { assume_lt, BVM_JSGE, .is_signed = true },
	[BVM_JSLE] = { assume_le, BVM_JSGT, .is_signed = true },
};

/* Signed numbers in order of unsigned ones, or back: no range if they lie on both sides of 0. */
static struct bvm_range flipped(struct bvm_range r, u32 size)
{
	u64 sign = BIT_ULL(size * 8 - 1);

	if ((r.min ^ r.max) & sign)
		return bvm_range_any(size * 8);
	return (struct bvm_range){ r.min ^ sign, r.max ^ sign };
}

static bool assume_signed(u32 cond, u32 size, struct bvm_range *a, struct bvm_range *b)
{
	struct bvm_range x = flipped(*a, size), y = flipped(*b, size);

	if (!conds[cond].assume(&x, &y))
		return false;
	intersect(a, flipped(x, size));
	intersect(b, flipped(y, size));
	return !is_empty(a) && !is_empty(b);
}

static bool assume(u32 cond, u32 size, struct bvm_range *a, struct bvm_range *b)
{
	u64 all = bvm_range_any(size * 8).max;

	/* of low halves nothing is known if there are upper ones */
	if (a->max > all || b->max > all)
		return true;
	if (conds[cond].swap)
		swap(a, b);
	return conds[cond].is_signed ? assume_signed(cond, size, a, b) : conds[cond].assume(a, b);
}

bool bvm_range_assume(enum bvm_cond cond, u32 size, struct bvm_range *a, struct bvm_range *b)
{
	return assume(cond, size, a, b);
}

bool bvm_range_assume_not(enum bvm_cond cond, u32 size, struct bvm_range *a,
			  struct bvm_range *b)
{
	return assume(conds[cond].complement, size, a, b);
}
