/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * User-space stand-in for kernel/deps.h: the same guard, the same names.
 *
 * Every object of the host build is compiled with "-include deps.h", so the
 * kernel's .c files are compiled here unmodified.  Only what those files use is
 * provided, with the kernel's semantics as far as one process can show them:
 * memory comes from malloc() behind a counter that can make the Nth allocation
 * fail, a WARN ends the test program, RCU readers are the empty set.
 */
#ifndef _BVM_DEPS_H
#define _BVM_DEPS_H
#define BVM_HOST 1

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/types.h>
#include <linux/bpf.h>
#include <linux/btf.h>

/* ---------------------------------------------------------------- types */
typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef __s8 s8;
typedef __s16 s16;
typedef __s32 s32;
typedef __s64 s64;
typedef unsigned int gfp_t;
typedef u32 uint;

#include "plants.h"

#define U8_MAX		((u8)~0U)
#define S8_MAX		((s8)(U8_MAX >> 1))
#define S8_MIN		((s8)(-S8_MAX - 1))
#define U16_MAX		((u16)~0U)
#define S16_MAX		((s16)(U16_MAX >> 1))
#define S16_MIN		((s16)(-S16_MAX - 1))
#define U32_MAX		((u32)~0U)
#define U32_MIN		((u32)0)
#define S32_MAX		((s32)(U32_MAX >> 1))
#define S32_MIN		((s32)(-S32_MAX - 1))
#define U64_MAX		((u64)~0ULL)
#define S64_MAX		((s64)(U64_MAX >> 1))
#define S64_MIN		((s64)(-S64_MAX - 1))

#define ENOTSUPP	524

/* -------------------------------------------------------------- compiler */
#define likely(x)	__builtin_expect(!!(x), 1)
#define unlikely(x)	__builtin_expect(!!(x), 0)
#undef __always_inline
#define __always_inline	inline __attribute__((__always_inline__))
#define noinline	__attribute__((__noinline__))
#define __maybe_unused	__attribute__((__unused__))
#define __always_unused	__attribute__((__unused__))
#define __must_check	__attribute__((__warn_unused_result__))
#define __printf(a, b)	__attribute__((__format__(printf, a, b)))
#define __packed	__attribute__((__packed__))
#define __aligned(x)	__attribute__((__aligned__(x)))
#define __noreturn	__attribute__((__noreturn__))
#define __cold		__attribute__((__cold__))
#define __pure		__attribute__((__pure__))
#define __percpu
#ifndef __counted_by
#define __counted_by(member)
#endif
#define __rcu
#define __user
#define __force
#define __read_mostly
#define __init
#define __ro_after_init
#define __must_hold(x)
#define __acquires(x)
#define __releases(x)
#define notrace
#if __has_attribute(__fallthrough__)
#define fallthrough	__attribute__((__fallthrough__))
#else
#define fallthrough	do { } while (0)
#endif
#define barrier()	__asm__ __volatile__("" : : : "memory")
#define OPTIMIZER_HIDE_VAR(v)	__asm__("" : "=r" (v) : "0" (v))
#define READ_ONCE(x)	(*(const volatile typeof(x) *)&(x))
#define WRITE_ONCE(x, v) do { *(volatile typeof(x) *)&(x) = (v); } while (0)
#define data_race(x)	(x)
#define smp_mb()	__atomic_thread_fence(__ATOMIC_SEQ_CST)
/*
 * What another CPU, or an NMI, does while the code under test is between two reads, or
 * between a read and a compare-and-exchange: a test may set this for one call.
 */
extern __thread void (*host_meanwhile)(void);
static inline void host_race(void)
{
	void (*fn)(void) = host_meanwhile;

	host_meanwhile = NULL;
	if (fn)
		fn();
}

#define smp_rmb()	do {							\
	__atomic_thread_fence(__ATOMIC_ACQUIRE);				\
	host_race();								\
} while (0)
#define smp_wmb()	__atomic_thread_fence(__ATOMIC_RELEASE)
#define smp_load_acquire(p)	__atomic_load_n(p, __ATOMIC_ACQUIRE)
#define smp_store_release(p, v)	__atomic_store_n(p, v, __ATOMIC_RELEASE)
#define static_assert(expr, ...) _Static_assert(expr, "" #expr)
#define BUILD_BUG_ON(cond)	_Static_assert(!(cond), "BUILD_BUG_ON: " #cond)
#define BUILD_BUG_ON_ZERO(e)	((int)sizeof(struct { int : (-!!(e)); }))
#define IS_ENABLED(option)	0
#define EXPORT_SYMBOL_GPL(x)
#define __annotate_jump_table
#define __uninitialized
#define __bpf_kfunc
#define __bpf_kfunc_start_defs()
#define __bpf_kfunc_end_defs()

