// SPDX-License-Identifier: GPL-2.0-only
/*
 * bpf(2): the table of commands, and what is common to all of them: sizes, bytes
 * that must be zero, who may call.
 */
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/file.h>
#include <linux/nospec.h>
#include <linux/security.h>
#include <linux/syscalls.h>
#include <linux/sysctl.h>
#include <linux/uaccess.h>
#include "core.h"

#define CMD(command, function, last, who)				\
	[command] = {							\
		.fn = bvm_cmd_##function,				\
		.used = offsetofend(union bpf_attr, last),		\
		.cap = BVM_CMD_##who,					\
	}

static const struct bvm_cmd bvm_cmds[] = {
	CMD(BPF_MAP_CREATE,		map_create,	map_token_fd,	ANYONE),
	CMD(BPF_MAP_LOOKUP_ELEM,	map_lookup,	flags,		ANYONE),
	CMD(BPF_MAP_UPDATE_ELEM,	map_update,	flags,		ANYONE),
	CMD(BPF_MAP_DELETE_ELEM,	map_delete,	key,		ANYONE),
	CMD(BPF_MAP_GET_NEXT_KEY,	map_next_key,	next_key,	ANYONE),
	CMD(BPF_MAP_LOOKUP_AND_DELETE_ELEM, map_take,	flags,		ANYONE),
	CMD(BPF_MAP_LOOKUP_BATCH,	map_lookup_batch, batch.flags,	ANYONE),
	CMD(BPF_MAP_LOOKUP_AND_DELETE_BATCH, map_take_batch, batch.flags, ANYONE),
	CMD(BPF_MAP_UPDATE_BATCH,	map_update_batch, batch.flags,	ANYONE),
	CMD(BPF_MAP_DELETE_BATCH,	map_delete_batch, batch.flags,	ANYONE),
	CMD(BPF_MAP_FREEZE,		map_freeze,	map_fd,		ANYONE),
	CMD(BPF_MAP_GET_NEXT_ID,	map_next_id,	next_id,	ADMIN),
	CMD(BPF_MAP_GET_FD_BY_ID,	map_from_id,	open_flags,	ADMIN),
	CMD(BPF_PROG_LOAD,		prog_load,	prog_token_fd,	ANYONE),
	CMD(BPF_PROG_GET_NEXT_ID,	prog_next_id,	next_id,	ADMIN),
	CMD(BPF_PROG_GET_FD_BY_ID,	prog_from_id,	prog_id,	ADMIN),
	CMD(BPF_PROG_TEST_RUN,		prog_test_run,	test.batch_size, ANYONE),
	CMD(BPF_OBJ_PIN,		obj_pin,	path_fd,	ANYONE),
	CMD(BPF_OBJ_GET,		obj_get,	path_fd,	ANYONE),
	CMD(BPF_OBJ_GET_INFO_BY_FD,	info,		info.info,	ANYONE),
	CMD(BPF_BTF_LOAD,		btf_load,	btf_token_fd,	ANYONE),
	CMD(BPF_BTF_GET_NEXT_ID,	btf_next_id,	next_id,	ADMIN),
	CMD(BPF_BTF_GET_FD_BY_ID,	btf_from_id,	btf_id,		ADMIN),
	CMD(BPF_LINK_GET_NEXT_ID,	link_next_id,	next_id,	ADMIN),
	CMD(BPF_LINK_GET_FD_BY_ID,	link_from_id,	link_id,	ADMIN),
	CMD(BPF_LINK_DETACH,		link_detach,	link_detach.link_fd, ANYONE),
	CMD(BPF_LINK_UPDATE,		link_update,	link_update.old_prog_fd, ANYONE),
#ifdef CONFIG_BVM_EVENTS
	CMD(BPF_RAW_TRACEPOINT_OPEN,	raw_tp_open,	raw_tracepoint.cookie, ANYONE),
	CMD(BPF_LINK_CREATE,		link_create,	link_create.uprobe_multi.pid, ANYONE),
	CMD(BPF_TASK_FD_QUERY,		task_fd_query,	task_fd_query.probe_addr, ADMIN),
#endif
	CMD(BPF_PROG_BIND_MAP,		prog_bind_map,	prog_bind_map.flags, ANYONE),
	CMD(BPF_ENABLE_STATS,		enable_stats,	enable_stats.type, ADMIN),
};

/**
 * bvm_cmd_find - the row of a command
 * @cmd:	as user space passed it
 * Return: row, or NULL for what bpf(2) answers with EINVAL.
 */
const struct bvm_cmd *bvm_cmd_find(u32 cmd)
{
	if (cmd >= ARRAY_SIZE(bvm_cmds))
		return NULL;
	cmd = array_index_nospec(cmd, ARRAY_SIZE(bvm_cmds));
	return bvm_cmds[cmd].fn ? &bvm_cmds[cmd] : NULL;
}

