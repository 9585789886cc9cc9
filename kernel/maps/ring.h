/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ring behind BPF_MAP_TYPE_RINGBUF: records of many producers, in any context, for
 * one consumer in user space.  Documentation/bpf/ringbuf.rst; the layout from @cons on
 * is that of user space.  BPF_MAP_TYPE_USER_RINGBUF is the other way round, with one consumer
 * at a time here, see ring_drain.c: user space writes all pages but the first, and what is
 * said below about trust holds for that one.
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
 * @lock:	of who takes room, see lock.h; or, not 0, somebody consumes
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

/* Bytes that a record takes with its header. */
static inline unsigned long ring_record_bytes(u64 size)
{
	return round_up(size + BPF_RINGBUF_HDR_SZ, 8);
}

/**
 * struct bvm_ring_sample - a record that user space has produced
 * @data:	its bytes, in one piece
 * @len:	their number
 * @bytes:	that it takes in the ring
 * @discarded:	to be skipped
 */
struct bvm_ring_sample {
	void *data;
	u32 len;
	u32 bytes;
	bool discarded;
};

void bvm_ring_init(struct bvm_ring *ring, unsigned long size);
void *bvm_ring_reserve(struct bvm_ring *ring, u64 size);
void bvm_ring_commit(void *record, u64 flags, bool discard);
u64 bvm_ring_query(const struct bvm_ring *ring, u64 what);

bool bvm_ring_claim(struct bvm_ring *ring);
void bvm_ring_unclaim(struct bvm_ring *ring, bool wake);
int bvm_ring_peek(struct bvm_ring *ring, struct bvm_ring_sample *sample);
void bvm_ring_consume(struct bvm_ring *ring, u32 bytes);

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
