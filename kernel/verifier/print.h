/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the log says about instructions and states; included by env.h.
 */
#ifndef _BVM_PRINT_H
#define _BVM_PRINT_H

/* marks.c */
void bvm_marks_jumped(struct bvm_env *env, u32 at);
void bvm_marks_end(struct bvm_env *env, struct bvm_state *st, u32 count);

/* print.c */
const char *bvm_kind_name(const struct bvm_val *v);
const char *bvm_tnum_text(struct bvm_env *env, struct bvm_tnum t);
const char *bvm_helper_name(s32 id);
const char *bvm_insn_text(struct bvm_env *env, u32 insn);
void bvm_print_insn(struct bvm_env *env, u32 insn);
void bvm_print_val(struct bvm_env *env, const struct bvm_val *v);
void bvm_print_source(struct bvm_env *env, u32 insn);
void bvm_print_touched(struct bvm_env *env, const struct bvm_state *st, u64 line_pos);
void bvm_print_state(struct bvm_env *env, const struct bvm_state *st);

#endif /* _BVM_PRINT_H */
