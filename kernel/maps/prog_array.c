// SPDX-License-Identifier: GPL-2.0-only
/*
 * BPF_MAP_TYPE_PROG_ARRAY: programs that bpf_tail_call() can go on in.
 *
 * The map belongs to the kind of the first program that refers to it or is put in:
 * programs that call through it and those in it get the same context (core/objects.c).
 *
 * A program keeps the arrays that it refers to, and an array the programs in it.  So
 * that this is no circle that lives for ever, an array whose last descriptor or pin is
 * gone empties itself, also while programs refer to it.
 */
#include "../deps.h"
#include "maps.h"
#include "prog_array.h"

#define PROG_ARRAY_FLAGS	(BPF_F_NUMA_NODE | BVM_MAP_ACCESS_SYS)

static int prog_array_check(const struct bvm_map_spec *spec)
{
	return bvm_object_array_check(spec, PROG_ARRAY_FLAGS);
}

static struct bvm_map *prog_array_alloc(const struct bvm_map_spec *spec)
{
	return bvm_object_array_alloc(spec, spec->objects);
}

static void prog_array_release(struct bvm_map *map)
{
	bvm_object_array_clear(map, NULL, NULL);
}

/* Programs can neither look entries up nor change them. */
const struct bvm_map_type bvm_prog_array_map = {
	.id = BPF_MAP_TYPE_PROG_ARRAY,
	.name = "prog_array",
	.kernel_name = "bpf_array",
	.caps = BVM_MAP_TAIL_CALL | BVM_MAP_FD_VALUES | BVM_MAP_ARRAY_INDEX,
	.flags = PROG_ARRAY_FLAGS,
	.check = prog_array_check,
	.alloc = prog_array_alloc,
	.free = bvm_object_array_free,
	.set_fd = bvm_object_array_set_fd,
	.delete = bvm_object_array_delete,
	.next_key = bvm_array_next_key,
	.copy_out = bvm_object_array_copy_out,
	.memory = bvm_object_array_memory,
	.release = prog_array_release,
};
