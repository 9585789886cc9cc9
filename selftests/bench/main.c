// SPDX-License-Identifier: GPL-2.0-only
/*
 * usage: bench MODE DISK IMAGES|- OBJECTS
 *
 * MODE: jit, jit-O0 (machine code without the passes over the IR) or interp. DISK: a block
 * device to read from. IMAGES: a directory for machine code. OBJECTS: where the compiled
 * compute/ and handlers/ are. Prints "row,SUITE,NAME,INSNS,OPS,IMAGE,XLATED,LOAD,CHECK".
 */
#define _GNU_SOURCE
#include <bpf/bpf.h>
#include <dlfcn.h>
#include <errno.h>
#include <glob.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

#define LOADS	4096
#define SERIES	5

const char *images;

static struct load {
	char name[BPF_OBJ_NAME_LEN];
	__u64 time;
} loads[LOADS];
static int nr_loads;

void fail(const char *what, int err)
{
	fprintf(stderr, "bench: %s: %s\n", what, strerror(err < 0 ? -err : err));
	exit(1);
}

__u64 now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

/* Names in BENCH_SKIP, with commas between them, would end the guest. */
bool skipped(const char *name)
{
	const char *list = getenv("BENCH_SKIP"), *at = list;
	size_t len = strlen(name);

	while (at && (at = strstr(at, name))) {
		if ((at == list || at[-1] == ',') && (!at[len] || at[len] == ','))
			return true;
		at += len;
	}
	return false;
}

void report(const struct measured *row)
{
	printf("row,%s,%s,%llu,%llu,%llu,%llu,%llu,%llu\n", row->suite, row->name,
	       (unsigned long long)row->insns, (unsigned long long)row->ops,
	       (unsigned long long)row->image, (unsigned long long)row->xlated,
	       (unsigned long long)row->load, (unsigned long long)row->check);
	fflush(stdout);
}

/* ----------------------------------------------------------------- loads */

/* The shortest of those with the same name. */
static void note_load(const char *name, __u64 time)
{
	int i;

	for (i = 0; i < nr_loads && strncmp(loads[i].name, name, BPF_OBJ_NAME_LEN); i++)
		;
	if (i == LOADS)
		fail("more programs than expected", ENOSPC);
	if (i == nr_loads) {
		memcpy(loads[nr_loads++].name, name, BPF_OBJ_NAME_LEN);
		loads[i].time = time;
	} else if (time < loads[i].time) {
		loads[i].time = time;
	}
}

__u64 load_time(const char *prog)
{
	char name[BPF_OBJ_NAME_LEN] = "";
	int i;

	memcpy(name, prog, strnlen(prog, sizeof(name) - 1));
	for (i = 0; i < nr_loads; i++)
		if (!strncmp(loads[i].name, name, sizeof(name)))
			return loads[i].time;
	return 0;
}

void forget_loads(void)
{
	nr_loads = 0;
}

typedef long (*syscall_fn)(long nr, ...);

/* libbpf's system calls come by here. */
long syscall(long nr, ...)
{
	static syscall_fn next;
	const union bpf_attr *attr;
	__u64 start;
	long arg[6], ret;
	va_list args;
	int i;

	va_start(args, nr);
	for (i = 0; i < 6; i++)
		arg[i] = va_arg(args, long);
	va_end(args);
	if (!next)
		next = (syscall_fn)dlsym(RTLD_NEXT, "syscall");
	start = now();
	ret = next(nr, arg[0], arg[1], arg[2], arg[3], arg[4], arg[5]);
	attr = (const void *)arg[1];
	if (nr == __NR_bpf && arg[0] == BPF_PROG_LOAD && ret >= 0)
		note_load(attr->prog_name, now() - start);
	return ret;
}

/* -------------------------------------------------------------- programs */

