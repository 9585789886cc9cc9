/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Links and raw tracepoints.  As in bpf_sys.h, errors come back as -errno.
 */
#ifndef _BVM_TEST_LINKS_H
#define _BVM_TEST_LINKS_H

#include "bpf_sys.h"

/* @name may be NULL: a program that knows its tracepoint */
static inline int raw_tp_open_cookie(const char *name, int prog, __u64 cookie)
{
	union bpf_attr attr = {
		.raw_tracepoint.name = ptr_to_u64(name),
		.raw_tracepoint.prog_fd = prog,
		.raw_tracepoint.cookie = cookie,
	};

	return sys_bpf(BPF_RAW_TRACEPOINT_OPEN, &attr);
}

static inline int raw_tp_open(const char *name, int prog)
{
	return raw_tp_open_cookie(name, prog, 0);
}

/* a program on an event of perf_event_open(2) */
static inline int perf_link(int prog, int event, __u64 cookie)
{
	union bpf_attr attr = {
		.link_create.prog_fd = prog,
		.link_create.target_fd = event,
		.link_create.attach_type = BPF_PERF_EVENT,
		.link_create.perf_event.bpf_cookie = cookie,
	};

	return sys_bpf(BPF_LINK_CREATE, &attr);
}

/* what @info holds is passed in */
static inline int get_link_info(int fd, struct bpf_link_info *info)
{
	__u32 len = sizeof(*info);

	return obj_info(fd, info, &len);
}

static inline __u32 link_id(int fd)
{
	struct bpf_link_info info = {};

	return get_link_info(fd, &info) ? 0 : info.id;
}

#endif /* _BVM_TEST_LINKS_H */
