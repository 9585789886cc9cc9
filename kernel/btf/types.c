// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is in a checked object.
 *
 * The check has bounded how deep types refer to each other, so every loop here ends and
 * none needs memory: these functions may be called in any context.
 */
#include "btf.h"

static const struct btf_type bvm_btf_void;

const struct btf_type *bvm_btf_type(const struct bvm_btf *btf, u32 id)
{
	if (!id)
		return &bvm_btf_void;
	while (id < btf->first)
		btf = btf->base;
	return id < btf->end ? btf->types + btf->offs[id - btf->first] : NULL;
}

bool bvm_btf_has_str(const struct bvm_btf *btf, u32 off)
{
	while (off < btf->first_str)
		btf = btf->base;
	return off - btf->first_str < btf->str_len;
}

const char *bvm_btf_str(const struct bvm_btf *btf, u32 off)
{
	while (off < btf->first_str)
		btf = btf->base;
	off -= btf->first_str;
	return off < btf->str_len ? btf->strings + off : "";
}

int bvm_btf_find_own(const struct bvm_btf *btf, const char *name, u32 kind)
{
	const struct btf_type *t;
	u32 i;

	for (i = 0; i < bvm_btf_count(btf); i++) {
		t = btf->types + btf->offs[i];
		if (bvm_btf_kind(t) == kind && !strcmp(bvm_btf_str(btf, t->name_off), name))
			return btf->first + i;
		if (!(i % 4096))
			cond_resched();
	}
	return -ENOENT;
}

int bvm_btf_find(const struct bvm_btf *btf, const char *name, u32 kind)
{
	int id = -ENOENT;

	for (; btf && id < 0; btf = btf->base)
		id = bvm_btf_find_own(btf, name, kind);
	return id;
}

const struct bvm_btf *bvm_btf_owner(const struct bvm_btf *btf, u32 id)
{
	while (id < btf->first && btf->base)
		btf = btf->base;
	return btf;
}

const struct btf_type *bvm_btf_resolve(const struct bvm_btf *btf, u32 *id)
{
	const struct btf_type *t = bvm_btf_type(btf, *id);

	while (t && bvm_btf_is_modifier(t)) {
		*id = t->type;
		t = bvm_btf_type(btf, *id);
	}
	return t;
}

int bvm_btf_size(const struct bvm_btf *btf, u32 id, u32 *size)
{
	const struct btf_type *t;
	u32 count = 1;

	for (;;) {
		t = bvm_btf_resolve(btf, &id);
		if (!t)
			return -EINVAL;
		switch (bvm_btf_kind(t)) {
		case BTF_KIND_ARRAY:
			if (check_mul_overflow(count, bvm_btf_array(t)->nelems, &count))
				return -E2BIG;
			id = bvm_btf_array(t)->type;
			break;
		case BTF_KIND_VAR:
			id = t->type;
			break;
		case BTF_KIND_PTR:
			return check_mul_overflow(count, sizeof(void *), size) ? -E2BIG : 0;
		case BTF_KIND_INT:
		case BTF_KIND_FLOAT:
		case BTF_KIND_ENUM:
		case BTF_KIND_ENUM64:
		case BTF_KIND_STRUCT:
		case BTF_KIND_UNION:
		case BTF_KIND_DATASEC:
			return check_mul_overflow(count, t->size, size) ? -E2BIG : 0;
		default:
			return -EINVAL;
		}
	}
}

bool bvm_btf_is_special(const struct bvm_btf *btf, u32 id)
{
	while (id < btf->first && btf->base)
		btf = btf->base;
	return id >= btf->first && id < btf->end && test_bit(id - btf->first, btf->special);
}

const struct btf_type *bvm_btf_pointed(const struct bvm_btf *btf, u32 id, u32 *to)
{
	const struct btf_type *t = bvm_btf_resolve(btf, &id);

	if (!t || bvm_btf_kind(t) != BTF_KIND_PTR)
		return NULL;
	*to = t->type;
	return bvm_btf_resolve(btf, to);
}

void bvm_btf_clear(struct bvm_btf *btf)
{
	kvfree(btf->offs);
	kvfree(btf->special);
	btf->offs = NULL;
	btf->special = NULL;
	btf->end = btf->first;
}
