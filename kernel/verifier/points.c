// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checkpoints: states at the starts of blocks that later ones are compared with.
 *
 * One is open until all paths from it have been explored.  From then on, states are
 * compared with it, the last one first: paths that were put aside late are explored early.
 * Those that turn out to cover nothing go; those that have covered a state, or are at the
 * heads of runs, stay until the end, for the certificate.
 */
#include "env.h"

/*
 * A checkpoint is worth its price after so many instructions; after more of them where there
 * has been but one way: what comes that way again is found out where it began.
 */
#define BVM_POINT_INSNS		8
#define BVM_POINT_ONE_WAY	100
/* One goes after so many misses, and so many more for each hit. */
#define BVM_MISSES		8

static struct bvm_block *bvm_point_block(struct bvm_env *env, const struct bvm_checkpoint *cp)
{
	return &env->blocks[env->block_at[cp->st.insn] - 1];
}

/**
 * bvm_points_init - lists of checkpoints for a program
 * @env:	environment with blocks
 * Process context, may sleep.  Return: 0 or -ENOMEM.
 */
int bvm_points_init(struct bvm_env *env)
{
	env->nr_buckets = clamp_t(u32, roundup_pow_of_two(env->nr_blocks), 8,
				  BVM_POINT_BUCKETS);
	env->points_by_key = kvcalloc(env->nr_buckets + 1, sizeof(*env->points_by_key),
				      GFP_KERNEL_ACCOUNT);
	return env->points_by_key ? 0 : -ENOMEM;
}

/**
 * bvm_points_reset - forget all states and checkpoints
 * @env:	environment
 */
void bvm_points_reset(struct bvm_env *env)
{
	u32 i;

	memset(env->points_by_key, 0, (env->nr_buckets + 1) * sizeof(*env->points_by_key));
	for (i = 0; i < env->nr_blocks; i++) {
		env->blocks[i].open = NULL;
		env->blocks[i].nr_points = 0;
	}
	INIT_LIST_HEAD(&env->closed);
	env->pending = NULL;
	env->nr_pending = 0;
	env->unused = NULL;
	env->total_points = 0;
	env->live_points = 0;
	env->peak_points = 0;
	env->max_points = 0;
	bvm_pools_reset(env);
}

static u32 bvm_mix(u32 key, u32 more)
{
	return (key ^ more) * 0x9e3779b1 + (key >> 15);
}

/**
 * bvm_point_key - where to look for checkpoints that may cover a state
 * @env:	environment
 * @st:		state at the start of a block
 *
 * Pointers in registers are always compared, and few of them vary.
 *
 * Return: number; that of a checkpoint which covers @st is the same.
 */
u32 bvm_point_key(const struct bvm_env *env, const struct bvm_state *st)
{
	const struct bvm_live *live = bvm_frame_live(env, st, st->top);
	const struct bvm_frame *frame = st->frame[st->top];
	u32 i, key = bvm_mix(st->insn, st->top);
	const struct bvm_val *v;

	for (i = 0; i < BVM_SAVED_REGS; i++) {
		if (!frame->reg[i] || !(live->regs & BIT(i)))
			continue;
		v = &frame->reg[i]->val;
		if (bvm_is_pointer(v))
			key = bvm_mix(bvm_mix(key, v->kind << 8 | v->map), v->off);
	}
	return key;
}

/**
 * bvm_point_exact - a number that is the same for equal states
 * @env:	environment
 * @st:		state at the start of a block
 *
 * Return: number made of what is known about numbers in registers.
 */
u32 bvm_point_exact(const struct bvm_env *env, const struct bvm_state *st)
{
	const struct bvm_frame *frame = st->frame[st->top];
	u32 regs = bvm_frame_live(env, st, st->top)->regs;
	const struct bvm_scalar *s;
	u32 i, exact = 0;

	for (i = 0; i < BVM_SAVED_REGS; i++) {
		if (!frame->reg[i] || !(regs & BIT(i)))
			continue;
		s = &frame->reg[i]->val.s;
		exact = bvm_mix(exact, s->umin ^ s->umax ^ s->t.value);
	}
	return exact;
}

static struct bvm_checkpoint **bvm_point_bucket(struct bvm_env *env, u32 key)
{
	return &env->points_by_key[(key ^ key >> 16) & (env->nr_buckets - 1)];
}

/**
 * bvm_point_first - checkpoints that may cover a state
 * @env:	environment
 * @key:	of the state
 * Return: where a list of them, and of others, begins.
 */
struct bvm_checkpoint **bvm_point_first(struct bvm_env *env, u32 key)
{
	return bvm_point_bucket(env, key);
}

static void bvm_point_push(struct bvm_checkpoint **list, struct bvm_checkpoint *cp)
{
	cp->next = *list;
	*list = cp;
}

