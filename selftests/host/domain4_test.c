// SPDX-License-Identifier: GPL-2.0-only
/*
 * The value domain on a machine of four bits, half of them the "subregister",
 * exhaustively: every operation on every pair of scalars, all numbers of both.
 *
 * Scalars are many, but the sets of numbers that they stand for are only 3175; each
 * is represented by the sharpest scalar of that set ("canonical").  Scalars of other
 * shapes are sampled.  An operation of the low halves sees nothing of its operands
 * but these: there, all pairs of different low halves are tried, and a sample shows that
 * the rest makes no difference.  "domain4_test all" does without such short cuts: every
 * operation and comparison of either width, on all pairs, in either order.
 *
 * Each case also says how sharp the results are: how many are as sharp as any scalar can be
 * that holds all possible numbers, and by how much the sets are larger than that.
 *
 * A set is a bit mask: bit x says that the number x is in it.
 */
#define BVM_BITS 4
#include "tnum.c"
#include "domain.c"
#include "domain_alu.c"
#include "domain_small.h"

#define NR_SETS	3175

struct element {
	struct bvm_scalar s;
	u16 set;
};

static struct element element[NR_SETS];
static unsigned int nr_elements;
static u16 low[NR_SETS];	/* elements that differ in their low half */
static unsigned int nr_low;

/* ------------------------------------------------------------------ sets */

static u16 bits_set_of[16][16], u_set[16][16], s_set[16][16], u32_set[4][4], s32_set[4][4];

static void init_sets(void)
{
	unsigned int x, i, j;

	for (x = 0; x < 16; x++) {
		u16 me = BIT(x);

		for (i = 0; i < 16; i++)
			for (j = 0; j < 16; j++) {
				if (!(i & j) && (x & ~j) == i)
					bits_set_of[i][j] |= me;
				if (i <= x && x <= j)
					u_set[i][j] |= me;
				if (conc_sign(i, 4) <= conc_sign(x, 4) &&
				    conc_sign(x, 4) <= conc_sign(j, 4))
					s_set[i][j] |= me;
				if (i >= 4 || j >= 4)
					continue;
				if (i <= (x & 3) && (x & 3) <= j)
					u32_set[i][j] |= me;
				if (conc_sign(i, 2) <= conc_sign(x, 2) &&
				    conc_sign(x, 2) <= conc_sign(j, 2))
					s32_set[i][j] |= me;
			}
	}
}

static inline u16 set_of_scalar(const struct bvm_scalar *s)
{
	return bits_set_of[s->t.value][s->t.mask] & u_set[s->umin][s->umax] &
	       s_set[s->smin & 15][s->smax & 15] & u32_set[s->u32min][s->u32max] &
	       s32_set[s->s32min & 3][s->s32max & 3];
}

/* The sharpest views of a set. */
static void canonical(struct bvm_scalar *s, u16 set)
{
	struct bvm_scalar one;
	unsigned int x;
	bool first = true;

	for (x = 0; x < 16; x++) {
		if (!(set >> x & 1))
			continue;
		bvm_scalar_const(&one, x);
		if (first)
			*s = one;
		first = false;
		s->t = bvm_tnum_union(s->t, one.t);
		s->umin = min(s->umin, one.umin);
		s->umax = max(s->umax, one.umax);
		s->smin = min(s->smin, one.smin);
		s->smax = max(s->smax, one.smax);
		s->u32min = min(s->u32min, one.u32min);
		s->u32max = max(s->u32max, one.u32max);
		s->s32min = min(s->s32min, one.s32min);
		s->s32max = max(s->s32max, one.s32max);
	}
}

/* The least set that a scalar can stand for and that holds all of this one. */
static u16 hull[65536];

static void init_hull(void)
{
	struct bvm_scalar s;
	unsigned int set;

	for (set = 1; set < 65536; set++) {
		canonical(&s, set);
		hull[set] = set_of_scalar(&s);
	}
}

/* Of the current case: results, those that are as sharp as can be, sum of sizes over best. */
static struct {
	u64 results, exact, empty, empty_seen;
	double size;
} sharp;

