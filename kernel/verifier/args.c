// SPDX-License-Identifier: GPL-2.0-only
/*
 * Arguments of helpers: one function a kind of argument.
 */
#include "env.h"

/* Is it a 0 that is taken for NULL? */
static bool bvm_is_null(struct bvm_env *env, const struct bvm_val *v)
{
	if (!bvm_is_zero(v))
		return false;
	bvm_demand(env, v);
	return true;
}

static int bvm_arg_type(struct bvm_call *call, u32 reg, const char *expected)
{
	return bvm_reject(call->env, ARG_TYPE, reg,
			  bvm_kind_name(bvm_reg(call->env, call->st, reg)), expected);
}

static int bvm_arg_unknown(struct bvm_call *call, u32 reg)
{
	return bvm_reject(call->env, HELPER_ARG, bvm_helper_name(call->helper->id),
			  call->helper->id, call->helper->arg[reg - 1]);
}

static u32 bvm_arg_kind(const struct bvm_call *call, u32 reg)
{
	return call->helper->arg[reg - 1] & ~BVM_ARG_MAYBE_NULL;
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
		return bvm_arg_type(call, reg, BVM_MEMORY_WORDS);
	err = bvm_check_helper_access(env, call->st, reg, &v, size, how);
	if (err || v.kind != BVM_PTR_STACK)
		return err;
	return how == BVM_HELPER_WRITE ? bvm_stack_forget(env, call->st, &v, 0, size) :
					 bvm_stack_readable(env, call->st, reg, &v, size);
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

/* A map that the helper can use, in a program of this type. */
static int bvm_map_suits(const struct bvm_call *call, const struct bvm_map *map)
{
	const struct bvm_helper *helper = call->helper;
	bool writes = helper->flags & BVM_HELPER_MAP_WRITE;
	bool suits = !(helper->map_caps & ~map->type->caps);

	if (suits && writes && (map->type->caps & BVM_MAP_SOCKETS) &&
	    !(call->env->args->type->flags & BVM_PROG_SOCKETS)) {
		bvm_reject(call->env, SOCKET_MAP);
		suits = false;
	}
	if (!suits)
		return bvm_reject(call->env, MAP_FOR_HELPER, map->type->id,
				  bvm_helper_name(helper->id), helper->id);
	if (writes && (map->flags & BPF_F_RDONLY_PROG))
		return bvm_reject(call->env, MAP_HELPER_WRITE);
	return 0;
}

static int bvm_arg_map_ptr(struct bvm_call *call, u32 reg)
{
	const struct bvm_val *v = bvm_reg(call->env, call->st, reg);
	int err;

	if (v->kind != BVM_PTR_MAP || (v->flags & BVM_VAL_OR_NULL))
		return bvm_arg_type(call, reg, "map_ptr");
	err = bvm_map_suits(call, bvm_val_map(call->env, v));
	if (!err)
		call->map = *v;
	return err;
}

/* A structure that a program sees a view of, as it was handed out. */
#define BVM_SOCK_WORDS	"sock_common, sock, tcp_sock, xdp_sock, ptr_, trusted_ptr_"

static int bvm_arg_view(struct bvm_call *call, u32 reg)
{
	const struct bvm_val *v = bvm_reg(call->env, call->st, reg);

	if (v->kind != BVM_PTR_VIEW || (v->flags & BVM_VAL_OR_NULL))
		return bvm_arg_type(call, reg, BVM_SOCK_WORDS);
	if (call->helper->flags & BVM_HELPER_RELEASE) {
		if (!(v->flags & BVM_VAL_OWNED))
			return bvm_reject(call->env, NOT_HELD, reg);
		call->release = v->ref;
	}
	return bvm_check_const_off(call->env, reg, v);
}

/* A key or value of the map that was passed before. */
static int bvm_arg_of_map(struct bvm_call *call, u32 reg)
{
	u32 kind = bvm_arg_kind(call, reg);
	const struct bvm_map *map;

	if (call->map.kind != BVM_PTR_MAP)
		return bvm_arg_unknown(call, reg);
	map = bvm_val_map(call->env, &call->map);
	if (map->type->view && kind != BVM_ARG_MAP_KEY)
		return bvm_arg_view(call, reg);
	return bvm_arg_memory(call, reg, kind == BVM_ARG_MAP_KEY ? map->key_size : map->value_size,
			      kind == BVM_ARG_MAP_VALUE_OUT ? BVM_HELPER_WRITE : BVM_HELPER_READ);
}

/* Memory whose length is the next argument: all is checked there. */
static int bvm_arg_mem(struct bvm_call *call, u32 reg)
{
	u32 next = reg < 5 ? call->helper->arg[reg] : BVM_ARG_NONE;

	next &= ~BVM_ARG_MAYBE_NULL;
	if (next != BVM_ARG_SIZE && next != BVM_ARG_SIZE_OR_ZERO && next != BVM_ARG_CONST_MEM_SIZE)
		return bvm_arg_unknown(call, reg);
	return 0;
}

/* Memory that lives on, and will be read and written. */
static int bvm_arg_value_mem(struct bvm_call *call, u32 reg)
{
	const struct bvm_val *v = bvm_reg(call->env, call->st, reg);

	if (v->kind != BVM_PTR_VALUE || (v->flags & BVM_VAL_OR_NULL))
		return bvm_reject(call->env, DYNPTR_MEMORY, bvm_kind_name(v));
	return bvm_arg_mem(call, reg);
}

/**
 * bvm_arg_both - memory that is read and written
 * @call:	call
 * @reg:	argument
 * @size:	bytes
 * Return: 0 or a negative errno with a message.
 */
int bvm_arg_both(struct bvm_call *call, u32 reg, u32 size)
{
	return bvm_arg_memory(call, reg, size, BVM_HELPER_READ) ?:
	       bvm_arg_memory(call, reg, size, BVM_HELPER_WRITE);
}

static int bvm_arg_size(struct bvm_call *call, u32 reg)
{
	struct bvm_env *env = call->env;
	const struct bvm_val *size = bvm_reg(env, call->st, reg), *mem;
	u32 kind = reg > 1 ? bvm_arg_kind(call, reg - 1) : BVM_ARG_NONE;
	bool zero = call->helper->arg[reg - 1] != BVM_ARG_SIZE;

	if (kind != BVM_ARG_MEM && kind != BVM_ARG_UNINIT_MEM && kind != BVM_ARG_VALUE_MEM &&
	    kind != BVM_ARG_KERNEL_MEM)
		return bvm_arg_unknown(call, reg);
	if (size->kind != BVM_SCALAR)
		return bvm_arg_type(call, reg, "scalar");
	if (!BVM_PLANTED(NEED_LENGTH))
		bvm_demand(env, size);
	if (size->s.smin < 0)
		return bvm_reject(env, SIZE_NEGATIVE, reg);
	if (!size->s.umin && !zero)
		return bvm_reject(env, SIZE_ZERO, reg, size->s.umin, size->s.umax);
	if (size->s.umax >= BVM_MAX_VAR_OFF)
		return bvm_reject(env, SIZE_UNBOUNDED, reg);
	call->size = size->s.umax;	/* below 2^29 */
	mem = bvm_reg(env, call->st, reg - 1);
	if (bvm_arg_may_be_null(call, reg - 1) && !size->s.umax && bvm_is_null(env, mem))
		return 0;
	/* NULL has no bytes: with a length, it must have been excluded. */
	if (mem->flags & BVM_VAL_OR_NULL)
		return bvm_arg_type(call, reg - 1, BVM_MEMORY_WORDS);
	if (kind == BVM_ARG_VALUE_MEM || kind == BVM_ARG_KERNEL_MEM)
		return bvm_arg_both(call, reg - 1, size->s.umax);
	return bvm_arg_memory(call, reg - 1, size->s.umax,
			      kind == BVM_ARG_MEM ? BVM_HELPER_READ : BVM_HELPER_WRITE);
}

/* An aligned number that the helper writes. */
static int bvm_arg_long_out(struct bvm_call *call, u32 reg)
{
	const struct bvm_val *v = bvm_reg(call->env, call->st, reg);
	int err = 0;

	if (bvm_is_pointer(v))
		err = bvm_check_aligned(call->env, v, 0, 8);
	return err ? err : bvm_arg_memory(call, reg, 8, BVM_HELPER_WRITE);
}

static int bvm_arg_string(struct bvm_call *call, u32 reg)
{
	const struct bvm_val *v = bvm_reg(call->env, call->st, reg);

	if (v->kind != BVM_PTR_VALUE || (v->flags & BVM_VAL_OR_NULL))
		return bvm_arg_type(call, reg, "map_value");
	return bvm_check_string(call->env, call->st, reg, v);
}

/* What does not fit into 32 bits, no helper can return: then any size is right. */
static int bvm_arg_const_size(struct bvm_call *call, u32 reg)
{
	const struct bvm_val *v = bvm_reg(call->env, call->st, reg);

	if (v->kind != BVM_SCALAR)
		return bvm_arg_type(call, reg, "scalar");
	if (!bvm_is_const(v))
		return bvm_reject(call->env, SIZE_NOT_CONST, reg);
	bvm_demand(call->env, v);
	call->size = min_t(u64, bvm_scalar_value(&v->s), U32_MAX);
	return 0;
}

/* There need not be memory to go with the size. */
static int bvm_arg_const_mem_size(struct bvm_call *call, u32 reg)
{
	const struct bvm_val *size = bvm_reg(call->env, call->st, reg);
	int err = 0;

	if (size->kind != BVM_SCALAR)
		return bvm_reject(call->env, NOT_SCALAR, reg);
	if (!bvm_is_null(call->env, bvm_reg(call->env, call->st, reg - 1)))
		err = bvm_arg_size(call, reg);
	if (err)
		return bvm_reject(call->env, KFUNC_MEM_SIZE, reg - 2, reg - 1);
	if (!bvm_is_const(size))
		return bvm_reject(call->env, KFUNC_NOT_CONST, reg);
	bvm_demand(call->env, size);
	call->size = min_t(u64, bvm_scalar_value(&size->s), U32_MAX);
	return 0;
}

/* What was acquired and is given back, as it was handed out. */
static int bvm_arg_acquired(struct bvm_call *call, u32 reg)
{
	const struct bvm_val *v = bvm_reg(call->env, call->st, reg);

	if (v->kind != BVM_PTR_MEM || !(v->flags & BVM_VAL_OWNED) ||
	    (v->flags & BVM_VAL_OR_NULL))
		return bvm_arg_type(call, reg, "ringbuf_mem");
	if (v->off)
		return bvm_reject(call->env, RELEASE_OFFSET, reg);
	if (call->helper->flags & BVM_HELPER_RELEASE)
		call->release = v->ref;
	return bvm_check_const_off(call->env, reg, v);
}

/* Passed on to a callback, which looks at it again. */
static int bvm_arg_stack(struct bvm_call *call, u32 reg)
{
	const struct bvm_val *v = bvm_reg(call->env, call->st, reg);

	if (v->kind != BVM_PTR_STACK && !bvm_is_null(call->env, v))
		return bvm_arg_type(call, reg, "fp");
	return 0;
}

static int bvm_arg_func(struct bvm_call *call, u32 reg)
{
	const struct bvm_val *v = bvm_reg(call->env, call->st, reg);

	if (v->kind != BVM_PTR_FUNC)
		return bvm_arg_type(call, reg, "func");
	return bvm_check_const_off(call->env, reg, v);
}

static int bvm_arg_btf(struct bvm_call *call, u32 reg)
{
	return bvm_check_btf_arg(call->env, reg, bvm_reg(call->env, call->st, reg),
				 call->helper->btf_type);
}

/* Nothing gives such pointers. */
static int bvm_arg_percpu(struct bvm_call *call, u32 reg)
{
	return bvm_arg_type(call, reg, "percpu_ptr_, percpu_rcu_ptr_, percpu_trusted_ptr_");
}

static int bvm_arg_scalar(struct bvm_call *call, u32 reg)
{
	if (bvm_reg(call->env, call->st, reg)->kind != BVM_SCALAR)
		return bvm_reject(call->env, NOT_SCALAR, reg);
	return 0;
}

static int bvm_arg_const(struct bvm_call *call, u32 reg)
{
	const struct bvm_val *v = bvm_reg(call->env, call->st, reg);

	if (v->kind == BVM_SCALAR && !bvm_is_const(v))
		return bvm_reject(call->env, KFUNC_NOT_CONST, reg);
	bvm_demand(call->env, v);
	call->size = min_t(u64, bvm_scalar_value(&v->s), U32_MAX);
	return bvm_arg_scalar(call, reg);
}

static int bvm_arg_iter_new(struct bvm_call *call, u32 reg)
{
	return bvm_arg_object_new(call, reg, "iter");
}

static int bvm_arg_dynptr_new(struct bvm_call *call, u32 reg)
{
	return bvm_arg_object_new(call, reg, "dynptr");
}

static int bvm_arg_dynptr_any(struct bvm_call *call, u32 reg)
{
	return bvm_arg_dynptr(call, reg, false);
}

static int bvm_arg_dynptr_held(struct bvm_call *call, u32 reg)
{
	return bvm_arg_dynptr(call, reg, true);
}

static int bvm_check_arg(struct bvm_call *call, u32 reg)
{
	static int (* const check[__BVM_ARG_KIND_MAX])(struct bvm_call *call, u32 reg) = {
		[BVM_ARG_ANYTHING] = bvm_arg_anything,
		[BVM_ARG_CTX] = bvm_arg_ctx,
		[BVM_ARG_MAP_PTR] = bvm_arg_map_ptr,
		[BVM_ARG_MAP_KEY] = bvm_arg_of_map,
		[BVM_ARG_MAP_VALUE] = bvm_arg_of_map,
		[BVM_ARG_MAP_VALUE_OUT] = bvm_arg_of_map,
		[BVM_ARG_MEM] = bvm_arg_mem,
		[BVM_ARG_UNINIT_MEM] = bvm_arg_mem,
		[BVM_ARG_SIZE] = bvm_arg_size,
		[BVM_ARG_SIZE_OR_ZERO] = bvm_arg_size,
		[BVM_ARG_LONG_OUT] = bvm_arg_long_out,
		[BVM_ARG_STRING] = bvm_arg_string,
		[BVM_ARG_CONST_SIZE] = bvm_arg_const_size,
		[BVM_ARG_ACQUIRED] = bvm_arg_acquired,
		[BVM_ARG_VIEW] = bvm_arg_view,
		[BVM_ARG_FUNC] = bvm_arg_func,
		[BVM_ARG_STACK] = bvm_arg_stack,
		[BVM_ARG_BTF] = bvm_arg_btf,
		[BVM_ARG_SCALAR] = bvm_arg_scalar,
		[BVM_ARG_ITER_NEW] = bvm_arg_iter_new,
		[BVM_ARG_ITER] = bvm_arg_iter,
		[BVM_ARG_DYNPTR_NEW] = bvm_arg_dynptr_new,
		[BVM_ARG_DYNPTR] = bvm_arg_dynptr_any,
		[BVM_ARG_DYNPTR_HELD] = bvm_arg_dynptr_held,
		[BVM_ARG_VALUE_MEM] = bvm_arg_value_mem,
		[BVM_ARG_PERCPU] = bvm_arg_percpu,
		[BVM_ARG_LOCK] = bvm_arg_lock,
		[BVM_ARG_UNLOCK] = bvm_arg_unlock,
		[BVM_ARG_KPTR] = bvm_arg_kptr,
		[BVM_ARG_KPTR_NEW] = bvm_arg_kptr_new,
		[BVM_ARG_CONST_MEM_SIZE] = bvm_arg_const_mem_size,
		[BVM_ARG_TYPED] = bvm_arg_typed,
		[BVM_ARG_KERNEL_MEM] = bvm_arg_mem,
		[BVM_ARG_CONST] = bvm_arg_const,
	};
	u32 kind = bvm_arg_kind(call, reg);
	int err = bvm_need_reg(call->env, call->st, reg);

	if (err)
		return err;
	if (kind >= __BVM_ARG_KIND_MAX || !check[kind])
		return bvm_arg_unknown(call, reg);
	if (kind != BVM_ARG_ANYTHING && bvm_is_packet(bvm_reg(call->env, call->st, reg)) &&
	    !(call->helper->flags & BVM_HELPER_TAKES_PKT))
		return bvm_reject(call->env, PKT_HELPER);
	/* NULL with a length is looked at when the length is. */
	if (bvm_arg_may_be_null(call, reg) && kind != BVM_ARG_MEM && kind != BVM_ARG_UNINIT_MEM &&
	    kind != BVM_ARG_KERNEL_MEM &&
	    bvm_is_null(call->env, bvm_reg(call->env, call->st, reg)))
		return 0;
	return check[kind](call, reg);
}

/*
 * A format, and how many bytes there are for it.  A number of bytes that is not known
 * is looked at when the helper is called.
 */
static int bvm_check_format(struct bvm_call *call)
{
	const struct bvm_val *format = NULL, *size = NULL, *v;
	u32 reg, kind;

	for (reg = 1; reg <= 5; reg++) {
		kind = bvm_arg_kind(call, reg);
		v = bvm_reg(call->env, call->st, reg);
		if (kind == BVM_ARG_STRING)
			format = v;
		else if (kind == BVM_ARG_SIZE || kind == BVM_ARG_SIZE_OR_ZERO)
			size = v;
	}
	if (!format || !size || !bvm_is_const(size))
		return 0;
	if (call->helper->check_format(bvm_const_string(call->env, format),
				       bvm_scalar_value(&size->s)))
		return bvm_reject(call->env, FORMAT);
	return 0;
}

/**
 * bvm_check_args - are a helper's arguments what it wants?
 * @call:	call; what is learned about the result is noted in it
 * Return: 0, or a negative errno with a message.
 */
int bvm_check_args(struct bvm_call *call)
{
	u32 reg;
	int err = 0;

	for (reg = 1; !err && reg <= 5 && call->helper->arg[reg - 1]; reg++)
		err = bvm_check_arg(call, reg);
	if (!err && call->helper->check_format)
		err = bvm_check_format(call);
	if (!err)
		err = bvm_check_released(call);
	return err;
}
