/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Records for perf events: what the forms of perf_event_output have in common.
 */
#ifndef _BVM_PERF_OUTPUT_H
#define _BVM_PERF_OUTPUT_H

#include "../bvm.h"

struct perf_raw_record;
struct pt_regs;

long bvm_perf_output(struct pt_regs *regs, struct bvm_map *map, u64 index,
		     struct perf_raw_record *raw, u64 size);

/* What a kind of context is, only the function knows. */
#define BVM_PERF_EVENT_OUTPUT(fn_)							\
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

#endif /* _BVM_PERF_OUTPUT_H */
