// SPDX-License-Identifier: GPL-2.0-only
/*
 * Queues, stacks and LPM tries as user space and programs see them, and
 * BPF_MAP_LOOKUP_AND_DELETE_ELEM on them and on hashes.
 */
#include "lib/harness.h"
#include "lib/bpf_sys.h"

static int map_take(int fd, const void *key, void *value)
{
	return map_elem(BPF_MAP_LOOKUP_AND_DELETE_ELEM, fd, key, value, 0);
}

/* runs a program once: what it returns */
static int run(int prog)
{
	static char packet[64];
	union bpf_attr attr = {
		.test.prog_fd = prog,
		.test.data_in = ptr_to_u64(packet),
		.test.data_size_in = sizeof(packet),
	};
	int err = prog < 0 ? prog : sys_bpf(BPF_PROG_TEST_RUN, &attr);

	close(prog);
	return err ? err : (int)attr.test.retval;
}

#define RUN(...)	run(PROG_LOAD(BPF_PROG_TYPE_SOCKET_FILTER, __VA_ARGS__))

/* FUNC(FD, value at fp - 8, FLAGS) */
#define CALL(FD, FUNC, FLAGS)						\
	BPF_LD_MAP_FD(BPF_REG_1, FD),					\
	BPF_MOV64_REG(BPF_REG_2, BPF_REG_10),				\
	BPF_ALU64_IMM(BPF_ADD, BPF_REG_2, -8),				\
	BPF_MOV64_IMM(BPF_REG_3, FLAGS),				\
	BPF_EMIT_CALL(FUNC)

#define PUSH(FD, VALUE, FLAGS)						\
	RUN(BPF_ST_MEM(BPF_DW, BPF_REG_10, -8, VALUE),			\
	    CALL(FD, BPF_FUNC_map_push_elem, FLAGS),			\
	    BPF_EXIT_INSN())

/* the value, if there is one: it is not initialised before */
#define READ(FD, FUNC)							\
	RUN(CALL(FD, FUNC, 0),						\
	    BPF_JMP_IMM(BPF_JNE, BPF_REG_0, 0, 1),			\
	    BPF_LDX_MEM(BPF_W, BPF_REG_0, BPF_REG_10, -8),		\
	    BPF_EXIT_INSN())

/* ---------------------------------------------------------- queue and stack */

FIXTURE(list)
{
	int fd;
};

FIXTURE_VARIANT(list)
{
	__u32 type;
	bool newest;	/* comes first */
};

FIXTURE_VARIANT_ADD(list, queue)
{
	.type = BPF_MAP_TYPE_QUEUE,
};

FIXTURE_VARIANT_ADD(list, stack)
{
	.type = BPF_MAP_TYPE_STACK,
	.newest = true,
};

