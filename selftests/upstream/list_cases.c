// SPDX-License-Identifier: GPL-2.0-only
/*
 * The cases of upstream's test_verifier, one line each, tab-separated:
 * number, program type, helpers, fields of the context, maps that it needs
 * (beyond those that every kernel has), what it fixes ("insns": those that the kernel
 * makes of the program, "count": how many it looks at), expected text, description.
 *
 * Compiled with test_verifier.c, whose table it walks.
 */
#define main test_verifier_main
#include "test_verifier.c"
#undef main

#include "scan.h"

#define MAP(name)	{ offsetof(struct bpf_test, fixup_ ## name), #name }

static const struct {
	size_t at;
	const char *name;
} maps[] = {
	MAP(map_sockmap), MAP(map_sockhash), MAP(map_xskmap), MAP(cgroup_storage),
	MAP(percpu_cgroup_storage), MAP(map_spin_lock), MAP(sk_storage_map),
	MAP(map_reuseport_array), MAP(map_timer), MAP(map_kptr),
};

static void list_maps(const struct bpf_test *test)
{
	bool first = true;

	for (size_t i = 0; i < ARRAY_SIZE(maps); i++) {
		/* A list of instructions that ends with 0. */
		const int *fixup = (const int *)((const char *)test + maps[i].at);

		if (*fixup)
			printf("%s%s", first ? "" : ",", maps[i].name);
		first &= !*fixup;
	}
}

static void list_case(unsigned int number)
{
	struct bpf_test *test = &tests[number];
	struct scan scan = {};

	if (test->fill_helper) {
		test->fill_insns = calloc(MAX_TEST_INSNS, sizeof(struct bpf_insn));
		test->fill_helper(test);
		scan_insns(&scan, test->fill_insns, test->prog_len);
		free(test->fill_insns);
	} else {
		scan_insns(&scan, test->insns, probe_filter_length(test->insns));
	}
	if (test->fixup_kfunc_btf_id[0].kfunc)
		scan.kfunc = true;
	printf("%u\t%s", number, libbpf_bpf_prog_type_str(test->prog_type ?:
							  BPF_PROG_TYPE_SOCKET_FILTER));
	scan_print(&scan);
	printf("\t");
	list_maps(test);
	printf("\t%s\t", test->expected_insns[0].code || test->unexpected_insns[0].code ?
			  "insns" : test->insn_processed ? "count" : "");
	scan_print_text(test->errstr ?: "");
	printf("\t");
	scan_print_text(test->descr);
	printf("\n");
}

int main(void)
{
	bpf_semi_rand_init();
	for (unsigned int i = 0; i < ARRAY_SIZE(tests); i++)
		list_case(i);
	return 0;
}
