/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Types: BTF as Documentation/bpf/btf.rst describes it.  Objects are checked
 * once, when they come in; afterwards every id and offset in them is known to be good,
 * and what refers to what has no cycles and is at most BVM_BTF_DEPTH deep.
 */
#ifndef _BVM_BTF_H
#define _BVM_BTF_H

#include "../deps.h"

/*
 * Longest way from a type through typedefs, qualifiers, arrays and members to plain
 * types, or through pointers to what they end at.
 */
#define BVM_BTF_DEPTH	64

#define BVM_BTF_MAX_SIZE	(16 << 20)	/* bytes of an object */

/**
 * struct bvm_btf - types
 * @base:	types that these continue (a module's, those of the kernel), or NULL
 * @data:	the whole object; belongs to who made it
 * @size:	bytes of it
 * @types:	its type section
 * @strings:	its string section; offsets in types count from @first_str
 * @str_len:	bytes of it
 * @first_str:	string offsets below it belong to @base
 * @first:	first type id, 1 without a base
 * @end:	last type id + 1
 * @offs:	by id - @first: offset in @types
 * @special:	by id - @first: a bit for bvm_btf_is_special()
 *
 * Complete after bvm_btf_parse(), then constant.
 */
struct bvm_btf {
	const struct bvm_btf *base;
	const void *data;
	u32 size;
	const void *types;
	const char *strings;
	u32 str_len;
	u32 first_str;
	u32 first;
	u32 end;
	u32 *offs;
	unsigned long *special;
};

/**
 * struct bvm_btf_log - where the words of a check go
 * @print:	adds text
 */
struct bvm_btf_log {
	__printf(2, 0) void (*print)(struct bvm_btf_log *log, const char *fmt, va_list args);
};

/**
 * bvm_btf_parse - check an object and make it usable
 * @btf:	filled in
 * @data:	the object, aligned to 4; must not change and outlives @btf
 * @size:	bytes of it
 * @base:	types that it continues, or NULL
 * @log:	gets the header, every type, and what is wrong; NULL: nobody listens
 *
 * Process context, may sleep.
 *
 * Return: 0, then bvm_btf_clear() is due; -EINVAL, -ENOTSUPP, -E2BIG, -EEXIST (a type that
 * contains itself) with words in the log; -ENOMEM; -EAGAIN for a fatal signal.
 */
int bvm_btf_parse(struct bvm_btf *btf, const void *data, u32 size, const struct bvm_btf *base,
		  struct bvm_btf_log *log);

/* Free what bvm_btf_parse() made; @btf->data stays. */
void bvm_btf_clear(struct bvm_btf *btf);

/**
 * bvm_btf_type - a type
 * @btf:	object
 * @id:		type id, 0 is void
 * Return: type, or NULL when there is no such id.  Any context.
 */
const struct btf_type *bvm_btf_type(const struct bvm_btf *btf, u32 id);

/**
 * bvm_btf_str - a string
 * @btf:	object
 * @off:	offset in its string section (of a split object: base included)
 * Return: string, "" when out of range.  Any context.
 */
const char *bvm_btf_str(const struct bvm_btf *btf, u32 off);

/* Is there a string at an offset?  Any context. */
bool bvm_btf_has_str(const struct bvm_btf *btf, u32 off);

/**
 * bvm_btf_find - a type by its name
 * @btf:	object, its base included
 * @name:	name
 * @kind:	BTF_KIND_*
 * Process context; a linear search.  Return: id, or -ENOENT.
 */
int bvm_btf_find(const struct bvm_btf *btf, const char *name, u32 kind);

/* The same, without the base. */
int bvm_btf_find_own(const struct bvm_btf *btf, const char *name, u32 kind);

/* Which of an object and its bases has a type: the same type has one of them.  Any context. */
const struct bvm_btf *bvm_btf_owner(const struct bvm_btf *btf, u32 id);

/**
 * bvm_btf_resolve - what is behind typedefs, qualifiers and type tags
 * @btf:	object
 * @id:		type id, replaced by that of the result
 * Return: type, or NULL if there is no such id.  Any context.
 */
const struct btf_type *bvm_btf_resolve(const struct bvm_btf *btf, u32 *id);

/**
 * bvm_btf_size - bytes of a value
 * @btf:	object
 * @id:		type id
 * @size:	result
 * Return: 0; -EINVAL for what has no size (void, functions, forward declarations,
 * tags of declarations), -E2BIG when it does not fit into 32 bits.  Any context.
 */
int bvm_btf_size(const struct bvm_btf *btf, u32 id, u32 *size);

