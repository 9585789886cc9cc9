// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pointers to kernel structures: arguments of an attach target, what helpers return, and
 * what is reached from there through members.
 *
 * Nobody keeps such an object alive for the program, and NULL is not excluded: loads are
 * probes, which give 0 where there is no memory, so that a wrong pointer can be followed
 * but does no harm.  Helpers that follow pointers without a probe get only those that the
 * kernel itself handed to the program (BVM_VAL_TRUSTED).
 */
#include "env.h"

/* Structures inside of each other, in front. */
#define BVM_MAX_EMBEDDED	16

/**
 * bvm_type_name - name of a structure
 * @btf:	types
 * @id:		structure or union
 */
const char *bvm_type_name(const struct bvm_btf *btf, u32 id)
{
	const struct btf_type *type = bvm_btf_type(btf, id);

	return type ? bvm_btf_str(btf, type->name_off) : "";
}

static void bvm_btf_pointer(struct bvm_val *v, const struct bvm_btf *btf, u32 id, u32 flags)
{
	bvm_val_const(v, 0);
	v->kind = BVM_PTR_BTF;
	v->flags = flags;
	v->btf = btf;
	v->type = id;
}

/* ------------------------------------------------------------- arguments */

/* The argument at an offset of the context, NULL if there is none. */
static const struct btf_param *bvm_ctx_arg(const struct bvm_env *env, u32 off)
{
	const struct btf_type *proto = bvm_btf_type(env->args->attach_btf,
						    env->args->attach_btf_id);
	u32 arg = off / 8 + 1;	/* the first parameter is not the program's */

	if (!proto || bvm_btf_kind(proto) != BTF_KIND_FUNC_PROTO || arg >= bvm_btf_vlen(proto))
		return NULL;
	return bvm_btf_params(proto) + arg;
}

static bool bvm_btf_tagged(const struct bvm_btf *btf, u32 id)
{
	const struct btf_type *t = bvm_btf_type(btf, id);

	while (bvm_btf_is_modifier(t) && bvm_btf_kind(t) != BTF_KIND_TYPE_TAG)
		t = bvm_btf_type(btf, t->type);
	return bvm_btf_kind(t) == BTF_KIND_TYPE_TAG;
}

/* The structure that an argument points to, 0: it is a number to the program. */
static u32 bvm_arg_struct(const struct bvm_btf *btf, const struct btf_param *arg)
{
	u32 ptr = arg->type, to;
	const struct btf_type *t = bvm_btf_resolve(btf, &ptr);

	if (!t || bvm_btf_kind(t) != BTF_KIND_PTR)
		return 0;
	/* Of user space, or one for each CPU: nothing that can be followed. */
	if (bvm_btf_tagged(btf, t->type))
		return 0;
	to = t->type;
	t = bvm_btf_resolve(btf, &to);
	return to && bvm_btf_is_struct(t) ? to : 0;
}

/**
 * bvm_check_btf_ctx - access to the arguments of an attach target
 * @env:	environment
 * @off:	offset in the context, not negative, aligned to @size
 * @size:	1, 2, 4 or 8
 * @how:	BVM_READ or BVM_WRITE
 * Return: 0 or -EACCES with a message.
 */
int bvm_check_btf_ctx(struct bvm_env *env, s32 off, u32 size, enum bvm_access how)
{
	const struct bvm_verify_args *args = env->args;
	const char *name = args->attach_name ?: "";
	const struct btf_param *arg;

	if (bvm_access_writes(how) || off >= args->type->ctx_size)
		return bvm_reject(env, CTX_ACCESS, off, size);
	arg = bvm_ctx_arg(env, off);
	if (off % 8)
		bvm_log(env->log, "func '%s' offset %d is not multiple of 8\n", name, off);
	else if (!arg)
		bvm_log(env->log, "func '%s' doesn't have %d-th argument\n", name, off / 8 + 1);
	else if (size != 8 && bvm_arg_struct(args->attach_btf, arg))
		bvm_log(env->log, "func '%s' size %d must be 8\n", name, size);
	else
		return 0;
	return bvm_reject(env, CTX_ACCESS, off, size);
}

/**
 * bvm_load_btf_ctx - an argument
 * @env:	environment
 * @off:	offset that bvm_check_btf_ctx() has agreed to
 * @size:	1, 2, 4 or 8
 * @out:	unknown number, left alone unless the argument is a pointer
 * Return: 0.
 */
int bvm_load_btf_ctx(struct bvm_env *env, s32 off, u32 size, struct bvm_val *out)
{
	const struct bvm_btf *btf = env->args->attach_btf;
	u32 id = bvm_arg_struct(btf, bvm_ctx_arg(env, off));

	if (id)
		bvm_btf_pointer(out, btf, id, BVM_VAL_TRUSTED);
	return 0;
}

/* --------------------------------------------------------------- members */

/* Why a load is refused that bvm_btf_walk() did not like. */
static int bvm_reject_place(struct bvm_env *env, const char *name, s64 at, u32 size,
			    const struct bvm_btf_place *place)
{
	if (place->part && place->in)
		return bvm_reject(env, BTF_PART, place->name, place->member, place->in,
				  place->off, size);
	return bvm_reject(env, BTF_ACCESS, name, at, size);
}

/**
 * bvm_check_btf - access to a kernel structure
 * @env:	environment
 * @st:		state
 * @reg:	register, for the message
 * @v:		its value, BVM_PTR_BTF
 * @off:	offset in the instruction
 * @size:	1, 2, 4 or 8
 * @how:	BVM_READ or BVM_WRITE
 * Return: 0 or -EACCES with a message.
 */
