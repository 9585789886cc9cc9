// SPDX-License-Identifier: GPL-2.0-only
/*
 * What others learn about programs: records of perf and of the audit system when one is
 * loaded and goes away, and how often it ran.
 */
#include <asm/posix_types.h>
#include <linux/audit.h>
#include <linux/netlink.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "lib/harness.h"
#include "lib/events.h"
#include "lib/links.h"

#define MAX_RECORD	1024

/* ------------------------------------------------------------------- perf */

struct bpf_event_record {
	struct perf_event_header header;
	__u16 type, flags;
	__u32 id;
	__u8 tag[BPF_TAG_SIZE];
};

struct ksymbol_record {
	struct perf_event_header header;
	__u64 addr;
	__u32 len;
	__u16 type, flags;
	char name[];
};

static int records_open(struct ring *ring, int cpu)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.config = PERF_COUNT_SW_DUMMY,
		.ksymbol = 1,
		.bpf_event = 1,
	};
	void *map;

	ring->page = sysconf(_SC_PAGESIZE);
	ring->fd = perf_event_open(&attr, -1, cpu);
	if (ring->fd < 0)
		return ring->fd;
	map = mmap(NULL, ring->page + RING_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED,
		   ring->fd, 0);
	if (map == MAP_FAILED)
		return -errno;
	ring->meta = map;
	ring->data = (const char *)map + ring->page;
	return 0;
}

/* the next record of any type, or false */
static bool record_next(struct ring *ring, char *record)
{
	__u64 tail = ring->meta->data_tail;
	struct perf_event_header *header = (void *)record;

	if (tail >= __atomic_load_n(&ring->meta->data_head, __ATOMIC_ACQUIRE))
		return false;
	for (size_t i = 0; i < sizeof(*header); i++)
		record[i] = ring->data[(tail + i) % RING_BYTES];
	for (size_t i = sizeof(*header); i < header->size && i < MAX_RECORD; i++)
		record[i] = ring->data[(tail + i) % RING_BYTES];
	__atomic_store_n(&ring->meta->data_tail, tail + header->size, __ATOMIC_RELEASE);
	return true;
}

/*
 * Wait for the record about one program on any CPU; symbols that came just before it are
 * counted in @symbols.
 */
static bool wait_bpf_event(struct ring *rings, int cpus, __u32 id, __u16 type,
			   struct bpf_event_record *out, int *symbols)
{
	char record[MAX_RECORD];
	const struct perf_event_header *header = (void *)record;
	const struct ksymbol_record *symbol = (void *)record;

	*symbols = 0;
	for (int round = 0; round < 1000; round++) {
		for (int cpu = 0; cpu < cpus; cpu++) {
			while (record_next(&rings[cpu], record)) {
				*symbols += header->type == PERF_RECORD_KSYMBOL &&
					    symbol->type == PERF_RECORD_KSYMBOL_TYPE_BPF;
				if (header->type != PERF_RECORD_BPF_EVENT)
					continue;
				memcpy(out, record, sizeof(*out));
				if (out->id == id && out->type == type)
					return true;
			}
		}
		usleep(10000);
	}
	return false;
}

#define MAX_CPUS	8

TEST(perf_records)
{
	struct ring rings[MAX_CPUS];
	struct bpf_event_record record;
	struct bpf_prog_info info;
	int cpus = possible_cpus(), prog, symbols;

	ASSERT_GE(MAX_CPUS, cpus);
	for (int cpu = 0; cpu < cpus; cpu++)
		ASSERT_EQ(0, records_open(&rings[cpu], cpu));
	prog = PROG_LOAD(BPF_PROG_TYPE_KPROBE, RETURN(0));
	ASSERT_LE(0, prog);
	get_prog_info(prog, &info);

	ASSERT_TRUE(wait_bpf_event(rings, cpus, info.id, PERF_BPF_EVENT_PROG_LOAD, &record,
				   &symbols));
	EXPECT_EQ(0, memcmp(info.tag, record.tag, sizeof(info.tag)));
	EXPECT_EQ(0, record.flags);
	EXPECT_LE(1, symbols);

	close(prog);
	ASSERT_TRUE(wait_bpf_event(rings, cpus, info.id, PERF_BPF_EVENT_PROG_UNLOAD, &record,
				   &symbols));
	EXPECT_EQ(0, memcmp(info.tag, record.tag, sizeof(info.tag)));
	EXPECT_LE(1, symbols);
	for (int cpu = 0; cpu < cpus; cpu++)
		ring_close(&rings[cpu]);
}

/* a program that was refused leaves no trace */
TEST(no_perf_records_of_a_refused_program)
{
	const struct bpf_insn bad[] = { BPF_EXIT_INSN() };
	struct ring rings[MAX_CPUS];
	char record[MAX_RECORD];
	int cpus = possible_cpus();

	ASSERT_GE(MAX_CPUS, cpus);
	for (int cpu = 0; cpu < cpus; cpu++)
		ASSERT_EQ(0, records_open(&rings[cpu], cpu));
	EXPECT_EQ(-EACCES, prog_load(BPF_PROG_TYPE_KPROBE, bad, ARRAY_SIZE(bad)));
	usleep(200000);
	for (int cpu = 0; cpu < cpus; cpu++) {
		while (record_next(&rings[cpu], record)) {
			EXPECT_NE(PERF_RECORD_BPF_EVENT,
				  ((struct perf_event_header *)record)->type);
		}
		ring_close(&rings[cpu]);
	}
}

/* ------------------------------------------------------------------ audit */

#define AUDIT_NLGRP_READ	1	/* AUDIT_NLGRP_READLOG */

