/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _BVM_PROG_ARRAY_H
#define _BVM_PROG_ARRAY_H

#include "object_array.h"

/**
 * bvm_prog_array_ir - where a tail call goes
 * @map:	prog array (BVM_MAP_TAIL_CALL)
 * @index:	entry; what does not fit in 32 bits is no entry
 *
 * Any context incl. NMI, under RCU: until its end the program stays.
 *
 * Return: code, NULL: there is no program.
 */
static __always_inline struct bvm_ir_prog *bvm_prog_array_ir(const struct bvm_map *map, u64 index)
{
	/* An object is the address of struct bvm_prog.ir: core/objects.c. */
	struct bvm_ir_prog *const *ir = bvm_object_at(map, index);

	return ir ? *ir : NULL;
}

#endif /* _BVM_PROG_ARRAY_H */
