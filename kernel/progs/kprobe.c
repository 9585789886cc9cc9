// SPDX-License-Identifier: GPL-2.0-only
/*
 * BPF_PROG_TYPE_KPROBE: programs on kprobes, kretprobes, uprobes and uretprobes.
 *
 * The context is the registers of the probed code, of which user space knows the
 * layout as bpf_user_pt_regs_t.  trace_kprobe and trace_uprobe pass their struct
 * pt_regs; where the architecture shows user space another structure (arm64), that
 * is what its struct pt_regs starts with.
 *
 * Sleepable ones are for uprobes only, which perf sees to, and run under RCU tasks trace.
 */
#include <linux/array_size.h>
#include <linux/build_bug.h>
#include <linux/perf_event.h>
#include <asm/bpf_perf_event.h>
#include "../core/core.h"
#include "../helpers/helpers.h"
#include "../helpers/kfunc.h"

static_assert(sizeof(bpf_user_pt_regs_t) <= sizeof(struct pt_regs));

static const struct bvm_ctx_field bvm_kprobe_ctx[] = {
	{ .size = sizeof(bpf_user_pt_regs_t), .widths = 1 | 2 | 4 | 8, .direct = 1 },
};

/* The last two are what is behind the first on one architecture or another. */
static const char *const bvm_kprobe_names[] = {
	"bpf_user_pt_regs_t", "pt_regs", "user_pt_regs", NULL,
};

static const struct bvm_helper_set *const bvm_kprobe_sets[] = {
	BVM_SETS_TRACING, &bvm_helpers_perf_regs, &bvm_helpers_cookie, &bvm_helpers_func,
	&bvm_helpers_stack_regs,
};

static const struct bvm_helper_set *const bvm_kprobe_kfuncs[] = { BVM_KFUNCS_ANY };

/* Return values: 0 keeps the event from perf's own buffers, anything else does not. */
const struct bvm_prog_type bvm_kprobe_prog = {
	.id = BPF_PROG_TYPE_KPROBE,
	.name = "kprobe",
	.flags = BVM_PROG_TRACING | BVM_PROG_CTX_ALIGNED | BVM_PROG_PERF_EVENT | BVM_PROG_MAY_SLEEP,
	.ctx_size = sizeof(bpf_user_pt_regs_t),
	.ctx = bvm_kprobe_ctx,
	.nr_ctx = ARRAY_SIZE(bvm_kprobe_ctx),
	.ctx_names = bvm_kprobe_names,
	.sets = bvm_kprobe_sets,
	.nr_sets = ARRAY_SIZE(bvm_kprobe_sets),
	.barred = bvm_barred_tracing,
	.kfuncs = bvm_kprobe_kfuncs,
	.nr_kfuncs = ARRAY_SIZE(bvm_kprobe_kfuncs),
};
