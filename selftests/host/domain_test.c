// SPDX-License-Identifier: GPL-2.0-only
/*
 * The value domain at its real width: soundness on random scalars with corner
 * values, ranges equal to those that upstream's reg_bounds.c expects, and the precision
 * that upstream's verifier tests rely on.
 */
#include "../../kernel/tests/domain_cases.h"
#include "domain_model.h"
#include "domain_random.h"
#include "ktap.h"

static bool is_reduced(const struct bvm_scalar *s)
{
	struct bvm_scalar again = *s;

	return bvm_scalar_reduce(&again) && bvm_scalar_equal(&again, s);
}

/* ------------------------------------------------------------ soundness */

static void alu(void)
{
	unsigned int n, op, size, i, j;
	struct sample x, y;

	for (n = 0; n < 15000; n++) {
		if (!CHECK(random_sample(&x) && random_sample(&y), "reduction lost a number"))
			return;
		op = n % __BVM_ALU_OP_MAX;
		size = n / __BVM_ALU_OP_MAX % 2 ? 4 : 8;
		if (op >= BVM_LSH && random_below(4)) {	/* counts below the width */
			random_state++;
			bvm_scalar_range(&y.s, random_below(8), 8 + random_below(size * 8 - 8));
			y.nr = 0;
			sample_add(&y, y.s.umin);
			sample_add(&y, y.s.umax);
			sample_add(&y, (y.s.umin + y.s.umax) / 2);
		}
		struct bvm_scalar s = x.s;

		CHECK(bvm_scalar_alu(op, size, &s, &y.s) && is_reduced(&s), "%s %s%u %s",
		      scalar_str(&x.s), alu_names[op], size, scalar_str(&y.s));
		for (i = 0; i < x.nr; i++)
			for (j = 0; j < y.nr; j++)
				CHECK(bvm_scalar_contains(&s, conc_alu(op, size, x.value[i],
								       y.value[j])),
				      "%s %s%u %s gives %s: %llx, %llx is outside",
				      scalar_str(&x.s), alu_names[op], size, scalar_str(&y.s),
				      scalar_str(&s), x.value[i], y.value[j]);
	}
}

static void unary(void)
{
	struct sample x;
	unsigned int n, k, i;

	for (n = 0; n < 4000; n++) {
		if (!CHECK(random_sample(&x), "reduction lost a number"))
			return;
		for (k = 0; k < ARRAY_SIZE(unaries); k++) {
			struct bvm_scalar s = x.s;

			CHECK(unaries[k].abstract(&s) && is_reduced(&s), "%s %s",
			      unaries[k].name, scalar_str(&x.s));
			for (i = 0; i < x.nr; i++)
				CHECK(bvm_scalar_contains(&s, unaries[k].concrete(x.value[i])),
				      "%s %s: %llx", unaries[k].name, scalar_str(&x.s),
				      x.value[i]);
		}
	}
}

static void try_assume(unsigned int cond, unsigned int size, bool holds, const struct sample *x,
		       const struct sample *y)
{
	struct bvm_scalar a = x->s, b = y->s;
	unsigned int i, j;
	bool some;

	some = holds ? bvm_scalar_assume(cond, size, &a, &b) :
		bvm_scalar_assume_not(cond, size, &a, &b);
	CHECK(!some || (is_reduced(&a) && is_reduced(&b)), "%s %s", scalar_str(&a),
	      scalar_str(&b));
	for (i = 0; i < x->nr; i++)
		for (j = 0; j < y->nr; j++) {
			u64 va = x->value[i], vb = y->value[j];

			if (conc_cond(cond, size, va, vb) != holds)
				continue;
			CHECK(some && bvm_scalar_contains(&a, va) && bvm_scalar_contains(&b, vb),
			      "%s %s%s%u %s loses %llx, %llx", scalar_str(&x->s),
			      holds ? "" : "not ", cond_names[cond], size, scalar_str(&y->s),
			      va, vb);
		}
}

