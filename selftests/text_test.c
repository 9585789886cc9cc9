// SPDX-License-Identifier: GPL-2.0-only
/*
 * Helpers about text and packets, in socket filters: formats and what is refused of them
 * at load time, numbers, comparisons, the trace; bytes of the packet.
 */
#include <sys/mount.h>

#include "lib/harness.h"
#include "lib/bpf_sys.h"

#define VALUE	128

FIXTURE(text)
{
	int in;		/* constant text: an array, read-only and frozen */
	int out;	/* an array of one value that programs write */
	char got[VALUE];
	char packet[64];
};

FIXTURE_SETUP(text)
{
	self->in = map_create_flags(BPF_MAP_TYPE_ARRAY, 4, VALUE, 1, BPF_F_RDONLY_PROG);
	self->out = map_create(BPF_MAP_TYPE_ARRAY, 4, VALUE, 1);
	ASSERT_LE(0, self->in);
	ASSERT_LE(0, self->out);
	for (size_t i = 0; i < sizeof(self->packet); i++)
		self->packet[i] = i;
}

FIXTURE_TEARDOWN(text)
{
	close(self->in);
	close(self->out);
}

/* @text becomes the constant */
static void set_text(struct _test_data_text *self, const char *text)
{
	char value[VALUE] = {};
	union bpf_attr attr = { .map_fd = self->in };

	memcpy(value, text, strlen(text));
	map_update(self->in, &(__u32) { 0 }, value, BPF_ANY);
	sys_bpf(BPF_MAP_FREEZE, &attr);
}

/* r0 of a run, what it wrote is in ->got; or an error */
static int run(struct _test_data_text *self, int prog)
{
	union bpf_attr attr = {
		.test.prog_fd = prog,
		.test.data_in = ptr_to_u64(self->packet),
		.test.data_size_in = sizeof(self->packet),
	};
	int ret = sys_bpf(BPF_PROG_TEST_RUN, &attr);

	map_lookup(self->out, &(__u32) { 0 }, self->got);
	close(prog);
	return ret ? ret : (int)attr.test.retval;
}

#define LOAD(...)	PROG_LOAD(BPF_PROG_TYPE_SOCKET_FILTER, __VA_ARGS__)

/* snprintf(out, SIZE, in, { A, B }, LEN) */
#define SNPRINTF(SIZE, A, B, LEN)					\
	BPF_ST_MEM(BPF_DW, BPF_REG_10, -16, A),				\
	BPF_ST_MEM(BPF_DW, BPF_REG_10, -8, B),				\
	BPF_LD_MAP_VALUE(BPF_REG_1, self->out, 0),			\
	BPF_MOV64_IMM(BPF_REG_2, SIZE),					\
	BPF_LD_MAP_VALUE(BPF_REG_3, self->in, 0),			\
	BPF_MOV64_REG(BPF_REG_4, BPF_REG_10),				\
	BPF_ALU64_IMM(BPF_ADD, BPF_REG_4, -16),				\
	BPF_MOV64_IMM(BPF_REG_5, LEN),					\
	BPF_EMIT_CALL(BPF_FUNC_snprintf),				\
	BPF_EXIT_INSN()

TEST_F(text, snprintf)
{
	set_text(self, "%d|%08llx|%%");
	EXPECT_EQ(15, run(self, LOAD(SNPRINTF(VALUE, -42, 0x1234, 16))));
	EXPECT_STREQ("-42|00001234|%", self->got);
	EXPECT_EQ(15, run(self, LOAD(SNPRINTF(6, -42, 0x1234, 16))));
	EXPECT_STREQ("-42|0", self->got);
}

