// SPDX-License-Identifier: GPL-2.0-only
/*
 * LRU hashes as user space and programs see them: what is evicted, and what counts as
 * use.  Upstream's test_lru_map.c has more, to the element.
 */
#include <pthread.h>
#include <sched.h>

#include "lib/harness.h"
#include "lib/bpf_sys.h"

#define ENTRIES		1024

FIXTURE(lru)
{
	int fd, cpus, prog, key_map;
	__u64 *value;
};

FIXTURE_VARIANT(lru)
{
	__u32 type, flags;
};

FIXTURE_VARIANT_ADD(lru, hash)
{
	.type = BPF_MAP_TYPE_LRU_HASH,
};

FIXTURE_VARIANT_ADD(lru, percpu)
{
	.type = BPF_MAP_TYPE_LRU_PERCPU_HASH,
};

FIXTURE_VARIANT_ADD(lru, hash_own)
{
	.type = BPF_MAP_TYPE_LRU_HASH,
	.flags = BPF_F_NO_COMMON_LRU,
};

FIXTURE_VARIANT_ADD(lru, percpu_own)
{
	.type = BPF_MAP_TYPE_LRU_PERCPU_HASH,
	.flags = BPF_F_NO_COMMON_LRU,
};

FIXTURE_SETUP(lru)
{
	cpu_set_t set;

	self->cpus = possible_cpus();
	self->fd = map_create_flags(variant->type, 8, 8,
				    variant->flags ? ENTRIES * self->cpus : ENTRIES,
				    variant->flags);
	ASSERT_LE(0, self->fd);
	self->value = calloc(self->cpus, sizeof(__u64));
	self->key_map = map_create(BPF_MAP_TYPE_ARRAY, 4, 8, 1);
	ASSERT_LE(0, self->key_map);
	/* returns 1 if the key in key_map is there: a program's lookup */
	self->prog = PROG_LOAD(BPF_PROG_TYPE_SOCKET_FILTER,
			       BPF_LD_MAP_VALUE(BPF_REG_2, self->key_map, 0),
			       BPF_LD_MAP_FD(BPF_REG_1, self->fd),
			       BPF_EMIT_CALL(BPF_FUNC_map_lookup_elem),
			       BPF_JMP_IMM(BPF_JEQ, BPF_REG_0, 0, 2),
			       RETURN(1), RETURN(0));
	ASSERT_LE(0, self->prog);
	CPU_ZERO(&set);
	CPU_SET(0, &set);
	ASSERT_EQ(0, sched_setaffinity(0, sizeof(set), &set));
}

FIXTURE_TEARDOWN(lru)
{
	free(self->value);
	close(self->prog);
	close(self->key_map);
	close(self->fd);
}

static int used_by_program(int prog, int key_map, __u64 key)
{
	char packet[64] = {};
	union bpf_attr attr = {
		.test.prog_fd = prog,
		.test.data_in = ptr_to_u64(packet),
		.test.data_size_in = sizeof(packet),
	};
	int ret = map_update(key_map, &(__u32) { 0 }, &key, BPF_ANY);

	if (!ret)
		ret = sys_bpf(BPF_PROG_TEST_RUN, &attr);
	return ret ? ret : (int)attr.test.retval;
}

TEST_F(lru, create)
{
	bool percpu = variant->type == BPF_MAP_TYPE_LRU_PERCPU_HASH;
	const struct { __u32 key, value, entries, flags; int want; } cases[] = {
		{ 4, 8, 1, 0, 0 },
		{ 0, 8, 1, 0, -EINVAL },
		{ 4, 0, 1, 0, -EINVAL },
		{ 4, 8, 0, 0, -EINVAL },
		{ 4, 8, 1, BPF_F_NO_PREALLOC, -ENOTSUPP },
		{ 4, 8, 1, BPF_F_ZERO_SEED, 0 },
		{ 4, 8, 1, BPF_F_RDONLY_PROG, 0 },
		{ 4, 8, 1, BPF_F_INNER_MAP, -EINVAL },
		{ 4, 8, 1, BPF_F_MMAPABLE, -EINVAL },
		{ 4, 32768, 1, 0, 0 },
		{ 4, 32769, 1, 0, percpu ? -E2BIG : 0 },
	};
	union bpf_attr attr = {
		.map_type = variant->type,
		.key_size = 4,
		.value_size = 8,
		.max_entries = 1,
		.map_flags = variant->flags | BPF_F_NUMA_NODE,
	};
	int fd;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		fd = map_create_flags(variant->type, cases[i].key, cases[i].value,
				      cases[i].entries, cases[i].flags | variant->flags);
		EXPECT_EQ(cases[i].want, errno_of(fd)) { TH_LOG("case %zu", i); }
		close(fd);
	}
	fd = sys_bpf(BPF_MAP_CREATE, &attr);
	EXPECT_EQ(percpu || variant->flags ? -EINVAL : 0, errno_of(fd));
	close(fd);
}

