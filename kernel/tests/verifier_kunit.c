// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit: the verifier in the kernel's build, on programs whose verdicts are known, with
 * a program type, a map type and helpers of its own.  The long tables run on the host
 * (selftests/host/verifier_test.c).
 */
#include <kunit/test.h>
#include <linux/filter.h>
#include "../verifier/claims.h"
#include "../verifier/verifier.h"

static void *toy_direct(struct bvm_map *map, u32 off)
{
	return NULL;
}

static const struct bvm_map_type toy_map_type = {
	.id = BPF_MAP_TYPE_ARRAY,
	.name = "toy",
	.caps = BVM_MAP_LOOKUP | BVM_MAP_UPDATE | BVM_MAP_DIRECT_VALUE | BVM_MAP_RINGBUF,
	.direct = toy_direct,
};

static struct bvm_map toy_map = {
	.type = &toy_map_type, .key_size = 4, .value_size = 48, .max_entries = 1, .name = "toy",
};

static struct bvm_map toy_ro_map = {
	.type = &toy_map_type, .key_size = 4, .value_size = 48, .max_entries = 1,
	.flags = BPF_F_RDONLY_PROG, .name = "toy_ro",
};

static struct bvm_map *const toy_maps[] = { &toy_map, &toy_ro_map };

static const struct bvm_helper toy_helpers[] = {
	{ .id = BPF_FUNC_map_lookup_elem, .name = "map_lookup_elem",
	  .ret = BVM_RET_MAP_VALUE_OR_NULL, .arg = { BVM_ARG_MAP_PTR, BVM_ARG_MAP_KEY },
	  .map_caps = BVM_MAP_LOOKUP },
	{ .id = BPF_FUNC_map_delete_elem, .name = "map_delete_elem",
	  .ret = BVM_RET_INTEGER, .arg = { BVM_ARG_MAP_PTR, BVM_ARG_MAP_KEY },
	  .map_caps = BVM_MAP_DELETE, .flags = BVM_HELPER_MAP_WRITE },
	{ .id = BPF_FUNC_ringbuf_reserve, .name = "ringbuf_reserve",
	  .ret = BVM_RET_MEM_OR_NULL, .flags = BVM_HELPER_ACQUIRE,
	  .arg = { BVM_ARG_MAP_PTR, BVM_ARG_CONST_SIZE, BVM_ARG_ANYTHING },
	  .map_caps = BVM_MAP_RINGBUF },
	{ .id = BPF_FUNC_ringbuf_submit, .name = "ringbuf_submit", .ret = BVM_RET_VOID,
	  .flags = BVM_HELPER_RELEASE, .arg = { BVM_ARG_ACQUIRED, BVM_ARG_ANYTHING } },
	{ .id = BPF_FUNC_get_prandom_u32, .name = "get_prandom_u32", .ret = BVM_RET_INTEGER },
	{ .id = BPF_FUNC_get_current_comm, .name = "get_current_comm", .ret = BVM_RET_INTEGER,
	  .arg = { BVM_ARG_UNINIT_MEM, BVM_ARG_SIZE } },
	{ .id = BPF_FUNC_probe_read_kernel, .name = "probe_read_kernel",
	  .ret = BVM_RET_INTEGER, .flags = BVM_HELPER_GPL,
	  .arg = { BVM_ARG_UNINIT_MEM, BVM_ARG_SIZE_OR_ZERO, BVM_ARG_ANYTHING } },
};

static const struct bvm_helper_set toy_set = { toy_helpers, ARRAY_SIZE(toy_helpers) };
static const struct bvm_helper_set *const toy_sets[] = { &toy_set };

static const struct bvm_ctx_field toy_ctx[] = {
	{ .off = 0, .size = 16, .widths = 8, .direct = 1 },
};

static const struct bvm_prog_type toy_type = {
	.id = 1000, .name = "toy", .ctx_size = 16, .ctx = toy_ctx, .nr_ctx = 1,
	.sets = toy_sets, .nr_sets = 1, .ret_min = 0, .ret_max = 1,
};

/* ------------------------------------------------------------- programs */

#define LD_TOY(dst, map)	BPF_LD_IMM64_RAW(dst, BPF_PSEUDO_MAP_FD, map)
#define CALL(name)		BPF_RAW_INSN(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_##name)
#define MOV(reg, imm)		BPF_MOV64_IMM(reg, imm)

struct verifier_case {
	const char *name;
	int err;
	const char *words;
	bool not_gpl;
	struct bpf_insn insns[20];
};

