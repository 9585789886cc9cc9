// SPDX-License-Identifier: GPL-2.0-only
/*
 * BPF_PROG_TYPE_SCHED_CLS: programs that classify packets for traffic control.  They can be
 * loaded and run by BPF_PROG_TEST_RUN, not be attached.
 *
 * User space sees struct __sk_buff, the kernel passes struct sk_buff whose ->cb holds, behind
 * what traffic control keeps there, the addresses that bpf_compute_data_pointers() writes.
 */
#include <linux/array_size.h>
#include "../core/core.h"
#include "../helpers/helpers.h"
#include "../helpers/kfunc.h"
#include "skb_ctx.h"
#include "skb_run.h"

/* An address, loaded as a word. */
#define BVM_SKB_POINTER(field, what, offset) {			\
	.off = offsetof(struct __sk_buff, field),		\
	.size = sizeof_field(struct __sk_buff, field),		\
	.widths = 4,						\
	.kind = what,						\
	.koff = offset,						\
	.ksize = sizeof(void *),				\
}

#define BVM_SKB_AT_CB(type, member)				\
	.koff = offsetof(struct sk_buff, cb) + offsetof(type, member), \
	.ksize = sizeof_field(type, member)

/* All eight bytes. */
#define BVM_SKB_WIDE(field, ...) {				\
	.off = offsetof(struct __sk_buff, field),		\
	.size = sizeof_field(struct __sk_buff, field),		\
	.widths = 8,						\
	__VA_ARGS__						\
}

/* tstamp_type is the bit field that starts at __mono_tc_offset */
#ifdef __BIG_ENDIAN_BITFIELD
#define BVM_TSTAMP_TYPE_SHIFT	SKB_TSTAMP_TYPE_RSHIFT
#else
#define BVM_TSTAMP_TYPE_SHIFT	0
#endif

static const struct bvm_ctx_field bvm_sched_cls_ctx[] = {
	BVM_SKB_POINTER(data, BVM_CTX_PKT, offsetof(struct sk_buff, data)),
	BVM_SKB_POINTER(data_end, BVM_CTX_PKT_END, offsetof(struct sk_buff, cb) +
			offsetof(struct bpf_skb_data_end, data_end)),
	BVM_SKB_POINTER(data_meta, BVM_CTX_PKT_META, offsetof(struct sk_buff, cb) +
			offsetof(struct bpf_skb_data_end, data_meta)),
	BVM_SKB_FIELDS,
	BVM_SKB_FIELD(mark, .stores = 4, BVM_SKB_AT(mark)),
	BVM_SKB_FIELD(queue_mapping, .stores = 4, .below = NO_QUEUE_MAPPING,
		      BVM_SKB_AT(queue_mapping)),
	BVM_SKB_FIELD(priority, .stores = 4, BVM_SKB_AT(priority)),
#if defined(CONFIG_NET_SCHED) || defined(CONFIG_NET_XGRESS)
	BVM_SKB_FIELD(tc_index, .stores = 4, BVM_SKB_AT_TC_INDEX),
#else
	BVM_SKB_FIELD(tc_index),
#endif
	BVM_SKB_FIELD(tc_classid, .stores = 4, BVM_SKB_AT_CB(struct qdisc_skb_cb, tc_classid)),
	BVM_SKB_FIELD(wire_len, BVM_SKB_AT_CB(struct qdisc_skb_cb, pkt_len)),
	BVM_SKB_FIELD(gso_segs, BVM_SKB_AT_SHARED(gso_segs)),
	BVM_SKB_FIELD(gso_size, BVM_SKB_AT_SHARED(gso_size)),
	BVM_SKB_WIDE(tstamp, .stores = 8, BVM_SKB_AT(tstamp)),
	BVM_SKB_WIDE(hwtstamp, BVM_SKB_AT_SHARED(hwtstamps.hwtstamp)),
	{
		.off = offsetof(struct __sk_buff, tstamp_type),
		.size = 1,
		.widths = 1,
		.koff = offsetof(struct sk_buff, __mono_tc_offset),
		.ksize = 1,
		.shift = BVM_TSTAMP_TYPE_SHIFT,
		.mask = 3,
	},
};

/* What a program writes to cb stays away from the addresses. */
static_assert(offsetof(struct bpf_skb_data_end, data_meta) >=
	      offsetofend(struct qdisc_skb_cb, data));

static const char *const bvm_sched_cls_names[] = { "__sk_buff", NULL };

static const struct bvm_helper_set *const bvm_sched_cls_sets[] = {
	BVM_SETS_SOCK_SKB BVM_SETS_ANY, &bvm_helpers_coarse_time, BVM_SETS_SKB,
	&bvm_helpers_skb_change, &bvm_helpers_csum,
};

static const struct bvm_helper_set *const bvm_sched_cls_kfuncs[] = { BVM_KFUNCS_ANY };

/* Return value: what to do with the packet, TC_ACT_*, or any other number. */
const struct bvm_prog_type bvm_sched_cls_prog = {
	.id = BPF_PROG_TYPE_SCHED_CLS,
	.name = "sched_cls",
	.flags = BVM_PROG_NET | BVM_PROG_LD_PKT | BVM_PROG_CTX_ALIGNED | BVM_PROG_PKT_WRITE |
		 BVM_PROG_LOCKS | BVM_PROG_TEST_ONLY | BVM_PROG_SOCKETS,
	.ctx_size = sizeof(struct __sk_buff),
	.ctx = bvm_sched_cls_ctx,
	.nr_ctx = ARRAY_SIZE(bvm_sched_cls_ctx),
	.ctx_names = bvm_sched_cls_names,
	.sets = bvm_sched_cls_sets,
	.nr_sets = ARRAY_SIZE(bvm_sched_cls_sets),
	.views = bvm_sock_views,
	.nr_views = ARRAY_SIZE(bvm_sock_views),
	.kfuncs = bvm_sched_cls_kfuncs,
	.nr_kfuncs = ARRAY_SIZE(bvm_sched_cls_kfuncs),
	.test_args = BVM_TEST_DATA | BVM_TEST_CTX_OUT | BVM_TEST_REPEAT,
	.test_run = bvm_frame_test_run,
	.ld_pkt = bvm_skb_load,
};
