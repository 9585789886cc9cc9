// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fields of maps' values that the kernel manages.
 *
 * Locks: a program holds one at a time, which is part of its state, and in the meantime calls
 * nothing but its own functions and what gives the lock back.  A value with a lock is known by
 * the id of the pointers to it, which they keep when they are known not to be NULL.
 *
 * Pointers to objects are loaded and stored as a whole.  What a load gives may be stale:
 * following it is a probe.  Those that hold a reference change hands by bpf_kptr_xchg(), which
 * takes one from the program and gives it another one.
 */
#include "env.h"

/**
 * bvm_map_has_lock - is there a lock in a map's values?
 * @map:	map
 */
bool bvm_map_has_lock(const struct bvm_map *map)
{
	return bvm_record_has(map->record, BVM_FIELD_LOCK);
}

/**
 * bvm_check_map_fields - may a program of this type refer to such a map at all?
 * @env:	environment
 * @map:	map
 *
 * A program that may run in a NMI cannot wait for a lock, for it may have interrupted who
 * holds it.
 *
 * Return: 0 or -EINVAL with a message.
 */
int bvm_check_map_fields(struct bvm_env *env, const struct bvm_map *map)
{
	const struct bvm_prog_type *type = env->args->type;

	if (type->flags & BVM_PROG_LOCKS)
		return 0;
	if (!bvm_map_has_lock(map) && !(map->inner && bvm_map_has_lock(map->inner)))
		return 0;
	return bvm_reject(env, LOCK_PROG,
			  type->flags & BVM_PROG_TRACING ? "tracing" : "socket filter");
}

/* ------------------------------------------------------------------ access */

/* The first field that bytes from @from up to @to have to do with, or NULL. */
static const struct bvm_field *bvm_field_within(const struct bvm_record *rec, s64 from, s64 to)
{
	const struct bvm_field *f;

	for (f = rec->field; f < rec->field + rec->count; f++)
		if (from < (s64)f->off + f->size && to > f->off)
			return f;
	return NULL;
}

static const struct bvm_field *bvm_field_touched(const struct bvm_env *env,
						 const struct bvm_val *v, s32 off, u32 size)
{
	const struct bvm_record *rec = bvm_val_map(env, v)->record;
	s64 at = (s64)v->off + off;

	return rec ? bvm_field_within(rec, at + v->s.smin, at + v->s.smax + size) : NULL;
}

/**
 * bvm_check_fields - an access to a value that is in bounds
 * @env:	environment
 * @v:		pointer, BVM_PTR_VALUE
 * @off:	further offset
 * @size:	bytes
 * @how:	why
 * Return: 0, or a negative errno with a message.
 */
int bvm_check_fields(struct bvm_env *env, const struct bvm_val *v, s32 off, u32 size,
		     enum bvm_access how)
{
	const struct bvm_field *f = bvm_field_touched(env, v, off, size);
	s64 at = (s64)v->off + off;

	if (!f)
		return 0;
	if (f->kind == BVM_FIELD_LOCK)
		return bvm_reject(env, LOCK_ACCESS);
	if (how != BVM_READ && how != BVM_WRITE)
		return bvm_reject(env, KPTR_HELPER);
	if (!bvm_scalar_is_const(&v->s))
		return bvm_reject(env, KPTR_VARIABLE);
	at += (s64)bvm_scalar_value(&v->s);
	if (at != f->off)
		return bvm_reject(env, KPTR_MISALIGNED, f->off, at);
	return size == f->size ? 0 : bvm_reject(env, KPTR_SIZE);
}

/**
 * bvm_check_field_atomic - an atomic operation on a value, bvm_check_fields() has agreed
 * @env:	environment
 * @v:		pointer
 * @off:	further offset
 * @size:	bytes
 * Return: 0 or -EACCES with a message.
 */
int bvm_check_field_atomic(struct bvm_env *env, const struct bvm_val *v, s32 off, u32 size)
{
	if (v->kind != BVM_PTR_VALUE || !bvm_field_touched(env, v, off, size))
		return 0;
	return bvm_reject(env, KPTR_ATOMIC);
}

/* The field that such an access is to, or NULL. */
static const struct bvm_field *bvm_field_at(const struct bvm_env *env, const struct bvm_val *v,
					    s32 off)
{
	if (!bvm_scalar_is_const(&v->s))
		return NULL;
	return bvm_record_find(bvm_val_map(env, v)->record,
			       (s64)v->off + off + (s64)bvm_scalar_value(&v->s));
}

