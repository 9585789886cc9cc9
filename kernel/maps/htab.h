/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The hash table behind the hash map types: its layout and the part that every
 * lookup runs, inline.  htab.c has the rest; hash.c and percpu_hash.c say where the
 * values are.
 *
 * The capacity of a map is known when it is made, so the table never grows.
 * Elements come from a pool and are known by a number (0: none); a chain is a
 * number in a group of heads and one in each element.  A group is one cache line:
 * a lock for writers, a count of the removals from its chains, and heads.  There are
 * two heads an element, so that a lookup that hits reads 1.25 elements and one that
 * misses half an element, on average; a map of 4-byte keys and 8-byte values takes
 * 16 + 9 bytes an element.
 *
 * Writers hold their group's lock.  Readers hold nothing and write nothing.  A link
 * changes by one store, and an element takes its place in the chain with key and
 * value complete; a removed element goes back to the pool at once and may be filled
 * with another key while a reader still looks at it.  That reader finds out: each
 * removal counts up the group's @seq after the unlinking and before the reuse, and a
 * reader trusts what it has read of an element only if @seq is still what it was
 * before the reader entered the chain.
 *
 * So a value's address stays valid memory as long as the map lives, but after a
 * delete, or an update that replaces the element, the memory may come to hold the
 * value of another key, at once.  The stock kernel's hash maps say the same of
 * preallocated maps.
 */
#ifndef _BVM_HTAB_H
#define _BVM_HTAB_H

#include "../bvm.h"
#include "../exec/ir.h"
#include "lock.h"
#include "pool.h"

struct bvm_lru;

#define BVM_HTAB_HEADS	14	/* chains a group */

/**
 * struct bvm_htab_group - chains that share a lock and a cache line
 * @owner:	0, or 1 + the CPU that holds the lock
 * @seq:	removals from the chains so far
 * @head:	numbers of the first elements
 */
struct bvm_htab_group {
	u32 owner;
	u32 seq;
	u32 head[BVM_HTAB_HEADS];
};

/**
 * struct bvm_htab_elem - one element; its value follows the key, aligned to 8
 * @next:	number of the next element in the chain, or on the free list
 * @key:	key
 */
struct bvm_htab_elem {
	u32 next;
	u8 key[];
};

/**
 * struct bvm_htab - a hash map
 * @map:	common part
 * @seed:	secret of the hash function
 * @group:	@nr_groups groups
 * @value_off:	offset of the value in an element
 * @value_size:	bytes of a value; those of a map of maps are addresses
 * @objects:	of a map of maps: what the values are addresses of, a reference on each
 * @nr_groups:	groups
 * @spare:	an element a CPU with which to replace one, or NULL (per-CPU and LRU maps)
 * @lru:	what is to be evicted next, or NULL: the map can be full
 * @pool:	elements: max_entries and the spare ones
 */
struct bvm_htab {
	struct bvm_map map;
	u64 seed[2];
	struct bvm_htab_group *group;
	u32 value_off;
	u32 value_size;
	const struct bvm_object_kind *objects;
	u32 nr_groups;
	u32 __percpu *spare;
	struct bvm_lru *lru;
	struct bvm_pool pool;
};

/**
 * enum bvm_htab_how - which value of an element an access means
 * @BVM_HTAB_VALUE:	the only one, of a plain hash
 * @BVM_HTAB_THIS_CPU:	this CPU's, of a per-CPU hash
 * @BVM_HTAB_ALL_CPUS:	one of each possible CPU, in the layout of the system calls
 */
enum bvm_htab_how {
	BVM_HTAB_VALUE,
	BVM_HTAB_THIS_CPU,
	BVM_HTAB_ALL_CPUS,
};

static inline struct bvm_htab *bvm_htab_of(const struct bvm_map *map)
{
	return container_of(map, struct bvm_htab, map);
}

/**
 * bvm_htab_elem - element by number
 * @h:		table
 * @n:		number, not 0
 * Return: address.  Any context.
 */
static __always_inline struct bvm_htab_elem *bvm_htab_elem(const struct bvm_htab *h, u32 n)
{
	return bvm_pool_elem(&h->pool, n);
}

