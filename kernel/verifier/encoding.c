// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is wrong with an encoding, in words.  isa/ finds it.
 *
 * What cannot be part of a program at all is refused at once.  A constant divisor of 0, a
 * field that should be 0 and the like, only where a path gets there: compilers leave such
 * things behind in code that is dead.
 */
#include "env.h"

static const char *bvm_alu_words(u8 code)
{
	switch (BPF_OP(code)) {
	case BPF_MOV:
		return "BPF_MOV";
	case BPF_NEG:
		return "BPF_NEG";
	case BPF_END:
		return "BPF_END";
	default:
		return "BPF_ALU";
	}
}

static const char *bvm_jmp_words(u8 code)
{
	switch (BPF_OP(code)) {
	case BPF_CALL:
		return "BPF_CALL";
	case BPF_EXIT:
		return "BPF_EXIT";
	case BPF_JA:
		return "BPF_JA";
	default:
		return "BPF_JMP/JMP32";
	}
}

/* What an opcode is called when its reserved fields are used. */
static const char *bvm_opcode_words(u8 code)
{
	switch (BPF_CLASS(code)) {
	case BPF_LD:
		return BPF_MODE(code) == BPF_IMM ? "BPF_LD_IMM64" : "BPF_LD_[ABS|IND]";
	case BPF_LDX:
		return "BPF_LDX";
	case BPF_ST:
		return "BPF_ST";
	case BPF_STX:
		return BPF_MODE(code) == BPF_ATOMIC ? "BPF_ATOMIC" : "BPF_STX";
	case BPF_ALU:
	case BPF_ALU64:
		return bvm_alu_words(code);
	default:
		return bvm_jmp_words(code);
	}
}

/* Which of its parts is wrong with a 64-bit immediate; @left instructions are left. */
static int bvm_reject_imm64(struct bvm_log *log, const struct bpf_insn *insn, u32 left)
{
	const struct bpf_insn *second = insn + 1;

	if (left < 2 || second->code || second->dst_reg || second->src_reg || second->off)
		return bvm_log_reject(log, BAD_LD_IMM64);
	if (insn->off)
		return bvm_log_reject(log, RESERVED_FIELD, bvm_opcode_words(insn->code));
	return bvm_log_reject(log, UNKNOWN_LD_IMM64);
}

static int bvm_reject_opcode(struct bvm_log *log, const struct bpf_insn *insn, u32 left)
{
	/* Not a jump, whatever it is. */
	if (left == 1 && BPF_CLASS(insn->code) != BPF_JMP && BPF_CLASS(insn->code) != BPF_JMP32)
		return bvm_log_reject(log, NO_INSNS);
	/* The stock verifier takes the mode of a load for a field. */
	if (BPF_CLASS(insn->code) == BPF_LDX)
		return bvm_log_reject(log, RESERVED_FIELD, bvm_opcode_words(insn->code));
	return bvm_log_reject(log, UNKNOWN_OPCODE, insn->code);
}

/**
 * bvm_reject_encoding - say what is wrong
 * @log:	log
 * @insn:	instruction as loaded
 * @left:	instructions from there on
 * @why:	what isa/ says
 * Return: negative errno.
 */
int bvm_reject_encoding(struct bvm_log *log, const struct bpf_insn *insn, u32 left, u32 why)
{
	switch (why) {
	case BVM_ISA_RESERVED_FIELD:
	case BVM_ISA_BAD_SWAP:
		return bvm_log_reject(log, RESERVED_FIELD, bvm_opcode_words(insn->code));
	case BVM_ISA_BAD_CAST:
		return bvm_log_reject(log, CAST_SPACES);
	case BVM_ISA_BAD_REGISTER:
		return bvm_log_reject(log, BAD_REGISTER,
				      insn->dst_reg > 10 ? insn->dst_reg : insn->src_reg);
	case BVM_ISA_FRAME_POINTER_WRITE:
		return bvm_log_reject(log, FRAME_POINTER);
	case BVM_ISA_BAD_LD_IMM64:
		return bvm_reject_imm64(log, insn, left);
	case BVM_ISA_BAD_SHIFT:
		return bvm_log_reject(log, BAD_SHIFT, insn->imm);
	case BVM_ISA_DIV_BY_ZERO:
		return bvm_log_reject(log, DIV_BY_ZERO);
	case BVM_ISA_BAD_ATOMIC:
		if (BPF_SIZE(insn->code) != BPF_W && BPF_SIZE(insn->code) != BPF_DW)
			return bvm_log_reject(log, BAD_ATOMIC_SIZE);
		return bvm_log_reject(log, BAD_ATOMIC, insn->imm);
	default:
		return bvm_reject_opcode(log, insn, left);
	}
}

/* Is it wrong only for who executes it? */
static bool bvm_wrong_to_execute(const struct bpf_insn *insn, enum bvm_isa_error why)
{
	switch (BPF_CLASS(insn->code)) {
	case BPF_ALU:
	case BPF_ALU64:
	case BPF_ST:
		return why != BVM_ISA_UNKNOWN_OPCODE;
	case BPF_LDX:
		return why == BVM_ISA_BAD_REGISTER || why == BVM_ISA_FRAME_POINTER_WRITE;
	case BPF_STX:
		return why != BVM_ISA_UNKNOWN_OPCODE &&
		       (BPF_MODE(insn->code) == BPF_ATOMIC || why != BVM_ISA_RESERVED_FIELD);
	default:
		return false;
	}
}

int bvm_verify_encoding(const struct bpf_insn *insns, u32 len, struct bvm_insn *out,
			struct bvm_log *log)
{
	enum bvm_isa_error why;
	u32 i;

	for (i = 0; i < len; i++) {
		why = bvm_decode(&insns[i], len - i, &out[i]);
		if (why != BVM_ISA_OK && bvm_wrong_to_execute(&insns[i], why))
			out[i] = (struct bvm_insn){ .class = BVM_INVALID, .op = why };
		else if (why != BVM_ISA_OK)
			return bvm_reject_encoding(log, &insns[i], len - i, why);
		if (out[i].class == BVM_LD_IMM64)
			i++;	/* has been decoded, too */
	}
	return 0;
}
