// SPDX-License-Identifier: GPL-2.0-only
/*
 * BPF_PROG_TYPE_XDP, by BPF_PROG_TEST_RUN: the packet and its metadata, what a context may
 * say, helpers that change the packet, and that nothing attaches such a program on BVM.
 */
#include <linux/posix_types.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "lib/harness.h"
#include "lib/bpf_sys.h"

#define R0	BPF_REG_0
#define R1	BPF_REG_1
#define R2	BPF_REG_2
#define R3	BPF_REG_3
#define R4	BPF_REG_4
#define R6	BPF_REG_6
#define FP	BPF_REG_10

#define ETH_HLEN	14
#define LOOPBACK	1	/* its interface */

#define FIELD(d, s, field) BPF_LDX_MEM(BPF_W, d, s, offsetof(struct xdp_md, field))
/* r6 = context, r2 = packet, r3 = its end */
#define PACKET		BPF_MOV64_REG(R6, R1), FIELD(R2, R6, data), FIELD(R3, R6, data_end)
/* the program ends, with @ret, unless @n bytes from r2 on are there */
#define BYTES(n, ret)								\
	BPF_MOV64_IMM(R0, ret), BPF_MOV64_REG(R4, R2), BPF_ALU64_IMM(BPF_ADD, R4, n), \
	BPF_JMP_REG(BPF_JLE, R4, R3, 1), BPF_EXIT_INSN()
/* r0 = helper(context, @by) */
#define ADJUST(what, by)							\
	BPF_MOV64_REG(R1, R6), BPF_MOV64_IMM(R2, by), BPF_EMIT_CALL(BPF_FUNC_xdp_adjust_##what)

FIXTURE(xdp)
{
	union bpf_attr attr;
	unsigned char in[64], out[8192];
	struct xdp_md ctx, ctx_out;
};

FIXTURE_SETUP(xdp)
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
	self->ctx.data_end = sizeof(self->in);
}

FIXTURE_TEARDOWN(xdp)
{
	close(self->attr.test.prog_fd);
}

#define LOAD(...)							\
do {									\
	int __fd = PROG_LOAD(BPF_PROG_TYPE_XDP, __VA_ARGS__);		\
	ASSERT_LE(0, __fd);						\
	self->attr.test.prog_fd = __fd;					\
} while (0)

/* The size that comes back is not the room that there is. */
#define RUN()								\
	(self->attr.test.data_size_out = sizeof(self->out),		\
	 sys_bpf(BPF_PROG_TEST_RUN, &self->attr))

/* With a context, in and out. */
static int run_ctx(union bpf_attr *attr, const struct xdp_md *in, struct xdp_md *out)
{
	attr->test.ctx_in = ptr_to_u64(in);
	attr->test.ctx_size_in = sizeof(*in);
	attr->test.ctx_out = ptr_to_u64(out);
	attr->test.ctx_size_out = sizeof(*out);
	return sys_bpf(BPF_PROG_TEST_RUN, attr);
}

#define RUN_CTX()	run_ctx(&self->attr, &self->ctx, &self->ctx_out)

/* --------------------------------------------------------------- packet */

TEST_F(xdp, reads)
{
	LOAD(PACKET, BYTES(64, -1), BPF_LDX_MEM(BPF_B, R0, R2, 63), BPF_EXIT_INSN());
	ASSERT_EQ(0, RUN());
	EXPECT_EQ(0x80 + 63, self->attr.test.retval);
	EXPECT_EQ(sizeof(self->in), self->attr.test.data_size_out);
	EXPECT_EQ(0, memcmp(self->in, self->out, sizeof(self->in)));
	EXPECT_EQ(0xee, self->out[sizeof(self->in)]);
	self->attr.test.data_size_in = 63;
	ASSERT_EQ(0, RUN());
	EXPECT_EQ(-1, (int)self->attr.test.retval);
}

TEST_F(xdp, writes)
{
	LOAD(PACKET, BYTES(8, -1), BPF_ST_MEM(BPF_W, R2, 4, 0x01020304), RETURN(2));
	ASSERT_EQ(0, RUN());
	EXPECT_EQ(2, self->attr.test.retval);
	memcpy(self->in + 4, (__u32[]){ 0x01020304 }, 4);
	EXPECT_EQ(0, memcmp(self->in, self->out, sizeof(self->in)));
}

