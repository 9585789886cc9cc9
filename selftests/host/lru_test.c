// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hash tables that evict: how many keys stay and which, what a CPU's own elements are,
 * what happens to a program that has interrupted a writer, and that no element is ever
 * lost or in two places, whatever several CPUs do.
 */
#include <pthread.h>
#include "../../kernel/bvm.h"
#include "../../kernel/maps/htab.h"
#include "../../kernel/maps/lru.h"
#include "ktap.h"

extern const struct bvm_map_type bvm_lru_hash_map, bvm_lru_percpu_hash_map;

static const struct kind {
	const char *name;
	const struct bvm_map_type *type;
	u32 flags;
} kinds[] = {
	{ "lru_hash", &bvm_lru_hash_map, 0 },
	{ "lru_percpu_hash", &bvm_lru_percpu_hash_map, 0 },
	{ "lru_hash, own", &bvm_lru_hash_map, BPF_F_NO_COMMON_LRU },
	{ "lru_percpu_hash, own", &bvm_lru_percpu_hash_map, BPF_F_NO_COMMON_LRU },
};

#define for_each_kind(k)	for (k = kinds; k < kinds + ARRAY_SIZE(kinds); k++)

static bool is_own(const struct kind *k)
{
	return k->flags & BPF_F_NO_COMMON_LRU;
}

static struct bvm_map *make_sized(const struct kind *k, u32 value_size, u32 max_entries)
{
	struct bvm_map_spec spec = {
		.type = k->type->id,
		.key_size = sizeof(u64),
		.value_size = value_size,
		.max_entries = max_entries,
		.flags = k->flags,
		.numa_node = NUMA_NO_NODE,
	};
	struct bvm_map *map;

	if (k->type->check(&spec))
		return NULL;
	map = k->type->alloc(&spec);
	if (IS_ERR(map))
		return NULL;
	map->type = k->type;
	map->key_size = spec.key_size;
	map->value_size = value_size;
	map->max_entries = max_entries;
	map->flags = k->flags;
	map->numa_node = NUMA_NO_NODE;
	return map;
}

static struct bvm_map *make(const struct kind *k, u32 max_entries)
{
	return make_sized(k, sizeof(u64), max_entries);
}

static void drop(struct bvm_map *map)
{
	map->type->free(map);
}

static int put(struct bvm_map *map, u64 key, u64 flags)
{
	u64 value = key * 3;

	return map->type->update(map, &key, &value, flags);
}

/* as a program: that is use */
static bool use(struct bvm_map *map, u64 key)
{
	return map->type->lookup(map, &key);
}

/* as a system call: that is none */
static bool there(struct bvm_map *map, u64 key)
{
	u64 value[HOST_CPUS];

	return !map->type->copy_out(map, &key, value, 0);
}

static u32 count(struct bvm_map *map)
{
	u64 key, *prev = NULL;
	u32 n = 0;

	for (; !map->type->next_key(map, prev, &key) && n < 1000000; prev = &key)
		n++;
	return n;
}

static void mark(struct bvm_htab *h, u8 *seen, u32 n)
{
	for (; n; n = bvm_htab_elem(h, n)->next) {
		if (!CHECK(n <= h->pool.nr_elems && !seen[n - 1], "element %u in two places", n))
			return;
		seen[n - 1] = 1;
	}
}

/* Each element is in one chain or on one list. */
static void check_elements(struct bvm_map *map, const char *name)
{
	struct bvm_htab *h = bvm_htab_of(map);
	u8 *seen = calloc(h->pool.nr_elems, 1);
	u32 i, lost = 0;
	int cpu;

	for (i = 0; i < h->nr_groups * BVM_HTAB_HEADS; i++)
		mark(h, seen, h->group[i / BVM_HTAB_HEADS].head[i % BVM_HTAB_HEADS]);
	mark(h, seen, lower_32_bits(atomic64_read(&h->pool.free)));
	for_each_possible_cpu(cpu)
		mark(h, seen, lower_32_bits(atomic64_read(&per_cpu_ptr(h->lru->cpu, cpu)->free)));
	for (i = 0; i < h->pool.nr_elems; i++)
		lost += !seen[i];
	CHECK(!lost, "%s: %u elements lost", name, lost);
	free(seen);
}

