// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit: what bpf(2) does before and after a command, without user memory; objects
 * from their first to their last reference; a map type and a program type that are
 * not in the tables.
 */
#include <kunit/test.h>
#include "../core/core.h"

/* ------------------------------------------------------ system call */

static void attr_tail(struct kunit *test)
{
	union bpf_attr attr = {};
	u8 *byte = (u8 *)&attr;
	u32 used;

	for (used = 0; used <= sizeof(attr); used += 4) {
		memset(byte, 0xff, used);
		KUNIT_EXPECT_TRUE(test, bvm_attr_tail_is_zero(&attr, used));
		if (used == sizeof(attr))
			break;
		byte[used] = 1;
		KUNIT_EXPECT_FALSE(test, bvm_attr_tail_is_zero(&attr, used));
		byte[used] = 0;
		byte[sizeof(attr) - 1] = 1;
		KUNIT_EXPECT_FALSE(test, bvm_attr_tail_is_zero(&attr, used));
		byte[sizeof(attr) - 1] = 0;
	}
}

static void user_tail(struct kunit *test)
{
	/* decided before user memory is read */
	KUNIT_EXPECT_EQ(test, bvm_user_tail_is_zero(NULL, 64, 0), 0);
	KUNIT_EXPECT_EQ(test, bvm_user_tail_is_zero(NULL, 64, 64), 0);
	KUNIT_EXPECT_EQ(test, bvm_user_tail_is_zero(NULL, 64, PAGE_SIZE + 1), -E2BIG);
}

static void cmd_table(struct kunit *test)
{
	u32 cmd, known = 0;

	for (cmd = 0; cmd < 256; cmd++) {
		const struct bvm_cmd *row = bvm_cmd_find(cmd);

		if (!row)
			continue;
		known++;
		KUNIT_EXPECT_NOT_NULL(test, row->fn);
		KUNIT_EXPECT_GT(test, row->used, 0);
		KUNIT_EXPECT_LE(test, row->used, sizeof(union bpf_attr));
	}
	KUNIT_EXPECT_GE(test, known, 14);
	KUNIT_EXPECT_NULL(test, bvm_cmd_find(__MAX_BPF_CMD));
	KUNIT_EXPECT_NULL(test, bvm_cmd_find(U32_MAX));
	/* up to the last field that the command has, and no further */
	KUNIT_EXPECT_EQ(test, bvm_cmd_find(BPF_MAP_DELETE_ELEM)->used,
			offsetofend(union bpf_attr, key));
	KUNIT_EXPECT_EQ(test, bvm_cmd_find(BPF_MAP_GET_NEXT_ID)->cap, BVM_CMD_ADMIN);
}

static void names(struct kunit *test)
{
	static const struct {
		char name[BVM_NAME_LEN];
		int err;
	} cases[] = {
		{ "", 0 },
		{ "a_B.9", 0 },
		{ "fifteen_letters", 0 },
		{ { [0 ... BVM_NAME_LEN - 1] = 'x' }, -EINVAL },
		{ "with-dash", -EINVAL },
		{ "with space", -EINVAL },
		{ "gar\0bage", 0 },
	};
	char copy[BVM_NAME_LEN];
	u32 i;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		KUNIT_EXPECT_EQ_MSG(test, bvm_name_copy(copy, cases[i].name), cases[i].err,
				    "case %u", i);
	/* what comes after the end of a name is not kept */
	KUNIT_EXPECT_EQ(test, copy[4], 0);
}

/* ---------------------------------------------------------- objects */

struct toy {
	struct bvm_obj obj;
	u32 *freed;
};

static void toy_free(struct bvm_obj *obj)
{
	struct toy *toy = container_of(obj, struct toy, obj);

	(*toy->freed)++;
	kfree(toy);
}

static struct bvm_obj_kind toy_kind = {
	.name = "bvm-toy",
	.ids = XARRAY_INIT(toy_kind.ids, XA_FLAGS_ALLOC1 | XA_FLAGS_LOCK_IRQ),
	.free = toy_free,
};

