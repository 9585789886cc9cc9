// SPDX-License-Identifier: GPL-2.0-only
/*
 * The LPM trie: what each call answers, what it holds after many random calls (a list
 * of prefixes beside it), and what readers see while another CPU writes.
 */
#include <pthread.h>
#include "map_make.h"
#include "../../kernel/maps/lock.h"
#include "../../kernel/maps/pool.h"
#include "ktap.h"

extern const struct bvm_map_type bvm_lpm_trie_map;

#define LPM	(&bvm_lpm_trie_map)
#define NOPRE	BPF_F_NO_PREALLOC

struct key {
	u32 len;
	u8 data[256];
};

static struct bvm_map *make(u32 data_size, u32 max_entries)
{
	return map_make(LPM, 4 + data_size, 8, max_entries, NOPRE);
}

static int lookup(struct bvm_map *map, const struct key *key, u64 *value)
{
	u64 *p = LPM->lookup(map, key), copy = 0;
	int err = LPM->copy_out(map, key, &copy, 0);

	CHECK(!p == !!err, "the two agree");
	if (p)
		CHECK_EQ(*p, copy);
	*value = copy;
	return err;
}

/* ------------------------------------------------------------- requests */

/* As the stock kernel answers them. */
static const struct {
	u32 key_size, value_size, max_entries, flags;
	int want;
} requests[] = {
	{ 8, 4, 10, NOPRE, 0 },
	{ 8, 4, 10, 0, -EINVAL },
	{ 4, 4, 10, NOPRE, -EINVAL },
	{ 5, 4, 10, NOPRE, 0 },
	{ 260, 4, 10, NOPRE, 0 },
	{ 261, 4, 10, NOPRE, -EINVAL },
	{ U32_MAX, 4, 10, NOPRE, -EINVAL },
	{ 8, 0, 10, NOPRE, -EINVAL },
	{ 8, 1, 10, NOPRE, 0 },
	{ 8, 4, 0, NOPRE, -EINVAL },
	{ 8, 4, U32_MAX, NOPRE, 0 },
	{ 8, (4 << 20) - 296, 1, NOPRE, 0 },
	{ 8, (4 << 20) - 288, 1, NOPRE, -EINVAL },
	{ 8, INT_MAX, 1, NOPRE, -EINVAL },
	{ 8, 4, 1, NOPRE | BPF_F_NUMA_NODE, 0 },
	{ 8, 4, 1, NOPRE | BPF_F_RDONLY, 0 },
	{ 8, 4, 1, NOPRE | BPF_F_WRONLY_PROG, 0 },
	{ 8, 4, 1, NOPRE | BPF_F_RDONLY_PROG | BPF_F_WRONLY_PROG, -EINVAL },
	{ 8, 4, 1, NOPRE | BPF_F_ZERO_SEED, -EINVAL },
	{ 8, 4, 1, NOPRE | BPF_F_MMAPABLE, -EINVAL },
};

static void test_requests(void)
{
	struct bvm_map *map;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(requests); i++) {
		int err = map_check(LPM, requests[i].key_size, requests[i].value_size,
				    requests[i].max_entries, requests[i].flags);

		CHECK(err == requests[i].want, "row %u: %d", i, err);
	}
	/* as many as there can be cost nothing until they are there */
	map = make(4, U32_MAX);
	if (CHECK(map, "made")) {
		CHECK(LPM->memory(map) < 4 << 20, "%llu bytes", LPM->memory(map));
		LPM->free(map);
	}
}

/* ------------------------------------------------------------- semantics */

enum op { UPDATE, LOOKUP, DELETE, NEXT };

