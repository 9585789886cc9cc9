// SPDX-License-Identifier: GPL-2.0-only
/*
 * The types of the kernel and of its modules: objects like those of user space, read
 * only, and the files of modules in /sys/kernel/btf.  The directory and its file vmlinux
 * come from kernel/bpf/sysfs_btf.c, which needs nothing of the stock implementation.
 *
 * They are parsed when somebody first asks what is in them: tools that read them from
 * user space never do.
 */
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/slab.h>
#include <linux/sysfs.h>
#include "core.h"

static struct bvm_btf_obj *bvm_vmlinux_btf;
static DEFINE_MUTEX(bvm_btf_parse_lock);

/* Under the lock; ->parsed says that ->types can be used. */
static void bvm_btf_parse_kernel(struct bvm_btf_obj *btf, const struct bvm_btf *base)
{
	int err;

	if (btf->parsed || btf->broken)
		return;
	err = bvm_btf_parse(&btf->types, btf->data, btf->size, base, NULL);
	if (err)
		pr_warn("bvm: types of %s cannot be used: %d\n", btf->name, err);
	/* what was no fault of the types may go better the next time */
	btf->broken = err && err != -ENOMEM && err != -EAGAIN;
	/* pairs with bvm_btf_types(): ->types comes before ->parsed */
	smp_store_release(&btf->parsed, !err);
}

/**
 * bvm_btf_types - what is in an object
 * @btf:	object
 * Process context, may sleep.  Return: types that live as long as @btf; NULL when those
 * of the kernel or a module cannot be used.
 */
const struct bvm_btf *bvm_btf_types(struct bvm_btf_obj *btf)
{
	const struct bvm_btf *base = NULL;

	/* pairs with bvm_btf_parse_kernel() */
	if (smp_load_acquire(&btf->parsed))
		return &btf->types;
	if (btf != bvm_vmlinux_btf) {
		base = bvm_btf_vmlinux();
		if (!base)
			return NULL;
	}
	mutex_lock(&bvm_btf_parse_lock);
	bvm_btf_parse_kernel(btf, base);
	mutex_unlock(&bvm_btf_parse_lock);
	return btf->parsed ? &btf->types : NULL;
}

const struct bvm_btf *bvm_btf_vmlinux(void)
{
	return bvm_vmlinux_btf ? bvm_btf_types(bvm_vmlinux_btf) : NULL;
}

/**
 * bvm_btf_get_vmlinux - the kernel's types as an object
 * Any context.  Return: object with a reference, for bvm_btf_put(); or NULL.
 */
struct bvm_btf_obj *bvm_btf_get_vmlinux(void)
{
	if (bvm_vmlinux_btf)
		bvm_obj_get(&bvm_vmlinux_btf->obj);
	return bvm_vmlinux_btf;
}

#ifdef CONFIG_DEBUG_INFO_BTF
#ifdef CONFIG_DEBUG_INFO_BTF_MODULES
/* by bvm_module_btfs_lock; each has a reference */
static LIST_HEAD(bvm_module_btfs);
static DEFINE_MUTEX(bvm_module_btfs_lock);

/**
 * bvm_btf_get_module - keep the module of an object loaded
 * @btf:	object of a module
 * Process context.  Return: module, for module_put(); NULL when it is not (or no longer)
 * at work.
 */
struct module *bvm_btf_get_module(struct bvm_btf_obj *btf)
{
	struct module *module = NULL;

	mutex_lock(&bvm_module_btfs_lock);
	/* A module that fails to start is freed whatever its references. */
	if (!list_empty(&btf->node) && btf->module->state == MODULE_STATE_LIVE &&
	    try_module_get(btf->module))
		module = btf->module;
	mutex_unlock(&bvm_module_btfs_lock);
	return module;
}

/* Among the types of modules; those of the kernel have been looked through. */
static int bvm_btf_find_module(const char *name, u32 kind, struct bvm_btf_obj **found)
{
	const struct bvm_btf *types;
	struct bvm_btf_obj *btf;
	int id = -ENOENT;

	mutex_lock(&bvm_module_btfs_lock);
	list_for_each_entry(btf, &bvm_module_btfs, node) {
		types = bvm_btf_types(btf);
		id = types ? bvm_btf_find_own(types, name, kind) : -ENOENT;
		if (id < 0)
			continue;
		bvm_obj_get(&btf->obj);
		*found = btf;
		break;
	}
	mutex_unlock(&bvm_module_btfs_lock);
	return id;
}

static int bvm_btf_file(struct bvm_btf_obj *btf)
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
static int bvm_btf_module_coming(struct module *module)
{
	void *data = kvmalloc(module->btf_data_size, GFP_KERNEL);
	struct bvm_btf_obj *btf;
	int err = -ENOMEM;

	if (!data)
		return err;
	memcpy(data, module->btf_data, module->btf_data_size);
	btf = bvm_btf_make(module->name, data, module->btf_data_size, true);
	if (!btf) {
		kvfree(data);
		return err;
	}
	btf->module = module;
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
	struct bvm_btf_obj *btf;

	mutex_lock(&bvm_module_btfs_lock);
	list_for_each_entry(btf, &bvm_module_btfs, node) {
		if (btf->module == module) {
			list_del_init(&btf->node);
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
	struct module *module = data;
	int err = 0;

	if (op == MODULE_STATE_COMING && module->btf_data_size && !module->btf_base_data_size)
		err = bvm_btf_module_coming(module);
	else if (op == MODULE_STATE_GOING)
		bvm_btf_module_going(module);
	if (op == MODULE_STATE_GOING)
		bvm_kfuncs_forget(module);
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
struct module *bvm_btf_get_module(struct bvm_btf_obj *btf)
{
	return NULL;
}

static int bvm_btf_find_module(const char *name, u32 kind, struct bvm_btf_obj **found)
{
	return -ENOENT;
}

static int __init bvm_btf_modules_init(void)
{
	return 0;
}
#endif /* CONFIG_DEBUG_INFO_BTF_MODULES */

/**
 * bvm_btf_find_type - a type of the kernel or of a module, by its name
 * @name:	name
 * @kind:	BTF_KIND_*
 * @found:	whose it is, with a reference
 *
 * Process context, may sleep.  Return: id, or -ENOENT.
 */
int bvm_btf_find_type(const char *name, u32 kind, struct bvm_btf_obj **found)
{
	const struct bvm_btf *types = bvm_btf_vmlinux();
	int id = types ? bvm_btf_find(types, name, kind) : -ENOENT;

	if (id < 0)
		return bvm_btf_find_module(name, kind, found);
	*found = bvm_btf_get_vmlinux();
	return id;
}

/* linker script */
extern const char __start_BTF[], __stop_BTF[];

static int __init bvm_btf_init(void)
{
	struct bvm_btf_obj *btf;
	int err;

	btf = bvm_btf_make("vmlinux", __start_BTF, __stop_BTF - __start_BTF, false);
	if (!btf)
		return -ENOMEM;
	err = bvm_obj_publish(&btf->obj);
	if (err) {
		bvm_btf_put(btf);
		return err;
	}
	bvm_vmlinux_btf = btf;
	return bvm_btf_modules_init();
}
fs_initcall(bvm_btf_init);
#else
int bvm_btf_find_type(const char *name, u32 kind, struct bvm_btf_obj **found)
{
	return -ENOENT;
}
#endif /* CONFIG_DEBUG_INFO_BTF */
