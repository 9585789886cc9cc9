// SPDX-License-Identifier: GPL-2.0-only
/*
 * Arenas (BPF_MAP_TYPE_ARENA): pages that programs and user space share, who gets them, what
 * happens where there is none, and where they are mapped.
 */
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "kselftest_harness.h"
#include "lib/bpf_sys.h"
#include "lib/kernel_btf.h"

#define R(n)	BPF_REG_##n
#define MOV(d, s) BPF_MOV64_REG(R(d), R(s))
#define SET(d, i) BPF_MOV64_IMM(R(d), i)
#define CAST(d, s, imm) BPF_INSN(BPF_ALU64 | BPF_MOV | BPF_X, R(d), R(s), 1, imm)
#define TO_KERNEL(d, s)	CAST(d, s, 1)
#define TO_USER(d, s)	CAST(d, s, 1 << 16)
#define LOAD(d, s, off)	BPF_LDX_MEM(BPF_DW, R(d), R(s), off)
#define STORE(d, off, s) BPF_STX_MEM(BPF_DW, R(d), R(s), off)

#ifndef BPF_F_SEGV_ON_FAULT
#define BPF_F_SEGV_ON_FAULT	0x20000
#define BPF_F_NO_USER_CONV	0x40000
#endif
#define ARENA	33	/* BPF_MAP_TYPE_ARENA, which old headers do not have */
#define PAGES	8

/* What a program is given, and what it says. */
struct ctx {
	__u64 addr, count, result, value;
};

FIXTURE(arena)
{
	struct kernel_btf btf;
	struct bpf_insn insns[64];
	__u32 len;
	long page;
	int fd;
	char *mem;
};

static int arena_create(__u32 pages, __u32 flags, __u64 extra)
{
	union bpf_attr attr = {
		.map_type = ARENA,
		.max_entries = pages,
		.map_flags = flags,
		.map_extra = extra,
	};
	int fd = sys_bpf(BPF_MAP_CREATE, &attr);

	return fd < 0 ? -errno : fd;
}

static char *arena_map(int fd, void *at, size_t size)
{
	return mmap(at, size, PROT_READ | PROT_WRITE, MAP_SHARED | (at ? MAP_FIXED_NOREPLACE : 0),
		    fd, 0);
}

FIXTURE_SETUP(arena)
{
	if (kernel_btf_read(&self->btf))
		SKIP(return, "no BTF");
	self->page = sysconf(_SC_PAGESIZE);
	self->fd = arena_create(PAGES, BPF_F_MMAPABLE, 0);
	if (self->fd == -EOPNOTSUPP)
		SKIP(return, "no arenas, for the kernel has KASAN");
	ASSERT_LE(0, self->fd);
	self->mem = arena_map(self->fd, NULL, PAGES * self->page);
	ASSERT_NE(MAP_FAILED, self->mem);
}

FIXTURE_TEARDOWN(arena)
{
	kernel_btf_free(&self->btf);
}

#define ADD(...)								\
do {										\
	const struct bpf_insn insns[] = { __VA_ARGS__ };			\
										\
	memcpy(self->insns + self->len, insns, sizeof(insns));			\
	self->len += ARRAY_SIZE(insns);						\
} while (0)

