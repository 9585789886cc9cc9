/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the value domain must say, case by case: the precision that programs, and
 * upstream's verifier tests, rely on.  KUnit and the host tests run the same table.
 */
#ifndef _BVM_DOMAIN_CASES_H
#define _BVM_DOMAIN_CASES_H

#include "../value/domain.h"

/** enum domain_shape - how struct domain_value describes a scalar */
enum domain_shape {
	SHAPE_EMPTY,	/* no value at all: the path is dead */
	SHAPE_BITS,	/* known bits: value, mask of the unknown */
	SHAPE_U, SHAPE_S,	/* range of the whole */
	SHAPE_U32, SHAPE_S32,	/* range of the low half, above it anything */
	SHAPE_ZU32, SHAPE_ZS32,	/* range of the low half, above it 0 */
};

/**
 * struct domain_value - a scalar, short
 * @shape:	enum domain_shape
 * @x:		first number
 * @y:		second number
 * @zero:	bits known to be 0 besides
 */
struct domain_value {
	u8 shape;
	u64 x, y;
	u64 zero;
};

#define BITS(value, mask)	{ SHAPE_BITS, (value), (mask) }
#define K(value)		BITS(value, 0)
#define ANY			BITS(0, ~0ULL)
#define U(min, max)		{ SHAPE_U, (min), (max) }
#define S(min, max)		{ SHAPE_S, (min), (max) }
#define UA(min, max, zero)	{ SHAPE_U, (min), (max), (zero) }
#define SA(min, max, zero)	{ SHAPE_S, (min), (max), (zero) }
#define W(min, max)		{ SHAPE_ZU32, (min), (max) }
#define WS(min, max)		{ SHAPE_ZS32, (min), (max) }
#define LOW(min, max)		{ SHAPE_U32, (min), (max) }
#define LOWS(min, max)		{ SHAPE_S32, (min), (max) }
#define EMPTY			{ SHAPE_EMPTY, 0, 0 }

static inline void domain_value_get(struct bvm_scalar *s, const struct domain_value *v)
{
	bvm_scalar_unknown(s);
	switch (v->shape) {
	case SHAPE_BITS:
		s->t.value = v->x;
		s->t.mask = v->y;
		break;
	case SHAPE_U:
		s->umin = v->x;
		s->umax = v->y;
		break;
	case SHAPE_S:
		s->smin = v->x;
		s->smax = v->y;
		break;
	case SHAPE_ZU32:
		bvm_scalar_zext(s, 32);
		fallthrough;
	case SHAPE_U32:
		s->u32min = v->x;
		s->u32max = v->y;
		break;
	case SHAPE_ZS32:
		bvm_scalar_zext(s, 32);
		fallthrough;
	case SHAPE_S32:
		s->s32min = v->x;
		s->s32max = v->y;
		break;
	}
	s->t.mask &= ~v->zero;
	bvm_scalar_reduce(s);
}

/** enum domain_what - kinds of rows */
enum domain_what { DO_ALU, DO_COND, DO_NOT, DO_NEG, DO_ZEXT, DO_SEXT, DO_SWAP, DO_MEET, DO_JOIN };

/**
 * struct domain_case - one operation and what comes of it
 * @what:	enum domain_what
 * @op:		operation or condition; bits of extensions, bytes of swaps
 * @size:	4 or 8; enum bvm_endian_op of swaps
 * @a:		left operand
 * @b:		right operand
 * @want_a:	left operand afterwards
 * @want_b:	right operand after a comparison
 */
struct domain_case {
	u8 what;
	u8 op;
	u8 size;
	struct domain_value a, b, want_a, want_b;
};

#define ALU(op, size, a, b, want)	{ DO_ALU, BVM_##op, size, a, b, want }
#define IF(op, size, a, b, ...)		{ DO_COND, BVM_##op, size, a, b, __VA_ARGS__ }
#define IF_NOT(op, size, a, b, ...)	{ DO_NOT, BVM_##op, size, a, b, __VA_ARGS__ }
#define NEGATE(size, a, want)		{ DO_NEG, 0, size, a, ANY, want }
#define ZEXT(bits, a, want)		{ DO_ZEXT, bits, 0, a, ANY, want }
#define SEXT(bits, size, a, want)	{ DO_SEXT, bits, size, a, ANY, want }
#define SWAP(bytes, a, want)		{ DO_SWAP, bytes, BVM_BSWAP, a, ANY, want }
#define MEET(a, b, want)		{ DO_MEET, 0, 0, a, b, want }
#define JOIN(a, b, want)		{ DO_JOIN, 0, 0, a, b, want }

