// SPDX-License-Identifier: GPL-2.0-only
/*
 * The verifier on small programs: verdict, errno and words; what the log does at every
 * level and size; every allocation failing once.
 */
#include "ktap.h"
#include "verif_case.h"

static const struct verdict verdicts[] = {
/* Two paths meet; whether the second is covered by the first is the question. */
#include "verifier_cases.h"
#include "verifier_func_cases.h"
#include "verifier_global_cases.h"
#include "verifier_link_cases.h"
#include "verifier_kinds.h"
#include "verifier_packet_cases.h"
#include "verifier_objects.h"
#include "verifier_field_cases.h"
#include "verifier_kfunc_cases.h"
#include "verifier_arena_cases.h"
#include "verifier_explain_cases.h"
};

/* Verdict and words; the verdict is the same whatever is logged. */
static void check_verdict(const struct verdict *c)
{
	static const u32 levels[] = { 1, 2, 7, 4, 0 };
	struct verif v;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(levels); i++) {
		int err = load(&v, c, levels[i]);

		CHECK(err == c->err, "level %u: %d, want %d\n%s", levels[i], err, c->err,
		      levels[i] ? log_buf : "");
		if (levels[i] == 2)
			CHECK(log_has(log_buf, c->words), "want '%s' in\n%s", c->words, log_buf);
		if (!err) {
			struct bvm_ir_prog *ir = verif_lower(&v);

			CHECK(!IS_ERR(ir), "lowering: %ld", PTR_ERR(ir));
			if (!IS_ERR(ir))
				bvm_ir_free(ir);
		}
		verif_free(&v);
	}
	ktap_end(c->name);
}

/* Fail the Nth allocation until the program gets through: same verdict, no leak. */
static void check_allocations(void)
{
	struct verif v;
	u32 i, n;
	long live;
	int err;

	for (i = 0; i < ARRAY_SIZE(verdicts); i++) {
		for (n = 1; ; n++) {
			live = host_alloc.live;
			host_alloc_fail(n);
			err = load(&v, &verdicts[i], i & 1);
			verif_free(&v);
			if (host_alloc.calls < n)
				break;
			CHECK(err == -ENOMEM, "%s: allocation %u: %d", verdicts[i].name, n, err);
			CHECK_EQ(host_alloc.live, live);
		}
		host_alloc_fail(0);
		CHECK(err == verdicts[i].err, "%s: %d", verdicts[i].name, err);
		CHECK_EQ(host_alloc.live, live);
	}
	ktap_end("every allocation fails once");
}

static void check_signal(void)
{
	static const struct verdict loop = {
		PROG(MOV(R0, 0), ADD(R0, 1), JMP(JNE, R0, 30000, -2), EXIT),
	};
	struct verif v;

	host_signal = true;
	CHECK_EQ(load(&v, &loop, 0), -EAGAIN);
	verif_free(&v);
	host_signal = false;
	CHECK_EQ(load(&v, &loop, 0), 0);
	CHECK(v.facts.processed > 60000, "%u", v.facts.processed);
	verif_free(&v);
	ktap_end("fatal signal");
}

static void check_facts(void)
{
	static const struct verdict dead = {
		PROG(MOV(R7, 1), JMP(JEQ, R7, 1, 1), LDX(DW, R0, FP, -512), MOV(R0, 0), EXIT),
	};
	static const struct verdict iter = {
		PROG(BITS_NEW(-24), AT(R1, -24), KFUNC(bpf_iter_bits_destroy), RETURN(0)),
	};
	struct verif v;

	CHECK_EQ(load(&v, &dead, 0), 0);
	CHECK_EQ(v.facts.insn[2].seen, 0);
	CHECK_EQ(v.facts.insn[3].seen, 1);
	CHECK_EQ(v.facts.stack_depth, 0);
	verif_free(&v);
	/* an iterator of two slots counts for the stack */
	CHECK_EQ(load(&v, &iter, 0), 0);
	CHECK_EQ(v.facts.stack_depth, 24);
	verif_free(&v);
	ktap_end("facts: dead code, stack");
}

