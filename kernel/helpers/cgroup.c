// SPDX-License-Identifier: GPL-2.0-only
/*
 * Helpers about the control group of the current task, in the unified hierarchy.
 */
#include <linux/array_size.h>
#include <linux/cgroup.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include "../maps/cgroup_array.h"
#include "helpers.h"

/* 1: the task is in it or below, 0: it is not, -E2BIG: no such entry, -EAGAIN: empty. */
static u64 current_task_under_cgroup(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	const struct bvm_map *map = (void *)(unsigned long)r1;
	struct cgroup *cgroup;
	u32 index = r2;

	if (index >= map->max_entries)
		return -E2BIG;
	cgroup = bvm_cgroup_array_at(map, index);
	return cgroup ? task_under_cgroup_hierarchy(current, cgroup) : -EAGAIN;
}

static u64 get_current_cgroup_id(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	u64 id;

	rcu_read_lock();
	id = cgroup_id(task_dfl_cgroup(current));
	rcu_read_unlock();
	return id;
}

/* Level 0 is the root; 0 if the task's is not as deep as that. */
static u64 get_current_ancestor_cgroup_id(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	struct cgroup *ancestor;
	u64 id = 0;

	rcu_read_lock();
	ancestor = cgroup_ancestor(task_dfl_cgroup(current), (int)r1);
	if (ancestor)
		id = cgroup_id(ancestor);
	rcu_read_unlock();
	return id;
}

static const struct bvm_helper cgroup_id_helpers[] = {
	{
		.id = BPF_FUNC_get_current_cgroup_id,
		.name = "get_current_cgroup_id",
		.fn = get_current_cgroup_id,
	},
	{
		.id = BPF_FUNC_get_current_ancestor_cgroup_id,
		.name = "get_current_ancestor_cgroup_id",
		.fn = get_current_ancestor_cgroup_id,
		.arg = { BVM_ARG_ANYTHING },
	},
};

static const struct bvm_helper cgroup_helpers[] = {
	{
		.id = BPF_FUNC_current_task_under_cgroup,
		.name = "current_task_under_cgroup",
		.fn = current_task_under_cgroup,
		.arg = { BVM_ARG_MAP_PTR, BVM_ARG_ANYTHING },
		.map_caps = BVM_MAP_CGROUPS,
	},
};

const struct bvm_helper_set bvm_helpers_cgroup_id = {
	cgroup_id_helpers, ARRAY_SIZE(cgroup_id_helpers)
};

const struct bvm_helper_set bvm_helpers_cgroup = {
	cgroup_helpers, ARRAY_SIZE(cgroup_helpers)
};
