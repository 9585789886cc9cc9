/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Events that programs attach to, by perf_event_open(2): kprobes, tracepoints,
 * and the rings that bpf_perf_event_output() fills.  As in bpf_sys.h, errors
 * come back as -errno.
 */
#ifndef _BVM_TEST_EVENTS_H
#define _BVM_TEST_EVENTS_H

#include <linux/perf_event.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "bpf_sys.h"

#ifdef __x86_64__
#define PT_REGS_PARM1	112	/* di */
#define PT_REGS_PARM2	104	/* si */
#define PT_REGS_RC	80	/* ax */
#define PT_REGS_IP	128	/* ip */
#elif defined(__aarch64__)
#define PT_REGS_PARM1	0	/* regs[0] */
#define PT_REGS_PARM2	8
#define PT_REGS_RC	0
#define PT_REGS_IP	256	/* pc */
#else
#error "struct pt_regs of this architecture is unknown"
#endif

/* int do_sys_openat2(int dfd, const char __user *filename, struct open_how *how) */
#define OPEN_FUNCTION	"do_sys_openat2"

static inline int perf_event_open(struct perf_event_attr *attr, int pid, int cpu)
{
	int fd;

	attr->size = sizeof(*attr);
	fd = syscall(__NR_perf_event_open, attr, pid, cpu, -1, PERF_FLAG_FD_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* an event at entry of a kernel function, or at its return */
static inline int kprobe_open(const char *function, bool at_return)
{
	struct perf_event_attr attr = {
		.type = read_number("/sys/bus/event_source/devices/kprobe/type"),
		.config = at_return,	/* format/retprobe says "config:0" */
		.sample_period = 1,
		.kprobe_func = ptr_to_u64(function),
	};

	return perf_event_open(&attr, -1, 0);
}

/* where in its file an address of this program is */
static inline __u64 file_offset(__u64 addr)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	__u64 start, end, offset, found = 0;
	char line[512];

	while (maps && fgets(line, sizeof(line), maps))
		if (sscanf(line, "%llx-%llx %*s %llx", &start, &end, &offset) == 3 &&
		    addr >= start && addr < end)
			found = addr - start + offset;
	if (maps)
		fclose(maps);
	return found;
}

/* an event at entry of a function of this program, or at its return */
static inline int uprobe_open(int (*function)(int), bool at_return)
{
	struct perf_event_attr attr = {
		.type = read_number("/sys/bus/event_source/devices/uprobe/type"),
		.config = at_return,
		.sample_period = 1,
		.uprobe_path = ptr_to_u64("/proc/self/exe"),
		.probe_offset = file_offset((unsigned long)function),
	};

	return perf_event_open(&attr, getpid(), -1);
}

static inline int tracepoint_open_on(const char *name, int cpu)
{
	struct perf_event_attr attr = { .type = PERF_TYPE_TRACEPOINT, .sample_period = 1 };
	char path[128];
	long id;

	snprintf(path, sizeof(path), "/sys/kernel/tracing/events/%s/id", name);
	id = read_number(path);
	if (id < 0)
		return -ENOENT;
	attr.config = id;
	return perf_event_open(&attr, -1, cpu);
}

static inline int tracepoint_open(const char *name)
{
	return tracepoint_open_on(name, 0);
}

static inline int event_ioctl(int event, unsigned long request, unsigned long arg)
{
	return ioctl(event, request, arg) < 0 ? -errno : 0;
}

/* run @prog on @event */
static inline int event_attach(int event, int prog)
{
	int ret = event_ioctl(event, PERF_EVENT_IOC_SET_BPF, prog);

	return ret ? ret : event_ioctl(event, PERF_EVENT_IOC_ENABLE, 0);
}

/* what bpf_get_current_pid_tgid() returns for the calling thread */
static inline __u64 pid_tgid(void)
{
	return (__u64)getpid() << 32 | syscall(__NR_gettid);
}

/* make the event happen once, with a known return value: a descriptor, closed again */
static inline int open_once(const char *path)
{
	int fd = syscall(__NR_openat, AT_FDCWD, path, O_RDONLY);

	if (fd >= 0)
		close(fd);
	return fd;
}

static inline void pin_to_cpu(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

/* ----------------------------------------------------------------- rings */

#define RING_BYTES	(8 * 4096)

struct ring {
	int fd;
	size_t page;
	struct perf_event_mmap_page *meta;
	const char *data;
};

/* the output ring of one CPU */
static inline int ring_open(struct ring *ring, int cpu)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.config = PERF_COUNT_SW_BPF_OUTPUT,
		.sample_type = PERF_SAMPLE_RAW,
		.sample_period = 1,
		.wakeup_events = 1,
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
	return event_ioctl(ring->fd, PERF_EVENT_IOC_ENABLE, 0);
}

static inline void ring_close(struct ring *ring)
{
	munmap(ring->meta, ring->page + RING_BYTES);
	close(ring->fd);
}

/*
 * The next sample's raw data goes to @data; returns its size as recorded
 * (padding included), or 0 when the ring is empty.  Other records are skipped.
 */
static inline __u32 ring_next(struct ring *ring, void *data, size_t size)
{
	__u64 tail = ring->meta->data_tail;
	__u32 raw = 0;

	while (!raw && tail < __atomic_load_n(&ring->meta->data_head, __ATOMIC_ACQUIRE)) {
		char record[1024];
		struct perf_event_header *header = (void *)record;

		for (size_t i = 0; i < sizeof(*header); i++)
			record[i] = ring->data[(tail + i) % RING_BYTES];
		for (size_t i = sizeof(*header); i < header->size && i < sizeof(record); i++)
			record[i] = ring->data[(tail + i) % RING_BYTES];
		if (header->type == PERF_RECORD_SAMPLE) {
			memcpy(&raw, header + 1, sizeof(raw));
			memcpy(data, record + sizeof(*header) + sizeof(raw),
			       raw < size ? raw : size);
		}
		tail += header->size;
		__atomic_store_n(&ring->meta->data_tail, tail, __ATOMIC_RELEASE);
	}
	return raw;
}

#endif /* _BVM_TEST_EVENTS_H */
