// SPDX-License-Identifier: GPL-2.0-only
/*
 * The encoders of the arm64 back end, byte for byte against LLVM's assembler: every form
 * with many operands.
 */
#include <unistd.h>
#include "ktap.h"
#include "../../arch/arm64/encode.h"

#define FORMS	65536
#define ROUNDS	300

static u32 words[FORMS], nr_words;
static char texts[FORMS][64];

__attribute__((__format__(printf, 2, 3)))
static void form(u32 word, const char *fmt, ...)
{
	va_list args;

	if (nr_words == FORMS)
		abort();
	words[nr_words] = word;
	va_start(args, fmt);
	vsnprintf(texts[nr_words++], sizeof(texts[0]), fmt, args);
	va_end(args);
}

/* ------------------------------------------------------------ operands as text */

/* What an operand may be is a corner or anything. */
static u32 below(u32 n)
{
	u32 r = host_random();

	return r & 7 ? (r >> 3) % n : r & 8 ? n - 1 : 0;
}

static const char *name(u32 reg, bool wide, const char *last)
{
	static char names[8][8];
	static u32 turn;
	char *text = names[turn++ % ARRAY_SIZE(names)];

	if (reg == 31)
		snprintf(text, 8, "%s%s", wide || *last == 'x' ? "" : "w", last);
	else
		snprintf(text, 8, "%c%u", wide ? 'x' : 'w', reg);
	return text;
}

/* w3, x3, wzr, xzr */
static const char *reg(u32 reg, bool wide)
{
	return name(reg, wide, wide ? "xzr" : "zr");
}

/* w3, x3, wsp, sp */
static const char *reg_sp(u32 reg, bool wide)
{
	return name(reg, wide, "sp");
}

/* ---------------------------------------------------------------------- forms */

static void moves(bool w, u32 d, u32 n, u32 m)
{
	static const char *const mov[] = { "movn", "", "movz", "movk" };
	static const u8 mov_ops[] = { A64_MOVN, A64_MOVZ, A64_MOVK };
	u32 op = mov_ops[below(3)], imm = below(65536), half = below(w ? 4 : 2);

	form(a64_mov(op, w, d, imm, half), "%s %s, #%u, lsl #%u", mov[op], reg(d, w), imm,
	     16 * half);
	op = below(2);
	imm = below(w ? 64 : 32);
	half = below(w ? 64 : 32);
	form(a64_bits(2 * op, w, d, n, imm, half), "%s %s, %s, #%u, #%u", op ? "ubfm" : "sbfm",
	     reg(d, w), reg(n, w), imm, half);
}

static void additions(bool w, u32 d, u32 n, u32 m)
{
	static const char *const add[] = { "add", "adds", "sub", "subs" };
	u32 op = below(4), imm = below(4096), lsl = below(w ? 64 : 32), shifted = below(2);

	form(a64_add_imm(op, w, d, n, imm, shifted), "%s %s, %s, #%u, lsl #%u", add[op],
	     op & 1 ? reg(d, w) : reg_sp(d, w), reg_sp(n, w), imm, 12 * shifted);
	form(a64_add(op, w, d, n, m, lsl), "%s %s, %s, %s, lsl #%u", add[op], reg(d, w),
	     reg(n, w), reg(m, w), lsl);
	form(a64_add_lsr(w, d, n, m, lsl), "add %s, %s, %s, lsr #%u", reg(d, w), reg(n, w),
	     reg(m, w), lsl);
}

