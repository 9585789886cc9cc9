// SPDX-License-Identifier: GPL-2.0-only
/*
 * May this memory be touched?  One row of a table a kind of pointer; all functions take
 * the pointer, the offset in the instruction, and the bytes touched.
 */
#include "env.h"

/**
 * bvm_check_aligned - alignment of addresses that are multiples of 8 at offset 0, and of packets
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

	if (bvm_is_packet(v))
		return bvm_check_packet_aligned(env, v, off, size);
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

static bool bvm_ctx_usable(const struct bvm_env *env, s32 off, u32 size, enum bvm_access how)
{
	const struct bvm_ctx_field *field;

	field = bvm_ctx_find(env->args->type, off, size, bvm_access_writes(how));
	return field && field->kind != BVM_CTX_FORBIDDEN;
}

/* The program's context: fields that its type describes, or typed arguments. */
static int bvm_check_ctx(struct bvm_env *env, const struct bvm_state *st, u32 reg,
			 const struct bvm_val *v, s32 off, u32 size, enum bvm_access how)
{
	int err = bvm_check_const_off(env, reg, v);

	if (err)
		return err;
	/* Aligned to their size, whatever the flags say: fields are. */
	if (off < 0 || off & (size - 1))
		return bvm_reject(env, CTX_ACCESS, off, size);
	if (env->args->type->flags & BVM_PROG_BTF_CTX)
		err = bvm_check_btf_ctx(env, off, size, how);
	else if (!bvm_ctx_usable(env, off, size, how))
		err = bvm_reject(env, CTX_ACCESS, off, size);
	if (!err)
		env->facts->max_ctx_off = max_t(u32, env->facts->max_ctx_off, off + size);
	return err;
}

static int bvm_load_ctx(struct bvm_env *env, struct bvm_state *st, const struct bvm_val *v,
			s32 off, u32 size, struct bvm_val *out)
{
	static const u8 pointer[] = {
		[BVM_CTX_TP_BUFFER] = BVM_PTR_TP_BUFFER,
		[BVM_CTX_PKT] = BVM_PTR_PKT,
		[BVM_CTX_PKT_META] = BVM_PTR_PKT_META,
		[BVM_CTX_PKT_END] = BVM_PTR_PKT_END,
		[BVM_CTX_VIEW] = BVM_PTR_VIEW,
	};
	const struct bvm_ctx_field *field;

	if (env->args->type->flags & BVM_PROG_BTF_CTX)
		return bvm_load_btf_ctx(env, off, size, out);
	field = bvm_ctx_find(env->args->type, off, size, false);
	if (field->kind < ARRAY_SIZE(pointer) && pointer[field->kind]) {
		bvm_val_const(out, 0);
		out->kind = pointer[field->kind];
	}
	if (out->kind == BVM_PTR_VIEW) {
		out->view = field->view;
		out->flags = BVM_VAL_OR_NULL;
		out->id = bvm_new_id(env);
	}
	return 0;
}

/* A value or key of a map, or memory that a helper returned: as large as it is. */
static int bvm_check_inside(struct bvm_env *env, const struct bvm_val *v, s64 off, u32 size)
{
	const struct bvm_map *map;

	if (v->kind == BVM_PTR_MEM)
		return off >= 0 && off + size <= v->size ? 0 :
		       bvm_reject(env, MEM_ACCESS, v->size, off, size);
	map = bvm_val_map(env, v);
	if (v->kind == BVM_PTR_KEY)
		return off >= 0 && off + size <= map->key_size ? 0 :
		       bvm_reject(env, KEY_ACCESS, map->key_size, off, size);
	return off >= 0 && off + size <= map->value_size ? 0 :
	       bvm_reject(env, MAP_ACCESS, map->value_size, off, size);
}

