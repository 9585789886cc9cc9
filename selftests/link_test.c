// SPDX-License-Identifier: GPL-2.0-only
/*
 * Links: what they hold, what they tell about themselves, cookies, BPF_TASK_FD_QUERY.
 */
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#include "lib/harness.h"
#include "lib/events.h"
#include "lib/links.h"

#define RENAME	"task_rename"
#define OPENAT	"syscalls/sys_enter_openat"
#define COOKIE	0x123456789abcdef0ULL

/* the kinds of attach points */
enum kind { RAW, KPROBE, KRETPROBE, TRACEPOINT, UPROBE, URETPROBE, TIMER };

static __attribute__((noinline)) int probed(int n)
{
	asm volatile("");
	return n + 1;
}

static int timer_open(void)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.config = PERF_COUNT_SW_TASK_CLOCK,
		.sample_period = 100000,
		.disabled = 1,
	};

	return perf_event_open(&attr, 0, -1);
}

static int event_open(enum kind kind)
{
	switch (kind) {
	case KPROBE:
	case KRETPROBE:
		return kprobe_open(OPEN_FUNCTION, kind == KRETPROBE);
	case TRACEPOINT:
		return tracepoint_open(OPENAT);
	case UPROBE:
	case URETPROBE:
		return uprobe_open(probed, kind == URETPROBE);
	case TIMER:
		return timer_open();
	default:
		return -1;
	}
}

static __u32 prog_type(enum kind kind)
{
	switch (kind) {
	case RAW:
		return BPF_PROG_TYPE_RAW_TRACEPOINT;
	case TRACEPOINT:
		return BPF_PROG_TYPE_TRACEPOINT;
	case TIMER:
		return BPF_PROG_TYPE_PERF_EVENT;
	default:
		return BPF_PROG_TYPE_KPROBE;
	}
}

static int link_open(enum kind kind, int prog, int event)
{
	return kind == RAW ? raw_tp_open_cookie(RENAME, prog, COOKIE) :
			     perf_link(prog, event, COOKIE);
}

/* far more than a timer's period */
static void spend_time(void)
{
	struct timespec now, end;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end);
	end.tv_sec += end.tv_nsec >= 980000000;
	end.tv_nsec = (end.tv_nsec + 20000000) % 1000000000;
	do {
		clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	} while (now.tv_sec < end.tv_sec ||
		 (now.tv_sec == end.tv_sec && now.tv_nsec < end.tv_nsec));
}

/* make the event happen once (a timer: at least once) */
static void fire(enum kind kind, int event)
{
	switch (kind) {
	case RAW:
		prctl(PR_SET_NAME, "link_test");
		break;
	case UPROBE:
	case URETPROBE:
		probed(1);
		break;
	case TIMER:
		event_ioctl(event, PERF_EVENT_IOC_ENABLE, 0);
		spend_time();
		event_ioctl(event, PERF_EVENT_IOC_DISABLE, 0);
		break;
	default:
		open_once("/dev/null");
	}
}

FIXTURE(link)
{
	int map, event, prog, link;
	struct bpf_prog_info prog_info;
};

FIXTURE_VARIANT(link)
{
	enum kind kind;
	__u32 link_type;	/* BPF_LINK_TYPE_* */
	__u32 perf_type;	/* BPF_PERF_EVENT_* */
	__u32 fd_type;		/* BPF_FD_TYPE_* */
	const char *name;
};

FIXTURE_VARIANT_ADD(link, raw_tracepoint)
{
	.kind = RAW,
	.link_type = BPF_LINK_TYPE_RAW_TRACEPOINT,
	.fd_type = BPF_FD_TYPE_RAW_TRACEPOINT,
	.name = RENAME,
};

FIXTURE_VARIANT_ADD(link, kprobe)
{
	.kind = KPROBE,
	.link_type = BPF_LINK_TYPE_PERF_EVENT,
	.perf_type = BPF_PERF_EVENT_KPROBE,
	.fd_type = BPF_FD_TYPE_KPROBE,
	.name = OPEN_FUNCTION,
};

