// SPDX-License-Identifier: GPL-2.0-only
/*
 * Helpers that send a signal to the current task.  Signals are sent with locks that
 * code with interrupts off may hold: from there it is done a little later.
 */
#include <linux/array_size.h>
#include <linux/errno.h>
#include <linux/init.h>
#include <linux/irq_work.h>
#include <linux/percpu.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/signal.h>
#include <asm/tlb.h>
#include "helpers.h"

struct bvm_signal {
	struct irq_work work;
	struct task_struct *task;
	int sig;
	enum pid_type to;
};

static DEFINE_PER_CPU(struct bvm_signal, bvm_signal);

static void bvm_signal_later(struct irq_work *work)
{
	struct bvm_signal *signal = container_of(work, struct bvm_signal, work);

	group_send_sig_info(signal->sig, SEND_SIG_PRIV, signal->task, signal->to);
	put_task_struct(signal->task);
}

static long send(u32 sig, enum pid_type to)
{
	struct bvm_signal *signal;

	/* kernel threads have no signals, those that exit take none, init must not die */
	if (current->flags & (PF_KTHREAD | PF_EXITING) || is_global_init(current))
		return -EPERM;
	/* an NMI in the middle of a change of tasks: "current" is neither */
	if (!nmi_uaccess_okay())
		return -EPERM;
	if (!irqs_disabled())
		return group_send_sig_info(sig, SEND_SIG_PRIV, current, to);

	/* this one can not say it later */
	if (!valid_signal(sig))
		return -EINVAL;
	signal = this_cpu_ptr(&bvm_signal);
	if (irq_work_is_busy(&signal->work))
		return -EBUSY;
	signal->task = get_task_struct(current);
	signal->sig = sig;
	signal->to = to;
	irq_work_queue(&signal->work);
	return 0;
}

static u64 send_signal(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	return send(r1, PIDTYPE_TGID);
}

static u64 send_signal_thread(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	return send(r1, PIDTYPE_PID);
}

static int __init bvm_signal_init(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		init_irq_work(&per_cpu(bvm_signal, cpu).work, bvm_signal_later);
	return 0;
}
subsys_initcall(bvm_signal_init);

static const struct bvm_helper signal_helpers[] = {
	{
		.id = BPF_FUNC_send_signal,
		.name = "send_signal",
		.fn = send_signal,
		.arg = { BVM_ARG_ANYTHING },
	},
	{
		.id = BPF_FUNC_send_signal_thread,
		.name = "send_signal_thread",
		.fn = send_signal_thread,
		.arg = { BVM_ARG_ANYTHING },
	},
};

const struct bvm_helper_set bvm_helpers_signal = { signal_helpers, ARRAY_SIZE(signal_helpers) };
