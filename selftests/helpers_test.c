// SPDX-License-Identifier: GPL-2.0-only
/*
 * Helpers of tracing programs, called from a kprobe on this thread's openat(2);
 * each stores what it got in an array that is compared with what user space knows.
 */
#include <signal.h>
#include <sys/stat.h>
#include <time.h>

#include "lib/harness.h"
#include "lib/events.h"

#define VALUE_SIZE	64

FIXTURE(helper)
{
	int array, event, prog;
	union {
		__u64 word[VALUE_SIZE / 8];
		char text[VALUE_SIZE];
	} got;
};

FIXTURE_SETUP(helper)
{
	self->array = map_create(BPF_MAP_TYPE_ARRAY, 4, VALUE_SIZE, 1);
	ASSERT_LE(0, self->array);
	self->event = kprobe_open(OPEN_FUNCTION, false);
	ASSERT_LE(0, self->event);
	pin_to_cpu(possible_cpus() > 1 ? 1 : 0);
}

FIXTURE_TEARDOWN(helper)
{
	close(self->event);
	close(self->prog);
	close(self->array);
}

/* the program's frame: only this thread goes on; r6 = context, r7 = array's value */
#define PROLOGUE(ARRAY)					\
	BPF_MOV64_REG(BPF_REG_6, BPF_REG_1),				\
	BPF_EMIT_CALL(BPF_FUNC_get_current_pid_tgid),			\
	BPF_LD_IMM64_RAW(BPF_REG_1, 0, pid_tgid(), pid_tgid() >> 32),	\
	BPF_JMP_REG(BPF_JEQ, BPF_REG_0, BPF_REG_1, 2),			\
	RETURN(0),							\
	BPF_LD_MAP_VALUE(BPF_REG_7, ARRAY, 0)

#define RUN(PATH, ...)							\
do {									\
	self->prog = PROG_LOAD(BPF_PROG_TYPE_KPROBE,			\
			       PROLOGUE(self->array), __VA_ARGS__, RETURN(0)); \
	ASSERT_LE(0, self->prog);					\
	ASSERT_EQ(0, event_attach(self->event, self->prog));		\
	open_once(PATH);						\
	ASSERT_EQ(0, map_lookup(self->array, &(__u32) { 0 }, &self->got)); \
} while (0)

/* value[INDEX] = r0 */
#define SAVE(INDEX)	BPF_STX_MEM(BPF_DW, BPF_REG_7, BPF_REG_0, 8 * (INDEX))

TEST_F(helper, identity)
{
	ASSERT_EQ(0, setresgid(1234, 1234, -1));
	RUN("/dev/null",
	    BPF_EMIT_CALL(BPF_FUNC_get_current_pid_tgid), SAVE(0),
	    BPF_EMIT_CALL(BPF_FUNC_get_current_uid_gid), SAVE(1),
	    BPF_EMIT_CALL(BPF_FUNC_get_smp_processor_id), SAVE(2),
	    BPF_EMIT_CALL(BPF_FUNC_get_current_task), SAVE(3));
	EXPECT_EQ(pid_tgid(), self->got.word[0]);
	EXPECT_EQ(1234ULL << 32 | getuid(), self->got.word[1]);
	EXPECT_EQ(sched_getcpu(), self->got.word[2]);
	EXPECT_NE(0, self->got.word[3]);
}

TEST_F(helper, comm)
{
	FILE *file = fopen("/proc/self/comm", "w");

	ASSERT_NE(NULL, file);
	fputs("fifteen-letters", file);
	fclose(file);
	RUN("/dev/null",
	    BPF_MOV64_REG(BPF_REG_1, BPF_REG_7), BPF_MOV64_IMM(BPF_REG_2, 16),
	    BPF_EMIT_CALL(BPF_FUNC_get_current_comm),
	    SAVE(2),
	    BPF_MOV64_REG(BPF_REG_1, BPF_REG_7), BPF_ALU64_IMM(BPF_ADD, BPF_REG_1, 24),
	    BPF_MOV64_IMM(BPF_REG_2, 4),
	    BPF_EMIT_CALL(BPF_FUNC_get_current_comm));
	EXPECT_STREQ("fifteen-letters", self->got.text);
	EXPECT_EQ(0, self->got.word[2]);
	EXPECT_STREQ("fif", self->got.text + 24) { TH_LOG("cut off, terminated"); }
}