/* One call after the other on a map of three IPv4 prefixes. */
static const struct step {
	enum op op;
	u32 len;
	u8 data[4];
	u64 flags;	/* of UPDATE */
	s64 value;	/* to UPDATE, expected by LOOKUP; of NEXT: expected length */
	int want;
} steps[] = {
	{ NEXT, 33, {}, .want = -ENOENT },
	{ UPDATE, 33, { 10 }, BPF_ANY, 1, -EINVAL },
	{ DELETE, 33, { 10 }, .want = -EINVAL },
	{ LOOKUP, 33, { 10 }, .want = -ENOENT },
	{ LOOKUP, 32, { 10 }, .want = -ENOENT },
	{ DELETE, 24, { 10 }, .want = -ENOENT },
	{ UPDATE, 24, { 10, 0, 0, 1 }, BPF_EXIST, 1, -ENOENT },
	{ UPDATE, 24, { 10, 0, 0, 1 }, 3, 1, -EINVAL },
	{ UPDATE, 24, { 10, 0, 0, 1 }, BPF_F_LOCK, 1, -EINVAL },
	{ UPDATE, 24, { 10, 0, 0, 1 }, BPF_NOEXIST, 1 },
	{ UPDATE, 24, { 10, 0, 0, 2 }, BPF_NOEXIST, 1, -EEXIST },
	{ UPDATE, 24, { 10, 0, 0, 3 }, BPF_EXIST, 2 },
	{ LOOKUP, 32, { 10, 0, 0, 77 }, .value = 2 },
	{ LOOKUP, 24, { 10, 0, 0 }, .value = 2 },
	{ LOOKUP, 16, { 10, 0, 0 }, .want = -ENOENT },
	{ LOOKUP, 32, { 10, 0, 1, 77 }, .want = -ENOENT },
	{ DELETE, 16, { 10 }, .want = -ENOENT },
	{ UPDATE, 32, { 10, 0, 0, 99 }, BPF_ANY, 3 },
	{ UPDATE, 0, { 1 }, BPF_ANY, 4 },
	{ UPDATE, 8, { 10 }, BPF_ANY, 5, -ENOSPC },
	{ UPDATE, 8, { 10 }, BPF_NOEXIST, 5, -ENOSPC },
	{ UPDATE, 8, { 10 }, BPF_EXIST, 5, -ENOENT },
	{ UPDATE, 0, { 2 }, BPF_NOEXIST, 5, -EEXIST },
	{ UPDATE, 0, { 2 }, BPF_ANY, 6 },
	{ LOOKUP, 32, { 10, 0, 0, 99 }, .value = 3 },
	{ LOOKUP, 32, { 10, 0, 0, 98 }, .value = 2 },
	{ LOOKUP, 32, { 192, 168, 0, 1 }, .value = 6 },
	{ NEXT, 33, { 10 }, .value = 32 },
	{ NEXT, 25, { 10, 0, 0, 99 }, .value = 32 },
	{ NEXT, 32, { 200 }, .value = 32 },
	{ NEXT, 32, { 10, 0, 0, 99 }, .value = 24 },
	{ NEXT, 24, { 10, 0, 0, 5 }, .value = 0 },
	{ NEXT, 0, {}, .want = -ENOENT },
	{ DELETE, 24, { 10, 0, 0, 7 } },
	{ LOOKUP, 32, { 10, 0, 0, 98 }, .value = 6 },
	{ LOOKUP, 32, { 10, 0, 0, 99 }, .value = 3 },
	{ DELETE, 24, { 10, 0, 0, 7 }, .want = -ENOENT },
	{ DELETE, 0, {} },
	{ LOOKUP, 32, { 10, 0, 0, 98 }, .want = -ENOENT },
	{ DELETE, 32, { 10, 0, 0, 99 } },
	{ NEXT, 0, {}, .want = -ENOENT },
};

static void test_semantics(void)
{
	struct bvm_map *map = make(4, 3);
	struct key next;
	u64 value = 0;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(steps); i++) {
		const struct step *s = &steps[i];
		struct key key = { .len = s->len };
		int got = 0;

		memcpy(key.data, s->data, 4);
		switch (s->op) {
		case UPDATE:
			got = LPM->update(map, &key, &s->value, s->flags);
			break;
		case LOOKUP:
			got = lookup(map, &key, &value);
			CHECK(got || value == s->value, "step %u: %llu", i, value);
			break;
		case DELETE:
			got = LPM->delete(map, &key);
			break;
		case NEXT:
			got = LPM->next_key(map, &key, &next);
			CHECK(got || next.len == s->value, "step %u: /%u", i, next.len);
			break;
		}
		CHECK(got == s->want, "step %u: %d, want %d", i, got, s->want);
	}
	LPM->free(map);
}

