// SPDX-License-Identifier: GPL-2.0-only
/*
 * Types as text, in the words of the kernel's log.  Names that are not known to be good
 * yet are printed too.
 */
#include "check.h"

const char *const bvm_btf_kind_name[NR_BTF_KINDS] = {
	[BTF_KIND_UNKN]		= "UNKNOWN",
	[BTF_KIND_INT]		= "INT",
	[BTF_KIND_PTR]		= "PTR",
	[BTF_KIND_ARRAY]	= "ARRAY",
	[BTF_KIND_STRUCT]	= "STRUCT",
	[BTF_KIND_UNION]	= "UNION",
	[BTF_KIND_ENUM]		= "ENUM",
	[BTF_KIND_FWD]		= "FWD",
	[BTF_KIND_TYPEDEF]	= "TYPEDEF",
	[BTF_KIND_VOLATILE]	= "VOLATILE",
	[BTF_KIND_CONST]	= "CONST",
	[BTF_KIND_RESTRICT]	= "RESTRICT",
	[BTF_KIND_FUNC]		= "FUNC",
	[BTF_KIND_FUNC_PROTO]	= "FUNC_PROTO",
	[BTF_KIND_VAR]		= "VAR",
	[BTF_KIND_DATASEC]	= "DATASEC",
	[BTF_KIND_FLOAT]	= "FLOAT",
	[BTF_KIND_DECL_TAG]	= "DECL_TAG",
	[BTF_KIND_TYPE_TAG]	= "TYPE_TAG",
	[BTF_KIND_ENUM64]	= "ENUM64",
};

static __printf(2, 0) void bvm_btf_vsay(struct bvm_btf_env *env, const char *fmt, va_list args)
{
	if (env->log)
		env->log->print(env->log, fmt, args);
}

/**
 * bvm_btf_say - add text to the log
 * @env:	environment
 * @fmt:	format and arguments
 */
void bvm_btf_say(struct bvm_btf_env *env, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	bvm_btf_vsay(env, fmt, args);
	va_end(args);
}

static const char *bvm_btf_name(const struct bvm_btf_env *env, u32 off)
{
	if (!off)
		return "(anon)";
	return bvm_btf_has_str(env->btf, off) ? bvm_btf_str(env->btf, off) :
						"(invalid-name-offset)";
}

static void bvm_btf_show_start(struct bvm_btf_env *env, u32 id, const struct btf_type *t)
{
	bvm_btf_say(env, "[%u] %s %s", id, bvm_btf_kind_name[bvm_btf_kind(t)],
		    bvm_btf_name(env, t->name_off));
}

static void bvm_btf_show_int(struct bvm_btf_env *env, const struct btf_type *t)
{
	static const char *const encoding[] = {
		[0]		 = "(none)",
		[BTF_INT_SIGNED] = "SIGNED",
		[BTF_INT_CHAR]	 = "CHAR",
		[BTF_INT_BOOL]	 = "BOOL",
	};
	u32 data = *(const u32 *)(t + 1), enc = BTF_INT_ENCODING(data);

	bvm_btf_say(env, " size=%u bits_offset=%u nr_bits=%u encoding=%s", t->size,
		    BTF_INT_OFFSET(data), BTF_INT_BITS(data),
		    enc < ARRAY_SIZE(encoding) && encoding[enc] ? encoding[enc] : "UNKN");
}

static void bvm_btf_show_ref(struct bvm_btf_env *env, const struct btf_type *t)
{
	bvm_btf_say(env, " type_id=%u", t->type);
}

static void bvm_btf_show_array(struct bvm_btf_env *env, const struct btf_type *t)
{
	const struct btf_array *array = bvm_btf_array(t);

	bvm_btf_say(env, " type_id=%u index_type_id=%u nr_elems=%u", array->type,
		    array->index_type, array->nelems);
}

static void bvm_btf_show_vlen(struct bvm_btf_env *env, const struct btf_type *t)
{
	bvm_btf_say(env, " size=%u vlen=%u", t->size, bvm_btf_vlen(t));
}

