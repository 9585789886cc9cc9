/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Programs for the verifier as rows of a table: how to write them, the maps that they refer
 * to by index, and what becomes of one.
 */
#ifndef _BVM_VERIF_CASE_H
#define _BVM_VERIF_CASE_H

#include "verif.h"
#include "../lib/insn.h"

#define R0 BPF_REG_0
#define R1 BPF_REG_1
#define R2 BPF_REG_2
#define R3 BPF_REG_3
#define R4 BPF_REG_4
#define R5 BPF_REG_5
#define R6 BPF_REG_6
#define R7 BPF_REG_7
#define R8 BPF_REG_8
#define R9 BPF_REG_9
#define FP BPF_REG_10
#define MOV(d, i)	BPF_MOV64_IMM(d, i)
#define MOVR(d, s)	BPF_MOV64_REG(d, s)
#define MOVR32(d, s)	BPF_ALU32_REG(BPF_MOV, d, s)
#define ADD(d, i)	BPF_ALU64_IMM(BPF_ADD, d, i)
#define ADDR(d, s)	BPF_ALU64_REG(BPF_ADD, d, s)
#define AND(d, i)	BPF_ALU64_IMM(BPF_AND, d, i)
#define LDX(sz, d, s, o) BPF_LDX_MEM(BPF_##sz, d, s, o)
#define STX(sz, d, s, o) BPF_STX_MEM(BPF_##sz, d, s, o)
#define ST(sz, d, o, i)	BPF_ST_MEM(BPF_##sz, d, o, i)
#define JMP(op, d, i, o) BPF_JMP_IMM(BPF_##op, d, i, o)
#define JMPR(op, d, s, o) BPF_JMP_REG(BPF_##op, d, s, o)
#define JMP32(op, d, i, o) BPF_INSN(BPF_JMP32 | BPF_##op | BPF_K, d, 0, o, i)
#define JA(o)		BPF_INSN(BPF_JMP | BPF_JA, 0, 0, o, 0)
#define CALL(f)		BPF_EMIT_CALL(BPF_FUNC_##f)
#define RANDOM		CALL(get_prandom_u32)
#define EXIT		BPF_EXIT_INSN()

/*
 * FN(n) calls, and LOOP(times, n) has bpf_loop call with r3 = fp - 8, the function that
 * begins n instructions further on.
 */
#define FN(n)		BPF_INSN(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, 0, n)
#define FUNC(d, n)	BPF_LD_IMM64_RAW(d, BPF_PSEUDO_FUNC, (n) + 1, 0)
#define LOOP(times, n)	MOV(R1, times), FUNC(R2, (n) + 4), MOVR(R3, FP), ADD(R3, -8), MOV(R4, 0), \
			CALL(loop)
/* the same for each element of a map, with r4 */
#define EACH(map, n)	BPF_LD_MAP_FD(R1, map), FUNC(R2, (n) + 4), MOVR(R3, FP), ADD(R3, -8), \
			MOV(R4, 0), CALL(for_each_map_elem)
#define TAIL_CALL	MOVR(R1, R6), BPF_LD_MAP_FD(R2, PROGS), MOV(R3, 0), CALL(tail_call)
#define BAD		LDX(DW, R0, R0, 0)	/* r0 is a number: refused where it is reached */

/* maps by index */
enum {
	HASH48, ARRAY48, ARRAY_RO, ARRAY_WO, PERF, ARRAY1, ARRAY4, FROZEN, FROZEN4, FROZEN_HASH,
	FROZEN_RW, RING, QUEUE, QUEUE_RO, OF_MAPS, PROGS, LOCKED, LOCKED1, KPTRS, ARENA,
	SOCKS, SOCK_MAPS, CPUS4, NR_MAPS
};

/* r0 = lookup(map, key at fp - 8), not checked */
#define LOOKUP(map)								\
	ST(DW, FP, -8, 0), MOVR(R2, FP), ADD(R2, -8), BPF_LD_MAP_FD(R1, map),	\
	CALL(map_lookup_elem)
/* r0 = value; the program ends when there is none */
#define VALUE(map)	LOOKUP(map), JMP(JNE, R0, 0, 1), EXIT

struct verdict {
	const char *name;
	const struct bvm_prog_type *type;
	int err;
	const char *words;	/* all of them, separated by tabs, in this order */
	u32 flags;
	bool not_gpl;
	bool claim;
	struct bpf_func_info info[4];
	struct bpf_insn insns[64];
};

#define PROG(...) .insns = { __VA_ARGS__ }
/* The program and other functions: { where, VERIF_* } */
#define INFO(...) .info = { { 0, VERIF_TAGGED }, __VA_ARGS__ }

static struct bvm_map *maps[NR_MAPS];
static char log_buf[1 << 20];

