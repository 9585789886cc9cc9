// SPDX-License-Identifier: GPL-2.0-only
/* Samples of a software event (page faults): counts by thread and kernel stack. */
#include "handler.h"

const volatile __u32 targ_pid;

struct key {
	__u32 pid;
	int kern_stack;
	char name[COMM_LEN];
};

HASH(counts, struct key, __u64);
STACKS(stacks);

SEC("perf_event")
int sample(void *ctx)
{
	__u64 id = bpf_get_current_pid_tgid();
	struct key key = {};
	__u64 *count, zero = 0;

	if (targ_pid && id >> 32 != targ_pid)
		return 0;
	key.pid = id >> 32;
	bpf_get_current_comm(&key.name, sizeof(key.name));
	key.kern_stack = bpf_get_stackid(ctx, &stacks, 0);
	count = lookup_or_init(&counts, &key, &zero);
	if (count)
		__sync_fetch_and_add(count, 1);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
