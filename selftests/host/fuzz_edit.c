// SPDX-License-Identifier: GPL-2.0-only
/*
 * Changes to a random program, the search for a smaller one that still fails, and the
 * smallest as a vector.
 */
#include "fuzz.h"

/* Where does the jump or reference at @i lead?  -1: it is none. */
static s32 target(const struct fuzz_prog *p, u32 i)
{
	if (i && fuzz_is_imm64(&p->insn[i - 1]))
		return -1;
	if (fuzz_is_jump(&p->insn[i]))
		return i + 1 + p->insn[i].off;
	return fuzz_is_func(&p->insn[i]) ? (s32)i + 1 + p->insn[i].imm : -1;
}

static void retarget(struct fuzz_prog *p, u32 i, s32 to)
{
	if (fuzz_is_jump(&p->insn[i]))
		p->insn[i].off = to - (s32)i - 1;
	else
		p->insn[i].imm = to - (s32)i - 1;
}

/* Moves the instructions from @at on by @by places; what leads beyond follows them. */
static void move(struct fuzz_prog *p, u32 at, s32 by)
{
	static s32 to[FUZZ_LEN];
	u32 i;

	for (i = 0; i < p->len; i++)
		to[i] = target(p, i);
	if (by < 0)
		memmove(&p->insn[at], &p->insn[at - by], (p->len - at + by) * sizeof(p->insn[0]));
	else
		memmove(&p->insn[at + by], &p->insn[at], (p->len - at) * sizeof(p->insn[0]));
	for (i = 0; i < p->len; i++) {
		u32 now = i >= at ? i + by : i;

		if (to[i] < 0 || (by < 0 && i >= at && i < at - by))
			continue;
		/* What led to an instruction that is gone leads to the next one. */
		retarget(p, now, to[i] <= (s32)at ? to[i] : max(to[i] + by, (s32)at));
	}
	p->len += by;
}

bool fuzz_insert(struct fuzz_prog *p, u32 at, struct bpf_insn insn)
{
	if (p->len == FUZZ_LEN || (at && fuzz_is_imm64(&p->insn[at - 1])))
		return false;
	move(p, at, 1);
	p->insn[at] = insn;
	return true;
}

/* Both slots of a 64-bit immediate; the second alone cannot go. */
void fuzz_delete(struct fuzz_prog *p, u32 at)
{
	if (!at || !fuzz_is_imm64(&p->insn[at - 1]))
		move(p, at, fuzz_is_imm64(&p->insn[at]) ? -2 : -1);
}

/* Deletes @n instructions at @at if the rest still fails. */
static bool try_delete(struct fuzz_prog *p, u32 at, u32 n,
		       bool (*fails)(const struct fuzz_prog *p))
{
	struct fuzz_prog *small = malloc(sizeof(*small));
	bool ok;

	*small = *p;
	while (n-- && at < small->len)
		fuzz_delete(small, at);
	ok = small->len && small->len < p->len && fails(small);
	if (ok)
		*p = *small;
	free(small);
	return ok;
}

/* Makes a constant or offset smaller if the program still fails. */
static bool try_simpler(struct fuzz_prog *p, u32 at, bool (*fails)(const struct fuzz_prog *p))
{
	struct bpf_insn old = p->insn[at], *in = &p->insn[at];

	if (target(p, at) >= 0 || fuzz_is_imm64(in) || (at && fuzz_is_imm64(in - 1)) ||
	    BPF_OP(in->code) == BPF_CALL || !in->imm || BPF_CLASS(in->code) == BPF_STX)
		return false;
	in->imm /= 2;
	if (fails(p))
		return true;
	*in = old;
	return false;
}

void fuzz_minimise(struct fuzz_prog *p, bool (*fails)(const struct fuzz_prog *p))
{
	u32 n, i;
	bool any;

	for (n = p->len / 2; n; n /= 2) {
		do {
			any = false;
			for (i = p->len; i-- > 0;)
				any |= i < p->len && try_delete(p, i, n, fails);
		} while (any && n < 8);
	}
	for (i = 0; i < p->len; i++)
		while (try_simpler(p, i, fails))
			;
}

/* ------------------------------------------------------------------ printing */

static const char *const map_lines[FUZZ_MAPS] = {
	[HASH] = "hash key=8 value=48 entries=4",
	[ARRAY] = "array key=4 value=48 entries=1",
	[READ_ONLY] = "array key=4 value=48 entries=1 flags=rdonly_prog",
	[RING] = "ringbuf key=0 value=0 entries=4096",
	[OF_MAPS] = "array key=4 value=4 entries=1 # of maps like m1",
	[FROZEN] = "array key=4 value=48 entries=1 flags=rdonly_prog # frozen",
	[PROGS] = "prog_array key=4 value=4 entries=2",
};

static void print_insn(const struct bpf_insn *in, bool second)
{
	char text[128];

	if (second)
		return;
	if (in->code == (BPF_JMP | BPF_CALL) && in->src_reg == BPF_PSEUDO_KFUNC_CALL) {
		printf("\tcall kfunc %s\n", verif_kfunc_name(in->imm));
		return;
	}
	if (!fuzz_is_imm64(in)) {
		bvm_disasm(text, sizeof(text), in, NULL);
		printf("\t%s\n", text + strlen("(00) "));
		return;
	}
	switch (in->src_reg) {
	case 0:
		printf("\tr%u = %#llx ll\n", in->dst_reg,
		       (u64)(u32)in->imm | (u64)(u32)in[1].imm << 32);
		return;
	case BPF_PSEUDO_FUNC:
		printf("\tr%u = func pc%+d\n", in->dst_reg, in->imm);
		return;
	case BPF_PSEUDO_MAP_FD:
		printf("\tr%u = map m%d\n", in->dst_reg, in->imm);
		return;
	case BPF_PSEUDO_MAP_VALUE:
		printf("\tr%u = value m%d +%d\n", in->dst_reg, in->imm, in[1].imm);
		return;
	}
	printf("\traw %#x %u %u %d %d\n", in->code, in->dst_reg, in->src_reg, in->off, in->imm);
}

/* As a vector, see ../vectors/bvt.h. */
void fuzz_print(const struct fuzz_prog *p)
{
	bool used[FUZZ_MAPS] = {};
	u32 i;

	for (i = 0; i < p->len; i++)
		if (fuzz_is_imm64(&p->insn[i]) && (p->insn[i].src_reg == BPF_PSEUDO_MAP_FD ||
						   p->insn[i].src_reg == BPF_PSEUDO_MAP_VALUE))
			used[(u32)p->insn[i].imm % FUZZ_MAPS] = true;
	printf("# %s: GPL-2.0-only\n", "SPDX-License-Identifier");
	printf("test: seed %llu of the fuzzer\ntype: %s\n", p->seed, p->type->name);
	if (p->flags)
		printf("flags: state_freq\n");
	for (i = 0; i < FUZZ_MAPS; i++)
		if (used[i])
			printf("map: m%u %s\n", i, map_lines[i]);
	printf("asm:\n");
	for (i = 0; i < p->len; i++)
		print_insn(&p->insn[i], i && fuzz_is_imm64(&p->insn[i - 1]));
	printf("expect: reject\n");
}
