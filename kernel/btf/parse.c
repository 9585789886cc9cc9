// SPDX-License-Identifier: GPL-2.0-only
/*
 * An object taken apart: header, sections, and each type by itself.  What types say
 * about each other is checked afterwards, in check.c.
 */
#include "check.h"

#define BVM_BTF_NAME_MAX	512	/* KSYM_NAME_LEN */

#define BVM_BTF_INFO_BITS	0x9f00ffff	/* kind_flag, kind, vlen */

static bool bvm_btf_name_char(char c, bool first)
{
	return c == '_' || c == '.' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (!first && c >= '0' && c <= '9');
}

/**
 * bvm_btf_is_identifier - may a type or a member be called that?
 * @name:	name
 */
bool bvm_btf_is_identifier(const char *name)
{
	u32 i;

	for (i = 0; name[i]; i++)
		if (i == BVM_BTF_NAME_MAX - 1 || !bvm_btf_name_char(name[i], !i))
			return false;
	return i;
}

/* Sections may be called anything that can be printed. */
static bool bvm_btf_is_section(const char *name)
{
	u32 i;

	for (i = 0; name[i]; i++)
		if (i == BVM_BTF_NAME_MAX - 1 || name[i] < ' ' || name[i] > '~')
			return false;
	return i && name[0] != ' ';
}

/** enum bvm_btf_naming - what a kind of type may be called */
enum bvm_btf_naming {
	BVM_BTF_NAME_ANY,
	BVM_BTF_NAME_NONE,	/* it has no name */
	BVM_BTF_NAME_IDENT,	/* an identifier */
	BVM_BTF_NAME_MAY,	/* an identifier, or no name */
	BVM_BTF_NAME_SECTION,
	BVM_BTF_NAME_TEXT,	/* anything but the empty string */
};

static bool bvm_btf_name_fits(const struct bvm_btf *btf, u32 off, enum bvm_btf_naming naming)
{
	const char *name = bvm_btf_str(btf, off);

	switch (naming) {
	case BVM_BTF_NAME_ANY:
		return true;
	case BVM_BTF_NAME_NONE:
		return !off;
	case BVM_BTF_NAME_IDENT:
		return bvm_btf_is_identifier(name);
	case BVM_BTF_NAME_MAY:
		return !off || bvm_btf_is_identifier(name);
	case BVM_BTF_NAME_SECTION:
		return bvm_btf_is_section(name);
	case BVM_BTF_NAME_TEXT:
		return name[0];
	}
	return false;
}

static const u8 bvm_btf_naming[NR_BTF_KINDS] = {
	[BTF_KIND_INT]		= BVM_BTF_NAME_ANY,
	[BTF_KIND_PTR]		= BVM_BTF_NAME_NONE,
	[BTF_KIND_ARRAY]	= BVM_BTF_NAME_NONE,
	[BTF_KIND_STRUCT]	= BVM_BTF_NAME_MAY,
	[BTF_KIND_UNION]	= BVM_BTF_NAME_MAY,
	[BTF_KIND_ENUM]		= BVM_BTF_NAME_MAY,
	[BTF_KIND_FWD]		= BVM_BTF_NAME_IDENT,
	[BTF_KIND_TYPEDEF]	= BVM_BTF_NAME_IDENT,
	[BTF_KIND_VOLATILE]	= BVM_BTF_NAME_NONE,
	[BTF_KIND_CONST]	= BVM_BTF_NAME_NONE,
	[BTF_KIND_RESTRICT]	= BVM_BTF_NAME_NONE,
	[BTF_KIND_FUNC]		= BVM_BTF_NAME_IDENT,
	[BTF_KIND_FUNC_PROTO]	= BVM_BTF_NAME_NONE,
	[BTF_KIND_VAR]		= BVM_BTF_NAME_IDENT,
	[BTF_KIND_DATASEC]	= BVM_BTF_NAME_SECTION,
	[BTF_KIND_FLOAT]	= BVM_BTF_NAME_ANY,
	[BTF_KIND_DECL_TAG]	= BVM_BTF_NAME_TEXT,
	[BTF_KIND_TYPE_TAG]	= BVM_BTF_NAME_TEXT,
	[BTF_KIND_ENUM64]	= BVM_BTF_NAME_MAY,
};

