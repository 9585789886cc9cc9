// SPDX-License-Identifier: GPL-2.0-only
/*
 * Programs on events: kprobe, kretprobe, tracepoint, and the output ring.
 *
 * The event is this thread's openat(2); programs count it in a hash under the
 * thread's id, so that other processes do not disturb.
 */
#include "lib/harness.h"
#include "lib/events.h"

#define OPENAT	"syscalls/sys_enter_openat"

FIXTURE(attach)
{
	int map, event, prog;
	__u64 key;
};

FIXTURE_VARIANT(attach)
{
	__u32 type, other_type;
	bool at_return;
};

FIXTURE_VARIANT_ADD(attach, kprobe)
{
	.type = BPF_PROG_TYPE_KPROBE,
	.other_type = BPF_PROG_TYPE_TRACEPOINT,
};

FIXTURE_VARIANT_ADD(attach, kretprobe)
{
	.type = BPF_PROG_TYPE_KPROBE,
	.other_type = BPF_PROG_TYPE_TRACEPOINT,
	.at_return = true,
};

FIXTURE_VARIANT_ADD(attach, tracepoint)
{
	.type = BPF_PROG_TYPE_TRACEPOINT,
	.other_type = BPF_PROG_TYPE_KPROBE,
};

static int open_event(__u32 type, bool at_return)
{
	if (type == BPF_PROG_TYPE_TRACEPOINT)
		return tracepoint_open(OPENAT);
	return kprobe_open(OPEN_FUNCTION, at_return);
}

/* counts runs in @map; its return value tells perf whether to take a sample */
static int counter(__u32 type, int map, int ret)
{
	return PROG_LOAD(type,
			 BPF_EMIT_CALL(BPF_FUNC_get_current_pid_tgid),
			 BPF_STX_MEM(BPF_DW, BPF_REG_10, BPF_REG_0, -8),
			 COUNT_IN_MAP(map),
			 RETURN(ret));
}

static int count_map(void)
{
	int map = map_create(BPF_MAP_TYPE_HASH, 8, 8, 16);
	__u64 key = pid_tgid(), zero = 0;

	map_update(map, &key, &zero, BPF_ANY);
	return map;
}

static __u64 count(int map)
{
	__u64 key = pid_tgid(), value = ~0ULL;

	map_lookup(map, &key, &value);
	return value;
}

FIXTURE_SETUP(attach)
{
	self->map = count_map();
	ASSERT_LE(0, self->map);
	self->prog = counter(variant->type, self->map, 1);
	ASSERT_LE(0, self->prog);
	self->event = open_event(variant->type, variant->at_return);
	ASSERT_LE(0, self->event);
}

FIXTURE_TEARDOWN(attach)
{
	close(self->event);
	close(self->prog);
	close(self->map);
}

TEST_F(attach, counts)
{
	ASSERT_EQ(0, event_attach(self->event, self->prog));
	for (int i = 1; i <= 5; i++) {
		EXPECT_LE(0, open_once("/dev/null"));
		EXPECT_EQ(i, count(self->map));
	}
}

TEST_F(attach, closing_the_event_detaches)
{
	ASSERT_EQ(0, event_attach(self->event, self->prog));
	open_once("/dev/null");
	close(self->event);
	open_once("/dev/null");
	EXPECT_EQ(1, count(self->map));
}

TEST_F(attach, disable_and_enable)
{
	ASSERT_EQ(0, event_attach(self->event, self->prog));
	open_once("/dev/null");
	EXPECT_EQ(1, count(self->map));
	ASSERT_EQ(0, event_ioctl(self->event, PERF_EVENT_IOC_DISABLE, 0));
	ASSERT_EQ(0, event_ioctl(self->event, PERF_EVENT_IOC_ENABLE, 0));
	open_once("/dev/null");
	EXPECT_EQ(2, count(self->map));
}

/* The event keeps the program, and the program its map. */
TEST_F(attach, survives_its_descriptors)
{
	struct bpf_prog_info prog;
	struct bpf_map_info map;

	ASSERT_EQ(0, get_prog_info(self->prog, &prog));
	ASSERT_EQ(0, get_map_info(self->map, &map));
	ASSERT_EQ(0, event_attach(self->event, self->prog));
	close(self->prog);
	close(self->map);
	open_once("/dev/null");
	self->prog = fd_by_id(BPF_PROG_GET_FD_BY_ID, prog.id);
	EXPECT_LE(0, self->prog);
	self->map = fd_by_id(BPF_MAP_GET_FD_BY_ID, map.id);
	ASSERT_LE(0, self->map);
	EXPECT_LE(1, count(self->map));
}

