/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The part of the user-space deps.h that concerns concurrency: atomics, locks,
 * lists, RCU, per-CPU memory.  Included by deps.h only; the map algorithms need it.
 */
#ifndef _BVM_DEPS_SYNC_H
#define _BVM_DEPS_SYNC_H

/* --------------------------------------------------------------- atomics */
typedef struct { int counter; } atomic_t;
typedef struct { s64 counter; } atomic64_t;
typedef atomic64_t atomic_long_t;

#define ATOMIC_INIT(i)			{ (i) }
#define ATOMIC64_INIT(i)		{ (i) }
#define __host_rmw(name, type, arg, fn)					\
static inline arg type##_fetch_##name(arg i, type##_t *v)		\
{									\
	return fn(&v->counter, i, __ATOMIC_SEQ_CST);			\
}									\
static inline void type##_##name(arg i, type##_t *v)			\
{									\
	fn(&v->counter, i, __ATOMIC_RELAXED);				\
}
__host_rmw(add, atomic, int, __atomic_fetch_add)
__host_rmw(sub, atomic, int, __atomic_fetch_sub)
__host_rmw(or, atomic, int, __atomic_fetch_or)
__host_rmw(and, atomic, int, __atomic_fetch_and)
__host_rmw(xor, atomic, int, __atomic_fetch_xor)
__host_rmw(add, atomic64, s64, __atomic_fetch_add)
__host_rmw(sub, atomic64, s64, __atomic_fetch_sub)
__host_rmw(or, atomic64, s64, __atomic_fetch_or)
__host_rmw(and, atomic64, s64, __atomic_fetch_and)
__host_rmw(xor, atomic64, s64, __atomic_fetch_xor)

#define __host_atomic(type, arg)					\
static inline arg type##_read(const type##_t *v)			\
{									\
	return __atomic_load_n(&v->counter, __ATOMIC_RELAXED);		\
}									\
static inline void type##_set(type##_t *v, arg i)			\
{									\
	__atomic_store_n(&v->counter, i, __ATOMIC_RELAXED);		\
}									\
static inline arg type##_xchg(type##_t *v, arg i)			\
{									\
	return __atomic_exchange_n(&v->counter, i, __ATOMIC_SEQ_CST);	\
}									\
static inline arg type##_cmpxchg(type##_t *v, arg old, arg new)		\
{									\
	__atomic_compare_exchange_n(&v->counter, &old, new, false,	\
				    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);\
	return old;							\
}									\
static inline bool type##_try_cmpxchg(type##_t *v, arg *old, arg new)	\
{									\
	host_race();							\
	return __atomic_compare_exchange_n(&v->counter, old, new, false,\
					   __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);\
}									\
static inline arg type##_add_return(arg i, type##_t *v)			\
{									\
	return __atomic_add_fetch(&v->counter, i, __ATOMIC_SEQ_CST);	\
}									\
static inline void type##_inc(type##_t *v) { type##_add(1, v); }	\
static inline void type##_dec(type##_t *v) { type##_sub(1, v); }	\
static inline arg type##_inc_return(type##_t *v) { return type##_add_return(1, v); } \
static inline arg type##_dec_return(type##_t *v) { return type##_add_return(-1, v); } \
static inline bool type##_dec_and_test(type##_t *v) { return !type##_dec_return(v); }
__host_atomic(atomic, int)
__host_atomic(atomic64, s64)

#define atomic_long_read	atomic64_read
#define atomic_long_set		atomic64_set
#define atomic_long_inc		atomic64_inc
#define atomic_long_dec		atomic64_dec
#define atomic_long_add		atomic64_add
#define atomic_long_sub		atomic64_sub

#define cmpxchg(p, o, n) ({						\
	typeof(*(p)) __o = (o);						\
	__atomic_compare_exchange_n(p, &__o, n, false,			\
				    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);\
	__o;								\
})
#define try_cmpxchg(p, o, n)						\
	__atomic_compare_exchange_n(p, o, n, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)
#define try_cmpxchg_acquire(p, o, n)					\
	__atomic_compare_exchange_n(p, o, n, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)
#define xchg(p, v)	__atomic_exchange_n(p, v, __ATOMIC_SEQ_CST)
extern __thread unsigned long host_relaxed;	/* how often it has waited */
#define cpu_relax()	do { host_relaxed++; barrier(); } while (0)

/* ----------------------------------------------------------------- locks */
typedef struct { int held; } raw_spinlock_t;
typedef raw_spinlock_t spinlock_t;

