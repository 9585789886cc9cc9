// SPDX-License-Identifier: GPL-2.0-only
/*
 * The value domain: construction, lattice and reduction, comparisons.  What
 * instructions do to values is in domain_alu.c.
 *
 * A width is a number of bits in here, BVM_BITS or BVM_HALF.
 */
#include "domain.h"
#include "domain_view.h"

/* --------------------------------------------------------- construction */

const struct bvm_scalar bvm_scalar_any = {
	.t = { .mask = BVM_UMAX },
	.umax = BVM_ONES(BVM_BITS),
	.smin = -(s64)(BVM_ONES(BVM_BITS) >> 1) - 1,
	.smax = BVM_ONES(BVM_BITS) >> 1,
	.u32max = BVM_ONES(BVM_HALF),
	.s32min = -(s64)(BVM_ONES(BVM_HALF) >> 1) - 1,
	.s32max = BVM_ONES(BVM_HALF) >> 1,
};

void bvm_scalar_const(struct bvm_scalar *s, u64 value)
{
	u64 half = bvm_fit_u(BVM_HALF, value);

	s->t = bvm_tnum_const(value);
	s->umin = bvm_fit_u(BVM_BITS, value);
	s->umax = s->umin;
	s->smin = bvm_fit_s(BVM_BITS, value);
	s->smax = s->smin;
	s->u32min = half;
	s->u32max = half;
	s->s32min = bvm_fit_s(BVM_HALF, value);
	s->s32max = s->s32min;
}

void bvm_scalar_bits(struct bvm_scalar *s, struct bvm_tnum t)
{
	struct bvm_view v;

	s->t = t;
	bvm_view_of_bits(BVM_BITS, t, &v);
	bvm_view_store(s, BVM_BITS, &v);
	bvm_view_of_bits(BVM_HALF, t, &v);
	bvm_view_store(s, BVM_HALF, &v);
}

void bvm_scalar_range(struct bvm_scalar *s, u64 min, u64 max)
{
	bvm_scalar_unknown(s);
	s->umin = min;
	s->umax = max;
	bvm_scalar_reduce(s);
}

void bvm_scalar_srange(struct bvm_scalar *s, s64 min, s64 max)
{
	bvm_scalar_unknown(s);
	s->smin = min;
	s->smax = max;
	bvm_scalar_reduce(s);
}

/* ----------------------------------------------------------- predicates */

bool bvm_scalar_contains(const struct bvm_scalar *s, u64 value)
{
	struct bvm_scalar point;

	bvm_scalar_const(&point, value);
	return bvm_scalar_includes(s, &point);
}

bool bvm_scalar_includes(const struct bvm_scalar *a, const struct bvm_scalar *b)
{
	return bvm_tnum_in(a->t, b->t) &&
	       a->umin <= b->umin && b->umax <= a->umax &&
	       a->smin <= b->smin && b->smax <= a->smax &&
	       a->u32min <= b->u32min && b->u32max <= a->u32max &&
	       a->s32min <= b->s32min && b->s32max <= a->s32max;
}

bool bvm_scalar_equal(const struct bvm_scalar *a, const struct bvm_scalar *b)
{
	return a->t.value == b->t.value && a->t.mask == b->t.mask &&
	       a->umin == b->umin && a->umax == b->umax &&
	       a->smin == b->smin && a->smax == b->smax &&
	       a->u32min == b->u32min && a->u32max == b->u32max &&
	       a->s32min == b->s32min && a->s32max == b->s32max;
}

/* ------------------------------------------------------------ reduction */

static __always_inline bool view_equal(const struct bvm_view *a, const struct bvm_view *b)
{
	return a->umin == b->umin && a->umax == b->umax &&
	       a->smin == b->smin && a->smax == b->smax;
}

static __always_inline bool view_includes(const struct bvm_view *a, const struct bvm_view *b)
{
	return a->umin <= b->umin && b->umax <= a->umax &&
	       a->smin <= b->smin && b->smax <= a->smax;
}

