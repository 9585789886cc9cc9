// SPDX-License-Identifier: GPL-2.0-only
/*
 * Machine code of two kernels, run in one process: nanoseconds on this processor.
 *
 * usage: native A.image B.image BLOCKS
 *
 * Images are those that bench wrote: of XDP programs that call no helpers, so that they need
 * nothing but a context and a packet.  A block runs A, B, B, A, each as often as takes some
 * ten microseconds at least; prints "A B", nanoseconds a run, for each block.  What an
 * image's first line gives as address is where it was in the kernel: functions keep their
 * distances.  Where that is in a cache line is a matter of chance, and may decide about a
 * quarter of the time: blocks take the places in turn.  Both must return the same; exit
 * status 1 if not.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <linux/types.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

#include "packet.h"

#define FUNCTIONS	64
#define SPAN_MAX	(64 << 20)
#define SAMPLE_NS	20000
#define ROOM		64
#define STEP		8	/* to which the kernel aligns images */
#define PLACES		(ROOM / STEP)

/* The beginning of the kernel's struct xdp_buff. */
struct context {
	unsigned char *data, *data_end, *data_meta, *hard_start;
	void *unused[4];
};

typedef unsigned int (*image_fn)(struct context *ctx, const void *insns);

static unsigned char packet[INPUT_SIZE];
static struct context ctx = { packet, packet + INPUT_SIZE, packet, packet };

static void fail(const char *what)
{
	fprintf(stderr, "native: %s\n", what);
	exit(2);
}

/* Returns where its functions went. @place: in a cache line. */
static image_fn load(const char *path, int place)
{
	unsigned long long at[FUNCTIONS], low = ~0ULL, high = 0;
	unsigned int length[FUNCTIONS];
	FILE *file = fopen(path, "r");
	unsigned char *area;
	char line[64];
	int n = 0, i;

	if (!file)
		fail(path);
	while (fgets(line, sizeof(line), file) && line[0] != '\n') {
		if (n == FUNCTIONS || sscanf(line, "%llx %u", &at[n], &length[n]) != 2)
			fail(path);
		low = at[n] < low ? at[n] : low;
		high = at[n] + length[n] > high ? at[n] + length[n] : high;
		n++;
	}
	if (!n || high - low > SPAN_MAX)
		fail(path);
	area = mmap(NULL, high - low + 2 * ROOM, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (area == MAP_FAILED)
		fail("memory");
	memset(area, 0xcc, high - low + 2 * ROOM);
	area += place * STEP;
	for (i = 0; i < n; i++)
		if (fread(area + (at[i] - low), 1, length[i], file) != length[i])
			fail(path);
	fclose(file);
	if (mprotect(area - place * STEP, high - low + 2 * ROOM, PROT_READ | PROT_EXEC))
		fail("mprotect");
	return (image_fn)(area + (at[0] - low));
}

static double sample(image_fn run, long times)
{
	struct timespec a, b;
	long i;

	clock_gettime(CLOCK_MONOTONIC_RAW, &a);
	for (i = 0; i < times; i++)
		run(&ctx, NULL);
	clock_gettime(CLOCK_MONOTONIC_RAW, &b);
	return ((b.tv_sec - a.tv_sec) * 1e9 + (b.tv_nsec - a.tv_nsec)) / times;
}

static double least(double a, double b)
{
	return a < b ? a : b;
}

int main(int argc, char **argv)
{
	image_fn a[PLACES], b[PLACES];
	cpu_set_t one;
	long times = 1;
	int blocks, i;

	if (argc != 4)
		fail("usage: native A.image B.image BLOCKS");
	CPU_ZERO(&one);
	CPU_SET(0, &one);
	sched_setaffinity(0, sizeof(one), &one);
	fill_packet(packet);
	for (i = 0; i < PLACES; i++) {
		a[i] = load(argv[1], i);
		b[i] = load(argv[2], i);
	}
	if (a[0](&ctx, NULL) != b[0](&ctx, NULL)) {
		fprintf(stderr, "native: %s and %s return different numbers\n", argv[1], argv[2]);
		return 1;
	}
	while (sample(a[0], times) * times < SAMPLE_NS)
		times *= 2;
	blocks = atoi(argv[3]);
	for (i = 0; i < blocks; i++) {
		image_fn first = a[i % PLACES], second = b[i % PLACES];
		double a1 = sample(first, times), b1 = sample(second, times);
		double b2 = sample(second, times), a2 = sample(first, times);

		printf("%.3f %.3f\n", least(a1, a2), least(b1, b2));
	}
	return 0;
}
