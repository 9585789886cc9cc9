// SPDX-License-Identifier: GPL-2.0-only
/*
 * The value domain: what instructions do to values.
 *
 * An operation has a rule for known bits and one for the ranges of a width, used for
 * the whole and, where the low half of the result depends on low halves only, for the
 * half again.  Each rule is sound by itself and sees nothing but its own view; rules
 * that cannot say anything leave "unknown", and the reduction makes the views agree.
 */
#include "domain.h"
#include "domain_view.h"

/* ----------------------------------------------------------- known bits */

/*
 * Shift counts are below the width here.  Of one that is not known, its known bits are
 * a lower bound, which tells how many zeros a left shift leaves at the bottom.
 */
static __always_inline struct bvm_tnum bits_lsh(struct bvm_tnum a, struct bvm_tnum b)
{
	u64 any = a.value | a.mask;

	if (bvm_tnum_is_const(b))
		return bvm_tnum_lsh(a, b.value);
	any |= -any;	/* the lowest bit that may be set, and all above it */
	return bvm_tnum_lsh((struct bvm_tnum){ .mask = any }, b.value);
}

static __always_inline struct bvm_tnum bits_of(enum bvm_alu_op op, unsigned int bits,
					       struct bvm_tnum a, struct bvm_tnum b)
{
	switch (op) {
	case BVM_ADD:
		return bvm_tnum_add(a, b);
	case BVM_SUB:
		return bvm_tnum_sub(a, b);
	case BVM_MUL:
		return bvm_tnum_mul(a, b);
	case BVM_OR:
		return bvm_tnum_or(a, b);
	case BVM_AND:
		return bvm_tnum_and(a, b);
	case BVM_XOR:
		return bvm_tnum_xor(a, b);
	case BVM_LSH:
		return bits_lsh(a, b);
	case BVM_RSH:
		return bvm_tnum_is_const(b) ? bvm_tnum_rsh(a, b.value) : BVM_TNUM_UNKNOWN;
	case BVM_ARSH:
		return bvm_tnum_is_const(b) ? bvm_tnum_arsh(bvm_tnum_sext(a, bits), b.value) :
					      BVM_TNUM_UNKNOWN;
	default:
		return BVM_TNUM_UNKNOWN;
	}
}

/* --------------------------------------------------------------- ranges */

static __always_inline void unsigned_unknown(unsigned int bits, struct bvm_view *v)
{
	v->umin = 0;
	v->umax = BVM_ONES(bits);
}

static __always_inline void signed_unknown(unsigned int bits, struct bvm_view *v)
{
	v->smax = BVM_ONES(bits) >> 1;
	v->smin = -v->smax - 1;
}

/*
 * Numbers from @min on up to @max, counting past the largest one on from the smallest,
 * @wide if they may be all there are.  A range only if they do not wrap around.
 */
static __always_inline void set_unsigned(unsigned int bits, struct bvm_view *v,
					 u64 min, u64 max, bool wide)
{
	v->umin = bvm_fit_u(bits, min);
	v->umax = bvm_fit_u(bits, max);
	if (wide || v->umin > v->umax)
		unsigned_unknown(bits, v);
}

static __always_inline void set_signed(unsigned int bits, struct bvm_view *v,
				       u64 min, u64 max, bool wide)
{
	v->smin = bvm_fit_s(bits, min);
	v->smax = bvm_fit_s(bits, max);
	if (wide || v->smin > v->smax)
		signed_unknown(bits, v);
}

/* Does an interval as long as these two together have more numbers than there are? */
static __always_inline bool too_wide(unsigned int bits, u64 len_a, u64 len_b)
{
	return len_b > BVM_ONES(bits) - len_a;
}

static __always_inline void ranges_add(unsigned int bits, struct bvm_view *a,
				       const struct bvm_view *b)
{
	bool uwide = too_wide(bits, a->umax - a->umin, b->umax - b->umin);
	bool swide = too_wide(bits, (u64)a->smax - a->smin, (u64)b->smax - b->smin);

	set_unsigned(bits, a, a->umin + b->umin, a->umax + b->umax, uwide);
	set_signed(bits, a, (u64)a->smin + b->smin, (u64)a->smax + b->smax, swide);
}

