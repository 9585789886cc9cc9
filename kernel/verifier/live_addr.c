// SPDX-License-Identifier: GPL-2.0-only
/*
 * Static liveness, first half: which registers can hold an address in a stack, and which
 * one; so which part of the stack each instruction reads, and which it overwrites.  A
 * little constant folding tells how much of it a helper reads.
 *
 * A function is looked at once.  What its arguments point to is named after them, and what
 * it reads there is summed up for its callers.
 */
#include "live.h"

static bool bvm_guess_stack(const struct bvm_guess *g)
{
	return g->kind == BVM_GUESS_STACK || g->kind == BVM_GUESS_ANY;
}

/* Return: true if @to changed. */
static bool bvm_guess_join(struct bvm_guess *to, const struct bvm_guess *from)
{
	u32 kind;

	if (from->kind == BVM_GUESS_NONE ||
	    (to->kind == from->kind && to->value == from->value && to->base == from->base))
		return false;
	if (to->kind == BVM_GUESS_NONE) {
		*to = *from;
		return true;
	}
	kind = bvm_guess_stack(to) || bvm_guess_stack(from) ? BVM_GUESS_ANY : BVM_GUESS_OTHER;
	if (to->kind == kind)
		return false;
	*to = (struct bvm_guess){ .kind = kind };
	return true;
}

/* r = r + or - a known number, or anything else */
static struct bvm_guess bvm_guess_alu(const struct bvm_insn *in, const struct bvm_guess *regs)
{
	const struct bvm_guess *dst = &regs[in->dst], *src = &regs[in->src];
	struct bvm_guess imm = { .kind = BVM_GUESS_CONST, .value = in->imm };
	struct bvm_guess sum = *dst;

	if (!(in->flags & BVM_F_SRC_REG))
		src = &imm;
	if (in->size == 8 && (in->op == BVM_ADD || in->op == BVM_SUB) &&
	    dst->kind == BVM_GUESS_STACK && src->kind == BVM_GUESS_CONST &&
	    abs(src->value) <= BVM_MAX_STACK && abs(dst->value) <= BVM_MAX_STACK) {
		sum.value += in->op == BVM_ADD ? src->value : -src->value;
		return sum;
	}
	sum.value = 0;
	sum.kind = bvm_guess_stack(dst) || bvm_guess_stack(src) ? BVM_GUESS_ANY : BVM_GUESS_OTHER;
	return sum;
}

static struct bvm_guess bvm_guess_mov(const struct bvm_insn *in, const struct bvm_guess *regs)
{
	struct bvm_guess other = { .kind = BVM_GUESS_OTHER };

	if (!(in->flags & BVM_F_SRC_REG))
		return (struct bvm_guess){ .kind = BVM_GUESS_CONST, .value = in->imm };
	return in->size == 8 && !in->ext && !in->op ? regs[in->src] : other;
}

static struct bvm_guess bvm_guess_imm64(const struct bvm_env *env, u32 insn)
{
	const struct bvm_insn *in = &env->args->insn[insn];
	s64 func;

	if (in->src == BPF_PSEUDO_MAP_FD)
		return (struct bvm_guess){ .kind = BVM_GUESS_MAP, .value = in->imm };
	if (bvm_callee(env, insn, &func))
		return (struct bvm_guess){ .kind = BVM_GUESS_FUNC,
					   .value = bvm_func_at(env, func) };
	return (struct bvm_guess){ .kind = BVM_GUESS_OTHER };
}

/* Argument @arg of a function is @g. */
static void bvm_pass_arg(struct bvm_live_env *live, u32 func, u32 arg, const struct bvm_guess *g)
{
	struct bvm_func_use *use = &live->func[func];

	if (!bvm_guess_stack(g) || use->stack_args & BIT(arg))
		return;
	use->stack_args |= BIT(arg);
	live->restart = true;
}

/** struct bvm_callbacks - functions that a helper may call back: [from, to) */
struct bvm_callbacks {
	u32 from;
	u32 to;
};

