// SPDX-License-Identifier: GPL-2.0-only
/*
 * Helpers that read clocks: the variants that an NMI may read while it interrupts
 * their update (Documentation/core-api/timekeeping.rst).
 */
#include <linux/array_size.h>
#include <linux/jiffies.h>
#include <linux/timekeeping.h>
#include "../exec/ir.h"
#include "helpers.h"

static u64 clock_monotonic(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	return ktime_get_mono_fast_ns();
}

static u64 clock_boottime(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	return ktime_get_boot_fast_ns();
}

static u64 jiffies64(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	return get_jiffies_64();
}

static u32 jiffies64_in_ir(const struct bvm_inline *call, struct bvm_ir *out)
{
	out[0] = (struct bvm_ir){ BVM_IR_MOVI, BPF_REG_0, .imm = (unsigned long)&jiffies_64 };
	out[1] = (struct bvm_ir){ BVM_IR_LOAD64, BPF_REG_0, BPF_REG_0 };
	return IS_ENABLED(CONFIG_64BIT) ? 2 : 0;
}

static u64 clock_tai(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	return ktime_get_tai_fast_ns();
}

/* waits for a writer: the types of programs that have it do not run in NMIs */
static u64 clock_coarse(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	return ktime_get_coarse_ns();
}

static const struct bvm_helper time_helpers[] = {
	{
		.id = BPF_FUNC_ktime_get_ns,
		.name = "ktime_get_ns",
		.fn = clock_monotonic,
	},
	{
		.id = BPF_FUNC_ktime_get_boot_ns,
		.name = "ktime_get_boot_ns",
		.fn = clock_boottime,
	},
	{
		.id = BPF_FUNC_jiffies64,
		.name = "jiffies64",
		.fn = jiffies64,
		.in_ir = jiffies64_in_ir,
	},
	{
		.id = BPF_FUNC_ktime_get_tai_ns,
		.name = "ktime_get_tai_ns",
		.fn = clock_tai,
	},
};

const struct bvm_helper_set bvm_helpers_time = { time_helpers, ARRAY_SIZE(time_helpers) };

static const struct bvm_helper coarse_time_helpers[] = {
	{
		.id = BPF_FUNC_ktime_get_coarse_ns,
		.name = "ktime_get_coarse_ns",
		.fn = clock_coarse,
	},
};

const struct bvm_helper_set bvm_helpers_coarse_time = {
	coarse_time_helpers, ARRAY_SIZE(coarse_time_helpers)
};
