/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Functions and blocks of a program.  Part of env.h, which includes it.
 */
#ifndef _BVM_CFG_H
#define _BVM_CFG_H

/* func.c */
const struct bvm_helper *bvm_called_by(const struct bvm_env *env, const struct bvm_insn *in);
const struct bvm_helper *bvm_callback_helper(const struct bvm_env *env, u32 insn);
u32 bvm_func_at(const struct bvm_env *env, u32 insn);
int bvm_find_funcs(struct bvm_env *env);
int bvm_check_results(struct bvm_env *env);
int bvm_check_stack_depth(struct bvm_env *env);

/* cfg.c */
int bvm_check_cfg(struct bvm_env *env);
u32 bvm_successors(const struct bvm_env *env, u32 insn, u32 succ[2]);

/**
 * bvm_callee - the function that an instruction calls or refers to
 * @env:	environment
 * @insn:	index
 * @start:	out: its first instruction; in range once bvm_find_funcs() has succeeded
 * Return: whether there is one.
 */
static inline bool bvm_callee(const struct bvm_env *env, u32 insn, s64 *start)
{
	const struct bvm_insn *in = &env->args->insn[insn];

	*start = (s64)insn + 1 + (s32)in->imm;
	return (in->class == BVM_CALL && in->src == BPF_PSEUDO_CALL) ||
	       (in->class == BVM_LD_IMM64 && in->src == BPF_PSEUDO_FUNC);
}

/**
 * bvm_called - the helper or function of the kernel that an instruction calls
 * @env:	environment
 * @insn:	index
 * Return: its descriptor; NULL for anything else, and for what this program may not call.
 */
static inline const struct bvm_helper *bvm_called(const struct bvm_env *env, u32 insn)
{
	const struct bvm_insn *in = &env->args->insn[insn];

	if (in->class != BVM_CALL || in->src == BPF_PSEUDO_CALL)
		return NULL;
	return bvm_called_by(env, in);
}

#endif /* _BVM_CFG_H */
