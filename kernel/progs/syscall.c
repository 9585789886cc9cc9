// SPDX-License-Identifier: GPL-2.0-only
/*
 * BPF_PROG_TYPE_SYSCALL: programs that user space runs, by BPF_PROG_TEST_RUN and nothing
 * else, on memory that it passes and gets back.
 *
 * They must be loaded as sleepable, and run under RCU tasks trace.
 */
#include <linux/array_size.h>
#include "../core/core.h"
#include "../helpers/helpers.h"
#include "../helpers/kfunc.h"

static const struct bvm_ctx_field bvm_syscall_ctx[] = {
	{
		.size = U16_MAX,
		.widths = 1 | 2 | 4 | 8,
		.stores = 1 | 2 | 4 | 8,
		.direct = 1,
	},
};

static const struct bvm_helper_set *const bvm_syscall_sets[] = { BVM_SETS_TRACING };

static const struct bvm_helper_set *const bvm_syscall_kfuncs[] = {
	BVM_KFUNCS_ANY, BVM_KFUNCS_OBJECTS,
#ifdef CONFIG_MMU
	&bvm_kfuncs_arena,
#endif
};

/* User space passes at least as much as the program may touch. */
static int bvm_syscall_test_run(struct bvm_prog *prog, struct bvm_test_run *run)
{
	int err;

	if (run->ctx_size_in < prog->max_ctx_off)
		return -EINVAL;
	err = bvm_test_run_repeat(prog, run->ctx_in, run);
	run->duration = 0;
	return err;
}

const struct bvm_prog_type bvm_syscall_prog = {
	.id = BPF_PROG_TYPE_SYSCALL,
	.name = "syscall",
	.flags = BVM_PROG_TRACING | BVM_PROG_CTX_ALIGNED | BVM_PROG_CTX_U64 |
		 BVM_PROG_CTX_ANY | BVM_PROG_SLEEPABLE | BVM_PROG_LOCKS,
	.ctx_size = U16_MAX,
	.ctx = bvm_syscall_ctx,
	.nr_ctx = ARRAY_SIZE(bvm_syscall_ctx),
	.sets = bvm_syscall_sets,
	.nr_sets = ARRAY_SIZE(bvm_syscall_sets),
	.kfuncs = bvm_syscall_kfuncs,
	.nr_kfuncs = ARRAY_SIZE(bvm_syscall_kfuncs),
	.test_args = BVM_TEST_CTX_BACK,
	.test_run = bvm_syscall_test_run,
};
