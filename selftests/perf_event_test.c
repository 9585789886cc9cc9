// SPDX-License-Identifier: GPL-2.0-only
/*
 * Programs on samples: BPF_PROG_TYPE_PERF_EVENT, and the helpers that read counters.
 */
#include <linux/bpf_perf_event.h>
#include <sys/socket.h>
#include <time.h>

#include "lib/harness.h"
#include "lib/events.h"

#define SAMPLE_HZ	1000
#define PERIOD_OFF	((int)offsetof(struct bpf_perf_event_data, sample_period))
#define ADDR_OFF	((int)offsetof(struct bpf_perf_event_data, addr))

/* A timer of this thread on this CPU, in nanoseconds. */
static int clock_open(int pid, int cpu, bool inherit)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.config = PERF_COUNT_SW_CPU_CLOCK,
		.sample_period = 1000000000 / SAMPLE_HZ,
		.inherit = inherit,
		.disabled = 1,
	};

	return perf_event_open(&attr, pid, cpu);
}

static void spin(long milliseconds)
{
	struct timespec start, now;

	clock_gettime(CLOCK_MONOTONIC, &start);
	do {
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while ((now.tv_sec - start.tv_sec) * 1000 +
		 (now.tv_nsec - start.tv_nsec) / 1000000 < milliseconds);
}

static __u64 element(int map, __u32 key)
{
	__u64 value = ~0ULL;

	map_lookup(map, &key, &value);
	return value;
}

FIXTURE(sample)
{
	int map, event;
};

FIXTURE_SETUP(sample)
{
	pin_to_cpu(0);
	self->map = map_create(BPF_MAP_TYPE_ARRAY, 4, 8, 8);
	ASSERT_LE(0, self->map);
	self->event = clock_open(0, -1, false);
	ASSERT_LE(0, self->event);
}

FIXTURE_TEARDOWN(sample)
{
	close(self->event);
	close(self->map);
}

/* map[index] = register: r6 is the context, r7 must not be in use */
#define PUT(MAP, INDEX, REG)						\
	BPF_LD_MAP_VALUE(BPF_REG_7, MAP, 0),				\
	BPF_STX_MEM(BPF_DW, BPF_REG_7, REG, (INDEX) * 8)

/* an array of one value, addressable at any index below 8 */
static int value_map(void)
{
	return map_create(BPF_MAP_TYPE_ARRAY, 4, 64, 1);
}

static bool read_values(int map, __u64 value[8])
{
	__u32 key = 0;

	return !map_lookup(map, &key, value);
}

TEST_F(sample, counts)
{
	int prog = PROG_LOAD(BPF_PROG_TYPE_PERF_EVENT,
			     BPF_ST_MEM(BPF_DW, BPF_REG_10, -8, 0),
			     COUNT_IN_MAP(self->map),
			     RETURN(0));

	ASSERT_LE(0, prog);
	ASSERT_EQ(0, event_attach(self->event, prog));
	spin(100);
	ASSERT_EQ(0, event_ioctl(self->event, PERF_EVENT_IOC_DISABLE, 0));
	EXPECT_LT(5, element(self->map, 0));
	EXPECT_GT(200, element(self->map, 0));
	close(prog);
}

TEST_F(sample, context)
{
	int map = value_map();
	int prog = PROG_LOAD(BPF_PROG_TYPE_PERF_EVENT,
			     BPF_MOV64_REG(BPF_REG_6, BPF_REG_1),
			     BPF_LDX_MEM(BPF_DW, BPF_REG_8, BPF_REG_6, PERIOD_OFF),
			     PUT(map, 0, BPF_REG_8),
			     BPF_LDX_MEM(BPF_W, BPF_REG_8, BPF_REG_6, PERIOD_OFF),
			     PUT(map, 1, BPF_REG_8),
			     BPF_LDX_MEM(BPF_DW, BPF_REG_8, BPF_REG_6, ADDR_OFF),
			     PUT(map, 2, BPF_REG_8),
			     BPF_LDX_MEM(BPF_DW, BPF_REG_8, BPF_REG_6, PT_REGS_IP),
			     PUT(map, 3, BPF_REG_8),
			     BPF_LDX_MEM(BPF_H, BPF_REG_8, BPF_REG_6, PERIOD_OFF + 2),
			     PUT(map, 4, BPF_REG_8),
			     RETURN(0));
	__u64 v[8];
	__u32 period = 1000000000 / SAMPLE_HZ;

	ASSERT_LE(0, prog);
	ASSERT_EQ(0, event_attach(self->event, prog));
	spin(50);
	ASSERT_EQ(0, event_ioctl(self->event, PERF_EVENT_IOC_DISABLE, 0));
	ASSERT_TRUE(read_values(map, v));
	EXPECT_EQ(period, v[0]);
	EXPECT_EQ(period, v[1]);
	EXPECT_EQ(0, v[2]);
	EXPECT_NE(0, v[3]);
	EXPECT_EQ(period >> 16, v[4]);
	close(prog);
	close(map);
}

/* struct bpf_perf_event_value on the stack: counter, time enabled, time running */
#define VALUE_OFF	(-24)
#define VALUE_SIZE	((int)sizeof(struct bpf_perf_event_value))

TEST_F(sample, reads_its_own_counter)
{
	int map = value_map();
	int prog = PROG_LOAD(BPF_PROG_TYPE_PERF_EVENT,
			     BPF_MOV64_REG(BPF_REG_2, BPF_REG_10),
			     BPF_ALU64_IMM(BPF_ADD, BPF_REG_2, VALUE_OFF),
			     BPF_MOV64_IMM(BPF_REG_3, VALUE_SIZE),
			     BPF_MOV64_REG(BPF_REG_6, BPF_REG_1),
			     BPF_EMIT_CALL(BPF_FUNC_perf_prog_read_value),
			     PUT(map, 0, BPF_REG_0),
			     BPF_LDX_MEM(BPF_DW, BPF_REG_8, BPF_REG_10, VALUE_OFF),
			     PUT(map, 1, BPF_REG_8),
			     BPF_LDX_MEM(BPF_DW, BPF_REG_8, BPF_REG_10, VALUE_OFF + 8),
			     PUT(map, 2, BPF_REG_8),
			     BPF_LDX_MEM(BPF_DW, BPF_REG_8, BPF_REG_10, VALUE_OFF + 16),
			     PUT(map, 3, BPF_REG_8),
			     /* a buffer of another size is refused and cleared */
			     BPF_MOV64_REG(BPF_REG_1, BPF_REG_6),
			     BPF_MOV64_REG(BPF_REG_2, BPF_REG_10),
			     BPF_ALU64_IMM(BPF_ADD, BPF_REG_2, VALUE_OFF),
			     BPF_MOV64_IMM(BPF_REG_3, 16),
			     BPF_EMIT_CALL(BPF_FUNC_perf_prog_read_value),
			     PUT(map, 4, BPF_REG_0),
			     BPF_LDX_MEM(BPF_DW, BPF_REG_8, BPF_REG_10, VALUE_OFF),
			     PUT(map, 5, BPF_REG_8),
			     RETURN(0));
	__u64 v[8];

	ASSERT_LE(0, prog);
	ASSERT_EQ(0, event_attach(self->event, prog));
	spin(100);
	ASSERT_EQ(0, event_ioctl(self->event, PERF_EVENT_IOC_DISABLE, 0));
	ASSERT_TRUE(read_values(map, v));
	EXPECT_EQ(0, v[0]);
	EXPECT_LT(1000000, v[1]);
	EXPECT_LT(1000000, v[2]);
	EXPECT_GE(v[2], v[3]);
	EXPECT_EQ(-EINVAL, (__s64)v[4]);
	EXPECT_EQ(0, v[5]);
	close(prog);
	close(map);
}

TEST_F(sample, no_branch_records)
{
	int map = value_map();
	int prog = PROG_LOAD(BPF_PROG_TYPE_PERF_EVENT,
			     BPF_MOV64_REG(BPF_REG_6, BPF_REG_1),
			     BPF_MOV64_IMM(BPF_REG_2, 0),
			     BPF_MOV64_IMM(BPF_REG_3, 0),
			     BPF_MOV64_IMM(BPF_REG_4, BPF_F_GET_BRANCH_RECORDS_SIZE),
			     BPF_EMIT_CALL(BPF_FUNC_read_branch_records),
			     PUT(map, 0, BPF_REG_0),
			     BPF_MOV64_REG(BPF_REG_1, BPF_REG_6),
			     BPF_MOV64_IMM(BPF_REG_2, 0),
			     BPF_MOV64_IMM(BPF_REG_3, 0),
			     BPF_MOV64_IMM(BPF_REG_4, 2),
			     BPF_EMIT_CALL(BPF_FUNC_read_branch_records),
			     PUT(map, 1, BPF_REG_0),
			     RETURN(0));
	__u64 v[8];

	ASSERT_LE(0, prog);
	ASSERT_EQ(0, event_attach(self->event, prog));
	spin(50);
	ASSERT_EQ(0, event_ioctl(self->event, PERF_EVENT_IOC_DISABLE, 0));
	ASSERT_TRUE(read_values(map, v));
#ifdef __x86_64__
	EXPECT_EQ(-ENOENT, (__s64)v[0]);
	EXPECT_EQ(-EINVAL, (__s64)v[1]);
#else
	EXPECT_GT(0, (__s64)v[0]);
	EXPECT_GT(0, (__s64)v[1]);
#endif
	close(prog);
	close(map);
}

TEST_F(sample, attach_rules)
{
	int prog = PROG_LOAD(BPF_PROG_TYPE_PERF_EVENT, RETURN(0));
	int other = PROG_LOAD(BPF_PROG_TYPE_KPROBE, RETURN(0));

	ASSERT_LE(0, prog);
	ASSERT_LE(0, other);
	EXPECT_EQ(-EINVAL, event_ioctl(self->event, PERF_EVENT_IOC_SET_BPF, other));
	EXPECT_EQ(0, event_ioctl(self->event, PERF_EVENT_IOC_SET_BPF, prog));
	EXPECT_EQ(-EEXIST, event_ioctl(self->event, PERF_EVENT_IOC_SET_BPF, prog));
	close(other);
	close(prog);
}

/* return value 1 keeps the sample, 0 drops it */
TEST_F(sample, decides_about_the_record)
{
	for (int keep = 0; keep <= 1; keep++) {
		int event = clock_open(0, -1, false);
		int prog = PROG_LOAD(BPF_PROG_TYPE_PERF_EVENT, RETURN(keep));
		size_t page = sysconf(_SC_PAGESIZE);
		struct perf_event_mmap_page *meta;

		ASSERT_LE(0, event);
		ASSERT_LE(0, prog);
		meta = mmap(NULL, page * 9, PROT_READ | PROT_WRITE, MAP_SHARED, event, 0);
		ASSERT_NE(MAP_FAILED, (void *)meta);
		ASSERT_EQ(0, event_attach(event, prog));
		spin(50);
		ASSERT_EQ(0, event_ioctl(event, PERF_EVENT_IOC_DISABLE, 0));
		EXPECT_EQ(keep, meta->data_head != 0);
		munmap(meta, page * 9);
		close(prog);
		close(event);
	}
}

/* A child's event is its own and holds the program, too. */
TEST_F(sample, inherited)
{
	int event = clock_open(0, -1, true);
	int prog = PROG_LOAD(BPF_PROG_TYPE_PERF_EVENT,
			     BPF_EMIT_CALL(BPF_FUNC_get_current_pid_tgid),
			     BPF_MOV64_REG(BPF_REG_8, BPF_REG_0),
			     BPF_ST_MEM(BPF_DW, BPF_REG_10, -8, 0),
			     COUNT_IN_MAP(self->map),
			     RETURN(0));
	__u64 before;
	int pid;

	ASSERT_LE(0, event);
	ASSERT_LE(0, prog);
	ASSERT_EQ(0, event_attach(event, prog));
	close(prog);
	spin(20);
	before = element(self->map, 0);
	EXPECT_LT(0, before);
	pid = fork();
	if (!pid) {
		spin(200);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	EXPECT_LT(before + 20, element(self->map, 0));
	close(event);
}

/* bpf_perf_event_read() and _read_value() of a counter in a perf event array */
FIXTURE(counter)
{
	int events, values, prog, trigger, clock;
};

FIXTURE_SETUP(counter)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.config = PERF_COUNT_SW_CPU_CLOCK,
	};

	pin_to_cpu(0);
	self->events = map_create(BPF_MAP_TYPE_PERF_EVENT_ARRAY, 4, 4, 2);
	self->values = value_map();
	ASSERT_LE(0, self->events);
	ASSERT_LE(0, self->values);
	self->clock = perf_event_open(&attr, -1, 0);
	ASSERT_LE(0, self->clock);
	self->prog = PROG_LOAD(BPF_PROG_TYPE_TRACEPOINT,
			       BPF_EMIT_CALL(BPF_FUNC_get_current_pid_tgid),
			       BPF_LD_IMM64_RAW(BPF_REG_1, 0, (__u32)pid_tgid(),
						pid_tgid() >> 32),
			       BPF_JMP_REG(BPF_JNE, BPF_REG_0, BPF_REG_1, 40),
			       BPF_LD_MAP_FD(BPF_REG_1, self->events),
			       BPF_MOV64_IMM(BPF_REG_2, 0),
			       BPF_EMIT_CALL(BPF_FUNC_perf_event_read),
			       PUT(self->values, 0, BPF_REG_0),
			       BPF_LD_MAP_FD(BPF_REG_1, self->events),
			       BPF_MOV64_IMM(BPF_REG_2, 1),
			       BPF_EMIT_CALL(BPF_FUNC_perf_event_read),
			       PUT(self->values, 1, BPF_REG_0),
			       BPF_LD_MAP_FD(BPF_REG_1, self->events),
			       BPF_MOV64_IMM(BPF_REG_2, 2),
			       BPF_EMIT_CALL(BPF_FUNC_perf_event_read),
			       PUT(self->values, 2, BPF_REG_0),
			       BPF_LD_MAP_FD(BPF_REG_1, self->events),
			       BPF_LD_IMM64_RAW(BPF_REG_2, 0, (__u32)BPF_F_CURRENT_CPU, 0),
			       BPF_MOV64_REG(BPF_REG_3, BPF_REG_10),
			       BPF_ALU64_IMM(BPF_ADD, BPF_REG_3, VALUE_OFF),
			       BPF_MOV64_IMM(BPF_REG_4, VALUE_SIZE),
			       BPF_EMIT_CALL(BPF_FUNC_perf_event_read_value),
			       PUT(self->values, 3, BPF_REG_0),
			       BPF_LDX_MEM(BPF_DW, BPF_REG_8, BPF_REG_10, VALUE_OFF),
			       PUT(self->values, 4, BPF_REG_8),
			       BPF_LDX_MEM(BPF_DW, BPF_REG_8, BPF_REG_10, VALUE_OFF + 8),
			       PUT(self->values, 5, BPF_REG_8),
			       RETURN(0));
	ASSERT_LE(0, self->prog);
	self->trigger = tracepoint_open("syscalls/sys_enter_openat");
	ASSERT_LE(0, self->trigger);
	ASSERT_EQ(0, event_attach(self->trigger, self->prog));
}

