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

static void bvm_generalise_slot(struct bvm_env *env, struct bvm_slot *slot)
{
	u32 i;

	if (!bvm_not_needed(slot->cell))
		return;
	for (i = 0; i < 8; i++)
		if (slot->byte[i] == BVM_BYTE_SPILL)
			slot->byte[i] = BVM_BYTE_MISC;
	bvm_cell_put(env, slot->cell);
	slot->cell = NULL;
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
		if (!bvm_not_needed(frame->reg[i]))
			continue;
		bvm_cell_put(env, frame->reg[i]);
		frame->reg[i] = env->any;
		env->any->refs++;
	}
	for (i = 0; i < BVM_PAGES; i++) {
		page = frame->page[i];
		if (!page || page->general)
			continue;
		page->general = true;
		for (j = 0; j < BVM_PAGE_SLOTS; j++)
			bvm_generalise_slot(env, &page->slot[j]);
	}
}

/* Takes over what is on a list, and useful. */
static void bvm_generalise_list(struct bvm_env *env, struct bvm_checkpoint *cp)
{
	struct bvm_checkpoint *next;
	u32 i;

	for (; cp; cp = next) {
		next = cp->next;
		if (!cp->hits && !env->blocks[env->block_at[cp->st.insn] - 1].head) {
			bvm_checkpoint_free(env, cp);
			continue;
		}
		for (i = 0; i <= cp->st.top; i++)
			bvm_generalise_frame(env, cp->st.frame[i]);
		bvm_point_list(env, cp);
	}
}

/**
 * bvm_generalise - prepare checkpoints for the certificate
 * @env:	environment after exploration; all checkpoints can be found by their keys then
 * Process context, may sleep.  Return: 0 or -ENOMEM.
 */
int bvm_generalise(struct bvm_env *env)
{
	struct bvm_checkpoint *points;
	struct bvm_state *st;
	u32 i;

	if (bvm_pools_reserve(env, 1))
		return -ENOMEM;
	env->any = bvm_pool_get(&env->cells);
	env->any->refs = 1;
	bvm_val_unknown(&env->any->val, 8);
	while (env->edges) {
		st = env->edges;
		env->edges = st->next;
		bvm_state_free(env, st);
	}
	for (i = 0; i <= BVM_POINT_BUCKETS; i++) {
		points = env->points_by_key[i];
		env->points_by_key[i] = NULL;
		bvm_generalise_list(env, points);
	}
	return 0;
}
