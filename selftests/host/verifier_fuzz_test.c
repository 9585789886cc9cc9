// SPDX-License-Identifier: GPL-2.0-only
/*
 * Random programs, verified; what is accepted runs twice: in the interpreter under the
 * address sanitizer, and step by step in a plain machine of this file, which knows
 * every byte that a program may touch and compares each access with the facts.
 *
 *	verifier_fuzz_test [SECONDS [SEED]]
 *
 * Without arguments: a few seconds from a fixed seed; with 0 seconds: the one program of
 * that seed.  A failing program is printed with its log and its seed.
 */
#include <signal.h>
#include <time.h>
#include <unistd.h>
#include "ktap.h"
#include "verif.h"
#include "../lib/insn.h"

#define MAX_LEN		160
#define MAX_FUNCS	4
#define RECORD		(-104)	/* stack slot that keeps a record */

enum { HASH, ARRAY, READ_ONLY, RING, OF_MAPS, FROZEN, NR_MAPS };

static struct bvm_map *maps[NR_MAPS];
#include "verifier_machine.h"

static struct bpf_insn prog[MAX_LEN + 8];
static u32 len;
static char log_buf[1 << 20];

/* A generator that is not the one the helpers use. */
static u64 gen_seed = 1;

static u32 rnd(u32 n)
{
	gen_seed = gen_seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (u32)(gen_seed >> 33) % n;
}

static bool chance(u32 percent)
{
	return rnd(100) < percent;
}

static s32 rnd_imm(void)
{
	static const s32 edge[] = {
		0, 1, -1, 2, 7, 8, 15, 16, 31, 32, 40, 47, 48, 63, 64, 127, 128, 255, 256, 4095,
		S32_MAX, S32_MIN, 0x7ffffff8, -8, -16, -48, 0x10000,
	};

	return chance(80) ? edge[rnd(ARRAY_SIZE(edge))] : (s32)(gen_seed >> 20);
}

static void put(struct bpf_insn insn)
{
	if (len < MAX_LEN)
		prog[len++] = insn;
}

/* ------------------------------------------------------------- generation */

/* What the generator believes; a wrong belief only makes a program that is refused. */
enum belief { NUMBER, SMALL, STACK, VALUE };
static enum belief reg[10];

/* Functions that are called, and those that are called back, which get a number and a STACK. */
static struct func {
	u32 start;
	bool callback;
	enum belief arg[2];
} funcs[MAX_FUNCS];
static u32 nr_funcs, this_func;
static bool held;	/* a record is, and lies at RECORD */
static bool loops;	/* rarely: most random loops use up the budget */

static u32 some_reg(enum belief kind)
{
	u32 i, r = rnd(10);

	for (i = 0; i < 10; i++, r = (r + 1) % 10)
		if (reg[r] == kind)
			return r;
	return r;
}

/* A register with such a pointer, or r10. */
static u32 some_base(enum belief kind)
{
	u32 r = some_reg(kind);

	return reg[r] == kind || chance(2) ? r : BPF_REG_10;
}

static u32 some_number(void)
{
	return some_reg(chance(50) ? SMALL : NUMBER);
}

static void gen_alu(void)
{
	static const u8 ops[] = { BPF_ADD, BPF_SUB, BPF_MUL, BPF_DIV, BPF_OR, BPF_AND, BPF_LSH,
				  BPF_RSH, BPF_MOD, BPF_XOR, BPF_ARSH };
	u8 op = ops[rnd(ARRAY_SIZE(ops))], class = chance(60) ? BPF_ALU64 : BPF_ALU;
	u32 dst = some_number();
	s32 imm = rnd_imm();
	bool is_div = op == BPF_DIV || op == BPF_MOD;

	if (op == BPF_LSH || op == BPF_RSH || op == BPF_ARSH)
		imm &= class == BPF_ALU ? 31 : 63;
	if (is_div && !imm)
		imm = 3;
	if (chance(50))
		put(BPF_INSN(class | op | BPF_K, dst, 0, is_div && chance(50), imm));
	else
		put(BPF_INSN(class | op | BPF_X, dst, some_number(), is_div && chance(50), 0));
	reg[dst] = op == BPF_AND && imm >= 0 && imm < 256 ? SMALL : NUMBER;
}

