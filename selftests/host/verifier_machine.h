/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A plain machine that runs what the verifier has accepted, for verifier_fuzz_test.c,
 * whose maps it knows.
 */
#include "../../kernel/exec/ir.h"

/* A function at work, or what it was called from. */
struct machine_frame {
	u32 call;		/* instruction that called it */
	u64 saved[4];		/* r6 to r9 of the caller */
	bool callback;		/* called by bpf_loop, with: */
	u32 start, round, rounds;
	u64 ctx;
};

/* A machine without tricks; every byte it touches is accounted for. */
struct machine {
	const struct verif *v;
	u64 r[11];
	u8 *stack;		/* exactly the stack that the facts promise */
	u64 ctx[21];
	struct machine_frame frame[BVM_IR_FRAMES];	/* [0] is not used */
	u32 depth;
	const char *wrong;
	u32 at;
};

/* The address of a function, as the program sees it. */
#define MACHINE_FUNC	0x5afe00000000ULL

static bool inside(u64 addr, u32 size, const void *start, u64 len)
{
	return addr >= (u64)start && addr + size <= (u64)start + len;
}

/* The kind of memory at an address, BVM_MEM_NONE if it is nobody's. */
static u32 memory_at(struct machine *m, u64 addr, u32 size, u32 *map)
{
	u64 key;
	void *value;
	u32 i;

	*map = BVM_NO_MAP;
	if (inside(addr, size, m->stack, m->v->facts.stack_depth))
		return BVM_MEM_STACK;
	if (inside(addr, size, m->ctx, sizeof(m->ctx)))
		return BVM_MEM_CTX;
	if (verif_record(addr, size))
		return BVM_MEM_OTHER;
	for (i = 0; i < NR_MAPS; i++) {
		if (!maps[i]->type->next_key)
			continue;
		key = 0;
		do {
			value = maps[i]->type->lookup(maps[i], &key);
			*map = i;
			if (value && inside(addr, size, value, maps[i]->value_size))
				return BVM_MEM_MAP_VALUE;
		} while (!maps[i]->type->next_key(maps[i], &key, &key));
	}
	return BVM_MEM_NONE;
}

static bool touch(struct machine *m, u64 addr, u32 size)
{
	const struct bvm_insn_fact *fact = &m->v->facts.insn[m->at];
	u32 map, mem = memory_at(m, addr, size, &map);

	if (mem == BVM_MEM_NONE)
		m->wrong = "access outside";
	else if (fact->mem != mem && fact->mem != BVM_MEM_CONFLICT)
		m->wrong = "wrong kind of memory in the facts";
	else if (fact->mem == mem && fact->map != BVM_NO_MAP && fact->map != map)
		m->wrong = "wrong map in the facts";
	return !m->wrong;
}

static u64 fetch(u64 addr, u32 size)
{
	u64 value = 0;

	memcpy(&value, (void *)addr, size);	/* little endian, as the machines we test on */
	return value;
}

static u64 alu(u8 op, u32 size, u64 a, u64 b)
{
	s64 sa = size == 8 ? (s64)a : (s32)a, sb = size == 8 ? (s64)b : (s32)b;
	u64 ua = size == 8 ? a : (u32)a, ub = size == 8 ? b : (u32)b, r = 0;
	u32 shift = ub & (8 * size - 1);

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
	case BVM_MOD:
		r = ub ? ua % ub : ua;
		break;
	case BVM_SDIV:
		r = !sb ? 0 : sb == -1 ? -(u64)sa : (u64)(sa / sb);
		break;
	case BVM_SMOD:
		r = !sb ? (u64)sa : sb == -1 ? 0 : (u64)(sa % sb);
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
		r = ua << shift;
		break;
	case BVM_RSH:
		r = ua >> shift;
		break;
	case BVM_ARSH:
		r = sa >> shift;
		break;
	}
	return size == 8 ? r : (u32)r;
}

static bool holds(u8 cond, u32 size, u64 a, u64 b)
{
	s64 sa = size == 8 ? (s64)a : (s32)a, sb = size == 8 ? (s64)b : (s32)b;
	u64 ua = size == 8 ? a : (u32)a, ub = size == 8 ? b : (u32)b;

	switch (cond) {
	case BVM_JEQ:
		return ua == ub;
	case BVM_JNE:
		return ua != ub;
	case BVM_JSET:
		return ua & ub;
	case BVM_JGT:
		return ua > ub;
	case BVM_JGE:
		return ua >= ub;
	case BVM_JLT:
		return ua < ub;
	case BVM_JLE:
		return ua <= ub;
	case BVM_JSGT:
		return sa > sb;
	case BVM_JSGE:
		return sa >= sb;
	case BVM_JSLT:
		return sa < sb;
	default:
		return sa <= sb;
	}
}

