// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit: helpers, called as a program would call them.
 */
#include <kunit/test.h>
#include <linux/cred.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <linux/timekeeping.h>
#include <linux/vmalloc.h>
#include "../helpers/helpers.h"
#include "../maps/maps.h"

static const struct bvm_helper_set *const sets[] = {
	BVM_SETS_ANY, &bvm_helpers_coarse_time, &bvm_helpers_task_names, &bvm_helpers_signal,
	&bvm_helpers_memory_tracing,
#ifdef CONFIG_NET
	&bvm_helpers_skb,
#endif
#ifdef CONFIG_BVM_EVENTS
	&bvm_helpers_perf_regs, &bvm_helpers_perf_read,
#endif
};

static const struct bvm_helper *find(struct kunit *test, u32 id)
{
	const struct bvm_prog_type type = { .sets = sets, .nr_sets = ARRAY_SIZE(sets) };
	const struct bvm_helper *helper = bvm_helper_find(&type, id);

	KUNIT_ASSERT_NOT_NULL(test, helper);
	return helper;
}

static s64 call(struct kunit *test, u32 id, u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	s64 ret;

	migrate_disable();
	rcu_read_lock();
	ret = find(test, id)->fn(r1, r2, r3, r4, r5);
	rcu_read_unlock();
	migrate_enable();
	return ret;
}

/* Which of all helpers ask for a GPL-compatible license, seen on the stock kernel. */
static const u32 gpl_only[] = {
	4, 6, 22, 25, 27, 35, 36, 45, 55, 67, 112, 113, 114, 115, 158, 165, 169, 170, 171, 172,
	173, 175, 176, 177, 191,
};

#define NAME(x, ...) #x
static const char *const names[] = { __BPF_FUNC_MAPPER(NAME) };
#undef NAME

static bool has_size(u8 arg)
{
	return arg == BVM_ARG_MEM || arg == BVM_ARG_UNINIT_MEM || arg == BVM_ARG_VALUE_MEM;
}

static bool is_size(u8 arg)
{
	return arg == BVM_ARG_SIZE || arg == BVM_ARG_SIZE_OR_ZERO;
}

static void well_formed(struct kunit *test, const struct bvm_helper *helper)
{
	bool gpl = false;
	u8 arg, next;
	u32 i;

	KUNIT_ASSERT_LT(test, helper->id, ARRAY_SIZE(names));
	KUNIT_EXPECT_STREQ(test, helper->name, names[helper->id]);
	for (i = 0; i < ARRAY_SIZE(gpl_only); i++)
		gpl |= gpl_only[i] == helper->id;
	KUNIT_EXPECT_EQ_MSG(test, !!(helper->flags & BVM_HELPER_GPL), gpl, "%s", helper->name);
	KUNIT_EXPECT_EQ_MSG(test, !helper->fn, !!(helper->flags & BVM_HELPER_LOOP), "%s",
			    helper->name);
	for (i = 0; i < ARRAY_SIZE(helper->arg); i++) {
		arg = helper->arg[i] & ~BVM_ARG_MAYBE_NULL;
		next = i + 1 < ARRAY_SIZE(helper->arg) ? helper->arg[i + 1] : BVM_ARG_NONE;
		KUNIT_EXPECT_TRUE(test, arg || !next);
		KUNIT_EXPECT_EQ_MSG(test, has_size(arg), is_size(next), "%s", helper->name);
		if (arg == BVM_ARG_FUNC)
			KUNIT_EXPECT_NOT_NULL(test, helper->callback);
		if (arg == BVM_ARG_BTF)
			KUNIT_EXPECT_NOT_NULL(test, helper->btf_type);
	}
}

static void table(struct kunit *test)
{
	const struct bvm_prog_type type = { .sets = sets, .nr_sets = ARRAY_SIZE(sets) };
	const struct bvm_helper *helper;
	u32 i, j, n = 0;

	for (i = 0; i < ARRAY_SIZE(sets); i++) {
		for (j = 0; j < sets[i]->count; j++, n++) {
			helper = &sets[i]->helper[j];
			well_formed(test, helper);
			/* there is no second one */
			KUNIT_EXPECT_PTR_EQ(test, bvm_helper_find(&type, helper->id), helper);
		}
	}
	KUNIT_EXPECT_GT(test, n, 30);
	KUNIT_EXPECT_NULL(test, bvm_helper_find(&type, 0));
}

