// SPDX-License-Identifier: GPL-2.0-only
/*
 * Machine code against the interpreter: random programs, and jumps that just reach or
 * just do not.  "jit_random_test SEED" repeats a run.
 */
#include "ktap.h"
#include "jit_run.h"

#define PROGRAMS	3000
#define BODY		60
#define STACK		64

static const struct {
	const char *name;
	u8 form;
} ops[] = {
#define BVM_IR_OP(name, form, ...) \
	{ #name, form },
	BVM_IR_OPS(BVM_IR_OP)
#undef BVM_IR_OP
};

static u64 seed;

static u64 random64(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

static u32 below(u32 n)
{
	return random64() % n;
}

/* Corners, powers of two and their neighbours, masks, anything. */
static s64 number(void)
{
	u64 bit = 1ULL << below(64);

	switch (below(7)) {
	case 0:
		return (s64)below(5) - 2;
	case 1:
		return bit + below(3) - 1;
	case 2:
		return -(bit + below(3) - 1);
	case 3:
		return (bit - 1) << below(64);
	case 4:
		return below(0x10000);
	case 5:
		return (s32)random64();
	default:
		return random64();
	}
}

static struct bvm_ir_prog *prog;
static u32 n;

#define PUT(name, ...) (prog->code[n++] = (struct bvm_ir){ .op = BVM_IR_##name, __VA_ARGS__ })

/* Any register but the frame pointer. */
static u32 reg(void)
{
	u32 r = below(BVM_IR_REGS - 1);

	return r < BVM_IR_FP ? r : r + 1;
}

static u64 helper(u64 a, u64 b, u64 c, u64 d, u64 e)
{
	return a + 3 * b + 5 * c + 7 * d + 11 * e;
}

static void set_registers(u32 from, u32 to)
{
	for (; from <= to; from++)
		if (from != BVM_IR_FP)
			PUT(MOVI, .dst = from, .imm = number());
}

static void put_memory(u16 op)
{
	bool probe = op >= BVM_IR_PROBE8 && op <= BVM_IR_PROBE64;
	bool load = ops[op].form == BVM_FORM_LOAD;
	u32 base = 1 + below(BPF_REG_9), other = reg();
	s32 off = -8 * (1 + (s32)below(STACK / 8));

	if (probe && below(2)) {
		/* nothing there */
		PUT(MOVI, .dst = base, .imm = 100 + below(400));
		prog->code[n++] = (struct bvm_ir){ op, other, base, (s32)below(200) - 100 };
		return;
	}
	if (below(2)) {
		PUT(MOV64R, .dst = base, .src = BVM_IR_FP);
		PUT(ADD64I, .dst = base, .imm = off);
		off = 0;
	} else {
		base = BVM_IR_FP;
	}
	if (other == base && !load)
		other = 0;
	prog->code[n++] = (struct bvm_ir){
		op, load ? other : base, load ? base : other, off, (s32)number(),
	};
	/* an address is different in every run: it is nowhere in the result */
	if (base != BVM_IR_FP)
		PUT(MOVI, .dst = base, .imm = number());
}

/* An instruction or a few; jumps go forward, to where @n is not yet. */
static void put_any(u32 end)
{
	u16 op = below(__BVM_IR_OP_MAX);
	u8 form = ops[op].form;

	switch (form) {
	case BVM_FORM_DST:
	case BVM_FORM_DST_SRC:
	case BVM_FORM_DST_IMM:
		/* often one register after another, as moves before additions */
		prog->code[n] = (struct bvm_ir){ op, reg(), reg(), 0, (s32)number() };
		if (n && below(2))
			prog->code[n].dst = prog->code[n - 1].dst;
		if (prog->code[n].dst == BVM_IR_FP)
			prog->code[n].dst = 0;
		n++;
		break;
	case BVM_FORM_LOAD:
	case BVM_FORM_STORE:
	case BVM_FORM_STORE_IMM:
		put_memory(op);
		break;
	case BVM_FORM_JUMP_SRC:
	case BVM_FORM_JUMP_IMM:
		/* its distance: put right once it is known where instructions are */
		prog->code[n++] = (struct bvm_ir){
			op, reg(), reg(), end + below(20), (s32)number(),
		};
		break;
	case BVM_FORM_CALL_FN:
		if (op != BVM_IR_CALL)
			break;
		PUT(CALL, .imm = (unsigned long)helper);
		set_registers(1, 5);
		set_registers(BVM_IR_TMP0, BVM_IR_TMP1);
		break;
	}
}

/* Only between the pieces that put_any() makes do jumps go, and not past the end. */
static void generate(void)
{
	u32 place[BODY + 1], count = 1 + below(BODY), i, r, target, start;

	n = 0;
	set_registers(0, BVM_IR_TMP1);
	for (i = 0; i < STACK / 8; i++)
		PUT(STORE64I, .dst = BVM_IR_FP, .off = -8 * (s32)(i + 1), .imm = (s32)number());
	start = n;
	for (i = 0; i < count; i++) {
		place[i] = n;
		put_any(i + 1);
	}
	place[count] = n;
	for (i = start; i < n; i++) {
		u8 form = ops[prog->code[i].op].form;

		if (form != BVM_FORM_JUMP_SRC && form != BVM_FORM_JUMP_IMM)
			continue;
		target = prog->code[i].off;
		prog->code[i].off = place[min(target, count)];
	}
	/* the result is of all registers and of the stack */
	for (i = 0; i < STACK / 8; i++) {
		PUT(MUL64I, .dst = 0, .imm = 31);
		PUT(XOR64R, .dst = 0, .src = 1);
		PUT(LOAD64, .dst = 1, .src = BVM_IR_FP, .off = -8 * (s32)(i + 1));
	}
	for (r = 1; r < BVM_IR_REGS; r++) {
		if (r == BVM_IR_FP)
			continue;
		PUT(MUL64I, .dst = 0, .imm = 31);
		PUT(XOR64R, .dst = 0, .src = r);
	}
	PUT(EXIT);
	prog->len = n;
	prog->stack_size = STACK;
}

static void print_program(void)
{
	char text[80];
	u32 i;

	for (i = 0; i < n; i++) {
		bvm_ir_print(text, sizeof(text), &prog->code[i]);
		printf("# %3u: %s\n", i, text);
	}
}

static void random_programs(void)
{
	u32 i;

	printf("# seed %llu\n", seed);
	prog = bvm_ir_alloc(BODY * 12 + 200);
	for (i = 0; i < PROGRAMS; i++) {
		u64 at = seed, want, got;

		generate();
		want = bvm_interp(prog, NULL);
		got = EXEC(prog, NULL);
		if (CHECK(want == got, "seed %llu: %llx, want %llx", at, got, want))
			continue;
		print_program();
		break;
	}
	jit_forget();
	bvm_ir_free(prog);
}

/* -------------------------------------------------------------------- distances */

/* Jumps over @fill additions, forward and back; r1 is the context. */
static void jump_over(u16 op, u32 fill)
{
	u32 i, back;

	for (back = 0; back < 2; back++) {
		n = 0;
		prog = bvm_ir_alloc(fill + 10);
		PUT(MOVI, .dst = 0);
		if (back)
			PUT(JA, .off = fill + 3);
		else
			prog->code[n++] = (struct bvm_ir){ op, 1, 0, fill + 3 };
		for (i = 0; i < fill; i++)
			PUT(ADD64I, .dst = 0, .imm = 1);
		PUT(EXIT);
		if (back)
			prog->code[n++] = (struct bvm_ir){ op, 1, 0, 2 };
		PUT(ADD64I, .dst = 0, .imm = 5);
		PUT(EXIT);
		prog->len = n;
		for (i = 0; i < 3; i++) {
			void *ctx = (void *)((unsigned long)i - 1);
			u64 want = bvm_interp(prog, ctx), got = EXEC(prog, ctx);

			CHECK(want == got, "%s over %u, back %u: %llx, want %llx", ops[op].name,
			      fill, back, got, want);
		}
		bvm_ir_free(prog);
		jit_forget();
	}
}

static void distances(void)
{
	/* x86: 128 bytes; arm64: 32 KiB, 1 MiB */
	static const u32 fills[] = { 32, 8192, 262144 };
	static const u16 jumps[] = { BVM_IR_JEQ64I, BVM_IR_JNE32I, BVM_IR_JSLT64I, BVM_IR_JSGE64I,
				     BVM_IR_JGT64R };
	u32 i, j;
	s32 d;

	for (i = 0; i < ARRAY_SIZE(fills); i++)
		for (j = 0; j < ARRAY_SIZE(jumps); j += i == 2 ? 3 : 1)
			for (d = i == 2 ? -2 : -6; d <= (i == 2 ? 1 : 4); d++)
				jump_over(jumps[j], fills[i] + d);
}

int main(int argc, char **argv)
{
	static const struct ktap_test tests[] = {
		{ "random programs", random_programs },
		{ "jumps that just reach", distances },
	};

	seed = argc > 1 ? strtoull(argv[1], NULL, 0) : host_random() * 0x9e3779b97f4a7c15 | 1;
	return ktap_run(tests, ARRAY_SIZE(tests));
}