/* ------------------------------------------------------------- a plain model */

#define MODEL_MAX	200

static struct {
	struct key key;
	u64 value;
} model[MODEL_MAX];
static u32 model_n, model_bytes;

static bool key_bit(const struct key *key, u32 i)
{
	return key->data[i / 8] & 0x80 >> i % 8;
}

/* Does the first @len of two keys' bits agree? */
static bool same_bits(const struct key *a, const struct key *b, u32 len)
{
	u32 i;

	for (i = 0; i < len; i++)
		if (key_bit(a, i) != key_bit(b, i))
			return false;
	return true;
}

static int model_find(const struct key *key)
{
	u32 i;

	for (i = 0; i < model_n; i++)
		if (model[i].key.len == key->len && same_bits(&model[i].key, key, key->len))
			return i;
	return -1;
}

static int model_longest(const struct key *key)
{
	int best = -1;
	u32 i;

	for (i = 0; i < model_n; i++)
		if (model[i].key.len <= key->len &&
		    same_bits(&model[i].key, key, model[i].key.len) &&
		    (best < 0 || model[i].key.len > model[best].key.len))
			best = i;
	return best;
}

/* Longer prefixes before what they begin with, zeroes before ones. */
static bool comes_before(const struct key *a, const struct key *b)
{
	u32 i, len = min(a->len, b->len);

	for (i = 0; i < len; i++)
		if (key_bit(a, i) != key_bit(b, i))
			return key_bit(b, i);
	return a->len > b->len;
}

static struct key random_key(void)
{
	struct key key = { .len = get_random_u32() % (model_bytes * 8 + 1) };
	u32 i;

	/* Few different bytes: prefixes of each other, and long common ones, are common. */
	for (i = 0; i < model_bytes; i++)
		key.data[i] = "\0\x80\xff\xfe\1"[get_random_u32() % 16 < 10 ? 0 :
						get_random_u32() % 5];
	if (get_random_u32() % 4 == 0 && model_n)
		memcpy(key.data, model[get_random_u32() % model_n].key.data, model_bytes);
	if (get_random_u32() % 4 == 0)
		key.data[get_random_u32() % model_bytes] ^= 1 << get_random_u32() % 8;
	return key;
}

static void model_update(struct bvm_map *map)
{
	struct key key = random_key();
	u64 flags = get_random_u32() % 3, value = get_random_u64();
	int i = model_find(&key), want = 0;

	if (i >= 0 && flags == BPF_NOEXIST)
		want = -EEXIST;
	else if (i < 0 && flags == BPF_EXIST)
		want = -ENOENT;
	else if (i < 0 && model_n == map->max_entries)
		want = -ENOSPC;
	CHECK_EQ(LPM->copy_in(map, &key, &value, flags), want);
	if (want)
		return;
	if (i < 0)
		i = model_n++;
	model[i].key = key;
	model[i].value = value;
}

static void model_delete(struct bvm_map *map)
{
	struct key key = random_key();
	int i;

	if (model_n && get_random_u32() % 2)
		key = model[get_random_u32() % model_n].key;
	i = model_find(&key);
	CHECK_EQ(LPM->delete(map, &key), i < 0 ? -ENOENT : 0);
	if (i >= 0)
		model[i] = model[--model_n];
}

static void model_lookup(struct bvm_map *map)
{
	struct key key = random_key();
	int i = model_longest(&key);
	u64 value;

	if (CHECK_EQ(lookup(map, &key, &value), i < 0 ? -ENOENT : 0) && i >= 0)
		CHECK_EQ(value, model[i].value);
}