static inline bool raw_spin_trylock(raw_spinlock_t *lock)
{
	return !__atomic_exchange_n(&lock->held, 1, __ATOMIC_ACQUIRE);
}

static inline void raw_spin_lock(raw_spinlock_t *lock)
{
	while (!raw_spin_trylock(lock))
		cpu_relax();
}

static inline void raw_spin_unlock(raw_spinlock_t *lock)
{
	__atomic_store_n(&lock->held, 0, __ATOMIC_RELEASE);
}

#define raw_spin_lock_init(lock)		((lock)->held = 0)
#define raw_spin_is_locked(lock)		READ_ONCE((lock)->held)
#define raw_spin_lock_irqsave(lock, flags)	do { (flags) = 0; raw_spin_lock(lock); } while (0)
#define raw_spin_unlock_irqrestore(lock, flags)	do { (void)(flags); raw_spin_unlock(lock); } while (0)
#define raw_spin_trylock_irqsave(lock, flags)	({ (flags) = 0; raw_spin_trylock(lock); })
#define spin_lock_init		raw_spin_lock_init
#define spin_lock		raw_spin_lock
#define spin_unlock		raw_spin_unlock
#define spin_lock_irqsave	raw_spin_lock_irqsave
#define spin_unlock_irqrestore	raw_spin_unlock_irqrestore
#define local_irq_save(flags)	do { (flags) = 0; } while (0)
#define local_irq_restore(flags) do { (void)(flags); } while (0)
extern __thread bool host_in_nmi;	/* what in_nmi() says */
#define in_nmi()		host_in_nmi
#define lockdep_assert_held(l)	do { } while (0)

struct mutex {
	raw_spinlock_t lock;
};

#define mutex_init(m)		raw_spin_lock_init(&(m)->lock)
#define mutex_lock(m)		raw_spin_lock(&(m)->lock)
#define mutex_unlock(m)		raw_spin_unlock(&(m)->lock)

/* ----------------------------------------------------------------- lists */
struct list_head {
	struct list_head *next, *prev;
};

#define LIST_HEAD_INIT(name)	{ &(name), &(name) }
#define LIST_HEAD(name)		struct list_head name = LIST_HEAD_INIT(name)

static inline void INIT_LIST_HEAD(struct list_head *l) { l->next = l->prev = l; }
static inline bool list_empty(const struct list_head *l) { return l->next == l; }

static inline void __list_add(struct list_head *n, struct list_head *prev, struct list_head *next)
{
	next->prev = n;
	n->next = next;
	n->prev = prev;
	prev->next = n;
}

static inline void list_add(struct list_head *n, struct list_head *l)
{
	__list_add(n, l, l->next);
}

static inline void list_add_tail(struct list_head *n, struct list_head *l)
{
	__list_add(n, l->prev, l);
}

static inline void list_del(struct list_head *e)
{
	e->next->prev = e->prev;
	e->prev->next = e->next;
	e->next = e->prev = NULL;
}

static inline void list_move_tail(struct list_head *e, struct list_head *l)
{
	list_del(e);
	list_add_tail(e, l);
}

static inline void list_splice_tail(struct list_head *from, struct list_head *l)
{
	if (list_empty(from))
		return;
	from->next->prev = l->prev;
	l->prev->next = from->next;
	from->prev->next = l;
	l->prev = from->prev;
}

#define list_entry(p, type, m)		container_of(p, type, m)
#define list_first_entry(l, type, m)	list_entry((l)->next, type, m)
#define list_next_entry(p, m)		list_entry((p)->m.next, typeof(*(p)), m)
#define list_for_each_entry(p, l, m)					\
	for (p = list_first_entry(l, typeof(*p), m); &p->m != (l);	\
	     p = list_next_entry(p, m))
#define list_for_each_entry_from(p, l, m)				\
	for (; &p->m != (l); p = list_next_entry(p, m))
#define list_for_each_entry_safe(p, n, l, m)				\
	for (p = list_first_entry(l, typeof(*p), m), n = list_next_entry(p, m); \
	     &p->m != (l); p = n, n = list_next_entry(n, m))

struct hlist_node {
	struct hlist_node *next, **pprev;
};

struct hlist_head {
	struct hlist_node *first;
};

#define INIT_HLIST_HEAD(h)	((h)->first = NULL)

/* ------------------------------------------------------------------- RCU */
struct rcu_head {
	struct rcu_head *next;
	void (*func)(struct rcu_head *head);
};

