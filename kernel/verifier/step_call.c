// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls of helpers, checked by what their descriptors say about arguments and result.
 */
#include "env.h"

/**
 * struct bvm_call - a call being checked
 * @env:	environment
 * @st:		state before the call
 * @helper:	callee
 * @map:	map seen among the arguments so far, or BVM_NO_MAP
 */
struct bvm_call {
	struct bvm_env *env;
	struct bvm_state *st;
	const struct bvm_helper *helper;
	u32 map;
};

static bool bvm_is_null(const struct bvm_val *v)
{
	return bvm_is_const(v) && !bvm_scalar_value(&v->s);
}

static int bvm_arg_type(struct bvm_call *call, u32 reg, const char *expected)
{
	return bvm_reject(call->env, ARG_TYPE, reg,
			  bvm_kind_name(bvm_reg(call->env, call->st, reg)), expected);
}

static bool bvm_arg_may_be_null(const struct bvm_call *call, u32 reg)
{
	return call->helper->arg[reg - 1] & BVM_ARG_MAYBE_NULL;
}

/* Memory that the helper reads, or writes when @how says so. */
static int bvm_arg_memory(struct bvm_call *call, u32 reg, u32 size, enum bvm_access how)
{
	struct bvm_env *env = call->env;
	struct bvm_val v = *bvm_reg(env, call->st, reg);
	int err;

	/* An argument that may be NULL may also be a pointer not checked for it. */
	if (v.flags & BVM_VAL_OR_NULL && !bvm_arg_may_be_null(call, reg))
		return bvm_arg_type(call, reg, "fp, map_value");
	switch (v.kind) {
	case BVM_PTR_VALUE:
		return bvm_check_value(env, reg, &v, 0, size, how);
	case BVM_PTR_STACK:
		err = bvm_check_stack(env, call->st, reg, &v, 0, size, how);
		if (!err && how == BVM_HELPER_WRITE)
			bvm_stack_forget(env, call->st, &v, 0, size);
		return err;
	default:
		return bvm_arg_type(call, reg, "fp, map_value");
	}
}

static int bvm_arg_anything(struct bvm_call *call, u32 reg)
{
	return 0;
}

static int bvm_arg_ctx(struct bvm_call *call, u32 reg)
{
	const struct bvm_val *v = bvm_reg(call->env, call->st, reg);

	if (v->kind != BVM_PTR_CTX)
		return bvm_arg_type(call, reg, "ctx");
	return bvm_check_const_off(call->env, reg, v);
}

static int bvm_arg_map_ptr(struct bvm_call *call, u32 reg)
{
	const struct bvm_val *v = bvm_reg(call->env, call->st, reg);
	const struct bvm_helper *helper = call->helper;
	const struct bvm_map *map;

	if (v->kind != BVM_PTR_MAP)
		return bvm_arg_type(call, reg, "map_ptr");
	map = bvm_val_map(call->env, v);
	if (helper->map_caps & ~map->type->caps)
		return bvm_reject(call->env, MAP_FOR_HELPER, map->type->id,
				  bvm_helper_name(helper->id), helper->id);
	if ((helper->flags & BVM_HELPER_MAP_WRITE) && (map->flags & BPF_F_RDONLY_PROG))
		return bvm_reject(call->env, MAP_HELPER_WRITE);
	call->map = v->map;
	return 0;
}

/* A key or value of the map that was passed before. */
static int bvm_arg_of_map(struct bvm_call *call, u32 reg)
{
	const struct bvm_map *map;
	u32 kind = call->helper->arg[reg - 1] & ~BVM_ARG_MAYBE_NULL;

	if (call->map == BVM_NO_MAP)
		return bvm_reject(call->env, HELPER_ARG, bvm_helper_name(call->helper->id),
				  call->helper->id, kind);
	map = call->env->args->maps[call->map];
	return bvm_arg_memory(call, reg, kind == BVM_ARG_MAP_KEY ? map->key_size : map->value_size,
			      BVM_HELPER_READ);
}

