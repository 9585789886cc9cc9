// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit: the test vectors through decoder, verifier, lowering and interpreter, and
 * what only the kernel has: its atomics, faults, read-only memory.
 */
#include <kunit/test.h>
#include "../exec/exec.h"
#include "../verifier/verifier.h"
#include "vectors.h"

#define LOG_SIZE	4096

/* a log in memory of the test */
struct log_mem {
	struct bvm_log_sink sink;
	char text[LOG_SIZE];
};

static int log_write(struct bvm_log_sink *sink, u32 off, const char *text, u32 len)
{
	memcpy(container_of(sink, struct log_mem, sink)->text + off, text, len);
	return 0;
}

static int log_read(struct bvm_log_sink *sink, u32 off, char *text, u32 len)
{
	memcpy(text, container_of(sink, struct log_mem, sink)->text + off, len);
	return 0;
}

static const struct bvm_prog_type plain_type = {
	.id = BPF_PROG_TYPE_SOCKET_FILTER,
	.name = "plain",
	.ctx_size = 8,
};

/* Memory that one vector needs; from the test, so that it is freed whatever happens. */
struct vector_run {
	struct log_mem mem;
	struct bvm_log log;
	struct bvm_insn *insn;
	struct bvm_facts facts;
};

static struct vector_run *vector_run_alloc(struct kunit *test, u32 len)
{
	struct vector_run *run = kunit_kzalloc(test, sizeof(*run), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, run);
	run->insn = kunit_kcalloc(test, len + 1, sizeof(*run->insn), GFP_KERNEL);
	run->facts.insn = kunit_kcalloc(test, len, sizeof(*run->facts.insn), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, run->insn);
	KUNIT_ASSERT_NOT_NULL(test, run->facts.insn);
	run->mem.sink = (struct bvm_log_sink){ log_write, log_read };
	KUNIT_ASSERT_EQ(test, 0,
			bvm_log_init(&run->log, BVM_LOG_PATH, LOG_SIZE, &run->mem.sink));
	return run;
}

static int verify(struct vector_run *run, const struct bpf_insn *insns, u32 len)
{
	struct bvm_verify_args args = {
		.type = &plain_type, .insns = insns, .insn = run->insn, .len = len,
		.gpl = true, .log = &run->log,
	};
	u32 size;
	int err;

	err = bvm_verify_encoding(insns, len, run->insn, &run->log);
	if (!err)
		err = bvm_verify(&args, &run->facts);
	bvm_log_finish(&run->log, &size);
	return err;
}

static u64 lower_and_run(struct kunit *test, const struct bvm_lower_args *args, void *ctx)
{
	struct bvm_ir_prog *ir = bvm_lower(args);
	u64 r0;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, ir);
	migrate_disable();
	rcu_read_lock();
	r0 = bvm_interp(ir, ctx);
	rcu_read_unlock();
	migrate_enable();
	bvm_ir_free(ir);
	return r0;
}

static void vectors(struct kunit *test)
{
	u64 ctx = 0;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(bvm_vectors); i++) {
		struct vector_run *run = vector_run_alloc(test, bvm_vectors[i].len);
		struct bvm_lower_args args = {
			.type = &plain_type, .insn = run->insn, .len = bvm_vectors[i].len,
			.facts = &run->facts,
		};
		int err = verify(run, bvm_vectors[i].insn, bvm_vectors[i].len);

		KUNIT_EXPECT_EQ_MSG(test, !err, bvm_vectors[i].accept, "%s: %d, %s",
				    bvm_vectors[i].name, err, run->mem.text);
		KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(run->mem.text, bvm_vectors[i].log),
					  "%s: %s", bvm_vectors[i].name, run->mem.text);
		if (err || !bvm_vectors[i].has_r0)
			continue;
		KUNIT_EXPECT_EQ_MSG(test, lower_and_run(test, &args, &ctx), bvm_vectors[i].r0,
				    "%s", bvm_vectors[i].name);
	}
}

/* IR written by hand: what verification does not let through yet */
static u64 run_ir(struct kunit *test, const struct bvm_ir *code, u32 len, u32 stack, void *ctx)
{
	struct bvm_ir_prog *prog = bvm_ir_alloc(len);
	u64 r0;

	KUNIT_ASSERT_NOT_NULL(test, prog);
	prog->stack_size = stack;
	memcpy(prog->code, code, len * sizeof(*code));
	KUNIT_EXPECT_EQ(test, bvm_ir_seal(prog), 0);
	r0 = bvm_interp(prog, ctx);
	bvm_ir_free(prog);
	return r0;
}

static void faults(struct kunit *test)
{
	static const u16 ops[] = { BVM_IR_PROBE8, BVM_IR_PROBE16, BVM_IR_PROBE32, BVM_IR_PROBE64 };
	u64 cell = 0x8877665544332211;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(ops); i++) {
		const struct bvm_ir code[] = {
			{ .op = ops[i], .dst = 0, .src = 1, .off = 16 },
			{ .op = BVM_IR_EXIT },
		};
		u64 want = 0;

		memcpy(&want, &cell, 1 << i);
		if ((__force u16)cpu_to_le16(1) != 1)
			want = cell >> (64 - (8 << i));
		KUNIT_EXPECT_EQ(test, run_ir(test, code, 2, 0, (char *)&cell - 16), want);
		/* nothing is there; UML of 6.12 cannot survive a fault of the kernel */
		if (!IS_ENABLED(CONFIG_UML))
			KUNIT_EXPECT_EQ(test, run_ir(test, code, 2, 0, NULL), 0);
	}
}

