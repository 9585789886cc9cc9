// SPDX-License-Identifier: GPL-2.0-only
/*
 * The JIT, up to its back end: passes until the lengths have settled, memory.
 */
#include "flow.h"
#include "jit.h"

/* No instruction is that long: the first pass takes every distance for a long one. */
#define FIRST_GUESS	256

/* ------------------------------------------------------------------- passes */

static int one_pass(struct bvm_jit *jit)
{
	jit->len = 0;
	jit->nr_faults = 0;
	return bvm_arch_jit(jit);
}

/*
 * Calls get shorter when it is known how far they go.  So it is written until the distances
 * have settled: they only shrink from pass to pass, and so does the length.
 */
static int write_code(struct bvm_jit *jit, struct bvm_jit_image *image)
{
	u32 before;
	int err;

	jit->addr = (unsigned long)image->code.code;
	jit->out = image->code.buf;
	jit->fault = image->fault;
	do {
		before = jit->len;
		err = one_pass(jit);
		if (err)
			return err;
		if (WARN_ON_ONCE(jit->len > before || jit->nr_faults != image->nr_faults))
			return -EFAULT;
	} while (jit->len != before);
	return bvm_jit_code_seal(&image->code, jit->len, image->fault, image->nr_faults);
}

static struct bvm_jit_image *write_image(struct bvm_jit *jit)
{
	struct bvm_jit_image *image;
	int err;

	image = kvzalloc(struct_size(image, fault, jit->nr_faults), GFP_KERNEL_ACCOUNT);
	if (!image)
		return ERR_PTR(-ENOMEM);
	image->nr_faults = jit->nr_faults;
	if (!bvm_jit_code_alloc(&image->code, jit->len, jit->nr_faults)) {
		kvfree(image);
		return ERR_PTR(-ENOMEM);
	}
	err = write_code(jit, image);
	if (err) {
		bvm_jit_free(image);
		return ERR_PTR(err);
	}
	image->size = jit->len;
	image->entry = (void *)image->code.code;
	image->tail_entry = jit->addr + jit->tail_entry;
	return image;
}

/*
 * The first pass takes every distance for a long one; where there are any, the second one
 * tells nearly how much memory it takes.
 */
static struct bvm_jit_image *compile(struct bvm_jit *jit)
{
	bool jumps = false;
	u32 i;
	int err;

	for (i = 0; i <= jit->prog->len; i++)
		jit->at[i] = i * FIRST_GUESS;
	for (i = 0; i < jit->prog->len && !jumps; i++)
		jumps = jit->about[i] & BVM_AT_TARGET;
	err = one_pass(jit);
	if (!err && jumps)
		err = one_pass(jit);
	if (!err && jit->len > BVM_JIT_SIZE)
		err = -EOPNOTSUPP;
	return err ? ERR_PTR(err) : write_image(jit);
}

struct bvm_jit_image *bvm_jit_compile(const struct bvm_ir_prog *prog,
				      const struct bvm_jit_cpu *cpu, u32 *at)
{
	struct bvm_jit_image *image = ERR_PTR(-ENOMEM);
	struct bvm_jit jit = { .prog = prog, .cpu = cpu };
	u16 *before, *about, *wide;

	if (prog->len >= U32_MAX / FIRST_GUESS)
		return ERR_PTR(-EOPNOTSUPP);
	/* twice */
	before = kvcalloc(prog->len, 2 * sizeof(*before), GFP_KERNEL);
	about = kvcalloc(prog->len, sizeof(*about), GFP_KERNEL);
	wide = kvcalloc(prog->len, sizeof(*wide), GFP_KERNEL);
	jit.at = at ?: kvcalloc(size_add(prog->len, 1), sizeof(*jit.at), GFP_KERNEL);
	if (before && about && wide && jit.at) {
		bvm_find_targets(prog->code, prog->len, about);
		bvm_find_live(prog->code, prog->len, before, about);
		bvm_find_wide(prog->code, prog->len, before + prog->len, wide, about);
		jit.about = about;
		jit.wide = wide;
		image = compile(&jit);
	}
	kvfree(before);
	kvfree(about);
	kvfree(wide);
	if (!at)
		kvfree(jit.at);
	return image;
}

void bvm_jit_free(struct bvm_jit_image *image)
{
	if (!image)
		return;
	bvm_jit_code_free(&image->code);
	kvfree(image);
}
