// SPDX-License-Identifier: GPL-2.0-only
/*
 * The shape of a program: basic blocks, where jumps go, what can be reached.
 */
#include "env.h"

/**
 * bvm_successors - where control goes after an instruction
 * @env:	environment; jumps have been found to be in range
 * @insn:	index
 * @succ:	up to two indices: the next instruction first
 * Return: their number.
 */
u32 bvm_successors(const struct bvm_env *env, u32 insn, u32 succ[2])
{
	const struct bvm_insn *in = &env->args->insn[insn];

	switch (in->class) {
	case BVM_EXIT:
		return 0;
	case BVM_JA:
		succ[0] = insn + 1 + in->off;
		return 1;
	case BVM_JCOND:
	case BVM_MAY_GOTO:
		succ[0] = insn + 1;
		succ[1] = insn + 1 + in->off;
		return 2;
	case BVM_LD_IMM64:
		succ[0] = insn + 2;
		return 1;
	default:
		succ[0] = insn + 1;
		return 1;
	}
}

static bool bvm_is_jump(const struct bvm_insn *insn)
{
	return insn->class == BVM_JA || insn->class == BVM_JCOND || insn->class == BVM_MAY_GOTO;
}

/* Jumps stay inside their function, do not split an instruction, and its end is not run past. */
static int bvm_check_func_jumps(struct bvm_env *env, const struct bvm_func *func)
{
	const struct bvm_insn *insn = env->args->insn;
	u32 i;
	s64 to;

	for (i = func->start; i < func->end; i++) {
		if (!bvm_is_jump(&insn[i]))
			continue;
		to = (s64)i + 1 + insn[i].off;
		if (to < func->start || to >= func->end)
			return bvm_reject(env, JUMP_RANGE, i, (int)to);
		if (insn[to].class == BVM_SLOT2)
			return bvm_reject(env, JUMP_INTO_IMM64, (int)to - 1);
	}
	if (insn[func->end - 1].class != BVM_EXIT && insn[func->end - 1].class != BVM_JA)
		return bvm_reject(env, NO_INSNS);
	return 0;
}

static int bvm_check_jumps(struct bvm_env *env)
{
	u32 i;
	int err = 0;

	for (i = 0; i < env->nr_funcs && !err; i++)
		err = bvm_check_func_jumps(env, &env->funcs[i]);
	return err;
}

static void bvm_lead(struct bvm_env *env, u32 insn)
{
	if (insn >= env->args->len || env->block_at[insn])
		return;
	env->block_at[insn] = 1;
	env->nr_blocks++;
}

/* What kind of run goes on at an instruction. */
static enum bvm_head bvm_head_at(const struct bvm_env *env, u32 insn)
{
	const struct bvm_helper *helper = bvm_called(env, insn);

	if (env->args->insn[insn].class == BVM_MAY_GOTO)
		return BVM_HEAD_MAY_GOTO;
	if (helper && helper->callback)
		return BVM_HEAD_CALLBACK;
	if (helper && helper->ret == BVM_RET_ELEMENT_OR_NULL)
		return BVM_HEAD_ITER;
	return BVM_HEAD_NONE;
}

/* Calls are blocks of their own: checkpoints and liveness belong to starts of blocks. */
static void bvm_find_leaders_at(struct bvm_env *env, u32 insn)
{
	const struct bvm_insn *in = &env->args->insn[insn];
	u32 ends = BIT(BVM_JA) | BIT(BVM_JCOND) | BIT(BVM_MAY_GOTO) | BIT(BVM_EXIT);
	u32 i, n, succ[2];
	s64 callee;
	bool call;

	if (!(BIT(in->class) & (ends | BIT(BVM_CALL) | BIT(BVM_LD_IMM64))))
		return;
	call = bvm_callee(env, insn, &callee) || bvm_head_at(env, insn);
	if (!(BIT(in->class) & ends) && !call)
		return;
	n = bvm_successors(env, insn, succ);
	for (i = 0; i < n; i++)
		bvm_lead(env, succ[i]);
	bvm_lead(env, insn + (in->class == BVM_LD_IMM64 ? 2 : 1));
	if (call)
		bvm_lead(env, insn);
}

/*
 * Marks the first instruction of each block in block_at, where those of functions are
 * marked, and counts the blocks.
 */
static void bvm_find_leaders(struct bvm_env *env)
{
	u32 i;

	env->nr_blocks = env->nr_funcs;
	for (i = 0; i < env->args->len; i++)
		bvm_find_leaders_at(env, i);
}

static int bvm_make_blocks(struct bvm_env *env)
{
	u32 i, n = 0;

	env->blocks = kvcalloc(env->nr_blocks, sizeof(*env->blocks), GFP_KERNEL_ACCOUNT);
	if (!env->blocks)
		return -ENOMEM;
	for (i = 0; i < env->args->len; i++) {
		if (!env->block_at[i])
			continue;
		if (n)
			env->blocks[n - 1].end = i;
		env->blocks[n].head = bvm_head_at(env, i);
		env->blocks[n++].start = i;
		env->block_at[i] = n;
	}
	env->blocks[n - 1].end = env->args->len;
	return 0;
}

/* The index of a block's last instruction, not of the second half of one. */
static u32 bvm_block_last(const struct bvm_env *env, const struct bvm_block *b)
{
	return b->end - 1 - (env->args->insn[b->end - 1].class == BVM_SLOT2);
}

