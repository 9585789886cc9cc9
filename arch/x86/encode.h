/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * x86-64 instructions: operands in, bytes out, always the shortest form.
 *
 * Only what the selection in jit.c uses.  The host suite compares every form with
 * what an assembler makes of it.
 */
#ifndef _BVM_X86_ENCODE_H
#define _BVM_X86_ENCODE_H

#include "exec/ir.h"

enum x86_reg {
	X86_AX, X86_CX, X86_DX, X86_BX, X86_SP, X86_BP, X86_SI, X86_DI,
	X86_R8, X86_R9, X86_R10, X86_R11, X86_R12, X86_R13, X86_R14, X86_R15,
	X86_NONE,
};

/* numbers in the encoding of a condition */
enum x86_cond {
	X86_B = 2, X86_AE, X86_E, X86_NE, X86_BE, X86_A, X86_S, X86_NS,
	X86_L = 12, X86_GE, X86_LE, X86_G,
};

/* two-operand arithmetic, by its number in opcodes */
enum x86_arith { X86_ADD, X86_OR, X86_AND = 4, X86_SUB, X86_XOR, X86_CMP };
/* one operand: 0xf7 */
enum x86_unary { X86_NOT = 2, X86_NEG, X86_MUL, X86_DIV = 6, X86_IDIV };
enum x86_shift { X86_ROL = 0, X86_SHL = 4, X86_SHR, X86_SAR = 7 };

/* how an opcode is used */
#define X86_W		BIT(0)		/* 64 bits */
#define X86_H		BIT(1)		/* 16 bits */
#define X86_LOCK	BIT(2)
#define X86_BYTE_REG	BIT(3)		/* the register operand is a byte */
#define X86_BYTE_RM	BIT(4)		/* the register in place of memory is one */

/* struct bvm_jit_cpu::features */
#define BVM_X86_BMI2	BIT(0)		/* shifts by any register */
#define BVM_X86_IBT	BIT(1)		/* indirect branches go to ENDBR64 only */
#define BVM_X86_SLS	BIT(2)		/* nothing may run on behind a jump, not even in theory */
#define BVM_X86_LFENCE	BIT(3)		/* nothing may run ahead of an indirect branch */
#define BVM_X86_SMP	BIT(4)		/* CPUs have variables of their own */
#define BVM_X86_MOVBE	BIT(5)		/* loads that swap bytes */

#define X86_MOVBE	0x0f38f0	/* with a register and memory */

/**
 * struct x86_code - an instruction
 * @len:	bytes
 * @byte:	they
 */
struct x86_code {
	u8 len;
	u8 byte[15];
};

/**
 * struct x86_mem - memory at base + index << shift + disp
 * @base:	register
 * @index:	register other than X86_SP, or X86_NONE
 * @shift:	0 to 3
 * @disp:	displacement
 */
struct x86_mem {
	u8 base, index, shift;
	s32 disp;
};

static inline struct x86_mem x86_at(u8 base, s32 disp)
{
	return (struct x86_mem){ .base = base, .index = X86_NONE, .disp = disp };
}

static inline bool x86_is_s8(s64 value)
{
	return value == (s8)value;
}

static inline bool x86_is_s32(s64 value)
{
	return value == (s32)value;
}

static inline void x86_put(struct x86_code *c, u64 value, u32 bytes)
{
	for (; bytes; bytes--, value >>= 8)
		c->byte[c->len++] = value;
}

/* Prefixes and opcode; what needs no bit in REX has no REX. */
static inline struct x86_code x86_head(u32 op, u32 how, u8 reg, u8 index, u8 base)
{
	struct x86_code c = { 0 };
	u8 rex = (how & X86_W ? 8 : 0) | (reg & 8) >> 1 | (index & 8) >> 2 | (base & 8) >> 3;
	/* without REX, 4 to 7 are ah to bh */
	bool byte = (how & X86_BYTE_REG && reg >= 4) || (how & X86_BYTE_RM && base >= 4);

	if (how & X86_LOCK)
		x86_put(&c, 0xf0, 1);
	if (how & X86_H)
		x86_put(&c, 0x66, 1);
	if (rex || byte)
		x86_put(&c, 0x40 | rex, 1);
	if (op > 0xffff)
		x86_put(&c, op >> 16, 1);
	if (op > 0xff)
		x86_put(&c, op >> 8, 1);
	x86_put(&c, op, 1);
	return c;
}

/* op with a register (or a number that is part of the opcode) and another register */
static inline struct x86_code x86_rr(u32 op, u32 how, u8 reg, u8 rm)
{
	struct x86_code c = x86_head(op, how, reg, 0, rm);

	x86_put(&c, 0xc0 | (reg & 7) << 3 | (rm & 7), 1);
	return c;
}

