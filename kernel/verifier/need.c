// SPDX-License-Identifier: GPL-2.0-only
/*
 * Provenance: which numbers' ranges matter.
 *
 * Every number of which something is known has a node, which refers to the nodes of the
 * numbers that it was computed from, or that were compared with it.  Copies share a node,
 * in registers and stack slots, of states and checkpoints alike.  When a decision depends
 * on a number's range, its node becomes needed, and with it all nodes that it came from:
 * so all checkpoints on the way here learn which of their numbers made the difference.
 *
 * States may hold numbers that nobody needs in a way that depends on how one got there;
 * such states are still the same for what follows.
 */
#include "env.h"

/* Nobody refers to it, perhaps only for now; local variables may. */
static void bvm_def_unused(struct bvm_env *env, struct bvm_def *def)
{
	if (def->unused)
		return;
	def->unused = true;
	def->next = env->unused;
	env->unused = def;
}

/* What is needed already need not be told. */
static struct bvm_def *bvm_def_open(struct bvm_def *def)
{
	return def && !def->needed ? def : NULL;
}

static struct bvm_def *bvm_def_new(struct bvm_env *env, struct bvm_def *a, struct bvm_def *b,
				   u32 refs)
{
	struct bvm_def *def = bvm_pool_get(&env->defs);

	a = bvm_def_open(a);
	b = bvm_def_open(b);
	if (a == b)
		b = NULL;
	*def = (struct bvm_def){ .refs = refs, .from = { a, b } };
	if (a)
		a->refs++;
	if (b)
		b->refs++;
	return def;
}

/**
 * bvm_def_join - the node of a number that is computed from others
 * @env:	environment with a reserve
 * @a:		node of an operand, or NULL
 * @b:		of the other one
 * Return: node, valid until the next step unless a state gets it; NULL: a fresh one will do.
 */
struct bvm_def *bvm_def_join(struct bvm_env *env, struct bvm_def *a, struct bvm_def *b)
{
	struct bvm_def *def;

	if ((!bvm_def_open(a) && !bvm_def_open(b)) || env->certifying)
		return NULL;
	def = bvm_def_new(env, a, b, 0);
	bvm_def_unused(env, def);
	return def;
}

/**
 * bvm_def_update - the node of a number of which more was learned through an equal one
 * @env:	environment with a reserve
 * @own:	its node so far, or NULL
 * @learned:	that of the other, after it was learned
 * Return: node, as bvm_def_join().
 */
struct bvm_def *bvm_def_update(struct bvm_env *env, struct bvm_def *own, struct bvm_def *learned)
{
	if (BVM_PLANTED(NEED_LINKED))
		return own;
	own = bvm_def_open(own);
	if (!own || (learned && (learned->from[0] == own || learned->from[1] == own)))
		return learned;
	return bvm_def_join(env, own, learned);
}

/* Is there anything to be known about it? */
static bool bvm_def_wanted(const struct bvm_env *env, const struct bvm_val *v)
{
	return !env->certifying && v->kind == BVM_SCALAR &&
	       (v->id || !bvm_scalar_is_unknown(&v->s));
}

/* See bvm_def_get(). */
struct bvm_def *bvm_def_of(struct bvm_env *env, const struct bvm_val *v)
{
	if (!bvm_def_wanted(env, v))
		return NULL;
	if (!v->def)
		return bvm_def_new(env, NULL, NULL, 1);
	v->def->refs++;
	return v->def;
}

/* See bvm_def_set(). */
void bvm_def_change(struct bvm_env *env, struct bvm_val *v, struct bvm_def *def)
{
	struct bvm_def *old = v->def;

	v->def = def;
	v->def = bvm_def_of(env, v);
	bvm_def_put(env, old);
}

/* See bvm_def_derive(). */
void bvm_def_compute(struct bvm_env *env, struct bvm_val *v, struct bvm_def *a, struct bvm_def *b)
{
	struct bvm_def *old = v->def;

	v->def = bvm_def_wanted(env, v) ? bvm_def_new(env, a, b, 1) : NULL;
	bvm_def_put(env, old);
}

/**
 * bvm_def_put - a value goes from a state
 * @env:	environment
 * @def:	its node, or NULL
 */
void bvm_def_put(struct bvm_env *env, struct bvm_def *def)
{
	if (def && !--def->refs)
		bvm_def_unused(env, def);
}

/**
 * bvm_def_need - the number's range made a difference
 * @env:	environment
 * @def:	node that is not needed yet
 *
 * Marks it and all that it came from.  What is left to do is a list through the nodes
 * themselves: of two links, the first is followed, the second waits in the node.
 */
void bvm_def_need(struct bvm_env *env, struct bvm_def *def)
{
	struct bvm_def *waiting = NULL, *first, *second;

	while (def) {
		first = bvm_def_open(def->from[0]);
		second = bvm_def_open(def->from[1]);
		bvm_def_put(env, def->from[0]);
		bvm_def_put(env, def->from[1]);
		def->from[0] = NULL;
		def->from[1] = NULL;
		def->needed = ++env->needs;
		if (first && second) {
			def->from[0] = second;
			def->from[1] = waiting;
			waiting = def;
		}
		def = first ?: second;
		while (!def && waiting) {
			def = bvm_def_open(waiting->from[0]);
			first = waiting;
			waiting = first->from[1];
			first->from[0] = NULL;
			first->from[1] = NULL;
		}
	}
}

/**
 * bvm_defs_reap - give the memory of nodes back that nobody refers to
 * @env:	environment; no local variable holds a node
 */
void bvm_defs_reap(struct bvm_env *env)
{
	struct bvm_def *def;

	while (env->unused) {
		def = env->unused;
		env->unused = def->next;
		def->unused = false;
		if (def->refs)
			continue;
		bvm_def_put(env, def->from[0]);
		bvm_def_put(env, def->from[1]);
		bvm_pool_put(&env->defs, def);
	}
}