static int bvm_check_range(struct bvm_env *env, const struct bvm_state *st, u32 reg,
			   const struct bvm_val *v, s32 off, u32 size, enum bvm_access how)
{
	s64 at = (s64)v->off + off;

	if (v->s.smin < 0 && (v->s.smin <= -BVM_MAX_VAR_OFF || at + v->s.smin < 0))
		return bvm_reject(env, MIN_NEGATIVE, reg);
	if (v->s.smin >= BVM_MAX_VAR_OFF || bvm_check_inside(env, v, at + v->s.smin, size))
		return bvm_reject(env, MIN_OUTSIDE, reg);
	if (v->s.smax >= BVM_MAX_VAR_OFF)
		return bvm_reject(env, UNBOUNDED, reg);
	if (bvm_check_inside(env, v, at + v->s.smax, size))
		return bvm_reject(env, MAX_OUTSIDE, reg);
	return 0;
}

static int bvm_check_mem(struct bvm_env *env, const struct bvm_state *st, u32 reg,
			 const struct bvm_val *v, s32 off, u32 size, enum bvm_access how)
{
	if (bvm_access_writes(how) && (v->flags & BVM_VAL_RDONLY))
		return bvm_reject(env, HELPER_WRITE, reg, bvm_kind_name(v));
	return bvm_check_range(env, st, reg, v, off, size, how);
}

/* Read-only maps are not written, by whatever way. */
static int bvm_check_value(struct bvm_env *env, const struct bvm_state *st, u32 reg,
			   const struct bvm_val *v, s32 off, u32 size, enum bvm_access how)
{
	const struct bvm_map *map = bvm_val_map(env, v);
	s64 at = v->off + off + v->s.smin;

	if (bvm_access_writes(how) && (map->flags & BPF_F_RDONLY_PROG))
		return bvm_reject(env, MAP_WRITE, map->value_size, at, size);
	if (!bvm_access_writes(how) && (map->flags & BPF_F_WRONLY_PROG))
		return bvm_reject(env, MAP_READ, map->value_size, at, size);
	return bvm_check_range(env, st, reg, v, off, size, how) ?:
	       bvm_check_fields(env, v, off, size, how);
}

/* Keys belong to the map. */
static int bvm_check_key(struct bvm_env *env, const struct bvm_state *st, u32 reg,
			 const struct bvm_val *v, s32 off, u32 size, enum bvm_access how)
{
	if (how == BVM_WRITE)
		return bvm_reject(env, KEY_WRITE, reg);
	if (how == BVM_HELPER_WRITE)
		return bvm_reject(env, HELPER_WRITE, reg, bvm_kind_name(v));
	return bvm_check_range(env, st, reg, v, off, size, how);
}

/* The buffer of a writable tracepoint: attaching asks whether it is that large. */
static int bvm_check_tp_buffer(struct bvm_env *env, const struct bvm_state *st, u32 reg,
			       const struct bvm_val *v, s32 off, u32 size, enum bvm_access how)
{
	s64 at = (s64)v->off + off;

	if (!bvm_scalar_is_const(&v->s))
		return bvm_reject(env, BUFFER_VARIABLE, reg, at, bvm_tnum_text(env, v->s.t));
	at += (s64)bvm_scalar_value(&v->s);
	if (at < 0 || at >= BVM_MAX_VAR_OFF)
		return bvm_reject(env, BUFFER_ACCESS, reg, at, size);
	env->facts->max_tp_access = max_t(u32, env->facts->max_tp_access, at + size);
	return 0;
}

/* A map itself, as programs know it: a struct bpf_map. */
static int bvm_check_map_itself(struct bvm_env *env, const struct bvm_state *st, u32 reg,
				const struct bvm_val *v, s32 off, u32 size, enum bvm_access how)
{
	const char *name = bvm_val_map(env, v)->type->kernel_name ?: "bpf_map";

	if (off < 0)
		return bvm_reject(env, MAP_ITSELF_NEGATIVE, reg, name, (s64)off);
	if (bvm_access_writes(how))
		return bvm_reject(env, MAP_ITSELF_WRITE, name);
	return bvm_check_map_member(env, reg, v, off, size);
}

/* Wherever it points: what is not there reads as 0, and is not written. */
static int bvm_check_arena(struct bvm_env *env, const struct bvm_state *st, u32 reg,
			   const struct bvm_val *v, s32 off, u32 size, enum bvm_access how)
{
	return 0;
}

/**
 * bvm_has_arena - does the program have an arena?
 * @env:	environment
 */
