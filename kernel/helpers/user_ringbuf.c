// SPDX-License-Identifier: GPL-2.0-only
/*
 * bpf_user_ringbuf_drain(): a function of the program gets the samples that user space has
 * put into a ring, each as a dynptr, which is there while the function runs.
 */
#include <linux/array_size.h>
#include <linux/errno.h>
#include <linux/string.h>
#include "../maps/ringbuf.h"
#include "dynptr.h"
#include "helpers.h"

#define DRAIN_MAX	BIT(17)		/* samples of one call, with those to be skipped */
#define DRAIN_FLAGS	((u64)(BPF_RB_NO_WAKEUP | BPF_RB_FORCE_WAKEUP))

/**
 * struct drain - what is in the cursor
 * @arg:	address of @dynptr, for the function
 * @flags:	of the helper
 * @err:	what the producer did wrong, or 0
 * @skipped:	samples that were discarded
 * @count:	samples so far, with those
 * @bytes:	that the sample takes which the function gets, 0: none
 * @dynptr:	on that
 */
struct drain {
	u64 arg;
	u16 flags;
	s16 err;
	u32 skipped;
	u32 count;
	u32 bytes;
	struct bvm_dynptr dynptr;
};

static_assert(sizeof(struct drain) <= sizeof(struct bvm_cursor));
static_assert(offsetof(struct drain, arg) == offsetof(struct bvm_cursor, arg[0]));

static struct bvm_ring *ring_of(u64 map)
{
	return bvm_ringbuf_ring((void *)(unsigned long)map);
}

/* -EINVAL: unknown flags, -EBUSY: somebody else drains the ring. */
static u64 drain_begin(u64 map, u64 r2, u64 ctx, u64 flags, u64 r5)
{
	struct drain *drain = (struct drain *)(unsigned long)r2;

	if (flags & ~DRAIN_FLAGS)
		return -EINVAL;
	if (!bvm_ring_claim(ring_of(map)))
		return -EBUSY;
	memset(drain, 0, sizeof(*drain));
	drain->arg = (unsigned long)&drain->dynptr;
	drain->flags = flags;
	return 0;
}

/* The function has seen the sample that it was given. */
static void drain_consume(struct drain *drain, struct bvm_ring *ring)
{
	if (drain->bytes)
		bvm_ring_consume(ring, drain->bytes);
	drain->bytes = 0;
}

static u64 drain_next(u64 r1, u64 map, u64 r3, u64 r4, u64 r5)
{
	struct drain *drain = (struct drain *)(unsigned long)r1;
	struct bvm_ring *ring = ring_of(map);
	struct bvm_ring_sample sample;

	drain_consume(drain, ring);
	while (drain->count < DRAIN_MAX) {
		drain->err = bvm_ring_peek(ring, &sample);
		if (!drain->err && sample.len > BVM_DYNPTR_MAX)
			drain->err = -E2BIG;
		if (drain->err)
			return 0;
		drain->count++;
		if (!sample.discarded) {
			bvm_dynptr_set(&drain->dynptr, sample.data, sample.len);
			drain->bytes = sample.bytes;
			return 1;
		}
		drain->skipped++;
		bvm_ring_consume(ring, sample.bytes);
	}
	return 0;
}

/* bpf-helpers(7): the number of samples that the function has seen, or what is wrong */
static u64 drain_end(u64 r1, u64 map, u64 r3, u64 r4, u64 r5)
{
	struct drain *drain = (struct drain *)(unsigned long)r1;
	struct bvm_ring *ring = ring_of(map);
	u32 seen = drain->count - drain->skipped;
	bool wake = seen && !(drain->flags & BPF_RB_NO_WAKEUP);

	drain_consume(drain, ring);
	bvm_ring_unclaim(ring, wake || drain->flags & BPF_RB_FORCE_WAKEUP);
	if (drain->err && drain->err != -ENODATA)
		return (s64)drain->err;
	return seen;
}

static const struct bvm_callback drain_callback = {
	.arg = { BVM_CB_DYNPTR, BVM_CB_STACK },
	.ret_max = 1,
	.next = drain_next,
	.end = drain_end,
};

static const struct bvm_object dynptr_sample = {
	.name = "dynptr_local", .slots = BVM_DYNPTR_SLOTS,
};

static const struct bvm_helper user_ringbuf_helpers[] = {
	{
		.id = BPF_FUNC_user_ringbuf_drain,
		.name = "user_ringbuf_drain",
		.fn = drain_begin,
		.arg = {
			BVM_ARG_MAP_PTR, BVM_ARG_FUNC, BVM_ARG_STACK | BVM_ARG_MAYBE_NULL,
			BVM_ARG_ANYTHING,
		},
		.map_caps = BVM_MAP_USER_RINGBUF,
		.callback = &drain_callback,
		.object = &dynptr_sample,
	},
};

const struct bvm_helper_set bvm_helpers_user_ringbuf = {
	user_ringbuf_helpers, ARRAY_SIZE(user_ringbuf_helpers)
};
