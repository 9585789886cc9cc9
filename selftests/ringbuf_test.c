// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ring buffers as user space sees them: what may be mapped, what is woken, what a
 * consumer that lies can do, and many records from two CPUs at once.
 *
 * RINGBUF_RECORDS=n in the environment says how many records must arrive in that last
 * test; 10 million is what a release is tested with:
 *
 *	qemu/bvm-vm run --timeout 0 --share DIR -- env RINGBUF_RECORDS=10000000 DIR/ringbuf_test
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <time.h>

#include "lib/harness.h"
#include "lib/events.h"

#define RING	8192
#define PAGE	((size_t)sysconf(_SC_PAGESIZE))

/* ------------------------------------------------------------- the consumer */

struct ringbuf {
	int fd;
	unsigned long mask;
	unsigned long *cons;
	const unsigned long *prod;
	const char *data;
};

static int ringbuf_open(struct ringbuf *rb, __u32 size)
{
	void *map;

	rb->mask = size - 1;
	rb->fd = map_create(BPF_MAP_TYPE_RINGBUF, 0, 0, size);
	if (rb->fd < 0)
		return rb->fd;
	map = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, rb->fd, 0);
	if (map == MAP_FAILED)
		return -errno;
	rb->cons = map;
	map = mmap(NULL, PAGE + 2 * size, PROT_READ, MAP_SHARED, rb->fd, PAGE);
	if (map == MAP_FAILED)
		return -errno;
	rb->prod = map;
	rb->data = (const char *)map + PAGE;
	return 0;
}

static void ringbuf_close(struct ringbuf *rb)
{
	munmap(rb->cons, PAGE);
	munmap((void *)rb->prod, PAGE + 2 * (rb->mask + 1));
	close(rb->fd);
}

/* the next record and its length, or NULL; discarded ones are passed over */
static const void *ringbuf_next(struct ringbuf *rb, __u32 *len)
{
	unsigned long pos = *rb->cons;
	const __u32 *header;

	while (pos != __atomic_load_n(rb->prod, __ATOMIC_ACQUIRE)) {
		header = (const __u32 *)(rb->data + (pos & rb->mask));
		*len = __atomic_load_n(header, __ATOMIC_ACQUIRE);
		if (*len & BPF_RINGBUF_BUSY_BIT)
			return NULL;
		if (!(*len & BPF_RINGBUF_DISCARD_BIT))
			return header + 2;
		*len &= ~BPF_RINGBUF_DISCARD_BIT;
		pos += (*len + 8 + 7) & ~7;
		__atomic_store_n(rb->cons, pos, __ATOMIC_RELEASE);
	}
	return NULL;
}

static void ringbuf_done(struct ringbuf *rb, __u32 len)
{
	__atomic_store_n(rb->cons, *rb->cons + ((len + 8 + 7) & ~7), __ATOMIC_RELEASE);
}

/* ------------------------------------------------------------- the producers */

static int run(int prog, __u32 repeat, __u32 *ret)
{
	static char packet[64];
	union bpf_attr attr = {
		.test.prog_fd = prog,
		.test.repeat = repeat,
		.test.data_in = ptr_to_u64(packet),
		.test.data_size_in = sizeof(packet),
	};
	int err = sys_bpf(BPF_PROG_TEST_RUN, &attr);

	if (ret)
		*ret = attr.test.retval;
	return err;
}

/* runs a program once: what it returns */
#define RUN(...)							\
({									\
	int __prog = PROG_LOAD(BPF_PROG_TYPE_SOCKET_FILTER, __VA_ARGS__); \
	__u32 __ret = 0;						\
	int __err = __prog < 0 ? __prog : run(__prog, 1, &__ret);	\
	close(__prog);							\
	__err ? __err : (int)__ret;					\
})

/* bpf_ringbuf_output(FD, 8 bytes of 0x1234567, SIZE, FLAGS) */
#define OUTPUT(FD, SIZE, FLAGS)						\
	RUN(BPF_ST_MEM(BPF_DW, BPF_REG_10, -8, 0x1234567),		\
	    BPF_LD_MAP_FD(BPF_REG_1, FD),				\
	    BPF_MOV64_REG(BPF_REG_2, BPF_REG_10),			\
	    BPF_ALU64_IMM(BPF_ADD, BPF_REG_2, -8),			\
	    BPF_MOV64_IMM(BPF_REG_3, SIZE),				\
	    BPF_MOV64_IMM(BPF_REG_4, FLAGS),				\
	    BPF_EMIT_CALL(BPF_FUNC_ringbuf_output),			\
	    BPF_EXIT_INSN())