static inline void note_sharpness(u16 got, u16 possible)
{
	u16 best = hull[possible];

	sharp.results++;
	sharp.exact += got == best;
	sharp.size += (double)__builtin_popcount(got) / __builtin_popcount(best);
}

static void print_sharpness(void)
{
	double n = sharp.results;

	if (sharp.results)
		printf("# exact: %.1f %% of %.0f results; mean size: %.2f of the least possible\n",
		       100 * sharp.exact / n, n, sharp.size / n);
	if (sharp.empty)
		printf("# seen to be impossible: %.1f %% of %llu\n",
		       100.0 * sharp.empty_seen / sharp.empty, sharp.empty);
	memset(&sharp, 0, sizeof(sharp));
}

/* Adds to the sets in @known all that a view cuts out of them. */
static void cut(bool *known, const u16 *view, unsigned int n)
{
	static u16 before[65536];
	unsigned int nr = 0, i, j;

	for (i = 1; i < 65536; i++)
		if (known[i])
			before[nr++] = i;
	for (i = 0; i < nr; i++)
		for (j = 0; j < n; j++)
			known[before[i] & view[j]] = true;
}

static bool same_low(const struct bvm_scalar *a, const struct bvm_scalar *b)
{
	return (a->t.value & 3) == (b->t.value & 3) && (a->t.mask & 3) == (b->t.mask & 3) &&
	       a->u32min == b->u32min && a->u32max == b->u32max && a->s32min == b->s32min &&
	       a->s32max == b->s32max;
}

static unsigned int low_of(const struct bvm_scalar *s)
{
	unsigned int i;

	for (i = 0; i < nr_low; i++)
		if (same_low(&element[low[i]].s, s))
			break;
	return i;
}

static void elements(void)
{
	static bool known[65536];
	unsigned int set;

	known[65535] = true;
	cut(known, bits_set_of[0], 256);
	cut(known, u_set[0], 256);
	cut(known, s_set[0], 256);
	cut(known, u32_set[0], 16);
	cut(known, s32_set[0], 16);
	for (set = 1; set < 65536; set++) {
		struct element *e = &element[nr_elements];
		struct bvm_scalar s;

		if (!known[set] || !CHECK(nr_elements < NR_SETS, "more sets"))
			continue;
		canonical(&e->s, set);
		e->set = set;
		s = e->s;
		CHECK_EQ(set_of_scalar(&s), set);
		CHECK(bvm_scalar_reduce(&s) && bvm_scalar_equal(&s, &e->s), "%s",
		      scalar_str(&e->s));
		if (low_of(&s) == nr_low)
			low[nr_low++] = nr_elements;
		nr_elements++;
	}
	CHECK_EQ(nr_elements, NR_SETS);
}

/* ------------------------------------------------------------ reduction */

/* Number by number: no view may lose a number that the others have. */
static void try_reduce(const struct bvm_scalar *s)
{
	struct bvm_scalar r = *s;
	u16 set = set_of_scalar(s);
	bool some = bvm_scalar_reduce(&r);

	if (!some && !set)
		return;
	CHECK(some && set_of_scalar(&r) == set && is_reduced(&r), "%s", scalar_str(s));
	CHECK(bvm_scalar_includes(s, &r), "%s", scalar_str(s));
}

/* All combinations of whole ranges with low ranges, with all bits unknown or a sample. */
static void reduction(void)
{
	unsigned int ui, si, hi, ti;
	struct bvm_scalar s;

	for (ui = 0; ui < 256; ui++)
		for (si = 0; si < 256; si++)
			for (hi = 0; hi < 256; hi++) {
				s.umin = ui >> 4;
				s.umax = ui & 15;
				s.smin = conc_sign(si >> 4, 4);
				s.smax = conc_sign(si, 4);
				s.u32min = hi >> 6;
				s.u32max = hi >> 4 & 3;
				s.s32min = conc_sign(hi >> 2, 2);
				s.s32max = conc_sign(hi, 2);
				if (s.umin > s.umax || s.smin > s.smax || s.u32min > s.u32max ||
				    s.s32min > s.s32max)
					continue;
				for (ti = 0; ti < 4; ti++) {
					s.t.mask = ti ? random_below(16) : 15;
					s.t.value = random_below(16) & ~s.t.mask;
					try_reduce(&s);
				}
			}
}

