// SPDX-License-Identifier: GPL-2.0-only
/*
 * Frames and control flow of the arm64 back end.
 *
 * A function's frame, from SP up: x29 and x30; the registers of the caller that it uses;
 * the context, if there are tail calls; and the program's has the BPF stack of all
 * functions at its top.  It reaches that relative to SP; a subprogram gets its frame
 * pointer from its caller, in x25.  A function that calls nothing has no frame record, as
 * the compiler does it.
 *
 * Return addresses in memory are signed where the kernel signs its own.  Where it guards
 * indirect branches, each function begins with a landing pad, which signing is too: the
 * kernel calls programs and callbacks, and a tail call comes from a register that "bti c"
 * lets pass.
 *
 * A program with tail calls is called by a few instructions of its own, which have the
 * frame that the number of tail calls is in: programs that replace each other leave that
 * alone.
 */
#include "jit.h"

#define TAIL_DEPTH	1	/* pages of stack that tail calls of subprograms may be deep */

/* ------------------------------------------------------------- what is needed */

/* The registers that an instruction names. */
static u32 named(const struct bvm_ir *ir)
{
	switch (a64_form(ir->op)) {
	case BVM_FORM_DST:
	case BVM_FORM_DST_IMM:
	case BVM_FORM_STORE_IMM:
	case BVM_FORM_JUMP_IMM:
	case BVM_FORM_FUNC:
		return BIT(ir->dst);
	case BVM_FORM_DST_SRC:
	case BVM_FORM_LOAD:
	case BVM_FORM_STORE:
	case BVM_FORM_JUMP_SRC:
		return BIT(ir->dst) | BIT(ir->src);
	case BVM_FORM_CALL_SRC:
		return BIT(ir->src);
	default:
		return 0;
	}
}

/**
 * a64_scan_program() - what holds for all functions
 * @s:	program; sets sub_fp, tail
 */
void a64_scan_program(struct a64 *s)
{
	const struct bvm_ir_prog *prog = s->jit->prog;
	bool sub = false;
	u32 i;

	for (i = 0; i < prog->len; i++) {
		if (i && s->jit->about[i] & BVM_AT_ENTRY)
			sub = true;
		s->sub_fp |= sub && named(&prog->code[i]) & BIT(BVM_IR_FP);
		s->tail |= prog->code[i].op == BVM_IR_TAIL_CALL;
	}
}

static void map_registers(struct a64_func *fn, u32 used)
{
	static const u8 plain[BVM_IR_REGS] = {
		A64_R0, 0, 1, 2, 3, 4, A64_R6, A64_R6 + 1, A64_R6 + 2, A64_R6 + 3, A64_FP, 10, 11,
	};
	static const u8 leaf[] = { 5, 6, 13, 14 };
	u32 i;

	for (i = 0; i < BVM_IR_REGS; i++)
		fn->reg[i] = plain[i];
	for (i = 0; i < ARRAY_SIZE(leaf); i++) {
		if (!fn->calls)
			fn->reg[BPF_REG_6 + i] = leaf[i];
		else if (used & BIT(BPF_REG_6 + i))
			fn->saved[fn->nr_saved++] = A64_R6 + i;
	}
	if (fn->calls && fn->budget)
		fn->saved[fn->nr_saved++] = A64_BUDGET;
}

static void lay_out(struct a64 *s)
{
	struct a64_func *fn = &s->fn;
	u32 size = fn->calls ? 16 : 0;

	if (fn->main && fn->subs && s->sub_fp)
		fn->saved[fn->nr_saved++] = A64_FP;
	size += 8 * fn->nr_saved;
	if (fn->tail) {
		fn->ctx_off = size;
		size += 8;
	}
	if (fn->main && fn->fp)
		size += s->jit->prog->stack_size;
	fn->frame = round_up(size, 16);
	fn->fp_off = fn->frame;
}

/**
 * a64_scan() - see what a function needs
 * @s:		program; sets fn
 * @start:	IR instruction at which the function begins
 *
 * Return: false if the program ends before that.
 */
