// SPDX-License-Identifier: GPL-2.0-only
/* The functions of libbpf that upstream_btf_test.c needs, as system calls. */
#include "bpf/libbpf.h"
#include "lib/bpf_sys.h"

int bpf_btf_load(const void *data, size_t size, struct bpf_btf_load_opts *opts)
{
	union bpf_attr attr = {
		.btf = (unsigned long)data,
		.btf_size = size,
		.btf_log_buf = (unsigned long)opts->log_buf,
		.btf_log_size = opts->log_size,
		.btf_log_level = opts->log_level,
	};

	return sys_bpf(BPF_BTF_LOAD, &attr);
}

int bpf_map_create(int type, const char *name, __u32 key_size, __u32 value_size,
		   __u32 max_entries, const struct bpf_map_create_opts *opts)
{
	union bpf_attr attr = {
		.map_type = type,
		.key_size = key_size,
		.value_size = value_size,
		.max_entries = max_entries,
		.btf_fd = opts->btf_fd,
		.btf_key_type_id = opts->btf_key_type_id,
		.btf_value_type_id = opts->btf_value_type_id,
	};

	/* as libbpf does: what does not fit is cut off */
	if (name)
		memcpy(attr.map_name, name, strnlen(name, sizeof(attr.map_name) - 1));
	return sys_bpf(BPF_MAP_CREATE, &attr);
}

int bpf_btf_get_fd_by_id(__u32 id)
{
	union bpf_attr attr = { .btf_id = id };

	return sys_bpf(BPF_BTF_GET_FD_BY_ID, &attr);
}

int bpf_btf_get_info_by_fd(int fd, struct bpf_btf_info *info, __u32 *len)
{
	return obj_info(fd, info, len);
}

int bpf_map_get_info_by_fd(int fd, struct bpf_map_info *info, __u32 *len)
{
	return obj_info(fd, info, len);
}

int bpf_prog_get_info_by_fd(int fd, struct bpf_prog_info *info, __u32 *len)
{
	return obj_info(fd, info, len);
}

bool upstream_on_bvm(void)
{
	return kernel_is_bvm();
}
