// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit: ring buffers, queues and LPM tries in the kernel, with its pages, interrupts and
 * workers.  What they answer to every kind of call is tested on the host (ring_test.c,
 * queue_test.c, lpm_test.c), from the same source.
 */
#include <kunit/test.h>
#include <linux/delay.h>
#include <linux/irq_work.h>
#include "../maps/lock.h"
#include "../maps/maps.h"
#include "../maps/queue.h"
#include "../maps/ringbuf.h"

static struct bvm_map *make(struct kunit *test, const struct bvm_map_type *type, u32 key_size,
			    u32 value_size, u32 max_entries, u32 flags)
{
	const struct bvm_map_spec spec = {
		.type = type->id,
		.key_size = key_size,
		.value_size = value_size,
		.max_entries = max_entries,
		.flags = flags,
		.numa_node = NUMA_NO_NODE,
	};
	struct bvm_map *map;

	KUNIT_ASSERT_EQ(test, type->check(&spec), 0);
	map = type->alloc(&spec);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, map);
	map->type = type;
	map->key_size = key_size;
	map->value_size = value_size;
	map->max_entries = max_entries;
	map->flags = flags;
	map->numa_node = NUMA_NO_NODE;
	return map;
}

/* The pages of the data are there twice, and a header leads to its ring. */
static void ringbuf_pages(struct kunit *test)
{
	u32 size = 2 * PAGE_SIZE, i;
	struct bvm_map *map = make(test, &bvm_ringbuf_map, 0, 0, size, 0);
	struct bvm_ring *ring = bvm_ringbuf_ring(map);
	u8 *record;

	/* what the compiler does not expect */
	WRITE_ONCE(ring->data[0], 1);
	KUNIT_EXPECT_EQ(test, READ_ONCE(ring->data[size]), 1);
	WRITE_ONCE(ring->data[size + PAGE_SIZE], 2);
	KUNIT_EXPECT_EQ(test, READ_ONCE(ring->data[PAGE_SIZE]), 2);
	for (i = 0; i < 10; i++) {
		/* three in two turns: over the end, now and then */
		record = bvm_ring_reserve(ring, PAGE_SIZE + 1000);
		KUNIT_ASSERT_NOT_NULL(test, record);
		memset(record, i, PAGE_SIZE + 1000);
		bvm_ring_commit(record, 0, i & 1);
		KUNIT_EXPECT_EQ(test, record[0], i);
		KUNIT_EXPECT_EQ(test, *(u32 *)(record - BPF_RINGBUF_HDR_SZ),
				(PAGE_SIZE + 1000) | (i & 1 ? BPF_RINGBUF_DISCARD_BIT : 0));
		ring->cons = ring->prod;
	}
	KUNIT_EXPECT_GT(test, map->type->memory(map), size);
	map->type->free(map);
}

/* A reservation that an interrupt finds half done, and its own that is none of its. */
struct interrupt {
	struct irq_work work;
	struct bvm_map *map;
	bool in_hardirq;
	void *record;
	long pushed;
};

static void interrupt(struct irq_work *work)
{
	struct interrupt *irq = container_of(work, struct interrupt, work);
	u64 value = 7;

	irq->in_hardirq = in_hardirq();
	if (irq->map->type->push)
		irq->pushed = irq->map->type->push(irq->map, &value, BPF_ANY);
	else
		irq->record = bvm_ring_reserve(bvm_ringbuf_ring(irq->map), 8);
}

static void ringbuf_interrupt(struct kunit *test)
{
	struct bvm_map *map = make(test, &bvm_ringbuf_map, 0, 0, PAGE_SIZE, 0);
	struct bvm_ring *ring = bvm_ringbuf_ring(map);
	struct interrupt irq = { .work = IRQ_WORK_INIT_HARD(interrupt), .map = map };
	void *record = bvm_ring_reserve(ring, 8);
	unsigned long flags;

	/* both have room of their own, and may hand it over in any order */
	irq_work_queue(&irq.work);
	irq_work_sync(&irq.work);
	KUNIT_EXPECT_TRUE(test, irq.in_hardirq);
	KUNIT_ASSERT_NOT_NULL(test, irq.record);
	KUNIT_EXPECT_PTR_EQ(test, irq.record, record + 16);
	bvm_ring_commit(irq.record, BPF_RB_FORCE_WAKEUP, false);
	bvm_ring_commit(record, BPF_RB_FORCE_WAKEUP, false);
	/* as in an NMI in the middle of one: no waiting */
	local_irq_save(flags);
	KUNIT_EXPECT_EQ(test, bvm_lock(&ring->lock), 0);
	KUNIT_EXPECT_NULL(test, bvm_ring_reserve(ring, 8));
	bvm_unlock(&ring->lock);
	local_irq_restore(flags);
	map->type->free(map);
}

static void queue_interrupt(struct kunit *test)
{
	struct bvm_map *map = make(test, &bvm_queue_map, 0, 8, 4, 0);
	struct bvm_queue *q = container_of(map, struct bvm_queue, map);
	struct interrupt irq = { .work = IRQ_WORK_INIT_HARD(interrupt), .map = map };
	unsigned long flags;
	u64 value = 0;

	irq_work_queue(&irq.work);
	irq_work_sync(&irq.work);
	KUNIT_EXPECT_EQ(test, irq.pushed, 0);
	local_irq_save(flags);
	KUNIT_EXPECT_EQ(test, bvm_lock(&q->lock), 0);
	KUNIT_EXPECT_EQ(test, map->type->pop(map, &value), -EBUSY);
	bvm_unlock(&q->lock);
	local_irq_restore(flags);
	KUNIT_EXPECT_EQ(test, map->type->pop(map, &value), 0);
	KUNIT_EXPECT_EQ(test, value, 7);
	map->type->free(map);
}

struct lpm_key {
	u32 len;
	__be32 addr;
};

static long lpm_update(struct bvm_map *map, u32 addr, u32 value)
{
	struct lpm_key key = { 32, cpu_to_be32(addr) };
	long err;

	migrate_disable();
	rcu_read_lock();
	err = map->type->update(map, &key, &value, BPF_ANY);
	rcu_read_unlock();
	migrate_enable();
	return err;
}

/* Programs alone, no system call: the worker sees to it that there are nodes. */
static void lpm_grows(struct kunit *test)
{
	struct bvm_map *map = make(test, &bvm_lpm_trie_map, 8, 4, 5000, BPF_F_NO_PREALLOC);
	struct lpm_key key = { 32 };
	u32 addr, waits = 0, *value;

	for (addr = 0; addr < 5000; addr++) {
		while (lpm_update(map, addr * 7919, addr) == -ENOMEM && waits++ < 10000)
			usleep_range(100, 1000);
	}
	KUNIT_EXPECT_EQ(test, lpm_update(map, U32_MAX, 0), -ENOSPC);
	rcu_read_lock();
	for (addr = 0; addr < 5000; addr++) {
		key.addr = cpu_to_be32(addr * 7919);
		value = map->type->lookup(map, &key);
		if (!value || *value != addr)
			break;
	}
	rcu_read_unlock();
	KUNIT_EXPECT_EQ(test, addr, 5000);
	map->type->free(map);
}

static struct kunit_case bvm_records_cases[] = {
	KUNIT_CASE(ringbuf_pages),
	KUNIT_CASE(ringbuf_interrupt),
	KUNIT_CASE(queue_interrupt),
	KUNIT_CASE(lpm_grows),
	{}
};

static struct kunit_suite bvm_records_suite = {
	.name = "bvm_records",
	.test_cases = bvm_records_cases,
};

kunit_test_suite(bvm_records_suite);
