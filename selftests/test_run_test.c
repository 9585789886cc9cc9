// SPDX-License-Identifier: GPL-2.0-only
/*
 * BPF_PROG_TEST_RUN of socket filters: data in and out, return value, repetition.
 */
#include <arpa/inet.h>

#include "lib/harness.h"
#include "lib/bpf_sys.h"

#define ETH_HLEN	14

FIXTURE(run)
{
	union bpf_attr attr;
	unsigned char in[128], out[256];
};

FIXTURE_SETUP(run)
{
	for (size_t i = 0; i < sizeof(self->in); i++)
		self->in[i] = i;
	memset(self->out, 0xee, sizeof(self->out));
	memset(&self->attr, 0, sizeof(self->attr));
	self->attr.test.data_in = ptr_to_u64(self->in);
	self->attr.test.data_size_in = sizeof(self->in);
	self->attr.test.repeat = 1;
}

FIXTURE_TEARDOWN(run)
{
	close(self->attr.test.prog_fd);
}

#define LOAD(...)							\
do {									\
	int __fd = PROG_LOAD(BPF_PROG_TYPE_SOCKET_FILTER, __VA_ARGS__);	\
	ASSERT_LE(0, __fd);						\
	self->attr.test.prog_fd = __fd;					\
} while (0)

TEST_F(run, retval)
{
	LOAD(RETURN(-2));
	EXPECT_EQ(0, sys_bpf(BPF_PROG_TEST_RUN, &self->attr));
	EXPECT_EQ(-2, (int)self->attr.test.retval);
}

/* 64 bits of result, of which the low 32 are reported */
TEST_F(run, retval_is_32_bits)
{
	LOAD(BPF_LD_IMM64_RAW(BPF_REG_0, 0, 0x12345678, 1), BPF_EXIT_INSN());
	EXPECT_EQ(0, sys_bpf(BPF_PROG_TEST_RUN, &self->attr));
	EXPECT_EQ(0x12345678, self->attr.test.retval);
}

/* a socket filter sees the packet behind its Ethernet header */
TEST_F(run, packet_loads)
{
	LOAD(BPF_MOV64_REG(BPF_REG_6, BPF_REG_1),
	     BPF_LD_ABS(BPF_W, 4),
	     BPF_EXIT_INSN());
	EXPECT_EQ(0, sys_bpf(BPF_PROG_TEST_RUN, &self->attr));
	EXPECT_EQ(0x12131415, self->attr.test.retval);
}

/* a load beyond the packet ends the program with 0 */
TEST_F(run, packet_load_out_of_bounds)
{
	LOAD(BPF_MOV64_REG(BPF_REG_6, BPF_REG_1),
	     BPF_LD_ABS(BPF_B, 1000),
	     RETURN(5));
	EXPECT_EQ(0, sys_bpf(BPF_PROG_TEST_RUN, &self->attr));
	EXPECT_EQ(0, self->attr.test.retval);
}

TEST_F(run, context_length)
{
	LOAD(BPF_LDX_MEM(BPF_W, BPF_REG_0, BPF_REG_1, offsetof(struct __sk_buff, len)),
	     BPF_EXIT_INSN());
	EXPECT_EQ(0, sys_bpf(BPF_PROG_TEST_RUN, &self->attr));
	EXPECT_EQ(sizeof(self->in) - ETH_HLEN, self->attr.test.retval);
}

TEST_F(run, context_protocol)
{
	LOAD(BPF_LDX_MEM(BPF_W, BPF_REG_0, BPF_REG_1, offsetof(struct __sk_buff, protocol)),
	     BPF_EXIT_INSN());
	/* an Ethernet header of type IPv4; the rest is too short to be looked into */
	self->in[12] = 0x08;
	self->in[13] = 0x00;
	EXPECT_EQ(0, sys_bpf(BPF_PROG_TEST_RUN, &self->attr));
	EXPECT_EQ(htons(0x0800), self->attr.test.retval);
}

/* The whole packet comes back, with the Ethernet header that the program did not see as 0. */
TEST_F(run, data_out)
{
	LOAD(RETURN(0));
	self->attr.test.data_out = ptr_to_u64(self->out);
	self->attr.test.data_size_out = sizeof(self->out);
	EXPECT_EQ(0, sys_bpf(BPF_PROG_TEST_RUN, &self->attr));
	EXPECT_EQ(sizeof(self->in), self->attr.test.data_size_out);
	memset(self->in, 0, ETH_HLEN);
	EXPECT_EQ(0, memcmp(self->in, self->out, sizeof(self->in)));
	EXPECT_EQ(0xee, self->out[sizeof(self->in)]);
}