FIXTURE_TEARDOWN(counter)
{
	close(self->trigger);
	close(self->prog);
	close(self->clock);
	close(self->values);
	close(self->events);
}

TEST_F(counter, reads)
{
	__u32 index = 0;
	__u64 v[8], first;

	ASSERT_EQ(0, map_update(self->events, &index, &self->clock, BPF_ANY));
	open_once("/dev/null");
	ASSERT_TRUE(read_values(self->values, v));
	first = v[0];
	EXPECT_LT(0, (__s64)first);
	EXPECT_EQ(-ENOENT, (__s64)v[1]);
	EXPECT_EQ(-E2BIG, (__s64)v[2]);
	EXPECT_EQ(0, v[3]);
	EXPECT_LE(first, v[4]);
	EXPECT_NE(0, v[5]);
	spin(10);
	open_once("/dev/null");
	ASSERT_TRUE(read_values(self->values, v));
	EXPECT_LE(first + 5000000, v[0]);
}

TEST_F(counter, of_another_cpu)
{
	__u32 index = 0;
	__u64 v[8];

	if (possible_cpus() < 2)
		SKIP(return, "one CPU");
	pin_to_cpu(1);
	ASSERT_EQ(0, map_update(self->events, &index, &self->clock, BPF_ANY));
	close(self->trigger);
	self->trigger = tracepoint_open_on("syscalls/sys_enter_openat", 1);
	ASSERT_LE(0, self->trigger);
	ASSERT_EQ(0, event_attach(self->trigger, self->prog));
	open_once("/dev/null");
	ASSERT_TRUE(read_values(self->values, v));
	EXPECT_EQ(-EINVAL, (__s64)v[0]);
}

