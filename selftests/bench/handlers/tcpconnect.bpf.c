// SPDX-License-Identifier: GPL-2.0-only
/* TCP connections that are opened, counted by where they go. */
#include "handler.h"

const volatile __u32 filter_pid, filter_uid = -1;

struct flow {
	__u32 saddr, daddr;
	__u16 dport, unused;
};

HASH(sockets, __u32, struct sock *);
HASH(flows, struct flow, __u64);

SEC("kprobe/tcp_v4_connect")
int BPF_KPROBE(connect_entry, struct sock *sk)
{
	__u64 id = bpf_get_current_pid_tgid();
	__u32 tid = id;

	if (filter_pid && id >> 32 != filter_pid)
		return 0;
	if (filter_uid != -1 && (__u32)bpf_get_current_uid_gid() != filter_uid)
		return 0;
	bpf_map_update_elem(&sockets, &tid, &sk, 0);
	return 0;
}

SEC("kretprobe/tcp_v4_connect")
int BPF_KRETPROBE(connect_exit, int ret)
{
	__u32 tid = bpf_get_current_pid_tgid();
	struct sock **found = bpf_map_lookup_elem(&sockets, &tid), *sk;
	struct flow flow = {};
	__u64 *count, zero = 0;

	if (!found)
		return 0;
	if (ret)
		goto end;
	sk = *found;
	BPF_CORE_READ_INTO(&flow.saddr, sk, __sk_common.skc_rcv_saddr);
	BPF_CORE_READ_INTO(&flow.daddr, sk, __sk_common.skc_daddr);
	BPF_CORE_READ_INTO(&flow.dport, sk, __sk_common.skc_dport);
	count = lookup_or_init(&flows, &flow, &zero);
	if (count)
		__sync_fetch_and_add(count, 1);
end:
	bpf_map_delete_elem(&sockets, &tid);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
