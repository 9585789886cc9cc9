/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Unsigned ranges, which a pass over the IR knows of registers.  They say less than the
 * verifier's domain, and take a fraction of its time.
 *
 * Operations are those of the IR: the count of a shift is taken modulo the width, x / 0 is 0,
 * x % 0 is x.  Each result holds all numbers that the operation can give.  All functions are
 * pure and may be called in any context.
 */
#ifndef _BVM_RANGE_H
#define _BVM_RANGE_H

#include "../deps.h"
#include "../isa/isa.h"

/**
 * struct bvm_range - unsigned numbers
 * @min:	the smallest
 * @max:	the largest, not below @min
 */
struct bvm_range {
	u64 min, max;
};

/* All numbers of so many bits. */
static inline struct bvm_range bvm_range_any(u32 bits)
{
	return (struct bvm_range){ 0, bits ? U64_MAX >> (64 - bits) : 0 };
}

static inline struct bvm_range bvm_range_number(u64 value)
{
	return (struct bvm_range){ value, value };
}

static inline bool bvm_range_is_number(struct bvm_range r)
{
	return r.min == r.max;
}

/* What is left of @r when all but the low @bits bits go. */
static inline struct bvm_range bvm_range_low(struct bvm_range r, u32 bits)
{
	struct bvm_range all = bvm_range_any(bits);

	if (bvm_range_is_number(r))
		return bvm_range_number(r.min & all.max);
	return r.max <= all.max ? r : all;
}

/**
 * bvm_range_extend - the low bits, extended by their sign
 * @r:		numbers
 * @bits:	8, 16 or 32
 * @size:	bytes of the result, 4 or 8
 */
struct bvm_range bvm_range_extend(struct bvm_range r, u32 bits, u32 size);

/**
 * bvm_range_alu - a op b
 * @op:		operation
 * @size:	8, or 4: of the low halves, the upper one of the result is 0
 * @a:		first operand
 * @b:		second one
 */
struct bvm_range bvm_range_alu(enum bvm_alu_op op, u32 size, struct bvm_range a,
			       struct bvm_range b);

/**
 * bvm_range_assume - what is left of two ranges if a comparison holds
 * @cond:	comparison
 * @size:	8, or 4: of the low halves
 * @a:		first operand; in, out
 * @b:		second one; in, out
 *
 * Return: false when it cannot hold; the operands are unspecified then.
 */
bool bvm_range_assume(enum bvm_cond cond, u32 size, struct bvm_range *a, struct bvm_range *b);

/* As bvm_range_assume(), for a comparison that does not hold. */
bool bvm_range_assume_not(enum bvm_cond cond, u32 size, struct bvm_range *a,
			  struct bvm_range *b);

#endif /* _BVM_RANGE_H */
