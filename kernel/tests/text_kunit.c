// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit: helpers about text.  What a format or a number gives was seen on the stock
 * kernel.
 */
#include <kunit/test.h>
#include <linux/in6.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include "../helpers/format.h"
#include "../helpers/helpers.h"

static s64 call(struct kunit *test, u32 id, u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	const struct bvm_helper_set *const sets[] = { &bvm_helpers_text };
	const struct bvm_prog_type type = { .sets = sets, .nr_sets = ARRAY_SIZE(sets) };
	const struct bvm_helper *helper = bvm_helper_find(&type, id);

	KUNIT_ASSERT_NOT_NULL(test, helper);
	return helper->fn(r1, r2, r3, r4, r5);
}

/* ---------------------------------------------------------------- formats */

static const u8 ip[16] = { 192, 168, 1, 2, 0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 9 };

#define N	0xfedcba9876543200
#define S	((unsigned long)"string")
#define IP	((unsigned long)ip)

static const struct {
	const char *fmt;
	u64 arg[2];
	const char *want;
} formats[] = {
	{ "plain\n\t", {}, "plain\n\t" },
	{ "\x80%%", {}, "\x80%" },
	{ "%d", { N }, "1985229312" },
	{ "%i|%u", { -8, -8 }, "-8|4294967288" },
	{ "%x|%X", { N, N }, "76543200|76543200" },
	{ "%ld|%li", { N, -1 }, "-81985529216486912|-1" },
	{ "%lx %llX", { N, N + 1 }, "fedcba9876543200 FEDCBA9876543201" },
	{ "%lu|%llu", { 1, -1 }, "1|18446744073709551615" },
	{ "%08x|%5d", { N, 4 }, "76543200|    4" },
	{ "%-20llx|%+d", { N, 5 }, "fedcba9876543200    |+5" },
	{ "% d|%0-+ d|", { 5, 5 }, " 5|+5|" },
	{ "%00005d|%-05d|", { 65, 65 }, "00065|65   |" },
	{ "%ldd%dX", { 65, 66 }, "65d66X" },
	{ "%c%5c", { 'A', 'B' }, "A    B" },
	{ "%05c|%+5cx", { 'A', 'B' }, "    A|    Bx" },
	{ "%s|%pks", { S, S }, "string|string" },
	{ "%10s|%-10s|", { S, S }, "    string|string    |" },
	{ "%05s|%20pks|", { S, S }, "string|string|" },
	{ "%s|%pks", { 8, 8 }, "|" },
	{ "%pi4 %pI4", { IP, IP }, "192.168.001.002 192.168.1.2" },
	{ "%pI4h,%20pI4|", { IP, IP }, "192.168.1.2,192.168.1.2|" },
	{ "%pI6", { IP }, "c0a8:0102:2001:0db8:0000:0000:0000:0009" },
	{ "%pi6 %pI6c", { IP, IP },
	  "c0a8010220010db80000000000000009 c0a8:0102:2001:0db8:0000:0000:0000:0009" },
	{ "%pi4 %pi6", { 8, 8 }, "000.000.000.000 00000000000000000000000000000000" },
	{ "%px|%pxy.", { N, N }, "fedcba9876543200|fedcba9876543200." },
	{ "%20px|%020px", { N, N }, "    fedcba9876543200|0000fedcba9876543200" },
	{ "%ps%%%40ps|", { (unsigned long)schedule, (unsigned long)schedule },
	  "schedule%                                schedule|" },
	{ "no %d arguments left over", { 1, 2 }, "no 1 arguments left over" },
};

static void format_texts(struct kunit *test)
{
	struct bvm_format_buf *buf;
	char *out = kunit_kzalloc(test, 256, GFP_KERNEL);
	u32 i;
	int len;

	KUNIT_ASSERT_NOT_NULL(test, out);
	for (i = 0; i < ARRAY_SIZE(formats); i++) {
		/* UML can not read what faults; names need CONFIG_KALLSYMS */
		if (formats[i].arg[0] == 8 && IS_ENABLED(CONFIG_UML))
			continue;
		if (strstr(formats[i].fmt, "%ps") && !IS_ENABLED(CONFIG_KALLSYMS))
			continue;
		KUNIT_EXPECT_EQ_MSG(test, 0, bvm_format_check(formats[i].fmt,
							      strlen(formats[i].fmt) + 1, 2),
				    "'%s'", formats[i].fmt);
		buf = bvm_format_buf_get();
		len = bvm_format(out, 256, formats[i].fmt, formats[i].arg, buf);
		bvm_format_buf_put();
		KUNIT_EXPECT_STREQ_MSG(test, out, formats[i].want, "'%s'", formats[i].fmt);
		KUNIT_EXPECT_EQ(test, len, strlen(formats[i].want));
	}
}

