// SPDX-License-Identifier: GPL-2.0-only
/*
 * The interpreter (behind decoder and lowering) against plain C: every operation in
 * every width and form, on corner values and on random ones.
 */
#include "exec_run.h"

static const u64 corners[] = {
	0, 1, 2, 3, 7, 8, 31, 32, 33, 63, 64, 65, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff,
	0x10000, 0x7fffffff, 0x80000000, 0x80000001, 0xffffffff, 0x100000000, 0x123456789abcdef0,
	0x7fffffffffffffff, 0x8000000000000000, 0x8000000000000001, 0xfffffffffffffffe,
	0xffffffffffffffff, 0xffffffff00000000, 0xffffffff80000000, 0xffffffff7fffffff,
};

static u64 random64(void)
{
	/* half of them near a corner, where carries and signs are */
	u64 r = (u64)host_random() << 32 | host_random();

	if (r & 1)
		return corners[(r >> 8) % ARRAY_SIZE(corners)] + (s64)(s8)(r >> 16);
	return r;
}

/* ---------------------------------------------------------------- oracle */

/* RFC 9669 section 4.1, written with 128-bit integers: nothing overflows. */
static u64 alu_oracle(u8 op, int bits, u64 a, u64 b)
{
	__int128 sa = bits == 64 ? (s64)a : (s32)a, sb = bits == 64 ? (s64)b : (s32)b;
	__uint128_t ua = bits == 64 ? a : (u32)a, ub = bits == 64 ? b : (u32)b;
	__uint128_t r = 0;
	int count = ub % bits;

	switch (op) {
	case BVM_ADD:
		r = ua + ub;
		break;
	case BVM_SUB:
		r = ua - ub;
		break;
	case BVM_MUL:
		r = ua * ub;
		break;
	case BVM_DIV:
		r = ub ? ua / ub : 0;
		break;
	case BVM_SDIV:
		r = sb ? sa / sb : 0;
		break;
	case BVM_MOD:
		r = ub ? ua % ub : ua;
		break;
	case BVM_SMOD:
		r = sb ? sa % sb : sa;
		break;
	case BVM_OR:
		r = ua | ub;
		break;
	case BVM_AND:
		r = ua & ub;
		break;
	case BVM_XOR:
		r = ua ^ ub;
		break;
	case BVM_LSH:
		r = ua << count;
		break;
	case BVM_RSH:
		r = ua >> count;
		break;
	case BVM_ARSH:
		r = sa >> count;
		break;
	}
	return bits == 64 ? (u64)r : (u32)r;
}

static bool cond_oracle(u8 cond, int bits, u64 a, u64 b)
{
	__int128 sa = bits == 64 ? (s64)a : (s32)a, sb = bits == 64 ? (s64)b : (s32)b;
	__int128 ua = bits == 64 ? a : (u32)a, ub = bits == 64 ? b : (u32)b;

	switch (cond) {
	case BVM_JEQ: return ua == ub;
	case BVM_JNE: return ua != ub;
	case BVM_JSET: return (ua & ub) != 0;
	case BVM_JGT: return ua > ub;
	case BVM_JGE: return ua >= ub;
	case BVM_JLT: return ua < ub;
	case BVM_JLE: return ua <= ub;
	case BVM_JSGT: return sa > sb;
	case BVM_JSGE: return sa >= sb;
	case BVM_JSLT: return sa < sb;
	default: return sa <= sb;
	}
}

/* ------------------------------------------------- all operations, all forms */

struct pair {
	u64 a, b;
};

static u64 oracle_of(const struct bvm_insn *insn, u64 a, u64 b)
{
	int bits = insn->size * 8;

	return insn->class == BVM_JCOND ? cond_oracle(insn->op, bits, a, b) :
					  alu_oracle(insn->op, bits, a, b);
}

/* if (a op b) r0 = 1 else 0; or r0 = a op b; a and b come from the context */
static struct bvm_ir_prog *binary_prog(struct bpf_insn insn)
{
	bool jump = BPF_CLASS(insn.code) == BPF_JMP || BPF_CLASS(insn.code) == BPF_JMP32;

	if (jump)
		return LOWER(LDX(BPF_DW, 6, 1, 0), LDX(BPF_DW, 7, 1, 8), MOV(0, 1), insn,
			     MOV(0, 0), EXIT);
	return LOWER(LDX(BPF_DW, 6, 1, 0), LDX(BPF_DW, 7, 1, 8), insn, MOVR(0, 6), EXIT);
}

