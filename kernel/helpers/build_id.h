/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Addresses of user space as build id and offset, in any context.
 */
#ifndef _BVM_BUILD_ID_H
#define _BVM_BUILD_ID_H

#include "mm_lock.h"

struct vm_area_struct;

/**
 * struct bvm_build_ids - the lookup of the addresses of one stack
 * @lock:	of whose they are; without ->mm nothing can be looked up
 * @vma:	the area of the last address, or NULL
 * @last:	its build id
 * @known:	@last is valid
 */
struct bvm_build_ids {
	struct bvm_mm_lock lock;
	struct vm_area_struct *vma;
	unsigned char last[20];
	bool known;
};

void bvm_build_ids_begin(struct bvm_build_ids *ids, bool user);
void bvm_build_ids_write(void *entry, u64 ip, void *priv);
void bvm_build_ids_end(struct bvm_build_ids *ids);

#endif /* _BVM_BUILD_ID_H */
