/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory of a verification; see pool.c.
 */
#ifndef _BVM_POOL_H
#define _BVM_POOL_H

#include "../deps.h"

struct bvm_env;
struct bvm_slab;

/**
 * struct bvm_pool - objects of one size
 * @free:	list of those that are not used any more
 * @slabs:	list of the memory that they lie in
 * @fresh:	list of what has objects in it that were never used
 * @nr_free:	of these and those
 * @size:	bytes of one
 * @per_slab:	objects of a slab
 * @nr_slabs:	slabs
 */
struct bvm_pool {
	void *free;
	struct bvm_slab *slabs, *fresh;
	u32 nr_free;
	u32 size;
	u32 per_slab;
	u32 nr_slabs;
};

void bvm_pools_init(struct bvm_env *env);
void bvm_pools_free(struct bvm_env *env);
void bvm_pools_reset(struct bvm_env *env);
int bvm_pools_reserve(struct bvm_env *env, u32 frames);
u64 bvm_pools_bytes(const struct bvm_env *env);
void *bvm_pool_get(struct bvm_pool *pool);
void bvm_pool_put(struct bvm_pool *pool, void *p);

#endif /* _BVM_POOL_H */
