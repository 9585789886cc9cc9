/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Functions of the kernel that programs call by their id in the kernel's BTF ("kfuncs"),
 * by topic; a program type lists the sets that it offers.
 *
 * Programs are compiled against the real functions: their names and prototypes are ABI.
 * Descriptors call them through functions of the one shape that helpers have.
 */
#ifndef _BVM_KFUNC_H
#define _BVM_KFUNC_H

#include <linux/btf.h>
#include "../bvm.h"

extern const struct bvm_helper_set bvm_kfuncs_iter;	/* open-coded iterators */
extern const struct bvm_helper_set bvm_kfuncs_dynptr;	/* any dynptr */

/* What any type of program has. */
#define BVM_KFUNCS_ANY	&bvm_kfuncs_iter, &bvm_kfuncs_dynptr

#endif /* _BVM_KFUNC_H */