bool bvm_has_arena(const struct bvm_env *env)
{
	u32 i;

	for (i = 0; i < env->args->nr_maps; i++)
		if (env->args->maps[i]->type->caps & BVM_MAP_ARENA)
			return true;
	return false;
}

/* A structure of the kernel that programs see a view of: its fields are read. */
static int bvm_check_view(struct bvm_env *env, const struct bvm_state *st, u32 reg,
			  const struct bvm_val *v, s32 off, u32 size, enum bvm_access how)
{
	if (bvm_access_writes(how))
		return bvm_reject(env, HELPER_WRITE, reg, bvm_kind_name(v));
	if (bvm_view_number(env->args->type, v->view) == BVM_NO_MAP ||
	    !bvm_view_find(v->view, off, size))
		return bvm_reject(env, VIEW_ACCESS, reg, bvm_kind_name(v), off, size);
	return bvm_check_const_off(env, reg, v);
}

static const char * const bvm_stack_words[] = {
	[BVM_READ] = " read from",
	[BVM_WRITE] = " write to",
	[BVM_HELPER_READ] = " indirect access to",
	[BVM_HELPER_WRITE] = " indirect access to",
};

/*
 * The stack.  Notes how much of it the function uses whose frame it is.  What was never
 * written may be read: loading asks for CAP_PERFMON.
 */
static int bvm_check_stack(struct bvm_env *env, const struct bvm_state *st, u32 reg,
			   const struct bvm_val *v, s32 off, u32 size, enum bvm_access how)
{
	const char *words = bvm_stack_words[how];
	s64 at = (s64)v->off + off;
	struct bvm_func *func;
	s64 min, max;

	if (v->s.smax >= BVM_MAX_VAR_OFF || v->s.smin <= -BVM_MAX_VAR_OFF)
		return bvm_reject(env, STACK_UNBOUNDED, words, reg);
	min = at + v->s.smin;
	max = at + v->s.smax;
	if (min < -BVM_MAX_STACK || max + size > 0) {
		if (bvm_scalar_is_const(&v->s))
			bvm_reject(env, STACK_ACCESS, words, reg, min, size);
		else
			bvm_reject(env, STACK_VAR_ACCESS, words, reg,
				   bvm_tnum_text(env, v->s.t), off, size);
		/* Across the upper end is the stock verifier's EINVAL. */
		return min >= -BVM_MAX_STACK && min < 0 ? -EINVAL : -EACCES;
	}
	func = &env->funcs[st->frame[v->frame]->func];
	func->depth = max_t(u32, func->depth, round_up(-min, 8));
	return 0;
}

/**
 * struct bvm_region - what is behind a kind of pointer
 * @mem:	enum bvm_mem of an access
 * @helpers:	helpers may be given its address
 * @check:	may it be touched?
 * @load:	what a load gives that was checked; what it leaves alone is an unknown number,
 *		but from the stack, where it leaves nothing alone
 */
struct bvm_region {
	u8 mem;
	bool helpers;
	int (*check)(struct bvm_env *env, const struct bvm_state *st, u32 reg,
		     const struct bvm_val *v, s32 off, u32 size, enum bvm_access how);
	int (*load)(struct bvm_env *env, struct bvm_state *st, const struct bvm_val *v, s32 off,
		    u32 size, struct bvm_val *out);
};

static const struct bvm_region bvm_regions[__BVM_KIND_MAX] = {
	[BVM_PTR_CTX] = { BVM_MEM_CTX, false, bvm_check_ctx, bvm_load_ctx },
	[BVM_PTR_STACK] = { BVM_MEM_STACK, true, bvm_check_stack, bvm_stack_load },
	[BVM_PTR_MAP] = { BVM_MEM_MAP, false, bvm_check_map_itself },
	[BVM_PTR_VALUE] = { BVM_MEM_MAP_VALUE, true, bvm_check_value, bvm_load_value },
	[BVM_PTR_KEY] = { BVM_MEM_OTHER, true, bvm_check_key },
	[BVM_PTR_MEM] = { BVM_MEM_OTHER, true, bvm_check_mem },
	[BVM_PTR_BTF] = { BVM_MEM_PROBE, false, bvm_check_btf, bvm_load_btf },
	[BVM_PTR_VIEW] = { BVM_MEM_VIEW, false, bvm_check_view },
	[BVM_PTR_ARENA] = { BVM_MEM_ARENA, false, bvm_check_arena },
	[BVM_PTR_TP_BUFFER] = { BVM_MEM_OTHER, false, bvm_check_tp_buffer },
	[BVM_PTR_PKT] = { BVM_MEM_OTHER, true, bvm_check_packet },
	[BVM_PTR_PKT_META] = { BVM_MEM_OTHER, true, bvm_check_packet },
};

