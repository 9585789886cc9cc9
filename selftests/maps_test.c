// SPDX-License-Identifier: GPL-2.0-only
/*
 * Maps as user space sees them: array, hash, per-CPU hash, perf event array.
 */
#include <linux/perf_event.h>
#include <pthread.h>
#include <sched.h>

#include "lib/harness.h"
#include "lib/bpf_sys.h"

/* no map has this flag */
#define UNKNOWN_FLAG	0x80000000

/* ------------------------------------------------------------------ array */

TEST(array_create)
{
	static const struct { __u32 key, value, entries, flags; int want; } cases[] = {
		{ 4, 8, 1, 0, 0 },
		{ 4, 1, 1, 0, 0 },
		{ 4, 8, 1, BPF_F_RDONLY, 0 },
		{ 4, 8, 1, BPF_F_RDONLY_PROG, 0 },
		{ 8, 8, 1, 0, -EINVAL },
		{ 0, 8, 1, 0, -EINVAL },
		{ 4, 0, 1, 0, -EINVAL },
		{ 4, 8, 0, 0, -EINVAL },
		{ 4, 8, 1, BPF_F_NO_PREALLOC, -EINVAL },
		{ 4, 8, 1, UNKNOWN_FLAG, -EINVAL },
		{ 4, 8, 1, BPF_F_RDONLY | BPF_F_WRONLY, -EINVAL },
		{ 4, UINT32_MAX, 1, 0, -E2BIG },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int fd = map_create_flags(BPF_MAP_TYPE_ARRAY, cases[i].key, cases[i].value,
					  cases[i].entries, cases[i].flags);

		EXPECT_EQ(cases[i].want, errno_of(fd)) { TH_LOG("case %zu", i); }
		close(fd);
	}
}

TEST(array_operations)
{
	int fd = map_create(BPF_MAP_TYPE_ARRAY, 4, 12, 3);
	__u32 key = 0, next = 77;
	char value[12] = "hello", got[12];

	ASSERT_LE(0, fd);
	/* every element exists from the beginning, and is zero */
	memset(got, 0xff, sizeof(got));
	EXPECT_EQ(0, map_lookup(fd, &key, got));
	EXPECT_EQ(0, got[0] | got[11]);
	EXPECT_EQ(-EEXIST, map_update(fd, &key, value, BPF_NOEXIST));
	EXPECT_EQ(0, map_update(fd, &key, value, BPF_ANY));
	EXPECT_EQ(0, map_update(fd, &key, value, BPF_EXIST));
	EXPECT_EQ(0, map_lookup(fd, &key, got));
	EXPECT_STREQ("hello", got);
	EXPECT_EQ(-EINVAL, map_delete(fd, &key));
	EXPECT_EQ(-EINVAL, map_update(fd, &key, value, 77));
	EXPECT_EQ(-EINVAL, map_update(fd, &key, value, BPF_F_LOCK));

	key = 3;
	EXPECT_EQ(-ENOENT, map_lookup(fd, &key, got));
	EXPECT_EQ(-E2BIG, map_update(fd, &key, value, BPF_ANY));
	EXPECT_EQ(-E2BIG, map_update(fd, &key, value, BPF_NOEXIST));

	EXPECT_EQ(0, map_next_key(fd, NULL, &next));
	EXPECT_EQ(0, next);
	for (key = 0; key < 2; key++) {
		EXPECT_EQ(0, map_next_key(fd, &key, &next));
		EXPECT_EQ(key + 1, next);
	}
	EXPECT_EQ(-ENOENT, map_next_key(fd, &key, &next));
	/* a key that is not there: start again */
	key = 1000;
	EXPECT_EQ(0, map_next_key(fd, &key, &next));
	EXPECT_EQ(0, next);
	close(fd);
}

TEST(array_value_sizes)
{
	static const __u32 sizes[] = { 1, 2, 3, 7, 8, 9, 63, 64, 65, 4095, 4097 };

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		__u32 size = sizes[i], key;
		int fd = map_create(BPF_MAP_TYPE_ARRAY, 4, size, 3);
		unsigned char value[4200], got[4200];

		ASSERT_LE(0, fd);
		for (key = 0; key < 3; key++) {
			memset(value, key + 1, sizeof(value));
			EXPECT_EQ(0, map_update(fd, &key, value, BPF_ANY));
		}
		for (key = 0; key < 3; key++) {
			memset(value, key + 1, sizeof(value));
			memset(got, 0xee, sizeof(got));
			EXPECT_EQ(0, map_lookup(fd, &key, got));
			EXPECT_EQ(0, memcmp(value, got, size)) { TH_LOG("size %u", size); }
			EXPECT_EQ(0xee, got[size]) { TH_LOG("size %u: too much", size); }
		}
		close(fd);
	}
}

