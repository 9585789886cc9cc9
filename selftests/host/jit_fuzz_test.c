// SPDX-License-Identifier: GPL-2.0-only
/*
 * The fuzzer of execution, see fuzz.h: a program does the same in the interpreter and as
 * machine code, with passes over its IR and without.  Each seed is a program that the
 * verifier may accept, and a few of the IR (ir_random.c).
 *
 * What it does may depend on where its stack is, on where a function or a record is.  So it
 * runs in two places without passes first: what comes out the same in both is what counts.
 */
#include <alloca.h>
#include <stdarg.h>
#include "fuzz.h"
#include "ir_random.h"
#include "jit_run.h"
#include "ktap.h"
#include "../../kernel/exec/opt.h"

/* Processor time of a run: programs that take longer are let go; then bugs are found. */
#define LIMIT_USEC	50000
#define BROKEN_USEC	2000000
/* Runs in other places before it is said that something differs. */
#define DOUBTS		64
/* Programs of the IR for each of BPF. */
#define IR_PROGRAMS	8

/** struct way - how the program runs: as machine code, or in the interpreter */
struct way {
	const char *name;
	u32 passes;
	struct bvm_ir_prog *ir;
	const struct bvm_jit_image *image;
};

enum {
	PLAIN, ELSEWHERE,
	PASSES, SOME, MACHINE, MACHINE_PASSES, MACHINE_SOME, MACHINE_BLIND, WAYS
};

static struct way ways[WAYS] = {
	[PLAIN] = { "interpreter" },
	[ELSEWHERE] = { "interpreter, elsewhere" },
	[PASSES] = { "interpreter, prepared, all passes", BVM_PASSES_ALL },
	[SOME] = { "interpreter, prepared, some passes" },
	[MACHINE] = { "machine code" },
	[MACHINE_PASSES] = { "machine code, all passes", BVM_PASSES_ALL },
	[MACHINE_SOME] = { "machine code of a newer CPU, some passes" },
	[MACHINE_BLIND] = { "machine code, blinded", BVM_PASSES_ALL },
};

/** struct outcome - what a run has left behind: bytes to compare */
struct outcome {
	u64 r0;
	u64 heard;	/* of what helpers were given */
	u64 ctx[FUZZ_CTX / 8];
	u8 value[ARRAY_SIZE(fuzz_memory)][FUZZ_VALUE];
};

/** struct run - a run of one way */
struct run {
	const struct way *way;
	const struct fuzz_prog *prog;	/* or NULL: there is no input */
	u64 input;
	u32 place;
	struct outcome out;
};

static char what[600];

/* ------------------------------------------------------------------- running */

static noinline void make_dirty(u8 with)
{
	u8 stack[6144], *p = stack;

	OPTIMIZER_HIDE_VAR(p);
	memset(p, with, sizeof(stack));
	barrier();
}

static void enter(void *arg)
{
	struct run *run = arg;
	u8 *pad = alloca(16 * (run->place % 256) + 16);

	OPTIMIZER_HIDE_VAR(pad);
	*pad = 0;
	barrier();
	make_dirty(run->place * 37);
	run->out.r0 = run->way->image ? run->way->image->entry(fuzz_ctx) :
					bvm_interp(run->way->ir, fuzz_ctx);
}

/* Return: 0 or the signal that ended it. */
static int execute(struct run *run, u32 usec)
{
	int sig;
	u32 i;

	if (run->prog)
		fuzz_inputs(run->prog, run->input);
	verif_heard = 0;
	sig = fuzz_guard(enter, run, usec);
	run->out.heard = verif_heard;
	memcpy(run->out.ctx, fuzz_ctx, sizeof(fuzz_ctx));
	for (i = 0; i < fuzz_nr_memory; i++)
		memcpy(run->out.value[i], (void *)fuzz_memory[i].start, FUZZ_VALUE);
	fuzz_drop_records();
	return sig;
}

/* The first byte that counts and is another one, or -1. */
static s32 first_difference(const struct outcome *want, const struct outcome *also,
			    const struct outcome *got)
{
	const u8 *a = (const u8 *)want, *b = (const u8 *)also, *c = (const u8 *)got;
	u32 i;

	if (!memcmp(a, c, sizeof(*want)))
		return -1;
	for (i = 0; i < sizeof(*want); i++)
		if (a[i] == b[i] && a[i] != c[i])
			return i;
	return -1;
}

/* Is it the program itself that is not the same everywhere, at this byte? */
static bool depends(const struct run *want, s32 byte)
{
	static struct run run;
	void *litter[DOUBTS];
	bool same = true;
	u32 i, n;

	for (n = 0; n < DOUBTS && same; n++) {
		run = *want;
		run.way = &ways[n % 2];
		run.place = fuzz_mix(n);
		litter[n] = malloc(run.place % 100);
		same = !execute(&run, BROKEN_USEC) &&
		       ((u8 *)&run.out)[byte] == ((const u8 *)&want->out)[byte];
	}
	for (i = 0; i < n; i++)
		free(litter[i]);
	return !same;
}

