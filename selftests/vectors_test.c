// SPDX-License-Identifier: GPL-2.0-only
/*
 * Test vectors (vectors/bvt.h) through bpf(2): the verdict of every one, and the
 * result of those that a test run can run; in the interpreter, as machine code without
 * passes over its IR, and as machine code with them.
 *
 * usage: vectors_test [FILE...]; without, all *.bvt in vectors/ next to the program and
 * in the directories there.
 */
#include <glob.h>
#include <libgen.h>
#include <limits.h>

#include "kselftest.h"
#include "lib/bpf_sys.h"
#include "lib/kernel_btf.h"
#include "lib/prog_btf.h"
#include "vectors/bvt.h"

#define ETH_HLEN	14	/* a test run's packet has a header that the filter does not see */
#define DEFAULT_DATA	64

#define JIT_ENABLE	"/proc/sys/net/core/bpf_jit_enable"
#define PASSES		"/sys/kernel/debug/bvm/passes"

/*
 * How programs are run: bpf_jit_enable and the passes, -1 as they are.  The stock kernel has no
 * passes, and need not have an interpreter: there, as it is.
 */
static struct execution {
	const char *name;
	long jit, passes;
	__u32 loaded, run;
	__u64 bytes;
} executions[] = {
	{ "interpreter", 0, -1 },
	{ "machine code, O0", 1, 0 },
	{ "machine code, O2", 1, -1 },
	{ "as it is", -1, -1 },
};

static struct execution *now;
static bool bvm;
static long jit_before, passes_before;
static char log_buf[65536];

static bool write_number(const char *path, long value)
{
	FILE *file = fopen(path, "w");

	if (!file)
		return false;
	fprintf(file, "%ld\n", value);
	return !fclose(file);
}

static void switch_to(struct execution *how)
{
	long passes = how->passes < 0 ? passes_before : how->passes;

	now = how;
	if (bvm && (!write_number(JIT_ENABLE, how->jit) || !write_number(PASSES, passes)))
		ksft_print_msg("%s: %s\n", how->name, strerror(errno));
}

static void restore(void)
{
	if (bvm) {
		write_number(JIT_ENABLE, jit_before);
		write_number(PASSES, passes_before);
	}
}

static bool is_map_reference(const struct bpf_insn *insn)
{
	return insn->code == (BPF_LD | BPF_IMM | BPF_DW) &&
	       (insn->src_reg == BPF_PSEUDO_MAP_FD || insn->src_reg == BPF_PSEUDO_MAP_VALUE);
}

/* replace map indices by descriptors of maps made for this vector */
static bool make_maps(struct bvt *t, int fds[BVT_MAPS])
{
	for (__u32 i = 0; i < t->nr_maps; i++) {
		const struct bvt_map *map = &t->map[i];

		fds[i] = map_create_flags(map->type, map->key_size, map->value_size,
					  map->max_entries, map->flags);
		if (fds[i] < 0) {
			ksft_print_msg("map %s: %d\n", map->name, fds[i]);
			return false;
		}
	}
	for (__u32 i = 0; i < t->len; i++) {
		if (!is_map_reference(&t->insn[i]))
			continue;
		if ((__u32)t->insn[i].imm >= t->nr_maps) {
			ksft_print_msg("instruction %u: no map %d\n", i, t->insn[i].imm);
			return false;
		}
		t->insn[i].imm = fds[t->insn[i].imm];
		i++;
	}
	return true;
}

/* replace indices of names by ids of the kernel's functions */
static bool find_kfuncs(struct bvt *t)
{
	static struct kernel_btf btf;
	int id;

	if (t->nr_kfuncs && !btf.data && kernel_btf_read(&btf)) {
		ksft_print_msg("no types of the kernel\n");
		return false;
	}
	for (__u32 i = 0; i < t->len; i++) {
		if (!bvt_is_kfunc(&t->insn[i]))
			continue;
		id = kernel_btf_find(&btf, t->kfunc[t->insn[i].imm], BTF_KIND_FUNC, NULL);
		if (id < 0) {
			ksft_print_msg("no function %s\n", t->kfunc[t->insn[i].imm]);
			return false;
		}
		t->insn[i].imm = id;
	}
	return true;
}