/* ------------------------------------------------------------------ bugs */
/* A WARN ends the program unless the test said that one more is expected. */
extern unsigned int host_warns_expected;
void host_warn(const char *file, int line, const char *what);
__noreturn void host_bug(const char *file, int line, const char *what);

#define WARN_ON(cond) ({						\
	bool __warn = !!(cond);						\
	if (__warn)							\
		host_warn(__FILE__, __LINE__, "WARN_ON(" #cond ")");	\
	__warn;								\
})
#define WARN_ON_ONCE(cond)	WARN_ON(cond)
#define WARN(cond, fmt, ...)	WARN_ON(cond)
#define WARN_ONCE(cond, fmt, ...) WARN_ON(cond)
#define BUG()			host_bug(__FILE__, __LINE__, "BUG()")
#define BUG_ON(cond)		do { if (cond) BUG(); } while (0)

/* --------------------------------------------------------------- numbers */
#define BITS_PER_LONG	64
#define BITS_PER_BYTE	8
#define BITS_PER_TYPE(t) (sizeof(t) * BITS_PER_BYTE)
#define BITS_TO_LONGS(n) DIV_ROUND_UP(n, BITS_PER_LONG)
#define BIT(n)		(1UL << (n))
#define BIT_ULL(n)	(1ULL << (n))
#define GENMASK(h, l)	((~0UL << (l)) & (~0UL >> (BITS_PER_LONG - 1 - (h))))
#define GENMASK_ULL(h, l) ((~0ULL << (l)) & (~0ULL >> (63 - (h))))
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define sizeof_field(t, m)	sizeof(((t *)0)->m)
#define offsetofend(t, m)	(offsetof(t, m) + sizeof_field(t, m))
#define container_of(ptr, type, member) \
	((type *)((char *)(ptr) - offsetof(type, member)))
#define DIV_ROUND_UP(n, d)	(((n) + (d) - 1) / (d))
#define __round_mask(x, y)	((typeof(x))((y) - 1))
#define round_up(x, y)		((((x) - 1) | __round_mask(x, y)) + 1)
#define round_down(x, y)	((x) & ~__round_mask(x, y))
#define roundup(x, y)		((((x) + ((y) - 1)) / (y)) * (y))
#define rounddown(x, y)		((x) - ((x) % (y)))
#define ALIGN(x, a)		round_up(x, a)
#define IS_ALIGNED(x, a)	(((x) & ((typeof(x))(a) - 1)) == 0)
#define PTR_ALIGN(p, a)		((typeof(p))ALIGN((unsigned long)(p), (a)))
#define lower_32_bits(n)	((u32)((n) & 0xffffffff))
#define upper_32_bits(n)	((u32)(((u64)(n)) >> 32))

#define __host_cmp(op, x, y) ({						\
	typeof(x) __x = (x);						\
	typeof(y) __y = (y);						\
	__x op __y ? __x : __y;						\
})
#define min(x, y)	__host_cmp(<, x, y)
#define max(x, y)	__host_cmp(>, x, y)
#define min3(x, y, z)	min(min(x, y), z)
#define max3(x, y, z)	max(max(x, y), z)
#define min_t(t, x, y)	__host_cmp(<, (t)(x), (t)(y))
#define max_t(t, x, y)	__host_cmp(>, (t)(x), (t)(y))
#define umin(x, y)	min_t(u64, x, y)
#define umax(x, y)	max_t(u64, x, y)
#define clamp(v, lo, hi)	min(max(v, lo), hi)
#define clamp_t(t, v, lo, hi)	min_t(t, max_t(t, v, lo), hi)
#define swap(a, b)	do { typeof(a) __t = (a); (a) = (b); (b) = __t; } while (0)
#define abs(x)		__builtin_choose_expr(sizeof(x) == 8, llabs(x), (abs)(x))

