/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Types of objects of the kernel that values of maps point to.
 */
#ifndef _BVM_CORE_KPTR_H
#define _BVM_CORE_KPTR_H

#include "core.h"

/**
 * struct bvm_kptr_type - a type of object
 * @obj:	types that it is in, with a reference, and their module with one
 * @types:	what is in them
 * @id:		which
 * @rcu:	objects are there for readers under RCU
 * @release:	gives a reference to one back, NULL: there are no references
 */
struct bvm_kptr_type {
	struct bvm_btf_obj *obj;
	const struct bvm_btf *types;
	u32 id;
	bool rcu;
	void (*release)(void *object);
};

int bvm_kptr_type_get(struct bvm_kptr_type *type, const char *name, u32 kind);
void bvm_kptr_type_put(struct bvm_btf_obj *obj);

#endif /* _BVM_CORE_KPTR_H */
