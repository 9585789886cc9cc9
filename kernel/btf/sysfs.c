// SPDX-License-Identifier: GPL-2.0-only
/*
 * /sys/kernel/btf/MODULE: the types of modules, for tools that relocate programs
 * against them.  The directory and its file vmlinux come from kernel/bpf/sysfs_btf.c,
 * which needs nothing of the stock implementation.
 */
#include <linux/bpf.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/slab.h>
#include <linux/sysfs.h>

/**
 * struct bvm_btf_file - one file
 * @node:	in bvm_btf_files
 * @module:	whose types they are
 * @attr:	the file; ->private is a copy of the module's section, which is gone once
 *		the module has been loaded
 */
struct bvm_btf_file {
	struct list_head node;
	struct module *module;
	struct bin_attribute attr;
};

static LIST_HEAD(bvm_btf_files);
static DEFINE_MUTEX(bvm_btf_files_lock);

static void bvm_btf_file_free(struct bvm_btf_file *file)
{
	if (file) {
		kvfree(file->attr.private);
		kfree(file);
	}
}

static int bvm_btf_file_add(struct module *module)
{
	struct bvm_btf_file *file = kzalloc(sizeof(*file), GFP_KERNEL);
	int err = -ENOMEM;

	if (!file)
		goto free;
	file->attr.private = kvmalloc(module->btf_data_size, GFP_KERNEL);
	if (!file->attr.private)
		goto free;
	memcpy(file->attr.private, module->btf_data, module->btf_data_size);
	file->module = module;
	sysfs_bin_attr_init(&file->attr);
	file->attr.attr.name = module->name;
	file->attr.attr.mode = 0444;
	file->attr.size = module->btf_data_size;
	file->attr.read = sysfs_bin_attr_simple_read;
	err = sysfs_create_bin_file(btf_kobj, &file->attr);
	if (err)
		goto free;

	mutex_lock(&bvm_btf_files_lock);
	list_add(&file->node, &bvm_btf_files);
	mutex_unlock(&bvm_btf_files_lock);
	return 0;
free:
	bvm_btf_file_free(file);
	return err;
}

static void bvm_btf_file_del(struct module *module)
{
	struct bvm_btf_file *file;

	mutex_lock(&bvm_btf_files_lock);
	list_for_each_entry(file, &bvm_btf_files, node) {
		if (file->module == module) {
			list_del(&file->node);
			sysfs_remove_bin_file(btf_kobj, &file->attr);
			bvm_btf_file_free(file);
			break;
		}
	}
	mutex_unlock(&bvm_btf_files_lock);
}

/*
 * A module works without the file.  One that was built out of tree may have its types
 * based on a private excerpt of the kernel's (.BTF.base): without relocation they would
 * be misread, so there is no file.
 */
static int bvm_btf_notify(struct notifier_block *nb, unsigned long op, void *data)
{
	struct module *module = data;
	int err = 0;

	if (op == MODULE_STATE_COMING && module->btf_data_size && !module->btf_base_data_size)
		err = bvm_btf_file_add(module);
	else if (op == MODULE_STATE_GOING)
		bvm_btf_file_del(module);
	if (err)
		pr_warn("bvm: no BTF file for module %s: %d\n", module->name, err);
	return NOTIFY_OK;
}

static struct notifier_block bvm_btf_nb = {
	.notifier_call = bvm_btf_notify,
};

static int __init bvm_btf_init(void)
{
	return btf_kobj ? register_module_notifier(&bvm_btf_nb) : 0;
}
fs_initcall(bvm_btf_init);
