/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a map type offers: bits of struct bvm_map_type::caps.  Helpers and system calls ask
 * for exactly these.
 */
#ifndef _BVM_MAP_CAPS_H
#define _BVM_MAP_CAPS_H

#define BVM_MAP_LOOKUP		BIT(0)	/* bpf_map_lookup_elem: returns an address */
#define BVM_MAP_UPDATE		BIT(1)	/* bpf_map_update_elem */
#define BVM_MAP_DELETE		BIT(2)	/* bpf_map_delete_elem */
#define BVM_MAP_DIRECT_VALUE	BIT(3)	/* BPF_PSEUDO_MAP_VALUE */
#define BVM_MAP_PERF_OUTPUT	BIT(4)	/* bpf_perf_event_output, bpf_perf_event_read */
#define BVM_MAP_PERCPU		BIT(5)	/* user space sees round_up(value_size, 8) a CPU */
#define BVM_MAP_FD_VALUES	BIT(6)	/* values are file descriptors to user space */
#define BVM_MAP_ARRAY_INDEX	BIT(7)	/* key is a u32 below max_entries */
#define BVM_MAP_FOR_EACH	BIT(8)	/* bpf_for_each_map_elem */
#define BVM_MAP_QUEUE		BIT(9)	/* bpf_map_push_elem, pop_elem, peek_elem; no key */
#define BVM_MAP_TAIL_CALL	BIT(10)	/* bpf_tail_call: values are programs */
#define BVM_MAP_STACK_TRACE	BIT(11)	/* bpf_get_stackid */
#define BVM_MAP_RINGBUF		BIT(12)	/* bpf_ringbuf_*; no key, no value */
#define BVM_MAP_CGROUPS		BIT(13)	/* bpf_current_task_under_cgroup */
#define BVM_MAP_OF_MAPS		BIT(14)	/* bpf_map_lookup_elem gives a map like ->inner */
#define BVM_MAP_SOCKETS		BIT(16)	/* values are sockets, seen as ->view: BVM_PROG_SOCKETS */
#define BVM_MAP_USER_RINGBUF	BIT(17)	/* bpf_user_ringbuf_drain; no key, no value */
#define BVM_MAP_PREFIX_KEY	BIT(15)	/* key is a struct that begins with a prefix's length */
#define BVM_MAP_ARENA		BIT(21)	/* pages that user space has, too; no key, no value */
#define BVM_MAP_SLEEPABLE	BIT(20)	/* what is found stays under RCU tasks trace, too */

/* Fields that values may have, see record.h */
#define BVM_MAP_LOCKS		BIT(24)
#define BVM_MAP_KPTRS		BIT(25)

#define BVM_MAP_BATCH		BIT(18)	/* batches of look-ups and updates */
#define BVM_MAP_BATCH_DELETE	BIT(19)	/* batches of deletions */

#endif /* _BVM_MAP_CAPS_H */
