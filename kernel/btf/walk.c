// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a load from a structure gives: the way down through nested structures, unions and
 * arrays to a plain member or to a pointer.
 */
#include "btf.h"

/**
 * struct bvm_btf_load - a load on its way down
 * @btf:	object
 * @off:	bytes from the start of the type that is looked at
 * @size:	bytes loaded
 * @place:	result
 */
struct bvm_btf_load {
	const struct bvm_btf *btf;
	u32 off;
	u32 size;
	struct bvm_btf_place *place;
};

/* More: the way goes on in a structure. */
#define BVM_BTF_DEEPER	1

/* Pointers of user space and of per-CPU memory are numbers to a program. */
static bool bvm_btf_foreign(const struct bvm_btf *btf, u32 id)
{
	const struct btf_type *t = bvm_btf_type(btf, id);
	const char *name;

	for (; bvm_btf_is_modifier(t); t = bvm_btf_type(btf, t->type)) {
		name = bvm_btf_str(btf, t->name_off);
		if (bvm_btf_kind(t) == BTF_KIND_TYPE_TAG &&
		    (!strcmp(name, "user") || !strcmp(name, "percpu")))
			return true;
	}
	return false;
}

/* The load is inside a value of @size bytes that is no structure and no array. */
static int bvm_btf_leaf(struct bvm_btf_load *load, const struct btf_type *t, u32 size)
{
	const struct btf_type *to;
	u32 to_id;

	load->place->part = bvm_btf_kind(t) == BTF_KIND_PTR && load->size != size;
	if (load->size > size || load->off > size - load->size)
		return -EACCES;
	load->place->struct_id = 0;
	load->place->pointer = false;
	if (bvm_btf_kind(t) != BTF_KIND_PTR)
		return 0;
	/* a part of a pointer is of no use, and is a mistake */
	if (load->place->part)
		return -EACCES;
	to_id = t->type;
	to = bvm_btf_resolve(load->btf, &to_id);
	if (bvm_btf_is_struct(to) && !bvm_btf_foreign(load->btf, t->type)) {
		load->place->struct_id = to_id;
		load->place->pointer = true;
	}
	return 0;
}

/* Into a value of type @id; in an array, into the element that the load starts in. */
static int bvm_btf_enter(struct bvm_btf_load *load, u32 *id)
{
	const struct btf_type *t = bvm_btf_resolve(load->btf, id);
	u32 size;

	while (bvm_btf_kind(t) == BTF_KIND_ARRAY) {
		*id = bvm_btf_array(t)->type;
		t = bvm_btf_resolve(load->btf, id);
		if (bvm_btf_size(load->btf, *id, &size) || !size)
			return -EACCES;
		load->off %= size;
	}
	if (bvm_btf_is_struct(t))
		return BVM_BTF_DEEPER;
	if (bvm_btf_size(load->btf, *id, &size))
		return -EACCES;
	return bvm_btf_leaf(load, t, size);
}

/*
 * A bitfield is loaded with what is around it.  Compilers choose a word of their own, so
 * the load has to hold all of its bits and may hold its neighbours.
 */
static bool bvm_btf_bitfield(const struct bvm_btf_load *load, u32 bit, u32 bits)
{
	return load->off <= bit / 8 && DIV_ROUND_UP(bit + bits, 8) <= load->off + load->size;
}

/* Bits of a member that is no whole number of bytes at a whole offset, else 0. */
static u32 bvm_btf_member_bits(const struct bvm_btf *btf, const struct btf_type *t,
			       const struct btf_member *m)
{
	u32 id = m->type, data;
	const struct btf_type *mt = bvm_btf_resolve(btf, &id);

	if (bvm_btf_kflag(t))
		return bvm_btf_bits(t, m);
	if (bvm_btf_kind(mt) != BTF_KIND_INT)
		return 0;
	data = *(const u32 *)(mt + 1);
	if (BTF_INT_OFFSET(data) || m->offset % 8 || BTF_INT_BITS(data) != mt->size * 8)
		return BTF_INT_BITS(data);
	return 0;
}

/* Does the load start in this member?  Then -EACCES, 0 or BVM_BTF_DEEPER; else -ENOENT. */
static int bvm_btf_member(struct bvm_btf_load *load, const struct btf_type *t,
			  const struct btf_member *m, u32 *id)
{
	u32 bit = bvm_btf_bit_off(t, m), size, off = load->off;
	u32 bits = bvm_btf_member_bits(load->btf, t, m);
	int err;

	if (bits) {
		if (!bvm_btf_bitfield(load, bit, bits))
			return -ENOENT;
		*load->place = (struct bvm_btf_place){
			.name = bvm_btf_str(load->btf, m->name_off),
		};
		return 0;
	}
	if (off < bit / 8 || bvm_btf_size(load->btf, m->type, &size) || off - bit / 8 >= size)
		return -ENOENT;
	load->off = off - bit / 8;
	*id = m->type;
	load->place->name = bvm_btf_str(load->btf, m->name_off);
	load->place->in = bvm_btf_str(load->btf, t->name_off);
	load->place->member = bit / 8;
	load->place->off = off;
	err = bvm_btf_enter(load, id);
	if (err < 0)
		load->off = off;
	return err;
}

/* Behind the end of a structure there may be more elements of its last member. */
static int bvm_btf_flexible(struct bvm_btf_load *load, const struct btf_type *t, u32 *id)
{
	const struct btf_member *last = bvm_btf_members(t) + bvm_btf_vlen(t) - 1;
	const struct btf_type *array;
	u32 bit;

	if (bvm_btf_kind(t) != BTF_KIND_STRUCT || !bvm_btf_vlen(t))
		return -EACCES;
	*id = last->type;
	array = bvm_btf_resolve(load->btf, id);
	bit = bvm_btf_bit_off(t, last);
	if (bvm_btf_kind(array) != BTF_KIND_ARRAY || bvm_btf_array(array)->nelems ||
	    load->off < bit / 8)
		return -EACCES;
	load->off -= bit / 8;
	load->place->name = bvm_btf_str(load->btf, last->name_off);
	return bvm_btf_enter(load, id);
}

/* One level: as bvm_btf_member(), but never -ENOENT. */
static int bvm_btf_level(struct bvm_btf_load *load, const struct btf_type *t, u32 *id)
{
	const struct btf_member *m = bvm_btf_members(t);
	u32 i, off = load->off;
	int err;

	if (off > t->size || load->size > t->size - off)
		return bvm_btf_flexible(load, t, id);
	for (i = 0; i < bvm_btf_vlen(t); i++) {
		err = bvm_btf_member(load, t, &m[i], id);
		/* another member of a union may fit better */
		if (err >= 0 || (err == -EACCES && bvm_btf_kind(t) == BTF_KIND_STRUCT))
			return err;
	}
	return -EACCES;
}

int bvm_btf_walk(const struct bvm_btf *btf, u32 id, u32 off, u32 size,
		 struct bvm_btf_place *place)
{
	struct bvm_btf_load load = { .btf = btf, .off = off, .size = size, .place = place };
	int err;

	*place = (struct bvm_btf_place){ .name = "" };
	if (!size || off > INT_MAX)
		return -EACCES;
	do {
		const struct btf_type *t = bvm_btf_resolve(btf, &id);

		if (!t || !bvm_btf_is_struct(t))
			return -EACCES;
		err = bvm_btf_level(&load, t, &id);
	} while (err == BVM_BTF_DEEPER);
	return err;
}
