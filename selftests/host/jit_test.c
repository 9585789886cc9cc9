// SPDX-License-Identifier: GPL-2.0-only
/*
 * Machine code against the interpreter: every operation with every pair of registers, all
 * of the others live and none of them, and random programs.
 */
#include <time.h>
#include "ktap.h"
#include "jit_run.h"
#ifdef __x86_64__
#include <asm/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "../../arch/x86/encode.h"
#endif

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
	/* there is neither a task nor a CPU here */
	if (op == BVM_IR_CURRENT || op == BVM_IR_PERCPU)
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

/* Another register than those. */
static u32 other_reg(u32 a, u32 b)
{
	u32 reg;

	do
		reg = any_reg();
	while (reg == a || reg == b || !has_value(reg));
	return reg;
}

/* An address of scratch memory in @a, from @x, a register that it is not; the rest of it. */
static s32 make_address(struct bvm_ir_prog *prog, u32 a, u32 x)
{
	u32 kind = host_random() % 4, shift = host_random() % 4;
	s32 off = kind == 1 ? 0 : host_random() % 49;

	ADD(AND64I, .dst = x, .imm = 7);
	if (kind == 0) {
		ADD(MOV64R, .dst = a, .src = BVM_IR_FP);
		ADD(ADD64R, .dst = a, .src = x);
	} else if (kind == 1) {
		ADD(MOV64R, .dst = a, .src = x);
		if (shift)
			ADD(LSH64I, .dst = a, .imm = shift);
		ADD(ADD64R, .dst = a, .src = BVM_IR_FP);
	} else {
		ADD(MOV64R, .dst = a, .src = BVM_IR_FP);
	}
	if (host_random() & 1) {
		ADD(ADD64I, .dst = a, .imm = SCRATCH_AT);
		return off;
	}
	return SCRATCH_AT + off;
}

/* An operation or two with @t and @d. */
static void use(struct bvm_ir_prog *prog, u32 t, u32 d)
{
	u32 alu = host_random() % (BVM_IR_ARSH32I + 1), kind = host_random() % 8;
	u32 jump = BVM_IR_JEQ64R + host_random() % (BVM_IR_JSLE32I - BVM_IR_JEQ64R + 1);

	if (kind < 2)
		add(prog, (struct bvm_ir){ alu, d, t, 0, corner() });
	if (kind == 2 || kind == 3)
		add(prog, (struct bvm_ir){ alu, t, d, 0, corner() });
	if (kind == 4)
		add(prog, (struct bvm_ir){ BVM_IR_SWAP16 + host_random() % 3, t });
	if (kind >= 5)
		ADD(LOAD8, .dst = d, .src = BVM_IR_FP, .off = SCRATCH_AT + (jump & 63));
	if (kind < 3)
		return;
	if (host_random() & 1)
		swap(t, d);
	add(prog, (struct bvm_ir){ jump, t, d, prog->len + 2, host_random() & 1 ? corner() : 0 });
	ADD(NEG64, .dst = jump & 1 ? t : d);
}

/* What may be one instruction together, and ends with registers live and dead. */
static void window(struct bvm_ir_prog *prog)
{
	u32 x = other_reg(16, 16), a = other_reg(x, 16);
	u32 t = host_random() & 3 ? other_reg(16, 16) : a, d = other_reg(a, t);
	u32 width = host_random() % 7, kind = host_random() % 4;
	u32 alu = host_random() % BVM_IR_ARSH32I, rol = BVM_IR_ROL64I + host_random() % 2;
	s32 off = make_address(prog, a, x);
	u32 base = a, wide = width % 4;
	s64 imm = corner();

	if (host_random() & 1) {
		base = BVM_IR_FP;
		off = SCRATCH_AT + host_random() % 57;
	}
	if (kind == 0 && t != a) {
		add(prog, (struct bvm_ir){ BVM_IR_STORE8R + wide, base, t, off });
	} else if (kind == 1) {
		add(prog, (struct bvm_ir){ BVM_IR_STORE8I + wide, base, 0, off, imm });
	} else {
		add(prog, (struct bvm_ir){ BVM_IR_LOAD8 + width, t, base, off });
		if (kind == 2 && t != a) {
			add(prog, (struct bvm_ir){ alu, t, d, 0, corner() });
			add(prog, (struct bvm_ir){ BVM_IR_STORE8R + wide, base, t, off });
		} else {
			use(prog, t, d);
		}
	}
	/* an address is different in the two of them */
	if (t != a || kind < 2)
		ADD(MOVI, .dst = a, .imm = corner());
	if (host_random() & 1)
		ADD(MOVI, .dst = t, .imm = corner());
	if (host_random() & 1)
		ADD(MOVI, .dst = d, .imm = corner());
	ADD(MOV64R, .dst = t, .src = d);
	if (host_random() & 1)
		add(prog, (struct bvm_ir){ rol, t, 0, 0, 1 + host_random() % 31 });
	use(prog, t, d);
	if (host_random() & 1)
		ADD(MOVI, .dst = t, .imm = corner());
}

