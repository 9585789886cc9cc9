/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What map types share: checks of a request and the copying of values.
 */
#ifndef _BVM_MAPS_H
#define _BVM_MAPS_H

#include "../bvm.h"
#include "../record.h"

/* descriptors, one a file */
extern const struct bvm_map_type bvm_array_map;
extern const struct bvm_map_type bvm_hash_map;
extern const struct bvm_map_type bvm_percpu_array_map;
extern const struct bvm_map_type bvm_percpu_hash_map;
extern const struct bvm_map_type bvm_lru_hash_map;
extern const struct bvm_map_type bvm_lru_percpu_hash_map;
extern const struct bvm_map_type bvm_perf_event_array_map;
extern const struct bvm_map_type bvm_prog_array_map;
extern const struct bvm_map_type bvm_stack_trace_map;
extern const struct bvm_map_type bvm_cgroup_array_map;
extern const struct bvm_map_type bvm_array_of_maps_map;
extern const struct bvm_map_type bvm_hash_of_maps_map;
extern const struct bvm_map_type bvm_queue_map;
extern const struct bvm_map_type bvm_stack_map;
extern const struct bvm_map_type bvm_ringbuf_map;
extern const struct bvm_map_type bvm_user_ringbuf_map;
extern const struct bvm_map_type bvm_lpm_trie_map;
extern const struct bvm_map_type bvm_arena_map;
extern const struct bvm_map_type bvm_sock_array_map;
extern const struct bvm_map_type bvm_sock_hash_map;

/* Who may read and write: system calls, programs. */
#define BVM_MAP_ACCESS_SYS	(BPF_F_RDONLY | BPF_F_WRONLY)
#define BVM_MAP_ACCESS_PROG	(BPF_F_RDONLY_PROG | BPF_F_WRONLY_PROG)
#define BVM_MAP_ACCESS		(BVM_MAP_ACCESS_SYS | BVM_MAP_ACCESS_PROG)

/**
 * bvm_map_flags_ok - are the flags of a request known to the type and not contradictory
 * @spec:	request
 * @known:	flags that the type has
 *
 * A side that may neither read nor write is a contradiction.  Pure; any context.
 *
 * Return: true if they are fine; otherwise the request gets -EINVAL.
 */
static inline bool bvm_map_flags_ok(const struct bvm_map_spec *spec, u32 known)
{
	return !(spec->flags & ~known) &&
	       (spec->flags & BVM_MAP_ACCESS_SYS) != BVM_MAP_ACCESS_SYS &&
	       (spec->flags & BVM_MAP_ACCESS_PROG) != BVM_MAP_ACCESS_PROG;
}

/**
 * bvm_array_next_key - &struct bvm_map_type.next_key of maps whose keys are indices
 * @map:	map
 * @key:	index, or NULL; one that is out of range gives the first
 * @next:	where to put the index after it
 * Return: 0, -ENOENT: @key was the last.  Any context.
 */
static inline int bvm_array_next_key(struct bvm_map *map, const void *key, void *next)
{
	u32 index = key ? get_unaligned((const u32 *)key) : U32_MAX;

	if (index >= map->max_entries)
		index = 0;
	else if (++index == map->max_entries)
		return -ENOENT;
	put_unaligned(index, (u32 *)next);
	return 0;
}

/**
 * bvm_array_each - &struct bvm_map_type.each of maps whose keys are indices
 * @map:	map
 * @cursor:	where the next element is; keeps the index
 * Any context.  Return: false at the end.
 */
static inline bool bvm_array_each(struct bvm_map *map, struct bvm_cursor *cursor)
{
	if (cursor->count == map->max_entries)
		return false;
	cursor->pos[0] = cursor->count;
	cursor->arg[0] = (unsigned long)&cursor->pos[0];
	cursor->arg[1] = (unsigned long)map->type->lookup(map, &cursor->pos[0]);
	return true;
}

/**
 * bvm_copy_value - copy a value over one that others may be reading
 * @dst:	aligned to 8
 * @src:	any alignment
 * @size:	bytes
 *
 * Aligned machine words of @dst change in one piece, so that counters and pointers
 * are never seen torn; the value as a whole is not atomic.  Any context.
 */
static __always_inline void bvm_copy_value(void *dst, const void *src, u32 size)
{
	const unsigned long *s = src;
	unsigned long *d = dst;

	for (; size >= sizeof(*d); size -= sizeof(*d))
		WRITE_ONCE(*d++, get_unaligned(s++));
	if (size)
		memcpy(d, s, size);
}

/**
 * bvm_set_value - as bvm_copy_value() into the value of a map, but for fields of the kernel
 * @map:	map
 * @dst:	in the map, aligned to 8
 * @src:	any alignment
 * Any context; not in NMI if there are such fields.
 */
static __always_inline void bvm_set_value(const struct bvm_map *map, void *dst, const void *src)
{
	if (unlikely(map->record))
		bvm_value_write(map->record, dst, src, map->value_size);
	else
		bvm_copy_value(dst, src, map->value_size);
}

/**
 * bvm_update_flags_ok - are these flags for an update?
 * @map:	map
 * @flags:	BPF_ANY, BPF_NOEXIST or BPF_EXIST; with BPF_F_LOCK where values have locks
 * Any context.
 */
static __always_inline bool bvm_update_flags_ok(const struct bvm_map *map, u64 flags)
{
	return flags <= BPF_EXIST ||
	       ((flags & ~BPF_F_LOCK) <= BPF_EXIST &&
		bvm_record_has(map->record, BVM_FIELD_LOCK));
}

#endif /* _BVM_MAPS_H */
