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
#include "jit.h"

/* It has not been tried in a kernel yet. */
bool bvm_arch_jit_supported(void)
{
	return false;
}

void bvm_arch_jit_cpu(struct bvm_jit_cpu *cpu)
{
	if (IS_ENABLED(CONFIG_ARM64_LSE_ATOMICS) && cpus_have_final_cap(ARM64_HAS_LSE_ATOMICS))
		cpu->features |= A64_LSE;
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
