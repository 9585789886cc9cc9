// SPDX-License-Identifier: GPL-2.0-only
/*
 * The rest of the kernel for BVM in user space: what kernel/ calls, as far as one thread
 * on one CPU needs it.  Compiled with the kernel's headers (world.h); shim.c is the
 * other side, with those of the C library.
 *
 * What is not here and is called all the same ends the test run of the program that
 * called it (stubs.sh).
 */
#include <linux/anon_inodes.h>
#include <linux/etherdevice.h>
#include <linux/filter.h>
#include <linux/irq_work.h>
#include <linux/netdevice.h>
#include <linux/nsproxy.h>
#include <linux/perf_event.h>
#include <linux/random.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <linux/workqueue.h>
#include <net/net_namespace.h>
#include <net/netdev_rx_queue.h>
#include "kernel/core/core.h"
#include "machine.h"

/* ------------------------------------------------------------ CPU and task */

DEFINE_PER_CPU_ALIGNED(struct pcpu_hot, pcpu_hot);
asm(".globl const_pcpu_hot; .set const_pcpu_hot, pcpu_hot");
DEFINE_PER_CPU(unsigned long, this_cpu_off);
unsigned long __per_cpu_offset[NR_CPUS];
struct cpumask __cpu_possible_mask = { { 1 } };
struct cpumask __cpu_online_mask = { { 1 } };
unsigned int nr_cpu_ids = 1;
atomic_long_t _totalram_pages = ATOMIC_LONG_INIT(1UL << 20);

int sysctl_perf_event_max_stack = PERF_MAX_STACK_DEPTH;

int get_callchain_buffers(int max_stack)
{
	return 0;
}

void put_callchain_buffers(void)
{
}

static struct task_struct me;
static struct cred my_cred;
static struct nsproxy my_nsproxy;
static struct net my_net;
static struct netdev_rx_queue lo_queue;
static struct net_device lo = {
	.ifindex = 1, ._rx = &lo_queue, .num_rx_queues = 1, .real_num_rx_queues = 1,
};

static void machine_init(void)
{
	refcount_set(&lo.dev_refcnt, 1);
	lo_queue.xdp_rxq.dev = &lo;
	my_net.loopback_dev = &lo;
	my_nsproxy.net_ns = &my_net;
	me.nsproxy = &my_nsproxy;
	me.cred = &my_cred;
	me.pid = 1;
	me.tgid = 1;
	strscpy(me.comm, "host");
	pcpu_hot.current_task = &me;
}

bool capable(int cap)
{
	return shim_capable(cap);
}

void *pcpu_alloc_noprof(size_t size, size_t align, bool reserved, gfp_t gfp)
{
	return calloc(1, size);
}

void free_percpu(void *p)
{
	free(p);
}

int smp_call_function_single(int cpu, smp_call_func_t fn, void *info, int wait)
{
	if (cpu)
		return -ENXIO;
	fn(info);
	return 0;
}

/* ------------------------------------------------------------------ memory */

kmem_buckets kmalloc_caches[NR_KMALLOC_TYPES];

static void *get(size_t size, gfp_t flags)
{
	if (size > INT_MAX)
		return NULL;
	return flags & __GFP_ZERO ? calloc(1, size) : malloc(size);
}

void *__kmalloc_noprof(size_t size, gfp_t flags)
{
	return get(size, flags);
}

void *__kmalloc_cache_noprof(struct kmem_cache *s, gfp_t flags, size_t size)
{
	return get(size, flags);
}

void *__kmalloc_cache_node_noprof(struct kmem_cache *s, gfp_t flags, int node, size_t size)
{
	return get(size, flags);
}

void *__kvmalloc_node_noprof(DECL_BUCKET_PARAMS(size, b), gfp_t flags, int node)
{
	return get(size, flags);
}

void *kvrealloc_noprof(const void *p, size_t size, gfp_t flags)
{
	return realloc((void *)p, size);
}

void *kmemdup_noprof(const void *src, size_t len, gfp_t flags)
{
	void *p = malloc(len);

	return p ? memcpy(p, src, len) : NULL;
}

void kfree(const void *p)
{
	free((void *)p);
}

void kvfree(const void *p)
{
	free((void *)p);
}

