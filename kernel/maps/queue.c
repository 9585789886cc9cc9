// SPDX-License-Identifier: GPL-2.0-only
/*
 * BPF_MAP_TYPE_QUEUE: first in, first out; and what the stack has of it.
 * Documentation/bpf/map_queue_stack.rst.
 */
#include "../deps.h"
#include "lock.h"
#include "maps.h"
#include "queue.h"

static struct bvm_queue *queue_of(const struct bvm_map *map)
{
	return container_of(map, struct bvm_queue, map);
}

/**
 * bvm_queue_check - is a request in order
 * @spec:	request
 *
 * Process context.
 *
 * Return: 0, -EINVAL: a key, no value, no entries, or flags, -E2BIG: too large.
 */
int bvm_queue_check(const struct bvm_map_spec *spec)
{
	if (!bvm_map_flags_ok(spec, BVM_QUEUE_FLAGS))
		return -EINVAL;
	if (spec->key_size || !spec->value_size || !spec->max_entries)
		return -EINVAL;
	/* As the stock kernel: values are copied in one piece. */
	if (spec->value_size > KMALLOC_MAX_SIZE || spec->max_entries == U32_MAX)
		return -E2BIG;
	return 0;
}

static size_t queue_bytes(u32 max_entries, u32 value_size)
{
	return struct_size_t(struct bvm_queue, slot, size_mul(max_entries, value_size));
}

/**
 * bvm_queue_alloc - make a queue or a stack
 * @spec:	request that bvm_queue_check() found in order
 * Process context, may sleep.  Return: map, or ERR_PTR(-ENOMEM).
 */
struct bvm_map *bvm_queue_alloc(const struct bvm_map_spec *spec)
{
	struct bvm_queue *q;

	q = kvzalloc_node(queue_bytes(spec->max_entries, spec->value_size),
			  GFP_KERNEL_ACCOUNT | __GFP_RETRY_MAYFAIL | __GFP_NOWARN,
			  spec->numa_node);
	return q ? &q->map : ERR_PTR(-ENOMEM);
}

/**
 * bvm_queue_free - free a map that nobody can reach any more
 * @map:	map
 * Process context, may sleep.
 */
void bvm_queue_free(struct bvm_map *map)
{
	kvfree(queue_of(map));
}

/* The slot @i places after the oldest value. */
static void *queue_slot(const struct bvm_queue *q, u32 i)
{
	u64 slot = (u64)q->first + i;

	if (slot >= q->map.max_entries)
		slot -= q->map.max_entries;
	return (void *)q->slot + slot * q->map.value_size;
}

static void queue_drop_oldest(struct bvm_queue *q)
{
	if (++q->first == q->map.max_entries)
		q->first = 0;
	q->count--;
}

/**
 * bvm_queue_push - add a value
 * @map:	map
 * @value:	value
 * @flags:	BPF_ANY, or BPF_EXIST: the oldest value goes if there is no room
 *
 * Any context incl. NMI.
 *
 * Return: 0, -EINVAL: other flags, -E2BIG: full, -EBUSY: the caller has interrupted
 * another operation, or another CPU takes too long.
 */
long bvm_queue_push(struct bvm_map *map, const void *value, u64 flags)
{
	struct bvm_queue *q = queue_of(map);
	unsigned long irq;
	long err;

	if (flags != BPF_ANY && flags != BPF_EXIST)
		return -EINVAL;
	local_irq_save(irq);
	err = bvm_lock(&q->lock);
	if (!err) {
		if (q->count == map->max_entries && flags == BPF_EXIST)
			queue_drop_oldest(q);
		if (q->count == map->max_entries)
			err = -E2BIG;
		else
			memcpy(queue_slot(q, q->count++), value, map->value_size);
		bvm_unlock(&q->lock);
	}
	local_irq_restore(irq);
	return err;
}

/**
 * bvm_queue_read - read a value at one end
 * @map:	map
 * @value:	where to; zeroed on errors, for a program takes it as written
 * @end:	which end
 * @remove:	the value goes
 *
 * Any context incl. NMI.
 *
 * Return: 0, -ENOENT: empty, -EBUSY as bvm_queue_push().
 */
long bvm_queue_read(struct bvm_map *map, void *value, enum bvm_queue_end end, bool remove)
{
	struct bvm_queue *q = queue_of(map);
	unsigned long irq;
	long err;

	local_irq_save(irq);
	err = bvm_lock(&q->lock);
	if (!err) {
		if (!q->count)
			err = -ENOENT;
		else
			memcpy(value, queue_slot(q, end == BVM_QUEUE_OLDEST ? 0 : q->count - 1),
			       map->value_size);
		if (!err && remove && end == BVM_QUEUE_OLDEST)
			queue_drop_oldest(q);
		else if (!err && remove)
			q->count--;
		bvm_unlock(&q->lock);
	}
	local_irq_restore(irq);
	if (err)
		memset(value, 0, map->value_size);
	return err;
}

/**
 * bvm_queue_update - BPF_MAP_UPDATE_ELEM is a push
 * @map:	map
 * @key:	not there
 * @value:	value
 * @flags:	as bvm_queue_push()
 * Any context.  Return: as bvm_queue_push().
 */
long bvm_queue_update(struct bvm_map *map, const void *key, const void *value, u64 flags)
{
	return bvm_queue_push(map, value, flags);
}

/**
 * bvm_queue_delete - values have no keys by which to delete them
 * @map:	map
 * @key:	not there
 * Return: -EINVAL.
 */
long bvm_queue_delete(struct bvm_map *map, const void *key)
{
	return -EINVAL;
}

/**
 * bvm_queue_next_key - there are no keys
 * @map:	map
 * @key:	not there
 * @next:	unused
 * Return: -EINVAL.
 */
int bvm_queue_next_key(struct bvm_map *map, const void *key, void *next)
{
	return -EINVAL;
}

/**
 * bvm_queue_memory - what a map occupies
 * @map:	map
 * Return: bytes.  Any context.
 */
u64 bvm_queue_memory(const struct bvm_map *map)
{
	return queue_bytes(map->max_entries, map->value_size);
}

static long queue_pop(struct bvm_map *map, void *value)
{
	return bvm_queue_read(map, value, BVM_QUEUE_OLDEST, true);
}

static long queue_peek(struct bvm_map *map, void *value)
{
	return bvm_queue_read(map, value, BVM_QUEUE_OLDEST, false);
}

static int queue_take(struct bvm_map *map, const void *key, void *value, u64 flags)
{
	return queue_pop(map, value);
}

static int queue_copy_out(struct bvm_map *map, const void *key, void *value, u64 flags)
{
	return queue_peek(map, value);
}

/* Updates and deletions are for the system calls: a program has no key to pass. */
const struct bvm_map_type bvm_queue_map = {
	.id = BPF_MAP_TYPE_QUEUE,
	.name = "queue",
	.caps = BVM_MAP_QUEUE | BVM_MAP_SLEEPABLE,
	.flags = BVM_QUEUE_FLAGS,
	.check = bvm_queue_check,
	.alloc = bvm_queue_alloc,
	.free = bvm_queue_free,
	.update = bvm_queue_update,
	.delete = bvm_queue_delete,
	.next_key = bvm_queue_next_key,
	.copy_out = queue_copy_out,
	.push = bvm_queue_push,
	.pop = queue_pop,
	.peek = queue_peek,
	.take = queue_take,
	.memory = bvm_queue_memory,
};
