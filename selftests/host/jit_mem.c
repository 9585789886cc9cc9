// SPDX-License-Identifier: GPL-2.0-only
/* Memory of images in user space: pages that become executable. */
#include <sys/mman.h>
#include "jit_run.h"

/* Near the functions that the code calls, or (0) wherever there is room. */
unsigned long jit_near;

u8 *bvm_jit_code_alloc(u32 size)
{
	void *token = kmalloc(1, GFP_KERNEL);	/* takes part in failure injection */
	u8 *code;

	if (!token)
		return NULL;
	kfree(token);
	code = mmap((void *)jit_near, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		    -1, 0);
	if (code == MAP_FAILED)
		abort();
	host_alloc.live++;
	return code;
}

int bvm_jit_code_seal(u8 *code, u32 size)
{
	__builtin___clear_cache((char *)code, (char *)code + size);
	return mprotect(code, size, PROT_READ | PROT_EXEC) ? -errno : 0;
}

void bvm_jit_code_free(u8 *code, u32 size)
{
	if (!code)
		return;
	host_alloc.live--;
	munmap(code, size);
}
