// SPDX-License-Identifier: GPL-2.0-only
/*
 * Helpers that run code of a program.
 */
#include <linux/array_size.h>
#include <linux/errno.h>
#include <linux/string.h>
#include "../maps/prog_array.h"
#include "helpers.h"

/* Looks up where to go; going there is for who runs the program.  An index has 32 bits. */
static u64 tail_call(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	const struct bvm_map *map = (const struct bvm_map *)(unsigned long)r2;

	return (unsigned long)bvm_prog_array_code(map, (u32)r3);
}

static const struct bvm_callback loop_callback = {
	.arg = { BVM_CB_INDEX, BVM_CB_STACK },
	.ret_max = 1,
};

/* ----------------------------------------------------- elements of a map */

/* No flags are known. */
static u64 each_begin(u64 map, u64 cursor, u64 ctx, u64 flags, u64 r5)
{
	if (flags)
		return -EINVAL;
	memset((void *)(unsigned long)cursor, 0, sizeof(struct bvm_cursor));
	return 0;
}

static u64 each_next(u64 cursor, u64 map, u64 r3, u64 r4, u64 r5)
{
	struct bvm_map *m = (struct bvm_map *)(unsigned long)map;
	struct bvm_cursor *c = (struct bvm_cursor *)(unsigned long)cursor;

	if (!m->type->each(m, c))
		return 0;
	c->count++;
	return 1;
}

/* bpf-helpers(7): the number of elements that the function has seen */
static u64 each_end(u64 cursor, u64 map, u64 r3, u64 r4, u64 r5)
{
	return ((struct bvm_cursor *)(unsigned long)cursor)->count;
}

static const struct bvm_callback each_callback = {
	.arg = { BVM_CB_MAP, BVM_CB_MAP_KEY, BVM_CB_MAP_VALUE, BVM_CB_STACK },
	.ret_max = 1,
	.next = each_next,
	.end = each_end,
};

static const struct bvm_helper call_helpers[] = {
	{
		.id = BPF_FUNC_tail_call,
		.name = "tail_call",
		.fn = tail_call,
		.ret = BVM_RET_VOID,
		.arg = { BVM_ARG_CTX, BVM_ARG_MAP_PTR, BVM_ARG_ANYTHING },
		.map_caps = BVM_MAP_TAIL_CALL,
		.flags = BVM_HELPER_TAIL_CALL | BVM_HELPER_MOVES_PKT,
	},
	{
		.id = BPF_FUNC_loop,
		.name = "loop",
		.arg = {
			BVM_ARG_ANYTHING, BVM_ARG_FUNC, BVM_ARG_STACK | BVM_ARG_MAYBE_NULL,
			BVM_ARG_ANYTHING,
		},
		.flags = BVM_HELPER_LOOP,
		.callback = &loop_callback,
	},
	{
		.id = BPF_FUNC_for_each_map_elem,
		.name = "for_each_map_elem",
		.fn = each_begin,
		.arg = {
			BVM_ARG_MAP_PTR, BVM_ARG_FUNC, BVM_ARG_STACK | BVM_ARG_MAYBE_NULL,
			BVM_ARG_ANYTHING,
		},
		.map_caps = BVM_MAP_FOR_EACH,
		.callback = &each_callback,
	},
};

const struct bvm_helper_set bvm_helpers_call = { call_helpers, ARRAY_SIZE(call_helpers) };
