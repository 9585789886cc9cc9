// SPDX-License-Identifier: GPL-2.0-only
/*
 * Helpers that read kernel or user memory at an address that may be anything.  All but
 * those for sleepable programs never sleep: what is not there at once is a fault (-EFAULT),
 * what is no address of the kind asked for is refused (-ERANGE from
 * copy_from_kernel_nofault()).  On any error the whole buffer is zeroed, for the verifier
 * has taken it as written.
 *
 * Programs that read kernel memory are not loaded under lockdown (confidentiality), those
 * that write neither (integrity): BVM_HELPER_LOCK_*.
 */
#include <linux/array_size.h>
#include <linux/mm.h>
#include <linux/preempt.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <asm/tlb.h>
#include "../exec/ir.h"
#include "helpers.h"

/* The buffer of a failed read. */
static u64 read_result(void *dst, u32 size, long ret)
{
	if (unlikely(ret < 0))
		memset(dst, 0, size);
	return ret;
}

static u64 probe_read_user(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	void *dst = (void *)(unsigned long)r1;

	return read_result(dst, r2, copy_from_user_nofault(dst, (void __user *)(unsigned long)r3,
							   r2));
}

static u64 probe_read_user_str(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	void *dst = (void *)(unsigned long)r1;
	long ret = -EFAULT;

	/* An NMI may find another address space loaded than the current task's. */
	if (nmi_uaccess_okay())
		ret = strncpy_from_user_nofault(dst, (void __user *)(unsigned long)r3, r2);
	return read_result(dst, r2, ret);
}

static u64 probe_read_kernel(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	void *dst = (void *)(unsigned long)r1;

	return read_result(dst, r2, copy_from_kernel_nofault(dst, (void *)(unsigned long)r3, r2));
}

/*
 * *r1 = *r3, of a size that is known.  When that fails it is called, for the error, which
 * depends on the address, and for what is left in the buffer; but not for what one load
 * leaves alone.
 */
static u32 probe_read_kernel_in_ir(const struct bvm_inline *call, struct bvm_ir *out)
{
	u64 size = call->value[BPF_REG_2];
	u32 log = size == 16 ? 3 : ilog2(size | 1), pair = size == 16, n = 0;
	u32 slow = pair ? 7 : 4;

	if (!(call->known & BIT(BPF_REG_2)) || !is_power_of_2(size) || size > 16)
		return 0;
	if (call->unread && !pair) {
		out[n++] = (struct bvm_ir){ BVM_IR_PROBE8 + log, BPF_REG_0, BPF_REG_3 };
		out[n++] = (struct bvm_ir){ BVM_IR_STORE8R + log, BPF_REG_1, BPF_REG_0 };
		return n;
	}
	out[n++] = (struct bvm_ir){ BVM_IR_TRY8 + log, BVM_IR_TMP0, BPF_REG_3 };
	out[n++] = (struct bvm_ir){ BVM_IR_JNE64I, BPF_REG_0, .off = slow };
	if (pair) {
		out[n++] = (struct bvm_ir){ BVM_IR_TRY64, BVM_IR_TMP1, BPF_REG_3, 8 };
		out[n++] = (struct bvm_ir){ BVM_IR_JNE64I, BPF_REG_0, .off = slow };
	}
	out[n++] = (struct bvm_ir){ BVM_IR_STORE8R + log, BPF_REG_1, BVM_IR_TMP0 };
	if (pair)
		out[n++] = (struct bvm_ir){ BVM_IR_STORE64R, BPF_REG_1, BVM_IR_TMP1, 8 };
	out[n++] = (struct bvm_ir){ BVM_IR_JA, .off = slow + 1 };
	out[n++] = (struct bvm_ir){ BVM_IR_CALL, .imm = (unsigned long)probe_read_kernel };
	return n;
}

static u64 probe_read_kernel_str(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	void *dst = (void *)(unsigned long)r1;

	return read_result(dst, r2, strncpy_from_kernel_nofault(dst, (void *)(unsigned long)r3,
								r2));
}

#ifdef CONFIG_ARCH_HAS_NON_OVERLAPPING_ADDRESS_SPACE
/*
 * From before there were helpers for either: old programs pass both kinds of
 * address, which can be told apart on these architectures only.
 */
static u64 probe_read(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	return r3 < TASK_SIZE ? probe_read_user(r1, r2, r3, r4, r5) :
				probe_read_kernel(r1, r2, r3, r4, r5);
}

static u64 probe_read_str(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	return r3 < TASK_SIZE ? probe_read_user_str(r1, r2, r3, r4, r5) :
				probe_read_kernel_str(r1, r2, r3, r4, r5);
}
#endif

