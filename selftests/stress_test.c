// SPDX-License-Identifier: GPL-2.0-only
/*
 * Everything at once, for a few seconds: objects made, used and closed from
 * several threads, programs attached and detached while their event fires.
 * What goes wrong shows as a splat of the kernel (debug flavour), or here as an
 * error that no single-threaded run would give.
 */
#include <pthread.h>
#include <time.h>

#include "lib/harness.h"
#include "lib/events.h"

#define SECONDS		3
#define NAME		"bvm_stress"

static bool stop;

static bool going(void)
{
	return !__atomic_load_n(&stop, __ATOMIC_RELAXED);
}

/* the first line on which a thread saw something impossible */
static int failed_at;

static void check(bool good, int line)
{
	int none = 0;

	if (!good)
		__atomic_compare_exchange_n(&failed_at, &none, line, false,
					    __ATOMIC_RELAXED, __ATOMIC_RELAXED);
}

#define CHECK(COND)	check(COND, __LINE__)

static int named_map(__u32 type, __u32 entries)
{
	union bpf_attr attr = {
		.map_type = type, .key_size = 4, .value_size = 8, .max_entries = entries,
	};

	set_name(attr.map_name, NAME);
	return sys_bpf(BPF_MAP_CREATE, &attr);
}

static int named_prog(__u32 type, int map)
{
	const struct bpf_insn insns[] = {
		BPF_ST_MEM(BPF_W, BPF_REG_10, -4, 0),
		BPF_LD_MAP_FD(BPF_REG_1, map),
		BPF_MOV64_REG(BPF_REG_2, BPF_REG_10),
		BPF_ALU64_IMM(BPF_ADD, BPF_REG_2, -4),
		BPF_EMIT_CALL(BPF_FUNC_map_lookup_elem),
		BPF_JMP_IMM(BPF_JEQ, BPF_REG_0, 0, 2),
		BPF_MOV64_IMM(BPF_REG_1, 1),
		BPF_ATOMIC_OP(BPF_DW, BPF_ADD, BPF_REG_0, BPF_REG_1, 0),
		RETURN(0),
	};
	union bpf_attr attr;

	prog_attr(&attr, type, insns, ARRAY_SIZE(insns));
	set_name(attr.prog_name, NAME);
	return sys_bpf(BPF_PROG_LOAD, &attr);
}

static void *use_maps(void *arg)
{
	static const __u32 types[] = {
		BPF_MAP_TYPE_ARRAY, BPF_MAP_TYPE_HASH, BPF_MAP_TYPE_PERCPU_HASH,
	};

	for (int i = 0; going(); i++) {
		int map = named_map(types[i % ARRAY_SIZE(types)], 16);
		__u64 values[64] = {};

		CHECK(map >= 0);
		for (__u32 key = 0; key < 16; key++)
			CHECK(!map_update(map, &key, values, BPF_ANY));
		for (__u32 key = 0; key < 16; key++)
			CHECK(!map_lookup(map, &key, values));
		close(map);
	}
	return NULL;
}

static void *use_programs(void *arg)
{
	char packet[64] = {};

	while (going()) {
		int map = named_map(BPF_MAP_TYPE_ARRAY, 1);
		int prog = named_prog(BPF_PROG_TYPE_SOCKET_FILTER, map);
		union bpf_attr attr = {
			.test.prog_fd = prog,
			.test.data_in = ptr_to_u64(packet),
			.test.data_size_in = sizeof(packet),
			.test.repeat = 10,
		};

		CHECK(prog >= 0);
		CHECK(!close(map));	/* the program keeps it */
		CHECK(!sys_bpf(BPF_PROG_TEST_RUN, &attr));
		close(prog);
	}
	return NULL;
}

/* ids come and go under this thread's hands */
static void *walk_ids(void *arg)
{
	while (going()) {
		struct bpf_prog_info info;
		int id = 0, fd;

		while ((id = next_id(BPF_PROG_GET_NEXT_ID, id)) > 0) {
			fd = fd_by_id(BPF_PROG_GET_FD_BY_ID, id);
			CHECK(fd >= 0 || fd == -ENOENT);
			if (fd < 0)
				continue;
			CHECK(!get_prog_info(fd, &info) && (int)info.id == id);
			close(fd);
		}
		CHECK(id == -ENOENT);
		id = 0;
		while ((id = next_id(BPF_MAP_GET_NEXT_ID, id)) > 0) {
			fd = fd_by_id(BPF_MAP_GET_FD_BY_ID, id);
			CHECK(fd >= 0 || fd == -ENOENT);
			close(fd);
		}
		CHECK(id == -ENOENT);
	}
	return NULL;
}