static u64 swapped(const struct bvm_insn *in, u64 v)
{
	bool swap = in->op != BVM_TO_LE;

	switch (in->ext) {
	case 2:
		return swap ? swab16((u16)v) : (u16)v;
	case 4:
		return swap ? swab32((u32)v) : (u32)v;
	default:
		return swap ? swab64(v) : v;
	}
}

static void atomic(struct machine *m, const struct bvm_insn *in)
{
	static const u8 op[] = { BVM_ADD, BVM_OR, BVM_AND, BVM_XOR };
	u64 addr = m->r[in->dst] + in->off, old, new;

	if (!touch(m, addr, in->size))
		return;
	old = fetch(addr, in->size);
	new = m->r[in->src];
	if (in->op == BVM_ATOMIC_CMPXCHG)
		new = old == fetch((u64)&m->r[0], in->size) ? new : old;
	else if (in->op != BVM_ATOMIC_XCHG)
		new = alu(op[in->op], in->size, old, new);
	memcpy((void *)addr, &new, in->size);
	if (in->flags & BVM_F_FETCH)
		m->r[in->op == BVM_ATOMIC_CMPXCHG ? 0 : in->src] = old;
}

/* Begins a function; @m->at becomes its first instruction. */
static void machine_enter(struct machine *m, u32 start)
{
	u32 i, bytes = m->v->facts.insn[m->at].frame * 8;

	if (m->depth + 1 >= BVM_IR_FRAMES) {
		m->wrong = "too many frames";
		return;
	}
	m->depth++;
	m->frame[m->depth].call = m->at;
	memcpy(m->frame[m->depth].saved, &m->r[6], sizeof(m->frame[0].saved));
	m->frame[m->depth].callback = false;
	for (i = 6; i < 10; i++)
		m->r[i] = verif_random();
	m->r[0] = verif_random();
	m->r[10] -= bytes;
	if (m->r[10] < (u64)m->stack)
		m->wrong = "frame outside of the stack";
	m->at = start;
}

/* Another round of bpf_loop, whose frame is there. */
static void machine_round(struct machine *m)
{
	struct machine_frame *f = &m->frame[m->depth];
	u32 i;

	for (i = 3; i < 10; i++)
		m->r[i] = verif_random();
	m->r[1] = f->round;
	m->r[2] = f->ctx;
}

/* Return: whether a function begins; @m->at is its first instruction then. */
static bool machine_loop(struct machine *m)
{
	u32 rounds = m->r[1];
	u64 ctx = m->r[3];

	if (m->r[4] || rounds > BVM_IR_LOOPS || !rounds) {
		m->r[0] = m->r[4] ? (u64)-EINVAL : rounds ? (u64)-E2BIG : 0;
		return false;
	}
	if (m->r[2] - MACHINE_FUNC >= m->v->len) {
		m->wrong = "loop calls what is no function";
		return false;
	}
	machine_enter(m, m->r[2] - MACHINE_FUNC);
	if (m->wrong)
		return false;
	m->frame[m->depth].callback = true;
	m->frame[m->depth].start = m->at;
	m->frame[m->depth].round = 0;
	m->frame[m->depth].rounds = rounds;
	m->frame[m->depth].ctx = ctx;
	machine_round(m);
	return true;
}

/* Return: false at the end of the program. */
static bool machine_return(struct machine *m)
{
	struct machine_frame *f = &m->frame[m->depth];
	u32 i;

	if (!m->depth)
		return false;
	if (f->callback && m->r[0] > 1)
		m->wrong = "callback returns neither 0 nor 1";
	if (f->callback && !m->r[0] && ++f->round < f->rounds) {
		m->at = f->start;
		machine_round(m);
		return true;
	}
	if (f->callback)
		m->r[0] = m->r[0] ? f->round + 1 : f->round;
	memcpy(&m->r[6], f->saved, sizeof(f->saved));
	m->r[10] += m->v->facts.insn[f->call].frame * 8;
	for (i = 1; i <= 5; i++)
		m->r[i] = verif_random();
	m->at = f->call + 1;
	m->depth--;
	return true;
}

