/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Private to the check of an object: parse.c takes it apart, check.c follows what types
 * refer to, print.c has the log.
 */
#ifndef _BVM_BTF_CHECK_H
#define _BVM_BTF_CHECK_H

#include "btf.h"

/**
 * struct bvm_btf_env - a check that is under way
 * @btf:	object, filled in as it goes
 * @log:	log or NULL
 * @height:	by id - @btf->first, see check.c
 */
struct bvm_btf_env {
	struct bvm_btf *btf;
	struct bvm_btf_log *log;
	u8 *height;
};

/* parse.c: an identifier of C, dots allowed (compilers add ".isra.0") */
bool bvm_btf_is_identifier(const char *name);

/* check.c: everything that needs to look at other types */
int bvm_btf_check_tags(struct bvm_btf_env *env);
int bvm_btf_check_refs(struct bvm_btf_env *env);

/* print.c */
__printf(2, 3) void bvm_btf_say(struct bvm_btf_env *env, const char *fmt, ...);
void bvm_btf_show(struct bvm_btf_env *env, u32 id, const struct btf_type *t);
void bvm_btf_show_member(struct bvm_btf_env *env, const struct btf_type *t,
			 const struct btf_member *m);
void bvm_btf_show_var(struct bvm_btf_env *env, const struct btf_var_secinfo *var);

/* Each prints what it is about with the words behind it, and returns -EINVAL. */
__printf(4, 5) int bvm_btf_bad(struct bvm_btf_env *env, u32 id, const struct btf_type *t,
			       const char *fmt, ...);
__printf(4, 5) int bvm_btf_bad_start(struct bvm_btf_env *env, u32 id, const struct btf_type *t,
				     const char *fmt, ...);
__printf(5, 6) int bvm_btf_bad_member(struct bvm_btf_env *env, u32 id, const struct btf_type *t,
				      const struct btf_member *m, const char *fmt, ...);
__printf(5, 6) int bvm_btf_bad_var(struct bvm_btf_env *env, u32 id, const struct btf_type *t,
				   const struct btf_var_secinfo *var, const char *fmt, ...);

#endif /* _BVM_BTF_CHECK_H */
