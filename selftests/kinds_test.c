// SPDX-License-Identifier: GPL-2.0-only
/*
 * What programs may do with constants of frozen maps, maps in maps, strings, records of
 * ring buffers and the stack at unknown offsets, seen from user space: the verdict, its
 * words, and what a program that was accepted returns.
 */
#include "lib/harness.h"
#include "lib/bpf_sys.h"

#define FILTER	BPF_PROG_TYPE_SOCKET_FILTER
#define R0	BPF_REG_0
#define R1	BPF_REG_1
#define R2	BPF_REG_2
#define R3	BPF_REG_3
#define R6	BPF_REG_6
#define FP	BPF_REG_10

static char log_buf[65536];

/* Load with the log in log_buf. */
static int load_insns(const struct bpf_insn *insns, __u32 count)
{
	union bpf_attr attr;

	prog_attr(&attr, FILTER, insns, count);
	attr.log_level = 1;
	attr.log_buf = ptr_to_u64(log_buf);
	attr.log_size = sizeof(log_buf);
	log_buf[0] = 0;
	return sys_bpf(BPF_PROG_LOAD, &attr);
}

#define LOAD(...)							\
({									\
	const struct bpf_insn __insns[] = { __VA_ARGS__ };		\
	load_insns(__insns, ARRAY_SIZE(__insns));			\
})

/* What a program returns for a packet of zeroes; -errno as a 64-bit number if it cannot run. */
static __s64 run(int fd)
{
	char packet[64] = {};
	union bpf_attr attr = {
		.test.prog_fd = fd,
		.test.data_in = ptr_to_u64(packet),
		.test.data_size_in = sizeof(packet),
		.test.repeat = 1,
	};
	int err = fd < 0 ? fd : sys_bpf(BPF_PROG_TEST_RUN, &attr);

	if (fd >= 0)
		close(fd);
	return err < 0 ? err : (__s64)attr.test.retval;
}

/* The program is refused with these words. */
#define EXPECT_REFUSED(err, words, ...)					\
do {									\
	EXPECT_EQ(err, errno_of(LOAD(__VA_ARGS__)));			\
	EXPECT_NE(NULL, strstr(log_buf, words)) TH_LOG("%s", log_buf);	\
} while (0)

static int freeze(int fd)
{
	union bpf_attr attr = { .map_fd = fd };

	return sys_bpf(BPF_MAP_FREEZE, &attr);
}

/* An array of one value of 16 bytes. */
static int array_of(__u32 flags, const char *value)
{
	int fd = map_create_flags(BPF_MAP_TYPE_ARRAY, 4, 16, 1, flags);
	__u32 key = 0;

	if (fd >= 0 && map_update(fd, &key, value, 0))
		return -EIO;
	return fd;
}

/* --------------------------------------------------------- constant maps */

/* an access through a number, unless the first byte of the value is known to be 7 */
#define IF_7(map)							\
	BPF_LD_MAP_VALUE(R6, map, 0), BPF_LDX_MEM(BPF_B, R0, R6, 0),	\
	BPF_JMP_IMM(BPF_JEQ, R0, 7, 1), BPF_LDX_MEM(BPF_DW, R0, R0, 0), BPF_EXIT_INSN()

FIXTURE(constants)
{
	int map;
};

FIXTURE_SETUP(constants)
{
	self->map = array_of(BPF_F_RDONLY_PROG, "\7text\0unterminat");
	ASSERT_LE(0, self->map);
}

FIXTURE_TEARDOWN(constants)
{
	close(self->map);
}

TEST_F(constants, decide_branches)
{
	EXPECT_REFUSED(-EACCES, "R0 invalid mem access 'scalar'", IF_7(self->map));
	ASSERT_EQ(0, freeze(self->map));
	EXPECT_EQ(7, run(LOAD(IF_7(self->map))));
}

TEST_F(constants, not_where_programs_write)
{
	int map = array_of(0, "\7text\0unterminat");

	ASSERT_LE(0, map);
	ASSERT_EQ(0, freeze(map));
	EXPECT_REFUSED(-EACCES, "R0 invalid mem access 'scalar'", IF_7(map));
	close(map);
}

