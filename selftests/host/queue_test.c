// SPDX-License-Identifier: GPL-2.0-only
/*
 * Queue and stack: what each call answers, against a list of values; re-entry; and
 * nothing lost or doubled between threads.
 */
#include <pthread.h>
#include "map_make.h"
#include "../../kernel/maps/lock.h"
#include "../../kernel/maps/queue.h"
#include "ktap.h"

extern const struct bvm_map_type bvm_queue_map, bvm_stack_map;

static const struct bvm_map_type *const types[] = { &bvm_queue_map, &bvm_stack_map };

/* As the stock kernel answers them, for both types. */
static const struct {
	u32 key_size, value_size, max_entries, flags;
	int want;
} requests[] = {
	{ 0, 4, 4, 0, 0 },
	{ 4, 4, 4, 0, -EINVAL },
	{ 0, 0, 4, 0, -EINVAL },
	{ 0, 4, 0, 0, -EINVAL },
	{ 0, 7, 5, 0, 0 },
	{ 0, 4, 4, BPF_F_NO_PREALLOC, -EINVAL },
	{ 0, 4, 4, BPF_F_NUMA_NODE, 0 },
	{ 0, 4, 4, BPF_F_RDONLY, 0 },
	{ 0, 4, 4, BPF_F_WRONLY_PROG, 0 },
	{ 0, 4, 4, BPF_F_RDONLY_PROG | BPF_F_WRONLY_PROG, -EINVAL },
	{ 0, 4, 4, BPF_F_MMAPABLE, -EINVAL },
	{ 0, 4, 4, BPF_F_ZERO_SEED, -EINVAL },
	{ 0, 1 << 22, 1, 0, 0 },
	{ 0, (1 << 22) + 1, 1, 0, -E2BIG },
	{ 0, U32_MAX, 1, 0, -E2BIG },
	{ 0, 4, U32_MAX, 0, -E2BIG },
};

static void test_requests(void)
{
	u32 i, t;

	for (t = 0; t < ARRAY_SIZE(types); t++) {
		for (i = 0; i < ARRAY_SIZE(requests); i++) {
			int err = map_check(types[t], requests[i].key_size,
					    requests[i].value_size, requests[i].max_entries,
					    requests[i].flags);

			CHECK(err == requests[i].want, "%s, row %u: %d", types[t]->name, i, err);
		}
	}
}

/* Random calls beside a list. */
static void test_model(void)
{
	u32 list[5], n, t, i, max;

	for (t = 0; t < ARRAY_SIZE(types); t++) {
		for (max = 1; max <= 5; max++) {
			struct bvm_map *map = map_make(types[t], 0, 4, max, 0);
			bool queue = types[t] == &bvm_queue_map;

			for (i = n = 0; i < 2000; i++) {
				u32 value = get_random_u32(), got = 77, want, slot;
				u64 flags = get_random_u32() % 2 ? BPF_EXIST : BPF_ANY;

				slot = queue || !n ? 0 : n - 1;
				want = n ? list[slot] : 0;
				switch (get_random_u32() % 5) {
				case 0 ... 1:
					CHECK_EQ(map->type->push(map, &value, flags),
						 n == max && !flags ? -E2BIG : 0);
					if (n == max && flags)
						memmove(list, list + 1, --n * 4);
					if (n < max)
						list[n++] = value;
					break;
				case 2:
					CHECK_EQ(map->type->peek(map, &got), n ? 0 : -ENOENT);
					CHECK_EQ(got, want);
					break;
				case 3:
					CHECK_EQ(map->type->copy_out(map, NULL, &got, 0),
						 n ? 0 : -ENOENT);
					CHECK_EQ(got, want);
					break;
				default:
					CHECK_EQ(map->type->take(map, NULL, &got, 0),
						 n ? 0 : -ENOENT);
					CHECK_EQ(got, want);
					if (n)
						memmove(list + slot, list + slot + 1,
							(--n - slot) * 4);
				}
			}
			map->type->free(map);
		}
	}
}

static void test_errors(void)
{
	u32 t, value = 1, key = 0;

	for (t = 0; t < ARRAY_SIZE(types); t++) {
		const struct bvm_map_type *type = types[t];
		struct bvm_map *map = map_make(type, 0, 4, 2, 0);

		CHECK_EQ(type->push(map, &value, BPF_NOEXIST), -EINVAL);
		CHECK_EQ(type->push(map, &value, 3), -EINVAL);
		CHECK_EQ(type->push(map, &value, BPF_F_LOCK), -EINVAL);
		CHECK_EQ(type->push(map, &value, -1ULL), -EINVAL);
		CHECK_EQ(type->delete(map, &key), -EINVAL);
		CHECK_EQ(type->next_key(map, NULL, &key), -EINVAL);
		/* a program may read what it was given, found or not */
		CHECK_EQ(type->pop(map, &value), -ENOENT);
		CHECK_EQ(value, 0);
		type->free(map);
	}
}

