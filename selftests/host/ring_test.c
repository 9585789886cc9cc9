// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ring of BPF_MAP_TYPE_RINGBUF: its layout, its limits, whom it wakes, what a
 * consumer that lies can and cannot do, and producers on several CPUs.
 */
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <unistd.h>
#include "deps.h"
#include "../../kernel/maps/lock.h"
#include "../../kernel/maps/ring.h"
#include "ktap.h"

#define HEAD	offsetof(struct bvm_ring, data)

static struct bvm_ring *ring_make(u32 size)
{
	void *area = mmap(NULL, HEAD + 2 * size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int fd = memfd_create("ring", 0);
	struct bvm_ring *ring;

	if (ftruncate(fd, HEAD + size))
		abort();
	mmap(area, HEAD + size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0);
	mmap(area + HEAD + size, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, HEAD);
	close(fd);
	ring = area;
	bvm_ring_init(ring, size);
	return ring;
}

static void ring_drop(struct bvm_ring *ring)
{
	munmap(ring, HEAD + 2 * (ring->mask + 1));
}

static const struct bvm_ring_header *header_at(const struct bvm_ring *ring, unsigned long pos)
{
	return (void *)ring->data + (pos & ring->mask);
}

/* The next record, as libbpf takes it, and its length; NULL: none is ready. */
static const void *consume(struct bvm_ring *ring, u32 *len)
{
	const struct bvm_ring_header *header;
	unsigned long pos = ring->cons;

	/* Pairs with the producer's release, as does that of the length. */
	while (pos != smp_load_acquire(&ring->prod)) {
		header = header_at(ring, pos);
		/* the record's contents come after it */
		*len = smp_load_acquire(&header->len);
		if (*len & BPF_RINGBUF_BUSY_BIT)
			return NULL;
		pos += round_up((*len & ~BPF_RINGBUF_DISCARD_BIT) + 8, 8);
		if (!(*len & BPF_RINGBUF_DISCARD_BIT))
			return header + 1;
		/* It has been read. */
		smp_store_release(&ring->cons, pos);
	}
	return NULL;
}

static void consumed(struct bvm_ring *ring, u32 len)
{
	/* It has been read. */
	smp_store_release(&ring->cons, ring->cons + round_up(len + 8, 8));
}

/* The words that the stock kernel leaves in the same case. */
static void test_layout(void)
{
	static const struct { u32 size, bytes, len; bool discard; } rows[] = {
		{ 8, 16, 8, false },
		{ 0, 8, 0, false },
		{ 3, 16, 3, false },
		{ 13, 24, 0x4000000d, true },
		{ 4096, 4104, 4096, false },
		{ 1, 16, 0x40000001, true },
	};
	struct bvm_ring *ring = ring_make(16384);
	unsigned long pos = 0;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		void *record = bvm_ring_reserve(ring, rows[i].size);

		CHECK(record == (void *)(header_at(ring, pos) + 1), "row %u", i);
		CHECK_EQ(header_at(ring, pos)->len, rows[i].size | BPF_RINGBUF_BUSY_BIT);
		bvm_ring_commit(record, 0, rows[i].discard);
		CHECK_EQ(header_at(ring, pos)->len, rows[i].len);
		CHECK_EQ(header_at(ring, pos)->page, 3 + pos / PAGE_SIZE);
		pos += rows[i].bytes;
		CHECK_EQ(ring->prod, pos);
	}
	CHECK_EQ(bvm_ring_query(ring, BPF_RB_AVAIL_DATA), pos);
	CHECK_EQ(bvm_ring_query(ring, BPF_RB_RING_SIZE), 16384);
	CHECK_EQ(bvm_ring_query(ring, BPF_RB_PROD_POS), pos);
	ring->cons = 16;
	CHECK_EQ(bvm_ring_query(ring, BPF_RB_CONS_POS), 16);
	CHECK_EQ(bvm_ring_query(ring, BPF_RB_AVAIL_DATA), pos - 16);
	CHECK_EQ(bvm_ring_query(ring, 4), 0);
	CHECK_EQ(bvm_ring_query(ring, -1ULL), 0);
	ring_drop(ring);
}