FIXTURE_SETUP(list)
{
	self->fd = map_create(variant->type, 0, 8, 3);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(list)
{
	close(self->fd);
}

TEST_F(list, system_calls)
{
	__u64 value = 7, got = 0;

	EXPECT_EQ(-ENOENT, map_lookup(self->fd, NULL, &got));
	EXPECT_EQ(-ENOENT, map_take(self->fd, NULL, &got));
	for (value = 1; value <= 3; value++)
		EXPECT_EQ(0, map_update(self->fd, NULL, &value, BPF_ANY));
	EXPECT_EQ(-E2BIG, map_update(self->fd, NULL, &value, BPF_ANY));
	/* 1 makes room for 4 */
	EXPECT_EQ(0, map_update(self->fd, NULL, &value, BPF_EXIST));
	EXPECT_EQ(0, map_lookup(self->fd, NULL, &got));
	EXPECT_EQ(variant->newest ? 4 : 2, got);
	for (int i = 0; i < 3; i++) {
		EXPECT_EQ(0, map_take(self->fd, NULL, &got));
		EXPECT_EQ(variant->newest ? 4 - i : 2 + i, got);
	}
	EXPECT_EQ(-ENOENT, map_take(self->fd, NULL, &got));
	EXPECT_EQ(-EINVAL, map_delete(self->fd, NULL));
	EXPECT_EQ(-EINVAL, map_next_key(self->fd, NULL, &got));
}

TEST_F(list, programs)
{
	__u64 got = 0;

	EXPECT_EQ(-ENOENT, READ(self->fd, BPF_FUNC_map_pop_elem));
	EXPECT_EQ(-ENOENT, READ(self->fd, BPF_FUNC_map_peek_elem));
	for (int i = 1; i <= 3; i++)
		EXPECT_EQ(0, PUSH(self->fd, i, BPF_ANY));
	EXPECT_EQ(-E2BIG, PUSH(self->fd, 4, BPF_ANY));
	EXPECT_EQ(-EINVAL, PUSH(self->fd, 4, BPF_NOEXIST));
	EXPECT_EQ(0, PUSH(self->fd, 4, BPF_EXIST));
	EXPECT_EQ(variant->newest ? 4 : 2, READ(self->fd, BPF_FUNC_map_peek_elem));
	EXPECT_EQ(variant->newest ? 4 : 2, READ(self->fd, BPF_FUNC_map_pop_elem));
	EXPECT_EQ(0, map_take(self->fd, NULL, &got));
	EXPECT_EQ(3, got);
	EXPECT_EQ(variant->newest ? 2 : 4, READ(self->fd, BPF_FUNC_map_pop_elem));
}

/* ---------------------------------------------------------- lookup and delete */

TEST(take_from_hashes)
{
	static const __u32 types[] = { BPF_MAP_TYPE_HASH, BPF_MAP_TYPE_PERCPU_HASH };
	int cpus = possible_cpus();
	__u64 value[64], got[64];
	__u32 key = 1;

	ASSERT_GE(64, cpus);
	for (size_t t = 0; t < ARRAY_SIZE(types); t++) {
		int fd = map_create(types[t], 4, 8, 4);

		for (int i = 0; i < cpus; i++)
			value[i] = 100 + i;
		EXPECT_EQ(-ENOENT, map_take(fd, &key, got));
		EXPECT_EQ(0, map_update(fd, &key, value, BPF_ANY));
		EXPECT_EQ(0, map_take(fd, &key, got));
		EXPECT_EQ(0, memcmp(value, got, 8 * (t ? cpus : 1)));
		EXPECT_EQ(-ENOENT, map_take(fd, &key, got));
		EXPECT_EQ(-ENOENT, map_lookup(fd, &key, got));
		close(fd);
	}
}

/* ------------------------------------------------------------------ LPM trie */

struct lpm_key {
	__u32 len;
	__u8 data[16];
};

TEST(lpm_ipv4)
{
	static const struct { struct lpm_key key; __u64 value; } prefixes[] = {
		{ { 16, { 192, 168 } }, 1 },
		{ { 24, { 192, 168, 0 } }, 2 },
		{ { 24, { 192, 168, 128 } }, 3 },
		{ { 23, { 192, 168, 2 } }, 4 },
		{ { 32, { 192, 168, 3, 7 } }, 5 },
		{ { 0, {} }, 6 },
	}, addresses[] = {
		{ { 32, { 192, 168, 0, 10 } }, 2 },
		{ { 32, { 192, 168, 128, 9 } }, 3 },
		{ { 32, { 192, 168, 2, 1 } }, 4 },
		{ { 32, { 192, 168, 3, 8 } }, 4 },
		{ { 32, { 192, 168, 3, 7 } }, 5 },
		{ { 24, { 192, 168, 3, 7 } }, 4 },
		{ { 32, { 192, 168, 7, 1 } }, 1 },
		{ { 32, { 10, 0, 0, 1 } }, 6 },
	};
	int fd = map_create_flags(BPF_MAP_TYPE_LPM_TRIE, 8, 8, 6, BPF_F_NO_PREALLOC);
	__u64 value;

	ASSERT_LE(0, fd);
	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++)
		EXPECT_EQ(0, map_update(fd, &prefixes[i].key, &prefixes[i].value, BPF_NOEXIST));
	EXPECT_EQ(-EEXIST, map_update(fd, &prefixes[0].key, &value, BPF_NOEXIST));
	EXPECT_EQ(-ENOSPC, map_update(fd, &addresses[0].key, &value, BPF_ANY));
	for (size_t i = 0; i < ARRAY_SIZE(addresses); i++) {
		EXPECT_EQ(0, map_lookup(fd, &addresses[i].key, &value));
		EXPECT_EQ(addresses[i].value, value) { TH_LOG("address %zu", i); }
	}
	EXPECT_EQ(-ENOENT, map_delete(fd, &addresses[0].key));
	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++)
		EXPECT_EQ(0, map_delete(fd, &prefixes[i].key));
	EXPECT_EQ(-ENOENT, map_lookup(fd, &addresses[0].key, &value));
	close(fd);
}

