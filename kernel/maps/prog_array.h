/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _BVM_PROG_ARRAY_H
#define _BVM_PROG_ARRAY_H

#include "object_array.h"

/**
 * bvm_prog_array_code - where a tail call goes
 * @map:	prog array (BVM_MAP_TAIL_CALL)
 * @index:	entry; what does not fit in 32 bits is no entry
 *
 * Any context incl. NMI, under RCU: until its end the program stays.
 *
 * Return: code of the kind that the caller is, struct bvm_ir_prog or struct bvm_jit_image;
 * NULL: there is no program.
 */
static __always_inline const void *bvm_prog_array_code(const struct bvm_map *map, u64 index)
{
	/* An object is the address of struct bvm_prog.code: core/objects.c. */
	const void *const *code = bvm_object_at(map, index);

	return code ? *code : NULL;
}

#endif /* _BVM_PROG_ARRAY_H */
