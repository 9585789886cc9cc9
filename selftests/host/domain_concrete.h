/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What instructions do to numbers, written from RFC 9669 sections 4 and 5 for a machine
 * of BVM_BITS bits: the truth that the value domain is checked against.
 */
#ifndef _DOMAIN_CONCRETE_H
#define _DOMAIN_CONCRETE_H

#include "../../kernel/value/domain.h"

static const char *const alu_names[__BVM_ALU_OP_MAX] = {
	[BVM_ADD] = "add", [BVM_SUB] = "sub", [BVM_MUL] = "mul", [BVM_DIV] = "div",
	[BVM_SDIV] = "sdiv", [BVM_MOD] = "mod", [BVM_SMOD] = "smod", [BVM_OR] = "or",
	[BVM_AND] = "and", [BVM_XOR] = "xor", [BVM_LSH] = "lsh", [BVM_RSH] = "rsh",
	[BVM_ARSH] = "arsh",
};

static const char *const cond_names[__BVM_COND_MAX] = {
	[BVM_JEQ] = "jeq", [BVM_JNE] = "jne", [BVM_JSET] = "jset", [BVM_JGT] = "jgt",
	[BVM_JGE] = "jge", [BVM_JLT] = "jlt", [BVM_JLE] = "jle", [BVM_JSGT] = "jsgt",
	[BVM_JSGE] = "jsge", [BVM_JSLT] = "jslt", [BVM_JSLE] = "jsle",
};

static inline unsigned int conc_bits(unsigned int size)
{
	return size == 8 ? BVM_BITS : BVM_HALF;
}

static inline u64 conc_cut(u64 x, unsigned int bits)
{
	return bits == 64 ? x : x & ((1ULL << bits) - 1);
}

static inline s64 conc_sign(u64 x, unsigned int bits)
{
	u64 sign = 1ULL << (bits - 1);

	return (s64)((conc_cut(x, bits) ^ sign) - sign);
}

static inline u64 conc_alu(enum bvm_alu_op op, unsigned int size, u64 a, u64 b)
{
	unsigned int n = conc_bits(size);
	s64 sa = conc_sign(a, n), sb = conc_sign(b, n);

	a = conc_cut(a, n);
	b = conc_cut(b, n);
	switch (op) {
	case BVM_ADD:
		return conc_cut(a + b, n);
	case BVM_SUB:
		return conc_cut(a - b, n);
	case BVM_MUL:
		return conc_cut(a * b, n);
	case BVM_DIV:
		return conc_cut(b ? a / b : 0, n);
	case BVM_MOD:
		return conc_cut(b ? a % b : a, n);
	case BVM_SDIV:
		return conc_cut(sb == 0 ? 0 : sb == -1 ? -a : (u64)(sa / sb), n);
	case BVM_SMOD:
		return conc_cut(sb == 0 ? a : sb == -1 ? 0 : (u64)(sa % sb), n);
	case BVM_OR:
		return conc_cut(a | b, n);
	case BVM_AND:
		return conc_cut(a & b, n);
	case BVM_XOR:
		return conc_cut(a ^ b, n);
	case BVM_LSH:
		return conc_cut(a << b % n, n);
	case BVM_RSH:
		return conc_cut(a >> b % n, n);
	case BVM_ARSH:
		return conc_cut(sa >> b % n, n);
	default:
		abort();
	}
}

static inline bool conc_cond(enum bvm_cond cond, unsigned int size, u64 a, u64 b)
{
	unsigned int n = conc_bits(size);
	s64 sa = conc_sign(a, n), sb = conc_sign(b, n);

	a = conc_cut(a, n);
	b = conc_cut(b, n);
	switch (cond) {
	case BVM_JEQ:
		return a == b;
	case BVM_JNE:
		return a != b;
	case BVM_JSET:
		return a & b;
	case BVM_JGT:
		return a > b;
	case BVM_JGE:
		return a >= b;
	case BVM_JLT:
		return a < b;
	case BVM_JLE:
		return a <= b;
	case BVM_JSGT:
		return sa > sb;
	case BVM_JSGE:
		return sa >= sb;
	case BVM_JSLT:
		return sa < sb;
	case BVM_JSLE:
		return sa <= sb;
	default:
		abort();
	}
}

static inline u64 conc_swap(u64 x, unsigned int bits)
{
	unsigned int byte = BVM_BITS < 8 ? 1 : BVM_BITS / 8, i;
	u64 r = 0;

	for (i = 0; i < bits; i += byte)
		r |= conc_cut(x >> i, byte) << (bits - byte - i);
	return r;
}

/*
 * Operations on one number.  "Bytes" of a small machine are BVM_BITS / 8 bits, or one.
 */
