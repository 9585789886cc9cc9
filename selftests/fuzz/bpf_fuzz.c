// SPDX-License-Identifier: GPL-2.0-only
/*
 * bpf(2) under fire: commands with random, truncated and almost right attributes,
 * random and almost right programs, and objects made, used and closed by several
 * threads at a time.  The kernel says what went wrong (the debug flavour says more);
 * this program only keeps going and says which seed it was.
 *
 * usage: bpf_fuzz [--minutes N] [--seed S] [--rounds N]
 *
 * A round has a seed of its own, written to the kernel's log when it begins, and ends
 * with its process, so that nothing of it is left.  Rounds of an odd seed have four
 * threads; those of an even one have one, which does the same again for the same seed.
 */
#include <getopt.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>

#include "lib/events.h"
#include "fuzz/rng.h"

#define THREADS		4
#define STEPS		3000	/* calls of each thread in a round */
/*
 * A round that takes longer hangs.  One program may take 40 s until it is refused after a
 * million instructions, in an emulated guest with all debugging.
 */
#define ROUND_SECONDS	300
#define POOL		24
#define PIN_DIR		"/tmp/bvm-fuzz"
#define CGROUP		"/sys/fs/cgroup"
#define ROUND_MEMORY	"128M"	/* what is refused only then is slow in debug kernels */
#define MAX_INSNS	64

/*
 * Descriptors that all threads of a round share: any of them may be closed at any time.
 * They are sorted by kind, or most calls would fail at once.
 */
enum kind { MAP, PROG, EVENT, KINDS };
static int pool[KINDS][POOL];

/* Random bytes that attributes point to. */
static char scratch[4][4096] __attribute__((aligned(4096)));

/* Calls by command, and how many of them succeeded: a fuzzer that is always refused is none. */
static struct counter { unsigned long calls, good; } *count;
#define COUNTERS	64

static int call(int cmd, union bpf_attr *attr, unsigned int size)
{
	int ret = syscall(__NR_bpf, cmd, attr, size);
	unsigned int slot = (unsigned int)cmd < COUNTERS ? cmd : COUNTERS - 1;

	__atomic_fetch_add(&count[slot].calls, 1, __ATOMIC_RELAXED);
	if (ret >= 0)
		__atomic_fetch_add(&count[slot].good, 1, __ATOMIC_RELAXED);
	return ret;
}

/* A descriptor, most often of the kind asked for. */
static int fd_of(struct rng *rng, enum kind kind)
{
	if (rng_one_in(rng, 50))
		return rng_number(rng);
	if (rng_one_in(rng, 12))
		kind = rng_below(rng, KINDS);
	return __atomic_load_n(&pool[kind][rng_below(rng, POOL)], __ATOMIC_RELAXED);
}

static int any_fd(struct rng *rng)
{
	return fd_of(rng, rng_below(rng, KINDS));
}

/* A new descriptor takes the place of another one, which is closed. */
static void keep(struct rng *rng, enum kind kind, int fd)
{
	int old;

	if (fd < 0)
		return;
	old = __atomic_exchange_n(&pool[kind][rng_below(rng, POOL)], fd, __ATOMIC_RELAXED);
	if (old > 2)
		close(old);
}

static __u64 any_buffer(struct rng *rng)
{
	static const __u64 bad[] = { 0, 1, 4096, 0x7fffffffffff, 0xffff888000000000, ~0ULL };

	if (rng_one_in(rng, 12))
		return bad[rng_below(rng, ARRAY_SIZE(bad))];
	if (rng_one_in(rng, 10))	/* runs into what may be the end of the mapping */
		return ptr_to_u64(scratch[3] + sizeof(scratch[3]) - rng_below(rng, 64));
	return ptr_to_u64(scratch[rng_below(rng, ARRAY_SIZE(scratch))]);
}

