// SPDX-License-Identifier: GPL-2.0-only
/*
 * Text of an instruction in the words of the kernel's verifier log, which tools
 * and tests match literally.  The spelling was taken from those logs.
 *
 * Works on raw instructions and prints malformed ones as well: the log shows an
 * instruction before it says what is wrong with it.
 */
#include "opcodes.h"

struct text {
	char *buf;
	size_t size;
	const struct bpf_insn *insn;
	const struct bvm_opcode *row;
	const struct bvm_disasm_ops *ops;
};

/* Registers are called w0..w10 where only their lower half takes part. */
static char reg_letter(const struct text *t)
{
	return t->row->size == 4 ? 'w' : 'r';
}

static __printf(2, 3) int put(const struct text *t, const char *fmt, ...)
{
	va_list args;
	int n, head;

	head = snprintf(t->buf, t->size, "(%02x) ", t->insn->code);
	va_start(args, fmt);
	n = vsnprintf(t->size > head ? t->buf + head : NULL,
		      t->size > head ? t->size - head : 0, fmt, args);
	va_end(args);
	return head + n;
}

static int put_alu(const struct text *t)
{
	const struct bpf_insn *insn = t->insn;
	enum bvm_alu_op op = t->row->op;
	char r = reg_letter(t);

	if (insn->off == 1 && op == BVM_DIV)
		op = BVM_SDIV;
	if (insn->off == 1 && op == BVM_MOD)
		op = BVM_SMOD;
	if (t->row->flags & BVM_F_SRC_REG)
		return put(t, "%c%d %s %c%d", r, insn->dst_reg, bvm_alu_op_name(op), r,
			   insn->src_reg);
	return put(t, "%c%d %s %d", r, insn->dst_reg, bvm_alu_op_name(op), insn->imm);
}

static int put_mov(const struct text *t)
{
	const struct bpf_insn *insn = t->insn;
	char r = reg_letter(t);

	if (!(t->row->flags & BVM_F_SRC_REG))
		return put(t, "%c%d = %d", r, insn->dst_reg, insn->imm);
	if (insn->off == BPF_ADDR_SPACE_CAST)
		return put(t, "r%d = addr_space_cast(r%d, %d, %d)", insn->dst_reg, insn->src_reg,
			   (u32)insn->imm >> 16, insn->imm & 0xffff);
	if (insn->off)
		return put(t, "%c%d = (s%d)%c%d", r, insn->dst_reg, insn->off, r, insn->src_reg);
	return put(t, "%c%d = %c%d", r, insn->dst_reg, r, insn->src_reg);
}

static int put_endian(const struct text *t)
{
	static const char *const names[] = {
		[BVM_TO_LE] = "le", [BVM_TO_BE] = "be", [BVM_BSWAP] = "bswap",
	};

	return put(t, "r%d = %s%d r%d", t->insn->dst_reg, names[t->row->op], t->insn->imm,
		   t->insn->dst_reg);
}

static int put_atomic(const struct text *t)
{
	const struct bpf_insn *insn = t->insn;
	const struct bvm_atomic *atomic = bvm_atomic_find(insn->imm);
	int bits = t->row->size * 8;
	const char *kind = bits == 64 ? "64" : "";

	if (!atomic)
		return put(t, "atomic%s_%#x((u%d *)(r%d %+d), r%d)", kind, insn->imm, bits,
			   insn->dst_reg, insn->off, insn->src_reg);
	if (!atomic->flags)
		return put(t, "lock *(u%d *)(r%d %+d) %s r%d", bits, insn->dst_reg, insn->off,
			   atomic->name, insn->src_reg);
	if (atomic->op == BVM_ATOMIC_CMPXCHG)
		return put(t, "r0 = atomic%s_%s((u%d *)(r%d %+d), r0, r%d)", kind, atomic->name,
			   bits, insn->dst_reg, insn->off, insn->src_reg);
	return put(t, "r%d = atomic%s_%s((u%d *)(r%d %+d), r%d)", insn->src_reg, kind,
		   atomic->name, bits, insn->dst_reg, insn->off, insn->src_reg);
}

static int put_ld_imm64(const struct text *t)
{
	u64 imm = (u64)(u32)t->insn[1].imm << 32 | (u32)t->insn[0].imm;
	const char *name = NULL;

	if (t->insn->src_reg && t->ops && t->ops->imm64_name)
		name = t->ops->imm64_name(t->ops->priv, t->insn, imm);
	if (name)
		return put(t, "r%d = %s", t->insn->dst_reg, name);
	return put(t, "r%d = 0x%llx", t->insn->dst_reg, imm);
}

static int put_call(const struct text *t)
{
	const char *name = NULL;

	if (t->insn->src_reg == BPF_PSEUDO_CALL)
		return put(t, "call pc%+d", t->insn->imm);
	if (t->ops && t->ops->call_name)
		name = t->ops->call_name(t->ops->priv, t->insn);
	return put(t, "call %s#%d", name ?: "unknown", t->insn->imm);
}

static int put_jcond(const struct text *t)
{
	const struct bpf_insn *insn = t->insn;
	const char *cond = bvm_cond_name(t->row->op);
	char r = reg_letter(t);

	if (t->row->flags & BVM_F_SRC_REG)
		return put(t, "if %c%d %s %c%d goto pc%+d", r, insn->dst_reg, cond, r,
			   insn->src_reg, insn->off);
	return put(t, "if %c%d %s 0x%x goto pc%+d", r, insn->dst_reg, cond, insn->imm, insn->off);
}

int bvm_disasm(char *buf, size_t size, const struct bpf_insn *insn,
	       const struct bvm_disasm_ops *ops)
{
	const struct text text = { buf, size, insn, &bvm_opcodes[insn->code], ops };
	const struct text *t = &text;
	int bits = t->row->size * 8;

	if (!t->row->rules)
		return put(t, "unknown opcode");
	switch (t->row->class) {
	case BVM_ALU:
		return put_alu(t);
	case BVM_MOV:
		return put_mov(t);
	case BVM_NEG:
		return put(t, "%c%d = -%c%d", reg_letter(t), insn->dst_reg, reg_letter(t),
			   insn->dst_reg);
	case BVM_ENDIAN:
		return put_endian(t);
	case BVM_LDX:
		return put(t, "r%d = *(%c%d *)(r%d %+d)", insn->dst_reg,
			   t->row->flags & BVM_F_SEXT ? 's' : 'u', bits, insn->src_reg, insn->off);
	case BVM_ST:
		return put(t, "*(u%d *)(r%d %+d) = %d", bits, insn->dst_reg, insn->off, insn->imm);
	case BVM_STX:
		return put(t, "*(u%d *)(r%d %+d) = r%d", bits, insn->dst_reg, insn->off,
			   insn->src_reg);
	case BVM_ATOMIC:
		return put_atomic(t);
	case BVM_LD_IMM64:
		return put_ld_imm64(t);
	case BVM_LD_ABS:
		return put(t, "r0 = *(u%d *)skb[%d]", bits, insn->imm);
	case BVM_LD_IND:
		return put(t, "r0 = *(u%d *)skb[r%d + %d]", bits, insn->src_reg, insn->imm);
	case BVM_JA:
		return BPF_CLASS(insn->code) == BPF_JMP32 ? put(t, "gotol pc%+d", insn->imm) :
							    put(t, "goto pc%+d", insn->off);
	case BVM_MAY_GOTO:
		return put(t, "may_goto pc%+d", insn->off);
	case BVM_JCOND:
		return put_jcond(t);
	case BVM_CALL:
		return put_call(t);
	default:
		return put(t, "exit");
	}
}
