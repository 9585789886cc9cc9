// SPDX-License-Identifier: GPL-2.0-only
/*
 * Maps as bpf(2) sees them: creation, descriptors, access to elements.
 */
#include <linux/capability.h>
#include <linux/file.h>
#include <linux/memcontrol.h>
#include <linux/sched/mm.h>
#include <linux/security.h>
#include <linux/seq_file.h>
#include <linux/uaccess.h>
#include "core.h"

#define BVM_ACCESS_FLAGS	(BPF_F_RDONLY | BPF_F_WRONLY)

/* ------------------------------------------------------- who pays */

#ifdef CONFIG_MEMCG
static struct obj_cgroup *bvm_payer(void)
{
	return get_obj_cgroup_from_current();
}
#else
static struct obj_cgroup *bvm_payer(void)
{
	return NULL;
}
#endif

/* ------------------------------------------------------- life of a map */

/**
 * bvm_map_make - a map that nobody else sees yet
 * @type:	its type
 * @spec:	request that @type->check() has accepted
 * @name:	BVM_NAME_LEN bytes, checked
 *
 * Charged to the memory control group of the caller.  Process context.
 *
 * Return: map with one reference, for bvm_map_put(); or an ERR_PTR().
 */
struct bvm_map *bvm_map_make(const struct bvm_map_type *type, const struct bvm_map_spec *spec,
			     const char *name)
{
	struct bvm_map_core *core = kzalloc(sizeof(*core), GFP_KERNEL_ACCOUNT);
	const struct bvm_map *model = spec->inner ? bvm_map_model(spec->inner) : NULL;
	struct bvm_map *map = ERR_PTR(-ENOMEM);

	if (core && (model || !spec->inner))
		map = type->alloc(spec);
	if (IS_ERR(map)) {
		kfree(model);
		kfree(core);
		return map;
	}
	map->inner = model;
	map->type = type;
	map->key_size = spec->key_size;
	map->value_size = spec->value_size;
	map->max_entries = spec->max_entries;
	/* how the first descriptor was opened is no property of the map */
	map->flags = spec->flags & ~BVM_ACCESS_FLAGS;
	map->numa_node = spec->numa_node;
	map->extra = spec->extra;
	memcpy(map->name, name, BVM_NAME_LEN);
	map->core = core;
	core->map = map;
	core->objcg = bvm_payer();
	bvm_obj_init(&core->obj, &bvm_map_kind);
	bvm_map_facade_update(map);
	return map;
}

static void bvm_map_free(struct bvm_obj *obj)
{
	struct bvm_map_core *core = container_of(obj, struct bvm_map_core, obj);

	security_bpf_map_free(&core->facade);
	kfree(core->map->inner);
	core->map->type->free(core->map);
	if (core->objcg)
		obj_cgroup_put(core->objcg);
	if (core->btf)
		bvm_btf_put(core->btf);
	kfree(core);
}

/**
 * bvm_map_memory - bytes that a map occupies
 * @map:	map
 */
u64 bvm_map_memory(const struct bvm_map *map)
{
	return sizeof(struct bvm_map_core) + map->type->memory(map);
}

static int bvm_map_release(struct inode *inode, struct file *file)
{
	struct bvm_map *map = bvm_obj_map(file->private_data);

	if (map->type->opener_gone)
		map->type->opener_gone(map, file);
	return bvm_obj_release(inode, file);
}

#ifdef CONFIG_PROC_FS
static void bvm_map_fdinfo(struct seq_file *m, struct file *file)
{
	const struct bvm_map *map = bvm_obj_map(file->private_data);
	u64 owner = atomic64_read(&map->core->owner);

	seq_printf(m, "map_type:\t%u\n", map->type->id);
	seq_printf(m, "key_size:\t%u\n", map->key_size);
	seq_printf(m, "value_size:\t%u\n", map->value_size);
	seq_printf(m, "max_entries:\t%u\n", map->max_entries);
	seq_printf(m, "map_flags:\t%#x\n", map->flags);
	seq_printf(m, "map_extra:\t%#llx\n", map->extra);
	seq_printf(m, "memlock:\t%llu\n", bvm_map_memory(map));
	seq_printf(m, "map_id:\t%u\n", map->core->obj.id);
	seq_printf(m, "frozen:\t%u\n", bvm_map_frozen(map));
	if (owner) {
		seq_printf(m, "owner_prog_type:\t%u\n", upper_32_bits(owner));
		seq_printf(m, "owner_jited:\t%u\n", 0);
	}
}
#endif

