/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What bpf_testmod, unmodified, needs of headers that have it for Linux's own VM only.  Its
 * struct_ops are not there: nobody asks what programs of them may access.
 */
#include <linux/bpf.h>

static inline bool bpf_tracing_btf_ctx_access(int off, int size, enum bpf_access_type type,
					      const struct bpf_prog *prog,
					      struct bpf_insn_access_aux *info)
{
	return false;
}
