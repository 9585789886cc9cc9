// SPDX-License-Identifier: GPL-2.0-only
/* Lowered and interpreted: tail calls, counted loops over calls, loads that may fault, arenas. */
#include <sys/mman.h>
#include "exec_run.h"

/* ------------------------------------------------- a program type of our own */

enum { TAIL = 12, COUNT = 13, EACH = 164, LOOP = 181 };

static struct bvm_ir_prog *slot[4];
static u64 counted, sum;
static void *seen_ctx;

static u64 tail_call(u64 ctx, u64 map, u64 index, u64 r4, u64 r5)
{
	return index < ARRAY_SIZE(slot) ? EXEC_TARGET(slot[index]) : 0;
}

/* counts, and notes its arguments; returns how often it has been called */
static u64 count(u64 value, u64 ctx, u64 r3, u64 r4, u64 r5)
{
	sum += value;
	seen_ctx = (void *)(unsigned long)ctx;
	return ++counted;
}

/* things: numbers below @n, which are 100 and 200 more to the function that is called */
static u64 each_begin(u64 n, u64 cursor, u64 ctx, u64 flags, u64 r5)
{
	if (flags)
		return -EINVAL;
	memset((void *)(unsigned long)cursor, 0, sizeof(struct bvm_cursor));
	return 0;
}

static u64 each_next(u64 cursor, u64 n, u64 r3, u64 r4, u64 r5)
{
	struct bvm_cursor *c = (void *)(unsigned long)cursor;

	if (c->count == n)
		return 0;
	c->arg[0] = 100 + c->count;
	c->arg[1] = 200 + c->count++;
	return 1;
}

static u64 each_end(u64 cursor, u64 n, u64 r3, u64 r4, u64 r5)
{
	struct bvm_cursor *c = (void *)(unsigned long)cursor;

	return 1000 * n + c->count;
}

static const struct bvm_callback each = {
	.arg = { BVM_CB_MAP, BVM_CB_MAP_KEY, BVM_CB_MAP_VALUE, BVM_CB_STACK },
	.next = each_next, .end = each_end,
};

static const struct bvm_helper rows[] = {
	{ .id = TAIL, .name = "tail_call", .fn = tail_call, .flags = BVM_HELPER_TAIL_CALL },
	{ .id = COUNT, .name = "count", .fn = count },
	{ .id = LOOP, .name = "loop", .flags = BVM_HELPER_LOOP },
	{ .id = EACH, .name = "each", .fn = each_begin, .callback = &each,
	  .arg = { BVM_ARG_MAP_PTR, BVM_ARG_FUNC, BVM_ARG_STACK, BVM_ARG_ANYTHING } },
};

static const struct bvm_helper_set set = { rows, ARRAY_SIZE(rows) };
static const struct bvm_helper_set *const sets[] = { &set };
static const struct bvm_prog_type type = { .sets = sets, .nr_sets = 1, .ctx_size = 8 };

#define ADD(d, i)	I(BPF_ALU64 | BPF_ADD | BPF_K, d, 0, 0, i)
#define ADDR(d, s)	I(BPF_ALU64 | BPF_ADD | BPF_X, d, s, 0, 0)
#define FUNC(d, o)	I(0x18, d, BPF_PSEUDO_FUNC, 0, o), I(0, 0, 0, 0, 0)
#define TAIL_TO(n)	MOV(3, n), CALL_FN(TAIL)

/* @frame: bytes of stack that each function uses; 0: without facts */
static struct bvm_ir_prog *lower(const struct bpf_insn *insns, u32 len, u32 frame, u32 depth)
{
	struct exec_prog p;
	u32 i;

	exec_prog_init(&p, insns, len);
	p.args.type = &type;
	if (frame) {
		for (i = 0; i < len; i++)
			p.fact[i].frame = frame / 8;
		p.facts.stack_depth = frame * depth;
		p.args.facts = &p.facts;
	}
	return bvm_lower(&p.args);
}

