// SPDX-License-Identifier: GPL-2.0-only
/*
 * States: frames of functions, and in them values and pages of stack slots, all shared by
 * reference count and copied when one of the sharers writes.
 *
 * Nothing in here fails, see pool.c.
 */
#include "env.h"

const struct bvm_val bvm_uninit_val = { .kind = BVM_UNINIT };
const struct bvm_slot bvm_unwritten_slot;

/**
 * bvm_cell_put - a register or slot does not hold a value any more
 * @env:	environment
 * @cell:	value, or NULL
 */
void bvm_cell_put(struct bvm_env *env, struct bvm_cell *cell)
{
	if (!cell || --cell->refs)
		return;
	bvm_def_put(env, cell->val.def);
	bvm_pool_put(&env->cells, cell);
}

static struct bvm_cell *bvm_cell_get(struct bvm_cell *cell)
{
	if (cell)
		cell->refs++;
	return cell;
}

/* *@where becomes a cell that is not shared; with a new one, @keep what is in there. */
static struct bvm_val *bvm_cell_own(struct bvm_env *env, struct bvm_cell **where, bool keep)
{
	struct bvm_cell *old = *where, *cell;

	if (old && old->refs == 1)
		return &old->val;
	cell = bvm_pool_get(&env->cells);
	cell->refs = 1;
	cell->val.def = NULL;
	if (keep) {
		cell->val = old->val;
		if (cell->val.def)
			cell->val.def->refs++;
	}
	if (old)
		old->refs--;
	*where = cell;
	return &cell->val;
}

/* Make *@where hold @v, which may lie inside the cell that is there now. */
static void bvm_cell_set(struct bvm_env *env, struct bvm_cell **where, const struct bvm_val *v)
{
	struct bvm_def *def = bvm_def_get(env, v);
	struct bvm_val *own = bvm_cell_own(env, where, false);

	bvm_def_put(env, own->def);
	if (own != v)
		*own = *v;
	own->def = def;
}

static void bvm_page_put(struct bvm_env *env, struct bvm_page *page)
{
	u32 i;

	if (!page || --page->refs)
		return;
	for (i = 0; i < BVM_PAGE_SLOTS; i++)
		bvm_cell_put(env, page->slot[i].cell);
	bvm_pool_put(&env->pages, page);
}

/* The page that holds @slot, not shared with any other frame. */
static struct bvm_page *bvm_page_own(struct bvm_env *env, struct bvm_frame *frame, u32 slot)
{
	struct bvm_page **where = &frame->page[slot / BVM_PAGE_SLOTS], *old = *where, *page;
	u32 i;

	if (old && old->refs == 1)
		return old;
	page = bvm_pool_get(&env->pages);
	if (old) {
		*page = *old;
		for (i = 0; i < BVM_PAGE_SLOTS; i++)
			bvm_cell_get(page->slot[i].cell);
		old->refs--;
	} else {
		memset(page, 0, sizeof(*page));
	}
	page->refs = 1;
	page->general = false;
	*where = page;
	return page;
}

static void bvm_frame_put(struct bvm_env *env, struct bvm_frame *frame)
{
	u32 i;

	if (--frame->refs)
		return;
	for (i = 0; i < BVM_SAVED_REGS; i++)
		bvm_cell_put(env, frame->reg[i]);
	for (i = 0; i < BVM_PAGES; i++)
		bvm_page_put(env, frame->page[i]);
	bvm_pool_put(&env->frames, frame);
}

/**
 * bvm_frame_copy - a frame that is shared gets a copy, to be written
 * @env:	environment with a reserve
 * @st:		state
 * @frame:	0..@st->top
 */
struct bvm_frame *bvm_frame_copy(struct bvm_env *env, struct bvm_state *st, u32 frame)
{
	struct bvm_frame *old = st->frame[frame], *own;
	u32 i;