#define QUERY(FD, WHAT)							\
	RUN(BPF_LD_MAP_FD(BPF_REG_1, FD),				\
	    BPF_MOV64_IMM(BPF_REG_2, WHAT),				\
	    BPF_EMIT_CALL(BPF_FUNC_ringbuf_query),			\
	    BPF_EXIT_INSN())

/* 0: reserved, filled and handed over by FUNC; -77: no room */
#define RESERVE(FD, SIZE, FLAGS, FUNC, FUNC_FLAGS)			\
	RUN(BPF_LD_MAP_FD(BPF_REG_1, FD),				\
	    BPF_MOV64_IMM(BPF_REG_2, SIZE),				\
	    BPF_MOV64_IMM(BPF_REG_3, FLAGS),				\
	    BPF_EMIT_CALL(BPF_FUNC_ringbuf_reserve),			\
	    BPF_JMP_IMM(BPF_JNE, BPF_REG_0, 0, 2),			\
	    RETURN(-77),						\
	    BPF_ST_MEM(BPF_DW, BPF_REG_0, 0, 0x7654321),		\
	    BPF_MOV64_REG(BPF_REG_1, BPF_REG_0),			\
	    BPF_MOV64_IMM(BPF_REG_2, FUNC_FLAGS),			\
	    BPF_EMIT_CALL(FUNC),					\
	    RETURN(0))

/* ------------------------------------------------------------------- mapping */

static int try_mmap(int fd, size_t pages, int prot, int flags, size_t page)
{
	void *map = mmap(NULL, pages * PAGE, prot, flags, fd, page * PAGE);

	if (map == MAP_FAILED)
		return -errno;
	munmap(map, pages * PAGE);
	return 0;
}

TEST(mmap_permissions)
{
	/* 2 pages of data */
	static const struct { int pages, prot, flags, page, want; } cases[] = {
		{ 1, PROT_READ | PROT_WRITE, MAP_SHARED, 0, 0 },
		{ 1, PROT_READ, MAP_SHARED, 0, 0 },
		{ 1, PROT_WRITE, MAP_SHARED, 0, 0 },
		{ 1, PROT_READ, MAP_PRIVATE, 0, -EINVAL },
		{ 1, PROT_READ | PROT_WRITE, MAP_PRIVATE, 0, -EINVAL },
		{ 2, PROT_READ | PROT_WRITE, MAP_SHARED, 0, -EPERM },
		{ 1, PROT_READ | PROT_WRITE, MAP_SHARED, 1, -EPERM },
		{ 1, PROT_READ | PROT_WRITE, MAP_SHARED, 2, -EPERM },
		{ 1, PROT_READ | PROT_WRITE, MAP_SHARED, 100, -EPERM },
		{ 1, PROT_READ, MAP_SHARED, 1, 0 },
		{ 5, PROT_READ, MAP_SHARED, 1, 0 },
		{ 6, PROT_READ, MAP_SHARED, 1, -EINVAL },
		{ 6, PROT_READ, MAP_SHARED, 0, 0 },
		{ 7, PROT_READ, MAP_SHARED, 0, -EINVAL },
		{ 1, PROT_READ, MAP_SHARED, 5, 0 },
		{ 2, PROT_READ, MAP_SHARED, 5, -EINVAL },
		{ 1, PROT_READ, MAP_SHARED, 6, -EINVAL },
	};
	int fd = map_create(BPF_MAP_TYPE_RINGBUF, 0, 0, 2 * PAGE);
	void *map;

	ASSERT_LE(0, fd);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		EXPECT_EQ(cases[i].want, try_mmap(fd, cases[i].pages, cases[i].prot,
						  cases[i].flags, cases[i].page)) {
			TH_LOG("case %zu", i);
		}
	}
	/* what was mapped to be read stays that way */
	for (int page = 0; page < 3; page++) {
		map = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, page * PAGE);
		ASSERT_NE(MAP_FAILED, map);
		EXPECT_EQ(-1, mprotect(map, PAGE, PROT_READ | PROT_WRITE));
		EXPECT_EQ(EACCES, errno);
		munmap(map, PAGE);
	}
	close(fd);
}

