// SPDX-License-Identifier: GPL-2.0-only
/*
 * What types refer to.
 *
 * Two relations must have no cycles: what a value contains (a structure that contains
 * itself has no size), and what pointers lead to when nothing but pointers and
 * qualifiers lies between.  For each a type has a height, the longest way down from it;
 * it is bounded, so that whoever follows references later needs neither memory nor a
 * count.  One walk finds both: depth first, with a stack that is as deep as that bound.
 */
#include "check.h"

/** enum bvm_btf_relation - what is followed */
enum bvm_btf_relation {
	BVM_BTF_CONTAINS,	/* all references but those of pointers */
	BVM_BTF_POINTS,		/* pointers, and what can stand in front of what they point to */
	__BVM_BTF_RELATIONS,
};

/* Heights: 0 is not visited yet, others are one more than they say. */
#define BVM_BTF_ON_PATH		0xff

static bool bvm_btf_is(const struct btf_type *t, u32 kinds)
{
	return BIT(bvm_btf_kind(t)) & kinds;
}

/* The number of references of a type. */
static u32 bvm_btf_nr_refs(const struct btf_type *t, enum bvm_btf_relation rel)
{
	if (rel == BVM_BTF_POINTS)
		return bvm_btf_is_modifier(t) || bvm_btf_kind(t) == BTF_KIND_PTR;

	switch (bvm_btf_kind(t)) {
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_CONST:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_TYPE_TAG:
	case BTF_KIND_FUNC:
	case BTF_KIND_VAR:
	case BTF_KIND_DECL_TAG:
		return 1;
	case BTF_KIND_ARRAY:
		return 2;
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
	case BTF_KIND_DATASEC:
		return bvm_btf_vlen(t);
	case BTF_KIND_FUNC_PROTO:
		return bvm_btf_vlen(t) + 1;
	}
	return 0;
}

/* The @i-th of them. */
static u32 bvm_btf_ref(const struct btf_type *t, u32 i)
{
	switch (bvm_btf_kind(t)) {
	case BTF_KIND_ARRAY:
		return i ? bvm_btf_array(t)->type : bvm_btf_array(t)->index_type;
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return bvm_btf_members(t)[i].type;
	case BTF_KIND_FUNC_PROTO:
		return i ? bvm_btf_params(t)[i - 1].type : t->type;
	case BTF_KIND_DATASEC:
		return bvm_btf_vars(t)[i].type;
	}
	return t->type;
}

/* ------------------------------------------ may a type be referred to at all? */

/* Variables, sections and tags of declarations are no types of values. */
#define BVM_BTF_SOURCES	(BIT(BTF_KIND_VAR) | BIT(BTF_KIND_DATASEC) | BIT(BTF_KIND_DECL_TAG))

/* Is @to there, and of a kind that @t may refer to?  Sizes are looked at later. */
static bool bvm_btf_may_ref(const struct btf_type *t, const struct btf_type *to)
{
	if (!to)
		return false;
	switch (bvm_btf_kind(t)) {
	case BTF_KIND_DATASEC:
		return bvm_btf_kind(to) == BTF_KIND_VAR;
	case BTF_KIND_FUNC:
		return bvm_btf_kind(to) == BTF_KIND_FUNC_PROTO;
	case BTF_KIND_DECL_TAG:
		return bvm_btf_is_struct(to) ||
		       bvm_btf_is(to, BIT(BTF_KIND_FUNC) | BIT(BTF_KIND_VAR) |
				      BIT(BTF_KIND_TYPEDEF));
	}
	return !bvm_btf_is(to, BVM_BTF_SOURCES);
}

