// SPDX-License-Identifier: GPL-2.0-only
/* KUnit: the value domain, case by case.  The exhaustive check is selftests/host's. */
#include <kunit/test.h>
#include "domain_cases.h"

static void domain_case_desc(const struct domain_case *c, char *desc)
{
	static const char *const what[] = {
		[DO_ALU] = "alu", [DO_COND] = "if", [DO_NOT] = "if not", [DO_NEG] = "neg",
		[DO_ZEXT] = "zext", [DO_SEXT] = "sext", [DO_SWAP] = "swap", [DO_MEET] = "meet",
		[DO_JOIN] = "join",
	};

	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "row %u: %s %u size %u",
		 (unsigned int)(c - domain_cases), what[c->what], c->op, c->size);
}

KUNIT_ARRAY_PARAM(domain_case, domain_cases, domain_case_desc);

static void table(struct kunit *test)
{
	const struct domain_case *c = test->param_value;
	struct bvm_scalar got[2];

	KUNIT_EXPECT_TRUE_MSG(test, domain_case_ok(c, got),
			      "bits %llx/%llx u %llu..%llu s %lld..%lld u32 %u..%u s32 %d..%d",
			      got->t.value, got->t.mask, got->umin, got->umax, got->smin,
			      got->smax, got->u32min, got->u32max, got->s32min, got->s32max);
}

/* What an operation leaves is a fixed point of the reduction. */
static void reduced(struct kunit *test)
{
	struct bvm_scalar got[2], again;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(domain_cases); i++) {
		if (!domain_case_run(&domain_cases[i], got))
			continue;
		again = got[0];
		KUNIT_EXPECT_TRUE(test, bvm_scalar_reduce(&again));
		KUNIT_EXPECT_TRUE(test, bvm_scalar_equal(&again, &got[0]));
	}
}

static void predicates(struct kunit *test)
{
	struct bvm_scalar any, five, low;

	bvm_scalar_unknown(&any);
	bvm_scalar_const(&five, 5);
	bvm_scalar_range(&low, 0, 10);
	KUNIT_EXPECT_TRUE(test, bvm_scalar_is_unknown(&any));
	KUNIT_EXPECT_FALSE(test, bvm_scalar_is_unknown(&low));
	KUNIT_EXPECT_TRUE(test, bvm_scalar_is_const(&five));
	KUNIT_EXPECT_TRUE(test, bvm_scalar_is_const32(&five));
	KUNIT_EXPECT_FALSE(test, bvm_scalar_is_const(&low));
	KUNIT_EXPECT_EQ(test, bvm_scalar_value(&five), 5);
	KUNIT_EXPECT_TRUE(test, bvm_scalar_includes(&any, &low));
	KUNIT_EXPECT_TRUE(test, bvm_scalar_includes(&low, &five));
	KUNIT_EXPECT_FALSE(test, bvm_scalar_includes(&five, &low));
	KUNIT_EXPECT_TRUE(test, bvm_scalar_contains(&low, 10));
	KUNIT_EXPECT_FALSE(test, bvm_scalar_contains(&low, 11));
	bvm_scalar_srange(&low, -1, 1);
	KUNIT_EXPECT_TRUE(test, bvm_scalar_contains(&low, U64_MAX));
	KUNIT_EXPECT_FALSE(test, bvm_scalar_contains(&low, 2));
}

static struct kunit_case domain_tests[] = {
	KUNIT_CASE_PARAM(table, domain_case_gen_params),
	KUNIT_CASE(reduced),
	KUNIT_CASE(predicates),
	{}
};

static struct kunit_suite domain_suite = {
	.name = "bvm_domain",
	.test_cases = domain_tests,
};

kunit_test_suite(domain_suite);
