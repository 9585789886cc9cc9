// SPDX-License-Identifier: GPL-2.0-only
/*
 * What modules, and other code of the kernel, tell programs of: functions that they may
 * call, by sets of ids in the BTF of who registers them, and functions that destroy objects
 * that programs keep in maps.  Documentation/bpf/kfuncs.rst describes the interface.
 *
 * Entries of a module go with it.  Who has found one holds the module (bvm_btf_get_module())
 * before the function is called.
 */
#include <linux/btf.h>
#include <linux/btf_ids.h>
#include <linux/bsearch.h>
#include <linux/kallsyms.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include "core.h"

/**
 * struct bvm_kfunc_set - functions that a type of programs may call
 * @node:	on the list of all
 * @owner:	module, NULL: the kernel itself
 * @type:	type of programs, as bvm_kfunc_class() has it
 * @set:	ids in the owner's BTF, with flags
 * @filter:	asked for each function that a program calls, or NULL
 */
struct bvm_kfunc_set {
	struct list_head node;
	const struct module *owner;
	u32 type;
	const struct btf_id_set8 *set;
	btf_kfunc_filter_t filter;
};

/**
 * struct bvm_dtor - function that destroys objects of a type
 * @node:	on the list of all
 * @owner:	module, NULL: the kernel itself
 * @type:	id of the structure in the owner's BTF
 * @func:	id of the function there
 */
struct bvm_dtor {
	struct list_head node;
	const struct module *owner;
	u32 type;
	u32 func;
};

static LIST_HEAD(bvm_kfunc_sets);
static LIST_HEAD(bvm_dtors);
static DEFINE_MUTEX(bvm_kfunc_lock);	/* both lists */

/* Programs on what happens in the kernel have their functions in common. */
static u32 bvm_kfunc_class(u32 type)
{
	static const u8 tracing[] = {
		BPF_PROG_TYPE_TRACEPOINT, BPF_PROG_TYPE_PERF_EVENT, BPF_PROG_TYPE_LSM,
	};

	return memchr(tracing, type, sizeof(tracing)) ? BPF_PROG_TYPE_TRACING : type;
}

/**
 * register_btf_kfunc_id_set - let programs call functions
 * @type:	their type, BPF_PROG_TYPE_UNSPEC: any
 * @s:		functions; its owner's init function is running
 * Process context.  Return: 0, -EINVAL, -ENOMEM.
 */
int register_btf_kfunc_id_set(enum bpf_prog_type type, const struct btf_kfunc_id_set *s)
{
	struct bvm_kfunc_set *set;

	/* without BTF there is nothing in the set, not even what it is */
	if (!IS_ENABLED(CONFIG_DEBUG_INFO_BTF))
		return 0;
	if (!(s->set->flags & BTF_SET8_KFUNCS))
		return -EINVAL;
	set = kzalloc(sizeof(*set), GFP_KERNEL);
	if (!set)
		return -ENOMEM;
	set->owner = s->owner;
	set->type = bvm_kfunc_class(type);
	set->set = s->set;
	set->filter = s->filter;
	mutex_lock(&bvm_kfunc_lock);
	list_add_tail(&set->node, &bvm_kfunc_sets);
	mutex_unlock(&bvm_kfunc_lock);
	return 0;
}
EXPORT_SYMBOL_GPL(register_btf_kfunc_id_set);

/**
 * register_btf_id_dtor_kfuncs - tell how to destroy objects
 * @dtors:	pairs of a structure and a function
 * @count:	their number
 * @owner:	module whose ids they are, NULL: the kernel
 * Process context.  Return: 0, -ENOMEM.
 */
int register_btf_id_dtor_kfuncs(const struct btf_id_dtor_kfunc *dtors, u32 count,
				struct module *owner)
{
	struct bvm_dtor *dtor;
	u32 i;

	for (i = 0; i < count && IS_ENABLED(CONFIG_DEBUG_INFO_BTF); i++) {
		dtor = kzalloc(sizeof(*dtor), GFP_KERNEL);
		if (!dtor)
			return -ENOMEM;
		dtor->owner = owner;
		dtor->type = dtors[i].btf_id;
		dtor->func = dtors[i].kfunc_btf_id;
		mutex_lock(&bvm_kfunc_lock);
		list_add_tail(&dtor->node, &bvm_dtors);
		mutex_unlock(&bvm_kfunc_lock);
	}
	return 0;
}
EXPORT_SYMBOL_GPL(register_btf_id_dtor_kfuncs);