TEST(mmap_by_id)
{
	int fd = map_create(BPF_MAP_TYPE_RINGBUF, 0, 0, PAGE);
	union bpf_attr attr = { .open_flags = BPF_F_RDONLY };
	struct bpf_map_info info;
	int ro;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, get_map_info(fd, &info));
	attr.map_id = info.id;
	ro = sys_bpf(BPF_MAP_GET_FD_BY_ID, &attr);
	ASSERT_LE(0, ro);
	EXPECT_EQ(-EACCES, try_mmap(ro, 1, PROT_READ | PROT_WRITE, MAP_SHARED, 0));
	EXPECT_EQ(-EINVAL, try_mmap(ro, 1, PROT_READ, MAP_SHARED, 0));
	close(ro);
	close(fd);
}

static int freeze(int fd)
{
	union bpf_attr attr = { .map_fd = fd };

	return sys_bpf(BPF_MAP_FREEZE, &attr);
}

TEST(mmap_and_freeze)
{
	int fd = map_create(BPF_MAP_TYPE_RINGBUF, 0, 0, PAGE), status;
	void *map;
	pid_t child;

	map = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	ASSERT_NE(MAP_FAILED, map);
	EXPECT_EQ(-EBUSY, freeze(fd));
	/* a child has it as well, and leaves it */
	child = fork();
	if (!child) {
		if (freeze(fd) != -EBUSY)
			_exit(1);
		munmap(map, PAGE);
		_exit(0);
	}
	waitpid(child, &status, 0);
	EXPECT_EQ(0, status);
	EXPECT_EQ(-EBUSY, freeze(fd));
	mprotect(map, PAGE, PROT_READ);
	EXPECT_EQ(-EBUSY, freeze(fd));
	munmap(map, PAGE);
	EXPECT_EQ(0, freeze(fd));
	EXPECT_EQ(-EPERM, try_mmap(fd, 1, PROT_READ | PROT_WRITE, MAP_SHARED, 0));
	EXPECT_EQ(0, try_mmap(fd, 1, PROT_READ, MAP_SHARED, 0));
	close(fd);
}

/* the pages outlive descriptor and program */
TEST(mmap_keeps_the_map)
{
	struct ringbuf rb;
	const __u64 *record;
	__u32 len;

	ASSERT_EQ(0, ringbuf_open(&rb, RING));
	EXPECT_EQ(0, OUTPUT(rb.fd, 8, 0));
	close(rb.fd);
	rb.fd = -1;
	record = ringbuf_next(&rb, &len);
	ASSERT_NE(NULL, record);
	EXPECT_EQ(0x1234567, *record);
	ringbuf_close(&rb);
}

/* ------------------------------------------------------------------- records */

TEST(output)
{
	struct ringbuf rb;
	const char *record;
	__u32 len;

	ASSERT_EQ(0, ringbuf_open(&rb, RING));
	EXPECT_EQ(0, OUTPUT(rb.fd, 8, 0));
	EXPECT_EQ(0, OUTPUT(rb.fd, 0, 0));
	EXPECT_EQ(0, OUTPUT(rb.fd, 3, BPF_RB_NO_WAKEUP | BPF_RB_FORCE_WAKEUP));
	EXPECT_EQ(-EINVAL, OUTPUT(rb.fd, 8, 4));
	EXPECT_EQ(16 + 8 + 16, *rb.prod);
	EXPECT_EQ(16 + 8 + 16, QUERY(rb.fd, BPF_RB_AVAIL_DATA));
	EXPECT_EQ(16 + 8 + 16, QUERY(rb.fd, BPF_RB_PROD_POS));
	EXPECT_EQ(RING, QUERY(rb.fd, BPF_RB_RING_SIZE));
	EXPECT_EQ(0, QUERY(rb.fd, 4));
	record = ringbuf_next(&rb, &len);
	ASSERT_NE(NULL, record);
	EXPECT_EQ(8, len);
	EXPECT_EQ(0, memcmp(record, "\x67\x45\x23\x01\0\0\0", 8));
	ringbuf_done(&rb, len);
	EXPECT_EQ(16, QUERY(rb.fd, BPF_RB_CONS_POS));
	ASSERT_NE(NULL, ringbuf_next(&rb, &len));
	EXPECT_EQ(0, len);
	ringbuf_done(&rb, len);
	ASSERT_NE(NULL, ringbuf_next(&rb, &len));
	EXPECT_EQ(3, len);
	ringbuf_done(&rb, len);
	EXPECT_EQ(NULL, ringbuf_next(&rb, &len));
	ringbuf_close(&rb);
}

