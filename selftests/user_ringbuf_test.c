// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rings that user space produces into (BPF_MAP_TYPE_USER_RINGBUF): who may map what, what
 * programs get out of them, whom that wakes, and producers that write nonsense.
 */
#include <poll.h>
#include <pthread.h>
#include <sys/mman.h>

#include "lib/harness.h"
#include "lib/bpf_sys.h"
#include "lib/prog_btf.h"

#define PAGE	4096
#define RING	PAGE

/* The producer's side; positions as libbpf keeps them. */
struct ring {
	int fd;
	__u64 *cons, *prod;
	char *data;
};

static int ring_open(struct ring *ring)
{
	char *area;

	ring->fd = map_create(BPF_MAP_TYPE_USER_RINGBUF, 0, 0, RING);
	if (ring->fd < 0)
		return ring->fd;
	ring->cons = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, ring->fd, 0);
	area = mmap(NULL, PAGE + 2 * RING, PROT_READ | PROT_WRITE, MAP_SHARED, ring->fd, PAGE);
	if (ring->cons == MAP_FAILED || area == MAP_FAILED)
		return -errno;
	ring->prod = (__u64 *)area;
	ring->data = area + PAGE;
	return 0;
}

static void ring_close(struct ring *ring)
{
	munmap((void *)ring->cons, PAGE);
	munmap((void *)ring->prod, PAGE + 2 * RING);
	close(ring->fd);
}

static void ring_put(struct ring *ring, __u64 word, __u32 flags)
{
	__u32 *header = (__u32 *)(ring->data + (*ring->prod & (RING - 1)));

	memcpy(header + 2, &word, sizeof(word));
	header[1] = 0;
	__atomic_store_n(header, 8 | flags, __ATOMIC_RELEASE);
	__atomic_store_n(ring->prod, *ring->prod + 16, __ATOMIC_RELEASE);
}

#define SUM	12	/* where the function begins */

/*
 * Drains the ring; the function adds the samples up, of 8 bytes each, in the array's value,
 * and stops at STOP.
 */
static int drainer(int ring, int array, __u32 flags, __u64 stop)
{
	return PROG_LOAD_WITH(SUM, FUNC_OF_LOOP,
		BPF_LD_MAP_FD(BPF_REG_1, ring),
		BPF_LD_IMM64_RAW(BPF_REG_2, BPF_PSEUDO_FUNC, SUM - 3, 0),
		BPF_MOV64_IMM(BPF_REG_3, 0),
		BPF_MOV64_IMM(BPF_REG_4, flags),
		BPF_EMIT_CALL(BPF_FUNC_user_ringbuf_drain),
		BPF_LD_MAP_VALUE(BPF_REG_1, array, 0),
		BPF_STX_MEM(BPF_DW, BPF_REG_1, BPF_REG_0, 8),
		RETURN(0),
		/* r1 sample, r2 0 */
		BPF_MOV64_REG(BPF_REG_6, BPF_REG_1),
		BPF_MOV64_IMM(BPF_REG_2, 0),
		BPF_MOV64_IMM(BPF_REG_3, 8),
		BPF_EMIT_CALL(BPF_FUNC_dynptr_data),
		BPF_JMP_IMM(BPF_JEQ, BPF_REG_0, 0, 9),
		BPF_LDX_MEM(BPF_DW, BPF_REG_1, BPF_REG_0, 0),
		BPF_LD_MAP_VALUE(BPF_REG_2, array, 0),
		BPF_LDX_MEM(BPF_DW, BPF_REG_3, BPF_REG_2, 0),
		BPF_ALU64_REG(BPF_ADD, BPF_REG_3, BPF_REG_1),
		BPF_STX_MEM(BPF_DW, BPF_REG_2, BPF_REG_3, 0),
		BPF_JMP_IMM(BPF_JNE, BPF_REG_1, stop, 2),
		RETURN(1),
		RETURN(0));
}

FIXTURE(drain)
{
	struct ring ring;
	int array, prog;
	__u64 got[2];	/* sum, result */
};

FIXTURE_SETUP(drain)
{
	ASSERT_EQ(0, ring_open(&self->ring));
	self->array = map_create(BPF_MAP_TYPE_ARRAY, 4, sizeof(self->got), 1);
	ASSERT_LE(0, self->array);
	self->prog = drainer(self->ring.fd, self->array, 0, 1000);
	ASSERT_LE(0, self->prog);
}

FIXTURE_TEARDOWN(drain)
{
	close(self->prog);
	close(self->array);
	ring_close(&self->ring);
}

