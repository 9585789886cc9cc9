// SPDX-License-Identifier: GPL-2.0-only
/*
 * The certificate: a second look at what exploration found, which believes none of it.
 *
 * The checkpoints that are left are taken in a more general form: what is dead is absent,
 * and numbers that are not needed are unknown.  From the start of the program, and from
 * each of them, the program is stepped through until its end, or until a state lies among
 * those that some checkpoint stands for.  Nothing may be refused on the way.  Then the
 * checkpoints are an invariant: every state that the program can ever be in lies among
 * those that were stepped through.  terminate.c proves that it comes to an end.
 *
 * Most programs need no exploration for that: where a path ends, it is because the state lies
 * among those of a checkpoint as it is, all of whose paths have ended.  So unless somebody wants
 * to read how the program was explored, the certificate begins alone: it makes checkpoints
 * itself, where ways meet, forgets in them what hardly matters, and needs no more than one
 * walk.  When that does not work out, there is exploration after all.
 *
 * So safety rests on bvm_step(), the value domain and the comparison below, which shares no
 * code with subsume.c.  Liveness, provenance, pruning and the order of exploration are
 * guesses: should one be wrong, the program is refused, loudly.
 *
 * Facts about instructions are what the steps of this walk say, for only they hold for
 * all states.
 */
#include "certify.h"
#include "claims.h"

/* Steps, for each one of exploration, and for the program as a whole */
#define BVM_CERT_FACTOR		4
#define BVM_CERT_STEPS		4096
#define BVM_CERT_RESCHED_MASK	1023
/*
 * Alone, so many steps at most; after the first ones, exploration is tried if states are met by
 * others that differ, and so many more times than by some that do not.
 */
#define BVM_ALONE_STEPS		(128 * 1024)
#define BVM_ALONE_TRY		1280
#define BVM_ALONE_MISSES	32

/* ------------------------------------------------------------- comparison */

static bool bvm_cert_id(struct bvm_match *m, u32 old, u32 cur, s64 by)
{
	u32 i;

	for (i = 0; i < m->nr_ids; i++)
		if (m->ids[i].old == old)
			return m->ids[i].cur == cur && m->ids[i].by == by;
	m->ids[m->nr_ids++] = (struct bvm_id_pair){ old, cur, by };
	return true;
}

/* What @old says is equal, or that far apart, must be known to be so. */
static bool bvm_cert_linked(struct bvm_match *m, const struct bvm_val *old,
			    const struct bvm_val *cur)
{
	/* A number without an id is equal to none but itself: it counts as one of its own. */
	return !old->id || bvm_cert_id(m, old->id, cur->id ?: U32_MAX - m->nr_ids,
				       (s64)cur->off - old->off);
}

/* A packet: as many bytes are there, or as much is known about its end. */
static bool bvm_cert_range(const struct bvm_val *old, const struct bvm_val *cur)
{
	switch (old->range) {
	case 0:
		return true;
	case BVM_PKT_AT:	/* not below the end */
		return cur->range == BVM_PKT_AT || cur->range == BVM_PKT_BEYOND;
	case BVM_PKT_BEYOND:
		return cur->range == BVM_PKT_BEYOND;
	default:
		return cur->range >= old->range;
	}
}

/* The same thing is pointed to, and the same place in it but for the variable part. */
static bool bvm_cert_pointer(const struct bvm_val *old, const struct bvm_val *cur)
{
	return old->map == cur->map && old->frame == cur->frame && old->off == cur->off &&
	       old->btf == cur->btf && !old->ref == !cur->ref &&
	       (bvm_is_packet(old) ? bvm_cert_range(old, cur) : old->size == cur->size);
}

static bool bvm_cert_any(const struct bvm_val *v)
{
	return v->kind == BVM_SCALAR && !v->id && bvm_scalar_is_unknown(&v->s);
}

