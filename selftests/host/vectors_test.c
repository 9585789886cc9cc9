// SPDX-License-Identifier: GPL-2.0-only
/*
 * The vectors: decode, verify, lower, interpret, compare.  Maps and the helpers that
 * the vectors call are small ones of this test; the real ones have tests of their own.
 */
#include <glob.h>
#include "exec_run.h"
#include "../vectors/bvt.h"
#include "../../kernel/tests/vectors.h"
#include "../../kernel/verifier/verifier.h"

/* ------------------------------------------------------------- the assembler */

static const struct {
	struct bpf_insn insn;
	s32 imm2;
	const char *call, *text;
} golden[] = {
#include "disasm_golden.h"
};

/* What the kernel prints of an instruction assembles to that instruction. */
static void round_trip(void)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(golden); i++) {
		struct bpf_insn got[2] = { 0 };
		int n = bvt_asm_line(golden[i].text + 5, got);

		/* the log does not mark a 64-bit immediate */
		if (golden[i].insn.code == 0x18) {
			char text[64];

			snprintf(text, sizeof(text), "%s ll", golden[i].text + 5);
			n = bvt_asm_line(text, got);
		}
		CHECK(n == (golden[i].insn.code == 0x18 ? 2 : 1), "'%s': %d", golden[i].text, n);
		CHECK(!memcmp(got, &golden[i].insn, sizeof(got[0])) &&
		      got[1].imm == golden[i].imm2,
		      "'%s': %02x %d %d %d %d", golden[i].text, got->code, got->dst_reg,
		      got->src_reg, got->off, got->imm);
	}
}

static void bad_lines(void)
{
	static const char *const lines[] = {
		"", "r16 = 0", "w1 = r2", "if w1 == r2 goto +1", "r1 += w2", "r1 = 0x1ffffffff",
		"r1 = *(u24 *)(r2 +0)", "exit 0", "r0 == 1", "goto 3", "r1 = -r2", "r1 = be16 r2",
		"r1 = atomic_fetch_add((u32 *)(r2 +0), r3)", "raw 1 2 3", "*(u8 *)(r10 -40000) = 1",
		"r1 = map m0", "goto nowhere", "r1 = (u8)r2", "call nobody",
	};
	struct bpf_insn insn[2];
	u32 i;

	for (i = 0; i < ARRAY_SIZE(lines); i++)
		CHECK(bvt_asm_line(lines[i], insn) < 0, "'%s' accepted", lines[i]);
}

#define HEAD	"test: x\nasm:\n"

static void bad_files(void)
{
	static const char *const files[] = {
		"", "test: x\n", "test: x\nexpect: accept\n", "test: x\nasm:\nexit\n",
		HEAD "exit\nexpect: maybe\n", HEAD "exit\nexpect: accept r0=x\n",
		HEAD "exit\nexpect: reject \"x\n", HEAD "goto a\nexit\nexpect: accept\n",
		HEAD "a:\na:\nexit\nexpect: accept\n", HEAD "r1 = map m\nexit\nexpect: accept\n",
		"type: x\n" HEAD "exit\nexpect: accept\n", "what\n" HEAD "exit\nexpect: accept\n",
		"map: m array key=4\n" HEAD "exit\nexpect: accept\n",
		"data: 0g\n" HEAD "exit\nexpect: accept\n",
	};
	static const char good[] = "test: x # y\n# z\ndata: 01 ff\nasm:\na: # b\n"
				   " call #5\n goto a\nexpect: accept r0=-1";
	static struct bvt t;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(files); i++)
		CHECK(bvt_parse(files[i], &t) < 0 && *t.error, "file %u accepted", i);
	CHECK(!bvt_parse(good, &t), "%s", t.error);
	CHECK(!strcmp(t.name, "x") && t.len == 2 && t.insn[0].imm == 5 && t.insn[1].off == -2 &&
	      t.data_len == 2 && t.data[1] == 255 && t.accept && t.r0 == -1ULL, "parsed wrongly");
}

/* ------------------------------------------------- maps and helpers for a run */

/* elements one after the other: "used", key, value; an array has only values */
struct toy_map {
	struct bvm_map map;
	u8 mem[1024];
};

static u32 toy_stride(const struct bvm_map *map)
{
	return 8 + round_up(map->key_size, 8) + round_up(map->value_size, 8);
}

static void *toy_value(struct bvm_map *map, u32 i)
{
	return container_of(map, struct toy_map, map)->mem + i * toy_stride(map) + 8 +
	       round_up(map->key_size, 8);
}

