/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What programs that only compute have in common: XDP programs, so that they have bytes to
 * compute on and need nothing but their context.  Each reads the same INPUT_SIZE bytes of a
 * packet, changes nothing but its stack, and returns a number that depends on all that it
 * did: the same in every execution, or one of them is wrong.
 *
 * The names are those of a public suite of such programs, whose shapes they follow
 * (Documentation/benchmarks.rst); the text is our own.
 */
#ifndef _BVM_BENCH_COMPUTE_H
#define _BVM_BENCH_COMPUTE_H

#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define INPUT_SIZE	2048		/* packet.h */
#define MASK		1023		/* of offsets that are computed */

/* The compiler knows nothing about the value of v after this. */
#define OPAQUE(v)	asm volatile("" : "+r"(v))

/* As BPF has no loads that are not aligned, these are loads of bytes. */
struct packed16 { __u16 v; } __attribute__((packed));
struct packed32 { __u32 v; } __attribute__((packed));
struct packed64 { __u64 v; } __attribute__((packed));

#define AT16(p)		(((const struct packed16 *)(p))->v)
#define AT32(p)		(((const struct packed32 *)(p))->v)
#define AT64(p)		(((const struct packed64 *)(p))->v)

/* What is aligned if the packet is. */
#define WORD(p, i)	(((const __u32 *)(p))[i])
#define LONG(p, i)	(((const __u64 *)(p))[i])

static __always_inline __u32 fold(__u64 v)
{
	return v ^ v >> 32;
}

static __always_inline __u64 rol64(__u64 v, unsigned int n)
{
	return v << n | v >> (64 - n);
}

static __always_inline __u32 rol32(__u32 v, unsigned int n)
{
	return v << n | v >> (32 - n);
}

/*
 * The byte at an offset that is computed, and the n - 1 after it: in a variable, as packets
 * must be looked into after a check of their own.
 */
#define LOOK(var, offset, n)						\
	const __u8 *var = p + ((offset) & MASK);			\
	if (var + (n) > end)						\
		return 0

/* A program: its body sees the input as "p" to "end" and returns 64 bits. */
#define PROGRAM(name)							\
	static __always_inline __u64 name##_body(const __u8 *p, const __u8 *end);	\
	SEC("xdp") int name(struct xdp_md *ctx)				\
	{								\
		const __u8 *p = (void *)(long)ctx->data;		\
		const __u8 *end = (void *)(long)ctx->data_end;		\
									\
		if (p + INPUT_SIZE > end)				\
			return 0;					\
		return fold(name##_body(p, end));			\
	}								\
	static __always_inline __u64 name##_body(const __u8 *p, const __u8 *end)

#endif /* _BVM_BENCH_COMPUTE_H */
