// SPDX-License-Identifier: GPL-2.0-only
/*
 * The generator of random programs.
 *
 * It writes statements: arithmetic, branches that join again, loops, calls, spills,
 * uses of a number as an index.  While it writes it believes things about registers
 * and stack slots: kinds, and upper bounds of numbers, so that many programs are
 * accepted.  A wrong belief only makes one that is refused.  Most programs get a slip or
 * two in the end: those that are nearly right are the ones that a wrong rule lets pass.
 */
#include "fuzz.h"

#define MAX_LEN		(FUZZ_LEN / 2)
#define MAX_FUNCS	4
#define SLOTS		12	/* of the stack, 8 bytes each, that numbers and pointers use */
#define COUNTER		(-8 * (SLOTS + 1))	/* a loop's counter, one a level */
#define ITERS		3	/* iterators at a time, in place of the counters */
#define RECORD		(-8 * (SLOTS + 5))	/* keeps a record that must be given back */

enum kind { NOTHING, NUMBER, CONTEXT, STACK, VALUE, MAYBE };

/* What is believed of a register or slot; @max: upper bound of a number, or room behind @off. */
struct belief {
	enum kind kind;
	u64 max;
	s32 off;
};

struct beliefs {
	struct belief reg[10], slot[SLOTS];
	bool held;		/* a record is, and lies at RECORD */
};

static struct func {
	u32 start;
	bool callback;
	struct belief arg[2];
} funcs[MAX_FUNCS];

static struct fuzz_prog *prog;
static struct beliefs now;
static u32 nr_funcs, this_func, loops, budget, protect;
static s32 iters[ITERS];	/* where this function's iterators are, the last one last */
static u32 nr_iters;
static u64 state;

/* splitmix64 */
u64 fuzz_mix(u64 seed)
{
	seed = (seed ^ seed >> 30) * 0xbf58476d1ce4e5b9ULL;
	seed = (seed ^ seed >> 27) * 0x94d049bb133111ebULL;
	return seed ^ seed >> 31;
}

static u32 rnd(u32 n)
{
	return (u32)(fuzz_mix(state += 0x9e3779b97f4a7c15ULL) >> 32) % n;
}

static bool chance(u32 percent)
{
	return rnd(100) < percent;
}

#define one_of(array) ((array)[rnd(ARRAY_SIZE(array))])

static s32 some_imm(void)
{
	static const s32 edge[] = {
		0, 1, -1, 2, 3, 7, 8, 15, 16, 31, 32, 33, 40, 47, 48, 63, 64, 127, 128, 255, 256,
		4095, S32_MAX, S32_MIN, S32_MIN + 1, 0x7ffffff8, -2, -8, -16, -48, -256, 0x10000,
	};

	return chance(85) ? one_of(edge) : (s32)fuzz_mix(state += 7) >> rnd(32);
}

/* ------------------------------------------------------------------ emission */

static void put(struct bpf_insn insn)
{
	if (prog->len < MAX_LEN)
		prog->insn[prog->len++] = insn;
}

static void put_imm64(u32 dst, u32 src, u32 low, u32 high)
{
	put(BPF_INSN(BPF_LD | BPF_DW | BPF_IMM, dst, src, 0, low));
	put(BPF_INSN(0, 0, 0, 0, high));
}

static u32 label(void)
{
	return prog->len;
}

/* The jump at @at leads to here. */
static void land(u32 at)
{
	if (at < prog->len)
		prog->insn[at].off = prog->len - at - 1;
}

static void set(u32 r, enum kind kind, u64 max)
{
	now.reg[r] = (struct belief){ .kind = kind, .max = max };
}

static void clobber(void)
{
	u32 i;

	for (i = 0; i < 6; i++)
		set(i, NOTHING, 0);
}

static void helper(s32 id)
{
	put(BPF_EMIT_CALL(id));
	clobber();
	set(0, NUMBER, U64_MAX);
}

/* A register that may be overwritten; those that calls leave alone more often. */
static u32 some_dst(void)
{
	u32 r, tries = 20;

	do
		r = chance(50) ? 6 + rnd(4) : rnd(10);
	while (protect >> r & 1 && --tries);
	return tries ? r : 0;
}

/* A register of this kind, or -1. */
static s32 find(enum kind kind)
{
	u32 i, r = rnd(10);

	for (i = 0; i < 10; i++, r = (r + 1) % 10)
		if (now.reg[r].kind == kind)
			return r;
	return -1;
}

/* ------------------------------------------------------------------- numbers */

static void load_value(u32 dst, u32 map, u32 off)
{
	put_imm64(dst, BPF_PSEUDO_MAP_VALUE, map, off);
	now.reg[dst] = (struct belief){ VALUE, FUZZ_VALUE - off, 0 };
}

static void put_load(u32 dst, u32 base, s32 off, u32 s)
{
	static const u8 sizes[] = { BPF_B, BPF_H, BPF_W, BPF_DW };
	bool sext = s < 3 && chance(25);

	put(BPF_INSN(BPF_LDX | sizes[s] | (sext ? BPF_MEMSX : BPF_MEM), dst, base, off, 0));
	set(dst, NUMBER, s < 3 && !sext ? (1ULL << (8 << s)) - 1 : U64_MAX);
}

/* A number that the verifier does not know. */
static void gen_input(u32 dst)
{
	u32 map;

	switch (fuzz_target.kernel ? 3 : rnd(6)) {
	case 0:
	case 1:
		helper(chance(50) ? BPF_FUNC_get_prandom_u32 : BPF_FUNC_ktime_get_ns);
		put(BPF_MOV64_REG(dst, 0));
		break;
	case 2:
		if (find(CONTEXT) >= 0 && prog->type != &verif_socket_filter) {
			put_load(dst, find(CONTEXT), 8 * (1 + rnd(20)), 3);
			return;
		}
		if (now.reg[6].kind == CONTEXT && prog->type == &verif_socket_filter &&
		    !now.held && !nr_iters) {
			put(BPF_LD_ABS(chance(50) ? BPF_B : BPF_W, rnd(40)));
			clobber();
			put(BPF_MOV64_REG(dst, 0));
			break;
		}
		fallthrough;
	default:
		map = chance(70) ? ARRAY : chance(70) ? READ_ONLY : FROZEN;
		load_value(dst, map, 8 * rnd(6));
		put_load(dst, dst, 0, rnd(4));
		return;
	}
	set(dst, NUMBER, U64_MAX);
}

