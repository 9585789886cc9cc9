/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory behind pointers: which may be touched, and what lies there.  Part of env.h, which
 * includes it.
 */
#ifndef _BVM_MEMORY_H
#define _BVM_MEMORY_H

#include "../deps.h"

struct bvm_env;
struct bvm_insn;
struct bvm_state;
struct bvm_val;

/**
 * enum bvm_access - why memory is touched; selects words and checks
 */
enum bvm_access {
	BVM_READ,		/* instruction reads */
	BVM_WRITE,		/* instruction writes */
	BVM_HELPER_READ,	/* helper reads */
	BVM_HELPER_WRITE,	/* helper writes */
};

static inline bool bvm_access_writes(enum bvm_access how)
{
	return how == BVM_WRITE || how == BVM_HELPER_WRITE;
}

/* What upstream calls kinds of memory that a helper may be given, with some that we lack. */
#define BVM_MEMORY_WORDS \
	"fp, pkt, pkt_meta, map_key, map_value, mem, ringbuf_mem, buf, trusted_ptr_"

#define BVM_BTF_WORDS	"ptr_, trusted_ptr_, rcu_ptr_"

/* access.c: memory behind pointers */
int bvm_check_access(struct bvm_env *env, struct bvm_state *st, u32 reg, s32 off, u32 size,
		     enum bvm_access how);
int bvm_load(struct bvm_env *env, struct bvm_state *st, u32 reg, s32 off, u32 size,
	     struct bvm_val *out);
int bvm_check_helper_access(struct bvm_env *env, const struct bvm_state *st, u32 reg,
			    const struct bvm_val *v, u32 size, enum bvm_access how);
int bvm_check_aligned(struct bvm_env *env, const struct bvm_val *v, s32 off, u32 size);
int bvm_check_const_off(struct bvm_env *env, u32 reg, const struct bvm_val *v);

/* btf_access.c: kernel structures */
int bvm_check_btf_ctx(struct bvm_env *env, s32 off, u32 size, enum bvm_access how);
int bvm_load_btf_ctx(struct bvm_env *env, s32 off, u32 size, struct bvm_val *out);
int bvm_check_btf(struct bvm_env *env, const struct bvm_state *st, u32 reg,
		  const struct bvm_val *v, s32 off, u32 size, enum bvm_access how);
int bvm_load_btf(struct bvm_env *env, struct bvm_state *st, const struct bvm_val *v, s32 off,
		 u32 size, struct bvm_val *out);
int bvm_check_btf_arg(struct bvm_env *env, u32 reg, const struct bvm_val *v, const char *name);
int bvm_check_map_member(struct bvm_env *env, u32 reg, const struct bvm_val *v, s32 off, u32 size);
int bvm_btf_result(struct bvm_env *env, const char *name, struct bvm_val *out);
const char *bvm_type_name(const struct bvm_btf *btf, u32 id);
bool bvm_name_in(const char *const *names, const char *name);

/* packet.c: the packet that is the context, and where it ends */
int bvm_check_packet(struct bvm_env *env, const struct bvm_state *st, u32 reg,
		     const struct bvm_val *v, s32 off, u32 size, enum bvm_access how);
int bvm_check_packet_aligned(struct bvm_env *env, const struct bvm_val *v, s32 off, u32 size);
void bvm_packet_moved(struct bvm_env *env, struct bvm_val *v, u32 op, const struct bvm_val *by);
bool bvm_packet_against_end(const struct bvm_insn *in, const struct bvm_val *a,
			    const struct bvm_val *b, u32 *reg, u32 *op);
int bvm_packet_decided(const struct bvm_val *v, u32 op);
void bvm_packet_learn(struct bvm_env *env, struct bvm_state *st, u32 reg, u32 op, bool holds);

/* const_map.c: maps whose contents never change */
int bvm_load_value(struct bvm_env *env, struct bvm_state *st, const struct bvm_val *v, s32 off,
		   u32 size, struct bvm_val *out);
int bvm_check_string(struct bvm_env *env, const struct bvm_state *st, u32 reg,
		     const struct bvm_val *v);
const char *bvm_const_string(const struct bvm_env *env, const struct bvm_val *v);

/* stack.c: contents of the stack; bounds have been checked */
int bvm_stack_load(struct bvm_env *env, struct bvm_state *st, const struct bvm_val *fp, s32 off,
		   u32 size, struct bvm_val *out);
int __must_check bvm_stack_overwrite(struct bvm_env *env, struct bvm_state *st,
				     const struct bvm_val *fp, s32 off, u32 size);
void bvm_stack_store(struct bvm_env *env, struct bvm_state *st, const struct bvm_val *fp, s32 off,
		     u32 size, const struct bvm_val *v);
int __must_check bvm_stack_forget(struct bvm_env *env, struct bvm_state *st,
				  const struct bvm_val *fp, s32 off, u32 size);
int bvm_stack_readable(struct bvm_env *env, const struct bvm_state *st, u32 reg,
		       const struct bvm_val *fp, u32 size);

#endif /* _BVM_MEMORY_H */
