// SPDX-License-Identifier: GPL-2.0-only
/*
 * Global functions: those that the program's BTF calls so.  They are verified once, for
 * any arguments that their prototype allows, and callers only see to it that theirs are
 * such.  So each that is called is one more entry of the program, besides its beginning.
 *
 * What a parameter may be given follows from its type, and from declaration tags "arg:...".
 */
#include "env.h"

#define BVM_TAG_CTX		BIT(0)
#define BVM_TAG_TRUSTED		BIT(1)
#define BVM_TAG_NONNULL		BIT(2)
#define BVM_TAG_NULLABLE	BIT(3)
#define BVM_TAG_UNKNOWN		BIT(4)

/* ------------------------------------------------------------- prototypes */

static bool bvm_is_number(const struct btf_type *t)
{
	return BIT(bvm_btf_kind(t)) &
	       (BIT(BTF_KIND_INT) | BIT(BTF_KIND_ENUM) | BIT(BTF_KIND_ENUM64));
}

/**
 * bvm_describe_funcs - which functions are global, and what all are called
 * @env:	environment with its functions
 */
void bvm_describe_funcs(struct bvm_env *env)
{
	const struct bvm_btf *btf = env->args->btf;
	const struct btf_type *t, *proto;
	struct bvm_func *func;
	u32 i, ret;

	for (i = 0; i < env->nr_funcs; i++) {
		func = &env->funcs[i];
		func->name = "";
		if (i >= env->args->nr_func_info)
			continue;
		t = bvm_btf_type(btf, env->args->func_info[i].type_id);
		func->name = bvm_btf_str(btf, t->name_off);
		proto = bvm_btf_type(btf, t->type);
		ret = proto->type;
		func->no_number = !bvm_is_number(bvm_btf_resolve(btf, &ret));
		/* whatever the program itself is, nobody calls it by its prototype */
		if (i && bvm_btf_vlen(t) == BTF_FUNC_GLOBAL)
			func->proto = proto;
	}
}

static u32 bvm_tag_of(const char *name)
{
	static const struct {
		const char *name;
		u32 tag;
	} tags[] = {
		{ "arg:ctx", BVM_TAG_CTX }, { "arg:trusted", BVM_TAG_TRUSTED },
		{ "arg:nonnull", BVM_TAG_NONNULL }, { "arg:nullable", BVM_TAG_NULLABLE },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(tags); i++)
		if (!strcmp(name, tags[i].name))
			return tags[i].tag;
	return strncmp(name, "arg:", 4) ? 0 : BVM_TAG_UNKNOWN;
}

/* The tags of all parameters of a function. */
static void bvm_find_tags(const struct bvm_btf *btf, u32 func, u32 tags[BVM_MAX_PARAMS])
{
	const struct btf_type *t;
	s32 param;
	u32 id;

	for (id = btf->first; id < btf->end; id++) {
		t = bvm_btf_type(btf, id);
		if (bvm_btf_kind(t) != BTF_KIND_DECL_TAG || t->type != func)
			continue;
		param = ((const struct btf_decl_tag *)(t + 1))->component_idx;
		if (param >= 0 && param < BVM_MAX_PARAMS)
			tags[param] |= bvm_tag_of(bvm_btf_str(btf, t->name_off));
	}
}

/**
 * bvm_name_in - is a name in a list?
 * @names:	NULL-terminated, or NULL
 * @name:	name
 */
bool bvm_name_in(const char *const *names, const char *name)
{
	for (; names && *names; names++)
		if (!strcmp(*names, name))
			return true;
	return false;
}

/*
 * Is a type, void or behind typedefs and qualifiers, what programs of this type call their
 * context?  With a tag that says so, more is taken for it.
 */