TEST_F(helper, time)
{
	struct timespec before, after;
	__u64 ns;

	clock_gettime(CLOCK_MONOTONIC, &before);
	RUN("/dev/null", BPF_EMIT_CALL(BPF_FUNC_ktime_get_ns), SAVE(0));
	clock_gettime(CLOCK_MONOTONIC, &after);
	ns = self->got.word[0];
	EXPECT_LE(before.tv_sec * 1000000000ULL + before.tv_nsec, ns);
	EXPECT_GE(after.tv_sec * 1000000000ULL + after.tv_nsec, ns);
}

TEST_F(helper, prandom)
{
	RUN("/dev/null",
	    BPF_EMIT_CALL(BPF_FUNC_get_prandom_u32), SAVE(0),
	    BPF_EMIT_CALL(BPF_FUNC_get_prandom_u32), SAVE(1),
	    BPF_EMIT_CALL(BPF_FUNC_get_prandom_u32), SAVE(2));
	EXPECT_GE(UINT32_MAX, self->got.word[0]);
	/* all three the same: once in 2^64 */
	EXPECT_FALSE(self->got.word[0] == self->got.word[1] &&
		     self->got.word[1] == self->got.word[2]);
}

/* FUNC(r7 + 8, SIZE, file name of the probed function); value[0] = r0 */
#define READ_NAME(FUNC, SIZE)						\
	BPF_MOV64_REG(BPF_REG_1, BPF_REG_7), BPF_ALU64_IMM(BPF_ADD, BPF_REG_1, 8), \
	BPF_MOV64_IMM(BPF_REG_2, SIZE),					\
	BPF_LDX_MEM(BPF_DW, BPF_REG_3, BPF_REG_6, PT_REGS_PARM2),	\
	BPF_EMIT_CALL(FUNC), SAVE(0)

TEST_F(helper, probe_read_user_str)
{
	RUN("/dev/null", READ_NAME(BPF_FUNC_probe_read_user_str, 32));
	EXPECT_EQ(10, self->got.word[0]) { TH_LOG("with the NUL"); }
	EXPECT_STREQ("/dev/null", self->got.text + 8);
}

TEST_F(helper, probe_read_user_str_cut_off)
{
	RUN("/dev/null", READ_NAME(BPF_FUNC_probe_read_user_str, 5));
	EXPECT_EQ(5, self->got.word[0]);
	EXPECT_STREQ("/dev", self->got.text + 8);
	EXPECT_EQ(0, self->got.text[13]) { TH_LOG("written past the size"); }
}

TEST_F(helper, probe_read_user)
{
	RUN("/dev/null", READ_NAME(BPF_FUNC_probe_read_user, 4));
	EXPECT_EQ(0, self->got.word[0]);
	EXPECT_EQ(0, memcmp("/dev\0\0", self->got.text + 8, 6));
}

/* the generic helper reads user memory where user and kernel addresses do not overlap */
TEST_F(helper, probe_read_str)
{
	RUN("/dev/null", READ_NAME(BPF_FUNC_probe_read_str, 32));
	EXPECT_EQ(10, self->got.word[0]);
	EXPECT_STREQ("/dev/null", self->got.text + 8);
}

/* FUNC(r7 + 8, 8, address) over a pattern; value[0] = r0 */
#define READ_AT(FUNC, ADDRESS)						\
	BPF_ST_MEM(BPF_DW, BPF_REG_7, 8, -1),				\
	BPF_MOV64_REG(BPF_REG_1, BPF_REG_7), BPF_ALU64_IMM(BPF_ADD, BPF_REG_1, 8), \
	BPF_MOV64_IMM(BPF_REG_2, 8),					\
	BPF_LD_IMM64_RAW(BPF_REG_3, 0, ADDRESS, (__u64)(ADDRESS) >> 32),	\
	BPF_EMIT_CALL(FUNC), SAVE(0)

