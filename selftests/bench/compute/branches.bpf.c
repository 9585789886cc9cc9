// SPDX-License-Identifier: GPL-2.0-only
/*
 * Decisions: ladders, trees, switches, choices between two values.
 */
#include "compute.h"

PROGRAM(branch_layout)
{
	__u64 sum = 0;
	int i;

	for (i = 0; i < 128; i++) {
		__u8 v = p[i];

		if (v == 255)		/* rare */
			sum ^= 0x5555;
		else if (v > 250)
			sum += 7;
		else
			sum += v;
		OPAQUE(sum);
	}
	return sum;
}

PROGRAM(branch_dense)
{
	__u64 sum = 1;
	int i;

	for (i = 0; i < 128; i++) {
		__u32 v = p[i];

		if (v & 1)
			sum += 3;
		if (v & 2)
			sum ^= 5;
		if (v & 4)
			sum <<= 1;
		if (v & 8)
			sum -= v;
		OPAQUE(sum);
	}
	return sum;
}

PROGRAM(branch_flip_dense)
{
	__u64 even = 0, odd = 0;
	int i;

	for (i = 0; i < 128; i++) {
		if (p[i] & 1)
			odd += p[i + 128];
		else
			even += p[i + 256];
		OPAQUE(even);
		OPAQUE(odd);
	}
	return even << 32 | odd;
}

PROGRAM(branch_fanout_32)
{
	__u64 sum = 0;
	int i;

	for (i = 0; i < 64; i++) {
		switch (p[i] & 31) {
		case 0:
			sum += (sum >> 3) ^ 11;
			break;
		case 1:
			sum += (sum >> 3) ^ 48;
			break;
		case 2:
			sum += (sum >> 3) ^ 85;
			break;
		case 3:
			sum += (sum >> 3) ^ 122;
			break;
		case 4:
			sum += (sum >> 3) ^ 159;
			break;
		case 5:
			sum += (sum >> 3) ^ 196;
			break;
		case 6:
			sum += (sum >> 3) ^ 233;
			break;
		case 7:
			sum += (sum >> 3) ^ 270;
			break;
		case 8:
			sum += (sum >> 3) ^ 307;
			break;
		case 9:
			sum += (sum >> 3) ^ 344;
			break;
		case 10:
			sum += (sum >> 3) ^ 381;
			break;
		case 11:
			sum += (sum >> 3) ^ 418;
			break;
		case 12:
			sum += (sum >> 3) ^ 455;
			break;
		case 13:
			sum += (sum >> 3) ^ 492;
			break;
		case 14:
			sum += (sum >> 3) ^ 529;
			break;
		case 15:
			sum += (sum >> 3) ^ 566;
			break;
		case 16:
			sum += (sum >> 3) ^ 603;
			break;
		case 17:
			sum += (sum >> 3) ^ 640;
			break;
		case 18:
			sum += (sum >> 3) ^ 677;
			break;
		case 19:
			sum += (sum >> 3) ^ 714;
			break;
		case 20:
			sum += (sum >> 3) ^ 751;
			break;
		case 21:
			sum += (sum >> 3) ^ 788;
			break;
		case 22:
			sum += (sum >> 3) ^ 825;
			break;
		case 23:
			sum += (sum >> 3) ^ 862;
			break;
		case 24:
			sum += (sum >> 3) ^ 899;
			break;
		case 25:
			sum += (sum >> 3) ^ 936;
			break;
		case 26:
			sum += (sum >> 3) ^ 973;
			break;
		case 27:
			sum += (sum >> 3) ^ 1010;
			break;
		case 28:
			sum += (sum >> 3) ^ 1047;
			break;
		case 29:
			sum += (sum >> 3) ^ 1084;
			break;
		case 30:
			sum += (sum >> 3) ^ 1121;
			break;
		case 31:
			sum += (sum >> 3) ^ 1158;
			break;
		}
		OPAQUE(sum);
	}
	return sum;
}

