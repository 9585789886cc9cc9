// SPDX-License-Identifier: GPL-2.0-only
/* What the IR's passes make of small programs; jit_fuzz_test runs large ones. */
#include "ktap.h"
#include "../../kernel/exec/opt.h"

#define I(name, ...)	{ .op = BVM_IR_##name, __VA_ARGS__ }
#define RR(d, s)	.dst = d, .src = s
#define RI(d, i)	.dst = d, .imm = i
#define MEM(d, s, o)	.dst = d, .src = s, .off = o
#define IF(d, s, i, o)	.dst = d, .src = s, .imm = i, .off = o
#define FP		BVM_IR_FP
#define MAX		24

static const struct opt_case {
	const char *name;
	struct bvm_ir in[MAX];
	const char *out;
} cases[] = {
	{ "a copy is read where it is from, and is not needed then",
	  { I(MOV64R, RR(2, 1)), I(ADD64I, RI(2, 8)), I(LOAD64, MEM(0, 2, 4)), I(EXIT) },
	  "LOAD64 r0, [r1+12]; EXIT" },
	{ "a copy of what has changed since is a copy",
	  { I(MOV64R, RR(2, 1)), I(LOAD64, MEM(1, 1, 0)), I(LOAD64, MEM(0, 2, 4)),
	    I(ADD64R, RR(0, 1)), I(EXIT) },
	  "MOV64R r2, r1; LOAD64 r1, [r1+0]; LOAD64 r0, [r2+4]; ADD64R r0, r1; EXIT" },
	{ "a sum follows its register's own sums",
	  { I(MOV64R, RR(2, 1)), I(ADD64I, RI(1, 16)), I(LOAD64, MEM(0, 2, 4)),
	    I(LOAD64, MEM(3, 1, 0)), I(ADD64R, RR(0, 3)), I(EXIT) },
	  "ADD64I r1, 16; LOAD64 r0, [r1-12]; LOAD64 r3, [r1+0]; ADD64R r0, r3; EXIT" },
	{ "numbers are computed",
	  { I(MOVI, RI(1, 6)), I(MOVI, RI(0, 7)), I(MUL64R, RR(0, 1)), I(EXIT) },
	  "MOVI r0, 42; EXIT" },
	{ "a comparison that is decided",
	  { I(LOAD8, MEM(0, 1, 0)), I(JGT64I, IF(0, 0, 255, 3)), I(EXIT), I(MOVI, RI(0, 1)),
	    I(EXIT) },
	  "LOAD8 r0, [r1+0]; EXIT" },
	{ "a mask that clears nothing, an extension that adds nothing",
	  { I(LOAD8, MEM(0, 1, 0)), I(AND64I, RI(0, 0xff)), I(MOV32R, RR(0, 0)), I(EXIT) },
	  "LOAD8 r0, [r1+0]; EXIT" },
	{ "a mask that does",
	  { I(LOAD8, MEM(0, 1, 0)), I(AND64I, RI(0, 0x7f)), I(EXIT) },
	  "LOAD8 r0, [r1+0]; AND32I r0, 127; EXIT" },
	{ "small numbers in 32 bits",
	  { I(LOAD16, MEM(0, 1, 0)), I(LOAD16, MEM(2, 1, 4)), I(MUL64R, RR(0, 2)),
	    I(DIV64I, RI(0, 10)), I(JGT64I, IF(0, 0, 99, 6)), I(ADD64I, RI(0, 5)), I(EXIT) },
	  "LOAD16 r0, [r1+0]; LOAD16 r2, [r1+4]; MUL32R r0, r2; DIV32I r0, 10; "
	  "JGT32I r0, 99, @6; ADD32I r0, 5; EXIT" },
	{ "a loop forgets what it changes, and keeps the rest",
	  { I(MOVI, RI(2, 1)), I(MOVI, RI(3, 3)), I(MOVI, RI(0, 0)), I(ADD64R, RR(0, 2)),
	    I(ADD64R, RR(2, 3)), I(JLT64R, IF(2, 1, 0, 3)), I(EXIT) },
	  "MOVI r2, 1; MOVI r0, 0; ADD64R r0, r2; ADD64I r2, 3; JLT64R r2, r1, @2; EXIT" },
	{ "a second way into a loop",
	  { I(MOVI, RI(3, 3)), I(JEQ64I, IF(1, 0, 0, 4)), I(MOVI, RI(0, 0)), I(JA, .off = 6),
	    I(MOVI, RI(3, 4)), I(JA, .off = 7), I(ADD64R, RR(0, 3)), I(LOAD64, MEM(2, 1, 0)),
	    I(JGT64I, IF(2, 0, 9, 6)), I(EXIT) },
	  "MOVI r3, 3; JEQ64I r1, 0, @4; MOVI r0, 0; JA @6; MOVI r3, 4; JA @7; ADD64R r0, r3; "
	  "LOAD64 r2, [r1+0]; JGT64I r2, 9, @6; EXIT" },
	{ "jumps to jumps, and over them",
	  { I(JEQ64I, IF(1, 0, 0, 2)), I(JA, .off = 5), I(MOVI, RI(0, 1)), I(JA, .off = 4),
	    I(EXIT), I(JA, .off = 6), I(MOVI, RI(0, 2)), I(EXIT) },
	  "JNE64I r1, 0, @3; MOVI r0, 1; EXIT; MOVI r0, 2; EXIT" },
	{ "bytes, the lowest first",
	  { I(LOAD8, MEM(2, 1, 1)), I(LSH64I, RI(2, 8)), I(LOAD8, MEM(3, 1, 0)),
	    I(OR64R, RR(2, 3)), I(LOAD8, MEM(3, 1, 2)), I(LSH64I, RI(3, 16)),
	    I(LOAD8, MEM(1, 1, 3)), I(LSH64I, RI(1, 24)), I(OR64R, RR(1, 3)),
	    I(OR64R, RR(1, 2)), I(MOV64R, RR(0, 1)), I(EXIT) },
	  "LOAD32 r1, [r1+0]; MOV64R r0, r1; EXIT" },
	{ "bytes, the highest first",
	  { I(LOAD8, MEM(0, 1, 0)), I(LSH64I, RI(0, 8)), I(LOAD8, MEM(3, 1, 1)),
	    I(OR64R, RR(0, 3)), I(EXIT) },
	  "LOAD16 r0, [r1+0]; SWAP16 r0; EXIT" },
	{ "bytes that a store may have changed",
	  { I(LOAD8, MEM(0, 1, 0)), I(STORE8I, MEM(2, 0, 0)), I(LOAD8, MEM(3, 1, 1)),
	    I(LSH64I, RI(3, 8)), I(OR64R, RR(0, 3)), I(EXIT) },
	  "LOAD8 r0, [r1+0]; STORE8I [r2+0], 0; LOAD8 r3, [r1+1]; LSH32I r3, 8; "
	  "OR32R r0, r3; EXIT" },
	{ "stores side by side",
	  { I(STORE32I, MEM(FP, 0, -8)), I(STORE16I, MEM(FP, 0, -4)), I(STORE8I, MEM(FP, 0, -2)),
	    I(STORE8I, MEM(FP, 0, -1)), I(MOVI, RI(0, 0)), I(EXIT) },
	  "STORE64I [r10-8], 0; MOVI r0, 0; EXIT" },
	{ "stores of a number with more bits than fit",
	  { I(STORE32I, MEM(FP, 0, -8), .imm = 1), I(STORE32I, MEM(FP, 0, -4), .imm = 1),
	    I(MOVI, RI(0, 0)), I(EXIT) },
	  "STORE32I [r10-8], 1; STORE32I [r10-4], 1; MOVI r0, 0; EXIT" },
	{ "what was stored is known",
	  { I(MOV64R, RR(2, FP)), I(ADD64I, RI(2, -4)), I(STORE32I, MEM(2, 0, 0), .imm = -3),
	    I(STORE64R, MEM(FP, 1, -16)), I(LOAD32, MEM(0, 2, 0)), I(LOAD64, MEM(3, FP, -16)),
	    I(ADD64R, RR(0, 3)), I(EXIT) },
	  "STORE32I [r10-4], -3; STORE64R [r10-16], r1; MOVI r0, 4294967293; ADD64R r0, r1; EXIT" },
	{ "what was stored is not known any more",
	  { I(STORE32I, MEM(FP, 0, -4), .imm = -3), I(STORE8I, MEM(1, 0, 0)),
	    I(LOAD32, MEM(0, FP, -4)), I(STORE64R, MEM(FP, 2, -16)), I(ADD64I, RI(2, 1)),
	    I(LOAD64, MEM(3, FP, -16)), I(ADD64R, RR(0, 3)), I(ADD64R, RR(0, 2)), I(EXIT) },
	  "STORE32I [r10-4], -3; STORE8I [r1+0], 0; LOAD32 r0, [r10-4]; STORE64R [r10-16], r2; "
	  "ADD64I r2, 1; LOAD64 r3, [r10-16]; ADD64R r0, r3; ADD64R r0, r2; EXIT" },
	{ "a rotation",
	  { I(MOV64R, RR(2, 1)), I(LSH64I, RI(2, 13)), I(RSH64I, RI(1, 51)), I(OR64R, RR(1, 2)),
	    I(MOV64R, RR(0, 1)), I(EXIT) },
	  "ROL64I r1, 13; MOV64R r0, r1; EXIT" },
	{ "a rotation of a half",
	  { I(LOAD32, MEM(1, 1, 0)), I(MOV32R, RR(0, 1)), I(RSH32I, RI(0, 25)),
	    I(LSH32I, RI(1, 7)), I(OR32R, RR(0, 1)), I(EXIT) },
	  "LOAD32 r1, [r1+0]; MOV64R r0, r1; ROL32I r0, 7; EXIT" },
	{ "a divisor that is no 0 says so",
	  { I(LOAD8, MEM(2, 1, 0)), I(OR64I, RI(2, 1)), I(MOV64R, RR(0, 1)), I(DIV64R, RR(0, 2)),
	    I(EXIT) },
	  "LOAD8 r2, [r1+0]; OR32I r2, 1; MOV64R r0, r1; DIV64R r0, r2; EXIT" },
	{ "what nobody reads is not loaded",
	  { I(LOAD64, MEM(2, 1, 0)), I(ADD64I, RI(2, 1)), I(PROBE64, MEM(3, 2, 0)),
	    I(MOVI, RI(0, 0)), I(EXIT) },
	  "MOVI r0, 0; EXIT" },
	{ "a small function takes the place of its calls, and stays",
	  { I(CALL_SUB, .off = 3), I(CALL_SUB, .off = 3), I(EXIT),
	    I(ADD64R, RR(1, 2)), I(MOV64R, RR(0, 1)), I(RET) },
	  "ADD64R r1, r2; ADD64R r1, r2; MOV64R r0, r1; EXIT; ADD64R r1, r2; MOV64R r0, r1; RET; "
	  "BODY @4" },
	{ "and one that calls it that of its own",
	  { I(CALL_SUB, .off = 2), I(EXIT),
	    I(CALL_SUB, .off = 5), I(ADD64I, RI(0, 1)), I(RET),
	    I(MOV64R, RR(0, 1)), I(RET) },
	  "MOV64R r0, r1; ADD64I r0, 1; EXIT; MOV64R r0, r1; ADD64I r0, 1; RET; MOV64R r0, r1; RET; "
	  "BODY @6; BODY @3" },
	{ "a function keeps its numbers where the caller has room",
	  { I(LOAD64, MEM(6, 1, 0)), I(LOAD64, MEM(8, 1, 8)), I(CALL_SUB, .off = 6),
	    I(ADD64R, RR(0, 6)), I(ADD64R, RR(0, 8)), I(EXIT),
	    I(MOV64R, RR(6, 1)), I(CALL, .imm = 1), I(ADD64R, RR(0, 6)), I(RET) },
	  "LOAD64 r6, [r1+0]; LOAD64 r8, [r1+8]; MOV64R r7, r1; CALL; ADD64R r0, r7; "
	  "ADD64R r0, r6; ADD64R r0, r8; EXIT; MOV64R r6, r1; CALL; ADD64R r0, r6; RET; BODY @8" },
	{ "functions that jump",
	  { I(CALL_SUB, .off = 2), I(EXIT), I(MOVI, RI(0, 1)), I(JEQ64I, RI(1, 0), .off = 5),
	    I(MOVI, RI(0, 2)), I(RET) },
	  "MOVI r0, 1; JEQ64I r1, 0, @3; MOVI r0, 2; EXIT; MOVI r0, 1; JEQ64I r1, 0, @7; "
	  "MOVI r0, 2; RET; BODY @4" },
	{ "a function with a stack is called",
	  { I(CALL_SUB, .off = 2, .imm = 64), I(EXIT), I(STORE64R, MEM(FP, 1, -8)),
	    I(CALL, .imm = 1), I(RET) },
	  "CALL_SUB @2, 64; EXIT; STORE64R [r10-8], r1; CALL; RET" },
	{ "a function that needs more registers than there are is called",
	  { I(LOAD64, MEM(6, 1, 0)), I(LOAD64, MEM(7, 1, 0)), I(LOAD64, MEM(8, 1, 8)),
	    I(LOAD64, MEM(9, 1, 8)), I(CALL_SUB, .off = 10), I(ADD64R, RR(0, 6)),
	    I(ADD64R, RR(0, 7)), I(ADD64R, RR(0, 8)), I(ADD64R, RR(0, 9)), I(EXIT),
	    I(MOV64R, RR(6, 1)), I(CALL, .imm = 1), I(ADD64R, RR(0, 6)), I(RET) },
	  "LOAD64 r6, [r1+0]; LOAD64 r7, [r1+0]; LOAD64 r8, [r1+8]; LOAD64 r9, [r1+8]; "
	  "CALL_SUB @10, 0; ADD64R r0, r6; ADD64R r0, r7; ADD64R r0, r8; ADD64R r0, r9; EXIT; "
	  "MOV64R r6, r1; CALL; ADD64R r0, r6; RET" },
};