#define MIN64	((u64)S64_MIN)
#define MAX64	((u64)S64_MAX)
#define MIN32	((u64)(s64)S32_MIN)
#define NEG_1	(~0ULL)
#define M(x)	(0 - (u64)(x))		/* minus x */

static const struct domain_case domain_cases[] = {
	/* constants and the corners of the instruction set */
	ALU(ADD, 8, K(2), K(3), K(5)),
	ALU(ADD, 8, K(NEG_1), K(1), K(0)),
	ALU(ADD, 4, K(0xffffffff), K(1), K(0)),
	ALU(ADD, 4, K(0x7fffffff), K(1), K(0x80000000)),
	ALU(SUB, 8, K(2), K(3), K(NEG_1)),
	ALU(SUB, 4, K(2), K(3), K(0xffffffff)),
	ALU(MUL, 8, K(1000000), K(1000000), K(1000000000000)),
	ALU(MUL, 8, K(M(3)), K(7), K(M(21))),
	ALU(MUL, 4, K(0x10000), K(0x10000), K(0)),
	ALU(OR, 8, K(0xf0), K(0x0f), K(0xff)),
	ALU(AND, 8, K(0xff), K(0x3c), K(0x3c)),
	ALU(XOR, 8, K(0xff), K(0x0f), K(0xf0)),
	ALU(XOR, 4, K(NEG_1), K(0), K(0xffffffff)),
	ALU(LSH, 8, K(1), K(63), K(MIN64)),
	ALU(LSH, 4, K(1), K(31), K(0x80000000)),
	ALU(RSH, 8, K(MIN64), K(63), K(1)),
	ALU(RSH, 4, K(0x100000002), K(1), K(1)),
	ALU(ARSH, 8, K(MIN64), K(63), K(NEG_1)),
	ALU(ARSH, 4, K(0x80000000), K(31), K(0xffffffff)),
	ALU(ARSH, 4, K(0x180000000), K(4), K(0xf8000000)),

	/* sums and differences of ranges */
	ALU(ADD, 8, U(1, 5), K(10), U(11, 15)),
	ALU(ADD, 8, U(0, 255), U(0, 255), U(0, 510)),
	ALU(ADD, 8, ANY, K(1), ANY),
	ALU(ADD, 8, S(M(10), 10), K(10), U(0, 20)),
	ALU(ADD, 8, S(M(10), 10), S(M(5), 5), S(M(15), 15)),
	ALU(ADD, 8, U(1, 10), K(NEG_1), U(0, 9)),
	ALU(ADD, 8, U(0, NEG_1 - 1), K(1), U(1, NEG_1)),
	ALU(ADD, 8, S(MIN64, MAX64 - 1), K(1), S(MIN64 + 1, MAX64)),
	ALU(ADD, 8, U(0x7fffffff, 0x8000007e), K(1), U(0x80000000, 0x8000007f)),
	ALU(ADD, 4, W(0, 0xff), K(0x7fffff80), W(0x7fffff80, 0x8000007f)),
	ALU(ADD, 4, W(0, 0xff), K(0xffffff80), WS(M(0x80), 0x7f)),
	ALU(ADD, 4, ANY, K(1), W(0, 0xffffffff)),
	ALU(SUB, 8, U(0, 255), U(0, 255), S(M(255), 255)),
	ALU(SUB, 8, U(10, 20), K(10), U(0, 10)),
	ALU(SUB, 8, K(5), U(0, 5), U(0, 5)),
	ALU(SUB, 8, U(0, 255), K(1), S(NEG_1, 254)),
	ALU(SUB, 4, U(0, 255), K(1), WS(NEG_1, 254)),
	/* the low half wraps around within one upper half: bounds, truncation 1 */
	ALU(SUB, 4, U(0x107fffffffULL, 0x10800000feULL), K(0x7fffffff), U(0, 0xff)),
	/* known bits survive: alignment */
	ALU(ADD, 8, BITS(0, 0xfc), K(4), UA(4, 0x100, 3)),
	ALU(ADD, 8, BITS(0, ~3ULL), K(2), BITS(2, ~3ULL)),
	ALU(SUB, 8, BITS(0, ~3ULL), BITS(0, ~7ULL), BITS(0, ~3ULL)),
	ALU(ADD, 8, BITS(1, 0xfe), BITS(1, 0), UA(2, 0x100, 1)),

	/* products */
	ALU(MUL, 8, U(0, 15), U(0, 255), U(0, 3825)),
	ALU(MUL, 8, S(M(2), 3), K(4), SA(M(8), 12, 3)),
	ALU(MUL, 8, S(M(2), 3), S(M(5), 7), S(M(15), 21)),
	ALU(MUL, 8, U(0, 0x100000000ULL), U(0, 0x100000000ULL), ANY),
	ALU(MUL, 4, W(0, 15), W(0, 15), U(0, 225)),
	ALU(MUL, 4, W(0, 0x10000), W(0, 0x10000), W(0, 0xffffffff)),
	ALU(MUL, 8, ANY, K(4), BITS(0, ~3ULL)),
	ALU(MUL, 8, ANY, K(0), K(0)),

	/* quotients and remainders: nothing is known of them, as on stock */
	ALU(DIV, 8, K(7), K(2), ANY),
	ALU(DIV, 4, U(10, 100), K(2), U(0, 0xffffffff)),
	ALU(MOD, 8, K(7), K(2), ANY),
	ALU(MOD, 4, U(10, 100), K(2), U(0, 0xffffffff)),
	ALU(SDIV, 8, K(7), K(2), ANY),
	ALU(SDIV, 4, U(10, 100), K(2), U(0, 0xffffffff)),
	ALU(SMOD, 8, K(7), K(2), ANY),
	ALU(SMOD, 4, U(10, 100), K(2), U(0, 0xffffffff)),

	/* bits */
	ALU(AND, 8, ANY, K(0xff), U(0, 0xff)),
	ALU(AND, 8, ANY, K(0xf0), BITS(0, 0xf0)),
	ALU(AND, 8, U(0, 255), K(M(4)), BITS(0, 0xfc)),
	ALU(AND, 8, U(0, 10), U(0, 6), U(0, 6)),
	ALU(AND, 4, ANY, K(NEG_1), W(0, 0xffffffff)),
	ALU(AND, 8, ANY, K(MAX64), U(0, MAX64)),
	ALU(OR, 8, ANY, K(1), BITS(1, ~1ULL)),
	ALU(OR, 8, BITS(0, 0x1a0), BITS(0, 0xaf), BITS(0, 0x1af)),
	ALU(OR, 8, U(5, 6), U(9, 10), U(12, 15)),
	ALU(OR, 8, U(5, 9), U(3, 20), U(5, 31)),
	ALU(OR, 8, ANY, K(MIN64), S(MIN64, NEG_1)),
	ALU(XOR, 8, BITS(0, 0x1a0), BITS(0, 0xaf), BITS(0, 0x1af)),
	ALU(XOR, 8, U(0, 7), K(8), U(8, 15)),
	ALU(XOR, 8, ANY, K(3), ANY),
	/* the low half stays known: known subreg with unknown reg */
	ALU(AND, 8, BITS(1, ~0ULL << 32), K(0xffff1234), K(0)),

	/* shifts */
	ALU(LSH, 8, U(0, 255), K(2), BITS(0, 0x3fc)),
	ALU(LSH, 8, ANY, K(56), BITS(0, 0xffULL << 56)),
	ALU(LSH, 8, U(1, 3), U(0, 4), U(1, 48)),
	ALU(LSH, 8, S(M(4), 3), K(4), SA(M(64), 48, 15)),
	ALU(LSH, 8, ANY, U(4, 5), BITS(0, ~15ULL)),
	ALU(LSH, 8, BITS(0, ~3ULL), U(2, 3), BITS(0, ~15ULL)),
	ALU(LSH, 8, K(1), U(0, 64), ANY),
	ALU(LSH, 4, K(1), K(32), W(0, 0xffffffff)),
	ALU(LSH, 4, K(1), K(NEG_1), W(0, 0xffffffff)),
	ALU(RSH, 8, ANY, K(56), U(0, 0xff)),
	ALU(RSH, 8, U(16, 255), U(1, 4), U(1, 127)),
	ALU(RSH, 8, S(NEG_1, 254), K(8), U(0, 0xffffffffffffffULL)),
	ALU(RSH, 4, ANY, K(24), U(0, 0xff)),
	ALU(RSH, 8, K(1), K(64), ANY),
	ALU(ARSH, 8, S(M(256), 255), K(4), S(M(16), 15)),
	ALU(ARSH, 8, S(M(256), 255), U(0, 4), S(M(256), 255)),
	ALU(ARSH, 8, ANY, K(63), S(NEG_1, 0)),
	ALU(ARSH, 4, ANY, K(31), WS(NEG_1, 0)),
	ALU(ARSH, 4, W(0x80000000, 0xffffffff), K(4), W(0xf8000000, 0xffffffff)),
	/* the low half sign-extended by two shifts */
	ALU(LSH, 8, LOWS(M(5), 7), K(32), SA(M(5) << 32, 7ULL << 32, 0xffffffff)),
	ALU(ARSH, 8, S(M(5) << 32, 7ULL << 32), K(32), S(M(5), 7)),
	ALU(RSH, 8, W(0, 0xffffffff), K(32), K(0)),

	/* one operand */
	NEGATE(8, K(5), ANY),
	NEGATE(4, K(5), W(0, 0xffffffff)),
	ZEXT(8, ANY, U(0, 0xff)),
	ZEXT(16, ANY, U(0, 0xffff)),
	ZEXT(32, ANY, W(0, 0xffffffff)),
	ZEXT(32, LOWS(M(5), 5), WS(M(5), 5)),
	ZEXT(32, U(0x100000001ULL, 0x100000005ULL), U(1, 5)),
	ZEXT(8, U(0x101, 0x105), U(1, 5)),
	ZEXT(8, U(0xf0, 0x105), U(0, 0xff)),
	ZEXT(8, BITS(0, ~3ULL), BITS(0, 0xfc)),
	ZEXT(64, U(1, 5), U(1, 5)),
	SEXT(8, 8, ANY, S(M(0x80), 0x7f)),
	SEXT(16, 8, ANY, S(M(0x8000), 0x7fff)),
	SEXT(32, 8, ANY, S(MIN32, 0x7fffffff)),
	SEXT(8, 4, ANY, WS(M(0x80), 0x7f)),
	SEXT(16, 4, ANY, WS(M(0x8000), 0x7fff)),
	SEXT(8, 8, U(0, 0x7f), U(0, 0x7f)),
	SEXT(8, 8, U(0x80, 0xff), S(M(0x80), NEG_1)),
	SEXT(8, 8, S(M(2), 3), S(M(2), 3)),
	SEXT(8, 4, K(0xff), K(0xffffffff)),
	SEXT(8, 8, K(0x123), K(0x23)),
	SEXT(8, 8, U(0x1f0, 0x20f), S(M(16), 15)),
	SEXT(8, 8, U(0, 0x80), S(M(0x80), 0x7f)),
	SEXT(32, 8, W(0x80000000, 0xffffffff), S(MIN32, NEG_1)),
	SEXT(32, 8, LOWS(M(3), 9), S(M(3), 9)),
	SWAP(2, K(0x123456), K(0x5634)),
	SWAP(4, K(0x0102030405060708ULL), K(0x08070605)),
	SWAP(8, K(0x0102030405060708ULL), K(0x0807060504030201ULL)),
	SWAP(2, U(0, 0xff), BITS(0, 0xff00)),
	SWAP(8, BITS(0, 1), BITS(0, 1ULL << 56)),

	/* comparisons of the whole */
	IF(JEQ, 8, ANY, K(5), K(5), K(5)),
	IF(JEQ, 8, U(0, 10), U(5, 20), U(5, 10), U(5, 10)),
	IF(JEQ, 8, U(0, 4), U(5, 20), EMPTY, EMPTY),
	IF(JEQ, 8, S(M(5), 5), U(3, 20), U(3, 5), U(3, 5)),
	IF(JEQ, 8, BITS(0, ~1ULL), BITS(1, ~1ULL), EMPTY, EMPTY),
	IF(JEQ, 8, ANY, BITS(1, ~1ULL), BITS(1, ~1ULL), BITS(1, ~1ULL)),
	IF(JEQ, 8, LOWS(M(5), NEG_1), LOWS(0, 5), EMPTY, EMPTY),
	IF(JEQ, 8, LOW(0, 0x90000000), LOW(0xa0000000, 0xffffffff), EMPTY, EMPTY),
	IF(JEQ, 8, LOW(5, 0x80000005), LOW(2, 4), EMPTY, EMPTY),
	IF(JEQ, 8, LOWS(M(5), 5), LOWS(6, 0x7fffffff), EMPTY, EMPTY),
	IF(JNE, 8, U(0, 7), K(0), U(1, 7), K(0)),
	IF(JNE, 8, U(0, 7), K(7), U(0, 6), K(7)),
	IF(JNE, 8, U(0, 7), K(5), U(0, 7), K(5)),
	IF(JNE, 8, K(0), U(0, 7), K(0), U(1, 7)),
	IF(JNE, 8, S(M(3), 3), K(M(3)), S(M(2), 3), K(M(3))),
	IF(JNE, 8, K(5), K(5), EMPTY, EMPTY),
	IF_NOT(JEQ, 8, U(0, 7), K(0), U(1, 7), K(0)),
	IF_NOT(JNE, 8, U(0, 7), K(3), K(3), K(3)),
	IF(JGT, 8, ANY, K(5), U(6, NEG_1), K(5)),
	IF(JGT, 8, ANY, K(NEG_1), EMPTY, EMPTY),
	IF(JGT, 8, U(0, 10), U(3, 20), U(4, 10), U(3, 9)),
	IF(JGE, 8, ANY, K(5), U(5, NEG_1), K(5)),
	IF(JGE, 8, U(0, 10), U(11, 20), EMPTY, EMPTY),
	IF(JLT, 8, ANY, K(5), U(0, 4), K(5)),
	IF(JLT, 8, ANY, K(0), EMPTY, EMPTY),
	IF(JLE, 8, ANY, K(0), K(0), K(0)),
	IF_NOT(JGT, 8, ANY, K(5), U(0, 5), K(5)),
	IF_NOT(JGE, 8, ANY, K(0), EMPTY, EMPTY),
	IF_NOT(JLT, 8, ANY, K(5), U(5, NEG_1), K(5)),
	IF_NOT(JLE, 8, ANY, K(5), U(6, NEG_1), K(5)),
	IF(JSGT, 8, ANY, K(NEG_1), U(0, MAX64), K(NEG_1)),
	IF(JSGT, 8, ANY, K(MAX64), EMPTY, EMPTY),
	IF(JSGE, 8, ANY, K(0), U(0, MAX64), K(0)),
	IF(JSLT, 8, ANY, K(0), S(MIN64, NEG_1), K(0)),
	IF(JSLT, 8, U(0, 10), K(5), U(0, 4), K(5)),
	IF(JSLT, 8, ANY, K(MIN64), EMPTY, EMPTY),
	IF(JSLE, 8, ANY, K(NEG_1), S(MIN64, NEG_1), K(NEG_1)),
	IF_NOT(JSGT, 8, ANY, K(1), S(MIN64, 1), K(1)),
	IF_NOT(JSGE, 8, ANY, K(0), S(MIN64, NEG_1), K(0)),
	IF_NOT(JSLT, 8, ANY, K(0), U(0, MAX64), K(0)),
	IF_NOT(JSLE, 8, ANY, K(0), U(1, MAX64), K(0)),
	IF(JSET, 8, ANY, K(0), EMPTY, EMPTY),
	IF(JSET, 8, ANY, K(8), BITS(8, ~8ULL), K(8)),
	IF(JSET, 8, ANY, K(3), ANY, K(3)),
	IF(JSET, 8, U(0, 1), K(3), U(0, 1), K(3)),
	IF(JSET, 8, K(4), ANY, K(4), BITS(4, ~4ULL)),
	IF(JSET, 8, U(0, 7), K(4), U(4, 7), K(4)),
	IF(JSET, 8, U(0, 3), K(4), EMPTY, EMPTY),
	IF_NOT(JSET, 8, ANY, K(3), BITS(0, ~3ULL), K(3)),
	IF_NOT(JSET, 8, U(0, 7), K(6), U(0, 1), K(6)),
	IF_NOT(JSET, 8, K(4), K(4), EMPTY, EMPTY),
	/* the signed range cuts the unsigned one across the sign: bounds_deduct_* */
	IF_NOT(JGT, 8, S(M(0x80), 0x7f), K(M(0x100)), U(0, 0x7f), K(M(0x100))),

	/* comparisons of the low half */
	IF(JEQ, 4, ANY, K(5), LOW(5, 5), K(5)),
	IF(JEQ, 4, W(0, 0xffffffff), K(5), K(5), K(5)),
	IF(JEQ, 4, LOW(0, 4), K(5), EMPTY, EMPTY),
	IF(JEQ, 4, K(0x100000005ULL), K(5), K(0x100000005ULL), K(5)),
	IF(JNE, 4, K(0x100000005ULL), K(5), EMPTY, EMPTY),
	IF(JNE, 4, W(0, 7), K(0), U(1, 7), K(0)),
	IF(JLT, 4, ANY, K(5), LOW(0, 4), K(5)),
	IF(JLT, 4, W(0, 0xffffffff), K(5), U(0, 4), K(5)),
	IF(JGT, 4, W(0, 0xffffffff), K(0x7fffffff), W(0x80000000, 0xffffffff), K(0x7fffffff)),
	IF(JGT, 4, ANY, K(0xffffffff), EMPTY, EMPTY),
	IF(JSLT, 4, W(0, 0xffffffff), K(0), W(0x80000000, 0xffffffff), K(0)),
	IF(JSGT, 4, W(0, 0xffffffff), K(NEG_1), U(0, 0x7fffffff), K(NEG_1)),
	IF(JSGE, 4, ANY, K(MIN32), ANY, K(MIN32)),
	IF(JSLT, 4, ANY, K(0x80000000), EMPTY, EMPTY),
	IF(JSET, 4, ANY, K(0x100000000ULL), EMPTY, EMPTY),
	IF(JSET, 4, W(0, 0xffffffff), K(0x80000000), W(0x80000000, 0xffffffff), K(0x80000000)),
	IF_NOT(JSET, 4, W(0, 0xffffffff), K(0xfffffff0), U(0, 15), K(0xfffffff0)),
	/* signed_unsigned_intersection32: the half is cut across the sign */
	IF_NOT(JSGT, 4, W(3, 0xffffffff), K(1), W(0x80000000, 0xffffffff), K(1)),
	IF_NOT(JSLT, 4, W(0, 0x80000003), K(M(3)), U(0, 0x7fffffff), K(M(3))),
	/* the whole is known to be a sign-extended half, and that not to be negative */
	IF(JSGE, 4, S(M(5), 5), K(0), U(0, 5), K(0)),

	/* both, either */
	MEET(U(0, 10), U(5, 20), U(5, 10)),
	MEET(U(0, 4), U(5, 20), EMPTY),
	MEET(S(M(5), 5), U(0, 20), U(0, 5)),
	MEET(BITS(0, ~1ULL), U(0, 7), BITS(0, 6)),
	MEET(BITS(1, ~1ULL), K(4), EMPTY),
	MEET(ANY, K(7), K(7)),
	JOIN(K(1), K(3), BITS(1, 2)),
	JOIN(U(0, 3), U(8, 11), UA(0, 11, 4)),
	JOIN(K(NEG_1), K(0), S(NEG_1, 0)),
	JOIN(ANY, K(0), ANY),
};