static const struct file_operations bvm_map_fops = {
#ifdef CONFIG_PROC_FS
	.show_fdinfo = bvm_map_fdinfo,
#endif
	.release = bvm_map_release,
};

static int bvm_map_open(struct bvm_obj *obj, int flags)
{
	struct bvm_map *map = bvm_obj_map(obj);
	int err = security_bpf_map(&map->core->facade, OPEN_FMODE(flags));

	return err < 0 ? err : bvm_obj_fd(obj, flags);
}

static void bvm_map_unused(struct bvm_obj *obj)
{
	struct bvm_map *map = bvm_obj_map(obj);

	if (map->type->release)
		map->type->release(map);
}

struct bvm_obj_kind bvm_map_kind = {
	.name = "bpf-map",
	.fops = &bvm_map_fops,
	.ids = XARRAY_INIT(bvm_map_kind.ids, XA_FLAGS_ALLOC1 | XA_FLAGS_LOCK_IRQ),
	.open = bvm_map_open,
	.unused = bvm_map_unused,
	.free = bvm_map_free,
};

/**
 * bvm_open_flags - O_* that BPF_F_RDONLY and BPF_F_WRONLY ask for
 * @access:	flags, of which these two count
 * Return: O_RDWR, O_RDONLY, O_WRONLY, or -EINVAL for both.
 */
int bvm_open_flags(u32 access)
{
	switch (access & BVM_ACCESS_FLAGS) {
	case 0:
		return O_RDWR;
	case BPF_F_RDONLY:
		return O_RDONLY;
	case BPF_F_WRONLY:
		return O_WRONLY;
	}
	return -EINVAL;
}

/**
 * bvm_map_fd - a new descriptor
 * @map:	map; the file takes over one reference of the caller's if all goes well
 * @access:	flags, of which BPF_F_RDONLY and BPF_F_WRONLY count
 * Process context.  Return: descriptor or a negative errno.
 */
int bvm_map_fd(struct bvm_map *map, u32 access)
{
	int flags = bvm_open_flags(access);

	return flags < 0 ? flags : bvm_map_open(&map->core->obj, flags);
}

/* The map behind a file, which keeps it.  Errors as bvm_map_from_fd(). */
static struct bvm_map *bvm_map_of(struct fd f, fmode_t need)
{
	if (fd_empty(f))
		return ERR_PTR(-EBADF);
	if (fd_file(f)->f_op != &bvm_map_fops)
		return ERR_PTR(-EINVAL);
	if (need & ~fd_file(f)->f_mode)
		return ERR_PTR(-EPERM);
	return bvm_obj_map(fd_file(f)->private_data);
}

/**
 * bvm_map_from_fd - the map behind a descriptor
 * @fd:		descriptor
 * @need:	FMODE_READ, FMODE_WRITE, both, or 0
 * Process context.  Return: map with a reference; -EBADF, -EINVAL (something else),
 * -EPERM (opened for less than @need).
 */
struct bvm_map *bvm_map_from_fd(u32 fd, fmode_t need)
{
	CLASS(fd, f)(fd);
	struct bvm_map *map = bvm_map_of(f, need);

	if (!IS_ERR(map))
		bvm_map_get(map);
	return map;
}

/* ------------------------------------------------------- BPF_MAP_CREATE */

/* What core/ knows about a request; the type looks at the rest. */
static int bvm_map_check(const union bpf_attr *attr, const struct bvm_map_type *type,
			 const struct bvm_map_spec *spec)
{
	if (spec->flags & BPF_F_TOKEN_FD)
		return bvm_absent_fd(attr->map_token_fd);
	if (spec->flags & ~type->flags)
		return -EINVAL;
	if (bvm_open_flags(spec->flags) < 0)
		return -EINVAL;
	if (spec->numa_node != NUMA_NO_NODE &&
	    ((u32)spec->numa_node >= nr_node_ids || !node_online(spec->numa_node)))
		return -EINVAL;
	/* neither offload to a device nor struct_ops; no type has an extra parameter */
	if (attr->map_ifindex || attr->btf_vmlinux_value_type_id || attr->map_extra)
		return -EINVAL;
	return type->check(spec);
}

