// SPDX-License-Identifier: GPL-2.0-only
/*
 * The commands of bpf(2) that read and change elements of maps.
 */
#include <linux/memcontrol.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/uaccess.h>
#include "elem.h"

/* -------------------------------------------------------- parts of a command */

/**
 * bvm_elem_begin - begin to use a map
 * @e:		access
 * @fd:		descriptor of the map
 * @need:	FMODE_READ, FMODE_WRITE, both
 *
 * Elements are on the account of who made the map, until bvm_elem_end().
 *
 * Return: 0 and bvm_elem_end() is due; -EBADF, -EINVAL: no map, -EPERM: opened for
 * less than @need, or frozen.
 */
int bvm_elem_begin(struct bvm_elem *e, u32 fd, fmode_t need)
{
	int err = 0;

	*e = (struct bvm_elem){ .f = fdget(fd), .need = need };
	e->map = bvm_map_of(e->f, need);
	if (IS_ERR(e->map))
		err = PTR_ERR(e->map);
	else if (need & FMODE_WRITE)
		err = bvm_map_write_begin(e->map);
	if (err) {
		fdput(e->f);
		return err;
	}
	e->value_size = bvm_map_user_value_size(e->map);
	if (e->map->core->objcg)
		e->memcg = get_mem_cgroup_from_objcg(e->map->core->objcg);
	e->old_memcg = set_active_memcg(e->memcg);
	return 0;
}

/**
 * bvm_elem_end - the counterpart of bvm_elem_begin()
 * @e:		access
 */
void bvm_elem_end(struct bvm_elem *e)
{
	set_active_memcg(e->old_memcg);
	if (e->memcg)
		mem_cgroup_put(e->memcg);
	if (e->need & FMODE_WRITE)
		bvm_map_write_end(e->map);
	kvfree(e->value);
	kvfree(e->key);
	fdput(e->f);
}

/* @size bytes of user memory as *@to, which bvm_elem_end() frees. */
static int bvm_elem_copy_in(void **to, u64 user, u32 size)
{
	void *copy = vmemdup_user(u64_to_user_ptr(user), size);

	if (IS_ERR(copy))
		return PTR_ERR(copy);
	*to = copy;
	return 0;
}

/**
 * bvm_elem_key_in - copy a key from user space
 * @e:		access
 * @ukey:	address, 0 for a map without keys
 * Return: 0, -EFAULT, -ENOMEM, -EINVAL: the map has no keys.
 */
int bvm_elem_key_in(struct bvm_elem *e, u64 ukey)
{
	if (!e->map->key_size)
		return ukey ? -EINVAL : 0;
	return bvm_elem_copy_in(&e->key, ukey, e->map->key_size);
}

/**
 * bvm_elem_value_in - copy a value from user space
 * @e:		access
 * @uvalue:	address
 * Return: 0, -EFAULT, -ENOMEM.
 */
int bvm_elem_value_in(struct bvm_elem *e, u64 uvalue)
{
	return bvm_elem_copy_in(&e->value, uvalue, e->value_size);
}

/**
 * bvm_elem_buffer - make e->value
 * @e:		access
 * @size:	bytes, zeroed
 * Return: 0 or -ENOMEM.
 */
int bvm_elem_buffer(struct bvm_elem *e, u32 size)
{
	e->value = kvzalloc(size, GFP_USER | __GFP_NOWARN);
	return e->value ? 0 : -ENOMEM;
}

/*
 * A program that finds an element locked by another CPU for too long gives up; a
 * system call, which has interrupted nobody, tries again.
 */
static bool bvm_elem_again(int err)
{
	if (err != -EBUSY || fatal_signal_pending(current))
		return false;
	cond_resched();
	return true;
}

/* What a map operation that does not sleep returns, in the context that it wants. */
#define BVM_ELEM_CALL(operation)					\
({									\
	int __ret;							\
									\
	do {								\
		migrate_disable();					\
		rcu_read_lock();					\
		__ret = (operation);					\
		rcu_read_unlock();					\
		migrate_enable();					\
	} while (bvm_elem_again(__ret));				\
	__ret;								\
})

static int bvm_elem_read_once(struct bvm_elem *e)
{
	const struct bvm_map_type *type = e->map->type;
	const void *p;

	if (type->copy_out)
		return type->copy_out(e->map, e->key, e->value, 0);
	if (!type->lookup)
		return -ENOTSUPP;
	p = type->lookup(e->map, e->key);
	if (!p)
		return -ENOENT;
	if (e->map->record)
		bvm_value_read(e->map->record, e->value, (void *)p, e->value_size);
	else
		memcpy(e->value, p, e->value_size);
	return 0;
}

