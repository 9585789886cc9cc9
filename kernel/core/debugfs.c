// SPDX-License-Identifier: GPL-2.0-only
/*
 * What can be switched at run time, to compare: /sys/kernel/debug/bvm/.
 */
#include <linux/debugfs.h>
#include <linux/init.h>
#include "core.h"
#include "../exec/opt.h"

u32 bvm_passes = BVM_PASSES_ALL;

static int __init bvm_debugfs_init(void)
{
	debugfs_create_x32("passes", 0600, debugfs_create_dir("bvm", NULL), &bvm_passes);
	return 0;
}
late_initcall(bvm_debugfs_init);
