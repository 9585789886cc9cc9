/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The instruction set of RFC 9669, decoded once.
 *
 * Everything behind this header (verifier, lowering, disassembler) reads
 * struct bvm_insn, in which the quirks of the encoding are resolved: signed
 * division (offset 1), sign-extending moves (offset 8/16/32), the wide jump of
 * BPF_JMP32|BPF_JA, the two slots of a 64-bit immediate.  Reserved fields have
 * been checked by then.
 *
 * May depend on deps.h only.
 */
#ifndef _BVM_ISA_H
#define _BVM_ISA_H

#include "../deps.h"

/** enum bvm_class - what an instruction does, the verifier's and lowering's switch */
enum bvm_class {
	BVM_SLOT2,	/* second half of a 64-bit immediate; never executed */
	BVM_ALU,	/* dst = dst op (src|imm), .op is enum bvm_alu_op */
	BVM_MOV,	/* dst = (src|imm); .ext: bytes of src that are sign-extended, or 0;
			 * .op is enum bvm_mov_op
			 */
	BVM_NEG,	/* dst = -dst */
	BVM_ENDIAN,	/* dst = swap; .op is enum bvm_endian_op, .ext: 2, 4 or 8 bytes */
	BVM_LDX,	/* dst = *(size *)(src + off); BVM_F_SEXT: sign-extended to 64 bits */
	BVM_ST,		/* *(size *)(dst + off) = imm (sign-extended) */
	BVM_STX,	/* *(size *)(dst + off) = src */
	BVM_ATOMIC,	/* on *(size *)(dst + off); .op is enum bvm_atomic_op */
	BVM_LD_IMM64,	/* dst = imm64, or what the pseudo source register .src says */
	BVM_LD_ABS,	/* r0 = packet[imm]; implicit ctx in r6, clobbers r1-r5 */
	BVM_LD_IND,	/* r0 = packet[src + imm]; as above */
	BVM_JA,		/* goto .off (insns, relative to the next one) */
	BVM_JCOND,	/* if (dst .op (src|imm)) goto .off; .size 4 or 8 */
	BVM_MAY_GOTO,	/* BPF_JCOND: goto .off when the loop budget is used up */
	BVM_CALL,	/* .src: 0 helper .imm, BPF_PSEUDO_CALL, BPF_PSEUDO_KFUNC_CALL */
	BVM_EXIT,
	BVM_INVALID,	/* must not be executed: .op is enum bvm_isa_error */
	__BVM_CLASS_MAX
};

enum bvm_alu_op {
	BVM_ADD, BVM_SUB, BVM_MUL, BVM_DIV, BVM_SDIV, BVM_MOD, BVM_SMOD,
	BVM_OR, BVM_AND, BVM_XOR, BVM_LSH, BVM_RSH, BVM_ARSH,
	__BVM_ALU_OP_MAX
};

/** enum bvm_mov_op - moves that turn an address of an arena into another one */
enum bvm_mov_op {
	BVM_MOV_PLAIN,
	BVM_MOV_TO_KERNEL,	/* as(1) to as(0): for loads and stores */
	BVM_MOV_TO_USER,	/* as(0) to as(1): as user space knows it */
};

enum bvm_endian_op {
	BVM_TO_LE,	/* BPF_ALU|BPF_END|BPF_TO_LE: truncating, swaps on big endian */
	BVM_TO_BE,	/* BPF_ALU|BPF_END|BPF_TO_BE: truncating, swaps on little endian */
	BVM_BSWAP,	/* BPF_ALU64|BPF_END: always swaps */
};

enum bvm_atomic_op {
	BVM_ATOMIC_ADD, BVM_ATOMIC_OR, BVM_ATOMIC_AND, BVM_ATOMIC_XOR,
	BVM_ATOMIC_XCHG, BVM_ATOMIC_CMPXCHG,
};

/** enum bvm_cond - conditions of BVM_JCOND; the order is part of no ABI */
enum bvm_cond {
	BVM_JEQ, BVM_JNE, BVM_JSET,
	BVM_JGT, BVM_JGE, BVM_JLT, BVM_JLE,
	BVM_JSGT, BVM_JSGE, BVM_JSLT, BVM_JSLE,
	__BVM_COND_MAX
};

