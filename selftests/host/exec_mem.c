// SPDX-License-Identifier: GPL-2.0-only
/* User-space counterpart of kernel/exec/mem.c: pages that become read-only. */
#include <sys/mman.h>
#include "../../kernel/exec/exec.h"

struct bvm_ir_prog *bvm_ir_alloc(u32 len)
{
	struct bvm_ir_prog *prog;
	size_t size = PAGE_ALIGN(struct_size(prog, code, len));
	void *token = kmalloc(1, GFP_KERNEL);	/* takes part in failure injection */

	if (!token)
		return NULL;
	prog = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (prog == MAP_FAILED)
		abort();
	prog->len = len;
	prog->pages = size >> PAGE_SHIFT;
	kfree(token);
	host_alloc.live++;
	return prog;
}

int bvm_ir_seal(struct bvm_ir_prog *prog)
{
	return mprotect(prog, prog->pages << PAGE_SHIFT, PROT_READ) ? -errno : 0;
}

void bvm_ir_free(struct bvm_ir_prog *prog)
{
	if (!prog)
		return;
	host_alloc.live--;
	munmap(prog, (size_t)prog->pages << PAGE_SHIFT);
}
