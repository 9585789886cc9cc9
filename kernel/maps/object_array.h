/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Arrays of kernel objects, the part that all types of them share: user space puts a
 * descriptor in and reads an id, programs find the object.
 */
#ifndef _BVM_OBJECT_ARRAY_H
#define _BVM_OBJECT_ARRAY_H

#include "../bvm.h"

/**
 * struct bvm_object_array - an array of objects
 * @map:	common part
 * @kind:	what they are
 * @object:	entries with a reference on each, NULL where nothing is
 */
struct bvm_object_array {
	struct bvm_map map;
	const struct bvm_object_kind *kind;
	void __rcu *object[];
};

static inline struct bvm_object_array *bvm_object_array_of(const struct bvm_map *map)
{
	return container_of(map, struct bvm_object_array, map);
}

/**
 * bvm_object_at - an object of the array
 * @map:	array of objects
 * @index:	entry
 *
 * Any context incl. NMI, under RCU: until its end the object stays.
 *
 * Return: object, NULL: there is none.
 */
static __always_inline void *bvm_object_at(const struct bvm_map *map, u64 index)
{
	if (unlikely(index >= map->max_entries))
		return NULL;
	return rcu_dereference_check(bvm_object_array_of(map)->object[index],
				     rcu_read_lock_any_held());
}

int bvm_object_array_check(const struct bvm_map_spec *spec, u32 flags);
struct bvm_map *bvm_object_array_alloc(const struct bvm_map_spec *spec,
				       const struct bvm_object_kind *kind);
void bvm_object_array_free(struct bvm_map *map);
void bvm_object_array_clear(struct bvm_map *map, bool (*pick)(const void *object, const void *arg),
			    const void *arg);
int bvm_object_array_set_fd(struct bvm_map *map, const void *key, u32 fd, u64 flags,
			    const void *opener);
long bvm_object_array_delete(struct bvm_map *map, const void *key);
int bvm_object_array_copy_out(struct bvm_map *map, const void *key, void *value, u64 flags);
u64 bvm_object_array_memory(const struct bvm_map *map);

#endif /* _BVM_OBJECT_ARRAY_H */
