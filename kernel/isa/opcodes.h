/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The opcodes of RFC 9669, one row each.  Decoder, disassembler, the tests and
 * the assembler of the test vectors are all driven by these rows.
 *
 *	X(code, class, op, size, flags, rules)
 *
 * @code: first byte of the encoding
 * @class, @op, @size, @flags: what goes into struct bvm_insn
 * @rules: BVM_Z_*: fields that must be zero; BVM_W_DST: writes the register dst
 *
 * What a mask cannot say (the offset of a division, the immediate of an atomic)
 * is a function for each class in insn.c.
 */
#ifndef _BVM_ISA_OPCODES_H
#define _BVM_ISA_OPCODES_H

#include "isa.h"

#define BVM_Z_DST	BIT(0)	/* reserved field: dst */
#define BVM_Z_SRC	BIT(1)
#define BVM_Z_OFF	BIT(2)
#define BVM_Z_IMM	BIT(3)
#define BVM_W_DST	BIT(4)	/* dst is written: not r10 */
#define BVM_VALID	BIT(5)	/* the opcode exists; set by BVM_OPCODE_ROW */

/* section 4.1: register or immediate, 32 or 64 bits; @rules for all four */
#define BVM_ALU_ROWS(X, bits, class, op, rules)						\
	X(BPF_ALU | (bits) | BPF_K, class, op, 4, 0, (rules) | BVM_Z_SRC | BVM_W_DST)	\
	X(BPF_ALU | (bits) | BPF_X, class, op, 4, BVM_F_SRC_REG,			\
	  (rules) | BVM_Z_IMM | BVM_W_DST)						\
	X(BPF_ALU64 | (bits) | BPF_K, class, op, 8, 0, (rules) | BVM_Z_SRC | BVM_W_DST)	\
	X(BPF_ALU64 | (bits) | BPF_X, class, op, 8, BVM_F_SRC_REG,			\
	  (rules) | BVM_Z_IMM | BVM_W_DST)

/* section 4.3: compare with a register or an immediate, 32 or 64 bits */
#define BVM_JMP_ROWS(X, bits, op)							\
	X(BPF_JMP32 | (bits) | BPF_K, BVM_JCOND, op, 4, 0, BVM_Z_SRC)			\
	X(BPF_JMP32 | (bits) | BPF_X, BVM_JCOND, op, 4, BVM_F_SRC_REG, BVM_Z_IMM)	\
	X(BPF_JMP | (bits) | BPF_K, BVM_JCOND, op, 8, 0, BVM_Z_SRC)			\
	X(BPF_JMP | (bits) | BPF_X, BVM_JCOND, op, 8, BVM_F_SRC_REG, BVM_Z_IMM)

/* section 5: loads and stores of one width */
#define BVM_MEM_ROWS(X, bits, bytes)							\
	X(BPF_LDX | BPF_MEM | (bits), BVM_LDX, 0, bytes, 0, BVM_Z_IMM | BVM_W_DST)	\
	X(BPF_ST | BPF_MEM | (bits), BVM_ST, 0, bytes, 0, BVM_Z_SRC)			\
	X(BPF_STX | BPF_MEM | (bits), BVM_STX, 0, bytes, 0, BVM_Z_IMM)

#define BVM_LDSX_ROW(X, bits, bytes)							\
	X(BPF_LDX | BPF_MEMSX | (bits), BVM_LDX, 0, bytes, BVM_F_SEXT, BVM_Z_IMM | BVM_W_DST)

/* section 5.5: legacy packet access; the result is in r0 whatever dst says */
#define BVM_PKT_ROWS(X, bits, bytes)							\
	X(BPF_LD | BPF_ABS | (bits), BVM_LD_ABS, 0, bytes, 0,				\
	  BVM_Z_DST | BVM_Z_SRC | BVM_Z_OFF)						\
	X(BPF_LD | BPF_IND | (bits), BVM_LD_IND, 0, bytes, 0, BVM_Z_DST | BVM_Z_OFF)