TEST(reserve)
{
	struct ringbuf rb;
	const __u64 *record;
	__u32 len;

	ASSERT_EQ(0, ringbuf_open(&rb, RING));
	EXPECT_EQ(0, RESERVE(rb.fd, 13, 0, BPF_FUNC_ringbuf_discard, 0));
	EXPECT_EQ(0, RESERVE(rb.fd, 8, 0, BPF_FUNC_ringbuf_submit, 0));
	EXPECT_EQ(-77, RESERVE(rb.fd, 8, 1, BPF_FUNC_ringbuf_submit, 0));
	EXPECT_EQ(-77, RESERVE(rb.fd, RING - 8, 0, BPF_FUNC_ringbuf_submit, 0));
	EXPECT_EQ(-77, RESERVE(rb.fd, 0x3fffffff, 0, BPF_FUNC_ringbuf_submit, 0));
	EXPECT_EQ(24 + 16, *rb.prod);
	record = ringbuf_next(&rb, &len);
	ASSERT_NE(NULL, record);
	EXPECT_EQ(8, len);
	EXPECT_EQ(0x7654321, *record);
	ringbuf_done(&rb, len);
	/* all but the header and 8 bytes, over the end */
	EXPECT_EQ(0, RESERVE(rb.fd, RING - 16, 0, BPF_FUNC_ringbuf_submit, 0));
	EXPECT_EQ(-EAGAIN, OUTPUT(rb.fd, 8, 0));
	record = ringbuf_next(&rb, &len);
	ASSERT_NE(NULL, record);
	EXPECT_EQ(RING - 16, len);
	ringbuf_close(&rb);
}

/* a consumer that writes anything into its page gets nonsense, and nobody else does */
TEST(lying_consumer)
{
	struct ringbuf rb;

	ASSERT_EQ(0, ringbuf_open(&rb, RING));
	*rb.cons = 1UL << 60;
	EXPECT_EQ(-EAGAIN, OUTPUT(rb.fd, 8, 0));
	*rb.cons = -1UL;
	EXPECT_EQ(0, OUTPUT(rb.fd, 8, 0));
	*rb.cons = *rb.prod + 8;
	EXPECT_EQ(0, OUTPUT(rb.fd, 8, 0));
	*rb.cons = *rb.prod - 4;
	EXPECT_EQ(4, QUERY(rb.fd, BPF_RB_AVAIL_DATA));
	EXPECT_EQ(0, OUTPUT(rb.fd, 8, 0));
	for (int i = 0; i < 2000; i++) {
		*rb.cons = *rb.prod + i % 64;
		if (OUTPUT(rb.fd, 8, 0) != 0)
			*rb.cons = *rb.prod;
		i += 99;
	}
	*rb.cons = *rb.prod;
	EXPECT_EQ(0, OUTPUT(rb.fd, 8, 0));
	ringbuf_close(&rb);
}

/* ------------------------------------------------------------------- wake-ups */

static int ready(int fd, int timeout)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int n = poll(&p, 1, timeout);

	return n == 1 ? p.revents : n;
}