static bool bvm_cert_val(struct bvm_match *m, const struct bvm_val *old, const struct bvm_val *cur)
{
	if (cur->kind == BVM_UNINIT)
		return false;
	/* Any number: what a pointer is made of is one, too. */
	if (bvm_cert_any(old))
		return true;
	if (old->kind != cur->kind || old->flags != cur->flags ||
	    (old->kind != BVM_SCALAR && !bvm_cert_pointer(old, cur)))
		return false;
	return bvm_scalar_includes(&old->s, &cur->s) && bvm_cert_linked(m, old, cur) &&
	       (!old->ref || bvm_cert_id(m, old->ref, cur->ref, 0));
}

/* Is byte @i a zero? */
static bool bvm_cert_zero(const struct bvm_slot *slot, u32 i)
{
	if (slot->byte[i] == BVM_BYTE_SPILL)
		return bvm_is_zero(&slot->cell->val);
	return slot->byte[i] == BVM_BYTE_ZERO;
}

static bool bvm_cert_slot(struct bvm_match *m, const struct bvm_slot *old,
			  const struct bvm_slot *cur)
{
	bool same = get_unaligned((const u64 *)old->byte) ==
		    get_unaligned((const u64 *)cur->byte);
	u32 i;

	for (i = 0; !same && i < 8; i++) {
		if (old->byte[i] == BVM_BYTE_ZERO && !bvm_cert_zero(cur, i))
			return false;
		if (old->byte[i] == BVM_BYTE_SPILL && cur->byte[i] != BVM_BYTE_SPILL)
			return false;
	}
	if (!old->cell)
		return true;
	/* A part of a number is another number. */
	return bvm_slot_spilled(old) == bvm_slot_spilled(cur) &&
	       bvm_cert_val(m, &old->cell->val, &cur->cell->val);
}

static bool bvm_cert_frame(struct bvm_match *m, const struct bvm_frame *old,
			   const struct bvm_frame *cur)
{
	u32 i;

	for (i = 0; i < BVM_SAVED_REGS; i++)
		if (old->reg[i] && (!cur->reg[i] ||
				    !bvm_cert_val(m, &old->reg[i]->val, &cur->reg[i]->val))) {
			m->differs = i;
			return false;
		}
	for (i = 0; bvm_next_slot(old, &i); i++)
		if (!bvm_cert_slot(m, bvm_slot(old, i), bvm_slot(cur, i)))
			return false;
	return true;
}

/* In the midst of a run, it is the same one; less of it has passed where steps look at that. */
static bool bvm_cert_run(struct bvm_run old, struct bvm_run cur, bool counts)
{
	return !old.rounds || (old.id == cur.id && (!counts || old.rounds <= cur.rounds));
}

/* The lock of the same value, as far as pointers to it say. */
static bool bvm_cert_lock(struct bvm_match *m, const struct bvm_held_lock *old,
			  const struct bvm_held_lock *cur)
{
	if (!old->held || !cur->held)
		return old->held == cur->held;
	if (old->map != cur->map || old->flags != cur->flags)
		return false;
	return old->id ? cur->id && bvm_cert_id(m, old->id, cur->id, 0) : !cur->id;
}

/* The same calls, the same references, the same lock, and the same runs */
static bool bvm_cert_shape(struct bvm_match *m, const struct bvm_state *old,
			   const struct bvm_state *cur)
{
	const struct bvm_frame *o, *c;
	u32 i, j;

	if (old->insn != cur->insn || old->top != cur->top || old->nr_refs != cur->nr_refs)
		return false;
	for (i = 0; i <= old->top; i++) {
		o = old->frame[i];
		c = cur->frame[i];
		if (o->func != c->func || o->call != c->call)
			return false;
		for (j = 0; j < BVM_FRAME_RUNS; j++)
			if (!bvm_cert_run(o->run[j], c->run[j], j == BVM_RUN_CALLBACK))
				return false;
	}
	if (!bvm_cert_lock(m, &old->lock, &cur->lock))
		return false;
	for (i = 0; i < old->nr_refs; i++)
		if (!bvm_cert_id(m, old->ref[i].id, cur->ref[i].id, 0) ||
		    !bvm_cert_run((struct bvm_run){ old->ref[i].id, old->ref[i].rounds },
				  (struct bvm_run){ cur->ref[i].id, cur->ref[i].rounds }, false))
			return false;
	return old->rcu ? cur->rcu && bvm_cert_id(m, old->rcu, cur->rcu, 0) : !cur->rcu;
}

