// SPDX-License-Identifier: GPL-2.0-only
/*
 * BPF_MAP_TYPE_ARRAY: max_entries values side by side, all of them there from the
 * start.  Nothing is ever freed before the map is, so there is nothing to lock:
 * lookup is arithmetic, update overwrites in place (machine word by machine word,
 * as Documentation/bpf/map_array.rst lets programs expect).
 *
 * Indices are not masked against speculation: only tasks that may read all memory
 * anyway (CAP_PERFMON) load programs.
 */
#include "../deps.h"
#include "../exec/ir.h"
#include "maps.h"
#include "user_memory.h"

#define ARRAY_FLAGS	(BPF_F_NUMA_NODE | BVM_MAP_ACCESS | BPF_F_INNER_MAP | BPF_F_MMAPABLE)

/**
 * struct bvm_array - an array map
 * @map:	common part
 * @memory:	what was allocated; the structure itself, or (BPF_F_MMAPABLE) pages, of
 *		which it ends the first
 * @stride:	bytes from one value to the next, a multiple of 8
 * @value:	the values
 */
struct bvm_array {
	struct bvm_map map;
	void *memory;
	u32 stride;
	char value[] __aligned(8);
};

static struct bvm_array *array_of(const struct bvm_map *map)
{
	return container_of(map, struct bvm_array, map);
}

static int array_check(const struct bvm_map_spec *spec)
{
	if (spec->key_size != sizeof(u32) || !spec->value_size || !spec->max_entries)
		return -EINVAL;
	if (!bvm_map_flags_ok(spec, ARRAY_FLAGS))
		return -EINVAL;
	/* Values are copied through a buffer of their size, plus rounding. */
	if (spec->value_size > INT_MAX)
		return -E2BIG;
	return 0;
}

static size_t array_bytes(u32 max_entries, u32 value_size)
{
	return struct_size_t(struct bvm_array, value,
			     size_mul(max_entries, round_up((size_t)value_size, 8)));
}

/* Values begin where a page does, so that mmap(2) shows them and nothing else. */
static_assert(sizeof(struct bvm_array) <= PAGE_SIZE);

static size_t array_pages_bytes(u32 max_entries, u32 value_size)
{
	return size_add(PAGE_SIZE, PAGE_ALIGN(size_mul(max_entries,
						       round_up((size_t)value_size, 8))));
}

static struct bvm_array *array_alloc_pages(const struct bvm_map_spec *spec)
{
	void *memory = bvm_user_memory(array_pages_bytes(spec->max_entries, spec->value_size),
				       spec->numa_node);
	struct bvm_array *array;

	if (!memory)
		return NULL;
	array = memory + PAGE_SIZE - offsetof(struct bvm_array, value);
	array->memory = memory;
	return array;
}

static struct bvm_array *array_alloc_plain(const struct bvm_map_spec *spec)
{
	struct bvm_array *array;

	array = kvzalloc_node(array_bytes(spec->max_entries, spec->value_size),
			      GFP_KERNEL_ACCOUNT | __GFP_RETRY_MAYFAIL | __GFP_NOWARN,
			      spec->numa_node);
	if (array)
		array->memory = array;
	return array;
}

static struct bvm_map *array_alloc(const struct bvm_map_spec *spec)
{
	struct bvm_array *array = spec->flags & BPF_F_MMAPABLE ? array_alloc_pages(spec) :
								 array_alloc_plain(spec);

	if (!array)
		return ERR_PTR(-ENOMEM);
	array->stride = round_up(spec->value_size, 8);
	return &array->map;
}

static void array_free(struct bvm_map *map)
{
	struct bvm_array *array = array_of(map);
	u32 i;

	for (i = 0; map->record && i < map->max_entries; i++) {
		bvm_value_clear(map->record, array->value + (size_t)i * array->stride);
		cond_resched();
	}
	kvfree(array->memory);
}

static void *array_lookup(struct bvm_map *map, const void *key)
{
	struct bvm_array *array = array_of(map);
	u32 index = get_unaligned((const u32 *)key);

	if (unlikely(index >= map->max_entries))
		return NULL;
	return array->value + (size_t)index * array->stride;
}

/* r0 = array_lookup(@map, r2) */
static u32 array_lookup_in_ir(struct bvm_map *map, struct bvm_ir *out)
{
	const struct bvm_array *array = array_of(map);
	const struct bvm_ir form[] = {
		{ BVM_IR_LOAD32, BPF_REG_1, BPF_REG_2 },
		{ BVM_IR_MOVI, BPF_REG_0 },
		{ BVM_IR_JGE32I, BPF_REG_1, .off = 6, .imm = (s32)map->max_entries },
		{ BVM_IR_MUL64I, BPF_REG_1, .imm = array->stride },
		{ BVM_IR_MOVI, BPF_REG_0, .imm = (unsigned long)array->value },
		{ BVM_IR_ADD64R, BPF_REG_0, BPF_REG_1 },
	};

	if (array->stride > S32_MAX)
		return 0;
	memcpy(out, form, sizeof(form));
	return ARRAY_SIZE(form);
}

static long array_update(struct bvm_map *map, const void *key, const void *value, u64 flags)
{
	void *old;

	if (!bvm_update_flags_ok(map, flags))
		return -EINVAL;
	old = array_lookup(map, key);
	if (!old)
		return -E2BIG;
	if (flags & BPF_NOEXIST)
		return -EEXIST;
	bvm_set_value(map, old, value);
	return 0;
}

static long array_delete(struct bvm_map *map, const void *key)
{
	return -EINVAL;
}

static void *array_direct(struct bvm_map *map, u32 off)
{
	if (map->max_entries != 1 || off >= map->value_size)
		return NULL;
	return array_of(map)->value + off;
}

static int array_mmap(struct bvm_map *map, struct vm_area_struct *vma)
{
	if (map->record)
		return -ENOTSUPP;
	if (!(map->flags & BPF_F_MMAPABLE))
		return -EINVAL;
	return bvm_user_memory_map(vma, array_of(map)->memory, vma->vm_pgoff + 1);
}

static u64 array_memory(const struct bvm_map *map)
{
	if (map->flags & BPF_F_MMAPABLE)
		return array_pages_bytes(map->max_entries, map->value_size);
	return array_bytes(map->max_entries, map->value_size);
}

const struct bvm_map_type bvm_array_map = {
	.id = BPF_MAP_TYPE_ARRAY,
	.name = "array",
	.kernel_name = "bpf_array",
	.caps = BVM_MAP_LOOKUP | BVM_MAP_UPDATE | BVM_MAP_DELETE | BVM_MAP_DIRECT_VALUE |
		BVM_MAP_ARRAY_INDEX | BVM_MAP_FOR_EACH | BVM_MAP_BATCH |
		BVM_MAP_SLEEPABLE | BVM_MAP_LOCKS | BVM_MAP_KPTRS,
	.flags = ARRAY_FLAGS,
	.check = array_check,
	.alloc = array_alloc,
	.free = array_free,
	.lookup = array_lookup,
	.lookup_in_ir = array_lookup_in_ir,
	.update = array_update,
	.delete = array_delete,
	.next_key = bvm_array_next_key,
	.each = bvm_array_each,
	.direct = array_direct,
	.mmap = array_mmap,
	.memory = array_memory,
};
