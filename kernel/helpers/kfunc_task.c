// SPDX-License-Identifier: GPL-2.0-only
/*
 * Functions of the kernel about tasks: references to them.  Ids are those of the initial
 * namespace.
 */
#include <linux/array_size.h>
#include <linux/bug.h>
#include <linux/pid_namespace.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include "kfunc.h"

__bpf_kfunc_start_defs();

/*
 * A task that is gone for others, though its memory is not, is not handed out any more.  In
 * an NMI none is, for the last reference to it cannot be dropped there.
 */
__bpf_kfunc struct task_struct *bpf_task_acquire(struct task_struct *p)
{
	return !in_nmi() && refcount_inc_not_zero(&p->rcu_users) ? p : NULL;
}

/* From a map, it may have come to an NMI all the same; the last one stays for ever then. */
__bpf_kfunc void bpf_task_release(struct task_struct *p)
{
	if (!in_nmi())
		put_task_struct_rcu_user(p);
	else
		WARN_ON_ONCE(!refcount_dec_not_one(&p->rcu_users));
}

__bpf_kfunc void bpf_task_release_dtor(void *p)
{
	bpf_task_release(p);
}

__bpf_kfunc struct task_struct *bpf_task_from_pid(s32 pid)
{
	struct task_struct *p;

	rcu_read_lock();
	p = find_task_by_pid_ns(pid, &init_pid_ns);
	if (p)
		p = bpf_task_acquire(p);
	rcu_read_unlock();
	return p;
}

__bpf_kfunc_end_defs();

BVM_KFUNC(bpf_task_acquire, BVM_KPTR(1))
BVM_KFUNC_VOID(bpf_task_release, BVM_KPTR(1))
BVM_KFUNC(bpf_task_from_pid, r1)

static const struct bvm_helper task_kfuncs[] = {
	{
		.name = "bpf_task_acquire",
		.fn = do_bpf_task_acquire,
		.flags = BVM_HELPER_BY_BTF | BVM_HELPER_ACQUIRE | BVM_HELPER_RET_NULL |
			 BVM_HELPER_RCU,
	},
	{
		.name = "bpf_task_release",
		.fn = do_bpf_task_release,
		.flags = BVM_HELPER_BY_BTF | BVM_HELPER_RELEASE,
	},
	{
		.name = "bpf_task_from_pid",
		.fn = do_bpf_task_from_pid,
		.flags = BVM_HELPER_BY_BTF | BVM_HELPER_ACQUIRE | BVM_HELPER_RET_NULL,
	},
};

const struct bvm_helper_set bvm_kfuncs_task = { task_kfuncs, ARRAY_SIZE(task_kfuncs) };