FIXTURE_VARIANT_ADD(link, kretprobe)
{
	.kind = KRETPROBE,
	.link_type = BPF_LINK_TYPE_PERF_EVENT,
	.perf_type = BPF_PERF_EVENT_KRETPROBE,
	.fd_type = BPF_FD_TYPE_KRETPROBE,
	.name = OPEN_FUNCTION,
};

FIXTURE_VARIANT_ADD(link, tracepoint)
{
	.kind = TRACEPOINT,
	.link_type = BPF_LINK_TYPE_PERF_EVENT,
	.perf_type = BPF_PERF_EVENT_TRACEPOINT,
	.fd_type = BPF_FD_TYPE_TRACEPOINT,
	.name = "sys_enter_openat",
};

FIXTURE_VARIANT_ADD(link, uprobe)
{
	.kind = UPROBE,
	.link_type = BPF_LINK_TYPE_PERF_EVENT,
	.perf_type = BPF_PERF_EVENT_UPROBE,
	.fd_type = BPF_FD_TYPE_UPROBE,
	.name = "/proc/self/exe",
};

FIXTURE_VARIANT_ADD(link, uretprobe)
{
	.kind = URETPROBE,
	.link_type = BPF_LINK_TYPE_PERF_EVENT,
	.perf_type = BPF_PERF_EVENT_URETPROBE,
	.fd_type = BPF_FD_TYPE_URETPROBE,
	.name = "/proc/self/exe",
};

FIXTURE_VARIANT_ADD(link, timer)
{
	.kind = TIMER,
	.link_type = BPF_LINK_TYPE_PERF_EVENT,
	.perf_type = BPF_PERF_EVENT_EVENT,
};

/*
 * Value 0 of the array: runs in this process; 1: the cookie; 2: the function's address,
 * where there is one.
 */
static int cookie_prog(enum kind kind, int map)
{
	bool func = prog_type(kind) == BPF_PROG_TYPE_KPROBE;

	return PROG_LOAD(prog_type(kind),
			 BPF_MOV64_REG(BPF_REG_6, BPF_REG_1),
			 BPF_EMIT_CALL(BPF_FUNC_get_current_pid_tgid),
			 BPF_ALU64_IMM(BPF_RSH, BPF_REG_0, 32),
			 BPF_JMP_IMM(BPF_JNE, BPF_REG_0, getpid(), 10),
			 BPF_LD_MAP_VALUE(BPF_REG_7, map, 0),
			 BPF_MOV64_REG(BPF_REG_1, BPF_REG_6),
			 BPF_EMIT_CALL(BPF_FUNC_get_attach_cookie),
			 BPF_STX_MEM(BPF_DW, BPF_REG_7, BPF_REG_0, 8),
			 BPF_MOV64_REG(BPF_REG_1, BPF_REG_6),
			 func ? BPF_EMIT_CALL(BPF_FUNC_get_func_ip) : BPF_MOV64_IMM(BPF_REG_0, 0),
			 BPF_STX_MEM(BPF_DW, BPF_REG_7, BPF_REG_0, 16),
			 BPF_MOV64_IMM(BPF_REG_1, 1),
			 BPF_ATOMIC_OP(BPF_DW, BPF_ADD, BPF_REG_7, BPF_REG_1, 0),
			 RETURN(0));
}

static __u64 value(int map, int index)
{
	__u64 values[3] = {};
	__u32 key = 0;

	map_lookup(map, &key, values);
	return values[index];
}

FIXTURE_SETUP(link)
{
	self->map = map_create(BPF_MAP_TYPE_ARRAY, 4, 24, 1);
	ASSERT_LE(0, self->map);
	self->prog = cookie_prog(variant->kind, self->map);
	ASSERT_LE(0, self->prog);
	get_prog_info(self->prog, &self->prog_info);
	self->event = variant->kind == RAW ? -1 : event_open(variant->kind);
	self->link = link_open(variant->kind, self->prog, self->event);
	ASSERT_LE(0, self->link);
}

FIXTURE_TEARDOWN(link)
{
	close(self->link);
	close(self->event);
	close(self->prog);
	close(self->map);
}

TEST_F(link, runs_with_its_cookie)
{
	fire(variant->kind, self->event);
	EXPECT_LE(1, value(self->map, 0));
	EXPECT_TRUE(variant->kind == TIMER || value(self->map, 0) == 1);
	EXPECT_EQ(COOKIE, value(self->map, 1));
}