/* Memory whose length is the next argument: all is checked there. */
static int bvm_arg_mem(struct bvm_call *call, u32 reg)
{
	u32 next = reg < 5 ? call->helper->arg[reg] : BVM_ARG_NONE;

	if (next != BVM_ARG_SIZE && next != BVM_ARG_SIZE_OR_ZERO)
		return bvm_reject(call->env, HELPER_ARG, bvm_helper_name(call->helper->id),
				  call->helper->id, call->helper->arg[reg - 1]);
	return 0;
}

static int bvm_arg_size(struct bvm_call *call, u32 reg)
{
	struct bvm_env *env = call->env;
	const struct bvm_val *size = bvm_reg(env, call->st, reg), *mem;
	u32 kind = reg > 1 ? call->helper->arg[reg - 2] & ~BVM_ARG_MAYBE_NULL : BVM_ARG_NONE;
	bool zero = call->helper->arg[reg - 1] == BVM_ARG_SIZE_OR_ZERO;

	if (kind != BVM_ARG_MEM && kind != BVM_ARG_UNINIT_MEM)
		return bvm_reject(env, HELPER_ARG, bvm_helper_name(call->helper->id),
				  call->helper->id, kind);
	if (size->kind != BVM_SCALAR)
		return bvm_arg_type(call, reg, "scalar");
	if (size->s.smin < 0)
		return bvm_reject(env, SIZE_NEGATIVE, reg);
	if (!size->s.umin && !zero)
		return bvm_reject(env, SIZE_ZERO, reg, size->s.umin, size->s.umax);
	if (size->s.umax >= BVM_MAX_VAR_OFF)
		return bvm_reject(env, SIZE_UNBOUNDED, reg);
	mem = bvm_reg(env, call->st, reg - 1);
	if (bvm_arg_may_be_null(call, reg - 1) && !size->s.umax && bvm_is_null(mem))
		return 0;
	/* NULL has no bytes: with a length, it must have been excluded. */
	if (mem->flags & BVM_VAL_OR_NULL)
		return bvm_arg_type(call, reg - 1, "fp, map_value");
	return bvm_arg_memory(call, reg - 1, size->s.umax,
			      kind == BVM_ARG_MEM ? BVM_HELPER_READ : BVM_HELPER_WRITE);
}

/* An aligned number that the helper writes. */
static int bvm_arg_long_out(struct bvm_call *call, u32 reg)
{
	const struct bvm_val *v = bvm_reg(call->env, call->st, reg);
	int err = 0;

	if (v->kind == BVM_PTR_STACK || v->kind == BVM_PTR_VALUE)
		err = bvm_check_aligned(call->env, v, 0, 8);
	return err ? err : bvm_arg_memory(call, reg, 8, BVM_HELPER_WRITE);
}

static int bvm_arg_func(struct bvm_call *call, u32 reg)
{
	const struct bvm_val *v = bvm_reg(call->env, call->st, reg);

	if (v->kind != BVM_PTR_FUNC)
		return bvm_arg_type(call, reg, "func");
	return bvm_check_const_off(call->env, reg, v);
}

/* Passed on to a callback, which looks at it again. */
static int bvm_arg_stack(struct bvm_call *call, u32 reg)
{
	const struct bvm_val *v = bvm_reg(call->env, call->st, reg);

	if (v->kind != BVM_PTR_STACK && !bvm_is_null(v))
		return bvm_arg_type(call, reg, "fp");
	return 0;
}

