// SPDX-License-Identifier: GPL-2.0-only
/*
 * The x86-64 back end: a row an operation says how it is selected.
 *
 * Operands need no moves: BPF's registers are where the C calling convention has them.
 * No flags live from one operation to the next.
 */
#include "gen.h"

/**
 * struct row - how an operation is selected
 * @select:	emits it, NULL: the back end does not have it
 * @arg:	opcode, condition or the like
 * @how:	X86_* of its instructions
 * @bytes:	of memory
 */
struct row {
	void (*select)(struct bvm_x86_gen *g, const struct bvm_ir *ir, const struct row *row);
	u16 arg;
	u8 how;
	u8 bytes;
};

#define SELECT(name)	static void name(struct bvm_x86_gen *g, const struct bvm_ir *ir,	\
					 const struct row *row)
#define D		reg_of(g, ir->dst)
#define S		reg_of(g, ir->src)
#define WIDE(row)	((row)->how & X86_W)

/* dst = dst: not nothing for 32 bits */
static void same(struct bvm_x86_gen *g, u32 how, u8 reg)
{
	if (!(how & X86_W))
		EMIT(mov, 0, reg, reg);
}

/* --------------------------------------------------------------- arithmetic */

static const struct bvm_ir *next_if(const struct bvm_x86_gen *g, u16 op, u8 dst)
{
	const struct bvm_ir *next = &g->jit->prog->code[g->i + 1];

	if (g->i + 1 >= g->jit->prog->len || next->op != op || next->dst != dst ||
	    g->jit->about[g->i + 1] & (BVM_AT_TARGET | BVM_AT_ENTRY))
		return NULL;
	return next;
}

/* dst = src; dst += number or register: one lea */
static bool move_and_add(struct bvm_x86_gen *g, const struct bvm_ir *ir)
{
	bool wide = ir->op == BVM_IR_MOV64R;
	struct x86_mem m = x86_at(S, 0);
	const struct bvm_ir *next;

	if (ir->dst == ir->src)
		return false;
	next = next_if(g, wide ? BVM_IR_ADD64I : BVM_IR_ADD32I, ir->dst);
	if (next) {
		m.disp = next->imm;
	} else {
		next = next_if(g, wide ? BVM_IR_ADD64R : BVM_IR_ADD32R, ir->dst);
		if (!next || next->src == ir->dst)
			return false;
		m.index = reg_of(g, next->src);
		/* the one that can do without a displacement */
		if ((m.base & 7) == X86_BP)
			swap(m.base, m.index);
	}
	EMIT(lea, wide ? width_after(g, 1, ir->dst) : 0, D, m);
	g->next++;
	return true;
}

SELECT(move)
{
	if (move_and_add(g, ir))
		return;
	if (ir->dst == ir->src)
		same(g, ir->op == BVM_IR_MOV64R ? X86_W : 0, D);
	else
		EMIT(mov, row->how, D, S);
}

SELECT(move_imm)
{
	EMIT(mov_imm, D, width_after(g, 0, ir->dst) ? ir->imm : (u32)ir->imm);
}

/* dst = some of src's bytes */
SELECT(extend)
{
	EMIT(rr, row->arg, row->how, D, S);
}

SELECT(arith_r)
{
	EMIT(arith, row->arg, row->how, D, S);
}

SELECT(add_i)
{
	s64 v = row->arg == X86_SUB ? -ir->imm : ir->imm;

	if (!v)
		same(g, row->how, D);
	else if (v == 1)
		EMIT(inc, row->how, D);
	else if (v == -1)
		EMIT(dec, row->how, D);
	else if (v == 128 || !x86_is_s32(v))
		EMIT(arith_imm, X86_SUB, row->how, D, -v);
	else
		EMIT(arith_imm, X86_ADD, row->how, D, v);
}

SELECT(and_i)
{
	/* bits above a positive number are cleared in any case */
	u32 how = ir->imm >= 0 ? 0 : row->how;

	if (ir->imm == -1)
		same(g, how, D);
	else if (!ir->imm)
		EMIT(mov_imm, D, 0);
	else if (ir->imm == 0xff)
		EMIT(rr, 0x0fb6, X86_BYTE_RM, D, D);
	else if (ir->imm == 0xffff)
		EMIT(rr, 0x0fb7, 0, D, D);
	else
		EMIT(arith_imm, X86_AND, how, D, ir->imm);
}

