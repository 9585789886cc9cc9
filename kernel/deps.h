/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel interfaces that the portable parts of BVM use: isa/, verifier/,
 * exec/{ir,lower,interp} and the map algorithms include this file and no other
 * kernel header.  The user-space build (selftests/host) is compiled with
 * "-include" of a header that has the same guard and provides the same names,
 * so the .c files themselves are compiled there unmodified; the pattern is that
 * of mm/vma_internal.h and tools/testing/vma.
 */
#ifndef _BVM_DEPS_H
#define _BVM_DEPS_H

#include <linux/array_size.h>
#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/bits.h>
#include <linux/bug.h>
#include <linux/build_bug.h>
#include <linux/capability.h>
#include <linux/compiler.h>
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/gfp.h>
#include <linux/irq_work.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/list.h>
#include <linux/log2.h>
#include <linux/math64.h>
#include <linux/memcontrol.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/overflow.h>
#include <linux/percpu.h>
#include <linux/random.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/sort.h>
#include <linux/spinlock.h>
#include <linux/stdarg.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include <linux/types.h>
#include <linux/uaccess.h>
#include <linux/unaligned.h>
#include <linux/vmalloc.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <uapi/linux/bpf.h>
#include <uapi/linux/btf.h>

#endif /* _BVM_DEPS_H */
