// SPDX-License-Identifier: GPL-2.0-only
/*
 * Functions of the kernel that a program calls, by id in the BTF of the kernel or of a
 * module.  A function is a row of a table of helpers/, found by its name, or one that
 * somebody has registered (kfunc_sets.c).
 */
#include <linux/slab.h>
#include <linux/uaccess.h>
#include "../verifier/messages.h"
#include "../verifier/verifier.h"
#include "core.h"

#define BVM_MAX_KFUNCS	256	/* different ones of a program */

/* ---------------------------------------------------------- descriptors */

static u32 bvm_kfunc_helper_flags(u32 kf)
{
	static const struct {
		u32 kf;
		u32 flag;
	} flags[] = {
		{ KF_ACQUIRE, BVM_HELPER_ACQUIRE }, { KF_RELEASE, BVM_HELPER_RELEASE },
		{ KF_RET_NULL, BVM_HELPER_RET_NULL }, { KF_TRUSTED_ARGS, BVM_HELPER_TRUSTED },
		{ KF_SLEEPABLE, BVM_HELPER_SLEEPS }, { KF_RCU, BVM_HELPER_RCU },
		{ KF_DESTRUCTIVE, BVM_HELPER_DESTRUCTIVE },
	};
	u32 i, helper = 0;

	for (i = 0; i < ARRAY_SIZE(flags); i++)
		helper |= kf & flags[i].kf ? flags[i].flag : 0;
	return helper;
}

/* KF_* that are understood. */
#define BVM_KF_KNOWN	(KF_ACQUIRE | KF_RELEASE | KF_RET_NULL | KF_TRUSTED_ARGS |	\
			 KF_SLEEPABLE | KF_DESTRUCTIVE | KF_RCU)

/*
 * A function that somebody has registered.  It is called as it is, which a kernel that
 * checks the types of calls would not let happen.
 */
static void bvm_kfunc_registered(const struct bvm_prog *prog, struct bvm_kfunc *kfunc,
				 const struct bvm_btf *btf)
{
	struct bvm_helper *func = &kfunc->described;
	int flags = bvm_kfunc_flags(prog, kfunc->module, kfunc->id);

	if (flags < 0 || flags & ~BVM_KF_KNOWN || IS_ENABLED(CONFIG_CFI_CLANG))
		return;
	func->name = kfunc->name;
	func->fn = bvm_kfunc_address(kfunc->module, kfunc->name);
	func->flags = bvm_kfunc_helper_flags(flags);
	if (func->fn && !bvm_proto_describe(btf, kfunc->id, func, &kfunc->proto))
		kfunc->func = func;
}

/* A row of a table; where it does not say what the arguments are, BTF does. */
static void bvm_kfunc_row(struct bvm_kfunc *kfunc, const struct bvm_btf *btf,
			  const struct bvm_helper *row)
{
	kfunc->func = row;
	if (!(row->flags & BVM_HELPER_BY_BTF))
		return;
	kfunc->described = *row;
	kfunc->func = &kfunc->described;
	if (bvm_proto_describe(btf, kfunc->id, &kfunc->described, &kfunc->proto))
		kfunc->func = NULL;
}

/* -------------------------------------------------------------- look-ups */

/* The types of a module, held, and the module. */
static int bvm_kfunc_find_module(struct bvm_kfunc *kfunc, const __u32 __user *fd_array,
				 struct bvm_log *log)
{
	struct bvm_btf_obj *btf;
	u32 fd;

	if (kfunc->off < 0)
		return bvm_log_reject(log, KFUNC_NEGATIVE);
	if (!fd_array)
		return bvm_log_reject(log, KFUNC_NO_ARRAY);
	if (get_user(fd, fd_array + kfunc->off))
		return -EFAULT;
	btf = bvm_btf_from_fd(fd);
	if (IS_ERR(btf)) {
		bvm_log_reject(log, KFUNC_FD);
		return PTR_ERR(btf);
	}
	kfunc->btf = btf;
	if (!btf->module)
		return bvm_log_reject(log, KFUNC_NOT_MODULE);
	kfunc->module = bvm_btf_get_module(btf);
	return kfunc->module ? 0 : -ENXIO;
}

/* The types that the id of a function is one in. */
static const struct bvm_btf *bvm_kfunc_types(struct bvm_kfunc *kfunc,
					     const __u32 __user *fd_array, struct bvm_log *log,
					     int *err)
{
	const struct bvm_btf *btf;

	*err = kfunc->off ? bvm_kfunc_find_module(kfunc, fd_array, log) : 0;
	if (*err)
		return NULL;
	btf = kfunc->btf ? bvm_btf_types(kfunc->btf) : bvm_btf_vmlinux();
	if (!btf)
		*err = bvm_log_reject(log, NO_KFUNC_BTF);
	return btf;
}

static int bvm_kfunc_lookup(const struct bvm_prog *prog, struct bvm_kfunc *kfunc,
			    const __u32 __user *fd_array, struct bvm_log *log)
{
	const struct bvm_helper *row = NULL;
	const struct bvm_btf *btf;
	const struct btf_type *t;
	int err;

	btf = bvm_kfunc_types(kfunc, fd_array, log, &err);
	if (err)
		return err;
	t = kfunc->id > 0 ? bvm_btf_type(btf, kfunc->id) : NULL;
	if (!t || bvm_btf_kind(t) != BTF_KIND_FUNC)
		return bvm_log_reject(log, NOT_KFUNC, kfunc->id);
	kfunc->name = bvm_btf_str(btf, t->name_off);
	if (!kfunc->module)
		row = bvm_kfunc_find(prog->type, kfunc->name);
	if (row)
		bvm_kfunc_row(kfunc, btf, row);
	else
		bvm_kfunc_registered(prog, kfunc, btf);
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
 * @prog:	program with its instructions; fills ->kfuncs, for bvm_put_kfuncs()
 * @fd_array:	user's array of descriptors, of BTF of modules at offsets of calls; or NULL
 * @log:	where reasons go
 *
 * Modules whose functions it calls stay loaded as long as the program does.  Whether it may
 * call them is the verifier's business: calls that are not reached do no harm.
 *
 * Process context, may sleep.  Return: 0 or a negative errno.
 */
int bvm_resolve_kfuncs(struct bvm_prog *prog, const __u32 __user *fd_array, struct bvm_log *log)
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
		err = bvm_kfunc_lookup(prog, kfunc, fd_array, log);
		if (err)
			return err;
	}
	return 0;
}

/**
 * bvm_put_kfuncs - forget them: nobody runs the program any more
 * @prog:	program
 */
void bvm_put_kfuncs(struct bvm_prog *prog)
{
	u32 i;

	for (i = 0; i < prog->nr_kfuncs; i++) {
		module_put(prog->kfuncs[i].module);
		if (prog->kfuncs[i].btf)
			bvm_btf_put(prog->kfuncs[i].btf);
	}
	kvfree(prog->kfuncs);
}
