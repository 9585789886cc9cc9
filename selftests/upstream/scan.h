/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a test asks of the kernel, read off its instructions: which helpers and
 * kfuncs it calls, and which fields of its context it reads.  Part of
 * list_cases.c and list_programs.c; what they print is what scope.py reads.
 */
#ifndef BVM_UPSTREAM_SCAN_H
#define BVM_UPSTREAM_SCAN_H

#include <linux/bpf.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define SCAN_HELPER(name, number, ...) [number] = #name,
static const char *const scan_helpers[] = { ___BPF_FUNC_MAPPER(SCAN_HELPER) };
#undef SCAN_HELPER

#define SCAN_HELPERS	(sizeof(scan_helpers) / sizeof(*scan_helpers))
#define SCAN_CONTEXT	1024

struct scan {
	bool helper[SCAN_HELPERS];
	bool field[SCAN_CONTEXT];	/* read or written, by offset in the context */
	bool kfunc;
};

static void scan_call(struct scan *scan, const struct bpf_insn *insn)
{
	if (insn->src_reg == BPF_PSEUDO_KFUNC_CALL)
		scan->kfunc = true;
	else if (!insn->src_reg && insn->imm > 0 && (unsigned int)insn->imm < SCAN_HELPERS)
		scan->helper[insn->imm] = true;
}

/*
 * In order, not along paths: a register holds the context from where it is
 * copied from another one to where it is next written.
 */
static void scan_insns(struct scan *scan, const struct bpf_insn *insns, size_t count)
{
	unsigned int context = 1 << 1;

	for (const struct bpf_insn *insn = insns; insn < insns + count; insn++) {
		unsigned int class = BPF_CLASS(insn->code);
		unsigned int base = class == BPF_LDX ? insn->src_reg : insn->dst_reg;

		if ((class == BPF_LDX || class == BPF_STX || class == BPF_ST) &&
		    context & 1U << base && insn->off >= 0 && insn->off < SCAN_CONTEXT)
			scan->field[insn->off] = true;
		if (insn->code == (BPF_JMP | BPF_CALL)) {
			scan_call(scan, insn);
			context &= ~0x3fU;
		} else if (insn->code == (BPF_ALU64 | BPF_MOV | BPF_X) && !insn->off) {
			context &= ~(1U << insn->dst_reg);
			context |= (context >> insn->src_reg & 1) << insn->dst_reg;
		} else if (class == BPF_LDX || class == BPF_LD || class == BPF_ALU ||
			   class == BPF_ALU64) {
			context &= ~(1U << insn->dst_reg);
		}
	}
}

static void scan_print(const struct scan *scan)
{
	bool first = true;

	printf("\t");
	for (size_t id = 0; id < SCAN_HELPERS; id++) {
		if (scan->helper[id])
			printf("%s%s", first ? "" : ",", scan_helpers[id]);
		first &= !scan->helper[id];
	}
	if (scan->kfunc)
		printf("%skfunc", first ? "" : ",");
	printf("\t");
	first = true;
	for (int off = 0; off < SCAN_CONTEXT; off++) {
		if (scan->field[off])
			printf("%s%d", first ? "" : ",", off);
		first &= !scan->field[off];
	}
}

/* A text in one field of one line. */
static inline void scan_print_text(const char *text)
{
	for (; *text; text++) {
		if (*text == '\n')
			printf("\\n");
		else if (*text == '\t')
			printf("\\t");
		else
			putchar(*text);
	}
}

#endif
