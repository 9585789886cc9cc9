// SPDX-License-Identifier: GPL-2.0-only
/*
 * Links to events of perf_event_open(2), and BPF_TASK_FD_QUERY: what is behind a
 * descriptor of another process?
 */
#include <linux/file.h>
#include <linux/perf_event.h>
#include <linux/pid.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/trace_events.h>
#include <linux/uaccess.h>
#include "core.h"

/**
 * struct bvm_perf_link - a program on an event
 * @link:	common part
 * @file:	the event's file, which keeps the event; NULL once it was let go
 * @cookie:	for bpf_get_attach_cookie()
 */
struct bvm_perf_link {
	struct bvm_link link;
	struct file *file;
	u64 cookie;
};

static struct bvm_perf_link *bvm_perf(const struct bvm_link *link)
{
	return container_of(link, struct bvm_perf_link, link);
}

static int bvm_perf_attach(struct bvm_link *link)
{
	struct bvm_perf_link *perf = bvm_perf(link);
	int err;

	/* on success the event takes over a reference */
	bvm_prog_get(link->prog);
	err = perf_event_set_bpf_prog(perf->file->private_data, &link->prog->facade,
				      perf->cookie);
	if (err)
		bvm_prog_put(link->prog);
	return err;
}

/* The event goes with the link if nobody else holds it, and with it a probe in the code. */
static void bvm_perf_detach(struct bvm_link *link)
{
	struct bvm_perf_link *perf = bvm_perf(link);

	perf_event_free_bpf_prog(perf->file->private_data);
	fput(perf->file);
	perf->file = NULL;
}

static void bvm_perf_free(struct bvm_link *link)
{
	struct bvm_perf_link *perf = bvm_perf(link);

	if (perf->file)
		fput(perf->file);
	kfree(perf);
}

/* ----------------------------------------------------------- information */

/* enum bpf_task_fd_type to enum bpf_perf_event_type */
static const u8 bvm_perf_kind[] = {
	[BPF_FD_TYPE_TRACEPOINT] = BPF_PERF_EVENT_TRACEPOINT,
	[BPF_FD_TYPE_KPROBE] = BPF_PERF_EVENT_KPROBE,
	[BPF_FD_TYPE_KRETPROBE] = BPF_PERF_EVENT_KRETPROBE,
	[BPF_FD_TYPE_UPROBE] = BPF_PERF_EVENT_UPROBE,
	[BPF_FD_TYPE_URETPROBE] = BPF_PERF_EVENT_URETPROBE,
};

/* The three kinds that have a name have it in the same place. */
#define BVM_SAME_PLACE(member, other)						\
	static_assert(offsetof(struct bpf_link_info, perf_event.kprobe.member) ==	\
		      offsetof(struct bpf_link_info, perf_event.other))
BVM_SAME_PLACE(func_name, uprobe.file_name);
BVM_SAME_PLACE(name_len, uprobe.name_len);
BVM_SAME_PLACE(offset, uprobe.offset);
BVM_SAME_PLACE(func_name, tracepoint.tp_name);
BVM_SAME_PLACE(name_len, tracepoint.name_len);

static int bvm_perf_point(const struct bvm_link *link, struct bvm_attach_point *point)
{
	const struct perf_event *event = bvm_perf(link)->file->private_data;

	return bpf_get_perf_event_info(event, &point->prog_id, &point->type, &point->name,
				       &point->offset, &point->addr, &point->missed);
}

/* A counter or timer. */
static int bvm_perf_info_event(const struct bvm_perf_link *perf, struct bpf_link_info *info)
{
	const struct perf_event *event = perf->file->private_data;

	info->perf_event.type = BPF_PERF_EVENT_EVENT;
	info->perf_event.event.config = event->attr.config;
	info->perf_event.event.type = event->attr.type;
	info->perf_event.event.cookie = perf->cookie;
	return 0;
}

static int bvm_perf_info(const struct bvm_link *link, struct bpf_link_info *info)
{
	const struct bvm_perf_link *perf = bvm_perf(link);
	struct bvm_attach_point point = {};
	int err = bvm_perf_point(link, &point);

	if (err == -EOPNOTSUPP)
		return bvm_perf_info_event(perf, info);
	if (err)
		return err;
	err = bvm_link_info_string(info->perf_event.kprobe.func_name,
				   &info->perf_event.kprobe.name_len, point.name ?: "");
	if (err)
		return err;

	info->perf_event.type = bvm_perf_kind[point.type];
	switch (info->perf_event.type) {
	case BPF_PERF_EVENT_TRACEPOINT:
		info->perf_event.tracepoint.cookie = perf->cookie;
		break;
	case BPF_PERF_EVENT_UPROBE:
	case BPF_PERF_EVENT_URETPROBE:
		info->perf_event.uprobe.offset = point.offset;
		info->perf_event.uprobe.cookie = perf->cookie;
		break;
	default:
		info->perf_event.kprobe.offset = point.offset;
		info->perf_event.kprobe.addr = point.addr;
		info->perf_event.kprobe.missed = point.missed;
		info->perf_event.kprobe.cookie = perf->cookie;
	}
	return 0;
}

