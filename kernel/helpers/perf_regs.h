/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Registers for helpers of programs whose context has none.
 */
#ifndef _BVM_PERF_REGS_H
#define _BVM_PERF_REGS_H

#include <linux/perf_event.h>

struct pt_regs *bvm_regs_slot(void);
void bvm_caller_regs_put(void);

/**
 * bvm_caller_regs_get - registers as of here, enough to walk the stack from
 *
 * Any context incl. NMI, preemption off until bvm_caller_regs_put(), which has to follow
 * in any case.  Inlined, because the frame that they point to must last.
 *
 * Return: registers, or NULL when too many programs interrupt each other.
 */
static __always_inline struct pt_regs *bvm_caller_regs_get(void)
{
	struct pt_regs *regs = bvm_regs_slot();

	if (regs)
		perf_fetch_caller_regs(regs);
	return regs;
}

#endif /* _BVM_PERF_REGS_H */