/* Where the machine counts cycles (arm64 under TCG does), a program reads them. */
TEST_F(counter, hardware)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_HARDWARE,
		.config = PERF_COUNT_HW_CPU_CYCLES,
	};
	int cycles = perf_event_open(&attr, -1, 0);
	__u32 index = 0;
	__u64 v[8];

	if (cycles < 0)
		SKIP(return, "no hardware counter");
	ASSERT_EQ(0, map_update(self->events, &index, &cycles, BPF_ANY));
	open_once("/dev/null");
	ASSERT_TRUE(read_values(self->values, v));
	EXPECT_LT(0, (__s64)v[0]);
	EXPECT_EQ(0, v[3]);
	close(cycles);
}

/* SO_ATTACH_BPF: a filter drops what does not start with its byte */
TEST(socket_filter)
{
	int prog = PROG_LOAD(BPF_PROG_TYPE_SOCKET_FILTER,
			     BPF_MOV64_REG(BPF_REG_6, BPF_REG_1),
			     BPF_LD_ABS(BPF_B, 0),
			     BPF_JMP_IMM(BPF_JNE, BPF_REG_0, 'a', 2),
			     BPF_LDX_MEM(BPF_W, BPF_REG_0, BPF_REG_6,
					 offsetof(struct __sk_buff, len)),
			     BPF_EXIT_INSN(),
			     RETURN(0));
	int other = PROG_LOAD(BPF_PROG_TYPE_KPROBE, RETURN(0));
	int fd[2], zero = 0;
	char buf[8] = "";

	ASSERT_LE(0, prog);
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_DGRAM, 0, fd));
	EXPECT_EQ(-1, setsockopt(fd[1], SOL_SOCKET, SO_ATTACH_BPF, &other, sizeof(other)));
	EXPECT_EQ(EINVAL, errno);
	ASSERT_EQ(0, setsockopt(fd[1], SOL_SOCKET, SO_ATTACH_BPF, &prog, sizeof(prog)));
	close(prog);
	EXPECT_EQ(2, send(fd[0], "bx", 2, MSG_DONTWAIT));
	EXPECT_EQ(3, send(fd[0], "abc", 3, MSG_DONTWAIT));
	EXPECT_EQ(3, recv(fd[1], buf, sizeof(buf), MSG_DONTWAIT));
	EXPECT_STREQ("abc", buf);
	EXPECT_EQ(-1, recv(fd[1], buf, sizeof(buf), MSG_DONTWAIT));
	EXPECT_EQ(0, setsockopt(fd[1], SOL_SOCKET, SO_DETACH_BPF, &zero, sizeof(zero)));
	EXPECT_EQ(2, send(fd[0], "bx", 2, MSG_DONTWAIT));
	EXPECT_EQ(2, recv(fd[1], buf, sizeof(buf), MSG_DONTWAIT));
	close(fd[0]);
	close(fd[1]);
	close(other);
}

