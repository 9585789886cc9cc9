// SPDX-License-Identifier: GPL-2.0-only
/*
 * The functions of a program: where they begin, who calls whom, and how much stack the
 * deepest chain of calls takes.
 */
#include "env.h"

/* Frames are this far apart at least, as in the stock verifier. */
#define BVM_FRAME_ALIGN		16
/* Stack above a function that makes tail calls: its caller's frames stay for 33 of them. */
#define BVM_TAIL_CALL_STACK	256

/**
 * bvm_called_by - the helper or function of the kernel that a call calls
 * @env:	environment
 * @in:		call, not of a function of the program
 * Return: its descriptor; NULL for what this program may not call.
 */
const struct bvm_helper *bvm_called_by(const struct bvm_env *env, const struct bvm_insn *in)
{
	const struct bvm_kfunc *kfunc;

	if (!in->src)
		return bvm_helper_find(env->args->type, in->imm);
	kfunc = bvm_kfunc_called(env->args->kfuncs, env->args->nr_kfuncs, in->imm, in->off);
	return kfunc ? kfunc->func : NULL;
}

/**
 * bvm_callback_helper - the helper that an instruction calls, if it calls functions back
 * @env:	environment
 * @insn:	index
 * Return: its descriptor, or NULL.
 */
const struct bvm_helper *bvm_callback_helper(const struct bvm_env *env, u32 insn)
{
	const struct bvm_helper *helper = bvm_called(env, insn);

	return helper && helper->callback ? helper : NULL;
}

/**
 * bvm_func_at - the function that an instruction belongs to
 * @env:	environment
 * @insn:	index
 * Return: index of the function.
 */
u32 bvm_func_at(const struct bvm_env *env, u32 insn)
{
	u32 low = 0, high = env->nr_funcs, mid;

	while (high - low > 1) {
		mid = low + (high - low) / 2;
		if (env->funcs[mid].start <= insn)
			low = mid;
		else
			high = mid;
	}
	return low;
}

/* Does the instruction call a helper with any of these flags? */
static bool bvm_calls_helper(const struct bvm_env *env, u32 insn, u32 flags)
{
	const struct bvm_helper *helper = bvm_called(env, insn);

	return helper && helper->flags & flags;
}

/*
 * Which functions may change the packet: those that call such a helper, or a function that
 * may, or have a helper call one.
 */
static void bvm_find_packet_movers(struct bvm_env *env)
{
	struct bvm_func *func;
	bool news = false;
	u32 i;
	s64 to;

	for (i = 0; i < env->args->len; i++) {
		if (!bvm_calls_helper(env, i, BVM_HELPER_MOVES_PKT))
			continue;
		env->funcs[bvm_func_at(env, i)].moves_pkt = true;
		news = true;
	}
	while (news) {
		news = false;
		for (i = 0; i < env->args->len; i++) {
			if (!bvm_callee(env, i, &to) ||
			    !env->funcs[bvm_func_at(env, to)].moves_pkt)
				continue;
			func = &env->funcs[bvm_func_at(env, i)];
			news |= !func->moves_pkt;
			func->moves_pkt = true;
		}
	}
}

/**
 * bvm_find_funcs - find the functions of a program
 * @env:	environment with block_at, all 0; fills ->funcs
 *
 * A function begins at 0 or where a call or a reference says, and ends where the next
 * one begins.
 *
 * Process context, may sleep.  Return: 0; -EINVAL, -E2BIG with a message; -ENOMEM.
 */
int bvm_find_funcs(struct bvm_env *env)
{
	u32 i, n = 1, len = env->args->len;
	s64 to;

	env->block_at[0] = 1;
	for (i = 0; i < len; i++) {
		if (!bvm_callee(env, i, &to))
			continue;
		if (to < 0 || to >= len)
			return bvm_reject(env, BAD_CALL);
		n += !env->block_at[to];
		env->block_at[to] = 1;
	}
	if (n > BVM_MAX_FUNCS)
		return bvm_reject(env, TOO_MANY_FUNCS);
	env->funcs = kvcalloc(n, sizeof(*env->funcs), GFP_KERNEL_ACCOUNT);
	env->called_back = kvcalloc(n, n, GFP_KERNEL_ACCOUNT);
	if (!env->funcs || !env->called_back)
		return -ENOMEM;
	for (i = 0; i < len; i++) {
		if (!env->block_at[i])
			continue;
		if (env->nr_funcs)
			env->funcs[env->nr_funcs - 1].end = i;
		env->funcs[env->nr_funcs++].start = i;
	}
	env->funcs[n - 1].end = len;
	bvm_find_packet_movers(env);
	return 0;
}

