// SPDX-License-Identifier: GPL-2.0-only
/*
 * The types of the kernel and of its modules as BTF objects, read only: ids,
 * descriptors, and the files of modules in /sys/kernel/btf.  The directory and its file
 * vmlinux come from kernel/bpf/sysfs_btf.c, which needs nothing of the stock
 * implementation.
 *
 * bpftrace and libbpf find the types of modules by walking the ids.
 */
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/sysfs.h>
#include <linux/uaccess.h>
#include "core.h"

/**
 * struct bvm_btf - types
 * @obj:	id, references, file
 * @name:	"vmlinux" or the module's
 * @data:	BTF, as in Documentation/bpf/btf.rst
 * @size:	bytes of it
 * @node:	in bvm_module_btfs
 * @module:	whose types they are, for finding them when it goes; NULL for vmlinux
 * @attr:	file in /sys/kernel/btf
 */
struct bvm_btf {
	struct bvm_obj obj;
	char name[MODULE_NAME_LEN];
	const void *data;
	u32 size;
	struct list_head node;
	const struct module *module;
	struct bin_attribute attr;
};

static void bvm_btf_free(struct bvm_obj *obj)
{
	struct bvm_btf *btf = container_of(obj, struct bvm_btf, obj);

	if (btf->module)
		kvfree(btf->data);
	kfree(btf);
}

#ifdef CONFIG_PROC_FS
static void bvm_btf_fdinfo(struct seq_file *m, struct file *file)
{
	const struct bvm_obj *obj = file->private_data;

	seq_printf(m, "btf_id:\t%u\n", obj->id);
}
#endif

static const struct file_operations bvm_btf_fops = {
#ifdef CONFIG_PROC_FS
	.show_fdinfo = bvm_btf_fdinfo,
#endif
	.release = bvm_obj_release,
};

static struct bvm_obj_kind bvm_btf_kind = {
	.name = "btf",
	.fops = &bvm_btf_fops,
	.ids = XARRAY_INIT(bvm_btf_kind.ids, XA_FLAGS_ALLOC1 | XA_FLAGS_LOCK_IRQ),
	.free = bvm_btf_free,
};

/* ------------------------------------------------------------- commands */

/**
 * bvm_cmd_btf_next_id - BPF_BTF_GET_NEXT_ID
 * @attr:	start_id
 * @uattr:	next_id is written
 * @size:	unused
 * Return: 0 or a negative errno.
 */
int bvm_cmd_btf_next_id(union bpf_attr *attr, union bpf_attr __user *uattr, u32 size)
{
	u32 next;
	int err = bvm_obj_next_id(&bvm_btf_kind, attr->start_id, &next);

	return err ?: put_user(next, &uattr->next_id);
}

/**
 * bvm_cmd_btf_from_id - BPF_BTF_GET_FD_BY_ID
 * @attr:	btf_id
 * @uattr:	unused
 * @size:	unused
 * Return: descriptor or a negative errno.
 */
int bvm_cmd_btf_from_id(union bpf_attr *attr, union bpf_attr __user *uattr, u32 size)
{
	struct bvm_obj *obj = bvm_obj_from_id(&bvm_btf_kind, attr->btf_id);
	int fd;

	if (!obj)
		return -ENOENT;
	fd = bvm_obj_fd(obj, O_RDONLY);
	if (fd < 0)
		bvm_obj_put(obj);
	return fd;
}

/**
 * bvm_btf_from_fd - the types behind a descriptor
 * @fd:		descriptor
 * Process context.  Return: types with a reference, for bvm_btf_put(); -EBADF, -EINVAL.
 */
struct bvm_btf *bvm_btf_from_fd(u32 fd)
{
	CLASS(fd, f)(fd);
	struct bvm_obj *obj;

	if (fd_empty(f))
		return ERR_PTR(-EBADF);
	if (fd_file(f)->f_op != &bvm_btf_fops)
		return ERR_PTR(-EINVAL);
	obj = fd_file(f)->private_data;
	bvm_obj_get(obj);
	return container_of(obj, struct bvm_btf, obj);
}

/**
 * bvm_btf_put - drop a reference
 * @btf:	types
 */
void bvm_btf_put(struct bvm_btf *btf)
{
	bvm_obj_put(&btf->obj);
}

/* The name, cut off to what fits, and its length. */
static int bvm_btf_info_name(const struct bvm_btf *btf, struct bpf_btf_info *info)
{
	char __user *user = u64_to_user_ptr(info->name);
	u32 len = strlen(btf->name), room = info->name_len, fit;

	if (!user != !room)
		return -EINVAL;
	info->name_len = len;
	if (!user)
		return 0;
	fit = min(len, room - 1);
	if (copy_to_user(user, btf->name, fit) || put_user('\0', user + fit))
		return -EFAULT;
	return fit < len ? -ENOSPC : 0;
}

/**
 * bvm_btf_info - BPF_OBJ_GET_INFO_BY_FD
 * @btf:	types
 * @user:	struct bpf_btf_info
 * @size:	bytes of it that user space has
 * @size_out:	bytes that were written
 *
 * Unlike the structures of programs and maps, what user space has more than we know is
 * not looked at.  Nor is the size of its buffer without a buffer: that faults.
 *
 * Return: 0; -EFAULT; -EINVAL for a name without a length or the reverse; -ENOSPC for a
 * name that was cut off, all else being written.
 */
