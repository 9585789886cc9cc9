// SPDX-License-Identifier: GPL-2.0-only
/*
 * BPF_PROG_TEST_RUN: run a program on made-up input.  User memory is dealt with here,
 * what the input means is for the program type.
 */
#include <linux/filter.h>
#include <linux/ktime.h>
#include <linux/rcupdate_trace.h>
#include <linux/sched/signal.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include "core.h"

/* A copy of what user space put in; more than @most is more than the type takes. */
static void *bvm_test_input(u64 user, u32 size, u32 most, int too_big)
{
	if (!size)
		return NULL;
	if (size > most)
		return ERR_PTR(too_big);
	return vmemdup_user(u64_to_user_ptr(user), size);
}

/*
 * Hand out @size bytes: user space has @room for them (0: it did not say and is trusted),
 * gets what fits, and is told how much there was.
 */
static int bvm_test_output(u64 user, u32 room, __u32 __user *size_out, const void *data, u32 size)
{
	bool cut = room && size > room;

	if (user && size && copy_to_user(u64_to_user_ptr(user), data, cut ? room : size))
		return -EFAULT;
	if (put_user(size, size_out))
		return -EFAULT;
	return cut ? -ENOSPC : 0;
}

static int bvm_test_results(const union bpf_attr *attr, union bpf_attr __user *uattr,
			    const struct bvm_test_run *run, u32 args)
{
	int err, err2 = 0;

	if ((args & BVM_TEST_CTX_BACK) && run->ctx_in &&
	    copy_to_user(u64_to_user_ptr(attr->test.ctx_in), run->ctx_in, run->ctx_size_in))
		return -EFAULT;
	err = bvm_test_output(attr->test.data_out, attr->test.data_size_out,
			      &uattr->test.data_size_out, run->data_out, run->data_size_out);
	/* unlike the data, of which everybody learns the size */
	if (attr->test.ctx_out)
		err2 = bvm_test_output(attr->test.ctx_out, attr->test.ctx_size_out,
				       &uattr->test.ctx_size_out, run->ctx_out,
				       run->ctx_size_out);
	if (put_user(run->retval, &uattr->test.retval) ||
	    put_user(run->duration, &uattr->test.duration))
		return -EFAULT;
	return err ?: err2;
}

/* Nothing is asked for that this type of program does not take. */
static bool bvm_test_args_fit(u32 takes, const union bpf_attr *attr)
{
	u32 flags = takes & BVM_TEST_ON_CPU ? BPF_F_TEST_RUN_ON_CPU : 0;

	if ((attr->test.flags & ~flags) || attr->test.batch_size)
		return false;
	if (attr->test.cpu && !(attr->test.flags & BPF_F_TEST_RUN_ON_CPU))
		return false;
	if (!(takes & BVM_TEST_DATA) && (attr->test.data_in || attr->test.data_out ||
					 attr->test.data_size_in || attr->test.data_size_out))
		return false;
	if (!(takes & BVM_TEST_CTX_OUT) && attr->test.ctx_out)
		return false;
	return (takes & BVM_TEST_REPEAT) || (!attr->test.repeat && !attr->test.duration);
}

static int bvm_test_run(struct bvm_prog *prog, union bpf_attr *attr, union bpf_attr __user *uattr)
{
	struct bvm_test_run run = {
		.data_size_in = attr->test.data_size_in,
		.ctx_size_in = attr->test.ctx_size_in,
		.repeat = max(attr->test.repeat, 1U),
		.flags = attr->test.flags,
		.cpu = attr->test.cpu,
	};
	bool back;
	int err;

	if (!prog->type->test_run)
		return -ENOTSUPP;
	if (!bvm_test_args_fit(prog->type->test_args, attr))
		return -EINVAL;

	run.data_in = bvm_test_input(attr->test.data_in, run.data_size_in, PAGE_SIZE, -EINVAL);
	if (IS_ERR(run.data_in))
		return PTR_ERR(run.data_in);
	back = prog->type->test_args & BVM_TEST_CTX_BACK;
	run.ctx_in = bvm_test_input(attr->test.ctx_in, run.ctx_size_in,
				    back ? U16_MAX : PAGE_SIZE, back ? -EINVAL : -E2BIG);
	if (IS_ERR(run.ctx_in)) {
		kvfree(run.data_in);
		return PTR_ERR(run.ctx_in);
	}

	err = prog->type->test_run(prog, &run);
	if (!err)
		err = bvm_test_results(attr, uattr, &run, prog->type->test_args);

	kvfree(run.ctx_out);
	kvfree(run.data_out);
	kvfree(run.ctx_in);
	kvfree(run.data_in);
	return err;
}

