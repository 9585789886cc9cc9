// SPDX-License-Identifier: GPL-2.0-only
/* From where a function is called: counts by kernel stack. */
#include "handler.h"

struct key {
	__u32 tgid;
	int stack;
	char comm[COMM_LEN];
};

HASH(counts, struct key, __u64);
STACKS(stacks);

SEC("kprobe/vfs_open")
int entry(struct pt_regs *ctx)
{
	struct key key = { .tgid = bpf_get_current_pid_tgid() >> 32 };
	__u64 *count, zero = 0;

	bpf_get_current_comm(key.comm, sizeof(key.comm));
	key.stack = bpf_get_stackid(ctx, &stacks, 0);
	count = lookup_or_init(&counts, &key, &zero);
	if (count)
		__sync_fetch_and_add(count, 1);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
