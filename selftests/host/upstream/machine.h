/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Between BVM, compiled with the kernel's headers, and the C library (shim.c).
 */
#ifndef _BVM_HOST_MACHINE_H
#define _BVM_HOST_MACHINE_H

#ifndef __KERNEL__
#include <stdbool.h>
#endif

/* machine.c: bpf(2), 0 or a negative errno */
void machine_start(void);
long machine_bpf(unsigned long cmd, unsigned long attr, unsigned long size);
void machine_close(void *file);

/* shim.c */
bool shim_capable(int cap);
unsigned long host_page(void);
void *host_map(const unsigned long *pages, unsigned int count);
long host_read(void *to, const void *from, unsigned long n);
void host_print(const char *text);
unsigned long long host_time(void);
int host_fd(void *file);
void *host_fd_file(int fd);
void host_missing(const char *name);

#ifdef __KERNEL__
void *malloc(size_t size);
void *calloc(size_t n, size_t size);
void *realloc(void *p, size_t size);
int posix_memalign(void **p, size_t align, size_t size);
void free(void *p);
void abort(void);
#endif

#endif /* _BVM_HOST_MACHINE_H */
