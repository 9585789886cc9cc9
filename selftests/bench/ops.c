// SPDX-License-Identifier: GPL-2.0-only
/*
 * The cost of single operations: each program repeats one many times in a socket filter.
 * What a look-up or a helper returns is used, so that it has to be made.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../lib/insn.h"
#include "bench.h"

#define MAX_INSNS	4096
#define REPEAT		50
#define UNROLLED	64
#define STRAIGHT	512
#define DIVISIONS	128
#define ROUNDS		1000
#define ENTRIES		512		/* that a map has, of twice as many */
#define PREFIXES	1000

#define R0 BPF_REG_0
#define R1 BPF_REG_1
#define R2 BPF_REG_2
#define R3 BPF_REG_3
#define R4 BPF_REG_4
#define R6 BPF_REG_6
#define R7 BPF_REG_7
#define R8 BPF_REG_8
#define FP BPF_REG_10

#define KEY	-64		/* the key's place in the frame, and the value's */
#define VALUE	-128
#define KEY_MAX	64

static struct bpf_insn insns[MAX_INSNS];
static int len;

static void emit(const struct bpf_insn *more, size_t count)
{
	if (len + count > MAX_INSNS)
		fail("operations", E2BIG);
	memcpy(insns + len, more, count * sizeof(*more));
	len += count;
}

#define EMIT(...) do {							\
	const struct bpf_insn _insns[] = { __VA_ARGS__ };		\
									\
	emit(_insns, ARRAY_SIZE(_insns));		\
} while (0)

/* count: operations in the program */
static void run(const char *name, int count)
{
	LIBBPF_OPTS(bpf_prog_load_opts, opts);
	struct measured row = { .suite = "op", .name = name, .ops = count };
	char packet[64] = "", prog_name[BPF_OBJ_NAME_LEN] = "";
	__u32 result;
	int i, fd = -1;

	if (skipped(name)) {
		len = 0;
		return;
	}
	forget_loads();
	for (i = 0; name[i] && i < BPF_OBJ_NAME_LEN - 1; i++)
		prog_name[i] = name[i] == '+' || name[i] == '-' ? '_' : name[i];
	for (i = 0; i < 3; i++) {
		if (fd >= 0)
			close(fd);
		fd = bpf_prog_load(BPF_PROG_TYPE_SOCKET_FILTER, prog_name, "GPL", insns, len,
				   &opts);
		if (fd < 0)
			fail(name, fd);
	}
	row.load = load_time(prog_name);
	row.insns = run_time(fd, packet, sizeof(packet), REPEAT, &result);
	row.check = result;
	prog_sizes(fd, &row.image, &row.xlated);
	report(&row);
	close(fd);
	len = 0;
}

/* ------------------------------------------------------------ arithmetic */

static void floor_op(void)
{
	EMIT(RETURN(0));
	run("floor", 0);
}

/* What is in the loop, and as often as ROUNDS says. */
#define LOOP(name, ...) do {						\
	const struct bpf_insn _body[] = { __VA_ARGS__ };		\
	int _n = ARRAY_SIZE(_body);			\
									\
	EMIT(BPF_MOV64_IMM(R0, 1), BPF_MOV64_IMM(R1, ROUNDS),		\
	     BPF_MOV64_IMM(R2, 3), BPF_MOV64_IMM(R3, 5));		\
	EMIT(BPF_ST_MEM(BPF_DW, FP, -8, 7));				\
	emit(_body, _n);						\
	EMIT(BPF_ALU64_IMM(BPF_SUB, R1, 1),				\
	     BPF_JMP_IMM(BPF_JNE, R1, 0, -_n - 2), BPF_EXIT_INSN());	\
	run(name, ROUNDS);						\
} while (0)