static void test_limits(void)
{
	struct bvm_ring *ring = ring_make(8192);
	void *record;

	CHECK(!bvm_ring_reserve(ring, 8184), "header and all: the whole ring");
	CHECK(!bvm_ring_reserve(ring, 8185), "more");
	CHECK(!bvm_ring_reserve(ring, UINT_MAX / 4), "largest length");
	CHECK(!bvm_ring_reserve(ring, UINT_MAX), "UINT_MAX");
	CHECK(!bvm_ring_reserve(ring, 1ULL << 32), "no low bits");
	CHECK(!bvm_ring_reserve(ring, -1ULL), "wraps with the header");
	CHECK_EQ(ring->prod, 0);
	record = bvm_ring_reserve(ring, 8176);
	CHECK(record, "all but 8 bytes");
	CHECK(!bvm_ring_reserve(ring, 0), "and those stay free");
	bvm_ring_commit(record, 0, false);
	CHECK(!bvm_ring_reserve(ring, 0), "not read yet");
	ring->cons = ring->prod;
	/* over the end, in one piece */
	record = bvm_ring_reserve(ring, 4000);
	CHECK(record, "read");
	memset(record, 0x5a, 4000);
	CHECK_EQ(ring->data[0], 0x5a);
	bvm_ring_commit(record, 0, false);
	ring_drop(ring);
}

static void test_wakeups(void)
{
	struct bvm_ring *ring = ring_make(4096);
	void *a, *b;

	/* the consumer has read all: the first record wakes it, those after it do not */
	a = bvm_ring_reserve(ring, 8);
	b = bvm_ring_reserve(ring, 8);
	bvm_ring_commit(b, 0, false);
	CHECK_EQ(ring->wait.woken, 0);
	bvm_ring_commit(a, 0, false);
	CHECK_EQ(ring->wait.woken, 1);
	ring->cons = ring->prod;
	bvm_ring_commit(bvm_ring_reserve(ring, 8), BPF_RB_NO_WAKEUP, false);
	CHECK_EQ(ring->wait.woken, 1);
	bvm_ring_commit(bvm_ring_reserve(ring, 8), 0, false);
	CHECK_EQ(ring->wait.woken, 1);
	bvm_ring_commit(bvm_ring_reserve(ring, 8), BPF_RB_FORCE_WAKEUP, false);
	CHECK_EQ(ring->wait.woken, 2);
	bvm_ring_commit(bvm_ring_reserve(ring, 8), BPF_RB_FORCE_WAKEUP | BPF_RB_NO_WAKEUP, false);
	CHECK_EQ(ring->wait.woken, 3);
	ring->cons = ring->prod;
	bvm_ring_commit(bvm_ring_reserve(ring, 8), 0, true);
	CHECK_EQ(ring->wait.woken, 4);
	/* also where the position is past the first turn */
	ring->cons = ring->prod;
	while (ring->prod < 3 * 4096) {
		bvm_ring_commit(bvm_ring_reserve(ring, 8), BPF_RB_NO_WAKEUP, false);
		ring->cons = ring->prod;
	}
	bvm_ring_commit(bvm_ring_reserve(ring, 8), 0, false);
	CHECK_EQ(ring->wait.woken, 5);
	ring_drop(ring);
}

