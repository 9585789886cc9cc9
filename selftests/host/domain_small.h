/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The value domain on a machine of 4, 6 or 8 bits, where the set of numbers that a
 * scalar stands for can be written down and every pair of them can be tried.
 *
 * The including file defines BVM_BITS and includes the kernel's .c files.
 */
#ifndef _DOMAIN_SMALL_H
#define _DOMAIN_SMALL_H

#include "domain_random.h"
#include "ktap.h"

#define VALUES	BIT(BVM_BITS)

struct set {
	bool has[VALUES];
	u8 list[VALUES];
	unsigned int nr;
};

static void set_of(struct set *set, const struct bvm_scalar *s)
{
	unsigned int x;

	set->nr = 0;
	for (x = 0; x < VALUES; x++) {
		set->has[x] = bvm_scalar_contains(s, x);
		if (set->has[x])
			set->list[set->nr++] = x;
	}
}

/* A result is reduced and every concrete one lies in it. */
static bool is_reduced(const struct bvm_scalar *s)
{
	struct bvm_scalar again = *s;

	return bvm_scalar_reduce(&again) && bvm_scalar_equal(&again, s);
}

static void try_op(unsigned int op, unsigned int size, const struct sample *x,
		   const struct sample *y, const struct set *a, const struct set *b)
{
	struct bvm_scalar s = x->s;
	static struct set r;
	unsigned int i, j;

	CHECK(bvm_scalar_alu(op, size, &s, &y->s), "%s %s %s is empty", scalar_str(&x->s),
	      alu_names[op], scalar_str(&y->s));
	CHECK(is_reduced(&s), "%s", scalar_str(&s));
	set_of(&r, &s);
	for (i = 0; i < a->nr; i++)
		for (j = 0; j < b->nr; j++) {
			u8 va = a->list[i], vb = b->list[j];

			if (r.has[conc_alu(op, size, va, vb)])
				continue;
			CHECK(false, "%s %s%u %s gives %s: %u, %u is outside", scalar_str(&x->s),
			      alu_names[op], size, scalar_str(&y->s), scalar_str(&s), va, vb);
			return;
		}
}

static void sampled_alu(unsigned int pairs)
{
	unsigned int op, size, n;
	static struct set a, b;
	struct sample x, y;

	for (n = 0; n < pairs; n++) {
		if (!CHECK(random_sample(&x) && random_sample(&y), "reduction lost a number"))
			return;
		set_of(&a, &x.s);
		set_of(&b, &y.s);
		for (op = 0; op < __BVM_ALU_OP_MAX; op++)
			for (size = 4; size <= 8; size += 4)
				try_op(op, size, &x, &y, &a, &b);
	}
}

/* Each number of a pair that satisfies the comparison must survive it. */
static void try_assume(unsigned int cond, unsigned int size, bool holds, const struct sample *x,
		       const struct sample *y, const struct set *a, const struct set *b)
{
	struct bvm_scalar sx = x->s, sy = y->s;
	bool possible;
	static struct set ra, rb;
	unsigned int i, j;

	possible = holds ? bvm_scalar_assume(cond, size, &sx, &sy) :
		bvm_scalar_assume_not(cond, size, &sx, &sy);
	if (possible) {
		set_of(&ra, &sx);
		set_of(&rb, &sy);
		CHECK(is_reduced(&sx) && is_reduced(&sy), "%s %s", scalar_str(&sx),
		      scalar_str(&sy));
	}
	for (i = 0; i < a->nr; i++)
		for (j = 0; j < b->nr; j++) {
			u8 va = a->list[i], vb = b->list[j];

			if (conc_cond(cond, size, va, vb) != holds)
				continue;
			if (possible && ra.has[va] && rb.has[vb])
				continue;
			CHECK(false, "%s %s%s%u %s loses %u, %u", scalar_str(&x->s),
			      holds ? "" : "not ", cond_names[cond], size, scalar_str(&y->s),
			      va, vb);
			return;
		}
}

static void sampled_conds(unsigned int pairs)
{
	unsigned int cond, size, n;
	static struct set a, b;
	struct sample x, y;

	for (n = 0; n < pairs; n++) {
		if (!CHECK(random_sample(&x) && random_sample(&y), "reduction lost a number"))
			return;
		set_of(&a, &x.s);
		set_of(&b, &y.s);
		for (cond = 0; cond < __BVM_COND_MAX; cond++)
			for (size = 4; size <= 8; size += 4) {
				try_assume(cond, size, true, &x, &y, &a, &b);
				try_assume(cond, size, false, &x, &y, &a, &b);
			}
	}
}

static void sampled_unary(unsigned int samples)
{
	static struct set a, r;
	unsigned int n, i, k;
	struct sample x;

	for (n = 0; n < samples; n++) {
		if (!CHECK(random_sample(&x), "reduction lost a number"))
			return;
		set_of(&a, &x.s);
		for (k = 0; k < ARRAY_SIZE(unaries); k++) {
			struct bvm_scalar s = x.s;

			CHECK(unaries[k].abstract(&s) && is_reduced(&s), "%s %s",
			      unaries[k].name, scalar_str(&x.s));
			set_of(&r, &s);
			for (i = 0; i < a.nr; i++)
				if (!CHECK(r.has[unaries[k].concrete(a.list[i])], "%s %s: %u",
					   unaries[k].name, scalar_str(&x.s), a.list[i]))
					break;
		}
	}
}

/* Intersection keeps what both have, union what either has. */
static void sampled_lattice(unsigned int pairs)
{
	static struct set a, b, r;
	unsigned int n, v;
	struct sample x, y;

	for (n = 0; n < pairs; n++) {
		struct bvm_scalar both, either;
		bool some;

		if (!CHECK(random_sample(&x) && random_sample(&y), "reduction lost a number"))
			return;
		set_of(&a, &x.s);
		set_of(&b, &y.s);
		both = x.s;
		some = bvm_scalar_intersect(&both, &y.s);
		if (some)
			set_of(&r, &both);
		for (v = 0; v < VALUES; v++)
			if (a.has[v] && b.has[v] && !CHECK(some && r.has[v], "%s and %s lose %u",
							   scalar_str(&x.s), scalar_str(&y.s), v))
				break;
		if (some)
			CHECK(bvm_scalar_includes(&x.s, &both) &&
			      bvm_scalar_includes(&y.s, &both) && is_reduced(&both), "%s",
			      scalar_str(&both));
		either = x.s;
		bvm_scalar_union(&either, &y.s);
		set_of(&r, &either);
		CHECK(is_reduced(&either), "%s", scalar_str(&either));
		for (v = 0; v < VALUES; v++)
			if ((a.has[v] || b.has[v]) && !CHECK(r.has[v], "%s or %s lose %u",
							     scalar_str(&x.s), scalar_str(&y.s), v))
				break;
		/* inclusion view by view implies inclusion of the sets */
		if (bvm_scalar_includes(&x.s, &y.s))
			for (v = 0; v < VALUES; v++)
				CHECK(!b.has[v] || a.has[v], "%s does not include %s",
				      scalar_str(&x.s), scalar_str(&y.s));
	}
}

#endif /* _DOMAIN_SMALL_H */
