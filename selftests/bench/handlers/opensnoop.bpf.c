// SPDX-License-Identifier: GPL-2.0-only
/* Files that are opened: arguments kept from entry to exit, then an event. */
#include "handler.h"

const volatile __u32 targ_pid, targ_tgid, targ_uid = -1;
const volatile bool targ_failed;

struct args { const char *name; int flags; };

struct event {
	__u64 ts;
	__u32 pid, uid;
	int ret, flags;
	char comm[COMM_LEN];
	char name[NAME_LEN];
};

HASH(start, __u32, struct args);
PERF_EVENTS(events);

static __always_inline bool traced(__u32 tgid, __u32 pid)
{
	__u32 uid;

	if (targ_tgid && targ_tgid != tgid)
		return false;
	if (targ_pid && targ_pid != pid)
		return false;
	if (targ_uid != -1) {
		uid = (__u32)bpf_get_current_uid_gid();
		if (targ_uid != uid)
			return false;
	}
	return true;
}

SEC("tracepoint/syscalls/sys_enter_openat")
int open_enter(struct sys_enter_event *ctx)
{
	__u64 id = bpf_get_current_pid_tgid();
	__u32 pid = id;

	if (traced(id >> 32, pid)) {
		struct args args = { (const char *)ctx->args[1], ctx->args[2] };

		bpf_map_update_elem(&start, &pid, &args, 0);
	}
	return 0;
}

SEC("tracepoint/syscalls/sys_exit_openat")
int open_exit(struct sys_exit_event *ctx)
{
	__u32 pid = bpf_get_current_pid_tgid();
	struct event event = {};
	struct args *args = bpf_map_lookup_elem(&start, &pid);

	if (!args)
		return 0;
	if (targ_failed && ctx->ret >= 0)
		goto cleanup;
	event.pid = bpf_get_current_pid_tgid() >> 32;
	event.uid = bpf_get_current_uid_gid();
	bpf_get_current_comm(&event.comm, sizeof(event.comm));
	bpf_probe_read_user_str(&event.name, sizeof(event.name), args->name);
	event.flags = args->flags;
	event.ret = ctx->ret;
	event.ts = bpf_ktime_get_ns();
	bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, &event, sizeof(event));
cleanup:
	bpf_map_delete_elem(&start, &pid);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
