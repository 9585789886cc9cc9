// SPDX-License-Identifier: GPL-2.0-only
/*
 * Helpers for elements of maps.  The map says how; that it can is what the verifier
 * has checked (map_caps).
 */
#include <linux/array_size.h>
#include <linux/cpumask.h>
#include <linux/preempt.h>
#include "../exec/ir.h"
#include "helpers.h"

static u64 map_lookup_elem(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	struct bvm_map *map = (void *)(unsigned long)r1;

	return (unsigned long)map->type->lookup(map, (void *)(unsigned long)r2);
}

/*
 * What the helper would call, called directly; kCFI would stop the interpreter there, for
 * it calls all helpers as functions of one type.
 */
static u32 call_in_ir(struct bvm_ir *out, unsigned long fn)
{
	out[0] = (struct bvm_ir){ .op = BVM_IR_CALL, .imm = fn };
	return !IS_ENABLED(CONFIG_CFI_CLANG);
}

static u32 map_lookup_in_ir(const struct bvm_inline *call, struct bvm_ir *out)
{
	struct bvm_map *map = call->map;
	u32 n = map && map->type->lookup_in_ir ? map->type->lookup_in_ir(map, out) : 0;

	return n || !map ? n : call_in_ir(out, (unsigned long)map->type->lookup);
}

/*
 * Changing a value may give back what a pointer in it holds, which cannot be done in a NMI:
 * to interrupt what does it is to find the map busy.
 */
static bool map_busy(const struct bvm_map *map)
{
	return unlikely(map->record) && in_nmi();
}

static u64 map_update_elem(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	struct bvm_map *map = (void *)(unsigned long)r1;

	if (map_busy(map))
		return -EBUSY;
	return map->type->update(map, (void *)(unsigned long)r2, (void *)(unsigned long)r3, r4);
}

static u64 map_delete_elem(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	struct bvm_map *map = (void *)(unsigned long)r1;

	if (map_busy(map))
		return -EBUSY;
	return map->type->delete(map, (void *)(unsigned long)r2);
}

static u32 map_update_in_ir(const struct bvm_inline *call, struct bvm_ir *out)
{
	struct bvm_map *map = call->map;

	return map && !map->record ? call_in_ir(out, (unsigned long)map->type->update) : 0;
}

static u32 map_delete_in_ir(const struct bvm_inline *call, struct bvm_ir *out)
{
	struct bvm_map *map = call->map;

	return map && !map->record ? call_in_ir(out, (unsigned long)map->type->delete) : 0;
}

static u64 map_lookup_percpu_elem(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	struct bvm_map *map = (void *)(unsigned long)r1;
	u32 cpu = r3;

	if (cpu >= nr_cpu_ids || !cpu_possible(cpu))
		return 0;
	return (unsigned long)map->type->lookup_cpu(map, (void *)(unsigned long)r2, cpu);
}

static u64 map_push_elem(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	struct bvm_map *map = (void *)(unsigned long)r1;

	return map->type->push(map, (void *)(unsigned long)r2, r3);
}

static u64 map_pop_elem(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	struct bvm_map *map = (void *)(unsigned long)r1;

	return map->type->pop(map, (void *)(unsigned long)r2);
}

static u64 map_peek_elem(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	struct bvm_map *map = (void *)(unsigned long)r1;

	return map->type->peek(map, (void *)(unsigned long)r2);
}

static const struct bvm_helper map_helpers[] = {
	{
		.id = BPF_FUNC_map_lookup_elem,
		.name = "map_lookup_elem",
		.fn = map_lookup_elem,
		.ret = BVM_RET_MAP_VALUE_OR_NULL,
		.arg = { BVM_ARG_MAP_PTR, BVM_ARG_MAP_KEY },
		.map_caps = BVM_MAP_LOOKUP,
		.flags = BVM_HELPER_TAKES_PKT,
		.in_ir = map_lookup_in_ir,
	},
	{
		.id = BPF_FUNC_map_update_elem,
		.name = "map_update_elem",
		.fn = map_update_elem,
		.arg = { BVM_ARG_MAP_PTR, BVM_ARG_MAP_KEY, BVM_ARG_MAP_VALUE, BVM_ARG_ANYTHING },
		.map_caps = BVM_MAP_UPDATE,
		.flags = BVM_HELPER_MAP_WRITE | BVM_HELPER_TAKES_PKT,
		.in_ir = map_update_in_ir,
	},
	{
		.id = BPF_FUNC_map_delete_elem,
		.name = "map_delete_elem",
		.fn = map_delete_elem,
		.arg = { BVM_ARG_MAP_PTR, BVM_ARG_MAP_KEY },
		.map_caps = BVM_MAP_DELETE,
		.flags = BVM_HELPER_MAP_WRITE | BVM_HELPER_TAKES_PKT,
		.in_ir = map_delete_in_ir,
	},
	{
		.id = BPF_FUNC_map_lookup_percpu_elem,
		.name = "map_lookup_percpu_elem",
		.fn = map_lookup_percpu_elem,
		.ret = BVM_RET_MAP_VALUE_OR_NULL,
		.arg = { BVM_ARG_MAP_PTR, BVM_ARG_MAP_KEY, BVM_ARG_ANYTHING },
		.map_caps = BVM_MAP_LOOKUP | BVM_MAP_PERCPU,
		.flags = BVM_HELPER_TAKES_PKT,
	},
	{
		.id = BPF_FUNC_map_push_elem,
		.name = "map_push_elem",
		.fn = map_push_elem,
		.arg = { BVM_ARG_MAP_PTR, BVM_ARG_MAP_VALUE, BVM_ARG_ANYTHING },
		.map_caps = BVM_MAP_QUEUE,
		.flags = BVM_HELPER_MAP_WRITE | BVM_HELPER_TAKES_PKT,
	},
	{
		.id = BPF_FUNC_map_pop_elem,
		.name = "map_pop_elem",
		.fn = map_pop_elem,
		.arg = { BVM_ARG_MAP_PTR, BVM_ARG_MAP_VALUE_OUT },
		.map_caps = BVM_MAP_QUEUE,
		.flags = BVM_HELPER_MAP_WRITE,
	},
	{
		.id = BPF_FUNC_map_peek_elem,
		.name = "map_peek_elem",
		.fn = map_peek_elem,
		.arg = { BVM_ARG_MAP_PTR, BVM_ARG_MAP_VALUE_OUT },
		.map_caps = BVM_MAP_QUEUE,
	},
};

const struct bvm_helper_set bvm_helpers_map = { map_helpers, ARRAY_SIZE(map_helpers) };
