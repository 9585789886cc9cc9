// SPDX-License-Identifier: GPL-2.0-only
/*
 * Maps of sockets: what goes in, what is found there, by system calls and by programs, and
 * that a socket leaves them when it is closed.  In a network namespace of its own.
 */
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "lib/harness.h"
#include "lib/bpf_sys.h"

#define ROUNDS	50	/* of what may go wrong once in a while */

/* ------------------------------------------------------------------- sockets */

static int own_namespace(void)
{
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd, err;

	if (unshare(CLONE_NEWNET))
		return -errno;
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	err = ioctl(fd, SIOCSIFFLAGS, &lo) ? -errno : 0;
	close(fd);
	return err;
}

static int bound(int family, int type)
{
	struct sockaddr_in6 addr = { .sin6_family = family };
	int fd = socket(family, type, 0);

	if (family == AF_INET)
		((struct sockaddr_in *)&addr)->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	else
		addr.sin6_addr = in6addr_loopback;
	if (fd >= 0 && bind(fd, (struct sockaddr *)&addr, sizeof(addr))) {
		close(fd);
		return -1;
	}
	return fd;
}

static int listening(int family)
{
	int fd = bound(family, SOCK_STREAM);

	if (fd >= 0)
		listen(fd, 16);
	return fd;
}

/* A socket that is connected to @to, which has an address. */
static int connected(int family, int type, int to)
{
	struct sockaddr_storage addr = {};
	socklen_t len = sizeof(addr);
	int fd = socket(family, type, 0);

	getsockname(to, (struct sockaddr *)&addr, &len);
	if (connect(fd, (struct sockaddr *)&addr, len)) {
		close(fd);
		return -1;
	}
	return fd;
}

static __be16 port_of(int fd)
{
	struct sockaddr_in addr = {};
	socklen_t len = sizeof(addr);

	getsockname(fd, (struct sockaddr *)&addr, &len);
	return addr.sin_port;
}

static __u64 cookie_of(int fd)
{
	socklen_t len = sizeof(__u64);
	__u64 cookie = 0;

	getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &len);
	return cookie;
}

/* ---------------------------------------------------------------------- maps */

static int enter_as(int map, __u32 key, __u64 value, __u64 flags)
{
	return map_update(map, &key, &value, flags);
}

static int enter(int map, __u32 key, int fd)
{
	return enter_as(map, key, fd, BPF_ANY);
}

/* The cookie under a key, 0: there is no socket. */
static __u64 at(int map, __u32 key)
{
	__u64 cookie = 0;

	return map_lookup(map, &key, &cookie) ? 0 : cookie;
}

static int leave(int map, __u32 key)
{
	return map_delete(map, &key);
}

FIXTURE(socks)
{
	int array, hash;
	int tcp, udp;
	int map[2];
};

FIXTURE_SETUP(socks)
{
	ASSERT_EQ(0, own_namespace());
	self->array = map_create(BPF_MAP_TYPE_SOCKMAP, 4, 8, 4);
	self->hash = map_create(BPF_MAP_TYPE_SOCKHASH, 4, 8, 4);
	ASSERT_LE(0, self->array);
	ASSERT_LE(0, self->hash);
	self->map[0] = self->array;
	self->map[1] = self->hash;
	self->tcp = listening(AF_INET);
	self->udp = bound(AF_INET, SOCK_DGRAM);
	ASSERT_LE(0, self->tcp);
	ASSERT_LE(0, self->udp);
}

FIXTURE_TEARDOWN(socks)
{
}

