/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Dynptrs: what is in the 16 bytes of stack that a program sees as struct bpf_dynptr.
 *
 * A window of known length on memory that does not go away while the program runs.  NULL
 * is a window on nothing, which all functions refuse.
 */
#ifndef _BVM_DYNPTR_H
#define _BVM_DYNPTR_H

#include "../bvm.h"

#define BVM_DYNPTR_MAX		(BIT(24) - 1)	/* bytes */
#define BVM_DYNPTR_RDONLY	BIT(31)

/**
 * struct bvm_dynptr - a dynptr
 * @base:	start of the memory, NULL: none
 * @flags:	BVM_DYNPTR_RDONLY, or 0, and in the low bits the length of the window
 * @off:	where the window begins
 */
struct bvm_dynptr {
	void *base;
	u32 flags;
	u32 off;
};

static_assert(sizeof(struct bvm_dynptr) == sizeof(struct bpf_dynptr));
static_assert(sizeof(struct bvm_dynptr) == 8 * BVM_DYNPTR_SLOTS);

static inline u32 bvm_dynptr_len(const struct bvm_dynptr *ptr)
{
	return ptr->flags & BVM_DYNPTR_MAX;
}

static inline void bvm_dynptr_set(struct bvm_dynptr *ptr, void *base, u32 len)
{
	*ptr = (struct bvm_dynptr){ .base = base, .flags = len };
}

static inline void bvm_dynptr_clear(struct bvm_dynptr *ptr)
{
	bvm_dynptr_set(ptr, NULL, 0);
}

/* Are these bytes in the window?  -E2BIG if not. */
static inline int bvm_dynptr_check(const struct bvm_dynptr *ptr, u32 off, u32 len)
{
	return off > bvm_dynptr_len(ptr) || len > bvm_dynptr_len(ptr) - off ? -E2BIG : 0;
}

#endif /* _BVM_DYNPTR_H */