/* --------------------------------------------------------------- both hashes */

FIXTURE(hash)
{
	int fd, cpus;
	__u64 *value, *got;
};

FIXTURE_VARIANT(hash)
{
	__u32 type, flags;
};

FIXTURE_VARIANT_ADD(hash, prealloc)
{
	.type = BPF_MAP_TYPE_HASH,
};

FIXTURE_VARIANT_ADD(hash, no_prealloc)
{
	.type = BPF_MAP_TYPE_HASH,
	.flags = BPF_F_NO_PREALLOC,
};

FIXTURE_VARIANT_ADD(hash, percpu)
{
	.type = BPF_MAP_TYPE_PERCPU_HASH,
};

FIXTURE_VARIANT_ADD(hash, percpu_no_prealloc)
{
	.type = BPF_MAP_TYPE_PERCPU_HASH,
	.flags = BPF_F_NO_PREALLOC,
};

#define HASH_ENTRIES	8

FIXTURE_SETUP(hash)
{
	self->fd = map_create_flags(variant->type, 8, 8, HASH_ENTRIES, variant->flags);
	ASSERT_LE(0, self->fd);
	self->cpus = variant->type == BPF_MAP_TYPE_HASH ? 1 : possible_cpus();
	ASSERT_LE(1, self->cpus);
	self->value = calloc(self->cpus, sizeof(__u64));
	self->got = calloc(self->cpus, sizeof(__u64));
}

FIXTURE_TEARDOWN(hash)
{
	free(self->value);
	free(self->got);
	close(self->fd);
}

TEST_F(hash, create)
{
	static const struct { __u32 key, value, entries, flags; int want; } cases[] = {
		{ 1, 1, 1, 0, 0 },
		{ 4, 8, 1, BPF_F_ZERO_SEED, 0 },
		{ 0, 8, 1, 0, -EINVAL },
		{ 4, 0, 1, 0, -EINVAL },
		{ 4, 8, 0, 0, -EINVAL },
		{ 4, 8, 1, BPF_F_NO_COMMON_LRU, -EINVAL },
		{ 4, 8, 1, BPF_F_STACK_BUILD_ID, -EINVAL },
		{ 4, 8, 1, UNKNOWN_FLAG, -EINVAL },
		{ 4, 8, 1, BPF_F_RDONLY | BPF_F_WRONLY, -EINVAL },
		{ UINT32_MAX, 8, 1, 0, -E2BIG },
		{ 4, UINT32_MAX, 1, 0, -E2BIG },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int fd = map_create_flags(variant->type, cases[i].key, cases[i].value,
					  cases[i].entries, cases[i].flags | variant->flags);

		EXPECT_EQ(cases[i].want, errno_of(fd)) { TH_LOG("case %zu", i); }
		close(fd);
	}
}

TEST_F(hash, operations)
{
	__u64 key = 1, next = 77;

	EXPECT_EQ(-ENOENT, map_lookup(self->fd, &key, self->got));
	EXPECT_EQ(-ENOENT, map_delete(self->fd, &key));
	EXPECT_EQ(-ENOENT, map_next_key(self->fd, NULL, &next));
	EXPECT_EQ(-ENOENT, map_next_key(self->fd, &key, &next));
	EXPECT_EQ(-ENOENT, map_update(self->fd, &key, self->value, BPF_EXIST));

	self->value[0] = 111;
	EXPECT_EQ(0, map_update(self->fd, &key, self->value, BPF_NOEXIST));
	EXPECT_EQ(-EEXIST, map_update(self->fd, &key, self->value, BPF_NOEXIST));
	self->value[0] = 222;
	EXPECT_EQ(0, map_update(self->fd, &key, self->value, BPF_EXIST));
	EXPECT_EQ(0, map_lookup(self->fd, &key, self->got));
	EXPECT_EQ(222, self->got[0]);
	EXPECT_EQ(0, map_next_key(self->fd, NULL, &next));
	EXPECT_EQ(1, next);
	EXPECT_EQ(-ENOENT, map_next_key(self->fd, &key, &next)) { TH_LOG("the last"); }

	EXPECT_EQ(-EINVAL, map_update(self->fd, &key, self->value, 77));
	EXPECT_EQ(-EINVAL, map_update(self->fd, &key, self->value, BPF_F_LOCK));
	EXPECT_EQ(0, map_delete(self->fd, &key));
	EXPECT_EQ(-ENOENT, map_delete(self->fd, &key));
	EXPECT_EQ(-ENOENT, map_lookup(self->fd, &key, self->got));
}

