// SPDX-License-Identifier: GPL-2.0-only
/*
 * Is everything that @cur stands for among what @old stands for?  Then what was found
 * about @old holds for @cur.
 */
#include "env.h"

/*
 * Ids: where @old says that two values are equal, they must be equal in @cur.  So each id
 * of @old stands for one id of @cur; the other way round it need not be unique.
 */
struct bvm_id_pair {
	u32 old;
	u32 cur;
};

struct bvm_match {
	struct bvm_id_pair ids[BVM_SAVED_REGS + BVM_SLOTS];
	u32 nr_ids;
	bool exact;	/* ask for equality */
};

static bool bvm_match_id(struct bvm_match *m, u32 old, u32 cur)
{
	u32 i;

	if (!old)
		return !m->exact || !cur;
	for (i = 0; i < m->nr_ids; i++)
		if (m->ids[i].old == old)
			return cur && m->ids[i].cur == cur;
	m->ids[m->nr_ids++] = (struct bvm_id_pair){ old, cur };
	return true;
}

static bool bvm_match_val(struct bvm_match *m, const struct bvm_val *old,
			  const struct bvm_val *cur)
{
	/* Nothing was asked of what was not initialised. */
	if (old->kind == BVM_UNINIT)
		return !m->exact || cur->kind == BVM_UNINIT;
	if (old->kind != cur->kind || old->flags != cur->flags || old->map != cur->map ||
	    old->off != cur->off)
		return false;
	if (m->exact ? !bvm_scalar_equal(&old->s, &cur->s) :
		       !bvm_scalar_includes(&old->s, &cur->s))
		return false;
	return bvm_match_id(m, old->id, cur->id);
}

static bool bvm_zero_byte(const struct bvm_slot *slot, u32 i)
{
	return slot->byte[i] == BVM_BYTE_ZERO ||
	       (slot->byte[i] == BVM_BYTE_SPILL && bvm_is_const(&slot->cell->val) &&
		!bvm_scalar_value(&slot->cell->val.s));
}

/* A spilled number about which nothing is known is no more than unknown bytes. */
static u32 bvm_known_spill(const struct bvm_slot *slot)
{
	u32 n = bvm_slot_spilled(slot);
	struct bvm_val any;

	if (!n || slot->cell->val.kind != BVM_SCALAR || slot->cell->val.id)
		return n;
	bvm_val_unknown(&any, n);
	return bvm_scalar_includes(&slot->cell->val.s, &any.s) ? 0 : n;
}

static bool bvm_match_slot(struct bvm_match *m, const struct bvm_slot *old,
			   const struct bvm_slot *cur)
{
	u32 i, n = bvm_known_spill(old);

	if (old->cell && old->cell == cur->cell && !memcmp(old->byte, cur->byte, 8))
		return bvm_match_id(m, old->cell->val.id, cur->cell->val.id);
	if (m->exact && memcmp(old->byte, cur->byte, 8))
		return false;
	if (m->exact && bvm_slot_spilled(old))
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

static bool bvm_match_stack(struct bvm_match *m, const struct bvm_state *old,
			    const struct bvm_state *cur, const struct bvm_live *live)
{
	u32 i;

	for (i = 0; i < BVM_SLOTS; i++) {
		if (!m->exact && !old->page[i / BVM_PAGE_SLOTS]) {
			i |= BVM_PAGE_SLOTS - 1;
			continue;
		}
		if (live && !bvm_live_slot(live, i))
			continue;
		if (!bvm_match_slot(m, bvm_slot(old, i), bvm_slot(cur, i)))
			return false;
	}
	return true;
}

static bool bvm_match_regs(struct bvm_env *env, struct bvm_match *m, const struct bvm_state *old,
			   const struct bvm_state *cur, u64 regs)
{
	u32 i;

	for (i = 0; i < BVM_SAVED_REGS; i++)
		if ((regs & BIT(i)) &&
		    !bvm_match_val(m, bvm_reg(env, old, i), bvm_reg(env, cur, i)))
			return false;
	return true;
}

/**
 * bvm_subsumes - does a checkpoint cover a state?
 * @env:	environment
 * @old:	state of a checkpoint, without what is dead
 * @cur:	state at the same instruction
 *
 * Every value that is left in @old is compared: all of them count as needed.
 */
bool bvm_subsumes(struct bvm_env *env, const struct bvm_state *old, const struct bvm_state *cur)
{
	struct bvm_match m;

	m.exact = false;
	m.nr_ids = 0;
	return bvm_match_regs(env, &m, old, cur, U64_MAX) && bvm_match_stack(&m, old, cur, NULL);
}

/**
 * bvm_same_state - is a state the same as one on the way to it?
 * @env:	environment
 * @old:	state of a checkpoint
 * @cur:	state at the same instruction
 * @live:	what is live there; nothing else is compared
 */
bool bvm_same_state(struct bvm_env *env, const struct bvm_state *old,
		    const struct bvm_state *cur, const struct bvm_live *live)
{
	struct bvm_match m;

	m.exact = true;
	m.nr_ids = 0;
	return bvm_match_regs(env, &m, old, cur, live->regs) &&
	       bvm_match_stack(&m, old, cur, live);
}