#define OPENAT	"syscalls/sys_enter_openat"

/*
 * Keeps the probe and the tracepoint armed, so that only programs come and go.
 * This is no test of how the kernel patches its text: under emulation on two
 * CPUs the stock kernel was seen to jump to 0 when a kprobe on ftrace was armed
 * and disarmed under fire.
 */
static int armed[3];

static void arm(void)
{
	armed[0] = tracepoint_open(OPENAT);
	armed[1] = kprobe_open(OPEN_FUNCTION, false);
	armed[2] = kprobe_open(OPEN_FUNCTION, true);
}

static void disarm(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(armed); i++)
		close(armed[i]);
}

static void *fire_events(void *arg)
{
	while (going())
		CHECK(open_once("/dev/null") >= 0);
	return NULL;
}

static void *attach_and_detach(void *arg)
{
	bool tracepoint = arg;
	int map = named_map(BPF_MAP_TYPE_HASH, 4);
	__u32 key = 0;
	__u64 value = 0;

	CHECK(!map_update(map, &key, &value, BPF_ANY));
	for (int i = 0; going(); i++) {
		int prog = named_prog(tracepoint ? BPF_PROG_TYPE_TRACEPOINT :
						   BPF_PROG_TYPE_KPROBE, map);
		int event = tracepoint ? tracepoint_open(OPENAT) :
					 kprobe_open(OPEN_FUNCTION, i & 1);

		CHECK(prog >= 0 && event >= 0);
		CHECK(!event_attach(event, prog));
		/* in either order */
		close(i & 2 ? prog : event);
		close(i & 2 ? event : prog);
	}
	CHECK(!map_lookup(map, &key, &value));
	close(map);
	return NULL;
}

/* objects with our name that are still there */
static int left_over(void)
{
	struct bpf_prog_info prog;
	struct bpf_map_info map;
	int id, fd, count = 0;

	for (id = 0; (id = next_id(BPF_PROG_GET_NEXT_ID, id)) > 0;) {
		fd = fd_by_id(BPF_PROG_GET_FD_BY_ID, id);
		count += !get_prog_info(fd, &prog) && !strcmp(prog.name, NAME);
		close(fd);
	}
	for (id = 0; (id = next_id(BPF_MAP_GET_NEXT_ID, id)) > 0;) {
		fd = fd_by_id(BPF_MAP_GET_FD_BY_ID, id);
		count += !get_map_info(fd, &map) && !strcmp(map.name, NAME);
		close(fd);
	}
	return count;
}

FIXTURE(stress)
{
};

FIXTURE_SETUP(stress)
{
	arm();
	ASSERT_LE(0, armed[0]);
	ASSERT_LE(0, armed[1]);
	ASSERT_LE(0, armed[2]);
}

FIXTURE_TEARDOWN(stress)
{
	disarm();
}

TEST_F_TIMEOUT(stress, everything_at_once, 120)
{
	static void *(*const jobs[])(void *) = {
		use_maps, use_maps, use_programs, use_programs, walk_ids,
		fire_events, fire_events, attach_and_detach, attach_and_detach,
	};
	pthread_t threads[ARRAY_SIZE(jobs)];

	for (size_t i = 0; i < ARRAY_SIZE(jobs); i++) {
		void *arg = (void *)(i % 2);	/* the last two: one of each kind */

		ASSERT_EQ(0, pthread_create(&threads[i], NULL, jobs[i], arg));
	}
	sleep(SECONDS);
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	for (size_t i = 0; i < ARRAY_SIZE(jobs); i++)
		pthread_join(threads[i], NULL);
	EXPECT_EQ(0, failed_at) { TH_LOG("see line %d", failed_at); }
	/* objects are freed some grace periods after their last user */
	for (int i = 0; i < 100 && left_over(); i++)
		usleep(100000);
	EXPECT_EQ(0, left_over());
}

/* A process may die at any moment; nothing of its objects stays. */
TEST_F_TIMEOUT(stress, killed, 120)
{
	for (int i = 0; i < 10; i++) {
		pid_t child = fork();

		if (!child) {
			pthread_t thread;

			pthread_create(&thread, NULL, fire_events, NULL);
			pthread_create(&thread, NULL, use_programs, NULL);
			attach_and_detach((void *)(long)(i & 1));
			_exit(1);
		}
		usleep(50000 + 7000 * i);
		kill(child, SIGKILL);
		ASSERT_EQ(child, waitpid(child, NULL, 0));
	}
	for (int i = 0; i < 100 && left_over(); i++)
		usleep(100000);
	EXPECT_EQ(0, left_over());
}

TEST_HARNESS_MAIN