static void *toy_lookup(struct bvm_map *map, const void *key)
{
	struct toy_map *toy = container_of(map, struct toy_map, map);
	u32 i;

	if (map->type->caps & BVM_MAP_ARRAY_INDEX)
		return *(u32 *)key < map->max_entries ? toy_value(map, *(u32 *)key) : NULL;
	for (i = 0; i < map->max_entries; i++)
		if (toy->mem[i * toy_stride(map)] &&
		    !memcmp(toy->mem + i * toy_stride(map) + 8, key, map->key_size))
			return toy_value(map, i);
	return NULL;
}

static long toy_update(struct bvm_map *map, const void *key, const void *value, u64 flags)
{
	struct toy_map *toy = container_of(map, struct toy_map, map);
	void *at = toy_lookup(map, key);
	u32 i;

	for (i = 0; !at && i < map->max_entries; i++) {
		if (toy->mem[i * toy_stride(map)])
			continue;
		toy->mem[i * toy_stride(map)] = 1;
		memcpy(toy->mem + i * toy_stride(map) + 8, key, map->key_size);
		at = toy_value(map, i);
	}
	if (!at)
		return -E2BIG;
	memcpy(at, value, map->value_size);
	return 0;
}

static void *toy_direct(struct bvm_map *map, u32 off)
{
	return off < map->value_size ? toy_value(map, 0) + off : NULL;
}

#define TOY_CAPS (BVM_MAP_LOOKUP | BVM_MAP_UPDATE | BVM_MAP_DELETE)
static const struct bvm_map_type toy_types[] = {
	{ .id = BPF_MAP_TYPE_ARRAY, .name = "array", .lookup = toy_lookup, .update = toy_update,
	  .direct = toy_direct, .caps = TOY_CAPS | BVM_MAP_ARRAY_INDEX | BVM_MAP_DIRECT_VALUE },
	{ .id = BPF_MAP_TYPE_HASH, .name = "hash", .lookup = toy_lookup, .update = toy_update,
	  .caps = TOY_CAPS },
};

static u64 fn_lookup(u64 map, u64 key, u64 r3, u64 r4, u64 r5)
{
	struct bvm_map *m = (void *)map;

	return (unsigned long)m->type->lookup(m, (void *)key);
}

static u64 fn_update(u64 map, u64 key, u64 value, u64 flags, u64 r5)
{
	struct bvm_map *m = (void *)map;

	return m->type->update(m, (void *)key, (void *)value, flags);
}

static u64 fn_ktime(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	return 1;
}

static const struct bvm_helper helper_rows[] = {
	{ BPF_FUNC_map_lookup_elem, "map_lookup_elem", fn_lookup, BVM_RET_MAP_VALUE_OR_NULL,
	  { BVM_ARG_MAP_PTR, BVM_ARG_MAP_KEY }, BVM_MAP_LOOKUP },
	{ BPF_FUNC_map_update_elem, "map_update_elem", fn_update, BVM_RET_INTEGER,
	  { BVM_ARG_MAP_PTR, BVM_ARG_MAP_KEY, BVM_ARG_MAP_VALUE, BVM_ARG_ANYTHING },
	  BVM_MAP_UPDATE },
	{ BPF_FUNC_ktime_get_ns, "ktime_get_ns", fn_ktime, BVM_RET_INTEGER },
};

static const struct bvm_helper_set helpers = { helper_rows, ARRAY_SIZE(helper_rows) };
static const struct bvm_helper_set *const sets[] = { &helpers };
static const struct bvm_prog_type type = {
	.id = BPF_PROG_TYPE_SOCKET_FILTER, .name = "socket_filter", .ctx_size = 192,
	.sets = sets, .nr_sets = ARRAY_SIZE(sets),
};

/* ------------------------------------------------------------------ a vector */

struct run {
	struct bvm_insn insn[BVT_INSNS];
	struct bvm_insn_fact fact[BVT_INSNS];
	struct toy_map toy[BVT_MAPS];
	struct bvm_map *maps[BVT_MAPS];
	char log[65536];
};

static bool make_maps(const struct bvt *t, struct run *run)
{
	u32 i, j;

	for (i = 0; i < t->nr_maps; i++) {
		struct bvm_map *map = &run->toy[i].map;

		for (j = 0; j < ARRAY_SIZE(toy_types); j++)
			if (toy_types[j].id == t->map[i].type)
				map->type = &toy_types[j];
		map->key_size = t->map[i].key_size;
		map->value_size = t->map[i].value_size;
		map->max_entries = t->map[i].max_entries;
		run->maps[i] = map;
		if (!map->type || toy_stride(map) * map->max_entries > sizeof(run->toy[i].mem))
			return false;
	}
	return true;
}

