/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What upstream's prog_tests/btf.c uses of test_progs.h, libbpf and libelf, as far as
 * its tables are run by upstream_btf_test.c; the rest of it is thrown away by the linker.
 */
#ifndef _BVM_UPSTREAM_TEST_PROGS_H
#define _BVM_UPSTREAM_TEST_PROGS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <linux/types.h>

extern int upstream_failed;
static struct {
	enum { VERBOSE_NONE } verbosity;
} env;

#define _CHECK(condition, tag, duration, format...) ({	\
	bool __bad = !!(condition);				\
	if (__bad) {						\
		upstream_failed++;				\
		printf("# " format);				\
		printf("\n");					\
	}							\
	__bad;							\
})

bool test__start_subtest(const char *name);
void test__skip(void);

static inline __u64 ptr_to_u64(const void *ptr)
{
	return (__u64)(unsigned long)ptr;
}

bool upstream_on_bvm(void);

#endif /* _BVM_UPSTREAM_TEST_PROGS_H */