/* op with a register (or number) and memory */
static inline struct x86_code x86_rm(u32 op, u32 how, u8 reg, struct x86_mem m)
{
	bool indexed = m.index != X86_NONE;
	struct x86_code c = x86_head(op, how & ~X86_BYTE_RM, reg, indexed ? m.index : 0, m.base);
	/* rbp and r13 have no form without a displacement, rsp and r12 none without SIB */
	u8 mod = m.disp || (m.base & 7) == X86_BP ? x86_is_s8(m.disp) ? 0x40 : 0x80 : 0;

	if (indexed || (m.base & 7) == X86_SP) {
		x86_put(&c, mod | (reg & 7) << 3 | 4, 1);
		x86_put(&c, m.shift << 6 | (indexed ? m.index & 7 : 4) << 3 | (m.base & 7), 1);
	} else {
		x86_put(&c, mod | (reg & 7) << 3 | (m.base & 7), 1);
	}
	if (mod)
		x86_put(&c, m.disp, mod == 0x40 ? 1 : 4);
	return c;
}

/* ------------------------------------------------------------ moves */

static inline struct x86_code x86_mov(u32 how, u8 dst, u8 src)
{
	return x86_rr(0x89, how, src, dst);
}

static inline struct x86_code x86_arith(u8 arith, u32 how, u8 dst, u8 src)
{
	return x86_rr(arith << 3 | 1, how, src, dst);
}

/* Any 64-bit number; 0 and -1 change the flags. */
static inline struct x86_code x86_mov_imm(u8 dst, s64 imm)
{
	struct x86_code c;

	if (!imm)
		return x86_arith(X86_XOR, 0, dst, dst);
	if (imm == -1 || imm == U32_MAX) {
		c = x86_rr(0x83, imm == -1 ? X86_W : 0, X86_OR, dst);
		x86_put(&c, -1, 1);
	} else if (imm == (u32)imm) {
		c = x86_head(0xb8 | (dst & 7), 0, 0, 0, dst);
		x86_put(&c, imm, 4);
	} else if (x86_is_s32(imm)) {
		c = x86_rr(0xc7, X86_W, 0, dst);
		x86_put(&c, imm, 4);
	} else {
		c = x86_head(0xb8 | (dst & 7), X86_W, 0, 0, dst);
		x86_put(&c, imm, 8);
	}
	return c;
}

static inline struct x86_code x86_lea(u32 how, u8 dst, struct x86_mem m)
{
	return x86_rm(0x8d, how, dst, m);
}

/* dst = address @disp bytes after this instruction */
static inline struct x86_code x86_lea_ip(u8 dst, s32 disp)
{
	struct x86_code c = x86_head(0x8d, X86_W, dst, 0, 0);

	x86_put(&c, (dst & 7) << 3 | 5, 1);
	x86_put(&c, disp, 4);
	return c;
}

static inline struct x86_code x86_push(u8 reg)
{
	return x86_head(0x50 | (reg & 7), 0, 0, 0, reg);
}

static inline struct x86_code x86_push_imm(s32 imm)
{
	struct x86_code c = x86_head(x86_is_s8(imm) ? 0x6a : 0x68, 0, 0, 0, 0);

	x86_put(&c, imm, x86_is_s8(imm) ? 1 : 4);
	return c;
}

static inline struct x86_code x86_pop(u8 reg)
{
	return x86_head(0x58 | (reg & 7), 0, 0, 0, reg);
}

/* dst = src when @cond */
static inline struct x86_code x86_cmov(u8 cond, u32 how, u8 dst, u8 src)
{
	return x86_rr(0x0f40 | cond, how, dst, src);
}

/* the low byte of dst = @cond */
static inline struct x86_code x86_setcc(u8 cond, u8 dst)
{
	return x86_rr(0x0f90 | cond, X86_BYTE_RM, 0, dst);
}

static inline struct x86_code x86_mem_load(u8 dst, struct x86_mem m)
{
	return x86_rm(0x8b, X86_W, dst, m);
}

static inline struct x86_code x86_gs(u8 op, u8 dst, s32 at)
{
	struct x86_code c = {};

	x86_put(&c, 0x65, 1);
	x86_put(&c, 0x48 | (dst >> 3) << 2, 1);
	x86_put(&c, op, 1);
	x86_put(&c, (dst & 7) << 3 | 4, 1);
	x86_put(&c, 0x25, 1);
	x86_put(&c, at, 4);
	return c;
}

/* dst = *(gs + at) */
static inline struct x86_code x86_gs_load(u8 dst, s32 at)
{
	return x86_gs(0x8b, dst, at);
}

/* dst = *(gs + the address @disp bytes after this instruction) */
static inline struct x86_code x86_gs_load_ip(u8 dst, s32 disp)
{
	struct x86_code c = {};

	x86_put(&c, 0x65, 1);
	x86_put(&c, 0x48 | (dst >> 3) << 2, 1);
	x86_put(&c, 0x8b, 1);
	x86_put(&c, (dst & 7) << 3 | 5, 1);
	x86_put(&c, disp, 4);
	return c;
}

