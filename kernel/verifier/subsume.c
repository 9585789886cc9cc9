// SPDX-License-Identifier: GPL-2.0-only
/*
 * Is everything that @cur stands for among what @old stands for, as far as it made a
 * difference to what was found about @old?  Then that holds for @cur.
 */
#include "env.h"

/* @by: what the value with @cur is more than the one with @old, the same for all of that id */
static bool bvm_match_link(struct bvm_match *m, u32 old, u32 cur, s64 by)
{
	u32 i;

	if (!old || BVM_PLANTED(COVER_ID))
		return m->how != BVM_MATCH_EXACT || !cur;
	for (i = 0; i < m->nr_ids; i++)
		if (m->ids[i].old == old)
			return cur && m->ids[i].cur == cur && m->ids[i].by == by;
	m->ids[m->nr_ids++] = (struct bvm_id_pair){ old, cur, by };
	return true;
}

static bool bvm_match_id(struct bvm_match *m, u32 old, u32 cur)
{
	return bvm_match_link(m, old, cur, 0);
}

/* References have been matched before values: as many, and in the same order. */
static bool bvm_match_ref(struct bvm_match *m, u32 old, u32 cur)
{
	return old ? bvm_match_id(m, old, cur) : !cur;
}

/* Both hold no lock, or that of the same value. */
static bool bvm_match_lock(struct bvm_match *m, const struct bvm_held_lock *old,
			   const struct bvm_held_lock *cur)
{
	if (BVM_PLANTED(COVER_LOCK))
		return true;
	return old->held == cur->held && old->map == cur->map && old->flags == cur->flags &&
	       !old->id == !cur->id && bvm_match_id(m, old->id, cur->id);
}

static bool bvm_match_refs(struct bvm_match *m, const struct bvm_state *old,
			   const struct bvm_state *cur)
{
	u32 i;

	if (BVM_PLANTED(COVER_REFS))
		return true;
	if (old->nr_refs != cur->nr_refs)
		return false;
	for (i = 0; i < old->nr_refs; i++)
		if (!bvm_match_id(m, old->ref[i].id, cur->ref[i].id))
			return false;
	return bvm_match_ref(m, old->rcu, cur->rcu);
}

/* Sizes and types are the same; of a packet, at least as many bytes are there. */
static bool bvm_match_reach(struct bvm_match *m, const struct bvm_val *old,
			    const struct bvm_val *cur)
{
	if (m->how == BVM_MATCH_EXACT || !bvm_is_packet(old) || old->range == cur->range)
		return old->size == cur->size;
	if (old->range == BVM_PKT_AT)
		return cur->range == BVM_PKT_BEYOND;
	return !old->range || (old->range > 0 && old->range <= cur->range);
}

/* Is @old a number whose range made no difference? */
static bool bvm_ignores(const struct bvm_match *m, const struct bvm_val *old)
{
	return m->how == BVM_MATCH_NEEDED && old->kind == BVM_SCALAR && !bvm_needed(old);
}

static bool bvm_match_val(struct bvm_match *m, const struct bvm_val *old,
			  const struct bvm_val *cur)
{
	/* Nothing was asked of what was not initialised. */
	if (old->kind == BVM_UNINIT)
		return m->how != BVM_MATCH_EXACT || cur->kind == BVM_UNINIT;
	/* Any number.  An address is one, too, but may not do all that a number may. */
	if (bvm_ignores(m, old))
		return cur->kind == BVM_SCALAR;
	if (BVM_PLANTED(COVER_POINTER) && old->kind == cur->kind)
		return true;
	if (old->kind != cur->kind || old->flags != cur->flags || old->map != cur->map ||
	    old->frame != cur->frame || (bvm_is_pointer(old) && old->off != cur->off) ||
	    old->btf != cur->btf || !bvm_match_reach(m, old, cur) ||
	    !bvm_match_ref(m, old->ref, cur->ref))
		return false;
	if (BVM_PLANTED(COVER_RANGE))
		return true;
	if (m->how == BVM_MATCH_EXACT ? !bvm_scalar_equal(&old->s, &cur->s) :
		       !bvm_scalar_includes(&old->s, &cur->s))
		return false;
	return bvm_match_link(m, old->id, cur->id, (s64)cur->off - old->off);
}

static bool bvm_zero_byte(const struct bvm_slot *slot, u32 i)
{
	return slot->byte[i] == BVM_BYTE_ZERO ||
	       (slot->byte[i] == BVM_BYTE_SPILL && bvm_is_zero(&slot->cell->val));
}

/*
 * A spilled number about which nothing is known, or which makes no difference, is no more
 * than unknown bytes.
 */
static u32 bvm_known_spill(const struct bvm_match *m, const struct bvm_slot *slot)
{
	u32 n = bvm_slot_spilled(slot);
	struct bvm_val any;

	if (n && bvm_ignores(m, &slot->cell->val))
		return 0;
	if (!n || slot->cell->val.kind != BVM_SCALAR || slot->cell->val.id)
		return n;
	bvm_val_unknown(&any, n);
	return bvm_scalar_includes(&slot->cell->val.s, &any.s) ? 0 : n;
}