/**
 * bvm_attr_tail_is_zero - nothing is set that a command does not know
 * @attr:	kernel copy
 * @used:	bytes that the command knows
 * Return: true if all later bytes are zero.
 */
bool bvm_attr_tail_is_zero(const union bpf_attr *attr, u32 used)
{
	return !memchr_inv((const u8 *)attr + used, 0, sizeof(*attr) - used);
}

/**
 * bvm_user_tail_is_zero - user space passed a structure that may be newer than ours
 * @user:	the structure
 * @known:	bytes of it that this kernel knows
 * @size:	bytes that user space says it has
 *
 * Return: 0 when what we do not know is not used; -E2BIG when it is, or when @size is
 * above a page; -EFAULT.
 */
int bvm_user_tail_is_zero(const void __user *user, u32 known, u32 size)
{
	int zero;

	if (size > PAGE_SIZE)
		return -E2BIG;
	if (size <= known)
		return 0;
	zero = check_zeroed_user(user + known, size - known);
	if (zero < 0)
		return zero;
	return zero ? 0 : -E2BIG;
}

/**
 * bvm_absent_fd - a descriptor of a kind that BVM does not have (BTF, token)
 * @fd:		descriptor
 * Return: -EBADF if nothing is open there, -EINVAL if something else is.
 */
int bvm_absent_fd(u32 fd)
{
	CLASS(fd, f)(fd);

	return fd_empty(f) ? -EBADF : -EINVAL;
}

/**
 * bvm_name_copy - check the name of a program or map
 * @to:		BVM_NAME_LEN bytes, padded with zeros
 * @from:	BVM_NAME_LEN bytes: letters, digits, '_' and '.', then NUL; may be empty
 * Return: 0 or -EINVAL.
 */
int bvm_name_copy(char *to, const char *from)
{
	u32 i, len = strnlen(from, BVM_NAME_LEN);

	if (len == BVM_NAME_LEN)
		return -EINVAL;
	for (i = 0; i < len; i++)
		if (!isalnum(from[i]) && from[i] != '_' && from[i] != '.')
			return -EINVAL;
	memset(to, 0, BVM_NAME_LEN);
	memcpy(to, from, len);
	return 0;
}

/* kernel.unprivileged_bpf_disabled: 0 enabled, 1 disabled for good, 2 disabled */
static int bvm_unprivileged_disabled = 2;

/**
 * bvm_may_create - the caller may make new objects, as far as the sysctl is concerned
 */
bool bvm_may_create(void)
{
	return !READ_ONCE(bvm_unprivileged_disabled) || bpf_capable();
}

SYSCALL_DEFINE3(bpf, int, cmd, union bpf_attr __user *, uattr, unsigned int, size)
{
	const struct bvm_cmd *row;
	union bpf_attr attr;
	int err;

	err = bvm_user_tail_is_zero(uattr, sizeof(attr), size);
	if (err)
		return err;
	size = min_t(u32, size, sizeof(attr));

	memset(&attr, 0, sizeof(attr));
	if (copy_from_user(&attr, uattr, size))
		return -EFAULT;

	err = security_bpf(cmd, &attr, size);
	if (err < 0)
		return err;

	row = bvm_cmd_find(cmd);
	if (!row || !bvm_attr_tail_is_zero(&attr, row->used))
		return -EINVAL;
	if (row->cap == BVM_CMD_ADMIN && !capable(CAP_SYS_ADMIN))
		return -EPERM;
	return row->fn(&attr, uattr, size);
}

#ifdef CONFIG_SYSCTL
/* Documentation/admin-guide/sysctl/kernel.rst: once it is 1 it stays 1. */
static int bvm_unprivileged_handler(const struct ctl_table *table, int write, void *buffer,
				    size_t *lenp, loff_t *ppos)
{
	int value = READ_ONCE(bvm_unprivileged_disabled);
	bool locked = value == 1;
	struct ctl_table copy = *table;
	int err;

	if (write && !capable(CAP_SYS_ADMIN))
		return -EPERM;

	copy.data = &value;
	err = proc_dointvec_minmax(&copy, write, buffer, lenp, ppos);
	if (err || !write)
		return err;
	if (locked && value != 1)
		return -EPERM;
	WRITE_ONCE(bvm_unprivileged_disabled, value);
	return 0;
}

static struct ctl_table bvm_sysctls[] = {
	{
		.procname	= "unprivileged_bpf_disabled",
		.data		= &bvm_unprivileged_disabled,
		.maxlen		= sizeof(bvm_unprivileged_disabled),
		.mode		= 0644,
		.proc_handler	= bvm_unprivileged_handler,
		.extra1		= SYSCTL_ZERO,
		.extra2		= SYSCTL_TWO,
	},
};

static int __init bvm_sysctl_init(void)
{
	register_sysctl_init("kernel", bvm_sysctls);
	return 0;
}
late_initcall(bvm_sysctl_init);
#endif /* CONFIG_SYSCTL */
