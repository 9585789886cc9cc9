// SPDX-License-Identifier: GPL-2.0-only
/*
 * Helpers that write to perf events and read them.  With perf_packet.c and
 * maps/perf_event_array.c the one place outside progs/ and core/hooks.c that includes headers
 * of perf.
 */
#include <linux/array_size.h>
#include <linux/percpu.h>
#include <linux/perf_event.h>
#include <linux/preempt.h>
#include <linux/smp.h>
#include "../maps/perf_event_array.h"
#include "helpers.h"
#include "perf_output.h"
#include "perf_regs.h"

/*
 * A record's size is 16 bits wide.  What is left beside the payload holds the other
 * parts of a sample, the longest call chain included.
 */
#define PERF_OUTPUT_MAX		(60 << 10)

/* Programs that output at a time on a CPU: in a task, a softirq, an interrupt, an NMI. */
#define PERF_OUTPUT_NEST	4

struct bvm_perf_samples {
	struct perf_sample_data sample[PERF_OUTPUT_NEST];
	int nest;
};

static DEFINE_PER_CPU(struct bvm_perf_samples, bvm_perf_samples);

/* Preemption is off. */
static long perf_output(struct perf_event *event, struct pt_regs *regs,
			struct perf_raw_record *raw)
{
	struct bvm_perf_samples *out = this_cpu_ptr(&bvm_perf_samples);
	struct perf_sample_data *sample;
	int nest = this_cpu_inc_return(bvm_perf_samples.nest) - 1;
	long err = -EBUSY;

	if (likely(nest < PERF_OUTPUT_NEST)) {
		sample = &out->sample[nest];
		perf_sample_data_init(sample, 0, 0);
		perf_sample_save_raw_data(sample, event, raw);
		err = perf_event_output(event, sample, regs);
	}
	this_cpu_dec(bvm_perf_samples.nest);
	return err;
}

/**
 * bvm_perf_output - write a record to a perf event
 * @regs:	what the sample shows of registers and stack
 * @map:	perf event array
 * @index:	of the event, or BPF_F_CURRENT_CPU
 * @raw:	the record, in one or more pieces
 * @size:	of all pieces
 * Any context incl. NMI.
 *
 * Return: 0; -EINVAL for an event of another kind, -E2BIG when there is no such entry or too
 * much data, -ENOENT when nothing is there, -EOPNOTSUPP for an event that is on another CPU,
 * -EBUSY when too many programs interrupt each other, and what perf_event_output() says.
 */
long bvm_perf_output(struct pt_regs *regs, struct bvm_map *map, u64 index,
		     struct perf_raw_record *raw, u64 size)
{
	struct perf_event *event;
	long err;
	u32 cpu;

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
		err = perf_output(event, regs, raw);
	preempt_enable();
	return err;
}