int bvm_btf_info(const struct bvm_btf *btf, void __user *user, u32 size, __u32 __user *size_out)
{
	struct bpf_btf_info info = {};
	int err;

	size = min_t(u32, size, sizeof(info));
	if (copy_from_user(&info, user, size))
		return -EFAULT;

	if (copy_to_user(u64_to_user_ptr(info.btf), btf->data, min(info.btf_size, btf->size)))
		return -EFAULT;
	info.btf_size = btf->size;
	info.id = btf->obj.id;
	info.kernel_btf = 1;
	err = bvm_btf_info_name(btf, &info);
	if (err && err != -ENOSPC)
		return err;
	if (copy_to_user(user, &info, size) || put_user(size, size_out))
		return -EFAULT;
	return err;
}

/* --------------------------------------------------- kernel and modules */

#ifdef CONFIG_DEBUG_INFO_BTF
/* @data: freed with the object if it is a module's */
static struct bvm_btf *bvm_btf_make(const char *name, const struct module *module,
				    const void *data, u32 size)
{
	struct bvm_btf *btf = kzalloc(sizeof(*btf), GFP_KERNEL);

	if (!btf)
		return NULL;
	bvm_obj_init(&btf->obj, &bvm_btf_kind);
	strscpy(btf->name, name);
	btf->module = module;
	btf->data = data;
	btf->size = size;
	return btf;
}

#ifdef CONFIG_DEBUG_INFO_BTF_MODULES
static LIST_HEAD(bvm_module_btfs);
static DEFINE_MUTEX(bvm_module_btfs_lock);

static int bvm_btf_file(struct bvm_btf *btf)
{
	if (!IS_ENABLED(CONFIG_SYSFS) || !btf_kobj)
		return 0;
	sysfs_bin_attr_init(&btf->attr);
	btf->attr.attr.name = btf->name;
	btf->attr.attr.mode = 0444;
	btf->attr.size = btf->size;
	btf->attr.private = (void *)btf->data;
	btf->attr.read = sysfs_bin_attr_simple_read;
	return sysfs_create_bin_file(btf_kobj, &btf->attr);
}

/* The section is gone once the module has been loaded, so it is copied. */
static int bvm_btf_module_coming(const struct module *module)
{
	void *data = kvmalloc(module->btf_data_size, GFP_KERNEL);
	struct bvm_btf *btf;
	int err = -ENOMEM;

	if (!data)
		return err;
	memcpy(data, module->btf_data, module->btf_data_size);
	btf = bvm_btf_make(module->name, module, data, module->btf_data_size);
	if (!btf) {
		kvfree(data);
		return err;
	}
	err = bvm_obj_publish(&btf->obj);
	if (err)
		goto put;
	err = bvm_btf_file(btf);
	if (err)
		goto put;
	mutex_lock(&bvm_module_btfs_lock);
	list_add(&btf->node, &bvm_module_btfs);
	mutex_unlock(&bvm_module_btfs_lock);
	return 0;
put:
	bvm_btf_put(btf);
	return err;
}

static void bvm_btf_module_going(const struct module *module)
{
	struct bvm_btf *btf;

	mutex_lock(&bvm_module_btfs_lock);
	list_for_each_entry(btf, &bvm_module_btfs, node) {
		if (btf->module == module) {
			list_del(&btf->node);
			if (btf->attr.private)
				sysfs_remove_bin_file(btf_kobj, &btf->attr);
			bvm_btf_put(btf);
			break;
		}
	}
	mutex_unlock(&bvm_module_btfs_lock);
}

/*
 * A module works without its types.  One that was built out of tree may have them based
 * on a private excerpt of the kernel's (.BTF.base): without relocation they would be
 * misread, so they are not shown.
 */
static int bvm_btf_notify(struct notifier_block *nb, unsigned long op, void *data)
{
	const struct module *module = data;
	int err = 0;

	if (op == MODULE_STATE_COMING && module->btf_data_size && !module->btf_base_data_size)
		err = bvm_btf_module_coming(module);
	else if (op == MODULE_STATE_GOING)
		bvm_btf_module_going(module);
	if (err)
		pr_warn("bvm: no BTF of module %s: %d\n", module->name, err);
	return NOTIFY_OK;
}

static struct notifier_block bvm_btf_nb = {
	.notifier_call = bvm_btf_notify,
};

static int __init bvm_btf_modules_init(void)
{
	return register_module_notifier(&bvm_btf_nb);
}
#else
static int __init bvm_btf_modules_init(void)
{
	return 0;
}
#endif /* CONFIG_DEBUG_INFO_BTF_MODULES */

/* linker script */
extern const char __start_BTF[], __stop_BTF[];

static int __init bvm_btf_init(void)
{
	struct bvm_btf *btf;
	int err;

	btf = bvm_btf_make("vmlinux", NULL, __start_BTF, __stop_BTF - __start_BTF);
	if (!btf)
		return -ENOMEM;
	err = bvm_obj_publish(&btf->obj);
	if (err) {
		bvm_btf_put(btf);
		return err;
	}
	return bvm_btf_modules_init();
}
fs_initcall(bvm_btf_init);
#endif /* CONFIG_DEBUG_INFO_BTF */