static void logic(bool w, u32 d, u32 n, u32 m)
{
	static const char *const ops[][2] = {
		{ "and", "bic" }, { "orr", "orn" }, { "eor", "eon" }, { "ands", "bics" },
	};
	u32 op = below(4), not = below(2), size, ones, i;
	u64 bits, value;

	form(a64_logic(op, w, not, d, n, m), "%s %s, %s, %s", ops[op][not], reg(d, w), reg(n, w),
	     reg(m, w));
	/* a run of ones, rotated, repeated */
	size = 2 << below(w ? 6 : 5);
	ones = 1 + below(size - 1);
	bits = GENMASK_ULL(ones - 1, 0);
	i = below(size);
	bits = (bits << i | (i ? bits >> (size - i) : 0)) & GENMASK_ULL(size - 1, 0);
	for (i = 0, value = 0; i < (w ? 64 : 32); i += size)
		value |= bits << i;
	CHECK(a64_bitmask(value, w) >= 0, "no mask: %llx", value);
	form(a64_logic_imm(op, w, d, n, a64_bitmask(value, w)), "%s %s, %s, #%#llx", ops[op][0],
	     op == A64_ANDS ? reg(d, w) : reg_sp(d, w), reg(n, w), value);
}

static void arithmetic(bool w, u32 d, u32 n, u32 m)
{
	static const struct {
		u32 op;
		const char *name;
	} two[] = {
		{ A64_UDIV, "udiv" }, { A64_SDIV, "sdiv" }, { A64_LSLV, "lslv" },
		{ A64_LSRV, "lsrv" }, { A64_ASRV, "asrv" },
	};
	u32 op = below(ARRAY_SIZE(two)), sub = below(2), a = below(32);

	form(a64_two(two[op].op, w, d, n, m), "%s %s, %s, %s", two[op].name, reg(d, w), reg(n, w),
	     reg(m, w));
	form(a64_madd(sub, w, d, n, m, a), "%s %s, %s, %s, %s", sub ? "msub" : "madd", reg(d, w),
	     reg(n, w), reg(m, w), reg(a, w));
	form(a64_rev(A64_REV16, w, d, n), "rev16 %s, %s", reg(d, w), reg(n, w));
	form(a64_rev(A64_REV32, w, d, n), "%s %s, %s", w ? "rev32" : "rev", reg(d, w), reg(n, w));
	form(a64_rev(A64_REV64, true, d, n), "rev %s, %s", reg(d, true), reg(n, true));
}

static void memory(bool w, u32 t, u32 n, u32 m)
{
	/* by operation, then by size */
	static const char *const ops[][4] = {
		{ "strb", "strh", "str", "str" }, { "ldrb", "ldrh", "ldr", "ldr" },
		{ "ldrsb", "ldrsh", "ldrsw" }, { "ldrsb", "ldrsh" },
	};
	static const char *const near[][4] = {
		{ "sturb", "sturh", "stur", "stur" }, { "ldurb", "ldurh", "ldur", "ldur" },
		{ "ldursb", "ldursh", "ldursw" }, { "ldursb", "ldursh" },
	};
	u32 op = below(4), size = below(op == A64_LDRS32 ? 2 : op == A64_LDRS64 ? 3 : 4);
	bool wide = op == A64_LDRS64 || (op < A64_LDRS64 && size == 3);
	s32 off = (s32)below(512) - 256;

	form(a64_mem12(op, size, t, n, 0), "%s %s, [%s]", ops[op][size], reg(t, wide),
	     reg_sp(n, true));
	off = below(4096) << size;
	form(a64_mem12(op, size, t, n, off), "%s %s, [%s, #%u]", ops[op][size], reg(t, wide),
	     reg_sp(n, true), off);
	off = (s32)below(512) - 256;
	form(a64_mem9(op, size, t, n, off, A64_PLAIN), "%s %s, [%s, #%d]", near[op][size],
	     reg(t, wide), reg_sp(n, true), off);
	form(a64_mem_reg(op, size, t, n, m), "%s %s, [%s, %s]", ops[op][size], reg(t, wide),
	     reg_sp(n, true), reg(m, true));
	if (t == n || m == n || t == m)
		return;
	form(a64_mem9(op, size, t, n, off, A64_PRE), "%s %s, [%s, #%d]!", ops[op][size],
	     reg(t, wide), reg_sp(n, true), off);
	form(a64_mem9(op, size, t, n, off, A64_POST), "%s %s, [%s], #%d", ops[op][size],
	     reg(t, wide), reg_sp(n, true), off);
	off = 8 * ((s32)below(128) - 64);
	form(a64_pair(w, t, m, n, off, A64_PLAIN), "%s %s, %s, [%s, #%d]", w ? "ldp" : "stp",
	     reg(t, true), reg(m, true), reg_sp(n, true), off);
	form(a64_pair(w, t, m, n, off, A64_PRE), "%s %s, %s, [%s, #%d]!", w ? "ldp" : "stp",
	     reg(t, true), reg(m, true), reg_sp(n, true), off);
	form(a64_pair(w, t, m, n, off, A64_POST), "%s %s, %s, [%s], #%d", w ? "ldp" : "stp",
	     reg(t, true), reg(m, true), reg_sp(n, true), off);
}