/*
 * Writes to the memory of the current task.  Only where that is what the address
 * belongs to, and where a fault is no surprise.
 */
static u64 probe_write_user(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	if (in_interrupt() || current->flags & (PF_KTHREAD | PF_EXITING) || !nmi_uaccess_okay())
		return -EPERM;
	return copy_to_user_nofault((void __user *)(unsigned long)r1,
				    (const void *)(unsigned long)r2, r3);
}

/* May fault pages in, and sleep for that. */
static u64 copy_user(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	void *dst = (void *)(unsigned long)r1;

	if (copy_from_user(dst, (const void __user *)(unsigned long)r3, r2))
		return read_result(dst, r2, -EFAULT);
	return 0;
}

/* The same of another task; a part of it is no result. */
static u64 copy_user_task(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	struct task_struct *task = (struct task_struct *)(unsigned long)r4;
	void *dst = (void *)(unsigned long)r1;

	if (r5)
		return read_result(dst, r2, -EINVAL);
	if (!r2)
		return 0;
	if (!task || access_process_vm(task, r3, dst, r2, 0) != r2)
		return read_result(dst, r2, -EFAULT);
	return 0;
}

static void probe_write_user_loaded(void)
{
	pr_warn_ratelimited("%s[%d] is installing a program with bpf_probe_write_user helper that may corrupt user memory!",
			    current->comm, task_pid_nr(current));
}

#define READ_HELPER(id_, ret_, flags_, ...)					\
	{									\
		.id = BPF_FUNC_##id_,						\
		.name = #id_,							\
		.fn = id_,							\
		.ret = BVM_RET_##ret_,						\
		.arg = { BVM_ARG_UNINIT_MEM, BVM_ARG_SIZE_OR_ZERO, BVM_ARG_ANYTHING },	\
		.flags = BVM_HELPER_GPL | (flags_),				\
		__VA_ARGS__						\
	}

static const struct bvm_helper memory_helpers[] = {
	READ_HELPER(probe_read_user, INTEGER, 0),
	READ_HELPER(probe_read_user_str, LENGTH, 0),
	READ_HELPER(probe_read_kernel, INTEGER, BVM_HELPER_PERFMON | BVM_HELPER_LOCK_READ,
		    .in_ir = probe_read_kernel_in_ir),
	READ_HELPER(probe_read_kernel_str, LENGTH, BVM_HELPER_PERFMON | BVM_HELPER_LOCK_READ),
};

static const struct bvm_helper memory_tracing_helpers[] = {
#ifdef CONFIG_ARCH_HAS_NON_OVERLAPPING_ADDRESS_SPACE
	READ_HELPER(probe_read, INTEGER, BVM_HELPER_PERFMON | BVM_HELPER_LOCK_READ),
	READ_HELPER(probe_read_str, LENGTH, BVM_HELPER_PERFMON | BVM_HELPER_LOCK_READ),
#endif
	{
		.id = BPF_FUNC_copy_from_user,
		.name = "copy_from_user",
		.fn = copy_user,
		.arg = { BVM_ARG_UNINIT_MEM, BVM_ARG_SIZE_OR_ZERO, BVM_ARG_ANYTHING },
		.flags = BVM_HELPER_SLEEPS,
	},
	{
		.id = BPF_FUNC_copy_from_user_task,
		.name = "copy_from_user_task",
		.fn = copy_user_task,
		.arg = {
			BVM_ARG_UNINIT_MEM, BVM_ARG_SIZE_OR_ZERO, BVM_ARG_ANYTHING, BVM_ARG_BTF,
			BVM_ARG_ANYTHING,
		},
		.flags = BVM_HELPER_GPL | BVM_HELPER_SLEEPS,
		.btf_type = "task_struct",
	},
	{
		.id = BPF_FUNC_probe_write_user,
		.name = "probe_write_user",
		.fn = probe_write_user,
		.arg = { BVM_ARG_ANYTHING, BVM_ARG_MEM, BVM_ARG_SIZE },
		.flags = BVM_HELPER_GPL | BVM_HELPER_LOCK_WRITE | BVM_HELPER_ADMIN,
		.loaded = probe_write_user_loaded,
	},
};

const struct bvm_helper_set bvm_helpers_memory_tracing = {
	memory_tracing_helpers, ARRAY_SIZE(memory_tracing_helpers)
};

const struct bvm_helper_set bvm_helpers_memory = { memory_helpers, ARRAY_SIZE(memory_helpers) };