PROGRAM(switch_dispatch)
{
	__u64 acc = 1;
	int i;

	for (i = 0; i < 96; i++) {
		__u64 v = p[i + 1];

		switch (p[i] & 7) {
		case 0:
			acc += v;
			break;
		case 1:
			acc -= v;
			break;
		case 2:
			acc ^= v;
			break;
		case 3:
			acc *= 3;
			break;
		case 4:
			acc <<= 1;
			break;
		case 5:
			acc |= v;
			break;
		case 6:
			acc = ~acc;
			break;
		default:
			acc = acc >> 1 ^ v;
			break;
		}
		OPAQUE(acc);
	}
	return acc;
}

PROGRAM(bounds_ladder)
{
	__u64 sum = 0;
	int i;

	for (i = 0; i < 64; i++) {
		__u32 v = AT16(p + 2 * i);

		if (v < 1024)
			sum += 1;
		else if (v < 4096)
			sum += 2;
		else if (v < 16384)
			sum += 4;
		else if (v < 32768)
			sum += 8;
		else if (v < 49152)
			sum += 16;
		else
			sum += 32;
		OPAQUE(sum);
	}
	return sum;
}

PROGRAM(bounds_check_heavy)
{
	__u64 sum = 0;
	int i;

	for (i = 0; i < 64; i++) {
		__u32 step = p[i], at;

		if (step < 1 || step > 200)
			step = 17;
		at = step * 3 + i;
		if (at >= 500)
			at -= 500;
		if (at < 3)
			at = 3;
		if (at > 400)
			continue;
		sum += at;
		OPAQUE(sum);
	}
	return sum;
}

static __always_inline __u64 guard_tree(const __u8 *p)
{
	if (p[0] > 4 && p[1] != 7 && p[2] < 250 && p[3] & 0xfe && p[4] >= 1 && p[5] != 13 &&
	    p[6] > 2 && p[7] < 253)
		return p[0] + p[7];
	return 1;
}

PROGRAM(deep_guard_tree_8)
{
	__u64 sum = 0;
	int i;

	for (i = 0; i < 32; i++) {
		sum += guard_tree(p + i * 8);
		OPAQUE(sum);
	}
	return sum;
}

PROGRAM(cmov_select)
{
	__u64 low = ~0ULL, high = 0;
	int i;

	for (i = 0; i < 128; i++) {
		__u64 v = p[i] * 257 + p[i + 1];

		low = v < low ? v : low;
		high = v > high ? v : high;
		OPAQUE(low);
		OPAQUE(high);
	}
	return low << 32 | high;
}

PROGRAM(cmov_dense)
{
	__u64 sum = 0;
	int i;

	for (i = 0; i < 96; i++) {
		__u64 a = p[i], b = p[i + 96], c;

		c = a > b ? a : b;
		c = c > 128 ? 128 : c;
		c = c & 1 ? c + 1 : c;
		sum += c;
		OPAQUE(sum);
	}
	return sum;
}

PROGRAM(cond_select_dense)
{
	__u64 a = 3, b = 5;
	int i;

	for (i = 0; i < 96; i++) {
		__u64 bit = p[i] >> 7;
		__u64 next = bit ? a : b;

		b = bit ? b + 1 : a;
		a = next + p[i];
		OPAQUE(a);
		OPAQUE(b);
	}
	return a ^ b << 20;
}

PROGRAM(binary_search)
{
	__u32 table[32];
	__u64 found = 0;
	int i;

	for (i = 0; i < 32; i++)
		table[i] = i * 2111;
	for (i = 0; i < 32; i++) {
		__u32 want = AT16(p + 2 * i), low = 0, step;

		for (step = 16; step; step >>= 1) {
			OPAQUE(low);
			if (table[(low + step) & 31] <= want)
				low = (low + step) & 31;
		}
		found += low;
		OPAQUE(found);
	}
	return found;
}

char LICENSE[] SEC("license") = "GPL";
