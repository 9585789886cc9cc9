// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory of a verification: pools of objects of one size, which are recycled, and go away
 * with their pool.
 *
 * Nothing that takes an object fails: bvm_pools_reserve() is called before every step and
 * puts aside what a step can need at most.
 */
#include "env.h"

/**
 * struct bvm_slab - memory for objects of a pool
 * @next:	another one
 * @next_fresh:	another one that has objects which were never used
 * @fresh:	how many of the first have not been
 * @data:	the objects
 */
struct bvm_slab {
	struct bvm_slab *next, *next_fresh;
	u32 fresh;
	u64 data[];
};

/*
 * Most that one step takes for each frame.  Cells: a comparison changes all copies of a
 * value, ten registers and the slots of the stack, in both successors, and a checkpoint that
 * was made just before may change all of them.  Pages and frames:
 * those of both, and those of the checkpoint that was made just before.
 */
#define BVM_RESERVE_CELLS	(3 * (BVM_SAVED_REGS + BVM_SLOTS))
/* Nodes: one for what is computed, one for what it becomes when a state gets it. */
#define BVM_RESERVE_DEFS	(2 * BVM_RESERVE_CELLS)
#define BVM_RESERVE_PAGES	(3 * BVM_PAGES)
#define BVM_RESERVE_FRAMES	3
#define BVM_RESERVE_STATES	2
#define BVM_RESERVE_POINTS	1

static void bvm_pool_init(struct bvm_pool *pool, u32 size, u32 per_slab)
{
	pool->size = round_up(size, 8);
	pool->per_slab = per_slab;
}

/* An object that was never used: most programs need few of those that are put aside. */
static void *bvm_pool_fresh(struct bvm_pool *pool)
{
	struct bvm_slab *slab = pool->fresh;

	if (!--slab->fresh)
		pool->fresh = slab->next_fresh;
	return (char *)slab->data + (size_t)slab->fresh * pool->size;
}

/**
 * bvm_pool_get - an object, contents undefined
 * @pool:	pool in which bvm_pools_reserve() has put enough aside
 */
void *bvm_pool_get(struct bvm_pool *pool)
{
	void **obj = pool->free;

	pool->nr_free--;
	if (!obj)
		return bvm_pool_fresh(pool);
	pool->free = *obj;
	return obj;
}

/**
 * bvm_pool_put - an object is not used any more
 * @pool:	pool that it is from
 * @p:		object
 */
void bvm_pool_put(struct bvm_pool *pool, void *p)
{
	void **obj = p;

	*obj = pool->free;
	pool->free = obj;
	pool->nr_free++;
}

static int bvm_pool_grow(struct bvm_pool *pool, u32 count)
{
	struct bvm_slab *slab;

	while (pool->nr_free < count) {
		slab = kvmalloc(sizeof(*slab) + (size_t)pool->size * pool->per_slab,
				GFP_KERNEL_ACCOUNT);
		if (!slab)
			return -ENOMEM;
		slab->next = pool->slabs;
		pool->slabs = slab;
		pool->nr_slabs++;
		slab->next_fresh = pool->fresh;
		pool->fresh = slab;
		slab->fresh = pool->per_slab;
		pool->nr_free += pool->per_slab;
	}
	return 0;
}

static void bvm_pool_free(struct bvm_pool *pool)
{
	struct bvm_slab *slab, *next;

	for (slab = pool->slabs; slab; slab = next) {
		next = slab->next;
		kvfree(slab);
	}
}

static inline int bvm_pool_reserve(struct bvm_pool *pool, u32 count)
{
	return pool->nr_free >= count ? 0 : bvm_pool_grow(pool, count);
}

/**
 * bvm_pools_init - set the pools up; allocates nothing
 * @env:	zeroed environment
 */
