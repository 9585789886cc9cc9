// SPDX-License-Identifier: GPL-2.0-only
/*
 * Types as objects of the kernel: BPF_BTF_LOAD, ids, descriptors, and how they describe
 * themselves.  What is in them is for kernel/btf/; those of the kernel and of its
 * modules come from btf_kernel.c.
 */
#include <linux/capability.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include "core.h"

/* ------------------------------------------------------- life of an object */

/**
 * bvm_btf_make - an object that nobody else sees yet
 * @name:	"vmlinux", a module's name, or "" for those of user space
 * @data:	BTF; freed with the object if @owned
 * @size:	bytes of it
 * @owned:	@data was allocated with kvmalloc()
 *
 * Its types have not been parsed.  Charged to the memory control group of the caller.
 * Process context.
 *
 * Return: object with one reference, for bvm_btf_put(); NULL for lack of memory, then
 * @data is the caller's.
 */
struct bvm_btf_obj *bvm_btf_make(const char *name, const void *data, u32 size, bool owned)
{
	struct bvm_btf_obj *btf = kzalloc(sizeof(*btf), GFP_KERNEL_ACCOUNT);

	if (!btf)
		return NULL;
	bvm_obj_init(&btf->obj, &bvm_btf_obj_kind);
	INIT_LIST_HEAD(&btf->node);
	strscpy(btf->name, name);
	btf->data = data;
	btf->size = size;
	btf->owned = owned;
	return btf;
}

static void bvm_btf_free(struct bvm_obj *obj)
{
	struct bvm_btf_obj *btf = bvm_obj_btf(obj);

	if (btf->parsed)
		bvm_btf_clear(&btf->types);
	if (btf->owned)
		kvfree(btf->data);
	kfree(btf);
}

#ifdef CONFIG_PROC_FS
static void bvm_btf_fdinfo(struct seq_file *m, struct file *file)
{
	const struct bvm_obj *obj = file->private_data;

	seq_printf(m, "btf_id:\t%u\n", obj->id);
}
#endif

static const struct file_operations bvm_btf_fops = {
#ifdef CONFIG_PROC_FS
	.show_fdinfo = bvm_btf_fdinfo,
#endif
	.release = bvm_obj_release,
};

struct bvm_obj_kind bvm_btf_obj_kind = {
	.name = "btf",
	.fops = &bvm_btf_fops,
	.ids = XARRAY_INIT(bvm_btf_obj_kind.ids, XA_FLAGS_ALLOC1 | XA_FLAGS_LOCK_IRQ),
	.free = bvm_btf_free,
};

/* ------------------------------------------------------------ BPF_BTF_LOAD */

/**
 * struct bvm_btf_words - the words of a check on their way to user space
 * @sink:	what the check sees
 * @log:	where they go
 */
struct bvm_btf_words {
	struct bvm_btf_log sink;
	struct bvm_log *log;
};

static __printf(2, 0) void bvm_btf_print(struct bvm_btf_log *sink, const char *fmt, va_list args)
{
	bvm_vlog(container_of(sink, struct bvm_btf_words, sink)->log, fmt, args);
}

/* Copy and check; the log is closed by the caller. */
static struct bvm_btf_obj *bvm_btf_copy(const void __user *user, u32 size, struct bvm_log *log)
{
	struct bvm_btf_words words = { .sink.print = bvm_btf_print, .log = log };
	void *data = kvmalloc(size, GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	struct bvm_btf_obj *btf;
	int err;

	if (!data)
		return ERR_PTR(-ENOMEM);
	if (copy_from_user(data, user, size)) {
		kvfree(data);
		return ERR_PTR(-EFAULT);
	}
	btf = bvm_btf_make("", data, size, true);
	if (!btf) {
		kvfree(data);
		return ERR_PTR(-ENOMEM);
	}
	err = bvm_btf_parse(&btf->types, data, size, NULL, log->level ? &words.sink : NULL);
	if (err) {
		bvm_btf_put(btf);
		return ERR_PTR(err);
	}
	btf->parsed = true;
	return btf;
}

/* The object, when the log has reached user space as well. */
static struct bvm_btf_obj *bvm_btf_load(const union bpf_attr *attr, __u32 __user *true_size)
{
	struct bvm_user_log *log;
	struct bvm_btf_obj *btf;
	int err;