static bool is_func(const struct bpf_insn *insn)
{
	return insn->code == (BPF_LD | BPF_IMM | BPF_DW) && insn->src_reg == BPF_PSEUDO_FUNC;
}

static bool is_call(const struct bpf_insn *insn)
{
	return insn->code == (BPF_JMP | BPF_CALL) && insn->src_reg == BPF_PSEUDO_CALL;
}

/*
 * The stock kernel wants to know types of functions when a helper is to call one; they are
 * taken to be those that bpf_loop() calls.
 */
static int add_func_info(const struct bvt *t, union bpf_attr *attr)
{
	static struct bpf_func_info info[BVT_INSNS];
	static bool starts[BVT_INSNS];
	bool callback = false;
	int btf;

	memset(starts, 0, sizeof(starts));
	for (__u32 i = 0; i < t->len; i++) {
		if (is_func(&t->insn[i]) || is_call(&t->insn[i]))
			starts[(i + 1 + t->insn[i].imm) % BVT_INSNS] = true;
		callback |= is_func(&t->insn[i]);
	}
	if (!callback)
		return -1;
	btf = prog_btf_load();
	info[0].type_id = FUNC_OF_CTX;
	attr->func_info_cnt = 1;
	for (__u32 i = 1; i < t->len; i++) {
		if (starts[i])
			info[attr->func_info_cnt++] = (struct bpf_func_info){ i, FUNC_OF_LOOP };
	}
	attr->prog_btf_fd = btf;
	attr->func_info = ptr_to_u64(info);
	attr->func_info_rec_size = sizeof(info[0]);
	return btf;
}

static bool check_result(const struct bvt *t, int prog)
{
	char packet[ETH_HLEN + BVT_DATA] = {};
	union bpf_attr attr = {
		.test.prog_fd = prog,
		.test.data_in = ptr_to_u64(packet),
		.test.data_size_in = ETH_HLEN + (t->data_len ? t->data_len : DEFAULT_DATA),
	};
	int ret;

	memcpy(packet + ETH_HLEN, t->data, t->data_len);
	ret = sys_bpf(BPF_PROG_TEST_RUN, &attr);
	now->run++;
	if (ret) {
		ksft_print_msg("%s: test run: %d\n", now->name, ret);
		return false;
	}
	if (attr.test.retval != (__u32)t->r0) {
		ksft_print_msg("%s: r0 = %#x, expected %#llx\n", now->name, attr.test.retval,
			       t->r0);
		return false;
	}
	return true;
}

/* Is it what was asked for? */
static bool check_execution(int prog)
{
	struct bpf_prog_info info;
	int ret = get_prog_info(prog, &info);

	if (!ret && (!bvm || !!info.jited_prog_len == now->jit)) {
		now->loaded++;
		now->bytes += info.jited_prog_len;
		return true;
	}
	ksft_print_msg("%s: %d, %u bytes of machine code\n", now->name, ret, info.jited_prog_len);
	return false;
}

/* the verifier's words, a line of KTAP each */
static void print_log(void)
{
	for (char *line = strtok(log_buf, "\n"); line; line = strtok(NULL, "\n"))
		ksft_print_msg("%s\n", line);
}

static bool check_verdict(const struct bvt *t, int prog)
{
	bool accepted = prog >= 0, differs = t->stock && !bvm;
	bool want = differs ? t->stock == BVT_STOCK_ACCEPTS : t->accept;

	/* What a kernel does with the programs that are about its verifier's bugs. */
	if (*t->bug)
		ksft_print_msg("%s: %s\n", t->bug, accepted ? "accepted" : "refused");
	if (accepted != want) {
		ksft_print_msg("%s, expected %s\n", accepted ? "accepted" : strerror(-prog),
			       want ? "accept" : "reject");
		print_log();
		return false;
	}
	if (!differs && *t->log && !strstr(log_buf, t->log)) {
		ksft_print_msg("the log does not say: %s\n", t->log);
		print_log();
		return false;
	}
	return true;
}