static void gen_unary(void)
{
	static const u8 ext[] = { 8, 16, 32 }, width[] = { 16, 32, 64 };
	u32 dst = some_number();

	switch (rnd(3)) {
	case 0:
		put(BPF_INSN((chance(50) ? BPF_ALU64 : BPF_ALU) | BPF_NEG, dst, 0, 0, 0));
		break;
	case 1:
		put(BPF_INSN(chance(50) ? BPF_ALU64 | BPF_END : BPF_ALU | BPF_END | BPF_TO_BE,
			     dst, 0, 0, width[rnd(3)]));
		break;
	default:
		put(BPF_INSN(BPF_ALU64 | BPF_MOV | BPF_X, dst, some_number(), ext[rnd(3)], 0));
	}
	reg[dst] = NUMBER;
}

static void gen_mov(void)
{
	u32 dst = rnd(10), src = rnd(10);

	if (chance(40)) {
		put(BPF_INSN((chance(50) ? BPF_ALU64 : BPF_ALU) | BPF_MOV | BPF_K, dst, 0, 0,
			     rnd_imm()));
		reg[dst] = NUMBER;
	} else if (chance(80)) {
		put(BPF_MOV64_REG(dst, src));
		reg[dst] = reg[src];
	} else {
		put(BPF_INSN(BPF_ALU | BPF_MOV | BPF_X, dst, src, 0, 0));
		reg[dst] = NUMBER;
	}
}

/* r = random & mask, then often bounded by a comparison */
static void gen_index(void)
{
	static const u8 mask[] = { 7, 8, 15, 31, 39, 40, 56, 63, 0xff };
	u32 dst = some_number();

	put(BPF_ALU64_IMM(BPF_AND, dst, mask[rnd(ARRAY_SIZE(mask))]));
	reg[dst] = SMALL;
}

static void gen_jump(void)
{
	static const u8 ops[] = { BPF_JEQ, BPF_JGT, BPF_JGE, BPF_JSET, BPF_JNE, BPF_JSGT,
				  BPF_JSGE, BPF_JLT, BPF_JLE, BPF_JSLT, BPF_JSLE };
	u8 op = ops[rnd(ARRAY_SIZE(ops))], class = chance(60) ? BPF_JMP : BPF_JMP32;
	s32 to = 1 + rnd(6);

	if (loops && chance(10) && len > funcs[this_func].start + 6)
		to = -(s32)(2 + rnd(5));
	if (chance(50))
		put(BPF_INSN(class | op | BPF_K, rnd(10), 0, to, rnd_imm()));
	else if (chance(90))
		put(BPF_INSN(class | op | BPF_X, some_number(), some_number(), to, 0));
	else
		put(BPF_INSN(BPF_JMP | BPF_JA, 0, 0, 0, 0));
}

static void gen_pointer(void)
{
	u32 dst = rnd(10);

	if (chance(60)) {
		put(BPF_MOV64_REG(dst, BPF_REG_10));
		put(BPF_ALU64_IMM(BPF_ADD, dst, -8 * (s32)(1 + rnd(12))));
		reg[dst] = STACK;
	} else {
		put(BPF_INSN(BPF_LD | BPF_DW | BPF_IMM, dst, BPF_PSEUDO_MAP_VALUE, 0, 1));
		put(BPF_INSN(0, 0, 0, 0, 8 * rnd(6)));
		reg[dst] = VALUE;
	}
	if (chance(50))
		put(BPF_ALU64_REG(chance(85) ? BPF_ADD : BPF_SUB, dst, some_reg(SMALL)));
}

static s32 gen_off(u32 base, u32 size)
{
	if (base == BPF_REG_10)
		return -(s32)(size * (1 + rnd(96 / size)));
	return chance(60) ? 0 : size * rnd(48 / size) - (chance(10) ? 8 : 0);
}

static void gen_call(void);

