// SPDX-License-Identifier: GPL-2.0-only
/*
 * Classic BPF has nothing to do with bpf(2), and must not notice which virtual
 * machine the kernel has: socket filters and seccomp.
 */
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "lib/harness.h"
#include "lib/bpf_sys.h"

#ifndef SO_ATTACH_FILTER
#define SO_ATTACH_FILTER	26
#define SO_DETACH_FILTER	27
#endif

static int set_filter(int socket, struct sock_filter *insns, unsigned short count)
{
	struct sock_fprog prog = { .len = count, .filter = insns };

	return setsockopt(socket, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog)) ? -errno : 0;
}

FIXTURE(filter)
{
	int pair[2];
};

FIXTURE_SETUP(filter)
{
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, self->pair));
}

FIXTURE_TEARDOWN(filter)
{
	close(self->pair[0]);
	close(self->pair[1]);
}

/* how many bytes of a message arrive, or -errno */
static int pass(const int *pair, const char *text)
{
	char got[64];
	int len;

	send(pair[0], text, strlen(text), 0);
	len = recv(pair[1], got, sizeof(got), 0);
	return len < 0 ? -errno : len;
}

TEST_F(filter, by_content)
{
	struct sock_filter insns[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 'y', 0, 1),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	int none = 0;

	ASSERT_EQ(0, set_filter(self->pair[1], insns, ARRAY_SIZE(insns)));
	EXPECT_EQ(3, pass(self->pair, "yes"));
	EXPECT_EQ(-EAGAIN, pass(self->pair, "no"));
	ASSERT_EQ(0, setsockopt(self->pair[1], SOL_SOCKET, SO_DETACH_FILTER, &none, sizeof(none)));
	EXPECT_EQ(2, pass(self->pair, "no"));
}

TEST_F(filter, truncates)
{
	struct sock_filter insns[] = { BPF_STMT(BPF_RET | BPF_K, 2) };

	ASSERT_EQ(0, set_filter(self->pair[1], insns, ARRAY_SIZE(insns)));
	EXPECT_EQ(2, pass(self->pair, "hello"));
}

/* scratch memory, arithmetic, the index register */
TEST_F(filter, computes)
{
	struct sock_filter insns[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0),
		BPF_STMT(BPF_ST, 3),
		BPF_STMT(BPF_LDX | BPF_MEM, 3),
		BPF_STMT(BPF_LD | BPF_IMM, 10),
		BPF_STMT(BPF_ALU | BPF_SUB | BPF_X, 0),
		BPF_STMT(BPF_RET | BPF_A, 0),
	};

	ASSERT_EQ(0, set_filter(self->pair[1], insns, ARRAY_SIZE(insns)));
	EXPECT_EQ(3, pass(self->pair, "7 bytes"));
}

TEST_F(filter, refused)
{
	struct sock_filter no_return[] = { BPF_STMT(BPF_LD | BPF_IMM, 0) };
	struct sock_filter far_jump[] = {
		BPF_JUMP(BPF_JMP | BPF_JA, 100, 0, 0),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_filter div_by_0[] = {
		BPF_STMT(BPF_ALU | BPF_DIV | BPF_K, 0),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};

	EXPECT_EQ(-EINVAL, set_filter(self->pair[1], no_return, 1));
	EXPECT_EQ(-EINVAL, set_filter(self->pair[1], far_jump, 2));
	EXPECT_EQ(-EINVAL, set_filter(self->pair[1], div_by_0, 2));
	EXPECT_EQ(-EINVAL, set_filter(self->pair[1], no_return, 0));
}

/* getppid(2) fails with a number of our own, everything else goes on */
TEST(seccomp)
{
	struct sock_filter insns[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_getppid, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 123),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = { .len = ARRAY_SIZE(insns), .filter = insns };

	EXPECT_LT(0, syscall(__NR_getppid));
	ASSERT_EQ(0, prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	ASSERT_EQ(0, syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog));
	EXPECT_EQ(-1, syscall(__NR_getppid));
	EXPECT_EQ(123, errno);
	EXPECT_LT(0, syscall(__NR_getpid));
}

TEST_HARNESS_MAIN