TEST_F(socks, create)
{
	static const struct {
		__u32 type, key, value, max, flags;
		int err;
	} wrong[] = {
		{ BPF_MAP_TYPE_SOCKMAP, 8, 4, 1, 0, -EINVAL },
		{ BPF_MAP_TYPE_SOCKMAP, 4, 2, 1, 0, -EINVAL },
		{ BPF_MAP_TYPE_SOCKMAP, 4, 16, 1, 0, -EINVAL },
		{ BPF_MAP_TYPE_SOCKMAP, 4, 4, 0, 0, -EINVAL },
		{ BPF_MAP_TYPE_SOCKMAP, 4, 4, 1, BPF_F_NO_PREALLOC, -EINVAL },
		{ BPF_MAP_TYPE_SOCKMAP, 4, 4, 1, BPF_F_RDONLY_PROG, -EINVAL },
		{ BPF_MAP_TYPE_SOCKHASH, 0, 4, 1, 0, -EINVAL },
		{ BPF_MAP_TYPE_SOCKHASH, 4, 5, 1, 0, -EINVAL },
		{ BPF_MAP_TYPE_SOCKHASH, 4, 4, 0, 0, -EINVAL },
		{ BPF_MAP_TYPE_SOCKHASH, 513, 4, 1, 0, -E2BIG },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(wrong); i++)
		EXPECT_EQ(wrong[i].err,
			  errno_of(map_create_flags(wrong[i].type, wrong[i].key, wrong[i].value,
						    wrong[i].max, wrong[i].flags))) {
			TH_LOG("row %zu", i);
		}
	EXPECT_LE(0, map_create(BPF_MAP_TYPE_SOCKHASH, 512, 8, 1));
}

TEST_F(socks, elements)
{
	int other = listening(AF_INET), i, map;
	__u32 key, next, seen = 0, *from = NULL;

	for (i = 0; i < 2; i++) {
		map = self->map[i];
		EXPECT_EQ(0, at(map, 0));
		EXPECT_EQ(-ENOENT, enter_as(map, 0, self->tcp, BPF_EXIST));
		ASSERT_EQ(0, enter_as(map, 0, self->tcp, BPF_NOEXIST));
		EXPECT_EQ(cookie_of(self->tcp), at(map, 0));
		EXPECT_EQ(-EEXIST, enter_as(map, 0, other, BPF_NOEXIST));
		EXPECT_EQ(-EINVAL, enter_as(map, 0, other, BPF_EXIST + 1));
		ASSERT_EQ(0, enter_as(map, 0, other, BPF_EXIST));
		EXPECT_EQ(cookie_of(other), at(map, 0));
		/* one socket under several keys */
		ASSERT_EQ(0, enter(map, 1, other));
		ASSERT_EQ(0, enter(map, 2, self->udp));
		ASSERT_EQ(0, enter(map, 3, self->tcp));
		EXPECT_EQ(-E2BIG, enter(map, 4, self->tcp));
		EXPECT_EQ(0, enter(map, 3, self->udp));
		EXPECT_EQ(0, at(map, 4));
		ASSERT_EQ(0, leave(map, 1));
		EXPECT_EQ(0, at(map, 1));
		EXPECT_EQ(i ? -ENOENT : -EINVAL, leave(map, 1));
		EXPECT_EQ(i ? -ENOENT : -EINVAL, leave(map, 9));
		EXPECT_EQ(cookie_of(other), at(map, 0));
		EXPECT_EQ(cookie_of(self->udp), at(map, 2));
	}
	/* all keys of the hash, each once */
	while (!map_next_key(self->hash, from, &next)) {
		seen += 1 << (8 * next);
		key = next;
		from = &key;
	}
	EXPECT_EQ(0x01010001, seen);
}

TEST_F(socks, small_values)
{
	int map = map_create(BPF_MAP_TYPE_SOCKMAP, 4, 4, 1);
	__u32 key = 0, value = self->tcp;

	ASSERT_EQ(0, map_update(map, &key, &value, BPF_ANY));
	EXPECT_EQ(-ENOSPC, map_lookup(map, &key, &value));
}

TEST_F(socks, refused)
{
	int fd, i;

	for (i = 0; i < 2; i++) {
		EXPECT_EQ(-EINVAL, enter_as(self->map[i], 0, -1ULL, BPF_ANY));
		EXPECT_EQ(-EBADF, enter_as(self->map[i], 0, 0x7fffffff, BPF_ANY));
		EXPECT_EQ(-ENOTSOCK, enter(self->map[i], 0, self->hash));
		fd = socket(AF_INET, SOCK_STREAM, 0);
		EXPECT_EQ(-EOPNOTSUPP, enter(self->map[i], 0, fd));
		close(fd);
		fd = bound(AF_INET, SOCK_STREAM);
		EXPECT_EQ(-EOPNOTSUPP, enter(self->map[i], 0, fd));
		close(fd);
		fd = socket(AF_INET, SOCK_DGRAM, 0);
		EXPECT_EQ(-EOPNOTSUPP, enter(self->map[i], 0, fd));
		close(fd);
		fd = socket(AF_INET, SOCK_RAW, IPPROTO_UDP);
		EXPECT_EQ(-EOPNOTSUPP, enter(self->map[i], 0, fd));
		close(fd);
		EXPECT_EQ(0, at(self->map[i], 0));
	}
	fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	if (kernel_is_bvm())
		EXPECT_EQ(-EOPNOTSUPP, enter(self->array, 0, fd));
}