/* what reading the first page as kernel memory gives: x86 looks at the address first */
#ifdef __x86_64__
#define NOT_KERNEL	(-ERANGE)
#else
#define NOT_KERNEL	(-EFAULT)
#endif

/* A fault is an error, and the buffer is zeroed: nothing stale is left to leak. */
TEST_F(helper, faults)
{
	static const struct { int func; __u64 address; int want; } cases[] = {
		{ BPF_FUNC_probe_read_kernel, 8, NOT_KERNEL },
		{ BPF_FUNC_probe_read_kernel, 0, NOT_KERNEL },
		{ BPF_FUNC_probe_read_kernel_str, 8, NOT_KERNEL },
		{ BPF_FUNC_probe_read_user, 8, -EFAULT },
		{ BPF_FUNC_probe_read_user, 0xffffffffffffff00, -EFAULT },
		{ BPF_FUNC_probe_read_user_str, 8, -EFAULT },
		{ BPF_FUNC_probe_read, 8, -EFAULT },
		{ BPF_FUNC_probe_read_str, 8, -EFAULT },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		RUN("/dev/null", READ_AT(cases[i].func, cases[i].address));
		EXPECT_EQ(cases[i].want, (int)self->got.word[0]) { TH_LOG("case %zu", i); }
		EXPECT_EQ(0, self->got.word[1]) { TH_LOG("case %zu: not zeroed", i); }
		close(self->event);
		close(self->prog);
		self->event = kprobe_open(OPEN_FUNCTION, false);
	}
}

/* r7 + 8 = SIZE bytes at ADDRESS, or (0) at r7 + 40; value[0] = r0, or 1 if it is left UNREAD */
#define READ_BYTES(SIZE, ADDRESS, UNREAD)				\
	BPF_ST_MEM(BPF_DW, BPF_REG_7, 8, -1), BPF_ST_MEM(BPF_DW, BPF_REG_7, 16, -1), \
	BPF_ST_MEM(BPF_DW, BPF_REG_7, 24, -1),				\
	BPF_ST_MEM(BPF_DW, BPF_REG_7, 40, 0x11223344),			\
	BPF_ST_MEM(BPF_DW, BPF_REG_7, 48, 0x55667788),			\
	BPF_MOV64_REG(BPF_REG_1, BPF_REG_7), BPF_ALU64_IMM(BPF_ADD, BPF_REG_1, 8), \
	BPF_MOV64_IMM(BPF_REG_2, SIZE),					\
	BPF_MOV64_REG(BPF_REG_3, BPF_REG_7), BPF_ALU64_IMM(BPF_ADD, BPF_REG_3, 40), \
	BPF_LD_IMM64_RAW(BPF_REG_8, 0, ADDRESS, (__u64)(ADDRESS) >> 32),	\
	BPF_JMP_IMM(BPF_JEQ, BPF_REG_8, 0, 1), BPF_MOV64_REG(BPF_REG_3, BPF_REG_8), \
	BPF_EMIT_CALL(BPF_FUNC_probe_read_kernel),			\
	(UNREAD) ? BPF_MOV64_IMM(BPF_REG_0, 1) : BPF_MOV64_REG(BPF_REG_0, BPF_REG_0), SAVE(0)

#define NOTHING	(-4096ULL)	/* what error pointers would point to */

/* Sizes for which instructions take the place of the call. */
TEST_F(helper, probe_read_kernel_sizes)
{
	static const __u64 address[] = {
		0, 8, NOTHING,
#ifdef __x86_64__
		-10ULL << 20,		/* what programs of old call */
#endif
	};
	static const __u64 there[] = { 0x11223344, 0x55667788 };

	for (size_t i = 0; i < 2 * ARRAY_SIZE(address); i++) {
		__u64 from = address[i / 2];

		for (int size = 1; size <= 16; size *= 2) {
			__u64 want[] = { -1ULL, -1ULL, -1ULL };
			__u64 result = !from ? 0 : from == NOTHING ? -EFAULT : NOT_KERNEL;

			memset(want, 0, size);
			if (!from)
				memcpy(want, there, size);
			RUN("/dev/null", READ_BYTES(size, from, i & 1));
			EXPECT_EQ(i & 1 ? 1 : result, self->got.word[0]) {
				TH_LOG("%d bytes at %llx", size, from);
			}
			EXPECT_EQ(0, memcmp(want, &self->got.word[1], sizeof(want))) {
				TH_LOG("%d bytes at %llx", size, from);
			}
			close(self->event);
			close(self->prog);
			self->event = kprobe_open(OPEN_FUNCTION, false);
		}
	}
}

