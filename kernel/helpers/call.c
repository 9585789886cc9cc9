// SPDX-License-Identifier: GPL-2.0-only
/*
 * Helpers that run code of a program.
 */
#include <linux/array_size.h>
#include "../maps/prog_array.h"
#include "helpers.h"

/* Looks up where to go; going there is for who runs the program.  An index has 32 bits. */
static u64 tail_call(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	return (unsigned long)bvm_prog_array_ir((const struct bvm_map *)(unsigned long)r2, (u32)r3);
}

static const struct bvm_callback loop_callback = {
	.arg = { BVM_CB_INDEX, BVM_CB_STACK },
	.ret_max = 1,
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
};

const struct bvm_helper_set bvm_helpers_call = { call_helpers, ARRAY_SIZE(call_helpers) };
