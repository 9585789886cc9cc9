// SPDX-License-Identifier: GPL-2.0-only
/*
 * Look-ups in descriptors, for everyone who reads them: verifier, lowering, core.
 */
#include "bvm.h"

/* Where each helper was found last: most types of programs have the same sets. */
static u16 found[__BPF_FUNC_MAX_ID];

/* @where: index of the set, and in it. Return: NULL if another one or none is there. */
static const struct bvm_helper *helper_at(const struct bvm_prog_type *type, u16 where, s32 id)
{
	u32 set = where >> 8, i = where & 0xff;

	if (set >= type->nr_sets || i >= type->sets[set]->count ||
	    type->sets[set]->helper[i].id != id)
		return NULL;
	return &type->sets[set]->helper[i];
}

const struct bvm_helper *bvm_helper_find(const struct bvm_prog_type *type, s32 id)
{
	const struct bvm_helper *helper;
	u32 set, i;

	if (id <= 0 || id >= __BPF_FUNC_MAX_ID)
		return NULL;
	helper = helper_at(type, READ_ONCE(found[id]), id);
	if (helper)
		return helper;
	for (set = 0; set < type->nr_sets; set++) {
		const struct bvm_helper_set *helpers = type->sets[set];

		for (i = 0; i < helpers->count; i++) {
			if (helpers->helper[i].id != id)
				continue;
			/* no more than a hint: what does not fit is not found there */
			WRITE_ONCE(found[id], set << 8 | (i & 0xff));
			return &helpers->helper[i];
		}
	}
	return NULL;
}

const struct bvm_helper *bvm_kfunc_find(const struct bvm_prog_type *type, const char *name)
{
	u32 set, i;

	for (set = 0; set < type->nr_kfuncs; set++) {
		const struct bvm_helper_set *kfuncs = type->kfuncs[set];

		for (i = 0; i < kfuncs->count; i++)
			if (!strcmp(kfuncs->helper[i].name, name))
				return &kfuncs->helper[i];
	}
	return NULL;
}

const struct bvm_kfunc *bvm_kfunc_called(const struct bvm_kfunc *kfunc, u32 count, s32 id,
					 s32 off)
{
	u32 i;

	for (i = 0; i < count; i++)
		if (kfunc[i].id == id && kfunc[i].off == off)
			return &kfunc[i];
	return NULL;
}

/**
 * bvm_view_number - a number for a view
 * @type:	program type
 * @view:	view
 * Return: index into ->views of @type, or BVM_NO_MAP: its programs do not see that.  Pure.
 */
u32 bvm_view_number(const struct bvm_prog_type *type, const struct bvm_view *view)
{
	u32 i;

	for (i = 0; i < type->nr_views; i++)
		if (type->views[i] == view)
			return i;
	return BVM_NO_MAP;
}

static const struct bvm_ctx_field *bvm_field_find(const struct bvm_ctx_field *field, u32 count,
						  s64 off, u32 size, bool store)
{
	for (; count--; field++) {
		if (off < field->off || off + size > field->off + field->size)
			continue;
		if (field->kind == BVM_CTX_FORBIDDEN)
			return NULL;
		/* a part of a converted value is cut out by shifting: aligned */
		if (!field->direct && off % size)
			return NULL;
		return (store ? field->stores : field->widths) & size ? field : NULL;
	}
	return NULL;
}

/**
 * bvm_view_find - the field of a view that an access falls into
 * @view:	view
 * @off:	offset in bytes
 * @size:	1, 2, 4 or 8
 * Return: field, or NULL if the access is not allowed.  Pure.
 */
const struct bvm_ctx_field *bvm_view_find(const struct bvm_view *view, s64 off, u32 size)
{
	if (off < 0 || off + size > view->size || off % size)
		return NULL;
	return bvm_field_find(view->field, view->nr_fields, off, size, false);
}

const struct bvm_ctx_field *bvm_ctx_find(const struct bvm_prog_type *type, s64 off,
					 u32 size, bool store)
{
	if (off < 0 || off + size > type->ctx_size)
		return NULL;
	if (type->flags & BVM_PROG_CTX_ALIGNED && off % size)
		return NULL;
	return bvm_field_find(type->ctx, type->nr_ctx, off, size, store);
}
