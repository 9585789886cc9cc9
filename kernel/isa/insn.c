// SPDX-License-Identifier: GPL-2.0-only
/*
 * Decoding of RFC 9669: from struct bpf_insn to struct bvm_insn, with every
 * check that needs nothing but the encoding.  A table lookup gives the class and
 * the fields that must be zero; a function for each class resolves its quirk.
 */
#include "opcodes.h"

#define ROW(code, class, op, size, flags, rules) \
	[code] = { class, op, size, flags, (rules) | BVM_VALID },

const struct bvm_opcode bvm_opcodes[256] = {
	BVM_OPCODES(ROW)
};

#undef ROW

static const struct bvm_atomic atomics[] = {
	{ BPF_ADD,		BVM_ATOMIC_ADD,		0,		"+=" },
	{ BPF_OR,		BVM_ATOMIC_OR,		0,		"|=" },
	{ BPF_AND,		BVM_ATOMIC_AND,		0,		"&=" },
	{ BPF_XOR,		BVM_ATOMIC_XOR,		0,		"^=" },
	{ BPF_ADD | BPF_FETCH,	BVM_ATOMIC_ADD,		BVM_F_FETCH,	"fetch_add" },
	{ BPF_OR | BPF_FETCH,	BVM_ATOMIC_OR,		BVM_F_FETCH,	"fetch_or" },
	{ BPF_AND | BPF_FETCH,	BVM_ATOMIC_AND,		BVM_F_FETCH,	"fetch_and" },
	{ BPF_XOR | BPF_FETCH,	BVM_ATOMIC_XOR,		BVM_F_FETCH,	"fetch_xor" },
	{ BPF_XCHG,		BVM_ATOMIC_XCHG,	BVM_F_FETCH,	"xchg" },
	{ BPF_CMPXCHG,		BVM_ATOMIC_CMPXCHG,	BVM_F_FETCH,	"cmpxchg" },
};

static const char *const alu_op_names[__BVM_ALU_OP_MAX] = {
	[BVM_ADD] = "+=", [BVM_SUB] = "-=", [BVM_MUL] = "*=",
	[BVM_DIV] = "/=", [BVM_SDIV] = "s/=", [BVM_MOD] = "%=", [BVM_SMOD] = "s%=",
	[BVM_OR] = "|=", [BVM_AND] = "&=", [BVM_XOR] = "^=",
	[BVM_LSH] = "<<=", [BVM_RSH] = ">>=", [BVM_ARSH] = "s>>=",
};

static const char *const cond_names[__BVM_COND_MAX] = {
	[BVM_JEQ] = "==", [BVM_JNE] = "!=", [BVM_JSET] = "&",
	[BVM_JGT] = ">", [BVM_JGE] = ">=", [BVM_JLT] = "<", [BVM_JLE] = "<=",
	[BVM_JSGT] = "s>", [BVM_JSGE] = "s>=", [BVM_JSLT] = "s<", [BVM_JSLE] = "s<=",
};

/**
 * bvm_alu_op_name - the operator of an ALU operation, "+="
 * @op:	operation
 * Return: constant string, NULL when out of range.
 */
const char *bvm_alu_op_name(enum bvm_alu_op op)
{
	return (u32)op < __BVM_ALU_OP_MAX ? alu_op_names[op] : NULL;
}

/**
 * bvm_cond_name - the operator of a condition, "s>="
 * @cond:	condition
 * Return: constant string, NULL when out of range.
 */
const char *bvm_cond_name(enum bvm_cond cond)
{
	return (u32)cond < __BVM_COND_MAX ? cond_names[cond] : NULL;
}

const struct bvm_atomic *bvm_atomic_find(s32 imm)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(atomics); i++)
		if (atomics[i].imm == imm)
			return &atomics[i];
	return NULL;
}

/* Sections 4.1 and 4.2: signed division by offset 1; constants that cannot be meant. */
static enum bvm_isa_error decode_alu(const struct bpf_insn *insn, struct bvm_insn *out)
{
	bool imm = !(out->flags & BVM_F_SRC_REG);

	switch (out->op) {
	case BVM_DIV:
	case BVM_MOD:
		if (insn->off != 0 && insn->off != 1)
			return BVM_ISA_RESERVED_FIELD;
		if (imm && !insn->imm)
			return BVM_ISA_DIV_BY_ZERO;
		if (insn->off)
			out->op = out->op == BVM_DIV ? BVM_SDIV : BVM_SMOD;
		break;
	case BVM_LSH:
	case BVM_RSH:
	case BVM_ARSH:
		if (imm && (u32)insn->imm >= out->size * 8)
			return BVM_ISA_BAD_SHIFT;
		break;
	}
	out->off = 0;
	return BVM_ISA_OK;
}

/* Section 4.1: the offset of a register move is the width that is sign-extended. */
static enum bvm_isa_error decode_mov(const struct bpf_insn *insn, struct bvm_insn *out)
{
	switch (insn->off) {
	case 0:
		break;
	case BPF_ADDR_SPACE_CAST:
		/* the immediate: to which address space << 16 | from which */
		if (out->size != 8 || !(out->flags & BVM_F_SRC_REG))
			return BVM_ISA_RESERVED_FIELD;
		if (insn->imm != 1 && insn->imm != BIT(16))
			return BVM_ISA_BAD_CAST;
		out->op = insn->imm == 1 ? BVM_MOV_TO_KERNEL : BVM_MOV_TO_USER;
		out->imm = 0;
		break;
	case 8:
	case 16:
	case 32:
		/* a 32-bit value has no room to be extended in a 32-bit register */
		if (!(out->flags & BVM_F_SRC_REG) || insn->off >= out->size * 8)
			return BVM_ISA_RESERVED_FIELD;
		out->ext = insn->off / 8;
		break;
	default:
		return BVM_ISA_RESERVED_FIELD;
	}
	out->off = 0;
	return BVM_ISA_OK;
}