static void bvm_btf_show_fwd(struct bvm_btf_env *env, const struct btf_type *t)
{
	bvm_btf_say(env, bvm_btf_kflag(t) ? " union" : " struct");
}

static void bvm_btf_show_proto(struct bvm_btf_env *env, const struct btf_type *t)
{
	const struct btf_param *arg = bvm_btf_params(t);
	u32 i, n = bvm_btf_vlen(t);

	bvm_btf_say(env, " return=%u args=(", t->type);
	if (!n)
		bvm_btf_say(env, "void");
	for (i = 0; i < n; i++) {
		if (i)
			bvm_btf_say(env, ", ");
		if (i == n - 1 && !arg[i].type)
			bvm_btf_say(env, "vararg");
		else
			bvm_btf_say(env, "%u %s", arg[i].type, bvm_btf_name(env, arg[i].name_off));
	}
	bvm_btf_say(env, ")");
}

static void bvm_btf_show_linkage(struct bvm_btf_env *env, const struct btf_type *t)
{
	bvm_btf_say(env, " type_id=%u linkage=%u", t->type,
		    ((const struct btf_var *)(t + 1))->linkage);
}

static void bvm_btf_show_size(struct bvm_btf_env *env, const struct btf_type *t)
{
	bvm_btf_say(env, " size=%u", t->size);
}

static void bvm_btf_show_tag(struct bvm_btf_env *env, const struct btf_type *t)
{
	bvm_btf_say(env, " type=%u component_idx=%d", t->type,
		    ((const struct btf_decl_tag *)(t + 1))->component_idx);
}

/* What follows a type's kind and name. */
static void (*const bvm_btf_details[NR_BTF_KINDS])(struct bvm_btf_env *env,
						   const struct btf_type *t) = {
	[BTF_KIND_INT]		= bvm_btf_show_int,
	[BTF_KIND_PTR]		= bvm_btf_show_ref,
	[BTF_KIND_ARRAY]	= bvm_btf_show_array,
	[BTF_KIND_STRUCT]	= bvm_btf_show_vlen,
	[BTF_KIND_UNION]	= bvm_btf_show_vlen,
	[BTF_KIND_ENUM]		= bvm_btf_show_vlen,
	[BTF_KIND_FWD]		= bvm_btf_show_fwd,
	[BTF_KIND_TYPEDEF]	= bvm_btf_show_ref,
	[BTF_KIND_VOLATILE]	= bvm_btf_show_ref,
	[BTF_KIND_CONST]	= bvm_btf_show_ref,
	[BTF_KIND_RESTRICT]	= bvm_btf_show_ref,
	[BTF_KIND_FUNC]		= bvm_btf_show_ref,
	[BTF_KIND_FUNC_PROTO]	= bvm_btf_show_proto,
	[BTF_KIND_VAR]		= bvm_btf_show_linkage,
	[BTF_KIND_DATASEC]	= bvm_btf_show_vlen,
	[BTF_KIND_FLOAT]	= bvm_btf_show_size,
	[BTF_KIND_DECL_TAG]	= bvm_btf_show_tag,
	[BTF_KIND_TYPE_TAG]	= bvm_btf_show_ref,
	[BTF_KIND_ENUM64]	= bvm_btf_show_vlen,
};

static void bvm_btf_show_line(struct bvm_btf_env *env, u32 id, const struct btf_type *t)
{
	bvm_btf_show_start(env, id, t);
	bvm_btf_details[bvm_btf_kind(t)](env, t);
}

/**
 * bvm_btf_show - a type without its members
 * @env:	environment
 * @id:		its id
 * @t:		type, whole
 */
void bvm_btf_show(struct bvm_btf_env *env, u32 id, const struct btf_type *t)
{
	if (!env->log)
		return;
	bvm_btf_show_line(env, id, t);
	bvm_btf_say(env, "\n");
}

static void bvm_btf_show_member_line(struct bvm_btf_env *env, const struct btf_type *t,
				     const struct btf_member *m)
{
	bvm_btf_say(env, "\t%s type_id=%u ", bvm_btf_name(env, m->name_off), m->type);
	if (bvm_btf_kflag(t))
		bvm_btf_say(env, "bitfield_size=%u ", bvm_btf_bits(t, m));
	bvm_btf_say(env, "bits_offset=%u", bvm_btf_bit_off(t, m));
}

