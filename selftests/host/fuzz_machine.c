// SPDX-License-Identifier: GPL-2.0-only
/*
 * A plain machine that runs what the verifier has accepted.  Every byte that it touches is
 * accounted for, and every register that it reads must have been written.
 */
#include "fuzz.h"
#include "../../kernel/exec/ir.h"

struct bvm_map *fuzz_maps[FUZZ_MAPS];
u64 fuzz_ctx[FUZZ_CTX / 8];
struct fuzz_memory fuzz_memory[16];
u32 fuzz_nr_memory;

/* ------------------------------------------------------------------- inputs */

/* Numbers at which the program does something, and what has been drawn from. */
static u64 pool[64];
static u32 nr_pool;
static u64 state;

static u64 draw(void)
{
	return fuzz_mix(state += 0x9e3779b97f4a7c15ULL);
}

/* A number where things happen: what the program compares with, small ones, powers of two. */
static u64 input(void)
{
	u64 r = draw(), x = draw(), low;

	switch (r % 16) {
	case 0 ... 5:
		low = nr_pool ? pool[x % nr_pool] + (s64)(r / 16 % 5) - 2 : x % 8;
		break;
	case 6 ... 9:
		low = x % 64;
		break;
	case 10:
		low = BIT_ULL(x % 64) + (s64)(r / 16 % 3) - 1;
		break;
	case 11:
		low = -(x % 64);
		break;
	case 12:
		low = (u32)x;
		break;
	case 13:
		low = x;
		break;
	default:
		return x % 2;
	}
	return r >> 60 ? low : (u32)low | (u64)(u32)(r >> 32) << 32;
}

static void fill(u64 start, u32 size)
{
	u32 i;
	u64 value;

	for (i = 0; i < size; i += 8) {
		value = draw() % 3 ? input() : 0;
		memcpy((void *)start + i, &value, 8);
	}
}

static void note(u64 value)
{
	if (nr_pool < ARRAY_SIZE(pool))
		pool[nr_pool++] = value;
}

/**
 * fuzz_inputs - what the next run sees
 * @p:		program, whose constants are tried
 * @seed:	of the run
 */
void fuzz_inputs(const struct fuzz_prog *p, u64 seed)
{
	u32 i;

	state = seed;
	verif_seed = fuzz_mix(seed) | 1;
	nr_pool = 0;
	for (i = 0; i < p->len; i++)
		if (fuzz_is_jump(&p->insn[i]) || BPF_CLASS(p->insn[i].code) == BPF_ALU ||
		    BPF_CLASS(p->insn[i].code) == BPF_ALU64)
			note((s64)p->insn[i].imm);
	fill((u64)fuzz_ctx, sizeof(fuzz_ctx));
	for (i = 0; i < fuzz_nr_memory; i++)
		if (!fuzz_maps[fuzz_memory[i].map]->frozen)
			fill(fuzz_memory[i].start, fuzz_memory[i].size);
}

/* ------------------------------------------------------------------- memory */

static void add_memory(u32 map, void *value)
{
	fuzz_memory[fuzz_nr_memory++] = (struct fuzz_memory){
		.start = (u64)value, .size = fuzz_maps[map]->value_size, .map = map,
	};
}

void fuzz_maps_init(void)
{
	struct bvm_map **maps = fuzz_maps;
	u64 value[FUZZ_VALUE / 8] = { 1, 2, 3, ~0ULL, 5, 6 }, key;

	maps[HASH] = verif_map(BPF_MAP_TYPE_HASH, 8, FUZZ_VALUE, 4, BPF_F_NO_PREALLOC);
	maps[ARRAY] = verif_map(BPF_MAP_TYPE_ARRAY, 4, FUZZ_VALUE, 1, 0);
	maps[READ_ONLY] = verif_map(BPF_MAP_TYPE_ARRAY, 4, FUZZ_VALUE, 1, BPF_F_RDONLY_PROG);
	maps[RING] = verif_map(BPF_MAP_TYPE_RINGBUF, 0, 0, 4096, 0);
	maps[OF_MAPS] = verif_map_of(maps[ARRAY]);
	maps[FROZEN] = verif_map(BPF_MAP_TYPE_ARRAY, 4, FUZZ_VALUE, 1, BPF_F_RDONLY_PROG);
	maps[PROGS] = verif_map(BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 2, 0);
	for (key = 0; key < 2; key++) {
		maps[HASH]->type->update(maps[HASH], &key, value, BPF_ANY);
		add_memory(HASH, maps[HASH]->type->lookup(maps[HASH], &key));
	}
	for (key = ARRAY; key <= FROZEN; key++)
		if (maps[key]->type->direct)
			add_memory(key, maps[key]->type->direct(maps[key], 0));
	memcpy((void *)maps[FROZEN]->type->direct(maps[FROZEN], 0), value, sizeof(value));
	maps[FROZEN]->frozen = true;
}

