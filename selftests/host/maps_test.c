// SPDX-License-Identifier: GPL-2.0-only
/*
 * The map algorithms: what each call answers (tables), what they hold after many
 * random calls (a plain model beside them), what readers see while others write,
 * and every allocation failing once.
 */
#include <pthread.h>
#include "../../kernel/bvm.h"
#include "../../kernel/maps/htab.h"
#include "ktap.h"

extern const struct bvm_map_type bvm_array_map, bvm_hash_map, bvm_percpu_hash_map,
	bvm_percpu_array_map;

#define ARRAY	(&bvm_array_map)
#define PARRAY	(&bvm_percpu_array_map)
#define HASH	(&bvm_hash_map)
#define PHASH	(&bvm_percpu_hash_map)

/* As core/ makes a map. */
static struct bvm_map *make(const struct bvm_map_type *type, u32 key_size, u32 value_size,
			    u32 max_entries, u32 flags)
{
	struct bvm_map_spec spec = {
		.type = type->id,
		.key_size = key_size,
		.value_size = value_size,
		.max_entries = max_entries,
		.flags = flags,
		.numa_node = NUMA_NO_NODE,
	};
	struct bvm_map *map;

	if (type->check(&spec))
		return NULL;
	map = type->alloc(&spec);
	if (IS_ERR(map))
		return NULL;
	map->type = type;
	map->key_size = key_size;
	map->value_size = value_size;
	map->max_entries = max_entries;
	map->flags = flags;
	map->numa_node = NUMA_NO_NODE;
	return map;
}

static void drop(struct bvm_map *map)
{
	map->type->free(map);
}

/* What core/ does for BPF_MAP_UPDATE_ELEM and BPF_MAP_LOOKUP_ELEM. */
static int sys_update(struct bvm_map *map, const void *key, const void *value, u64 flags)
{
	return map->type->copy_in ? map->type->copy_in(map, key, value, flags) :
				    map->type->update(map, key, value, flags);
}

static int sys_lookup(struct bvm_map *map, const void *key, void *value)
{
	void *p;

	if (map->type->copy_out)
		return map->type->copy_out(map, key, value, 0);
	p = map->type->lookup(map, key);
	if (!p)
		return -ENOENT;
	memcpy(value, p, map->value_size);
	return 0;
}

/* ------------------------------------------------------------- requests */

/* As the stock kernel answers them. */
static const struct {
	const struct bvm_map_type *type;
	u32 key_size, value_size, max_entries, flags;
	int want;
} requests[] = {
	{ ARRAY, 4, 8, 2, 0, 0 },
	{ ARRAY, 8, 8, 2, 0, -EINVAL },
	{ ARRAY, 0, 8, 2, 0, -EINVAL },
	{ ARRAY, 4, 0, 2, 0, -EINVAL },
	{ ARRAY, 4, 8, 0, 0, -EINVAL },
	{ ARRAY, 4, 1 << 22, 1, 0, 0 },
	{ ARRAY, 4, INT_MAX, 1, 0, 0 },
	{ ARRAY, 4, 1U << 31, 1, 0, -E2BIG },
	{ ARRAY, 4, U32_MAX, 1, 0, -E2BIG },
	{ ARRAY, 4, 8, 2, BPF_F_NO_PREALLOC, -EINVAL },
	{ ARRAY, 4, 8, 2, BPF_F_ZERO_SEED, -EINVAL },
	{ ARRAY, 4, 8, 2, BPF_F_PRESERVE_ELEMS, -EINVAL },
	{ ARRAY, 4, 8, 2, BPF_F_INNER_MAP, 0 },
	{ ARRAY, 4, 8, 2, BPF_F_NUMA_NODE, 0 },
	{ ARRAY, 4, 8, 2, BPF_F_RDONLY_PROG, 0 },
	{ ARRAY, 4, 8, 2, BPF_F_RDONLY | BPF_F_WRONLY, -EINVAL },
	{ ARRAY, 4, 8, 2, BPF_F_RDONLY_PROG | BPF_F_WRONLY_PROG, -EINVAL },
	{ PARRAY, 4, 8, 2, 0, 0 },
	{ PARRAY, 8, 8, 2, 0, -EINVAL },
	{ PARRAY, 4, 0, 2, 0, -EINVAL },
	{ PARRAY, 4, 8, 0, 0, -EINVAL },
	{ PARRAY, 4, 32768, 2, 0, 0 },
	{ PARRAY, 4, 32769, 2, 0, -E2BIG },
	{ PARRAY, 4, 8, 2, BPF_F_RDONLY_PROG, 0 },
	{ PARRAY, 4, 8, 2, BPF_F_NUMA_NODE, -EINVAL },
	{ PARRAY, 4, 8, 2, BPF_F_INNER_MAP, -EINVAL },
	{ PARRAY, 4, 8, 2, BPF_F_MMAPABLE, -EINVAL },
	{ HASH, 4, 8, 2, 0, 0 },
	{ HASH, 0, 8, 2, 0, -EINVAL },
	{ HASH, 4, 0, 2, 0, -EINVAL },
	{ HASH, 4, 8, 0, 0, -EINVAL },
	{ HASH, 512, 8, 2, 0, 0 },
	{ HASH, 513, 8, 2, 0, 0 },
	{ HASH, 4, (1 << 22) - 60, 1, 0, 0 },
	{ HASH, 4, 1 << 22, 1, 0, -E2BIG },
	{ HASH, 1 << 22, 8, 1, 0, -E2BIG },
	{ HASH, U32_MAX, U32_MAX, 1, 0, -E2BIG },
	{ HASH, 4, 8, 1 << 27, 0, 0 },
	{ HASH, 4, 8, (1 << 27) + 1, 0, -E2BIG },
	{ HASH, 4, 8, U32_MAX, 0, -E2BIG },
	{ HASH, 4, 8, 2, BPF_F_NO_PREALLOC, 0 },
	{ HASH, 4, 8, 2, BPF_F_NO_COMMON_LRU, -EINVAL },
	{ HASH, 4, 8, 2, BPF_F_ZERO_SEED, 0 },
	{ HASH, 4, 8, 2, BPF_F_MMAPABLE, -EINVAL },
	{ HASH, 4, 8, 2, BPF_F_INNER_MAP, -EINVAL },
	{ HASH, 4, 8, 2, BPF_F_NUMA_NODE, 0 },
	{ HASH, 4, 8, 2, BPF_F_RDONLY_PROG | BPF_F_WRONLY_PROG, -EINVAL },
	{ PHASH, 4, 8, 2, 0, 0 },
	{ PHASH, 4, 0, 2, 0, -EINVAL },
	{ PHASH, 4, 32768, 2, 0, 0 },
	{ PHASH, 4, 32769, 2, 0, -E2BIG },
	{ PHASH, 4, 8, 2, BPF_F_NO_PREALLOC, 0 },
	{ PHASH, 4, 8, 2, BPF_F_NUMA_NODE, -EINVAL },
};