static struct toy *toy_new(struct kunit *test, u32 *freed)
{
	struct toy *toy = kzalloc(sizeof(*toy), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, toy);
	toy->freed = freed;
	bvm_obj_init(&toy->obj, &toy_kind);
	KUNIT_ASSERT_EQ(test, bvm_obj_publish(&toy->obj), 0);
	return toy;
}

static void object_ids(struct kunit *test)
{
	u32 freed = 0, next, i, id[3];
	struct toy *toy[3];

	for (i = 0; i < 3; i++) {
		toy[i] = toy_new(test, &freed);
		id[i] = toy[i]->obj.id;
	}
	KUNIT_EXPECT_GT(test, id[0], 0);
	KUNIT_EXPECT_GT(test, id[1], id[0]);
	KUNIT_EXPECT_GT(test, id[2], id[1]);

	KUNIT_EXPECT_EQ(test, bvm_obj_next_id(&toy_kind, 0, &next), 0);
	KUNIT_EXPECT_EQ(test, next, id[0]);
	KUNIT_EXPECT_EQ(test, bvm_obj_next_id(&toy_kind, id[1], &next), 0);
	KUNIT_EXPECT_EQ(test, next, id[2]);
	KUNIT_EXPECT_EQ(test, bvm_obj_next_id(&toy_kind, id[2], &next), -ENOENT);
	KUNIT_EXPECT_EQ(test, bvm_obj_next_id(&toy_kind, INT_MAX, &next), -EINVAL);

	KUNIT_EXPECT_PTR_EQ(test, bvm_obj_from_id(&toy_kind, id[1]), &toy[1]->obj);
	KUNIT_EXPECT_NULL(test, bvm_obj_from_id(&toy_kind, 0));
	KUNIT_EXPECT_NULL(test, bvm_obj_from_id(&toy_kind, id[2] + 1));

	/* an id is gone with the last reference, and is not given out again at once */
	bvm_obj_put(&toy[1]->obj);
	KUNIT_EXPECT_EQ(test, bvm_obj_next_id(&toy_kind, id[0], &next), 0);
	KUNIT_EXPECT_EQ(test, next, id[1]);
	bvm_obj_put(&toy[1]->obj);
	KUNIT_EXPECT_EQ(test, bvm_obj_next_id(&toy_kind, id[0], &next), 0);
	KUNIT_EXPECT_EQ(test, next, id[2]);
	toy[1] = toy_new(test, &freed);
	KUNIT_EXPECT_GT(test, toy[1]->obj.id, id[2]);

	for (i = 0; i < 3; i++)
		bvm_obj_put(&toy[i]->obj);
	KUNIT_EXPECT_EQ(test, bvm_obj_next_id(&toy_kind, 0, &next), -ENOENT);
	bvm_obj_flush();
	KUNIT_EXPECT_EQ(test, freed, 4);
}

static void object_put_with_irqs_off(struct kunit *test)
{
	u32 freed = 0, next;
	unsigned long flags;
	struct toy *toy = toy_new(test, &freed);
	struct bvm_obj *found;
	bool still_off;

	local_irq_save(flags);
	bvm_obj_put(&toy->obj);
	/* still listed, since its lock may not be taken here, but dead */
	found = bvm_obj_from_id(&toy_kind, toy->obj.id);
	still_off = irqs_disabled();
	local_irq_restore(flags);
	KUNIT_EXPECT_NULL(test, found);
	KUNIT_EXPECT_TRUE(test, still_off);
	bvm_obj_flush();
	KUNIT_EXPECT_EQ(test, freed, 1);
	KUNIT_EXPECT_EQ(test, bvm_obj_next_id(&toy_kind, 0, &next), -ENOENT);
}

/* -------------------------------------------------------------- tags */

static u64 toy_lookup(u64 map, u64 key, u64 r3, u64 r4, u64 r5)
{
	struct bvm_map *m = (void *)(unsigned long)map;

	return (unsigned long)m->type->lookup(m, (void *)(unsigned long)key);
}