/* The words for the @i-th reference. */
static int bvm_btf_bad_ref(struct bvm_btf_env *env, u32 id, const struct btf_type *t, u32 i)
{
	switch (bvm_btf_kind(t)) {
	case BTF_KIND_ARRAY:
		return bvm_btf_bad(env, id, t, i ? "Invalid elem" : "Invalid index");
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return bvm_btf_bad_member(env, id, t, bvm_btf_members(t) + i, "Invalid member");
	case BTF_KIND_FUNC_PROTO:
		return i ? bvm_btf_bad(env, id, t, "Invalid arg#%u", i) :
			   bvm_btf_bad(env, id, t, "Invalid return type");
	case BTF_KIND_DATASEC:
		return bvm_btf_bad_var(env, id, t, bvm_btf_vars(t) + i, "Not a VAR kind member");
	}
	return bvm_btf_bad(env, id, t, "Invalid type_id");
}

/* ------------------------------------- a reference, once what is behind it is checked */

/* An integer without bits to spare; of its size nothing is said. */
static bool bvm_btf_is_regular_int(const struct btf_type *t)
{
	u32 data;

	if (bvm_btf_kind(t) != BTF_KIND_INT)
		return false;
	data = *(const u32 *)(t + 1);
	return !BTF_INT_OFFSET(data) && BTF_INT_BITS(data) >= 8 &&
	       is_power_of_2(BTF_INT_BITS(data));
}

static int bvm_btf_check_array(struct bvm_btf_env *env, u32 id, const struct btf_type *t, u32 i)
{
	u32 to = bvm_btf_ref(t, i), size;
	const struct btf_type *tt = bvm_btf_resolve(env->btf, &to);

	if (!i)
		return bvm_btf_is_regular_int(tt) ? 0 : bvm_btf_bad(env, id, t, "Invalid index");
	if (bvm_btf_size(env->btf, to, &size))
		return bvm_btf_bad(env, id, t, "Invalid elem");
	if (bvm_btf_kind(tt) == BTF_KIND_INT && !bvm_btf_is_regular_int(tt))
		return bvm_btf_bad(env, id, t, "Invalid array of int");
	if (bvm_btf_size(env->btf, id, &size))
		return bvm_btf_bad(env, id, t, "Array size overflows U32_MAX");
	return 0;
}

/* Do @bits at @off, in bits, lie in the structure, and in 16 bytes? */
static int bvm_btf_check_bits(struct bvm_btf_env *env, u32 id, const struct btf_type *t,
			      const struct btf_member *m, u32 off, u32 bits)
{
	if (off % 8 + bits > 128)
		return bvm_btf_bad_member(env, id, t, m, "nr_copy_bits exceeds 128");
	if (off / 8 + (u64)DIV_ROUND_UP(off % 8 + bits, 8) > t->size)
		return bvm_btf_bad_member(env, id, t, m, "Member exceeds struct_size");
	return 0;
}

/* An integer of which the type says where its bits are: no kind_flag. */
static int bvm_btf_check_old_int(struct bvm_btf_env *env, u32 id, const struct btf_type *t,
				 const struct btf_member *m, const struct btf_type *mt)
{
	u32 data = *(const u32 *)(mt + 1), off;

	if (check_add_overflow(m->offset, BTF_INT_OFFSET(data), &off))
		return bvm_btf_bad_member(env, id, t, m, "bits_offset exceeds U32_MAX");
	return bvm_btf_check_bits(env, id, t, m, off, BTF_INT_BITS(data));
}

static int bvm_btf_check_int(struct bvm_btf_env *env, u32 id, const struct btf_type *t,
			     const struct btf_member *m, const struct btf_type *mt)
{
	u32 bits = bvm_btf_bits(t, m), own = BTF_INT_BITS(*(const u32 *)(mt + 1));

	if (!bvm_btf_kflag(t))
		return bvm_btf_check_old_int(env, id, t, m, mt);
	if (!bvm_btf_is_regular_int(mt))
		return bvm_btf_bad_member(env, id, t, m, "Invalid member base type");
	if (bits > own)
		return bvm_btf_bad_member(env, id, t, m, "Invalid member bitfield_size");
	if (!bits && bvm_btf_bit_off(t, m) % 8)
		return bvm_btf_bad_member(env, id, t, m, "Invalid member offset");
	return bvm_btf_check_bits(env, id, t, m, bvm_btf_bit_off(t, m), bits ?: own);
}