static void test_requests(void)
{
	struct bvm_map_spec spec = { .key_size = 4, .value_size = 8, .max_entries = 2,
				     .flags = BPF_F_ZERO_SEED };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(requests); i++) {
		const struct bvm_map_spec s = {
			.type = requests[i].type->id,
			.key_size = requests[i].key_size,
			.value_size = requests[i].value_size,
			.max_entries = requests[i].max_entries,
			.flags = requests[i].flags,
		};
		int err = requests[i].type->check(&s);

		CHECK(err == requests[i].want, "row %u: %d, want %d", i, err, requests[i].want);
		CHECK(err || !(s.flags & ~requests[i].type->flags), "row %u: flags", i);
	}
	host_capable = false;
	CHECK_EQ(HASH->check(&spec), -EPERM);
	host_capable = true;
}

/* ------------------------------------------------------------ semantics */

enum op { UPDATE, LOOKUP, DELETE, NEXT, COUNT };

/* One call after the other on a map of two entries, u32 keys and u64 values. */
struct step {
	enum op op;
	u32 key;
	u64 flags;		/* of UPDATE */
	s64 value;		/* to UPDATE; expected by LOOKUP and NEXT */
	int want;
};

static const struct step array_steps[] = {
	{ LOOKUP, 0, .value = 0 },
	{ UPDATE, 1, BPF_ANY, 1234 },
	{ UPDATE, 1, BPF_NOEXIST, 1, -EEXIST },
	{ LOOKUP, 1, .value = 1234 },
	{ UPDATE, 1, BPF_EXIST, 1235 },
	{ LOOKUP, 1, .value = 1235 },
	{ UPDATE, 2, BPF_ANY, 1, -E2BIG },
	{ UPDATE, 2, BPF_NOEXIST, 1, -E2BIG },
	{ UPDATE, 2, BPF_EXIST, 1, -E2BIG },
	{ UPDATE, 2, 3, 1, -EINVAL },
	{ UPDATE, 1, 3, 1, -EINVAL },
	{ UPDATE, 1, BPF_F_LOCK, 1, -EINVAL },
	{ UPDATE, 1, -1ULL, 1, -EINVAL },
	{ LOOKUP, 2, .want = -ENOENT },
	{ LOOKUP, U32_MAX, .want = -ENOENT },
	{ NEXT, 0, .value = 1 },
	{ NEXT, 1, .want = -ENOENT },
	{ NEXT, 2, .value = 0 },
	{ NEXT, U32_MAX, .value = 0 },
	{ DELETE, 1, .want = -EINVAL },
	{ DELETE, 2, .want = -EINVAL },
	{ COUNT, .value = 2 },
};

static const struct step hash_steps[] = {
	{ COUNT, .value = 0 },
	{ LOOKUP, 1, .want = -ENOENT },
	{ DELETE, 1, .want = -ENOENT },
	{ UPDATE, 1, BPF_EXIST, 1, -ENOENT },
	{ UPDATE, 1, BPF_ANY, 1234 },
	{ UPDATE, 1, BPF_NOEXIST, 1, -EEXIST },
	{ LOOKUP, 1, .value = 1234 },
	{ UPDATE, 1, 3, 1, -EINVAL },
	{ UPDATE, 1, BPF_F_LOCK, 1, -EINVAL },
	{ UPDATE, 1, 1ULL << 32, 1, -EINVAL },
	{ UPDATE, 1, -1ULL, 1, -EINVAL },
	{ NEXT, 1, .want = -ENOENT },
	{ NEXT, 7, .value = 1 },
	{ UPDATE, 2, BPF_NOEXIST, 2345 },
	{ COUNT, .value = 2 },
	{ UPDATE, 0, BPF_NOEXIST, 1, -E2BIG },
	{ UPDATE, 0, BPF_ANY, 1, -E2BIG },
	{ UPDATE, 0, BPF_EXIST, 1, -ENOENT },
	/* full, but what is there can be set */
	{ UPDATE, 1, BPF_EXIST, 11 },
	{ UPDATE, 2, BPF_ANY, 22 },
	{ UPDATE, 2, BPF_ANY, 222 },
	{ LOOKUP, 1, .value = 11 },
	{ LOOKUP, 2, .value = 222 },
	{ DELETE, 0, .want = -ENOENT },
	{ DELETE, 1 },
	{ DELETE, 1, .want = -ENOENT },
	{ LOOKUP, 1, .want = -ENOENT },
	{ COUNT, .value = 1 },
	{ UPDATE, 3, BPF_ANY, 33 },
	{ UPDATE, 4, BPF_ANY, 44, -E2BIG },
	{ DELETE, 2 },
	{ DELETE, 3 },
	{ NEXT, 3, .want = -ENOENT },
	{ COUNT, .value = 0 },
};

