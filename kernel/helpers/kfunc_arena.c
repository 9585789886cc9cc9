// SPDX-License-Identifier: GPL-2.0-only
/*
 * Functions of the kernel that give programs pages of an arena, and take them back.  Giving
 * back waits for address spaces: only programs that nobody calls under their locks may.
 */
#include <linux/array_size.h>
#include <linux/bpf.h>
#include "../maps/arena.h"
#include "kfunc.h"

/* The name is ABI: programs ask for members of such a map. */
struct bpf_arena {
	struct bpf_map map;
};

__bpf_kfunc_start_defs();

__bpf_kfunc void *bpf_arena_alloc_pages(void *p__map, void *addr__ign, u32 page_cnt, int node_id,
					u64 flags)
{
	BTF_TYPE_EMIT(struct bpf_arena);
	if (flags)
		return NULL;
	return (void *)(unsigned long)bvm_arena_alloc_pages(p__map, (unsigned long)addr__ign,
							    page_cnt, node_id);
}

__bpf_kfunc void bpf_arena_free_pages(void *p__map, void *ptr__ign, u32 page_cnt)
{
	bvm_arena_free_pages(p__map, (unsigned long)ptr__ign, page_cnt);
}

__bpf_kfunc_end_defs();

BVM_KFUNC(bpf_arena_alloc_pages, BVM_KPTR(1), BVM_KPTR(2), r3, r4, r5)
BVM_KFUNC_VOID(bpf_arena_free_pages, BVM_KPTR(1), BVM_KPTR(2), r3)

static const struct bvm_helper arena_kfuncs[] = {
	{
		.name = "bpf_arena_alloc_pages",
		.fn = do_bpf_arena_alloc_pages,
		.ret = BVM_RET_ARENA,
		.arg = { BVM_ARG_MAP_PTR, BVM_ARG_ANYTHING, BVM_ARG_SCALAR, BVM_ARG_SCALAR,
			 BVM_ARG_SCALAR },
		.map_caps = BVM_MAP_ARENA,
		.flags = BVM_HELPER_SLEEPS,
	},
	{
		.name = "bpf_arena_free_pages",
		.fn = do_bpf_arena_free_pages,
		.ret = BVM_RET_VOID,
		.arg = { BVM_ARG_MAP_PTR, BVM_ARG_ANYTHING, BVM_ARG_SCALAR },
		.map_caps = BVM_MAP_ARENA,
		.flags = BVM_HELPER_SLEEPS,
	},
};

const struct bvm_helper_set bvm_kfuncs_arena = { arena_kfuncs, ARRAY_SIZE(arena_kfuncs) };