/* Whole pages, for what is made read-only. */
void *__vmalloc_noprof(unsigned long size, gfp_t flags)
{
	void *p;

	size = PAGE_ALIGN(size);
	if (size > INT_MAX || posix_memalign(&p, PAGE_SIZE, size))
		return NULL;
	return flags & __GFP_ZERO ? memset(p, 0, size) : p;
}

void *__vmalloc_node_range_noprof(unsigned long size, unsigned long align, unsigned long start,
				  unsigned long end, gfp_t flags, pgprot_t prot,
				  unsigned long vm_flags, int node, const void *caller)
{
	return __vmalloc_noprof(size, flags);
}

void vfree(const void *p)
{
	free((void *)p);
}

/* What may be mapped is marked so; nobody asks. */
struct vm_struct *find_vm_area(const void *p)
{
	static struct vm_struct area;

	return &area;
}

int set_memory_ro(unsigned long addr, int pages)
{
	return 0;
}

/* A page that is mapped later is its number in a file of shared memory. */
struct page *__alloc_pages_noprof(gfp_t gfp, unsigned int order, int node, nodemask_t *mask)
{
	return (struct page *)host_page();
}

void __free_pages(struct page *page, unsigned int order)
{
}

void *vmap(struct page **pages, unsigned int count, unsigned long flags, pgprot_t prot)
{
	return host_map((const unsigned long *)pages, count);
}

void vunmap(const void *p)
{
}

/* ------------------------------------------------- locks, RCU, later work */

#define MAX_LATER	4096

static struct {
	void (*fn)(void *arg);
	void *arg;
} later[MAX_LATER];
static unsigned int nr_later;

static void do_later(void *fn, void *arg)
{
	unsigned int i;

	for (i = 0; i < nr_later; i++)
		if (later[i].arg == arg)
			return;
	if (WARN_ON(nr_later == MAX_LATER))
		return;
	later[nr_later].fn = fn;
	later[nr_later++].arg = arg;
}

/* All that was to happen some time after the last system call. */
static void catch_up(void)
{
	unsigned int i, nr;

	while (nr_later) {
		nr = nr_later;
		for (i = 0; i < nr; i++)
			later[i].fn(later[i].arg);
		nr_later -= nr;
		memmove(later, later + nr, nr_later * sizeof(*later));
	}
}

bool irq_work_queue(struct irq_work *work)
{
	do_later(work->func, work);
	return true;
}

bool queue_work_on(int cpu, struct workqueue_struct *wq, struct work_struct *work)
{
	do_later(work->func, work);
	return true;
}

void call_rcu(struct rcu_head *head, rcu_callback_t fn)
{
	do_later(fn, head);
}

void call_rcu_tasks_trace(struct rcu_head *head, rcu_callback_t fn)
{
	do_later(fn, head);
}

void __wait_rcu_gp(bool checktiny, unsigned int state, int n, call_rcu_func_t *fns,
		   struct rcu_synchronize *rs)
{
}

bool llist_add_batch(struct llist_node *first, struct llist_node *last, struct llist_head *head)
{
	last->next = head->first;
	head->first = first;
	return !last->next;
}

void __rcu_read_lock(void) { }
void __rcu_read_unlock(void) { }
void migrate_disable(void) { }
void migrate_enable(void) { }
void mutex_lock(struct mutex *lock) { }
void mutex_unlock(struct mutex *lock) { }
void _raw_spin_lock(raw_spinlock_t *lock) { }
void _raw_spin_unlock(raw_spinlock_t *lock) { }
void _raw_spin_lock_irq(raw_spinlock_t *lock) { }
void _raw_spin_unlock_irq(raw_spinlock_t *lock) { }
void __mutex_init(struct mutex *lock, const char *name, struct lock_class_key *key) { }
void __init_waitqueue_head(struct wait_queue_head *wq, const char *name,
			   struct lock_class_key *key)
{
}

int __wake_up(struct wait_queue_head *wq, unsigned int mode, int nr, void *key)
{
	return 0;
}

bool static_key_slow_inc(struct static_key *key)
{
	return true;
}

void static_key_slow_dec(struct static_key *key)
{
}

