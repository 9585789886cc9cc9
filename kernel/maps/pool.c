// SPDX-License-Identifier: GPL-2.0-only
/*
 * The pool of elements behind maps that take and give back in any context.  The free
 * list needs no lock; a pool that grows is refilled by a worker before it is empty.
 */
#include "../deps.h"
#include "pool.h"

/* Elements kept free in a pool that grows: so many, or fewer if they are large. */
#define POOL_RESERVE		64
#define POOL_RESERVE_BYTES	(256 << 10)

/* A pool in one piece is at most this large, in bytes. */
#define POOL_CHUNK_MAX	BIT(30)

/* log2 of the largest number of chunks, where that makes them larger than usual. */
#define POOL_CHUNKS	16

static_assert(BVM_POOL_CHUNK <= PCPU_MIN_UNIT_SIZE);

/* Free elements are less than @min and less than one for @div elements in use. */
static bool pool_short(struct bvm_pool *pool, u32 min, u32 div)
{
	u32 alloc = READ_ONCE(pool->nr_alloc);
	u32 nr_free = atomic_read(&pool->nr_free);

	if (alloc == pool->nr_elems)
		return false;
	return nr_free < min || nr_free < (alloc - nr_free) / div;
}

/**
 * bvm_pool_list_push - put elements on a list of free ones
 * @pool:	pool
 * @list:	head: number of the first element, and in the upper half how often one was
 *		taken
 * @first:	number of the first element of a chain
 * @last:	number of its last one
 * Any context incl. NMI.
 */
void bvm_pool_list_push(struct bvm_pool *pool, atomic64_t *list, u32 first, u32 last)
{
	u32 *next = bvm_pool_elem(pool, last);
	s64 old = atomic64_read(list);
	s64 new;

	do {
		WRITE_ONCE(*next, lower_32_bits(old));
		new = (s64)((u64)upper_32_bits(old) << 32 | first);
	} while (!atomic64_try_cmpxchg(list, &old, new));
}

/**
 * bvm_pool_list_pop - take an element from a list of free ones
 * @pool:	pool
 * @list:	head
 *
 * The upper half of the head has changed when its element was taken and given back
 * meanwhile; then what was read of the element is not used.  Any context incl. NMI.
 *
 * Return: number, or 0.
 */
u32 bvm_pool_list_pop(struct bvm_pool *pool, atomic64_t *list)
{
	s64 old = atomic64_read(list);
	s64 new;
	u32 n;

	do {
		n = lower_32_bits(old);
		if (!n)
			return 0;
		new = (s64)((u64)(upper_32_bits(old) + 1) << 32 |
			    READ_ONCE(*(u32 *)bvm_pool_elem(pool, n)));
	} while (!atomic64_try_cmpxchg(list, &old, new));
	return n;
}

/* Puts a chain of @nr elements, @first to @last, back.  Any context. */
static void pool_push(struct bvm_pool *pool, u32 first, u32 last, u32 nr)
{
	bvm_pool_list_push(pool, &pool->free, first, last);
	if (pool->grows)
		atomic_add(nr, &pool->nr_free);
}

/**
 * bvm_pool_pop - take an element if one is free
 * @pool:	pool
 * Any context incl. NMI.  Return: number, or 0.
 */
u32 bvm_pool_pop(struct bvm_pool *pool)
{
	u32 n = bvm_pool_list_pop(pool, &pool->free);

	if (n && pool->grows)
		atomic_dec(&pool->nr_free);
	return n;
}

/**
 * bvm_pool_take - take an element
 * @pool:	pool
 * @n:		its number, not 0
 *
 * Sees to it that the pool grows in time.  Any context incl. NMI.
 *
 * Return: 0, -E2BIG: as many are in use as the pool may have, -ENOMEM: none is free for
 * the moment.
 */
int bvm_pool_take(struct bvm_pool *pool, u32 *n)
{
	/* First: when the pool was complete and is empty now, it is used up. */
	u32 alloc = smp_load_acquire(&pool->nr_alloc);

	*n = bvm_pool_pop(pool);
	if (pool->grows && pool_short(pool, pool->reserve, 8))
		irq_work_queue(&pool->kick);
	if (*n)
		return 0;
	return alloc == pool->nr_elems ? -E2BIG : -ENOMEM;
}

/**
 * bvm_pool_give - give an element back
 * @pool:	pool
 * @n:		its number
 * Any context incl. NMI.
 */
void bvm_pool_give(struct bvm_pool *pool, u32 n)
{
	pool_push(pool, n, n, 1);
}

/*
 * Adds a chunk, if one is missing.  Process context, may sleep; @pool->grow is held
 * unless nobody else knows the pool.
 *
 * Return: 0 or -ENOMEM.
 */