static int count(struct bvm_map *map)
{
	u8 key[64], *prev = NULL;
	int n = 0;

	for (; !map->type->next_key(map, prev, key); prev = key)
		if (++n > 1000000)
			break;
	return n;
}

static bool is_percpu(const struct bvm_map *map)
{
	return map->type->caps & BVM_MAP_PERCPU;
}

static void play(struct bvm_map *map, const struct step *step, u32 nr, bool sys)
{
	u64 value[HOST_CPUS];
	u32 i, j, next;
	void *p;
	int got;

	for (i = 0; i < nr; i++) {
		const struct step *s = &step[i];

		got = 0;
		switch (s->op) {
		case UPDATE:
			for (j = 0; j < HOST_CPUS; j++)
				value[j] = s->value + j;
			got = sys ? sys_update(map, &s->key, value, s->flags) :
				    map->type->update(map, &s->key, value, s->flags);
			break;
		case LOOKUP:
			if (sys) {
				got = sys_lookup(map, &s->key, value);
			} else {
				p = map->type->lookup(map, &s->key);
				got = p ? 0 : -ENOENT;
				if (p)
					memcpy(value, p, 8);
			}
			if (!got)
				CHECK(value[0] == s->value, "step %u: %lld", i, (s64)value[0]);
			for (j = 1; !got && sys && is_percpu(map) && j < HOST_CPUS; j++)
				CHECK(value[j] == (s->value ? s->value + j : 0),
				      "step %u cpu %u", i, j);
			break;
		case DELETE:
			got = map->type->delete(map, &s->key);
			break;
		case NEXT:
			got = map->type->next_key(map, &s->key, &next);
			if (!got)
				CHECK(next == s->value, "step %u: next %u", i, next);
			break;
		case COUNT:
			CHECK(count(map) == s->value, "step %u: %d keys", i, count(map));
			break;
		}
		CHECK(got == s->want, "step %u: %d, want %d", i, got, s->want);
	}
}

static const struct kind {
	const char *name;
	const struct bvm_map_type *type;
	u32 flags;
} kinds[] = {
	{ "array", ARRAY, 0 },
	{ "percpu_array", PARRAY, 0 },
	{ "hash", HASH, 0 },
	{ "hash, not preallocated", HASH, BPF_F_NO_PREALLOC },
	{ "percpu_hash", PHASH, 0 },
	{ "percpu_hash, not preallocated", PHASH, BPF_F_NO_PREALLOC },
};

#define for_each_kind(k)	for (k = kinds; k < kinds + ARRAY_SIZE(kinds); k++)

static bool is_array(const struct kind *k)
{
	return k->type->caps & BVM_MAP_ARRAY_INDEX;
}

static void test_semantics(void)
{
	const struct kind *k;
	struct bvm_map *map;
	int sys;

	for_each_kind(k) {
		for (sys = 0; sys < 2; sys++) {
			map = make(k->type, 4, 8, 2, k->flags);
			if (!CHECK(map, "%s", k->name))
				return;
			if (is_array(k))
				play(map, array_steps, ARRAY_SIZE(array_steps), sys);
			else
				play(map, hash_steps, ARRAY_SIZE(hash_steps), sys);
			drop(map);
		}
	}
}

static void test_array_direct(void)
{
	struct bvm_map *one = make(ARRAY, 4, 12, 1, 0), *two = make(ARRAY, 4, 12, 2, 0);
	u32 zero = 0;

	CHECK(ARRAY->direct(one, 0) == ARRAY->lookup(one, &zero), "start");
	CHECK(ARRAY->direct(one, 11) == ARRAY->lookup(one, &zero) + 11, "last byte");
	CHECK(!ARRAY->direct(one, 12), "behind");
	CHECK(!ARRAY->direct(one, U32_MAX), "far behind");
	CHECK(!ARRAY->direct(two, 0), "two entries");
	drop(one);
	drop(two);
}

/* Keys of every size, two of them different in each single bit. */
static void test_key_sizes(void)
{
	u8 key[80], other[80], got[80];
	struct bvm_map *map;
	u32 size, bit, v;
	u32 *p;

	for (size = 1; size <= 72; size++) {
		map = make(HASH, size, 4, 4, 0);
		memset(key, 0x5a, sizeof(key));
		v = size;
		CHECK_EQ(map->type->update(map, key, &v, BPF_NOEXIST), 0);
		for (bit = 0; bit < size * 8; bit++) {
			memcpy(other, key, sizeof(key));
			other[bit / 8] ^= 1 << bit % 8;
			CHECK(!map->type->lookup(map, other), "size %u bit %u", size, bit);
			v = bit;
			CHECK_EQ(map->type->update(map, other, &v, BPF_NOEXIST), 0);
			p = map->type->lookup(map, other);
			CHECK(p && *p == bit, "size %u bit %u", size, bit);
			p = map->type->lookup(map, key);
			CHECK(p && *p == size, "size %u bit %u", size, bit);
			CHECK_EQ(map->type->delete(map, other), 0);
		}
		/* bytes behind the key are not part of it */
		key[size] ^= 1;
		CHECK(map->type->lookup(map, key), "size %u", size);
		memset(got, 0xee, sizeof(got));
		CHECK_EQ(map->type->next_key(map, NULL, got), 0);
		CHECK(!memcmp(got, key, size) && got[size] == 0xee, "size %u", size);
		drop(map);
	}
}

