/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Provenance, see need.c.  Part of env.h, which includes it.
 */
#ifndef _BVM_NEED_H
#define _BVM_NEED_H

struct bvm_def *bvm_def_join(struct bvm_env *env, struct bvm_def *a, struct bvm_def *b);
struct bvm_def *bvm_def_update(struct bvm_env *env, struct bvm_def *own, struct bvm_def *learned);
struct bvm_def *bvm_def_of(struct bvm_env *env, const struct bvm_val *v);
void bvm_def_change(struct bvm_env *env, struct bvm_val *v, struct bvm_def *def);
void bvm_def_compute(struct bvm_env *env, struct bvm_val *v, struct bvm_def *a, struct bvm_def *b);
void bvm_def_put(struct bvm_env *env, struct bvm_def *def);
void bvm_def_need(struct bvm_env *env, struct bvm_def *def);
void bvm_defs_reap(struct bvm_env *env);

/**
 * bvm_def_get - the node that a value has in a state; takes a reference
 * @env:	environment with a reserve
 * @v:		value
 * Return: node, or NULL: there is nothing to be known about it, or nobody asks.
 */
static inline struct bvm_def *bvm_def_get(struct bvm_env *env, const struct bvm_val *v)
{
	return env->certifying ? NULL : bvm_def_of(env, v);
}

/**
 * bvm_def_set - a value in a state, which has changed, gets a node
 * @env:	environment with a reserve
 * @v:		value, with the node of what was there before
 * @def:	node, or NULL: a fresh one will do
 */
static inline void bvm_def_set(struct bvm_env *env, struct bvm_val *v, struct bvm_def *def)
{
	if (v->def || !env->certifying)
		bvm_def_change(env, v, def);
}

/**
 * bvm_def_derive - a number in a state, which has been computed, gets its node
 * @env:	environment with a reserve
 * @v:		number, with the node of what was there before
 * @a:		node of an operand, or NULL; perhaps that one
 * @b:		of the other one
 */
static inline void bvm_def_derive(struct bvm_env *env, struct bvm_val *v, struct bvm_def *a,
				  struct bvm_def *b)
{
	if (v->def || !env->certifying)
		bvm_def_compute(env, v, a, b);
}

/* The range of a number with this node makes a difference. */
static inline void bvm_def_demand(struct bvm_env *env, struct bvm_def *def)
{
	if (def && !def->needed)
		bvm_def_need(env, def);
}

/**
 * bvm_demand - what is about to be decided depends on the range of a number
 * @env:	environment
 * @v:		the number, or a pointer's variable offset
 *
 * Called wherever a number's range, not only its being a number, makes the difference
 * between safe and refused, or decides where a path goes: offsets, lengths, constant
 * arguments, return values, branches of which one side is impossible, zeroes taken for NULL.
 * Numbers that nobody demands need not agree when states are compared.
 */
static inline void bvm_demand(struct bvm_env *env, const struct bvm_val *v)
{
	bvm_def_demand(env, v->def);
}

#endif /* _BVM_NEED_H */
