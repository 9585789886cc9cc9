// SPDX-License-Identifier: GPL-2.0-only
/*
 * BPF_PROG_TYPE_SCHED_CLS, by BPF_PROG_TEST_RUN: the frame, the fields of the context that
 * may be written, helpers that change the frame, and that nothing attaches such a program
 * on BVM.
 */
#include <arpa/inet.h>
#include <linux/if_packet.h>

#include "lib/harness.h"
#include "lib/bpf_sys.h"

#define R0	BPF_REG_0
#define R1	BPF_REG_1
#define R2	BPF_REG_2
#define R3	BPF_REG_3
#define R4	BPF_REG_4
#define R5	BPF_REG_5
#define R6	BPF_REG_6
#define R7	BPF_REG_7
#define FP	BPF_REG_10

#define ETH_HLEN	14

#define AT(field)	offsetof(struct __sk_buff, field)
#define FIELD(d, s, field) BPF_LDX_MEM(BPF_W, d, s, AT(field))
#define STORE(field, s)	BPF_STX_MEM(BPF_W, R6, s, AT(field))
#define CALL(helper)	BPF_EMIT_CALL(BPF_FUNC_##helper)
/* r6 = context, r2 = frame, r3 = its end */
#define FRAME		BPF_MOV64_REG(R6, R1), FIELD(R2, R6, data), FIELD(R3, R6, data_end)
/* the program ends, with -1, unless @n bytes from r2 on are there */
#define BYTES(n)								\
	BPF_MOV64_IMM(R0, -1), BPF_MOV64_REG(R4, R2), BPF_ALU64_IMM(BPF_ADD, R4, n), \
	BPF_JMP_REG(BPF_JLE, R4, R3, 1), BPF_EXIT_INSN()

FIXTURE(cls)
{
	union bpf_attr attr;
	unsigned char in[64], out[256];
	struct __sk_buff ctx, ctx_out;
};

FIXTURE_SETUP(cls)
{
	for (size_t i = 0; i < sizeof(self->in); i++)
		self->in[i] = 0x80 + i;
	memset(self->out, 0xee, sizeof(self->out));
	memset(&self->ctx, 0, sizeof(self->ctx));
	memset(&self->ctx_out, 0xee, sizeof(self->ctx_out));
	memset(&self->attr, 0, sizeof(self->attr));
	self->attr.test.data_in = ptr_to_u64(self->in);
	self->attr.test.data_size_in = sizeof(self->in);
	self->attr.test.data_out = ptr_to_u64(self->out);
	self->attr.test.data_size_out = sizeof(self->out);
	self->attr.test.ctx_in = ptr_to_u64(&self->ctx);
	self->attr.test.ctx_size_in = sizeof(self->ctx);
	self->attr.test.ctx_out = ptr_to_u64(&self->ctx_out);
	self->attr.test.ctx_size_out = sizeof(self->ctx_out);
}

FIXTURE_TEARDOWN(cls)
{
	close(self->attr.test.prog_fd);
}

#define LOAD(...)							\
do {									\
	int __fd = PROG_LOAD(BPF_PROG_TYPE_SCHED_CLS, __VA_ARGS__);	\
	ASSERT_LE(0, __fd);						\
	self->attr.test.prog_fd = __fd;					\
} while (0)

/* The size that comes back is not the room that there is. */
#define RUN()								\
	(self->attr.test.data_size_out = sizeof(self->out),		\
	 sys_bpf(BPF_PROG_TEST_RUN, &self->attr))

/* Loads, runs, and expects the return value. */
#define EXPECT_RUN(want, ...)						\
do {									\
	LOAD(__VA_ARGS__);						\
	ASSERT_EQ(0, RUN());						\
	EXPECT_EQ(want, (int)self->attr.test.retval);			\
	close(self->attr.test.prog_fd);					\
} while (0)

/* ---------------------------------------------------------------- frame */

/* with its Ethernet header */
TEST_F(cls, reads)
{
	EXPECT_RUN(0x80 + 63, FRAME, BYTES(64), BPF_LDX_MEM(BPF_B, R0, R2, 63), BPF_EXIT_INSN());
	EXPECT_EQ(sizeof(self->in), self->attr.test.data_size_out);
	EXPECT_EQ(0, memcmp(self->in, self->out, sizeof(self->in)));
	EXPECT_EQ(0xee, self->out[sizeof(self->in)]);
	EXPECT_RUN(-1, FRAME, BYTES(65), BPF_LDX_MEM(BPF_B, R0, R2, 64), BPF_EXIT_INSN());
	EXPECT_RUN(64, FRAME, BPF_ALU64_REG(BPF_SUB, R3, R2), BPF_MOV64_REG(R0, R3),
		   BPF_EXIT_INSN());
	EXPECT_RUN(64, FIELD(R0, R1, len), BPF_EXIT_INSN());
}

