// SPDX-License-Identifier: GPL-2.0-only
/*
 * Eviction for hash tables, see lru.h.
 *
 * What the hand meets may be free, or change hands right now; bvm_htab_evict() finds
 * out.  So a byte of @ref that is set or cleared for an element that has another key by
 * now is a small injustice and no more.
 */
#include "../deps.h"
#include "htab.h"
#include "htab_pool.h"
#include "lru.h"
#include "maps.h"

/* Elements that a CPU takes at a time; of its own ones. */
#define LRU_TARGET	128
#define LRU_TARGET_OWN	4

/* Steps of a hand that looks for keys not used, and of one that takes any. */
#define LRU_SCAN	2048
#define LRU_FORCE	64

/**
 * bvm_lru_check - is a request for an LRU map in order
 * @spec:	request
 * Process context.  Return: as bvm_htab_check(), and -ENOTSUPP: BPF_F_NO_PREALLOC.
 */
int bvm_lru_check(const struct bvm_map_spec *spec)
{
	struct bvm_map_spec rest = *spec;

	rest.flags &= ~BPF_F_NO_COMMON_LRU;
	if (spec->flags & BPF_F_NO_PREALLOC)
		return -ENOTSUPP;
	/* Who has elements for each CPU cannot have them all on one node. */
	if (spec->flags & BPF_F_NO_COMMON_LRU && spec->flags & BPF_F_NUMA_NODE)
		return -EINVAL;
	return bvm_htab_check(&rest);
}

/**
 * bvm_lru_elems - elements of the pool
 * @spec:	request that bvm_lru_check() found in order
 * Return: max_entries; BPF_F_NO_COMMON_LRU: rounded up to as many for each CPU.  Pure.
 */
u32 bvm_lru_elems(const struct bvm_map_spec *spec)
{
	return spec->flags & BPF_F_NO_COMMON_LRU ?
	       roundup(spec->max_entries, num_possible_cpus()) : spec->max_entries;
}

/* Gives each CPU its elements: all of them are free, none on a list. */
static void lru_divide(struct bvm_htab *h)
{
	struct bvm_lru *lru = h->lru;
	struct bvm_lru_cpu *c;
	u32 i = 0, n;
	int cpu;

	for_each_possible_cpu(cpu) {
		c = per_cpu_ptr(lru->cpu, cpu);
		c->first = i * lru->share + 1;
		lru->own[i++] = cpu;
		for (n = c->first + lru->share - 1; n >= c->first; n--)
			bvm_pool_list_push(&h->pool, &c->free, n, n);
		cond_resched();
	}
}

/**
 * bvm_lru_init - make a table one that evicts
 * @h:		table, its pool complete and unused
 * Process context, may sleep.  Return: 0, -ENOMEM: call bvm_lru_exit().
 */
int bvm_lru_init(struct bvm_htab *h)
{
	bool own = h->map.flags & BPF_F_NO_COMMON_LRU;
	struct bvm_lru *lru = kzalloc(sizeof(*lru), GFP_KERNEL_ACCOUNT);
	u32 cpus = num_possible_cpus(), n;

	h->lru = lru;
	if (!lru)
		return -ENOMEM;
	lru->ref = kvzalloc_node(h->pool.nr_elems, GFP_KERNEL_ACCOUNT | __GFP_NOWARN,
				 h->map.numa_node);
	lru->cpu = alloc_percpu_gfp(struct bvm_lru_cpu, GFP_KERNEL_ACCOUNT);
	if (own)
		lru->own = kcalloc(cpus, sizeof(*lru->own), GFP_KERNEL_ACCOUNT);
	if (!lru->ref || !lru->cpu || (own && !lru->own))
		return -ENOMEM;
	lru->share = own ? h->pool.nr_elems / cpus : h->pool.nr_elems;
	lru->target = own ? LRU_TARGET_OWN : clamp(h->pool.nr_elems / cpus / 2, 1U, LRU_TARGET);
	/* From the first to the last, as the hand goes: the oldest are evicted first. */
	atomic64_set(&h->pool.free, 0);
	if (own) {
		lru_divide(h);
		return 0;
	}
	for (n = h->pool.nr_elems; n; n--)
		bvm_pool_list_push(&h->pool, &h->pool.free, n, n);
	return 0;
}

/**
 * bvm_lru_exit - undo bvm_lru_init()
 * @h:		table, LRU or not
 * Process context, may sleep.
 */
void bvm_lru_exit(struct bvm_htab *h)
{
	if (!h->lru)
		return;
	kvfree(h->lru->ref);
	free_percpu(h->lru->cpu);
	kfree(h->lru->own);
	kfree(h->lru);
}

/**
 * bvm_lru_memory - what eviction occupies
 * @h:		table, LRU or not
 * Return: bytes.  Any context.
 */