TEST_F(link, detaches_when_closed)
{
	__u64 runs;
	int again;

	close(self->link);
	self->link = -1;
	runs = value(self->map, 0);
	fire(variant->kind, self->event);
	EXPECT_EQ(runs, value(self->map, 0));

	/* the event is free for another program */
	again = link_open(variant->kind, self->prog, self->event);
	EXPECT_LE(0, again);
	fire(variant->kind, self->event);
	EXPECT_LT(runs, value(self->map, 0));
	close(again);
}

TEST_F(link, one_program_an_event)
{
	int second;

	if (variant->kind == RAW)
		SKIP(return, "a raw tracepoint takes any number");
	second = link_open(variant->kind, self->prog, self->event);
	EXPECT_EQ(-EEXIST, second);
	EXPECT_EQ(-EEXIST, event_ioctl(self->event, PERF_EVENT_IOC_SET_BPF, self->prog));
}

TEST_F(link, holds_event_and_program)
{
	if (variant->kind == TIMER)
		SKIP(return, "needs the event's descriptor");
	close(self->event);
	close(self->prog);
	self->event = -1;
	self->prog = -1;
	fire(variant->kind, -1);
	EXPECT_EQ(1, value(self->map, 0));
}

TEST_F(link, info)
{
	struct bpf_link_info info = {};
	__u32 len = sizeof(info) + 64;
	char large[sizeof(info) + 64] = {};

	ASSERT_EQ(0, get_link_info(self->link, &info));
	EXPECT_EQ(variant->link_type, info.type);
	EXPECT_NE(0, info.id);
	EXPECT_EQ(self->prog_info.id, info.prog_id);

	switch (variant->kind) {
	case RAW:
		EXPECT_EQ(strlen(RENAME) + 1, info.raw_tracepoint.tp_name_len);
		return;
	case KPROBE:
	case KRETPROBE:
		EXPECT_EQ(COOKIE, info.perf_event.kprobe.cookie);
		EXPECT_EQ(0, info.perf_event.kprobe.offset);
		EXPECT_EQ(0, info.perf_event.kprobe.missed);
		EXPECT_NE(0, info.perf_event.kprobe.addr);
		break;
	case TRACEPOINT:
		EXPECT_EQ(COOKIE, info.perf_event.tracepoint.cookie);
		break;
	case UPROBE:
	case URETPROBE:
		EXPECT_EQ(COOKIE, info.perf_event.uprobe.cookie);
		EXPECT_EQ(file_offset((unsigned long)probed), info.perf_event.uprobe.offset);
		break;
	case TIMER:
		EXPECT_EQ(COOKIE, info.perf_event.event.cookie);
		EXPECT_EQ(PERF_COUNT_SW_TASK_CLOCK, info.perf_event.event.config);
	}
	EXPECT_EQ(variant->perf_type, info.perf_event.type);

	/* a user who knows more than the kernel */
	EXPECT_EQ(0, obj_info(self->link, large, &len));
	EXPECT_EQ(sizeof(info), len);
	len = sizeof(large);
	large[sizeof(info) + 1] = 1;
	EXPECT_EQ(-E2BIG, obj_info(self->link, large, &len));
	len = 8;
	EXPECT_EQ(0, obj_info(self->link, large, &len));
	EXPECT_EQ(8, len);
}

/* where user space wants the name, and how much of it */
static void set_name_buf(struct bpf_link_info *info, enum kind kind, void *buf, __u32 len)
{
	memset(info, 0, sizeof(*info));
	if (kind == RAW) {
		info->raw_tracepoint.tp_name = ptr_to_u64(buf);
		info->raw_tracepoint.tp_name_len = len;
	} else {
		info->perf_event.kprobe.func_name = ptr_to_u64(buf);
		info->perf_event.kprobe.name_len = len;
	}
}

