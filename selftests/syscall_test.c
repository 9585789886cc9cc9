// SPDX-License-Identifier: GPL-2.0-only
/*
 * What bpf(2) says about its objects: file descriptors, fdinfo, ids, and
 * BPF_OBJ_GET_INFO_BY_FD.
 */
#include "lib/harness.h"
#include "lib/bpf_sys.h"

/* The tag is the start of the SHA-1 of the instructions: "r0 = 0; exit". */
static const __u8 return_0_tag[BPF_TAG_SIZE] = {
	0xa0, 0x4f, 0x5e, 0xef, 0x06, 0xa7, 0xf5, 0x55
};

FIXTURE(objects)
{
	int prog, map;
};

FIXTURE_SETUP(objects)
{
	static const struct bpf_insn insns[] = { RETURN(0) };
	union bpf_attr attr;

	prog_attr(&attr, BPF_PROG_TYPE_SOCKET_FILTER, insns, ARRAY_SIZE(insns));
	set_name(attr.prog_name, "bvm_prog");
	self->prog = sys_bpf(BPF_PROG_LOAD, &attr);
	ASSERT_LE(0, self->prog);

	memset(&attr, 0, sizeof(attr));
	attr.map_type = BPF_MAP_TYPE_HASH;
	attr.key_size = 12;
	attr.value_size = 20;
	attr.max_entries = 30;
	set_name(attr.map_name, "bvm_map");
	self->map = sys_bpf(BPF_MAP_CREATE, &attr);
	ASSERT_LE(0, self->map);
}

FIXTURE_TEARDOWN(objects)
{
	close(self->prog);
	close(self->map);
}

/* the value of "KEY:" in /proc/self/fdinfo, or an empty string */
static const char *fdinfo_value(int fd, const char *key)
{
	static char value[64];
	char path[64], line[128], name[64];
	FILE *file;

	value[0] = 0;
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	file = fopen(path, "r");
	while (file && fgets(line, sizeof(line), file)) {
		char text[64] = "";

		if (sscanf(line, "%63[^:]: %63s", name, text) == 2 && !strcmp(name, key))
			memcpy(value, text, sizeof(value));
	}
	if (file)
		fclose(file);
	return value;
}

static bool link_is(int fd, const char *target)
{
	char path[64], text[64] = "";

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return readlink(path, text, sizeof(text) - 1) > 0 && !strcmp(text, target);
}

TEST_F(objects, fds_close_on_exec)
{
	EXPECT_EQ(FD_CLOEXEC, fcntl(self->prog, F_GETFD) & FD_CLOEXEC);
	EXPECT_EQ(FD_CLOEXEC, fcntl(self->map, F_GETFD) & FD_CLOEXEC);
}

TEST_F(objects, fd_names)
{
	EXPECT_TRUE(link_is(self->prog, "anon_inode:bpf-prog"));
	EXPECT_TRUE(link_is(self->map, "anon_inode:bpf-map"));
}

TEST_F(objects, fds_are_not_data)
{
	char c = 0;

	EXPECT_EQ(-1, read(self->prog, &c, 1));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, write(self->map, &c, 1));
	EXPECT_EQ(EINVAL, errno);
}

TEST_F(objects, prog_fdinfo)
{
	static const char *const keys[] = {
		"prog_jited", "memlock", "run_time_ns", "run_cnt", "recursion_misses",
		"verified_insns",
	};
	struct bpf_prog_info info;

	ASSERT_EQ(0, get_prog_info(self->prog, &info));
	EXPECT_EQ(BPF_PROG_TYPE_SOCKET_FILTER, atoi(fdinfo_value(self->prog, "prog_type")));
	EXPECT_STREQ("a04f5eef06a7f555", fdinfo_value(self->prog, "prog_tag"));
	EXPECT_EQ(info.id, atoi(fdinfo_value(self->prog, "prog_id")));
	EXPECT_EQ(2, atoi(fdinfo_value(self->prog, "verified_insns")));
	EXPECT_LT(0, atoi(fdinfo_value(self->prog, "memlock")));
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		const char *value = fdinfo_value(self->prog, keys[i]);

		EXPECT_STRNE("", value) { TH_LOG("no %s", keys[i]); }
	}
}

