// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls of helpers, checked by what their descriptors say about arguments (args.c) and
 * result.
 */
#include "env.h"

/* What a lookup gives: a value, or a map that looks like all those in the map. */
static bool bvm_lookup_result(const struct bvm_call *call, struct bvm_val *v)
{
	const struct bvm_map *map;

	if (call->map.kind != BVM_PTR_MAP)
		return false;
	map = bvm_val_map(call->env, &call->map);
	v->kind = BVM_PTR_VALUE;
	v->map = call->map.map;
	v->flags = BVM_VAL_OR_NULL | (call->map.flags & BVM_VAL_INNER);
	if (!(map->type->caps & BVM_MAP_OF_MAPS))
		return true;
	if (!map->inner || (v->flags & BVM_VAL_INNER))
		return false;
	v->kind = BVM_PTR_MAP;
	v->flags |= BVM_VAL_INNER;
	return true;
}

/* What was handed out, on the promise that it is given back. */
static int bvm_owned_result(struct bvm_call *call, struct bvm_val *v)
{
	int err = bvm_ref_acquire(call->env, call->st, &v->ref);

	v->id = v->ref;
	v->flags |= BVM_VAL_OWNED;
	return err;
}

/* What a look-up in a map gives; objects that programs see a view of with a reference. */
static int bvm_map_result(struct bvm_call *call, struct bvm_val *v)
{
	const struct bvm_map *map = bvm_val_map(call->env, &call->map);

	if (map->type->view) {
		v->kind = BVM_PTR_VIEW;
		v->view = map->type->view;
		v->map = 0;
		v->flags = BVM_VAL_OR_NULL;
		return bvm_owned_result(call, v);
	}
	v->id = bvm_new_id(call->env);
	return 0;
}

/* Pointers that a helper returns. */
static int bvm_pointer_result(struct bvm_call *call, struct bvm_val *v)
{
	const struct bvm_helper *helper = call->helper;

	bvm_val_const(v, 0);
	switch (helper->ret) {
	case BVM_RET_MAP_VALUE_OR_NULL:
		if (!bvm_lookup_result(call, v))
			break;
		return bvm_map_result(call, v);
	case BVM_RET_VIEW_OR_NULL:
	case BVM_RET_MEM_OR_NULL:
		v->kind = BVM_PTR_MEM;
		v->flags = BVM_VAL_OR_NULL;
		if (helper->ret == BVM_RET_VIEW_OR_NULL) {
			v->kind = BVM_PTR_VIEW;
			v->view = helper->view;
		} else {
			v->size = call->size;
		}
		v->id = bvm_new_id(call->env);
		v->ref = call->held;
		if (helper->flags & BVM_HELPER_RDONLY)
			v->flags |= BVM_VAL_RDONLY;
		if (!(helper->flags & BVM_HELPER_ACQUIRE))
			return 0;
		return bvm_owned_result(call, v);
	case BVM_RET_DYNPTR_MEM_OR_NULL:
		v->kind = BVM_PTR_MEM;
		v->flags = BVM_VAL_OR_NULL;
		if (helper->flags & BVM_HELPER_RDONLY)
			v->flags |= BVM_VAL_RDONLY;
		v->size = call->size;
		v->ref = call->object.ref;
		v->id = bvm_new_id(call->env);
		return 0;
	case BVM_RET_ARENA:
		if (!bvm_has_arena(call->env))
			return bvm_reject(call->env, CAST_NO_ARENA);
		bvm_val_arena(v);
		return 0;
	case BVM_RET_CAST:
		return bvm_cast_result(call, v);
	case BVM_RET_TYPED:
		return bvm_typed_result(call, v);
	case BVM_RET_BTF:
		return bvm_btf_result(call->env, helper->ret_btf_type ?: helper->btf_type, v);
	case BVM_RET_KPTR_OR_NULL:
		if (!call->field)
			break;
		return bvm_kptr_result(call, v);
	}
	return bvm_reject(call->env, HELPER_RET, bvm_helper_name(helper->id), helper->id,
			  helper->ret);
}

/* A length, or why there is none. */
static void bvm_length_result(const struct bvm_call *call, struct bvm_val *v)
{
	bvm_val_unknown(v, 8);
	v->s.smin = -MAX_ERRNO;
	v->s.smax = call->size;
	v->s.s32min = -MAX_ERRNO;
	v->s.s32max = call->size;
	bvm_scalar_reduce(&v->s);
}

static int bvm_call_result(struct bvm_call *call, struct bvm_succ *succ)
{
	struct bvm_val v;
	int err = 0;

	switch (call->helper->ret) {
	case BVM_RET_VOID:
		return 0;
	case BVM_RET_ELEMENT_OR_NULL:
		bvm_iter_next(call, succ);
		return 0;
	case BVM_RET_INTEGER:
		bvm_val_unknown(&v, 8);
		break;
	case BVM_RET_LENGTH:
		bvm_length_result(call, &v);
		break;
	default:
		err = bvm_pointer_result(call, &v);
	}
	if (!err)
		bvm_reg_set(call->env, call->st, 0, &v);
	return err;
}