/* Which ones, by argument @arg of the helper, BVM_ARG_FUNC. */
static struct bvm_callbacks bvm_guess_callbacks(const struct bvm_live_env *live,
						const struct bvm_guess *arg)
{
	if (arg->kind == BVM_GUESS_FUNC)
		return (struct bvm_callbacks){ arg->value, arg->value + 1 };
	return (struct bvm_callbacks){ 0, live->env->nr_funcs };
}

/* Argument of a helper of a kind, 0: none. */
static u32 bvm_helper_arg(const struct bvm_helper *helper, u32 kind)
{
	u32 i;

	for (i = 0; i < 5; i++)
		if ((helper->arg[i] & ~BVM_ARG_MAYBE_NULL) == kind)
			return i + 1;
	return 0;
}

static void bvm_pass_callback(struct bvm_live_env *live, const struct bvm_helper *helper,
			      const struct bvm_guess *regs)
{
	struct bvm_callbacks cb = bvm_guess_callbacks(live,
						      &regs[bvm_helper_arg(helper, BVM_ARG_FUNC)]);
	u32 i, stack = bvm_helper_arg(helper, BVM_ARG_STACK);

	for (; stack && cb.from < cb.to; cb.from++)
		for (i = 0; i < 5; i++)
			if (live->func[cb.from].callback &&
			    helper->callback->arg[i] == BVM_CB_STACK)
				bvm_pass_arg(live, cb.from, i + 1, &regs[stack]);
}

static void bvm_guess_call(struct bvm_live_env *live, u32 insn, struct bvm_guess *regs)
{
	const struct bvm_helper *helper = bvm_callback_helper(live->env, insn);
	s64 callee;
	u32 i;

	if (bvm_callee(live->env, insn, &callee))
		for (i = 1; i <= 5; i++)
			bvm_pass_arg(live, bvm_func_at(live->env, callee), i, &regs[i]);
	else if (helper)
		bvm_pass_callback(live, helper, regs);
}

/* What the registers hold after an instruction. */
static void bvm_guess_step(struct bvm_live_env *live, u32 insn, struct bvm_guess *regs)
{
	const struct bvm_insn *in = &live->env->args->insn[insn];
	struct bvm_guess other = { .kind = BVM_GUESS_OTHER }, loaded = other;
	u32 i;

	if (live->spilled)
		loaded.kind = BVM_GUESS_ANY;
	switch (in->class) {
	case BVM_ALU:
		regs[in->dst] = bvm_guess_alu(in, regs);
		break;
	case BVM_MOV:
		regs[in->dst] = bvm_guess_mov(in, regs);
		break;
	case BVM_NEG:
	case BVM_ENDIAN:
		regs[in->dst] = other;
		break;
	case BVM_LD_IMM64:
		regs[in->dst] = bvm_guess_imm64(live->env, insn);
		break;
	case BVM_LDX:
		regs[in->dst] = loaded;
		break;
	case BVM_STX:
		live->spilled |= bvm_guess_stack(&regs[in->src]);
		break;
	case BVM_ATOMIC:
		live->spilled |= bvm_guess_stack(&regs[in->src]);
		if (in->flags & BVM_F_FETCH)
			regs[in->op == BVM_ATOMIC_CMPXCHG ? 0 : in->src] = loaded;
		break;
	case BVM_CALL:
		bvm_guess_call(live, insn, regs);
		fallthrough;
	case BVM_LD_ABS:
	case BVM_LD_IND:
		for (i = 0; i <= 5; i++)
			regs[i] = other;
		break;
	}
}

static void bvm_use_range(struct bvm_stack_use *use, bool read, s64 from, s64 to)
{
	from = clamp_t(s64, from + BVM_MAX_STACK, 0, BVM_MAX_STACK);
	to = clamp_t(s64, to + BVM_MAX_STACK, 0, BVM_MAX_STACK);
	if (read && from < to) {
		from /= 4;
		to = DIV_ROUND_UP((u32)to, 4);
		if (use->read_from < use->read_to) {
			from = min_t(s64, from, use->read_from);
			to = max_t(s64, to, use->read_to);
		}
		use->read_from = from;
		use->read_to = to;
	} else if (!read) {
		use->kill_from = DIV_ROUND_UP((u32)from, 4);
		use->kill_to = (u32)to / 4;
	}
}

