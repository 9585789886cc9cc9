// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stack traces: the map, bpf_get_stackid() and bpf_get_stack(), from kprobes, tracepoints
 * and raw tracepoints on this thread's openat(2).
 */
#include <elf.h>
#include <link.h>
#include <sys/auxv.h>

#include "lib/harness.h"
#include "lib/events.h"

#define DEPTH		16
#define FUNCTION_SIZE	0x100000	/* at most */

/* where a program stores what it got */
struct out {
	__s64 ret[4];
	__u64 ip[2][8];
	struct bpf_stack_build_id id[2];
};

/*
 * The innermost addresses of the two are known: each is a function of its own with a
 * system call in it.
 */
#ifdef __x86_64__
#define OPEN(path)							\
({									\
	register long flags_ asm("r10") = 0;				\
	long ret_ = __NR_openat;					\
	asm volatile("syscall" : "+a" (ret_) : "D" (AT_FDCWD), "S" (path), "d" (O_RDONLY), \
		     "r" (flags_) : "rcx", "r11", "memory");		\
	ret_;								\
})
#define SYSCALL_ENTRY	"do_syscall_64"
#else
#define OPEN(path)							\
({									\
	register long number_ asm("x8") = __NR_openat;			\
	register long ret_ asm("x0") = AT_FDCWD;			\
	register long path_ asm("x1") = (long)(path);			\
	register long flags_ asm("x2") = O_RDONLY;			\
	register long mode_ asm("x3") = 0;				\
	asm volatile("svc #0" : "+r" (ret_)				\
		     : "r" (number_), "r" (path_), "r" (flags_), "r" (mode_) : "memory"); \
	ret_;								\
})
#define SYSCALL_ENTRY	"el0_svc"
#endif

static __attribute__((noinline)) void open_here(void)
{
	close(OPEN("/dev/null"));
}

static __attribute__((noinline)) void open_there(void)
{
	close(OPEN("/dev/zero"));
	/* not the same code as above */
	asm volatile("nop");
}

static bool inside(__u64 ip, void (*function)(void))
{
	return ip >= (unsigned long)function && ip < (unsigned long)function + 128;
}

/* does one of @nr addresses lie in a function of the kernel whose name starts so */
static bool in_function(const __u64 *ip, int nr, const char *start)
{
	FILE *file = fopen("/proc/kallsyms", "r");
	__u64 addr, below[DEPTH] = {};
	char line[512], name[256], type;
	bool is[DEPTH] = {}, found = false;

	/* symbols of programs are the last ones, in no order: the closest one below */
	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%llx %c %255s", &addr, &type, name) != 3)
			continue;
		for (int i = 0; i < nr; i++) {
			if (addr > ip[i] || addr < below[i])
				continue;
			is[i] = !strncmp(name, start, strlen(start)) ||
				(is[i] && addr == below[i]);
			below[i] = addr;
		}
	}
	for (int i = 0; i < nr; i++)
		found |= is[i] && ip[i] - below[i] < FUNCTION_SIZE;
	if (file)
		fclose(file);
	return found;
}

/* the note of this program with its build id */
static const unsigned char *own_build_id(void)
{
	const ElfW(Phdr) *ph = (void *)getauxval(AT_PHDR);
	unsigned long nr = getauxval(AT_PHNUM), base = 0;

	for (unsigned long i = 0; i < nr; i++)
		if (ph[i].p_type == PT_LOAD && !ph[i].p_offset)
			base = (unsigned long)ph - sizeof(ElfW(Ehdr)) - ph[i].p_vaddr;
	for (unsigned long i = 0; i < nr; i++) {
		const char *note = (const char *)base + ph[i].p_vaddr;
		const char *end = note + ph[i].p_memsz;

		while (ph[i].p_type == PT_NOTE && note < end) {
			const ElfW(Nhdr) *n = (const void *)note;
			unsigned long name = (n->n_namesz + 3) & ~3UL;

			if (n->n_type == NT_GNU_BUILD_ID && !strcmp(note + sizeof(*n), "GNU"))
				return (const void *)(note + sizeof(*n) + name);
			note += sizeof(*n) + name + ((n->n_descsz + 3) & ~3UL);
		}
	}
	return NULL;
}

