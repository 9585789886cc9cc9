/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Type information for programs with functions: the stock kernel asks for it before
 * it lets a helper call back, or a subprogram make a tail call.
 */
#ifndef _BVM_TEST_PROG_BTF_H
#define _BVM_TEST_PROG_BTF_H

#include <linux/btf.h>

#include "bpf_sys.h"

/* types of functions, by the id of their BTF_KIND_FUNC below */
#define FUNC_OF_CTX	4	/* static int f(void *) */
#define FUNC_OF_LOOP	6	/* static int f(int, void *) */

#define BTF_INFO(KIND, LEN)	((KIND) << 24 | (LEN))

static inline int prog_btf_load(void)
{
	static const struct {
		struct btf_header header;
		__u32 types[4 + 3 + 5 + 3 + 7 + 3];
		char strings[11];
	} blob = {
		.header = {
			.magic = BTF_MAGIC,
			.version = BTF_VERSION,
			.hdr_len = sizeof(struct btf_header),
			.type_len = sizeof(blob.types),
			.str_off = sizeof(blob.types),
			.str_len = sizeof(blob.strings),
		},
		.types = {
			/* 1: int */
			1, BTF_INFO(BTF_KIND_INT, 0), 4, BTF_INT_SIGNED << 24 | 32,
			/* 2: void * */
			0, BTF_INFO(BTF_KIND_PTR, 0), 0,
			/* 3: int (void *a) */
			0, BTF_INFO(BTF_KIND_FUNC_PROTO, 1), 1, 7, 2,
			/* 4: static f */
			5, BTF_INFO(BTF_KIND_FUNC, BTF_FUNC_STATIC), 3,
			/* 5: int (int a, void *f) */
			0, BTF_INFO(BTF_KIND_FUNC_PROTO, 2), 1, 7, 1, 5, 2,
			/* 6: static g */
			9, BTF_INFO(BTF_KIND_FUNC, BTF_FUNC_STATIC), 5,
		},
		.strings = "\0int\0f\0a\0g",
	};
	union bpf_attr attr = {
		.btf = ptr_to_u64(&blob),
		.btf_size = offsetof(typeof(blob), strings) + sizeof(blob.strings),
	};

	return sys_bpf(BPF_BTF_LOAD, &attr);
}

/* The program, and one more function at @sub whose type is @kind, FUNC_OF_*. */
static inline int prog_load_with(__u32 type, const struct bpf_insn *insns, __u32 count,
				 __u32 sub, __u32 kind)
{
	const struct bpf_func_info info[] = { { 0, FUNC_OF_CTX }, { sub, kind } };
	static char log[65536];
	union bpf_attr attr;
	int btf = prog_btf_load(), fd;

	if (btf < 0)
		return btf;
	prog_attr(&attr, type, insns, count);
	attr.prog_btf_fd = btf;
	attr.func_info = ptr_to_u64(info);
	attr.func_info_cnt = ARRAY_SIZE(info);
	attr.func_info_rec_size = sizeof(info[0]);
	attr.log_level = 1;
	attr.log_buf = ptr_to_u64(log);
	attr.log_size = sizeof(log);
	log[0] = 0;
	fd = sys_bpf(BPF_PROG_LOAD, &attr);
	if (fd < 0)
		fprintf(stderr, "# program refused (%d):\n%s", fd, log);
	close(btf);
	return fd;
}

#define PROG_LOAD_WITH(SUB, KIND, ...)					\
({									\
	const struct bpf_insn __insns[] = { __VA_ARGS__ };		\
	prog_load_with(BPF_PROG_TYPE_SOCKET_FILTER, __insns,		\
		       ARRAY_SIZE(__insns), SUB, KIND);			\
})

#endif /* _BVM_TEST_PROG_BTF_H */
