// SPDX-License-Identifier: GPL-2.0-only
/*
 * bpf_perf_event_output() of programs on packets: what the program sends, and bytes of the
 * packet behind it.
 */
#include <errno.h>

#include "lib/harness.h"
#include "lib/bpf_sys.h"
#include "lib/events.h"

#define ETH_HLEN	14
#define SENT		0x1122334455667788ULL

FIXTURE(output)
{
	struct ring ring;
	int map;
};

FIXTURE_VARIANT(output)
{
	__u32 type;
	int start;	/* of the packet, in the frame */
};

FIXTURE_VARIANT_ADD(output, xdp) { BPF_PROG_TYPE_XDP, 0 };
FIXTURE_VARIANT_ADD(output, sched_cls) { BPF_PROG_TYPE_SCHED_CLS, 0 };
FIXTURE_VARIANT_ADD(output, socket_filter) { BPF_PROG_TYPE_SOCKET_FILTER, ETH_HLEN };

FIXTURE_SETUP(output)
{
	__u32 key = 0;

	pin_to_cpu(0);
	self->map = map_create(BPF_MAP_TYPE_PERF_EVENT_ARRAY, 4, 4, 4);
	ASSERT_LE(0, self->map);
	ASSERT_EQ(0, ring_open(&self->ring, 0));
	ASSERT_EQ(0, map_update(self->map, &key, &self->ring.fd, BPF_ANY));
}

FIXTURE_TEARDOWN(output)
{
	ring_close(&self->ring);
	close(self->map);
}

/* Run a program that sends 8 bytes and returns what the helper did; @tail: high half of flags. */
static int output(__u32 type, int map, __u32 index, __u32 tail, const void *frame, __u32 size)
{
	const struct bpf_insn insns[] = {
		BPF_LD_IMM64_RAW(BPF_REG_2, 0, (__u32)SENT, SENT >> 32),
		BPF_STX_MEM(BPF_DW, BPF_REG_10, BPF_REG_2, -8),
		BPF_LD_MAP_FD(BPF_REG_2, map),
		BPF_LD_IMM64_RAW(BPF_REG_3, 0, index, tail),
		BPF_MOV64_REG(BPF_REG_4, BPF_REG_10),
		BPF_ALU64_IMM(BPF_ADD, BPF_REG_4, -8),
		BPF_MOV64_IMM(BPF_REG_5, 8),
		BPF_EMIT_CALL(BPF_FUNC_perf_event_output),
		BPF_EXIT_INSN(),
	};
	union bpf_attr attr = {
		.test.data_in = ptr_to_u64(frame),
		.test.data_size_in = size,
	};
	int fd = prog_load(type, insns, ARRAY_SIZE(insns)), err;

	if (fd < 0)
		return fd;
	attr.test.prog_fd = fd;
	err = sys_bpf(BPF_PROG_TEST_RUN, &attr);
	close(fd);
	return err ? err : (int)attr.test.retval;
}

TEST_F(output, packet_behind)
{
	unsigned char frame[64], data[128];
	__u64 sent = SENT;
	__u32 tail;

	for (size_t i = 0; i < sizeof(frame); i++)
		frame[i] = 0x80 + i;
	for (tail = 0; tail <= sizeof(frame) - variant->start; tail += 10) {
		ASSERT_EQ(0, output(variant->type, self->map, -1, tail, frame, sizeof(frame)));
		ASSERT_LE(8 + tail, ring_next(&self->ring, data, sizeof(data)));
		EXPECT_EQ(0, memcmp(data, &sent, 8));
		EXPECT_EQ(0, memcmp(data + 8, frame + variant->start, tail));
	}
	EXPECT_EQ(0, ring_next(&self->ring, data, sizeof(data)));
}

TEST_F(output, refused)
{
	static const unsigned char frame[64];
	__u32 size = sizeof(frame) - variant->start;
	unsigned char data[128];

	EXPECT_EQ(-EFAULT, output(variant->type, self->map, -1, size + 1, frame, sizeof(frame)));
	EXPECT_EQ(-EINVAL, output(variant->type, self->map, -1, 1 << 20, frame, sizeof(frame)));
	EXPECT_EQ(-E2BIG, output(variant->type, self->map, 4, 0, frame, sizeof(frame)));
	EXPECT_EQ(-ENOENT, output(variant->type, self->map, 1, 0, frame, sizeof(frame)));
	EXPECT_EQ(0, ring_next(&self->ring, data, sizeof(data)));
}

TEST_HARNESS_MAIN
