// SPDX-License-Identifier: GPL-2.0-only
/*
 * BPF_MAP_TYPE_ARRAY_OF_MAPS: maps that all look like the one the array was made with
 * (Documentation/bpf/map_of_maps.rst).  User space puts descriptors in and reads ids;
 * a program looks up a map.
 */
#include "../deps.h"
#include "maps.h"
#include "object_array.h"

#define ARRAY_OF_MAPS_FLAGS	(BPF_F_NUMA_NODE | BVM_MAP_ACCESS_SYS)

static int array_of_maps_check(const struct bvm_map_spec *spec)
{
	return bvm_object_array_check(spec, ARRAY_OF_MAPS_FLAGS);
}

static struct bvm_map *array_of_maps_alloc(const struct bvm_map_spec *spec)
{
	return bvm_object_array_alloc(spec, spec->objects);
}

static void *array_of_maps_lookup(struct bvm_map *map, const void *key)
{
	return bvm_object_at(map, get_unaligned((const u32 *)key));
}

const struct bvm_map_type bvm_array_of_maps_map = {
	.id = BPF_MAP_TYPE_ARRAY_OF_MAPS,
	.name = "array_of_maps",
	.kernel_name = "bpf_array",
	.caps = BVM_MAP_LOOKUP | BVM_MAP_OF_MAPS | BVM_MAP_FD_VALUES |
		BVM_MAP_ARRAY_INDEX | BVM_MAP_BATCH | BVM_MAP_SLEEPABLE,
	.flags = ARRAY_OF_MAPS_FLAGS,
	.check = array_of_maps_check,
	.alloc = array_of_maps_alloc,
	.free = bvm_object_array_free,
	.lookup = array_of_maps_lookup,
	.set_fd = bvm_object_array_set_fd,
	.delete = bvm_object_array_delete,
	.next_key = bvm_array_next_key,
	.copy_out = bvm_object_array_copy_out,
	.memory = bvm_object_array_memory,
};