static int bvm_btf_check_name(struct bvm_btf_env *env, u32 id, const struct btf_type *t)
{
	u32 kind = bvm_btf_kind(t);

	if (bvm_btf_name_fits(env->btf, t->name_off, bvm_btf_naming[kind]))
		return 0;
	return bvm_btf_bad(env, id, t, kind == BTF_KIND_DECL_TAG ? "Invalid value" :
								   "Invalid name");
}

/* All but the members of a type has been checked. */
static int bvm_btf_accept(struct bvm_btf_env *env, u32 id, const struct btf_type *t)
{
	int err = bvm_btf_check_name(env, id, t);

	if (!err)
		bvm_btf_show(env, id, t);
	return err;
}

/* ------------------------------------------------------ what follows a type */

static int bvm_btf_parse_int(struct bvm_btf_env *env, u32 id, const struct btf_type *t)
{
	u32 data = *(const u32 *)(t + 1);
	u32 bits = BTF_INT_OFFSET(data) + BTF_INT_BITS(data);
	u32 enc = BTF_INT_ENCODING(data);

	if (data & ~0x0fffffff)
		return bvm_btf_bad_start(env, id, t, "Invalid int_data:%x", data);
	if (bits > 128)
		return bvm_btf_bad(env, id, t, "nr_bits exceeds %u", 128);
	if (DIV_ROUND_UP(bits, 8) > t->size)
		return bvm_btf_bad(env, id, t, "nr_bits exceeds type_size");
	/* one of them at most */
	if (enc & (enc - 1) || enc > BTF_INT_BOOL) {
		bvm_btf_bad(env, id, t, "Unsupported encoding");
		return -ENOTSUPP;
	}
	return bvm_btf_accept(env, id, t);
}

static int bvm_btf_parse_ref(struct bvm_btf_env *env, u32 id, const struct btf_type *t)
{
	if (t->type > BTF_MAX_TYPE)
		return bvm_btf_bad(env, id, t, "Invalid type_id");
	return bvm_btf_accept(env, id, t);
}

static int bvm_btf_parse_array(struct bvm_btf_env *env, u32 id, const struct btf_type *t)
{
	const struct btf_array *array = bvm_btf_array(t);

	if (t->size)
		return bvm_btf_bad(env, id, t, "size != 0");
	if (!array->type || array->type > BTF_MAX_TYPE)
		return bvm_btf_bad(env, id, t, "Invalid elem");
	if (!array->index_type || array->index_type > BTF_MAX_TYPE)
		return bvm_btf_bad(env, id, t, "Invalid index");
	return bvm_btf_accept(env, id, t);
}

/* @last: bit offset of the member before */
static int bvm_btf_parse_member(struct bvm_btf_env *env, const struct btf_type *t,
				const struct btf_member *m, u32 last)
{
	bool is_union = bvm_btf_kind(t) == BTF_KIND_UNION;
	u32 off = bvm_btf_bit_off(t, m);

	if (!bvm_btf_has_str(env->btf, m->name_off))
		return bvm_btf_bad_member(env, 0, t, m, "Invalid member name_offset:%u",
					  m->name_off);
	if (!bvm_btf_name_fits(env->btf, m->name_off, BVM_BTF_NAME_MAY))
		return bvm_btf_bad_member(env, 0, t, m, "Invalid name");
	if (!m->type || m->type > BTF_MAX_TYPE)
		return bvm_btf_bad_member(env, 0, t, m, "Invalid type_id");
	if (is_union ? off : off < last)
		return bvm_btf_bad_member(env, 0, t, m, "Invalid member bits_offset");
	if (DIV_ROUND_UP((u64)off, 8) > t->size)
		return bvm_btf_bad_member(env, 0, t, m,
					  "Member bits_offset exceeds its struct size");
	bvm_btf_show_member(env, t, m);
	return 0;
}

static int bvm_btf_parse_struct(struct bvm_btf_env *env, u32 id, const struct btf_type *t)
{
	const struct btf_member *m = bvm_btf_members(t);
	int err = bvm_btf_accept(env, id, t);
	u32 i, last = 0;

	for (i = 0; i < bvm_btf_vlen(t) && !err; i++) {
		err = bvm_btf_parse_member(env, t, &m[i], last);
		last = bvm_btf_bit_off(t, &m[i]);
	}
	return err;
}

