// SPDX-License-Identifier: GPL-2.0-only
/* Who wakes whom: a ring of events with both names. */
#include "handler.h"

struct event {
	__u64 ts;
	__u32 waker, woken, cpu, unused;
	char waker_comm[COMM_LEN], woken_comm[COMM_LEN];
};

RING(ring);

SEC("raw_tp/sched_wakeup")
int wakeup(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct *p = ARG(ctx, void *, 0);
	struct event *event = bpf_ringbuf_reserve(&ring, sizeof(*event), 0);

	if (!event)
		return 0;
	event->ts = bpf_ktime_get_ns();
	event->waker = bpf_get_current_pid_tgid();
	event->woken = BPF_CORE_READ(p, pid);
	event->cpu = bpf_get_smp_processor_id();
	bpf_get_current_comm(event->waker_comm, COMM_LEN);
	bpf_probe_read_kernel(event->woken_comm, COMM_LEN, p->comm);
	/* a ring that nobody reads would fill up */
	bpf_ringbuf_discard(event, BPF_RB_NO_WAKEUP);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