/* ------------------------------------------------------------- requests */

static void test_requests(void)
{
	static const struct {
		u32 kind, key, value, entries, flags;
		int want;
	} rows[] = {
		{ 0, 8, 8, 1, 0, 0 },
		{ 0, 0, 8, 1, 0, -EINVAL },
		{ 0, 8, 0, 1, 0, -EINVAL },
		{ 0, 8, 8, 0, 0, -EINVAL },
		{ 0, 8, 8, 1, BPF_F_NO_PREALLOC, -ENOTSUPP },
		{ 0, 8, 8, 1, BPF_F_NO_COMMON_LRU, 0 },
		{ 0, 8, 8, 1, BPF_F_NUMA_NODE, 0 },
		{ 0, 8, 8, 1, BPF_F_NUMA_NODE | BPF_F_NO_COMMON_LRU, -EINVAL },
		{ 0, 8, 8, 1, BPF_F_ZERO_SEED | BPF_F_RDONLY_PROG, 0 },
		{ 0, 8, 8, 1, BPF_F_INNER_MAP, -EINVAL },
		{ 1, 8, 8, 1, 0, 0 },
		{ 1, 8, 32769, 1, 0, -E2BIG },
		{ 1, 8, 8, 1, BPF_F_NUMA_NODE, -EINVAL },
		{ 1, 8, 8, 1, BPF_F_NO_PREALLOC, -ENOTSUPP },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct bvm_map_spec spec = {
			.key_size = rows[i].key,
			.value_size = rows[i].value,
			.max_entries = rows[i].entries,
			.flags = rows[i].flags,
		};
		int err = kinds[rows[i].kind].type->check(&spec);

		CHECK(err == rows[i].want, "row %u: %d, want %d", i, err, rows[i].want);
	}
}

/* --------------------------------------------------------- what stays */

static void test_answers(void)
{
	const struct kind *k;
	struct bvm_map *map;

	for_each_kind(k) {
		map = make(k, 8 * HOST_CPUS);
		CHECK_EQ(put(map, 1, BPF_EXIST), -ENOENT);
		CHECK_EQ(put(map, 1, BPF_NOEXIST), 0);
		CHECK_EQ(put(map, 1, BPF_NOEXIST), -EEXIST);
		CHECK_EQ(put(map, 1, BPF_EXIST), 0);
		CHECK_EQ(put(map, 1, BPF_ANY), 0);
		CHECK_EQ(put(map, 1, 3), -EINVAL);
		CHECK_EQ(put(map, 1, BPF_F_LOCK), -EINVAL);
		CHECK(there(map, 1) && count(map) == 1, "%s", k->name);
		CHECK_EQ(map->type->delete(map, &(u64){ 1 }), 0);
		CHECK_EQ(map->type->delete(map, &(u64){ 1 }), -ENOENT);
		CHECK(!there(map, 1) && !count(map), "%s", k->name);
		check_elements(map, k->name);
		drop(map);
	}
}

