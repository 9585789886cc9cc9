/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where the elements of a hash table come from and go to; between htab.c, htab_pool.c
 * and lru.c.
 */
#ifndef _BVM_HTAB_POOL_H
#define _BVM_HTAB_POOL_H

#include "htab.h"

void bvm_htab_give(struct bvm_htab *h, u32 n);
u32 bvm_htab_take_spare(struct bvm_htab *h);
void bvm_htab_give_spare(struct bvm_htab *h, u32 n);

#endif /* _BVM_HTAB_POOL_H */
