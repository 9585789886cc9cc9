// SPDX-License-Identifier: GPL-2.0-only
/*
 * Helpers about the packet that is the context, a struct sk_buff.
 */
#include <linux/array_size.h>
#include <linux/errno.h>
#include <linux/skbuff.h>
#include <linux/sock_diag.h>
#include <linux/string.h>
#include <linux/uidgid.h>
#include <net/inet_sock.h>
#include <net/sock.h>
#include "helpers.h"

/* On any error the whole buffer is zeroed, for the verifier has taken it as written. */
static long load_bytes(const struct sk_buff *skb, s64 off, void *to, u32 len)
{
	/* skb_copy_bits() takes what lies in front of the data, not what lies anywhere */
	if (off >= -(s64)skb_headroom(skb) && off <= INT_MAX && !skb_copy_bits(skb, off, to, len))
		return 0;
	memset(to, 0, len);
	return -EFAULT;
}

static u64 skb_load_bytes(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	const struct sk_buff *skb = (const struct sk_buff *)(unsigned long)r1;

	return load_bytes(skb, (u32)r2, (void *)(unsigned long)r3, r4);
}

static u64 skb_load_bytes_relative(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	const struct sk_buff *skb = (const struct sk_buff *)(unsigned long)r1;
	s64 off = (u32)r2;

	if (off <= INT_MAX && r5 == BPF_HDR_START_MAC && skb_mac_header_was_set(skb))
		off += skb_mac_offset(skb);
	else if (off <= INT_MAX && r5 == BPF_HDR_START_NET)
		off += skb_network_offset(skb);
	else
		off = S64_MAX;
	return load_bytes(skb, off, (void *)(unsigned long)r3, r4);
}

static u64 get_socket_cookie(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	const struct sk_buff *skb = (const struct sk_buff *)(unsigned long)r1;

	return skb->sk ? sock_gen_cookie(skb->sk) : 0;
}

static u64 get_socket_uid(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	const struct sk_buff *skb = (const struct sk_buff *)(unsigned long)r1;
	struct sock *sk = sk_to_full_sk(skb->sk);

	if (!sk || !sk_fullsock(sk))
		return overflowuid;
	return from_kuid_munged(sock_net(sk)->user_ns, sock_net_uid(sock_net(sk), sk));
}

static const struct bvm_helper skb_helpers[] = {
	{
		.id = BPF_FUNC_skb_load_bytes,
		.name = "skb_load_bytes",
		.fn = skb_load_bytes,
		.arg = { BVM_ARG_CTX, BVM_ARG_ANYTHING, BVM_ARG_UNINIT_MEM, BVM_ARG_SIZE },
	},
	{
		.id = BPF_FUNC_skb_load_bytes_relative,
		.name = "skb_load_bytes_relative",
		.fn = skb_load_bytes_relative,
		.arg = {
			BVM_ARG_CTX, BVM_ARG_ANYTHING, BVM_ARG_UNINIT_MEM, BVM_ARG_SIZE,
			BVM_ARG_ANYTHING,
		},
	},
	{
		.id = BPF_FUNC_get_socket_cookie,
		.name = "get_socket_cookie",
		.fn = get_socket_cookie,
		.arg = { BVM_ARG_CTX },
	},
	{
		.id = BPF_FUNC_get_socket_uid,
		.name = "get_socket_uid",
		.fn = get_socket_uid,
		.arg = { BVM_ARG_CTX },
	},
};

const struct bvm_helper_set bvm_helpers_skb = { skb_helpers, ARRAY_SIZE(skb_helpers) };