#define LOWER_AS(frame, depth, ...)						\
	lower((struct bpf_insn[]){ __VA_ARGS__ },				\
	      sizeof((struct bpf_insn[]){ __VA_ARGS__ }) / 8, frame, depth)

static u64 run(struct bvm_ir_prog *ir)
{
	static u64 ctx;
	u64 r0;

	if (!CHECK(!IS_ERR(ir), "lowering: %ld", PTR_ERR(ir)))
		return 0xdead;
	counted = 0;
	sum = 0;
	r0 = EXEC(ir, &ctx);
	if (seen_ctx)
		CHECK(seen_ctx == &ctx, "another context");
	seen_ctx = NULL;
	return r0;
}

#define RUN_TYPED(...)								\
({										\
	struct bvm_ir_prog *ir_ = LOWER_AS(0, 0, __VA_ARGS__);			\
	u64 r0_ = run(ir_);							\
	if (!IS_ERR(ir_))							\
		bvm_ir_free(ir_);						\
	r0_;									\
})

static void free_slots(void)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(slot); i++) {
		bvm_ir_free(slot[i]);
		slot[i] = NULL;
	}
}

/* ------------------------------------------------------------- tail calls */

static void tail_calls(void)
{
	struct bvm_ir_prog *main;

	/* nothing there, index outside: the program goes on */
	CHECK_EQ(RUN_TYPED(TAIL_TO(0), MOV(0, 3), EXIT), 3);
	CHECK_EQ(RUN_TYPED(TAIL_TO(4), MOV(0, 3), EXIT), 3);
	CHECK_EQ(RUN_TYPED(TAIL_TO(-1), MOV(0, 3), EXIT), 3);

	/* another program ends in the first one's place */
	slot[0] = LOWER_AS(0, 0, MOV(0, 7), EXIT);
	CHECK_EQ(RUN_TYPED(TAIL_TO(0), MOV(0, 3), EXIT), 7);
	free_slots();

	/* a program that calls itself does so 33 times, and those that fail do not count */
	slot[0] = LOWER_AS(0, 0, MOVR(6, 1), MOVR(2, 1), CALL_FN(COUNT), MOVR(1, 6), TAIL_TO(1),
			   MOVR(1, 6), TAIL_TO(0), MOV(0, 5), EXIT);
	main = LOWER_AS(0, 0, TAIL_TO(0), MOV(0, 3), EXIT);
	CHECK_EQ(run(main), 5);
	CHECK_EQ(counted, 33);
	/* each run has its own count */
	CHECK_EQ(run(main), 5);
	CHECK_EQ(counted, 33);
	CHECK_EQ(run(slot[0]), 5);
	CHECK_EQ(counted, 34);
	bvm_ir_free(main);
	free_slots();
}

/* Small programs call large ones, which need another piece of stack, and back. */
static void tail_call_sizes(void)
{
	static const u32 bytes[] = { 8, 512, 64, 256, 504 };
	struct bvm_ir_prog *prog[ARRAY_SIZE(bytes)];
	u32 i;

	for (i = 0; i < ARRAY_SIZE(bytes); i++) {
		/* r0 = what was written to both ends of the frame */
		slot[1] = LOWER_AS(bytes[i], 1, I(BPF_ST | BPF_MEM | BPF_DW, 10, 0, -8, 3),
				   I(BPF_ST | BPF_MEM | BPF_DW, 10, 0, -(s32)bytes[i], 4),
				   LDX(BPF_DW, 0, 10, -(s32)bytes[i]), MOVR(2, 1),
				   MOVR(1, 0), CALL_FN(COUNT), MOV(0, 9), EXIT);
		prog[i] = LOWER_AS(8, 1, TAIL_TO(1), MOV(0, 3), EXIT);
		CHECK_EQ(run(prog[i]), 9);
		CHECK(counted == 1 && sum == 4, "%u bytes: %llu", bytes[i], sum);
		bvm_ir_free(prog[i]);
		bvm_ir_free(slot[1]);
		slot[1] = NULL;
	}
}

