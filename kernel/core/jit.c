// SPDX-License-Identifier: GPL-2.0-only
/*
 * Programs as machine code: which are, their functions and source lines, and how the rest
 * of the kernel finds what runs there.
 *
 * Each function is a symbol (struct bpf_ksym) that stack traces and kallsyms name.  It also
 * leads to the table of loads that may fault, so it stays until no one runs the program,
 * and is freed a grace period after that.
 */
#include <linux/extable.h>
#include <linux/kallsyms.h>
#include <linux/list.h>
#include <linux/slab.h>
#include "core.h"
#include "../exec/flow.h"

/**
 * bvm_jit_wanted - shall a program be machine code, if it can?
 *
 * Without an interpreter there is nothing to choose.  Process context.
 */
bool bvm_jit_wanted(void)
{
	return bpf_jit_enable || !IS_ENABLED(CONFIG_BVM_INTERP);
}

#ifdef CONFIG_BVM_DEBUG_STATES
/* Only the interpreter checks states: machine code for those who ask for it. */
static int __init bvm_jit_off(void)
{
	bpf_jit_enable = 0;
	return 0;
}
late_initcall(bvm_jit_off);
#endif

/**
 * struct bvm_jit_work - a program that is being compiled
 * @prog:	program, lowered
 * @at:		[prog->len] index of the IR instruction for each of BPF's
 * @offset:	[prog->ir->len + 1] bytes from the image's start, for each IR instruction
 * @entry:	[prog->ir->len] BPF instruction of the function that begins there, or 0
 */
struct bvm_jit_work {
	struct bvm_prog *prog;
	const u32 *at;
	u32 *offset;
	u32 *entry;
};

/* ------------------------------------------------------------ functions */

static bool bvm_jit_names_function(const struct bpf_insn *insn)
{
	return (insn->code == (BPF_JMP | BPF_CALL) && insn->src_reg == BPF_PSEUDO_CALL) ||
	       (insn->code == (BPF_LD | BPF_IMM | BPF_DW) && insn->src_reg == BPF_PSEUDO_FUNC);
}

/* Those that are still called.  Return: number of them, with the program itself. */
static u32 bvm_jit_find_functions(struct bvm_jit_work *work)
{
	const struct bvm_prog *prog = work->prog;
	const struct bvm_ir_prog *ir = prog->ir;
	u32 i, to, count = 1;

	for (i = 0; i < ir->len; i++)
		if (!bvm_ir_jumps(&ir->code[i]) && bvm_ir_names(&ir->code[i]))
			work->entry[ir->code[i].off] = prog->len;
	for (i = 0; i < prog->len; i++) {
		to = i + 1 + prog->insns[i].imm;
		if (bvm_jit_names_function(&prog->insns[i]) && to < prog->len &&
		    work->at[to] < ir->len && work->entry[work->at[to]])
			work->entry[work->at[to]] = to;
	}
	for (i = 1; i < ir->len; i++)
		count += !!work->entry[i];
	return count;
}

static const char *bvm_jit_func_name(const struct bvm_prog *prog, u32 insn, const char *or)
{
	const struct btf_type *type;
	u32 i;

	for (i = 0; i < prog->nr_func_info; i++) {
		if (prog->func_info[i].insn_off != insn)
			continue;
		type = bvm_btf_type(&prog->btf->types, prog->func_info[i].type_id);
		return type ? bvm_btf_str(&prog->btf->types, type->name_off) : or;
	}
	return or;
}

static void bvm_jit_name(const struct bvm_prog *prog, const struct bvm_native_func *func,
			 const char *or)
{
	const char *name = bvm_jit_func_name(prog, func->insn, or);
	char *sym = func->aux->ksym.name;

	snprintf(sym, KSYM_NAME_LEN, "bpf_prog_%*phN%s%s", BPF_TAG_SIZE, func->tag,
		 *name ? "_" : "", name);
}

/* Where functions are: all but their symbols. */
static int bvm_jit_fill_functions(struct bvm_jit_work *work, struct bvm_native *native)
{
	struct bvm_prog *prog = work->prog;
	struct bvm_native_func *func = native->func;
	u32 i, k, end;

	for (i = 0; i < prog->ir->len; i++) {
		if (i && !work->entry[i])
			continue;
		/* before the program itself is what counts its tail calls */
		func->start = i ? work->offset[i] : 0;
		func->insn = i ? work->entry[i] : 0;
		func->aux = i ? kvzalloc(sizeof(*func->aux), GFP_KERNEL_ACCOUNT) :
				&prog->facade_aux;
		if (!func->aux)
			return -ENOMEM;
		func++;
	}
	for (k = 0; k < native->nr_funcs; k++) {
		bool last = k + 1 == native->nr_funcs;

		func = &native->func[k];
		end = last ? native->image->size : func[1].start;
		func->len = end - func->start;
		if (k)
			bvm_insns_tag(prog, func->insn, last ? prog->len : func[1].insn,
				      func->tag);
		else
			memcpy(func->tag, prog->tag, BPF_TAG_SIZE);
	}
	return 0;
}

static void bvm_jit_add_symbols(struct bvm_prog *prog)
{
	struct bvm_native *native = prog->native;
	const struct bvm_jit_image *image = native->image;
	unsigned long base = (unsigned long)image->entry;
	u32 i;

	for (i = 0; i < native->nr_funcs; i++) {
		struct bvm_native_func *func = &native->func[i];
		struct bpf_prog_aux *aux = func->aux;

		aux->prog = &prog->facade;
		aux->extable = (struct exception_table_entry *)bvm_jit_extable(image);
		aux->num_exentries = image->nr_faults;
		aux->ksym.start = base + func->start;
		aux->ksym.end = aux->ksym.start + func->len;
		aux->ksym.prog = true;
		INIT_LIST_HEAD(&aux->ksym.lnode);
		bvm_jit_name(prog, func, i ? "F" : prog->name);
		bpf_ksym_add(&aux->ksym);
	}
	native->named = true;
}

