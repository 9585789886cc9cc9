// SPDX-License-Identifier: GPL-2.0-only
/*
 * Consuming what user space has put into a ring, see ring.h.
 *
 * Nothing that the producer has written can be trusted: its position and the headers may be
 * any numbers, and change at any time.  So each is read once, and what is then done with it
 * stays within the ring whatever it was.
 */
#include "../deps.h"
#include "ring.h"

/**
 * bvm_ring_claim - become the one who consumes
 * @ring:	ring that user space produces into
 * Any context incl. NMI.  Return: false if somebody else does already.
 */
bool bvm_ring_claim(struct bvm_ring *ring)
{
	u32 free = 0;

	return !READ_ONCE(ring->lock) && try_cmpxchg_acquire(&ring->lock, &free, 1);
}

/**
 * bvm_ring_unclaim - let others consume
 * @ring:	that bvm_ring_claim() was asked for
 * @wake:	producers that wait for room are woken
 * Any context incl. NMI.
 */
void bvm_ring_unclaim(struct bvm_ring *ring, bool wake)
{
	/* Pairs with try_cmpxchg_acquire() in bvm_ring_claim(). */
	smp_store_release(&ring->lock, 0);
	if (wake)
		irq_work_queue(&ring->work);
}

/* Is it what an honest producer would have written? */
static int ring_check_sample(const struct bvm_ring *ring, const struct bvm_ring_sample *sample,
			     unsigned long there)
{
	if (sample->bytes > there)
		return -EINVAL;
	return sample->bytes > ring->mask + 1 ? -E2BIG : 0;
}

/**
 * bvm_ring_peek - look at the oldest sample that has not been consumed
 * @ring:	claimed ring
 * @sample:	what is there
 *
 * The bytes of the sample can be read until it is consumed, and after that: they are what
 * the producer last wrote.  Any context incl. NMI.
 *
 * Return: 0; -ENODATA: there is none; -EINVAL, -E2BIG: the producer writes nonsense.
 */
int bvm_ring_peek(struct bvm_ring *ring, struct bvm_ring_sample *sample)
{
	struct bvm_ring_header *header;
	unsigned long prod;
	u32 word;

	/* Pairs with the producer's release: the sample is there. */
	prod = smp_load_acquire(&ring->prod);
	if (prod % 8)
		return -EINVAL;
	if (ring->cons >= prod)
		return -ENODATA;
	header = (void *)ring->data + (ring->cons & ring->mask);
	/* Pairs with that of the header's length, which may come later. */
	word = smp_load_acquire(&header->len);
	if (word & BPF_RINGBUF_BUSY_BIT)
		return -ENODATA;
	sample->data = header + 1;
	sample->len = word & ~BPF_RINGBUF_DISCARD_BIT;
	sample->bytes = ring_record_bytes(sample->len);	/* below 2^31 */
	sample->discarded = word & BPF_RINGBUF_DISCARD_BIT;
	return ring_check_sample(ring, sample, prod - ring->cons);
}

/**
 * bvm_ring_consume - the producer may write over a sample
 * @ring:	claimed ring
 * @bytes:	of the sample that bvm_ring_peek() has found
 * Any context incl. NMI.
 */
void bvm_ring_consume(struct bvm_ring *ring, u32 bytes)
{
	/* What was read of the sample was read before. */
	smp_store_release(&ring->cons, ring->cons + bytes);
}
