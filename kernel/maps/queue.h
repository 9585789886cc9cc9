/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What queue and stack share: values in a circle, oldest first.
 */
#ifndef _BVM_MAPS_QUEUE_H
#define _BVM_MAPS_QUEUE_H

#include "../bvm.h"

/**
 * struct bvm_queue - values in order of their arrival
 * @map:	common part
 * @lock:	of who looks or changes, see lock.h
 * @first:	slot of the oldest value
 * @count:	values there are
 * @slot:	max_entries values, one after the other
 */
struct bvm_queue {
	struct bvm_map map;
	u32 lock;
	u32 first;
	u32 count;
	u8 slot[] __aligned(8);
};

/* flags that BPF_MAP_CREATE may carry */
#define BVM_QUEUE_FLAGS	(BPF_F_NUMA_NODE | BPF_F_RDONLY | BPF_F_WRONLY | \
			 BPF_F_RDONLY_PROG | BPF_F_WRONLY_PROG)

/**
 * enum bvm_queue_end - which value to read
 * @BVM_QUEUE_OLDEST:	that came first
 * @BVM_QUEUE_NEWEST:	that came last
 */
enum bvm_queue_end {
	BVM_QUEUE_OLDEST,
	BVM_QUEUE_NEWEST,
};

int bvm_queue_check(const struct bvm_map_spec *spec);
struct bvm_map *bvm_queue_alloc(const struct bvm_map_spec *spec);
void bvm_queue_free(struct bvm_map *map);
long bvm_queue_push(struct bvm_map *map, const void *value, u64 flags);
long bvm_queue_read(struct bvm_map *map, void *value, enum bvm_queue_end end, bool remove);
long bvm_queue_update(struct bvm_map *map, const void *key, const void *value, u64 flags);
long bvm_queue_delete(struct bvm_map *map, const void *key);
int bvm_queue_next_key(struct bvm_map *map, const void *key, void *next);
u64 bvm_queue_memory(const struct bvm_map *map);

#endif /* _BVM_MAPS_QUEUE_H */
