/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _BVM_PERF_EVENT_ARRAY_H
#define _BVM_PERF_EVENT_ARRAY_H

#include "../bvm.h"

struct perf_event;

struct perf_event *bvm_perf_array_event(struct bvm_map *map, u64 index);

#endif /* _BVM_PERF_EVENT_ARRAY_H */
