// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the certificate says about registers, looked after by the interpreter: a state that
 * is wrong is noticed, others are not.
 */
#include "ktap.h"
#include "verif_case.h"
#include "../../kernel/verifier/claims.h"

static const struct verdict loop = {
	.name = "loop", .words = "processed", .claim = true,
	.insns = { MOV(R6, 0), ADD(R6, 1), JMP(JLT, R6, 5, -2), MOVR(R0, R6), EXIT },
};

/* Where the ways meet, r6 is 1 and r7 the stack's, or r6 is 2 and r7 NULL or a value. */
static const struct verdict branches = {
	.name = "branches", .words = "processed", .claim = true,
	.insns = { LOOKUP(HASH48), MOVR(R7, R0), MOV(R6, 2), RANDOM, JMP(JEQ, R0, 0, 3),
		   MOV(R6, 1), MOVR(R7, FP), ADD(R7, -8), JMP(JNE, R6, 1, 1),
		   LDX(DW, R0, R7, 0), MOV(R0, 0), EXIT },
};

static const struct verdict many = {
	.name = "many", .words = "processed", .claim = true,
	.insns = { MOV(R6, 0), ADD(R6, 1), JMP(JLT, R6, 50, -2), MOV(R0, 0), EXIT },
};

static void load_claimed(struct verif *v, const struct verdict *c)
{
	int err = load(v, c, 1);

	CHECK(!err && v->facts.claims && log_has(log_buf, c->words), "%d: %s", err, log_buf);
}

static u32 count(const struct bvm_claims *claims)
{
	const struct bvm_claim *claim = claims ? claims->claim : NULL;
	u32 n = 0;

	for (; claim; claim = claim->next)
		n++;
	return n;
}

static u64 run(const struct verif *v)
{
	struct bvm_ir_prog *ir = verif_lower(v);
	u64 ctx[64] = {}, r0;

	r0 = bvm_interp(ir, ctx);
	bvm_ir_free(ir);
	return r0;
}

static void rounds(void)
{
	u64 reg[BVM_REGS] = {};
	struct bvm_claim *claim;
	struct verif v;

	load_claimed(&v, &loop);
	CHECK_EQ(count(v.facts.claims[1]), 5);
	CHECK(!v.facts.claims[0] && !v.facts.claims[2], "claims where no ways meet");
	for (reg[6] = 0; reg[6] < 5; reg[6]++)
		CHECK(!bvm_claims_wrong(v.facts.claims[1], reg), "round %llu", reg[6]);
	CHECK(bvm_claims_wrong(v.facts.claims[1], reg), "one round too many");
	CHECK_EQ(run(&v), 5);
	/* the state of a round is wrong */
	for (claim = v.facts.claims[1]->claim; claim; claim = claim->next)
		if (bvm_scalar_contains(&claim->reg[6].s, 3))
			bvm_scalar_const(&claim->reg[6].s, 77);
	host_warns_expected = 1;
	CHECK_EQ(run(&v), 5);
	CHECK_EQ(host_warns_expected, 0);
	host_warns_expected = 0;
	verif_free(&v);
	ktap_end("a state for each round; one that is wrong is noticed");
}

static void pointers(void)
{
	u64 reg[BVM_REGS] = { [BVM_FP] = 0x1000 };
	const struct bvm_claims *claims;
	struct verif v;
	u32 at = 0;

	load_claimed(&v, &branches);
	while (at < v.len && count(v.facts.claims[at]) < 2)
		at++;
	claims = v.facts.claims[at];
	if (CHECK(at < v.len, "no claims")) {
		reg[0] = 1;
		reg[6] = 1;
		reg[7] = 0xff8;
		CHECK(!bvm_claims_wrong(claims, reg), "pointer to the stack");
		reg[7] = 0xff0;
		CHECK(bvm_claims_wrong(claims, reg), "another place in the stack");
		reg[0] = 0;
		reg[6] = 2;
		CHECK(!bvm_claims_wrong(claims, reg), "a value");
		reg[7] = 0;
		CHECK(!bvm_claims_wrong(claims, reg), "NULL");
		reg[6] = 3;
		CHECK(bvm_claims_wrong(claims, reg), "a number");
	}
	verif_free(&v);
	ktap_end("pointers");
}

static void too_many(void)
{
	struct verif v;

	load_claimed(&v, &many);
	CHECK(v.facts.claims[1] && v.facts.claims[1]->any, "many states");
	CHECK_EQ(count(v.facts.claims[1]), 0);
	CHECK_EQ(run(&v), 0);
	verif_free(&v);
	ktap_end("many states: nothing is claimed");
}

int main(void)
{
	make_maps();
	ktap_plan(3);
	rounds();
	pointers();
	too_many();
	free_maps();
	return ktap_exit();
}