/**
 * bvm_elem_flags_ok - BPF_F_LOCK is only for values with a lock
 * @e:		access
 * @flags:	flags of an access
 *
 * Such values are read and written under their locks in any case; the flag makes an update
 * overwrite in place what it would replace otherwise.
 */
bool bvm_elem_flags_ok(const struct bvm_elem *e, u64 flags)
{
	return !(flags & BPF_F_LOCK) || bvm_record_has(e->map->record, BVM_FIELD_LOCK);
}

/**
 * bvm_elem_read - read the value of e->key into e->value
 * @e:		access
 * Return: 0, -ENOENT, -ENOTSUPP, what the type of map says.
 */
int bvm_elem_read(struct bvm_elem *e)
{
	return BVM_ELEM_CALL(bvm_elem_read_once(e));
}

static int bvm_elem_write_once(struct bvm_elem *e, u64 flags)
{
	const struct bvm_map_type *type = e->map->type;

	if (type->set_fd)
		return type->set_fd(e->map, e->key, *(u32 *)e->value, flags, fd_file(e->f));
	if (type->copy_in)
		return type->copy_in(e->map, e->key, e->value, flags);
	if (!type->update)
		return -ENOTSUPP;
	return BVM_ELEM_CALL(type->update(e->map, e->key, e->value, flags));
}

/**
 * bvm_elem_write - write e->value under e->key
 * @e:		access
 * @flags:	BPF_ANY, BPF_NOEXIST, BPF_EXIST, or anything that user space passed
 * Return: 0, -ENOTSUPP, what the type of map says.
 */
int bvm_elem_write(struct bvm_elem *e, u64 flags)
{
	int err;

	do {
		err = bvm_elem_write_once(e, flags);
	} while (bvm_elem_again(err));
	return err;
}

/**
 * bvm_elem_delete - delete e->key
 * @e:		access
 * Return: 0, -ENOENT, -ENOTSUPP, what the type of map says.
 */
int bvm_elem_delete(struct bvm_elem *e)
{
	if (!e->map->type->delete)
		return -ENOTSUPP;
	return BVM_ELEM_CALL(e->map->type->delete(e->map, e->key));
}

/**
 * bvm_elem_take - read the value of e->key into e->value, and delete it
 * @e:		access
 * Return: 0, -ENOENT, -ENOTSUPP, what the type of map says.
 */
int bvm_elem_take(struct bvm_elem *e)
{
	if (!e->map->type->take)
		return -ENOTSUPP;
	return BVM_ELEM_CALL(e->map->type->take(e->map, e->key, e->value, 0));
}

/**
 * bvm_elem_batch - elements of a hash table from a position on
 * @e:		access
 * @pos:	position, advanced
 * @keys:	room for @max keys
 * @values:	room for @max values
 * @max:	elements
 * @take:	delete them as well
 * Return: as &struct bvm_map_type.batch, but never -EBUSY unless the caller is dying.
 */
int bvm_elem_batch(struct bvm_elem *e, u32 *pos, void *keys, void *values, u32 max, bool take)
{
	return BVM_ELEM_CALL(e->map->type->batch(e->map, pos, keys, values, max, take));
}

/**
 * bvm_elem_next - the key after e->key
 * @e:		access; no key: before the first
 * @next:	where to, key_size bytes
 * Return: 0, -ENOENT after the last one, -ENOTSUPP, what the type of map says.
 */
int bvm_elem_next(struct bvm_elem *e, void *next)
{
	if (!e->map->type->next_key)
		return -ENOTSUPP;
	return BVM_ELEM_CALL(e->map->type->next_key(e->map, e->key, next));
}

/* --------------------------------------------------------------- the commands */

static int bvm_elem_copy_out(const struct bvm_elem *e, u64 user, u32 size)
{
	return copy_to_user(u64_to_user_ptr(user), e->value, size) ? -EFAULT : 0;
}

/* The frame of a command; @act does what is particular to it. */
static int bvm_elem_command(const union bpf_attr *attr, fmode_t need,
			    int (*act)(struct bvm_elem *e, const union bpf_attr *attr))
{
	struct bvm_elem e;
	int err = bvm_elem_begin(&e, attr->map_fd, need);

	if (err)
		return err;
	err = act(&e, attr);
	bvm_elem_end(&e);
	return err;
}

