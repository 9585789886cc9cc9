// SPDX-License-Identifier: GPL-2.0-only
/*
 * Objects that the kernel keeps on a program's stack: iterators and dynptrs.  Each of the
 * slots that one takes holds a BVM_OBJECT, which no load gives to the program.
 *
 * An object comes with a reference if the program must give it back, and with a number of
 * its own otherwise; pointers that it gives out stand or fall with that.  A store into any
 * byte of it is the end of the object, not of its reference: then nothing can be given back
 * any more, and the program is refused where it ends.
 */
#include "env.h"

static u32 bvm_byte_slot(u32 byte)
{
	return BVM_SLOTS - 1 - byte / 8;
}

static bool bvm_is_dynptr(const struct bvm_val *object)
{
	return !object->object->element;
}

/* ------------------------------------------------- other uses of the stack */

/**
 * bvm_object_within - does a piece of stack touch an object?
 * @st:		state
 * @frame:	whose stack
 * @from:	first byte, 0 is the lowest address
 * @to:		after the last
 */
bool bvm_object_within(const struct bvm_state *st, u32 frame, u32 from, u32 to)
{
	u32 i;

	for (i = round_down(from, 8); i < to; i += 8)
		if (bvm_slot_object(bvm_slot(st->frame[frame], bvm_byte_slot(i))))
			return true;
	return false;
}

static bool bvm_ref_held(const struct bvm_state *st, u32 ref)
{
	u32 i;

	for (i = 0; i < st->nr_refs; i++)
		if (st->ref[i].id == ref)
			return true;
	return false;
}

/* An object ends: its slots, those of its copies and pointers into it are numbers now. */
static int bvm_object_end(struct bvm_env *env, struct bvm_state *st, const struct bvm_val *object)
{
	if (bvm_is_dynptr(object) && bvm_ref_held(st, object->ref))
		return bvm_reject(env, DYNPTR_OVERWRITE);
	bvm_forget_ref(env, st, object->ref);
	return 0;
}

/**
 * bvm_object_overwrite - a piece of stack is going to be written
 * @env:	environment with a reserve
 * @st:		state
 * @frame:	whose stack
 * @from:	first byte that may be written, 0 is the lowest address
 * @to:		after the last
 * @helper:	a helper writes
 * Return: 0, objects there are gone; -EINVAL with a message.
 */
int bvm_object_overwrite(struct bvm_env *env, struct bvm_state *st, u32 frame, u32 from, u32 to,
			 bool helper)
{
	const struct bvm_val *object;
	int err = 0;
	u32 i, slot;

	for (i = round_down(from, 8); !err && i < to; i += 8) {
		slot = bvm_byte_slot(i);
		object = bvm_slot_object(bvm_slot(st->frame[frame], slot));
		if (!object)
			continue;
		if (helper && bvm_is_dynptr(object))
			err = bvm_reject(env, DYNPTR_WRITE,
					 -8 * (int)(slot + 1) - 8 * object->map);
		else
			err = bvm_object_end(env, st, object);
	}
	return err;
}

/* --------------------------------------------------------------- arguments */

/* Where on the stack an argument points to, as an object must lie; -1 with a message. */
static int bvm_object_slot(struct bvm_call *call, u32 reg, const char *what, u32 slots)
{
	const struct bvm_val *v = bvm_reg(call->env, call->st, reg);
	s64 off;

	if (!bvm_scalar_is_const(&v->s)) {
		bvm_reject(call->env, OBJECT_VARIABLE, what);
		return -1;
	}
	off = v->off + (s64)bvm_scalar_value(&v->s);
	if (off % 8 || off >= 0 || off < -BVM_MAX_STACK || off + 8 * (s64)slots > 0) {
		bvm_reject(call->env, OBJECT_OFFSET, what, (int)off);
		return -1;
	}
	return -off / 8 - 1;
}

/* A pointer to the stack; the words are those for functions of the kernel and for helpers. */
static int bvm_object_pointer(struct bvm_call *call, u32 reg, bool iter)
{
	const struct bvm_val *v = bvm_reg(call->env, call->st, reg);

	if (v->kind == BVM_PTR_STACK)
		return 0;
	if (!iter && v->kind == BVM_PTR_DYNPTR)
		return bvm_reject(call->env, DYNPTR_NOT_NEW);
	if (iter)
		return bvm_reject(call->env, ITER_POINTER, reg - 1);
	if (!call->helper->id)
		return bvm_reject(call->env, DYNPTR_POINTER, reg - 1);
	return bvm_reject(call->env, ARG_TYPE, reg, bvm_kind_name(v), "fp, dynptr_ptr");
}