/* All keys, in order; and the first after one that is not there. */
static void model_walk(struct bvm_map *map)
{
	struct key prev, next, first, odd;
	u32 n = 0;
	int i;

	for (i = LPM->next_key(map, NULL, &next); !i; i = LPM->next_key(map, &prev, &next)) {
		if (!CHECK(model_find(&next) >= 0, "in the model"))
			return;
		if (n && !CHECK(comes_before(&prev, &next), "order"))
			return;
		if (!n)
			first = next;
		prev = next;
		n++;
	}
	CHECK_EQ(i, -ENOENT);
	CHECK_EQ(n, model_n);
	odd = random_key();
	if (n && model_find(&odd) < 0) {
		CHECK_EQ(LPM->next_key(map, &odd, &next), 0);
		CHECK(next.len == first.len && same_bits(&next, &first, next.len), "first");
	}
}

static void model_run(u32 bytes, u32 max_entries, u32 turns)
{
	struct bvm_map *map;
	u32 i;

	model_n = 0;
	model_bytes = bytes;
	map = make(bytes, max_entries);
	for (i = 0; i < turns; i++) {
		switch (get_random_u32() % 8) {
		case 0 ... 2:
			model_update(map);
			break;
		case 3 ... 4:
			model_delete(map);
			break;
		default:
			model_lookup(map);
		}
		if (i % 64 == 0)
			model_walk(map);
	}
	/* It can be filled to the last entry, however the nodes were used. */
	while (model_n < max_entries)
		model_update(map);
	while (model_n) {
		CHECK_EQ(LPM->delete(map, &model[0].key), 0);
		model[0] = model[--model_n];
		if (model_n % 16 == 0)
			model_walk(map);
	}
	LPM->free(map);
}

static void test_model(void)
{
	static const u32 bytes[] = { 1, 2, 3, 4, 5, 7, 8, 16, 256 };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(bytes); i++) {
		model_run(bytes[i], 200, 6000);
		model_run(bytes[i], 3, 2000);
		model_run(bytes[i], 1, 200);
	}
}

/* --------------------------------------------------------------- IP addresses */

static void test_ip(void)
{
	static const struct { u8 addr[4]; u32 len; u64 value; } v4[] = {
		{ { 192, 168, 0, 0 }, 16, 1 },
		{ { 192, 168, 0, 0 }, 24, 2 },
		{ { 192, 168, 128, 0 }, 24, 3 },
		{ { 192, 168, 1, 0 }, 24, 4 },
		{ { 127, 0, 0, 0 }, 24, 5 },
	}, ask[] = {
		{ { 192, 168, 0, 10 }, 32, 2 },
		{ { 192, 168, 128, 9 }, 32, 3 },
		{ { 192, 168, 2, 1 }, 32, 1 },
		{ { 127, 0, 0, 127 }, 32, 5 },
		{ { 10, 0, 0, 1 }, 32, 0 },
	};
	static const u8 v6[16] = { 0x2a, 0, 0x14, 0x50, 0x40, 1, 8, 0x14 };
	struct bvm_map *map = make(4, 16);
	struct key key;
	u64 value;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(v4); i++) {
		key.len = v4[i].len;
		memcpy(key.data, v4[i].addr, 4);
		CHECK_EQ(LPM->update(map, &key, &v4[i].value, 0), 0);
	}
	for (i = 0; i < ARRAY_SIZE(ask); i++) {
		key.len = 32;
		memcpy(key.data, ask[i].addr, 4);
		CHECK_EQ(lookup(map, &key, &value), ask[i].value ? 0 : -ENOENT);
		CHECK_EQ(value, ask[i].value);
	}
	LPM->free(map);

	/* every length of one IPv6 prefix */
	map = make(16, 129);
	memcpy(key.data, v6, 16);
	for (i = 0; i <= 128; i++) {
		key.len = i;
		value = i;
		CHECK_EQ(LPM->copy_in(map, &key, &value, BPF_NOEXIST), 0);
	}
	for (i = 0; i < 128; i++) {
		key.len = 128;
		memcpy(key.data, v6, 16);
		key.data[i / 8] ^= 0x80 >> i % 8;
		CHECK_EQ(lookup(map, &key, &value), 0);
		CHECK_EQ(value, i);
	}
	LPM->free(map);
}

/* ------------------------------------------------------------------ re-entry */

/* A program in an NMI that has interrupted a writer: what happens in its copying. */
static struct bvm_map *re_map;
static struct key re_key = { 32, { 10, 1, 1, 1 } };
static u32 re_runs;

