// SPDX-License-Identifier: GPL-2.0-only
/*
 * All types of maps and programs that there are.  A new one is one row here.
 */
#include "../maps/maps.h"
#include "core.h"

static const struct bvm_map_type *const bvm_map_types[] = {
	&bvm_array_map,
	&bvm_hash_map,
	&bvm_percpu_hash_map,
	&bvm_lru_hash_map,
	&bvm_lru_percpu_hash_map,
	&bvm_percpu_array_map,
	&bvm_prog_array_map,
	&bvm_array_of_maps_map,
	&bvm_hash_of_maps_map,
	&bvm_queue_map,
	&bvm_stack_map,
	&bvm_ringbuf_map,
	&bvm_user_ringbuf_map,
	&bvm_lpm_trie_map,
#ifdef CONFIG_MMU
	&bvm_arena_map,
#endif
#ifdef CONFIG_CGROUPS
	&bvm_cgroup_array_map,
#endif
#ifdef CONFIG_INET
	&bvm_sock_array_map,
	&bvm_sock_hash_map,
#endif
#ifdef CONFIG_BVM_EVENTS
	&bvm_perf_event_array_map,
	&bvm_stack_trace_map,
#endif
};

static const struct bvm_prog_type *const bvm_prog_types[] = {
#ifdef CONFIG_NET
	&bvm_socket_filter_prog,
	&bvm_sched_cls_prog,
	&bvm_xdp_prog,
#endif
#ifdef CONFIG_BVM_EVENTS
	&bvm_kprobe_prog,
	&bvm_tracepoint_prog,
	&bvm_perf_event_prog,
	&bvm_raw_tracepoint_prog,
	&bvm_raw_tracepoint_writable_prog,
	&bvm_tracing_prog,
	&bvm_syscall_prog,
#endif
};

/**
 * bvm_map_type_find - what there is to know about a type of map
 * @id:		BPF_MAP_TYPE_*
 * Return: descriptor, or NULL.
 */
const struct bvm_map_type *bvm_map_type_find(u32 id)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(bvm_map_types); i++)
		if (bvm_map_types[i]->id == id)
			return bvm_map_types[i];
	return NULL;
}

/**
 * bvm_prog_type_find - what there is to know about a type of program
 * @id:		BPF_PROG_TYPE_*
 * Return: descriptor, or NULL.
 */
const struct bvm_prog_type *bvm_prog_type_find(u32 id)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(bvm_prog_types); i++)
		if (bvm_prog_types[i]->id == id)
			return bvm_prog_types[i];
	return NULL;
}