static __always_inline void ranges_sub(unsigned int bits, struct bvm_view *a,
				       const struct bvm_view *b)
{
	bool uwide = too_wide(bits, a->umax - a->umin, b->umax - b->umin);
	bool swide = too_wide(bits, (u64)a->smax - a->smin, (u64)b->smax - b->smin);

	set_unsigned(bits, a, a->umin - b->umax, a->umax - b->umin, uwide);
	set_signed(bits, a, (u64)a->smin - b->smax, (u64)a->smax - b->smin, swide);
}

/* The products of the ends bound all products, unless one overflows. */
static __always_inline void ranges_mul(unsigned int bits, struct bvm_view *a,
				       const struct bvm_view *b)
{
	s64 end_a[2] = { a->smin, a->smax }, end_b[2] = { b->smin, b->smax };
	s64 smin = S64_MAX, smax = S64_MIN, p;
	bool overflow = false;
	unsigned int i;
	u64 umax;

	if (check_mul_overflow(a->umax, b->umax, &umax) || umax > BVM_ONES(bits)) {
		unsigned_unknown(bits, a);
	} else {
		a->umin *= b->umin;
		a->umax = umax;
	}

	for (i = 0; i < 4; i++) {
		overflow |= check_mul_overflow(end_a[i & 1], end_b[i >> 1], &p);
		overflow |= p != bvm_fit_s(bits, p);
		smin = min(smin, p);
		smax = max(smax, p);
	}
	set_signed(bits, a, smin, smax, overflow);
}

static __always_inline void ranges_and(unsigned int bits, struct bvm_view *a,
				       const struct bvm_view *b)
{
	a->umin = 0;
	a->umax = min(a->umax, b->umax);
	signed_unknown(bits, a);
}

static __always_inline void ranges_or(unsigned int bits, struct bvm_view *a,
				      const struct bvm_view *b)
{
	a->umin = max(a->umin, b->umin);
	a->umax = BVM_ONES(bits);
	signed_unknown(bits, a);
}

/* A number below 0 gets further from 0 with the count, as does one above. */
static __always_inline void ranges_lsh(unsigned int bits, struct bvm_view *a,
				       const struct bvm_view *b)
{
	struct bvm_view any;
	u64 few = b->umin, many = b->umax;

	bvm_view_unknown(bits, &any);
	if (many >= bits) {
		*a = any;
		return;
	}
	if (a->umax > any.umax >> many) {
		unsigned_unknown(bits, a);
	} else {
		a->umin <<= few;
		a->umax <<= many;
	}
	if (a->smin < any.smin >> many || a->smax > any.smax >> many) {
		signed_unknown(bits, a);
	} else {
		a->smin = (u64)a->smin << (a->smin < 0 ? many : few);
		a->smax = (u64)a->smax << (a->smax < 0 ? few : many);
	}
}

static __always_inline void ranges_rsh(unsigned int bits, struct bvm_view *a,
				       const struct bvm_view *b)
{
	a->umin >>= b->umax;
	a->umax >>= b->umin;
	signed_unknown(bits, a);
}

static __always_inline void ranges_arsh(unsigned int bits, struct bvm_view *a,
					const struct bvm_view *b)
{
	a->smin >>= a->smin < 0 ? b->umin : b->umax;
	a->smax >>= a->smax < 0 ? b->umax : b->umin;
	unsigned_unknown(bits, a);
}

static __always_inline void ranges_of(enum bvm_alu_op op, unsigned int bits, struct bvm_view *a,
				      const struct bvm_view *b)
{
	switch (op) {
	case BVM_ADD:
		return ranges_add(bits, a, b);
	case BVM_SUB:
		return ranges_sub(bits, a, b);
	case BVM_MUL:
		return ranges_mul(bits, a, b);
	case BVM_OR:
		return ranges_or(bits, a, b);
	case BVM_AND:
		return ranges_and(bits, a, b);
	case BVM_LSH:
		return ranges_lsh(bits, a, b);
	case BVM_RSH:
		return ranges_rsh(bits, a, b);
	case BVM_ARSH:
		return ranges_arsh(bits, a, b);
	default:
		return bvm_view_unknown(bits, a);
	}
}

/* ----------------------------------------------------------- operations */

