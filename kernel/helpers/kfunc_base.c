// SPDX-License-Identifier: GPL-2.0-only
/*
 * Functions of the kernel for any program: sections under RCU, and looking at an address as
 * at a structure.
 */
#include "kfunc.h"

__bpf_kfunc_start_defs();

__bpf_kfunc void bpf_rcu_read_lock(void)
{
	rcu_read_lock();
}

__bpf_kfunc void bpf_rcu_read_unlock(void)
{
	rcu_read_unlock();
}

__bpf_kfunc void *bpf_rdonly_cast(const void *obj__ign, u32 btf_id__k)
{
	return (void *)obj__ign;
}

__bpf_kfunc_end_defs();

static u64 do_lock(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	bpf_rcu_read_lock();
	return 0;
}

static u64 do_unlock(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	bpf_rcu_read_unlock();
	return 0;
}

static u64 do_cast(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	return r1;
}

static const struct bvm_helper base_kfuncs[] = {
	{
		.name = "bpf_rcu_read_lock",
		.fn = do_lock,
		.ret = BVM_RET_VOID,
		.flags = BVM_HELPER_RCU_LOCK,
	},
	{
		.name = "bpf_rcu_read_unlock",
		.fn = do_unlock,
		.ret = BVM_RET_VOID,
		.flags = BVM_HELPER_RCU_UNLOCK,
	},
	{
		/* loads are probes, whatever the address is */
		.name = "bpf_rdonly_cast",
		.fn = do_cast,
		.ret = BVM_RET_CAST,
		.arg = { BVM_ARG_ANYTHING, BVM_ARG_CONST },
		.flags = BVM_HELPER_LOCK_READ,
	},
};

const struct bvm_helper_set bvm_kfuncs_base = { base_kfuncs, ARRAY_SIZE(base_kfuncs) };
