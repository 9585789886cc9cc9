// SPDX-License-Identifier: GPL-2.0-only
/*
 * Functions of the kernel about control groups: references to them, in the unified hierarchy.
 */
#include <linux/array_size.h>
#include <linux/cgroup.h>
#include <linux/kernfs.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include "kfunc.h"

__bpf_kfunc_start_defs();

/* In an NMI, none is handed out: the last reference to it cannot be dropped there. */
__bpf_kfunc struct cgroup *bpf_cgroup_acquire(struct cgroup *cgrp)
{
	return !in_nmi() && cgroup_tryget(cgrp) ? cgrp : NULL;
}

__bpf_kfunc void bpf_cgroup_release(struct cgroup *cgrp)
{
	cgroup_put(cgrp);
}

__bpf_kfunc void bpf_cgroup_release_dtor(void *cgrp)
{
	cgroup_put(cgrp);
}

/* Level 0 is the root. */
__bpf_kfunc struct cgroup *bpf_cgroup_ancestor(struct cgroup *cgrp, int level)
{
	if (level < 0 || level > cgrp->level)
		return NULL;
	return bpf_cgroup_acquire(cgrp->ancestors[level]);
}

/*
 * The last reference to a node of kernfs is not dropped where somebody may have been
 * interrupted with its lock held.  It can be the last one only if the group is going.
 */
__bpf_kfunc struct cgroup *bpf_cgroup_from_id(u64 cgid)
{
	struct cgroup *cgrp = NULL;
	struct kernfs_node *kn;

	if (in_hardirq() || in_nmi())
		return NULL;
	kn = kernfs_find_and_get_node_by_id(cgrp_dfl_root.kf_root, cgid);
	if (!kn)
		return NULL;
	rcu_read_lock();
	if (kernfs_type(kn) == KERNFS_DIR)
		cgrp = rcu_dereference(*(void __rcu __force **)&kn->priv);
	if (cgrp && !cgroup_tryget(cgrp))
		cgrp = NULL;
	rcu_read_unlock();
	kernfs_put(kn);
	return cgrp;
}

__bpf_kfunc long bpf_task_under_cgroup(struct task_struct *task, struct cgroup *ancestor)
{
	long ret;

	rcu_read_lock();
	ret = task_under_cgroup_hierarchy(task, ancestor);
	rcu_read_unlock();
	return ret;
}

__bpf_kfunc_end_defs();

BVM_KFUNC(bpf_cgroup_acquire, BVM_KPTR(1))
BVM_KFUNC_VOID(bpf_cgroup_release, BVM_KPTR(1))
BVM_KFUNC(bpf_cgroup_ancestor, BVM_KPTR(1), r2)
BVM_KFUNC(bpf_cgroup_from_id, r1)
BVM_KFUNC(bpf_task_under_cgroup, BVM_KPTR(1), BVM_KPTR(2))

static const struct bvm_helper cgroup_kfuncs[] = {
	{
		.name = "bpf_cgroup_acquire",
		.fn = do_bpf_cgroup_acquire,
		.flags = BVM_HELPER_BY_BTF | BVM_HELPER_ACQUIRE | BVM_HELPER_RET_NULL |
			 BVM_HELPER_RCU,
	},
	{
		.name = "bpf_cgroup_release",
		.fn = do_bpf_cgroup_release,
		.flags = BVM_HELPER_BY_BTF | BVM_HELPER_RELEASE,
	},
	{
		.name = "bpf_cgroup_ancestor",
		.fn = do_bpf_cgroup_ancestor,
		.flags = BVM_HELPER_BY_BTF | BVM_HELPER_ACQUIRE | BVM_HELPER_RET_NULL |
			 BVM_HELPER_RCU,
	},
	{
		.name = "bpf_cgroup_from_id",
		.fn = do_bpf_cgroup_from_id,
		.flags = BVM_HELPER_BY_BTF | BVM_HELPER_ACQUIRE | BVM_HELPER_RET_NULL,
	},
	{
		.name = "bpf_task_under_cgroup",
		.fn = do_bpf_task_under_cgroup,
		.flags = BVM_HELPER_BY_BTF | BVM_HELPER_RCU,
	},
};

const struct bvm_helper_set bvm_kfuncs_cgroup = { cgroup_kfuncs, ARRAY_SIZE(cgroup_kfuncs) };