	own = bvm_pool_get(&env->frames);
	*own = *old;
	own->refs = 1;
	own->general = false;
	for (i = 0; i < BVM_SAVED_REGS; i++)
		bvm_cell_get(own->reg[i]);
	for (i = 0; i < BVM_PAGES; i++)
		if (own->page[i])
			own->page[i]->refs++;
	old->refs--;
	st->frame[frame] = own;
	return own;
}

/**
 * bvm_frame_push - a function is called: its frame, in which nothing is initialised
 * @env:	environment with a reserve
 * @st:		state with less than BVM_MAX_FRAMES of them, at the call
 * @func:	function
 */
void bvm_frame_push(struct bvm_env *env, struct bvm_state *st, u32 func)
{
	struct bvm_frame *frame = bvm_pool_get(&env->frames);

	memset(frame, 0, sizeof(*frame));
	frame->refs = 1;
	frame->func = func;
	frame->call = st->insn;
	st->frame[++st->top] = frame;
}

/**
 * bvm_frame_pop - the function has returned
 * @env:	environment
 * @st:		state of more than one frame
 */
void bvm_frame_pop(struct bvm_env *env, struct bvm_state *st)
{
	bvm_frame_put(env, st->frame[st->top--]);
}

static void bvm_state_share(struct bvm_state *to, const struct bvm_state *from)
{
	u32 i;

	*to = *from;
	for (i = 0; i <= to->top; i++)
		to->frame[i]->refs++;
}

static void bvm_state_drop(struct bvm_env *env, struct bvm_state *st)
{
	u32 i;

	for (i = 0; i <= st->top; i++)
		bvm_frame_put(env, st->frame[i]);
}

/**
 * bvm_state_new - the program begins: one frame, in which nothing is initialised
 * @env:	environment with a reserve
 */
struct bvm_state *bvm_state_new(struct bvm_env *env)
{
	struct bvm_state *st = bvm_pool_get(&env->states);

	memset(st, 0, sizeof(*st));
	st->top = U32_MAX;	/* ... and 1 is 0 */
	bvm_frame_push(env, st, 0);
	st->frame[0]->run[BVM_RUN_MAY_GOTO].id = BVM_MAY_GOTO_RUN;
	return st;
}

/**
 * bvm_state_copy - a second state, equal for now
 * @env:	environment with a reserve
 * @from:	first
 */
struct bvm_state *bvm_state_copy(struct bvm_env *env, const struct bvm_state *from)
{
	struct bvm_state *st = bvm_pool_get(&env->states);

	bvm_state_share(st, from);
	return st;
}

/**
 * bvm_state_free - the end of a state
 * @env:	environment
 * @st:		state
 */
void bvm_state_free(struct bvm_env *env, struct bvm_state *st)
{
	bvm_state_drop(env, st);
	bvm_pool_put(&env->states, st);
}

/**
 * bvm_checkpoint_new - remember a state
 * @env:	environment with a reserve
 * @st:		state, dead values dropped
 */
struct bvm_checkpoint *bvm_checkpoint_new(struct bvm_env *env, const struct bvm_state *st)
{
	struct bvm_checkpoint *cp = bvm_pool_get(&env->points);

	memset(cp, 0, sizeof(*cp));
	INIT_LIST_HEAD(&cp->when);
	bvm_state_share(&cp->st, st);
	return cp;
}

/**
 * bvm_checkpoint_free - forget a state
 * @env:	environment
 * @cp:		checkpoint that nothing refers to
 */
void bvm_checkpoint_free(struct bvm_env *env, struct bvm_checkpoint *cp)
{
	list_del(&cp->when);
	bvm_state_drop(env, &cp->st);
	bvm_pool_put(&env->points, cp);
}

static void bvm_frame_reg_clear(struct bvm_env *env, struct bvm_state *st, u32 frame, u32 reg)
{
	struct bvm_frame *own = bvm_frame_own(env, st, frame);

	bvm_cell_put(env, own->reg[reg]);
	own->reg[reg] = NULL;
}

