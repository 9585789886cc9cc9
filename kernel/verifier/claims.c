// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the certificate says about registers, kept for the run time: with
 * CONFIG_BVM_DEBUG_STATES, the interpreter looks whether a program really is in one of the
 * states that were stepped through.
 *
 * At a point, which is where ways meet, a state that the certificate has not stepped through is
 * impossible: what some checkpoint stands for lies within that, and its own state was stepped
 * through, too.  Only registers are kept, and at a few points with many states nothing.
 */
#include "claims.h"

#define BVM_CLAIM_STATES	16	/* most for a point */
#define BVM_CLAIMS_MAX		2048	/* and for a program */

/**
 * bvm_claims_begin - room for what will be claimed
 * @env:	environment of a program that is about to be certified
 * Process context, may sleep.  Return: 0 or -ENOMEM.
 */
int bvm_claims_begin(struct bvm_env *env)
{
	if (!env->args->claim)
		return 0;
	env->facts->claims = kvcalloc(env->args->len, sizeof(*env->facts->claims),
				      GFP_KERNEL_ACCOUNT);
	return env->facts->claims ? 0 : -ENOMEM;
}

static void bvm_claims_drop(struct bvm_claims *claims)
{
	struct bvm_claim *claim;

	while (claims->claim) {
		claim = claims->claim;
		claims->claim = claim->next;
		kfree(claim);
	}
}

/**
 * bvm_claims_free - nothing is claimed any more
 * @claims:	per instruction, or NULL
 * @len:	instructions
 */
void bvm_claims_free(struct bvm_claims **claims, u32 len)
{
	u32 i;

	for (i = 0; claims && i < len; i++) {
		if (!claims[i])
			continue;
		bvm_claims_drop(claims[i]);
		kfree(claims[i]);
	}
	kvfree(claims);
}

static struct bvm_claims *bvm_claims_at(struct bvm_env *env, u32 insn)
{
	struct bvm_claims **where = &env->facts->claims[insn];

	if (!*where) {
		*where = kzalloc(sizeof(**where), GFP_KERNEL_ACCOUNT);
		if (*where) {
			(*where)->check = bvm_claims_check;
			(*where)->insn = insn;
		}
	}
	return *where;
}

static struct bvm_claim *bvm_claim_make(const struct bvm_env *env, const struct bvm_state *st)
{
	struct bvm_claim *claim = kzalloc(sizeof(*claim), GFP_KERNEL_ACCOUNT);
	const struct bvm_val *v;
	u32 i;

	for (i = 0; claim && i < BVM_SAVED_REGS; i++) {
		v = bvm_reg(env, st, i);
		claim->reg[i].s = v->s;
		claim->reg[i].off = v->off;
		claim->reg[i].kind = v->kind;
		claim->reg[i].or_null = v->flags & BVM_VAL_OR_NULL;
		if (v->kind == BVM_PTR_STACK && v->frame != st->top)
			claim->reg[i].kind = BVM_UNINIT;
	}
	return claim;
}

/**
 * bvm_claims_note - the certificate steps through a state
 * @env:	environment
 * @st:		state
 *
 * Process context, may sleep.  Return: 0; -ENOMEM: then there must be no claim at all.
 */
int bvm_claims_note(struct bvm_env *env, const struct bvm_state *st)
{
	const struct bvm_block *block;
	struct bvm_claims *claims;
	struct bvm_claim *claim;

	if (!env->facts->claims || !env->block_at[st->insn])
		return 0;
	block = &env->blocks[env->block_at[st->insn] - 1];
	if (block->preds < 2 && !block->head)
		return 0;
	claims = bvm_claims_at(env, st->insn);
	if (!claims)
		return -ENOMEM;
	if (claims->any)
		return 0;
	if (claims->nr == BVM_CLAIM_STATES || env->claims == BVM_CLAIMS_MAX) {
		claims->any = true;
		bvm_claims_drop(claims);
		return 0;
	}
	claim = bvm_claim_make(env, st);
	if (!claim)
		return -ENOMEM;
	claim->next = claims->claim;
	claims->claim = claim;
	claims->nr++;
	env->claims++;
	return 0;
}

/* ------------------------------------------------------------------ run time */

static bool bvm_claim_admits(const struct bvm_claim_reg *claim, u64 x, u64 fp)
{
	if (claim->or_null && !x)
		return true;
	switch (claim->kind) {
	case BVM_SCALAR:
		return bvm_scalar_contains(&claim->s, x);
	case BVM_PTR_STACK:
		return bvm_scalar_contains(&claim->s, x - fp - (s64)claim->off);
	case BVM_PTR_MAP:
	case BVM_PTR_VALUE:
	case BVM_PTR_KEY:
	case BVM_PTR_MEM:
		return x;
	default:
		return true;
	}
}

/* The first register that is not as the state says, BVM_SAVED_REGS: all are. */
static u32 bvm_claim_wrong(const struct bvm_claim *claim, const u64 *reg)
{
	u32 i;

	for (i = 0; i < BVM_SAVED_REGS; i++)
		if (!bvm_claim_admits(&claim->reg[i], reg[i], reg[BVM_FP]))
			break;
	return i;
}

/**
 * bvm_claims_wrong - are registers as one of the states says?
 * @claims:	states of a point
 * @reg:	r0 to r10 there
 * Any context.  Return: NULL, or a state that most of them agree with.
 */
const struct bvm_claim *bvm_claims_wrong(const struct bvm_claims *claims, const u64 *reg)
{
	const struct bvm_claim *claim, *best = NULL;
	u32 n, most = 0;

	for (claim = claims->claim; claim; claim = claim->next) {
		n = bvm_claim_wrong(claim, reg);
		if (n == BVM_SAVED_REGS)
			return NULL;
		if (!best || n > most) {
			best = claim;
			most = n;
		}
	}
	return best;
}

static void bvm_claim_warn(const struct bvm_claims *claims, const struct bvm_claim_reg *c,
			   u32 reg, u64 x)
{
	WARN_ONCE(1, "bvm: program %u, insn %u: r%u is %llx, not kind %u %+d bits %llx/%llx u %llx..%llx s %llx..%llx\n",
		  claims->prog_id ? *claims->prog_id : 0, claims->insn, reg, x, c->kind, c->off,
		  c->s.t.value, c->s.t.mask, c->s.umin, c->s.umax, c->s.smin, c->s.smax);
}

/**
 * bvm_claims_check - a program has come to a point
 * @claims:	states that it may be in
 * @reg:	r0 to r10
 * Any context, incl. NMI.  Warns once if it is in none of them.
 */
void bvm_claims_check(const struct bvm_claims *claims, const u64 *reg)
{
	const struct bvm_claim *claim = bvm_claims_wrong(claims, reg);
	u32 i;

	if (likely(!claim))
		return;
	i = bvm_claim_wrong(claim, reg);
	bvm_claim_warn(claims, &claim->reg[i], i, reg[i]);
}
