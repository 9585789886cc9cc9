// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tracing handlers: loaded, attached as their sections say, and fed by the workload.  The
 * kernel counts how often they ran and how long (BPF_STATS_RUN_TIME).
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/perf_event.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

#define LOADS	2
#define PROGS	8
#define PAGES	256	/* of a ring that takes all events of the workload */

struct handler {
	const char *path;
	struct bpf_object *object;
	struct bpf_link *link[PROGS];
	struct perf_buffer *events;
	int nr, sampler;
};

static void ignore(void *ctx, int cpu, void *data, __u32 size)
{
}

/* Page faults, each of them. */
static struct bpf_link *attach_sampler(struct handler *h, struct bpf_program *prog)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_SW_PAGE_FAULTS,
		.sample_period = 1,
	};

	h->sampler = syscall(__NR_perf_event_open, &attr, -1, 0, -1, 0);
	return h->sampler < 0 ? NULL : bpf_program__attach_perf_event(prog, h->sampler);
}

static void load(struct handler *h)
{
	int err;

	h->object = bpf_object__open_file(h->path, NULL);
	if (!h->object)
		fail(h->path, errno);
	err = bpf_object__load(h->object);
	if (err)
		fail(h->path, err);
}

static void attach(struct handler *h)
{
	struct bpf_program *prog;
	struct bpf_map *map;

	bpf_object__for_each_map(map, h->object)
		if (bpf_map__type(map) == BPF_MAP_TYPE_PERF_EVENT_ARRAY)
			h->events = perf_buffer__new(bpf_map__fd(map), PAGES, ignore, NULL,
						     NULL, NULL);
	bpf_object__for_each_program(prog, h->object) {
		struct bpf_link **link = &h->link[h->nr++];

		if (bpf_program__type(prog) == BPF_PROG_TYPE_PERF_EVENT)
			*link = attach_sampler(h, prog);
		else
			*link = bpf_program__attach(prog);
		if (!*link)
			fail(h->path, errno);
	}
}

static void detach(struct handler *h)
{
	while (h->nr)
		bpf_link__destroy(h->link[--h->nr]);
	perf_buffer__free(h->events);
	bpf_object__close(h->object);
}

static void read_stats(struct handler *h, __u64 *time, __u64 *count)
{
	struct bpf_program *prog;

	*time = *count = 0;
	bpf_object__for_each_program(prog, h->object) {
		struct bpf_prog_info info = {};
		__u32 len = sizeof(info);
		int err = bpf_obj_get_info_by_fd(bpf_program__fd(prog), &info, &len);

		if (err)
			fail(h->path, err);
		*time += info.run_time_ns;
		*count += info.run_cnt;
	}
}

/* What this process and those that it started have executed; idle waiting does not count. */
static __u64 cpu_time(void)
{
	struct timespec own;
	struct rusage children;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &own);
	getrusage(RUSAGE_CHILDREN, &children);
	return own.tv_sec * 1000000000ULL + own.tv_nsec +
	       (children.ru_utime.tv_sec + children.ru_stime.tv_sec) * 1000000000ULL +
	       (children.ru_utime.tv_usec + children.ru_stime.tv_usec) * 1000ULL;
}

/* Once to fill the maps, once without and once with the kernel's counters. */
static void measure(struct handler *h, struct measured *row)
{
	__u64 start, time, count;
	int stats;

	workload();
	start = cpu_time();
	workload();
	row->check = cpu_time() - start;
	read_stats(h, &time, &count);
	stats = bpf_enable_stats(BPF_STATS_RUN_TIME);
	if (stats < 0)
		fail("BPF_ENABLE_STATS", stats);
	workload();
	close(stats);
	read_stats(h, &row->insns, &row->ops);
	row->insns -= time;
	row->ops -= count;
	if (!row->ops)
		fail(h->path, ENODATA);
}

void bench_handler(const char *path)
{
	const char *base = strrchr(path, '/') + 1;
	struct handler h = { .path = path };
	struct measured row = { .suite = "handler" };
	struct bpf_program *prog;
	char name[32] = "";
	int i;

	memcpy(name, base, strcspn(base, "."));
	row.name = name;
	if (skipped(name))
		return;
	for (i = 1; i < LOADS; i++) {
		load(&h);
		bpf_object__close(h.object);
	}
	load(&h);
	attach(&h);
	bpf_object__for_each_program(prog, h.object) {
		__u64 image, xlated;

		prog_sizes(bpf_program__fd(prog), &image, &xlated);
		row.image += image;
		row.xlated += xlated;
		row.load += load_time(bpf_program__name(prog));
	}
	measure(&h, &row);
	report(&row);
	detach(&h);
}
