// SPDX-License-Identifier: GPL-2.0-only
/*
 * Many elements of a map in one system call: BPF_MAP_*_BATCH.
 */
#include "lib/harness.h"
#include "lib/bpf_sys.h"

#define MANY	100
#define WORDS	64	/* room for a value on each CPU */

/* Where a walk goes on: a key, or 4 bytes for the hashes, whichever is more. */
struct position {
	__u64 opaque;
};

static int batch(int cmd, int map, struct position *in, struct position *out, void *keys,
		 void *values, __u32 *count, __u64 elem_flags)
{
	union bpf_attr attr = {
		.batch.in_batch = ptr_to_u64(in),
		.batch.out_batch = ptr_to_u64(out),
		.batch.keys = ptr_to_u64(keys),
		.batch.values = ptr_to_u64(values),
		.batch.count = *count,
		.batch.map_fd = map,
		.batch.elem_flags = elem_flags,
	};
	int ret = sys_bpf(cmd, &attr);

	*count = attr.batch.count;
	return ret;
}

/* the value of a key on a CPU */
static __u64 value_of(__u64 key, int cpu)
{
	return key * 1000 + cpu + 7;
}

FIXTURE(batch)
{
	int map, words;
	__u64 values[MANY * WORDS];
	__u32 keys[MANY];
};

FIXTURE_VARIANT(batch)
{
	__u32 type, flags;
	bool percpu, is_array;
};

FIXTURE_VARIANT_ADD(batch, hash) { .type = BPF_MAP_TYPE_HASH };

FIXTURE_VARIANT_ADD(batch, hash_no_prealloc) {
	.type = BPF_MAP_TYPE_HASH, .flags = BPF_F_NO_PREALLOC
};

FIXTURE_VARIANT_ADD(batch, percpu_hash) { .type = BPF_MAP_TYPE_PERCPU_HASH, .percpu = true };

FIXTURE_VARIANT_ADD(batch, lru_hash) { .type = BPF_MAP_TYPE_LRU_HASH };

FIXTURE_VARIANT_ADD(batch, lru_percpu_hash) {
	.type = BPF_MAP_TYPE_LRU_PERCPU_HASH, .percpu = true
};

FIXTURE_VARIANT_ADD(batch, array) { .type = BPF_MAP_TYPE_ARRAY, .is_array = true };

FIXTURE_VARIANT_ADD(batch, percpu_array) {
	.type = BPF_MAP_TYPE_PERCPU_ARRAY, .percpu = true, .is_array = true
};

FIXTURE_SETUP(batch)
{
	__u32 count = MANY;

	/* an LRU map may evict before it is full */
	self->map = map_create_flags(variant->type, 4, 8, variant->is_array ? MANY : MANY * 40,
				     variant->flags);
	ASSERT_LE(0, self->map);
	self->words = variant->percpu ? possible_cpus() : 1;
	ASSERT_GE(WORDS, self->words);
	for (__u32 i = 0; i < MANY; i++) {
		self->keys[i] = i;
		for (int cpu = 0; cpu < self->words; cpu++)
			self->values[i * self->words + cpu] = value_of(i, cpu);
	}
	ASSERT_EQ(0, batch(BPF_MAP_UPDATE_BATCH, self->map, NULL, NULL, self->keys, self->values,
			   &count, BPF_ANY));
	ASSERT_EQ(MANY, count);
	memset(self->keys, 0xff, sizeof(self->keys));
	memset(self->values, 0xff, sizeof(self->values));
}

FIXTURE_TEARDOWN(batch)
{
	close(self->map);
}

/* Are these @count elements what the setup wrote?  Marks the keys that were there. */
static bool elements_ok(const __u32 *keys, const __u64 *values, __u32 count, int words,
			bool *seen)
{
	for (__u32 i = 0; i < count; i++) {
		if (keys[i] >= MANY || seen[keys[i]])
			return false;
		seen[keys[i]] = true;
		for (int cpu = 0; cpu < words; cpu++)
			if (values[i * words + cpu] != value_of(keys[i], cpu))
				return false;
	}
	return true;
}

