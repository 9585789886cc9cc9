// SPDX-License-Identifier: GPL-2.0-only
/*
 * Parser and assembler of test vectors, see bvt.h.
 *
 * The assembler is a table of patterns.  A pattern is matched literally, apart from
 * spaces and the captures that begin with '%'; each has a function that makes
 * instructions of what was captured.  It has its own tables of encodings on purpose:
 * the decoder is tested with it.
 */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "bvt.h"

/* Newer than the headers of some distributions. */
#ifndef BPF_MEMSX
#define BPF_MEMSX	0x80
#endif
#ifndef BPF_JCOND
#define BPF_JCOND	0xe0
#endif

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#endif

struct name {
	const char *name;
	int value;
};

/* longer operators before their prefixes; bit 8: the signed form */
#define SIGNED	0x100
static const struct name alu_ops[] = {
	{ "s>>=", BPF_ARSH }, { "s/=", BPF_DIV | SIGNED }, { "s%=", BPF_MOD | SIGNED },
	{ "<<=", BPF_LSH }, { ">>=", BPF_RSH }, { "+=", BPF_ADD }, { "-=", BPF_SUB },
	{ "*=", BPF_MUL }, { "/=", BPF_DIV }, { "%=", BPF_MOD }, { "|=", BPF_OR },
	{ "&=", BPF_AND }, { "^=", BPF_XOR }, { NULL, 0 },
};

static const struct name conds[] = {
	{ "s>=", BPF_JSGE }, { "s<=", BPF_JSLE }, { "s>", BPF_JSGT }, { "s<", BPF_JSLT },
	{ "==", BPF_JEQ }, { "!=", BPF_JNE }, { ">=", BPF_JGE }, { "<=", BPF_JLE },
	{ ">", BPF_JGT }, { "<", BPF_JLT }, { "&", BPF_JSET }, { NULL, 0 },
};

static const struct name endians[] = {
	{ "le", BPF_ALU | BPF_END | BPF_TO_LE }, { "be", BPF_ALU | BPF_END | BPF_TO_BE },
	{ "bswap", BPF_ALU64 | BPF_END }, { NULL, 0 },
};

/* both spellings of the width: atomic_ and atomic64_ */
static const struct name fetches[] = {
	{ "fetch_add", BPF_ADD | BPF_FETCH }, { "fetch_or", BPF_OR | BPF_FETCH },
	{ "fetch_and", BPF_AND | BPF_FETCH }, { "fetch_xor", BPF_XOR | BPF_FETCH },
	{ "xchg", BPF_XCHG }, { "cmpxchg", BPF_CMPXCHG }, { NULL, 0 },
};

#define FUNC(x)	{ "bpf_" #x, BPF_FUNC_##x }
static const struct name helpers[] = {
	__BPF_FUNC_MAPPER(FUNC)
	{ NULL, 0 },
};

static const struct name prog_types[] = {
	{ "socket_filter", BPF_PROG_TYPE_SOCKET_FILTER }, { "kprobe", BPF_PROG_TYPE_KPROBE },
	{ "tracepoint", BPF_PROG_TYPE_TRACEPOINT }, { "perf_event", BPF_PROG_TYPE_PERF_EVENT },
	{ "raw_tracepoint", BPF_PROG_TYPE_RAW_TRACEPOINT }, { NULL, 0 },
};

static const struct name map_types[] = {
	{ "array", BPF_MAP_TYPE_ARRAY }, { "hash", BPF_MAP_TYPE_HASH },
	{ "percpu_array", BPF_MAP_TYPE_PERCPU_ARRAY }, { "percpu_hash", BPF_MAP_TYPE_PERCPU_HASH },
	{ "perf_event_array", BPF_MAP_TYPE_PERF_EVENT_ARRAY },
	{ "prog_array", BPF_MAP_TYPE_PROG_ARRAY }, { "ringbuf", BPF_MAP_TYPE_RINGBUF },
	{ NULL, 0 },
};