/* A program in an NMI that has interrupted another operation on the same CPU. */
static void test_reentry(void)
{
	struct bvm_map *map = map_make(&bvm_queue_map, 0, 4, 2, 0);
	struct bvm_queue *q = container_of(map, struct bvm_queue, map);
	u32 value = 1;

	CHECK_EQ(map->type->push(map, &value, 0), 0);
	CHECK_EQ(bvm_lock(&q->lock), 0);
	CHECK_EQ(map->type->push(map, &value, 0), -EBUSY);
	CHECK_EQ(map->type->peek(map, &value), -EBUSY);
	CHECK_EQ(value, 0);
	CHECK_EQ(map->type->pop(map, &value), -EBUSY);
	/* another CPU waits, but not for ever */
	host_cpu = 1;
	host_relaxed = 0;
	CHECK_EQ(map->type->pop(map, &value), -EBUSY);
	CHECK(host_relaxed > 1000, "some waiting: %lu", host_relaxed);
	host_cpu = 0;
	bvm_unlock(&q->lock);
	CHECK_EQ(map->type->pop(map, &value), 0);
	CHECK_EQ(value, 1);
	map->type->free(map);
}

#define STRESS_VALUES	1000

/* Two CPUs push numbers, two pop them: each number once, those of a CPU in order. */
static struct bvm_map *stress_map;
static u8 stress_seen[2][STRESS_VALUES];
static u32 stress_done, stress_disorder;

static void *stress_thread(void *arg)
{
	u32 value[2] = {}, last[2] = {}, i;

	host_cpu = (long)arg;
	for (i = 0; host_cpu < 2 && i < STRESS_VALUES; i++) {
		value[0] = host_cpu;
		value[1] = i;
		while (stress_map->type->push(stress_map, value, 0))
			;
	}
	while (host_cpu >= 2 && __atomic_load_n(&stress_done, __ATOMIC_RELAXED) <
	       2 * STRESS_VALUES) {
		if (stress_map->type->pop(stress_map, value))
			continue;
		__atomic_fetch_add(&stress_seen[value[0] & 1][value[1] % STRESS_VALUES], 1,
				   __ATOMIC_RELAXED);
		__atomic_fetch_add(&stress_done, 1, __ATOMIC_RELAXED);
		if (value[1] < last[value[0] & 1])
			__atomic_fetch_add(&stress_disorder, 1, __ATOMIC_RELAXED);
		last[value[0] & 1] = value[1];
	}
	return NULL;
}

static void test_stress(void)
{
	pthread_t thread[4];
	u32 t, cpu, i;

	for (t = 0; t < ARRAY_SIZE(types); t++) {
		memset(stress_seen, 0, sizeof(stress_seen));
		stress_done = 0;
		stress_disorder = 0;
		stress_map = map_make(types[t], 0, 8, 100, 0);
		for (i = 0; i < 4; i++)
			pthread_create(&thread[i], NULL, stress_thread, (void *)(long)i);
		for (i = 0; i < 4; i++)
			pthread_join(thread[i], NULL);
		for (cpu = 0; cpu < 2; cpu++)
			for (i = 0; i < STRESS_VALUES; i++)
				CHECK(stress_seen[cpu][i] == 1, "%s: %u of CPU %u: %u times",
				      types[t]->name, i, cpu, stress_seen[cpu][i]);
		if (types[t] == &bvm_queue_map)
			CHECK_EQ(stress_disorder, 0);
		stress_map->type->free(stress_map);
	}
}

static void test_alloc_failure(void)
{
	long live = host_alloc.live;

	host_alloc_fail(1);
	CHECK(!map_make(&bvm_queue_map, 0, 4, 2, 0), "refused");
	host_alloc_fail(0);
	CHECK_EQ(host_alloc.live, live);
}

static const struct ktap_test tests[] = {
	{ "requests", test_requests },
	{ "model", test_model },
	{ "errors", test_errors },
	{ "reentry", test_reentry },
	{ "stress", test_stress },
	{ "alloc_failure", test_alloc_failure },
};

int main(void)
{
	return ktap_run(tests, ARRAY_SIZE(tests));
}
