// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sockets that classifiers and XDP programs look up: which are found, what is read of them,
 * and that they are given back.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/socket.h>

#include "lib/harness.h"
#include "lib/bpf_sys.h"

static int run(int prog)
{
	char data[64] = {}, out[512];
	union bpf_attr attr = {
		.test.prog_fd = prog,
		.test.data_in = ptr_to_u64(data),
		.test.data_size_in = sizeof(data),
		.test.data_out = ptr_to_u64(out),
		.test.data_size_out = sizeof(out),
	};
	int ret = sys_bpf(BPF_PROG_TEST_RUN, &attr);

	close(prog);
	return ret ? ret : (int)attr.test.retval;
}

#define RELEASE								\
	BPF_MOV64_REG(BPF_REG_1, BPF_REG_0),				\
	BPF_EMIT_CALL(BPF_FUNC_sk_release)

/*
 * What the program returns that looks for 127.0.0.1:PORT, as a packet to it from port 1 does:
 * 7 without a socket, else what the load READ of its field leaves in r7.
 */
#define FIND_AS(TYPE, FUNC, PORT, LEN, NETNS, READ)			\
	run(PROG_LOAD(TYPE,						\
		BPF_ST_MEM(BPF_W, BPF_REG_10, -16, htonl(INADDR_LOOPBACK)), \
		BPF_ST_MEM(BPF_W, BPF_REG_10, -12, htonl(INADDR_LOOPBACK)), \
		BPF_ST_MEM(BPF_H, BPF_REG_10, -8, htons(1)),		\
		BPF_ST_MEM(BPF_H, BPF_REG_10, -6, PORT),		\
		BPF_MOV64_REG(BPF_REG_2, BPF_REG_10),			\
		BPF_ALU64_IMM(BPF_ADD, BPF_REG_2, -16),			\
		BPF_MOV64_IMM(BPF_REG_3, LEN),				\
		BPF_MOV64_IMM(BPF_REG_4, NETNS),			\
		BPF_MOV64_IMM(BPF_REG_5, 0),				\
		BPF_EMIT_CALL(FUNC),					\
		BPF_JMP_IMM(BPF_JNE, BPF_REG_0, 0, 2),			\
		RETURN(7),						\
		READ,							\
		RELEASE,						\
		BPF_MOV64_REG(BPF_REG_0, BPF_REG_7),			\
		BPF_EXIT_INSN()))

#define FIND(FUNC, PORT, READ)						\
	FIND_AS(BPF_PROG_TYPE_SCHED_CLS, FUNC, PORT, 12, BPF_F_CURRENT_NETNS, READ)

#define FIELD(SIZE, MEMBER)						\
	BPF_LDX_MEM(SIZE, BPF_REG_7, BPF_REG_0, offsetof(struct bpf_sock, MEMBER))

FIXTURE(lookup)
{
	int tcp, udp, mark;
	__be16 tcp_port, udp_port;
};

static int bound(int type, __be16 *port)
{
	struct sockaddr_in addr = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t len = sizeof(addr);
	int fd = socket(AF_INET, type, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&addr, len) ||
	    getsockname(fd, (struct sockaddr *)&addr, &len))
		return -errno;
	*port = addr.sin_port;
	return fd;
}

FIXTURE_SETUP(lookup)
{
	int mark = 0x1234;

	self->tcp = bound(SOCK_STREAM, &self->tcp_port);
	ASSERT_LE(0, self->tcp);
	ASSERT_EQ(0, listen(self->tcp, 8));
	ASSERT_EQ(0, setsockopt(self->tcp, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)));
	self->udp = bound(SOCK_DGRAM, &self->udp_port);
	ASSERT_LE(0, self->udp);
}

FIXTURE_TEARDOWN(lookup)
{
	close(self->tcp);
	close(self->udp);
}

TEST_F(lookup, listener)
{
	__be16 port = self->tcp_port;

	EXPECT_EQ(ntohs(port), FIND(BPF_FUNC_sk_lookup_tcp, port, FIELD(BPF_W, src_port)));
	EXPECT_EQ(AF_INET, FIND(BPF_FUNC_sk_lookup_tcp, port, FIELD(BPF_W, family)));
	EXPECT_EQ(SOCK_STREAM, FIND(BPF_FUNC_sk_lookup_tcp, port, FIELD(BPF_W, type)));
	EXPECT_EQ(IPPROTO_TCP, FIND(BPF_FUNC_sk_lookup_tcp, port, FIELD(BPF_B, protocol)));
	EXPECT_EQ(0x1234, FIND(BPF_FUNC_sk_lookup_tcp, port, FIELD(BPF_W, mark)));
	EXPECT_EQ(BPF_TCP_LISTEN, FIND(BPF_FUNC_sk_lookup_tcp, port, FIELD(BPF_W, state)));
	EXPECT_EQ(0, FIND(BPF_FUNC_sk_lookup_tcp, port, FIELD(BPF_H, dst_port)));
	EXPECT_EQ((int)htonl(INADDR_LOOPBACK),
		  FIND(BPF_FUNC_sk_lookup_tcp, port, FIELD(BPF_W, src_ip4)));
	EXPECT_EQ(BPF_TCP_LISTEN, FIND(BPF_FUNC_skc_lookup_tcp, port, FIELD(BPF_W, state)));
}