static const struct name map_flags[] = {
	{ "rdonly_prog", BPF_F_RDONLY_PROG }, { "wronly_prog", BPF_F_WRONLY_PROG }, { NULL, 0 },
};

static const struct name load_flags[] = {
	{ "state_freq", BPF_F_TEST_STATE_FREQ }, { "any_alignment", BPF_F_ANY_ALIGNMENT },
	{ "strict_alignment", BPF_F_STRICT_ALIGNMENT }, { NULL, 0 },
};

static const struct name *find_name(const struct name *names, const char *s, size_t len)
{
	for (; names->name; names++)
		if (strlen(names->name) == len && !strncmp(names->name, s, len))
			return names;
	return NULL;
}

/* ------------------------------------------------------------- assembler */

struct label {
	char name[32];
	int at;
};

/* a jump or call whose label may come later */
struct fixup {
	char name[32];
	int at;
	int line;
	bool imm;	/* the distance goes into the immediate */
};

/* what a pattern captured */
struct captures {
	int reg[3];
	char width[3];		/* 'r' or 'w' */
	int nr_regs;
	long long num[5];
	int nr_nums;
	int op;			/* of alu_ops, conds, endians, fetches */
	int size;		/* BPF_B, BPF_H, BPF_W, BPF_DW */
	int bits;
	bool sext;		/* s8 rather than u8 */
	char target[32];	/* a label; or "" and the distance is in num[0] */
	char word[48];
};

struct assembler {
	struct bvt *t;
	int line;
	struct label label[32];
	int nr_labels;
	struct fixup fixup[64];
	int nr_fixups;
};

static int fail(struct bvt *t, int line, const char *fmt, ...)
{
	va_list args;
	int n = snprintf(t->error, sizeof(t->error), "line %d: ", line);

	va_start(args, fmt);
	vsnprintf(t->error + n, sizeof(t->error) - n, fmt, args);
	va_end(args);
	return -1;
}

static void skip(const char **s)
{
	while (**s == ' ' || **s == '\t')
		(*s)++;
}

static size_t word_len(const char *s)
{
	size_t n = 0;

	if (!isalpha((unsigned char)*s) && *s != '_')
		return 0;
	while (isalnum((unsigned char)s[n]) || s[n] == '_')
		n++;
	return n;
}

static bool get_number(const char **s, long long *num)
{
	bool neg = false;
	char *end;

	skip(s);
	if (**s == '-' || **s == '+') {
		neg = **s == '-';
		(*s)++;
	}
	if (!isdigit((unsigned char)**s))
		return false;
	errno = 0;
	*num = strtoull(*s, &end, 0);
	if (errno)
		return false;
	if (neg)
		*num = 0 - (unsigned long long)*num;
	*s = end;
	return true;
}

static bool get_register(const char **s, struct captures *c)
{
	const char *p = *s;
	int n = 0;

	if ((*p != 'r' && *p != 'w') || !isdigit((unsigned char)p[1]) || c->nr_regs == 3)
		return false;
	c->width[c->nr_regs] = *p++;
	while (isdigit((unsigned char)*p) && n < 16)
		n = n * 10 + *p++ - '0';
	if (n > 15 || isalnum((unsigned char)*p) || *p == '_')
		return false;
	c->reg[c->nr_regs++] = n;
	*s = p;
	return true;
}

/* u8 u16 u32 u64 s8 s16 s32 */
static bool get_size(const char **s, struct captures *c)
{
	static const struct name sizes[] = {
		{ "8", BPF_B }, { "16", BPF_H }, { "32", BPF_W }, { "64", BPF_DW }, { NULL, 0 },
	};
	const struct name *size;
	size_t n = word_len(*s);

	if (!n || (**s != 'u' && **s != 's'))
		return false;
	size = find_name(sizes, *s + 1, n - 1);
	if (!size)
		return false;
	c->sext = **s == 's';
	c->size = size->value;
	c->bits = atoi(size->name);
	*s += n;
	return true;
}