static void gen_const(u32 dst)
{
	s32 imm = some_imm();

	if (chance(10)) {
		put_imm64(dst, 0, imm, rnd(4) ? rnd(3) : (u32)some_imm());
		set(dst, NUMBER, U64_MAX);
		return;
	}
	put(BPF_INSN((chance(70) ? BPF_ALU64 : BPF_ALU) | BPF_MOV | BPF_K, dst, 0, 0, imm));
	set(dst, NUMBER, imm >= 0 ? imm : U64_MAX);
}

/* A register with a number; makes one if there is none. */
static u32 some_number(void)
{
	s32 r = find(NUMBER);

	if (r >= 0 && !(protect >> r & 1) && !chance(10))
		return r;
	r = some_dst();
	if (chance(60))
		gen_input(r);
	else
		gen_const(r);
	return r;
}

static void believe_alu(u8 op, u32 dst, bool is_imm, s32 imm, u64 src, bool half)
{
	u64 max = now.reg[dst].max, limit = half ? U32_MAX : U64_MAX;

	switch (op) {
	case BPF_AND:
		max = is_imm && imm >= 0 ? min_t(u64, max, imm) : min(max, src);
		break;
	case BPF_RSH:
		max = is_imm && imm < 64 ? max >> imm : max;
		break;
	case BPF_MOD:
		max = is_imm && imm > 0 ? min_t(u64, max, imm - 1) : max;
		break;
	case BPF_ADD:
	case BPF_OR:
	case BPF_XOR:
		if (is_imm)
			src = imm < 0 ? U64_MAX : imm;
		max = max < limit / 4 && src < limit / 4 ? max + src : limit;
		break;
	case BPF_MUL:
		max = is_imm && imm > 0 && max < 4096 ? max * imm : limit;
		break;
	case BPF_DIV:
		break;
	default:
		max = limit;
	}
	set(dst, NUMBER, min(max, limit));
}

static void gen_alu(void)
{
	static const u8 ops[] = { BPF_ADD, BPF_ADD, BPF_SUB, BPF_MUL, BPF_DIV, BPF_OR, BPF_AND,
				  BPF_AND, BPF_LSH, BPF_RSH, BPF_MOD, BPF_XOR, BPF_ARSH };
	u8 op = one_of(ops), class = chance(60) ? BPF_ALU64 : BPF_ALU;
	u32 dst = some_number(), src = some_number();
	s32 imm = some_imm();
	bool is_div = op == BPF_DIV || op == BPF_MOD, is_signed = is_div && chance(40);

	if (op == BPF_LSH || op == BPF_RSH || op == BPF_ARSH)
		imm &= class == BPF_ALU ? 31 : 63;
	if (is_div && !imm)
		imm = 3;
	/* a count that may reach the width gives just any number */
	if ((op == BPF_LSH || op == BPF_RSH || op == BPF_ARSH) && src != dst && chance(40)) {
		put(BPF_ALU64_IMM(BPF_AND, src, class == BPF_ALU ? 15 : 31));
		set(src, NUMBER, 31);
		put(BPF_INSN(class | op | BPF_X, dst, src, 0, 0));
		set(dst, NUMBER, U64_MAX);
		return;
	}
	if (chance(50)) {
		put(BPF_INSN(class | op | BPF_K, dst, 0, is_signed, imm));
		believe_alu(op, dst, true, imm, 0, class == BPF_ALU);
	} else {
		put(BPF_INSN(class | op | BPF_X, dst, src, is_signed, 0));
		believe_alu(op, dst, false, 0, now.reg[src].max, class == BPF_ALU);
	}
	if (is_signed)
		set(dst, NUMBER, U64_MAX);
}

static void gen_unary(void)
{
	static const u8 ext[] = { 8, 16, 32 }, width[] = { 16, 32, 64 };
	u32 dst = some_number(), src = some_number(), e = rnd(3), w = rnd(3);

	switch (rnd(4)) {
	case 0:
		put(BPF_INSN((chance(50) ? BPF_ALU64 : BPF_ALU) | BPF_NEG, dst, 0, 0, 0));
		set(dst, NUMBER, U64_MAX);
		break;
	case 1:
		put(BPF_INSN(chance(50) ? BPF_ALU64 | BPF_END :
			     BPF_ALU | BPF_END | (chance(50) ? BPF_TO_BE : BPF_TO_LE),
			     dst, 0, 0, width[w]));
		set(dst, NUMBER, w < 2 ? (1ULL << width[w]) - 1 : U64_MAX);
		break;
	case 2:
		put(BPF_INSN(BPF_ALU | BPF_MOV | BPF_X, dst, src, e < 2 && chance(30) ? ext[e] : 0,
			     0));
		set(dst, NUMBER, min_t(u64, now.reg[src].max, U32_MAX));
		break;
	default:
		put(BPF_INSN(BPF_ALU64 | BPF_MOV | BPF_X, dst, src, ext[e], 0));
		set(dst, NUMBER, now.reg[src].max < 1ULL << (ext[e] - 1) ? now.reg[src].max :
									    U64_MAX);
	}
}

static void gen_mov(void)
{
	u32 dst = some_dst(), src = rnd(10);

	if (now.reg[src].kind == NOTHING) {
		gen_const(dst);
		return;
	}
	put(BPF_MOV64_REG(dst, src));
	now.reg[dst] = now.reg[src];
}

/* ---------------------------------------------------------------- references */

static void submit(void)
{
	put(BPF_LDX_MEM(BPF_DW, BPF_REG_1, BPF_REG_10, RECORD));
	put(BPF_MOV64_IMM(BPF_REG_2, 0));
	put(BPF_EMIT_CALL(chance(50) ? BPF_FUNC_ringbuf_submit : BPF_FUNC_ringbuf_discard));
}

