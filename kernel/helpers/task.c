// SPDX-License-Identifier: GPL-2.0-only
/*
 * Helpers about the current task.  Ids are those of the initial namespaces.
 */
#include <linux/array_size.h>
#include <linux/cred.h>
#include <linux/errno.h>
#include <linux/pid_namespace.h>
#include <linux/proc_ns.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/sched/task_stack.h>
#include <linux/string.h>
#include <linux/uidgid.h>
#include <linux/user_namespace.h>
#include "helpers.h"

static u64 get_current_pid_tgid(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	return (u64)current->tgid << 32 | current->pid;
}

static u64 get_current_uid_gid(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	kuid_t uid;
	kgid_t gid;

	current_uid_gid(&uid, &gid);
	return (u64)from_kgid(&init_user_ns, gid) << 32 | from_kuid(&init_user_ns, uid);
}

/* Without task_lock(): a name that is being changed is read as it is, but it ends. */
static u64 get_current_comm(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	strscpy_pad((char *)(unsigned long)r1, current->comm, r2);
	return 0;
}

static u64 get_current_task(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	return (unsigned long)current;
}

static u64 task_registers(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	return (unsigned long)task_pt_regs((struct task_struct *)(unsigned long)r1);
}

static long ns_pid_tgid(u64 dev, u64 ino, struct bpf_pidns_info *info)
{
	struct pid_namespace *ns = task_active_pid_ns(current);

	if ((dev_t)dev != dev)
		return -EINVAL;
	if (!ns)
		return -ENOENT;
	if (!ns_match(&ns->ns, dev, ino))
		return -EINVAL;
	info->pid = task_pid_nr_ns(current, ns);
	info->tgid = task_tgid_nr_ns(current, ns);
	return 0;
}

/* As the namespace sees them whose file in /proc/PID/ns has these numbers. */
static u64 get_ns_current_pid_tgid(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	struct bpf_pidns_info *info = (struct bpf_pidns_info *)(unsigned long)r3;
	long ret = -EINVAL;

	if (r4 == sizeof(*info))
		ret = ns_pid_tgid(r1, r2, info);
	/* the verifier has taken it as written */
	if (ret)
		memset(info, 0, r4);
	return ret;
}

static const struct bvm_helper task_helpers[] = {
	{
		.id = BPF_FUNC_get_current_pid_tgid,
		.name = "get_current_pid_tgid",
		.fn = get_current_pid_tgid,
	},
	{
		.id = BPF_FUNC_get_ns_current_pid_tgid,
		.name = "get_ns_current_pid_tgid",
		.fn = get_ns_current_pid_tgid,
		.arg = {
			BVM_ARG_ANYTHING, BVM_ARG_ANYTHING, BVM_ARG_UNINIT_MEM, BVM_ARG_SIZE,
		},
	},
	{
		.id = BPF_FUNC_get_current_task,
		.name = "get_current_task",
		.fn = get_current_task,
		.flags = BVM_HELPER_GPL | BVM_HELPER_PERFMON,
	},
	{
		.id = BPF_FUNC_get_current_task_btf,
		.name = "get_current_task_btf",
		.fn = get_current_task,
		.ret = BVM_RET_BTF,
		.flags = BVM_HELPER_GPL | BVM_HELPER_PERFMON,
		.btf_type = "task_struct",
	},
	{
		.id = BPF_FUNC_task_pt_regs,
		.name = "task_pt_regs",
		.fn = task_registers,
		.ret = BVM_RET_BTF,
		.arg = { BVM_ARG_BTF },
		.flags = BVM_HELPER_GPL | BVM_HELPER_PERFMON,
		.btf_type = "task_struct",
		.ret_btf_type = "pt_regs",
	},
};

static const struct bvm_helper task_names_helpers[] = {
	{
		.id = BPF_FUNC_get_current_uid_gid,
		.name = "get_current_uid_gid",
		.fn = get_current_uid_gid,
	},
	{
		.id = BPF_FUNC_get_current_comm,
		.name = "get_current_comm",
		.fn = get_current_comm,
		.arg = { BVM_ARG_UNINIT_MEM, BVM_ARG_SIZE },
	},
};

const struct bvm_helper_set bvm_helpers_task_names = {
	task_names_helpers, ARRAY_SIZE(task_names_helpers)
};

const struct bvm_helper_set bvm_helpers_task = { task_helpers, ARRAY_SIZE(task_helpers) };
