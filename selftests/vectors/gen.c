// SPDX-License-Identifier: GPL-2.0-only
/* Prints the vectors named on the command line as a table of C, for KUnit. */
#include <stdio.h>
#include <string.h>
#include "bvt.h"

static void quote(const char *s)
{
	putchar('"');
	for (; *s; s++)
		printf(*s == '"' || *s == '\\' ? "\\%c" : "%c", *s);
	putchar('"');
}

/* file name without folder and ".bvt" */
static const char *stem(const char *path)
{
	static char name[64];
	const char *base = strrchr(path, '/');

	snprintf(name, sizeof(name), "%s", base ? base + 1 : path);
	*strstr(name, ".bvt") = 0;
	return name;
}

static void print_code(const struct bvt *t, const char *name)
{
	__u32 i;

	printf("static const struct bpf_insn v_%s[] = {\n", name);
	for (i = 0; i < t->len; i++) {
		const struct bpf_insn *insn = &t->insn[i];

		/* -2147483648 is no constant of type int */
		printf(insn->imm == -2147483647 - 1 ? "\t{ 0x%02x, %u, %u, %d, %d - 1 },\n" :
						      "\t{ 0x%02x, %u, %u, %d, %d },\n",
		       insn->code, insn->dst_reg, insn->src_reg, insn->off,
		       insn->imm == -2147483647 - 1 ? insn->imm + 1 : insn->imm);
	}
	printf("};\n\n");
}

static void print_row(const struct bvt *t, const char *name)
{
	printf("\t{ \"%s\", v_%s, ARRAY_SIZE(v_%s), %d, %d, 0x%llx,\n\t  ", name, name, name,
	       t->accept, t->has_r0, (unsigned long long)t->r0);
	quote(t->log);
	printf(" },\n");
}

int main(int argc, char **argv)
{
	static struct bvt t;
	int row, i;

	printf("/* SPDX-License-Identifier: GPL-2.0-only */\n"
	       "/* Made by scripts/gen-vectors from selftests/vectors: do not edit. */\n\n");
	for (row = 0; row < 2; row++) {
		if (row)
			printf("/* name, code, length, accept, r0 is known, r0, piece of the log */\n"
			       "static const struct {\n\tconst char *name;\n"
			       "\tconst struct bpf_insn *insn;\n\tu32 len;\n\tbool accept;\n"
			       "\tbool has_r0;\n\tu64 r0;\n\tconst char *log;\n"
			       "} bvm_vectors[] = {\n");
		for (i = 1; i < argc; i++) {
			if (bvt_load(argv[i], &t)) {
				fprintf(stderr, "%s: %s\n", argv[i], t.error);
				return 1;
			}
			if (!bvt_plain(&t))
				continue;
			if (row)
				print_row(&t, stem(argv[i]));
			else
				print_code(&t, stem(argv[i]));
		}
	}
	printf("};\n");
	return 0;
}