static void map_elements(struct kunit *test)
{
	const struct bvm_map_spec spec = {
		.type = BPF_MAP_TYPE_HASH,
		.key_size = 4,
		.value_size = 8,
		.max_entries = 2,
		.numa_node = NUMA_NO_NODE,
	};
	struct bvm_map *map = bvm_hash_map.alloc(&spec);
	u64 m = (unsigned long)map, value = 5;
	u32 key = 1;
	u64 k = (unsigned long)&key, v = (unsigned long)&value;
	u64 *found;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, map);
	map->type = &bvm_hash_map;
	KUNIT_EXPECT_EQ(test, call(test, BPF_FUNC_map_lookup_elem, m, k, 0, 0, 0), 0);
	KUNIT_EXPECT_EQ(test, call(test, BPF_FUNC_map_delete_elem, m, k, 0, 0, 0), -ENOENT);
	KUNIT_EXPECT_EQ(test, call(test, BPF_FUNC_map_update_elem, m, k, v, 0, 0), 0);
	KUNIT_EXPECT_EQ(test, call(test, BPF_FUNC_map_update_elem, m, k, v, BPF_NOEXIST, 0),
			-EEXIST);
	found = (void *)(long)call(test, BPF_FUNC_map_lookup_elem, m, k, 0, 0, 0);
	KUNIT_EXPECT_NOT_NULL(test, found);
	if (found)
		KUNIT_EXPECT_EQ(test, *found, 5);
	KUNIT_EXPECT_EQ(test, call(test, BPF_FUNC_map_delete_elem, m, k, 0, 0, 0), 0);
	bvm_hash_map.free(map);
}

static void identity(struct kunit *test)
{
	char comm[TASK_COMM_LEN + 8];
	u64 ids, c = (unsigned long)comm;
	u32 i;

	ids = call(test, BPF_FUNC_get_current_pid_tgid, 0, 0, 0, 0, 0);
	KUNIT_EXPECT_EQ(test, lower_32_bits(ids), current->pid);
	KUNIT_EXPECT_EQ(test, upper_32_bits(ids), current->tgid);
	KUNIT_EXPECT_EQ(test, call(test, BPF_FUNC_get_current_uid_gid, 0, 0, 0, 0, 0), 0);
	KUNIT_EXPECT_EQ(test, call(test, BPF_FUNC_get_current_task, 0, 0, 0, 0, 0),
			(long)current);
	/* all of the buffer is written, and it ends */
	memset(comm, 0x5a, sizeof(comm));
	KUNIT_EXPECT_EQ(test, call(test, BPF_FUNC_get_current_comm, c, sizeof(comm), 0, 0, 0), 0);
	KUNIT_EXPECT_STREQ(test, comm, current->comm);
	for (i = strlen(current->comm); i < sizeof(comm); i++)
		KUNIT_EXPECT_EQ(test, comm[i], 0);
	memset(comm, 0x5a, sizeof(comm));
	KUNIT_EXPECT_EQ(test, call(test, BPF_FUNC_get_current_comm, c, 3, 0, 0, 0), 0);
	KUNIT_EXPECT_EQ(test, memcmp(comm, current->comm, 2), 0);
	KUNIT_EXPECT_EQ(test, comm[2], 0);
	KUNIT_EXPECT_EQ(test, comm[3], 0x5a);
}

static void cpu_and_time(struct kunit *test)
{
	u64 t[3], before = ktime_get_ns();
	u32 i, r, same = 0, last = 0;

	migrate_disable();
	KUNIT_EXPECT_EQ(test, call(test, BPF_FUNC_get_smp_processor_id, 0, 0, 0, 0, 0),
			smp_processor_id());
	migrate_enable();
	for (i = 0; i < ARRAY_SIZE(t); i++)
		t[i] = call(test, BPF_FUNC_ktime_get_ns, 0, 0, 0, 0, 0);
	KUNIT_EXPECT_LE(test, before, t[0]);
	KUNIT_EXPECT_LE(test, t[0], t[1]);
	KUNIT_EXPECT_LE(test, t[1], t[2]);
	KUNIT_EXPECT_LE(test, t[2], ktime_get_ns());
	for (i = 0; i < 1000; i++) {
		r = call(test, BPF_FUNC_get_prandom_u32, 0, 0, 0, 0, 0);
		same += r == last;
		last = r;
	}
	KUNIT_EXPECT_LT(test, same, 3);
}

static bool all_zero(const char *buf, size_t size)
{
	return !memchr_inv(buf, 0, size);
}