#define STATIC_CALL(name)						\
	asm(".globl __SCT__" #name "\n__SCT__" #name ": xor %eax, %eax\nret")
STATIC_CALL(cond_resched);
STATIC_CALL(might_resched);
STATIC_CALL(preempt_schedule);
STATIC_CALL(preempt_schedule_notrace);

void refcount_warn_saturate(struct refcount_struct *r, enum refcount_saturation_type t)
{
	host_print("bvm: a reference count is wrong\n");
	abort();
}

/* ------------------------------------------------- memory of user space */

#define BAD(p)	((unsigned long)(p) < PAGE_SIZE)

unsigned long _copy_from_user(void *to, const void __user *from, unsigned long n)
{
	if (n && BAD(from))
		return n;
	memcpy(to, from, n);
	return 0;
}

unsigned long _copy_to_user(void __user *to, const void *from, unsigned long n)
{
	if (n && BAD(to))
		return n;
	memcpy(to, from, n);
	return 0;
}

int check_zeroed_user(const void __user *from, size_t size)
{
	return !memchr_inv((const void *)from, 0, size);
}

long strncpy_from_user(char *to, const char __user *from, long n)
{
	long len;

	if (BAD(from))
		return -EFAULT;
	len = strnlen(from, n);
	memcpy(to, from, len + (len < n));
	return len;
}

void *vmemdup_user(const void __user *from, size_t n)
{
	return BAD(from) ? ERR_PTR(-EFAULT) : kmemdup_noprof(from, n, 0);
}

long copy_from_kernel_nofault(void *to, const void *from, size_t n)
{
	return host_read(to, from, n);
}

long copy_from_user_nofault(void *to, const void __user *from, size_t n)
{
	return host_read(to, from, n);
}

/* get_user() and put_user() call these: address in rax or rcx, value in rdx or rax */
#define PUT_USER(size, reg)						\
	asm(".globl __put_user_" #size "\n__put_user_" #size ":\n"	\
	    "mov " reg ", (%rcx)\nxor %ecx, %ecx\nret")
PUT_USER(1, "%al");
PUT_USER(4, "%eax");
PUT_USER(8, "%rax");
asm(".globl __get_user_4\n__get_user_4: mov (%rax), %edx\nxor %eax, %eax\nret");
asm(".globl __sw_hweight64\n__sw_hweight64: popcnt %rdi, %rax\nret");

/* ------------------------------------------------------------------- text */

int _printk(const char *fmt, ...)
{
	va_list args;
	char buf[512];

	va_start(args, fmt);
	vsnprintf(buf, sizeof(buf), printk_skip_level(fmt), args);
	va_end(args);
	host_print(buf);
	return 0;
}

int vscnprintf(char *buf, size_t size, const char *fmt, va_list args)
{
	int len = vsnprintf(buf, size, fmt, args);

	return len < size ? len : size ? size - 1 : 0;
}

int scnprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list args;
	int len;

	va_start(args, fmt);
	len = vscnprintf(buf, size, fmt, args);
	va_end(args);
	return len;
}

ssize_t sized_strscpy(char *to, const char *from, size_t size)
{
	size_t len = strnlen(from, size);

	if (!size)
		return -E2BIG;
	memcpy(to, from, min(len, size - 1));
	to[min(len, size - 1)] = '\0';
	return len == size ? -E2BIG : len;
}

void *memchr_inv(const void *p, int c, size_t n)
{
	const u8 *b = p;

	for (; n; n--, b++)
		if (*b != (u8)c)
			return (void *)b;
	return NULL;
}

/* ------------------------------------------------------- time and chance */

ktime_t ktime_get(void)
{
	return host_time();
}

unsigned long long sched_clock(void)
{
	return host_time();
}

u64 ktime_get_mono_fast_ns(void)
{
	return host_time();
}

u64 ktime_get_boot_fast_ns(void)
{
	return host_time();
}

u64 ktime_get_tai_fast_ns(void)
{
	return host_time();
}

ktime_t ktime_get_with_offset(enum tk_offsets which)
{
	return host_time();
}

void ktime_get_coarse_ts64(struct timespec64 *ts)
{
	*ts = ns_to_timespec64(host_time());
}

