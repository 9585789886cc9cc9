/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Fields of struct __sk_buff, which the kernel keeps in struct sk_buff: rows for the program
 * types whose context it is.
 */
#ifndef _BVM_SKB_CTX_H
#define _BVM_SKB_CTX_H

#include <linux/filter.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <net/busy_poll.h>
#include <net/sch_generic.h>
#include "../sock_view.h"

/* A field of four bytes, read only, any aligned part of it. */
#define BVM_SKB_FIELD(field, ...) {				\
	.off = offsetof(struct __sk_buff, field),		\
	.size = sizeof_field(struct __sk_buff, field),		\
	.widths = 1 | 2 | 4,					\
	__VA_ARGS__						\
}

#define BVM_SKB_AT(member)					\
	.koff = offsetof(struct sk_buff, member),		\
	.ksize = sizeof_field(struct sk_buff, member)

/* pkt_type is the bit field that starts at __pkt_type_offset */
#ifdef __BIG_ENDIAN_BITFIELD
#define BVM_PKT_TYPE_SHIFT	5
#else
#define BVM_PKT_TYPE_SHIFT	0
#endif

#if defined(CONFIG_NET_SCHED) || defined(CONFIG_NET_XGRESS)
#define BVM_SKB_AT_TC_INDEX	BVM_SKB_AT(tc_index)
#else
#define BVM_SKB_AT_TC_INDEX
#endif

/* below MIN_NAPI_ID it is the CPU that sent the packet */
#ifdef CONFIG_NET_RX_BUSY_POLL
#define BVM_SKB_AT_NAPI_ID	BVM_SKB_AT(napi_id), .min = MIN_NAPI_ID
#else
#define BVM_SKB_AT_NAPI_ID
#endif

/* A field of struct skb_shared_info, which is at ->head + ->end, read only. */
#define BVM_SKB_AT_SHARED(member)				\
	.has_via = 1,						\
	.via = offsetof(struct sk_buff, head),			\
	.has_add = 1,						\
	.add = offsetof(struct sk_buff, end),			\
	.koff = offsetof(struct skb_shared_info, member),	\
	.ksize = sizeof_field(struct skb_shared_info, member)

static_assert(sizeof_field(struct __sk_buff, cb) == QDISC_CB_PRIV_LEN);

/* What all types use in the same way. */
#define BVM_SKB_FIELDS								\
	BVM_SKB_FIELD(len, BVM_SKB_AT(len)),					\
	BVM_SKB_FIELD(pkt_type, .koff = offsetof(struct sk_buff, __pkt_type_offset), \
		      .ksize = 1, .shift = BVM_PKT_TYPE_SHIFT, .mask = 7),	\
	BVM_SKB_FIELD(protocol, BVM_SKB_AT(protocol)),				\
	BVM_SKB_FIELD(vlan_present, BVM_SKB_AT(vlan_all), .nonzero = 1),	\
	BVM_SKB_FIELD(vlan_tci, BVM_SKB_AT(vlan_tci)),				\
	BVM_SKB_FIELD(vlan_proto, BVM_SKB_AT(vlan_proto)),			\
	BVM_SKB_FIELD(ingress_ifindex, BVM_SKB_AT(skb_iif)),			\
	BVM_SKB_FIELD(ifindex, .has_via = 1, .via = offsetof(struct sk_buff, dev), \
		      .koff = offsetof(struct net_device, ifindex),		\
		      .ksize = sizeof_field(struct net_device, ifindex)),	\
	{									\
		.off = offsetof(struct __sk_buff, cb),				\
		.size = sizeof_field(struct __sk_buff, cb),			\
		.widths = 1 | 2 | 4 | 8,					\
		.stores = 1 | 2 | 4 | 8,					\
		.direct = 1,							\
		.koff = offsetof(struct sk_buff, cb) +				\
			offsetof(struct qdisc_skb_cb, data),			\
	},									\
	BVM_SKB_FIELD(hash, BVM_SKB_AT(hash)),					\
	BVM_SKB_FIELD(napi_id, BVM_SKB_AT_NAPI_ID),				\
	{									\
		.off = offsetof(struct __sk_buff, sk),				\
		.size = sizeof_field(struct __sk_buff, sk),			\
		.widths = 8,							\
		.kind = BVM_CTX_VIEW,						\
		.view = &bvm_sock_common_view,					\
		BVM_SKB_AT(sk),							\
	}

u64 bvm_skb_load(u64 ctx, u64 off, u64 size, u64 r4, u64 r5);

#endif /* _BVM_SKB_CTX_H */