/**
 * bvm_cmd_prog_test_run - BPF_PROG_TEST_RUN
 * @attr:	.test
 * @uattr:	.test: retval, duration, data_size_out, ctx_size_out are written
 * @size:	unused
 * Return: 0, -ENOSPC when the output did not fit, or another negative errno.
 */
int bvm_cmd_prog_test_run(union bpf_attr *attr, union bpf_attr __user *uattr, u32 size)
{
	struct bvm_prog *prog;
	int err;

	/* a size and a pointer, or neither */
	if (!attr->test.ctx_size_in != !attr->test.ctx_in ||
	    !attr->test.ctx_size_out != !attr->test.ctx_out)
		return -EINVAL;
	prog = bvm_prog_from_fd(attr->test.prog_fd);
	if (IS_ERR(prog))
		return PTR_ERR(prog);
	err = bvm_test_run(prog, attr, uattr);
	bvm_prog_put(prog);
	return err;
}

/**
 * bvm_test_ctx_in - the caller's context, as long as this kernel knows it
 * @run:	->ctx_in; NULL: zeros
 * @ctx:	gets it
 * @size:	bytes that the kernel knows; what is not passed becomes 0
 * Any context.  Return: 0; -E2BIG: not all of what is unknown is 0.
 */
int bvm_test_ctx_in(const struct bvm_test_run *run, void *ctx, u32 size)
{
	u32 known = min(run->ctx_size_in, size);

	memset(ctx, 0, size);
	if (!run->ctx_in)
		return 0;
	memcpy(ctx, run->ctx_in, known);
	return memchr_inv(run->ctx_in + known, 0, run->ctx_size_in - known) ? -E2BIG : 0;
}

/* One of the two kinds of RCU that maps wait for; in the second a program may sleep. */
static void bvm_test_enter(const struct bvm_prog *prog, u64 *start)
{
	if (prog->flags & BPF_F_SLEEPABLE)
		rcu_read_lock_trace();
	else
		rcu_read_lock();
	migrate_disable();
	*start = ktime_get_ns();
}

static u64 bvm_test_leave(const struct bvm_prog *prog, u64 start)
{
	u64 spent = ktime_get_ns() - start;

	migrate_enable();
	if (prog->flags & BPF_F_SLEEPABLE)
		rcu_read_unlock_trace();
	else
		rcu_read_unlock();
	return spent;
}

/**
 * bvm_test_run_repeat - run a program @run->repeat times
 * @prog:	program
 * @ctx:	context; it is not restored between runs
 * @run:	->repeat is read; ->retval of the last run and ->duration, the mean of all
 *		in nanoseconds, are written
 *
 * Gives way to other tasks; the time that they take does not count.  Process context.
 *
 * Return: 0; -EINTR when a signal came in between.
 */
int bvm_test_run_repeat(struct bvm_prog *prog, void *ctx, struct bvm_test_run *run)
{
	u64 start, spent = 0;
	u32 left = run->repeat;

	bvm_test_enter(prog, &start);
	for (;;) {
		run->retval = bvm_prog_run(prog, ctx);
		if (!--left)
			break;
		if (likely(!need_resched() && !signal_pending(current)))
			continue;
		spent += bvm_test_leave(prog, start);
		if (signal_pending(current))
			return -EINTR;
		cond_resched();
		bvm_test_enter(prog, &start);
	}
	spent += bvm_test_leave(prog, start);
	run->duration = min_t(u64, div_u64(spent, run->repeat), U32_MAX);
	return 0;
}