/**
 * domain_case_run - do what a row says
 * @c:		row
 * @got:	left and right operand afterwards
 * Return: false when no value is left.
 */
static inline bool domain_case_run(const struct domain_case *c, struct bvm_scalar *got)
{
	domain_value_get(&got[0], &c->a);
	domain_value_get(&got[1], &c->b);
	switch (c->what) {
	case DO_ALU:
		return bvm_scalar_alu(c->op, c->size, &got[0], &got[1]);
	case DO_COND:
		return bvm_scalar_assume(c->op, c->size, &got[0], &got[1]);
	case DO_NOT:
		return bvm_scalar_assume_not(c->op, c->size, &got[0], &got[1]);
	case DO_NEG:
		return bvm_scalar_neg(c->size, &got[0]);
	case DO_ZEXT:
		return bvm_scalar_zext(&got[0], c->op);
	case DO_SEXT:
		return bvm_scalar_sext(&got[0], c->op, c->size);
	case DO_SWAP:
		return bvm_scalar_endian(c->size, c->op, &got[0]);
	case DO_MEET:
		return bvm_scalar_intersect(&got[0], &got[1]);
	default:
		bvm_scalar_union(&got[0], &got[1]);
		return true;
	}
}

/* Did the row come out as it says?  @got is filled in as by domain_case_run(). */
static inline bool domain_case_ok(const struct domain_case *c, struct bvm_scalar *got)
{
	bool both = c->what == DO_COND || c->what == DO_NOT;
	struct bvm_scalar want_a, want_b;

	if (!domain_case_run(c, got))
		return c->want_a.shape == SHAPE_EMPTY;
	domain_value_get(&want_a, &c->want_a);
	domain_value_get(&want_b, &c->want_b);
	return c->want_a.shape != SHAPE_EMPTY && bvm_scalar_equal(&got[0], &want_a) &&
	       (!both || bvm_scalar_equal(&got[1], &want_b));
}

#endif /* _BVM_DOMAIN_CASES_H */
