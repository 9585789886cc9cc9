// SPDX-License-Identifier: GPL-2.0-only
/*
 * Helpers that read kernel or user memory at an address that may be anything.  They
 * never sleep: what is not there at once is a fault (-EFAULT), what is no address of
 * the kind asked for is refused (-ERANGE from copy_from_kernel_nofault()).  On any
 * error the whole buffer is zeroed, for the verifier has taken it as written.
 *
 * Under lockdown (confidentiality) kernel memory is not read: -EPERM.
 */
#include <linux/array_size.h>
#include <linux/sched.h>
#include <linux/security.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <asm/tlb.h>
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
	long ret = security_locked_down(LOCKDOWN_BPF_READ_KERNEL);

	if (!ret)
		ret = copy_from_kernel_nofault(dst, (void *)(unsigned long)r3, r2);
	return read_result(dst, r2, ret);
}

static u64 probe_read_kernel_str(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	void *dst = (void *)(unsigned long)r1;
	long ret = security_locked_down(LOCKDOWN_BPF_READ_KERNEL);

	if (!ret)
		ret = strncpy_from_kernel_nofault(dst, (void *)(unsigned long)r3, r2);
	return read_result(dst, r2, ret);
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

#define READ_HELPER(id_, flags_)						\
	{									\
		.id = BPF_FUNC_##id_,						\
		.name = #id_,							\
		.fn = id_,							\
		.arg = { BVM_ARG_UNINIT_MEM, BVM_ARG_SIZE_OR_ZERO, BVM_ARG_ANYTHING },	\
		.flags = BVM_HELPER_GPL | (flags_),				\
	}

static const struct bvm_helper memory_helpers[] = {
	READ_HELPER(probe_read_user, 0),
	READ_HELPER(probe_read_user_str, 0),
	READ_HELPER(probe_read_kernel, BVM_HELPER_PERFMON),
	READ_HELPER(probe_read_kernel_str, BVM_HELPER_PERFMON),
#ifdef CONFIG_ARCH_HAS_NON_OVERLAPPING_ADDRESS_SPACE
	READ_HELPER(probe_read, BVM_HELPER_PERFMON),
	READ_HELPER(probe_read_str, BVM_HELPER_PERFMON),
#endif
};

const struct bvm_helper_set bvm_helpers_memory = { memory_helpers, ARRAY_SIZE(memory_helpers) };