void fuzz_maps_free(void)
{
	u32 i;

	for (i = 0; i < FUZZ_MAPS; i++)
		verif_map_free(fuzz_maps[i]);
}

static bool inside(u64 addr, u64 size, u64 start, u64 len)
{
	return addr >= start && addr + size <= start + len && addr + size >= addr;
}

/* The kind of memory at an address, BVM_MEM_NONE if it is nobody's. */
static u32 memory_at(struct fuzz_machine *m, u64 addr, u64 size, u32 *map)
{
	u32 i;

	*map = BVM_NO_MAP;
	if (inside(addr, size, (u64)m->stack, m->v->facts.stack_depth))
		return BVM_MEM_STACK;
	if (inside(addr, size, (u64)fuzz_ctx, m->v->type->ctx_size))
		return BVM_MEM_CTX;
	for (i = 0; i < fuzz_nr_memory; i++) {
		*map = fuzz_memory[i].map;
		if (inside(addr, size, fuzz_memory[i].start, fuzz_memory[i].size))
			return BVM_MEM_MAP_VALUE;
	}
	*map = BVM_NO_MAP;
	return verif_record(addr, size) ? BVM_MEM_OTHER : BVM_MEM_NONE;
}

static bool read_only(u32 map)
{
	return map != BVM_NO_MAP && fuzz_maps[map]->flags & BPF_F_RDONLY_PROG;
}

/* Is it the number that an iterator has given out, and keeps on the stack? */
bool fuzz_in_iter(const struct fuzz_machine *m, u64 addr, u64 size)
{
	u32 i;

	for (i = 0; i < m->nr_iters; i++)
		if (inside(addr, size, m->iter[i], 4))
			return true;
	return false;
}

static bool touch(struct fuzz_machine *m, u64 addr, u32 size, bool write)
{
	const struct bvm_insn_fact *fact = &m->v->facts.insn[m->at];
	u32 map, mem = memory_at(m, addr, size, &map);

	if (fuzz_in_iter(m, addr, size) && !write)
		mem = BVM_MEM_OTHER;
	if (mem == BVM_MEM_NONE)
		m->wrong = "access outside";
	else if (write && read_only(map))
		m->wrong = "writes what is read-only";
	else if (fact->mem != mem && fact->mem != BVM_MEM_CONFLICT)
		m->wrong = "wrong kind of memory in the facts";
	else if (fact->mem == mem && fact->map != BVM_NO_MAP && fact->map != map)
		m->wrong = "wrong map in the facts";
	return !m->wrong;
}

static void define(struct fuzz_machine *m, u32 reg, u64 value)
{
	m->r[reg] = value;
	m->defined |= 1 << reg;
}

/* What was in them is gone. */
static void undefine(struct fuzz_machine *m, u32 first, u32 last)
{
	for (; first <= last; first++) {
		m->r[first] = draw();
		m->defined &= ~(1 << first);
	}
}

static u64 use(struct fuzz_machine *m, u32 reg)
{
	if (!(m->defined >> reg & 1))
		m->wrong = "reads a register that holds nothing";
	return m->r[reg];
}

/* ------------------------------------------------------------- instructions */

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

static void atomic(struct fuzz_machine *m, const struct bvm_insn *in)
{
	static const u8 op[] = { BVM_ADD, BVM_OR, BVM_AND, BVM_XOR };
	u64 addr = use(m, in->dst) + in->off, old, new;

	if (!touch(m, addr, in->size, true))
		return;
	old = fetch(addr, in->size);
	new = use(m, in->src);
	if (in->op == BVM_ATOMIC_CMPXCHG)
		new = old == (in->size == 8 ? use(m, 0) : (u32)use(m, 0)) ? new : old;
	else if (in->op != BVM_ATOMIC_XCHG)
		new = alu(op[in->op], in->size, old, new);
	memcpy((void *)addr, &new, in->size);
	if (in->flags & BVM_F_FETCH)
		define(m, in->op == BVM_ATOMIC_CMPXCHG ? 0 : in->src, old);
}

