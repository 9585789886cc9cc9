// SPDX-License-Identifier: GPL-2.0-only
/*
 * Static liveness of registers and stack, before exploration.
 *
 * 1. Forward: which registers can hold an address in the stack, and which one; a
 *    little constant folding tells how much of it a helper reads.
 * 2. Per instruction: which part of the stack it reads, which part it overwrites.
 * 3. Backward: what may still be read.
 *
 * The stack is treated in units of four bytes.  The result is a guess as far as safety
 * is concerned, see bvm_state_clean(); a wrong one could only refuse too much.
 */
#include "env.h"

/* More passes than any sane program needs; then all is taken for live. */
#define BVM_MAX_PASSES	64

/** enum bvm_guess_kind - what a register may hold; later entries know less */
enum bvm_guess_kind {
	BVM_GUESS_NONE,		/* no path seen yet */
	BVM_GUESS_CONST,	/* the number .value */
	BVM_GUESS_MAP,		/* the map with index .value */
	BVM_GUESS_FP,		/* r10 + .value */
	BVM_GUESS_OTHER,	/* anything but an address in the stack */
	BVM_GUESS_ANY,
};

struct bvm_guess {
	u32 kind;
	s32 value;
};

struct bvm_guesses {
	struct bvm_guess reg[BVM_REGS];
};

/** struct bvm_stack_use - four-byte units [from, to) of the stack; 0 is the lowest */
struct bvm_stack_use {
	u8 read_from, read_to;
	u8 kill_from, kill_to;
};

struct bvm_live_env {
	struct bvm_env *env;
	struct bvm_guesses *entry;	/* per block */
	struct bvm_stack_use *use;	/* per instruction */
	bool spilled;			/* the stack may hold addresses of itself */
};

static bool bvm_guess_stack(const struct bvm_guess *g)
{
	return g->kind == BVM_GUESS_FP || g->kind == BVM_GUESS_ANY;
}

/* Return: true if @to changed. */
static bool bvm_guess_join(struct bvm_guess *to, const struct bvm_guess *from)
{
	u32 kind;

	if (from->kind == BVM_GUESS_NONE ||
	    (to->kind == from->kind && to->value == from->value))
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
	    dst->kind == BVM_GUESS_FP && src->kind == BVM_GUESS_CONST &&
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
	return in->size == 8 && !in->ext ? regs[in->src] : other;
}

static struct bvm_guess bvm_guess_imm64(const struct bvm_insn *in)
{
	if (in->src == BPF_PSEUDO_MAP_FD)
		return (struct bvm_guess){ .kind = BVM_GUESS_MAP, .value = in->imm };
	return (struct bvm_guess){ .kind = BVM_GUESS_OTHER };
}

