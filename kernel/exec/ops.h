/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The operations of the IR, one row each:
 *
 *	X(NAME, FORM, meaning)
 *
 * FORM says which fields of struct bvm_ir are used and how the operation is
 * printed; see enum bvm_ir_form.  The meaning is for people; the interpreter and
 * the JITs are checked against each other and against plain C.
 *
 * Conventions of all operations:
 * - Registers are 64 bits.  A 32-bit operation reads the low halves and writes
 *   its result zero-extended.
 * - Shift counts are taken modulo the width (RFC 9669 section 4.1).
 * - x / 0 = 0, x % 0 = x, MIN / -1 = MIN, MIN % -1 = 0; signed division truncates
 *   towards zero (RFC 9669 section 4.1).
 * - An immediate is a sign-extended 32-bit number, except in MOVI and CALL, where
 *   it has 64 bits.
 */
#ifndef _BVM_EXEC_OPS_H
#define _BVM_EXEC_OPS_H

/** enum bvm_ir_form - operands of an operation */
enum bvm_ir_form {
	BVM_FORM_NONE,		/* no operand */
	BVM_FORM_DST,		/* dst = op dst */
	BVM_FORM_DST_SRC,		/* dst = dst op src, or dst = op src */
	BVM_FORM_DST_IMM,		/* dst = dst op imm, or dst = imm */
	BVM_FORM_LOAD,		/* dst = *(src + off) */
	BVM_FORM_STORE,		/* *(dst + off) = src; atomics: and maybe src = old value */
	BVM_FORM_STORE_IMM,	/* *(dst + off) = imm */
	BVM_FORM_JUMP,		/* goto off */
	BVM_FORM_JUMP_SRC,	/* if (dst op src) goto off */
	BVM_FORM_JUMP_IMM,	/* if (dst op imm) goto off */
	BVM_FORM_CALL_FN,		/* r0 = imm(r1..r5) */
	BVM_FORM_CALL_IR,		/* subprogram at off; the caller's frame has imm bytes */
	BVM_FORM_IR,		/* subprogram at off */
	BVM_FORM_FUNC,		/* dst = IR index off, in the form that CALL_SUBR takes */
	BVM_FORM_CALL_SRC,		/* subprogram at src; the caller's frame has imm bytes */
};

