// SPDX-License-Identifier: GPL-2.0-only
/*
 * The JIT, up to its back end: what is known about each instruction, passes until the
 * lengths have settled, memory.
 */
#include "jit.h"

/* No instruction is that long: the first pass takes every distance for a long one. */
#define FIRST_GUESS	256
/* Passes over the program in which liveness must settle, or everything counts as live. */
#define LIVE_ROUNDS	16

static const u8 forms[__BVM_IR_OP_MAX] = {
#define BVM_IR_OP(name, form, ...) \
	[BVM_IR_##name] = form,
	BVM_IR_OPS(BVM_IR_OP)
#undef BVM_IR_OP
};

/* ----------------------------------------------------------------- liveness */

#define REGS(first, last)	((u16)GENMASK(last, first))
#define CALL_ARGS	REGS(1, 5)
/* temporaries are not kept over calls */
#define CALL_CLOBBERS	(REGS(0, 5) | REGS(BVM_IR_TMP0, BVM_IR_TMP1))

/* What an operation writes and does not read. */
static bool is_move(u16 op)
{
	return op == BVM_IR_MOV64R || op == BVM_IR_MOV32R || op == BVM_IR_MOVI ||
	       (op >= BVM_IR_SEXT8_64 && op <= BVM_IR_ZEXT16);
}

static u16 reads(const struct bvm_ir *ir)
{
	u16 dst = BIT(ir->dst), src = BIT(ir->src);

	switch (forms[ir->op]) {
	case BVM_FORM_DST:
	case BVM_FORM_JUMP_IMM:
	case BVM_FORM_STORE_IMM:
		return dst;
	case BVM_FORM_DST_IMM:
		return is_move(ir->op) ? 0 : dst;
	case BVM_FORM_DST_SRC:
		return is_move(ir->op) ? src : dst | src;
	case BVM_FORM_LOAD:
		return src;
	case BVM_FORM_STORE:
		return dst | src | (ir->op >= BVM_IR_CMPXCHG32 && ir->op <= BVM_IR_CMPXCHG64);
	case BVM_FORM_JUMP_SRC:
		return dst | src;
	case BVM_FORM_CALL_FN:
	case BVM_FORM_CALL_IR:
		return CALL_ARGS | BIT(BVM_IR_FP);
	case BVM_FORM_CALL_SRC:
		return CALL_ARGS | BIT(BVM_IR_FP) | src;
	default:
		return ir->op == BVM_IR_RET || ir->op == BVM_IR_EXIT;
	}
}

static u16 writes(const struct bvm_ir *ir)
{
	switch (forms[ir->op]) {
	case BVM_FORM_DST:
	case BVM_FORM_DST_SRC:
	case BVM_FORM_DST_IMM:
	case BVM_FORM_LOAD:
	case BVM_FORM_FUNC:
		return BIT(ir->dst);
	case BVM_FORM_STORE:
		/* other registers than these are read as well, so that it does not matter */
		return 0;
	case BVM_FORM_CALL_FN:
	case BVM_FORM_CALL_IR:
	case BVM_FORM_CALL_SRC:
		return CALL_CLOBBERS;
	default:
		return 0;
	}
}

static bool jumps(const struct bvm_ir *ir)
{
	u8 form = forms[ir->op];

	return form == BVM_FORM_JUMP || form == BVM_FORM_JUMP_SRC || form == BVM_FORM_JUMP_IMM;
}

/* What is live after @i, given what is before each of the others. */
static u16 live_after(const struct bvm_ir_prog *prog, const u16 *before, u32 i)
{
	const struct bvm_ir *ir = &prog->code[i];
	u16 live = 0;

	if (ir->op == BVM_IR_RET || ir->op == BVM_IR_EXIT || ir->op == BVM_IR_TRAP)
		return 0;
	if (jumps(ir))
		live |= before[ir->off];
	if (ir->op != BVM_IR_JA && i + 1 < prog->len)
		live |= before[i + 1];
	return live;
}

static void find_live(const struct bvm_ir_prog *prog, u16 *before, u16 *about)
{
	bool changed = true;
	u32 i, round;

	for (round = 0; changed && round < LIVE_ROUNDS; round++) {
		changed = false;
		for (i = prog->len; i--;) {
			const struct bvm_ir *ir = &prog->code[i];
			u16 live = (live_after(prog, before, i) & ~writes(ir)) | reads(ir);

			changed |= live != before[i];
			before[i] = live;
		}
	}
	for (i = 0; i < prog->len; i++)
		about[i] |= changed ? BVM_JIT_LIVE : live_after(prog, before, i);
}

/* Targets of jumps, and where functions begin. */
static void find_targets(const struct bvm_ir_prog *prog, u16 *about)
{
	u32 i;

	about[0] |= BVM_JIT_ENTRY;
	for (i = 0; i < prog->len; i++) {
		const struct bvm_ir *ir = &prog->code[i];
		u8 form = forms[ir->op];

		if (jumps(ir))
			about[ir->off] |= BVM_JIT_TARGET;
		else if (form == BVM_FORM_CALL_IR || form == BVM_FORM_FUNC)
			about[ir->off] |= BVM_JIT_ENTRY;
	}
}

/* ------------------------------------------------------------------- passes */

static int one_pass(struct bvm_jit *jit)
{
	jit->len = 0;
	jit->nr_faults = 0;
	return bvm_arch_jit(jit);
}

/* Distances only shrink from pass to pass, and so does the length. */
static int settle(struct bvm_jit *jit)
{
	u32 before;
	int err;

	do {
		before = jit->len;
		err = one_pass(jit);
	} while (!err && jit->len != before);
	return err;
}

static struct bvm_jit_image *write_image(struct bvm_jit *jit)
{
	struct bvm_jit_image *image;
	u32 len;
	u8 *out;
	int err;

	image = kvzalloc(struct_size(image, fault, jit->nr_faults), GFP_KERNEL_ACCOUNT);
	out = bvm_jit_code_alloc(jit->len);
	image = image ?: ERR_PTR(-ENOMEM);
	if (IS_ERR(image) || !out) {
		bvm_jit_code_free(out, jit->len);
		kvfree(IS_ERR(image) ? NULL : image);
		return ERR_PTR(-ENOMEM);
	}
	image->size = jit->len;
	image->nr_faults = jit->nr_faults;
	/* calls get shorter when it is known how far they go */
	jit->addr = (unsigned long)out;
	err = settle(jit);
	len = jit->len;
	if (WARN_ON_ONCE(!err && len > image->size))
		err = -EFAULT;
	if (!err) {
		jit->out = out;
		jit->fault = image->fault;
		err = one_pass(jit);
	}
	if (WARN_ON_ONCE(!err && jit->len != len))
		err = -EFAULT;
	err = err ?: bvm_jit_code_seal(out, image->size);
	image->entry = (void *)out;
	image->tail_entry = jit->addr + jit->tail_entry;
	if (!err)
		return image;
	bvm_jit_free(image);
	return ERR_PTR(err);
}

static struct bvm_jit_image *compile(struct bvm_jit *jit)
{
	u32 i;
	int err;

	for (i = 0; i <= jit->prog->len; i++)
		jit->at[i] = i * FIRST_GUESS;
	err = settle(jit);
	if (!err && jit->len > BVM_JIT_SIZE)
		err = -EOPNOTSUPP;
	return err ? ERR_PTR(err) : write_image(jit);
}

struct bvm_jit_image *bvm_jit_compile(const struct bvm_ir_prog *prog, u32 features)
{
	struct bvm_jit_image *image = ERR_PTR(-ENOMEM);
	struct bvm_jit jit = { .prog = prog, .features = features };
	u16 *before, *about;

	if (prog->len >= U32_MAX / FIRST_GUESS)
		return ERR_PTR(-EOPNOTSUPP);
	before = kvcalloc(prog->len, sizeof(*before), GFP_KERNEL);
	about = kvcalloc(prog->len, sizeof(*about), GFP_KERNEL);
	jit.at = kvcalloc(size_add(prog->len, 1), sizeof(*jit.at), GFP_KERNEL);
	if (before && about && jit.at) {
		find_targets(prog, about);
		find_live(prog, before, about);
		jit.about = about;
		image = compile(&jit);
	}
	kvfree(before);
	kvfree(about);
	kvfree(jit.at);
	return image;
}

void bvm_jit_free(struct bvm_jit_image *image)
{
	if (!image)
		return;
	bvm_jit_code_free((void *)image->entry, image->size);
	kvfree(image);
}
