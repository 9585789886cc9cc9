// SPDX-License-Identifier: GPL-2.0-only
/*
 * BPF_PROG_TYPE_SOCKET_FILTER: programs on the packets that a socket receives.
 *
 * User space sees struct __sk_buff, the kernel passes struct sk_buff; each field that
 * a socket filter may use is a row below.  The rows of gso_segs, gso_size and sk are
 * missing: they need more than one pointer to follow.
 */
#include <linux/array_size.h>
#include <linux/filter.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <linux/unaligned.h>
#include <net/busy_poll.h>
#include <net/sch_generic.h>
#include "../core/core.h"
#include "../helpers/helpers.h"
#include "../helpers/kfunc.h"
#include "skb_run.h"

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

static const struct bvm_ctx_field bvm_skb_ctx[] = {
	BVM_SKB_FIELD(len, BVM_SKB_AT(len)),
	BVM_SKB_FIELD(pkt_type, .koff = offsetof(struct sk_buff, __pkt_type_offset),
		      .ksize = 1, .shift = BVM_PKT_TYPE_SHIFT, .mask = 7),
	BVM_SKB_FIELD(mark, BVM_SKB_AT(mark)),
	BVM_SKB_FIELD(queue_mapping, BVM_SKB_AT(queue_mapping)),
	BVM_SKB_FIELD(protocol, BVM_SKB_AT(protocol)),
	BVM_SKB_FIELD(vlan_present, BVM_SKB_AT(vlan_all), .nonzero = 1),
	BVM_SKB_FIELD(vlan_tci, BVM_SKB_AT(vlan_tci)),
	BVM_SKB_FIELD(vlan_proto, BVM_SKB_AT(vlan_proto)),
	BVM_SKB_FIELD(priority, BVM_SKB_AT(priority)),
	BVM_SKB_FIELD(ingress_ifindex, BVM_SKB_AT(skb_iif)),
	BVM_SKB_FIELD(ifindex, .has_via = 1, .via = offsetof(struct sk_buff, dev),
		      .koff = offsetof(struct net_device, ifindex),
		      .ksize = sizeof_field(struct net_device, ifindex)),
#if defined(CONFIG_NET_SCHED) || defined(CONFIG_NET_XGRESS)
	BVM_SKB_FIELD(tc_index, BVM_SKB_AT(tc_index)),
#else
	BVM_SKB_FIELD(tc_index),
#endif
	{
		.off = offsetof(struct __sk_buff, cb),
		.size = sizeof_field(struct __sk_buff, cb),
		.widths = 1 | 2 | 4 | 8,
		.stores = 1 | 2 | 4 | 8,
		.direct = 1,
		.koff = offsetof(struct sk_buff, cb) + offsetof(struct qdisc_skb_cb, data),
	},
	BVM_SKB_FIELD(hash, BVM_SKB_AT(hash)),
#ifdef CONFIG_NET_RX_BUSY_POLL
	/* below that it is the CPU that sent the packet */
	BVM_SKB_FIELD(napi_id, BVM_SKB_AT(napi_id), .min = MIN_NAPI_ID),
#else
	BVM_SKB_FIELD(napi_id),
#endif
};

static_assert(sizeof_field(struct __sk_buff, cb) == QDISC_CB_PRIV_LEN);

static const char *const bvm_skb_names[] = { "__sk_buff", NULL };

static const struct bvm_helper_set *const bvm_skb_sets[] = {
	BVM_SETS_ANY, &bvm_helpers_coarse_time, &bvm_helpers_skb,
};

static const struct bvm_helper_set *const bvm_socket_filter_kfuncs[] = { BVM_KFUNCS_ANY };

/*
 * LD_ABS and LD_IND (filter.rst; RFC 9669, 5.5): offsets from the start of the packet,
 * or below 0 from the network header (SKF_NET_OFF) or link header (SKF_LL_OFF).
 */
static u64 bvm_skb_load(u64 ctx, u64 off, u64 size, u64 r4, u64 r5)
{
	const struct sk_buff *skb = (const struct sk_buff *)(uintptr_t)ctx;
	const void *from;
	u8 buf[4];

	if ((s32)off >= 0)
		from = skb_header_pointer(skb, (s32)off, size, buf);
	else
		from = bpf_internal_load_pointer_neg_helper(skb, (s32)off, size);
	if (!from)
		return (u64)-EFAULT;

	switch (size) {
	case 1:
		return *(const u8 *)from;
	case 2:
		return get_unaligned_be16(from);
	default:
		return get_unaligned_be32(from);
	}
}

/* Return value: bytes of the packet to keep, 0 drops it. */
const struct bvm_prog_type bvm_socket_filter_prog = {
	.id = BPF_PROG_TYPE_SOCKET_FILTER,
	.name = "socket_filter",
	.flags = BVM_PROG_LD_PKT | BVM_PROG_CTX_ALIGNED,
	.ctx_size = sizeof(struct __sk_buff),
	.ctx = bvm_skb_ctx,
	.nr_ctx = ARRAY_SIZE(bvm_skb_ctx),
	.ctx_names = bvm_skb_names,
	.sets = bvm_skb_sets,
	.nr_sets = ARRAY_SIZE(bvm_skb_sets),
	.kfuncs = bvm_socket_filter_kfuncs,
	.nr_kfuncs = ARRAY_SIZE(bvm_socket_filter_kfuncs),
	.test_args = BVM_TEST_DATA | BVM_TEST_CTX_OUT | BVM_TEST_REPEAT,
	.test_run = bvm_skb_test_run,
	.ld_pkt = bvm_skb_load,
};