/* Now and then one field is something else, or the structure is cut short or too long. */
static int call_bent(struct rng *rng, int cmd, union bpf_attr *attr)
{
	unsigned int size = sizeof(*attr);

	if (rng_one_in(rng, 6)) {
		__u32 value = rng_one_in(rng, 3) ? any_fd(rng) : rng_number(rng);
		unsigned int at = rng_below(rng, sizeof(*attr) / 4);

		/* the front is where the fields are */
		memcpy((char *)attr + (rng_one_in(rng, 2) ? at : at % 12) * 4, &value, 4);
	}
	if (rng_one_in(rng, 20))
		size = rng_one_in(rng, 4) ? rng_number(rng) : rng_below(rng, sizeof(*attr) + 1);
	/* beyond the structure there is the rest of a page of our own */
	if (size > sizeof(scratch[0])) {
		memcpy(scratch[2], attr, sizeof(*attr));
		attr = (union bpf_attr *)scratch[2];
	}
	return call(cmd, attr, size);
}

/* ------------------------------------------------------------------ steps */

static void random_attributes(struct rng *rng)
{
	union bpf_attr attr;
	__u64 pointer;
	int i;

	rng_fill(rng, &attr, sizeof(attr));
	for (i = 0; i < 12; i++) {
		__u32 fd = any_fd(rng);

		if (rng_one_in(rng, 3))
			memcpy((char *)&attr + i * 4, &fd, 4);
		pointer = any_buffer(rng);
		if (i % 2 == 0 && rng_one_in(rng, 3))
			memcpy((char *)&attr + i * 4, &pointer, 8);
		if (rng_one_in(rng, 3))
			memset((char *)&attr + i * 4, 0, 4);
	}
	if (rng_one_in(rng, 2))		/* as if the program knew fewer fields */
		memset((char *)&attr + 48, 0, sizeof(attr) - 48);
	keep(rng, rng_below(rng, KINDS), call_bent(rng, rng_below(rng, __MAX_BPF_CMD + 2), &attr));
}

static const struct {
	__u32 type, key_size, value_size, max_entries, flags;
} map_shapes[] = {
	{ BPF_MAP_TYPE_ARRAY, 4, 8, 4 },
	{ BPF_MAP_TYPE_ARRAY, 4, 64, 2, BPF_F_RDONLY_PROG },
	{ BPF_MAP_TYPE_ARRAY, 4, 4096, 4, 0x400 /* BPF_F_MMAPABLE */ },
	{ BPF_MAP_TYPE_PERCPU_ARRAY, 4, 8, 4 },
	{ BPF_MAP_TYPE_HASH, 8, 8, 8 },
	{ BPF_MAP_TYPE_HASH, 4, 16, 8, BPF_F_NO_PREALLOC },
	{ BPF_MAP_TYPE_PERCPU_HASH, 8, 8, 8 },
	{ BPF_MAP_TYPE_LRU_HASH, 8, 8, 8 },
	{ BPF_MAP_TYPE_LRU_HASH, 8, 8, 8, BPF_F_NO_COMMON_LRU },
	{ BPF_MAP_TYPE_LRU_PERCPU_HASH, 8, 8, 8 },
	{ BPF_MAP_TYPE_LPM_TRIE, 8, 8, 8, BPF_F_NO_PREALLOC },
	{ BPF_MAP_TYPE_PERF_EVENT_ARRAY, 4, 4, 4 },
	{ BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 4 },
	{ BPF_MAP_TYPE_CGROUP_ARRAY, 4, 4, 4 },
	{ BPF_MAP_TYPE_STACK_TRACE, 4, 64, 16 },
	{ BPF_MAP_TYPE_ARRAY_OF_MAPS, 4, 4, 4 },
	{ BPF_MAP_TYPE_HASH_OF_MAPS, 4, 4, 4 },
	{ BPF_MAP_TYPE_QUEUE, 0, 8, 8 },
	{ BPF_MAP_TYPE_STACK, 0, 8, 8 },
	{ BPF_MAP_TYPE_RINGBUF, 0, 0, 4096 },
};

static void make_map(struct rng *rng)
{
	__u32 shape = rng_below(rng, ARRAY_SIZE(map_shapes));
	union bpf_attr attr = {
		.map_type = map_shapes[shape].type,
		.key_size = map_shapes[shape].key_size,
		.value_size = map_shapes[shape].value_size,
		.max_entries = map_shapes[shape].max_entries,
		.map_flags = map_shapes[shape].flags,
		.inner_map_fd = map_shapes[shape].type == BPF_MAP_TYPE_ARRAY_OF_MAPS ||
				map_shapes[shape].type == BPF_MAP_TYPE_HASH_OF_MAPS ?
				fd_of(rng, MAP) : 0,
	};

	keep(rng, MAP, call_bent(rng, BPF_MAP_CREATE, &attr));
}