static void conds(void)
{
	struct sample x, y;
	unsigned int n;

	for (n = 0; n < 15000; n++) {
		if (!CHECK(random_sample(&x) && random_sample(&y), "reduction lost a number"))
			return;
		try_assume(n % __BVM_COND_MAX, 8, true, &x, &y);
		try_assume(n % __BVM_COND_MAX, 8, false, &x, &y);
		try_assume(n % __BVM_COND_MAX, 4, true, &x, &y);
		try_assume(n % __BVM_COND_MAX, 4, false, &x, &y);
	}
}

static void lattice(void)
{
	struct bvm_scalar both, either;
	struct sample x, y;
	unsigned int n, i;
	bool some;

	for (n = 0; n < 20000; n++) {
		if (!CHECK(random_sample(&x) && random_sample(&y), "reduction lost a number"))
			return;
		both = x.s;
		either = x.s;
		some = bvm_scalar_intersect(&both, &y.s);
		bvm_scalar_union(&either, &y.s);
		CHECK(!some || is_reduced(&both), "%s", scalar_str(&both));
		CHECK(is_reduced(&either), "%s", scalar_str(&either));
		CHECK(bvm_scalar_includes(&either, &x.s) && bvm_scalar_includes(&either, &y.s),
		      "%s or %s", scalar_str(&x.s), scalar_str(&y.s));
		for (i = 0; i < x.nr; i++)
			CHECK(!bvm_scalar_contains(&y.s, x.value[i]) ||
			      (some && bvm_scalar_contains(&both, x.value[i])), "%s and %s",
			      scalar_str(&x.s), scalar_str(&y.s));
	}
}

/* ------------------------------------------------------------ reg_bounds */

/* Ends of ranges, as upstream's test puts them together. */
static u64 seed(bool half)
{
	static const u32 up[] = { 0, 1, U32_MAX, U32_MAX - 1, S32_MAX, (u32)S32_MIN };
	static const u32 down[] = {
		0, 1, 2, (u32)-2, 255, (u32)-255, U32_MAX, U32_MAX - 1, S32_MAX, (u32)S32_MIN,
	};
	u64 low = down[random_below(ARRAY_SIZE(down))];

	if (!random_below(4))
		low = (u32)random_u64() >> random_below(32);
	return half ? low : (u64)up[random_below(ARRAY_SIZE(up))] << 32 | low;
}

static struct range seed_range(enum num_type t)
{
	__int128 a = as(t, seed(type_is_32(t))), b = as(t, seed(type_is_32(t)));

	return (struct range){ min(a, b), max(a, b) };
}

static bool same_ranges(const struct bvm_scalar *s, const struct model *m)
{
	return s->umin == m->r[U64].min && s->umax == m->r[U64].max &&
	       s->smin == m->r[S64].min && s->smax == m->r[S64].max &&
	       s->u32min == m->r[U32].min && s->u32max == m->r[U32].max &&
	       s->s32min == m->r[S32].min && s->s32max == m->r[S32].max;
}

/* if (r < x.min) goto out; if (r > x.max) goto out; in a register of type @t. */
static bool set_up(struct bvm_scalar *s, struct model *m, enum num_type t, struct range x)
{
	unsigned int size = type_is_32(t) ? 4 : 8;
	bool sign = type_is_signed(t);
	struct bvm_scalar k;
	bool some = true;

	bvm_scalar_unknown(s);
	if (size == 4)
		bvm_scalar_zext(s, 32);
	model_init(m, size == 4);
	bvm_scalar_const(&k, x.min);
	some &= bvm_scalar_assume_not(sign ? BVM_JSLT : BVM_JLT, size, s, &k);
	model_cond_const(m, t, BVM_JGE, x.min);
	bvm_scalar_const(&k, x.max);
	some &= bvm_scalar_assume_not(sign ? BVM_JSGT : BVM_JGT, size, s, &k);
	model_cond_const(m, t, BVM_JLE, x.max);
	return some;
}

static enum bvm_cond real_cond(enum num_type t, enum bvm_cond cond)
{
	static const u8 sign[__BVM_COND_MAX] = {
		[BVM_JLT] = BVM_JSLT, [BVM_JLE] = BVM_JSLE, [BVM_JGT] = BVM_JSGT,
		[BVM_JGE] = BVM_JSGE, [BVM_JEQ] = BVM_JEQ, [BVM_JNE] = BVM_JNE,
	};