static void reenter(void)
{
	u64 value = 7;

	re_runs++;
	CHECK_EQ(LPM->update(re_map, &re_key, &value, 0), -EBUSY);
	CHECK_EQ(LPM->delete(re_map, &re_key), -EBUSY);
	CHECK(LPM->lookup(re_map, &re_key), "readers do not wait");
	CHECK_EQ(LPM->copy_out(re_map, &re_key, &value, 0), 0);
}

static void test_reentry(void)
{
	struct key other = { 32, { 10, 1, 2, 1 } };
	u64 value = 1;

	re_map = make(4, 10);
	CHECK_EQ(LPM->update(re_map, &re_key, &value, 0), 0);
	/* inside the taking of a node, with the map's lock held */
	host_meanwhile = reenter;
	CHECK_EQ(LPM->update(re_map, &other, &value, 0), 0);
	CHECK_EQ(re_runs, 1);
	CHECK_EQ(LPM->delete(re_map, &re_key), 0);
	LPM->free(re_map);
}

/* ------------------------------------------------------ one race at a time */

static struct bvm_map *race_map;
static struct key race_a = { 32, { 10, 0, 0, 1 } }, race_b = { 32, { 99, 0, 0, 1 } };

/* CPU 1 deletes a prefix and gives its node to another one. */
static void race_reuse(void)
{
	u64 value = 2;

	host_cpu = 1;
	CHECK_EQ(LPM->delete(race_map, &race_a), 0);
	CHECK_EQ(LPM->update(race_map, &race_b, &value, BPF_NOEXIST), 0);
	host_cpu = 0;
}

static void race_replace(void)
{
	struct key other = { 32, { 98 } };
	u64 value = 3;

	host_cpu = 1;
	CHECK_EQ(LPM->update(race_map, &race_a, &value, BPF_EXIST), 0);
	value = 4;
	CHECK_EQ(LPM->update(race_map, &other, &value, BPF_NOEXIST), 0);
	host_cpu = 0;
}

static void test_race_reader(void)
{
	u64 value = 1, *p;
	int run;

	for (run = 0; run < 3; run++) {
		race_map = make(4, 3);
		value = 1;
		CHECK_EQ(LPM->update(race_map, &race_a, &value, 0), 0);
		host_meanwhile = run == 2 ? race_replace : race_reuse;
		switch (run) {
		case 0:
			CHECK(!LPM->lookup(race_map, &race_a), "not another's value");
			break;
		case 1:
			CHECK_EQ(LPM->copy_out(race_map, &race_a, &value, 0), -ENOENT);
			break;
		case 2:
			p = LPM->lookup(race_map, &race_a);
			if (CHECK(p, "a prefix that is there all the time"))
				CHECK_EQ(*p, 3);
		}
		CHECK(!host_meanwhile, "happened");
		LPM->free(race_map);
	}
}

/* --------------------------------------------------------------------- stress */

#define STRESS_TURNS	60000
#define STRESS_FIXED	8

/*
 * Prefixes 10.n/16 stay, longer ones below them come and go on two CPUs, two others
 * look up.  A value says which prefix it belongs to, twice.
 */
static struct bvm_map *stress_map;
static u64 stress_bad, stress_hits, stress_writes;

struct svalue {
	u32 prefix;	/* the third byte of the key, 0: of the /16 */
	u32 not_prefix;
};

static void stress_write(int cpu, u32 n)
{
	struct key key = { 24, { 10, n % STRESS_FIXED, 1 + n / 8 % 4 + 4 * cpu } };
	struct svalue v = { key.data[2], ~key.data[2] };
	long err;

	key.len += n / 64 % 3;
	err = n & 1 ? LPM->delete(stress_map, &key) : LPM->copy_in(stress_map, &key, &v, 0);
	if (!err)
		__atomic_fetch_add(&stress_writes, 1, __ATOMIC_RELAXED);
	else if (err != -ENOENT && err != -EBUSY)
		__atomic_fetch_add(&stress_bad, 1, __ATOMIC_RELAXED);
}

