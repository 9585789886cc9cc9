// SPDX-License-Identifier: GPL-2.0-only
/*
 * Programs and maps as values of maps: what a prog array, or an array or hash of maps,
 * gets for a descriptor (struct bvm_object_kind), and whether that fits.
 */
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include "core.h"

/* ------------------------------------------------------------- programs */

static DEFINE_SPINLOCK(bvm_owner_lock);

/**
 * bvm_map_owner_fits - may a program call through a prog array, or be in it
 * @map:	BVM_MAP_TAIL_CALL; belongs to the kind of the first program that asks
 * @prog:	program, verified
 *
 * A tail call passes the context on, so programs on both sides must have the same.  What
 * a program does to a writable tracepoint's buffer is checked when it is attached; what it
 * calls is not, so that must do as much and no more.  The context of a sleepable program is
 * as large as that one asks for: it calls nobody.  And machine code goes on in machine code
 * only.  Process context.
 *
 * Return: true if it may.
 */
bool bvm_map_owner_fits(struct bvm_map *map, const struct bvm_prog *prog)
{
	const struct bvm_map_owner kind = {
		.type = prog->type->id,
		.attach_type = prog->attach_type,
		.btf = prog->attach_btf ? prog->attach_btf->obj.id : 0,
		.btf_id = prog->attach_btf_id,
		.max_tp_access = prog->max_tp_access,
		.native = !!prog->native,
	};
	struct bvm_map_owner *owner = &map->core->owner;
	bool fits;

	if (prog->flags & BPF_F_SLEEPABLE)
		return false;
	spin_lock(&bvm_owner_lock);
	if (!owner->type)
		*owner = kind;
	fits = !memcmp(owner, &kind, sizeof(kind));
	spin_unlock(&bvm_owner_lock);
	return fits;
}

static void *bvm_prog_object_get(struct bvm_map *map, u32 fd, const void *opener)
{
	struct bvm_prog *prog = bvm_prog_from_fd(fd);

	if (IS_ERR(prog))
		return prog;
	if (!bvm_map_owner_fits(map, prog)) {
		bvm_prog_put(prog);
		return ERR_PTR(-EINVAL);
	}
	/* A tail call needs the code at once: maps/prog_array.h. */
	return &prog->code;
}

static void bvm_prog_object_put(void *object)
{
	bvm_prog_put(container_of(object, struct bvm_prog, code));
}

static u32 bvm_prog_object_id(const void *object)
{
	return container_of(object, const struct bvm_prog, code)->obj.id;
}

static const struct bvm_object_kind bvm_prog_objects = {
	.get = bvm_prog_object_get,
	.put = bvm_prog_object_put,
	.id = bvm_prog_object_id,
};

/* ----------------------------------------------------------------- maps */

/* Where values have fixed places, code may be made for the number of them. */
static bool bvm_map_size_matters(const struct bvm_map *map)
{
	return map->type->caps & BVM_MAP_DIRECT_VALUE && !(map->flags & BPF_F_INNER_MAP);
}

/**
 * bvm_map_like - does a map look like another one to programs
 * @map:	map
 * @model:	what was there when the program was verified
 * Any context.  Return: true if it does.
 */
bool bvm_map_like(const struct bvm_map *map, const struct bvm_map *model)
{
	if (map->type != model->type || map->key_size != model->key_size ||
	    map->value_size != model->value_size || map->flags != model->flags)
		return false;
	if (!bvm_record_same(map->record, model->record))
		return false;
	return !bvm_map_size_matters(model) || map->max_entries == model->max_entries;
}

static void *bvm_map_object_get(struct bvm_map *map, u32 fd, const void *opener)
{
	struct bvm_map *inner = bvm_map_from_fd(fd, 0);

	if (!IS_ERR(inner) && !bvm_map_like(inner, map->inner)) {
		bvm_map_put(inner);
		return ERR_PTR(-EINVAL);
	}
	return inner;
}

static void bvm_map_object_put(void *object)
{
	bvm_map_put(object);
}

static u32 bvm_map_object_id(const void *object)
{
	return ((const struct bvm_map *)object)->core->obj.id;
}

static const struct bvm_object_kind bvm_map_objects = {
	.get = bvm_map_object_get,
	.put = bvm_map_object_put,
	.id = bvm_map_object_id,
};

/**
 * bvm_objects_of - what the descriptors that go into a map stand for
 * @type:	type of the map
 * Return: kind, or NULL: plain values, or objects that only the type knows.  Pure.
 */
const struct bvm_object_kind *bvm_objects_of(const struct bvm_map_type *type)
{
	if (type->caps & BVM_MAP_TAIL_CALL)
		return &bvm_prog_objects;
	if (type->caps & BVM_MAP_OF_MAPS)
		return &bvm_map_objects;
	return NULL;
}

/**
 * bvm_map_inner_from_fd - the map that all elements of a map shall look like
 * @fd:		descriptor of a map
 *
 * Process context.
 *
 * Return: map with a reference; -EBADF, -EINVAL: something else, or a map of maps (one
 * level is enough), -ENOTSUPP: a prog array, which would be verified for one owner and
 * found to have another.
 */
struct bvm_map *bvm_map_inner_from_fd(u32 fd)
{
	struct bvm_map *inner = bvm_map_from_fd(fd, 0);
	int err = 0;

	if (IS_ERR(inner))
		return inner;
	if (inner->type->caps & BVM_MAP_OF_MAPS)
		err = -EINVAL;
	else if (inner->type->caps & (BVM_MAP_TAIL_CALL | BVM_MAP_ARENA))
		err = -ENOTSUPP;
	if (!err)
		return inner;
	bvm_map_put(inner);
	return ERR_PTR(err);
}

/**
 * bvm_map_model - keep what a map looks like, not the map
 * @map:	map
 * Process context, may sleep.  Return: for bvm_map_model_free(), or NULL without memory.
 */
const struct bvm_map *bvm_map_model(const struct bvm_map *map)
{
	struct bvm_map *model = kmemdup(map, sizeof(*map), GFP_KERNEL_ACCOUNT);

	if (model) {
		model->core = NULL;
		bvm_record_get(model->record);
	}
	return model;
}

/**
 * bvm_map_model_free - the model goes
 * @model:	of bvm_map_model(), or NULL
 * Process context.
 */
void bvm_map_model_free(const struct bvm_map *model)
{
	if (model)
		bvm_record_put(model->record);
	kfree(model);
}