static void put_iter(s32 slot, u32 kfunc)
{
	put(BPF_MOV64_REG(BPF_REG_1, BPF_REG_10));
	put(BPF_ALU64_IMM(BPF_ADD, BPF_REG_1, slot));
	put(BPF_INSN(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_KFUNC_CALL, 0, kfunc));
}

/* The function ends here. */
static void leave(void)
{
	u32 i;

	if (now.held)
		submit();
	for (i = nr_iters; i-- > 0;)
		put_iter(iters[i], KF_bpf_iter_num_destroy);
	put(BPF_MOV64_IMM(BPF_REG_0, 0));
	put(BPF_EXIT_INSN());
}

static void unless(struct bpf_insn jump)
{
	u32 at = label();

	put(jump);
	leave();
	land(at);
}

/* ------------------------------------------------- a bound for a number, and its use */

static const u8 wide_or_half[] = { BPF_JMP, BPF_JMP, BPF_JMP32 };

/* Makes @r at most @max; often in a way that hides it a little. */
static void bound(u32 r, u64 max)
{
	u32 copy = some_dst(), k = some_dst();
	u64 mask;

	if (copy == r || k == r || copy == k || max > S32_MAX)
		copy = r;
	switch (copy == r ? rnd(4) : rnd(10)) {
	case 0:
		for (mask = 1; mask * 2 + 1 <= max; mask = mask * 2 + 1)
			;
		put(BPF_ALU64_IMM(BPF_AND, r, max ? mask : 0));
		break;
	case 1:
		put(BPF_INSN((chance(70) ? BPF_ALU64 : BPF_ALU) | BPF_MOD | BPF_K, r, 0, 0,
			     max + 1));
		break;
	case 2:
		unless(BPF_JMP_IMM(BPF_JLE, r, max, 0));
		break;
	case 3:
		unless(BPF_JMP_IMM(BPF_JSGE, r, 0, 0));
		unless(BPF_JMP_IMM(BPF_JSLT, r, max + 1, 0));
		break;
	case 4:		/* the low half */
		put(BPF_INSN(BPF_ALU | BPF_MOV | BPF_X, r, r, 0, 0));
		unless(BPF_INSN(BPF_JMP32 | BPF_JLE | BPF_K, r, 0, 0, max));
		break;
	case 5:		/* against a register */
		put(BPF_MOV64_IMM(k, max));
		set(k, NUMBER, max);
		if (chance(50))
			unless(BPF_JMP_REG(BPF_JLE, r, k, 0));
		else
			unless(BPF_JMP_REG(BPF_JGE, k, r, 0));
		break;
	case 6:		/* a copy, the first of the two or the second */
	case 7:
		put(BPF_MOV64_REG(copy, r));
		set(copy, NUMBER, max);
		unless(BPF_JMP_IMM(BPF_JLT, chance(50) ? copy : r, max + 1, 0));
		break;
	case 8:		/* a chain: r <= copy <= max */
		put(BPF_MOV64_REG(copy, k = some_number()));
		set(copy, NUMBER, U64_MAX);
		if (chance(50)) {
			unless(BPF_JMP_IMM(BPF_JLE, copy, max, 0));
			unless(BPF_JMP_REG(BPF_JLE, r, copy, 0));
		} else {
			unless(BPF_JMP_REG(BPF_JGE, copy, r, 0));
			unless(BPF_JMP_IMM(BPF_JLE, copy, max, 0));
		}
		break;
	default:	/* in the stack */
		put(BPF_STX_MEM(BPF_DW, BPF_REG_10, r, -8));
		now.slot[0] = (struct belief){ NUMBER, max, 0 };
		if (chance(50)) {
			unless(BPF_JMP_IMM(BPF_JLE, r, max, 0));
			put(BPF_LDX_MEM(BPF_DW, r, BPF_REG_10, -8));
		} else {
			put(BPF_LDX_MEM(BPF_DW, copy, BPF_REG_10, -8));
			set(copy, NUMBER, max);
			unless(BPF_JMP_IMM(BPF_JLE, copy, max, 0));
		}
	}
	set(r, NUMBER, max);
}

/* A pointer to at least @room bytes in @dst. */
static void gen_pointer(u32 dst, u32 room)
{
	s32 r = find(chance(50) ? VALUE : STACK), off;

	if (r >= 0 && now.reg[r].max >= room && chance(60)) {
		put(BPF_MOV64_REG(dst, r));
		now.reg[dst] = now.reg[r];
	} else if (chance(50)) {
		off = round_up(room, 8) + 8 * rnd(SLOTS + 1 - min(SLOTS, round_up(room, 8) / 8));
		put(BPF_MOV64_REG(dst, BPF_REG_10));
		put(BPF_ALU64_IMM(BPF_ADD, dst, -off));
		now.reg[dst] = (struct belief){ STACK, off, 0 };
	} else {
		load_value(dst, chance(85) ? ARRAY : READ_ONLY,
			   8 * rnd(1 + (FUZZ_VALUE - room) / 8));
	}
}

static void put_access(u32 ptr, s32 off, u32 s)
{
	static const u8 sizes[] = { BPF_B, BPF_H, BPF_W, BPF_DW }, atomics[] = {
		BPF_ADD, BPF_OR, BPF_AND, BPF_XOR, BPF_ADD | BPF_FETCH, BPF_OR | BPF_FETCH,
		BPF_AND | BPF_FETCH, BPF_XOR | BPF_FETCH, BPF_XCHG, BPF_CMPXCHG,
	};
	u32 r = some_number(), dst = some_dst();
	u8 op;

	if (now.reg[ptr].kind != VALUE && now.reg[ptr].kind != STACK)
		return;		/* making the number took it */
	switch (s >= 2 && chance(20) ? 3 : rnd(3)) {
	case 0:
		put_load(dst, ptr, off, s);
		break;
	case 1:
		put(BPF_STX_MEM(sizes[s], ptr, r, off));
		break;
	case 2:
		put(BPF_ST_MEM(sizes[s], ptr, off, some_imm()));
		break;
	default:
		op = one_of(atomics);
		if (op == BPF_CMPXCHG && now.reg[0].kind != NUMBER)
			op = BPF_XCHG;
		put(BPF_ATOMIC_OP(sizes[s], op, ptr, r, off));
		if (op & BPF_FETCH)
			set(op == BPF_CMPXCHG ? 0 : r, NUMBER, s == 2 ? U32_MAX : U64_MAX);
	}
	if (now.reg[ptr].kind == STACK)
		memset(now.slot, 0, sizeof(now.slot));
}

