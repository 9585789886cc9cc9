// SPDX-License-Identifier: GPL-2.0-only
/* isa/: every row round trip, every reserved field, the disassembler's words. */
#include "ktap.h"
#include "../../kernel/isa/opcodes.h"

/* A well-formed instruction of this opcode: what decode must accept. */
static struct bpf_insn sample(u8 code)
{
	const struct bvm_opcode *row = &bvm_opcodes[code];
	struct bpf_insn insn = { .code = code };

	if (!(row->rules & BVM_Z_DST))
		insn.dst_reg = 3;
	if (!(row->rules & BVM_Z_SRC) && row->class != BVM_LD_IMM64 && row->class != BVM_CALL)
		insn.src_reg = 4;
	if (!(row->rules & BVM_Z_IMM))
		insn.imm = row->class == BVM_ATOMIC ? BPF_ADD : 16;
	return insn;
}

static enum bvm_isa_error decode(struct bpf_insn insn, struct bvm_insn *out)
{
	struct bpf_insn two[2] = { insn };

	return bvm_decode(two, 2, out);
}

struct row {
	u8 code, class, op, size, flags, rules;
};

#define ROW(code, class, op, size, flags, rules) { code, class, op, size, flags, rules },
static const struct row rows[] = { BVM_OPCODES(ROW) };
#undef ROW

static void rows_decode(void)
{
	u32 valid = 0, code, i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct bpf_insn insn = sample(rows[i].code);
		struct bvm_insn out[2];

		if (!CHECK(decode(insn, out) == BVM_ISA_OK, "opcode %02x refused", rows[i].code))
			continue;
		CHECK_EQ(bvm_opcodes[rows[i].code].rules, rows[i].rules | BVM_VALID);
		CHECK(out->class == rows[i].class && out->op == rows[i].op &&
		      out->size == rows[i].size && out->flags == rows[i].flags &&
		      out->dst == insn.dst_reg && out->src == insn.src_reg,
		      "opcode %02x decoded wrongly", rows[i].code);
	}
	/* No opcode has two rows, and what has no row is refused. */
	for (code = 0; code < 256; code++) {
		struct bvm_insn out[2];

		if (bvm_opcodes[code].rules)
			valid++;
		else
			CHECK_EQ(decode((struct bpf_insn){ .code = code }, out),
				 BVM_ISA_UNKNOWN_OPCODE);
	}
	CHECK_EQ(valid, ARRAY_SIZE(rows));
	/* 12 x 4 ALU, 2 NEG, 3 END, 11 x 4 JMP, 5 other jumps, 12 + 3 memory, 2 atomics, 1, 6 */
	CHECK_EQ(valid, 48 + 2 + 3 + 44 + 5 + 12 + 3 + 2 + 1 + 6);
}

static void expect(struct bpf_insn insn, enum bvm_isa_error want, const char *what)
{
	struct bvm_insn out[2];
	enum bvm_isa_error got = decode(insn, out);

	CHECK(got == want, "%02x dst %d src %d off %d imm %d, %s: got %d, want %d", insn.code,
	      insn.dst_reg, insn.src_reg, insn.off, insn.imm, what, got, want);
}