#define BVM_F_SRC_REG	BIT(0)	/* second operand is .src, not .imm (ALU, MOV, JCOND) */
#define BVM_F_SEXT	BIT(1)	/* LDX sign-extends */
#define BVM_F_FETCH	BIT(2)	/* ATOMIC returns the old value in .src (CMPXCHG: in r0) */

/**
 * struct bvm_insn - one decoded instruction
 * @class:	enum bvm_class
 * @op:		operation within the class
 * @size:	operand width of ALU, MOV, NEG and JCOND (4 or 8), or bytes accessed (1, 2, 4, 8)
 * @flags:	BVM_F_*
 * @dst:	destination register, 0..10
 * @src:	source register, or the pseudo kind of LD_IMM64 and CALL
 * @ext:	extension width in bytes, see enum bvm_class
 * @off:	memory offset in bytes, or jump distance in instructions
 * @imm:	immediate, sign-extended to 64 bits; whole 64 bits for LD_IMM64
 * @pad:	0
 * @pad2:	0
 */
struct bvm_insn {
	u8 class;
	u8 op;
	u8 size;
	u8 flags;
	u8 dst;
	u8 src;
	u8 ext;
	u8 pad;
	s32 off;
	u32 pad2;
	s64 imm;
};

/**
 * enum bvm_isa_error - why an encoding was refused; the caller owns the words
 */
enum bvm_isa_error {
	BVM_ISA_OK,
	BVM_ISA_UNKNOWN_OPCODE,		/* no such opcode */
	BVM_ISA_RESERVED_FIELD,		/* a field that must be zero is not */
	BVM_ISA_BAD_REGISTER,		/* register number above 10 */
	BVM_ISA_FRAME_POINTER_WRITE,	/* r10 as a destination */
	BVM_ISA_BAD_LD_IMM64,		/* second slot missing or malformed */
	BVM_ISA_BAD_SHIFT,		/* constant shift count >= width */
	BVM_ISA_DIV_BY_ZERO,		/* constant divisor 0 */
	BVM_ISA_BAD_SWAP,		/* endian width not 16, 32, 64 */
	BVM_ISA_BAD_CAST,		/* move between other address spaces than 1 and 0 */
	BVM_ISA_BAD_ATOMIC,		/* atomic operation unknown or of a wrong size */
};

/**
 * bvm_decode - decode and check one instruction
 * @insn:	first of @left instructions
 * @left:	instructions from @insn to the end of the program, at least 1
 * @out:	decoded form; two entries are written for a 64-bit immediate
 *
 * Checks what RFC 9669 says about encodings: opcode, reserved fields, register
 * numbers.  Pure; any context.
 *
 * Return: an enum bvm_isa_error.
 */
enum bvm_isa_error bvm_decode(const struct bpf_insn *insn, u32 left, struct bvm_insn *out);

/**
 * struct bvm_disasm_ops - names that only the caller knows
 * @call_name:	name of what a CALL calls, or NULL to print the number
 * @imm64_name:	text of a pseudo 64-bit immediate, or NULL to print the number
 * @priv:	first argument of both
 */
struct bvm_disasm_ops {
	const char *(*call_name)(void *priv, const struct bpf_insn *insn);
	const char *(*imm64_name)(void *priv, const struct bpf_insn *insn, u64 imm);
	void *priv;
};

/**
 * bvm_disasm - one instruction in the kernel's mnemonics, "(bf) r6 = r1"
 * @buf:	NUL-terminated output, no newline
 * @size:	bytes in @buf
 * @insn:	instruction; a 64-bit immediate reads the next one too
 * @ops:	may be NULL
 *
 * Return: characters that the whole text has, as snprintf().
 */
int bvm_disasm(char *buf, size_t size, const struct bpf_insn *insn,
	       const struct bvm_disasm_ops *ops);

/* names for logs and tests; NULL when out of range */
const char *bvm_alu_op_name(enum bvm_alu_op op);
const char *bvm_cond_name(enum bvm_cond cond);

#endif /* _BVM_ISA_H */