TEST_F(xdp, length)
{
	LOAD(PACKET, BPF_ALU64_REG(BPF_SUB, R3, R2), BPF_MOV64_REG(R0, R3), BPF_EXIT_INSN());
	for (__u32 len = ETH_HLEN; len <= sizeof(self->in); len++) {
		self->attr.test.data_size_in = len;
		ASSERT_EQ(0, RUN());
		EXPECT_EQ(len, self->attr.test.retval);
	}
	self->attr.test.data_size_in = ETH_HLEN - 1;
	EXPECT_EQ(-EINVAL, RUN());
}

/* A variable header: its length is in the packet. */
TEST_F(xdp, variable_offset)
{
	LOAD(PACKET, BYTES(1, -1), BPF_LDX_MEM(BPF_B, R4, R2, 0), BPF_ALU64_REG(BPF_ADD, R2, R4),
	     BYTES(2, -2), BPF_LDX_MEM(BPF_B, R0, R2, 1), BPF_EXIT_INSN());
	self->in[0] = 20;
	ASSERT_EQ(0, RUN());
	EXPECT_EQ(0x80 + 21, self->attr.test.retval);
	self->in[0] = 62;
	ASSERT_EQ(0, RUN());
	EXPECT_EQ(0x80 + 63, self->attr.test.retval);
	self->in[0] = 63;
	ASSERT_EQ(0, RUN());
	EXPECT_EQ(-2, (int)self->attr.test.retval);
}

/* Keys and values of maps may lie in the packet. */
TEST_F(xdp, map)
{
	int map = map_create(BPF_MAP_TYPE_HASH, 8, 8, 4);
	__u64 value;

	LOAD(PACKET, BYTES(24, -1), BPF_MOV64_REG(R3, R2), BPF_ALU64_IMM(BPF_ADD, R3, 16),
	     BPF_LD_MAP_FD(R1, map), BPF_MOV64_IMM(R4, 0),
	     BPF_EMIT_CALL(BPF_FUNC_map_update_elem), BPF_EXIT_INSN());
	ASSERT_EQ(0, RUN());
	EXPECT_EQ(0, self->attr.test.retval);
	ASSERT_EQ(0, map_lookup(map, self->in, &value));
	EXPECT_EQ(0, memcmp(&value, self->in + 16, 8));
	close(map);
}

/* ... as for the stock kernel: one more compare is not one more packet */
TEST_F(xdp, refused)
{
	const struct bpf_insn insns[] = {
		PACKET, BYTES(8, 0), BPF_LDX_MEM(BPF_DW, R0, R2, 1), BPF_EXIT_INSN(),
	};
	static char log[4096];
	union bpf_attr attr;

	prog_attr(&attr, BPF_PROG_TYPE_XDP, insns, ARRAY_SIZE(insns));
	attr.log_level = 1;
	attr.log_buf = ptr_to_u64(log);
	attr.log_size = sizeof(log);
	EXPECT_EQ(-EACCES, sys_bpf(BPF_PROG_LOAD, &attr));
	EXPECT_NE(NULL, strstr(log, "invalid access to packet, off=1 size=8, R2(id=0,off=1,r=8)"))
		TH_LOG("%s", log);
}

/* -------------------------------------------------------------- context */

TEST_F(xdp, context)
{
	LOAD(PACKET, RETURN(2));
	ASSERT_EQ(0, RUN_CTX());
	EXPECT_EQ(0, self->ctx_out.data);
	EXPECT_EQ(64, self->ctx_out.data_end);
	EXPECT_EQ(0, self->ctx_out.data_meta);
	EXPECT_EQ(sizeof(self->ctx_out), self->attr.test.ctx_size_out);
	self->ctx.data = 8;
	ASSERT_EQ(0, RUN_CTX());
	EXPECT_EQ(8, self->ctx_out.data);
	EXPECT_EQ(64, self->ctx_out.data_end);
	EXPECT_EQ(64, self->attr.test.data_size_out);
}

/* The packet may end before the data do. */
TEST_F(xdp, context_end)
{
	LOAD(PACKET, BPF_ALU64_REG(BPF_SUB, R3, R2), BPF_MOV64_REG(R0, R3), BPF_EXIT_INSN());
	self->ctx.data_end = 10;
	ASSERT_EQ(0, RUN_CTX());
	EXPECT_EQ(10, self->attr.test.retval);
	EXPECT_EQ(10, self->ctx_out.data_end);
	EXPECT_EQ(64, self->attr.test.data_size_out);
}