/**
 * bvm_htab_value - value of an element of a plain hash
 * @h:		table
 * @n:		number of the element, not 0
 * Return: address.  Any context.
 */
static __always_inline void *bvm_htab_value(const struct bvm_htab *h, u32 n)
{
	return (void *)bvm_htab_elem(h, n) + h->value_off;
}

/**
 * bvm_htab_cpu_value - a CPU's value of an element of a per-CPU hash
 * @h:		table
 * @n:		number of the element, not 0
 * @cpu:	possible CPU
 * Return: address.  Any context.
 */
static __always_inline void *bvm_htab_cpu_value(const struct bvm_htab *h, u32 n, int cpu)
{
	return bvm_pool_cpu_value(&h->pool, n, cpu);
}

/**
 * bvm_htab_this_cpu_value - this CPU's value of an element of a per-CPU hash
 * @h:		table
 * @n:		number of the element, not 0
 * Return: address.  Any context that stays on its CPU.
 */
static __always_inline void *bvm_htab_this_cpu_value(const struct bvm_htab *h, u32 n)
{
	return bvm_pool_this_cpu_value(&h->pool, n);
}

/* Both halves of the product: without the seeds, neither operand can be cancelled out. */
static __always_inline u64 bvm_htab_mix(u64 a, u64 b)
{
	unsigned __int128 product = (unsigned __int128)a * b;

	return (u64)product ^ (u64)(product >> 64);
}

/* 1..8 bytes in a word; the parts it is read in may overlap, none beyond is read. */
static __always_inline u64 bvm_htab_word(const void *p, u32 size)
{
	const u8 *b = p;

	if (size == sizeof(u64))
		return get_unaligned((const u64 *)p);
	if (size >= sizeof(u32))
		return get_unaligned((const u32 *)p) |
		       (u64)get_unaligned((const u32 *)(p + size - sizeof(u32))) << 32;
	return b[0] | b[size / 2] << 8 | b[size - 1] << 16;
}

/**
 * bvm_htab_hash - hash of a key
 * @h:		table
 * @key:	key
 * @size:	its bytes
 *
 * Multiplication of secret-masked words, folded.  Which keys collide depends on the
 * seed, so that nobody can fill one chain on purpose.  Any context.
 *
 * Return: hash, all 64 bits usable.
 */
static __always_inline u64 bvm_htab_hash(const struct bvm_htab *h, const void *key, u32 size)
{
	u64 a = h->seed[0], hash = h->seed[1];
	u32 left = size;

	for (; left > 16; left -= 16, key += 16)
		hash = bvm_htab_mix(get_unaligned((const u64 *)key) ^ a,
				    get_unaligned((const u64 *)(key + 8)) ^ hash);
	if (left > 8)
		return bvm_htab_mix(get_unaligned((const u64 *)key) ^ a,
				    get_unaligned((const u64 *)(key + left - 8)) ^ hash);
	return bvm_htab_mix(bvm_htab_word(key, left) ^ a, hash);
}

/**
 * bvm_htab_key_eq - are two keys the same
 * @a:		key
 * @b:		key
 * @size:	bytes, at least 1
 *
 * In place of memcmp(), whose call and return cost more than the comparison of the
 * usual key.  One side may change meanwhile; the caller then discards the answer.
 *
 * Return: true if they are.
 */
static __always_inline bool bvm_htab_key_eq(const void *a, const void *b, u32 size)
{
	u32 off;

	if (size < 8)
		return bvm_htab_word(a, size) == bvm_htab_word(b, size);
	for (off = 0; off + 8 < size; off += 8)
		if (get_unaligned((const u64 *)(a + off)) != get_unaligned((const u64 *)(b + off)))
			return false;
	off = size - 8;
	return get_unaligned((const u64 *)(a + off)) == get_unaligned((const u64 *)(b + off));
}

/**
 * struct bvm_htab_pos - a chain
 * @group:	number of the group
 * @head:	number of the head in it
 */
struct bvm_htab_pos {
	u32 group;
	u32 head;
};

/**
 * bvm_htab_pos_sized - the chain in which a key is, if it is anywhere
 * @h:		table
 * @key:	key
 * @size:	its bytes
 * Return: chain.  Any context.
 */