/* Does the register differ that made the difference the last time? */
static bool bvm_cert_differs(const struct bvm_match *m, const struct bvm_state *old,
			     const struct bvm_state *cur)
{
	const struct bvm_cell *o = old->frame[old->top]->reg[m->differs];
	const struct bvm_cell *c = cur->frame[cur->top]->reg[m->differs];

	return o && (!c || (o->val.kind == BVM_SCALAR &&
			    !bvm_scalar_includes(&o->val.s, &c->val.s)));
}

/* Is all that @cur stands for among what @old stands for? */
static bool bvm_cert_includes(struct bvm_match *m, const struct bvm_state *old,
			      const struct bvm_state *cur)
{
	u32 i;

	m->nr_ids = 0;
	if (bvm_cert_differs(m, old, cur) || !bvm_cert_shape(m, old, cur))
		return false;
	for (i = 0; i <= old->top; i++)
		if (!bvm_cert_frame(m, old->frame[i], cur->frame[i]))
			return false;
	return true;
}

/* ------------------------------------------------------------------- walk */

/*
 * Looks for a checkpoint that stands for @st.  One that was closed before that where
 * the segment began cannot lead back there: these have been walked already, and are found by
 * their keys, the last one first.
 */
static struct bvm_checkpoint *bvm_cert_before(struct bvm_cert *cert, const struct bvm_state *st)
{
	struct bvm_env *env = cert->env;
	struct bvm_checkpoint *cp = *bvm_point_first(env, bvm_point_key(env, st));

	while (cp && (cp->st.insn != st->insn || !bvm_cert_includes(&env->match, &cp->st, st)))
		cp = cp->next;
	return cp;
}

/* Another one may if a run that both are in has gone on. */
static struct bvm_checkpoint *bvm_cert_back(struct bvm_cert *cert, const struct bvm_state *st)
{
	struct bvm_env *env = cert->env;
	struct bvm_checkpoint *cp = cert->from;

	if (!cp || !bvm_cert_went_on(cert, st))
		return NULL;
	list_for_each_entry_from(cp, &env->closed, when)
		if (cp->st.insn == st->insn &&
		    (BVM_PLANTED(CERT_BACK) || bvm_cert_goes_on(cert, cp, st)) &&
		    bvm_cert_includes(&env->match, &cp->st, st))
			return cp;
	return NULL;
}

static int bvm_cert_covered(struct bvm_cert *cert, const struct bvm_state *st)
{
	struct bvm_checkpoint *cp = bvm_cert_before(cert, st) ?: bvm_cert_back(cert, st);

	return cp ? bvm_cert_edge(cert, cp, st) ?: 1 : 0;
}

/*
 * Alone: does it look as if something matters less, or more, than was thought?  If it is less,
 * exploration will pay; if it is more, a loop leads back to itself.
 */
static bool bvm_cert_gives_up(struct bvm_cert *cert, const struct bvm_state *st,
			      const struct bvm_block *block)
{
	struct bvm_env *env = cert->env;

	if (env->certified + env->args->len > BVM_ALONE_TRY &&
	    cert->misses > cert->hits + BVM_ALONE_MISSES)
		return true;
	return block->open && bvm_cert_includes(&env->match, &block->open->st, st);
}

/*
 * Alone, where ways meet: looks for a checkpoint that stands for @st, otherwise makes one of it.
 * All that are found have been closed, so that none leads back to itself; in a run, that is
 * not enough.
 */
static int bvm_cert_meet(struct bvm_cert *cert, struct bvm_state *st, struct bvm_block *block)
{
	struct bvm_env *env = cert->env;
	u32 key = bvm_point_key(env, st);
	struct bvm_checkpoint **where;
	bool met = false;

	where = bvm_point_first(env, key);
	while (*where) {
		if ((*where)->st.insn != st->insn) {
			where = &(*where)->next;
			continue;
		}
		if (bvm_cert_includes(&env->match, &(*where)->st, st)) {
			bvm_point_hit(env, where);
			cert->hits++;
			return 1;
		}
		where = bvm_point_miss(env, where);
		met = true;
	}
	cert->misses += met;
	if (block->head || bvm_cert_gives_up(cert, st, block))
		return -E2BIG;
	if (!bvm_point_worth(st, block))
		return 0;
	bvm_forget_numbers(env, st, block);
	bvm_point_add(env, st, block, key);
	return 0;
}

