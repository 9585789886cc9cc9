// SPDX-License-Identifier: GPL-2.0-only
/*
 * Upstream's test_maps.c, unmodified, and those of its map_tests/ that are about maps
 * that BVM has: each subtest in a process of its own, for they exit or abort when they
 * fail.  Left out, by name: what needs maps or programs that BVM does not have; and,
 * unless UPSTREAM_MAPS=all is in the environment, what takes minutes.
 */
#define main upstream_main	/* calls all subtests, and ends at the first that cannot run */
#include <test_maps.c>
#undef main

#include "kselftest.h"
#include "lib/bpf_sys.h"
#include "upstream_maps/map_tests/tests.h"

#define TASK(NAME)	static void run_ ## NAME(void) { test_ ## NAME(0, NULL); }
TASK(hashmap)
TASK(hashmap_sizes)
TASK(hashmap_percpu)
TASK(hashmap_walk)
TASK(arraymap)
TASK(arraymap_percpu)
TASK(queuemap)
TASK(stackmap)

static bool has_batches(void)
{
	union bpf_attr attr = { .batch.map_fd = -1 };

	/* EINVAL: no such command */
	return sys_bpf(BPF_MAP_LOOKUP_BATCH, &attr) == -EBADF;
}

#define WITH_FLAGS	1	/* also with BPF_F_NO_PREALLOC */
#define BATCHES		2
#define SLOW		4	/* minutes under emulation: only with UPSTREAM_MAPS=all */

static const struct subtest {
	const char *name;
	void (*fn)(void);
	int how;
	const char *left_out;
} subtests[] = {
	{ "hashmap", run_hashmap, WITH_FLAGS },
	{ "hashmap_sizes", run_hashmap_sizes, WITH_FLAGS },
	{ "hashmap_percpu", run_hashmap_percpu, WITH_FLAGS },
	{ "hashmap_walk", run_hashmap_walk, WITH_FLAGS },
	{ "hashmap_zero_seed", test_hashmap_zero_seed, WITH_FLAGS },
	{ "arraymap", run_arraymap, WITH_FLAGS },
	{ "arraymap_percpu", run_arraymap_percpu, WITH_FLAGS },
	{ "arraymap_percpu_many_keys", test_arraymap_percpu_many_keys, WITH_FLAGS },
	{ "map_large", test_map_large, WITH_FLAGS },
	{ "map_parallel", test_map_parallel, WITH_FLAGS | SLOW },
	{ "map_stress", test_map_stress, WITH_FLAGS | SLOW },
	{ "map_rdonly", test_map_rdonly, WITH_FLAGS },
	{ "map_wronly", test_map_wronly, WITH_FLAGS },
	{ "queuemap", run_queuemap, WITH_FLAGS },
	{ "stackmap", run_stackmap, WITH_FLAGS },
	{ "lpm_trie_map_get_next_key", test_lpm_trie_map_get_next_key },
	{ "array_map_batch_ops", test_array_map_batch_ops, BATCHES },
	{ "htab_map_batch_ops", test_htab_map_batch_ops, BATCHES },
	{ "lpm_trie_map_batch_ops", test_lpm_trie_map_batch_ops, BATCHES },
	{ "map_in_map_batch_ops_array", test_map_in_map_batch_ops_array, BATCHES },
	{ "map_in_map_batch_ops_hash", test_map_in_map_batch_ops_hash, BATCHES },
	{ "map_in_map", .left_out = "its program is for XDP" },
	{ "devmap", .left_out = "maps for XDP" },
	{ "devmap_hash", .left_out = "maps for XDP" },
	{ "sockmap", .left_out = "programs on sockets" },
	{ "reuseport_array", .left_out = "maps of sockets" },
	{ "sk_storage_map", .left_out = "storage in sockets" },
	{ "task_storage_map", .left_out = "storage in tasks" },
	{ "map_percpu_stats", .left_out = "iterators over maps" },
};

static const char *why_left_out(const struct subtest *test)
{
	if (test->left_out)
		return test->left_out;
	if (test->how & BATCHES && !has_batches())
		return "no batch operations";
	if (test->how & SLOW && strcmp(getenv("UPSTREAM_MAPS") ?: "", "all"))
		return "slow, only with UPSTREAM_MAPS=all";
	return NULL;
}

static void run_subtest(const struct subtest *test, __u32 flags)
{
	const char *with = flags ? " no_prealloc" : "";
	const char *left_out = why_left_out(test);
	int status = 0;
	pid_t child;

	if (left_out) {
		ksft_test_result_skip("%s%s: %s\n", test->name, with, left_out);
		return;
	}
	fflush(stdout);
	child = fork();
	if (!child) {
		/* what upstream prints must not look like results */
		dup2(STDERR_FILENO, STDOUT_FILENO);
		srand(1);
		map_opts.map_flags = flags;
		test->fn();
		exit(0);
	}
	waitpid(child, &status, 0);
	if (status)
		ksft_print_msg("%s%s: %s %d\n", test->name, with,
			       WIFEXITED(status) ? "exit status" : "signal",
			       WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
	ksft_test_result(!status, "%s%s\n", test->name, with);
}

int main(void)
{
	unsigned int plan = 0;

	ksft_print_header();
	if (geteuid() != 0)
		ksft_exit_skip("not root\n");
	for (size_t i = 0; i < ARRAY_SIZE(subtests); i++)
		plan += subtests[i].how & WITH_FLAGS ? 2 : 1;
	ksft_set_plan(plan);
	for (size_t i = 0; i < ARRAY_SIZE(subtests); i++) {
		run_subtest(&subtests[i], 0);
		if (subtests[i].how & WITH_FLAGS)
			run_subtest(&subtests[i], BPF_F_NO_PREALLOC);
	}
	ksft_finished();
}
