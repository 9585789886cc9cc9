// SPDX-License-Identifier: GPL-2.0-only
/*
 * Helpers about text: comparing, numbers in it, formatting.
 */
#include <linux/array_size.h>
#include <linux/ctype.h>
#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/overflow.h>
#include <linux/string.h>
#include "format.h"
#include "helpers.h"

static u64 helper_strncmp(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	return strncmp((const char *)(unsigned long)r1, (const char *)(unsigned long)r3, r2);
}

/* ---------------------------------------------------------------- numbers */

/**
 * struct number - what a text begins with
 * @value:	without the sign
 * @used:	characters of it, with what is in front
 * @minus:	there is a '-'
 */
struct number {
	u64 value;
	u32 used;
	bool minus;
};

static int digit_of(char c, u32 base)
{
	int digit = isdigit(c) ? c - '0' : isxdigit(c) ? tolower(c) - 'a' + 10 : 16;

	return digit < base ? digit : -1;
}

/*
 * The base that a number at @text tells, for 0, or the one given; its prefix is
 * skipped.  As in C, "0x" is one only if a digit follows.
 */
static u32 parse_base(const char *text, u32 len, u32 base, u32 *at)
{
	bool zero = *at < len && text[*at] == '0';
	bool hex = zero && *at + 1 < len && tolower(text[*at + 1]) == 'x';

	if (!base && hex && *at + 2 < len && isxdigit(text[*at + 2]))
		base = 16;
	else if (!base)
		base = zero ? 8 : 10;
	if (base == 16 && hex)
		*at += 2;
	return base;
}

static int parse_number(const char *text, u32 len, u64 flags, struct number *n)
{
	bool overflow = false;
	u32 at = 0, base, first;
	int digit;

	if (flags != 0 && flags != 8 && flags != 10 && flags != 16)
		return -EINVAL;
	while (at < len && isspace(text[at]))
		at++;
	n->minus = at < len && text[at] == '-';
	at += n->minus;
	base = parse_base(text, len, flags, &at);
	n->value = 0;
	for (first = at; at < len; at++) {
		digit = digit_of(text[at], base);
		if (digit < 0)
			break;
		overflow |= check_mul_overflow(n->value, base, &n->value);
		overflow |= check_add_overflow(n->value, digit, &n->value);
	}
	n->used = at;
	if (at == first)
		return -EINVAL;
	return overflow ? -ERANGE : 0;
}

static u64 helper_strtol(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	s64 *result = (s64 *)(unsigned long)r4;
	struct number n;
	int err;

	*result = 0;
	err = parse_number((const char *)(unsigned long)r1, r2, r3, &n);
	if (err)
		return err;
	if (n.value > (u64)S64_MAX + n.minus)
		return -ERANGE;
	*result = n.minus ? -n.value : n.value;
	return n.used;
}

static u64 helper_strtoul(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	u64 *result = (u64 *)(unsigned long)r4;
	struct number n;
	int err;

	*result = 0;
	err = parse_number((const char *)(unsigned long)r1, r2, r3, &n);
	if (!err && n.minus)
		err = -EINVAL;
	if (err)
		return err;
	*result = n.value;
	return n.used;
}

/* ------------------------------------------------------------- formatting */

/* The format of bpf_snprintf() is known when the program is loaded. */
static int snprintf_check(const char *fmt, u32 data_len)
{
	if (data_len % sizeof(u64))
		return -EINVAL;
	return bvm_format_check(fmt, strlen(fmt) + 1, data_len / sizeof(u64));
}

static u64 helper_snprintf(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	const char *fmt = (const char *)(unsigned long)r3;
	struct bvm_format_buf *buf;
	long ret;

	ret = snprintf_check(fmt, r5);
	if (ret)
		return ret;
	buf = bvm_format_buf_get();
	if (!buf)
		return -EBUSY;
	ret = bvm_format((char *)(unsigned long)r1, r2, fmt, (const u64 *)(unsigned long)r4, buf);
	bvm_format_buf_put();
	return ret + 1;
}

static const struct bvm_helper text_helpers[] = {
	{
		.id = BPF_FUNC_strncmp,
		.name = "strncmp",
		.fn = helper_strncmp,
		.arg = { BVM_ARG_MEM, BVM_ARG_SIZE, BVM_ARG_STRING },
	},
	{
		.id = BPF_FUNC_strtol,
		.name = "strtol",
		.fn = helper_strtol,
		.arg = { BVM_ARG_MEM, BVM_ARG_SIZE, BVM_ARG_ANYTHING, BVM_ARG_LONG_OUT },
	},
	{
		.id = BPF_FUNC_strtoul,
		.name = "strtoul",
		.fn = helper_strtoul,
		.arg = { BVM_ARG_MEM, BVM_ARG_SIZE, BVM_ARG_ANYTHING, BVM_ARG_LONG_OUT },
	},
	{
		.id = BPF_FUNC_snprintf,
		.name = "snprintf",
		.fn = helper_snprintf,
		.arg = {
			BVM_ARG_UNINIT_MEM | BVM_ARG_MAYBE_NULL, BVM_ARG_SIZE_OR_ZERO,
			BVM_ARG_STRING,
			BVM_ARG_MEM | BVM_ARG_MAYBE_NULL, BVM_ARG_SIZE_OR_ZERO,
		},
		.flags = BVM_HELPER_GPL | BVM_HELPER_PERFMON,
		.check_format = snprintf_check,
	},
};

const struct bvm_helper_set bvm_helpers_text = { text_helpers, ARRAY_SIZE(text_helpers) };
