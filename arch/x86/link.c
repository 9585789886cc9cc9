// SPDX-License-Identifier: GPL-2.0-only
/*
 * Links of the x86-64 back end: jumps, calls, and what is addressed relative to rip.
 */
#include "gen.h"

enum { JCC, JMP, JMP_FAR, CALL, CALL_KERNEL, LEA, GS_LOAD };

const struct bvm_jit_reach bvm_arch_reach[] = {
	[JCC] = { 2, S8_MAX, -S8_MIN - 2 },
	[JMP] = { 2, S8_MAX, -S8_MIN - 2 },
	[JMP_FAR] = { 5 },
	[CALL] = { 5 },
	[CALL_KERNEL] = { 5, S32_MAX, S32_MAX - 5 },
	[LEA] = { 7 },
	[GS_LOAD] = { 8, S32_MAX, S32_MAX - 8 },
};

static void link_to(struct bvm_x86_gen *g, u32 to, u8 kind, u32 arg, u8 size)
{
	bool inside = to <= g->i && g->jit->about[to] & BVM_AT_ENTRY && kind <= JMP;

	bvm_jit_link(g->jit, (struct bvm_jit_link){
		.to = to, .add = inside ? g->fn.prologue : 0, .kind = kind, .arg = arg,
		.size = size,
	});
}

static void link_address(struct bvm_x86_gen *g, u64 to, u8 kind, u32 arg, u8 size)
{
	bvm_jit_link(g->jit, (struct bvm_jit_link){
		.to = to, .is_address = true, .kind = kind, .arg = arg, .size = size,
	});
}

/**
 * bvm_x86_goto() - jump to an IR instruction on a condition
 * @g:		program
 * @to:		instruction
 * @cond:	condition
 */
void bvm_x86_goto(struct bvm_x86_gen *g, u32 to, u8 cond)
{
	link_to(g, to, JCC, cond, 6);
}

/**
 * bvm_x86_jump() - jump to an IR instruction
 * @g:		program
 * @to:		instruction
 */
void bvm_x86_jump(struct bvm_x86_gen *g, u32 to)
{
	if (to != g->i + 1)
		link_to(g, to, JMP, 0, 5);
}

/**
 * bvm_x86_call_func() - call a function of the program
 * @g:		program
 * @to:		instruction that it begins with
 */
void bvm_x86_call_func(struct bvm_x86_gen *g, u32 to)
{
	link_to(g, to, CALL, 0, 5);
}

/**
 * bvm_x86_func_addr() - the address of a function of the program
 * @g:		program
 * @ir:		FUNC
 */
void bvm_x86_func_addr(struct bvm_x86_gen *g, const struct bvm_ir *ir)
{
	link_to(g, ir->off, LEA, reg_of(g, ir->dst), 7);
}

/**
 * bvm_x86_call_near() - call code of the kernel that is always in reach
 * @g:		program
 * @to:		address
 */
void bvm_x86_call_near(struct bvm_x86_gen *g, unsigned long to)
{
	link_address(g, to, CALL, 0, 5);
}

/**
 * bvm_x86_jump_near() - jump to code of the kernel that is always in reach
 * @g:		program
 * @to:		address
 */
void bvm_x86_jump_near(struct bvm_x86_gen *g, unsigned long to)
{
	link_address(g, to, JMP_FAR, 0, 5);
}

static u32 call_rax_len(const struct bvm_jit *jit)
{
	return jit->cpu->jump[X86_AX] ? 5 : jit->cpu->features & BVM_X86_LFENCE ? 5 : 2;
}

/**
 * bvm_x86_call() - call a function of the kernel; rax is free
 * @g:		program
 * @fn:		its address
 */
void bvm_x86_call(struct bvm_x86_gen *g, u64 fn)
{
	link_address(g, fn, CALL_KERNEL, 0, x86_mov_imm(X86_AX, fn).len + call_rax_len(g->jit));
}

/**
 * bvm_x86_gs_load() - load what is at a distance from where gs points
 * @g:		program
 * @dst:	register
 * @at:		distance; where the program is it may have a shorter form
 */
void bvm_x86_gs_load(struct bvm_x86_gen *g, u8 dst, s32 at)
{
	link_address(g, at, GS_LOAD, dst, x86_gs_load(dst, at).len);
}

static u8 *put(u8 *out, struct x86_code c)
{
	memcpy(out, c.byte, c.len);
	return out + c.len;
}

/* In two instructions: the longest form of a call of the kernel. */
static void call_rax(const struct bvm_jit *jit, const struct bvm_jit_link *link, u8 *out)
{
	unsigned long thunk = jit->cpu->jump[X86_AX];

	out = put(out, x86_mov_imm(X86_AX, link->to));
	if (thunk) {
		put(out, x86_call(thunk - (jit->addr + link->end)));
		return;
	}
	if (jit->cpu->features & BVM_X86_LFENCE)
		out = put(out, x86_lfence());
	put(out, x86_call_reg(X86_AX));
}

/* Kernel-doc: in kernel/exec/jit.h. */
void bvm_arch_link(const struct bvm_jit *jit, const struct bvm_jit_link *link, u8 *out, s64 off)
{
	bool is_short = link->size == bvm_arch_reach[link->kind].size;

	switch (link->kind) {
	case JCC:
		put(out, is_short ? x86_jcc(link->arg, off) : x86_jcc_far(link->arg, off));
		break;
	case JMP:
		put(out, is_short ? x86_jmp(off) : x86_jmp_far(off));
		break;
	case JMP_FAR:
		put(out, x86_jmp_far(off));
		break;
	case CALL:
		put(out, x86_call(off));
		break;
	case CALL_KERNEL:
		if (is_short)
			put(out, x86_call(off));
		else
			call_rax(jit, link, out);
		break;
	case LEA:
		put(out, x86_lea_ip(link->arg, off));
		break;
	case GS_LOAD:
		put(out, is_short ? x86_gs_load_ip(link->arg, off) :
				    x86_gs_load(link->arg, link->to));
		break;
	}
}