TEST(wakeups)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLET };
	int epoll = epoll_create1(0);
	struct ringbuf rb;
	__u32 len;

	ASSERT_EQ(0, ringbuf_open(&rb, RING));
	EXPECT_EQ(0, ready(rb.fd, 0));
	ASSERT_EQ(0, epoll_ctl(epoll, EPOLL_CTL_ADD, rb.fd, &event));
	EXPECT_EQ(0, epoll_wait(epoll, &event, 1, 0));
	/* waiting for the first record: told */
	EXPECT_EQ(0, OUTPUT(rb.fd, 8, 0));
	EXPECT_EQ(POLLIN, ready(rb.fd, 0));
	EXPECT_EQ(1, epoll_wait(epoll, &event, 1, 1000));
	/* edge-triggered: no news of the second, unless it is forced */
	EXPECT_EQ(0, OUTPUT(rb.fd, 8, 0));
	EXPECT_EQ(0, epoll_wait(epoll, &event, 1, 20));
	EXPECT_EQ(0, OUTPUT(rb.fd, 8, BPF_RB_FORCE_WAKEUP));
	EXPECT_EQ(1, epoll_wait(epoll, &event, 1, 1000));
	while (ringbuf_next(&rb, &len))
		ringbuf_done(&rb, len);
	EXPECT_EQ(0, ready(rb.fd, 0));
	EXPECT_EQ(0, OUTPUT(rb.fd, 8, BPF_RB_NO_WAKEUP));
	EXPECT_EQ(0, epoll_wait(epoll, &event, 1, 20));
	EXPECT_EQ(POLLIN, ready(rb.fd, 0));
	close(epoll);
	ringbuf_close(&rb);
}

TEST(other_maps)
{
	int fd = map_create(BPF_MAP_TYPE_HASH, 4, 8, 1);

	EXPECT_EQ(POLLERR, ready(fd, 0));
	EXPECT_EQ(-ENOTSUPP, try_mmap(fd, 1, PROT_READ, MAP_SHARED, 0));
	close(fd);
}

/* --------------------------------------------------------- records from two CPUs */

#define PRODUCERS	2
#define STRESS_RING	(256 << 10)
#define BATCH		2000

/* record: number << 8 | producer; fd of the map with what the producer counts */
struct producer {
	pthread_t thread;
	int cpu, map, prog;
	__u64 attempts;
	bool failed;
	const bool *enough;
};

/* value of a producer's map */
struct counts {
	__u64 number;		/* attempts so far */
	__u64 dropped;
};

/* r6 = counts of MAP; r7 = ++number << 8 | CPU, at fp - 8 too */
#define STRESS_HEAD(MAP, CPU)						\
	BPF_LD_MAP_VALUE(BPF_REG_6, MAP, 0),				\
	BPF_LDX_MEM(BPF_DW, BPF_REG_7, BPF_REG_6, 0),			\
	BPF_ALU64_IMM(BPF_ADD, BPF_REG_7, 1),				\
	BPF_STX_MEM(BPF_DW, BPF_REG_6, BPF_REG_7, 0),			\
	BPF_ALU64_IMM(BPF_LSH, BPF_REG_7, 8),				\
	BPF_ALU64_IMM(BPF_OR, BPF_REG_7, CPU),				\
	BPF_STX_MEM(BPF_DW, BPF_REG_10, BPF_REG_7, -8)
#define STRESS_DROPPED							\
	BPF_LDX_MEM(BPF_DW, BPF_REG_1, BPF_REG_6, 8),			\
	BPF_ALU64_IMM(BPF_ADD, BPF_REG_1, 1),				\
	BPF_STX_MEM(BPF_DW, BPF_REG_6, BPF_REG_1, 8),			\
	RETURN(0)

static int stress_output(int ring, int map, int cpu)
{
	return PROG_LOAD(BPF_PROG_TYPE_SOCKET_FILTER,
		STRESS_HEAD(map, cpu),
		BPF_LD_MAP_FD(BPF_REG_1, ring),
		BPF_MOV64_REG(BPF_REG_2, BPF_REG_10),
		BPF_ALU64_IMM(BPF_ADD, BPF_REG_2, -8),
		BPF_MOV64_IMM(BPF_REG_3, 8),
		BPF_MOV64_IMM(BPF_REG_4, 0),
		BPF_EMIT_CALL(BPF_FUNC_ringbuf_output),
		BPF_JMP_IMM(BPF_JNE, BPF_REG_0, 0, 2),
		RETURN(0),
		STRESS_DROPPED);
}

static int stress_reserve(int ring, int map, int cpu)
{
	return PROG_LOAD(BPF_PROG_TYPE_SOCKET_FILTER,
		STRESS_HEAD(map, cpu),
		BPF_LD_MAP_FD(BPF_REG_1, ring),
		BPF_MOV64_IMM(BPF_REG_2, 8),
		BPF_MOV64_IMM(BPF_REG_3, 0),
		BPF_EMIT_CALL(BPF_FUNC_ringbuf_reserve),
		BPF_JMP_IMM(BPF_JEQ, BPF_REG_0, 0, 6),
		BPF_STX_MEM(BPF_DW, BPF_REG_0, BPF_REG_7, 0),
		BPF_MOV64_REG(BPF_REG_1, BPF_REG_0),
		BPF_MOV64_IMM(BPF_REG_2, 0),
		BPF_EMIT_CALL(BPF_FUNC_ringbuf_submit),
		RETURN(0),
		STRESS_DROPPED);
}