/* r0 = lookup in toy_map, r2 = key */
#define LOOKUP									\
	BPF_ST_MEM(BPF_DW, BPF_REG_10, -8, 0), BPF_MOV64_REG(BPF_REG_2, BPF_REG_10), \
	BPF_ALU64_IMM(BPF_ADD, BPF_REG_2, -8), LD_TOY(BPF_REG_1, 0), CALL(map_lookup_elem)

/* r6 = 8 bytes; the program ends when there are none */
#define RESERVE									\
	LD_TOY(BPF_REG_1, 0), MOV(2, 8), MOV(3, 0), CALL(ringbuf_reserve),	\
	BPF_JMP_IMM(BPF_JNE, 0, 0, 1), BPF_EXIT_INSN(), BPF_MOV64_REG(6, 0)
#define SUBMIT	BPF_MOV64_REG(1, 6), MOV(2, 0), CALL(ringbuf_submit)

static const struct verifier_case verifier_cases[] = {
	{ "return 0", 0, "processed 2 insns (limit 1000000)",
	  .insns = { MOV(0, 0), BPF_EXIT_INSN() } },
	{ "return range", -EINVAL,
	  "At program exit the register R0 has smin=2 smax=2 should have been in [0, 1]",
	  .insns = { MOV(0, 2), BPF_EXIT_INSN() } },
	{ "uninitialised", -EACCES, "R0 !read_ok", .insns = { BPF_EXIT_INSN() } },
	{ "unknown opcode", -EINVAL, "unknown opcode ff",
	  .insns = { BPF_RAW_INSN(0xff, 0, 0, 0, 0), BPF_EXIT_INSN() } },
	{ "unreachable", -EINVAL, "unreachable insn 2",
	  .insns = { MOV(0, 0), BPF_EXIT_INSN(), MOV(0, 0), BPF_EXIT_INSN() } },
	{ "endless loop", -EINVAL, "infinite loop detected at insn 0",
	  .insns = { BPF_JMP_A(-1) } },
	{ "bounded loop", 0, "processed 22 insns",
	  .insns = { MOV(0, 10), BPF_ALU64_IMM(BPF_SUB, 0, 1),
		     BPF_JMP_IMM(BPF_JNE, 0, 0, -2), BPF_EXIT_INSN() } },
	{ "context", 0, "",
	  .insns = { BPF_LDX_MEM(BPF_DW, 0, 1, 8), MOV(0, 0), BPF_EXIT_INSN() } },
	{ "context too far", -EACCES, "invalid bpf_context access off=16 size=8",
	  .insns = { BPF_LDX_MEM(BPF_DW, 0, 1, 16), MOV(0, 0), BPF_EXIT_INSN() } },
	{ "context width", -EACCES, "invalid bpf_context access off=8 size=4",
	  .insns = { BPF_LDX_MEM(BPF_W, 0, 1, 8), MOV(0, 0), BPF_EXIT_INSN() } },
	{ "stack too deep", -EACCES, "invalid write to stack R10 off=-520 size=8",
	  .insns = { BPF_ST_MEM(BPF_DW, 10, -520, 0), MOV(0, 0), BPF_EXIT_INSN() } },
	{ "spilled pointer", 0, "",
	  .insns = { BPF_STX_MEM(BPF_DW, 10, 1, -8), BPF_LDX_MEM(BPF_DW, 6, 10, -8),
		     BPF_LDX_MEM(BPF_DW, 0, 6, 0), MOV(0, 0), BPF_EXIT_INSN() } },
	{ "null check", 0, "",
	  .insns = { LOOKUP, BPF_JMP_IMM(BPF_JEQ, 0, 0, 1), BPF_LDX_MEM(BPF_DW, 1, 0, 40),
		     MOV(0, 0), BPF_EXIT_INSN() } },
	{ "no null check", -EACCES, "R0 invalid mem access 'map_value_or_null'",
	  .insns = { LOOKUP, BPF_LDX_MEM(BPF_DW, 1, 0, 40), MOV(0, 0), BPF_EXIT_INSN() } },
	{ "beyond the value", -EACCES, "invalid access to map value, value_size=48 off=41 size=8",
	  .insns = { LOOKUP, BPF_JMP_IMM(BPF_JEQ, 0, 0, 1), BPF_LDX_MEM(BPF_DW, 1, 0, 41),
		     MOV(0, 0), BPF_EXIT_INSN() } },
	{ "masked index", 0, "",
	  .insns = { LOOKUP, BPF_JMP_IMM(BPF_JEQ, 0, 0, 5), BPF_MOV64_REG(6, 0),
		     CALL(get_prandom_u32), BPF_ALU64_IMM(BPF_AND, 0, 31),
		     BPF_ALU64_REG(BPF_ADD, 6, 0), BPF_LDX_MEM(BPF_DW, 1, 6, 9),
		     MOV(0, 0), BPF_EXIT_INSN() } },
	{ "record", 0, "",
	  .insns = { RESERVE, BPF_ST_MEM(BPF_DW, 6, 0, 1), SUBMIT, MOV(0, 0),
		     BPF_EXIT_INSN() } },
	{ "record leaked", -EINVAL, "Unreleased reference id=2 alloc_insn=4",
	  .insns = { RESERVE, MOV(0, 0), BPF_EXIT_INSN() } },
	{ "record given back twice", -EACCES, "R1 type=scalar expected=ringbuf_mem",
	  .insns = { RESERVE, SUBMIT, SUBMIT, MOV(0, 0), BPF_EXIT_INSN() } },
	{ "beyond the record", -EACCES, "invalid access to memory, mem_size=8 off=1 size=8",
	  .insns = { RESERVE, BPF_ST_MEM(BPF_DW, 6, 1, 1), BPF_EXIT_INSN() } },
	{ "read-only map", -EACCES, "write into map forbidden",
	  .insns = { BPF_LD_IMM64_RAW(1, BPF_PSEUDO_MAP_VALUE, 1),
		     BPF_ST_MEM(BPF_DW, 1, 0, 0), MOV(0, 0), BPF_EXIT_INSN() } },
	{ "map capability", -EINVAL, "cannot pass map_type 2 into func bpf_map_delete_elem#3",
	  .insns = { BPF_MOV64_REG(2, 10), LD_TOY(1, 0), CALL(map_delete_elem),
		     BPF_EXIT_INSN() } },
	{ "unknown helper", -EINVAL, "invalid func unknown#100000",
	  .insns = { BPF_RAW_INSN(BPF_JMP | BPF_CALL, 0, 0, 0, 100000), BPF_EXIT_INSN() } },
	{ "helper not offered", -EINVAL,
	  "program of this type cannot use helper bpf_ktime_get_ns#5",
	  .insns = { CALL(ktime_get_ns), BPF_EXIT_INSN() } },
	{ "license", -EINVAL, "cannot call GPL-restricted function", .not_gpl = true,
	  .insns = { CALL(probe_read_kernel), BPF_EXIT_INSN() } },
	{ "size too large", -EINVAL, "invalid indirect access to stack R1 off=-16 size=17",
	  .insns = { BPF_MOV64_REG(1, 10), BPF_ALU64_IMM(BPF_ADD, 1, -16), MOV(2, 17),
		     CALL(get_current_comm), MOV(0, 0), BPF_EXIT_INSN() } },
};