SELECT(or_i)
{
	if (!ir->imm)
		same(g, row->how, D);
	else if (row->arg == X86_XOR && ir->imm == -1)
		EMIT(unary, X86_NOT, row->how, D);
	else
		EMIT(arith_imm, row->arg, row->how, D, ir->imm);
}

SELECT(mul_r)
{
	EMIT(imul, row->how, D, S);
}

SELECT(mul_i)
{
	u64 v = ir->imm;

	if (!v)
		EMIT(mov_imm, D, 0);
	else if (v == 1)
		same(g, row->how, D);
	else if (v == -1)
		EMIT(unary, X86_NEG, row->how, D);
	else if (v == 2)
		EMIT(arith, X86_ADD, row->how, D, D);
	else if (v == 3 || v == 5 || v == 9)
		EMIT(lea, row->how, D, (struct x86_mem){ D, D, ilog2(v - 1), 0 });
	else if (is_power_of_2(v))
		EMIT(shift_imm, X86_SHL, row->how, D, ilog2(v));
	else
		EMIT(imul_imm, row->how, D, D, v);
}

#define HAS_SIGN	1
#define MODULO		2

SELECT(div_r)
{
	bvm_x86_divide(g, ir, row->how, row->arg & HAS_SIGN, row->arg & MODULO, false);
}

SELECT(div_i)
{
	bvm_x86_divide(g, ir, row->how, row->arg & HAS_SIGN, row->arg & MODULO, true);
}

/* The count is in cl, which is BPF's r4. */
SELECT(shift_r)
{
	u8 d = D, s = S;

	if (g->jit->cpu->features & BVM_X86_BMI2)
		return EMIT(shift_reg, row->arg, row->how, d, d, s);
	if (d == X86_CX) {
		EMIT(mov, row->how, SCRATCH, d);
		if (s != X86_CX)
			EMIT(mov, 0, X86_CX, s);
		EMIT(shift_cl, row->arg, row->how, SCRATCH);
		EMIT(mov, row->how, d, SCRATCH);
		return;
	}
	if (s == X86_CX)
		return EMIT(shift_cl, row->arg, row->how, d);
	if (is_live(g, BPF_REG_4))
		EMIT(mov, X86_W, SCRATCH, X86_CX);
	EMIT(mov, 0, X86_CX, s);
	EMIT(shift_cl, row->arg, row->how, d);
	if (is_live(g, BPF_REG_4))
		EMIT(mov, X86_W, X86_CX, SCRATCH);
}

/* dst <<= 32; dst >>= 32 */
static bool extend_by_shifts(struct bvm_x86_gen *g, const struct bvm_ir *ir, const struct row *row)
{
	const struct bvm_ir *next;

	if (row->arg != X86_SHL || !WIDE(row) || ir->imm != 32)
		return false;
	next = next_if(g, BVM_IR_RSH64I, ir->dst);
	if (next && next->imm == 32) {
		EMIT(mov, 0, D, D);
		return g->next++;
	}
	next = next_if(g, BVM_IR_ARSH64I, ir->dst);
	if (next && next->imm == 32) {
		EMIT(rr, 0x63, X86_W, D, D);
		return g->next++;
	}
	return false;
}

SELECT(shift_i)
{
	u32 count = ir->imm & (WIDE(row) ? 63 : 31);

	if (extend_by_shifts(g, ir, row))
		return;
	if (!count)
		same(g, row->how, D);
	else if (count == 1 && row->arg == X86_SHL)
		EMIT(arith, X86_ADD, row->how, D, D);
	else
		EMIT(shift_imm, row->arg, row->how, D, count);
}

SELECT(rotate)
{
	EMIT(shift_imm, X86_ROL, row->how, D, ir->imm);
}

SELECT(negate)
{
	EMIT(unary, X86_NEG, row->how, D);
}

SELECT(swap_bytes)
{
	EMIT(bswap, row->how, D);
	if (row->arg == 16)
		EMIT(shift_imm, X86_SHR, 0, D, 16);
}

/* ------------------------------------------------------------------- memory */

