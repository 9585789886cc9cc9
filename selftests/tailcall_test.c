// SPDX-License-Identifier: GPL-2.0-only
/*
 * bpf_tail_call(): from programs and subprograms, how often, and into entries that
 * come and go.
 */
#include <pthread.h>

#include "lib/harness.h"
#include "lib/bpf_sys.h"
#include "lib/prog_btf.h"

#define TAIL_CALLS	33	/* in a run */

FIXTURE(tail)
{
	int progs;	/* prog array of 4 entries */
	int count;	/* array of one u64 */
};

FIXTURE_SETUP(tail)
{
	self->progs = map_create(BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 4);
	self->count = map_create(BPF_MAP_TYPE_ARRAY, 4, 8, 1);
	ASSERT_LE(0, self->progs);
	ASSERT_LE(0, self->count);
}

FIXTURE_TEARDOWN(tail)
{
	close(self->progs);
	close(self->count);
}

/* what a program returns, or an error of the test run */
static int run(int prog)
{
	char data[64] = {};
	union bpf_attr attr = {
		.test.prog_fd = prog,
		.test.data_in = ptr_to_u64(data),
		.test.data_size_in = sizeof(data),
	};
	int ret = sys_bpf(BPF_PROG_TEST_RUN, &attr);

	return ret ? ret : (int)attr.test.retval;
}

static int put(int progs, __u32 index, int prog)
{
	return map_update(progs, &index, &prog, BPF_ANY);
}

static __u64 counted(int map)
{
	__u64 value = 0, zero = 0;

	map_lookup(map, &(__u32) { 0 }, &value);
	map_update(map, &(__u32) { 0 }, &zero, BPF_ANY);
	return value;
}

#define LOAD(...)	PROG_LOAD(BPF_PROG_TYPE_SOCKET_FILTER, __VA_ARGS__)

/* with a subprogram at SUB */
#define WITH(SUB, ...)	PROG_LOAD_WITH(SUB, FUNC_OF_CTX, __VA_ARGS__)

/* tail_call(r6, MAP, INDEX); 5 instructions */
#define TAIL_CALL(MAP, INDEX)						\
	BPF_MOV64_REG(BPF_REG_1, BPF_REG_6),				\
	BPF_LD_MAP_FD(BPF_REG_2, MAP),					\
	BPF_MOV64_IMM(BPF_REG_3, INDEX),				\
	BPF_EMIT_CALL(BPF_FUNC_tail_call)

/* r6 = r1, the element of MAP += 1 */
#define COUNT(MAP)							\
	BPF_MOV64_REG(BPF_REG_6, BPF_REG_1),				\
	BPF_LD_MAP_VALUE(BPF_REG_1, MAP, 0),				\
	BPF_MOV64_IMM(BPF_REG_2, 1),					\
	BPF_ATOMIC_OP(BPF_DW, BPF_ADD, BPF_REG_1, BPF_REG_2, 0)

#define SUBPROG(OFF)	BPF_INSN(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, 0, OFF)

TEST_F(tail, entries)
{
	int seven = LOAD(RETURN(7)), eight = LOAD(RETURN(8));
	int first = LOAD(BPF_MOV64_REG(BPF_REG_6, BPF_REG_1), TAIL_CALL(self->progs, 1),
			 RETURN(3));
	int outside = LOAD(BPF_MOV64_REG(BPF_REG_6, BPF_REG_1), TAIL_CALL(self->progs, 4),
			   TAIL_CALL(self->progs, -1), RETURN(4));

	EXPECT_EQ(3, run(first));
	ASSERT_EQ(0, put(self->progs, 1, seven));
	EXPECT_EQ(7, run(first));
	ASSERT_EQ(0, put(self->progs, 1, eight));
	EXPECT_EQ(8, run(first));
	ASSERT_EQ(0, map_delete(self->progs, &(__u32) { 1 }));
	EXPECT_EQ(3, run(first));
	EXPECT_EQ(4, run(outside));
	/* the program in it lives on without its descriptor */
	ASSERT_EQ(0, put(self->progs, 1, seven));
	close(seven);
	EXPECT_EQ(7, run(first));
}

/* An index is the low half of its register. */
TEST_F(tail, index_has_32_bits)
{
	int first = LOAD(BPF_MOV64_REG(BPF_REG_6, BPF_REG_1),
			 BPF_LD_MAP_FD(BPF_REG_2, self->progs),
			 BPF_LD_IMM64_RAW(BPF_REG_3, 0, 1, 5),
			 BPF_EMIT_CALL(BPF_FUNC_tail_call), RETURN(3));
	int seven = LOAD(RETURN(7));

	ASSERT_EQ(0, put(self->progs, 1, seven));
	EXPECT_EQ(7, run(first));
	close(first);
	close(seven);
}

/* r0 means nothing after a call that has failed */
TEST_F(tail, no_result)
{
	static const int want = -EACCES;
	const struct bpf_insn insns[] = {
		BPF_MOV64_REG(BPF_REG_6, BPF_REG_1),
		BPF_MOV64_IMM(BPF_REG_0, 0),
		TAIL_CALL(self->progs, 0),
		BPF_EXIT_INSN(),
	};

	EXPECT_EQ(want, prog_load(BPF_PROG_TYPE_SOCKET_FILTER, insns, ARRAY_SIZE(insns)));
}

