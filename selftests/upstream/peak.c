// SPDX-License-Identifier: GPL-2.0-only
/*
 * Run a command; at its end print, on stdout,
 *	peak_kib N
 * the most by which the kernel's memory was larger than before: unreclaimable
 * slabs and vmalloc areas, looked up every millisecond.  Linux 6.12 does not
 * charge what its verifier allocates to a control group, so this is what can be
 * seen of both kernels from outside.
 *
 * usage: peak COMMAND [ARGUMENT...]
 */
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long field(const char *text, const char *name)
{
	const char *at = strstr(text, name);

	return at ? atol(at + strlen(name)) : 0;
}

static long kernel_kib(int meminfo)
{
	char text[4096];
	ssize_t length = pread(meminfo, text, sizeof(text) - 1, 0);

	if (length < 0)
		return 0;
	text[length] = '\0';
	return field(text, "SUnreclaim:") + field(text, "VmallocUsed:");
}

int main(int argc, char **argv)
{
	const struct sched_param first = { .sched_priority = 1 };
	const struct timespec pause = { .tv_nsec = 1000000 };
	int meminfo = open("/proc/meminfo", O_RDONLY);
	long before, peak = 0;
	int status;
	pid_t child;

	if (argc < 2 || meminfo < 0)
		return 2;
	before = kernel_kib(meminfo);
	child = fork();
	if (child < 0)
		return 2;
	if (!child) {
		execvp(argv[1], argv + 1);
		_exit(127);
	}
	sched_setscheduler(0, SCHED_FIFO, &first);
	while (!waitpid(child, &status, WNOHANG)) {
		long now = kernel_kib(meminfo) - before;

		if (now > peak)
			peak = now;
		nanosleep(&pause, NULL);
	}
	printf("peak_kib %ld\n", peak);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
