// SPDX-License-Identifier: GPL-2.0-only
/*
 * Machine code against the interpreter: every operation with every pair of registers, all
 * of the others live and none of them, and random programs.
 */
#include <time.h>
#include "ktap.h"
#include "jit_run.h"

#define MAX_LEN		400
#define KEEP		8		/* bytes of stack below FP: the context's address */
#define AT_REG(n)	(-(s32)(KEEP + 8 + 8 * (n)))
#define SCRATCH_AT	(-256)		/* and what programs write to, 64 bytes */

static const s64 corners[] = {
	0, 1, -1, 2, 3, 7, 31, 32, 63, 64, 127, 128, -128, -129, 255, 256, 0xffff, 0x10000, 10, -10,
	0x7fffffff, -0x7fffffff - 1, -0x7fffffff, 0x40000000,
};

static s64 corner(void)
{
	u32 r = host_random();

	return r & 4 ? corners[(r >> 4) % ARRAY_SIZE(corners)] : (s32)host_random();
}

static u64 value(void)
{
	u64 high = (u64)host_random() << 32;

	return host_random() & 3 ? corner() : high | host_random();
}

static void add(struct bvm_ir_prog *prog, struct bvm_ir ir)
{
	prog->code[prog->len++] = ir;
}

#define ADD(name, ...)	add(prog, (struct bvm_ir){ .op = BVM_IR_##name, ##__VA_ARGS__ })

static bool has_value(u32 reg)
{
	return reg != BVM_IR_FP;
}

/* Every register has the value that the context has for it. */
static void begin(struct bvm_ir_prog *prog)
{
	u32 reg;

	prog->len = 0;
	ADD(STORE64R, .dst = BVM_IR_FP, .src = 1, .off = -KEEP);
	for (reg = 0; reg < 8; reg++)
		ADD(STORE64I, .dst = BVM_IR_FP, .off = SCRATCH_AT + 8 * reg, .imm = 0x55667788);
	for (reg = BVM_IR_REGS; reg--;)
		if (has_value(reg) && reg != 1)
			ADD(LOAD64, .dst = reg, .src = 1, .off = 8 * reg);
	ADD(LOAD64, .dst = 1, .src = 1, .off = 8);
}

/* Those of @live go back there, and with them the memory. */
static void end(struct bvm_ir_prog *prog, u32 live)
{
	u32 reg;

	for (reg = 0; reg < BVM_IR_REGS; reg++)
		if (has_value(reg) && live & BIT(reg))
			ADD(STORE64R, .dst = BVM_IR_FP, .src = reg, .off = AT_REG(reg));
	ADD(LOAD64, .dst = 1, .src = BVM_IR_FP, .off = -KEEP);
	for (reg = 0; reg < BVM_IR_REGS; reg++)
		if (has_value(reg) && live & BIT(reg)) {
			ADD(LOAD64, .dst = 0, .src = BVM_IR_FP, .off = AT_REG(reg));
			ADD(STORE64R, .dst = 1, .src = 0, .off = 8 * reg);
		}
	for (reg = 0; reg < 8; reg++) {
		ADD(LOAD64, .dst = 0, .src = BVM_IR_FP, .off = SCRATCH_AT + 8 * reg);
		ADD(STORE64R, .dst = 1, .src = 0, .off = 8 * (BVM_IR_REGS + reg));
	}
	ADD(MOVI, .dst = 0, .imm = 0x123456789a);
	ADD(EXIT);
}

#define CTX_WORDS	(BVM_IR_REGS + 8)

static void print(const struct bvm_ir_prog *prog)
{
	char text[80];
	u32 i;

	for (i = 0; i < prog->len; i++) {
		bvm_ir_print(text, sizeof(text), &prog->code[i]);
		printf("#   %u: %s\n", i, text);
	}
}

