/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Helpers by topic; a program type lists the sets that it offers.
 */
#ifndef _BVM_HELPERS_H
#define _BVM_HELPERS_H

#include "../bvm.h"

extern const struct bvm_helper_set bvm_helpers_map;	/* elements of maps */
extern const struct bvm_helper_set bvm_helpers_field;	/* locks and pointers in values */
extern const struct bvm_helper_set bvm_helpers_ringbuf;	/* records for user space */
extern const struct bvm_helper_set bvm_helpers_user_ringbuf; /* records from user space */
extern const struct bvm_helper_set bvm_helpers_dynptr;	/* windows on memory */
extern const struct bvm_helper_set bvm_helpers_time;	/* clocks */
extern const struct bvm_helper_set bvm_helpers_cpu;	/* CPU, node, random numbers */
extern const struct bvm_helper_set bvm_helpers_coarse_time; /* a clock for the network */
extern const struct bvm_helper_set bvm_helpers_call;	/* code of programs */
extern const struct bvm_helper_set bvm_helpers_text;	/* strings, numbers in them, formats */
extern const struct bvm_helper_set bvm_helpers_trace;	/* printing to the trace */
extern const struct bvm_helper_set bvm_helpers_task;	/* current task */
extern const struct bvm_helper_set bvm_helpers_task_names; /* its name and user */
extern const struct bvm_helper_set bvm_helpers_vma;	/* its memory, and that of others */
extern const struct bvm_helper_set bvm_helpers_signal;	/* signals to it */
extern const struct bvm_helper_set bvm_helpers_cgroup_id; /* its control group */
extern const struct bvm_helper_set bvm_helpers_cgroup;	/* is it below another one */
extern const struct bvm_helper_set bvm_helpers_memory;	/* any kernel and user memory */
extern const struct bvm_helper_set bvm_helpers_memory_tracing; /* old names; writing */
extern const struct bvm_helper_set bvm_helpers_skb;	/* context is a packet */
extern const struct bvm_helper_set bvm_helpers_skb_change; /* ... that may be changed */
extern const struct bvm_helper_set bvm_helpers_xdp;	/* context is one in a driver's buffer */
extern const struct bvm_helper_set bvm_helpers_sock_skb; /* sockets that a packet may be for */
extern const struct bvm_helper_set bvm_helpers_sock_xdp;
extern const struct bvm_helper_set bvm_helpers_csum;	/* checksums of the Internet */

extern const struct bvm_barred bvm_barred_tracing[];	/* not for tracing programs */

/* Output to perf events; these differ in where the registers of the event are. */
extern const struct bvm_helper_set bvm_helpers_perf_regs;	/* context is struct pt_regs */
extern const struct bvm_helper_set bvm_helpers_perf_record;	/* starts with a pointer to it */
extern const struct bvm_helper_set bvm_helpers_perf_args;	/* raw tracepoint: there are none */
extern const struct bvm_helper_set bvm_helpers_perf_skb;	/* a packet: neither */
extern const struct bvm_helper_set bvm_helpers_perf_xdp;	/* the same, before it is an skb */

/* Stacks, in the same three ways. */
extern const struct bvm_helper_set bvm_helpers_stack_regs;
extern const struct bvm_helper_set bvm_helpers_stack_record;
extern const struct bvm_helper_set bvm_helpers_stack_args;

extern const struct bvm_helper_set bvm_helpers_perf_read;	/* counters */
extern const struct bvm_helper_set bvm_helpers_perf_sample;	/* the sample that is the context */

/* Where the program is attached */
extern const struct bvm_helper_set bvm_helpers_cookie;		/* all but perf_event */
extern const struct bvm_helper_set bvm_helpers_cookie_event;	/* perf_event */
extern const struct bvm_helper_set bvm_helpers_func;		/* kprobe */

/* What any type of program has, as far as the kernel is configured for it. */
#ifdef CONFIG_BVM_EVENTS
#define BVM_SETS_EVENTS	&bvm_helpers_trace,
#define BVM_SETS_SKB	&bvm_helpers_skb, &bvm_helpers_perf_skb
#define BVM_SETS_XDP	&bvm_helpers_xdp, &bvm_helpers_perf_xdp
#else
#define BVM_SETS_EVENTS
#define BVM_SETS_SKB	&bvm_helpers_skb
#define BVM_SETS_XDP	&bvm_helpers_xdp
#endif
#ifdef CONFIG_INET
#define BVM_SETS_SOCK_SKB	&bvm_helpers_sock_skb,
#define BVM_SETS_SOCK_XDP	&bvm_helpers_sock_xdp,
#else
#define BVM_SETS_SOCK_SKB
#define BVM_SETS_SOCK_XDP
#endif
#ifdef CONFIG_CGROUPS
#define BVM_SETS_CGROUP_ID	&bvm_helpers_cgroup_id,
#define BVM_SETS_CGROUP		&bvm_helpers_cgroup,
#else
#define BVM_SETS_CGROUP_ID
#define BVM_SETS_CGROUP
#endif
#define BVM_SETS_ANY								\
	&bvm_helpers_map, &bvm_helpers_field, &bvm_helpers_time, &bvm_helpers_cpu,	\
	&bvm_helpers_call,							\
	&bvm_helpers_text, BVM_SETS_EVENTS &bvm_helpers_task, &bvm_helpers_memory,	\
	BVM_SETS_CGROUP_ID &bvm_helpers_ringbuf, &bvm_helpers_user_ringbuf,		\
	&bvm_helpers_dynptr

/* And what those on events have. */
#define BVM_SETS_TRACING							\
	BVM_SETS_ANY, &bvm_helpers_task_names, BVM_SETS_CGROUP			\
	&bvm_helpers_signal, &bvm_helpers_vma, &bvm_helpers_memory_tracing,		\
	&bvm_helpers_perf_read

u32 bvm_current_in_ir(const struct bvm_inline *call, struct bvm_ir *out);

#endif /* _BVM_HELPERS_H */
