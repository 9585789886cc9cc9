// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ranges hold every result: all operations and comparisons of pairs of ranges with ends where
 * something happens, and of numbers at their ends and in between.
 */
#include "ktap.h"
#include "domain_concrete.h"
#include "../../kernel/exec/range.h"

static const u64 ends[] = {
	0, 1, 2, 7, 0x7f, 0x80, 0xff, 0x7fff, S32_MAX, (u64)S32_MAX + 1, U32_MAX - 1, U32_MAX,
	(u64)U32_MAX + 1, S64_MAX, (u64)S64_MAX + 1, U64_MAX - 1, U64_MAX,
};

#define ENDS	ARRAY_SIZE(ends)
#define RANGES	(ENDS * (ENDS + 1) / 2)
#define POINTS	4

static struct bvm_range ranges[RANGES];
static u32 step;

static void make_ranges(void)
{
	u32 i, j, n = 0;

	for (i = 0; i < ENDS; i++)
		for (j = i; j < ENDS; j++)
			ranges[n++] = (struct bvm_range){ ends[i], ends[j] };
}

/* A number of @r: an end, the one next to it, or one in between. */
static u64 point(struct bvm_range r, u32 which)
{
	u64 far = r.max - r.min;

	switch (which) {
	case 0:
		return r.min;
	case 1:
		return r.max;
	case 2:
		return far ? r.max - 1 : r.max;
	default:
		step = step * 1664525 + 1013904223;
		return r.min + (far ? ((u64)step << 32 ^ (u64)step * 2654435761u) % far : 0);
	}
}

static bool holds(struct bvm_range r, u64 value)
{
	return r.min <= value && value <= r.max;
}

static void check_result(enum bvm_alu_op op, u32 size, struct bvm_range a, struct bvm_range b)
{
	struct bvm_range r = bvm_range_alu(op, size, a, b);
	u32 k;

	for (k = 0; k < POINTS * POINTS; k++) {
		u64 x = point(a, k / POINTS), y = point(b, k % POINTS);
		u64 value = conc_alu(op, size, x, y);

		CHECK(holds(r, value), "%s%u %#llx, %#llx = %#llx not in %#llx..%#llx",
		      alu_names[op], size * 8, x, y, value, r.min, r.max);
	}
}

static void check_alu(enum bvm_alu_op op, u32 size)
{
	u32 i, j;

	for (i = 0; i < RANGES; i++)
		for (j = 0; j < RANGES; j++)
			check_result(op, size, ranges[i], ranges[j]);
}

/* Two numbers for which the comparison does @hold are in what is left, if that is assumed. */
static void check_pair(enum bvm_cond cond, u32 size, u32 i, u32 j, bool hold)
{
	struct bvm_range a = ranges[i], b = ranges[j];
	bool can = hold ? bvm_range_assume(cond, size, &a, &b) :
			  bvm_range_assume_not(cond, size, &a, &b);
	u32 k;

	if (can) {
		CHECK(ranges[i].min <= a.min && a.min <= a.max && a.max <= ranges[i].max &&
		      ranges[j].min <= b.min && b.min <= b.max && b.max <= ranges[j].max,
		      "%s%u widens", cond_names[cond], size * 8);
	}
	for (k = 0; k < POINTS * POINTS; k++) {
		u64 x = point(ranges[i], k / POINTS), y = point(ranges[j], k % POINTS);

		if (conc_cond(cond, size, x, y) != hold)
			continue;
		CHECK(can && holds(a, x) && holds(b, y), "%s%u %#llx, %#llx is %d",
		      cond_names[cond], size * 8, x, y, hold);
	}
}

static void check_cond(enum bvm_cond cond, u32 size)
{
	u32 i, j;

	for (i = 0; i < RANGES; i++) {
		for (j = 0; j < RANGES; j++) {
			check_pair(cond, size, i, j, true);
			check_pair(cond, size, i, j, false);
		}
	}
}

static void check_extend(u32 bits, u32 size)
{
	u32 i, k;

	for (i = 0; i < RANGES; i++) {
		struct bvm_range r = bvm_range_extend(ranges[i], bits, size);

		for (k = 0; k < POINTS; k++) {
			u64 a = point(ranges[i], k), value = conc_cut(conc_sign(a, bits), size * 8);

			CHECK(holds(r, value), "extend %u to %u: %#llx", bits, size, a);
		}
	}
}

/* Of numbers, the result is a number: but for signed division, which is left alone. */
static void check_numbers(void)
{
	u32 i, j, op, size;

	for (i = 0; i < ENDS * ENDS; i++) {
		struct bvm_range a = bvm_range_number(ends[i / ENDS]);
		struct bvm_range b = bvm_range_number(ends[i % ENDS]);

		for (op = 0; op < __BVM_ALU_OP_MAX; op++) {
			bool left = op == BVM_SDIV || op == BVM_SMOD;

			for (size = 4; size <= 8; size += 4)
				CHECK(left || bvm_range_is_number(bvm_range_alu(op, size, a, b)),
				      "%s%u %#llx, %#llx", alu_names[op], size * 8, a.min, b.min);
		}
	}
	for (j = 0; j < 2 * ENDS; j++) {
		struct bvm_range a = bvm_range_number(ends[j / 2]);

		CHECK(bvm_range_is_number(bvm_range_extend(a, 16, j % 2 ? 4 : 8)),
		      "extend %#llx", a.min);
	}
}

int main(void)
{
	u32 i;

	ktap_plan(4);
	make_ranges();
	for (i = 0; i < __BVM_ALU_OP_MAX; i++) {
		check_alu(i, 4);
		check_alu(i, 8);
	}
	ktap_end("operations");
	for (i = 0; i < __BVM_COND_MAX; i++) {
		check_cond(i, 4);
		check_cond(i, 8);
	}
	ktap_end("comparisons");
	for (i = 8; i <= 32; i *= 2) {
		check_extend(i, 8);
		if (i < 32)
			check_extend(i, 4);
	}
	ktap_end("extensions");
	check_numbers();
	ktap_end("numbers stay numbers");
	return ktap_exit();
}
