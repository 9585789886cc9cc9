// SPDX-License-Identifier: GPL-2.0-only
/*
 * Arithmetic: bit fields, rotations, hashes, constants, division.
 */
#include "compute.h"

PROGRAM(bitcount)
{
	__u64 sum = 0;
	int i;

	for (i = 0; i < 32; i++) {
		__u64 v = LONG(p, i);

		v -= v >> 1 & 0x5555555555555555ULL;
		v = (v & 0x3333333333333333ULL) + (v >> 2 & 0x3333333333333333ULL);
		v = (v + (v >> 4)) & 0x0f0f0f0f0f0f0f0fULL;
		sum += v * 0x0101010101010101ULL >> 56;
		OPAQUE(sum);
	}
	return sum;
}

PROGRAM(rotate_dense)
{
	__u32 a = WORD(p, 0), b = WORD(p, 1);
	int i;

#pragma clang loop unroll(full)
	for (i = 0; i < 32; i++) {
		a = rol32(a ^ b, 5) + WORD(p, i);
		b = rol32(b, 13) ^ a;
	}
	return (__u64)a << 32 | b;
}

PROGRAM(rotate64_hash)
{
	__u64 h = 0x9e3779b97f4a7c15ULL;
	int i;

	for (i = 0; i < 64; i++) {
		h ^= LONG(p, i);
		h = rol64(h, 27) * 5 + 0x52dce729;
		OPAQUE(h);
	}
	return h;
}

PROGRAM(siphash_rounds)
{
	__u64 v0 = 0x736f6d6570736575ULL, v1 = 0x646f72616e646f6dULL;
	__u64 v2 = 0x6c7967656e657261ULL, v3 = 0x7465646279746573ULL;
	int i;

	for (i = 0; i < 16; i++) {
		v3 ^= LONG(p, i);
		v0 += v1;
		v1 = rol64(v1, 13) ^ v0;
		v0 = rol64(v0, 32);
		v2 += v3;
		v3 = rol64(v3, 16) ^ v2;
		v0 += v3;
		v3 = rol64(v3, 21) ^ v0;
		v2 += v1;
		v1 = rol64(v1, 17) ^ v2;
		v2 = rol64(v2, 32);
		v0 ^= LONG(p, i);
	}
	return v0 ^ v1 ^ v2 ^ v3;
}

PROGRAM(extract_dense)
{
	__u64 sum = 0;
	int i;

#pragma clang loop unroll(full)
	for (i = 0; i < 32; i++) {
		__u64 v = LONG(p, i);

		sum += (v >> 5 & 0x7f) + (v >> 17 & 0x1ff) + (v >> 40 & 0xff) + (v >> 51);
		OPAQUE(sum);
	}
	return sum;
}

struct bitfields {
	__u32 a : 3, b : 7, c : 12, d : 10;
	__u32 e : 1, f : 15, g : 16;
};

PROGRAM(bitfield_extract)
{
	const struct bitfields *f = (const void *)p;
	__u64 sum = 0;
	int i;

	for (i = 0; i < 32; i++, f++) {
		sum += f->a + f->b * 2 + f->c;
		sum ^= f->d << 3 | f->e;
		sum += f->f + f->g;
		OPAQUE(sum);
	}
	return sum;
}

static __always_inline __u64 log2u(__u64 v)
{
	__u64 r, shift;

	r = (v > 0xffffffff) << 5;
	v >>= r;
	shift = (v > 0xffff) << 4;
	v >>= shift;
	r |= shift;
	shift = (v > 0xff) << 3;
	v >>= shift;
	r |= shift;
	shift = (v > 0xf) << 2;
	v >>= shift;
	r |= shift;
	shift = (v > 0x3) << 1;
	v >>= shift;
	return r | shift | v >> 1;
}

PROGRAM(log2_fold)
{
	__u64 sum = 0;
	int i;

	for (i = 0; i < 32; i++) {
		sum += log2u(LONG(p, i) >> (p[i] & 63));
		OPAQUE(sum);
	}
	return sum;
}

