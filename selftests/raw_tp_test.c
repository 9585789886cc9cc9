// SPDX-License-Identifier: GPL-2.0-only
/*
 * Programs on raw tracepoints, by BPF_RAW_TRACEPOINT_OPEN, and their test run.
 *
 * The event is this thread's change of its name: task_rename(task, comm).  Programs
 * count it in a hash under the thread's id.
 */
#include <sys/prctl.h>

#include "lib/harness.h"
#include "lib/events.h"
#include "lib/links.h"

#define RENAME	"task_rename"

/* counts in @map, and uses both arguments */
static int rename_prog(int map)
{
	return PROG_LOAD(BPF_PROG_TYPE_RAW_TRACEPOINT,
			 BPF_LDX_MEM(BPF_DW, BPF_REG_2, BPF_REG_1, 0),
			 BPF_LDX_MEM(BPF_DW, BPF_REG_3, BPF_REG_1, 8),
			 BPF_EMIT_CALL(BPF_FUNC_get_current_pid_tgid),
			 BPF_STX_MEM(BPF_DW, BPF_REG_10, BPF_REG_0, -8),
			 COUNT_IN_MAP(map),
			 RETURN(0));
}

static void rename_once(const char *name)
{
	prctl(PR_SET_NAME, name);
}

static int count_map(void)
{
	int map = map_create(BPF_MAP_TYPE_HASH, 8, 8, 16);
	__u64 key = pid_tgid(), zero = 0;

	map_update(map, &key, &zero, BPF_ANY);
	return map;
}

static __u64 count(int map)
{
	__u64 key = pid_tgid(), value = ~0ULL;

	map_lookup(map, &key, &value);
	return value;
}

/* the program dies some time after the link */
static bool prog_goes(__u32 id)
{
	for (int i = 0; i < 1000; i++) {
		int prog = fd_by_id(BPF_PROG_GET_FD_BY_ID, id);

		if (prog == -ENOENT)
			return true;
		close(prog);
		usleep(10000);
	}
	return false;
}

FIXTURE(raw_tp)
{
	int map, prog;
};

FIXTURE_SETUP(raw_tp)
{
	self->map = count_map();
	ASSERT_LE(0, self->map);
	self->prog = rename_prog(self->map);
	ASSERT_LE(0, self->prog);
}

FIXTURE_TEARDOWN(raw_tp)
{
	close(self->prog);
	close(self->map);
}

TEST_F(raw_tp, runs_until_the_link_is_closed)
{
	int link = raw_tp_open(RENAME, self->prog), copy;

	ASSERT_LE(0, link);
	for (int i = 1; i <= 5; i++) {
		rename_once("raw_tp");
		EXPECT_EQ(i, count(self->map));
	}
	copy = dup(link);
	close(link);
	rename_once("raw_tp");
	EXPECT_EQ(6, count(self->map));
	close(copy);
	rename_once("raw_tp");
	EXPECT_EQ(6, count(self->map));
}

TEST_F(raw_tp, the_link_holds_the_program)
{
	int link = raw_tp_open(RENAME, self->prog);
	struct bpf_prog_info info;
	int prog;

	ASSERT_LE(0, link);
	get_prog_info(self->prog, &info);
	close(self->prog);
	rename_once("raw_tp");
	EXPECT_EQ(1, count(self->map));
	prog = fd_by_id(BPF_PROG_GET_FD_BY_ID, info.id);
	EXPECT_LE(0, prog);
	close(prog);
	close(link);
	EXPECT_TRUE(prog_goes(info.id));
}

TEST_F(raw_tp, one_program_twice)
{
	int a = raw_tp_open(RENAME, self->prog), b = raw_tp_open(RENAME, self->prog);

	ASSERT_LE(0, a);
	ASSERT_LE(0, b);
	rename_once("raw_tp");
	EXPECT_EQ(2, count(self->map));
	close(a);
	rename_once("raw_tp");
	EXPECT_EQ(3, count(self->map));
	close(b);
}