/* A member of @size bytes that is no bitfield. */
static int bvm_btf_check_whole(struct bvm_btf_env *env, u32 id, const struct btf_type *t,
			       const struct btf_member *m, u32 size)
{
	u32 off = bvm_btf_bit_off(t, m);

	if (off % 8)
		return bvm_btf_bad_member(env, id, t, m, "Member is not byte aligned");
	if (off / 8 + (u64)size > t->size)
		return bvm_btf_bad_member(env, id, t, m, "Member exceeds struct_size");
	return 0;
}

static int bvm_btf_check_enum(struct bvm_btf_env *env, u32 id, const struct btf_type *t,
			      const struct btf_member *m, u32 size)
{
	u32 bits = bvm_btf_bits(t, m);

	if (!bits)
		return bvm_btf_check_whole(env, id, t, m, size);
	if (bits > size * 8)
		return bvm_btf_bad_member(env, id, t, m, "Invalid member bitfield_size");
	return bvm_btf_check_bits(env, id, t, m, bvm_btf_bit_off(t, m), bits);
}

static int bvm_btf_check_float(struct bvm_btf_env *env, u32 id, const struct btf_type *t,
			       const struct btf_member *m, u32 size)
{
	/* some machines align a double to 4 */
	u32 align = min_t(u32, sizeof(void *), size);

	if (bvm_btf_bit_off(t, m) % 8 == 0 && bvm_btf_bit_off(t, m) / 8 % align)
		return bvm_btf_bad_member(env, id, t, m, "Member is not properly aligned");
	return bvm_btf_check_whole(env, id, t, m, size);
}

static int bvm_btf_check_member(struct bvm_btf_env *env, u32 id, const struct btf_type *t, u32 i)
{
	const struct btf_member *m = bvm_btf_members(t) + i;
	u32 mid = m->type, size;
	const struct btf_type *mt = bvm_btf_resolve(env->btf, &mid);

	if (bvm_btf_size(env->btf, mid, &size))
		return bvm_btf_bad_member(env, id, t, m, "Invalid member");
	switch (bvm_btf_kind(mt)) {
	case BTF_KIND_INT:
		return bvm_btf_check_int(env, id, t, m, mt);
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		return bvm_btf_check_enum(env, id, t, m, size);
	}
	if (bvm_btf_bits(t, m))
		return bvm_btf_bad_member(env, id, t, m, "Invalid member bitfield_size");
	if (bvm_btf_kind(mt) == BTF_KIND_FLOAT)
		return bvm_btf_check_float(env, id, t, m, size);
	return bvm_btf_check_whole(env, id, t, m, size);
}

static int bvm_btf_check_var(struct bvm_btf_env *env, u32 id, const struct btf_type *t, u32 i)
{
	u32 size;

	if (bvm_btf_size(env->btf, t->type, &size))
		return bvm_btf_bad(env, id, t, "Invalid type_id");
	return 0;
}

static int bvm_btf_check_secinfo(struct bvm_btf_env *env, u32 id, const struct btf_type *t, u32 i)
{
	const struct btf_var_secinfo *var = bvm_btf_vars(t) + i;
	u32 size;

	if (bvm_btf_size(env->btf, var->type, &size) || var->size < size)
		return bvm_btf_bad_var(env, id, t, var, "Invalid size");
	return 0;
}

static bool bvm_btf_good_arg(const struct bvm_btf *btf, const struct btf_param *arg, bool last)
{
	u32 size;

	/* "..." comes last and has no name */
	if (!arg->type)
		return last && !arg->name_off;
	if (arg->name_off && (!bvm_btf_has_str(btf, arg->name_off) ||
			      !bvm_btf_is_identifier(bvm_btf_str(btf, arg->name_off))))
		return false;
	return !bvm_btf_size(btf, arg->type, &size);
}