/* ----------------------------------------------------------- closed sockets */

static void closed(struct __test_metadata *_metadata, const int *map, int family)
{
	int small = map_create(BPF_MAP_TYPE_SOCKHASH, 4, 8, 1);
	int i, listener, client, server, udp, other;
	__u32 next;

	listener = listening(family);
	ASSERT_LE(0, listener);
	client = connected(family, SOCK_STREAM, listener);
	ASSERT_LE(0, client);
	server = accept(listener, NULL, NULL);
	ASSERT_LE(0, server);
	udp = bound(family, SOCK_DGRAM);
	ASSERT_LE(0, udp);
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, enter(map[i], 0, listener));
		ASSERT_EQ(0, enter(map[i], 1, client));
		ASSERT_EQ(0, enter(map[i], 2, server));
		ASSERT_EQ(0, enter(map[i], 3, udp));
	}
	ASSERT_EQ(0, enter(small, 0, client));
	other = dup(client);
	close(other);
	EXPECT_EQ(cookie_of(client), at(map[0], 1));
	/* what the other side has not read yet keeps the socket, but not in the maps */
	EXPECT_EQ(4, write(client, "some", 4));
	close(client);
	close(listener);
	for (i = 0; i < 2; i++) {
		EXPECT_EQ(0, at(map[i], 0));
		EXPECT_EQ(0, at(map[i], 1));
		EXPECT_EQ(i ? -ENOENT : -EINVAL, leave(map[i], 1));
		EXPECT_EQ(-ENOENT, enter_as(map[i], 1, udp, BPF_EXIST));
		EXPECT_EQ(0, enter_as(map[i], 1, udp, BPF_NOEXIST));
		EXPECT_EQ(cookie_of(udp), at(map[i], 1));
		EXPECT_EQ(cookie_of(server), at(map[i], 2));
		EXPECT_EQ(cookie_of(udp), at(map[i], 3));
	}
	/* it takes no room either */
	EXPECT_EQ(0, enter(small, 1, udp));
	close(server);
	close(udp);
	for (i = 0; i < 4; i++)
		EXPECT_EQ(0, at(map[0], i));
	EXPECT_EQ(-ENOENT, map_next_key(map[1], NULL, &next));
	EXPECT_EQ(-ENOENT, map_next_key(small, NULL, &next));
	close(small);
}

TEST_F(socks, closed)
{
	closed(_metadata, self->map, AF_INET);
}

TEST_F(socks, closed6)
{
	int fd = socket(AF_INET6, SOCK_STREAM, 0);

	if (fd < 0)
		SKIP(return, "no IPv6");
	close(fd);
	closed(_metadata, self->map, AF_INET6);
}

/* Children of a listener are sockets of their own. */
TEST_F(socks, accepted)
{
	int client, server;

	ASSERT_EQ(0, enter(self->array, 0, self->tcp));
	client = connected(AF_INET, SOCK_STREAM, self->tcp);
	server = accept(self->tcp, NULL, NULL);
	ASSERT_LE(0, server);
	close(server);
	EXPECT_EQ(cookie_of(self->tcp), at(self->array, 0));
	close(client);

	client = connected(AF_INET, SOCK_STREAM, self->tcp);
	server = accept(self->tcp, NULL, NULL);
	ASSERT_LE(0, server);
	ASSERT_EQ(0, enter(self->array, 1, server));
	/* one that nobody accepts */
	connected(AF_INET, SOCK_STREAM, self->tcp);
	close(self->tcp);
	EXPECT_EQ(0, at(self->array, 0));
	EXPECT_EQ(cookie_of(server), at(self->array, 1));
	close(server);
	EXPECT_EQ(0, at(self->array, 1));
}