static int bvm_btf_parse_enum_name(struct bvm_btf_env *env, u32 id, const struct btf_type *t,
				   u32 name_off)
{
	if (!bvm_btf_has_str(env->btf, name_off)) {
		bvm_btf_say(env, "\tInvalid name_offset:%u", name_off);
		return -EINVAL;
	}
	if (!bvm_btf_name_fits(env->btf, name_off, BVM_BTF_NAME_IDENT))
		return bvm_btf_bad(env, id, t, "Invalid name");
	return 0;
}

static int bvm_btf_parse_enum(struct bvm_btf_env *env, u32 id, const struct btf_type *t)
{
	const struct btf_enum *e = (const void *)(t + 1);
	u32 i;
	int err;

	if (t->size > 8 || !is_power_of_2(t->size))
		return bvm_btf_bad(env, id, t, "Unexpected size");
	err = bvm_btf_accept(env, id, t);
	for (i = 0; i < bvm_btf_vlen(t) && !err; i++) {
		err = bvm_btf_parse_enum_name(env, id, t, e[i].name_off);
		if (!err)
			bvm_btf_say(env, bvm_btf_kflag(t) ? "\t%s val=%d\n" : "\t%s val=%u\n",
				    bvm_btf_str(env->btf, e[i].name_off), e[i].val);
	}
	return err;
}

static int bvm_btf_parse_enum64(struct bvm_btf_env *env, u32 id, const struct btf_type *t)
{
	const struct btf_enum64 *e = (const void *)(t + 1);
	u32 i;
	int err;

	if (t->size > 8 || !is_power_of_2(t->size))
		return bvm_btf_bad(env, id, t, "Unexpected size");
	err = bvm_btf_accept(env, id, t);
	for (i = 0; i < bvm_btf_vlen(t) && !err; i++) {
		err = bvm_btf_parse_enum_name(env, id, t, e[i].name_off);
		if (!err)
			bvm_btf_say(env, bvm_btf_kflag(t) ? "\t%s val=%lld\n" : "\t%s val=%llu\n",
				    bvm_btf_str(env->btf, e[i].name_off),
				    (long long)((u64)e[i].val_hi32 << 32 | e[i].val_lo32));
	}
	return err;
}

static int bvm_btf_parse_fwd(struct bvm_btf_env *env, u32 id, const struct btf_type *t)
{
	if (t->type)
		return bvm_btf_bad(env, id, t, "type != 0");
	return bvm_btf_accept(env, id, t);
}

static int bvm_btf_parse_func(struct bvm_btf_env *env, u32 id, const struct btf_type *t)
{
	if (bvm_btf_vlen(t) > BTF_FUNC_GLOBAL)
		return bvm_btf_bad(env, id, t, "Invalid func linkage");
	return bvm_btf_accept(env, id, t);
}

static int bvm_btf_parse_var(struct bvm_btf_env *env, u32 id, const struct btf_type *t)
{
	int err = bvm_btf_check_name(env, id, t);

	if (err)
		return err;
	if (!t->type || t->type > BTF_MAX_TYPE)
		return bvm_btf_bad(env, id, t, "Invalid type_id");
	if (((const struct btf_var *)(t + 1))->linkage > BTF_VAR_GLOBAL_ALLOCATED)
		return bvm_btf_bad(env, id, t, "Linkage not supported");
	bvm_btf_show(env, id, t);
	return 0;
}

static int bvm_btf_parse_datasec(struct bvm_btf_env *env, u32 id, const struct btf_type *t)
{
	const struct btf_var_secinfo *var = bvm_btf_vars(t);
	u64 end = 0, sum = 0;
	int err;
	u32 i;

	if (!t->size)
		return bvm_btf_bad(env, id, t, "size == 0");
	err = bvm_btf_accept(env, id, t);
	if (err)
		return err;
	for (i = 0; i < bvm_btf_vlen(t); i++, var++) {
		if (!var->type || var->type > BTF_MAX_TYPE)
			return bvm_btf_bad_var(env, 0, t, var, "Invalid type_id");
		if (var->offset < end || var->offset >= t->size)
			return bvm_btf_bad_var(env, 0, t, var, "Invalid offset");
		if (!var->size || var->size > t->size)
			return bvm_btf_bad_var(env, 0, t, var, "Invalid size");
		end = (u64)var->offset + var->size;
		if (end > t->size)
			return bvm_btf_bad_var(env, 0, t, var, "Invalid offset+size");
		sum += var->size;
		bvm_btf_show_var(env, var);
	}
	if (sum > t->size)
		return bvm_btf_bad(env, id, t, "Invalid btf_info size");
	return 0;
}

