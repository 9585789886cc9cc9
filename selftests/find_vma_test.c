// SPDX-License-Identifier: GPL-2.0-only
/*
 * bpf_find_vma(): the area of a task's memory that an address lies in; of this task, of a
 * child that has just been made, and with interrupts off.
 */
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "lib/harness.h"
#include "lib/kernel_btf.h"
#include "lib/links.h"
#include "lib/prog_btf.h"

static const struct kernel_btf *types(void)
{
	static struct kernel_btf btf;

	if (!btf.data && kernel_btf_read(&btf))
		return NULL;
	return &btf;
}

static int tracing_load(const char *tracepoint, const struct bpf_insn *insns, __u32 count,
			__u32 sub)
{
	const struct bpf_func_info info[] = { { 0, FUNC_OF_CTX }, { sub, FUNC_OF_LOOP } };
	static char log[65536];
	union bpf_attr attr;
	char name[64];
	int fd;

	snprintf(name, sizeof(name), "btf_trace_%s", tracepoint);
	prog_attr(&attr, BPF_PROG_TYPE_TRACING, insns, count);
	attr.expected_attach_type = BPF_TRACE_RAW_TP;
	attr.attach_btf_id = kernel_btf_find(types(), name, BTF_KIND_TYPEDEF, NULL);
	attr.prog_btf_fd = prog_btf_load();
	attr.func_info = ptr_to_u64(info);
	attr.func_info_cnt = ARRAY_SIZE(info);
	attr.func_info_rec_size = sizeof(info[0]);
	attr.log_level = 1;
	attr.log_buf = ptr_to_u64(log);
	attr.log_size = sizeof(log);
	log[0] = 0;
	fd = sys_bpf(BPF_PROG_LOAD, &attr);
	if (fd < 0)
		fprintf(stderr, "# refused (%d):\n%s", fd, log);
	close(attr.prog_btf_fd);
	return fd;
}

#define LOOK	27	/* where the function begins */

/*
 * When this thread runs: 0 is what bpf_find_vma() returns, 1 and 2 are the bounds of the
 * area, 3 counts; argument @arg of the tracepoint is the task.
 */
static int finder(const char *tracepoint, int map, int arg, __u64 addr, int flags)
{
	const struct bpf_insn insns[] = {
		BPF_LDX_MEM(BPF_DW, BPF_REG_6, BPF_REG_1, 8 * arg),
		BPF_EMIT_CALL(BPF_FUNC_get_current_pid_tgid),
		BPF_ALU64_IMM(BPF_RSH, BPF_REG_0, 32),
		BPF_JMP_IMM(BPF_JNE, BPF_REG_0, getpid(), 21),
		BPF_LD_MAP_VALUE(BPF_REG_7, map, 0),
		BPF_ST_MEM(BPF_DW, BPF_REG_10, -16, 0),
		BPF_ST_MEM(BPF_DW, BPF_REG_10, -8, 0),
		BPF_MOV64_REG(BPF_REG_1, BPF_REG_6),
		BPF_LD_IMM64_RAW(BPF_REG_2, 0, (__u32)addr, addr >> 32),
		BPF_LD_IMM64_RAW(BPF_REG_3, BPF_PSEUDO_FUNC, LOOK - 12, 0),
		BPF_MOV64_REG(BPF_REG_4, BPF_REG_10),
		BPF_ALU64_IMM(BPF_ADD, BPF_REG_4, -16),
		BPF_MOV64_IMM(BPF_REG_5, flags),
		BPF_EMIT_CALL(BPF_FUNC_find_vma),
		BPF_STX_MEM(BPF_DW, BPF_REG_7, BPF_REG_0, 0),
		BPF_LDX_MEM(BPF_DW, BPF_REG_1, BPF_REG_10, -16),
		BPF_STX_MEM(BPF_DW, BPF_REG_7, BPF_REG_1, 8),
		BPF_LDX_MEM(BPF_DW, BPF_REG_1, BPF_REG_10, -8),
		BPF_STX_MEM(BPF_DW, BPF_REG_7, BPF_REG_1, 16),
		BPF_LDX_MEM(BPF_DW, BPF_REG_1, BPF_REG_7, 24),
		BPF_ALU64_IMM(BPF_ADD, BPF_REG_1, 1),
		BPF_STX_MEM(BPF_DW, BPF_REG_7, BPF_REG_1, 24),
		RETURN(0),
		/* r1 task, r2 area, r3 stack: vm_start and vm_end come first */
		BPF_LDX_MEM(BPF_DW, BPF_REG_1, BPF_REG_2, 0),
		BPF_LDX_MEM(BPF_DW, BPF_REG_2, BPF_REG_2, 8),
		BPF_STX_MEM(BPF_DW, BPF_REG_3, BPF_REG_1, 0),
		BPF_STX_MEM(BPF_DW, BPF_REG_3, BPF_REG_2, 8),
		RETURN(0),
	};
	int prog = tracing_load(tracepoint, insns, ARRAY_SIZE(insns), LOOK), link;

	if (prog < 0)
		return prog;
	link = raw_tp_open(NULL, prog);
	close(prog);
	return link;
}