#define check_add_overflow(a, b, d)	__builtin_add_overflow(a, b, d)
#define check_sub_overflow(a, b, d)	__builtin_sub_overflow(a, b, d)
#define check_mul_overflow(a, b, d)	__builtin_mul_overflow(a, b, d)

static inline size_t size_mul(size_t a, size_t b)
{
	size_t r;

	return __builtin_mul_overflow(a, b, &r) ? SIZE_MAX : r;
}

static inline size_t size_add(size_t a, size_t b)
{
	size_t r;

	return __builtin_add_overflow(a, b, &r) ? SIZE_MAX : r;
}

#define array_size(a, b)	size_mul(a, b)
#define array3_size(a, b, c)	size_mul(size_mul(a, b), c)
#define struct_size(p, member, n) \
	size_add(sizeof(*(p)), size_mul(sizeof(*(p)->member), n))
#define struct_size_t(type, member, n)	struct_size((type *)NULL, member, n)
#define flex_array_size(p, member, n)	size_mul(sizeof(*(p)->member), n)

static inline int fls(unsigned int x) { return x ? 32 - __builtin_clz(x) : 0; }
static inline int fls64(u64 x) { return x ? 64 - __builtin_clzll(x) : 0; }
static inline unsigned long __ffs(unsigned long x) { return __builtin_ctzl(x); }
static inline unsigned long __ffs64(u64 x) { return __builtin_ctzll(x); }
static inline unsigned long __fls(unsigned long x) { return 63 - __builtin_clzl(x); }
#define hweight8(x)	__builtin_popcount((u8)(x))
#define hweight16(x)	__builtin_popcount((u16)(x))
#define hweight32(x)	__builtin_popcount((u32)(x))
#define hweight64(x)	__builtin_popcountll((u64)(x))
#define ilog2(x)	(fls64(x) - 1)
static inline bool is_power_of_2(unsigned long n) { return n && !(n & (n - 1)); }
static inline unsigned long roundup_pow_of_two(unsigned long n)
{
	return n <= 1 ? 1 : 1UL << fls64(n - 1);
}
#define order_base_2(n)	((n) > 1 ? ilog2((n) - 1) + 1 : 0)

static inline u64 div64_u64(u64 a, u64 b) { return a / b; }
static inline s64 div64_s64(s64 a, s64 b) { return a / b; }
static inline u64 div_u64(u64 a, u32 b) { return a / b; }
static inline s64 div_s64(s64 a, s32 b) { return a / b; }
static inline u64 div64_u64_rem(u64 a, u64 b, u64 *rem) { *rem = a % b; return a / b; }
static inline u64 div_u64_rem(u64 a, u32 b, u32 *rem) { *rem = a % b; return a / b; }
#define do_div(n, base) ({ u32 __r = (n) % (base); (n) /= (base); __r; })

static inline u64 mul_u64_u64_shr(u64 a, u64 b, unsigned int shift)
{
	return (u64)((unsigned __int128)a * b >> shift);
}

static inline s32 sign_extend32(u32 v, int bit) { return (s32)(v << (31 - bit)) >> (31 - bit); }
static inline s64 sign_extend64(u64 v, int bit) { return (s64)(v << (63 - bit)) >> (63 - bit); }
static inline u32 rol32(u32 w, unsigned int s) { return (w << (s & 31)) | (w >> ((-s) & 31)); }
static inline u64 rol64(u64 w, unsigned int s) { return (w << (s & 63)) | (w >> ((-s) & 63)); }
#define swab16(x)	__builtin_bswap16(x)
#define swab32(x)	__builtin_bswap32(x)
#define swab64(x)	__builtin_bswap64(x)
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define __LITTLE_ENDIAN_HOST 1
#define cpu_to_le16(x)	((u16)(x))
#define cpu_to_le32(x)	((u32)(x))
#define cpu_to_le64(x)	((u64)(x))
#define cpu_to_be16(x)	swab16(x)
#define cpu_to_be32(x)	swab32(x)
#define cpu_to_be64(x)	swab64(x)
#else
#define cpu_to_le16(x)	swab16(x)
#define cpu_to_le32(x)	swab32(x)
#define cpu_to_le64(x)	swab64(x)
#define cpu_to_be16(x)	((u16)(x))
#define cpu_to_be32(x)	((u32)(x))
#define cpu_to_be64(x)	((u64)(x))
#endif