PROGRAM(const_fold_chain)
{
	__u64 v = LONG(p, 0);
	int i;

#pragma clang loop unroll(full)
	for (i = 0; i < 32; i++) {
		__u64 k = 0x1234;

		OPAQUE(k);	/* known to who looks, not to the compiler */
		k = k * 3 + i;
		k ^= 0xff00;
		k <<= 2;
		v += k & 0xffff;
	}
	return v;
}

PROGRAM(imm64_storm)
{
	__u64 v = LONG(p, 0);
	int i;

#pragma clang loop unroll(full)
	for (i = 0; i < 32; i++) {
		v ^= 0x123456789abcdef0ULL * (2 * i + 1);
		v += 0xfedcba9876543210ULL ^ (0x0101010101ULL * i);
	}
	return v;
}

PROGRAM(smallmul_strength_reduce)
{
	__u64 v = LONG(p, 0) & 0xffff, sum = 0;
	int i;

#pragma clang loop unroll(full)
	for (i = 0; i < 16; i++) {
		sum += v * 3;
		sum += v * 8;
		sum ^= v * 9;
		sum += v * 16;
		sum += v * 31;
		v += p[i];
		OPAQUE(sum);
	}
	return sum;
}

PROGRAM(alu32_64_pingpong)
{
	__u64 v = LONG(p, 0);
	int i;

	for (i = 0; i < 64; i++) {
		__u32 w = v;

		w += 0x10001;
		w ^= w >> 7;
		v += w;
		v ^= v >> 9;
		OPAQUE(v);
	}
	return v;
}

PROGRAM(divide_by_constants)
{
	__u64 sum = 0;
	int i;

	for (i = 0; i < 32; i++) {
		__u64 v = LONG(p, i);

		sum += v / 1000;
		sum += v % 10;
		sum += (__u32)v / 7;
		OPAQUE(sum);
	}
	return sum;
}

PROGRAM(divide_by_variables)
{
	__u64 sum = 1;
	int i;

	for (i = 0; i < 32; i++) {
		__u64 v = LONG(p, i);

		sum += v / (p[i] + 1);
		sum ^= v % (p[i + 1] | 1);
		OPAQUE(sum);
	}
	return sum;
}

#define MIX(a, b, c) do {						\
	a -= c;  a ^= rol32(c, 4);  c += b;				\
	b -= a;  b ^= rol32(a, 6);  a += c;				\
	c -= b;  c ^= rol32(b, 8);  b += a;				\
	a -= c;  a ^= rol32(c, 16); c += b;				\
	b -= a;  b ^= rol32(a, 19); a += c;				\
	c -= b;  c ^= rol32(b, 4);  b += a;				\
} while (0)

PROGRAM(jhash)
{
	__u32 a = 0xdeadbeef, b = a, c = a;
	int i;

	for (i = 0; i < 24; i++) {
		a += WORD(p, 3 * i);
		b += WORD(p, 3 * i + 1);
		c += WORD(p, 3 * i + 2);
		MIX(a, b, c);
	}
	return (__u64)a << 32 | (b ^ c);
}

PROGRAM(cgroup_hash_chain)
{
	__u64 h = 0xcbf29ce484222325ULL;
	int i;

	for (i = 0; i < 64; i++) {
		h ^= p[i * 8];
		h *= 0x100000001b3ULL;
		if (!(h & 15))
			h ^= h >> 32;
		OPAQUE(h);
	}
	return h;
}

PROGRAM(packet_rss_hash)
{
	__u32 hash = 0, key = 0x6d5a56da;
	int i, bit;

	for (i = 0; i < 12; i++) {
		__u32 v = p[i + 26];

		for (bit = 7; bit >= 0; bit--) {
			if (v >> bit & 1)
				hash ^= key;
			key = key << 1 | key >> 31;
		}
		OPAQUE(hash);
	}
	return hash;
}

char LICENSE[] SEC("license") = "GPL";