TEST(lpm_ipv6_every_length)
{
	int fd = map_create_flags(BPF_MAP_TYPE_LPM_TRIE, 20, 8, 129, BPF_F_NO_PREALLOC);
	struct lpm_key key = { .data = { 0x2a, 0, 0x14, 0x50, 0x40, 1, 8, 0x14 } }, other, next;
	__u64 value;
	int n = 0;

	ASSERT_LE(0, fd);
	for (key.len = 0; key.len <= 128; key.len++) {
		value = key.len;
		ASSERT_EQ(0, map_update(fd, &key, &value, BPF_ANY));
	}
	for (__u32 i = 0; i < 128; i++) {
		other = key;
		other.len = 128;
		other.data[i / 8] ^= 0x80 >> i % 8;
		ASSERT_EQ(0, map_lookup(fd, &other, &value));
		ASSERT_EQ(i, value);
	}
	/* the longest first */
	for (int err = map_next_key(fd, NULL, &next); !err; err = map_next_key(fd, &next, &next))
		ASSERT_EQ(128 - n++, next.len);
	EXPECT_EQ(129, n);
	close(fd);
}

/* leaves from left to right, then what is above them */
TEST(lpm_order)
{
	static const struct lpm_key order[] = {
		{ 32, { 10, 0, 0, 1 } }, { 24, { 10, 0, 0 } }, { 24, { 10, 0, 1 } },
		{ 8, { 10 } }, { 9, { 192, 128 } }, { 1, { 128 } }, { 0, {} },
	};
	int fd = map_create_flags(BPF_MAP_TYPE_LPM_TRIE, 8, 8, 10, BPF_F_NO_PREALLOC);
	struct lpm_key next = {};
	__u64 value = 1;
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(order); i++)
		EXPECT_EQ(0, map_update(fd, &order[(i * 3) % ARRAY_SIZE(order)], &value, 0));
	for (int err = map_next_key(fd, NULL, &next); !err && n < ARRAY_SIZE(order);
	     err = map_next_key(fd, &next, &next)) {
		EXPECT_EQ(0, memcmp(&order[n], &next, 8)) { TH_LOG("key %zu", n); }
		n++;
	}
	EXPECT_EQ(ARRAY_SIZE(order), n);
	/* one that is not there: the first */
	next = (struct lpm_key) { 30, { 10 } };
	EXPECT_EQ(0, map_next_key(fd, &next, &next));
	EXPECT_EQ(0, memcmp(&order[0], &next, 8));
	close(fd);
}

TEST(lpm_programs)
{
	int fd = map_create_flags(BPF_MAP_TYPE_LPM_TRIE, 8, 4, 10, BPF_F_NO_PREALLOC);
	struct lpm_key key = { 24, { 10, 0, 0 } };
	__u32 value = 55;

	EXPECT_EQ(0, map_update(fd, &key, &value, 0));
	/* a program adds 10.0.0.1/32 and finds it; then only the /24 is left */
	EXPECT_EQ(99, RUN(BPF_ST_MEM(BPF_W, BPF_REG_10, -8, 32),
			  BPF_ST_MEM(BPF_W, BPF_REG_10, -4, 0x0100000a),
			  BPF_ST_MEM(BPF_W, BPF_REG_10, -12, 99),
			  BPF_LD_MAP_FD(BPF_REG_1, fd),
			  BPF_MOV64_REG(BPF_REG_2, BPF_REG_10),
			  BPF_ALU64_IMM(BPF_ADD, BPF_REG_2, -8),
			  BPF_MOV64_REG(BPF_REG_3, BPF_REG_10),
			  BPF_ALU64_IMM(BPF_ADD, BPF_REG_3, -12),
			  BPF_MOV64_IMM(BPF_REG_4, 0),
			  BPF_EMIT_CALL(BPF_FUNC_map_update_elem),
			  CALL(fd, BPF_FUNC_map_lookup_elem, 0),
			  BPF_JMP_IMM(BPF_JNE, BPF_REG_0, 0, 1),
			  BPF_EXIT_INSN(),
			  BPF_LDX_MEM(BPF_W, BPF_REG_0, BPF_REG_0, 0),
			  BPF_EXIT_INSN()));
	EXPECT_EQ(0, RUN(BPF_ST_MEM(BPF_W, BPF_REG_10, -8, 32),
			 BPF_ST_MEM(BPF_W, BPF_REG_10, -4, 0x0100000a),
			 CALL(fd, BPF_FUNC_map_delete_elem, 0),
			 BPF_EXIT_INSN()));
	key = (struct lpm_key) { 32, { 10, 0, 0, 1 } };
	EXPECT_EQ(0, map_lookup(fd, &key, &value));
	EXPECT_EQ(55, value);
	close(fd);
}

TEST_HARNESS_MAIN
