// SPDX-License-Identifier: GPL-2.0-only
/*
 * Helpers that write to the kernel's trace.
 */
#include <linux/array_size.h>
#include <linux/errno.h>
#include <linux/printk.h>
#include <linux/trace_events.h>
#include "format.h"
#include "helpers.h"

#define CREATE_TRACE_POINTS
#include "trace_event.h"

static u64 trace_text(const char *fmt, u32 fmt_size, const u64 *args, u32 nr_args)
{
	struct bvm_format_buf *buf;
	long ret;

	ret = bvm_format_check(fmt, fmt_size, nr_args);
	if (ret)
		return ret;
	buf = bvm_format_buf_get();
	if (!buf)
		return -EBUSY;
	ret = bvm_format(buf->out, sizeof(buf->out), fmt, args, buf);
	trace_bpf_trace_printk(buf->out);
	bvm_format_buf_put();
	return ret;
}

static u64 print(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	const u64 args[] = { r3, r4, r5 };

	return trace_text((const char *)(unsigned long)r1, r2, args, ARRAY_SIZE(args));
}

static u64 vprint(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	if (r4 % sizeof(u64))
		return -EINVAL;
	return trace_text((const char *)(unsigned long)r1, r2, (const u64 *)(unsigned long)r3,
			  r4 / sizeof(u64));
}

/* Whoever loads a program that traces wants to see it: nobody needs to enable the event. */
static void trace_loaded(void)
{
	if (trace_set_clr_event("bpf_trace", "bpf_trace_printk", 1))
		pr_warn_ratelimited("bvm: could not enable the event bpf_trace_printk\n");
}

/* What a format takes of r3..r5 is the program's business: unset ones print something. */
static const struct bvm_helper trace_helpers[] = {
	{
		.id = BPF_FUNC_trace_printk,
		.name = "trace_printk",
		.fn = print,
		.arg = { BVM_ARG_MEM, BVM_ARG_SIZE },
		.flags = BVM_HELPER_GPL | BVM_HELPER_PERFMON,
		.loaded = trace_loaded,
	},
	{
		.id = BPF_FUNC_trace_vprintk,
		.name = "trace_vprintk",
		.fn = vprint,
		.arg = {
			BVM_ARG_MEM, BVM_ARG_SIZE,
			BVM_ARG_MEM | BVM_ARG_MAYBE_NULL, BVM_ARG_SIZE_OR_ZERO,
		},
		.flags = BVM_HELPER_GPL | BVM_HELPER_PERFMON,
		.loaded = trace_loaded,
	},
};

const struct bvm_helper_set bvm_helpers_trace = { trace_helpers, ARRAY_SIZE(trace_helpers) };