static const struct bvm_lower_args all = { .passes = BVM_PASSES_ALL };
static char text[1000];

static void show(const struct bvm_ir *code, u32 len)
{
	size_t at = 0;
	u32 i;

	text[0] = 0;
	for (i = 0; i < len; i++) {
		at += snprintf(text + at, sizeof(text) - at, "%s", i ? "; " : "");
		at += bvm_ir_print(text + at, sizeof(text) - at, &code[i]);
	}
}

static u32 optimise(const struct opt_case *c, struct bvm_ir **code)
{
	u32 len = MAX;

	while (len && !c->in[len - 1].op && !c->in[len - 1].dst && !c->in[len - 1].imm)
		len--;
	*code = kvmalloc_array(len, sizeof(**code), GFP_KERNEL);
	memcpy(*code, c->in, len * sizeof(**code));
	return bvm_optimise(code, len, &all, NULL, 0);
}

static void small_programs(void)
{
	struct bvm_ir *code;
	u32 i, len;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		len = optimise(&cases[i], &code);
		show(code, len);
		CHECK(!strcmp(text, cases[i].out), "%s:\n# %s\n# want:\n# %s", cases[i].name, text,
		      cases[i].out);
		kvfree(code);
	}
}

static void divisors(void)
{
	static const struct opt_case zero = {
		.in = { I(MOV64R, RR(0, 1)), I(DIV64R, RR(0, 2)), I(EXIT) },
	};
	struct bvm_ir *code;
	u32 i, n = 0;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		if (!strncmp(cases[i].name, "a divisor", 9))
			n = i;
	i = optimise(&cases[n], &code);
	CHECK(code[i - 2].op == BVM_IR_DIV64R && code[i - 2].off == BVM_IR_NOT_ZERO, "no mark");
	kvfree(code);
	i = optimise(&zero, &code);
	CHECK(code[i - 2].op == BVM_IR_DIV64R && !code[i - 2].off, "marked");
	kvfree(code);
}