static void gen_memory(void)
{
	static const u8 sizes[] = { BPF_B, BPF_H, BPF_W, BPF_DW }, atomics[] = {
		BPF_ADD, BPF_OR, BPF_AND, BPF_XOR, BPF_ADD | BPF_FETCH, BPF_OR | BPF_FETCH,
		BPF_AND | BPF_FETCH, BPF_XOR | BPF_FETCH, BPF_XCHG, BPF_CMPXCHG,
	};
	u32 s = chance(50) ? 3 : rnd(4), base = chance(40) ? BPF_REG_10 :
		some_base(chance(50) ? STACK : VALUE);
	s32 off = gen_off(base, 1 << s);
	u32 r = rnd(10);

	switch (rnd(7)) {
	case 0:
	case 1:
		put(BPF_INSN(BPF_LDX | sizes[s] | (s < 3 && chance(30) ? BPF_MEMSX : BPF_MEM),
			     r, base, off, 0));
		reg[r] = NUMBER;
		break;
	case 2:
	case 3:
	case 4:
		put(BPF_STX_MEM(sizes[s], base, r, off));
		break;
	case 5:
		put(BPF_ST_MEM(sizes[s], base, off, rnd_imm()));
		break;
	default:
		s = 2 + rnd(2);
		put(BPF_ATOMIC_OP(sizes[s], atomics[rnd(ARRAY_SIZE(atomics))], base, some_number(),
				  gen_off(base, 1 << s)));
	}
}

/* After a call r1 to r5 have to be set again. */
static void set_arguments(void)
{
	u32 i;

	for (i = 1; i <= 5; i++) {
		if (chance(1))
			continue;
		put(chance(40) ? BPF_MOV64_IMM(i, rnd_imm()) : BPF_MOV64_REG(i, 6 + i % 4));
		reg[i] = prog[len - 1].code & BPF_X ? reg[6 + i % 4] : NUMBER;
	}
	reg[0] = NUMBER;
}

/* Jumps do not split instructions; some that are left may end too far. */
static void fix_jumps(void)
{
	u32 i, class;
	s32 to;

	for (i = 0; i < len; i++) {
		class = BPF_CLASS(prog[i].code);
		if ((class != BPF_JMP && class != BPF_JMP32) ||
		    BPF_OP(prog[i].code) == BPF_CALL || BPF_OP(prog[i].code) == BPF_EXIT)
			continue;
		to = (s32)i + 1 + prog[i].off;
		if (to > 0 && to < (s32)len && prog[to - 1].code == (BPF_LD | BPF_DW | BPF_IMM))
			prog[i].off++;
	}
}

static void load_map(u32 dst, u32 src, u32 map, u32 off)
{
	put(BPF_INSN(BPF_LD | BPF_DW | BPF_IMM, dst, src, 0, map));
	put(BPF_INSN(0, 0, 0, 0, off));
}

static void submit(void)
{
	put(BPF_LDX_MEM(BPF_DW, BPF_REG_1, BPF_REG_10, RECORD));
	put(BPF_MOV64_IMM(BPF_REG_2, 0));
	put(BPF_EMIT_CALL(chance(50) ? BPF_FUNC_ringbuf_submit : BPF_FUNC_ringbuf_discard));
}

/* The function ends unless @cond holds for @dst and @imm. */
static void unless(u32 cond, u32 dst, s32 imm)
{
	put(BPF_JMP_IMM(cond, dst, imm, held ? 5 : 2));
	if (held)
		submit();
	put(BPF_MOV64_IMM(BPF_REG_0, 0));
	put(BPF_EXIT_INSN());
}

/* A record, often checked, and kept; or what was kept is given back. */
static void gen_record(void)
{
	u32 keep = 6 + rnd(4);

	if (held) {
		submit();
		set_arguments();
		held = chance(2);
		return;
	}
	load_map(BPF_REG_1, BPF_PSEUDO_MAP_FD, RING, 0);
	put(BPF_MOV64_IMM(BPF_REG_2, chance(80) ? 48 : rnd(50)));
	put(BPF_MOV64_IMM(BPF_REG_3, 0));
	put(BPF_EMIT_CALL(BPF_FUNC_ringbuf_reserve));
	put(BPF_STX_MEM(BPF_DW, BPF_REG_10, BPF_REG_0, RECORD));
	set_arguments();
	put(BPF_MOV64_REG(keep, BPF_REG_0));
	if (chance(95))
		unless(BPF_JNE, BPF_REG_0, 0);
	reg[0] = VALUE;
	reg[keep] = VALUE;
	held = chance(98);
}

