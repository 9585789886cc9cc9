// SPDX-License-Identifier: GPL-2.0-only
/*
 * The elements of a hash table: the pool that they come from, how it is made, grows and
 * goes.
 */
#include "../deps.h"
#include "htab.h"
#include "htab_pool.h"
#include "lru.h"
#include "maps.h"

/* As the stock kernel, whose table of buckets ends there. */
#define HTAB_MAX_ENTRIES	BIT(27)

/**
 * bvm_htab_take_spare - an element with which to replace one
 * @h:		plain table, not LRU
 *
 * It is there also when the map is full: the CPU's spare one.  An NMI in the middle of a
 * replacement finds it gone and takes a free one.  Any context incl. NMI, interrupts off.
 *
 * Return: number, or 0.
 */
u32 bvm_htab_take_spare(struct bvm_htab *h)
{
	u32 n = this_cpu_xchg(*h->spare, 0);

	return n ? n : bvm_pool_pop(&h->pool);
}

/**
 * bvm_htab_give_spare - what has been replaced is the CPU's next spare one
 * @h:		plain table, not LRU
 * @n:		number of the element
 * Any context incl. NMI, interrupts off.
 */
void bvm_htab_give_spare(struct bvm_htab *h, u32 n)
{
	n = this_cpu_xchg(*h->spare, n);
	if (n)
		bvm_pool_give(&h->pool, n);
}

/**
 * bvm_htab_give - an element whose key is gone
 * @h:		table
 * @n:		its number
 * Any context incl. NMI.
 */
void bvm_htab_give(struct bvm_htab *h, u32 n)
{
	if (h->lru)
		bvm_lru_give(h, n);
	else
		bvm_pool_give(&h->pool, n);
}

/* --------------------------------------------------------- making, unmaking */

/**
 * bvm_htab_check - is a request for a hash map in order
 * @spec:	request
 *
 * Process context.
 *
 * Return: 0, -EINVAL: a size is 0, flags unknown or contradictory, -E2BIG: a size is too
 * large, -EPERM: BPF_F_ZERO_SEED without CAP_SYS_ADMIN.
 */