static int bvm_elem_do_lookup(struct bvm_elem *e, const union bpf_attr *attr)
{
	if (!bvm_elem_flags_ok(e, attr->flags))
		return -EINVAL;
	return bvm_elem_key_in(e, attr->key) ?:
	       bvm_elem_buffer(e, e->value_size) ?:
	       bvm_elem_read(e) ?:
	       bvm_elem_copy_out(e, attr->value, e->value_size);
}

/**
 * bvm_cmd_map_lookup - BPF_MAP_LOOKUP_ELEM
 * @attr:	map_fd, key, value, flags
 * @uattr:	unused
 * @size:	unused
 * Return: 0 or a negative errno.
 */
int bvm_cmd_map_lookup(union bpf_attr *attr, union bpf_attr __user *uattr, u32 size)
{
	if (attr->flags & ~BPF_F_LOCK)
		return -EINVAL;
	return bvm_elem_command(attr, FMODE_READ, bvm_elem_do_lookup);
}

static int bvm_elem_do_update(struct bvm_elem *e, const union bpf_attr *attr)
{
	if (!bvm_elem_flags_ok(e, attr->flags))
		return -EINVAL;
	return bvm_elem_key_in(e, attr->key) ?:
	       bvm_elem_value_in(e, attr->value) ?:
	       bvm_elem_write(e, attr->flags);
}

/**
 * bvm_cmd_map_update - BPF_MAP_UPDATE_ELEM
 * @attr:	map_fd, key, value, flags
 * @uattr:	unused
 * @size:	unused
 * Return: 0 or a negative errno.
 */
int bvm_cmd_map_update(union bpf_attr *attr, union bpf_attr __user *uattr, u32 size)
{
	return bvm_elem_command(attr, FMODE_WRITE, bvm_elem_do_update);
}

static int bvm_elem_do_delete(struct bvm_elem *e, const union bpf_attr *attr)
{
	return bvm_elem_key_in(e, attr->key) ?: bvm_elem_delete(e);
}

/**
 * bvm_cmd_map_delete - BPF_MAP_DELETE_ELEM
 * @attr:	map_fd, key
 * @uattr:	unused
 * @size:	unused
 * Return: 0 or a negative errno.
 */
int bvm_cmd_map_delete(union bpf_attr *attr, union bpf_attr __user *uattr, u32 size)
{
	return bvm_elem_command(attr, FMODE_WRITE, bvm_elem_do_delete);
}

static int bvm_elem_do_take(struct bvm_elem *e, const union bpf_attr *attr)
{
	if (!bvm_elem_flags_ok(e, attr->flags))
		return -EINVAL;
	return bvm_elem_key_in(e, attr->key) ?:
	       bvm_elem_buffer(e, e->value_size) ?:
	       bvm_elem_take(e) ?:
	       bvm_elem_copy_out(e, attr->value, e->value_size);
}

/**
 * bvm_cmd_map_take - BPF_MAP_LOOKUP_AND_DELETE_ELEM
 * @attr:	map_fd, key, value, flags
 * @uattr:	unused
 * @size:	unused
 *
 * When @attr->value cannot be written to, the element is gone all the same, as in the
 * stock kernel.
 *
 * Return: 0 or a negative errno.
 */
int bvm_cmd_map_take(union bpf_attr *attr, union bpf_attr __user *uattr, u32 size)
{
	/* as for BPF_MAP_LOOKUP_ELEM */
	if (attr->flags & ~BPF_F_LOCK)
		return -EINVAL;
	return bvm_elem_command(attr, FMODE_READ | FMODE_WRITE, bvm_elem_do_take);
}

static int bvm_elem_do_next(struct bvm_elem *e, const union bpf_attr *attr)
{
	int err = attr->key ? bvm_elem_key_in(e, attr->key) : 0;

	return err ?:
	       bvm_elem_buffer(e, e->map->key_size) ?:
	       bvm_elem_next(e, e->value) ?:
	       bvm_elem_copy_out(e, attr->next_key, e->map->key_size);
}

/**
 * bvm_cmd_map_next_key - BPF_MAP_GET_NEXT_KEY
 * @attr:	map_fd, key (NULL: before the first one), next_key
 * @uattr:	unused
 * @size:	unused
 * Return: 0, -ENOENT after the last one, or another negative errno.
 */
int bvm_cmd_map_next_key(union bpf_attr *attr, union bpf_attr __user *uattr, u32 size)
{
	return bvm_elem_command(attr, FMODE_READ, bvm_elem_do_next);
}