/* r0 = value in a map in a map */
static void gen_inner(void)
{
	u32 i;

	for (i = 0; i < 2; i++) {
		put(BPF_MOV64_REG(BPF_REG_2, BPF_REG_10));
		put(BPF_ALU64_IMM(BPF_ADD, BPF_REG_2, -8));
		put(BPF_ST_MEM(BPF_DW, BPF_REG_2, 0, chance(80) ? 0 : rnd(3)));
		if (i)
			put(BPF_MOV64_REG(BPF_REG_1, BPF_REG_0));
		else
			load_map(BPF_REG_1, BPF_PSEUDO_MAP_FD, OF_MAPS, 0);
		put(BPF_EMIT_CALL(BPF_FUNC_map_lookup_elem));
		set_arguments();
		if (chance(95))
			unless(BPF_JNE, BPF_REG_0, 0);
	}
	reg[0] = VALUE;
}

/* A number that may be known: decide by it, or use it as an index. */
static void gen_const(void)
{
	static const u8 sizes[] = { BPF_B, BPF_H, BPF_W, BPF_DW };
	u32 dst = some_number(), base = 1 + rnd(5), s = rnd(4);

	load_map(base, BPF_PSEUDO_MAP_VALUE, chance(70) ? FROZEN : READ_ONLY, rnd(40));
	reg[base] = VALUE;
	put(BPF_INSN(BPF_LDX | sizes[s] | (s < 3 && chance(30) ? BPF_MEMSX : BPF_MEM), dst, base,
		     rnd(2), 0));
	reg[dst] = NUMBER;
	if (chance(50)) {
		put(BPF_JMP_IMM(chance(50) ? BPF_JGT : BPF_JSLT, dst, rnd(50), 2));
		put(BPF_ALU64_REG(BPF_ADD, base, dst));
		put(BPF_LDX_MEM(BPF_B, dst, base, 0));
	}
}

/* r0 = lookup; often checked, and kept */
static void gen_lookup(void)
{
	u32 keep = 6 + rnd(4);

	put(BPF_MOV64_REG(BPF_REG_2, BPF_REG_10));
	put(BPF_ALU64_IMM(BPF_ADD, BPF_REG_2, -8 * (s32)(1 + rnd(3))));
	put(BPF_INSN(BPF_LD | BPF_DW | BPF_IMM, BPF_REG_1, BPF_PSEUDO_MAP_FD, 0, rnd(2)));
	put(BPF_INSN(0, 0, 0, 0, 0));
	put(BPF_EMIT_CALL(BPF_FUNC_map_lookup_elem));
	set_arguments();
	if (chance(50)) {
		put(BPF_MOV64_REG(keep, BPF_REG_0));
		reg[keep] = VALUE;
	}
	if (chance(90))
		unless(BPF_JNE, BPF_REG_0, 0);
	reg[0] = VALUE;
}

/* Store a register as a whole, perhaps damage the copy, load it into another, use that. */
static void gen_spill(void)
{
	u32 src = some_reg(rnd(4)), dst = rnd(10), slot = 1 + rnd(6);

	put(BPF_STX_MEM(BPF_DW, BPF_REG_10, src, -8 * (s32)slot));
	if (chance(30))
		gen_memory();
	else if (chance(20))
		gen_call();
	put(BPF_LDX_MEM(BPF_DW, dst, BPF_REG_10, -8 * (s32)slot));
	reg[dst] = reg[src];
	if (reg[dst] == STACK || reg[dst] == VALUE)
		put(BPF_LDX_MEM(BPF_B, rnd(10), dst, 0));
}

/* Bound a copy of a number, perhaps after changing one of them; use the other as an index. */
static void gen_linked(void)
{
	u32 copy = rnd(10), num = some_number(), base = some_base(VALUE);

	put(BPF_ALU64_IMM(BPF_AND, num, 0xff));
	put(BPF_MOV64_REG(copy, num));
	reg[num] = NUMBER;
	reg[copy] = NUMBER;
	if (chance(30))
		put(BPF_JMP_IMM(BPF_JSET, some_number(), rnd_imm(), 1));
	if (chance(40))
		(chance(50) ? gen_unary : gen_alu)();
	unless(BPF_JLE, copy, 1 + rnd(47));
	put(BPF_ALU64_REG(BPF_ADD, base == BPF_REG_10 ? 1 : base, num));
	if (base != BPF_REG_10)
		put(BPF_LDX_MEM(BPF_B, num, base, 0));
}

