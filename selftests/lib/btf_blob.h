/* SPDX-License-Identifier: GPL-2.0-only */
/* BTF written down as numbers. */
#ifndef _BVM_TEST_BTF_BLOB_H
#define _BVM_TEST_BTF_BLOB_H

#include <string.h>
#include <linux/btf.h>

#define TYPE(name, kind, kflag, vlen, size_or_type)	\
	(name), ((__u32)(kflag) << 31 | (kind) << 24 | (vlen)), (size_or_type)
#define INT_TYPE(name, encoding, off, bits, size)	\
	TYPE(name, BTF_KIND_INT, 0, 0, size), ((encoding) << 24 | (off) << 16 | (bits))

struct blob {
	char data[1 << 16];
	__u32 size;
};

/* Lengths in bytes. */
static inline void blob_make(struct blob *blob, const __u32 *types, __u32 types_len,
			     const char *strings, __u32 strings_len)
{
	const struct btf_header header = {
		.magic = BTF_MAGIC,
		.version = BTF_VERSION,
		.hdr_len = sizeof(header),
		.type_len = types_len,
		.str_off = types_len,
		.str_len = strings_len,
	};

	blob->size = sizeof(header) + types_len + strings_len;
	memcpy(blob->data, &header, sizeof(header));
	memcpy(blob->data + sizeof(header), types, types_len);
	memcpy(blob->data + sizeof(header) + types_len, strings, strings_len);
}

#endif /* _BVM_TEST_BTF_BLOB_H */