static int pool_add_chunk(struct bvm_pool *pool)
{
	u32 first = pool->nr_alloc + 1;
	struct bvm_pool_chunk *chunk;
	u32 nr, i;

	nr = min(pool->nr_elems - pool->nr_alloc, pool->mask + 1);
	if (!nr)
		return 0;
	chunk = &pool->chunk[pool->nr_alloc >> pool->shift];
	if (!pool->value_stride) {
		chunk->value = NULL;
	} else {
		chunk->value = __alloc_percpu_gfp(nr * pool->value_stride, 8, BVM_POOL_GFP);
		if (!chunk->value)
			return -ENOMEM;
	}
	chunk->elem = kvzalloc_node((size_t)nr * pool->elem_size, BVM_POOL_GFP,
				    pool->numa_node);
	if (!chunk->elem) {
		free_percpu(chunk->value);
		return -ENOMEM;
	}
	for (i = 0; i < nr; i++)
		*(u32 *)bvm_pool_elem(pool, first + i) = first + i + 1;
	/* Orders the chunk before the number: nobody has the one without the other. */
	pool_push(pool, first, first + nr - 1, nr);
	/* Pairs with smp_load_acquire() in bvm_pool_take(): complete means all pushed. */
	smp_store_release(&pool->nr_alloc, pool->nr_alloc + nr);
	return 0;
}

/**
 * bvm_pool_extend - add elements after -ENOMEM of bvm_pool_take()
 * @pool:	pool that grows
 *
 * Whoever takes and extends by turns ends: when there is no more to add it is -E2BIG.
 * Process context, may sleep.
 *
 * Return: 0 or -ENOMEM.
 */
int bvm_pool_extend(struct bvm_pool *pool)
{
	int err;

	mutex_lock(&pool->grow);
	err = pool_add_chunk(pool);
	mutex_unlock(&pool->grow);
	return err;
}

static void pool_grow(struct work_struct *work)
{
	struct bvm_pool *pool = container_of(work, struct bvm_pool, work);
	struct mem_cgroup *old = set_active_memcg(pool->memcg);

	mutex_lock(&pool->grow);
	while (pool_short(pool, 2 * pool->reserve, 2) && !pool_add_chunk(pool))
		cond_resched();
	mutex_unlock(&pool->grow);
	set_active_memcg(old);
}

/* An NMI cannot queue work; this runs in an interrupt soon after it. */
static void pool_kick(struct irq_work *kick)
{
	struct bvm_pool *pool = container_of(kick, struct bvm_pool, kick);

	queue_work(system_unbound_wq, &pool->work);
}

static u32 pool_nr_chunks(const struct bvm_pool *pool, u32 nr_elems)
{
	return DIV_ROUND_UP(nr_elems, pool->mask + 1);
}

/* Plain elements that are there from the start are in one piece if they can be. */
static void pool_layout(struct bvm_pool *pool)
{
	u32 limit = pool->grows || pool->value_stride ? BVM_POOL_CHUNK : POOL_CHUNK_MAX;
	u64 size = max(pool->value_stride, pool->elem_size);
	u32 order = order_base_2(pool->nr_elems);

	pool->shift = order;
	while (pool->shift && size << pool->shift > limit &&
	       (pool->value_stride || order - pool->shift < POOL_CHUNKS))
		pool->shift--;
	pool->mask = (1U << pool->shift) - 1;
	pool->reserve = clamp_t(u64, POOL_RESERVE_BYTES / size, 1, POOL_RESERVE);
}

/**
 * bvm_pool_init - make a pool
 * @pool:	zeroed, but for @elem_size, @value_stride, @nr_elems, @numa_node, @grows
 * @reserve:	elements that will be taken before anything else
 *
 * Process context, may sleep.
 *
 * Return: 0 or -ENOMEM; bvm_pool_destroy() is due in any case.
 */
int bvm_pool_init(struct bvm_pool *pool, u32 reserve)
{
	u32 want = pool->nr_elems;
	int err;

	mutex_init(&pool->grow);
	INIT_WORK(&pool->work, pool_grow);
	init_irq_work(&pool->kick, pool_kick);
	pool->memcg = get_mem_cgroup_from_current();
	pool_layout(pool);
	pool->chunk = kvcalloc(pool_nr_chunks(pool, pool->nr_elems), sizeof(*pool->chunk),
			       BVM_POOL_GFP);
	if (!pool->chunk)
		return -ENOMEM;
	if (pool->grows)
		want = min(want, reserve + 2 * pool->reserve);
	while (pool->nr_alloc < want) {
		err = pool_add_chunk(pool);
		if (err)
			return err;
		cond_resched();
	}
	return 0;
}

/**
 * bvm_pool_destroy - free a pool and all of its elements
 * @pool:	pool that bvm_pool_init() was called for
 *
 * Process context, may sleep; nobody uses the pool any more.
 */
void bvm_pool_destroy(struct bvm_pool *pool)
{
	u32 i;

	irq_work_sync(&pool->kick);
	cancel_work_sync(&pool->work);
	for (i = 0; i < pool_nr_chunks(pool, pool->nr_alloc); i++) {
		kvfree(pool->chunk[i].elem);
		free_percpu(pool->chunk[i].value);
	}
	kvfree(pool->chunk);
	mem_cgroup_put(pool->memcg);
}

/**
 * bvm_pool_memory - what a pool occupies
 * @pool:	pool
 * Return: bytes, without those of struct bvm_pool.  Any context.
 */
u64 bvm_pool_memory(const struct bvm_pool *pool)
{
	u64 elem = pool->elem_size + (u64)pool->value_stride * num_possible_cpus();

	return (u64)pool_nr_chunks(pool, pool->nr_elems) * sizeof(*pool->chunk) +
	       READ_ONCE(pool->nr_alloc) * elem;
}