/* -------------------------------------------------------------- running */

struct toy_sink {
	struct bvm_log_sink sink;
	char text[4096];
};

static int toy_write(struct bvm_log_sink *sink, u32 off, const char *text, u32 len)
{
	memcpy(container_of(sink, struct toy_sink, sink)->text + off, text, len);
	return 0;
}

static int toy_read(struct bvm_log_sink *sink, u32 off, char *text, u32 len)
{
	memcpy(text, container_of(sink, struct toy_sink, sink)->text + off, len);
	return 0;
}

static void verdict(struct kunit *test)
{
	const struct verifier_case *c = test->param_value;
	struct toy_sink *sink = kunit_kzalloc(test, sizeof(*sink), GFP_KERNEL);
	struct bvm_insn *insn = kunit_kcalloc(test, ARRAY_SIZE(c->insns), sizeof(*insn),
					      GFP_KERNEL);
	struct bvm_facts facts = {
		.insn = kunit_kcalloc(test, ARRAY_SIZE(c->insns), sizeof(*facts.insn),
				      GFP_KERNEL),
	};
	struct bvm_log *log = kunit_kzalloc(test, sizeof(*log), GFP_KERNEL);
	struct bvm_verify_args args = {
		.type = &toy_type, .insns = c->insns, .insn = insn, .maps = toy_maps,
		.nr_maps = ARRAY_SIZE(toy_maps), .gpl = !c->not_gpl, .log = log,
		.len = ARRAY_SIZE(c->insns), .claim = true,
	};
	u32 size;
	int err;

	KUNIT_ASSERT_NOT_NULL(test, sink);
	KUNIT_ASSERT_NOT_NULL(test, insn);
	KUNIT_ASSERT_NOT_NULL(test, facts.insn);
	KUNIT_ASSERT_NOT_NULL(test, log);
	sink->sink.write = toy_write;
	sink->sink.read = toy_read;
	while (!c->insns[args.len - 1].code)
		args.len--;
	err = bvm_log_init(log, BVM_LOG_PATH, sizeof(sink->text), &sink->sink);
	KUNIT_ASSERT_EQ(test, err, 0);
	err = bvm_verify_encoding(args.insns, args.len, insn, log);
	if (!err)
		err = bvm_verify(&args, &facts);
	KUNIT_EXPECT_EQ(test, bvm_log_finish(log, &size), 0);
	KUNIT_EXPECT_EQ_MSG(test, err, c->err, "%s", sink->text);
	KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(sink->text, c->words), "want '%s' in\n%s",
				  c->words, sink->text);
	bvm_claims_free(facts.claims, args.len);
}