/* A program that a subprogram tail-calls returns to that subprogram's caller. */
static void tail_calls_in_subprograms(void)
{
	struct bvm_ir_prog *main;

	slot[0] = LOWER_AS(0, 0, MOV(6, 66), MOV(7, 77), MOV(0, 40), EXIT);
	CHECK_EQ(RUN_TYPED(MOV(6, 1), MOV(7, 2), CALL_SUB(3), ADDR(0, 6), ADDR(0, 7), EXIT,
			   TAIL_TO(0), MOV(0, 100), EXIT), 43);
	/* both ways through, the call fails the second time */
	CHECK_EQ(RUN_TYPED(MOV(3, 0), CALL_SUB(5), MOVR(6, 0), MOV(3, 1), CALL_SUB(2),
			   ADDR(0, 6), EXIT,
			   CALL_FN(TAIL), MOV(0, 100), EXIT), 140);
	/* from the deepest frame, and jumps in the caller still go where they went */
	CHECK_EQ(RUN_TYPED(CALL_SUB(3), I(0x15, 0, 0, 1, 42), MOV(0, 0), EXIT,
			   CALL_SUB(2), ADD(0, 1), EXIT,
			   CALL_SUB(2), ADD(0, 1), EXIT,
			   TAIL_TO(0), MOV(0, 0), EXIT), 42);
	free_slots();

	/* 33 in a run, whoever makes them and however deep they are (8 and 56 bytes each) */
	slot[0] = LOWER_AS(8, 2, MOVR(6, 1), MOVR(2, 1), MOV(1, 0), CALL_FN(COUNT), MOVR(1, 6),
			   CALL_SUB(2), ADD(0, 1), EXIT,
			   TAIL_TO(0), MOV(0, 0), EXIT);
	main = LOWER_AS(0, 0, TAIL_TO(0), MOV(0, 3), EXIT);
	CHECK_EQ(run(main), 33);
	CHECK_EQ(counted, 33);
	bvm_ir_free(main);
	/* twice from the program: the second time, nothing is left */
	main = LOWER_AS(0, 0, MOVR(6, 1), CALL_SUB(4), MOVR(7, 0), MOVR(1, 6), CALL_SUB(1), EXIT,
			TAIL_TO(0), MOV(0, 0), EXIT);
	run(main);
	CHECK_EQ(counted, 33);
	bvm_ir_free(main);
	free_slots();
}

/* Stack that subprograms' tail calls take is bounded: then they fail. */
static void deep_stack(void)
{
	/* a frame of 256 bytes a level, which must be there again on the way back */
	slot[0] = LOWER_AS(256, 1, MOVR(6, 1), MOVR(2, 1), MOV(1, 0), CALL_FN(COUNT),
			   STX(BPF_DW, 10, 0, -8), STX(BPF_DW, 10, 0, -256), MOVR(7, 0),
			   MOVR(1, 6), CALL_SUB(8), LDX(BPF_DW, 1, 10, -8),
			   LDX(BPF_DW, 2, 10, -256),
			   I(0x5d, 1, 7, 3, 0), I(0x5d, 2, 7, 2, 0), ADD(0, 1), EXIT,
			   MOV(0, -1000), EXIT,
			   TAIL_TO(0), MOV(0, 0), EXIT);
	CHECK(run(slot[0]) == counted, "%llu levels", counted);
	CHECK(counted >= 9 && counted <= 17, "%llu levels", counted);
	free_slots();
}

/* ------------------------------------------------------------------ loops */

