// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit: program types.  Their contexts make sense as data, and the rows of struct
 * __sk_buff lead to the values that the kernel's own accessors give.
 */
#include <kunit/test.h>
#include <linux/bitops.h>
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <net/sch_generic.h>
#include "../core/core.h"

#define WIDTHS	(1 | 2 | 4 | 8)

static void check_field(struct kunit *test, const struct bvm_prog_type *type,
			const struct bvm_ctx_field *field)
{
	KUNIT_EXPECT_GT(test, field->size, 0);
	KUNIT_EXPECT_LE(test, field->off + field->size, type->ctx_size);
	KUNIT_EXPECT_EQ(test, (field->widths | field->stores) & ~WIDTHS, 0);
	if (field->kind == BVM_CTX_FORBIDDEN) {
		KUNIT_EXPECT_EQ(test, field->widths | field->stores, 0);
		return;
	}
	KUNIT_EXPECT_NE(test, field->widths, 0);
	if (field->direct) {
		KUNIT_EXPECT_FALSE(test, field->shift || field->mask ||
				   field->swap16 || field->nonzero || field->min);
		return;
	}
	/* no access is wider than the field */
	KUNIT_EXPECT_LE(test, fls(field->widths | field->stores), fls(field->size));
	KUNIT_EXPECT_EQ(test, field->ksize & ~WIDTHS, 0);
	KUNIT_EXPECT_LE(test, hweight8(field->ksize), 1);
	KUNIT_EXPECT_EQ(test, field->off % field->size, 0);
}

static void contexts(struct kunit *test)
{
	u32 types = 0, id, i, j;

	for (id = 0; id < 64; id++) {
		const struct bvm_prog_type *type = bvm_prog_type_find(id);

		if (!type)
			continue;
		types++;
		for (i = 0; i < type->nr_ctx; i++) {
			const struct bvm_ctx_field *a = &type->ctx[i];

			check_field(test, type, a);
			for (j = 0; j < i; j++) {
				const struct bvm_ctx_field *b = &type->ctx[j];

				KUNIT_EXPECT_TRUE_MSG(test, a->off + a->size <= b->off ||
						      b->off + b->size <= a->off,
						      "%s: fields at %u and %u overlap",
						      type->name, a->off, b->off);
			}
		}
	}
	KUNIT_EXPECT_GT(test, types, 0);
}

static void helper_ids(struct kunit *test)
{
	const struct bvm_helper *helper;
	u32 id, i, j;
	s32 func;

	for (id = 0; id < 64; id++) {
		const struct bvm_prog_type *type = bvm_prog_type_find(id);

		if (!type)
			continue;
		for (i = 0; i < type->nr_sets; i++) {
			KUNIT_EXPECT_GT(test, type->sets[i]->count, 0);
			/* no type has two of them under one id */
			for (j = 0; j < type->sets[i]->count; j++) {
				helper = &type->sets[i]->helper[j];
				KUNIT_EXPECT_PTR_EQ(test, bvm_helper_find(type, helper->id),
						    helper);
			}
		}
		KUNIT_EXPECT_NOT_NULL(test, bvm_helper_find(type, BPF_FUNC_map_lookup_elem));
		for (func = -1; func <= 0; func++)
			KUNIT_EXPECT_NULL(test, bvm_helper_find(type, func));
	}
}