/**
 * bvm_kfuncs_forget - a module goes, or has failed to start
 * @module:	module; no program calls it any more
 */
void bvm_kfuncs_forget(const struct module *module)
{
	struct bvm_kfunc_set *set, *next_set;
	struct bvm_dtor *dtor, *next_dtor;

	mutex_lock(&bvm_kfunc_lock);
	list_for_each_entry_safe(set, next_set, &bvm_kfunc_sets, node) {
		if (set->owner != module)
			continue;
		list_del(&set->node);
		kfree(set);
	}
	list_for_each_entry_safe(dtor, next_dtor, &bvm_dtors, node) {
		if (dtor->owner != module)
			continue;
		list_del(&dtor->node);
		kfree(dtor);
	}
	mutex_unlock(&bvm_kfunc_lock);
}

/**
 * bvm_kfunc_flags - may programs call a function that somebody has registered?
 * @prog:	program
 * @owner:	whose BTF, held; NULL: the kernel's
 * @id:		function
 * Process context.  Return: its KF_*; -ENOENT.
 */
int bvm_kfunc_flags(const struct bvm_prog *prog, const struct module *owner, u32 id)
{
	u32 type = bvm_kfunc_class(prog->type->id);
	const struct bvm_kfunc_set *set;
	const struct { u32 id, flags; } *pair;
	int flags = -ENOENT;

	mutex_lock(&bvm_kfunc_lock);
	list_for_each_entry(set, &bvm_kfunc_sets, node) {
		if (set->owner != owner ||
		    (set->type != type && set->type != BPF_PROG_TYPE_UNSPEC))
			continue;
		pair = btf_id_set8_contains(set->set, id);
		if (!pair)
			continue;
		flags = pair->flags;
		break;
	}
	/* each that it belongs to may object */
	list_for_each_entry(set, &bvm_kfunc_sets, node) {
		if (flags >= 0 && set->owner == owner && set->filter &&
		    btf_id_set8_contains(set->set, id) && set->filter(&prog->facade, id))
			flags = -ENOENT;
	}
	mutex_unlock(&bvm_kfunc_lock);
	return flags;
}

static int bvm_note_symbol(void *data, unsigned long addr)
{
	unsigned long *found = data;

	/* of several that have the name, nobody knows which is meant */
	if (*found)
		return -EEXIST;
	*found = addr;
	return 0;
}

/**
 * bvm_kfunc_address - where a function is
 * @owner:	its module, held; NULL: the kernel
 * @name:	its name
 * Process context.  Return: address, or NULL.
 */
void *bvm_kfunc_address(struct module *owner, const char *name)
{
	unsigned long addr = 0;

	if (owner)
		addr = find_kallsyms_symbol_value(owner, name);
	else if (kallsyms_on_each_match_symbol(bvm_note_symbol, name, &addr))
		addr = 0;
	return (void *)addr;
}

/**
 * bvm_btf_dtor - what destroys objects of a type
 * @btf:	types of the kernel or of a module
 * @id:		structure in them
 *
 * The function lives as long as the module of @btf does (bvm_btf_get_module()), or for ever.
 * It may be called in any context, not in NMI.
 *
 * Process context, may sleep.  Return: function, or NULL.
 */
bvm_dtor_t bvm_btf_dtor(struct bvm_btf_obj *btf, u32 id)
{
	const struct bvm_btf *types = bvm_btf_types(btf);
	const struct btf_type *t;
	struct bvm_dtor *dtor;
	u32 func = 0;

	mutex_lock(&bvm_kfunc_lock);
	list_for_each_entry(dtor, &bvm_dtors, node) {
		if (dtor->owner == btf->module && dtor->type == id)
			func = dtor->func;
	}
	mutex_unlock(&bvm_kfunc_lock);
	t = types && func ? bvm_btf_type(types, func) : NULL;
	if (!t || bvm_btf_kind(t) != BTF_KIND_FUNC)
		return NULL;
	return bvm_kfunc_address(btf->module, bvm_btf_str(types, t->name_off));
}
