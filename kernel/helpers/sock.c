// SPDX-License-Identifier: GPL-2.0-only
/*
 * Helpers that find sockets.
 *
 * A socket that is found counts as a reference to the program, whether it is counted itself
 * or kept by RCU (SOCK_RCU_FREE), which programs run under.
 */
#include <linux/array_size.h>
#include <linux/errno.h>
#include <linux/filter.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <net/inet6_hashtables.h>
#include <net/inet_hashtables.h>
#include <net/inet_sock.h>
#include <net/net_namespace.h>
#include <net/sock.h>
#include <net/udp.h>
#include <net/xdp.h>
#include "../sock_view.h"
#include "helpers.h"

/* ----------------------------------------------------------------- look-ups */

/**
 * struct sock_query - what is looked for
 * @net:	network namespace
 * @tuple:	addresses and ports
 * @len:	bytes of it, which say whether they are IPv4 or IPv6
 * @dif:	interface that the packet came in by
 */
struct sock_query {
	struct net *net;
	const struct bpf_sock_tuple *tuple;
	u32 len;
	int dif;
};

static struct sock *find_tcp(const struct sock_query *q, bool *counted)
{
	const struct bpf_sock_tuple *t = q->tuple;
	struct inet_hashinfo *table = q->net->ipv4.tcp_death_row.hashinfo;

	if (q->len == sizeof(t->ipv4))
		return __inet_lookup(q->net, table, NULL, 0, t->ipv4.saddr, t->ipv4.sport,
				     t->ipv4.daddr, t->ipv4.dport, q->dif, 0, counted);
#if IS_ENABLED(CONFIG_IPV6)
	return __inet6_lookup(q->net, table, NULL, 0, (const struct in6_addr *)t->ipv6.saddr,
			      t->ipv6.sport, (const struct in6_addr *)t->ipv6.daddr,
			      ntohs(t->ipv6.dport), q->dif, 0, counted);
#else
	return NULL;
#endif
}

static struct sock *find_udp(const struct sock_query *q, bool *counted)
{
	const struct bpf_sock_tuple *t = q->tuple;

	*counted = false;
	if (q->len == sizeof(t->ipv4))
		return __udp4_lib_lookup(q->net, t->ipv4.saddr, t->ipv4.sport, t->ipv4.daddr,
					 t->ipv4.dport, q->dif, 0, q->net->ipv4.udp_table, NULL);
#if IS_BUILTIN(CONFIG_IPV6)
	return __udp6_lib_lookup(q->net, (const struct in6_addr *)t->ipv6.saddr, t->ipv6.sport,
				 (const struct in6_addr *)t->ipv6.daddr, t->ipv6.dport, q->dif, 0,
				 q->net->ipv4.udp_table, NULL);
#else
	return NULL;
#endif
}

typedef struct sock *(*find_fn)(const struct sock_query *q, bool *counted);

/* Giving it back must agree with whether it was counted. */
static struct sock *sock_find(const struct sock_query *q, find_fn find)
{
	bool counted = false;
	struct sock *sk = find(q, &counted);

	if (!sk || counted == sk_is_refcounted(sk))
		return sk;
	if (counted)
		sock_gen_put(sk);
	return NULL;
}

/* In another namespace, if @id is not negative: one that @net knows by that id. */
static struct sock *sock_find_in(struct sock_query *q, u64 id, find_fn find)
{
	struct net *other;
	struct sock *sk;

	if ((s32)id < 0)
		return sock_find(q, find);
	if (id > S32_MAX)
		return NULL;
	other = get_net_ns_by_id(q->net, id);
	if (!other)
		return NULL;
	q->net = other;
	sk = sock_find(q, find);
	put_net(other);
	return sk;
}

/* A socket as user space knows it, or NULL: for a request, the socket that listens. */
static struct sock *sock_whole(struct sock *sk)
{
	struct sock *whole = sk_to_full_sk(sk);

	if (!sk || (whole == sk && sk_fullsock(sk)))
		return sk;
	/* who listens is kept by RCU */
	if (whole == sk || !sk_fullsock(whole) || sk_is_refcounted(whole))
		whole = NULL;
	sock_gen_put(sk);
	return whole;
}

static struct sock *sock_lookup(struct net_device *dev, u64 tuple, u64 len, u64 netns, u64 flags,
				find_fn find)
{
	struct sock_query q = {
		.tuple = (const struct bpf_sock_tuple *)(unsigned long)tuple,
		.len = len,
	};

	if (flags || !dev ||
	    (len != sizeof(q.tuple->ipv4) && len != sizeof(q.tuple->ipv6)))
		return NULL;
	q.net = dev_net(dev);
	q.dif = dev->ifindex;
	return sock_find_in(&q, netns, find);
}

