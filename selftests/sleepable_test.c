// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sleepable programs: on uprobes, and of type syscall.  They may wait for memory that is not
 * there; so what they find in maps must stay for longer than RCU says.
 */
#include <sys/mman.h>

#include "lib/harness.h"
#include "lib/events.h"

static __attribute__((noinline)) int probed(int number)
{
	asm volatile("" : "+r"(number));
	return number + 1;
}

static const __u64 key, before[2] = { 1, 1 };	/* of the one element */

static int load(__u32 type, __u32 flags, const struct bpf_insn *insns, __u32 count, char log[4096])
{
	union bpf_attr attr;

	prog_attr(&attr, type, insns, count);
	attr.prog_flags = flags;
	attr.log_level = 1;
	attr.log_buf = ptr_to_u64(log);
	attr.log_size = 4096;
	log[0] = 0;
	return sys_bpf(BPF_PROG_LOAD, &attr);
}

/* Memory of which no page is mapped yet, though it is all there. */
static const char *absent_page(const char *text)
{
	int fd = syscall(__NR_memfd_create, "text", 0);
	const char *page;

	if (fd < 0 || write(fd, text, strlen(text)) < 0 || ftruncate(fd, 4096))
		return NULL;
	page = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
	close(fd);
	return page == MAP_FAILED ? NULL : page;
}

/* r6 = the element's address, after the lookup of key 0 */
#define ELEMENT(MAP)							\
	BPF_ST_MEM(BPF_DW, BPF_REG_10, -8, 0),				\
	BPF_LD_MAP_FD(BPF_REG_1, MAP),					\
	BPF_MOV64_REG(BPF_REG_2, BPF_REG_10),				\
	BPF_ALU64_IMM(BPF_ADD, BPF_REG_2, -8),				\
	BPF_EMIT_CALL(BPF_FUNC_map_lookup_elem),			\
	BPF_JMP_IMM(BPF_JNE, BPF_REG_0, 0, 2),				\
	RETURN(0),							\
	BPF_MOV64_REG(BPF_REG_6, BPF_REG_0)

#define ADDRESS(PTR)							\
	BPF_LD_IMM64_RAW(BPF_REG_3, 0, (int)ptr_to_u64(PTR), (int)(ptr_to_u64(PTR) >> 32))

FIXTURE(uprobe)
{
	int map, event;
	const char *text;
	char log[4096];
};

FIXTURE_SETUP(uprobe)
{
	self->map = map_create(BPF_MAP_TYPE_HASH, 8, 16, 1);
	ASSERT_LE(0, self->map);
	ASSERT_EQ(0, map_update(self->map, &key, before, 0));
	self->event = uprobe_open(probed, false);
	ASSERT_LE(0, self->event);
	self->text = absent_page("sleeper");
	ASSERT_NE(NULL, self->text);
}

FIXTURE_TEARDOWN(uprobe)
{
	close(self->event);
	close(self->map);
	munmap((void *)self->text, 4096);
}

/* What the program leaves behind when it runs: 8 bytes, and what the helper returned. */
static int run_once(int event, int prog, int map, __u64 value[2])
{
	int err = prog < 0 ? prog : event_attach(event, prog);

	if (!err)
		err = probed(41) == 42 ? map_lookup(map, &key, value) : -EIO;
	close(prog);
	return err;
}

TEST_F(uprobe, nofault)
{
	const struct bpf_insn insns[] = {
		ELEMENT(self->map),
		BPF_MOV64_REG(BPF_REG_1, BPF_REG_6),
		BPF_MOV64_IMM(BPF_REG_2, 8),
		ADDRESS(self->text),
		BPF_EMIT_CALL(BPF_FUNC_probe_read_user),
		BPF_STX_MEM(BPF_DW, BPF_REG_6, BPF_REG_0, 8),
		RETURN(0),
	};
	__u64 value[2];
	int prog;

	prog = load(BPF_PROG_TYPE_KPROBE, BPF_F_SLEEPABLE, insns, ARRAY_SIZE(insns), self->log);
	ASSERT_EQ(0, run_once(self->event, prog, self->map, value)) { TH_LOG("%s", self->log); }
	EXPECT_EQ(0, value[0]);
	EXPECT_EQ(-EFAULT, (int)value[1]);
}