bool a64_scan(struct a64 *s, u32 start)
{
	const struct bvm_ir_prog *prog = s->jit->prog;
	bool dead = false;
	u32 i, used = 0;

	s->fn = (struct a64_func){ .start = start, .last = prog->len, .main = !start };
	for (i = start; i < prog->len; i++) {
		const struct bvm_ir *ir = &prog->code[i];

		if (i > start && s->jit->about[i] & BVM_AT_ENTRY)
			break;
		used |= named(ir);
		s->fn.subs |= ir->op == BVM_IR_CALL_SUB || ir->op == BVM_IR_CALL_SUBR;
		s->fn.tail |= ir->op == BVM_IR_TAIL_CALL;
		s->fn.calls |= ir->op == BVM_IR_CALL;
		s->fn.budget |= ir->op == BVM_IR_MAY_GOTO;
		dead = a64_dead(s, i, dead);
		if (!dead && (ir->op == BVM_IR_EXIT || ir->op == BVM_IR_RET))
			s->fn.last = i;
	}
	s->fn.end = i;
	s->fn.calls |= s->fn.subs || s->fn.tail;
	s->fn.fp = used & BIT(BVM_IR_FP) || (s->fn.subs && s->sub_fp);
	map_registers(&s->fn, used);
	lay_out(s);
	return start < prog->len;
}

/* -------------------------------------------------------- prologue, epilogue */

static void save(struct a64 *s, bool load)
{
	const struct a64_func *fn = &s->fn;
	u32 i, off = 16;

	for (i = 0; i + 1 < fn->nr_saved; i += 2, off += 16)
		a64_emit(s, a64_pair(load, fn->saved[i], fn->saved[i + 1], A64_SP, off, A64_PLAIN));
	if (i < fn->nr_saved)
		a64_emit(s, a64_mem12(load ? A64_LDR : A64_STR, 3, fn->saved[i], A64_SP, off));
}

/* Of a function that is called, and may keep its return address in memory. */
static void enter(struct a64 *s, bool keeps)
{
	if (keeps && a64_has(s, A64_PAC))
		a64_emit(s, a64_paciasp());
	else if (a64_has(s, A64_BTI))
		a64_emit(s, a64_bti_c());
}

/* SP and the return address are those of enter() again. */
static void leave(struct a64 *s, bool kept)
{
	if (kept && a64_has(s, A64_PAC))
		a64_emit(s, a64_autiasp());
}

/* The frame is so small that saving x29 and x30 can make it too. */
static bool small(const struct a64_func *fn)
{
	return fn->calls && fn->frame <= 504;
}

/**
 * a64_prologue() - enter a function
 * @s:	program
 */
void a64_prologue(struct a64 *s)
{
	struct a64_func *fn = &s->fn;

	enter(s, fn->calls);
	if (small(fn)) {
		a64_emit(s, a64_pair(false, 29, 30, A64_SP, -(s32)fn->frame, A64_PRE));
	} else if (fn->frame) {
		a64_add_const(s, true, A64_SP, A64_SP, -(s64)fn->frame);
		if (fn->calls)
			a64_emit(s, a64_pair(false, 29, 30, A64_SP, 0, A64_PLAIN));
	}
	if (fn->calls)
		a64_emit(s, a64_add_imm(A64_ADD, true, 29, A64_SP, 0, false));
	save(s, false);
	if (fn->budget)
		a64_set(s, fn->calls ? A64_BUDGET : A64_BUDGET_LEAF, BVM_IR_BUDGET);
	fn->body = s->jit->len;
}

/* All of the function's frame goes; what follows returns, or is another program. */
static void tear_down(struct a64 *s)
{
	const struct a64_func *fn = &s->fn;

	save(s, true);
	if (small(fn)) {
		a64_emit(s, a64_pair(true, 29, 30, A64_SP, fn->frame, A64_POST));
	} else if (fn->frame) {
		if (fn->calls)
			a64_emit(s, a64_pair(true, 29, 30, A64_SP, 0, A64_PLAIN));
		a64_add_const(s, true, A64_SP, A64_SP, fn->frame);
	}
	leave(s, fn->calls);
}

static void epilogue(struct a64 *s)
{
	/* a subprogram may be the caller, of what it has tail-called: r0 stays */
	if (s->fn.main)
		a64_emit(s, a64_logic(A64_ORR, true, false, 0, A64_ZR, A64_R0));
	tear_down(s);
	a64_emit(s, a64_ret());
}

/**
 * a64_exit() - EXIT and RET
 * @s:	program
 * @ir:	instruction
 *
 * The last one has the epilogue, the others go there unless it is as short.
 */
void a64_exit(struct a64 *s, const struct bvm_ir *ir)
{
	if (s->i == s->fn.last || s->fn.last == s->jit->prog->len || !s->fn.frame)
		epilogue(s);
	else
		a64_goto(s, 0, s->fn.last);
}

/**
 * a64_trap() - TRAP
 * @s:	program
 * @ir:	instruction
 */
void a64_trap(struct a64 *s, const struct bvm_ir *ir)
{
	a64_set(s, A64_R0, 0);
	a64_exit(s, ir);
}

/**
 * a64_outer() - what the kernel calls when there are tail calls
 * @s:	program
 *
 * Has the frame with their number, and calls the program, whose code follows.
 */