static void use_map(struct rng *rng)
{
	static const int cmds[] = {
		BPF_MAP_LOOKUP_ELEM, BPF_MAP_UPDATE_ELEM, BPF_MAP_UPDATE_ELEM, BPF_MAP_DELETE_ELEM,
		BPF_MAP_GET_NEXT_KEY, BPF_MAP_LOOKUP_AND_DELETE_ELEM,
	};
	__u64 *key = (__u64 *)scratch[0];
	union bpf_attr attr = {
		.map_fd = fd_of(rng, MAP),
		.key = rng_one_in(rng, 8) ? any_buffer(rng) : ptr_to_u64(key),
		.value = rng_one_in(rng, 8) ? any_buffer(rng) : ptr_to_u64(scratch[1]),
		.flags = rng_one_in(rng, 8) ? rng_below(rng, 8) : 0,
	};

	/* few keys, so that they meet */
	*key = rng_one_in(rng, 10) ? rng_number(rng) : rng_below(rng, 4);
	*(__u32 *)scratch[1] = rng_one_in(rng, 2) ? (__u32)any_fd(rng) : rng_number(rng);
	if (rng_one_in(rng, 6))
		attr.key = 0;
	call_bent(rng, cmds[rng_below(rng, ARRAY_SIZE(cmds))], &attr);
}

static void use_batch(struct rng *rng)
{
	static const int cmds[] = {
		BPF_MAP_LOOKUP_BATCH, BPF_MAP_LOOKUP_AND_DELETE_BATCH, BPF_MAP_UPDATE_BATCH,
		BPF_MAP_DELETE_BATCH,
	};
	union bpf_attr attr = {
		.batch.map_fd = fd_of(rng, MAP),
		.batch.in_batch = rng_one_in(rng, 2) ? 0 : ptr_to_u64(scratch[0]),
		.batch.out_batch = ptr_to_u64(scratch[0]),
		.batch.keys = any_buffer(rng),
		.batch.values = any_buffer(rng),
		.batch.count = rng_one_in(rng, 4) ? rng_number(rng) : rng_below(rng, 16),
		.batch.elem_flags = rng_one_in(rng, 4) ? rng_below(rng, 8) : 0,
	};

	call_bent(rng, cmds[rng_below(rng, ARRAY_SIZE(cmds))], &attr);
}