/* The offset of DIV and MOD chooses the signed form, that of MOV the extension. */
#define BVM_OPCODES(X)									\
	BVM_ALU_ROWS(X, BPF_ADD, BVM_ALU, BVM_ADD, BVM_Z_OFF)				\
	BVM_ALU_ROWS(X, BPF_SUB, BVM_ALU, BVM_SUB, BVM_Z_OFF)				\
	BVM_ALU_ROWS(X, BPF_MUL, BVM_ALU, BVM_MUL, BVM_Z_OFF)				\
	BVM_ALU_ROWS(X, BPF_DIV, BVM_ALU, BVM_DIV, 0)					\
	BVM_ALU_ROWS(X, BPF_MOD, BVM_ALU, BVM_MOD, 0)					\
	BVM_ALU_ROWS(X, BPF_OR, BVM_ALU, BVM_OR, BVM_Z_OFF)				\
	BVM_ALU_ROWS(X, BPF_AND, BVM_ALU, BVM_AND, BVM_Z_OFF)				\
	BVM_ALU_ROWS(X, BPF_XOR, BVM_ALU, BVM_XOR, BVM_Z_OFF)				\
	BVM_ALU_ROWS(X, BPF_LSH, BVM_ALU, BVM_LSH, BVM_Z_OFF)				\
	BVM_ALU_ROWS(X, BPF_RSH, BVM_ALU, BVM_RSH, BVM_Z_OFF)				\
	BVM_ALU_ROWS(X, BPF_ARSH, BVM_ALU, BVM_ARSH, BVM_Z_OFF)				\
	BVM_ALU_ROWS(X, BPF_MOV, BVM_MOV, 0, 0)						\
	X(BPF_ALU | BPF_NEG, BVM_NEG, 0, 4, 0,						\
	  BVM_Z_SRC | BVM_Z_OFF | BVM_Z_IMM | BVM_W_DST)				\
	X(BPF_ALU64 | BPF_NEG, BVM_NEG, 0, 8, 0,					\
	  BVM_Z_SRC | BVM_Z_OFF | BVM_Z_IMM | BVM_W_DST)				\
	X(BPF_ALU | BPF_END | BPF_TO_LE, BVM_ENDIAN, BVM_TO_LE, 8, 0,			\
	  BVM_Z_SRC | BVM_Z_OFF | BVM_W_DST)						\
	X(BPF_ALU | BPF_END | BPF_TO_BE, BVM_ENDIAN, BVM_TO_BE, 8, 0,			\
	  BVM_Z_SRC | BVM_Z_OFF | BVM_W_DST)						\
	X(BPF_ALU64 | BPF_END, BVM_ENDIAN, BVM_BSWAP, 8, 0,				\
	  BVM_Z_SRC | BVM_Z_OFF | BVM_W_DST)						\
	BVM_JMP_ROWS(X, BPF_JEQ, BVM_JEQ)						\
	BVM_JMP_ROWS(X, BPF_JNE, BVM_JNE)						\
	BVM_JMP_ROWS(X, BPF_JSET, BVM_JSET)						\
	BVM_JMP_ROWS(X, BPF_JGT, BVM_JGT)						\
	BVM_JMP_ROWS(X, BPF_JGE, BVM_JGE)						\
	BVM_JMP_ROWS(X, BPF_JLT, BVM_JLT)						\
	BVM_JMP_ROWS(X, BPF_JLE, BVM_JLE)						\
	BVM_JMP_ROWS(X, BPF_JSGT, BVM_JSGT)						\
	BVM_JMP_ROWS(X, BPF_JSGE, BVM_JSGE)						\
	BVM_JMP_ROWS(X, BPF_JSLT, BVM_JSLT)						\
	BVM_JMP_ROWS(X, BPF_JSLE, BVM_JSLE)						\
	X(BPF_JMP | BPF_JA, BVM_JA, 0, 0, 0, BVM_Z_DST | BVM_Z_SRC | BVM_Z_IMM)		\
	X(BPF_JMP32 | BPF_JA, BVM_JA, 0, 0, 0, BVM_Z_DST | BVM_Z_SRC | BVM_Z_OFF)	\
	X(BPF_JMP | BPF_JCOND, BVM_MAY_GOTO, 0, 0, 0, BVM_Z_DST | BVM_Z_SRC | BVM_Z_IMM) \
	X(BPF_JMP | BPF_CALL, BVM_CALL, 0, 0, 0, BVM_Z_DST)				\
	X(BPF_JMP | BPF_EXIT, BVM_EXIT, 0, 0, 0,					\
	  BVM_Z_DST | BVM_Z_SRC | BVM_Z_OFF | BVM_Z_IMM)				\
	BVM_MEM_ROWS(X, BPF_B, 1)							\
	BVM_MEM_ROWS(X, BPF_H, 2)							\
	BVM_MEM_ROWS(X, BPF_W, 4)							\
	BVM_MEM_ROWS(X, BPF_DW, 8)							\
	BVM_LDSX_ROW(X, BPF_B, 1)							\
	BVM_LDSX_ROW(X, BPF_H, 2)							\
	BVM_LDSX_ROW(X, BPF_W, 4)							\
	X(BPF_STX | BPF_ATOMIC | BPF_W, BVM_ATOMIC, 0, 4, 0, 0)				\
	X(BPF_STX | BPF_ATOMIC | BPF_DW, BVM_ATOMIC, 0, 8, 0, 0)			\
	X(BPF_LD | BPF_IMM | BPF_DW, BVM_LD_IMM64, 0, 8, 0, BVM_Z_OFF | BVM_W_DST)	\
	BVM_PKT_ROWS(X, BPF_B, 1)							\
	BVM_PKT_ROWS(X, BPF_H, 2)							\
	BVM_PKT_ROWS(X, BPF_W, 4)

/**
 * struct bvm_opcode - a row, indexed by the opcode byte in bvm_opcodes[]
 * @class:	enum bvm_class
 * @op:		operation
 * @size:	bytes
 * @flags:	BVM_F_*
 * @rules:	BVM_Z_*, BVM_W_DST; 0: no such opcode
 */
struct bvm_opcode {
	u8 class;
	u8 op;
	u8 size;
	u8 flags;
	u8 rules;
};

extern const struct bvm_opcode bvm_opcodes[256];

/**
 * struct bvm_atomic - an atomic operation (section 5.3), by its immediate
 * @imm:	immediate
 * @op:		enum bvm_atomic_op
 * @flags:	BVM_F_FETCH or 0
 * @name:	as in "atomic_fetch_add", or the operator of a plain operation
 */
struct bvm_atomic {
	s32 imm;
	u8 op;
	u8 flags;
	const char *name;
};

/**
 * bvm_atomic_find - the atomic operation of an immediate
 * @imm:	immediate
 *
 * Pure; any context.  Return: row, or NULL.
 */
const struct bvm_atomic *bvm_atomic_find(s32 imm);

#endif /* _BVM_ISA_OPCODES_H */
