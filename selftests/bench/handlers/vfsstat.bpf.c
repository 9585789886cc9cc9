// SPDX-License-Identifier: GPL-2.0-only
/* Operations on files, counted. */
#include "handler.h"

enum { READ, WRITE, OPEN, FSYNC, KINDS };

__u64 stats[KINDS];

static __always_inline int count(int kind)
{
	__sync_fetch_and_add(&stats[kind], 1);
	return 0;
}

SEC("kprobe/vfs_read")
int vfs_read(void *ctx)
{
	return count(READ);
}

SEC("kprobe/vfs_write")
int vfs_write(void *ctx)
{
	return count(WRITE);
}

SEC("kprobe/vfs_open")
int vfs_open(void *ctx)
{
	return count(OPEN);
}

SEC("kprobe/vfs_fsync_range")
int vfs_fsync(void *ctx)
{
	return count(FSYNC);
}

char LICENSE[] SEC("license") = "GPL";