SELECT(load)
{
	EMIT(rm, row->arg, row->how, D, x86_at(S, ir->off));
}

/* From here to the end of addresses a fault is user space's, as one below the kernel's. */
#define TOP_OF_KERNEL	(-10 << 20)	/* VSYSCALL_ADDR */

/* Where a load that may fault reads; its base is SCRATCH if the register changes before that. */
static struct x86_mem try_at(struct bvm_x86_gen *g, const struct bvm_ir *ir, bool changes)
{
	struct x86_mem m = x86_at(S, ir->off);

	/* compare_top() adds to what is negative, without getting beyond 0 */
	if (m.disp < 0 || m.disp > S16_MAX) {
		EMIT(lea, X86_W, SCRATCH, m);
		return x86_at(SCRATCH, 0);
	}
	if (changes) {
		EMIT(mov, X86_W, SCRATCH, m.base);
		m.base = SCRATCH;
	}
	return m;
}

/* Compare. Return: the condition on which these bytes are not all the kernel's. */
static u8 compare_top(struct bvm_x86_gen *g, struct x86_mem m, u32 bytes)
{
	/* user space's addresses are not negative */
	EMIT(arith_imm, X86_CMP, X86_W, m.base, TOP_OF_KERNEL - m.disp - (s32)bytes + 1);
	return g->jit->cpu->features & BVM_JIT_PROBE_USER ? X86_L : X86_GE;
}

/* Two operations further on: the same of what is behind it? */
static bool goes_on(const struct bvm_x86_gen *g, const struct bvm_ir *ir, u32 bytes)
{
	u32 i = g->i + 2;

	return i + 1 < g->jit->prog->len && !(g->jit->about[i] & (BVM_AT_TARGET | BVM_AT_ENTRY)) &&
	       !(g->jit->about[i + 1] & (BVM_AT_TARGET | BVM_AT_ENTRY)) && ir[2].op == ir->op &&
	       ir[2].dst >= BVM_IR_TMP0 && ir[2].src == ir->src && ir->src != ir->dst &&
	       ir[2].off == ir->off + (s32)bytes && ir[3].op == BVM_IR_JNE64I && !ir[3].dst &&
	       !ir[3].imm && ir[3].off == ir[1].off;
}

/*
 * Loads, each followed by a jump to a call if it fails: straight to there.  The call sets r0
 * and changes what was loaded.
 */
static bool try_or_call(struct bvm_x86_gen *g, const struct bvm_ir *ir, const struct row *row)
{
	const struct bvm_ir *jump = next_if(g, BVM_IR_JNE64I, BPF_REG_0);
	struct bvm_jit *jit = g->jit;
	struct x86_code code[2];
	bool pair, result;
	struct x86_mem m;
	u32 i;

	if (!jump || jump->imm || jump->off <= (s64)g->i + 1 || ir->dst < BVM_IR_TMP0 ||
	    jit->prog->code[jump->off].op != BVM_IR_CALL)
		return false;
	pair = goes_on(g, ir, row->bytes);
	g->i += pair ? 3 : 1;
	g->next = g->i + 1;
	result = is_live(g, BPF_REG_0);
	m = try_at(g, ir, result && S == X86_AX);
	if (result)
		EMIT(mov_imm, X86_AX, 0);
	code[0] = x86_rm(row->arg, row->how, D, m);
	m.disp += row->bytes;
	code[1] = x86_rm(row->arg, row->how, reg_of(g, ir[2].dst), m);
	m.disp -= row->bytes;
	bvm_x86_goto(g, jump->off, compare_top(g, m, row->bytes << pair));
	for (i = 0; i <= pair; i++) {
		bvm_jit_may_fault(jit, jit->len, jump->off);
		bvm_x86_emit(g, code[i]);
	}
	return true;
}

/* Addresses that are not the kernel's count as ones that fault: nothing is read there. */
SELECT(probe)
{
	bool tries = bvm_ir_tries(ir);
	struct x86_mem m;
	u32 end;

	if (tries && try_or_call(g, ir, row))
		return;
	m = try_at(g, ir, D == S || (tries && S == X86_AX));
	EMIT(mov_imm, D, 0);
	if (tries)
		EMIT(mov_imm, X86_AX, -EFAULT);
	end = skip(g, compare_top(g, m, row->bytes));
	bvm_jit_may_fault(g->jit, g->jit->len, g->i + 1);
	EMIT(rm, row->arg, row->how, D, m);
	if (tries)
		EMIT(mov_imm, X86_AX, 0);
	landed(g, end);
}