static const struct bvm_helper toy_helpers[] = {
	{
		.id = BPF_FUNC_map_lookup_elem,
		.name = "map_lookup_elem",
		.fn = toy_lookup,
		.ret = BVM_RET_MAP_VALUE_OR_NULL,
		.arg = { BVM_ARG_MAP_PTR, BVM_ARG_MAP_KEY },
		.map_caps = BVM_MAP_LOOKUP,
	},
};

static const struct bvm_helper_set toy_set = { toy_helpers, ARRAY_SIZE(toy_helpers) };
static const struct bvm_helper_set *const toy_sets[] = { &toy_set };

static const struct bvm_ctx_field toy_ctx[] = {
	{ .off = 0, .size = 8, .widths = 8, .kind = BVM_CTX_SCALAR, .direct = 1 },
};

static const struct bvm_prog_type toy_prog_type = {
	.id = U32_MAX,
	.name = "toy",
	.ctx_size = 8,
	.ctx = toy_ctx,
	.nr_ctx = ARRAY_SIZE(toy_ctx),
	.sets = toy_sets,
	.nr_sets = ARRAY_SIZE(toy_sets),
};

static struct bvm_prog *toy_prog(struct kunit *test, const struct bpf_insn *insns, u32 len)
{
	struct bvm_prog *prog = bvm_prog_alloc(&toy_prog_type, len);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, prog);
	memcpy(prog->insns, insns, len * sizeof(*insns));
	return prog;
}

/* Lengths around the end of a SHA-1 block; expected values are from sha1sum(1). */
static void tags(struct kunit *test)
{
	static const struct {
		u32 len;
		u8 tag[BPF_TAG_SIZE];
	} cases[] = {
		{ 1, { 0x20, 0x46, 0x17, 0x6f, 0xc1, 0xf4, 0x4c, 0x75 } },
		{ 2, { 0xa0, 0x4f, 0x5e, 0xef, 0x06, 0xa7, 0xf5, 0x55 } },
		{ 7, { 0x05, 0xa8, 0x8f, 0xbe, 0xe3, 0x11, 0xd8, 0x25 } },
		{ 8, { 0x32, 0xac, 0x3c, 0xdd, 0xae, 0xd7, 0x53, 0x63 } },
		{ 15, { 0x83, 0x95, 0xbc, 0xe8, 0x9a, 0xbb, 0x26, 0x2f } },
	};
	struct bpf_insn insns[16];
	struct bvm_prog *prog;
	u32 i, j;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		for (j = 0; j < cases[i].len; j++)
			insns[j] = BPF_MOV64_IMM(BPF_REG_0, 0);
		insns[j - 1] = BPF_EXIT_INSN();
		prog = toy_prog(test, insns, cases[i].len);
		bvm_prog_tag(prog);
		KUNIT_EXPECT_MEMEQ_MSG(test, prog->tag, cases[i].tag, BPF_TAG_SIZE,
				       "%u instructions", cases[i].len);
		bvm_prog_put(prog);
	}
}

/* The descriptor of a map is no part of the tag, a constant is. */
static void tags_without_maps(struct kunit *test)
{
	static const u8 expected[] = { 0x2c, 0x24, 0xd7, 0xc5, 0x19, 0xa8, 0x68, 0xe3 };
	struct bpf_insn insns[] = {
		BPF_LD_IMM64_RAW(BPF_REG_1, BPF_PSEUDO_MAP_FD, 5),
		BPF_MOV64_IMM(BPF_REG_0, 0),
		BPF_EXIT_INSN(),
	};
	struct bvm_prog *prog = toy_prog(test, insns, ARRAY_SIZE(insns));

	bvm_prog_tag(prog);
	KUNIT_EXPECT_MEMEQ(test, prog->tag, expected, BPF_TAG_SIZE);
	prog->insns[2].imm = 1;
	bvm_prog_tag(prog);
	KUNIT_EXPECT_MEMNEQ(test, prog->tag, expected, BPF_TAG_SIZE);
	bvm_prog_put(prog);
}