/* A number as an index: of memory, a little beyond it at times. */
static void gen_index_by(u32 num)
{
	u32 s = chance(50) ? 0 : rnd(4), size = 1 << s, ptr = some_dst(), room, scale = 1;
	u64 limit;

	if (ptr == num)
		return;
	gen_pointer(ptr, 16);
	room = min_t(u64, now.reg[ptr].max, FUZZ_VALUE);
	if (now.reg[ptr].kind == STACK)
		scale = size;	/* aligned */
	else if (chance(30))
		scale = 1 << rnd(4);
	limit = (room - size) / scale;
	if (now.reg[num].kind != NUMBER)
		return;
	if (now.reg[num].max > limit || chance(10))
		bound(num, chance(92) ? limit : chance(50) ? limit + 1 : 2 * limit + 1);
	if (now.reg[ptr].kind != STACK && now.reg[ptr].kind != VALUE)
		return;
	if (scale > 1) {
		if (chance(50))
			put(BPF_ALU64_IMM(BPF_LSH, num, ilog2(scale)));
		else
			put(BPF_ALU64_IMM(BPF_MUL, num, scale));
		set(num, NUMBER, limit * scale);
	}
	if (chance(90)) {
		put(BPF_ALU64_REG(BPF_ADD, ptr, num));
	} else {	/* the number is moved, not the pointer */
		put(BPF_ALU64_REG(BPF_ADD, num, ptr));
		now.reg[num] = now.reg[ptr];
		swap(num, ptr);
	}
	now.reg[ptr].max = size;
	put_access(ptr, 0, s);
	if (now.reg[ptr].kind == VALUE || now.reg[ptr].kind == STACK)
		set(ptr, NOTHING, 0);
}

static void gen_index(void)
{
	gen_index_by(some_number());
}

/* At a constant place. */
static void gen_access(void)
{
	u32 ptr = some_dst(), s = rnd(4), size = 1 << s;

	if (chance(40)) {
		s32 off = -(s32)(size * (1 + rnd(8 * SLOTS / size)));
		u32 r = some_number();

		if (chance(40))
			put_load(some_dst(), BPF_REG_10, off, s);
		else
			put(BPF_STX_MEM(s == 0 ? BPF_B : s == 1 ? BPF_H : s == 2 ? BPF_W : BPF_DW,
					BPF_REG_10, r, off));
		now.slot[(-off - 1) / 8].kind = NOTHING;
		return;
	}
	gen_pointer(ptr, 16);
	put_access(ptr, size * rnd(16 / size) - (chance(3) ? 16 : 0), s);
}

/* ---------------------------------------------------------------------- stack */

/* A whole register into a slot, perhaps by another pointer. */
static void gen_spill(void)
{
	u32 src = rnd(10), slot = rnd(SLOTS), ptr = some_dst();

	if (now.reg[src].kind == NOTHING || ptr == src)
		return;
	if (chance(70)) {
		put(BPF_STX_MEM(BPF_DW, BPF_REG_10, src, -8 * (s32)(slot + 1)));
	} else {
		put(BPF_MOV64_REG(ptr, BPF_REG_10));
		put(BPF_ALU64_IMM(BPF_ADD, ptr, -8 * (s32)SLOTS));
		put(BPF_STX_MEM(BPF_DW, ptr, src, 8 * (s32)(SLOTS - slot - 1)));
		now.reg[ptr] = (struct belief){ STACK, 8 * SLOTS, 0 };
	}
	now.slot[slot] = now.reg[src];
}

static void gen_fill(void)
{
	u32 dst = some_dst(), slot = rnd(SLOTS), i;

	for (i = 0; i < SLOTS && now.slot[slot].kind == NOTHING; i++)
		slot = (slot + 1) % SLOTS;
	if (now.slot[slot].kind == NUMBER && chance(25)) {
		put_load(dst, BPF_REG_10, -8 * (s32)(slot + 1), rnd(3));
		return;
	}
	put(BPF_LDX_MEM(BPF_DW, dst, BPF_REG_10, -8 * (s32)(slot + 1)));
	now.reg[dst] = now.slot[slot];
	if (now.reg[dst].kind == NOTHING)
		set(dst, NUMBER, U64_MAX);
}

/* -------------------------------------------------------------------- helpers */

static void gen_key(void)
{
	s32 off = -8 * (s32)(1 + rnd(3));

	put(BPF_MOV64_REG(BPF_REG_2, BPF_REG_10));
	put(BPF_ALU64_IMM(BPF_ADD, BPF_REG_2, off));
	if (chance(60))
		put(BPF_ST_MEM(BPF_DW, BPF_REG_2, 0, rnd(3)));
	now.slot[-off / 8 - 1] = (struct belief){ NUMBER, U64_MAX, 0 };
}

/* r0 may be NULL: look at it or at a copy, in a register or slot; use either. */
static void gen_maybe(void)
{
	u32 keep = 6 + rnd(4), use = 0;

	if (protect >> keep & 1)
		keep = 0;
	if (keep && chance(60)) {
		put(BPF_MOV64_REG(keep, BPF_REG_0));
		if (chance(50))
			use = keep;
		set(keep, VALUE, FUZZ_VALUE);
	}
	set(0, VALUE, FUZZ_VALUE);
	if (chance(30)) {
		put(BPF_STX_MEM(BPF_DW, BPF_REG_10, BPF_REG_0, -16));
		now.slot[1] = now.reg[0];
	}
	if (chance(97))
		unless(BPF_JMP_IMM(BPF_JNE, use, 0, 0));
	else
		set(0, MAYBE, 0);
}