TEST_F(xdp, metadata)
{
	LOAD(BPF_MOV64_REG(R6, R1), FIELD(R2, R6, data_meta), FIELD(R3, R6, data), BYTES(4, -1),
	     BPF_LDX_MEM(BPF_B, R0, R2, 3), BPF_ST_MEM(BPF_B, R2, 0, 1), BPF_EXIT_INSN());
	ASSERT_EQ(0, RUN());
	EXPECT_EQ(-1, (int)self->attr.test.retval);
	self->ctx.data = 4;
	ASSERT_EQ(0, RUN_CTX());
	EXPECT_EQ(0x83, self->attr.test.retval);
	EXPECT_EQ(1, self->out[0]);
	EXPECT_EQ(0x81, self->out[1]);
}

TEST_F(xdp, context_refused)
{
	static const struct {
		struct xdp_md ctx;
		int err;
	} refused[] = {
		{ { .data_end = 65 }, -EINVAL },
		{ { .data = 1, .data_end = 64 }, -EINVAL },
		{ { .data = 4, .data_end = 3 }, -EINVAL },
		{ { .data = 52, .data_end = 64 }, -EINVAL },
		{ { .data_meta = 4, .data_end = 64 }, -EINVAL },
		{ { .data_end = 64, .egress_ifindex = 1 }, -EINVAL },
		{ { .data_end = 64, .rx_queue_index = 1 }, -EINVAL },
		{ { .data_end = 64, .ingress_ifindex = LOOPBACK, .rx_queue_index = 1 }, -EINVAL },
		{ { .data_end = 64, .ingress_ifindex = 12345 }, -ENODEV },
	};
	char longer[sizeof(struct xdp_md) + 1] = {};

	LOAD(RETURN(0));
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		self->ctx = refused[i].ctx;
		EXPECT_EQ(refused[i].err, RUN_CTX()) { TH_LOG("context %zu", i); }
	}
	self->ctx = (struct xdp_md){ .data_end = 64 };
	memcpy(longer, &self->ctx, sizeof(self->ctx));
	self->attr.test.ctx_in = ptr_to_u64(longer);
	self->attr.test.ctx_size_in = sizeof(longer);
	EXPECT_EQ(0, RUN());
	longer[sizeof(longer) - 1] = 1;
	EXPECT_EQ(-E2BIG, RUN());
}

TEST_F(xdp, device)
{
	LOAD(FIELD(R0, R1, ingress_ifindex), FIELD(R2, R1, rx_queue_index),
	     BPF_ALU64_IMM(BPF_LSH, R2, 8), BPF_ALU64_REG(BPF_OR, R0, R2), BPF_EXIT_INSN());
	ASSERT_EQ(0, RUN());
	EXPECT_EQ(LOOPBACK, self->attr.test.retval);
	self->ctx.ingress_ifindex = LOOPBACK;
	ASSERT_EQ(0, RUN_CTX());
	EXPECT_EQ(LOOPBACK, self->attr.test.retval);
	EXPECT_EQ(LOOPBACK, self->ctx_out.ingress_ifindex);
}

/* -------------------------------------------------------------- helpers */

TEST_F(xdp, adjust_head)
{
	/* 4 bytes shorter, then 8 longer, which are zeroes or what was there before */
	LOAD(PACKET, ADJUST(head, 4), BPF_JMP_IMM(BPF_JNE, R0, 0, 15), ADJUST(head, -8),
	     BPF_JMP_IMM(BPF_JNE, R0, 0, 11), BPF_MOV64_REG(R1, R6), PACKET, BYTES(8, -1),
	     BPF_LDX_MEM(BPF_B, R0, R2, 4), BPF_EXIT_INSN(), BPF_EXIT_INSN());
	ASSERT_EQ(0, RUN());
	EXPECT_EQ(0x80, self->attr.test.retval);
	EXPECT_EQ(68, self->attr.test.data_size_out);
	EXPECT_EQ(0, memcmp(self->in, self->out + 4, sizeof(self->in)));
}

TEST_F(xdp, adjust_head_limits)
{
	LOAD(PACKET, BYTES(4, -1), BPF_LDX_MEM(BPF_W, R2, R2, 0), BPF_MOV64_REG(R1, R6),
	     BPF_EMIT_CALL(BPF_FUNC_xdp_adjust_head), BPF_EXIT_INSN());
#define EXPECT_HEAD(want, by) do {					\
	memcpy(self->in, (__s32[]){ by }, 4);				\
	ASSERT_EQ(0, RUN());						\
	EXPECT_EQ(want, (int)self->attr.test.retval) { TH_LOG("by %d", by); } \
} while (0)
	EXPECT_HEAD(0, 50);
	EXPECT_EQ(14, self->attr.test.data_size_out);
	EXPECT_HEAD(-EINVAL, 51);
	EXPECT_HEAD(-EINVAL, INT32_MAX);
	EXPECT_HEAD(-EINVAL, INT32_MIN);
	EXPECT_HEAD(0, -200);
	EXPECT_HEAD(-EINVAL, -256);
}