static int bvm_btf_parse_float(struct bvm_btf_env *env, u32 id, const struct btf_type *t)
{
	/* half, single, double, and what "long double" is on some machines */
	if (t->size > 16 || !(BIT(t->size) & (BIT(2) | BIT(4) | BIT(8) | BIT(12) | BIT(16))))
		return bvm_btf_bad(env, id, t, "Invalid type_size");
	return bvm_btf_accept(env, id, t);
}

static int bvm_btf_parse_tag(struct bvm_btf_env *env, u32 id, const struct btf_type *t)
{
	if (((const struct btf_decl_tag *)(t + 1))->component_idx < -1)
		return bvm_btf_bad(env, id, t, "Invalid component_idx");
	return bvm_btf_accept(env, id, t);
}

/* --------------------------------------------------------------- the kinds */

/**
 * struct bvm_btf_rule - what holds for a kind of type by itself
 * @parse:	checks and prints a type that is all there
 * @fixed:	bytes that follow struct btf_type
 * @each:	bytes that follow for each of its vlen
 * @vlen:	vlen may be other than 0
 * @kflag:	kind_flag may be set
 * @name_first:	its name is looked at before these
 */
struct bvm_btf_rule {
	int (*parse)(struct bvm_btf_env *env, u32 id, const struct btf_type *t);
	u8 fixed;
	u8 each;
	bool vlen;
	bool kflag;
	bool name_first;
};

static const struct bvm_btf_rule bvm_btf_rules[NR_BTF_KINDS] = {
	[BTF_KIND_INT]	     = { bvm_btf_parse_int, .fixed = sizeof(u32) },
	[BTF_KIND_PTR]	     = { bvm_btf_parse_ref },
	[BTF_KIND_ARRAY]     = { bvm_btf_parse_array, .fixed = sizeof(struct btf_array),
				 .name_first = true },
	[BTF_KIND_STRUCT]    = { bvm_btf_parse_struct, .each = sizeof(struct btf_member),
				 .vlen = true, .kflag = true },
	[BTF_KIND_UNION]     = { bvm_btf_parse_struct, .each = sizeof(struct btf_member),
				 .vlen = true, .kflag = true },
	[BTF_KIND_ENUM]	     = { bvm_btf_parse_enum, .each = sizeof(struct btf_enum),
				 .vlen = true, .kflag = true },
	[BTF_KIND_FWD]	     = { bvm_btf_parse_fwd, .kflag = true },
	[BTF_KIND_TYPEDEF]   = { bvm_btf_parse_ref },
	[BTF_KIND_VOLATILE]  = { bvm_btf_parse_ref },
	[BTF_KIND_CONST]     = { bvm_btf_parse_ref },
	[BTF_KIND_RESTRICT]  = { bvm_btf_parse_ref },
	[BTF_KIND_FUNC]	     = { bvm_btf_parse_func, .vlen = true, .name_first = true },
	[BTF_KIND_FUNC_PROTO] = { bvm_btf_accept, .each = sizeof(struct btf_param), .vlen = true,
				  .name_first = true },
	[BTF_KIND_VAR]	     = { bvm_btf_parse_var, .fixed = sizeof(struct btf_var) },
	[BTF_KIND_DATASEC]   = { bvm_btf_parse_datasec, .each = sizeof(struct btf_var_secinfo),
				 .vlen = true },
	[BTF_KIND_FLOAT]     = { bvm_btf_parse_float },
	[BTF_KIND_DECL_TAG]  = { bvm_btf_parse_tag, .fixed = sizeof(struct btf_decl_tag),
				 .name_first = true },
	[BTF_KIND_TYPE_TAG]  = { bvm_btf_parse_ref },
	[BTF_KIND_ENUM64]    = { bvm_btf_parse_enum64, .each = sizeof(struct btf_enum64),
				 .vlen = true, .kflag = true },
};

