// SPDX-License-Identifier: GPL-2.0-only
/*
 * The few functions of libbpf that upstream's tests of maps call, so that they link
 * without a library, for any architecture.  Prototypes are libbpf's own.
 */
#include <errno.h>
#include <stdio.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "../lib/bpf_sys.h"

/* libbpf 1.0: -errno, and errno set */
static int result(int ret)
{
	if (ret < 0)
		errno = -ret;
	return ret;
}

int bpf_map_create(enum bpf_map_type type, const char *name, __u32 key_size, __u32 value_size,
		   __u32 max_entries, const struct bpf_map_create_opts *opts)
{
	union bpf_attr attr = {
		.map_type = type,
		.key_size = key_size,
		.value_size = value_size,
		.max_entries = max_entries,
	};

	if (name)
		set_name(attr.map_name, name);
	if (opts) {
		attr.map_flags = opts->map_flags;
		attr.inner_map_fd = opts->inner_map_fd;
		attr.numa_node = opts->numa_node;
		attr.map_extra = opts->map_extra;
	}
	return result(sys_bpf(BPF_MAP_CREATE, &attr));
}

int bpf_map_update_elem(int fd, const void *key, const void *value, __u64 flags)
{
	return result(map_update(fd, key, value, flags));
}

int bpf_map_lookup_elem(int fd, const void *key, void *value)
{
	return result(map_lookup(fd, key, value));
}

int bpf_map_lookup_and_delete_elem(int fd, const void *key, void *value)
{
	return result(map_elem(BPF_MAP_LOOKUP_AND_DELETE_ELEM, fd, key, value, 0));
}

int bpf_map_delete_elem(int fd, const void *key)
{
	return result(map_delete(fd, key));
}

int bpf_map_get_next_key(int fd, const void *key, void *next_key)
{
	return result(map_next_key(fd, key, next_key));
}

static int batch(int cmd, int fd, void *in, void *out, const void *keys, const void *values,
		 __u32 *count, const struct bpf_map_batch_opts *opts)
{
	union bpf_attr attr = {
		.batch.map_fd = fd,
		.batch.in_batch = ptr_to_u64(in),
		.batch.out_batch = ptr_to_u64(out),
		.batch.keys = ptr_to_u64(keys),
		.batch.values = ptr_to_u64(values),
		.batch.count = *count,
		.batch.elem_flags = opts ? opts->elem_flags : 0,
		.batch.flags = opts ? opts->flags : 0,
	};
	int ret = sys_bpf(cmd, &attr);

	*count = attr.batch.count;
	return result(ret);
}

int bpf_map_lookup_batch(int fd, void *in, void *out, void *keys, void *values, __u32 *count,
			 const struct bpf_map_batch_opts *opts)
{
	return batch(BPF_MAP_LOOKUP_BATCH, fd, in, out, keys, values, count, opts);
}

int bpf_map_lookup_and_delete_batch(int fd, void *in, void *out, void *keys, void *values,
				    __u32 *count, const struct bpf_map_batch_opts *opts)
{
	return batch(BPF_MAP_LOOKUP_AND_DELETE_BATCH, fd, in, out, keys, values, count, opts);
}

int bpf_map_update_batch(int fd, const void *keys, const void *values, __u32 *count,
			 const struct bpf_map_batch_opts *opts)
{
	return batch(BPF_MAP_UPDATE_BATCH, fd, NULL, NULL, keys, values, count, opts);
}

int bpf_map_delete_batch(int fd, const void *keys, __u32 *count,
			 const struct bpf_map_batch_opts *opts)
{
	return batch(BPF_MAP_DELETE_BATCH, fd, NULL, NULL, keys, NULL, count, opts);
}

int bpf_map_get_next_id(__u32 start_id, __u32 *id)
{
	int ret = next_id(BPF_MAP_GET_NEXT_ID, start_id);

	if (ret < 0)
		return result(ret);
	*id = ret;
	return 0;
}

int bpf_map_get_fd_by_id(__u32 id)
{
	return result(fd_by_id(BPF_MAP_GET_FD_BY_ID, id));
}

int bpf_map_get_info_by_fd(int fd, struct bpf_map_info *info, __u32 *len)
{
	return result(obj_info(fd, info, len));
}

int libbpf_num_possible_cpus(void)
{
	return possible_cpus();
}
