// SPDX-License-Identifier: GPL-2.0-only
/*
 * Arguments and results of functions of the kernel that are described by their BTF: pointers
 * to structures of the kernel, and plain memory that looks like a type says.
 *
 * A function follows such a pointer without a probe.  So it gets what the program holds a
 * reference on, or what the kernel handed to it (BVM_VAL_TRUSTED), and never what was merely
 * found in memory.  Either may be NULL all the same, which the verifier cannot exclude: the
 * call is left out then (lowering sees to it).
 */
#include "env.h"

#define BVM_MAX_NESTING	4	/* structures inside of each other, in plain memory */
#define BVM_MAX_EMBEDDED 16	/* the same, on the way to the one that is wanted */

/**
 * bvm_is_trusted - is there an object behind a pointer, or NULL?
 * @v:		BVM_PTR_BTF
 */
bool bvm_is_trusted(const struct bvm_val *v)
{
	return (v->flags & BVM_VAL_TRUSTED) || ((v->flags & BVM_VAL_OWNED) && v->ref);
}

static bool bvm_plain(struct bvm_env *env, const struct bvm_btf *btf, u32 id, u32 depth);

static bool bvm_plain_members(struct bvm_env *env, const struct bvm_btf *btf,
			      const struct btf_type *t, u32 depth)
{
	u32 i;

	if (depth >= BVM_MAX_NESTING) {
		bvm_log(env->log, "max struct nesting depth exceeded\n");
		return false;
	}
	for (i = 0; i < bvm_btf_vlen(t); i++)
		if (!bvm_plain(env, btf, bvm_btf_members(t)[i].type, depth + 1))
			return false;
	return true;
}

/* Are there only numbers in it? */
static bool bvm_plain(struct bvm_env *env, const struct bvm_btf *btf, u32 id, u32 depth)
{
	const struct btf_type *t = bvm_btf_resolve(btf, &id);

	while (bvm_btf_kind(t) == BTF_KIND_ARRAY) {
		if (!bvm_btf_array(t)->nelems)
			return false;
		id = bvm_btf_array(t)->type;
		t = bvm_btf_resolve(btf, &id);
	}
	switch (bvm_btf_kind(t)) {
	case BTF_KIND_INT:
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		return true;
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return bvm_plain_members(env, btf, t, depth);
	}
	return false;
}

static const char *bvm_kind_word(const struct btf_type *t)
{
	return bvm_btf_kind_name[bvm_btf_kind(t)];
}

static bool bvm_same_type(const struct bvm_btf *a, u32 a_id, const struct bvm_btf *b, u32 b_id)
{
	return a_id == b_id && bvm_btf_owner(a, a_id) == bvm_btf_owner(b, b_id);
}

/* The structure inside of another one that begins at an offset; both are updated. */
static bool bvm_enter_struct(const struct bvm_btf *btf, u32 *id, u32 *off)
{
	const struct btf_type *t = bvm_btf_type(btf, *id), *inner;
	const struct btf_member *m = bvm_btf_members(t);
	u32 i, at, to, size;

	for (i = 0; i < bvm_btf_vlen(t) && bvm_btf_kind(t) == BTF_KIND_STRUCT; i++) {
		at = bvm_btf_bit_off(t, &m[i]) / 8;
		to = m[i].type;
		inner = bvm_btf_resolve(btf, &to);
		if (!bvm_btf_is_struct(inner) || at > *off || bvm_btf_size(btf, to, &size) ||
		    *off - at >= size)
			continue;
		*id = to;
		*off -= at;
		return true;
	}
	return false;
}

/**
 * bvm_leads_to - does a pointer lead to the structure that is wanted?
 * @v:		BVM_PTR_BTF, not moved by an unknown distance, nor backwards
 * @btf:	types
 * @want:	structure in them
 * @strict:	one that is inside of another one will not do
 */