/* A function reads from the stack of a caller, through argument @arg. */
static void bvm_use_arg(struct bvm_live_env *live, struct bvm_func_use *func, u32 arg, s64 from,
			s64 to)
{
	bool none = func->from[arg] >= func->to[arg];

	from = clamp_t(s64, from, -BVM_MAX_STACK, BVM_MAX_STACK);
	to = clamp_t(s64, to, -BVM_MAX_STACK, BVM_MAX_STACK);
	if (from >= to || (!none && from >= func->from[arg] && to <= func->to[arg]))
		return;
	func->from[arg] = none ? from : min_t(s64, from, func->from[arg]);
	func->to[arg] = none ? to : max_t(s64, to, func->to[arg]);
	live->changed = true;
}

/* A function reads anything that it can reach: of its own stack, and of its callers'. */
static void bvm_use_any(struct bvm_live_env *live, struct bvm_func_use *func,
			struct bvm_stack_use *use)
{
	bvm_use_range(use, true, -BVM_MAX_STACK, 0);
	if (func->stack_args && !func->any) {
		func->any = true;
		live->changed = true;
	}
}

/** struct bvm_user - an instruction */
struct bvm_user {
	struct bvm_live_env *live;
	u32 insn;
	struct bvm_stack_use *use;
	const struct bvm_guess *regs;	/* before it */
};

/* The function that it belongs to. */
static struct bvm_func_use *bvm_user_func(const struct bvm_user *user)
{
	return &user->live->func[bvm_func_at(user->live->env, user->insn)];
}

static void bvm_use_reg(const struct bvm_user *user, bool read, u32 reg, s64 off, s64 size)
{
	const struct bvm_guess *base = &user->regs[reg];
	s64 at = base->value + off;

	if (base->kind == BVM_GUESS_STACK && !base->base)
		bvm_use_range(user->use, read, at, at + size);
	else if (base->kind == BVM_GUESS_STACK && read)
		bvm_use_arg(user->live, bvm_user_func(user), base->base, at, at + size);
	else if (base->kind == BVM_GUESS_ANY && read)
		bvm_use_any(user->live, bvm_user_func(user), user->use);
}

/* What argument @arg of a function called is used for there, with @reg passed in it. */
static void bvm_use_passed(const struct bvm_user *user, u32 callee, u32 arg, u32 reg)
{
	const struct bvm_func_use *func = &user->live->func[callee];

	if (func->any)
		bvm_use_any(user->live, bvm_user_func(user), user->use);
	if (func->from[arg] < func->to[arg])
		bvm_use_reg(user, true, reg, func->from[arg], func->to[arg] - func->from[arg]);
}

/* Bytes behind argument @arg of a helper; @unknown when that is not known yet. */
static s64 bvm_guess_size(const struct bvm_user *user, const struct bvm_helper *helper, u32 arg,
			  s64 unknown)
{
	const struct bvm_guess *regs = user->regs, *g;
	const struct bvm_map *map;
	u32 i;

	switch (helper->arg[arg] & ~BVM_ARG_MAYBE_NULL) {
	case BVM_ARG_LONG_OUT:
		return 8;
	case BVM_ARG_ITER_NEW:
	case BVM_ARG_ITER:
	case BVM_ARG_DYNPTR_NEW:
	case BVM_ARG_DYNPTR:
	case BVM_ARG_DYNPTR_HELD:
		return 8 * (helper->object ? helper->object->slots : BVM_DYNPTR_SLOTS);
	case BVM_ARG_MEM:
	case BVM_ARG_UNINIT_MEM:
		g = &regs[min(arg + 2, 5U)];
		return g->kind == BVM_GUESS_CONST && g->value >= 0 ? g->value : unknown;
	}
	for (i = 0; i < 5; i++) {
		g = &regs[i + 1];
		if (helper->arg[i] != BVM_ARG_MAP_PTR || g->kind != BVM_GUESS_MAP)
			continue;
		map = user->live->env->args->maps[g->value];
		return helper->arg[arg] == BVM_ARG_MAP_KEY ? map->key_size : map->value_size;
	}
	return unknown;
}