TEST_F(lru, operations)
{
	__u64 key = 1, next;

	EXPECT_EQ(-ENOENT, map_lookup(self->fd, &key, self->value));
	EXPECT_EQ(-ENOENT, map_update(self->fd, &key, self->value, BPF_EXIST));
	self->value[0] = 7;
	EXPECT_EQ(0, map_update(self->fd, &key, self->value, BPF_NOEXIST));
	EXPECT_EQ(-EEXIST, map_update(self->fd, &key, self->value, BPF_NOEXIST));
	EXPECT_EQ(-EINVAL, map_update(self->fd, &key, self->value, 77));
	self->value[0] = 8;
	EXPECT_EQ(0, map_update(self->fd, &key, self->value, BPF_EXIST));
	self->value[0] = 0;
	EXPECT_EQ(0, map_lookup(self->fd, &key, self->value));
	EXPECT_EQ(8, self->value[0]);
	EXPECT_EQ(0, map_next_key(self->fd, NULL, &next));
	EXPECT_EQ(1, next);
	EXPECT_EQ(0, map_delete(self->fd, &key));
	EXPECT_EQ(-ENOENT, map_delete(self->fd, &key));
	EXPECT_EQ(-ENOENT, map_next_key(self->fd, NULL, &next));
}

/* What programs use stays; what only system calls read, or nobody, goes. */
TEST_F(lru, use)
{
	__u64 key;
	int stayed = 0;

	for (key = 0; key < ENTRIES; key++)
		ASSERT_EQ(0, map_update(self->fd, &key, self->value, BPF_NOEXIST));
	for (key = 0; key < ENTRIES; key++) {
		int ret = key % 4 ? map_lookup(self->fd, &key, self->value) :
				    used_by_program(self->prog, self->key_map, key);

		ASSERT_EQ(!(key % 4), ret);
	}
	for (key = ENTRIES; key < ENTRIES + ENTRIES / 2; key++)
		ASSERT_EQ(0, map_update(self->fd, &key, self->value, BPF_NOEXIST));
	for (key = 0; key < ENTRIES; key += 4)
		stayed += !map_lookup(self->fd, &key, self->value);
	EXPECT_EQ(ENTRIES / 4, stayed);
	for (key = ENTRIES; key < ENTRIES + ENTRIES / 2; key++)
		EXPECT_EQ(0, map_lookup(self->fd, &key, self->value)) { TH_LOG("new %llu", key); }
}

struct writer {
	int fd, cpus, failed;
	__u64 id;
};

static void *write_elements(void *arg)
{
	struct writer *w = arg;
	__u64 value[w->cpus];

	memset(value, 0, sizeof(value));
	for (__u64 i = 0; i < 3000; i++) {
		__u64 key = i % 1500 * 4 + w->id;

		value[0] = key;
		if (map_update(w->fd, &key, value, BPF_ANY))
			w->failed = 1;
		if (!map_lookup(w->fd, &key, value) && value[0] != key)
			w->failed = 2;
	}
	return NULL;
}

/* More keys than fit, from several threads: nothing fails, nothing is mixed up. */
TEST_F(lru, concurrent)
{
	struct writer writers[4];
	pthread_t threads[ARRAY_SIZE(writers)];
	__u64 key, next, *prev = NULL;
	__u32 n = 0;
	cpu_set_t set;

	memset(&set, 0xff, sizeof(set));
	ASSERT_EQ(0, sched_setaffinity(0, sizeof(set), &set));
	for (size_t i = 0; i < ARRAY_SIZE(writers); i++) {
		writers[i] = (struct writer) { self->fd, self->cpus, 0, i };
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, write_elements, &writers[i]));
	}
	for (size_t i = 0; i < ARRAY_SIZE(writers); i++) {
		pthread_join(threads[i], NULL);
		EXPECT_EQ(0, writers[i].failed);
	}
	for (; !map_next_key(self->fd, prev, &next); prev = &key, n++)
		key = next;
	EXPECT_LE(n, ENTRIES * (variant->flags ? self->cpus : 1));
	EXPECT_GE(n, ENTRIES / 2);
}

TEST_HARNESS_MAIN
