/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Fields of maps' values that the kernel manages: locks and pointers to its objects.
 */
#ifndef _BVM_FIELD_H
#define _BVM_FIELD_H

#include "../record.h"
#include "memory.h"

struct bvm_call;
struct bvm_env;
struct bvm_insn;
struct bvm_map;
struct bvm_state;
struct bvm_val;

/**
 * struct bvm_held_lock - the lock that a program holds, part of a state
 * @id:		that of pointers to the value that the lock is in; 0: the only value of its map
 * @map:	as in a value's pointer
 * @flags:	BVM_VAL_INNER or 0
 * @held:	there is one
 */
struct bvm_held_lock {
	u32 id;
	u8 map;
	u8 flags;
	bool held;
};

bool bvm_map_has_lock(const struct bvm_map *map);
int bvm_check_map_fields(struct bvm_env *env, const struct bvm_map *map);
int bvm_check_fields(struct bvm_env *env, const struct bvm_val *v, s32 off, u32 size,
		     enum bvm_access how);
int bvm_check_field_atomic(struct bvm_env *env, const struct bvm_val *v, s32 off, u32 size);
bool bvm_load_field(struct bvm_env *env, const struct bvm_state *st, const struct bvm_val *v,
		    s32 off, struct bvm_val *out);
int bvm_store_field(struct bvm_env *env, struct bvm_state *st, const struct bvm_insn *in);
int bvm_check_locked(struct bvm_env *env, const struct bvm_state *st, const struct bvm_insn *in);
int bvm_arg_lock(struct bvm_call *call, u32 reg);
int bvm_arg_unlock(struct bvm_call *call, u32 reg);
int bvm_arg_kptr(struct bvm_call *call, u32 reg);
int bvm_arg_kptr_new(struct bvm_call *call, u32 reg);
int bvm_kptr_result(struct bvm_call *call, struct bvm_val *v);

#endif /* _BVM_FIELD_H */
