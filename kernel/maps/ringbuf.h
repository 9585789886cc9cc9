/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _BVM_MAPS_RINGBUF_H
#define _BVM_MAPS_RINGBUF_H

#include "ring.h"

#define RINGBUF_FLAGS	BPF_F_NUMA_NODE

/**
 * struct bpf_ringbuf - a ring buffer map
 * @map:	common part
 * @ring:	the ring, in pages of its own
 *
 * The name is ABI: programs ask for a type of this name in the kernel's BTF
 * (bpf_core_type_exists()) to learn whether there are ring buffers.
 */
struct bpf_ringbuf {
	struct bvm_map map;
	struct bvm_ring *ring;
};

/**
 * bvm_ringbuf_ring - the ring of a map
 * @map:	map with BVM_MAP_RINGBUF
 * Return: ring.  Any context.
 */
static inline struct bvm_ring *bvm_ringbuf_ring(const struct bvm_map *map)
{
	return container_of(map, struct bpf_ringbuf, map)->ring;
}

int bvm_ringbuf_check(const struct bvm_map_spec *spec);
struct bvm_map *bvm_ringbuf_alloc(const struct bvm_map_spec *spec);
void bvm_ringbuf_free(struct bvm_map *map);
u64 bvm_ringbuf_memory(const struct bvm_map *map);

#endif /* _BVM_MAPS_RINGBUF_H */
