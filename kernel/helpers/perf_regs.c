// SPDX-License-Identifier: GPL-2.0-only
/*
 * struct pt_regs is too large for the stack of a helper: a few per CPU.
 */
#include <linux/percpu.h>
#include <linux/string.h>
#include "perf_regs.h"

/* Helpers at a time on a CPU: in a task, a softirq, an interrupt, an NMI. */
#define BVM_REGS_NEST	4

struct bvm_regs {
	struct pt_regs regs[BVM_REGS_NEST];
	int nest;
};

static DEFINE_PER_CPU(struct bvm_regs, bvm_regs);

/**
 * bvm_regs_slot - room for registers, for bvm_caller_regs_get()
 * Any context incl. NMI, preemption off.  Return: zeroed registers, or NULL.
 */
struct pt_regs *bvm_regs_slot(void)
{
	int nest = this_cpu_inc_return(bvm_regs.nest) - 1;
	struct pt_regs *regs;

	if (unlikely(nest >= BVM_REGS_NEST))
		return NULL;
	regs = this_cpu_ptr(&bvm_regs.regs[nest]);
	memset(regs, 0, sizeof(*regs));
	return regs;
}

/**
 * bvm_caller_regs_put - give back what bvm_caller_regs_get() returned, NULL included
 * Any context incl. NMI.
 */
void bvm_caller_regs_put(void)
{
	this_cpu_dec(bvm_regs.nest);
}
