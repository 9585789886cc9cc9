/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Maps of sockets, the part that both types of them share.
 */
#ifndef _BVM_SOCK_MAP_H
#define _BVM_SOCK_MAP_H

#include "../bvm.h"
#include "maps.h"

struct bvm_sock_bucket;
struct sock;

/**
 * struct bvm_sock_entry - a socket in a map
 * @sk:		socket, without a reference; NULL: it is gone.  Under the lock of @bucket
 * @bucket:	entries of sockets with the same hash
 * @node:	in @bucket, while there is a socket
 * @home:	map
 * @chain:	for the map
 * @place:	in the map
 * @inside:	the map has it; under the lock of the map.  Who takes it out frees it.
 * @rcu:	programs find entries under RCU
 * @key:	if the map wants it
 */
struct bvm_sock_entry {
	struct sock *sk;
	struct bvm_sock_bucket *bucket;
	struct hlist_node node;
	struct bvm_sock_map *home;
	struct hlist_node chain;
	u32 place;
	bool inside;
	struct rcu_head rcu;
	u8 key[] __aligned(8);
};

/**
 * struct bvm_sock_layout - how a type of map arranges entries
 * @place:	where a key belongs.  Any context.
 * @find:	the entry of a key, NULL: there is none.  Under RCU or the lock.
 * @put_in:	puts an entry in, in place of @old if that is not NULL.  Under the lock.  0 or
 *		-E2BIG.
 * @take_out:	takes an entry out.  Under the lock.
 * @keys:	entries keep their keys
 * @absent:	errno of a deletion that finds nothing
 */
struct bvm_sock_layout {
	u32 (*place)(const struct bvm_sock_map *map, const void *key);
	struct bvm_sock_entry *(*find)(const struct bvm_sock_map *map, const void *key, u32 place);
	int (*put_in)(struct bvm_sock_map *map, struct bvm_sock_entry *new,
		      struct bvm_sock_entry *old);
	void (*take_out)(struct bvm_sock_map *map, struct bvm_sock_entry *entry);
	bool keys;
	int absent;
};

/**
 * struct bvm_sock_map - a map of sockets
 * @map:	common part
 * @layout:	how it arranges entries
 * @lock:	of those who change it, as of bvm_spin_lock(); locks of buckets are inside
 * @rcu:	bvm_sock_gone() may have it until the end of its RCU section
 */
struct bvm_sock_map {
	struct bvm_map map;
	const struct bvm_sock_layout *layout;
	u32 lock;
	struct rcu_head rcu;
};

static inline struct bvm_sock_map *bvm_sock_map_of(const struct bvm_map *map)
{
	return container_of(map, struct bvm_sock_map, map);
}

#define BVM_SOCK_MAP_FLAGS	(BPF_F_NUMA_NODE | BVM_MAP_ACCESS_SYS)

int bvm_sock_map_check(const struct bvm_map_spec *spec);
void *bvm_sock_map_lookup(struct bvm_map *map, const void *key);
long bvm_sock_map_update(struct bvm_map *map, const void *key, const void *sk, u64 flags);
long bvm_sock_map_delete(struct bvm_map *map, const void *key);
int bvm_sock_map_copy_in(struct bvm_map *map, const void *key, const void *value, u64 flags);
int bvm_sock_map_copy_out(struct bvm_map *map, const void *key, void *value, u64 flags);
void bvm_sock_map_drop(struct bvm_sock_map *map, struct bvm_sock_entry *entry);
bool bvm_sock_entry_open(struct bvm_sock_entry *entry);

#endif /* _BVM_SOCK_MAP_H */