/* r0 = bpf_loop(n, the function behind EXIT, fp, flags) */
#define LOOP_CALL(n, flags)							\
	MOVR(6, 1), MOV(7, 70), MOV(8, 80), MOV(9, 90),				\
	I(BPF_ALU | BPF_MOV | BPF_K, 1, 0, 0, n), FUNC(2, 10), MOVR(3, 10), MOV(4, flags),	\
	CALL_FN(LOOP), ADDR(7, 8), ADDR(7, 9), I(0x55, 7, 0, 1, 240), EXIT,	\
	MOV(0, -77), EXIT

static void loops(void)
{
	/* the callback: counts its number */
	CHECK_EQ(RUN_TYPED(LOOP_CALL(0, 0), MOV(0, 0), EXIT), 0);
	CHECK_EQ(RUN_TYPED(LOOP_CALL(10, 0), MOV(2, 0), CALL_FN(COUNT), MOV(0, 0), EXIT), 10);
	CHECK(counted == 10 && sum == 45, "%llu calls, sum %llu", counted, sum);
	/* it stops when the callback says so */
	CHECK_EQ(RUN_TYPED(LOOP_CALL(10, 0), I(0x15, 1, 0, 2, 6), MOV(0, 0), EXIT, MOV(0, 1),
			   EXIT), 7);
	CHECK_EQ(RUN_TYPED(LOOP_CALL(1, 0), MOV(0, 1), EXIT), 1);
	/* flags, then the number, of which 32 bits count */
	CHECK_EQ(RUN_TYPED(LOOP_CALL(10, 1), MOV(0, 0), EXIT), -EINVAL);
	CHECK_EQ(RUN_TYPED(LOOP_CALL(-1, 1), MOV(0, 0), EXIT), -EINVAL);
	CHECK_EQ(RUN_TYPED(LOOP_CALL(-1, 0), MOV(0, 0), EXIT), -E2BIG);
	CHECK_EQ(RUN_TYPED(LOOP_CALL(BVM_IR_LOOPS + 1, 0), MOV(0, 0), EXIT), -E2BIG);
	CHECK_EQ(RUN_TYPED(LOOP_CALL(BVM_IR_LOOPS, 0), MOV(0, 1), EXIT), 1);
	/* registers are the callback's own; the third argument arrives */
	CHECK_EQ(RUN_TYPED(I(BPF_ST | BPF_MEM | BPF_DW, 10, 0, -8, 1), LOOP_CALL(4, 0),
			   LDX(BPF_DW, 3, 2, -8), MOV(6, 0), MOV(7, 0), MOV(8, 0), MOV(9, 0),
			   MOV(0, 0), I(0x15, 3, 0, 1, 1), MOV(0, 1), EXIT), 4);
}

static void nested_loops(void)
{
	struct bvm_ir_prog *ir;
	u32 i;

	/* 5 times 6 times */
	CHECK_EQ(RUN_TYPED(LOOP_CALL(5, 0),
			   MOV(1, 6), FUNC(2, 6), MOV(3, 0), MOV(4, 0), CALL_FN(LOOP), MOV(0, 0),
			   EXIT,
			   MOV(2, 0), CALL_FN(COUNT), MOV(0, 0), EXIT), 5);
	CHECK(counted == 30 && sum == 75, "%llu calls, sum %llu", counted, sum);

	/* which function is not known before; frames stay apart (stack of main at fp - 64) */
	for (i = 0; i < 2; i++) {
		ir = LOWER_AS(64, 2, I(BPF_ST | BPF_MEM | BPF_DW, 10, 0, -64, 5), MOV(7, i),
			      FUNC(2, 11), I(0x15, 7, 0, 2, 0), FUNC(2, 11),
			      MOV(1, 3), MOV(3, 0), MOV(4, 0), CALL_FN(LOOP),
			      LDX(BPF_DW, 1, 10, -64), ADDR(0, 1), EXIT,
			      /* at 14 */
			      I(BPF_ST | BPF_MEM | BPF_DW, 10, 0, -8, 9), MOV(0, 0), EXIT,
			      I(BPF_ST | BPF_MEM | BPF_DW, 10, 0, -64, 9), MOV(0, 1), EXIT);
		CHECK_EQ(run(ir), i ? 6 : 8);
		bvm_ir_free(ir);
	}

	/* what a callback tail-calls returns to the loop */
	slot[0] = LOWER_AS(0, 0, MOV(0, 1), EXIT);
	CHECK_EQ(RUN_TYPED(LOOP_CALL(9, 0), I(0x25, 1, 0, 2, 3), MOV(0, 0), EXIT, TAIL_TO(0),
			   MOV(0, 0), EXIT), 5);
	free_slots();
}

