// SPDX-License-Identifier: GPL-2.0-only
/*
 * BPF_PROG_TEST_RUN of programs that run on a packet: makes a struct sk_buff of the
 * caller's data (an Ethernet frame) and struct __sk_buff.  What is accepted follows
 * Documentation/bpf/bpf_prog_run.rst, selftests/bpf/prog_tests/skb_ctx.c and what the
 * stock kernel does.
 */
#include <linux/etherdevice.h>
#include <linux/filter.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netdevice.h>
#include <linux/nsproxy.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <net/net_namespace.h>
#include <net/sch_generic.h>
#include "../core/core.h"
#include "skb_run.h"

/* A frame fits into a page, like the receive buffer of a driver. */
#define BVM_FRAME_MAX	(PAGE_SIZE - NET_SKB_PAD - NET_IP_ALIGN -	\
			 SKB_DATA_ALIGN(sizeof(struct skb_shared_info)))

static int bvm_skb_ctx_in(struct __sk_buff *ctx, const struct bvm_test_run *run)
{
	int err = bvm_test_ctx_in(run, ctx, sizeof(*ctx));
	struct __sk_buff rest;

	if (err)
		return err;

	/* these may be chosen, everything else follows from the frame */
	rest = *ctx;
	rest.mark = 0;
	rest.priority = 0;
	rest.ingress_ifindex = 0;
	rest.ifindex = 0;
	memset(rest.cb, 0, sizeof(rest.cb));
	rest.tstamp = 0;
	rest.wire_len = 0;
	rest.gso_segs = 0;
	rest.gso_size = 0;
	rest.hwtstamp = 0;
	return memchr_inv(&rest, 0, sizeof(rest)) ? -EINVAL : 0;
}

/* The device that the frame came in through, with a reference: the loopback one by default. */
static struct net_device *bvm_skb_dev(u32 ifindex)
{
	struct net *net = current->nsproxy->net_ns;
	struct net_device *dev = net->loopback_dev;

	if (ifindex)
		return dev_get_by_index(net, ifindex);
	dev_hold(dev);
	return dev;
}

/* A packet as sockets receive it: its data start behind the Ethernet header. */
static struct sk_buff *bvm_skb_make(const struct bvm_test_run *run, struct net_device *dev)
{
	struct sk_buff *skb = alloc_skb(NET_SKB_PAD + NET_IP_ALIGN + run->data_size_in,
					GFP_KERNEL);

	if (!skb)
		return NULL;
	skb_reserve(skb, NET_SKB_PAD + NET_IP_ALIGN);
	skb_put_data(skb, run->data_in, run->data_size_in);
	skb->protocol = eth_type_trans(skb, dev);
	skb_reset_network_header(skb);
	return skb;
}

/* Protocols whose header must be there, since helpers may look at it unasked. */
static bool bvm_skb_complete(const struct sk_buff *skb)
{
	switch (skb->protocol) {
	case htons(ETH_P_IP):
		return skb->len >= sizeof(struct iphdr);
	case htons(ETH_P_IPV6):
		return skb->len >= sizeof(struct ipv6hdr);
	default:
		return true;
	}
}

/* @ctx: the caller's, or zeroes, with which the packet has no length on the wire either. */
static int bvm_skb_set(struct sk_buff *skb, const struct __sk_buff *ctx, bool given)
{
	struct qdisc_skb_cb *cb = qdisc_skb_cb(skb);

	if (ctx->wire_len && (ctx->wire_len < skb->len || ctx->wire_len > GSO_LEGACY_MAX_SIZE))
		return -EINVAL;
	if (ctx->gso_segs > GSO_MAX_SEGS)
		return -EINVAL;

	if (given)
		cb->pkt_len = ctx->wire_len ?: skb->len;
	memcpy(cb->data, ctx->cb, sizeof(ctx->cb));
	skb->mark = ctx->mark;
	skb->priority = ctx->priority;
	skb->skb_iif = ctx->ingress_ifindex;
	skb->tstamp = ctx->tstamp;
	skb_shinfo(skb)->gso_segs = ctx->gso_segs;
	skb_shinfo(skb)->gso_size = ctx->gso_size;
	skb_hwtstamps(skb)->hwtstamp = ctx->hwtstamp;
	return 0;
}

