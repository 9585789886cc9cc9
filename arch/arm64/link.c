// SPDX-License-Identifier: GPL-2.0-only
/*
 * Links of the arm64 back end: branches, calls, addresses in the code.
 */
#include "jit.h"

/* a conditional branch of 19 or 14 bits; a branch of 26; a call; one of the kernel; an address */
enum { COND, TEST, JUMP, CALL, CALL_KERNEL, ADDRESS };

const struct bvm_jit_reach bvm_arch_reach[] = {
	[COND] = { 4, BIT(20) - 8, BIT(20) },
	[TEST] = { 4, BIT(15) - 8, BIT(15) },
	[JUMP] = { 4 },
	[CALL] = { 4 },
	[CALL_KERNEL] = { 4, BIT(27) - 8, BIT(27) },
	[ADDRESS] = { 4, BIT(20) - 8, BIT(20) },
};

/* A jump to a function's beginning goes behind its prologue. */
static void jump(struct a64 *s, u32 to, u8 kind, u32 word, u8 size)
{
	bvm_jit_link(s->jit, (struct bvm_jit_link){
		.to = to, .add = to == s->fn.start ? s->fn.body - s->jit->at[to] : 0,
		.kind = kind, .arg = word, .size = size,
	});
}

/**
 * a64_goto() - go somewhere if
 * @s:		program
 * @word:	conditional branch, its offset 0; or 0: always
 * @to:		IR instruction
 *
 * Where the branch does not reach, its opposite goes around one that does.
 */
void a64_goto(struct a64 *s, u32 word, u32 to)
{
	bool tbz = (word & 0x7e000000) == 0x36000000;

	if (word)
		jump(s, to, tbz ? TEST : COND, word, 8);
	else if (to != s->i + 1)
		jump(s, to, JUMP, 0, 4);
}

/**
 * a64_call_func() - call a function of the program
 * @s:		program
 * @to:		IR instruction that it begins with
 */
void a64_call_func(struct a64 *s, u32 to)
{
	bvm_jit_link(s->jit, (struct bvm_jit_link){ .to = to, .kind = CALL, .size = 4 });
}

/**
 * a64_func_address() - FUNC
 * @s:	program
 * @ir:	instruction
 */
void a64_func_address(struct a64 *s, const struct bvm_ir *ir)
{
	bvm_jit_link(s->jit, (struct bvm_jit_link){
		.to = ir->off, .kind = ADDRESS, .arg = s->fn.reg[ir->dst], .size = 16,
	});
}

/**
 * a64_call_kernel() - call a function of the kernel
 * @s:		program
 * @address:	its address
 */
void a64_call_kernel(struct a64 *s, u64 address)
{
	u32 words[5];

	bvm_jit_link(s->jit, (struct bvm_jit_link){
		.to = address, .is_address = true, .kind = CALL_KERNEL,
		.size = 4 * (a64_constant(words, A64_X16, address) + 1),
	});
}

/* -------------------------------------------------------------------- writing */

static u8 *put(u8 *out, u32 word)
{
	put_unaligned(cpu_to_le32(word), (__le32 *)out);
	return out + 4;
}

/* @off: from the instruction itself */
static u32 branch(u32 word, u8 kind, s64 off)
{
	u32 mask = kind == TEST ? GENMASK(13, 0) : GENMASK(18, 0);

	return word | ((u32)off >> 2 & mask) << 5;
}

static void branch_far(u32 word, u8 *out, s64 off)
{
	bool cond = word >> 24 == 0x54;

	out = put(out, (word ^ (cond ? 1 : BIT(24))) | 2 << 5);
	put(out, a64_b(false, off + 4));
}

static void address_far(u32 rd, u8 *out, s64 off)
{
	u32 size = off < 0 ? -off : off;

	out = put(out, a64_adr(rd, 0));
	out = put(out, a64_mov(A64_MOVZ, true, A64_X16, size & 0xffff, 0));
	out = put(out, a64_mov(A64_MOVK, true, A64_X16, size >> 16, 1));
	put(out, a64_add(off < 0 ? A64_SUB : A64_ADD, true, rd, rd, A64_X16, 0));
}

static void call_far(u64 address, u8 *out)
{
	u32 words[5], n = a64_constant(words, A64_X16, address), i;

	for (i = 0; i < n; i++)
		out = put(out, words[i]);
	put(out, a64_blr(A64_X16));
}

/* Kernel-doc: in kernel/exec/jit.h. */
void bvm_arch_link(const struct bvm_jit *jit, const struct bvm_jit_link *link, u8 *out, s64 off)
{
	bool is_short = link->size == bvm_arch_reach[link->kind].size;

	switch (link->kind) {
	case COND:
	case TEST:
		if (is_short)
			put(out, branch(link->arg, link->kind, off + 4));
		else
			branch_far(link->arg, out, off);
		break;
	case JUMP:
		put(out, a64_b(false, off + 4));
		break;
	case CALL:
		put(out, a64_b(true, off + 4));
		break;
	case CALL_KERNEL:
		if (is_short)
			put(out, a64_b(true, off + 4));
		else
			call_far(link->to, out);
		break;
	case ADDRESS:
		if (is_short)
			put(out, a64_adr(link->arg, off + 4));
		else
			address_far(link->arg, out, off + 16);
		break;
	}
}
