// SPDX-License-Identifier: GPL-2.0-only
/*
 * BPF_PROG_TYPE_RAW_TRACEPOINT and BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE: programs on the
 * arguments that a tracepoint is called with.
 *
 * The context is struct bpf_raw_tracepoint_args, each argument widened to 64 bits; how
 * many an event has is compared when the program is attached.  A writable tracepoint has
 * a buffer in its first argument that the program may read and write.
 */
#include <linux/array_size.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <linux/trace_events.h>
#include "../core/core.h"
#include "../helpers/helpers.h"
#include "../helpers/kfunc.h"

#define BVM_RAW_TP_ARGS		12
#define BVM_RAW_TP_CTX		(BVM_RAW_TP_ARGS * sizeof(u64))

static const struct bvm_ctx_field bvm_raw_tp_ctx[] = {
	{ .size = BVM_RAW_TP_CTX, .widths = 1 | 2 | 4 | 8, .direct = 1 },
};

static const struct bvm_ctx_field bvm_raw_tp_writable_ctx[] = {
	{ .size = sizeof(u64), .widths = 8, .kind = BVM_CTX_TP_BUFFER, .direct = 1 },
	{
		.off = sizeof(u64),
		.koff = sizeof(u64),
		.size = BVM_RAW_TP_CTX - sizeof(u64),
		.widths = 1 | 2 | 4 | 8,
		.direct = 1,
	},
};

static const char *const bvm_raw_tp_names[] = { "bpf_raw_tracepoint_args", NULL };

static const struct bvm_helper_set *const bvm_raw_tp_sets[] = {
	BVM_SETS_TRACING, &bvm_helpers_perf_args, &bvm_helpers_cookie,
	&bvm_helpers_stack_args,
};

static const struct bvm_helper_set *const bvm_raw_tracepoint_kfuncs[] = { BVM_KFUNCS_ANY };

/* ------------------------------------------------------------- test run */

struct bvm_raw_tp_run {
	struct bvm_prog *prog;
	u64 *args;
	u32 retval;
};

static void bvm_raw_tp_run(void *data)
{
	struct bpf_trace_run_ctx run_ctx = {};
	struct bvm_raw_tp_run *run = data;
	struct bpf_run_ctx *old;

	rcu_read_lock();
	preempt_disable();
	old = bpf_set_run_ctx(&run_ctx.run_ctx);
	run->retval = bvm_prog_run(run->prog, run->args);
	bpf_reset_run_ctx(old);
	preempt_enable();
	rcu_read_unlock();
}

/*
 * Runs the program once, on the CPU that user space asked for, or on this one.  It passes
 * as many arguments as it likes, at least those that the program reads; the others are 0.
 */
static int bvm_raw_tp_test_run(struct bvm_prog *prog, struct bvm_test_run *test)
{
	u64 args[BVM_RAW_TP_ARGS] = {};
	struct bvm_raw_tp_run run = { .prog = prog, .args = args };
	int err = 0;

	if (test->ctx_size_in < prog->max_ctx_off || test->ctx_size_in > sizeof(args))
		return -EINVAL;
	if (test->ctx_size_in)
		memcpy(args, test->ctx_in, test->ctx_size_in);
	if (test->flags & BPF_F_TEST_RUN_ON_CPU)
		err = smp_call_function_single(test->cpu, bvm_raw_tp_run, &run, true);
	else
		bvm_raw_tp_run(&run);
	test->retval = run.retval;
	return err;
}

/* Return values: any, and nobody looks at them but a test run. */
const struct bvm_prog_type bvm_raw_tracepoint_prog = {
	.id = BPF_PROG_TYPE_RAW_TRACEPOINT,
	.name = "raw_tracepoint",
	.flags = BVM_PROG_TRACING | BVM_PROG_CTX_ALIGNED | BVM_PROG_RAW_TP |
		 BVM_PROG_CTX_U64,
	.ctx_size = BVM_RAW_TP_CTX,
	.ctx = bvm_raw_tp_ctx,
	.nr_ctx = ARRAY_SIZE(bvm_raw_tp_ctx),
	.ctx_names = bvm_raw_tp_names,
	.sets = bvm_raw_tp_sets,
	.nr_sets = ARRAY_SIZE(bvm_raw_tp_sets),
	.barred = bvm_barred_tracing,
	.kfuncs = bvm_raw_tracepoint_kfuncs,
	.nr_kfuncs = ARRAY_SIZE(bvm_raw_tracepoint_kfuncs),
	.test_args = BVM_TEST_ON_CPU,
	.test_run = bvm_raw_tp_test_run,
};

/* The buffer's size, like the number of arguments, is compared when it is attached. */
const struct bvm_prog_type bvm_raw_tracepoint_writable_prog = {
	.id = BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE,
	.name = "raw_tracepoint_writable",
	.flags = BVM_PROG_TRACING | BVM_PROG_CTX_ALIGNED | BVM_PROG_RAW_TP |
		 BVM_PROG_CTX_U64,
	.ctx_size = BVM_RAW_TP_CTX,
	.ctx = bvm_raw_tp_writable_ctx,
	.nr_ctx = ARRAY_SIZE(bvm_raw_tp_writable_ctx),
	.ctx_names = bvm_raw_tp_names,
	.sets = bvm_raw_tp_sets,
	.nr_sets = ARRAY_SIZE(bvm_raw_tp_sets),
	.barred = bvm_barred_tracing,
	.kfuncs = bvm_raw_tracepoint_kfuncs,
	.nr_kfuncs = ARRAY_SIZE(bvm_raw_tracepoint_kfuncs),
};