TEST_F(hash, full)
{
	__u64 key;

	for (key = 0; key < HASH_ENTRIES; key++)
		EXPECT_EQ(0, map_update(self->fd, &key, self->value, BPF_ANY));
	EXPECT_EQ(-E2BIG, map_update(self->fd, &key, self->value, BPF_ANY));
	EXPECT_EQ(-E2BIG, map_update(self->fd, &key, self->value, BPF_NOEXIST));
	EXPECT_EQ(-ENOENT, map_update(self->fd, &key, self->value, BPF_EXIST));
	EXPECT_EQ(-ENOENT, map_lookup(self->fd, &key, self->got));

	/* an existing element can still be written, and a deleted one makes room */
	key = 3;
	EXPECT_EQ(0, map_update(self->fd, &key, self->value, BPF_ANY));
	EXPECT_EQ(0, map_delete(self->fd, &key));
	key = 1000;
	EXPECT_EQ(0, map_update(self->fd, &key, self->value, BPF_ANY));
	key = 1001;
	EXPECT_EQ(-E2BIG, map_update(self->fd, &key, self->value, BPF_ANY));
}

/* a walk visits each element once; a key that has gone restarts it */
TEST_F(hash, walk)
{
	unsigned int seen = 0, steps = 0;
	__u64 key, next, first;

	for (key = 0; key < HASH_ENTRIES; key++)
		ASSERT_EQ(0, map_update(self->fd, &key, self->value, BPF_ANY));
	ASSERT_EQ(0, map_next_key(self->fd, NULL, &first));
	next = first;
	do {
		key = next;
		seen |= 1 << key;
		steps++;
	} while (!map_next_key(self->fd, &key, &next) && steps < 100);
	EXPECT_EQ(HASH_ENTRIES, steps);
	EXPECT_EQ((1 << HASH_ENTRIES) - 1, seen);
	key = 4711;
	EXPECT_EQ(0, map_next_key(self->fd, &key, &next));
	EXPECT_EQ(first, next);
}

/* Churn far beyond the capacity: elements and memory come back. */
TEST_F(hash, reuse)
{
	for (__u64 key = 0; key < 2000; key++) {
		self->value[0] = key * 3;
		ASSERT_EQ(0, map_update(self->fd, &key, self->value, BPF_NOEXIST));
		ASSERT_EQ(0, map_lookup(self->fd, &key, self->got));
		ASSERT_EQ(key * 3, self->got[0]);
		ASSERT_EQ(0, map_delete(self->fd, &key));
	}
}

struct writer {
	int fd, cpus, failed;
	__u64 id;
};

#define ROUNDS	300

/* each thread owns one key, which no other touches; all fight over key 0 */
static void *write_elements(void *arg)
{
	struct writer *w = arg;
	__u64 value[w->cpus], own = w->id, shared = 0;

	for (__u64 round = 1; round <= ROUNDS; round++) {
		int ret;

		memset(value, 0, sizeof(value));
		value[0] = round;
		if (map_update(w->fd, &own, value, BPF_ANY))
			w->failed = 1;
		if (map_lookup(w->fd, &own, value) || value[0] != round)
			w->failed = 2;
		ret = map_update(w->fd, &shared, value, BPF_ANY);
		if (ret && ret != -E2BIG)
			w->failed = 3;
		ret = map_delete(w->fd, &shared);
		if (ret && ret != -ENOENT)
			w->failed = 4;
		ret = map_delete(w->fd, &own);
		if (ret)
			w->failed = ret;
	}
	return NULL;
}

