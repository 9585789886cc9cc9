// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the module of upstream's BPF selftests (bpf_testmod) and its test_verifier look for in
 * the kernel itself: functions for programs, and one to attach to.  Names and prototypes are
 * those of the tests.
 */
#include <linux/btf.h>
#include <linux/btf_ids.h>
#include <linux/export.h>
#include <linux/init.h>
#include <linux/refcount.h>

struct prog_test_member1 {
	int a;
};

struct prog_test_member {
	struct prog_test_member1 m;
	int c;
};

struct prog_test_ref_kfunc {
	int a;
	int b;
	struct prog_test_member memb;
	struct prog_test_ref_kfunc *next;
	refcount_t cnt;
};

__bpf_kfunc_start_defs();

noinline int bpf_fentry_test1(int a)
{
	return a + 1;
}
EXPORT_SYMBOL_GPL(bpf_fentry_test1);

__bpf_kfunc void bpf_kfunc_call_test_release(struct prog_test_ref_kfunc *p)
{
	refcount_dec(&p->cnt);
}

__bpf_kfunc void bpf_kfunc_call_test_release_dtor(void *p)
{
	bpf_kfunc_call_test_release(p);
}

__bpf_kfunc void bpf_kfunc_call_memb_release(struct prog_test_member *p)
{
}

__bpf_kfunc void bpf_kfunc_call_memb_release_dtor(void *p)
{
}

__bpf_kfunc_end_defs();

BTF_KFUNCS_START(bvm_test_kfunc_ids)
BTF_ID_FLAGS(func, bpf_kfunc_call_test_release, KF_RELEASE)
BTF_ID_FLAGS(func, bpf_kfunc_call_memb_release, KF_RELEASE)
BTF_KFUNCS_END(bvm_test_kfunc_ids)

BTF_ID_LIST(bvm_test_dtor_ids)
BTF_ID(struct, prog_test_ref_kfunc)
BTF_ID(func, bpf_kfunc_call_test_release_dtor)
BTF_ID(struct, prog_test_member)
BTF_ID(func, bpf_kfunc_call_memb_release_dtor)

static const struct btf_kfunc_id_set bvm_test_kfunc_set = {
	.set = &bvm_test_kfunc_ids,
};

static int __init bvm_test_kfuncs_init(void)
{
	const struct btf_id_dtor_kfunc dtors[] = {
		{ bvm_test_dtor_ids[0], bvm_test_dtor_ids[1] },
		{ bvm_test_dtor_ids[2], bvm_test_dtor_ids[3] },
	};
	static const enum bpf_prog_type types[] = {
		BPF_PROG_TYPE_SCHED_CLS, BPF_PROG_TYPE_TRACING, BPF_PROG_TYPE_SYSCALL,
	};
	int err = 0;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(types) && !err; i++)
		err = register_btf_kfunc_id_set(types[i], &bvm_test_kfunc_set);
	return err ?: register_btf_id_dtor_kfuncs(dtors, ARRAY_SIZE(dtors), NULL);
}
late_initcall(bvm_test_kfuncs_init);