/* As bvm_map_make(), with a map of maps' model behind a descriptor. */
static struct bvm_map *bvm_map_make_of(const struct bvm_map_type *type, struct bvm_map_spec *spec,
				       const char *name, u32 inner_fd)
{
	struct bvm_map *map, *inner;

	if (!(type->caps & BVM_MAP_OF_MAPS))
		return bvm_map_make(type, spec, name);
	inner = bvm_map_inner_from_fd(inner_fd);
	if (IS_ERR(inner))
		return inner;
	spec->inner = inner;
	map = bvm_map_make(type, spec, name);
	bvm_map_put(inner);
	return map;
}

/**
 * bvm_cmd_map_create - BPF_MAP_CREATE
 * @attr:	map_type ... map_token_fd
 * @uattr:	unused
 * @size:	unused
 * Return: descriptor or a negative errno.
 */
int bvm_cmd_map_create(union bpf_attr *attr, union bpf_attr __user *uattr, u32 size)
{
	const struct bvm_map_type *type = bvm_map_type_find(attr->map_type);
	struct bvm_map_spec spec = {
		.type = attr->map_type,
		.key_size = attr->key_size,
		.value_size = attr->value_size,
		.max_entries = attr->max_entries,
		.flags = attr->map_flags,
		.numa_node = attr->map_flags & BPF_F_NUMA_NODE ? attr->numa_node : NUMA_NO_NODE,
		.extra = attr->map_extra,
		.objects = type ? bvm_objects_of(type) : NULL,
	};
	struct bvm_btf_obj *btf;
	char name[BVM_NAME_LEN];
	struct bvm_map *map;
	int err;

	if (!type)
		return -EINVAL;
	err = bvm_map_check(attr, type, &spec);
	if (err)
		return err;
	if (!bvm_may_create())
		return -EPERM;
	err = bvm_name_copy(name, attr->map_name);
	if (err)
		return err;

	btf = bvm_map_find_btf(attr, type, &spec);
	if (IS_ERR(btf))
		return PTR_ERR(btf);
	map = bvm_map_make_of(type, &spec, name, attr->inner_map_fd);
	if (IS_ERR(map)) {
		if (btf)
			bvm_btf_put(btf);
		return PTR_ERR(map);
	}
	map->core->btf = btf;
	map->core->key_type = attr->btf_key_type_id;
	map->core->value_type = attr->btf_value_type_id;
	err = security_bpf_map_create(&map->core->facade, attr, NULL);
	if (!err)
		err = bvm_obj_publish(&map->core->obj);
	if (!err) {
		bvm_map_facade_update(map);
		err = bvm_map_fd(map, spec.flags);
	}
	if (err < 0)
		bvm_map_put(map);
	return err;
}

/* ------------------------------------------------------------- elements */

/**
 * struct bvm_elem - one access to an element
 * @f:		file of the map
 * @map:	map
 * @key:	kernel copy, or NULL
 * @value:	kernel buffer, or NULL
 * @value_size:	bytes in @value
 * @memcg:	whom to charge, or NULL
 * @old_memcg:	who was charged before
 */
struct bvm_elem {
	struct fd f;
	struct bvm_map *map;
	void *key;
	void *value;
	u32 value_size;
	struct mem_cgroup *memcg;
	struct mem_cgroup *old_memcg;
};

