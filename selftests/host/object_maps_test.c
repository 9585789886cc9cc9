// SPDX-License-Identifier: GPL-2.0-only
/*
 * Maps of objects, with toys in place of programs and maps: each entry holds one
 * reference, whatever is put in, replaced, taken out or refused, and whoever does it at
 * the same time.
 */
#include <pthread.h>
#include "../../kernel/bvm.h"
#include "../../kernel/maps/object_array.h"
#include "../../kernel/maps/htab.h"
#include "../../kernel/maps/prog_array.h"
#include "ktap.h"

extern const struct bvm_map_type bvm_prog_array_map, bvm_array_of_maps_map,
	bvm_hash_of_maps_map;

/* The first member is what a prog array takes a program for. */
struct toy {
	const void *code;
	u64 magic;
	int refs;
};

#define TOYS	8
#define MAGIC	0x7079746f7079746f

static struct toy toys[TOYS];

static void *toy_get(struct bvm_map *map, u32 fd, const void *opener)
{
	if (fd >= TOYS)
		return ERR_PTR(fd == 1000 ? -EINVAL : -EBADF);
	__atomic_fetch_add(&toys[fd].refs, 1, __ATOMIC_RELAXED);
	return &toys[fd];
}

static void toy_put(void *object)
{
	struct toy *toy = object;

	__atomic_fetch_sub(&toy->refs, 1, __ATOMIC_RELAXED);
}

static u32 toy_id(const void *object)
{
	return (const struct toy *)object - toys + 100;
}

static const struct bvm_object_kind toy_kind = {
	.get = toy_get,
	.put = toy_put,
	.id = toy_id,
};

static const struct kind {
	const char *name;
	const struct bvm_map_type *type;
	u32 flags;
} kinds[] = {
	{ "prog_array", &bvm_prog_array_map, 0 },
	{ "array_of_maps", &bvm_array_of_maps_map, 0 },
	{ "hash_of_maps", &bvm_hash_of_maps_map, 0 },
	{ "hash_of_maps, not preallocated", &bvm_hash_of_maps_map, BPF_F_NO_PREALLOC },
};

#define for_each_kind(k)	for (k = kinds; k < kinds + ARRAY_SIZE(kinds); k++)

static bool is_hash(const struct kind *k)
{
	return k->type == &bvm_hash_of_maps_map;
}

static struct bvm_map *make(const struct kind *k, u32 max_entries)
{
	struct bvm_map_spec spec = {
		.type = k->type->id,
		.key_size = sizeof(u32),
		.value_size = sizeof(u32),
		.max_entries = max_entries,
		.flags = k->flags,
		.numa_node = NUMA_NO_NODE,
		.objects = &toy_kind,
	};
	struct bvm_map *map;
	u32 i;

	for (i = 0; i < TOYS; i++)
		toys[i] = (struct toy) { (void *)(unsigned long)(i + 1), MAGIC, 1 };
	if (k->type->check(&spec))
		return NULL;
	map = k->type->alloc(&spec);
	if (IS_ERR(map))
		return NULL;
	map->type = k->type;
	map->key_size = spec.key_size;
	map->value_size = spec.value_size;
	map->max_entries = max_entries;
	map->flags = k->flags;
	map->numa_node = NUMA_NO_NODE;
	return map;
}

static int set(struct bvm_map *map, u32 key, u32 fd, u64 flags)
{
	return map->type->set_fd(map, &key, fd, flags, NULL);
}

static int del(struct bvm_map *map, u32 key)
{
	return map->type->delete(map, &key);
}

/* id, or an error */
static int get(struct bvm_map *map, u32 key)
{
	u32 id;
	int err = map->type->copy_out(map, &key, &id, 0);

	return err ? err : (int)id;
}

static void check_refs(const char *name, u32 toy, int want)
{
	CHECK(toys[toy].refs == want, "%s: toy %u has %d references", name, toy, toys[toy].refs);
}