TEST_F(socks, map_goes_first)
{
	int i, map, fd[4];

	for (i = 0; i < ROUNDS; i++) {
		map = map_create(i % 2 ? BPF_MAP_TYPE_SOCKMAP : BPF_MAP_TYPE_SOCKHASH, 4, 8, 4);
		for (int n = 0; n < 4; n++) {
			fd[n] = bound(AF_INET, SOCK_DGRAM);
			ASSERT_EQ(0, enter(map, n, fd[n]));
		}
		close(fd[0]);
		close(map);
		for (int n = 1; n < 4; n++)
			close(fd[n]);
	}
}

/* Sockets of a namespace that goes: a process ends, and its sockets with it. */
TEST_F(socks, namespace_goes)
{
	pid_t pid = fork();
	int status;

	ASSERT_LE(0, pid);
	if (!pid) {
		if (own_namespace())
			_exit(1);
		_exit(enter(self->array, 0, listening(AF_INET)) ||
		      enter(self->hash, 0, bound(AF_INET, SOCK_DGRAM)));
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	ASSERT_EQ(0, status);
	EXPECT_EQ(0, at(self->array, 0));
	EXPECT_EQ(0, at(self->hash, 0));
}

/* ------------------------------------------------------------------ programs */

static int run_only(int prog)
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

	return ret ? ret : (int)attr.test.retval;
}

static int run(int prog)
{
	int ret = run_only(prog);

	close(prog);
	return ret;
}

#define KEY(KEY)							\
	BPF_ST_MEM(BPF_W, BPF_REG_10, -4, KEY),				\
	BPF_MOV64_REG(BPF_REG_2, BPF_REG_10),				\
	BPF_ALU64_IMM(BPF_ADD, BPF_REG_2, -4)

/* r0 = r6 = the socket under a key; the program returns 7 if there is none */
#define LOOKUP(MAP, K)							\
	KEY(K),								\
	BPF_LD_MAP_FD(BPF_REG_1, MAP),					\
	BPF_EMIT_CALL(BPF_FUNC_map_lookup_elem),			\
	BPF_JMP_IMM(BPF_JNE, BPF_REG_0, 0, 2),				\
	RETURN(7),							\
	BPF_MOV64_REG(BPF_REG_6, BPF_REG_0)

#define UPDATE(MAP, K, FLAGS)						\
	KEY(K),								\
	BPF_LD_MAP_FD(BPF_REG_1, MAP),					\
	BPF_MOV64_REG(BPF_REG_3, BPF_REG_6),				\
	BPF_MOV64_IMM(BPF_REG_4, FLAGS),				\
	BPF_EMIT_CALL(BPF_FUNC_map_update_elem)

#define DELETE(MAP, K)							\
	KEY(K),								\
	BPF_LD_MAP_FD(BPF_REG_1, MAP),					\
	BPF_EMIT_CALL(BPF_FUNC_map_delete_elem)

/* returns r7 */
#define RELEASE								\
	BPF_MOV64_REG(BPF_REG_1, BPF_REG_6),				\
	BPF_EMIT_CALL(BPF_FUNC_sk_release),				\
	BPF_MOV64_REG(BPF_REG_0, BPF_REG_7),				\
	BPF_EXIT_INSN()

#define FIND(TYPE, MAP, K, FIELD)					\
	run(PROG_LOAD(BPF_PROG_TYPE_##TYPE, LOOKUP(MAP, K),		\
		BPF_LDX_MEM(BPF_W, BPF_REG_7, BPF_REG_6, offsetof(struct bpf_sock, FIELD)), \
		RELEASE))

#define COPY(FROM, K1, TO, K2)						\
	PROG_LOAD(BPF_PROG_TYPE_SCHED_CLS, LOOKUP(FROM, K1), UPDATE(TO, K2, BPF_ANY), \
		  BPF_MOV64_REG(BPF_REG_7, BPF_REG_0), RELEASE)