#ifdef CONFIG_NET
/* What a socket filter may do, from selftests/bpf/verifier/ctx_skb.c and the stock kernel. */
static void skb_access(struct kunit *test)
{
#define AT(field)	offsetof(struct __sk_buff, field)
	static const struct {
		s64 off;
		u32 size;
		bool store, ok;
	} cases[] = {
		{ AT(len), 4, false, true },
		{ AT(len), 1, false, true },
		{ AT(len) + 2, 2, false, true },
		{ AT(len) + 1, 2, false, false },
		{ AT(len), 8, false, false },
		{ AT(len), 4, true, false },
		{ -4, 4, false, false },
		{ AT(mark), 4, true, false },
		{ AT(tc_index), 4, false, true },
		{ AT(tc_index), 4, true, false },
		{ AT(hash) + 3, 1, false, true },
		{ AT(hash) + 3, 2, false, false },
		{ AT(ifindex), 8, false, false },
		{ AT(cb), 8, true, true },
		{ AT(cb) + 4, 8, true, false },
		{ AT(cb) + 16, 8, true, false },
		{ AT(cb) + 16, 4, true, true },
		{ AT(cb) + 2, 4, true, false },
		{ AT(cb) + 19, 1, true, true },
		{ AT(tc_classid), 4, false, false },
		{ AT(data), 4, false, false },
		{ AT(data_end), 4, false, false },
		{ AT(family), 4, false, false },
		{ AT(local_port), 4, false, false },
		{ AT(data_meta), 4, false, false },
		{ AT(flow_keys), 8, false, false },
		{ AT(tstamp), 8, false, false },
		{ AT(wire_len), 4, false, false },
		{ AT(hwtstamp), 8, false, false },
		{ AT(hwtstamp) + 8, 4, false, false },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct bvm_ctx_field *field = bvm_ctx_find(&bvm_socket_filter_prog,
								 cases[i].off, cases[i].size,
								 cases[i].store);

		KUNIT_EXPECT_EQ_MSG(test, !!field, cases[i].ok, "offset %lld size %u",
				    cases[i].off, cases[i].size);
	}
}

#ifdef CONFIG_BVM_INTERP
/* r0 = the field, as a socket filter loads it */
static u64 load_field(struct kunit *test, struct sk_buff *skb, u32 off, u32 size)
{
	struct bvm_insn insns[] = {
		{ .class = BVM_LDX, .size = size, .dst = 0, .src = 1, .off = off },
		{ .class = BVM_EXIT },
	};
	struct bvm_insn_fact facts_of[] = {
		{ .seen = 1, .mem = BVM_MEM_CTX, .map = BVM_NO_MAP },
		{ .seen = 1, .map = BVM_NO_MAP },
	};
	struct bvm_facts facts = { .insn = facts_of };
	struct bvm_lower_args args = {
		.type = &bvm_socket_filter_prog, .insn = insns, .len = ARRAY_SIZE(insns),
		.facts = &facts,
	};
	struct bvm_ir_prog *ir = bvm_lower(&args);
	u64 value;

	KUNIT_ASSERT_FALSE(test, IS_ERR(ir));
	rcu_read_lock();
	migrate_disable();
	value = bvm_interp(ir, skb);
	migrate_enable();
	rcu_read_unlock();
	bvm_ir_free(ir);
	return value;
}

static void expect_field(struct kunit *test, struct sk_buff *skb, u32 off, u32 value)
{
	KUNIT_EXPECT_EQ_MSG(test, load_field(test, skb, off, 4), value, "offset %u", off);
}

static void skb_fields(struct kunit *test)
{
	struct net_device *dev = kunit_kzalloc(test, sizeof(*dev), GFP_KERNEL);
	struct sk_buff *skb = alloc_skb(128, GFP_KERNEL);
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, dev);
	KUNIT_ASSERT_NOT_NULL(test, skb);

	/* nothing set: no VLAN, no device */
	expect_field(test, skb, AT(vlan_present), 0);
	expect_field(test, skb, AT(ifindex), 0);
	expect_field(test, skb, AT(napi_id), 0);

	skb_put_zero(skb, 77);
	dev->ifindex = 0x1234567;
	skb->dev = dev;
	skb->pkt_type = PACKET_OTHERHOST;
	skb->ignore_df = 1;	/* its neighbours in the byte */
	skb->dst_pending_confirm = 1;
	skb->mark = 0x89abcdef;
	skb->queue_mapping = 0xfedc;
	skb->protocol = htons(ETH_P_ARP);
	skb->priority = 0xf0e1d2c3;
	skb->skb_iif = 0x7654321;
	skb->hash = 0xdeadbeef;
	__vlan_hwaccel_put_tag(skb, htons(ETH_P_8021AD), 0x8123);
	for (i = 0; i < QDISC_CB_PRIV_LEN; i++)
		qdisc_skb_cb(skb)->data[i] = i + 0xa0;

	expect_field(test, skb, AT(len), 77);
	expect_field(test, skb, AT(pkt_type), PACKET_OTHERHOST);
	expect_field(test, skb, AT(mark), 0x89abcdef);
	expect_field(test, skb, AT(queue_mapping), skb_get_queue_mapping(skb));
	expect_field(test, skb, AT(protocol), (__force u16)htons(ETH_P_ARP));
	expect_field(test, skb, AT(vlan_present), skb_vlan_tag_present(skb));
	expect_field(test, skb, AT(vlan_tci), skb_vlan_tag_get(skb));
	expect_field(test, skb, AT(vlan_proto), (__force u16)htons(ETH_P_8021AD));
	expect_field(test, skb, AT(priority), 0xf0e1d2c3);
	expect_field(test, skb, AT(ingress_ifindex), 0x7654321);
	expect_field(test, skb, AT(ifindex), 0x1234567);
	expect_field(test, skb, AT(hash), 0xdeadbeef);
