// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit: events.  Programs that are C functions go on the run list of a made-up attach
 * point, and on a real raw tracepoint.
 */
#include <kunit/test.h>
#include <linux/kthread.h>
#include <linux/perf_event.h>
#include <linux/trace_events.h>
#include "../core/core.h"

#define TOO_MANY	65

/* what the programs saw; one test at a time */
static struct {
	struct trace_event_call *call;
	u32 runs, nested;
	u64 cookie, arg;
} seen;

static u64 current_cookie(void)
{
	return container_of(current->bpf_ctx, struct bpf_trace_run_ctx, run_ctx)->bpf_cookie;
}

static u64 run_one(const struct bvm_ir_prog *ir, void *ctx)
{
	seen.runs++;
	seen.cookie = current_cookie();
	return 1;
}

static u64 run_zero(const struct bvm_ir_prog *ir, void *ctx)
{
	seen.runs++;
	return 0;
}

/* an event in the middle of a program */
static u64 run_nested(const struct bvm_ir_prog *ir, void *ctx)
{
	seen.runs++;
	seen.nested += trace_call_bpf(seen.call, ctx);
	return 1;
}

static u64 run_args(const struct bvm_ir_prog *ir, void *ctx)
{
	/* others may stop threads too */
	if (*(u64 *)ctx == seen.arg) {
		seen.runs++;
		seen.cookie = current_cookie();
	}
	return 0;
}

static struct bvm_prog *prog_new(struct kunit *test,
				 u64 (*run)(const struct bvm_ir_prog *ir, void *ctx))
{
	struct bvm_prog *prog = bvm_prog_alloc(bvm_prog_type_find(BPF_PROG_TYPE_TRACEPOINT), 1);

	KUNIT_ASSERT_FALSE(test, IS_ERR(prog));
	prog->run = run;
	bvm_prog_facade_update(prog);
	return prog;
}

static struct perf_event *event_new(struct kunit *test)
{
	struct perf_event *event = kunit_kzalloc(test, sizeof(*event), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, event);
	event->tp_event = seen.call;
	return event;
}

static u32 fire(void)
{
	u32 ret;

	preempt_disable();
	ret = trace_call_bpf(seen.call, &seen);
	preempt_enable();
	return ret;
}

static u64 misses(const struct bvm_prog *prog)
{
	struct bvm_run_stats stats;

	bvm_prog_read_stats(prog, &stats);
	return stats.misses;
}

static void run_list(struct kunit *test)
{
	struct perf_event *a = event_new(test), *b = event_new(test);
	struct bvm_prog *one = prog_new(test, run_one), *zero = prog_new(test, run_zero);

	KUNIT_EXPECT_EQ(test, perf_event_attach_bpf_prog(a, &one->facade, 0x123), 0);
	KUNIT_EXPECT_EQ(test, perf_event_attach_bpf_prog(a, &zero->facade, 0), -EEXIST);
	/* a program is on a list once */
	KUNIT_EXPECT_EQ(test, perf_event_attach_bpf_prog(b, &one->facade, 0), -EEXIST);
	KUNIT_EXPECT_NULL(test, b->prog);

	KUNIT_EXPECT_EQ(test, fire(), 1);
	KUNIT_EXPECT_EQ(test, seen.runs, 1);
	KUNIT_EXPECT_EQ(test, seen.cookie, 0x123);
	KUNIT_EXPECT_NULL(test, current->bpf_ctx);

	/* one program that says no is enough, but all of them run */
	KUNIT_EXPECT_EQ(test, perf_event_attach_bpf_prog(b, &zero->facade, 0), 0);
	KUNIT_EXPECT_EQ(test, fire(), 0);
	KUNIT_EXPECT_EQ(test, seen.runs, 3);

	perf_event_detach_bpf_prog(b);
	KUNIT_EXPECT_EQ(test, fire(), 1);
	KUNIT_EXPECT_EQ(test, seen.runs, 4);
	perf_event_detach_bpf_prog(a);
	perf_event_detach_bpf_prog(a);
	fire();
	KUNIT_EXPECT_EQ(test, seen.runs, 4);
}

static void inherited(struct kunit *test)
{
	struct perf_event *parent = event_new(test), *child = event_new(test);
	struct bvm_prog *prog = prog_new(test, run_one);

	KUNIT_EXPECT_EQ(test, perf_event_attach_bpf_prog(parent, &prog->facade, 0), 0);
	/* as perf_event_alloc() does */
	bpf_prog_inc(&prog->facade);
	child->prog = &prog->facade;
	child->parent = parent;

	perf_event_detach_bpf_prog(child);
	KUNIT_EXPECT_NULL(test, child->prog);
	fire();
	KUNIT_EXPECT_EQ(test, seen.runs, 1);
	perf_event_detach_bpf_prog(parent);
}

