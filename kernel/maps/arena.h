/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _BVM_MAPS_ARENA_H
#define _BVM_MAPS_ARENA_H

#include "maps.h"

u64 bvm_arena_alloc_pages(struct bvm_map *map, u64 addr, u32 count, int node);
void bvm_arena_free_pages(struct bvm_map *map, u64 addr, u32 count);

#endif /* _BVM_MAPS_ARENA_H */
