// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fields of maps' values that the kernel manages: which types and maps may have them, what
 * user space sees of them, and locks between CPUs.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>

#include "lib/harness.h"
#include "lib/bpf_sys.h"
#include "lib/btf_blob.h"
#include "lib/kernel_btf.h"

#define R0	BPF_REG_0
#define R1	BPF_REG_1
#define R2	BPF_REG_2
#define R6	BPF_REG_6
#define R7	BPF_REG_7
#define FP	BPF_REG_10
#define CALL(helper)	BPF_EMIT_CALL(BPF_FUNC_##helper)

/* ------------------------------------------------------------------ types */

static const char names[] =
	"\0int\0bpf_spin_lock\0a\0kptr\0kptr_untrusted\0no_such_struct\0bpf_cpumask\0long\0.bss";

/* Where a name is. */
static __u32 name_at(const char *name, size_t size)
{
	__u32 i = 0;

	while (memcmp(names + i, name, size))
		i++;
	return i + 1;
}

#define NAME(n)		name_at("\0" #n, sizeof("\0" #n))
#define PTR(to)		TYPE(0, BTF_KIND_PTR, 0, 0, to)
#define STRUCT(size, n)	TYPE(NAME(a), BTF_KIND_STRUCT, 0, n, size)
#define MEMBER(type, off) NAME(a), type, 8 * (off)
#define TAGGED(tag, to)	TYPE(NAME(tag), BTF_KIND_TYPE_TAG, 0, 0, to)

enum {
	T_INT = 1, T_LONG, T_LOCK,
	T_NONE,			/* struct no_such_struct; to it: */
	T_TAG, T_KPTR, T_TAG_STALE, T_STALE, T_TAG_INT, T_KPTR_INT, T_TAG_TWICE, T_TWICE,
	T_OWN,			/* the first of those that a test adds */
	T_BSS = T_OWN + 2,
};

#define VALUE		STRUCT(16, 3), MEMBER(T_LONG, 0), MEMBER(T_LOCK, 8), MEMBER(T_INT, 12)

/* These and @own of @size bytes: the stock kernel refuses all if it finds fault with one. */
static int load_types(const __u32 *own, __u32 size)
{
	const __u32 base[] = {
		INT_TYPE(NAME(int), BTF_INT_SIGNED, 0, 32, 4),
		INT_TYPE(NAME(long), BTF_INT_SIGNED, 0, 64, 8),
		TYPE(NAME(bpf_spin_lock), BTF_KIND_STRUCT, 0, 1, 4), MEMBER(T_INT, 0),
		TYPE(NAME(no_such_struct), BTF_KIND_STRUCT, 0, 1, 4), MEMBER(T_INT, 0),
		TAGGED(kptr, T_NONE), PTR(T_TAG), TAGGED(kptr_untrusted, T_NONE), PTR(T_TAG_STALE),
		TAGGED(kptr, T_INT), PTR(T_TAG_INT), TAGGED(kptr, T_TAG), PTR(T_TAG_TWICE),
	};
	__u32 types[256];
	static struct blob blob;
	union bpf_attr attr = { .btf = ptr_to_u64(blob.data) };

	memcpy(types, base, sizeof(base));
	memcpy((char *)types + sizeof(base), own, size);
	blob_make(&blob, types, sizeof(base) + size, names, sizeof(names));
	attr.btf_size = blob.size;
	return sys_bpf(BPF_BTF_LOAD, &attr);
}

#define LOAD_TYPES(...)							\
({									\
	const __u32 __own[] = { __VA_ARGS__ };				\
	load_types(__own, sizeof(__own));				\
})

static int typed_map(__u32 type, __u32 flags, __u32 value_size, int btf, __u32 value)
{
	union bpf_attr attr = {
		.map_type = type,
		.key_size = 4,
		.value_size = value_size,
		.max_entries = 1,
		.map_flags = flags,
		.btf_fd = btf,
		.btf_key_type_id = value == T_BSS ? 0 : T_INT,
		.btf_value_type_id = value,
	};

	return sys_bpf(BPF_MAP_CREATE, &attr);
}

