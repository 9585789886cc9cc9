/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Maps for host tests, made as core/ makes them.
 */
#ifndef _BVM_MAP_MAKE_H
#define _BVM_MAP_MAKE_H

#include "../../kernel/bvm.h"

/* NULL: refused, or no memory */
static inline struct bvm_map *map_make(const struct bvm_map_type *type, u32 key_size,
				       u32 value_size, u32 max_entries, u32 flags)
{
	const struct bvm_map_spec spec = {
		.type = type->id,
		.key_size = key_size,
		.value_size = value_size,
		.max_entries = max_entries,
		.flags = flags,
		.numa_node = NUMA_NO_NODE,
	};
	struct bvm_map *map;

	if (type->check(&spec))
		return NULL;
	map = type->alloc(&spec);
	if (IS_ERR(map))
		return NULL;
	map->type = type;
	map->key_size = key_size;
	map->value_size = value_size;
	map->max_entries = max_entries;
	map->flags = flags;
	map->numa_node = NUMA_NO_NODE;
	return map;
}

/* What ->check() says, and whether the flags that it lets pass are the type's. */
static inline int map_check(const struct bvm_map_type *type, u32 key_size, u32 value_size,
			    u32 max_entries, u32 flags)
{
	const struct bvm_map_spec spec = {
		.type = type->id,
		.key_size = key_size,
		.value_size = value_size,
		.max_entries = max_entries,
		.flags = flags,
		.numa_node = NUMA_NO_NODE,
	};
	int err = type->check(&spec);

	return !err && flags & ~type->flags ? -EPROTO : err;
}

#endif /* _BVM_MAP_MAKE_H */
