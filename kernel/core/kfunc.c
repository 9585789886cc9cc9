// SPDX-License-Identifier: GPL-2.0-only
/*
 * Functions of the kernel that a program calls: by id in the kernel's BTF, looked up by
 * the name that they have there.
 */
#include <linux/slab.h>
#include "../verifier/messages.h"
#include "core.h"

#define BVM_MAX_KFUNCS	256	/* different ones of a program */

/* Modules have none for programs yet; a call that is not reached may name one all the same. */
static int bvm_kfunc_module(struct bvm_kfunc *kfunc)
{
	kfunc->name = "of a module";
	return 0;
}

static int bvm_kfunc_lookup(const struct bvm_prog *prog, struct bvm_kfunc *kfunc,
			    struct bvm_log *log)
{
	const struct bvm_btf *btf = bvm_btf_vmlinux();
	const struct btf_type *t;

	if (kfunc->off)
		return bvm_kfunc_module(kfunc);
	if (!btf)
		return bvm_log_reject(log, NO_KFUNC_BTF);
	t = kfunc->id > 0 ? bvm_btf_type(btf, kfunc->id) : NULL;
	if (!t || bvm_btf_kind(t) != BTF_KIND_FUNC)
		return bvm_log_reject(log, NOT_KFUNC, kfunc->id);
	kfunc->name = bvm_btf_str(btf, t->name_off);
	kfunc->func = bvm_kfunc_find(prog->type, kfunc->name);
	return 0;
}

static bool bvm_is_kfunc_call(const struct bpf_insn *insn)
{
	return insn->code == (BPF_JMP | BPF_CALL) && insn->src_reg == BPF_PSEUDO_KFUNC_CALL &&
	       insn->imm;
}

static u32 bvm_count_kfunc_calls(const struct bvm_prog *prog)
{
	u32 i, n = 0;

	for (i = 0; i < prog->len; i++)
		n += bvm_is_kfunc_call(&prog->insns[i]);
	return n;
}

/**
 * bvm_resolve_kfuncs - find the functions of the kernel that a program calls
 * @prog:	program with its instructions; fills ->kfuncs, which lives as long as it
 * @log:	where reasons go
 *
 * Whether it may call them is the verifier's business: calls that are not reached do no harm.
 *
 * Process context, may sleep.  Return: 0; -EINVAL, -E2BIG with a message; -ENOMEM.
 */
int bvm_resolve_kfuncs(struct bvm_prog *prog, struct bvm_log *log)
{
	u32 i, calls = bvm_count_kfunc_calls(prog);
	struct bvm_kfunc *kfunc;
	int err;

	if (!calls)
		return 0;
	prog->kfuncs = kvcalloc(min(calls, BVM_MAX_KFUNCS), sizeof(*prog->kfuncs),
				GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!prog->kfuncs)
		return -ENOMEM;
	for (i = 0; i < prog->len; i++) {
		const struct bpf_insn *insn = &prog->insns[i];

		if (!bvm_is_kfunc_call(insn) ||
		    bvm_kfunc_called(prog->kfuncs, prog->nr_kfuncs, insn->imm, insn->off))
			continue;
		if (prog->nr_kfuncs == BVM_MAX_KFUNCS)
			return bvm_log_reject(log, TOO_MANY_KFUNCS);
		kfunc = &prog->kfuncs[prog->nr_kfuncs++];
		kfunc->id = insn->imm;
		kfunc->off = insn->off;
		err = bvm_kfunc_lookup(prog, kfunc, log);
		if (err)
			return err;
	}
	return 0;
}