/* A program that the verifier has to think about: random, but not hopeless. */
static __u32 make_insns(struct rng *rng, struct bpf_insn *insn)
{
	static const __u8 alu[] = {
		BPF_ADD, BPF_SUB, BPF_MUL, BPF_DIV, BPF_OR, BPF_AND, BPF_LSH, BPF_RSH, BPF_MOD,
		BPF_XOR, BPF_MOV, BPF_ARSH,
	};
	static const __u8 jmp[] = {
		BPF_JEQ, BPF_JNE, BPF_JGT, BPF_JGE, BPF_JLT, BPF_JLE, BPF_JSGT, BPF_JSGE, BPF_JSLT,
		BPF_JSLE, BPF_JSET,
	};
	static const __u8 sizes[] = { BPF_B, BPF_H, BPF_W, BPF_DW };
	static const __u32 size_of[] = { 1, 2, 4, 8 };
	__u32 n = 0, body = 4 + rng_below(rng, MAX_INSNS - 24), s;

	insn[n++] = BPF_MOV64_REG(BPF_REG_6, BPF_REG_1);
	insn[n++] = BPF_MOV64_IMM(BPF_REG_7, (__s32)rng_number(rng));
	insn[n++] = BPF_MOV64_IMM(BPF_REG_8, (__s32)rng_number(rng));
	insn[n++] = BPF_ST_MEM(BPF_DW, BPF_REG_10, -8, (__s32)rng_below(rng, 6));
	insn[n++] = BPF_MOV64_IMM(BPF_REG_0, 0);
	insn[n++] = BPF_MOV64_IMM(BPF_REG_9, 1);
	while (n < body) {
		__u8 dst = rng_one_in(rng, 12) ? rng_below(rng, 11) : 7 + rng_below(rng, 2);
		__u8 src = rng_one_in(rng, 12) ? rng_below(rng, 11) : 7 + rng_below(rng, 3);

		switch (rng_below(rng, 9)) {
		case 0:
		case 1:
			insn[n++] = BPF_INSN((rng_one_in(rng, 2) ? BPF_ALU : BPF_ALU64) |
					     alu[rng_below(rng, ARRAY_SIZE(alu))] | BPF_X,
					     dst, src, 0, 0);
			break;
		case 2:
			insn[n++] = BPF_INSN((rng_one_in(rng, 2) ? BPF_ALU : BPF_ALU64) |
					     alu[rng_below(rng, ARRAY_SIZE(alu))] | BPF_K,
					     dst, 0, 0, rng_one_in(rng, 3) ? rng_number(rng) :
					     1 + rng_below(rng, 30));
			break;
		case 3:
		case 4:
			insn[n++] = BPF_INSN((rng_one_in(rng, 3) ? BPF_JMP32 : BPF_JMP) |
					     jmp[rng_below(rng, ARRAY_SIZE(jmp))],
					     dst, 0, rng_below(rng, body - n + 1) -
					     (rng_one_in(rng, 20) ? 4 : 0), rng_number(rng));
			break;
		case 5:
			s = rng_below(rng, 4);
			insn[n++] = BPF_STX_MEM(sizes[s], BPF_REG_10, src,
						-(__s16)(size_of[s] * (1 + rng_below(rng, 8))));
			break;
		case 6:
			s = rng_below(rng, 4);
			insn[n++] = BPF_LDX_MEM(sizes[s], dst, rng_one_in(rng, 4) ? BPF_REG_6 :
						BPF_REG_10,
						-(__s16)(size_of[s] * (1 + rng_below(rng, 2))));
			break;
		case 7:
			insn[n++] = BPF_INSN(BPF_LD | BPF_DW | BPF_IMM, BPF_REG_1,
					     BPF_PSEUDO_MAP_FD, 0, fd_of(rng, MAP));
			insn[n++] = BPF_INSN(0, 0, 0, 0, 0);
			insn[n++] = BPF_MOV64_REG(BPF_REG_2, BPF_REG_10);
			insn[n++] = BPF_ALU64_IMM(BPF_ADD, BPF_REG_2, -8);
			insn[n++] = BPF_MOV64_REG(BPF_REG_3, BPF_REG_2);
			insn[n++] = BPF_MOV64_IMM(BPF_REG_4, rng_below(rng, 9));
			insn[n++] = BPF_MOV64_IMM(BPF_REG_5, 0);
			insn[n++] = BPF_EMIT_CALL(rng_one_in(rng, 3) ? BPF_FUNC_map_lookup_elem :
						  1 + rng_below(rng, 140));
			insn[n++] = BPF_MOV64_IMM(BPF_REG_0, 0);
			break;
		default:
			insn[n++] = BPF_EMIT_CALL(1 + rng_below(rng, 215));
			insn[n++] = BPF_MOV64_IMM(BPF_REG_0, 0);
		}
	}
	insn[n++] = BPF_MOV64_IMM(BPF_REG_0, rng_below(rng, 2));
	insn[n++] = BPF_EXIT_INSN();
	return n;
}

/* A good program of the kind that people write: counts something in a map. */
static __u32 good_insns(struct rng *rng, struct bpf_insn *insn)
{
	const struct bpf_insn good[] = {
		BPF_ST_MEM(BPF_DW, BPF_REG_10, -8, (__s32)rng_below(rng, 6)),
		COUNT_IN_MAP(fd_of(rng, MAP)),
		BPF_LD_MAP_FD(BPF_REG_1, fd_of(rng, MAP)),
		BPF_MOV64_REG(BPF_REG_2, BPF_REG_10),
		BPF_ALU64_IMM(BPF_ADD, BPF_REG_2, -8),
		BPF_MOV64_REG(BPF_REG_3, BPF_REG_2),
		BPF_MOV64_IMM(BPF_REG_4, 0),
		BPF_EMIT_CALL(rng_one_in(rng, 3) ? BPF_FUNC_map_delete_elem :
			      BPF_FUNC_map_update_elem),
		RETURN(0),
	};

	memcpy(insn, good, sizeof(good));
	return ARRAY_SIZE(good);
}