TEST_F(cls, writes)
{
	EXPECT_RUN(7, FRAME, BYTES(16), BPF_ST_MEM(BPF_H, R2, 13, 0x0102), RETURN(7));
	memcpy(self->in + 13, (__u16[]){ 0x0102 }, 2);
	EXPECT_EQ(0, memcmp(self->in, self->out, sizeof(self->in)));
}

TEST_F(cls, packet_loads)
{
	EXPECT_RUN(0x8c8d8e8f, BPF_MOV64_REG(R6, R1), BPF_LD_ABS(BPF_W, 12), BPF_EXIT_INSN());
	EXPECT_RUN(0, BPF_MOV64_REG(R6, R1), BPF_LD_ABS(BPF_W, 61), RETURN(5));
}

TEST_F(cls, no_metadata)
{
	EXPECT_RUN(0, FRAME, FIELD(R0, R6, data_meta), FIELD(R2, R6, data),
		   BPF_ALU64_REG(BPF_SUB, R0, R2), BPF_EXIT_INSN());
}

/* -------------------------------------------------------------- context */

TEST_F(cls, fields_written)
{
	self->ctx.mark = 1;
	self->ctx.priority = 2;
	self->ctx.tstamp = 3;
	self->ctx.cb[4] = 4;
	EXPECT_RUN(10, BPF_MOV64_REG(R6, R1), FIELD(R0, R6, mark), FIELD(R1, R6, priority),
		   BPF_ALU64_REG(BPF_ADD, R0, R1), BPF_LDX_MEM(BPF_DW, R1, R6, AT(tstamp)),
		   BPF_ALU64_REG(BPF_ADD, R0, R1), FIELD(R1, R6, cb[4]),
		   BPF_ALU64_REG(BPF_ADD, R0, R1), BPF_MOV64_IMM(R1, 0x77), STORE(mark, R1),
		   STORE(priority, R1), STORE(cb[0], R1), BPF_STX_MEM(BPF_DW, R6, R1, AT(tstamp)),
		   BPF_EXIT_INSN());
	EXPECT_EQ(0x77, self->ctx_out.mark);
	EXPECT_EQ(0x77, self->ctx_out.priority);
	EXPECT_EQ(0x77, self->ctx_out.tstamp);
	EXPECT_EQ(0x77, self->ctx_out.cb[0]);
	EXPECT_EQ(4, self->ctx_out.cb[4]);
}

/* The caller's context, or no context, says how long the packet was on the wire. */
TEST_F(cls, wire_length)
{
	LOAD(FIELD(R0, R1, wire_len), BPF_EXIT_INSN());
	ASSERT_EQ(0, RUN());
	EXPECT_EQ(sizeof(self->in), self->attr.test.retval);
	self->attr.test.ctx_in = 0;
	self->attr.test.ctx_size_in = 0;
	self->attr.test.ctx_out = 0;
	self->attr.test.ctx_size_out = 0;
	ASSERT_EQ(0, RUN());
	EXPECT_EQ(0, self->attr.test.retval);
}

/* The kernel keeps 16 bits of these. */
TEST_F(cls, fields_cut)
{
	EXPECT_RUN(0x5678, BPF_MOV64_REG(R6, R1), BPF_MOV64_IMM(R1, 0x12345678),
		   STORE(tc_classid, R1), FIELD(R0, R6, tc_classid), BPF_EXIT_INSN());
	EXPECT_RUN(0x5678, BPF_MOV64_REG(R6, R1), BPF_MOV64_IMM(R1, 0x12345678),
		   STORE(tc_index, R1), FIELD(R0, R6, tc_index), BPF_EXIT_INSN());
	EXPECT_RUN(0xfffe, BPF_MOV64_REG(R6, R1), BPF_MOV64_IMM(R1, 0xfffe),
		   STORE(queue_mapping, R1), BPF_MOV64_IMM(R1, 0xffff), STORE(queue_mapping, R1),
		   FIELD(R0, R6, queue_mapping), BPF_EXIT_INSN());
}