/* A program that calls itself: 33 times, and the run is over; calls that fail are free. */
TEST_F(tail, limit)
{
	int self_call = LOAD(COUNT(self->count),
			     TAIL_CALL(self->progs, 1), TAIL_CALL(self->progs, 9),
			     TAIL_CALL(self->progs, 0), RETURN(5));
	int first = LOAD(BPF_MOV64_REG(BPF_REG_6, BPF_REG_1), TAIL_CALL(self->progs, 0),
			 RETURN(3));

	ASSERT_EQ(0, put(self->progs, 0, self_call));
	EXPECT_EQ(5, run(first));
	EXPECT_EQ(TAIL_CALLS, counted(self->count));
	EXPECT_EQ(5, run(self_call));
	EXPECT_EQ(TAIL_CALLS + 1, counted(self->count));
	/* not held by itself for ever: the array lets go with its last descriptor */
	close(self_call);
	close(first);
}

/* A subprogram is replaced: its caller gets the result and has its registers. */
TEST_F(tail, from_a_subprogram)
{
	int forty = LOAD(BPF_MOV64_IMM(BPF_REG_6, 0), BPF_MOV64_IMM(BPF_REG_7, 0), RETURN(40));
	int first = WITH(7, BPF_MOV64_IMM(BPF_REG_7, 2),
			 BPF_ST_MEM(BPF_DW, BPF_REG_10, -8, 5),
			 SUBPROG(4),
			 BPF_LDX_MEM(BPF_DW, BPF_REG_1, BPF_REG_10, -8),
			 BPF_ALU64_REG(BPF_ADD, BPF_REG_0, BPF_REG_7),
			 BPF_ALU64_REG(BPF_ADD, BPF_REG_0, BPF_REG_1),
			 BPF_EXIT_INSN(),
			 /* the subprogram */
			 BPF_MOV64_REG(BPF_REG_6, BPF_REG_1), TAIL_CALL(self->progs, 0),
			 RETURN(100));

	ASSERT_LE(0, first);
	EXPECT_EQ(107, run(first));
	ASSERT_EQ(0, put(self->progs, 0, forty));
	EXPECT_EQ(47, run(first));
	close(forty);
	close(first);
}

/* All calls of a run count together, from wherever they are made. */
TEST_F(tail, limit_in_subprograms)
{
	int self_call = WITH(9, COUNT(self->count),
			     BPF_MOV64_REG(BPF_REG_1, BPF_REG_6), SUBPROG(2),
			     BPF_ALU64_IMM(BPF_ADD, BPF_REG_0, 1), BPF_EXIT_INSN(),
			     BPF_MOV64_REG(BPF_REG_6, BPF_REG_1), TAIL_CALL(self->progs, 0),
			     RETURN(0));
	int twice = WITH(5, BPF_MOV64_REG(BPF_REG_6, BPF_REG_1), SUBPROG(3),
			 BPF_MOV64_REG(BPF_REG_1, BPF_REG_6), SUBPROG(1),
			 BPF_EXIT_INSN(),
			 BPF_MOV64_REG(BPF_REG_6, BPF_REG_1), TAIL_CALL(self->progs, 0),
			 RETURN(0));

	ASSERT_LE(0, self_call);
	ASSERT_LE(0, twice);
	ASSERT_EQ(0, put(self->progs, 0, self_call));
	EXPECT_EQ(TAIL_CALLS + 1, run(self_call));
	EXPECT_EQ(TAIL_CALLS + 1, counted(self->count));
	EXPECT_EQ(0, run(twice));
	EXPECT_EQ(TAIL_CALLS, counted(self->count));
	close(self_call);
	close(twice);
}

/* -------------------------------------------------- while others change it */

struct changer {
	int progs;
	int prog;
	int stop;
	int changes;
};

static void *changer(void *arg)
{
	struct changer *c = arg;

	while (!__atomic_load_n(&c->stop, __ATOMIC_RELAXED)) {
		put(c->progs, 0, c->prog);
		map_delete(c->progs, &(__u32) { 0 });
		c->changes++;
	}
	return NULL;
}

/* The program is there or it is not, and loaded anew each time it may be gone. */
TEST_F(tail, deleted_while_running)
{
	struct changer c = { .progs = self->progs };
	int first = LOAD(BPF_MOV64_REG(BPF_REG_6, BPF_REG_1), TAIL_CALL(self->progs, 0),
			 RETURN(3));
	int seen[2] = {};
	pthread_t thread;

	for (int round = 0; round < 20; round++) {
		/* only the array holds it while it runs */
		c.prog = LOAD(RETURN(7));
		c.stop = 0;
		ASSERT_LE(0, c.prog);
		ASSERT_EQ(0, pthread_create(&thread, NULL, changer, &c));
		for (int i = 0; i < 500; i++) {
			int got = run(first);

			ASSERT_TRUE(got == 3 || got == 7);
			seen[got == 7]++;
		}
		__atomic_store_n(&c.stop, 1, __ATOMIC_RELAXED);
		pthread_join(thread, NULL);
		put(self->progs, 0, c.prog);
		close(c.prog);
		EXPECT_EQ(7, run(first));
		map_delete(self->progs, &(__u32) { 0 });
		EXPECT_EQ(3, run(first));
	}
	EXPECT_LT(0, c.changes);
	EXPECT_EQ(20 * 500, seen[0] + seen[1]);
	close(first);
}

TEST_HARNESS_MAIN