/* Bytes of a type and what follows it. */
static u32 bvm_btf_bytes(const struct btf_type *t)
{
	const struct bvm_btf_rule *rule = &bvm_btf_rules[bvm_btf_kind(t)];

	return sizeof(*t) + rule->fixed + rule->each * bvm_btf_vlen(t);
}

static int bvm_btf_parse_type(struct bvm_btf_env *env, u32 id, const struct btf_type *t, u32 left)
{
	const struct bvm_btf_rule *rule;

	if (left < sizeof(*t)) {
		bvm_btf_say(env, "[%u] meta_left:%u meta_needed:%zu", id, left, sizeof(*t));
		return -EINVAL;
	}
	if (t->info & ~BVM_BTF_INFO_BITS) {
		bvm_btf_say(env, "[%u] Invalid btf_info:%x", id, t->info);
		return -EINVAL;
	}
	if (!bvm_btf_kind(t) || bvm_btf_kind(t) > BTF_KIND_MAX) {
		bvm_btf_say(env, "[%u] Invalid kind:%u", id, bvm_btf_kind(t));
		return -EINVAL;
	}
	if (!bvm_btf_has_str(env->btf, t->name_off)) {
		bvm_btf_say(env, "[%u] Invalid name_offset:%u", id, t->name_off);
		return -EINVAL;
	}
	rule = &bvm_btf_rules[bvm_btf_kind(t)];
	left -= sizeof(*t);
	if (left < bvm_btf_bytes(t) - sizeof(*t))
		return bvm_btf_bad_start(env, id, t, "meta_left:%u meta_needed:%u", left,
					 (u32)(bvm_btf_bytes(t) - sizeof(*t)));
	if (rule->name_first && bvm_btf_check_name(env, id, t))
		return -EINVAL;
	if (bvm_btf_vlen(t) && !rule->vlen)
		return bvm_btf_bad(env, id, t, "vlen != 0");
	if (bvm_btf_kflag(t) && !rule->kflag)
		return bvm_btf_bad(env, id, t, "Invalid btf_info kind_flag");
	return rule->parse(env, id, t);
}

/* ------------------------------------------------------------ the sections */

static int bvm_btf_refuse(struct bvm_btf_env *env, int err, const char *why)
{
	bvm_btf_say(env, "%s", why);
	return err;
}

/* Room for one more type. */
static int bvm_btf_grow(struct bvm_btf *btf, u32 *room)
{
	u32 n = *room ? *room + *room / 2 : 64;
	u32 *offs;

	if (bvm_btf_count(btf) < *room)
		return 0;
	offs = kvrealloc(btf->offs, array_size(n, sizeof(*offs)),
			 GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!offs)
		return -ENOMEM;
	btf->offs = offs;
	*room = n;
	return 0;
}

static int bvm_btf_parse_types(struct bvm_btf_env *env, u32 len)
{
	struct bvm_btf *btf = env->btf;
	u32 off = 0, room = 0;
	int err;

	while (off < len) {
		const struct btf_type *t = btf->types + off;

		err = bvm_btf_parse_type(env, btf->end, t, len - off);
		if (err)
			return err;
		if (btf->end > BTF_MAX_TYPE)
			return bvm_btf_refuse(env, -E2BIG, "Too many types");
		err = bvm_btf_grow(btf, &room);
		if (err)
			return err;
		btf->offs[btf->end++ - btf->first] = off;
		off += bvm_btf_bytes(t);
		if (!(btf->end % 1024)) {
			cond_resched();
			if (fatal_signal_pending(current))
				return -EAGAIN;
		}
	}
	return 0;
}