TEST_F(link, info_name)
{
	struct bpf_link_info info;
	char name[64], want[64];

	if (!variant->name)
		SKIP(return, "has no name");
	for (__u32 room = 0; room < sizeof(name); room++) {
		bool fits = room > strlen(variant->name);

		memset(name, 'X', sizeof(name));
		set_name_buf(&info, variant->kind, name, room);
		EXPECT_EQ(!room ? -EINVAL : fits ? 0 : -ENOSPC, get_link_info(self->link, &info)) {
			TH_LOG("room for %u", room);
		}
		if (room) {
			snprintf(want, room, "%s", variant->name);
			EXPECT_STREQ(want, name);
		}
		EXPECT_EQ('X', name[room]);
	}
	set_name_buf(&info, variant->kind, NULL, 5);
	EXPECT_EQ(-EINVAL, get_link_info(self->link, &info));
	set_name_buf(&info, variant->kind, (void *)8, 64);
	EXPECT_EQ(-EFAULT, get_link_info(self->link, &info));
}

TEST_F(link, fdinfo)
{
	char path[64], text[1024] = {}, want[512], tag[20];
	int file, len;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", self->link);
	file = open(path, O_RDONLY);
	ASSERT_LT(0, read(file, text, sizeof(text) - 1));
	close(file);
	for (int i = 0; i < BPF_TAG_SIZE; i++)
		sprintf(tag + 2 * i, "%02x", self->prog_info.tag[i]);
	len = snprintf(want, sizeof(want),
		       "link_type:\t%s\nlink_id:\t%u\nprog_tag:\t%s\nprog_id:\t%u\n",
		       variant->kind == RAW ? "raw_tracepoint" : "perf", link_id(self->link),
		       tag, self->prog_info.id);
	if (variant->kind == RAW)
		snprintf(want + len, sizeof(want) - len, "tp_name:\t" RENAME "\n");
	ASSERT_NE(NULL, strstr(text, "link_type:")) { TH_LOG("%s", text); }
	EXPECT_STREQ(want, strstr(text, "link_type:"));

	snprintf(path, sizeof(path), "/proc/self/fd/%d", self->link);
	memset(text, 0, sizeof(text));
	readlink(path, text, sizeof(text) - 1);
	EXPECT_STREQ("anon_inode:bpf_link", text);
}

TEST_F(link, ids)
{
	__u32 id = link_id(self->link);
	int copy = fd_by_id(BPF_LINK_GET_FD_BY_ID, id), next = 0;

	ASSERT_LE(0, copy);
	EXPECT_EQ(id, link_id(copy));
	EXPECT_EQ(id, next_id(BPF_LINK_GET_NEXT_ID, id - 1));
	/* the copy keeps it attached */
	close(self->link);
	self->link = -1;
	fire(variant->kind, self->event);
	EXPECT_LE(1, value(self->map, 0));
	close(copy);
	EXPECT_EQ(-ENOENT, fd_by_id(BPF_LINK_GET_FD_BY_ID, id));
	do {
		next = next_id(BPF_LINK_GET_NEXT_ID, next);
		EXPECT_NE(id, next);
	} while (next > 0);
	EXPECT_EQ(-ENOENT, next);
}

TEST_F(link, neither_updated_nor_detached)
{
	union bpf_attr update = {
		.link_update.link_fd = self->link,
		.link_update.new_prog_fd = self->prog,
	};
	union bpf_attr detach = { .link_detach.link_fd = self->link };

	EXPECT_EQ(-EOPNOTSUPP, sys_bpf(BPF_LINK_DETACH, &detach));
	EXPECT_EQ(-EINVAL, sys_bpf(BPF_LINK_UPDATE, &update));
	update.link_update.flags = BPF_F_REPLACE;
	update.link_update.old_prog_fd = self->prog;
	EXPECT_EQ(-EINVAL, sys_bpf(BPF_LINK_UPDATE, &update));
	update.link_update.new_prog_fd = 7777;
	EXPECT_EQ(-EBADF, sys_bpf(BPF_LINK_UPDATE, &update));
	update.link_update.new_prog_fd = self->prog;
	update.link_update.old_prog_fd = 7777;
	EXPECT_EQ(-EBADF, sys_bpf(BPF_LINK_UPDATE, &update));
	fire(variant->kind, self->event);
	EXPECT_LE(1, value(self->map, 0));
}

/* ------------------------------------------------------------- func_ip */