static int bvm_btf_check_proto(struct bvm_btf_env *env, u32 id, const struct btf_type *t, u32 i)
{
	const struct btf_param *arg = bvm_btf_params(t);
	u32 size, n = bvm_btf_vlen(t);

	if (i && !bvm_btf_good_arg(env->btf, arg + i - 1, i == n))
		return bvm_btf_bad(env, id, t, "Invalid arg#%u", i);
	if (!i && t->type && bvm_btf_size(env->btf, t->type, &size))
		return bvm_btf_bad(env, id, t, "Invalid return type");
	if (!i && n && !arg[n - 1].type && arg[n - 1].name_off)
		return bvm_btf_bad(env, id, t, "Invalid arg#%u", n);
	return 0;
}

/* The arguments of a function have names; those of a mere prototype need not. */
static int bvm_btf_check_func(struct bvm_btf_env *env, u32 id, const struct btf_type *t, u32 ref)
{
	const struct btf_type *proto = bvm_btf_type(env->btf, t->type);
	const struct btf_param *arg = bvm_btf_params(proto);
	u32 i;

	for (i = 0; i < bvm_btf_vlen(proto); i++)
		if (!arg[i].name_off && arg[i].type)
			return bvm_btf_bad(env, id, t, "Invalid arg#%u", i + 1);
	return 0;
}

/* A tag is on a whole type (-1), on a member, or on an argument. */
static int bvm_btf_check_decl_tag(struct bvm_btf_env *env, u32 id, const struct btf_type *t,
				  u32 ref)
{
	s32 idx = ((const struct btf_decl_tag *)(t + 1))->component_idx;
	const struct btf_type *to = bvm_btf_type(env->btf, t->type);
	u32 parts = 0;

	if (bvm_btf_is_struct(to))
		parts = bvm_btf_vlen(to);
	else if (bvm_btf_kind(to) == BTF_KIND_FUNC)
		parts = bvm_btf_vlen(bvm_btf_type(env->btf, to->type));
	if (idx != -1 && (u32)idx >= parts)
		return bvm_btf_bad(env, id, t, "Invalid component_idx");
	return 0;
}

/* Checks of reference @i of type @id; where there is none, it is enough that it is there. */
static int (*const bvm_btf_checks[NR_BTF_KINDS])(struct bvm_btf_env *env, u32 id,
						 const struct btf_type *t, u32 i) = {
	[BTF_KIND_ARRAY]	= bvm_btf_check_array,
	[BTF_KIND_STRUCT]	= bvm_btf_check_member,
	[BTF_KIND_UNION]	= bvm_btf_check_member,
	[BTF_KIND_FUNC]		= bvm_btf_check_func,
	[BTF_KIND_FUNC_PROTO]	= bvm_btf_check_proto,
	[BTF_KIND_VAR]		= bvm_btf_check_var,
	[BTF_KIND_DATASEC]	= bvm_btf_check_secinfo,
	[BTF_KIND_DECL_TAG]	= bvm_btf_check_decl_tag,
};

/* ----------------------------------------------------------- special fields */

/* Is this pointer one that the kernel counts references for? */
static bool bvm_btf_is_kptr(const struct bvm_btf *btf, const struct btf_type *t)
{
	static const char *const tags[] = { "kptr", "kptr_untrusted", "percpu_kptr" };
	u32 i;

	t = bvm_btf_type(btf, t->type);
	if (!t || bvm_btf_kind(t) != BTF_KIND_TYPE_TAG)
		return false;
	for (i = 0; i < ARRAY_SIZE(tags); i++)
		if (!strcmp(bvm_btf_str(btf, t->name_off), tags[i]))
			return true;
	return false;
}