static const struct bvm_link_type bvm_perf_link_type = {
	.id = BPF_LINK_TYPE_PERF_EVENT,
	.name = "perf",
	.attach = bvm_perf_attach,
	.detach = bvm_perf_detach,
	.free = bvm_perf_free,
	.info = bvm_perf_info,
};

/**
 * bvm_perf_link - BPF_LINK_CREATE on an event of perf_event_open(2)
 * @prog:	program
 * @fd:		the event's descriptor
 * @cookie:	for bpf_get_attach_cookie()
 *
 * perf checks whether the program's type suits the event.  Process context.
 *
 * Return: descriptor or a negative errno.
 */
int bvm_perf_link(struct bvm_prog *prog, u32 fd, u64 cookie)
{
	struct file *file = perf_event_get(fd);
	struct bvm_perf_link *perf;

	if (IS_ERR(file))
		return PTR_ERR(file);
	perf = kzalloc(sizeof(*perf), GFP_KERNEL_ACCOUNT);
	if (!perf) {
		fput(file);
		return -ENOMEM;
	}
	bvm_link_init(&perf->link, &bvm_perf_link_type, prog);
	perf->file = file;
	perf->cookie = cookie;
	return bvm_link_open(&perf->link);
}

/* ------------------------------------------------------ BPF_TASK_FD_QUERY */

/* The file behind a descriptor of a process, which user space named by its pid. */
static struct file *bvm_task_file(u32 pid, u32 fd)
{
	struct task_struct *task = find_get_task_by_vpid(pid);
	struct file *file;

	if (!task)
		return ERR_PTR(-ENOENT);
	file = fget_task(task, fd);
	put_task_struct(task);
	return file ?: ERR_PTR(-EBADF);
}

static int bvm_file_point(struct file *file, struct bvm_attach_point *point)
{
	const struct bvm_link *link = bvm_link_of_file(file);
	const struct perf_event *event;

	if (link)
		return link->type->point ? link->type->point(link, point) : -ENOTSUPP;
	event = perf_get_event(file);
	if (IS_ERR(event))
		return -ENOTSUPP;
	return bpf_get_perf_event_info(event, &point->prog_id, &point->type, &point->name,
				       &point->offset, &point->addr, NULL);
}

/* The name as far as it fits, without its end in the length. */
static int bvm_query_name(const union bpf_attr *attr, union bpf_attr __user *uattr,
			  const char *name)
{
	char __user *to = u64_to_user_ptr(attr->task_fd_query.buf);
	u32 room = attr->task_fd_query.buf_len, len = strlen(name), fit;

	if (put_user(len, &uattr->task_fd_query.buf_len))
		return -EFAULT;
	if (!to || !room)
		return 0;
	fit = min(len, room - 1);
	if (copy_to_user(to, name, fit) || put_user('\0', to + fit))
		return -EFAULT;
	return fit < len ? -ENOSPC : 0;
}

static int bvm_query_results(const union bpf_attr *attr, union bpf_attr __user *uattr,
			     const struct bvm_attach_point *point)
{
	int err = bvm_query_name(attr, uattr, point->name ?: "");

	if (err && err != -ENOSPC)
		return err;
	if (put_user(point->prog_id, &uattr->task_fd_query.prog_id) ||
	    put_user(point->type, &uattr->task_fd_query.fd_type) ||
	    put_user(point->offset, &uattr->task_fd_query.probe_offset) ||
	    put_user(point->addr, &uattr->task_fd_query.probe_addr))
		return -EFAULT;
	return err;
}

/**
 * bvm_cmd_task_fd_query - BPF_TASK_FD_QUERY
 * @attr:	.task_fd_query: pid, fd, flags, buf_len, buf
 * @uattr:	.task_fd_query: buf_len, prog_id, fd_type, probe_offset, probe_addr are written
 * @size:	unused
 * Return: 0; -ENOENT without such a process, or without a program on the event;
 * -EBADF; -ENOTSUPP for other files; -EOPNOTSUPP for counters; -ENOSPC when the name was
 * cut off, all else being written; another negative errno.
 */
int bvm_cmd_task_fd_query(union bpf_attr *attr, union bpf_attr __user *uattr, u32 size)
{
	struct bvm_attach_point point = {};
	struct file *file;
	int err;

	if (attr->task_fd_query.flags)
		return -EINVAL;
	file = bvm_task_file(attr->task_fd_query.pid, attr->task_fd_query.fd);
	if (IS_ERR(file))
		return PTR_ERR(file);
	err = bvm_file_point(file, &point);
	if (!err)
		err = bvm_query_results(attr, uattr, &point);
	fput(file);
	return err;
}