/* ----------------------------------------------------------- operations */

/* Union over a set of columns, for any set at once: two lookups of half of it. */
struct columns {
	u16 lo[256], hi[256];
};

static void columns_init(struct columns *c, const u16 *column)
{
	unsigned int i;

	c->lo[0] = 0;
	c->hi[0] = 0;
	for (i = 1; i < 256; i++) {
		c->lo[i] = c->lo[i & (i - 1)] | column[__builtin_ctz(i)];
		c->hi[i] = c->hi[i & (i - 1)] | column[8 + __builtin_ctz(i)];
	}
}

static inline u16 columns_of(const struct columns *c, u16 set)
{
	return c->lo[set & 255] | c->hi[set >> 8];
}

static bool try_alu(unsigned int op, unsigned int size, const struct element *a,
		    const struct element *b, const struct columns *image)
{
	struct bvm_scalar s = a->s;
	u16 lost;

	if (!bvm_scalar_alu(op, size, &s, &b->s))
		return CHECK(false, "%s %s%u %s is empty", scalar_str(&a->s), alu_names[op],
			     size, scalar_str(&b->s));
	note_sharpness(set_of_scalar(&s), columns_of(image, b->set));
	lost = columns_of(image, b->set) & ~set_of_scalar(&s);
	return !lost || CHECK(false, "%s %s%u %s gives %s: %d is outside", scalar_str(&a->s),
			      alu_names[op], size, scalar_str(&b->s), scalar_str(&s),
			      __builtin_ctz(lost));
}

/* Results that each number y gives with some x in a set. */
static void alu_image(unsigned int op, unsigned int size, u16 set, struct columns *image)
{
	u16 column[16] = { };
	unsigned int x, y;

	for (x = 0; x < 16; x++)
		for (y = 0; y < 16 && (set >> x & 1); y++)
			column[y] |= 1 << conc_alu(op, size, x, y);
	columns_init(image, column);
}

/* Operations whose operands may change places: only one order is run in full. */
static const bool commutes[__BVM_ALU_OP_MAX] = {
	[BVM_ADD] = true, [BVM_MUL] = true, [BVM_OR] = true, [BVM_AND] = true, [BVM_XOR] = true,
};

static bool try_swapped(unsigned int op)
{
	const struct element *a = &element[random_below(nr_elements)];
	const struct element *b = &element[random_below(nr_elements)];
	struct bvm_scalar ab = a->s, ba = b->s;

	bvm_scalar_alu(op, 8, &ab, &b->s);
	bvm_scalar_alu(op, 8, &ba, &a->s);
	return CHECK(bvm_scalar_equal(&ab, &ba), "%s %s %s does not commute",
		     scalar_str(&a->s), alu_names[op], scalar_str(&b->s));
}

/* Without short cuts. */
static bool all;

static void alu_all_pairs(unsigned int op, unsigned int size)
{
	struct columns image;
	unsigned int i, j;

	for (i = 0; i < nr_elements; i++) {
		alu_image(op, size, element[i].set, &image);
		for (j = 0; j < nr_elements; j++)
			if (!try_alu(op, size, &element[i], &element[j], &image))
				return;
	}
}

static void alu_full_all(unsigned int op)
{
	struct columns image;
	unsigned int i, j;

	if (all) {
		alu_all_pairs(op, 8);
		return;
	}

	for (i = 0; i < nr_elements; i++) {
		alu_image(op, 8, element[i].set, &image);
		for (j = 0; j < (commutes[op] ? i + 1 : nr_elements); j++)
			if (!try_alu(op, 8, &element[i], &element[j], &image))
				return;
	}
	for (i = 0; commutes[op] && i < 200000; i++)
		if (!try_swapped(op))
			return;
}