/* Return: 1 if a checkpoint stands for @st, 0 if it must be stepped through, negative errno. */
static int bvm_cert_visit(struct bvm_cert *cert, struct bvm_state *st, bool first)
{
	struct bvm_block *block = bvm_meeting_at(cert->env, st->insn);

	if (!block)
		return 0;
	if (cert->alone)
		return bvm_cert_meet(cert, st, block);
	if (block->head)
		bvm_note_run(cert->env, st, block);
	return first ? 0 : bvm_cert_covered(cert, st);
}

static int bvm_cert_budget(struct bvm_cert *cert, const struct bvm_state *st)
{
	struct bvm_env *env = cert->env;

	if (++env->certified > cert->most || ++cert->steps > cert->most_each)
		return bvm_cert_bug(cert, CERT_BUDGET, st->insn);
	if (!(env->certified & BVM_CERT_RESCHED_MASK)) {
		if (fatal_signal_pending(current))
			return -EAGAIN;
		cond_resched();
	}
	return bvm_pools_reserve(env, st->top + 2);
}

/* Alone, no more may wait than in exploration, which says so. */
static int bvm_cert_push(struct bvm_cert *cert, struct bvm_state *st, struct bvm_state *branch)
{
	struct bvm_env *env = cert->env;

	if (cert->alone && env->nr_pending == BVM_MAX_PENDING)
		return -E2BIG;
	st->forked = true;
	branch->forked = true;
	branch->next = env->pending;
	env->pending = branch;
	env->nr_pending++;
	if (st->parent)
		st->parent->open++;
	return 0;
}

/* From @st to the end of the path; branches are put aside. */
static int bvm_cert_path(struct bvm_cert *cert, struct bvm_state *st, bool first)
{
	struct bvm_env *env = cert->env;
	struct bvm_succ succ;
	int err;
	u32 at;

	for (;; first = false) {
		err = bvm_cert_budget(cert, st);
		if (err)
			return err;
		err = bvm_cert_visit(cert, st, first);
		if (!err)
			err = bvm_claims_note(env, st);
		if (err)
			break;
		at = st->insn;
		err = bvm_step(env, st, &succ);
		if (err)
			return err == -ENOMEM ? err : bvm_cert_bug(cert, CERT_FAULT, at);
		if (succ.branch)
			err = bvm_cert_push(cert, st, succ.branch);
		if (err || succ.done)
			break;
	}
	bvm_path_end(env, st);
	bvm_state_free(env, st);
	return min(err, 0);
}

/* All paths from @st, which is as at @from. */
static int bvm_cert_segment(struct bvm_cert *cert, struct bvm_state *st,
			    struct bvm_checkpoint *from)
{
	struct bvm_env *env = cert->env;
	int err;

	cert->from = from;
	cert->steps = 0;
	err = bvm_cert_path(cert, st, true);
	while (!err && env->pending) {
		st = env->pending;
		env->pending = st->next;
		env->nr_pending--;
		err = bvm_cert_path(cert, st, false);
	}
	return err;
}

static int bvm_cert_entry(struct bvm_cert *cert, u32 func)
{
	int err = bvm_pools_reserve(cert->env, 1);

	return err ?: bvm_cert_segment(cert, bvm_entry_state(cert->env, func), NULL);
}

/* All checkpoints in the order in which they were closed; each can be found from then on. */
static int bvm_cert_points(struct bvm_cert *cert)
{
	struct bvm_env *env = cert->env;
	struct bvm_checkpoint *cp;
	struct bvm_state *st;
	int err = 0;

	list_for_each_entry(cp, &env->closed, when) {
		err = bvm_pools_reserve(env, 1);
		if (err)
			break;
		st = bvm_state_copy(env, &cp->st);
		st->parent = NULL;
		err = bvm_cert_segment(cert, st, cp);
		if (err)
			break;
		bvm_point_list(env, cp);
	}
	return err;
}