/* Metadata go with the packet. */
TEST_F(xdp, adjust_meta)
{
	LOAD(PACKET, ADJUST(meta, -8), BPF_JMP_IMM(BPF_JNE, R0, 0, 13),
	     FIELD(R2, R6, data_meta), FIELD(R3, R6, data), BYTES(8, -1),
	     BPF_ST_MEM(BPF_DW, R2, 0, 0x55), ADJUST(head, 4), BPF_MOV64_REG(R0, R0),
	     BPF_MOV64_REG(R0, R0), BPF_EXIT_INSN());
	ASSERT_EQ(0, RUN_CTX());
	EXPECT_EQ(0, self->attr.test.retval);
	EXPECT_EQ(8, self->ctx_out.data);
	EXPECT_EQ(68, self->ctx_out.data_end);
	EXPECT_EQ(68, self->attr.test.data_size_out);
	EXPECT_EQ(0x55, self->out[0]);
	EXPECT_EQ(0, memcmp(self->in + 4, self->out + 8, 60));
}

TEST_F(xdp, adjust_meta_limits)
{
	LOAD(PACKET, BYTES(4, -1), BPF_LDX_MEM(BPF_W, R2, R2, 0), BPF_MOV64_REG(R1, R6),
	     BPF_EMIT_CALL(BPF_FUNC_xdp_adjust_meta), BPF_EXIT_INSN());
	EXPECT_HEAD(0, -4);
	EXPECT_HEAD(-EACCES, -3);
	EXPECT_HEAD(-EINVAL, 4);
	EXPECT_HEAD(0, -200);
	EXPECT_HEAD(-EINVAL, -256);
}

TEST_F(xdp, adjust_tail)
{
	LOAD(PACKET, BYTES(4, -1), BPF_LDX_MEM(BPF_W, R2, R2, 0), BPF_MOV64_REG(R1, R6),
	     BPF_EMIT_CALL(BPF_FUNC_xdp_adjust_tail), BPF_EXIT_INSN());
	EXPECT_HEAD(0, -50);
	EXPECT_EQ(14, self->attr.test.data_size_out);
	EXPECT_HEAD(-EINVAL, -51);
	EXPECT_HEAD(-EINVAL, INT32_MIN);
	EXPECT_HEAD(0, 100);
	EXPECT_EQ(164, self->attr.test.data_size_out);
	for (int i = 64; i < 164; i++)
		EXPECT_EQ(0, self->out[i]);
	EXPECT_HEAD(-EINVAL, 4096);
	EXPECT_HEAD(-EINVAL, INT32_MAX);
}

TEST_F(xdp, load_and_store_bytes)
{
	LOAD(PACKET, BPF_ST_MEM(BPF_DW, FP, -8, 0), BPF_MOV64_REG(R1, R6), BPF_MOV64_IMM(R2, 56),
	     BPF_MOV64_REG(R3, FP), BPF_ALU64_IMM(BPF_ADD, R3, -8), BPF_MOV64_IMM(R4, 8),
	     BPF_EMIT_CALL(BPF_FUNC_xdp_load_bytes), BPF_JMP_IMM(BPF_JNE, R0, 0, 7),
	     BPF_MOV64_REG(R1, R6), BPF_MOV64_IMM(R2, 1), BPF_MOV64_REG(R3, FP),
	     BPF_ALU64_IMM(BPF_ADD, R3, -8), BPF_MOV64_IMM(R4, 8),
	     BPF_EMIT_CALL(BPF_FUNC_xdp_store_bytes), BPF_JMP_IMM(BPF_JA, 0, 0, 0),
	     BPF_EXIT_INSN());
	ASSERT_EQ(0, RUN());
	EXPECT_EQ(0, self->attr.test.retval);
	EXPECT_EQ(0, memcmp(self->in + 56, self->out + 1, 8));
	self->attr.test.data_size_in = 63;
	ASSERT_EQ(0, RUN());
	EXPECT_EQ(-EINVAL, (int)self->attr.test.retval);
}

TEST_F(xdp, buff_len)
{
	LOAD(PACKET, ADJUST(tail, -4), BPF_MOV64_REG(R1, R6),
	     BPF_EMIT_CALL(BPF_FUNC_xdp_get_buff_len), BPF_EXIT_INSN());
	ASSERT_EQ(0, RUN());
	EXPECT_EQ(60, self->attr.test.retval);
}