/* Every element with every low half, on either side; the result is that of the low halves. */
static void alu_half_all(unsigned int op)
{
	struct columns image, image_low;
	struct bvm_scalar s, t;
	unsigned int i, j;

	if (all) {
		alu_all_pairs(op, 4);
		return;
	}
	for (i = 0; i < nr_elements; i++) {
		const struct element *e = &element[i], *f, *l;

		alu_image(op, 4, e->set, &image);
		for (j = 0; j < nr_low; j++) {
			f = &element[low[j]];
			alu_image(op, 4, f->set, &image_low);
			if (!try_alu(op, 4, e, f, &image) || !try_alu(op, 4, f, e, &image_low))
				return;
		}
		for (j = 0; j < 16; j++) {
			f = &element[random_below(nr_elements)];
			l = &element[low[low_of(&f->s)]];
			s = e->s;
			t = element[low[low_of(&e->s)]].s;
			bvm_scalar_alu(op, 4, &s, &f->s);
			bvm_scalar_alu(op, 4, &t, &l->s);
			CHECK(bvm_scalar_equal(&s, &t), "%s %s4 %s depends on the upper half",
			      scalar_str(&e->s), alu_names[op], scalar_str(&f->s));
		}
	}
}

static void unary_all(void)
{
	unsigned int i, k, x;

	for (k = 0; k < ARRAY_SIZE(unaries); k++) {
		for (i = 0; i < nr_elements; i++) {
			struct bvm_scalar s = element[i].s;
			bool some = unaries[k].abstract(&s);
			u16 set = some ? set_of_scalar(&s) : 0, possible = 0;

			for (x = 0; x < 16; x++)
				if (element[i].set >> x & 1)
					possible |= 1 << unaries[k].concrete(x);
			note_sharpness(set, possible);
			CHECK(!(possible & ~set), "%s %s loses numbers", unaries[k].name,
			      scalar_str(&element[i].s));
		}
		printf("# %s:\n", unaries[k].name);
		print_sharpness();
	}
}

/* ---------------------------------------------------------- comparisons */

/* For numbers of one side: which numbers of the other side can go with them. */
struct partners {
	struct columns left, right;
};

static void partners_init(struct partners *p, unsigned int cond, unsigned int size, bool holds,
			  u16 set)
{
	u16 left[16] = { }, right[16] = { };
	unsigned int x, y;

	for (y = 0; y < 16; y++)
		for (x = 0; x < 16; x++) {
			if (!(set >> x & 1) || conc_cond(cond, size, x, y) != holds)
				continue;
			left[y] |= 1 << x;
			right[y] |= 1 << y;
		}
	columns_init(&p->left, left);
	columns_init(&p->right, right);
}

static bool try_cond(unsigned int cond, unsigned int size, bool holds, const struct element *a,
		     const struct element *b, const struct partners *p)
{
	struct bvm_scalar sa = a->s, sb = b->s;
	u16 left = columns_of(&p->left, b->set), right = columns_of(&p->right, b->set);
	bool some;

	some = holds ? bvm_scalar_assume(cond, size, &sa, &sb) :
		bvm_scalar_assume_not(cond, size, &sa, &sb);
	if (left && some) {
		note_sharpness(set_of_scalar(&sa), left);
		note_sharpness(set_of_scalar(&sb), right);
	} else {
		sharp.empty += !left;
		sharp.empty_seen += !left && !some;
	}
	if (some) {
		left &= ~set_of_scalar(&sa);
		right &= ~set_of_scalar(&sb);
	}
	return !(left | right) || CHECK(false, "%s %s%s%u %s loses numbers", scalar_str(&a->s),
					holds ? "" : "not ", cond_names[cond], size,
					scalar_str(&b->s));
}

/*
 * The mirror image of a condition must do the same: only one of them is run in full, and
 * in one order if it is its own.
 */
static const u8 mirror[__BVM_COND_MAX] = {
	[BVM_JEQ] = BVM_JEQ, [BVM_JNE] = BVM_JNE, [BVM_JSET] = BVM_JSET,
	[BVM_JGT] = BVM_JLT, [BVM_JGE] = BVM_JLE, [BVM_JLT] = BVM_JGT, [BVM_JLE] = BVM_JGE,
	[BVM_JSGT] = BVM_JSLT, [BVM_JSGE] = BVM_JSLE, [BVM_JSLT] = BVM_JSGT,
	[BVM_JSLE] = BVM_JSGE,
};

