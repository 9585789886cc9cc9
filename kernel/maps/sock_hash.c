// SPDX-License-Identifier: GPL-2.0-only
/*
 * BPF_MAP_TYPE_SOCKHASH: sockets by key.
 */
#include "../deps.h"
#include <linux/jhash.h>
#include <linux/rculist.h>
#include "../sock_view.h"
#include "sock_map.h"

#define SOCK_HASH_MAX_KEY	BVM_MAX_STACK
#define SOCK_HASH_MAX_ENTRIES	BIT(26)

/**
 * struct bvm_sock_hash - a table of sockets
 * @socks:	common part
 * @count:	entries; under the lock
 * @seed:	of the hash
 * @mask:	number of lists - 1
 * @list:	entries whose hashes have the same low bits
 */
struct bvm_sock_hash {
	struct bvm_sock_map socks;
	u32 count;
	u32 seed;
	u32 mask;
	struct hlist_head list[];
};

static struct bvm_sock_hash *sock_hash_of(const struct bvm_sock_map *map)
{
	return container_of(map, struct bvm_sock_hash, socks);
}

static struct hlist_head *sock_hash_list(const struct bvm_sock_map *map, u32 place)
{
	struct bvm_sock_hash *hash = sock_hash_of(map);

	return &hash->list[place & hash->mask];
}

static u32 sock_hash_place(const struct bvm_sock_map *map, const void *key)
{
	return jhash(key, map->map.key_size, sock_hash_of(map)->seed);
}

static struct bvm_sock_entry *sock_hash_find(const struct bvm_sock_map *map, const void *key,
					     u32 place)
{
	struct bvm_sock_entry *entry;

	/* under RCU, or the lock, which keeps interrupts off */
	hlist_for_each_entry_rcu(entry, sock_hash_list(map, place), chain, true)
		if (entry->place == place && !memcmp(entry->key, key, map->map.key_size))
			return entry;
	return NULL;
}

static int sock_hash_put_in(struct bvm_sock_map *map, struct bvm_sock_entry *new,
			    struct bvm_sock_entry *old)
{
	struct bvm_sock_hash *hash = sock_hash_of(map);

	if (old) {
		hlist_replace_rcu(&old->chain, &new->chain);
		return 0;
	}
	if (hash->count == map->map.max_entries)
		return -E2BIG;
	hash->count++;
	hlist_add_head_rcu(&new->chain, sock_hash_list(map, new->place));
	return 0;
}

static void sock_hash_take_out(struct bvm_sock_map *map, struct bvm_sock_entry *entry)
{
	sock_hash_of(map)->count--;
	hlist_del_rcu(&entry->chain);
}

static const struct bvm_sock_layout sock_hash_layout = {
	.place = sock_hash_place,
	.find = sock_hash_find,
	.put_in = sock_hash_put_in,
	.take_out = sock_hash_take_out,
	.keys = true,
	.absent = -ENOENT,
};

static int sock_hash_check(const struct bvm_map_spec *spec)
{
	int err = bvm_sock_map_check(spec);

	if (err)
		return err;
	if (spec->key_size > SOCK_HASH_MAX_KEY)
		return -E2BIG;
	return spec->max_entries > SOCK_HASH_MAX_ENTRIES ? -EINVAL : 0;
}

static u32 sock_hash_lists(u32 max_entries)
{
	return roundup_pow_of_two(max_entries);
}

static size_t sock_hash_bytes(u32 max_entries)
{
	return struct_size_t(struct bvm_sock_hash, list, sock_hash_lists(max_entries));
}

static struct bvm_map *sock_hash_alloc(const struct bvm_map_spec *spec)
{
	struct bvm_sock_hash *hash;

	hash = kvzalloc_node(sock_hash_bytes(spec->max_entries),
			     GFP_KERNEL_ACCOUNT | __GFP_RETRY_MAYFAIL | __GFP_NOWARN,
			     spec->numa_node);
	if (!hash)
		return ERR_PTR(-ENOMEM);
	hash->socks.layout = &sock_hash_layout;
	hash->seed = get_random_u32();
	hash->mask = sock_hash_lists(spec->max_entries) - 1;
	return &hash->socks.map;
}

/* The first entry of a list; under RCU. */
static struct bvm_sock_entry *sock_hash_first(struct hlist_head *list)
{
	return hlist_entry_safe(rcu_dereference(hlist_first_rcu(list)), struct bvm_sock_entry,
				chain);
}

/* The entry behind another one in its list; under RCU. */
static struct bvm_sock_entry *sock_hash_behind(struct bvm_sock_entry *entry)
{
	return hlist_entry_safe(rcu_dereference(hlist_next_rcu(&entry->chain)),
				struct bvm_sock_entry, chain);
}

static void sock_hash_free(struct bvm_map *map)
{
	struct bvm_sock_hash *hash = sock_hash_of(bvm_sock_map_of(map));
	struct bvm_sock_entry *entry;
	u32 i;

	for (i = 0; i <= hash->mask; i++) {
		/* RCU: the socket may go as well. */
		rcu_read_lock();
		while ((entry = sock_hash_first(&hash->list[i])))
			bvm_sock_map_drop(&hash->socks, entry);
		rcu_read_unlock();
		cond_resched();
	}
	kvfree_rcu(hash, socks.rcu);
}

/* The first open socket from @entry on in its list. */
static struct bvm_sock_entry *sock_hash_open(struct bvm_sock_entry *entry)
{
	while (entry && !bvm_sock_entry_open(entry))
		entry = sock_hash_behind(entry);
	return entry;
}

static int sock_hash_next_key(struct bvm_map *map, const void *key, void *next)
{
	const struct bvm_sock_map *socks = bvm_sock_map_of(map);
	struct bvm_sock_hash *hash = sock_hash_of(socks);
	struct bvm_sock_entry *entry = NULL;
	u32 i = 0, place;

	if (key) {
		place = sock_hash_place(socks, key);
		entry = sock_hash_find(socks, key, place);
		i = entry ? (place & hash->mask) + 1 : 0;
	}
	if (entry)
		entry = sock_hash_open(sock_hash_behind(entry));
	for (; !entry && i <= hash->mask; i++)
		entry = sock_hash_open(sock_hash_first(&hash->list[i]));
	if (!entry)
		return -ENOENT;
	memcpy(next, entry->key, map->key_size);
	return 0;
}

static u64 sock_hash_memory(const struct bvm_map *map)
{
	return sock_hash_bytes(map->max_entries);
}

const struct bvm_map_type bvm_sock_hash_map = {
	.id = BPF_MAP_TYPE_SOCKHASH,
	.name = "sockhash",
	.kernel_name = "bpf_shtab",
	.caps = BVM_MAP_LOOKUP | BVM_MAP_UPDATE | BVM_MAP_DELETE | BVM_MAP_SOCKETS,
	.flags = BVM_SOCK_MAP_FLAGS,
	.check = sock_hash_check,
	.alloc = sock_hash_alloc,
	.free = sock_hash_free,
	.lookup = bvm_sock_map_lookup,
	.update = bvm_sock_map_update,
	.delete = bvm_sock_map_delete,
	.next_key = sock_hash_next_key,
	.copy_out = bvm_sock_map_copy_out,
	.copy_in = bvm_sock_map_copy_in,
	.memory = sock_hash_memory,
	.view = &bvm_sock_view,
};
