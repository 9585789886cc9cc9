/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _BVM_CGROUP_ARRAY_H
#define _BVM_CGROUP_ARRAY_H

#include "object_array.h"

struct cgroup;

/**
 * bvm_cgroup_array_at - a control group of the array
 * @map:	cgroup array (BVM_MAP_CGROUPS)
 * @index:	entry, below max_entries
 * Any context incl. NMI, under RCU.  Return: control group, or NULL.
 */
static inline struct cgroup *bvm_cgroup_array_at(const struct bvm_map *map, u32 index)
{
	return bvm_object_at(map, index);
}

#endif /* _BVM_CGROUP_ARRAY_H */