#define get_unaligned(p) ({						\
	const struct { typeof(*(p)) __v; } __packed *__p = (const void *)(p); \
	(typeof(*(p)))__p->__v;						\
})
#define get_unaligned_be32(p)	cpu_to_be32(get_unaligned((const u32 *)(p)))
#define put_unaligned(v, p) do {					\
	struct { typeof(*(p)) __v; } __packed *__p = (void *)(p);	\
	__p->__v = (v);							\
} while (0)

static inline void __set_bit(unsigned long nr, unsigned long *bits)
{
	bits[nr / BITS_PER_LONG] |= BIT(nr % BITS_PER_LONG);
}

static inline bool test_bit(unsigned long nr, const unsigned long *bits)
{
	return bits[nr / BITS_PER_LONG] >> nr % BITS_PER_LONG & 1;
}

/* ---------------------------------------------------------------- errors */
#define MAX_ERRNO	4095
#define IS_ERR_VALUE(x)	((unsigned long)(void *)(x) >= (unsigned long)-MAX_ERRNO)
static inline void *ERR_PTR(long error) { return (void *)error; }
static inline long PTR_ERR(const void *p) { return (long)p; }
static inline bool IS_ERR(const void *p) { return IS_ERR_VALUE(p); }
static inline bool IS_ERR_OR_NULL(const void *p) { return !p || IS_ERR_VALUE(p); }
static inline void *ERR_CAST(const void *p) { return (void *)p; }
static inline int PTR_ERR_OR_ZERO(const void *p) { return IS_ERR(p) ? PTR_ERR(p) : 0; }

/* ---------------------------------------------------------------- memory */
#define GFP_KERNEL	0x1u
#define GFP_ATOMIC	0x2u
#define GFP_NOWAIT	0x4u
#define GFP_USER	0x1u
#define GFP_KERNEL_ACCOUNT 0x1u
#define __GFP_ZERO	0x10u
#define __GFP_NOWARN	0x20u
#define __GFP_NORETRY	0x40u
#define __GFP_ACCOUNT	0x80u
#define __GFP_RETRY_MAYFAIL 0x100u
#define NUMA_NO_NODE	(-1)
#define PAGE_SHIFT	12
#define PAGE_SIZE	(1UL << PAGE_SHIFT)
typedef unsigned int vm_fault_t;

struct vm_area_struct {
	unsigned long vm_pgoff;
};

#define PAGE_MASK	(~(PAGE_SIZE - 1))
#define PAGE_ALIGN(x)	ALIGN(x, PAGE_SIZE)
#define KMALLOC_MAX_SIZE (4UL << 20)
#define L1_CACHE_BYTES	64
#define SMP_CACHE_BYTES	64
#define ____cacheline_aligned __aligned(L1_CACHE_BYTES)
#define ____cacheline_aligned_in_smp __aligned(L1_CACHE_BYTES)

/**
 * struct host_alloc - the allocator's counters, shared by all tests
 * @calls:	allocations asked for since the test reset it
 * @fail_at:	the allocation with this number (1 is the next after a reset) fails;
 *		0: none
 * @live:	blocks that have not been freed
 */
struct host_alloc {
	unsigned long calls;
	unsigned long fail_at;
	long live;
};
extern struct host_alloc host_alloc;

/* Start counting again and make allocation number @n fail (0: none). */
void host_alloc_fail(unsigned long n);
void *host_malloc(size_t size, gfp_t flags);
void *host_realloc(const void *p, size_t size, gfp_t flags);
void host_free(const void *p);

#define kmalloc(size, flags)		host_malloc(size, flags)
#define kzalloc(size, flags)		host_malloc(size, (flags) | __GFP_ZERO)
#define kmalloc_array(n, size, flags)	host_malloc(size_mul(n, size), flags)
#define kcalloc(n, size, flags)		host_malloc(size_mul(n, size), (flags) | __GFP_ZERO)
#define kmalloc_node(size, flags, node)	host_malloc(size, flags)
#define kzalloc_node(size, flags, node)	host_malloc(size, (flags) | __GFP_ZERO)
#define krealloc(p, size, flags)	host_realloc(p, size, flags)
#define krealloc_array(p, n, size, flags) host_realloc(p, size_mul(n, size), flags)
#define kfree(p)			host_free(p)
#define kvmalloc(size, flags)		host_malloc(size, flags)
#define kvzalloc(size, flags)		host_malloc(size, (flags) | __GFP_ZERO)
#define kvmalloc_array(n, size, flags)	host_malloc(size_mul(n, size), flags)
#define kvcalloc(n, size, flags)	host_malloc(size_mul(n, size), (flags) | __GFP_ZERO)
#define kvmalloc_node(size, flags, node) host_malloc(size, flags)
#define kvzalloc_node(size, flags, node) host_malloc(size, (flags) | __GFP_ZERO)
#define kvrealloc(p, size, flags)	host_realloc(p, size, flags)
#define kvfree(p)			host_free(p)
#define vmalloc(size)			host_malloc(size, GFP_KERNEL)
#define vzalloc(size)			host_malloc(size, GFP_KERNEL | __GFP_ZERO)
#define vfree(p)			host_free(p)
static inline void *memchr_inv(const void *p, int c, size_t n)
{
	const u8 *b = p;

	for (; n; n--, b++)
		if (*b != (u8)c)
			return (void *)b;
	return NULL;
}