static void gen_call(void)
{
	switch (rnd(4)) {
	case 0:
		gen_lookup();
		return;
	case 1:
		put(BPF_MOV64_REG(BPF_REG_1, BPF_REG_10));
		put(BPF_ALU64_IMM(BPF_ADD, BPF_REG_1, -(s32)(8 + rnd(64))));
		if (chance(50))
			put(BPF_MOV64_IMM(BPF_REG_2, rnd(40)));
		else
			put(BPF_MOV64_REG(BPF_REG_2, some_reg(SMALL)));
		put(BPF_MOV64_IMM(BPF_REG_3, 0));
		put(BPF_EMIT_CALL(chance(70) ? BPF_FUNC_probe_read_kernel :
					       BPF_FUNC_get_current_comm));
		break;
	default:
		put(BPF_EMIT_CALL(chance(50) ? BPF_FUNC_get_prandom_u32 : BPF_FUNC_ktime_get_ns));
	}
	set_arguments();
}

/* Functions are named by number until all are there; calling one further down ends. */
static u32 some_func(void)
{
	return chance(2) ? rnd(nr_funcs) : this_func + 1 + rnd(nr_funcs - this_func - 1);
}

static void gen_arg(u32 r, enum belief kind, s32 slot)
{
	if (kind == STACK) {
		put(BPF_MOV64_REG(r, BPF_REG_10));
		put(BPF_ALU64_IMM(BPF_ADD, r, slot));
	} else {
		put(BPF_MOV64_REG(r, 6 + some_reg(kind) % 4));
		if (kind == SMALL)
			put(BPF_ALU64_IMM(BPF_AND, r, 1 << rnd(6)));
	}
}

/* A function changes what its second argument points to, a little. */
static void gen_bump(void)
{
	u32 r = 6 + rnd(2), num = chance(50) ? 0 : 3;

	if (!this_func || reg[r] != STACK)
		return;
	put(BPF_LDX_MEM(BPF_DW, num, r, 0));
	put(BPF_ALU64_IMM(chance(80) ? BPF_ADD : BPF_XOR, num, rnd(20)));
	put(BPF_STX_MEM(BPF_DW, r, num, 0));
	reg[num] = NUMBER;
}

/* The number in a slot, into which a function may have written, as an index. */
static void gen_use_slot(s32 off)
{
	put(BPF_LDX_MEM(BPF_DW, BPF_REG_0, BPF_REG_10, off));
	if (chance(30))
		put(BPF_ALU64_IMM(BPF_AND, BPF_REG_0, 31));
	put(BPF_INSN(BPF_LD | BPF_DW | BPF_IMM, BPF_REG_3, BPF_PSEUDO_MAP_VALUE, 0, 1));
	put(BPF_INSN(0, 0, 0, 0, 0));
	put(BPF_ALU64_REG(BPF_ADD, BPF_REG_3, BPF_REG_0));
	put(BPF_LDX_MEM(BPF_B, BPF_REG_0, BPF_REG_3, 0));
	reg[3] = VALUE;
	reg[0] = NUMBER;
}

static void gen_func_call(void)
{
	s32 slot = -8 * (s32)(1 + rnd(12));
	bool through = chance(40);
	struct func *f;
	u32 n;

	if (this_func + 1 >= nr_funcs)
		return;
	n = some_func();
	f = &funcs[n];
	if (through)
		put(BPF_ST_MEM(BPF_DW, BPF_REG_10, slot, rnd(20)));
	if (!f->callback) {
		gen_arg(BPF_REG_1, f->arg[0], slot);
		gen_arg(BPF_REG_2, f->arg[1], slot);
		put(BPF_INSN(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, 0, n));
	} else {
		gen_arg(BPF_REG_3, STACK, slot);
		if (chance(70)) {
			put(BPF_MOV64_IMM(BPF_REG_1, rnd(6)));
		} else {
			put(BPF_MOV64_REG(BPF_REG_1, 6 + rnd(4)));
			put(BPF_ALU64_IMM(BPF_AND, BPF_REG_1, 7));
		}
		put(BPF_INSN(BPF_LD | BPF_DW | BPF_IMM, BPF_REG_2, BPF_PSEUDO_FUNC, 0, n));
		put(BPF_INSN(0, 0, 0, 0, 0));
		put(BPF_MOV64_IMM(BPF_REG_4, chance(98) ? 0 : 1));
		put(BPF_EMIT_CALL(BPF_FUNC_loop));
	}
	set_arguments();
	if (through)
		gen_use_slot(slot);
}