/* What the object will be that a helper makes. */
static const struct bvm_object *bvm_object_made(const struct bvm_call *call)
{
	return call->helper->object ?: call->object.object;
}

/**
 * bvm_arg_object_new - a helper is to make an object
 * @call:	call; where it will be is noted in it
 * @reg:	argument
 * @what:	"iter" or "dynptr"
 * Return: 0; -EINVAL, -EACCES with a message.
 */
int bvm_arg_object_new(struct bvm_call *call, u32 reg, const char *what)
{
	const struct bvm_val *v = bvm_reg(call->env, call->st, reg), *old;
	const struct bvm_object *object = bvm_object_made(call);
	int slot, err = bvm_object_pointer(call, reg, object->element);
	u32 i;

	if (err)
		return err;
	slot = bvm_object_slot(call, reg, what, object->slots);
	if (slot < 0)
		return -EINVAL;
	for (i = 0; object->element && i < object->slots; i++) {
		old = bvm_slot_object(bvm_slot(call->st->frame[v->frame], slot - i));
		if (old && !bvm_is_dynptr(old))
			return bvm_reject(call->env, ITER_OLD, object->name, reg - 1);
	}
	call->made = *v;
	return bvm_check_helper_access(call->env, call->st, reg, v, 8 * object->slots,
				       BVM_HELPER_WRITE);
}

/* The object that begins in a slot, or NULL. */
static const struct bvm_val *bvm_object_at(const struct bvm_state *st, u32 frame, u32 slot)
{
	const struct bvm_val *first = bvm_slot_object(bvm_slot(st->frame[frame], slot)), *v;
	u32 i;

	if (!first)
		return NULL;
	for (i = 0; i < first->object->slots; i++) {
		v = i <= slot ? bvm_slot_object(bvm_slot(st->frame[frame], slot - i)) : NULL;
		if (!v || v->object != first->object || v->ref != first->ref || v->map != i)
			return NULL;
	}
	return first;
}

/**
 * bvm_arg_iter - an iterator is passed
 * @call:	call; the iterator is noted in it
 * @reg:	argument
 * Return: 0; -EINVAL with a message.
 */
int bvm_arg_iter(struct bvm_call *call, u32 reg)
{
	const struct bvm_val *v = bvm_reg(call->env, call->st, reg), *object;
	const struct bvm_object *want = call->helper->object;
	int slot, err = bvm_object_pointer(call, reg, true);

	if (err)
		return err;
	slot = bvm_object_slot(call, reg, "iter", want->slots);
	if (slot < 0)
		return -EINVAL;
	object = bvm_object_at(call->st, v->frame, slot);
	if (!object || object->object != want)
		return bvm_reject(call->env, ITER_NONE, want->name, reg - 1);
	call->at = *v;
	call->object = *object;
	if (call->helper->flags & BVM_HELPER_RELEASE)
		call->release = object->ref;
	return 0;
}

/* One that is there while the function runs. */
static int bvm_arg_dynptr_lent(struct bvm_call *call, u32 reg, bool held)
{
	const struct bvm_val *v = bvm_reg(call->env, call->st, reg);

	if (held)
		return bvm_reject(call->env, DYNPTR_UNOWNED);
	bvm_val_const(&call->object, 0);
	call->object.kind = BVM_OBJECT;
	call->object.object = v->object;
	return bvm_check_const_off(call->env, reg, v);
}

/**
 * bvm_arg_dynptr - a dynptr is passed
 * @call:	call; the dynptr is noted in it
 * @reg:	argument
 * @held:	it must be one that is to be given back
 * Return: 0; -EINVAL, -EACCES with a message.
 */
int bvm_arg_dynptr(struct bvm_call *call, u32 reg, bool held)
{
	const struct bvm_val *v = bvm_reg(call->env, call->st, reg), *object;
	int slot, err;

	if (v->kind == BVM_PTR_DYNPTR)
		return bvm_arg_dynptr_lent(call, reg, held);
	err = bvm_object_pointer(call, reg, false);
	if (err)
		return err;
	slot = bvm_object_slot(call, reg, "dynptr", BVM_DYNPTR_SLOTS);
	if (slot < 0)
		return -EINVAL;
	object = bvm_object_at(call->st, v->frame, slot);
	if (object && !bvm_is_dynptr(object))
		object = NULL;
	if (held && (!object || !bvm_ref_held(call->st, object->ref)))
		return bvm_reject(call->env, DYNPTR_NOT_HELD, reg);
	if (!object)
		return bvm_reject(call->env, DYNPTR_NONE, reg - 1);
	call->at = *v;
	call->object = *object;
	if (call->helper->flags & BVM_HELPER_RELEASE)
		call->release = object->ref;
	return 0;
}