static bool get_prefix(const char **s, const struct name *names, int *value)
{
	for (; names->name; names++) {
		size_t n = strlen(names->name);

		if (strncmp(*s, names->name, n))
			continue;
		*value = names->value;
		*s += n;
		return true;
	}
	return false;
}

/* "pc+3", "+3", "-3", or a label */
static bool get_target(const char **s, struct captures *c)
{
	size_t n;

	if (!strncmp(*s, "pc+", 3) || !strncmp(*s, "pc-", 3))
		*s += 2;
	if (**s == '+' || **s == '-')
		return get_number(s, &c->num[c->nr_nums++]);
	n = word_len(*s);
	if (!n || n >= sizeof(c->target))
		return false;
	memcpy(c->target, *s, n);
	c->target[n] = 0;
	*s += n;
	return true;
}

static bool get_word(const char **s, struct captures *c)
{
	size_t n = word_len(*s);

	if (!n || n >= sizeof(c->word))
		return false;
	memcpy(c->word, *s, n);
	c->word[n] = 0;
	*s += n;
	return true;
}

static bool get_capture(char kind, const char **s, struct captures *c)
{
	switch (kind) {
	case 'r': return get_register(s, c);
	case 'n': return c->nr_nums < 5 && get_number(s, &c->num[c->nr_nums++]);
	case 'A': return get_prefix(s, alu_ops, &c->op);
	case 'C': return get_prefix(s, conds, &c->op);
	case 'E': return get_prefix(s, endians, &c->op);
	case 'F': return get_prefix(s, fetches, &c->op);
	case 'z': return get_size(s, c);
	case 't': return get_target(s, c);
	case 'w': return get_word(s, c);
	}
	return false;
}

static bool match(const char *pattern, const char *s, struct captures *c)
{
	memset(c, 0, sizeof(*c));
	for (; *pattern; pattern++) {
		if (*pattern == ' ') {
			skip(&s);
			continue;
		}
		if (*pattern == '%') {
			skip(&s);
			if (!get_capture(*++pattern, &s, c))
				return false;
			continue;
		}
		if (*s++ != *pattern)
			return false;
	}
	skip(&s);
	return !*s;
}

/* Where an instruction goes that is being assembled. */
struct out {
	struct bpf_insn insn[2];
	int n;
	bool imm_target;	/* a label's distance goes into the immediate */
};

static bool is_32(const struct captures *c)
{
	return c->width[0] == 'w';
}

/* 32 bits, written as a signed or an unsigned number */
static bool fits(long long num)
{
	return num >= -2147483648LL && num <= 4294967295LL;
}

static bool put(struct out *out, int code, int dst, int src, long long off, long long imm)
{
	if (!fits(imm) || off < -32768 || off > 32767)
		return false;
	out->insn[0] = (struct bpf_insn){ .code = code, .dst_reg = dst, .src_reg = src,
					  .off = off, .imm = imm };
	out->n = 1;
	return true;
}

static bool put64(struct out *out, int dst, int src, __u32 low, __u32 high)
{
	put(out, BPF_LD | BPF_IMM | BPF_DW, dst, src, 0, low);
	out->insn[1] = (struct bpf_insn){ .imm = high };
	out->n = 2;
	return true;
}

static int alu_class(const struct captures *c)
{
	return is_32(c) ? BPF_ALU : BPF_ALU64;
}

static bool do_jcond_r(struct out *out, const struct captures *c)
{
	return c->width[0] == c->width[1] &&
	       put(out, (is_32(c) ? BPF_JMP32 : BPF_JMP) | c->op | BPF_X, c->reg[0], c->reg[1],
		   c->num[0], 0);
}

static bool do_jcond_n(struct out *out, const struct captures *c)
{
	return put(out, (is_32(c) ? BPF_JMP32 : BPF_JMP) | c->op | BPF_K, c->reg[0], 0, c->num[1],
		   c->num[0]);
}