/* -------------------------------------------------- types from outside */

struct toy_map {
	struct bvm_map map;
	u64 value;
	u32 *freed;
};

static int toy_map_check(const struct bvm_map_spec *spec)
{
	return spec->key_size == 4 && spec->value_size == 8 ? 0 : -EINVAL;
}

static struct bvm_map *toy_map_alloc(const struct bvm_map_spec *spec)
{
	struct toy_map *toy = kzalloc(sizeof(*toy), GFP_KERNEL);

	return toy ? &toy->map : ERR_PTR(-ENOMEM);
}

static void toy_map_free(struct bvm_map *map)
{
	struct toy_map *toy = container_of(map, struct toy_map, map);

	(*toy->freed)++;
	kfree(toy);
}

static void *toy_map_lookup(struct bvm_map *map, const void *key)
{
	struct toy_map *toy = container_of(map, struct toy_map, map);

	return *(u32 *)key == 42 ? &toy->value : NULL;
}

static u64 toy_map_memory(const struct bvm_map *map)
{
	return sizeof(struct toy_map);
}

static const struct bvm_map_type toy_map_type = {
	.id = U32_MAX,
	.name = "toy",
	.caps = BVM_MAP_LOOKUP,
	.check = toy_map_check,
	.alloc = toy_map_alloc,
	.free = toy_map_free,
	.lookup = toy_map_lookup,
	.memory = toy_map_memory,
};

static struct toy_map *toy_map(struct kunit *test, u32 *freed)
{
	static const struct bvm_map_spec spec = {
		.type = U32_MAX, .key_size = 4, .value_size = 8, .max_entries = 1,
		.numa_node = NUMA_NO_NODE,
	};
	static const char name[BVM_NAME_LEN] = "toy";
	struct bvm_map *map = bvm_map_make(&toy_map_type, &spec, name);
	struct toy_map *toy;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, map);
	toy = container_of(map, struct toy_map, map);
	toy->freed = freed;
	return toy;
}

/* r0 = value under the key that is in the context, -1 without one */
static const struct bpf_insn toy_insns[] = {
	BPF_LDX_MEM(BPF_DW, BPF_REG_2, BPF_REG_1, 0),
	BPF_STX_MEM(BPF_W, BPF_REG_10, BPF_REG_2, -4),
	BPF_MOV64_REG(BPF_REG_2, BPF_REG_10),
	BPF_ALU64_IMM(BPF_ADD, BPF_REG_2, -4),
	BPF_LD_IMM64_RAW(BPF_REG_1, BPF_PSEUDO_MAP_FD, 0),
	BPF_RAW_INSN(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_map_lookup_elem),
	BPF_JMP_IMM(BPF_JNE, BPF_REG_0, 0, 2),
	BPF_MOV64_IMM(BPF_REG_0, -1),
	BPF_EXIT_INSN(),
	BPF_LDX_MEM(BPF_DW, BPF_REG_0, BPF_REG_0, 0),
	BPF_EXIT_INSN(),
};

static struct bvm_log *quiet(struct kunit *test)
{
	struct bvm_log *log = kunit_kzalloc(test, sizeof(*log), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, log);
	KUNIT_ASSERT_EQ(test, bvm_log_init(log, 0, 0, NULL), 0);
	return log;
}

/*
 * Verifier, lowering and interpreter know a map, a helper, a context and a program type
 * from their descriptors alone.
 */