static void check_facts_mem(void)
{
	static const struct verdict prog = {
		.type = &verif_socket_filter,
		PROG(LDX(W, R6, R1, offsetof(struct __sk_buff, hash)),
		     STX(DW, FP, R6, -24),
		     BPF_LD_MAP_VALUE(R3, ARRAY48, 8),
		     LDX(DW, R4, R3, 0),
		     BPF_LD_MAP_FD(R8, HASH48),
		     RANDOM,
		     JMP(JEQ, R0, 0, 2),
		     BPF_LD_MAP_FD(R8, ARRAY48),
		     MOVR(R1, R8), ST(DW, FP, -8, 0), MOVR(R2, FP), ADD(R2, -8),
		     CALL(map_lookup_elem), JMP(JEQ, R0, 0, 1), LDX(DW, R1, R0, 40),
		     MOVR(R1, FP), ADD(R1, -8), RANDOM, JMP(JEQ, R0, 0, 0),
		     MOV(R0, 0), EXIT),
	};
	struct verif v;

	CHECK_EQ(load(&v, &prog, 0), 0);
	CHECK_EQ(v.facts.insn[0].mem, BVM_MEM_CTX);
	CHECK_EQ(v.facts.insn[1].mem, BVM_MEM_STACK);
	CHECK_EQ(v.facts.insn[4].mem, BVM_MEM_MAP_VALUE);
	CHECK_EQ(v.facts.insn[4].map, ARRAY48);
	CHECK_EQ(v.facts.insn[15].map, BVM_NO_MAP);	/* hash or array */
	CHECK_EQ(v.facts.insn[17].mem, BVM_MEM_MAP_VALUE);
	CHECK_EQ(v.facts.insn[17].map, BVM_NO_MAP);
	CHECK_EQ(v.facts.max_ctx_off, offsetofend(struct __sk_buff, hash));
	CHECK_EQ(v.facts.stack_depth, 24);
	verif_free(&v);
	ktap_end("facts: memory and maps over all visits");
}

static void check_facts_kinds(void)
{
	static const struct verdict buffer = {
		.type = &verif_raw_tp_w,
		PROG(LDX(DW, R6, R1, 0), LDX(W, R0, R6, 24), ADD(R6, 32), ST(B, R6, 3, 1), EXIT),
	};
	static const struct verdict inner = {
		PROG(ST(W, FP, -4, 0), BPF_LD_MAP_FD(R1, OF_MAPS), MOVR(R2, FP), ADD(R2, -4),
		     CALL(map_lookup_elem), JMP(JNE, R0, 0, 1), EXIT, MOVR(R1, R0), MOVR(R2, FP),
		     ADD(R2, -4), CALL(map_lookup_elem), JMP(JEQ, R0, 0, 1), LDX(DW, R6, R0, 0),
		     MOV(R0, 0), EXIT),
	};
	struct verif v;

	CHECK_EQ(load(&v, &buffer, 0), 0);
	CHECK_EQ(v.facts.max_tp_access, 36);
	CHECK_EQ(v.facts.insn[1].mem, BVM_MEM_OTHER);
	verif_free(&v);
	/* which of the maps in the map it is, nobody knows */
	CHECK_EQ(load(&v, &inner, 0), 0);
	CHECK_EQ(v.facts.insn[5].map, OF_MAPS);
	CHECK_EQ(v.facts.insn[11].map, BVM_NO_MAP);
	CHECK_EQ(v.facts.insn[13].mem, BVM_MEM_MAP_VALUE);
	CHECK_EQ(v.facts.insn[13].map, BVM_NO_MAP);
	verif_free(&v);
	ktap_end("facts: buffers, maps in maps");
}

/* -------------------------------------------------------------------- log */

static const struct verdict branchy = {
	PROG(RANDOM, JMP(JEQ, R0, 7, 2), MOV(R0, 1), EXIT, LDX(DW, R0, R0, 0), EXIT),
};

