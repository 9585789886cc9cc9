// SPDX-License-Identifier: GPL-2.0-only
/*
 * Maps whose contents never change again: programs may not write to them, and system
 * calls may not any more.  What lies there at a known place is a known number, so that
 * branches on configuration are decided and their dead sides never looked at.
 */
#include "env.h"

static bool bvm_map_constant(const struct bvm_map *map)
{
	/* What system calls wrote is there with the mark; pairs with bvm_cmd_map_freeze(). */
	bool frozen = smp_load_acquire(&map->frozen);

	return frozen && (map->flags & BPF_F_RDONLY_PROG);
}

/*
 * Address of the byte @off of what @v points into, NULL if that is not known now: one of
 * many elements, or of the maps that are all alike.
 */
static const void *bvm_known_place(const struct bvm_env *env, const struct bvm_val *v, s64 off)
{
	struct bvm_map *map = env->args->maps[v->map];

	if ((v->flags & BVM_VAL_INNER) || !bvm_scalar_is_const(&v->s) ||
	    !(map->type->caps & BVM_MAP_DIRECT_VALUE) || map->max_entries != 1)
		return NULL;
	off += v->off + (s64)bvm_scalar_value(&v->s);
	return off >= 0 && off < map->value_size ? map->type->direct(map, off) : NULL;
}

/**
 * bvm_load_value - a load from the value of a map
 * @env:	environment
 * @st:		state
 * @v:		pointer, BVM_PTR_VALUE; bounds have been checked
 * @off:	offset in the instruction
 * @size:	1, 2, 4 or 8
 * @out:	unknown number, left alone unless it is known, or a pointer
 * Return: 0.
 */
int bvm_load_value(struct bvm_env *env, struct bvm_state *st, const struct bvm_val *v, s32 off,
		   u32 size, struct bvm_val *out)
{
	const void *at = NULL;

	if (bvm_load_field(env, st, v, off, out))
		return 0;
	if (bvm_map_constant(env->args->maps[v->map]))
		at = bvm_known_place(env, v, off);
	if (!at)
		return 0;
	switch (size) {
	case 1:
		bvm_val_const(out, *(const u8 *)at);
		break;
	case 2:
		bvm_val_const(out, get_unaligned((const u16 *)at));
		break;
	case 4:
		bvm_val_const(out, get_unaligned((const u32 *)at));
		break;
	default:
		bvm_val_const(out, get_unaligned((const u64 *)at));
	}
	return 0;
}

/**
 * bvm_const_string - the string that bvm_check_string() has found
 * @env:	environment
 * @v:		pointer to it
 */
const char *bvm_const_string(const struct bvm_env *env, const struct bvm_val *v)
{
	return bvm_known_place(env, v, 0);
}

/**
 * bvm_check_string - a helper wants a constant string
 * @env:	environment
 * @st:		state
 * @reg:	register, for the message
 * @v:		its value, BVM_PTR_VALUE
 * Return: 0; -EACCES, -EINVAL with a message; -ENOTSUPP if the value is one of many.
 */
int bvm_check_string(struct bvm_env *env, const struct bvm_state *st, u32 reg,
		     const struct bvm_val *v)
{
	const struct bvm_map *map = bvm_val_map(env, v);
	s64 off = v->off;
	const char *at;

	if ((v->flags & BVM_VAL_INNER) || !bvm_map_constant(map))
		return bvm_reject(env, STRING_WRITABLE, reg);
	if (!bvm_scalar_is_const(&v->s))
		return bvm_reject(env, STRING_VARIABLE, reg);
	if (!(map->type->caps & BVM_MAP_DIRECT_VALUE))
		return bvm_reject(env, NO_DIRECT_VALUE_ACCESS);
	off += (s64)bvm_scalar_value(&v->s);
	if (off < 0 || off >= map->value_size) {
		bvm_reject(env, MAP_ACCESS, map->value_size, off, (u32)(map->value_size - off));
		return bvm_reject(env, MIN_OUTSIDE, reg);
	}
	at = bvm_known_place(env, v, 0);
	if (!at)
		return bvm_reject(env, STRING_PLACE);
	if (strnlen(at, map->value_size - off) == map->value_size - off)
		return bvm_reject(env, STRING_END);
	return 0;
}
