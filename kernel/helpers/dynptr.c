// SPDX-License-Identifier: GPL-2.0-only
/*
 * Dynptrs on memory of map values, and what helpers and functions of the kernel do with
 * any dynptr.  Those on records of ring buffers are made in ringbuf.c.
 *
 * The verifier knows where there is a dynptr, not what is in it: lengths are checked here.
 */
#include "dynptr.h"
#include "helpers.h"
#include "kfunc.h"

static const struct bvm_object dynptr_local = {
	.name = "dynptr_local", .slots = BVM_DYNPTR_SLOTS,
};

static struct bvm_dynptr *dynptr(u64 ptr)
{
	return (struct bvm_dynptr *)(unsigned long)ptr;
}

/* The bytes, or NULL. */
static void *dynptr_bytes(const struct bvm_dynptr *ptr, u32 off, u32 len, bool write)
{
	if (!ptr->base || (write && (ptr->flags & BVM_DYNPTR_RDONLY)) ||
	    bvm_dynptr_check(ptr, off, len))
		return NULL;
	return (char *)ptr->base + ptr->off + off;
}

/* ---------------------------------------------------------------- helpers */

static u64 dynptr_from_mem(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	bvm_dynptr_clear(dynptr(r4));
	if ((u32)r2 > BVM_DYNPTR_MAX)
		return -E2BIG;
	if (r3)
		return -EINVAL;
	bvm_dynptr_set(dynptr(r4), (void *)(unsigned long)r1, r2);
	return 0;
}

/* What is wrong with bytes that are not there. */
static u64 dynptr_error(const struct bvm_dynptr *ptr, u32 off, u32 len)
{
	int err = ptr->base ? bvm_dynptr_check(ptr, off, len) : 0;

	return err ?: -EINVAL;
}

/* The buffer may lie in the dynptr's memory. */
static u64 dynptr_read(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	const void *from = dynptr_bytes(dynptr(r3), r4, r2, false);

	if (!from || r5)
		return dynptr_error(dynptr(r3), r4, r2);
	memmove((void *)(unsigned long)r1, from, (u32)r2);
	return 0;
}

static u64 dynptr_write(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	void *to = dynptr_bytes(dynptr(r1), r2, r4, true);

	if (!to || r5)
		return dynptr_error(dynptr(r1), r2, r4);
	memmove(to, (const void *)(unsigned long)r3, (u32)r4);
	return 0;
}

static u64 dynptr_data(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	/* the verifier took all of the length for granted */
	return r3 > U32_MAX ? 0 : (unsigned long)dynptr_bytes(dynptr(r1), r2, r3, true);
}

static const struct bvm_helper dynptr_helpers[] = {
	{
		.id = BPF_FUNC_dynptr_from_mem,
		.name = "dynptr_from_mem",
		.fn = dynptr_from_mem,
		.arg = {
			BVM_ARG_VALUE_MEM, BVM_ARG_SIZE_OR_ZERO, BVM_ARG_ANYTHING,
			BVM_ARG_DYNPTR_NEW,
		},
		.object = &dynptr_local,
	},
	{
		.id = BPF_FUNC_dynptr_read,
		.name = "dynptr_read",
		.fn = dynptr_read,
		.arg = {
			BVM_ARG_UNINIT_MEM, BVM_ARG_SIZE_OR_ZERO, BVM_ARG_DYNPTR,
			BVM_ARG_ANYTHING, BVM_ARG_ANYTHING,
		},
	},
	{
		.id = BPF_FUNC_dynptr_write,
		.name = "dynptr_write",
		.fn = dynptr_write,
		.arg = {
			BVM_ARG_DYNPTR, BVM_ARG_ANYTHING, BVM_ARG_MEM, BVM_ARG_SIZE_OR_ZERO,
			BVM_ARG_ANYTHING,
		},
	},
	{
		.id = BPF_FUNC_dynptr_data,
		.name = "dynptr_data",
		.fn = dynptr_data,
		.ret = BVM_RET_DYNPTR_MEM_OR_NULL,
		.arg = { BVM_ARG_DYNPTR, BVM_ARG_ANYTHING, BVM_ARG_CONST_SIZE },
	},
};

const struct bvm_helper_set bvm_helpers_dynptr = { dynptr_helpers, ARRAY_SIZE(dynptr_helpers) };

/* ---------------------------------------------- functions of the kernel */

__bpf_kfunc_start_defs();

__bpf_kfunc int bpf_dynptr_adjust(const struct bpf_dynptr *p, u32 start, u32 end)
{
	struct bvm_dynptr *ptr = (struct bvm_dynptr *)p;
	u32 len = bvm_dynptr_len(ptr);

	if (!ptr->base || start > end)
		return -EINVAL;
	if (start > len || end > len)
		return -ERANGE;
	ptr->off += start;
	ptr->flags = (ptr->flags & ~BVM_DYNPTR_MAX) | (end - start);
	return 0;
}

