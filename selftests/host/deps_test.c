// SPDX-License-Identifier: GPL-2.0-only
/* The bench itself: allocations fail when told to, leaks are counted. */
#include "ktap.h"

static void fails_the_nth(void)
{
	void *a, *b, *c;

	host_alloc_fail(2);
	a = kmalloc(8, GFP_KERNEL);
	b = kcalloc(2, 8, GFP_KERNEL);
	c = kvmalloc(8, GFP_KERNEL);
	host_alloc_fail(0);
	CHECK(a && !b && c, "a %p b %p c %p", a, b, c);
	CHECK_EQ(host_alloc.live, 2);
	kfree(a);
	kvfree(c);
	CHECK_EQ(host_alloc.live, 0);
}

static void refuses_overflow(void)
{
	CHECK(!kcalloc(SIZE_MAX / 2, 4, GFP_KERNEL), "overflowed size accepted");
	CHECK(!kvrealloc(NULL, array_size(SIZE_MAX / 2, 4), GFP_KERNEL), "size accepted");
}

static void strings(void)
{
	char buf[4];

	CHECK_EQ(scnprintf(buf, sizeof(buf), "%d", 12345), 3);
	CHECK_EQ(strscpy(buf, "abcdef"), -E2BIG);
	CHECK_EQ(strscpy(buf, "ab", sizeof(buf)), 2);
}

int main(void)
{
	static const struct ktap_test tests[] = {
		{ "the Nth allocation fails", fails_the_nth },
		{ "overflowed sizes are refused", refuses_overflow },
		{ "strings", strings },
	};

	return ktap_run(tests, ARRAY_SIZE(tests));
}