static void check_pair(const struct bvm_ir_prog *ir, const struct bvm_insn *dec, u8 code,
		       u64 a, u64 b, u64 want_b)
{
	struct pair pair = { a, b };
	u64 got = EXEC(ir, &pair), want = oracle_of(dec, a, want_b);

	CHECK(got == want, "%02x size %u op %u: %llx, %llx: got %llx, want %llx", code, dec->size,
	      dec->op, a, want_b, got, want);
}

static void check_binary(struct bpf_insn insn)
{
	struct bvm_insn dec;
	struct bvm_ir_prog *ir;
	u32 i, j;

	if (!CHECK(!bvm_decode(&insn, 1, &dec), "decode"))
		return;
	ir = binary_prog(insn);
	if (!CHECK(!IS_ERR(ir), "lower"))
		return;
	for (i = 0; i < ARRAY_SIZE(corners); i++)
		for (j = 0; j < ARRAY_SIZE(corners); j++)
			check_pair(ir, &dec, insn.code, corners[i], corners[j],
				   dec.flags & BVM_F_SRC_REG ? corners[j] : dec.imm);
	for (i = 0; i < 2000; i++) {
		u64 a = random64(), b = random64();

		check_pair(ir, &dec, insn.code, a, b, dec.flags & BVM_F_SRC_REG ? b : dec.imm);
	}
	bvm_ir_free(ir);
	if (!(dec.flags & BVM_F_SRC_REG))
		return;
	/* the same register twice */
	insn.src_reg = insn.dst_reg;
	ir = binary_prog(insn);
	for (i = 0; i < ARRAY_SIZE(corners); i++)
		check_pair(ir, &dec, insn.code, corners[i], 0, corners[i]);
	bvm_ir_free(ir);
}

/* Calls @fn for every encoding of a class: registers, then immediates; signed division too. */
static void each_encoding(u8 class)
{
	static const s32 imms[] = { 0, 1, 2, 3, 7, 31, 32, 63, 64, 255, 65535, 0x7fffffff,
				    -2147483647 - 1, -2147483647, -1, -2, -3, -128, -65536 };
	u32 code, i, signed_form;
	struct bvm_insn dec;

	for (code = 0; code < 256; code++) {
		const struct bvm_opcode *row = &bvm_opcodes[code];
		u32 forms = row->op == BVM_DIV || row->op == BVM_MOD ? 2 : 1;

		if (!row->rules || row->class != class)
			continue;
		for (signed_form = 0; signed_form < (class == BVM_ALU ? forms : 1); signed_form++) {
			/* a jump skips one instruction */
			int off = class == BVM_JCOND ? 1 : signed_form;

			if (row->flags & BVM_F_SRC_REG) {
				check_binary(I(code, 6, 7, off, 0));
				continue;
			}
			for (i = 0; i < ARRAY_SIZE(imms); i++) {
				struct bpf_insn insn = I(code, 6, 0, off, imms[i]);

				/* constant 0 divisors and wide shifts are refused */
				if (!bvm_decode(&insn, 1, &dec))
					check_binary(insn);
			}
		}
	}
}

static void alu(void)
{
	each_encoding(BVM_ALU);
}

static void jumps(void)
{
	each_encoding(BVM_JCOND);
}

