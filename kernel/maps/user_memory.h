/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _BVM_USER_MEMORY_H
#define _BVM_USER_MEMORY_H

#include "../deps.h"

struct vm_area_struct;

void *bvm_user_memory(size_t size, int node);
int bvm_user_memory_map(struct vm_area_struct *vma, void *memory, unsigned long page);

#endif /* _BVM_USER_MEMORY_H */