static long perf_output_to_map(struct pt_regs *regs, struct bvm_map *map, u64 flags,
			       void *data, u64 size)
{
	struct perf_raw_record raw = {
		.frag = {
			.size = size,
			.data = data,
		},
	};

	if (flags & ~BPF_F_INDEX_MASK)
		return -EINVAL;
	return bvm_perf_output(regs, map, flags, &raw, size);
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

/* Raw tracepoints have only arguments: the registers are those of the helper's caller. */
static u64 perf_event_output_args(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	struct pt_regs *regs;
	long err = -EBUSY;

	preempt_disable();
	regs = bvm_caller_regs_get();
	if (regs)
		err = perf_output_to_map(regs, (void *)(unsigned long)r2, r3,
					 (void *)(unsigned long)r4, r5);
	bvm_caller_regs_put();
	preempt_enable();
	return err;
}

/*
 * Both kinds of reading: what perf_event_read_local() says about events of other CPUs
 * and tasks (-EINVAL), inherited (-EOPNOTSUPP) and pinned ones that do not run (-EBUSY).
 */
static long perf_read_from_map(struct bvm_map *map, u64 flags,
			       struct bpf_perf_event_value *value)
{
	u64 index = flags & BPF_F_INDEX_MASK;
	struct perf_event *event;
	long err;

	if (flags & ~BPF_F_INDEX_MASK)
		return -EINVAL;
	preempt_disable();
	if (index == BPF_F_CURRENT_CPU)
		index = smp_processor_id();
	event = bvm_perf_array_event(map, index);
	if (IS_ERR(event))
		err = PTR_ERR(event);
	else
		err = perf_event_read_local(event, &value->counter, &value->enabled,
					    &value->running);
	preempt_enable();
	return err;
}

/* The counter; an error is a number close to the largest, as bpf-helpers(7) warns. */
static u64 perf_event_read(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	struct bpf_perf_event_value value;
	long err = perf_read_from_map((void *)(unsigned long)r1, r2, &value);

	return err ? err : value.counter;
}

/* A program must not see what its buffer held before: it is cleared on errors. */
static u64 perf_value_done(void *buf, u64 size, long err)
{
	if (err)
		memset(buf, 0, size);
	return err;
}

static u64 perf_event_read_value_(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	struct bpf_perf_event_value *value = (void *)(unsigned long)r3;
	long err = -EINVAL;

	if (r4 == sizeof(*value))
		err = perf_read_from_map((void *)(unsigned long)r1, r2, value);
	return perf_value_done(value, r4, err);
}

/* The event whose sample the program looks at. */
static u64 perf_prog_read_value(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	struct bpf_perf_event_data_kern *ctx = (void *)(unsigned long)r1;
	struct bpf_perf_event_value *value = (void *)(unsigned long)r2;
	long err = -EINVAL;

	if (r3 == sizeof(*value))
		err = perf_event_read_local(ctx->event, &value->counter, &value->enabled,
					    &value->running);
	return perf_value_done(value, r3, err);
}

/* Bytes of branch records, copied or (with BPF_F_GET_BRANCH_RECORDS_SIZE) there are. */
static u64 read_branch_records(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	struct bpf_perf_event_data_kern *ctx = (void *)(unsigned long)r1;
	const struct perf_branch_stack *stack = NULL;
	u64 bytes;

	if (r4 & ~BPF_F_GET_BRANCH_RECORDS_SIZE)
		return -EINVAL;
	if (ctx->data->sample_flags & PERF_SAMPLE_BRANCH_STACK)
		stack = ctx->data->br_stack;
	if (!stack)
		return -ENOENT;
	bytes = stack->nr * sizeof(stack->entries[0]);
	if (r4 & BPF_F_GET_BRANCH_RECORDS_SIZE)
		return bytes;
	if (!r2 || r3 % sizeof(stack->entries[0]))
		return -EINVAL;
	bytes = min(bytes, r3);
	memcpy((void *)(unsigned long)r2, stack->entries, bytes);
	return bytes;
}

static const struct bvm_helper perf_helpers_regs[] = {
	BVM_PERF_EVENT_OUTPUT(perf_event_output_regs),
};

static const struct bvm_helper perf_helpers_args[] = {
	BVM_PERF_EVENT_OUTPUT(perf_event_output_args),
};

static const struct bvm_helper perf_helpers_record[] = {
	BVM_PERF_EVENT_OUTPUT(perf_event_output_record),
};

static const struct bvm_helper perf_helpers_read[] = {
	{
		.id = BPF_FUNC_perf_event_read,
		.name = "perf_event_read",
		.fn = perf_event_read,
		.arg = { BVM_ARG_MAP_PTR, BVM_ARG_ANYTHING },
		.map_caps = BVM_MAP_PERF_OUTPUT,
		.flags = BVM_HELPER_GPL,
	},
	{
		.id = BPF_FUNC_perf_event_read_value,
		.name = "perf_event_read_value",
		.fn = perf_event_read_value_,
		.arg = {
			BVM_ARG_MAP_PTR, BVM_ARG_ANYTHING, BVM_ARG_UNINIT_MEM, BVM_ARG_SIZE,
		},
		.map_caps = BVM_MAP_PERF_OUTPUT,
		.flags = BVM_HELPER_GPL,
	},
};

static const struct bvm_helper perf_helpers_sample[] = {
	{
		.id = BPF_FUNC_perf_prog_read_value,
		.name = "perf_prog_read_value",
		.fn = perf_prog_read_value,
		.arg = { BVM_ARG_CTX, BVM_ARG_UNINIT_MEM, BVM_ARG_SIZE },
		.flags = BVM_HELPER_GPL,
	},
	{
		.id = BPF_FUNC_read_branch_records,
		.name = "read_branch_records",
		.fn = read_branch_records,
		.arg = {
			BVM_ARG_CTX, BVM_ARG_UNINIT_MEM | BVM_ARG_MAYBE_NULL,
			BVM_ARG_SIZE_OR_ZERO, BVM_ARG_ANYTHING,
		},
		.flags = BVM_HELPER_GPL,
	},
};

const struct bvm_helper_set bvm_helpers_perf_regs = {
	perf_helpers_regs, ARRAY_SIZE(perf_helpers_regs)
};

const struct bvm_helper_set bvm_helpers_perf_record = {
	perf_helpers_record, ARRAY_SIZE(perf_helpers_record)
};

const struct bvm_helper_set bvm_helpers_perf_read = {
	perf_helpers_read, ARRAY_SIZE(perf_helpers_read)
};

const struct bvm_helper_set bvm_helpers_perf_sample = {
	perf_helpers_sample, ARRAY_SIZE(perf_helpers_sample)
};

const struct bvm_helper_set bvm_helpers_perf_args = {
	perf_helpers_args, ARRAY_SIZE(perf_helpers_args)
};
