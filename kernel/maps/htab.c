// SPDX-License-Identifier: GPL-2.0-only
/*
 * The hash table: writers, and the walk over all keys.  See htab.h for the layout and
 * for what readers rely on, htab_pool.c for where elements come from.
 *
 * A writer may run in any context, an NMI that has interrupted another writer of the
 * same table included; lock.h says how that ends.
 */
#include "../deps.h"
#include "htab.h"
#include "htab_pool.h"
#include "lru.h"
#include "maps.h"

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

static void htab_zero_value(const struct bvm_htab *h, void *value)
{
	if (h->map.record)
		bvm_value_write(h->map.record, value, NULL, h->value_size);
	else
		memset(value, 0, h->value_size);
}

/* @fresh: nobody can see the element yet, and its per-CPU values are another key's. */
static void htab_write_value(struct bvm_htab *h, u32 n, const void *value,
			     enum bvm_htab_how how, bool fresh)
{
	int cpu, this_cpu = raw_smp_processor_id();

	if (how == BVM_HTAB_VALUE) {
		if (h->map.record)
			bvm_value_write(h->map.record, bvm_htab_value(h, n), value, h->value_size);
		else
			memcpy(bvm_htab_value(h, n), value, h->value_size);
		return;
	}
	if (how == BVM_HTAB_THIS_CPU)
		bvm_set_value(&h->map, bvm_htab_cpu_value(h, n, this_cpu), value);
	for_each_possible_cpu(cpu) {
		if (how == BVM_HTAB_ALL_CPUS) {
			bvm_set_value(&h->map, bvm_htab_cpu_value(h, n, cpu), value);
			value += h->pool.value_stride;
		} else if (fresh && cpu != this_cpu) {
			htab_zero_value(h, bvm_htab_cpu_value(h, n, cpu));
		}
	}
}

