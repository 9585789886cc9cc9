/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the stock verifier is expected to know after comparisons: the semantics of the
 * model in tools/testing/selftests/bpf/prog_tests/reg_bounds.c, stated over numbers (not
 * bit patterns) in four types.  It knows no tnums; the domain must come to
 * the same ranges with them.
 */
#ifndef _DOMAIN_MODEL_H
#define _DOMAIN_MODEL_H

#include "domain_concrete.h"

enum num_type { U64, U32, S64, S32, NR_TYPES };

struct range {
	__int128 min, max;
};

struct model {
	struct range r[NR_TYPES];
};

static const char *const type_names[] = { "u64", "u32", "s64", "s32" };

static inline bool type_is_32(enum num_type t)
{
	return t == U32 || t == S32;
}

static inline bool type_is_signed(enum num_type t)
{
	return t == S64 || t == S32;
}

static inline struct range type_all(enum num_type t)
{
	switch (t) {
	case U64:
		return (struct range){ 0, U64_MAX };
	case U32:
		return (struct range){ 0, U32_MAX };
	case S64:
		return (struct range){ S64_MIN, S64_MAX };
	default:
		return (struct range){ S32_MIN, S32_MAX };
	}
}

/* The number of a type that has the (low) bits of @x. */
static inline __int128 as(enum num_type t, __int128 x)
{
	switch (t) {
	case U64:
		return (u64)x;
	case U32:
		return (u32)x;
	case S64:
		return (s64)x;
	default:
		return (s32)x;
	}
}

static inline u32 upper(__int128 x)
{
	return (u64)x >> 32;
}

static inline bool range_ok(struct range x)
{
	return x.min <= x.max;
}

static inline struct range range_meet(struct range x, struct range y)
{
	return (struct range){ max(x.min, y.min), min(x.max, y.max) };
}

static inline struct range range_as(enum num_type t, struct range x)
{
	return (struct range){ as(t, x.min), as(t, x.max) };
}

/* @x, a range of type @from, as a range of another type, or everything if it is none. */
static inline struct range range_cast(enum num_type from, enum num_type to, struct range x)
{
	bool same_upper = upper(x.min) == upper(x.max);
	bool next_upper = (u32)(upper(x.min) + 1) == upper(x.max);
	s32 low_min = x.min, low_max = x.max;
	bool fits = true;

	if (from == to)
		return x;
	if (from == S32)
		fits = (low_min < 0) == (low_max < 0);
	else if (to == S32)
		fits = (same_upper && low_min <= low_max) ||
		       (next_upper && low_min < 0 && low_max >= 0);
	else if (to == U32)
		fits = same_upper && (from == U64 || (low_min < 0) == (low_max < 0));
	else if (from != U32)
		fits = ((s64)x.min < 0) == ((s64)x.max < 0);
	return fits ? range_as(to, x) : type_all(to);
}

static inline struct range range_halves(enum num_type xt, struct range x, enum num_type yt,
					struct range y)
{
	enum num_type st = type_is_32(xt) ? S32 : S64;
	struct range pos = { 0, type_all(st).max }, neg = { type_all(st).min, -1 };
	struct range p, n;

	p = range_meet(range_meet(x, pos), range_cast(yt, xt, range_meet(y, pos)));
	n = range_meet(range_meet(x, range_as(xt, neg)),
		       range_cast(yt, xt, range_meet(y, range_as(yt, neg))));
	if (!range_ok(p))
		return n;
	if (!range_ok(n))
		return p;
	return (struct range){ min(p.min, n.min), max(p.max, n.max) };
}

/* What @x, of type @xt, becomes once the same register is known to be in @y, of type @yt. */
static inline struct range range_refine(enum num_type xt, struct range x, enum num_type yt,
					struct range y)
{
	struct range cast;

	if (type_is_32(xt) == type_is_32(yt))
		x = range_halves(xt, x, yt, y);
	cast = range_cast(yt, xt, y);
	if (xt == S64 && yt == S32 && cast.min >= 0 && cast.max >= 0 &&
	    cast.min <= S32_MAX && cast.max <= S32_MAX && x.min >= S32_MIN && x.max <= S32_MAX)
		return range_meet(x, cast);
	if (!type_is_32(xt) && type_is_32(yt)) {
		struct range swapped = {
			as(xt, ((u64)x.min & ~(u64)U32_MAX) | (u32)cast.min),
			as(xt, ((u64)x.max & ~(u64)U32_MAX) | (u32)cast.max),
		};

		return range_ok(swapped) ? range_meet(x, swapped) : x;
	}
	return range_meet(x, cast);
}

static inline bool range_same(struct range x, struct range y)
{
	return x.min == y.min && x.max == y.max;
}

static inline void model_refine(struct model *m, enum num_type t, struct range x)
{
	bool changed;

	do {
		unsigned int from, to;

		changed = false;
		for (to = 0; to < NR_TYPES; to++) {
			struct range old = m->r[to];

			m->r[to] = range_refine(to, old, t, x);
			changed |= !range_same(old, m->r[to]);
		}
		for (from = 0; from < NR_TYPES; from++)
			for (to = 0; to < NR_TYPES; to++) {
				struct range old = m->r[to];

				m->r[to] = range_refine(to, old, from, m->r[from]);
				changed |= !range_same(old, m->r[to]);
			}
	} while (changed);
}

