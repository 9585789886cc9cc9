/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * In a guest that counts its instructions (--icount): what programs cost, a line each.
 * One nanosecond of such a guest's clocks is one instruction.
 */
#ifndef _BVM_BENCH_H
#define _BVM_BENCH_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

/**
 * struct measured - a row of the output
 * @suite:	"op", "compute" or "handler"
 * @name:	program
 * @insns:	instructions a run; of a handler: all that its runs took together
 * @ops:	operations in a run, of "op"; of a handler: runs
 * @image:	bytes of machine code, 0 if interpreted
 * @xlated:	bytes of BPF
 * @load:	instructions that BPF_PROG_LOAD took
 * @check:	what the program returned; of a handler: what the traced workload executed
 */
struct measured {
	const char *suite, *name;
	__u64 insns, ops, image, xlated, load, check;
};

void report(const struct measured *row);

/* Is it one that must not be run on this kernel? */
bool skipped(const char *name);

/* Ends the program, with a message and the error. */
void fail(const char *what, int err) __attribute__((noreturn));

/* The guest's clock, in instructions. */
__u64 now(void);

/* How long the last successful loads of this program took; forget_loads() begins anew. */
__u64 load_time(const char *prog);
void forget_loads(void);

/* Instructions a run: the least of several series of BPF_PROG_TEST_RUN. */
__u64 run_time(int prog, const void *data, size_t size, __u32 repeat, __u32 *result);

/* Sizes of a program. */
void prog_sizes(int prog, __u64 *image, __u64 *xlated);

/* Where images are written to, or NULL. */
extern const char *images;
void write_image(int prog, const char *name);

void bench_ops(void);
void bench_compute(const char *object);
void bench_handler(const char *object);

/* What makes the events that handlers see: the same each time. */
void workload(void);
void workload_init(const char *disk);

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#endif

#endif /* _BVM_BENCH_H */