/* What the RFC reserves, written down apart from the table: BVM_Z_* of an opcode. */
static u8 reserved(u8 code)
{
	u8 op = BPF_OP(code), mode = BPF_MODE(code);
	u8 operand = BPF_SRC(code) == BPF_X ? BVM_Z_IMM : BVM_Z_SRC;

	switch (BPF_CLASS(code)) {
	case BPF_ALU:
	case BPF_ALU64:
		if (op == BPF_NEG)
			return BVM_Z_SRC | BVM_Z_OFF | BVM_Z_IMM;
		if (op == BPF_END)
			return BVM_Z_SRC | BVM_Z_OFF;
		if (op == BPF_DIV || op == BPF_MOD || op == BPF_MOV)
			return operand;
		return operand | BVM_Z_OFF;
	case BPF_JMP:
	case BPF_JMP32:
		if (op == BPF_JA)
			return BVM_Z_DST | BVM_Z_SRC |
			       (BPF_CLASS(code) == BPF_JMP ? BVM_Z_IMM : BVM_Z_OFF);
		if (op == BPF_CALL)
			return BVM_Z_DST;
		if (op == BPF_EXIT)
			return BVM_Z_DST | BVM_Z_SRC | BVM_Z_OFF | BVM_Z_IMM;
		if (op == BPF_JCOND)
			return BVM_Z_DST | BVM_Z_SRC | BVM_Z_IMM;
		return operand;
	case BPF_LD:
		if (mode == BPF_IMM)
			return BVM_Z_OFF;
		return BVM_Z_DST | BVM_Z_OFF | (mode == BPF_ABS ? BVM_Z_SRC : 0);
	case BPF_LDX:
		return BVM_Z_IMM;
	case BPF_ST:
		return BVM_Z_SRC;
	default:
		return mode == BPF_ATOMIC ? 0 : BVM_Z_IMM;
	}
}

static void reserved_fields(void)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		u8 code = rows[i].code, rules = reserved(code);
		enum bvm_isa_error want = rows[i].class == BVM_LD_IMM64 ? BVM_ISA_BAD_LD_IMM64 :
								       BVM_ISA_RESERVED_FIELD;
		struct bpf_insn insn = sample(code);

		if (rules & BVM_Z_DST) {
			insn.dst_reg = 1;
			expect(insn, want, "dst");
			insn = sample(code);
		}
		if (rules & BVM_Z_SRC) {
			insn.src_reg = 1;
			expect(insn, want, "src");
			insn = sample(code);
		}
		if (rules & BVM_Z_OFF) {
			insn.off = 1;
			expect(insn, want, "off");
			insn.off = -32768;
			expect(insn, want, "off");
			insn = sample(code);
		}
		if (rules & BVM_Z_IMM) {
			insn.imm = 1;
			expect(insn, want, "imm");
			insn.imm = -2147483647 - 1;
			expect(insn, want, "imm");
		}
	}
}

static void registers(void)
{
	u32 i, reg;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		u8 code = rows[i].code, rules = bvm_opcodes[code].rules;
		struct bpf_insn insn = sample(code);

		for (reg = 11; reg < 16; reg++) {
			insn = sample(code);
			insn.dst_reg = reg;
			if (!(rules & BVM_Z_DST))
				expect(insn, BVM_ISA_BAD_REGISTER, "dst");
			insn = sample(code);
			insn.src_reg = reg;
			if (!(rules & BVM_Z_SRC) && rows[i].class != BVM_LD_IMM64 &&
			    rows[i].class != BVM_CALL)
				expect(insn, BVM_ISA_BAD_REGISTER, "src");
		}
		insn = sample(code);
		insn.dst_reg = 10;
		if (!(rules & BVM_Z_DST))
			expect(insn, rules & BVM_W_DST ? BVM_ISA_FRAME_POINTER_WRITE : BVM_ISA_OK,
			       "r10");
	}
	expect((struct bpf_insn){ 0xdb, 1, 10, 0, BPF_ADD }, BVM_ISA_OK, "add from r10");
	expect((struct bpf_insn){ 0xdb, 1, 10, 0, BPF_XCHG }, BVM_ISA_FRAME_POINTER_WRITE, "fetch");
	expect((struct bpf_insn){ 0xdb, 1, 10, 0, BPF_CMPXCHG }, BVM_ISA_OK, "result is in r0");
}

