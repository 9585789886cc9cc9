// SPDX-License-Identifier: GPL-2.0-only
/*
 * References: what a helper hands out on the promise that the program gives it back, on
 * every path, once.  Which ones are held is part of the state; a pointer to what is held
 * names its reference, and stops being a pointer with it.
 */
#include "env.h"

/**
 * bvm_ref_acquire - a helper has handed something out
 * @env:	environment
 * @st:		state, at the call
 * @id:		the reference, also good as the id of equal values
 * Return: 0, or -E2BIG with a message.
 */
int bvm_ref_acquire(struct bvm_env *env, struct bvm_state *st, u32 *id)
{
	if (st->nr_refs == BVM_MAX_REFS)
		return bvm_reject(env, TOO_MANY_REFS, BVM_MAX_REFS);
	*id = bvm_new_id(env);
	st->ref[st->nr_refs++] = (struct bvm_ref){ .id = *id, .insn = st->insn };
	return 0;
}

/**
 * bvm_ref_drop - a reference is no longer held
 * @st:		state
 * @id:		reference
 *
 * Pointers to what it held have gone, or go in the same step.
 */
void bvm_ref_drop(struct bvm_state *st, u32 id)
{
	u32 i, n = 0;

	for (i = 0; i < st->nr_refs; i++)
		if (st->ref[i].id != id)
			st->ref[n++] = st->ref[i];
	st->nr_refs = n;
}

/**
 * bvm_ref_release - a helper has taken something back
 * @env:	environment with a reserve
 * @st:		state
 * @id:		reference
 */
void bvm_ref_release(struct bvm_env *env, struct bvm_state *st, u32 id)
{
	bvm_ref_drop(st, id);
	bvm_forget_ref(env, st, id);
}

/**
 * bvm_check_no_refs - the program may end here: does it hold anything?
 * @env:	environment
 * @st:		state
 * Return: 0, or -EINVAL with a message for each.
 */
int bvm_check_no_refs(struct bvm_env *env, const struct bvm_state *st)
{
	int err = 0;
	u32 i;

	for (i = 0; i < st->nr_refs; i++)
		err = st->ref[i].id == st->rcu ?
		      bvm_reject(env, RCU_MISSING) :
		      bvm_reject(env, UNRELEASED, st->ref[i].id, st->ref[i].insn);
	return err;
}

/**
 * bvm_rcu_held - does RCU protect what it may protect?
 * @env:	environment
 * @st:		state
 *
 * Programs that must not sleep run under it from beginning to end.
 */
bool bvm_rcu_held(const struct bvm_env *env, const struct bvm_state *st)
{
	return st->rcu || !(env->args->load_flags & BPF_F_SLEEPABLE);
}

/**
 * bvm_step_rcu - a section under RCU begins or ends
 * @env:	environment with a reserve
 * @st:		state at the call
 * @helper:	BVM_HELPER_RCU_LOCK or BVM_HELPER_RCU_UNLOCK
 *
 * It is a reference that the program holds.  What RCU protects falls with that.
 *
 * Return: 0; -EINVAL, -E2BIG with a message.
 */
int bvm_step_rcu(struct bvm_env *env, struct bvm_state *st, const struct bvm_helper *helper)
{
	if (helper->flags & BVM_HELPER_RCU_LOCK)
		return st->rcu ? bvm_reject(env, RCU_NESTED, helper->name) :
				 bvm_ref_acquire(env, st, &st->rcu);
	if (!st->rcu)
		return bvm_reject(env, RCU_UNMATCHED, helper->name);
	bvm_ref_release(env, st, st->rcu);
	st->rcu = 0;
	return 0;
}