static void bvm_field_pointer(struct bvm_env *env, const struct bvm_field *f, u32 flags,
			      struct bvm_val *v)
{
	bvm_val_const(v, 0);
	v->kind = BVM_PTR_BTF;
	v->flags = flags | BVM_VAL_OR_NULL;
	v->btf = f->btf;
	v->type = f->type;
	v->id = bvm_new_id(env);
}

/**
 * bvm_load_field - a load from a value
 * @env:	environment
 * @st:		state
 * @v:		pointer; bvm_check_fields() has agreed
 * @off:	offset in the instruction
 * @out:	what a pointer holds, else left alone
 * Return: true if it was a pointer.
 */
bool bvm_load_field(struct bvm_env *env, const struct bvm_state *st, const struct bvm_val *v,
		    s32 off, struct bvm_val *out)
{
	const struct bvm_field *f = bvm_field_at(env, v, off);
	bool rcu;

	if (!f)
		return false;
	rcu = f->kind == BVM_FIELD_KPTR && f->rcu && bvm_rcu_held(env, st);
	bvm_field_pointer(env, f, rcu ? BVM_VAL_RCU : BVM_VAL_UNTRUSTED, out);
	/* in a section under RCU, it falls with that */
	if (rcu)
		out->ref = st->rcu;
	return true;
}

/* ----------------------------------------------------------- pointers' types */

static int bvm_wrong_kptr(struct bvm_env *env, const struct bvm_field *f, u32 reg,
			  const struct bvm_val *v)
{
	const char *want = bvm_type_name(f->btf, f->type);
	bool stale = f->kind == BVM_FIELD_KPTR_UNTRUSTED;

	return bvm_reject(env, KPTR_TYPE, reg, bvm_kind_name(v),
			  v->kind == BVM_PTR_BTF ? bvm_type_name(v->btf, v->type) : "", want,
			  stale ? " or untrusted_ptr_" : "", stale ? want : "");
}

/* May @v, from a register, go into a field? */
static int bvm_check_kptr(struct bvm_env *env, const struct bvm_field *f, u32 reg,
			  const struct bvm_val *v)
{
	if (v->kind != BVM_PTR_BTF)
		return bvm_wrong_kptr(env, f, reg, v);
	if (!bvm_scalar_is_const(&v->s) || bvm_scalar_value(&v->s))
		return bvm_reject(env, PTR_VARIABLE, bvm_kind_name(v),
				  bvm_tnum_text(env, v->s.t));
	return v->off >= 0 && bvm_leads_to(v, f->btf, f->type, f->kind == BVM_FIELD_KPTR) ? 0 :
	       bvm_wrong_kptr(env, f, reg, v);
}

/**
 * bvm_store_field - a store to a value, of a register or a number
 * @env:	environment
 * @st:		state; bvm_check_fields() has agreed
 * @in:		instruction
 * Return: 0, or a negative errno with a message.
 */
int bvm_store_field(struct bvm_env *env, struct bvm_state *st, const struct bvm_insn *in)
{
	const struct bvm_val *to = bvm_reg(env, st, in->dst), *v;
	const struct bvm_field *f = bvm_field_at(env, to, in->off);

	if (!f)
		return 0;
	if (f->kind == BVM_FIELD_KPTR)
		return bvm_reject(env, KPTR_STORE);
	if (in->class == BVM_ST)
		return in->imm ? bvm_reject(env, KPTR_IMM, f->off) : 0;
	v = bvm_reg(env, st, in->src);
	if (bvm_is_zero(v)) {
		bvm_demand(env, v);
		return 0;
	}
	return bvm_check_kptr(env, f, in->src, v);
}

/* -------------------------------------------------------------------- locks */

/**
 * bvm_check_locked - instructions that a program cannot execute while it holds a lock
 * @env:	environment
 * @st:		state
 * @in:		instruction
 * Return: 0 or -EINVAL with a message.
 */
int bvm_check_locked(struct bvm_env *env, const struct bvm_state *st, const struct bvm_insn *in)
{
	if (in->class == BVM_EXIT)
		return st->top ? 0 : bvm_reject(env, LOCK_HELD);
	if (in->class == BVM_LD_ABS || in->class == BVM_LD_IND)
		return bvm_reject(env, LOCK_LD_PKT);
	return 0;
}

