// SPDX-License-Identifier: GPL-2.0-only
/*
 * BPF_MAP_TYPE_STACK_TRACE: stacks by a number that a program gets for them
 * (bpf_get_stackid(), helpers/stack.c) and user space reads.
 *
 * The number is a part of the stack's hash: it names the one bucket where the stack is
 * or is not.  Most calls find their stack there, so that must cost no write: readers
 * compare, and trust the comparison if the bucket's @seq has not changed meanwhile.
 * Writers hold the bucket's lock; one that has interrupted another gets -EBUSY.
 */
#include "../deps.h"
#include <linux/jhash.h>
#include <linux/perf_event.h>
#include "lock.h"
#include "maps.h"
#include "stack_trace.h"

#define STACK_TRACE_FLAGS \
	(BPF_F_NUMA_NODE | BVM_MAP_ACCESS_SYS | BPF_F_STACK_BUILD_ID)

/**
 * struct bvm_bucket - room for a stack
 * @owner:	lock of writers
 * @seq:	odd while @nr, @hash and @entry are being changed
 * @nr:		entries, 0: empty
 * @hash:	of all addresses
 * @entry:	addresses, or struct bpf_stack_build_id
 */
struct bvm_bucket {
	u32 owner;
	u32 seq;
	u32 nr;
	u32 hash;
	u64 entry[];
};

/**
 * struct bvm_stack_trace - a stack trace map
 * @map:	common part
 * @nr_buckets:	a power of two
 * @entry_size:	bytes
 * @stride:	bytes from one bucket to the next, a multiple of 8
 * @bucket:	buckets
 */
struct bvm_stack_trace {
	struct bvm_map map;
	u32 nr_buckets;
	u32 entry_size;
	u32 stride;
	u8 bucket[] __aligned(8);
};

static struct bvm_stack_trace *stack_trace_of(const struct bvm_map *map)
{
	return container_of(map, struct bvm_stack_trace, map);
}

static struct bvm_bucket *bucket_at(const struct bvm_stack_trace *st, u32 id)
{
	return (void *)st->bucket + (size_t)id * st->stride;
}

static u32 entry_size(u32 flags)
{
	return flags & BPF_F_STACK_BUILD_ID ? sizeof(struct bpf_stack_build_id) : sizeof(u64);
}

/* ------------------------------------------------------- making, unmaking */

static int stack_trace_check(const struct bvm_map_spec *spec)
{
	u32 size = entry_size(spec->flags);

	if (!bvm_map_flags_ok(spec, STACK_TRACE_FLAGS))
		return -EINVAL;
	if (spec->key_size != sizeof(u32) || !spec->max_entries)
		return -EINVAL;
	if (!spec->value_size || spec->value_size % size ||
	    spec->value_size / size > sysctl_perf_event_max_stack)
		return -EINVAL;
	/* what user space names is rounded up to a power of two */
	return spec->max_entries > BIT(31) ? -E2BIG : 0;
}

static size_t stack_trace_bytes(u32 nr_buckets, u32 stride)
{
	return struct_size_t(struct bvm_stack_trace, bucket, array_size(nr_buckets, stride));
}

static struct bvm_map *stack_trace_alloc(const struct bvm_map_spec *spec)
{
	u32 nr_buckets = roundup_pow_of_two(spec->max_entries);
	u32 stride = sizeof(struct bvm_bucket) + spec->value_size;
	struct bvm_stack_trace *st;
	int err;

	st = kvzalloc_node(stack_trace_bytes(nr_buckets, stride),
			   GFP_KERNEL_ACCOUNT | __GFP_RETRY_MAYFAIL | __GFP_NOWARN,
			   spec->numa_node);
	if (!st)
		return ERR_PTR(-ENOMEM);
	/* where perf puts a stack first; there while somebody wants it */
	err = get_callchain_buffers(sysctl_perf_event_max_stack);
	if (err) {
		kvfree(st);
		return ERR_PTR(err);
	}
	st->nr_buckets = nr_buckets;
	st->stride = stride;
	st->entry_size = entry_size(spec->flags);
	return &st->map;
}

