// SPDX-License-Identifier: GPL-2.0-only
/*
 * Functions of the kernel on sets of CPUs, see Documentation/bpf/cpumasks.rst.  Any set can be
 * read; those that programs make can be changed as well, by several at a time.
 *
 * The memory of a set that was given back stays that of a set, so that a reader under RCU
 * finds one, though maybe another.
 */
#include <linux/array_size.h>
#include <linux/cpumask.h>
#include <linux/init.h>
#include <linux/numa.h>
#include <linux/refcount.h>
#include "../maps/pool.h"
#include "kfunc.h"

#define BVM_CPUMASKS	4096	/* that all programs together may have */

/* As programs know it; its name and its first member are ABI. */
struct bpf_cpumask {
	cpumask_t cpumask;
	refcount_t usage;
};

/**
 * struct bvm_cpumask - an element of the pool
 * @number:	the pool's; of one that is in use: its own
 * @mask:	the set
 */
struct bvm_cpumask {
	u32 number;
	struct bpf_cpumask mask;
};

static struct bvm_pool cpumask_pool = {
	.elem_size = round_up(sizeof(struct bvm_cpumask), 8),
	.nr_elems = BVM_CPUMASKS,
	.numa_node = NUMA_NO_NODE,
	.grows = true,
};

static bool cpumask_ready __ro_after_init;

static int __init cpumask_init(void)
{
	cpumask_ready = !bvm_pool_init(&cpumask_pool, num_possible_cpus());
	return 0;
}
subsys_initcall(cpumask_init);

static bool cpu_ok(u32 cpu)
{
	return cpu < nr_cpu_ids;
}

__bpf_kfunc_start_defs();

__bpf_kfunc struct bpf_cpumask *bpf_cpumask_create(void)
{
	struct bvm_cpumask *elem;
	u32 n;

	if (!cpumask_ready || bvm_pool_take(&cpumask_pool, &n))
		return NULL;
	elem = bvm_pool_elem(&cpumask_pool, n);
	elem->number = n;
	cpumask_clear(&elem->mask.cpumask);
	refcount_set(&elem->mask.usage, 1);
	return &elem->mask;
}

__bpf_kfunc struct bpf_cpumask *bpf_cpumask_acquire(struct bpf_cpumask *cpumask)
{
	refcount_inc(&cpumask->usage);
	return cpumask;
}

__bpf_kfunc void bpf_cpumask_release(struct bpf_cpumask *cpumask)
{
	if (refcount_dec_and_test(&cpumask->usage))
		bvm_pool_give(&cpumask_pool,
			      container_of(cpumask, struct bvm_cpumask, mask)->number);
}

__bpf_kfunc void bpf_cpumask_release_dtor(void *cpumask)
{
	bpf_cpumask_release(cpumask);
}

__bpf_kfunc u32 bpf_cpumask_first(const struct cpumask *cpumask)
{
	return cpumask_first(cpumask);
}

__bpf_kfunc u32 bpf_cpumask_first_zero(const struct cpumask *cpumask)
{
	return cpumask_first_zero(cpumask);
}

__bpf_kfunc u32 bpf_cpumask_first_and(const struct cpumask *src1, const struct cpumask *src2)
{
	return cpumask_first_and(src1, src2);
}

__bpf_kfunc void bpf_cpumask_set_cpu(u32 cpu, struct bpf_cpumask *cpumask)
{
	if (cpu_ok(cpu))
		cpumask_set_cpu(cpu, &cpumask->cpumask);
}

__bpf_kfunc void bpf_cpumask_clear_cpu(u32 cpu, struct bpf_cpumask *cpumask)
{
	if (cpu_ok(cpu))
		cpumask_clear_cpu(cpu, &cpumask->cpumask);
}

__bpf_kfunc bool bpf_cpumask_test_cpu(u32 cpu, const struct cpumask *cpumask)
{
	return cpu_ok(cpu) && cpumask_test_cpu(cpu, cpumask);
}

__bpf_kfunc bool bpf_cpumask_test_and_set_cpu(u32 cpu, struct bpf_cpumask *cpumask)
{
	return cpu_ok(cpu) && cpumask_test_and_set_cpu(cpu, &cpumask->cpumask);
}

__bpf_kfunc bool bpf_cpumask_test_and_clear_cpu(u32 cpu, struct bpf_cpumask *cpumask)
{
	return cpu_ok(cpu) && cpumask_test_and_clear_cpu(cpu, &cpumask->cpumask);
}

__bpf_kfunc void bpf_cpumask_setall(struct bpf_cpumask *cpumask)
{
	cpumask_setall(&cpumask->cpumask);
}

__bpf_kfunc void bpf_cpumask_clear(struct bpf_cpumask *cpumask)
{
	cpumask_clear(&cpumask->cpumask);
}

__bpf_kfunc bool bpf_cpumask_and(struct bpf_cpumask *dst, const struct cpumask *src1,
				 const struct cpumask *src2)
{
	return cpumask_and(&dst->cpumask, src1, src2);
}

__bpf_kfunc void bpf_cpumask_or(struct bpf_cpumask *dst, const struct cpumask *src1,
				const struct cpumask *src2)
{
	cpumask_or(&dst->cpumask, src1, src2);
}

__bpf_kfunc void bpf_cpumask_xor(struct bpf_cpumask *dst, const struct cpumask *src1,
				 const struct cpumask *src2)
{
	cpumask_xor(&dst->cpumask, src1, src2);
}

