/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What comes first in every file of the kernel that is compiled for user space with the
 * kernel's own headers: as kbuild does, and then the headers that all of BVM includes, for
 * this file is precompiled.
 *
 * Interrupts cannot be disabled here, and nothing comes in between that would have to be
 * kept away.
 */
#include <linux/compiler-version.h>
#include <linux/kconfig.h>
#include <linux/compiler_types.h>

#define _X86_IRQFLAGS_H_
#include <asm/processor-flags.h>

static __always_inline unsigned long arch_local_save_flags(void)
{
	return X86_EFLAGS_IF;
}

static __always_inline unsigned long arch_local_irq_save(void)
{
	return X86_EFLAGS_IF;
}

static __always_inline int arch_irqs_disabled_flags(unsigned long flags)
{
	return !(flags & X86_EFLAGS_IF);
}

static __always_inline int arch_irqs_disabled(void)
{
	return 0;
}

static __always_inline void arch_local_irq_restore(unsigned long flags) { }
static __always_inline void arch_local_irq_disable(void) { }
static __always_inline void arch_local_irq_enable(void) { }
#define native_save_fl		arch_local_save_flags
#define native_irq_disable	arch_local_irq_disable
#define native_irq_enable	arch_local_irq_enable

#include "kernel/core/core.h"
#include "kernel/isa/isa.h"
#include "kernel/verifier/verifier.h"
