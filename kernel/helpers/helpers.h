/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Helpers by topic; a program type lists the sets that it offers.
 */
#ifndef _BVM_HELPERS_H
#define _BVM_HELPERS_H

#include "../bvm.h"

extern const struct bvm_helper_set bvm_helpers_base;	/* maps, time, CPU, random numbers */
extern const struct bvm_helper_set bvm_helpers_tracing;	/* current task, kernel and user memory */
extern const struct bvm_helper_set bvm_helpers_perf;	/* output to perf events */

#endif /* _BVM_HELPERS_H */