void bvm_pools_init(struct bvm_env *env)
{
	/* what is put aside for one frame, and enough for a small program: 16 and 32 KiB */
	bvm_pool_init(&env->defs, sizeof(struct bvm_def), BVM_RESERVE_DEFS + 64);
	bvm_pool_init(&env->cells, sizeof(struct bvm_cell), BVM_RESERVE_CELLS + 70);
	bvm_pool_init(&env->pages, sizeof(struct bvm_page), 2 * BVM_RESERVE_PAGES);
	bvm_pool_init(&env->frames, sizeof(struct bvm_frame), 16);
	bvm_pool_init(&env->states, sizeof(struct bvm_state), 16);
	bvm_pool_init(&env->points, sizeof(struct bvm_checkpoint), 32);
	bvm_pool_init(&env->trails, sizeof(struct bvm_trail), 128);
}

/**
 * bvm_pools_free - give all memory of states back
 * @env:	environment; every state and checkpoint is gone afterwards
 */
void bvm_pools_free(struct bvm_env *env)
{
	bvm_pool_free(&env->defs);
	bvm_pool_free(&env->cells);
	bvm_pool_free(&env->pages);
	bvm_pool_free(&env->frames);
	bvm_pool_free(&env->states);
	bvm_pool_free(&env->points);
	bvm_pool_free(&env->trails);
}

/* All objects are free, as if none had ever been used. */
static void bvm_pool_reset(struct bvm_pool *pool)
{
	struct bvm_slab *slab;

	for (slab = pool->slabs; slab; slab = slab->next) {
		slab->next_fresh = slab->next;
		slab->fresh = pool->per_slab;
	}
	pool->fresh = pool->slabs;
	pool->free = NULL;
	pool->nr_free = pool->nr_slabs * pool->per_slab;
}

/**
 * bvm_pools_reset - forget all states; their memory stays
 * @env:	environment
 */
void bvm_pools_reset(struct bvm_env *env)
{
	bvm_pool_reset(&env->defs);
	bvm_pool_reset(&env->cells);
	bvm_pool_reset(&env->pages);
	bvm_pool_reset(&env->frames);
	bvm_pool_reset(&env->states);
	bvm_pool_reset(&env->points);
	bvm_pool_reset(&env->trails);
}

static u64 bvm_pool_bytes(const struct bvm_pool *pool)
{
	return (u64)pool->nr_slabs * (sizeof(struct bvm_slab) + (u64)pool->size * pool->per_slab);
}

/**
 * bvm_pools_bytes - the most memory that states took at a time
 * @env:	environment
 */
u64 bvm_pools_bytes(const struct bvm_env *env)
{
	return bvm_pool_bytes(&env->defs) + bvm_pool_bytes(&env->cells) +
	       bvm_pool_bytes(&env->pages) + bvm_pool_bytes(&env->frames) +
	       bvm_pool_bytes(&env->states) + bvm_pool_bytes(&env->points) +
	       bvm_pool_bytes(&env->trails);
}

/**
 * bvm_pools_reserve - put aside what the next step and checkpoint can need
 * @env:	environment
 * @frames:	most frames that a state can have after it
 * Process context, may sleep.  Return: 0 or -ENOMEM.
 */
int bvm_pools_reserve(struct bvm_env *env, u32 frames)
{
	bvm_defs_reap(env);
	if ((!env->certifying && bvm_pool_reserve(&env->defs, frames * BVM_RESERVE_DEFS)) ||
	    bvm_pool_reserve(&env->cells, frames * BVM_RESERVE_CELLS) ||
	    bvm_pool_reserve(&env->pages, frames * BVM_RESERVE_PAGES) ||
	    bvm_pool_reserve(&env->frames, frames * BVM_RESERVE_FRAMES) ||
	    bvm_pool_reserve(&env->states, BVM_RESERVE_STATES) ||
	    bvm_pool_reserve(&env->points, BVM_RESERVE_POINTS) ||
	    (bvm_logs(env) && bvm_pool_reserve(&env->trails, 1)))
		return -ENOMEM;
	return 0;
}
