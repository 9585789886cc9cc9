/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _BVM_IR_RANDOM_H
#define _BVM_IR_RANDOM_H

#include "../../kernel/exec/exec.h"

/* A program, the same for the same @seed, not 0, of these @pieces of it; for bvm_ir_free(). */
struct bvm_ir_prog *ir_random(u64 seed, u64 pieces);
/* Prints it. */
void ir_show(const struct bvm_ir_prog *prog);

#endif /* _BVM_IR_RANDOM_H */