static bool do_goto(struct out *out, const struct captures *c)
{
	return put(out, BPF_JMP | BPF_JA, 0, 0, c->num[0], 0);
}

static bool do_gotol(struct out *out, const struct captures *c)
{
	out->imm_target = true;
	return put(out, BPF_JMP32 | BPF_JA, 0, 0, 0, c->num[0]);
}

static bool do_may_goto(struct out *out, const struct captures *c)
{
	return put(out, BPF_JMP | BPF_JCOND, 0, 0, c->num[0], 0);
}

static bool do_load(struct out *out, const struct captures *c)
{
	return put(out, BPF_LDX | (c->sext ? BPF_MEMSX : BPF_MEM) | c->size, c->reg[0], c->reg[1],
		   c->num[0], 0);
}

static bool do_store_r(struct out *out, const struct captures *c)
{
	return put(out, BPF_STX | BPF_MEM | c->size, c->reg[0], c->reg[1], c->num[0], 0);
}

static bool do_store_n(struct out *out, const struct captures *c)
{
	return put(out, BPF_ST | BPF_MEM | c->size, c->reg[0], 0, c->num[0], c->num[1]);
}

static bool do_lock(struct out *out, const struct captures *c)
{
	return put(out, BPF_STX | BPF_ATOMIC | c->size, c->reg[0], c->reg[1], c->num[0], c->op);
}

/* r1 = atomic_fetch_add((u32 *)(r2 +0), r1) */
static bool do_fetch(struct out *out, const struct captures *c)
{
	return c->reg[0] == c->reg[2] && c->op != BPF_CMPXCHG &&
	       put(out, BPF_STX | BPF_ATOMIC | c->size, c->reg[1], c->reg[2], c->num[0], c->op);
}

static bool do_cmpxchg(struct out *out, const struct captures *c)
{
	return c->op == BPF_CMPXCHG &&
	       put(out, BPF_STX | BPF_ATOMIC | c->size, c->reg[0], c->reg[1], c->num[0], c->op);
}

static bool do_skb_abs(struct out *out, const struct captures *c)
{
	return put(out, BPF_LD | BPF_ABS | c->size, 0, 0, 0, c->num[0]);
}

static bool do_skb_ind(struct out *out, const struct captures *c)
{
	return put(out, BPF_LD | BPF_IND | c->size, 0, c->reg[0], 0, c->num[0]);
}

static bool do_neg(struct out *out, const struct captures *c)
{
	return c->reg[0] == c->reg[1] && put(out, alu_class(c) | BPF_NEG, c->reg[0], 0, 0, 0);
}

static bool do_movsx(struct out *out, const struct captures *c)
{
	return c->sext && c->width[0] == c->width[1] &&
	       put(out, alu_class(c) | BPF_MOV | BPF_X, c->reg[0], c->reg[1], c->bits, 0);
}

static bool do_endian(struct out *out, const struct captures *c)
{
	return c->reg[0] == c->reg[1] && put(out, c->op, c->reg[0], 0, 0, c->num[0]);
}

static bool do_imm64(struct out *out, const struct captures *c)
{
	return put64(out, c->reg[0], 0, c->num[0], (__u64)c->num[0] >> 32);
}

/* the index of the map, in low and value offset in high; filled in by the caller */
static bool do_map(struct out *out, const struct captures *c)
{
	return put64(out, c->reg[0], BPF_PSEUDO_MAP_FD, 0, 0);
}

static bool do_value(struct out *out, const struct captures *c)
{
	return put64(out, c->reg[0], BPF_PSEUDO_MAP_VALUE, 0, c->num[0]);
}

static bool do_func(struct out *out, const struct captures *c)
{
	out->imm_target = true;
	return put64(out, c->reg[0], BPF_PSEUDO_FUNC, c->num[0], 0);
}

static bool do_mov_r(struct out *out, const struct captures *c)
{
	return c->width[0] == c->width[1] &&
	       put(out, alu_class(c) | BPF_MOV | BPF_X, c->reg[0], c->reg[1], 0, 0);
}