static int bvm_check_arg(struct bvm_call *call, u32 reg)
{
	static int (* const check[__BVM_ARG_KIND_MAX])(struct bvm_call *call, u32 reg) = {
		[BVM_ARG_ANYTHING] = bvm_arg_anything,
		[BVM_ARG_CTX] = bvm_arg_ctx,
		[BVM_ARG_MAP_PTR] = bvm_arg_map_ptr,
		[BVM_ARG_MAP_KEY] = bvm_arg_of_map,
		[BVM_ARG_MAP_VALUE] = bvm_arg_of_map,
		[BVM_ARG_MEM] = bvm_arg_mem,
		[BVM_ARG_UNINIT_MEM] = bvm_arg_mem,
		[BVM_ARG_SIZE] = bvm_arg_size,
		[BVM_ARG_SIZE_OR_ZERO] = bvm_arg_size,
		[BVM_ARG_LONG_OUT] = bvm_arg_long_out,
		[BVM_ARG_FUNC] = bvm_arg_func,
		[BVM_ARG_STACK] = bvm_arg_stack,
	};
	u32 kind = call->helper->arg[reg - 1] & ~BVM_ARG_MAYBE_NULL;
	int err = bvm_need_reg(call->env, call->st, reg);

	if (err)
		return err;
	if (kind >= __BVM_ARG_KIND_MAX || !check[kind])
		return bvm_reject(call->env, HELPER_ARG, bvm_helper_name(call->helper->id),
				  call->helper->id, kind);
	/* NULL with a length is looked at when the length is. */
	if (bvm_arg_may_be_null(call, reg) && kind != BVM_ARG_MEM && kind != BVM_ARG_UNINIT_MEM &&
	    bvm_is_null(bvm_reg(call->env, call->st, reg)))
		return 0;
	return check[kind](call, reg);
}

static int bvm_call_result(struct bvm_call *call)
{
	struct bvm_env *env = call->env;
	struct bvm_val v;

	bvm_val_unknown(&v, 8);
	switch (call->helper->ret) {
	case BVM_RET_VOID:
		return 0;
	case BVM_RET_INTEGER:
	case BVM_RET_NEVER:	/* ... unless it fails */
		break;
	case BVM_RET_MAP_VALUE_OR_NULL:
		if (call->map != BVM_NO_MAP) {
			bvm_scalar_const(&v.s, 0);
			v.kind = BVM_PTR_VALUE;
			v.flags = BVM_VAL_OR_NULL;
			v.map = call->map;
			v.id = bvm_new_id(env);
			break;
		}
		fallthrough;
	default:
		return bvm_reject(env, HELPER_RET, bvm_helper_name(call->helper->id),
				  call->helper->id, call->helper->ret);
	}
	bvm_reg_set(env, call->st, 0, &v);
	return 0;
}

static int bvm_find_helper(struct bvm_env *env, const struct bvm_insn *in,
			   const struct bvm_helper **found)
{
	const struct bvm_helper *helper = bvm_helper_find(env->args->type, in->imm);
	const char *name = bvm_helper_name(in->imm);

	if (!helper && !strcmp(name, "unknown"))
		return bvm_reject(env, UNKNOWN_HELPER, name, (int)in->imm);
	if (!helper || helper->flags & env->args->denied)
		return bvm_reject(env, WRONG_HELPER, name, (int)in->imm, name, (int)in->imm);
	if ((helper->flags & BVM_HELPER_GPL) && !env->args->gpl)
		return bvm_reject(env, GPL_HELPER);
	if ((helper->flags & BVM_HELPER_SLEEPS) && !(env->args->load_flags & BPF_F_SLEEPABLE))
		return bvm_reject(env, SLEEPING_HELPER);
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
	struct bvm_call call = { .env = env, .st = st, .map = BVM_NO_MAP };
	u32 reg;
	int err;

	if (in->src)
		return bvm_reject(env, NO_KFUNCS);
	err = bvm_find_helper(env, in, &call.helper);
	for (reg = 1; !err && reg <= 5 && call.helper->arg[reg - 1]; reg++)
		err = bvm_check_arg(&call, reg);
	if (err)
		return err;
	bvm_note_call(env, st->insn, call.map);
	if (call.helper->callback)
		err = bvm_step_callback(env, st, call.helper, succ);
	else if (call.helper->flags & BVM_HELPER_TAIL_CALL)
		err = bvm_step_tail_call(env, st, succ);
	if (err)
		return err;
	st->insn++;
	for (reg = 0; reg <= 5; reg++)
		bvm_reg_clear(env, st, reg);
	return bvm_call_result(&call);
}
