/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One step of a program: the only place that decides about safety.  Part of env.h, which
 * includes it.
 */
#ifndef _BVM_STEP_H
#define _BVM_STEP_H

/**
 * struct bvm_succ - where a step leads
 * @branch:	second successor state, or NULL
 * @done:	the path ends here
 *
 * The first successor is the stepped state itself.
 */
struct bvm_succ {
	struct bvm_state *branch;
	bool done;
};

/* step*.c */
int bvm_step(struct bvm_env *env, struct bvm_state *st, struct bvm_succ *succ);
int bvm_step_alu(struct bvm_env *env, struct bvm_state *st, const struct bvm_insn *insn);
int bvm_step_mov(struct bvm_env *env, struct bvm_state *st, const struct bvm_insn *insn);
int bvm_step_unary(struct bvm_env *env, struct bvm_state *st, const struct bvm_insn *insn);
int bvm_step_ldx(struct bvm_env *env, struct bvm_state *st, const struct bvm_insn *insn);
int bvm_step_store(struct bvm_env *env, struct bvm_state *st, const struct bvm_insn *insn);
int bvm_step_atomic(struct bvm_env *env, struct bvm_state *st, const struct bvm_insn *insn);
int bvm_step_ld_imm64(struct bvm_env *env, struct bvm_state *st, const struct bvm_insn *insn);
int bvm_step_ld_pkt(struct bvm_env *env, struct bvm_state *st, const struct bvm_insn *insn,
		    struct bvm_succ *succ);
int bvm_step_jcond(struct bvm_env *env, struct bvm_state *st, const struct bvm_insn *insn,
		   struct bvm_succ *succ);
int bvm_step_may_goto(struct bvm_env *env, struct bvm_state *st, const struct bvm_insn *insn,
		      struct bvm_succ *succ);
int bvm_step_call(struct bvm_env *env, struct bvm_state *st, const struct bvm_insn *insn,
		  struct bvm_succ *succ);
int bvm_step_func(struct bvm_env *env, struct bvm_state *st);
int bvm_step_return(struct bvm_env *env, struct bvm_state *st);
int bvm_step_callback(struct bvm_env *env, struct bvm_state *st, const struct bvm_helper *helper,
		      struct bvm_succ *succ);
int bvm_step_tail_call(struct bvm_env *env, struct bvm_state *st, struct bvm_succ *succ);
int bvm_fork_return(struct bvm_env *env, const struct bvm_state *st, const struct bvm_val *r0,
		    struct bvm_succ *succ);
int bvm_check_return(struct bvm_env *env, const struct bvm_val *v, const char *what, s32 min,
		     s32 max);
int bvm_step_exit(struct bvm_env *env, struct bvm_state *st);

/**
 * bvm_need_reg - a register is read
 * @env:	environment
 * @st:		state
 * @reg:	0..10
 * Return: 0, or -EACCES with a message.
 */
static inline int bvm_need_reg(struct bvm_env *env, struct bvm_state *st, u32 reg)
{
	if (bvm_reg(env, st, reg)->kind == BVM_UNINIT)
		return bvm_reject(env, NOT_READABLE, reg);
	env->touched |= BIT(reg);
	return 0;
}

/* The second operand: a register, or a number, until the next instruction. */
static inline const struct bvm_val *bvm_operand(struct bvm_env *env, const struct bvm_state *st,
						const struct bvm_insn *in)
{
	if (in->flags & BVM_F_SRC_REG)
		return bvm_reg(env, st, in->src);
	bvm_scalar_const(&env->imm.s, in->imm);
	return &env->imm;
}

int bvm_note_mem(struct bvm_env *env, u32 insn, u32 mem, u32 map);

#endif /* _BVM_STEP_H */