/* What faults or is refused leaves zeroes, and says so. */
static void read_faults(struct kunit *test)
{
	static const u32 ids[] = {
		BPF_FUNC_probe_read_user, BPF_FUNC_probe_read_user_str,
		BPF_FUNC_probe_read_kernel, BPF_FUNC_probe_read_kernel_str,
	};
	/* never mapped: the first page, the end of the address space, the gap in its middle */
	static const u64 bad[] = { 0, 8, ~7ULL, ~0ULL, 1ULL << 62 };
	char buf[32];
	u32 i, j;
	s64 err;

	if (IS_ENABLED(CONFIG_UML))
		kunit_skip(test, "UML of 6.12 does not survive a fault of the kernel");
	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		for (j = 0; j < ARRAY_SIZE(bad); j++) {
			memset(buf, 0x5a, sizeof(buf));
			err = call(test, ids[i], (unsigned long)buf, 24, bad[j], 0, 0);
			KUNIT_EXPECT_TRUE_MSG(test, err == -EFAULT || err == -ERANGE,
					      "helper %u address %#llx: %lld", ids[i], bad[j], err);
			KUNIT_EXPECT_TRUE(test, all_zero(buf, 24));
			KUNIT_EXPECT_EQ(test, buf[24], 0x5a);
		}
	}
	/* no bytes, no fault (of user memory there may be none at all: a kernel thread) */
	KUNIT_EXPECT_EQ(test, call(test, BPF_FUNC_probe_read_kernel_str, (unsigned long)buf, 0,
				   (unsigned long)buf, 0, 0), 0);
}

static void read_kernel(struct kunit *test)
{
	static const char text[] = "0123456789abcdef";
	u64 from = (unsigned long)text;
	u32 size, off;
	char buf[32];
	u64 to = (unsigned long)buf;

	for (size = 0; size <= 16; size++) {
		for (off = 0; off + size <= 16; off++) {
			memset(buf, 0x5a, sizeof(buf));
			KUNIT_EXPECT_EQ(test, call(test, BPF_FUNC_probe_read_kernel, to, size,
						   from + off, 0, 0), 0);
			KUNIT_EXPECT_EQ(test, memcmp(buf, text + off, size), 0);
			KUNIT_EXPECT_EQ(test, buf[size], 0x5a);
		}
	}
	/* the length counts the NUL; no byte behind it is touched */
	memset(buf, 0x5a, sizeof(buf));
	KUNIT_EXPECT_EQ(test, call(test, BPF_FUNC_probe_read_kernel_str, to, sizeof(buf), from,
				   0, 0), 17);
	KUNIT_EXPECT_STREQ(test, buf, text);
	KUNIT_EXPECT_EQ(test, buf[17], 0x5a);
	/* cut, but ended */
	memset(buf, 0x5a, sizeof(buf));
	KUNIT_EXPECT_EQ(test, call(test, BPF_FUNC_probe_read_kernel_str, to, 5, from, 0, 0), 5);
	KUNIT_EXPECT_STREQ(test, buf, "0123");
	KUNIT_EXPECT_EQ(test, buf[5], 0x5a);
	KUNIT_EXPECT_EQ(test, call(test, BPF_FUNC_probe_read_kernel_str, to, 1, from, 0, 0), 1);
	KUNIT_EXPECT_EQ(test, buf[0], 0);
}

/* A string, and a block, that run into a page that is not there. */
static void read_edge(struct kunit *test)
{
	char buf[32], *page;
	u64 to = (unsigned long)buf;

	if (IS_ENABLED(CONFIG_UML))
		kunit_skip(test, "UML of 6.12 does not survive a fault of the kernel");
	page = vmalloc(PAGE_SIZE);	/* a guard page follows */
	KUNIT_ASSERT_NOT_NULL(test, page);
	memset(page, 'x', PAGE_SIZE);
	memset(buf, 0x5a, sizeof(buf));
	KUNIT_EXPECT_EQ(test, call(test, BPF_FUNC_probe_read_kernel_str, to, 16,
				   (unsigned long)page + PAGE_SIZE - 8, 0, 0), -EFAULT);
	KUNIT_EXPECT_TRUE(test, all_zero(buf, 16));
	memset(buf, 0x5a, sizeof(buf));
	KUNIT_EXPECT_EQ(test, call(test, BPF_FUNC_probe_read_kernel, to, 16,
				   (unsigned long)page + PAGE_SIZE - 8, 0, 0), -EFAULT);
	KUNIT_EXPECT_TRUE(test, all_zero(buf, 16));
	page[PAGE_SIZE - 1] = 0;
	KUNIT_EXPECT_EQ(test, call(test, BPF_FUNC_probe_read_kernel_str, to, 16,
				   (unsigned long)page + PAGE_SIZE - 8, 0, 0), 8);
	vfree(page);
}

static struct kunit_case bvm_helpers_cases[] = {
	KUNIT_CASE(table),
	KUNIT_CASE(map_elements),
	KUNIT_CASE(identity),
	KUNIT_CASE(cpu_and_time),
	KUNIT_CASE(read_faults),
	KUNIT_CASE(read_kernel),
	KUNIT_CASE(read_edge),
	{}
};

static struct kunit_suite bvm_helpers_suite = {
	.name = "bvm_helpers",
	.test_cases = bvm_helpers_cases,
};

kunit_test_suite(bvm_helpers_suite);
