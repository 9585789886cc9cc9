/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Instructions as initialisers of struct bpf_insn (RFC 9669), under the names
 * that the kernel's own tests use.
 */
#ifndef _BVM_TEST_INSN_H
#define _BVM_TEST_INSN_H

#include <linux/bpf.h>

#define BPF_INSN(CODE, DST, SRC, OFF, IMM)				\
	((struct bpf_insn) { .code = (CODE), .dst_reg = (DST),		\
			     .src_reg = (SRC), .off = (OFF), .imm = (IMM) })

#define BPF_ALU64_REG(OP, DST, SRC)	BPF_INSN(BPF_ALU64 | (OP) | BPF_X, DST, SRC, 0, 0)
#define BPF_ALU64_IMM(OP, DST, IMM)	BPF_INSN(BPF_ALU64 | (OP) | BPF_K, DST, 0, 0, IMM)
#define BPF_ALU32_REG(OP, DST, SRC)	BPF_INSN(BPF_ALU | (OP) | BPF_X, DST, SRC, 0, 0)
#define BPF_ALU32_IMM(OP, DST, IMM)	BPF_INSN(BPF_ALU | (OP) | BPF_K, DST, 0, 0, IMM)
#define BPF_MOV64_REG(DST, SRC)		BPF_ALU64_REG(BPF_MOV, DST, SRC)
#define BPF_MOV64_IMM(DST, IMM)		BPF_ALU64_IMM(BPF_MOV, DST, IMM)
#define BPF_LDX_MEM(SIZE, DST, SRC, OFF) BPF_INSN(BPF_LDX | (SIZE) | BPF_MEM, DST, SRC, OFF, 0)
#define BPF_STX_MEM(SIZE, DST, SRC, OFF) BPF_INSN(BPF_STX | (SIZE) | BPF_MEM, DST, SRC, OFF, 0)
#define BPF_ST_MEM(SIZE, DST, OFF, IMM)	BPF_INSN(BPF_ST | (SIZE) | BPF_MEM, DST, 0, OFF, IMM)
#define BPF_ATOMIC_OP(SIZE, OP, DST, SRC, OFF)				\
	BPF_INSN(BPF_STX | (SIZE) | BPF_ATOMIC, DST, SRC, OFF, OP)
#define BPF_JMP_REG(OP, DST, SRC, OFF)	BPF_INSN(BPF_JMP | (OP) | BPF_X, DST, SRC, OFF, 0)
#define BPF_JMP_IMM(OP, DST, IMM, OFF)	BPF_INSN(BPF_JMP | (OP) | BPF_K, DST, 0, OFF, IMM)
#define BPF_LD_ABS(SIZE, IMM)		BPF_INSN(BPF_LD | (SIZE) | BPF_ABS, 0, 0, 0, IMM)
#define BPF_EMIT_CALL(FUNC)		BPF_INSN(BPF_JMP | BPF_CALL, 0, 0, 0, FUNC)
#define BPF_EXIT_INSN()			BPF_INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)

/* two slots each */
#define BPF_LD_IMM64_RAW(DST, SRC, LOW, HIGH)				\
	BPF_INSN(BPF_LD | BPF_DW | BPF_IMM, DST, SRC, 0, LOW),		\
	BPF_INSN(0, 0, 0, 0, HIGH)
#define BPF_LD_MAP_FD(DST, FD)		BPF_LD_IMM64_RAW(DST, BPF_PSEUDO_MAP_FD, FD, 0)
#define BPF_LD_MAP_VALUE(DST, FD, OFF)	BPF_LD_IMM64_RAW(DST, BPF_PSEUDO_MAP_VALUE, FD, OFF)

/* sugar for the tests: r0 = IMM; exit */
#define RETURN(IMM)	BPF_MOV64_IMM(BPF_REG_0, IMM), BPF_EXIT_INSN()

/*
 * If the element of map FD whose key is the u64 at fp - 8 exists: add 1 to its
 * value, a u64.  Leaves r0 = 0; clobbers r1-r5.
 */
#define COUNT_IN_MAP(FD)						\
	BPF_LD_MAP_FD(BPF_REG_1, FD),					\
	BPF_MOV64_REG(BPF_REG_2, BPF_REG_10),				\
	BPF_ALU64_IMM(BPF_ADD, BPF_REG_2, -8),				\
	BPF_EMIT_CALL(BPF_FUNC_map_lookup_elem),			\
	BPF_JMP_IMM(BPF_JEQ, BPF_REG_0, 0, 2),				\
	BPF_MOV64_IMM(BPF_REG_1, 1),					\
	BPF_ATOMIC_OP(BPF_DW, BPF_ADD, BPF_REG_0, BPF_REG_1, 0),	\
	BPF_MOV64_IMM(BPF_REG_0, 0)

#endif /* _BVM_TEST_INSN_H */