static void unary(void)
{
	static const struct {
		struct bpf_insn insn;
		int kind, width;
	} ops[] = {
		{ I(BPF_ALU64 | BPF_NEG, 6, 0, 0, 0), 'n', 64 },
		{ I(BPF_ALU | BPF_NEG, 6, 0, 0, 0), 'n', 32 },
		{ I(BPF_ALU64 | BPF_MOV | BPF_X, 6, 7, 0, 0), 'm', 64 },
		{ I(BPF_ALU | BPF_MOV | BPF_X, 6, 7, 0, 0), 'm', 32 },
		{ I(BPF_ALU64 | BPF_MOV | BPF_X, 6, 7, 8, 0), 'x', 8 },
		{ I(BPF_ALU64 | BPF_MOV | BPF_X, 6, 7, 16, 0), 'x', 16 },
		{ I(BPF_ALU64 | BPF_MOV | BPF_X, 6, 7, 32, 0), 'x', 32 },
		{ I(BPF_ALU | BPF_MOV | BPF_X, 6, 7, 8, 0), 'y', 8 },
		{ I(BPF_ALU | BPF_MOV | BPF_X, 6, 7, 16, 0), 'y', 16 },
		{ I(BPF_ALU | BPF_END | BPF_TO_LE, 6, 0, 0, 16), 'l', 16 },
		{ I(BPF_ALU | BPF_END | BPF_TO_LE, 6, 0, 0, 32), 'l', 32 },
		{ I(BPF_ALU | BPF_END | BPF_TO_LE, 6, 0, 0, 64), 'l', 64 },
		{ I(BPF_ALU | BPF_END | BPF_TO_BE, 6, 0, 0, 16), 'b', 16 },
		{ I(BPF_ALU | BPF_END | BPF_TO_BE, 6, 0, 0, 32), 'b', 32 },
		{ I(BPF_ALU | BPF_END | BPF_TO_BE, 6, 0, 0, 64), 'b', 64 },
		{ I(BPF_ALU64 | BPF_END, 6, 0, 0, 16), 's', 16 },
		{ I(BPF_ALU64 | BPF_END, 6, 0, 0, 32), 's', 32 },
		{ I(BPF_ALU64 | BPF_END, 6, 0, 0, 64), 's', 64 },
	};
	u32 i, j;

	for (i = 0; i < ARRAY_SIZE(ops); i++) {
		int width = ops[i].width, k;

		for (j = 0; j < ARRAY_SIZE(corners) + 1000; j++) {
			u64 a = j < ARRAY_SIZE(corners) ? corners[j] : random64();
			u64 low = width == 64 ? a : a & ((1ULL << width) - 1), want = low, got;
			struct pair pair = { a, a };

			switch (ops[i].kind) {
			case 'n':
				want = 0 - low;
				if (width == 32)
					want = (u32)want;
				break;
			case 'x':
			case 'y':
				if (low >> (width - 1))
					want = low - (1ULL << width);
				if (ops[i].kind == 'y')
					want = (u32)want;
				break;
			case 's':
			case 'b':
			case 'l':
				if (ops[i].kind != 's' &&
				    (ops[i].kind == 'b') != (cpu_to_le16(1) == 1))
					break;
				for (k = 0, want = 0; k < width; k += 8)
					want |= (low >> k & 0xff) << (width - 8 - k);
				break;
			}
			got = RUN(&pair, LDX(BPF_DW, 6, 1, 0), LDX(BPF_DW, 7, 1, 8), ops[i].insn,
				  MOVR(0, 6), EXIT);
			CHECK(got == want, "%02x %c%d of %llx: got %llx, want %llx",
			      ops[i].insn.code, ops[i].kind, width, a, got, want);
		}
	}
	CHECK_EQ(RUN(NULL, I(BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, -1), EXIT), -1);
	CHECK_EQ(RUN(NULL, I(BPF_ALU | BPF_MOV | BPF_K, 0, 0, 0, -1), EXIT), 0xffffffff);
	CHECK_EQ(RUN(NULL, I(0x18, 0, 0, 0, 0x11223344), I(0, 0, 0, 0, 0x55667788), EXIT),
		 0x5566778811223344);
}

/* ------------------------------------------------------------------ memory */

static void memory(void)
{
	static const u8 sizes[] = { BPF_B, BPF_H, BPF_W, BPF_DW };
	u32 s, off, i;

	for (s = 0; s < ARRAY_SIZE(sizes); s++) {
		u32 bytes = 1 << s, bits = 8 * bytes;
		u64 keep = bytes == 8 ? 0 : ~0ULL << bits;

		for (i = 0; i < ARRAY_SIZE(corners) * 8; i++) {
			u64 v = corners[i / 8], low = v & ~keep, want;
			u8 buf[24] = { 0 }, before[24];

			off = i % 8;	/* unaligned too */
			memset(buf, 0x5a, sizeof(buf));
			memcpy(before, buf, sizeof(buf));
			memcpy(buf + off, &v, bytes);
			CHECK_EQ(RUN(buf, LDX(sizes[s], 0, 1, off), EXIT), low);
			if (bytes < 8) {
				want = low >> (bits - 1) ? low | keep : low;
				CHECK_EQ(RUN(buf, I(BPF_LDX | BPF_MEMSX | sizes[s], 0, 1, off, 0),
					     EXIT), want);
			}
			/* a store changes its own bytes only; the base may have moved */
			memcpy(buf, before, sizeof(buf));
			RUN(buf, I(0x18, 6, 0, 0, (s32)v), I(0, 0, 0, 0, v >> 32),
			    I(BPF_ALU64 | BPF_ADD | BPF_K, 1, 0, 0, 100),
			    STX(sizes[s], 1, 6, (int)off - 100), EXIT);
			CHECK(!memcmp(buf + off, &v, bytes) && !memcmp(buf, before, off) &&
			      !memcmp(buf + off + bytes, before, 16 - bytes), "store %u", bytes);
			memcpy(buf, before, sizeof(buf));
			RUN(buf, I(BPF_ST | BPF_MEM | sizes[s], 1, 0, off, (s32)v), EXIT);
			want = (s64)(s32)v;
			CHECK(!memcmp(buf + off, &want, bytes) && !memcmp(buf, before, off) &&
			      !memcmp(buf + off + bytes, before, 16 - bytes), "imm %u", bytes);
		}
	}
}

