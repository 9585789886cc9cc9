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
static inline unsigned int bvm_bits_of(unsigned int size)
{
	return size == 8 ? BVM_BITS : BVM_HALF;
}

/* The low @bits bits of @x as an unsigned or a two's complement number. */
static inline u64 bvm_fit_u(unsigned int bits, u64 x)
{
	return x & BVM_ONES(bits);
}

static inline s64 bvm_fit_s(unsigned int bits, u64 x)
{
	return (s64)(x << (64 - bits)) >> (64 - bits);
}

static inline void bvm_view_unknown(unsigned int bits, struct bvm_view *v)
{
	s64 smax = BVM_ONES(bits) >> 1;

	*v = (struct bvm_view){ .umax = BVM_ONES(bits), .smin = -smax - 1, .smax = smax };
}

static inline void bvm_view_const(unsigned int bits, u64 value, struct bvm_view *v)
{
	u64 u = bvm_fit_u(bits, value);
	s64 s = bvm_fit_s(bits, value);

	*v = (struct bvm_view){ .umin = u, .umax = u, .smin = s, .smax = s };
}

static inline void bvm_view_load(const struct bvm_scalar *s, unsigned int bits,
				 struct bvm_view *v)
{
	if (bits == BVM_BITS)
		*v = (struct bvm_view){ s->umin, s->umax, s->smin, s->smax };
	else
		*v = (struct bvm_view){ s->u32min, s->u32max, s->s32min, s->s32max };
}

static inline void bvm_view_store(struct bvm_scalar *s, unsigned int bits,
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
static inline void bvm_narrow_u(unsigned int bits, u64 min, u64 max, struct bvm_view *v)
{
	u64 low = bvm_fit_u(bits, min), high = bvm_fit_u(bits, max);

	if (max - min <= BVM_ONES(bits) && low <= high) {
		v->umin = max(v->umin, low);
		v->umax = min(v->umax, high);
	}
}

static inline void bvm_narrow_s(unsigned int bits, u64 min, u64 max, struct bvm_view *v)
{
	s64 low = bvm_fit_s(bits, min), high = bvm_fit_s(bits, max);

	if (max - min <= BVM_ONES(bits) && low <= high) {
		v->smin = max(v->smin, low);
		v->smax = min(v->smax, high);
	}
}

#endif /* _BVM_DOMAIN_VIEW_H */
