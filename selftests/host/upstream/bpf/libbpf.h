/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What upstream's test_verifier.c uses of libbpf, answered by BVM in this process:
 * see upstream_glue.c.
 */
#ifndef _BVM_UPSTREAM_LIBBPF_H
#define _BVM_UPSTREAM_LIBBPF_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <linux/types.h>
#include <linux/bpf.h>

#define LIBBPF_OPTS(type, name, ...) \
	struct type name = { .sz = sizeof(struct type), __VA_ARGS__ }
#define LIBBPF_STRICT_ALL 0xffffffff

struct btf;
struct bpf_link;
struct bpf_object;

struct bpf_map_create_opts {
	size_t sz;
	__u32 btf_fd, btf_key_type_id, btf_value_type_id;
	__u32 map_flags;
	__u32 inner_map_fd;
};

struct bpf_prog_load_opts {
	size_t sz;
	int expected_attach_type;
	__u32 prog_flags;
	__u32 attach_btf_id;
	const int *fd_array;
	__u32 prog_btf_fd;
	const void *func_info;
	__u32 func_info_cnt, func_info_rec_size;
	__u32 log_level, log_size;
	char *log_buf;
};

struct bpf_btf_load_opts {
	size_t sz;
	char *log_buf;
	__u32 log_level, log_size;
};

struct bpf_test_run_opts {
	size_t sz;
	const void *data_in;
	void *data_out;
	__u32 data_size_in, data_size_out;
	int repeat;
	__u32 retval;
};

int bpf_map_create(int type, const char *name, __u32 key_size, __u32 value_size,
		   __u32 max_entries, const struct bpf_map_create_opts *opts);
int bpf_map_update_elem(int fd, const void *key, const void *value, __u64 flags);
int bpf_prog_load(int type, const char *name, const char *license,
		  const struct bpf_insn *insns, size_t insn_cnt, struct bpf_prog_load_opts *opts);
int bpf_prog_test_run_opts(int fd, struct bpf_test_run_opts *opts);
int bpf_btf_load(const void *data, size_t size, struct bpf_btf_load_opts *opts);
int bpf_btf_get_next_id(__u32 start_id, __u32 *next_id);
int bpf_btf_get_fd_by_id(__u32 id);
int bpf_obj_get_info_by_fd(int fd, void *info, __u32 *info_len);
struct btf *btf__load_from_kernel_by_id_split(__u32 id, struct btf *base);
struct btf *btf__load_vmlinux_btf(void);
void btf__set_fd(struct btf *btf, int fd);
int btf__fd(const struct btf *btf);
void btf__free(struct btf *btf);
int btf__find_by_name_kind(const struct btf *btf, const char *name, __u32 kind);
int libbpf_find_vmlinux_btf_id(const char *name, int attach_type);
int libbpf_probe_bpf_map_type(int type, const void *opts);
int libbpf_probe_bpf_prog_type(int type, const void *opts);
int libbpf_set_strict_mode(unsigned int mode);
int libbpf_num_possible_cpus(void);

/* of cap_helpers.h, unpriv_helpers.h, testing_helpers.h */
int cap_enable_effective(__u64 caps, __u64 *old_caps);
int cap_disable_effective(__u64 caps, __u64 *old_caps);
bool get_unpriv_disabled(void);
int load_bpf_testmod(bool verbose);
int unload_bpf_testmod(bool verbose);
int get_xlated_program(int fd_prog, struct bpf_insn **buf, __u32 *cnt);
int testing_prog_flags(void);
bool is_jit_enabled(void);

#endif /* _BVM_UPSTREAM_LIBBPF_H */
