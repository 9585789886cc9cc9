// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory of maps that user space maps as well.  Apart from the maps, because their code
 * compiles in user space, too.
 */
#include <linux/mm.h>
#include <linux/vmalloc.h>
#include "user_memory.h"

/**
 * bvm_user_memory - zeroed pages that mmap(2) may show
 * @size:	bytes, a multiple of the page size
 * @node:	NUMA node, or NUMA_NO_NODE
 *
 * On the account of the caller's memory control group.  Process context, may sleep.
 *
 * Return: memory for kvfree(), or NULL.
 */
void *bvm_user_memory(size_t size, int node)
{
	return __vmalloc_node_range(size, SHMLBA, VMALLOC_START, VMALLOC_END,
				    GFP_KERNEL_ACCOUNT | __GFP_ZERO | __GFP_RETRY_MAYFAIL |
				    __GFP_NOWARN, PAGE_KERNEL, VM_USERMAP, node,
				    __builtin_return_address(0));
}

/**
 * bvm_user_memory_map - put pages into a mapping
 * @vma:	mapping
 * @memory:	what bvm_user_memory() returned
 * @page:	page that the mapping begins with
 * Process context, may sleep.  Return: 0; -EINVAL beyond the end; -ENOMEM.
 */
int bvm_user_memory_map(struct vm_area_struct *vma, void *memory, unsigned long page)
{
	return remap_vmalloc_range(vma, memory, page);
}