/* A new key always finds room, the map never has more than it may. */
static void test_bounded(void)
{
	static const u32 sizes[] = { 1, 2, 3, 7, 8, 100, 1000, 5000 };
	const struct kind *k;
	struct bvm_map *map;
	u32 i, max;
	u64 key;

	for_each_kind(k) {
		for (i = 0; i < ARRAY_SIZE(sizes); i++) {
			max = is_own(k) ? roundup(sizes[i], HOST_CPUS) : sizes[i];
			map = make(k, sizes[i]);
			for (key = 0; key < 5 * max; key++) {
				host_cpu = key % 7 % HOST_CPUS;
				CHECK_EQ(put(map, key, BPF_NOEXIST), 0);
				CHECK(there(map, key), "%s: %u: %llu", k->name, max, key);
			}
			host_cpu = 0;
			CHECK(count(map) <= max, "%s: %u of %u", k->name, count(map), max);
			/* what is free waits on lists of CPUs, each of half its share at most */
			CHECK(count(map) >= max / 2, "%s: %u of %u", k->name, count(map), max);
			check_elements(map, k->name);
			drop(map);
		}
	}
}

/* Keys that programs use stay, those that only system calls read go. */
static void test_second_chance(void)
{
	const struct kind *k;
	struct bvm_map *map;
	u32 n = 1024;
	u64 key;

	for_each_kind(k) {
		map = make(k, is_own(k) ? n * HOST_CPUS : n);
		for (key = 0; key < n; key++)
			CHECK_EQ(put(map, key, BPF_NOEXIST), 0);
		for (key = 0; key < n; key++)
			CHECK(key % 2 ? use(map, key) : there(map, key), "%llu", key);
		for (key = n; key < n + n / 2; key++)
			CHECK_EQ(put(map, key, BPF_NOEXIST), 0);
		for (key = 0; key < n; key++)
			CHECK(there(map, key) == key % 2, "%s: key %llu", k->name, key);
		for (key = n; key < n + n / 2; key++)
			CHECK(there(map, key), "%s: new key %llu", k->name, key);
		drop(map);
	}
}

/* All used, more than the hand looks at: one has to go all the same. */
static void test_all_used(void)
{
	const struct kind *k;
	struct bvm_map *map;
	u32 n = 10000;
	u64 key;

	for_each_kind(k) {
		map = make(k, is_own(k) ? n * HOST_CPUS : n);
		for (key = 0; key < n; key++)
			put(map, key, BPF_ANY);
		for (key = 0; key < n; key++)
			use(map, key);
		for (key = n; key < n + 20; key++)
			CHECK_EQ(put(map, key, BPF_NOEXIST), 0);
		CHECK(count(map) >= n - 128 && count(map) <= n, "%s: %u", k->name, count(map));
		drop(map);
	}
}

/* With elements of its own, a busy CPU does not evict what the others have. */
static void test_own(void)
{
	const struct kind *k;
	struct bvm_map *map;
	u64 key;

	for_each_kind(k) {
		if (!is_own(k))
			continue;
		map = make(k, 16 * HOST_CPUS);
		host_cpu = 1;
		for (key = 0; key < 16; key++)
			put(map, key, BPF_ANY);
		host_cpu = 2;
		for (key = 100; key < 1000; key++)
			put(map, key, BPF_ANY);
		for (key = 0; key < 16; key++)
			CHECK(there(map, key), "%s: key %llu", k->name, key);
		CHECK(count(map) <= 32, "%u", count(map));
		/* what another CPU deletes comes back to where it belongs */
		for (key = 0; key < 16; key++)
			CHECK_EQ(map->type->delete(map, &key), 0);
		for (key = 2000; key < 3000; key++)
			put(map, key, BPF_ANY);
		CHECK(count(map) <= 16, "%u", count(map));
		host_cpu = 0;
		check_elements(map, k->name);
		drop(map);
	}
}

/* A CPU deletes more than it needs itself: others get it before they evict. */
static void test_deleted(void)
{
	struct bvm_map *map = make(&kinds[0], 4096);
	u64 key;

	for (key = 0; key < 4096; key++)
		put(map, key, BPF_ANY);
	host_cpu = 1;
	for (key = 0; key < 2048; key++)
		map->type->delete(map, &key);
	host_cpu = 2;
	for (key = 10000; key < 10000 + 2048 - 128; key++)
		CHECK_EQ(put(map, key, BPF_NOEXIST), 0);
	for (key = 2048; key < 4096; key++)
		CHECK(there(map, key), "key %llu", key);
	host_cpu = 0;
	drop(map);
}