static bool bvm_is_ctx_type(const struct bvm_env *env, u32 id, bool tagged)
{
	const struct bvm_prog_type *type = env->args->type;
	const struct bvm_btf *btf = env->args->btf;
	const struct btf_type *t = bvm_btf_type(btf, id);
	const char *name;

	for (;; t = bvm_btf_type(btf, t->type)) {
		name = bvm_btf_str(btf, t->name_off);
		if ((bvm_btf_is_struct(t) || bvm_btf_kind(t) == BTF_KIND_TYPEDEF) &&
		    (bvm_name_in(type->ctx_names, name) ||
		     (tagged && bvm_name_in(type->ctx_tagged, name))))
			return true;
		if (!bvm_btf_is_modifier(t))
			break;
	}
	if (!tagged)
		return false;
	if (bvm_btf_kind(t) == BTF_KIND_INT)
		return (type->flags & BVM_PROG_CTX_U64) && t->size == sizeof(u64);
	return bvm_btf_is_struct(t) ? type->flags & BVM_PROG_CTX_ANY :
				      bvm_btf_kind(t) == BTF_KIND_UNKN;
}

/* The name of a structure, without what follows "___": that tells versions of it apart. */
static const char *bvm_plain_name(struct bvm_env *env, const char *name)
{
	const char *flavour = strstr(name, "___");

	scnprintf(env->text, sizeof(env->text), "%.*s",
		  flavour && flavour != name ? (int)(flavour - name) : (int)strlen(name), name);
	return env->text;
}

static int bvm_parse_trusted(struct bvm_env *env, u32 i, u32 to, u32 tags, struct bvm_param *p)
{
	const struct bvm_btf *kernel = env->args->kernel_btf ? env->args->kernel_btf() : NULL;
	const struct btf_type *t = bvm_btf_resolve(env->args->btf, &to);
	const char *name = bvm_btf_str(env->args->btf, t->name_off);
	int id = -ENOENT;

	if (kernel && bvm_btf_is_struct(t))
		id = bvm_btf_find(kernel, bvm_plain_name(env, name), bvm_btf_kind(t));
	if (id < 0)
		return bvm_reject(env, PARAM_STRUCT, i, name);
	p->kind = BVM_PARAM_BTF;
	p->type = id;
	p->or_null = tags & BVM_TAG_NULLABLE;
	return 0;
}

static int bvm_parse_pointer(struct bvm_env *env, u32 i, u32 to, u32 tags, struct bvm_param *p)
{
	const struct bvm_btf *btf = env->args->btf;
	const struct btf_type *t;

	if (bvm_is_ctx_type(env, to, tags & BVM_TAG_CTX)) {
		p->kind = BVM_PARAM_CTX;
		return 0;
	}
	if (tags & BVM_TAG_CTX)
		return bvm_reject(env, PARAM_CTX_TYPE, i);
	if (tags & BVM_TAG_TRUSTED)
		return bvm_parse_trusted(env, i, to, tags, p);
	p->kind = BVM_PARAM_MEM;
	p->or_null = !(tags & BVM_TAG_NONNULL);
	if (!bvm_btf_size(btf, to, &p->size))
		return 0;
	t = bvm_btf_resolve(btf, &to);
	return bvm_reject(env, PARAM_SIZE, i, bvm_btf_kind_name[bvm_btf_kind(t)],
			  bvm_btf_str(btf, t->name_off), (long)-EINVAL);
}

static int bvm_parse_param(struct bvm_env *env, struct bvm_func *func, u32 i, u32 tags)
{
	const struct bvm_btf *btf = env->args->btf;
	u32 id = bvm_btf_params(func->proto)[i].type;
	const struct btf_type *t = bvm_btf_resolve(btf, &id);

	if (tags & BVM_TAG_UNKNOWN || (tags && bvm_btf_kind(t) != BTF_KIND_PTR))
		return bvm_reject(env, PARAM_TAGS, i);
	if (bvm_btf_kind(t) == BTF_KIND_PTR)
		return bvm_parse_pointer(env, i, t->type, tags, &func->param[i]);
	func->param[i].kind = BVM_PARAM_NUMBER;
	if (!bvm_is_number(t))
		return bvm_reject(env, PARAM_KIND, i, bvm_btf_kind_name[bvm_btf_kind(t)],
				  func->name);
	return 0;
}

/*
 * Finds out what a global function takes, when that is first asked for: nobody minds the
 * prototype of one that is not called.
 */