TEST_F(run, data_out_too_small)
{
	LOAD(RETURN(3));
	self->attr.test.data_out = ptr_to_u64(self->out);
	self->attr.test.data_size_out = 20;
	EXPECT_EQ(-ENOSPC, sys_bpf(BPF_PROG_TEST_RUN, &self->attr));
	EXPECT_EQ(sizeof(self->in), self->attr.test.data_size_out);
	memset(self->in, 0, ETH_HLEN);
	EXPECT_EQ(0, memcmp(self->in, self->out, 20));
	EXPECT_EQ(0xee, self->out[20]);
	EXPECT_EQ(3, self->attr.test.retval) { TH_LOG("results are reported all the same"); }
}

TEST_F(run, data_size_out_without_buffer)
{
	LOAD(RETURN(0));
	self->attr.test.data_size_out = 10;
	EXPECT_EQ(-ENOSPC, sys_bpf(BPF_PROG_TEST_RUN, &self->attr));
	EXPECT_EQ(sizeof(self->in), self->attr.test.data_size_out);
}

TEST_F(run, input_sizes)
{
	unsigned char *large = calloc(1, 1 << 20);

	LOAD(RETURN(0));
	self->attr.test.data_size_in = 0;
	EXPECT_EQ(-EINVAL, sys_bpf(BPF_PROG_TEST_RUN, &self->attr));
	self->attr.test.data_size_in = ETH_HLEN - 1;
	EXPECT_EQ(-EINVAL, sys_bpf(BPF_PROG_TEST_RUN, &self->attr));
	self->attr.test.data_in = ptr_to_u64(large);
	self->attr.test.data_size_in = 1 << 20;
	EXPECT_EQ(-EINVAL, sys_bpf(BPF_PROG_TEST_RUN, &self->attr));
	self->attr.test.data_size_in = 1500;
	EXPECT_EQ(0, sys_bpf(BPF_PROG_TEST_RUN, &self->attr));
	free(large);
}

TEST_F(run, bad_pointers)
{
	LOAD(RETURN(0));
	self->attr.test.data_in = 8;
	EXPECT_EQ(-EFAULT, sys_bpf(BPF_PROG_TEST_RUN, &self->attr));
	self->attr.test.data_in = ptr_to_u64(self->in);
	self->attr.test.data_out = 8;
	self->attr.test.data_size_out = sizeof(self->out);
	EXPECT_EQ(-EFAULT, sys_bpf(BPF_PROG_TEST_RUN, &self->attr));
}

/* A program runs as often as was asked; a map counts. */
TEST_F(run, repeat)
{
	static const __u32 repeats[] = { 0, 1, 2, 1000 };
	int map = map_create(BPF_MAP_TYPE_ARRAY, 4, 8, 1);
	__u64 before = 0, after;
	__u32 key = 0;

	LOAD(BPF_LD_MAP_VALUE(BPF_REG_1, map, 0),
	     BPF_MOV64_IMM(BPF_REG_2, 1),
	     BPF_ATOMIC_OP(BPF_DW, BPF_ADD, BPF_REG_1, BPF_REG_2, 0),
	     RETURN(0));
	for (size_t i = 0; i < ARRAY_SIZE(repeats); i++) {
		self->attr.test.repeat = repeats[i];
		ASSERT_EQ(0, sys_bpf(BPF_PROG_TEST_RUN, &self->attr));
		ASSERT_EQ(0, map_lookup(map, &key, &after));
		EXPECT_EQ(repeats[i] ?: 1, after - before) { TH_LOG("repeat %u", repeats[i]); }
		before = after;
	}
	close(map);
}

/* nanoseconds a run, not of all of them */
TEST_F(run, duration)
{
	__u32 once;

	LOAD(BPF_MOV64_IMM(BPF_REG_6, 0),
	     BPF_EMIT_CALL(BPF_FUNC_ktime_get_ns), BPF_EMIT_CALL(BPF_FUNC_ktime_get_ns),
	     BPF_EMIT_CALL(BPF_FUNC_ktime_get_ns), BPF_EMIT_CALL(BPF_FUNC_ktime_get_ns),
	     RETURN(0));
	self->attr.test.repeat = 100;
	ASSERT_EQ(0, sys_bpf(BPF_PROG_TEST_RUN, &self->attr));
	once = self->attr.test.duration;
	EXPECT_LT(0, once);
	self->attr.test.repeat = 10000;
	ASSERT_EQ(0, sys_bpf(BPF_PROG_TEST_RUN, &self->attr));
	EXPECT_LT(0, self->attr.test.duration);
	EXPECT_GT(20 * once, self->attr.test.duration) { TH_LOG("%u ns, then %u", once,
								self->attr.test.duration); }
}

static void on_alarm(int signal)
{
}

/* A long run can be ended by a signal. */
TEST_F(run, signal)
{
	struct sigaction action = { .sa_handler = on_alarm };

	LOAD(RETURN(0));
	ASSERT_EQ(0, sigaction(SIGUSR1, &action, NULL));
	self->attr.test.repeat = INT32_MAX;
	if (!fork()) {
		usleep(200000);
		kill(getppid(), SIGUSR1);
		_exit(0);
	}
	EXPECT_EQ(-EINTR, sys_bpf(BPF_PROG_TEST_RUN, &self->attr));
	wait(NULL);
}

