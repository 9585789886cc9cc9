/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Why a program was refused, for people: see explain.c.
 */
#ifndef _BVM_VERIFIER_EXPLAIN_H
#define _BVM_VERIFIER_EXPLAIN_H

#include "../deps.h"

struct bvm_env;
struct bvm_state;

/**
 * struct bvm_trail - where a path did not go on with the next instruction
 * @prev:	the time before
 * @from:	instruction that led elsewhere
 * @to:		where it led to
 */
struct bvm_trail {
	const struct bvm_trail *prev;
	u32 from;
	u32 to;
};

/**
 * struct bvm_failure - where exploration came to an end
 * @st:		state there, NULL: nowhere
 * @insn:	instruction
 * @top:	frame that executed it
 */
struct bvm_failure {
	const struct bvm_state *st;
	u32 insn;
	u32 top;
};

void bvm_trail_add(struct bvm_env *env, struct bvm_state *st);
void bvm_explain(struct bvm_env *env);

#endif /* _BVM_VERIFIER_EXPLAIN_H */
