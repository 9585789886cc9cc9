/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the tracing handlers have in common.  Each file is a tool in the style of
 * libbpf-tools, without its user space: the same hooks, maps and records.  The few kernel
 * types that they look into are declared here, with the members that are used.
 */
#ifndef _BVM_BENCH_HANDLER_H
#define _BVM_BENCH_HANDLER_H

#include <linux/bpf.h>
#include <linux/ptrace.h>
#include <linux/types.h>
#include <stdbool.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#define COMM_LEN	16
#define NAME_LEN	64
#define ENTRIES		10240

/* Of trace events: offsets are those of the running kernel. */
struct trace_entry_head { __u64 unused; };

struct sys_enter_event {
	struct trace_entry_head head;
	long id;
	unsigned long args[6];
};

struct sys_exit_event {
	struct trace_entry_head head;
	long id;
	long ret;
};

#define KERNEL_TYPE	__attribute__((preserve_access_index))

struct nsproxy;

struct task_struct {
	int pid, tgid;
	unsigned int __state;
	int exit_code;
	__u64 start_time;
	struct task_struct *real_parent;
	char comm[COMM_LEN];
} KERNEL_TYPE;

struct qstr { const unsigned char *name; } KERNEL_TYPE;
struct inode { unsigned long i_ino; unsigned short i_mode; } KERNEL_TYPE;
struct dentry { struct qstr d_name; struct dentry *d_parent; struct inode *d_inode; } KERNEL_TYPE;
struct path { struct dentry *dentry; } KERNEL_TYPE;
struct file { struct path f_path; struct inode *f_inode; } KERNEL_TYPE;

struct in6_addr;
struct sock_common {
	__u32 skc_daddr, skc_rcv_saddr;
	__u16 skc_dport, skc_num;
	unsigned short skc_family;
	unsigned char skc_state;
} KERNEL_TYPE;
struct sock { struct sock_common __sk_common; } KERNEL_TYPE;
struct tcp_sock { __u32 srtt_us, total_retrans; __u64 bytes_acked, bytes_received; } KERNEL_TYPE;

struct gendisk { int major, first_minor; } KERNEL_TYPE;
struct block_device { struct gendisk *bd_disk; } KERNEL_TYPE;
struct bio { struct block_device *bi_bdev; } KERNEL_TYPE;
struct request { struct bio *bio; unsigned int cmd_flags, __data_len; __u64 __sector; } KERNEL_TYPE;

/* For raw tracepoints: their arguments. */
#define ARG(ctx, type, n)	((type)(ctx)->args[n])

#define SLOTS	27

struct hist {
	__u32 slot[SLOTS];
};

static __always_inline __u64 log2(__u32 v)
{
	__u32 shift, r;

	r = (v > 0xffff) << 4; v >>= r;
	shift = (v > 0xff) << 3; v >>= shift; r |= shift;
	shift = (v > 0xf) << 2; v >>= shift; r |= shift;
	shift = (v > 0x3) << 1; v >>= shift; r |= shift;
	return r | v >> 1;
}

static __always_inline __u64 log2l(__u64 v)
{
	__u32 hi = v >> 32;

	return hi ? log2(hi) + 32 : log2(v);
}

static __always_inline void hist_add(struct hist *h, __u64 v)
{
	__u64 slot = log2l(v);

	if (slot >= SLOTS)
		slot = SLOTS - 1;
	__sync_fetch_and_add(&h->slot[slot], 1);
}

#define HASH(name, key_type, value_type) struct {			\
	__uint(type, BPF_MAP_TYPE_HASH);				\
	__uint(max_entries, ENTRIES);					\
	__type(key, key_type);						\
	__type(value, value_type);					\
} name SEC(".maps")

#define ARRAY(name, n, value_type) struct {				\
	__uint(type, BPF_MAP_TYPE_ARRAY);				\
	__uint(max_entries, n);						\
	__type(key, __u32);						\
	__type(value, value_type);					\
} name SEC(".maps")

/* Events for user space, which in these tests does not look. */
#define PERF_EVENTS(name) struct {					\
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);			\
	__uint(key_size, sizeof(__u32));				\
	__uint(value_size, sizeof(__u32));				\
} name SEC(".maps")

#define RING(name) struct {						\
	__uint(type, BPF_MAP_TYPE_RINGBUF);				\
	__uint(max_entries, 1 << 20);					\
} name SEC(".maps")

#define STACKS(name) struct {						\
	__uint(type, BPF_MAP_TYPE_STACK_TRACE);				\
	__uint(max_entries, 1024);					\
	__uint(key_size, sizeof(__u32));				\
	__uint(value_size, 127 * sizeof(__u64));			\
} name SEC(".maps")

/* An element that may be new. */
static __always_inline void *lookup_or_init(void *map, const void *key, const void *init)
{
	void *value = bpf_map_lookup_elem(map, key);

	if (value)
		return value;
	bpf_map_update_elem(map, key, init, BPF_NOEXIST);
	return bpf_map_lookup_elem(map, key);
}

#endif /* _BVM_BENCH_HANDLER_H */