/**
 * bvm_point_list - states are compared with a checkpoint from now on
 * @env:	environment
 * @cp:		checkpoint that is on no list
 */
void bvm_point_list(struct bvm_env *env, struct bvm_checkpoint *cp)
{
	bvm_point_push(bvm_point_bucket(env, cp->key), cp);
}

/* States are not compared with it any more. */
static void bvm_point_retire(struct bvm_env *env, struct bvm_checkpoint *cp)
{
	struct bvm_block *block = bvm_point_block(env, cp);

	block->nr_points--;
	if (cp->hits || cp->loose || block->head) {
		bvm_point_push(&env->points_by_key[env->nr_buckets], cp);
		return;
	}
	env->live_points--;
	bvm_checkpoint_free(env, cp);
}

/**
 * bvm_point_miss - a checkpoint does not cover a state
 * @env:	environment
 * @where:	where the list refers to it; if it is useless, it goes
 * Return: where the list goes on.
 */
struct bvm_checkpoint **bvm_point_miss(struct bvm_env *env, struct bvm_checkpoint **where)
{
	struct bvm_checkpoint *cp = *where;

	if (++cp->misses <= BVM_MISSES * (cp->hits + 1))
		return &cp->next;
	*where = cp->next;
	bvm_point_retire(env, cp);
	return where;
}

/**
 * bvm_point_hit - a checkpoint covers a state
 * @env:	environment
 * @where:	where the list refers to it
 */
void bvm_point_hit(struct bvm_env *env, struct bvm_checkpoint **where)
{
	struct bvm_checkpoint *cp = *where;

	cp->hits++;
	*where = cp->next;
	bvm_point_list(env, cp);
}

/**
 * bvm_meeting_at - the block where ways meet, or a round of a run begins
 * @env:	environment
 * @insn:	instruction
 * Return: block that begins there, or NULL.
 */
struct bvm_block *bvm_meeting_at(const struct bvm_env *env, u32 insn)
{
	u32 at = env->block_at[insn];
	struct bvm_block *block = &env->blocks[at - 1];

	return at && (block->preds > 1 || block->head) ? block : NULL;
}

/**
 * bvm_point_worth - is it worth remembering a state?
 * @st:		state
 * @block:	block that it is at the start of, where ways meet
 *
 * Where ways meet in front of a long block, the next one need not go through all of it.
 */
bool bvm_point_worth(const struct bvm_state *st, const struct bvm_block *block)
{
	if (!st->forked)
		return st->insns >= BVM_POINT_ONE_WAY;
	return st->insns >= BVM_POINT_INSNS || block->end - block->start >= BVM_POINT_ONE_WAY;
}

/**
 * bvm_point_add - remember a state
 * @env:	environment with a reserve
 * @st:		state; what is dead is dropped, and what follows counts as what follows the
 *		checkpoint
 * @block:	block that it is at the start of
 * @key:	its key
 */
void bvm_point_add(struct bvm_env *env, struct bvm_state *st, struct bvm_block *block, u32 key)
{
	struct bvm_checkpoint *cp;
	u32 i;

	for (i = 0; i <= st->top; i++)
		bvm_state_clean(env, st, i, bvm_frame_live(env, st, i));
	bvm_state_fresh_defs(env, st);
	cp = bvm_checkpoint_new(env, st);
	if (BVM_PLANTED(LIVE_REG) && !env->certifying)
		bvm_reg_clear(env, &cp->st, 6);
	if (BVM_PLANTED(LIVE_SLOT) && !env->certifying)
		bvm_slot_scrub(env, &cp->st, cp->st.top, 0, 0, 8);
	cp->open = 1;
	cp->key = key;
	bvm_point_push(&block->open, cp);
	block->nr_points++;
	st->parent = cp;
	st->insns = 0;
	st->forked = false;
	env->total_points++;
	env->live_points++;
	env->peak_points = max(env->peak_points, env->live_points);
	env->max_points = max(env->max_points, block->nr_points);
}

/**
 * bvm_path_end - a path is done: close the checkpoints that it was the last open path of
 * @env:	environment
 * @st:		its last state
 */
void bvm_path_end(struct bvm_env *env, struct bvm_state *st)
{
	struct bvm_checkpoint *cp;

	for (cp = st->parent; cp && !--cp->open; cp = cp->st.parent) {
		if (cp->ahead)
			continue;
		list_add_tail(&cp->when, &env->closed);
		cp->needs = cp->loose ? U32_MAX : env->needs;
		/* Depth first: no other one of the block was made after it, and is open. */
		bvm_point_block(env, cp)->open = cp->next;
		bvm_point_list(env, cp);
	}
}