TEST_F(constants, every_width)
{
	int fd;

	ASSERT_EQ(0, freeze(self->map));
	/* 't' of the first word, less 'e', is an index that has to be known */
	fd = LOAD(BPF_LD_MAP_VALUE(R6, self->map, 0), BPF_LDX_MEM(BPF_W, R1, R6, 1),
		  BPF_LDX_MEM(BPF_H, R2, R6, 3), BPF_ALU64_IMM(BPF_LSH, R2, 16),
		  BPF_LDX_MEM(BPF_B, R3, R6, 2), BPF_ALU64_REG(BPF_SUB, R1, R2),
		  BPF_ALU64_IMM(BPF_AND, R1, 0xff), BPF_ALU64_REG(BPF_SUB, R1, R3),
		  BPF_JMP_IMM(BPF_JEQ, R1, 't' - 'e', 1), BPF_LDX_MEM(BPF_DW, R0, R1, 0),
		  BPF_MOV64_REG(R0, R1), BPF_EXIT_INSN());
	EXPECT_EQ('t' - 'e', run(fd));
}

TEST_F(constants, written_by_no_program)
{
	EXPECT_REFUSED(-EACCES, "write into map forbidden, value_size=16 off=0 size=8",
		       BPF_LD_MAP_VALUE(R6, self->map, 0), BPF_ST_MEM(BPF_DW, R6, 0, 0),
		       RETURN(0));
}

/* --------------------------------------------------------------- strings */

#define STRNCMP								\
	BPF_MOV64_REG(R1, FP), BPF_ALU64_IMM(BPF_ADD, R1, -8), BPF_MOV64_IMM(R2, 4),	\
	BPF_EMIT_CALL(BPF_FUNC_strncmp), BPF_EXIT_INSN()

TEST_F(constants, strings)
{
	EXPECT_REFUSED(-EACCES, "R3 does not point to a readonly map'",
		       BPF_LD_MAP_VALUE(R3, self->map, 1), STRNCMP);
	ASSERT_EQ(0, freeze(self->map));
	EXPECT_EQ(0, run(LOAD(BPF_ST_MEM(BPF_W, FP, -8, 't' | 'e' << 8 | 'x' << 16 | 't' << 24),
			      BPF_LD_MAP_VALUE(R3, self->map, 1), STRNCMP)));
	EXPECT_NE(0, run(LOAD(BPF_ST_MEM(BPF_W, FP, -8, 't' | 'e' << 8 | 'x' << 16 | 'u' << 24),
			      BPF_LD_MAP_VALUE(R3, self->map, 1), STRNCMP)));
	EXPECT_REFUSED(-EINVAL, "string is not zero-terminated",
		       BPF_LD_MAP_VALUE(R3, self->map, 6), STRNCMP);
	EXPECT_REFUSED(-EACCES, "R3 type=fp expected=map_value", BPF_MOV64_REG(R3, FP), STRNCMP);
}

/* ---------------------------------------------------------- maps in maps */

#define LOOKUP(...)							\
	BPF_ST_MEM(BPF_W, FP, -4, 0), __VA_ARGS__, BPF_MOV64_REG(R2, FP),	\
	BPF_ALU64_IMM(BPF_ADD, R2, -4), BPF_EMIT_CALL(BPF_FUNC_map_lookup_elem)
#define OUTER(map)	LOOKUP(BPF_LD_MAP_FD(R1, map))
#define INNER		LOOKUP(BPF_MOV64_REG(R1, R0))
#define CHECKED		BPF_JMP_IMM(BPF_JNE, R0, 0, 1), BPF_EXIT_INSN()

FIXTURE(maps_in_maps)
{
	int outer, inner;
};

