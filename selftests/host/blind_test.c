// SPDX-License-Identifier: GPL-2.0-only
/*
 * Constant blinding: programs with a number of their own in every immediate, none of which is
 * anywhere in the machine code, and which still do the same.
 */
#include "ktap.h"
#include "jit_run.h"

#define PROGRAMS	1000
#define BODY		30
#define SLOTS		8

static struct bvm_ir_prog *prog;
static u32 n;
static u32 marker[512];
static u32 nr_markers;

static const u8 forms[] = {
#define BVM_IR_OP(name, form, ...) \
	[BVM_IR_##name] = form,
	BVM_IR_OPS(BVM_IR_OP)
#undef BVM_IR_OP
};

#define PUT(name, ...) (prog->code[n++] = (struct bvm_ir){ .op = BVM_IR_##name, __VA_ARGS__ })

/* A number that is looked for: one that no instruction is likely to have by itself. */
static s32 mark(void)
{
	u32 value = host_random() | 0x01010101;

	marker[nr_markers++] = value;
	return value;
}

static s64 wide_mark(void)
{
	u64 high = (u32)mark();

	return high << 32 | (u32)mark();
}

static u32 below(u32 limit)
{
	return host_random() % limit;
}

/* Jumps go to the end. */
static void put_any(void)
{
	u16 op = below(__BVM_IR_OP_MAX);
	u32 dst = below(BVM_IR_FP);

	if (op == BVM_IR_CURRENT || op == BVM_IR_ROL64I || op == BVM_IR_ROL32I ||
	    (op >= BVM_IR_LSH64R && op <= BVM_IR_ARSH32I))
		return;
	if (op == BVM_IR_MOVI)
		PUT(MOVI, .dst = dst, .imm = wide_mark());
	else if (forms[op] == BVM_FORM_DST_IMM || forms[op] == BVM_FORM_JUMP_IMM)
		prog->code[n++] = (struct bvm_ir){ op, dst, .imm = mark() };
	else if (forms[op] == BVM_FORM_STORE_IMM)
		prog->code[n++] = (struct bvm_ir){
			op, BVM_IR_FP, .off = -8 * (s32)(1 + below(SLOTS)), .imm = mark() };
	else if (forms[op] == BVM_FORM_DST_SRC)
		prog->code[n++] = (struct bvm_ir){ op, dst, below(BVM_IR_FP) };
}

static void make_program(void)
{
	u32 i, body;

	n = 0;
	nr_markers = 0;
	prog = bvm_ir_alloc(400);
	for (i = 0; i < BVM_IR_FP; i++)
		PUT(MOVI, .dst = i, .imm = wide_mark());
	for (i = 0; i < SLOTS; i++)
		PUT(STORE64I, .dst = BVM_IR_FP, .off = -8 * (s32)(1 + i), .imm = mark());
	body = n;
	while (n < body + BODY)
		put_any();
	for (i = body; i < n; i++)
		if (forms[prog->code[i].op] == BVM_FORM_JUMP_IMM)
			prog->code[i].off = n;
	for (i = 1; i < BVM_IR_FP; i++) {
		PUT(ROL64I, .dst = 0, .imm = 7);
		PUT(XOR64R, .dst = 0, .src = i);
	}
	for (i = 0; i < SLOTS; i++) {
		PUT(ROL64I, .dst = 0, .imm = 7);
		PUT(LOAD64, .dst = 1, .src = BVM_IR_FP, .off = -8 * (s32)(1 + i));
		PUT(XOR64R, .dst = 0, .src = 1);
	}
	PUT(EXIT);
	prog->len = n;
	prog->stack_size = 8 * SLOTS;
}

/* Is the marker in the image?  On arm64, in the numbers of two instructions in a row, too. */
static bool is_in(const struct bvm_jit_image *image, u32 value)
{
	const u8 *code = image->code.code;
	bool found = memmem(code, image->size, &value, sizeof(value));
#ifdef __aarch64__
	const u32 *insn = (const u32 *)code;
	u32 i;

	for (i = 0; i + 1 < image->size / 4; i++) {
		u32 both = (insn[i] >> 5 & 0xffff) | (insn[i + 1] >> 5) << 16;

		found |= both == value || both == ~value || both == (value ^ 0xffff);
	}
#endif
	return found;
}

static u32 markers_in(const struct bvm_ir_prog *p, bool *in)
{
	const struct bvm_jit_image *image;
	u32 i, count = 0;

	jit_forget();
	image = jit_image(p);
	for (i = 0; image && i < nr_markers; i++) {
		in[i] = is_in(image, marker[i]);
		count += in[i];
	}
	return count;
}

/* In one image in a few a marker is by accident, but not in two that are blinded apart. */
static void no_marker(void)
{
	static bool in[512], again[512];
	u32 i, k, found = 0, plain = 0;

	for (i = 0; i < PROGRAMS; i++) {
		struct bvm_ir_prog *blind, *other;
		u64 want, got, jit;

		make_program();
		blind = bvm_blind(prog, NULL, 0);
		other = bvm_blind(prog, NULL, 0);
		if (!CHECK(!IS_ERR(blind) && !IS_ERR(other), "program %u", i))
			break;
		want = bvm_interp(prog, NULL);
		got = bvm_interp(blind, NULL);
		jit = EXEC(blind, NULL);
		CHECK(want == got && want == jit, "program %u: %llx, %llx, want %llx", i, got, jit,
		      want);
		plain += markers_in(prog, in);
		if (markers_in(blind, in) && markers_in(other, again))
			for (k = 0; k < nr_markers; k++)
				found += in[k] && again[k];
		jit_forget();
		bvm_ir_free(prog);
		bvm_ir_free(blind);
		bvm_ir_free(other);
	}
	printf("# %u markers are in the images without blinding\n", plain);
	CHECK(plain > 10 * PROGRAMS, "only %u without blinding", plain);
	CHECK_EQ(found, 0);
}

/* Where instructions are now; numbers of all widths. */
static void places(void)
{
	static const s64 numbers[] = {
		0, 1, -1, S32_MAX, S32_MIN, U32_MAX, BIT_ULL(32), S64_MIN, S64_MAX,
		0x123456789abcdef0, 0x7fffffff80000000, -BIT_ULL(31) - 1, 0xffffffff00000000,
	};
	struct bvm_ir_prog *blind;
	u32 i, where[3];

	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		n = 0;
		prog = bvm_ir_alloc(2);
		PUT(MOVI, .dst = 0, .imm = numbers[i]);
		PUT(EXIT);
		where[0] = 0;
		where[1] = 1;
		where[2] = 2;
		blind = bvm_blind(prog, where, 3);
		CHECK_EQ(bvm_interp(blind, NULL), numbers[i]);
		CHECK_EQ(EXEC(blind, NULL), numbers[i]);
		CHECK(!where[0] && where[1] == blind->len - 1 && where[2] == blind->len,
		      "%u %u %u of %u", where[0], where[1], where[2], blind->len);
		bvm_ir_free(prog);
		bvm_ir_free(blind);
		jit_forget();
	}
}

/* A program that leaves no register for a number is not blinded. */
static void no_register(void)
{
	struct bvm_ir_prog *blind;
	u32 i;

	n = 0;
	prog = bvm_ir_alloc(2 * BVM_IR_REGS + 4);
	for (i = 0; i < BVM_IR_REGS; i++)
		if (i != BVM_IR_FP)
			PUT(MOVI, .dst = i, .imm = i);
	PUT(AND64I, .dst = 0, .imm = 0x12345678);
	for (i = 1; i < BVM_IR_REGS; i++)
		PUT(XOR64R, .dst = 0, .src = i);
	PUT(EXIT);
	prog->len = n;
	prog->stack_size = 8;
	blind = bvm_blind(prog, NULL, 0);
	CHECK(IS_ERR(blind) && PTR_ERR(blind) == -EOPNOTSUPP, "%ld", PTR_ERR(blind));
	bvm_ir_free(prog);
}

int main(void)
{
	static const struct ktap_test tests[] = {
		{ "no marker in 1000 programs", no_marker },
		{ "numbers of all widths", places },
		{ "no register", no_register },
	};

	return ktap_run(tests, ARRAY_SIZE(tests));
}