static void faulting_stores(struct kunit *test)
{
	static const u16 ops[] = { BVM_IR_PUT8, BVM_IR_PUT16, BVM_IR_PUT32, BVM_IR_PUT64 };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(ops); i++) {
		const struct bvm_ir code[] = {
			{ .op = BVM_IR_MOVI, .dst = 0, .imm = -1 },
			{ .op = ops[i], .dst = 1, .src = 0, .off = 16 },
			{ .op = BVM_IR_EXIT },
		};
		u64 cell = 0;

		KUNIT_EXPECT_EQ(test, run_ir(test, code, 3, 0, (char *)&cell - 16), -1ULL);
		KUNIT_EXPECT_EQ(test, hweight64(cell), 8 << i);
		if (!IS_ENABLED(CONFIG_UML))
			KUNIT_EXPECT_EQ(test, run_ir(test, code, 3, 0, ERR_PTR(-64)), -1ULL);
	}
}

/* Every size class of the stack, at both ends. */
static void stacks(struct kunit *test)
{
	static const s32 sizes[] = { 8, 64, 72, 256, 264, 512, 520, 896 };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		const struct bvm_ir code[] = {
			{ .op = BVM_IR_STORE64I, .dst = BVM_IR_FP, .off = -8, .imm = 3 },
			{ .op = BVM_IR_STORE64I, .dst = BVM_IR_FP, .off = -sizes[i], .imm = 4 },
			{ .op = BVM_IR_LOAD64, .dst = 0, .src = BVM_IR_FP, .off = -8 },
			{ .op = BVM_IR_LOAD64, .dst = 1, .src = BVM_IR_FP, .off = -sizes[i] },
			{ .op = BVM_IR_MUL64R, .dst = 0, .src = 1 },
			{ .op = BVM_IR_EXIT },
		};

		KUNIT_EXPECT_EQ(test, run_ir(test, code, ARRAY_SIZE(code), sizes[i], NULL),
				sizes[i] == 8 ? 16 : 12);
	}
}

/* A frame of 16 bytes, a call, and everything that must survive it. */
static void subprograms(struct kunit *test)
{
	static const struct bvm_ir code[] = {
		{ .op = BVM_IR_MOVI, .dst = 6, .imm = 1 },
		{ .op = BVM_IR_MOVI, .dst = 9, .imm = 2 },
		{ .op = BVM_IR_STORE64I, .dst = BVM_IR_FP, .off = -16, .imm = 4 },
		{ .op = BVM_IR_CALL_SUB, .off = 9, .imm = 16 },
		{ .op = BVM_IR_LOAD64, .dst = 1, .src = BVM_IR_FP, .off = -16 },
		{ .op = BVM_IR_ADD64R, .dst = 0, .src = 1 },
		{ .op = BVM_IR_ADD64R, .dst = 0, .src = 6 },
		{ .op = BVM_IR_ADD64R, .dst = 0, .src = 9 },
		{ .op = BVM_IR_EXIT },
		{ .op = BVM_IR_MOVI, .dst = 6, .imm = 100 },
		{ .op = BVM_IR_MOVI, .dst = 9, .imm = 100 },
		{ .op = BVM_IR_STORE64I, .dst = BVM_IR_FP, .off = -8, .imm = 8 },
		{ .op = BVM_IR_LOAD64, .dst = 0, .src = BVM_IR_FP, .off = -8 },
		{ .op = BVM_IR_RET },
	};

	KUNIT_EXPECT_EQ(test, run_ir(test, code, ARRAY_SIZE(code), 24 + BVM_IR_SAVE, NULL), 15);
}

/* Whole pages, and nothing is left of a program that could not be lowered. */
static void memory(struct kunit *test)
{
	const struct bvm_insn insn = { .class = BVM_CALL, .imm = -1 };
	const struct bvm_lower_args args = { .type = &plain_type, .insn = &insn, .len = 1 };
	struct bvm_ir_prog *prog = bvm_ir_alloc(1000);

	KUNIT_ASSERT_NOT_NULL(test, prog);
	KUNIT_EXPECT_EQ(test, prog->len, 1000);
	KUNIT_EXPECT_TRUE(test, IS_ALIGNED((unsigned long)prog, PAGE_SIZE));
	KUNIT_EXPECT_GE(test, prog->pages * PAGE_SIZE, struct_size(prog, code, 1000));
	bvm_ir_free(prog);
	bvm_ir_free(NULL);
	KUNIT_EXPECT_EQ(test, PTR_ERR(bvm_lower(&args)), -EINVAL);
}

static struct kunit_case interp_cases[] = {
	KUNIT_CASE(vectors),
	KUNIT_CASE(faults),
	KUNIT_CASE(faulting_stores),
	KUNIT_CASE(stacks),
	KUNIT_CASE(subprograms),
	KUNIT_CASE(memory),
	{}
};

static struct kunit_suite interp_suite = {
	.name = "bvm_interp",
	.test_cases = interp_cases,
};

kunit_test_suite(interp_suite);