static void gen_lookup(void)
{
	gen_key();
	put_imm64(BPF_REG_1, BPF_PSEUDO_MAP_FD, chance(60) ? HASH : ARRAY, 0);
	helper(BPF_FUNC_map_lookup_elem);
	gen_maybe();
}

static void gen_inner(void)
{
	gen_key();
	put_imm64(BPF_REG_1, BPF_PSEUDO_MAP_FD, OF_MAPS, 0);
	helper(BPF_FUNC_map_lookup_elem);
	unless(BPF_JMP_IMM(BPF_JNE, BPF_REG_0, 0, 0));
	put(BPF_MOV64_REG(BPF_REG_1, BPF_REG_0));
	gen_key();
	helper(BPF_FUNC_map_lookup_elem);
	gen_maybe();
}

/* A record, often checked, and kept; or what was kept is given back. */
static void gen_record(void)
{
	u32 i;

	if (now.held) {
		submit();
		clobber();
		for (i = 6; i < 10; i++)
			if (now.reg[i].kind == VALUE && chance(98))
				set(i, NOTHING, 0);
		now.held = chance(2);
		return;
	}
	if (loops)
		return;
	put_imm64(BPF_REG_1, BPF_PSEUDO_MAP_FD, RING, 0);
	put(BPF_MOV64_IMM(BPF_REG_2, chance(80) ? FUZZ_VALUE : rnd(50)));
	put(BPF_MOV64_IMM(BPF_REG_3, 0));
	put(BPF_EMIT_CALL(BPF_FUNC_ringbuf_reserve));
	put(BPF_STX_MEM(BPF_DW, BPF_REG_10, BPF_REG_0, RECORD));
	clobber();
	gen_maybe();
	now.held = chance(98);
}

/* Memory for a helper, of a size that is known or bounded. */
static void gen_memory_helper(void)
{
	u32 room, size, num = 6 + rnd(4);

	gen_pointer(BPF_REG_1, 8);
	room = min_t(u64, now.reg[1].max, FUZZ_VALUE);
	if (chance(50) || protect >> num & 1) {
		size = 1 + rnd(room);
		put(BPF_MOV64_IMM(BPF_REG_2, size + (chance(3) ? 8 : 0)));
	} else {
		gen_input(num);
		bound(num, chance(90) ? room : chance(50) ? room + 1 : 2 * room + 1);
		gen_pointer(BPF_REG_1, room);
		put(BPF_MOV64_REG(BPF_REG_2, num));
	}
	if (now.reg[1].kind == STACK)
		memset(now.slot, 0, sizeof(now.slot));
	put(BPF_MOV64_IMM(BPF_REG_3, 0));
	helper(chance(70) ? BPF_FUNC_probe_read_kernel : BPF_FUNC_get_current_comm);
}

static void gen_tail_call(void)
{
	s32 ctx = find(CONTEXT);

	if (ctx < 0 || now.held || nr_iters)
		return;
	put(BPF_MOV64_REG(BPF_REG_1, ctx));
	put_imm64(BPF_REG_2, BPF_PSEUDO_MAP_FD, PROGS, 0);
	put(BPF_MOV64_IMM(BPF_REG_3, rnd(3)));
	helper(BPF_FUNC_tail_call);
}

static void gen_call(void)
{
	static void (*const gen[])(void) = {
		gen_lookup, gen_lookup, gen_lookup, gen_inner, gen_record, gen_record,
		gen_memory_helper, gen_memory_helper, gen_tail_call,
	};

	if (fuzz_target.kernel)
		gen[rnd(4)]();
	else
		one_of(gen)();
}

/* ------------------------------------------------------------------ functions */

static void gen_arg(u32 r, const struct belief *want, s32 slot)
{
	s32 from;

	if (want->kind == STACK) {
		put(BPF_MOV64_REG(r, BPF_REG_10));
		put(BPF_ALU64_IMM(BPF_ADD, r, slot));
	} else if (want->kind == VALUE) {
		load_value(r, ARRAY, 0);
	} else {
		from = find(NUMBER);
		if (from < 6 || chance(20)) {
			put(BPF_MOV64_IMM(r, rnd(want->max + 1)));
		} else {
			put(BPF_MOV64_REG(r, from));
			if (now.reg[from].max > want->max)
				put(BPF_ALU64_IMM(BPF_AND, r, want->max));
		}
	}
}

/* Calls a function further down, or has it called back. */
static void gen_func_call(void)
{
	u32 n, slot = rnd(SLOTS), dst;
	s32 off = -8 * (s32)(slot + 1);
	struct func *f;

	if (this_func + 1 >= nr_funcs)
		return;
	n = chance(2) ? rnd(nr_funcs) : this_func + 1 + rnd(nr_funcs - this_func - 1);
	f = &funcs[n];
	if (f->callback && loops > 1)
		return;
	put(BPF_ST_MEM(BPF_DW, BPF_REG_10, off, rnd(20)));
	if (!f->callback) {
		gen_arg(BPF_REG_1, &f->arg[0], off);
		gen_arg(BPF_REG_2, &f->arg[1], off);
		put(BPF_INSN(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, 0, n));
	} else {
		gen_arg(BPF_REG_3, &f->arg[1], off);
		gen_arg(BPF_REG_1, &f->arg[0], off);
		put_imm64(BPF_REG_2, BPF_PSEUDO_FUNC, n, 0);
		put(BPF_MOV64_IMM(BPF_REG_4, chance(98) ? 0 : 1));
		put(BPF_EMIT_CALL(BPF_FUNC_loop));
	}
	clobber();
	set(0, NUMBER, U64_MAX);
	now.slot[slot] = (struct belief){ NUMBER, U64_MAX, 0 };
	if (chance(60)) {	/* what it wrote, as an index */
		dst = some_dst();
		put(BPF_LDX_MEM(BPF_DW, dst, BPF_REG_10, off));
		set(dst, NUMBER, chance(20) ? 40 : U64_MAX);
	}
}

