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

/**
 * bvm_kptr_type_get - find a type of the kernel or of a module, and keep it there
 * @type:	result; bvm_kptr_type_put() is due
 * @name:	its name
 * @kind:	BTF_KIND_*
 * Process context, may sleep.  Return: 0, -ENOENT: there is none.
 */
int bvm_kptr_type_get(struct bvm_kptr_type *type, const char *name, u32 kind)
{
	const struct bvm_btf *types = bvm_btf_vmlinux();
	int id = types ? bvm_btf_find(types, name, kind) : -ENOENT;

	if (id < 0)
		return id;
	*type = (struct bvm_kptr_type){
		.obj = bvm_btf_get_vmlinux(),
		.types = types,
		.id = id,
		.rcu = bvm_kptr_is_rcu(name),
	};
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
