// SPDX-License-Identifier: GPL-2.0-only
/*
 * A log in user memory, of BPF_PROG_LOAD and BPF_BTF_LOAD.
 */
#include <linux/slab.h>
#include <linux/uaccess.h>
#include "core.h"

static int bvm_log_to_user(struct bvm_log_sink *sink, u32 off, const char *text, u32 len)
{
	struct bvm_user_log *user = container_of(sink, struct bvm_user_log, sink);

	return copy_to_user(user->buf + off, text, len) ? -EFAULT : 0;
}

static int bvm_log_from_user(struct bvm_log_sink *sink, u32 off, char *text, u32 len)
{
	struct bvm_user_log *user = container_of(sink, struct bvm_user_log, sink);

	return copy_from_user(text, user->buf + off, len) ? -EFAULT : 0;
}

/**
 * bvm_user_log_open - start a log
 * @level:	log_level
 * @size:	log_size, bytes
 * @buf:	log_buf, or 0
 * Process context.  Return: log, for bvm_user_log_close(); -ENOMEM, -EINVAL.
 */
struct bvm_user_log *bvm_user_log_open(u32 level, u32 size, u64 buf)
{
	struct bvm_user_log *user = kmalloc(sizeof(*user), GFP_KERNEL_ACCOUNT);
	int err;

	if (!user)
		return ERR_PTR(-ENOMEM);
	user->sink = (struct bvm_log_sink){ .write = bvm_log_to_user, .read = bvm_log_from_user };
	user->buf = u64_to_user_ptr(buf);
	err = bvm_log_init(&user->log, level, size, buf ? &user->sink : NULL);
	if (err) {
		kfree(user);
		return ERR_PTR(err);
	}
	return user;
}

/**
 * bvm_user_log_close - finish a log and free it
 * @user:	log
 * @err:	what the command would answer
 * @true_size:	log_true_size, or NULL when user space passed no room for it
 *
 * A log that did not fit is the answer even when all else went well.  Process context.
 *
 * Return: what to answer: -ENOSPC, -EFAULT, or @err.
 */
int bvm_user_log_close(struct bvm_user_log *user, int err, __u32 __user *true_size)
{
	u32 size;
	int log_err = bvm_log_finish(&user->log, &size);

	kfree(user);
	if (true_size && put_user(size, true_size))
		return -EFAULT;
	return log_err ?: err;
}
