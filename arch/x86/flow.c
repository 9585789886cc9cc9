// SPDX-License-Identifier: GPL-2.0-only
/*
 * Frames, jumps and calls of the x86-64 back end.
 *
 * A frame, downwards: return address, the caller's rbp; in the program itself the BPF
 * stack of all its functions; the address of the counter of tail calls; the budget of
 * MAY_GOTO; the callee-saved registers that the function uses.  So BPF's frame pointer is
 * rbp in the program itself; in subprograms it is r13, which callers set.
 */
#include "gen.h"

#define FP_SUB		X86_R13
#define TAIL_DEPTH	4096	/* bytes of stack that tail calls of subprograms may be deep */

/* What BPF's r6 to r9 are in. */
static const u8 callee_saved[] = { X86_BX, X86_R14, X86_R15, X86_R12 };

/* ---------------------------------------------------------------- functions */

static bool mentions(const struct bvm_ir *ir, u8 reg)
{
	return ir->dst == reg || ir->src == reg;
}

/* What is true of the program as a whole. */
void bvm_x86_begin(struct bvm_x86_gen *g)
{
	const struct bvm_ir_prog *prog = g->jit->prog;
	bool sub = false;
	u32 i;

	for (i = 0; i < prog->len; i++) {
		sub |= i && g->jit->about[i] & BVM_AT_ENTRY;
		if (!mentions(&prog->code[i], BVM_IR_FP))
			continue;
		g->uses_fp = true;
		g->subs_fp |= sub;
	}
}

static void look_at(struct bvm_x86_gen *g, u32 i, bool *budget)
{
	struct bvm_x86_func *fn = &g->fn;

	switch (g->jit->prog->code[i].op) {
	case BVM_IR_CALL_SUB:
	case BVM_IR_CALL_SUBR:
		fn->calls = true;
		break;
	case BVM_IR_TAIL_CALL:
		fn->tail = 1;
		break;
	case BVM_IR_EXIT:
	case BVM_IR_RET:
		fn->exit = i;
		break;
	case BVM_IR_MAY_GOTO:
		*budget = true;
		break;
	}
}

/* What the function that begins here needs. */
static void describe(struct bvm_x86_gen *g)
{
	const struct bvm_ir_prog *prog = g->jit->prog;
	struct bvm_x86_func *fn = &g->fn;
	u32 i = g->i, k, regs = 0;
	bool budget = false;
	s32 at;

	*fn = (struct bvm_x86_func){ .main = !i, .fp = i ? FP_SUB : X86_BP, .exit = U32_MAX };
	do {
		regs |= BIT(prog->code[i].dst) | BIT(prog->code[i].src);
		look_at(g, i++, &budget);
	} while (i < prog->len && !(g->jit->about[i] & BVM_AT_ENTRY));
	for (k = 0; k < ARRAY_SIZE(callee_saved); k++)
		if (regs & BIT(BPF_REG_6 + k))
			fn->saved |= BIT(callee_saved[k]);
	if (fn->main && g->uses_fp)
		fn->stack = prog->stack_size;
	if (fn->main && fn->calls && g->subs_fp)
		fn->saved |= BIT(FP_SUB);
	at = -(s32)fn->stack;
	if (prog->tail_calls && (fn->tail || fn->calls)) {
		at -= 8;
		fn->tail = at;
	}
	if (budget)
		fn->budget = at - 8;
}

static bool has(const struct bvm_x86_gen *g, u32 feature)
{
	return g->jit->cpu->features & feature;
}

static u32 ret_len(const struct bvm_x86_gen *g)
{
	return (g->jit->cpu->ret ? 5 : 1) + has(g, BVM_X86_SLS);
}

static void ret(struct bvm_x86_gen *g)
{
	if (g->jit->cpu->ret)
		bvm_x86_jump_near(g, g->jit->cpu->ret);
	else
		EMIT(ret);
	if (has(g, BVM_X86_SLS))
		EMIT(int3);
}

static void call_reg(struct bvm_x86_gen *g, u8 reg)
{
	unsigned long thunk = g->jit->cpu->jump[reg];

	if (thunk)
		return bvm_x86_call_near(g, thunk);
	if (has(g, BVM_X86_LFENCE))
		EMIT(lfence);
	EMIT(call_reg, reg);
}

static void jmp_reg(struct bvm_x86_gen *g, u8 reg)
{
	unsigned long thunk = g->jit->cpu->jump[reg];

	if (has(g, BVM_X86_LFENCE) && !thunk)
		EMIT(lfence);
	if (thunk)
		bvm_x86_jump_near(g, thunk);
	else
		EMIT(jmp_reg, reg);
	if (has(g, BVM_X86_SLS))
		EMIT(int3);
}

/* The kernel enters a program with tail calls through a frame that holds their counter. */
void bvm_x86_entry(struct bvm_x86_gen *g)
{
	if (g->jit->prog->tail_calls) {
		if (has(g, BVM_X86_IBT))
			EMIT(endbr64);
		EMIT(push, X86_BP);
		EMIT(mov, X86_W, X86_BP, X86_SP);
		EMIT(push_imm, 0);
		EMIT(mov, X86_W, X86_AX, X86_SP);
		EMIT(call, x86_leave().len + ret_len(g));
		EMIT(leave);
		ret(g);
	}
	g->jit->tail_entry = g->jit->len;
}