/** struct bvm_walk - a block on the way of the depth-first walk */
struct bvm_walk {
	u32 block;
	u32 nr;		/* successors left, a function that is called included */
	u32 succ[3];
};

static void bvm_walk_enter(const struct bvm_env *env, struct bvm_walk *w, u32 block)
{
	u32 last = bvm_block_last(env, &env->blocks[block]);
	s64 callee;

	w->block = block;
	w->nr = bvm_successors(env, last, w->succ);
	if (bvm_callee(env, last, &callee))
		w->succ[w->nr++] = callee;
}

/* Walks depth-first, into functions, too: counts the ways into each block, fills in ->order. */
static int bvm_walk_blocks(struct bvm_env *env)
{
	struct bvm_walk *way, *w;
	u32 n = 1, done = 0, to;

	way = kvmalloc_array(env->nr_blocks, sizeof(*way), GFP_KERNEL_ACCOUNT);
	env->order = kvcalloc(env->nr_blocks, sizeof(*env->order), GFP_KERNEL_ACCOUNT);
	if (!way || !env->order) {
		kvfree(way);
		return -ENOMEM;
	}
	env->blocks[0].preds = 1;
	bvm_walk_enter(env, &way[0], 0);
	while (n) {
		w = &way[n - 1];
		if (!w->nr) {
			env->order[done++] = w->block;
			n--;
			continue;
		}
		to = env->block_at[w->succ[--w->nr]] - 1;
		if (!env->blocks[to].preds++)
			bvm_walk_enter(env, &way[n++], to);
	}
	kvfree(way);
	return 0;
}

static int bvm_check_reachable(struct bvm_env *env)
{
	u32 i;

	for (i = 0; i < env->nr_blocks; i++)
		if (!env->blocks[i].preds)
			return bvm_reject(env, UNREACHABLE, env->blocks[i].start);
	return 0;
}

/** enum bvm_loop_end - how a round of a loop ends, as far as blocks lie behind each other */
enum bvm_loop_end {
	BVM_LOOP_NEXT = BIT(0),	/* there is another one */
	BVM_LOOP_OUT = BIT(1),
};

static u32 bvm_way_ends(const struct bvm_env *env, u32 first, u32 from, u32 insn)
{
	u32 to = env->block_at[insn] - 1;

	if (to == first)
		return BVM_LOOP_NEXT;
	if (to < first || to >= env->blocks[first].latch)
		return BVM_LOOP_OUT;
	return to > from ? env->blocks[to].ends : 0;
}

/* The loop that begins with block @first: what is part of it, and what decides how it ends. */
static void bvm_mark_loop(struct bvm_env *env, u32 first)
{
	u32 i, n, succ[2], end, other;
	struct bvm_block *b;

	for (i = env->blocks[first].latch; i-- > first;) {
		b = &env->blocks[i];
		n = bvm_successors(env, bvm_block_last(env, b), succ);
		end = n ? bvm_way_ends(env, first, i, succ[0]) : BVM_LOOP_OUT;
		other = n > 1 ? bvm_way_ends(env, first, i, succ[1]) : end;
		b->ends = end | other;
		b->loop |= b->ends & BVM_LOOP_NEXT;
		b->decides |= end != other;
	}
}

/* Loops as compilers lay them out: a guess, see bvm_forget_numbers(). */
static void bvm_find_loops(struct bvm_env *env)
{
	u32 i, j, n, to, succ[2];

	for (i = 0; i < env->nr_blocks; i++) {
		n = bvm_successors(env, bvm_block_last(env, &env->blocks[i]), succ);
		for (j = 0; j < n; j++) {
			to = env->block_at[succ[j]] - 1;
			if (to <= i)
				env->blocks[to].latch = i + 1;
		}
	}
	for (i = 0; i < env->nr_blocks; i++)
		if (env->blocks[i].latch)
			bvm_mark_loop(env, i);
}

/* Functions return from any of their exits. */
static void bvm_count_returns(struct bvm_env *env)
{
	s64 callee;
	u32 i, last;

	for (i = 0; i + 1 < env->nr_blocks; i++) {
		last = bvm_block_last(env, &env->blocks[i]);
		if (env->args->insn[last].class == BVM_CALL && bvm_callee(env, last, &callee) &&
		    !env->funcs[bvm_func_at(env, callee)].proto)
			env->blocks[i + 1].preds++;
	}
}

/**
 * bvm_check_cfg - find functions and blocks, refuse jumps to nowhere and code that is never reached
 * @env:	environment; fills funcs, block_at, blocks and order
 * Process context, may sleep.  Return: 0; -EINVAL, -E2BIG with a message; -ENOMEM.
 */
int bvm_check_cfg(struct bvm_env *env)
{
	int err;

	env->block_at = kvcalloc(env->args->len, sizeof(*env->block_at), GFP_KERNEL_ACCOUNT);
	if (!env->block_at)
		return -ENOMEM;
	err = bvm_find_funcs(env);
	if (!err) {
		bvm_describe_funcs(env);
		err = bvm_check_results(env);
	}
	if (!err)
		err = bvm_check_jumps(env);
	if (err)
		return err;
	bvm_find_leaders(env);
	err = bvm_make_blocks(env);
	if (!err)
		err = bvm_walk_blocks(env);
	if (!err)
		err = bvm_check_reachable(env);
	if (err)
		return err;
	bvm_find_loops(env);
	bvm_count_returns(env);
	return 0;
}
