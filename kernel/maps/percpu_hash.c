// SPDX-License-Identifier: GPL-2.0-only
/*
 * BPF_MAP_TYPE_PERCPU_HASH: the table of htab.h with a value a CPU, in per-CPU memory.
 * A program sees the value of its CPU, a system call those of all possible CPUs.  A key
 * that a program adds has zeroes for the other CPUs.
 */
#include "../deps.h"
#include "htab.h"
#include "maps.h"

static int percpu_hash_check(const struct bvm_map_spec *spec)
{
	/* Values are on the node of their CPU. */
	if (spec->flags & BPF_F_NUMA_NODE)
		return -EINVAL;
	if (spec->value_size > PCPU_MIN_UNIT_SIZE)
		return -E2BIG;
	return bvm_htab_check(spec);
}

static struct bvm_map *percpu_hash_alloc(const struct bvm_map_spec *spec)
{
	return bvm_htab_alloc(spec, BVM_HTAB_PERCPU);
}

static void *percpu_hash_lookup_cpu(struct bvm_map *map, const void *key, u32 cpu)
{
	struct bvm_htab *h = bvm_htab_of(map);
	u32 n = bvm_htab_find(h, key);

	return n ? bvm_htab_cpu_value(h, n, cpu) : NULL;
}

static __always_inline void *percpu_hash_find(struct bvm_htab *h, const void *key, u32 size)
{
	struct bvm_htab_found found = bvm_htab_find_sized(h, key, size);

	return found.n ? bvm_htab_this_cpu_value(h, found.n) : NULL;
}

BVM_HTAB_SIZED(percpu_hash_find, _4, 4)
BVM_HTAB_SIZED(percpu_hash_find, _8, 8)
BVM_HTAB_SIZED(percpu_hash_find, _16, 16)
BVM_HTAB_SIZED(percpu_hash_find, _any, h->map.key_size)

static u32 percpu_hash_lookup_in_ir(struct bvm_map *map, struct bvm_ir *out)
{
	static const struct bvm_htab_calls calls = { {
		percpu_hash_find_4, percpu_hash_find_8, percpu_hash_find_16, percpu_hash_find_any,
	} };

	return bvm_htab_call(map, out, &calls);
}

static void *percpu_hash_lookup(struct bvm_map *map, const void *key)
{
	return percpu_hash_find(bvm_htab_of(map), key, map->key_size);
}

static long percpu_hash_update(struct bvm_map *map, const void *key, const void *value,
			       u64 flags)
{
	return bvm_htab_update(map, key, value, flags, BVM_HTAB_THIS_CPU);
}

static int percpu_hash_copy_in(struct bvm_map *map, const void *key, const void *value,
			       u64 flags)
{
	return bvm_htab_copy_in(map, key, value, flags, BVM_HTAB_ALL_CPUS);
}

static int percpu_hash_copy_out(struct bvm_map *map, const void *key, void *value, u64 flags)
{
	return bvm_htab_copy_out(map, key, value, BVM_HTAB_ALL_CPUS);
}

static int percpu_hash_take(struct bvm_map *map, const void *key, void *value, u64 flags)
{
	return bvm_htab_take(map, key, value, BVM_HTAB_ALL_CPUS);
}

const struct bvm_map_type bvm_percpu_hash_map = {
	.id = BPF_MAP_TYPE_PERCPU_HASH,
	.name = "percpu_hash",
	.kernel_name = "bpf_htab",
	.caps = BVM_MAP_LOOKUP | BVM_MAP_UPDATE | BVM_MAP_DELETE | BVM_MAP_PERCPU |
		BVM_MAP_FOR_EACH | BVM_MAP_BATCH | BVM_MAP_BATCH_DELETE |
		BVM_MAP_SLEEPABLE | BVM_MAP_KPTRS,
	.flags = BVM_HTAB_FLAGS & ~BPF_F_NUMA_NODE,
	.check = percpu_hash_check,
	.alloc = percpu_hash_alloc,
	.free = bvm_htab_free,
	.lookup = percpu_hash_lookup,
	.lookup_in_ir = percpu_hash_lookup_in_ir,
	.lookup_cpu = percpu_hash_lookup_cpu,
	.update = percpu_hash_update,
	.delete = bvm_htab_delete,
	.next_key = bvm_htab_next_key,
	.each = bvm_htab_each_cpu,
	.copy_in = percpu_hash_copy_in,
	.copy_out = percpu_hash_copy_out,
	.take = percpu_hash_take,
	.batch = bvm_htab_batch,
	.memory = bvm_htab_memory,
};