/* what the probe below fires on */
static __attribute__((noinline)) int probed(int number)
{
	asm volatile("" : "+r"(number));
	return number + 1;
}

/* A kprobe program on a function of this program; r1 and the result pass through. */
TEST(uprobe)
{
	for (int at_return = 0; at_return <= 1; at_return++) {
		int map = value_map();
		int event = uprobe_open(probed, at_return);
		int prog = PROG_LOAD(BPF_PROG_TYPE_KPROBE,
				     BPF_LDX_MEM(BPF_DW, BPF_REG_8, BPF_REG_1,
						 at_return ? PT_REGS_RC : PT_REGS_PARM1),
				     PUT(map, 0, BPF_REG_8),
				     BPF_LDX_MEM(BPF_DW, BPF_REG_8, BPF_REG_7, 8),
				     BPF_ALU64_IMM(BPF_ADD, BPF_REG_8, 1),
				     PUT(map, 1, BPF_REG_8),
				     RETURN(0));
		__u64 v[8];

		ASSERT_LE(0, prog);
		ASSERT_LE(0, event);
		ASSERT_EQ(0, event_attach(event, prog));
		EXPECT_EQ(42, probed(41));
		EXPECT_EQ(8, probed(7));
		close(event);
		EXPECT_EQ(100, probed(99));
		ASSERT_TRUE(read_values(map, v));
		EXPECT_EQ(at_return ? 8 : 7, (__u32)v[0]);
		EXPECT_EQ(2, v[1]);
		close(prog);
		close(map);
	}
}

TEST_HARNESS_MAIN