bool bvm_leads_to(const struct bvm_val *v, const struct bvm_btf *btf, u32 want, bool strict)
{
	u32 i, id = v->type, off = v->off;

	for (i = 0; i < BVM_MAX_EMBEDDED; i++) {
		if (!off && bvm_same_type(v->btf, id, btf, want))
			return true;
		if (strict || !bvm_enter_struct(v->btf, &id, &off))
			return false;
	}
	return false;
}

/* Does the function want what programs of this type call their context? */
static bool bvm_wants_ctx(const struct bvm_env *env, const struct bvm_btf *btf, u32 id)
{
	const struct btf_type *t = bvm_btf_type(btf, id);

	for (;; t = bvm_btf_type(btf, t->type)) {
		if ((bvm_btf_is_struct(t) || bvm_btf_kind(t) == BTF_KIND_TYPEDEF) &&
		    bvm_name_in(env->args->type->ctx_names, bvm_btf_str(btf, t->name_off)))
			return true;
		if (!bvm_btf_is_modifier(t))
			return false;
	}
}

static int bvm_check_trust(struct bvm_call *call, u32 reg, const struct bvm_val *v)
{
	if (bvm_is_trusted(v))
		return 0;
	if (!(call->helper->flags & BVM_HELPER_RCU))
		return bvm_reject(call->env, KFUNC_TRUSTED, reg);
	return v->flags & BVM_VAL_RCU ? 0 : bvm_reject(call->env, KFUNC_RCU, reg);
}

/* A pointer to a structure of the kernel. */
static int bvm_arg_object(struct bvm_call *call, u32 reg, const struct bvm_val *v)
{
	bool release = call->helper->flags & BVM_HELPER_RELEASE;
	const struct bvm_proto *proto = call->helper->proto;
	u32 want = proto->arg[reg - 1];
	const struct btf_type *t = bvm_btf_resolve(proto->btf, &want);
	int err = 0;

	if (v->off < 0 || !bvm_scalar_is_const(&v->s) || bvm_scalar_value(&v->s))
		err = bvm_check_const_off(call->env, reg, v);
	else if (release && v->off)
		err = bvm_reject(call->env, RELEASE_OFFSET, reg);
	if (!err)
		err = bvm_check_trust(call, reg, v);
	if (err)
		return err;
	if (!bvm_leads_to(v, proto->btf, want, release))
		return bvm_reject(call->env, KFUNC_STRUCT, call->name, reg - 1, bvm_kind_word(t),
				  bvm_btf_str(proto->btf, t->name_off), reg, "STRUCT",
				  bvm_type_name(v->btf, v->type));
	if (v->flags & BVM_VAL_OWNED)
		call->held = v->ref;
	if (release && (v->flags & BVM_VAL_OWNED))
		call->release = v->ref;
	return 0;
}

/* Memory of the program's that looks like a type. */
static int bvm_arg_plain(struct bvm_call *call, u32 reg, const struct bvm_val *v)
{
	const struct bvm_proto *proto = call->helper->proto;
	u32 want = proto->arg[reg - 1], size;
	const struct btf_type *t = bvm_btf_resolve(proto->btf, &want);

	if (!bvm_plain(call->env, proto->btf, want, 0) || bvm_btf_size(proto->btf, want, &size))
		return bvm_reject(call->env, KFUNC_POINTEE, reg - 1, bvm_kind_word(t),
				  bvm_btf_str(proto->btf, t->name_off));
	/* an object of the kernel looks like plain memory, but is more than that */
	if (bvm_btf_is_struct(t) &&
	    call->helper->flags & (BVM_HELPER_TRUSTED | BVM_HELPER_RCU | BVM_HELPER_RELEASE))
		return bvm_reject(call->env, KFUNC_TRUSTED, reg);
	return bvm_arg_both(call, reg, size);
}

/**
 * bvm_arg_typed - a pointer is passed, as the function's BTF says
 * @call:	call; a reference that it stands for is noted in it
 * @reg:	argument
 * Return: 0; -EINVAL, -EACCES with a message.
 */
