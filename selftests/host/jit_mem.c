// SPDX-License-Identifier: GPL-2.0-only
/* Memory of images in user space: pages that become executable. */
#include <sys/mman.h>
#include "jit_run.h"

/* Near the functions that the code calls, or (0) wherever there is room. */
unsigned long jit_near;
/* What pages of code have besides being readable and executable. */
int jit_prot;

static int prot(void)
{
	return PROT_READ | PROT_WRITE | (host_reuse ? PROT_EXEC : 0);
}

bool bvm_jit_code_alloc(struct bvm_jit_code *c, u32 size, u32 nr_faults)
{
	void *token = kmalloc(1, GFP_KERNEL);	/* takes part in failure injection */

	if (!token)
		return false;
	kfree(token);
	c->buf = host_pages(jit_near, size, prot());
	/* the next one behind it: where something is already, a hint is not followed */
	if (jit_near)
		jit_near += (size + PAGE_SIZE - 1) & PAGE_MASK;
	c->code = c->buf;
	c->size = size;
	host_alloc.live++;
	return true;
}

int bvm_jit_code_seal(struct bvm_jit_code *c, u32 len, const struct bvm_jit_fault *fault,
		      u32 nr_faults)
{
	__builtin___clear_cache((char *)c->code, (char *)c->code + c->size);
	if (host_reuse)
		return 0;
	return mprotect(c->code, c->size, PROT_READ | PROT_EXEC | jit_prot) ? -errno : 0;
}

void bvm_jit_code_free(struct bvm_jit_code *c)
{
	if (!c->code)
		return;
	host_alloc.live--;
	host_pages_free(c->code, c->size, prot());
}
