// SPDX-License-Identifier: GPL-2.0-only
/* Jumps that just reach or just do not, in the interpreter and as machine code. */
#include "ktap.h"
#include "jit_run.h"

static struct bvm_ir_prog *prog;
static u32 n;

#define PUT(name, ...) (prog->code[n++] = (struct bvm_ir){ .op = BVM_IR_##name, __VA_ARGS__ })

static const char *jump_name(u16 op)
{
	static char text[80];

	bvm_ir_print(text, sizeof(text), &(struct bvm_ir){ .op = op, .dst = 1 });
	return text;
}

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

			CHECK(want == got, "%s over %u, back %u: %llx, want %llx", jump_name(op),
			      fill, back, got, want);
		}
		bvm_ir_free(prog);
		jit_forget();
	}
}

static void distances(void)
{
	/* x86: 128 bytes of 4 or 3 each; arm64: 32 KiB, 1 MiB */
	static const u32 fills[] = { 262144, 32, 42, 8192 };
	static const u16 jumps[] = { BVM_IR_JEQ64I, BVM_IR_JNE32I, BVM_IR_JSLT64I, BVM_IR_JSGE64I,
				     BVM_IR_JGT64R };
	u32 i, j;
	s32 d;

	for (i = 0; i < ARRAY_SIZE(fills); i++)
		for (j = 0; j < ARRAY_SIZE(jumps); j += i ? 1 : 3)
			for (d = i ? -6 : -2; d <= (i ? 4 : 1); d++)
				jump_over(jumps[j], fills[i] + d);
}

/* Each allocation fails in turn: no image then, and nothing is left. */
static void no_memory(void)
{
	struct bvm_jit_image *image;
	u32 i, at, calls;
	long live;

	n = 0;
	prog = bvm_ir_alloc(500);
	PUT(MOVI, .dst = 0);
	for (i = 0; i < 120; i++) {
		PUT(JEQ64I, .dst = 1, .imm = i, .off = n + 3);
		PUT(PROBE64, .dst = 2, .src = 1, .off = 8);
		PUT(MOVI, .dst = 0, .imm = (s64)i << 40);
		PUT(STORE64R, .dst = BVM_IR_FP, .src = 2, .off = -8);
	}
	PUT(EXIT);
	prog->len = n;
	prog->stack_size = 8;
	live = host_alloc.live;
	for (at = 1; ; at++) {
		host_alloc_fail(at);
		image = bvm_jit_compile(prog, &jit_cpu, NULL);
		calls = host_alloc.calls;
		host_alloc_fail(0);
		if (calls < at)
			break;
		CHECK(IS_ERR(image) && PTR_ERR(image) == -ENOMEM, "allocation %u: %ld", at,
		      PTR_ERR(image));
		CHECK_EQ(host_alloc.live, live);
	}
	/* room for the draft, for links and for faults grew as well */
	CHECK(!IS_ERR(image) && at > 10 && image->nr_faults == 120, "%u allocations", at);
	bvm_jit_free(image);
	CHECK_EQ(host_alloc.live, live);
	bvm_ir_free(prog);
}

int main(void)
{
	static const struct ktap_test tests[] = {
		{ "without memory", no_memory },
		{ "jumps that just reach", distances },
	};

	return ktap_run(tests, ARRAY_SIZE(tests));
}