/* the log goes into run->log */
static struct run *log_run;

static int log_write(struct bvm_log_sink *sink, u32 off, const char *text, u32 len)
{
	memcpy(log_run->log + off, text, len);
	return 0;
}

static int log_read(struct bvm_log_sink *sink, u32 off, char *text, u32 len)
{
	memcpy(text, log_run->log + off, len);
	return 0;
}

/* Decodes and verifies, as BPF_PROG_LOAD does. */
static int verify(const struct bvt *t, struct run *run, struct bvm_facts *facts)
{
	struct bvm_log_sink sink = { log_write, log_read };
	struct bvm_log log;
	struct bvm_verify_args args = {
		.type = &type, .insns = t->insn, .insn = run->insn, .len = t->len,
		.maps = run->maps, .nr_maps = t->nr_maps, .gpl = true, .log = &log,
	};
	u32 true_size;
	int err;

	log_run = run;
	CHECK(!bvm_log_init(&log, BVM_LOG_PATH, sizeof(run->log), &sink), "log");
	err = bvm_verify_encoding(t->insn, t->len, run->insn, &log);
	if (!err)
		err = bvm_verify(&args, facts);
	CHECK(!bvm_log_finish(&log, &true_size), "log");
	return err;
}

static const char *run_vector(const struct bvt *t, struct run *run)
{
	struct bvm_facts facts = { .insn = run->fact };
	struct bvm_lower_args args = {
		.type = &type, .insn = run->insn, .len = t->len, .maps = run->maps,
		.facts = &facts,
	};
	struct bvm_ir_prog *ir;
	u64 r0, ctx[24] = { 0 };
	int err;

	if (!make_maps(t, run))
		return "no such map here";
	err = verify(t, run, &facts);
	if (!t->accept) {
		CHECK(err, "accepted");
		CHECK(strstr(run->log, t->log), "log: %s", run->log);
		return NULL;
	}
	if (!CHECK(!err, "refused: %d %s", err, run->log))
		return NULL;
	ir = bvm_lower(&args);
	if (!CHECK(!IS_ERR(ir), "lowering: %ld", PTR_ERR(ir)))
		return NULL;
	r0 = bvm_interp(ir, ctx);
	bvm_ir_free(ir);
	CHECK(!t->has_r0 || r0 == t->r0, "r0 is %#llx, want %#llx", r0, t->r0);
	return NULL;
}

/* The table that KUnit runs says the same as the file. */
static void check_table(const struct bvt *t, const char *name)
{
	size_t stem = strlen(name) - strlen(".bvt");
	u32 i;

	for (i = 0; i < ARRAY_SIZE(bvm_vectors); i++)
		if (!strncmp(bvm_vectors[i].name, name, stem) && !bvm_vectors[i].name[stem])
			break;
	if (!bvt_plain(t) || !CHECK(i < ARRAY_SIZE(bvm_vectors), "run scripts/gen-vectors"))
		return;
	CHECK(bvm_vectors[i].len == t->len && bvm_vectors[i].accept == t->accept &&
	      bvm_vectors[i].r0 == t->r0 && bvm_vectors[i].has_r0 == t->has_r0 &&
	      !strcmp(bvm_vectors[i].log, t->log) &&
	      !memcmp(bvm_vectors[i].insn, t->insn, t->len * sizeof(t->insn[0])),
	      "run scripts/gen-vectors");
}

int main(void)
{
	static struct bvt t;
	struct run *run;
	const char *skip;
	glob_t files;
	size_t i;

	if (glob(VECTORS "/*.bvt", 0, NULL, &files) || !files.gl_pathc) {
		printf("# no vectors in %s\n", VECTORS);
		return 1;
	}
	ktap_plan(3 + files.gl_pathc);
	round_trip();
	ktap_end("the log's text assembles to what was logged");
	bad_lines();
	ktap_end("lines that are no instruction");
	bad_files();
	ktap_end("files that are no vector");
	for (i = 0; i < files.gl_pathc; i++) {
		const char *path = files.gl_pathv[i], *name = strrchr(path, '/') + 1;

		skip = NULL;
		run = calloc(1, sizeof(*run));
		if (CHECK(!bvt_load(path, &t), "%s: %s", name, t.error)) {
			skip = run_vector(&t, run);
			check_table(&t, name);
		}
		free(run);
		if (skip)
			ktap_skip(name, skip);
		else
			ktap_end(name);
	}
	globfree(&files);
	return ktap_exit();
}
