/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Instructions of AArch64 as numbers: operands in, the 32-bit word out.  Nothing here
 * knows of BPF.  A function is a class of encodings of the Arm Architecture Reference
 * Manual (chapter C4); offsets are in bytes, and the caller has seen to it that they fit.
 * selftests/host/arm64_encode_test.c compares every form with what LLVM assembles.
 */
#ifndef _BVM_ARM64_ENCODE_H
#define _BVM_ARM64_ENCODE_H

#include "exec/ir.h"

#define A64_LR		30
#define A64_SP		31	/* in addresses and additions of constants */
#define A64_ZR		31	/* everywhere else */

/** enum a64_cond - conditions; the lowest bit inverts */
enum a64_cond {
	A64_EQ, A64_NE, A64_HS, A64_LO, A64_MI, A64_PL, A64_VS, A64_VC,
	A64_HI, A64_LS, A64_GE, A64_LT, A64_GT, A64_LE,
};

/* in a64_mov() */
enum { A64_MOVN, A64_MOVZ = 2, A64_MOVK };
/* in a64_add(), a64_add_imm() */
enum { A64_ADD, A64_ADDS, A64_SUB, A64_SUBS };
/* in a64_logic(), a64_logic_imm() */
enum { A64_AND, A64_ORR, A64_EOR, A64_ANDS };
/* in a64_bits() */
enum { A64_SBFM, A64_UBFM = 2 };
/* in a64_two() */
enum { A64_UDIV = 2, A64_SDIV, A64_LSLV = 8, A64_LSRV, A64_ASRV };
/* in a64_rev(): bytes of 2, 4 or 8 */
enum { A64_REV16 = 1, A64_REV32, A64_REV64 };
/* in loads and stores: to 64 bits, to 32 bits */
enum { A64_STR, A64_LDR, A64_LDRS64, A64_LDRS32 };
/* in a64_mem9() and a64_pair(): the base is changed afterwards, not at all, before */
enum { A64_PLAIN, A64_POST, A64_PRE = 3 };
/* in a64_lse() */
enum { A64_LDADD, A64_LDCLR, A64_LDEOR, A64_LDSET, A64_SWP = 8 };

/* wide: of 64 bits */
static inline u32 a64_sf(bool wide)
{
	return (u32)wide << 31;
}

static inline u32 a64_mov(u32 op, bool wide, u32 rd, u32 imm16, u32 half)
{
	return a64_sf(wide) | op << 29 | 0x12800000 | half << 21 | imm16 << 5 | rd;
}

/* shifted: the constant counts 4096 times */
static inline u32 a64_add_imm(u32 op, bool wide, u32 rd, u32 rn, u32 imm12, bool shifted)
{
	return a64_sf(wide) | op << 29 | 0x11000000 | shifted << 22 | imm12 << 10 | rn << 5 | rd;
}

/* second operand: rm << lsl */
static inline u32 a64_add(u32 op, bool wide, u32 rd, u32 rn, u32 rm, u32 lsl)
{
	return a64_sf(wide) | op << 29 | 0x0b000000 | rm << 16 | lsl << 10 | rn << 5 | rd;
}

/* rd = rn + (rm >> lsr) */
static inline u32 a64_add_lsr(bool wide, u32 rd, u32 rn, u32 rm, u32 lsr)
{
	return a64_add(A64_ADD, wide, rd, rn, rm, lsr) | 1 << 22;
}

/* not: the second operand is inverted */
static inline u32 a64_logic(u32 op, bool wide, bool not, u32 rd, u32 rn, u32 rm)
{
	return a64_sf(wide) | op << 29 | 0x0a000000 | not << 21 | rm << 16 | rn << 5 | rd;
}

/* bits: of a64_bitmask() */
static inline u32 a64_logic_imm(u32 op, bool wide, u32 rd, u32 rn, u32 bits)
{
	return a64_sf(wide) | op << 29 | 0x12000000 | bits << 10 | rn << 5 | rd;
}

static inline u32 a64_bits(u32 op, bool wide, u32 rd, u32 rn, u32 immr, u32 imms)
{
	return a64_sf(wide) | op << 29 | 0x13000000 | wide << 22 | immr << 16 | imms << 10 |
	       rn << 5 | rd;
}

/* the register rotated right */
static inline u32 a64_ror(bool wide, u32 rd, u32 rn, u32 count)
{
	return a64_sf(wide) | 0x13800000 | wide << 22 | rn << 16 | count << 10 | rn << 5 | rd;
}

static inline u32 a64_two(u32 op, bool wide, u32 rd, u32 rn, u32 rm)
{
	return a64_sf(wide) | 0x1ac00000 | rm << 16 | op << 10 | rn << 5 | rd;
}

static inline u32 a64_rev(u32 op, bool wide, u32 rd, u32 rn)
{
	return a64_sf(wide) | 0x5ac00000 | op << 10 | rn << 5 | rd;
}

/* rd = ra + rn * rm, or ra - rn * rm */
static inline u32 a64_madd(bool sub, bool wide, u32 rd, u32 rn, u32 rm, u32 ra)
{
	return a64_sf(wide) | 0x1b000000 | rm << 16 | sub << 15 | ra << 10 | rn << 5 | rd;
}

/* size: log2 of the bytes; off: a multiple of them, below 4096 times them */
static inline u32 a64_mem12(u32 op, u32 size, u32 rt, u32 rn, u32 off)
{
	return size << 30 | 0x39000000 | op << 22 | (off >> size) << 10 | rn << 5 | rt;
}

static inline u32 a64_mem9(u32 op, u32 size, u32 rt, u32 rn, s32 off, u32 mode)
{
	return size << 30 | 0x38000000 | op << 22 | (off & 0x1ff) << 12 | mode << 10 | rn << 5 | rt;
}