/* as any variable of a CPU, @ir->imm bytes from where gs points */
SELECT(current_task)
{
	bvm_x86_gs_load(g, D, ir->imm);
}

/* how far a CPU's variables are away is such a variable; a single CPU has them where they are */
SELECT(percpu)
{
	if (g->jit->cpu->features & BVM_X86_SMP)
		EMIT(gs_add, D, g->jit->cpu->percpu);
}

SELECT(store)
{
	EMIT(rm, row->arg, row->how, S, x86_at(D, ir->off));
}

/* the same, but it may fault */
SELECT(put)
{
	bvm_jit_may_fault(g->jit, g->jit->len, g->i + 1);
	store(g, ir, row);
}

SELECT(store_imm)
{
	EMIT(store_imm, row->bytes, x86_at(D, ir->off), ir->imm);
}

/* no one reads the old value: without it */
SELECT(fetch_add)
{
	EMIT(rm, is_live(g, ir->src) ? 0x0fc1 : 0x01, row->how | X86_LOCK, S, x86_at(D, ir->off));
}

/*
 * The new value is computed in the scratch register, the old one is in rax.  What was
 * in rax, maybe an operand, waits in another register, which is saved when it is in use.
 */
SELECT(fetch_loop)
{
	u8 d = D, s = S, other = d != X86_CX && s != X86_CX ? X86_CX :
				 d != X86_SI && s != X86_SI ? X86_SI : X86_R8;
	u8 base = d == X86_AX ? other : d, with = s == X86_AX ? other : s;
	u32 head;

	if (!is_live(g, ir->src))
		return EMIT(rm, row->arg << 3 | 1, row->how | X86_LOCK, s, x86_at(d, ir->off));
	EMIT(push, other);
	EMIT(mov, X86_W, other, X86_AX);
	EMIT(rm, 0x8b, row->how, X86_AX, x86_at(base, ir->off));
	head = g->jit->len;
	EMIT(mov, row->how, SCRATCH, X86_AX);
	EMIT(arith, row->arg, row->how, SCRATCH, with);
	EMIT(rm, 0x0fb1, row->how | X86_LOCK, SCRATCH, x86_at(base, ir->off));
	EMIT(jcc, X86_NE, (s32)(head - (g->jit->len + 2)));
	if (s != X86_AX) {
		EMIT(mov, row->how, s, X86_AX);
		EMIT(mov, X86_W, X86_AX, other);
	}
	EMIT(pop, other);
}

SELECT(compare_exchange)
{
	EMIT(rm, 0x0fb1, row->how | X86_LOCK, S, x86_at(D, ir->off));
	/* the upper half is left alone when they are equal */
	same(g, row->how, X86_AX);
}

/* ------------------------------------------------------------- control flow */

SELECT(jump_r)
{
	EMIT(arith, X86_CMP, row->how, D, S);
	bvm_x86_branch(g, ir->off, row->arg);
}

SELECT(jump_i)
{
	if (ir->imm)
		EMIT(arith_imm, X86_CMP, row->how, D, ir->imm);
	else
		EMIT(test, row->how, D, D);
	bvm_x86_branch(g, ir->off, row->arg);
}

SELECT(jump_set_r)
{
	EMIT(test, row->how, D, S);
	bvm_x86_branch(g, ir->off, row->arg);
}

SELECT(jump_set_i)
{
	if (ir->imm >= 0 && ir->imm <= 0xff)
		EMIT(test_imm, X86_BYTE_RM, D, ir->imm);
	else
		EMIT(test_imm, ir->imm >= 0 ? 0 : row->how, D, ir->imm);
	bvm_x86_branch(g, ir->off, row->arg);
}

SELECT(jump)
{
	bvm_x86_jump(g, ir->off);
}

/* Below 0 it stays, for as long as a program can run. */
SELECT(may_goto)
{
	EMIT(mem_dec, x86_at(X86_BP, g->fn.budget));
	bvm_x86_branch(g, ir->off, X86_S);
}

