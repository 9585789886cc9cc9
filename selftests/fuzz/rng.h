/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Numbers that a seed determines, with a taste for those at which code breaks.
 */
#ifndef _BVM_FUZZ_RNG_H
#define _BVM_FUZZ_RNG_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "lib/bpf_sys.h"

struct rng {
	__u64 state;
};

/* splitmix64: any seed will do, 0 included */
static inline __u64 rng_next(struct rng *rng)
{
	__u64 z = (rng->state += 0x9e3779b97f4a7c15ULL);

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

static inline __u32 rng_below(struct rng *rng, __u32 end)
{
	return (rng_next(rng) >> 32) * end >> 32;
}

/* true once in @n times */
static inline bool rng_one_in(struct rng *rng, __u32 n)
{
	return !rng_below(rng, n);
}

static inline __u64 rng_number(struct rng *rng)
{
	static const __u64 edges[] = {
		0, 1, 2, 3, 4, 7, 8, 16, 63, 64, 127, 128, 255, 256, 511, 512, 513, 4095, 4096,
		4097, 65535, 65536, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000,
		0x7fffffffffffffff, 0x8000000000000000, 0xffff888000000000, ~1ULL, ~0ULL,
	};

	switch (rng_below(rng, 4)) {
	case 0:
		return rng_next(rng);
	case 1:
		return rng_next(rng) >> rng_below(rng, 64);
	default:
		return edges[rng_below(rng, ARRAY_SIZE(edges))];
	}
}

static inline void rng_fill(struct rng *rng, void *to, size_t size)
{
	__u8 *at = to;

	for (; size; size -= size < 8 ? size : 8, at += 8) {
		__u64 v = rng_one_in(rng, 2) ? rng_number(rng) : rng_next(rng);

		memcpy(at, &v, size < 8 ? size : 8);
	}
}

#endif /* _BVM_FUZZ_RNG_H */