/* The header, as far as it goes; what is not there is zero. */
static int bvm_btf_parse_header(struct bvm_btf_env *env, struct btf_header *h)
{
	const struct bvm_btf *btf = env->btf;
	const u8 *data = btf->data;
	u32 len;

	if (btf->size < offsetofend(struct btf_header, hdr_len))
		return bvm_btf_refuse(env, -EINVAL, "hdr_len not found");
	len = ((const struct btf_header *)data)->hdr_len;
	if (btf->size < len)
		return bvm_btf_refuse(env, -EINVAL, "btf_header not found");
	if (len > sizeof(*h) && memchr_inv(data + sizeof(*h), 0, len - sizeof(*h)))
		return bvm_btf_refuse(env, -E2BIG, "Unsupported btf_header");
	memset(h, 0, sizeof(*h));
	memcpy(h, data, min_t(u32, len, sizeof(*h)));

	bvm_btf_say(env, "magic: 0x%x\nversion: %u\nflags: 0x%x\nhdr_len: %u\n", h->magic,
		    h->version, h->flags, h->hdr_len);
	bvm_btf_say(env, "type_off: %u\ntype_len: %u\nstr_off: %u\nstr_len: %u\n", h->type_off,
		    h->type_len, h->str_off, h->str_len);
	bvm_btf_say(env, "btf_total_size: %u\n", btf->size);

	if (h->magic != BTF_MAGIC)
		return bvm_btf_refuse(env, -EINVAL, "Invalid magic");
	if (h->version != BTF_VERSION)
		return bvm_btf_refuse(env, -ENOTSUPP, "Unsupported version");
	if (h->flags)
		return bvm_btf_refuse(env, -ENOTSUPP, "Unsupported flags");
	if (!btf->base && btf->size == len)
		return bvm_btf_refuse(env, -EINVAL, "No data");
	return 0;
}

/* The two sections follow the header and each other, without gaps. */
static int bvm_btf_parse_layout(struct bvm_btf_env *env, const struct btf_header *h)
{
	const struct { u32 off, len; } section[] = {
		{ h->type_off, h->type_len }, { h->str_off, h->str_len },
	};
	bool swapped = section[1].off < section[0].off ||
		       (section[1].off == section[0].off && section[1].len < section[0].len);
	u32 space = env->btf->size - h->hdr_len, end = 0, i;

	for (i = 0; i < ARRAY_SIZE(section); i++) {
		u32 off = section[i ^ swapped].off, len = section[i ^ swapped].len;

		if (off > space)
			return bvm_btf_refuse(env, -EINVAL, "Invalid section offset");
		if (off < end)
			return bvm_btf_refuse(env, -EINVAL, "Section overlap found");
		if (off > end)
			return bvm_btf_refuse(env, -EINVAL, "Unsupported section found");
		if (len > space - off)
			return bvm_btf_refuse(env, -EINVAL, "Total section length too long");
		end = off + len;
	}
	if (end != space)
		return bvm_btf_refuse(env, -EINVAL, "Unsupported section found");
	return 0;
}

/* With a base there may be no strings of its own; otherwise the first one is empty. */
static int bvm_btf_parse_strings(struct bvm_btf_env *env, const struct btf_header *h)
{
	struct bvm_btf *btf = env->btf;
	const char *s = btf->data + h->hdr_len + h->str_off;

	btf->strings = s;
	btf->str_len = h->str_len;
	if (btf->base && !h->str_len)
		return 0;
	if (!h->str_len || h->str_len - 1 > BTF_MAX_NAME_OFFSET || s[h->str_len - 1] ||
	    (!btf->base && s[0]))
		return bvm_btf_refuse(env, -EINVAL, "Invalid string section");
	return 0;
}

static int bvm_btf_parse_object(struct bvm_btf_env *env)
{
	struct bvm_btf *btf = env->btf;
	struct btf_header h;
	int err;

	err = bvm_btf_parse_header(env, &h) ?: bvm_btf_parse_layout(env, &h) ?:
	      bvm_btf_parse_strings(env, &h);
	if (err)
		return err;
	if (h.hdr_len % 4 || h.type_off % 4)
		return bvm_btf_refuse(env, -EINVAL, "Unaligned type_off");
	if (!btf->base && !h.type_len)
		return bvm_btf_refuse(env, -EINVAL, "No type found");
	btf->types = btf->data + h.hdr_len + h.type_off;
	return bvm_btf_parse_types(env, h.type_len) ?: bvm_btf_check_refs(env) ?:
	       bvm_btf_check_tags(env);
}

int bvm_btf_parse(struct bvm_btf *btf, const void *data, u32 size, const struct bvm_btf *base,
		  struct bvm_btf_log *log)
{
	struct bvm_btf_env env = { .btf = btf, .log = log };
	int err;

	*btf = (struct bvm_btf){
		.base = base,
		.data = data,
		.size = size,
		.first_str = base ? base->first_str + base->str_len : 0,
		.first = base ? base->end : 1,
	};
	btf->end = btf->first;
	err = bvm_btf_parse_object(&env);
	kvfree(env.height);
	if (err)
		bvm_btf_clear(btf);
	return err;
}