/* Two bytes, compared in either order. */
static void bytes_compared(struct bvm_ir_prog *prog)
{
	u32 op, k, at;

	for (op = BVM_IR_JEQ64R; op <= BVM_IR_JSLE32I; op++)
		for (k = 0; k < 8; k++) {
			begin(prog);
			ADD(LOAD8, .dst = 3, .src = BVM_IR_FP, .off = SCRATCH_AT + (k & 3));
			ADD(LOAD8, .dst = 4, .src = BVM_IR_FP, .off = SCRATCH_AT + 2);
			at = prog->len + 2;
			add(prog, (struct bvm_ir){ op, 3 + !(k & 4), 4 - !(k & 4), at, 0x66 });
			ADD(NEG64, .dst = 5);
			end(prog, BIT(5));
			compare(prog, 1);
		}
}

static void windows(void)
{
	struct bvm_ir_prog *prog = room();
	u32 features = jit_cpu.features, i, n;

	bytes_compared(prog);
	for (i = 0; i < 1500; i++) {
#ifdef __x86_64__
		if (i & 1 && __builtin_cpu_supports("bmi2"))
			jit_cpu.features |= BVM_X86_BMI2;
		if (i & 2 && __builtin_cpu_supports("movbe"))
			jit_cpu.features |= BVM_X86_MOVBE;
#endif
		begin(prog);
		for (n = 0; n < 8; n++)
			window(prog);
		end(prog, host_random() | host_random());
		if (!compare(prog, 4))
			break;
		jit_cpu.features = features;
	}
	jit_cpu.features = features;
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

static u64 divided(u16 op, u64 a, s32 by)
{
	u64 wide = by;

	switch (op) {
	case BVM_IR_DIV64I:
		return a / wide;
	case BVM_IR_MOD64I:
		return a % wide;
	case BVM_IR_DIV32I:
		return (u32)a / (u32)by;
	default:
		return (u32)a % (u32)by;
	}
}

/* Numbers next to multiples of the divisor, where a quotient that is not exact would be wrong. */
static void divide_by(struct bvm_ir_prog *prog, s32 by)
{
	static const u16 ops[] = { BVM_IR_DIV64I, BVM_IR_MOD64I, BVM_IR_DIV32I, BVM_IR_MOD32I };
	u32 i, k, reg = host_random() % BPF_REG_10;
	u32 other = reg == BPF_REG_3 ? BPF_REG_0 : BPF_REG_3;
	bool kept = host_random() & 1;
	u64 at;

	for (i = 0; i < ARRAY_SIZE(ops); i++) {
		prog->len = 0;
		ADD(LOAD64, .dst = other, .src = 1);
		ADD(LOAD64, .dst = reg, .src = 1);
		add(prog, (struct bvm_ir){ .op = ops[i], .dst = reg, .imm = by });
		if (kept)
			ADD(ADD64R, .dst = reg, .src = other);
		ADD(MOV64R, .dst = 0, .src = reg);
		ADD(EXIT);
		for (k = 0; k < 24; k++) {
			at = k < 3 ? k - 1 : value() / (u64)by * (u64)by + (s64)(k % 3) - 1;
			if (k & 4)
				at = (u32)at;
			CHECK(jit_run(prog, &at) == divided(ops[i], at, by) + (kept ? at : 0),
			      "%llu, operation %u, by %d, in r%u", at, ops[i], by, reg);
		}
	}
}

static void divisors(void)
{
	u32 features = jit_cpu.features, i;
	struct bvm_ir_prog *prog = room();

	for (i = 1; i < 700; i++) {
		s32 by = i < 400 ? i : (s32)host_random() >> host_random() % 32;

#ifdef __x86_64__
		if (i & 7 && __builtin_cpu_supports("bmi2"))
			jit_cpu.features |= BVM_X86_BMI2;
#endif
		divide_by(prog, by ?: 1000);
		jit_cpu.features = features;
	}
	bvm_ir_free(prog);
}

/* A CPU's own variables, with the segment that nothing in user space uses for something else. */
static void cpu_variables(void)
{
#ifdef __x86_64__
	static const u64 distance[] = { 0, 0x123456789abc };
	struct bvm_jit_cpu cpu = jit_cpu;
	struct bvm_ir_prog *prog = room();
	u32 reg, near;

	syscall(SYS_arch_prctl, ARCH_SET_GS, distance);
	/* the current task is such a variable, which near code finds in another way */
	for (reg = 0, near = 0; reg < BVM_IR_REGS; near++, reg += near / 2, near %= 2) {
		if (!has_value(reg))
			continue;
		prog->len = 0;
		ADD(CURRENT, .dst = reg, .imm = sizeof(distance[0]));
		ADD(MOV64R, .dst = 0, .src = reg);
		ADD(EXIT);
		jit_forget();
		jit_near = near ? BIT(28) : 0;
		CHECK_EQ(jit_run(prog, NULL), distance[1]);
		jit_near = 0;
	}
	jit_cpu.percpu = sizeof(distance[0]);
	for (reg = 0; reg < BVM_IR_REGS; reg++) {
		if (!has_value(reg))
			continue;
		prog->len = 0;
		ADD(MOVI, .dst = reg, .imm = -1000);
		ADD(PERCPU, .dst = reg);
		ADD(MOV64R, .dst = 0, .src = reg);
		ADD(EXIT);
		jit_cpu.features = cpu.features | BVM_X86_SMP;
		jit_forget();
		CHECK_EQ(jit_run(prog, NULL), distance[1] - 1000);
		jit_cpu.features = cpu.features;
		jit_forget();
		CHECK_EQ(jit_run(prog, NULL), -1000ULL);
	}
	jit_cpu = cpu;
	bvm_ir_free(prog);
#endif
}

/* ------------------------------------------------------------------- traps */

/* The interpreter warns of them. The last exit may be one that others jump to. */
static void traps(void)
{
	static const struct bvm_ir code[] = {
		{ BVM_IR_LOAD64, 2, 1 },
		{ BVM_IR_MOVI, 0, .imm = 3 },
		{ BVM_IR_JEQ64I, 2, .off = 4, .imm = 5 },
		{ BVM_IR_TRAP },
		{ BVM_IR_MOVI, 0, .imm = 1 },
		{ BVM_IR_JNE64I, 2, .off = 7, .imm = 6 },
		{ BVM_IR_MOVI, 0 },
		{ BVM_IR_EXIT },
	};
	struct bvm_ir_prog *ir = bvm_ir_alloc(ARRAY_SIZE(code));
	struct bvm_jit_image *image;
	u64 cell, i;

	memcpy(ir->code, code, sizeof(code));
	ir->stack_size = 0;
	for (i = 0; i < 2; i++) {
		/* to the exit, or to what is before it */
		ir->code[5].off = 7 - i;
		image = bvm_jit_compile(ir, &jit_cpu, NULL);
		if (!CHECK(!IS_ERR(image), "compiling: %ld", PTR_ERR(image)))
			break;
		for (cell = 5; cell < 8; cell++)
			CHECK_EQ(image->entry(&cell), cell == 5 && !i);
		bvm_jit_free(image);
	}
	bvm_ir_free(ir);
}

int main(void)
{
	static const struct ktap_test tests[] = {
		{ "every operation, every pair of registers", pairs },
		{ "operations of newer CPUs", features },
		{ "every operation, special numbers", numbers },
		{ "jumps of every length", distances },
		{ "random programs", random_programs },
		{ "several operations in one", windows },
		{ "constant divisors", divisors },
		{ "traps", traps },
		{ "variables of a CPU", cpu_variables },
	};

	return ktap_run(tests, ARRAY_SIZE(tests));
}
