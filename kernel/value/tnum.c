// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tristate numbers: multiplication, that of Vishwanathan et al.
 */
#include "tnum.h"

/*
 * Long multiplication.  The known parts multiply exactly; the uncertainty that each
 * bit of @a adds is summed apart from them: of that sum, no bit is known to be 1.  The two
 * cases before it are for speed: of a product with anything, zeros at the bottom are all
 * that is known.
 */
struct bvm_tnum bvm_tnum_mul(struct bvm_tnum a, struct bvm_tnum b)
{
	u64 known = a.value * b.value, sum = 0, any, bits;

	if (!(a.mask | b.mask))
		return bvm_tnum_const(known);
	if (a.mask == BVM_UMAX || b.mask == BVM_UMAX) {
		any = a.mask == BVM_UMAX ? b.value | b.mask : a.value | a.mask;
		return bvm_tnum(0, any | -any);
	}
	for (bits = a.value | a.mask; bits; bits &= bits - 1) {
		any = b.mask;
		if (a.mask & bits & -bits)
			any |= b.value;
		any <<= __ffs64(bits);
		sum |= any | (sum + any);
	}
	return bvm_tnum_add(bvm_tnum_const(known), bvm_tnum(0, sum));
}
