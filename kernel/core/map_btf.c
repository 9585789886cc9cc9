// SPDX-License-Identifier: GPL-2.0-only
/*
 * Types of the keys and values of maps: tools print elements by them.
 */
#include "core.h"

/* Maps whose elements are no values of user space have no types. */
#define BVM_MAP_WITHOUT_TYPES	(BVM_MAP_PERF_OUTPUT | BVM_MAP_STACK_TRACE |	\
				 BVM_MAP_CGROUPS | BVM_MAP_OF_MAPS | BVM_MAP_SOCKETS)

/* Does a type have @size bytes? */
static bool bvm_btf_has_size(const struct bvm_btf *btf, u32 id, u32 size)
{
	u32 has;

	return bvm_btf_type(btf, id) && !bvm_btf_size(btf, id, &has) && has == size;
}

/* An integer that is used up by 32 bits. */
static bool bvm_btf_is_index(const struct bvm_btf *btf, u32 id)
{
	const struct btf_type *t = bvm_btf_resolve(btf, &id);

	return bvm_btf_kind(t) == BTF_KIND_INT &&
	       BTF_INT_BITS(*(const u32 *)(t + 1)) == 32 && !BTF_INT_OFFSET(*(const u32 *)(t + 1));
}

/* No type of the key: the section of global variables that an array of one stands for. */
static int bvm_map_check_section(const struct bvm_map_type *type, const struct bvm_map_spec *spec,
				 const struct bvm_btf *btf, u32 value)
{
	if (!(type->caps & BVM_MAP_DIRECT_VALUE) || spec->max_entries != 1 ||
	    bvm_btf_kind(bvm_btf_type(btf, value)) != BTF_KIND_DATASEC)
		return -EINVAL;
	return 0;
}

/* A key that has the right size. */
static int bvm_map_check_key(const struct bvm_map_type *type, const struct bvm_btf *btf, u32 key)
{
	if ((type->caps & BVM_MAP_PREFIX_KEY) &&
	    bvm_btf_kind(bvm_btf_resolve(btf, &key)) != BTF_KIND_STRUCT)
		return -EINVAL;
	if ((type->caps & (BVM_MAP_ARRAY_INDEX | BVM_MAP_FD_VALUES)) == BVM_MAP_ARRAY_INDEX &&
	    !bvm_btf_is_index(btf, key))
		return -EINVAL;
	return 0;
}

static int bvm_map_check_types(const union bpf_attr *attr, const struct bvm_map_type *type,
			       const struct bvm_map_spec *spec, const struct bvm_btf *btf)
{
	u32 key = attr->btf_key_type_id, value = attr->btf_value_type_id;

	if (key && !bvm_btf_has_size(btf, key, spec->key_size))
		return -EINVAL;
	if (!bvm_btf_has_size(btf, value, spec->value_size))
		return -EINVAL;
	if (type->caps & BVM_MAP_WITHOUT_TYPES)
		return -ENOTSUPP;
	return key ? bvm_map_check_key(type, btf, key) :
		     bvm_map_check_section(type, spec, btf, value);
}

/**
 * bvm_map_find_btf - the types that BPF_MAP_CREATE names
 * @attr:	btf_fd, btf_key_type_id, btf_value_type_id
 * @type:	type of the map
 * @spec:	request that @type->check() has accepted
 *
 * Process context.  Return: types with a reference, for bvm_btf_put(); NULL when none are
 * named; -EBADF, -EINVAL; -EACCES for types of the kernel; -ENOTSUPP for maps that have
 * none.
 */
struct bvm_btf_obj *bvm_map_find_btf(const union bpf_attr *attr, const struct bvm_map_type *type,
				     const struct bvm_map_spec *spec)
{
	struct bvm_btf_obj *btf;
	int err = -EACCES;

	if (!attr->btf_value_type_id)
		return attr->btf_key_type_id ? ERR_PTR(-EINVAL) : NULL;
	btf = bvm_btf_from_fd(attr->btf_fd);
	if (IS_ERR(btf))
		return btf;
	if (!btf->name[0])
		err = bvm_map_check_types(attr, type, spec, &btf->types);
	if (!err)
		return btf;
	bvm_btf_put(btf);
	return ERR_PTR(err);
}
