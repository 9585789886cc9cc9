/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * KTAP output for host tests.  A test program calls ktap_plan(n), then for each
 * case any number of CHECK()s followed by ktap_end(name), and returns ktap_exit().
 */
#ifndef _BVM_KTAP_H
#define _BVM_KTAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

static unsigned int ktap_planned, ktap_done, ktap_bad, ktap_case_bad;

static inline void ktap_plan(unsigned int n)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("KTAP version 1\n1..%u\n", n);
	ktap_planned = n;
}

/* A check of the current case failed; only the first few are printed. */
__attribute__((__format__(printf, 3, 4)))
static inline void ktap_fail(const char *file, int line, const char *fmt, ...)
{
	va_list args;

	if (ktap_case_bad++ >= 10)
		return;
	printf("# %s:%d: ", file, line);
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	printf("\n");
}

#define CHECK(cond, fmt, ...) ({					\
	bool __ok = !!(cond);						\
	if (!__ok)							\
		ktap_fail(__FILE__, __LINE__, "%s: " fmt, #cond, ##__VA_ARGS__); \
	__ok;								\
})

#define CHECK_EQ(a, b) ({						\
	long long __a = (long long)(a), __b = (long long)(b);		\
	bool __same = __a == __b;					\
	if (!__same)							\
		ktap_fail(__FILE__, __LINE__, "%s is %lld (%#llx), want %lld (%#llx)", \
			  #a, __a, __a, __b, __b);			\
	__same;								\
})

/* Ends the current case. */
static inline void ktap_end(const char *name)
{
	ktap_done++;
	printf("%sok %u %s\n", ktap_case_bad ? "not " : "", ktap_done, name);
	if (ktap_case_bad)
		ktap_bad++;
	ktap_case_bad = 0;
}

static inline void ktap_skip(const char *name, const char *why)
{
	ktap_done++;
	printf("ok %u %s # SKIP %s\n", ktap_done, name, why);
	ktap_case_bad = 0;
}

static inline int ktap_exit(void)
{
	if (ktap_done != ktap_planned) {
		printf("# planned %u cases, ran %u\n", ktap_planned, ktap_done);
		return 1;
	}
	return ktap_bad ? 1 : 0;
}

/* For tables of functions: KTAP_RUN(tests) runs { name, fn } entries. */
struct ktap_test {
	const char *name;
	void (*fn)(void);
};

static inline int ktap_run(const struct ktap_test *test, unsigned int n)
{
	unsigned int i;

	ktap_plan(n);
	for (i = 0; i < n; i++) {
		test[i].fn();
		ktap_end(test[i].name);
	}
	return ktap_exit();
}

#endif /* _BVM_KTAP_H */
