// SPDX-License-Identifier: GPL-2.0-only
/* System calls by number: how many, how long. */
#include "handler.h"

const volatile __u32 filter_pid;

struct data {
	__u64 count, total_ns;
	char comm[COMM_LEN];
};

HASH(start, __u32, __u64);
HASH(data, __u32, struct data);

static const struct data zero;

SEC("tracepoint/raw_syscalls/sys_enter")
int enter(void *ctx)
{
	__u64 id = bpf_get_current_pid_tgid(), ts;
	__u32 tid = id;

	if (filter_pid && id >> 32 != filter_pid)
		return 0;
	ts = bpf_ktime_get_ns();
	bpf_map_update_elem(&start, &tid, &ts, 0);
	return 0;
}

SEC("tracepoint/raw_syscalls/sys_exit")
int leave(struct sys_exit_event *ctx)
{
	__u64 id = bpf_get_current_pid_tgid(), *since, lat;
	__u32 tid = id, key = ctx->id;
	struct data *value;

	if (filter_pid && id >> 32 != filter_pid)
		return 0;
	since = bpf_map_lookup_elem(&start, &tid);
	if (!since)
		return 0;
	lat = bpf_ktime_get_ns() - *since;
	value = lookup_or_init(&data, &key, &zero);
	if (value) {
		__sync_fetch_and_add(&value->count, 1);
		__sync_fetch_and_add(&value->total_ns, lat);
	}
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