static __always_inline void view_intersect(struct bvm_view *a, const struct bvm_view *b)
{
	a->umin = max(a->umin, b->umin);
	a->umax = min(a->umax, b->umax);
	a->smin = max(a->smin, b->smin);
	a->smax = min(a->smax, b->smax);
}

/* Ranges from known bits.  Return: true if that was news. */
static __always_inline bool ranges_from_bits(unsigned int bits, struct bvm_view *v,
					     struct bvm_tnum t)
{
	struct bvm_view from;

	bvm_view_of_bits(bits, t, &from);
	if (view_includes(&from, v))
		return false;
	view_intersect(v, &from);
	return true;
}

/*
 * The unsigned and the signed range cut each other.  They order the same numbers
 * differently, but alike within the non-negative half and within the negative half.  The
 * unsigned range lies in one of them, or it has the end of one and the beginning of the
 * other; so has the signed range then, unless only one of these is left of both.
 */
static __always_inline bool reduce_signs(unsigned int bits, struct bvm_view *v)
{
	s64 umin = bvm_fit_s(bits, v->umin), umax = bvm_fit_s(bits, v->umax);
	s64 from = max(umin, v->smin), to = min(umax, v->smax);

	if ((umin ^ umax) < 0) {
		bool pos = umin >= 0 && from <= v->smax, neg = umin >= 0 && v->smin <= to;

		if (pos && neg)
			return true;
		if (pos)
			to = v->smax;
		else if (neg)
			from = v->smin;
		else
			return false;
	}
	v->umin = bvm_fit_u(bits, from);
	v->umax = bvm_fit_u(bits, to);
	v->smin = from;
	v->smax = to;
	return from <= to;
}

/* Ranges of the low half from those of the whole. */
static __always_inline void half_from_full(struct bvm_view *half, const struct bvm_view *full)
{
	bvm_narrow_u(BVM_HALF, full->umin, full->umax, half);
	bvm_narrow_s(BVM_HALF, full->umin, full->umax, half);
	bvm_narrow_s(BVM_HALF, full->smin, full->smax, half);
}

/*
 * Ranges of the whole from that of the low half: the number next to an end whose low
 * half is in range has the same upper half as that end, or lies further inside.
 * The signed range of the half adds nothing: either it is the same as the unsigned
 * one by now, or it crosses 0, and then its ends are no bounds in this order.
 * Return: true if that was news.
 */
static __always_inline bool full_from_half(struct bvm_view *full, const struct bvm_view *half)
{
	u64 upper = ~BVM_ONES(BVM_HALF);
	struct bvm_view from;

	if (!half->umin && half->umax == BVM_ONES(BVM_HALF))
		return false;
	from = (struct bvm_view){
		.umin = (full->umin & upper) | half->umin,
		.umax = (full->umax & upper) | half->umax,
		.smin = (full->smin & upper) | half->umin,
		.smax = (full->smax & upper) | half->umax,
	};

	if (view_includes(&from, full))
		return false;
	view_intersect(full, &from);
	return true;
}

/* Known bits from the unsigned ranges: the common prefix of both ends. */
static __always_inline bool bits_from_ranges(struct bvm_tnum *t, const struct bvm_view *full,
					     const struct bvm_view *half)
{
	unsigned int bits = fls64(full->umin ^ full->umax);
	unsigned int low_bits = fls64(half->umin ^ half->umax);
	struct bvm_tnum low;

	if (bits < BVM_BITS && !bvm_tnum_intersect(t, bvm_tnum_above(full->umin, bits)))
		return false;
	if (low_bits == BVM_HALF)
		return true;
	low = bvm_tnum_above(half->umin, low_bits);
	low.mask |= BVM_UMAX & ~BVM_ONES(BVM_HALF);
	return bvm_tnum_intersect(t, low);
}

static __always_inline bool view_empty(const struct bvm_view *v)
{
	return v->umin > v->umax || v->smin > v->smax;
}