/* Runs @prog both ways on the same values. */
static bool compare(const struct bvm_ir_prog *prog, u32 rounds)
{
	struct bvm_jit_image *image = bvm_jit_compile(prog, &jit_cpu, NULL);
	u64 in[CTX_WORDS], want[CTX_WORDS], got[CTX_WORDS], r0;
	bool same = true;
	u32 i;

	if (!CHECK(!IS_ERR(image), "compiling: %ld", PTR_ERR(image)))
		return false;
	for (; rounds && same; rounds--) {
		for (i = 0; i < CTX_WORDS; i++)
			in[i] = value();
		memcpy(want, in, sizeof(in));
		memcpy(got, in, sizeof(in));
		r0 = bvm_interp(prog, want);
		same = CHECK(image->entry(got) == r0, "another result");
		for (i = 0; i < CTX_WORDS && same; i++)
			same = CHECK(got[i] == want[i], "word %u: %llx, want %llx", i, got[i],
				     want[i]);
	}
	bvm_jit_free(image);
	if (!same && ktap_case_bad < 10)
		print(prog);
	return same;
}

static bool is_jump(u32 op)
{
	return op >= BVM_IR_JEQ64R && op <= BVM_IR_JSLE32I;
}

static bool is_atomic(u32 op)
{
	return op >= BVM_IR_ATOMIC_ADD32 && op <= BVM_IR_CMPXCHG64;
}

static bool is_memory(u32 op)
{
	return op >= BVM_IR_LOAD8 && op <= BVM_IR_STORE64I && !(op >= BVM_IR_PROBE8 &&
								op <= BVM_IR_TRY64);
}

/* An operation of registers @dst and @src; jumps leave out the negation behind them. */
static void operation(struct bvm_ir_prog *prog, u32 op, u32 dst, u32 src, s64 imm)
{
	struct bvm_ir ir = { .op = op, .dst = dst, .src = src, .imm = imm };
	bool load = op < BVM_IR_PUT8;

	if (is_memory(op)) {
		*(load ? &ir.src : &ir.dst) = BVM_IR_FP;
		ir.off = SCRATCH_AT + imm % 29 + 28;
	}
	if (is_atomic(op)) {
		ADD(MOV64R, .dst = dst, .src = BVM_IR_FP);
		ir.off = SCRATCH_AT + 8 * (imm & 3);
	}
	if (op == BVM_IR_ROL64I || op == BVM_IR_ROL32I)
		ir.imm = 1 + (u64)imm % 31;
	if (is_jump(op))
		ir.off = prog->len + 2;
	add(prog, ir);
	if (is_jump(op))
		ADD(NEG64, .dst = dst);
	/* an address is different in the two of them */
	if (is_atomic(op))
		ADD(MOVI, .dst = dst, .imm = 1);
}

static bool is_tested(u32 op)
{
	/* there is no task here */
	if (op == BVM_IR_CURRENT)
		return false;
	return op <= BVM_IR_SWAP64 || is_memory(op) || is_atomic(op) || is_jump(op);
}

/* An address in a register that is stored, or compared with, would differ. */
static bool is_sound(u32 op, u32 dst, u32 src)
{
	return !is_atomic(op) || (dst != src && (op < BVM_IR_CMPXCHG32 || dst != 0));
}

static struct bvm_ir_prog *room(void)
{
	struct bvm_ir_prog *prog = bvm_ir_alloc(MAX_LEN);

	prog->stack_size = 256;
	return prog;
}

static void pairs_of(u32 op, u32 last)
{
	struct bvm_ir_prog *prog = room();
	u32 dst, src;

	for (; op <= last; op++)
		for (dst = 0; dst < BVM_IR_REGS && is_tested(op); dst++)
			for (src = 0; src < BVM_IR_REGS; src++) {
				if (!has_value(dst) || !has_value(src) || !is_sound(op, dst, src))
					continue;
				begin(prog);
				operation(prog, op, dst, src, corner());
				end(prog, host_random() & 3 ? -1 : BIT(dst));
				compare(prog, 4);
			}
	bvm_ir_free(prog);
}

static void pairs(void)
{
	pairs_of(0, __BVM_IR_OP_MAX - 1);
}

