// SPDX-License-Identifier: GPL-2.0-only
/*
 * What programs read of a map itself, by the kernel's types: struct bpf_map.
 */
#include "lib/harness.h"
#include "lib/kernel_btf.h"

static int run(int prog)
{
	char data[64] = {};
	union bpf_attr attr = {
		.test.prog_fd = prog,
		.test.data_in = ptr_to_u64(data),
		.test.data_size_in = sizeof(data),
	};
	int ret = sys_bpf(BPF_PROG_TEST_RUN, &attr);

	close(prog);
	return ret ? ret : (int)attr.test.retval;
}

#define READ(SIZE, MAP, OFF)						\
	run(PROG_LOAD(BPF_PROG_TYPE_SOCKET_FILTER,			\
		      BPF_LD_MAP_FD(BPF_REG_1, MAP),			\
		      BPF_LDX_MEM(SIZE, BPF_REG_0, BPF_REG_1, OFF),	\
		      BPF_EXIT_INSN()))

FIXTURE(fields)
{
	struct kernel_btf btf;
	int map;
};

FIXTURE_SETUP(fields)
{
	if (kernel_btf_read(&self->btf))
		SKIP(return, "the kernel has no BTF");
	self->map = map_create_flags(BPF_MAP_TYPE_HASH, 4, 24, 77, BPF_F_NO_PREALLOC);
	ASSERT_LE(0, self->map);
}

FIXTURE_TEARDOWN(fields)
{
	close(self->map);
	kernel_btf_free(&self->btf);
}

TEST_F(fields, are_those_of_the_map)
{
	struct bpf_map_info info;

	ASSERT_EQ(0, get_map_info(self->map, &info));
	const struct { const char *name; int want; } fields[] = {
		{ "map_type", BPF_MAP_TYPE_HASH },
		{ "key_size", 4 },
		{ "value_size", 24 },
		{ "max_entries", 77 },
		{ "map_flags", BPF_F_NO_PREALLOC },
		{ "id", info.id },
	};

	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		int off = kernel_btf_offset(&self->btf, "bpf_map", fields[i].name);

		ASSERT_LE(0, off);
		EXPECT_EQ(fields[i].want, READ(BPF_W, self->map, off)) {
			TH_LOG("%s", fields[i].name);
		}
		/* the low half */
		EXPECT_EQ(fields[i].want & 0xffff, READ(BPF_H, self->map, off));
	}
}

#define LOAD(...)							\
({									\
	const struct bpf_insn __insns[] = { __VA_ARGS__, RETURN(0) };	\
	prog_load(BPF_PROG_TYPE_SOCKET_FILTER, __insns, ARRAY_SIZE(__insns)); \
})

TEST_F(fields, refused)
{
	int off = kernel_btf_offset(&self->btf, "bpf_map", "key_size");

	/* a part of a pointer, behind the end, in front of it; and written */
	EXPECT_EQ(-EACCES, LOAD(BPF_LD_MAP_FD(BPF_REG_1, self->map),
				BPF_LDX_MEM(BPF_W, BPF_REG_0, BPF_REG_1, 0)));
	EXPECT_EQ(-EACCES, LOAD(BPF_LD_MAP_FD(BPF_REG_1, self->map),
				BPF_LDX_MEM(BPF_DW, BPF_REG_0, BPF_REG_1, 4096)));
	EXPECT_EQ(-EACCES, LOAD(BPF_LD_MAP_FD(BPF_REG_1, self->map),
				BPF_LDX_MEM(BPF_W, BPF_REG_0, BPF_REG_1, -8)));
	EXPECT_EQ(-EACCES, LOAD(BPF_LD_MAP_FD(BPF_REG_1, self->map),
				BPF_ST_MEM(BPF_W, BPF_REG_1, off, 1)));
}

TEST_HARNESS_MAIN
