// SPDX-License-Identifier: GPL-2.0-only
/*
 * How often programs run and how long: kept per CPU by bpf_prog_run() while somebody
 * wants it, the sysctl kernel.bpf_stats_enabled or a descriptor of BPF_ENABLE_STATS.
 * Each of them is one count on the static key.
 */
#include <linux/anon_inodes.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/fs.h>
#include <linux/sysctl.h>
#include "core.h"

/**
 * bvm_prog_read_stats - sum up over the CPUs
 * @prog:	program
 * @stats:	result
 */
void bvm_prog_read_stats(const struct bvm_prog *prog, struct bvm_run_stats *stats)
{
	int cpu;

	*stats = (struct bvm_run_stats){};
	for_each_possible_cpu(cpu) {
		const struct bpf_prog_stats *s = per_cpu_ptr(prog->stats, cpu);
		struct bvm_run_stats one;
		unsigned int start;

		do {
			start = u64_stats_fetch_begin(&s->syncp);
			one.cnt = u64_stats_read(&s->cnt);
			one.nsecs = u64_stats_read(&s->nsecs);
			one.misses = u64_stats_read(&s->misses);
		} while (u64_stats_fetch_retry(&s->syncp, start));
		stats->cnt += one.cnt;
		stats->nsecs += one.nsecs;
		stats->misses += one.misses;
	}
}

static int bvm_stats_release(struct inode *inode, struct file *file)
{
	static_branch_dec(&bpf_stats_enabled_key);
	return 0;
}

static const struct file_operations bvm_stats_fops = {
	.release = bvm_stats_release,
};

/**
 * bvm_cmd_enable_stats - BPF_ENABLE_STATS: statistics until the descriptor is closed
 * @attr:	.enable_stats.type
 * @uattr:	unused
 * @size:	unused
 * Return: descriptor; -EINVAL for a type other than BPF_STATS_RUN_TIME.
 */
int bvm_cmd_enable_stats(union bpf_attr *attr, union bpf_attr __user *uattr, u32 size)
{
	int fd;

	if (attr->enable_stats.type != BPF_STATS_RUN_TIME)
		return -EINVAL;
	static_branch_inc(&bpf_stats_enabled_key);
	fd = anon_inode_getfd("bpf-stats", &bvm_stats_fops, NULL, O_CLOEXEC);
	if (fd < 0)
		static_branch_dec(&bpf_stats_enabled_key);
	return fd;
}

#ifdef CONFIG_SYSCTL
static DEFINE_MUTEX(bvm_stats_mutex);
static int bvm_stats_sysctl;

static int bvm_stats_handler(const struct ctl_table *table, int write, void *buffer,
			     size_t *lenp, loff_t *ppos)
{
	struct ctl_table copy = *table;
	int value, err;

	if (write && !capable(CAP_SYS_ADMIN))
		return -EPERM;

	mutex_lock(&bvm_stats_mutex);
	value = bvm_stats_sysctl;
	copy.data = &value;
	err = proc_dointvec_minmax(&copy, write, buffer, lenp, ppos);
	if (!err && write && value != bvm_stats_sysctl) {
		if (value)
			static_branch_inc(&bpf_stats_enabled_key);
		else
			static_branch_dec(&bpf_stats_enabled_key);
		bvm_stats_sysctl = value;
	}
	mutex_unlock(&bvm_stats_mutex);
	return err;
}

static struct ctl_table bvm_stats_sysctls[] = {
	{
		.procname	= "bpf_stats_enabled",
		.data		= &bvm_stats_sysctl,
		.maxlen		= sizeof(bvm_stats_sysctl),
		.mode		= 0644,
		.proc_handler	= bvm_stats_handler,
		.extra1		= SYSCTL_ZERO,
		.extra2		= SYSCTL_ONE,
	},
};

static int __init bvm_stats_init(void)
{
	register_sysctl_init("kernel", bvm_stats_sysctls);
	return 0;
}
late_initcall(bvm_stats_init);
#endif /* CONFIG_SYSCTL */
