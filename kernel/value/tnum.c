// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tristate numbers.  Addition, subtraction and multiplication are those of
 * Vishwanathan et al., "Sound, Precise, and Fast Abstract Interpretation with
 * Tristate Numbers" (CGO 2022); the paper proves addition and subtraction optimal.
 */
#include "tnum.h"

/* The low @bits bits of @x, sign-extended to 64. */
static u64 sign_extend(u64 x, unsigned int bits)
{
	return (s64)(x << (64 - bits)) >> (64 - bits);
}

/* Known bits where both agree and @mask has no say; keeps the invariant value & mask == 0. */
static struct bvm_tnum tnum(u64 value, u64 mask)
{
	mask &= BVM_UMAX;
	return (struct bvm_tnum){ .value = value & ~mask & BVM_UMAX, .mask = mask };
}

struct bvm_tnum bvm_tnum_range(u64 min, u64 max)
{
	unsigned int bits = fls64(min ^ max);	/* below them, everything occurs */

	return tnum(min, bits ? BVM_ONES(bits) : 0);
}

bool bvm_tnum_intersect(struct bvm_tnum *a, struct bvm_tnum b)
{
	if ((a->value ^ b.value) & ~a->mask & ~b.mask)
		return false;
	*a = tnum(a->value | b.value, a->mask & b.mask);
	return true;
}

struct bvm_tnum bvm_tnum_union(struct bvm_tnum a, struct bvm_tnum b)
{
	return tnum(a.value, a.mask | b.mask | (a.value ^ b.value));
}

struct bvm_tnum bvm_tnum_zext(struct bvm_tnum a, unsigned int bits)
{
	return tnum(a.value & BVM_ONES(bits), a.mask & BVM_ONES(bits));
}

/*
 * Both words alike: an unknown sign bit spreads as unknown, a known one as known.
 */
struct bvm_tnum bvm_tnum_sext(struct bvm_tnum a, unsigned int bits)
{
	return tnum(sign_extend(a.value, bits), sign_extend(a.mask, bits));
}

/*
 * A bit of the sum is unknown if it is so in an operand, or if the carry into it
 * differs between the smallest sum (no unknown bit set) and the largest (all set).
 */
struct bvm_tnum bvm_tnum_add(struct bvm_tnum a, struct bvm_tnum b)
{
	u64 low = a.value + b.value;
	u64 high = low + a.mask + b.mask;

	return tnum(low, (low ^ high) | a.mask | b.mask);
}

/* As addition, with the borrow of the largest and of the smallest difference. */
struct bvm_tnum bvm_tnum_sub(struct bvm_tnum a, struct bvm_tnum b)
{
	u64 diff = a.value - b.value;
	u64 high = diff + a.mask;
	u64 low = diff - b.mask;

	return tnum(diff, (high ^ low) | a.mask | b.mask);
}

/*
 * Long multiplication.  The known parts multiply exactly; the uncertainty that each
 * bit of @a adds is summed apart from them.  The two cases before it are for speed: of a
 * product with anything, zeros at the bottom are all that is known.
 */
struct bvm_tnum bvm_tnum_mul(struct bvm_tnum a, struct bvm_tnum b)
{
	struct bvm_tnum sum = bvm_tnum_const(0);
	u64 known = a.value * b.value, any;

	if (!(a.mask | b.mask))
		return bvm_tnum_const(known);
	if (a.mask == BVM_UMAX || b.mask == BVM_UMAX) {
		any = a.mask == BVM_UMAX ? b.value | b.mask : a.value | a.mask;
		return tnum(0, any | -any);
	}
	for (; a.value | a.mask; a.value >>= 1, a.mask >>= 1) {
		if (a.value & 1)
			sum = bvm_tnum_add(sum, tnum(0, b.mask));
		else if (a.mask & 1)
			sum = bvm_tnum_add(sum, tnum(0, b.value | b.mask));
		b = bvm_tnum_lsh(b, 1);
	}
	return bvm_tnum_add(bvm_tnum_const(known), sum);
}

struct bvm_tnum bvm_tnum_and(struct bvm_tnum a, struct bvm_tnum b)
{
	u64 one = a.value & b.value;

	return tnum(one, (a.value | a.mask) & (b.value | b.mask) & ~one);
}

struct bvm_tnum bvm_tnum_or(struct bvm_tnum a, struct bvm_tnum b)
{
	u64 one = a.value | b.value;

	return tnum(one, (a.mask | b.mask) & ~one);
}

struct bvm_tnum bvm_tnum_xor(struct bvm_tnum a, struct bvm_tnum b)
{
	return tnum(a.value ^ b.value, a.mask | b.mask);
}

struct bvm_tnum bvm_tnum_lsh(struct bvm_tnum a, unsigned int count)
{
	return tnum(a.value << count, a.mask << count);
}

struct bvm_tnum bvm_tnum_rsh(struct bvm_tnum a, unsigned int count)
{
	return tnum(a.value >> count, a.mask >> count);
}

struct bvm_tnum bvm_tnum_arsh(struct bvm_tnum a, unsigned int count)
{
	return tnum((s64)sign_extend(a.value, BVM_BITS) >> count,
		    (s64)sign_extend(a.mask, BVM_BITS) >> count);
}