static void stress_read(u32 n)
{
	struct key key = { 32, { 10, n % STRESS_FIXED, 1 + n / 8 % 8 } };
	struct svalue v;
	int err = LPM->copy_out(stress_map, &key, &v, 0);

	/* The /16 is always there; whole; no other's. */
	if (err || v.prefix != ~v.not_prefix || (v.prefix && v.prefix != key.data[2]))
		__atomic_fetch_add(&stress_bad, err != -EBUSY, __ATOMIC_RELAXED);
	else
		__atomic_fetch_add(&stress_hits, v.prefix != 0, __ATOMIC_RELAXED);
}

static void *stress_thread(void *arg)
{
	u32 i;

	host_cpu = (long)arg;
	for (i = 0; i < STRESS_TURNS; i++) {
		if (host_cpu < 2)
			stress_write(host_cpu, get_random_u32());
		else
			stress_read(get_random_u32());
		if (i % 64 == 0)
			host_work_run();
	}
	return NULL;
}

static void test_stress(void)
{
	struct svalue v = { 0, ~0U };
	pthread_t thread[4];
	struct key key;
	long i;

	stress_map = make(4, 1000);
	for (i = 0; i < STRESS_FIXED; i++) {
		key = (struct key){ 16, { 10, i } };
		CHECK_EQ(LPM->update(stress_map, &key, &v, 0), 0);
	}
	for (i = 0; i < 4; i++)
		pthread_create(&thread[i], NULL, stress_thread, (void *)i);
	for (i = 0; i < 4; i++)
		pthread_join(thread[i], NULL);
	CHECK_EQ(stress_bad, 0);
	CHECK(stress_hits > 100 && stress_writes > 1000, "%llu hits, %llu writes",
	      stress_hits, stress_writes);
	while (!LPM->next_key(stress_map, NULL, &key))
		CHECK_EQ(LPM->delete(stress_map, &key), 0);
	LPM->free(stress_map);
}

/* ------------------------------------------------------ memory that is not there */

static void test_grow(void)
{
	struct bvm_map *map = make(4, 5000);
	struct key key = { 32 };
	u64 value = 1;
	u32 i;
	int err;

	/* programs, while no worker gets a CPU: momentarily empty, not full */
	for (i = 0; ; i++) {
		key.data[2] = i >> 8;
		key.data[3] = i;
		err = LPM->update(map, &key, &value, 0);
		if (err)
			break;
	}
	CHECK_EQ(err, -ENOMEM);
	CHECK(i >= 64 && i < 5000, "%u", i);
	/* nothing has changed by the attempt */
	CHECK_EQ(LPM->delete(map, &key), -ENOENT);
	host_work_run();
	CHECK_EQ(LPM->update(map, &key, &value, 0), 0);
	for (; i < 5000; i++) {
		key.data[2] = i >> 8;
		key.data[3] = i;
		CHECK_EQ(LPM->copy_in(map, &key, &value, 0), 0);
	}
	key.data[0] = 1;
	CHECK_EQ(LPM->copy_in(map, &key, &value, 0), -ENOSPC);
	LPM->free(map);
}

static void test_alloc_failure(void)
{
	struct bvm_map *map = NULL;
	long live = host_alloc.live;
	unsigned long n;

	for (n = 1; n < 100 && !map; n++) {
		host_alloc_fail(n);
		map = make(256, 100);
		host_alloc_fail(0);
		if (!map)
			CHECK_EQ(host_alloc.live, live);
	}
	CHECK(map && n > 3, "%lu allocations", n);
	if (map)
		LPM->free(map);
	CHECK_EQ(host_alloc.live, live);
}

static const struct ktap_test tests[] = {
	{ "requests", test_requests },
	{ "semantics", test_semantics },
	{ "model", test_model },
	{ "ip", test_ip },
	{ "reentry", test_reentry },
	{ "race_reader", test_race_reader },
	{ "stress", test_stress },
	{ "grow", test_grow },
	{ "alloc_failure", test_alloc_failure },
};

int main(void)
{
	return ktap_run(tests, ARRAY_SIZE(tests));
}