static void make_maps(void)
{
	maps[HASH48] = verif_map(BPF_MAP_TYPE_HASH, 8, 48, 4, BPF_F_NO_PREALLOC);
	maps[ARRAY48] = verif_map(BPF_MAP_TYPE_ARRAY, 4, 48, 1, 0);
	maps[ARRAY_RO] = verif_map(BPF_MAP_TYPE_ARRAY, 4, 48, 1, BPF_F_RDONLY_PROG);
	maps[ARRAY_WO] = verif_map(BPF_MAP_TYPE_ARRAY, 4, 48, 1, BPF_F_WRONLY_PROG);
	maps[PERF] = verif_map(BPF_MAP_TYPE_PERF_EVENT_ARRAY, 4, 4, 1, 0);
	maps[ARRAY1] = verif_map(BPF_MAP_TYPE_ARRAY, 4, 1, 1, 0);
	maps[ARRAY4] = verif_map(BPF_MAP_TYPE_ARRAY, 4, 8, 4, 0);
	maps[FROZEN] = verif_map(BPF_MAP_TYPE_ARRAY, 4, 16, 1, BPF_F_RDONLY_PROG);
	maps[FROZEN4] = verif_map(BPF_MAP_TYPE_ARRAY, 4, 16, 4, BPF_F_RDONLY_PROG);
	maps[FROZEN_HASH] = verif_map(BPF_MAP_TYPE_HASH, 8, 16, 4,
				      BPF_F_RDONLY_PROG | BPF_F_NO_PREALLOC);
	maps[FROZEN_RW] = verif_map(BPF_MAP_TYPE_ARRAY, 4, 16, 1, 0);
	maps[FROZEN_RW]->frozen = true;
	maps[RING] = verif_map(BPF_MAP_TYPE_RINGBUF, 0, 0, 4096, 0);
	maps[QUEUE] = verif_map(BPF_MAP_TYPE_QUEUE, 0, 16, 4, 0);
	maps[QUEUE_RO] = verif_map(BPF_MAP_TYPE_QUEUE, 0, 16, 4, BPF_F_RDONLY_PROG);
	maps[OF_MAPS] = verif_map_of(maps[ARRAY4]);
	maps[PROGS] = verif_map(BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 4, 0);
	maps[LOCKED] = verif_map(BPF_MAP_TYPE_HASH, 8, 16, 4, BPF_F_NO_PREALLOC);
	verif_map_lock(maps[LOCKED], 8);
	maps[LOCKED1] = verif_map(BPF_MAP_TYPE_ARRAY, 4, 16, 1, 0);
	verif_map_lock(maps[LOCKED1], 8);
	maps[KPTRS] = verif_map(BPF_MAP_TYPE_HASH, 8, 32, 4, BPF_F_NO_PREALLOC);
	verif_map_pointers(maps[KPTRS]);
	maps[ARENA] = verif_map(BPF_MAP_TYPE_ARENA, 0, 0, 4, 0);
	maps[SOCKS] = verif_map(BPF_MAP_TYPE_SOCKMAP, 4, 4, 1, 0);
	maps[SOCK_MAPS] = verif_map_of(maps[SOCKS]);
	maps[CPUS4] = verif_map(BPF_MAP_TYPE_PERCPU_ARRAY, 4, 8, 4, 0);
	memcpy(maps[FROZEN]->type->direct(maps[FROZEN], 0), "\1\2\3\x84text\0untermi", 16);
	maps[FROZEN]->frozen = true;
	maps[FROZEN4]->frozen = true;
	maps[FROZEN_HASH]->frozen = true;
}

static void free_maps(void)
{
	u32 i;

	for (i = 0; i < NR_MAPS; i++)
		verif_map_free(maps[i]);
}

/* No program ends in zeroes. */
static u32 prog_len(const struct verdict *c)
{
	u32 len = ARRAY_SIZE(c->insns);

	while (!c->insns[len - 1].code)
		len--;
	return len;
}

static u32 nr_func_info(const struct verdict *c)
{
	u32 n = 0;

	while (n < ARRAY_SIZE(c->info) && c->info[n].type_id)
		n++;
	return n;
}

static int load(struct verif *v, const struct verdict *c, u32 level)
{
	*v = (struct verif){
		.type = c->type ?: &verif_kprobe, .insns = (struct bpf_insn *)c->insns,
		.len = prog_len(c), .maps = maps, .nr_maps = NR_MAPS, .flags = c->flags,
		.func_info = c->info, .nr_func_info = nr_func_info(c),
		.not_gpl = c->not_gpl, .claim = c->claim,
		.level = level, .log = level ? log_buf : NULL,
		.log_size = level ? sizeof(log_buf) : 0,
	};
	return verif_load(v);
}

static bool log_has(const char *log, const char *words)
{
	char word[256];
	size_t n;

	for (; words && *words; words += n + !!words[n]) {
		n = strcspn(words, "\t");
		snprintf(word, sizeof(word), "%.*s", (int)n, words);
		log = strstr(log, word);
		if (!log)
			return false;
		log += n;
	}
	return true;
}

#endif /* _BVM_VERIF_CASE_H */
