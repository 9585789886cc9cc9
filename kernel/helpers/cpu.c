// SPDX-License-Identifier: GPL-2.0-only
/*
 * Helpers about the CPU that the program runs on, and its random numbers.
 */
#include <linux/array_size.h>
#include <linux/init.h>
#include <linux/percpu.h>
#include <linux/prandom.h>
#include <linux/smp.h>
#include <linux/topology.h>
#include "../exec/ir.h"
#include "helpers.h"

static u64 get_smp_processor_id(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	return smp_processor_id();
}

/* The task knows. */
static u32 smp_processor_id_in_ir(const struct bvm_inline *call, struct bvm_ir *out)
{
#if defined(CONFIG_SMP) && defined(CONFIG_THREAD_INFO_IN_TASK)
	if (!bvm_current_in_ir(call, out))
		return 0;
	out[1] = (struct bvm_ir){ BVM_IR_LOAD32, BPF_REG_0, BPF_REG_0,
				  offsetof(struct task_struct, thread_info.cpu) };
	return 2;
#else
	return 0;
#endif
}

static u64 get_numa_node_id(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	return numa_node_id();
}

/*
 * bpf-helpers(7): a state of its own, not cryptographically secure.  A program that
 * interrupts another in here may get the same number; the state stays a good one.
 */
static DEFINE_PER_CPU(struct rnd_state, bvm_random);

static u64 get_prandom_u32(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	return prandom_u32_state(raw_cpu_ptr(&bvm_random));
}

/* Before the first program: seeding is not for NMIs. */
static int __init bvm_random_init(void)
{
	prandom_seed_full_state(&bvm_random);
	return 0;
}
subsys_initcall(bvm_random_init);

static const struct bvm_helper cpu_helpers[] = {
	{
		.id = BPF_FUNC_get_smp_processor_id,
		.name = "get_smp_processor_id",
		.fn = get_smp_processor_id,
		.in_ir = smp_processor_id_in_ir,
	},
	{
		.id = BPF_FUNC_get_numa_node_id,
		.name = "get_numa_node_id",
		.fn = get_numa_node_id,
	},
	{
		.id = BPF_FUNC_get_prandom_u32,
		.name = "get_prandom_u32",
		.fn = get_prandom_u32,
	},
};

const struct bvm_helper_set bvm_helpers_cpu = { cpu_helpers, ARRAY_SIZE(cpu_helpers) };
