// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lowering of loads, stores and atomic operations.  What programs see of the context, and
 * of some structures of the kernel, is a view: fields are read where the kernel keeps them.
 */
#include "lower.h"

/* enum bvm_mem of the memory that instruction @i touches */
static u32 mem_of(const struct lower *l, u32 i)
{
	return l->args->facts ? l->args->facts->insn[i].mem : BVM_MEM_NONE;
}

/**
 * bvm_lower_atomic - an atomic operation
 * @l:		lowering
 * @insn:	instruction
 * @i:		its index
 */
void bvm_lower_atomic(struct lower *l, const struct bvm_insn *insn, u32 i)
{
	bool wide = insn->size == 8;
	u32 mem = mem_of(l, i);
	u16 op;

	/* the context may be converted, and then this is not the address that was meant */
	if (BIT(mem) & BVM_MEM_CONVERTED)
		l->err = -EINVAL;
	BUILD_BUG_ON((BVM_IR_ATOMIC_ADD32 + BVM_ATOMIC_XCHG) != BVM_IR_ATOMIC_ADD64);
	BUILD_BUG_ON((BVM_IR_FETCH_ADD32 + BVM_ATOMIC_CMPXCHG) != BVM_IR_FETCH_ADD64);
	if (insn->op == BVM_ATOMIC_CMPXCHG)
		op = wide ? BVM_IR_CMPXCHG64 : BVM_IR_CMPXCHG32;
	else if (insn->flags & BVM_F_FETCH)
		op = (wide ? BVM_IR_FETCH_ADD64 : BVM_IR_FETCH_ADD32) + insn->op;
	else
		op = (wide ? BVM_IR_ATOMIC_ADD64 : BVM_IR_ATOMIC_ADD32) + insn->op;
	EMIT_OP(l, op, .dst = insn->dst, .src = insn->src, .off = insn->off);
}

/* dst &= mask; an immediate has only 32 bits */
static void lower_mask(struct lower *l, u8 dst, u64 mask)
{
	if ((s64)mask == (s32)mask) {
		EMIT(l, AND64I, .dst = dst, .imm = mask);
		return;
	}
	EMIT(l, MOVI, .dst = BVM_IR_TMP1, .imm = mask);
	EMIT(l, AND64R, .dst = dst, .src = BVM_IR_TMP1);
}

/*
 * The whole value of a converted context field in dst.  @end is the IR index
 * behind the instruction, where a missing pointer's 0 goes.
 */
static void lower_ctx_value(struct lower *l, const struct bvm_insn *insn,
			    const struct bvm_ctx_field *field, u32 end)
{
	u8 base = insn->src, dst = insn->dst;

	if (field->has_via) {
		EMIT(l, LOAD64, .dst = BVM_IR_TMP0, .src = base, .off = field->via);
		if (field->has_add) {
			EMIT(l, LOAD32, .dst = BVM_IR_TMP1, .src = base, .off = field->add);
			EMIT(l, ADD64R, .dst = BVM_IR_TMP0, .src = BVM_IR_TMP1);
		}
		base = BVM_IR_TMP0;
		EMIT(l, MOVI, .dst = dst);
		EMIT(l, JEQ64I, .dst = base, .off = end);
	}
	if (field->has_via2) {
		EMIT(l, LOAD64, .dst = base, .src = base, .off = field->via2);
		EMIT(l, JEQ64I, .dst = base, .off = end);
	}
	EMIT_OP(l, width_of(BVM_IR_LOAD8, field->ksize), .dst = dst, .src = base,
		.off = field->koff);
	if (field->shift)
		EMIT(l, RSH64I, .dst = dst, .imm = field->shift);
	if (field->mask)
		lower_mask(l, dst, field->mask);
	if (field->swap16)
		EMIT(l, SWAP16, .dst = dst);
	if (field->nonzero) {
		EMIT(l, JEQ64I, .dst = dst, .off = l->n + 2);
		EMIT(l, MOVI, .dst = dst, .imm = 1);
	}
	if (field->min) {
		EMIT(l, MOVI, .dst = BVM_IR_TMP1, .imm = field->min);
		EMIT(l, JGE64R, .dst = dst, .src = BVM_IR_TMP1, .off = l->n + 2);
		EMIT(l, MOVI, .dst = dst);
	}
}

