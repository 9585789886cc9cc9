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

/* Instructions of all vectors follow each other, as many in a line as fit. */
static void print_code(const struct bvt *t)
{
	static int column = 100;
	char text[64];
	__u32 i;

	for (i = 0; i < t->len; i++) {
		const struct bpf_insn *insn = &t->insn[i];
		bool lowest = insn->imm == -2147483647 - 1;	/* no constant of type int */
		int n = snprintf(text, sizeof(text), "{ 0x%02x, %u, %u, %d, %d%s },", insn->code,
				 insn->dst_reg, insn->src_reg, insn->off, insn->imm + lowest,
				 lowest ? " - 1" : "");

		if (column + n > 90) {
			printf("\n\t%s", text);
			column = 8 + n;
		} else {
			printf(" %s", text);
			column += 1 + n;
		}
	}
}

static void print_row(const struct bvt *t, const char *name, __u32 first)
{
	printf("\t{ \"%s\", bvm_vector_insns + %u, %u, %d, %d, 0x%llx,\n\t  ", name, first, t->len,
	       t->accept, t->has_r0, (unsigned long long)t->r0);
	quote(t->log);
	printf(" },\n");
}

int main(int argc, char **argv)
{
	static struct bvt t;
	__u32 first = 0;
	int row, i;

	printf("/* %s: GPL-2.0-only */\n", "SPDX-License-Identifier");
	printf("/* Made by scripts/gen-vectors from selftests/vectors: do not edit. */\n\n"
	       "static const struct bpf_insn bvm_vector_insns[] = {");
	for (row = 0; row < 2; row++) {
		if (row)
			printf("\n};\n\nstatic const struct {\n\tconst char *name;\n"
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
			if (!row) {
				print_code(&t);
				continue;
			}
			print_row(&t, stem(argv[i]), first);
			first += t.len;
		}
	}
	printf("};\n");
	return 0;
}