struct conc_unary {
	const char *name;
	bool (*abstract)(struct bvm_scalar *s);
	u64 (*concrete)(u64 x);
};

#define UNARY(id, abs, conc)						\
	static bool abs_##id(struct bvm_scalar *s) { return abs; }	\
	static u64 conc_##id(u64 x) { return conc; }
#define UNARY_ROW(id)	{ #id, abs_##id, conc_##id }

#define MOST	(BVM_BITS - 1)
#define QUARTER	(BVM_BITS / 4)
#define EIGHTH	(BVM_BITS < 8 ? 1 : BVM_BITS / 8)

UNARY(neg, bvm_scalar_neg(8, s), conc_cut(-x, BVM_BITS))
UNARY(neg_half, bvm_scalar_neg(4, s), conc_cut(-x, BVM_HALF))
UNARY(zext_eighth, bvm_scalar_zext(s, EIGHTH), conc_cut(x, EIGHTH))
UNARY(zext_quarter, bvm_scalar_zext(s, QUARTER), conc_cut(x, QUARTER))
UNARY(zext_half, bvm_scalar_zext(s, BVM_HALF), conc_cut(x, BVM_HALF))
UNARY(zext_most, bvm_scalar_zext(s, MOST), conc_cut(x, MOST))
UNARY(zext_all, bvm_scalar_zext(s, BVM_BITS), x)
UNARY(sext_eighth, bvm_scalar_sext(s, EIGHTH, 8), conc_cut(conc_sign(x, EIGHTH), BVM_BITS))
UNARY(sext_quarter, bvm_scalar_sext(s, QUARTER, 8), conc_cut(conc_sign(x, QUARTER), BVM_BITS))
UNARY(sext_half, bvm_scalar_sext(s, BVM_HALF, 8), conc_cut(conc_sign(x, BVM_HALF), BVM_BITS))
UNARY(sext_most, bvm_scalar_sext(s, MOST, 8), conc_cut(conc_sign(x, MOST), BVM_BITS))
UNARY(sext32_eighth, bvm_scalar_sext(s, EIGHTH, 4), conc_cut(conc_sign(x, EIGHTH), BVM_HALF))
UNARY(sext32_quarter, bvm_scalar_sext(s, QUARTER, 4), conc_cut(conc_sign(x, QUARTER), BVM_HALF))
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define OTHER_ORDER	BVM_TO_BE
#define OUR_ORDER	BVM_TO_LE
#else
#define OTHER_ORDER	BVM_TO_LE
#define OUR_ORDER	BVM_TO_BE
#endif
UNARY(same_order2, bvm_scalar_endian(OUR_ORDER, 2, s), conc_cut(x, QUARTER))
UNARY(same_order4, bvm_scalar_endian(OUR_ORDER, 4, s), conc_cut(x, BVM_HALF))
UNARY(same_order8, bvm_scalar_endian(OUR_ORDER, 8, s), x)
UNARY(other_order2, bvm_scalar_endian(OTHER_ORDER, 2, s), conc_swap(x, QUARTER))
UNARY(other_order4, bvm_scalar_endian(OTHER_ORDER, 4, s), conc_swap(x, BVM_HALF))
UNARY(other_order8, bvm_scalar_endian(OTHER_ORDER, 8, s), conc_swap(x, BVM_BITS))
UNARY(bswap2, bvm_scalar_endian(BVM_BSWAP, 2, s), conc_swap(x, QUARTER))
UNARY(bswap4, bvm_scalar_endian(BVM_BSWAP, 4, s), conc_swap(x, BVM_HALF))
UNARY(bswap8, bvm_scalar_endian(BVM_BSWAP, 8, s), conc_swap(x, BVM_BITS))

static const struct conc_unary unaries[] = {
	UNARY_ROW(neg), UNARY_ROW(neg_half), UNARY_ROW(zext_eighth), UNARY_ROW(zext_quarter),
	UNARY_ROW(zext_half), UNARY_ROW(zext_most), UNARY_ROW(zext_all), UNARY_ROW(sext_eighth),
	UNARY_ROW(sext_quarter), UNARY_ROW(sext_half), UNARY_ROW(sext_most),
	UNARY_ROW(sext32_eighth), UNARY_ROW(sext32_quarter), UNARY_ROW(same_order2),
	UNARY_ROW(same_order4), UNARY_ROW(same_order8), UNARY_ROW(other_order2),
	UNARY_ROW(other_order4), UNARY_ROW(other_order8), UNARY_ROW(bswap2), UNARY_ROW(bswap4),
	UNARY_ROW(bswap8),
};

#endif /* _DOMAIN_CONCRETE_H */