/**
 * bvm_btf_is_special - is there a field in a value that the kernel would have to manage?
 * @btf:	object
 * @id:		type id
 * Return: whether the value contains a lock, a timer, a list head, a pointer to an object
 * of the kernel or the like, as Documentation/bpf/ describes them.  Any context.
 */
bool bvm_btf_is_special(const struct bvm_btf *btf, u32 id);

/**
 * bvm_btf_pointed - what a pointer points to
 * @btf:	object
 * @id:		type id, typedefs and qualifiers are looked through
 * @to:		id of the type pointed to, itself behind typedefs and qualifiers; 0: void
 * Return: that type, or NULL if @id is no pointer.  Any context.
 */
const struct btf_type *bvm_btf_pointed(const struct bvm_btf *btf, u32 id, u32 *to);

/* Names of kinds, as messages have them. */
extern const char *const bvm_btf_kind_name[NR_BTF_KINDS];

/* Types of an object, those of its base left out. */
static inline u32 bvm_btf_count(const struct bvm_btf *btf)
{
	return btf->end - btf->first;
}

static inline u32 bvm_btf_kind(const struct btf_type *t)
{
	return BTF_INFO_KIND(t->info);
}

static inline u32 bvm_btf_vlen(const struct btf_type *t)
{
	return BTF_INFO_VLEN(t->info);
}

static inline bool bvm_btf_kflag(const struct btf_type *t)
{
	return BTF_INFO_KFLAG(t->info);
}

static inline bool bvm_btf_is_struct(const struct btf_type *t)
{
	return bvm_btf_kind(t) == BTF_KIND_STRUCT || bvm_btf_kind(t) == BTF_KIND_UNION;
}

/* Typedefs, qualifiers and type tags: another type in different clothes. */
static inline bool bvm_btf_is_modifier(const struct btf_type *t)
{
	return BIT(bvm_btf_kind(t)) &
	       (BIT(BTF_KIND_TYPEDEF) | BIT(BTF_KIND_VOLATILE) | BIT(BTF_KIND_CONST) |
		BIT(BTF_KIND_RESTRICT) | BIT(BTF_KIND_TYPE_TAG));
}

/* What lies behind a struct btf_type; bvm_btf_vlen() of them where it is an array. */
static inline const struct btf_member *bvm_btf_members(const struct btf_type *t)
{
	return (const void *)(t + 1);
}

static inline const struct btf_param *bvm_btf_params(const struct btf_type *t)
{
	return (const void *)(t + 1);
}

static inline const struct btf_array *bvm_btf_array(const struct btf_type *t)
{
	return (const void *)(t + 1);
}

static inline const struct btf_var_secinfo *bvm_btf_vars(const struct btf_type *t)
{
	return (const void *)(t + 1);
}

/* Bits from the start of a structure to a member. */
static inline u32 bvm_btf_bit_off(const struct btf_type *t, const struct btf_member *m)
{
	return bvm_btf_kflag(t) ? BTF_MEMBER_BIT_OFFSET(m->offset) : m->offset;
}

/* Bits of a member that is a bitfield by its structure's account, else 0. */
static inline u32 bvm_btf_bits(const struct btf_type *t, const struct btf_member *m)
{
	return bvm_btf_kflag(t) ? BTF_MEMBER_BITFIELD_SIZE(m->offset) : 0;
}

/** struct bvm_btf_place - what lies at a place in a structure */
struct bvm_btf_place {
	u32 struct_id;		/* pointer: structure that it points to, 0: not one */
	const char *name;	/* last member on the way, for messages */
	bool pointer;		/* the whole of a pointer to a structure, else plain bytes */
	bool part;		/* refused: a part of the pointer @name, ... */
	const char *in;		/* ... which is in a structure of this name, ... */
	u32 member, off;	/* ... there; where the load starts in that structure */
};

/**
 * bvm_btf_walk - what a load from a structure gives
 * @btf:	object
 * @id:		structure or union
 * @off:	bytes from its start; may lie in nested structures, arrays, flexible arrays
 * @size:	bytes loaded
 * @place:	result
 * Return: 0; -EACCES when the load is outside or straddles members (words in the
 * verifier's log are the caller's business).  Process context.
 */
int bvm_btf_walk(const struct bvm_btf *btf, u32 id, u32 off, u32 size,
		 struct bvm_btf_place *place);

/* The kernel's own types, or NULL without them; lives as long as the kernel. */
const struct bvm_btf *bvm_btf_vmlinux(void);

#endif /* _BVM_BTF_H */