#ifdef CONFIG_NET_SCHED
	skb->tc_index = 0xabcd;
	expect_field(test, skb, AT(tc_index), 0xabcd);
#endif
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_EQ(test, load_field(test, skb, AT(hash) + i, 1),
				((u8 *)&skb->hash)[i]);
	for (i = 0; i < QDISC_CB_PRIV_LEN; i++)
		KUNIT_EXPECT_EQ(test, load_field(test, skb, AT(cb) + i, 1), i + 0xa0);

	skb->dev = NULL;
	kfree_skb(skb);
}
#endif /* CONFIG_BVM_INTERP */

/* LD_ABS and LD_IND */
static void skb_load(struct kunit *test)
{
	u64 (*load)(u64, u64, u64, u64, u64) = bvm_socket_filter_prog.ld_pkt;
	struct sk_buff *skb = alloc_skb(64, GFP_KERNEL);
	u64 ctx = (unsigned long)skb;
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, skb);
	skb_reserve(skb, 8);
	for (i = 0; i < 20; i++)
		skb_put_u8(skb, i + 0xf0);
	skb_reset_mac_header(skb);
	skb_pull(skb, 4);
	skb_reset_network_header(skb);

	KUNIT_EXPECT_EQ(test, load(ctx, 0, 1, 0, 0), 0xf4);
	KUNIT_EXPECT_EQ(test, load(ctx, 1, 2, 0, 0), 0xf5f6);
	KUNIT_EXPECT_EQ(test, load(ctx, 0, 4, 0, 0), 0xf4f5f6f7);
	KUNIT_EXPECT_EQ(test, load(ctx, SKF_NET_OFF + 1, 2, 0, 0), 0xf5f6);
	KUNIT_EXPECT_EQ(test, load(ctx, SKF_LL_OFF, 4, 0, 0), 0xf0f1f2f3);
	/* only the low half of the offset counts */
	KUNIT_EXPECT_EQ(test, load(ctx, BIT_ULL(40), 1, 0, 0), 0xf4);

	KUNIT_EXPECT_EQ(test, load(ctx, 12, 4, 0, 0), 0x00010203);
	KUNIT_EXPECT_LT(test, (s64)load(ctx, 13, 4, 0, 0), 0);
	KUNIT_EXPECT_LT(test, (s64)load(ctx, 16, 1, 0, 0), 0);
	KUNIT_EXPECT_LT(test, (s64)load(ctx, S32_MAX, 4, 0, 0), 0);
	KUNIT_EXPECT_LT(test, (s64)load(ctx, S32_MIN, 4, 0, 0), 0);
	KUNIT_EXPECT_LT(test, (s64)load(ctx, -1, 4, 0, 0), 0);
	KUNIT_EXPECT_LT(test, (s64)load(ctx, SKF_AD_OFF, 4, 0, 0), 0);
	KUNIT_EXPECT_LT(test, (s64)load(ctx, SKF_LL_OFF - 1, 1, 0, 0), 0);
	KUNIT_EXPECT_LT(test, (s64)load(ctx, SKF_NET_OFF + 13, 4, 0, 0), 0);
	kfree_skb(skb);
}
#endif /* CONFIG_NET */

static struct kunit_case cases[] = {
	KUNIT_CASE(contexts),
	KUNIT_CASE(helper_ids),
#ifdef CONFIG_NET
	KUNIT_CASE(skb_access),
#ifdef CONFIG_BVM_INTERP
	KUNIT_CASE(skb_fields),
#endif
	KUNIT_CASE(skb_load),
#endif
	{}
};

static struct kunit_suite suite = {
	.name = "bvm_progs",
	.test_cases = cases,
};

kunit_test_suite(suite);