static void loops(void)
{
	LOOP("alu_loop", BPF_ALU64_REG(BPF_ADD, R0, R2), BPF_ALU64_REG(BPF_XOR, R0, R3),
	     BPF_ALU64_IMM(BPF_LSH, R0, 1));
	LOOP("mem_loop", BPF_LDX_MEM(BPF_DW, R2, FP, -8), BPF_ALU64_REG(BPF_ADD, R2, R1),
	     BPF_STX_MEM(BPF_DW, FP, R2, -8), BPF_ALU64_REG(BPF_XOR, R0, R2));
	LOOP("branch_loop", BPF_MOV64_REG(R2, R1), BPF_ALU64_IMM(BPF_AND, R2, 3),
	     BPF_JMP_IMM(BPF_JEQ, R2, 0, 4),
	     BPF_JMP_IMM(BPF_JGT, R2, 1, 1), BPF_ALU64_IMM(BPF_ADD, R0, 3),
	     BPF_ALU64_IMM(BPF_XOR, R0, 9), BPF_JMP_IMM(BPF_JNE, R2, 3, 1),
	     BPF_ALU64_REG(BPF_ADD, R0, R3), BPF_ALU64_IMM(BPF_ADD, R0, 1));
}

static void recompose(void)
{
	int i, b;

	EMIT(BPF_MOV64_IMM(R0, 0));
	for (b = 0; b < 8; b++)
		EMIT(BPF_ST_MEM(BPF_B, FP, b - 8, 17 * b + 3));
	for (i = 0; i < UNROLLED; i++) {
		EMIT(BPF_LDX_MEM(BPF_B, R1, FP, -8));
		for (b = 1; b < 8; b++)
			EMIT(BPF_LDX_MEM(BPF_B, R2, FP, b - 8),
			     BPF_ALU64_IMM(BPF_LSH, R2, 8 * b), BPF_ALU64_REG(BPF_OR, R1, R2));
		EMIT(BPF_ALU64_REG(BPF_ADD, R0, R1));
	}
	EMIT(BPF_EXIT_INSN());
	run("recompose8", UNROLLED);
}

#define REPEATED(name, count, ...) do {					\
	int _i;								\
									\
	EMIT(BPF_MOV64_IMM(R0, 0), BPF_MOV64_IMM(R1, 7),		\
	     BPF_ST_MEM(BPF_DW, FP, -8, 9));				\
	for (_i = 0; _i < (count); _i++)				\
		EMIT(__VA_ARGS__);					\
	EMIT(BPF_EXIT_INSN());						\
	run(name, count);						\
} while (0)

static void straight(void)
{
	REPEATED("straight_add64_x", STRAIGHT, BPF_ALU64_REG(BPF_ADD, R0, R1));
	REPEATED("straight_add64_k", STRAIGHT, BPF_ALU64_IMM(BPF_ADD, R0, 7));
	REPEATED("straight_ldx_dw", STRAIGHT, BPF_LDX_MEM(BPF_DW, R0, FP, -8));
	REPEATED("straight_stx_dw", STRAIGHT, BPF_STX_MEM(BPF_DW, FP, R1, -8));
	REPEATED("div64_x", DIVISIONS, BPF_ALU64_REG(BPF_DIV, R0, R1));
	REPEATED("div64_k", DIVISIONS, BPF_ALU64_IMM(BPF_DIV, R0, 7));
}

/* ------------------------------------------------------------------ maps */

static int make(enum bpf_map_type type, __u32 key_size, __u32 entries, __u32 flags)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = flags);
	int fd = bpf_map_create(type, "bench", key_size, 8, entries, &opts);

	if (fd < 0)
		fail("BPF_MAP_CREATE", fd);
	return fd;
}

/* Keys that differ in their first bytes; per-CPU values are longer. */
static void fill(int map, __u32 key_size, int entries)
{
	unsigned char key[KEY_MAX] = {};
	__u64 value[64] = { 1 };
	int i, err;

	for (i = 0; i < entries; i++) {
		memcpy(key, &i, sizeof(i));
		err = bpf_map_update_elem(map, key, value, BPF_ANY);
		if (err)
			fail("BPF_MAP_UPDATE_ELEM", err);
	}
}