TEST_F(attach, two_programs)
{
	int map = count_map(), prog = counter(variant->type, map, 1);
	int event = open_event(variant->type, variant->at_return);

	ASSERT_LE(0, event);
	ASSERT_EQ(0, event_attach(self->event, self->prog));
	ASSERT_EQ(0, event_attach(event, prog));
	open_once("/dev/null");
	EXPECT_EQ(1, count(self->map));
	EXPECT_EQ(1, count(map));
	/* in either order */
	close(self->event);
	open_once("/dev/null");
	EXPECT_EQ(1, count(self->map));
	EXPECT_EQ(2, count(map));
	close(event);
	close(prog);
	close(map);
}

TEST_F(attach, twice)
{
	int other = counter(variant->type, self->map, 1);

	ASSERT_EQ(0, event_attach(self->event, self->prog));
	EXPECT_EQ(-EEXIST, event_ioctl(self->event, PERF_EVENT_IOC_SET_BPF, self->prog));
	EXPECT_EQ(-EEXIST, event_ioctl(self->event, PERF_EVENT_IOC_SET_BPF, other));
	open_once("/dev/null");
	EXPECT_EQ(1, count(self->map));
	close(other);
}

TEST_F(attach, wrong_programs)
{
	int filter = counter(BPF_PROG_TYPE_SOCKET_FILTER, self->map, 1);
	int other = counter(variant->other_type, self->map, 1);
	unsigned long request = PERF_EVENT_IOC_SET_BPF;

	if (filter >= 0)
		EXPECT_EQ(-EINVAL, event_ioctl(self->event, request, filter));
	ASSERT_LE(0, other);
	EXPECT_EQ(-EINVAL, event_ioctl(self->event, request, other));
	EXPECT_EQ(-EINVAL, event_ioctl(self->event, request, self->map)) { TH_LOG("a map"); }
	EXPECT_EQ(-EBADF, event_ioctl(self->event, request, -1));
	/* after all these, the right one still goes in */
	EXPECT_EQ(0, event_ioctl(self->event, request, self->prog));
	close(other);
	close(filter);
}

/* perf counts the event only if the program returned something else than 0 */
TEST_F(attach, return_value_filters)
{
	int prog = counter(variant->type, self->map, 0);
	__u64 seen = ~0ULL;

	pin_to_cpu(0);	/* where the event is open */
	ASSERT_EQ(0, event_attach(self->event, prog));
	open_once("/dev/null");
	EXPECT_EQ(1, count(self->map));
	ASSERT_EQ(8, read(self->event, &seen, 8));
	EXPECT_EQ(0, seen);
	close(self->event);

	self->event = open_event(variant->type, variant->at_return);
	ASSERT_EQ(0, event_attach(self->event, self->prog));
	open_once("/dev/null");
	ASSERT_EQ(8, read(self->event, &seen, 8));
	EXPECT_LE(1, seen);
	close(prog);
}

/* --------------------------------------------------------------- contexts */

/*
 * A program that stores, when this thread runs it, the u64 at ctx + @off in the
 * element of an array.
 */
static int saver(__u32 type, int array, int off)
{
	__u64 me = pid_tgid();

	return PROG_LOAD(type,
			 BPF_LDX_MEM(BPF_DW, BPF_REG_6, BPF_REG_1, off),
			 BPF_EMIT_CALL(BPF_FUNC_get_current_pid_tgid),
			 BPF_LD_IMM64_RAW(BPF_REG_1, 0, me, me >> 32),
			 BPF_JMP_REG(BPF_JNE, BPF_REG_0, BPF_REG_1, 3),
			 BPF_LD_MAP_VALUE(BPF_REG_1, array, 0),
			 BPF_STX_MEM(BPF_DW, BPF_REG_1, BPF_REG_6, 0),
			 RETURN(0));
}

static __u64 saved(int array)
{
	__u64 value = ~0ULL;
	__u32 key = 0;

	map_lookup(array, &key, &value);
	return value;
}

FIXTURE(context)
{
	int array;
};

FIXTURE_SETUP(context)
{
	self->array = map_create(BPF_MAP_TYPE_ARRAY, 4, 8, 1);
	ASSERT_LE(0, self->array);
}

FIXTURE_TEARDOWN(context)
{
	close(self->array);
}

