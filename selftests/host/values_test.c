// SPDX-License-Identifier: GPL-2.0-only
/*
 * Values with a lock and a pointer that holds a reference, in each type of map: whoever
 * changes, deletes, evicts a value, or frees the map, gives back what was in it, once, and
 * leaves the lock alone; whoever reads it sees zeroes.
 */
#include "../../kernel/maps/maps.h"
#include "ktap.h"
#include "map_make.h"

struct value {
	u64 a;
	u32 lock;
	u32 b;
	void *stale;
	void *object;
	u64 c;
};

/* How often each has been given back. */
static u32 released[64];

static void release(void *object)
{
	released[(u32 *)object - released]++;
}

static struct bvm_record rec = {
	.kinds = BIT(BVM_FIELD_LOCK) | BIT(BVM_FIELD_KPTR) | BIT(BVM_FIELD_KPTR_UNTRUSTED),
	.count = 3,
	.field = {
		{ offsetof(struct value, lock), 4, BVM_FIELD_LOCK },
		{ offsetof(struct value, stale), 8, BVM_FIELD_KPTR_UNTRUSTED },
		{ offsetof(struct value, object), 8, BVM_FIELD_KPTR, .release = release },
	},
};

static const struct kind {
	const struct bvm_map_type *type;
	u32 flags;
} kinds[] = {
	{ &bvm_array_map, 0 }, { &bvm_percpu_array_map, 0 }, { &bvm_hash_map, 0 },
	{ &bvm_hash_map, BPF_F_NO_PREALLOC }, { &bvm_percpu_hash_map, 0 },
	{ &bvm_percpu_hash_map, BPF_F_NO_PREALLOC }, { &bvm_lru_hash_map, 0 },
	{ &bvm_lru_percpu_hash_map, 0 },
};

#define PERCPU(map)	((map)->type->caps & BVM_MAP_PERCPU)

static struct bvm_map *make(const struct kind *k, u32 max_entries)
{
	struct bvm_map *map = map_make(k->type, 4, sizeof(struct value), max_entries, k->flags);

	map->record = &rec;
	memset(released, 0, sizeof(released));
	return map;
}

/* A value of each CPU for system calls. */
static const void *all_cpus(const struct value *v)
{
	static struct value values[64];
	u32 cpu;

	for (cpu = 0; cpu < num_possible_cpus(); cpu++)
		values[cpu] = *v;
	return values;
}

static long update(struct bvm_map *map, u32 key, const struct value *v, u64 flags)
{
	if (map->type->copy_in)
		return map->type->copy_in(map, &key, PERCPU(map) ? all_cpus(v) : v, flags);
	return map->type->update(map, &key, v, flags);
}

/* Object n goes into the value of a key, as by bpf_kptr_xchg(). */
static struct value *keep(struct bvm_map *map, u32 key, u32 n)
{
	struct value *v = map->type->lookup(map, &key);

	v->object = &released[n];
	v->stale = &released[n];
	return v;
}

static void test_written(void)
{
	const struct value in = { 1, 0x1111, 2, (void *)3, (void *)4, 5 };
	struct bvm_map *map;
	const struct kind *k;
	struct value *v;
	u32 key = 0;
	bool array;

	for (k = kinds; k < kinds + ARRAY_SIZE(kinds); k++) {
		map = make(k, 2);
		array = k->type->caps & BVM_MAP_ARRAY_INDEX;
		CHECK_EQ(update(map, 0, &in, BPF_ANY), 0);
		v = map->type->lookup(map, &key);
		CHECK(v->a == 1 && v->b == 2 && v->c == 5, "%s: what is no field", k->type->name);
		CHECK(!v->lock && !v->stale && !v->object, "%s: fields", k->type->name);
		keep(map, 0, 1);
		CHECK_EQ(map->type->update(map, &key, &in, BPF_EXIST), 0);
		CHECK(released[1] == 1, "%s: %u after update", k->type->name, released[1]);
		v = keep(map, 0, 2);
		CHECK_EQ(update(map, 0, &in, BPF_ANY), 0);
		CHECK(released[2] == 1, "%s: %u after a system call's", k->type->name, released[2]);
		keep(map, 0, 3);
		if (!array)
			CHECK_EQ(map->type->delete(map, &key), 0);
		CHECK(released[3] == !array, "%s: %u after delete", k->type->name,
		      released[3]);
		if (!array) {
			/* a program that still has the address */
			v->object = &released[4];
			CHECK_EQ(update(map, 1, &in, BPF_ANY), 0);
			CHECK(released[4] <= 1, "%s: twice", k->type->name);
		}
		CHECK_EQ(update(map, 1, &in, BPF_ANY), 0);
		keep(map, 1, 5);
		map->type->free(map);
		CHECK(released[3] == 1 && released[5] == 1, "%s: not with the map", k->type->name);
		CHECK(array || released[4] == 1, "%s: late: %u", k->type->name, released[4]);
	}
	ktap_end("changed, deleted, freed");
}

