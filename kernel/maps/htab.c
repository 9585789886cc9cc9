// SPDX-License-Identifier: GPL-2.0-only
/*
 * The hash table: the pool of elements, writers, and the walk over all keys.  See
 * htab.h for the layout and for what readers rely on.
 *
 * A writer may run in any context, an NMI that has interrupted another writer of the
 * same table included; lock.h says how that ends.
 */
#include "../deps.h"
#include "htab.h"
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

/* ---------------------------------------------------------------- the pool */

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

/* Puts a list of @nr elements, @first to @last, on the free list.  Any context. */
static void htab_push(struct bvm_htab *h, u32 first, u32 last, u32 nr)
{
	s64 old = atomic64_read(&h->free);
	s64 new;

	do {
		WRITE_ONCE(bvm_htab_elem(h, last)->next, lower_32_bits(old));
		new = (s64)((u64)upper_32_bits(old) << 32 | first);
	} while (!atomic64_try_cmpxchg(&h->free, &old, new));
	if (htab_grows(h))
		atomic_add(nr, &h->nr_free);
}

/*
 * Takes an element from the free list.  Any context.  The upper half of the head
 * counts, so that it has changed when its element was taken and put back meanwhile;
 * then what was read from @next is not used.
 *
 * Return: number, or 0.
 */
static u32 htab_pop(struct bvm_htab *h)
{
	s64 old = atomic64_read(&h->free);
	s64 new;
	u32 n;

	do {
		n = lower_32_bits(old);
		if (!n)
			return 0;
		new = (s64)((u64)(upper_32_bits(old) + 1) << 32 |
			    READ_ONCE(bvm_htab_elem(h, n)->next));
	} while (!atomic64_try_cmpxchg(&h->free, &old, new));
	if (htab_grows(h))
		atomic_dec(&h->nr_free);
	return n;
}

/*
 * An element for a new key.  Any context.
 *
 * Return: 0 and *@n, -E2BIG: as many keys as the map may have, -ENOMEM: the pool is
 * empty for the moment.
 */
static int htab_take(struct bvm_htab *h, u32 *n)
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

/*
 * An element with which to replace one, also when the map is full: the CPU's spare
 * one.  An NMI in the middle of a replacement finds it gone and takes a free one.
 * Interrupts are off.
 */
static u32 htab_take_spare(struct bvm_htab *h)
{
	u32 n = this_cpu_xchg(*h->spare, 0);

	return n ? n : htab_pop(h);
}

/* What has been replaced is the CPU's next spare one.  Interrupts are off. */
static void htab_give_spare(struct bvm_htab *h, u32 n)
{
	n = this_cpu_xchg(*h->spare, n);
	if (n)
		htab_push(h, n, n, 1);
}

/*
 * Adds a chunk to the pool, if one is missing.  Process context, may sleep; @h->grow
 * is held unless nobody else knows @h.
 *
 * Return: 0 or -ENOMEM.
 */
