// SPDX-License-Identifier: GPL-2.0-only
/*
 * Upstream's tables of BTF tests, prog_tests/btf.c, unmodified, without test_progs and
 * libbpf.  BTF_C names that file.
 *
 *   main [-v] [raw|info|prog]
 *
 * raw: objects that must load, or must not, with what the log says, and maps that use
 * them; info: objects as BPF_OBJ_GET_INFO_BY_FD shows them; prog: programs with types of
 * functions and source lines.  Without an argument: all.  -v prints the logs.
 */
#include BTF_C

int upstream_failed;
static unsigned int upstream_done, upstream_bad;
static const char *upstream_name;

bool test__start_subtest(const char *name)
{
	upstream_name = name;
	upstream_failed = 0;
	return true;
}

void test__skip(void)
{
}

long libbpf_get_error(const void *ptr)
{
	return IS_ERR(ptr) ? PTR_ERR(ptr) : 0;
}

static void upstream_run(const char *group, void (*run)(unsigned int), unsigned int count)
{
	unsigned int i;

	for (i = 1; i <= count; i++) {
		run(i);
		upstream_done++;
		upstream_bad += !!upstream_failed;
		printf("%sok %u %s: %s\n", upstream_failed ? "not " : "", upstream_done, group,
		       upstream_name);
	}
}

int main(int argc, char **argv)
{
	const struct {
		const char *name;
		void (*run)(unsigned int nr);
		unsigned int count;
	} groups[] = {
		{ "raw", do_test_raw, ARRAY_SIZE(raw_tests) },
		{ "info", do_test_get_info, ARRAY_SIZE(get_info_tests) },
		{ "prog", do_test_info_raw, ARRAY_SIZE(info_raw_tests) },
	};
	const char *only = NULL;
	unsigned int i, planned = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	dup2(1, 2);
	for (i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "-v"))
			always_log = true;
		else
			only = argv[i];
	}
	for (i = 0; i < ARRAY_SIZE(groups); i++)
		if (!only || !strcmp(only, groups[i].name))
			planned += groups[i].count;
	printf("KTAP version 1\n1..%u\n", planned);
	for (i = 0; i < ARRAY_SIZE(groups); i++)
		if (!only || !strcmp(only, groups[i].name))
			upstream_run(groups[i].name, groups[i].run, groups[i].count);
	printf("%u passed, %u failed, 0 skipped\n", upstream_done - upstream_bad, upstream_bad);
	return !planned || upstream_bad;
}