TEST_F(uprobe, copy_from_user)
{
	const struct bpf_insn insns[] = {
		ELEMENT(self->map),
		BPF_MOV64_REG(BPF_REG_1, BPF_REG_6),
		BPF_MOV64_IMM(BPF_REG_2, 8),
		ADDRESS(self->text),
		BPF_EMIT_CALL(BPF_FUNC_copy_from_user),
		BPF_STX_MEM(BPF_DW, BPF_REG_6, BPF_REG_0, 8),
		RETURN(0),
	};
	__u64 value[2];
	int prog;

	prog = load(BPF_PROG_TYPE_KPROBE, BPF_F_SLEEPABLE, insns, ARRAY_SIZE(insns), self->log);
	ASSERT_EQ(0, run_once(self->event, prog, self->map, value)) { TH_LOG("%s", self->log); }
	EXPECT_STREQ("sleeper", (const char *)&value[0]);
	EXPECT_EQ(0, value[1]);

	EXPECT_EQ(-EINVAL, load(BPF_PROG_TYPE_KPROBE, 0, insns, ARRAY_SIZE(insns), self->log));
	EXPECT_NE(NULL, strstr(self->log, "helper call might sleep in a non-sleepable prog"));
}

TEST_F(uprobe, copy_from_user_fault)
{
	const struct bpf_insn insns[] = {
		ELEMENT(self->map),
		BPF_MOV64_REG(BPF_REG_1, BPF_REG_6),
		BPF_MOV64_IMM(BPF_REG_2, 8),
		ADDRESS(self->text),
		BPF_EMIT_CALL(BPF_FUNC_copy_from_user),
		BPF_STX_MEM(BPF_DW, BPF_REG_6, BPF_REG_0, 8),
		RETURN(0),
	};
	__u64 value[2];
	int prog;

	/* nobody may read it */
	ASSERT_EQ(0, mprotect((void *)self->text, 4096, PROT_NONE));
	prog = load(BPF_PROG_TYPE_KPROBE, BPF_F_SLEEPABLE, insns, ARRAY_SIZE(insns), self->log);
	ASSERT_EQ(0, run_once(self->event, prog, self->map, value)) { TH_LOG("%s", self->log); }
	EXPECT_EQ(0, value[0]);
	EXPECT_EQ(-EFAULT, (int)value[1]);
}

static int load_task(int map, const char *text, __u64 flags, char log[4096])
{
	const struct bpf_insn insns[] = {
		ELEMENT(map),
		BPF_EMIT_CALL(BPF_FUNC_get_current_task_btf),
		BPF_MOV64_REG(BPF_REG_4, BPF_REG_0),
		BPF_MOV64_REG(BPF_REG_1, BPF_REG_6),
		BPF_MOV64_IMM(BPF_REG_2, 8),
		ADDRESS(text),
		BPF_MOV64_IMM(BPF_REG_5, flags),
		BPF_EMIT_CALL(BPF_FUNC_copy_from_user_task),
		BPF_STX_MEM(BPF_DW, BPF_REG_6, BPF_REG_0, 8),
		RETURN(0),
	};

	return load(BPF_PROG_TYPE_KPROBE, BPF_F_SLEEPABLE, insns, ARRAY_SIZE(insns), log);
}

TEST_F(uprobe, copy_from_user_task)
{
	__u64 value[2];

	ASSERT_EQ(0, run_once(self->event, load_task(self->map, self->text, 0, self->log),
			      self->map, value)) { TH_LOG("%s", self->log); }
	EXPECT_STREQ("sleeper", (const char *)&value[0]);
	EXPECT_EQ(0, value[1]);
}

TEST_F(uprobe, copy_from_user_task_flags)
{
	__u64 value[2];

	ASSERT_EQ(0, run_once(self->event, load_task(self->map, self->text, 1, self->log),
			      self->map, value)) { TH_LOG("%s", self->log); }
	EXPECT_EQ(-EINVAL, (int)value[1]);
}

/* Code of the kernel cannot wait. */
TEST(kprobe)
{
	const struct bpf_insn insns[] = { RETURN(0) };
	int event = kprobe_open(OPEN_FUNCTION, false);
	char log[4096];
	int prog = load(BPF_PROG_TYPE_KPROBE, BPF_F_SLEEPABLE, insns, ARRAY_SIZE(insns), log);

	ASSERT_LE(0, event);
	ASSERT_LE(0, prog);
	EXPECT_EQ(-EINVAL, event_attach(event, prog));
	close(prog);
	close(event);
}

