// SPDX-License-Identifier: GPL-2.0-only
/*
 * A program in NMIs: it uses maps that tasks are changing on the same CPU, where no lock
 * may be waited for.
 *
 * The NMIs are those of sysrq-l, which asks every CPU for a backtrace.
 */
#include <pthread.h>

#include "lib/harness.h"
#include "lib/events.h"

#define NMIS	40
#define SYSRQ	"/proc/sysrq-trigger"

static int maps[8];
static bool stop;

/* Writers on every CPU: half of them will be interrupted inside an update. */
static void *change_maps(void *arg)
{
	__u64 key = (unsigned long)arg, value[64] = { 1 };

	pin_to_cpu(key);
	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
		for (size_t i = 0; i < ARRAY_SIZE(maps) && maps[i] >= 0; i++) {
			__u64 k = key++ % 8;

			map_update(maps[i], &k, value, BPF_ANY);
			map_lookup(maps[i], &k, value);
			map_delete(maps[i], &k);
		}
	}
	return NULL;
}

static bool ask_for_backtraces(void)
{
	int fd = open(SYSRQ, O_WRONLY);
	bool good = fd >= 0 && write(fd, "l", 1) == 1;

	if (fd >= 0)
		close(fd);
	return good;
}

/* update the element of one key, look it up, delete it */
#define USE_MAP(FD)							\
	BPF_LD_MAP_FD(BPF_REG_1, FD),					\
	BPF_MOV64_REG(BPF_REG_2, BPF_REG_10),				\
	BPF_ALU64_IMM(BPF_ADD, BPF_REG_2, -16),				\
	BPF_MOV64_REG(BPF_REG_3, BPF_REG_10),				\
	BPF_ALU64_IMM(BPF_ADD, BPF_REG_3, -24),				\
	BPF_MOV64_IMM(BPF_REG_4, 0),					\
	BPF_EMIT_CALL(BPF_FUNC_map_update_elem),			\
	BPF_LD_MAP_FD(BPF_REG_1, FD),					\
	BPF_MOV64_REG(BPF_REG_2, BPF_REG_10),				\
	BPF_ALU64_IMM(BPF_ADD, BPF_REG_2, -16),				\
	BPF_EMIT_CALL(BPF_FUNC_map_lookup_elem),			\
	BPF_LD_MAP_FD(BPF_REG_1, FD),					\
	BPF_MOV64_REG(BPF_REG_2, BPF_REG_10),				\
	BPF_ALU64_IMM(BPF_ADD, BPF_REG_2, -16),				\
	BPF_EMIT_CALL(BPF_FUNC_map_delete_elem)

/* push a word on a queue, take one, write a record to a ring buffer */
#define USE_QUEUE(FD)							\
	BPF_LD_MAP_FD(BPF_REG_1, FD),					\
	BPF_MOV64_REG(BPF_REG_2, BPF_REG_10),				\
	BPF_ALU64_IMM(BPF_ADD, BPF_REG_2, -24),				\
	BPF_MOV64_IMM(BPF_REG_3, BPF_EXIST),				\
	BPF_EMIT_CALL(BPF_FUNC_map_push_elem),				\
	BPF_LD_MAP_FD(BPF_REG_1, FD),					\
	BPF_MOV64_REG(BPF_REG_2, BPF_REG_10),				\
	BPF_ALU64_IMM(BPF_ADD, BPF_REG_2, -32),				\
	BPF_EMIT_CALL(BPF_FUNC_map_pop_elem)

#define USE_RING(FD)							\
	BPF_LD_MAP_FD(BPF_REG_1, FD),					\
	BPF_MOV64_REG(BPF_REG_2, BPF_REG_10),				\
	BPF_ALU64_IMM(BPF_ADD, BPF_REG_2, -24),				\
	BPF_MOV64_IMM(BPF_REG_3, 8),					\
	BPF_MOV64_IMM(BPF_REG_4, BPF_RB_NO_WAKEUP),			\
	BPF_EMIT_CALL(BPF_FUNC_ringbuf_output)

