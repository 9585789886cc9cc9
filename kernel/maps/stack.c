// SPDX-License-Identifier: GPL-2.0-only
/*
 * BPF_MAP_TYPE_STACK: a queue that is read at the end at which it is written.
 * Documentation/bpf/map_queue_stack.rst.
 */
#include "../deps.h"
#include "maps.h"
#include "queue.h"

static long stack_pop(struct bvm_map *map, void *value)
{
	return bvm_queue_read(map, value, BVM_QUEUE_NEWEST, true);
}

static long stack_peek(struct bvm_map *map, void *value)
{
	return bvm_queue_read(map, value, BVM_QUEUE_NEWEST, false);
}

static int stack_take(struct bvm_map *map, const void *key, void *value, u64 flags)
{
	return stack_pop(map, value);
}

static int stack_copy_out(struct bvm_map *map, const void *key, void *value, u64 flags)
{
	return stack_peek(map, value);
}

const struct bvm_map_type bvm_stack_map = {
	.id = BPF_MAP_TYPE_STACK,
	.name = "stack",
	.caps = BVM_MAP_QUEUE | BVM_MAP_SLEEPABLE,
	.flags = BVM_QUEUE_FLAGS,
	.check = bvm_queue_check,
	.alloc = bvm_queue_alloc,
	.free = bvm_queue_free,
	.update = bvm_queue_update,
	.delete = bvm_queue_delete,
	.next_key = bvm_queue_next_key,
	.copy_out = stack_copy_out,
	.push = bvm_queue_push,
	.pop = stack_pop,
	.peek = stack_peek,
	.take = stack_take,
	.memory = bvm_queue_memory,
};
