// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which fields of a map's values the kernel manages: found in the type of the value, once,
 * when the map is made.
 *
 * Members of structures count, also of structures in structures and in arrays, and global
 * variables; those of unions are plain bytes.
 */
#include <linux/capability.h>
#include <linux/slab.h>
#include "core.h"
#include "kptr.h"

/* Structures in structures that are looked into */
#define BVM_RECORD_DEPTH	16

/**
 * struct bvm_special - a kind of field
 * @name:	structure, or tag of the type that a pointer points to
 * @size:	bytes
 * @align:	bytes
 * @kind:	enum bvm_field_kind, __BVM_FIELD_MAX: not supported
 * @many:	a value may have more than one
 */
struct bvm_special {
	const char *name;
	u8 size;
	u8 align;
	u8 kind;
	bool many;
};

static const struct bvm_special bvm_special_structs[] = {
	{ "bpf_spin_lock", sizeof(struct bpf_spin_lock), __alignof__(struct bpf_spin_lock),
	  BVM_FIELD_LOCK },
	{ "bpf_timer", sizeof(struct bpf_timer), __alignof__(struct bpf_timer), __BVM_FIELD_MAX },
	{ "bpf_wq", sizeof(struct bpf_wq), __alignof__(struct bpf_wq), __BVM_FIELD_MAX },
	{ "bpf_list_head", sizeof(struct bpf_list_head), 8, __BVM_FIELD_MAX, true },
	{ "bpf_list_node", sizeof(struct bpf_list_node), 8, __BVM_FIELD_MAX, true },
	{ "bpf_rb_root", sizeof(struct bpf_rb_root), 8, __BVM_FIELD_MAX, true },
	{ "bpf_rb_node", sizeof(struct bpf_rb_node), 8, __BVM_FIELD_MAX, true },
	{ "bpf_refcount", sizeof(struct bpf_refcount), 4, __BVM_FIELD_MAX },
};

static const struct bvm_special bvm_special_tags[] = {
	{ "kptr_untrusted", 8, 8, BVM_FIELD_KPTR_UNTRUSTED, true },
	{ "kptr", 8, 8, BVM_FIELD_KPTR, true },
	{ "percpu_kptr", 8, 8, __BVM_FIELD_MAX, true },
};

/* What a type of map must offer for a kind of field. */
static const u32 bvm_field_caps[__BVM_FIELD_MAX] = {
	[BVM_FIELD_LOCK] = BVM_MAP_LOCKS,
	[BVM_FIELD_KPTR_UNTRUSTED] = BVM_MAP_KPTRS,
	[BVM_FIELD_KPTR] = BVM_MAP_KPTRS,
};

/**
 * struct bvm_find - fields being looked for
 * @record:	found so far; fields have the ids of types in @types
 * @obj:	types of the map
 * @types:	what is in them
 */
struct bvm_find {
	struct bvm_record *record;
	struct bvm_btf_obj *obj;
	const struct bvm_btf *types;
};

static const struct bvm_special *bvm_special_row(const struct bvm_special *rows, u32 count,
						 const char *name)
{
	u32 i;

	for (i = 0; i < count; i++)
		if (!strcmp(rows[i].name, name))
			return &rows[i];
	return NULL;
}

/*
 * The row of a type, NULL: nothing special.  Of a pointer, *@to is the structure that it
 * points to; an ERR_PTR() if it is tagged and points to something else.
 */
static const struct bvm_special *bvm_special_of(const struct bvm_btf *btf,
						const struct btf_type *t, u32 *to)
{
	const struct bvm_special *row;

	if (bvm_btf_kind(t) == BTF_KIND_VOLATILE)
		t = bvm_btf_type(btf, t->type);
	if (bvm_btf_kind(t) == BTF_KIND_STRUCT) {
		row = bvm_special_row(bvm_special_structs, ARRAY_SIZE(bvm_special_structs),
				      bvm_btf_str(btf, t->name_off));
		return row && row->size == t->size ? row : NULL;
	}
	if (bvm_btf_kind(t) != BTF_KIND_PTR)
		return NULL;
	t = bvm_btf_type(btf, t->type);
	if (bvm_btf_kind(t) != BTF_KIND_TYPE_TAG)
		return NULL;
	row = bvm_special_row(bvm_special_tags, ARRAY_SIZE(bvm_special_tags),
			      bvm_btf_str(btf, t->name_off));
	if (!row)
		return NULL;
	*to = t->type;
	if (bvm_btf_kind(bvm_btf_type(btf, *to)) == BTF_KIND_TYPE_TAG)
		return ERR_PTR(-EINVAL);
	return bvm_btf_kind(bvm_btf_resolve(btf, to)) == BTF_KIND_STRUCT ? row : ERR_PTR(-EINVAL);
}

