/* SPDX-License-Identifier: GPL-2.0-only */
/* States that the certificate has stepped through, for the run time: see claims.c. */
#ifndef _BVM_CLAIMS_H
#define _BVM_CLAIMS_H

#include "env.h"

/**
 * struct bvm_claim_reg - what is claimed about a register
 * @s:		the number, or the variable part of a pointer's offset
 * @off:	constant part of it
 * @kind:	enum bvm_kind; BVM_UNINIT: nothing
 * @or_null:	or it is NULL
 */
struct bvm_claim_reg {
	struct bvm_scalar s;
	s32 off;
	u8 kind;
	bool or_null;
};

/**
 * struct bvm_claim - a state
 * @next:	another one of the same point
 * @reg:	r0 to r9
 */
struct bvm_claim {
	struct bvm_claim *next;
	struct bvm_claim_reg reg[BVM_SAVED_REGS];
};

int bvm_claims_begin(struct bvm_env *env);
int bvm_claims_note(struct bvm_env *env, const struct bvm_state *st);
const struct bvm_claim *bvm_claims_wrong(const struct bvm_claims *claims, const u64 *reg);
void bvm_claims_check(const struct bvm_claims *claims, const u64 *reg);

#endif /* _BVM_CLAIMS_H */