TEST_F(socks, found)
{
	int client, server, i, n;

	client = connected(AF_INET, SOCK_STREAM, self->tcp);
	server = accept(self->tcp, NULL, NULL);
	ASSERT_LE(0, server);
	for (i = 0; i < 2; i++) {
		EXPECT_EQ(7, FIND(SCHED_CLS, self->map[i], 0, family));
		EXPECT_EQ(7, FIND(SCHED_CLS, self->map[i], 9, family));
		ASSERT_EQ(0, enter(self->map[i], 0, self->tcp));
		ASSERT_EQ(0, enter(self->map[i], 1, client));
		ASSERT_EQ(0, enter(self->map[i], 2, server));
		ASSERT_EQ(0, enter(self->map[i], 3, self->udp));
		EXPECT_EQ(BPF_TCP_LISTEN, FIND(SCHED_CLS, self->map[i], 0, state));
		EXPECT_EQ(ntohs(port_of(self->tcp)), FIND(XDP, self->map[i], 0, src_port));
		EXPECT_EQ(ntohs(port_of(client)), FIND(SCHED_CLS, self->map[i], 1, src_port));
		EXPECT_EQ(BPF_TCP_ESTABLISHED, FIND(XDP, self->map[i], 2, state));
		EXPECT_EQ(IPPROTO_UDP, FIND(SCHED_CLS, self->map[i], 3, protocol));
		/* none is lost */
		for (n = 0; n < ROUNDS; n++)
			FIND(SCHED_CLS, self->map[i], n % 4, family);
	}
	close(client);
	EXPECT_EQ(7, FIND(SCHED_CLS, self->array, 1, family));
}

TEST_F(socks, copied)
{
	int client;

	ASSERT_EQ(0, enter(self->array, 0, self->tcp));
	ASSERT_EQ(0, enter(self->array, 1, self->udp));
	EXPECT_EQ(7, run(COPY(self->array, 3, self->hash, 0)));
	EXPECT_EQ(0, run(COPY(self->array, 0, self->hash, 5)));
	EXPECT_EQ(cookie_of(self->tcp), at(self->hash, 5));
	EXPECT_EQ(0, run(COPY(self->array, 1, self->hash, 5)));
	EXPECT_EQ(cookie_of(self->udp), at(self->hash, 5));
	EXPECT_EQ(0, run(COPY(self->hash, 5, self->array, 3)));
	EXPECT_EQ(cookie_of(self->udp), at(self->array, 3));
	EXPECT_EQ(-E2BIG, run(COPY(self->hash, 5, self->array, 4)));
	EXPECT_EQ(-EEXIST, run(PROG_LOAD(BPF_PROG_TYPE_XDP, LOOKUP(self->array, 0),
					 UPDATE(self->hash, 5, BPF_NOEXIST),
					 BPF_MOV64_REG(BPF_REG_7, BPF_REG_0), RELEASE)));
	EXPECT_EQ(0, run(PROG_LOAD(BPF_PROG_TYPE_XDP, DELETE(self->hash, 5), BPF_EXIT_INSN())));
	EXPECT_EQ(0, at(self->hash, 5));
	EXPECT_EQ(-ENOENT, run(PROG_LOAD(BPF_PROG_TYPE_SCHED_CLS, DELETE(self->hash, 5),
					 BPF_EXIT_INSN())));
	/* disconnected while it is there: no longer one that goes in */
	client = connected(AF_INET, SOCK_STREAM, self->tcp);
	ASSERT_EQ(0, enter(self->array, 2, client));
	shutdown(client, SHUT_RDWR);
	if (kernel_is_bvm())
		EXPECT_EQ(-EOPNOTSUPP, run(COPY(self->array, 2, self->hash, 2)));
}

/* A filter enters, and takes out, the socket that it is attached to. */
TEST_F(socks, own_socket)
{
	int client = connected(AF_INET, SOCK_DGRAM, self->udp), prog;
	char byte;

	prog = PROG_LOAD(BPF_PROG_TYPE_SOCKET_FILTER,
			 BPF_LDX_MEM(BPF_DW, BPF_REG_6, BPF_REG_1, offsetof(struct __sk_buff, sk)),
			 BPF_JMP_IMM(BPF_JNE, BPF_REG_6, 0, 2),
			 RETURN(0),
			 BPF_LDX_MEM(BPF_W, BPF_REG_7, BPF_REG_6,
				     offsetof(struct bpf_sock, family)),
			 BPF_JMP_IMM(BPF_JEQ, BPF_REG_7, AF_INET, 2),
			 RETURN(0),
			 UPDATE(self->hash, 1, BPF_ANY), RETURN(64));
	ASSERT_LE(0, prog);
	ASSERT_EQ(0, setsockopt(self->udp, SOL_SOCKET, SO_ATTACH_BPF, &prog, sizeof(prog)));
	ASSERT_EQ(1, write(client, "x", 1));
	ASSERT_EQ(1, read(self->udp, &byte, 1));
	EXPECT_EQ(cookie_of(self->udp), at(self->hash, 1));

	prog = PROG_LOAD(BPF_PROG_TYPE_SOCKET_FILTER, DELETE(self->hash, 1), RETURN(64));
	ASSERT_LE(0, prog);
	ASSERT_EQ(0, setsockopt(self->udp, SOL_SOCKET, SO_ATTACH_BPF, &prog, sizeof(prog)));
	ASSERT_EQ(1, write(client, "x", 1));
	ASSERT_EQ(1, read(self->udp, &byte, 1));
	EXPECT_EQ(0, at(self->hash, 1));
}