static int bvm_find_add(struct bvm_find *find, const struct bvm_special *row, u32 off, u32 to)
{
	struct bvm_record *rec = find->record;
	u32 i;

	if (row->kind == __BVM_FIELD_MAX)
		return -EOPNOTSUPP;
	if (off % row->align)
		return -EFAULT;
	if (!row->many && bvm_record_has(rec, row->kind))
		return -E2BIG;
	rec->kinds |= BIT(row->kind);
	if (rec->count == BVM_MAX_FIELDS)
		return -E2BIG;
	/* in order: variables of a section may not be */
	for (i = rec->count; i && rec->field[i - 1].off > off; i--)
		rec->field[i] = rec->field[i - 1];
	if ((i && rec->field[i - 1].off + rec->field[i - 1].size > off) ||
	    (i < rec->count && off + row->size > rec->field[i + 1].off))
		return -EEXIST;
	rec->field[i] = (struct bvm_field){
		.off = off, .size = row->size, .kind = row->kind, .type = to,
	};
	rec->count++;
	return 0;
}

static int bvm_find_fields(struct bvm_find *find, u32 id, u32 off, u32 depth);

/* A member, a variable, or what they are arrays of: a field, or something with fields in it. */
static int bvm_find_in(struct bvm_find *find, u32 id, u32 off, u32 depth)
{
	const struct bvm_btf *btf = find->types;
	const struct btf_type *t = bvm_btf_type(btf, id);
	const struct bvm_special *row;
	u32 i, count = 1, size, to = 0;
	int err = 0;

	while (bvm_btf_kind(t) == BTF_KIND_ARRAY) {
		if (check_mul_overflow(count, bvm_btf_array(t)->nelems, &count))
			return -E2BIG;
		id = bvm_btf_array(t)->type;
		t = bvm_btf_type(btf, id);
	}
	if (!count || !bvm_btf_is_special(btf, id))
		return 0;
	row = bvm_special_of(btf, t, &to);
	if (IS_ERR(row))
		return PTR_ERR(row);
	if (!row && bvm_btf_kind(t) != BTF_KIND_STRUCT)
		return 0;
	if (bvm_btf_size(btf, id, &size))
		return -EINVAL;
	/* each element that has fields has one at least: this ends soon */
	for (i = 0; i < count && !err; i++) {
		if (row) {
			err = bvm_find_add(find, row, off + i * size, to);
			continue;
		}
		to = find->record->count;
		err = bvm_find_fields(find, id, off + i * size, depth + 1);
		if (find->record->count == to)
			break;
		/* only of pointers there may be many */
		if (!err && count > 1 && bvm_record_has(find->record, BVM_FIELD_LOCK))
			err = -EINVAL;
	}
	return err;
}

static int bvm_find_fields(struct bvm_find *find, u32 id, u32 off, u32 depth)
{
	const struct btf_type *t = bvm_btf_type(find->types, id);
	const struct btf_var_secinfo *var = bvm_btf_vars(t);
	const struct btf_member *m = bvm_btf_members(t);
	int err = 0;
	u32 i, bits;

	if (depth == BVM_RECORD_DEPTH)
		return -E2BIG;
	for (i = 0; i < bvm_btf_vlen(t) && !err; i++) {
		if (bvm_btf_kind(t) == BTF_KIND_DATASEC) {
			err = bvm_find_in(find, bvm_btf_type(find->types, var[i].type)->type,
					  off + var[i].offset, depth);
			continue;
		}
		bits = bvm_btf_bit_off(t, &m[i]);
		if (!(bits % 8))
			err = bvm_find_in(find, m[i].type, off + bits / 8, depth);
	}
	return err;
}

/*
 * The kernel's type in place of the map's: of the same name and kind.  A type that the
 * kernel does not have stays the program's own: nobody can have an object of it.
 */
static int bvm_field_resolve(struct bvm_find *find, struct bvm_field *f)
{
	const struct btf_type *t = bvm_btf_type(find->types, f->type);
	const char *name = bvm_btf_str(find->types, t->name_off);
	struct bvm_kptr_type type;
	int err = bvm_kptr_type_get(&type, name, bvm_btf_kind(t));

	if (err == -ENOENT) {
		bvm_obj_get(&find->obj->obj);
		f->btf = find->types;
		f->owner = find->obj;
		return 0;
	}
	if (err)
		return err;
	f->btf = type.types;
	f->type = type.id;
	f->rcu = type.rcu;
	f->release = type.release;
	f->owner = type.obj;
	return f->kind == BVM_FIELD_KPTR && !f->release ? -ENOENT : 0;
}