TEST_F(raw_tp, errors)
{
	int other = PROG_LOAD(BPF_PROG_TYPE_TRACEPOINT, RETURN(0));
	union bpf_attr attr = { .raw_tracepoint.prog_fd = self->prog };
	char name[200];

	EXPECT_EQ(-ENOENT, raw_tp_open("no_such_tracepoint", self->prog));
	EXPECT_EQ(-ENOENT, raw_tp_open("", self->prog));
	EXPECT_EQ(-ENOENT, raw_tp_open("task:task_rename", self->prog));
	memset(name, 'a', sizeof(name));
	name[199] = 0;
	EXPECT_EQ(-ENOENT, raw_tp_open(name, self->prog));
	EXPECT_EQ(-EINVAL, raw_tp_open(RENAME, other));
	EXPECT_EQ(-EINVAL, raw_tp_open("no_such_tracepoint", other));
	EXPECT_EQ(-EBADF, raw_tp_open(RENAME, 7777));
	EXPECT_EQ(-EINVAL, raw_tp_open(RENAME, self->map));
	EXPECT_EQ(-EFAULT, sys_bpf(BPF_RAW_TRACEPOINT_OPEN, &attr));
	attr.raw_tracepoint.name = ptr_to_u64(RENAME);
	((char *)&attr)[sizeof(attr.raw_tracepoint)] = 1;
	EXPECT_EQ(-EINVAL, sys_bpf(BPF_RAW_TRACEPOINT_OPEN, &attr));
	close(other);
}

/* task_rename has two arguments */
TEST(arguments_are_counted)
{
	static const struct {
		int off, want;
	} cases[] = { { 0, 0 }, { 8, 0 }, { 16, -EINVAL }, { 88, -EINVAL } };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int prog = PROG_LOAD(BPF_PROG_TYPE_RAW_TRACEPOINT,
				     BPF_LDX_MEM(BPF_DW, BPF_REG_0, BPF_REG_1, cases[i].off),
				     RETURN(0));
		int link = raw_tp_open(RENAME, prog);

		ASSERT_LE(0, prog);
		EXPECT_EQ(cases[i].want, errno_of(link)) { TH_LOG("case %zu", i); }
		close(link);
		close(prog);
	}
}

TEST(context)
{
	static const struct {
		int size, off, want;
	} cases[] = {
		{ BPF_B, 0, 0 }, { BPF_H, 2, 0 }, { BPF_W, 4, 0 }, { BPF_DW, 88, 0 },
		{ BPF_B, 95, 0 }, { BPF_DW, 96, -EACCES }, { BPF_B, 96, -EACCES },
		{ BPF_DW, 4, -EACCES }, { BPF_H, 1, -EACCES }, { BPF_DW, -8, -EACCES },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct bpf_insn insns[] = {
			BPF_LDX_MEM(cases[i].size, BPF_REG_0, BPF_REG_1, cases[i].off),
			RETURN(0),
		};
		int prog = prog_load(BPF_PROG_TYPE_RAW_TRACEPOINT, insns, ARRAY_SIZE(insns));

		EXPECT_EQ(cases[i].want, errno_of(prog)) { TH_LOG("case %zu", i); }
		close(prog);
	}
	{
		struct bpf_insn insns[] = {
			BPF_ST_MEM(BPF_DW, BPF_REG_1, 0, 1),
			RETURN(0),
		};

		EXPECT_EQ(-EACCES, prog_load(BPF_PROG_TYPE_RAW_TRACEPOINT, insns,
					     ARRAY_SIZE(insns)));
	}
}

/*
 * A writable tracepoint has a buffer in its first argument; task_rename has none, so that
 * who touches it is not let in, and who does not, is.
 */