/* The order stays while values are replaced (upstream's test_hashmap_walk). */
static void test_walk(void)
{
	const struct kind *k;
	u64 key, next, value[HOST_CPUS] = {};
	struct bvm_map *map;
	u32 n = 10000, i;
	u8 *seen;

	for_each_kind(k) {
		if (is_array(k))
			continue;
		map = make(k->type, 8, 8, n, k->flags);
		for (key = 0; key < n; key++)
			CHECK_EQ(sys_update(map, &key, value, BPF_NOEXIST), 0);
		CHECK_EQ(sys_update(map, &key, value, BPF_ANY), -E2BIG);
		seen = calloc(n, 1);
		for (i = 0; !map->type->next_key(map, i ? &key : NULL, &next) && i <= n; i++) {
			key = next;
			CHECK(key < n && !seen[key]++, "key %llu", key);
			CHECK_EQ(sys_update(map, &key, value, BPF_EXIST), 0);
		}
		CHECK_EQ(i, n);
		free(seen);
		/* deleting what one has just read, as bpftrace's clear() does */
		for (i = 0; !map->type->next_key(map, NULL, &key); i++)
			CHECK_EQ(map->type->delete(map, &key), 0);
		CHECK_EQ(i, n);
		drop(map);
	}
}

static void test_each(void)
{
	const struct kind *k;
	struct bvm_cursor cursor;
	u64 value[HOST_CPUS] = {};
	u32 n = 3000, i, key;
	struct bvm_map *map;
	u8 *seen = malloc(n);

	for_each_kind(k) {
		map = make(k->type, 4, 8, n, k->flags);
		for (key = 0; key < n; key++) {
			for (i = 0; i < HOST_CPUS; i++)
				value[i] = key + 7;
			CHECK_EQ(sys_update(map, &key, value, BPF_ANY), 0);
		}
		memset(seen, 0, n);
		memset(&cursor, 0, sizeof(cursor));
		for (; map->type->each(map, &cursor); cursor.count++) {
			key = *(u32 *)cursor.arg[0];
			CHECK(key < n && !seen[key]++, "key %u", key);
			CHECK_EQ(*(u64 *)cursor.arg[1], key + 7);
			if (is_array(k))
				CHECK_EQ(key, cursor.count);
		}
		CHECK_EQ(cursor.count, n);
		/* who gets an element may remove it */
		memset(&cursor, 0, sizeof(cursor));
		for (; !is_array(k) && map->type->each(map, &cursor); cursor.count++) {
			key = *(u32 *)cursor.arg[0];
			CHECK_EQ(map->type->delete(map, &key), 0);
		}
		CHECK(is_array(k) || (cursor.count == n && !count(map)), "%u", cursor.count);
		drop(map);
	}
	/* ... and others: nothing comes twice, and what is there comes, but behind gaps */
	map = make(HASH, 4, 8, n, 0);
	for (key = 0; key < n; key++)
		CHECK_EQ(sys_update(map, &key, value, BPF_ANY), 0);
	memset(seen, 0, n);
	memset(&cursor, 0, sizeof(cursor));
	for (; map->type->each(map, &cursor); cursor.count++) {
		key = *(u32 *)cursor.arg[0];
		CHECK(!seen[key]++, "key %u again", key);
		for (i = 0; i < 3; i++) {
			map->type->delete(map, &key);
			key = (key + 1) % n;
		}
	}
	CHECK(cursor.count < n && cursor.count > n / 4, "%u of %u", cursor.count, n);
	drop(map);
	free(seen);
}

static void test_zero_seed(void)
{
	struct bvm_map *a = make(HASH, 8, 8, 64, BPF_F_ZERO_SEED);
	struct bvm_map *b = make(HASH, 8, 8, 64, BPF_F_ZERO_SEED);
	u64 key, ka, kb, v = 0;
	void *prev = NULL;

	for (key = 0; key < 64; key++) {
		CHECK_EQ(HASH->update(a, &key, &v, 0), 0);
		CHECK_EQ(HASH->update(b, &key, &v, 0), 0);
	}
	while (!HASH->next_key(a, prev, &ka)) {
		CHECK_EQ(HASH->next_key(b, prev, &kb), 0);
		CHECK_EQ(ka, kb);
		key = ka;
		prev = &key;
	}
	drop(a);
	drop(b);
}

/* Chains stay short for keys that look like real ones. */
static void test_spread(void)
{
	static const u64 stride[] = { 1, 8, 4096, 1ULL << 32, 0x100000001 };
	u32 s, i, n = 50000, len, longest;
	struct bvm_htab *h;
	struct bvm_map *map;
	u64 key, v = 0;

	for (s = 0; s < ARRAY_SIZE(stride); s++) {
		map = make(HASH, 8, 8, n, BPF_F_ZERO_SEED);
		h = bvm_htab_of(map);
		for (i = 0; i < n; i++) {
			key = i * stride[s];
			HASH->update(map, &key, &v, 0);
		}
		longest = 0;
		for (i = 0; i < h->nr_groups * BVM_HTAB_HEADS; i++) {
			u32 e = h->group[i / BVM_HTAB_HEADS].head[i % BVM_HTAB_HEADS];

			for (len = 0; e; e = bvm_htab_elem(h, e)->next)
				len++;
			longest = max(longest, len);
		}
		/* Poisson with mean 1/2: 1e5 chains have none of 10 */
		CHECK(longest < 10, "stride %#llx: %u", stride[s], longest);
		drop(map);
	}
}

/* ------------------------------------------------------------- per-CPU */