/* A function changes what an argument points to. */
static void gen_bump(void)
{
	u32 r = 6 + rnd(4), num = some_number();

	if (now.reg[r].kind != STACK && now.reg[r].kind != VALUE)
		return;
	if (chance(60)) {
		put(BPF_LDX_MEM(BPF_DW, num, r, 0));
		put(BPF_ALU64_IMM(chance(80) ? BPF_ADD : BPF_XOR, num, rnd(20)));
		set(num, NUMBER, U64_MAX);
		if (chance(50))
			bound(num, 40);
	}
	if (r != num)
		put(BPF_STX_MEM(BPF_DW, r, num, 0));
}

/* -------------------------------------------------------- branches and loops */

static void gen_statements(u32 n, u32 depth);

static const u8 conds[] = { BPF_JEQ, BPF_JGT, BPF_JGE, BPF_JSET, BPF_JNE, BPF_JSGT, BPF_JSGE,
			    BPF_JLT, BPF_JLE, BPF_JSLT, BPF_JSLE };

/* A comparison of numbers, whose target comes later. */
static u32 put_cond(void)
{
	u32 at, a = some_number(), b = some_number();
	u8 class = one_of(wide_or_half);

	if (now.reg[a].kind != NUMBER)
		gen_const(a);
	at = label();
	if (chance(60))
		put(BPF_INSN(class | one_of(conds) | BPF_K, a, 0, 0, some_imm()));
	else
		put(BPF_INSN(class | one_of(conds) | BPF_X, a, b, 0, 0));
	return at;
}

/* The same place gets something else on each side. */
static void diverge(u32 reg, u32 twin, u32 slot, u32 how, bool second)
{
	static const s32 small[] = { 0, 1, 7, 8, 31, 40, 47, 48 };
	s32 off;

	switch (how) {
	case 0:		/* constants */
		put(BPF_MOV64_IMM(reg, second && chance(20) ? some_imm() : one_of(small)));
		set(reg, NUMBER, 40);
		break;
	case 1:		/* in the stack */
		put(BPF_ST_MEM(chance(80) ? BPF_DW : BPF_W, BPF_REG_10, -8 * (s32)(slot + 1),
			       chance(30) ? 0 : one_of(small)));
		now.slot[slot] = (struct belief){ NUMBER, 40, 0 };
		break;
	case 2:		/* ranges */
		gen_input(reg);
		bound(reg, second ? 40 : 7);
		set(reg, NUMBER, 40);
		break;
	case 3:		/* a copy of r6 to r9, or something else like it */
		if (second ^ chance(30))
			gen_input(reg);
		else
			put(BPF_MOV64_REG(reg, twin));
		set(reg, NUMBER, U64_MAX);
		break;
	case 4:		/* places in memory */
		off = second ? 8 * rnd(6) : 8 * rnd(3);
		if (slot % 2) {
			load_value(reg, ARRAY, off);
		} else {
			put(BPF_MOV64_REG(reg, BPF_REG_10));
			put(BPF_ALU64_IMM(BPF_ADD, reg, off - 48));
			now.reg[reg] = (struct belief){ STACK, 48 - off, 0 };
		}
		break;
	case 5:		/* the same, spilled */
		load_value(reg, ARRAY, second ? 8 * rnd(6) : 0);
		put(BPF_STX_MEM(BPF_DW, BPF_REG_10, reg, -8 * (s32)(slot + 1)));
		now.slot[slot] = now.reg[reg];
		gen_const(reg);
		break;
	default:	/* a spilled register */
		if (!second || chance(50))
			put(BPF_STX_MEM(BPF_DW, BPF_REG_10, some_number(),
					-8 * (s32)(slot + 1)));
		else
			put(BPF_ST_MEM(BPF_DW, BPF_REG_10, -8 * (s32)(slot + 1), rnd(48)));
		now.slot[slot] = (struct belief){ NUMBER, U64_MAX, 0 };
	}
}

static struct belief join(struct belief a, struct belief b)
{
	if (a.kind != b.kind)
		return (struct belief){};
	if (a.kind == NUMBER)
		a.max = max(a.max, b.max);
	else
		a.max = min(a.max, b.max);
	return a;
}

static void join_beliefs(const struct beliefs *other)
{
	u32 i;

	for (i = 0; i < 10; i++)
		now.reg[i] = join(now.reg[i], other->reg[i]);
	for (i = 0; i < SLOTS; i++)
		now.slot[i] = join(now.slot[i], other->slot[i]);
}

/* What came of diverge() on either side. */
static void use_difference(u32 reg, u32 twin, u32 slot, u32 how)
{
	u32 s = rnd(4);

	if (how == 1 || how >= 5) {
		put(BPF_LDX_MEM(BPF_DW, reg, BPF_REG_10, -8 * (s32)(slot + 1)));
		now.reg[reg] = now.slot[slot];
	}
	if (how == 3 && now.reg[reg].kind == NUMBER && now.reg[twin].kind == NUMBER) {
		unless(BPF_JMP_IMM(BPF_JLE, reg, 32, 0));	/* are they the same? */
		set(reg, NUMBER, 32);
		set(twin, NUMBER, chance(60) ? 32 : U64_MAX);
	} else if (now.reg[reg].kind == VALUE || now.reg[reg].kind == STACK) {
		put_access(reg, chance(80) ? 0 : 8 * rnd(6), s);
	}
	if (how == 3)
		reg = twin;
	if (now.reg[reg].kind == NUMBER && chance(60))
		gen_index_by(reg);
}