/* dst += *(gs + at) */
static inline struct x86_code x86_gs_add(u8 dst, s32 at)
{
	return x86_gs(0x03, dst, at);
}

/* *m = imm, of 1, 2, 4 or 8 bytes */
static inline struct x86_code x86_store_imm(u32 bytes, struct x86_mem m, s32 imm)
{
	u32 how = bytes == 8 ? X86_W : bytes == 2 ? X86_H : 0;
	struct x86_code c = x86_rm(bytes == 1 ? 0xc6 : 0xc7, how, 0, m);

	x86_put(&c, imm, min(bytes, 4u));
	return c;
}

/* ------------------------------------------------------- arithmetic */

static inline struct x86_code x86_arith_imm(u8 arith, u32 how, u8 dst, s32 imm)
{
	struct x86_code c;

	if (x86_is_s8(imm)) {
		c = x86_rr(0x83, how, arith, dst);
		x86_put(&c, imm, 1);
		return c;
	}
	c = dst == X86_AX ? x86_head(arith << 3 | 5, how, 0, 0, 0) : x86_rr(0x81, how, arith, dst);
	x86_put(&c, imm, 4);
	return c;
}

/* with memory of 8 or 4 bytes */
static inline struct x86_code x86_arith_mem_imm(u8 arith, u32 how, struct x86_mem m, s32 imm)
{
	struct x86_code c = x86_rm(x86_is_s8(imm) ? 0x83 : 0x81, how, arith, m);

	x86_put(&c, imm, x86_is_s8(imm) ? 1 : 4);
	return c;
}

/* with one byte of it */
static inline struct x86_code x86_cmp_mem_byte(struct x86_mem m, u8 imm)
{
	struct x86_code c = x86_rm(0x80, 0, X86_CMP, m);

	x86_put(&c, imm, 1);
	return c;
}

static inline struct x86_code x86_test_mem_imm8(struct x86_mem m, u8 imm)
{
	struct x86_code c = x86_rm(0xf6, 0, 0, m);

	x86_put(&c, imm, 1);
	return c;
}

static inline struct x86_code x86_cmp_mem_imm8(u32 how, struct x86_mem m, s8 imm)
{
	struct x86_code c = x86_rm(0x83, how, X86_CMP, m);

	x86_put(&c, imm, 1);
	return c;
}

/* of 4 bytes */
static inline struct x86_code x86_mem_inc(struct x86_mem m)
{
	return x86_rm(0xff, 0, 0, m);
}

static inline struct x86_code x86_mem_dec(struct x86_mem m)
{
	return x86_rm(0xff, 0, 1, m);
}

static inline struct x86_code x86_inc(u32 how, u8 dst)
{
	return x86_rr(0xff, how, 0, dst);
}

static inline struct x86_code x86_dec(u32 how, u8 dst)
{
	return x86_rr(0xff, how, 1, dst);
}

static inline struct x86_code x86_test(u32 how, u8 a, u8 b)
{
	return x86_rr(0x85, how, b, a);
}

/* the low byte only if @how says so */
static inline struct x86_code x86_test_imm(u32 how, u8 reg, s32 imm)
{
	bool byte = how & X86_BYTE_RM;
	struct x86_code c;

	if (reg == X86_AX)
		c = x86_head(byte ? 0xa8 : 0xa9, how & ~X86_BYTE_RM, 0, 0, 0);
	else
		c = x86_rr(byte ? 0xf6 : 0xf7, how, 0, reg);
	x86_put(&c, imm, byte ? 1 : 4);
	return c;
}

static inline struct x86_code x86_unary(u8 unary, u32 how, u8 dst)
{
	return x86_rr(0xf7, how, unary, dst);
}

static inline struct x86_code x86_imul(u32 how, u8 dst, u8 src)
{
	return x86_rr(0x0faf, how, dst, src);
}

static inline struct x86_code x86_imul_imm(u32 how, u8 dst, u8 src, s32 imm)
{
	struct x86_code c = x86_rr(x86_is_s8(imm) ? 0x6b : 0x69, how, dst, src);

	x86_put(&c, imm, x86_is_s8(imm) ? 1 : 4);
	return c;
}

static inline struct x86_code x86_shift_imm(u8 shift, u32 how, u8 dst, u8 count)
{
	struct x86_code c = x86_rr(count == 1 ? 0xd1 : 0xc1, how, shift, dst);

	if (count != 1)
		x86_put(&c, count, 1);
	return c;
}

static inline struct x86_code x86_shift_cl(u8 shift, u32 how, u8 dst)
{
	return x86_rr(0xd3, how, shift, dst);
}