TEST_F(helper, probe_read_kernel)
{
	RUN("/dev/null",
	    BPF_EMIT_CALL(BPF_FUNC_get_current_task),
	    BPF_MOV64_REG(BPF_REG_3, BPF_REG_0),
	    BPF_MOV64_REG(BPF_REG_1, BPF_REG_7), BPF_ALU64_IMM(BPF_ADD, BPF_REG_1, 8),
	    BPF_MOV64_IMM(BPF_REG_2, 48),
	    BPF_EMIT_CALL(BPF_FUNC_probe_read_kernel), SAVE(0));
	EXPECT_EQ(0, self->got.word[0]);
}

/* a size of 0 is nothing to do, not an error */
TEST_F(helper, probe_read_nothing)
{
	RUN("/dev/null",
	    BPF_MOV64_REG(BPF_REG_1, BPF_REG_7),
	    BPF_MOV64_IMM(BPF_REG_2, 0), BPF_MOV64_REG(BPF_REG_3, BPF_REG_7),
	    BPF_EMIT_CALL(BPF_FUNC_probe_read_kernel), SAVE(0));
	EXPECT_EQ(0, self->got.word[0]);
}

/* maps from a program: insert, look up, change, delete */
TEST_F(helper, map_elements)
{
	int map = map_create(BPF_MAP_TYPE_HASH, 8, 8, 4);
	__u64 key = 5, value = 0;

	RUN("/dev/null",
	    BPF_ST_MEM(BPF_DW, BPF_REG_10, -8, 5), BPF_ST_MEM(BPF_DW, BPF_REG_10, -16, 50),
	    BPF_LD_MAP_FD(BPF_REG_1, map),
	    BPF_MOV64_REG(BPF_REG_2, BPF_REG_10), BPF_ALU64_IMM(BPF_ADD, BPF_REG_2, -8),
	    BPF_MOV64_REG(BPF_REG_3, BPF_REG_10), BPF_ALU64_IMM(BPF_ADD, BPF_REG_3, -16),
	    BPF_MOV64_IMM(BPF_REG_4, BPF_NOEXIST),
	    BPF_EMIT_CALL(BPF_FUNC_map_update_elem), SAVE(0),
	    BPF_LD_MAP_FD(BPF_REG_1, map),
	    BPF_MOV64_REG(BPF_REG_2, BPF_REG_10), BPF_ALU64_IMM(BPF_ADD, BPF_REG_2, -8),
	    BPF_MOV64_REG(BPF_REG_3, BPF_REG_10), BPF_ALU64_IMM(BPF_ADD, BPF_REG_3, -16),
	    BPF_MOV64_IMM(BPF_REG_4, BPF_NOEXIST),
	    BPF_EMIT_CALL(BPF_FUNC_map_update_elem), SAVE(1),
	    COUNT_IN_MAP(map),
	    BPF_ST_MEM(BPF_DW, BPF_REG_10, -8, 6),
	    BPF_LD_MAP_FD(BPF_REG_1, map),
	    BPF_MOV64_REG(BPF_REG_2, BPF_REG_10), BPF_ALU64_IMM(BPF_ADD, BPF_REG_2, -8),
	    BPF_EMIT_CALL(BPF_FUNC_map_lookup_elem),
	    BPF_JMP_IMM(BPF_JNE, BPF_REG_0, 0, 1),
	    SAVE(2),
	    BPF_LD_MAP_FD(BPF_REG_1, map),
	    BPF_MOV64_REG(BPF_REG_2, BPF_REG_10), BPF_ALU64_IMM(BPF_ADD, BPF_REG_2, -8),
	    BPF_EMIT_CALL(BPF_FUNC_map_delete_elem), SAVE(3));
	EXPECT_EQ(0, self->got.word[0]);
	EXPECT_EQ(-EEXIST, (int)self->got.word[1]);
	EXPECT_EQ(0, self->got.word[2]);
	EXPECT_EQ(-ENOENT, (int)self->got.word[3]);
	EXPECT_EQ(0, map_lookup(map, &key, &value));
	EXPECT_EQ(51, value);
	close(map);
}