static bool do_mov_n(struct out *out, const struct captures *c)
{
	return put(out, alu_class(c) | BPF_MOV | BPF_K, c->reg[0], 0, 0, c->num[0]);
}

static bool do_alu_r(struct out *out, const struct captures *c)
{
	return c->width[0] == c->width[1] &&
	       put(out, alu_class(c) | (c->op & 0xf0) | BPF_X, c->reg[0], c->reg[1],
		   !!(c->op & SIGNED), 0);
}

static bool do_alu_n(struct out *out, const struct captures *c)
{
	return put(out, alu_class(c) | (c->op & 0xf0) | BPF_K, c->reg[0], 0, !!(c->op & SIGNED),
		   c->num[0]);
}

static bool do_call_id(struct out *out, const struct captures *c)
{
	return put(out, BPF_JMP | BPF_CALL, 0, 0, 0, c->num[0]);
}

/* the index of its name; filled in by the caller */
static bool do_call_kfunc(struct out *out, const struct captures *c)
{
	(void)c;
	return put(out, BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_KFUNC_CALL, 0, 0);
}

/* a helper's name, else a label or a distance: a subprogram */
static bool do_call(struct out *out, const struct captures *c)
{
	const struct name *helper = find_name(helpers, c->target, strlen(c->target));

	if (helper)
		return put(out, BPF_JMP | BPF_CALL, 0, 0, 0, helper->value);
	out->imm_target = true;
	return put(out, BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, 0, c->num[0]);
}