void *kmemdup(const void *p, size_t size, gfp_t flags);
#define kvmemdup(p, size, flags)	kmemdup(p, size, flags)
char *kasprintf(gfp_t flags, const char *fmt, ...) __printf(2, 3);

/* Reads of kernel memory that may fault; here only the first page is known to be bad. */
static inline long copy_from_kernel_nofault(void *dst, const void *src, size_t size)
{
	if ((unsigned long)src < PAGE_SIZE)
		return -EFAULT;
	memcpy(dst, src, size);
	return 0;
}

static inline long copy_to_kernel_nofault(void *dst, const void *src, size_t size)
{
	if ((unsigned long)dst < PAGE_SIZE)
		return -EFAULT;
	memcpy(dst, src, size);
	return 0;
}

/* --------------------------------------------------------------- strings */
__printf(3, 0) int vscnprintf(char *buf, size_t size, const char *fmt, va_list args);
__printf(3, 4) int scnprintf(char *buf, size_t size, const char *fmt, ...);
ssize_t host_strscpy(char *dst, const char *src, size_t size);
#define __host_strscpy2(dst, src, ...)	host_strscpy(dst, src, sizeof(dst))
#define __host_strscpy3(dst, src, size)	host_strscpy(dst, src, size)
#define __host_pick(a, b, c, name, ...)	name
#define strscpy(...) \
	__host_pick(__VA_ARGS__, __host_strscpy3, __host_strscpy2, 0)(__VA_ARGS__)
#define pr_warn(fmt, ...)	fprintf(stderr, fmt, ##__VA_ARGS__)
#define pr_err(fmt, ...)	fprintf(stderr, fmt, ##__VA_ARGS__)
#define pr_info(fmt, ...)	fprintf(stderr, fmt, ##__VA_ARGS__)

/* ------------------------------------------------------------------ time */
u64 ktime_get_ns(void);

/* ---------------------------------------------------------------- sort */
typedef int (*cmp_func_t)(const void *a, const void *b);
typedef void (*swap_func_t)(void *a, void *b, int size);
#define sort(base, n, size, cmp, swap_fn)	qsort(base, n, size, cmp)

/* --------------------------------------------------- scheduling, signals */
#define cond_resched()			do { } while (0)
#define might_sleep()			do { } while (0)
#define preempt_disable()		do { } while (0)
#define preempt_enable()		do { } while (0)
#define migrate_disable()		do { } while (0)
#define migrate_enable()		do { } while (0)
extern bool host_signal;		/* what signal_pending() says */
#define current				NULL
#define signal_pending(task)		host_signal
#define fatal_signal_pending(task)	host_signal

#define CAP_SYS_ADMIN			21
extern bool host_capable;		/* what capable() says */
#define capable(cap)			host_capable

/* ------------------------------------------------------------------ CPUs */
#define HOST_CPUS	4
#define nr_cpu_ids	HOST_CPUS
#define num_possible_cpus()	((unsigned int)HOST_CPUS)
#define for_each_possible_cpu(cpu)	for ((cpu) = 0; (cpu) < HOST_CPUS; (cpu)++)
#define cpu_possible(cpu)	((unsigned int)(cpu) < HOST_CPUS)
extern __thread int host_cpu;		/* what smp_processor_id() says */
#define smp_processor_id()	host_cpu
#define raw_smp_processor_id()	host_cpu

#include "deps_sync.h"

#endif /* _BVM_DEPS_H */