/* ----------------------------------------------------------- calls and returns */

/* From then on, a run of bpf_loop or an iterator ends with its round: millions may be left. */
#define HASTE	500000

/* Begins a function; @m->at becomes its first instruction. */
static void enter(struct fuzz_machine *m, u32 start)
{
	u32 bytes = m->v->facts.insn[m->at].frame * 8;
	struct fuzz_frame *f;

	if (m->depth + 1 >= min(FUZZ_FRAMES, BVM_IR_FRAMES)) {
		m->wrong = "too many frames";
		return;
	}
	f = &m->frame[++m->depth];
	*f = (struct fuzz_frame){ .call = m->at };
	memcpy(f->saved, &m->r[6], sizeof(f->saved));
	undefine(m, 6, 9);
	undefine(m, 0, 0);
	m->r[10] -= bytes;
	f->fp = m->r[10];
	if (m->r[10] < (u64)m->stack)
		m->wrong = "frame outside of the stack";
	m->at = start;
}

/* Another round of bpf_loop, whose frame is there. */
static void next_round(struct fuzz_machine *m)
{
	struct fuzz_frame *f = &m->frame[m->depth];

	undefine(m, 0, 9);
	define(m, 1, f->round);
	define(m, 2, f->ctx);
	m->at = f->start;
}

/* bpf_loop.  Return: whether a function begins. */
static bool loop(struct fuzz_machine *m)
{
	u32 rounds = use(m, 1), start = use(m, 2) - FUZZ_FUNC;
	u64 ctx = use(m, 3), flags = use(m, 4);
	struct fuzz_frame *f;

	if (flags || rounds > BVM_IR_LOOPS || !rounds) {
		undefine(m, 0, 5);
		define(m, 0, flags ? (u64)-EINVAL : rounds ? (u64)-E2BIG : 0);
		return false;
	}
	if (start >= m->v->len)
		m->wrong = "calls back what is no function";
	if (m->wrong)
		return false;
	enter(m, start);
	if (m->wrong)
		return false;
	f = &m->frame[m->depth];
	f->callback = true;
	f->start = start;
	f->rounds = rounds;
	f->ctx = ctx;
	next_round(m);
	return true;
}

/* Return: false at the end of the program. */
static bool leave(struct fuzz_machine *m)
{
	struct fuzz_frame *f = &m->frame[m->depth];
	u64 ret = m->r[0];
	bool defined = m->defined & 1;

	if (!m->depth)
		return false;
	if (f->callback && (!defined || ret > 1))
		m->wrong = "callback returns neither 0 nor 1";
	if (f->callback && !ret && ++f->round < f->rounds && m->steps < HASTE) {
		next_round(m);
		return true;
	}
	if (f->callback)
		ret = ret ? f->round + 1 : f->round;
	undefine(m, 0, 5);
	if (defined)
		define(m, 0, ret);
	memcpy(&m->r[6], f->saved, sizeof(f->saved));
	m->defined |= 0x3c0;
	m->at = f->call + 1;
	m->r[10] = m->frame[--m->depth].fp;
	return true;
}

/* What a helper is given to write to or to read from. */
static void check_argument(struct fuzz_machine *m, const struct bvm_helper *helper, u32 i)
{
	u32 kind = helper->arg[i] & ~BVM_ARG_MAYBE_NULL, map = m->v->facts.insn[m->at].map;
	u64 arg = use(m, i + 1), size = 0;

	switch (kind) {
	case BVM_ARG_ACQUIRED:
		if (!verif_record(arg, 0))
			m->wrong = "gives back what it does not hold";
		return;
	case BVM_ARG_MAP_PTR:
		if (map != BVM_NO_MAP && arg != (u64)fuzz_maps[map])
			m->wrong = "wrong map of a helper in the facts";
		return;
	case BVM_ARG_MAP_KEY:
		size = ((struct bvm_map *)m->r[1])->key_size;
		break;
	case BVM_ARG_MEM:
	case BVM_ARG_UNINIT_MEM:
		size = m->r[i + 2];
		break;
	default:
		return;
	}
	if (!size || (!arg && helper->arg[i] & BVM_ARG_MAYBE_NULL))
		return;
	if (memory_at(m, arg, size, &map) == BVM_MEM_NONE)
		m->wrong = "helper's memory outside";
	else if (kind == BVM_ARG_UNINIT_MEM && read_only(map))
		m->wrong = "helper writes what is read-only";
}

