// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit: decoder and disassembler.  The exhaustive checks run on the host
 * (selftests/host/isa_test.c); these show that the kernel's build of the same
 * files, with its compiler and its byte order, agrees.
 */
#include <kunit/test.h>
#include "../isa/opcodes.h"

static void decodes_rows(struct kunit *test)
{
	u32 code, valid = 0;

	for (code = 0; code < 256; code++) {
		const struct bvm_opcode *row = &bvm_opcodes[code];
		struct bpf_insn insn[2] = { { .code = code } };
		struct bvm_insn out[2];
		enum bvm_isa_error err;

		if (!row->rules) {
			KUNIT_EXPECT_EQ(test, bvm_decode(insn, 2, out), BVM_ISA_UNKNOWN_OPCODE);
			continue;
		}
		valid++;
		if (row->class == BVM_ENDIAN || row->class == BVM_ALU)
			insn[0].imm = row->flags & BVM_F_SRC_REG ? 0 : 16;
		err = bvm_decode(insn, 2, out);
		KUNIT_EXPECT_EQ_MSG(test, err, BVM_ISA_OK, "opcode %02x", code);
		KUNIT_EXPECT_EQ(test, out[0].class, row->class);
		KUNIT_EXPECT_EQ(test, out[0].size, row->size);
	}
	KUNIT_EXPECT_EQ(test, valid, 126);
}

static void refuses(struct kunit *test)
{
	static const struct {
		struct bpf_insn insn;
		enum bvm_isa_error want;
	} cases[] = {
		{ { 0xff, 0, 0, 0, 0 }, BVM_ISA_UNKNOWN_OPCODE },
		{ { 0x07, 0, 0, 1, 1 }, BVM_ISA_RESERVED_FIELD },
		{ { 0xbf, 11, 0, 0, 0 }, BVM_ISA_BAD_REGISTER },
		{ { 0xbf, 0, 11, 0, 0 }, BVM_ISA_BAD_REGISTER },
		{ { 0xb7, 10, 0, 0, 0 }, BVM_ISA_FRAME_POINTER_WRITE },
		{ { 0x18, 0, 7, 0, 0 }, BVM_ISA_BAD_LD_IMM64 },
		{ { 0x67, 0, 0, 0, 64 }, BVM_ISA_BAD_SHIFT },
		{ { 0x37, 0, 0, 0, 0 }, BVM_ISA_DIV_BY_ZERO },
		{ { 0xdc, 0, 0, 0, 8 }, BVM_ISA_BAD_SWAP },
		{ { 0xbf, 0, 0, 1, 2 }, BVM_ISA_BAD_CAST },
		{ { 0xdb, 0, 1, 0, 2 }, BVM_ISA_BAD_ATOMIC },
	};
	struct bvm_insn out[2];
	u32 i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct bpf_insn insn[2] = { cases[i].insn };

		KUNIT_EXPECT_EQ_MSG(test, bvm_decode(insn, 2, out), cases[i].want, "case %u", i);
	}
}

static void disassembles(struct kunit *test)
{
	static const struct {
		struct bpf_insn insn[2];
		const char *want;
	} cases[] = {
		{ { { 0xb7, 1, 0, 0, -5 } }, "(b7) r1 = -5" },
		{ { { 0x34, 1, 0, 1, 3 } }, "(34) w1 s/= 3" },
		{ { { 0x91, 1, 10, -8, 0 } }, "(91) r1 = *(s8 *)(r10 -8)" },
		{ { { 0xdb, 10, 1, -8, BPF_CMPXCHG } },
		  "(db) r0 = atomic64_cmpxchg((u64 *)(r10 -8), r0, r1)" },
		{ { { 0x18, 1, 0, 0, 1 }, { 0, 0, 0, 0, -1 } }, "(18) r1 = 0xffffffff00000001" },
		{ { { 0x66, 1, 0, 2, -1 } }, "(66) if w1 s> 0xffffffff goto pc+2" },
		{ { { 0x85, 0, 0, 0, 9999 } }, "(85) call unknown#9999" },
	};
	char buf[64];
	u32 i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		int n = bvm_disasm(buf, sizeof(buf), cases[i].insn, NULL);

		KUNIT_EXPECT_STREQ(test, buf, cases[i].want);
		KUNIT_EXPECT_EQ(test, n, strlen(cases[i].want));
	}
}

static struct kunit_case isa_cases[] = {
	KUNIT_CASE(decodes_rows),
	KUNIT_CASE(refuses),
	KUNIT_CASE(disassembles),
	{}
};

static struct kunit_suite isa_suite = {
	.name = "bvm_isa",
	.test_cases = isa_cases,
};

kunit_test_suite(isa_suite);