/* What a register says about a field: where it is, NULL with a message in *@err. */
static const struct bvm_field *bvm_arg_field(struct bvm_call *call, u32 reg, u32 kinds,
					     const char *what, const char *name, int *err)
{
	const struct bvm_val *v = bvm_reg(call->env, call->st, reg);
	struct bvm_env *env = call->env;
	const struct bvm_field *f;
	const struct bvm_map *map;
	s64 at = v->off;

	*err = -EINVAL;
	if (v->kind != BVM_PTR_VALUE || (v->flags & BVM_VAL_OR_NULL)) {
		*err = bvm_reject(env, ARG_TYPE, reg, bvm_kind_name(v), "map_value, ptr_");
		return NULL;
	}
	if (!bvm_scalar_is_const(&v->s)) {
		*err = bvm_reject(env, FIELD_VARIABLE, reg, what);
		return NULL;
	}
	map = bvm_val_map(env, v);
	if (!map->record || !(map->record->kinds & kinds)) {
		*err = bvm_reject(env, FIELD_NONE, map->name, what);
		return NULL;
	}
	at += (s64)bvm_scalar_value(&v->s);
	f = bvm_record_find(map->record, at);
	if (f && BIT(f->kind) & kinds)
		return f;
	*err = name ? bvm_reject(env, LOCK_OFFSET, at, name) : bvm_reject(env, KPTR_OFFSET, at);
	return NULL;
}

/**
 * bvm_arg_lock - a helper takes a lock
 * @call:	call
 * @reg:	register with the lock's address
 * Return: 0, or a negative errno with a message.
 */
int bvm_arg_lock(struct bvm_call *call, u32 reg)
{
	const struct bvm_val *v = bvm_reg(call->env, call->st, reg);
	int err;

	if (!bvm_arg_field(call, reg, BIT(BVM_FIELD_LOCK), "bpf_spin_lock", "bpf_spin_lock", &err))
		return err;
	if (call->st->lock.held)
		return bvm_reject(call->env, LOCK_TWO);
	call->st->lock = (struct bvm_held_lock){
		.id = v->id, .map = v->map, .flags = v->flags & BVM_VAL_INNER, .held = true,
	};
	return 0;
}

/**
 * bvm_arg_unlock - a helper gives a lock back
 * @call:	call
 * @reg:	register with the lock's address
 * Return: 0, or a negative errno with a message.
 */
int bvm_arg_unlock(struct bvm_call *call, u32 reg)
{
	const struct bvm_val *v = bvm_reg(call->env, call->st, reg);
	struct bvm_held_lock *lock = &call->st->lock;
	int err;

	if (!bvm_arg_field(call, reg, BIT(BVM_FIELD_LOCK), "bpf_spin_lock", "bpf_spin_lock", &err))
		return err;
	if (!lock->held)
		return bvm_reject(call->env, UNLOCK_NONE);
	if (lock->id != v->id || lock->map != v->map ||
	    lock->flags != (v->flags & BVM_VAL_INNER))
		return bvm_reject(call->env, UNLOCK_OTHER);
	*lock = (struct bvm_held_lock){};
	return 0;
}

/* ------------------------------------------------------------ changing hands */

/**
 * bvm_arg_kptr - a helper exchanges a pointer in a value
 * @call:	call; gets the field
 * @reg:	register with its address
 * Return: 0, or a negative errno with a message.
 */
int bvm_arg_kptr(struct bvm_call *call, u32 reg)
{
	const struct bvm_field *f;
	int err;

	f = bvm_arg_field(call, reg, BIT(BVM_FIELD_KPTR) | BIT(BVM_FIELD_KPTR_UNTRUSTED), "kptr",
			  NULL, &err);
	if (!f)
		return err;
	if (f->kind != BVM_FIELD_KPTR)
		return bvm_reject(call->env, KPTR_UNREFERENCED, f->off);
	call->field = f;
	return 0;
}

/**
 * bvm_arg_kptr_new - ... for another one that the program has a reference with
 * @call:	call
 * @reg:	register with the pointer; not known to be NULL
 * Return: 0, or a negative errno with a message.
 */
int bvm_arg_kptr_new(struct bvm_call *call, u32 reg)
{
	const struct bvm_val *v = bvm_reg(call->env, call->st, reg);
	int err;

	if (!call->field)
		return bvm_reject(call->env, HELPER_ARG, bvm_helper_name(call->helper->id),
				  call->helper->id, call->helper->arg[reg - 1]);
	err = bvm_check_kptr(call->env, call->field, reg, v);
	if (err)
		return err;
	if (!(v->flags & BVM_VAL_OWNED))
		return bvm_reject(call->env, NOT_REFERENCED, reg);
	call->release = v->ref;
	return 0;
}

/**
 * bvm_kptr_result - what was there before, with a reference unless it is NULL
 * @call:	call
 * @v:		result
 * Return: 0, or a negative errno with a message.
 */
int bvm_kptr_result(struct bvm_call *call, struct bvm_val *v)
{
	int err;

	bvm_field_pointer(call->env, call->field, BVM_VAL_OWNED, v);
	err = bvm_ref_acquire(call->env, call->st, &v->ref);
	v->id = v->ref;
	return err;
}