static void recursion(struct kunit *test)
{
	struct perf_event *a = event_new(test), *b = event_new(test);
	struct bvm_prog *nested = prog_new(test, run_nested), *one = prog_new(test, run_one);

	KUNIT_EXPECT_EQ(test, perf_event_attach_bpf_prog(a, &nested->facade, 0), 0);
	KUNIT_EXPECT_EQ(test, perf_event_attach_bpf_prog(b, &one->facade, 0), 0);
	KUNIT_EXPECT_EQ(test, fire(), 1);
	KUNIT_EXPECT_EQ(test, seen.runs, 2);
	KUNIT_EXPECT_EQ(test, seen.nested, 0);
	KUNIT_EXPECT_EQ(test, misses(nested), 1);
	KUNIT_EXPECT_EQ(test, misses(one), 1);
	/* and the guard is open again */
	KUNIT_EXPECT_EQ(test, fire(), 1);
	KUNIT_EXPECT_EQ(test, seen.runs, 4);
	perf_event_detach_bpf_prog(a);
	perf_event_detach_bpf_prog(b);
}

static void too_many(struct kunit *test)
{
	struct perf_event *events[TOO_MANY];
	struct bvm_prog *prog;
	u32 i;

	for (i = 0; i < TOO_MANY; i++) {
		events[i] = event_new(test);
		prog = prog_new(test, run_one);
		KUNIT_EXPECT_EQ(test, perf_event_attach_bpf_prog(events[i], &prog->facade, i),
				i < TOO_MANY - 1 ? 0 : -E2BIG);
	}
	bvm_prog_put(prog);
	KUNIT_EXPECT_EQ(test, fire(), 1);
	KUNIT_EXPECT_EQ(test, seen.runs, TOO_MANY - 1);
	for (i = 0; i < TOO_MANY; i++)
		perf_event_detach_bpf_prog(events[i]);
}

static int nothing(void *data)
{
	while (!kthread_should_stop())
		schedule_timeout_interruptible(1);
	return 0;
}

static void raw_tracepoint(struct kunit *test)
{
	struct bpf_raw_event_map *btp = bpf_get_raw_tracepoint("sched_kthread_stop");
	struct bvm_prog *prog = prog_new(test, run_args);
	struct bpf_raw_tp_link link = { .link.prog = &prog->facade, .cookie = 0x77 };
	struct task_struct *task;

	KUNIT_EXPECT_NULL(test, bpf_get_raw_tracepoint("bvm_no_such_tracepoint"));
	KUNIT_EXPECT_NULL(test, bpf_get_raw_tracepoint(""));
	KUNIT_ASSERT_NOT_NULL(test, btp);
	KUNIT_EXPECT_STREQ(test, btp->tp->name, "sched_kthread_stop");

	prog->max_ctx_off = sizeof(u64) * (btp->num_args + 1);
	bvm_prog_facade_update(prog);
	KUNIT_EXPECT_EQ(test, bpf_probe_register(btp, &link), -EINVAL);
	prog->max_ctx_off = sizeof(u64) * btp->num_args;
	bvm_prog_facade_update(prog);

	task = kthread_run(nothing, NULL, "bvm_hooks");
	KUNIT_ASSERT_FALSE(test, IS_ERR(task));
	seen.arg = (unsigned long)task;
	KUNIT_EXPECT_EQ(test, bpf_probe_register(btp, &link), 0);
	get_task_struct(task);
	kthread_stop(task);
	KUNIT_EXPECT_EQ(test, bpf_probe_unregister(btp, &link), 0);
	tracepoint_synchronize_unregister();

	KUNIT_EXPECT_EQ(test, seen.runs, 1);
	KUNIT_EXPECT_EQ(test, seen.cookie, 0x77);
	put_task_struct(task);
	bpf_put_raw_tracepoint(btp);
	bvm_prog_put(prog);
}

static void references(struct kunit *test)
{
	struct bvm_prog *prog = prog_new(test, run_one);

	bpf_prog_inc(&prog->facade);
	bpf_prog_add(&prog->facade, 3);
	KUNIT_EXPECT_PTR_EQ(test, bpf_prog_inc_not_zero(&prog->facade), &prog->facade);
	KUNIT_EXPECT_EQ(test, refcount_read(&prog->obj.refs), 6);
	bpf_prog_sub(&prog->facade, 3);
	bpf_prog_put(&prog->facade);
	bpf_prog_put(&prog->facade);
	KUNIT_EXPECT_EQ(test, refcount_read(&prog->obj.refs), 1);
	/* RCU keeps it in memory for those who found it too late */
	rcu_read_lock();
	bpf_prog_put(&prog->facade);
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(bpf_prog_inc_not_zero(&prog->facade)), -ENOENT);
	rcu_read_unlock();
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(bpf_prog_get(U32_MAX)), -EBADF);
}

static int init(struct kunit *test)
{
	memset(&seen, 0, sizeof(seen));
	seen.call = kunit_kzalloc(test, sizeof(*seen.call), GFP_KERNEL);
	return seen.call ? 0 : -ENOMEM;
}

/* Events, the attach point and seen are gone soon: wait for what may still read them. */
static void finish(struct kunit *test)
{
	synchronize_rcu();
	bvm_obj_flush();
}

static struct kunit_case cases[] = {
	KUNIT_CASE(run_list),
	KUNIT_CASE(inherited),
	KUNIT_CASE(recursion),
	KUNIT_CASE(too_many),
	KUNIT_CASE(raw_tracepoint),
	KUNIT_CASE(references),
	{}
};

static struct kunit_suite suite = {
	.name = "bvm_hooks",
	.init = init,
	.exit = finish,
	.test_cases = cases,
};

kunit_test_suite(suite);
