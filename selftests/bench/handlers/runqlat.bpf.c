// SPDX-License-Identifier: GPL-2.0-only
/* How long threads wait for a processor: a histogram. */
#include "handler.h"

const volatile bool targ_per_thread;
const volatile __u32 targ_tgid;

HASH(start, __u32, __u64);
HASH(hists, __u32, struct hist);

static const struct hist zero;

static __always_inline int enqueue(__u32 tgid, __u32 pid)
{
	__u64 ts;

	if (!pid || (targ_tgid && targ_tgid != tgid))
		return 0;
	ts = bpf_ktime_get_ns();
	bpf_map_update_elem(&start, &pid, &ts, BPF_ANY);
	return 0;
}

SEC("raw_tp/sched_wakeup")
int wakeup(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct *p = ARG(ctx, void *, 0);

	return enqueue(BPF_CORE_READ(p, tgid), BPF_CORE_READ(p, pid));
}

SEC("raw_tp/sched_wakeup_new")
int wakeup_new(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct *p = ARG(ctx, void *, 0);

	return enqueue(BPF_CORE_READ(p, tgid), BPF_CORE_READ(p, pid));
}

SEC("raw_tp/sched_switch")
int switched(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct *prev = ARG(ctx, void *, 1), *next = ARG(ctx, void *, 2);
	__u32 pid, key = -1;
	struct hist *hist;
	__u64 *since;
	__s64 delta;

	if (BPF_CORE_READ(prev, __state) == 0)
		enqueue(BPF_CORE_READ(prev, tgid), BPF_CORE_READ(prev, pid));
	pid = BPF_CORE_READ(next, pid);
	since = bpf_map_lookup_elem(&start, &pid);
	if (!since)
		return 0;
	delta = bpf_ktime_get_ns() - *since;
	if (delta < 0)
		goto cleanup;
	if (targ_per_thread)
		key = pid;
	hist = lookup_or_init(&hists, &key, &zero);
	if (!hist)
		goto cleanup;
	hist_add(hist, delta / 1000);
cleanup:
	bpf_map_delete_elem(&start, &pid);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
