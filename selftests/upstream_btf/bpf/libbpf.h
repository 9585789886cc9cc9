/* SPDX-License-Identifier: GPL-2.0-only */
/* The functions and structures of libbpf that prog_tests/btf.c names. */
#ifndef _BVM_UPSTREAM_BTF_LIBBPF_H
#define _BVM_UPSTREAM_BTF_LIBBPF_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <linux/types.h>
#include <linux/bpf.h>
#include <linux/btf.h>

#define LIBBPF_OPTS(type, name, ...) \
	struct type name = { .sz = sizeof(struct type), __VA_ARGS__ }
#define LIBBPF_STRICT_ALL 0xffffffff
#define LIBBPF_STRICT_MAP_DEFINITIONS 0x20
#define BTF_ELF_SEC ".BTF"
#define btf_kind(t) BTF_INFO_KIND((t)->info)
#define btf_vlen(t) BTF_INFO_VLEN((t)->info)

struct bpf_map_create_opts {
	size_t sz;
	__u32 btf_fd, btf_key_type_id, btf_value_type_id;
	__u32 map_flags;
};

struct bpf_btf_load_opts {
	size_t sz;
	char *log_buf;
	__u32 log_level, log_size;
};

struct btf_dedup_opts {
	size_t sz;
	void *btf_ext;
	bool force_collisions;
};

int bpf_btf_load(const void *data, size_t size, struct bpf_btf_load_opts *opts);
int bpf_map_create(int type, const char *name, __u32 key_size, __u32 value_size,
		   __u32 max_entries, const struct bpf_map_create_opts *opts);
int bpf_btf_get_fd_by_id(__u32 id);
int bpf_btf_get_info_by_fd(int fd, struct bpf_btf_info *info, __u32 *info_len);
int bpf_map_get_info_by_fd(int fd, struct bpf_map_info *info, __u32 *info_len);
int bpf_prog_get_info_by_fd(int fd, struct bpf_prog_info *info, __u32 *info_len);
long libbpf_get_error(const void *ptr);

/* named only, never called */
struct bpf_map;
struct bpf_object;
struct bpf_program;
struct btf;
struct btf_ext;
int libbpf_num_possible_cpus(void);
const struct btf_type *btf__type_by_id(const struct btf *btf, __u32 id);
const char *btf__name_by_offset(const struct btf *btf, __u32 offset);
const char *btf__str_by_offset(const struct btf *btf, __u32 offset);
const void *btf__raw_data(const struct btf *btf, __u32 *size);
struct btf *btf__new(const void *data, __u32 size);
struct btf *btf__parse_elf(const char *path, struct btf_ext **ext);
struct btf *btf__load_from_kernel_by_id(__u32 id);
struct bpf_object *bpf_object__open(const char *path);
struct bpf_program *bpf_object__next_program(const struct bpf_object *obj, struct bpf_program *p);
struct bpf_map *bpf_object__find_map_by_name(const struct bpf_object *obj, const char *name);

#endif /* _BVM_UPSTREAM_BTF_LIBBPF_H */
