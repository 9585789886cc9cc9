// SPDX-License-Identifier: GPL-2.0-only
/*
 * BPF_LINK_CREATE: which programs can be attached to what.
 */
#include "core.h"

/**
 * struct bvm_attach - a row of the table of attach points
 * @type:	enum bpf_attach_type
 * @flag:	BVM_PROG_* of programs that can be attached so
 * @link:	attaches; returns a descriptor or a negative errno
 */
struct bvm_attach {
	u32 type;
	u32 flag;
	int (*link)(struct bvm_prog *prog, const union bpf_attr *attr);
};

/* attach types of kprobe programs that BVM does not have: their cookies come in arrays */
static bool bvm_wants_multi(const struct bvm_prog *prog)
{
	switch (prog->attach_type) {
	case BPF_TRACE_KPROBE_MULTI:
	case BPF_TRACE_KPROBE_SESSION:
	case BPF_TRACE_UPROBE_MULTI:
		return true;
	default:
		return false;
	}
}

static int bvm_attach_perf(struct bvm_prog *prog, const union bpf_attr *attr)
{
	if (attr->link_create.flags || bvm_wants_multi(prog))
		return -EINVAL;
	return bvm_perf_link(prog, attr->link_create.target_fd,
			     attr->link_create.perf_event.bpf_cookie);
}

/* The program knows its target. */
static int bvm_attach_raw_tp(struct bvm_prog *prog, const union bpf_attr *attr)
{
	return bvm_raw_tp_link(prog, prog->attach_name, attr->link_create.tracing.cookie);
}

static const struct bvm_attach bvm_attachs[] = {
	{ BPF_PERF_EVENT, BVM_PROG_PERF_EVENT, bvm_attach_perf },
	{ BPF_TRACE_RAW_TP, BVM_PROG_BTF_CTX, bvm_attach_raw_tp },
};

static int bvm_attach(struct bvm_prog *prog, const union bpf_attr *attr)
{
	const struct bvm_attach *row;

	for (row = bvm_attachs; row < bvm_attachs + ARRAY_SIZE(bvm_attachs); row++)
		if (row->type == attr->link_create.attach_type &&
		    (row->flag & prog->type->flags))
			return row->link(prog, attr);
	return -EINVAL;
}

/**
 * bvm_cmd_link_create - BPF_LINK_CREATE
 * @attr:	.link_create
 * @uattr:	unused
 * @size:	unused
 * Return: descriptor; -EINVAL for a program that cannot be attached so; another negative
 * errno.
 */
int bvm_cmd_link_create(union bpf_attr *attr, union bpf_attr __user *uattr, u32 size)
{
	struct bvm_prog *prog = bvm_prog_from_fd(attr->link_create.prog_fd);
	int fd;

	if (IS_ERR(prog))
		return PTR_ERR(prog);
	fd = bvm_attach(prog, attr);
	bvm_prog_put(prog);
	return fd;
}
