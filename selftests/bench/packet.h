/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The packet that programs compute on.
 */
#ifndef _BVM_BENCH_PACKET_H
#define _BVM_BENCH_PACKET_H

#include <linux/types.h>
#include <string.h>

#define INPUT_SIZE	2048

/* Text-like bytes: most are letters, some are not; the same each time. */
static inline void fill_packet(unsigned char *packet)
{
	__u32 state = 1;
	int i;

	for (i = 0; i < INPUT_SIZE; i++) {
		state = state * 1664525 + 1013904223;
		packet[i] = state >> 24;
		if (state >> 16 & 3)
			packet[i] = 'a' + packet[i] % 26;
	}
	memcpy(packet + INPUT_SIZE / 2, packet, 64);
}

#endif /* _BVM_BENCH_PACKET_H */