static void quirks(void)
{
	static const u8 div[] = { 0x34, 0x37, 0x94, 0x97 };
	static const u8 shift[] = { 0x64, 0x67, 0x74, 0x77, 0xc4, 0xc7 };
	static const u8 endian[] = { 0xd4, 0xdc, 0xd7 };
	struct bvm_insn out[2];
	int i, imm;

	for (i = 0; i < ARRAY_SIZE(div); i++) {
		expect((struct bpf_insn){ div[i], 1, 0, 0, 0 }, BVM_ISA_DIV_BY_ZERO, "");
		expect((struct bpf_insn){ div[i], 1, 0, 1, 0 }, BVM_ISA_DIV_BY_ZERO, "signed");
		expect((struct bpf_insn){ div[i] | BPF_X, 1, 2, 2, 0 }, BVM_ISA_RESERVED_FIELD, "");
		expect((struct bpf_insn){ div[i], 1, 0, -1, 3 }, BVM_ISA_RESERVED_FIELD, "");
		decode((struct bpf_insn){ div[i], 1, 0, 1, -3 }, out);
		CHECK_EQ(out->op, div[i] & 0x80 ? BVM_SMOD : BVM_SDIV);
		CHECK_EQ(out->imm, -3);
	}
	for (i = 0; i < ARRAY_SIZE(shift); i++) {
		int width = shift[i] & 3 ? 64 : 32;

		expect((struct bpf_insn){ shift[i], 1, 0, 0, width - 1 }, BVM_ISA_OK, "");
		expect((struct bpf_insn){ shift[i], 1, 0, 0, width }, BVM_ISA_BAD_SHIFT, "");
		expect((struct bpf_insn){ shift[i], 1, 0, 0, -1 }, BVM_ISA_BAD_SHIFT, "");
	}
	for (imm = -64; imm < 70; imm++)
		for (i = 0; i < ARRAY_SIZE(endian); i++)
			expect((struct bpf_insn){ endian[i], 1, 0, 0, imm },
			       imm == 16 || imm == 32 || imm == 64 ? BVM_ISA_OK : BVM_ISA_BAD_SWAP,
			       "width");
	for (imm = -40; imm < 40; imm++) {
		bool narrow = imm == 0 || imm == 8 || imm == 16;

		expect((struct bpf_insn){ 0xbc, 1, 2, imm, 0 },
		       narrow ? BVM_ISA_OK : BVM_ISA_RESERVED_FIELD, "32-bit move");
		expect((struct bpf_insn){ 0xbf, 1, 2, imm, 0 },
		       narrow || imm == 32 ? BVM_ISA_OK :
		       imm == 1 ? BVM_ISA_BAD_CAST : BVM_ISA_RESERVED_FIELD, "64-bit move");
		expect((struct bpf_insn){ 0xb7, 1, 0, imm, 0 },
		       imm == 0 ? BVM_ISA_OK : BVM_ISA_RESERVED_FIELD, "immediate move");
	}
	decode((struct bpf_insn){ 0xbf, 1, 2, 16, 0 }, out);
	CHECK(out->ext == 2 && !out->off, "ext %d", out->ext);
	for (imm = -70000; imm < 70000; imm++) {
		bool cast = imm == 1 || imm == 1 << 16;

		expect((struct bpf_insn){ 0xbf, 1, 2, 1, imm },
		       cast ? BVM_ISA_OK : BVM_ISA_BAD_CAST, "cast");
		expect((struct bpf_insn){ 0xb7, 1, 0, 1, imm }, BVM_ISA_RESERVED_FIELD, "number");
		if (imm)
			expect((struct bpf_insn){ 0xbc, 1, 2, 1, imm }, BVM_ISA_RESERVED_FIELD,
			       "32-bit cast");
	}
	decode((struct bpf_insn){ 0xbf, 1, 2, 1, 1 }, out);
	CHECK(out->op == BVM_MOV_TO_KERNEL && !out->off && !out->imm, "to the kernel");
	decode((struct bpf_insn){ 0xbf, 1, 2, 1, 1 << 16 }, out);
	CHECK(out->op == BVM_MOV_TO_USER && !out->off && !out->imm, "to user space");
}

