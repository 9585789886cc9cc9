// SPDX-License-Identifier: GPL-2.0-only
/*
 * Helpers that produce into ring buffers.  A reserved record is a reference: the
 * verifier sees to it that it is submitted or discarded on every path.
 */
#include <linux/array_size.h>
#include "../maps/ringbuf.h"
#include "dynptr.h"
#include "helpers.h"

static struct bvm_ring *ring_of(u64 map)
{
	return bvm_ringbuf_ring((void *)(unsigned long)map);
}

/* -EINVAL: unknown flags, -EAGAIN: no room, or the lock is taken. */
static u64 ringbuf_output(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	void *record;

	if (r4 & ~(u64)(BPF_RB_NO_WAKEUP | BPF_RB_FORCE_WAKEUP))
		return -EINVAL;
	record = bvm_ring_reserve(ring_of(r1), r3);
	if (!record)
		return -EAGAIN;
	memcpy(record, (void *)(unsigned long)r2, r3);
	bvm_ring_commit(record, r4, false);
	return 0;
}

static u64 ringbuf_reserve(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	return r3 ? 0 : (unsigned long)bvm_ring_reserve(ring_of(r1), r2);
}

static u64 ringbuf_submit(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	bvm_ring_commit((void *)(unsigned long)r1, r2, false);
	return 0;
}

static u64 ringbuf_discard(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	bvm_ring_commit((void *)(unsigned long)r1, r2, true);
	return 0;
}

static u64 ringbuf_query(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	return bvm_ring_query(ring_of(r1), r2);
}

/* A record of a size that is not known beforehand; without one, the dynptr is NULL. */
static u64 ringbuf_reserve_dynptr(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	struct bvm_dynptr *ptr = (struct bvm_dynptr *)(unsigned long)r4;
	void *record;

	bvm_dynptr_clear(ptr);
	if (r3)
		return -EINVAL;
	if ((u32)r2 > BVM_DYNPTR_MAX)
		return -E2BIG;
	record = bvm_ring_reserve(ring_of(r1), (u32)r2);
	if (!record)
		return -EINVAL;
	bvm_dynptr_set(ptr, record, r2);
	return 0;
}

static void dynptr_commit(u64 r1, u64 flags, bool discard)
{
	struct bvm_dynptr *ptr = (struct bvm_dynptr *)(unsigned long)r1;

	if (!ptr->base)
		return;
	bvm_ring_commit(ptr->base, flags, discard);
	bvm_dynptr_clear(ptr);
}

static u64 ringbuf_submit_dynptr(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	dynptr_commit(r1, r2, false);
	return 0;
}

static u64 ringbuf_discard_dynptr(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	dynptr_commit(r1, r2, true);
	return 0;
}

static const struct bvm_object dynptr_ringbuf = {
	.name = "dynptr_ringbuf", .slots = BVM_DYNPTR_SLOTS,
};

static const struct bvm_helper ringbuf_helpers[] = {
	{
		.id = BPF_FUNC_ringbuf_output,
		.name = "ringbuf_output",
		.fn = ringbuf_output,
		.arg = {
			BVM_ARG_MAP_PTR, BVM_ARG_MEM, BVM_ARG_SIZE_OR_ZERO, BVM_ARG_ANYTHING,
		},
		.map_caps = BVM_MAP_RINGBUF,
	},
	{
		.id = BPF_FUNC_ringbuf_reserve,
		.name = "ringbuf_reserve",
		.fn = ringbuf_reserve,
		.ret = BVM_RET_MEM_OR_NULL,
		.arg = { BVM_ARG_MAP_PTR, BVM_ARG_CONST_SIZE, BVM_ARG_ANYTHING },
		.map_caps = BVM_MAP_RINGBUF,
		.flags = BVM_HELPER_ACQUIRE,
	},
	{
		.id = BPF_FUNC_ringbuf_submit,
		.name = "ringbuf_submit",
		.fn = ringbuf_submit,
		.ret = BVM_RET_VOID,
		.arg = { BVM_ARG_ACQUIRED, BVM_ARG_ANYTHING },
		.flags = BVM_HELPER_RELEASE,
	},
	{
		.id = BPF_FUNC_ringbuf_discard,
		.name = "ringbuf_discard",
		.fn = ringbuf_discard,
		.ret = BVM_RET_VOID,
		.arg = { BVM_ARG_ACQUIRED, BVM_ARG_ANYTHING },
		.flags = BVM_HELPER_RELEASE,
	},
	{
		.id = BPF_FUNC_ringbuf_reserve_dynptr,
		.name = "ringbuf_reserve_dynptr",
		.fn = ringbuf_reserve_dynptr,
		.arg = {
			BVM_ARG_MAP_PTR, BVM_ARG_ANYTHING, BVM_ARG_ANYTHING, BVM_ARG_DYNPTR_NEW,
		},
		.map_caps = BVM_MAP_RINGBUF,
		.flags = BVM_HELPER_ACQUIRE,
		.object = &dynptr_ringbuf,
	},
	{
		.id = BPF_FUNC_ringbuf_submit_dynptr,
		.name = "ringbuf_submit_dynptr",
		.fn = ringbuf_submit_dynptr,
		.ret = BVM_RET_VOID,
		.arg = { BVM_ARG_DYNPTR_HELD, BVM_ARG_ANYTHING },
		.flags = BVM_HELPER_RELEASE,
	},
	{
		.id = BPF_FUNC_ringbuf_discard_dynptr,
		.name = "ringbuf_discard_dynptr",
		.fn = ringbuf_discard_dynptr,
		.ret = BVM_RET_VOID,
		.arg = { BVM_ARG_DYNPTR_HELD, BVM_ARG_ANYTHING },
		.flags = BVM_HELPER_RELEASE,
	},
	{
		.id = BPF_FUNC_ringbuf_query,
		.name = "ringbuf_query",
		.fn = ringbuf_query,
		.arg = { BVM_ARG_MAP_PTR, BVM_ARG_ANYTHING },
		.map_caps = BVM_MAP_RINGBUF,
	},
};

const struct bvm_helper_set bvm_helpers_ringbuf = {
	ringbuf_helpers, ARRAY_SIZE(ringbuf_helpers)
};