static void test_percpu(void)
{
	u8 value[HOST_CPUS * 16], *p;
	struct bvm_map *map = make(PHASH, 4, 12, 8, 0);
	u32 key = 7, i;

	CHECK_EQ(bvm_map_user_value_size(map), sizeof(value));
	/* dirty an element, so that a fresh one has something to clear */
	memset(value, 0xff, sizeof(value));
	CHECK_EQ(sys_update(map, &key, value, 0), 0);
	CHECK_EQ(PHASH->delete(map, &key), 0);

	host_cpu = 2;
	memset(value, 0x11, sizeof(value));
	CHECK_EQ(PHASH->update(map, &key, value, 0), 0);
	CHECK_EQ(sys_lookup(map, &key, value), 0);
	for (i = 0; i < sizeof(value); i++)
		CHECK(value[i] == (i >= 32 && i < 44 ? 0x11 : 0), "byte %u is %#x", i, value[i]);
	/* another CPU's update leaves the others alone */
	host_cpu = 1;
	p = PHASH->lookup(map, &key);
	CHECK(p && !p[0], "CPU 1 sees its own");
	memset(value, 0x22, sizeof(value));
	CHECK_EQ(PHASH->update(map, &key, value, BPF_EXIST), 0);
	CHECK(p && p[0] == 0x22 && p[11] == 0x22, "in place");
	host_cpu = 2;
	p = PHASH->lookup(map, &key);
	CHECK(p && p[0] == 0x11 && p[11] == 0x11, "CPU 2 keeps its own");
	host_cpu = 0;
	drop(map);
}

/* More values than a piece of per-CPU memory holds: each on its own, on each CPU. */
static void test_percpu_array_chunks(void)
{
	static const u32 sizes[] = { 8, 12, 24, 16384, 20000, 32768 };
	struct bvm_map *map;
	u32 i, key, n, *p;
	int cpu;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		n = sizes[i] < 1000 ? 10000 : 5;
		map = make(PARRAY, 4, sizes[i], n, 0);
		for (key = 0; key < n; key++) {
			for (cpu = 0; cpu < HOST_CPUS; cpu++) {
				p = map->type->lookup_cpu(map, &key, cpu);
				CHECK(p && !*p && !p[sizes[i] / 4 - 1], "clean %u", key);
				p[0] = key * HOST_CPUS + cpu;
				p[sizes[i] / 4 - 1] = p[0];
			}
		}
		for (key = 0; key < n; key++) {
			for (cpu = 0; cpu < HOST_CPUS; cpu++) {
				host_cpu = cpu;
				p = map->type->lookup(map, &key);
				CHECK(p && p[0] == key * HOST_CPUS + cpu &&
				      p[sizes[i] / 4 - 1] == p[0], "value %u", key);
			}
		}
		host_cpu = 0;
		CHECK(!map->type->lookup(map, &key), "the end");
		CHECK(!map->type->lookup_cpu(map, &key, 1), "the end");
		CHECK(map->type->memory(map) >= (u64)n * sizes[i] * HOST_CPUS, "memory");
		drop(map);
	}
}

/* ------------------------------------------------------------ re-entry */

static struct bvm_htab_group *group_of(struct bvm_map *map, u32 key)
{
	return &bvm_htab_of(map)->group[bvm_htab_pos(bvm_htab_of(map), &key).group];
}

/* A program in an NMI that has interrupted a writer of the group on the same CPU. */
static void test_reentry(void)
{
	u64 value[HOST_CPUS] = { 1 };
	struct bvm_htab_group *g;
	const struct kind *k;
	struct bvm_map *map;
	u32 key = 1, other;

	for_each_kind(k) {
		if (is_array(k))
			continue;
		map = make(k->type, 4, 8, 1000, k->flags);
		CHECK_EQ(sys_update(map, &key, value, 0), 0);
		g = group_of(map, key);
		for (other = 2; group_of(map, other) == g; other++)
			;
		CHECK_EQ(bvm_htab_lock(g), 0);
		host_relaxed = 0;
		CHECK_EQ(map->type->update(map, &key, value, 0), -EBUSY);
		CHECK_EQ(map->type->delete(map, &key), -EBUSY);
		CHECK(!host_relaxed, "no waiting for oneself: %lu", host_relaxed);
		CHECK(map->type->lookup(map, &key), "readers do not wait");
		CHECK_EQ(sys_lookup(map, &key, value), 0);
		CHECK_EQ(map->type->next_key(map, NULL, &key), 0);
		CHECK_EQ(map->type->update(map, &other, value, 0), 0);
		/* another CPU waits, but not for ever */
		host_cpu = 1;
		CHECK_EQ(map->type->update(map, &key, value, 0), -EBUSY);
		CHECK(host_relaxed > 1000, "some waiting: %lu", host_relaxed);
		host_cpu = 0;
		bvm_htab_unlock(g);
		CHECK_EQ(map->type->update(map, &key, value, 0), 0);
		CHECK_EQ(map->type->delete(map, &key), 0);
		drop(map);
	}
}

/* An NMI between the taking of the CPU's spare element and its return. */
static void test_reentry_spare(void)
{
	struct bvm_map *map = make(HASH, 4, 8, 2, 0);
	struct bvm_htab *h = bvm_htab_of(map);
	u32 key, spare, i;
	u64 value = 1;

	for (key = 0; key < 2; key++)
		CHECK_EQ(HASH->update(map, &key, &value, 0), 0);
	spare = this_cpu_xchg(*h->spare, 0);
	CHECK(spare, "there is one");
	key = 0;
	CHECK_EQ(HASH->update(map, &key, &value, BPF_EXIST), -EBUSY);
	key = 1;
	CHECK_EQ(HASH->delete(map, &key), 0);
	/* now there is a free element to do it with, which becomes the spare one */
	key = 0;
	CHECK_EQ(HASH->update(map, &key, &value, BPF_EXIST), 0);
	spare = this_cpu_xchg(*h->spare, spare);
	CHECK(spare, "came back");
	CHECK_EQ(*this_cpu_ptr(h->spare) != spare, 1);
	for (i = 0; i < 100; i++)
		CHECK_EQ(HASH->update(map, &key, &value, BPF_EXIST), 0);
	drop(map);
}

/* ------------------------------------------------------ one race at a time */