TEST_F(lookup, none)
{
	EXPECT_EQ(7, FIND(BPF_FUNC_sk_lookup_udp, self->tcp_port, FIELD(BPF_W, family)));
	EXPECT_EQ(7, FIND(BPF_FUNC_sk_lookup_tcp, self->udp_port, FIELD(BPF_W, family)));
	/* neither IPv4 nor IPv6; a namespace that is not there, ids that are none */
	EXPECT_EQ(7, FIND_AS(BPF_PROG_TYPE_SCHED_CLS, BPF_FUNC_sk_lookup_tcp, self->tcp_port,
			     11, BPF_F_CURRENT_NETNS, FIELD(BPF_W, family)));
	EXPECT_EQ(7, FIND_AS(BPF_PROG_TYPE_SCHED_CLS, BPF_FUNC_sk_lookup_tcp, self->tcp_port,
			     12, 12345, FIELD(BPF_W, family)));
}

TEST_F(lookup, datagrams)
{
	EXPECT_EQ(SOCK_DGRAM, FIND(BPF_FUNC_sk_lookup_udp, self->udp_port, FIELD(BPF_W, type)));
	EXPECT_EQ(IPPROTO_UDP,
		  FIND(BPF_FUNC_sk_lookup_udp, self->udp_port, FIELD(BPF_W, protocol)));
}

/* Found and given back often: none is lost, and the socket goes when it is closed. */
TEST_F(lookup, many_times)
{
	__be16 port = self->tcp_port;
	int i;

	for (i = 0; i < 200; i++)
		ASSERT_EQ(AF_INET, FIND(BPF_FUNC_sk_lookup_tcp, port, FIELD(BPF_W, family)));
	close(self->tcp);
	EXPECT_EQ(7, FIND(BPF_FUNC_sk_lookup_tcp, port, FIELD(BPF_W, family)));
	self->tcp = bound(SOCK_STREAM, &port);
	EXPECT_LE(0, self->tcp);
}

TEST_F(lookup, xdp)
{
	EXPECT_EQ(AF_INET, FIND_AS(BPF_PROG_TYPE_XDP, BPF_FUNC_sk_lookup_tcp, self->tcp_port, 12,
				   BPF_F_CURRENT_NETNS, FIELD(BPF_W, family)));
}

#define LOAD(...)							\
({									\
	const struct bpf_insn __insns[] = {				\
		BPF_ST_MEM(BPF_DW, BPF_REG_10, -16, 0),			\
		BPF_ST_MEM(BPF_DW, BPF_REG_10, -8, 0),			\
		BPF_MOV64_REG(BPF_REG_2, BPF_REG_10),			\
		BPF_ALU64_IMM(BPF_ADD, BPF_REG_2, -16),			\
		BPF_MOV64_IMM(BPF_REG_3, 12),				\
		BPF_MOV64_IMM(BPF_REG_4, 0),				\
		BPF_MOV64_IMM(BPF_REG_5, 0),				\
		__VA_ARGS__, RETURN(0),					\
	};								\
	prog_load(BPF_PROG_TYPE_SCHED_CLS, __insns, ARRAY_SIZE(__insns)); \
})

TEST(refusals)
{
	/* kept; used before it is checked; given back without a check, twice; written; and */
	EXPECT_EQ(-EINVAL, LOAD(BPF_EMIT_CALL(BPF_FUNC_sk_lookup_tcp)));
	EXPECT_EQ(-EACCES, LOAD(BPF_EMIT_CALL(BPF_FUNC_sk_lookup_tcp), FIELD(BPF_W, family)));
	EXPECT_EQ(-EACCES, LOAD(BPF_EMIT_CALL(BPF_FUNC_sk_lookup_tcp), RELEASE));
	EXPECT_EQ(-EACCES, LOAD(BPF_EMIT_CALL(BPF_FUNC_sk_lookup_tcp),
				BPF_JMP_IMM(BPF_JEQ, BPF_REG_0, 0, 5),
				BPF_MOV64_REG(BPF_REG_6, BPF_REG_0), RELEASE,
				BPF_MOV64_REG(BPF_REG_0, BPF_REG_6), RELEASE));
	EXPECT_EQ(-EACCES, LOAD(BPF_EMIT_CALL(BPF_FUNC_sk_lookup_tcp),
				BPF_JMP_IMM(BPF_JEQ, BPF_REG_0, 0, 3),
				BPF_ST_MEM(BPF_W, BPF_REG_0, 16, 1), RELEASE));
	/* what a socket has that need not be whole; the other half of a word; behind the end */
	EXPECT_EQ(-EACCES, LOAD(BPF_EMIT_CALL(BPF_FUNC_skc_lookup_tcp),
				BPF_JMP_IMM(BPF_JEQ, BPF_REG_0, 0, 3),
				FIELD(BPF_W, mark), RELEASE));
	EXPECT_EQ(-EACCES, LOAD(BPF_EMIT_CALL(BPF_FUNC_sk_lookup_tcp),
				BPF_JMP_IMM(BPF_JEQ, BPF_REG_0, 0, 3),
				FIELD(BPF_DW, mark), RELEASE));
	EXPECT_EQ(-EACCES, LOAD(BPF_EMIT_CALL(BPF_FUNC_sk_lookup_tcp),
				BPF_JMP_IMM(BPF_JEQ, BPF_REG_0, 0, 3),
				BPF_LDX_MEM(BPF_W, BPF_REG_7, BPF_REG_0, 80), RELEASE));
}

TEST_HARNESS_MAIN
