// SPDX-License-Identifier: GPL-2.0-only
/*
 * The JIT, up to its back end: a draft, links, memory.
 */
#include "flow.h"
#include "jit.h"

static int write_code(struct bvm_jit *jit, struct bvm_jit_image *image)
{
	u32 i;

	/* calls get shorter now that it is known how far they go */
	jit->addr = (unsigned long)image->code.code;
	bvm_jit_settle(jit);
	for (i = 0; i < jit->nr_faults; i++)
		image->fault[i] = (struct bvm_jit_fault){
			jit->fault[i].insn, jit->at[jit->fault[i].fixup],
		};
	bvm_jit_write(jit, image->code.buf);
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

static struct bvm_jit_image *compile(struct bvm_jit *jit)
{
	int err = bvm_arch_jit(jit) ?: jit->err;

	if (err)
		return ERR_PTR(err);
	bvm_jit_settle(jit);
	return jit->len > BVM_JIT_SIZE ? ERR_PTR(-EOPNOTSUPP) : write_image(jit);
}

struct bvm_jit_image *bvm_jit_compile(const struct bvm_ir_prog *prog,
				      const struct bvm_jit_cpu *cpu, u32 *at)
{
	struct bvm_jit_image *image = ERR_PTR(-ENOMEM);
	struct bvm_jit jit = { .prog = prog, .cpu = cpu };
	u16 *flow, *about, *wide;

	/* for each instruction: about it, whose upper halves are read, and twice for that */
	flow = kvcalloc(prog->len, 4 * sizeof(*flow), GFP_KERNEL);
	jit.at = at ?: kvcalloc(size_add(prog->len, 1), sizeof(*jit.at), GFP_KERNEL);
	/* about as much as it takes */
	jit.room = 8 * prog->len + 128;
	jit.out = kvmalloc(jit.room, GFP_KERNEL);
	if (flow && jit.at && jit.out) {
		about = flow;
		wide = about + prog->len;
		bvm_find_targets(prog->code, prog->len, about);
		bvm_find_wide(prog->code, prog->len, wide + prog->len, about, wide);
		jit.about = about;
		jit.wide = wide;
		image = compile(&jit);
	}
	kvfree(flow);
	kvfree(jit.out);
	kvfree(jit.link);
	kvfree(jit.fault);
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