/* Each view is sharpened by the next one; *@again: what comes first may have more to say then. */
static __always_inline bool reduce_round(struct bvm_view *full, struct bvm_view *half,
					 struct bvm_tnum *t, bool *again)
{
	struct bvm_tnum old_t = *t;

	if (!reduce_signs(BVM_BITS, full))
		return false;
	half_from_full(half, full);
	if (!reduce_signs(BVM_HALF, half))
		return false;
	*again = full_from_half(full, half);
	if (view_empty(full) || !bits_from_ranges(t, full, half))
		return false;
	/* of bits that come from ranges alone these know */
	if (old_t.mask != BVM_UMAX && t->mask != old_t.mask) {
		*again |= ranges_from_bits(BVM_BITS, full, *t);
		*again |= ranges_from_bits(BVM_HALF, half, *t);
	}
	return true;
}

/*
 * Mostly the bits say all, of a known number for example.  Otherwise each round only ever
 * narrows.  Every new end is put together from halves of ends that exist already, so a
 * handful of rounds reaches the fixed point.
 */
bool bvm_scalar_reduce(struct bvm_scalar *s)
{
	struct bvm_view full, half, full_bits, half_bits;
	bool again = true;

	bvm_view_load(s, BVM_BITS, &full);
	bvm_view_load(s, BVM_HALF, &half);
	if (s->t.mask != BVM_UMAX) {
		bvm_view_of_bits(BVM_BITS, s->t, &full_bits);
		bvm_view_of_bits(BVM_HALF, s->t, &half_bits);
		if (view_includes(&full, &full_bits) && view_includes(&half, &half_bits)) {
			bvm_view_store(s, BVM_BITS, &full_bits);
			bvm_view_store(s, BVM_HALF, &half_bits);
			return true;
		}
		view_intersect(&full, &full_bits);
		view_intersect(&half, &half_bits);
	}
	while (again)
		if (!reduce_round(&full, &half, &s->t, &again))
			return false;
	bvm_view_store(s, BVM_BITS, &full);
	bvm_view_store(s, BVM_HALF, &half);
	return true;
}

/* -------------------------------------------------------------- lattice */

/* Meet of one width's ranges. */
static void intersect_ranges(unsigned int bits, struct bvm_scalar *a, const struct bvm_scalar *b)
{
	struct bvm_view va, vb;

	bvm_view_load(a, bits, &va);
	bvm_view_load(b, bits, &vb);
	view_intersect(&va, &vb);
	bvm_view_store(a, bits, &va);
}

bool bvm_scalar_intersect(struct bvm_scalar *a, const struct bvm_scalar *b)
{
	intersect_ranges(BVM_BITS, a, b);
	intersect_ranges(BVM_HALF, a, b);
	return bvm_tnum_intersect(&a->t, b->t) && bvm_scalar_reduce(a);
}

void bvm_scalar_union(struct bvm_scalar *a, const struct bvm_scalar *b)
{
	a->t = bvm_tnum_union(a->t, b->t);
	a->umin = min(a->umin, b->umin);
	a->umax = max(a->umax, b->umax);
	a->smin = min(a->smin, b->smin);
	a->smax = max(a->smax, b->smax);
	a->u32min = min(a->u32min, b->u32min);
	a->u32max = max(a->u32max, b->u32max);
	a->s32min = min(a->s32min, b->s32min);
	a->s32max = max(a->s32max, b->s32max);
	bvm_scalar_reduce(a);
}

/* ---------------------------------------------------------- comparisons */

/*
 * Each condition sharpens the ranges of its own signedness and width, and known bits
 * if it is about bits; the reduction carries that to the other views.  Like the model in
 * reg_bounds.c, equality of the whole says nothing about ranges of the halves: one
 * that crosses 0 is not passed on.
 */

static __always_inline bool assume_lt(unsigned int bits, struct bvm_view *a, struct bvm_view *b)
{
	if (!b->umax || a->umin == BVM_ONES(bits))
		return false;
	a->umax = min(a->umax, b->umax - 1);
	b->umin = max(b->umin, a->umin + 1);
	return true;
}