static int bvm_elem_begin(struct bvm_elem *e, u32 fd, fmode_t need)
{
	int err = 0;

	*e = (struct bvm_elem){ .f = fdget(fd) };
	e->map = bvm_map_of(e->f, need);
	if (IS_ERR(e->map))
		err = PTR_ERR(e->map);
	else if ((need & FMODE_WRITE) && !atomic_inc_unless_negative(&e->map->core->writers))
		err = -EPERM;	/* frozen */
	if (err) {
		fdput(e->f);
		return err;
	}
	e->value_size = bvm_map_user_value_size(e->map);
	if (e->map->core->objcg)
		e->memcg = get_mem_cgroup_from_objcg(e->map->core->objcg);
	/* Elements are on the account of who made the map. */
	e->old_memcg = set_active_memcg(e->memcg);
	return 0;
}

static void bvm_elem_end(struct bvm_elem *e, fmode_t need)
{
	set_active_memcg(e->old_memcg);
	if (e->memcg)
		mem_cgroup_put(e->memcg);
	if (need & FMODE_WRITE)
		atomic_dec(&e->map->core->writers);
	kvfree(e->value);
	kvfree(e->key);
	fdput(e->f);
}

static int bvm_elem_key(struct bvm_elem *e, u64 ukey)
{
	e->key = vmemdup_user(u64_to_user_ptr(ukey), e->map->key_size);
	if (!IS_ERR(e->key))
		return 0;
	ukey = PTR_ERR(e->key);
	e->key = NULL;
	return ukey;
}

