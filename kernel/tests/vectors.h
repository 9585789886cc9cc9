/* SPDX-License-Identifier: GPL-2.0-only */
/* Made by scripts/gen-vectors from selftests/vectors: do not edit. */

static const struct bpf_insn v_alu32_mov_zext[] = {
	{ 0xb7, 1, 0, 0, -1 },
	{ 0xbc, 0, 1, 0, 0 },
	{ 0x77, 0, 0, 0, 31 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_alu32_zext[] = {
	{ 0xb7, 0, 0, 0, -1 },
	{ 0x04, 0, 0, 0, 1 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_alu64_chain[] = {
	{ 0xb7, 0, 0, 0, 10 },
	{ 0x07, 0, 0, 0, -3 },
	{ 0x27, 0, 0, 0, 6 },
	{ 0x17, 0, 0, 0, 2 },
	{ 0x37, 0, 0, 0, 4 },
	{ 0x97, 0, 0, 0, 7 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_and_imm_sext[] = {
	{ 0x18, 0, 0, 0, -1698898192 },
	{ 0x00, 0, 0, 0, 305419896 },
	{ 0x57, 0, 0, 0, -256 },
	{ 0x77, 0, 0, 0, 32 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_arsh32[] = {
	{ 0xb4, 0, 0, 0, -2147483647 - 1 },
	{ 0xc4, 0, 0, 0, 31 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_arsh64[] = {
	{ 0xb7, 0, 0, 0, -16 },
	{ 0xc7, 0, 0, 0, 2 },
	{ 0x07, 0, 0, 0, 10 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_atomic32_add[] = {
	{ 0x7a, 10, 0, -8, 5 },
	{ 0xb7, 1, 0, 0, 3 },
	{ 0xc3, 10, 1, -8, 0 },
	{ 0x79, 0, 10, -8, 0 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_atomic32_and[] = {
	{ 0x7a, 10, 0, -8, 7 },
	{ 0xb7, 1, 0, 0, 3 },
	{ 0xc3, 10, 1, -8, 80 },
	{ 0x79, 0, 10, -8, 0 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_atomic32_or[] = {
	{ 0x7a, 10, 0, -8, 5 },
	{ 0xb7, 1, 0, 0, 2 },
	{ 0xc3, 10, 1, -8, 64 },
	{ 0x79, 0, 10, -8, 0 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_atomic32_xor[] = {
	{ 0x7a, 10, 0, -8, 5 },
	{ 0xb7, 1, 0, 0, 3 },
	{ 0xc3, 10, 1, -8, 160 },
	{ 0x79, 0, 10, -8, 0 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_atomic64_add[] = {
	{ 0x7a, 10, 0, -8, 5 },
	{ 0xb7, 1, 0, 0, 3 },
	{ 0xdb, 10, 1, -8, 0 },
	{ 0x79, 0, 10, -8, 0 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_atomic64_and[] = {
	{ 0x7a, 10, 0, -8, 7 },
	{ 0xb7, 1, 0, 0, 3 },
	{ 0xdb, 10, 1, -8, 80 },
	{ 0x79, 0, 10, -8, 0 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_atomic64_or[] = {
	{ 0x7a, 10, 0, -8, 5 },
	{ 0xb7, 1, 0, 0, 2 },
	{ 0xdb, 10, 1, -8, 64 },
	{ 0x79, 0, 10, -8, 0 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_atomic64_xor[] = {
	{ 0x7a, 10, 0, -8, 5 },
	{ 0xb7, 1, 0, 0, 3 },
	{ 0xdb, 10, 1, -8, 160 },
	{ 0x79, 0, 10, -8, 0 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_bad_alu_reserved[] = {
	{ 0xb7, 0, 0, 0, 0 },
	{ 0x07, 0, 0, 1, 1 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_bad_atomic[] = {
	{ 0x7a, 10, 0, -8, 0 },
	{ 0xb7, 1, 0, 0, 0 },
	{ 0xdb, 10, 1, -8, 2 },
	{ 0xb7, 0, 0, 0, 0 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_bad_div_zero[] = {
	{ 0xb7, 0, 0, 0, 1 },
	{ 0x37, 0, 0, 0, 0 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_bad_end_width[] = {
	{ 0xb7, 0, 0, 0, 0 },
	{ 0xd4, 0, 0, 0, 8 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_bad_exit_reserved[] = {
	{ 0xb7, 0, 0, 0, 0 },
	{ 0x95, 0, 0, 0, 1 },
};

static const struct bpf_insn v_bad_fp_add[] = {
	{ 0x07, 10, 0, 0, -8 },
	{ 0xb7, 0, 0, 0, 0 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_bad_fp_write[] = {
	{ 0xb7, 10, 0, 0, 0 },
	{ 0xb7, 0, 0, 0, 0 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_bad_ja_reserved[] = {
	{ 0x05, 1, 0, 0, 0 },
	{ 0xb7, 0, 0, 0, 0 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_bad_jmp_reserved[] = {
	{ 0xb7, 1, 0, 0, 0 },
	{ 0xb7, 0, 0, 0, 0 },
	{ 0x15, 1, 2, 0, 0 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_bad_jump_middle[] = {
	{ 0xb7, 0, 0, 0, 0 },
	{ 0x15, 0, 0, 1, 0 },
	{ 0x18, 0, 0, 0, 5 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_bad_jump_outside[] = {
	{ 0xb7, 0, 0, 0, 0 },
	{ 0x05, 0, 0, 5, 0 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_bad_ld_imm64_half[] = {
	{ 0xb7, 0, 0, 0, 0 },
	{ 0x18, 0, 0, 0, 0 },
};

static const struct bpf_insn v_bad_ld_imm64_second[] = {
	{ 0x18, 0, 0, 0, 0 },
	{ 0xb7, 0, 0, 0, 0 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_bad_ldx_reserved[] = {
	{ 0x7a, 10, 0, -8, 0 },
	{ 0x79, 0, 10, -8, 1 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_bad_mov_reserved[] = {
	{ 0xb7, 1, 0, 0, 0 },
	{ 0xbf, 0, 1, 4, 0 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_bad_movsx32_32[] = {
	{ 0xb7, 1, 0, 0, 0 },
	{ 0xbc, 0, 1, 32, 0 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_bad_neg_reserved[] = {
	{ 0xb7, 0, 0, 0, 0 },
	{ 0x87, 0, 0, 0, 1 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_bad_no_exit[] = {
	{ 0xb7, 0, 0, 0, 0 },
	{ 0x07, 0, 0, 0, 1 },
};

static const struct bpf_insn v_bad_opcode[] = {
	{ 0xff, 0, 0, 0, 0 },
	{ 0xb7, 0, 0, 0, 0 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_bad_opcode_8d[] = {
	{ 0xb7, 0, 0, 0, 0 },
	{ 0x8d, 0, 0, 0, 0 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_bad_r0_unset[] = {
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_bad_reg_unset[] = {
	{ 0xbf, 0, 5, 0, 0 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_bad_register[] = {
	{ 0xb7, 11, 0, 0, 0 },
	{ 0xb7, 0, 0, 0, 0 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_bad_register_src[] = {
	{ 0xbf, 0, 12, 0, 0 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_bad_scalar_load[] = {
	{ 0xb7, 1, 0, 0, 4096 },
	{ 0x79, 0, 1, 0, 0 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_bad_shift[] = {
	{ 0xb7, 0, 0, 0, 1 },
	{ 0x67, 0, 0, 0, 64 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_bad_shift32[] = {
	{ 0xb4, 0, 0, 0, 1 },
	{ 0x64, 0, 0, 0, 32 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_bad_st_reserved[] = {
	{ 0x7a, 10, 1, -8, 0 },
	{ 0xb7, 0, 0, 0, 0 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_bad_stack_above[] = {
	{ 0x7a, 10, 0, 0, 0 },
	{ 0xb7, 0, 0, 0, 0 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_bad_stack_below[] = {
	{ 0x7a, 10, 0, -520, 0 },
	{ 0xb7, 0, 0, 0, 0 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_bad_stack_read_above[] = {
	{ 0x79, 0, 10, 8, 0 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_bad_stx_reserved[] = {
	{ 0x7b, 10, 1, -8, 1 },
	{ 0xb7, 0, 0, 0, 0 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_bad_unreachable[] = {
	{ 0xb7, 0, 0, 0, 0 },
	{ 0x95, 0, 0, 0, 0 },
	{ 0xb7, 0, 0, 0, 1 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_be16[] = {
	{ 0xb7, 0, 0, 0, 287454020 },
	{ 0xdc, 0, 0, 0, 16 },
	{ 0xdc, 0, 0, 0, 16 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_be32_le32[] = {
	{ 0xb7, 0, 0, 0, 287454020 },
	{ 0xdc, 0, 0, 0, 32 },
	{ 0xd4, 0, 0, 0, 32 },
	{ 0xb7, 1, 0, 0, 287454020 },
	{ 0x1d, 0, 1, 2, 0 },
	{ 0xd7, 0, 0, 0, 32 },
	{ 0x95, 0, 0, 0, 0 },
	{ 0xb7, 0, 0, 0, 0 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_bswap16[] = {
	{ 0xb7, 0, 0, 0, 1122867 },
	{ 0xd7, 0, 0, 0, 16 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_bswap32[] = {
	{ 0xb7, 0, 0, 0, 287454020 },
	{ 0xd7, 0, 0, 0, 32 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_bswap64[] = {
	{ 0x18, 0, 0, 0, 1432778632 },
	{ 0x00, 0, 0, 0, 287454020 },
	{ 0xd7, 0, 0, 0, 64 },
	{ 0x77, 0, 0, 0, 32 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_cmpxchg32_zext[] = {
	{ 0x62, 10, 0, -4, 5 },
	{ 0x18, 0, 0, 0, 5 },
	{ 0x00, 0, 0, 0, 7 },
	{ 0xb7, 1, 0, 0, 1 },
	{ 0xc3, 10, 1, -4, 241 },
	{ 0x77, 0, 0, 0, 32 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_cmpxchg64_differs[] = {
	{ 0x7a, 10, 0, -8, 3 },
	{ 0xb7, 0, 0, 0, 2 },
	{ 0xb7, 1, 0, 0, 4 },
	{ 0xdb, 10, 1, -8, 241 },
	{ 0x79, 1, 10, -8, 0 },
	{ 0x67, 0, 0, 0, 4 },
	{ 0x4f, 0, 1, 0, 0 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_cmpxchg64_equal[] = {
	{ 0x7a, 10, 0, -8, 3 },
	{ 0xb7, 0, 0, 0, 3 },
	{ 0xb7, 1, 0, 0, 4 },
	{ 0xdb, 10, 1, -8, 241 },
	{ 0x79, 1, 10, -8, 0 },
	{ 0x67, 0, 0, 0, 4 },
	{ 0x4f, 0, 1, 0, 0 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_div64_unsigned[] = {
	{ 0xb7, 0, 0, 0, -1 },
	{ 0x37, 0, 0, 0, 2 },
	{ 0x77, 0, 0, 0, 32 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_div_by_zero_reg[] = {
	{ 0xb7, 0, 0, 0, 7 },
	{ 0xb7, 1, 0, 0, 0 },
	{ 0x3f, 0, 1, 0, 0 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_fetch32_add_zext[] = {
	{ 0x62, 10, 0, -4, -1 },
	{ 0xb7, 1, 0, 0, -1 },
	{ 0xc3, 10, 1, -4, 1 },
	{ 0x77, 1, 0, 0, 28 },
	{ 0xbf, 0, 1, 0, 0 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_fetch64_add[] = {
	{ 0x7a, 10, 0, -8, 40 },
	{ 0xb7, 1, 0, 0, 2 },
	{ 0xdb, 10, 1, -8, 1 },
	{ 0x79, 0, 10, -8, 0 },
	{ 0x2f, 0, 1, 0, 0 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_goto_chain[] = {
	{ 0xb7, 0, 0, 0, 0 },
	{ 0x05, 0, 0, 2, 0 },
	{ 0x07, 0, 0, 0, 2 },
	{ 0x05, 0, 0, 2, 0 },
	{ 0x07, 0, 0, 0, 1 },
	{ 0x05, 0, 0, -4, 0 },
	{ 0x07, 0, 0, 0, 4 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_gotol[] = {
	{ 0xb7, 0, 0, 0, 1 },
	{ 0x15, 0, 0, 1, 0 },
	{ 0x06, 0, 0, 0, 1 },
	{ 0xb7, 0, 0, 0, 2 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_jeq[] = {
	{ 0xb7, 1, 0, 0, 5 },
	{ 0xb7, 2, 0, 0, 5 },
	{ 0xb7, 0, 0, 0, 0 },
	{ 0x1d, 1, 2, 1, 0 },
	{ 0x05, 0, 0, 1, 0 },
	{ 0x47, 0, 0, 0, 1 },
	{ 0x15, 1, 0, 1, 5 },
	{ 0x05, 0, 0, 1, 0 },
	{ 0x47, 0, 0, 0, 2 },
	{ 0x1e, 1, 2, 1, 0 },
	{ 0x05, 0, 0, 1, 0 },
	{ 0x47, 0, 0, 0, 4 },
	{ 0x16, 1, 0, 1, 5 },
	{ 0x05, 0, 0, 1, 0 },
	{ 0x47, 0, 0, 0, 8 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_jeq32_half[] = {
	{ 0x18, 1, 0, 0, 5 },
	{ 0x00, 0, 0, 0, 1 },
	{ 0xb7, 0, 0, 0, 0 },
	{ 0x56, 1, 0, 2, 5 },
	{ 0x15, 1, 0, 1, 5 },
	{ 0xb7, 0, 0, 0, 1 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_jeq_imm_sext[] = {
	{ 0xb7, 1, 0, 0, -1 },
	{ 0xb7, 0, 0, 0, 0 },
	{ 0x55, 1, 0, 1, -1 },
	{ 0xb7, 0, 0, 0, 1 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_jge[] = {
	{ 0xb7, 1, 0, 0, 1 },
	{ 0xb7, 2, 0, 0, 1 },
	{ 0xb7, 0, 0, 0, 0 },
	{ 0x3d, 1, 2, 1, 0 },
	{ 0x05, 0, 0, 1, 0 },
	{ 0x47, 0, 0, 0, 1 },
	{ 0x35, 1, 0, 1, 1 },
	{ 0x05, 0, 0, 1, 0 },
	{ 0x47, 0, 0, 0, 2 },
	{ 0x3e, 1, 2, 1, 0 },
	{ 0x05, 0, 0, 1, 0 },
	{ 0x47, 0, 0, 0, 4 },
	{ 0x36, 1, 0, 1, 1 },
	{ 0x05, 0, 0, 1, 0 },
	{ 0x47, 0, 0, 0, 8 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_jgt[] = {
	{ 0xb7, 1, 0, 0, -1 },
	{ 0xb7, 2, 0, 0, 1 },
	{ 0xb7, 0, 0, 0, 0 },
	{ 0x2d, 1, 2, 1, 0 },
	{ 0x05, 0, 0, 1, 0 },
	{ 0x47, 0, 0, 0, 1 },
	{ 0x25, 1, 0, 1, 1 },
	{ 0x05, 0, 0, 1, 0 },
	{ 0x47, 0, 0, 0, 2 },
	{ 0x2e, 1, 2, 1, 0 },
	{ 0x05, 0, 0, 1, 0 },
	{ 0x47, 0, 0, 0, 4 },
	{ 0x26, 1, 0, 1, 1 },
	{ 0x05, 0, 0, 1, 0 },
	{ 0x47, 0, 0, 0, 8 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_jle[] = {
	{ 0xb7, 1, 0, 0, 2 },
	{ 0xb7, 2, 0, 0, 1 },
	{ 0xb7, 0, 0, 0, 0 },
	{ 0xbd, 1, 2, 1, 0 },
	{ 0x05, 0, 0, 1, 0 },
	{ 0x47, 0, 0, 0, 1 },
	{ 0xb5, 1, 0, 1, 1 },
	{ 0x05, 0, 0, 1, 0 },
	{ 0x47, 0, 0, 0, 2 },
	{ 0xbe, 1, 2, 1, 0 },
	{ 0x05, 0, 0, 1, 0 },
	{ 0x47, 0, 0, 0, 4 },
	{ 0xb6, 1, 0, 1, 1 },
	{ 0x05, 0, 0, 1, 0 },
	{ 0x47, 0, 0, 0, 8 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_jlt[] = {
	{ 0xb7, 1, 0, 0, 1 },
	{ 0xb7, 2, 0, 0, -1 },
	{ 0xb7, 0, 0, 0, 0 },
	{ 0xad, 1, 2, 1, 0 },
	{ 0x05, 0, 0, 1, 0 },
	{ 0x47, 0, 0, 0, 1 },
	{ 0xa5, 1, 0, 1, -1 },
	{ 0x05, 0, 0, 1, 0 },
	{ 0x47, 0, 0, 0, 2 },
	{ 0xae, 1, 2, 1, 0 },
	{ 0x05, 0, 0, 1, 0 },
	{ 0x47, 0, 0, 0, 4 },
	{ 0xa6, 1, 0, 1, -1 },
	{ 0x05, 0, 0, 1, 0 },
	{ 0x47, 0, 0, 0, 8 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_jne[] = {
	{ 0xb7, 1, 0, 0, 5 },
	{ 0xb7, 2, 0, 0, 5 },
	{ 0xb7, 0, 0, 0, 0 },
	{ 0x5d, 1, 2, 1, 0 },
	{ 0x05, 0, 0, 1, 0 },
	{ 0x47, 0, 0, 0, 1 },
	{ 0x55, 1, 0, 1, 5 },
	{ 0x05, 0, 0, 1, 0 },
	{ 0x47, 0, 0, 0, 2 },
	{ 0x5e, 1, 2, 1, 0 },
	{ 0x05, 0, 0, 1, 0 },
	{ 0x47, 0, 0, 0, 4 },
	{ 0x56, 1, 0, 1, 5 },
	{ 0x05, 0, 0, 1, 0 },
	{ 0x47, 0, 0, 0, 8 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_jset[] = {
	{ 0xb7, 1, 0, 0, 6 },
	{ 0xb7, 2, 0, 0, 4 },
	{ 0xb7, 0, 0, 0, 0 },
	{ 0x4d, 1, 2, 1, 0 },
	{ 0x05, 0, 0, 1, 0 },
	{ 0x47, 0, 0, 0, 1 },
	{ 0x45, 1, 0, 1, 4 },
	{ 0x05, 0, 0, 1, 0 },
	{ 0x47, 0, 0, 0, 2 },
	{ 0x4e, 1, 2, 1, 0 },
	{ 0x05, 0, 0, 1, 0 },
	{ 0x47, 0, 0, 0, 4 },
	{ 0x46, 1, 0, 1, 4 },
	{ 0x05, 0, 0, 1, 0 },
	{ 0x47, 0, 0, 0, 8 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_jsge[] = {
	{ 0xb7, 1, 0, 0, -1 },
	{ 0xb7, 2, 0, 0, -1 },
	{ 0xb7, 0, 0, 0, 0 },
	{ 0x7d, 1, 2, 1, 0 },
	{ 0x05, 0, 0, 1, 0 },
	{ 0x47, 0, 0, 0, 1 },
	{ 0x75, 1, 0, 1, -1 },
	{ 0x05, 0, 0, 1, 0 },
	{ 0x47, 0, 0, 0, 2 },
	{ 0x7e, 1, 2, 1, 0 },
	{ 0x05, 0, 0, 1, 0 },
	{ 0x47, 0, 0, 0, 4 },
	{ 0x76, 1, 0, 1, -1 },
	{ 0x05, 0, 0, 1, 0 },
	{ 0x47, 0, 0, 0, 8 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_jsgt[] = {
	{ 0xb7, 1, 0, 0, -1 },
	{ 0xb7, 2, 0, 0, 1 },
	{ 0xb7, 0, 0, 0, 0 },
	{ 0x6d, 1, 2, 1, 0 },
	{ 0x05, 0, 0, 1, 0 },
	{ 0x47, 0, 0, 0, 1 },
	{ 0x65, 1, 0, 1, 1 },
	{ 0x05, 0, 0, 1, 0 },
	{ 0x47, 0, 0, 0, 2 },
	{ 0x6e, 1, 2, 1, 0 },
	{ 0x05, 0, 0, 1, 0 },
	{ 0x47, 0, 0, 0, 4 },
	{ 0x66, 1, 0, 1, 1 },
	{ 0x05, 0, 0, 1, 0 },
	{ 0x47, 0, 0, 0, 8 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_jsle[] = {
	{ 0xb7, 1, 0, 0, 0 },
	{ 0xb7, 2, 0, 0, -1 },
	{ 0xb7, 0, 0, 0, 0 },
	{ 0xdd, 1, 2, 1, 0 },
	{ 0x05, 0, 0, 1, 0 },
	{ 0x47, 0, 0, 0, 1 },
	{ 0xd5, 1, 0, 1, -1 },
	{ 0x05, 0, 0, 1, 0 },
	{ 0x47, 0, 0, 0, 2 },
	{ 0xde, 1, 2, 1, 0 },
	{ 0x05, 0, 0, 1, 0 },
	{ 0x47, 0, 0, 0, 4 },
	{ 0xd6, 1, 0, 1, -1 },
	{ 0x05, 0, 0, 1, 0 },
	{ 0x47, 0, 0, 0, 8 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_jslt[] = {
	{ 0xb7, 1, 0, 0, -2 },
	{ 0xb7, 2, 0, 0, -1 },
	{ 0xb7, 0, 0, 0, 0 },
	{ 0xcd, 1, 2, 1, 0 },
	{ 0x05, 0, 0, 1, 0 },
	{ 0x47, 0, 0, 0, 1 },
	{ 0xc5, 1, 0, 1, -1 },
	{ 0x05, 0, 0, 1, 0 },
	{ 0x47, 0, 0, 0, 2 },
	{ 0xce, 1, 2, 1, 0 },
	{ 0x05, 0, 0, 1, 0 },
	{ 0x47, 0, 0, 0, 4 },
	{ 0xc6, 1, 0, 1, -1 },
	{ 0x05, 0, 0, 1, 0 },
	{ 0x47, 0, 0, 0, 8 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_ld_imm64[] = {
	{ 0x18, 0, 0, 0, -1698898192 },
	{ 0x00, 0, 0, 0, 305419896 },
	{ 0x77, 0, 0, 0, 32 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_ld_imm64_low[] = {
	{ 0x18, 0, 0, 0, -1 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x77, 0, 0, 0, 28 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_logic[] = {
	{ 0xb7, 0, 0, 0, 240 },
	{ 0x57, 0, 0, 0, 60 },
	{ 0x47, 0, 0, 0, 3 },
	{ 0xa7, 0, 0, 0, 255 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_loop[] = {
	{ 0xb7, 0, 0, 0, 0 },
	{ 0xb7, 1, 0, 0, 10 },
	{ 0x0f, 0, 1, 0, 0 },
	{ 0x07, 1, 0, 0, -1 },
	{ 0x55, 1, 0, -3, 0 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_lsh32[] = {
	{ 0xb4, 0, 0, 0, -2147483647 },
	{ 0x64, 0, 0, 0, 1 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_lsh64[] = {
	{ 0xb7, 0, 0, 0, 1 },
	{ 0x67, 0, 0, 0, 40 },
	{ 0x77, 0, 0, 0, 33 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_mem_bottom[] = {
	{ 0x7a, 10, 0, -512, 9 },
	{ 0x79, 0, 10, -512, 0 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_mem_s16[] = {
	{ 0x6a, 10, 0, -2, 32768 },
	{ 0x89, 0, 10, -2, 0 },
	{ 0x77, 0, 0, 0, 60 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_mem_s32[] = {
	{ 0x62, 10, 0, -4, -3 },
	{ 0x81, 0, 10, -4, 0 },
	{ 0x07, 0, 0, 0, 4 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_mem_s8[] = {
	{ 0x7a, 10, 0, -8, 0 },
	{ 0x72, 10, 0, -8, 128 },
	{ 0x91, 0, 10, -8, 0 },
	{ 0xc7, 0, 0, 0, 4 },
	{ 0x07, 0, 0, 0, 10 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_mem_spill[] = {
	{ 0xbf, 6, 10, 0, 0 },
	{ 0x07, 6, 0, 0, -16 },
	{ 0x7b, 10, 6, -8, 0 },
	{ 0x79, 7, 10, -8, 0 },
	{ 0x7a, 7, 0, 0, 21 },
	{ 0x79, 0, 10, -16, 0 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_mem_st_imm[] = {
	{ 0x7a, 10, 0, -8, -2 },
	{ 0x79, 0, 10, -8, 0 },
	{ 0x77, 0, 0, 0, 32 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_mem_u16[] = {
	{ 0xb7, 1, 0, 0, 131071 },
	{ 0x6b, 10, 1, -8, 0 },
	{ 0x69, 0, 10, -8, 0 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_mem_u32[] = {
	{ 0xb7, 1, 0, 0, 2147483647 },
	{ 0x63, 10, 1, -8, 0 },
	{ 0x61, 0, 10, -8, 0 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_mem_u64[] = {
	{ 0x18, 1, 0, 0, 1432778632 },
	{ 0x00, 0, 0, 0, 287454020 },
	{ 0x7b, 10, 1, -16, 0 },
	{ 0x79, 0, 10, -16, 0 },
	{ 0x77, 0, 0, 0, 32 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_mem_u8[] = {
	{ 0xb7, 1, 0, 0, 511 },
	{ 0x73, 10, 1, -8, 0 },
	{ 0x71, 0, 10, -8, 0 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_mod32_by_zero_reg[] = {
	{ 0xb7, 0, 0, 0, -1 },
	{ 0xb7, 1, 0, 0, 0 },
	{ 0x9c, 0, 1, 0, 0 },
	{ 0x77, 0, 0, 0, 28 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_mod_by_zero_reg[] = {
	{ 0xb7, 0, 0, 0, 7 },
	{ 0xb7, 1, 0, 0, 0 },
	{ 0x9f, 0, 1, 0, 0 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_mov32_imm[] = {
	{ 0xb4, 0, 0, 0, -1 },
	{ 0x77, 0, 0, 0, 16 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_mov64_imm[] = {
	{ 0xb7, 0, 0, 0, -1 },
	{ 0x77, 0, 0, 0, 40 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_movsx16[] = {
	{ 0xb7, 1, 0, 0, 32768 },
	{ 0xbf, 0, 1, 16, 0 },
	{ 0x77, 0, 0, 0, 48 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_movsx32[] = {
	{ 0xb4, 1, 0, 0, -2147483647 - 1 },
	{ 0xbf, 0, 1, 32, 0 },
	{ 0x77, 0, 0, 0, 60 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_movsx8[] = {
	{ 0xb7, 1, 0, 0, 511 },
	{ 0xbf, 0, 1, 8, 0 },
	{ 0x07, 0, 0, 0, 3 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_movsx8_32[] = {
	{ 0xb4, 1, 0, 0, 128 },
	{ 0xbc, 0, 1, 8, 0 },
	{ 0x77, 0, 0, 0, 4 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_neg32[] = {
	{ 0xb7, 0, 0, 0, 1 },
	{ 0x84, 0, 0, 0, 0 },
	{ 0x77, 0, 0, 0, 31 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_neg64[] = {
	{ 0xb7, 0, 0, 0, 5 },
	{ 0x87, 0, 0, 0, 0 },
	{ 0x07, 0, 0, 0, 6 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_sdiv32_min[] = {
	{ 0xb4, 0, 0, 0, -2147483647 - 1 },
	{ 0xb4, 1, 0, 0, -1 },
	{ 0x3c, 0, 1, 1, 0 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_sdiv64[] = {
	{ 0xb7, 0, 0, 0, -7 },
	{ 0x37, 0, 0, 1, 2 },
	{ 0x07, 0, 0, 0, 10 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_sdiv64_min[] = {
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, -2147483647 - 1 },
	{ 0xb7, 2, 0, 0, -1 },
	{ 0xbf, 0, 1, 0, 0 },
	{ 0x3f, 0, 2, 1, 0 },
	{ 0x1d, 0, 1, 2, 0 },
	{ 0xb7, 0, 0, 0, 0 },
	{ 0x95, 0, 0, 0, 0 },
	{ 0xb7, 0, 0, 0, 1 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_shift32_reg_masked[] = {
	{ 0xb4, 0, 0, 0, 1 },
	{ 0xb4, 1, 0, 0, 33 },
	{ 0x6c, 0, 1, 0, 0 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_shift_reg_masked[] = {
	{ 0xb7, 0, 0, 0, 1 },
	{ 0xb7, 1, 0, 0, 65 },
	{ 0x6f, 0, 1, 0, 0 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_smod32_min[] = {
	{ 0xb4, 0, 0, 0, -2147483647 - 1 },
	{ 0xb4, 1, 0, 0, -1 },
	{ 0x9c, 0, 1, 1, 0 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_smod64[] = {
	{ 0xb7, 0, 0, 0, -7 },
	{ 0xb7, 1, 0, 0, 3 },
	{ 0x9f, 0, 1, 1, 0 },
	{ 0x07, 0, 0, 0, 5 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct bpf_insn v_xchg64[] = {
	{ 0x7a, 10, 0, -8, 3 },
	{ 0xb7, 1, 0, 0, 4 },
	{ 0xdb, 10, 1, -8, 225 },
	{ 0x79, 0, 10, -8, 0 },
	{ 0x67, 0, 0, 0, 4 },
	{ 0x4f, 0, 1, 0, 0 },
	{ 0x95, 0, 0, 0, 0 },
};

/* name, code, length, accept, r0 is known, r0, piece of the log */
static const struct {
	const char *name;
	const struct bpf_insn *insn;
	u32 len;
	bool accept;
	bool has_r0;
	u64 r0;
	const char *log;
} bvm_vectors[] = {
	{ "alu32_mov_zext", v_alu32_mov_zext, ARRAY_SIZE(v_alu32_mov_zext), 1, 1, 0x1,
	  "" },
	{ "alu32_zext", v_alu32_zext, ARRAY_SIZE(v_alu32_zext), 1, 1, 0x0,
	  "" },
	{ "alu64_chain", v_alu64_chain, ARRAY_SIZE(v_alu64_chain), 1, 1, 0x3,
	  "" },
	{ "and_imm_sext", v_and_imm_sext, ARRAY_SIZE(v_and_imm_sext), 1, 1, 0x12345678,
	  "" },
	{ "arsh32", v_arsh32, ARRAY_SIZE(v_arsh32), 1, 1, 0xffffffff,
	  "" },
	{ "arsh64", v_arsh64, ARRAY_SIZE(v_arsh64), 1, 1, 0x6,
	  "" },
	{ "atomic32_add", v_atomic32_add, ARRAY_SIZE(v_atomic32_add), 1, 1, 0x8,
	  "" },
	{ "atomic32_and", v_atomic32_and, ARRAY_SIZE(v_atomic32_and), 1, 1, 0x3,
	  "" },
	{ "atomic32_or", v_atomic32_or, ARRAY_SIZE(v_atomic32_or), 1, 1, 0x7,
	  "" },
	{ "atomic32_xor", v_atomic32_xor, ARRAY_SIZE(v_atomic32_xor), 1, 1, 0x6,
	  "" },
	{ "atomic64_add", v_atomic64_add, ARRAY_SIZE(v_atomic64_add), 1, 1, 0x8,
	  "" },
	{ "atomic64_and", v_atomic64_and, ARRAY_SIZE(v_atomic64_and), 1, 1, 0x3,
	  "" },
	{ "atomic64_or", v_atomic64_or, ARRAY_SIZE(v_atomic64_or), 1, 1, 0x7,
	  "" },
	{ "atomic64_xor", v_atomic64_xor, ARRAY_SIZE(v_atomic64_xor), 1, 1, 0x6,
	  "" },
	{ "bad_alu_reserved", v_bad_alu_reserved, ARRAY_SIZE(v_bad_alu_reserved), 0, 0, 0x0,
	  "BPF_ALU uses reserved fields" },
	{ "bad_atomic", v_bad_atomic, ARRAY_SIZE(v_bad_atomic), 0, 0, 0x0,
	  "BPF_ATOMIC uses invalid atomic opcode 02" },
	{ "bad_div_zero", v_bad_div_zero, ARRAY_SIZE(v_bad_div_zero), 0, 0, 0x0,
	  "div by zero" },
	{ "bad_end_width", v_bad_end_width, ARRAY_SIZE(v_bad_end_width), 0, 0, 0x0,
	  "BPF_END uses reserved fields" },
	{ "bad_exit_reserved", v_bad_exit_reserved, ARRAY_SIZE(v_bad_exit_reserved), 0, 0, 0x0,
	  "BPF_EXIT uses reserved fields" },
	{ "bad_fp_add", v_bad_fp_add, ARRAY_SIZE(v_bad_fp_add), 0, 0, 0x0,
	  "frame pointer is read only" },
	{ "bad_fp_write", v_bad_fp_write, ARRAY_SIZE(v_bad_fp_write), 0, 0, 0x0,
	  "frame pointer is read only" },
	{ "bad_ja_reserved", v_bad_ja_reserved, ARRAY_SIZE(v_bad_ja_reserved), 0, 0, 0x0,
	  "BPF_JA uses reserved fields" },
	{ "bad_jmp_reserved", v_bad_jmp_reserved, ARRAY_SIZE(v_bad_jmp_reserved), 0, 0, 0x0,
	  "BPF_JMP/JMP32 uses reserved fields" },
	{ "bad_jump_middle", v_bad_jump_middle, ARRAY_SIZE(v_bad_jump_middle), 0, 0, 0x0,
	  "jump into the middle of ldimm64 insn 2" },
	{ "bad_jump_outside", v_bad_jump_outside, ARRAY_SIZE(v_bad_jump_outside), 0, 0, 0x0,
	  "jump out of range" },
	{ "bad_ld_imm64_half", v_bad_ld_imm64_half, ARRAY_SIZE(v_bad_ld_imm64_half), 0, 0, 0x0,
	  "" },
	{ "bad_ld_imm64_second", v_bad_ld_imm64_second, ARRAY_SIZE(v_bad_ld_imm64_second), 0, 0, 0x0,
	  "invalid bpf_ld_imm64 insn" },
	{ "bad_ldx_reserved", v_bad_ldx_reserved, ARRAY_SIZE(v_bad_ldx_reserved), 0, 0, 0x0,
	  "BPF_LDX uses reserved fields" },
	{ "bad_mov_reserved", v_bad_mov_reserved, ARRAY_SIZE(v_bad_mov_reserved), 0, 0, 0x0,
	  "BPF_MOV uses reserved fields" },
	{ "bad_movsx32_32", v_bad_movsx32_32, ARRAY_SIZE(v_bad_movsx32_32), 0, 0, 0x0,
	  "BPF_MOV uses reserved fields" },
	{ "bad_neg_reserved", v_bad_neg_reserved, ARRAY_SIZE(v_bad_neg_reserved), 0, 0, 0x0,
	  "BPF_NEG uses reserved fields" },
	{ "bad_no_exit", v_bad_no_exit, ARRAY_SIZE(v_bad_no_exit), 0, 0, 0x0,
	  "last insn is not an exit or jmp" },
	{ "bad_opcode", v_bad_opcode, ARRAY_SIZE(v_bad_opcode), 0, 0, 0x0,
	  "unknown opcode ff" },
	{ "bad_opcode_8d", v_bad_opcode_8d, ARRAY_SIZE(v_bad_opcode_8d), 0, 0, 0x0,
	  "unknown opcode 8d" },
	{ "bad_r0_unset", v_bad_r0_unset, ARRAY_SIZE(v_bad_r0_unset), 0, 0, 0x0,
	  "R0 !read_ok" },
	{ "bad_reg_unset", v_bad_reg_unset, ARRAY_SIZE(v_bad_reg_unset), 0, 0, 0x0,
	  "R5 !read_ok" },
	{ "bad_register", v_bad_register, ARRAY_SIZE(v_bad_register), 0, 0, 0x0,
	  "R11 is invalid" },
	{ "bad_register_src", v_bad_register_src, ARRAY_SIZE(v_bad_register_src), 0, 0, 0x0,
	  "R12 is invalid" },
	{ "bad_scalar_load", v_bad_scalar_load, ARRAY_SIZE(v_bad_scalar_load), 0, 0, 0x0,
	  "R1 invalid mem access 'scalar'" },
	{ "bad_shift", v_bad_shift, ARRAY_SIZE(v_bad_shift), 0, 0, 0x0,
	  "invalid shift 64" },
	{ "bad_shift32", v_bad_shift32, ARRAY_SIZE(v_bad_shift32), 0, 0, 0x0,
	  "invalid shift 32" },
	{ "bad_st_reserved", v_bad_st_reserved, ARRAY_SIZE(v_bad_st_reserved), 0, 0, 0x0,
	  "BPF_ST uses reserved fields" },
	{ "bad_stack_above", v_bad_stack_above, ARRAY_SIZE(v_bad_stack_above), 0, 0, 0x0,
	  "invalid write to stack R10 off=0 size=8" },
	{ "bad_stack_below", v_bad_stack_below, ARRAY_SIZE(v_bad_stack_below), 0, 0, 0x0,
	  "invalid write to stack R10 off=-520 size=8" },
	{ "bad_stack_read_above", v_bad_stack_read_above, ARRAY_SIZE(v_bad_stack_read_above), 0, 0, 0x0,
	  "invalid read from stack R10 off=8 size=8" },
	{ "bad_stx_reserved", v_bad_stx_reserved, ARRAY_SIZE(v_bad_stx_reserved), 0, 0, 0x0,
	  "BPF_STX uses reserved fields" },
	{ "bad_unreachable", v_bad_unreachable, ARRAY_SIZE(v_bad_unreachable), 0, 0, 0x0,
	  "unreachable insn 2" },
	{ "be16", v_be16, ARRAY_SIZE(v_be16), 1, 1, 0x3344,
	  "" },
	{ "be32_le32", v_be32_le32, ARRAY_SIZE(v_be32_le32), 1, 1, 0x11223344,
	  "" },
	{ "bswap16", v_bswap16, ARRAY_SIZE(v_bswap16), 1, 1, 0x3322,
	  "" },
	{ "bswap32", v_bswap32, ARRAY_SIZE(v_bswap32), 1, 1, 0x44332211,
	  "" },
	{ "bswap64", v_bswap64, ARRAY_SIZE(v_bswap64), 1, 1, 0x88776655,
	  "" },
	{ "cmpxchg32_zext", v_cmpxchg32_zext, ARRAY_SIZE(v_cmpxchg32_zext), 1, 1, 0x0,
	  "" },
	{ "cmpxchg64_differs", v_cmpxchg64_differs, ARRAY_SIZE(v_cmpxchg64_differs), 1, 1, 0x33,
	  "" },
	{ "cmpxchg64_equal", v_cmpxchg64_equal, ARRAY_SIZE(v_cmpxchg64_equal), 1, 1, 0x34,
	  "" },
	{ "div64_unsigned", v_div64_unsigned, ARRAY_SIZE(v_div64_unsigned), 1, 1, 0x7fffffff,
	  "" },
	{ "div_by_zero_reg", v_div_by_zero_reg, ARRAY_SIZE(v_div_by_zero_reg), 1, 1, 0x0,
	  "" },
	{ "fetch32_add_zext", v_fetch32_add_zext, ARRAY_SIZE(v_fetch32_add_zext), 1, 1, 0xf,
	  "" },
	{ "fetch64_add", v_fetch64_add, ARRAY_SIZE(v_fetch64_add), 1, 1, 0x690,
	  "" },
	{ "goto_chain", v_goto_chain, ARRAY_SIZE(v_goto_chain), 1, 1, 0x7,
	  "" },
	{ "gotol", v_gotol, ARRAY_SIZE(v_gotol), 1, 1, 0x1,
	  "" },
	{ "jeq", v_jeq, ARRAY_SIZE(v_jeq), 1, 1, 0xf,
	  "" },
	{ "jeq32_half", v_jeq32_half, ARRAY_SIZE(v_jeq32_half), 1, 1, 0x1,
	  "" },
	{ "jeq_imm_sext", v_jeq_imm_sext, ARRAY_SIZE(v_jeq_imm_sext), 1, 1, 0x1,
	  "" },
	{ "jge", v_jge, ARRAY_SIZE(v_jge), 1, 1, 0xf,
	  "" },
	{ "jgt", v_jgt, ARRAY_SIZE(v_jgt), 1, 1, 0xf,
	  "" },
	{ "jle", v_jle, ARRAY_SIZE(v_jle), 1, 1, 0x0,
	  "" },
	{ "jlt", v_jlt, ARRAY_SIZE(v_jlt), 1, 1, 0xf,
	  "" },
	{ "jne", v_jne, ARRAY_SIZE(v_jne), 1, 1, 0x0,
	  "" },
	{ "jset", v_jset, ARRAY_SIZE(v_jset), 1, 1, 0xf,
	  "" },
	{ "jsge", v_jsge, ARRAY_SIZE(v_jsge), 1, 1, 0xf,
	  "" },
	{ "jsgt", v_jsgt, ARRAY_SIZE(v_jsgt), 1, 1, 0x0,
	  "" },
	{ "jsle", v_jsle, ARRAY_SIZE(v_jsle), 1, 1, 0x0,
	  "" },
	{ "jslt", v_jslt, ARRAY_SIZE(v_jslt), 1, 1, 0xf,
	  "" },
	{ "ld_imm64", v_ld_imm64, ARRAY_SIZE(v_ld_imm64), 1, 1, 0x12345678,
	  "" },
	{ "ld_imm64_low", v_ld_imm64_low, ARRAY_SIZE(v_ld_imm64_low), 1, 1, 0xf,
	  "" },
	{ "logic", v_logic, ARRAY_SIZE(v_logic), 1, 1, 0xcc,
	  "" },
	{ "loop", v_loop, ARRAY_SIZE(v_loop), 1, 1, 0x37,
	  "" },
	{ "lsh32", v_lsh32, ARRAY_SIZE(v_lsh32), 1, 1, 0x2,
	  "" },
	{ "lsh64", v_lsh64, ARRAY_SIZE(v_lsh64), 1, 1, 0x80,
	  "" },
	{ "mem_bottom", v_mem_bottom, ARRAY_SIZE(v_mem_bottom), 1, 1, 0x9,
	  "" },
	{ "mem_s16", v_mem_s16, ARRAY_SIZE(v_mem_s16), 1, 1, 0xf,
	  "" },
	{ "mem_s32", v_mem_s32, ARRAY_SIZE(v_mem_s32), 1, 1, 0x1,
	  "" },
	{ "mem_s8", v_mem_s8, ARRAY_SIZE(v_mem_s8), 1, 1, 0x2,
	  "" },
	{ "mem_spill", v_mem_spill, ARRAY_SIZE(v_mem_spill), 1, 1, 0x15,
	  "" },
	{ "mem_st_imm", v_mem_st_imm, ARRAY_SIZE(v_mem_st_imm), 1, 1, 0xffffffff,
	  "" },
	{ "mem_u16", v_mem_u16, ARRAY_SIZE(v_mem_u16), 1, 1, 0xffff,
	  "" },
	{ "mem_u32", v_mem_u32, ARRAY_SIZE(v_mem_u32), 1, 1, 0x7fffffff,
	  "" },
	{ "mem_u64", v_mem_u64, ARRAY_SIZE(v_mem_u64), 1, 1, 0x11223344,
	  "" },
	{ "mem_u8", v_mem_u8, ARRAY_SIZE(v_mem_u8), 1, 1, 0xff,
	  "" },
	{ "mod32_by_zero_reg", v_mod32_by_zero_reg, ARRAY_SIZE(v_mod32_by_zero_reg), 1, 1, 0xf,
	  "" },
	{ "mod_by_zero_reg", v_mod_by_zero_reg, ARRAY_SIZE(v_mod_by_zero_reg), 1, 1, 0x7,
	  "" },
	{ "mov32_imm", v_mov32_imm, ARRAY_SIZE(v_mov32_imm), 1, 1, 0xffff,
	  "" },
	{ "mov64_imm", v_mov64_imm, ARRAY_SIZE(v_mov64_imm), 1, 1, 0xffffff,
	  "" },
	{ "movsx16", v_movsx16, ARRAY_SIZE(v_movsx16), 1, 1, 0xffff,
	  "" },
	{ "movsx32", v_movsx32, ARRAY_SIZE(v_movsx32), 1, 1, 0xf,
	  "" },
	{ "movsx8", v_movsx8, ARRAY_SIZE(v_movsx8), 1, 1, 0x2,
	  "" },
	{ "movsx8_32", v_movsx8_32, ARRAY_SIZE(v_movsx8_32), 1, 1, 0xffffff8,
	  "" },
	{ "neg32", v_neg32, ARRAY_SIZE(v_neg32), 1, 1, 0x1,
	  "" },
	{ "neg64", v_neg64, ARRAY_SIZE(v_neg64), 1, 1, 0x1,
	  "" },
	{ "sdiv32_min", v_sdiv32_min, ARRAY_SIZE(v_sdiv32_min), 1, 1, 0x80000000,
	  "" },
	{ "sdiv64", v_sdiv64, ARRAY_SIZE(v_sdiv64), 1, 1, 0x7,
	  "" },
	{ "sdiv64_min", v_sdiv64_min, ARRAY_SIZE(v_sdiv64_min), 1, 1, 0x1,
	  "" },
	{ "shift32_reg_masked", v_shift32_reg_masked, ARRAY_SIZE(v_shift32_reg_masked), 1, 1, 0x2,
	  "" },
	{ "shift_reg_masked", v_shift_reg_masked, ARRAY_SIZE(v_shift_reg_masked), 1, 1, 0x2,
	  "" },
	{ "smod32_min", v_smod32_min, ARRAY_SIZE(v_smod32_min), 1, 1, 0x0,
	  "" },
	{ "smod64", v_smod64, ARRAY_SIZE(v_smod64), 1, 1, 0x4,
	  "" },
	{ "xchg64", v_xchg64, ARRAY_SIZE(v_xchg64), 1, 1, 0x43,
	  "" },
};
