// SPDX-License-Identifier: GPL-2.0-only
/*
 * BPF_MAP_TYPE_PERCPU_ARRAY: max_entries values a CPU, all of them there from the
 * start.  A program sees the values of its CPU, a system call those of all possible
 * CPUs.
 *
 * Per-CPU memory comes in pieces of PCPU_MIN_UNIT_SIZE at most, so the values are in
 * as many chunks as that takes; nearly all maps have one.
 */
#include "../deps.h"
#include "../exec/ir.h"
#include "maps.h"

#define PERCPU_ARRAY_FLAGS	BVM_MAP_ACCESS
#define PERCPU_ARRAY_GFP	(GFP_KERNEL_ACCOUNT | __GFP_NOWARN)

/**
 * struct bvm_percpu_array - a per-CPU array map
 * @map:	common part
 * @stride:	bytes from one value to the next, a multiple of 8
 * @shift:	log2 of the values a chunk
 * @nr_chunks:	number of @chunk
 * @chunk:	values: number n is (n & ((1 << @shift) - 1)) in chunk n >> @shift
 */
struct bvm_percpu_array {
	struct bvm_map map;
	u32 stride;
	u32 shift;
	u32 nr_chunks;
	void __percpu *chunk[] __counted_by(nr_chunks);
};

static struct bvm_percpu_array *percpu_array_of(const struct bvm_map *map)
{
	return container_of(map, struct bvm_percpu_array, map);
}

static int percpu_array_check(const struct bvm_map_spec *spec)
{
	if (spec->key_size != sizeof(u32) || !spec->value_size || !spec->max_entries)
		return -EINVAL;
	if (!bvm_map_flags_ok(spec, PERCPU_ARRAY_FLAGS))
		return -EINVAL;
	return spec->value_size > PCPU_MIN_UNIT_SIZE ? -E2BIG : 0;
}

/* @index is below max_entries, @cpu possible. */
static void *percpu_array_value(const struct bvm_percpu_array *array, u32 index, u32 cpu)
{
	u32 in_chunk = index & ((1U << array->shift) - 1);

	return per_cpu_ptr(array->chunk[index >> array->shift], cpu) +
	       (size_t)in_chunk * array->stride;
}

/* Pointers in all values go. */
static void percpu_array_clear(struct bvm_percpu_array *array)
{
	u32 i;
	int cpu;

	for (i = 0; i < array->map.max_entries; i++) {
		for_each_possible_cpu(cpu)
			bvm_value_clear(array->map.record, percpu_array_value(array, i, cpu));
		cond_resched();
	}
}

static void percpu_array_free(struct bvm_map *map)
{
	struct bvm_percpu_array *array = percpu_array_of(map);
	u32 i;

	if (map->record)
		percpu_array_clear(array);
	for (i = 0; i < array->nr_chunks; i++) {
		free_percpu(array->chunk[i]);
		cond_resched();
	}
	kvfree(array);
}

static struct bvm_map *percpu_array_alloc(const struct bvm_map_spec *spec)
{
	u32 stride = round_up(spec->value_size, 8);
	u32 shift = ilog2(PCPU_MIN_UNIT_SIZE / stride);
	u32 nr_chunks = ((spec->max_entries - 1) >> shift) + 1;
	struct bvm_percpu_array *array;
	u32 i, left = spec->max_entries;

	array = kvzalloc_node(struct_size(array, chunk, nr_chunks), PERCPU_ARRAY_GFP,
			      spec->numa_node);
	if (!array)
		return ERR_PTR(-ENOMEM);
	array->stride = stride;
	array->shift = shift;
	array->nr_chunks = nr_chunks;
	for (i = 0; i < nr_chunks; i++, left -= 1U << shift) {
		array->chunk[i] = __alloc_percpu_gfp((size_t)min(left, 1U << shift) * stride, 8,
						     PERCPU_ARRAY_GFP);
		if (!array->chunk[i]) {
			percpu_array_free(&array->map);
			return ERR_PTR(-ENOMEM);
		}
		cond_resched();
	}
	return &array->map;
}

static void *percpu_array_lookup_cpu(struct bvm_map *map, const void *key, u32 cpu)
{
	u32 index = get_unaligned((const u32 *)key);

	if (unlikely(index >= map->max_entries))
		return NULL;
	return percpu_array_value(percpu_array_of(map), index, cpu);
}