/* Is a type special by itself, whatever it contains? */
static bool bvm_btf_born_special(const struct bvm_btf *btf, const struct btf_type *t)
{
	static const char *const names[] = {
		"bpf_spin_lock", "bpf_timer", "bpf_wq", "bpf_list_head", "bpf_list_node",
		"bpf_rb_root", "bpf_rb_node", "bpf_refcount",
	};
	const char *name = bvm_btf_str(btf, t->name_off);
	u32 i;

	if (bvm_btf_kind(t) == BTF_KIND_PTR)
		return bvm_btf_is_kptr(btf, t);
	if (bvm_btf_kind(t) != BTF_KIND_STRUCT || strncmp(name, "bpf_", 4))
		return false;
	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(name, names[i]))
			return true;
	return false;
}

/* ----------------------------------------------------------------- the walk */

/**
 * struct bvm_btf_step - a type on the path that is walked
 * @id:		its id
 * @next:	its next reference to follow
 * @height:	longest way down found so far
 * @special:	something special has been found in it
 */
struct bvm_btf_step {
	u32 id;
	u32 next;
	u8 height;
	bool special;
};

/**
 * struct bvm_btf_dfs - one walk from one type
 * @env:	environment
 * @rel:	relation
 * @height:	heights of @rel
 * @root:	where it began, which is what is blamed for cycles
 * @depth:	types on the path
 * @path:	the path
 */
struct bvm_btf_dfs {
	struct bvm_btf_env *env;
	enum bvm_btf_relation rel;
	u8 *height;
	u32 root;
	u32 depth;
	struct bvm_btf_step path[BVM_BTF_DEPTH];
};

static int bvm_btf_push(struct bvm_btf_dfs *dfs, u32 id)
{
	const struct bvm_btf *btf = dfs->env->btf;

	if (dfs->depth == BVM_BTF_DEPTH) {
		bvm_btf_bad(dfs->env, dfs->root, bvm_btf_type(btf, dfs->root),
			    "Exceeded max resolving depth:%u", BVM_BTF_DEPTH);
		return -E2BIG;
	}
	dfs->path[dfs->depth++] = (struct bvm_btf_step){
		.id = id,
		.special = bvm_btf_born_special(btf, bvm_btf_type(btf, id)),
	};
	dfs->height[id - btf->first] = BVM_BTF_ON_PATH;
	return 0;
}

/* All references of the last type on the path are done: so is it. */
static int bvm_btf_pop(struct bvm_btf_dfs *dfs)
{
	const struct bvm_btf *btf = dfs->env->btf;
	struct bvm_btf_step *step = &dfs->path[--dfs->depth];
	struct bvm_btf_step *up = step - 1;

	if (step->height == BVM_BTF_DEPTH) {
		bvm_btf_bad(dfs->env, dfs->root, bvm_btf_type(btf, dfs->root),
			    "Exceeded max resolving depth:%u", BVM_BTF_DEPTH);
		return -E2BIG;
	}
	dfs->height[step->id - btf->first] = step->height + 1;
	if (step->special && dfs->rel == BVM_BTF_CONTAINS)
		__set_bit(step->id - btf->first, btf->special);
	if (dfs->depth) {
		up->height = max_t(u8, up->height, step->height + 1);
		up->special |= step->special;
	}
	return 0;
}

/* Follow the next reference of the last type on the path. */
static int bvm_btf_follow(struct bvm_btf_dfs *dfs, const struct btf_type *t)
{
	const struct bvm_btf *btf = dfs->env->btf;
	struct bvm_btf_step *step = &dfs->path[dfs->depth - 1];
	u32 i = step->next++, to = bvm_btf_ref(t, i);
	u8 height;

	if (!bvm_btf_may_ref(t, bvm_btf_type(btf, to)))
		return bvm_btf_bad_ref(dfs->env, step->id, t, i);
	/* void, and what the base has checked */
	if (to < btf->first)
		return 0;
	height = dfs->height[to - btf->first];
	if (height == BVM_BTF_ON_PATH) {
		bvm_btf_bad(dfs->env, dfs->root, bvm_btf_type(btf, dfs->root), "Loop detected");
		return -EEXIST;
	}
	if (!height)
		return bvm_btf_push(dfs, to);
	step->height = max(step->height, height);
	step->special |= bvm_btf_is_special(btf, to);
	return 0;
}