static int run(int prog)
{
	char data[64] = {};
	union bpf_attr attr = {
		.test.prog_fd = prog,
		.test.data_in = ptr_to_u64(data),
		.test.data_size_in = sizeof(data),
	};

	return sys_bpf(BPF_PROG_TEST_RUN, &attr);
}

/* What draining returns; the sum is in got[0]. */
#define DRAIN(PROG)							\
({									\
	ASSERT_EQ(0, run(PROG));					\
	ASSERT_EQ(0, map_lookup(self->array, &(__u32) { 0 }, self->got)); \
	(long)self->got[1];						\
})

TEST_F(drain, samples)
{
	int i, turn;

	EXPECT_EQ(0, DRAIN(self->prog));
	for (turn = 0; turn < 5; turn++) {
		for (i = 0; i < RING / 16; i++)
			ring_put(&self->ring, 1, 0);
		EXPECT_EQ(RING / 16, DRAIN(self->prog));
		EXPECT_EQ((turn + 1) * RING / 16, self->got[0]);
		EXPECT_EQ(*self->ring.prod, *self->ring.cons);
	}
	EXPECT_EQ(0, DRAIN(self->prog));
}

TEST_F(drain, function_stops)
{
	ring_put(&self->ring, 1, 0);
	ring_put(&self->ring, 1000, 0);
	ring_put(&self->ring, 2, 0);
	EXPECT_EQ(2, DRAIN(self->prog));
	EXPECT_EQ(1001, self->got[0]);
	EXPECT_EQ(32, *self->ring.cons);
	EXPECT_EQ(1, DRAIN(self->prog));
	EXPECT_EQ(1003, self->got[0]);
}

TEST_F(drain, discarded_and_busy)
{
	ring_put(&self->ring, 1, BPF_RINGBUF_DISCARD_BIT);
	ring_put(&self->ring, 2, 0);
	ring_put(&self->ring, 4, BPF_RINGBUF_DISCARD_BIT);
	ring_put(&self->ring, 8, BPF_RINGBUF_BUSY_BIT);
	ring_put(&self->ring, 16, 0);
	EXPECT_EQ(1, DRAIN(self->prog));
	EXPECT_EQ(2, self->got[0]);
	EXPECT_EQ(48, *self->ring.cons);
	__atomic_store_n((__u32 *)(self->ring.data + 48), 8, __ATOMIC_RELEASE);
	EXPECT_EQ(2, DRAIN(self->prog));
	EXPECT_EQ(26, self->got[0]);
}

