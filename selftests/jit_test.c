// SPDX-License-Identifier: GPL-2.0-only
/*
 * Programs as machine code: net.core.bpf_jit_enable, what BPF_OBJ_GET_INFO_BY_FD and
 * kallsyms say about images, tail calls between them, stack traces through them, blinding.
 */
#include "lib/harness.h"
#include "lib/events.h"
#include "lib/prog_btf.h"

#define JIT_ENABLE	"/proc/sys/net/core/bpf_jit_enable"
#define JIT_HARDEN	"/proc/sys/net/core/bpf_jit_harden"

static int set_number(const char *path, int value)
{
	FILE *file = fopen(path, "w");

	if (!file)
		return -errno;
	fprintf(file, "%d\n", value);
	return fclose(file) ? -errno : 0;
}

static int jit_switch(int on)
{
	return set_number(JIT_ENABLE, on);
}

FIXTURE(jit)
{
	int before;
};

FIXTURE_SETUP(jit)
{
	FILE *file = fopen(JIT_ENABLE, "r");

	if (!file)
		SKIP(return, "no JIT");
	ASSERT_EQ(1, fscanf(file, "%d", &self->before));
	fclose(file);
	ASSERT_EQ(0, jit_switch(1));
}

FIXTURE_TEARDOWN(jit)
{
	jit_switch(self->before);
	set_number(JIT_HARDEN, 0);
}

/* a program with a subprogram */
static int load_two(void)
{
	return PROG_LOAD_WITH(2, FUNC_OF_CTX,
		BPF_INSN(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, 0, 1),
		BPF_EXIT_INSN(),
		RETURN(7));
}

static int run(int prog)
{
	char data[64] = {};
	union bpf_attr attr = {
		.test.prog_fd = prog,
		.test.data_in = ptr_to_u64(data),
		.test.data_size_in = sizeof(data),
	};
	int ret = sys_bpf(BPF_PROG_TEST_RUN, &attr);

	return ret ? ret : (int)attr.test.retval;
}

/* the symbol at an address; false: there is none */
static bool symbol_at(__u64 at, char *name)
{
	FILE *file = fopen("/proc/kallsyms", "r");
	char line[512], type;
	bool found = false;
	__u64 addr;

	while (file && !found && fgets(line, sizeof(line), file))
		found = sscanf(line, "%llx %c %255s", &addr, &type, name) == 3 && addr == at;
	if (file)
		fclose(file);
	return found;
}

/* the fdinfo of a program says so */
static int fdinfo_jited(int prog)
{
	char path[64], line[128];
	int value = -1;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", prog);
	file = fopen(path, "r");
	while (file && fgets(line, sizeof(line), file))
		sscanf(line, "prog_jited: %d", &value);
	if (file)
		fclose(file);
	return value;
}

static int image_info(int prog, struct bpf_prog_info *info, __u64 ksyms[2], __u32 lens[2],
		      __u8 tags[2][BPF_TAG_SIZE], __u8 *code, __u32 size)
{
	__u32 len = sizeof(*info);

	memset(info, 0, sizeof(*info));
	info->jited_ksyms = ptr_to_u64(ksyms);
	info->nr_jited_ksyms = 2;
	info->jited_func_lens = ptr_to_u64(lens);
	info->nr_jited_func_lens = 2;
	info->prog_tags = ptr_to_u64(tags);
	info->nr_prog_tags = 2;
	info->jited_prog_insns = ptr_to_u64(code);
	info->jited_prog_len = size;
	return obj_info(prog, info, &len);
}

TEST_F(jit, info)
{
	__u8 tags[2][BPF_TAG_SIZE] = {}, code[4096] = {};
	int prog = load_two(), zeros = 0;
	struct bpf_prog_info info;
	char name[256], want[64];
	__u64 ksyms[2] = {};
	__u32 lens[2] = {};

	ASSERT_LE(0, prog);
	ASSERT_EQ(0, image_info(prog, &info, ksyms, lens, tags, code, sizeof(code)));
	EXPECT_EQ(1, fdinfo_jited(prog));
	EXPECT_EQ(2, info.nr_jited_ksyms);
	EXPECT_EQ(2, info.nr_jited_func_lens);
	EXPECT_EQ(2, info.nr_prog_tags);
	EXPECT_LT(0, info.jited_prog_len);
	EXPECT_EQ(info.jited_prog_len, lens[0] + lens[1]);
	EXPECT_EQ(0, memcmp(tags[0], info.tag, BPF_TAG_SIZE));
	EXPECT_NE(0, memcmp(tags[1], info.tag, BPF_TAG_SIZE));
	EXPECT_LT(0, (__s64)ksyms[1] - (__s64)ksyms[0]);
	for (__u32 i = 0; i < info.jited_prog_len; i++)
		zeros += !code[i];
	EXPECT_GT(info.jited_prog_len, zeros);
	for (int i = 0; i < 2; i++) {
		int at = snprintf(want, sizeof(want), "bpf_prog_");

		for (int k = 0; k < BPF_TAG_SIZE; k++)
			at += snprintf(want + at, sizeof(want) - at, "%02x", tags[i][k]);
		ASSERT_TRUE(symbol_at(ksyms[i], name));
		EXPECT_EQ(0, strncmp(name, want, at)) { TH_LOG("%s, not %s", name, want); }
	}
	EXPECT_EQ(7, run(prog));
	close(prog);
	/* gone with the program, after the grace periods */
	for (int i = 0; i < 100 && symbol_at(ksyms[0], name); i++)
		usleep(50000);
	EXPECT_FALSE(symbol_at(ksyms[0], name));
}

