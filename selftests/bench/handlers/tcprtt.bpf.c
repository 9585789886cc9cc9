// SPDX-License-Identifier: GPL-2.0-only
/* Round-trip times of TCP connections, by remote address. */
#include "handler.h"

const volatile __u16 targ_sport, targ_dport;
const volatile __u32 targ_saddr, targ_daddr;

struct rtt {
	__u64 latency, count;
	struct hist hist;
};

HASH(hists, __u32, struct rtt);

static const struct rtt zero;

SEC("kprobe/tcp_rcv_established")
int BPF_KPROBE(rcv, struct sock *sk)
{
	struct tcp_sock *ts = (void *)sk;
	struct rtt *rtt;
	__u32 key, srtt;

	if (targ_sport && targ_sport != BPF_CORE_READ(sk, __sk_common.skc_num))
		return 0;
	if (targ_dport && targ_dport != BPF_CORE_READ(sk, __sk_common.skc_dport))
		return 0;
	if (targ_saddr && targ_saddr != BPF_CORE_READ(sk, __sk_common.skc_rcv_saddr))
		return 0;
	key = BPF_CORE_READ(sk, __sk_common.skc_daddr);
	rtt = lookup_or_init(&hists, &key, &zero);
	if (!rtt)
		return 0;
	srtt = BPF_CORE_READ(ts, srtt_us) >> 3;
	hist_add(&rtt->hist, srtt);
	__sync_fetch_and_add(&rtt->latency, srtt);
	__sync_fetch_and_add(&rtt->count, 1);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