static const struct verdict fine = {
	PROG(RANDOM, JMP(JEQ, R0, 7, 2), MOV(R0, 1), EXIT, MOV(R0, 2), EXIT),
};

static void check_levels(void)
{
	struct verif v;

	CHECK_EQ(load(&v, &branchy, 1), -EACCES);
	CHECK(log_has(log_buf, "0: R1=ctx() R10=fp0\n\t0: (85) call bpf_get_prandom_u32#7"), "%s",
	      log_buf);
	CHECK(log_has(log_buf, "from 1 to 4: R0_w=7 R10=fp0\n\t4: (79) r0 = *(u64 *)(r0 +0)\n"),
	      "%s", log_buf);
	CHECK(log_has(log_buf, "R0 invalid mem access 'scalar'\nprocessed 5 insns (limit 1000000)"),
	      "%s", log_buf);
	CHECK(!strstr(log_buf, "2: (b7)"), "level 1 keeps a path that did not fail:\n%s", log_buf);
	verif_free(&v);
	CHECK_EQ(load(&v, &branchy, 2), -EACCES);
	CHECK(strstr(log_buf, "2: (b7) r0 = 1 "), "%s", log_buf);
	verif_free(&v);
	CHECK_EQ(load(&v, &fine, 1), 0);
	CHECK(!strncmp(log_buf, "processed 6 insns", 17), "%s", log_buf);
	verif_free(&v);
	CHECK_EQ(load(&v, &fine, 4), 0);
	CHECK(log_has(log_buf, "verification time \tusec\nstack depth 0\nprocessed 6 insns"), "%s",
	      log_buf);
	verif_free(&v);
	ktap_end("log levels");
}

static void check_bad_log(void)
{
	static const struct { u32 level, size; bool buf; } bad[] = {
		{ 16, 100, true }, { 0, 100, true }, { 1, 0, true }, { 1, 100, false },
		{ 1, (U32_MAX >> 2) + 1, true },
	};
	struct bvm_log_sink sink = {};
	struct bvm_log log;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		CHECK(bvm_log_init(&log, bad[i].level, bad[i].size,
				   bad[i].buf ? &sink : NULL) == -EINVAL, "case %u", i);
	CHECK_EQ(bvm_log_init(&log, 0, 0, NULL), 0);
	CHECK_EQ(bvm_log_init(&log, 15, 0, NULL), 0);
	ktap_end("bad log parameters");
}

/* Every buffer size, as upstream's prog_tests/verifier_log.c. */
static void check_sizes(const struct verdict *c, u32 level, const char *name)
{
	static char whole[4096], buf[4096];
	struct verif v = {
		.type = &verif_kprobe, .insns = (struct bpf_insn *)c->insns, .len = prog_len(c),
		.level = level, .log = whole, .log_size = sizeof(whole),
	};
	u32 size, fixed, full, true_size;
	int err;

	err = verif_load(&v);
	verif_free(&v);
	CHECK_EQ(v.log_err, 0);
	full = strlen(whole) + 1;
	true_size = v.true_size;
	for (fixed = 0; fixed <= 8; fixed += 8) {
		for (size = 1; size < true_size + 2; size++) {
			memset(buf, 'A', sizeof(buf));
			v.log = buf;
			v.log_size = size;
			v.level = level | fixed;
			CHECK_EQ(verif_load(&v), err);
			verif_free(&v);
			CHECK_EQ(v.true_size, true_size);
			CHECK(v.log_err == (size < true_size ? -ENOSPC : 0), "size %u of %u: %d",
			      size, true_size, v.log_err);
			CHECK(strnlen(buf, size) == min(size, full) - 1, "size %u: %zu", size,
			      strnlen(buf, size));
			CHECK(!strcmp(buf, size >= full ? whole : fixed ? buf :
				      whole + full - size), "size %u: '%s'", size, buf);
			CHECK(!strncmp(buf, whole, fixed ? min(size, full) - 1 : 0),
			      "size %u: '%s'", size, buf);
			CHECK(buf[size] == 'A', "size %u: written beyond the end", size);
		}
	}
	v.log = NULL;
	v.log_size = 0;
	v.level = level;
	verif_load(&v);
	verif_free(&v);
	CHECK_EQ(v.true_size, true_size);
	CHECK_EQ(v.log_err, 0);
	ktap_end(name);
}