/* r0 = each(n, the function behind EXIT, fp, flags) */
#define EACH_CALL(n, flags)							\
	MOVR(6, 1), MOV(7, 70), MOV(8, 80), MOV(9, 90),				\
	MOV(1, n), FUNC(2, 10), MOVR(3, 10), MOV(4, flags),			\
	CALL_FN(EACH), ADDR(7, 8), ADDR(7, 9), I(0x55, 7, 0, 1, 240), EXIT,	\
	MOV(0, -77), EXIT

static void things(void)
{
	CHECK_EQ(RUN_TYPED(EACH_CALL(0, 0), MOV(0, 0), EXIT), 0);
	CHECK_EQ(RUN_TYPED(EACH_CALL(10, 1), MOV(0, 0), EXIT), -EINVAL);
	/* the callback: counts its second argument, then its third */
	CHECK_EQ(RUN_TYPED(EACH_CALL(10, 0), MOVR(1, 2), MOV(2, 0), CALL_FN(COUNT), MOV(0, 0),
			   EXIT), 10010);
	CHECK(counted == 10 && sum == 1045, "%llu calls, sum %llu", counted, sum);
	CHECK_EQ(RUN_TYPED(EACH_CALL(10, 0), MOVR(1, 3), MOV(2, 0), CALL_FN(COUNT), MOV(0, 0),
			   EXIT), 10010);
	CHECK(counted == 10 && sum == 2045, "%llu calls, sum %llu", counted, sum);
	/* it stops when the callback says so */
	CHECK_EQ(RUN_TYPED(EACH_CALL(10, 0), I(0x15, 2, 0, 2, 106), MOV(0, 0), EXIT, MOV(0, 1),
			   EXIT), 10007);
	/* registers are the callback's own; first and last argument arrive */
	CHECK_EQ(RUN_TYPED(I(BPF_ST | BPF_MEM | BPF_DW, 10, 0, -8, 4), EACH_CALL(4, 0),
			   LDX(BPF_DW, 3, 4, -8), MOV(6, 0), MOV(7, 0), MOV(8, 0), MOV(9, 0),
			   MOV(0, 0), I(0x1d, 3, 1, 1, 0), MOV(0, 1), EXIT), 4004);
	/* 3 times 4 */
	CHECK_EQ(RUN_TYPED(EACH_CALL(3, 0),
			   MOV(1, 4), FUNC(2, 6), MOV(3, 0), MOV(4, 0), CALL_FN(EACH), MOV(0, 0),
			   EXIT,
			   MOV(2, 0), CALL_FN(COUNT), MOV(0, 0), EXIT), 3003);
	CHECK(counted == 12 && sum == 48, "%llu calls, sum %llu", counted, sum);
}

