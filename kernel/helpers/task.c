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
#include "../exec/ir.h"
#include "helpers.h"

static u64 get_current_pid_tgid(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	return (u64)current->tgid << 32 | current->pid;
}

/* Where a CPU has its task: of use on x86 only, see CURRENT in exec/ops.h. */
#if defined(CONFIG_X86_64) && defined(CONFIG_SMP)
#define CURRENT_AT	((unsigned long)&pcpu_hot.current_task)
#define CURRENT_KNOWN	true
#else
#define CURRENT_AT	0
#define CURRENT_KNOWN	!IS_ENABLED(CONFIG_X86)
#endif

/* r0 = two numbers at r0, @high and @low bytes from there */
static u32 pair_in_ir(struct bvm_ir *out, s32 high, s32 low)
{
	const struct bvm_ir form[] = {
		{ BVM_IR_LOAD32, BPF_REG_1, BPF_REG_0, high },
		{ BVM_IR_LSH64I, BPF_REG_1, .imm = 32 },
		{ BVM_IR_LOAD32, BPF_REG_0, BPF_REG_0, low },
		{ BVM_IR_OR64R, BPF_REG_0, BPF_REG_1 },
	};

	memcpy(out, form, sizeof(form));
	return ARRAY_SIZE(form);
}

/**
 * bvm_current_in_ir - r0 = the current task, as IR
 * @call:	not used
 * @out:	gets one instruction
 * See struct bvm_helper, @in_ir.
 */
u32 bvm_current_in_ir(const struct bvm_inline *call, struct bvm_ir *out)
{
	out[0] = (struct bvm_ir){ BVM_IR_CURRENT, BPF_REG_0, .imm = CURRENT_AT };
	return CURRENT_KNOWN;
}

static u32 pid_tgid_in_ir(const struct bvm_inline *call, struct bvm_ir *out)
{
	if (!bvm_current_in_ir(call, out))
		return 0;
	return 1 + pair_in_ir(out + 1, offsetof(struct task_struct, tgid),
			      offsetof(struct task_struct, pid));
}

/* Ids of the initial user namespace are what the kernel keeps. */
static u32 uid_gid_in_ir(const struct bvm_inline *call, struct bvm_ir *out)
{
	if (!bvm_current_in_ir(call, out))
		return 0;
	out[1] = (struct bvm_ir){ BVM_IR_LOAD64, BPF_REG_0, BPF_REG_0,
				  offsetof(struct task_struct, cred) };
	return 2 + pair_in_ir(out + 2, offsetof(struct cred, gid), offsetof(struct cred, uid));
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

/* A whole name, which the kernel pads. */
static u32 comm_in_ir(const struct bvm_inline *call, struct bvm_ir *out)
{
	const s32 at = offsetof(struct task_struct, comm);
	const struct bvm_ir form[] = {
		{ BVM_IR_LOAD64, BVM_IR_TMP0, BPF_REG_0, at },
		{ BVM_IR_LOAD64, BVM_IR_TMP1, BPF_REG_0, at + 8 },
		{ BVM_IR_STORE64R, BPF_REG_1, BVM_IR_TMP0 },
		{ BVM_IR_STORE64R, BPF_REG_1, BVM_IR_TMP1, 8 },
		{ BVM_IR_STORE8I, BPF_REG_1, .off = TASK_COMM_LEN - 1 },
		{ BVM_IR_MOVI, BPF_REG_0 },
	};

	static_assert(TASK_COMM_LEN == 16);
	if (!(call->known & BIT(BPF_REG_2)) || call->value[BPF_REG_2] != TASK_COMM_LEN ||
	    !bvm_current_in_ir(call, out))
		return 0;
	memcpy(out + 1, form, sizeof(form));
	return 1 + ARRAY_SIZE(form);
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
		.in_ir = pid_tgid_in_ir,
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
		.in_ir = bvm_current_in_ir,
	},
	{
		.id = BPF_FUNC_get_current_task_btf,
		.name = "get_current_task_btf",
		.fn = get_current_task,
		.ret = BVM_RET_BTF,
		.flags = BVM_HELPER_GPL | BVM_HELPER_PERFMON,
		.btf_type = "task_struct",
		.in_ir = bvm_current_in_ir,
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
		.in_ir = uid_gid_in_ir,
	},
	{
		.id = BPF_FUNC_get_current_comm,
		.name = "get_current_comm",
		.fn = get_current_comm,
		.arg = { BVM_ARG_UNINIT_MEM, BVM_ARG_SIZE },
		.in_ir = comm_in_ir,
	},
};

const struct bvm_helper_set bvm_helpers_task_names = {
	task_names_helpers, ARRAY_SIZE(task_names_helpers)
};

const struct bvm_helper_set bvm_helpers_task = { task_helpers, ARRAY_SIZE(task_helpers) };