static __u64 symbol(const char *name)
{
	FILE *file = fopen("/proc/kallsyms", "r");
	char line[512], found[256];
	unsigned long addr;

	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%lx %*c %255s", &addr, found) == 2 && !strcmp(found, name)) {
			fclose(file);
			return addr;
		}
	}
	if (file)
		fclose(file);
	return 0;
}

TEST_F(link, func_ip)
{
	__u64 want;

	if (prog_type(variant->kind) != BPF_PROG_TYPE_KPROBE)
		SKIP(return, "kprobe programs only");
	want = variant->kind == UPROBE || variant->kind == URETPROBE ?
	       (unsigned long)probed : symbol(OPEN_FUNCTION);
	fire(variant->kind, self->event);
	EXPECT_EQ(want, value(self->map, 2));
}

/* ------------------------------------------------------ BPF_TASK_FD_QUERY */

static int query(__u32 pid, __u32 fd, void *buf, __u32 len, union bpf_attr *attr)
{
	memset(attr, 0, sizeof(*attr));
	attr->task_fd_query.pid = pid;
	attr->task_fd_query.fd = fd;
	attr->task_fd_query.buf = ptr_to_u64(buf);
	attr->task_fd_query.buf_len = len;
	return sys_bpf(BPF_TASK_FD_QUERY, attr);
}

TEST_F(link, task_fd_query)
{
	bool is_event = variant->kind != RAW;
	int fd = is_event ? self->event : self->link;
	union bpf_attr attr;
	char buf[64];

	/* a link to an event says nothing, the event does */
	EXPECT_EQ(is_event ? -ENOTSUPP : 0, query(getpid(), self->link, NULL, 0, &attr));
	if (variant->kind == TIMER) {
		EXPECT_EQ(-EOPNOTSUPP, query(getpid(), fd, NULL, 0, &attr));
		return;
	}

	ASSERT_EQ(0, query(getpid(), fd, buf, sizeof(buf), &attr));
	EXPECT_STREQ(variant->name, buf);
	EXPECT_EQ(strlen(variant->name), attr.task_fd_query.buf_len);
	EXPECT_EQ(self->prog_info.id, attr.task_fd_query.prog_id);
	EXPECT_EQ(variant->fd_type, attr.task_fd_query.fd_type);
	switch (variant->kind) {
	case KPROBE:
	case KRETPROBE:
		EXPECT_NE(0, attr.task_fd_query.probe_addr);
		EXPECT_EQ(0, attr.task_fd_query.probe_offset);
		break;
	case UPROBE:
	case URETPROBE:
		EXPECT_EQ(file_offset((unsigned long)probed), attr.task_fd_query.probe_offset);
		break;
	default:
		EXPECT_EQ(0, attr.task_fd_query.probe_addr);
		EXPECT_EQ(0, attr.task_fd_query.probe_offset);
	}

	/* a name that does not fit: all else is written */
	memset(buf, 'X', sizeof(buf));
	ASSERT_EQ(-ENOSPC, query(getpid(), fd, buf, 3, &attr));
	EXPECT_EQ(2, strlen(buf));
	EXPECT_EQ(0, strncmp(variant->name, buf, 2));
	EXPECT_EQ(strlen(variant->name), attr.task_fd_query.buf_len);
	EXPECT_EQ(self->prog_info.id, attr.task_fd_query.prog_id);
	EXPECT_EQ(-ENOSPC, query(getpid(), fd, buf, 1, &attr));
	EXPECT_STREQ("", buf);
	EXPECT_EQ(-ENOSPC, query(getpid(), fd, buf, strlen(variant->name), &attr));
	EXPECT_EQ(0, query(getpid(), fd, buf, strlen(variant->name) + 1, &attr));

	/* no buffer, or none that can be written */
	EXPECT_EQ(0, query(getpid(), fd, buf, 0, &attr));
	EXPECT_EQ(0, query(getpid(), fd, NULL, sizeof(buf), &attr));
	EXPECT_EQ(strlen(variant->name), attr.task_fd_query.buf_len);
	EXPECT_EQ(-EFAULT, query(getpid(), fd, (void *)8, sizeof(buf), &attr));

	close(self->link);
	self->link = -1;
	EXPECT_EQ(is_event ? -ENOENT : -EBADF, query(getpid(), fd, NULL, 0, &attr));
}

