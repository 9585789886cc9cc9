// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory of lowered programs: whole pages, read-only once the program is
 * finished, so that a stray write of the kernel cannot change verified code.
 */
#include <linux/mm.h>
#include <linux/set_memory.h>
#include <linux/vmalloc.h>
#include "exec.h"

struct bvm_ir_prog *bvm_ir_alloc(u32 len)
{
	struct bvm_ir_prog *prog;
	size_t size = struct_size(prog, code, len);

	if (size > INT_MAX)
		return NULL;
	size = PAGE_ALIGN(size);
	prog = __vmalloc(size, GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!prog)
		return NULL;
	*prog = (struct bvm_ir_prog){ .len = len, .pages = size >> PAGE_SHIFT };
	return prog;
}

int bvm_ir_seal(struct bvm_ir_prog *prog)
{
	/* vfree() makes the pages writable again before it gives them back */
	set_vm_flush_reset_perms(prog);
	return set_memory_ro((unsigned long)prog, prog->pages);
}

/**
 * bvm_ir_free - free a lowered program
 * @prog:	program that no one runs any more, or NULL
 *
 * Context: process context, may sleep.
 */
void bvm_ir_free(struct bvm_ir_prog *prog)
{
	vfree(prog);
}
