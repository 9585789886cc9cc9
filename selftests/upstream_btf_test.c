// SPDX-License-Identifier: GPL-2.0-only
/*
 * Upstream's tables of BTF tests, tools/testing/selftests/bpf/prog_tests/btf.c, unmodified,
 * without test_progs and libbpf.
 *
 *   upstream_btf_test [-v] [raw|info|prog]
 *
 * raw: objects that must load, or must not, with what the log says, and maps that use
 * them; info: objects as BPF_OBJ_GET_INFO_BY_FD shows them; prog: programs with types of
 * functions and source lines.  Without an argument: all.  -v prints the logs.
 */
#include <prog_tests/btf.c>

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

/* Where BVM differs on purpose. */
static const struct {
	const char *name;
	const char *why;
} upstream_differs[] = {
	{ "line_info (dead start)", "BVM keeps code that no path reaches, and its lines" },
	{ "line_info (dead end)", "as above" },
	{ "line_info (dead code + subprog + func_info)", "as above" },
	{ "line_info (dead subprog)", "as above" },
	{ "line_info (dead last subprog)", "as above" },
	{ "line_info (dead subprog + dead start)", "as above" },
	{ "line_info (dead subprog + dead start w/ move)", "as above" },
};

static const char *upstream_excuse(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(upstream_differs); i++)
		if (!strcmp(upstream_name, upstream_differs[i].name))
			return upstream_differs[i].why;
	return NULL;
}

/* A difference that is listed and is none fails as well. */
static void upstream_result(const char *group, bool bvm)
{
	const char *why = bvm ? upstream_excuse() : NULL;
	bool bad = !upstream_failed != !why;

	upstream_done++;
	upstream_bad += bad;
	/* upstream's "OK" on stderr has no end of line */
	printf("\n%sok %u %s: %s%s%s\n", bad ? "not " : "", upstream_done, group, upstream_name,
	       why ? " # XFAIL " : "", why ? why : "");
}

static void upstream_run(const char *group, void (*run)(unsigned int), unsigned int count)
{
	bool bvm = upstream_on_bvm();
	unsigned int i;

	for (i = 1; i <= count; i++) {
		run(i);
		upstream_result(group, bvm);
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
	dup2(STDOUT_FILENO, STDERR_FILENO);
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
	return !planned || upstream_bad;
}