int bvm_check_btf(struct bvm_env *env, const struct bvm_state *st, u32 reg,
		  const struct bvm_val *v, s32 off, u32 size, enum bvm_access how)
{
	const char *name = bvm_type_name(v->btf, v->type);
	s64 at = (s64)v->off + off + (s64)bvm_scalar_value(&v->s);
	struct bvm_btf_place place = {};

	if (!bvm_scalar_is_const(&v->s))
		return bvm_reject(env, BTF_VARIABLE, reg, name, (s64)v->off + off,
				  bvm_tnum_text(env, v->s.t));
	if (at < 0)
		return bvm_reject(env, BTF_NEGATIVE, reg, name, at);
	if (bvm_access_writes(how))
		return bvm_reject(env, BTF_WRITE);
	if (at >= BVM_MAX_VAR_OFF || bvm_btf_walk(v->btf, v->type, at, size, &place))
		return bvm_reject_place(env, name, at, size, &place);
	return 0;
}

/**
 * bvm_load_btf - a member of a kernel structure
 * @env:	environment
 * @st:		state
 * @v:		pointer, BVM_PTR_BTF; bvm_check_btf() has agreed
 * @off:	offset in the instruction
 * @size:	1, 2, 4 or 8
 * @out:	unknown number, left alone unless the member is a pointer to a structure
 * Return: 0.
 */
int bvm_load_btf(struct bvm_env *env, struct bvm_state *st, const struct bvm_val *v, s32 off,
		 u32 size, struct bvm_val *out)
{
	u32 at = v->off + off + (s32)bvm_scalar_value(&v->s);
	struct bvm_btf_place place;

	if (!bvm_btf_walk(v->btf, v->type, at, size, &place) && place.pointer && place.struct_id)
		bvm_btf_pointer(out, v->btf, place.struct_id, v->flags & BVM_VAL_UNTRUSTED);
	return 0;
}

/* --------------------------------------------------------------- helpers */

/* Is it that structure, or one that begins with it? */
static bool bvm_btf_is(const struct bvm_btf *btf, u32 id, const char *name)
{
	const struct btf_type *t;
	u32 i;

	for (i = 0; i < BVM_MAX_EMBEDDED; i++) {
		t = bvm_btf_resolve(btf, &id);
		if (!t || !bvm_btf_is_struct(t))
			return false;
		if (!strcmp(bvm_btf_str(btf, t->name_off), name))
			return true;
		if (!bvm_btf_vlen(t) || bvm_btf_kind(t) != BTF_KIND_STRUCT)
			return false;
		id = bvm_btf_members(t)->type;
	}
	return false;
}

/**
 * bvm_check_btf_arg - a helper wants a pointer to a kernel structure
 * @env:	environment
 * @reg:	register, for the message
 * @v:		its value
 * @name:	name of the structure
 *
 * The pointer may be NULL all the same.
 *
 * Return: 0 or -EACCES with a message.
 */
int bvm_check_btf_arg(struct bvm_env *env, u32 reg, const struct bvm_val *v, const char *name)
{
	if (v->kind != BVM_PTR_BTF || !bvm_is_trusted(v) || (v->flags & BVM_VAL_OR_NULL))
		return bvm_reject(env, ARG_TYPE, reg, bvm_kind_name(v),
				  BVM_BTF_WORDS);
	if (v->off || !bvm_btf_is(v->btf, v->type, name))
		return bvm_reject(env, ARG_STRUCT, reg, bvm_type_name(v->btf, v->type), name);
	return bvm_check_const_off(env, reg, v);
}

/* A structure of the kernel, or an error; remembers the last one. */
static int bvm_find_struct(struct bvm_env *env, const struct bvm_btf *btf, const char *name)
{
	if (env->found_name != name) {
		env->found_type = bvm_btf_find(btf, name, BTF_KIND_STRUCT);
		env->found_name = name;
	}
	return env->found_type;
}

/**
 * bvm_check_map_member - a program reads what the kernel's types say of a map itself
 * @env:	environment
 * @reg:	register, for the message
 * @v:		its value, BVM_PTR_MAP
 * @off:	offset, not negative
 * @size:	1, 2, 4 or 8
 *
 * All members are numbers, pointers as well.  Process context; may search all types.
 *
 * Return: 0 or -EACCES with a message.
 */
int bvm_check_map_member(struct bvm_env *env, u32 reg, const struct bvm_val *v, s32 off, u32 size)
{
	static const char name[] = "bpf_map";
	const struct bvm_btf *btf = env->args->kernel_btf ? env->args->kernel_btf() : NULL;
	int id = btf ? bvm_find_struct(env, btf, name) : -ENOENT;
	struct bvm_btf_place place;

	if (id < 0)
		return bvm_reject(env, MEM_KIND, reg, bvm_kind_name(v));
	if (!bvm_btf_walk(btf, id, off, size, &place))
		return 0;
	return bvm_reject_place(env, name, off, size, &place);
}

/**
 * bvm_btf_result - a helper returns a pointer to a kernel structure
 * @env:	environment; remembers the last type that was looked for
 * @name:	name of the structure in the kernel's types
 * @out:	value
 *
 * Without types of the kernel it is a number.  Process context; may search them all.
 *
 * Return: 0.
 */
int bvm_btf_result(struct bvm_env *env, const char *name, struct bvm_val *out)
{
	const struct bvm_btf *btf = env->args->kernel_btf ? env->args->kernel_btf() : NULL;

	bvm_val_unknown(out, 8);
	if (!btf)
		return 0;
	if (bvm_find_struct(env, btf, name) > 0)
		bvm_btf_pointer(out, btf, env->found_type, BVM_VAL_TRUSTED);
	return 0;
}
