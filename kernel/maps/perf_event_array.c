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
#include "object_array.h"
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

static void perf_entry_free(struct rcu_head *rcu)
{
	struct bvm_perf_entry *entry = container_of(rcu, struct bvm_perf_entry, rcu);

	fput(entry->file);
	kfree(entry);
}

static void perf_entry_put(void *object)
{
	struct bvm_perf_entry *entry = object;

	call_rcu(&entry->rcu, perf_entry_free);
}

static void *perf_entry_get(struct bvm_map *map, u32 fd, const void *opener)
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

/* No id: a descriptor is no value that a system call could read. */
static const struct bvm_object_kind perf_entries = {
	.get = perf_entry_get,
	.put = perf_entry_put,
};

static int perf_array_check(const struct bvm_map_spec *spec)
{
	return bvm_object_array_check(spec, PERF_ARRAY_FLAGS);
}

static struct bvm_map *perf_array_alloc(const struct bvm_map_spec *spec)
{
	return bvm_object_array_alloc(spec, &perf_entries);
}

static bool perf_entry_came_through(const void *object, const void *opener)
{
	return ((const struct bvm_perf_entry *)object)->opener == opener;
}

static void perf_array_opener_gone(struct bvm_map *map, const void *opener)
{
	if (!(map->flags & BPF_F_PRESERVE_ELEMS))
		bvm_object_array_clear(map, perf_entry_came_through, opener);
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
	entry = bvm_object_at(map, index);
	return entry ? entry->event : ERR_PTR(-ENOENT);
}

/* Neither programs nor system calls can look entries up (-ENOTSUPP). */
const struct bvm_map_type bvm_perf_event_array_map = {
	.id = BPF_MAP_TYPE_PERF_EVENT_ARRAY,
	.name = "perf_event_array",
	.kernel_name = "bpf_array",
	.caps = BVM_MAP_PERF_OUTPUT | BVM_MAP_FD_VALUES | BVM_MAP_ARRAY_INDEX,
	.flags = PERF_ARRAY_FLAGS,
	.check = perf_array_check,
	.alloc = perf_array_alloc,
	.free = bvm_object_array_free,
	.set_fd = bvm_object_array_set_fd,
	.opener_gone = perf_array_opener_gone,
	.delete = bvm_object_array_delete,
	.next_key = bvm_array_next_key,
	.memory = bvm_object_array_memory,
};