TEST(task_fd_query_of_another_process)
{
	int prog = PROG_LOAD(BPF_PROG_TYPE_RAW_TRACEPOINT, RETURN(0));
	int link = raw_tp_open(RENAME, prog), ready[2], status;
	union bpf_attr attr;
	char c;
	pid_t pid;

	ASSERT_EQ(0, pipe(ready));
	pid = fork();
	if (!pid) {
		close(ready[1]);
		read(ready[0], &c, 1);
		_exit(0);
	}
	close(link);
	EXPECT_EQ(0, query(pid, link, NULL, 0, &attr));
	EXPECT_EQ(-EBADF, query(pid, 7777, NULL, 0, &attr));
	EXPECT_EQ(-ENOTSUPP, query(pid, prog, NULL, 0, &attr));
	EXPECT_EQ(-ENOTSUPP, query(pid, ready[0], NULL, 0, &attr));
	EXPECT_EQ(-ENOENT, query(0, link, NULL, 0, &attr));
	EXPECT_EQ(-ENOENT, query(-1, link, NULL, 0, &attr));
	close(ready[1]);
	waitpid(pid, &status, 0);
	EXPECT_EQ(-ENOENT, query(pid, link, NULL, 0, &attr));
	close(ready[0]);
	close(prog);
}

/* ------------------------------------------------------------ BPF_LINK_CREATE */