static const __u32 prog_types[] = {
	BPF_PROG_TYPE_SOCKET_FILTER, BPF_PROG_TYPE_KPROBE, BPF_PROG_TYPE_TRACEPOINT,
	BPF_PROG_TYPE_RAW_TRACEPOINT, BPF_PROG_TYPE_PERF_EVENT, BPF_PROG_TYPE_SOCKET_FILTER,
};

static void load_program(struct rng *rng)
{
	struct bpf_insn insn[MAX_INSNS + 16] = {};
	union bpf_attr attr;
	__u32 n, flips;

	switch (rng_below(rng, 4)) {
	case 0:
		n = 1 + rng_below(rng, MAX_INSNS);
		rng_fill(rng, insn, n * sizeof(*insn));
		break;
	case 1:
		n = good_insns(rng, insn);
		break;
	default:
		n = make_insns(rng, insn);
	}
	for (flips = rng_below(rng, 8); flips > 5; flips--)
		((char *)insn)[rng_below(rng, n * sizeof(*insn))] ^= 1 << rng_below(rng, 8);
	prog_attr(&attr, prog_types[rng_below(rng, ARRAY_SIZE(prog_types))], insn, n);
	if (rng_one_in(rng, 4)) {
		attr.log_level = rng_below(rng, 8);
		attr.log_buf = ptr_to_u64(scratch[2]);
		attr.log_size = rng_below(rng, sizeof(scratch[2]) + 1);
	}
	if (rng_one_in(rng, 8))
		attr.prog_flags = 1 << rng_below(rng, 10);
	keep(rng, PROG, call_bent(rng, BPF_PROG_LOAD, &attr));
}

static void run_program(struct rng *rng)
{
	union bpf_attr attr = {
		.test.prog_fd = fd_of(rng, PROG),
		.test.data_in = rng_one_in(rng, 4) ? any_buffer(rng) : ptr_to_u64(scratch[1]),
		.test.data_size_in = rng_one_in(rng, 8) ? rng_number(rng) :
				     14 + rng_below(rng, 200),
		.test.repeat = rng_below(rng, 20),
	};

	if (rng_one_in(rng, 3)) {
		attr.test.data_out = any_buffer(rng);
		attr.test.data_size_out = rng_below(rng, 300);
	}

	call_bent(rng, BPF_PROG_TEST_RUN, &attr);
}

static void attach_program(struct rng *rng)
{
	static const char * const points[] = {
		"syscalls/sys_enter_openat", "sched/sched_switch", "sched/sched_waking",
		"kmem/kfree", "timer/hrtimer_start",
	};
	static const char * const functions[] = {
		"do_sys_openat2", "vfs_read", "bvm_cmd_map_update", "bpf_map_update_elem",
	};
	struct perf_event_attr clock = {
		.type = PERF_TYPE_SOFTWARE,
		.config = PERF_COUNT_SW_CPU_CLOCK,
		.sample_period = 1000000,
	};
	union bpf_attr attr = {};
	int event;

	switch (rng_below(rng, 5)) {
	case 0:
		event = tracepoint_open(points[rng_below(rng, ARRAY_SIZE(points))]);
		break;
	case 1:
		event = kprobe_open(functions[rng_below(rng, ARRAY_SIZE(functions))],
				    rng_one_in(rng, 2));
		break;
	case 2:
		event = perf_event_open(&clock, 0, -1);
		break;
	case 3:
		attr.raw_tracepoint.prog_fd = fd_of(rng, PROG);
		attr.raw_tracepoint.name = ptr_to_u64(strchr(points[1], '/') + 1);
		keep(rng, EVENT, call_bent(rng, BPF_RAW_TRACEPOINT_OPEN, &attr));
		return;
	default:
		attr.link_create.prog_fd = fd_of(rng, PROG);
		attr.link_create.target_fd = fd_of(rng, EVENT);
		attr.link_create.attach_type = BPF_PERF_EVENT;
		keep(rng, EVENT, call_bent(rng, BPF_LINK_CREATE, &attr));
		return;
	}
	if (event < 0)
		return;
	for (int tries = 0; tries < 8; tries++)
		if (!event_attach(event, fd_of(rng, PROG)))
			break;
	keep(rng, EVENT, event);
}

