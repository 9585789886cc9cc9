// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the x86-64 back end needs to know of the machine that the kernel runs on.
 */
#include <linux/extable.h>
#include <linux/percpu.h>
#include <linux/string.h>
#include <asm/alternative.h>
#include <asm/cpufeature.h>
#include <asm/extable.h>
#include <asm/ibt.h>
#include <asm/nospec-branch.h>
#include "gen.h"

/* Calls that are counted, to fill the return stack, would have to be counted here too. */
bool bvm_arch_jit_supported(void)
{
	return !cpu_feature_enabled(X86_FEATURE_CALL_DEPTH);
}

static unsigned long thunk_of(u8 reg)
{
	/* pushes and pops use it, jumps do not */
	if (reg == X86_SP)
		return 0;
	if (cpu_feature_enabled(X86_FEATURE_INDIRECT_THUNK_ITS))
		return (unsigned long)its_static_thunk(reg);
	if (cpu_feature_enabled(X86_FEATURE_RETPOLINE))
		return (unsigned long)__x86_indirect_thunk_array[reg];
	return 0;
}

/* As alternatives patch the kernel's own code: arch/x86/kernel/alternative.c. */
void bvm_arch_jit_cpu(struct bvm_jit_cpu *cpu)
{
	u8 reg;

	if (boot_cpu_has(X86_FEATURE_BMI2))
		cpu->features |= BVM_X86_BMI2;
	if (boot_cpu_has(X86_FEATURE_MOVBE))
		cpu->features |= BVM_X86_MOVBE;
	if (HAS_KERNEL_IBT && cpu_feature_enabled(X86_FEATURE_IBT))
		cpu->features |= BVM_X86_IBT;
	if (IS_ENABLED(CONFIG_MITIGATION_SLS))
		cpu->features |= BVM_X86_SLS;
	if (cpu_feature_enabled(X86_FEATURE_RETPOLINE_LFENCE))
		cpu->features |= BVM_X86_LFENCE;
	else
		for (reg = 0; IS_ENABLED(CONFIG_MITIGATION_RETPOLINE) && reg < X86_NONE; reg++)
			cpu->jump[reg] = thunk_of(reg);
#ifdef CONFIG_SMP
	cpu->features |= BVM_X86_SMP;
	cpu->percpu = (__force unsigned long)&this_cpu_off;
#endif
	if (cpu_feature_enabled(X86_FEATURE_RETHUNK))
		cpu->ret = (unsigned long)x86_return_thunk;
}

void bvm_arch_jit_fill(void *area, unsigned int size)
{
	memset(area, 0xcc, size);
}

void bvm_arch_jit_fixup(struct exception_table_entry *entry)
{
	entry->data = EX_TYPE_DEFAULT;
}
