// SPDX-License-Identifier: GPL-2.0-only
/*
 * BPF_MAP_TYPE_LRU_PERCPU_HASH: a per-CPU hash that evicts (lru.h) where that is full.
 * A program's lookup counts as use, a system call's does not.
 */
#include "../deps.h"
#include "htab.h"
#include "lru.h"
#include "maps.h"

static int lru_percpu_hash_check(const struct bvm_map_spec *spec)
{
	/* Values are on the node of their CPU. */
	if (spec->flags & BPF_F_NUMA_NODE)
		return -EINVAL;
	if (spec->value_size > PCPU_MIN_UNIT_SIZE)
		return -E2BIG;
	return bvm_lru_check(spec);
}

static struct bvm_map *lru_percpu_hash_alloc(const struct bvm_map_spec *spec)
{
	return bvm_htab_alloc(spec, BVM_HTAB_LRU | BVM_HTAB_PERCPU);
}

static void *lru_percpu_hash_lookup_cpu(struct bvm_map *map, const void *key, u32 cpu)
{
	struct bvm_htab *h = bvm_htab_of(map);
	u32 n = bvm_htab_find(h, key);

	if (!n)
		return NULL;
	bvm_lru_used(h, n);
	return bvm_htab_cpu_value(h, n, cpu);
}

static __always_inline void *lru_percpu_hash_find(struct bvm_htab *h, const void *key, u32 size)
{
	struct bvm_htab_found found = bvm_htab_find_sized(h, key, size);

	if (!found.n)
		return NULL;
	bvm_lru_used(h, found.n);
	return bvm_htab_this_cpu_value(h, found.n);
}

BVM_HTAB_SIZED(lru_percpu_hash_find, _4, 4)
BVM_HTAB_SIZED(lru_percpu_hash_find, _8, 8)
BVM_HTAB_SIZED(lru_percpu_hash_find, _16, 16)
BVM_HTAB_SIZED(lru_percpu_hash_find, _any, h->map.key_size)

static u32 lru_percpu_hash_lookup_in_ir(struct bvm_map *map, struct bvm_ir *out)
{
	static const struct bvm_htab_calls calls = { {
		lru_percpu_hash_find_4, lru_percpu_hash_find_8, lru_percpu_hash_find_16,
		lru_percpu_hash_find_any,
	} };

	return bvm_htab_call(map, out, &calls);
}

static void *lru_percpu_hash_lookup(struct bvm_map *map, const void *key)
{
	return lru_percpu_hash_find(bvm_htab_of(map), key, map->key_size);
}

static long lru_percpu_hash_update(struct bvm_map *map, const void *key, const void *value,
				   u64 flags)
{
	return bvm_htab_update(map, key, value, flags, BVM_HTAB_THIS_CPU);
}

static int lru_percpu_hash_copy_in(struct bvm_map *map, const void *key, const void *value,
				   u64 flags)
{
	return bvm_htab_update(map, key, value, flags, BVM_HTAB_ALL_CPUS);
}

static int lru_percpu_hash_copy_out(struct bvm_map *map, const void *key, void *value, u64 flags)
{
	return bvm_htab_copy_out(map, key, value, BVM_HTAB_ALL_CPUS);
}

static int lru_percpu_hash_take(struct bvm_map *map, const void *key, void *value, u64 flags)
{
	return bvm_htab_take(map, key, value, BVM_HTAB_ALL_CPUS);
}

const struct bvm_map_type bvm_lru_percpu_hash_map = {
	.id = BPF_MAP_TYPE_LRU_PERCPU_HASH,
	.name = "lru_percpu_hash",
	.kernel_name = "bpf_htab",
	.caps = BVM_MAP_LOOKUP | BVM_MAP_UPDATE | BVM_MAP_DELETE | BVM_MAP_PERCPU |
		BVM_MAP_FOR_EACH | BVM_MAP_BATCH | BVM_MAP_BATCH_DELETE |
		BVM_MAP_SLEEPABLE | BVM_MAP_KPTRS,
	.flags = BVM_LRU_FLAGS & ~BPF_F_NUMA_NODE,
	.check = lru_percpu_hash_check,
	.alloc = lru_percpu_hash_alloc,
	.free = bvm_htab_free,
	.lookup = lru_percpu_hash_lookup,
	.lookup_in_ir = lru_percpu_hash_lookup_in_ir,
	.lookup_cpu = lru_percpu_hash_lookup_cpu,
	.update = lru_percpu_hash_update,
	.delete = bvm_htab_delete,
	.next_key = bvm_htab_next_key,
	.each = bvm_htab_each_cpu,
	.copy_in = lru_percpu_hash_copy_in,
	.copy_out = lru_percpu_hash_copy_out,
	.take = lru_percpu_hash_take,
	.batch = bvm_htab_batch,
	.memory = bvm_htab_memory,
};
