// SPDX-License-Identifier: GPL-2.0-only
/*
 * Links: a program on an attach point, as an object with an id and descriptors.  The
 * program stays attached until the last of them is closed.  What an attach point is,
 * is for the type of link (struct bvm_link_type).
 */
#include <linux/anon_inodes.h>
#include <linux/file.h>
#include <linux/seq_file.h>
#include <linux/uaccess.h>
#include "core.h"

static struct bvm_link *bvm_obj_link(struct bvm_obj *obj)
{
	return container_of(obj, struct bvm_link, obj);
}

static void bvm_link_last(struct bvm_obj *obj)
{
	struct bvm_link *link = bvm_obj_link(obj);

	if (link->attached)
		link->type->detach(link);
	link->attached = false;
}

static void bvm_link_free(struct bvm_obj *obj)
{
	struct bvm_link *link = bvm_obj_link(obj);
	struct bvm_prog *prog = link->prog;

	link->type->free(link);
	bvm_prog_put(prog);
}

#ifdef CONFIG_PROC_FS
static void bvm_link_fdinfo(struct seq_file *m, struct file *file)
{
	const struct bvm_link *link = bvm_obj_link(file->private_data);

	seq_printf(m, "link_type:\t%s\n", link->type->name);
	seq_printf(m, "link_id:\t%u\n", link->obj.id);
	seq_printf(m, "prog_tag:\t%*phN\n", BPF_TAG_SIZE, link->prog->tag);
	seq_printf(m, "prog_id:\t%u\n", link->prog->obj.id);
	if (link->type->fdinfo)
		link->type->fdinfo(link, m);
}
#endif

static const struct file_operations bvm_link_fops = {
#ifdef CONFIG_PROC_FS
	.show_fdinfo = bvm_link_fdinfo,
#endif
	.release = bvm_obj_release,
};

static int bvm_link_fd(struct bvm_obj *obj, int flags)
{
	return bvm_obj_fd(obj, O_RDONLY);
}

struct bvm_obj_kind bvm_link_kind = {
	.name = "bpf_link",
	.fops = &bvm_link_fops,
	.ids = XARRAY_INIT(bvm_link_kind.ids, XA_FLAGS_ALLOC1 | XA_FLAGS_LOCK_IRQ),
	.open = bvm_link_fd,
	.last = bvm_link_last,
	.free = bvm_link_free,
};

/**
 * bvm_link_init - the common part of a link
 * @link:	zeroed, first in the structure of its type
 * @type:	kind of attach point
 * @prog:	program; a reference is taken
 *
 * Return: nothing; the link has one reference, for bvm_link_open() or bvm_link_put().
 */
void bvm_link_init(struct bvm_link *link, const struct bvm_link_type *type,
		   struct bvm_prog *prog)
{
	bvm_obj_init(&link->obj, &bvm_link_kind);
	link->type = type;
	link->prog = prog;
	bvm_prog_get(prog);
}

/* From here on the file has the link's reference. */
static int bvm_link_start(struct bvm_link *link)
{
	int err = link->type->attach(link);

	if (err)
		return err;
	link->attached = true;
	return bvm_obj_publish(&link->obj);
}

/**
 * bvm_link_open - attach the program and give out a descriptor
 * @link:	link; its reference is taken over even on failure
 *
 * The descriptor comes first, so that no event runs a program whose loading or
 * attaching fails after all for lack of one.  Process context, may sleep.
 *
 * Return: descriptor, close-on-exec, or a negative errno.
 */
int bvm_link_open(struct bvm_link *link)
{
	int fd = get_unused_fd_flags(O_CLOEXEC);
	struct file *file;
	int err;

	if (fd < 0) {
		bvm_link_put(link);
		return fd;
	}
	file = anon_inode_getfile(bvm_link_kind.name, &bvm_link_fops, &link->obj, O_CLOEXEC);
	if (IS_ERR(file)) {
		put_unused_fd(fd);
		bvm_link_put(link);
		return PTR_ERR(file);
	}
	bvm_obj_keep(&link->obj);
	err = bvm_link_start(link);
	if (err) {
		put_unused_fd(fd);
		fput(file);
		return err;
	}
	fd_install(fd, file);
	return fd;
}

/**
 * bvm_link_from_fd - the link behind a descriptor
 * @fd:		descriptor
 * Process context.  Return: link with a reference; -EBADF, -EINVAL (something else).
 */
struct bvm_link *bvm_link_from_fd(u32 fd)
{
	CLASS(fd, f)(fd);
	struct bvm_link *link;

	if (fd_empty(f))
		return ERR_PTR(-EBADF);
	link = bvm_link_of_file(fd_file(f));
	if (!link)
		return ERR_PTR(-EINVAL);
	bvm_obj_get(&link->obj);
	return link;
}

/**
 * bvm_link_of_file - the link behind a file
 * @file:	any file
 * Return: link, which lives at least as long as the file; NULL for other files.
 */
struct bvm_link *bvm_link_of_file(const struct file *file)
{
	return file->f_op == &bvm_link_fops ? bvm_obj_link(file->private_data) : NULL;
}

/* ------------------------------------------------------------- commands */

