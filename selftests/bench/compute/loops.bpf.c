// SPDX-License-Identifier: GPL-2.0-only
/*
 * Loops, chains of dependent steps, several sums at once.
 */
#include "compute.h"

/* What a program costs that does next to nothing. */
PROGRAM(simple)
{
	return p[0] + p[1];
}

PROGRAM(fixed_loop_small)
{
	__u64 sum = 0;
	int i;

	for (i = 0; i < 32; i++) {
		sum += i ^ p[0];
		OPAQUE(sum);
	}
	return sum;
}

PROGRAM(fixed_loop_large)
{
	__u64 sum = 0;
	int i;

	for (i = 0; i < 1000; i++) {
		sum = sum * 3 + i;
		OPAQUE(sum);
	}
	return sum;
}

PROGRAM(nested_loop_2)
{
	__u64 sum = 0;
	int i, j;

	for (i = 0; i < 16; i++)
		for (j = 0; j < 16; j++) {
			sum += p[i] * p[j + 16];
			OPAQUE(sum);
		}
	return sum;
}

PROGRAM(nested_loop_3)
{
	__u64 sum = 0;
	int i, j, k;

	for (i = 0; i < 6; i++)
		for (j = 0; j < 6; j++)
			for (k = 0; k < 6; k++) {
				sum += i * j + k;
				OPAQUE(sum);
			}
	return sum;
}

PROGRAM(fibonacci_iter)
{
	__u64 a = 0, b = 1, next;
	int i;

	for (i = 0; i < 200; i++) {
		next = a + b;
		a = b;
		b = next;
		OPAQUE(b);
	}
	return a;
}

PROGRAM(dep_chain_short)
{
	__u64 v = LONG(p, 0);
	int i;

#pragma clang loop unroll(full)
	for (i = 0; i < 16; i++) {
		v += v >> 3;
		v ^= v << 5;
		v *= 9;
		OPAQUE(v);
	}
	return v;
}

PROGRAM(dep_chain_long)
{
	__u64 v = LONG(p, 1);
	int i;

#pragma clang loop unroll(full)
	for (i = 0; i < 128; i++) {
		v = v * 5 + 7;
		v ^= v >> 11;
		OPAQUE(v);
	}
	return v;
}

PROGRAM(multi_acc_4)
{
	__u64 a = 0, b = 0, c = 0, d = 0;
	int i;

	for (i = 0; i < 64; i += 4) {
		a += LONG(p, i);
		b ^= LONG(p, i + 1);
		c += LONG(p, i + 2) >> 3;
		d ^= LONG(p, i + 3) << 1;
		OPAQUE(a);
		OPAQUE(b);
	}
	return a ^ b ^ c ^ d;
}

PROGRAM(multi_acc_8)
{
	__u64 a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0;
	int i;

	for (i = 0; i < 128; i += 8) {
		a += LONG(p, i);
		b ^= LONG(p, i + 1);
		c += LONG(p, i + 2);
		d ^= LONG(p, i + 3);
		e += LONG(p, i + 4);
		f ^= LONG(p, i + 5);
		g += LONG(p, i + 6);
		h ^= LONG(p, i + 7);
		OPAQUE(a);
	}
	return a ^ b ^ c ^ d ^ e ^ f ^ g ^ h;
}

PROGRAM(checksum)
{
	const __u16 *half = (const void *)p;
	__u64 sum = 0;
	int i;

	for (i = 0; i < 512; i++) {
		sum += half[i];
		OPAQUE(sum);
	}
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (__u16)~sum;
}

PROGRAM(string_search)
{
	__u64 hits = 0;
	int i;

	for (i = 0; i < 256; i++) {
		if (p[i] == 'b' && p[i + 1] == 'v' && p[i + 2] == 'm')
			hits += i;
		if (p[i] - '0' < 10u)
			hits++;
		OPAQUE(hits);
	}
	return hits;
}

PROGRAM(insertion_sort)
{
	__u32 table[16];
	__u64 sum = 0;
	int i, j;

	for (i = 0; i < 16; i++)
		table[i] = p[i * 3];
	for (i = 1; i < 16; i++)
		for (j = 15; j > 0; j--) {
			__u32 a = table[j - 1], b = table[j];

			if (a > b) {
				table[j - 1] = b;
				table[j] = a;
			}
		}
	for (i = 0; i < 16; i++)
		sum = sum * 31 + table[i];
	return sum;
}

char LICENSE[] SEC("license") = "GPL";