/* The references before ->next of the last type on the path are done; on with it. */
static int bvm_btf_advance(struct bvm_btf_dfs *dfs)
{
	struct bvm_btf_step *step = &dfs->path[dfs->depth - 1];
	const struct btf_type *t = bvm_btf_type(dfs->env->btf, step->id);
	int err = 0;

	if (step->next && dfs->rel == BVM_BTF_CONTAINS && bvm_btf_checks[bvm_btf_kind(t)])
		err = bvm_btf_checks[bvm_btf_kind(t)](dfs->env, step->id, t, step->next - 1);
	if (err)
		return err;
	return step->next < bvm_btf_nr_refs(t, dfs->rel) ? bvm_btf_follow(dfs, t) :
							   bvm_btf_pop(dfs);
}

static int bvm_btf_dfs(struct bvm_btf_dfs *dfs, enum bvm_btf_relation rel, u32 root)
{
	const struct bvm_btf *btf = dfs->env->btf;
	int err;

	dfs->rel = rel;
	dfs->height = dfs->env->height + rel * bvm_btf_count(btf);
	if (dfs->height[root - btf->first])
		return 0;
	dfs->root = root;
	dfs->depth = 0;
	err = bvm_btf_push(dfs, root);
	while (!err && dfs->depth)
		err = bvm_btf_advance(dfs);
	return err;
}

/**
 * bvm_btf_check_refs - check what types refer to
 * @env:	environment; all types have been parsed
 * Return: as bvm_btf_parse().
 */
int bvm_btf_check_refs(struct bvm_btf_env *env)
{
	u32 n = bvm_btf_count(env->btf), id;
	struct bvm_btf_dfs dfs = { .env = env };
	int err = 0;

	env->height = kvcalloc(__BVM_BTF_RELATIONS, n, GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	env->btf->special = kvcalloc(BITS_TO_LONGS(n), sizeof(long),
				     GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!env->height || !env->btf->special)
		return -ENOMEM;
	for (id = env->btf->first; id < env->btf->end && !err; id++) {
		err = bvm_btf_dfs(&dfs, BVM_BTF_CONTAINS, id);
		if (!err && bvm_btf_kind(bvm_btf_type(env->btf, id)) == BTF_KIND_PTR)
			err = bvm_btf_dfs(&dfs, BVM_BTF_POINTS, id);
		if (!(id % 256)) {
			cond_resched();
			if (fatal_signal_pending(current))
				return -EAGAIN;
		}
	}
	return err;
}

/**
 * bvm_btf_check_tags - type tags stand in front of qualifiers and typedefs
 * @env:	environment; all types have been parsed
 * Return: 0 or -EINVAL.
 */
int bvm_btf_check_tags(struct bvm_btf_env *env)
{
	const struct bvm_btf *btf = env->btf;
	const struct btf_type *t, *to;
	u32 id;

	for (id = btf->first; id < btf->end; id++) {
		t = bvm_btf_type(btf, id);
		if (!bvm_btf_is_modifier(t) || bvm_btf_kind(t) == BTF_KIND_TYPE_TAG)
			continue;
		to = bvm_btf_type(btf, t->type);
		if (to && bvm_btf_kind(to) == BTF_KIND_TYPE_TAG) {
			bvm_btf_say(env, "Type tags don't precede modifiers");
			return -EINVAL;
		}
	}
	return 0;
}