static int stack_map(__u32 entries, __u32 flags)
{
	__u32 size = flags & BPF_F_STACK_BUILD_ID ? sizeof(struct bpf_stack_build_id) : 8;

	return map_create_flags(BPF_MAP_TYPE_STACK_TRACE, 4, DEPTH * size, entries, flags);
}

/* --------------------------------------------------------------------- map */

TEST(create)
{
	static const struct { __u32 key, value, entries, flags; int want; } cases[] = {
		{ 4, 8, 1, 0, 0 },
		{ 4, 127 * 8, 1, 0, 0 },
		{ 4, 128 * 8, 1, 0, -EINVAL },
		{ 4, 12, 1, 0, -EINVAL },
		{ 4, 0, 1, 0, -EINVAL },
		{ 4, 4, 1, 0, -EINVAL },
		{ 8, 8, 1, 0, -EINVAL },
		{ 4, 8, 0, 0, -EINVAL },
		{ 4, 8, UINT32_MAX, 0, -E2BIG },
		{ 4, 8, 1, BPF_F_NO_PREALLOC, -EINVAL },
		{ 4, 8, 1, BPF_F_RDONLY, 0 },
		{ 4, 8, 1, BPF_F_RDONLY_PROG, -EINVAL },
		{ 4, 8, 1, BPF_F_INNER_MAP, -EINVAL },
		{ 4, 32, 1, BPF_F_STACK_BUILD_ID, 0 },
		{ 4, 8, 1, BPF_F_STACK_BUILD_ID, -EINVAL },
		{ 4, 127 * 32, 1, BPF_F_STACK_BUILD_ID, 0 },
		{ 4, 128 * 32, 1, BPF_F_STACK_BUILD_ID, -EINVAL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int fd = map_create_flags(BPF_MAP_TYPE_STACK_TRACE, cases[i].key, cases[i].value,
					  cases[i].entries, cases[i].flags);

		EXPECT_EQ(cases[i].want, errno_of(fd)) { TH_LOG("case %zu", i); }
		close(fd);
	}
}

TEST(operations)
{
	int fd = stack_map(3, 0);
	__u64 value[DEPTH] = { 1 };
	__u32 key = 0, next;

	ASSERT_LE(0, fd);
	EXPECT_EQ(-ENOENT, map_lookup(fd, &key, value));
	EXPECT_EQ(-ENOENT, map_delete(fd, &key));
	EXPECT_EQ(-EINVAL, map_update(fd, &key, value, BPF_ANY));
	EXPECT_EQ(-ENOENT, map_next_key(fd, NULL, &next));
	EXPECT_EQ(-ENOENT, map_next_key(fd, &key, &next));
	/* there are as many as the next power of two */
	key = 3;
	EXPECT_EQ(-ENOENT, map_delete(fd, &key));
	key = 4;
	EXPECT_EQ(-E2BIG, map_delete(fd, &key));
	EXPECT_EQ(-ENOENT, map_lookup(fd, &key, value));
	close(fd);
}

/* ----------------------------------------------------------------- helpers */

FIXTURE(stack)
{
	int out, event, prog;
	struct out got;
};

FIXTURE_VARIANT(stack)
{
	__u32 type;
};

FIXTURE_VARIANT_ADD(stack, kprobe)
{
	.type = BPF_PROG_TYPE_KPROBE,
};

FIXTURE_VARIANT_ADD(stack, tracepoint)
{
	.type = BPF_PROG_TYPE_TRACEPOINT,
};

FIXTURE_VARIANT_ADD(stack, raw_tracepoint)
{
	.type = BPF_PROG_TYPE_RAW_TRACEPOINT,
};

FIXTURE_SETUP(stack)
{
	self->out = map_create(BPF_MAP_TYPE_ARRAY, 4, sizeof(struct out), 1);
	ASSERT_LE(0, self->out);
	self->event = -1;
	self->prog = -1;
	pin_to_cpu(0);
}

FIXTURE_TEARDOWN(stack)
{
	close(self->event);
	close(self->prog);
	close(self->out);
}

static int attach(__u32 type, int prog)
{
	union bpf_attr attr = {};
	int event, ret;

	if (type == BPF_PROG_TYPE_RAW_TRACEPOINT) {
		attr.raw_tracepoint.name = ptr_to_u64("sys_enter");
		attr.raw_tracepoint.prog_fd = prog;
		return sys_bpf(BPF_RAW_TRACEPOINT_OPEN, &attr);
	}
	event = type == BPF_PROG_TYPE_KPROBE ? kprobe_open(OPEN_FUNCTION, false) :
		tracepoint_open("raw_syscalls/sys_enter");
	ret = event < 0 ? event : event_attach(event, prog);
	return ret < 0 ? ret : event;
}

/* the program's frame: only this thread goes on, once; r6 = context, r7 = out */
#define PROLOGUE(OUT)							\
	BPF_MOV64_REG(BPF_REG_6, BPF_REG_1),				\
	BPF_EMIT_CALL(BPF_FUNC_get_current_pid_tgid),			\
	BPF_LD_IMM64_RAW(BPF_REG_1, 0, pid_tgid(), pid_tgid() >> 32),	\
	BPF_JMP_REG(BPF_JEQ, BPF_REG_0, BPF_REG_1, 2),			\
	RETURN(0),							\
	BPF_LD_MAP_VALUE(BPF_REG_7, OUT, 0),				\
	BPF_LDX_MEM(BPF_DW, BPF_REG_0, BPF_REG_7, 8 * 3),		\
	BPF_JMP_IMM(BPF_JEQ, BPF_REG_0, 0, 1),				\
	BPF_EXIT_INSN(),						\
	BPF_ST_MEM(BPF_DW, BPF_REG_7, 8 * 3, 1)

/* ret[INDEX] = bpf_get_stackid(ctx, MAP, FLAGS) */
#define STACKID(INDEX, MAP, FLAGS)					\
	BPF_MOV64_REG(BPF_REG_1, BPF_REG_6),				\
	BPF_LD_MAP_FD(BPF_REG_2, MAP),					\
	BPF_MOV64_IMM(BPF_REG_3, FLAGS),				\
	BPF_EMIT_CALL(BPF_FUNC_get_stackid),				\
	BPF_STX_MEM(BPF_DW, BPF_REG_7, BPF_REG_0, 8 * (INDEX))

/* ret[INDEX] = bpf_get_stack(ctx, out + OFF, SIZE, FLAGS) */
#define STACK(INDEX, OFF, SIZE, FLAGS)					\
	BPF_MOV64_REG(BPF_REG_1, BPF_REG_6),				\
	BPF_MOV64_REG(BPF_REG_2, BPF_REG_7),				\
	BPF_ALU64_IMM(BPF_ADD, BPF_REG_2, OFF),				\
	BPF_MOV64_IMM(BPF_REG_3, SIZE),					\
	BPF_MOV64_IMM(BPF_REG_4, FLAGS),				\
	BPF_EMIT_CALL(BPF_FUNC_get_stack),				\
	BPF_STX_MEM(BPF_DW, BPF_REG_7, BPF_REG_0, 8 * (INDEX))

#define LOAD(...)							\
do {									\
	self->got.ret[3] = 1;						\
	ASSERT_EQ(0, map_update(self->out, &(__u32) { 0 }, &self->got, BPF_ANY)); \
	self->prog = PROG_LOAD(variant->type, PROLOGUE(self->out), __VA_ARGS__, RETURN(0)); \
	ASSERT_LE(0, self->prog);					\
	self->event = attach(variant->type, self->prog);		\
	ASSERT_LE(0, self->event);					\
} while (0)

/*
 * Call FUNCTION, get what the program stored.  ret[3] is 1 but for that call: programs on
 * sys_enter would see other system calls of this thread too.
 */
#define AFTER(FUNCTION)							\
do {									\
	memset(&self->got, 0, sizeof(self->got));			\
	ASSERT_EQ(0, map_update(self->out, &(__u32) { 0 }, &self->got, BPF_ANY)); \
	FUNCTION();							\
	ASSERT_EQ(0, map_lookup(self->out, &(__u32) { 0 }, &self->got)); \
	ASSERT_EQ(1, self->got.ret[3]) { TH_LOG("the program has not run"); } \
} while (0)

TEST_F(stack, kernel)
{
	int map = stack_map(1024, 0);
	__u64 trace[DEPTH] = {};
	__u32 id, next;

	ASSERT_LE(0, map);
	LOAD(STACKID(0, map, 0), STACKID(1, map, 0), STACKID(2, map, 255));
	AFTER(open_here);
	ASSERT_LE(0, self->got.ret[0]);
	EXPECT_GT(1024, self->got.ret[0]);
	EXPECT_EQ(-EFAULT, self->got.ret[2]) { TH_LOG("not as deep as that"); }
	id = self->got.ret[0];
	ASSERT_EQ(0, map_lookup(map, &id, trace));
	EXPECT_TRUE(in_function(trace, DEPTH, SYSCALL_ENTRY));
	EXPECT_EQ(0, map_next_key(map, NULL, &next));
	if (variant->type != BPF_PROG_TYPE_RAW_TRACEPOINT) {
		/* the registers are the event's: the same stack */
		EXPECT_EQ(self->got.ret[0], self->got.ret[1]);
		EXPECT_EQ(id, next);
		EXPECT_EQ(-ENOENT, map_next_key(map, &id, &next));
	}
	EXPECT_EQ(0, map_delete(map, &id));
	EXPECT_EQ(-ENOENT, map_delete(map, &id));
	EXPECT_EQ(-ENOENT, map_lookup(map, &id, trace));
	close(map);
}

TEST_F(stack, user)
{
	int map = stack_map(1024, 0);
	__u64 trace[DEPTH] = {};
	__u32 id;

	ASSERT_LE(0, map);
	LOAD(STACKID(0, map, BPF_F_USER_STACK),
	     STACKID(1, map, BPF_F_USER_STACK | BPF_F_FAST_STACK_CMP));
	AFTER(open_here);
	ASSERT_LE(0, self->got.ret[0]);
	EXPECT_EQ(self->got.ret[0], self->got.ret[1]);
	id = self->got.ret[0];
	ASSERT_EQ(0, map_lookup(map, &id, trace));
	EXPECT_TRUE(inside(trace[0], open_here)) { TH_LOG("%llx", trace[0]); }
	close(map);
}

#ifdef __aarch64__
static const bool is_arm64 = true;
#else
static const bool is_arm64;
#endif

TEST_F(stack, user_build_id)
{
	int map = stack_map(1024, BPF_F_STACK_BUILD_ID);
	const unsigned char *own = own_build_id();
	struct bpf_stack_build_id trace[DEPTH] = {};
	bool irqs_off;
	__u32 id;

	ASSERT_NE(NULL, own);
	ASSERT_LE(0, map);
	LOAD(STACKID(0, map, BPF_F_USER_STACK), STACKID(1, map, BPF_F_USER_STACK),
	     STACKID(2, map, 0));
	AFTER(open_here);
	ASSERT_LE(0, self->got.ret[0]);
	/*
	 * The same, by content.  But arm64's probes run with interrupts off: the lock of
	 * the memory is released later, and the second walk of a run does without build ids.
	 */
	irqs_off = is_arm64 && variant->type == BPF_PROG_TYPE_KPROBE;
	EXPECT_EQ(irqs_off ? -EEXIST : self->got.ret[0], self->got.ret[1]);
	id = self->got.ret[0];
	ASSERT_EQ(0, map_lookup(map, &id, trace));
	ASSERT_EQ(BPF_STACK_BUILD_ID_VALID, trace[0].status);
	EXPECT_EQ(0, memcmp(own, trace[0].build_id, BPF_BUILD_ID_SIZE));
	EXPECT_LE(file_offset((unsigned long)open_here), trace[0].offset);
	EXPECT_GT(file_offset((unsigned long)open_here) + 128, trace[0].offset);
	EXPECT_EQ(BPF_STACK_BUILD_ID_EMPTY, trace[DEPTH - 1].status);
	/* the kernel's addresses are what they are */
	ASSERT_LE(0, self->got.ret[2]);
	id = self->got.ret[2];
	ASSERT_EQ(0, map_lookup(map, &id, trace));
	EXPECT_EQ(BPF_STACK_BUILD_ID_IP, trace[0].status);
	EXPECT_TRUE(in_function(&(__u64) { trace[0].ip }, 1, ""));
	close(map);
}

/* One bucket, two stacks. */
TEST_F(stack, collision)
{
	int map = stack_map(1, 0);
	__u64 trace[DEPTH] = {};
	__u32 id = 0;

	ASSERT_LE(0, map);
	LOAD(STACKID(0, map, BPF_F_USER_STACK),
	     STACKID(1, map, BPF_F_USER_STACK | BPF_F_FAST_STACK_CMP),
	     STACKID(2, map, BPF_F_USER_STACK | BPF_F_REUSE_STACKID));
	AFTER(open_here);
	EXPECT_EQ(0, self->got.ret[0]);
	EXPECT_EQ(0, self->got.ret[1]);
	EXPECT_EQ(0, self->got.ret[2]);
	for (int round = 0; round < 2; round++) {
		AFTER(open_there);
		EXPECT_EQ(round ? 0 : -EEXIST, self->got.ret[0]);
		EXPECT_EQ(round ? 0 : -EEXIST, self->got.ret[1]);
		/* The stock kernel needs a free bucket to replace one; here there is none. */
		if (!kernel_is_bvm()) {
			EXPECT_EQ(-ENOMEM, self->got.ret[2]);
			break;
		}
		EXPECT_EQ(0, self->got.ret[2]);
		ASSERT_EQ(0, map_lookup(map, &id, trace));
		EXPECT_TRUE(inside(trace[0], open_there)) { TH_LOG("%llx", trace[0]); }
	}
	close(map);
}

TEST_F(stack, get_stack)
{
	int off = offsetof(struct out, ip);

	LOAD(STACK(0, off, 64, 0), STACK(1, off + 64, 64, 2));
	AFTER(open_here);
	ASSERT_LE(24, self->got.ret[0]);
	EXPECT_EQ(0, self->got.ret[0] % 8);
	EXPECT_TRUE(in_function(self->got.ip[0], 1, "")) { TH_LOG("%llx", self->got.ip[0][0]); }
	ASSERT_LE(8, self->got.ret[1]);
	if (variant->type == BPF_PROG_TYPE_RAW_TRACEPOINT)
		return;
	/* the registers are the event's: the same stack */
	EXPECT_EQ(self->got.ip[0][2], self->got.ip[1][0]);
	for (int i = self->got.ret[0] / 8; i < 8; i++)
		EXPECT_EQ(0, self->got.ip[0][i]);
}

TEST_F(stack, get_user_stack)
{
	int off = offsetof(struct out, ip), id = offsetof(struct out, id);
	const unsigned char *own = own_build_id();

	LOAD(STACK(0, off, 64, BPF_F_USER_STACK), STACK(1, id, 64, BPF_F_USER_STACK |
							BPF_F_USER_BUILD_ID));
	AFTER(open_here);
	ASSERT_LT(0, self->got.ret[0]);
	EXPECT_EQ(0, self->got.ret[0] % 8);
	EXPECT_TRUE(inside(self->got.ip[0][0], open_here));
	for (int i = self->got.ret[0] / 8; i < 8; i++)
		EXPECT_EQ(0, self->got.ip[0][i]);
	ASSERT_LT(0, self->got.ret[1]);
	EXPECT_EQ(0, self->got.ret[1] % 32);
	EXPECT_EQ(BPF_STACK_BUILD_ID_VALID, self->got.id[0].status);
	EXPECT_EQ(0, memcmp(own, self->got.id[0].build_id, BPF_BUILD_ID_SIZE));
	EXPECT_EQ(file_offset(self->got.ip[0][0]), self->got.id[0].offset);
}

TEST_F(stack, refused_flags)
{
	int map = stack_map(16, 0), off = offsetof(struct out, ip);

	LOAD(STACKID(0, map, 1 << 12), STACK(1, off, 64, BPF_F_USER_BUILD_ID),
	     STACK(2, off, 60, 0));
	AFTER(open_here);
	EXPECT_EQ(-EINVAL, self->got.ret[0]);
	EXPECT_EQ(-EINVAL, self->got.ret[1]);
	EXPECT_EQ(-EINVAL, self->got.ret[2]);
	close(self->event);
	close(self->prog);
	LOAD(STACK(0, off, 64, BPF_F_FAST_STACK_CMP), STACK(1, off, 0, 0),
	     STACK(2, off, 64, 255));
	AFTER(open_here);
	EXPECT_EQ(-EINVAL, self->got.ret[0]);
	EXPECT_EQ(0, self->got.ret[1]);
	EXPECT_EQ(-EFAULT, self->got.ret[2]);
	close(map);
}

TEST_HARNESS_MAIN