void a64_outer(struct a64 *s)
{
	enter(s, true);
	a64_emit(s, a64_pair(false, 29, 30, A64_SP, -32, A64_PRE));
	a64_emit(s, a64_add_imm(A64_ADD, true, 29, A64_SP, 0, false));
	a64_emit(s, a64_pair(false, A64_COUNT, A64_ZR, A64_SP, 16, A64_PLAIN));
	a64_emit(s, a64_add_imm(A64_ADD, true, A64_COUNT, A64_SP, 24, false));
	a64_emit(s, a64_b(true, a64_has(s, A64_PAC) ? 20 : 16));
	a64_emit(s, a64_mem12(A64_LDR, 3, A64_COUNT, A64_SP, 16));
	a64_emit(s, a64_pair(true, 29, 30, A64_SP, 32, A64_POST));
	leave(s, true);
	a64_emit(s, a64_ret());
}

/* -------------------------------------------------------------------- calls */

/**
 * a64_call() - CALL
 * @s:	program
 * @ir:	instruction
 */
void a64_call(struct a64 *s, const struct bvm_ir *ir)
{
	a64_call_kernel(s, ir->imm);
	a64_emit(s, a64_logic(A64_ORR, true, false, A64_R0, A64_ZR, 0));
}

/**
 * a64_call_sub() - CALL_SUB and CALL_SUBR
 * @s:	program
 * @ir:	instruction
 */
void a64_call_sub(struct a64 *s, const struct bvm_ir *ir)
{
	s64 frame = ir->imm + BVM_IR_SAVE;

	if (s->sub_fp && s->fn.main)
		a64_add_const(s, true, A64_FP, A64_SP, s->fn.fp_off - frame);
	else if (s->sub_fp)
		a64_add_const(s, true, A64_FP, A64_FP, -frame);
	if (ir->op == BVM_IR_CALL_SUBR)
		a64_emit(s, a64_blr(s->fn.reg[ir->src]));
	else
		a64_call_func(s, ir->off);
	if (s->sub_fp && !s->fn.main)
		a64_add_const(s, true, A64_FP, A64_FP, frame);
}

/**
 * a64_tail_call() - TAIL_CALL
 * @s:	program
 * @ir:	instruction
 *
 * The programs that subprograms call this way are active at a time: how deep that may
 * get is bounded, by the distance to the outermost frame.
 */
void a64_tail_call(struct a64 *s, const struct bvm_ir *ir)
{
	const u32 tail_entry = offsetof(struct bvm_jit_image, tail_entry);

	a64_emit(s, a64_mem12(A64_LDR, 2, A64_X16, A64_COUNT, 0));
	a64_emit(s, a64_add_imm(A64_SUBS, false, A64_ZR, A64_X16, BVM_IR_TAIL_CALLS, false));
	a64_goto(s, a64_b_cond(A64_HS, 0), s->i + 1);
	if (!s->fn.main) {
		a64_emit(s, a64_add_imm(A64_ADD, true, A64_X16, A64_SP, 0, false));
		a64_emit(s, a64_add(A64_SUB, true, A64_X16, A64_COUNT, A64_X16, 0));
		a64_emit(s, a64_add_imm(A64_SUBS, true, A64_ZR, A64_X16, TAIL_DEPTH, true));
		a64_goto(s, a64_b_cond(A64_HI, 0), s->i + 1);
	}
	a64_emit(s, a64_mem12(A64_STR, 3, 0, A64_SP, s->fn.ctx_off));
	a64_call_kernel(s, ir->imm);
	a64_goto(s, a64_cbz(true, false, 0, 0), s->i + 1);
	a64_emit(s, a64_mem12(A64_LDR, 2, A64_X17, A64_COUNT, 0));
	a64_emit(s, a64_add_imm(A64_ADD, false, A64_X17, A64_X17, 1, false));
	a64_emit(s, a64_mem12(A64_STR, 2, A64_X17, A64_COUNT, 0));
	a64_emit(s, a64_mem12(A64_LDR, 3, A64_X16, 0, tail_entry));
	a64_emit(s, a64_mem12(A64_LDR, 3, 0, A64_SP, s->fn.ctx_off));
	tear_down(s);
	a64_emit(s, a64_br(A64_X16));
}

/**
 * a64_may_goto() - MAY_GOTO
 * @s:	program
 * @ir:	instruction
 */
void a64_may_goto(struct a64 *s, const struct bvm_ir *ir)
{
	u32 budget = s->fn.calls ? A64_BUDGET : A64_BUDGET_LEAF;

	a64_goto(s, a64_cbz(false, false, budget, 0), ir->off);
	a64_emit(s, a64_add_imm(A64_SUB, false, budget, budget, 1, false));
}