TEST_F(cls, fields_read)
{
	self->ctx.wire_len = 100;
	self->ctx.gso_segs = 8;
	self->ctx.gso_size = 10;
	self->ctx.hwtstamp = 11;
	EXPECT_RUN(100, FIELD(R0, R1, wire_len), BPF_EXIT_INSN());
	EXPECT_RUN(8, FIELD(R0, R1, gso_segs), BPF_EXIT_INSN());
	EXPECT_RUN(10, FIELD(R0, R1, gso_size), BPF_EXIT_INSN());
	EXPECT_RUN(11, BPF_LDX_MEM(BPF_DW, R0, R1, AT(hwtstamp)), BPF_EXIT_INSN());
	EXPECT_RUN(0, BPF_LDX_MEM(BPF_B, R0, R1, AT(tstamp_type)), BPF_EXIT_INSN());
	EXPECT_RUN(1, FIELD(R0, R1, ifindex), BPF_EXIT_INSN());
	EXPECT_RUN(0, FIELD(R0, R1, napi_id), BPF_EXIT_INSN());
	self->in[12] = 0x86;
	self->in[13] = 0xdd;
	EXPECT_RUN(htons(0x86dd), FIELD(R0, R1, protocol), BPF_EXIT_INSN());
}

#define EXPECT_REFUSED(...)						\
	EXPECT_EQ(-EACCES, errno_of(prog_load(BPF_PROG_TYPE_SCHED_CLS,	\
					      (struct bpf_insn[]){ __VA_ARGS__ }, \
					      ARRAY_SIZE(((struct bpf_insn[]){ __VA_ARGS__ })))))

TEST(fields_refused)
{
	EXPECT_REFUSED(BPF_ST_MEM(BPF_W, R1, AT(data), 0), RETURN(0));
	EXPECT_REFUSED(BPF_ST_MEM(BPF_W, R1, AT(len), 0), RETURN(0));
	EXPECT_REFUSED(BPF_ST_MEM(BPF_W, R1, AT(wire_len), 0), RETURN(0));
	EXPECT_REFUSED(BPF_ST_MEM(BPF_H, R1, AT(mark), 0), RETURN(0));
	EXPECT_REFUSED(BPF_LDX_MEM(BPF_H, R0, R1, AT(data)), RETURN(0));
	EXPECT_REFUSED(BPF_LDX_MEM(BPF_W, R0, R1, AT(family)), RETURN(0));
	EXPECT_REFUSED(BPF_LDX_MEM(BPF_W, R0, R1, AT(tstamp)), RETURN(0));
	EXPECT_REFUSED(BPF_LDX_MEM(BPF_W, R0, R1, AT(tstamp_type)), RETURN(0));
	/* what was read before a helper may have moved the frame */
	EXPECT_REFUSED(FRAME, BYTES(1), BPF_MOV64_REG(R7, R2), BPF_MOV64_REG(R1, R6),
		       BPF_MOV64_IMM(R2, 0), CALL(skb_pull_data),
		       BPF_LDX_MEM(BPF_B, R0, R7, 0), BPF_EXIT_INSN());
}

/* -------------------------------------------------------------- helpers */

