// SPDX-License-Identifier: GPL-2.0-only
/*
 * BPF_PROG_TYPE_TRACING, of which BVM has BPF_TRACE_RAW_TP (tp_btf): programs on
 * tracepoints whose arguments have the kernel's own types.
 *
 * What such a program is attached to is known when it is loaded: attach_btf_id is the
 * typedef btf_trace_NAME, a pointer to the function that probes of the tracepoint are
 * (trace/bpf_probe.h).  Its first parameter is the probe's own data, the others are the
 * context, widened to 64 bits.
 */
#include <linux/array_size.h>
#include <linux/string.h>
#include "../btf/btf.h"
#include "../core/core.h"
#include "../helpers/helpers.h"
#include "../helpers/kfunc.h"

#define BVM_TRACING_ARGS	12
#define BVM_TP_PREFIX		"btf_trace_"

static const struct bvm_ctx_field bvm_tracing_ctx[] = {
	{ .size = BVM_TRACING_ARGS * sizeof(u64), .widths = 1 | 2 | 4 | 8, .direct = 1 },
};

static const struct bvm_helper_set *const bvm_tracing_sets[] = {
	BVM_SETS_TRACING, &bvm_helpers_perf_args, &bvm_helpers_cookie,
	&bvm_helpers_stack_args,
};

static const char *const bvm_tracing_tagged[] = { "bpf_raw_tracepoint_args", NULL };

static const struct bvm_helper_set *const bvm_tracing_kfuncs[] = {
	BVM_KFUNCS_KEY BVM_KFUNCS_ANY, BVM_KFUNCS_OBJECTS,
};

static int bvm_target_tracepoint(struct bvm_prog *prog, struct bvm_log *log)
{
	const struct bvm_btf *btf = bvm_btf_types(prog->attach_btf);
	const struct btf_type *t = bvm_btf_type(btf, prog->attach_btf_id);
	const char *name = bvm_btf_str(btf, t->name_off);

	if (bvm_btf_kind(t) != BTF_KIND_TYPEDEF) {
		bvm_log(log, "attach_btf_id %u is not a typedef\n", prog->attach_btf_id);
		return -EINVAL;
	}
	if (!strstarts(name, BVM_TP_PREFIX)) {
		bvm_log(log, "attach_btf_id %u points to wrong type name %s\n",
			prog->attach_btf_id, name);
		return -EINVAL;
	}
	t = bvm_btf_pointed(btf, prog->attach_btf_id, &prog->attach_proto);
	if (!t || bvm_btf_kind(t) != BTF_KIND_FUNC_PROTO)
		return -EINVAL;
	prog->attach_name = name + strlen(BVM_TP_PREFIX);
	return 0;
}

/*
 * Programs at the entry and exit of functions need a trampoline, which BVM does not
 * have.  libbpf and bpftrace find that out by loading one.
 */
static int bvm_target_function(struct bvm_prog *prog, struct bvm_log *log)
{
	const struct btf_type *t = bvm_btf_type(bvm_btf_types(prog->attach_btf),
						prog->attach_btf_id);

	if (bvm_btf_kind(t) != BTF_KIND_FUNC) {
		bvm_log(log, "attach_btf_id %u is not a function\n", prog->attach_btf_id);
		return -EINVAL;
	}
	bvm_log(log, "programs on functions are not supported\n");
	return -ENOTSUPP;
}

static int bvm_tracing_target(struct bvm_prog *prog, struct bvm_log *log)
{
	switch (prog->attach_type) {
	case BPF_TRACE_RAW_TP:
		return bvm_target_tracepoint(prog, log);
	case BPF_TRACE_FENTRY:
	case BPF_TRACE_FEXIT:
	case BPF_MODIFY_RETURN:
	case BPF_TRACE_ITER:
		return bvm_target_function(prog, log);
	default:
		return -EINVAL;
	}
}

/* Return values: any, and nobody looks at them. */
const struct bvm_prog_type bvm_tracing_prog = {
	.id = BPF_PROG_TYPE_TRACING,
	.name = "tracing",
	.flags = BVM_PROG_TRACING | BVM_PROG_CTX_ALIGNED | BVM_PROG_BTF_CTX |
		 BVM_PROG_CTX_U64,
	.ctx_size = BVM_TRACING_ARGS * sizeof(u64),
	.ctx = bvm_tracing_ctx,
	.nr_ctx = ARRAY_SIZE(bvm_tracing_ctx),
	.ctx_tagged = bvm_tracing_tagged,
	.sets = bvm_tracing_sets,
	.nr_sets = ARRAY_SIZE(bvm_tracing_sets),
	.kfuncs = bvm_tracing_kfuncs,
	.nr_kfuncs = ARRAY_SIZE(bvm_tracing_kfuncs),
	.target = bvm_tracing_target,
};