/* Another program goes on with the packet as it is then. */
TEST_F(xdp, tail_call)
{
	int map = map_create(BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 1);
	__u32 key = 0, fd;

	LOAD(PACKET, BPF_ALU64_REG(BPF_SUB, R3, R2), BPF_MOV64_REG(R0, R3), BPF_EXIT_INSN());
	fd = self->attr.test.prog_fd;
	ASSERT_EQ(0, map_update(map, &key, &fd, 0));
	close(fd);
	LOAD(PACKET, ADJUST(head, 4), BPF_MOV64_REG(R1, R6), BPF_LD_MAP_FD(R2, map),
	     BPF_MOV64_IMM(R3, 0), BPF_EMIT_CALL(BPF_FUNC_tail_call), RETURN(-1));
	ASSERT_EQ(0, RUN());
	EXPECT_EQ(60, self->attr.test.retval);
	close(map);
}

/* ----------------------------------------------------------------- rest */

TEST_F(xdp, repeat)
{
	LOAD(PACKET, BYTES(1, -1), BPF_LDX_MEM(BPF_B, R0, R2, 0), BPF_ALU64_IMM(BPF_ADD, R0, 1),
	     BPF_STX_MEM(BPF_B, R2, R0, 0), BPF_EXIT_INSN());
	self->attr.test.repeat = 100;
	ASSERT_EQ(0, RUN());
	EXPECT_EQ(0x80 + 100, self->attr.test.retval);
	EXPECT_EQ(0x80 + 100, self->out[0]);
}

TEST_F(xdp, arguments)
{
	LOAD(RETURN(0));
	self->attr.test.flags = 0x80000000;
	EXPECT_EQ(-EINVAL, RUN());
	self->attr.test.flags = 0;
	self->attr.test.batch_size = 1;
	EXPECT_EQ(-EINVAL, RUN());
	self->attr.test.batch_size = 0;
	self->attr.test.data_size_in = 65536;
	self->attr.test.data_in = 8;
	EXPECT_GT(0, RUN());
}

#define CAPS(...)	(1ULL << CAP_BPF | 1ULL << CAP_PERFMON | __VA_ARGS__)

TEST(privileges)
{
	ASSERT_EQ(0, keep_caps(CAPS(1ULL << CAP_NET_ADMIN)));
	EXPECT_EQ(0, errno_of(PROG_LOAD(BPF_PROG_TYPE_XDP, RETURN(0))));
	ASSERT_EQ(0, keep_caps(CAPS(0)));
	EXPECT_EQ(-EPERM, errno_of(prog_load(BPF_PROG_TYPE_XDP,
					     (struct bpf_insn[]){ RETURN(0) }, 2)));
}

/* "ip link set dev lo xdpgeneric fd N": 0 or a negative errno */
static int netlink_attach(int fd)
{
	struct {
		struct nlmsghdr head;
		struct ifinfomsg info;
		struct rtattr xdp, fd_head;
		__s32 fd;
		struct rtattr flags_head;
		__u32 flags;
	} request = {
		.head = {
			.nlmsg_len = sizeof(request), .nlmsg_type = RTM_SETLINK,
			.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK,
		},
		.info.ifi_index = LOOPBACK,
		.xdp = {
			sizeof(request) - offsetof(typeof(request), xdp), NLA_F_NESTED | IFLA_XDP,
		},
		.fd_head = { 8, IFLA_XDP_FD },
		.fd = fd,
		.flags_head = { 8, IFLA_XDP_FLAGS },
		.flags = XDP_FLAGS_SKB_MODE,
	};
	struct {
		struct nlmsghdr head;
		struct nlmsgerr error;
		char rest[1024];
	} answer = {};
	int sk = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);

	if (sk < 0 || send(sk, &request, sizeof(request), 0) < 0 ||
	    recv(sk, &answer, sizeof(answer), 0) < 0)
		return -errno;
	close(sk);
	return answer.error.error;
}

TEST_F(xdp, not_attached)
{
	union bpf_attr attr = {
		.link_create.target_ifindex = LOOPBACK,
		.link_create.attach_type = BPF_XDP,
	};

	if (!kernel_is_bvm())
		SKIP(return, "the stock kernel attaches it");
	LOAD(RETURN(2));
	attr.link_create.prog_fd = self->attr.test.prog_fd;
	EXPECT_EQ(-EINVAL, sys_bpf(BPF_LINK_CREATE, &attr));
	EXPECT_EQ(-EINVAL, netlink_attach(self->attr.test.prog_fd));
	self->attr.test.flags = BPF_F_TEST_XDP_LIVE_FRAMES;
	EXPECT_EQ(-EINVAL, RUN());
}

TEST_HARNESS_MAIN
