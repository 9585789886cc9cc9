// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each allocation of a command fails in turn (Documentation/fault-injection): the
 * command reports an error, or does without, and leaves nothing behind.
 *
 * Needs a kernel with fault injection, the debug flavour.  What is not freed although
 * nobody can reach it any more is found by kmemleak after the suites; what is still
 * reachable shows here, as an id or a descriptor that was not there before.
 */
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#include "lib/harness.h"
#include "lib/events.h"

#define FAIL_NTH	"/proc/thread-self/fail-nth"
#define MOST		2000	/* more allocations than any command makes */
#define PIN_DIR		"/tmp/bvm-fault"

static bool write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);
	bool good = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return good;
}

/* Allocations that may sleep count too: it is those that a system call makes. */
static bool faults_ready(void)
{
	return access(FAIL_NTH, R_OK | W_OK) == 0 &&
	       write_file("/sys/kernel/debug/failslab/ignore-gfp-wait", "N") &&
	       write_file("/sys/kernel/debug/fail_page_alloc/ignore-gfp-wait", "N") &&
	       write_file("/sys/kernel/debug/fail_page_alloc/ignore-gfp-highmem", "N") &&
	       write_file("/sys/kernel/debug/fail_page_alloc/min-order", "0");
}

/* The command under test: a descriptor (or 0) or -errno.  undo() takes it back. */
struct command {
	const char *name;
	int (*run)(const struct command *command);
	void (*undo)(int fd);
	__u32 type, key_size, value_size, flags;
};

static int failed_map(const struct command *c)
{
	union bpf_attr attr = {
		.map_type = c->type,
		.key_size = c->key_size,
		.value_size = c->value_size,
		.max_entries = c->type == BPF_MAP_TYPE_RINGBUF ? 4096 : 4,
		.map_flags = c->flags,
	};
	int inner = -1, fd;

	if (c->type == BPF_MAP_TYPE_ARRAY_OF_MAPS || c->type == BPF_MAP_TYPE_HASH_OF_MAPS) {
		inner = map_create(BPF_MAP_TYPE_ARRAY, 4, 8, 4);
		if (inner < 0)
			return inner;
		attr.inner_map_fd = inner;
	}
	fd = sys_bpf(BPF_MAP_CREATE, &attr);
	if (inner >= 0)
		close(inner);
	return fd;
}

/* set up once, used by the commands below */
static int map, prog, kprobe_prog, kprobe_event, raw_prog;

static int failed_prog(const struct command *c)
{
	const struct bpf_insn insns[] = {
		BPF_ST_MEM(BPF_DW, BPF_REG_10, -8, 0),
		COUNT_IN_MAP(map),
		/* branches make states */
		BPF_EMIT_CALL(BPF_FUNC_get_prandom_u32),
		BPF_JMP_IMM(BPF_JGT, BPF_REG_0, 10, 1),
		BPF_MOV64_IMM(BPF_REG_0, 1),
		BPF_JMP_IMM(BPF_JGT, BPF_REG_0, 5, 1),
		BPF_ALU64_IMM(BPF_ADD, BPF_REG_0, 7),
		RETURN(0),
	};

	return prog_load(c->type, insns, ARRAY_SIZE(insns));
}

static int failed_link(const struct command *c)
{
	union bpf_attr attr = {
		.link_create.prog_fd = kprobe_prog,
		.link_create.target_fd = kprobe_event,
		.link_create.attach_type = BPF_PERF_EVENT,
	};

	return sys_bpf(BPF_LINK_CREATE, &attr);
}

static int failed_raw_tp(const struct command *c)
{
	union bpf_attr attr = {
		.raw_tracepoint.prog_fd = raw_prog,
		.raw_tracepoint.name = ptr_to_u64("sys_enter"),
	};

	return sys_bpf(BPF_RAW_TRACEPOINT_OPEN, &attr);
}

static int failed_pin(const struct command *c)
{
	union bpf_attr attr = {
		.pathname = ptr_to_u64(PIN_DIR "/pin"),
		.bpf_fd = c->type ? prog : map,
	};

	return sys_bpf(BPF_OBJ_PIN, &attr);
}

static void undo_pin(int fd)
{
	unlink(PIN_DIR "/pin");
}

static int failed_get(const struct command *c)
{
	union bpf_attr attr = { .pathname = ptr_to_u64(PIN_DIR "/there") };

	return sys_bpf(BPF_OBJ_GET, &attr);
}