static void bvm_use_callback(const struct bvm_user *user, const struct bvm_helper *helper)
{
	struct bvm_callbacks cb;
	u32 i;

	cb = bvm_guess_callbacks(user->live, &user->regs[bvm_helper_arg(helper, BVM_ARG_FUNC)]);
	for (; cb.from < cb.to; cb.from++)
		for (i = 0; i < 5; i++)
			if (user->live->func[cb.from].callback &&
			    helper->callback->arg[i] == BVM_CB_STACK)
				bvm_use_passed(user, cb.from, i + 1,
					       bvm_helper_arg(helper, BVM_ARG_STACK));
	/* Perhaps it is not called at all, or again. */
	user->use->kill_from = 0;
	user->use->kill_to = 0;
}

static void bvm_use_helper(const struct bvm_user *user, const struct bvm_helper *helper)
{
	u32 i;

	for (i = 0; i < 5; i++) {
		switch (helper->arg[i] & ~BVM_ARG_MAYBE_NULL) {
		case BVM_ARG_MAP_KEY:
		case BVM_ARG_MAP_VALUE:
		case BVM_ARG_MEM:
		case BVM_ARG_ITER_NEW:
		case BVM_ARG_ITER:
		case BVM_ARG_DYNPTR_NEW:
		case BVM_ARG_DYNPTR:
		case BVM_ARG_DYNPTR_HELD:
			bvm_use_reg(user, true, i + 1, 0,
				    bvm_guess_size(user, helper, i, BVM_MAX_STACK));
			break;
		case BVM_ARG_LONG_OUT:
		case BVM_ARG_UNINIT_MEM:
		case BVM_ARG_MAP_VALUE_OUT:
			bvm_use_reg(user, false, i + 1, 0, bvm_guess_size(user, helper, i, 0));
			break;
		}
	}
	if (helper->callback)
		bvm_use_callback(user, helper);
}

static void bvm_use_call(const struct bvm_user *user, u32 insn)
{
	const struct bvm_env *env = user->live->env;
	const struct bvm_helper *helper;
	s64 callee;
	u32 i;

	if (bvm_callee(env, insn, &callee)) {
		for (i = 1; i <= 5; i++)
			bvm_use_passed(user, bvm_func_at(env, callee), i, i);
		return;
	}
	helper = bvm_called(env, insn);
	if (helper)
		bvm_use_helper(user, helper);
}

/* What an instruction does to the stack, given the registers before it. */
static void bvm_guess_use(struct bvm_live_env *live, u32 insn, const struct bvm_guess *regs)
{
	const struct bvm_insn *in = &live->env->args->insn[insn];
	struct bvm_user user = {
		.live = live, .insn = insn, .use = &live->use[insn], .regs = regs,
	};

	*user.use = (struct bvm_stack_use){};
	switch (in->class) {
	case BVM_LDX:
		bvm_use_reg(&user, true, in->src, in->off, in->size);
		break;
	case BVM_ATOMIC:
		bvm_use_reg(&user, true, in->dst, in->off, in->size);
		break;
	case BVM_ST:
	case BVM_STX:
		bvm_use_reg(&user, false, in->dst, in->off, in->size);
		break;
	case BVM_CALL:
		bvm_use_call(&user, insn);
		break;
	}
}