/* Instructions of this_func, at most @want and what it begins and ends with. */
static void gen_body(u32 want)
{
	static void (*const gen[])(void) = {
		gen_alu, gen_alu, gen_alu, gen_unary, gen_mov, gen_index, gen_index, gen_jump,
		gen_jump, gen_jump, gen_pointer, gen_pointer, gen_memory, gen_memory, gen_memory,
		gen_memory, gen_call, gen_spill, gen_spill, gen_linked, gen_linked, gen_func_call,
		gen_func_call, gen_func_call, gen_bump, gen_bump, gen_bump, gen_record, gen_record,
		gen_inner, gen_const, gen_const,
	};
	struct func *f = &funcs[this_func];
	u32 i;

	f->start = len;
	held = false;
	memset(reg, 0, sizeof(reg));
	for (i = 0; i < 2 && this_func; i++) {
		put(BPF_MOV64_REG(6 + i, 1 + i));
		reg[6 + i] = f->arg[i];
	}
	for (i = this_func ? 8 : 6; i < 10; i++) {
		put(BPF_EMIT_CALL(BPF_FUNC_ktime_get_ns));
		put(BPF_MOV64_REG(i, BPF_REG_0));
	}
	set_arguments();
	while (len < f->start + want && len < MAX_LEN)
		gen[rnd(ARRAY_SIZE(gen))]();
	if (held)
		submit();
	put(BPF_MOV64_IMM(BPF_REG_0, 0));
	/* jumps may go a little too far: they end up here */
	for (i = 0; i < 6 && len < MAX_LEN; i++)
		put(f->callback || !this_func || chance(50) ? BPF_MOV64_IMM(BPF_REG_0, i == 3) :
							      BPF_MOV64_REG(BPF_REG_0, 8));
}

/* Names of functions become distances. */
static void fix_calls(void)
{
	u32 i;

	for (i = 0; i < len; i++)
		if ((prog[i].code == (BPF_JMP | BPF_CALL) && prog[i].src_reg) ||
		    (prog[i].code == (BPF_LD | BPF_DW | BPF_IMM) &&
		     prog[i].src_reg == BPF_PSEUDO_FUNC))
			prog[i].imm = funcs[prog[i].imm].start - i - 1;
}

static void generate(void)
{
	u32 i, want;

	len = 0;
	loops = chance(1);
	nr_funcs = chance(50) ? 1 : 2 + rnd(MAX_FUNCS - 1);
	for (i = 0; i < nr_funcs; i++)
		funcs[i] = (struct func){
			.callback = i && chance(50), .arg = { SMALL, rnd(4) },
		};
	for (i = 0; i < nr_funcs; i++)
		if (funcs[i].callback)
			funcs[i].arg[1] = STACK;
	want = nr_funcs > 1 ? 10 + rnd(20) : 8 + rnd(MAX_LEN - 24);
	for (this_func = 0; this_func < nr_funcs; this_func++) {
		gen_body(want);
		prog[len++] = BPF_EXIT_INSN();
	}
	fix_jumps();
	fix_calls();
}

/* ---------------------------------------------------------------- running */

static void dump(const struct verif *v, const char *what, u64 seed)
{
	struct verif again = *v;
	char text[128];
	u32 i;

	printf("# %s, seed %llu\n", what, (unsigned long long)seed);
	for (i = 0; i < len; i++) {
		bvm_disasm(text, sizeof(text), &prog[i], NULL);
		printf("# %u: %s\n", i, text);
	}
	again.level = 2;
	again.log = log_buf;
	again.log_size = sizeof(log_buf);
	verif_load(&again);
	verif_free(&again);
	printf("%s\n", log_buf);
	fflush(stdout);
}

struct figures {
	u64 programs, accepted, insns, runs;
};

/* Set by the signal of the sanitizer or a trap, to say which program it was. */
static const struct verif *running;
static u64 running_seed;

static void on_death(void)
{
	if (running)
		dump(running, "killed", running_seed);
}

static void on_abort(int sig)
{
	on_death();
	_exit(1);
}

void __asan_set_death_callback(void (*callback)(void));

/* Random bytes below @limit. */
static void fill_map(u32 map, u32 limit)
{
	u8 *value = maps[map]->type->direct(maps[map], 0);
	u32 i;

	for (i = 0; i < maps[map]->value_size; i++)
		value[i] = chance(40) ? 0 : verif_random() % limit;
}

