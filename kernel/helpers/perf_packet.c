// SPDX-License-Identifier: GPL-2.0-only
/*
 * perf_event_output of programs on packets: a record may end with bytes of the packet, as
 * many as the flags say (BPF_F_CTXLEN_MASK; bpf-helpers(7)).
 */
#include <linux/array_size.h>
#include <linux/perf_event.h>
#include <linux/preempt.h>
#include <linux/skbuff.h>
#include <linux/string.h>
#include <net/xdp.h>
#include "helpers.h"
#include "perf_output.h"
#include "perf_regs.h"

#define BVM_CTXLEN_SHIFT	32

/* Like all of perf's such functions, these return how much could not be copied. */
static unsigned long copy_skb(void *to, const void *from, unsigned long off, unsigned long len)
{
	return skb_copy_bits(from, off, to, len) ? len : 0;
}

static unsigned long copy_xdp(void *to, const void *from, unsigned long off, unsigned long len)
{
	const struct xdp_buff *xdp = from;

	memcpy(to, xdp->data + off, len);
	return 0;
}

/* -EFAULT: the packet, of @packet_size, has not so much; and what bvm_perf_output() says. */
static long output_packet(void *packet, u64 packet_size, perf_copy_f copy, struct bvm_map *map,
			  u64 flags, void *data, u64 size)
{
	u64 tail = (flags & BPF_F_CTXLEN_MASK) >> BVM_CTXLEN_SHIFT;
	struct perf_raw_frag frag = {
		.copy = copy,
		.data = packet,
		.size = tail,
	};
	struct perf_raw_record raw = {
		.frag = {
			.size = size,
			.data = data,
		},
	};
	struct pt_regs *regs;
	long err = -EBUSY;

	if (flags & ~(BPF_F_CTXLEN_MASK | BPF_F_INDEX_MASK))
		return -EINVAL;
	if (tail > packet_size)
		return -EFAULT;
	if (tail)
		raw.frag.next = &frag;
	/* A packet comes without registers: they are those of the helper's caller. */
	preempt_disable();
	regs = bvm_caller_regs_get();
	if (regs)
		err = bvm_perf_output(regs, map, flags & BPF_F_INDEX_MASK, &raw, size + tail);
	bvm_caller_regs_put();
	preempt_enable();
	return err;
}

static u64 perf_event_output_skb(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	struct sk_buff *skb = (struct sk_buff *)(unsigned long)r1;

	return output_packet(skb, skb->len, copy_skb, (struct bvm_map *)(unsigned long)r2, r3,
			     (void *)(unsigned long)r4, r5);
}

static u64 perf_event_output_xdp(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	struct xdp_buff *xdp = (struct xdp_buff *)(unsigned long)r1;

	return output_packet(xdp, xdp->data_end - xdp->data, copy_xdp,
			     (struct bvm_map *)(unsigned long)r2, r3,
			     (void *)(unsigned long)r4, r5);
}

static const struct bvm_helper perf_helpers_skb[] = {
	BVM_PERF_EVENT_OUTPUT(perf_event_output_skb),
};

static const struct bvm_helper perf_helpers_xdp[] = {
	BVM_PERF_EVENT_OUTPUT(perf_event_output_xdp),
};

const struct bvm_helper_set bvm_helpers_perf_skb = {
	perf_helpers_skb, ARRAY_SIZE(perf_helpers_skb)
};

const struct bvm_helper_set bvm_helpers_perf_xdp = {
	perf_helpers_xdp, ARRAY_SIZE(perf_helpers_xdp)
};