TEST(create_errors)
{
	static const struct {
		__u32 prog_type;
		enum kind event;
		int want;
	} cases[] = {
		{ BPF_PROG_TYPE_KPROBE, KPROBE, 0 },
		{ BPF_PROG_TYPE_KPROBE, TRACEPOINT, -EINVAL },
		{ BPF_PROG_TYPE_KPROBE, TIMER, -EINVAL },
		{ BPF_PROG_TYPE_TRACEPOINT, KPROBE, -EINVAL },
		{ BPF_PROG_TYPE_TRACEPOINT, TRACEPOINT, 0 },
		{ BPF_PROG_TYPE_PERF_EVENT, KPROBE, -EINVAL },
		{ BPF_PROG_TYPE_PERF_EVENT, TIMER, 0 },
		{ BPF_PROG_TYPE_RAW_TRACEPOINT, KPROBE, -EINVAL },
		{ BPF_PROG_TYPE_RAW_TRACEPOINT, TRACEPOINT, -EINVAL },
		{ BPF_PROG_TYPE_SOCKET_FILTER, KPROBE, -EINVAL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int prog = PROG_LOAD(cases[i].prog_type, RETURN(0));
		int event = event_open(cases[i].event), link = perf_link(prog, event, 0);

		EXPECT_EQ(cases[i].want, errno_of(link)) { TH_LOG("case %zu", i); }
		close(link);
		close(event);
		close(prog);
	}
}

TEST(create_attributes)
{
	int prog = PROG_LOAD(BPF_PROG_TYPE_KPROBE, RETURN(0)), null = open("/dev/null", O_RDWR);
	int event = event_open(KPROBE), link;
	union bpf_attr good = {
		.link_create.prog_fd = prog,
		.link_create.target_fd = event,
		.link_create.attach_type = BPF_PERF_EVENT,
	}, attr;

	attr = good;
	attr.link_create.flags = 1;
	EXPECT_EQ(-EINVAL, sys_bpf(BPF_LINK_CREATE, &attr));
	attr = good;
	attr.link_create.target_fd = 7777;
	EXPECT_EQ(-EBADF, sys_bpf(BPF_LINK_CREATE, &attr));
	attr.link_create.target_fd = null;
	EXPECT_EQ(-EBADF, sys_bpf(BPF_LINK_CREATE, &attr));
	attr.link_create.target_fd = prog;
	EXPECT_EQ(-EBADF, sys_bpf(BPF_LINK_CREATE, &attr));
	for (__u32 type = 0; type < 64; type++) {
		if (type == BPF_PERF_EVENT)
			continue;
		attr = good;
		attr.link_create.attach_type = type;
		EXPECT_EQ(-EINVAL, sys_bpf(BPF_LINK_CREATE, &attr)) { TH_LOG("type %u", type); }
	}
	link = sys_bpf(BPF_LINK_CREATE, &good);
	EXPECT_LE(0, link);
	close(link);
	close(null);
	close(event);
	close(prog);
}

/* nobody runs, nothing is held when there is no descriptor for the link */
TEST(create_without_descriptors)
{
	int prog = PROG_LOAD(BPF_PROG_TYPE_KPROBE, RETURN(0)), event = event_open(KPROBE), link;
	struct rlimit limit, none;

	getrlimit(RLIMIT_NOFILE, &limit);
	none = limit;
	none.rlim_cur = 3;
	setrlimit(RLIMIT_NOFILE, &none);
	EXPECT_EQ(-EMFILE, perf_link(prog, event, 0));
	setrlimit(RLIMIT_NOFILE, &limit);
	link = perf_link(prog, event, 0);
	EXPECT_LE(0, link);
	close(link);
	close(event);
	close(prog);
}

/* attaching asks for no more than the descriptors; ids are for the administrator */
TEST(capabilities)
{
	int prog = PROG_LOAD(BPF_PROG_TYPE_KPROBE, RETURN(0)), event = event_open(KPROBE);
	int raw = PROG_LOAD(BPF_PROG_TYPE_RAW_TRACEPOINT, RETURN(0));
	struct bpf_link_info info = {};
	union bpf_attr attr;
	int link;

	ASSERT_EQ(0, keep_caps(1ULL << CAP_BPF | 1ULL << CAP_PERFMON));
	EXPECT_EQ(-EPERM, next_id(BPF_LINK_GET_NEXT_ID, 0));
	EXPECT_EQ(-EPERM, fd_by_id(BPF_LINK_GET_FD_BY_ID, 1));
	EXPECT_EQ(-EPERM, query(getpid(), event, NULL, 0, &attr));
	ASSERT_EQ(0, keep_caps(0));
	EXPECT_LE(0, raw_tp_open(RENAME, raw));
	link = perf_link(prog, event, 0);
	ASSERT_LE(0, link);
	ASSERT_EQ(0, get_link_info(link, &info));
	EXPECT_EQ(BPF_PERF_EVENT_KPROBE, info.perf_event.type);
	EXPECT_EQ(0, info.perf_event.kprobe.addr);
}

/* ---------------------------------------------------------- BPF_PROG_BIND_MAP */

static int bind_map(int prog, int map, __u32 flags)
{
	union bpf_attr attr = {
		.prog_bind_map.prog_fd = prog,
		.prog_bind_map.map_fd = map,
		.prog_bind_map.flags = flags,
	};

	return sys_bpf(BPF_PROG_BIND_MAP, &attr);
}

TEST(bound_map)
{
	int prog = PROG_LOAD(BPF_PROG_TYPE_KPROBE, RETURN(0));
	int map = map_create(BPF_MAP_TYPE_ARRAY, 4, 8, 1);
	struct bpf_prog_info info = {};
	struct bpf_map_info map_info;
	__u32 id = 0, len = sizeof(info);

	get_map_info(map, &map_info);
	EXPECT_EQ(-EINVAL, bind_map(prog, map, 1));
	EXPECT_EQ(-EBADF, bind_map(prog, 7777, 0));
	EXPECT_EQ(-EINVAL, bind_map(prog, prog, 0));
	EXPECT_EQ(-EBADF, bind_map(7777, map, 0));
	EXPECT_EQ(-EINVAL, bind_map(map, map, 0));
	EXPECT_EQ(0, bind_map(prog, map, 0));
	EXPECT_EQ(0, bind_map(prog, map, 0));
	close(map);

	info.nr_map_ids = 1;
	info.map_ids = ptr_to_u64(&id);
	ASSERT_EQ(0, obj_info(prog, &info, &len));
	EXPECT_EQ(1, info.nr_map_ids);
	EXPECT_EQ(map_info.id, id);
	map = fd_by_id(BPF_MAP_GET_FD_BY_ID, id);
	EXPECT_LE(0, map);
	close(map);
	close(prog);
}

TEST_HARNESS_MAIN