/* The low half of the result depends on nothing but the low halves. */
#define LOW_OPS		(BIT(BVM_ADD) | BIT(BVM_SUB) | BIT(BVM_MUL) | BIT(BVM_OR) | BIT(BVM_AND) | \
			 BIT(BVM_XOR) | BIT(BVM_LSH))
/* The second operand is a count. */
#define SHIFT_OPS	(BIT(BVM_LSH) | BIT(BVM_RSH) | BIT(BVM_ARSH))
/* Nothing is known of the result if nothing is of one operand. */
#define MIXING_OPS	(BIT(BVM_ADD) | BIT(BVM_SUB) | BIT(BVM_XOR))
/* Nothing is said about the result. */
#define OPAQUE_OPS	(BIT(BVM_DIV) | BIT(BVM_SDIV) | BIT(BVM_MOD) | BIT(BVM_SMOD))

/* The low @bits bits, in this range, are all there is. */
static void set_low(struct bvm_scalar *s, unsigned int bits, u64 min, u64 max)
{
	s->t = bvm_tnum_zext(s->t, bits);
	s->umin = min;
	s->umax = max;
	s->smin = min;
	s->smax = max;
}

/*
 * Compilers sign-extend the low half by shifting it up and back down, so its range must
 * survive that: shifted by a half, it is that of the result, exactly.
 */
static void lsh_by_half(struct bvm_scalar *s, const struct bvm_view *half)
{
	s->umin = half->umin << BVM_HALF;
	s->umax = half->umax << BVM_HALF;
	s->smin = (u64)half->smin << BVM_HALF;
	s->smax = (u64)half->smax << BVM_HALF;
}

/* Is nothing known of a number, or of its low half? */
static __always_inline bool unknown(const struct bvm_scalar *s, unsigned int bits)
{
	struct bvm_view v;

	if (bits == BVM_BITS)
		return bvm_scalar_is_unknown(s);
	bvm_view_load(s, bits, &v);
	return bvm_fit_u(bits, s->t.mask) == BVM_ONES(bits) && bvm_view_is_unknown(bits, &v);
}

/*
 * Of a known number nothing else is to be said, and of anything, with a known number, ranges
 * say no more than bits do; but for its sign, when that is shifted down.
 */
static __always_inline bool bits_say_all(enum bvm_alu_op op, unsigned int bits,
					 struct bvm_tnum result, const struct bvm_scalar *dst,
					 struct bvm_tnum src)
{
	return bvm_tnum_is_const(result) ||
	       (bvm_tnum_is_const(src) && op != BVM_ARSH && unknown(dst, bits));
}

static bool alu_full(enum bvm_alu_op op, struct bvm_scalar *dst, const struct bvm_scalar *src)
{
	struct bvm_tnum t = bits_of(op, BVM_BITS, dst->t, src->t);
	struct bvm_view a, b, half, half_b;

	if (bits_say_all(op, BVM_BITS, t, dst, src->t)) {
		bvm_scalar_bits(dst, t);
		return true;
	}
	bvm_view_load(dst, BVM_BITS, &a);
	bvm_view_load(src, BVM_BITS, &b);
	bvm_view_load(dst, BVM_HALF, &half);
	bvm_view_load(src, BVM_HALF, &half_b);
	dst->t = t;
	ranges_of(op, BVM_BITS, &a, &b);
	bvm_view_store(dst, BVM_BITS, &a);
	if (op == BVM_LSH && b.umin == BVM_HALF && b.umax == BVM_HALF)
		lsh_by_half(dst, &half);
	if (BIT(op) & LOW_OPS)
		ranges_of(op, BVM_HALF, &half, &half_b);
	else
		bvm_view_unknown(BVM_HALF, &half);
	bvm_view_store(dst, BVM_HALF, &half);
	return bvm_scalar_reduce(dst);
}

static bool alu_half(enum bvm_alu_op op, struct bvm_scalar *dst, const struct bvm_scalar *src)
{
	struct bvm_tnum low = bvm_tnum_zext(src->t, BVM_HALF);
	struct bvm_tnum t = bits_of(op, BVM_HALF, bvm_tnum_zext(dst->t, BVM_HALF), low);
	struct bvm_view a, b;

	t = bvm_tnum_zext(t, BVM_HALF);
	if (bits_say_all(op, BVM_HALF, t, dst, low)) {
		bvm_scalar_bits(dst, t);
		return true;
	}
	bvm_view_load(dst, BVM_HALF, &a);
	bvm_view_load(src, BVM_HALF, &b);
	dst->t = t;
	ranges_of(op, BVM_HALF, &a, &b);
	bvm_view_store(dst, BVM_HALF, &a);
	set_low(dst, BVM_HALF, a.umin, a.umax);
	return bvm_scalar_reduce(dst);
}

