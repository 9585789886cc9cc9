// SPDX-License-Identifier: GPL-2.0-only
/*
 * Helpers for checksums of the Internet protocols (RFC 1071).
 */
#include <linux/array_size.h>
#include <linux/bitops.h>
#include <linux/errno.h>
#include <net/checksum.h>
#include "helpers.h"

/* The sum of @seed, what is in @to, and the complement of what is in @from. */
static u64 csum_diff(u64 from, u64 from_size, u64 to, u64 to_size, u64 seed)
{
	__wsum sum = (__force __wsum)seed;

	if ((from_size | to_size) % sizeof(u32))
		return -EINVAL;
	if (from_size)
		sum = csum_sub(sum, csum_partial((void *)(unsigned long)from, from_size, 0));
	if (to_size)
		sum = csum_partial((void *)(unsigned long)to, to_size, sum);
	return (__force u32)sum;
}

static const struct bvm_helper csum_helpers[] = {
	{
		.id = BPF_FUNC_csum_diff,
		.name = "csum_diff",
		.fn = csum_diff,
		.arg = {
			BVM_ARG_MEM | BVM_ARG_MAYBE_NULL, BVM_ARG_SIZE_OR_ZERO,
			BVM_ARG_MEM | BVM_ARG_MAYBE_NULL, BVM_ARG_SIZE_OR_ZERO, BVM_ARG_ANYTHING,
		},
		.flags = BVM_HELPER_TAKES_PKT,
	},
};

const struct bvm_helper_set bvm_helpers_csum = { csum_helpers, ARRAY_SIZE(csum_helpers) };