__bpf_kfunc bool bpf_cpumask_equal(const struct cpumask *src1, const struct cpumask *src2)
{
	return cpumask_equal(src1, src2);
}

__bpf_kfunc bool bpf_cpumask_intersects(const struct cpumask *src1, const struct cpumask *src2)
{
	return cpumask_intersects(src1, src2);
}

__bpf_kfunc bool bpf_cpumask_subset(const struct cpumask *src1, const struct cpumask *src2)
{
	return cpumask_subset(src1, src2);
}

__bpf_kfunc bool bpf_cpumask_empty(const struct cpumask *cpumask)
{
	return cpumask_empty(cpumask);
}

__bpf_kfunc bool bpf_cpumask_full(const struct cpumask *cpumask)
{
	return cpumask_full(cpumask);
}

__bpf_kfunc void bpf_cpumask_copy(struct bpf_cpumask *dst, const struct cpumask *src)
{
	cpumask_copy(&dst->cpumask, src);
}

__bpf_kfunc u32 bpf_cpumask_any_distribute(const struct cpumask *cpumask)
{
	return cpumask_any_distribute(cpumask);
}

__bpf_kfunc u32 bpf_cpumask_any_and_distribute(const struct cpumask *src1,
					       const struct cpumask *src2)
{
	return cpumask_any_and_distribute(src1, src2);
}

__bpf_kfunc u32 bpf_cpumask_weight(const struct cpumask *cpumask)
{
	return cpumask_weight(cpumask);
}

__bpf_kfunc_end_defs();

/* Functions that only look at sets, or change one, by how they are called. */
#define CPUMASK_ROWS(X)								\
	X(first, BVM_KFUNC, BVM_KPTR(1))					\
	X(first_zero, BVM_KFUNC, BVM_KPTR(1))					\
	X(first_and, BVM_KFUNC, BVM_KPTR(1), BVM_KPTR(2))			\
	X(set_cpu, BVM_KFUNC_VOID, r1, BVM_KPTR(2))				\
	X(clear_cpu, BVM_KFUNC_VOID, r1, BVM_KPTR(2))				\
	X(test_cpu, BVM_KFUNC, r1, BVM_KPTR(2))					\
	X(test_and_set_cpu, BVM_KFUNC, r1, BVM_KPTR(2))				\
	X(test_and_clear_cpu, BVM_KFUNC, r1, BVM_KPTR(2))			\
	X(setall, BVM_KFUNC_VOID, BVM_KPTR(1))					\
	X(clear, BVM_KFUNC_VOID, BVM_KPTR(1))					\
	X(and, BVM_KFUNC, BVM_KPTR(1), BVM_KPTR(2), BVM_KPTR(3))		\
	X(or, BVM_KFUNC_VOID, BVM_KPTR(1), BVM_KPTR(2), BVM_KPTR(3))		\
	X(xor, BVM_KFUNC_VOID, BVM_KPTR(1), BVM_KPTR(2), BVM_KPTR(3))		\
	X(equal, BVM_KFUNC, BVM_KPTR(1), BVM_KPTR(2))				\
	X(intersects, BVM_KFUNC, BVM_KPTR(1), BVM_KPTR(2))			\
	X(subset, BVM_KFUNC, BVM_KPTR(1), BVM_KPTR(2))				\
	X(empty, BVM_KFUNC, BVM_KPTR(1))					\
	X(full, BVM_KFUNC, BVM_KPTR(1))						\
	X(copy, BVM_KFUNC_VOID, BVM_KPTR(1), BVM_KPTR(2))			\
	X(any_distribute, BVM_KFUNC, BVM_KPTR(1))				\
	X(any_and_distribute, BVM_KFUNC, BVM_KPTR(1), BVM_KPTR(2))		\
	X(weight, BVM_KFUNC, BVM_KPTR(1))

BVM_KFUNC(bpf_cpumask_create)
BVM_KFUNC(bpf_cpumask_acquire, BVM_KPTR(1))
BVM_KFUNC_VOID(bpf_cpumask_release, BVM_KPTR(1))
#define CALL(fn, how, ...) how(bpf_cpumask_##fn, __VA_ARGS__)
CPUMASK_ROWS(CALL)

static const struct bvm_helper cpumask_kfuncs[] = {
	{
		.name = "bpf_cpumask_create",
		.fn = do_bpf_cpumask_create,
		.flags = BVM_HELPER_BY_BTF | BVM_HELPER_ACQUIRE | BVM_HELPER_RET_NULL,
	},
	{
		.name = "bpf_cpumask_acquire",
		.fn = do_bpf_cpumask_acquire,
		.flags = BVM_HELPER_BY_BTF | BVM_HELPER_ACQUIRE | BVM_HELPER_TRUSTED,
	},
	{
		.name = "bpf_cpumask_release",
		.fn = do_bpf_cpumask_release,
		.flags = BVM_HELPER_BY_BTF | BVM_HELPER_RELEASE,
	},
#define ROW(which, how, ...)					\
	{							\
		.name = "bpf_cpumask_" #which,			\
		.fn = do_bpf_cpumask_##which,			\
		.flags = BVM_HELPER_BY_BTF | BVM_HELPER_RCU,	\
	},
	CPUMASK_ROWS(ROW)
};

const struct bvm_helper_set bvm_kfuncs_cpumask = { cpumask_kfuncs, ARRAY_SIZE(cpumask_kfuncs) };
