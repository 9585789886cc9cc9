// SPDX-License-Identifier: GPL-2.0-only
/*
 * Functions of the kernel as their BTF describes them: from a prototype to a descriptor
 * like those of helpers.  What a parameter may be given follows from its type, and from the
 * end of its name (Documentation/bpf/kfuncs.rst).
 *
 * What is not understood to the full is refused: such a function is not for programs here.
 */
#include "env.h"

/* Ends of names whose meaning is not known here. */
static const char *const bvm_param_foreign[] = {
	"__alloc", "__uninit", "__str", "__map", "__refcounted_kptr", "__const_str", "__iter",
	"__override", "__prog", "__arena", "__irq_flag", "__aux",
};

/* Structures that are something else to the verifier than their bytes. */
static const char *const bvm_struct_foreign[] = {
	"bpf_dynptr", "bpf_dynptr_kern", "bpf_list_head", "bpf_list_node", "bpf_rb_root",
	"bpf_rb_node", "bpf_wq", "bpf_timer", "bpf_spin_lock", "bpf_map", "bpf_prog_aux",
};

static bool bvm_ends_with(const char *name, const char *end)
{
	size_t len = strlen(name), tail = strlen(end);

	return len >= tail && !strcmp(name + len - tail, end);
}

static bool bvm_is_foreign(const char *name)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(bvm_param_foreign); i++)
		if (bvm_ends_with(name, bvm_param_foreign[i]))
			return true;
	return false;
}

static bool bvm_is_foreign_struct(const char *name)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(bvm_struct_foreign); i++)
		if (!strcmp(name, bvm_struct_foreign[i]))
			return true;
	return !strncmp(name, "bpf_iter_", strlen("bpf_iter_"));
}

static bool bvm_is_whole_number(const struct btf_type *t)
{
	return BIT(bvm_btf_kind(t)) &
	       (BIT(BTF_KIND_INT) | BIT(BTF_KIND_ENUM) | BIT(BTF_KIND_ENUM64)) && t->size <= 8;
}

/* A length of memory in the parameter before it: the kind of its argument, or 0. */
static u8 bvm_length_kind(const struct bvm_btf *btf, const struct btf_param *p)
{
	const char *name = bvm_btf_str(btf, p->name_off);
	u32 id = p->type;

	if (!bvm_is_whole_number(bvm_btf_resolve(btf, &id)))
		return 0;
	if (bvm_ends_with(name, "__szk"))
		return BVM_ARG_CONST_MEM_SIZE;
	return bvm_ends_with(name, "__sz") ? BVM_ARG_SIZE_OR_ZERO : 0;
}

static int bvm_describe_number(const char *name, struct bvm_helper *out, u32 i)
{
	bool rdonly = !strcmp(name, "rdonly_buf_size");

	if (rdonly || !strcmp(name, "rdwr_buf_size")) {
		out->arg[i] = BVM_ARG_CONST_SIZE;
		out->flags |= rdonly ? BVM_HELPER_RDONLY : 0;
	} else if (bvm_ends_with(name, "__k")) {
		out->arg[i] = BVM_ARG_CONST;
	} else {
		out->arg[i] = BVM_ARG_SCALAR;
	}
	return 0;
}

static int bvm_describe_pointer(const struct bvm_btf *btf, const char *name, u32 to,
				struct bvm_helper *out, u32 i)
{
	const struct btf_type *t = bvm_btf_resolve(btf, &to);

	if (bvm_ends_with(name, "__ign")) {
		out->arg[i] = BVM_ARG_ANYTHING;
		return 0;
	}
	if (bvm_btf_kind(t) == BTF_KIND_FUNC_PROTO ||
	    (bvm_btf_is_struct(t) && bvm_is_foreign_struct(bvm_btf_str(btf, t->name_off))))
		return -EINVAL;
	out->arg[i] = BVM_ARG_TYPED;
	if (bvm_ends_with(name, "__nullable") || bvm_ends_with(name, "__opt"))
		out->arg[i] |= BVM_ARG_MAYBE_NULL;
	return 0;
}

static int bvm_describe_param(const struct bvm_btf *btf, const struct btf_param *p, bool last,
			      struct bvm_helper *out, struct bvm_proto *proto, u32 i)
{
	const char *name = bvm_btf_str(btf, p->name_off);
	u32 id = p->type;
	const struct btf_type *t = bvm_btf_resolve(btf, &id);
	u8 length = i && (out->arg[i - 1] & ~BVM_ARG_MAYBE_NULL) == BVM_ARG_KERNEL_MEM ?
		    bvm_length_kind(btf, p) : 0;
	int err;

	if (!id || bvm_is_foreign(name))
		return -EINVAL;
	if (length) {
		out->arg[i] = length;
		return 0;
	}
	if (bvm_is_whole_number(t))
		return bvm_describe_number(name, out, i);
	if (bvm_btf_kind(t) != BTF_KIND_PTR)
		return -EINVAL;
	proto->arg[i] = t->type;
	err = bvm_describe_pointer(btf, name, t->type, out, i);
	if (!err && !last && bvm_length_kind(btf, p + 1))
		out->arg[i] = BVM_ARG_KERNEL_MEM | (out->arg[i] & BVM_ARG_MAYBE_NULL);
	return err;
}

static int bvm_describe_result(const struct bvm_btf *btf, u32 id, struct bvm_helper *out,
			       struct bvm_proto *proto)
{
	const struct btf_type *t = bvm_btf_resolve(btf, &id);
	u32 i;

	if (!id || bvm_is_whole_number(t)) {
		out->ret = id ? BVM_RET_INTEGER : BVM_RET_VOID;
		return out->flags & BVM_HELPER_ACQUIRE ? -EINVAL : 0;
	}
	if (bvm_btf_kind(t) != BTF_KIND_PTR)
		return -EINVAL;
	id = t->type;
	t = bvm_btf_resolve(btf, &id);
	if (bvm_btf_is_struct(t)) {
		out->ret = BVM_RET_TYPED;
		proto->ret = id;
		return bvm_is_foreign_struct(bvm_btf_str(btf, t->name_off)) ? -EINVAL : 0;
	}
	out->ret = BVM_RET_MEM_OR_NULL;
	for (i = 0; i < 5; i++)
		if (out->arg[i] == BVM_ARG_CONST_SIZE && (out->flags & BVM_HELPER_RET_NULL) &&
		    !(out->flags & BVM_HELPER_ACQUIRE))
			return 0;
	return -EINVAL;
}

/**
 * bvm_proto_describe - a function's arguments and result, from its BTF
 * @btf:	types
 * @func:	a BTF_KIND_FUNC in them
 * @out:	->flags are those of the function; ->arg and ->ret are filled in
 * @proto:	what goes with BVM_ARG_TYPED and BVM_RET_TYPED
 * Return: 0; -EINVAL: not a function that programs can call.  Pure.
 */
int bvm_proto_describe(const struct bvm_btf *btf, u32 func, struct bvm_helper *out,
		       struct bvm_proto *proto)
{
	const struct btf_type *t = bvm_btf_type(btf, bvm_btf_type(btf, func)->type);
	const struct btf_param *params = bvm_btf_params(t);
	u32 i, n = bvm_btf_vlen(t);

	if (n > ARRAY_SIZE(out->arg))
		return -EINVAL;
	*proto = (struct bvm_proto){ .btf = btf };
	out->proto = proto;
	for (i = 0; i < n; i++)
		if (bvm_describe_param(btf, &params[i], i + 1 == n, out, proto, i))
			return -EINVAL;
	return bvm_describe_result(btf, t->type, out, proto);
}