TEST_F(context, kprobe_argument)
{
	static const char path[] = "/dev/null";
	int prog = saver(BPF_PROG_TYPE_KPROBE, self->array, PT_REGS_PARM2);
	int event = kprobe_open(OPEN_FUNCTION, false);

	ASSERT_EQ(0, event_attach(event, prog));
	open_once(path);
	EXPECT_EQ(ptr_to_u64(path), saved(self->array));
	close(event);
	close(prog);
}

TEST_F(context, kretprobe_value)
{
	int prog = saver(BPF_PROG_TYPE_KPROBE, self->array, PT_REGS_RC);
	int event = kprobe_open(OPEN_FUNCTION, true), fd;

	ASSERT_EQ(0, event_attach(event, prog));
	fd = open_once("/dev/null");
	EXPECT_EQ(fd, (int)saved(self->array));
	open_once("/no/such/file");
	EXPECT_EQ(-ENOENT, (int)saved(self->array));
	close(event);
	close(prog);
}

/* struct of syscalls/sys_enter_openat: number at 8, then the arguments */
TEST_F(context, tracepoint_fields)
{
	static const char path[] = "/dev/null";
	const struct { int off; __u64 mask, want; } cases[] = {
		{ 8, UINT32_MAX, __NR_openat },		/* an int; padding follows */
		{ 24, UINT64_MAX, ptr_to_u64(path) },
		{ 32, UINT64_MAX, O_RDONLY },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int prog = saver(BPF_PROG_TYPE_TRACEPOINT, self->array, cases[i].off);
		int event = tracepoint_open(OPENAT);

		ASSERT_EQ(0, event_attach(event, prog));
		open_once(path);
		EXPECT_EQ(cases[i].want, saved(self->array) & cases[i].mask);
		close(event);
		close(prog);
	}
}

/* A record has an end; a program that reads beyond it loads, but goes nowhere. */
TEST_F(context, tracepoint_offset_beyond_the_event)
{
	int event = tracepoint_open(OPENAT);
	int last = saver(BPF_PROG_TYPE_TRACEPOINT, self->array, 40);
	int beyond = saver(BPF_PROG_TYPE_TRACEPOINT, self->array, 1024);

	ASSERT_LE(0, event);
	ASSERT_LE(0, beyond);
	EXPECT_EQ(-EACCES, event_ioctl(event, PERF_EVENT_IOC_SET_BPF, beyond));
	EXPECT_EQ(0, event_ioctl(event, PERF_EVENT_IOC_SET_BPF, last)) { TH_LOG("mode"); }
	close(event);
	close(last);
	close(beyond);
}

