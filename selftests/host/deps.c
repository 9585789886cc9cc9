// SPDX-License-Identifier: GPL-2.0-only
/* What deps.h declares: the allocator with its failure injector, and odds and ends. */
#include "deps.h"
#include <time.h>
#include "../../kernel/maps/user_memory.h"

struct host_alloc host_alloc;
bool host_signal;
__thread void (*host_meanwhile)(void);
__thread unsigned long host_relaxed;
bool host_capable = true;
__thread int host_cpu;
__thread bool host_in_nmi;

unsigned int host_warns_expected;

void host_warn(const char *file, int line, const char *what)
{
	if (!host_warns_expected)
		host_bug(file, line, what);
	host_warns_expected--;
}

void host_bug(const char *file, int line, const char *what)
{
	fflush(stdout);
	fprintf(stderr, "%s:%d: %s\n", file, line, what);
	abort();
}

void host_alloc_fail(unsigned long n)
{
	host_alloc.calls = 0;
	host_alloc.fail_at = n;
}

static bool host_alloc_refused(size_t size)
{
	unsigned long n = __atomic_add_fetch(&host_alloc.calls, 1, __ATOMIC_RELAXED);

	/* An overflowed size_mul() must fail as it does in the kernel. */
	return n == host_alloc.fail_at || size > (1UL << 32);
}

void *host_malloc(size_t size, gfp_t flags)
{
	void *p;

	if (host_alloc_refused(size))
		return NULL;
	/* ZERO_SIZE_PTR of the kernel is not NULL either */
	p = malloc(size ? size : 1);
	if (!p)
		abort();
	/* Poison shows reads of memory that nobody wrote. */
	memset(p, flags & __GFP_ZERO ? 0 : 0xa5, size);
	__atomic_add_fetch(&host_alloc.live, 1, __ATOMIC_RELAXED);
	return p;
}

void *host_realloc(const void *p, size_t size, gfp_t flags)
{
	void *q;

	if (!p)
		return host_malloc(size, flags);
	if (host_alloc_refused(size))
		return NULL;
	q = realloc((void *)p, size ? size : 1);
	if (!q)
		abort();
	return q;
}

void host_free(const void *p)
{
	if (!p)
		return;
	__atomic_sub_fetch(&host_alloc.live, 1, __ATOMIC_RELAXED);
	free((void *)p);
}

void *kmemdup(const void *p, size_t size, gfp_t flags)
{
	void *q = host_malloc(size, flags);

	if (q)
		memcpy(q, p, size);
	return q;
}

char *kasprintf(gfp_t flags, const char *fmt, ...)
{
	va_list args;
	char *p;
	int n;

	va_start(args, fmt);
	n = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	p = host_malloc(n + 1, flags);
	if (!p)
		return NULL;
	va_start(args, fmt);
	vsnprintf(p, n + 1, fmt, args);
	va_end(args);
	return p;
}

int vscnprintf(char *buf, size_t size, const char *fmt, va_list args)
{
	int n = vsnprintf(buf, size, fmt, args);

	if (n < (int)size)
		return n;
	return size ? size - 1 : 0;
}

int scnprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vscnprintf(buf, size, fmt, args);
	va_end(args);
	return n;
}

ssize_t host_strscpy(char *dst, const char *src, size_t size)
{
	size_t n = strnlen(src, size);

	if (!size)
		return -E2BIG;
	if (n == size) {
		memcpy(dst, src, size - 1);
		dst[size - 1] = 0;
		return -E2BIG;
	}
	memcpy(dst, src, n + 1);
	return n;
}

/* ------------------------------------------------------------------- RCU */
static struct rcu_head *rcu_list;

void call_rcu(struct rcu_head *head, rcu_callback_t func)
{
	head->func = func;
	head->next = __atomic_load_n(&rcu_list, __ATOMIC_RELAXED);
	while (!__atomic_compare_exchange_n(&rcu_list, &head->next, head, false,
					    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		;
}

void host_rcu_run(void)
{
	struct rcu_head *head, *next;

	/* A callback may queue another one. */
	while ((head = __atomic_exchange_n(&rcu_list, NULL, __ATOMIC_SEQ_CST))) {
		for (; head; head = next) {
			next = head->next;
			head->func(head);
		}
	}
}

/* ------------------------------------------------------------- workqueue */
static struct work_struct *work_list;
static raw_spinlock_t work_lock;

bool host_queue_work(struct work_struct *work)
{
	bool queued;

	raw_spin_lock(&work_lock);
	queued = !work->queued;
	if (queued) {
		work->queued = 1;
		work->next = work_list;
		work_list = work;
	}
	raw_spin_unlock(&work_lock);
	return queued;
}

void host_work_run(void)
{
	struct work_struct *work;

	for (;;) {
		raw_spin_lock(&work_lock);
		work = work_list;
		if (work) {
			work_list = work->next;
			work->queued = 0;
		}
		raw_spin_unlock(&work_lock);
		if (!work)
			return;
		work->func(work);
	}
}

void host_cancel_work(struct work_struct *work)
{
	struct work_struct **p;

	raw_spin_lock(&work_lock);
	for (p = &work_list; *p; p = &(*p)->next) {
		if (*p == work) {
			*p = work->next;
			break;
		}
	}
	work->queued = 0;
	raw_spin_unlock(&work_lock);
}

/* --------------------------------------------------------------- per-CPU */
struct host_pcpu {
	size_t stride;
	char data[] __aligned(64);
};

void *host_alloc_percpu(size_t size, size_t align)
{
	size_t stride = round_up(size, (size_t)64);
	struct host_pcpu *p;

	BUG_ON(align > 64);
	if (host_alloc_refused(stride * HOST_CPUS))
		return NULL;
	p = aligned_alloc(64, sizeof(*p) + stride * HOST_CPUS);
	if (!p)
		abort();
	p->stride = stride;
	memset(p->data, 0, stride * HOST_CPUS);
	__atomic_add_fetch(&host_alloc.live, 1, __ATOMIC_RELAXED);
	return p->data;
}

void host_free_percpu(void *p)
{
	if (!p)
		return;
	__atomic_sub_fetch(&host_alloc.live, 1, __ATOMIC_RELAXED);
	free(container_of(p, struct host_pcpu, data));
}

void *host_per_cpu_ptr(void *p, int cpu)
{
	struct host_pcpu *pcpu = container_of(p, struct host_pcpu, data);

	BUG_ON((unsigned int)cpu >= HOST_CPUS);
	return pcpu->data + pcpu->stride * cpu;
}

u32 host_random(void)
{
	/* xorshift: the same numbers in every run */
	static __thread u32 x = 2463534242;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	return x;
}

u64 ktime_get_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ULL + t.tv_nsec;
}

/* in place of kernel/maps/user_memory.c */
void *bvm_user_memory(size_t size, int node)
{
	return kvzalloc(size, GFP_KERNEL);
}

int bvm_user_memory_map(struct vm_area_struct *vma, void *memory, unsigned long page)
{
	return -EINVAL;
}