/* One pass over a block; @final also finds out what it uses. */
static void bvm_guess_block(struct bvm_live_env *live, u32 block, bool final)
{
	struct bvm_env *env = live->env;
	const struct bvm_block *b = &env->blocks[block];
	struct bvm_guesses g = live->entry[block];
	u32 i, j, n, last = b->start, succ[2];
	struct bvm_guesses *to;

	live->entry[block].news = false;
	for (i = b->start; i < b->end; i++) {
		if (env->args->insn[i].class == BVM_SLOT2)
			continue;
		if (final)
			bvm_guess_use(live, i, g.reg);
		bvm_guess_step(live, i, g.reg);
		last = i;
	}
	n = bvm_successors(env, last, succ);
	for (i = 0; i < n; i++) {
		to = &live->entry[env->block_at[succ[i]] - 1];
		for (j = 0; j < BVM_REGS; j++)
			to->news |= bvm_guess_join(&to->reg[j], &g.reg[j]);
		live->changed |= to->news;
	}
}

/* What functions begin with: their own r10, and what callers may pass. */
static void bvm_guess_init(struct bvm_live_env *live)
{
	struct bvm_env *env = live->env;
	struct bvm_guesses *entry;
	struct bvm_guess *regs;
	u32 i, j;

	live->restart = false;
	memset(live->entry, 0, env->nr_blocks * sizeof(*live->entry));
	for (i = 0; i < env->nr_funcs; i++) {
		entry = &live->entry[env->block_at[env->funcs[i].start] - 1];
		entry->news = true;
		regs = entry->reg;
		for (j = 0; j < BVM_REGS; j++) {
			regs[j].kind = BVM_GUESS_OTHER;
			if (j == BVM_FP || live->func[i].stack_args & BIT(j))
				regs[j] = (struct bvm_guess){ .kind = BVM_GUESS_STACK,
							      .base = j == BVM_FP ? 0 : j };
		}
	}
}

/* Without its address, no one gets to any stack. */
static bool bvm_has_stack(const struct bvm_env *env)
{
	u32 i;

	for (i = 0; i < env->args->len; i++)
		if (env->args->insn[i].dst == BVM_FP || env->args->insn[i].src == BVM_FP)
			return true;
	return false;
}

static void bvm_find_callbacks(struct bvm_live_env *live)
{
	struct bvm_env *env = live->env;
	u32 i;
	s64 func;

	for (i = 0; i < env->args->len; i++)
		if (env->args->insn[i].class == BVM_LD_IMM64 && bvm_callee(env, i, &func))
			live->func[bvm_func_at(env, func)].callback = true;
}

/* Return: false when there have been too many passes. */
static bool bvm_guess_pass(struct bvm_live_env *live, bool final)
{
	struct bvm_env *env = live->env;
	u32 i, block;

	if (live->passes++ == BVM_MAX_PASSES)
		return false;
	live->changed = false;
	for (i = 0; i < env->nr_blocks; i++) {
		block = env->order[final ? i : env->nr_blocks - 1 - i];
		if (final || live->entry[block].news)
			bvm_guess_block(live, block, final);
	}
	cond_resched();
	return true;
}

/* What is loaded may be an address from now on. */
static void bvm_guess_again(struct bvm_live_env *live)
{
	u32 i;

	for (i = 0; i < live->env->nr_blocks; i++)
		live->entry[i].news = true;
}

/**
 * bvm_guess_all - which part of the stack each instruction touches
 * @live:	zeroed, its memory allocated; fills ->use
 * Process context, may sleep.  Return: false when it takes too many passes.
 */
bool bvm_guess_all(struct bvm_live_env *live)
{
	bool spilled;

	if (!bvm_has_stack(live->env))
		return true;
	bvm_find_callbacks(live);
	do {
		bvm_guess_init(live);
		do {
			spilled = live->spilled;
			if (!bvm_guess_pass(live, false))
				return false;
			if (spilled != live->spilled)
				bvm_guess_again(live);
		} while (live->changed || spilled != live->spilled);
	} while (live->restart);
	do {
		if (!bvm_guess_pass(live, true))
			return false;
	} while (live->changed);
	return true;
}
