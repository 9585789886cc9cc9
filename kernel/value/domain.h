/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The value domain of the verifier: what is known about the number in a register
 * or stack slot, seen through five views of the same bits: known bits (tnum),
 * unsigned and signed ranges of the whole, and of the low half (32-bit subregister).
 * A scalar stands for the values that lie in all five.
 *
 * Every operation is the meet of sound per-view transfers followed by one
 * reduction, in which the views sharpen each other until nothing changes.  Where the
 * views contradict each other no value is left: the scalar is empty, and the path
 * that leads there cannot be taken.  Functions report that by returning false; the
 * contents of their operands are unspecified from then on and must not be used.
 *
 * Except where noted, scalars passed in are reduced and not empty, as every
 * function here leaves them.  Pointers passed to one call must not alias, unless
 * noted.  All functions are pure and may be called in any context.
 *
 * Operand widths are given as in struct bvm_insn: 8 bytes for the whole value, 4 for
 * the low half.  They are names only: built with BVM_BITS of 4, 6 or 8, 8 means
 * BVM_BITS bits and 4 half of them.
 */
#ifndef _BVM_DOMAIN_H
#define _BVM_DOMAIN_H

#include "../deps.h"
#include "../isa/isa.h"
#include "tnum.h"

/**
 * struct bvm_scalar - an abstract number
 * @t:		known bits
 * @umin:	range as an unsigned number, both ends included
 * @umax:	see @umin
 * @smin:	range as a two's complement number
 * @smax:	see @smin
 * @u32min:	unsigned range of the low half
 * @u32max:	see @u32min
 * @s32min:	two's complement range of the low half
 * @s32max:	see @s32min
 */
struct bvm_scalar {
	struct bvm_tnum t;
	u64 umin, umax;
	s64 smin, smax;
	u32 u32min, u32max;
	s32 s32min, s32max;
};

/* --------------------------------------------------------- construction */

/* Any value. */
extern const struct bvm_scalar bvm_scalar_any;

static inline void bvm_scalar_unknown(struct bvm_scalar *s)
{
	*s = bvm_scalar_any;
}

/* What these bits say, and nothing else. */
void bvm_scalar_bits(struct bvm_scalar *s, struct bvm_tnum t);

/* Exactly @value. */
void bvm_scalar_const(struct bvm_scalar *s, u64 value);

/* @min <= value <= @max, unsigned or signed; the caller guarantees the order. */
void bvm_scalar_range(struct bvm_scalar *s, u64 min, u64 max);
void bvm_scalar_srange(struct bvm_scalar *s, s64 min, s64 max);

/* ----------------------------------------------------------- predicates */

static inline bool bvm_scalar_is_const(const struct bvm_scalar *s)
{
	return bvm_tnum_is_const(s->t);
}

/* Is the low half a known number? */
static inline bool bvm_scalar_is_const32(const struct bvm_scalar *s)
{
	return s->u32min == s->u32max;
}

/* The number that bvm_scalar_is_const() found known. */
static inline u64 bvm_scalar_value(const struct bvm_scalar *s)
{
	return s->t.value;
}

/* Is the concrete @value among those that @s stands for? */
bool bvm_scalar_contains(const struct bvm_scalar *s, u64 value);

/* View by view: does @a admit all that @b admits?  May alias. */
bool bvm_scalar_includes(const struct bvm_scalar *a, const struct bvm_scalar *b);

/* Are all views the same?  May alias. */
bool bvm_scalar_equal(const struct bvm_scalar *a, const struct bvm_scalar *b);

/* Is nothing known? */
static inline bool bvm_scalar_is_unknown(const struct bvm_scalar *s)
{
	return s->t.mask == BVM_UMAX && bvm_scalar_equal(s, &bvm_scalar_any);
}

/* -------------------------------------------------------------- lattice */

/**
 * bvm_scalar_reduce - let the views sharpen each other until nothing changes
 * @s:		scalar, need not be reduced
 *
 * For the ranges the result is what the model in
 * tools/testing/selftests/bpf/prog_tests/reg_bounds.c computes.  That test demands equal
 * ranges, so the reduction must not get cleverer.
 *
 * Return: false when no value is left.
 */
bool bvm_scalar_reduce(struct bvm_scalar *s);

/* @a becomes what both admit.  Return: false when that is nothing. */
bool bvm_scalar_intersect(struct bvm_scalar *a, const struct bvm_scalar *b);

/* @a becomes the hull of both. */
void bvm_scalar_union(struct bvm_scalar *a, const struct bvm_scalar *b);

/* ----------------------------------------------------------- operations */

/**
 * bvm_scalar_alu - dst = dst op src
 * @op:		operation
 * @size:	operand width: 8, or 4 to work on the low half and clear the rest
 * @dst:	in, out
 * @src:	may be the same as @dst: the operands are then taken as unrelated numbers
 *		of the same description (r1 - r1 is not 0)
 *
 * RFC 9669 section 4.1: overflow wraps, x / 0 is 0, x % 0 is x, smallest / -1 is
 * smallest, smallest % -1 is 0.  A shift whose count may reach the width gives an
 * unknown result, although the RFC masks the count: that is what the stock verifier says.
 *
 * Return: true; false when no value is left, which reduced operands cannot cause.
 */
bool bvm_scalar_alu(enum bvm_alu_op op, unsigned int size, struct bvm_scalar *dst,
		    const struct bvm_scalar *src);

/*
 * dst = -dst in the width @size, 4 or 8: unknown, as the stock verifier has it and
 * upstream's verifier_bounds_deduction.c relies on.  Return: as bvm_scalar_alu().
 */
bool bvm_scalar_neg(unsigned int size, struct bvm_scalar *s);

/* Keep the low @bits bits (8, 16, 32; 64: no change), the rest becomes 0. */
bool bvm_scalar_zext(struct bvm_scalar *s, unsigned int bits);

/**
 * bvm_scalar_sext - sign-extend the low bits (BPF_MOV with offset, BPF_MEMSX)
 * @s:		in, out
 * @bits:	8, 16 or 32, below the width
 * @size:	width to extend to: 8, or 4, with the upper half cleared
 * Return: as bvm_scalar_alu().
 */
bool bvm_scalar_sext(struct bvm_scalar *s, unsigned int bits, unsigned int size);

/**
 * bvm_scalar_endian - byte swaps, RFC 9669 section 4.2
 * @op:		enum bvm_endian_op
 * @bytes:	2, 4 or 8: this many low bytes are kept, in the new order, the rest becomes 0
 * @s:		in, out
 * Return: as bvm_scalar_alu().
 */
bool bvm_scalar_endian(enum bvm_endian_op op, unsigned int bytes, struct bvm_scalar *s);

/* ---------------------------------------------------------- comparisons */

/**
 * bvm_scalar_assume - sharpen two scalars by a comparison that holds
 * @cond:	condition
 * @size:	operand width: 8, or 4 to compare the low halves
 * @a:		left operand; in, out
 * @b:		right operand; in, out; not the same object as @a
 *
 * A branch is decided when the other side cannot be assumed.
 *
 * Return: false when no pair of values satisfies the condition.
 */
bool bvm_scalar_assume(enum bvm_cond cond, unsigned int size, struct bvm_scalar *a,
		       struct bvm_scalar *b);

/* As bvm_scalar_assume(), for a comparison that does not hold. */
bool bvm_scalar_assume_not(enum bvm_cond cond, unsigned int size, struct bvm_scalar *a,
			   struct bvm_scalar *b);

#endif /* _BVM_DOMAIN_H */