/* Without memory for them, passes are left out. */
static void no_memory(void)
{
	struct bvm_ir *code;
	u32 i, n, len, calls;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		for (n = 2; ; n++) {
			long live = host_alloc.live;

			host_alloc_fail(n);
			len = optimise(&cases[i], &code);
			calls = host_alloc.calls;
			host_alloc_fail(0);
			CHECK(len && len <= MAX, "%s: %u", cases[i].name, len);
			kvfree(code);
			CHECK_EQ(host_alloc.live, live);
			if (calls < n)
				break;
		}
	}
}

/* Where instructions are that others want to know of. */
static void places(void)
{
	u32 where[] = { 0, 1, 2, 3, 4 }, len = 4;
	struct bvm_ir in[] = {
		I(MOV64R, RR(2, 1)), I(ADD64I, RI(2, 8)), I(LOAD64, MEM(0, 2, 4)), I(EXIT),
	};
	struct bvm_ir *code = kvmalloc_array(len, sizeof(*code), GFP_KERNEL);

	memcpy(code, in, sizeof(in));
	len = bvm_optimise(&code, len, &all, where, ARRAY_SIZE(where));
	CHECK(len == 2 && !where[0] && !where[1] && !where[2] && where[3] == 1 && where[4] == 2,
	      "%u %u %u %u %u", where[0], where[1], where[2], where[3], where[4]);
	kvfree(code);
}

int main(void)
{
	static const struct ktap_test tests[] = {
		{ "small programs", small_programs },
		{ "divisors that are no 0", divisors },
		{ "no memory", no_memory },
		{ "places", places },
	};

	return ktap_run(tests, ARRAY_SIZE(tests));
}
