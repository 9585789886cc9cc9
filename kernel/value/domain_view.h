/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Internals of the value domain: the ranges of one width as a pair that does not
 * depend on the width, so that each rule is written once for the whole and the half.
 */
#ifndef _BVM_DOMAIN_VIEW_H
#define _BVM_DOMAIN_VIEW_H

#include "domain.h"

/**
 * struct bvm_view - ranges of a scalar at one width
 * @umin:	unsigned range; values fit the width
 * @umax:	see @umin
 * @smin:	signed range; values fit the width, sign-extended
 * @smax:	see @smin
 */
struct bvm_view {
	u64 umin, umax;
	s64 smin, smax;
};

/* Bits of an operand of @size bytes. */
static __always_inline unsigned int bvm_bits_of(unsigned int size)
{
	return size == 8 ? BVM_BITS : BVM_HALF;
}

static __always_inline void bvm_view_unknown(unsigned int bits, struct bvm_view *v)
{
	s64 smax = BVM_ONES(bits) >> 1;

	*v = (struct bvm_view){ .umax = BVM_ONES(bits), .smin = -smax - 1, .smax = smax };
}

static __always_inline bool bvm_view_is_unknown(unsigned int bits, const struct bvm_view *v)
{
	s64 smax = BVM_ONES(bits) >> 1;

	return !v->umin && v->umax == BVM_ONES(bits) && v->smin == -smax - 1 && v->smax == smax;
}

/* What known bits say: unknown bits all clear and all set are the extremes. */
static __always_inline void bvm_view_of_bits(unsigned int bits, struct bvm_tnum t,
					     struct bvm_view *v)
{
	u64 sign = BVM_ONES(bits) ^ (BVM_ONES(bits) >> 1);
	u64 low = bvm_fit_u(bits, t.value), high = bvm_fit_u(bits, t.value | t.mask);
	u64 unknown_sign = t.mask & sign;

	v->umin = low;
	v->umax = high;
	v->smin = bvm_fit_s(bits, low | unknown_sign);
	v->smax = bvm_fit_s(bits, high & ~unknown_sign);
}

static __always_inline void bvm_view_load(const struct bvm_scalar *s, unsigned int bits,
					  struct bvm_view *v)
{
	if (bits == BVM_BITS)
		*v = (struct bvm_view){ s->umin, s->umax, s->smin, s->smax };
	else
		*v = (struct bvm_view){ s->u32min, s->u32max, s->s32min, s->s32max };
}

static __always_inline void bvm_view_store(struct bvm_scalar *s, unsigned int bits,
					   const struct bvm_view *v)
{
	if (bits == BVM_BITS) {
		s->umin = v->umin;
		s->umax = v->umax;
		s->smin = v->smin;
		s->smax = v->smax;
	} else {
		s->u32min = v->umin;
		s->u32max = v->umax;
		s->s32min = v->smin;
		s->s32max = v->smax;
	}
}

/*
 * Sharpen @v by the low @bits bits of the numbers from @min on up to @max.  These run
 * through an interval of the narrow type, provided that they do not wrap around in it.
 */
static __always_inline void bvm_narrow_u(unsigned int bits, u64 min, u64 max, struct bvm_view *v)
{
	u64 low = bvm_fit_u(bits, min), high = bvm_fit_u(bits, max);

	if (max - min <= BVM_ONES(bits) && low <= high) {
		v->umin = max(v->umin, low);
		v->umax = min(v->umax, high);
	}
}

static __always_inline void bvm_narrow_s(unsigned int bits, u64 min, u64 max, struct bvm_view *v)
{
	s64 low = bvm_fit_s(bits, min), high = bvm_fit_s(bits, max);

	if (max - min <= BVM_ONES(bits) && low <= high) {
		v->smin = max(v->smin, low);
		v->smax = min(v->smax, high);
	}
}

#endif /* _BVM_DOMAIN_VIEW_H */