static __always_inline struct bvm_htab_pos
bvm_htab_pos_sized(const struct bvm_htab *h, const void *key, u32 size)
{
	u64 hash = bvm_htab_hash(h, key, size);

	return (struct bvm_htab_pos) {
		.group = (u64)upper_32_bits(hash) * h->nr_groups >> 32,
		.head = (u32)(u16)hash * BVM_HTAB_HEADS >> 16,
	};
}

/**
 * bvm_htab_pos - the chain in which a key is, if it is anywhere
 * @h:		table
 * @key:	key
 * Return: chain.  Any context.
 */
static __always_inline struct bvm_htab_pos bvm_htab_pos(const struct bvm_htab *h, const void *key)
{
	return bvm_htab_pos_sized(h, key, h->map.key_size);
}

/**
 * struct bvm_htab_found - what a reader found
 * @n:		number of the element, 0: not there
 * @e:		the element
 * @next:	number of the element after it in the chain, or 0
 * @seq:	@seq of the group; if it has changed after a later read of the element,
 *		that read is void
 */
struct bvm_htab_found {
	u32 n;
	struct bvm_htab_elem *e;
	u32 next;
	u32 seq;
};

/**
 * bvm_htab_walk_sized - look for a key in a chain
 * @h:		table
 * @g:		group
 * @head:	head in @g
 * @key:	key
 * @size:	its bytes
 *
 * Lock-free: it starts again only when another CPU has removed an element meanwhile.
 * A key that is there all the time is found, also while its element is being
 * replaced.  Any context incl. NMI.
 *
 * Return: what was found.
 */
static __always_inline struct bvm_htab_found
bvm_htab_walk_sized(const struct bvm_htab *h, const struct bvm_htab_group *g, u32 head,
		    const void *key, u32 size)
{
	struct bvm_htab_found found;
	bool same;

again:
	/* Before the links: what is in the chain now has not been removed by then. */
	found.seq = smp_load_acquire(&g->seq);
	for (found.n = READ_ONCE(g->head[head]); found.n; found.n = found.next) {
		/* Ordered after the link by the address, before its publication by the writer. */
		found.e = bvm_htab_elem(h, found.n);
		same = bvm_htab_key_eq(found.e->key, key, size);
		found.next = READ_ONCE(found.e->next);
		/* Pairs with smp_wmb() in htab_remove(): who saw the reuse sees the count. */
		smp_rmb();
		if (unlikely(READ_ONCE(g->seq) != found.seq))
			goto again;
		if (same)
			break;
	}
	return found;
}

/**
 * bvm_htab_walk - look for a key in a chain
 * @h:		table
 * @g:		group
 * @head:	head in @g
 * @key:	key
 * As bvm_htab_walk_sized().  Return: what was found.
 */
static __always_inline struct bvm_htab_found
bvm_htab_walk(const struct bvm_htab *h, const struct bvm_htab_group *g, u32 head, const void *key)
{
	return bvm_htab_walk_sized(h, g, head, key, h->map.key_size);
}

/**
 * bvm_htab_find_sized - look a key up
 * @h:		table
 * @key:	key
 * @size:	its bytes
 *
 * A key of a usual size is read once, into registers, when the compiler knows the size.
 * Any context incl. NMI, under RCU.
 *
 * Return: what was found.
 */
static __always_inline struct bvm_htab_found
bvm_htab_find_sized(const struct bvm_htab *h, const void *key, u32 size)
{
	struct bvm_htab_pos pos;
	u64 copy[2];

	if (__builtin_constant_p(size) && size <= sizeof(copy)) {
		memcpy(copy, key, size);
		key = copy;
	}
	pos = bvm_htab_pos_sized(h, key, size);
	return bvm_htab_walk_sized(h, &h->group[pos.group], pos.head, key, size);
}

/**
 * bvm_htab_value_off - where in an element its value is
 * @h:		table
 * @size:	bytes of its keys
 * Return: offset.  Any context.
 */