/**
 * bvm_btf_show_member - a member
 * @env:	environment
 * @t:		structure or union
 * @m:		its member
 */
void bvm_btf_show_member(struct bvm_btf_env *env, const struct btf_type *t,
			 const struct btf_member *m)
{
	if (!env->log)
		return;
	bvm_btf_show_member_line(env, t, m);
	bvm_btf_say(env, "\n");
}

static void bvm_btf_show_var_line(struct bvm_btf_env *env, const struct btf_var_secinfo *var)
{
	bvm_btf_say(env, "\t type_id=%u offset=%u size=%u", var->type, var->offset, var->size);
}

/**
 * bvm_btf_show_var - a variable in its section
 * @env:	environment
 * @var:	entry of a BTF_KIND_DATASEC
 */
void bvm_btf_show_var(struct bvm_btf_env *env, const struct btf_var_secinfo *var)
{
	if (!env->log)
		return;
	bvm_btf_show_var_line(env, var);
	bvm_btf_say(env, "\n");
}

/* " why\n" behind what has just been printed */
static __printf(2, 0) int bvm_btf_why(struct bvm_btf_env *env, const char *fmt, va_list args)
{
	bvm_btf_say(env, " ");
	bvm_btf_vsay(env, fmt, args);
	bvm_btf_say(env, "\n");
	return -EINVAL;
}

/**
 * bvm_btf_bad - something is wrong with a type
 * @env:	environment
 * @id:		its id
 * @t:		type, whole
 * @fmt:	what, and arguments
 * Return: -EINVAL.
 */
int bvm_btf_bad(struct bvm_btf_env *env, u32 id, const struct btf_type *t, const char *fmt, ...)
{
	va_list args;
	int err;

	bvm_btf_show_line(env, id, t);
	va_start(args, fmt);
	err = bvm_btf_why(env, fmt, args);
	va_end(args);
	return err;
}

/**
 * bvm_btf_bad_start - something is wrong with a type of which only the start can be shown
 * @env:	environment
 * @id:		its id
 * @t:		struct btf_type, what follows it may not be there
 * @fmt:	what, and arguments
 * Return: -EINVAL.
 */
int bvm_btf_bad_start(struct bvm_btf_env *env, u32 id, const struct btf_type *t,
		      const char *fmt, ...)
{
	va_list args;
	int err;

	bvm_btf_show_start(env, id, t);
	va_start(args, fmt);
	err = bvm_btf_why(env, fmt, args);
	va_end(args);
	return err;
}

/**
 * bvm_btf_bad_member - something is wrong with a member
 * @env:	environment
 * @id:		id of the structure, 0: that was printed just now
 * @t:		structure
 * @m:		member
 * @fmt:	what, and arguments
 * Return: -EINVAL.
 */
int bvm_btf_bad_member(struct bvm_btf_env *env, u32 id, const struct btf_type *t,
		       const struct btf_member *m, const char *fmt, ...)
{
	va_list args;
	int err;

	if (id)
		bvm_btf_show(env, id, t);
	bvm_btf_show_member_line(env, t, m);
	va_start(args, fmt);
	err = bvm_btf_why(env, fmt, args);
	va_end(args);
	return err;
}

/**
 * bvm_btf_bad_var - something is wrong with a variable in its section
 * @env:	environment
 * @id:		id of the section, 0: that was printed just now
 * @t:		section
 * @var:	entry
 * @fmt:	what, and arguments
 * Return: -EINVAL.
 */
int bvm_btf_bad_var(struct bvm_btf_env *env, u32 id, const struct btf_type *t,
		    const struct btf_var_secinfo *var, const char *fmt, ...)
{
	va_list args;
	int err;

	if (id)
		bvm_btf_show(env, id, t);
	bvm_btf_show_var_line(env, var);
	va_start(args, fmt);
	err = bvm_btf_why(env, fmt, args);
	va_end(args);
	return err;
}