static void htab_read_value(const struct bvm_htab *h, u32 n, void *value, enum bvm_htab_how how)
{
	void *from;
	int cpu;

	if (how == BVM_HTAB_VALUE) {
		if (h->map.record)
			bvm_value_read(h->map.record, value, bvm_htab_value(h, n), h->value_size);
		else
			memcpy(value, bvm_htab_value(h, n), h->value_size);
		return;
	}
	for_each_possible_cpu(cpu) {
		from = bvm_htab_cpu_value(h, n, cpu);
		if (h->map.record)
			bvm_value_read(h->map.record, value, from, h->pool.value_stride);
		else
			bvm_copy_value(value, from, h->pool.value_stride);
		value += h->pool.value_stride;
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

/* The element is out of the table, and about to be reused.  Any context. */
static void htab_gone(struct bvm_htab *h, u32 n)
{
	if (h->objects)
		h->objects->put(*(void **)bvm_htab_value(h, n));
	if (h->map.record)
		bvm_htab_clear(h, n);
}

/*
 * An element for a key that is new, or to replace the element @old.  That of an LRU map
 * was taken @ahead of the lock: to evict another one takes a lock as well.
 */
static int htab_get(struct bvm_htab *h, u32 old, u32 *ahead, u32 *new)
{
	if (h->lru) {
		*new = *ahead;
		*ahead = 0;
		bvm_lru_begin(h, *new);
		return 0;
	}
	if (!old)
		return bvm_pool_take(&h->pool, new);
	*new = bvm_htab_take_spare(h);
	/* only in an NMI within a replacement in a full map */
	return *new ? 0 : -EBUSY;
}

/* What has been replaced is the next spare one. */
static void htab_put_old(struct bvm_htab *h, u32 old, u32 *ahead)
{
	htab_gone(h, old);
	if (h->lru)
		*ahead = old;
	else
		bvm_htab_give_spare(h, old);
}

/* The group is locked. */
static long htab_update_locked(struct bvm_htab *h, struct bvm_htab_group *g, u32 head,
			       const void *key, const void *value, u64 flags,
			       enum bvm_htab_how how, u32 *ahead)
{
	u32 *link = htab_link(h, g, head, key);
	struct bvm_htab_elem *e;
	u32 old = *link, new;
	int err;

	if (old && flags & BPF_NOEXIST)
		return -EEXIST;
	if (!old && flags & BPF_EXIST)
		return -ENOENT;
	if (old && (how != BVM_HTAB_VALUE || flags & BPF_F_LOCK)) {
		htab_write_value(h, old, value, how, false);
		if (h->lru)
			bvm_lru_used(h, old);
		return 0;
	}
	err = htab_get(h, old, ahead, &new);
	if (err)
		return err;
	e = bvm_htab_elem(h, new);
	memcpy(e->key, key, h->map.key_size);
	htab_write_value(h, new, value, how, true);
	WRITE_ONCE(e->next, old ? bvm_htab_elem(h, old)->next : 0);
	if (old) {
		htab_remove(g, link, new);
		htab_put_old(h, old, ahead);
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
 * @flags:	BPF_ANY, BPF_NOEXIST, BPF_EXIST, and BPF_F_LOCK
 * @how:	which values
 *
 * A plain hash gets a new element in place of the old one: readers see the old value
 * or the new one.  With BPF_F_LOCK the value is overwritten under its lock.  A per-CPU hash is
 * overwritten in place.  Any context incl. NMI, but not there if the map has a record.
 *
 * Return: 0, -EINVAL: unknown flags, -EEXIST, -ENOENT: as @flags demand, -E2BIG: full,
 * -ENOMEM: not preallocated and the pool cannot grow in time, -EBUSY: the caller has
 * interrupted a writer, or (LRU) nothing can be evicted for the moment.
 */
long bvm_htab_update(struct bvm_map *map, const void *key, const void *value, u64 flags,
		     enum bvm_htab_how how)
{
	struct bvm_htab *h = bvm_htab_of(map);
	struct bvm_htab_pos pos = bvm_htab_pos(h, key);
	struct bvm_htab_group *g = &h->group[pos.group];
	unsigned long irq;
	u32 ahead = 0;
	long err;

	if (!bvm_update_flags_ok(map, flags))
		return -EINVAL;
	if (h->lru) {
		ahead = bvm_lru_take(h);
		if (!ahead)
			return -EBUSY;
	}
	local_irq_save(irq);
	err = bvm_htab_lock(g);
	if (!err) {
		err = htab_update_locked(h, g, pos.head, key, value, flags, how, &ahead);
		bvm_htab_unlock(g);
	}
	local_irq_restore(irq);
	if (ahead)
		bvm_lru_give(h, ahead);
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
		err = bvm_pool_extend(&h->pool);
		if (err)
			break;
	}
	return err;
}

/* Removes @key, after copying its value to @value unless that is NULL. */
static int htab_remove_key(struct bvm_htab *h, const void *key, void *value, enum bvm_htab_how how)
{
	struct bvm_htab_pos pos = bvm_htab_pos(h, key);
	struct bvm_htab_group *g = &h->group[pos.group];
	unsigned long irq;
	u32 *link, n;
	int err;

	local_irq_save(irq);
	err = bvm_htab_lock(g);
	if (!err) {
		link = htab_link(h, g, pos.head, key);
		n = *link;
		if (n && value)
			htab_read_value(h, n, value, how);
		if (n) {
			htab_remove(g, link, bvm_htab_elem(h, n)->next);
			htab_gone(h, n);
			bvm_htab_give(h, n);
		} else {
			err = -ENOENT;
		}
		bvm_htab_unlock(g);
	}
	local_irq_restore(irq);
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
	return htab_remove_key(bvm_htab_of(map), key, NULL, BVM_HTAB_VALUE);
}

/**
 * bvm_htab_take - remove a key, and its last value for a system call
 * @map:	map; its values are no objects
 * @key:	key
 * @value:	where to: value, or values of all possible CPUs
 * @how:	which
 *
 * Nobody replaces a plain value after it was copied and before it is gone; a program
 * that has looked it up may still write to it, as it may after any delete.  Does not
 * sleep.
 *
 * Return: 0, -ENOENT, -EBUSY: another CPU has been writing for too long.
 */
int bvm_htab_take(struct bvm_map *map, const void *key, void *value, enum bvm_htab_how how)
{
	return htab_remove_key(bvm_htab_of(map), key, value, how);
}

/* A value as system calls see it: an object is known by its id.  The group is locked. */
static void htab_user_value(const struct bvm_htab *h, u32 n, void *value, enum bvm_htab_how how)
{
	if (h->objects)
		put_unaligned(h->objects->id(*(void **)bvm_htab_value(h, n)), (u32 *)value);
	else
		htab_read_value(h, n, value, how);
}

/* The elements of a chain, or how many there are if that is more than @room. */
static u32 htab_copy_chain(struct bvm_htab *h, const struct bvm_htab_group *g, u32 head,
			   void *keys, void *values, u32 room, enum bvm_htab_how how)
{
	u32 value_size = bvm_map_user_value_size(&h->map);
	u32 n, count = 0;

	for (n = g->head[head]; n; n = bvm_htab_elem(h, n)->next)
		count++;
	if (count > room)
		return count;
	for (n = g->head[head]; n; n = bvm_htab_elem(h, n)->next) {
		memcpy(keys, bvm_htab_elem(h, n)->key, h->map.key_size);
		htab_user_value(h, n, values, how);
		keys += h->map.key_size;
		values += value_size;
	}
	return count;
}

static void htab_clear_chain(struct bvm_htab *h, struct bvm_htab_group *g, u32 head)
{
	u32 n;

	while ((n = g->head[head])) {
		htab_remove(g, &g->head[head], bvm_htab_elem(h, n)->next);
		htab_gone(h, n);
		bvm_htab_give(h, n);
	}
}

/* -ENOSPC, -EBUSY, or how many elements there were. */
static int htab_batch_chain(struct bvm_htab *h, u32 pos, void *keys, void *values, u32 room,
			    bool take)
{
	enum bvm_htab_how how = h->map.type->caps & BVM_MAP_PERCPU ? BVM_HTAB_ALL_CPUS :
								     BVM_HTAB_VALUE;
	struct bvm_htab_group *g = &h->group[pos / BVM_HTAB_HEADS];
	u32 head = pos % BVM_HTAB_HEADS;
	unsigned long irq;
	int count;

	if (!READ_ONCE(g->head[head]))
		return 0;
	local_irq_save(irq);
	count = bvm_htab_lock(g);
	if (!count) {
		count = htab_copy_chain(h, g, head, keys, values, room, how);
		if (count > room)
			count = -ENOSPC;
		else if (take)
			htab_clear_chain(h, g, head);
		bvm_htab_unlock(g);
	}
	local_irq_restore(irq);
	return count;
}

/* Chains that a walk looks at before it lets others run. */
#define HTAB_BATCH_CHAINS	4096

/**
 * bvm_htab_batch - &struct bvm_map_type.batch of hash maps
 * @map:	map
 * @pos:	chain to begin with, and to go on with
 * @keys:	room for @max keys
 * @values:	room for @max values as system calls see them
 * @max:	elements
 * @take:	remove them as well
 *
 * A position is the number of a chain, which is copied, and removed, as a whole.  Does
 * not sleep.
 *
 * Return: number of elements, 0 when nothing was found so far; -ENOENT: the end,
 * -ENOSPC: the next chain has more than @max, -EBUSY: another CPU has been writing for
 * too long.
 */
int bvm_htab_batch(struct bvm_map *map, u32 *pos, void *keys, void *values, u32 max, bool take)
{
	struct bvm_htab *h = bvm_htab_of(map);
	u32 value_size = bvm_map_user_value_size(map);
	u64 end = (u64)h->nr_groups * BVM_HTAB_HEADS;
	u32 done = 0, chains;
	int n = 0;

	for (chains = 0; n >= 0 && done < max && chains < HTAB_BATCH_CHAINS; chains++) {
		if (*pos >= end) {
			n = -ENOENT;
			break;
		}
		n = htab_batch_chain(h, *pos, keys + (size_t)done * map->key_size,
				     values + (size_t)done * value_size, max - done, take);
		if (n >= 0) {
			done += n;
			(*pos)++;
		}
	}
	return done || n > 0 ? done : n;
}

/**
 * bvm_htab_evict - take an element out of the table, whatever its key
 * @h:		table
 * @n:		number of the element
 *
 * It may be that it is free, or given to another key right now: then what is read as its
 * key leads to a chain in which it is not.  Waits for nobody.  Any context incl. NMI.
 *
 * Return: true: it was in the table, and is the caller's now.
 */
bool bvm_htab_evict(struct bvm_htab *h, u32 n)
{
	struct bvm_htab_elem *e = bvm_htab_elem(h, n);
	struct bvm_htab_pos pos = bvm_htab_pos(h, e->key);
	struct bvm_htab_group *g = &h->group[pos.group];
	bool found = false;
	unsigned long irq;
	u32 *link;

	local_irq_save(irq);
	if (bvm_trylock(&g->owner)) {
		link = &g->head[pos.head];
		while (*link && *link != n)
			link = &bvm_htab_elem(h, *link)->next;
		found = *link;
		if (found) {
			htab_remove(g, link, e->next);
			htab_gone(h, n);
		}
		bvm_htab_unlock(g);
	}
	local_irq_restore(irq);
	return found;
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

/* Members of ->pos of a cursor */
enum {
	HTAB_GROUP,
	HTAB_HEAD,
	HTAB_CUR,	/* the element given last, 0: the chain has not been entered */
	HTAB_NEXT,	/* the one that followed it then */
};

/* The element in a chain that follows the one given last, whether that is still there or not. */
static u32 htab_follow(const struct bvm_htab *h, struct bvm_cursor *cursor)
{
	const struct bvm_htab_group *g = &h->group[cursor->pos[HTAB_GROUP]];
	u32 n, after, seq, *pos = cursor->pos;
	bool take;

again:
	/* as in bvm_htab_walk() */
	seq = smp_load_acquire(&g->seq);
	take = !pos[HTAB_CUR];
	for (n = READ_ONCE(g->head[pos[HTAB_HEAD]]); n; n = after) {
		after = READ_ONCE(bvm_htab_elem(h, n)->next);
		/* the number after the link */
		smp_rmb();
		if (unlikely(READ_ONCE(g->seq) != seq))
			goto again;
		if (take || n == pos[HTAB_NEXT]) {
			pos[HTAB_CUR] = n;
			pos[HTAB_NEXT] = after;
			return n;
		}
		take = n == pos[HTAB_CUR];
	}
	return 0;
}

/* The next element: its number, 0: there are no more.  The cursor gets the key's address. */
static u32 htab_each(const struct bvm_htab *h, struct bvm_cursor *cursor)
{
	u32 n, *pos = cursor->pos;

	for (; pos[HTAB_GROUP] < h->nr_groups; pos[HTAB_GROUP]++) {
		for (; pos[HTAB_HEAD] < BVM_HTAB_HEADS; pos[HTAB_HEAD]++) {
			n = htab_follow(h, cursor);
			if (n) {
				cursor->arg[0] = (unsigned long)bvm_htab_elem(h, n)->key;
				return n;
			}
			pos[HTAB_CUR] = 0;
		}
		pos[HTAB_HEAD] = 0;
	}
	return 0;
}

/**
 * bvm_htab_each - &struct bvm_map_type.each of hashes with plain values
 * @map:	map
 * @cursor:	where the next element is
 *
 * Whoever gets an element may remove it: the next one is known by then.  If that has been
 * removed, too, what was behind it in the chain is left out.  Any context, under RCU.
 *
 * Return: false at the end.
 */
bool bvm_htab_each(struct bvm_map *map, struct bvm_cursor *cursor)
{
	struct bvm_htab *h = bvm_htab_of(map);
	u32 n = htab_each(h, cursor);

	if (n)
		cursor->arg[1] = (unsigned long)bvm_htab_value(h, n);
	return n;
}

/**
 * bvm_htab_each_cpu - the same of per-CPU hashes, with this CPU's values
 * @map:	map
 * @cursor:	where the next element is
 * Any context, under RCU.  Return: false at the end.
 */
bool bvm_htab_each_cpu(struct bvm_map *map, struct bvm_cursor *cursor)
{
	struct bvm_htab *h = bvm_htab_of(map);
	u32 n = htab_each(h, cursor);

	if (n)
		cursor->arg[1] = (unsigned long)bvm_htab_cpu_value(h, n, smp_processor_id());
	return n;
}
