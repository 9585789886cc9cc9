// SPDX-License-Identifier: GPL-2.0-only
/*
 * Producing into a ring, see ring.h.
 */
#include "../deps.h"
#include "lock.h"
#include "ring.h"

/* A length must leave the header's two upper bits alone; as the stock kernel. */
#define RING_RECORD_MAX	(UINT_MAX / 4)

/*
 * Complete records that a reservation passes at most, which bounds the time that the
 * lock is held.  Only one of more than 128 KiB can come to that, behind as many
 * records without contents; it fails, and the next attempt goes on from there.
 */
#define RING_STEPS	BIT(14)

static_assert(sizeof(struct bvm_ring_header) == BPF_RINGBUF_HDR_SZ);
static_assert(offsetof(struct bvm_ring, cons) == PAGE_SIZE);
static_assert(offsetof(struct bvm_ring, prod) == 2 * PAGE_SIZE);
static_assert(offsetof(struct bvm_ring, data) == 3 * PAGE_SIZE);

static void ring_wake(struct irq_work *work)
{
	struct bvm_ring *ring = container_of(work, struct bvm_ring, work);

	wake_up_all(&ring->wait);
}

/**
 * bvm_ring_init - prepare a ring
 * @ring:	zeroed memory
 * @size:	bytes of data, a power of two
 * Any context.
 */
void bvm_ring_init(struct bvm_ring *ring, unsigned long size)
{
	init_waitqueue_head(&ring->wait);
	init_irq_work(&ring->work, ring_wake);
	ring->mask = size - 1;
}

/*
 * Moves @pending over complete records as far as it takes to have room up to position
 * @end.  What lies between @pending and @prod is records in one piece, since no
 * reservation goes more than the ring's size beyond @pending.  The lock is held.
 */
static bool ring_make_room(struct bvm_ring *ring, unsigned long end)
{
	const struct bvm_ring_header *header;
	u32 steps, len;

	for (steps = 0; end - ring->pending > ring->mask; steps++) {
		header = (void *)ring->data + (ring->pending & ring->mask);
		/* Pairs with xchg() in bvm_ring_commit(): its writes come before ours. */
		len = smp_load_acquire(&header->len);
		if (len & BPF_RINGBUF_BUSY_BIT || steps == RING_STEPS)
			return false;
		ring->pending += ring_record_bytes(len & ~BPF_RINGBUF_DISCARD_BIT);
	}
	return true;
}

/* The lock is held. */
static struct bvm_ring_header *ring_take(struct bvm_ring *ring, u32 size)
{
	unsigned long end = ring->prod + ring_record_bytes(size);
	struct bvm_ring_header *header;

	/* Pairs with the consumer's release: it has read what we write over. */
	if (end - smp_load_acquire(&ring->cons) > ring->mask || !ring_make_room(ring, end))
		return NULL;
	header = (void *)ring->data + (ring->prod & ring->mask);
	header->len = size | BPF_RINGBUF_BUSY_BIT;
	header->page = ((void *)header - (void *)ring) >> PAGE_SHIFT;
	/* Pairs with the consumer's acquire: the header is there before it is looked at. */
	smp_store_release(&ring->prod, end);
	return header;
}

/**
 * bvm_ring_reserve - take room for a record
 * @ring:	ring
 * @size:	bytes
 *
 * Any context incl. NMI.
 *
 * Return: @size bytes for bvm_ring_commit(), aligned to 8, or NULL: too large, no room,
 * or (after an interrupt at the wrong time) the lock is taken.
 */
void *bvm_ring_reserve(struct bvm_ring *ring, u64 size)
{
	struct bvm_ring_header *header = NULL;
	unsigned long irq;

	if (size > RING_RECORD_MAX || ring_record_bytes(size) > ring->mask)
		return NULL;
	local_irq_save(irq);
	if (!bvm_lock(&ring->lock)) {
		header = ring_take(ring, size);
		bvm_unlock(&ring->lock);
	}
	local_irq_restore(irq);
	return header ? header + 1 : NULL;
}

/**
 * bvm_ring_commit - hand a record over to the consumer
 * @record:	that bvm_ring_reserve() returned
 * @flags:	BPF_RB_FORCE_WAKEUP, BPF_RB_NO_WAKEUP; neither: wake a consumer that has
 *		read all before this record
 * @discard:	the consumer is to skip it
 *
 * Any context incl. NMI.
 */
void bvm_ring_commit(void *record, u64 flags, bool discard)
{
	struct bvm_ring_header *header = record - BPF_RINGBUF_HDR_SZ;
	struct bvm_ring *ring = (void *)((unsigned long)header & PAGE_MASK) -
				((unsigned long)header->page << PAGE_SHIFT);
	unsigned long pos = (void *)header - (void *)ring->data;
	u32 len = header->len & ~BPF_RINGBUF_BUSY_BIT;

	/*
	 * Ordered before the look at @cons: either the consumer, which writes @cons and
	 * then looks at the header, sees the record, or we see that it is waiting for it.
	 */
	xchg(&header->len, discard ? len | BPF_RINGBUF_DISCARD_BIT : len);
	if (flags & BPF_RB_FORCE_WAKEUP ||
	    (!(flags & BPF_RB_NO_WAKEUP) && (READ_ONCE(ring->cons) & ring->mask) == pos))
		irq_work_queue(&ring->work);
}

/**
 * bvm_ring_query - bpf_ringbuf_query()
 * @ring:	ring
 * @what:	BPF_RB_AVAIL_DATA, BPF_RB_RING_SIZE, BPF_RB_CONS_POS, BPF_RB_PROD_POS
 * Any context.  Return: bytes or a position; 0 for anything else.
 */
u64 bvm_ring_query(const struct bvm_ring *ring, u64 what)
{
	switch (what) {
	case BPF_RB_AVAIL_DATA:
		return bvm_ring_unread(ring);
	case BPF_RB_RING_SIZE:
		return ring->mask + 1;
	case BPF_RB_CONS_POS:
		return READ_ONCE(ring->cons);
	case BPF_RB_PROD_POS:
		return READ_ONCE(ring->prod);
	}
	return 0;
}
