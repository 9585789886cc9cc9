// SPDX-License-Identifier: GPL-2.0-only
/*
 * Helpers about the packet that is the context, a struct xdp_buff of one piece: in a
 * buffer, with room before and behind it.
 */
#include <linux/array_size.h>
#include <linux/errno.h>
#include <linux/if_ether.h>
#include <linux/string.h>
#include <net/xdp.h>
#include "helpers.h"

static struct xdp_buff *xdp_of(u64 ctx)
{
	return (struct xdp_buff *)(unsigned long)ctx;
}

static u32 xdp_len(const struct xdp_buff *xdp)
{
	return xdp->data_end - xdp->data;
}

/* Room for metadata begins behind what the kernel keeps of a packet that it hands on. */
static void *xdp_room_start(const struct xdp_buff *xdp)
{
	return xdp->data_hard_start + sizeof(struct xdp_frame);
}

/* Metadata stay before the packet.  An Ethernet header remains. */
static u64 adjust_head(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	struct xdp_buff *xdp = xdp_of(r1);
	s32 by = r2;
	bool has_meta = !xdp_data_meta_unsupported(xdp);
	long meta = has_meta ? xdp->data - xdp->data_meta : 0;

	if (by < (long)(xdp_room_start(xdp) + meta - xdp->data) ||
	    by > (long)xdp_len(xdp) - ETH_HLEN)
		return -EINVAL;
	if (has_meta) {
		memmove(xdp->data_meta + by, xdp->data_meta, meta);
		xdp->data_meta += by;
	} else {
		xdp->data_meta = xdp->data + by + 1;
	}
	xdp->data += by;
	return 0;
}

/* -ENOTSUPP: the driver has none, -EINVAL: no room, -EACCES: too many, or no multiple of 4 */
static u64 adjust_meta(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	struct xdp_buff *xdp = xdp_of(r1);
	s32 by = r2;

	if (xdp_data_meta_unsupported(xdp))
		return -ENOTSUPP;
	if (by < (long)(xdp_room_start(xdp) - xdp->data_meta) ||
	    by > (long)(xdp->data - xdp->data_meta))
		return -EINVAL;
	if (xdp_metalen_invalid(xdp->data - xdp->data_meta - by))
		return -EACCES;
	xdp->data_meta += by;
	return 0;
}

/* What is new is zeroed.  An Ethernet header remains. */
static u64 adjust_tail(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	struct xdp_buff *xdp = xdp_of(r1);
	s32 by = r2;

	if (by < ETH_HLEN - (long)xdp_len(xdp) ||
	    by > (long)((void *)xdp_data_hard_end(xdp) - xdp->data_end))
		return -EINVAL;
	if (by > 0)
		memset(xdp->data_end, 0, by);
	xdp->data_end += by;
	return 0;
}

static u64 buff_len(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	return xdp_len(xdp_of(r1));
}

/* Bytes @off to @off + @len of the packet, or NULL. */
static void *xdp_bytes(const struct xdp_buff *xdp, u32 off, u32 len)
{
	return off <= xdp_len(xdp) && len <= xdp_len(xdp) - off ? xdp->data + off : NULL;
}

/* On any error the whole buffer is zeroed, for the verifier has taken it as written. */
static u64 load_bytes(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	const void *from = xdp_bytes(xdp_of(r1), r2, r4);
	void *to = (void *)(unsigned long)r3;

	if (!from) {
		memset(to, 0, r4);
		return -EINVAL;
	}
	memcpy(to, from, r4);
	return 0;
}

static u64 store_bytes(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	void *to = xdp_bytes(xdp_of(r1), r2, r4);

	if (!to)
		return -EINVAL;
	memcpy(to, (const void *)(unsigned long)r3, r4);
	return 0;
}

static const struct bvm_helper xdp_helpers[] = {
	{
		.id = BPF_FUNC_xdp_adjust_head,
		.name = "xdp_adjust_head",
		.fn = adjust_head,
		.arg = { BVM_ARG_CTX, BVM_ARG_ANYTHING },
		.flags = BVM_HELPER_MOVES_PKT,
	},
	{
		.id = BPF_FUNC_xdp_adjust_meta,
		.name = "xdp_adjust_meta",
		.fn = adjust_meta,
		.arg = { BVM_ARG_CTX, BVM_ARG_ANYTHING },
		.flags = BVM_HELPER_MOVES_PKT,
	},
	{
		.id = BPF_FUNC_xdp_adjust_tail,
		.name = "xdp_adjust_tail",
		.fn = adjust_tail,
		.arg = { BVM_ARG_CTX, BVM_ARG_ANYTHING },
		.flags = BVM_HELPER_MOVES_PKT,
	},
	{
		.id = BPF_FUNC_xdp_get_buff_len,
		.name = "xdp_get_buff_len",
		.fn = buff_len,
		.arg = { BVM_ARG_CTX },
	},
	{
		.id = BPF_FUNC_xdp_load_bytes,
		.name = "xdp_load_bytes",
		.fn = load_bytes,
		.arg = { BVM_ARG_CTX, BVM_ARG_ANYTHING, BVM_ARG_UNINIT_MEM, BVM_ARG_SIZE },
	},
	{
		.id = BPF_FUNC_xdp_store_bytes,
		.name = "xdp_store_bytes",
		.fn = store_bytes,
		.arg = { BVM_ARG_CTX, BVM_ARG_ANYTHING, BVM_ARG_MEM, BVM_ARG_SIZE },
	},
};

const struct bvm_helper_set bvm_helpers_xdp = { xdp_helpers, ARRAY_SIZE(xdp_helpers) };