static void test_liar(void)
{
	struct bvm_ring *ring = ring_make(4096);
	u64 *held, *record;
	u32 n;

	/* A record is being filled; the consumer says that it has read it, and more. */
	held = bvm_ring_reserve(ring, 8);
	*held = 0x1234;
	for (n = 0; n < 10000; n++) {
		ring->cons = ring->prod;
		record = bvm_ring_reserve(ring, 8);
		if (!record)
			break;
		*record = n;
		bvm_ring_commit(record, 0, false);
	}
	CHECK_EQ(n, 4096 / 16 - 2);
	CHECK_EQ(*held, 0x1234);
	CHECK_EQ(header_at(ring, 0)->len, 8 | BPF_RINGBUF_BUSY_BIT);
	ring->cons = ring->prod + 8;
	CHECK(!bvm_ring_reserve(ring, 8), "ahead");
	bvm_ring_commit(held, 0, false);
	ring->cons = ring->prod;
	CHECK(bvm_ring_reserve(ring, 4096 - 32), "complete: all of it can be had");
	/* anything else is no room */
	ring->cons = 1UL << 60;
	CHECK(!bvm_ring_reserve(ring, 0), "far ahead");
	ring->cons = ring->prod - 4097;
	CHECK(!bvm_ring_reserve(ring, 0), "far behind");
	ring_drop(ring);
}

/* Empty records without end in front of a large one. */
static void test_bounded(void)
{
	u32 size = 1 << 20;
	struct bvm_ring *ring = ring_make(size);
	void *record;
	u32 tries;

	while ((record = bvm_ring_reserve(ring, 0)))
		bvm_ring_commit(record, 0, false);
	CHECK_EQ(ring->prod, size - 8);
	ring->cons = ring->prod;
	for (tries = 0; tries < 100 && !record; tries++)
		record = bvm_ring_reserve(ring, size - 16);
	CHECK(record && tries > 1 && tries < 20, "%u tries", tries);
	ring_drop(ring);
}

static void test_reentry(void)
{
	struct bvm_ring *ring = ring_make(4096);
	void *record = bvm_ring_reserve(ring, 8);

	CHECK_EQ(bvm_lock(&ring->lock), 0);
	host_relaxed = 0;
	CHECK(!bvm_ring_reserve(ring, 8), "in an NMI in the middle of a reservation");
	CHECK(!host_relaxed, "no waiting for oneself");
	/* handing over needs no lock */
	bvm_ring_commit(record, 0, false);
	bvm_unlock(&ring->lock);
	CHECK(bvm_ring_reserve(ring, 8), "again");
	ring_drop(ring);
}

/* --------------------------------------------------------------------- stress */

#define STRESS_RECORDS	2000
#define PRODUCERS	3

static struct bvm_ring *stress_ring;
static u64 stress_sent[PRODUCERS], stress_dropped[PRODUCERS], stress_overrun, stress_got;
static bool stress_hostile;
static u32 stress_running;

struct srecord {
	u32 cpu;
	u32 size;
	u64 number;
	u8 fill[240];
};

static void *stress_produce(void *arg)
{
	u32 cpu = (long)arg, j;

	host_cpu = cpu;
	while (stress_sent[cpu] < STRESS_RECORDS) {
		u32 size = 16 + get_random_u32() % 241;
		struct srecord *r = bvm_ring_reserve(stress_ring, size);
		bool discard = get_random_u32() % 8 == 0;

		if (!r) {
			stress_dropped[cpu]++;
			sched_yield();
			continue;
		}
		r->cpu = cpu;
		r->size = size;
		r->number = stress_sent[cpu] + stress_dropped[cpu];
		for (j = 0; j < size - 16; j++)
			WRITE_ONCE(r->fill[j], (u8)(r->number + cpu));
		/* nobody else has got the same bytes, whatever the consumer says */
		for (j = 0; j < size - 16; j++) {
			if (READ_ONCE(r->fill[j]) != (u8)(r->number + cpu))
				__atomic_fetch_add(&stress_overrun, 1, __ATOMIC_RELAXED);
		}
		if (r->cpu != cpu || r->size != size)
			__atomic_fetch_add(&stress_overrun, 1, __ATOMIC_RELAXED);
		stress_sent[cpu]++;
		if (discard)
			r->number = ~0ULL;
		bvm_ring_commit(r, 0, discard);
	}
	__atomic_fetch_sub(&stress_running, 1, __ATOMIC_RELEASE);
	return NULL;
}

