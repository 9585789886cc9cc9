// SPDX-License-Identifier: GPL-2.0-only
/*
 * Arrays of kernel objects: entries change by one exchange of a pointer, whoever takes
 * one out drops its reference.  An object outlives its last reference until all who
 * may have found it are done (struct bvm_object_kind), so readers need no lock.
 */
#include "../deps.h"
#include "maps.h"
#include "object_array.h"

/**
 * bvm_object_array_check - is a request for an array of objects in order
 * @spec:	request
 * @flags:	BPF_F_* that the type has
 * Process context.  Return: 0, or -EINVAL.
 */
int bvm_object_array_check(const struct bvm_map_spec *spec, u32 flags)
{
	if (spec->key_size != sizeof(u32) || spec->value_size != sizeof(u32) ||
	    !spec->max_entries)
		return -EINVAL;
	return bvm_map_flags_ok(spec, flags) ? 0 : -EINVAL;
}

static size_t object_array_bytes(u32 max_entries)
{
	return struct_size_t(struct bvm_object_array, object, max_entries);
}

/**
 * bvm_object_array_alloc - make an empty array
 * @spec:	request that bvm_object_array_check() found in order
 * @kind:	what goes in
 * Process context, may sleep.  Return: map for bvm_object_array_free(), or ERR_PTR(-ENOMEM).
 */
struct bvm_map *bvm_object_array_alloc(const struct bvm_map_spec *spec,
				       const struct bvm_object_kind *kind)
{
	struct bvm_object_array *array;

	array = kvzalloc_node(object_array_bytes(spec->max_entries),
			      GFP_KERNEL_ACCOUNT | __GFP_RETRY_MAYFAIL | __GFP_NOWARN,
			      spec->numa_node);
	if (!array)
		return ERR_PTR(-ENOMEM);
	array->kind = kind;
	return &array->map;
}

/* Puts @new, or nothing, in place of what is there.  Was there anything?  Any context. */
static bool object_array_swap(struct bvm_object_array *array, u32 index, void *new)
{
	void *old = unrcu_pointer(xchg(&array->object[index], RCU_INITIALIZER(new)));

	if (old)
		array->kind->put(old);
	return old;
}

/* Takes @object out if it is still there.  Any context. */
static void object_array_remove(struct bvm_object_array *array, u32 index, void *object)
{
	void *old = unrcu_pointer(cmpxchg(&array->object[index], RCU_INITIALIZER(object), NULL));

	if (old == object)
		array->kind->put(object);
}

/**
 * bvm_object_array_clear - take objects out
 * @map:	array
 * @pick:	is it one of them?  NULL: all are
 * @arg:	for @pick
 *
 * An entry that is set meanwhile may stay.  Process context, may sleep.
 */
void bvm_object_array_clear(struct bvm_map *map, bool (*pick)(const void *object, const void *arg),
			    const void *arg)
{
	void *object;
	u32 i;

	for (i = 0; i < map->max_entries; i++) {
		/* RCU: while we look at it, the object is not freed. */
		rcu_read_lock();
		object = bvm_object_at(map, i);
		if (object && (!pick || pick(object, arg)))
			object_array_remove(bvm_object_array_of(map), i, object);
		rcu_read_unlock();
		cond_resched();
	}
}

/**
 * bvm_object_array_free - drop all references, free the map
 * @map:	array that nobody can reach any more
 * Process context, may sleep.
 */
void bvm_object_array_free(struct bvm_map *map)
{
	bvm_object_array_clear(map, NULL, NULL);
	kvfree(bvm_object_array_of(map));
}

/**
 * bvm_object_array_set_fd - &struct bvm_map_type.set_fd
 * @map:	array
 * @key:	index
 * @fd:		descriptor of the object
 * @flags:	BPF_ANY
 * @opener:	file of the map
 *
 * Process context, may sleep.
 *
 * Return: 0, -EINVAL: other flags, -E2BIG: no such entry, and what &struct
 * bvm_object_kind.get says.
 */
int bvm_object_array_set_fd(struct bvm_map *map, const void *key, u32 fd, u64 flags,
			    const void *opener)
{
	struct bvm_object_array *array = bvm_object_array_of(map);
	u32 index = get_unaligned((const u32 *)key);
	void *object;

	if (flags != BPF_ANY)
		return -EINVAL;
	if (index >= map->max_entries)
		return -E2BIG;
	object = array->kind->get(map, fd, opener);
	if (IS_ERR(object))
		return PTR_ERR(object);
	object_array_swap(array, index, object);
	return 0;
}

/**
 * bvm_object_array_delete - &struct bvm_map_type.delete
 * @map:	array
 * @key:	index
 * Any context incl. NMI.  Return: 0, -E2BIG: no such entry, -ENOENT: nothing there.
 */
long bvm_object_array_delete(struct bvm_map *map, const void *key)
{
	u32 index = get_unaligned((const u32 *)key);

	if (index >= map->max_entries)
		return -E2BIG;
	return object_array_swap(bvm_object_array_of(map), index, NULL) ? 0 : -ENOENT;
}

/**
 * bvm_object_array_copy_out - &struct bvm_map_type.copy_out: the id of an object
 * @map:	array
 * @key:	index
 * @value:	where the u32 goes
 * @flags:	unused
 * Under RCU.  Return: 0, or -ENOENT.
 */
int bvm_object_array_copy_out(struct bvm_map *map, const void *key, void *value, u64 flags)
{
	void *object = bvm_object_at(map, get_unaligned((const u32 *)key));

	if (!object)
		return -ENOENT;
	put_unaligned(bvm_object_array_of(map)->kind->id(object), (u32 *)value);
	return 0;
}

/**
 * bvm_object_array_memory - &struct bvm_map_type.memory
 * @map:	array
 * Return: bytes.  Any context.
 */
u64 bvm_object_array_memory(const struct bvm_map *map)
{
	return object_array_bytes(map->max_entries);
}