static void loops_refused(void)
{
	struct bvm_ir_prog *bad[] = {
		LOWER_AS(0, 0, FUNC(2, -1), EXIT),	/* the program itself */
		LOWER_AS(0, 0, FUNC(2, 0), EXIT),	/* inside an instruction */
		LOWER_AS(0, 0, FUNC(2, 2), MOV(0, 0), MOV(0, 0), EXIT),	/* fallen into */
		LOWER_AS(0, 0, FUNC(2, 9), EXIT),	/* outside */
		LOWER_AS(0, 0, FUNC(2, 0x7fffffff), EXIT),
		LOWER_AS(0, 0, FUNC(2, -100), EXIT),
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		CHECK(IS_ERR(bad[i]) && PTR_ERR(bad[i]) == -EINVAL, "program %u accepted", i);
}

/* ------------------------------------------------------- loads that may fault */

static u64 load_as(u8 mem, void *from, struct bpf_insn load)
{
	struct bpf_insn insns[] = { load, EXIT };
	struct bvm_ir_prog *ir;
	struct exec_prog p;
	u64 r0;

	exec_prog_init(&p, insns, ARRAY_SIZE(insns));
	p.args.type = &type;
	p.args.facts = &p.facts;
	p.fact[0].mem = mem;
	ir = bvm_lower(&p.args);
	if (IS_ERR(ir))
		return PTR_ERR(ir);
	r0 = EXEC(ir, from);
	bvm_ir_free(ir);
	return r0;
}

static void probe_loads(void)
{
	static const u8 size[] = { BPF_B, BPF_H, BPF_W, BPF_DW };
	u8 cell[9] = { 0, 0x81, 0x92, 0xa3, 0xb4, 0xc5, 0xd6, 0xe7, 0xf8 };
	u32 i, bits;
	u64 want;

	for (i = 0; i < 4; i++) {
		bits = 8 << i;
		want = 0;
		memcpy((u8 *)&want + (cpu_to_le16(1) == 1 ? 0 : 8 - bits / 8), cell + 1, bits / 8);
		CHECK_EQ(load_as(BVM_MEM_PROBE, cell, LDX(size[i], 0, 1, 1)), want);
		CHECK_EQ(load_as(BVM_MEM_PROBE, NULL, LDX(size[i], 0, 1, 1)), 0);
		if (i == 3)
			continue;
		want = (s64)(want << (64 - bits)) >> (64 - bits);
		CHECK_EQ(load_as(BVM_MEM_PROBE, cell,
				 I(BPF_LDX | BPF_MEMSX | size[i], 0, 1, 1, 0)), want);
		CHECK_EQ(load_as(BVM_MEM_PROBE, NULL,
				 I(BPF_LDX | BPF_MEMSX | size[i], 0, 1, 1, 0)), 0);
	}
	/* nothing but loads */
	CHECK_EQ(load_as(BVM_MEM_PROBE, cell, STX(BPF_W, 1, 2, 0)), -EINVAL);
	CHECK_EQ(load_as(BVM_MEM_PROBE, cell, I(0xdb, 1, 2, 0, 0)), -EINVAL);
}

/* ------------------------------------------------------- addresses in an arena */

#define ARENA_GUARD	0x10000UL
#define TO_KERNEL(d, s)	I(BPF_ALU64 | BPF_MOV | BPF_X, d, s, 1, 1)
#define TO_USER(d, s)	I(BPF_ALU64 | BPF_MOV | BPF_X, d, s, 1, 1 << 16)

static char *arena;	/* what 32 bits and an offset reach, and nothing besides */

static bool arena_base(const struct bvm_map *map, struct bvm_arena_base *base)
{
	*base = (struct bvm_arena_base){ (unsigned long)arena, 0x123ULL << 32 };
	return true;
}

/* The program's memory is that of the arena; r1 is @reg. */
static u64 run_arena(u64 reg, const struct bpf_insn *insns, u32 len)
{
	static const struct bvm_map_type arena_type = {
		.caps = BVM_MAP_ARENA, .arena = arena_base,
	};
	struct bvm_map map = { .type = &arena_type }, *maps[] = { &map };
	struct bvm_ir_prog *ir;
	struct exec_prog p;
	u64 r0;
	u32 i;

	exec_prog_init(&p, insns, len);
	p.args.maps = maps;
	p.args.nr_maps = 1;
	p.args.facts = &p.facts;
	for (i = 0; i < len; i++)
		p.fact[i].mem = BVM_MEM_ARENA;
	ir = bvm_lower(&p.args);
	if (!CHECK(!IS_ERR(ir), "lowering: %ld", PTR_ERR(ir)))
		return 0xdead;
	r0 = EXEC(ir, (void *)(unsigned long)reg);
	bvm_ir_free(ir);
	return r0;
}

#define ARENA(reg, ...) run_arena(reg, (struct bpf_insn[]){ __VA_ARGS__ },	\
				  sizeof((struct bpf_insn[]){ __VA_ARGS__ }) / 8)

