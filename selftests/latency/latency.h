/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the programs in the kernel and the one in user space agree on: a heat map,
 * columns of time by rows of latency, rows twice as high each.
 */
#ifndef _BVM_LATENCY_H
#define _BVM_LATENCY_H

enum latency_kind {
	LATENCY_RUN_QUEUE,	/* from runnable to running */
	LATENCY_BLOCK_IO,	/* from issued to the device to completed */
	LATENCY_KINDS,
};

#define LATENCY_COLUMNS	240
#define LATENCY_ROWS	36	/* row n: [2^n, 2^(n+1)) ns; the last one is 34 s and up */

#define LATENCY_CELL(kind, column, row)	\
	(((kind) * LATENCY_COLUMNS + (column)) * LATENCY_ROWS + (row))

#endif /* _BVM_LATENCY_H */
