// SPDX-License-Identifier: GPL-2.0-only
/*
 * Helpers about the current task.  Ids are those of the initial namespaces.
 */
#include <linux/array_size.h>
#include <linux/cred.h>
#include <linux/sched.h>
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

static const struct bvm_helper task_helpers[] = {
	{
		.id = BPF_FUNC_get_current_pid_tgid,
		.name = "get_current_pid_tgid",
		.fn = get_current_pid_tgid,
	},
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
	{
		.id = BPF_FUNC_get_current_task,
		.name = "get_current_task",
		.fn = get_current_task,
		.flags = BVM_HELPER_GPL | BVM_HELPER_PERFMON,
	},
};

const struct bvm_helper_set bvm_helpers_task = { task_helpers, ARRAY_SIZE(task_helpers) };
