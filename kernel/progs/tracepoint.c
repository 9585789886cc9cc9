// SPDX-License-Identifier: GPL-2.0-only
/*
 * BPF_PROG_TYPE_TRACEPOINT: programs on the static tracepoints of the kernel.
 *
 * The context is the record that perf would store, laid out as the format file of the
 * event in tracefs says, but for its first eight bytes: there the kernel keeps the
 * address of the registers.  How much of it an event has is checked when the program is
 * attached to it (bpf_prog_aux.max_ctx_offset).
 */
#include <linux/array_size.h>
#include <linux/perf_event.h>
#include <linux/trace_events.h>
#include "../core/core.h"
#include "../helpers/helpers.h"
#include "../helpers/kfunc.h"

#define BVM_RECORD_START	sizeof(void *)

static const struct bvm_ctx_field bvm_tracepoint_ctx[] = {
	{ .size = BVM_RECORD_START, .kind = BVM_CTX_FORBIDDEN },
	{
		.off = BVM_RECORD_START,
		.koff = BVM_RECORD_START,
		.size = PERF_MAX_TRACE_SIZE - BVM_RECORD_START,
		.widths = 1 | 2 | 4 | 8,
		.direct = 1,
	},
};

static const struct bvm_helper_set *const bvm_tracepoint_sets[] = {
	BVM_SETS_TRACING, &bvm_helpers_perf_record, &bvm_helpers_cookie,
	&bvm_helpers_stack_record,
};

static const struct bvm_helper_set *const bvm_tracepoint_kfuncs[] = {
	BVM_KFUNCS_ANY, BVM_KFUNCS_OBJECTS,
};

/* Return values: as for kprobes. */
const struct bvm_prog_type bvm_tracepoint_prog = {
	.id = BPF_PROG_TYPE_TRACEPOINT,
	.name = "tracepoint",
	.flags = BVM_PROG_TRACING | BVM_PROG_CTX_ALIGNED | BVM_PROG_PERF_EVENT |
		 BVM_PROG_CTX_ANY,
	.ctx_size = PERF_MAX_TRACE_SIZE,
	.ctx = bvm_tracepoint_ctx,
	.nr_ctx = ARRAY_SIZE(bvm_tracepoint_ctx),
	.sets = bvm_tracepoint_sets,
	.nr_sets = ARRAY_SIZE(bvm_tracepoint_sets),
	.barred = bvm_barred_tracing,
	.kfuncs = bvm_tracepoint_kfuncs,
	.nr_kfuncs = ARRAY_SIZE(bvm_tracepoint_kfuncs),
};
