// SPDX-License-Identifier: GPL-2.0-only
/* How long block I/O takes: histograms by disk. */
#include "handler.h"

HASH(start, struct request *, __u64);
HASH(hists, __u64, struct hist);

static const struct hist zero;

SEC("raw_tp/block_rq_issue")
int issue(struct bpf_raw_tracepoint_args *ctx)
{
	struct request *rq = ARG(ctx, void *, 0);
	__u64 ts = bpf_ktime_get_ns();

	bpf_map_update_elem(&start, &rq, &ts, 0);
	return 0;
}

SEC("raw_tp/block_rq_complete")
int complete(struct bpf_raw_tracepoint_args *ctx)
{
	struct request *rq = ARG(ctx, void *, 0);
	__u64 ts = bpf_ktime_get_ns(), *since, key;
	struct gendisk *disk;
	struct hist *hist;

	since = bpf_map_lookup_elem(&start, &rq);
	if (!since)
		return 0;
	disk = BPF_CORE_READ(rq, bio, bi_bdev, bd_disk);
	key = (__u64)BPF_CORE_READ(disk, major) << 20 | BPF_CORE_READ(disk, first_minor);
	hist = lookup_or_init(&hists, &key, &zero);
	if (hist)
		hist_add(hist, (ts - *since) / 1000);
	bpf_map_delete_elem(&start, &rq);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