static int audit_enable(int sock, __u32 enabled)
{
	struct {
		struct nlmsghdr header;
		struct audit_status status;
	} message = {
		.header = {
			.nlmsg_len = sizeof(message),
			.nlmsg_type = AUDIT_SET,
			.nlmsg_flags = NLM_F_REQUEST,
		},
		.status = { .mask = AUDIT_STATUS_ENABLED, .enabled = enabled },
	};

	return send(sock, &message, sizeof(message), 0) < 0 ? -errno : 0;
}

/* wait for a record of the type AUDIT_BPF that contains @text */
static bool wait_audit(int sock, const char *text)
{
	struct pollfd poll_fd = { .fd = sock, .events = POLLIN };
	char message[8192];

	while (poll(&poll_fd, 1, 5000) > 0) {
		const struct nlmsghdr *header = (void *)message;
		ssize_t len = recv(sock, message, sizeof(message) - 1, 0);

		if (len < (ssize_t)sizeof(*header))
			continue;
		message[len] = 0;
		if (header->nlmsg_type == AUDIT_BPF && strstr(message + sizeof(*header), text))
			return true;
	}
	return false;
}

TEST(audit_records)
{
	struct sockaddr_nl addr = { .nl_family = AF_NETLINK, .nl_groups = AUDIT_NLGRP_READ };
	int sock = socket(AF_NETLINK, SOCK_RAW, NETLINK_AUDIT), prog;
	struct bpf_prog_info info;
	char want[64];

	if (sock < 0)
		SKIP(return, "no audit");
	ASSERT_EQ(0, bind(sock, (void *)&addr, sizeof(addr)));
	ASSERT_EQ(0, audit_enable(sock, 1));
	prog = PROG_LOAD(BPF_PROG_TYPE_KPROBE, RETURN(0));
	get_prog_info(prog, &info);
	snprintf(want, sizeof(want), "prog-id=%u op=LOAD", info.id);
	EXPECT_TRUE(wait_audit(sock, want));
	close(prog);
	snprintf(want, sizeof(want), "prog-id=%u op=UNLOAD", info.id);
	EXPECT_TRUE(wait_audit(sock, want));
	EXPECT_EQ(0, audit_enable(sock, 0));
	close(sock);
}

/* ------------------------------------------------------------- statistics */

static int sysctl_write(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY), ret;

	if (fd < 0)
		return -errno;
	ret = write(fd, value, strlen(value)) < 0 ? -errno : 0;
	close(fd);
	return ret;
}

#define STATS	"/proc/sys/kernel/bpf_stats_enabled"

static void rename_times(int n)
{
	while (n--)
		prctl(PR_SET_NAME, "records_test");
}

static __u64 run_cnt(int prog)
{
	struct bpf_prog_info info;

	get_prog_info(prog, &info);
	return info.run_cnt;
}

static int enable_stats(void)
{
	union bpf_attr attr = { .enable_stats.type = BPF_STATS_RUN_TIME };

	return sys_bpf(BPF_ENABLE_STATS, &attr);
}

TEST(run_counts)
{
	int prog = PROG_LOAD(BPF_PROG_TYPE_RAW_TRACEPOINT, RETURN(0));
	int link = raw_tp_open("task_rename", prog), stats, second;
	struct bpf_prog_info info;

	ASSERT_LE(0, link);
	rename_times(3);
	EXPECT_EQ(0, run_cnt(prog));

	stats = enable_stats();
	ASSERT_LE(0, stats);
	rename_times(5);
	get_prog_info(prog, &info);
	EXPECT_LE(5, info.run_cnt);
	EXPECT_NE(0, info.run_time_ns);
	EXPECT_EQ(0, info.recursion_misses);

	/* one of two that want it is enough */
	second = enable_stats();
	close(stats);
	rename_times(1);
	EXPECT_LT(info.run_cnt, run_cnt(prog));
	close(second);
	get_prog_info(prog, &info);
	rename_times(3);
	EXPECT_EQ(info.run_cnt, run_cnt(prog));
	close(link);
	close(prog);
}

TEST(stats_sysctl)
{
	int prog = PROG_LOAD(BPF_PROG_TYPE_RAW_TRACEPOINT, RETURN(0));
	int link = raw_tp_open("task_rename", prog);
	__u64 count;

	ASSERT_LE(0, link);
	EXPECT_EQ(0, read_number(STATS));
	ASSERT_EQ(0, sysctl_write(STATS, "1"));
	EXPECT_EQ(1, read_number(STATS));
	rename_times(4);
	ASSERT_EQ(0, sysctl_write(STATS, "0"));
	count = run_cnt(prog);
	EXPECT_LE(4, count);
	rename_times(4);
	EXPECT_EQ(count, run_cnt(prog));
	EXPECT_EQ(-EINVAL, sysctl_write(STATS, "2"));
	EXPECT_EQ(-EINVAL, sysctl_write(STATS, "-1"));
	close(link);
	close(prog);
}

/* what fdinfo says about a program is what its information says */
TEST(fdinfo_counts)
{
	int prog = PROG_LOAD(BPF_PROG_TYPE_RAW_TRACEPOINT, RETURN(0));
	int link = raw_tp_open("task_rename", prog), stats = enable_stats(), file;
	char path[64], text[2048] = {}, want[64];

	ASSERT_LE(0, stats);
	rename_times(7);
	close(link);
	close(stats);
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", prog);
	file = open(path, O_RDONLY);
	ASSERT_LT(0, read(file, text, sizeof(text) - 1));
	close(file);
	snprintf(want, sizeof(want), "\nrun_cnt:\t%llu\n", (unsigned long long)run_cnt(prog));
	EXPECT_NE(NULL, strstr(text, want)) { TH_LOG("%s", text); }
	EXPECT_NE(NULL, strstr(text, "\nrecursion_misses:\t0\n"));
	close(prog);
}

TEST_HARNESS_MAIN
