// SPDX-License-Identifier: GPL-2.0-only
/* Signals that are sent by kill(2). */
#include "handler.h"

const volatile __u32 filtered_pid;
const volatile int target_signal;

struct event {
	__u32 pid, tpid;
	int sig, ret;
	char comm[COMM_LEN];
};

HASH(values, __u32, struct event);
PERF_EVENTS(events);

SEC("tracepoint/syscalls/sys_enter_kill")
int kill_entry(struct sys_enter_event *ctx)
{
	struct event event = {};
	__u64 id = bpf_get_current_pid_tgid();
	__u32 tid = id;

	if (target_signal && (int)ctx->args[1] != target_signal)
		return 0;
	if (filtered_pid && id >> 32 != filtered_pid)
		return 0;
	event.pid = id >> 32;
	event.tpid = ctx->args[0];
	event.sig = ctx->args[1];
	bpf_get_current_comm(event.comm, sizeof(event.comm));
	bpf_map_update_elem(&values, &tid, &event, BPF_ANY);
	return 0;
}

SEC("tracepoint/syscalls/sys_exit_kill")
int kill_exit(struct sys_exit_event *ctx)
{
	__u32 tid = bpf_get_current_pid_tgid();
	struct event *event = bpf_map_lookup_elem(&values, &tid);

	if (!event)
		return 0;
	event->ret = ctx->ret;
	bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, event, sizeof(*event));
	bpf_map_delete_elem(&values, &tid);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