__u64 run_time(int prog, const void *data, size_t size, __u32 repeat, __u32 *result)
{
	__u64 best = -1ULL;
	int i, err;

	for (i = 0; i < SERIES; i++) {
		LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = data, .data_size_in = size);

		opts.repeat = repeat;
		err = bpf_prog_test_run_opts(prog, &opts);
		if (err)
			fail("BPF_PROG_TEST_RUN", err);
		if (opts.duration < best)
			best = opts.duration;
		*result = opts.retval;
	}
	return best;
}

void prog_sizes(int prog, __u64 *image, __u64 *xlated)
{
	struct bpf_prog_info info = {};
	__u32 len = sizeof(info);
	int err = bpf_obj_get_info_by_fd(prog, &info, &len);

	if (err)
		fail("BPF_OBJ_GET_INFO_BY_FD", err);
	*image = info.jited_prog_len;
	*xlated = info.xlated_prog_len;
}

#define FUNCTIONS	64

/* A line for each function, "address length", an empty one, and the code of all. */
void write_image(int prog, const char *name)
{
	__u64 at[FUNCTIONS], bytes, unused;
	__u32 length[FUNCTIONS];
	struct bpf_prog_info info = {};
	__u32 len = sizeof(info), i;
	char path[256];
	void *code;
	FILE *file;
	int err;

	if (!images)
		return;
	prog_sizes(prog, &bytes, &unused);
	code = malloc(bytes);
	info.jited_prog_len = bytes;
	info.jited_prog_insns = (unsigned long)code;
	info.nr_jited_ksyms = FUNCTIONS;
	info.jited_ksyms = (unsigned long)at;
	info.nr_jited_func_lens = FUNCTIONS;
	info.jited_func_lens = (unsigned long)length;
	err = bpf_obj_get_info_by_fd(prog, &info, &len);
	if (err || info.nr_jited_ksyms > FUNCTIONS)
		fail("machine code of a program", err ? err : E2BIG);
	snprintf(path, sizeof(path), "%s/%s.image", images, name);
	file = fopen(path, "w");
	if (!file)
		fail(path, errno);
	for (i = 0; i < info.nr_jited_ksyms; i++)
		fprintf(file, "%llx %u\n", (unsigned long long)at[i], length[i]);
	fputc('\n', file);
	fwrite(code, 1, bytes, file);
	if (fclose(file))
		fail(path, errno);
	free(code);
}

/* ----------------------------------------------------------------- modes */

static void set(const char *path, const char *value)
{
	FILE *file = fopen(path, "w");

	if (!file || fputs(value, file) < 0 || fclose(file))
		fail(path, errno);
}

static void set_mode(const char *mode)
{
	bool jit = strcmp(mode, "interp");

	set("/proc/sys/net/core/bpf_jit_enable", jit ? "1" : "0");
	if (!strcmp(mode, "jit-O0"))
		set("/sys/kernel/debug/bvm/passes", "0");
	else if (strcmp(mode, "jit") && jit)
		fail(mode, EINVAL);
}

static void each(const char *objects, const char *folder, void (*run)(const char *object))
{
	char pattern[256];
	glob_t found;
	size_t i;

	snprintf(pattern, sizeof(pattern), "%s/%s/*.bpf.o", objects, folder);
	if (glob(pattern, 0, NULL, &found))
		fail(pattern, ENOENT);
	for (i = 0; i < found.gl_pathc; i++) {
		forget_loads();
		run(found.gl_pathv[i]);
	}
	globfree(&found);
}

int main(int argc, char **argv)
{
	struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };

	if (argc != 5) {
		fprintf(stderr, "usage: bench jit|jit-O0|interp DISK IMAGES|- OBJECTS\n");
		return 2;
	}
	setrlimit(RLIMIT_MEMLOCK, &unlimited);
	libbpf_set_strict_mode(LIBBPF_STRICT_ALL);
	set_mode(argv[1]);
	if (strcmp(argv[3], "-"))
		images = argv[3];
	workload_init(argv[2]);
	bench_ops();
	each(argv[4], "compute", bench_compute);
	each(argv[4], "handlers", bench_handler);
	return 0;
}
