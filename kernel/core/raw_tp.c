// SPDX-License-Identifier: GPL-2.0-only
/*
 * Programs on raw tracepoints: the probe of a tracepoint calls them with its arguments
 * as they are.  bpf_probe_register() and what events run is in hooks.c.
 */
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/trace_events.h>
#include <linux/tracepoint.h>
#include <linux/uaccess.h>
#include "core.h"

#define BVM_TP_NAME_LEN	128

/**
 * struct bvm_raw_tp_link - a program on a raw tracepoint
 * @link:	common part
 * @hook:	what the tracepoint's probe gets; ->btp holds the tracepoint's module
 */
struct bvm_raw_tp_link {
	struct bvm_link link;
	struct bpf_raw_tp_link hook;
};

static struct bvm_raw_tp_link *bvm_raw_tp(const struct bvm_link *link)
{
	return container_of(link, struct bvm_raw_tp_link, link);
}

static int bvm_raw_tp_attach(struct bvm_link *link)
{
	struct bpf_raw_tp_link *hook = &bvm_raw_tp(link)->hook;

	return bpf_probe_register(hook->btp, hook);
}

static void bvm_raw_tp_detach(struct bvm_link *link)
{
	struct bpf_raw_tp_link *hook = &bvm_raw_tp(link)->hook;

	bpf_probe_unregister(hook->btp, hook);
}

/*
 * Probes run with preemption disabled and RCU watching, so the grace period that the
 * caller has waited for has seen the last of them: also where the tracepoint fires in
 * the idle loop (see rcuidle in linux/tracepoint.h).
 */
static void bvm_raw_tp_free(struct bvm_link *link)
{
	struct bvm_raw_tp_link *raw = bvm_raw_tp(link);

	bpf_put_raw_tracepoint(raw->hook.btp);
	kfree(raw);
}

static int bvm_raw_tp_info(const struct bvm_link *link, struct bpf_link_info *info)
{
	return bvm_link_info_string(info->raw_tracepoint.tp_name,
				    &info->raw_tracepoint.tp_name_len,
				    bvm_raw_tp(link)->hook.btp->tp->name);
}

static void bvm_raw_tp_fdinfo(const struct bvm_link *link, struct seq_file *m)
{
	seq_printf(m, "tp_name:\t%s\n", bvm_raw_tp(link)->hook.btp->tp->name);
}

static int bvm_raw_tp_point(const struct bvm_link *link, struct bvm_attach_point *point)
{
	point->prog_id = link->prog->obj.id;
	point->type = BPF_FD_TYPE_RAW_TRACEPOINT;
	point->name = bvm_raw_tp(link)->hook.btp->tp->name;
	return 0;
}

static const struct bvm_link_type bvm_raw_tp_link_type = {
	.id = BPF_LINK_TYPE_RAW_TRACEPOINT,
	.name = "raw_tracepoint",
	.attach = bvm_raw_tp_attach,
	.detach = bvm_raw_tp_detach,
	.free = bvm_raw_tp_free,
	.info = bvm_raw_tp_info,
	.fdinfo = bvm_raw_tp_fdinfo,
	.point = bvm_raw_tp_point,
};

/**
 * bvm_raw_tp_link - run a program at a raw tracepoint
 * @prog:	program
 * @name:	tracepoint
 * @cookie:	for bpf_get_attach_cookie()
 *
 * Process context, may sleep.
 *
 * Return: descriptor of a link; -ENOENT without such a tracepoint; -EINVAL for a program
 * that uses more arguments than it has; another negative errno.
 */
int bvm_raw_tp_link(struct bvm_prog *prog, const char *name, u64 cookie)
{
	struct bpf_raw_event_map *btp = bpf_get_raw_tracepoint(name);
	struct bvm_raw_tp_link *raw;

	if (!btp)
		return -ENOENT;
	raw = kzalloc(sizeof(*raw), GFP_KERNEL_ACCOUNT);
	if (!raw) {
		bpf_put_raw_tracepoint(btp);
		return -ENOMEM;
	}
	bvm_link_init(&raw->link, &bvm_raw_tp_link_type, prog);
	raw->hook.link.prog = &prog->facade;
	raw->hook.btp = btp;
	raw->hook.cookie = cookie;
	return bvm_link_open(&raw->link);
}

/* A program whose tracepoint user space names when it attaches. */
static int bvm_raw_tp_open_named(struct bvm_prog *prog, const char __user *user, u64 cookie)
{
	char name[BVM_TP_NAME_LEN];

	if (strncpy_from_user(name, user, sizeof(name) - 1) < 0)
		return -EFAULT;
	name[sizeof(name) - 1] = '\0';
	return bvm_raw_tp_link(prog, name, cookie);
}

/**
 * bvm_cmd_raw_tp_open - BPF_RAW_TRACEPOINT_OPEN
 * @attr:	.raw_tracepoint; no name for a program that knows its tracepoint (tp_btf)
 * @uattr:	unused
 * @size:	unused
 * Return: descriptor of a link; -EINVAL for a program of another type; or as
 * bvm_raw_tp_link().
 */
int bvm_cmd_raw_tp_open(union bpf_attr *attr, union bpf_attr __user *uattr, u32 size)
{
	const char __user *name = u64_to_user_ptr(attr->raw_tracepoint.name);
	struct bvm_prog *prog = bvm_prog_from_fd(attr->raw_tracepoint.prog_fd);
	u64 cookie = attr->raw_tracepoint.cookie;
	int fd = -EINVAL;

	if (IS_ERR(prog))
		return PTR_ERR(prog);
	if (prog->type->flags & BVM_PROG_RAW_TP)
		fd = bvm_raw_tp_open_named(prog, name, cookie);
	else if ((prog->type->flags & BVM_PROG_BTF_CTX) && !name)
		fd = bvm_raw_tp_link(prog, prog->attach_name, cookie);
	bvm_prog_put(prog);
	return fd;
}