static void stress_consume(void)
{
	u64 last[PRODUCERS] = {};
	const struct srecord *r;
	u32 len, j;

	for (;;) {
		bool running = __atomic_load_n(&stress_running, __ATOMIC_ACQUIRE);

		r = consume(stress_ring, &len);
		if (!r && !running)
			break;
		if (!r) {
			sched_yield();
			continue;
		}
		if (!CHECK(r->cpu < PRODUCERS && r->size == len, "cpu %u size %u of %u",
			   r->cpu, r->size, len))
			return;
		CHECK(r->number >= last[r->cpu], "order");
		last[r->cpu] = r->number + 1;
		for (j = 0; j < len - 16; j++)
			if (r->fill[j] != (u8)(r->number + r->cpu))
				break;
		CHECK_EQ(j, len - 16);
		consumed(stress_ring, len);
		stress_got++;
	}
	CHECK_EQ(stress_ring->cons, stress_ring->prod);
}

/* A consumer that writes anything to its page. */
static void stress_lie(void)
{
	while (__atomic_load_n(&stress_running, __ATOMIC_RELAXED)) {
		unsigned long pos = READ_ONCE(stress_ring->prod);

		if (get_random_u32() % 8 == 0)
			pos += (get_random_u32() % 8192) - 4096UL;
		WRITE_ONCE(stress_ring->cons, pos);
	}
}

static void test_stress(void)
{
	pthread_t thread[PRODUCERS];
	long i;

	memset(stress_sent, 0, sizeof(stress_sent));
	memset(stress_dropped, 0, sizeof(stress_dropped));
	stress_ring = ring_make(4096);
	stress_running = PRODUCERS;
	for (i = 0; i < PRODUCERS; i++)
		pthread_create(&thread[i], NULL, stress_produce, (void *)i);
	if (stress_hostile)
		stress_lie();
	else
		stress_consume();
	for (i = 0; i < PRODUCERS; i++)
		pthread_join(thread[i], NULL);
	CHECK(stress_hostile || stress_got > PRODUCERS * STRESS_RECORDS / 2, "%llu", stress_got);
	CHECK_EQ(stress_overrun, 0);
	ring_drop(stress_ring);
}

static void test_stress_liar(void)
{
	stress_hostile = true;
	test_stress();
}

/* --------------------------------------- the other way round: ring_drain.c */

/* The header of a sample at a position, and how far the producer says that it is. */
static void produce(struct bvm_ring *ring, unsigned long pos, u32 word, unsigned long prod)
{
	((struct bvm_ring_header *)header_at(ring, pos))->len = word;
	ring->prod = prod;
}