TEST(nmi)
{
	int runs, queue, ring, prog, event, cpus = possible_cpus();
	pthread_t writer[16];
	__u64 key = 0, count = 0, total = 0;

	event = tracepoint_open("nmi/nmi_handler");
	if (event == -ENOENT)
		SKIP(return, "this architecture has no tracepoint in NMIs");
	ASSERT_LE(0, event);
	close(event);
	if (access(SYSRQ, W_OK))
		SKIP(return, "no sysrq");

	runs = map_create(BPF_MAP_TYPE_HASH, 8, 8, 4);
	queue = map_create(BPF_MAP_TYPE_QUEUE, 0, 8, 4);
	ring = map_create(BPF_MAP_TYPE_RINGBUF, 0, 0, 4096);
	maps[0] = map_create(BPF_MAP_TYPE_HASH, 8, 8, 6);
	maps[1] = map_create_flags(BPF_MAP_TYPE_HASH, 8, 8, 6, BPF_F_NO_PREALLOC);
	maps[2] = map_create(BPF_MAP_TYPE_PERCPU_HASH, 8, 8, 6);
	maps[3] = map_create(BPF_MAP_TYPE_LRU_HASH, 8, 8, 6);
	maps[4] = map_create(BPF_MAP_TYPE_LRU_PERCPU_HASH, 8, 8, 6);
	maps[5] = map_create_flags(BPF_MAP_TYPE_LPM_TRIE, 8, 8, 6, BPF_F_NO_PREALLOC);
	maps[6] = -1;
	for (int i = 0; i < 6; i++)
		ASSERT_LE(0, maps[i]);
	ASSERT_EQ(0, map_update(runs, &key, &count, BPF_ANY));

	prog = PROG_LOAD(BPF_PROG_TYPE_TRACEPOINT,
			 BPF_ST_MEM(BPF_DW, BPF_REG_10, -8, 0),
			 BPF_ST_MEM(BPF_DW, BPF_REG_10, -16, 3),
			 BPF_ST_MEM(BPF_DW, BPF_REG_10, -24, 5),
			 BPF_ST_MEM(BPF_DW, BPF_REG_10, -32, 0),
			 COUNT_IN_MAP(runs),
			 USE_MAP(maps[0]), USE_MAP(maps[1]), USE_MAP(maps[2]),
			 USE_MAP(maps[3]), USE_MAP(maps[4]), USE_MAP(maps[5]),
			 USE_QUEUE(queue), USE_RING(ring),
			 RETURN(0));
	ASSERT_LE(0, prog);
	/* an event a CPU */
	for (int cpu = 0; cpu < cpus; cpu++) {
		event = tracepoint_open_on("nmi/nmi_handler", cpu);
		ASSERT_LE(0, event);
		ASSERT_EQ(cpu ? -EEXIST : 0, event_ioctl(event, PERF_EVENT_IOC_SET_BPF, prog));
		ASSERT_EQ(0, event_ioctl(event, PERF_EVENT_IOC_ENABLE, 0));
	}
	for (long cpu = 0; cpu < cpus && cpu < 16; cpu++)
		ASSERT_EQ(0, pthread_create(&writer[cpu], NULL, change_maps, (void *)cpu));
	for (int i = 0; i < NMIS; i++) {
		ASSERT_TRUE(ask_for_backtraces());
		usleep(20000);
	}
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	for (long cpu = 0; cpu < cpus && cpu < 16; cpu++)
		pthread_join(writer[cpu], NULL);
	ASSERT_EQ(0, map_lookup(runs, &key, &total));
	TH_LOG("%llu NMIs ran the program", total);
	/* one that interrupts a program does not run it */
	EXPECT_LE(NMIS / 4, total);

	/* nothing is locked or lost */
	for (int i = 0; i < 6; i++) {
		__u64 k = 7, values[64] = {};

		EXPECT_EQ(0, map_update(maps[i], &k, values, BPF_ANY)) {
			TH_LOG("map %d", i);
		}
		EXPECT_EQ(0, map_delete(maps[i], &k));
	}
}

TEST_HARNESS_MAIN