/**
 * bvm_state_clean - drop what no path reads any more
 * @env:	environment
 * @st:		state
 * @frame:	0..@st->top
 * @live:	what is live where that function is
 *
 * The state itself forgets, not only its copy in a checkpoint.  Should @live ever be
 * wrong, the program is refused for reading an uninitialised register (or gets an
 * unknown number from the stack), and nothing unsafe is accepted.  Objects on the stack
 * stay: a part of one is none.
 */
void bvm_state_clean(struct bvm_env *env, struct bvm_state *st, u32 frame,
		     const struct bvm_live *live)
{
	const struct bvm_slot *slot;
	u32 i;

	for (i = 0; i < BVM_SAVED_REGS; i++)
		if (!(live->regs & BIT(i)) && st->frame[frame]->reg[i])
			bvm_frame_reg_clear(env, st, frame, i);
	for (i = 0; bvm_next_slot(st->frame[frame], &i); i++) {
		slot = bvm_slot(st->frame[frame], i);
		if (bvm_slot_object(slot))
			continue;
		if (bvm_live_slot(live, i) || !memcmp(slot, &bvm_unwritten_slot, sizeof(*slot)))
			continue;
		bvm_slot_scrub(env, st, frame, i, 0, 8);
		memset(bvm_slot_write(env, st, frame, i)->byte, BVM_BYTE_INVALID, 8);
	}
}

/* Is it a number whose range has made a difference? */
static bool bvm_cell_needed(const struct bvm_cell *cell)
{
	return cell && bvm_needed(&cell->val);
}

/* Makes *@where a copy of a number of its own, as if it came from nowhere. */
static void bvm_cell_fresh_def(struct bvm_env *env, struct bvm_cell **where)
{
	struct bvm_val v = (*where)->val;

	v.def = NULL;
	bvm_cell_set(env, where, &v);
}

/**
 * bvm_state_fresh_defs - what has been needed so far need not be needed again
 * @env:	environment with a reserve
 * @st:		state that a checkpoint will be made of
 *
 * What it came from knows already, so that nothing is lost with the nodes.
 */
void bvm_state_fresh_defs(struct bvm_env *env, struct bvm_state *st)
{
	struct bvm_page *page;
	u32 f, i;

	for (f = 0; f <= st->top; f++) {
		for (i = 0; i < BVM_SAVED_REGS; i++)
			if (bvm_cell_needed(st->frame[f]->reg[i]))
				bvm_cell_fresh_def(env, &bvm_frame_own(env, st, f)->reg[i]);
		for (i = 0; bvm_next_slot(st->frame[f], &i); i++) {
			if (!bvm_cell_needed(bvm_slot(st->frame[f], i)->cell))
				continue;
			page = bvm_page_own(env, bvm_frame_own(env, st, f), i);
			bvm_cell_fresh_def(env, &page->slot[i % BVM_PAGE_SLOTS].cell);
		}
	}
}

static struct bvm_cell **bvm_reg_own(struct bvm_env *env, struct bvm_state *st, u32 reg)
{
	return &bvm_frame_own(env, st, st->top)->reg[reg];
}

/* See bvm_reg_edit(). */
struct bvm_val *bvm_reg_copy(struct bvm_env *env, struct bvm_state *st, u32 reg)
{
	return bvm_cell_own(env, bvm_reg_own(env, st, reg), true);
}

/**
 * bvm_reg_new - where a number that a register gets is to be put together
 * @env:	environment with a reserve
 * @st:		state
 * @reg:	0..9
 * Return: value, all undefined but for ->def, to be changed by bvm_def_derive().
 */
struct bvm_val *bvm_reg_new(struct bvm_env *env, struct bvm_state *st, u32 reg)
{
	bvm_reg_wrote(env, st, reg);
	return bvm_cell_own(env, bvm_reg_own(env, st, reg), false);
}

/**
 * bvm_reg_set - write a register
 * @env:	environment with a reserve
 * @st:		state
 * @reg:	0..9
 * @v:		value
 */
void bvm_reg_set(struct bvm_env *env, struct bvm_state *st, u32 reg, const struct bvm_val *v)
{
	bvm_cell_set(env, bvm_reg_own(env, st, reg), v);
	bvm_reg_wrote(env, st, reg);
}

