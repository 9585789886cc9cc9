/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Address spaces of user space, locked for reading in any context.
 */
#ifndef _BVM_MM_LOCK_H
#define _BVM_MM_LOCK_H

#include <linux/types.h>

struct mm_struct;
struct bvm_mm_unlock;

/**
 * struct bvm_mm_lock - a lock that is held
 * @mm:		address space, NULL: none
 * @later:	who unlocks it, or NULL: bvm_mm_unlock() does
 */
struct bvm_mm_lock {
	struct mm_struct *mm;
	struct bvm_mm_unlock *later;
};

bool bvm_mm_trylock(struct bvm_mm_lock *lock, struct mm_struct *mm);
void bvm_mm_unlock(struct bvm_mm_lock *lock);

#endif /* _BVM_MM_LOCK_H */