static int htab_add_chunk(struct bvm_htab *h)
{
	u32 first = h->nr_alloc + 1;
	struct bvm_htab_chunk *chunk;
	u32 nr, i;

	nr = min(h->nr_elems - h->nr_alloc, h->mask + 1);
	if (!nr)
		return 0;
	chunk = &h->chunk[h->nr_alloc >> h->shift];
	if (h->spare) {
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
	/* Pairs with smp_load_acquire() in htab_take(): complete means all pushed. */
	smp_store_release(&h->nr_alloc, h->nr_alloc + nr);
	return 0;
}

static void htab_grow(struct work_struct *work)
{
	struct bvm_htab *h = container_of(work, struct bvm_htab, work);
	struct mem_cgroup *old = set_active_memcg(h->memcg);

	mutex_lock(&h->grow);
	while (htab_short(h, 2 * HTAB_RESERVE, 2) && !htab_add_chunk(h))
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

static void htab_layout(struct bvm_htab *h, const struct bvm_map_spec *spec, bool percpu)
{
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
	h->value_size = spec->objects ? sizeof(void *) : spec->value_size;
	h->value_stride = round_up(h->value_size, 8);
	h->elem_size = h->value_off + (percpu ? 0 : h->value_stride);
	h->nr_groups = DIV_ROUND_UP(2 * spec->max_entries, BVM_HTAB_HEADS);
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
		err = htab_add_chunk(h);
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
 * @percpu:	values are per CPU
 *
 * Process context, may sleep.
 *
 * Return: map for bvm_htab_free(), or ERR_PTR(-ENOMEM).
 */
struct bvm_map *bvm_htab_alloc(const struct bvm_map_spec *spec, bool percpu)
{
	struct bvm_htab *h;

	h = kzalloc_node(sizeof(*h), GFP_KERNEL_ACCOUNT, spec->numa_node);
	if (!h)
		return ERR_PTR(-ENOMEM);
	htab_layout(h, spec, percpu);
	htab_seed(h);
	mutex_init(&h->grow);
	INIT_WORK(&h->work, htab_grow);
	init_irq_work(&h->kick, htab_kick);
	h->memcg = get_mem_cgroup_from_current();

	h->group = kvzalloc_node((size_t)h->nr_groups * sizeof(*h->group), HTAB_GFP,
				 spec->numa_node);
	h->chunk = kvcalloc(htab_nr_chunks(h, h->nr_elems), sizeof(*h->chunk), HTAB_GFP);
	if (!percpu)
		h->spare = alloc_percpu_gfp(u32, HTAB_GFP);
	if (!h->group || !h->chunk || (!percpu && !h->spare) || htab_fill(h)) {
		bvm_htab_free(&h->map);
		return ERR_PTR(-ENOMEM);
	}
	return &h->map;
}

/* The element is out of the table, and about to be reused.  Any context. */
static void htab_gone(struct bvm_htab *h, u32 n)
{
	if (h->objects)
		h->objects->put(*(void **)bvm_htab_value(h, n));
}

/* All elements leave, with the map. */
static void htab_all_gone(struct bvm_htab *h)
{
	u32 i, n;

	for (i = 0; h->group && i < h->nr_groups * BVM_HTAB_HEADS; i++) {
		n = h->group[i / BVM_HTAB_HEADS].head[i % BVM_HTAB_HEADS];
		for (; n; n = bvm_htab_elem(h, n)->next)
			htab_gone(h, n);
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

	if (map->type->caps & BVM_MAP_PERCPU)
		elem += (u64)h->value_stride * num_possible_cpus();
	return sizeof(*h) + (u64)h->nr_groups * sizeof(*h->group) +
	       (u64)htab_nr_chunks(h, h->nr_elems) * sizeof(*h->chunk) +
	       READ_ONCE(h->nr_alloc) * elem;
}

/* ---------------------------------------------------------------- writers */

/* The link that holds the number of @key's element, or the 0 at the end of the chain. */
static u32 *htab_link(const struct bvm_htab *h, struct bvm_htab_group *g, u32 head,
		      const void *key)
{
	struct bvm_htab_elem *e;
	u32 *link;

	for (link = &g->head[head]; *link; link = &e->next) {
		e = bvm_htab_elem(h, *link);
		if (bvm_htab_key_eq(e->key, key, h->map.key_size))
			break;
	}
	return link;
}

/* @fresh: nobody can see the element yet, and its per-CPU values are another key's. */
static void htab_write_value(struct bvm_htab *h, u32 n, const void *value,
			     enum bvm_htab_how how, bool fresh)
{
	int cpu, this_cpu = raw_smp_processor_id();

	if (how == BVM_HTAB_VALUE) {
		memcpy(bvm_htab_value(h, n), value, h->value_size);
		return;
	}
	if (how == BVM_HTAB_THIS_CPU)
		bvm_copy_value(bvm_htab_cpu_value(h, n, this_cpu), value, h->value_size);
	for_each_possible_cpu(cpu) {
		if (how == BVM_HTAB_ALL_CPUS) {
			bvm_copy_value(bvm_htab_cpu_value(h, n, cpu), value, h->value_size);
			value += h->value_stride;
		} else if (fresh && cpu != this_cpu) {
			memset(bvm_htab_cpu_value(h, n, cpu), 0, h->value_size);
		}
	}
}

static void htab_read_value(const struct bvm_htab *h, u32 n, void *value, enum bvm_htab_how how)
{
	int cpu;

	if (how == BVM_HTAB_VALUE) {
		memcpy(value, bvm_htab_value(h, n), h->value_size);
		return;
	}
	for_each_possible_cpu(cpu) {
		bvm_copy_value(value, bvm_htab_cpu_value(h, n, cpu), h->value_stride);
		value += h->value_stride;
	}
}

/* Element *@link is out of its chain, which goes on with @next; then it can be reused. */
static void htab_remove(struct bvm_htab_group *g, u32 *link, u32 next)
{
	/* Orders @next's contents, written by whoever inserted it, before the link to it. */
	smp_store_release(link, next);
	/*
	 * Unlink, count, reuse.  A reader that took the old link had read @seq before;
	 * if it reads the reused element, it sees @seq changed (smp_rmb() in
	 * bvm_htab_walk()).
	 */
	smp_wmb();
	WRITE_ONCE(g->seq, g->seq + 1);
	/* the count before the reuse, see above */
	smp_wmb();
}

/* The group is locked. */
static long htab_update_locked(struct bvm_htab *h, struct bvm_htab_group *g, u32 head,
			       const void *key, const void *value, u64 flags,
			       enum bvm_htab_how how)
{
	u32 *link = htab_link(h, g, head, key);
	struct bvm_htab_elem *e;
	u32 old = *link, new;
	int err;

	if (old && flags == BPF_NOEXIST)
		return -EEXIST;
	if (!old && flags == BPF_EXIST)
		return -ENOENT;
	if (old && how != BVM_HTAB_VALUE) {
		htab_write_value(h, old, value, how, false);
		return 0;
	}
	if (old) {
		new = htab_take_spare(h);
		/* only in an NMI within a replacement in a full map */
		if (!new)
			return -EBUSY;
	} else {
		err = htab_take(h, &new);
		if (err)
			return err;
	}
	e = bvm_htab_elem(h, new);
	memcpy(e->key, key, h->map.key_size);
	htab_write_value(h, new, value, how, true);
	WRITE_ONCE(e->next, old ? bvm_htab_elem(h, old)->next : 0);
	if (old) {
		htab_remove(g, link, new);
		htab_gone(h, old);
		htab_give_spare(h, old);
	} else {
		/* Pairs with the address dependency in bvm_htab_walk(). */
		smp_store_release(link, new);
	}
	return 0;
}

/**
 * bvm_htab_update - set the value of a key
 * @map:	map
 * @key:	key
 * @value:	value, or the values of all possible CPUs
 * @flags:	BPF_ANY, BPF_NOEXIST, BPF_EXIST
 * @how:	which values
 *
 * A plain hash gets a new element in place of the old one: readers see the old value
 * or the new one.  A per-CPU hash is overwritten in place.  Any context incl. NMI.
 *
 * Return: 0, -EINVAL: unknown flags, -EEXIST, -ENOENT: as @flags demand, -E2BIG: full,
 * -ENOMEM: not preallocated and the pool cannot grow in time, -EBUSY: the caller has
 * interrupted a writer.
 */
long bvm_htab_update(struct bvm_map *map, const void *key, const void *value, u64 flags,
		     enum bvm_htab_how how)
{
	struct bvm_htab *h = bvm_htab_of(map);
	struct bvm_htab_pos pos = bvm_htab_pos(h, key);
	struct bvm_htab_group *g = &h->group[pos.group];
	unsigned long irq;
	long err;

	if (flags > BPF_EXIST)
		return -EINVAL;
	local_irq_save(irq);
	err = bvm_htab_lock(g);
	if (!err) {
		err = htab_update_locked(h, g, pos.head, key, value, flags, how);
		bvm_htab_unlock(g);
	}
	local_irq_restore(irq);
	return err;
}

/**
 * bvm_htab_copy_in - set the value of a key for a system call
 * @map:	map
 * @key:	key
 * @value:	value, or the values of all possible CPUs
 * @flags:	BPF_ANY, BPF_NOEXIST, BPF_EXIST
 * @how:	which values
 *
 * As bvm_htab_update(), but lets the pool grow when it is empty.  Process context, may
 * sleep.
 *
 * Return: as bvm_htab_update().
 */
int bvm_htab_copy_in(struct bvm_map *map, const void *key, const void *value, u64 flags,
		     enum bvm_htab_how how)
{
	struct bvm_htab *h = bvm_htab_of(map);
	int err;

	/* Ends: each turn adds a chunk, and when there is no more to add it is -E2BIG. */
	while ((err = bvm_htab_update(map, key, value, flags, how)) == -ENOMEM) {
		mutex_lock(&h->grow);
		err = htab_add_chunk(h);
		mutex_unlock(&h->grow);
		if (err)
			break;
	}
	return err;
}

/**
 * bvm_htab_delete - remove a key
 * @map:	map
 * @key:	key
 *
 * Any context incl. NMI.
 *
 * Return: 0, -ENOENT, -EBUSY: the caller has interrupted a writer.
 */
long bvm_htab_delete(struct bvm_map *map, const void *key)
{
	struct bvm_htab *h = bvm_htab_of(map);
	struct bvm_htab_pos pos = bvm_htab_pos(h, key);
	struct bvm_htab_group *g = &h->group[pos.group];
	unsigned long irq;
	u32 *link, n;
	long err;

	local_irq_save(irq);
	err = bvm_htab_lock(g);
	if (!err) {
		link = htab_link(h, g, pos.head, key);
		n = *link;
		if (n) {
			htab_remove(g, link, bvm_htab_elem(h, n)->next);
			htab_gone(h, n);
			htab_push(h, n, n, 1);
		} else {
			err = -ENOENT;
		}
		bvm_htab_unlock(g);
	}
	local_irq_restore(irq);
	return err;
}

/* ---------------------------------------------------------------- readers */

/* Copies a value with removals in its group held off. */
static int htab_copy_locked(struct bvm_htab *h, struct bvm_htab_group *g, u32 head,
			    const void *key, void *value, enum bvm_htab_how how)
{
	unsigned long irq;
	int err;
	u32 n;

	local_irq_save(irq);
	err = bvm_htab_lock(g);
	if (!err) {
		n = *htab_link(h, g, head, key);
		if (n)
			htab_read_value(h, n, value, how);
		else
			err = -ENOENT;
		bvm_htab_unlock(g);
	}
	local_irq_restore(irq);
	return err;
}

/**
 * bvm_htab_copy_out - the value of a key for a system call
 * @map:	map
 * @key:	key
 * @value:	where to: value, or values of all possible CPUs
 * @how:	which
 *
 * The copy is of this key alone, also when it is deleted and its element reused
 * meanwhile.  Under RCU; does not sleep.
 *
 * Return: 0, -ENOENT, -EBUSY: another CPU has been writing for too long.
 */
int bvm_htab_copy_out(struct bvm_map *map, const void *key, void *value, enum bvm_htab_how how)
{
	struct bvm_htab *h = bvm_htab_of(map);
	struct bvm_htab_pos pos = bvm_htab_pos(h, key);
	struct bvm_htab_group *g = &h->group[pos.group];
	struct bvm_htab_found found;
	int tries;

	for (tries = 0; tries < 16; tries++) {
		found = bvm_htab_walk(h, g, pos.head, key);
		if (!found.n)
			return -ENOENT;
		htab_read_value(h, found.n, value, how);
		/* as in bvm_htab_walk() */
		smp_rmb();
		if (READ_ONCE(g->seq) == found.seq)
			return 0;
	}
	return htab_copy_locked(h, g, pos.head, key, value, how);
}

/* Copies the key of element @n, unless the chain's group has changed since @seq. */
static bool htab_copy_key(const struct bvm_htab *h, const struct bvm_htab_group *g, u32 seq,
			  u32 n, void *key)
{
	memcpy(key, bvm_htab_elem(h, n)->key, h->map.key_size);
	/* as in bvm_htab_walk() */
	smp_rmb();
	return READ_ONCE(g->seq) == seq;
}

/* The first key in the chain @pos or behind it. */
static int htab_first_key(const struct bvm_htab *h, struct bvm_htab_pos pos, void *key)
{
	const struct bvm_htab_group *g;
	u32 seq, n;

	for (; pos.group < h->nr_groups; pos.group++, pos.head = 0) {
		g = &h->group[pos.group];
		while (pos.head < BVM_HTAB_HEADS) {
			/* as in bvm_htab_walk() */
			seq = smp_load_acquire(&g->seq);
			n = READ_ONCE(g->head[pos.head]);
			if (!n)
				pos.head++;
			else if (htab_copy_key(h, g, seq, n, key))
				return 0;
		}
	}
	return -ENOENT;
}

/**
 * bvm_htab_next_key - the key that follows a key
 * @map:	map
 * @key:	key, or NULL
 * @next:	where to
 *
 * The order is that of the table, and stays as it is when values are replaced.  A
 * @key that is NULL or not there gives the first key.  Under RCU.
 *
 * Return: 0, -ENOENT: @key was the last.
 */
int bvm_htab_next_key(struct bvm_map *map, const void *key, void *next)
{
	struct bvm_htab *h = bvm_htab_of(map);
	struct bvm_htab_pos pos = {};
	struct bvm_htab_group *g;
	struct bvm_htab_found found;

	if (!key)
		return htab_first_key(h, pos, next);
	pos = bvm_htab_pos(h, key);
	g = &h->group[pos.group];
	do {
		found = bvm_htab_walk(h, g, pos.head, key);
		if (!found.n)
			return htab_first_key(h, (struct bvm_htab_pos) {}, next);
		if (!found.next) {
			pos.head++;
			return htab_first_key(h, pos, next);
		}
	} while (!htab_copy_key(h, g, found.seq, found.next, next));
	return 0;
}