static struct bvm_map *race_map;
static u32 race_key[4];

/* CPU 1 deletes a key and gives its element to another one. */
static void race_reuse(void)
{
	u64 value[HOST_CPUS] = { 2, 2, 2, 2 };

	host_cpu = 1;
	CHECK_EQ(race_map->type->delete(race_map, &race_key[0]), 0);
	CHECK_EQ(race_map->type->update(race_map, &race_key[1], value, BPF_NOEXIST), 0);
	host_cpu = 0;
}

/* CPU 1 gives a key a new value; its old element is the next to be reused. */
static void race_replace(void)
{
	u64 value[HOST_CPUS] = { 2, 2, 2, 2 };

	host_cpu = 1;
	CHECK_EQ(race_map->type->update(race_map, &race_key[0], value, BPF_EXIST), 0);
	host_cpu = 0;
}

static void race_begin(const struct kind *k, u32 max_entries)
{
	u64 value[HOST_CPUS] = { 1, 1, 1, 1 };
	u32 i;

	race_map = make(k->type, 4, 8, max_entries, k->flags);
	for (i = 0; i < ARRAY_SIZE(race_key); i++)
		race_key[i] = i;
	CHECK_EQ(race_map->type->update(race_map, &race_key[0], value, 0), 0);
}

/* Between a reader's look at an element and its trust in it. */
static void test_race_reader(void)
{
	u64 value[HOST_CPUS] = {};
	const struct kind *k;
	u32 next = 0;
	u64 *p;

	for_each_kind(k) {
		if (is_array(k))
			continue;
		race_begin(k, 1);
		host_meanwhile = race_reuse;
		p = k->type->lookup(race_map, &race_key[0]);
		CHECK(!p, "%s: found what has become another's", k->name);
		drop(race_map);

		race_begin(k, 1);
		host_meanwhile = race_reuse;
		CHECK_EQ(sys_lookup(race_map, &race_key[0], value), -ENOENT);
		drop(race_map);

		race_begin(k, 1);
		host_meanwhile = race_replace;
		p = k->type->lookup(race_map, &race_key[0]);
		CHECK(p, "%s: a key that is there all the time", k->name);
		if (p && k->type == HASH)
			CHECK_EQ(*p, 2);
		drop(race_map);

		race_begin(k, 1);
		host_meanwhile = race_reuse;
		/* the other key, unless its chain was behind already */
		if (!k->type->next_key(race_map, NULL, &next))
			CHECK_EQ(next, race_key[1]);
		drop(race_map);
	}
}

/* While the first element of the free list is being taken, it comes back to it. */
static void race_free_list(void)
{
	struct bvm_htab *h = bvm_htab_of(race_map);
	u64 value[HOST_CPUS] = { 3, 3, 3, 3 };
	u32 first = lower_32_bits(atomic64_read(&h->pool.free));

	host_cpu = 1;
	CHECK_EQ(race_map->type->update(race_map, &race_key[2], value, BPF_NOEXIST), 0);
	CHECK_EQ(race_map->type->update(race_map, &race_key[3], value, BPF_NOEXIST), 0);
	CHECK_EQ(race_map->type->delete(race_map, &race_key[2]), 0);
	CHECK_EQ(lower_32_bits(atomic64_read(&h->pool.free)), first);
	host_cpu = 0;
}

static void test_race_free_list(void)
{
	struct bvm_htab_group *g[4];
	u64 value[HOST_CPUS] = { 4, 4, 4, 4 };
	const struct kind *k;
	u32 i, j;

	for_each_kind(k) {
		if (is_array(k))
			continue;
		race_begin(k, 1000);
		/* in groups of their own: the interrupted writer has locked one */
		for (i = 0; i < 4; i++) {
			g[i] = group_of(race_map, race_key[i]);
			for (j = 0; j < i; j++) {
				if (g[i] == g[j]) {
					race_key[i] += 10;
					g[i] = group_of(race_map, race_key[i]);
					j = -1;
				}
			}
		}
		host_meanwhile = race_free_list;
		CHECK_EQ(k->type->update(race_map, &race_key[1], value, BPF_NOEXIST), 0);
		CHECK(!host_meanwhile, "%s: happened", k->name);
		for (i = 100; i < 200; i++)
			CHECK_EQ(k->type->update(race_map, &i, value, BPF_ANY), 0);
		/* nobody else has got the element of what came in between */
		CHECK(k->type->lookup(race_map, &race_key[3]), "%s", k->name);
		CHECK(k->type->lookup(race_map, &race_key[1]), "%s", k->name);
		CHECK_EQ(count(race_map), 103);
		drop(race_map);
	}
}

/* -------------------------------------------------------- growing pools */

static void test_grow(void)
{
	const struct kind *k;
	struct bvm_map *map;
	u64 value[64 * HOST_CPUS] = {};
	u32 key, n = 5000, got;

	for_each_kind(k) {
		if (!(k->flags & BPF_F_NO_PREALLOC))
			continue;
		/* programs, while no worker gets a CPU: momentarily empty, not full */
		map = make(k->type, 4, 512, n, k->flags);
		for (key = 0; !map->type->update(map, &key, value, 0); key++)
			;
		got = key;
		CHECK(got >= 64 && got < n, "%u elements ahead", got);
		CHECK_EQ(map->type->update(map, &key, value, 0), -ENOMEM);
		/* what is there can still be replaced */
		key = 0;
		CHECK_EQ(map->type->update(map, &key, value, BPF_EXIST), 0);
		host_work_run();
		for (key = got; key < n; key++) {
			CHECK_EQ(map->type->update(map, &key, value, 0), 0);
			host_work_run();
		}
		CHECK_EQ(map->type->update(map, &key, value, 0), -E2BIG);
		drop(map);
		/* system calls make it grow themselves */
		map = make(k->type, 4, 512, n, k->flags);
		for (key = 0; key < n; key++)
			CHECK_EQ(sys_update(map, &key, value, 0), 0);
		CHECK_EQ(sys_update(map, &key, value, 0), -E2BIG);
		drop(map);
		/* and get -ENOMEM when there is really none */
		map = make(k->type, 4, 512, n, k->flags);
		for (key = 0; !map->type->update(map, &key, value, 0); key++)
			;
		host_alloc_fail(1);
		CHECK_EQ(sys_update(map, &key, value, 0), -ENOMEM);
		host_alloc_fail(0);
		CHECK_EQ(sys_update(map, &key, value, 0), 0);
		drop(map);
	}
}