/**
 * bvm_reg_refine - more is known about a number: tell what is linked to it, too
 * @env:	environment with a reserve
 * @st:		state
 * @reg:	0..9
 * @known:	what is known
 * @def:	its node
 */
void bvm_reg_refine(struct bvm_env *env, struct bvm_state *st, u32 reg,
		    const struct bvm_scalar *known, struct bvm_def *def)
{
	struct bvm_val v, *own;

	if (!bvm_reg(env, st, reg)->id) {
		own = bvm_reg_edit(env, st, reg);
		own->s = *known;
		bvm_def_set(env, own, def);
		return;
	}
	v = *bvm_reg(env, st, reg);
	v.s = *known;
	v.def = def;
	bvm_update_equal(env, st, v.id, &v);
}

/**
 * bvm_reg_replace - more is known about a register, and about no copy of it
 * @env:	environment with a reserve
 * @st:		state
 * @reg:	0..9
 * @v:		what is known
 */
void bvm_reg_replace(struct bvm_env *env, struct bvm_state *st, u32 reg, const struct bvm_val *v)
{
	bvm_cell_set(env, bvm_reg_own(env, st, reg), v);
}

/**
 * bvm_reg_clear - a register becomes uninitialised
 * @env:	environment
 * @st:		state
 * @reg:	0..9
 */
void bvm_reg_clear(struct bvm_env *env, struct bvm_state *st, u32 reg)
{
	if (st->frame[st->top]->reg[reg])
		bvm_frame_reg_clear(env, st, st->top, reg);
	env->touched &= ~BIT(reg);
}

/**
 * bvm_slot_write - a stack slot whose bytes the caller may change
 * @env:	environment with a reserve
 * @st:		state
 * @frame:	0..@st->top
 * @slot:	0 is at r10 - 8
 *
 * The cell is changed by bvm_slot_spill() and bvm_slot_scrub() only.
 */
struct bvm_slot *bvm_slot_write(struct bvm_env *env, struct bvm_state *st, u32 frame, u32 slot)
{
	struct bvm_page *page = bvm_page_own(env, bvm_frame_own(env, st, frame), slot);

	if (frame == st->top)
		env->touched_slots |= BIT_ULL(slot);
	return &page->slot[slot % BVM_PAGE_SLOTS];
}

/**
 * bvm_slot_spill - store a value into the low bytes of a slot
 * @env:	environment with a reserve
 * @st:		state
 * @frame:	0..@st->top
 * @slot:	slot
 * @bytes:	1, 2, 4 or 8
 * @v:		value; below 8 bytes a number that fits into them
 *
 * What the slot held before has been scrubbed.
 */
void bvm_slot_spill(struct bvm_env *env, struct bvm_state *st, u32 frame, u32 slot, u32 bytes,
		    const struct bvm_val *v)
{
	struct bvm_slot *s = bvm_slot_write(env, st, frame, slot);

	bvm_cell_set(env, &s->cell, v);
	memset(s->byte, BVM_BYTE_SPILL, bytes);
	if (bytes == 8 && frame == st->top)
		st->wrote_slots |= BIT_ULL(slot);
}

/**
 * bvm_slot_scrub - the slot's value is no longer known as a whole
 * @env:	environment with a reserve
 * @st:		state
 * @frame:	0..@st->top
 * @slot:	slot
 * @from:	bytes that will be overwritten: from there
 * @to:		to there
 *
 * The others become zero where the value was 0, and otherwise unknown.
 */
void bvm_slot_scrub(struct bvm_env *env, struct bvm_state *st, u32 frame, u32 slot, u32 from,
		    u32 to)
{
	struct bvm_slot *s = bvm_slot_write(env, st, frame, slot);
	u32 n = bvm_slot_spilled(s);
	bool zero;

	if (!s->cell)
		return;
	zero = bvm_is_zero(&s->cell->val);
	if (zero && (from || to < n) && !BVM_PLANTED(NEED_ZERO))
		bvm_demand(env, &s->cell->val);
	memset(s->byte, zero ? BVM_BYTE_ZERO : BVM_BYTE_MISC, n);
	bvm_cell_put(env, s->cell);
	s->cell = NULL;
}