static void call(struct machine *m, const struct bvm_insn *in)
{
	const struct bvm_helper *helper = bvm_helper_find(m->v->type, in->imm);
	u32 map, i, size;

	for (i = 0; i < 5; i++) {
		if (helper->arg[i] == BVM_ARG_ACQUIRED && !verif_record(m->r[i + 1], 0))
			m->wrong = "gives back what it does not hold";
		map = m->v->facts.insn[m->at].map;
		if (helper->arg[i] == BVM_ARG_MAP_PTR && map != BVM_NO_MAP &&
		    m->r[i + 1] != (u64)maps[map])
			m->wrong = "wrong map of a helper in the facts";
		if (helper->arg[i] != BVM_ARG_UNINIT_MEM && helper->arg[i] != BVM_ARG_MAP_KEY)
			continue;
		size = helper->arg[i] == BVM_ARG_MAP_KEY ?
			((struct bvm_map *)m->r[1])->key_size : m->r[i + 2];
		if (memory_at(m, m->r[i + 1], size, &map) == BVM_MEM_NONE)
			m->wrong = "helper's memory outside";
	}
	if (m->wrong)
		return;
	m->r[0] = helper->fn(m->r[1], m->r[2], m->r[3], m->r[4], m->r[5]);
	for (i = 1; i <= 5; i++)
		m->r[i] = verif_random();
}

static u64 imm64(const struct bvm_insn *in, u32 at)
{
	struct bvm_map *map;

	if (in->src == BPF_PSEUDO_FUNC)
		return MACHINE_FUNC + at + 1 + (s32)in->imm;
	map = maps[(u32)in->imm % NR_MAPS];

	if (!in->src)
		return in->imm;
	if (in->src == BPF_PSEUDO_MAP_FD)
		return (u64)map;
	return (u64)map->type->direct(map, in->imm >> 32);
}

static void mov(struct machine *m, const struct bvm_insn *in, u64 v)
{
	if (in->ext)
		v = sign_extend64(v, 8 * in->ext - 1);
	m->r[in->dst] = in->size == 8 ? v : (u32)v;
}

/* One instruction.  Return: false at the end of the program, or when something is wrong. */
static bool machine_step(struct machine *m)
{
	const struct bvm_insn *in = &m->v->insn[m->at];
	u64 src = in->flags & BVM_F_SRC_REG ? m->r[in->src] : (u64)in->imm, addr;
	u32 next = m->at + 1;

	if (!m->v->facts.insn[m->at].seen) {
		m->wrong = "instruction that is never reached was reached";
		return false;
	}
	switch (in->class) {
	case BVM_ALU:
		m->r[in->dst] = alu(in->op, in->size, m->r[in->dst], src);
		break;
	case BVM_MOV:
		mov(m, in, src);
		break;
	case BVM_NEG:
		m->r[in->dst] = alu(BVM_SUB, in->size, 0, m->r[in->dst]);
		break;
	case BVM_ENDIAN:
		m->r[in->dst] = swapped(in, m->r[in->dst]);
		break;
	case BVM_LDX:
		addr = m->r[in->src] + in->off;
		if (!touch(m, addr, in->size))
			break;
		m->r[in->dst] = fetch(addr, in->size);
		if (in->flags & BVM_F_SEXT)
			m->r[in->dst] = sign_extend64(m->r[in->dst], 8 * in->size - 1);
		break;
	case BVM_ST:
	case BVM_STX:
		addr = m->r[in->dst] + in->off;
		src = in->class == BVM_STX ? m->r[in->src] : (u64)in->imm;
		if (touch(m, addr, in->size))
			memcpy((void *)addr, &src, in->size);
		break;
	case BVM_ATOMIC:
		atomic(m, in);
		break;
	case BVM_LD_IMM64:
		m->r[in->dst] = imm64(in, m->at);
		next++;
		break;
	case BVM_JA:
		next += in->off;
		break;
	case BVM_JCOND:
		if (holds(in->op, in->size, m->r[in->dst], src))
			next += in->off;
		break;
	case BVM_CALL:
		if (in->src == BPF_PSEUDO_CALL) {
			machine_enter(m, next + in->imm);
			return !m->wrong;
		}
		if (in->imm != BPF_FUNC_loop)
			call(m, in);
		else if (machine_loop(m))
			return true;
		break;
	default:
		return machine_return(m) && !m->wrong;
	}
	m->at = m->wrong ? m->at : next;
	return !m->wrong;
}

/* Return: what was wrong, or NULL. */
static const char *machine_run(const struct verif *v, u32 *at)
{
	struct machine m = { .v = v };
	u32 i, steps = 0;

	m.stack = malloc(v->facts.stack_depth + 1);	/* uninitialised, as in the kernel */
	for (i = 0; i < v->facts.stack_depth; i++)
		m.stack[i] = verif_random();
	for (i = 0; i < 10; i++)
		m.r[i] = verif_random();
	m.r[1] = (u64)m.ctx;
	m.r[10] = (u64)m.stack + v->facts.stack_depth;
	while (machine_step(&m))
		if (++steps > 2000000)
			m.wrong = "does not end";
	if (!m.wrong && verif_held)
		m.wrong = "record never given back";
	free(m.stack);
	*at = m.at;
	return m.wrong;
}
