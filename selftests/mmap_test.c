// SPDX-License-Identifier: GPL-2.0-only
/*
 * Arrays that user space maps (BPF_F_MMAPABLE): libbpf's global variables.
 */
#include <sys/mman.h>

#include "lib/harness.h"
#include "lib/bpf_sys.h"

#define VALUE_SIZE	4096

FIXTURE(mapped)
{
	int map;
	size_t page, size;
};

FIXTURE_SETUP(mapped)
{
	self->page = sysconf(_SC_PAGESIZE);
	self->size = 3 * self->page;
	self->map = map_create_flags(BPF_MAP_TYPE_ARRAY, 4, self->page, 3, BPF_F_MMAPABLE);
	ASSERT_LE(0, self->map);
}

FIXTURE_TEARDOWN(mapped)
{
	close(self->map);
}

static int freeze(int map)
{
	union bpf_attr attr = { .map_fd = map };

	return sys_bpf(BPF_MAP_FREEZE, &attr);
}

/* 0 or the error */
static int try_mmap(int map, size_t size, int prot, int flags, off_t offset)
{
	void *at = mmap(NULL, size, prot, flags, map, offset);

	if (at == MAP_FAILED)
		return -errno;
	munmap(at, size);
	return 0;
}

TEST_F(mapped, both_sides_see_it)
{
	__u64 *at = mmap(NULL, self->size, PROT_READ | PROT_WRITE, MAP_SHARED, self->map, 0);
	static __u64 value[65536 / 8];
	__u32 key = 1;
	int prog;
	union bpf_attr run = { .test.data_size_in = 64, .test.data_in = ptr_to_u64(value) };

	ASSERT_NE(MAP_FAILED, (void *)at);
	EXPECT_EQ(0, at[self->page / 8]);
	at[self->page / 8] = 42;
	ASSERT_EQ(0, map_lookup(self->map, &key, value));
	EXPECT_EQ(42, value[0]);
	value[1] = 43;
	ASSERT_EQ(0, map_update(self->map, &key, value, BPF_ANY));
	EXPECT_EQ(43, at[self->page / 8 + 1]);
	/* a program adds to element 2 */
	prog = PROG_LOAD(BPF_PROG_TYPE_SOCKET_FILTER,
			 BPF_ST_MEM(BPF_W, BPF_REG_10, -4, 2),
			 BPF_LD_MAP_FD(BPF_REG_1, self->map),
			 BPF_MOV64_REG(BPF_REG_2, BPF_REG_10),
			 BPF_ALU64_IMM(BPF_ADD, BPF_REG_2, -4),
			 BPF_EMIT_CALL(BPF_FUNC_map_lookup_elem),
			 BPF_JMP_IMM(BPF_JEQ, BPF_REG_0, 0, 2),
			 BPF_MOV64_IMM(BPF_REG_1, 5),
			 BPF_ATOMIC_OP(BPF_DW, BPF_ADD, BPF_REG_0, BPF_REG_1, 0),
			 RETURN(0));
	ASSERT_LE(0, prog);
	run.test.prog_fd = prog;
	ASSERT_EQ(0, sys_bpf(BPF_PROG_TEST_RUN, &run));
	EXPECT_EQ(5, at[2 * self->page / 8]);
	close(prog);
	/* the mapping keeps the map */
	close(self->map);
	at[0] = 1;
	EXPECT_EQ(43, at[self->page / 8 + 1]);
	munmap(at, self->size);
}

TEST_F(mapped, ranges)
{
	EXPECT_EQ(0, try_mmap(self->map, self->page, PROT_READ, MAP_SHARED, 2 * self->page));
	EXPECT_EQ(-EINVAL, try_mmap(self->map, 2 * self->page, PROT_READ, MAP_SHARED,
				    2 * self->page));
	EXPECT_EQ(-EINVAL, try_mmap(self->map, self->size + self->page, PROT_READ, MAP_SHARED, 0));
	EXPECT_EQ(-EINVAL, try_mmap(self->map, self->page, PROT_READ, MAP_SHARED, self->size));
	EXPECT_EQ(-EINVAL, try_mmap(self->map, self->page, PROT_READ, MAP_PRIVATE, 0));
}

TEST_F(mapped, freezing)
{
	void *at = mmap(NULL, self->page, PROT_READ | PROT_WRITE, MAP_SHARED, self->map, 0);

	ASSERT_NE(MAP_FAILED, at);
	EXPECT_EQ(-EBUSY, freeze(self->map));
	munmap(at, self->page);
	EXPECT_EQ(0, freeze(self->map));
	EXPECT_EQ(-EPERM, try_mmap(self->map, self->page, PROT_READ | PROT_WRITE, MAP_SHARED, 0));
	at = mmap(NULL, self->page, PROT_READ, MAP_SHARED, self->map, 0);
	ASSERT_NE(MAP_FAILED, at);
	EXPECT_EQ(-1, mprotect(at, self->page, PROT_READ | PROT_WRITE));
	EXPECT_EQ(EACCES, errno);
	munmap(at, self->page);
}

TEST(not_mappable)
{
	int map = map_create(BPF_MAP_TYPE_ARRAY, 4, VALUE_SIZE, 1);
	int hash = map_create(BPF_MAP_TYPE_HASH, 4, VALUE_SIZE, 1);
	int reader = map_create_flags(BPF_MAP_TYPE_ARRAY, 4, VALUE_SIZE, 1,
				      BPF_F_MMAPABLE | BPF_F_RDONLY);

	ASSERT_LE(0, map);
	ASSERT_LE(0, hash);
	ASSERT_LE(0, reader);
	EXPECT_EQ(-EINVAL, try_mmap(map, VALUE_SIZE, PROT_READ, MAP_SHARED, 0));
	EXPECT_EQ(-ENOTSUPP, try_mmap(hash, VALUE_SIZE, PROT_READ, MAP_SHARED, 0));
	/* a shared mapping of a file that may not be written is a private one to the kernel */
	EXPECT_EQ(-EINVAL, try_mmap(reader, VALUE_SIZE, PROT_READ, MAP_SHARED, 0));
	EXPECT_EQ(-EACCES, try_mmap(reader, VALUE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, 0));
	EXPECT_EQ(-EINVAL, map_create_flags(BPF_MAP_TYPE_PERCPU_ARRAY, 4, 8, 1, BPF_F_MMAPABLE));
	close(map);
	close(hash);
	close(reader);
}

TEST_HARNESS_MAIN