static void atomics(bool w, u32 t, u32 n, u32 m)
{
	static const char *const suffix[] = { "b", "h", "", "" };
	static const struct {
		u32 op;
		const char *name;
	} lse[] = {
		{ A64_LDADD, "ldadd" }, { A64_LDCLR, "ldclr" }, { A64_LDEOR, "ldeor" },
		{ A64_LDSET, "ldset" }, { A64_SWP, "swp" },
	};
	u32 size = below(4), op = below(ARRAY_SIZE(lse)), ordered = below(2);

	form(a64_ldxr(size, t, n), "ldxr%s %s, [%s]", suffix[size], reg(t, size == 3),
	     reg_sp(n, true));
	if (m != n && m != t)
		form(a64_stxr(ordered, size, m, t, n), "st%sxr%s %s, %s, [%s]",
		     ordered ? "l" : "", suffix[size], reg(m, false), reg(t, size == 3),
		     reg_sp(n, true));
	form(a64_lse(lse[op].op, ordered, size, m, t, n), "%s%s%s %s, %s, [%s]", lse[op].name,
	     ordered ? "al" : "", suffix[size], reg(m, size == 3), reg(t, size == 3),
	     reg_sp(n, true));
	form(a64_casal(size, m, t, n), "casal%s %s, %s, [%s]", suffix[size], reg(m, size == 3),
	     reg(t, size == 3), reg_sp(n, true));
	form(a64_dmb_ish(), "dmb ish");
}

static void branches(bool w, u32 t, u32 n, u32 m)
{
	static const char *const conds[] = {
		"eq", "ne", "hs", "lo", "mi", "pl", "vs", "vc", "hi", "ls", "ge", "lt", "gt", "le",
	};
	u32 nonzero = below(2), bit = below(64), cond = below(ARRAY_SIZE(conds));
	s32 off = 4 * ((s32)below(1 << 26) - (1 << 25));

	form(a64_b(nonzero, off), "%s #%d", nonzero ? "bl" : "b", off);
	off = 4 * ((s32)below(1 << 19) - (1 << 18));
	form(a64_b_cond(cond, off), "b.%s #%d", conds[cond], off);
	form(a64_cbz(w, nonzero, t, off), "%s %s, #%d", nonzero ? "cbnz" : "cbz", reg(t, w), off);
	off = 4 * ((s32)below(1 << 14) - (1 << 13));
	form(a64_tbz(nonzero, t, bit, off), "%s %s, #%u, #%d", nonzero ? "tbnz" : "tbz",
	     reg(t, bit > 31), bit, off);
	off = (s32)below(1 << 21) - (1 << 20);
	form(a64_adr(t, off), "adr %s, #%d", reg(t, true), off);
	form(a64_br(n), "br %s", reg(n, true));
	form(a64_blr(n), "blr %s", reg(n, true));
	form(a64_ret(), "ret");
	form(a64_bti_c(), "bti c");
	form(a64_paciasp(), "paciasp");
	form(a64_autiasp(), "autiasp");
	form(a64_mrs_sp_el0(n), "mrs %s, SP_EL0", reg(n, true));
	form(a64_mrs_tpidr(false, n), "mrs %s, TPIDR_EL1", reg(n, true));
	form(a64_mrs_tpidr(true, n), "mrs %s, TPIDR_EL2", reg(n, true));
	form(a64_ror(true, n, 31 - n, 7), "ror %s, %s, #7", reg(n, true), reg(31 - n, true));
	form(a64_ror(false, n, n, 31), "ror %s, %s, #31", reg(n, false), reg(n, false));
}