TEST_F(objects, map_fdinfo)
{
	struct bpf_map_info info;

	ASSERT_EQ(0, get_map_info(self->map, &info));
	EXPECT_EQ(BPF_MAP_TYPE_HASH, atoi(fdinfo_value(self->map, "map_type")));
	EXPECT_EQ(12, atoi(fdinfo_value(self->map, "key_size")));
	EXPECT_EQ(20, atoi(fdinfo_value(self->map, "value_size")));
	EXPECT_EQ(30, atoi(fdinfo_value(self->map, "max_entries")));
	EXPECT_STREQ("0x0", fdinfo_value(self->map, "map_flags"));
	EXPECT_STREQ("0x0", fdinfo_value(self->map, "map_extra"));
	EXPECT_EQ(info.id, atoi(fdinfo_value(self->map, "map_id")));
	EXPECT_STREQ("0", fdinfo_value(self->map, "frozen"));
	EXPECT_LE(30 * (12 + 20), atoi(fdinfo_value(self->map, "memlock")));
}

TEST_F(objects, prog_info)
{
	struct bpf_prog_info info;

	ASSERT_EQ(0, get_prog_info(self->prog, &info));
	EXPECT_EQ(BPF_PROG_TYPE_SOCKET_FILTER, info.type);
	EXPECT_NE(0, info.id);
	EXPECT_EQ(0, memcmp(return_0_tag, info.tag, sizeof(info.tag)));
	EXPECT_STREQ("bvm_prog", info.name);
	EXPECT_EQ(getuid(), info.created_by_uid);
	EXPECT_TRUE(!!info.gpl_compatible);
	EXPECT_EQ(2, info.verified_insns);
	EXPECT_EQ(2 * sizeof(struct bpf_insn), info.xlated_prog_len);
	EXPECT_EQ(0, info.nr_map_ids);
	EXPECT_NE(0, info.load_time);
}

TEST_F(objects, map_info)
{
	struct bpf_map_info info;

	ASSERT_EQ(0, get_map_info(self->map, &info));
	EXPECT_EQ(BPF_MAP_TYPE_HASH, info.type);
	EXPECT_NE(0, info.id);
	EXPECT_EQ(12, info.key_size);
	EXPECT_EQ(20, info.value_size);
	EXPECT_EQ(30, info.max_entries);
	EXPECT_EQ(0, info.map_flags);
	EXPECT_STREQ("bvm_map", info.name);
	EXPECT_EQ(0, info.btf_id);
}

/* A program of old: it knows only the first members. */
TEST_F(objects, info_shorter_than_the_kernels)
{
	struct bpf_prog_info info;
	__u32 len = 8;

	memset(&info, 0, sizeof(info));
	info.tag[0] = 0x5a;
	ASSERT_EQ(0, obj_info(self->prog, &info, &len));
	EXPECT_EQ(8, len);
	EXPECT_EQ(BPF_PROG_TYPE_SOCKET_FILTER, info.type);
	EXPECT_NE(0, info.id);
	EXPECT_EQ(0x5a, info.tag[0]) TH_LOG("written past info_len");
}

/* A program of tomorrow: what the kernel does not know must be zero. */
TEST_F(objects, info_longer_than_the_kernels)
{
	union {
		struct bpf_prog_info prog;
		struct bpf_map_info map;
		char bytes[1024];
	} info;
	__u32 len = sizeof(info);

	memset(&info, 0, sizeof(info));
	EXPECT_EQ(0, obj_info(self->prog, &info, &len));
	EXPECT_GE(sizeof(info.bytes), len);
	EXPECT_STREQ("bvm_prog", info.prog.name);

	memset(&info, 0, sizeof(info));
	info.bytes[1000] = 1;
	len = sizeof(info);
	EXPECT_EQ(-E2BIG, obj_info(self->prog, &info, &len));

	memset(&info, 0, sizeof(info));
	info.bytes[1000] = 1;
	len = sizeof(info);
	EXPECT_EQ(-E2BIG, obj_info(self->map, &info, &len));
}