/* Two sides that meet again; what differs between them is used afterwards. */
static void gen_branch(u32 depth)
{
	u32 reg = some_dst(), slot = rnd(SLOTS), how = rnd(7), twin = 6 + rnd(4), at, end;
	struct beliefs before, first;
	bool differ = chance(75) && !(protect >> twin & 1) && reg != twin;

	if (chance(40))		/* something to know, or not */
		gen_input(some_dst());
	if (differ && how == 3)
		gen_input(twin);
	at = put_cond();
	before = now;
	if (differ)
		diverge(reg, twin, slot, how, false);
	gen_statements(rnd(3), depth + 1);
	first = now;
	first.held = before.held;
	if (now.held != before.held) {	/* both sides must agree */
		if (now.held)
			submit();
		else
			leave();
		clobber();
		first = now;
		first.held = before.held;
	}
	if (chance(20)) {	/* one side only */
		land(at);
		now = before;
		join_beliefs(&first);
		return;
	}
	end = label();
	put(BPF_INSN(BPF_JMP | BPF_JA, 0, 0, 0, 0));
	land(at);
	now = before;
	if (differ)
		diverge(reg, twin, slot, how, true);
	gen_statements(rnd(3), depth + 1);
	if (now.held != before.held) {
		if (now.held)
			submit();
		clobber();
		now.held = before.held;
	}
	land(end);
	join_beliefs(&first);
	if (differ && chance(70))
		use_difference(reg, twin, slot, how);
}

/* Rounds are counted in a register, or in the stack; at times by something odd. */
static void gen_loop(u32 depth)
{
	u32 reg = 6 + rnd(4), rounds = 1 + rnd(5), acc = some_dst(), start, out = 0;
	u32 saved = protect;
	s32 slot = COUNTER - 8 * (s32)loops;
	bool in_stack = chance(25), down = chance(25), brk = chance(30);
	u8 class = one_of(wide_or_half), op;
	struct beliefs before;

	if (protect >> reg & 1 || loops > 1 || depth > 2)
		return;
	if (acc == reg || protect >> acc & 1)
		acc = (reg - 5) % 4 + 6;
	put(BPF_MOV64_IMM(reg, down ? rounds : 0));
	if (in_stack)
		put(BPF_STX_MEM(BPF_DW, BPF_REG_10, reg, slot));
	else
		protect |= 1 << reg;
	put(BPF_MOV64_IMM(acc, rnd(4)));
	set(acc, NUMBER, 40);
	set(reg, NUMBER, rounds);
	start = label();
	loops++;
	before = now;
	if (brk)
		out = put_cond();
	gen_statements(1 + rnd(3), depth + 1);
	if (now.reg[acc].kind == NUMBER && chance(70)) {
		put(BPF_ALU64_IMM(chance(80) ? BPF_ADD : BPF_LSH, acc, rnd(8)));
		if (chance(40))
			bound(acc, 40);
	}
	loops--;
	protect = saved;
	if (in_stack) {
		put(BPF_LDX_MEM(BPF_DW, reg, BPF_REG_10, slot));
		set(reg, NUMBER, rounds);
	}
	put(BPF_INSN((chance(80) ? BPF_ALU64 : BPF_ALU) | BPF_ADD | BPF_K, reg, 0, 0,
		     down ? -1 : 1));
	if (in_stack)
		put(BPF_STX_MEM(BPF_DW, BPF_REG_10, reg, slot));
	op = chance(20) ? BPF_JNE : down ? BPF_JSGT : BPF_JLT;
	put(BPF_INSN(class | op | BPF_K, reg, 0, (s32)start - (s32)label() - 1,
		     down ? 0 : rounds));
	if (brk)
		land(out);
	join_beliefs(&before);
	if (now.reg[acc].kind == NUMBER)
		now.reg[acc].max = chance(50) ? 40 : U64_MAX;
}

/* A loop that does not end by itself: the kernel sees to it, and at times chance. */
static void gen_may_goto(u32 depth)
{
	u32 start = label(), acc = some_dst();
	struct beliefs before;

	if (loops > 1 || depth > 2 || fuzz_target.kernel)
		return;
	loops++;
	before = now;
	put(BPF_INSN(BPF_JMP | BPF_JCOND, 0, 0, 0, 0));
	gen_statements(1 + rnd(3), depth + 1);
	if (now.reg[acc].kind == NUMBER && chance(70)) {
		put(BPF_ALU64_IMM(BPF_ADD, acc, rnd(8)));
		if (chance(50))
			bound(acc, 40);
	}
	helper(BPF_FUNC_get_prandom_u32);
	put(BPF_ALU64_IMM(BPF_AND, BPF_REG_0, 3));
	put(BPF_JMP_IMM(BPF_JNE, BPF_REG_0, 0, (s32)start - (s32)label() - 1));
	land(start);
	loops--;
	join_beliefs(&before);
}

/* A loop over an iterator's numbers. */
static void gen_iter(u32 depth)
{
	u32 start, end, out = 0, num = some_dst(), acc = 6 + rnd(4);
	s32 slot = COUNTER - 8 * (s32)loops;
	struct beliefs before;
	bool brk = chance(30);

	if (loops > 1 || depth > 2 || protect >> acc & 1)
		return;
	if (now.reg[acc].kind != NUMBER || chance(50))
		gen_const(acc);
	put(BPF_MOV64_IMM(BPF_REG_2, rnd(3)));
	put(BPF_MOV64_IMM(BPF_REG_3, rnd(8)));
	put_iter(slot, KF_bpf_iter_num_new);
	clobber();
	iters[nr_iters++] = slot;
	loops++;
	before = now;
	start = label();
	put_iter(slot, KF_bpf_iter_num_next);
	end = label();
	put(BPF_JMP_IMM(BPF_JEQ, BPF_REG_0, 0, 0));
	if (chance(50) && !(protect >> num & 1)) {
		put(BPF_LDX_MEM(BPF_W, num, BPF_REG_0, 0));
		set(num, NUMBER, U32_MAX);
	}
	if (brk)
		out = put_cond();
	gen_statements(1 + rnd(3), depth + 1);
	if (now.reg[acc].kind == NUMBER && chance(70)) {
		put(BPF_ALU64_IMM(chance(80) ? BPF_ADD : BPF_LSH, acc, rnd(8)));
		if (chance(50))
			bound(acc, 40);
	}
	put(BPF_INSN(BPF_JMP | BPF_JA, 0, 0, (s32)start - (s32)label() - 1, 0));
	land(end);
	if (brk)
		land(out);
	loops--;
	nr_iters--;
	put_iter(slot, KF_bpf_iter_num_destroy);
	join_beliefs(&before);
	clobber();
}