/* One that is not accepted yet: found by a program, entered, gone with the listener. */
TEST_F(socks, not_accepted)
{
	int client = connected(AF_INET, SOCK_STREAM, self->tcp);
	const struct bpf_insn insns[] = {
		BPF_ST_MEM(BPF_W, BPF_REG_10, -16, htonl(INADDR_LOOPBACK)),
		BPF_ST_MEM(BPF_W, BPF_REG_10, -12, htonl(INADDR_LOOPBACK)),
		BPF_ST_MEM(BPF_H, BPF_REG_10, -8, port_of(client)),
		BPF_ST_MEM(BPF_H, BPF_REG_10, -6, port_of(self->tcp)),
		BPF_MOV64_REG(BPF_REG_2, BPF_REG_10),
		BPF_ALU64_IMM(BPF_ADD, BPF_REG_2, -16),
		BPF_MOV64_IMM(BPF_REG_3, 12),
		BPF_MOV64_IMM(BPF_REG_4, BPF_F_CURRENT_NETNS),
		BPF_MOV64_IMM(BPF_REG_5, 0),
		BPF_EMIT_CALL(BPF_FUNC_sk_lookup_tcp),
		BPF_JMP_IMM(BPF_JNE, BPF_REG_0, 0, 2),
		RETURN(7),
		BPF_MOV64_REG(BPF_REG_6, BPF_REG_0),
		UPDATE(self->array, 0, BPF_ANY),
		BPF_MOV64_REG(BPF_REG_7, BPF_REG_0),
		RELEASE,
	};
	struct pollfd ready = { .fd = self->tcp, .events = POLLIN };
	int i;

	ASSERT_LE(0, client);
	ASSERT_EQ(1, poll(&ready, 1, -1));
	ASSERT_EQ(0, run(prog_load(BPF_PROG_TYPE_SCHED_CLS, insns, ARRAY_SIZE(insns))));
	EXPECT_NE(0, at(self->array, 0));
	EXPECT_EQ(BPF_TCP_ESTABLISHED, FIND(SCHED_CLS, self->array, 0, state));
	close(self->tcp);
	for (i = 0; i < 100 && at(self->array, 0); i++)
		usleep(10000);
	EXPECT_EQ(0, at(self->array, 0));
}

/* What a refused program is told. */
static bool refused(__u32 type, const struct bpf_insn *insns, __u32 count, const char *words)
{
	static char log[4096];
	union bpf_attr attr;

	prog_attr(&attr, type, insns, count);
	attr.log_level = 1;
	attr.log_buf = ptr_to_u64(log);
	attr.log_size = sizeof(log);
	log[0] = 0;
	return sys_bpf(BPF_PROG_LOAD, &attr) < 0 && strstr(log, words);
}

#define REFUSED(TYPE, WORDS, ...) ({					\
	const struct bpf_insn insns[] = { __VA_ARGS__ };		\
									\
	refused(BPF_PROG_TYPE_##TYPE, insns, ARRAY_SIZE(insns), WORDS);	\
})