static void *produce(void *arg)
{
	struct producer *p = arg;

	pin_to_cpu(p->cpu);
	while (!p->failed && !__atomic_load_n(p->enough, __ATOMIC_RELAXED)) {
		if (run(p->prog, BATCH, NULL))
			p->failed = true;
		p->attempts += BATCH;
	}
	return NULL;
}

/* what the consumer has seen of a producer */
struct seen {
	__u64 records, last, disorder;
};

static bool consume_all(struct ringbuf *rb, struct seen *seen)
{
	const __u64 *record;
	bool any = false;
	__u32 len;

	while ((record = ringbuf_next(rb, &len))) {
		struct seen *s = &seen[*record % PRODUCERS];

		if (len != 8 || (*record & 0xff) >= PRODUCERS || *record >> 8 <= s->last)
			s->disorder++;
		s->last = *record >> 8;
		s->records++;
		ringbuf_done(rb, len);
		any = true;
	}
	return any;
}

FIXTURE(stress) {};

FIXTURE_SETUP(stress)
{
}

FIXTURE_TEARDOWN(stress)
{
}

TEST_F_TIMEOUT(stress, records_from_two_cpus, 3600)
{
	const char *env = getenv("RINGBUF_RECORDS");
	__u64 want = env ? strtoull(env, NULL, 0) : 200000, received = 0, dropped = 0;
	struct producer p[PRODUCERS] = {};
	struct seen seen[PRODUCERS] = {};
	struct timespec begin, end;
	struct ringbuf rb;
	bool enough = false;
	__u32 key = 0;

	ASSERT_EQ(0, ringbuf_open(&rb, STRESS_RING));
	for (int i = 0; i < PRODUCERS; i++) {
		p[i].cpu = i % sysconf(_SC_NPROCESSORS_ONLN);
		p[i].map = map_create(BPF_MAP_TYPE_ARRAY, 4, sizeof(struct counts), 1);
		ASSERT_LE(0, p[i].map);
		p[i].enough = &enough;
		p[i].prog = (i ? stress_reserve : stress_output)(rb.fd, p[i].map, i);
		ASSERT_LE(0, p[i].prog);
	}
	clock_gettime(CLOCK_MONOTONIC, &begin);
	for (int i = 0; i < PRODUCERS; i++)
		ASSERT_EQ(0, pthread_create(&p[i].thread, NULL, produce, &p[i]));
	/* until the threads are done and there is nothing left */
	for (int i = 0; i < PRODUCERS; i++) {
		while (pthread_tryjoin_np(p[i].thread, NULL)) {
			if (!consume_all(&rb, seen))
				ready(rb.fd, 10);
			if (seen[0].records + seen[1].records >= want)
				__atomic_store_n(&enough, true, __ATOMIC_RELAXED);
		}
	}
	consume_all(&rb, seen);
	clock_gettime(CLOCK_MONOTONIC, &end);
	for (int i = 0; i < PRODUCERS; i++) {
		struct counts c = {};

		EXPECT_FALSE(p[i].failed);
		EXPECT_EQ(0, map_lookup(p[i].map, &key, &c));
		/* each attempt was made, each record arrived or was counted, in order */
		EXPECT_EQ(p[i].attempts, c.number);
		EXPECT_EQ(c.number, seen[i].records + c.dropped);
		EXPECT_EQ(0, seen[i].disorder);
		received += seen[i].records;
		dropped += c.dropped;
		close(p[i].prog);
		close(p[i].map);
	}
	EXPECT_EQ(*rb.cons, *rb.prod);
	TH_LOG("%llu records received, %llu counted as dropped, %.1f s",
	       (unsigned long long)received, (unsigned long long)dropped,
	       end.tv_sec - begin.tv_sec + (end.tv_nsec - begin.tv_nsec) / 1e9);
	EXPECT_LE(want, received);
	ringbuf_close(&rb);
}

TEST_HARNESS_MAIN
