/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Types: BTF as Documentation/bpf/btf.rst describes it.  Objects are checked
 * once, when they come in; afterwards every id and offset in them is known to be good.
 */
#ifndef _BVM_BTF_H
#define _BVM_BTF_H

#include "../deps.h"

struct bvm_btf;

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

/**
 * bvm_btf_find - a type by its name
 * @btf:	object
 * @name:	name
 * @kind:	BTF_KIND_*
 * Process context; a linear search.  Return: id, or -ENOENT.
 */
int bvm_btf_find(const struct bvm_btf *btf, const char *name, u32 kind);

/**
 * bvm_btf_resolve - what is behind typedefs, qualifiers and type tags
 * @btf:	object
 * @id:		type id, replaced by that of the result
 * Return: type.  Any context.
 */
const struct btf_type *bvm_btf_resolve(const struct bvm_btf *btf, u32 *id);

/** struct bvm_btf_place - what lies at a place in a structure */
struct bvm_btf_place {
	u32 struct_id;		/* pointer: structure that it points to, 0: not one */
	const char *name;	/* last member on the way, for messages */
	bool pointer;		/* the whole of a pointer to a structure, else plain bytes */
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
