// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reading: bytes, words that are put together from bytes, strides, headers.
 */
#include "compute.h"

PROGRAM(load_byte)
{
	__u64 sum = 0;
	int i;

	for (i = 0; i < 256; i++) {
		sum += p[i];
		OPAQUE(sum);
	}
	return sum;
}

PROGRAM(load_byte_recompose)
{
	__u64 sum = 0;
	int i;

	for (i = 0; i < 32; i++) {
		sum += AT64(p + 8 * i + 1);
		OPAQUE(sum);
	}
	return sum;
}

PROGRAM(load_recompose_be)
{
	__u64 sum = 0;
	int i;

	for (i = 0; i < 64; i++) {
		const __u8 *b = p + 4 * i + 2;

		sum += (__u32)b[0] << 24 | b[1] << 16 | b[2] << 8 | b[3];
		OPAQUE(sum);
	}
	return sum;
}

PROGRAM(load_word32)
{
	__u64 sum = 0;
	int i;

	for (i = 0; i < 64; i++) {
		sum ^= WORD(p, i);
		OPAQUE(sum);
	}
	return sum;
}

PROGRAM(load_native_u64)
{
	__u64 sum = 0;
	int i;

	for (i = 0; i < 64; i++) {
		sum += LONG(p, i);
		OPAQUE(sum);
	}
	return sum;
}

PROGRAM(stride_load_4)
{
	__u64 sum = 0;
	int i;

#pragma clang loop unroll(full)
	for (i = 0; i < 64; i++) {
		sum += AT32(p + 4 * i);
		OPAQUE(sum);
	}
	return sum;
}

PROGRAM(stride_load_16)
{
	__u64 sum = 0;
	int i;

#pragma clang loop unroll(full)
	for (i = 0; i < 64; i++) {
		sum += AT16(p + 16 * i + 3);
		OPAQUE(sum);
	}
	return sum;
}

struct record {
	__u8 kind, flags;
	__u16 length;
	__u32 id;
	__u64 stamp;
	__u16 port[2];
	__u32 address;
} __attribute__((packed));

PROGRAM(struct_field_cluster)
{
	const struct record *r = (const void *)p;
	__u64 sum = 0;
	int i;

#pragma clang loop unroll(full)
	for (i = 0; i < 16; i++, r++) {
		sum += r->kind + r->flags * 3 + r->length;
		sum ^= (__u64)r->id << 7;
		sum += r->stamp;
		sum ^= r->port[0] - r->port[1];
		sum += r->address;
		OPAQUE(sum);
	}
	return sum;
}

PROGRAM(memcmp_prefix_64)
{
	__u64 same = 0;
	int i;

#pragma clang loop unroll(full)
	for (i = 0; i < 64; i++) {
		if (p[i] != p[i + 1024])
			return same + 1000;
		same++;
		OPAQUE(same);
	}
	return same;
}

PROGRAM(memory_pair_sum)
{
	__u64 pair[16], sum = 0;
	int i;

#pragma clang loop unroll(full)
	for (i = 0; i < 16; i++)
		*(volatile __u64 *)&pair[i] = LONG(p, i);
#pragma clang loop unroll(full)
	for (i = 0; i < 16; i += 2)
		sum += *(volatile __u64 *)&pair[i] ^ *(volatile __u64 *)&pair[i + 1];
	return sum;
}

PROGRAM(addr_calc_stride)
{
	__u64 sum = 0, at = 5;
	int i;

	for (i = 0; i < 128; i++) {
		LOOK(b, at * 12 + i * 4, 1);

		sum += *b;
		at = at * 5 + 1;
		OPAQUE(at);
	}
	return sum;
}

SEC("xdp") int packet_redundant_bounds(struct xdp_md *ctx)
{
	const __u8 *p = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u64 sum = 0;
	int i;

#pragma clang loop unroll(full)
	for (i = 0; i < 32; i++) {
		OPAQUE(p);
		if (p + 32 * i + 8 > end)
			return 0;
		sum += p[32 * i] + p[32 * i + 7];
	}
	return fold(sum);
}

PROGRAM(endian_swap_dense)
{
	__u64 sum = 0;
	int i;

#pragma clang loop unroll(full)
	for (i = 0; i < 32; i++) {
		sum += bpf_be64_to_cpu(LONG(p, i));
		sum ^= bpf_ntohl(WORD(p, 100 + i));
		sum += bpf_ntohs(((const __u16 *)p)[300 + i]);
		OPAQUE(sum);
	}
	return sum;
}

PROGRAM(packet_parse)
{
	__u64 sum = 0;
	int i;

	for (i = 0; i < 16; i++) {
		const __u8 *eth = p + 64 * i, *ip = eth + 14;
		__u32 words = ip[0] & 15;

		if (words < 5)
			words = 5;
		if (ip[9] == 0)
			continue;
		sum += AT32(ip + 12) ^ AT32(ip + 16);
		sum ^= bpf_ntohs(AT16(eth + 12));
		OPAQUE(words);

		LOOK(l4, 64 * i + 14 + words * 4, 4);
		sum += (__u64)AT16(l4) << 16 | AT16(l4 + 2);
		OPAQUE(sum);
	}
	return sum;
}

PROGRAM(packet_parse_vlans_tcpopts)
{
	__u64 sum = 0;
	__u32 at = 12;
	int i;

	for (i = 0; i < 4; i++) {
		__u16 proto = bpf_ntohs(AT16(p + at));

		sum += proto;
		if (proto & 1)
			break;
		at += 4;
	}
	for (i = 0; i < 6; i++) {
		OPAQUE(at);
		LOOK(opt, at + 40, 6);

		if (opt[0] == 0)
			break;
		if (opt[0] == 1) {
			at++;
			continue;
		}
		if (opt[0] < 110)
			sum += AT32(opt + 2);
		at += (opt[1] & 15) + 2;
		OPAQUE(sum);
	}
	return sum + at;
}

char LICENSE[] SEC("license") = "GPL";