static inline u32 a64_mem_reg(u32 op, u32 size, u32 rt, u32 rn, u32 rm)
{
	return size << 30 | 0x38206800 | op << 22 | rm << 16 | rn << 5 | rt;
}

/* two registers of 64 bits; off: a multiple of 8, -512 to 504 */
static inline u32 a64_pair(bool load, u32 rt, u32 rt2, u32 rn, s32 off, u32 mode)
{
	static const u8 modes[] = { [A64_PLAIN] = 2, [A64_POST] = 1, [A64_PRE] = 3 };

	return 0xa8000000 | (u32)modes[mode] << 23 | load << 22 | (off / 8 & 0x7f) << 15 |
	       rt2 << 10 | rn << 5 | rt;
}

static inline u32 a64_ldxr(u32 size, u32 rt, u32 rn)
{
	return size << 30 | 0x085f7c00 | rn << 5 | rt;
}

/* rs = 0 if it was stored */
static inline u32 a64_stxr(bool release, u32 size, u32 rs, u32 rt, u32 rn)
{
	return size << 30 | 0x08007c00 | rs << 16 | release << 15 | rn << 5 | rt;
}

/* rt = old value; ordered: acquire and release */
static inline u32 a64_lse(u32 op, bool ordered, u32 size, u32 rs, u32 rt, u32 rn)
{
	return size << 30 | 0x38200000 | (ordered ? 3 : 0) << 22 | rs << 16 | op << 12 |
	       rn << 5 | rt;
}

/* CASAL: if equal to rs, = rt; rs = old value */
static inline u32 a64_casal(u32 size, u32 rs, u32 rt, u32 rn)
{
	return size << 30 | 0x08e0fc00 | rs << 16 | rn << 5 | rt;
}

static inline u32 a64_dmb_ish(void)
{
	return 0xd5033bbf;
}

static inline u32 a64_b(bool link, s32 off)
{
	return (u32)link << 31 | 0x14000000 | (off >> 2 & 0x3ffffff);
}

/* off: within 1 MiB */
static inline u32 a64_b_cond(u32 cond, s32 off)
{
	return 0x54000000 | (off >> 2 & 0x7ffff) << 5 | cond;
}

static inline u32 a64_cbz(bool wide, bool nonzero, u32 rt, s32 off)
{
	return a64_sf(wide) | 0x34000000 | nonzero << 24 | (off >> 2 & 0x7ffff) << 5 | rt;
}

/* off: within 32 KiB */
static inline u32 a64_tbz(bool nonzero, u32 rt, u32 bit, s32 off)
{
	return (bit >> 5) << 31 | 0x36000000 | nonzero << 24 | (bit & 31) << 19 |
	       (off >> 2 & 0x3fff) << 5 | rt;
}

/* where an indirect call may lead to; nothing on a CPU that does not guard them */
static inline u32 a64_bti_c(void)
{
	return 0xd503245f;
}

/* sign the return address, check it; nothing on a CPU that does not sign */
static inline u32 a64_paciasp(void)
{
	return 0xd503233f;
}

static inline u32 a64_autiasp(void)
{
	return 0xd50323bf;
}

/* in the kernel: the current task */
static inline u32 a64_mrs_sp_el0(u32 rt)
{
	return 0xd5384100 | rt;
}

/* in the kernel: how far this CPU's variables are from where they are defined */
static inline u32 a64_mrs_tpidr(bool el2, u32 rt)
{
	return (el2 ? 0xd53cd040 : 0xd538d080) | rt;
}

static inline u32 a64_br(u32 rn)
{
	return 0xd61f0000 | rn << 5;
}

static inline u32 a64_blr(u32 rn)
{
	return 0xd63f0000 | rn << 5;
}

static inline u32 a64_ret(void)
{
	return 0xd65f0000 | A64_LR << 5;
}

static inline u32 a64_adr(u32 rd, s32 off)
{
	return (off & 3) << 29 | 0x10000000 | (off >> 2 & 0x7ffff) << 5 | rd;
}

/**
 * a64_bitmask() - a constant of the logical instructions
 * @value:	constant; of 32-bit instructions, the low half
 * @wide:	of 64-bit instructions
 *
 * Such a constant is a run of ones, rotated, in an element of 2, 4, ... 64 bits that
 * repeats.
 *
 * Return: the bits N, immr, imms; or -1 if @value is no such constant.
 */
static inline s32 a64_bitmask(u64 value, bool wide)
{
	u32 size = 64, ones, rotate;
	u64 element;

	if (!wide)
		value = (u32)value | value << 32;
	if (!value || !~value)
		return -1;
	while (size > 2 && (value & GENMASK_ULL(size / 2 - 1, 0)) ==
			   (value >> size / 2 & GENMASK_ULL(size / 2 - 1, 0)))
		size /= 2;
	element = value & GENMASK_ULL(size - 1, 0);
	ones = hweight64(element);
	/* where the run begins: near the top if it goes around the end */
	if (element & 1)
		rotate = (size - (ones - __ffs64(~element))) % size;
	else
		rotate = __ffs64(element);
	/* it is one run if that many ones from there on are all of them */
	value = GENMASK_ULL(ones - 1, 0);
	if (rotate)
		value = value << rotate | (value >> (size - rotate));
	if ((value & GENMASK_ULL(size - 1, 0)) != element)
		return -1;
	return (size == 64) << 12 | ((size - rotate) % size) << 6 |
	       ((~(size * 2 - 1) & 0x3f) | (ones - 1));
}

#endif /* _BVM_ARM64_ENCODE_H */