/* Read the value of e->key into e->value. */
static int bvm_elem_read(struct bvm_elem *e)
{
	const struct bvm_map_type *type = e->map->type;
	int err = 0;
	void *p;

	rcu_read_lock();
	if (type->copy_out) {
		err = type->copy_out(e->map, e->key, e->value, 0);
	} else {
		p = type->lookup(e->map, e->key);
		if (p)
			memcpy(e->value, p, e->value_size);
		else
			err = -ENOENT;
	}
	rcu_read_unlock();
	return err;
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

/**
 * bvm_cmd_map_lookup - BPF_MAP_LOOKUP_ELEM
 * @attr:	map_fd, key, value, flags
 * @uattr:	unused
 * @size:	unused
 * Return: 0 or a negative errno.
 */
int bvm_cmd_map_lookup(union bpf_attr *attr, union bpf_attr __user *uattr, u32 size)
{
	struct bvm_elem e;
	int err;

	/* BPF_F_LOCK is the only flag, and no value has a lock in it. */
	if (attr->flags)
		return -EINVAL;
	err = bvm_elem_begin(&e, attr->map_fd, FMODE_READ);
	if (err)
		return err;
	err = bvm_elem_key(&e, attr->key);
	if (err)
		goto out;
	err = -ENOTSUPP;
	if (!e.map->type->copy_out && !e.map->type->lookup)
		goto out;
	err = -ENOMEM;
	e.value = kvzalloc(e.value_size, GFP_USER | __GFP_NOWARN);
	if (!e.value)
		goto out;
	do {
		err = bvm_elem_read(&e);
	} while (bvm_elem_again(err));
	if (!err && copy_to_user(u64_to_user_ptr(attr->value), e.value, e.value_size))
		err = -EFAULT;
out:
	bvm_elem_end(&e, FMODE_READ);
	return err;
}

/* Write e->value under e->key. */
static int bvm_elem_write(struct bvm_elem *e, u64 flags)
{
	const struct bvm_map_type *type = e->map->type;
	int err;

	if (type->set_fd)
		return type->set_fd(e->map, e->key, *(u32 *)e->value, flags, fd_file(e->f));
	if (type->copy_in)
		return type->copy_in(e->map, e->key, e->value, flags);
	if (!type->update)
		return -ENOTSUPP;
	migrate_disable();
	rcu_read_lock();
	err = type->update(e->map, e->key, e->value, flags);
	rcu_read_unlock();
	migrate_enable();
	return err;
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
	struct bvm_elem e;
	int err;

	err = bvm_elem_begin(&e, attr->map_fd, FMODE_WRITE);
	if (err)
		return err;
	err = -EINVAL;
	if (attr->flags & BPF_F_LOCK)
		goto out;
	err = bvm_elem_key(&e, attr->key);
	if (err)
		goto out;
	e.value = vmemdup_user(u64_to_user_ptr(attr->value), e.value_size);
	if (IS_ERR(e.value)) {
		err = PTR_ERR(e.value);
		e.value = NULL;
		goto out;
	}
	do {
		err = bvm_elem_write(&e, attr->flags);
	} while (bvm_elem_again(err));
out:
	bvm_elem_end(&e, FMODE_WRITE);
	return err;
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
	struct bvm_elem e;
	int err;

	err = bvm_elem_begin(&e, attr->map_fd, FMODE_WRITE);
	if (err)
		return err;
	err = bvm_elem_key(&e, attr->key);
	if (err)
		goto out;
	err = -ENOTSUPP;
	if (!e.map->type->delete)
		goto out;
	do {
		migrate_disable();
		rcu_read_lock();
		err = e.map->type->delete(e.map, e.key);
		rcu_read_unlock();
		migrate_enable();
	} while (bvm_elem_again(err));
out:
	bvm_elem_end(&e, FMODE_WRITE);
	return err;
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
	struct bvm_elem e;
	int err;

	err = bvm_elem_begin(&e, attr->map_fd, FMODE_READ);
	if (err)
		return err;
	if (attr->key)
		err = bvm_elem_key(&e, attr->key);
	if (err)
		goto out;
	err = -ENOTSUPP;
	if (!e.map->type->next_key)
		goto out;
	err = -ENOMEM;
	e.value = kvzalloc(e.map->key_size, GFP_USER);
	if (!e.value)
		goto out;
	rcu_read_lock();
	err = e.map->type->next_key(e.map, e.key, e.value);
	rcu_read_unlock();
	if (!err && copy_to_user(u64_to_user_ptr(attr->next_key), e.value, e.map->key_size))
		err = -EFAULT;
out:
	bvm_elem_end(&e, FMODE_READ);
	return err;
}

/**
 * bvm_cmd_map_freeze - BPF_MAP_FREEZE: no system call changes the map from now on
 * @attr:	map_fd
 * @uattr:	unused
 * @size:	unused
 * Return: 0; -EPERM when it is frozen already; -EBUSY when it is being changed.
 */
int bvm_cmd_map_freeze(union bpf_attr *attr, union bpf_attr __user *uattr, u32 size)
{
	struct bvm_map *map = bvm_map_from_fd(attr->map_fd, FMODE_WRITE);
	int writers;

	if (IS_ERR(map))
		return PTR_ERR(map);
	writers = atomic_cmpxchg(&map->core->writers, 0, BVM_MAP_FROZEN);
	if (!writers) {
		/* The contents come before the mark; pairs with bvm_map_constant(). */
		smp_store_release(&map->frozen, true);
	}
	bvm_map_put(map);
	if (writers == BVM_MAP_FROZEN)
		return -EPERM;
	return writers ? -EBUSY : 0;
}

/* ------------------------------------------------------------------ ids */

/**
 * bvm_cmd_map_next_id - BPF_MAP_GET_NEXT_ID
 * @attr:	start_id
 * @uattr:	next_id is written
 * @size:	unused
 * Return: 0 or a negative errno.
 */
int bvm_cmd_map_next_id(union bpf_attr *attr, union bpf_attr __user *uattr, u32 size)
{
	u32 next;
	int err = bvm_obj_next_id(&bvm_map_kind, attr->start_id, &next);

	return err ?: put_user(next, &uattr->next_id);
}

/**
 * bvm_cmd_map_from_id - BPF_MAP_GET_FD_BY_ID
 * @attr:	map_id, open_flags
 * @uattr:	unused
 * @size:	unused
 * Return: descriptor or a negative errno.
 */
int bvm_cmd_map_from_id(union bpf_attr *attr, union bpf_attr __user *uattr, u32 size)
{
	struct bvm_obj *obj;
	int fd;

	if (attr->open_flags & ~BVM_ACCESS_FLAGS || bvm_open_flags(attr->open_flags) < 0)
		return -EINVAL;
	obj = bvm_obj_from_id(&bvm_map_kind, attr->map_id);
	if (!obj)
		return -ENOENT;
	fd = bvm_map_fd(bvm_obj_map(obj), attr->open_flags);
	if (fd < 0)
		bvm_obj_put(obj);
	return fd;
}