static void stack(void)
{
	/* both ends of the stack, and that they are apart */
	CHECK_EQ(RUN(NULL, I(BPF_ST | BPF_MEM | BPF_DW, 10, 0, -512, 5),
		     I(BPF_ST | BPF_MEM | BPF_DW, 10, 0, -8, 7), LDX(BPF_DW, 0, 10, -512),
		     LDX(BPF_DW, 1, 10, -8), I(BPF_ALU64 | BPF_MUL | BPF_X, 0, 1, 0, 0), EXIT), 35);
}

/* ----------------------------------------------------------------- atomics */

struct atomic_ctx {
	u64 before;
	u64 cell;
	u64 after;
	u64 src, r0;
};

static void atomic_case(s32 imm, bool wide, u64 cell, u64 src, u64 r0)
{
	struct atomic_ctx ctx = { 0x1111, cell, 0x2222, src, r0 };
	u64 mask = wide ? ~0ULL : 0xffffffff, old = cell & mask, in = src & mask, want = 0;
	u64 want_src = src, want_r0 = r0;

	RUN(&ctx, LDX(BPF_DW, 0, 1, 32), LDX(BPF_DW, 2, 1, 24),
	    I(BPF_STX | BPF_ATOMIC | (wide ? BPF_DW : BPF_W), 1, 2, 8, imm),
	    STX(BPF_DW, 1, 2, 24), STX(BPF_DW, 1, 0, 32), EXIT);
	switch (imm & ~BPF_FETCH) {
	case BPF_ADD:
		want = old + in;
		break;
	case BPF_OR:
		want = old | in;
		break;
	case BPF_AND:
		want = old & in;
		break;
	case BPF_XOR:
		want = old ^ in;
		break;
	case 0xe0:
		want = in;
		break;
	case 0xf0:
		want = old == (r0 & mask) ? in : old;
		break;
	}
	if (imm == BPF_CMPXCHG)
		want_r0 = old;
	else if (imm & BPF_FETCH)
		want_src = old;
	want = (want & mask) | (cell & ~mask);
	CHECK(ctx.cell == want, "%x wide %d: memory %llx, want %llx", imm, wide, ctx.cell, want);
	CHECK(ctx.src == want_src, "%x wide %d: src %llx, want %llx", imm, wide, ctx.src, want_src);
	CHECK(ctx.r0 == want_r0, "%x wide %d: r0 %llx, want %llx", imm, wide, ctx.r0, want_r0);
	CHECK(ctx.before == 0x1111 && ctx.after == 0x2222, "neighbours");
}

static void atomics(void)
{
	static const s32 ops[] = { 0, 0x40, 0x50, 0xa0, 1, 0x41, 0x51, 0xa1, 0xe1, 0xf1 };
	u32 i, j, k;

	for (i = 0; i < ARRAY_SIZE(ops); i++)
		for (j = 0; j < ARRAY_SIZE(corners); j++)
			for (k = 0; k < ARRAY_SIZE(corners); k++) {
				u64 a = corners[j], b = corners[k];

				atomic_case(ops[i], true, a, b, b);
				atomic_case(ops[i], false, a, b, b);
				if (ops[i] != BPF_CMPXCHG)
					continue;
				/* equal; equal in the low half only */
				atomic_case(ops[i], true, a, b, a);
				atomic_case(ops[i], false, a, b, a);
				atomic_case(ops[i], false, a, b, a ^ 0xffffffff00000000);
			}
}