	log = bvm_user_log_open(attr->btf_log_level, attr->btf_log_size, attr->btf_log_buf);
	if (IS_ERR(log))
		return ERR_CAST(log);
	btf = bvm_btf_copy(u64_to_user_ptr(attr->btf), attr->btf_size, &log->log);
	err = bvm_user_log_close(log, PTR_ERR_OR_ZERO(btf), true_size);
	if (err && !IS_ERR(btf))
		bvm_btf_put(btf);
	return err ? ERR_PTR(err) : btf;
}

/**
 * bvm_cmd_btf_load - BPF_BTF_LOAD
 * @attr:	btf ... btf_token_fd
 * @uattr:	btf_log_true_size is written, if it lies within @size
 * @size:	bytes that user space passed
 * Return: descriptor or a negative errno.
 */
int bvm_cmd_btf_load(union bpf_attr *attr, union bpf_attr __user *uattr, u32 size)
{
	bool has_true_size = size >= offsetofend(union bpf_attr, btf_log_true_size);
	struct bvm_btf_obj *btf;
	int fd;

	if (attr->btf_flags & ~BPF_F_TOKEN_FD)
		return -EINVAL;
	if (attr->btf_flags & BPF_F_TOKEN_FD)
		return bvm_absent_fd(attr->btf_token_fd);
	if (!bpf_capable())
		return -EPERM;
	if (attr->btf_size > BVM_BTF_MAX_SIZE)
		return -E2BIG;
	btf = bvm_btf_load(attr, has_true_size ? &uattr->btf_log_true_size : NULL);
	if (IS_ERR(btf))
		return PTR_ERR(btf);
	fd = bvm_obj_publish(&btf->obj);
	if (!fd)
		fd = bvm_obj_fd(&btf->obj, O_RDONLY);
	if (fd < 0)
		bvm_btf_put(btf);
	return fd;
}

/* ------------------------------------------------------------- commands */

/**
 * bvm_cmd_btf_next_id - BPF_BTF_GET_NEXT_ID
 * @attr:	start_id
 * @uattr:	next_id is written
 * @size:	unused
 * Return: 0 or a negative errno.
 */
int bvm_cmd_btf_next_id(union bpf_attr *attr, union bpf_attr __user *uattr, u32 size)
{
	u32 next;
	int err = bvm_obj_next_id(&bvm_btf_obj_kind, attr->start_id, &next);

	return err ?: put_user(next, &uattr->next_id);
}

/**
 * bvm_cmd_btf_from_id - BPF_BTF_GET_FD_BY_ID
 * @attr:	btf_id
 * @uattr:	unused
 * @size:	unused
 * Return: descriptor or a negative errno.
 */
int bvm_cmd_btf_from_id(union bpf_attr *attr, union bpf_attr __user *uattr, u32 size)
{
	struct bvm_obj *obj = bvm_obj_from_id(&bvm_btf_obj_kind, attr->btf_id);
	int fd;

	if (!obj)
		return -ENOENT;
	fd = bvm_obj_fd(obj, O_RDONLY);
	if (fd < 0)
		bvm_obj_put(obj);
	return fd;
}

/**
 * bvm_btf_from_fd - the types behind a descriptor
 * @fd:		descriptor
 * Process context.  Return: types with a reference, for bvm_btf_put(); -EBADF, -EINVAL.
 */
struct bvm_btf_obj *bvm_btf_from_fd(u32 fd)
{
	CLASS(fd, f)(fd);
	struct bvm_obj *obj;

	if (fd_empty(f))
		return ERR_PTR(-EBADF);
	if (fd_file(f)->f_op != &bvm_btf_fops)
		return ERR_PTR(-EINVAL);
	obj = fd_file(f)->private_data;
	bvm_obj_get(obj);
	return bvm_obj_btf(obj);
}

/**
 * bvm_btf_put - drop a reference
 * @btf:	types
 */
void bvm_btf_put(struct bvm_btf_obj *btf)
{
	bvm_obj_put(&btf->obj);
}

/* The name, cut off to what fits, and its length. */
static int bvm_btf_info_name(const struct bvm_btf_obj *btf, struct bpf_btf_info *info)
{
	char __user *user = u64_to_user_ptr(info->name);
	u32 len = strlen(btf->name), room = info->name_len, fit;

	if (!user != !room)
		return -EINVAL;
	info->name_len = len;
	if (!user)
		return 0;
	fit = min(len, room - 1);
	if (copy_to_user(user, btf->name, fit) || put_user('\0', user + fit))
		return -EFAULT;
	return fit < len ? -ENOSPC : 0;
}

/**
 * bvm_btf_info - BPF_OBJ_GET_INFO_BY_FD
 * @btf:	types
 * @user:	struct bpf_btf_info
 * @size:	bytes of it that user space has
 * @size_out:	bytes that were written
 *
 * Unlike with programs and maps, a size of a buffer without a buffer is not overlooked:
 * that faults.
 *
 * Return: 0; -EFAULT; -E2BIG when user space uses more than we know; -EINVAL for a name
 * without a length or the reverse; -ENOSPC for a name that was cut off, all else being
 * written.
 */
int bvm_btf_info(const struct bvm_btf_obj *btf, void __user *user, u32 size, __u32 __user *size_out)
{
	struct bpf_btf_info info = {};
	int err;

	err = bvm_user_tail_is_zero(user, sizeof(info), size);
	if (err)
		return err;
	size = min_t(u32, size, sizeof(info));
	if (copy_from_user(&info, user, size))
		return -EFAULT;

	if (copy_to_user(u64_to_user_ptr(info.btf), btf->data, min(info.btf_size, btf->size)))
		return -EFAULT;
	info.btf_size = btf->size;
	info.id = btf->obj.id;
	info.kernel_btf = !!btf->name[0];
	err = bvm_btf_info_name(btf, &info);
	if (err && err != -ENOSPC)
		return err;
	if (copy_to_user(user, &info, size) || put_user(size, size_out))
		return -EFAULT;
	return err;
}