/* A map whose values are of type T_OWN unless another one is named. */
#define EXPECT_MAP(err, type, flags, size, value, ...)			\
do {									\
	int __btf = LOAD_TYPES(__VA_ARGS__);				\
	int __map = __btf;						\
									\
	if (__btf >= 0)							\
		__map = typed_map(BPF_MAP_TYPE_##type, flags, size, __btf, value); \
	EXPECT_EQ(err, errno_of(__map));				\
	close(__map);							\
	close(__btf);							\
} while (0)

#define POINTERS	STRUCT(16, 2), MEMBER(T_STALE, 0), MEMBER(T_KPTR, 8)
#define ARRAY_OF(type, n) TYPE(0, BTF_KIND_ARRAY, 0, 0, 0), type, T_INT, n

TEST(locks)
{
	EXPECT_MAP(0, HASH, 0, 16, T_OWN, VALUE);
	EXPECT_MAP(0, ARRAY, 0, 16, T_OWN, VALUE);
	EXPECT_MAP(0, HASH, BPF_F_NO_PREALLOC, 16, T_OWN, VALUE);
	EXPECT_MAP(-EOPNOTSUPP, LRU_HASH, 0, 16, T_OWN, VALUE);
	EXPECT_MAP(-EOPNOTSUPP, PERCPU_HASH, 0, 16, T_OWN, VALUE);
	EXPECT_MAP(-EOPNOTSUPP, PERCPU_ARRAY, 0, 16, T_OWN, VALUE);
	EXPECT_MAP(-EACCES, HASH, BPF_F_RDONLY_PROG, 16, T_OWN, VALUE);
	EXPECT_MAP(-EACCES, ARRAY, BPF_F_WRONLY_PROG, 16, T_OWN, VALUE);
	/* two; at an odd place */
	EXPECT_MAP(-E2BIG, HASH, 0, 8, T_OWN, STRUCT(8, 2), MEMBER(T_LOCK, 0), MEMBER(T_LOCK, 4));
	EXPECT_MAP(-EFAULT, HASH, 0, 8, T_OWN, STRUCT(8, 1), MEMBER(T_LOCK, 2));
	/* in a structure, an array of them, a union */
	EXPECT_MAP(0, HASH, 0, 24, T_OWN + 1, VALUE, STRUCT(24, 2), MEMBER(T_LONG, 0),
		   MEMBER(T_OWN, 8));
	EXPECT_MAP(-EINVAL, HASH, 0, 32, T_OWN + 2, VALUE, ARRAY_OF(T_OWN, 2), STRUCT(32, 1),
		   MEMBER(T_OWN + 1, 0));
	EXPECT_MAP(0, LRU_HASH, 0, 8, T_OWN + 1,
		   TYPE(NAME(a), BTF_KIND_UNION, 0, 2, 8), MEMBER(T_LOCK, 0), MEMBER(T_LONG, 0),
		   STRUCT(8, 1), MEMBER(T_OWN, 0));
	/* what overlaps a pointer */
	EXPECT_MAP(-EEXIST, HASH, 0, 16, T_OWN, STRUCT(16, 2), MEMBER(T_KPTR, 0),
		   MEMBER(T_LOCK, 4));
	/* a global variable; nothing but a lock, which has no lock in it */
	EXPECT_MAP(0, ARRAY, 0, 16, T_BSS, VALUE,
		   TYPE(NAME(a), BTF_KIND_VAR, 0, 0, T_OWN), BTF_VAR_GLOBAL_ALLOCATED,
		   TYPE(name_at("\0.bss", 6), BTF_KIND_DATASEC, 0, 1, 16), T_OWN + 1, 0, 16);
	EXPECT_MAP(0, LRU_HASH, 0, 4, T_LOCK, VALUE);
	EXPECT_MAP(0, LRU_HASH, 0, 4, T_OWN, ARRAY_OF(T_LOCK, 1));
}

TEST(pointers)
{
	EXPECT_MAP(0, HASH, 0, 16, T_OWN, POINTERS);
	EXPECT_MAP(0, ARRAY, 0, 16, T_OWN, POINTERS);
	EXPECT_MAP(0, LRU_HASH, 0, 16, T_OWN, POINTERS);
	EXPECT_MAP(0, PERCPU_HASH, 0, 16, T_OWN, POINTERS);
	EXPECT_MAP(0, LRU_PERCPU_HASH, 0, 16, T_OWN, POINTERS);
	EXPECT_MAP(0, PERCPU_ARRAY, 0, 16, T_OWN, POINTERS);
	EXPECT_MAP(-EACCES, HASH, BPF_F_RDONLY_PROG, 16, T_OWN, POINTERS);
	/* as many as there may be; one more, and none of them is a pointer */
	EXPECT_MAP(0, HASH, 0, 88, T_OWN + 1, ARRAY_OF(T_KPTR, 11), STRUCT(88, 1),
		   MEMBER(T_OWN, 0));
	EXPECT_MAP(0, HASH, BPF_F_RDONLY_PROG, 96, T_OWN + 1, ARRAY_OF(T_KPTR, 12), STRUCT(96, 1),
		   MEMBER(T_OWN, 0));
	/* to a number; tagged twice; at an odd place */
	EXPECT_MAP(0, HASH, 0, 8, T_OWN, STRUCT(8, 1), MEMBER(T_KPTR_INT, 0));
	EXPECT_MAP(0, HASH, 0, 8, T_OWN, STRUCT(8, 1), MEMBER(T_TWICE, 0));
	EXPECT_MAP(-EFAULT, HASH, 0, 16, T_OWN, STRUCT(16, 1), MEMBER(T_KPTR, 4));
}

/* ------------------------------------------------------------- user space */

struct value {
	__u64 a;
	__u32 lock;
	__u32 b;
};

FIXTURE(locked)
{
	int btf, map;
};

FIXTURE_VARIANT(locked)
{
	__u32 type, flags;
};

FIXTURE_VARIANT_ADD(locked, array) { BPF_MAP_TYPE_ARRAY, 0 };
FIXTURE_VARIANT_ADD(locked, hash) { BPF_MAP_TYPE_HASH, 0 };
FIXTURE_VARIANT_ADD(locked, hash_grows) { BPF_MAP_TYPE_HASH, BPF_F_NO_PREALLOC };

FIXTURE_SETUP(locked)
{
	self->btf = LOAD_TYPES(VALUE);
	self->map = typed_map(variant->type, variant->flags, 16, self->btf, T_OWN);
	ASSERT_LE(0, self->map);
}

FIXTURE_TEARDOWN(locked)
{
	close(self->map);
	close(self->btf);
}

static int lookup_flags(int map, const void *key, void *value, __u64 flags)
{
	return map_elem(BPF_MAP_LOOKUP_ELEM, map, key, value, flags);
}

static int batch(int cmd, int map, void *key, void *value, __u64 flags)
{
	__u32 pos;
	union bpf_attr attr = {
		.batch = {
			.out_batch = ptr_to_u64(&pos),
			.keys = ptr_to_u64(key),
			.values = ptr_to_u64(value),
			.count = 1,
			.map_fd = map,
			.elem_flags = flags,
		},
	};

	return sys_bpf(cmd, &attr);
}

TEST_F(locked, user_space)
{
	struct value in = { 1, 0xffffffff, 2 }, out;
	bool array = variant->type == BPF_MAP_TYPE_ARRAY;
	__u32 key = 0;

	ASSERT_EQ(0, map_update(self->map, &key, &in, BPF_ANY));
	memset(&out, 0xee, sizeof(out));
	EXPECT_EQ(0, map_lookup(self->map, &key, &out));
	EXPECT_EQ(1, out.a);
	EXPECT_EQ(0, out.lock);
	EXPECT_EQ(2, out.b);
	in.a = 3;
	EXPECT_EQ(0, map_update(self->map, &key, &in, BPF_F_LOCK));
	EXPECT_EQ(0, map_update(self->map, &key, &in, BPF_F_LOCK | BPF_EXIST));
	EXPECT_EQ(-EEXIST, map_update(self->map, &key, &in, BPF_F_LOCK | BPF_NOEXIST));
	memset(&out, 0xee, sizeof(out));
	EXPECT_EQ(0, lookup_flags(self->map, &key, &out, BPF_F_LOCK));
	EXPECT_EQ(3, out.a);
	EXPECT_EQ(0, out.lock);
	EXPECT_EQ(-EINVAL, lookup_flags(self->map, &key, &out, BPF_F_LOCK | 1));
	memset(&out, 0xee, sizeof(out));
	batch(BPF_MAP_LOOKUP_BATCH, self->map, &key, &out, 0);
	EXPECT_EQ(3, out.a);
	EXPECT_EQ(0, out.lock);
	in.a = 4;
	EXPECT_EQ(0, batch(BPF_MAP_UPDATE_BATCH, self->map, &key, &in, BPF_F_LOCK));
	memset(&out, 0xee, sizeof(out));
	batch(BPF_MAP_LOOKUP_BATCH, self->map, &key, &out, BPF_F_LOCK);
	EXPECT_EQ(4, out.a);
	EXPECT_EQ(0, out.lock);
	if (!array) {
		EXPECT_EQ(0, map_elem(BPF_MAP_LOOKUP_AND_DELETE_ELEM, self->map, &key, &out,
				      BPF_F_LOCK));
		EXPECT_EQ(4, out.a);
		EXPECT_EQ(0, out.lock);
		EXPECT_EQ(-ENOENT, map_update(self->map, &key, &in, BPF_F_LOCK | BPF_EXIST));
		EXPECT_EQ(0, map_update(self->map, &key, &in, BPF_F_LOCK | BPF_NOEXIST));
	}
}

TEST_F(locked, not_frozen)
{
	union bpf_attr attr = { .map_fd = self->map };

	EXPECT_EQ(-ENOTSUPP, sys_bpf(BPF_MAP_FREEZE, &attr));
}

TEST(no_lock)
{
	int map = map_create(BPF_MAP_TYPE_HASH, 4, 16, 1);
	struct value v = {};
	__u32 key = 0;

	EXPECT_EQ(-EINVAL, map_update(map, &key, &v, BPF_F_LOCK));
	EXPECT_EQ(0, map_update(map, &key, &v, BPF_ANY));
	EXPECT_EQ(-EINVAL, lookup_flags(map, &key, &v, BPF_F_LOCK));
	EXPECT_EQ(-EINVAL, map_elem(BPF_MAP_LOOKUP_AND_DELETE_ELEM, map, &key, &v, BPF_F_LOCK));
	EXPECT_EQ(-EINVAL, batch(BPF_MAP_UPDATE_BATCH, map, &key, &v, BPF_F_LOCK));
	close(map);
}

TEST(no_mapping)
{
	int btf = LOAD_TYPES(VALUE);
	int map = typed_map(BPF_MAP_TYPE_ARRAY, BPF_F_MMAPABLE, 16, btf, T_OWN);

	ASSERT_LE(0, map);
	EXPECT_EQ(MAP_FAILED, mmap(NULL, 4096, PROT_READ, MAP_SHARED, map, 0));
	EXPECT_EQ(ENOTSUPP, errno);
	close(map);
	close(btf);
}

/* --------------------------------------------------------------- programs */

#define ROUNDS	20000
#define THREADS	3

/* a and b go up by one, under the lock: a in two halves that nobody may see */
static int counting_prog(int map)
{
	return PROG_LOAD(BPF_PROG_TYPE_SCHED_CLS,
		BPF_ST_MEM(BPF_W, FP, -4, 0),
		BPF_MOV64_REG(R2, FP), BPF_ALU64_IMM(BPF_ADD, R2, -4), BPF_LD_MAP_FD(R1, map),
		CALL(map_lookup_elem), BPF_JMP_IMM(BPF_JNE, R0, 0, 1), BPF_EXIT_INSN(),
		BPF_MOV64_REG(R6, R0),
		BPF_MOV64_REG(R1, R6), BPF_ALU64_IMM(BPF_ADD, R1, 8), CALL(spin_lock),
		BPF_LDX_MEM(BPF_DW, R7, R6, 0), BPF_ALU64_IMM(BPF_ADD, R7, 1),
		BPF_STX_MEM(BPF_DW, R6, R7, 0),
		BPF_LDX_MEM(BPF_W, R7, R6, 12), BPF_ALU64_IMM(BPF_ADD, R7, 1),
		BPF_STX_MEM(BPF_W, R6, R7, 12),
		BPF_MOV64_REG(R1, R6), BPF_ALU64_IMM(BPF_ADD, R1, 8), CALL(spin_unlock),
		BPF_MOV64_IMM(R0, 0), BPF_EXIT_INSN());
}

static void *count(void *prog)
{
	char frame[64] = "";
	union bpf_attr attr = {
		.test = {
			.prog_fd = *(int *)prog,
			.data_in = ptr_to_u64(frame),
			.data_size_in = sizeof(frame),
			.repeat = ROUNDS,
		},
	};

	return (void *)(long)sys_bpf(BPF_PROG_TEST_RUN, &attr);
}

TEST_F(locked, between_cpus)
{
	struct value v = {};
	pthread_t thread[THREADS];
	__u32 key = 0, i, torn = 0;
	void *err;
	int prog;

	ASSERT_EQ(0, map_update(self->map, &key, &v, BPF_ANY));
	prog = counting_prog(self->map);
	ASSERT_LE(0, prog);
	for (i = 0; i < THREADS; i++)
		ASSERT_EQ(0, pthread_create(&thread[i], NULL, count, &prog));
	for (i = 0; i < ROUNDS && v.a < THREADS * ROUNDS; i++) {
		ASSERT_EQ(0, lookup_flags(self->map, &key, &v, BPF_F_LOCK));
		torn += v.a != v.b;
	}
	for (i = 0; i < THREADS; i++) {
		ASSERT_EQ(0, pthread_join(thread[i], &err));
		EXPECT_EQ(NULL, err);
	}
	EXPECT_EQ(0, torn);
	EXPECT_EQ(0, map_lookup(self->map, &key, &v));
	EXPECT_EQ(THREADS * ROUNDS, v.a);
	EXPECT_EQ(THREADS * ROUNDS, v.b);
	close(prog);
}

/* --------------------------------------------------------------- pointers */

/* More than there are sets of CPUs for programs on BVM. */
#define SETS	5000

FIXTURE(kept)
{
	struct kernel_btf kernel;
	int btf, map, prog;
};

FIXTURE_VARIANT(kept)
{
	__u32 type, flags;
};

FIXTURE_VARIANT_ADD(kept, array) { BPF_MAP_TYPE_ARRAY, 0 };
FIXTURE_VARIANT_ADD(kept, percpu_array) { BPF_MAP_TYPE_PERCPU_ARRAY, 0 };
FIXTURE_VARIANT_ADD(kept, hash) { BPF_MAP_TYPE_HASH, 0 };
FIXTURE_VARIANT_ADD(kept, hash_grows) { BPF_MAP_TYPE_HASH, BPF_F_NO_PREALLOC };
FIXTURE_VARIANT_ADD(kept, percpu_hash) { BPF_MAP_TYPE_PERCPU_HASH, 0 };
FIXTURE_VARIANT_ADD(kept, lru_hash) { BPF_MAP_TYPE_LRU_HASH, 0 };
FIXTURE_VARIANT_ADD(kept, lru_percpu_hash) { BPF_MAP_TYPE_LRU_PERCPU_HASH, 0 };

#define KFUNC(name)							\
	BPF_INSN(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_KFUNC_CALL, 0,	\
		 kernel_btf_find(kernel, #name, BTF_KIND_FUNC, NULL))

/* A new set goes into the value; the old one is given back, and 1 returned if there was one. */
static int keeping_prog(const struct kernel_btf *kernel, int map)
{
	const struct bpf_insn insns[] = {
		BPF_ST_MEM(BPF_W, FP, -4, 0),
		BPF_MOV64_REG(R2, FP), BPF_ALU64_IMM(BPF_ADD, R2, -4),
		BPF_LD_MAP_FD(R1, map), CALL(map_lookup_elem),
		BPF_JMP_IMM(BPF_JNE, R0, 0, 2), BPF_MOV64_IMM(R0, 2), BPF_EXIT_INSN(),
		BPF_MOV64_REG(R6, R0), KFUNC(bpf_cpumask_create),
		BPF_JMP_IMM(BPF_JNE, R0, 0, 2), BPF_MOV64_IMM(R0, 3), BPF_EXIT_INSN(),
		BPF_MOV64_REG(R2, R0), BPF_MOV64_REG(R1, R6), BPF_ALU64_IMM(BPF_ADD, R1, 8),
		CALL(kptr_xchg),
		BPF_JMP_IMM(BPF_JNE, R0, 0, 2), BPF_MOV64_IMM(R0, 0), BPF_EXIT_INSN(),
		BPF_MOV64_REG(R1, R0), KFUNC(bpf_cpumask_release),
		BPF_MOV64_IMM(R0, 1), BPF_EXIT_INSN(),
	};
	static char log[65536];
	union bpf_attr attr;
	int fd;

	prog_attr(&attr, BPF_PROG_TYPE_SYSCALL, insns, ARRAY_SIZE(insns));
	attr.prog_flags = BPF_F_SLEEPABLE;
	attr.log_level = 1;
	attr.log_buf = ptr_to_u64(log);
	attr.log_size = sizeof(log);
	fd = sys_bpf(BPF_PROG_LOAD, &attr);
	if (fd < 0)
		fprintf(stderr, "# refused: %s\n", log);
	return fd;
}

FIXTURE_SETUP(kept)
{
	if (kernel_btf_read(&self->kernel))
		SKIP(return, "no BTF");
	self->btf = LOAD_TYPES(TYPE(NAME(bpf_cpumask), BTF_KIND_STRUCT, 0, 1, 4),
			       MEMBER(T_INT, 0), TAGGED(kptr, T_OWN), PTR(T_OWN + 1),
			       STRUCT(16, 2), MEMBER(T_LONG, 0), MEMBER(T_OWN + 2, 8));
	self->map = typed_map(variant->type, variant->flags, 16, self->btf, T_OWN + 3);
	ASSERT_LE(0, self->map);
	self->prog = keeping_prog(&self->kernel, self->map);
	ASSERT_LE(0, self->prog);
}

FIXTURE_TEARDOWN(kept)
{
	kernel_btf_free(&self->kernel);
	close(self->prog);
	close(self->map);
	close(self->btf);
}

static int keep(int prog)
{
	union bpf_attr attr = { .test = { .prog_fd = prog } };

	return sys_bpf(BPF_PROG_RUN, &attr) ? -errno : (int)attr.test.retval;
}

TEST_F(kept, given_back)
{
	bool array = variant->type == BPF_MAP_TYPE_ARRAY ||
		     variant->type == BPF_MAP_TYPE_PERCPU_ARRAY;
	struct {
		__u64 a;
		__u64 kptr;
	} in[64] = { [0 ... 63] = { 1, 0x1234 } }, out[64];
	cpu_set_t one;
	__u32 key = 0;
	int i;

	CPU_ZERO(&one);
	CPU_SET(0, &one);
	ASSERT_EQ(0, sched_setaffinity(0, sizeof(one), &one));
	ASSERT_EQ(0, map_update(self->map, &key, in, BPF_ANY));
	EXPECT_EQ(0, keep(self->prog));
	EXPECT_EQ(1, keep(self->prog));
	memset(out, 0xee, sizeof(out));
	ASSERT_EQ(0, map_lookup(self->map, &key, out));
	EXPECT_EQ(1, out[0].a);
	EXPECT_EQ(0, out[0].kptr);
	/* overwritten */
	for (i = 0; i < SETS; i++) {
		ASSERT_EQ(0, map_update(self->map, &key, in, BPF_ANY));
		ASSERT_EQ(0, keep(self->prog));
	}
	/* deleted */
	for (i = 0; i < SETS && !array; i++) {
		ASSERT_EQ(0, map_delete(self->map, &key));
		ASSERT_EQ(0, map_update(self->map, &key, in, BPF_ANY));
		ASSERT_EQ(0, keep(self->prog));
	}
	/* exchanged */
	for (i = 0; i < SETS; i++)
		ASSERT_EQ(1, keep(self->prog));
}

TEST_HARNESS_MAIN