/* The only free element is on the list of another CPU. */
static void test_elsewhere(void)
{
	struct bvm_map *map = make(&kinds[0], 1);
	u64 key;

	for (key = 0; key < 20; key++) {
		host_cpu = key % HOST_CPUS;
		CHECK_EQ(put(map, key, BPF_NOEXIST), 0);
		CHECK(there(map, key), "key %llu", key);
		CHECK_EQ(map->type->delete(map, &key), 0);
	}
	host_cpu = 0;
	check_elements(map, "one");
	drop(map);
}

/* ------------------------------------------------------------- re-entry */

/* A program in an NMI that has interrupted a writer. */
static void test_reentry(void)
{
	const struct kind *k;
	struct bvm_htab_group *g;
	struct bvm_htab *h;
	struct bvm_map *map;
	u64 key, kept = 0, other;

	for_each_kind(k) {
		map = make(k, 64 * HOST_CPUS);
		h = bvm_htab_of(map);
		for (key = 0; key < 64 * HOST_CPUS; key++)
			put(map, key, BPF_ANY);
		/* the keys of one group, which is locked */
		key = 64 * HOST_CPUS - 1;
		g = &h->group[bvm_htab_pos(h, &key).group];
		CHECK_EQ(bvm_htab_lock(g), 0);
		host_relaxed = 0;
		for (other = 0; other < 64 * HOST_CPUS; other++)
			if (g == &h->group[bvm_htab_pos(h, &other).group] && there(map, other))
				kept++;
		CHECK(kept, "%s", k->name);
		CHECK_EQ(put(map, key, BPF_ANY), -EBUSY);
		CHECK_EQ(map->type->delete(map, &key), -EBUSY);
		for (other = 10000; other < 10000 + 1000; other++)
			if (g != &h->group[bvm_htab_pos(h, &other).group])
				CHECK_EQ(put(map, other, BPF_NOEXIST), 0);
		CHECK(!host_relaxed, "nothing waits: %lu", host_relaxed);
		for (other = 0; other < 64 * HOST_CPUS; other++)
			if (g == &h->group[bvm_htab_pos(h, &other).group] && there(map, other))
				kept--;
		CHECK(!kept, "%s: evicted from a chain that is being changed", k->name);
		bvm_htab_unlock(g);
		CHECK_EQ(put(map, key, BPF_ANY), 0);
		check_elements(map, k->name);
		drop(map);
	}
}

static struct bvm_map *race_map;
static u64 race_key;

/* While this CPU is about to take the head of a list, another one takes it, and gives it back. */
static void race_other(void)
{
	u64 key = race_key += 10;

	put(race_map, key, BPF_NOEXIST);
	put(race_map, key + 1, BPF_NOEXIST);
	race_map->type->delete(race_map, &key);
}

static void test_race_take(void)
{
	const struct kind *k;
	u64 key;

	for_each_kind(k) {
		race_map = make(k, 16 * HOST_CPUS);
		race_key = 5000;
		for (key = 0; key < 200; key++) {
			host_meanwhile = race_other;
			put(race_map, key, BPF_ANY);
			CHECK(!host_meanwhile, "happened");
			host_meanwhile = NULL;
		}
		check_elements(race_map, k->name);
		drop(race_map);
	}
}

/* --------------------------------------------------------------- stress */

#define STRESS_KEYS	400
#define STRESS_WORDS	8

static struct bvm_map *stress_map;
static bool stress_stop;
static u64 stress_bad, stress_errno, stress_done;

