// SPDX-License-Identifier: GPL-2.0-only
/*
 * One instruction on one abstract state.  This is the only place that decides about
 * safety; it reads the descriptors of maps, helpers and program types and knows none.
 */
#include "env.h"

/**
 * bvm_note_mem - which kind of memory an instruction touches, over all its visits
 * @env:	environment; updates its facts
 * @insn:	index
 * @mem:	enum bvm_mem
 * @map:	map index, or BVM_NO_MAP; or which view it is
 *
 * An instruction whose access is converted touches nothing else.
 *
 * Return: 0, or -EINVAL with a message.
 */
int bvm_note_mem(struct bvm_env *env, u32 insn, u32 mem, u32 map)
{
	struct bvm_insn_fact *fact = &env->facts->insn[insn];

	if (fact->mem == BVM_MEM_NONE) {
		fact->mem = mem;
		fact->map = map;
	} else if (fact->mem != mem) {
		if ((BIT(fact->mem) | BIT(mem)) & BVM_MEM_CONVERTED)
			return bvm_reject(env, MIXED_POINTERS);
		fact->mem = BVM_MEM_CONFLICT;
		fact->map = BVM_NO_MAP;
	} else if (fact->map != map) {
		if (mem == BVM_MEM_VIEW)
			return bvm_reject(env, MIXED_POINTERS);
		fact->map = BVM_NO_MAP;
	}
	return 0;
}

/**
 * bvm_check_return - is what a function returns in the range that it must be in?
 * @env:	environment
 * @v:		value, BVM_SCALAR
 * @what:	whose it is, for the message
 * @min:	least
 * @max:	most, as signed 32-bit numbers
 * Return: 0, or -EINVAL with a message.
 */
int bvm_check_return(struct bvm_env *env, const struct bvm_val *v, const char *what, s32 min,
		     s32 max)
{
	char low[32] = "", high[32] = "";

	if (!BVM_PLANTED(NEED_RESULT))
		bvm_demand(env, v);
	if (v->s.s32min >= min && v->s.s32max <= max)
		return 0;
	if (v->s.smin > S64_MIN)
		scnprintf(low, sizeof(low), "smin=%lld ", v->s.smin);
	if (v->s.smax < S64_MAX)
		scnprintf(high, sizeof(high), "smax=%lld", v->s.smax);
	scnprintf(env->text, sizeof(env->text), "%s%s", low, high);
	return bvm_reject(env, EXIT_RANGE, what, 0,
			  *env->text ? env->text : "unknown scalar value", min, max);
}

/**
 * bvm_step_exit - the program returns, or a global function by its contract
 * @env:	environment
 * @st:		state
 * Return: 0, or a negative errno with a message.
 */
int bvm_step_exit(struct bvm_env *env, struct bvm_state *st)
{
	const struct bvm_prog_type *type = env->args->type;
	const struct bvm_val *v = bvm_reg(env, st, 0);
	int err = bvm_check_no_refs(env, st);

	if (!err)
		err = bvm_need_reg(env, st, 0);
	env->touched = 0;
	if (!err && st->frame[0]->func)
		return v->kind == BVM_SCALAR ? 0 :
					       bvm_reject(env, SUBPROG_EXIT, 0, bvm_kind_name(v));
	if (err || (!type->ret_min && !type->ret_max))
		return err;
	if (v->kind != BVM_SCALAR)
		return bvm_reject(env, EXIT_NOT_SCALAR, 0, bvm_kind_name(v));
	return bvm_check_return(env, v, "program exit", type->ret_min, type->ret_max);
}

/* Its encoding is wrong, and it is reached. */
static int bvm_step_invalid(struct bvm_env *env, struct bvm_state *st,
			    const struct bvm_insn *insn)
{
	return bvm_reject_encoding(env->log, &env->args->insns[st->insn],
				   env->args->len - st->insn, insn->op);
}

/* Instructions that the next one follows: what is executed is what @st->insn says. */
static int (* const bvm_straight[__BVM_CLASS_MAX])(struct bvm_env *env, struct bvm_state *st,
						   const struct bvm_insn *insn) = {
	[BVM_ALU] = bvm_step_alu,
	[BVM_MOV] = bvm_step_mov,
	[BVM_NEG] = bvm_step_unary,
	[BVM_ENDIAN] = bvm_step_unary,
	[BVM_LDX] = bvm_step_ldx,
	[BVM_ST] = bvm_step_store,
	[BVM_STX] = bvm_step_store,
	[BVM_ATOMIC] = bvm_step_atomic,
	[BVM_LD_IMM64] = bvm_step_ld_imm64,
	[BVM_INVALID] = bvm_step_invalid,
};

/* Others: @st->insn is the next one to begin with, but for calls. */
static int bvm_step_control(struct bvm_env *env, struct bvm_state *st,
			    const struct bvm_insn *insn, struct bvm_succ *succ)
{
	u32 at = st->insn;
	int err;

	st->insn = at + 1;
	switch (insn->class) {
	case BVM_JA:
		st->insn += insn->off;
		return 0;
	case BVM_JCOND:
		return bvm_step_jcond(env, st, insn, succ);
	case BVM_MAY_GOTO:
		return bvm_step_may_goto(env, st, insn, succ);
	case BVM_EXIT:
		if (st->top)
			return bvm_step_return(env, st);
		succ->done = true;
		return bvm_step_exit(env, st);
	case BVM_CALL:
		st->insn = at;
		return insn->src == BPF_PSEUDO_CALL ? bvm_step_func(env, st) :
						      bvm_step_call(env, st, insn, succ);
	case BVM_LD_ABS:
	case BVM_LD_IND:
		st->insn = at;
		err = bvm_step_ld_pkt(env, st, insn, succ);
		st->insn++;
		return err;
	default:
		st->insn = at;
		err = bvm_reject(env, UNKNOWN_OPCODE, env->args->insns[at].code);
		st->insn++;
		return err;
	}
}

/**
 * bvm_step - execute the instruction at @st->insn
 * @env:	environment with a reserve
 * @st:		state; becomes the (first) successor
 * @succ:	other successor, or that there is none
 * Return: 0, or a negative errno with a message: the program is refused.
 */
int bvm_step(struct bvm_env *env, struct bvm_state *st, struct bvm_succ *succ)
{
	u32 at = st->insn;
	const struct bvm_insn *insn = &env->args->insn[at];
	int err = 0;

	succ->branch = NULL;
	succ->done = false;
	env->touched = 0;
	env->touched_slots = 0;
	if (st->lock.held)
		err = bvm_check_locked(env, st, insn);
	if (err)
		return err;
	if (insn->class < __BVM_CLASS_MAX && bvm_straight[insn->class]) {
		err = bvm_straight[insn->class](env, st, insn);
		st->insn = at + (insn->class == BVM_LD_IMM64 ? 2 : 1);
	} else {
		err = bvm_step_control(env, st, insn, succ);
	}
	st->prev = at;
	st->insns++;
	env->facts->insn[at].seen = 1;
	return err;
}
