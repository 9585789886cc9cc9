// SPDX-License-Identifier: GPL-2.0-only
/*
 * The fuzzer of execution in a guest, see fuzz.h: a program does the same in the interpreter of
 * this process and in the kernel, in the interpreter, as machine code without passes, and with
 * them.  make fuzz TARGET=guest.
 *
 * What the program can tell from where things are counts only if it is the same in runs
 * elsewhere in this process, and in the kernel's interpreter in each of two runs.
 */
#include <alloca.h>
#include "../lib/kernel_btf.h"
#include "fuzz.h"

#define JIT_ENABLE	"/proc/sys/net/core/bpf_jit_enable"
#define PASSES		"/sys/kernel/debug/bvm/passes"
#define ALL_PASSES	"0xffffffff"

/* Processor time of a run here: programs that take longer are let go. */
#define LIMIT_USEC	20000
#define PLACES		8

/** struct outcome - what a run has left behind: bytes to compare */
struct outcome {
	u32 r0;
	u8 value[ARRAY_SIZE(fuzz_memory)][FUZZ_VALUE];
};

static const struct execution {
	const char *name, *jit, *passes;
} executions[] = {
	{ "interpreter", "0", ALL_PASSES },
	{ "interpreter, again", "0", ALL_PASSES },
	{ "machine code, O0", "1", "0" },
	{ "machine code, O2", "1", ALL_PASSES },
};

static int map_fds[FUZZ_MAPS];
static char what[200];

/* --------------------------------------------------------------- in the kernel */

static void must(bool ok, const char *name)
{
	if (ok)
		return;
	printf("Bail out! %s: %s\n", name, strerror(errno));
	exit(2);
}

static void switch_to(const char *path, const char *value)
{
	FILE *file = fopen(path, "w");

	must(file && fputs(value, file) >= 0 && !fclose(file), path);
}

/* The same maps as here. */
static void make_maps(void)
{
	union bpf_attr freeze = {};
	u32 i, key;

	for (i = 0; i < FUZZ_MAPS; i++) {
		const struct bvm_map *map = fuzz_maps[i];
		union bpf_attr attr = {
			.map_type = map->type->id, .key_size = map->key_size,
			.value_size = map->value_size, .max_entries = map->max_entries,
			.map_flags = map->flags,
		};

		if (map->inner)
			attr.inner_map_fd = map_fds[ARRAY];
		map_fds[i] = sys_bpf(BPF_MAP_CREATE, &attr);
		must(map_fds[i] >= 0, "map");
	}
	for (key = 0; key < 2; key++)
		must(!map_update(map_fds[OF_MAPS], &key, &map_fds[ARRAY], BPF_ANY), "inner map");
	for (i = 0; i < fuzz_nr_memory; i++)
		if (fuzz_memory[i].map == FROZEN)
			must(!map_update(map_fds[FROZEN], &(u32){ 0 },
					 (void *)fuzz_memory[i].start, BPF_ANY), "constants");
	freeze.map_fd = map_fds[FROZEN];
	must(!sys_bpf(BPF_MAP_FREEZE, &freeze), "freeze");
}

/* Keys of hashes are counted up in fuzz_memory, arrays have one element. */
static u64 key_of(u32 memory)
{
	return fuzz_memory[memory].map == HASH ? memory : 0;
}

static void set_values(const struct outcome *values)
{
	u32 i, map;
	u64 key;

	for (i = 0; i < fuzz_nr_memory; i++) {
		map = fuzz_memory[i].map;
		key = key_of(i);
		if (map != FROZEN)
			must(!map_update(map_fds[map], &key, values->value[i], BPF_ANY), "value");
	}
}

static void get_values(struct outcome *values)
{
	u32 i;
	u64 key;

	for (i = 0; i < fuzz_nr_memory; i++) {
		key = key_of(i);
		must(!map_lookup(map_fds[fuzz_memory[i].map], &key, values->value[i]), "value");
	}
}

static u32 kernel_id(u32 kfunc)
{
	static struct kernel_btf btf;
	static int ids[NR_KFUNCS];

	if (!btf.data)
		must(!kernel_btf_read(&btf), "types");
	if (!ids[kfunc])
		ids[kfunc] = kernel_btf_find(&btf, verif_kfunc_name(kfunc), BTF_KIND_FUNC, NULL);
	return ids[kfunc];
}

/* Return: a descriptor, or -errno. */
static int load(const struct fuzz_prog *p)
{
	static struct bpf_insn insn[FUZZ_LEN];
	u32 i;

	memcpy(insn, p->insn, p->len * sizeof(insn[0]));
	for (i = 0; i < p->len; i++) {
		if (fuzz_is_imm64(&insn[i]) && (insn[i].src_reg == BPF_PSEUDO_MAP_FD ||
						insn[i].src_reg == BPF_PSEUDO_MAP_VALUE))
			insn[i].imm = map_fds[(u32)insn[i].imm % FUZZ_MAPS];
		else if (insn[i].code == (BPF_JMP | BPF_CALL) &&
			 insn[i].src_reg == BPF_PSEUDO_KFUNC_CALL)
			insn[i].imm = kernel_id(insn[i].imm);
		i += fuzz_is_imm64(&insn[i]);
	}
	return prog_load(BPF_PROG_TYPE_SOCKET_FILTER, insn, p->len);
}