TEST_F(cls, store_and_load_bytes)
{
#define BYTES_AT(helper, off, len, flags)					\
	BPF_MOV64_REG(R1, R6), BPF_MOV64_IMM(R2, off), BPF_MOV64_REG(R3, FP),	\
	BPF_ALU64_IMM(BPF_ADD, R3, -8), BPF_MOV64_IMM(R4, len), BPF_MOV64_IMM(R5, flags), \
	CALL(skb_##helper##_bytes)
	EXPECT_RUN(0, BPF_MOV64_REG(R6, R1), BPF_ST_MEM(BPF_DW, FP, -8, 0),
		   BYTES_AT(load, 56, 8, 0), BYTES_AT(store, 1, 8, BPF_F_INVALIDATE_HASH),
		   BPF_EXIT_INSN());
	EXPECT_EQ(0, memcmp(self->in + 56, self->out + 1, 8));
	EXPECT_RUN(-EFAULT, BPF_MOV64_REG(R6, R1), BPF_ST_MEM(BPF_DW, FP, -8, 0),
		   BYTES_AT(store, 57, 8, 0), BPF_EXIT_INSN());
	EXPECT_RUN(-EFAULT, BPF_MOV64_REG(R6, R1), BPF_ST_MEM(BPF_DW, FP, -8, 0),
		   BYTES_AT(store, -1, 8, 0), BPF_EXIT_INSN());
	EXPECT_RUN(-EINVAL, BPF_MOV64_REG(R6, R1), BPF_ST_MEM(BPF_DW, FP, -8, 0),
		   BYTES_AT(store, 1, 8, 1 << 10), BPF_EXIT_INSN());
}

/* The frame is there again, and may be written, after it was pulled. */
TEST_F(cls, pull_data)
{
	EXPECT_RUN(0x81, BPF_MOV64_REG(R6, R1), BPF_MOV64_IMM(R2, 64), CALL(skb_pull_data),
		   BPF_JMP_IMM(BPF_JNE, R0, 0, 10), BPF_MOV64_REG(R1, R6), FRAME, BYTES(64),
		   BPF_LDX_MEM(BPF_B, R0, R2, 1), BPF_EXIT_INSN());
	EXPECT_RUN(-ENOMEM, BPF_MOV64_IMM(R2, 65), CALL(skb_pull_data), BPF_EXIT_INSN());
}

/* The first tag is kept beside the frame, the second pushes that into it. */
TEST_F(cls, vlan)
{
#define PUSH(tci)	BPF_MOV64_REG(R1, R6), BPF_MOV64_IMM(R2, htons(0x8100)),	\
			BPF_MOV64_IMM(R3, tci), CALL(skb_vlan_push)
	EXPECT_RUN(3, BPF_MOV64_REG(R6, R1), PUSH(2), PUSH(3), FIELD(R0, R6, vlan_tci),
		   BPF_EXIT_INSN());
	EXPECT_EQ(68, self->attr.test.data_size_out);
	EXPECT_EQ(0, memcmp(self->in, self->out, 12));
	EXPECT_EQ(0, memcmp((char[]){ 0x81, 0, 0, 2 }, self->out + 12, 4));
	EXPECT_EQ(0, memcmp(self->in + 12, self->out + 16, 52));
	/* ... and the program sees it */
	EXPECT_RUN(68, BPF_MOV64_REG(R6, R1), PUSH(2), PUSH(3), BPF_MOV64_REG(R1, R6), FRAME,
		   BPF_ALU64_REG(BPF_SUB, R3, R2), BPF_MOV64_REG(R0, R3), BPF_EXIT_INSN());
	EXPECT_RUN(0, BPF_MOV64_REG(R6, R1), PUSH(2), BPF_MOV64_REG(R1, R6), CALL(skb_vlan_pop),
		   FIELD(R0, R6, vlan_present), BPF_EXIT_INSN());
	EXPECT_EQ(64, self->attr.test.data_size_out);
}

TEST_F(cls, hash)
{
	EXPECT_RUN(0x1234, BPF_MOV64_REG(R6, R1), BPF_MOV64_IMM(R2, 0x1234), CALL(set_hash),
		   FIELD(R0, R6, hash), BPF_EXIT_INSN());
	EXPECT_RUN(0, BPF_MOV64_REG(R6, R1), BPF_MOV64_IMM(R2, 0x1234), CALL(set_hash),
		   BPF_MOV64_REG(R1, R6), CALL(set_hash_invalid), FIELD(R0, R6, hash),
		   BPF_EXIT_INSN());
	EXPECT_RUN(1, BPF_MOV64_REG(R6, R1), CALL(get_hash_recalc), FIELD(R1, R6, hash),
		   BPF_MOV64_REG(R2, R0), BPF_MOV64_IMM(R0, 1), BPF_JMP_REG(BPF_JEQ, R1, R2, 1),
		   BPF_MOV64_IMM(R0, 0), BPF_EXIT_INSN());
}

TEST_F(cls, change_type)
{
	EXPECT_RUN(PACKET_MULTICAST, BPF_MOV64_REG(R6, R1), BPF_MOV64_IMM(R2, PACKET_MULTICAST),
		   CALL(skb_change_type), FIELD(R0, R6, pkt_type), BPF_EXIT_INSN());
	EXPECT_RUN(-EINVAL, BPF_MOV64_IMM(R2, PACKET_OUTGOING), CALL(skb_change_type),
		   BPF_EXIT_INSN());
}

/* one's complement sums of 16 bits, folded by the test */
static __u32 fold(__u32 sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	return (sum & 0xffff) + (sum >> 16);
}

TEST_F(cls, checksums)
{
#define DIFF(from, from_size, to, to_size, seed)				\
	BPF_ST_MEM(BPF_W, FP, -8, 0x00010203), BPF_ST_MEM(BPF_W, FP, -4, 0x04050607),	\
	from, BPF_MOV64_IMM(R2, from_size), to, BPF_MOV64_IMM(R4, to_size),	\
	BPF_MOV64_IMM(R5, seed), CALL(csum_diff), BPF_EXIT_INSN()
#define NOTHING(r)	BPF_MOV64_IMM(r, 0), BPF_MOV64_IMM(r, 0)
#define STACK(r, off)	BPF_MOV64_REG(r, FP), BPF_ALU64_IMM(BPF_ADD, r, off)
	LOAD(DIFF(NOTHING(R1), 0, STACK(R3, -8), 4, 0x10));
	ASSERT_EQ(0, RUN());
	EXPECT_EQ(0x0001 + 0x0203 + 0x10, fold(self->attr.test.retval));
	close(self->attr.test.prog_fd);
	/* what is taken away and put back makes no difference: 0 in either form */
	LOAD(DIFF(STACK(R1, -8), 8, STACK(R3, -8), 8, 0));
	ASSERT_EQ(0, RUN());
	EXPECT_EQ(0, fold(self->attr.test.retval) % 0xffff);
	close(self->attr.test.prog_fd);
	LOAD(DIFF(STACK(R1, -8), 4, STACK(R3, -4), 4, 0));
	ASSERT_EQ(0, RUN());
	EXPECT_EQ(0x0405 + 0x0607 - 0x0001 - 0x0203, fold(self->attr.test.retval));
	close(self->attr.test.prog_fd);
	EXPECT_RUN(-EINVAL, DIFF(NOTHING(R1), 0, STACK(R3, -8), 3, 0));
	EXPECT_RUN(-ENOTSUPP, BPF_MOV64_IMM(R2, 1), CALL(csum_update), BPF_EXIT_INSN());
}

TEST_F(cls, classid)
{
	EXPECT_RUN(0, CALL(get_cgroup_classid), BPF_EXIT_INSN());
}

/* ----------------------------------------------------------------- rest */

TEST_F(cls, sizes)
{
	LOAD(RETURN(0));
	self->attr.test.data_size_in = ETH_HLEN;
	EXPECT_EQ(0, RUN());
	EXPECT_EQ(ETH_HLEN, self->attr.test.data_size_out);
	self->attr.test.data_size_in = ETH_HLEN - 1;
	EXPECT_EQ(-EINVAL, RUN());
	self->attr.test.data_size_in = 65536;
	self->attr.test.data_in = 8;
	EXPECT_EQ(-EINVAL, RUN());
}

TEST_F(cls, context_refused)
{
	LOAD(RETURN(0));
	self->ctx.len = 1;
	EXPECT_EQ(-EINVAL, RUN());
	self->ctx.len = 0;
	self->ctx.tc_classid = 1;
	EXPECT_EQ(-EINVAL, RUN());
	self->ctx.tc_classid = 0;
	self->ctx.wire_len = 63;
	EXPECT_EQ(-EINVAL, RUN()) { TH_LOG("less than the frame"); }
	self->ctx.wire_len = 64;
	EXPECT_EQ(0, RUN());
}

#define CAPS(...)	(1ULL << CAP_BPF | 1ULL << CAP_PERFMON | __VA_ARGS__)

TEST(privileges)
{
	ASSERT_EQ(0, keep_caps(CAPS(1ULL << CAP_NET_ADMIN)));
	EXPECT_EQ(0, errno_of(PROG_LOAD(BPF_PROG_TYPE_SCHED_CLS, RETURN(0))));
	ASSERT_EQ(0, keep_caps(CAPS(0)));
	EXPECT_EQ(-EPERM, errno_of(prog_load(BPF_PROG_TYPE_SCHED_CLS,
					     (struct bpf_insn[]){ RETURN(0) }, 2)));
}

TEST_F(cls, not_attached)
{
	union bpf_attr attr = {
		.link_create.target_ifindex = 1,
		.link_create.attach_type = BPF_TCX_INGRESS,
	};

	if (!kernel_is_bvm())
		SKIP(return, "the stock kernel attaches it");
	LOAD(RETURN(0));
	attr.link_create.prog_fd = self->attr.test.prog_fd;
	EXPECT_EQ(-EINVAL, sys_bpf(BPF_LINK_CREATE, &attr));
}

TEST_HARNESS_MAIN
