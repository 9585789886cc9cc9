// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checkpoints as the certificate wants them: only those that have covered a state, or are at
 * heads, where runs get their numbers; and in them only what exploration relied on.
 */
#include "env.h"

static bool bvm_not_needed(const struct bvm_cell *cell)
{
	return cell && cell->val.kind == BVM_SCALAR && !bvm_needed(&cell->val);
}

static void bvm_forget_slot(struct bvm_env *env, struct bvm_slot *slot)
{
	u32 i;

	for (i = 0; i < 8; i++)
		if (slot->byte[i] == BVM_BYTE_SPILL)
			slot->byte[i] = BVM_BYTE_MISC;
	bvm_cell_put(env, slot->cell);
	slot->cell = NULL;
}

static void bvm_forget_reg(struct bvm_env *env, struct bvm_cell **cell)
{
	bvm_cell_put(env, *cell);
	*cell = env->any;
	env->any->refs++;
}

/* Pages and frames may belong to several checkpoints: what to do is the same for all. */
static void bvm_generalise_frame(struct bvm_env *env, struct bvm_frame *frame)
{
	struct bvm_page *page;
	u32 i, j;

	if (frame->general)
		return;
	frame->general = true;
	for (i = 0; i < BVM_SAVED_REGS; i++) {
		if (bvm_not_needed(frame->reg[i]))
			bvm_forget_reg(env, &frame->reg[i]);
	}
	for (i = 0; i < BVM_PAGES; i++) {
		page = frame->page[i];
		if (!page || page->general)
			continue;
		page->general = true;
		for (j = 0; j < BVM_PAGE_SLOTS; j++)
			if (bvm_not_needed(page->slot[j].cell))
				bvm_forget_slot(env, &page->slot[j]);
	}
}

static bool bvm_needed_later(const struct bvm_checkpoint *cp, const struct bvm_cell *cell)
{
	return cell && bvm_needed(&cell->val) && cell->val.def->needed > cp->needs;
}

/*
 * What became needed when all paths from a checkpoint had been explored is needed by others,
 * from where its values come; states that it covered have never been asked for that.
 */
static void bvm_forget_later_needs(struct bvm_env *env, struct bvm_checkpoint *cp)
{
	struct bvm_state *st = &cp->st;
	u32 f, i;

	for (f = 0; f <= st->top; f++) {
		for (i = 0; i < BVM_SAVED_REGS; i++)
			if (bvm_needed_later(cp, st->frame[f]->reg[i]))
				bvm_forget_reg(env, &bvm_frame_own(env, st, f)->reg[i]);
		for (i = 0; bvm_next_slot(st->frame[f], &i); i++)
			if (bvm_needed_later(cp, bvm_slot(st->frame[f], i)->cell))
				bvm_forget_slot(env, bvm_slot_write(env, st, f, i));
	}
}

static int bvm_generalise_point(struct bvm_env *env, struct bvm_checkpoint *cp)
{
	int err = bvm_pools_reserve(env, cp->st.top + 1);
	u32 i;

	if (err)
		return err;
	bvm_forget_later_needs(env, cp);
	for (i = 0; i <= cp->st.top; i++)
		bvm_generalise_frame(env, cp->st.frame[i]);
	return 0;
}

/* Those that are useful. */
static int bvm_generalise_points(struct bvm_env *env)
{
	struct bvm_checkpoint *cp, *next;
	int err;

	list_for_each_entry_safe(cp, next, &env->closed, when) {
		if (!cp->hits && !bvm_meeting_at(env, cp->st.insn)->head) {
			bvm_checkpoint_free(env, cp);
			continue;
		}
		cp->index = env->nr_points++;
		err = bvm_generalise_point(env, cp);
		if (err)
			return err;
	}
	return 0;
}

/**
 * bvm_forget_numbers - forget what hardly makes a difference
 * @env:	environment with a reserve, after bvm_generalise_begin()
 * @st:		state
 * @block:	block that it is at the start of
 *
 * Before anything is known about what follows: should it make a difference, the program will be
 * refused.  Known numbers that nothing changes may decide which code is dead.
 */
void bvm_forget_numbers(struct bvm_env *env, struct bvm_state *st, const struct bvm_block *block)
{
	const struct bvm_cell *cell;
	u32 f, i, numbers;

	for (f = 0; f <= st->top; f++) {
		numbers = bvm_frame_live(env, st, f)->numbers;
		for (i = 0; i < BVM_SAVED_REGS; i++) {
			cell = st->frame[f]->reg[i];
			if (!cell || cell == env->any || cell->val.kind != BVM_SCALAR ||
			    numbers & BIT(i) || (!block->loop && bvm_is_const(&cell->val)))
				continue;
			bvm_forget_reg(env, &bvm_frame_own(env, st, f)->reg[i]);
		}
	}
}

/**
 * bvm_generalise_begin - what numbers become of which nothing is known
 * @env:	environment
 * Process context, may sleep.  Return: 0 or -ENOMEM.
 */
int bvm_generalise_begin(struct bvm_env *env)
{
	int err = bvm_pools_reserve(env, 1);

	if (err)
		return err;
	env->any = bvm_pool_get(&env->cells);
	env->any->refs = 1;
	bvm_val_unknown(&env->any->val, 8);
	return 0;
}

/**
 * bvm_generalise - prepare checkpoints for the certificate
 * @env:	environment after exploration; none can be found by its key then
 * Process context, may sleep.  Return: 0 or -ENOMEM.
 */
int bvm_generalise(struct bvm_env *env)
{
	struct bvm_state *st;
	int err = bvm_generalise_begin(env);

	if (err)
		return err;
	while (env->edges) {
		st = env->edges;
		env->edges = st->next;
		bvm_state_free(env, st);
	}
	memset(env->points_by_key, 0, (env->nr_buckets + 1) * sizeof(*env->points_by_key));
	return bvm_generalise_points(env);
}
