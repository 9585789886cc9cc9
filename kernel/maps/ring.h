/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ring behind BPF_MAP_TYPE_RINGBUF: records of many producers, in any context, for
 * one consumer in user space.  Documentation/bpf/ringbuf.rst; the layout from @cons on
 * is that of user space.
 *
 * Producers take room under a lock and fill it without.  A header's length has
 * BPF_RINGBUF_BUSY_BIT until its record is complete.  Data pages are mapped twice in a
 * row, so that a record is in one piece wherever it begins.
 *
 * The consumer's page is the consumer's to write, and may hold any number at any time.
 * It says whether there is room, but records that are still being filled are protected
 * from being overrun by @pending, which nobody outside sees.  All other pages are
 * read-only to user space, so what a header says can be trusted.
 */
#ifndef _BVM_MAPS_RING_H
#define _BVM_MAPS_RING_H

#include "../bvm.h"

/**
 * struct bvm_ring - a ring; begins on a page of its own
 * @wait:	consumers that sleep
 * @work:	wakes them
 * @page:	pages of the whole, each data page once; the map's business
 * @nr_pages:	number of @page
 * @mask:	bytes of data, a power of two, less one
 * @pending:	position of a record before which all are complete
 * @lock:	of who takes room, see lock.h
 * @cons:	position up to which the consumer has read, if it tells the truth
 * @prod:	position up to which room has been taken
 * @data:	records, twice
 *
 * Positions count bytes and only grow; a record begins at its position & @mask.
 */
struct bvm_ring {
	wait_queue_head_t wait;
	struct irq_work work;
	struct page **page;
	u32 nr_pages;
	unsigned long mask;
	/* what producers write, away from what they only read */
	unsigned long pending ____cacheline_aligned_in_smp;
	u32 lock;
	/* user space sees what is from here on */
	unsigned long cons __aligned(PAGE_SIZE);
	unsigned long prod __aligned(PAGE_SIZE);
	u8 data[] __aligned(PAGE_SIZE);
};

/**
 * struct bvm_ring_header - in front of each record; the length is ABI
 * @len:	bytes of the record, BPF_RINGBUF_BUSY_BIT, BPF_RINGBUF_DISCARD_BIT
 * @page:	pages from the beginning of struct bvm_ring to the one of this header
 */
struct bvm_ring_header {
	u32 len;
	u32 page;
};

void bvm_ring_init(struct bvm_ring *ring, unsigned long size);
void *bvm_ring_reserve(struct bvm_ring *ring, u64 size);
void bvm_ring_commit(void *record, u64 flags, bool discard);
u64 bvm_ring_query(const struct bvm_ring *ring, u64 what);

/**
 * bvm_ring_unread - bytes that have been reserved and not consumed
 * @ring:	ring
 * Return: bytes; anything if the consumer lies.  Any context.
 */
static inline u64 bvm_ring_unread(const struct bvm_ring *ring)
{
	/* In this order: an honest consumer's position is not beyond @prod as read later. */
	unsigned long cons = smp_load_acquire(&ring->cons);

	return READ_ONCE(ring->prod) - cons;
}

#endif /* _BVM_MAPS_RING_H */