/* r1..r4 for bpf_get_ns_current_pid_tgid(DEV, INO, r7 + 8, SIZE); value[0] = r0 */
#define NS_PID(DEV, INO, SIZE)						\
	BPF_LD_IMM64_RAW(BPF_REG_1, 0, (__s32)(DEV), (__u64)(DEV) >> 32),	\
	BPF_LD_IMM64_RAW(BPF_REG_2, 0, (__s32)(INO), (__u64)(INO) >> 32),	\
	BPF_MOV64_REG(BPF_REG_3, BPF_REG_7), BPF_ALU64_IMM(BPF_ADD, BPF_REG_3, 8), \
	BPF_MOV64_IMM(BPF_REG_4, SIZE),					\
	BPF_EMIT_CALL(BPF_FUNC_get_ns_current_pid_tgid), SAVE(0)

TEST_F(helper, ns_pid)
{
	struct bpf_pidns_info info;
	struct stat st;

	ASSERT_EQ(0, stat("/proc/self/ns/pid", &st));
	RUN("/dev/null", NS_PID(st.st_dev, st.st_ino, sizeof(info)));
	memcpy(&info, self->got.text + 8, sizeof(info));
	EXPECT_EQ(0, self->got.word[0]);
	EXPECT_EQ((__u32)syscall(__NR_gettid), info.pid);
	EXPECT_EQ((__u32)getpid(), info.tgid);
}

TEST_F(helper, ns_pid_of_another)
{
	struct stat st;

	ASSERT_EQ(0, stat("/proc/self/ns/pid", &st));
	RUN("/dev/null", BPF_ST_MEM(BPF_DW, BPF_REG_7, 8, -1), NS_PID(st.st_dev, 1, 8));
	EXPECT_EQ(-EINVAL, (long)self->got.word[0]);
	EXPECT_EQ(0, self->got.word[1]);
}

TEST_F(helper, ns_pid_of_no_device)
{
	RUN("/dev/null", BPF_ST_MEM(BPF_DW, BPF_REG_7, 8, -1), NS_PID(1ULL << 32, 1, 8));
	EXPECT_EQ(-EINVAL, (long)self->got.word[0]);
	EXPECT_EQ(0, self->got.word[1]);
}

TEST_F(helper, ns_pid_of_another_size)
{
	RUN("/dev/null", BPF_ST_MEM(BPF_DW, BPF_REG_7, 8, -1), NS_PID(1, 1, 4));
	EXPECT_EQ(-EINVAL, (long)self->got.word[0]);
	EXPECT_EQ(0xffffffff00000000, self->got.word[1]);
}

static int signals;

static void on_signal(int sig)
{
	__atomic_fetch_add(&signals, 1, __ATOMIC_RELAXED);
}

TEST_F(helper, signals)
{
	signal(SIGUSR1, on_signal);
	signal(SIGUSR2, on_signal);
	RUN("/dev/null",
	    BPF_MOV64_IMM(BPF_REG_1, SIGUSR1), BPF_EMIT_CALL(BPF_FUNC_send_signal), SAVE(0),
	    BPF_MOV64_IMM(BPF_REG_1, SIGUSR2), BPF_EMIT_CALL(BPF_FUNC_send_signal_thread),
	    SAVE(1),
	    BPF_MOV64_IMM(BPF_REG_1, 1000), BPF_EMIT_CALL(BPF_FUNC_send_signal), SAVE(2));
	EXPECT_EQ(0, self->got.word[0]);
	EXPECT_EQ(-EINVAL, (long)self->got.word[2]);
	/* with interrupts off, one at a time can wait for being sent */
	if (self->got.word[1])
		EXPECT_EQ(-EBUSY, (long)self->got.word[1]);
	EXPECT_EQ(self->got.word[1] ? 1 : 2, __atomic_load_n(&signals, __ATOMIC_RELAXED));
}

