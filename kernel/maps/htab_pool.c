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

/* Elements kept free in a map that is not preallocated; a share of it as it grows. */
#define HTAB_RESERVE	64

/* Bytes a part of the pool; a preallocated plain map is in one piece if it can be. */
#define HTAB_CHUNK	(32 << 10)
#define HTAB_CHUNK_MAX	BIT(30)
static_assert(HTAB_CHUNK <= PCPU_MIN_UNIT_SIZE);

/* As the stock kernel, whose table of buckets ends there. */
#define HTAB_MAX_ENTRIES	BIT(27)

#define HTAB_GFP	(GFP_KERNEL_ACCOUNT | __GFP_RETRY_MAYFAIL | __GFP_NOWARN)


static bool htab_grows(const struct bvm_htab *h)
{
	return h->map.flags & BPF_F_NO_PREALLOC;
}

/* Free elements are less than @min and less than one for @div elements in use. */
static bool htab_short(struct bvm_htab *h, u32 min, u32 div)
{
	u32 alloc = READ_ONCE(h->nr_alloc);
	u32 nr_free = atomic_read(&h->nr_free);

	if (alloc == h->nr_elems)
		return false;
	return nr_free < min || nr_free < (alloc - nr_free) / div;
}

/**
 * bvm_htab_push - put elements on a list
 * @h:		table
 * @list:	head of the list
 * @first:	number of the first element; the others follow by @next
 * @last:	number of the last one
 * Any context incl. NMI.
 */
void bvm_htab_push(struct bvm_htab *h, atomic64_t *list, u32 first, u32 last)
{
	s64 old = atomic64_read(list);
	s64 new;

	do {
		WRITE_ONCE(bvm_htab_elem(h, last)->next, lower_32_bits(old));
		new = (s64)((u64)upper_32_bits(old) << 32 | first);
	} while (!atomic64_try_cmpxchg(list, &old, new));
}

/**
 * bvm_htab_pop - take an element from a list
 * @h:		table
 * @list:	head of the list
 *
 * The upper half of the head counts, so that it has changed when its element was taken
 * and put back meanwhile; then what was read from @next is not used.  Any context incl.
 * NMI.
 *
 * Return: number, or 0.
 */
u32 bvm_htab_pop(struct bvm_htab *h, atomic64_t *list)
{
	s64 old = atomic64_read(list);
	s64 new;
	u32 n;

	do {
		n = lower_32_bits(old);
		if (!n)
			return 0;
		new = (s64)((u64)(upper_32_bits(old) + 1) << 32 |
			    READ_ONCE(bvm_htab_elem(h, n)->next));
	} while (!atomic64_try_cmpxchg(list, &old, new));
	return n;
}

static void htab_push(struct bvm_htab *h, u32 first, u32 last, u32 nr)
{
	bvm_htab_push(h, &h->free, first, last);
	if (htab_grows(h))
		atomic_add(nr, &h->nr_free);
}

static u32 htab_pop(struct bvm_htab *h)
{
	u32 n = bvm_htab_pop(h, &h->free);

	if (n && htab_grows(h))
		atomic_dec(&h->nr_free);
	return n;
}

/**
 * bvm_htab_take - an element for a new key
 * @h:		table, not LRU
 * @n:		where its number goes
 *
 * Any context incl. NMI.
 *
 * Return: 0, -E2BIG: as many keys as the map may have, -ENOMEM: the pool is empty for the
 * moment.
 */
int bvm_htab_take(struct bvm_htab *h, u32 *n)
{
	/* First: when the pool was complete and is empty now, the map is full. */
	u32 alloc = smp_load_acquire(&h->nr_alloc);

	*n = htab_pop(h);
	if (htab_grows(h) && htab_short(h, HTAB_RESERVE, 8))
		irq_work_queue(&h->kick);
	if (*n)
		return 0;
	return alloc == h->nr_elems ? -E2BIG : -ENOMEM;
}

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

	return n ? n : htab_pop(h);
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
		htab_push(h, n, n, 1);
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
		htab_push(h, n, n, 1);
}

/**
 * bvm_htab_add_chunk - make the pool grow, if it is not complete
 * @h:		table; @h->grow is held unless nobody else knows it
 * Process context, may sleep.  Return: 0, or -ENOMEM.
 */
int bvm_htab_add_chunk(struct bvm_htab *h)
{
	u32 first = h->nr_alloc + 1;
	struct bvm_htab_chunk *chunk;
	u32 nr, i;

	nr = min(h->nr_elems - h->nr_alloc, h->mask + 1);
	if (!nr)
		return 0;
	chunk = &h->chunk[h->nr_alloc >> h->shift];
	if (!h->percpu) {
		chunk->value = NULL;
	} else {
		chunk->value = __alloc_percpu_gfp(nr * h->value_stride, 8, HTAB_GFP);
		if (!chunk->value)
			return -ENOMEM;
	}
	chunk->elem = kvzalloc_node((size_t)nr * h->elem_size, HTAB_GFP, h->map.numa_node);
	if (!chunk->elem) {
		free_percpu(chunk->value);
		return -ENOMEM;
	}
	for (i = 0; i < nr; i++)
		bvm_htab_elem(h, first + i)->next = first + i + 1;
	/* Orders the chunk before the number: nobody has the one without the other. */
	htab_push(h, first, first + nr - 1, nr);
	/* Pairs with smp_load_acquire() in bvm_htab_take(): complete means all pushed. */
	smp_store_release(&h->nr_alloc, h->nr_alloc + nr);
	return 0;
}