u64 get_random_u64(void)
{
	static u64 state = 88172645463325252ULL;

	/* Marsaglia's xorshift64: the same numbers in each run */
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

u32 get_random_u32(void)
{
	return get_random_u64();
}

void prandom_seed_full_state(struct rnd_state __percpu *state)
{
}

u32 prandom_u32_state(struct rnd_state *state)
{
	return get_random_u64();
}

/* ------------------------------------------------- ids, files, the registry */

#define MAX_IDS	BIT(16)

/* ->xa_head is an array of MAX_IDS pointers. */
static void **slots(const struct xarray *xa)
{
	if (!xa->xa_head)
		((struct xarray *)xa)->xa_head = calloc(MAX_IDS, sizeof(void *));
	return (void **)xa->xa_head;
}

int __xa_alloc_cyclic(struct xarray *xa, u32 *id, void *entry, struct xa_limit limit, u32 *next,
		      gfp_t gfp)
{
	*next = max(*next, limit.min);
	if (*next >= MAX_IDS)
		return -EBUSY;
	*id = (*next)++;
	slots(xa)[*id] = entry;
	return 0;
}

void *__xa_store(struct xarray *xa, unsigned long i, void *entry, gfp_t gfp)
{
	return xchg(&slots(xa)[i], entry);
}

void *__xa_erase(struct xarray *xa, unsigned long i)
{
	return xchg(&slots(xa)[i], NULL);
}

void *xa_load(struct xarray *xa, unsigned long i)
{
	return i < MAX_IDS ? slots(xa)[i] : NULL;
}

void *xa_find(struct xarray *xa, unsigned long *i, unsigned long max, xa_mark_t filter)
{
	for (; *i < MAX_IDS; (*i)++)
		if (slots(xa)[*i])
			return slots(xa)[*i];
	return NULL;
}

int anon_inode_getfd(const char *name, const struct file_operations *fops, void *data, int flags)
{
	struct file *file = calloc(1, sizeof(*file));

	file->f_op = fops;
	file->private_data = data;
	file->f_mode = OPEN_FMODE(flags);
	return host_fd(file);
}

struct fd fdget(unsigned int fd)
{
	return (struct fd){ (unsigned long)host_fd_file(fd) };
}

/* The last descriptor of a file was closed. */
void machine_close(void *p)
{
	struct file *file = p;

	file->f_op->release(NULL, file);
	free(file);
}

void __register_sysctl_init(const char *path, struct ctl_table *table, const char *name, size_t n)
{
}

struct dentry *debugfs_create_dir(const char *name, struct dentry *parent)
{
	return NULL;
}

void debugfs_create_x32(const char *name, umode_t mode, struct dentry *parent, u32 *value)
{
}

int register_filesystem(struct file_system_type *type)
{
	return 0;
}

int register_module_notifier(struct notifier_block *nb)
{
	return 0;
}

void module_put(struct module *module)
{
}

int trace_set_clr_event(const char *system, const char *event, int set)
{
	return 0;
}

int sysfs_create_mount_point(struct kobject *parent, const char *name)
{
	return 0;
}

void perf_event_bpf_event(struct bpf_prog *prog, enum perf_bpf_event_type type, u16 flags)
{
}

struct obj_cgroup *current_obj_cgroup(void)
{
	return NULL;
}

struct mem_cgroup *get_mem_cgroup_from_current(void)
{
	return NULL;
}

uid_t from_kuid_munged(struct user_namespace *ns, kuid_t uid)
{
	return __kuid_val(uid);
}

#ifdef CONFIG_SECURITY
int security_bpf(int cmd, union bpf_attr *attr, unsigned int size) { return 0; }
int security_bpf_map(struct bpf_map *map, fmode_t fmode) { return 0; }
int security_bpf_prog(struct bpf_prog *prog) { return 0; }
int security_bpf_map_create(struct bpf_map *map, union bpf_attr *attr, struct bpf_token *token)
{
	return 0;
}

void security_bpf_map_free(struct bpf_map *map) { }
int security_bpf_prog_load(struct bpf_prog *prog, union bpf_attr *attr, struct bpf_token *token)
{
	return 0;
}

void security_bpf_prog_free(struct bpf_prog *prog) { }
int security_locked_down(enum lockdown_reason what) { return 0; }
#endif

/* ---------------------------------------------------------------- packets */

struct sk_buff *__alloc_skb(unsigned int size, gfp_t gfp, int flags, int node)
{
	u32 room = SKB_DATA_ALIGN(size);
	struct sk_buff *skb = calloc(1, sizeof(*skb));

	skb->head = calloc(1, room + sizeof(struct skb_shared_info));
	skb->data = skb->head;
	skb->end = room;
	return skb;
}

void sk_skb_reason_drop(struct sock *sk, struct sk_buff *skb, enum skb_drop_reason reason)
{
	free(skb->head);
	free(skb);
}

void *skb_put(struct sk_buff *skb, unsigned int len)
{
	void *p = skb_tail_pointer(skb);

	skb->tail += len;
	skb->len += len;
	return p;
}

__be16 eth_type_trans(struct sk_buff *skb, struct net_device *dev)
{
	skb->dev = dev;
	skb_reset_mac_header(skb);
	skb->data += ETH_HLEN;
	skb->len -= ETH_HLEN;
	return eth_hdr(skb)->h_proto;
}

int skb_copy_bits(const struct sk_buff *skb, int off, void *to, int len)
{
	if (off > (int)skb->len - len)
		return -EFAULT;
	memcpy(to, skb->data + off, len);
	return 0;
}

/* All of a packet is in one piece, and nobody else's. */
int skb_ensure_writable(struct sk_buff *skb, unsigned int len)
{
	return len <= skb->len ? 0 : -ENOMEM;
}

__wsum csum_partial(const void *buf, int len, __wsum sum)
{
	u64 all = (__force u32)sum;
	const u16 *p = buf;

	for (; len > 1; len -= 2)
		all += *p++;
	if (len)
		all += *(u8 *)p;
	all = (all & U32_MAX) + (all >> 32);
	return (__force __wsum)((u32)all + (u32)(all >> 32));
}

void __skb_get_hash_net(const struct net *net, struct sk_buff *skb)
{
	__skb_set_sw_hash(skb, 1, true);
}

/* Offsets of classic programs that count from a header (linux/filter.h). */
void *bpf_internal_load_pointer_neg_helper(const struct sk_buff *skb, int k, unsigned int size)
{
	u8 *p;

	if (k >= SKF_NET_OFF)
		p = skb_network_header(skb) + k - SKF_NET_OFF;
	else if (k >= SKF_LL_OFF)
		p = skb_mac_header(skb) + k - SKF_LL_OFF;
	else
		return NULL;
	return p >= skb->head && p + size <= skb_tail_pointer(skb) ? p : NULL;
}

/* ------------------------------------------------- functions for programs */

/* Nobody registers any: the functions that there are have rows in tables. */
int bvm_kfunc_flags(const struct bvm_prog *prog, const struct module *owner, u32 id)
{
	return -ENOENT;
}

void *bvm_kfunc_address(struct module *owner, const char *name)
{
	return NULL;
}

bvm_dtor_t bvm_btf_dtor(struct bvm_btf_obj *btf, u32 id)
{
	return NULL;
}

void bvm_kfuncs_forget(const struct module *module)
{
}

/* What is compiled here is the interpreter's. */
bool bvm_jit_wanted(void)
{
	return false;
}

/* ------------------------------------------------------------ system calls */

#define INITCALLS(n)							\
	extern initcall_entry_t __start_initcall##n[] __weak, __stop_initcall##n[] __weak
INITCALLS(2);
INITCALLS(4);
INITCALLS(5);
INITCALLS(6);
INITCALLS(7);

static void do_initcalls(initcall_entry_t *from, initcall_entry_t *to)
{
	for (; from < to; from++)
		initcall_from_entry(from)();
}

void machine_start(void)
{
	machine_init();
	do_initcalls(__start_initcall2, __stop_initcall2);
	do_initcalls(__start_initcall4, __stop_initcall4);
	do_initcalls(__start_initcall5, __stop_initcall5);
	do_initcalls(__start_initcall6, __stop_initcall6);
	do_initcalls(__start_initcall7, __stop_initcall7);
}

long __x64_sys_bpf(const struct pt_regs *regs);

long machine_bpf(unsigned long cmd, unsigned long attr, unsigned long size)
{
	struct pt_regs regs = { .di = cmd, .si = attr, .dx = size };

	catch_up();
	return __x64_sys_bpf(&regs);
}