/* FUNC(ADDRESS, r7 + 8, 8) */
#define WRITE_USER(ADDRESS)						\
	BPF_ST_MEM(BPF_DW, BPF_REG_7, 8, 0x12345678),			\
	BPF_LD_IMM64_RAW(BPF_REG_1, 0, (__s32)(ADDRESS), (__u64)(ADDRESS) >> 32),	\
	BPF_MOV64_REG(BPF_REG_2, BPF_REG_7), BPF_ALU64_IMM(BPF_ADD, BPF_REG_2, 8), \
	BPF_MOV64_IMM(BPF_REG_3, 8),					\
	BPF_EMIT_CALL(BPF_FUNC_probe_write_user), SAVE(0)

TEST_F(helper, write_user)
{
	__u64 mine[3] = { 1, 1, 1 };

	RUN("/dev/null", WRITE_USER(ptr_to_u64(&mine[1])));
	EXPECT_EQ(0, self->got.word[0]);
	EXPECT_EQ(0x12345678, mine[1]);
	EXPECT_EQ(1, mine[0]);
	EXPECT_EQ(1, mine[2]);
}

TEST_F(helper, write_user_faults)
{
	RUN("/dev/null", WRITE_USER(8));
	EXPECT_EQ(-EFAULT, (long)self->got.word[0]);
}

TEST_F(helper, write_user_kernel)
{
	RUN("/dev/null", WRITE_USER(0xffffffffffffff00));
	EXPECT_EQ(-EFAULT, (long)self->got.word[0]);
}

/* where the registers of a system call hold its number */
#ifdef __x86_64__
#define PT_REGS_SYSCALL	120	/* orig_ax */
#else
#define PT_REGS_SYSCALL	64	/* regs[8] */
#endif

/* The current task as a kernel structure, and what is read through pointers to such. */
TEST_F(helper, task_structures)
{
	RUN("/dev/null",
	    BPF_EMIT_CALL(BPF_FUNC_get_current_task), SAVE(0),
	    BPF_EMIT_CALL(BPF_FUNC_get_current_task_btf), SAVE(1),
	    BPF_MOV64_REG(BPF_REG_1, BPF_REG_0),
	    BPF_EMIT_CALL(BPF_FUNC_task_pt_regs), SAVE(2),
	    BPF_LDX_MEM(BPF_DW, BPF_REG_1, BPF_REG_0, PT_REGS_SYSCALL),
	    BPF_STX_MEM(BPF_DW, BPF_REG_7, BPF_REG_1, 24));
	EXPECT_NE(0, self->got.word[0]);
	EXPECT_EQ(self->got.word[0], self->got.word[1]);
	EXPECT_NE(0, self->got.word[2]);
	EXPECT_EQ(__NR_openat, self->got.word[3]);
}

/* clocks that go with those of user space */
TEST_F(helper, other_clocks)
{
	struct timespec boot, tai, boot2, tai2;

	clock_gettime(CLOCK_BOOTTIME, &boot);
	clock_gettime(CLOCK_TAI, &tai);
	RUN("/dev/null",
	    BPF_EMIT_CALL(BPF_FUNC_ktime_get_boot_ns), SAVE(0),
	    BPF_EMIT_CALL(BPF_FUNC_ktime_get_tai_ns), SAVE(1),
	    BPF_EMIT_CALL(BPF_FUNC_jiffies64), SAVE(2));
	clock_gettime(CLOCK_BOOTTIME, &boot2);
	clock_gettime(CLOCK_TAI, &tai2);
	EXPECT_LE(boot.tv_sec * 1000000000ULL + boot.tv_nsec, self->got.word[0]);
	EXPECT_GE(boot2.tv_sec * 1000000000ULL + boot2.tv_nsec, self->got.word[0]);
	EXPECT_LE(tai.tv_sec * 1000000000ULL + tai.tv_nsec, self->got.word[1]);
	EXPECT_GE(tai2.tv_sec * 1000000000ULL + tai2.tv_nsec, self->got.word[1]);
	EXPECT_NE(0, self->got.word[2]);
}

TEST_HARNESS_MAIN
