/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Elements of one size, from which a map takes and to which it gives back in any
 * context.  An element is known by its number, which takes half the space of its
 * address; 0 is none.  Its first word is a number too: on the free list that of the
 * next free element, otherwise the map's own.
 *
 * Memory that an element is in stays an element's until the pool goes, and the pool
 * does not wait for readers: an element that is given back may be taken again at once.
 */
#ifndef _BVM_MAPS_POOL_H
#define _BVM_MAPS_POOL_H

#include "../bvm.h"

/* Bytes a part of a pool, unless it is in one piece or very large. */
#define BVM_POOL_CHUNK	(32 << 10)

#define BVM_POOL_GFP	(GFP_KERNEL_ACCOUNT | __GFP_RETRY_MAYFAIL | __GFP_NOWARN)

/**
 * struct bvm_pool_chunk - a part of the pool
 * @elem:	elements, @elem_size bytes apart
 * @value:	per-CPU part: @value_stride bytes apart
 */
struct bvm_pool_chunk {
	void *elem;
	void __percpu *value;
};

/**
 * struct bvm_pool - a pool
 * @chunk:	element n is number (n - 1) & @mask of chunk (n - 1) >> @shift
 * @mask:	elements a chunk, less one
 * @shift:	log2 of the elements a chunk
 * @elem_size:	bytes from one element to the next, a multiple of 8
 * @value_stride: bytes of the part of an element that each CPU has, a multiple of 8, or 0
 * @nr_elems:	elements that the pool may have
 * @nr_alloc:	elements that it has
 * @reserve:	elements to keep free in a pool that grows; a share of it as it grows
 * @numa_node:	node, or NUMA_NO_NODE
 * @grows:	elements are added as they are needed; all are there from the start otherwise
 * @grow:	excludes others from adding elements
 * @work:	adds elements; process context
 * @kick:	queues @work from any context
 * @memcg:	whom @work charges
 * @free:	head of the free list, and how often something was taken from it
 * @nr_free:	length of the free list, kept only if the pool grows
 */
struct bvm_pool {
	struct bvm_pool_chunk *chunk;
	u32 mask;
	u32 shift;
	u32 elem_size;
	u32 value_stride;
	u32 nr_elems;
	u32 nr_alloc;
	u32 reserve;
	int numa_node;
	bool grows;
	struct mutex grow;	/* held while a chunk is added */
	struct work_struct work;
	struct irq_work kick;
	struct mem_cgroup *memcg;
	/* what every take and give writes, away from what lookups read */
	atomic64_t free ____cacheline_aligned_in_smp;
	atomic_t nr_free;
};

/**
 * bvm_pool_elem - element by number
 * @pool:	pool
 * @n:		number, not 0
 * Return: address.  Any context.
 */
static __always_inline void *bvm_pool_elem(const struct bvm_pool *pool, u32 n)
{
	return pool->chunk[(n - 1) >> pool->shift].elem +
	       (size_t)((n - 1) & pool->mask) * pool->elem_size;
}

/**
 * bvm_pool_cpu_value - a CPU's part of an element
 * @pool:	pool with a @value_stride
 * @n:		number of the element, not 0
 * @cpu:	possible CPU
 * Return: address.  Any context.
 */
static __always_inline void *bvm_pool_cpu_value(const struct bvm_pool *pool, u32 n, int cpu)
{
	return per_cpu_ptr(pool->chunk[(n - 1) >> pool->shift].value, cpu) +
	       (size_t)((n - 1) & pool->mask) * pool->value_stride;
}

/**
 * bvm_pool_this_cpu_value - this CPU's part of an element
 * @pool:	pool with a @value_stride
 * @n:		number of the element, not 0
 * Return: address.  Any context that stays on its CPU.
 */
static __always_inline void *bvm_pool_this_cpu_value(const struct bvm_pool *pool, u32 n)
{
	return this_cpu_ptr(pool->chunk[(n - 1) >> pool->shift].value) +
	       (size_t)((n - 1) & pool->mask) * pool->value_stride;
}

int bvm_pool_init(struct bvm_pool *pool, u32 reserve);
void bvm_pool_destroy(struct bvm_pool *pool);
u64 bvm_pool_memory(const struct bvm_pool *pool);
int bvm_pool_take(struct bvm_pool *pool, u32 *n);
u32 bvm_pool_pop(struct bvm_pool *pool);
void bvm_pool_give(struct bvm_pool *pool, u32 n);
int bvm_pool_extend(struct bvm_pool *pool);

/* other lists of elements that are free: heads as that of the pool */
void bvm_pool_list_push(struct bvm_pool *pool, atomic64_t *list, u32 first, u32 last);
u32 bvm_pool_list_pop(struct bvm_pool *pool, atomic64_t *list);

#endif /* _BVM_MAPS_POOL_H */