/* int, struct s { int a; }; */
static int failed_btf(const struct command *c)
{
	static const char strings[] = "\0int\0s\0a";
	struct {
		struct { __u16 magic; __u8 version, flags; __u32 header[5]; } header;
		__u32 integer[4], structure[3 + 3];
		char strings[sizeof(strings)];
	} __attribute__((packed)) blob = {
		.header = { .magic = 0xeb9f, .version = 1, .header = {
				24, 0, sizeof(blob.integer) + sizeof(blob.structure),
				sizeof(blob.integer) + sizeof(blob.structure),
				sizeof(strings) } },
		.integer = { 1, 1 << 24, 4, 1 << 24 | 32 },
		.structure = { 5, 4 << 24 | 1, 4, 7, 1, 0 },
	};
	union bpf_attr attr = { .btf = ptr_to_u64(&blob), .btf_size = sizeof(blob) };

	memcpy(blob.strings, strings, sizeof(strings));
	return sys_bpf(BPF_BTF_LOAD, &attr);
}

static int failed_update(const struct command *c)
{
	static int hash = -1;
	__u64 key = 1, value = 2;
	int ret;

	if (hash < 0)
		hash = map_create_flags(BPF_MAP_TYPE_HASH, 8, 8, 4, BPF_F_NO_PREALLOC);
	ret = map_update(hash, &key, &value, BPF_ANY);
	map_delete(hash, &key);
	return ret;
}

static void undo_close(int fd)
{
	close(fd);
}

static void undo_nothing(int fd)
{
}

#define MAP(TYPE, ...)	{ .name = "map_create " #TYPE, .run = failed_map, .undo = undo_close, \
			  .type = BPF_MAP_TYPE_##TYPE, __VA_ARGS__ }
#define PROG(TYPE)	{ .name = "prog_load " #TYPE, .run = failed_prog, .undo = undo_close, \
			  .type = BPF_PROG_TYPE_##TYPE }

static const struct command commands[] = {
	MAP(ARRAY, .key_size = 4, .value_size = 8),
	MAP(PERCPU_ARRAY, .key_size = 4, .value_size = 8),
	MAP(HASH, .key_size = 8, .value_size = 8),
	MAP(HASH, .key_size = 8, .value_size = 8, .flags = BPF_F_NO_PREALLOC),
	MAP(PERCPU_HASH, .key_size = 8, .value_size = 8),
	MAP(LRU_HASH, .key_size = 8, .value_size = 8),
	MAP(LRU_HASH, .key_size = 8, .value_size = 8, .flags = BPF_F_NO_COMMON_LRU),
	MAP(LRU_PERCPU_HASH, .key_size = 8, .value_size = 8),
	MAP(LPM_TRIE, .key_size = 8, .value_size = 8, .flags = BPF_F_NO_PREALLOC),
	MAP(PERF_EVENT_ARRAY, .key_size = 4, .value_size = 4),
	MAP(PROG_ARRAY, .key_size = 4, .value_size = 4),
	MAP(CGROUP_ARRAY, .key_size = 4, .value_size = 4),
	MAP(STACK_TRACE, .key_size = 4, .value_size = 64),
	MAP(ARRAY_OF_MAPS, .key_size = 4, .value_size = 4),
	MAP(HASH_OF_MAPS, .key_size = 4, .value_size = 4),
	MAP(QUEUE, .value_size = 8),
	MAP(STACK, .value_size = 8),
	MAP(RINGBUF),
	PROG(SOCKET_FILTER),
	PROG(KPROBE),
	PROG(TRACEPOINT),
	PROG(RAW_TRACEPOINT),
	PROG(PERF_EVENT),
	{ .name = "link_create", .run = failed_link, .undo = undo_close },
	{ .name = "raw_tracepoint_open", .run = failed_raw_tp, .undo = undo_close },
	{ .name = "obj_pin map", .run = failed_pin, .undo = undo_pin },
	{ .name = "obj_pin prog", .run = failed_pin, .undo = undo_pin, .type = 1 },
	{ .name = "obj_get", .run = failed_get, .undo = undo_close },
	{ .name = "btf_load", .run = failed_btf, .undo = undo_close },
	{ .name = "map_update", .run = failed_update, .undo = undo_nothing },
};