/* May such maps have them? */
static int bvm_record_check(const struct bvm_record *rec, const struct bvm_map_type *type,
			    const struct bvm_map_spec *spec)
{
	u32 i;

	if (!bpf_capable())
		return -EPERM;
	if (spec->flags & (BPF_F_RDONLY_PROG | BPF_F_WRONLY_PROG))
		return -EACCES;
	for (i = 0; i < rec->count; i++)
		if (!(type->caps & bvm_field_caps[rec->field[i].kind]))
			return -EOPNOTSUPP;
	return 0;
}

/**
 * bvm_map_record - the fields of a map's values
 * @type:	type of the map
 * @spec:	request
 * @btf:	types that it names
 * @value:	id of the value's type, as large as values are
 *
 * Process context.
 *
 * Return: record for bvm_record_put(), NULL: nothing in it is special, or there are pointers
 * only and something is wrong with them; -EOPNOTSUPP: fields that BVM, or such a map, does not
 * have; -EFAULT: not aligned; -E2BIG: too many, or two where one may be; -EINVAL: many of what
 * there may be one; -EEXIST: they overlap; -ENOENT: nobody takes back what a pointer holds;
 * -EACCES: with BPF_F_RDONLY_PROG or BPF_F_WRONLY_PROG; -EPERM, -ENOMEM.
 */
struct bvm_record *bvm_map_record(const struct bvm_map_type *type, const struct bvm_map_spec *spec,
				  struct bvm_btf_obj *btf, u32 value)
{
	struct bvm_find find = { .obj = btf, .types = &btf->types };
	const struct btf_type *t = bvm_btf_type(&btf->types, value);
	struct bvm_record *rec;
	int err;
	u32 i;

	if (!bvm_btf_is_special(&btf->types, value) ||
	    (bvm_btf_kind(t) != BTF_KIND_STRUCT && bvm_btf_kind(t) != BTF_KIND_DATASEC))
		return NULL;
	rec = kzalloc(sizeof(*rec), GFP_KERNEL_ACCOUNT);
	if (!rec)
		return ERR_PTR(-ENOMEM);
	atomic_set(&rec->refs, 1);
	find.record = rec;
	err = bvm_find_fields(&find, value, 0, 0);
	for (i = 0; i < rec->count && !err; i++)
		if (rec->field[i].kind != BVM_FIELD_LOCK)
			err = bvm_field_resolve(&find, &rec->field[i]);
	/* as in the stock kernel, pointers that are not in order are no pointers */
	if ((err == -EINVAL || err == -E2BIG || err == -ENOENT || err == -EEXIST) &&
	    !bvm_record_has(rec, BVM_FIELD_LOCK)) {
		bvm_record_put(rec);
		return NULL;
	}
	if (!err && rec->count)
		err = bvm_record_check(rec, type, spec);
	if (!err && rec->count)
		return rec;
	bvm_record_put(rec);
	return ERR_PTR(err);
}

/**
 * bvm_record_get - one more map has a record
 * @rec:	record, or NULL
 * Any context.
 */
void bvm_record_get(const struct bvm_record *rec)
{
	if (rec)
		atomic_inc((atomic_t *)&rec->refs);
}

/**
 * bvm_record_put - one less
 * @rec:	record, or NULL
 * Process context, may sleep.
 */
void bvm_record_put(const struct bvm_record *rec)
{
	u32 i;

	if (!rec || !atomic_dec_and_test((atomic_t *)&rec->refs))
		return;
	for (i = 0; i < rec->count; i++)
		if (rec->field[i].owner)
			bvm_kptr_type_put(rec->field[i].owner);
	kfree(rec);
}

/**
 * bvm_record_same - do two values have the same fields?
 * @a:		record, or NULL
 * @b:		another one
 * Any context.
 */
bool bvm_record_same(const struct bvm_record *a, const struct bvm_record *b)
{
	const struct bvm_field *x, *y;
	u32 i;

	if (!a || !b || a == b)
		return a == b;
	for (i = 0; i < a->count && i < b->count; i++) {
		x = &a->field[i];
		y = &b->field[i];
		if (x->off != y->off || x->kind != y->kind || x->btf != y->btf ||
		    x->type != y->type)
			return false;
	}
	return a->count == b->count;
}