/**
 * bvm_cmd_link_next_id - BPF_LINK_GET_NEXT_ID
 * @attr:	start_id
 * @uattr:	next_id is written
 * @size:	unused
 * Return: 0 or a negative errno.
 */
int bvm_cmd_link_next_id(union bpf_attr *attr, union bpf_attr __user *uattr, u32 size)
{
	u32 next;
	int err = bvm_obj_next_id(&bvm_link_kind, attr->start_id, &next);

	return err ?: put_user(next, &uattr->next_id);
}

/**
 * bvm_cmd_link_from_id - BPF_LINK_GET_FD_BY_ID
 * @attr:	link_id
 * @uattr:	unused
 * @size:	unused
 * Return: descriptor or a negative errno.
 */
int bvm_cmd_link_from_id(union bpf_attr *attr, union bpf_attr __user *uattr, u32 size)
{
	struct bvm_obj *obj = bvm_obj_from_id(&bvm_link_kind, attr->link_id);
	int fd;

	if (!obj)
		return -ENOENT;
	fd = bvm_link_fd(obj, O_RDONLY);
	if (fd < 0)
		bvm_obj_put(obj);
	return fd;
}

/**
 * bvm_cmd_link_detach - BPF_LINK_DETACH
 * @attr:	.link_detach.link_fd
 * @uattr:	unused
 * @size:	unused
 *
 * Programs on events are detached by closing: none of the types detaches earlier.
 *
 * Return: -EOPNOTSUPP, or what is wrong with the descriptor.
 */
int bvm_cmd_link_detach(union bpf_attr *attr, union bpf_attr __user *uattr, u32 size)
{
	struct bvm_link *link = bvm_link_from_fd(attr->link_detach.link_fd);

	if (IS_ERR(link))
		return PTR_ERR(link);
	bvm_link_put(link);
	return -EOPNOTSUPP;
}

/* What is wrong with replacing @attr->link_update.old_prog_fd, for sure. */
static int bvm_link_update_check(const union bpf_attr *attr)
{
	u32 old_fd = attr->link_update.old_prog_fd;
	struct bvm_prog *prog = bvm_prog_from_fd(attr->link_update.new_prog_fd);

	if (IS_ERR(prog))
		return PTR_ERR(prog);
	bvm_prog_put(prog);
	if (!(attr->link_update.flags & BPF_F_REPLACE))
		return -EINVAL;
	prog = bvm_prog_from_fd(old_fd);
	if (IS_ERR(prog))
		return PTR_ERR(prog);
	bvm_prog_put(prog);
	return -EINVAL;
}

/**
 * bvm_cmd_link_update - BPF_LINK_UPDATE
 * @attr:	.link_update
 * @uattr:	unused
 * @size:	unused
 *
 * None of the types replaces its program.
 *
 * Return: -EINVAL, or what is wrong with a descriptor.
 */
int bvm_cmd_link_update(union bpf_attr *attr, union bpf_attr __user *uattr, u32 size)
{
	struct bvm_link *link;
	int err;

	if (attr->link_update.flags & ~BPF_F_REPLACE)
		return -EINVAL;
	link = bvm_link_from_fd(attr->link_update.link_fd);
	if (IS_ERR(link))
		return PTR_ERR(link);
	err = bvm_link_update_check(attr);
	bvm_link_put(link);
	return err;
}

/* ---------------------------------------------------------- information */

/**
 * bvm_link_info_string - a name in struct bpf_link_info
 * @user:	user space's buffer, or 0
 * @len:	bytes of it; replaced by those that the name needs, its end included
 * @text:	name
 *
 * Return: 0; -EINVAL for a buffer without a length or the reverse; -EFAULT; -ENOSPC when
 * the name was cut off.
 */
int bvm_link_info_string(u64 user, u32 *len, const char *text)
{
	char __user *to = u64_to_user_ptr(user);
	u32 room = *len, need = strlen(text) + 1;

	if (!to != !room)
		return -EINVAL;
	*len = need;
	if (!to)
		return 0;
	if (copy_to_user(to, text, min(need, room) - 1) ||
	    put_user('\0', to + min(need, room) - 1))
		return -EFAULT;
	return need > room ? -ENOSPC : 0;
}

/**
 * bvm_link_info - BPF_OBJ_GET_INFO_BY_FD
 * @link:	link
 * @user:	struct bpf_link_info
 * @size:	bytes of it that user space has
 * @size_out:	bytes that were written
 *
 * Return: 0 or a negative errno; nothing is written then but names that were cut off.
 */
int bvm_link_info(const struct bvm_link *link, void __user *user, u32 size,
		  __u32 __user *size_out)
{
	struct bpf_link_info info;
	int err = bvm_user_tail_is_zero(user, sizeof(info), size);

	if (err)
		return err;
	size = min_t(u32, size, sizeof(info));
	memset(&info, 0, sizeof(info));
	if (copy_from_user(&info, user, size))
		return -EFAULT;

	info.type = link->type->id;
	info.id = link->obj.id;
	info.prog_id = link->prog->obj.id;
	err = link->type->info ? link->type->info(link, &info) : 0;
	if (err)
		return err;
	if (copy_to_user(user, &info, size) || put_user(size, size_out))
		return -EFAULT;
	return 0;
}