/* A buffer that is too small gets what fits, and the whole length. */
TEST_F(jit, info_into_less)
{
	__u8 tags[2][BPF_TAG_SIZE], code[9];
	int prog = load_two();
	struct bpf_prog_info info;
	__u64 ksyms[2];
	__u32 lens[2];

	memset(code, 0x5a, sizeof(code));
	ASSERT_EQ(0, image_info(prog, &info, ksyms, lens, tags, code, 8));
	EXPECT_LT(8, info.jited_prog_len);
	EXPECT_EQ(0x5a, code[8]);
	close(prog);
}

#define MARKER	0x5bad1dea

/* The bytes of a number are in the image, unless it is blinded; the result is the same. */
static int markers_in_image(int *result)
{
	__u8 tags[2][BPF_TAG_SIZE], code[4096] = {};
	int prog = PROG_LOAD(BPF_PROG_TYPE_SOCKET_FILTER,
		BPF_LDX_MEM(BPF_W, BPF_REG_0, BPF_REG_1, offsetof(struct __sk_buff, len)),
		BPF_ALU64_IMM(BPF_MUL, BPF_REG_0, MARKER),
		BPF_ALU64_IMM(BPF_XOR, BPF_REG_0, MARKER + 5),
		BPF_EXIT_INSN());
	int found = 0;
	struct bpf_prog_info info;
	__u32 lens[2], value;
	__u64 ksyms[2];

	if (prog < 0)
		return prog;
	*result = run(prog);
	if (image_info(prog, &info, ksyms, lens, tags, code, sizeof(code)) || !info.jited_prog_len)
		found = -ENOENT;
	for (__u32 i = 0; found >= 0 && i + 4 <= info.jited_prog_len; i++) {
		memcpy(&value, code + i, 4);
		found += value == MARKER || value == MARKER + 5;
	}
	close(prog);
	return found;
}

TEST_F(jit, blinding)
{
	int plain = 0, blinded = 0, found = markers_in_image(&plain);

#ifdef __x86_64__
	EXPECT_EQ(2, found);
#endif
	EXPECT_LE(0, found);
	ASSERT_EQ(0, set_number(JIT_HARDEN, 2));
	EXPECT_EQ(0, markers_in_image(&blinded));
	EXPECT_EQ(plain, blinded);
}

TEST_F(jit, off)
{
	__u8 tags[2][BPF_TAG_SIZE], code[64];
	struct bpf_prog_info info;
	__u64 ksyms[2] = { 1, 1 };
	__u32 lens[2] = { 1, 1 };
	int prog;

	ASSERT_EQ(0, jit_switch(0));
	prog = load_two();
	if (prog == -ENOTSUPP)
		SKIP(return, "no interpreter");
	ASSERT_LE(0, prog);
	ASSERT_EQ(0, image_info(prog, &info, ksyms, lens, tags, code, sizeof(code)));
	EXPECT_EQ(0, fdinfo_jited(prog));
	EXPECT_EQ(0, info.jited_prog_len);
	EXPECT_EQ(1, info.nr_jited_ksyms);
	EXPECT_EQ(0, ksyms[0]);
	EXPECT_EQ(0, lens[0]);
	EXPECT_EQ(7, run(prog));
	close(prog);
}

/* Lines are in the image, in order. */
TEST_F(jit, lines)
{
	const struct bpf_insn insns[] = { RETURN(3) };
	const struct bpf_func_info func = { 0, FUNC_OF_CTX };
	const struct bpf_line_info line[] = { { 0, 0, 0, 1 << 10 }, { 1, 0, 0, 2 << 10 } };
	int btf = prog_btf_load(), prog;
	struct bpf_prog_info info = {};
	__u32 len = sizeof(info);
	union bpf_attr attr;
	__u64 at[2] = {};

	ASSERT_LE(0, btf);
	prog_attr(&attr, BPF_PROG_TYPE_SOCKET_FILTER, insns, ARRAY_SIZE(insns));
	attr.prog_btf_fd = btf;
	attr.func_info = ptr_to_u64(&func);
	attr.func_info_cnt = 1;
	attr.func_info_rec_size = sizeof(func);
	attr.line_info = ptr_to_u64(line);
	attr.line_info_cnt = 2;
	attr.line_info_rec_size = sizeof(line[0]);
	prog = sys_bpf(BPF_PROG_LOAD, &attr);
	ASSERT_LE(0, errno_of(prog));
	info.jited_line_info = ptr_to_u64(at);
	info.nr_jited_line_info = 2;
	info.jited_line_info_rec_size = sizeof(at[0]);
	ASSERT_EQ(0, obj_info(prog, &info, &len));
	EXPECT_EQ(2, info.nr_jited_line_info);
	EXPECT_NE(0, at[0]);
	EXPECT_LT(0, (__s64)at[1] - (__s64)at[0]);
	close(prog);
	close(btf);
}