TEST_F(run, arguments)
{
	LOAD(RETURN(0));
	self->attr.test.flags = 0x80000000;
	EXPECT_EQ(-EINVAL, sys_bpf(BPF_PROG_TEST_RUN, &self->attr));
	self->attr.test.flags = 0;
	self->attr.test.cpu = 1;
	EXPECT_EQ(-EINVAL, sys_bpf(BPF_PROG_TEST_RUN, &self->attr));
	self->attr.test.cpu = 0;
	self->attr.test.ctx_size_in = 8;
	EXPECT_EQ(-EINVAL, sys_bpf(BPF_PROG_TEST_RUN, &self->attr)) { TH_LOG("size, no ctx"); }
	self->attr.test.ctx_size_in = 0;
	close(self->attr.test.prog_fd);
	EXPECT_EQ(-EBADF, sys_bpf(BPF_PROG_TEST_RUN, &self->attr));
}

/* tracing programs have no test run */
TEST_F(run, other_types)
{
	int fd = PROG_LOAD(BPF_PROG_TYPE_KPROBE, RETURN(0));

	self->attr.test.prog_fd = fd;
	EXPECT_EQ(-ENOTSUPP, sys_bpf(BPF_PROG_TEST_RUN, &self->attr));
	close(fd);
	self->attr.test.prog_fd = PROG_LOAD(BPF_PROG_TYPE_TRACEPOINT, RETURN(0));
	EXPECT_EQ(-ENOTSUPP, sys_bpf(BPF_PROG_TEST_RUN, &self->attr));
}

/* A program of type syscall: memory in, the same memory out. */
static int load_syscall(__u32 flags)
{
	const struct bpf_insn insns[] = {
		BPF_LDX_MEM(BPF_DW, BPF_REG_0, BPF_REG_1, 0),
		BPF_STX_MEM(BPF_DW, BPF_REG_1, BPF_REG_0, 4088),
		RETURN(7),
	};
	union bpf_attr attr;

	prog_attr(&attr, BPF_PROG_TYPE_SYSCALL, insns, ARRAY_SIZE(insns));
	attr.prog_flags = flags;
	return sys_bpf(BPF_PROG_LOAD, &attr);
}

TEST(syscall_type)
{
	static __u64 ctx[1024] = { 0x123456789abcdef0ULL };
	union bpf_attr attr = {};

	EXPECT_EQ(-EINVAL, load_syscall(0)) { TH_LOG("not sleepable"); }
	attr.test.prog_fd = load_syscall(BPF_F_SLEEPABLE);
	ASSERT_LE(0, (int)attr.test.prog_fd);
	attr.test.ctx_in = ptr_to_u64(ctx);
	attr.test.ctx_size_in = 4088;
	EXPECT_EQ(-EINVAL, sys_bpf(BPF_PROG_TEST_RUN, &attr)) { TH_LOG("less than it writes"); }
	attr.test.ctx_size_in = 65536;
	EXPECT_GT(0, sys_bpf(BPF_PROG_TEST_RUN, &attr)) { TH_LOG("more than there may be"); }
	attr.test.ctx_size_in = sizeof(ctx);
	attr.test.repeat = 2;
	EXPECT_EQ(-EINVAL, sys_bpf(BPF_PROG_TEST_RUN, &attr)) { TH_LOG("it runs once"); }
	attr.test.repeat = 0;
	EXPECT_EQ(0, sys_bpf(BPF_PROG_TEST_RUN, &attr));
	EXPECT_EQ(7, attr.test.retval);
	EXPECT_EQ(ctx[0], ctx[511]);
	close(attr.test.prog_fd);
}

/* What it called would take the context for larger than it is. */
TEST(syscall_type_calls_nobody)
{
	int progs = map_create(BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 1);
	const struct bpf_insn insns[] = {
		BPF_LD_MAP_FD(BPF_REG_2, progs),
		BPF_MOV64_IMM(BPF_REG_3, 0),
		BPF_EMIT_CALL(BPF_FUNC_tail_call),
		RETURN(0),
	};
	union bpf_attr attr;

	ASSERT_LE(0, progs);
	prog_attr(&attr, BPF_PROG_TYPE_SYSCALL, insns, ARRAY_SIZE(insns));
	attr.prog_flags = BPF_F_SLEEPABLE;
	EXPECT_EQ(-EINVAL, sys_bpf(BPF_PROG_LOAD, &attr));
	close(progs);
}

/* Nothing else is sleepable. */
TEST(not_sleepable)
{
	const struct bpf_insn insns[] = { RETURN(0) };
	union bpf_attr attr;

	prog_attr(&attr, BPF_PROG_TYPE_SOCKET_FILTER, insns, ARRAY_SIZE(insns));
	attr.prog_flags = BPF_F_SLEEPABLE;
	EXPECT_EQ(-EINVAL, sys_bpf(BPF_PROG_LOAD, &attr));
}

TEST_HARNESS_MAIN