/* What the registers hold after an instruction. */
static void bvm_guess_step(struct bvm_live_env *live, const struct bvm_insn *in,
			   struct bvm_guess *regs)
{
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
		regs[in->dst] = bvm_guess_imm64(in);
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

static void bvm_use_reg(struct bvm_stack_use *use, bool read, const struct bvm_guess *base,
			s32 off, s64 size)
{
	if (base->kind == BVM_GUESS_FP)
		bvm_use_range(use, read, (s64)base->value + off, (s64)base->value + off + size);
	else if (base->kind == BVM_GUESS_ANY && read)
		bvm_use_range(use, true, -BVM_MAX_STACK, 0);
}

/* Bytes behind argument @arg of a helper; @unknown when that is not known yet. */
static s64 bvm_guess_size(struct bvm_live_env *live, const struct bvm_helper *helper, u32 arg,
			  const struct bvm_guess *regs, s64 unknown)
{
	const struct bvm_guess *g;
	const struct bvm_map *map;
	u32 i;

	switch (helper->arg[arg] & ~BVM_ARG_MAYBE_NULL) {
	case BVM_ARG_LONG_OUT:
		return 8;
	case BVM_ARG_MEM:
	case BVM_ARG_UNINIT_MEM:
		g = &regs[min(arg + 2, 5U)];
		return g->kind == BVM_GUESS_CONST && g->value >= 0 ? g->value : unknown;
	}
	for (i = 0; i < 5; i++) {
		g = &regs[i + 1];
		if (helper->arg[i] != BVM_ARG_MAP_PTR || g->kind != BVM_GUESS_MAP)
			continue;
		map = live->env->args->maps[g->value];
		return helper->arg[arg] == BVM_ARG_MAP_KEY ? map->key_size : map->value_size;
	}
	return unknown;
}

static void bvm_use_call(struct bvm_live_env *live, const struct bvm_insn *in,
			 const struct bvm_guess *regs, struct bvm_stack_use *use)
{
	const struct bvm_helper *helper = bvm_helper_find(live->env->args->type, in->imm);
	u32 i;

	for (i = 0; helper && i < 5; i++) {
		switch (helper->arg[i] & ~BVM_ARG_MAYBE_NULL) {
		case BVM_ARG_MAP_KEY:
		case BVM_ARG_MAP_VALUE:
		case BVM_ARG_MEM:
			bvm_use_reg(use, true, &regs[i + 1], 0,
				    bvm_guess_size(live, helper, i, regs, BVM_MAX_STACK));
			break;
		case BVM_ARG_LONG_OUT:
		case BVM_ARG_UNINIT_MEM:
			bvm_use_reg(use, false, &regs[i + 1], 0,
				    bvm_guess_size(live, helper, i, regs, 0));
			break;
		}
	}
}

/* What an instruction does to the stack, given the registers before it. */
static void bvm_guess_use(struct bvm_live_env *live, const struct bvm_insn *in,
			  const struct bvm_guess *regs, struct bvm_stack_use *use)
{
	switch (in->class) {
	case BVM_LDX:
		bvm_use_reg(use, true, &regs[in->src], in->off, in->size);
		break;
	case BVM_ATOMIC:
		bvm_use_reg(use, true, &regs[in->dst], in->off, in->size);
		break;
	case BVM_ST:
	case BVM_STX:
		bvm_use_reg(use, false, &regs[in->dst], in->off, in->size);
		break;
	case BVM_CALL:
		bvm_use_call(live, in, regs, use);
		break;
	}
}

/* One pass over a block.  Return: true if something changed at the entry of a successor. */
static bool bvm_guess_block(struct bvm_live_env *live, u32 block, bool final)
{
	struct bvm_env *env = live->env;
	const struct bvm_block *b = &env->blocks[block];
	struct bvm_guesses g = live->entry[block];
	u32 i, j, n, last = b->start, succ[2];
	struct bvm_guesses *to;
	bool changed = false;

	for (i = b->start; i < b->end; i++) {
		if (env->args->insn[i].class == BVM_SLOT2)
			continue;
		if (final)
			bvm_guess_use(live, &env->args->insn[i], g.reg, &live->use[i]);
		bvm_guess_step(live, &env->args->insn[i], g.reg);
		last = i;
	}
	n = bvm_successors(env, last, succ);
	for (i = 0; i < n; i++) {
		to = &live->entry[env->block_at[succ[i]] - 1];
		for (j = 0; j < BVM_REGS; j++)
			changed |= bvm_guess_join(&to->reg[j], &g.reg[j]);
	}
	return changed;
}

/* Return: false when it takes too many passes. */
static bool bvm_guess_all(struct bvm_live_env *live)
{
	struct bvm_env *env = live->env;
	u32 i, pass = 0;
	bool changed, spilled;

	for (i = 0; i < BVM_REGS; i++)
		live->entry[0].reg[i].kind = BVM_GUESS_OTHER;
	live->entry[0].reg[BVM_FP] = (struct bvm_guess){ .kind = BVM_GUESS_FP };
	do {
		if (pass++ == BVM_MAX_PASSES)
			return false;
		spilled = live->spilled;
		changed = false;
		for (i = env->nr_blocks; i-- > 0;)
			changed |= bvm_guess_block(live, env->order[i], false);
		cond_resched();
	} while (changed || spilled != live->spilled);
	for (i = 0; i < env->nr_blocks; i++)
		bvm_guess_block(live, i, true);
	return true;
}

/* Registers that an instruction reads, and those whose old value it destroys. */
static void bvm_insn_regs(const struct bvm_env *env, const struct bvm_insn *in, u16 *use,
			  u16 *def)
{
	u16 dst = BIT(in->dst), src = in->flags & BVM_F_SRC_REG ? BIT(in->src) : 0;
	const struct bvm_helper *helper;
	u32 i;

	*use = 0;
	*def = 0;
	switch (in->class) {
	case BVM_ALU:
	case BVM_JCOND:
		*use = dst | src;
		break;
	case BVM_MOV:
		*use = src;
		*def = dst;
		break;
	case BVM_NEG:
	case BVM_ENDIAN:
	case BVM_ST:
		*use = dst;
		break;
	case BVM_LDX:
		*use = BIT(in->src);
		*def = dst;
		break;
	case BVM_STX:
		*use = dst | BIT(in->src);
		break;
	case BVM_ATOMIC:
		*use = dst | BIT(in->src) | (in->op == BVM_ATOMIC_CMPXCHG);
		break;
	case BVM_LD_IMM64:
		*def = dst;
		break;
	case BVM_LD_ABS:
	case BVM_LD_IND:
		*use = BIT(6) | (in->class == BVM_LD_IND ? BIT(in->src) : 0);
		*def = GENMASK(5, 0);
		break;
	case BVM_CALL:
		helper = bvm_helper_find(env->args->type, in->imm);
		for (i = 0; helper && i < 5 && helper->arg[i]; i++)
			*use |= BIT(i + 1);
		*def = GENMASK(5, 0);
		break;
	case BVM_EXIT:
		*use = BIT(0);
		break;
	}
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
	u16 uses, defs;

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
				live.half[0] |= in->half[0];
				live.half[1] |= in->half[1];
			}
		}
		bvm_insn_regs(env, &env->args->insn[i], &uses, &defs);
		live.regs = (live.regs & ~defs) | uses;
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
	if (!live.entry || !live.use)
		goto out;
	if (!bvm_guess_all(&live) || !bvm_live_all(&live))
		for (i = 0; i < env->nr_blocks; i++)
			memset(&env->blocks[i].live, 0xff, sizeof(env->blocks[i].live));
	err = 0;
out:
	kvfree(live.use);
	kvfree(live.entry);
	return err;
}