static void test_memory(void)
{
	struct bvm_map *map = make(HASH, 4, 8, 1 << 16, 0);

	/* 16 bytes of element and two heads of 64/14 */
	CHECK(HASH->memory(map) < (1 << 16) * 26, "%llu", HASH->memory(map));
	drop(map);
}

/* ---------------------------------------------------------------- model */

static u32 rnd(u32 n)
{
	return host_random() % n;
}

#define MODEL_KEYS	96

static void model_run(const struct kind *k, u32 key_size, u32 value_size, u32 max)
{
	struct bvm_map *map = make(k->type, key_size, value_size, max, k->flags);
	u8 value[HOST_CPUS * 128], got[HOST_CPUS * 128], keys[MODEL_KEYS][64] = {};
	u8 model[MODEL_KEYS][HOST_CPUS * 128];
	bool there[MODEL_KEYS] = {};
	u32 i, j, n, flags, want_n = 0, size, user, stride = round_up(value_size, 8);
	int want, err;
	u8 *p;

	user = bvm_map_user_value_size(map);
	for (i = 0; i < MODEL_KEYS; i++) {
		keys[i][0] = i;
		keys[i][key_size - 1] ^= i;
		if (key_size == 1)
			keys[i][0] = i;
	}
	for (n = 0; n < 30000; n++) {
		i = rnd(MODEL_KEYS);
		host_cpu = rnd(HOST_CPUS);
		switch (rnd(6)) {
		case 0:
		case 1:
		case 2:
			flags = rnd(3);
			for (j = 0; j < user; j++)
				value[j] = j % stride < value_size ? host_random() : 0;
			want = flags == BPF_NOEXIST && there[i] ? -EEXIST :
			       flags == BPF_EXIST && !there[i] ? -ENOENT :
			       !there[i] && want_n == max ? -E2BIG : 0;
			size = rnd(2) ? user : value_size;
			err = size == user ? sys_update(map, keys[i], value, flags) :
					     map->type->update(map, keys[i], value, flags);
			CHECK(err == want, "%s: update %d want %d", k->name, err, want);
			if (want)
				break;
			if (!there[i])
				memset(model[i], 0, sizeof(model[i]));
			want_n += !there[i];
			there[i] = true;
			if (size == user)
				memcpy(model[i], value, user);
			else
				memcpy(model[i] + (k->type == PHASH ? host_cpu * stride : 0),
				       value, value_size);
			break;
		case 3:
			err = map->type->delete(map, keys[i]);
			CHECK_EQ(err, there[i] ? 0 : -ENOENT);
			want_n -= there[i];
			there[i] = false;
			break;
		case 4:
			err = sys_lookup(map, keys[i], got);
			CHECK_EQ(err, there[i] ? 0 : -ENOENT);
			if (!err)
				CHECK(!memcmp(got, model[i], user), "%s: value", k->name);
			p = map->type->lookup(map, keys[i]);
			CHECK_EQ(!!p, there[i]);
			if (p)
				CHECK(!memcmp(p, model[i] + (k->type == PHASH ?
					      host_cpu * stride : 0), value_size), "lookup");
			break;
		case 5:
			if (n % 64 == 0)
				CHECK_EQ(count(map), want_n);
			host_work_run();
			break;
		}
	}
	host_cpu = 0;
	drop(map);
}

static void test_model(void)
{
	static const u32 sizes[][3] = {
		{ 4, 8, 96 }, { 8, 1, 50 }, { 1, 3, 7 }, { 16, 128, 96 }, { 24, 12, 64 },
		{ 37, 100, 90 }, { 4, 8, 1 },
	};
	const struct kind *k;
	u32 i;

	for_each_kind(k)
		for (i = 0; i < ARRAY_SIZE(sizes) && !is_array(k); i++)
			model_run(k, sizes[i][0], sizes[i][1], sizes[i][2]);
}

/* --------------------------------------------------------------- stress */

/*
 * Keys are pairs of words of which the second follows from the first, values repeat
 * a word that follows from the key: a key or a value put together from two shows.
 */
struct skey {
	u64 a, b;
};

#define STRESS_KEYS	24
#define STRESS_WORDS	32

static struct bvm_map *stress_map;
static bool stress_stop;
static u64 stress_bad_value, stress_bad_key, stress_ghost, stress_hits, stress_writes;
static u64 stress_bad_errno;

static struct skey stress_key(u64 i)
{
	return (struct skey) { i, ~i * 0x9e3779b97f4a7c15 };
}

static void bump(u64 *counter)
{
	__atomic_fetch_add(counter, 1, __ATOMIC_RELAXED);
}

static void *stress_writer(void *arg)
{
	u64 value[STRESS_WORDS * HOST_CPUS], i, j, w;
	struct skey key;
	long err;

	host_cpu = (long)arg;
	for (i = 0; i < (u64)host_cpu * 1000; i++)
		host_random();
	while (!READ_ONCE(stress_stop)) {
		key = stress_key(rnd(STRESS_KEYS));
		w = key.a << 32 | (u32)host_random();
		for (j = 0; j < ARRAY_SIZE(value); j++)
			value[j] = w;
		if (rnd(3))
			err = sys_update(stress_map, &key, value, BPF_ANY);
		else
			err = stress_map->type->delete(stress_map, &key);
		if (err && err != -ENOENT && err != -EBUSY && err != -E2BIG)
			bump(&stress_bad_errno);
		bump(&stress_writes);
	}
	return NULL;
}