static void *percpu_array_lookup(struct bvm_map *map, const void *key)
{
	return percpu_array_lookup_cpu(map, key, smp_processor_id());
}

/* r0 = percpu_array_lookup(@map, r2); values in more than one chunk are rare */
static u32 percpu_array_lookup_in_ir(struct bvm_map *map, struct bvm_ir *out)
{
	const struct bvm_percpu_array *array = percpu_array_of(map);
	const struct bvm_ir form[] = {
		{ BVM_IR_LOAD32, BPF_REG_1, BPF_REG_2 },
		{ BVM_IR_MOVI, BPF_REG_0 },
		{ BVM_IR_JGE32I, BPF_REG_1, .off = 7, .imm = (s32)map->max_entries },
		{ BVM_IR_MUL64I, BPF_REG_1, .imm = array->stride },
		{ BVM_IR_MOVI, BPF_REG_0, .imm = (__force unsigned long)array->chunk[0] },
		{ BVM_IR_PERCPU, BPF_REG_0 },
		{ BVM_IR_ADD64R, BPF_REG_0, BPF_REG_1 },
	};

	if (array->nr_chunks > 1)
		return 0;
	memcpy(out, form, sizeof(form));
	return ARRAY_SIZE(form);
}

/* Is there something to overwrite? */
static int percpu_array_check_update(const struct bvm_map *map, const void *key, u64 flags)
{
	if (flags > BPF_EXIST)
		return -EINVAL;
	if (get_unaligned((const u32 *)key) >= map->max_entries)
		return -E2BIG;
	return flags == BPF_NOEXIST ? -EEXIST : 0;
}

static long percpu_array_update(struct bvm_map *map, const void *key, const void *value,
				u64 flags)
{
	int err = percpu_array_check_update(map, key, flags);

	if (!err)
		bvm_set_value(map, percpu_array_lookup(map, key), value);
	return err;
}

static int percpu_array_copy_in(struct bvm_map *map, const void *key, const void *value,
				u64 flags)
{
	u32 stride = percpu_array_of(map)->stride;
	int cpu, err = percpu_array_check_update(map, key, flags);

	if (err)
		return err;
	for_each_possible_cpu(cpu) {
		bvm_set_value(map, percpu_array_lookup_cpu(map, key, cpu), value);
		value += stride;
	}
	return 0;
}

static int percpu_array_copy_out(struct bvm_map *map, const void *key, void *value, u64 flags)
{
	u32 stride = percpu_array_of(map)->stride;
	void *from;
	int cpu;

	for_each_possible_cpu(cpu) {
		from = percpu_array_lookup_cpu(map, key, cpu);
		if (!from)
			return -ENOENT;
		if (map->record)
			bvm_value_read(map->record, value, from, stride);
		else
			bvm_copy_value(value, from, stride);
		value += stride;
	}
	return 0;
}

static long percpu_array_delete(struct bvm_map *map, const void *key)
{
	return -EINVAL;
}

static u64 percpu_array_memory(const struct bvm_map *map)
{
	const struct bvm_percpu_array *array = percpu_array_of(map);

	return struct_size(array, chunk, array->nr_chunks) +
	       (u64)map->max_entries * array->stride * num_possible_cpus();
}

const struct bvm_map_type bvm_percpu_array_map = {
	.id = BPF_MAP_TYPE_PERCPU_ARRAY,
	.name = "percpu_array",
	.kernel_name = "bpf_array",
	.caps = BVM_MAP_LOOKUP | BVM_MAP_UPDATE | BVM_MAP_DELETE | BVM_MAP_PERCPU |
		BVM_MAP_ARRAY_INDEX | BVM_MAP_FOR_EACH | BVM_MAP_BATCH |
		BVM_MAP_SLEEPABLE | BVM_MAP_KPTRS,
	.flags = PERCPU_ARRAY_FLAGS,
	.check = percpu_array_check,
	.alloc = percpu_array_alloc,
	.free = percpu_array_free,
	.lookup = percpu_array_lookup,
	.lookup_in_ir = percpu_array_lookup_in_ir,
	.lookup_cpu = percpu_array_lookup_cpu,
	.update = percpu_array_update,
	.delete = percpu_array_delete,
	.next_key = bvm_array_next_key,
	.each = bvm_array_each,
	.copy_in = percpu_array_copy_in,
	.copy_out = percpu_array_copy_out,
	.memory = percpu_array_memory,
};
