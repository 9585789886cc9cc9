// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the arm64 back end needs to know of the machine that the kernel runs on.
 */
#include <linux/bitfield.h>
#include <linux/extable.h>
#include <asm/asm-extable.h>
#include <asm/cpufeature.h>
#include <asm/debug-monitors.h>
#include <asm/extable.h>
#include <asm/virt.h>
#include "jit.h"

bool bvm_arch_jit_supported(void)
{
	return true;
}

void bvm_arch_jit_cpu(struct bvm_jit_cpu *cpu)
{
	if (IS_ENABLED(CONFIG_ARM64_LSE_ATOMICS) && cpus_have_final_cap(ARM64_HAS_LSE_ATOMICS))
		cpu->features |= A64_LSE;
	/* then executable pages are guarded (PTE_MAYBE_GP) */
	if (system_supports_bti_kernel())
		cpu->features |= A64_BTI;
	if (IS_ENABLED(CONFIG_ARM64_PTR_AUTH_KERNEL) && system_supports_address_auth())
		cpu->features |= A64_PAC;
	if (is_kernel_in_hyp_mode())
		cpu->features |= A64_EL2;
}

void bvm_arch_jit_fill(void *area, unsigned int size)
{
	__le32 *word = area;

	for (; size >= sizeof(*word); size -= sizeof(*word))
		*word++ = cpu_to_le32(AARCH64_BREAK_FAULT);
}

/* No register is written: the code has set the destination to 0. */
void bvm_arch_jit_fixup(struct exception_table_entry *entry)
{
	entry->type = EX_TYPE_KACCESS_ERR_ZERO;
	entry->data = FIELD_PREP(EX_DATA_REG_ERR, 31) | FIELD_PREP(EX_DATA_REG_ZERO, 31);
}