typedef void (*rcu_callback_t)(struct rcu_head *head);

/* Callbacks wait until the test calls host_rcu_run(): nothing is freed too early unseen. */
void call_rcu(struct rcu_head *head, rcu_callback_t func);
void host_rcu_run(void);

#define call_rcu_tasks_trace(h, f)	call_rcu(h, f)
#define rcu_barrier()			host_rcu_run()
#define synchronize_rcu()		host_rcu_run()
#define rcu_read_lock()			do { } while (0)
#define rcu_read_unlock()		do { } while (0)
#define rcu_read_lock_held()		true
#define rcu_read_lock_any_held()	true
#define RCU_INITIALIZER(p)		(p)
#define unrcu_pointer(p)		(p)
#define rcu_dereference(p)		READ_ONCE(p)
#define rcu_dereference_check(p, c)	READ_ONCE(p)
#define rcu_dereference_raw(p)		READ_ONCE(p)
#define rcu_dereference_protected(p, c)	(p)
#define rcu_access_pointer(p)		READ_ONCE(p)
#define rcu_assign_pointer(p, v)	smp_store_release(&(p), v)
#define RCU_INIT_POINTER(p, v)		WRITE_ONCE(p, v)

/* --------------------------------------------------------------- per-CPU */
/* A per-CPU pointer is the address of CPU 0's copy; the copies follow at HOST_PCPU_STRIDE. */
void *host_alloc_percpu(size_t size, size_t align);
void host_free_percpu(void *p);
void *host_per_cpu_ptr(void *p, int cpu);

#define alloc_percpu(type)		((type *)host_alloc_percpu(sizeof(type), __alignof__(type)))
#define alloc_percpu_gfp(type, gfp)	alloc_percpu(type)
#define __alloc_percpu(size, align)	host_alloc_percpu(size, align)
#define __alloc_percpu_gfp(size, align, gfp)	host_alloc_percpu(size, align)
#define free_percpu(p)			host_free_percpu(p)
#define per_cpu_ptr(p, cpu)		((typeof(p))host_per_cpu_ptr(p, cpu))
#define this_cpu_ptr(p)			per_cpu_ptr(p, host_cpu)
#define raw_cpu_ptr(p)			per_cpu_ptr(p, host_cpu)
#define this_cpu_xchg(var, v)		xchg(this_cpu_ptr(&(var)), v)
#define PCPU_MIN_UNIT_SIZE		(32 << 10)

/* -------------------------------------------------------------- irq_work */
struct irq_work {
	void (*func)(struct irq_work *work);
	int queued;
};

#define init_irq_work(w, f)	do { (w)->func = (f); (w)->queued = 0; } while (0)
#define IRQ_WORK_INIT(f)	{ .func = (f) }
#define irq_work_sync(w)	do { } while (0)
/* Runs at once: the host has no interrupt to wait for. */
static inline bool irq_work_queue(struct irq_work *w)
{
	w->func(w);
	return true;
}

/* ----------------------------------------------------------- wait queues */
typedef struct { unsigned long woken; } wait_queue_head_t;

#define init_waitqueue_head(q)	((q)->woken = 0)
#define wake_up_all(q)		((void)__atomic_add_fetch(&(q)->woken, 1, __ATOMIC_RELAXED))

/* ------------------------------------------------------------- workqueue */
struct work_struct {
	void (*func)(struct work_struct *work);
	struct work_struct *next;
	int queued;
};

/* Waits until the test calls host_work_run(), as a worker that has no CPU yet. */
bool host_queue_work(struct work_struct *work);
void host_work_run(void);
void host_cancel_work(struct work_struct *work);

#define INIT_WORK(w, f)		do { *(w) = (struct work_struct){ .func = (f) }; } while (0)
#define queue_work(wq, w)	host_queue_work(w)
#define schedule_work(w)	host_queue_work(w)
#define cancel_work_sync(w)	host_cancel_work(w)

/* ----------------------------------------------------------------- memcg */
struct mem_cgroup;
#define get_mem_cgroup_from_current()	((struct mem_cgroup *)NULL)
static inline struct mem_cgroup *set_active_memcg(struct mem_cgroup *m) { return m; }
#define mem_cgroup_put(m)		((void)(m))

/* ---------------------------------------------------------------- random */
u32 host_random(void);
#define get_random_u32()	host_random()
#define get_random_u64()	((u64)host_random() << 32 | host_random())

#endif /* _BVM_DEPS_SYNC_H */
