// SPDX-License-Identifier: GPL-2.0-only
/* Reads and writes by file and thread. */
#include "handler.h"

const volatile __u32 target_pid;
const volatile bool regular_only = true;

struct file_id {
	__u64 inode;
	__u32 pid, tid;
};

struct file_stat {
	__u64 reads, read_bytes, writes, write_bytes;
	__u32 pid, tid;
	char name[NAME_LEN], comm[COMM_LEN];
};

HASH(entries, struct file_id, struct file_stat);

static const struct file_stat zero;

static __always_inline int io(struct file *file, __u64 count, bool write)
{
	__u64 id = bpf_get_current_pid_tgid();
	struct file_id key = {};
	struct file_stat *stat;
	const unsigned char *name;
	__u32 mode;

	if (target_pid && target_pid != id >> 32)
		return 0;
	mode = BPF_CORE_READ(file, f_inode, i_mode);
	if (regular_only && (mode & 0170000) != 0100000)
		return 0;
	key.pid = id >> 32;
	key.tid = id;
	key.inode = BPF_CORE_READ(file, f_inode, i_ino);
	stat = bpf_map_lookup_elem(&entries, &key);
	if (!stat) {
		bpf_map_update_elem(&entries, &key, &zero, BPF_ANY);
		stat = bpf_map_lookup_elem(&entries, &key);
		if (!stat)
			return 0;
		stat->pid = key.pid;
		stat->tid = key.tid;
		bpf_get_current_comm(stat->comm, sizeof(stat->comm));
		name = BPF_CORE_READ(file, f_path.dentry, d_name.name);
		bpf_probe_read_kernel_str(stat->name, sizeof(stat->name), name);
	}
	if (write) {
		stat->writes++;
		stat->write_bytes += count;
	} else {
		stat->reads++;
		stat->read_bytes += count;
	}
	return 0;
}

SEC("kprobe/vfs_read")
int BPF_KPROBE(vfs_read_entry, struct file *file, char *buf, __u64 count)
{
	return io(file, count, false);
}

SEC("kprobe/vfs_write")
int BPF_KPROBE(vfs_write_entry, struct file *file, const char *buf, __u64 count)
{
	return io(file, count, true);
}

char LICENSE[] SEC("license") = "GPL";