/* The format is read when the program is loaded. */
TEST_F(text, snprintf_refused)
{
	static const struct { const char *fmt; int len; } cases[] = {
		{ "%d %d", 8 }, { "%d", 0 }, { "%d", 12 }, { "%pi5", 8 }, { "%a", 8 },
		{ "%", 8 }, { "%12345678", 8 }, { "%lc", 8 }, { "%\x80", 8 }, { "\x01", 8 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct _test_data_text other = {
			.in = map_create_flags(BPF_MAP_TYPE_ARRAY, 4, VALUE, 1, BPF_F_RDONLY_PROG),
			.out = self->out,
		};
		struct _test_data_text *mine = self;
		const struct bpf_insn *insns;

		self = &other;
		set_text(self, cases[i].fmt);
		insns = (const struct bpf_insn[]) { SNPRINTF(VALUE, 1, 2, cases[i].len) };
		EXPECT_EQ(-EINVAL, prog_load(BPF_PROG_TYPE_SOCKET_FILTER, insns, 12)) {
			TH_LOG("'%s', %d bytes", cases[i].fmt, cases[i].len);
		}
		close(other.in);
		self = mine;
	}
}

/* strncmp(in, LEN, in + OFF) */
#define STRNCMP(LEN, OFF)						\
	BPF_LD_MAP_VALUE(BPF_REG_1, self->in, 0),			\
	BPF_MOV64_IMM(BPF_REG_2, LEN),					\
	BPF_LD_MAP_VALUE(BPF_REG_3, self->in, OFF),			\
	BPF_EMIT_CALL(BPF_FUNC_strncmp),				\
	BPF_EXIT_INSN()

TEST_F(text, strncmp)
{
	set_text(self, "abcabd");
	EXPECT_EQ(0, run(self, LOAD(STRNCMP(2, 3))));
	EXPECT_GT(0, run(self, LOAD(STRNCMP(3, 3))));
	EXPECT_LT(0, run(self, LOAD(STRNCMP(1, 6))));
}

/* FUNC(in, LEN, FLAGS, out) */
#define NUMBER(FUNC, LEN, FLAGS)					\
	BPF_LD_MAP_VALUE(BPF_REG_1, self->in, 0),			\
	BPF_MOV64_IMM(BPF_REG_2, LEN),					\
	BPF_MOV64_IMM(BPF_REG_3, FLAGS),				\
	BPF_LD_MAP_VALUE(BPF_REG_4, self->out, 0),			\
	BPF_EMIT_CALL(FUNC),						\
	BPF_EXIT_INSN()

TEST_F(text, numbers)
{
	__u64 value;

	set_text(self, " -0x7fx");
	EXPECT_EQ(6, run(self, LOAD(NUMBER(BPF_FUNC_strtol, 7, 0))));
	memcpy(&value, self->got, sizeof(value));
	EXPECT_EQ(-127, (__s64)value);
	EXPECT_EQ(-EINVAL, run(self, LOAD(NUMBER(BPF_FUNC_strtoul, 7, 0))));
	memcpy(&value, self->got, sizeof(value));
	EXPECT_EQ(0, value);
	EXPECT_EQ(-EINVAL, run(self, LOAD(NUMBER(BPF_FUNC_strtol, 7, 7))));
	EXPECT_EQ(3, run(self, LOAD(NUMBER(BPF_FUNC_strtol, 3, 10))));
}

/* ------------------------------------------------------------------ trace */

/* FUNC(in, LEN, ...) with two numbers, or an array of them */
TEST_F(text, trace)
{
	char trace[8192] = {};
	ssize_t len, have = 0;
	int pipe;

	mount("tracefs", "/sys/kernel/tracing", "tracefs", 0, NULL);
	pipe = open("/sys/kernel/tracing/trace_pipe", O_RDONLY | O_NONBLOCK);
	ASSERT_LE(0, pipe);
	set_text(self, "text %d and %x");
	EXPECT_EQ(14, run(self, LOAD(BPF_LD_MAP_VALUE(BPF_REG_1, self->in, 0),
				     BPF_MOV64_IMM(BPF_REG_2, 15),
				     BPF_MOV64_IMM(BPF_REG_3, -7),
				     BPF_MOV64_IMM(BPF_REG_4, 31),
				     BPF_EMIT_CALL(BPF_FUNC_trace_printk), BPF_EXIT_INSN())));
	EXPECT_EQ(13, run(self, LOAD(BPF_ST_MEM(BPF_DW, BPF_REG_10, -16, 8),
				     BPF_ST_MEM(BPF_DW, BPF_REG_10, -8, 0x2a),
				     BPF_LD_MAP_VALUE(BPF_REG_1, self->in, 0),
				     BPF_MOV64_IMM(BPF_REG_2, 15),
				     BPF_MOV64_REG(BPF_REG_3, BPF_REG_10),
				     BPF_ALU64_IMM(BPF_ADD, BPF_REG_3, -16),
				     BPF_MOV64_IMM(BPF_REG_4, 16),
				     BPF_EMIT_CALL(BPF_FUNC_trace_vprintk), BPF_EXIT_INSN())));
	/* not the whole format: it does not end */
	EXPECT_EQ(-EINVAL, run(self, LOAD(BPF_LD_MAP_VALUE(BPF_REG_1, self->in, 0),
					  BPF_MOV64_IMM(BPF_REG_2, 14),
					  BPF_EMIT_CALL(BPF_FUNC_trace_printk),
					  BPF_EXIT_INSN())));
	while (have < (ssize_t)sizeof(trace) - 1 &&
	       (len = read(pipe, trace + have, sizeof(trace) - 1 - have)) > 0)
		have += len;
	close(pipe);
	EXPECT_NE(NULL, strstr(trace, "bpf_trace_printk: text -7 and 1f\n"));
	EXPECT_NE(NULL, strstr(trace, "bpf_trace_printk: text 8 and 2a\n"));
}

/* ---------------------------------------------------------------- packets */

/* FUNC(ctx, OFF, out, LEN, START) */
#define BYTES(FUNC, OFF, LEN, START)					\
	BPF_MOV64_IMM(BPF_REG_2, OFF),					\
	BPF_LD_MAP_VALUE(BPF_REG_3, self->out, 0),			\
	BPF_ST_MEM(BPF_DW, BPF_REG_3, 0, -1),				\
	BPF_MOV64_IMM(BPF_REG_4, LEN),					\
	BPF_MOV64_IMM(BPF_REG_5, START),				\
	BPF_EMIT_CALL(FUNC),						\
	BPF_EXIT_INSN()

/* A frame of 64 bytes, of which a socket filter sees those behind the first 14. */
TEST_F(text, packet_bytes)
{
	static const struct { int func, off, len, start, want, first; } cases[] = {
		{ BPF_FUNC_skb_load_bytes, 0, 4, 0, 0, 14 },
		{ BPF_FUNC_skb_load_bytes, 46, 4, 0, 0, 60 },
		{ BPF_FUNC_skb_load_bytes, 47, 4, 0, -EFAULT, 0 },
		{ BPF_FUNC_skb_load_bytes, -1, 4, 0, -EFAULT, 0 },
		{ BPF_FUNC_skb_load_bytes, 0x7fffffff, 4, 0, -EFAULT, 0 },
		{ BPF_FUNC_skb_load_bytes_relative, 1, 4, BPF_HDR_START_MAC, 0, 1 },
		{ BPF_FUNC_skb_load_bytes_relative, 60, 4, BPF_HDR_START_MAC, 0, 60 },
		{ BPF_FUNC_skb_load_bytes_relative, 61, 4, BPF_HDR_START_MAC, -EFAULT, 0 },
		{ BPF_FUNC_skb_load_bytes_relative, 1, 4, BPF_HDR_START_NET, 0, 15 },
		{ BPF_FUNC_skb_load_bytes_relative, -1, 4, BPF_HDR_START_MAC, -EFAULT, 0 },
		{ BPF_FUNC_skb_load_bytes_relative, 0, 4, 2, -EFAULT, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		EXPECT_EQ(cases[i].want,
			  run(self, LOAD(BYTES(cases[i].func, cases[i].off, cases[i].len,
					       cases[i].start))));
		EXPECT_EQ(cases[i].first, self->got[0]) {
			TH_LOG("case %zu", i);
		}
	}
}

TEST_HARNESS_MAIN
