// SPDX-License-Identifier: GPL-2.0-only
/*
 * Long programs: more values than registers, all kinds of instructions in turn.
 */
#include "compute.h"

PROGRAM(spill_pressure)
{
	__u64 v[14], sum = 0;
	int i, j;

#pragma clang loop unroll(full)
	for (i = 0; i < 14; i++)
		v[i] = LONG(p, i);
	for (j = 0; j < 16; j++) {
#pragma clang loop unroll(full)
		for (i = 0; i < 14; i++)
			v[i] = (v[i] ^ v[(i + 5) % 14]) + (v[(i + 9) % 14] >> 3);
	}
#pragma clang loop unroll(full)
	for (i = 0; i < 14; i++)
		sum += v[i];
	return sum;
}

PROGRAM(mixed_alu_mem)
{
	volatile __u64 slot[8] = {};
	__u64 v = 1;
	int i;

	for (i = 0; i < 48; i++) {
		slot[i & 7] += LONG(p, i);
		v += slot[(i + 3) & 7];
		v ^= v >> 13;
		slot[(i + 5) & 7] = v;
	}
	return v + slot[0];
}

#define MIXED(n)	do {						\
	a += WORD(p, n);						\
	b ^= a << 3;							\
	if (b & 0x100)							\
		c += p[n];						\
	else								\
		c ^= a;							\
	a = (a >> 7) + AT16(p + 2 * (n) + 1);				\
	d = d * 17 + (c & 0xff);					\
	OPAQUE(d);							\
} while (0)

#define MIXED5(n)	do {						\
	MIXED(n); MIXED(n + 1); MIXED(n + 2); MIXED(n + 3); MIXED(n + 4); \
} while (0)

#define MIXED25(n)	do {						\
	MIXED5(n); MIXED5(n + 5); MIXED5(n + 10); MIXED5(n + 15); MIXED5(n + 20); \
} while (0)

PROGRAM(large_mixed_500)
{
	__u64 a = 1, b = 2, c = 3, d = 4;

	MIXED25(0);
	return a ^ b ^ c ^ d;
}

PROGRAM(large_mixed_1000)
{
	__u64 a = 1, b = 2, c = 3, d = 4;

	MIXED25(0);
	MIXED25(25);
	return a ^ b ^ c ^ d;
}

PROGRAM(mega_basic_block_2048)
{
	__u64 a = LONG(p, 0), b = LONG(p, 1), c = LONG(p, 2);
	int i;

#pragma clang loop unroll(full)
	for (i = 0; i < 230; i++) {
		a += b ^ 0x55;
		b = (b << 3) + LONG(p, i);
		c ^= a >> 5;
		a -= c & 0xff;
		OPAQUE(c);
	}
	return a + b + c;
}

char LICENSE[] SEC("license") = "GPL";
