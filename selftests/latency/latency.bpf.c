// SPDX-License-Identifier: GPL-2.0-only
/*
 * Latency of the run queue and of block I/O, counted where it happens: user space
 * reads finished heat maps, not events.
 */
#include <linux/bpf.h>
#include <linux/types.h>
#include <stdbool.h>

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

#include "latency.h"

/* The fields that are used of what tracefs calls the format of an event. */
struct trace_event_raw_sched_wakeup_template {
	int pid;
} __attribute__((preserve_access_index));

struct trace_event_raw_sched_switch {
	int prev_pid;
	long prev_state;
	int next_pid;
} __attribute__((preserve_access_index));

struct trace_event_raw_block_rq {
	__u32 dev;
	__u64 sector;
} __attribute__((preserve_access_index));

struct trace_event_raw_block_rq_completion {
	__u32 dev;
	__u64 sector;
} __attribute__((preserve_access_index));

/* struct request, as events name it */
struct request_id {
	__u64 sector;
	__u64 dev;
};

const volatile __u64 start_ns;		/* CLOCK_MONOTONIC at the left border */
const volatile __u64 column_ns = 1;	/* time that a column stands for */

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, LATENCY_KINDS * LATENCY_COLUMNS * LATENCY_ROWS);
	__type(key, __u32);
	__type(value, __u64);
} heat SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, __u32);	/* thread */
	__type(value, __u64);	/* since when it could run */
} runnable SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, struct request_id);
	__type(value, __u64);	/* when it was issued */
} issued SEC(".maps");

static __u32 log2_of(__u64 v)
{
	__u32 n = 0;

	if (v >> 32) {
		n = 32;
		v >>= 32;
	}
	if (v >> 16) {
		n += 16;
		v >>= 16;
	}
	if (v >> 8) {
		n += 8;
		v >>= 8;
	}
	if (v >> 4) {
		n += 4;
		v >>= 4;
	}
	if (v >> 2) {
		n += 2;
		v >>= 2;
	}
	return n + (v >> 1);
}

/* A latency that ends now. */
static void account(enum latency_kind kind, __u64 now, __u64 since)
{
	__u64 column = (now - start_ns) / column_ns;
	__u32 row = log2_of(now - since);
	__u64 *count;
	__u32 cell;

	if (column >= LATENCY_COLUMNS)
		return;
	if (row >= LATENCY_ROWS)
		row = LATENCY_ROWS - 1;
	cell = LATENCY_CELL(kind, (__u32)column, row);
	count = bpf_map_lookup_elem(&heat, &cell);
	if (count)
		__sync_fetch_and_add(count, 1);
}

static void becomes_runnable(__u32 pid)
{
	__u64 now = bpf_ktime_get_ns();

	/* the idle task waits for nobody */
	if (pid)
		bpf_map_update_elem(&runnable, &pid, &now, BPF_ANY);
}

SEC("tracepoint/sched/sched_wakeup")
int wakeup(struct trace_event_raw_sched_wakeup_template *ctx)
{
	becomes_runnable(ctx->pid);
	return 0;
}

SEC("tracepoint/sched/sched_wakeup_new")
int wakeup_new(struct trace_event_raw_sched_wakeup_template *ctx)
{
	becomes_runnable(ctx->pid);
	return 0;
}

SEC("tracepoint/sched/sched_switch")
int task_switch(struct trace_event_raw_sched_switch *ctx)
{
	__u32 pid = ctx->next_pid;
	__u64 *since;

	/* It did not go to sleep, it was made to wait. */
	if (!(ctx->prev_state & 0xff))
		becomes_runnable(ctx->prev_pid);
	since = bpf_map_lookup_elem(&runnable, &pid);
	if (!since)
		return 0;
	account(LATENCY_RUN_QUEUE, bpf_ktime_get_ns(), *since);
	bpf_map_delete_elem(&runnable, &pid);
	return 0;
}

SEC("tracepoint/block/block_rq_issue")
int issue(struct trace_event_raw_block_rq *ctx)
{
	struct request_id id = { .sector = ctx->sector, .dev = ctx->dev };
	__u64 now = bpf_ktime_get_ns();

	bpf_map_update_elem(&issued, &id, &now, BPF_ANY);
	return 0;
}

SEC("tracepoint/block/block_rq_complete")
int complete(struct trace_event_raw_block_rq_completion *ctx)
{
	struct request_id id = { .sector = ctx->sector, .dev = ctx->dev };
	__u64 *since = bpf_map_lookup_elem(&issued, &id);

	if (!since)
		return 0;
	account(LATENCY_BLOCK_IO, bpf_ktime_get_ns(), *since);
	bpf_map_delete_elem(&issued, &id);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
