// SPDX-License-Identifier: GPL-2.0-only
/*
 * Types: the kernel's own are good, and say about its structures what the compiler says;
 * objects of user space are checked.
 */
#include <kunit/test.h>
#include <linux/sched.h>
#include "../core/core.h"

static const struct bvm_btf *vmlinux_or_skip(struct kunit *test)
{
	const struct bvm_btf *btf = bvm_btf_vmlinux();

	if (!IS_ENABLED(CONFIG_DEBUG_INFO_BTF))
		kunit_skip(test, "no types in this kernel");
	KUNIT_ASSERT_NOT_NULL(test, btf);
	return btf;
}

static void test_vmlinux(struct kunit *test)
{
	const struct bvm_btf *btf = vmlinux_or_skip(test);
	int id = bvm_btf_find(btf, "task_struct", BTF_KIND_STRUCT);
	struct bvm_btf_place place;
	u32 size;

	KUNIT_ASSERT_GT(test, id, 0);
	KUNIT_EXPECT_EQ(test, bvm_btf_size(btf, id, &size), 0);
	KUNIT_EXPECT_EQ(test, size, sizeof(struct task_struct));

	KUNIT_EXPECT_EQ(test, bvm_btf_walk(btf, id, offsetof(struct task_struct, pid),
					   sizeof(pid_t), &place), 0);
	KUNIT_EXPECT_STREQ(test, place.name, "pid");
	KUNIT_EXPECT_FALSE(test, place.pointer);

	KUNIT_EXPECT_EQ(test, bvm_btf_walk(btf, id, offsetof(struct task_struct, group_leader),
					   sizeof(void *), &place), 0);
	KUNIT_EXPECT_STREQ(test, place.name, "group_leader");
	KUNIT_EXPECT_TRUE(test, place.pointer);
	KUNIT_EXPECT_EQ(test, place.struct_id, id);

	KUNIT_EXPECT_EQ(test, bvm_btf_walk(btf, id, size, 8, &place), -EACCES);
	KUNIT_EXPECT_EQ(test, bvm_btf_find(btf, "no such type", BTF_KIND_STRUCT), -ENOENT);
}

/* What raw tracepoints are called by. */
static void test_prototype(struct kunit *test)
{
	const struct bvm_btf *btf = vmlinux_or_skip(test);
	int id = bvm_btf_find(btf, "btf_trace_sched_switch", BTF_KIND_TYPEDEF);
	const struct btf_type *t;
	u32 to;

	KUNIT_ASSERT_GT(test, id, 0);
	t = bvm_btf_pointed(btf, id, &to);
	KUNIT_ASSERT_NOT_NULL(test, t);
	KUNIT_ASSERT_EQ(test, bvm_btf_kind(t), BTF_KIND_FUNC_PROTO);
	/* void *__data, bool preempt, prev, next, prev_state */
	KUNIT_ASSERT_EQ(test, bvm_btf_vlen(t), 5);
	t = bvm_btf_pointed(btf, bvm_btf_params(t)[2].type, &to);
	KUNIT_ASSERT_NOT_NULL(test, t);
	KUNIT_EXPECT_STREQ(test, bvm_btf_str(btf, t->name_off), "task_struct");
}

static const struct {
	struct btf_header header;
	u32 types[7];
	char strings[4];
} btf_good = {
	{ BTF_MAGIC, BTF_VERSION, 0, sizeof(struct btf_header), 0, 28, 28, 4 },
	{ 1, BTF_KIND_INT << 24, 4, 32, 0, BTF_KIND_PTR << 24, 1 }, "\0in",
}, btf_loop = {
	{ BTF_MAGIC, BTF_VERSION, 0, sizeof(struct btf_header), 0, 28, 28, 4 },
	{ 1, BTF_KIND_INT << 24, 4, 32, 0, BTF_KIND_PTR << 24, 2 }, "\0in",
};

static void test_parse(struct kunit *test)
{
	u32 size = offsetofend(typeof(btf_good), strings);
	struct bvm_btf btf;

	KUNIT_ASSERT_EQ(test, bvm_btf_parse(&btf, &btf_good, size, NULL, NULL), 0);
	KUNIT_EXPECT_EQ(test, btf.end, 3);
	KUNIT_EXPECT_STREQ(test, bvm_btf_str(&btf, bvm_btf_type(&btf, 1)->name_off), "in");
	bvm_btf_clear(&btf);
	KUNIT_EXPECT_EQ(test, bvm_btf_parse(&btf, &btf_loop, size, NULL, NULL), -EEXIST);
	KUNIT_EXPECT_EQ(test, bvm_btf_parse(&btf, &btf_good, size - 1, NULL, NULL), -EINVAL);
}

/* An object has an id as long as somebody holds it. */
static void test_object(struct kunit *test)
{
	u32 size = offsetofend(typeof(btf_good), strings), id;
	struct bvm_btf_obj *btf = bvm_btf_make("", &btf_good, size, false);
	struct bvm_obj *obj;

	KUNIT_ASSERT_NOT_NULL(test, btf);
	KUNIT_EXPECT_EQ(test, bvm_btf_parse(&btf->types, &btf_good, size, NULL, NULL), 0);
	btf->parsed = true;
	KUNIT_EXPECT_EQ(test, bvm_obj_publish(&btf->obj), 0);
	id = btf->obj.id;
	obj = bvm_obj_from_id(&bvm_btf_obj_kind, id);
	KUNIT_EXPECT_PTR_EQ(test, obj, &btf->obj);
	bvm_btf_put(btf);
	bvm_btf_put(btf);
	KUNIT_EXPECT_NULL(test, bvm_obj_from_id(&bvm_btf_obj_kind, id));
}

static struct kunit_case btf_cases[] = {
	KUNIT_CASE(test_vmlinux),
	KUNIT_CASE(test_prototype),
	KUNIT_CASE(test_parse),
	KUNIT_CASE(test_object),
	{}
};

static struct kunit_suite btf_suite = {
	.name = "bvm_btf",
	.test_cases = btf_cases,
};

kunit_test_suite(btf_suite);
