// SPDX-License-Identifier: GPL-2.0-only
/*
 * BPF_MAP_TYPE_HASH_OF_MAPS: the table of htab.h with addresses of maps as values, a
 * reference on each; maps that all look like the one that the table was made with
 * (Documentation/bpf/map_of_maps.rst).
 */
#include "../deps.h"
#include "htab.h"
#include "maps.h"

static int hash_of_maps_check(const struct bvm_map_spec *spec)
{
	return spec->value_size == sizeof(u32) ? bvm_htab_check(spec) : -EINVAL;
}

static struct bvm_map *hash_of_maps_alloc(const struct bvm_map_spec *spec)
{
	return bvm_htab_alloc(spec, 0);
}

/*
 * A program keeps what it gets here, so it must be this key's map, and one that is in
 * the table: an address of which the element has been reused while it was read, may
 * be half another one.
 */
static void *hash_of_maps_lookup(struct bvm_map *map, const void *key)
{
	struct bvm_htab *h = bvm_htab_of(map);
	struct bvm_htab_pos pos = bvm_htab_pos(h, key);
	const struct bvm_htab_group *g = &h->group[pos.group];
	struct bvm_htab_found found;
	void *inner;

	do {
		found = bvm_htab_walk(h, g, pos.head, key);
		if (!found.n)
			return NULL;
		inner = READ_ONCE(*(void **)bvm_htab_value(h, found.n));
		/* as in bvm_htab_walk() */
		smp_rmb();
	} while (READ_ONCE(g->seq) != found.seq);
	return inner;
}

static int hash_of_maps_set_fd(struct bvm_map *map, const void *key, u32 fd, u64 flags,
			       const void *opener)
{
	const struct bvm_object_kind *objects = bvm_htab_of(map)->objects;
	void *inner = objects->get(map, fd, opener);
	int err;

	if (IS_ERR(inner))
		return PTR_ERR(inner);
	err = bvm_htab_copy_in(map, key, &inner, flags, BVM_HTAB_VALUE);
	if (err)
		objects->put(inner);
	return err;
}

static int hash_of_maps_copy_out(struct bvm_map *map, const void *key, void *value, u64 flags)
{
	void *inner = hash_of_maps_lookup(map, key);

	if (!inner)
		return -ENOENT;
	put_unaligned(bvm_htab_of(map)->objects->id(inner), (u32 *)value);
	return 0;
}

const struct bvm_map_type bvm_hash_of_maps_map = {
	.id = BPF_MAP_TYPE_HASH_OF_MAPS,
	.name = "hash_of_maps",
	.kernel_name = "bpf_htab",
	.caps = BVM_MAP_LOOKUP | BVM_MAP_OF_MAPS | BVM_MAP_FD_VALUES | BVM_MAP_BATCH |
		BVM_MAP_BATCH_DELETE | BVM_MAP_SLEEPABLE,
	.flags = BVM_HTAB_FLAGS,
	.check = hash_of_maps_check,
	.alloc = hash_of_maps_alloc,
	.free = bvm_htab_free,
	.lookup = hash_of_maps_lookup,
	.set_fd = hash_of_maps_set_fd,
	.delete = bvm_htab_delete,
	.next_key = bvm_htab_next_key,
	.copy_out = hash_of_maps_copy_out,
	.batch = bvm_htab_batch,
	.memory = bvm_htab_memory,
};
