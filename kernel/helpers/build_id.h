/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Addresses of user space as build id and offset, in any context.
 */
#ifndef _BVM_BUILD_ID_H
#define _BVM_BUILD_ID_H

#include <linux/types.h>

struct mm_struct;
struct vm_area_struct;
struct bvm_mm_unlock;

/**
 * struct bvm_build_ids - the lookup of the addresses of one stack
 * @mm:		whose they are, its lock held for reading; NULL: nothing can be looked up
 * @later:	who unlocks it, or NULL: bvm_build_ids_end() does
 * @vma:	the area of the last address, or NULL
 * @last:	its build id
 * @known:	@last is valid
 */
struct bvm_build_ids {
	struct mm_struct *mm;
	struct bvm_mm_unlock *later;
	struct vm_area_struct *vma;
	unsigned char last[20];
	bool known;
};

void bvm_build_ids_begin(struct bvm_build_ids *ids, bool user);
void bvm_build_ids_write(void *entry, u64 ip, void *priv);
void bvm_build_ids_end(struct bvm_build_ids *ids);

#endif /* _BVM_BUILD_ID_H */