/* --------------------------------------------------------------- images */

static void bvm_native_free(struct bvm_native *native)
{
	u32 i;

	if (!native)
		return;
	bvm_jit_free(native->image);
	for (i = 1; native->func && i < native->nr_funcs; i++)
		kvfree(native->func[i].aux);
	kvfree(native->func);
	kvfree(native->line);
	kfree(native);
}

/*
 * Where source lines are.  Addresses ascend within a function, as user space expects: a
 * line that is left with no code is one byte behind the line before.
 */
static void bvm_jit_fill_lines(struct bvm_jit_work *work, struct bvm_native *native)
{
	const struct bvm_prog *prog = work->prog;
	unsigned long base = (unsigned long)native->image->entry;
	u32 i, f = 0;

	for (i = 0; i < prog->nr_line_info; i++) {
		u32 insn = prog->line_info[i].insn_off;

		while (f < native->nr_funcs && native->func[f].insn < insn)
			f++;
		native->line[i] = base + (insn ? work->offset[work->at[insn]] : 0);
		/* each function begins where its symbol is */
		if (i && (f == native->nr_funcs || native->func[f].insn != insn))
			native->line[i] = max(native->line[i], native->line[i - 1] + 1);
	}
}

static struct bvm_native *bvm_native_new(struct bvm_jit_work *work)
{
	struct bvm_prog *prog = work->prog;
	struct bvm_native *native = kzalloc(sizeof(*native), GFP_KERNEL_ACCOUNT);
	struct bvm_jit_cpu cpu = {};
	struct bvm_jit_image *image;
	int err = -ENOMEM;

	if (!native)
		return ERR_PTR(err);
	native->nr_funcs = bvm_jit_find_functions(work);
	native->func = kvcalloc(native->nr_funcs, sizeof(*native->func), GFP_KERNEL_ACCOUNT);
	native->line = kvcalloc(prog->nr_line_info, sizeof(*native->line), GFP_KERNEL_ACCOUNT);
	if (!native->func || (prog->nr_line_info && !native->line))
		goto free;
	bvm_arch_jit_cpu(&cpu);
	image = bvm_jit_compile(prog->ir, &cpu, work->offset);
	err = PTR_ERR_OR_ZERO(image);
	if (err)
		goto free;
	native->image = image;
	err = bvm_jit_fill_functions(work, native);
	if (err)
		goto free;
	bvm_jit_fill_lines(work, native);
	return native;
free:
	bvm_native_free(native);
	return ERR_PTR(err);
}

/*
 * Those who may load programs are trusted with the numbers in them, unless
 * net.core.bpf_jit_harden is 2.
 */
static int bvm_jit_harden(struct bvm_prog *prog, u32 *at)
{
	struct bvm_ir_prog *ir;

	if (READ_ONCE(bpf_jit_harden) < 2)
		return 0;
	ir = bvm_blind(prog->ir, at, prog->len);
	if (IS_ERR(ir))
		return PTR_ERR(ir);
	bvm_ir_free(prog->ir);
	prog->ir = ir;
	prog->code = ir;
	return 0;
}

/**
 * bvm_prog_jit - make machine code of a program
 * @prog:	program, lowered; keeps no IR if all goes well
 * @at:		[@prog->len] index of the IR instruction for each of BPF's; changed when
 *		numbers are blinded
 *
 * Process context, may sleep.  Return: 0; -ENOMEM, also when images take all the memory that
 * they may take; -EOPNOTSUPP for what the back end does not have.
 */
int bvm_prog_jit(struct bvm_prog *prog, u32 *at)
{
	struct bvm_jit_work work = { .prog = prog, .at = at };
	struct bvm_native *native = ERR_PTR(-ENOMEM);
	int err;
	u32 len;

	if (!bvm_arch_jit_supported())
		return -EOPNOTSUPP;
	err = bvm_jit_harden(prog, at);
	if (err)
		return err;
	len = prog->ir->len;
	work.offset = kvcalloc(size_add(len, 1), sizeof(*work.offset), GFP_KERNEL);
	work.entry = kvcalloc(len, sizeof(*work.entry), GFP_KERNEL);
	if (work.offset && work.entry)
		native = bvm_native_new(&work);
	kvfree(work.offset);
	kvfree(work.entry);
	if (IS_ERR(native))
		return PTR_ERR(native);
	prog->native = native;
	prog->code = native->image;
	bvm_ir_free(prog->ir);
	prog->ir = NULL;
	bvm_jit_add_symbols(prog);
	return 0;
}

/**
 * bvm_prog_unname - no one runs the program any more: its symbols go
 * @prog:	program
 * Process context.  Return: there were some; RCU readers may still look at them.
 */
bool bvm_prog_unname(struct bvm_prog *prog)
{
	struct bvm_native *native = prog->native;
	u32 i;

	if (!native || !native->named)
		return false;
	for (i = 0; i < native->nr_funcs; i++)
		bpf_ksym_del(&native->func[i].aux->ksym);
	native->named = false;
	return true;
}

/**
 * bvm_prog_free_native - free the machine code of a program
 * @prog:	program, unnamed a grace period ago
 * Process context.
 */
void bvm_prog_free_native(struct bvm_prog *prog)
{
	WARN_ON_ONCE(prog->native && prog->native->named);
	bvm_native_free(prog->native);
}