/* Does a value change, and if so into what? */
typedef bool bvm_change_fn(const struct bvm_cell *cell, u32 id, const struct bvm_val *v,
			   struct bvm_val *out);

/* Values with that id learn from @v. */
static bool bvm_copy_of(const struct bvm_cell *cell, u32 id, const struct bvm_val *v,
			struct bvm_val *out)
{
	if (cell->val.id != id)
		return false;
	bvm_link_follow(&cell->val, v, out);
	return true;
}

/* Pointers that stand on that reference become @v. */
static bool bvm_held_by(const struct bvm_cell *cell, u32 ref, const struct bvm_val *v,
			struct bvm_val *out)
{
	if (cell->val.ref != ref)
		return false;
	*out = *v;
	return true;
}

/* Pointers into the packet, and to its end. */
static bool bvm_of_packet(const struct bvm_cell *cell, u32 id, const struct bvm_val *v,
			  struct bvm_val *out)
{
	if (!bvm_is_packet(&cell->val) && cell->val.kind != BVM_PTR_PKT_END)
		return false;
	*out = *v;
	return true;
}

/* Pointers that reach at least as far as @v become @v, but for their own offset. */
static bool bvm_reaches(const struct bvm_cell *cell, u32 id, const struct bvm_val *v,
			struct bvm_val *out)
{
	if (cell->val.kind != v->kind || cell->val.id != id || cell->val.range >= v->range)
		return false;
	*out = *v;
	out->off = cell->val.off;
	return true;
}

static void bvm_update_frame(struct bvm_env *env, struct bvm_state *st, u32 frame,
			     bvm_change_fn *change, u32 id, const struct bvm_val *v)
{
	struct bvm_val copy;
	struct bvm_cell *cell;
	struct bvm_frame *own;
	struct bvm_page *page;
	u32 i;

	for (i = 0; i < BVM_SAVED_REGS; i++) {
		cell = st->frame[frame]->reg[i];
		if (!cell || !change(cell, id, v, &copy))
			continue;
		copy.def = bvm_def_update(env, cell->val.def, v->def);
		bvm_cell_set(env, &bvm_frame_own(env, st, frame)->reg[i], &copy);
	}
	for (i = 0; bvm_next_slot(st->frame[frame], &i); i++) {
		cell = bvm_slot(st->frame[frame], i)->cell;
		if (!cell || !change(cell, id, v, &copy))
			continue;
		copy.def = bvm_def_update(env, cell->val.def, v->def);
		own = bvm_frame_own(env, st, frame);
		page = bvm_page_own(env, own, i);
		bvm_cell_set(env, &page->slot[i % BVM_PAGE_SLOTS].cell, &copy);
	}
}

/**
 * bvm_update_equal - something was learned about a value: tell all that are linked to it
 * @env:	environment with a reserve
 * @st:		state
 * @id:		their id, not 0
 * @v:		what it holds now, its own id included
 */
void bvm_update_equal(struct bvm_env *env, struct bvm_state *st, u32 id, const struct bvm_val *v)
{
	u32 i;

	for (i = 0; i <= st->top; i++)
		bvm_update_frame(env, st, i, bvm_copy_of, id, v);
}

/**
 * bvm_forget_ref - a reference is gone: what it held becomes an unknown number
 * @env:	environment with a reserve
 * @st:		state
 * @ref:	reference, not 0
 */
void bvm_forget_ref(struct bvm_env *env, struct bvm_state *st, u32 ref)
{
	struct bvm_val v;
	u32 i;

	bvm_val_unknown(&v, 8);
	for (i = 0; i <= st->top; i++)
		bvm_update_frame(env, st, i, bvm_held_by, ref, &v);
}

