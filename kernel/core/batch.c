// SPDX-License-Identifier: GPL-2.0-only
/*
 * The commands of bpf(2) on many elements of a map at a time: BPF_MAP_*_BATCH.
 *
 * Where a walk goes on is the number of a chain in hash tables, whose type brings an
 * operation of its own, and the last key in all others.
 */
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/uaccess.h>
#include "elem.h"

/* Bytes of elements that are copied at a time, if a bucket is not larger. */
#define BVM_BATCH_BYTES	(64 << 10)

/**
 * struct bvm_batch - one command
 * @e:		access to the map, and room for an element
 * @attr:	the command
 * @max:	elements that user space has room for, or has there
 * @done:	elements dealt with
 * @take:	what is read is deleted as well
 * @keys:	buffer for @room keys of a hash table
 * @values:	and values
 * @room:	see @keys
 */
struct bvm_batch {
	struct bvm_elem e;
	const union bpf_attr *attr;
	u32 max;
	u32 done;
	bool take;
	void *keys;
	void *values;
	u32 room;
};

static void __user *batch_key(const struct bvm_batch *b)
{
	return u64_to_user_ptr(b->attr->batch.keys) + (u64)b->done * b->e.map->key_size;
}

static void __user *batch_value(const struct bvm_batch *b)
{
	return u64_to_user_ptr(b->attr->batch.values) + (u64)b->done * b->e.value_size;
}

/* Is it time to let others run, or to end? */
static int batch_pause(void)
{
	cond_resched();
	return fatal_signal_pending(current) ? -EINTR : 0;
}

/* ----------------------------------------------------------------- writing */

static int batch_update_one(struct bvm_batch *b)
{
	if (copy_from_user(b->e.key, batch_key(b), b->e.map->key_size) ||
	    copy_from_user(b->e.value, batch_value(b), b->e.value_size))
		return -EFAULT;
	return bvm_elem_write(&b->e, b->attr->batch.elem_flags);
}

static int batch_delete_one(struct bvm_batch *b)
{
	if (copy_from_user(b->e.key, batch_key(b), b->e.map->key_size))
		return -EFAULT;
	return bvm_elem_delete(&b->e);
}

/* Ends at the first element that fails. */
static int batch_each(struct bvm_batch *b, int (*one)(struct bvm_batch *b))
{
	int err = 0;

	while (!err && b->done < b->max) {
		err = one(b);
		if (!err) {
			b->done++;
			err = batch_pause();
		}
	}
	return err;
}

static int batch_update(struct bvm_batch *b)
{
	return batch_each(b, batch_update_one);
}

static int batch_delete(struct bvm_batch *b)
{
	return batch_each(b, batch_delete_one);
}

/* ----------------------------------------------------------------- reading */

static int batch_copy_out(struct bvm_batch *b, const void *keys, const void *values, u32 n)
{
	if (copy_to_user(batch_key(b), keys, (size_t)n * b->e.map->key_size) ||
	    copy_to_user(batch_value(b), values, (size_t)n * b->e.value_size))
		return -EFAULT;
	b->done += n;
	return 0;
}

/* e->key becomes the next one, @spare the one before. */
static int batch_next_key(struct bvm_batch *b, bool first, void **spare)
{
	void *key = b->e.key;
	int err;

	if (first)
		b->e.key = NULL;
	err = bvm_elem_next(&b->e, *spare);
	b->e.key = key;
	if (!err)
		swap(b->e.key, *spare);
	return err;
}

static int batch_read_keys(struct bvm_batch *b, bool first, void **spare)
{
	int err = 0;

	while (!err && b->done < b->max) {
		err = batch_next_key(b, first, spare);
		first = false;
		if (err)
			break;
		err = bvm_elem_read(&b->e);
		if (!err)
			err = batch_copy_out(b, b->e.key, b->e.value, 1);
		else if (err == -ENOENT)	/* deleted meanwhile */
			err = 0;
		if (!err)
			err = batch_pause();
	}
	return err;
}

/* All types of maps but hash tables: from key to key. */
static int batch_lookup_keys(struct bvm_batch *b)
{
	u64 in = b->attr->batch.in_batch;
	u32 key_size = b->e.map->key_size;
	void *spare;
	int err;

	if (b->take)
		return -ENOTSUPP;
	if (in && copy_from_user(b->e.key, u64_to_user_ptr(in), key_size))
		return -EFAULT;
	spare = kvmalloc(key_size, GFP_USER | __GFP_NOWARN);
	if (!spare)
		return -ENOMEM;
	err = batch_read_keys(b, !in, &spare);
	if ((!err || err == -ENOENT) && b->done &&
	    copy_to_user(u64_to_user_ptr(b->attr->batch.out_batch), b->e.key, key_size))
		err = -EFAULT;
	kvfree(spare);
	return err;
}

static void batch_free(struct bvm_batch *b)
{
	kvfree(b->keys);
	kvfree(b->values);
}

/* Buffers for @room elements in place of those there are. */
static int batch_alloc(struct bvm_batch *b, u32 room)
{
	batch_free(b);
	b->room = room;
	b->keys = kvmalloc_array(room, b->e.map->key_size, GFP_USER | __GFP_NOWARN);
	b->values = kvmalloc_array(room, b->e.value_size, GFP_USER | __GFP_NOWARN);
	return b->keys && b->values ? 0 : -ENOMEM;
}