static const char *name_of(s32 byte)
{
	static char text[40];

	if (byte < (s32)offsetof(struct outcome, heard))
		return "r0";
	if (byte < (s32)offsetof(struct outcome, ctx))
		return "what helpers read";
	if (byte < (s32)offsetof(struct outcome, value))
		snprintf(text, sizeof(text), "context, byte %zu",
			 byte - offsetof(struct outcome, ctx));
	else
		snprintf(text, sizeof(text), "map values, byte %zu",
			 byte - offsetof(struct outcome, value));
	return text;
}

/* ---------------------------------------------------------------------- ways */

static struct bvm_ir_prog *copy(const struct bvm_ir *code, u32 len, u32 stack)
{
	struct bvm_ir_prog *out = bvm_ir_alloc(len);

	memcpy(out->code, code, len * sizeof(*code));
	out->stack_size = stack;
	return out;
}

/* The same with its frame 8 bytes lower, and with other indices. */
static struct bvm_ir_prog *moved(const struct bvm_ir_prog *p)
{
	struct bvm_ir *code = calloc(2 * p->len + 2, sizeof(*code));
	u32 *at = calloc(p->len, sizeof(*at)), n = 0, i;
	struct bvm_ir_prog *out;

	code[n++] = (struct bvm_ir){ .op = BVM_IR_SUB64I, .dst = BVM_IR_FP, .imm = 8 };
	for (i = 0; i < p->len; i++) {
		at[i] = n;
		if (p->code[i].op == BVM_IR_EXIT)
			code[n++] = (struct bvm_ir){
				.op = BVM_IR_ADD64I, .dst = BVM_IR_FP, .imm = 8 };
		code[n++] = p->code[i];
	}
	for (i = 0; i < n; i++)
		if (bvm_ir_names(&code[i]))
			code[i].off = at[code[i].off];
	out = copy(code, n, p->stack_size + 8);
	out->tail_calls = p->tail_calls;
	out->deep = p->deep;
	free(code);
	free(at);
	return out;
}

/* Or as it is, if that cannot be. */
static struct bvm_ir_prog *blinded(struct bvm_ir_prog *p)
{
	struct bvm_ir_prog *out = bvm_blind(p, NULL, 0);

	if (IS_ERR(out))
		return p;
	bvm_ir_free(p);
	return out;
}

/* What newer CPUs have, if this one has it. */
static u32 newer(void)
{
#ifdef __x86_64__
	return __builtin_cpu_supports("bmi2") ? BIT(0) : 0;
#else
	return BIT(0);	/* the emulator has it */
#endif
}

typedef struct bvm_ir_prog *(*maker)(u32 passes);

/* What makes the programs of the ways. */
static maker make;

/* Return: whether the program can run in all of them. */
static bool make_ways(u64 seed)
{
	u32 i;

	ways[SOME].passes = fuzz_mix(seed) & BVM_PASSES_ALL;
	ways[MACHINE_SOME].passes = ways[SOME].passes;
	for (i = 0; i < WAYS; i++) {
		struct way *way = &ways[i];

		way->ir = i == ELSEWHERE ? moved(ways[PLAIN].ir) : make(way->passes);
		if (i == MACHINE_BLIND && !IS_ERR(way->ir))
			way->ir = blinded(way->ir);
		way->image = NULL;
		if (IS_ERR(way->ir))
			return false;
		if ((i == PASSES || i == SOME) && bvm_interp_prepare(way->ir))
			return false;
		jit_cpu.features = BVM_JIT_PROBE_USER | (i == MACHINE_SOME ? newer() : 0);
		if (i >= MACHINE)
			way->image = jit_image(way->ir);
		if (i >= MACHINE && !way->image)
			return false;
	}
	return true;
}

static void free_ways(void)
{
	u32 i;

	for (i = 0; i < WAYS; i++) {
		if (!IS_ERR(ways[i].ir))
			bvm_ir_free(ways[i].ir);
		ways[i].ir = NULL;
	}
	jit_forget();
}

__printf(1, 2)
static void say(const char *fmt, ...)
{
	u32 n = strlen(what);
	va_list args;

	va_start(args, fmt);
	vsnprintf(what + n, sizeof(what) - n, fmt, args);
	va_end(args);
}

static bool right_with(const struct run *want, u32 passes, s32 byte)
{
	static struct run run;
	struct way way = { .ir = make(passes) };
	bool right;

	run = *want;
	run.way = &way;
	right = !execute(&run, BROKEN_USEC) &&
		((u8 *)&run.out)[byte] == ((const u8 *)&want->out)[byte];
	bvm_ir_free(way.ir);
	return right;
}