TEST_F(objects, xlated_dump)
{
	struct bpf_insn want[] = { RETURN(0) }, got[3];
	struct bpf_prog_info info;
	__u32 len = sizeof(info);

	memset(&info, 0, sizeof(info));
	memset(got, 0xff, sizeof(got));
	info.xlated_prog_len = sizeof(got);
	info.xlated_prog_insns = ptr_to_u64(got);
	ASSERT_EQ(0, obj_info(self->prog, &info, &len));
	EXPECT_EQ(sizeof(want), info.xlated_prog_len);
	EXPECT_EQ(0, memcmp(want, got, sizeof(want)));
	EXPECT_EQ(0xff, got[2].code) TH_LOG("written past the program");
}

TEST_F(objects, xlated_dump_into_a_smaller_buffer)
{
	struct bpf_insn got[2];
	struct bpf_prog_info info;
	__u32 len = sizeof(info);

	memset(&info, 0, sizeof(info));
	memset(got, 0xff, sizeof(got));
	info.xlated_prog_len = sizeof(got[0]);
	info.xlated_prog_insns = ptr_to_u64(got);
	ASSERT_EQ(0, obj_info(self->prog, &info, &len));
	EXPECT_EQ(sizeof(got), info.xlated_prog_len) TH_LOG("the whole length is reported");
	EXPECT_EQ(BPF_ALU64 | BPF_MOV | BPF_K, got[0].code);
	EXPECT_EQ(0xff, got[1].code) TH_LOG("written past the buffer");
}

TEST_F(objects, map_ids_of_a_program)
{
	int array = map_create(BPF_MAP_TYPE_ARRAY, 4, 8, 1);
	int prog = PROG_LOAD(BPF_PROG_TYPE_SOCKET_FILTER,
			     BPF_LD_MAP_FD(BPF_REG_1, self->map),
			     BPF_LD_MAP_FD(BPF_REG_1, array),
			     BPF_LD_MAP_FD(BPF_REG_1, self->map),
			     RETURN(0));
	struct bpf_map_info map_info, array_info;
	struct bpf_prog_info info;
	__u32 len = sizeof(info), ids[3] = {};

	ASSERT_LE(0, prog);
	ASSERT_EQ(0, get_map_info(self->map, &map_info));
	ASSERT_EQ(0, get_map_info(array, &array_info));
	memset(&info, 0, sizeof(info));
	info.nr_map_ids = ARRAY_SIZE(ids);
	info.map_ids = ptr_to_u64(ids);
	ASSERT_EQ(0, obj_info(prog, &info, &len));
	EXPECT_EQ(2, info.nr_map_ids) TH_LOG("one a map, not one a reference");
	EXPECT_EQ(map_info.id, ids[0]);
	EXPECT_EQ(array_info.id, ids[1]);
	EXPECT_EQ(0, ids[2]);
	close(prog);
	close(array);
}

/* The tag tells what a program does: which maps it uses makes no difference. */
TEST_F(objects, tags)
{
	int other = map_create(BPF_MAP_TYPE_ARRAY, 4, 8, 1), prog[3];
	struct bpf_prog_info info[3];

	prog[0] = PROG_LOAD(BPF_PROG_TYPE_SOCKET_FILTER,
			    BPF_LD_MAP_FD(BPF_REG_1, self->map), RETURN(7));
	prog[1] = PROG_LOAD(BPF_PROG_TYPE_KPROBE,
			    BPF_LD_MAP_FD(BPF_REG_1, other), RETURN(7));
	prog[2] = PROG_LOAD(BPF_PROG_TYPE_SOCKET_FILTER,
			    BPF_LD_MAP_FD(BPF_REG_1, other), RETURN(8));
	for (int i = 0; i < 3; i++) {
		ASSERT_LE(0, prog[i]);
		ASSERT_EQ(0, get_prog_info(prog[i], &info[i]));
		close(prog[i]);
	}
	EXPECT_EQ(0, memcmp(info[0].tag, info[1].tag, BPF_TAG_SIZE));
	EXPECT_NE(0, memcmp(info[1].tag, info[2].tag, BPF_TAG_SIZE));
	close(other);
}