static u64 arena_at(u64 reg, s16 off)
{
	u64 value;

	memcpy(&value, arena + (u32)reg + off, 8);
	memset(arena + (u32)reg + off, 0, 8);
	return value;
}

/* Whatever is in the register, 32 bits of it and the offset are added to the arena's base. */
static void arenas(void)
{
	static const u64 regs[] = {
		0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 1ULL << 32, 0xffffffff80000000, -1ULL,
		0x123fffffff9, 0x7fff0000fff8,
	};
	static const s16 offs[] = { 0, 8, -8, 0x7fff, -0x8000 };
	char *mem = mmap(NULL, BIT_ULL(32) + 4 * ARENA_GUARD, PROT_NONE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	u32 i, j;

	if (!CHECK(mem != MAP_FAILED, "no room"))
		return;
	arena = mem + 2 * ARENA_GUARD;
	mprotect(arena - ARENA_GUARD, BIT_ULL(32) + 2 * ARENA_GUARD, PROT_READ | PROT_WRITE);
	for (i = 0; i < ARRAY_SIZE(regs) * ARRAY_SIZE(offs); i++) {
		u64 r = regs[i / ARRAY_SIZE(offs)];
		s16 off = offs[i % ARRAY_SIZE(offs)];

		CHECK_EQ(ARENA(r, I(BPF_ST | BPF_MEM | BPF_DW, 1, 0, off, -5),
			       LDX(BPF_DW, 0, 1, off), EXIT), -5ULL);
		CHECK_EQ(arena_at(r, off), -5ULL);
		CHECK_EQ(ARENA(r, MOV(2, 0x345678), MOV(0, 0), STX(BPF_H, 1, 2, off),
			       LDX(BPF_W, 1, 1, off), MOVR(0, 1), EXIT), 0x5678);
		CHECK_EQ(arena_at(r, off), 0x5678);
		/* the value is the address */
		CHECK_EQ(ARENA(r, STX(BPF_DW, 1, 1, off), MOVR(0, 1), EXIT), r);
		CHECK_EQ(arena_at(r, off), r);
	}
	for (j = 0; j < ARRAY_SIZE(regs); j++) {
		CHECK_EQ(ARENA(regs[j], TO_KERNEL(0, 1), EXIT), (u32)regs[j]);
		CHECK_EQ(ARENA(regs[j], TO_USER(0, 1), EXIT),
			 (u32)regs[j] ? 0x123ULL << 32 | (u32)regs[j] : 0);
		CHECK_EQ(ARENA(regs[j], TO_USER(1, 1), MOVR(0, 1), EXIT),
			 (u32)regs[j] ? 0x123ULL << 32 | (u32)regs[j] : 0);
	}
	munmap(mem, BIT_ULL(32) + 4 * ARENA_GUARD);
}

int main(void)
{
	static const struct ktap_test tests[] = {
		{ "tail calls", tail_calls },
		{ "tail calls between programs of any size", tail_call_sizes },
		{ "tail calls in subprograms", tail_calls_in_subprograms },
		{ "the stack of tail calls in subprograms", deep_stack },
		{ "loops", loops },
		{ "nested loops", nested_loops },
		{ "loops over things", things },
		{ "loops that have no IR", loops_refused },
		{ "loads that may fault", probe_loads },
		{ "arenas", arenas },
	};

	return ktap_run(tests, ARRAY_SIZE(tests));
}