/* ------------------------------------------------------------------ comparison */

/* Assembles all texts; compares word by word. */
static void compare(const char *assembler)
{
	char path[] = "/tmp/bvm-arm64-XXXXXX", command[256], line[256];
	int fd = mkstemp(path);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
	u32 i, b[4], n = 0;

	if (!CHECK(file, "temporary file"))
		return;
	for (i = 0; i < nr_words; i++)
		fprintf(file, "%s\n", texts[i]);
	fclose(file);
	snprintf(command, sizeof(command),
		 "%s -triple=aarch64 -mattr=+lse,+bti,+pauth -show-encoding %s 2>&1", assembler,
		 path);
	file = popen(command, "r");
	while (file && fgets(line, sizeof(line), file)) {
		const char *bytes = strstr(line, "encoding: [");

		if (strstr(line, "error:"))
			CHECK(false, "%s", line);
		if (!bytes || sscanf(bytes, "encoding: [0x%x,0x%x,0x%x,0x%x]", b, b + 1, b + 2,
				     b + 3) != 4)
			continue;
		if (n < nr_words) {
			u32 want = b[0] | b[1] << 8 | b[2] << 16 | b[3] << 24;

			CHECK(words[n] == want, "%s: %08x, want %08x", texts[n], words[n], want);
		}
		n++;
	}
	if (file)
		pclose(file);
	unlink(path);
	CHECK(n == nr_words, "%u of %u forms assembled", n, nr_words);
}

/* No constant is taken for a mask that is none: all rotated runs, and nothing else. */
static void bitmasks(void)
{
	u32 size, ones, rotate, i, found = 0, wide;

	CHECK(a64_bitmask(0, true) < 0 && a64_bitmask(~0ULL, true) < 0 &&
	      a64_bitmask(0xffffffff, false) < 0 && a64_bitmask(1ULL << 32, false) < 0, "0, -1");
	for (i = 0; i < 1 << 16; i++)
		for (wide = 0; wide < 2; wide++)
			found += a64_bitmask(i, wide) >= 0;
	/* runs that do not wrap, below 2^16, of either width */
	CHECK_EQ(found, 2 * (16 * 17 / 2));
	for (found = 0, size = 2; size <= 64; size *= 2)
		for (ones = 1; ones < size; ones++)
			for (rotate = 0; rotate < size; rotate++) {
				u64 run = GENMASK_ULL(ones - 1, 0), value = 0;

				run = run << rotate | (rotate ? run >> (size - rotate) : 0);
				run &= GENMASK_ULL(size - 1, 0);
				for (i = 0; i < 64; i += size)
					value |= run << i;
				found += a64_bitmask(value, true) >= 0;
			}
	CHECK_EQ(found, 5334);
}

int main(void)
{
	static void (*const forms[])(bool, u32, u32, u32) = {
		moves, additions, logic, arithmetic, memory, atomics, branches,
	};
	u32 i, f;

	ktap_plan(2);
	for (i = 0; i < ROUNDS; i++)
		for (f = 0; f < ARRAY_SIZE(forms); f++)
			forms[f](i & 1, below(32), below(32), below(32));
	if (system("llvm-mc-19 --version >/dev/null 2>&1")) {
		ktap_skip("forms against LLVM", "llvm-mc-19 IS MISSING: scripts/setup");
	} else {
		compare("llvm-mc-19");
		ktap_end("forms against LLVM");
	}
	bitmasks();
	ktap_end("constants of logical instructions");
	return ktap_exit();
}
