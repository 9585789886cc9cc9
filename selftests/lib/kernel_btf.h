/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's own types, from /sys/kernel/btf/vmlinux: ids of types by name, offsets of
 * members.
 */
#ifndef _BVM_TEST_KERNEL_BTF_H
#define _BVM_TEST_KERNEL_BTF_H

#include <linux/btf.h>
#include <sys/stat.h>

#include "bpf_sys.h"

struct kernel_btf {
	char *data;
	const char *types, *end, *strings;
};

static inline int kernel_btf_read(struct kernel_btf *btf)
{
	int fd = open("/sys/kernel/btf/vmlinux", O_RDONLY);
	const struct btf_header *header;
	struct stat st;
	ssize_t got;

	btf->data = NULL;
	if (fd < 0 || fstat(fd, &st))
		return -errno;
	btf->data = malloc(st.st_size);
	for (off_t off = 0; off < st.st_size; off += got) {
		got = read(fd, btf->data + off, st.st_size - off);
		if (got <= 0)
			return -EIO;
	}
	close(fd);
	header = (void *)btf->data;
	btf->types = btf->data + header->hdr_len + header->type_off;
	btf->end = btf->types + header->type_len;
	btf->strings = btf->data + header->hdr_len + header->str_off;
	return 0;
}

static inline void kernel_btf_free(struct kernel_btf *btf)
{
	free(btf->data);
}

/* bytes behind a struct btf_type, for each kind: fixed, and times its vlen */
static inline __u32 btf_type_bytes(const struct btf_type *type)
{
	static const struct {
		__u8 fixed, each;
	} bytes[] = {
		[BTF_KIND_INT] = { 4, 0 },
		[BTF_KIND_ARRAY] = { sizeof(struct btf_array), 0 },
		[BTF_KIND_STRUCT] = { 0, sizeof(struct btf_member) },
		[BTF_KIND_UNION] = { 0, sizeof(struct btf_member) },
		[BTF_KIND_ENUM] = { 0, sizeof(struct btf_enum) },
		[BTF_KIND_FUNC_PROTO] = { 0, sizeof(struct btf_param) },
		[BTF_KIND_VAR] = { sizeof(struct btf_var), 0 },
		[BTF_KIND_DATASEC] = { 0, sizeof(struct btf_var_secinfo) },
		[BTF_KIND_DECL_TAG] = { sizeof(struct btf_decl_tag), 0 },
		[BTF_KIND_ENUM64] = { 0, sizeof(struct btf_enum64) },
	};
	__u32 kind = BTF_INFO_KIND(type->info), vlen = BTF_INFO_VLEN(type->info);

	if (kind >= ARRAY_SIZE(bytes))
		return sizeof(*type);
	return sizeof(*type) + bytes[kind].fixed + bytes[kind].each * vlen;
}

/* id of a type, and the type if @out; or -ENOENT */
static inline int kernel_btf_find(const struct kernel_btf *btf, const char *name, __u32 kind,
				  const struct btf_type **out)
{
	const char *at = btf->types;

	for (int id = 1; at < btf->end; id++) {
		const struct btf_type *type = (const void *)at;

		if (BTF_INFO_KIND(type->info) == kind &&
		    !strcmp(btf->strings + type->name_off, name)) {
			if (out)
				*out = type;
			return id;
		}
		at += btf_type_bytes(type);
	}
	return -ENOENT;
}

/* bytes from the start of a structure to a member of its own, or -ENOENT */
static inline int kernel_btf_offset(const struct kernel_btf *btf, const char *name,
				    const char *member)
{
	const struct btf_member *m;
	const struct btf_type *type;

	if (kernel_btf_find(btf, name, BTF_KIND_STRUCT, &type) < 0)
		return -ENOENT;
	m = (const void *)(type + 1);
	for (__u32 i = 0; i < BTF_INFO_VLEN(type->info); i++, m++)
		if (!strcmp(btf->strings + m->name_off, member))
			return BTF_MEMBER_BIT_OFFSET(m->offset) / 8;
	return -ENOENT;
}

#endif /* _BVM_TEST_KERNEL_BTF_H */