/* -------------------------------------------------------------------- steps */

/**
 * bvm_object_make - a helper has made an object
 * @call:	call, with ->made and all arguments checked; the registers are cleared already
 *
 * A copy of an object that must be given back is given back with it.
 *
 * Return: 0; -EINVAL, -E2BIG with a message.
 */
int bvm_object_make(struct bvm_call *call)
{
	const struct bvm_object *object = bvm_object_made(call);
	s32 off = call->made.off + (s32)bvm_scalar_value(&call->made.s);
	u32 i, first = off + BVM_MAX_STACK, frame = call->made.frame;
	struct bvm_val v;
	int err;

	err = bvm_object_overwrite(call->env, call->st, frame, first, first + 8 * object->slots,
				   false);
	if (err)
		return err;
	bvm_val_const(&v, 0);
	v.kind = BVM_OBJECT;
	v.object = object;
	if (!object->element)
		v.id = bvm_new_id(call->env);
	v.ref = v.id;
	if (call->helper->flags & BVM_HELPER_ACQUIRE)
		err = bvm_ref_acquire(call->env, call->st, &v.ref);
	else if (call->object.kind == BVM_OBJECT && bvm_ref_held(call->st, call->object.ref))
		v.ref = call->object.ref;
	for (i = 0; !err && i < object->slots; i++) {
		v.map = i;
		bvm_slot_scrub(call->env, call->st, frame, bvm_byte_slot(first) - i, 0, 8);
		bvm_slot_spill(call->env, call->st, frame, bvm_byte_slot(first) - i, 8, &v);
	}
	return err;
}

/* The iterator has no more elements. */
static void bvm_iter_drain(struct bvm_call *call)
{
	s32 off = call->at.off + (s32)bvm_scalar_value(&call->at.s);
	u32 i, first = bvm_byte_slot(off + BVM_MAX_STACK);
	struct bvm_val v = call->object;

	v.flags |= BVM_VAL_DRAINED;
	for (i = 0; i < v.object->slots; i++) {
		v.map = i;
		bvm_slot_spill(call->env, call->st, call->at.frame, first - i, 8, &v);
	}
}

/**
 * bvm_iter_ref - the iterator that is going to be asked for its next element
 * @st:		state at that call, whose arguments have not been checked yet
 * Return: its reference; 0: there is none.
 */
u32 bvm_iter_ref(const struct bvm_state *st)
{
	const struct bvm_cell *arg = st->frame[st->top]->reg[1];
	const struct bvm_val *object;
	s64 off;

	if (!arg || arg->val.kind != BVM_PTR_STACK || !bvm_scalar_is_const(&arg->val.s))
		return 0;
	off = arg->val.off + (s64)bvm_scalar_value(&arg->val.s);
	if (off >= 0 || off < -BVM_MAX_STACK || off % 8)
		return 0;
	object = bvm_object_at(st, arg->val.frame, -off / 8 - 1);
	return object ? object->ref : 0;
}

static void bvm_iter_count(struct bvm_state *st, u32 ref)
{
	u32 i;

	for (i = 0; i < st->nr_refs; i++)
		if (st->ref[i].id == ref)
			st->ref[i].rounds++;
}

/**
 * bvm_iter_next - an iterator gives its next element, or has none
 * @call:	call; its state goes on without an element
 * @succ:	other successor: with one
 *
 * An iterator that has once had no element left has none.
 */
void bvm_iter_next(struct bvm_call *call, struct bvm_succ *succ)
{
	struct bvm_val v;

	bvm_val_const(&v, 0);
	if (!(call->object.flags & BVM_VAL_DRAINED)) {
		v.kind = BVM_PTR_MEM;
		v.flags = BVM_VAL_RDONLY;
		v.size = call->object.object->element;
		v.ref = call->object.ref;
		v.id = bvm_new_id(call->env);
		succ->branch = bvm_state_copy(call->env, call->st);
		succ->branch->prev = call->st->insn;
		succ->branch->insn++;
		bvm_reg_set(call->env, succ->branch, 0, &v);
		bvm_iter_count(succ->branch, v.ref);
		bvm_iter_drain(call);
	}
	bvm_val_const(&v, 0);
	bvm_reg_set(call->env, call->st, 0, &v);
}