int bvm_arg_typed(struct bvm_call *call, u32 reg)
{
	const struct bvm_val *v = bvm_reg(call->env, call->st, reg);
	const struct bvm_proto *proto = call->helper->proto;
	bool nullable = call->helper->arg[reg - 1] & BVM_ARG_MAYBE_NULL;
	u32 want = proto->arg[reg - 1];

	if (bvm_wants_ctx(call->env, proto->btf, want)) {
		if (v->kind != BVM_PTR_CTX)
			return bvm_reject(call->env, KFUNC_CTX, reg - 1, bvm_kind_name(v));
		return bvm_check_const_off(call->env, reg, v);
	}
	if (!nullable && (bvm_is_zero(v) || (v->flags & BVM_VAL_OR_NULL)) &&
	    (v->kind == BVM_PTR_BTF ||
	     call->helper->flags & (BVM_HELPER_TRUSTED | BVM_HELPER_RCU | BVM_HELPER_RELEASE))) {
		bvm_demand(call->env, v);
		return bvm_reject(call->env, KFUNC_NULL, reg - 1);
	}
	if (v->kind == BVM_PTR_BTF && bvm_btf_is_struct(bvm_btf_resolve(proto->btf, &want)))
		return bvm_arg_object(call, reg, v);
	return bvm_arg_plain(call, reg, v);
}

/**
 * bvm_check_released - has the function got what it takes back?
 * @call:	call, its arguments checked
 * Return: 0, or -EINVAL with a message.
 */
int bvm_check_released(struct bvm_call *call)
{
	if (!call->helper->proto || !(call->helper->flags & BVM_HELPER_RELEASE) || call->release)
		return 0;
	return bvm_reject(call->env, KFUNC_RELEASE, call->name);
}

/**
 * bvm_typed_result - the pointer to a structure that a function returns
 * @call:	call
 * @v:		result
 *
 * Without a reference it is like what is found in memory: good for loads, which are probes.
 *
 * Return: 0, or -E2BIG with a message.
 */
int bvm_typed_result(struct bvm_call *call, struct bvm_val *v)
{
	const struct bvm_proto *proto = call->helper->proto;
	int err = 0;

	bvm_val_const(v, 0);
	v->kind = BVM_PTR_BTF;
	v->btf = bvm_btf_owner(proto->btf, proto->ret);
	v->type = proto->ret;
	/* two numbers, for the log to have those of the kernel's */
	if (call->helper->flags & BVM_HELPER_RET_NULL)
		v->id = bvm_new_id(call->env);
	if (call->helper->flags & BVM_HELPER_ACQUIRE) {
		err = bvm_ref_acquire(call->env, call->st, &v->ref);
		v->flags |= BVM_VAL_OWNED;
	}
	if (call->helper->flags & BVM_HELPER_RET_NULL)
		v->flags |= BVM_VAL_OR_NULL;
	if (v->ref && v->id)
		v->id = v->ref;
	return err;
}

/**
 * bvm_cast_result - some address as that of a structure: loads from there are probes
 * @call:	call; ->size is the id of the structure in the kernel's types
 * @v:		result
 * Return: 0, or -EINVAL with a message.
 */
int bvm_cast_result(struct bvm_call *call, struct bvm_val *v)
{
	const struct bvm_verify_args *args = call->env->args;
	const struct bvm_btf *btf = args->kernel_btf ? args->kernel_btf() : NULL;
	const struct btf_type *t = btf ? bvm_btf_type(btf, call->size) : NULL;

	if (!t || bvm_btf_kind(t) != BTF_KIND_STRUCT)
		return bvm_reject(call->env, CAST_STRUCT);
	bvm_val_const(v, 0);
	v->kind = BVM_PTR_BTF;
	v->btf = btf;
	v->type = call->size;
	return 0;
}
