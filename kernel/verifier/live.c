// SPDX-License-Identifier: GPL-2.0-only
/*
 * Static liveness of registers and stack, before exploration, second half: backward, what
 * may still be read.
 *
 * The stack is treated in units of four bytes.  The result is a guess as far as safety
 * is concerned, see bvm_state_clean(); a wrong one could only refuse too much.
 */
#include "live.h"

/* Registers that a call reads: what the helper says, or what the function does. */
static u16 bvm_call_regs(const struct bvm_env *env, u32 insn)
{
	const struct bvm_helper *helper;
	const struct bvm_func *func;
	u32 i, n = 0;
	s64 callee;

	if (bvm_callee(env, insn, &callee)) {
		func = &env->funcs[bvm_func_at(env, callee)];
		/* all that its prototype names, read or not */
		if (func->proto)
			return BIT(min_t(u32, bvm_btf_vlen(func->proto), 5) + 1) - 2;
		return env->blocks[env->block_at[callee] - 1].live.regs & GENMASK(5, 1);
	}
	helper = bvm_called(env, insn);
	for (i = 0; helper && i < 5 && helper->arg[i]; i++)
		n |= BIT(i + 1);
	return n;
}

/* Arguments of a call whose range is looked at. */
static u32 bvm_call_numbers(const struct bvm_env *env, u32 insn)
{
	const struct bvm_helper *helper = bvm_called(env, insn);
	u32 i, regs = bvm_call_regs(env, insn);
	s64 callee;

	if (bvm_callee(env, insn, &callee))
		return regs & env->blocks[env->block_at[callee] - 1].live.numbers;
	for (i = 0; helper && i < 5; i++)
		if (helper->arg[i] == BVM_ARG_ANYTHING)
			regs &= ~BIT(i + 1);
	return regs;
}

static bool bvm_result_counts(const struct bvm_env *env, u32 insn)
{
	const struct bvm_prog_type *type = env->args->type;

	return type->ret_min || type->ret_max || bvm_func_at(env, insn);
}

/*
 * Registers that are live before an instruction, by those after it.  In live->numbers, the
 * range of a number may make a difference: addresses and what helpers are told are made of
 * it, or it decides whether a loop goes on.
 */
static void bvm_live_insn(const struct bvm_env *env, const struct bvm_block *b, u32 insn,
			  struct bvm_live *live)
{
	const struct bvm_insn *in = &env->args->insn[insn];
	u16 dst = BIT(in->dst), src = in->flags & BVM_F_SRC_REG ? BIT(in->src) : 0;
	u16 use = 0, def = 0, numbers = 0;

	switch (in->class) {
	case BVM_ALU:
		use = dst | src;
		numbers = live->numbers & dst ? src : 0;
		break;
	case BVM_MOV:
		use = src;
		def = dst;
		numbers = live->numbers & dst ? src : 0;
		break;
	case BVM_JCOND:
		use = dst | src;
		numbers = b->decides || live->numbers & use ? use : 0;
		break;
	case BVM_NEG:
	case BVM_ENDIAN:
		use = dst;
		break;
	case BVM_LDX:
		use = BIT(in->src);
		def = dst;
		numbers = use;
		break;
	case BVM_ST:
		use = dst;
		numbers = dst;
		break;
	case BVM_STX:
		use = dst | BIT(in->src);
		numbers = in->dst == BVM_FP ? use : dst;
		break;
	case BVM_ATOMIC:
		use = dst | BIT(in->src);
		numbers = in->dst == BVM_FP ? use : dst;
		use |= in->op == BVM_ATOMIC_CMPXCHG;
		break;
	case BVM_LD_IMM64:
		def = dst;
		break;
	case BVM_LD_ABS:
	case BVM_LD_IND:
		use = BIT(6) | (in->class == BVM_LD_IND ? BIT(in->src) : 0);
		def = GENMASK(5, 0);
		break;
	case BVM_CALL:
		use = bvm_call_regs(env, insn);
		def = GENMASK(5, 0);
		numbers = bvm_call_numbers(env, insn);
		break;
	case BVM_EXIT:
		use = BIT(0);
		numbers = bvm_result_counts(env, insn);
		break;
	}
	live->regs = (live->regs & ~def) | use;
	live->numbers = (live->numbers & ~def) | numbers;
}

static void bvm_halves(struct bvm_live *live, u32 from, u32 to, bool set)
{
	u32 i;

	for (i = from; i < to; i++) {
		if (set)
			live->half[i / 64] |= BIT_ULL(i % 64);
		else
			live->half[i / 64] &= ~BIT_ULL(i % 64);
	}
}

/* Return: true if what is live at the block's start changed. */
static bool bvm_live_block(struct bvm_live_env *le, struct bvm_block *b)
{
	struct bvm_env *env = le->env;
	struct bvm_live live = {}, *in;
	const struct bvm_stack_use *use;
	u32 i, j, n, succ[2];

	for (i = b->end; i-- > b->start;) {
		if (env->args->insn[i].class == BVM_SLOT2)
			continue;
		if (i + 2 >= b->end) {
			n = bvm_successors(env, i, succ);
			for (j = 0; j < n; j++) {
				if (!env->block_at[succ[j]])
					continue;
				in = &env->blocks[env->block_at[succ[j]] - 1].live;
				live.regs |= in->regs;
				live.numbers |= in->numbers;
				live.half[0] |= in->half[0];
				live.half[1] |= in->half[1];
			}
		}
		bvm_live_insn(env, b, i, &live);
		use = &le->use[i];
		bvm_halves(&live, use->kill_from, use->kill_to, false);
		bvm_halves(&live, use->read_from, use->read_to, true);
	}
	if (!memcmp(&live, &b->live, sizeof(live)))
		return false;
	b->live = live;
	return true;
}

/* Return: false when it takes too many passes. */
static bool bvm_live_all(struct bvm_live_env *live)
{
	struct bvm_env *env = live->env;
	u32 i, pass = 0;
	bool changed;

	do {
		if (pass++ == BVM_MAX_PASSES)
			return false;
		changed = false;
		for (i = 0; i < env->nr_blocks; i++)
			changed |= bvm_live_block(live, &env->blocks[env->order[i]]);
		cond_resched();
	} while (changed);
	return true;
}

/**
 * bvm_compute_live - what may be read later, at the start of every block
 * @env:	environment with its blocks; fills ->live of each
 * Process context, may sleep.  Return: 0 or -ENOMEM.
 */
int bvm_compute_live(struct bvm_env *env)
{
	struct bvm_live_env live = { .env = env };
	int err = -ENOMEM;
	u32 i;

	BUILD_BUG_ON(BVM_HALVES != 128);
	live.entry = kvcalloc(env->nr_blocks, sizeof(*live.entry), GFP_KERNEL_ACCOUNT);
	live.use = kvcalloc(env->args->len, sizeof(*live.use), GFP_KERNEL_ACCOUNT);
	live.func = kvcalloc(env->nr_funcs, sizeof(*live.func), GFP_KERNEL_ACCOUNT);
	if (!live.entry || !live.use || !live.func)
		goto out;
	if (!bvm_guess_all(&live) || !bvm_live_all(&live))
		for (i = 0; i < env->nr_blocks; i++)
			memset(&env->blocks[i].live, 0xff, sizeof(env->blocks[i].live));
	err = 0;
out:
	kvfree(live.func);
	kvfree(live.use);
	kvfree(live.entry);
	return err;
}
