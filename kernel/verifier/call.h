/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Calls of helpers and functions of the kernel: arguments, and objects that they keep on the
 * stack.  Part of env.h, which includes it.
 */
#ifndef _BVM_CALL_H
#define _BVM_CALL_H

/**
 * struct bvm_call - a call of a helper being checked
 * @env:	environment
 * @st:		state before the call
 * @helper:	callee
 * @map:	value of the argument that is a map, BVM_UNINIT without one so far
 * @field:	field of the value passed, NULL without one
 * @size:	bytes that the helper is asked for, or the most that it may be asked for
 * @object:	first slot of the iterator or dynptr passed, BVM_UNINIT without one
 * @at:		where that begins, BVM_PTR_STACK
 * @made:	where a new one will begin, BVM_PTR_STACK, or BVM_UNINIT
 * @release:	reference that the helper takes back, 0: none
 * @held:	reference of an object of the kernel that is passed, 0: none
 * @name:	name of a function of the kernel
 */
struct bvm_call {
	struct bvm_env *env;
	struct bvm_state *st;
	const struct bvm_helper *helper;
	struct bvm_val map;
	struct bvm_val object;
	struct bvm_val at;
	struct bvm_val made;
	const struct bvm_field *field;
	u32 size;
	u32 release;
	u32 held;
	const char *name;
};

/* args.c */
int bvm_check_args(struct bvm_call *call);
int bvm_arg_both(struct bvm_call *call, u32 reg, u32 size);

/* typed.c: what BTF of functions of the kernel says */
bool bvm_is_trusted(const struct bvm_val *v);
bool bvm_leads_to(const struct bvm_val *v, const struct bvm_btf *btf, u32 want, bool strict);
int bvm_arg_typed(struct bvm_call *call, u32 reg);
int bvm_check_released(struct bvm_call *call);
int bvm_typed_result(struct bvm_call *call, struct bvm_val *v);
int bvm_cast_result(struct bvm_call *call, struct bvm_val *v);

/* object.c: iterators and dynptrs on the stack */
int bvm_object_overwrite(struct bvm_env *env, struct bvm_state *st, u32 frame, u32 from, u32 to,
			 bool helper);
bool bvm_object_within(const struct bvm_state *st, u32 frame, u32 from, u32 to);
int bvm_arg_object_new(struct bvm_call *call, u32 reg, const char *what);
int bvm_arg_iter(struct bvm_call *call, u32 reg);
int bvm_arg_dynptr(struct bvm_call *call, u32 reg, bool held);
int bvm_object_make(struct bvm_call *call);
u32 bvm_iter_ref(const struct bvm_state *st);
void bvm_iter_next(struct bvm_call *call, struct bvm_succ *succ);

#endif /* _BVM_CALL_H */