static int bvm_parse_params(struct bvm_env *env, u32 nr)
{
	struct bvm_func *func = &env->funcs[nr];
	u32 i, n = bvm_btf_vlen(func->proto);
	u32 tags[BVM_MAX_PARAMS] = {};
	int err = 0;

	if (func->parsed)
		return 0;
	if (n > BVM_MAX_PARAMS)
		return bvm_reject(env, GLOBAL_PARAMS, func->name, n, BVM_MAX_PARAMS);
	if (func->no_number)
		return bvm_reject(env, GLOBAL_RESULT, func->name);
	bvm_find_tags(env->args->btf, env->args->func_info[nr].type_id, tags);
	for (i = 0; i < n && !err; i++)
		err = bvm_parse_param(env, func, i, tags[i]);
	func->parsed = !err;
	return err;
}

/* ------------------------------------------------------------------ entries */

/* What a parameter holds when the function begins. */
static void bvm_param_val(struct bvm_env *env, const struct bvm_param *p, struct bvm_val *v)
{
	bvm_val_const(v, 0);
	switch (p->kind) {
	case BVM_PARAM_NUMBER:
		bvm_val_unknown(v, 8);
		break;
	case BVM_PARAM_CTX:
		v->kind = BVM_PTR_CTX;
		break;
	case BVM_PARAM_MEM:
		v->kind = BVM_PTR_MEM;
		v->size = p->size;
		break;
	case BVM_PARAM_BTF:
		v->kind = BVM_PTR_BTF;
		v->flags = BVM_VAL_TRUSTED;
		v->btf = env->args->kernel_btf();
		v->type = p->type;
		break;
	}
	if (p->or_null) {
		v->flags |= BVM_VAL_OR_NULL;
		v->id = bvm_new_id(env);
	}
}

/**
 * bvm_entry_state - the state that a function begins in when nobody of the program calls it
 * @env:	environment with a reserve
 * @nr:		0, the program itself, or what bvm_next_entry() gave
 *
 * All that may happen in the program starts from these states.
 */
struct bvm_state *bvm_entry_state(struct bvm_env *env, u32 nr)
{
	static const struct bvm_param ctx = { .kind = BVM_PARAM_CTX };
	const struct bvm_func *func = &env->funcs[nr];
	struct bvm_state *st = bvm_state_new(env);
	u32 i, n = nr ? bvm_btf_vlen(func->proto) : 1;
	struct bvm_val v;

	st->frame[0]->func = nr;
	st->insn = func->start;
	for (i = 0; i < n; i++) {
		bvm_param_val(env, nr ? &func->param[i] : &ctx, &v);
		bvm_reg_set(env, st, i + 1, &v);
	}
	st->wrote = 0;
	return st;
}

/**
 * bvm_next_entry - another function that is called by its contract
 * @env:	environment
 *
 * Each is given once.  Whoever asks has gone through all entries given so far; what is
 * called in there, bvm_step() has noted.
 *
 * Return: index of a global function, 0: there are no more.
 */
u32 bvm_next_entry(struct bvm_env *env)
{
	u32 i;

	for (i = 1; i < env->nr_funcs; i++) {
		if (env->funcs[i].entry != BVM_ENTRY_CALLED)
			continue;
		env->funcs[i].entry = BVM_ENTRY_GIVEN;
		return i;
	}
	return 0;
}

/**
 * bvm_forget_entries - begin again with bvm_next_entry()
 * @env:	environment; no function counts as called
 */
void bvm_forget_entries(struct bvm_env *env)
{
	u32 i;

	for (i = 0; i < env->nr_funcs; i++)
		env->funcs[i].entry = BVM_ENTRY_NONE;
}

/* -------------------------------------------------------------------- calls */

