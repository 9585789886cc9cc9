// SPDX-License-Identifier: GPL-2.0-only
/*
 * Helpers that produce into ring buffers.  A reserved record is a reference: the
 * verifier sees to it that it is submitted or discarded on every path.
 */
#include <linux/array_size.h>
#include "../maps/ringbuf.h"
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