	return type_is_signed(t) ? sign[cond] : cond;
}

static void print_model(const struct model *m)
{
	unsigned int t;

	for (t = 0; t < NR_TYPES; t++)
		printf("# %s %llx..%llx\n", type_names[t], (u64)m->r[t].min, (u64)m->r[t].max);
}

static bool contradictory(const struct model *m)
{
	unsigned int t;

	for (t = 0; t < NR_TYPES; t++)
		if (!range_ok(m->r[t]))
			return true;
	return false;
}

static unsigned int nr_sides, nr_contradictory;

/*
 * One side of the branch, in the domain and in the model.  The model looks for branches that
 * cannot be taken before it refines; the domain also finds those where that leaves no
 * number, which in the model is a range that ends before it starts.
 */
static bool side(enum num_type t, enum bvm_cond cond, bool possible, struct bvm_scalar x,
		 struct bvm_scalar y, struct model mx, struct model my)
{
	bool some = bvm_scalar_assume(real_cond(t, cond), type_is_32(t) ? 4 : 8, &x, &y);

	nr_sides++;
	if (!possible)
		return !some;
	model_cond(t, cond, &mx, &my);
	if (!some && (contradictory(&mx) || contradictory(&my))) {
		nr_contradictory++;
		return true;
	}
	if (some && same_ranges(&x, &mx) && same_ranges(&y, &my))
		return true;
	printf("# model of the left operand, then the right one:\n");
	print_model(&mx);
	print_model(&my);
	printf("# %s %s\n", scalar_str(&x), scalar_str(&y));
	return false;
}

static void bounds_case(enum num_type init, enum num_type t, struct range rx, struct range ry,
			enum bvm_cond cond)
{
	struct bvm_scalar x, y;
	struct model mx, my;
	bool ok;
	int taken;

	ok = set_up(&x, &mx, init, rx) && set_up(&y, &my, init, ry) &&
	     same_ranges(&x, &mx) && same_ranges(&y, &my);
	taken = model_branch(t, cond, &mx, &my);
	ok = ok && side(t, cond, taken != 0, x, y, mx, my) &&
	     side(t, cond_not(cond), taken != 1, x, y, mx, my);
	CHECK(ok, "(%s)[%llx; %llx] (%s)%s [%llx; %llx], taken %d", type_names[init],
	      (u64)rx.min, (u64)rx.max, type_names[t], cond_names[cond], (u64)ry.min,
	      (u64)ry.max, taken);
}

static void bounds(void)
{
	static const u8 cond[] = { BVM_JLT, BVM_JLE, BVM_JGT, BVM_JGE, BVM_JEQ, BVM_JNE };
	unsigned int n, c;

	for (n = 0; n < 20000; n++) {
		enum num_type init = n % NR_TYPES, t = n / NR_TYPES % NR_TYPES;
		struct range x = seed_range(init), y = seed_range(init);

		if (random_below(2))	/* most of upstream's cases: a constant */
			y.max = y.min;
		for (c = 0; c < ARRAY_SIZE(cond); c++)
			bounds_case(init, t, x, y, cond[c]);
	}
	printf("# %u sides of branches, %u of them found dead by refining\n", nr_sides,
	       nr_contradictory);
}

/* ------------------------------------------------------------ precision */

static void cases(void)
{
	struct bvm_scalar got[2];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(domain_cases); i++)
		CHECK(domain_case_ok(&domain_cases[i], got), "row %u: %s %s", i,
		      scalar_str(&got[0]), scalar_str(&got[1]));
}

int main(void)
{
	static const struct ktap_test tests[] = {
		{ "arithmetic is sound", alu },
		{ "operations on one number are sound", unary },
		{ "comparisons are sound", conds },
		{ "intersection and union", lattice },
		{ "ranges are those of reg_bounds", bounds },
		{ "the table of tests/domain_cases.h", cases },
	};

	return ktap_run(tests, ARRAY_SIZE(tests));
}