static void formats_refused(struct kunit *test)
{
	static const char *const bad[] = {
		"%", "100%", "%5%", "% %", "%12345678", "%--------", "%d %d %d", "%o", "%hd",
		"%hhx", "%zd", "%td", "%lc", "%llc", "%ls", "%lp", "%l", "%ll", "%llld", "%#x",
		"%.5d", "%*d", "%5-d", "%n", "%f", "%a", "%e", "\x01", "\x7f", "%\x80", "%p\x80",
		"%sX", "%s1", "%pusX", "%pus\x80", "%pux", "%pk", "%pI", "%pI5", "%pi", "%pf",
		"%pE", "%pX", "%p1", "%pz",
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		KUNIT_EXPECT_EQ_MSG(test, -EINVAL, bvm_format_check(bad[i], strlen(bad[i]) + 1, 2),
				    "'%s'", bad[i]);
	KUNIT_EXPECT_EQ(test, 0, bvm_format_check("%d\0%", 5, 1));
	KUNIT_EXPECT_EQ(test, -EINVAL, bvm_format_check("abc", 3, 1));
	KUNIT_EXPECT_EQ(test, -EINVAL, bvm_format_check("", 0, 0));
	KUNIT_EXPECT_EQ(test, 0, bvm_format_check("", 1, 12));
	KUNIT_EXPECT_EQ(test, -EINVAL, bvm_format_check("", 1, 13));
}

/* What does not fit is counted, not written; texts nest three deep. */
static void format_room(struct kunit *test)
{
	struct bvm_format_buf *buf[4];
	u64 arg = 4;
	char out[16];
	u32 i;

	memset(out, 'x', sizeof(out));
	for (i = 0; i < ARRAY_SIZE(buf); i++)
		buf[i] = bvm_format_buf_get();
	KUNIT_EXPECT_NULL(test, buf[3]);
	KUNIT_EXPECT_EQ(test, 900000, bvm_format(out, 5, "%0900000X", &arg, buf[2]));
	KUNIT_EXPECT_MEMEQ(test, out, "0000\0xxx", 8);
	KUNIT_EXPECT_EQ(test, 5, bvm_format(out, 1, "12%d45", &arg, buf[1]));
	KUNIT_EXPECT_MEMEQ(test, out, "\000000", 4);
	KUNIT_EXPECT_EQ(test, 5, bvm_format(NULL, 0, "12%d45", &arg, buf[0]));
	for (i = 0; i < 3; i++)
		bvm_format_buf_put();
	buf[0] = bvm_format_buf_get();
	KUNIT_EXPECT_NOT_NULL(test, buf[0]);
	bvm_format_buf_put();
}

static void bpf_snprintf(struct kunit *test)
{
	u64 args[] = { 1, 2 }, a = (unsigned long)args, fmt = (unsigned long)"%d %d";
	char out[8];
	u64 o = (unsigned long)out;

	KUNIT_EXPECT_EQ(test, 4, call(test, BPF_FUNC_snprintf, o, 8, fmt, a, 16));
	KUNIT_EXPECT_STREQ(test, out, "1 2");
	/* cut, ended; the length is that of all of it */
	KUNIT_EXPECT_EQ(test, 4, call(test, BPF_FUNC_snprintf, o, 2, fmt, a, 16));
	KUNIT_EXPECT_STREQ(test, out, "1");
	KUNIT_EXPECT_EQ(test, 4, call(test, BPF_FUNC_snprintf, 0, 0, fmt, a, 16));
	KUNIT_EXPECT_EQ(test, -EINVAL, call(test, BPF_FUNC_snprintf, o, 8, fmt, a, 8));
	KUNIT_EXPECT_EQ(test, -EINVAL, call(test, BPF_FUNC_snprintf, o, 8, fmt, a, 15));
}

/* ---------------------------------------------------------------- numbers */

static const struct {
	const char *text;
	u64 flags;
	int used;	/* or an error */
	s64 value;
	int unsigned_used;
} numbers[] = {
	{ "10", 0, 2, 10, 2 },
	{ "10", 10, 2, 10, 2 },
	{ "10", 16, 2, 16, 2 },
	{ "10", 8, 2, 8, 2 },
	{ "0x10", 0, 4, 16, 4 },
	{ "0x10", 16, 4, 16, 4 },
	{ "0X1f", 0, 4, 31, 4 },
	{ "010", 0, 3, 8, 3 },
	{ "08", 0, 1, 0, 1 },
	{ "0", 0, 1, 0, 1 },
	{ "0x", 0, 1, 0, 1 },
	{ "0x", 16, -EINVAL, 0, -EINVAL },
	{ "0xg", 16, -EINVAL, 0, -EINVAL },
	{ "x", 0, -EINVAL, 0, -EINVAL },
	{ " ", 0, -EINVAL, 0, -EINVAL },
	{ " \t\n\v 12", 0, 7, 12, 7 },
	{ "-12", 0, 3, -12, -EINVAL },
	{ "-0x10", 0, 5, -16, -EINVAL },
	{ "+12", 0, -EINVAL, 0, -EINVAL },
	{ "- 12", 0, -EINVAL, 0, -EINVAL },
	{ "--12", 0, -EINVAL, 0, -EINVAL },
	{ "-", 0, -EINVAL, 0, -EINVAL },
	{ "12abc", 0, 2, 12, 2 },
	{ "12\n", 0, 2, 12, 2 },
	{ "9223372036854775807", 0, 19, S64_MAX, 19 },
	{ "9223372036854775808", 0, -ERANGE, S64_MIN, 19 },
	{ "-9223372036854775808", 0, 20, S64_MIN, -EINVAL },
	{ "-9223372036854775809", 0, -ERANGE, 0, -EINVAL },
	{ "18446744073709551615", 0, -ERANGE, -1, 20 },
	{ "18446744073709551616", 0, -ERANGE, 0, -ERANGE },
	{ "-18446744073709551616", 0, -ERANGE, 0, -ERANGE },
	{ "0xffffffffffffffff", 0, -ERANGE, -1, 18 },
	{ "0x10000000000000000", 0, -ERANGE, 0, -ERANGE },
	{ "1777777777777777777777", 8, -ERANGE, -1, 22 },
	{ "10", 2, -EINVAL, 0, -EINVAL },
	{ "10", 31, -EINVAL, 0, -EINVAL },
	{ "10", 32, -EINVAL, 0, -EINVAL },
	{ "10", 42, -EINVAL, 0, -EINVAL },
	{ "0b1", 0, 1, 0, 1 },
};

static void number_texts(struct kunit *test)
{
	u64 at, value, v = (unsigned long)&value;
	u32 i, len;
	char *text;

	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		/* no byte behind the text is looked at */
		len = strlen(numbers[i].text);
		text = kunit_kmalloc(test, len, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, text);
		memcpy(text, numbers[i].text, len);
		at = (unsigned long)text;
		value = 5;
		KUNIT_EXPECT_EQ_MSG(test, numbers[i].used,
				    call(test, BPF_FUNC_strtol, at, len, numbers[i].flags, v, 0),
				    "'%s'", numbers[i].text);
		KUNIT_EXPECT_EQ(test, value, numbers[i].used < 0 ? 0 : numbers[i].value);
		value = 5;
		KUNIT_EXPECT_EQ_MSG(test, numbers[i].unsigned_used,
				    call(test, BPF_FUNC_strtoul, at, len, numbers[i].flags, v, 0),
				    "'%s', unsigned", numbers[i].text);
		KUNIT_EXPECT_EQ(test, value,
				numbers[i].unsigned_used < 0 ? 0 : numbers[i].value);
	}
}

static void bpf_strncmp(struct kunit *test)
{
	static const char text[] = "abcdef";
	u64 t = (unsigned long)text;

	KUNIT_EXPECT_EQ(test, 0, call(test, BPF_FUNC_strncmp, t, 3, (unsigned long)"abcx", 0, 0));
	KUNIT_EXPECT_LT(test, call(test, BPF_FUNC_strncmp, t, 4, (unsigned long)"abcx", 0, 0), 0);
	KUNIT_EXPECT_GT(test, call(test, BPF_FUNC_strncmp, t, 7, (unsigned long)"abc", 0, 0), 0);
}

static struct kunit_case bvm_text_cases[] = {
	KUNIT_CASE(format_texts),
	KUNIT_CASE(formats_refused),
	KUNIT_CASE(format_room),
	KUNIT_CASE(bpf_snprintf),
	KUNIT_CASE(number_texts),
	KUNIT_CASE(bpf_strncmp),
	{}
};

static struct kunit_suite bvm_text_suite = {
	.name = "bvm_text",
	.test_cases = bvm_text_cases,
};

kunit_test_suite(bvm_text_suite);
