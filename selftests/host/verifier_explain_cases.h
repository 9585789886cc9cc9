/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the log says after the kernel's words: what is wrong, with which value, where that
 * came from, what may help.
 */
#define BACK(reg)	"\tthe way back to where R" #reg " came from:\n"

{ "explained: an index", .err = -EACCES,
	.words = "R0 max value is outside of the allowed memory range\nprocessed 11 insns\t"
		 "what is wrong: with the greatest offset the access lies outside\n"
		 "at instruction 11, R0=map_value(\tumax=umax32=65535" BACK(0)
		 "  10: (0f) r0 += r6\n"
		 "  9: (57) r6 &= 65535\n"
		 "  8: (15) if r0 == 0x0 goto pc+3\t; was not so\n"
		 "  7: (85) call bpf_map_lookup_elem#1\t; returned this\n"
		 "  1: (bf) r6 = r0\n"
		 "  0: (85) call bpf_get_prandom_u32#7\t; returned this\n"
		 "what may help: compare the index with the size",
	PROG(RANDOM, MOVR(R6, R0), LOOKUP(HASH48), JMP(JEQ, R0, 0, 3),
	     BPF_ALU64_IMM(BPF_AND, R6, 0xffff), ADDR(R0, R6), LDX(B, R0, R0, 0), MOV(R0, 0),
	     EXIT) },
{ "explained: a register that calls do not keep", .err = -EACCES,
	.words = "R1 !read_ok\twhat is wrong: a register is read that has no value" BACK(1)
		 "  1: (85) call bpf_get_prandom_u32#7\t; left nothing in r1 to r5\n"
		 "what may help: set it on every way here",
	PROG(MOV(R1, 1), RANDOM, MOVR(R2, R1), MOV(R0, 0), EXIT) },
{ "explained: a register that was never set", .err = -EACCES,
	.words = "R6 !read_ok" BACK(6) "  the beginning\n",
	PROG(MOV(R0, 0), MOVR(R2, R6), EXIT) },
{ "explained: through the stack, past a function", .err = -EACCES,
	.words = "at instruction 4, R1=scalar(" BACK(1)
		 "  3: (79) r1 = *(u64 *)(r10 -8)\t; from the stack\n"
		 "  1: (7b) *(u64 *)(r10 -8) = r0\t; to the stack\n"
		 "  0: (85) call bpf_get_prandom_u32#7\t; returned this\n",
	PROG(RANDOM, STX(DW, FP, R0, -8), FN(4), LDX(DW, R1, FP, -8), LDX(DW, R0, R1, 0),
	     MOV(R0, 0), EXIT, MOV(R0, 3), EXIT) },
{ "explained: passed to a function", .err = -EACCES,
	.words = "at instruction 5, R1=scalar(" BACK(1)
		 "  2: (85) call pc+2\t; passed on\n"
		 "  1: (bf) r1 = r0\n"
		 "  0: (85) call bpf_get_prandom_u32#7\t; returned this\n",
	PROG(RANDOM, MOVR(R1, R0), FN(2), MOV(R0, 0), EXIT, LDX(DW, R0, R1, 0), EXIT) },
{ "explained: returned by a function", .err = -EACCES,
	.words = "at instruction 3, R0=9" BACK(0)
		 "  8: (95) exit\t; returned this\n"
		 "  7: (07) r0 += 4\n"
		 "  6: (bf) r0 = r1\n"
		 "  2: (85) call pc+3\t; passed on\n"
		 "  0: (b7) r1 = 5\n",
	PROG(MOV(R1, 5), MOV(R7, 1), FN(3), LDX(DW, R0, R0, 0), MOV(R0, 0), EXIT,
	     MOVR(R0, R1), ADD(R0, 4), EXIT) },
{ "explained: in a loop, rounds that are the same once", .err = -EACCES,
	.words = "at instruction 3, R6=5" BACK(6)
		 "  2: (a5) if r6 < 0x5 goto pc-2\t; was not so\n"
		 "  1: (07) r6 += 1\n"
		 "  2: (a5) if r6 < 0x5 goto pc-2\t; was so\n"
		 "  1: (07) r6 += 1\n"
		 "  0: (b7) r6 = 0\n",
	PROG(MOV(R6, 0), ADD(R6, 1), JMP(JLT, R6, 5, -2), LDX(DW, R0, R6, 0), MOV(R0, 0), EXIT) },
{ "explained: passed to a callback", .err = -EACCES,
	.words = "at instruction 8, R1=scalar(" BACK(1)
		 "  5: (85) call bpf_loop#181\t; passed this\n",
	PROG(MOV(R1, 7), FUNC(R2, 5), MOVR(R3, FP), MOV(R4, 0), CALL(loop), MOV(R0, 0), EXIT,
	     LDX(DW, R0, R1, 0), MOV(R0, 0), EXIT) },
{ "explained: behind a helper that called back", .err = -EACCES,
	.words = "R3 !read_ok" BACK(3) "  5: (85) call bpf_loop#181\t; left nothing in r1 to r5\n",
	PROG(MOV(R1, 1), FUNC(R2, 5), MOVR(R3, FP), MOV(R4, 0), CALL(loop), MOVR(R0, R3), EXIT,
	     MOV(R0, 0), EXIT) },
{ "explained: no more than twelve lines", .err = -EACCES,
	.words = "R6 invalid mem access" BACK(6) "\t\n  3: (07) r6 += 1\n  ...\nwhat may help",
	PROG(MOV(R6, 0), ADD(R6, 1), ADD(R6, 1), ADD(R6, 1), ADD(R6, 1), ADD(R6, 1), ADD(R6, 1),
	     ADD(R6, 1), ADD(R6, 1), ADD(R6, 1), ADD(R6, 1), ADD(R6, 1), ADD(R6, 1), ADD(R6, 1),
	     ADD(R6, 1), LDX(DW, R0, R6, 0), EXIT) },
#undef BACK
