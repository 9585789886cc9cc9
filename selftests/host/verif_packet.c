// SPDX-License-Identifier: GPL-2.0-only
/* Program types on packets for tests of verifier/: descriptors, and helpers that change packets. */
#include "verif.h"

#define WORD(type, field, ...)							\
	{ .off = offsetof(struct type, field), .size = 4, .widths = 7,		\
	  .koff = offsetof(struct __sk_buff, field), .ksize = 4, __VA_ARGS__ }
#define POINTER(type, field, what)						\
	{ .off = offsetof(struct type, field), .size = 4, .widths = 4,		\
	  .kind = BVM_CTX_##what, .koff = offsetof(struct verif_packet, field), .ksize = 8 }
#define POINTERS(type)								\
	POINTER(type, data, PKT), POINTER(type, data_meta, PKT_META),		\
	POINTER(type, data_end, PKT_END)

static const struct bvm_ctx_field tc_ctx[] = {
	POINTERS(__sk_buff),
	WORD(__sk_buff, len), WORD(__sk_buff, pkt_type), WORD(__sk_buff, mark, .stores = 4),
	WORD(__sk_buff, queue_mapping, .stores = 4), WORD(__sk_buff, protocol),
	WORD(__sk_buff, vlan_present), WORD(__sk_buff, vlan_tci), WORD(__sk_buff, vlan_proto),
	WORD(__sk_buff, priority, .stores = 4), WORD(__sk_buff, ingress_ifindex),
	WORD(__sk_buff, ifindex), WORD(__sk_buff, tc_index, .stores = 4), WORD(__sk_buff, hash),
	WORD(__sk_buff, tc_classid, .stores = 4), WORD(__sk_buff, napi_id),
	WORD(__sk_buff, wire_len), WORD(__sk_buff, gso_segs), WORD(__sk_buff, gso_size),
	{ .off = offsetof(struct __sk_buff, cb), .size = sizeof_field(struct __sk_buff, cb),
	  .widths = 15, .stores = 15, .direct = 1, .koff = offsetof(struct __sk_buff, cb) },
	{ .off = offsetof(struct __sk_buff, tstamp), .size = 8, .widths = 8, .stores = 8,
	  .koff = offsetof(struct __sk_buff, tstamp), .ksize = 8 },
	{ .off = offsetof(struct __sk_buff, tstamp_type), .size = 1, .widths = 1,
	  .koff = offsetof(struct __sk_buff, tstamp_type), .ksize = 1 },
	{ .off = offsetof(struct __sk_buff, hwtstamp), .size = 8, .widths = 8,
	  .koff = offsetof(struct __sk_buff, hwtstamp), .ksize = 8 },
	{ .off = offsetof(struct __sk_buff, sk), .size = 8, .widths = 8, .kind = BVM_CTX_VIEW,
	  .view = &verif_any_sock, .koff = offsetof(struct verif_packet, sk), .ksize = 8 },
};

static const struct bvm_ctx_field xdp_ctx[] = {
	POINTERS(xdp_md),
	{ .off = offsetof(struct xdp_md, ingress_ifindex), .size = 4, .widths = 4,
	  .koff = offsetof(struct __sk_buff, ifindex), .ksize = 4 },
	{ .off = offsetof(struct xdp_md, rx_queue_index), .size = 4, .widths = 4,
	  .koff = offsetof(struct __sk_buff, queue_mapping), .ksize = 4 },
};

static u64 do_nothing(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	return 0;
}

/* As of a real packet. */
static u64 load_pkt(u64 ctx, u64 off, u64 size, u64 r4, u64 r5)
{
	const struct verif_packet *packet = (const void *)ctx;
	const u8 *at = packet->data + (s32)off;
	u64 v = 0;

	if ((s32)off < 0 || (s32)off + size > packet->data_end - packet->data)
		return (u64)-EFAULT;
	while (size--)
		v = v << 8 | *at++;
	return v;
}

static u64 do_number(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	return (u32)verif_random();
}

#define MOVER(name_, ...)							\
	{ BPF_FUNC_##name_, #name_, do_nothing, BVM_RET_INTEGER,		\
	  { BVM_ARG_CTX, __VA_ARGS__ }, 0, BVM_HELPER_MOVES_PKT }

static const struct bvm_helper tc_helpers[] = {
	MOVER(skb_store_bytes, BVM_ARG_ANYTHING, BVM_ARG_MEM, BVM_ARG_SIZE, BVM_ARG_ANYTHING),
	MOVER(skb_pull_data, BVM_ARG_ANYTHING),
	MOVER(skb_vlan_push, BVM_ARG_ANYTHING, BVM_ARG_ANYTHING),
	MOVER(skb_vlan_pop),
	{ BPF_FUNC_csum_update, "csum_update", do_number, BVM_RET_INTEGER,
	  { BVM_ARG_CTX, BVM_ARG_ANYTHING } },
	{ BPF_FUNC_get_cgroup_classid, "get_cgroup_classid", do_nothing, BVM_RET_INTEGER,
	  { BVM_ARG_CTX } },
	{ BPF_FUNC_get_hash_recalc, "get_hash_recalc", do_number, BVM_RET_INTEGER,
	  { BVM_ARG_CTX } },
};

static const struct bvm_helper xdp_helpers[] = {
	MOVER(xdp_adjust_head, BVM_ARG_ANYTHING),
	MOVER(xdp_adjust_meta, BVM_ARG_ANYTHING),
	MOVER(xdp_adjust_tail, BVM_ARG_ANYTHING),
};

static const struct bvm_helper_set tc_set = { tc_helpers, ARRAY_SIZE(tc_helpers) };
static const struct bvm_helper_set xdp_set = { xdp_helpers, ARRAY_SIZE(xdp_helpers) };
static const struct bvm_helper_set *const tc_sets[] = { &verif_base_set, &verif_skb_set, &tc_set };
static const struct bvm_helper_set *const xdp_sets[] = { &verif_base_set, &xdp_set };

const struct bvm_prog_type verif_sched_cls = {
	.id = BPF_PROG_TYPE_SCHED_CLS, .name = "sched_cls",
	.flags = BVM_PROG_NET | BVM_PROG_LD_PKT | BVM_PROG_PKT_WRITE | BVM_PROG_SOCKETS,
	.ctx_size = sizeof(struct __sk_buff), .ctx = tc_ctx, .nr_ctx = ARRAY_SIZE(tc_ctx),
	VERIF_VIEWS, .sets = tc_sets, .nr_sets = ARRAY_SIZE(tc_sets),
	.ld_pkt = load_pkt,
};

const struct bvm_prog_type verif_xdp = {
	.id = BPF_PROG_TYPE_XDP, .name = "xdp", .flags = BVM_PROG_NET | BVM_PROG_PKT_WRITE,
	.ctx_size = sizeof(struct xdp_md), .ctx = xdp_ctx, .nr_ctx = ARRAY_SIZE(xdp_ctx),
	VERIF_VIEWS, .sets = xdp_sets, .nr_sets = ARRAY_SIZE(xdp_sets),
};

const struct bvm_prog_type verif_read_only_packet = {
	.id = 1001, .name = "read_only_packet", .flags = BVM_PROG_NET,
	.ctx_size = sizeof(struct xdp_md), .ctx = xdp_ctx, .nr_ctx = ARRAY_SIZE(xdp_ctx),
	VERIF_VIEWS, .sets = xdp_sets, .nr_sets = ARRAY_SIZE(xdp_sets),
};