/* ------------------------------------------------------------ control flow */

static void loops(void)
{
	/* sum of 1..100 */
	CHECK_EQ(RUN(NULL, MOV(0, 0), MOV(1, 100), I(0x0f, 0, 1, 0, 0), I(0x07, 1, 0, 0, -1),
		     I(0x55, 1, 0, -3, 0), EXIT), 5050);
	/* goto and gotol, both ways */
	CHECK_EQ(RUN(NULL, MOV(0, 1), I(0x05, 0, 0, 2, 0), I(0x07, 0, 0, 0, 10), EXIT,
		     I(0x06, 0, 0, 0, -3)), 11);
	/* may_goto ends an endless loop after its budget */
	CHECK_EQ(RUN(NULL, MOV(0, 0), I(0xe5, 0, 0, 2, 0), I(0x07, 0, 0, 0, 1),
		     I(0x05, 0, 0, -3, 0), EXIT), BVM_IR_BUDGET);
	/* a function that is called has one of its own; the caller's stays used up */
	CHECK_EQ(RUN(NULL, MOV(6, 0), I(0xe5, 0, 0, 2, 0), I(0x07, 6, 0, 0, 1),
		     I(0x05, 0, 0, -3, 0), I(0x85, 0, 1, 0, 5), I(0x0f, 6, 0, 0, 0),
		     I(0xe5, 0, 0, 1, 0), I(0x07, 6, 0, 0, 1), I(0xbf, 0, 6, 0, 0), EXIT,
		     MOV(0, 0), I(0xe5, 0, 0, 2, 0), I(0x07, 0, 0, 0, 1),
		     I(0x05, 0, 0, -3, 0), EXIT), 2 * BVM_IR_BUDGET);
}

/* ---------------------------------------------------- fault-tolerant loads */

static void probes(void)
{
	struct bvm_ir_prog *ir = bvm_ir_alloc(2);
	u64 cell = 0x8877665544332211;
	u32 i;

	for (i = 0; i < 4; i++) {
		u64 want = i == 3 ? cell : cell & ((1ULL << (8 << i)) - 1);

		ir->stack_size = 0;
		ir->code[0] = (struct bvm_ir){ .op = BVM_IR_PROBE8 + i, .src = 1, .off = 16 };
		ir->code[1] = (struct bvm_ir){ .op = BVM_IR_EXIT };
		CHECK_EQ(EXEC(ir, (char *)&cell - 16), want);
		CHECK_EQ(EXEC(ir, NULL), 0);
	}
	bvm_ir_free(ir);
}

static void faulting_stores(void)
{
	struct bvm_ir_prog *ir = bvm_ir_alloc(3);
	u64 cell[3], want[3];
	u32 i;

	for (i = 0; i < 4; i++) {
		memset(cell, 0x55, sizeof(cell));
		memset(want, 0x55, sizeof(want));
		memcpy((char *)want + 4, &(u64){ 0x8877665544332211 }, 1 << i);
		ir->stack_size = 0;
		ir->code[0] = (struct bvm_ir){ .op = BVM_IR_MOVI, .imm = 0x8877665544332211 };
		ir->code[1] = (struct bvm_ir){ .op = BVM_IR_PUT8 + i, .dst = 1, .off = -12 };
		ir->code[2] = (struct bvm_ir){ .op = BVM_IR_EXIT };
		CHECK_EQ(EXEC(ir, cell + 2), 0x8877665544332211);
		CHECK(!memcmp(cell, want, sizeof(cell)), "%u bits", 8 << i);
		ir->code[1].off = 12;
		CHECK_EQ(EXEC(ir, NULL), 0x8877665544332211);
	}
	bvm_ir_free(ir);
}

int main(void)
{
	static const struct ktap_test tests[] = {
		{ "arithmetic against plain C", alu },
		{ "conditional jumps against plain C", jumps },
		{ "moves, negation, swaps", unary },
		{ "loads and stores", memory },
		{ "stack", stack },
		{ "atomics", atomics },
		{ "loops", loops },
		{ "fault-tolerant loads", probes },
		{ "fault-tolerant stores", faulting_stores },
	};

	return ktap_run(tests, ARRAY_SIZE(tests));
}
