// SPDX-License-Identifier: GPL-2.0-only
/*
 * May this memory be touched?  One function a kind of pointer; all of them take the
 * pointer, the offset in the instruction, and the bytes touched.
 */
#include "env.h"

/**
 * bvm_check_aligned - alignment for pointers whose address is a multiple of 8 at offset 0
 * @env:	environment
 * @v:		pointer
 * @off:	further offset
 * @size:	1, 2, 4 or 8: also the alignment asked for
 * Return: 0 or -EACCES with a message.
 */
int bvm_check_aligned(struct bvm_env *env, const struct bvm_val *v, s32 off, u32 size)
{
	static const char * const what[__BVM_KIND_MAX] = {
		[BVM_PTR_CTX] = "context ", [BVM_PTR_STACK] = "stack ", [BVM_PTR_VALUE] = "value ",
	};
	u64 at = v->s.t.value + v->off + off;

	if (!((at | v->s.t.mask) & (size - 1)))
		return 0;
	return bvm_reject(env, MISALIGNED, what[v->kind] ?: "", bvm_tnum_text(env, v->s.t),
			  v->off, off, size);
}

/**
 * bvm_check_const_off - pointers that are used as they were given, not moved
 * @env:	environment
 * @reg:	register, for the message
 * @v:		its value
 * Return: 0 or -EACCES with a message.
 */
int bvm_check_const_off(struct bvm_env *env, u32 reg, const struct bvm_val *v)
{
	if (v->off < 0)
		return bvm_reject(env, PTR_NEGATIVE_OFF, bvm_kind_name(v), reg, v->off);
	if (v->off)
		return bvm_reject(env, PTR_MODIFIED, bvm_kind_name(v), reg, v->off);
	if (!bvm_scalar_is_const(&v->s) || bvm_scalar_value(&v->s))
		return bvm_reject(env, PTR_VARIABLE, bvm_kind_name(v),
				  bvm_tnum_text(env, v->s.t));
	return 0;
}

/**
 * bvm_check_ctx - access to the program's context
 * @env:	environment; notes the highest offset used
 * @reg:	register, for the message
 * @v:		its value, BVM_PTR_CTX
 * @off:	offset in the instruction
 * @size:	1, 2, 4 or 8
 * @how:	BVM_READ or BVM_WRITE
 *
 * Accesses are aligned to their size, whatever the flags say: fields are.
 *
 * Return: 0 or -EACCES with a message.
 */
int bvm_check_ctx(struct bvm_env *env, u32 reg, const struct bvm_val *v, s32 off, u32 size,
		  enum bvm_access how)
{
	const struct bvm_ctx_field *field;
	int err = bvm_check_const_off(env, reg, v);

	if (!err && (env->args->load_flags & BPF_F_STRICT_ALIGNMENT))
		err = bvm_check_aligned(env, v, off, size);
	if (err)
		return err;
	if (off < 0 || off & (size - 1))
		return bvm_reject(env, CTX_ACCESS, off, size);
	field = bvm_ctx_find(env->args->type, off, size, bvm_access_writes(how));
	if (!field || field->kind != BVM_CTX_SCALAR)
		return bvm_reject(env, CTX_ACCESS, off, size);
	env->facts->max_ctx_off = max_t(u32, env->facts->max_ctx_off, off + size);
	return 0;
}

static int bvm_check_value_at(struct bvm_env *env, const struct bvm_val *v, s64 off, u32 size)
{
	u32 value_size = bvm_val_map(env, v)->value_size;

	if (off >= 0 && off + size <= value_size)
		return 0;
	return bvm_reject(env, MAP_ACCESS, value_size, off, size);
}

/**
 * bvm_check_value - access to a map value
 * @env:	environment
 * @reg:	register, for the message
 * @v:		its value, BVM_PTR_VALUE
 * @off:	offset in the instruction
 * @size:	bytes
 * @how:	direct or by a helper, read or write; read-only maps are not written
 * Return: 0 or -EACCES with a message.
 */
int bvm_check_value(struct bvm_env *env, u32 reg, const struct bvm_val *v, s32 off, u32 size,
		    enum bvm_access how)
{
	const struct bvm_map *map = bvm_val_map(env, v);
	s64 at = (s64)v->off + off;

	if (bvm_access_writes(how) && (map->flags & BPF_F_RDONLY_PROG))
		return bvm_reject(env, MAP_WRITE, map->value_size, at + v->s.smin, size);
	if (!bvm_access_writes(how) && (map->flags & BPF_F_WRONLY_PROG))
		return bvm_reject(env, MAP_READ, map->value_size, at + v->s.smin, size);
	if (v->s.smin < 0 && (v->s.smin <= -BVM_MAX_VAR_OFF || at + v->s.smin < 0))
		return bvm_reject(env, MIN_NEGATIVE, reg);
	if (v->s.smin >= BVM_MAX_VAR_OFF || bvm_check_value_at(env, v, at + v->s.smin, size))
		return bvm_reject(env, MIN_OUTSIDE, reg);
	if (v->s.smax >= BVM_MAX_VAR_OFF)
		return bvm_reject(env, UNBOUNDED, reg);
	if (bvm_check_value_at(env, v, at + v->s.smax, size))
		return bvm_reject(env, MAX_OUTSIDE, reg);
	return 0;
}

static const char * const bvm_stack_words[] = {
	[BVM_READ] = " read from",
	[BVM_WRITE] = " write to",
	[BVM_HELPER_READ] = " indirect access to",
	[BVM_HELPER_WRITE] = " indirect access to",
};

/**
 * bvm_check_stack - access to the stack
 * @env:	environment; notes how much stack the function uses whose frame it is
 * @st:		state
 * @reg:	register, for the message
 * @v:		its value, BVM_PTR_STACK
 * @off:	offset in the instruction
 * @size:	bytes
 * @how:	direct accesses are aligned to their size, those of helpers need not be
 *
 * What was never written may be read: loading asks for CAP_PERFMON.
 *
 * Return: 0 or -EACCES with a message.
 */
int bvm_check_stack(struct bvm_env *env, const struct bvm_state *st, u32 reg,
		    const struct bvm_val *v, s32 off, u32 size, enum bvm_access how)
{
	const char *words = bvm_stack_words[how];
	s64 at = (s64)v->off + off;
	struct bvm_func *func;
	s64 min, max;
	int err;

	if (how == BVM_READ || how == BVM_WRITE) {
		err = bvm_check_aligned(env, v, off, size);
		if (err)
			return err;
	}
	if (v->s.smax >= BVM_MAX_VAR_OFF || v->s.smin <= -BVM_MAX_VAR_OFF)
		return bvm_reject(env, STACK_UNBOUNDED, words, reg);
	min = at + v->s.smin;
	max = at + v->s.smax;
	if (min < -BVM_MAX_STACK || max + size > 0) {
		if (bvm_scalar_is_const(&v->s))
			return bvm_reject(env, STACK_ACCESS, words, reg, min, size);
		return bvm_reject(env, STACK_VAR_ACCESS, words, reg,
				  bvm_tnum_text(env, v->s.t), off, size);
	}
	func = &env->funcs[st->frame[v->frame]->func];
	func->depth = max_t(u32, func->depth, round_up(-min, 8));
	return 0;
}