static const struct {
	__u32 type, key, value, count, flags;
	bool fine;
} maps[] = {
	{ BPF_MAP_TYPE_HASH, 4, 8, 1, 0, true },
	{ BPF_MAP_TYPE_HASH, 4, 8, 1, BPF_F_NO_PREALLOC, true },
	{ BPF_MAP_TYPE_LRU_HASH, 4, 8, 1, 0, true },
	{ BPF_MAP_TYPE_ARRAY, 4, 8, 1, 0, true },
	{ BPF_MAP_TYPE_PERCPU_ARRAY, 4, 8, 1, 0, true },
	{ BPF_MAP_TYPE_PERCPU_HASH, 4, 8, 1, 0, true },
	{ BPF_MAP_TYPE_LRU_PERCPU_HASH, 4, 8, 1, 0, true },
	{ BPF_MAP_TYPE_QUEUE, 0, 8, 1, 0, true },
	{ BPF_MAP_TYPE_STACK, 0, 8, 1, 0, true },
	{ BPF_MAP_TYPE_RINGBUF, 0, 0, 4096, 0, true },
	{ BPF_MAP_TYPE_LPM_TRIE, 8, 8, 1, BPF_F_NO_PREALLOC, false },
	{ BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 1, 0, false },
	{ BPF_MAP_TYPE_PERF_EVENT_ARRAY, 4, 4, 1, 0, false },
	{ BPF_MAP_TYPE_STACK_TRACE, 4, 80, 1, 0, false },
	{ BPF_MAP_TYPE_CGROUP_ARRAY, 4, 4, 1, 0, false },
};

TEST(map_types)
{
	char log[4096];

	for (size_t i = 0; i < ARRAY_SIZE(maps); i++) {
		int map = map_create_flags(maps[i].type, maps[i].key, maps[i].value,
					   maps[i].count, maps[i].flags);
		const struct bpf_insn insns[] = { BPF_LD_MAP_FD(BPF_REG_1, map), RETURN(0) };
		int prog = load(BPF_PROG_TYPE_KPROBE, BPF_F_SLEEPABLE, insns, ARRAY_SIZE(insns),
				log);

		ASSERT_LE(0, map) { TH_LOG("map of type %u", maps[i].type); }
		EXPECT_EQ(maps[i].fine ? 0 : -EINVAL, errno_of(prog)) {
			TH_LOG("map of type %u", maps[i].type);
		}
		EXPECT_EQ(!maps[i].fine, !!strstr(log, "Sleepable programs can only use"));
		if (prog >= 0)
			close(prog);
		close(map);
	}
}

/* Other types of programs cannot be. */
TEST(program_types)
{
	static const __u32 never[] = {
		BPF_PROG_TYPE_SOCKET_FILTER, BPF_PROG_TYPE_TRACEPOINT, BPF_PROG_TYPE_PERF_EVENT,
		BPF_PROG_TYPE_RAW_TRACEPOINT, BPF_PROG_TYPE_SCHED_CLS, BPF_PROG_TYPE_XDP,
	};
	const struct bpf_insn insns[] = { RETURN(0) };
	char log[4096];

	for (size_t i = 0; i < ARRAY_SIZE(never); i++) {
		EXPECT_EQ(-EINVAL, load(never[i], BPF_F_SLEEPABLE, insns, ARRAY_SIZE(insns), log));
		EXPECT_NE(NULL, strstr(log, "programs can be sleepable"));
	}
}

/* A test run of a program that must be sleepable may wait, too. */
TEST(syscall_program)
{
	const char *text = absent_page("sleeper");
	const struct bpf_insn insns[] = {
		BPF_MOV64_REG(BPF_REG_6, BPF_REG_1),
		BPF_MOV64_REG(BPF_REG_1, BPF_REG_10),
		BPF_ALU64_IMM(BPF_ADD, BPF_REG_1, -8),
		BPF_MOV64_IMM(BPF_REG_2, 8),
		ADDRESS(text),
		BPF_EMIT_CALL(BPF_FUNC_copy_from_user),
		BPF_LDX_MEM(BPF_DW, BPF_REG_1, BPF_REG_10, -8),
		BPF_STX_MEM(BPF_DW, BPF_REG_6, BPF_REG_1, 0),
		BPF_EXIT_INSN(),
	};
	union bpf_attr attr = {};
	char ctx[8] = "";
	char log[4096];

	ASSERT_NE(NULL, text);
	attr.test.prog_fd = load(BPF_PROG_TYPE_SYSCALL, BPF_F_SLEEPABLE, insns, ARRAY_SIZE(insns),
				 log);
	ASSERT_LE(0, (int)attr.test.prog_fd) { TH_LOG("%s", log); }
	attr.test.ctx_in = ptr_to_u64(ctx);
	attr.test.ctx_size_in = sizeof(ctx);
	ASSERT_EQ(0, sys_bpf(BPF_PROG_TEST_RUN, &attr));
	EXPECT_EQ(0, attr.test.retval);
	EXPECT_STREQ("sleeper", ctx);
	close(attr.test.prog_fd);
	munmap((void *)text, 4096);
}

TEST_HARNESS_MAIN