u64 bvm_lru_memory(const struct bvm_htab *h)
{
	if (!h->lru)
		return 0;
	return sizeof(*h->lru) + h->pool.nr_elems +
	       num_possible_cpus() * (sizeof(struct bvm_lru_cpu) + (h->lru->own ? sizeof(u32) : 0));
}

/* The number of the element that the hand is at, and one step further. */
static u32 lru_step(struct bvm_lru *lru, struct bvm_lru_cpu *c)
{
	u32 step = atomic_inc_return(lru->own ? &c->hand : &lru->hand) - 1;

	return (lru->own ? c->first : 1) + step % lru->share;
}

/**
 * struct bvm_lru_catch - elements that nobody else has, in a row
 * @first:	number of the first, 0: none
 * @last:	number of the last
 * @nr:		how many
 */
struct bvm_lru_catch {
	u32 first;
	u32 last;
	u32 nr;
};

static void lru_catch(struct bvm_htab *h, struct bvm_lru_catch *caught, u32 n)
{
	WRITE_ONCE(bvm_htab_elem(h, n)->next, 0);
	if (caught->nr++)
		WRITE_ONCE(bvm_htab_elem(h, caught->last)->next, n);
	else
		caught->first = n;
	caught->last = n;
}

/* Evicts keys that nobody has used; if there is none on the way, any. */
static void lru_evict(struct bvm_htab *h, struct bvm_lru_cpu *c, struct bvm_lru_catch *caught)
{
	struct bvm_lru *lru = h->lru;
	u32 steps, n;

	for (steps = min(lru->share, LRU_SCAN); steps && caught->nr < lru->target; steps--) {
		n = lru_step(lru, c);
		if (READ_ONCE(lru->ref[n - 1]))
			WRITE_ONCE(lru->ref[n - 1], 0);
		else if (bvm_htab_evict(h, n))
			lru_catch(h, caught, n);
	}
	for (steps = LRU_FORCE; steps && !caught->nr; steps--) {
		n = lru_step(lru, c);
		if (bvm_htab_evict(h, n))
			lru_catch(h, caught, n);
	}
}

/* This CPU has no free element: gets some, returns one of them, or 0. */
static u32 lru_refill(struct bvm_htab *h, struct bvm_lru_cpu *c)
{
	struct bvm_lru_catch caught = {};
	u32 n;

	while (caught.nr < h->lru->target && (n = bvm_pool_list_pop(&h->pool, &h->pool.free)))
		lru_catch(h, &caught, n);
	if (caught.nr < h->lru->target)
		lru_evict(h, c, &caught);
	if (caught.nr > 1) {
		n = bvm_htab_elem(h, caught.first)->next;
		bvm_pool_list_push(&h->pool, &c->free, n, caught.last);
		atomic_add(caught.nr - 1, &c->nr);
	}
	return caught.first;
}

/* All others' free elements: in a small map they may be the only ones. */
static u32 lru_steal(struct bvm_htab *h)
{
	struct bvm_lru_cpu *c;
	int cpu;
	u32 n;

	for_each_possible_cpu(cpu) {
		c = per_cpu_ptr(h->lru->cpu, cpu);
		n = bvm_pool_list_pop(&h->pool, &c->free);
		if (n) {
			atomic_dec(&c->nr);
			return n;
		}
	}
	return 0;
}

/**
 * bvm_lru_take - a free element, if need be at the expense of another key
 * @h:		LRU table
 *
 * No group is locked by the caller; one that it has interrupted may be.  Any context incl.
 * NMI; a CPU that changes meanwhile does no harm.
 *
 * Return: number; 0: none for the moment, all are changing hands.
 */
u32 bvm_lru_take(struct bvm_htab *h)
{
	struct bvm_lru_cpu *c = raw_cpu_ptr(h->lru->cpu);
	u32 n = bvm_pool_list_pop(&h->pool, &c->free);

	if (n) {
		atomic_dec(&c->nr);
		return n;
	}
	n = lru_refill(h, c);
	return n || h->lru->own ? n : lru_steal(h);
}

/**
 * bvm_lru_give - an element is free
 * @h:		LRU table
 * @n:		its number
 *
 * Goes to the CPU that has it, or to this one unless it has enough.  Any context incl.
 * NMI.
 */
void bvm_lru_give(struct bvm_htab *h, u32 n)
{
	struct bvm_lru *lru = h->lru;
	struct bvm_lru_cpu *c;

	c = lru->own ? per_cpu_ptr(lru->cpu, lru->own[(n - 1) / lru->share]) :
		       raw_cpu_ptr(lru->cpu);
	if (!lru->own && atomic_read(&c->nr) >= (int)lru->target) {
		bvm_pool_list_push(&h->pool, &h->pool.free, n, n);
		return;
	}
	bvm_pool_list_push(&h->pool, &c->free, n, n);
	atomic_inc(&c->nr);
}