static void stack_trace_free(struct bvm_map *map)
{
	put_callchain_buffers();
	kvfree(stack_trace_of(map));
}

static u64 stack_trace_memory(const struct bvm_map *map)
{
	const struct bvm_stack_trace *st = stack_trace_of(map);

	return stack_trace_bytes(st->nr_buckets, st->stride);
}

/**
 * bvm_stack_trace_entry_size - bytes for one address of a stack
 * @map:	stack trace map
 * Return: that of an address or of struct bpf_stack_build_id.  Any context.
 */
u32 bvm_stack_trace_entry_size(const struct bvm_map *map)
{
	return stack_trace_of(map)->entry_size;
}

/**
 * bvm_stack_trace_depth - how deep a stack the map can hold
 * @map:	stack trace map
 * Return: entries.  Any context.
 */
u32 bvm_stack_trace_depth(const struct bvm_map *map)
{
	return map->value_size / stack_trace_of(map)->entry_size;
}

/* ------------------------------------------------------------- writers */

/* Interrupts are off, @b is locked. */
static void bucket_change(struct bvm_bucket *b)
{
	WRITE_ONCE(b->seq, b->seq + 1);
	/* odd before anything changes: pairs with smp_rmb() in bucket_unchanged() */
	smp_wmb();
}

static void bucket_changed(struct bvm_bucket *b)
{
	/* all changes before even: pairs with smp_load_acquire() in bucket_begin() */
	smp_store_release(&b->seq, b->seq + 1);
}

/* Is what was read since @seq what it was then? */
static bool bucket_unchanged(const struct bvm_bucket *b, u32 seq)
{
	/* pairs with smp_wmb() in bucket_change() */
	smp_rmb();
	return !(seq & 1) && READ_ONCE(b->seq) == seq;
}

static u32 bucket_begin(const struct bvm_bucket *b)
{
	/* pairs with smp_store_release() in bucket_changed() */
	return smp_load_acquire(&b->seq);
}

/*
 * Entry for entry: as long as they are the same, nothing is written.  At the first that
 * is not, the stack there goes, if it may.
 *
 * Return: 0, -EEXIST: it may not.  Interrupts are off, @b is locked.
 */
static int bucket_fill(const struct bvm_stack_trace *st, struct bvm_bucket *b, u32 hash,
		       const struct bvm_stack *stack, bool replace)
{
	struct bpf_stack_build_id id;
	bool changing = false;
	void *entry;
	u32 i;

	if (b->nr && !replace && (b->hash != hash || b->nr != stack->nr))
		return -EEXIST;
	for (i = 0; i < stack->nr; i++) {
		entry = (void *)b->entry + (size_t)i * st->entry_size;
		if (stack->write)
			stack->write(&id, stack->ip[i], stack->priv);
		else
			memcpy(&id, &stack->ip[i], sizeof(u64));
		if (!changing && i < b->nr && !memcmp(entry, &id, st->entry_size))
			continue;
		if (b->nr && !replace)
			return -EEXIST;
		if (!changing)
			bucket_change(b);
		changing = true;
		memcpy(entry, &id, st->entry_size);
	}
	if (!changing && (b->nr != stack->nr || b->hash != hash))
		bucket_change(b);
	else if (!changing)
		return 0;
	WRITE_ONCE(b->nr, stack->nr);
	WRITE_ONCE(b->hash, hash);
	bucket_changed(b);
	return 0;
}

/* Without a lock: is the stack there?  No also means: cannot tell. */
static bool bucket_has(const struct bvm_bucket *b, u32 hash, const struct bvm_stack *stack,
		       bool by_hash)
{
	u32 seq = bucket_begin(b);
	bool same = READ_ONCE(b->nr) && READ_ONCE(b->hash) == hash;

	if (same && !by_hash)
		same = !stack->write && READ_ONCE(b->nr) == stack->nr &&
		       !memcmp(b->entry, stack->ip, array_size(stack->nr, sizeof(u64)));
	return same && bucket_unchanged(b, seq);
}