/* BMI2: dst = src shifted by count, no flags */
static inline struct x86_code x86_shift_reg(u8 shift, u32 how, u8 dst, u8 src, u8 count)
{
	u8 pp = shift == X86_SHL ? 1 : shift == X86_SAR ? 2 : 3;
	struct x86_code c = { 0 };

	x86_put(&c, 0xc4, 1);
	x86_put(&c, (dst & 8 ? 0 : 0x80) | 0x40 | (src & 8 ? 0 : 0x20) | 2, 1);
	x86_put(&c, (how & X86_W ? 0x80 : 0) | (~count & 15) << 3 | pp, 1);
	x86_put(&c, 0xf7, 1);
	x86_put(&c, 0xc0 | (dst & 7) << 3 | (src & 7), 1);
	return c;
}

/* BMI2: high:low = rdx * src, no flags; the high half when both are the same register */
static inline struct x86_code x86_mulx(u8 high, u8 low, u8 src)
{
	struct x86_code c = { 0 };

	x86_put(&c, 0xc4, 1);
	x86_put(&c, (high & 8 ? 0 : 0x80) | 0x40 | (src & 8 ? 0 : 0x20) | 2, 1);
	x86_put(&c, 0x80 | (~low & 15) << 3 | 3, 1);
	x86_put(&c, 0xf6, 1);
	x86_put(&c, 0xc0 | (high & 7) << 3 | (src & 7), 1);
	return c;
}

/* BMI2: dst = src rotated right by count, no flags */
static inline struct x86_code x86_rorx(u32 how, u8 dst, u8 src, u8 count)
{
	struct x86_code c = { 0 };

	x86_put(&c, 0xc4, 1);
	x86_put(&c, (dst & 8 ? 0 : 0x80) | 0x40 | (src & 8 ? 0 : 0x20) | 3, 1);
	x86_put(&c, (how & X86_W ? 0x80 : 0) | 0x7b, 1);
	x86_put(&c, 0xf0, 1);
	x86_put(&c, 0xc0 | (dst & 7) << 3 | (src & 7), 1);
	x86_put(&c, count, 1);
	return c;
}

static inline struct x86_code x86_bswap(u32 how, u8 dst)
{
	return x86_head(0x0fc8 | (dst & 7), how, 0, 0, dst);
}

/* rdx = sign of rax */
static inline struct x86_code x86_cqo(u32 how)
{
	return x86_head(0x99, how, 0, 0, 0);
}

/* ----------------------------------------------------- control flow */

/* @disp is counted from the end of the instruction, in both of its forms */
static inline struct x86_code x86_jcc(u8 cond, s32 disp)
{
	bool near = x86_is_s8(disp);
	struct x86_code c = x86_head(near ? 0x70 | cond : 0x0f80 | cond, 0, 0, 0, 0);

	x86_put(&c, disp, near ? 1 : 4);
	return c;
}

/* @disp in its long form */
static inline struct x86_code x86_jcc_far(u8 cond, s32 disp)
{
	struct x86_code c = x86_head(0x0f80 | cond, 0, 0, 0, 0);

	x86_put(&c, disp, 4);
	return c;
}

static inline struct x86_code x86_jmp(s32 disp)
{
	bool near = x86_is_s8(disp);
	struct x86_code c = x86_head(near ? 0xeb : 0xe9, 0, 0, 0, 0);

	x86_put(&c, disp, near ? 1 : 4);
	return c;
}

static inline struct x86_code x86_call(s32 disp)
{
	struct x86_code c = x86_head(0xe8, 0, 0, 0, 0);

	x86_put(&c, disp, 4);
	return c;
}

static inline struct x86_code x86_call_reg(u8 reg)
{
	return x86_rr(0xff, 0, 2, reg);
}

static inline struct x86_code x86_jmp_reg(u8 reg)
{
	return x86_rr(0xff, 0, 4, reg);
}

static inline struct x86_code x86_endbr64(void)
{
	return (struct x86_code){ 4, { 0xf3, 0x0f, 0x1e, 0xfa } };
}

static inline struct x86_code x86_lfence(void)
{
	return (struct x86_code){ 3, { 0x0f, 0xae, 0xe8 } };
}

static inline struct x86_code x86_int3(void)
{
	return x86_head(0xcc, 0, 0, 0, 0);
}

/* @disp in its long form */
static inline struct x86_code x86_jmp_far(s32 disp)
{
	struct x86_code c = x86_head(0xe9, 0, 0, 0, 0);

	x86_put(&c, disp, 4);
	return c;
}

static inline struct x86_code x86_leave(void)
{
	return x86_head(0xc9, 0, 0, 0, 0);
}

static inline struct x86_code x86_ret(void)
{
	return x86_head(0xc3, 0, 0, 0, 0);
}

#endif /* _BVM_X86_ENCODE_H */
