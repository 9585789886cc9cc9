/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Fields of a map's values that the kernel manages: locks, and pointers to objects of the
 * kernel.  User space does not see them and does not write them; programs get at them by
 * helpers, and to pointers by loads and stores of the whole.
 *
 * What a value's type says about them is one record, which the map and its models share.
 */
#ifndef _BVM_RECORD_H
#define _BVM_RECORD_H

#include "deps.h"

struct bvm_btf;

#define BVM_MAX_FIELDS	11	/* of one value */

/** enum bvm_field_kind - what is managed */
enum bvm_field_kind {
	BVM_FIELD_LOCK,		/* struct bpf_spin_lock */
	BVM_FIELD_KPTR_UNTRUSTED, /* pointer that may be stale */
	BVM_FIELD_KPTR,		/* pointer that has a reference */
	__BVM_FIELD_MAX
};

/**
 * struct bvm_field - one field
 * @off:	bytes from the start of the value
 * @size:	bytes
 * @kind:	enum bvm_field_kind
 * @rcu:	of a BVM_FIELD_KPTR: objects are there for readers under RCU
 * @btf:	of a pointer: types that @type is in
 * @type:	of a pointer: structure that it points to
 * @release:	of a BVM_FIELD_KPTR: gives the reference back.  Any context but NMI.  NULL:
 *		nobody has such objects, so that the pointer is NULL.
 * @owner:	core's: what keeps @btf and @release
 */
struct bvm_field {
	u32 off;
	u32 size;
	u8 kind;
	bool rcu;
	const struct bvm_btf *btf;
	u32 type;
	void (*release)(void *object);
	void *owner;
};

/**
 * struct bvm_record - the fields of a value
 * @refs:	maps and models that have it; core's
 * @kinds:	mask of the kinds that there are
 * @count:	number of @field
 * @field:	by offset, none overlaps another
 */
struct bvm_record {
	atomic_t refs;
	u32 kinds;
	u32 count;
	struct bvm_field field[BVM_MAX_FIELDS];
};

/**
 * bvm_record_has - is there a field of a kind?
 * @rec:	record, or NULL
 * @kind:	enum bvm_field_kind
 * Any context.
 */
static inline bool bvm_record_has(const struct bvm_record *rec, enum bvm_field_kind kind)
{
	return rec && rec->kinds & BIT(kind);
}

/**
 * bvm_record_find - the field that begins at an offset
 * @rec:	record, or NULL
 * @off:	bytes from the start of the value
 * Any context.  Return: field, or NULL.
 */
static inline const struct bvm_field *bvm_record_find(const struct bvm_record *rec, s64 off)
{
	u32 i;

	for (i = 0; rec && i < rec->count; i++)
		if (rec->field[i].off == off)
			return &rec->field[i];
	return NULL;
}

/* maps/value.c */
void bvm_value_write(const struct bvm_record *rec, void *value, const void *from, u32 size);
void bvm_value_read(const struct bvm_record *rec, void *to, void *value, u32 size);
void bvm_value_clear(const struct bvm_record *rec, void *value);

#endif /* _BVM_RECORD_H */