/* Shifts of newer CPUs. */
static void features(void)
{
#ifdef __x86_64__
	if (!__builtin_cpu_supports("bmi2"))
		return;
	jit_cpu.features |= BIT(0);
	pairs_of(BVM_IR_LSH64R, BVM_IR_ARSH32I);
	jit_cpu.features &= ~BIT(0);
#endif
}

/* Every operation that has one, with every corner as its number. */
static void numbers(void)
{
	static const u8 dsts[] = { 0, 1, 3, 6, 9 };
	struct bvm_ir_prog *prog = room();
	u32 op, i, dst;

	for (op = 0; op <= BVM_IR_JSLE32I; op++)
		for (i = 0; i < ARRAY_SIZE(corners) && is_tested(op); i++) {
			dst = is_atomic(op) ? 6 : dsts[i % ARRAY_SIZE(dsts)];
			begin(prog);
			operation(prog, op, dst, 2, corners[i]);
			end(prog, -1);
			compare(prog, 16);
		}
	bvm_ir_free(prog);
}

static u32 any_reg(void)
{
	u32 reg = host_random() % (BVM_IR_REGS - 1);

	return reg >= BVM_IR_FP ? reg + 1 : reg;
}

/* Straight lines, with jumps forward over any number of operations. */
static void random_body(struct bvm_ir_prog *prog)
{
	u32 n = 1 + host_random() % 60, start = prog->len, op, dst, src, i;
	u32 limit = start + 5 * n;

	while (prog->len < start + n && prog->len < limit) {
		do {
			op = host_random() % __BVM_IR_OP_MAX;
			dst = any_reg();
			src = any_reg();
		} while (!is_tested(op) || !is_sound(op, dst, src));
		operation(prog, op, dst, src, corner());
	}
	for (i = start; i < prog->len; i++)
		/* not into the middle of an atomic operation: its address would get out */
		if (is_jump(prog->code[i].op) && host_random() & 1)
			prog->code[i].off = prog->len;
}

static void random_programs(void)
{
	struct bvm_ir_prog *prog = room();
	const char *seed = getenv("BVM_JIT_SEED"), *seconds = getenv("BVM_JIT_SECONDS");
	u32 n = seed ? atoi(seed) : 0, i, tried = 0;
	time_t until = time(NULL) + (seconds ? atoi(seconds) : 2);

	for (i = 0; i < n; i++)
		host_random();
	do {
		begin(prog);
		random_body(prog);
		end(prog, host_random() | host_random());
		tried++;
	} while (compare(prog, 3) && time(NULL) < until);
	printf("# %u programs, BVM_JIT_SEED=%u\n", tried, n);
	bvm_ir_free(prog);
}

/* Jumps over every number of bytes around what a short one reaches, both ways. */
static void distances(void)
{
	struct bvm_ir_prog *prog = room();
	u32 wide, narrow, i, head;

	for (wide = 30; wide < 50; wide++)
		for (narrow = 0; narrow < 4; narrow++) {
			begin(prog);
			ADD(MOVI, .dst = 6, .imm = 3);
			head = prog->len;
			ADD(JEQ64R, .dst = 2, .src = 3, .off = head + 1 + wide + narrow);
			for (i = 0; i < wide; i++)
				ADD(ADD64R, .dst = 7, .src = 4);
			for (i = 0; i < narrow; i++)
				ADD(ADD32R, .dst = 2, .src = 3);
			ADD(ADD64I, .dst = 6, .imm = -1);
			ADD(JNE64I, .dst = 6, .off = head);
			end(prog, -1);
			compare(prog, 8);
		}
	bvm_ir_free(prog);
}

int main(void)
{
	static const struct ktap_test tests[] = {
		{ "every operation, every pair of registers", pairs },
		{ "operations of newer CPUs", features },
		{ "every operation, special numbers", numbers },
		{ "jumps of every length", distances },
		{ "random programs", random_programs },
	};

	return ktap_run(tests, ARRAY_SIZE(tests));
}