/* What the interpreter looks after with CONFIG_BVM_DEBUG_STATES: here, r6 is 0 to 4. */
static void claims(struct kunit *test)
{
	static const struct bpf_insn insns[] = {
		MOV(BPF_REG_6, 0), BPF_ALU64_IMM(BPF_ADD, BPF_REG_6, 1),
		BPF_JMP_IMM(BPF_JLT, BPF_REG_6, 5, -2), MOV(BPF_REG_0, 0), BPF_EXIT_INSN(),
	};
	struct bvm_insn *insn = kunit_kcalloc(test, ARRAY_SIZE(insns), sizeof(*insn), GFP_KERNEL);
	struct bvm_facts facts = {
		.insn = kunit_kcalloc(test, ARRAY_SIZE(insns), sizeof(*facts.insn), GFP_KERNEL),
	};
	struct bvm_log *log = kunit_kzalloc(test, sizeof(*log), GFP_KERNEL);
	struct bvm_verify_args args = {
		.type = &toy_type, .insns = insns, .insn = insn, .log = log,
		.len = ARRAY_SIZE(insns), .claim = true,
	};
	u64 reg[BVM_REGS] = {};

	KUNIT_ASSERT_NOT_NULL(test, insn);
	KUNIT_ASSERT_NOT_NULL(test, facts.insn);
	KUNIT_ASSERT_NOT_NULL(test, log);
	KUNIT_ASSERT_EQ(test, bvm_log_init(log, 0, 0, NULL), 0);
	KUNIT_ASSERT_EQ(test, bvm_verify_encoding(insns, args.len, insn, log), 0);
	KUNIT_ASSERT_EQ(test, bvm_verify(&args, &facts), 0);
	KUNIT_ASSERT_NOT_NULL(test, facts.claims);
	KUNIT_EXPECT_NOT_NULL(test, facts.claims[1]);
	for (; facts.claims[1] && reg[6] < 5; reg[6]++)
		KUNIT_EXPECT_NULL(test, bvm_claims_wrong(facts.claims[1], reg));
	if (facts.claims[1])
		KUNIT_EXPECT_NOT_NULL(test, bvm_claims_wrong(facts.claims[1], reg));
	bvm_claims_free(facts.claims, args.len);
}

static void case_name(const struct verifier_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(verifier, verifier_cases, case_name);

/* A ring that is turned: the buffer holds the tail, from its first byte on. */
static void log_rotation(struct kunit *test)
{
	struct toy_sink *sink = kunit_kzalloc(test, sizeof(*sink), GFP_KERNEL);
	struct bvm_log *log = kunit_kzalloc(test, sizeof(*log), GFP_KERNEL);
	u32 size;

	KUNIT_ASSERT_NOT_NULL(test, sink);
	KUNIT_ASSERT_NOT_NULL(test, log);
	sink->sink.write = toy_write;
	sink->sink.read = toy_read;
	bvm_log_init(log, BVM_LOG_ALL, 8, &sink->sink);
	bvm_log(log, "0123456789");
	bvm_log(log, "abc");
	KUNIT_EXPECT_EQ(test, bvm_log_finish(log, &size), -ENOSPC);
	KUNIT_EXPECT_STREQ(test, sink->text, "6789abc");
	KUNIT_EXPECT_EQ(test, size, 14);
	bvm_log_init(log, BVM_LOG_ALL | BVM_LOG_FIXED, 8, &sink->sink);
	bvm_log(log, "0123456789");
	KUNIT_EXPECT_EQ(test, bvm_log_finish(log, &size), -ENOSPC);
	KUNIT_EXPECT_STREQ(test, sink->text, "0123456");
}

static struct kunit_case verifier_tests[] = {
	KUNIT_CASE_PARAM(verdict, verifier_gen_params),
	KUNIT_CASE(claims),
	KUNIT_CASE(log_rotation),
	{}
};

static struct kunit_suite verifier_suite = {
	.name = "bvm_verifier",
	.test_cases = verifier_tests,
};

kunit_test_suite(verifier_suite);
