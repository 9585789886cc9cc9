/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Entry point of the verifier, for core/ and for tests.  What is behind it
 * is private to this folder (verifier/env.h).
 */
#ifndef _BVM_VERIFIER_H
#define _BVM_VERIFIER_H

#include "../bvm.h"
#include "../isa/isa.h"
#include "log.h"

struct bvm_env;

/**
 * struct bvm_verify_args - a program to be verified
 * @type:	program type
 * @insns:	instructions as loaded, with map references resolved: the immediate of a
 *		LD_IMM64 with BPF_PSEUDO_MAP_FD or BPF_PSEUDO_MAP_VALUE is an index into
 *		@maps (second immediate: offset into the value)
 * @insn:	@insns decoded by bvm_decode()
 * @len:	number of both
 * @maps:	maps that the program refers to
 * @nr_maps:	at most BVM_MAX_MAPS
 * @kfuncs:	functions of the kernel that the program refers to
 * @nr_kfuncs:	number of @kfuncs
 * @load_flags:	prog_flags of BPF_PROG_LOAD (BPF_F_STRICT_ALIGNMENT, BPF_F_TEST_* ...)
 * @attach_type: expected_attach_type of BPF_PROG_LOAD
 * @attach_btf:	BVM_PROG_BTF_CTX: types of the attach target, else NULL
 * @attach_btf_id: BVM_PROG_BTF_CTX: the function prototype whose parameters (the first,
 *		"void *__data", left out) the context holds
 * @attach_name: BVM_PROG_BTF_CTX: name of the target for the log, or NULL
 * @kernel_btf:	gives the kernel's own types, or NULL; called when a helper returns one of them,
 *		for reading them takes time.  Process context.  NULL: there are none
 * @btf:	types of the program, or NULL
 * @func_info:	one a subprogram, sorted, checked by core/; NULL without
 * @nr_func_info: number of @func_info
 * @line_info:	sorted, checked by core/; NULL without
 * @nr_line_info: number of @line_info
 * @gpl:	the license is GPL-compatible
 * @claim:	keep what is known of registers in facts->claims
 * @denied:	BVM_HELPER_*: helpers with any of these flags are not offered
 * @log:	log, level 0 when nobody listens
 * @accepted:	for tests: NULL, or called when the program has been accepted, while all that
 *		was found out about it is still there
 */
struct bvm_verify_args {
	const struct bvm_prog_type *type;
	const struct bpf_insn *insns;
	const struct bvm_insn *insn;
	u32 len;
	struct bvm_map *const *maps;
	u32 nr_maps;
	const struct bvm_kfunc *kfuncs;
	u32 nr_kfuncs;
	u32 load_flags;
	u32 attach_type;
	const struct bvm_btf *attach_btf;
	u32 attach_btf_id;
	const char *attach_name;
	const struct bvm_btf *(*kernel_btf)(void);
	const struct bvm_btf *btf;
	const struct bpf_func_info *func_info;
	u32 nr_func_info;
	const struct bpf_line_info *line_info;
	u32 nr_line_info;
	bool gpl;
	bool claim;
	u32 denied;
	struct bvm_log *log;
	void (*accepted)(struct bvm_env *env);
};

/**
 * bvm_verify_encoding - decode a program, or say in the log what is wrong with its bytes
 * @insns:	instructions as loaded
 * @len:	number of them, at least 1
 * @out:	decoded, @len entries
 * @log:	log
 *
 * Comes before map references are resolved.  What is wrong only if it is executed becomes
 * BVM_INVALID, for bvm_verify() to refuse where it is reached.  Process context.
 *
 * Return: 0, or -EINVAL or -EACCES with a message.
 */
int bvm_verify_encoding(const struct bpf_insn *insns, u32 len, struct bvm_insn *out,
			struct bvm_log *log);

/**
 * bvm_verify - prove that a program is safe, or refuse it
 * @args:	program
 * @facts:	filled in on success; ->insn points to @args->len zeroed entries
 *
 * Process context, may sleep, stops for fatal signals (-EAGAIN as documented).
 *
 * Return: 0; -EINVAL, -EACCES, -E2BIG, -EPERM with the reason in the log; -ENOMEM; -EAGAIN.
 */
int bvm_verify(const struct bvm_verify_args *args, struct bvm_facts *facts);

void bvm_claims_free(struct bvm_claims **claims, u32 len);

/* proto.c */
int bvm_proto_describe(const struct bvm_btf *btf, u32 func, struct bvm_helper *out,
		       struct bvm_proto *proto);

#endif /* _BVM_VERIFIER_H */