FIXTURE(vma)
{
	int map;
	__u64 got[4];
	unsigned long here, start, end;	/* an address of this program, and its area */
};

FIXTURE_SETUP(vma)
{
	char line[512];
	FILE *maps;

	if (!types())
		SKIP(return, "the kernel has no BTF");
	self->map = map_create(BPF_MAP_TYPE_ARRAY, 4, sizeof(self->got), 1);
	ASSERT_LE(0, self->map);
	self->here = (unsigned long)tracing_load;
	maps = fopen("/proc/self/maps", "r");
	ASSERT_NE(NULL, maps);
	while (fgets(line, sizeof(line), maps))
		if (sscanf(line, "%lx-%lx", &self->start, &self->end) == 2 &&
		    self->here >= self->start && self->here < self->end)
			break;
	fclose(maps);
	ASSERT_GT(self->end, self->here);
}

FIXTURE_TEARDOWN(vma)
{
	close(self->map);
}

#define GET()	ASSERT_EQ(0, map_lookup(self->map, &(__u32) { 0 }, self->got))

#define FINDER(TRACEPOINT, ARG, ADDR, FLAGS)				\
({									\
	int __link = finder(TRACEPOINT, self->map, ARG, ADDR, FLAGS);	\
									\
	ASSERT_LE(0, __link);						\
	__link;								\
})

TEST_F(vma, of_this_task)
{
	int link = FINDER("task_rename", 0, self->here, 0);

	prctl(PR_SET_NAME, "vma");
	GET();
	EXPECT_EQ(0, self->got[0]);
	EXPECT_EQ(self->start, self->got[1]);
	EXPECT_EQ(self->end, self->got[2]);
	/* it is not locked any more */
	ASSERT_EQ(0, munmap(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
			    4096));
	close(link);
}

TEST_F(vma, none)
{
	int link = FINDER("task_rename", 0, 0, 0);

	prctl(PR_SET_NAME, "vma");
	GET();
	EXPECT_EQ(-ENOENT, (long)self->got[0]);
	EXPECT_EQ(0, self->got[1]);
	close(link);
}

TEST_F(vma, flags)
{
	int link = FINDER("task_rename", 0, self->here, 1);

	prctl(PR_SET_NAME, "vma");
	GET();
	EXPECT_EQ(-EINVAL, (long)self->got[0]);
	EXPECT_EQ(0, self->got[1]);
	close(link);
}

/* sched_process_fork(parent, child) */
TEST_F(vma, of_a_child)
{
	int link = FINDER("sched_process_fork", 1, self->here, 0), child = fork();

	if (!child)
		_exit(0);
	ASSERT_LT(0, child);
	EXPECT_EQ(child, waitpid(child, NULL, 0));
	GET();
	EXPECT_EQ(1, self->got[3]);
	EXPECT_EQ(0, self->got[0]);
	EXPECT_EQ(self->start, self->got[1]);
	close(link);
}

/* sched_switch(preempt, previous, next, state): interrupts are off, the lock is the scheduler's */
TEST_F(vma, interrupts_off)
{
	int link = FINDER("sched_switch", 1, self->here, 0), i, found = 0, busy = 0;

	for (i = 0; i < 200; i++) {
		usleep(100);
		GET();
		found += !self->got[0];
		busy += (long)self->got[0] == -EBUSY;
		ASSERT_EQ(0, munmap(mmap(NULL, 4096, PROT_READ,
					 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), 4096));
	}
	close(link);
	EXPECT_EQ(200, found + busy);
	EXPECT_LT(0, found);
	/* a sleep whose timer fires before it begins switches to nobody */
	EXPECT_LE(100, self->got[3]);
}

TEST_HARNESS_MAIN