static void run_in_kernel(int prog, const struct outcome *before, struct outcome *out)
{
	char packet[64] = {};
	union bpf_attr attr = {
		.test.prog_fd = prog, .test.data_in = ptr_to_u64(packet),
		.test.data_size_in = sizeof(packet),
	};

	set_values(before);
	must(!sys_bpf(BPF_PROG_TEST_RUN, &attr), "test run");
	out->r0 = attr.test.retval;
	get_values(out);
}

/* --------------------------------------------------------------- in this process */

struct run {
	const struct bvm_ir_prog *ir;
	u32 place;
	u32 r0;
};

static void enter(void *arg)
{
	struct run *run = arg;
	u8 *pad = alloca(16 * (run->place % 256) + 16);

	OPTIMIZER_HIDE_VAR(pad);
	*pad = 0;
	barrier();
	run->r0 = bvm_interp(run->ir, fuzz_ctx);
}

static void copy_values(struct outcome *out)
{
	u32 i;

	for (i = 0; i < fuzz_nr_memory; i++)
		memcpy(out->value[i], (void *)fuzz_memory[i].start, FUZZ_VALUE);
}

/* Return: 0 or the signal that ended it. */
static int run_here(const struct fuzz_prog *p, u64 input, struct run *run, struct outcome *before,
		    struct outcome *out)
{
	int sig;

	fuzz_inputs(p, input);
	copy_values(before);
	sig = fuzz_guard(enter, run, LIMIT_USEC);
	out->r0 = run->r0;
	copy_values(out);
	return sig;
}

/* ------------------------------------------------------------------- comparison */

/* Is it this byte in other places, too? */
static bool same_elsewhere(const struct fuzz_prog *p, u64 input, struct run *run,
			   const struct outcome *want, u32 byte)
{
	static struct outcome before, out;
	bool same = true;

	for (run->place = 1; run->place <= PLACES && same; run->place++)
		same = !run_here(p, input, run, &before, &out) &&
		       ((u8 *)&out)[byte] == ((const u8 *)want)[byte];
	run->place = 0;
	return same;
}

/* The first byte that counts and is another one in an execution, or -1. */
static s32 differs(const struct fuzz_prog *p, u64 input, struct run *run,
		   const struct outcome *want, const struct outcome *got, u32 execution)
{
	const u8 *a = (const u8 *)want, *b = (const u8 *)&got[execution];
	u32 i;

	for (i = 0; i < sizeof(*want); i++)
		if (a[i] != b[i] && ((u8 *)&got[0])[i] == ((u8 *)&got[1])[i] &&
		    same_elsewhere(p, input, run, want, i))
			return i;
	return -1;
}

/* With one input, in all @progs.  Return: false if something differs, @what says it. */
static bool same_in_all(const struct fuzz_prog *p, u64 input, struct run *run, const int *progs)
{
	static struct outcome before, want, got[ARRAY_SIZE(executions)];
	s32 byte;
	u32 i;

	if (run_here(p, input, run, &before, &want))
		return true;
	for (i = 0; i < ARRAY_SIZE(executions); i++)
		run_in_kernel(progs[i], &before, &got[i]);
	for (i = 0; i < ARRAY_SIZE(executions); i++) {
		byte = differs(p, input, run, &want, got, i);
		if (byte < 0)
			continue;
		snprintf(what, sizeof(what), "the kernel's %s: byte %d is %#x, want %#x",
			 executions[i].name, byte, ((u8 *)&got[i])[byte], ((u8 *)&want)[byte]);
		return false;
	}
	return true;
}

static void run_in_guest(const struct fuzz_prog *p)
{
	int progs[ARRAY_SIZE(executions)];
	struct run run = {};
	bool loaded = true;
	u32 i;

	if (!map_fds[0])
		make_maps();
	for (i = 0; i < ARRAY_SIZE(executions); i++) {
		switch_to(JIT_ENABLE, executions[i].jit);
		switch_to(PASSES, executions[i].passes);
		progs[i] = load(p);
		loaded &= progs[i] >= 0;
	}
	fuzz_verif.passes = 0;
	run.ir = verif_lower(&fuzz_verif);
	for (i = 0; i < fuzz_runs && loaded && !fuzz_wrong; i++) {
		fuzz_steps++;
		if (!same_in_all(p, fuzz_mix(p->seed) + i, &run, progs))
			fuzz_wrong = what;
	}
	bvm_ir_free((struct bvm_ir_prog *)run.ir);
	for (i = 0; i < ARRAY_SIZE(executions); i++)
		if (progs[i] >= 0)
			close(progs[i]);
}

const struct fuzz_target fuzz_target = {
	.name = "the same here and in the kernel", .fills = true, .kernel = true,
	.run = run_in_guest,
};