TEST_F(batch, all_at_once)
{
	bool seen[MANY] = {};
	struct position out = {};
	__u32 count = MANY;
	int ret = batch(BPF_MAP_LOOKUP_BATCH, self->map, NULL, &out, self->keys, self->values,
			&count, 0);

	/* the end may be reached with or after the last element */
	ASSERT_TRUE(ret == 0 || ret == -ENOENT) {
		TH_LOG("%d", ret);
	}
	EXPECT_EQ(MANY, count);
	EXPECT_TRUE(elements_ok(self->keys, self->values, count, self->words, seen));
	if (!ret) {
		count = MANY;
		EXPECT_EQ(-ENOENT, batch(BPF_MAP_LOOKUP_BATCH, self->map, &out, &out, self->keys,
					 self->values, &count, 0));
		EXPECT_EQ(0, count);
	}
}

/* A part larger than any bucket at a time; nothing is missed, nothing comes twice. */
TEST_F(batch, in_parts)
{
	bool seen[MANY] = {};
	struct position position = {}, *in = NULL;
	__u32 total = 0, count;
	int ret;

	do {
		count = 30;
		ret = batch(BPF_MAP_LOOKUP_BATCH, self->map, in, &position, self->keys,
			    self->values, &count, 0);
		ASSERT_TRUE(ret == 0 || ret == -ENOENT) {
			TH_LOG("%d", ret);
		}
		ASSERT_GE(30, count);
		ASSERT_TRUE(elements_ok(self->keys, self->values, count, self->words, seen));
		total += count;
		in = &position;
	} while (!ret);
	EXPECT_EQ(MANY, total);
}

TEST_F(batch, taken)
{
	bool seen[MANY] = {};
	struct position out = {};
	__u32 count = MANY, total;
	int ret;

	ret = batch(BPF_MAP_LOOKUP_AND_DELETE_BATCH, self->map, NULL, &out, self->keys,
		    self->values, &count, 0);
	if (variant->is_array) {
		EXPECT_EQ(-ENOTSUPP, ret);
		return;
	}
	ASSERT_TRUE(ret == 0 || ret == -ENOENT) {
		TH_LOG("%d", ret);
	}
	total = count;
	EXPECT_EQ(MANY, total);
	EXPECT_TRUE(elements_ok(self->keys, self->values, count, self->words, seen));
	EXPECT_EQ(-ENOENT, map_next_key(self->map, NULL, self->keys));
}

TEST_F(batch, deleted)
{
	__u32 keys[4] = { 3, 1, MANY + 5, 2 };
	__u64 values[WORDS];
	__u32 count = 4, key;
	int ret = batch(BPF_MAP_DELETE_BATCH, self->map, NULL, NULL, keys, NULL, &count, 0);

	if (variant->is_array) {
		EXPECT_EQ(-ENOTSUPP, ret);
		return;
	}
	/* it ends where one is missing */
	EXPECT_EQ(-ENOENT, ret);
	EXPECT_EQ(2, count);
	key = 1;
	EXPECT_EQ(-ENOENT, map_lookup(self->map, &key, values));
	key = 2;
	EXPECT_EQ(0, map_lookup(self->map, &key, values));
}

/* The description in linux/bpf.h knows more flags than the kernel ever took. */
TEST_F(batch, update_flags)
{
	static const __u64 flags[] = { BPF_NOEXIST, BPF_EXIST, BPF_F_LOCK, 8 };
	__u32 keys[2] = { 5, 6 };
	__u64 values[2 * WORDS] = {};

	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		__u32 count = 2;

		EXPECT_EQ(-EINVAL, batch(BPF_MAP_UPDATE_BATCH, self->map, NULL, NULL, keys,
					 values, &count, flags[i]));
	}
	EXPECT_EQ(0, map_lookup(self->map, &keys[1], values));
	EXPECT_EQ(value_of(6, 0), values[0]);
}