static const struct bvm_helper *called(const struct fuzz_machine *m, const struct bvm_insn *in)
{
	if (in->src != BPF_PSEUDO_KFUNC_CALL)
		return bvm_helper_find(m->v->type, in->imm);
	return bvm_kfunc_called(m->v->kfuncs, NR_KFUNCS, in->imm, in->off)->func;
}

/* What may be looked at through an iterator. */
static void note_iter(struct fuzz_machine *m, u32 kfunc)
{
	u32 i;

	if (kfunc == KF_bpf_iter_num_new) {
		if (m->nr_iters == ARRAY_SIZE(m->iter))
			m->wrong = "too many iterators";
		else
			m->iter[m->nr_iters++] = m->r[1];
	}
	for (i = 0; kfunc == KF_bpf_iter_num_destroy && i < m->nr_iters; i++)
		if (m->iter[i] == m->r[1])
			m->iter[i] = m->iter[--m->nr_iters];
}

static void call(struct fuzz_machine *m, const struct bvm_insn *in)
{
	const struct bvm_helper *helper = called(m, in);
	u64 ret;
	u32 i;

	for (i = 0; i < 5 && helper->arg[i] && !m->wrong; i++)
		check_argument(m, helper, i);
	if (in->src == BPF_PSEUDO_KFUNC_CALL)
		note_iter(m, in->imm);
	if (m->wrong)
		return;
	ret = helper->fn(m->r[1], m->r[2], m->r[3], m->r[4], m->r[5]);
	/* random numbers, but not of any kind */
	if (in->src == BPF_PSEUDO_KFUNC_CALL)
		ret = in->imm == KF_bpf_iter_num_next && m->steps > HASTE ? 0 : ret;
	else if (in->imm == BPF_FUNC_get_prandom_u32)
		ret = (u32)input();
	else if (!helper->arg[0] && helper->ret == BVM_RET_INTEGER)
		ret = input();
	undefine(m, 0, 5);
	if (helper->ret != BVM_RET_VOID)
		define(m, 0, ret);
}

/* Return: false when that ends the program. */
static bool load_packet(struct fuzz_machine *m, const struct bvm_insn *in)
{
	u32 off = in->imm + (in->class == BVM_LD_IND ? use(m, in->src) : 0);
	u64 value;

	if (use(m, 6) != (u64)fuzz_ctx)
		m->wrong = "packet load without the context";
	value = m->v->type->ld_pkt((u64)fuzz_ctx, off, in->size, 0, 0);
	undefine(m, 0, 5);
	if ((s64)value < 0) {
		define(m, 0, 0);
		return leave(m);
	}
	define(m, 0, value & input());
	m->at++;
	return true;
}

static u64 imm64(const struct bvm_insn *in, u32 at)
{
	struct bvm_map *map = fuzz_maps[(u32)in->imm % FUZZ_MAPS];

	switch (in->src) {
	case 0:
		return in->imm;
	case BPF_PSEUDO_FUNC:
		return FUZZ_FUNC + at + 1 + (s32)in->imm;
	case BPF_PSEUDO_MAP_FD:
		return (u64)map;
	default:
		return (u64)map->type->direct(map, in->imm >> 32);
	}
}

static void mov(struct fuzz_machine *m, const struct bvm_insn *in, u64 v)
{
	if (in->ext)
		v = sign_extend64(v, 8 * in->ext - 1);
	define(m, in->dst, in->size == 8 ? v : (u32)v);
}

static void load(struct fuzz_machine *m, const struct bvm_insn *in)
{
	u64 addr = use(m, in->src) + in->off, value;

	if (!touch(m, addr, in->size, false))
		return;
	value = fetch(addr, in->size);
	if (in->flags & BVM_F_SEXT)
		value = sign_extend64(value, 8 * in->size - 1);
	define(m, in->dst, value);
}

