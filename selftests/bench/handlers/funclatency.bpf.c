// SPDX-License-Identifier: GPL-2.0-only
/* How long a function takes: entry and return, a histogram. */
#include "handler.h"

const volatile __u32 targ_tgid;

HASH(starts, __u32, __u64);

struct hist hist;

SEC("kprobe/vfs_write")
int entry(void *ctx)
{
	__u64 id = bpf_get_current_pid_tgid(), ts;
	__u32 pid = id;

	if (targ_tgid && targ_tgid != id >> 32)
		return 0;
	ts = bpf_ktime_get_ns();
	bpf_map_update_elem(&starts, &pid, &ts, BPF_ANY);
	return 0;
}

SEC("kretprobe/vfs_write")
int leave(void *ctx)
{
	__u64 ts = bpf_ktime_get_ns(), *since;
	__u32 pid = bpf_get_current_pid_tgid();

	since = bpf_map_lookup_elem(&starts, &pid);
	if (since && ts > *since)
		hist_add(&hist, ts - *since);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