/* tail_call(r1, MAP, 0); return 1 */
#define GO_ON(MAP)							\
	PROG_LOAD(BPF_PROG_TYPE_SOCKET_FILTER,				\
		BPF_LD_MAP_FD(BPF_REG_2, MAP),				\
		BPF_MOV64_IMM(BPF_REG_3, 0),				\
		BPF_EMIT_CALL(BPF_FUNC_tail_call),			\
		RETURN(1))
#define JUST_RETURN(VALUE)	PROG_LOAD(BPF_PROG_TYPE_SOCKET_FILTER, RETURN(VALUE))

/* An array of programs is for one kind of them. */
TEST_F(jit, tail_calls)
{
	__u32 key = 0;

	for (int kind = 0; kind < 2; kind++) {
		int map = map_create(BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 1), from, to, other;

		ASSERT_EQ(0, jit_switch(kind));
		from = GO_ON(map);
		to = JUST_RETURN(2);
		ASSERT_EQ(0, jit_switch(!kind));
		other = JUST_RETURN(3);
		if (from == -ENOTSUPP || other == -ENOTSUPP)
			SKIP(return, "no interpreter");
		EXPECT_EQ(1, run(from));
		EXPECT_EQ(-EINVAL, map_update(map, &key, &other, BPF_ANY));
		EXPECT_EQ(-EINVAL, errno_of(GO_ON(map)));
		EXPECT_EQ(0, map_update(map, &key, &to, BPF_ANY));
		EXPECT_EQ(2, run(from));
		close(from);
		close(to);
		close(other);
		close(map);
	}
}

/* r0 = probe_read_user(fp - 8, 8, 0) */
static int load_caller(void)
{
	return PROG_LOAD(BPF_PROG_TYPE_SOCKET_FILTER,
		BPF_MOV64_REG(BPF_REG_1, BPF_REG_10),
		BPF_ALU64_IMM(BPF_ADD, BPF_REG_1, -8),
		BPF_MOV64_IMM(BPF_REG_2, 8),
		BPF_MOV64_IMM(BPF_REG_3, 0),
		BPF_EMIT_CALL(BPF_FUNC_probe_read_user),
		RETURN(5));
}

static int load_probe(int out)
{
	return PROG_LOAD(BPF_PROG_TYPE_KPROBE,
		BPF_LD_MAP_VALUE(BPF_REG_2, out, 0),
		BPF_MOV64_IMM(BPF_REG_3, 64 * 8),
		BPF_MOV64_IMM(BPF_REG_4, 0),
		BPF_EMIT_CALL(BPF_FUNC_get_stack),
		RETURN(0));
}

/* A function that a helper calls: the program is among its callers. */
TEST_F(jit, stack_trace)
{
	int out = map_create(BPF_MAP_TYPE_ARRAY, 4, 64 * 8, 1), event;
	int prog = load_caller(), probe = load_probe(out);
	__u8 tags[2][BPF_TAG_SIZE], code[4096];
	__u64 ip[64] = {}, ksyms[2] = {};
	struct bpf_prog_info info;
	__u32 lens[2] = {}, key = 0;
	bool there = false;

	ASSERT_LE(0, prog);
	ASSERT_LE(0, probe);
	event = kprobe_open("copy_from_user_nofault", false);
	ASSERT_LE(0, event);
	ASSERT_EQ(0, event_attach(event, probe));
	EXPECT_EQ(5, run(prog));
	close(event);
	ASSERT_EQ(0, image_info(prog, &info, ksyms, lens, tags, code, sizeof(code)));
	ASSERT_EQ(0, map_lookup(out, &key, ip));
	for (size_t i = 0; i < ARRAY_SIZE(ip); i++)
		there |= ip[i] > ksyms[0] && ip[i] < ksyms[0] + lens[0];
	EXPECT_TRUE(there) {
		for (size_t i = 0; i < ARRAY_SIZE(ip) && ip[i]; i++)
			TH_LOG("%llx", ip[i]);
	}
	close(prog);
	close(probe);
	close(out);
}

TEST_HARNESS_MAIN