static void store(struct fuzz_machine *m, const struct bvm_insn *in)
{
	u64 addr = use(m, in->dst) + in->off;
	u64 value = in->class == BVM_STX ? use(m, in->src) : (u64)in->imm;

	if (touch(m, addr, in->size, true))
		memcpy((void *)addr, &value, in->size);
}

/* One instruction.  Return: false at the end of the program, or when something is wrong. */
static bool step(struct fuzz_machine *m)
{
	const struct bvm_insn *in = &m->v->insn[m->at];
	u32 next = m->at + 1;
	u64 src = in->imm;

	if (!m->v->facts.insn[m->at].seen) {
		m->wrong = "instruction that is never reached was reached";
		return false;
	}
	if (in->flags & BVM_F_SRC_REG)
		src = use(m, in->src);
	switch (in->class) {
	case BVM_ALU:
		define(m, in->dst, alu(in->op, in->size, use(m, in->dst), src));
		break;
	case BVM_MOV:
		mov(m, in, src);
		break;
	case BVM_NEG:
		define(m, in->dst, alu(BVM_SUB, in->size, 0, use(m, in->dst)));
		break;
	case BVM_ENDIAN:
		define(m, in->dst, swapped(in, use(m, in->dst)));
		break;
	case BVM_LDX:
		load(m, in);
		break;
	case BVM_ST:
	case BVM_STX:
		store(m, in);
		break;
	case BVM_ATOMIC:
		atomic(m, in);
		break;
	case BVM_LD_IMM64:
		define(m, in->dst, imm64(in, m->at));
		next++;
		break;
	case BVM_LD_ABS:
	case BVM_LD_IND:
		return load_packet(m, in) && !m->wrong;
	case BVM_JA:
		next += in->off;
		break;
	case BVM_MAY_GOTO:	/* sooner than in the kernel */
		if (!(draw() % 8))
			next += in->off;
		break;
	case BVM_JCOND:
		if (holds(in->op, in->size, use(m, in->dst), src))
			next += in->off;
		break;
	case BVM_CALL:
		if (in->src == BPF_PSEUDO_CALL) {
			enter(m, next + in->imm);
			return !m->wrong;
		}
		if (in->imm != BPF_FUNC_loop || in->src)
			call(m, in);
		else if (loop(m))
			return true;
		break;
	default:
		return leave(m) && !m->wrong;
	}
	m->at = m->wrong ? m->at : next;
	return !m->wrong;
}

/* Records that were not given back are, for the next run. */
void fuzz_drop_records(void)
{
	const struct bvm_helper *helper = bvm_helper_find(&verif_kprobe, BPF_FUNC_ringbuf_discard);

	while (verif_held)
		helper->fn(verif_record_at(0, NULL), 0, 0, 0, 0);
}

/**
 * fuzz_machine_run - run a program once
 * @m:		machine, whose ->wrong is what went wrong, and ->at where
 * @v:		program
 * @env:	what the verifier found out, to compare with; or NULL
 */
void fuzz_machine_run(struct fuzz_machine *m, const struct verif *v, struct bvm_env *env)
{
	u32 i;
	bool more;

	memset(m, 0, sizeof(*m));
	m->v = v;
	m->stack = malloc(v->facts.stack_depth + 8);	/* uninitialised, as in the kernel */
	for (i = 0; i < v->facts.stack_depth; i++)
		m->stack[i] = draw();
	undefine(m, 0, 9);
	define(m, 1, (u64)fuzz_ctx);
	define(m, 10, (u64)m->stack + v->facts.stack_depth);
	m->frame[0].fp = m->r[10];
	if (env)
		fuzz_embed_begin(env, m);
	do {
		more = step(m);
		if (env && !m->wrong)
			fuzz_embed_step(m, more);
		if (++m->steps > 2000000 && !m->wrong)
			m->wrong = "does not end";
	} while (more && !m->wrong);
	if (env)
		fuzz_embed_end();
	if (!m->wrong && (verif_held || m->nr_iters))
		m->wrong = "record or iterator never given back";
	fuzz_drop_records();
	free(m->stack);
}
