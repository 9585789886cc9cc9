// SPDX-License-Identifier: GPL-2.0-only
/*
 * Loads from a packet that is not in one piece, for the program types on struct sk_buff.
 */
#include <linux/unaligned.h>
#include "../bvm.h"
#include "skb_ctx.h"

/**
 * bvm_skb_load - LD_ABS and LD_IND (filter.rst; RFC 9669, 5.5)
 * @ctx:	struct sk_buff
 * @off:	from the start of the packet, or below 0 from the network header (SKF_NET_OFF) or
 *		link header (SKF_LL_OFF)
 * @size:	1, 2 or 4
 * @r4:		unused
 * @r5:		unused
 * Any context, under RCU.  Return: number in host order, or -EFAULT.
 */
u64 bvm_skb_load(u64 ctx, u64 off, u64 size, u64 r4, u64 r5)
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
