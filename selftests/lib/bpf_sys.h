/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * bpf(2) without a library.  Every wrapper returns what the system call
 * returns, or -errno, so that a test compares with one constant.
 */
#ifndef _BVM_TEST_BPF_SYS_H
#define _BVM_TEST_BPF_SYS_H

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "insn.h"

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#endif
#ifndef ENOTSUPP
#define ENOTSUPP	524	/* what the kernel returns for lack of a test run */
#endif
#ifndef CAP_PERFMON
#define CAP_PERFMON	38
#define CAP_BPF		39
#endif

static inline __u64 ptr_to_u64(const void *p)
{
	return (__u64)(unsigned long)p;
}

static inline int sys_bpf_size(int cmd, void *attr, unsigned int size)
{
	int ret = syscall(__NR_bpf, cmd, attr, size);

	return ret < 0 ? -errno : ret;
}

static inline int sys_bpf(int cmd, union bpf_attr *attr)
{
	return sys_bpf_size(cmd, attr, sizeof(*attr));
}

/* @name: a member of union bpf_attr */
static inline void set_name(char name[BPF_OBJ_NAME_LEN], const char *text)
{
	snprintf(name, BPF_OBJ_NAME_LEN, "%s", text);
}

/* 0 for a descriptor, else the error */
static inline int errno_of(int fd)
{
	return fd < 0 ? fd : 0;
}

/* ------------------------------------------------------------------ maps */

static inline int map_create_flags(__u32 type, __u32 key_size, __u32 value_size,
				   __u32 max_entries, __u32 flags)
{
	union bpf_attr attr = {
		.map_type = type,
		.key_size = key_size,
		.value_size = value_size,
		.max_entries = max_entries,
		.map_flags = flags,
	};

	return sys_bpf(BPF_MAP_CREATE, &attr);
}

static inline int map_create(__u32 type, __u32 key_size, __u32 value_size,
			     __u32 max_entries)
{
	return map_create_flags(type, key_size, value_size, max_entries, 0);
}

static inline int map_elem(int cmd, int fd, const void *key, const void *value, __u64 flags)
{
	union bpf_attr attr = {
		.map_fd = fd,
		.key = ptr_to_u64(key),
		.value = ptr_to_u64(value),
		.flags = flags,
	};

	return sys_bpf(cmd, &attr);
}

static inline int map_lookup(int fd, const void *key, void *value)
{
	return map_elem(BPF_MAP_LOOKUP_ELEM, fd, key, value, 0);
}

static inline int map_update(int fd, const void *key, const void *value, __u64 flags)
{
	return map_elem(BPF_MAP_UPDATE_ELEM, fd, key, value, flags);
}

static inline int map_delete(int fd, const void *key)
{
	return map_elem(BPF_MAP_DELETE_ELEM, fd, key, NULL, 0);
}

static inline int map_next_key(int fd, const void *key, void *next)
{
	return map_elem(BPF_MAP_GET_NEXT_KEY, fd, key, next, 0);
}

/* -------------------------------------------------------------- programs */

static inline void prog_attr(union bpf_attr *attr, __u32 type, const struct bpf_insn *insns,
			     __u32 count)
{
	memset(attr, 0, sizeof(*attr));
	attr->prog_type = type;
	attr->insns = ptr_to_u64(insns);
	attr->insn_cnt = count;
	attr->license = ptr_to_u64("GPL");
}

static inline int prog_load(__u32 type, const struct bpf_insn *insns, __u32 count)
{
	union bpf_attr attr;

	prog_attr(&attr, type, insns, count);
	return sys_bpf(BPF_PROG_LOAD, &attr);
}

/* for a program that should load: the verifier's log goes to stderr when it does not */
static inline int prog_load_verbose(__u32 type, const struct bpf_insn *insns, __u32 count)
{
	static char log[65536];
	union bpf_attr attr;
	int fd = prog_load(type, insns, count);

	if (fd >= 0)
		return fd;
	prog_attr(&attr, type, insns, count);
	attr.log_level = 1;
	attr.log_buf = ptr_to_u64(log);
	attr.log_size = sizeof(log);
	log[0] = 0;
	fd = sys_bpf(BPF_PROG_LOAD, &attr);
	if (fd < 0)
		fprintf(stderr, "# program refused (%d):\n%s", fd, log);
	return fd;
}

#define PROG_LOAD(TYPE, ...)						\
({									\
	const struct bpf_insn __insns[] = { __VA_ARGS__ };		\
	prog_load_verbose(TYPE, __insns, ARRAY_SIZE(__insns));		\
})

/* ---------------------------------------------------------- information */

static inline int obj_info(int fd, void *info, __u32 *len)
{
	union bpf_attr attr = {
		.info.bpf_fd = fd,
		.info.info_len = *len,
		.info.info = ptr_to_u64(info),
	};
	int ret = sys_bpf(BPF_OBJ_GET_INFO_BY_FD, &attr);

	*len = attr.info.info_len;
	return ret;
}

static inline int get_prog_info(int fd, struct bpf_prog_info *info)
{
	__u32 len = sizeof(*info);

	memset(info, 0, sizeof(*info));
	return obj_info(fd, info, &len);
}

static inline int get_map_info(int fd, struct bpf_map_info *info)
{
	__u32 len = sizeof(*info);

	memset(info, 0, sizeof(*info));
	return obj_info(fd, info, &len);
}

/* the id after @start, or -errno */
static inline int next_id(int cmd, __u32 start)
{
	union bpf_attr attr = { .start_id = start };
	int ret = sys_bpf(cmd, &attr);

	return ret < 0 ? ret : (int)attr.next_id;
}

/* @cmd: BPF_PROG_GET_FD_BY_ID or BPF_MAP_GET_FD_BY_ID */
static inline int fd_by_id(int cmd, __u32 id)
{
	union bpf_attr attr = { .prog_id = id };

	return sys_bpf(cmd, &attr);
}

/* ----------------------------------------------------------- environment */

/* a number in a file of /proc or /sys, 0x: hexadecimal, or -1 */
static inline long read_number(const char *path)
{
	FILE *file = fopen(path, "r");
	long value = -1;

	if (!file)
		return -1;
	if (fscanf(file, "%li", &value) != 1)
		value = -1;
	fclose(file);
	return value;
}

/* number of possible CPUs: per-CPU maps hand out one value for each */
static inline int possible_cpus(void)
{
	FILE *file = fopen("/sys/devices/system/cpu/possible", "r");
	int first, last, fields;

	if (!file)
		return -1;
	fields = fscanf(file, "%d-%d", &first, &last);
	fclose(file);
	return fields == 2 ? last + 1 : fields == 1 ? first + 1 : -1;
}

/* keep only the capabilities of a mask (bit CAP_*) in every set that a process can set */
static inline int keep_caps(__u64 mask)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = {
		{ .effective = mask, .permitted = mask },
		{ .effective = mask >> 32, .permitted = mask >> 32 },
	};

	return syscall(__NR_capset, &header, data) ? -errno : 0;
}

/*
 * Does the running kernel have BVM?  Asked of the symbol table and not of the
 * release string, which a user may choose.
 */
static inline bool kernel_is_bvm(void)
{
	FILE *file = fopen("/proc/kallsyms", "r");
	char line[512];
	bool found = false;

	while (file && !found && fgets(line, sizeof(line), file))
		found = strstr(line, " bvm_verify\n");
	if (file)
		fclose(file);
	return found;
}

#endif /* _BVM_TEST_BPF_SYS_H */