/* is @id found by walking with a NEXT_ID command? */
static bool walk_finds(int cmd, __u32 id)
{
	int next = 0, before = 0;

	while ((next = next_id(cmd, before)) > before) {
		if (next == (int)id)
			return true;
		before = next;
	}
	return false;
}

TEST_F(objects, prog_ids)
{
	struct bpf_prog_info info, again;
	__u32 gone;
	int fd;

	ASSERT_EQ(0, get_prog_info(self->prog, &info));
	EXPECT_TRUE(walk_finds(BPF_PROG_GET_NEXT_ID, info.id));
	EXPECT_EQ(info.id, next_id(BPF_PROG_GET_NEXT_ID, info.id - 1));

	fd = fd_by_id(BPF_PROG_GET_FD_BY_ID, info.id);
	ASSERT_LE(0, fd);
	EXPECT_NE(self->prog, fd);
	EXPECT_EQ(FD_CLOEXEC, fcntl(fd, F_GETFD) & FD_CLOEXEC);
	ASSERT_EQ(0, get_prog_info(fd, &again));
	EXPECT_EQ(info.id, again.id);
	close(fd);

	fd = PROG_LOAD(BPF_PROG_TYPE_SOCKET_FILTER, RETURN(1));
	ASSERT_EQ(0, get_prog_info(fd, &again));
	EXPECT_LT(info.id, again.id) TH_LOG("ids are handed out in cycles");
	gone = again.id;
	close(fd);
	EXPECT_EQ(-ENOENT, fd_by_id(BPF_PROG_GET_FD_BY_ID, gone));
	EXPECT_FALSE(walk_finds(BPF_PROG_GET_NEXT_ID, gone));
}

TEST_F(objects, map_ids)
{
	struct bpf_map_info info, again;
	int fd, prog;

	ASSERT_EQ(0, get_map_info(self->map, &info));
	EXPECT_TRUE(walk_finds(BPF_MAP_GET_NEXT_ID, info.id));
	fd = fd_by_id(BPF_MAP_GET_FD_BY_ID, info.id);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, get_map_info(fd, &again));
	EXPECT_EQ(info.id, again.id);
	close(fd);

	/* A program keeps its map alive after the last descriptor of it. */
	fd = map_create(BPF_MAP_TYPE_ARRAY, 4, 8, 1);
	ASSERT_EQ(0, get_map_info(fd, &again));
	prog = PROG_LOAD(BPF_PROG_TYPE_SOCKET_FILTER,
			 BPF_LD_MAP_FD(BPF_REG_1, fd), RETURN(0));
	ASSERT_LE(0, prog);
	close(fd);
	fd = fd_by_id(BPF_MAP_GET_FD_BY_ID, again.id);
	EXPECT_LE(0, fd);
	close(fd);
	close(prog);
}

TEST_F(objects, ids_end)
{
	EXPECT_EQ(-ENOENT, next_id(BPF_PROG_GET_NEXT_ID, INT32_MAX - 1));
	EXPECT_EQ(-ENOENT, next_id(BPF_MAP_GET_NEXT_ID, INT32_MAX - 1));
}

/* Descriptors outlive the process that made them, in the one they are passed to. */
TEST_F(objects, dup_and_fork)
{
	__u32 key[3] = { 1, 2, 3 }, value[5] = { 4, 5, 6, 7, 8 }, got[5] = {};
	int fd = dup(self->map), status;
	pid_t child;

	close(self->map);
	child = fork();
	if (!child)
		_exit(map_update(fd, key, value, BPF_ANY) ? 1 : 0);
	ASSERT_EQ(child, waitpid(child, &status, 0));
	EXPECT_EQ(0, status);
	EXPECT_EQ(0, map_lookup(fd, key, got));
	EXPECT_EQ(0, memcmp(value, got, sizeof(value)));
	self->map = fd;
}

TEST_HARNESS_MAIN