/* Can a number of @x be in the relation to one of @y? */
static inline bool range_can(enum bvm_cond cond, struct range x, struct range y)
{
	switch (cond) {
	case BVM_JLT:
		return x.min < y.max;
	case BVM_JLE:
		return x.min <= y.max;
	case BVM_JGT:
		return x.max > y.min;
	case BVM_JGE:
		return x.max >= y.min;
	case BVM_JEQ:
		return max(x.min, y.min) <= min(x.max, y.max);
	default:
		return !(x.min == x.max && range_same(x, y));
	}
}

/* Does the relation look at signs? */
static inline bool range_ordered(enum bvm_cond cond)
{
	return cond != BVM_JEQ && cond != BVM_JNE;
}

static inline enum bvm_cond cond_not(enum bvm_cond cond)
{
	static const u8 complement[] = {
		[BVM_JLT] = BVM_JGE, [BVM_JLE] = BVM_JGT, [BVM_JGT] = BVM_JLE,
		[BVM_JGE] = BVM_JLT, [BVM_JEQ] = BVM_JNE, [BVM_JNE] = BVM_JEQ,
	};

	return complement[cond];
}

/* Both ranges once the relation holds between them. */
static inline void range_cond(enum bvm_cond cond, struct range *x, struct range *y)
{
	struct range a = *x, b = *y;

	if (!range_can(cond, a, b))
		return;
	switch (cond) {
	case BVM_JLT:
		x->max = min(a.max, b.max - 1);
		y->min = max(b.min, a.min + 1);
		break;
	case BVM_JLE:
		x->max = min(a.max, b.max);
		y->min = max(b.min, a.min);
		break;
	case BVM_JGT:
		x->min = max(a.min, b.min + 1);
		y->max = min(b.max, a.max - 1);
		break;
	case BVM_JGE:
		x->min = max(a.min, b.min);
		y->max = min(b.max, a.max);
		break;
	case BVM_JEQ:
		*x = range_meet(a, b);
		*y = *x;
		break;
	default:
		if (a.min == a.max && a.min == b.min)
			y->min++;
		else if (a.min == a.max && a.max == b.max)
			y->max--;
		else if (b.min == b.max && a.min == b.min)
			x->min++;
		else if (b.min == b.max && a.max == b.max)
			x->max--;
	}
}

static inline enum num_type type_of(bool is_signed, bool is_32)
{
	return is_signed ? (is_32 ? S32 : S64) : (is_32 ? U32 : U64);
}

static inline void model_cond(enum num_type t, enum bvm_cond cond, struct model *x,
			      struct model *y)
{
	bool both = !range_ordered(cond), sign;
	struct model old_x = *x, old_y = *y;

	for (sign = both ? false : type_is_signed(t);; sign = true) {
		enum num_type n = type_of(sign, type_is_32(t));
		struct range a = old_x.r[n], b = old_y.r[n];

		range_cond(cond, &a, &b);
		model_refine(x, n, a);
		model_refine(y, n, b);
		if (!both || sign)
			break;
	}
}

/* 1: always, 0: never, -1: depends. */
static inline int range_branch(enum bvm_cond cond, struct range x, struct range y)
{
	if (!range_can(cond_not(cond), x, y))
		return 1;
	return range_can(cond, x, y) ? -1 : 0;
}

static inline int model_branch(enum num_type t, enum bvm_cond cond, const struct model *x,
			       const struct model *y)
{
	enum num_type ut = type_of(false, type_is_32(t)), st = type_of(true, type_is_32(t));
	int u, half, i, decided = cond == BVM_JNE ? 1 : 0;

	if (range_ordered(cond))
		return range_branch(cond, x->r[t], y->r[t]);
	u = range_branch(cond, x->r[ut], y->r[ut]);
	if (u >= 0)
		return u;
	for (i = 0; i < 2 && !type_is_32(t); i++) {
		half = range_branch(cond, x->r[i ? S32 : U32], y->r[i ? S32 : U32]);
		if (half == decided)	/* different low halves decide */
			return half;
	}
	return range_branch(cond, x->r[st], y->r[st]);
}

static inline void model_init(struct model *m, bool half)
{
	unsigned int t;

	for (t = 0; t < NR_TYPES; t++)
		m->r[t] = type_all(half ? (t == S32 ? S32 : U32) : t);
}

/* Comparison with a constant of type @t, as set-up code does it. */
static inline void model_cond_const(struct model *m, enum num_type t, enum bvm_cond cond,
				    __int128 c)
{
	struct range value = { c, c };
	struct model k;
	unsigned int i;

	for (i = 0; i < NR_TYPES; i++)
		k.r[i] = i == t ? value : type_all(i);
	model_refine(&k, t, value);
	model_cond(t, cond, m, &k);
}

#endif /* _DOMAIN_MODEL_H */
