// SPDX-License-Identifier: GPL-2.0-only
/* Programs that are started: arguments of exec, the parent, how it went. */
#include "handler.h"

#define ARGS	8
#define ARG_LEN	32

struct event {
	__u32 pid, tgid, ppid, uid;
	int ret, count;
	unsigned int size;
	char comm[COMM_LEN];
	char args[ARGS * ARG_LEN];
};

static const struct event zero;

HASH(execs, __u32, struct event);
PERF_EVENTS(events);

SEC("tracepoint/syscalls/sys_enter_execve")
int exec_enter(struct sys_enter_event *ctx)
{
	const char **args = (const char **)ctx->args[1], *arg;
	__u64 id = bpf_get_current_pid_tgid();
	struct task_struct *task;
	struct event *event;
	__u32 pid = id;
	long n;
	int i;

	if (bpf_map_update_elem(&execs, &pid, &zero, BPF_NOEXIST))
		return 0;
	event = bpf_map_lookup_elem(&execs, &pid);
	if (!event)
		return 0;
	event->pid = pid;
	event->tgid = id >> 32;
	event->uid = bpf_get_current_uid_gid();
	task = (void *)bpf_get_current_task();
	event->ppid = BPF_CORE_READ(task, real_parent, tgid);
	n = bpf_probe_read_user_str(event->args, ARG_LEN, (const char *)ctx->args[0]);
	if (n > 0 && n <= ARG_LEN)
		event->size += n;
	event->count++;
#pragma clang loop unroll(full)
	for (i = 1; i < ARGS; i++) {
		if (bpf_probe_read_user(&arg, sizeof(arg), &args[i]) || !arg)
			return 0;
		if (event->size > (ARGS - 1) * ARG_LEN)
			return 0;
		n = bpf_probe_read_user_str(&event->args[event->size], ARG_LEN, arg);
		if (n < 0 || n > ARG_LEN)
			return 0;
		event->size += n;
		event->count++;
	}
	return 0;
}

SEC("tracepoint/syscalls/sys_exit_execve")
int exec_exit(struct sys_exit_event *ctx)
{
	__u32 pid = bpf_get_current_pid_tgid();
	struct event *event = bpf_map_lookup_elem(&execs, &pid);
	unsigned int size;

	if (!event)
		return 0;
	event->ret = ctx->ret;
	bpf_get_current_comm(&event->comm, sizeof(event->comm));
	size = __builtin_offsetof(struct event, args) + event->size;
	if (size <= sizeof(*event))
		bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, event, size);
	bpf_map_delete_elem(&execs, &pid);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
