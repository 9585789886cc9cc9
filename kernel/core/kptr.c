// SPDX-License-Identifier: GPL-2.0-only
/*
 * Types of objects of the kernel that values of maps point to.
 */
#include <linux/array_size.h>
#include <linux/module.h>
#include "../helpers/kfunc.h"
#include "kptr.h"

/**
 * struct bvm_kptr_row - a type that is known by its name
 * @name:	structure in the kernel's types, or a module's
 * @release:	gives a reference back; NULL: who has the type has registered that
 *
 * Objects of these types are freed after a grace period: programs may look at them meanwhile.
 */
struct bvm_kptr_row {
	const char *name;
	bvm_dtor_t release;
};

static const struct bvm_kptr_row bvm_kptr_rows[] = {
	{ "task_struct", bpf_task_release_dtor },
	{ "bpf_cpumask", bpf_cpumask_release_dtor },
#ifdef CONFIG_CGROUPS
	{ "cgroup", bpf_cgroup_release_dtor },
#endif
	{ "prog_test_ref_kfunc" },
};

static const struct bvm_kptr_row *bvm_kptr_row(const char *name)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(bvm_kptr_rows); i++)
		if (!strcmp(bvm_kptr_rows[i].name, name))
			return &bvm_kptr_rows[i];
	return NULL;
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
	const struct bvm_kptr_row *row = bvm_kptr_row(name);
	int err, id = bvm_btf_find_type(name, kind, &type->obj);

	if (id < 0)
		return id;
	type->id = id;
	type->rcu = row;
	err = bvm_kptr_hold(type);
	if (err) {
		bvm_btf_put(type->obj);
		return err;
	}
	type->release = row && row->release ? row->release : bvm_btf_dtor(type->obj, id);
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
