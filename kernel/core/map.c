// SPDX-License-Identifier: GPL-2.0-only
/*
 * Maps as bpf(2) sees them: creation, descriptors, access to elements.
 */
#include <linux/capability.h>
#include <linux/file.h>
#include <linux/memcontrol.h>
#include <linux/mm.h>
#include <linux/poll.h>
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
		bvm_map_model_free(model);
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
	map->view = &core->facade;
	core->map = map;
	core->objcg = bvm_payer();
	bvm_obj_init(&core->obj, &bvm_map_kind);
	bvm_map_facade_update(map);
	return map;
}

static void bvm_map_free(struct bvm_obj *obj)
{
	struct bvm_map_core *core = container_of(obj, struct bvm_map_core, obj);

	const struct bvm_record *record = core->map->record;

	security_bpf_map_free(&core->facade);
	bvm_map_model_free(core->map->inner);
	/* gives back what pointers in values hold */
	core->map->type->free(core->map);
	bvm_record_put(record);
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
	u32 owner = READ_ONCE(map->core->owner.type);

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
		seq_printf(m, "owner_prog_type:\t%u\n", owner);
		seq_printf(m, "owner_jited:\t%u\n", 0);
	}
}
#endif

/* A writable mapping is split, moved, or inherited by a child: two writers. */
static void bvm_map_vma_open(struct vm_area_struct *vma)
{
	struct bvm_map *map = bvm_obj_map(vma->vm_file->private_data);

	if (vma->vm_flags & VM_MAYWRITE)
		atomic_inc(&map->core->writers);
	if (map->type->copied)
		map->type->copied(map, vma);
}

static void bvm_map_vma_close(struct vm_area_struct *vma)
{
	struct bvm_map *map = bvm_obj_map(vma->vm_file->private_data);

	if (map->type->unmapped)
		map->type->unmapped(map, vma);
	if (vma->vm_flags & VM_MAYWRITE)
		bvm_map_write_end(map);
}

static int bvm_map_vma_split(struct vm_area_struct *vma, unsigned long addr)
{
	return bvm_obj_map(vma->vm_file->private_data)->type->fault ? -EINVAL : 0;
}

static int bvm_map_vma_move(struct vm_area_struct *vma)
{
	return bvm_map_vma_split(vma, 0);
}

static vm_fault_t bvm_map_vma_fault(struct vm_fault *vmf)
{
	struct bvm_map *map = bvm_obj_map(vmf->vma->vm_file->private_data);

	return map->type->fault ? map->type->fault(map, vmf) : VM_FAULT_SIGBUS;
}

static const struct vm_operations_struct bvm_map_vm_ops = {
	.open = bvm_map_vma_open,
	.close = bvm_map_vma_close,
	.may_split = bvm_map_vma_split,
	.mremap = bvm_map_vma_move,
	.fault = bvm_map_vma_fault,
};

#ifdef CONFIG_MMU
static unsigned long bvm_map_place(struct file *file, unsigned long addr, unsigned long len,
				   unsigned long pgoff, unsigned long flags)
{
	struct bvm_map *map = bvm_obj_map(file->private_data);

	if (map->type->place)
		return map->type->place(map, file, addr, len, pgoff, flags);
	return mm_get_unmapped_area(current->mm, file, addr, len, pgoff, flags);
}
#endif

/*
 * A mapping that is writable counts as a writer as long as it lasts, whatever
 * mprotect(2) does to it; one that is not never becomes writable.  The file keeps the
 * map, and the mapping the file.
 */
static int bvm_map_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct bvm_map *map = bvm_obj_map(file->private_data);
	bool writable = vma->vm_flags & VM_WRITE;
	int err;

	if (!map->type->mmap)
		return -ENOTSUPP;
	/* private, or shared without the right to write to the file */
	if (!(vma->vm_flags & VM_SHARED))
		return -EINVAL;
	if (writable) {
		err = bvm_map_write_begin(map);
		if (err)
			return err;
	}
	vm_flags_clear(vma, writable ? VM_MAYEXEC : VM_MAYEXEC | VM_MAYWRITE);
	err = map->type->mmap(map, vma);
	if (!err)
		vma->vm_ops = &bvm_map_vm_ops;
	else if (writable)
		bvm_map_write_end(map);
	return err;
}

static __poll_t bvm_map_poll(struct file *file, struct poll_table_struct *wait)
{
	struct bvm_map *map = bvm_obj_map(file->private_data);

	return map->type->poll ? map->type->poll(map, file, wait) : EPOLLERR;
}

static const struct file_operations bvm_map_fops = {
#ifdef CONFIG_PROC_FS
	.show_fdinfo = bvm_map_fdinfo,
#endif
	.mmap = bvm_map_mmap,
#ifdef CONFIG_MMU
	.get_unmapped_area = bvm_map_place,
#endif
	.poll = bvm_map_poll,
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

/**
 * bvm_map_of - the map behind a file, which keeps it
 * @f:		file, or nothing
 * @need:	FMODE_READ, FMODE_WRITE, both, or 0
 * Return: map, or as bvm_map_from_fd().
 */
struct bvm_map *bvm_map_of(struct fd f, fmode_t need)
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
	/* neither offload to a device nor struct_ops; an arena's address is extra */
	if (attr->map_ifindex || attr->btf_vmlinux_value_type_id ||
	    (attr->map_extra && !(type->caps & BVM_MAP_ARENA)))
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
	struct bvm_record *record = NULL;
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
	if (btf)
		record = bvm_map_record(type, &spec, btf, attr->btf_value_type_id);
	map = IS_ERR(record) ? ERR_CAST(record) :
			       bvm_map_make_of(type, &spec, name, attr->inner_map_fd);
	if (IS_ERR(map)) {
		if (!IS_ERR(record))
			bvm_record_put(record);
		if (btf)
			bvm_btf_put(btf);
		return PTR_ERR(map);
	}
	map->record = record;
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

/* --------------------------------------------------------------- freezing */

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
	/* locks and pointers go on changing */
	if (map->record) {
		bvm_map_put(map);
		return -ENOTSUPP;
	}
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