static void test_references(void)
{
	const struct kind *k;
	struct bvm_map *map;
	u32 i;

	for_each_kind(k) {
		map = make(k, 2);
		CHECK_EQ(get(map, 0), -ENOENT);
		CHECK_EQ(del(map, 0), -ENOENT);
		CHECK_EQ(set(map, 0, 77, BPF_ANY), -EBADF);
		CHECK_EQ(set(map, 0, 1000, BPF_ANY), -EINVAL);
		CHECK_EQ(set(map, 0, 3, BPF_EXIST), is_hash(k) ? -ENOENT : -EINVAL);
		check_refs(k->name, 3, 1);
		CHECK_EQ(set(map, 0, 3, BPF_ANY), 0);
		check_refs(k->name, 3, 2);
		CHECK_EQ(get(map, 0), 103);
		CHECK_EQ(set(map, 0, 3, BPF_ANY), 0);
		check_refs(k->name, 3, 2);
		CHECK_EQ(set(map, 1, 3, BPF_ANY), 0);
		check_refs(k->name, 3, 3);
		CHECK_EQ(set(map, 2, 4, BPF_ANY), -E2BIG);
		check_refs(k->name, 4, 1);
		CHECK_EQ(set(map, 0, 4, BPF_ANY), 0);
		check_refs(k->name, 3, 2);
		check_refs(k->name, 4, 2);
		CHECK_EQ(set(map, 0, 5, BPF_NOEXIST), is_hash(k) ? -EEXIST : -EINVAL);
		check_refs(k->name, 5, 1);
		CHECK_EQ(del(map, 0), 0);
		CHECK_EQ(del(map, 0), -ENOENT);
		check_refs(k->name, 4, 1);
		CHECK_EQ(get(map, 0), -ENOENT);
		map->type->free(map);
		for (i = 0; i < TOYS; i++)
			check_refs(k->name, i, 1);
	}
}

/* What programs get: addresses of the objects themselves. */
static void test_lookup(void)
{
	struct bvm_map *map = make(&kinds[0], 3);
	const struct kind *k;
	u32 key = 1;

	CHECK_EQ(set(map, 1, 6, BPF_ANY), 0);
	CHECK(bvm_prog_array_code(map, 1) == toys[6].code, "code of the program");
	CHECK(!bvm_prog_array_code(map, 0), "empty");
	CHECK(!bvm_prog_array_code(map, 3), "behind");
	CHECK(!bvm_prog_array_code(map, (1ULL << 32) + 1), "no entry in 64 bits");
	CHECK(!map->type->lookup, "no business of programs");
	/* the last user is gone, programs may still look */
	map->type->release(map);
	CHECK(!bvm_prog_array_code(map, 1), "released");
	check_refs("released", 6, 1);
	map->type->free(map);
	for_each_kind(k) {
		if (!k->type->lookup)
			continue;
		map = make(k, 3);
		CHECK(!map->type->lookup(map, &key), "%s", k->name);
		CHECK_EQ(set(map, 1, 6, BPF_ANY), 0);
		CHECK(map->type->lookup(map, &key) == &toys[6], "%s", k->name);
		map->type->free(map);
	}
}

static bool is_toy_2(const void *object, const void *arg)
{
	return object == arg;
}

static void test_clear(void)
{
	struct bvm_map *map = make(&kinds[1], 100);
	u32 i;

	for (i = 0; i < 100; i++)
		CHECK_EQ(set(map, i, i % 4, BPF_ANY), 0);
	bvm_object_array_clear(map, is_toy_2, &toys[2]);
	for (i = 0; i < 100; i++)
		CHECK_EQ(get(map, i), i % 4 == 2 ? -ENOENT : 100 + (int)i % 4);
	check_refs("picked", 2, 1);
	check_refs("not picked", 1, 26);
	map->type->free(map);
	check_refs("all", 1, 1);
}

/* --------------------------------------------------------------- races */

static struct bvm_map *race_map;

/* CPU 1 removes the key and gives its element to another one, with another map. */
static void race_reuse(void)
{
	host_cpu = 1;
	CHECK_EQ(del(race_map, 1), 0);
	CHECK_EQ(set(race_map, 2, 6, BPF_NOEXIST), 0);
	host_cpu = 0;
}

static void race_replace(void)
{
	host_cpu = 1;
	CHECK_EQ(set(race_map, 1, 6, BPF_EXIST), 0);
	CHECK_EQ(set(race_map, 1, 7, BPF_EXIST), 0);
	host_cpu = 0;
}