/* One program.  Return: false for a verdict that cannot be. */
static bool one(struct figures *f, u64 seed)
{
	struct verif v = {
		.type = &verif_kprobe, .insns = prog, .maps = maps, .nr_maps = NR_MAPS,
	};
	u64 ctx[21] = {};
	struct bvm_ir_prog *ir;
	const char *wrong;
	char what[80];
	u32 i, at;
	int err;

	gen_seed = seed;
	generate();
	v.len = len;
	v.flags = chance(50) ? BPF_F_TEST_STATE_FREQ : 0;
	err = verif_load(&v);
	f->programs++;
	f->insns += v.facts.processed;
	if (err && err != -EACCES && err != -EINVAL && err != -E2BIG) {
		verif_free(&v);
		dump(&v, "strange errno", seed);
		return false;
	}
	if (!err) {
		f->accepted++;
		ir = verif_lower(&v);
		if (IS_ERR(ir)) {
			dump(&v, "cannot be lowered", seed);
			verif_free(&v);
			return false;
		}
		running = &v;
		running_seed = seed;
		for (i = 0; i < 8; i++) {
			verif_seed = seed ^ (0x9e3779b97f4a7c15ULL * (i + 1));
			/* not frozen: nothing may have relied on it */
			fill_map(READ_ONLY, 64);
			wrong = machine_run(&v, &at);
			if (!wrong)
				bvm_interp(ir, ctx);
			if (!wrong && verif_held)
				wrong = "record never given back in the interpreter";
			f->runs++;
			if (wrong) {
				snprintf(what, sizeof(what), "insn %u: %s", at, wrong);
				dump(&v, what, seed);
				running = NULL;
				verif_free(&v);
				bvm_ir_free(ir);
				return false;
			}
		}
		running = NULL;
		bvm_ir_free(ir);
	}
	verif_free(&v);
	return true;
}

static void add_elements(void)
{
	u64 value[6] = { 1, 2, 3, ~0ULL, 5, 6 }, key = 0;
	u32 i;

	for (i = 0; i < 3; i++, key += i == 2 ? ~0U : 1)
		maps[0]->type->update(maps[0], &key, value, BPF_ANY);
}

int main(int argc, char **argv)
{
	u32 seconds = argc > 1 ? atoi(argv[1]) : 5;
	u64 seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 20240917;
	struct figures f = {};
	time_t end = time(NULL) + seconds;
	bool ok = true;
	u32 i;

	ktap_plan(1);
	__asan_set_death_callback(on_death);
	signal(SIGABRT, on_abort);
	maps[HASH] = verif_map(BPF_MAP_TYPE_HASH, 8, 48, 4, BPF_F_NO_PREALLOC);
	maps[ARRAY] = verif_map(BPF_MAP_TYPE_ARRAY, 4, 48, 1, 0);
	maps[READ_ONLY] = verif_map(BPF_MAP_TYPE_ARRAY, 4, 48, 1, BPF_F_RDONLY_PROG);
	maps[RING] = verif_map(BPF_MAP_TYPE_RINGBUF, 0, 0, 4096, 0);
	maps[OF_MAPS] = verif_map_of(maps[ARRAY]);
	maps[FROZEN] = verif_map(BPF_MAP_TYPE_ARRAY, 4, 48, 1, BPF_F_RDONLY_PROG);
	fill_map(FROZEN, 64);
	maps[FROZEN]->frozen = true;
	add_elements();
	/* one program when a seed is given with 0 seconds */
	do {
		for (i = 0; i < 100 && ok && (seconds || !i); i++)
			ok = one(&f, seed++);
	} while (ok && time(NULL) < end);
	CHECK(ok, "see above");
	CHECK(!seconds || f.accepted > f.programs / 50, "%llu of %llu accepted",
	      (unsigned long long)f.accepted, (unsigned long long)f.programs);
	printf("# %llu programs, %llu accepted, %llu runs, %llu instructions verified\n",
	       (unsigned long long)f.programs, (unsigned long long)f.accepted,
	       (unsigned long long)f.runs, (unsigned long long)f.insns);
	ktap_end("random programs");
	for (i = 0; i < NR_MAPS; i++)
		verif_map_free(maps[i]);
	return ktap_exit();
}
