/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _BVM_STACK_TRACE_H
#define _BVM_STACK_TRACE_H

#include "../bvm.h"

/**
 * struct bvm_stack - a stack to be stored
 * @ip:		addresses of instructions, the innermost first
 * @nr:		number of @ip, at least 1
 * @write:	makes an entry of the map of an address, or NULL: entries are addresses
 * @priv:	for @write
 */
struct bvm_stack {
	const u64 *ip;
	u32 nr;
	void (*write)(void *entry, u64 ip, void *priv);
	void *priv;
};

long bvm_stack_trace_put(struct bvm_map *map, const struct bvm_stack *stack, u64 flags);
u32 bvm_stack_trace_entry_size(const struct bvm_map *map);
u32 bvm_stack_trace_depth(const struct bvm_map *map);

#endif /* _BVM_STACK_TRACE_H */
