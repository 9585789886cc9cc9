// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls between functions of the program, returns, functions that helpers call back, and
 * tail calls.
 */
#include "env.h"

/* The frame of a function that starts; @st->insn is still the call. */
static int bvm_enter(struct bvm_env *env, struct bvm_state *st, u32 func)
{
	if (st->top + 1 >= BVM_MAX_FRAMES)
		return bvm_reject(env, FRAMES, st->top + 2);
	bvm_frame_push(env, st, func);
	st->wrote = 0;
	st->wrote_slots = 0;
	return 0;
}

static void bvm_start(struct bvm_env *env, struct bvm_state *st)
{
	st->insn = env->funcs[st->frame[st->top]->func].start;
	env->touched = 0;
	env->touched_slots = 0;
}

/**
 * bvm_step_func - RFC 9669 section 4.3.2, a call of a function of the program
 * @env:	environment with a reserve
 * @st:		state; continues in the function, or behind the call of a global one
 *
 * The function gets r1 to r5 and a stack of its own; r0 to r5 of the caller are gone.
 *
 * Return: 0, or a negative errno with a message.
 */
int bvm_step_func(struct bvm_env *env, struct bvm_state *st)
{
	struct bvm_val arg[6];
	s64 callee;
	u32 i, func;
	int err;

	bvm_callee(env, st->insn, &callee);
	func = bvm_func_at(env, callee);
	if (env->funcs[func].proto)
		return bvm_step_global(env, st, func);
	for (i = 0; i <= 5; i++) {
		arg[i] = *bvm_reg(env, st, i);
		if (BVM_PLANTED(NEED_PASSED))
			arg[i].def = NULL;
		bvm_reg_clear(env, st, i);
	}
	if (bvm_logs(env)) {
		bvm_log(env->log, "caller:\n");
		bvm_print_state(env, st);
	}
	err = bvm_enter(env, st, func);
	if (err)
		return err;
	for (i = 1; i <= 5; i++)
		if (arg[i].kind != BVM_UNINIT)
			bvm_reg_set(env, st, i, &arg[i]);
	if (bvm_logs(env)) {
		bvm_log(env->log, "callee:\n");
		bvm_print_state(env, st);
	}
	bvm_start(env, st);
	return 0;
}

/* What a callback returns to the helper that called it, of @call in the caller. */
static int bvm_check_callback_return(struct bvm_env *env, const struct bvm_val *v, u32 call)
{
	const struct bvm_helper *helper = bvm_callback_helper(env, call);

	if (v->kind != BVM_SCALAR)
		return bvm_reject(env, CALLBACK_NOT_SCALAR);
	return bvm_check_return(env, v, "callback return", 0, helper->callback->ret_max);
}

/**
 * bvm_step_return - a function returns to the one that called it
 * @env:	environment with a reserve
 * @st:		state of more than one frame; continues after the call, or, in a callback,
 *		with the helper's call once more
 *
 * r0 need not hold anything: a caller that uses it finds out.
 *
 * Return: 0; -EINVAL, -EACCES with a message.
 */
int bvm_step_return(struct bvm_env *env, struct bvm_state *st)
{
	u32 call = st->frame[st->top]->call;
	bool callback = env->args->insn[call].src != BPF_PSEUDO_CALL;
	struct bvm_val r0 = *bvm_reg(env, st, 0);
	int err = 0;

	if (r0.kind == BVM_PTR_STACK)
		return bvm_reject(env, RETURN_STACK);
	if (callback)
		err = bvm_check_callback_return(env, &r0, call);
	if (err)
		return err;
	if (bvm_logs(env)) {
		bvm_log(env->log, "returning from callee:\n");
		bvm_print_state(env, st);
	}
	if (callback && bvm_callback_helper(env, call)->object)
		bvm_forget_frame(env, st, st->top);
	bvm_frame_pop(env, st);
	st->insn = callback ? call : call + 1;
	if (!callback && r0.kind != BVM_UNINIT)
		bvm_reg_set(env, st, 0, &r0);
	if (bvm_logs(env)) {
		bvm_log(env->log, "to caller at %d:\n", st->insn);
		bvm_print_state(env, st);
	}
	env->touched = 0;
	env->touched_slots = 0;
	return 0;
}

/* The register with the first argument of a kind, 0: none. */
static u32 bvm_arg_reg(const struct bvm_helper *helper, u32 kind)
{
	u32 i;

	for (i = 0; i < 5; i++)
		if ((helper->arg[i] & ~BVM_ARG_MAYBE_NULL) == kind)
			return i + 1;
	return 0;
}

/* How often a helper may call that is told so by its first argument; an address is a number. */
static u32 bvm_call_limit(const struct bvm_val *count)
{
	return count->kind == BVM_SCALAR ? count->s.u32max : U32_MAX;
}

