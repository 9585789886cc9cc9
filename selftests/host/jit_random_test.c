// SPDX-License-Identifier: GPL-2.0-only
/*
 * Random programs, and jumps that just reach or just do not: in the interpreter, as machine
 * code, and both after the IR's passes.  "jit_random_test SEED" repeats a program.
 */
#include "ktap.h"
#include "ir_random.h"
#include "jit_run.h"
#include "../../kernel/exec/opt.h"

#define PROGRAMS	4000

static u64 seed;
static struct bvm_ir_prog *prog;
static u32 n;

#define PUT(name, ...) (prog->code[n++] = (struct bvm_ir){ .op = BVM_IR_##name, __VA_ARGS__ })

static u64 next_seed(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

/* A copy after passes. */
static struct bvm_ir_prog *optimised(const struct bvm_ir_prog *p, u32 passes)
{
	struct bvm_ir *code = kvmalloc_array(p->len, sizeof(*code), GFP_KERNEL);
	struct bvm_lower_args args = { .passes = passes };
	struct bvm_ir_prog *out;
	u32 len;

	memcpy(code, p->code, p->len * sizeof(*code));
	len = bvm_optimise(&code, p->len, &args, NULL, 0);
	out = bvm_ir_alloc(len);
	memcpy(out->code, code, len * sizeof(*code));
	out->stack_size = p->stack_size;
	kvfree(code);
	return out;
}

/* Which pass is it? */
static void blame(const struct bvm_ir_prog *p, u64 want)
{
	static const char *const names[] = {
#define BVM_PASS(name, ...) #name,
		BVM_PASSES(BVM_PASS)
#undef BVM_PASS
	};
	u32 i;

	for (i = 0; i < __BVM_PASS_MAX; i++) {
		struct bvm_ir_prog *one = optimised(p, BIT(i)), *rest = optimised(p, ~BIT(i));

		printf("# %s: alone %s, without it %s\n", names[i],
		       bvm_interp(one, NULL) == want ? "right" : "wrong",
		       bvm_interp(rest, NULL) == want ? "right" : "wrong");
		bvm_ir_free(one);
		bvm_ir_free(rest);
	}
}

static bool same_everywhere(const struct bvm_ir_prog *p, u64 at)
{
	struct bvm_ir_prog *opt = optimised(p, BVM_PASSES_ALL);
	u64 want = bvm_interp(p, NULL), jit = EXEC(p, NULL);
	u64 opt_interp = bvm_interp(opt, NULL), opt_jit = EXEC(opt, NULL);
	bool ok = CHECK(want == jit, "seed %llu: %llx, want %llx", at, jit, want);

	ok &= CHECK(want == opt_interp, "seed %llu, passes: %llx, want %llx", at, opt_interp,
		    want);
	ok &= CHECK(want == opt_jit, "seed %llu, passes, machine code: %llx, want %llx", at,
		    opt_jit, want);
	if (!ok) {
		ir_show(p);
		printf("# after all passes:\n");
		ir_show(opt);
		blame(p, want);
	}
	bvm_ir_free(opt);
	return ok;
}

static void random_programs(void)
{
	u32 i;

	printf("# seed %llu\n", seed);
	for (i = 0; i < PROGRAMS; i++) {
		u64 at = seed;
		bool ok;

		prog = ir_random(at);
		ok = same_everywhere(prog, at);
		bvm_ir_free(prog);
		jit_forget();
		next_seed();
		if (!ok)
			break;
	}
}

/* -------------------------------------------------------------------- distances */

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