TEST_F(socks, programs_refused)
{
	static const char not_here[] = "cannot update sockmap in this context";

	EXPECT_TRUE(REFUSED(RAW_TRACEPOINT, not_here, DELETE(self->array, 0), RETURN(0)));
	EXPECT_TRUE(REFUSED(KPROBE, not_here, DELETE(self->hash, 0), RETURN(0)));
	EXPECT_TRUE(REFUSED(TRACEPOINT, not_here, LOOKUP(self->array, 0),
			    UPDATE(self->array, 1, 0), RETURN(0)));
	EXPECT_TRUE(REFUSED(SCHED_CLS, "Unreleased reference", LOOKUP(self->array, 0), RETURN(0)));
	EXPECT_TRUE(REFUSED(PERF_EVENT, "Unreleased reference", LOOKUP(self->array, 0),
			    RETURN(0)));
	EXPECT_TRUE(REFUSED(SCHED_CLS, "R3 type=fp expected=",
			    BPF_ST_MEM(BPF_DW, BPF_REG_10, -16, 0),
			    BPF_MOV64_REG(BPF_REG_6, BPF_REG_10),
			    BPF_ALU64_IMM(BPF_ADD, BPF_REG_6, -16),
			    UPDATE(self->hash, 0, 0), RETURN(0)));
	EXPECT_TRUE(REFUSED(SCHED_CLS, "cannot pass map_type 15",
			    BPF_LD_MAP_FD(BPF_REG_1, self->array),
			    BPF_MOV64_REG(BPF_REG_2, BPF_REG_10),
			    BPF_EMIT_CALL(BPF_FUNC_map_pop_elem), RETURN(0)));
}

/* ------------------------------------------------- all of it at the same time */

typedef void *(*racer_fn)(void *arg);

struct racers {
	int array, hash;
	int copy[4];
	int seconds;
	bool stop;
	int errors;
};

/* Sockets that come and go; some are connected, some only listen. */
static void *come_and_go(void *arg)
{
	struct racers *r = arg;
	int udp, tcp, client, server;

	while (!__atomic_load_n(&r->stop, __ATOMIC_RELAXED)) {
		udp = bound(AF_INET, SOCK_DGRAM);
		tcp = listening(AF_INET);
		client = connected(AF_INET, SOCK_STREAM, tcp);
		/* on a fast machine, ports may run out for a while */
		if (udp >= 0 && tcp >= 0 && client >= 0) {
			server = accept(tcp, NULL, NULL);
			r->errors += enter(r->array, 0, udp) || enter(r->array, 1, tcp) ||
				     enter(r->array, 2, client) || enter(r->array, 3, server);
			close(server);
		}
		close(udp);
		close(client);
		close(tcp);
	}
	return NULL;
}

/* Programs that find them and put them elsewhere. */
static void *find_and_copy(void *arg)
{
	struct racers *r = arg;
	int i;

	while (!__atomic_load_n(&r->stop, __ATOMIC_RELAXED))
		for (i = 0; i < 4; i++)
			run_only(r->copy[i]);
	return NULL;
}

/* And a user who empties maps, and makes others that go at once. */
static void *empty(void *arg)
{
	struct racers *r = arg;
	int map, udp = bound(AF_INET, SOCK_DGRAM);
	__u32 key;

	while (!__atomic_load_n(&r->stop, __ATOMIC_RELAXED)) {
		while (!map_next_key(r->hash, NULL, &key) && !leave(r->hash, key))
			;
		map = map_create(BPF_MAP_TYPE_SOCKHASH, 4, 8, 4);
		enter(map, 0, udp);
		enter(r->hash, 9, udp);
		close(map);
	}
	close(udp);
	return NULL;
}

TEST_F(socks, races)
{
	const char *seconds = getenv("SOCK_MAP_SECONDS");
	struct racers r = { .array = self->array, .hash = self->hash };
	const racer_fn racer[] = { come_and_go, come_and_go, find_and_copy, empty };
	pthread_t thread[ARRAY_SIZE(racer)];
	__u32 next;
	size_t i;

	for (i = 0; i < 4; i++) {
		r.copy[i] = COPY(self->array, i, self->hash, i);
		ASSERT_LE(0, r.copy[i]);
	}
	for (i = 0; i < ARRAY_SIZE(racer); i++)
		ASSERT_EQ(0, pthread_create(&thread[i], NULL, racer[i], &r));
	sleep(seconds ? atoi(seconds) : 3);
	__atomic_store_n(&r.stop, true, __ATOMIC_RELAXED);
	for (i = 0; i < ARRAY_SIZE(racer); i++)
		ASSERT_EQ(0, pthread_join(thread[i], NULL));
	EXPECT_EQ(0, r.errors);
	/* what was entered while it was being closed may be there, but is not seen */
	for (i = 0; i < 4; i++)
		EXPECT_EQ(0, at(self->array, i));
	EXPECT_EQ(-ENOENT, map_next_key(self->hash, NULL, &next));
}

TEST_HARNESS_MAIN
