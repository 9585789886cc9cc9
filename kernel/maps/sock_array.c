// SPDX-License-Identifier: GPL-2.0-only
/*
 * BPF_MAP_TYPE_SOCKMAP: sockets by index.
 */
#include "../deps.h"
#include "../sock_view.h"
#include "sock_map.h"

/**
 * struct bvm_sock_array - an array of sockets
 * @socks:	common part
 * @entry:	entries, NULL where nothing is
 */
struct bvm_sock_array {
	struct bvm_sock_map socks;
	struct bvm_sock_entry __rcu *entry[];
};

static struct bvm_sock_array *sock_array_of(const struct bvm_sock_map *map)
{
	return container_of(map, struct bvm_sock_array, socks);
}

static u32 sock_array_place(const struct bvm_sock_map *map, const void *key)
{
	return get_unaligned((const u32 *)key);
}

static struct bvm_sock_entry *sock_array_find(const struct bvm_sock_map *map, const void *key,
					      u32 place)
{
	if (place >= map->map.max_entries)
		return NULL;
	/* under RCU, or the lock, which keeps interrupts off */
	return rcu_dereference_check(sock_array_of(map)->entry[place], true);
}

static int sock_array_put_in(struct bvm_sock_map *map, struct bvm_sock_entry *new,
			     struct bvm_sock_entry *old)
{
	if (new->place >= map->map.max_entries)
		return -E2BIG;
	rcu_assign_pointer(sock_array_of(map)->entry[new->place], new);
	return 0;
}

static void sock_array_take_out(struct bvm_sock_map *map, struct bvm_sock_entry *entry)
{
	RCU_INIT_POINTER(sock_array_of(map)->entry[entry->place], NULL);
}

static const struct bvm_sock_layout sock_array_layout = {
	.place = sock_array_place,
	.find = sock_array_find,
	.put_in = sock_array_put_in,
	.take_out = sock_array_take_out,
	.absent = -EINVAL,
};

static int sock_array_check(const struct bvm_map_spec *spec)
{
	return spec->key_size == sizeof(u32) ? bvm_sock_map_check(spec) : -EINVAL;
}

static size_t sock_array_bytes(u32 max_entries)
{
	return struct_size_t(struct bvm_sock_array, entry, max_entries);
}

static struct bvm_map *sock_array_alloc(const struct bvm_map_spec *spec)
{
	struct bvm_sock_array *array;

	array = kvzalloc_node(sock_array_bytes(spec->max_entries),
			      GFP_KERNEL_ACCOUNT | __GFP_RETRY_MAYFAIL | __GFP_NOWARN,
			      spec->numa_node);
	if (!array)
		return ERR_PTR(-ENOMEM);
	array->socks.layout = &sock_array_layout;
	return &array->socks.map;
}

static void sock_array_free(struct bvm_map *map)
{
	struct bvm_sock_map *socks = bvm_sock_map_of(map);
	struct bvm_sock_array *array = sock_array_of(socks);
	u32 i;

	for (i = 0; i < map->max_entries; i++) {
		/* RCU: the socket may go as well. */
		rcu_read_lock();
		bvm_sock_map_drop(socks, sock_array_find(socks, NULL, i));
		rcu_read_unlock();
		cond_resched();
	}
	kvfree_rcu(array, socks.rcu);
}

static u64 sock_array_memory(const struct bvm_map *map)
{
	return sock_array_bytes(map->max_entries);
}

const struct bvm_map_type bvm_sock_array_map = {
	.id = BPF_MAP_TYPE_SOCKMAP,
	.name = "sockmap",
	.kernel_name = "bpf_stab",
	.caps = BVM_MAP_LOOKUP | BVM_MAP_UPDATE | BVM_MAP_DELETE | BVM_MAP_SOCKETS,
	.flags = BVM_SOCK_MAP_FLAGS,
	.check = sock_array_check,
	.alloc = sock_array_alloc,
	.free = sock_array_free,
	.lookup = bvm_sock_map_lookup,
	.update = bvm_sock_map_update,
	.delete = bvm_sock_map_delete,
	.next_key = bvm_array_next_key,
	.copy_out = bvm_sock_map_copy_out,
	.copy_in = bvm_sock_map_copy_in,
	.memory = sock_array_memory,
	.view = &bvm_sock_view,
};