static void ask(struct rng *rng)
{
	static const int next[] = {
		BPF_MAP_GET_NEXT_ID, BPF_PROG_GET_NEXT_ID, BPF_LINK_GET_NEXT_ID,
		BPF_BTF_GET_NEXT_ID,
	};
	static const int by_id[] = {
		BPF_MAP_GET_FD_BY_ID, BPF_PROG_GET_FD_BY_ID, BPF_LINK_GET_FD_BY_ID,
		BPF_BTF_GET_FD_BY_ID,
	};
	union bpf_attr attr = {};
	__u32 kind = rng_below(rng, ARRAY_SIZE(next));

	if (rng_one_in(rng, 2)) {
		attr.info.bpf_fd = any_fd(rng);
		attr.info.info_len = rng_one_in(rng, 3) ? rng_number(rng) : rng_below(rng, 256);
		attr.info.info = any_buffer(rng);
		if (rng_one_in(rng, 2))
			memset(scratch, 0, sizeof(scratch[0]));
		call_bent(rng, BPF_OBJ_GET_INFO_BY_FD, &attr);
		return;
	}
	attr.start_id = rng_one_in(rng, 4) ? rng_number(rng) : rng_below(rng, 2000);
	if (call(next[kind], &attr, sizeof(attr)) < 0)
		return;
	attr = (union bpf_attr){ .map_id = attr.next_id };
	keep(rng, kind < KINDS ? kind : EVENT, call_bent(rng, by_id[kind], &attr));
}

static void name(struct rng *rng)
{
	char path[64];
	union bpf_attr attr = { .pathname = ptr_to_u64(path), .bpf_fd = any_fd(rng) };

	snprintf(path, sizeof(path), PIN_DIR "/%c", "abc."[rng_below(rng, 4)]);
	switch (rng_below(rng, 4)) {
	case 0:
		unlink(path);
		break;
	case 1:
		attr.bpf_fd = 0;
		attr.file_flags = rng_below(rng, 3) * BPF_F_RDONLY;
		keep(rng, rng_below(rng, KINDS), call_bent(rng, BPF_OBJ_GET, &attr));
		break;
	default:
		call_bent(rng, BPF_OBJ_PIN, &attr);
	}
}

/* int i; struct s { int a; s *p; }; typedef struct s t; int f(int); ... */
static const __u32 good_types[] = {
	1, 1 << 24, 4, 1 << 24 | 32,			/* 1: int */
	0, 2 << 24, 3,					/* 2: -> 3 */
	1, 4 << 24 | 2, 16, 1, 1, 0, 1, 2, 64,		/* 3: struct */
	1, 8 << 24, 3,					/* 4: typedef of 3 */
	0, 3 << 24, 0, 1, 1, 7,				/* 5: int[7] */
	0, 13 << 24 | 1, 1, 1, 1,			/* 6: int (*)(int) */
	1, 12 << 24 | 1, 6,				/* 7: function */
	1, 6 << 24 | 1, 4, 1, 5,			/* 8: enum */
	1, 14 << 24, 1, 1,				/* 9: variable */
	1, 15 << 24 | 1, 4, 9, 0, 4,			/* 10: section */
	1, 16 << 24, 8,					/* 11: float */
	1, 17 << 24, 3, 0,				/* 12: tag of member 0 */
	1, 19 << 24 | 1, 8, 1, 5, 6,			/* 13: enum64 */
};

static void load_types(struct rng *rng)
{
	__u32 *word = (__u32 *)scratch[2];
	union bpf_attr attr = {
		.btf = ptr_to_u64(word),
		.btf_size = 24 + sizeof(good_types) + 4,
		.btf_log_level = rng_below(rng, 3),
	};
	__u32 bent;

	if (attr.btf_log_level) {
		attr.btf_log_buf = ptr_to_u64(scratch[3]);
		attr.btf_log_size = rng_below(rng, sizeof(scratch[3]));
	}
	word[0] = 0x0001eb9f;
	word[1] = 24;
	word[2] = 0;
	word[3] = sizeof(good_types);
	word[4] = sizeof(good_types);
	word[5] = 4;
	memcpy(word + 6, good_types, sizeof(good_types));
	memcpy(word + 6 + ARRAY_SIZE(good_types), "\0a\0", 4);
	for (bent = rng_below(rng, 4); bent; bent--)
		word[rng_below(rng, 6 + ARRAY_SIZE(good_types))] = rng_one_in(rng, 3) ?
			rng_number(rng) : rng_below(rng, 20) << (rng_one_in(rng, 2) ? 24 : 0);
	keep(rng, EVENT, call_bent(rng, BPF_BTF_LOAD, &attr));
}

