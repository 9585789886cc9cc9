// SPDX-License-Identifier: GPL-2.0-only
/*
 * BPF_MAP_TYPE_PERF_EVENT_ARRAY: file descriptors of perf events go in, references to
 * their files are kept, programs write to the events (helpers/perf.c).  With that file
 * the one place outside progs/ and core/hooks.c that includes headers of perf.
 *
 * A map and the events in it may keep each other's user alive, so an entry does not
 * outlive the open file of the map through which it was set, unless
 * BPF_F_PRESERVE_ELEMS says so.
 */
#include "../deps.h"
#include <linux/file.h>
#include <linux/perf_event.h>
#include "maps.h"
#include "perf_event_array.h"

#define PERF_ARRAY_FLAGS \
	(BPF_F_NUMA_NODE | BVM_MAP_ACCESS_SYS | BPF_F_PRESERVE_ELEMS)

/**
 * struct bvm_perf_entry - an event in the map
 * @event:	event
 * @file:	its file, with a reference
 * @opener:	file of the map through which it was set, to be compared only
 * @rcu:	programs read entries under RCU
 */
struct bvm_perf_entry {
	struct perf_event *event;
	struct file *file;
	const void *opener;
	struct rcu_head rcu;
};

/**
 * struct bvm_perf_array - a perf event array
 * @map:	common part
 * @entry:	entries, NULL where nothing is
 */
struct bvm_perf_array {
	struct bvm_map map;
	struct bvm_perf_entry __rcu *entry[];
};

static struct bvm_perf_array *perf_array_of(const struct bvm_map *map)
{
	return container_of(map, struct bvm_perf_array, map);
}

static int perf_array_check(const struct bvm_map_spec *spec)
{
	if (spec->key_size != sizeof(u32) || spec->value_size != sizeof(u32) ||
	    !spec->max_entries)
		return -EINVAL;
	return bvm_map_flags_ok(spec, PERF_ARRAY_FLAGS) ? 0 : -EINVAL;
}

static size_t perf_array_bytes(u32 max_entries)
{
	return struct_size_t(struct bvm_perf_array, entry, max_entries);
}

static struct bvm_map *perf_array_alloc(const struct bvm_map_spec *spec)
{
	struct bvm_perf_array *array;

	array = kvzalloc_node(perf_array_bytes(spec->max_entries),
			      GFP_KERNEL_ACCOUNT | __GFP_RETRY_MAYFAIL | __GFP_NOWARN,
			      spec->numa_node);
	return array ? &array->map : ERR_PTR(-ENOMEM);
}

static void perf_entry_free(struct rcu_head *rcu)
{
	struct bvm_perf_entry *entry = container_of(rcu, struct bvm_perf_entry, rcu);

	fput(entry->file);
	kfree(entry);
}

/* Puts @new, or nothing, in place of what is there.  Was there anything? */
static bool perf_array_set(struct bvm_perf_array *array, u32 index, struct bvm_perf_entry *new)
{
	struct bvm_perf_entry *old;

	old = unrcu_pointer(xchg(&array->entry[index], RCU_INITIALIZER(new)));
	if (old)
		call_rcu(&old->rcu, perf_entry_free);
	return old;
}

static void perf_array_free(struct bvm_map *map)
{
	u32 i;

	for (i = 0; i < map->max_entries; i++) {
		perf_array_set(perf_array_of(map), i, NULL);
		cond_resched();
	}
	kvfree(perf_array_of(map));
}

/* Drops the entry at @index if it came through @opener and is still the same. */
static void perf_array_disown(struct bvm_perf_array *array, u32 index, const void *opener)
{
	struct bvm_perf_entry *entry;

	rcu_read_lock();
	entry = rcu_dereference(array->entry[index]);
	if (entry && entry->opener == opener &&
	    unrcu_pointer(cmpxchg(&array->entry[index], RCU_INITIALIZER(entry), NULL)) == entry)
		call_rcu(&entry->rcu, perf_entry_free);
	rcu_read_unlock();
}

static void perf_array_opener_gone(struct bvm_map *map, const void *opener)
{
	u32 i;

	if (map->flags & BPF_F_PRESERVE_ELEMS)
		return;
	for (i = 0; i < map->max_entries; i++) {
		perf_array_disown(perf_array_of(map), i, opener);
		cond_resched();
	}
}

static struct bvm_perf_entry *perf_entry_make(u32 fd, const void *opener)
{
	struct file *file = perf_event_get(fd);
	struct bvm_perf_entry *entry;
	struct perf_event *event;

	if (IS_ERR(file))
		return ERR_CAST(file);
	event = file->private_data;
	/* Such an event is many, one a task: which of them would be meant? */
	if (event->attr.inherit) {
		fput(file);
		return ERR_PTR(-EOPNOTSUPP);
	}
	entry = kmalloc(sizeof(*entry), GFP_KERNEL_ACCOUNT);
	if (!entry) {
		fput(file);
		return ERR_PTR(-ENOMEM);
	}
	entry->event = event;
	entry->file = file;
	entry->opener = opener;
	return entry;
}

static int perf_array_set_fd(struct bvm_map *map, const void *key, u32 fd, u64 flags,
			     const void *opener)
{
	u32 index = get_unaligned((const u32 *)key);
	struct bvm_perf_entry *entry;

	if (flags != BPF_ANY)
		return -EINVAL;
	if (index >= map->max_entries)
		return -E2BIG;
	entry = perf_entry_make(fd, opener);
	if (IS_ERR(entry))
		return PTR_ERR(entry);
	perf_array_set(perf_array_of(map), index, entry);
	return 0;
}

static long perf_array_delete(struct bvm_map *map, const void *key)
{
	u32 index = get_unaligned((const u32 *)key);

	if (index >= map->max_entries)
		return -E2BIG;
	return perf_array_set(perf_array_of(map), index, NULL) ? 0 : -ENOENT;
}

static u64 perf_array_memory(const struct bvm_map *map)
{
	return perf_array_bytes(map->max_entries);
}

/**
 * bvm_perf_array_event - event to write to
 * @map:	perf event array
 * @index:	entry
 *
 * Any context incl. NMI, under RCU; the event stays until the end of the RCU section.
 *
 * Return: event, or ERR_PTR(): -E2BIG, -ENOENT.
 */
struct perf_event *bvm_perf_array_event(struct bvm_map *map, u64 index)
{
	struct bvm_perf_entry *entry;

	if (index >= map->max_entries)
		return ERR_PTR(-E2BIG);
	entry = rcu_dereference_check(perf_array_of(map)->entry[index],
				      rcu_read_lock_any_held());
	return entry ? entry->event : ERR_PTR(-ENOENT);
}

/* Neither programs nor system calls can look entries up (-ENOTSUPP). */
const struct bvm_map_type bvm_perf_event_array_map = {
	.id = BPF_MAP_TYPE_PERF_EVENT_ARRAY,
	.name = "perf_event_array",
	.caps = BVM_MAP_PERF_OUTPUT | BVM_MAP_FD_VALUES | BVM_MAP_ARRAY_INDEX,
	.flags = PERF_ARRAY_FLAGS,
	.check = perf_array_check,
	.alloc = perf_array_alloc,
	.free = perf_array_free,
	.set_fd = perf_array_set_fd,
	.opener_gone = perf_array_opener_gone,
	.delete = perf_array_delete,
	.next_key = bvm_array_next_key,
	.memory = perf_array_memory,
};