/* As many as fit; -ENOENT at the end, -ENOSPC when user space has no room for a bucket. */
static int batch_read_table(struct bvm_batch *b, u32 *pos)
{
	u32 left = b->max - b->done;
	int n = bvm_elem_batch(&b->e, pos, b->keys, b->values, min(b->room, left), b->take);

	if (n == -ENOSPC && b->room < left)
		return batch_alloc(b, min_t(u64, left, 2ULL * b->room));
	if (n < 0)
		return n;
	return batch_copy_out(b, b->keys, b->values, n) ?: batch_pause();
}

/* Hash tables: from bucket to bucket. */
static int batch_lookup_table(struct bvm_batch *b)
{
	u64 in = b->attr->batch.in_batch;
	u32 bytes = b->e.map->key_size + b->e.value_size;
	u32 pos = 0;
	int err;

	if (in && copy_from_user(&pos, u64_to_user_ptr(in), sizeof(pos)))
		return -EFAULT;
	err = batch_alloc(b, clamp(BVM_BATCH_BYTES / bytes, 1U, b->max));
	while (!err && b->done < b->max)
		err = batch_read_table(b, &pos);
	if (err == -ENOSPC && b->done)
		err = 0;
	if ((!err || err == -ENOENT) &&
	    copy_to_user(u64_to_user_ptr(b->attr->batch.out_batch), &pos, sizeof(pos)))
		err = -EFAULT;
	batch_free(b);
	return err;
}

static int batch_lookup(struct bvm_batch *b)
{
	return b->e.map->type->batch ? batch_lookup_table(b) : batch_lookup_keys(b);
}

/* ------------------------------------------------------------ the commands */

static int batch_run(struct bvm_batch *b, int (*act)(struct bvm_batch *b))
{
	int err;

	if (b->attr->batch.flags || b->attr->batch.elem_flags & ~BPF_F_LOCK ||
	    !bvm_elem_flags_ok(&b->e, b->attr->batch.elem_flags))
		return -EINVAL;
	if (!b->max)
		return 0;
	b->e.key = kvmalloc(b->e.map->key_size, GFP_USER | __GFP_NOWARN);
	err = b->e.key ? bvm_elem_buffer(&b->e, b->e.value_size) : -ENOMEM;
	return err ?: act(b);
}

/* The frame of a command; @caps is what a type of map needs for it. */
static int batch_command(const union bpf_attr *attr, union bpf_attr __user *uattr, fmode_t need,
			 u32 caps, bool take, int (*act)(struct bvm_batch *b))
{
	struct bvm_batch b = { .attr = attr, .max = attr->batch.count, .take = take };
	int err = bvm_elem_begin(&b.e, attr->batch.map_fd, need);

	if (err)
		return err;
	if (b.e.map->type->caps & caps)
		err = batch_run(&b, act);
	else
		err = -ENOTSUPP;
	bvm_elem_end(&b.e);
	/* what was not begun leaves the count alone */
	if (err != -EFAULT && err != -EINVAL && err != -ENOTSUPP &&
	    put_user(b.done, &uattr->batch.count))
		err = -EFAULT;
	return err;
}

/**
 * bvm_cmd_map_lookup_batch - BPF_MAP_LOOKUP_BATCH
 * @attr:	batch
 * @uattr:	batch.count is written
 * @size:	unused
 * Return: 0; -ENOENT when the end was reached; -ENOSPC; another negative errno.
 */
int bvm_cmd_map_lookup_batch(union bpf_attr *attr, union bpf_attr __user *uattr, u32 size)
{
	return batch_command(attr, uattr, FMODE_READ, BVM_MAP_BATCH, false, batch_lookup);
}

/**
 * bvm_cmd_map_take_batch - BPF_MAP_LOOKUP_AND_DELETE_BATCH
 * @attr:	batch
 * @uattr:	batch.count is written
 * @size:	unused
 * Return: as bvm_cmd_map_lookup_batch().
 */
int bvm_cmd_map_take_batch(union bpf_attr *attr, union bpf_attr __user *uattr, u32 size)
{
	return batch_command(attr, uattr, FMODE_READ | FMODE_WRITE, BVM_MAP_BATCH, true,
			     batch_lookup);
}

/**
 * bvm_cmd_map_update_batch - BPF_MAP_UPDATE_BATCH
 * @attr:	batch
 * @uattr:	batch.count is written
 * @size:	unused
 * Return: 0, or the error of the first element that could not be written.
 */
int bvm_cmd_map_update_batch(union bpf_attr *attr, union bpf_attr __user *uattr, u32 size)
{
	return batch_command(attr, uattr, FMODE_WRITE, BVM_MAP_BATCH, false, batch_update);
}

/**
 * bvm_cmd_map_delete_batch - BPF_MAP_DELETE_BATCH
 * @attr:	batch
 * @uattr:	batch.count is written
 * @size:	unused
 * Return: 0, or the error of the first element that could not be deleted.
 */
int bvm_cmd_map_delete_batch(union bpf_attr *attr, union bpf_attr __user *uattr, u32 size)
{
	return batch_command(attr, uattr, FMODE_WRITE, BVM_MAP_BATCH_DELETE, false, batch_delete);
}
