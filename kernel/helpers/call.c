// SPDX-License-Identifier: GPL-2.0-only
/*
 * Helpers that run code of a program.
 */
#include <linux/array_size.h>
#include "helpers.h"

static const struct bvm_callback loop_callback = {
	.arg = { BVM_CB_INDEX, BVM_CB_STACK },
	.ret_max = 1,
};

static const struct bvm_helper call_helpers[] = {
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