/* A load from a converted field: the value, then the bytes asked for, then their sign. */
static void lower_ctx_load(struct lower *l, const struct bvm_insn *insn,
			   const struct bvm_ctx_field *field, u32 end)
{
	u32 part = insn->off - field->off;
	u32 rest = field->size - part - insn->size;
	u8 dst = insn->dst;

	if (!field->ksize) {
		EMIT(l, MOVI, .dst = dst);
		return;
	}
	lower_ctx_value(l, insn, field, end);
	/* the bytes before the part in memory order are the low ones on little endian */
	if (!little_endian())
		part = rest;
	if (part)
		EMIT(l, RSH64I, .dst = dst, .imm = part * 8);
	if (insn->flags & BVM_F_SEXT)
		EMIT_OP(l, width_of(BVM_IR_SEXT8_64, insn->size), .dst = dst, .src = dst);
	else if (insn->size < field->size)
		lower_mask(l, dst, BIT_ULL(insn->size * 8) - 1);
}

/* Only a field that is stored as it is can be written. */
static bool ctx_storable(const struct bvm_ctx_field *field, u32 size)
{
	if (field->direct)
		return !field->has_via;
	return field->ksize && field->ksize <= size && field->size == size && !field->has_via &&
	       !field->shift && !field->mask && !field->swap16 && !field->nonzero && !field->min;
}

static void lower_store(struct lower *l, const struct bvm_insn *insn, s32 off, u32 size)
{
	u16 base = insn->class == BVM_ST ? BVM_IR_STORE8I : BVM_IR_STORE8R;

	EMIT_OP(l, width_of(base, size), .dst = insn->dst, .src = insn->src, .off = off,
		.imm = insn->imm);
}

/* A store to a field that is not plain memory; @end is behind the instruction. */
static void lower_ctx_store(struct lower *l, const struct bvm_insn *insn,
			    const struct bvm_ctx_field *field, u32 end)
{
	if (field->below && insn->class == BVM_ST)
		EMIT(l, MOVI, .dst = BVM_IR_TMP0, .imm = (u32)insn->imm);
	else if (field->below)
		EMIT(l, MOV32R, .dst = BVM_IR_TMP0, .src = insn->src);
	if (field->below)
		EMIT(l, JGE64I, .dst = BVM_IR_TMP0, .imm = field->below, .off = end);
	lower_store(l, insn, field->koff, field->ksize);
}

static void lower_load(struct lower *l, const struct bvm_insn *insn, u8 base, s32 off)
{
	u16 op = insn->flags & BVM_F_SEXT ? BVM_IR_LOADS8 : BVM_IR_LOAD8;

	EMIT_OP(l, width_of(op, insn->size), .dst = insn->dst, .src = base, .off = off);
}

/* Memory that may be gone; 0, the value of a load that faults, is 0 in every width. */
static void lower_probe(struct lower *l, const struct bvm_insn *insn)
{
	EMIT_OP(l, width_of(BVM_IR_PROBE8, insn->size), .dst = insn->dst, .src = insn->src,
		.off = insn->off);
	if (insn->flags & BVM_F_SEXT)
		EMIT_OP(l, width_of(BVM_IR_SEXT8_64, insn->size), .dst = insn->dst,
			.src = insn->dst);
}

/* Where the program's arena is; verification has seen to it that there is one. */
static struct bvm_arena_base arena_of(struct lower *l)
{
	struct bvm_arena_base base = {};
	u32 i;

	for (i = 0; i < l->args->nr_maps; i++)
		if (l->args->maps[i]->type->caps & BVM_MAP_ARENA)
			break;
	if (i == l->args->nr_maps || !l->args->maps[i]->type->arena(l->args->maps[i], &base))
		l->err = -EINVAL;
	return base;
}

/**
 * bvm_lower_cast - addresses of an arena: half of them is enough for programs themselves
 * @l:		lowering
 * @insn:	instruction
 */