static int fail_write(struct bvm_log_sink *sink, u32 off, const char *text, u32 len)
{
	return -EFAULT;
}

static void check_fault(void)
{
	struct bvm_log_sink sink = { fail_write, NULL };
	struct bvm_log log;
	u32 size;

	bvm_log_init(&log, 1, 100, &sink);
	bvm_log(&log, "text");
	CHECK_EQ(bvm_log_finish(&log, &size), -EFAULT);
	CHECK_EQ(size, 5);
	ktap_end("log buffer that cannot be written");
}

/* ----------------------------------------------------------------- limits */

static struct bpf_insn big[1000000];

/* Without a log, which is proved in another way, and with one: the verdict is the same. */
static int load_big(u32 len, u32 *processed)
{
	struct verif v = { .type = &verif_kprobe, .insns = big, .len = len };
	int err, silent = verif_load(&v);

	verif_free(&v);
	v.level = 1;
	v.log = log_buf;
	v.log_size = sizeof(log_buf);
	err = verif_load(&v);
	CHECK(err == silent, "%u instructions: %d, without a log %d", len, err, silent);
	*processed = v.facts.processed;
	verif_free(&v);
	return err;
}

static void check_limits(void)
{
	u32 i, n;

	/* as many pending branches as there may be, and one more */
	for (i = 0; i < 8193; i++) {
		big[2 * i] = RANDOM;
		big[2 * i + 1] = JMP(JEQ, R0, 7, 0);
	}
	big[2 * 8192] = EXIT;
	CHECK_EQ(load_big(2 * 8192 + 1, &n), 0);
	big[2 * 8192] = RANDOM;
	big[2 * 8193] = EXIT;
	CHECK_EQ(load_big(2 * 8193 + 1, &n), -E2BIG);
	CHECK(strstr(log_buf, "The sequence of 8192 jumps is too complex."), "%.200s", log_buf);
	/* a straight line of a million is just possible */
	for (i = 0; i < 999999; i++)
		big[i] = MOV(R0, 0);
	big[999999] = EXIT;
	CHECK_EQ(load_big(1000000, &n), 0);
	CHECK_EQ(n, 1000000);
	/* a loop of a million rounds is not */
	big[0] = MOV(R0, 0);
	big[1] = ADD(R0, 1);
	big[2] = JMP(JNE, R0, 1000000, -2);
	big[3] = EXIT;
	CHECK_EQ(load_big(4, &n), -E2BIG);
	CHECK(strstr(log_buf, "BPF program is too large. Processed 1000001 insn"), "%.200s",
	      log_buf);
	/* blocks in reverse: each jumps back to the one before */
	big[0] = BPF_INSN(BPF_JMP32 | BPF_JA, 0, 0, 0, 199998);
	big[1] = EXIT;
	for (i = 2; i < 200000; i++)
		big[i] = JA(-2);
	CHECK_EQ(load_big(200000, &n), -EACCES);	/* r0 !read_ok */
	ktap_end("limits");
}

int main(void)
{
	u32 i;

	ktap_plan(ARRAY_SIZE(verdicts) + 13);
	make_maps();
	for (i = 0; i < ARRAY_SIZE(verdicts); i++)
		check_verdict(&verdicts[i]);
	check_facts();
	check_facts_mem();
	check_facts_kinds();
	check_signal();
	check_levels();
	check_bad_log();
	check_sizes(&branchy, 1, "log sizes: level 1, refused");
	check_sizes(&branchy, 2, "log sizes: level 2, refused");
	check_sizes(&fine, 1, "log sizes: level 1, accepted");
	check_sizes(&fine, 2, "log sizes: level 2, accepted");
	check_fault();
	check_limits();
	check_allocations();
	free_maps();
	return ktap_exit();
}