static void atomics(void)
{
	static const int good[] = { 0, 0x40, 0x50, 0xa0, 1, 0x41, 0x51, 0xa1, 0xe1, 0xf1 };
	enum bvm_isa_error want;
	int imm, i;

	for (imm = -1; imm < 0x200; imm++) {
		bool ok = false;

		for (i = 0; i < ARRAY_SIZE(good); i++)
			ok |= good[i] == imm;
		want = ok ? BVM_ISA_OK : BVM_ISA_BAD_ATOMIC;
		expect((struct bpf_insn){ 0xdb, 1, 2, 0, imm }, want, "atomic");
		expect((struct bpf_insn){ 0xc3, 1, 2, 0, imm }, want, "atomic32");
	}
}

static void ld_imm64(void)
{
	struct bpf_insn insn[2] = { { 0x18, 1, 0, 0, 0x12345678 }, { 0, 0, 0, 0, -2 } };
	struct bvm_insn out[2];
	int src;

	CHECK_EQ(bvm_decode(insn, 2, out), BVM_ISA_OK);
	CHECK_EQ(out[0].imm, (s64)0xfffffffe12345678);
	CHECK_EQ(out[1].class, BVM_SLOT2);
	CHECK_EQ(bvm_decode(insn, 1, out), BVM_ISA_BAD_LD_IMM64);
	insn[0].imm = -1;
	insn[1].imm = 0;
	bvm_decode(insn, 2, out);
	CHECK_EQ(out[0].imm, 0xffffffff);
	for (src = 0; src < 16; src++) {
		insn[0].src_reg = src;
		CHECK_EQ(bvm_decode(insn, 2, out),
			 src <= 6 ? BVM_ISA_OK : BVM_ISA_BAD_LD_IMM64);
	}
	insn[0].src_reg = BPF_PSEUDO_MAP_FD;
	insn[1].imm = 1;
	CHECK_EQ(bvm_decode(insn, 2, out), BVM_ISA_BAD_LD_IMM64);
	insn[0].src_reg = 0;
	insn[1] = (struct bpf_insn){ .off = 1 };
	CHECK_EQ(bvm_decode(insn, 2, out), BVM_ISA_BAD_LD_IMM64);
	insn[1] = (struct bpf_insn){ .code = 0xb7 };
	CHECK_EQ(bvm_decode(insn, 2, out), BVM_ISA_BAD_LD_IMM64);
	insn[1] = (struct bpf_insn){ .dst_reg = 1 };
	CHECK_EQ(bvm_decode(insn, 2, out), BVM_ISA_BAD_LD_IMM64);
	insn[1] = (struct bpf_insn){ .src_reg = 1 };
	CHECK_EQ(bvm_decode(insn, 2, out), BVM_ISA_BAD_LD_IMM64);
	/* a lone second slot is no instruction */
	insn[1] = (struct bpf_insn){ 0 };
	CHECK_EQ(bvm_decode(insn + 1, 1, out), BVM_ISA_UNKNOWN_OPCODE);
}

static void calls_and_jumps(void)
{
	struct bvm_insn out[2];

	expect((struct bpf_insn){ 0x85, 0, 0, 0, 5 }, BVM_ISA_OK, "helper");
	expect((struct bpf_insn){ 0x85, 0, 0, 1, 5 }, BVM_ISA_RESERVED_FIELD, "helper off");
	expect((struct bpf_insn){ 0x85, 0, 1, 0, 5 }, BVM_ISA_OK, "subprogram");
	expect((struct bpf_insn){ 0x85, 0, 1, 3, 5 }, BVM_ISA_RESERVED_FIELD, "subprogram off");
	expect((struct bpf_insn){ 0x85, 0, 2, 3, 5 }, BVM_ISA_OK, "kernel function");
	expect((struct bpf_insn){ 0x85, 0, 3, 0, 5 }, BVM_ISA_RESERVED_FIELD, "pseudo kind");
	decode((struct bpf_insn){ 0x06, 0, 0, 0, -100000 }, out);
	CHECK(out->class == BVM_JA && out->off == -100000 && !out->imm, "gotol %d", out->off);
	decode((struct bpf_insn){ 0x05, 0, 0, -7, 0 }, out);
	CHECK(out->class == BVM_JA && out->off == -7, "goto %d", out->off);
	decode((struct bpf_insn){ 0xe5, 0, 0, -7, 0 }, out);
	CHECK(out->class == BVM_MAY_GOTO && out->off == -7, "may_goto %d", out->off);
	decode((struct bpf_insn){ 0x15, 1, 0, -7, -1 }, out);
	CHECK(out->imm == -1 && out->off == -7, "imm %lld", out->imm);
}

