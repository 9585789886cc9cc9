// SPDX-License-Identifier: GPL-2.0-only
#include "verif.h"
#include "../../kernel/helpers/kfunc.h"
#include "../../kernel/record.h"

/* Locks and pointers in values: nothing runs, so these need not work. */
static u64 do_nothing(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	return 0;
}

static const struct bvm_helper field_helpers[] = {
	{ BPF_FUNC_spin_lock, "spin_lock", do_nothing, BVM_RET_VOID, { BVM_ARG_LOCK } },
	{ BPF_FUNC_spin_unlock, "spin_unlock", do_nothing, BVM_RET_VOID, { BVM_ARG_UNLOCK },
	  .flags = BVM_HELPER_UNLOCK },
	{ BPF_FUNC_kptr_xchg, "kptr_xchg", do_nothing, BVM_RET_KPTR_OR_NULL,
	  { BVM_ARG_KPTR, BVM_ARG_KPTR_NEW | BVM_ARG_MAYBE_NULL },
	  .flags = BVM_HELPER_ACQUIRE | BVM_HELPER_RELEASE },
	{ BPF_FUNC_this_cpu_ptr, "this_cpu_ptr", do_nothing, BVM_RET_INTEGER, { BVM_ARG_PERCPU } },
};

static const struct bvm_helper_set field_set = { field_helpers, ARRAY_SIZE(field_helpers) };
static const struct bvm_helper_set *const field_sets[] = {
	&verif_base_set, &verif_skb_set, &field_set,
};

static const struct bvm_helper_set *const field_kfuncs[] = { BVM_KFUNCS_ANY };

static const struct bvm_ctx_field field_ctx[] = {
	{ .off = 0, .size = 64, .widths = 15, .direct = 1 },
};

static u64 field_load_pkt(u64 ctx, u64 off, u64 size, u64 r4, u64 r5)
{
	return 0;
}

const struct bvm_prog_type verif_fields = {
	.id = BPF_PROG_TYPE_SCHED_CLS, .name = "fields",
	.flags = BVM_PROG_NET | BVM_PROG_LD_PKT | BVM_PROG_LOCKS,
	.ctx_size = 64, .ctx = field_ctx, .nr_ctx = ARRAY_SIZE(field_ctx),
	.sets = field_sets, .nr_sets = ARRAY_SIZE(field_sets),
	.kfuncs = field_kfuncs, .nr_kfuncs = ARRAY_SIZE(field_kfuncs),
	.ld_pkt = field_load_pkt,
};

const struct bvm_prog_type verif_fields_tracing = {
	.id = BPF_PROG_TYPE_KPROBE, .name = "fields_tracing", .flags = BVM_PROG_TRACING,
	.ctx_size = 64, .ctx = field_ctx, .nr_ctx = ARRAY_SIZE(field_ctx),
	.sets = field_sets, .nr_sets = ARRAY_SIZE(field_sets),
	.kfuncs = field_kfuncs, .nr_kfuncs = ARRAY_SIZE(field_kfuncs),
};

void verif_map_lock(struct bvm_map *map, u32 off)
{
	static struct bvm_record rec;

	rec = (struct bvm_record){
		.kinds = BIT(BVM_FIELD_LOCK), .count = 1,
		.field[0] = { .off = off, .size = 4, .kind = BVM_FIELD_LOCK },
	};
	map->record = &rec;
}

void verif_map_kptrs(struct bvm_map *map, const struct bvm_btf *btf, u32 task, u32 request)
{
	static struct bvm_record rec;

	rec = (struct bvm_record){
		.kinds = BIT(BVM_FIELD_KPTR_UNTRUSTED) | BIT(BVM_FIELD_KPTR), .count = 3,
		.field = {
			{ 0, 8, BVM_FIELD_KPTR_UNTRUSTED, false, btf, task },
			{ 8, 8, BVM_FIELD_KPTR, true, btf, task },
			{ 16, 8, BVM_FIELD_KPTR, false, btf, request },
		},
	};
	map->record = &rec;
}
