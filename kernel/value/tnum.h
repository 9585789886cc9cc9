/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tristate numbers: what is known about each bit of a value.
 *
 * A tnum (value, mask) stands for the set of x with (x & ~mask) == value: a bit
 * of @mask is unknown, any other bit equals that of @value.  value & mask == 0
 * always.  The abstract operations follow Vishwanathan et al., "Sound, Precise,
 * and Fast Abstract Interpretation with Tristate Numbers" (CGO 2022); it proves
 * addition and subtraction optimal.
 *
 * All functions are pure and may be called in any context.  They work on values
 * of BVM_BITS bits, 64 in the kernel.  The host tests build them with 4, 6 and 8
 * bits as well, where they can be compared with every concrete execution; half
 * of BVM_BITS then stands for the 32-bit subregister.
 */
#ifndef _BVM_TNUM_H
#define _BVM_TNUM_H

#include "../deps.h"

#ifndef BVM_BITS
#define BVM_BITS	64
#endif
#define BVM_HALF	(BVM_BITS / 2)

/* All ones in @bits bits, 1..64. */
#define BVM_ONES(bits)	(~0ULL >> (64 - (bits)))
#define BVM_UMAX	BVM_ONES(BVM_BITS)
#define BVM_SIGN	(1ULL << (BVM_BITS - 1))

/**
 * struct bvm_tnum - known and unknown bits of a value
 * @value:	known bits; 0 where unknown
 * @mask:	1 where unknown
 */
struct bvm_tnum {
	u64 value, mask;
};

#define BVM_TNUM_UNKNOWN	((struct bvm_tnum){ .value = 0, .mask = BVM_UMAX })

static inline struct bvm_tnum bvm_tnum_const(u64 value)
{
	return (struct bvm_tnum){ .value = value & BVM_UMAX };
}

static inline bool bvm_tnum_is_const(struct bvm_tnum a)
{
	return !a.mask;
}

/* Is the concrete @x one of the values that @a stands for? */
static inline bool bvm_tnum_contains(struct bvm_tnum a, u64 x)
{
	return (x & ~a.mask) == a.value;
}

/* Is every value of @b one of @a as well? */
static inline bool bvm_tnum_in(struct bvm_tnum a, struct bvm_tnum b)
{
	return !(b.mask & ~a.mask) && bvm_tnum_contains(a, b.value);
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

/* Known bits where both agree and @mask has no say; keeps the invariant value & mask == 0. */
static inline struct bvm_tnum bvm_tnum(u64 value, u64 mask)
{
	mask &= BVM_UMAX;
	return (struct bvm_tnum){ .value = value & ~mask & BVM_UMAX, .mask = mask };
}

/* What is known of @value, if its low @bits bits are not. */
static inline struct bvm_tnum bvm_tnum_above(u64 value, unsigned int bits)
{
	return bvm_tnum(value, bits ? BVM_ONES(bits) : 0);
}

/**
 * bvm_tnum_intersect - values that two tnums share
 * @a:		in, out: the common values
 * @b:		the other
 * Return: false when there are none; @a is then unchanged.
 */
static inline bool bvm_tnum_intersect(struct bvm_tnum *a, struct bvm_tnum b)
{
	if ((a->value ^ b.value) & ~a->mask & ~b.mask)
		return false;
	*a = bvm_tnum(a->value | b.value, a->mask & b.mask);
	return true;
}

/* Smallest tnum that holds the values of both. */
static inline struct bvm_tnum bvm_tnum_union(struct bvm_tnum a, struct bvm_tnum b)
{
	return bvm_tnum(a.value, a.mask | b.mask | (a.value ^ b.value));
}

/* Low @bits bits, zero-extended; @bits is 1..BVM_BITS. */
static inline struct bvm_tnum bvm_tnum_zext(struct bvm_tnum a, unsigned int bits)
{
	return bvm_tnum(bvm_fit_u(bits, a.value), bvm_fit_u(bits, a.mask));
}

/* Sign-extended, both words alike: an unknown sign bit spreads as unknown, as a known one does. */
static inline struct bvm_tnum bvm_tnum_sext(struct bvm_tnum a, unsigned int bits)
{
	return bvm_tnum(bvm_fit_s(bits, a.value), bvm_fit_s(bits, a.mask));
}

/*
 * Bitwise and arithmetic operations modulo 2^BVM_BITS.
 *
 * A bit of the sum is unknown if it is so in an operand, or if the carry into it
 * differs between the smallest sum (no unknown bit set) and the largest (all set).
 */
static inline struct bvm_tnum bvm_tnum_add(struct bvm_tnum a, struct bvm_tnum b)
{
	u64 low = a.value + b.value;
	u64 high = low + a.mask + b.mask;

	return bvm_tnum(low, (low ^ high) | a.mask | b.mask);
}

/* As addition, with the borrow of the largest and of the smallest difference. */
static inline struct bvm_tnum bvm_tnum_sub(struct bvm_tnum a, struct bvm_tnum b)
{
	u64 diff = a.value - b.value;
	u64 high = diff + a.mask;
	u64 low = diff - b.mask;

	return bvm_tnum(diff, (high ^ low) | a.mask | b.mask);
}

struct bvm_tnum bvm_tnum_mul(struct bvm_tnum a, struct bvm_tnum b);

static inline struct bvm_tnum bvm_tnum_and(struct bvm_tnum a, struct bvm_tnum b)
{
	u64 one = a.value & b.value;

	return bvm_tnum(one, (a.value | a.mask) & (b.value | b.mask) & ~one);
}

static inline struct bvm_tnum bvm_tnum_or(struct bvm_tnum a, struct bvm_tnum b)
{
	u64 one = a.value | b.value;

	return bvm_tnum(one, (a.mask | b.mask) & ~one);
}

static inline struct bvm_tnum bvm_tnum_xor(struct bvm_tnum a, struct bvm_tnum b)
{
	return bvm_tnum(a.value ^ b.value, a.mask | b.mask);
}

/* Shifts by a known @count, below BVM_BITS. */
static inline struct bvm_tnum bvm_tnum_lsh(struct bvm_tnum a, unsigned int count)
{
	return bvm_tnum(a.value << count, a.mask << count);
}

static inline struct bvm_tnum bvm_tnum_rsh(struct bvm_tnum a, unsigned int count)
{
	return bvm_tnum(a.value >> count, a.mask >> count);
}

static inline struct bvm_tnum bvm_tnum_arsh(struct bvm_tnum a, unsigned int count)
{
	return bvm_tnum(bvm_fit_s(BVM_BITS, a.value) >> count,
			bvm_fit_s(BVM_BITS, a.mask) >> count);
}

#endif /* _BVM_TNUM_H */
