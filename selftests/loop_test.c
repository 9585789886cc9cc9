// SPDX-License-Identifier: GPL-2.0-only
/*
 * bpf_loop(): what it counts, when it stops, what it refuses, and that the registers
 * and stacks of the program, of the callback and of loops within loops stay apart.
 */
#include "lib/harness.h"
#include "lib/bpf_sys.h"
#include "lib/prog_btf.h"

#define MAX_LOOPS	8388608

/* r0 of a run, or an error */
static int run(int prog)
{
	char data[64] = {};
	union bpf_attr attr = {
		.test.prog_fd = prog,
		.test.data_in = ptr_to_u64(data),
		.test.data_size_in = sizeof(data),
	};
	int ret = sys_bpf(BPF_PROG_TEST_RUN, &attr);

	close(prog);
	return ret ? ret : (int)attr.test.retval;
}

#define FUNC(DST, OFF)	BPF_LD_IMM64_RAW(DST, BPF_PSEUDO_FUNC, OFF, 0)

/* r0 = loop(N, the function at 7, CTX, FLAGS); exit */
#define LOOP(N, CTX, FLAGS)						\
	BPF_ALU32_IMM(BPF_MOV, BPF_REG_1, N),				\
	FUNC(BPF_REG_2, 5),						\
	BPF_MOV64_REG(BPF_REG_3, CTX),					\
	BPF_MOV64_IMM(BPF_REG_4, FLAGS),				\
	BPF_EMIT_CALL(BPF_FUNC_loop),					\
	BPF_EXIT_INSN()

/* r1 >= STOP */
#define UNTIL(STOP)							\
	BPF_MOV64_IMM(BPF_REG_0, 0),					\
	BPF_JMP_IMM(BPF_JLT, BPF_REG_1, STOP, 1),			\
	BPF_MOV64_IMM(BPF_REG_0, 1),					\
	BPF_EXIT_INSN()

TEST(count)
{
	static const struct { int n, flags, stop, want; } cases[] = {
		{ 0, 0, 100, 0 },
		{ 1, 0, 100, 1 },
		{ 100, 0, 100, 100 },
		{ 101, 0, 100, 101 },
		{ 1000, 0, 100, 101 },
		{ 1000, 0, 0, 1 },
		{ MAX_LOOPS, 0, 10, 11 },
		{ MAX_LOOPS + 1, 0, 10, -E2BIG },
		{ -1, 0, 10, -E2BIG },
		{ 10, 1, 10, -EINVAL },
		{ -1, 1, 10, -EINVAL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int prog = PROG_LOAD_WITH(7, FUNC_OF_LOOP,
					  LOOP(cases[i].n, BPF_REG_10, cases[i].flags),
					  UNTIL(cases[i].stop));

		ASSERT_LE(0, prog);
		EXPECT_EQ(cases[i].want, run(prog)) {
			TH_LOG("loop(%d, flags %d), stops at %d", cases[i].n, cases[i].flags,
			       cases[i].stop);
		}
	}
}

/* many iterations take their time and come to an end */
TEST(long_loop)
{
	int prog = PROG_LOAD_WITH(7, FUNC_OF_LOOP, LOOP(1 << 20, BPF_REG_10, 0),
				  UNTIL(0x7fffffff));

	ASSERT_LE(0, prog);
	EXPECT_EQ(1 << 20, run(prog));
}

/* The callback adds its index to a number on the program's stack. */
TEST(context)
{
	int prog = PROG_LOAD_WITH(17, FUNC_OF_LOOP,
		BPF_ST_MEM(BPF_DW, BPF_REG_10, -8, 0),
		BPF_MOV64_IMM(BPF_REG_6, 1), BPF_MOV64_IMM(BPF_REG_7, 2),
		BPF_MOV64_IMM(BPF_REG_8, 3), BPF_MOV64_IMM(BPF_REG_9, 4),
		BPF_MOV64_IMM(BPF_REG_1, 10), FUNC(BPF_REG_2, 10),
		BPF_MOV64_REG(BPF_REG_3, BPF_REG_10), BPF_MOV64_IMM(BPF_REG_4, 0),
		BPF_EMIT_CALL(BPF_FUNC_loop),
		BPF_LDX_MEM(BPF_DW, BPF_REG_0, BPF_REG_10, -8),
		BPF_ALU64_REG(BPF_ADD, BPF_REG_0, BPF_REG_6),
		BPF_ALU64_REG(BPF_ADD, BPF_REG_0, BPF_REG_7),
		BPF_ALU64_REG(BPF_ADD, BPF_REG_0, BPF_REG_8),
		BPF_ALU64_REG(BPF_ADD, BPF_REG_0, BPF_REG_9), BPF_EXIT_INSN(),
		/* the callback, which uses the same registers and a frame of its own */
		BPF_LDX_MEM(BPF_DW, BPF_REG_6, BPF_REG_2, -8),
		BPF_ALU64_REG(BPF_ADD, BPF_REG_6, BPF_REG_1),
		BPF_STX_MEM(BPF_DW, BPF_REG_2, BPF_REG_6, -8),
		BPF_ST_MEM(BPF_DW, BPF_REG_10, -8, 77),
		BPF_ST_MEM(BPF_DW, BPF_REG_10, -64, 77),
		BPF_MOV64_IMM(BPF_REG_7, 77), BPF_MOV64_IMM(BPF_REG_8, 77),
		BPF_MOV64_IMM(BPF_REG_9, 77), RETURN(0));

	ASSERT_LE(0, prog);
	EXPECT_EQ(45 + 10, run(prog));
}

/* The context may be NULL; other results than 0 and 1 are refused. */
TEST(refused)
{
	const struct bpf_insn two[] = { LOOP(10, BPF_REG_10, 0), RETURN(2) };
	int prog;

	prog = PROG_LOAD_WITH(7, FUNC_OF_LOOP, BPF_MOV64_IMM(BPF_REG_1, 3), FUNC(BPF_REG_2, 5),
			      BPF_MOV64_IMM(BPF_REG_3, 0), BPF_MOV64_IMM(BPF_REG_4, 0),
			      BPF_EMIT_CALL(BPF_FUNC_loop), BPF_EXIT_INSN(), RETURN(0));
	ASSERT_LE(0, prog);
	EXPECT_EQ(3, run(prog));
	EXPECT_EQ(-EINVAL, prog_load_with(BPF_PROG_TYPE_SOCKET_FILTER, two, ARRAY_SIZE(two), 7,
					  FUNC_OF_LOOP));
}

TEST_HARNESS_MAIN