static void gen_simple(void)
{
	static void (*const gen[])(void) = {
		gen_alu, gen_alu, gen_alu, gen_unary, gen_mov, gen_index, gen_index, gen_index,
		gen_access, gen_spill, gen_spill, gen_fill, gen_fill, gen_call, gen_call,
		gen_func_call, gen_func_call, gen_bump, gen_bump,
	};

	one_of(gen)();
}

static void gen_statements(u32 n, u32 depth)
{
	while (n-- && budget) {
		budget--;
		if (depth < 4 && chance(22))
			gen_branch(depth);
		else if (depth < 3 && chance(6))
			gen_loop(depth);
		else if (depth < 3 && chance(5))
			gen_iter(depth);
		else if (depth < 3 && chance(2))
			gen_may_goto(depth);
		else
			gen_simple();
	}
}

static void gen_body(u32 statements)
{
	struct func *f = &funcs[this_func];
	u32 i;

	f->start = prog->len;
	memset(&now, 0, sizeof(now));
	protect = 0;
	loops = 0;
	nr_iters = 0;
	if (this_func) {
		for (i = 0; i < 2; i++) {
			put(BPF_MOV64_REG(6 + i, 1 + i));
			now.reg[6 + i] = f->arg[i];
		}
	} else {
		put(BPF_MOV64_REG(6, 1));
		set(6, CONTEXT, 0);
	}
	budget = statements;
	gen_statements(statements, 0);
	if (now.held)
		submit();
	if (f->callback)
		put(BPF_MOV64_IMM(BPF_REG_0, chance(10)));
	else if (this_func && find(NUMBER) >= 0)
		put(BPF_MOV64_REG(BPF_REG_0, find(NUMBER)));
	else
		put(BPF_MOV64_IMM(BPF_REG_0, 0));
	put(BPF_EXIT_INSN());
}

/* Names of functions become distances. */
static void fix_calls(void)
{
	u32 i;

	for (i = 0; i < prog->len; i++)
		if (fuzz_is_func(&prog->insn[i]))
			prog->insn[i].imm = funcs[prog->insn[i].imm].start - i - 1;
}

/* ---------------------------------------------------------------------- slips */

static void slip_operand(struct bpf_insn *in)
{
	static const s8 near[] = { 1, -1, 8, -8 };

	switch (rnd(4)) {
	case 0:
		in->imm += one_of(near);
		break;
	case 1:
		in->imm = some_imm();
		break;
	case 2:
		if (fuzz_is_jump(in))
			in->off += 1;
		else
			in->off += one_of(near);
		break;
	default:
		in->src_reg = in->code & BPF_X ? rnd(10) : in->src_reg;
		in->imm = in->code & BPF_X ? in->imm : in->imm + one_of(near);
	}
}

/* Changes an instruction that is not the half of anything. */
static void slip(void)
{
	u32 at = rnd(prog->len);
	struct bpf_insn *in = &prog->insn[at];

	if (fuzz_is_imm64(in) || (at && fuzz_is_imm64(in - 1)) || fuzz_is_func(in))
		return;
	switch (rnd(6)) {
	case 0:
		fuzz_delete(prog, at);
		break;
	case 1:		/* skips a little, or not: more paths that meet */
		fuzz_insert(prog, at, BPF_INSN(one_of(wide_or_half) | one_of(conds) | BPF_K,
					       rnd(10), 0, 1 + rnd(5), some_imm()));
		break;
	case 2:
		if (BPF_CLASS(in->code) == BPF_ALU64 || BPF_CLASS(in->code) == BPF_ALU)
			in->code ^= BPF_ALU64 ^ BPF_ALU;
		else if (fuzz_is_jump(in) && BPF_OP(in->code) != BPF_JA)
			in->code ^= BPF_JMP ^ BPF_JMP32;
		break;
	case 3:
		if (fuzz_is_jump(in) && BPF_OP(in->code) != BPF_JA)
			in->code = (in->code & ~0xf0) | one_of(conds);
		break;
	default:
		if (BPF_OP(in->code) != BPF_CALL || BPF_CLASS(in->code) != BPF_JMP)
			slip_operand(in);
	}
}

void fuzz_generate(struct fuzz_prog *p, u64 seed)
{
	static const struct bvm_prog_type *const types[] = {
		&verif_kprobe, &verif_kprobe, &verif_socket_filter, &verif_tracepoint,
	};
	u32 i, n;

	prog = p;
	state = fuzz_mix(seed);
	p->seed = seed;
	p->len = 0;
	p->type = fuzz_target.kernel ? &verif_socket_filter : one_of(types);
	p->flags = chance(60) ? BPF_F_TEST_STATE_FREQ : 0;
	nr_funcs = chance(50) ? 1 : 2 + rnd(MAX_FUNCS - 1);
	for (i = 1; i < nr_funcs; i++) {
		funcs[i].callback = chance(40);
		funcs[i].arg[0] = (struct belief){ NUMBER, (2U << rnd(6)) - 1, 0 };
		funcs[i].arg[1] = (struct belief){ chance(60) ? STACK : VALUE, 8, 0 };
		if (funcs[i].callback) {
			funcs[i].arg[0].max = 7;
			funcs[i].arg[1].kind = STACK;
		}
	}
	n = nr_funcs > 1 ? 4 + rnd(10) : 4 + rnd(24);
	for (this_func = 0; this_func < nr_funcs; this_func++)
		gen_body(n);
	/* jumps are right by construction, as long as all fits */
	if (p->len > MAX_LEN - 16) {
		fuzz_generate(p, seed ^ fuzz_mix(~seed));
		p->seed = seed;
		return;
	}
	fix_calls();
	for (n = chance(40) ? 0 : 1 + rnd(3); n; n--)
		slip();
}
