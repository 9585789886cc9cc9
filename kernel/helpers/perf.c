// SPDX-License-Identifier: GPL-2.0-only
/*
 * Helpers that write to perf events.  With maps/perf_event_array.c the one place
 * outside progs/ and core/hooks.c that includes headers of perf.
 */
#include <linux/array_size.h>
#include <linux/percpu.h>
#include <linux/perf_event.h>
#include <linux/preempt.h>
#include <linux/smp.h>
#include "../maps/perf_event_array.h"
#include "helpers.h"

/*
 * A record's size is 16 bits wide.  What is left beside the payload holds the other
 * parts of a sample, the longest call chain included.
 */
#define PERF_OUTPUT_MAX		(60 << 10)

/* Programs that output at a time on a CPU: in a task, a softirq, an interrupt, an NMI. */
#define PERF_OUTPUT_NEST	4

struct bvm_perf_output {
	struct perf_sample_data sample[PERF_OUTPUT_NEST];
	int nest;
};

static DEFINE_PER_CPU(struct bvm_perf_output, bvm_perf_output);

/* Preemption is off. */
static long perf_output(struct perf_event *event, struct pt_regs *regs, void *data, u32 size)
{
	struct bvm_perf_output *out = this_cpu_ptr(&bvm_perf_output);
	struct perf_raw_record raw = {
		.frag = {
			.size = size,
			.data = data,
		},
	};
	struct perf_sample_data *sample;
	int nest = this_cpu_inc_return(bvm_perf_output.nest) - 1;
	long err = -EBUSY;

	if (likely(nest < PERF_OUTPUT_NEST)) {
		sample = &out->sample[nest];
		perf_sample_data_init(sample, 0, 0);
		perf_sample_save_raw_data(sample, event, &raw);
		err = perf_event_output(event, sample, regs);
	}
	this_cpu_dec(bvm_perf_output.nest);
	return err;
}

/*
 * -EINVAL: unknown flags, or an event of another kind, -E2BIG: no such entry, or too
 * much data, -ENOENT: nothing there, -EOPNOTSUPP: an event that is on another CPU,
 * -EBUSY: too many programs interrupt each other, and what perf_event_output() says.
 */
static long perf_output_to_map(struct pt_regs *regs, struct bvm_map *map, u64 flags,
			       void *data, u64 size)
{
	struct perf_event *event;
	u64 index = flags & BPF_F_INDEX_MASK;
	long err;
	u32 cpu;

	if (flags & ~BPF_F_INDEX_MASK)
		return -EINVAL;
	if (size > PERF_OUTPUT_MAX)
		return -E2BIG;
	/* A program's CPU is fixed; its turn among the samples must be, too. */
	preempt_disable();
	cpu = smp_processor_id();
	if (index == BPF_F_CURRENT_CPU)
		index = cpu;
	event = bvm_perf_array_event(map, index);
	if (IS_ERR(event))
		err = PTR_ERR(event);
	else if (event->attr.type != PERF_TYPE_SOFTWARE ||
		 event->attr.config != PERF_COUNT_SW_BPF_OUTPUT)
		err = -EINVAL;
	else if (event->oncpu != cpu)
		err = -EOPNOTSUPP;
	else
		err = perf_output(event, regs, data, size);
	preempt_enable();
	return err;
}

/* Kprobes and the like: the context is the registers. */
static u64 perf_event_output_regs(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	return perf_output_to_map((void *)(unsigned long)r1, (void *)(unsigned long)r2, r3,
				  (void *)(unsigned long)r4, r5);
}

/* Tracepoints: perf_trace_run_bpf_submit() puts their address in front of the record. */
static u64 perf_event_output_record(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	return perf_output_to_map(*(struct pt_regs **)(unsigned long)r1,
				  (void *)(unsigned long)r2, r3,
				  (void *)(unsigned long)r4, r5);
}

#define PERF_EVENT_OUTPUT(fn_)							\
	{									\
		.id = BPF_FUNC_perf_event_output,				\
		.name = "perf_event_output",					\
		.fn = fn_,							\
		.arg = {							\
			BVM_ARG_CTX, BVM_ARG_MAP_PTR, BVM_ARG_ANYTHING,		\
			BVM_ARG_MEM, BVM_ARG_SIZE_OR_ZERO,			\
		},								\
		.map_caps = BVM_MAP_PERF_OUTPUT,				\
		.flags = BVM_HELPER_GPL,					\
	}

static const struct bvm_helper perf_helpers_regs[] = {
	PERF_EVENT_OUTPUT(perf_event_output_regs),
};

static const struct bvm_helper perf_helpers_record[] = {
	PERF_EVENT_OUTPUT(perf_event_output_record),
};

const struct bvm_helper_set bvm_helpers_perf_regs = {
	perf_helpers_regs, ARRAY_SIZE(perf_helpers_regs)
};

const struct bvm_helper_set bvm_helpers_perf_record = {
	perf_helpers_record, ARRAY_SIZE(perf_helpers_record)
};