TEST_F(hash, concurrent_writers)
{
	struct writer writers[4];
	pthread_t threads[ARRAY_SIZE(writers)];
	__u64 key = 0, next;

	for (size_t i = 0; i < ARRAY_SIZE(writers); i++) {
		writers[i] = (struct writer) { self->fd, self->cpus, 0, i + 1 };
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, write_elements, &writers[i]));
	}
	for (size_t i = 0; i < ARRAY_SIZE(writers); i++) {
		pthread_join(threads[i], NULL);
		EXPECT_EQ(0, writers[i].failed);
	}
	/* nothing leaked: the whole capacity is there again */
	map_delete(self->fd, &key);
	EXPECT_EQ(-ENOENT, map_next_key(self->fd, NULL, &next));
	for (key = 0; key < HASH_ENTRIES; key++)
		EXPECT_EQ(0, map_update(self->fd, &key, self->value, BPF_NOEXIST));
	EXPECT_EQ(-E2BIG, map_update(self->fd, &key, self->value, BPF_NOEXIST));
}

/* A program may be stopped by no signal, but a map of any key size must work. */
TEST(hash_key_sizes)
{
	static const __u32 sizes[] = { 1, 3, 4, 7, 8, 12, 16, 17, 64, 200, 512 };

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		__u32 size = sizes[i], value = size, got = 0;
		int fd = map_create(BPF_MAP_TYPE_HASH, size, 4, 4);
		unsigned char key[512], next[512];

		ASSERT_LE(0, fd) { TH_LOG("size %u", size); }
		memset(key, 0xab, sizeof(key));
		EXPECT_EQ(0, map_update(fd, key, &value, BPF_ANY));
		EXPECT_EQ(0, map_lookup(fd, key, &got));
		EXPECT_EQ(size, got);
		EXPECT_EQ(0, map_next_key(fd, NULL, next));
		EXPECT_EQ(0, memcmp(key, next, size));
		/* every byte of the key counts */
		key[size - 1] ^= 1;
		EXPECT_EQ(-ENOENT, map_lookup(fd, key, &got));
		key[size - 1] ^= 1;
		key[0] ^= 0x80;
		EXPECT_EQ(-ENOENT, map_lookup(fd, key, &got));
		close(fd);
	}
}

/* ------------------------------------------------------------ per-CPU values */

TEST(percpu_values)
{
	int fd = map_create(BPF_MAP_TYPE_PERCPU_HASH, 4, 4, 4), cpus = possible_cpus();
	__u64 values[cpus];	/* each value takes a multiple of 8 bytes */
	__u32 key = 5;

	ASSERT_LE(0, fd);
	for (int cpu = 0; cpu < cpus; cpu++)
		values[cpu] = 0xffffffff00000000ULL | (100 + cpu);
	ASSERT_EQ(0, map_update(fd, &key, values, BPF_ANY));
	memset(values, 0xff, sizeof(values));
	ASSERT_EQ(0, map_lookup(fd, &key, values));
	for (int cpu = 0; cpu < cpus; cpu++)
		EXPECT_EQ(100 + cpu, (__u32)values[cpu]);
	close(fd);
}

