// SPDX-License-Identifier: GPL-2.0-only
/* Random programs of the IR, with what its passes are made for among it. */
#include "ir_random.h"

#define BODY		60	/* pieces */
#define STACK		64
#define LOOPS		4
#define FRAME		(STACK + 8 * LOOPS)
#define FUNCS		3

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
static bool tmps;	/* the temporaries are in use */

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
	u32 r = below(tmps ? BVM_IR_REGS - 1 : BVM_IR_FP);

	return r < BVM_IR_FP ? r : r + 1;
}

static u64 helper(u64 a, u64 b, u64 c, u64 d, u64 e)
{
	return a + 3 * b + 5 * c + 7 * d + 11 * e;
}

static void set_registers(u32 from, u32 to)
{
	for (; from <= to; from++)
		if (from != BVM_IR_FP && (tmps || from < BVM_IR_FP))
			PUT(MOVI, .dst = from, .imm = number());
}

static void put_memory(u16 op)
{
	bool faults = op >= BVM_IR_PROBE8 && op <= BVM_IR_PUT64;
	bool load = ops[op].form == BVM_FORM_LOAD;
	u32 base = 1 + below(BPF_REG_9), other = reg();
	s32 off = -8 * (1 + (s32)below(STACK / 8));

	if (op >= BVM_IR_TRY8 && op <= BVM_IR_TRY64 && !other)
		other = 1;
	if (faults && below(2)) {
		/* nothing there */
		PUT(MOVI, .dst = base, .imm = 100 + below(400));
		prog->code[n++] = (struct bvm_ir){
			op, load ? other : base, load ? base : other, (s32)below(200) - 100,
		};
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

	/* there is neither a task nor a CPU here */
	if (op == BVM_IR_CURRENT || op == BVM_IR_PERCPU)
		return;
	switch (form) {
	case BVM_FORM_DST:
	case BVM_FORM_DST_SRC:
	case BVM_FORM_DST_IMM:
		/* often one register after another, as moves before additions */
		prog->code[n] = (struct bvm_ir){ op, reg(), reg(), 0, (s32)number() };
		if (op == BVM_IR_ROL64I || op == BVM_IR_ROL32I)
			prog->code[n].imm = 1 + below(31);
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
			op, reg(), reg(), min(end + below(20), (u32)BODY), (s32)number(),
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

/* ----------------------------------------------- what passes are made for */

static s32 slot(u32 bytes)
{
	return -(s32)(bytes + below(STACK - bytes));
}

/* Bytes, or more of them at a time, put together in some order; or almost. */
static void put_bytes(void)
{
	u32 base = 1 + below(4), to = 5 + below(3), part = 8 + below(2), up = below(2);
	u32 wide = below(2), width = below(3) ? 1 : 2, n_parts = (wide ? 8 : 4) / width, i;
	u32 begin = below(3) ? 0 : n_parts / 2;
	s32 off = slot(10);

	PUT(MOV64R, .dst = base, .src = BVM_IR_FP);
	PUT(ADD64I, .dst = base, .imm = off);
	for (i = begin; i < n_parts; i++) {
		u32 at = (up ? i : n_parts - 1 - i) * width;
		u32 reg = i == n_parts - 1 && below(2) ? base : part;

		if (!below(12))
			at++;
		prog->code[n++] = (struct bvm_ir){
			BVM_IR_LOAD8 + width / 2, i == begin ? to : reg, base, at };
		if (i)
			prog->code[n++] = (struct bvm_ir){
				wide ? BVM_IR_LSH64I : BVM_IR_LSH32I, i == begin ? to : reg, 0, 0,
				8 * width * i };
		if (!below(20))
			PUT(STORE8I, .dst = BVM_IR_FP, .off = slot(1), .imm = (s8)random64());
		if (i > begin)
			prog->code[n++] = (struct bvm_ir){
				wide || below(2) ? BVM_IR_OR64R : BVM_IR_OR32R, to, reg };
	}
	PUT(MOVI, .dst = base, .imm = number());
}

/* Numbers stored side by side. */
static void put_stores(void)
{
	u32 width = below(3), count = 2 + below(4), i;
	s32 off = slot((count + 1) << width);
	bool up = below(2);

	for (i = 0; i < count; i++)
		prog->code[n++] = (struct bvm_ir){
			BVM_IR_STORE8I + width, BVM_IR_FP, 0,
			off + (s32)((up ? i : count - i) << width), below(2) ? 0 : (s32)number() };
}

/* The halves of a rotation, or of what looks like one. */
static void put_rotation(void)
{
	static const u16 together[] = { BVM_IR_OR64R, BVM_IR_OR32R, BVM_IR_XOR64R, BVM_IR_ADD64R };
	bool wide = below(2), first = below(2);
	u32 bits = wide ? 64 : 32, left = 1 + below(bits - 1), a = reg(), b = reg();
	u16 lsh = wide ? BVM_IR_LSH64I : BVM_IR_LSH32I, rsh = lsh + BVM_IR_RSH64I - BVM_IR_LSH64I;

	prog->code[n++] = (struct bvm_ir){ wide || below(2) ? BVM_IR_MOV64R : BVM_IR_MOV32R, b, a };
	prog->code[n++] = (struct bvm_ir){ first ? lsh : rsh, b, 0, 0, first ? left : bits - left };
	if (!below(6))
		PUT(XOR64R, .dst = reg(), .src = reg());
	prog->code[n++] = (struct bvm_ir){
		first ? rsh : lsh, a, 0, 0, (first ? bits - left : left) + !below(12) };
	prog->code[n++] = (struct bvm_ir){ together[below(4)], below(2) ? a : b, below(2) ? b : a };
	if (below(2))
		PUT(MOVI, .dst = b, .imm = number());
}

/* Something small, then comparisons and arithmetic that it decides. */
static void put_ranges(void)
{
	static const u16 narrow[] = { BVM_IR_AND64I, BVM_IR_MOD64I, BVM_IR_RSH64I, BVM_IR_AND32I };
	u32 a = reg(), i, count = 1 + below(4);

	prog->code[n++] = (struct bvm_ir){ narrow[below(4)], a, 0, 0, 1 + below(70) };
	for (i = 0; i < count; i++) {
		u16 op = BVM_IR_ADD64R + below(BVM_IR_ARSH32I - BVM_IR_ADD64R + 1);

		prog->code[n++] = (struct bvm_ir){
			op, below(2) ? a : reg(), below(2) ? a : reg(), 0, (s32)below(100) - 10 };
	}
}

/* Goes back to @to, a few times. */
static void put_loop(u32 to, u32 *loops)
{
	s32 off = -(s32)(STACK + 8 * ++*loops);
	u32 r = reg();

	PUT(LOAD64, .dst = r, .src = BVM_IR_FP, .off = off);
	PUT(SUB64I, .dst = r, .imm = 1);
	PUT(STORE64R, .dst = BVM_IR_FP, .src = r, .off = off);
	PUT(JSGT64I, .dst = r, .imm = 0, .off = BODY + 1 + to);
}

/* Two addresses, copied, moved on and used; at times nobody knows where they come from. */
static void put_sums(void)
{
	u32 reg[2] = { 1 + below(4), 5 + below(4) }, i, unknown = below(3);
	s32 at[2] = { -STACK / 2, -STACK / 2 }, to;

	PUT(MOV64R, .dst = reg[0], .src = BVM_IR_FP);
	PUT(ADD64I, .dst = reg[0], .imm = at[0]);
	if (unknown) {
		PUT(STORE64R, .dst = BVM_IR_FP, .src = reg[0], .off = at[0]);
		PUT(LOAD64, .dst = reg[0], .src = BVM_IR_FP, .off = at[0]);
		PUT(STORE64I, .dst = BVM_IR_FP, .off = at[0], .imm = (s32)number());
	}
	PUT(MOV64R, .dst = reg[1], .src = reg[0]);
	for (i = 0; i < 8; i++) {
		u32 k = below(2);

		to = -8 * (s32)(1 + below(STACK / 8));
		switch (below(4)) {
		case 0:
			PUT(ADD64I, .dst = reg[k], .imm = to - at[k]);
			at[k] = to;
			break;
		case 1:
			PUT(MOV64R, .dst = reg[!k], .src = reg[k]);
			at[!k] = at[k];
			break;
		case 2:
			PUT(LOAD64, .dst = 0, .src = reg[k], .off = to - at[k]);
			break;
		case 3:
			PUT(STORE64R, .dst = reg[k], .src = 0, .off = to - at[k]);
			break;
		}
	}
	for (i = 0; i < 2; i++)
		PUT(MOVI, .dst = reg[i], .imm = number());
}

/* Loads that may fault, with a call for what they leave alone. */
static void put_tries(void)
{
	u32 base = 6 + below(4), pair = below(2), log = pair ? 3 : below(4);
	u32 slow = n + (pair ? 9 : 6);

	if (!tmps)
		return;
	PUT(MOV64R, .dst = base, .src = BVM_IR_FP);
	if (below(2))
		PUT(ADD64I, .dst = base, .imm = slot(16));
	else
		PUT(MOVI, .dst = base, .imm = 100 + below(400));
	prog->code[n++] = (struct bvm_ir){ BVM_IR_TRY8 + log, BVM_IR_TMP0, base };
	PUT(JNE64I, .off = ~slow);
	if (pair) {
		PUT(TRY64, .dst = BVM_IR_TMP1, .src = base, .off = below(5) ? 8 : 7);
		PUT(JNE64I, .off = ~slow);
		PUT(STORE64R, .dst = BVM_IR_FP, .src = BVM_IR_TMP1, .off = slot(8));
	}
	prog->code[n++] = (struct bvm_ir){
		BVM_IR_STORE8R + log, BVM_IR_FP, BVM_IR_TMP0, slot(8) };
	PUT(JA, .off = slow + 1);
	PUT(CALL, .imm = (unsigned long)helper);
	set_registers(1, 5);
	set_registers(BVM_IR_TMP0, BVM_IR_TMP1);
	PUT(MOVI, .dst = base, .imm = number());
	if (below(2))
		PUT(MOVI, .imm = number());
}

/* One thing or another, depending on a comparison. */
static void put_choice(void)
{
	u16 op = BVM_IR_JEQ64R + below(BVM_IR_JSLE32I - BVM_IR_JEQ64R + 1);
	u32 r = reg(), one = below(3), other = below(4) ? !one : below(3);
	bool numbers = below(2);

	if (numbers)
		PUT(MOVI, .dst = r, .imm = one);
	prog->code[n] = (struct bvm_ir){ op, reg(), reg(), ~(n + 2), (s32)number() };
	n++;
	if (numbers)
		PUT(MOVI, .dst = r, .imm = other);
	else
		PUT(MOV64R, .dst = r, .src = reg());
}

/* Operations that may set flags, a copy, a jump. */
static void put_flags(void)
{
	u16 op = BVM_IR_ADD64R + below(BVM_IR_ARSH32I - BVM_IR_ADD64R + 1);
	u32 r = reg(), i;

	prog->code[n++] = (struct bvm_ir){ op, r, reg(), 0, (s32)number() };
	for (i = below(2); i < 2; i++)
		PUT(MOV64R, .dst = below(4) ? reg() : r, .src = below(2) ? reg() : r);
	prog->code[n] = (struct bvm_ir){
		BVM_IR_JEQ64I + below(2) * 2 + below(2) * 4, r, 0, ~(n + 2) };
	n++;
	PUT(XOR64R, .dst = reg(), .src = reg());
}

/* A call of a function, of put_functions(); at times what was in r6 to r9 is not needed. */
static void put_call(void)
{
	u32 r;

	PUT(CALL_SUB, .off = below(FUNCS), .imm = FRAME);
	set_registers(1, 5);
	set_registers(BVM_IR_TMP0, BVM_IR_TMP1);
	for (r = BPF_REG_6; r <= BPF_REG_9; r++)
		if (below(2))
			set_registers(r, r);
}

/* A function of its arguments, and of registers that it sets itself. */
static void put_function(u32 k)
{
	u32 own = below(4), first = BPF_REG_6 + below(5 - own), count = 1 + below(5), i;

	PUT(MOVI, .dst = 0, .imm = number());
	for (i = 0; i < own; i++)
		PUT(MOV64R, .dst = first + i, .src = 1 + below(5));
	for (i = 0; i < count; i++) {
		u16 op = BVM_IR_ADD64R + below(BVM_IR_ARSH32I - BVM_IR_ADD64R + 1);
		u32 dst = below(6 + own), src = below(6 + own), over = n + 2;

		dst += dst > 5 ? first - 6 : 0;
		src += src > 5 ? first - 6 : 0;
		if (!below(4))
			PUT(JGT64R, .dst = dst, .src = src, .off = ~over);
		prog->code[n++] = (struct bvm_ir){ op, dst, src, 0, (s32)number() };
	}
	if (k && !below(3))
		PUT(CALL_SUB, .off = k - 1);
	else if (!below(3))
		PUT(CALL, .imm = (unsigned long)helper);
	for (i = 0; i < own; i++)
		PUT(ADD64R, .dst = 0, .src = first + i);
	PUT(RET);
}

/* Those that are called; each of them calls the one before it at most. */
static void put_functions(u32 start)
{
	u32 at[FUNCS], called = 0, i, k;

	for (i = start; i < n; i++)
		if (prog->code[i].op == BVM_IR_CALL_SUB)
			called |= BIT(prog->code[i].off);
	for (k = FUNCS; k--;) {
		if (!(called & BIT(k)))
			continue;
		at[k] = n;
		put_function(k);
		for (i = at[k]; i < n; i++)
			if (prog->code[i].op == BVM_IR_CALL_SUB)
				called |= BIT(prog->code[i].off);
	}
	for (i = start; i < n; i++) {
		if (prog->code[i].op == BVM_IR_CALL_SUB)
			prog->code[i].off = at[prog->code[i].off];
		else if (prog->code[i].op == BVM_IR_JGT64R && prog->code[i].off < 0)
			prog->code[i].off = ~prog->code[i].off;
	}
}

static void (*const put_pattern[])(void) = {
	put_bytes, put_stores, put_rotation, put_ranges, put_sums, put_tries, put_choice,
	put_flags, put_call,
};

/* Only between the pieces that put_any() makes do jumps go, and not past the end. */
struct bvm_ir_prog *ir_random(u64 from, u64 pieces)
{
	u32 place[BODY + 1], count, i, r, target, start, loops = 0;

	seed = from;
	count = 1 + below(BODY);
	tmps = below(2);
	prog = bvm_ir_alloc(BODY * 40 + 200);
	n = 0;
	set_registers(0, BVM_IR_TMP1);
	for (i = 0; i < STACK / 8; i++)
		PUT(STORE64I, .dst = BVM_IR_FP, .off = -8 * (s32)(i + 1), .imm = (s32)number());
	for (i = 0; i < LOOPS; i++)
		PUT(STORE64I, .dst = BVM_IR_FP, .off = -8 * (s32)(i + 1) - STACK, .imm = below(4));
	start = n;
	for (i = 0; i < count; i++) {
		place[i] = n;
		if (!below(4))
			put_pattern[below(ARRAY_SIZE(put_pattern))]();
		else if (loops < LOOPS && !below(12))
			put_loop(below(i + 1), &loops);
		else
			put_any(i + 1);
		if (!(pieces >> i & 1))
			n = place[i];
	}
	place[count] = n;
	for (i = start; i < n; i++) {
		u8 form = ops[prog->code[i].op].form;

		if (form != BVM_FORM_JUMP_SRC && form != BVM_FORM_JUMP_IMM)
			continue;
		target = prog->code[i].off;
		/* of put_tries() */
		if ((s32)target < 0) {
			prog->code[i].off = ~target;
			continue;
		}
		/* backwards: put_loop() */
		prog->code[i].off = target > BODY ? place[target - BODY - 1] :
						    place[min(target, count)];
	}
	/* the result is of all registers and of the stack */
	for (i = 0; i < STACK / 8; i++) {
		PUT(MUL64I, .dst = 0, .imm = 31);
		PUT(XOR64R, .dst = 0, .src = 1);
		PUT(LOAD64, .dst = 1, .src = BVM_IR_FP, .off = -8 * (s32)(i + 1));
	}
	for (r = 1; r < BVM_IR_REGS; r++) {
		if (r == BVM_IR_FP || (!tmps && r > BVM_IR_FP))
			continue;
		PUT(MUL64I, .dst = 0, .imm = 31);
		PUT(XOR64R, .dst = 0, .src = r);
	}
	PUT(EXIT);
	put_functions(start);
	prog->len = n;
	prog->stack_size = FRAME + FUNCS * BVM_IR_SAVE;
	return prog;
}

void ir_show(const struct bvm_ir_prog *p)
{
	char text[80];
	u32 i;

	for (i = 0; i < p->len; i++) {
		bvm_ir_print(text, sizeof(text), &p->code[i]);
		printf("# %3u: %s\n", i, text);
	}
}
