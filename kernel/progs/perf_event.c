// SPDX-License-Identifier: GPL-2.0-only
/*
 * BPF_PROG_TYPE_PERF_EVENT: programs on samples of counters and timers.
 *
 * User space sees struct bpf_perf_event_data, the overflow handler of perf passes
 * struct bpf_perf_event_data_kern: pointers to the interrupted registers and to the
 * sample.
 */
#include <linux/array_size.h>
#include <linux/build_bug.h>
#include <linux/perf_event.h>
#include <uapi/linux/bpf_perf_event.h>
#include "../core/core.h"
#include "../helpers/helpers.h"
#include "../helpers/kfunc.h"

/* helpers/perf.c takes the context for the address of a pointer to the registers */
static_assert(!offsetof(struct bpf_perf_event_data_kern, regs));

/* A number in the sample, eight bytes, read only, any aligned part of it. */
#define BVM_SAMPLE_FIELD(field, member) {				\
	.off = offsetof(struct bpf_perf_event_data, field),		\
	.size = sizeof_field(struct bpf_perf_event_data, field),	\
	.widths = 1 | 2 | 4 | 8,					\
	.has_via = 1,							\
	.via = offsetof(struct bpf_perf_event_data_kern, data),		\
	.koff = offsetof(struct perf_sample_data, member),		\
	.ksize = sizeof_field(struct perf_sample_data, member),		\
}

static const struct bvm_ctx_field bvm_perf_event_ctx[] = {
	{
		.off = offsetof(struct bpf_perf_event_data, regs),
		.size = sizeof_field(struct bpf_perf_event_data, regs),
		.widths = sizeof(long),
		.direct = 1,
		.has_via = 1,
		.via = offsetof(struct bpf_perf_event_data_kern, regs),
	},
	BVM_SAMPLE_FIELD(sample_period, period),
	BVM_SAMPLE_FIELD(addr, addr),
};

static const char *const bvm_perf_event_names[] = { "bpf_perf_event_data", NULL };

/* It begins with the registers. */
static const char *const bvm_perf_event_tagged[] = {
	"bpf_user_pt_regs_t", "pt_regs", "user_pt_regs", NULL,
};

static const struct bvm_helper_set *const bvm_perf_event_sets[] = {
	BVM_SETS_TRACING, &bvm_helpers_perf_record, &bvm_helpers_perf_sample,
	&bvm_helpers_cookie_event,
	&bvm_helpers_stack_record,
};

static const struct bvm_helper_set *const bvm_perf_event_kfuncs[] = {
	BVM_KFUNCS_ANY, BVM_KFUNCS_OBJECTS,
};

/* Return values: 0 drops the sample, anything else records it. */
const struct bvm_prog_type bvm_perf_event_prog = {
	.id = BPF_PROG_TYPE_PERF_EVENT,
	.name = "perf_event",
	.flags = BVM_PROG_TRACING | BVM_PROG_CTX_ALIGNED | BVM_PROG_PERF_EVENT,
	.ctx_size = sizeof(struct bpf_perf_event_data),
	.ctx = bvm_perf_event_ctx,
	.nr_ctx = ARRAY_SIZE(bvm_perf_event_ctx),
	.ctx_names = bvm_perf_event_names,
	.ctx_tagged = bvm_perf_event_tagged,
	.sets = bvm_perf_event_sets,
	.nr_sets = ARRAY_SIZE(bvm_perf_event_sets),
	.barred = bvm_barred_tracing,
	.kfuncs = bvm_perf_event_kfuncs,
	.nr_kfuncs = ARRAY_SIZE(bvm_perf_event_kfuncs),
};
