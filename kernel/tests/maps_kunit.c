// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit: maps in the kernel, with its per-CPU memory, its interrupts and its workers.
 * What they answer to every kind of call is tested on the host (maps_test.c), from the
 * same source.
 */
#include <kunit/test.h>
#include <linux/kthread.h>
#include "../maps/htab.h"
#include "../maps/maps.h"

#define VALUE_WORDS	16

static struct bvm_map *make(struct kunit *test, const struct bvm_map_type *type, u32 value_size,
			    u32 max_entries, u32 flags)
{
	struct bvm_map_spec spec = {
		.type = type->id,
		.key_size = sizeof(u32),
		.value_size = value_size,
		.max_entries = max_entries,
		.flags = flags,
		.numa_node = NUMA_NO_NODE,
	};
	struct bvm_map *map;

	KUNIT_ASSERT_EQ(test, type->check(&spec), 0);
	map = type->alloc(&spec);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, map);
	map->type = type;
	map->key_size = spec.key_size;
	map->value_size = value_size;
	map->max_entries = max_entries;
	map->flags = flags;
	map->numa_node = NUMA_NO_NODE;
	return map;
}

static long update(struct bvm_map *map, u32 key, const void *value, u64 flags)
{
	long err;

	migrate_disable();
	rcu_read_lock();
	err = map->type->update(map, &key, value, flags);
	rcu_read_unlock();
	migrate_enable();
	return err;
}

static long delete(struct bvm_map *map, u32 key)
{
	long err;

	rcu_read_lock();
	err = map->type->delete(map, &key);
	rcu_read_unlock();
	return err;
}

static int next_key(struct bvm_map *map, const u32 *key, u32 *next)
{
	int err;

	rcu_read_lock();
	err = map->type->next_key(map, key, next);
	rcu_read_unlock();
	return err;
}

static int copy_out(struct bvm_map *map, u32 key, void *value)
{
	int err;

	rcu_read_lock();
	err = map->type->copy_out(map, &key, value, 0);
	rcu_read_unlock();
	return err;
}

static void array(struct kunit *test)
{
	struct bvm_map *map = make(test, &bvm_array_map, sizeof(u64), 2, 0);
	u64 value = 1234;
	u32 key = 1, next;

	KUNIT_EXPECT_EQ(test, update(map, 1, &value, BPF_ANY), 0);
	KUNIT_EXPECT_EQ(test, update(map, 1, &value, BPF_NOEXIST), -EEXIST);
	KUNIT_EXPECT_EQ(test, update(map, 2, &value, BPF_ANY), -E2BIG);
	KUNIT_EXPECT_EQ(test, update(map, 1, &value, 3), -EINVAL);
	KUNIT_EXPECT_EQ(test, delete(map, 1), -EINVAL);
	KUNIT_EXPECT_EQ(test, *(u64 *)map->type->lookup(map, &key), 1234);
	KUNIT_EXPECT_EQ(test, next_key(map, NULL, &next), 0);
	KUNIT_EXPECT_EQ(test, next, 0);
	KUNIT_EXPECT_EQ(test, next_key(map, &key, &next), -ENOENT);
	key = 2;
	KUNIT_EXPECT_NULL(test, map->type->lookup(map, &key));
	map->type->free(map);
}

/* Fill, walk, replace when full, empty. */
static void hash_life(struct kunit *test, const struct bvm_map_type *type, u32 flags)
{
	struct bvm_map *map = make(test, type, sizeof(u64), 1000, flags);
	struct bvm_htab *h = bvm_htab_of(map);
	u32 key, next, n = 0;
	u64 value = 1;

	for (key = 0; key < 1000; key++) {
		KUNIT_EXPECT_EQ(test, update(map, key, &value, BPF_NOEXIST), 0);
		/* let the pool grow as fast as it is used */
		irq_work_sync(&h->pool.kick);
		flush_work(&h->pool.work);
	}
	KUNIT_EXPECT_EQ(test, update(map, key, &value, BPF_ANY), -E2BIG);
	KUNIT_EXPECT_EQ(test, update(map, key, &value, BPF_EXIST), -ENOENT);
	KUNIT_EXPECT_EQ(test, update(map, 7, &value, BPF_NOEXIST), -EEXIST);
	KUNIT_EXPECT_EQ(test, update(map, 7, &value, BPF_EXIST), 0);
	while (n < 1001 && !next_key(map, n ? &key : NULL, &next)) {
		key = next;
		n++;
	}
	KUNIT_EXPECT_EQ(test, n, 1000);
	for (key = 0; key < 1000; key++)
		KUNIT_EXPECT_EQ(test, delete(map, key), 0);
	KUNIT_EXPECT_EQ(test, delete(map, 0), -ENOENT);
	KUNIT_EXPECT_EQ(test, next_key(map, NULL, &next), -ENOENT);
	map->type->free(map);
}