static void bvm_skb_ctx_get(struct __sk_buff *ctx, const struct sk_buff *skb)
{
	const struct qdisc_skb_cb *cb = (const struct qdisc_skb_cb *)skb->cb;

	ctx->wire_len = cb->pkt_len;
	memcpy(ctx->cb, cb->data, sizeof(ctx->cb));
	ctx->mark = skb->mark;
	ctx->priority = skb->priority;
	ctx->ingress_ifindex = skb->skb_iif;
	ctx->ifindex = skb->dev->ifindex;
	ctx->tstamp = skb->tstamp;
}

/* Results: the packet, behind @empty bytes for its Ethernet header, and the context. */
static int bvm_skb_results(struct bvm_test_run *run, const struct sk_buff *skb,
			   const struct __sk_buff *ctx, u32 empty)
{
	run->data_size_out = empty + skb->len;
	run->data_out = kzalloc(run->data_size_out, GFP_KERNEL);
	run->ctx_size_out = sizeof(*ctx);
	run->ctx_out = kmemdup(ctx, sizeof(*ctx), GFP_KERNEL);
	if (!run->data_out || !run->ctx_out)
		return -ENOMEM;
	return skb_copy_bits(skb, 0, run->data_out + empty, skb->len);
}

/* @header: the program sees the Ethernet header, and may have addresses of the packet. */
static int bvm_skb_run(struct bvm_prog *prog, struct bvm_test_run *run, bool header)
{
	struct net_device *dev;
	struct __sk_buff ctx;
	struct sk_buff *skb;
	int err;

	if (run->data_size_in < ETH_HLEN || run->data_size_in > BVM_FRAME_MAX)
		return -EINVAL;
	err = bvm_skb_ctx_in(&ctx, run);
	if (err)
		return err;
	dev = bvm_skb_dev(ctx.ifindex);
	if (!dev)
		return -ENODEV;
	err = -ENOMEM;
	skb = bvm_skb_make(run, dev);
	if (!skb)
		goto put_dev;

	err = -EINVAL;
	if (!bvm_skb_complete(skb))
		goto free_skb;
	if (header)
		__skb_push(skb, ETH_HLEN);
	err = bvm_skb_set(skb, &ctx, run->ctx_in);
	if (err)
		goto free_skb;
	if (header)
		bpf_compute_data_pointers(skb);
	err = bvm_test_run_repeat(prog, skb, run);
	if (err)
		goto free_skb;
	bvm_skb_ctx_get(&ctx, skb);
	err = bvm_skb_results(run, skb, &ctx, header ? 0 : ETH_HLEN);

free_skb:
	kfree_skb(skb);
put_dev:
	dev_put(dev);
	return err;
}

/**
 * bvm_skb_test_run - BPF_PROG_TEST_RUN on a packet as sockets receive it
 * @prog:	program whose context is a struct sk_buff
 * @run:	data_in: Ethernet frame; ctx_in: struct __sk_buff or NULL; results go to
 *		data_out and ctx_out
 *
 * The program sees the packet without its Ethernet header, which is empty in data_out.
 * Process context, may sleep.
 *
 * Return: 0; -EINVAL for a frame that is too short or too long, and for context fields
 * that may not be chosen; -E2BIG for an unknown context; -ENODEV; -EINTR; -ENOMEM.
 */
int bvm_skb_test_run(struct bvm_prog *prog, struct bvm_test_run *run)
{
	return bvm_skb_run(prog, run, false);
}

/**
 * bvm_frame_test_run - BPF_PROG_TEST_RUN on a packet as devices receive it
 * @prog:	as bvm_skb_test_run()
 * @run:	as bvm_skb_test_run(), but with the Ethernet header
 * Process context, may sleep.  Return: as bvm_skb_test_run().
 */
int bvm_frame_test_run(struct bvm_prog *prog, struct bvm_test_run *run)
{
	return bvm_skb_run(prog, run, true);
}
