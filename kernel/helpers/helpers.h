/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Helpers by topic; a program type lists the sets that it offers.
 */
#ifndef _BVM_HELPERS_H
#define _BVM_HELPERS_H

#include "../bvm.h"

extern const struct bvm_helper_set bvm_helpers_map;	/* elements of maps */
extern const struct bvm_helper_set bvm_helpers_time;	/* clocks */
extern const struct bvm_helper_set bvm_helpers_cpu;	/* CPU, node, random numbers */
extern const struct bvm_helper_set bvm_helpers_task;	/* current task */
extern const struct bvm_helper_set bvm_helpers_memory;	/* any kernel and user memory */

/* Output to perf events; these differ in where the registers of the event are. */
extern const struct bvm_helper_set bvm_helpers_perf_regs;	/* context is struct pt_regs */
extern const struct bvm_helper_set bvm_helpers_perf_record;	/* starts with a pointer to it */
extern const struct bvm_helper_set bvm_helpers_perf_args;	/* raw tracepoint: there are none */

extern const struct bvm_helper_set bvm_helpers_perf_read;	/* counters */
extern const struct bvm_helper_set bvm_helpers_perf_sample;	/* the sample that is the context */

#endif /* _BVM_HELPERS_H */