static void hash(struct kunit *test)
{
	hash_life(test, &bvm_hash_map, 0);
	hash_life(test, &bvm_hash_map, BPF_F_NO_PREALLOC);
}

static void percpu_hash(struct kunit *test)
{
	hash_life(test, &bvm_percpu_hash_map, 0);
	hash_life(test, &bvm_percpu_hash_map, BPF_F_NO_PREALLOC);
}

/* Every new key finds room, the map never has more than it may. */
static void lru_life(struct kunit *test, const struct bvm_map_type *type, u32 flags)
{
	struct bvm_map *map = make(test, type, sizeof(u64), 1000, flags);
	u32 max = roundup(1000, num_possible_cpus()), key, next, n = 0;
	u64 value = 1;

	for (key = 0; key < 5000; key++) {
		KUNIT_EXPECT_EQ(test, update(map, key, &value, BPF_NOEXIST), 0);
		KUNIT_EXPECT_EQ(test, update(map, key, &value, BPF_NOEXIST), -EEXIST);
	}
	while (n <= max && !next_key(map, n ? &key : NULL, &next)) {
		key = next;
		n++;
	}
	KUNIT_EXPECT_LE(test, n, max);
	KUNIT_EXPECT_GE(test, n, 1000 / num_possible_cpus() / 2);
	map->type->free(map);
}

static void lru(struct kunit *test)
{
	lru_life(test, &bvm_lru_hash_map, 0);
	lru_life(test, &bvm_lru_hash_map, BPF_F_NO_COMMON_LRU);
	lru_life(test, &bvm_lru_percpu_hash_map, 0);
	lru_life(test, &bvm_lru_percpu_hash_map, BPF_F_NO_COMMON_LRU);
}

static void percpu_array(struct kunit *test)
{
	/* two chunks of per-CPU memory */
	struct bvm_map *map = make(test, &bvm_percpu_array_map, 20000, 2, 0);
	u32 key, next, *p;
	int cpu;

	for (key = 0; key < 2; key++) {
		for_each_possible_cpu(cpu) {
			p = map->type->lookup_cpu(map, &key, cpu);
			KUNIT_EXPECT_EQ(test, p[0] | p[20000 / sizeof(*p) - 1], 0);
			p[20000 / sizeof(*p) - 1] = key * 1000 + cpu;
		}
	}
	for (key = 0; key < 2; key++) {
		for_each_possible_cpu(cpu) {
			p = map->type->lookup_cpu(map, &key, cpu);
			KUNIT_EXPECT_EQ(test, p[20000 / sizeof(*p) - 1], key * 1000 + cpu);
		}
	}
	KUNIT_EXPECT_NULL(test, map->type->lookup_cpu(map, &key, 0));
	KUNIT_EXPECT_EQ(test, delete(map, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, next_key(map, NULL, &next), 0);
	map->type->free(map);
}

static void percpu_layout(struct kunit *test)
{
	struct bvm_map *map = make(test, &bvm_percpu_hash_map, 12, 8, 0);
	u32 size = bvm_map_user_value_size(map);
	u8 *value = kunit_kzalloc(test, size, GFP_KERNEL);
	u32 key = 7, i, set = 0;

	KUNIT_ASSERT_NOT_NULL(test, value);
	KUNIT_EXPECT_EQ(test, size, 16 * num_possible_cpus());
	memset(value, 0xff, size);
	KUNIT_EXPECT_EQ(test, map->type->copy_in(map, &key, value, BPF_ANY), 0);
	KUNIT_EXPECT_EQ(test, delete(map, key), 0);
	/* a program sets its CPU's value, the others are zero, not what was there before */
	memset(value, 0x11, 12);
	KUNIT_EXPECT_EQ(test, update(map, key, value, BPF_ANY), 0);
	KUNIT_EXPECT_EQ(test, copy_out(map, key, value), 0);
	for (i = 0; i < size; i++) {
		set += value[i] == 0x11;
		KUNIT_EXPECT_TRUE(test, value[i] == 0x11 || !value[i]);
	}
	KUNIT_EXPECT_EQ(test, set, 12);
	map->type->free(map);
}

/* As a program in an NMI that has interrupted a writer: no deadlock, an answer. */
static void reentry(struct kunit *test)
{
	const struct bvm_map_type *types[] = {
		&bvm_hash_map, &bvm_percpu_hash_map, &bvm_lru_hash_map, &bvm_lru_percpu_hash_map,
	};
	struct bvm_htab_group *g;
	struct bvm_htab *h;
	struct bvm_map *map;
	unsigned long irq;
	u32 i, key = 1;
	u64 value = 1;
	void *found;
	long err[2];

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		map = make(test, types[i], sizeof(value), 100, 0);
		h = bvm_htab_of(map);
		KUNIT_EXPECT_EQ(test, update(map, key, &value, BPF_ANY), 0);
		g = &h->group[bvm_htab_pos(h, &key).group];

		local_irq_save(irq);
		KUNIT_EXPECT_EQ(test, bvm_htab_lock(g), 0);
		err[0] = update(map, key, &value, BPF_ANY);
		err[1] = delete(map, key);
		found = map->type->lookup(map, &key);
		bvm_htab_unlock(g);
		local_irq_restore(irq);

		KUNIT_EXPECT_EQ(test, err[0], -EBUSY);
		KUNIT_EXPECT_EQ(test, err[1], -EBUSY);
		KUNIT_EXPECT_NOT_NULL(test, found);
		KUNIT_EXPECT_EQ(test, update(map, key, &value, BPF_ANY), 0);
		map->type->free(map);
	}
}