static __always_inline bool assume_le(struct bvm_view *a, struct bvm_view *b)
{
	a->umax = min(a->umax, b->umax);
	b->umin = max(b->umin, a->umin);
	return true;
}

static __always_inline bool assume_slt(unsigned int bits, struct bvm_view *a, struct bvm_view *b)
{
	s64 smax = BVM_ONES(bits) >> 1;

	if (b->smax == -smax - 1 || a->smin == smax)
		return false;
	a->smax = min(a->smax, b->smax - 1);
	b->smin = max(b->smin, a->smin + 1);
	return true;
}

static __always_inline bool assume_sle(struct bvm_view *a, struct bvm_view *b)
{
	a->smax = min(a->smax, b->smax);
	b->smin = max(b->smin, a->smin);
	return true;
}

static __always_inline bool assume_eq(struct bvm_view *a, struct bvm_view *b)
{
	view_intersect(a, b);
	*b = *a;
	return true;
}

/* A number that @b is known to be is cut off when it is an end of @a's ranges. */
static __always_inline void trim(struct bvm_view *a, const struct bvm_view *b)
{
	if (b->umin != b->umax)
		return;
	if (a->umin == b->umin)
		a->umin++;
	else if (a->umax == b->umin)
		a->umax--;
	if (a->smin == b->smin)
		a->smin++;
	else if (a->smax == b->smin)
		a->smax--;
}

static __always_inline bool assume_ne(struct bvm_view *a, struct bvm_view *b)
{
	struct bvm_view old = *a;

	if (a->umin == a->umax && b->umin == b->umax)
		return a->umin != b->umin;
	trim(a, b);
	trim(b, &old);
	return true;
}

/* Known bits of the low half alone, nothing known above it; or all of them. */
static __always_inline struct bvm_tnum low_bits(unsigned int bits, struct bvm_tnum t)
{
	t = bvm_tnum_zext(t, bits);
	t.mask |= BVM_UMAX & ~BVM_ONES(bits);
	return t;
}

static __always_inline bool bits_eq(unsigned int bits, struct bvm_tnum *a, struct bvm_tnum *b)
{
	return bvm_tnum_intersect(a, low_bits(bits, *b)) &&
	       bvm_tnum_intersect(b, low_bits(bits, *a));
}

/* a & b has a bit: if one of them is a constant of one bit, the other has that. */
static __always_inline bool bits_set(unsigned int bits, struct bvm_tnum *a, struct bvm_tnum *b)
{
	struct bvm_tnum low_a = bvm_tnum_zext(*a, bits), low_b = bvm_tnum_zext(*b, bits);
	struct bvm_tnum both = bvm_tnum_and(low_a, low_b);

	if (bvm_tnum_is_const(low_b) && is_power_of_2(low_b.value)) {
		a->value |= low_b.value;
		a->mask &= ~low_b.value;
	}
	if (bvm_tnum_is_const(low_a) && is_power_of_2(low_a.value)) {
		b->value |= low_a.value;
		b->mask &= ~low_a.value;
	}
	return both.value | both.mask;
}

/* a & b is 0: what one has, the other has not. */
static __always_inline bool bits_clear(unsigned int bits, struct bvm_tnum *a, struct bvm_tnum *b)
{
	u64 known_a = a->value & BVM_ONES(bits), known_b = b->value & BVM_ONES(bits);

	a->mask &= ~known_b;
	b->mask &= ~known_a;
	return !(known_a & known_b);
}

/* The complement of BVM_JSET. */
#define BVM_JCLEAR	__BVM_COND_MAX