void bvm_lower_cast(struct lower *l, const struct bvm_insn *insn)
{
	struct bvm_arena_base base = arena_of(l);

	EMIT(l, MOV32R, .dst = insn->dst, .src = insn->src);
	if (insn->op != BVM_MOV_TO_USER || !base.user)
		return;
	/* NULL stays NULL */
	EMIT(l, JEQ64I, .dst = insn->dst, .off = l->n + 3);
	EMIT(l, MOVI, .dst = BVM_IR_TMP0, .imm = base.user);
	EMIT(l, OR64R, .dst = insn->dst, .src = BVM_IR_TMP0);
}

/* Half of an address, whatever it is, and an offset lie within the arena or its guards. */
static void lower_arena(struct lower *l, struct bvm_insn insn)
{
	struct bvm_arena_base base = arena_of(l);
	u8 reg = insn.class == BVM_LDX ? insn.src : insn.dst;

	EMIT(l, MOV32R, .dst = BVM_IR_TMP0, .src = reg);
	EMIT(l, MOVI, .dst = BVM_IR_TMP1, .imm = base.kernel);
	EMIT(l, ADD64R, .dst = BVM_IR_TMP0, .src = BVM_IR_TMP1);
	if (insn.class == BVM_LDX) {
		insn.src = BVM_IR_TMP0;
		lower_probe(l, &insn);
		return;
	}
	if (insn.class == BVM_ST) {
		EMIT(l, MOVI, .dst = BVM_IR_TMP1, .imm = insn.imm);
		insn.src = BVM_IR_TMP1;
	}
	EMIT_OP(l, width_of(BVM_IR_PUT8, insn.size), .dst = BVM_IR_TMP0, .src = insn.src,
		.off = insn.off);
}

/* The field of a structure that programs see a view of; it is only read. */
static const struct bvm_ctx_field *view_field(const struct lower *l, const struct bvm_insn *insn,
					      u32 i)
{
	const struct bvm_prog_type *type = l->args->type;
	u32 view = l->args->facts->insn[i].map;

	if (view >= type->nr_views || insn->class != BVM_LDX)
		return NULL;
	return bvm_view_find(type->views[view], insn->off, insn->size);
}

/**
 * bvm_lower_mem - a load or a store
 * @l:		lowering
 * @insn:	instruction
 * @i:		its index
 */
void bvm_lower_mem(struct lower *l, const struct bvm_insn *insn, u32 i)
{
	bool store = insn->class != BVM_LDX;
	const struct bvm_ctx_field *field;
	u32 mem = mem_of(l, i);
	u8 base = insn->src;
	s32 off = insn->off;

	if (mem == BVM_MEM_ARENA)
		return lower_arena(l, *insn);
	if (mem == BVM_MEM_PROBE) {
		if (store)
			l->err = -EINVAL;
		lower_probe(l, insn);
		return;
	}
	if (mem == BVM_MEM_MAP) {
		if (store)
			l->err = -EINVAL;
		EMIT(l, LOAD64, .dst = BVM_IR_TMP0, .src = insn->src,
		     .off = offsetof(struct bvm_map, view));
		base = BVM_IR_TMP0;
	}
	if (mem == BVM_MEM_CTX || mem == BVM_MEM_VIEW) {
		field = mem == BVM_MEM_CTX ? bvm_ctx_find(l->args->type, off, insn->size, store) :
					     view_field(l, insn, i);
		if (!field || (store && !ctx_storable(field, insn->size))) {
			l->err = -EINVAL;
			return;
		}
		if (!field->direct && store)
			return lower_ctx_store(l, insn, field, l->spot[i + 1].at);
		if (!field->direct)
			return lower_ctx_load(l, insn, field, l->spot[i + 1].at);
		off += field->koff - field->off;
		if (field->has_via && !store) {
			EMIT(l, LOAD64, .dst = BVM_IR_TMP0, .src = insn->src, .off = field->via);
			base = BVM_IR_TMP0;
		}
	}
	if (store)
		lower_store(l, insn, off, insn->size);
	else
		lower_load(l, insn, base, off);
}