static const struct {
	struct bpf_insn insn;
	s32 imm2;
	const char *call, *text;
} golden[] = {
#include "disasm_golden.h"
};

static const char *call_name(void *priv, const struct bpf_insn *insn)
{
	return priv;
}

static const char *imm64_name(void *priv, const struct bpf_insn *insn, u64 imm)
{
	return insn->src_reg == BPF_PSEUDO_MAP_FD ? "map[id:7]" : NULL;
}

static void disassemble(void)
{
	char buf[80];
	u32 i;

	for (i = 0; i < ARRAY_SIZE(golden); i++) {
		struct bvm_disasm_ops ops = { call_name, imm64_name, (void *)golden[i].call };
		struct bpf_insn insn[2] = { golden[i].insn, { .imm = golden[i].imm2 } };
		int n = bvm_disasm(buf, sizeof(buf), insn, &ops);

		CHECK(!strcmp(buf, golden[i].text), "got '%s', want '%s'", buf, golden[i].text);
		CHECK_EQ(n, strlen(golden[i].text));
	}
}

static void disassemble_rest(void)
{
	struct bpf_insn insn[2] = { { 0x18, 1, BPF_PSEUDO_MAP_FD, 0, 3 } };
	struct bvm_disasm_ops ops = { call_name, imm64_name, NULL };
	char buf[80], tiny[8];
	u32 code, n;

	bvm_disasm(buf, sizeof(buf), insn, &ops);
	CHECK(!strcmp(buf, "(18) r1 = map[id:7]"), "%s", buf);
	bvm_disasm(buf, sizeof(buf), insn, NULL);
	CHECK(!strcmp(buf, "(18) r1 = 0x3"), "%s", buf);
	insn[0] = (struct bpf_insn){ 0x85, 0, BPF_PSEUDO_CALL, 0, 6 };
	bvm_disasm(buf, sizeof(buf), insn, NULL);
	CHECK(!strcmp(buf, "(85) call pc+6"), "%s", buf);
	/* anything at all is printed, and no more than fits */
	for (code = 0; code < 256; code++) {
		insn[0] = (struct bpf_insn){ code, 15, 15, -1, -1 };
		n = bvm_disasm(buf, sizeof(buf), insn, NULL);
		memset(tiny, 1, sizeof(tiny));
		CHECK_EQ(bvm_disasm(tiny, 7, insn, NULL), n);
		CHECK(!strncmp(tiny, buf, 6) && !tiny[6] && tiny[7] == 1, "opcode %02x", code);
		CHECK_EQ(bvm_disasm(NULL, 0, insn, NULL), n);
		CHECK_EQ(bvm_disasm(tiny, 3, insn, NULL), n);
	}
}

int main(void)
{
	static const struct ktap_test tests[] = {
		{ "every row decodes to itself", rows_decode },
		{ "every reserved field is refused", reserved_fields },
		{ "register numbers", registers },
		{ "division, shifts, swaps, extensions", quirks },
		{ "atomic operations", atomics },
		{ "64-bit immediates", ld_imm64 },
		{ "calls and jumps", calls_and_jumps },
		{ "disassembly as the stock kernel prints it", disassemble },
		{ "disassembly of anything", disassemble_rest },
	};

	return ktap_run(tests, ARRAY_SIZE(tests));
}