/* A sum over the ids of everything there is, and the lowest free descriptor. */
static __u64 census(void)
{
	static const int next[] = {
		BPF_MAP_GET_NEXT_ID, BPF_PROG_GET_NEXT_ID, BPF_LINK_GET_NEXT_ID,
		BPF_BTF_GET_NEXT_ID,
	};
	__u64 sum = 0;
	int fd;

	for (size_t i = 0; i < ARRAY_SIZE(next); i++)
		for (int id = 0; (id = next_id(next[i], id)) > 0;)
			sum = sum * 31 + id * (i + 1);
	fd = dup(0);
	close(fd);
	return sum * 31 + fd;
}

/* Objects that nobody has wait for grace periods before they are gone. */
static bool census_becomes(__u64 expected)
{
	for (int i = 0; i < 200; i++) {
		if (census() == expected)
			return true;
		usleep(20000);
	}
	return false;
}

static int armed_fd = -1;

/* The nth allocation of this thread from now on fails. */
static bool arm(int n)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%d", n);

	return pwrite(armed_fd, text, len, 0) == len;
}

/* Back to normal.  Did one fail?  (What was written counts down to 0 then.) */
static bool disarm(void)
{
	char text[16] = "";
	ssize_t got = pread(armed_fd, text, sizeof(text) - 1, 0);
	bool hit = got > 0 && atoi(text) == 0;

	arm(0);
	return hit;
}

FIXTURE(fault)
{
	bool ready;
};

FIXTURE_SETUP(fault)
{
	self->ready = faults_ready();
	if (!self->ready)
		return;
	armed_fd = open(FAIL_NTH, O_RDWR);
	ASSERT_LE(0, armed_fd);
	mkdir(PIN_DIR, 0700);
	ASSERT_EQ(0, mount("bpf", PIN_DIR, "bpf", 0, NULL));
	map = map_create(BPF_MAP_TYPE_HASH, 8, 8, 4);
	prog = PROG_LOAD(BPF_PROG_TYPE_SOCKET_FILTER, RETURN(0));
	kprobe_prog = PROG_LOAD(BPF_PROG_TYPE_KPROBE, RETURN(0));
	raw_prog = PROG_LOAD(BPF_PROG_TYPE_RAW_TRACEPOINT, RETURN(0));
	kprobe_event = kprobe_open(OPEN_FUNCTION, false);
	ASSERT_LE(0, map);
	ASSERT_LE(0, prog);
	ASSERT_LE(0, kprobe_prog);
	ASSERT_LE(0, raw_prog);
	ASSERT_LE(0, kprobe_event);
	{
		union bpf_attr attr = {
			.pathname = ptr_to_u64(PIN_DIR "/there"), .bpf_fd = map,
		};

		ASSERT_EQ(0, sys_bpf(BPF_OBJ_PIN, &attr));
	}
}

FIXTURE_TEARDOWN(fault)
{
	if (!self->ready)
		return;
	close(armed_fd);
	umount(PIN_DIR);
	rmdir(PIN_DIR);
}

TEST_F_TIMEOUT(fault, each_allocation_of_each_command, 600)
{
	if (!self->ready)
		SKIP(return, "no fault injection in this kernel");

	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		const struct command *c = &commands[i];
		int n, ret, errors = 0, without = 0;
		bool hit = true;
		__u64 before;

		/* first without a fault: it works, and what is made once is made */
		ret = c->run(c);
		ASSERT_LE(0, ret) {
			TH_LOG("%s: %d", c->name, ret);
		}
		c->undo(ret);
		usleep(100000);
		before = census();
		for (n = 1; hit && n < MOST; n++) {
			ASSERT_TRUE(arm(n));
			ret = c->run(c);
			hit = disarm();
			if (ret >= 0)
				c->undo(ret);
			if (!hit)
				break;
			errors += ret < 0;
			without += ret >= 0;
			EXPECT_TRUE(ret >= 0 || ret == -ENOMEM || ret == -ENFILE) {
				TH_LOG("%s: fault %d: %d", c->name, n, ret);
			}
		}
		EXPECT_EQ(0, ret < 0);
		/* A command that allocates nothing would make this test one of nothing. */
		EXPECT_LT(0, errors) {
			TH_LOG("%s: no fault was an error", c->name);
		}
		EXPECT_TRUE(census_becomes(before)) {
			TH_LOG("%s: something is left", c->name);
		}
		TH_LOG("%s: %d errors, %d times it did without", c->name, errors, without);
	}
}

TEST_HARNESS_MAIN