static struct net_device *skb_dev(u64 ctx)
{
	return ((const struct sk_buff *)(unsigned long)ctx)->dev;
}

static struct net_device *xdp_dev(u64 ctx)
{
	return ((const struct xdp_buff *)(unsigned long)ctx)->rxq->dev;
}

static u64 skb_lookup_tcp(u64 ctx, u64 tuple, u64 len, u64 netns, u64 flags)
{
	struct sock *sk = sock_lookup(skb_dev(ctx), tuple, len, netns, flags, find_tcp);

	return (unsigned long)sock_whole(sk);
}

static u64 skb_lookup_udp(u64 ctx, u64 tuple, u64 len, u64 netns, u64 flags)
{
	struct sock *sk = sock_lookup(skb_dev(ctx), tuple, len, netns, flags, find_udp);

	return (unsigned long)sock_whole(sk);
}

static u64 skb_lookup_any(u64 ctx, u64 tuple, u64 len, u64 netns, u64 flags)
{
	return (unsigned long)sock_lookup(skb_dev(ctx), tuple, len, netns, flags, find_tcp);
}

static u64 xdp_lookup_tcp(u64 ctx, u64 tuple, u64 len, u64 netns, u64 flags)
{
	struct sock *sk = sock_lookup(xdp_dev(ctx), tuple, len, netns, flags, find_tcp);

	return (unsigned long)sock_whole(sk);
}

static u64 xdp_lookup_udp(u64 ctx, u64 tuple, u64 len, u64 netns, u64 flags)
{
	struct sock *sk = sock_lookup(xdp_dev(ctx), tuple, len, netns, flags, find_udp);

	return (unsigned long)sock_whole(sk);
}

static u64 xdp_lookup_any(u64 ctx, u64 tuple, u64 len, u64 netns, u64 flags)
{
	return (unsigned long)sock_lookup(xdp_dev(ctx), tuple, len, netns, flags, find_tcp);
}

static u64 sk_release(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	struct sock *sk = (struct sock *)(unsigned long)r1;

	if (sk_is_refcounted(sk))
		sock_gen_put(sk);
	return 0;
}

#define LOOKUP_HELPER(helper, function, what) {					\
	.id = BPF_FUNC_##helper,						\
	.name = #helper,							\
	.fn = function,								\
	.ret = BVM_RET_VIEW_OR_NULL,						\
	.arg = {								\
		BVM_ARG_CTX, BVM_ARG_MEM, BVM_ARG_SIZE, BVM_ARG_ANYTHING,	\
		BVM_ARG_ANYTHING,						\
	},									\
	.flags = BVM_HELPER_ACQUIRE | BVM_HELPER_TAKES_PKT,			\
	.view = &(what),							\
}

#define RELEASE_HELPER {							\
	.id = BPF_FUNC_sk_release,						\
	.name = "sk_release",							\
	.fn = sk_release,							\
	.arg = { BVM_ARG_VIEW },						\
	.flags = BVM_HELPER_RELEASE,						\
}

static const struct bvm_helper sock_skb_helpers[] = {
	LOOKUP_HELPER(sk_lookup_tcp, skb_lookup_tcp, bvm_sock_view),
	LOOKUP_HELPER(sk_lookup_udp, skb_lookup_udp, bvm_sock_view),
	LOOKUP_HELPER(skc_lookup_tcp, skb_lookup_any, bvm_sock_common_view),
	RELEASE_HELPER,
};

static const struct bvm_helper sock_xdp_helpers[] = {
	LOOKUP_HELPER(sk_lookup_tcp, xdp_lookup_tcp, bvm_sock_view),
	LOOKUP_HELPER(sk_lookup_udp, xdp_lookup_udp, bvm_sock_view),
	LOOKUP_HELPER(skc_lookup_tcp, xdp_lookup_any, bvm_sock_common_view),
	RELEASE_HELPER,
};

const struct bvm_helper_set bvm_helpers_sock_skb = {
	sock_skb_helpers, ARRAY_SIZE(sock_skb_helpers)
};

const struct bvm_helper_set bvm_helpers_sock_xdp = {
	sock_xdp_helpers, ARRAY_SIZE(sock_xdp_helpers)
};
