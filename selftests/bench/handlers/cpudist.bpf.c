// SPDX-License-Identifier: GPL-2.0-only
/* How long threads stay on a processor: histograms by thread group. */
#include "handler.h"

HASH(start, __u32, __u64);
HASH(hists, __u32, struct hist);

static const struct hist zero;

SEC("raw_tp/sched_switch")
int switched(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct *prev = ARG(ctx, void *, 1), *next = ARG(ctx, void *, 2);
	__u32 tgid = BPF_CORE_READ(prev, tgid), pid = BPF_CORE_READ(prev, pid);
	__u64 ts = bpf_ktime_get_ns(), *since;
	struct hist *hist;

	since = bpf_map_lookup_elem(&start, &pid);
	if (since && ts > *since) {
		hist = lookup_or_init(&hists, &tgid, &zero);
		if (hist)
			hist_add(hist, (ts - *since) / 1000);
	}
	pid = BPF_CORE_READ(next, pid);
	bpf_map_update_elem(&start, &pid, &ts, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
