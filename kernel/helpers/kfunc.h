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

extern const struct bvm_helper_set bvm_kfuncs_base;	/* RCU, casts */
extern const struct bvm_helper_set bvm_kfuncs_iter;	/* open-coded iterators */
extern const struct bvm_helper_set bvm_kfuncs_dynptr;	/* any dynptr */

extern const struct bvm_helper_set bvm_kfuncs_task;	/* references to tasks */
extern const struct bvm_helper_set bvm_kfuncs_cgroup;	/* references to control groups */
extern const struct bvm_helper_set bvm_kfuncs_cpumask;	/* sets of CPUs */
extern const struct bvm_helper_set bvm_kfuncs_arena;	/* pages of arenas */
extern const struct bvm_helper_set bvm_kfuncs_key;	/* keys that sign */

/* What gives a reference back that was left in a map. */
void bpf_task_release_dtor(void *p);
void bpf_cgroup_release_dtor(void *cgrp);
void bpf_cpumask_release_dtor(void *cpumask);

/* Functions of the one shape, for descriptors. */
#define BVM_KFUNC(func, ...)							\
	static u64 do_##func(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)		\
	{									\
		return (u64)func(__VA_ARGS__);					\
	}
#define BVM_KFUNC_VOID(func, ...)						\
	static u64 do_##func(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)		\
	{									\
		func(__VA_ARGS__);						\
		return 0;							\
	}
#define BVM_KPTR(n)	((void *)(unsigned long)r##n)

/* What programs on what happens in the kernel have, and those of system calls. */
#ifdef CONFIG_CGROUPS
#define BVM_KFUNCS_OBJECTS	&bvm_kfuncs_task, &bvm_kfuncs_cpumask, &bvm_kfuncs_cgroup
#else
#define BVM_KFUNCS_OBJECTS	&bvm_kfuncs_task, &bvm_kfuncs_cpumask
#endif

/* What those on functions and typed tracepoints have besides. */
#ifdef CONFIG_KEYS
#define BVM_KFUNCS_KEY	&bvm_kfuncs_key,
#else
#define BVM_KFUNCS_KEY
#endif

/* What any type of program has. */
#define BVM_KFUNCS_ANY	&bvm_kfuncs_base, &bvm_kfuncs_iter, &bvm_kfuncs_dynptr

#endif /* _BVM_KFUNC_H */
