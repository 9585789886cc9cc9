// SPDX-License-Identifier: GPL-2.0-only
/* Where threads sleep: time by kernel stack and name. */
#include "handler.h"

#define SLEEPING	3	/* TASK_INTERRUPTIBLE | TASK_UNINTERRUPTIBLE */

struct key {
	__u32 pid, tgid;
	int kern_stack;
	int unused;
};

struct value {
	__u64 delta;
	char comm[COMM_LEN];
};

struct internal {
	__u64 start;
	struct key key;
};

HASH(start, __u32, struct internal);
HASH(info, struct key, struct value);
STACKS(stacks);

static const struct value zero;

SEC("raw_tp/sched_switch")
int switched(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct *prev = ARG(ctx, void *, 1), *next = ARG(ctx, void *, 2);
	struct internal *was, now = {};
	struct value *value;
	__s64 delta;
	__u32 pid;

	pid = BPF_CORE_READ(prev, pid);
	if (pid && BPF_CORE_READ(prev, __state) & SLEEPING) {
		now.key.pid = pid;
		now.key.tgid = BPF_CORE_READ(prev, tgid);
		now.start = bpf_ktime_get_ns();
		now.key.kern_stack = bpf_get_stackid(ctx, &stacks, 0);
		bpf_map_update_elem(&start, &pid, &now, 0);
	}
	pid = BPF_CORE_READ(next, pid);
	was = bpf_map_lookup_elem(&start, &pid);
	if (!was)
		return 0;
	delta = bpf_ktime_get_ns() - was->start;
	if (delta < 0)
		goto cleanup;
	delta /= 1000;
	value = bpf_map_lookup_elem(&info, &was->key);
	if (!value) {
		bpf_map_update_elem(&info, &was->key, &zero, BPF_NOEXIST);
		value = bpf_map_lookup_elem(&info, &was->key);
		if (!value)
			goto cleanup;
		bpf_probe_read_kernel_str(&value->comm, COMM_LEN, next->comm);
	}
	__sync_fetch_and_add(&value->delta, delta);
cleanup:
	bpf_map_delete_elem(&start, &pid);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