__bpf_kfunc bool bpf_dynptr_is_null(const struct bpf_dynptr *p)
{
	return !((const struct bvm_dynptr *)p)->base;
}

__bpf_kfunc bool bpf_dynptr_is_rdonly(const struct bpf_dynptr *p)
{
	const struct bvm_dynptr *ptr = (const struct bvm_dynptr *)p;

	return ptr->base && ptr->flags & BVM_DYNPTR_RDONLY;
}

__bpf_kfunc __u32 bpf_dynptr_size(const struct bpf_dynptr *p)
{
	const struct bvm_dynptr *ptr = (const struct bvm_dynptr *)p;

	return ptr->base ? bvm_dynptr_len(ptr) : (__u32)-EINVAL;
}

__bpf_kfunc int bpf_dynptr_clone(const struct bpf_dynptr *p, struct bpf_dynptr *clone__uninit)
{
	*clone__uninit = *p;
	return bpf_dynptr_is_null(p) ? -EINVAL : 0;
}

/* The memory is in one piece: @buffer__opt is not needed. */
__bpf_kfunc void *bpf_dynptr_slice(const struct bpf_dynptr *p, u32 offset, void *buffer__opt,
				   u32 buffer__szk)
{
	return dynptr_bytes((const struct bvm_dynptr *)p, offset, buffer__szk, false);
}

__bpf_kfunc void *bpf_dynptr_slice_rdwr(const struct bpf_dynptr *p, u32 offset,
					void *buffer__opt, u32 buffer__szk)
{
	return dynptr_bytes((const struct bvm_dynptr *)p, offset, buffer__szk, true);
}

__bpf_kfunc_end_defs();

static u64 do_adjust(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	return bpf_dynptr_adjust((void *)(unsigned long)r1, r2, r3);
}

static u64 do_is_null(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	return bpf_dynptr_is_null((void *)(unsigned long)r1);
}

static u64 do_is_rdonly(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	return bpf_dynptr_is_rdonly((void *)(unsigned long)r1);
}

static u64 do_size(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	return bpf_dynptr_size((void *)(unsigned long)r1);
}

static u64 do_clone(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	return bpf_dynptr_clone((void *)(unsigned long)r1, (void *)(unsigned long)r2);
}

/* The verifier took all of the length for granted. */
static u64 do_slice(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	return r4 > U32_MAX ? 0 : (unsigned long)
	       bpf_dynptr_slice((void *)(unsigned long)r1, r2, (void *)(unsigned long)r3, r4);
}

static u64 do_slice_rdwr(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	return r4 > U32_MAX ? 0 : (unsigned long)
	       bpf_dynptr_slice_rdwr((void *)(unsigned long)r1, r2, (void *)(unsigned long)r3, r4);
}

static const struct bvm_helper dynptr_kfuncs[] = {
	{
		.name = "bpf_dynptr_adjust",
		.fn = do_adjust,
		.arg = { BVM_ARG_DYNPTR, BVM_ARG_SCALAR, BVM_ARG_SCALAR },
	},
	{
		.name = "bpf_dynptr_is_null",
		.fn = do_is_null,
		.arg = { BVM_ARG_DYNPTR },
	},
	{
		.name = "bpf_dynptr_is_rdonly",
		.fn = do_is_rdonly,
		.arg = { BVM_ARG_DYNPTR },
	},
	{
		.name = "bpf_dynptr_size",
		.fn = do_size,
		.arg = { BVM_ARG_DYNPTR },
	},
	{
		.name = "bpf_dynptr_clone",
		.fn = do_clone,
		.arg = { BVM_ARG_DYNPTR, BVM_ARG_DYNPTR_NEW },
	},
	{
		.name = "bpf_dynptr_slice",
		.fn = do_slice,
		.ret = BVM_RET_DYNPTR_MEM_OR_NULL,
		.arg = {
			BVM_ARG_DYNPTR, BVM_ARG_SCALAR, BVM_ARG_UNINIT_MEM | BVM_ARG_MAYBE_NULL,
			BVM_ARG_CONST_MEM_SIZE,
		},
		.flags = BVM_HELPER_RDONLY,
	},
	{
		.name = "bpf_dynptr_slice_rdwr",
		.fn = do_slice_rdwr,
		.ret = BVM_RET_DYNPTR_MEM_OR_NULL,
		.arg = {
			BVM_ARG_DYNPTR, BVM_ARG_SCALAR, BVM_ARG_UNINIT_MEM | BVM_ARG_MAYBE_NULL,
			BVM_ARG_CONST_MEM_SIZE,
		},
	},
};

const struct bvm_helper_set bvm_kfuncs_dynptr = { dynptr_kfuncs, ARRAY_SIZE(dynptr_kfuncs) };