static bool do_exit(struct out *out, const struct captures *c)
{
	(void)c;
	return put(out, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

static bool do_raw(struct out *out, const struct captures *c)
{
	return put(out, c->num[0], c->num[1], c->num[2], c->num[3], c->num[4]);
}

static const struct {
	const char *pattern;
	bool (*make)(struct out *out, const struct captures *c);
} patterns[] = {
	{ "if %r %C %r goto %t", do_jcond_r },
	{ "if %r %C %n goto %t", do_jcond_n },
	{ "goto %t", do_goto },
	{ "gotol %t", do_gotol },
	{ "may_goto %t", do_may_goto },
	{ "r0 = *(%z *)skb[%r + %n]", do_skb_ind },
	{ "r0 = *(%z *)skb[%n]", do_skb_abs },
	{ "%r = *(%z *)(%r %n)", do_load },
	{ "*(%z *)(%r %n) = %r", do_store_r },
	{ "*(%z *)(%r %n) = %n", do_store_n },
	{ "lock *(%z *)(%r %n) %A %r", do_lock },
	{ "r0 = atomic_%F((%z *)(%r %n), r0, %r)", do_cmpxchg },
	{ "r0 = atomic64_%F((%z *)(%r %n), r0, %r)", do_cmpxchg },
	{ "%r = atomic_%F((%z *)(%r %n), %r)", do_fetch },
	{ "%r = atomic64_%F((%z *)(%r %n), %r)", do_fetch },
	{ "%r = -%r", do_neg },
	{ "%r = (%z)%r", do_movsx },
	{ "%r = %E%n %r", do_endian },
	{ "%r = %n ll", do_imm64 },
	{ "%r = map %w", do_map },
	{ "%r = value %w %n", do_value },
	{ "%r = func %t", do_func },
	{ "%r = %r", do_mov_r },
	{ "%r = %n", do_mov_n },
	{ "%r %A %r", do_alu_r },
	{ "%r %A %n", do_alu_n },
	{ "call %w#%n", do_call_id },
	{ "call #%n", do_call_id },
	{ "call kfunc %w", do_call_kfunc },
	{ "call %t", do_call },
	{ "exit", do_exit },
	{ "raw %n %n %n %n %n", do_raw },
};

static bool assemble(const char *line, struct out *out, struct captures *c)
{
	size_t i;

	memset(out, 0, sizeof(*out));
	skip(&line);
	for (i = 0; i < ARRAY_SIZE(patterns); i++)
		if (match(patterns[i].pattern, line, c) && patterns[i].make(out, c))
			return true;
	return false;
}

static bool is_map_reference(const struct bpf_insn *insn)
{
	return insn->code == (BPF_LD | BPF_IMM | BPF_DW) &&
	       (insn->src_reg == BPF_PSEUDO_MAP_FD || insn->src_reg == BPF_PSEUDO_MAP_VALUE);
}

bool bvt_is_kfunc(const struct bpf_insn *insn)
{
	return insn->code == (BPF_JMP | BPF_CALL) && insn->src_reg == BPF_PSEUDO_KFUNC_CALL;
}

int bvt_asm_line(const char *line, struct bpf_insn *insn)
{
	struct captures c;
	struct out out;

	if (!assemble(line, &out, &c))
		return -1;
	if (is_map_reference(out.insn) || bvt_is_kfunc(out.insn))
		return -1;
	if (c.target[0] && (BPF_OP(out.insn[0].code) != BPF_CALL || out.imm_target))
		return -1;
	memcpy(insn, out.insn, out.n * sizeof(*insn));
	return out.n;
}

static int map_index(const struct bvt *t, const char *name)
{
	__u32 i;

	for (i = 0; i < t->nr_maps; i++)
		if (!strcmp(t->map[i].name, name))
			return i;
	return -1;
}

/* Index of a name, which is added if it is not there; -1: too many, or too long. */
static int kfunc_index(struct bvt *t, const char *name)
{
	__u32 i;

	for (i = 0; i < t->nr_kfuncs; i++)
		if (!strcmp(t->kfunc[i], name))
			return i;
	if (t->nr_kfuncs == BVT_KFUNCS || strlen(name) >= sizeof(t->kfunc[0]))
		return -1;
	memcpy(t->kfunc[t->nr_kfuncs++], name, strlen(name) + 1);
	return i;
}

static int asm_label(struct assembler *a, const char *name, size_t n)
{
	struct label *label = &a->label[a->nr_labels];
	int i;

	if (a->nr_labels == ARRAY_SIZE(a->label) || n >= sizeof(label->name))
		return fail(a->t, a->line, "too many labels, or too long a name");
	memcpy(label->name, name, n);
	label->name[n] = 0;
	label->at = a->t->len;
	for (i = 0; i < a->nr_labels; i++)
		if (!strcmp(a->label[i].name, label->name))
			return fail(a->t, a->line, "label %s is there already", label->name);
	a->nr_labels++;
	return 0;
}

static int asm_insn(struct assembler *a, const char *line)
{
	struct bvt *t = a->t;
	struct captures c;
	struct out out;

	if (!assemble(line, &out, &c))
		return fail(t, a->line, "no such instruction: %.60s", line);
	if (t->len + out.n > BVT_INSNS)
		return fail(t, a->line, "program too long");
	if (is_map_reference(out.insn)) {
		out.insn[0].imm = map_index(t, c.word);
		if (out.insn[0].imm < 0)
			return fail(t, a->line, "no map %s", c.word);
	}
	if (*c.word && bvt_is_kfunc(out.insn)) {
		out.insn[0].imm = kfunc_index(t, c.word);
		if (out.insn[0].imm < 0)
			return fail(t, a->line, "too many functions of the kernel");
	}
	/* a helper's name also looks like a label, but then its number is in */
	if (c.target[0] && (out.insn[0].code != (BPF_JMP | BPF_CALL) || out.imm_target)) {
		struct fixup *fixup = &a->fixup[a->nr_fixups];

		if (a->nr_fixups == ARRAY_SIZE(a->fixup))
			return fail(t, a->line, "too many jumps to labels");
		memcpy(fixup->name, c.target, sizeof(fixup->name));
		fixup->at = t->len;
		fixup->line = a->line;
		fixup->imm = out.imm_target;
		a->nr_fixups++;
	}
	memcpy(&t->insn[t->len], out.insn, out.n * sizeof(out.insn[0]));
	t->len += out.n;
	return 0;
}

static int asm_line(struct assembler *a, const char *line)
{
	size_t n;

	skip(&line);
	n = word_len(line);
	if (n && line[n] == ':' && !line[n + 1])
		return asm_label(a, line, n);
	return *line ? asm_insn(a, line) : 0;
}

static int asm_fixups(struct assembler *a)
{
	int i, j;

	for (i = 0; i < a->nr_fixups; i++) {
		const struct fixup *fixup = &a->fixup[i];
		struct bpf_insn *insn = &a->t->insn[fixup->at];

		for (j = 0; j < a->nr_labels; j++)
			if (!strcmp(a->label[j].name, fixup->name))
				break;
		if (j == a->nr_labels)
			return fail(a->t, fixup->line, "no label or helper %s", fixup->name);
		if (fixup->imm)
			insn->imm = a->label[j].at - fixup->at - 1;
		else
			insn->off = a->label[j].at - fixup->at - 1;
	}
	return 0;
}

/* ------------------------------------------------------------------ parser */

static int parse_map(struct assembler *a, const char *s)
{
	struct bvt *t = a->t;
	struct bvt_map *map = &t->map[t->nr_maps];
	const struct name *type, *flag;
	char name[32], flags[32];
	int n;

	if (t->nr_maps == BVT_MAPS)
		return fail(t, a->line, "too many maps");
	n = sscanf(s, "%15s %31s key=%u value=%u entries=%u flags=%31s", map->name, name,
		   &map->key_size, &map->value_size, &map->max_entries, flags);
	flag = n == 6 ? find_name(map_flags, flags, strlen(flags)) : NULL;
	if (n < 5 || (n == 6 && !flag))
		return fail(t, a->line, "want: map: name type key=n value=n entries=n [flags=x]");
	map->flags = flag ? flag->value : 0;
	type = find_name(map_types, name, strlen(name));
	if (!type)
		return fail(t, a->line, "no map type %s", name);
	map->type = type->value;
	t->nr_maps++;
	return 0;
}

static int parse_data(struct assembler *a, const char *s)
{
	struct bvt *t = a->t;
	unsigned int byte;
	int n;

	while (sscanf(s, "%2x%n", &byte, &n) == 1) {
		if (t->data_len == BVT_DATA)
			return fail(t, a->line, "too much data");
		t->data[t->data_len++] = byte;
		s += n;
	}
	skip(&s);
	return *s ? fail(t, a->line, "data is hexadecimal bytes") : 0;
}

static int parse_expect(struct assembler *a, const char *s)
{
	struct bvt *t = a->t;
	const char *end;
	long long num;

	if (!strncmp(s, "accept", 6)) {
		t->accept = true;
		s += 6;
		skip(&s);
		if (!strncmp(s, "r0=", 3)) {
			s += 3;
			if (!get_number(&s, &num))
				return fail(t, a->line, "r0 is a number");
			t->r0 = num;
			t->has_r0 = true;
		}
	} else if (!strncmp(s, "reject", 6)) {
		s += 6;
		skip(&s);
		end = strrchr(s, '"');
		if (*s == '"' && end > s && end - s <= BVT_TEXT) {
			memcpy(t->log, s + 1, end - s - 1);
			s = end + 1;
		}
	}
	skip(&s);
	return *s ? fail(t, a->line, "want: expect: accept [r0=n], or reject [\"text\"]") : 0;
}

static int parse_flags(struct assembler *a, const char *s)
{
	const struct name *flag = find_name(load_flags, s, strlen(s));

	if (!flag)
		return fail(a->t, a->line, "no flag %s", s);
	a->t->flags |= flag->value;
	return 0;
}

static int parse_stock(struct assembler *a, const char *s)
{
	if (!strcmp(s, "accept"))
		a->t->stock = BVT_STOCK_ACCEPTS;
	else if (!strcmp(s, "reject"))
		a->t->stock = BVT_STOCK_REJECTS;
	else
		return fail(a->t, a->line, "want: stock: accept, or reject");
	return 0;
}

static int parse_type(struct assembler *a, const char *s)
{
	const struct name *type = find_name(prog_types, s, strlen(s));

	if (!type)
		return fail(a->t, a->line, "no program type %s", s);
	a->t->prog_type = type->value;
	return 0;
}

static int parse_text(struct assembler *a, const char *s, char to[BVT_TEXT])
{
	size_t n = strlen(s);

	if (n >= BVT_TEXT)
		return fail(a->t, a->line, "text too long");
	memcpy(to, s, n + 1);
	return 0;
}

static int parse_test(struct assembler *a, const char *s)
{
	return parse_text(a, s, a->t->name);
}

static int parse_bug(struct assembler *a, const char *s)
{
	return parse_text(a, s, a->t->bug);
}

static const struct {
	const char *key;
	int (*parse)(struct assembler *a, const char *value);
} keys[] = {
	{ "test:", parse_test }, { "type:", parse_type }, { "map:", parse_map },
	{ "data:", parse_data }, { "expect:", parse_expect }, { "bug:", parse_bug },
	{ "flags:", parse_flags }, { "stock:", parse_stock },
};

/* A line "key: value"; 1 when it is none. */
static int parse_key(struct assembler *a, const char *line, bool *expect)
{
	size_t i, n;

	for (i = 0; i < ARRAY_SIZE(keys); i++) {
		n = strlen(keys[i].key);
		if (strncmp(line, keys[i].key, n))
			continue;
		line += n;
		skip(&line);
		*expect |= keys[i].parse == parse_expect;
		return keys[i].parse(a, line);
	}
	return 1;
}

/* One line, stripped of comment and trailing space; returns its length in the text. */
static size_t get_line(const char *text, char *line, size_t size)
{
	size_t len = strcspn(text, "\n"), n = len < size ? len : size - 1;
	char *comment;

	memcpy(line, text, n);
	line[n] = 0;
	/* "#5" belongs to a call */
	for (comment = strchr(line, '#'); comment; comment = strchr(comment + 1, '#'))
		if (comment == line || (isspace((unsigned char)comment[-1]) &&
					!isdigit((unsigned char)comment[1]))) {
			*comment = 0;
			break;
		}
	n = strlen(line);
	while (n && isspace((unsigned char)line[n - 1]))
		line[--n] = 0;
	return len;
}

int bvt_parse(const char *text, struct bvt *t)
{
	struct assembler a = { .t = t };
	bool in_asm = false, expect = false;
	char line[256];
	int ret;

	memset(t, 0, sizeof(*t));
	t->prog_type = BPF_PROG_TYPE_SOCKET_FILTER;
	while (*text) {
		text += get_line(text, line, sizeof(line));
		text += *text == '\n';
		a.line++;
		if (!strcmp(line, "asm:")) {
			in_asm = true;
			continue;
		}
		ret = parse_key(&a, line, &expect);
		if (ret == 1)
			ret = in_asm ? asm_line(&a, line) :
			      *line ? fail(t, a.line, "what is this: %.60s", line) : 0;
		if (ret)
			return ret;
	}
	if (!*t->name || !t->len || !expect)
		return fail(t, a.line, "test:, asm: and expect: must be there");
	return asm_fixups(&a);
}

int bvt_load(const char *path, struct bvt *t)
{
	static char text[65536];
	FILE *f = fopen(path, "r");
	size_t n;

	if (!f)
		return fail(t, 0, "%s", strerror(errno));
	n = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	text[n] = 0;
	return bvt_parse(text, t);
}

bool bvt_plain(const struct bvt *t)
{
	__u32 i;

	for (i = 0; i < t->len; i++)
		if (t->insn[i].code == (BPF_JMP | BPF_CALL) && !t->insn[i].src_reg)
			return false;
	return !t->nr_maps && !t->nr_kfuncs;
}