bool bvm_scalar_alu(enum bvm_alu_op op, unsigned int size, struct bvm_scalar *dst,
		    const struct bvm_scalar *src)
{
	unsigned int bits = bvm_bits_of(size);
	bool full = size == 8;

	if (BIT(op) & OPAQUE_OPS ||
	    (BIT(op) & SHIFT_OPS && (full ? src->umax : src->u32max) >= bits) ||
	    (BIT(op) & MIXING_OPS && (unknown(dst, bits) || unknown(src, bits)))) {
		if (full)
			bvm_scalar_unknown(dst);
		else
			bvm_scalar_bits(dst, bvm_tnum_zext(BVM_TNUM_UNKNOWN, bits));
		return true;
	}
	return full ? alu_full(op, dst, src) : alu_half(op, dst, src);
}

bool bvm_scalar_neg(unsigned int size, struct bvm_scalar *s)
{
	bvm_scalar_unknown(s);
	return size == 8 || bvm_scalar_zext(s, BVM_HALF);
}

/* ----------------------------------------------------- width and order */

bool bvm_scalar_zext(struct bvm_scalar *s, unsigned int bits)
{
	struct bvm_view v;

	if (s->umax <= BVM_ONES(bits))
		return true;
	if (bvm_scalar_is_unknown(s)) {
		bvm_scalar_bits(s, bvm_tnum_zext(s->t, bits));
		return true;
	}
	bvm_view_unknown(bits, &v);
	bvm_narrow_u(bits, s->umin, s->umax, &v);
	if (bits <= BVM_HALF)
		bvm_narrow_u(bits, s->u32min, s->u32max, &v);
	set_low(s, bits, v.umin, v.umax);
	if (bits != BVM_HALF) {
		bvm_view_unknown(BVM_HALF, &v);
		bvm_view_store(s, BVM_HALF, &v);
	}
	return bvm_scalar_reduce(s);
}

bool bvm_scalar_sext(struct bvm_scalar *s, unsigned int bits, unsigned int size)
{
	struct bvm_tnum t;
	struct bvm_view v;

	bvm_view_unknown(bits, &v);
	bvm_narrow_s(bits, s->umin, s->umax, &v);
	bvm_narrow_s(bits, s->smin, s->smax, &v);
	if (bits <= BVM_HALF) {
		bvm_narrow_s(bits, s->u32min, s->u32max, &v);
		bvm_narrow_s(bits, s->s32min, s->s32max, &v);
	}
	t = bvm_tnum_sext(s->t, bits);
	bvm_scalar_unknown(s);
	s->t = t;
	s->smin = v.smin;
	s->smax = v.smax;
	return bvm_scalar_reduce(s) && (size == 8 || bvm_scalar_zext(s, BVM_HALF));
}

/* Bits of a byte; where the whole has fewer than eight of them, a byte is a bit. */
#define BYTE	(BVM_BITS < 8 ? 1 : BVM_BITS / 8)

/* The low @bits bits of @x in reverse order of bytes. */
static u64 swap_bytes(u64 x, unsigned int bits)
{
	u64 swapped = 0;
	unsigned int i;

	for (i = 0; i < bits; i += BYTE) {
		swapped = swapped << BYTE | (x & BVM_ONES(BYTE));
		x >>= BYTE;
	}
	return swapped;
}

bool bvm_scalar_endian(enum bvm_endian_op op, unsigned int bytes, struct bvm_scalar *s)
{
	const bool big = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
	unsigned int bits = bytes * BVM_BITS / 8;
	struct bvm_tnum t = s->t;

	if (op == (big ? BVM_TO_BE : BVM_TO_LE))
		return bvm_scalar_zext(s, bits);
	bvm_scalar_unknown(s);
	s->t.value = swap_bytes(t.value, bits);
	s->t.mask = swap_bytes(t.mask, bits);
	return bvm_scalar_reduce(s);
}