#define CALL(name)								\
	ADD(BPF_INSN(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_KFUNC_CALL, 0,		\
		     kernel_btf_find(&self->btf, #name, BTF_KIND_FUNC, NULL)))

/* r6: context, r0: pages where it says */
#define ALLOC(fd)								\
do {										\
	ADD(MOV(6, 1), BPF_LD_MAP_FD(R(1), fd), LOAD(2, 6, 0), LOAD(3, 6, 8),	\
	    SET(4, -1), SET(5, 0));						\
	CALL(bpf_arena_alloc_pages);						\
} while (0)

static int load(struct _test_data_arena *self)
{
	union bpf_attr attr;
	int fd;

	prog_attr(&attr, BPF_PROG_TYPE_SYSCALL, self->insns, self->len);
	attr.prog_flags = BPF_F_SLEEPABLE;
	fd = sys_bpf(BPF_PROG_LOAD, &attr);
	self->len = 0;
	return fd < 0 ? -errno : fd;
}

static int run(int prog, struct ctx *ctx)
{
	union bpf_attr attr = {
		.test.prog_fd = prog,
		.test.ctx_in = ptr_to_u64(ctx),
		.test.ctx_size_in = sizeof(*ctx),
	};

	return sys_bpf(BPF_PROG_RUN, &attr) ? -errno : 0;
}

/* A program that takes pages. */
static int taker(struct _test_data_arena *self)
{
	ALLOC(self->fd);
	ADD(TO_USER(0, 0), STORE(6, 16, 0), SET(0, 0), BPF_EXIT_INSN());
	return load(self);
}

static int giver(struct _test_data_arena *self)
{
	ADD(LOAD(2, 1, 0), LOAD(3, 1, 8), BPF_LD_MAP_FD(R(1), self->fd));
	CALL(bpf_arena_free_pages);
	ADD(SET(0, 0), BPF_EXIT_INSN());
	return load(self);
}

/* Stores the value, then loads what is there. */
static int poker(struct _test_data_arena *self)
{
	ADD(BPF_LD_MAP_FD(R(2), self->fd), LOAD(2, 1, 0), LOAD(3, 1, 24), TO_KERNEL(2, 2),
	    STORE(2, 0, 3), LOAD(4, 2, 0), STORE(1, 16, 4), SET(0, 0), BPF_EXIT_INSN());
	return load(self);
}

static __u64 take(int prog, __u64 addr, __u64 count)
{
	struct ctx ctx = { addr, count, -1 };

	return run(prog, &ctx) ? -2 : ctx.result;
}

static __u64 poke(int prog, void *addr, __u64 value)
{
	struct ctx ctx = { (__u64)(unsigned long)addr, 0, -1, value };

	return run(prog, &ctx) ? -2 : ctx.result;
}

static sigjmp_buf fault;

static void on_segv(int sig)
{
	siglongjmp(fault, sig);
}

/* The signal that touching it brings, or 0. */
static int touch(char *at)
{
	struct sigaction act = { .sa_handler = on_segv }, old;
	int sig;

	sigaction(SIGSEGV, &act, &old);
	sig = sigsetjmp(fault, 1);
	if (!sig)
		(void)__atomic_load_n(at, __ATOMIC_RELAXED);
	sigaction(SIGSEGV, &old, NULL);
	return sig;
}

TEST_F(arena, requests)
{
	EXPECT_EQ(-EINVAL, arena_create(1, 0, 0));
	EXPECT_EQ(-EINVAL, arena_create(0, BPF_F_MMAPABLE, 0));
	EXPECT_EQ(-EINVAL, arena_create(1, BPF_F_MMAPABLE | BPF_F_NUMA_NODE, 0));
	EXPECT_EQ(-EINVAL, arena_create(1, BPF_F_MMAPABLE, 1));
	EXPECT_EQ(-E2BIG, arena_create((1ULL << 32) / self->page + 1, BPF_F_MMAPABLE, 0));
	EXPECT_EQ(-ERANGE, arena_create(2, BPF_F_MMAPABLE, (1ULL << 33) - self->page));
}

TEST_F(arena, same_address)
{
	int low = (int)((unsigned long)self->mem >> 32 ==
			((unsigned long)self->mem + PAGES * self->page - 1) >> 32);
	char *other;

	EXPECT_EQ(1, low);
	other = mmap(NULL, PAGES * self->page, PROT_READ, MAP_SHARED, self->fd, 0);
	EXPECT_EQ(MAP_FAILED, other);
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(MAP_FAILED, mmap(self->mem, self->page, PROT_READ, MAP_SHARED, self->fd, 0));
	EXPECT_EQ(EINVAL, errno);
	/* there, but it is taken */
	other = mmap(self->mem, PAGES * self->page, PROT_READ, MAP_SHARED, self->fd, 0);
	EXPECT_EQ(MAP_FAILED, other);
	EXPECT_EQ(EBUSY, errno);
	EXPECT_EQ(MAP_FAILED, mmap(NULL, 9 * self->page, PROT_READ, MAP_SHARED, self->fd, 0));
	EXPECT_EQ(E2BIG, errno);
	EXPECT_EQ(MAP_FAILED, mmap(NULL, self->page, PROT_READ, MAP_SHARED, self->fd, self->page));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(0, munmap(self->mem, PAGES * self->page));
	other = mmap(self->mem, PAGES * self->page, PROT_READ, MAP_SHARED, self->fd, 0);
	EXPECT_EQ(self->mem, other);
}

/* The first mapping says how long it is, not how many pages the arena has. */
TEST_F(arena, longer)
{
	int fd = arena_create(1, BPF_F_MMAPABLE, 0);
	char *mem = arena_map(fd, NULL, 2 * self->page);

	ASSERT_NE(MAP_FAILED, mem);
	EXPECT_EQ(0, touch(mem));
	EXPECT_EQ(SIGSEGV, touch(mem + self->page));
	EXPECT_EQ(0, munmap(mem, 2 * self->page));
	EXPECT_EQ(MAP_FAILED, mmap(mem, self->page, PROT_READ, MAP_SHARED, fd, 0));
	EXPECT_EQ(EINVAL, errno);
}

TEST_F(arena, whole)
{
	self->mem[0] = 1;
	EXPECT_EQ(-1, munmap(self->mem, self->page));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(MAP_FAILED, mremap(self->mem, PAGES * self->page, PAGES * self->page,
				     MREMAP_MAYMOVE | MREMAP_FIXED, (void *)0x20000000000));
	EXPECT_EQ(1, self->mem[0]);
}

TEST_F(arena, pages)
{
	int prog = taker(self), give = giver(self);
	struct ctx ctx = { 0, 1 };
	__u64 first, i;

	ASSERT_LE(0, prog);
	ASSERT_LE(0, give);
	first = take(prog, 0, 1);
	EXPECT_EQ((__u64)(unsigned long)self->mem, first);
	for (i = 1; i < PAGES; i++)
		EXPECT_EQ(first + i * self->page, take(prog, 0, 1));
	EXPECT_EQ(0, take(prog, 0, 1));
	ctx.addr = first + 3 * self->page;
	ctx.count = 2;
	self->mem[3 * self->page] = 5;
	EXPECT_EQ(0, run(give, &ctx));
	EXPECT_EQ(0, take(prog, 0, 3));
	EXPECT_EQ(0, take(prog, ctx.addr + 1, 1));
	EXPECT_EQ(0, take(prog, ctx.addr - self->page, 1));
	EXPECT_EQ(ctx.addr + self->page, take(prog, ctx.addr + self->page, 1));
	EXPECT_EQ(ctx.addr, take(prog, (__u32)ctx.addr, 1));
	EXPECT_EQ(0, self->mem[3 * self->page]);
	EXPECT_EQ(0, take(prog, 0, 0));
	EXPECT_EQ(0, take(prog, first + PAGES * self->page, 1));
}

TEST_F(arena, shared)
{
	__u64 *word = (__u64 *)self->mem;
	int prog = poker(self);

	ASSERT_LE(0, prog);
	/* no page there: neither written nor read */
	EXPECT_EQ(0, poke(prog, self->mem, 7));
	EXPECT_EQ(0, *word);
	EXPECT_EQ(8, poke(prog, self->mem, 8));
	EXPECT_EQ(8, *word);
	*word = 9;
	EXPECT_EQ(0, poke(prog, self->mem + self->page, 7));
	/* outside, wherever that is */
	EXPECT_EQ(0, poke(prog, self->mem - self->page, 7));
	EXPECT_EQ(0, poke(prog, self->mem + PAGES * self->page, 7));
	EXPECT_EQ(0, poke(prog, NULL, 7));
	EXPECT_EQ(0, poke(prog, (void *)-8UL, 7));
	EXPECT_EQ(0, poke(prog, (void *)-1UL, 7));
	EXPECT_EQ(9, *word);
	/* across the end of the last page that is there */
	EXPECT_EQ(0, poke(prog, self->mem + self->page - 4, 0x100000001));
}

TEST_F(arena, given_back)
{
	int give = giver(self), prog = taker(self), poke_prog = poker(self);
	struct ctx ctx = { (__u64)(unsigned long)self->mem, PAGES };
	int status = 0;
	pid_t pid;
	long i;

	ASSERT_LE(0, give);
	for (i = 0; i < PAGES; i++)
		self->mem[i * self->page] = i + 1;
	/* in another process, too */
	pid = fork();
	if (!pid) {
		/* it does not inherit the mapping */
		if (touch(self->mem) != SIGSEGV)
			_exit(1);
		if (arena_map(self->fd, self->mem, PAGES * self->page) != self->mem)
			_exit(2);
		if (self->mem[self->page] != 2 || run(give, &ctx) || self->mem[self->page])
			_exit(3);
		self->mem[2 * self->page] = 77;
		_exit(0);
	}
	ASSERT_LT(0, pid);
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	EXPECT_EQ(0, self->mem[0]);
	EXPECT_EQ(77, self->mem[2 * self->page]);
	EXPECT_EQ(0, run(give, &ctx));
	EXPECT_EQ(0, poke(poke_prog, self->mem, 1));
	EXPECT_EQ(ctx.addr, take(prog, 0, PAGES));
	EXPECT_EQ(0, self->mem[2 * self->page]);
	/* more than there is */
	ctx.addr += (PAGES - 1) * self->page;
	ctx.count = 0xffffffff;
	EXPECT_EQ(0, run(give, &ctx));
	EXPECT_EQ(ctx.addr, take(prog, 0, 1));
}

/* A child that inherits the mapping after all touches pages, its parent gives them back. */
TEST_F(arena, inherited)
{
	int give = giver(self), status = 0, up[2], down[2];
	struct ctx ctx = { (__u64)(unsigned long)self->mem, PAGES };
	char c = 0;
	pid_t pid;

	ASSERT_LE(0, give);
	ASSERT_EQ(0, pipe(up));
	ASSERT_EQ(0, pipe(down));
	self->mem[0] = 5;
	ASSERT_EQ(0, madvise(self->mem, PAGES * self->page, MADV_DOFORK));
	pid = fork();
	if (!pid) {
		if (self->mem[0] != 5)
			_exit(1);
		self->mem[self->page] = 6;
		if (write(up[1], &c, 1) != 1 || read(down[0], &c, 1) != 1)
			_exit(2);
		_exit(self->mem[0] || self->mem[self->page] ? 3 : 0);
	}
	ASSERT_LT(0, pid);
	EXPECT_EQ(1, read(up[0], &c, 1));
	EXPECT_EQ(6, self->mem[self->page]);
	EXPECT_EQ(0, run(give, &ctx));
	EXPECT_EQ(1, write(down[1], &c, 1));
	EXPECT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
}

/* Until @end: maps the arena, or has it mapped, touches pages, and ends or unmaps it. */
static void churn(int fd, char *mem, size_t size, time_t end)
{
	unsigned int n = 0;

	while (time(NULL) < end) {
		if (arena_map(fd, mem, size) != mem)
			_exit(1);
		for (n = 0; n < 64; n++)
			mem[n * 4096UL % size]++;
		if (fork() == 0)
			_exit(0);
		wait(NULL);
		if (munmap(mem, size))
			_exit(2);
	}
	_exit(0);
}

TEST_F(arena, all_at_once)
{
	int prog = taker(self), give = giver(self), status = 0, i;
	struct ctx ctx = { (__u64)(unsigned long)self->mem, PAGES };
	time_t end = time(NULL) + 3;
	pid_t pid[3];

	ASSERT_LE(0, prog);
	ASSERT_LE(0, give);
	for (i = 0; i < 3; i++) {
		pid[i] = fork();
		if (!pid[i])
			churn(self->fd, self->mem, PAGES * self->page, end);
	}
	while (time(NULL) < end) {
		take(prog, 0, 2);
		self->mem[5 * self->page]++;
		EXPECT_EQ(0, run(give, &ctx));
	}
	for (i = 0; i < 3; i++) {
		EXPECT_EQ(pid[i], waitpid(pid[i], &status, 0));
		EXPECT_EQ(0, status);
	}
	EXPECT_EQ(0, run(give, &ctx));
	for (i = 0; i < PAGES; i++)
		EXPECT_EQ(0, self->mem[i * self->page]);
}

TEST_F(arena, segv)
{
	int fd = arena_create(2, BPF_F_MMAPABLE | BPF_F_SEGV_ON_FAULT, 0), prog;
	char *mem = arena_map(fd, NULL, 2 * self->page);

	ASSERT_NE(MAP_FAILED, mem);
	self->fd = fd;
	prog = taker(self);
	ASSERT_LE(0, prog);
	EXPECT_EQ(SIGSEGV, touch(mem));
	EXPECT_EQ((__u64)(unsigned long)mem, take(prog, 0, 1));
	EXPECT_EQ(0, touch(mem));
	EXPECT_EQ(SIGSEGV, touch(mem + self->page));
}

TEST_F(arena, largest)
{
	int fd = arena_create((1ULL << 32) / self->page, BPF_F_MMAPABLE, 0), prog;
	char *mem = arena_map(fd, NULL, 1UL << 32);

	ASSERT_NE(MAP_FAILED, mem);
	EXPECT_EQ(0, (__u32)(unsigned long)mem);
	self->fd = fd;
	prog = taker(self);
	ASSERT_LE(0, prog);
	/* the first page's address is cast to NULL */
	EXPECT_EQ(0, take(prog, 0, 1));
	EXPECT_EQ((__u64)(unsigned long)mem + self->page, take(prog, 0, 1));
	EXPECT_EQ((__u64)(unsigned long)mem + (1ULL << 32) - self->page,
		  take(prog, (__u64)(unsigned long)mem + (1ULL << 32) - self->page, 1));
	mem[0] = 1;
	mem[(1ULL << 32) - 1] = 2;
}

TEST_F(arena, programs)
{
	int fd = arena_create(1, BPF_F_MMAPABLE, 0);

	ASSERT_LE(0, fd);
	/* nobody knows where it will be */
	ALLOC(fd);
	ADD(SET(0, 0), BPF_EXIT_INSN());
	EXPECT_EQ(-EINVAL, load(self));
	ADD(BPF_LD_MAP_FD(R(1), fd), BPF_LD_MAP_FD(R(2), self->fd), SET(0, 0), BPF_EXIT_INSN());
	EXPECT_GT(0, load(self));
	/* no arena */
	ADD(SET(1, 0), TO_KERNEL(1, 1), SET(0, 0), BPF_EXIT_INSN());
	EXPECT_EQ(-EINVAL, load(self));
	/* where a variable in it is */
	ADD(MOV(6, 1), BPF_LD_MAP_VALUE(R(1), self->fd, 16), STORE(6, 16, 1), SET(0, 0),
	    BPF_EXIT_INSN());
	EXPECT_EQ((__u64)(unsigned long)self->mem + 16, take(load(self), 0, 0));
}

TEST_HARNESS_MAIN