int bvm_htab_check(const struct bvm_map_spec *spec)
{
	if (!bvm_map_flags_ok(spec, BVM_HTAB_FLAGS))
		return -EINVAL;
	if (spec->flags & BPF_F_ZERO_SEED && !capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (!spec->key_size || !spec->value_size || !spec->max_entries)
		return -EINVAL;
	if ((u64)spec->key_size + spec->value_size >
	    KMALLOC_MAX_SIZE - sizeof(struct bvm_htab_elem))
		return -E2BIG;
	if (spec->max_entries > HTAB_MAX_ENTRIES)
		return -E2BIG;
	return 0;
}

static void htab_layout(struct bvm_htab *h, const struct bvm_map_spec *spec, u32 how)
{
	bool percpu = how & BVM_HTAB_PERCPU;
	u32 stride;

	/* ->alloc() comes before core/ has filled these in, and the pool needs them */
	h->map.key_size = spec->key_size;
	h->map.value_size = spec->value_size;
	h->map.max_entries = spec->max_entries;
	h->map.flags = spec->flags;
	h->map.numa_node = spec->numa_node;

	h->value_off = round_up(sizeof(struct bvm_htab_elem) + spec->key_size, 8);
	h->objects = spec->objects;
	h->value_size = spec->objects ? sizeof(void *) : spec->value_size;
	h->nr_groups = DIV_ROUND_UP(2 * spec->max_entries, BVM_HTAB_HEADS);
	stride = round_up(h->value_size, 8);
	h->pool.value_stride = percpu ? stride : 0;
	h->pool.elem_size = h->value_off + (percpu ? 0 : stride);
	if (how & BVM_HTAB_LRU)
		h->pool.nr_elems = bvm_lru_elems(spec);
	else
		h->pool.nr_elems = spec->max_entries + (percpu ? 0 : num_possible_cpus());
	h->pool.numa_node = spec->numa_node;
	h->pool.grows = spec->flags & BPF_F_NO_PREALLOC;
}

/* The secret of the hash function; constants of many ones when it shall be none. */
static void htab_seed(struct bvm_htab *h)
{
	h->seed[0] = 0x9e3779b97f4a7c15;
	h->seed[1] = 0xd6e8feb86659fd93;
	if (h->map.flags & BPF_F_ZERO_SEED)
		return;
	h->seed[0] ^= get_random_u64();
	h->seed[1] ^= get_random_u64();
}

/* The pool, and spare elements for replacements. */
static int htab_fill(struct bvm_htab *h)
{
	int err, cpu;

	err = bvm_pool_init(&h->pool, num_possible_cpus());
	if (err)
		return err;
	for_each_possible_cpu(cpu) {
		if (h->spare)
			*per_cpu_ptr(h->spare, cpu) = bvm_pool_pop(&h->pool);
	}
	return 0;
}

/**
 * bvm_htab_alloc - make a hash map
 * @spec:	request that bvm_htab_check() found in order
 * @how:	BVM_HTAB_PERCPU, BVM_HTAB_LRU
 *
 * Process context, may sleep.
 *
 * Return: map for bvm_htab_free(), or ERR_PTR(-ENOMEM).
 */
struct bvm_map *bvm_htab_alloc(const struct bvm_map_spec *spec, u32 how)
{
	bool spare = !how;
	struct bvm_htab *h;

	h = kzalloc_node(sizeof(*h), GFP_KERNEL_ACCOUNT, spec->numa_node);
	if (!h)
		return ERR_PTR(-ENOMEM);
	htab_layout(h, spec, how);
	htab_seed(h);
	h->group = kvzalloc_node((size_t)h->nr_groups * sizeof(*h->group), BVM_POOL_GFP,
				 spec->numa_node);
	if (spare)
		h->spare = alloc_percpu_gfp(u32, BVM_POOL_GFP);
	/* the pool first: freeing expects that it was begun */
	if (htab_fill(h) || !h->group || (spare && !h->spare) ||
	    (how & BVM_HTAB_LRU && bvm_lru_init(h))) {
		bvm_htab_free(&h->map);
		return ERR_PTR(-ENOMEM);
	}
	return &h->map;
}

/**
 * bvm_htab_clear - pointers in the values of an element go
 * @h:		table whose map has a record
 * @n:		number of the element
 * Any context but NMI.
 */
void bvm_htab_clear(struct bvm_htab *h, u32 n)
{
	int cpu;

	if (!h->pool.value_stride) {
		bvm_value_clear(h->map.record, bvm_htab_value(h, n));
		return;
	}
	for_each_possible_cpu(cpu)
		bvm_value_clear(h->map.record, bvm_htab_cpu_value(h, n, cpu));
}

/*
 * The same for all elements, with the map: also those that are free, for a program may
 * store something in a value after it was deleted.
 */
static void htab_clear_all(struct bvm_htab *h)
{
	u32 n;

	for (n = 1; n <= h->pool.nr_alloc; n++) {
		bvm_htab_clear(h, n);
		cond_resched();
	}
}

/* All values leave, with the map. */
static void htab_all_gone(struct bvm_htab *h)
{
	u32 i, n;

	for (i = 0; h->group && i < h->nr_groups * BVM_HTAB_HEADS; i++) {
		n = h->group[i / BVM_HTAB_HEADS].head[i % BVM_HTAB_HEADS];
		for (; n; n = bvm_htab_elem(h, n)->next)
			h->objects->put(*(void **)bvm_htab_value(h, n));
		cond_resched();
	}
}

/**
 * bvm_htab_free - free a map that nobody can reach any more
 * @map:	map
 *
 * Process context, may sleep.
 */
void bvm_htab_free(struct bvm_map *map)
{
	struct bvm_htab *h = bvm_htab_of(map);

	if (h->objects)
		htab_all_gone(h);
	if (map->record)
		htab_clear_all(h);
	bvm_pool_destroy(&h->pool);
	bvm_lru_exit(h);
	free_percpu(h->spare);
	kvfree(h->group);
	kfree(h);
}

/**
 * bvm_htab_memory - what a map occupies
 * @map:	map
 * Return: bytes.  Any context.
 */
u64 bvm_htab_memory(const struct bvm_map *map)
{
	struct bvm_htab *h = bvm_htab_of(map);

	return sizeof(*h) + (u64)h->nr_groups * sizeof(*h->group) +
	       bvm_pool_memory(&h->pool) + bvm_lru_memory(h);
}