static void emit_key(__u32 key_size, int key)
{
	__u32 at;

	EMIT(BPF_MOV64_IMM(R6, 0), BPF_ST_MEM(BPF_DW, FP, VALUE, 3));
	for (at = 4; at < key_size; at += 4)
		EMIT(BPF_ST_MEM(BPF_W, FP, KEY + at, 0));
	EMIT(BPF_ST_MEM(BPF_W, FP, KEY, key));
}

#define MAP_ARGS(map)							\
	BPF_LD_MAP_FD(R1, map), BPF_MOV64_REG(R2, FP), BPF_ALU64_IMM(BPF_ADD, R2, KEY)

static void lookups(const char *name, int map, __u32 key_size, int key)
{
	int i;

	emit_key(key_size, key);
	for (i = 0; i < UNROLLED; i++)
		EMIT(MAP_ARGS(map), BPF_EMIT_CALL(BPF_FUNC_map_lookup_elem),
		     BPF_JMP_IMM(BPF_JEQ, R0, 0, 2),
		     BPF_LDX_MEM(BPF_DW, R0, R0, 0), BPF_ALU64_REG(BPF_ADD, R6, R0));
	EMIT(BPF_MOV64_REG(R0, R6), BPF_EXIT_INSN());
	run(name, UNROLLED);
	close(map);
}

static void updates(const char *name, int map)
{
	int i;

	emit_key(8, 5);
	for (i = 0; i < UNROLLED; i++)
		EMIT(MAP_ARGS(map), BPF_MOV64_REG(R3, FP), BPF_ALU64_IMM(BPF_ADD, R3, VALUE),
		     BPF_MOV64_IMM(R4, BPF_ANY), BPF_EMIT_CALL(BPF_FUNC_map_update_elem));
	EMIT(BPF_EXIT_INSN());
	run(name, UNROLLED);
	close(map);
}

static int filled(enum bpf_map_type type, __u32 key_size, __u32 flags)
{
	int map = make(type, key_size, 2 * ENTRIES, flags);

	fill(map, key_size, ENTRIES);
	return map;
}

static void lpm(void)
{
	struct { __u32 bits; __u8 address[4]; } key = { .bits = 32 };
	int map = make(BPF_MAP_TYPE_LPM_TRIE, sizeof(key), 2 * PREFIXES, BPF_F_NO_PREALLOC);
	__u64 value = 1;
	int i, err;

	for (i = 0; i < PREFIXES; i++) {
		key.address[0] = 10;
		key.address[2] = i >> 8;
		key.address[3] = i;
		err = bpf_map_update_elem(map, &key, &value, BPF_ANY);
		if (err)
			fail("BPF_MAP_UPDATE_ELEM", err);
	}
	EMIT(BPF_ST_MEM(BPF_W, FP, KEY + 4, 0x0500000a));
	lookups("lpm_lookup_1000e", map, 4, 32);
}

static void maps(void)
{
	lookups("array_lookup", filled(BPF_MAP_TYPE_ARRAY, 4, 0), 4, 5);
	lookups("percpu_array_lookup", filled(BPF_MAP_TYPE_PERCPU_ARRAY, 4, 0), 4, 5);
	lookups("hash_lookup_k4", filled(BPF_MAP_TYPE_HASH, 4, 0), 4, 5);
	lookups("hash_lookup_k8", filled(BPF_MAP_TYPE_HASH, 8, 0), 8, 5);
	lookups("hash_lookup_k16", filled(BPF_MAP_TYPE_HASH, 16, 0), 16, 5);
	lookups("hash_lookup_k32", filled(BPF_MAP_TYPE_HASH, 32, 0), 32, 5);
	lookups("hash_lookup_k64", filled(BPF_MAP_TYPE_HASH, 64, 0), 64, 5);
	lookups("hash_miss_k8", filled(BPF_MAP_TYPE_HASH, 8, 0), 8, -5);
	lookups("percpu_hash_lookup_k8", filled(BPF_MAP_TYPE_PERCPU_HASH, 8, 0), 8, 5);
	lookups("lru_hash_lookup_k8", filled(BPF_MAP_TYPE_LRU_HASH, 8, 0), 8, 5);
	lpm();
	updates("hash_update_exist_k8", filled(BPF_MAP_TYPE_HASH, 8, 0));
	updates("hash_upd_noprealloc_k8", filled(BPF_MAP_TYPE_HASH, 8, BPF_F_NO_PREALLOC));
}

