/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Access of system calls to elements of a map: what all the commands on elements,
 * one at a time or in batches, consist of.
 */
#ifndef _BVM_CORE_ELEM_H
#define _BVM_CORE_ELEM_H

#include <linux/file.h>
#include "core.h"

/**
 * struct bvm_elem - one access
 * @f:		file of the map
 * @map:	map
 * @need:	FMODE_READ, FMODE_WRITE, both
 * @key:	kernel copy, or NULL
 * @value:	kernel buffer, or NULL
 * @value_size:	bytes of a value to user space
 * @memcg:	whom to charge, or NULL
 * @old_memcg:	who was charged before
 */
struct bvm_elem {
	struct fd f;
	struct bvm_map *map;
	fmode_t need;
	void *key;
	void *value;
	u32 value_size;
	struct mem_cgroup *memcg;
	struct mem_cgroup *old_memcg;
};

/* begin, any of the others, end; process context, may sleep */
int bvm_elem_begin(struct bvm_elem *e, u32 fd, fmode_t need);
int bvm_elem_key_in(struct bvm_elem *e, u64 ukey);
int bvm_elem_value_in(struct bvm_elem *e, u64 uvalue);
int bvm_elem_buffer(struct bvm_elem *e, u32 size);
bool bvm_elem_flags_ok(const struct bvm_elem *e, u64 flags);
int bvm_elem_read(struct bvm_elem *e);
int bvm_elem_write(struct bvm_elem *e, u64 flags);
int bvm_elem_delete(struct bvm_elem *e);
int bvm_elem_take(struct bvm_elem *e);
int bvm_elem_batch(struct bvm_elem *e, u32 *pos, void *keys, void *values, u32 max, bool take);
int bvm_elem_next(struct bvm_elem *e, void *next);
void bvm_elem_end(struct bvm_elem *e);

#endif /* _BVM_CORE_ELEM_H */
