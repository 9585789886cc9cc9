/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Checkpoints, see points.c.  Part of env.h, which includes it.
 */
#ifndef _BVM_POINTS_H
#define _BVM_POINTS_H

int bvm_points_init(struct bvm_env *env);
void bvm_points_reset(struct bvm_env *env);
bool bvm_point_worth(const struct bvm_state *st, const struct bvm_block *block);
struct bvm_block *bvm_meeting_at(const struct bvm_env *env, u32 insn);
u32 bvm_point_key(const struct bvm_env *env, const struct bvm_state *st);
u32 bvm_point_exact(const struct bvm_env *env, const struct bvm_state *st);
void bvm_point_add(struct bvm_env *env, struct bvm_state *st, struct bvm_block *block, u32 key);
void bvm_point_list(struct bvm_env *env, struct bvm_checkpoint *cp);
struct bvm_checkpoint **bvm_point_first(struct bvm_env *env, u32 key);
struct bvm_checkpoint **bvm_point_miss(struct bvm_env *env, struct bvm_checkpoint **where);
void bvm_point_hit(struct bvm_env *env, struct bvm_checkpoint **where);
void bvm_path_end(struct bvm_env *env, struct bvm_state *st);

#endif /* _BVM_POINTS_H */