static void stress_read(const struct skey *key)
{
	u64 value[STRESS_WORDS * HOST_CPUS];
	u32 cpu, j;

	if (sys_lookup(stress_map, key, value))
		return;
	bump(&stress_hits);
	for (cpu = 0; cpu < (stress_map->type == PHASH ? HOST_CPUS : 1); cpu++) {
		for (j = 0; j < STRESS_WORDS; j++) {
			u64 w = value[cpu * STRESS_WORDS + j];

			/* per-CPU values are overwritten in place: same key, any word */
			if (w >> 32 != key->a ||
			    (stress_map->type == HASH && w != value[0]))
				bump(&stress_bad_value);
		}
	}
}

static void *stress_reader(void *arg)
{
	struct skey key, next, ghost;
	void *prev = NULL;
	u32 i;

	host_cpu = (long)arg;
	while (!READ_ONCE(stress_stop)) {
		key = stress_key(rnd(STRESS_KEYS));
		stress_read(&key);
		/* what was never there, but is put together from two that are */
		for (i = 0; i < STRESS_KEYS; i++) {
			ghost.a = key.a;
			ghost.b = stress_key(i).b;
			if (i != key.a && stress_map->type->lookup(stress_map, &ghost))
				bump(&stress_ghost);
		}
		if (stress_map->type->next_key(stress_map, prev, &next)) {
			prev = NULL;
			continue;
		}
		if (next.b != stress_key(next.a).b || next.a >= STRESS_KEYS)
			bump(&stress_bad_key);
		key = next;
		prev = &key;
		/* both kinds of reader on both kinds of CPU */
		if (!rnd(64))
			host_work_run();
	}
	return NULL;
}

static void stress_run(const struct kind *k)
{
	pthread_t thread[HOST_CPUS];
	struct timespec second = { .tv_nsec = 700000000 };
	long i;

	stress_bad_value = 0;
	stress_bad_key = 0;
	stress_ghost = 0;
	stress_hits = 0;
	stress_writes = 0;
	stress_bad_errno = 0;
	stress_stop = false;
	/* one group and fewer elements than keys: all of it reused all the time */
	stress_map = make(k->type, sizeof(struct skey), STRESS_WORDS * 8, STRESS_KEYS / 2,
			  k->flags);
	for (i = 0; i < HOST_CPUS; i++)
		pthread_create(&thread[i], NULL, i < 2 ? stress_writer : stress_reader, (void *)i);
	nanosleep(&second, NULL);
	WRITE_ONCE(stress_stop, true);
	for (i = 0; i < HOST_CPUS; i++)
		pthread_join(thread[i], NULL);
	CHECK_EQ(stress_bad_value, 0);
	CHECK_EQ(stress_bad_key, 0);
	CHECK_EQ(stress_ghost, 0);
	CHECK_EQ(stress_bad_errno, 0);
	CHECK(stress_hits > 100 && stress_writes > 100, "%s: %llu hits, %llu writes", k->name,
	      stress_hits, stress_writes);
	/* nothing has leaked from the pool: all entries can be there at once */
	while (!stress_map->type->next_key(stress_map, NULL, &(struct skey){})) {
		struct skey key;

		if (stress_map->type->next_key(stress_map, NULL, &key) ||
		    stress_map->type->delete(stress_map, &key))
			break;
	}
	for (i = 0; i <= STRESS_KEYS / 2; i++) {
		struct skey key = stress_key(i);
		u64 value[STRESS_WORDS * HOST_CPUS] = {};

		CHECK_EQ(sys_update(stress_map, &key, value, BPF_NOEXIST),
			 i == STRESS_KEYS / 2 ? -E2BIG : 0);
	}
	drop(stress_map);
}

static void test_stress(void)
{
	const struct kind *k;

	for_each_kind(k)
		if (!is_array(k))
			stress_run(k);
}

/* ------------------------------------------------------ failing memory */

static void test_alloc_failure(void)
{
	const struct kind *k;
	struct bvm_map *map;
	unsigned long n;
	long live;

	for_each_kind(k) {
		live = host_alloc.live;
		for (n = 1; n < 100; n++) {
			host_alloc_fail(n);
			map = make(k->type, 4, 4096, 100, k->flags);
			host_alloc_fail(0);
			if (map)
				break;
			CHECK(host_alloc.live == live, "%s: %lu leaks", k->name, n);
		}
		CHECK(map && n > (is_array(k) ? 1 : 4), "%s: %lu allocations", k->name, n);
		if (map)
			drop(map);
		CHECK(host_alloc.live == live, "%s leaks", k->name);
	}
}

static const struct ktap_test tests[] = {
	{ "requests", test_requests },
	{ "semantics", test_semantics },
	{ "array_direct", test_array_direct },
	{ "key_sizes", test_key_sizes },
	{ "walk", test_walk },
	{ "each", test_each },
	{ "zero_seed", test_zero_seed },
	{ "spread", test_spread },
	{ "percpu", test_percpu },
	{ "percpu_array_chunks", test_percpu_array_chunks },
	{ "reentry", test_reentry },
	{ "reentry_spare", test_reentry_spare },
	{ "race_reader", test_race_reader },
	{ "race_free_list", test_race_free_list },
	{ "grow", test_grow },
	{ "memory", test_memory },
	{ "model", test_model },
	{ "stress", test_stress },
	{ "alloc_failure", test_alloc_failure },
};

int main(void)
{
	return ktap_run(tests, ARRAY_SIZE(tests));
}