TEST(writable)
{
	static const struct {
		struct bpf_insn insns[4];
		int load, open;
	} cases[] = {
		{ { RETURN(0) }, 0, 0 },
		{ { BPF_LDX_MEM(BPF_DW, BPF_REG_0, BPF_REG_1, 8), RETURN(0) }, 0, 0 },
		{ { BPF_LDX_MEM(BPF_DW, BPF_REG_6, BPF_REG_1, 0), RETURN(0) }, 0, 0 },
		{ { BPF_LDX_MEM(BPF_DW, BPF_REG_6, BPF_REG_1, 0),
		    BPF_LDX_MEM(BPF_W, BPF_REG_0, BPF_REG_6, 0), RETURN(0) }, 0, -EINVAL },
		{ { BPF_LDX_MEM(BPF_DW, BPF_REG_6, BPF_REG_1, 0),
		    BPF_ST_MEM(BPF_W, BPF_REG_6, 4, 1), RETURN(0) }, 0, -EINVAL },
		{ { BPF_LDX_MEM(BPF_DW, BPF_REG_6, BPF_REG_1, 0),
		    BPF_LDX_MEM(BPF_W, BPF_REG_0, BPF_REG_6, -4), RETURN(0) }, -EACCES, 0 },
		{ { BPF_LDX_MEM(BPF_W, BPF_REG_6, BPF_REG_1, 0), RETURN(0) }, -EACCES, 0 },
		{ { BPF_ST_MEM(BPF_DW, BPF_REG_1, 0, 0), RETURN(0) }, -EACCES, 0 },
		{ { BPF_LDX_MEM(BPF_DW, BPF_REG_0, BPF_REG_1, 16), RETURN(0) }, 0, -EINVAL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		__u32 count = 4;
		int prog, link;

		while (!cases[i].insns[count - 1].code)
			count--;
		prog = prog_load(BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE, cases[i].insns, count);
		EXPECT_EQ(cases[i].load, errno_of(prog)) { TH_LOG("case %zu", i); }
		if (prog < 0)
			continue;
		link = raw_tp_open(RENAME, prog);
		EXPECT_EQ(cases[i].open, errno_of(link)) { TH_LOG("case %zu", i); }
		close(link);
		close(prog);
	}
}

/* -------------------------------------------------------------- arguments */

/* name as the event has it: the second argument, read through */
TEST(arguments)
{
	int map = map_create(BPF_MAP_TYPE_ARRAY, 4, 16, 1);
	__u32 key = 0;
	char value[16];
	int prog = PROG_LOAD(BPF_PROG_TYPE_RAW_TRACEPOINT,
			     BPF_LDX_MEM(BPF_DW, BPF_REG_6, BPF_REG_1, 8),
			     BPF_EMIT_CALL(BPF_FUNC_get_current_pid_tgid),
			     BPF_ALU32_REG(BPF_MOV, BPF_REG_0, BPF_REG_0),
			     BPF_LD_IMM64_RAW(BPF_REG_1, 0, getpid(), 0),
			     BPF_JMP_REG(BPF_JNE, BPF_REG_0, BPF_REG_1, 5),
			     BPF_LD_MAP_VALUE(BPF_REG_1, map, 0),
			     BPF_MOV64_IMM(BPF_REG_2, 16),
			     BPF_MOV64_REG(BPF_REG_3, BPF_REG_6),
			     BPF_EMIT_CALL(BPF_FUNC_probe_read_kernel),
			     RETURN(0));
	int link = raw_tp_open(RENAME, prog);

	ASSERT_LE(0, link);
	rename_once("a new name");
	ASSERT_EQ(0, map_lookup(map, &key, value));
	EXPECT_STREQ("a new name", value);
	close(link);
	close(prog);
	close(map);
}

/* bpf_perf_event_output: the payload, from a context without registers */
TEST(perf_output)
{
	int map = map_create(BPF_MAP_TYPE_PERF_EVENT_ARRAY, 4, 4, 4);
	struct ring ring;
	__u32 key = 0;
	__u64 data[8] = {};
	int prog, link;

	pin_to_cpu(0);
	ASSERT_EQ(0, ring_open(&ring, 0));
	ASSERT_EQ(0, map_update(map, &key, &ring.fd, BPF_ANY));
	prog = PROG_LOAD(BPF_PROG_TYPE_RAW_TRACEPOINT,
			 BPF_MOV64_REG(BPF_REG_6, BPF_REG_1),
			 BPF_EMIT_CALL(BPF_FUNC_get_current_pid_tgid),
			 BPF_STX_MEM(BPF_DW, BPF_REG_10, BPF_REG_0, -8),
			 BPF_MOV64_REG(BPF_REG_1, BPF_REG_6),
			 BPF_LD_MAP_FD(BPF_REG_2, map),
			 BPF_LD_IMM64_RAW(BPF_REG_3, 0, -1, 0),
			 BPF_MOV64_REG(BPF_REG_4, BPF_REG_10),
			 BPF_ALU64_IMM(BPF_ADD, BPF_REG_4, -8),
			 BPF_MOV64_IMM(BPF_REG_5, 8),
			 BPF_EMIT_CALL(BPF_FUNC_perf_event_output),
			 RETURN(0));
	link = raw_tp_open(RENAME, prog);
	ASSERT_LE(0, link);
	rename_once("output");
	close(link);
	EXPECT_LE(8, ring_next(&ring, data, sizeof(data)));
	EXPECT_EQ(pid_tgid(), data[0]);
	ring_close(&ring);
	close(prog);
	close(map);
}

/* --------------------------------------------------------------- test run */

struct run {
	__u64 args[13];
	__u32 size, flags, cpu;
};

static int test_run(int prog, const struct run *run, __u32 *retval)
{
	union bpf_attr attr = {
		.test.prog_fd = prog,
		.test.ctx_in = run->size ? ptr_to_u64(run->args) : 0,
		.test.ctx_size_in = run->size,
		.test.flags = run->flags,
		.test.cpu = run->cpu,
	};
	int ret = sys_bpf(BPF_PROG_TEST_RUN, &attr);

	*retval = attr.test.retval;
	return ret;
}

/* the sum of two arguments, plus 1000 for each CPU number */
static int sum_prog(void)
{
	return PROG_LOAD(BPF_PROG_TYPE_RAW_TRACEPOINT,
			 BPF_LDX_MEM(BPF_DW, BPF_REG_6, BPF_REG_1, 0),
			 BPF_LDX_MEM(BPF_DW, BPF_REG_7, BPF_REG_1, 8),
			 BPF_EMIT_CALL(BPF_FUNC_get_smp_processor_id),
			 BPF_ALU64_IMM(BPF_MUL, BPF_REG_0, 1000),
			 BPF_ALU64_REG(BPF_ADD, BPF_REG_0, BPF_REG_6),
			 BPF_ALU64_REG(BPF_ADD, BPF_REG_0, BPF_REG_7),
			 BPF_EXIT_INSN());
}

TEST(test_run_on_a_cpu)
{
	struct run run = { .args = { 5, 37 }, .size = 16, .flags = BPF_F_TEST_RUN_ON_CPU };
	int prog = sum_prog();
	__u32 retval;

	for (int cpu = 0; cpu < possible_cpus(); cpu++) {
		run.cpu = cpu;
		ASSERT_EQ(0, test_run(prog, &run, &retval));
		EXPECT_EQ(cpu * 1000 + 42, retval);
	}
	run.cpu = possible_cpus() + 3;
	EXPECT_EQ(-ENXIO, test_run(prog, &run, &retval));
	run.cpu = ~0U;
	EXPECT_EQ(-ENXIO, test_run(prog, &run, &retval));
	close(prog);
}

TEST(test_run_here)
{
	struct run run = { .args = { 5, 37 }, .size = 16 };
	int prog = sum_prog();
	__u32 retval;

	pin_to_cpu(0);
	ASSERT_EQ(0, test_run(prog, &run, &retval));
	EXPECT_EQ(42, retval);
	close(prog);
}

TEST(test_run_errors)
{
	struct run run = { .args = { 5, 37 }, .size = 16, .cpu = 1 };
	int prog = sum_prog(), none = PROG_LOAD(BPF_PROG_TYPE_RAW_TRACEPOINT, RETURN(7));
	__u32 retval;

	EXPECT_EQ(-EINVAL, test_run(prog, &run, &retval));
	run.cpu = 0;
	run.size = 8;
	EXPECT_EQ(-EINVAL, test_run(prog, &run, &retval));
	run.size = 0;
	EXPECT_EQ(-EINVAL, test_run(prog, &run, &retval));
	EXPECT_EQ(0, test_run(none, &run, &retval));
	EXPECT_EQ(7, retval);
	run.size = 12 * 8;
	EXPECT_EQ(0, test_run(prog, &run, &retval));
	run.size = 12 * 8 + 1;
	EXPECT_EQ(-EINVAL, test_run(prog, &run, &retval));
	run.size = 13 * 8;
	EXPECT_EQ(-EINVAL, test_run(prog, &run, &retval));
	close(none);
	close(prog);
}

TEST(test_run_takes_a_context_only)
{
	static __u64 args[2] = { 1, 2 }, out[2];
	int prog = sum_prog();
	const union bpf_attr cases[] = {
		{ .test.data_in = ptr_to_u64(out), .test.data_size_in = 16 },
		{ .test.data_out = ptr_to_u64(out), .test.data_size_out = 16 },
		{ .test.ctx_out = ptr_to_u64(out), .test.ctx_size_out = 16 },
		{ .test.repeat = 1 },
		{ .test.duration = 1 },
		{ .test.batch_size = 1 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		union bpf_attr attr = cases[i];

		attr.test.prog_fd = prog;
		attr.test.ctx_in = ptr_to_u64(args);
		attr.test.ctx_size_in = sizeof(args);
		EXPECT_EQ(-EINVAL, sys_bpf(BPF_PROG_TEST_RUN, &attr)) { TH_LOG("case %zu", i); }
	}
	close(prog);
}

TEST_HARNESS_MAIN