/* The passes that it takes, and those that alone are enough. */
static void blame(const struct run *want, s32 byte)
{
	static const char *const names[] = {
#define BVM_PASS(name, ...) #name,
		BVM_PASSES(BVM_PASS)
#undef BVM_PASS
	};
	u32 i;

	for (i = 0; i < __BVM_PASS_MAX; i++) {
		if (!right_with(want, BIT(i), byte))
			say("; wrong with %s alone", names[i]);
		if (right_with(want, BVM_PASSES_ALL & ~BIT(i), byte))
			say("; right without %s", names[i]);
	}
}

static void describe(const struct way *way, const struct run *want, const struct run *got,
		     int sig, s32 byte)
{
	*what = 0;
	say("%s (%#x): ", way->name, way->passes);
	if (sig)
		say("signal %d", sig);
	else
		say("%s is %#x, want %#x; r0 %#llx, want %#llx", name_of(byte),
		    ((const u8 *)&got->out)[byte], ((const u8 *)&want->out)[byte], got->out.r0,
		    want->out.r0);
	if (!way->image)
		blame(want, byte);
}

/* With one input.  Return: false if something differs; @what says it. */
static bool same_in_all(const struct fuzz_prog *p, u64 input, bool *settled)
{
	static struct run want, also, run;
	u32 i;

	want = (struct run){ &ways[PLAIN], p, input };
	also = (struct run){ &ways[ELSEWHERE], p, input, 1 };
	*settled = !execute(&want, LIMIT_USEC) && !execute(&also, 2 * LIMIT_USEC);
	for (i = PASSES; i < WAYS && *settled; i++) {
		s32 byte;
		int sig;

		run = (struct run){ &ways[i], p, input, 2 };
		sig = execute(&run, BROKEN_USEC);
		byte = sig ? 0 : first_difference(&want.out, &also.out, &run.out);
		if (byte < 0 || (!sig && depends(&want, byte)))
			continue;
		describe(&ways[i], &want, &run, sig, byte);
		return false;
	}
	return true;
}

/* ------------------------------------------------------------------- programs */

static struct bvm_ir_prog *lower(u32 passes)
{
	fuzz_verif.passes = passes;
	return verif_lower(&fuzz_verif);
}

static void run_everywhere(const struct fuzz_prog *p)
{
	bool settled = true;
	u32 i;

	make = lower;
	if (!make_ways(p->seed))
		fuzz_wrong = "cannot be lowered or compiled";
	for (i = 0; i < fuzz_runs && settled && !fuzz_wrong; i++)
		if (!same_in_all(p, fuzz_mix(p->seed) + i, &settled))
			fuzz_wrong = what;
	free_ways();
}

static const struct bvm_ir_prog *random_ir;

/* A copy after passes. */
static struct bvm_ir_prog *optimised(u32 passes)
{
	struct bvm_ir *code = kvmalloc_array(random_ir->len, sizeof(*code), GFP_KERNEL);
	struct bvm_lower_args args = { .passes = passes };
	struct bvm_ir_prog *out;
	u32 len;

	memcpy(code, random_ir->code, random_ir->len * sizeof(*code));
	len = bvm_optimise(&code, random_ir->len, &args, NULL, 0);
	out = copy(code, len, random_ir->stack_size);
	kvfree(code);
	return out;
}

static bool ir_fails(u64 seed, u64 pieces)
{
	struct bvm_ir_prog *prog = ir_random(seed, pieces);
	bool settled, ok;

	random_ir = prog;
	make = optimised;
	ok = make_ways(seed) && same_in_all(NULL, 0, &settled);
	free_ways();
	bvm_ir_free(prog);
	return !ok;
}

/* A program of the IR that fails, with as few of its pieces as it takes. */
static void report_ir(u64 seed)
{
	u64 pieces = ~0ULL, before;
	struct bvm_ir_prog *prog;
	u32 i;

	printf("# IR of seed %#llx: %s\n", seed, what);
	do {
		before = pieces;
		for (i = 0; i < 64; i++)
			if (pieces & BIT_ULL(i) && ir_fails(seed, pieces & ~BIT_ULL(i)))
				pieces &= ~BIT_ULL(i);
	} while (pieces != before);
	ir_fails(seed, pieces);
	printf("# made smaller: %s\n", what);
	prog = ir_random(seed, pieces);
	ir_show(prog);
	bvm_ir_free(prog);
}

static bool run_ir(u64 seed)
{
	u32 i;

	for (i = 0; i < IR_PROGRAMS; i++) {
		u64 one = fuzz_mix(seed * IR_PROGRAMS + i) | 1;

		if (!ir_fails(one, ~0ULL))
			continue;
		report_ir(one);
		return false;
	}
	return true;
}

const struct fuzz_target fuzz_target = {
	.name = "the same in all ways to run it", .fills = true, .run = run_everywhere,
	.more = run_ir,
};
