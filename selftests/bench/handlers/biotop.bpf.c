// SPDX-License-Identifier: GPL-2.0-only
/* Block I/O by process: bytes, times, counts. */
#include "handler.h"

struct start {
	__u64 ts;
	__u32 len, pid;
	char comm[COMM_LEN];
};

struct key {
	__u32 pid, write;
	int major, minor;
	char comm[COMM_LEN];
};

struct value { __u64 bytes, us, count; };

HASH(starts, struct request *, struct start);
HASH(counts, struct key, struct value);

static const struct value zero;

SEC("raw_tp/block_rq_issue")
int issue(struct bpf_raw_tracepoint_args *ctx)
{
	struct request *rq = ARG(ctx, void *, 0);
	struct start start = {
		.ts = bpf_ktime_get_ns(),
		.len = BPF_CORE_READ(rq, __data_len),
		.pid = bpf_get_current_pid_tgid() >> 32,
	};

	bpf_get_current_comm(&start.comm, sizeof(start.comm));
	bpf_map_update_elem(&starts, &rq, &start, 0);
	return 0;
}

SEC("raw_tp/block_rq_complete")
int complete(struct bpf_raw_tracepoint_args *ctx)
{
	struct request *rq = ARG(ctx, void *, 0);
	struct start *start = bpf_map_lookup_elem(&starts, &rq);
	struct gendisk *disk;
	struct value *value;
	struct key key = {};

	if (!start)
		return 0;
	disk = BPF_CORE_READ(rq, bio, bi_bdev, bd_disk);
	key.pid = start->pid;
	key.major = BPF_CORE_READ(disk, major);
	key.minor = BPF_CORE_READ(disk, first_minor);
	key.write = BPF_CORE_READ(rq, cmd_flags) & 1;
	__builtin_memcpy(key.comm, start->comm, sizeof(key.comm));
	value = lookup_or_init(&counts, &key, &zero);
	if (value) {
		value->us += (bpf_ktime_get_ns() - start->ts) / 1000;
		value->bytes += start->len;
		value->count++;
	}
	bpf_map_delete_elem(&starts, &rq);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