static bool bvm_lent_to(const struct bvm_cell *cell, u32 frame, const struct bvm_val *v,
			struct bvm_val *out)
{
	if (cell->val.kind != BVM_PTR_DYNPTR || cell->val.frame != frame)
		return false;
	*out = *v;
	return true;
}

/**
 * bvm_forget_frame - a function is over: pointers to what was there meanwhile become numbers
 * @env:	environment with a reserve
 * @st:		state
 * @frame:	index of its frame
 */
void bvm_forget_frame(struct bvm_env *env, struct bvm_state *st, u32 frame)
{
	struct bvm_val v;
	u32 i;

	bvm_val_unknown(&v, 8);
	for (i = 0; i <= st->top; i++)
		bvm_update_frame(env, st, i, bvm_lent_to, frame, &v);
}

/**
 * bvm_forget_packet - the packet may be elsewhere now: pointers to it become unknown numbers
 * @env:	environment with a reserve
 * @st:		state
 */
void bvm_forget_packet(struct bvm_env *env, struct bvm_state *st)
{
	struct bvm_val v;
	u32 i;

	bvm_val_unknown(&v, 8);
	for (i = 0; i <= st->top; i++)
		bvm_update_frame(env, st, i, bvm_of_packet, 0, &v);
}

/**
 * bvm_update_range - bytes of a packet are there: tell all pointers with that variable part
 * @env:	environment with a reserve
 * @st:		state
 * @v:		one of them, with a new ->range above 0
 */
void bvm_update_range(struct bvm_env *env, struct bvm_state *st, const struct bvm_val *v)
{
	u32 i;

	for (i = 0; i <= st->top; i++)
		bvm_update_frame(env, st, i, bvm_reaches, v->id, v);
}

/* What is known about @old and not about @cur is forgotten.  Return: false: keep @cur. */
static bool bvm_widen_val(const struct bvm_val *old, const struct bvm_val *cur, u32 bytes,
			  struct bvm_val *out)
{
	if (old->kind != BVM_SCALAR || cur->kind != BVM_SCALAR || bvm_needed(old))
		return false;
	if (!bvm_scalar_includes(&old->s, &cur->s)) {
		bvm_val_unknown(out, bytes);
		return true;
	}
	*out = *cur;
	bvm_unlink(out);
	return cur->id && (old->id != cur->id || old->off != cur->off);
}

static void bvm_widen_slot(struct bvm_env *env, const struct bvm_slot *old, struct bvm_state *cur,
			   u32 frame, u32 slot)
{
	const struct bvm_slot *now = bvm_slot(cur->frame[frame], slot);
	u32 n = bvm_slot_spilled(now);
	struct bvm_val v;

	if (old == now || !n || n != bvm_slot_spilled(old) ||
	    !bvm_widen_val(&old->cell->val, &now->cell->val, n, &v))
		return;
	bvm_cell_set(env, &bvm_slot_write(env, cur, frame, slot)->cell, &v);
}

/**
 * bvm_widen - a state that comes by again and again stops changing
 * @env:	environment with a reserve
 * @old:	state of a checkpoint: the round before
 * @cur:	state at the same instruction in as many frames; numbers that are not needed,
 *		so far, and not among those of @old become unknown
 *
 * Sound whenever it is done: the state stands for more afterwards.
 */
void bvm_widen(struct bvm_env *env, const struct bvm_state *old, struct bvm_state *cur)
{
	struct bvm_cell *o, *c;
	struct bvm_val v;
	u32 f, i;

	for (f = 0; f <= cur->top; f++) {
		for (i = 0; i < BVM_SAVED_REGS; i++) {
			o = old->frame[f]->reg[i];
			c = cur->frame[f]->reg[i];
			if (o && c && o != c && bvm_widen_val(&o->val, &c->val, 8, &v))
				bvm_cell_set(env, &bvm_frame_own(env, cur, f)->reg[i], &v);
		}
		for (i = 0; bvm_next_slot(old->frame[f], &i); i++)
			bvm_widen_slot(env, bvm_slot(old->frame[f], i), cur, f, i);
	}
}