/* Section 4.2: the immediate is the width. */
static enum bvm_isa_error decode_endian(const struct bpf_insn *insn, struct bvm_insn *out)
{
	if (insn->imm != 16 && insn->imm != 32 && insn->imm != 64)
		return BVM_ISA_BAD_SWAP;
	out->ext = insn->imm / 8;
	out->imm = 0;
	return BVM_ISA_OK;
}

/* Section 5.3: the immediate is the operation; a fetching one writes src or r0. */
static enum bvm_isa_error decode_atomic(const struct bpf_insn *insn, struct bvm_insn *out)
{
	const struct bvm_atomic *atomic = bvm_atomic_find(insn->imm);

	if (!atomic)
		return BVM_ISA_BAD_ATOMIC;
	if (atomic->flags && atomic->op != BVM_ATOMIC_CMPXCHG && out->src == BPF_REG_10)
		return BVM_ISA_FRAME_POINTER_WRITE;
	out->op = atomic->op;
	out->flags = atomic->flags;
	out->imm = 0;
	return BVM_ISA_OK;
}

/* Sections 3.2 and 5.4: two slots, of which only the immediate of the second is used. */
static enum bvm_isa_error decode_ld_imm64(const struct bpf_insn *insn, u32 left,
					  struct bvm_insn *out)
{
	const struct bpf_insn *next = insn + 1;

	if (left < 2 || next->code || next->dst_reg || next->src_reg || next->off)
		return BVM_ISA_BAD_LD_IMM64;
	if (insn->src_reg > BPF_PSEUDO_MAP_IDX_VALUE)
		return BVM_ISA_BAD_LD_IMM64;
	/* Only a plain value and a map value with its offset have a second half. */
	if (next->imm && insn->src_reg != 0 && insn->src_reg != BPF_PSEUDO_MAP_VALUE &&
	    insn->src_reg != BPF_PSEUDO_MAP_IDX_VALUE && insn->src_reg != BPF_PSEUDO_BTF_ID)
		return BVM_ISA_BAD_LD_IMM64;
	out->imm = (u64)(u32)next->imm << 32 | (u32)insn->imm;
	out[1] = (struct bvm_insn){ .class = BVM_SLOT2 };
	return BVM_ISA_OK;
}

static enum bvm_isa_error decode_call(const struct bpf_insn *insn, struct bvm_insn *out)
{
	/* The offset names the BTF of a kernel function and is reserved otherwise. */
	if (insn->src_reg != BPF_PSEUDO_KFUNC_CALL && insn->off)
		return BVM_ISA_RESERVED_FIELD;
	if (insn->src_reg > BPF_PSEUDO_KFUNC_CALL)
		return BVM_ISA_RESERVED_FIELD;
	return BVM_ISA_OK;
}

/* src is a register, not a pseudo kind: its number has a bound */
static bool src_is_register(const struct bvm_insn *out)
{
	return out->class != BVM_LD_IMM64 && out->class != BVM_CALL;
}

/* Between address spaces: only this move has an immediate besides its register. */
static bool is_cast(const struct bvm_opcode *row, const struct bpf_insn *insn)
{
	return row->class == BVM_MOV && row->flags & BVM_F_SRC_REG &&
	       insn->off == BPF_ADDR_SPACE_CAST;
}

static bool reserved_field_used(const struct bvm_opcode *row, const struct bpf_insn *insn)
{
	u8 rules = row->rules;

	return (rules & BVM_Z_DST && insn->dst_reg) || (rules & BVM_Z_SRC && insn->src_reg) ||
	       (rules & BVM_Z_OFF && insn->off) ||
	       (rules & BVM_Z_IMM && insn->imm && !is_cast(row, insn));
}

enum bvm_isa_error bvm_decode(const struct bpf_insn *insn, u32 left, struct bvm_insn *out)
{
	const struct bvm_opcode *row = &bvm_opcodes[insn->code];

	if (!row->rules)
		return BVM_ISA_UNKNOWN_OPCODE;
	if (reserved_field_used(row, insn))
		return row->class == BVM_LD_IMM64 ? BVM_ISA_BAD_LD_IMM64 : BVM_ISA_RESERVED_FIELD;

	*out = (struct bvm_insn){
		.class = row->class, .op = row->op, .size = row->size, .flags = row->flags,
		.dst = insn->dst_reg, .src = insn->src_reg,
		.off = insn->off, .imm = insn->imm,
	};
	if (out->dst > BPF_REG_10 || (src_is_register(out) && out->src > BPF_REG_10))
		return BVM_ISA_BAD_REGISTER;
	if (row->rules & BVM_W_DST && out->dst == BPF_REG_10)
		return BVM_ISA_FRAME_POINTER_WRITE;

	switch (row->class) {
	case BVM_ALU:
		return decode_alu(insn, out);
	case BVM_MOV:
		return decode_mov(insn, out);
	case BVM_ENDIAN:
		return decode_endian(insn, out);
	case BVM_ATOMIC:
		return decode_atomic(insn, out);
	case BVM_LD_IMM64:
		return decode_ld_imm64(insn, left, out);
	case BVM_CALL:
		return decode_call(insn, out);
	case BVM_JA:
		/* section 4.3: the wide form takes its distance from the immediate */
		if (BPF_CLASS(insn->code) == BPF_JMP32) {
			out->off = insn->imm;
			out->imm = 0;
		}
		return BVM_ISA_OK;
	default:
		return BVM_ISA_OK;
	}
}