SELECT(call)
{
	bvm_x86_call(g, ir->imm);
}

SELECT(call_sub)
{
	bvm_x86_call_sub(g, ir);
}

SELECT(func_addr)
{
	bvm_x86_func_addr(g, ir);
}

SELECT(tail_call)
{
	bvm_x86_tail_call(g, ir);
}

SELECT(leave)
{
	bvm_x86_exit(g);
}

SELECT(trap)
{
	bvm_x86_trap(g);
}

/* -------------------------------------------------------------------- table */

#define FORMS(NAME, reg, imm, what)						\
	[BVM_IR_##NAME##64R] = { .select = reg, .arg = what, .how = X86_W },	\
	[BVM_IR_##NAME##64I] = { .select = imm, .arg = what, .how = X86_W },	\
	[BVM_IR_##NAME##32R] = { .select = reg, .arg = what },			\
	[BVM_IR_##NAME##32I] = { .select = imm, .arg = what }
#define OP(NAME, fn, ...)							\
	[BVM_IR_##NAME] = { .select = fn, ##__VA_ARGS__ }
#define MEM(bits, ld, st, h)							\
	OP(LOAD##bits, load, .arg = ld, .how = (h) & X86_W),			\
	OP(PROBE##bits, probe, .arg = ld, .how = (h) & X86_W, .bytes = (bits) / 8), \
	OP(TRY##bits, probe, .arg = ld, .how = (h) & X86_W, .bytes = (bits) / 8), \
	OP(PUT##bits, put, .arg = st, .how = h),				\
	OP(STORE##bits##R, store, .arg = st, .how = h),				\
	OP(STORE##bits##I, store_imm, .bytes = (bits) / 8)
#define ATOMIC(NAME, fn, what, fetch_fn)					\
	OP(ATOMIC_##NAME##32, fn, .arg = (what) << 3 | 1, .how = X86_LOCK),	\
	OP(ATOMIC_##NAME##64, fn, .arg = (what) << 3 | 1, .how = X86_LOCK | X86_W), \
	OP(FETCH_##NAME##32, fetch_fn, .arg = what),				\
	OP(FETCH_##NAME##64, fetch_fn, .arg = what, .how = X86_W)

static const struct row rows[__BVM_IR_OP_MAX] = {
	FORMS(ADD, arith_r, add_i, X86_ADD),
	FORMS(SUB, arith_r, add_i, X86_SUB),
	FORMS(MUL, mul_r, mul_i, 0),
	FORMS(DIV, div_r, div_i, 0),
	FORMS(SDIV, div_r, div_i, HAS_SIGN),
	FORMS(MOD, div_r, div_i, MODULO),
	FORMS(SMOD, div_r, div_i, HAS_SIGN | MODULO),
	FORMS(OR, arith_r, or_i, X86_OR),
	FORMS(AND, arith_r, and_i, X86_AND),
	FORMS(XOR, arith_r, or_i, X86_XOR),
	FORMS(LSH, shift_r, shift_i, X86_SHL),
	FORMS(RSH, shift_r, shift_i, X86_SHR),
	FORMS(ARSH, shift_r, shift_i, X86_SAR),
	OP(ROL64I, rotate, .how = X86_W),
	OP(ROL32I, rotate),
	OP(NEG64, negate, .how = X86_W),
	OP(NEG32, negate),
	OP(MOV64R, move, .how = X86_W),
	OP(MOV32R, move),
	OP(MOVI, move_imm),
	OP(CURRENT, current_task),
	OP(PERCPU, percpu),
	OP(SEXT8_64, extend, .arg = 0x0fbe, .how = X86_W | X86_BYTE_RM),
	OP(SEXT16_64, extend, .arg = 0x0fbf, .how = X86_W),
	OP(SEXT32_64, extend, .arg = 0x63, .how = X86_W),
	OP(SEXT8_32, extend, .arg = 0x0fbe, .how = X86_BYTE_RM),
	OP(SEXT16_32, extend, .arg = 0x0fbf),
	OP(ZEXT16, extend, .arg = 0x0fb7),
	OP(SWAP16, swap_bytes, .arg = 16),
	OP(SWAP32, swap_bytes),
	OP(SWAP64, swap_bytes, .how = X86_W),
	MEM(8, 0x0fb6, 0x88, X86_BYTE_REG),
	MEM(16, 0x0fb7, 0x89, X86_H),
	MEM(32, 0x8b, 0x89, 0),
	MEM(64, 0x8b, 0x89, X86_W),
	OP(LOADS8, load, .arg = 0x0fbe, .how = X86_W),
	OP(LOADS16, load, .arg = 0x0fbf, .how = X86_W),
	OP(LOADS32, load, .arg = 0x63, .how = X86_W),
	ATOMIC(ADD, store, X86_ADD, fetch_add),
	ATOMIC(OR, store, X86_OR, fetch_loop),
	ATOMIC(AND, store, X86_AND, fetch_loop),
	ATOMIC(XOR, store, X86_XOR, fetch_loop),
	/* locks by itself */
	OP(XCHG32, store, .arg = 0x87),
	OP(XCHG64, store, .arg = 0x87, .how = X86_W),
	OP(CMPXCHG32, compare_exchange),
	OP(CMPXCHG64, compare_exchange, .how = X86_W),
	FORMS(JEQ, jump_r, jump_i, X86_E),
	FORMS(JNE, jump_r, jump_i, X86_NE),
	FORMS(JSET, jump_set_r, jump_set_i, X86_NE),
	FORMS(JGT, jump_r, jump_i, X86_A),
	FORMS(JGE, jump_r, jump_i, X86_AE),
	FORMS(JLT, jump_r, jump_i, X86_B),
	FORMS(JLE, jump_r, jump_i, X86_BE),
	FORMS(JSGT, jump_r, jump_i, X86_G),
	FORMS(JSGE, jump_r, jump_i, X86_GE),
	FORMS(JSLT, jump_r, jump_i, X86_L),
	FORMS(JSLE, jump_r, jump_i, X86_LE),
	OP(JA, jump),
	OP(MAY_GOTO, may_goto),
	OP(CALL, call),
	OP(CALL_SUB, call_sub),
	OP(CALL_SUBR, call_sub),
	OP(FUNC, func_addr),
	OP(TAIL_CALL, tail_call),
	OP(RET, leave),
	OP(EXIT, leave),
	OP(BODY, trap),
	OP(TRAP, trap),
};

/* Nothing falls into it, and nothing jumps there. */
static bool is_dead(const struct bvm_jit *jit, u32 i)
{
	u16 before;

	if (!i || jit->about[i] & (BVM_AT_TARGET | BVM_AT_ENTRY))
		return false;
	before = jit->prog->code[i - 1].op;
	return before == BVM_IR_EXIT || before == BVM_IR_RET || before == BVM_IR_JA ||
	       before == BVM_IR_BODY;
}

static void emit_one(struct bvm_x86_gen *g, const struct bvm_ir *ir)
{
	struct row row = rows[ir->op];

	if (g->jit->about[g->i] & BVM_AT_ENTRY)
		bvm_x86_prologue(g);
	if (bvm_x86_fuse(g, ir))
		return;
	if (row.how & X86_W && bvm_x86_narrow(g, ir))
		row.how &= ~X86_W;
	row.select(g, ir, &row);
	bvm_x86_flags(g, ir);
}

int bvm_arch_jit(struct bvm_jit *jit)
{
	struct bvm_x86_gen gen = { .jit = jit }, *g = &gen;
	const struct bvm_ir_prog *prog = jit->prog;
	u32 i;

	bvm_x86_begin(g);
	bvm_x86_entry(g);
	for (i = 0; i < prog->len; i++) {
		jit->at[i] = jit->len;
		if (!rows[prog->code[i].op].select)
			return -EOPNOTSUPP;
		if (jit->about[i] & (BVM_AT_TARGET | BVM_AT_ENTRY))
			g->zero = 0;
		/* not the second of two that the first one's code does */
		if (i >= g->next && !is_dead(jit, i)) {
			g->i = i;
			g->next = i + 1;
			emit_one(g, &prog->code[i]);
		}
		bvm_x86_know(g, &prog->code[i]);
	}
	jit->at[i] = jit->len;
	return 0;
}
