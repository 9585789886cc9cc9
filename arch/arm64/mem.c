// SPDX-License-Identifier: GPL-2.0-only
/*
 * Loads, stores and atomic operations of the arm64 back end.
 */
#include "jit.h"

/* ------------------------------------------------------------------- memory */

/* A load or store at @off from a register of the IR. */
static void access(struct a64 *s, u32 op, u32 size, u32 rt, u32 base, s64 off)
{
	u32 rn = s->fn.reg[base];

	if (a64_is_sp(s, base)) {
		rn = A64_SP;
		off += s->fn.fp_off;
	}
	if (off >= 0 && IS_ALIGNED(off, 1 << size) && off >> size < 4096) {
		a64_emit(s, a64_mem12(op, size, rt, rn, off));
	} else if (off >= -256 && off < 256) {
		a64_emit(s, a64_mem9(op, size, rt, rn, off, A64_PLAIN));
	} else {
		a64_set(s, A64_X17, off);
		a64_emit(s, a64_mem_reg(op, size, rt, rn, A64_X17));
	}
}

/**
 * a64_load() - loads
 * @s:	program
 * @ir:	instruction
 *
 * The row's argument is the operation times 4, and the size.
 */
void a64_load(struct a64 *s, const struct bvm_ir *ir)
{
	u32 arg = s->row->arg;

	access(s, arg / 4, arg % 4, s->fn.reg[ir->dst], ir->src, ir->off);
}

/**
 * a64_store_reg() - stores of a register
 * @s:	program
 * @ir:	instruction
 */
void a64_store_reg(struct a64 *s, const struct bvm_ir *ir)
{
	access(s, A64_STR, s->row->arg, a64_read(s, ir->src, A64_X16), ir->dst, ir->off);
}

/**
 * a64_put() - stores of a register that may fault
 * @s:	program
 * @ir:	instruction
 *
 * The last instruction may fault: then the next one is next.
 */
void a64_put(struct a64 *s, const struct bvm_ir *ir)
{
	a64_store_reg(s, ir);
	bvm_jit_may_fault(s->jit, s->jit->len - 4, s->i + 1);
}

/**
 * a64_store_const() - stores of a constant
 * @s:	program
 * @ir:	instruction
 */
void a64_store_const(struct a64 *s, const struct bvm_ir *ir)
{
	u32 size = s->row->arg;
	u64 value = size == 3 ? ir->imm : ir->imm & GENMASK_ULL((8 << size) - 1, 0);

	if (value)
		a64_set(s, A64_X16, value);
	access(s, A64_STR, size, value ? A64_X16 : A64_ZR, ir->dst, ir->off);
}

/**
 * a64_probe() - loads that may fault
 * @s:	program
 * @ir:	instruction
 *
 * The destination is 0 before a load that is not made, or that faults.  What is tested is
 * the address that the load is from: a positive offset can lead around the end.
 */
void a64_probe(struct a64 *s, const struct bvm_ir *ir)
{
	u32 rd = s->fn.reg[ir->dst], rn = a64_read(s, ir->src, A64_X16), size = s->row->arg;
	bool direct = ir->off <= 0 && ir->off >= -256 && rd != rn;
	bool tries = bvm_ir_tries(ir);
	u32 behind = tries ? 8 : 4;

	if (!direct || (tries && rn == A64_R0)) {
		a64_add_const(s, true, A64_X16, rn, ir->off);
		rn = A64_X16;
		direct = false;
	}
	a64_set(s, rd, 0);
	if (tries)
		a64_set(s, A64_R0, -EFAULT);
	if (!a64_has(s, BVM_JIT_PROBE_USER))
		a64_emit(s, a64_tbz(false, rn, 55, 4 + behind));
	bvm_jit_may_fault(s->jit, s->jit->len, s->i + 1);
	a64_emit(s, a64_mem9(A64_LDR, size, rd, rn, direct ? ir->off : 0, A64_PLAIN));
	if (tries)
		a64_set(s, A64_R0, 0);
}