static void test_read(void)
{
	const struct value in = { .a = 1, .b = 2, .c = 5 };
	struct value out[64], *v;
	struct bvm_map *map;
	const struct kind *k;
	u32 key = 0;

	for (k = kinds; k < kinds + ARRAY_SIZE(kinds); k++) {
		map = make(k, 2);
		CHECK_EQ(update(map, 0, &in, BPF_ANY), 0);
		keep(map, 0, 1);
		memset(out, 0xee, sizeof(out));
		if (map->type->copy_out)
			CHECK_EQ(map->type->copy_out(map, &key, out, 0), 0);
		else
			bvm_value_read(&rec, out, map->type->lookup(map, &key), sizeof(*v));
		CHECK(out->a == 1 && out->b == 2 && out->c == 5, "%s", k->type->name);
		CHECK(!out->lock && !out->stale && !out->object, "%s", k->type->name);
		memset(out, 0xee, sizeof(out));
		if (map->type->take) {
			CHECK_EQ(map->type->take(map, &key, out, 0), 0);
			CHECK(out->a == 1 && !out->object && !out->stale && !out->lock, "%s",
			      k->type->name);
			CHECK_EQ(released[1], 1);
		}
		map->type->free(map);
		CHECK_EQ(released[1], 1);
	}
	ktap_end("read, taken");
}

static void test_evicted(void)
{
	const struct kind lru[] = { { &bvm_lru_hash_map, 0 }, { &bvm_lru_percpu_hash_map, 0 } };
	const struct value in = {};
	struct bvm_map *map;
	u32 i, k, n;

	for (k = 0; k < ARRAY_SIZE(lru); k++) {
		map = make(&lru[k], 4);
		for (i = 0; i < ARRAY_SIZE(released); i++) {
			CHECK_EQ(update(map, i, &in, BPF_ANY), 0);
			keep(map, i, i);
		}
		for (i = 0, n = 0; i < ARRAY_SIZE(released); i++)
			n += released[i];
		CHECK(n >= ARRAY_SIZE(released) - 8, "%u", n);
		map->type->free(map);
		for (i = 0; i < ARRAY_SIZE(released); i++)
			CHECK(released[i] == 1, "%u: %u", i, released[i]);
	}
	ktap_end("evicted");
}

/* BPF_F_LOCK overwrites in place, and only where there is a lock. */
static void test_lock_flag(void)
{
	const struct kind k = { &bvm_hash_map, 0 };
	const struct value in = { .a = 7 };
	struct bvm_map *map = make(&k, 2);
	struct value *v;
	u32 key = 0;

	CHECK_EQ(update(map, 0, &in, BPF_F_LOCK | BPF_EXIST), -ENOENT);
	CHECK_EQ(update(map, 0, &in, BPF_F_LOCK | BPF_NOEXIST), 0);
	v = map->type->lookup(map, &key);
	CHECK_EQ(update(map, 0, &in, BPF_F_LOCK | BPF_NOEXIST), -EEXIST);
	CHECK_EQ(update(map, 0, &in, BPF_F_LOCK), 0);
	CHECK(map->type->lookup(map, &key) == v, "not in place");
	CHECK_EQ(update(map, 0, &in, BPF_ANY), 0);
	CHECK(map->type->lookup(map, &key) != v, "in place");
	CHECK_EQ(update(map, 0, &in, BPF_F_LOCK | 3), -EINVAL);
	map->record = NULL;
	CHECK_EQ(update(map, 0, &in, BPF_F_LOCK), -EINVAL);
	map->type->free(map);
	ktap_end("BPF_F_LOCK");
}

int main(void)
{
	ktap_plan(4);
	test_written();
	test_read();
	test_evicted();
	test_lock_flag();
	return ktap_exit();
}