/* Values repeat one word, whose upper half is the key. */
static int writer(void *arg)
{
	u64 value[VALUE_WORDS];
	struct bvm_map *map = arg;
	u32 n = 0, key, i;

	while (!kthread_should_stop()) {
		key = ++n % 8;
		for (i = 0; i < VALUE_WORDS; i++)
			value[i] = (u64)key << 32 | n;
		if (n % 3)
			update(map, key, value, BPF_ANY);
		else
			delete(map, key);
		cond_resched();
	}
	return 0;
}

static void read_while_written(struct kunit *test, u32 flags)
{
	unsigned long end = jiffies + HZ / 4;
	struct task_struct *task;
	u64 value[VALUE_WORDS];
	struct bvm_map *map;
	u32 key, i, bad = 0;

	map = make(test, &bvm_hash_map, sizeof(value), 4, flags);
	task = kthread_run(writer, map, "bvm_maps_kunit");
	if (!IS_ERR(task)) {
		while (time_before(jiffies, end)) {
			for (key = 0; key < 8; key++) {
				if (copy_out(map, key, value))
					continue;
				for (i = 0; i < VALUE_WORDS; i++)
					bad += value[i] != value[0] || value[i] >> 32 != key;
			}
			cond_resched();
		}
		kthread_stop(task);
	}
	KUNIT_EXPECT_FALSE(test, IS_ERR(task));
	KUNIT_EXPECT_EQ(test, bad, 0);
	map->type->free(map);
}

static void concurrent(struct kunit *test)
{
	read_while_written(test, 0);
	read_while_written(test, BPF_F_NO_PREALLOC);
}

static void perf_event_array(struct kunit *test)
{
#ifdef CONFIG_BVM_EVENTS
	struct bvm_map *map = make(test, &bvm_perf_event_array_map, sizeof(u32), 4, 0);
	u32 key = 0, fd = -1, next;

	KUNIT_EXPECT_EQ(test, map->type->set_fd(map, &key, fd, BPF_ANY, NULL), -EBADF);
	KUNIT_EXPECT_EQ(test, map->type->set_fd(map, &key, fd, BPF_NOEXIST, NULL), -EINVAL);
	KUNIT_EXPECT_EQ(test, delete(map, 0), -ENOENT);
	KUNIT_EXPECT_EQ(test, delete(map, 4), -E2BIG);
	KUNIT_EXPECT_EQ(test, next_key(map, NULL, &next), 0);
	key = 4;
	KUNIT_EXPECT_EQ(test, map->type->set_fd(map, &key, fd, BPF_ANY, NULL), -E2BIG);
	map->type->opener_gone(map, NULL);
	map->type->free(map);
#else
	kunit_skip(test, "CONFIG_BVM_EVENTS is off");
#endif
}

static struct kunit_case bvm_maps_cases[] = {
	KUNIT_CASE(array),
	KUNIT_CASE(hash),
	KUNIT_CASE(percpu_hash),
	KUNIT_CASE(lru),
	KUNIT_CASE(percpu_array),
	KUNIT_CASE(percpu_layout),
	KUNIT_CASE(reentry),
	KUNIT_CASE(concurrent),
	KUNIT_CASE(perf_event_array),
	{}
};

static struct kunit_suite bvm_maps_suite = {
	.name = "bvm_maps",
	.test_cases = bvm_maps_cases,
};

kunit_test_suite(bvm_maps_suite);
