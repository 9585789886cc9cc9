// SPDX-License-Identifier: GPL-2.0-only
/* Processes that end: how long they ran, why they ended. */
#include "handler.h"

struct event {
	__u64 start, end;
	__u32 pid, tid, ppid, sig;
	int code;
	char comm[COMM_LEN];
};

PERF_EVENTS(events);

SEC("tracepoint/sched/sched_process_exit")
int process_exit(void *ctx)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	__u64 id = bpf_get_current_pid_tgid();
	struct event event = {};
	int code;

	if (id >> 32 != (__u32)id)
		return 0;
	event.start = BPF_CORE_READ(task, start_time);
	event.end = bpf_ktime_get_ns();
	event.pid = id >> 32;
	event.tid = id;
	event.ppid = BPF_CORE_READ(task, real_parent, tgid);
	code = BPF_CORE_READ(task, exit_code);
	event.code = code >> 8;
	event.sig = code & 0xff;
	bpf_get_current_comm(&event.comm, sizeof(event.comm));
	bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, &event, sizeof(event));
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