/* the second smp_rmb(): between the reading of the address and the trust in it */
static void (*race_later)(void);
static void race_arm(void)
{
	host_meanwhile = race_later;
}

/* What a program gets for a key was that key's map at some time during the call. */
static void test_race_lookup(void)
{
	u32 key = 1, late;
	struct toy *got;

	for (late = 0; late < 2; late++) {
		race_map = make(&kinds[2], 1);
		set(race_map, 1, 5, BPF_ANY);
		race_later = race_reuse;
		host_meanwhile = late ? race_arm : race_reuse;
		got = race_map->type->lookup(race_map, &key);
		CHECK(!host_meanwhile, "happened");
		CHECK(!got, "late %u: the map of another key", late);
		race_map->type->free(race_map);

		race_map = make(&kinds[2], 1);
		set(race_map, 1, 5, BPF_ANY);
		race_later = race_replace;
		host_meanwhile = late ? race_arm : race_replace;
		got = race_map->type->lookup(race_map, &key);
		CHECK(!host_meanwhile, "happened");
		CHECK(got == &toys[7], "late %u: a key that is there all the time", late);
		race_map->type->free(race_map);
	}
}

static bool stress_stop;
static u64 stress_bad, stress_hits;

static void *stress_thread(void *arg)
{
	u32 seed = (long)arg * 7919 + 1, r, key;
	struct toy *toy;

	host_cpu = (long)arg;
	while (!READ_ONCE(stress_stop)) {
		seed = seed * 1664525 + 1013904223;
		r = seed >> 8;
		key = r / 8 % 12;
		switch (r % 8) {
		case 0 ... 2:
			/* objects tell which key they may be under */
			set(race_map, key, key % TOYS, BPF_ANY);
			break;
		case 3:
			del(race_map, key);
			break;
		default:
			toy = race_map->type->lookup ? race_map->type->lookup(race_map, &key) :
						       bvm_object_at(race_map, key);
			if (!toy)
				break;
			__atomic_fetch_add(&stress_hits, 1, __ATOMIC_RELAXED);
			if (toy != &toys[key % TOYS] || READ_ONCE(toy->magic) != MAGIC)
				__atomic_fetch_add(&stress_bad, 1, __ATOMIC_RELAXED);
		}
	}
	return NULL;
}

static void test_stress(void)
{
	struct timespec time = { .tv_nsec = 300000000 };
	pthread_t thread[HOST_CPUS];
	const struct kind *k;
	long i;

	for_each_kind(k) {
		/* fewer elements than keys: the hash reuses them all the time */
		race_map = make(k, is_hash(k) ? 6 : 12);
		stress_stop = false;
		stress_bad = 0;
		stress_hits = 0;
		for (i = 0; i < HOST_CPUS; i++)
			pthread_create(&thread[i], NULL, stress_thread, (void *)i);
		nanosleep(&time, NULL);
		WRITE_ONCE(stress_stop, true);
		for (i = 0; i < HOST_CPUS; i++)
			pthread_join(thread[i], NULL);
		CHECK(!stress_bad, "%s: %llu wrong objects", k->name, stress_bad);
		CHECK(stress_hits > 100, "%s: %llu hits", k->name, stress_hits);
		race_map->type->free(race_map);
		for (i = 0; i < TOYS; i++)
			check_refs(k->name, i, 1);
	}
}

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
			map = make(k, 100);
			host_alloc_fail(0);
			if (map)
				break;
			CHECK(host_alloc.live == live, "%s: %lu leaks", k->name, n);
		}
		CHECK(map && n > 1, "%s: %lu allocations", k->name, n);
		if (map)
			map->type->free(map);
		CHECK(host_alloc.live == live, "%s leaks", k->name);
	}
}

static const struct ktap_test tests[] = {
	{ "references", test_references },
	{ "lookup", test_lookup },
	{ "clear", test_clear },
	{ "race_lookup", test_race_lookup },
	{ "stress", test_stress },
	{ "alloc_failure", test_alloc_failure },
};

int main(void)
{
	return ktap_run(tests, ARRAY_SIZE(tests));
}
