// SPDX-License-Identifier: GPL-2.0-only
/*
 * Functions of a program that call each other.
 */
#include "compute.h"

static __noinline __u64 leaf_add(__u64 a, __u64 b)
{
	return a + b * 3;
}

static __noinline __u64 leaf_xor(__u64 a, __u64 b)
{
	return a ^ b << 7;
}

static __noinline __u64 leaf_mix(__u64 a, __u64 b)
{
	a ^= a >> 12;
	return a * 0x2545f4914f6cdd1dULL + b;
}

PROGRAM(local_call_fanout)
{
	__u64 v = LONG(p, 0);
	int i;

	for (i = 0; i < 24; i++) {
		v = leaf_add(v, p[i]);
		v = leaf_xor(v, p[i + 1]);
		v = leaf_mix(v, p[i + 2]);
	}
	return v;
}

static __noinline __u64 chain4(__u64 v)
{
	return v * 5 + 1;
}

static __noinline __u64 chain3(__u64 v)
{
	return chain4(v ^ 0x33) + 3;
}

static __noinline __u64 chain2(__u64 v)
{
	return chain3(v + 2) ^ 2;
}

static __noinline __u64 chain1(__u64 v)
{
	return chain2(v << 1) + v;
}

PROGRAM(bpf_call_chain)
{
	__u64 v = LONG(p, 0);
	int i;

	for (i = 0; i < 24; i++)
		v = chain1(v);
	return v;
}

#define CLONE(v, p, i)	do {						\
	v += LONG(p, i);						\
	v ^= v >> 5;							\
	v = v * 13 + WORD(p, i + 1);					\
	if (v & 16)							\
		v -= p[i];						\
	OPAQUE(v);							\
} while (0)

PROGRAM(code_clone_2)
{
	__u64 v = 0;
	int i;

	for (i = 0; i < 32; i++) {
		CLONE(v, p, i);
		CLONE(v, p, i + 2);
	}
	return v;
}

PROGRAM(code_clone_8)
{
	__u64 v = 0;
	int i;

	for (i = 0; i < 16; i++) {
		CLONE(v, p, i);
		CLONE(v, p, i + 1);
		CLONE(v, p, i + 2);
		CLONE(v, p, i + 3);
		CLONE(v, p, i + 4);
		CLONE(v, p, i + 5);
		CLONE(v, p, i + 6);
		CLONE(v, p, i + 7);
	}
	return v;
}

char LICENSE[] SEC("license") = "GPL";