/* A callback's argument of a kind, from the arguments of the helper. */
static int bvm_callback_arg(struct bvm_env *env, const struct bvm_state *st,
			    const struct bvm_helper *helper, u32 kind, struct bvm_val *v)
{
	u32 map = bvm_arg_reg(helper, BVM_ARG_MAP_PTR), stack = bvm_arg_reg(helper, BVM_ARG_STACK);
	u32 btf = bvm_arg_reg(helper, BVM_ARG_BTF);
	static const u8 kinds[] = {
		[BVM_CB_MAP] = BVM_PTR_MAP, [BVM_CB_MAP_KEY] = BVM_PTR_KEY,
		[BVM_CB_MAP_VALUE] = BVM_PTR_VALUE,
	};
	int err;

	switch (kind) {
	case BVM_CB_SCALAR:
	case BVM_CB_INDEX:
		bvm_val_unknown(v, 8);
		return 0;
	case BVM_CB_STACK:
		if (!stack)
			break;
		*v = *bvm_reg(env, st, stack);
		return 0;
	case BVM_CB_BTF:
		if (!btf)
			break;
		*v = *bvm_reg(env, st, btf);
		return 0;
	case BVM_CB_RET_BTF:
		/* Only while the function runs. */
		err = bvm_btf_result(env, helper->ret_btf_type, v);
		v->flags &= ~BVM_VAL_TRUSTED;
		return err;
	case BVM_CB_DYNPTR:
		bvm_val_const(v, 0);
		v->kind = BVM_PTR_DYNPTR;
		v->object = helper->object;
		v->frame = st->top + 1;
		return 0;
	case BVM_CB_MAP:
	case BVM_CB_MAP_KEY:
	case BVM_CB_MAP_VALUE:
		if (!map)
			break;
		bvm_val_const(v, 0);
		v->kind = kinds[kind];
		v->map = bvm_reg(env, st, map)->map;
		v->flags = bvm_reg(env, st, map)->flags;
		if (kind == BVM_CB_MAP_VALUE && bvm_map_has_lock(bvm_val_map(env, v)))
			v->id = bvm_new_id(env);
		return 0;
	}
	return bvm_reject(env, HELPER_ARG, bvm_helper_name(helper->id), helper->id, kind);
}

/* @st goes into the function that the helper calls. */
static int bvm_enter_callback(struct bvm_env *env, struct bvm_state *st,
			      const struct bvm_helper *helper)
{
	const struct bvm_callback *cb = helper->callback;
	u32 i, func = bvm_reg(env, st, bvm_arg_reg(helper, BVM_ARG_FUNC))->map;
	struct bvm_val arg[5];
	int err;

	for (i = 0; i < 5 && cb->arg[i]; i++) {
		err = bvm_callback_arg(env, st, helper, cb->arg[i], &arg[i]);
		if (err)
			return err;
	}
	env->called_back[st->frame[st->top]->func * env->nr_funcs + func] = 1;
	bvm_frame_own(env, st, st->top)->run[BVM_RUN_CALLBACK].rounds++;
	err = bvm_enter(env, st, func);
	if (err)
		return err;
	while (i-- > 0)
		bvm_reg_set(env, st, i + 1, &arg[i]);
	bvm_start(env, st);
	return 0;
}

/* May the helper call (once more)?  Where an index counts, the first argument is the limit. */
static bool bvm_calls_again(struct bvm_env *env, const struct bvm_state *st,
			    const struct bvm_helper *helper)
{
	u32 i, rounds = st->frame[st->top]->run[BVM_RUN_CALLBACK].rounds;
	const struct bvm_val *limit = bvm_reg(env, st, 1);

	for (i = 0; i < 5; i++) {
		if (helper->callback->arg[i] != BVM_CB_INDEX ||
		    rounds < bvm_call_limit(limit))
			continue;
		bvm_demand(env, limit);
		return false;
	}
	return true;
}

/**
 * bvm_step_callback - a helper calls a function any number of times, or returns
 * @env:	environment with a reserve
 * @st:		state at the helper's call, before it, its arguments checked; continues after
 *		the helper's last call
 * @helper:	with a callback
 * @succ:	other successor: in the function.  When that returns, it comes here again.
 * Return: 0, or a negative errno with a message.
 */
int bvm_step_callback(struct bvm_env *env, struct bvm_state *st, const struct bvm_helper *helper,
		      struct bvm_succ *succ)
{
	int err;

	if (!bvm_arg_reg(helper, BVM_ARG_FUNC))
		return bvm_reject(env, HELPER_ARG, bvm_helper_name(helper->id), helper->id,
				  BVM_ARG_FUNC);
	if (bvm_calls_again(env, st, helper)) {
		succ->branch = bvm_state_copy(env, st);
		succ->branch->prev = st->insn;
		err = bvm_enter_callback(env, succ->branch, helper);
		if (err)
			return err;
	}
	bvm_frame_own(env, st, st->top)->run[BVM_RUN_CALLBACK] = (struct bvm_run){};
	return 0;
}

/**
 * bvm_fork_return - a function may return in the midst of it
 * @env:	environment with a reserve
 * @st:		state, in the function; stays as it is
 * @r0:		what it returns then
 * @succ:	other successor: in the caller
 * Return: 0, or a negative errno with a message.
 */
int bvm_fork_return(struct bvm_env *env, const struct bvm_state *st, const struct bvm_val *r0,
		    struct bvm_succ *succ)
{
	succ->branch = bvm_state_copy(env, st);
	succ->branch->prev = st->insn;
	bvm_reg_set(env, succ->branch, 0, r0);
	return bvm_step_return(env, succ->branch);
}

/**
 * bvm_step_tail_call - a helper goes on in another program, or fails
 * @env:	environment with a reserve
 * @st:		state at the helper's call, its arguments checked; continues after it failed
 * @succ:	other successor, in a function: what called it gets what the other program
 *		returns.  The program itself ends with that program.
 * Return: 0, or a negative errno with a message.
 */
int bvm_step_tail_call(struct bvm_env *env, struct bvm_state *st, struct bvm_succ *succ)
{
	struct bvm_val any;
	int err = 0;

	if (bvm_check_no_refs(env, st))
		err = bvm_reject(env, TAIL_CALL_REFS);
	if (err || !st->top)
		return err;
	bvm_val_unknown(&any, 8);
	return bvm_fork_return(env, st, &any, succ);
}