/* The complement, for all but BVM_JSET also a condition. */
static const u8 complement[__BVM_COND_MAX] = {
	[BVM_JEQ] = BVM_JNE, [BVM_JNE] = BVM_JEQ, [BVM_JGT] = BVM_JLE, [BVM_JGE] = BVM_JLT,
	[BVM_JLT] = BVM_JGE, [BVM_JLE] = BVM_JGT, [BVM_JSGT] = BVM_JSLE, [BVM_JSGE] = BVM_JSLT,
	[BVM_JSLT] = BVM_JSGE, [BVM_JSLE] = BVM_JSGT,
};

static void cond_all(unsigned int cond, unsigned int size, bool holds)
{
	unsigned int i, j, nr_right = size == 8 || all ? nr_elements : nr_low;
	struct partners p;

	for (i = 0; i < nr_elements; i++) {
		partners_init(&p, cond, size, holds, element[i].set);
		if (size == 8 && mirror[cond] == cond && !all)
			nr_right = i + 1;
		for (j = 0; j < nr_right; j++)
			if (!try_cond(cond, size, holds, &element[i],
				      &element[size == 8 || all ? j : low[j]], &p))
				return;
	}
	/* the low half compared from the right as well */
	for (i = 0; size == 4 && !all && i < nr_low; i++) {
		partners_init(&p, cond, size, holds, element[low[i]].set);
		for (j = 0; j < nr_elements; j++)
			if (!try_cond(cond, size, holds, &element[low[i]], &element[j], &p))
				return;
	}
}

/* @first and @second must do the same to a and b, the latter the other way round if @turn. */
static bool try_alike(unsigned int first, bool holds, unsigned int second, bool turn,
		      unsigned int size)
{
	const struct element *a = &element[random_below(nr_elements)];
	const struct element *b = &element[random_below(nr_elements)];
	struct bvm_scalar a1 = a->s, b1 = b->s, a2 = a->s, b2 = b->s;
	bool some1, some2;

	some1 = holds ? bvm_scalar_assume(first, size, &a1, &b1) :
		bvm_scalar_assume_not(first, size, &a1, &b1);
	some2 = bvm_scalar_assume(second, size, turn ? &b2 : &a2, turn ? &a2 : &b2);
	return CHECK(some1 == some2 && (!some1 || (bvm_scalar_equal(&a1, &a2) &&
						   bvm_scalar_equal(&b1, &b2))),
		     "%s %s%s%u %s", scalar_str(&a->s), holds ? "" : "not ", cond_names[first],
		     size, scalar_str(&b->s));
}

static void cond_test(unsigned int cond, unsigned int size)
{
	unsigned int i;

	for (i = 0; i < 100000; i++) {
		if (!try_alike(cond, true, mirror[cond], true, size))
			return;
		if (cond != BVM_JSET && !try_alike(cond, false, complement[cond], false, size))
			return;
	}
	if (mirror[cond] < cond && !all)
		return;
	cond_all(cond, size, true);
	if (cond == BVM_JSET || all)
		cond_all(cond, size, false);
}

static void end(const char *what, unsigned int size)
{
	char name[32];

	print_sharpness();

	snprintf(name, sizeof(name), "%s of the %s", what, size == 8 ? "whole" : "low half");
	ktap_end(name);
}

int main(int argc, char **argv)
{
	unsigned int i;

	all = argc > 1 && !strcmp(argv[1], "all");

	ktap_plan(2 + 2 * __BVM_ALU_OP_MAX + 1 + 2 * __BVM_COND_MAX + 1);
	init_sets();
	elements();
	init_hull();
	ktap_end("3175 sets, their sharpest scalars are fixed points");
	reduction();
	ktap_end("the reduction loses nothing");
	for (i = 0; i < __BVM_ALU_OP_MAX; i++) {
		alu_full_all(i);
		end(alu_names[i], 8);
		alu_half_all(i);
		end(alu_names[i], 4);
	}
	unary_all();
	ktap_end("operations on one number");
	for (i = 0; i < __BVM_COND_MAX; i++) {
		cond_test(i, 8);
		end(cond_names[i], 8);
		cond_test(i, 4);
		end(cond_names[i], 4);
	}
	sampled_alu(20000);
	sampled_conds(10000);
	sampled_unary(20000);
	sampled_lattice(100000);
	ktap_end("scalars that are not canonical");
	return ktap_exit();
}
