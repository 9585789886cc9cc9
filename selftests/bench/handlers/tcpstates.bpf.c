// SPDX-License-Identifier: GPL-2.0-only
/* How long TCP sockets are in each state: an event for each change. */
#include "handler.h"

struct event {
	__u64 sk, ts, delta_us;
	__u32 saddr, daddr, pid;
	__u16 sport, dport, family;
	__u16 old, new;
	char task[COMM_LEN];
};

HASH(stamps, struct sock *, __u64);
PERF_EVENTS(events);

SEC("raw_tp/inet_sock_set_state")
int set_state(struct bpf_raw_tracepoint_args *ctx)
{
	struct sock *sk = ARG(ctx, void *, 0);
	int new = ARG(ctx, int, 2);
	__u64 ts = bpf_ktime_get_ns(), *since;
	struct event event = {};

	since = bpf_map_lookup_elem(&stamps, &sk);
	event.sk = (__u64)sk;
	event.ts = ts / 1000;
	event.delta_us = since ? (ts - *since) / 1000 : 0;
	event.pid = bpf_get_current_pid_tgid() >> 32;
	event.old = ARG(ctx, int, 1);
	event.new = new;
	event.family = BPF_CORE_READ(sk, __sk_common.skc_family);
	event.sport = BPF_CORE_READ(sk, __sk_common.skc_num);
	event.dport = BPF_CORE_READ(sk, __sk_common.skc_dport);
	event.saddr = BPF_CORE_READ(sk, __sk_common.skc_rcv_saddr);
	event.daddr = BPF_CORE_READ(sk, __sk_common.skc_daddr);
	bpf_get_current_comm(&event.task, sizeof(event.task));
	bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, &event, sizeof(event));
	if (new == 7)	/* TCP_CLOSE */
		bpf_map_delete_elem(&stamps, &sk);
	else
		bpf_map_update_elem(&stamps, &sk, &ts, BPF_ANY);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
