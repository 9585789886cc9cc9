// SPDX-License-Identifier: GPL-2.0-only
/*
 * Helpers that change the packet that is the context, a struct sk_buff with its link header,
 * or look at what only traffic control has.
 */
#include <linux/array_size.h>
#include <linux/errno.h>
#include <linux/filter.h>
#include <linux/if_vlan.h>
#include <linux/skbuff.h>
#include <linux/string.h>
#include <net/cls_cgroup.h>
#include "helpers.h"

static struct sk_buff *skb_of(u64 ctx)
{
	return (struct sk_buff *)(unsigned long)ctx;
}

/* The packet may have moved: programs load its addresses again. */
static long changed(struct sk_buff *skb, long result)
{
	bpf_compute_data_pointers(skb);
	return result;
}

/* -EINVAL: unknown flags, -EFAULT: not in the packet */
static u64 store_bytes(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	struct sk_buff *skb = skb_of(r1);
	u32 off = r2, len = r4;

	if (r5 & ~(u64)(BPF_F_RECOMPUTE_CSUM | BPF_F_INVALIDATE_HASH))
		return -EINVAL;
	if (off > INT_MAX || len > INT_MAX - off || skb_ensure_writable(skb, off + len))
		return changed(skb, -EFAULT);
	if (r5 & BPF_F_RECOMPUTE_CSUM)
		skb_postpull_rcsum(skb, skb->data + off, len);
	memcpy(skb->data + off, (void *)(unsigned long)r3, len);
	if (r5 & BPF_F_RECOMPUTE_CSUM)
		skb_postpush_rcsum(skb, skb->data + off, len);
	if (r5 & BPF_F_INVALIDATE_HASH)
		skb_clear_hash(skb);
	return changed(skb, 0);
}

/* Makes the first bytes, or what is in one piece (0), accessible and writable. */
static u64 pull_data(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	struct sk_buff *skb = skb_of(r1);
	u32 len = (u32)r2 ?: skb_headlen(skb);

	return changed(skb, skb_ensure_writable(skb, min_t(u32, len, INT_MAX)));
}

/* The protocol is one of two, in network order; anything else stands for the usual one. */
static u64 vlan_push(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	__be16 proto = (__force __be16)r2;
	struct sk_buff *skb = skb_of(r1);

	if (proto != htons(ETH_P_8021AD))
		proto = htons(ETH_P_8021Q);
	return changed(skb, skb_vlan_push(skb, proto, r3));
}

static u64 vlan_pop(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	struct sk_buff *skb = skb_of(r1);

	return changed(skb, skb_vlan_pop(skb));
}

/* Among those that a device may receive: to this host, to all, to some, to others. */
static u64 change_type(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	struct sk_buff *skb = skb_of(r1);

	if (!skb_pkt_type_ok(skb->pkt_type) || !skb_pkt_type_ok(r2))
		return -EINVAL;
	skb->pkt_type = r2;
	return 0;
}

/* -ENOTSUPP: the device has not summed the whole packet up */
static u64 csum_update(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	struct sk_buff *skb = skb_of(r1);

	if (skb->ip_summed != CHECKSUM_COMPLETE)
		return -ENOTSUPP;
	skb->csum = csum_add(skb->csum, (__force __wsum)r2);
	return (__force u32)skb->csum;
}

static u64 get_hash_recalc(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	return skb_get_hash(skb_of(r1));
}

static u64 set_hash_invalid(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	skb_clear_hash(skb_of(r1));
	return 0;
}

static u64 set_hash(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	/* as one of the addresses and ports, so that it is not computed anew */
	__skb_set_sw_hash(skb_of(r1), r2, true);
	return 0;
}

static u64 get_cgroup_classid(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	return task_get_classid(skb_of(r1));
}

static const struct bvm_helper skb_change_helpers[] = {
	{
		.id = BPF_FUNC_skb_store_bytes,
		.name = "skb_store_bytes",
		.fn = store_bytes,
		.arg = {
			BVM_ARG_CTX, BVM_ARG_ANYTHING, BVM_ARG_MEM, BVM_ARG_SIZE,
			BVM_ARG_ANYTHING,
		},
		.flags = BVM_HELPER_MOVES_PKT,
	},
	{
		.id = BPF_FUNC_skb_pull_data,
		.name = "skb_pull_data",
		.fn = pull_data,
		.arg = { BVM_ARG_CTX, BVM_ARG_ANYTHING },
		.flags = BVM_HELPER_MOVES_PKT,
	},
	{
		.id = BPF_FUNC_skb_vlan_push,
		.name = "skb_vlan_push",
		.fn = vlan_push,
		.arg = { BVM_ARG_CTX, BVM_ARG_ANYTHING, BVM_ARG_ANYTHING },
		.flags = BVM_HELPER_MOVES_PKT,
	},
	{
		.id = BPF_FUNC_skb_vlan_pop,
		.name = "skb_vlan_pop",
		.fn = vlan_pop,
		.arg = { BVM_ARG_CTX },
		.flags = BVM_HELPER_MOVES_PKT,
	},
	{
		.id = BPF_FUNC_skb_change_type,
		.name = "skb_change_type",
		.fn = change_type,
		.arg = { BVM_ARG_CTX, BVM_ARG_ANYTHING },
	},
	{
		.id = BPF_FUNC_csum_update,
		.name = "csum_update",
		.fn = csum_update,
		.arg = { BVM_ARG_CTX, BVM_ARG_ANYTHING },
	},
	{
		.id = BPF_FUNC_get_hash_recalc,
		.name = "get_hash_recalc",
		.fn = get_hash_recalc,
		.arg = { BVM_ARG_CTX },
	},
	{
		.id = BPF_FUNC_set_hash_invalid,
		.name = "set_hash_invalid",
		.fn = set_hash_invalid,
		.arg = { BVM_ARG_CTX },
	},
	{
		.id = BPF_FUNC_set_hash,
		.name = "set_hash",
		.fn = set_hash,
		.arg = { BVM_ARG_CTX, BVM_ARG_ANYTHING },
	},
	{
		.id = BPF_FUNC_get_cgroup_classid,
		.name = "get_cgroup_classid",
		.fn = get_cgroup_classid,
		.arg = { BVM_ARG_CTX },
	},
};

const struct bvm_helper_set bvm_helpers_skb_change = {
	skb_change_helpers, ARRAY_SIZE(skb_change_helpers)
};