/* an ALU operation in its four forms */
#define BVM_IR_ALU(X, name, meaning)					\
	X(name##64R, BVM_FORM_DST_SRC, meaning)				\
	X(name##64I, BVM_FORM_DST_IMM, meaning)				\
	X(name##32R, BVM_FORM_DST_SRC, meaning)				\
	X(name##32I, BVM_FORM_DST_IMM, meaning)

/* a comparison in its four forms */
#define BVM_IR_JCC(X, name, meaning)					\
	X(name##64R, BVM_FORM_JUMP_SRC, meaning)			\
	X(name##64I, BVM_FORM_JUMP_IMM, meaning)			\
	X(name##32R, BVM_FORM_JUMP_SRC, meaning)			\
	X(name##32I, BVM_FORM_JUMP_IMM, meaning)

#define BVM_IR_OPS(X)							\
	BVM_IR_ALU(X, ADD, "dst += b")					\
	BVM_IR_ALU(X, SUB, "dst -= b")					\
	BVM_IR_ALU(X, MUL, "dst *= b")					\
	BVM_IR_ALU(X, DIV, "dst /= b, unsigned")			\
	BVM_IR_ALU(X, SDIV, "dst /= b, signed")				\
	BVM_IR_ALU(X, MOD, "dst %= b, unsigned")			\
	BVM_IR_ALU(X, SMOD, "dst %= b, sign of dst")			\
	BVM_IR_ALU(X, OR, "dst |= b")					\
	BVM_IR_ALU(X, AND, "dst &= b")					\
	BVM_IR_ALU(X, XOR, "dst ^= b")					\
	BVM_IR_ALU(X, LSH, "dst <<= b")					\
	BVM_IR_ALU(X, RSH, "dst >>= b, zeroes come in")			\
	BVM_IR_ALU(X, ARSH, "dst >>= b, the sign comes in")		\
	X(ROL64I, BVM_FORM_DST_IMM, "dst = dst rotated left by imm, 1 to 63")	\
	X(ROL32I, BVM_FORM_DST_IMM, "dst = dst rotated left by imm, 1 to 31")	\
	X(NEG64, BVM_FORM_DST, "dst = -dst")				\
	X(NEG32, BVM_FORM_DST, "dst = -dst")				\
	X(MOV64R, BVM_FORM_DST_SRC, "dst = src")			\
	X(MOV32R, BVM_FORM_DST_SRC, "dst = (u32)src")			\
	X(MOVI, BVM_FORM_DST_IMM, "dst = imm, all 64 bits")		\
	X(CURRENT, BVM_FORM_DST_IMM, "dst = the current task; imm: where a CPU has it, on x86") \
	X(PERCPU, BVM_FORM_DST, "dst = address of this CPU's copy of the variable at dst") \
	X(SEXT8_64, BVM_FORM_DST_SRC, "dst = (s8)src")			\
	X(SEXT16_64, BVM_FORM_DST_SRC, "dst = (s16)src")		\
	X(SEXT32_64, BVM_FORM_DST_SRC, "dst = (s32)src")		\
	X(SEXT8_32, BVM_FORM_DST_SRC, "dst = (u32)(s8)src")		\
	X(SEXT16_32, BVM_FORM_DST_SRC, "dst = (u32)(s16)src")		\
	X(ZEXT16, BVM_FORM_DST_SRC, "dst = (u16)src")			\
	X(SWAP16, BVM_FORM_DST, "dst = the low 2 bytes, swapped")	\
	X(SWAP32, BVM_FORM_DST, "dst = the low 4 bytes, swapped")	\
	X(SWAP64, BVM_FORM_DST, "dst = 8 bytes, swapped")		\
	X(LOAD8, BVM_FORM_LOAD, "zero-extended")			\
	X(LOAD16, BVM_FORM_LOAD, "zero-extended")			\
	X(LOAD32, BVM_FORM_LOAD, "zero-extended")			\
	X(LOAD64, BVM_FORM_LOAD, "")					\
	X(LOADS8, BVM_FORM_LOAD, "sign-extended to 64 bits")		\
	X(LOADS16, BVM_FORM_LOAD, "sign-extended to 64 bits")		\
	X(LOADS32, BVM_FORM_LOAD, "sign-extended to 64 bits")		\
	X(PROBE8, BVM_FORM_LOAD, "kernel memory that may fault: dst = 0 then") \
	X(PROBE16, BVM_FORM_LOAD, "as PROBE8")				\
	X(PROBE32, BVM_FORM_LOAD, "as PROBE8")				\
	X(PROBE64, BVM_FORM_LOAD, "as PROBE8")				\
	/* dst is not r0 */						\
	X(TRY8, BVM_FORM_LOAD, "as PROBE8; r0 = 0, or -EFAULT if it faults") \
	X(TRY16, BVM_FORM_LOAD, "as TRY8")				\
	X(TRY32, BVM_FORM_LOAD, "as TRY8")				\
	X(TRY64, BVM_FORM_LOAD, "as TRY8")				\
	X(PUT8, BVM_FORM_STORE, "no user memory; may fault: nothing happens then") \
	X(PUT16, BVM_FORM_STORE, "as PUT8")				\
	X(PUT32, BVM_FORM_STORE, "as PUT8")				\
	X(PUT64, BVM_FORM_STORE, "as PUT8")				\
	X(STORE8R, BVM_FORM_STORE, "")					\
	X(STORE16R, BVM_FORM_STORE, "")					\
	X(STORE32R, BVM_FORM_STORE, "")					\
	X(STORE64R, BVM_FORM_STORE, "")					\
	X(STORE8I, BVM_FORM_STORE_IMM, "")				\
	X(STORE16I, BVM_FORM_STORE_IMM, "")				\
	X(STORE32I, BVM_FORM_STORE_IMM, "")				\
	X(STORE64I, BVM_FORM_STORE_IMM, "imm sign-extended")		\
	/* relaxed, atomic, aligned */					\
	X(ATOMIC_ADD32, BVM_FORM_STORE, "+= src")			\
	X(ATOMIC_OR32, BVM_FORM_STORE, "|= src")			\
	X(ATOMIC_AND32, BVM_FORM_STORE, "&= src")			\
	X(ATOMIC_XOR32, BVM_FORM_STORE, "^= src")			\
	X(ATOMIC_ADD64, BVM_FORM_STORE, "+= src")			\
	X(ATOMIC_OR64, BVM_FORM_STORE, "|= src")			\
	X(ATOMIC_AND64, BVM_FORM_STORE, "&= src")			\
	X(ATOMIC_XOR64, BVM_FORM_STORE, "^= src")			\
	/* full barriers; src = old value, zero-extended */		\
	X(FETCH_ADD32, BVM_FORM_STORE, "+= src")			\
	X(FETCH_OR32, BVM_FORM_STORE, "|= src")				\
	X(FETCH_AND32, BVM_FORM_STORE, "&= src")			\
	X(FETCH_XOR32, BVM_FORM_STORE, "^= src")			\
	X(XCHG32, BVM_FORM_STORE, "= src")				\
	X(FETCH_ADD64, BVM_FORM_STORE, "+= src")			\
	X(FETCH_OR64, BVM_FORM_STORE, "|= src")				\
	X(FETCH_AND64, BVM_FORM_STORE, "&= src")			\
	X(FETCH_XOR64, BVM_FORM_STORE, "^= src")			\
	X(XCHG64, BVM_FORM_STORE, "= src")				\
	/* if equal to r0, = src; r0 = old value, zero-extended in either case */ \
	X(CMPXCHG32, BVM_FORM_STORE, "= src if r0")			\
	X(CMPXCHG64, BVM_FORM_STORE, "= src if r0")			\
	BVM_IR_JCC(X, JEQ, "dst == b")					\
	BVM_IR_JCC(X, JNE, "dst != b")					\
	BVM_IR_JCC(X, JSET, "dst & b")					\
	BVM_IR_JCC(X, JGT, "dst > b, unsigned")				\
	BVM_IR_JCC(X, JGE, "dst >= b, unsigned")			\
	BVM_IR_JCC(X, JLT, "dst < b, unsigned")				\
	BVM_IR_JCC(X, JLE, "dst <= b, unsigned")			\
	BVM_IR_JCC(X, JSGT, "dst > b, signed")				\
	BVM_IR_JCC(X, JSGE, "dst >= b, signed")				\
	BVM_IR_JCC(X, JSLT, "dst < b, signed")				\
	BVM_IR_JCC(X, JSLE, "dst <= b, signed")				\
	X(JA, BVM_FORM_JUMP, "always")					\
	X(MAY_GOTO, BVM_FORM_JUMP, "when the function's budget is used up; else takes one") \
	X(CALL, BVM_FORM_CALL_FN, "clobbers r1..r5")			\
	X(CALL_SUB, BVM_FORM_CALL_IR, "saves r6..r9 and the frame pointer") \
	X(CALL_SUBR, BVM_FORM_CALL_SRC, "as CALL_SUB, of what FUNC has loaded") \
	X(FUNC, BVM_FORM_FUNC, "dst = the subprogram at off, for CALL_SUBR") \
	X(BODY, BVM_FORM_IR, "never run: the subprogram at off stays, called or not") \
	/* if there is one: in its r1 the context */			\
	X(TAIL_CALL, BVM_FORM_CALL_FN, "goes on in program imm(r1..r3)") \
	X(RET, BVM_FORM_NONE, "back from a subprogram")			\
	X(EXIT, BVM_FORM_NONE, "ends the program (entered by TAIL_CALL: RET), result in r0") \
	X(CHECK, BVM_FORM_CALL_FN, "imm: struct bvm_claims about the registers") \
	X(TRAP, BVM_FORM_NONE, "verification was wrong: ends the program, result 0")

#endif /* _BVM_EXEC_OPS_H */