/* ------------------------------------------------------------------ atomics */

/* The address, in a register. */
static u32 atom_address(struct a64 *s, const struct bvm_ir *ir)
{
	bool sp = a64_is_sp(s, ir->dst);
	s64 off = ir->off;

	if (!off && !sp)
		return s->fn.reg[ir->dst];
	a64_add_const(s, true, A64_X16, sp ? A64_SP : s->fn.reg[ir->dst],
		      off + (sp ? s->fn.fp_off : 0));
	return A64_X16;
}

static void atom_lse(struct a64 *s, u32 arg, u32 size, u32 rs, u32 rn)
{
	static const u8 op[] = { A64_LDADD, A64_LDSET, A64_LDCLR, A64_LDEOR, A64_SWP };
	u32 in = rs;

	if (arg == ATOM_CMPXCHG) {
		a64_emit(s, a64_casal(size, A64_R0, rs, rn));
		return;
	}
	if ((arg & 7) == ATOM_AND) {
		a64_emit(s, a64_logic(A64_ORR, true, true, A64_X17, A64_ZR, rs));
		in = A64_X17;
	}
	a64_emit(s, a64_lse(op[arg & 7], arg & ATOM_FETCH, size, in,
			    arg & ATOM_FETCH ? rs : A64_ZR, rn));
}

static void atom_cmpxchg(struct a64 *s, u32 size, u32 rs, u32 rn)
{
	a64_emit(s, a64_ldxr(size, A64_X17, rn));
	a64_emit(s, a64_add(A64_SUBS, size == 3, A64_ZR, A64_X17, A64_R0, 0));
	a64_emit(s, a64_b_cond(A64_NE, 16));
	a64_emit(s, a64_stxr(true, size, A64_STATUS, rs, rn));
	a64_emit(s, a64_cbz(false, true, A64_STATUS, -16));
	a64_emit(s, a64_dmb_ish());
	a64_move(s, true, A64_R0, A64_X17);
}

/* As the kernel has them where the CPU has no such instructions (asm/atomic_ll_sc.h). */
static void atom_ll_sc(struct a64 *s, u32 arg, u32 size, u32 rs, u32 rn)
{
	bool wide = size == 3, fetch = arg & ATOM_FETCH, swap = (arg & 7) == ATOM_XCHG;
	u32 new = swap ? rs : A64_NEW;

	a64_emit(s, a64_ldxr(size, A64_X17, rn));
	if ((arg & 7) == ATOM_ADD)
		a64_emit(s, a64_add(A64_ADD, wide, new, A64_X17, rs, 0));
	else if (!swap)
		a64_emit(s, a64_logic((arg & 7) == ATOM_OR ? A64_ORR :
				      (arg & 7) == ATOM_AND ? A64_AND : A64_EOR, wide, false, new,
				      A64_X17, rs));
	a64_emit(s, a64_stxr(fetch, size, A64_STATUS, new, rn));
	a64_emit(s, a64_cbz(false, true, A64_STATUS, swap ? -8 : -12));
	if (!fetch)
		return;
	a64_emit(s, a64_dmb_ish());
	a64_move(s, true, rs, A64_X17);
}

/**
 * a64_atomic() - atomic operations
 * @s:	program
 * @ir:	instruction
 */
void a64_atomic(struct a64 *s, const struct bvm_ir *ir)
{
	const struct a64_row *row = s->row;
	u32 size = row->wide ? 3 : 2, rs = a64_read(s, ir->src, A64_SOURCE);
	u32 rn = atom_address(s, ir);

	if (a64_has(s, A64_LSE))
		atom_lse(s, row->arg, size, rs, rn);
	else if (row->arg == ATOM_CMPXCHG)
		atom_cmpxchg(s, size, rs, rn);
	else
		atom_ll_sc(s, row->arg, size, rs, rn);
}