static void htab_grow(struct work_struct *work)
{
	struct bvm_htab *h = container_of(work, struct bvm_htab, work);
	struct mem_cgroup *old = set_active_memcg(h->memcg);

	mutex_lock(&h->grow);
	while (htab_short(h, 2 * HTAB_RESERVE, 2) && !bvm_htab_add_chunk(h))
		cond_resched();
	mutex_unlock(&h->grow);
	set_active_memcg(old);
}

/* An NMI cannot queue work; this runs in an interrupt soon after it. */
static void htab_kick(struct irq_work *kick)
{
	struct bvm_htab *h = container_of(kick, struct bvm_htab, kick);

	queue_work(system_unbound_wq, &h->work);
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

static u32 htab_nr_chunks(const struct bvm_htab *h, u32 nr_elems)
{
	return DIV_ROUND_UP(nr_elems, h->mask + 1);
}

static void htab_layout(struct bvm_htab *h, const struct bvm_map_spec *spec, u32 how)
{
	bool percpu = how & BVM_HTAB_PERCPU;
	bool whole = !percpu && !(spec->flags & BPF_F_NO_PREALLOC);
	u32 limit = whole ? HTAB_CHUNK_MAX : HTAB_CHUNK;
	u64 size;

	/* ->alloc() comes before core/ has filled these in, and the pool needs them */
	h->map.key_size = spec->key_size;
	h->map.value_size = spec->value_size;
	h->map.max_entries = spec->max_entries;
	h->map.flags = spec->flags;
	h->map.numa_node = spec->numa_node;

	h->value_off = round_up(sizeof(struct bvm_htab_elem) + spec->key_size, 8);
	h->objects = spec->objects;
	h->percpu = percpu;
	h->value_size = spec->objects ? sizeof(void *) : spec->value_size;
	h->value_stride = round_up(h->value_size, 8);
	h->elem_size = h->value_off + (percpu ? 0 : h->value_stride);
	h->nr_groups = DIV_ROUND_UP(2 * spec->max_entries, BVM_HTAB_HEADS);
	if (how & BVM_HTAB_LRU)
		h->nr_elems = bvm_lru_elems(spec);
	else
		h->nr_elems = spec->max_entries + (percpu ? 0 : num_possible_cpus());
	size = percpu ? max(h->value_stride, h->elem_size) : h->elem_size;
	h->shift = order_base_2(h->nr_elems);
	while (h->shift && size << h->shift > limit)
		h->shift--;
	h->mask = (1U << h->shift) - 1;
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

/* Spare elements for replacements, and a first lot of free ones, or all of them. */
static int htab_fill(struct bvm_htab *h)
{
	u32 want = h->nr_elems;
	int err, cpu;

	if (htab_grows(h))
		want = min(want, num_possible_cpus() + 2 * HTAB_RESERVE);
	while (h->nr_alloc < want) {
		err = bvm_htab_add_chunk(h);
		if (err)
			return err;
		cond_resched();
	}
	for_each_possible_cpu(cpu) {
		if (h->spare)
			*per_cpu_ptr(h->spare, cpu) = htab_pop(h);
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
	mutex_init(&h->grow);
	INIT_WORK(&h->work, htab_grow);
	init_irq_work(&h->kick, htab_kick);
	h->memcg = get_mem_cgroup_from_current();

	h->group = kvzalloc_node((size_t)h->nr_groups * sizeof(*h->group), HTAB_GFP,
				 spec->numa_node);
	h->chunk = kvcalloc(htab_nr_chunks(h, h->nr_elems), sizeof(*h->chunk), HTAB_GFP);
	if (spare)
		h->spare = alloc_percpu_gfp(u32, HTAB_GFP);
	if (!h->group || !h->chunk || (spare && !h->spare) || htab_fill(h) ||
	    (how & BVM_HTAB_LRU && bvm_lru_init(h))) {
		bvm_htab_free(&h->map);
		return ERR_PTR(-ENOMEM);
	}
	return &h->map;
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
	u32 i;

	irq_work_sync(&h->kick);
	cancel_work_sync(&h->work);
	if (h->objects)
		htab_all_gone(h);
	for (i = 0; i < htab_nr_chunks(h, h->nr_alloc); i++) {
		kvfree(h->chunk[i].elem);
		free_percpu(h->chunk[i].value);
	}
	bvm_lru_exit(h);
	free_percpu(h->spare);
	kvfree(h->chunk);
	kvfree(h->group);
	mem_cgroup_put(h->memcg);
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
	u64 elem = h->elem_size;

	if (h->percpu)
		elem += (u64)h->value_stride * num_possible_cpus();
	return sizeof(*h) + (u64)h->nr_groups * sizeof(*h->group) +
	       (u64)htab_nr_chunks(h, h->nr_elems) * sizeof(*h->chunk) +
	       READ_ONCE(h->nr_alloc) * elem + bvm_lru_memory(h);
}