static void types_from_outside(struct kunit *test)
{
	struct bvm_prog *prog = toy_prog(test, toy_insns, ARRAY_SIZE(toy_insns));
	struct bvm_test_run run = { .repeat = 3 };
	u32 freed = 0;
	struct toy_map *toy = toy_map(test, &freed);
	u64 ctx = 42;

	toy->value = 1234;
	KUNIT_EXPECT_EQ(test, bvm_prog_add_map(prog, &toy->map), 0);
	KUNIT_EXPECT_EQ(test, bvm_prog_add_map(prog, &toy->map), 0);
	KUNIT_EXPECT_EQ(test, prog->nr_maps, 1);
	KUNIT_ASSERT_EQ(test, bvm_prog_compile(prog, quiet(test)), 0);
	bvm_prog_facade_update(prog);

	KUNIT_EXPECT_EQ(test, bvm_test_run_repeat(prog, &ctx, &run), 0);
	KUNIT_EXPECT_EQ(test, run.retval, 1234);
	ctx = 43;
	KUNIT_EXPECT_EQ(test, bvm_test_run_repeat(prog, &ctx, &run), 0);
	KUNIT_EXPECT_EQ(test, run.retval, U32_MAX);

	/* the program keeps the map */
	bvm_map_put(&toy->map);
	bvm_obj_flush();
	KUNIT_EXPECT_EQ(test, freed, 0);
	bvm_prog_put(prog);
	bvm_obj_flush();
	KUNIT_EXPECT_EQ(test, freed, 1);
}

/* Without the null check the same program is refused. */
static void types_from_outside_refused(struct kunit *test)
{
	struct bpf_insn insns[ARRAY_SIZE(toy_insns)];
	struct bvm_prog *prog;
	u32 freed = 0;
	struct toy_map *toy = toy_map(test, &freed);

	memcpy(insns, toy_insns, sizeof(insns));
	insns[7] = BPF_JMP_IMM(BPF_JA, 0, 0, 2);
	prog = toy_prog(test, insns, ARRAY_SIZE(insns));
	bvm_prog_add_map(prog, &toy->map);
	bvm_map_put(&toy->map);
	KUNIT_EXPECT_LT(test, bvm_prog_compile(prog, quiet(test)), 0);
	KUNIT_EXPECT_NULL(test, prog->ir);
	bvm_prog_put(prog);
	bvm_obj_flush();
	KUNIT_EXPECT_EQ(test, freed, 1);
}

static void too_many_maps(struct kunit *test)
{
	struct bvm_prog *prog = toy_prog(test, toy_insns, ARRAY_SIZE(toy_insns));
	u32 i, freed = 0;

	for (i = 0; i < BVM_MAX_MAPS + 1; i++) {
		struct toy_map *toy = toy_map(test, &freed);

		KUNIT_EXPECT_EQ(test, bvm_prog_add_map(prog, &toy->map),
				i < BVM_MAX_MAPS ? i : -E2BIG);
		bvm_map_put(&toy->map);
	}
	bvm_prog_put(prog);
	bvm_obj_flush();
	KUNIT_EXPECT_EQ(test, freed, BVM_MAX_MAPS + 1);
}

static void frozen_map(struct kunit *test)
{
	u32 freed = 0;
	struct toy_map *toy = toy_map(test, &freed);

	KUNIT_EXPECT_FALSE(test, bvm_map_frozen(&toy->map));
	atomic_set(&toy->map.core->writers, BVM_MAP_FROZEN);
	KUNIT_EXPECT_TRUE(test, bvm_map_frozen(&toy->map));
	KUNIT_EXPECT_FALSE(test, atomic_inc_unless_negative(&toy->map.core->writers));
	bvm_map_put(&toy->map);
	bvm_obj_flush();
	KUNIT_EXPECT_EQ(test, freed, 1);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(attr_tail),
	KUNIT_CASE(user_tail),
	KUNIT_CASE(cmd_table),
	KUNIT_CASE(names),
	KUNIT_CASE(object_ids),
	KUNIT_CASE(object_put_with_irqs_off),
	KUNIT_CASE(tags),
	KUNIT_CASE(tags_without_maps),
	KUNIT_CASE(types_from_outside),
	KUNIT_CASE(types_from_outside_refused),
	KUNIT_CASE(too_many_maps),
	KUNIT_CASE(frozen_map),
	{}
};

static struct kunit_suite suite = {
	.name = "bvm_core",
	.test_cases = cases,
};

kunit_test_suite(suite);