FIXTURE_SETUP(maps_in_maps)
{
	union bpf_attr attr = {
		.map_type = BPF_MAP_TYPE_ARRAY_OF_MAPS, .key_size = 4, .value_size = 4,
		.max_entries = 1,
	};
	__u32 key = 0;

	self->inner = array_of(0, "\x2a\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
	ASSERT_LE(0, self->inner);
	attr.inner_map_fd = self->inner;
	self->outer = sys_bpf(BPF_MAP_CREATE, &attr);
	ASSERT_LE(0, self->outer);
	ASSERT_EQ(0, map_update(self->outer, &key, &self->inner, 0));
}

FIXTURE_TEARDOWN(maps_in_maps)
{
	close(self->outer);
	close(self->inner);
}

TEST_F(maps_in_maps, lookup)
{
	EXPECT_EQ(42, run(LOAD(OUTER(self->outer), CHECKED, INNER, CHECKED,
			       BPF_LDX_MEM(BPF_DW, R0, R0, 0), BPF_EXIT_INSN())));
}

TEST_F(maps_in_maps, bounds)
{
	EXPECT_REFUSED(-EACCES, "invalid access to map value, value_size=16 off=9 size=8",
		       OUTER(self->outer), CHECKED, INNER, CHECKED,
		       BPF_LDX_MEM(BPF_DW, R0, R0, 9), BPF_EXIT_INSN());
}

TEST_F(maps_in_maps, checked_for_null)
{
	EXPECT_REFUSED(-EACCES, "R1 type=map_value_or_null expected=map_ptr", OUTER(self->outer),
		       INNER, BPF_EXIT_INSN());
	EXPECT_REFUSED(-EACCES, "R0 invalid mem access 'map_value_or_null'", OUTER(self->outer),
		       CHECKED, INNER, BPF_LDX_MEM(BPF_DW, R0, R0, 0), BPF_EXIT_INSN());
	EXPECT_REFUSED(-EACCES, "R1 pointer arithmetic on map_ptr prohibited", OUTER(self->outer),
		       CHECKED, BPF_MOV64_REG(R1, R0), BPF_ALU64_IMM(BPF_ADD, R1, 8),
		       RETURN(0));
}

/* ----------------------------------------------------------------- stack */

/* r6 = fp - 16 or fp - 8, by the length of the packet, which is 50 to the filter */
#define SOMEWHERE							\
	BPF_LDX_MEM(BPF_W, R0, R1, 0), BPF_ALU64_IMM(BPF_AND, R0, 8),	\
	BPF_MOV64_REG(R6, FP), BPF_ALU64_REG(BPF_ADD, R6, R0), BPF_ALU64_IMM(BPF_ADD, R6, -16)

TEST(stack_read_somewhere)
{
	EXPECT_EQ(5, run(LOAD(BPF_ST_MEM(BPF_DW, FP, -16, 5), BPF_ST_MEM(BPF_DW, FP, -8, 6),
			      SOMEWHERE, BPF_LDX_MEM(BPF_DW, R0, R6, 0), BPF_EXIT_INSN())));
}

TEST(stack_written_somewhere)
{
	/* a pointer that may have been overwritten is none */
	EXPECT_REFUSED(-EACCES, "R2 invalid mem access 'scalar'",
		       BPF_STX_MEM(BPF_DW, FP, R1, -8), BPF_ST_MEM(BPF_DW, FP, -16, 0), SOMEWHERE,
		       BPF_ST_MEM(BPF_DW, R6, 0, 1), BPF_LDX_MEM(BPF_DW, R2, FP, -8),
		       BPF_LDX_MEM(BPF_W, R0, R2, 0), BPF_EXIT_INSN());
	EXPECT_REFUSED(-EINVAL, "invalid variable-offset write to stack R6",
		       SOMEWHERE, BPF_ST_MEM(BPF_DW, R6, 8, 1), RETURN(0));
	EXPECT_REFUSED(-EACCES, "invalid variable-offset write to stack R6",
		       SOMEWHERE, BPF_ST_MEM(BPF_DW, R6, -512, 1), RETURN(0));
}

/* Across the upper end is another mistake than outside. */
TEST(stack_outside)
{
	int map = map_create(BPF_MAP_TYPE_ARRAY, 4, 8, 1);

	EXPECT_REFUSED(-EACCES, "invalid write to stack R10 off=0 size=8",
		       BPF_ST_MEM(BPF_DW, FP, 0, 1), RETURN(0));
	EXPECT_REFUSED(-EACCES, "invalid write to stack R10 off=-520 size=8",
		       BPF_ST_MEM(BPF_DW, FP, -520, 1), RETURN(0));
	EXPECT_REFUSED(-EACCES, "invalid read from stack R10 off=0 size=8",
		       BPF_LDX_MEM(BPF_DW, R0, FP, 0), BPF_EXIT_INSN());
	EXPECT_REFUSED(-EACCES, "invalid read from stack R10 off=-520 size=8",
		       BPF_LDX_MEM(BPF_DW, R0, FP, -520), BPF_EXIT_INSN());
	EXPECT_REFUSED(-EINVAL, "invalid indirect access to stack R2 off=-2 size=4",
		       BPF_LD_MAP_FD(R1, map), BPF_MOV64_REG(R2, FP),
		       BPF_ALU64_IMM(BPF_ADD, R2, -2), BPF_EMIT_CALL(BPF_FUNC_map_lookup_elem),
		       RETURN(0));
	close(map);
}

/* How far a pointer may be moved. */
TEST(pointer_arithmetic)
{
	int map = map_create(BPF_MAP_TYPE_ARRAY, 4, 8, 1);

	EXPECT_REFUSED(-EINVAL, "math between map_value pointer and 536870912 is not allowed",
		       BPF_LD_MAP_VALUE(R6, map, 0), BPF_ALU64_IMM(BPF_ADD, R6, 0x20000000),
		       RETURN(0));
	EXPECT_REFUSED(-EINVAL, "map_value pointer offset 1073741822 is not allowed",
		       BPF_LD_MAP_VALUE(R6, map, 0), BPF_ALU64_IMM(BPF_ADD, R6, 0x1fffffff),
		       BPF_ALU64_IMM(BPF_ADD, R6, 0x1fffffff), RETURN(0));
	EXPECT_REFUSED(-EINVAL, "register with unbounded min value is not allowed",
		       BPF_LD_MAP_VALUE(R6, map, 0), BPF_EMIT_CALL(BPF_FUNC_ktime_get_ns),
		       BPF_ALU64_REG(BPF_ADD, R6, R0), RETURN(0));
	EXPECT_REFUSED(-EACCES, "R1 tried to subtract pointer from scalar",
		       BPF_LD_MAP_VALUE(R6, map, 0), BPF_MOV64_IMM(R1, 0),
		       BPF_ALU64_REG(BPF_SUB, R1, R6), RETURN(0));
	close(map);
}

/* ------------------------------------------------------------ references */

#define RESERVE(map, size)						\
	BPF_LD_MAP_FD(R1, map), BPF_MOV64_IMM(R2, size), BPF_MOV64_IMM(R3, 0),	\
	BPF_EMIT_CALL(BPF_FUNC_ringbuf_reserve)
#define RESERVED(map, size)						\
	RESERVE(map, size), BPF_JMP_IMM(BPF_JNE, R0, 0, 2), RETURN(0), BPF_MOV64_REG(R6, R0)
#define SUBMIT								\
	BPF_MOV64_REG(R1, R6), BPF_MOV64_IMM(R2, 0), BPF_EMIT_CALL(BPF_FUNC_ringbuf_submit)

FIXTURE(records)
{
	int map;
};

FIXTURE_SETUP(records)
{
	self->map = map_create(BPF_MAP_TYPE_RINGBUF, 0, 0, 4096);
	if (self->map == -EINVAL)
		SKIP(return, "no ring buffer");
	ASSERT_LE(0, self->map);
}

FIXTURE_TEARDOWN(records)
{
	close(self->map);
}

TEST_F(records, given_back)
{
	EXPECT_EQ(3, run(LOAD(RESERVED(self->map, 8), BPF_ST_MEM(BPF_DW, R6, 0, 1), SUBMIT,
			      RETURN(3))));
	EXPECT_REFUSED(-EINVAL, "Unreleased reference id=2 alloc_insn=4",
		       RESERVED(self->map, 8), RETURN(0));
	EXPECT_REFUSED(-EACCES, "R1 type=scalar expected=ringbuf_mem", RESERVED(self->map, 8),
		       SUBMIT, SUBMIT, RETURN(0));
	EXPECT_REFUSED(-EACCES, "R6 invalid mem access 'scalar'", RESERVED(self->map, 8), SUBMIT,
		       BPF_ST_MEM(BPF_DW, R6, 0, 1), RETURN(0));
	EXPECT_REFUSED(-EINVAL, "R1 must have zero offset when passed to release func",
		       RESERVED(self->map, 8), BPF_ALU64_IMM(BPF_ADD, R6, 4), SUBMIT, RETURN(0));
}

TEST_F(records, bounds)
{
	EXPECT_REFUSED(-EACCES, "invalid access to memory, mem_size=8 off=1 size=8",
		       RESERVED(self->map, 8), BPF_ST_MEM(BPF_DW, R6, 1, 0), SUBMIT, RETURN(0));
	EXPECT_REFUSED(-EACCES, "R0 invalid mem access 'ringbuf_mem_or_null'",
		       RESERVE(self->map, 8), BPF_ST_MEM(BPF_DW, R0, 0, 0), RETURN(0));
	EXPECT_REFUSED(-EACCES, "R2 is not a known constant'",
		       BPF_LDX_MEM(BPF_W, R2, R1, 0), BPF_LD_MAP_FD(R1, self->map),
		       BPF_MOV64_IMM(R3, 0), BPF_EMIT_CALL(BPF_FUNC_ringbuf_reserve), RETURN(0));
}

TEST_HARNESS_MAIN
