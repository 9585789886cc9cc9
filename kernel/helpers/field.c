// SPDX-License-Identifier: GPL-2.0-only
/*
 * Helpers for fields of maps' values that the kernel manages: locks, and pointers to objects.
 * That they are what they should be, and that a lock is given back, the verifier has checked.
 */
#include <linux/irqflags.h>
#include <linux/percpu.h>
#include "../maps/lock.h"
#include "helpers.h"

/* Of who holds a lock on this CPU: programs hold one at a time, with interrupts off. */
static DEFINE_PER_CPU(unsigned long, bvm_irq_flags);

static u64 spin_lock_helper(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	unsigned long flags;

	local_irq_save(flags);
	bvm_spin_lock((u32 *)(unsigned long)r1);
	__this_cpu_write(bvm_irq_flags, flags);
	return 0;
}

static u64 spin_unlock_helper(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	unsigned long flags = __this_cpu_read(bvm_irq_flags);

	bvm_spin_unlock((u32 *)(unsigned long)r1);
	local_irq_restore(flags);
	return 0;
}

static u64 kptr_xchg(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	return xchg((unsigned long *)(unsigned long)r1, (unsigned long)r2);
}

static u64 per_cpu_ptr_helper(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	u32 cpu = r2;

	if (cpu >= nr_cpu_ids)
		return 0;
	return (unsigned long)per_cpu_ptr((const void __percpu *)(unsigned long)r1, cpu);
}

static u64 this_cpu_ptr_helper(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	return (unsigned long)this_cpu_ptr((const void __percpu *)(unsigned long)r1);
}

static const struct bvm_helper field_helpers[] = {
	{
		.id = BPF_FUNC_per_cpu_ptr,
		.name = "per_cpu_ptr",
		.fn = per_cpu_ptr_helper,
		.arg = { BVM_ARG_PERCPU, BVM_ARG_ANYTHING },
	},
	{
		.id = BPF_FUNC_this_cpu_ptr,
		.name = "this_cpu_ptr",
		.fn = this_cpu_ptr_helper,
		.arg = { BVM_ARG_PERCPU },
	},
	{
		.id = BPF_FUNC_spin_lock,
		.name = "spin_lock",
		.fn = spin_lock_helper,
		.ret = BVM_RET_VOID,
		.arg = { BVM_ARG_LOCK },
	},
	{
		.id = BPF_FUNC_spin_unlock,
		.name = "spin_unlock",
		.fn = spin_unlock_helper,
		.ret = BVM_RET_VOID,
		.arg = { BVM_ARG_UNLOCK },
		.flags = BVM_HELPER_UNLOCK,
	},
	{
		.id = BPF_FUNC_kptr_xchg,
		.name = "kptr_xchg",
		.fn = kptr_xchg,
		.ret = BVM_RET_KPTR_OR_NULL,
		.arg = { BVM_ARG_KPTR, BVM_ARG_KPTR_NEW | BVM_ARG_MAYBE_NULL },
		.flags = BVM_HELPER_ACQUIRE | BVM_HELPER_RELEASE,
	},
};

const struct bvm_helper_set bvm_helpers_field = { field_helpers, ARRAY_SIZE(field_helpers) };