/* Memory that the function may read and write, as a helper. */
static int bvm_pass_memory(struct bvm_env *env, struct bvm_state *st, u32 reg, u32 size)
{
	struct bvm_val v = *bvm_reg(env, st, reg);
	int err;

	if (v.kind == BVM_PTR_CTX)
		return bvm_reject(env, CTX_ACCESS, 0, size);
	err = bvm_check_helper_access(env, st, reg, &v, size, BVM_HELPER_READ);
	if (!err)
		err = bvm_check_helper_access(env, st, reg, &v, size, BVM_HELPER_WRITE);
	if (!err && v.kind == BVM_PTR_STACK)
		err = bvm_stack_readable(env, st, reg, &v, size) ?:
		      bvm_stack_forget(env, st, &v, 0, size);
	return err;
}

static int bvm_pass_param(struct bvm_env *env, struct bvm_state *st, u32 reg,
			  const struct bvm_param *p)
{
	const struct bvm_val *v = bvm_reg(env, st, reg);
	int err = bvm_need_reg(env, st, reg);
	struct bvm_val known;

	if (err)
		return err;
	if (p->kind == BVM_PARAM_NUMBER)
		return v->kind == BVM_SCALAR ? 0 : bvm_reject(env, NOT_SCALAR, reg);
	if (p->kind == BVM_PARAM_CTX)
		return v->kind == BVM_PTR_CTX ? bvm_check_const_off(env, reg, v) :
						bvm_reject(env, PARAM_CTX, reg - 1);
	if (p->or_null && bvm_is_zero(v)) {
		bvm_demand(env, v);
		return 0;
	}
	if ((v->flags & BVM_VAL_OR_NULL) && !p->or_null)
		return bvm_reject(env, ARG_TYPE, reg, bvm_kind_name(v),
				  p->kind == BVM_PARAM_BTF ? BVM_BTF_WORDS : BVM_MEMORY_WORDS);
	known = *v;
	known.flags &= ~BVM_VAL_OR_NULL;
	if (p->kind == BVM_PARAM_BTF)
		return bvm_check_btf_arg(env, reg, &known,
					 bvm_type_name(env->args->kernel_btf(), p->type));
	return bvm_pass_memory(env, st, reg, p->size);
}

static int bvm_pass_params(struct bvm_env *env, struct bvm_state *st, u32 nr)
{
	const struct bvm_func *func = &env->funcs[nr];
	int err = bvm_parse_params(env, nr);
	u32 i;

	for (i = 0; !err && i < bvm_btf_vlen(func->proto); i++) {
		err = bvm_pass_param(env, st, i + 1, &func->param[i]);
		/* it would not know that its memory goes with the packet */
		if (!err && func->moves_pkt && func->param[i].kind != BVM_PARAM_NUMBER &&
		    bvm_is_packet(bvm_reg(env, st, i + 1)))
			err = bvm_reject(env, PKT_PARAM, i + 1);
	}
	return err;
}

/**
 * bvm_step_global - a call of a global function: any number may come back
 * @env:	environment with a reserve
 * @st:		state at the call; continues after it
 * @nr:		function
 * Return: 0, or a negative errno with a message.
 */
int bvm_step_global(struct bvm_env *env, struct bvm_state *st, u32 nr)
{
	struct bvm_func *func = &env->funcs[nr];
	struct bvm_val any;
	u32 i;
	int err;

	if (st->lock.held)
		return bvm_reject(env, LOCK_GLOBAL);
	err = bvm_pass_params(env, st, nr);
	/* what it does, it does for any caller */
	if (!err && st->rcu && (env->args->load_flags & BPF_F_SLEEPABLE))
		return bvm_reject(env, RCU_GLOBAL, func->name);
	if (err) {
		bvm_log(env->log, "Caller passes invalid args into func#%d ('%s')\n", nr,
			func->name);
		return err;
	}
	if (func->entry == BVM_ENTRY_NONE)
		func->entry = BVM_ENTRY_CALLED;
	if (bvm_logs(env))
		bvm_log(env->log, "Func#%d ('%s') is global and assumed valid.\n", nr, func->name);
	if (func->moves_pkt)
		bvm_forget_packet(env, st);
	for (i = 0; i <= 5; i++)
		bvm_reg_clear(env, st, i);
	bvm_val_unknown(&any, 8);
	bvm_reg_set(env, st, 0, &any);
	st->insn++;
	return 0;
}