/**
 * bvm_stack_trace_put - the number of a stack
 * @map:	stack trace map
 * @stack:	stack, not deeper than bvm_stack_trace_depth()
 * @flags:	BPF_F_FAST_STACK_CMP: what has the same hash is the same,
 *		BPF_F_REUSE_STACKID: another stack in the bucket may go
 *
 * Any context incl. NMI, under RCU.
 *
 * Return: number, -EEXIST: another stack is in the bucket, -EBUSY: somebody else is
 * writing to it.
 */
long bvm_stack_trace_put(struct bvm_map *map, const struct bvm_stack *stack, u64 flags)
{
	struct bvm_stack_trace *st = stack_trace_of(map);
	u32 hash = jhash2((const u32 *)stack->ip, stack->nr * (sizeof(u64) / sizeof(u32)), 0);
	u32 id = hash & (st->nr_buckets - 1);
	struct bvm_bucket *b = bucket_at(st, id);
	unsigned long irq;
	int err;

	if (bucket_has(b, hash, stack, flags & BPF_F_FAST_STACK_CMP))
		return id;
	local_irq_save(irq);
	err = bvm_lock(&b->owner);
	if (!err) {
		err = bucket_fill(st, b, hash, stack, flags & BPF_F_REUSE_STACKID);
		bvm_unlock(&b->owner);
	}
	local_irq_restore(irq);
	return err ? err : (long)id;
}

static long stack_trace_delete(struct bvm_map *map, const void *key)
{
	struct bvm_stack_trace *st = stack_trace_of(map);
	u32 id = get_unaligned((const u32 *)key);
	struct bvm_bucket *b;
	unsigned long irq;
	long err;

	if (id >= st->nr_buckets)
		return -E2BIG;
	b = bucket_at(st, id);
	local_irq_save(irq);
	err = bvm_lock(&b->owner);
	if (!err) {
		if (b->nr) {
			bucket_change(b);
			WRITE_ONCE(b->nr, 0);
			bucket_changed(b);
		} else {
			err = -ENOENT;
		}
		bvm_unlock(&b->owner);
	}
	local_irq_restore(irq);
	return err;
}

static int stack_trace_copy_in(struct bvm_map *map, const void *key, const void *value, u64 flags)
{
	return -EINVAL;
}

/* ------------------------------------------------------------- readers */

static int stack_trace_copy_out(struct bvm_map *map, const void *key, void *value, u64 flags)
{
	struct bvm_stack_trace *st = stack_trace_of(map);
	u32 id = get_unaligned((const u32 *)key);
	const struct bvm_bucket *b;
	u32 seq, size;

	if (id >= st->nr_buckets)
		return -ENOENT;
	b = bucket_at(st, id);
	seq = bucket_begin(b);
	size = READ_ONCE(b->nr) * st->entry_size;
	memcpy(value, b->entry, size);
	memset(value + size, 0, map->value_size - size);
	if (!bucket_unchanged(b, seq))
		return -EBUSY;
	return size ? 0 : -ENOENT;
}

static int stack_trace_next_key(struct bvm_map *map, const void *key, void *next)
{
	struct bvm_stack_trace *st = stack_trace_of(map);
	u32 id = key ? get_unaligned((const u32 *)key) : U32_MAX;

	id = id >= st->nr_buckets ? 0 : id + 1;
	while (id < st->nr_buckets && !READ_ONCE(bucket_at(st, id)->nr))
		id++;
	if (id >= st->nr_buckets)
		return -ENOENT;
	put_unaligned(id, (u32 *)next);
	return 0;
}

/* Programs do nothing with it but bpf_get_stackid(). */
const struct bvm_map_type bvm_stack_trace_map = {
	.id = BPF_MAP_TYPE_STACK_TRACE,
	.name = "stack_trace",
	.caps = BVM_MAP_STACK_TRACE,
	.flags = STACK_TRACE_FLAGS,
	.check = stack_trace_check,
	.alloc = stack_trace_alloc,
	.free = stack_trace_free,
	.delete = stack_trace_delete,
	.next_key = stack_trace_next_key,
	.copy_in = stack_trace_copy_in,
	.copy_out = stack_trace_copy_out,
	.memory = stack_trace_memory,
};