static bool run_vector(struct bvt *t, bool *accepted)
{
	int fds[BVT_MAPS] = { -1, -1, -1, -1 }, prog = -1;
	bool good = make_maps(t, fds) && find_kfuncs(t);
	union bpf_attr attr;
	int btf = -1;

	if (good) {
		prog_attr(&attr, t->prog_type, t->insn, t->len);
		attr.prog_flags = t->flags;
		btf = add_func_info(t, &attr);
		attr.log_level = 1;
		attr.log_buf = ptr_to_u64(log_buf);
		attr.log_size = sizeof(log_buf);
		log_buf[0] = 0;
		prog = sys_bpf(BPF_PROG_LOAD, &attr);
		good = check_verdict(t, prog);
	}
	*accepted = prog >= 0;
	if (good && *accepted)
		good = check_execution(prog);
	/* A program that only the stock kernel accepts is not run: it is unsafe. */
	if (good && *accepted && t->accept && t->has_r0 &&
	    t->prog_type == BPF_PROG_TYPE_SOCKET_FILTER)
		good = check_result(t, prog);
	if (prog >= 0)
		close(prog);
	if (btf >= 0)
		close(btf);
	for (int i = 0; i < BVT_MAPS; i++) {
		if (fds[i] >= 0)
			close(fds[i]);
	}
	return good;
}

/* In all executions, with maps of its own in each; one that is refused, once. */
static void run_file(char *path)
{
	__u32 first = bvm ? 0 : ARRAY_SIZE(executions) - 1;
	static struct bvt vector, t;
	bool good = !bvt_load(path, &vector), accepted = true;

	if (!good)
		ksft_print_msg("%s: %s\n", path, vector.error);
	for (__u32 i = first; i < first + (bvm ? 3 : 1) && good && accepted; i++) {
		t = vector;
		switch_to(&executions[i]);
		good = run_vector(&t, &accepted);
	}
	ksft_test_result(good, "%s: %s\n", basename(path), vector.name);
}

/* Each must have had programs; in all of the vectors, passes make a difference. */
static void check_all(bool some)
{
	bool good = !bvm || some || executions[1].bytes > executions[2].bytes;

	for (__u32 i = 0; i < ARRAY_SIZE(executions); i++) {
		struct execution *e = &executions[i];

		if (bvm ? e->jit < 0 : e->jit >= 0)
			continue;
		ksft_print_msg("%s: %u programs loaded, %u run, %llu bytes of machine code\n",
			       e->name, e->loaded, e->run, e->bytes);
		good &= e->loaded == executions[bvm ? 0 : i].loaded;
	}
	ksft_test_result(good, "all executions\n");
}

int main(int argc, char **argv)
{
	char self[PATH_MAX], pattern[PATH_MAX + 16], *dir;
	glob_t found = {};

	ksft_print_header();
	bvm = kernel_is_bvm();
	jit_before = read_number(JIT_ENABLE);
	passes_before = read_number(PASSES);
	if (argc < 2) {
		snprintf(self, sizeof(self), "%s", argv[0]);
		dir = dirname(self);
		snprintf(pattern, sizeof(pattern), "%s/vectors/*.bvt", dir);
		if (glob(pattern, 0, NULL, &found) || !found.gl_pathc)
			ksft_exit_fail_msg("no vectors: %s\n", pattern);
		snprintf(pattern, sizeof(pattern), "%s/vectors/*/*.bvt", dir);
		glob(pattern, GLOB_APPEND, NULL, &found);
	}
	ksft_set_plan(argc + found.gl_pathc);
	for (int i = 1; i < argc; i++)
		run_file(argv[i]);
	for (size_t i = 0; i < found.gl_pathc; i++)
		run_file(found.gl_pathv[i]);
	globfree(&found);
	check_all(argc > 1);
	restore();
	ksft_finished();
}
