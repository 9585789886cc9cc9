/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The x86-64 back end, between its files.
 */
#ifndef _BVM_X86_GEN_H
#define _BVM_X86_GEN_H

#include "exec/jit.h"
#include "encode.h"

/* The emitter's own; TMP0 and TMP1 of the IR are r10 and r11. */
#define SCRATCH		X86_R9

/**
 * struct bvm_x86_func - the function that is being emitted
 * @fp:		register that BPF's frame pointer is in
 * @saved:	callee-saved registers to save, bits of enum x86_reg
 * @stack:	bytes between rbp and what is pushed first
 * @budget:	where MAY_GOTO counts, relative to rbp, or 0
 * @tail:	where the address of the counter of tail calls is, or 0
 * @prologue:	bytes of its prologue
 * @exit:	index of its last EXIT or RET
 * @main:	it is the program itself
 * @calls:	calls subprograms
 */
struct bvm_x86_func {
	u8 fp;
	u16 saved;
	u32 stack;
	s32 budget, tail;
	u32 prologue;
	u32 exit;
	bool main;
	bool calls;
};

/**
 * struct bvm_x86_gen - a program that is being written
 * @jit:	its in and out
 * @i:		index of the instruction
 * @next:	index of the one to go on with
 * @zero:	registers whose upper halves are 0 there, bits of them
 * @subs_fp:	subprograms use the frame pointer
 * @uses_fp:	anything does
 * @fn:		function that it is in
 */
struct bvm_x86_gen {
	struct bvm_jit *jit;
	u32 i, next;
	u16 zero;
	bool subs_fp, uses_fp;
	struct bvm_x86_func fn;
};

/**
 * bvm_x86_emit - append an instruction
 * @g:		program
 * @c:		instruction
 */
static inline void bvm_x86_emit(struct bvm_x86_gen *g, struct x86_code c)
{
	/* all that it may have: a copy of constant size */
	memcpy(bvm_jit_room(g->jit, sizeof(c.byte)), c.byte, sizeof(c.byte));
	g->jit->len += c.len;
}

#define EMIT(form, ...)	bvm_x86_emit(g, x86_##form(__VA_ARGS__))

/* The register that one of BPF's is in: arguments and results are where C has them. */
static inline u8 reg_of(const struct bvm_x86_gen *g, u8 reg)
{
	static const u8 map[BVM_IR_REGS] = {
		X86_AX, X86_DI, X86_SI, X86_DX, X86_CX, X86_R8,
		X86_BX, X86_R14, X86_R15, X86_R12,
		[BVM_IR_TMP0] = X86_R10, [BVM_IR_TMP1] = X86_R11,
	};

	return reg == BVM_IR_FP ? g->fn.fp : map[reg];
}

/* May the value of a register of BPF still be read after this instruction? */
static inline bool is_live(const struct bvm_x86_gen *g, u8 reg)
{
	return g->jit->about[g->i] & BIT(reg);
}

/* X86_W if the upper half of @reg is read after the @k-th operation from here, or 0. */
static inline u32 width_after(const struct bvm_x86_gen *g, u32 k, u8 reg)
{
	return g->jit->wide[g->i + k] & BIT(reg) ? X86_W : 0;
}

/* A forward jump of 8 bits within an operation, over no link, to where landed() is called. */
static inline u32 skip(struct bvm_x86_gen *g, u8 cond)
{
	EMIT(jcc, cond, 0);
	return g->jit->len;
}

static inline void landed(struct bvm_x86_gen *g, u32 from)
{
	g->jit->out[from - 1] = g->jit->len - from;
}

void bvm_x86_begin(struct bvm_x86_gen *g);
void bvm_x86_prologue(struct bvm_x86_gen *g);
void bvm_x86_entry(struct bvm_x86_gen *g);
void bvm_x86_exit(struct bvm_x86_gen *g);
void bvm_x86_trap(struct bvm_x86_gen *g);
void bvm_x86_branch(struct bvm_x86_gen *g, u32 to, u8 cond);
void bvm_x86_call_sub(struct bvm_x86_gen *g, const struct bvm_ir *ir);
void bvm_x86_tail_call(struct bvm_x86_gen *g, const struct bvm_ir *ir);
void bvm_x86_goto(struct bvm_x86_gen *g, u32 to, u8 cond);
void bvm_x86_jump(struct bvm_x86_gen *g, u32 to);
void bvm_x86_call(struct bvm_x86_gen *g, u64 fn);
void bvm_x86_call_func(struct bvm_x86_gen *g, u32 to);
void bvm_x86_func_addr(struct bvm_x86_gen *g, const struct bvm_ir *ir);
void bvm_x86_call_near(struct bvm_x86_gen *g, unsigned long to);
void bvm_x86_jump_near(struct bvm_x86_gen *g, unsigned long to);
void bvm_x86_gs_load(struct bvm_x86_gen *g, u8 dst, s32 at);
bool bvm_x86_narrow(const struct bvm_x86_gen *g, const struct bvm_ir *ir);
void bvm_x86_know(struct bvm_x86_gen *g, const struct bvm_ir *ir);
bool bvm_x86_fuse(struct bvm_x86_gen *g, const struct bvm_ir *ir);
void bvm_x86_flags(struct bvm_x86_gen *g, const struct bvm_ir *ir);
void bvm_x86_divide(struct bvm_x86_gen *g, const struct bvm_ir *ir, u32 how, bool has_sign,
		    bool modulo, bool imm);

#endif /* _BVM_X86_GEN_H */