void bvm_x86_prologue(struct bvm_x86_gen *g)
{
	u32 start = g->jit->len, reg;

	describe(g);
	if (has(g, BVM_X86_IBT))
		EMIT(endbr64);
	EMIT(push, X86_BP);
	EMIT(mov, X86_W, X86_BP, X86_SP);
	if (g->fn.stack == 8)
		EMIT(push, X86_AX);
	else if (g->fn.stack == 128)
		EMIT(arith_imm, X86_ADD, X86_W, X86_SP, -128);
	else if (g->fn.stack)
		EMIT(arith_imm, X86_SUB, X86_W, X86_SP, g->fn.stack);
	if (g->fn.tail)
		EMIT(push, X86_AX);
	if (g->fn.budget)
		EMIT(push_imm, BVM_IR_BUDGET);
	for (reg = 0; reg < X86_NONE; reg++)
		if (g->fn.saved & BIT(reg))
			EMIT(push, reg);
	g->fn.prologue = g->jit->len - start;
}

static void epilogue(struct bvm_x86_gen *g)
{
	u32 reg;

	for (reg = X86_NONE; reg--;)
		if (g->fn.saved & BIT(reg))
			EMIT(pop, reg);
	if (g->fn.stack || g->fn.tail || g->fn.budget)
		EMIT(leave);
	else
		EMIT(pop, X86_BP);
}

/* Where the last exit begins if its result is 0, and others jump there as well, or 0. */
static u32 zero_exit(const struct bvm_x86_gen *g)
{
	const struct bvm_ir *ir = g->jit->prog->code + g->fn.exit - 1;

	return g->fn.exit != U32_MAX && g->fn.exit > g->i + 1 && ir->op == BVM_IR_MOVI &&
	       !ir->dst && !ir->imm && g->jit->about[g->fn.exit - 1] & BVM_AT_TARGET ?
	       g->fn.exit - 1 : 0;
}

/* A jump to the last one when that is much shorter. */
void bvm_x86_exit(struct bvm_x86_gen *g)
{
	if (g->i != g->fn.exit && g->fn.exit != U32_MAX && hweight16(g->fn.saved) > 2)
		return bvm_x86_jump(g, g->fn.exit);
	epilogue(g);
	ret(g);
}

void bvm_x86_trap(struct bvm_x86_gen *g)
{
	if (zero_exit(g))
		return bvm_x86_jump(g, zero_exit(g));
	EMIT(mov_imm, X86_AX, 0);
	bvm_x86_exit(g);
}

/* -------------------------------------------------------------------- jumps */

/* Over a trap: to where it would go, on the opposite condition. */
void bvm_x86_branch(struct bvm_x86_gen *g, u32 to, u8 cond)
{
	if (to == g->i + 2 && g->jit->prog->code[g->i + 1].op == BVM_IR_TRAP && zero_exit(g) &&
	    !(g->jit->about[g->i + 1] & (BVM_AT_TARGET | BVM_AT_ENTRY))) {
		g->next = to;
		to = zero_exit(g);
		cond ^= 1;
	}
	bvm_x86_goto(g, to, cond);
}

/* -------------------------------------------------------------------- calls */

static void move_fp(struct bvm_x86_gen *g, s32 by)
{
	if (g->fn.main && by < 0)
		EMIT(lea, X86_W, FP_SUB, x86_at(X86_BP, by));
	else if (!g->fn.main && by == 128)
		EMIT(arith_imm, X86_SUB, X86_W, FP_SUB, -128);
	else if (!g->fn.main)
		EMIT(arith_imm, X86_ADD, X86_W, FP_SUB, by);
}

void bvm_x86_call_sub(struct bvm_x86_gen *g, const struct bvm_ir *ir)
{
	bool direct = ir->op == BVM_IR_CALL_SUB;
	s32 frame = ir->imm + BVM_IR_SAVE;
	u8 src = reg_of(g, ir->src);

	if (g->subs_fp)
		move_fp(g, -frame);
	if (g->fn.tail) {
		if (!direct && src == X86_AX) {
			EMIT(mov, X86_W, SCRATCH, X86_AX);
			src = SCRATCH;
		}
		EMIT(mem_load, X86_AX, x86_at(X86_BP, g->fn.tail));
	}
	if (direct)
		bvm_x86_call_func(g, ir->off);
	else
		call_reg(g, src);
	if (g->subs_fp)
		move_fp(g, frame);
}

/*
 * The next program takes the place of this function's frame.  The context is kept on the
 * stack, the counter is where the outermost frame has it.  What subprograms call this way
 * is active at a time: the distance to that frame bounds how deep it may get.
 */
void bvm_x86_tail_call(struct bvm_x86_gen *g, const struct bvm_ir *ir)
{
	EMIT(mem_load, X86_AX, x86_at(X86_BP, g->fn.tail));
	EMIT(cmp_mem_imm8, 0, x86_at(X86_AX, 0), BVM_IR_TAIL_CALLS);
	bvm_x86_goto(g, g->i + 1, X86_AE);
	if (!g->fn.main) {
		EMIT(mov, X86_W, SCRATCH, X86_AX);
		EMIT(arith, X86_SUB, X86_W, SCRATCH, X86_SP);
		EMIT(arith_imm, X86_CMP, X86_W, SCRATCH, TAIL_DEPTH);
		bvm_x86_goto(g, g->i + 1, X86_A);
	}
	EMIT(push, X86_DI);
	bvm_x86_call(g, ir->imm);
	EMIT(pop, X86_DI);
	EMIT(test, X86_W, X86_AX, X86_AX);
	bvm_x86_goto(g, g->i + 1, X86_E);
	EMIT(mem_load, SCRATCH, x86_at(X86_AX, offsetof(struct bvm_jit_image, tail_entry)));
	EMIT(mem_load, X86_AX, x86_at(X86_BP, g->fn.tail));
	EMIT(mem_inc, x86_at(X86_AX, 0));
	epilogue(g);
	jmp_reg(g, SCRATCH);
}