TEST_F(context, offsets_refused_at_load)
{
	static const struct { __u32 type; int size, off; } cases[] = {
		{ BPF_PROG_TYPE_TRACEPOINT, BPF_DW, 0 },	/* ftrace's own header */
		{ BPF_PROG_TYPE_TRACEPOINT, BPF_DW, 12 },	/* misaligned */
		{ BPF_PROG_TYPE_TRACEPOINT, BPF_DW, 8192 },
		{ BPF_PROG_TYPE_KPROBE, BPF_DW, -8 },
		{ BPF_PROG_TYPE_KPROBE, BPF_DW, 12 },
		{ BPF_PROG_TYPE_KPROBE, BPF_DW, 8192 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct bpf_insn insns[] = {
			BPF_LDX_MEM(cases[i].size, BPF_REG_0, BPF_REG_1, cases[i].off),
			RETURN(0),
		};
		int fd = prog_load(cases[i].type, insns, ARRAY_SIZE(insns));

		EXPECT_EQ(-EACCES, fd) { TH_LOG("case %zu", i); }
		close(fd);
	}
}

/* ------------------------------------------------------------ output ring */

FIXTURE(output)
{
	int map, array;
	struct ring ring;
};

FIXTURE_SETUP(output)
{
	__u32 cpu = 0;

	pin_to_cpu(cpu);
	self->map = map_create(BPF_MAP_TYPE_PERF_EVENT_ARRAY, 4, 4, possible_cpus());
	ASSERT_LE(0, self->map);
	self->array = map_create(BPF_MAP_TYPE_ARRAY, 4, 8, 1);
	ASSERT_EQ(0, ring_open(&self->ring, cpu));
	ASSERT_EQ(0, map_update(self->map, &cpu, &self->ring.fd, BPF_ANY));
}

FIXTURE_TEARDOWN(output)
{
	ring_close(&self->ring);
	close(self->map);
	close(self->array);
}

#define MARK	0x6d61726b

/* sends 12 bytes to the ring at index @flags and saves what the helper returned */
static int sender(__u32 type, int map, int array, __u64 flags)
{
	__u64 me = pid_tgid();

	return PROG_LOAD(type,
			 BPF_MOV64_REG(BPF_REG_6, BPF_REG_1),
			 BPF_EMIT_CALL(BPF_FUNC_get_current_pid_tgid),
			 BPF_LD_IMM64_RAW(BPF_REG_1, 0, me, me >> 32),
			 BPF_JMP_REG(BPF_JNE, BPF_REG_0, BPF_REG_1, 14),
			 BPF_STX_MEM(BPF_DW, BPF_REG_10, BPF_REG_0, -16),
			 BPF_ST_MEM(BPF_W, BPF_REG_10, -8, MARK),
			 BPF_MOV64_REG(BPF_REG_1, BPF_REG_6),
			 BPF_LD_MAP_FD(BPF_REG_2, map),
			 BPF_LD_IMM64_RAW(BPF_REG_3, 0, flags, flags >> 32),
			 BPF_MOV64_REG(BPF_REG_4, BPF_REG_10),
			 BPF_ALU64_IMM(BPF_ADD, BPF_REG_4, -16),
			 BPF_MOV64_IMM(BPF_REG_5, 12),
			 BPF_EMIT_CALL(BPF_FUNC_perf_event_output),
			 BPF_LD_MAP_VALUE(BPF_REG_1, array, 0),
			 BPF_STX_MEM(BPF_DW, BPF_REG_1, BPF_REG_0, 0),
			 RETURN(0));
}

FIXTURE_VARIANT(output)
{
	__u32 type;
};

FIXTURE_VARIANT_ADD(output, kprobe)
{
	.type = BPF_PROG_TYPE_KPROBE,
};

FIXTURE_VARIANT_ADD(output, tracepoint)
{
	.type = BPF_PROG_TYPE_TRACEPOINT,
};

TEST_F(output, samples)
{
	int prog = sender(variant->type, self->map, self->array, BPF_F_CURRENT_CPU);
	int event = open_event(variant->type, false);
	struct pollfd poll_fd = { .fd = self->ring.fd, .events = POLLIN };
	struct { __u64 who; __u32 mark, pad; } sample = {};

	ASSERT_EQ(0, event_attach(event, prog));
	EXPECT_EQ(0, poll(&poll_fd, 1, 0)) { TH_LOG("nothing yet"); }
	for (int i = 0; i < 3; i++)
		open_once("/dev/null");
	EXPECT_EQ(0, saved(self->array));
	EXPECT_EQ(1, poll(&poll_fd, 1, 5000));
	for (int i = 0; i < 3; i++) {
		/* perf rounds up, so that records stay aligned to 8 */
		EXPECT_EQ(12, ring_next(&self->ring, &sample, sizeof(sample)));
		EXPECT_EQ(pid_tgid(), sample.who);
		EXPECT_EQ(MARK, sample.mark);
	}
	EXPECT_EQ(0, ring_next(&self->ring, &sample, sizeof(sample)));
	close(event);
	close(prog);
}

/* A ring that nobody reads fills up; what does not fit is counted as lost, nothing breaks. */
TEST_F(output, full_ring)
{
	int prog = sender(variant->type, self->map, self->array, BPF_F_CURRENT_CPU);
	int event = open_event(variant->type, false), samples = 0;
	char sample[64];

	ASSERT_EQ(0, event_attach(event, prog));
	for (int i = 0; i < 2000; i++)
		open_once("/dev/null");
	EXPECT_EQ(-ENOSPC, (int)saved(self->array));
	while (ring_next(&self->ring, sample, sizeof(sample)))
		samples++;
	EXPECT_LT(500, samples);
	EXPECT_GT(2000, samples);
	open_once("/dev/null");
	EXPECT_EQ(0, saved(self->array)) { TH_LOG("room again"); }
	close(event);
	close(prog);
}

TEST_F(output, errors)
{
	static const struct { __u64 flags; int want; } cases[] = {
		{ 1, -ENOENT },			/* an element that is empty */
		{ 1000, -E2BIG },
		{ 1ULL << 32, -EINVAL },	/* no such flag */
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int prog = sender(variant->type, self->map, self->array, cases[i].flags);
		int event = open_event(variant->type, false);

		ASSERT_EQ(0, event_attach(event, prog));
		open_once("/dev/null");
		EXPECT_EQ(cases[i].want, (int)saved(self->array)) { TH_LOG("case %zu", i); }
		close(event);
		close(prog);
	}
}

TEST_HARNESS_MAIN
