// SPDX-License-Identifier: GPL-2.0-only
/*
 * Types of objects of the kernel that values of maps point to.
 */
#include <linux/array_size.h>
#include <linux/module.h>
#include "kptr.h"

/* Whose objects are freed after a grace period: programs may look at them meanwhile. */
static bool bvm_kptr_is_rcu(const char *name)
{
	static const char *const names[] = {
		"task_struct", "cgroup", "bpf_cpumask", "prog_test_ref_kfunc",
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(names[i], name))
			return true;
	return false;
}

/* Holds the module of types that are a module's. */
static int bvm_kptr_hold(struct bvm_kptr_type *type)
{
	type->types = bvm_btf_types(type->obj);
	if (!type->types)
		return -ENOENT;
	return !type->obj->module || bvm_btf_get_module(type->obj) ? 0 : -ENXIO;
}

/**
 * bvm_kptr_type_get - find a type of the kernel or of a module, and keep it there
 * @type:	result; bvm_kptr_type_put() is due
 * @name:	its name
 * @kind:	BTF_KIND_*
 * Process context, may sleep.  Return: 0, -ENOENT: there is none, -ENXIO: the module goes.
 */
int bvm_kptr_type_get(struct bvm_kptr_type *type, const char *name, u32 kind)
{
	int err, id = bvm_btf_find_type(name, kind, &type->obj);

	if (id < 0)
		return id;
	type->id = id;
	type->rcu = bvm_kptr_is_rcu(name);
	err = bvm_kptr_hold(type);
	if (err) {
		bvm_btf_put(type->obj);
		return err;
	}
	type->release = bvm_btf_dtor(type->obj, id);
	return 0;
}

/**
 * bvm_kptr_type_put - it may go
 * @obj:	types that it is in
 * Process context, may sleep.
 */
void bvm_kptr_type_put(struct bvm_btf_obj *obj)
{
	/* of a module: kept loaded as well */
	if (obj->module)
		module_put(obj->module);
	bvm_btf_put(obj);
}