/* ------------------------------------------------------------------- main */

/**
 * bvm_certified - the checkpoint of the certificate that stands for a state
 * @env:	environment of a program that has been accepted
 * @st:		state
 *
 * For tests: a run that gets to @st gets to the checkpoint, too, and may be compared with
 * that and what follows it.
 *
 * Return: checkpoint, NULL: there is none, the certificate went on as well.
 */
struct bvm_checkpoint *bvm_certified(struct bvm_env *env, const struct bvm_state *st)
{
	struct bvm_checkpoint *cp = NULL;

	if (env->block_at[st->insn])
		cp = *bvm_point_first(env, bvm_point_key(env, st));
	while (cp && !bvm_cert_includes(&env->match, &cp->st, st))
		cp = cp->next;
	return cp;
}

/* Forget what only exploration knows. */
static void bvm_cert_reset_facts(struct bvm_env *env)
{
	u32 i;

	env->facts->max_ctx_off = 0;
	env->facts->max_tp_access = 0;
	for (i = 0; i < env->args->len; i++)
		env->facts->insn[i] = (struct bvm_insn_fact){ .map = BVM_NO_MAP };
	for (i = 0; i < env->nr_funcs; i++)
		env->funcs[i].depth = 0;
	memset(env->called_back, 0, env->nr_funcs * env->nr_funcs);
	bvm_forget_entries(env);
}

/* All checkpoints, the program itself, and functions that the kernel may begin in. */
static int bvm_cert_walk(struct bvm_cert *cert)
{
	struct bvm_env *env = cert->env;
	int err = cert->alone ? 0 : bvm_cert_points(cert);
	u32 func = 0;

	while (!err) {
		err = bvm_cert_entry(cert, func);
		func = err ? 0 : bvm_next_entry(env);
		if (!func)
			break;
	}
	return err ?: bvm_cert_terminates(cert);
}

/* Walks with the log switched off: what it has to say comes from exploration. */
static int bvm_cert_silently(struct bvm_cert *cert)
{
	struct bvm_env *env = cert->env;
	int err = bvm_claims_begin(env);

	if (err)
		return err;
	cert->level = env->log->level;
	env->certifying = true;
	env->log->level = 0;
	err = bvm_cert_walk(cert);
	env->log->level = cert->level;
	env->certifying = false;
	kvfree(cert->edges);
	return err;
}

/**
 * bvm_certify_alone - prove a program without exploration
 * @env:	environment, nothing logged
 *
 * Process context, may sleep.
 *
 * Return: 1: it is proven; 0: it is not, nothing is known; -ENOMEM; -EAGAIN on a fatal signal.
 */
int bvm_certify_alone(struct bvm_env *env)
{
	struct bvm_cert cert = {
		.env = env, .alone = true, .most = BVM_ALONE_STEPS, .most_each = BVM_ALONE_STEPS,
	};
	int err;

	env->certifying = true;
	err = bvm_generalise_begin(env) ?: bvm_cert_silently(&cert);
	if (!err) {
		env->processed = env->certified;
		return 1;
	}
	if (err == -ENOMEM || err == -EAGAIN)
		return err;
	bvm_claims_free(env->facts->claims, env->args->len);
	env->facts->claims = NULL;
	env->claims = 0;
	env->certified = 0;
	bvm_cert_reset_facts(env);
	bvm_points_reset(env);
	return 0;
}

/**
 * bvm_certify - prove what exploration found
 * @env:	environment after successful exploration; its checkpoints become general
 *
 * Process context, may sleep.
 *
 * Return: 0; -EFAULT with a message if something in the verifier is wrong; -ENOMEM; -EAGAIN
 * on a fatal signal.
 */
int bvm_certify(struct bvm_env *env)
{
	struct bvm_cert cert = {
		.env = env, .most = BVM_CERT_FACTOR * env->processed + BVM_CERT_STEPS,
		.most_each = env->processed + BVM_CERT_STEPS,
	};
	int err = bvm_generalise(env);

	if (err)
		return err;
	bvm_cert_reset_facts(env);
	return bvm_cert_silently(&cert);
}