/* The other sides of a descriptor, and events for what is attached. */
static void touch(struct rng *rng)
{
	int fd = any_fd(rng);
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
	void *at;

	switch (rng_below(rng, 6)) {
	case 0:
		at = mmap(NULL, 4096 << rng_below(rng, 3),
			  rng_one_in(rng, 2) ? PROT_READ : PROT_READ | PROT_WRITE, MAP_SHARED, fd,
			  4096 * rng_below(rng, 3));
		if (at == MAP_FAILED)
			break;
		/* as a hostile consumer would */
		if (mprotect(at, 4096, PROT_READ | PROT_WRITE) == 0)
			__atomic_store_n((__u64 *)at, rng_number(rng), __ATOMIC_RELAXED);
		munmap(at, 4096 << 2);
		break;
	case 1:
		poll(&poll_fd, 1, 0);
		break;
	case 2:
		keep(rng, rng_below(rng, KINDS), dup(fd));
		break;
	case 3:
		if (fd > 2) {
			union bpf_attr attr = { .map_fd = fd };

			if (rng_one_in(rng, 10))
				call(BPF_MAP_FREEZE, &attr, sizeof(attr));
			else
				call(BPF_LINK_DETACH, &attr, sizeof(attr));
		}
		break;
	default:
		open_once("/dev/null");
	}
}

static const struct {
	void (*step)(struct rng *rng);
	__u32 weight;
} steps[] = {
	{ random_attributes, 4 },
	{ make_map, 3 },
	{ use_map, 8 },
	{ use_batch, 2 },
	{ load_program, 6 },
	{ run_program, 3 },
	{ attach_program, 2 },
	{ ask, 3 },
	{ name, 2 },
	{ load_types, 2 },
	{ touch, 4 },
};

static void one_step(struct rng *rng)
{
	__u32 total = 0, pick, i;

	for (i = 0; i < ARRAY_SIZE(steps); i++)
		total += steps[i].weight;
	pick = rng_below(rng, total);
	for (i = 0; pick >= steps[i].weight; i++)
		pick -= steps[i].weight;
	steps[i].step(rng);
}

static void *thread(void *arg)
{
	struct rng rng = { .state = (uintptr_t)arg };

	for (int i = 0; i < STEPS; i++)
		one_step(&rng);
	return NULL;
}

/* ----------------------------------------------------------------- rounds */

static void on_alarm(int signal)
{
}

static void round_child(__u64 seed, int threads)
{
	/* A test run may repeat 2^32 times: signals end it, soon, or rounds are waiting. */
	struct itimerval often = { { 0, 200000 }, { 0, 200000 } };
	struct sigaction action = { .sa_handler = on_alarm };
	struct rlimit files = { 1024, 1024 };
	struct rng rng = { .state = seed };
	pthread_t id[THREADS];
	sigset_t alarm;
	int i;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* A program of ours may send us any signal; only the parent's should end us. */
	for (i = 1; i < NSIG; i++)
		signal(i, SIG_IGN);
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	setrlimit(RLIMIT_NOFILE, &files);
	mkdir(PIN_DIR, 0700);
	if (unshare(CLONE_NEWNS) || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("bpf", PIN_DIR, "bpf", 0, NULL))
		_exit(1);
	memset(pool, -1, sizeof(pool));
	rng_fill(&rng, scratch, sizeof(scratch));
	/* something to start with */
	for (i = 0; i < 30; i++)
		make_map(&rng);
	for (i = 0; i < threads; i++)
		if (pthread_create(&id[i], NULL, thread, (void *)(uintptr_t)rng_next(&rng)))
			_exit(1);
	/* for the threads, not for the one that waits for them */
	sigemptyset(&alarm);
	sigaddset(&alarm, SIGALRM);
	pthread_sigmask(SIG_BLOCK, &alarm, NULL);
	for (i = 0; i < threads; i++)
		pthread_join(id[i], NULL);
	_exit(0);
}