TEST_F(drain, nonsense)
{
	static const struct { __u32 len; __u64 prod; int want; } rows[] = {
		{ 39, 47, -EINVAL },
		{ 32, 32, -EINVAL },
		{ RING, RING + 8, -E2BIG },
		{ 0x3fffffff, 1ULL << 40, -E2BIG },
		{ 8, 12, -EINVAL },
		{ 0xffffffff, 16, 0 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		*(__u32 *)self->ring.data = rows[i].len;
		__atomic_store_n(self->ring.prod, rows[i].prod, __ATOMIC_RELEASE);
		EXPECT_EQ(rows[i].want, DRAIN(self->prog)) {
			TH_LOG("length %u, position %llu", rows[i].len, rows[i].prod);
		}
		EXPECT_EQ(0, self->got[0]);
		EXPECT_EQ(0, *self->ring.cons);
	}
	/* a position far away is no reason not to take what is there */
	*(__u32 *)self->ring.data = 8;
	*(__u64 *)(self->ring.data + 8) = 1000;
	__atomic_store_n(self->ring.prod, -8ULL, __ATOMIC_RELEASE);
	EXPECT_EQ(1, DRAIN(self->prog));
}

TEST_F(drain, flags)
{
	int prog = drainer(self->ring.fd, self->array, 4, 0);

	ASSERT_LE(0, prog);
	EXPECT_EQ(-EINVAL, DRAIN(prog));
	close(prog);
}

static int room(const struct ring *ring, int timeout)
{
	struct pollfd fd = { .fd = ring->fd, .events = POLLOUT };

	return poll(&fd, 1, timeout);
}

static void *drain_later(void *prog)
{
	usleep(50000);
	run(*(int *)prog);
	return NULL;
}

TEST_F(drain, wakes_the_producer)
{
	int quiet = drainer(self->ring.fd, self->array, BPF_RB_NO_WAKEUP, 0), i;
	pthread_t thread;

	ASSERT_LE(0, quiet);
	EXPECT_EQ(1, room(&self->ring, 0));
	for (i = 0; i < RING / 16; i++)
		ring_put(&self->ring, 1, 0);
	EXPECT_EQ(0, room(&self->ring, 0));
	ASSERT_EQ(0, pthread_create(&thread, NULL, drain_later, &self->prog));
	EXPECT_EQ(1, room(&self->ring, 10000));
	pthread_join(thread, NULL);
	for (i = 0; i < RING / 16; i++)
		ring_put(&self->ring, 1, 0);
	ASSERT_EQ(0, pthread_create(&thread, NULL, drain_later, &quiet));
	EXPECT_EQ(0, poll(&(struct pollfd) { .fd = self->ring.fd, .events = POLLIN }, 1, 200));
	pthread_join(thread, NULL);
	close(quiet);
}

/* Writes anything anywhere, until it is cancelled, while programs on two CPUs drain. */
static void *lie(void *arg)
{
	struct ring *ring = arg;
	__u64 seed = 1;

	for (;;) {
		seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
		__atomic_store_n((__u64 *)ring->data + (seed >> 33 & 1023),
				 seed >> 20 & (seed >> 63 ? 0x8fff : -1ULL),
				 __ATOMIC_RELAXED);
		__atomic_store_n(ring->prod, __atomic_load_n(ring->cons, __ATOMIC_RELAXED) +
				 (seed >> 40 & 0x1ff8), __ATOMIC_RELAXED);
		pthread_testcancel();
	}
	return NULL;
}

/* For some seconds: a debug kernel on a busy machine does less in them. */
static void *drain_often(void *prog)
{
	time_t end = time(NULL) + 4;

	do {
		if (run(*(int *)prog))
			return prog;
	} while (time(NULL) < end);
	return NULL;
}

TEST_F(drain, hostile_producer)
{
	pthread_t liar, other;
	void *failed;

	ASSERT_EQ(0, pthread_create(&liar, NULL, lie, &self->ring));
	ASSERT_EQ(0, pthread_create(&other, NULL, drain_often, &self->prog));
	EXPECT_EQ(NULL, drain_often(&self->prog));
	pthread_join(other, &failed);
	EXPECT_EQ(NULL, failed);
	EXPECT_EQ(0, pthread_cancel(liar));
	pthread_join(liar, NULL);
	EXPECT_EQ(0, *self->ring.cons % 8);
}

TEST_F(drain, mappings)
{
	int fd = self->ring.fd;
	char *p;

	EXPECT_EQ(MAP_FAILED, mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
	EXPECT_EQ(EPERM, errno);
	p = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
	ASSERT_NE(MAP_FAILED, p);
	EXPECT_NE(0, mprotect(p, PAGE, PROT_READ | PROT_WRITE));
	EXPECT_NE(0, mprotect(p, PAGE, PROT_READ | PROT_EXEC));
	EXPECT_EQ(MAP_FAILED, mremap(p, 0, 4 * PAGE, MREMAP_MAYMOVE));
	munmap(p, PAGE);
	p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, PAGE);
	ASSERT_NE(MAP_FAILED, p);
	EXPECT_NE(0, mprotect(p, PAGE, PROT_READ | PROT_EXEC));
	munmap(p, PAGE);
	EXPECT_EQ(MAP_FAILED, mmap(NULL, 2 * PAGE, PROT_READ, MAP_SHARED, fd, PAGE + 2 * RING));
}

/* It lives on while it is mapped, without its descriptor and its map. */
TEST(mapping_outlives_the_map)
{
	struct ring ring;

	ASSERT_EQ(0, ring_open(&ring));
	close(ring.fd);
	usleep(100000);
	ring_put(&ring, 1, 0);
	EXPECT_EQ(16, *ring.prod);
	munmap((void *)ring.cons, PAGE);
	munmap((void *)ring.prod, PAGE + 2 * RING);
}

TEST(creation)
{
	EXPECT_EQ(-EINVAL, map_create(BPF_MAP_TYPE_USER_RINGBUF, 4, 0, RING));
	EXPECT_EQ(-EINVAL, map_create(BPF_MAP_TYPE_USER_RINGBUF, 0, 8, RING));
	EXPECT_EQ(-EINVAL, map_create(BPF_MAP_TYPE_USER_RINGBUF, 0, 0, 0));
	EXPECT_EQ(-EINVAL, map_create(BPF_MAP_TYPE_USER_RINGBUF, 0, 0, RING + 1));
	EXPECT_EQ(-EINVAL, map_create(BPF_MAP_TYPE_USER_RINGBUF, 0, 0, 3 * RING));
}

TEST_HARNESS_MAIN