static bool bvm_match_slot(struct bvm_match *m, const struct bvm_slot *old,
			   const struct bvm_slot *cur)
{
	u32 i, n = bvm_known_spill(m, old);

	if (n && old->cell == cur->cell && !memcmp(old->byte, cur->byte, 8))
		return bvm_match_id(m, old->cell->val.id, cur->cell->val.id) &&
		       bvm_match_ref(m, old->cell->val.ref, cur->cell->val.ref);
	if (m->how == BVM_MATCH_EXACT && memcmp(old->byte, cur->byte, 8))
		return false;
	if (m->how == BVM_MATCH_EXACT && bvm_slot_spilled(old))
		return bvm_match_val(m, &old->cell->val, &cur->cell->val);
	if (n && (bvm_slot_spilled(cur) != n || !bvm_match_val(m, &old->cell->val,
							       &cur->cell->val)))
		return false;
	/* Unknown and unwritten bytes admit anything: both are read as unknown. */
	for (i = n; i < 8; i++)
		if (old->byte[i] == BVM_BYTE_ZERO && !bvm_zero_byte(cur, i))
			return false;
	return true;
}

static bool bvm_match_stack(struct bvm_match *m, const struct bvm_frame *old,
			    const struct bvm_frame *cur, const struct bvm_live *live)
{
	u32 i;

	for (i = 0; i < BVM_SLOTS; i++) {
		if (m->how != BVM_MATCH_EXACT && !old->page[i / BVM_PAGE_SLOTS]) {
			i |= BVM_PAGE_SLOTS - 1;
			continue;
		}
		if (!bvm_live_slot(live, i))
			continue;
		if (!bvm_match_slot(m, bvm_slot(old, i), bvm_slot(cur, i)))
			return false;
	}
	return true;
}

static bool bvm_match_regs(struct bvm_match *m, const struct bvm_frame *old,
			   const struct bvm_frame *cur, u64 regs)
{
	static const struct bvm_val uninit = { .kind = BVM_UNINIT };
	u32 i;

	for (i = 0; i < BVM_SAVED_REGS; i++)
		if ((regs & BIT(i)) &&
		    !bvm_match_val(m, old->reg[i] ? &old->reg[i]->val : &uninit,
				   cur->reg[i] ? &cur->reg[i]->val : &uninit)) {
			m->differs = i;
			return false;
		}
	return true;
}

/**
 * bvm_same_calls - the same functions, called from the same places?
 * @old:	state
 * @cur:	another one
 */
bool bvm_same_calls(const struct bvm_state *old, const struct bvm_state *cur)
{
	u32 i;

	if (old->top != cur->top)
		return false;
	for (i = 1; i <= old->top; i++)
		if (old->frame[i]->call != cur->frame[i]->call ||
		    old->frame[i]->func != cur->frame[i]->func)
			return false;
	return true;
}

/* Does the register differ that made the difference the last time? */
static bool bvm_match_differs(const struct bvm_match *m, const struct bvm_frame *old,
			      const struct bvm_frame *cur)
{
	const struct bvm_cell *o = old->reg[m->differs], *c = cur->reg[m->differs];

	return m->how != BVM_MATCH_EXACT && o && c && bvm_needed(&o->val) &&
	       !BVM_PLANTED(COVER_RANGE) && !bvm_scalar_includes(&o->val.s, &c->val.s);
}

/**
 * bvm_subsumes - does a checkpoint cover a state?
 * @env:	environment
 * @old:	state of a checkpoint, without what is dead
 * @cur:	state at the same instruction, with the same calls
 * @how:	how close they must be
 */
bool bvm_subsumes(struct bvm_env *env, const struct bvm_state *old, const struct bvm_state *cur,
		  enum bvm_match_how how)
{
	static const struct bvm_live all = { .half = { U64_MAX, U64_MAX }, .regs = U32_MAX };
	struct bvm_match *m = &env->match;
	const struct bvm_live *live = &all;
	u32 i;

	m->how = how;
	m->nr_ids = 0;
	if (bvm_match_differs(m, old->frame[old->top], cur->frame[old->top]) ||
	    !bvm_match_refs(m, old, cur) || !bvm_match_lock(m, &old->lock, &cur->lock))
		return false;
	for (i = old->top + 1; i-- > 0;) {
		if (how == BVM_MATCH_EXACT)
			live = bvm_frame_live(env, cur, i);
		if (!bvm_match_regs(m, old->frame[i], cur->frame[i], live->regs) ||
		    !bvm_match_stack(m, old->frame[i], cur->frame[i], live))
			return false;
	}
	return true;
}

static void bvm_pass_need(struct bvm_env *env, const struct bvm_val *old,
			  const struct bvm_val *cur)
{
	if (bvm_needed(old))
		bvm_demand(env, cur);
}

static void bvm_pass_slot(struct bvm_env *env, const struct bvm_slot *old,
			  const struct bvm_slot *cur)
{
	u32 i;

	if (!cur->cell)
		return;
	if (old->cell)
		bvm_pass_need(env, &old->cell->val, &cur->cell->val);
	for (i = 0; i < 8; i++)
		if (old->byte[i] == BVM_BYTE_ZERO && cur->byte[i] == BVM_BYTE_SPILL)
			bvm_demand(env, &cur->cell->val);
}

/**
 * bvm_pass_needs - what a checkpoint needs is needed of states that it covers
 * @env:	environment
 * @old:	state of a checkpoint
 * @cur:	state that it covers
 */
void bvm_pass_needs(struct bvm_env *env, const struct bvm_state *old, const struct bvm_state *cur)
{
	const struct bvm_frame *o, *c;
	u32 i, j;

	for (i = 0; i <= old->top; i++) {
		o = old->frame[i];
		c = cur->frame[i];
		if (o == c)
			continue;
		for (j = 0; j < BVM_SAVED_REGS; j++)
			if (o->reg[j] && c->reg[j] && o->reg[j] != c->reg[j])
				bvm_pass_need(env, &o->reg[j]->val, &c->reg[j]->val);
		for (j = 0; bvm_next_slot(o, &j); j++)
			if (c->page[j / BVM_PAGE_SLOTS])
				bvm_pass_slot(env, bvm_slot(o, j), bvm_slot(c, j));
	}
}