static __always_inline u32 bvm_htab_value_off(const struct bvm_htab *h, u32 size)
{
	return __builtin_constant_p(size) ? round_up(sizeof(struct bvm_htab_elem) + size, 8) :
					    h->value_off;
}

/**
 * bvm_htab_find - look a key up
 * @h:		table
 * @key:	key
 * Return: number of its element, or 0.  Any context incl. NMI, under RCU.
 */
static __always_inline u32 bvm_htab_find(const struct bvm_htab *h, const void *key)
{
	return bvm_htab_find_sized(h, key, h->map.key_size).n;
}

/* What programs call directly: @base, an always inlined function, with keys of @size bytes */
#define BVM_HTAB_SIZED(base, suffix, size)					\
static notrace u64 base##suffix(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)		\
{										\
	struct bvm_htab *h = bvm_htab_of((void *)(unsigned long)r1);		\
										\
	return (unsigned long)base(h, (void *)(unsigned long)r2, size);		\
}

/**
 * struct bvm_htab_calls - what programs call to look a key up
 * @fn:		with keys of 4, 8, 16 and of any number of bytes
 */
struct bvm_htab_calls {
	u64 (*fn[4])(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5);
};

/* The call for the map's keys, as IR. */
static inline u32 bvm_htab_call(const struct bvm_map *map, struct bvm_ir *out,
				const struct bvm_htab_calls *calls)
{
	u32 size = map->key_size, i = size == 4 ? 0 : size == 8 ? 1 : size == 16 ? 2 : 3;

	out[0] = (struct bvm_ir){ .op = BVM_IR_CALL, .imm = (unsigned long)calls->fn[i] };
	return 1;
}

/* flags that BPF_MAP_CREATE may carry, except what only one of the types has */
#define BVM_HTAB_FLAGS	(BPF_F_NO_PREALLOC | BPF_F_NUMA_NODE | BPF_F_ZERO_SEED | \
			 BPF_F_RDONLY | BPF_F_WRONLY | BPF_F_RDONLY_PROG | BPF_F_WRONLY_PROG)

int bvm_htab_check(const struct bvm_map_spec *spec);

/* of bvm_htab_alloc() */
#define BVM_HTAB_PERCPU	BIT(0)	/* values are per CPU */
#define BVM_HTAB_LRU	BIT(1)	/* a new key evicts an old one rather than fail */

struct bvm_map *bvm_htab_alloc(const struct bvm_map_spec *spec, u32 how);
void bvm_htab_free(struct bvm_map *map);
long bvm_htab_update(struct bvm_map *map, const void *key, const void *value, u64 flags,
		     enum bvm_htab_how how);
int bvm_htab_copy_in(struct bvm_map *map, const void *key, const void *value, u64 flags,
		     enum bvm_htab_how how);
int bvm_htab_copy_out(struct bvm_map *map, const void *key, void *value, enum bvm_htab_how how);
long bvm_htab_delete(struct bvm_map *map, const void *key);
int bvm_htab_take(struct bvm_map *map, const void *key, void *value, enum bvm_htab_how how);
bool bvm_htab_evict(struct bvm_htab *h, u32 n);
int bvm_htab_batch(struct bvm_map *map, u32 *pos, void *keys, void *values, u32 max, bool take);
int bvm_htab_next_key(struct bvm_map *map, const void *key, void *next);
bool bvm_htab_each(struct bvm_map *map, struct bvm_cursor *cursor);
bool bvm_htab_each_cpu(struct bvm_map *map, struct bvm_cursor *cursor);
void bvm_htab_clear(struct bvm_htab *h, u32 n);
u64 bvm_htab_memory(const struct bvm_map *map);

/**
 * bvm_htab_lock - become the writer of a group
 * @g:		group
 * As bvm_lock(): interrupts are off.  Return: 0, or -EBUSY.
 */
static inline int bvm_htab_lock(struct bvm_htab_group *g)
{
	return bvm_lock(&g->owner);
}

/**
 * bvm_htab_unlock - let others write
 * @g:		group that bvm_htab_lock() locked
 */
static inline void bvm_htab_unlock(struct bvm_htab_group *g)
{
	bvm_unlock(&g->owner);
}

#endif /* _BVM_HTAB_H */