static const u8 opposite[] = {
	[BVM_JEQ] = BVM_JNE, [BVM_JNE] = BVM_JEQ,
	[BVM_JSET] = BVM_JCLEAR, [BVM_JCLEAR] = BVM_JSET,
	[BVM_JGT] = BVM_JLE, [BVM_JLE] = BVM_JGT,
	[BVM_JGE] = BVM_JLT, [BVM_JLT] = BVM_JGE,
	[BVM_JSGT] = BVM_JSLE, [BVM_JSLE] = BVM_JSGT,
	[BVM_JSGE] = BVM_JSLT, [BVM_JSLT] = BVM_JSGE,
};

static __always_inline bool assume_bits(unsigned int cond, unsigned int bits, struct bvm_tnum *a,
					struct bvm_tnum *b)
{
	switch (cond) {
	case BVM_JEQ:
		return bits_eq(bits, a, b);
	case BVM_JSET:
		return bits_set(bits, a, b);
	case BVM_JCLEAR:
		return bits_clear(bits, a, b);
	default:
		return true;
	}
}

static __always_inline bool assume_ranges(unsigned int cond, unsigned int bits,
					  struct bvm_view *a, struct bvm_view *b)
{
	switch (cond) {
	case BVM_JEQ:
		return assume_eq(a, b);
	case BVM_JNE:
		return assume_ne(a, b);
	case BVM_JGT:
		return assume_lt(bits, b, a);
	case BVM_JGE:
		return assume_le(b, a);
	case BVM_JLT:
		return assume_lt(bits, a, b);
	case BVM_JLE:
		return assume_le(a, b);
	case BVM_JSGT:
		return assume_slt(bits, b, a);
	case BVM_JSGE:
		return assume_sle(b, a);
	case BVM_JSLT:
		return assume_slt(bits, a, b);
	case BVM_JSLE:
		return assume_sle(a, b);
	default:
		return true;
	}
}

/* No number is in the low half of both. */
static bool halves_disjoint(const struct bvm_scalar *a, const struct bvm_scalar *b)
{
	return a->u32max < b->u32min || b->u32max < a->u32min ||
	       a->s32max < b->s32min || b->s32max < a->s32min;
}

/* Bits and ranges of @s are these now. */
static __always_inline bool sharpen(struct bvm_scalar *s, struct bvm_tnum t, unsigned int bits,
				    const struct bvm_view *v)
{
	struct bvm_view old;

	bvm_view_load(s, bits, &old);
	if (s->t.mask == t.mask && s->t.value == t.value && view_equal(&old, v))
		return true;
	s->t = t;
	bvm_view_store(s, bits, v);
	return bvm_scalar_reduce(s);
}

static __always_inline bool assume_at(unsigned int cond, unsigned int bits, struct bvm_scalar *a,
				      struct bvm_scalar *b)
{
	struct bvm_tnum ta = a->t, tb = b->t;
	struct bvm_view va, vb;

	bvm_view_load(a, bits, &va);
	bvm_view_load(b, bits, &vb);
	if (!assume_bits(cond, bits, &ta, &tb) || !assume_ranges(cond, bits, &va, &vb) ||
	    view_empty(&va) || view_empty(&vb))
		return false;
	return sharpen(a, ta, bits, &va) && sharpen(b, tb, bits, &vb);
}

static bool assume(unsigned int cond, unsigned int size, struct bvm_scalar *a,
		   struct bvm_scalar *b)
{
	if (cond == BVM_JEQ && size == 8 && bvm_scalar_is_const(b)) {
		if (!bvm_scalar_includes(a, b))
			return false;
		*a = *b;
		return true;
	}
	if (cond == BVM_JEQ && halves_disjoint(a, b))
		return false;
	return size == 8 ? assume_at(cond, BVM_BITS, a, b) : assume_at(cond, BVM_HALF, a, b);
}

bool bvm_scalar_assume(enum bvm_cond cond, unsigned int size, struct bvm_scalar *a,
		       struct bvm_scalar *b)
{
	return assume(cond, size, a, b);
}

bool bvm_scalar_assume_not(enum bvm_cond cond, unsigned int size, struct bvm_scalar *a,
			   struct bvm_scalar *b)
{
	return assume(opposite[cond], size, a, b);
}