static int bvm_find_kfunc(struct bvm_call *call, const struct bvm_insn *in)
{
	struct bvm_env *env = call->env;
	const struct bvm_kfunc *kfunc = bvm_kfunc_called(env->args->kfuncs, env->args->nr_kfuncs,
							 in->imm, in->off);

	/* libbpf leaves 0 where the kernel has no such function, in code that is not reached. */
	if (!in->imm)
		return bvm_reject(env, KFUNC_ZERO);
	if (!kfunc)
		return bvm_reject(env, NOT_KFUNC, (int)in->imm);
	if (kfunc->func && kfunc->func->flags & env->args->denied & BVM_HELPER_DESTRUCTIVE)
		return bvm_reject(env, KFUNC_DESTRUCTIVE);
	if (!kfunc->func || kfunc->func->flags & env->args->denied)
		return bvm_reject(env, KFUNC_FOREIGN, kfunc->name);
	if (!env->args->gpl)
		return bvm_reject(env, KFUNC_GPL);
	if ((kfunc->func->flags & BVM_HELPER_SLEEPS) && !(env->args->load_flags & BPF_F_SLEEPABLE))
		return bvm_reject(env, KFUNC_SLEEPS, kfunc->name);
	if ((kfunc->func->flags & BVM_HELPER_SLEEPS) && call->st->rcu)
		return bvm_reject(env, RCU_SLEEPING_KFUNC, kfunc->name);
	call->helper = kfunc->func;
	call->name = kfunc->name;
	return 0;
}

/* Says why, if programs of this type never have it. */
static void bvm_say_barred(struct bvm_env *env, s32 id)
{
	const struct bvm_barred *barred = env->args->type->barred;

	for (; barred && barred->what; barred++)
		if (barred->id == id)
			bvm_reject(env, TRACING_HELPER, barred->what);
}

static int bvm_find_helper(struct bvm_env *env, const struct bvm_insn *in, bool rcu,
			   const struct bvm_helper **found)
{
	const struct bvm_helper *helper = bvm_helper_find(env->args->type, in->imm);
	const char *name = bvm_helper_name(in->imm);

	if (!helper && !strcmp(name, "unknown"))
		return bvm_reject(env, UNKNOWN_HELPER, name, (int)in->imm);
	if (!helper)
		bvm_say_barred(env, in->imm);
	if (!helper || helper->flags & env->args->denied)
		return bvm_reject(env, WRONG_HELPER, name, (int)in->imm, name, (int)in->imm);
	if ((helper->flags & BVM_HELPER_GPL) && !env->args->gpl)
		return bvm_reject(env, GPL_HELPER);
	if ((helper->flags & BVM_HELPER_SLEEPS) && !(env->args->load_flags & BPF_F_SLEEPABLE))
		return bvm_reject(env, SLEEPING_HELPER);
	if ((helper->flags & BVM_HELPER_SLEEPS) && rcu)
		return bvm_reject(env, RCU_SLEEPING_HELPER, name, (int)in->imm);
	if ((helper->flags & BVM_HELPER_ATOMIC) && (env->args->load_flags & BPF_F_SLEEPABLE))
		return bvm_reject(env, ATOMIC_HELPER);
	*found = helper;
	return 0;
}

/* The fact that lowering needs: which map, if it is the same on every visit. */
static void bvm_note_call(struct bvm_env *env, u32 insn, u32 map)
{
	struct bvm_insn_fact *fact = &env->facts->insn[insn];

	if (!fact->seen)
		fact->map = map;
	else if (fact->map != map)
		fact->map = BVM_NO_MAP;
}

/**
 * bvm_step_call - RFC 9669 section 4.3.1, a helper function
 * @env:	environment with a reserve
 * @st:		state
 * @in:		instruction
 * @succ:	other successor: in a function that the helper calls back
 * Return: 0, or a negative errno with a message.
 */
int bvm_step_call(struct bvm_env *env, struct bvm_state *st, const struct bvm_insn *in,
		  struct bvm_succ *succ)
{
	struct bvm_call call = { .env = env, .st = st };
	u32 reg;
	int err;

	if (in->src)
		err = bvm_find_kfunc(&call, in);
	else
		err = bvm_find_helper(env, in, st->rcu, &call.helper);
	if (!err && st->lock.held && !(call.helper->flags & BVM_HELPER_UNLOCK))
		err = bvm_reject(env, LOCK_CALL);
	if (!err)
		err = bvm_check_args(&call);
	if (err)
		return err;
	bvm_note_call(env, st->insn, call.map.kind == BVM_PTR_MAP ? bvm_val_map_index(&call.map) :
								   BVM_NO_MAP);
	if (call.helper->flags & BVM_HELPER_MOVES_PKT)
		bvm_forget_packet(env, st);
	if (call.helper->callback)
		err = bvm_step_callback(env, st, call.helper, succ);
	else if (call.helper->flags & (BVM_HELPER_RCU_LOCK | BVM_HELPER_RCU_UNLOCK))
		err = bvm_step_rcu(env, st, call.helper);
	else if (call.helper->flags & BVM_HELPER_TAIL_CALL)
		err = bvm_step_tail_call(env, st, succ);
	if (err)
		return err;
	if (call.release)
		bvm_ref_release(env, st, call.release);
	for (reg = 0; reg <= 5; reg++)
		bvm_reg_clear(env, st, reg);
	if (call.made.kind != BVM_UNINIT)
		err = bvm_object_make(&call);
	if (!err)
		err = bvm_call_result(&call, succ);
	st->insn++;
	return err;
}
