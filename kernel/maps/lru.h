/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Eviction for hash tables: a clock.  Each element has a bit that says that a program
 * has used its key; a hand goes around all elements, clears bits that are set and evicts
 * the keys of elements whose bit is not.  That is a byte an element and no list, and
 * what a lookup writes is one byte, once.
 *
 * A CPU takes some elements at a time and keeps them for what comes next, so the hand
 * moves once for up to 128 new keys.  Nothing here waits: all is lists and counters that
 * change by one instruction, and a chain that somebody has locked is passed over.
 */
#ifndef _BVM_LRU_H
#define _BVM_LRU_H

#include "htab.h"

/**
 * struct bvm_lru_cpu - what a CPU has
 * @free:	list of free elements
 * @nr:		length of @free, about
 * @hand:	BPF_F_NO_COMMON_LRU: steps that this CPU's hand has made
 * @first:	BPF_F_NO_COMMON_LRU: number of the first of this CPU's elements
 */
struct bvm_lru_cpu {
	atomic64_t free;
	atomic_t nr;
	atomic_t hand;
	u32 first;
};

/**
 * struct bvm_lru - eviction of a table
 * @ref:	byte n - 1: a program has used element n since the hand was there
 * @cpu:	what each CPU has
 * @own:	BPF_F_NO_COMMON_LRU: each CPU has elements of its own; @own[i] is the CPU
 *		that has numbers i * @share + 1 to (i + 1) * @share.  NULL otherwise.
 * @share:	elements that a hand goes around
 * @target:	elements that a CPU takes at a time
 * @hand:	steps that the common hand has made
 */
struct bvm_lru {
	u8 *ref;
	struct bvm_lru_cpu __percpu *cpu;
	u32 *own;
	u32 share;
	u32 target;
	atomic_t hand ____cacheline_aligned_in_smp;
};

/**
 * bvm_lru_used - a program has used a key
 * @h:		LRU table
 * @n:		its element, or what was its element a moment ago
 * Any context incl. NMI.
 */
static __always_inline void bvm_lru_used(const struct bvm_htab *h, u32 n)
{
	u8 *ref = &h->lru->ref[n - 1];

	/* Mostly it is set, and the cache line stays shared. */
	if (!READ_ONCE(*ref))
		WRITE_ONCE(*ref, 1);
}

/**
 * bvm_lru_begin - an element gets a new key, which nobody has used
 * @h:		LRU table
 * @n:		number of the element
 * Any context incl. NMI.
 */
static inline void bvm_lru_begin(const struct bvm_htab *h, u32 n)
{
	WRITE_ONCE(h->lru->ref[n - 1], 0);
}

#define BVM_LRU_FLAGS	(BVM_HTAB_FLAGS | BPF_F_NO_COMMON_LRU)

int bvm_lru_check(const struct bvm_map_spec *spec);
u32 bvm_lru_elems(const struct bvm_map_spec *spec);
int bvm_lru_init(struct bvm_htab *h);
void bvm_lru_exit(struct bvm_htab *h);
u64 bvm_lru_memory(const struct bvm_htab *h);
u32 bvm_lru_take(struct bvm_htab *h);
void bvm_lru_give(struct bvm_htab *h, u32 n);

#endif /* _BVM_LRU_H */
