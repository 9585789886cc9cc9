// SPDX-License-Identifier: GPL-2.0-only
/*
 * Load latency.bpf.c, let it count for a while, print the heat maps as lines of
 *
 *	what,time_ms,latency_ns,count
 *
 * where time is that of the left border of a column, and latency the lower border of a
 * row.  Cells without events are left out.  scripts/heatmap draws them.
 *
 * usage: latency SECONDS
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "latency.h"
#include "latency.skel.h"

#define NS_PER_MS	1000000ULL
#define NS_PER_S	1000000000ULL

static const char * const kind_name[LATENCY_KINDS] = {
	[LATENCY_RUN_QUEUE] = "run-queue",
	[LATENCY_BLOCK_IO] = "block-io",
};

/* Ends the sleep early, what was counted so far is printed. */
static void interrupted(int signal)
{
}

static unsigned long long now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * NS_PER_S + now.tv_nsec;
}

static int print_cell(int heat, unsigned int kind, unsigned int column, unsigned int row,
		      unsigned long long column_ns)
{
	__u32 cell = LATENCY_CELL(kind, column, row);
	__u64 count;

	if (bpf_map_lookup_elem(heat, &cell, &count))
		return -errno;
	if (count)
		printf("%s,%llu,%llu,%llu\n", kind_name[kind], column * column_ns / NS_PER_MS,
		       1ULL << row, (unsigned long long)count);
	return 0;
}

static int print_heat(int heat, unsigned long long column_ns)
{
	unsigned int kind, column, row;
	int err = 0;

	printf("# column_ms=%llu columns=%d\n", column_ns / NS_PER_MS, LATENCY_COLUMNS);
	printf("what,time_ms,latency_ns,count\n");
	for (kind = 0; kind < LATENCY_KINDS; kind++)
		for (column = 0; column < LATENCY_COLUMNS; column++)
			for (row = 0; !err && row < LATENCY_ROWS; row++)
				err = print_cell(heat, kind, column, row, column_ns);
	return err;
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = interrupted };
	struct latency *skel;
	char *end = NULL;
	double seconds = argc == 2 ? strtod(argv[1], &end) : 0;
	unsigned long long column_ns;
	struct timespec rest;
	int err;

	if (!end || *end || !(seconds >= 1 && seconds <= 86400)) {
		fprintf(stderr, "usage: latency SECONDS (1 to 86400)\n");
		return 2;
	}
	/* Whole milliseconds, so that the borders of columns can be printed exactly. */
	column_ns = (unsigned long long)(seconds * 1000 / LATENCY_COLUMNS + 1) * NS_PER_MS;
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);

	skel = latency__open();
	if (!skel) {
		fprintf(stderr, "latency: cannot open the programs: %s\n", strerror(errno));
		return 1;
	}
	skel->rodata->start_ns = now_ns();
	skel->rodata->column_ns = column_ns;
	err = latency__load(skel);
	if (!err)
		err = latency__attach(skel);
	if (!err) {
		rest.tv_sec = seconds;
		rest.tv_nsec = (seconds - rest.tv_sec) * NS_PER_S;
		fprintf(stderr, "# counting for %g s\n", seconds);
		nanosleep(&rest, NULL);
		latency__detach(skel);
		err = print_heat(bpf_map__fd(skel->maps.heat), column_ns);
	}
	if (err)
		fprintf(stderr, "latency: %s\n", strerror(-err));
	latency__destroy(skel);
	return err ? 1 : 0;
}