static void *stress_thread(void *arg)
{
	u64 value[STRESS_WORDS * HOST_CPUS], key, *p;
	u32 i, r, seed = (long)arg * 7919;
	int err;

	host_cpu = (long)arg;
	while (!READ_ONCE(stress_stop)) {
		seed = seed * 1664525 + 1013904223;
		r = seed >> 8;
		key = r / 8 % STRESS_KEYS;
		switch (r % 8) {
		case 0 ... 3:
			for (i = 0; i < ARRAY_SIZE(value); i++)
				value[i] = key << 32 | seed;
			err = stress_map->type->update(stress_map, &key, value, BPF_ANY);
			if (err && err != -EBUSY)
				__atomic_fetch_add(&stress_errno, 1, __ATOMIC_RELAXED);
			break;
		case 4:
			err = stress_map->type->delete(stress_map, &key);
			if (err && err != -ENOENT && err != -EBUSY)
				__atomic_fetch_add(&stress_errno, 1, __ATOMIC_RELAXED);
			break;
		case 5:
			p = stress_map->type->lookup(stress_map, &key);
			if (p)
				READ_ONCE(*p);
			break;
		default:
			if (stress_map->type->copy_out(stress_map, &key, value, 0))
				break;
			for (i = 0; i < STRESS_WORDS; i++)
				if (value[i] && value[i] >> 32 != key)
					__atomic_fetch_add(&stress_bad, 1, __ATOMIC_RELAXED);
		}
		__atomic_fetch_add(&stress_done, 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

static void stress_run(const struct kind *k, u32 max_entries)
{
	struct timespec time = { .tv_nsec = 200000000 };
	pthread_t thread[HOST_CPUS];
	long i;

	stress_map = make_sized(k, STRESS_WORDS * sizeof(u64), max_entries);
	stress_bad = 0;
	stress_errno = 0;
	stress_done = 0;
	stress_stop = false;
	for (i = 0; i < HOST_CPUS; i++)
		pthread_create(&thread[i], NULL, stress_thread, (void *)i);
	nanosleep(&time, NULL);
	WRITE_ONCE(stress_stop, true);
	for (i = 0; i < HOST_CPUS; i++)
		pthread_join(thread[i], NULL);
	CHECK(!stress_bad, "%s: %llu values of other keys", k->name, stress_bad);
	CHECK(!stress_errno, "%s: %llu errors", k->name, stress_errno);
	CHECK(stress_done > 1000, "%s: %llu calls", k->name, stress_done);
	check_elements(stress_map, k->name);
	drop(stress_map);
}

static void test_stress(void)
{
	const struct kind *k;

	for_each_kind(k) {
		stress_run(k, 8);
		stress_run(k, 200);
	}
}

/* -------------------------------------------------------- memory */

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
			map = make(k, 1000);
			host_alloc_fail(0);
			if (map)
				break;
			CHECK(host_alloc.live == live, "%s: %lu leaks", k->name, n);
		}
		CHECK(map && n > 6, "%s: %lu allocations", k->name, n);
		if (map)
			drop(map);
		CHECK(host_alloc.live == live, "%s leaks", k->name);
	}
}

static void test_memory(void)
{
	struct bvm_map *map = make(&kinds[0], 1 << 16);

	/* as a hash: 24 bytes of element, two heads of 64/14; and the byte */
	CHECK(map->type->memory(map) < (1 << 16) * 35, "%llu", map->type->memory(map));
	drop(map);
}

static const struct ktap_test tests[] = {
	{ "requests", test_requests },
	{ "answers", test_answers },
	{ "bounded", test_bounded },
	{ "second_chance", test_second_chance },
	{ "all_used", test_all_used },
	{ "own", test_own },
	{ "deleted", test_deleted },
	{ "elsewhere", test_elsewhere },
	{ "reentry", test_reentry },
	{ "race_take", test_race_take },
	{ "stress", test_stress },
	{ "alloc_failure", test_alloc_failure },
	{ "memory", test_memory },
};

int main(void)
{
	return ktap_run(tests, ARRAY_SIZE(tests));
}