static void test_drain(void)
{
	static const struct { u32 word; unsigned long prod; int err; } rows[] = {
		{ 8, 0, -ENODATA },
		{ 8, 16, 0 },
		{ 9, 24, 0 },
		{ 0, 8, 0 },
		{ 4088, 4096, 0 },
		{ 8 | BPF_RINGBUF_BUSY_BIT, 16, -ENODATA },
		/* as prog_tests/user_ringbuf.c has them */
		{ 39, 47, -EINVAL },
		{ 32, 32, -EINVAL },
		{ 4096, 4104, -E2BIG },
		/* anything */
		{ 8, 15, -EINVAL },
		{ 8, 8, -EINVAL },
		{ 0x3fffffff, 16, -EINVAL },
		{ 0x3fffffff, 1UL << 40, -E2BIG },
		{ 0x3ffffff8, -8UL, -E2BIG },
		{ 8, -8UL, 0 },
	};
	struct bvm_ring *ring = ring_make(4096);
	struct bvm_ring_sample sample;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		produce(ring, 0, rows[i].word, rows[i].prod);
		CHECK_EQ(bvm_ring_peek(ring, &sample), rows[i].err);
		if (rows[i].err)
			continue;
		CHECK_EQ(sample.len, rows[i].word);
		CHECK_EQ(sample.data, ring->data + 8);
		CHECK_EQ(sample.bytes, round_up(sample.len + 8, 8));
	}
	produce(ring, 0, 8 | BPF_RINGBUF_DISCARD_BIT, 16);
	CHECK_EQ(bvm_ring_peek(ring, &sample), 0);
	CHECK_EQ(sample.discarded, true);
	CHECK_EQ(sample.len, 8);
	/* over the end, in one piece */
	ring->cons = 3 * 4096 - 16;
	produce(ring, ring->cons, 4088, 4 * 4096 - 16);
	CHECK_EQ(bvm_ring_peek(ring, &sample), 0);
	memset(sample.data, 0x5a, sample.len);
	CHECK_EQ(ring->data[0], 0x5a);
	bvm_ring_consume(ring, sample.bytes);
	CHECK_EQ(ring->cons, 4 * 4096 - 16);
	CHECK_EQ(bvm_ring_peek(ring, &sample), -ENODATA);
	/* the producer went back */
	ring->prod = 0;
	CHECK_EQ(bvm_ring_peek(ring, &sample), -ENODATA);
	ring_drop(ring);
}

static void test_drain_claim(void)
{
	struct bvm_ring *ring = ring_make(4096);

	CHECK_EQ(bvm_ring_claim(ring), true);
	CHECK_EQ(bvm_ring_claim(ring), false);
	bvm_ring_unclaim(ring, false);
	CHECK_EQ(ring->wait.woken, 0);
	CHECK_EQ(bvm_ring_claim(ring), true);
	bvm_ring_unclaim(ring, true);
	CHECK_EQ(ring->wait.woken, 1);
	ring_drop(ring);
}

static void *drain_lie(void *arg)
{
	struct bvm_ring *ring = arg;
	u64 seed = 1;

	while (READ_ONCE(stress_running)) {
		seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
		((u64 *)ring->data)[seed >> 33 & 511] = seed >> 20 & (seed >> 63 ? 0x8fff : -1UL);
		WRITE_ONCE(ring->prod, READ_ONCE(ring->cons) + (seed >> 40 & 0x1ff8));
	}
	return NULL;
}

/* A producer that writes anything at any time: samples lie in the ring. */
static void test_drain_liar(void)
{
	struct bvm_ring *ring = ring_make(4096);
	struct bvm_ring_sample sample;
	u32 i, found = 0, outside = 0;
	pthread_t thread;

	stress_running = 1;
	pthread_create(&thread, NULL, drain_lie, ring);
	for (i = 0; i < 100000000 && found < 100000; i++) {
		if (bvm_ring_peek(ring, &sample)) {
			/* what it finds there is wrong: it would never get over that */
			bvm_ring_consume(ring, 8);
			continue;
		}
		found++;
		outside += sample.len + 8 > 4096 || sample.bytes > 4096 || sample.bytes % 8 ||
			   sample.data != ring->data + (ring->cons & 4095) + 8;
		bvm_ring_consume(ring, sample.bytes);
	}
	stress_running = 0;
	pthread_join(thread, NULL);
	CHECK(found > 100, "%u", found);
	CHECK_EQ(outside, 0);
	ring_drop(ring);
}

static const struct ktap_test tests[] = {
	{ "drain", test_drain },
	{ "drain_claim", test_drain_claim },
	{ "drain_liar", test_drain_liar },
	{ "layout", test_layout },
	{ "limits", test_limits },
	{ "wakeups", test_wakeups },
	{ "liar", test_liar },
	{ "bounded", test_bounded },
	{ "reentry", test_reentry },
	{ "stress", test_stress },
	{ "stress_liar", test_stress_liar },
};

int main(void)
{
	return ktap_run(tests, ARRAY_SIZE(tests));
}
