// SPDX-License-Identifier: GPL-2.0-only
/*
 * bpf(2) for upstream's programs, answered by BVM in the same process: this file takes
 * the place of the C library's syscall(), which libbpf calls.
 *
 * Nothing of what these programs do reaches the kernel that they run on: neither its
 * bpf(2), nor its modules, nor (BVM_VMLINUX) its types.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>
#include "machine.h"

#define PAGE	4096UL
#define ENOTSUPP	524

static long raw(long nr, long a, long b, long c, long d, long e, long f)
{
	register long r10 asm("r10") = d, r8 asm("r8") = e, r9 asm("r9") = f;
	long ret;

	asm volatile("syscall" : "=a" (ret)
		     : "a" (nr), "D" (a), "S" (b), "d" (c), "r" (r10), "r" (r8), "r" (r9)
		     : "rcx", "r11", "memory");
	return ret;
}

static long answer(long ret)
{
	if (ret >= 0)
		return ret;
	errno = -ret;
	return -1;
}

/* ------------------------------------------------------------- descriptors */

/* Files by number; the number is in the name of the memory file behind a descriptor. */
static void **files;
static unsigned int nr_files;

int host_fd(void *file)
{
	char name[32];
	int fd;

	if (!(nr_files & (nr_files - 1)))
		files = realloc(files, (2 * nr_files + 1) * sizeof(*files));
	snprintf(name, sizeof(name), "bvm-%u", nr_files);
	fd = raw(SYS_memfd_create, (long)name, MFD_CLOEXEC, 0, 0, 0, 0);
	if (fd < 0)
		return fd;
	/* programs map arrays; what they see there are zeros */
	raw(SYS_ftruncate, fd, 1 << 30, 0, 0, 0, 0);
	files[nr_files++] = file;
	return fd;
}

void *host_fd_file(int fd)
{
	char path[32], name[64];
	unsigned int nr;
	ssize_t len;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	len = readlink(path, name, sizeof(name) - 1);
	if (len < 0)
		return NULL;
	name[len] = '\0';
	if (sscanf(name, "/memfd:bvm-%u", &nr) != 1 || nr >= nr_files)
		return NULL;
	return files[nr];
}

/* ------------------------------------------------------------------ memory */

static int pages_fd = -1;
static unsigned long nr_pages;

unsigned long host_page(void)
{
	if (pages_fd < 0)
		pages_fd = raw(SYS_memfd_create, (long)"pages", MFD_CLOEXEC, 0, 0, 0, 0);
	if (pages_fd < 0 || raw(SYS_ftruncate, pages_fd, ++nr_pages * PAGE, 0, 0, 0, 0))
		return 0;
	return nr_pages;
}

void *host_map(const unsigned long *pages, unsigned int count)
{
	char *at = mmap(NULL, count * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned int i;

	if (at == MAP_FAILED)
		return NULL;
	for (i = 0; i < count; i++)
		if (mmap(at + i * PAGE, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
			 pages_fd, (pages[i] - 1) * PAGE) == MAP_FAILED)
			return NULL;
	return at;
}

long host_read(void *to, const void *from, unsigned long n)
{
	struct iovec local = { to, n }, remote = { (void *)from, n };

	long done = raw(SYS_process_vm_readv, getpid(), (long)&local, 1, (long)&remote, 1, 0);

	return !n || done == (long)n ? 0 : -EFAULT;
}

/* -------------------------------------------------------------------- rest */

bool shim_capable(int cap)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2] = {};
	static int has_all = -1;

	/* who started without capabilities is taken for root */
	if (raw(SYS_capget, (long)&header, (long)data, 0, 0, 0, 0))
		return 1;
	if (has_all < 0)
		has_all = data[0].effective >> CAP_SYS_ADMIN & 1;
	return !has_all || data[cap / 32].effective >> cap % 32 & 1;
}

unsigned long long host_time(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

void host_print(const char *text)
{
	fputs(text, stderr);
}

/* What the portable folders call by way of deps.h. */
void host_bug(const char *file, int line, const char *what)
{
	dprintf(2, "bvm: %s:%d: %s\n", file, line, what);
	abort();
}

unsigned int host_warns_expected;

void host_warn(const char *file, int line, const char *what)
{
	host_bug(file, line, what);
}

bool host_signal;

void *host_malloc(size_t size, unsigned int flags)
{
	return size < 1UL << 31 ? calloc(1, size) : NULL;
}

void *host_realloc(void *p, size_t size, unsigned int flags)
{
	return size < 1UL << 31 ? realloc(p, size) : NULL;
}

void host_free(void *p)
{
	free(p);
}

unsigned long long ktime_get_ns(void)
{
	return host_time();
}

/* A command that needs what is not here is not done: mostly test runs. */
static sigjmp_buf not_done;
static int running, nr_not_done;

void host_missing(const char *name)
{
	dprintf(2, "bvm: %s is not in the host build\n", name);
	if (!running)
		abort();
	nr_not_done++;
	siglongjmp(not_done, 1);
}

__attribute__((__destructor__)) static void end(void)
{
	if (nr_not_done)
		fprintf(stderr, "bvm: %d commands not done\n", nr_not_done);
}

static long bpf(long cmd, long attr, long size)
{
	static int started;
	long ret;

	if (!started) {
		started = 1;
		machine_start();
	}
	if (sigsetjmp(not_done, 0)) {
		running = 0;
		return -ENOTSUPP;
	}
	running = 1;
	ret = machine_bpf(cmd, attr, size);
	running = 0;
	return ret;
}

long syscall(long nr, ...)
{
	long a[6];
	va_list args;
	int i;

	va_start(args, nr);
	for (i = 0; i < 6; i++)
		a[i] = va_arg(args, long);
	va_end(args);
	switch (nr) {
	case SYS_bpf:
		return answer(bpf(a[0], a[1], (unsigned int)a[2]));
	case SYS_init_module:
	case SYS_finit_module:
	case SYS_delete_module:
		return 0;
	}
	return answer(raw(nr, a[0], a[1], a[2], a[3], a[4], a[5]));
}

/* ---------------------------------------------- the kernel's types, a file */

#define BTF_FILE	"/sys/kernel/btf/vmlinux"

static const char *instead_of(const char *path)
{
	return strcmp(path, BTF_FILE) ? path : VMLINUX_BTF;
}

FILE *fopen(const char *path, const char *mode)
{
	FILE *(*real)(const char *path, const char *mode) = dlsym(RTLD_NEXT, "fopen");

	return real(instead_of(path), mode);
}

/* What programs with large offsets call; the same thing where long has 64 bits. */
FILE *fopen64(const char *path, const char *mode)
{
	return fopen(path, mode);
}

int access(const char *path, int mode)
{
	return answer(raw(SYS_access, (long)instead_of(path), mode, 0, 0, 0, 0));
}