/* What ends a function in the midst of it, with a number. */
static int bvm_check_result(struct bvm_env *env, u32 insn)
{
	u32 class = env->args->insn[insn].class;

	if (class == BVM_LD_ABS || class == BVM_LD_IND)
		return bvm_reject(env, LD_PKT_RESULT);
	return bvm_calls_helper(env, insn, BVM_HELPER_TAIL_CALL) ?
	       bvm_reject(env, TAIL_CALL_RESULT) : 0;
}

/**
 * bvm_check_results - functions that may return in the midst of them return numbers
 * @env:	environment with described functions
 * Return: 0, or -EINVAL with a message.
 */
int bvm_check_results(struct bvm_env *env)
{
	struct bvm_func *func;
	u32 i, j;
	int err = 0;

	for (i = 1; i < env->nr_funcs; i++) {
		func = &env->funcs[i];
		for (j = func->start; func->no_number && j < func->end && !err; j++)
			err = bvm_check_result(env, j);
	}
	return err;
}

/* Tells a function about one that calls it.  Return: true if that was news. */
static bool bvm_call_depth(struct bvm_env *env, u32 from, u32 to)
{
	const struct bvm_func *caller = &env->funcs[from];
	struct bvm_func *callee = &env->funcs[to];
	u32 above = caller->above + round_up(caller->depth, BVM_FRAME_ALIGN);

	if (callee->level > caller->level && callee->above >= above)
		return false;
	callee->level = max(callee->level, caller->level + 1);
	callee->above = max(callee->above, above);
	return true;
}

/* One round of telling.  Return: true if there was news. */
static bool bvm_call_depths(struct bvm_env *env)
{
	u32 i, n = env->nr_funcs;
	bool news = false;
	s64 to;

	for (i = 0; i < env->args->len; i++)
		if (env->args->insn[i].class == BVM_CALL && bvm_callee(env, i, &to))
			news |= bvm_call_depth(env, bvm_func_at(env, i), bvm_func_at(env, to));
	for (i = 0; i < n * n; i++)
		if (env->called_back[i])
			news |= bvm_call_depth(env, i / n, i % n);
	return news;
}

static int bvm_check_func_stack(struct bvm_env *env, const struct bvm_func *func)
{
	u32 all = func->above + round_up(func->depth, BVM_FRAME_ALIGN);
	u32 i;

	if (all > BVM_MAX_STACK)
		return bvm_reject(env, STACK_CHAIN, func->level + 1, all);
	if (func->above < BVM_TAIL_CALL_STACK)
		return 0;
	for (i = func->start; i < func->end; i++)
		if (bvm_calls_helper(env, i, BVM_HELPER_TAIL_CALL))
			return bvm_reject(env, TAIL_CALL_STACK, func->above);
	return 0;
}

/**
 * bvm_check_stack_depth - the frames of all chains of calls fit into the stack
 * @env:	environment after exploration, which noted the size of each frame
 *
 * Calls in code that is never executed count, calls by helpers where they were seen.  The
 * level of a function, and the stack above it, follow from its deepest caller; when that
 * does not settle in as many rounds as there may be frames, calls are nested too deeply,
 * or functions call themselves.
 *
 * Fills in the facts about stack.  Process context.
 *
 * Return: 0; -EACCES, -E2BIG with a message.
 */
int bvm_check_stack_depth(struct bvm_env *env)
{
	struct bvm_func *func;
	u32 i, round = 0;
	int err;

	while (bvm_call_depths(env) && round < BVM_MAX_FRAMES)
		round++;
	for (i = 0; i < env->nr_funcs; i++)
		if (env->funcs[i].level >= BVM_MAX_FRAMES)
			return bvm_reject(env, FRAMES_CHAIN, BVM_MAX_FRAMES);
	for (i = 0; i < env->nr_funcs; i++) {
		func = &env->funcs[i];
		err = bvm_check_func_stack(env, func);
		if (err)
			return err;
		env->facts->stack_depth = max(env->facts->stack_depth, func->above + func->depth);
	}
	for (i = 0; i < env->args->len; i++) {
		if (env->args->insn[i].class != BVM_CALL)
			continue;
		func = &env->funcs[bvm_func_at(env, i)];
		env->facts->insn[i].frame = round_up(func->depth, BVM_FRAME_ALIGN) / 8;
	}
	return 0;
}