/* NULL: nothing that may be touched */
static const struct bvm_region *bvm_region_of(const struct bvm_val *v)
{
	if (!bvm_regions[v->kind].check || (v->flags & BVM_VAL_OR_NULL))
		return NULL;
	return &bvm_regions[v->kind];
}

/* Which one of its kind it is, for the fact. */
static u32 bvm_memory_index(const struct bvm_env *env, const struct bvm_val *v)
{
	if (v->kind == BVM_PTR_VIEW)
		return bvm_view_number(env->args->type, v->view);
	return v->kind == BVM_PTR_VALUE ? bvm_val_map_index(v) : BVM_NO_MAP;
}

/**
 * bvm_check_access - an instruction touches memory
 * @env:	environment; gets the fact
 * @st:		state
 * @reg:	register that holds the address
 * @off:	offset in the instruction
 * @size:	1, 2, 4 or 8
 * @how:	BVM_READ or BVM_WRITE
 * Return: 0, or a negative errno with a message.
 */
int bvm_check_access(struct bvm_env *env, struct bvm_state *st, u32 reg, s32 off, u32 size,
		     enum bvm_access how)
{
	const struct bvm_val *v = bvm_reg(env, st, reg);
	const struct bvm_region *region = bvm_region_of(v);
	/* of the two, the one that allows more counts */
	u32 strict = BPF_F_STRICT_ALIGNMENT | BPF_F_ANY_ALIGNMENT;
	int err = 0;

	if (!region)
		return bvm_reject(env, MEM_KIND, reg, bvm_kind_name(v));
	/* Values are tracked by aligned slots of the stack. */
	if (v->kind == BVM_PTR_STACK || (env->args->load_flags & strict) == BPF_F_STRICT_ALIGNMENT)
		err = bvm_check_aligned(env, v, off, size);
	if (!err)
		err = region->check(env, st, reg, v, off, size, how);
	if (err)
		return err;
	return bvm_note_mem(env, st->insn, region->mem, bvm_memory_index(env, v));
}

/**
 * bvm_load - what a load gives
 * @env:	environment
 * @st:		state
 * @reg:	register that holds the address; bvm_check_access() has agreed
 * @off:	offset in the instruction
 * @size:	1, 2, 4 or 8
 * @out:	value, zero-extended
 * Return: 0, or a negative errno with a message.
 */
int bvm_load(struct bvm_env *env, struct bvm_state *st, u32 reg, s32 off, u32 size,
	     struct bvm_val *out)
{
	const struct bvm_val *v = bvm_reg(env, st, reg);
	const struct bvm_region *region = bvm_region_of(v);

	if (v->kind != BVM_PTR_STACK)	/* of which each byte is known about */
		bvm_val_unknown(out, size);
	return region->load ? region->load(env, st, v, off, size, out) : 0;
}

/**
 * bvm_check_helper_access - a helper touches memory that it is given the address of
 * @env:	environment
 * @st:		state
 * @reg:	register, for the message
 * @v:		its value
 * @size:	bytes
 * @how:	BVM_HELPER_READ or BVM_HELPER_WRITE
 * Return: 0, or -EACCES with a message.
 */
int bvm_check_helper_access(struct bvm_env *env, const struct bvm_state *st, u32 reg,
			    const struct bvm_val *v, u32 size, enum bvm_access how)
{
	const struct bvm_region *region = &bvm_regions[v->kind];

	if (!region->helpers)
		return bvm_reject(env, ARG_TYPE, reg, bvm_kind_name(v), BVM_MEMORY_WORDS);
	return region->check(env, st, reg, v, 0, size, how);
}