/* A program sees the value of the CPU that it runs on; the others of a new element are 0. */
TEST(percpu_from_a_program)
{
	int fd = map_create(BPF_MAP_TYPE_PERCPU_HASH, 4, 8, 4), cpus = possible_cpus();
	__u64 values[cpus];
	__u32 key = 5;
	char packet[64] = {};
	union bpf_attr attr = {
		.test.data_in = ptr_to_u64(packet),
		.test.data_size_in = sizeof(packet),
		.test.repeat = 3,
	};
	int prog, here;
	cpu_set_t set;

	prog = PROG_LOAD(BPF_PROG_TYPE_SOCKET_FILTER,
			 BPF_ST_MEM(BPF_W, BPF_REG_10, -4, 5),
			 BPF_LD_MAP_FD(BPF_REG_1, fd),
			 BPF_MOV64_REG(BPF_REG_2, BPF_REG_10),
			 BPF_ALU64_IMM(BPF_ADD, BPF_REG_2, -4),
			 BPF_EMIT_CALL(BPF_FUNC_map_lookup_elem),
			 BPF_JMP_IMM(BPF_JEQ, BPF_REG_0, 0, 4),
			 BPF_MOV64_IMM(BPF_REG_1, 1),
			 BPF_ATOMIC_OP(BPF_DW, BPF_ADD, BPF_REG_0, BPF_REG_1, 0),
			 RETURN(0),
			 BPF_ST_MEM(BPF_DW, BPF_REG_10, -16, 1),
			 BPF_LD_MAP_FD(BPF_REG_1, fd),
			 BPF_MOV64_REG(BPF_REG_2, BPF_REG_10),
			 BPF_ALU64_IMM(BPF_ADD, BPF_REG_2, -4),
			 BPF_MOV64_REG(BPF_REG_3, BPF_REG_10),
			 BPF_ALU64_IMM(BPF_ADD, BPF_REG_3, -16),
			 BPF_MOV64_IMM(BPF_REG_4, BPF_ANY),
			 BPF_EMIT_CALL(BPF_FUNC_map_update_elem),
			 RETURN(0));
	ASSERT_LE(0, prog);
	CPU_ZERO(&set);
	here = sched_getcpu();
	CPU_SET(here, &set);
	ASSERT_EQ(0, sched_setaffinity(0, sizeof(set), &set));
	attr.test.prog_fd = prog;
	ASSERT_EQ(0, sys_bpf(BPF_PROG_TEST_RUN, &attr));
	ASSERT_EQ(0, map_lookup(fd, &key, values));
	for (int cpu = 0; cpu < cpus; cpu++)
		EXPECT_EQ(cpu == here ? 3 : 0, values[cpu]);
	close(prog);
	close(fd);
}

/* --------------------------------------------------------- perf event array */

static int software_event(__u64 config)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = config,
		.sample_type = PERF_SAMPLE_RAW,
		.sample_period = 1,
	};

	return syscall(__NR_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
}

TEST(perf_event_array_create)
{
	static const struct { __u32 key, value, entries, flags; int want; } cases[] = {
		{ 4, 4, 1, 0, 0 },
		{ 8, 4, 1, 0, -EINVAL },
		{ 4, 8, 1, 0, -EINVAL },
		{ 4, 4, 0, 0, -EINVAL },
		{ 4, 4, 1, BPF_F_NO_PREALLOC, -EINVAL },
		{ 4, 4, 1, BPF_F_RDONLY_PROG, -EINVAL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int fd = map_create_flags(BPF_MAP_TYPE_PERF_EVENT_ARRAY, cases[i].key,
					  cases[i].value, cases[i].entries, cases[i].flags);

		EXPECT_EQ(cases[i].want, errno_of(fd)) { TH_LOG("case %zu", i); }
		close(fd);
	}
}

TEST(perf_event_array_operations)
{
	int fd = map_create(BPF_MAP_TYPE_PERF_EVENT_ARRAY, 4, 4, 2), event, bad, null;
	__u32 key = 0, next = 77, got;

	ASSERT_LE(0, fd);
	event = software_event(PERF_COUNT_SW_BPF_OUTPUT);
	ASSERT_LE(0, event) { TH_LOG("perf_event_open: %m"); }
	null = open("/dev/null", O_RDONLY);
	bad = -1;

	EXPECT_EQ(0, map_update(fd, &key, &event, BPF_ANY));
	EXPECT_EQ(0, map_update(fd, &key, &event, BPF_ANY)) { TH_LOG("replacing"); }
	EXPECT_EQ(-EBADF, map_update(fd, &key, &bad, BPF_ANY));
	EXPECT_EQ(-EBADF, map_update(fd, &key, &null, BPF_ANY)) { TH_LOG("not an event"); }
	EXPECT_EQ(-EINVAL, map_update(fd, &key, &event, BPF_NOEXIST));
	EXPECT_EQ(-EINVAL, map_update(fd, &key, &event, BPF_EXIST));
	EXPECT_EQ(-ENOTSUPP, map_lookup(fd, &key, &got)) { TH_LOG("a descriptor is no value"); }
	EXPECT_EQ(0, map_delete(fd, &key));
	EXPECT_EQ(-ENOENT, map_delete(fd, &key));

	key = 2;
	EXPECT_EQ(-E2BIG, map_update(fd, &key, &event, BPF_ANY));
	EXPECT_EQ(-E2BIG, map_delete(fd, &key));
	EXPECT_EQ(0, map_next_key(fd, NULL, &next));
	EXPECT_EQ(0, next);
	close(null);
	close(event);
	close(fd);
}

/*
 * A map whose last descriptor is closed loses its events, also while a program keeps it:
 * an event may belong to whoever reads the map.  Unless that is asked not to be.
 */
TEST(perf_event_array_last_close)
{
	static const struct { __u32 flags; int want; } cases[] = {
		{ 0, -ENOENT }, { BPF_F_PRESERVE_ELEMS, 0 },
	};
	int event = software_event(PERF_COUNT_SW_BPF_OUTPUT);
	__u32 key = 0;

	ASSERT_LE(0, event);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int fd = map_create_flags(BPF_MAP_TYPE_PERF_EVENT_ARRAY, 4, 4, 1, cases[i].flags);
		int prog = PROG_LOAD(BPF_PROG_TYPE_KPROBE, BPF_LD_MAP_FD(BPF_REG_1, fd), RETURN(0));
		struct bpf_map_info info;

		ASSERT_LE(0, prog);
		ASSERT_EQ(0, get_map_info(fd, &info));
		ASSERT_EQ(0, map_update(fd, &key, &event, BPF_ANY));
		close(fd);
		fd = fd_by_id(BPF_MAP_GET_FD_BY_ID, info.id);
		ASSERT_LE(0, fd);
		EXPECT_EQ(cases[i].want, map_delete(fd, &key)) { TH_LOG("case %zu", i); }
		close(fd);
		close(prog);
	}
	close(event);
}