TEST_F(batch, errors)
{
	struct position out = {};
	__u32 count;

	count = 0;
	EXPECT_EQ(0, batch(BPF_MAP_LOOKUP_BATCH, self->map, NULL, &out, self->keys, self->values,
			   &count, 0));
	EXPECT_EQ(0, count);
	count = 0;
	EXPECT_EQ(0, batch(BPF_MAP_UPDATE_BATCH, self->map, NULL, NULL, self->keys, self->values,
			   &count, 0));
	count = MANY;
	EXPECT_EQ(-EINVAL, batch(BPF_MAP_LOOKUP_BATCH, self->map, NULL, &out, self->keys,
				 self->values, &count, 1));
	count = MANY;
	EXPECT_EQ(-EINVAL, batch(BPF_MAP_LOOKUP_BATCH, self->map, NULL, &out, self->keys,
				 self->values, &count, BPF_F_LOCK));
	count = MANY;
	EXPECT_EQ(-EFAULT, batch(BPF_MAP_LOOKUP_BATCH, self->map, NULL, &out, NULL,
				 self->values, &count, 0));
	count = MANY;
	EXPECT_EQ(-EFAULT, batch(BPF_MAP_LOOKUP_BATCH, self->map, NULL, &out, self->keys,
				 NULL, &count, 0));
	count = MANY;
	EXPECT_EQ(-EFAULT, batch(BPF_MAP_LOOKUP_BATCH, self->map, NULL, NULL, self->keys,
				 self->values, &count, 0));
	count = MANY;
	EXPECT_EQ(-EFAULT, batch(BPF_MAP_LOOKUP_BATCH, self->map, (void *)8, &out, self->keys,
				 self->values, &count, 0));
	count = MANY;
	EXPECT_EQ(-EFAULT, batch(BPF_MAP_UPDATE_BATCH, self->map, NULL, NULL, NULL,
				 self->values, &count, 0));
}

TEST(other_types)
{
	static const struct { __u32 type, key_size, value_size, flags; int ret; } types[] = {
		{ BPF_MAP_TYPE_QUEUE, 0, 8, 0, -ENOTSUPP },
		{ BPF_MAP_TYPE_PERF_EVENT_ARRAY, 4, 4, 0, -ENOTSUPP },
		{ BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 0, -ENOTSUPP },
		{ BPF_MAP_TYPE_STACK_TRACE, 4, 64, 0, -ENOTSUPP },
		{ BPF_MAP_TYPE_LPM_TRIE, 8, 4, BPF_F_NO_PREALLOC, -ENOENT },
	};
	__u64 keys[8], values[8], out;

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		int map = map_create_flags(types[i].type, types[i].key_size, types[i].value_size,
					   4, types[i].flags);
		__u32 count = 4;

		ASSERT_LE(0, map);
		EXPECT_EQ(types[i].ret, batch(BPF_MAP_LOOKUP_BATCH, map, NULL, (void *)&out, keys,
					      values, &count, 0)) {
			TH_LOG("map type %u", types[i].type);
		}
		close(map);
	}
}

TEST(trie)
{
	int map = map_create_flags(BPF_MAP_TYPE_LPM_TRIE, 8, 4, 16, BPF_F_NO_PREALLOC);
	struct { __u32 bits; __u8 data[4]; } keys[4] = {
		{ 8, { 10 } }, { 16, { 10, 1 } }, { 24, { 10, 1, 2 } }, { 32, { 10, 1, 2, 3 } },
	}, out[4] = {};
	__u32 values[4] = { 1, 2, 3, 4 }, read[4] = {}, sum = 0, count = 4;
	__u64 position;
	int ret;

	ASSERT_LE(0, map);
	ASSERT_EQ(0, batch(BPF_MAP_UPDATE_BATCH, map, NULL, NULL, keys, values, &count, 0));
	count = 3;
	ASSERT_EQ(0, batch(BPF_MAP_LOOKUP_BATCH, map, NULL, (void *)&position, out, read, &count,
			   0));
	ASSERT_EQ(3, count);
	sum = read[0] + read[1] + read[2];
	count = 4;
	ret = batch(BPF_MAP_LOOKUP_BATCH, map, (void *)&position, (void *)&position, out, read,
		    &count, 0);
	EXPECT_EQ(-ENOENT, ret);
	ASSERT_EQ(1, count);
	EXPECT_EQ(10, sum + read[0]);
	count = 2;
	EXPECT_EQ(0, batch(BPF_MAP_DELETE_BATCH, map, NULL, NULL, keys, NULL, &count, 0));
	EXPECT_EQ(-ENOENT, map_lookup(map, &keys[0], read));
	EXPECT_EQ(0, map_lookup(map, &keys[3], read));
	close(map);
}

TEST_HARNESS_MAIN