static bool say(const char *file, const char *text)
{
	int fd = open(file, O_WRONLY | O_CLOEXEC);
	bool ok = fd >= 0 && write(fd, text, strlen(text)) >= 0;

	if (!ok)
		perror(file);
	if (fd >= 0)
		close(fd);
	return ok;
}

/*
 * Maps may be asked for that take all memory: then creating them fails or the round is
 * killed, and not this program.  What a killed round had is freed later, so that the
 * kernel might find nobody else to kill; hence a group with a limit.
 */
static bool limit_memory(void)
{
	mkdir(CGROUP "/bpf_fuzz", 0755);
	return say(CGROUP "/cgroup.subtree_control", "+memory") &&
	       say(CGROUP "/bpf_fuzz/memory.max", ROUND_MEMORY);
}

/* 0, or what happened to the round's process */
static int one_round(__u64 seed, int threads, bool limited)
{
	int status, waited = 0;
	char text[96];
	pid_t pid;

	snprintf(text, sizeof(text), "bpf_fuzz: round with seed %llu, %d threads\n",
		 (unsigned long long)seed, threads);
	/* A splat is behind the round that made it. */
	say("/dev/kmsg", text);
	pid = fork();
	if (!pid) {
		say("/proc/self/oom_score_adj", "1000");
		if (limited)
			say(CGROUP "/bpf_fuzz/cgroup.procs", "0");
		round_child(seed, threads);
	}
	while (waitpid(pid, &status, WNOHANG) == 0) {
		if (waited++ == ROUND_SECONDS * 20) {
			printf("# seed %llu: no end after %d s\n", (unsigned long long)seed,
			       ROUND_SECONDS);
			kill(pid, SIGKILL);
			waitpid(pid, &status, 0);
			return 1;
		}
		usleep(50000);
	}
	/* By the kernel, for lack of memory, or by a program of its own that sends signals. */
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) {
		printf("# seed %llu: killed\n", (unsigned long long)seed);
		return 0;
	}
	if (status)
		printf("# seed %llu: status %#x\n", (unsigned long long)seed, status);
	return status;
}

static void print_counters(void)
{
	for (size_t i = 0; i < COUNTERS; i++)
		if (count[i].calls)
			printf("# command %2zu: %8lu calls, %8lu succeeded\n", i, count[i].calls,
			       count[i].good);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "minutes", required_argument, NULL, 'm' },
		{ "seed", required_argument, NULL, 's' },
		{ "rounds", required_argument, NULL, 'r' },
		{}
	};
	__u64 seed = time(NULL), rounds = ~0ULL, round, failed = 0;
	double minutes = 10;
	time_t start = time(NULL), shown = 0;
	bool limited;
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 'm')
			minutes = atof(optarg);
		else if (c == 's')
			seed = strtoull(optarg, NULL, 0);
		else if (c == 'r')
			rounds = strtoull(optarg, NULL, 0);
		else
			return 2;
	}
	/* children count in the parent's memory */
	count = mmap(NULL, COUNTERS * sizeof(*count), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (count == MAP_FAILED) {
		perror("mmap");
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	say("/proc/self/oom_score_adj", "-1000");
	limited = limit_memory();
	printf("KTAP version 1\n1..1\n# seed %llu\n", (unsigned long long)seed);
	for (round = 0; round < rounds && time(NULL) - start < minutes * 60; round++) {
		/* the seed as given is the first round's: it can be run again alone */
		failed += !!one_round(seed + round, (seed + round) % 2 ? THREADS : 1, limited);
		if (time(NULL) - shown >= 20) {
			shown = time(NULL);
			printf("# %llu rounds, %ld s\n", (unsigned long long)round + 1,
			       (long)(shown - start));
		}
	}
	print_counters();
	printf("# %llu rounds from seed %llu\n", (unsigned long long)round,
	       (unsigned long long)seed);
	printf("%sok 1 bpf_fuzz\n", failed ? "not " : "");
	return failed ? 1 : 0;
}