/* The file that counts is the one through which the event was set. */
TEST(perf_event_array_owner)
{
	int fd = map_create(BPF_MAP_TYPE_PERF_EVENT_ARRAY, 4, 4, 1), again;
	int event = software_event(PERF_COUNT_SW_BPF_OUTPUT);
	struct bpf_map_info info;
	__u32 key = 0;

	ASSERT_LE(0, event);
	ASSERT_EQ(0, get_map_info(fd, &info));
	again = fd_by_id(BPF_MAP_GET_FD_BY_ID, info.id);
	ASSERT_LE(0, again);
	ASSERT_EQ(0, map_update(again, &key, &event, BPF_ANY));
	close(again);
	EXPECT_EQ(-ENOENT, map_delete(fd, &key));

	again = fd_by_id(BPF_MAP_GET_FD_BY_ID, info.id);
	ASSERT_EQ(0, map_update(fd, &key, &event, BPF_ANY));
	close(again);
	EXPECT_EQ(0, map_delete(fd, &key));
	close(event);
	close(fd);
}

/* -------------------------------------------------------------- access rights */

TEST(access_rights)
{
	int reader = map_create_flags(BPF_MAP_TYPE_HASH, 4, 4, 4, BPF_F_RDONLY);
	int writer = map_create_flags(BPF_MAP_TYPE_HASH, 4, 4, 4, BPF_F_WRONLY);
	__u32 key = 0, value = 0;

	ASSERT_LE(0, reader);
	ASSERT_LE(0, writer);
	EXPECT_EQ(-EPERM, map_update(reader, &key, &value, BPF_ANY));
	EXPECT_EQ(-EPERM, map_delete(reader, &key));
	EXPECT_EQ(-ENOENT, map_lookup(reader, &key, &value));
	EXPECT_EQ(0, map_update(writer, &key, &value, BPF_ANY));
	EXPECT_EQ(-EPERM, map_lookup(writer, &key, &value));
	EXPECT_EQ(-EPERM, map_next_key(writer, NULL, &key));
	close(reader);
	close(writer);
}

TEST(bad_pointers)
{
	int fd = map_create(BPF_MAP_TYPE_HASH, 4, 4, 4);
	__u32 key = 0, value = 0;
	void *bad = (void *)8;

	ASSERT_EQ(0, map_update(fd, &key, &value, BPF_ANY));
	EXPECT_EQ(-EFAULT, map_update(fd, bad, &value, BPF_ANY));
	EXPECT_EQ(-EFAULT, map_update(fd, &key, bad, BPF_ANY));
	EXPECT_EQ(-EFAULT, map_lookup(fd, bad, &value));
	EXPECT_EQ(-EFAULT, map_lookup(fd, &key, bad));
	EXPECT_EQ(-EFAULT, map_delete(fd, bad));
	EXPECT_EQ(-EFAULT, map_next_key(fd, bad, &value));
	EXPECT_EQ(-EFAULT, map_next_key(fd, NULL, bad));
	close(fd);
}

TEST_HARNESS_MAIN
