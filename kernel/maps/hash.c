// SPDX-License-Identifier: GPL-2.0-only
/*
 * BPF_MAP_TYPE_HASH: the table of htab.h with the value in the element.
 */
#include "../deps.h"
#include "htab.h"
#include "maps.h"

static struct bvm_map *hash_alloc(const struct bvm_map_spec *spec)
{
	return bvm_htab_alloc(spec, 0);
}

static __always_inline void *hash_find(struct bvm_htab *h, const void *key, u32 size)
{
	struct bvm_htab_found found = bvm_htab_find_sized(h, key, size);

	return found.n ? (void *)found.e + bvm_htab_value_off(h, size) : NULL;
}

BVM_HTAB_SIZED(hash_find, _4, 4)
BVM_HTAB_SIZED(hash_find, _8, 8)
BVM_HTAB_SIZED(hash_find, _16, 16)
BVM_HTAB_SIZED(hash_find, _any, h->map.key_size)

static u32 hash_lookup_in_ir(struct bvm_map *map, struct bvm_ir *out)
{
	static const struct bvm_htab_calls calls = { {
		hash_find_4, hash_find_8, hash_find_16, hash_find_any,
	} };

	return bvm_htab_call(map, out, &calls);
}

static void *hash_lookup(struct bvm_map *map, const void *key)
{
	return hash_find(bvm_htab_of(map), key, map->key_size);
}

static long hash_update(struct bvm_map *map, const void *key, const void *value, u64 flags)
{
	return bvm_htab_update(map, key, value, flags, BVM_HTAB_VALUE);
}

static int hash_copy_in(struct bvm_map *map, const void *key, const void *value, u64 flags)
{
	return bvm_htab_copy_in(map, key, value, flags, BVM_HTAB_VALUE);
}

static int hash_copy_out(struct bvm_map *map, const void *key, void *value, u64 flags)
{
	return bvm_htab_copy_out(map, key, value, BVM_HTAB_VALUE);
}

static int hash_take(struct bvm_map *map, const void *key, void *value, u64 flags)
{
	return bvm_htab_take(map, key, value, BVM_HTAB_VALUE);
}

const struct bvm_map_type bvm_hash_map = {
	.id = BPF_MAP_TYPE_HASH,
	.name = "hash",
	.kernel_name = "bpf_htab",
	.caps = BVM_MAP_LOOKUP | BVM_MAP_UPDATE | BVM_MAP_DELETE | BVM_MAP_FOR_EACH |
		BVM_MAP_BATCH | BVM_MAP_BATCH_DELETE | BVM_MAP_SLEEPABLE |
		BVM_MAP_LOCKS | BVM_MAP_KPTRS,
	.flags = BVM_HTAB_FLAGS,
	.check = bvm_htab_check,
	.alloc = hash_alloc,
	.free = bvm_htab_free,
	.lookup = hash_lookup,
	.lookup_in_ir = hash_lookup_in_ir,
	.update = hash_update,
	.delete = bvm_htab_delete,
	.next_key = bvm_htab_next_key,
	.each = bvm_htab_each,
	.copy_in = hash_copy_in,
	.copy_out = hash_copy_out,
	.take = hash_take,
	.batch = bvm_htab_batch,
	.memory = bvm_htab_memory,
};
