// SPDX-License-Identifier: GPL-2.0-only
/*
 * BPF_MAP_TYPE_CGROUP_ARRAY: control groups of the unified hierarchy that programs ask
 * about (helpers/cgroup.c).  User space puts descriptors of their directories in, and
 * cannot read them back.
 */
#include "../deps.h"
#include <linux/cgroup.h>
#include "cgroup_array.h"
#include "maps.h"

#define CGROUP_ARRAY_FLAGS	(BPF_F_NUMA_NODE | BVM_MAP_ACCESS_SYS)

static void *cgroup_object_get(struct bvm_map *map, u32 fd, const void *opener)
{
	return cgroup_get_from_fd(fd);
}

/* Only system calls take entries out: process context.  Its memory goes after RCU. */
static void cgroup_object_put(void *object)
{
	cgroup_put(object);
}

static const struct bvm_object_kind cgroup_objects = {
	.get = cgroup_object_get,
	.put = cgroup_object_put,
};

static int cgroup_array_check(const struct bvm_map_spec *spec)
{
	return bvm_object_array_check(spec, CGROUP_ARRAY_FLAGS);
}

static struct bvm_map *cgroup_array_alloc(const struct bvm_map_spec *spec)
{
	return bvm_object_array_alloc(spec, &cgroup_objects);
}

const struct bvm_map_type bvm_cgroup_array_map = {
	.id = BPF_MAP_TYPE_CGROUP_ARRAY,
	.name = "cgroup_array",
	.kernel_name = "bpf_array",
	.caps = BVM_MAP_CGROUPS | BVM_MAP_FD_VALUES | BVM_MAP_ARRAY_INDEX,
	.flags = CGROUP_ARRAY_FLAGS,
	.check = cgroup_array_check,
	.alloc = cgroup_array_alloc,
	.free = bvm_object_array_free,
	.set_fd = bvm_object_array_set_fd,
	.delete = bvm_object_array_delete,
	.next_key = bvm_array_next_key,
	.memory = bvm_object_array_memory,
};
