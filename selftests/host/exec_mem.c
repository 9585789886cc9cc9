// SPDX-License-Identifier: GPL-2.0-only
/* User-space counterpart of kernel/exec/mem.c: pages that become read-only. */
#include <sys/mman.h>
#include "../../kernel/exec/exec.h"
#include "jit_run.h"

/* Pages that were given back: see host_reuse. */
static struct spare {
	void *at;
	size_t size;
	int prot;
} spare[64];

bool host_reuse;

static size_t rounded(size_t size)
{
	return host_reuse ? roundup_pow_of_two(PAGE_ALIGN(size)) : PAGE_ALIGN(size);
}

void *host_pages(unsigned long near, size_t size, int prot)
{
	struct spare *s;
	void *p;

	size = rounded(size);
	for (s = spare; s < spare + ARRAY_SIZE(spare); s++)
		if (s->at && s->size == size && s->prot == prot) {
			p = s->at;
			s->at = NULL;
			return p;
		}
	p = mmap((void *)near, size, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		abort();
	return p;
}

void host_pages_free(void *p, size_t size, int prot)
{
	struct spare *s;

	size = rounded(size);
	for (s = spare; host_reuse && s < spare + ARRAY_SIZE(spare); s++)
		if (!s->at) {
			*s = (struct spare){ p, size, prot };
			return;
		}
	munmap(p, size);
}

struct bvm_ir_prog *bvm_ir_alloc(u32 len)
{
	struct bvm_ir_prog *prog;
	size_t size = PAGE_ALIGN(struct_size(prog, code, len));
	void *token = kmalloc(1, GFP_KERNEL);	/* takes part in failure injection */

	if (!token)
		return NULL;
	prog = host_pages(0, size, PROT_READ | PROT_WRITE);
	if (host_reuse)
		memset(prog, 0, size);
	prog->len = len;
	prog->pages = size >> PAGE_SHIFT;
	kfree(token);
	host_alloc.live++;
	return prog;
}

int bvm_ir_seal(struct bvm_ir_prog *prog)
{
	/* they are to be written to again */
	if (host_reuse)
		return 0;
	return mprotect(prog, prog->pages << PAGE_SHIFT, PROT_READ) ? -errno : 0;
}

void bvm_ir_free(struct bvm_ir_prog *prog)
{
	if (!prog)
		return;
	host_alloc.live--;
	host_pages_free(prog, (size_t)prog->pages << PAGE_SHIFT, PROT_READ | PROT_WRITE);
}
