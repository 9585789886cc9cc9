// SPDX-License-Identifier: GPL-2.0-only
/*
 * No page of the kernel is writable and executable while programs come and go, as its dump
 * of its page tables says (CONFIG_PTDUMP_DEBUGFS).
 */
#include <signal.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include "lib/harness.h"
#include "lib/bpf_sys.h"

#define READS	5

static FILE *open_dump(void)
{
	static const char *const paths[] = {
		"/sys/kernel/debug/page_tables/kernel",		/* x86-64 */
		"/sys/kernel/debug/kernel_page_tables",		/* arm64 */
	};
	FILE *file = NULL;

	mount("debugfs", "/sys/kernel/debug", "debugfs", 0, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(paths) && !file; i++)
		file = fopen(paths[i], "r");
	return file;
}

/* The line has the word; NX is another one than x. */
static bool has(const char *line, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = line; (at = strstr(at, word)); at += len)
		if (at > line && at[-1] == ' ' && (at[len] == ' ' || at[len] == '\n'))
			return true;
	return false;
}

/* Return: writable and executable ranges; -1: there is no dump. */
static int count_bad(int *executable)
{
	FILE *file = open_dump();
	char line[512];
	int bad = 0;

	if (!file)
		return -1;
	while (fgets(line, sizeof(line), file)) {
		if (!has(line, "x"))
			continue;
		++*executable;
		if (has(line, "RW")) {
			bad++;
			printf("# %s", line);
		}
	}
	fclose(file);
	return bad;
}

static void load_and_unload(void)
{
	for (;;) {
		int progs[8];

		for (int i = 0; i < 8; i++)
			progs[i] = PROG_LOAD(BPF_PROG_TYPE_SOCKET_FILTER,
					     BPF_MOV64_IMM(BPF_REG_0, i), BPF_EXIT_INSN());
		for (int i = 0; i < 8; i++)
			close(progs[i]);
	}
}

TEST(no_page_is_writable_and_executable)
{
	int executable = 0, bad = count_bad(&executable);
	pid_t child;

	if (bad < 0)
		SKIP(return, "no dump of page tables");
	child = fork();
	ASSERT_LE(0, child);
	if (!child)
		load_and_unload();
	for (int i = 0; i < READS && !bad; i++)
		bad = count_bad(&executable);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	EXPECT_EQ(0, bad);
	EXPECT_LT(0, executable);
}

TEST_HARNESS_MAIN