static void ring(void)
{
	int map = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "bench", 0, 0, 4096, NULL), i;

	if (map < 0)
		fail("BPF_MAP_CREATE", map);
	for (i = 0; i < UNROLLED; i++)
		EMIT(BPF_LD_MAP_FD(R1, map), BPF_MOV64_IMM(R2, 16), BPF_MOV64_IMM(R3, 0),
		     BPF_EMIT_CALL(BPF_FUNC_ringbuf_reserve), BPF_JMP_IMM(BPF_JEQ, R0, 0, 3),
		     BPF_MOV64_REG(R1, R0), BPF_MOV64_IMM(R2, 0),
		     BPF_EMIT_CALL(BPF_FUNC_ringbuf_discard));
	EMIT(RETURN(0));
	run("ringbuf_rsv+discard", UNROLLED);
	close(map);
}

/* --------------------------------------------------------------- helpers */

static void probe_read(const char *name, int size)
{
	int i;

	EMIT(BPF_MOV64_IMM(R6, 0));
	for (i = 0; i < UNROLLED; i++)
		EMIT(BPF_EMIT_CALL(BPF_FUNC_get_current_task), BPF_MOV64_REG(R3, R0),
		     BPF_MOV64_REG(R1, FP), BPF_ALU64_IMM(BPF_ADD, R1, -16),
		     BPF_MOV64_IMM(R2, size), BPF_EMIT_CALL(BPF_FUNC_probe_read_kernel),
		     BPF_LDX_MEM(BPF_W, R1, FP, -16), BPF_ALU64_REG(BPF_ADD, R6, R1));
	EMIT(RETURN(0));
	run(name, UNROLLED);
}

static void helper(const char *name, int id)
{
	int i;

	EMIT(BPF_MOV64_IMM(R6, 0));
	for (i = 0; i < UNROLLED; i++)
		EMIT(BPF_EMIT_CALL(id), BPF_ALU64_REG(BPF_ADD, R6, R0));
	EMIT(BPF_MOV64_REG(R0, R6), BPF_EXIT_INSN());
	run(name, UNROLLED);
}

static void helpers(void)
{
	probe_read("task+probe_read4", 4);
	probe_read("task+probe_read8", 8);
	probe_read("task+probe_read16", 16);
	helper("get_current_task", BPF_FUNC_get_current_task);
	helper("ktime_get_ns", BPF_FUNC_ktime_get_ns);
	helper("get_smp_processor_id", BPF_FUNC_get_smp_processor_id);
	helper("get_prandom_u32", BPF_FUNC_get_prandom_u32);
	helper("jiffies64", BPF_FUNC_jiffies64);
	helper("get_current_pid_tgid", BPF_FUNC_get_current_pid_tgid);
	helper("get_numa_node_id", BPF_FUNC_get_numa_node_id);
}

static void subprogram(void)
{
	int i;

	EMIT(BPF_MOV64_IMM(R6, 0));
	for (i = 0; i < UNROLLED; i++)
		EMIT(BPF_MOV64_IMM(R1, i),
		     BPF_INSN(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, 0, 3 * (UNROLLED - i)),
		     BPF_ALU64_REG(BPF_ADD, R6, R0));
	EMIT(BPF_MOV64_REG(R0, R6), BPF_EXIT_INSN());
	EMIT(BPF_MOV64_REG(R0, R1), BPF_EXIT_INSN());
	run("bpf2bpf_call", UNROLLED);
}

void bench_ops(void)
{
	floor_op();
	loops();
	recompose();
	straight();
	maps();
	ring();
	helpers();
	subprogram();
}
