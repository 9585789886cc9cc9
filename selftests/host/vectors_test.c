// SPDX-License-Identifier: GPL-2.0-only
/*
 * The vectors: decode, verify, lower, interpret, compare, with the descriptors of
 * verif.c; the real ones have tests of their own.
 */
#include <glob.h>
#include "ktap.h"
#include "exec_run.h"
#include "verif.h"
#include "../vectors/bvt.h"
#include "../../kernel/exec/opt.h"
#include "../../kernel/tests/vectors.h"

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
		"flags: x\n" HEAD "exit\nexpect: accept\n", HEAD "exit\nexpect: accept\nstock: x\n",
		"map: m array key=4 value=8 entries=1 flags=x\n" HEAD "exit\nexpect: accept\n",
	};
	static const char good[] = "test: x # y\n# z\ndata: 01 ff\nflags: state_freq\n"
				   "bug: b\nstock: accept\n"
				   "map: m array key=4 value=8 entries=1 flags=rdonly_prog\n"
				   "asm:\na: # b\n call #5\n goto a\nexpect: accept r0=-1";
	static struct bvt t;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(files); i++)
		CHECK(bvt_parse(files[i], &t) < 0 && *t.error, "file %u accepted", i);
	CHECK(!bvt_parse(good, &t), "%s", t.error);
	CHECK(!strcmp(t.name, "x") && t.len == 2 && t.insn[0].imm == 5 && t.insn[1].off == -2 &&
	      t.data_len == 2 && t.data[1] == 255 && t.accept && t.r0 == -1ULL &&
	      t.flags == BPF_F_TEST_STATE_FREQ && t.map[0].flags == BPF_F_RDONLY_PROG &&
	      !strcmp(t.bug, "b") && t.stock == BVT_STOCK_ACCEPTS, "parsed wrongly");
}

/* ------------------------------------------------------------------ a vector */

static const struct bvm_prog_type *const types[] = {
	&verif_socket_filter, &verif_kprobe, &verif_tracepoint, &verif_perf_event,
};

/* More than any context has, of 0s. */
static u64 context[512];

static bool make_maps(const struct bvt *t, struct bvm_map **maps)
{
	u32 i;

	for (i = 0; i < t->nr_maps; i++) {
		maps[i] = verif_map(t->map[i].type, t->map[i].key_size, t->map[i].value_size,
				    t->map[i].max_entries, t->map[i].flags);
		if (!maps[i])
			return false;
	}
	return true;
}

static void free_maps(struct bvm_map **maps)
{
	u32 i;

	for (i = 0; i < BVT_MAPS && maps[i]; i++)
		verif_map_free(maps[i]);
}

/* Calls of functions of the kernel: by their ids here, not by the index of their names. */
static bool find_kfuncs(struct bvt *t)
{
	u32 i, id;

	for (i = 0; i < t->len; i++) {
		if (!bvt_is_kfunc(&t->insn[i]))
			continue;
		id = verif_kfunc(t->kfunc[t->insn[i].imm]);
		if (!id)
			return false;
		t->insn[i].imm = id;
	}
	return true;
}

/* Interprets what was accepted. */
static void execute(const struct bvt *t, const struct verif *v)
{
	struct bvm_ir_prog *ir = verif_lower(v);
	u64 r0;

	if (!CHECK(!IS_ERR(ir), "lowering: %ld", PTR_ERR(ir)))
		return;
	memset(context, 0, sizeof(context));
	CHECK_EQ(PREPARE(ir), 0);
	r0 = EXEC(ir, context);
	bvm_ir_free(ir);
	CHECK(!t->has_r0 || r0 == t->r0, "r0 is %#llx, want %#llx", r0, t->r0);
}

/* Return: why it cannot be run here, or NULL. */
static const char *run_vector(struct bvt *t, u32 passes, u32 level)
{
	static char log[1 << 20];
	struct bvm_map *maps[BVT_MAPS] = {};
	struct verif v = {
		.insns = t->insn, .len = t->len, .maps = maps, .nr_maps = t->nr_maps,
		.flags = t->flags, .level = level, .log = level ? log : NULL,
		.log_size = level ? sizeof(log) : 0, .passes = passes,
	};
	u32 i;
	int err;

	for (i = 0; i < ARRAY_SIZE(types); i++)
		if (types[i]->id == t->prog_type)
			v.type = types[i];
	if (!v.type || !make_maps(t, maps)) {
		free_maps(maps);
		return "no such program or map type here";
	}
	log[0] = 0;
	err = verif_load(&v);
	CHECK(!v.log_err, "log: %d", v.log_err);
	if (CHECK(!err == t->accept, "%s: %d %s", err ? "refused" : "accepted", err, log) && err &&
	    level)
		CHECK(strstr(log, t->log), "log: %s", log);
	if (!err)
		execute(t, &v);
	verif_free(&v);
	free_maps(maps);
	return NULL;
}

/* The table that KUnit runs, of the vectors at the top, says the same as the file. */
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
	const char *skip;
	glob_t files;
	size_t i;

	if (glob(VECTORS "/*.bvt", 0, NULL, &files) || !files.gl_pathc ||
	    glob(VECTORS "/*/*.bvt", GLOB_APPEND, NULL, &files)) {
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
		if (CHECK(!bvt_load(path, &t), "%s: %s", name, t.error)) {
			if (name == path + sizeof(VECTORS))
				check_table(&t, name);
			CHECK(*t.bug || !strstr(path, "/cve/"), "which bug is it about?");
			skip = !find_kfuncs(&t) ? "no such function of the kernel here" :
			       run_vector(&t, 0, BVM_LOG_PATH) ?:
			       run_vector(&t, BVM_PASSES_ALL, BVM_LOG_PATH) ?:
			       run_vector(&t, BVM_PASSES_ALL, 0);
		}
		if (skip)
			ktap_skip(name, skip);
		else
			ktap_end(name);
	}
	globfree(&files);
	return ktap_exit();
}
