// SPDX-License-Identifier: GPL-2.0-only
/*
 * Maps whose values are descriptors to user space: prog array, array and hash of maps,
 * cgroup array; who may be put in, what is read back, and when what is inside is let go.
 */
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "lib/harness.h"
#include "lib/events.h"

static int trivial_prog(__u32 type)
{
	return PROG_LOAD(type, RETURN(0));
}

/* a program that refers to a map without using it */
static int prog_with_map(__u32 type, int map)
{
	const struct bpf_insn insns[] = { BPF_LD_MAP_FD(BPF_REG_1, map), RETURN(0) };

	return prog_load(type, insns, ARRAY_SIZE(insns));
}

static __u32 prog_id(int fd)
{
	struct bpf_prog_info info;

	return get_prog_info(fd, &info) ? 0 : info.id;
}

static __u32 map_id(int fd)
{
	struct bpf_map_info info;

	return get_map_info(fd, &info) ? 0 : info.id;
}

/* the element of an fdinfo file, or -1 */
static long fdinfo_number(int fd, const char *name)
{
	char path[64], line[128], format[64];
	long value = -1;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	snprintf(format, sizeof(format), "%s: %%ld", name);
	file = fopen(path, "r");
	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, format, &value) == 1)
			break;
	if (file)
		fclose(file);
	return value;
}

/* What dies takes its id along, not at once everywhere. */
static bool id_goes(int cmd, __u32 id)
{
	for (int i = 0; i < 500; i++) {
		int fd = fd_by_id(cmd, id);

		if (fd == -ENOENT)
			return true;
		close(fd);
		usleep(10000);
	}
	return false;
}

static int map_of_maps(__u32 type, __u32 key_size, __u32 max_entries, __u32 flags, int inner)
{
	union bpf_attr attr = {
		.map_type = type,
		.key_size = key_size,
		.value_size = 4,
		.max_entries = max_entries,
		.map_flags = flags,
		.inner_map_fd = inner,
	};

	return sys_bpf(BPF_MAP_CREATE, &attr);
}

/* ------------------------------------------------------------- prog array */

TEST(prog_array_create)
{
	static const struct { __u32 key, value, entries, flags; int want; } cases[] = {
		{ 4, 4, 1, 0, 0 },
		{ 8, 4, 1, 0, -EINVAL },
		{ 4, 8, 1, 0, -EINVAL },
		{ 4, 4, 0, 0, -EINVAL },
		{ 4, 4, 1, BPF_F_NO_PREALLOC, -EINVAL },
		{ 4, 4, 1, BPF_F_RDONLY, 0 },
		{ 4, 4, 1, BPF_F_RDONLY_PROG, -EINVAL },
		{ 4, 4, 1, BPF_F_INNER_MAP, -EINVAL },
		{ 4, 4, 1, BPF_F_MMAPABLE, -EINVAL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int fd = map_create_flags(BPF_MAP_TYPE_PROG_ARRAY, cases[i].key, cases[i].value,
					  cases[i].entries, cases[i].flags);

		EXPECT_EQ(cases[i].want, errno_of(fd)) { TH_LOG("case %zu", i); }
		close(fd);
	}
}

TEST(prog_array_operations)
{
	int fd = map_create(BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 2);
	int prog = trivial_prog(BPF_PROG_TYPE_SOCKET_FILTER), bad = -1;
	__u32 key = 0, got = 77, next;

	ASSERT_LE(0, fd);
	ASSERT_LE(0, prog);
	EXPECT_EQ(-ENOENT, map_lookup(fd, &key, &got));
	EXPECT_EQ(-ENOENT, map_delete(fd, &key));
	EXPECT_EQ(-EBADF, map_update(fd, &key, &bad, BPF_ANY));
	EXPECT_EQ(-EINVAL, map_update(fd, &key, &fd, BPF_ANY)) { TH_LOG("a map"); }
	EXPECT_EQ(-EINVAL, map_update(fd, &key, &prog, BPF_NOEXIST));
	EXPECT_EQ(-EINVAL, map_update(fd, &key, &prog, BPF_EXIST));
	EXPECT_EQ(0, map_update(fd, &key, &prog, BPF_ANY));
	EXPECT_EQ(0, map_update(fd, &key, &prog, BPF_ANY)) { TH_LOG("the same again"); }
	EXPECT_EQ(0, map_lookup(fd, &key, &got));
	EXPECT_EQ(prog_id(prog), got);
	key = 2;
	EXPECT_EQ(-E2BIG, map_update(fd, &key, &prog, BPF_ANY));
	EXPECT_EQ(-E2BIG, map_delete(fd, &key));
	EXPECT_EQ(-ENOENT, map_lookup(fd, &key, &got));
	EXPECT_EQ(0, map_next_key(fd, NULL, &next));
	EXPECT_EQ(0, next);
	key = 1;
	EXPECT_EQ(-ENOENT, map_next_key(fd, &key, &next));
	key = 0;
	EXPECT_EQ(0, map_delete(fd, &key));
	EXPECT_EQ(-ENOENT, map_lookup(fd, &key, &got));
	close(prog);
	close(fd);
}

/* The array belongs to the kind of the first program that is put in or refers to it. */
TEST(prog_array_owner)
{
	int filter = trivial_prog(BPF_PROG_TYPE_SOCKET_FILTER), fd, user;
	int kprobe = trivial_prog(BPF_PROG_TYPE_KPROBE);
	__u32 key = 0;

	ASSERT_LE(0, filter);
	ASSERT_LE(0, kprobe);

	fd = map_create(BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 2);
	EXPECT_EQ(-1, fdinfo_number(fd, "owner_prog_type"));
	EXPECT_EQ(0, map_update(fd, &key, &filter, BPF_ANY));
	EXPECT_EQ(BPF_PROG_TYPE_SOCKET_FILTER, fdinfo_number(fd, "owner_prog_type"));
	EXPECT_EQ(-EINVAL, map_update(fd, &key, &kprobe, BPF_ANY));
	EXPECT_EQ(0, map_delete(fd, &key));
	EXPECT_EQ(-EINVAL, map_update(fd, &key, &kprobe, BPF_ANY)) { TH_LOG("for ever"); }
	EXPECT_EQ(-EINVAL, prog_with_map(BPF_PROG_TYPE_KPROBE, fd));
	user = prog_with_map(BPF_PROG_TYPE_SOCKET_FILTER, fd);
	EXPECT_LE(0, user);
	close(user);
	close(fd);

	fd = map_create(BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 2);
	user = prog_with_map(BPF_PROG_TYPE_KPROBE, fd);
	EXPECT_LE(0, user);
	EXPECT_EQ(BPF_PROG_TYPE_KPROBE, fdinfo_number(fd, "owner_prog_type"));
	EXPECT_EQ(-EINVAL, map_update(fd, &key, &filter, BPF_ANY));
	EXPECT_EQ(0, map_update(fd, &key, &kprobe, BPF_ANY));
	close(user);
	close(fd);
	close(filter);
	close(kprobe);
}

/* A prog array holds its programs, until its last descriptor is closed. */
TEST(prog_array_last_close)
{
	int fd = map_create(BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 2), again;
	int prog = trivial_prog(BPF_PROG_TYPE_SOCKET_FILTER);
	int user = prog_with_map(BPF_PROG_TYPE_SOCKET_FILTER, fd);
	__u32 key = 0, id = prog_id(prog), got = 0, array = map_id(fd);

	ASSERT_LE(0, user);
	ASSERT_EQ(0, map_update(fd, &key, &prog, BPF_ANY));
	close(prog);
	prog = fd_by_id(BPF_PROG_GET_FD_BY_ID, id);
	EXPECT_LE(0, prog) { TH_LOG("the array keeps it"); }
	close(prog);

	/* not the last one */
	again = fd_by_id(BPF_MAP_GET_FD_BY_ID, array);
	close(fd);
	EXPECT_EQ(0, map_lookup(again, &key, &got));
	EXPECT_EQ(id, got);
	close(again);

	EXPECT_TRUE(id_goes(BPF_PROG_GET_FD_BY_ID, id)) { TH_LOG("the program is kept"); }
	fd = fd_by_id(BPF_MAP_GET_FD_BY_ID, array);
	ASSERT_LE(0, fd) { TH_LOG("the map is kept by its program"); }
	EXPECT_EQ(-ENOENT, map_lookup(fd, &key, &got));
	close(fd);
	close(user);
	EXPECT_TRUE(id_goes(BPF_MAP_GET_FD_BY_ID, array));
}

/* A program in the array that it refers to: no circle that lives for ever. */
TEST(prog_array_circle)
{
	int fd = map_create(BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 2);
	int prog = prog_with_map(BPF_PROG_TYPE_SOCKET_FILTER, fd);
	__u32 key = 1, array = map_id(fd), id = prog_id(prog);

	ASSERT_LE(0, prog);
	ASSERT_EQ(0, map_update(fd, &key, &prog, BPF_ANY));
	close(prog);
	close(fd);
	EXPECT_TRUE(id_goes(BPF_PROG_GET_FD_BY_ID, id));
	EXPECT_TRUE(id_goes(BPF_MAP_GET_FD_BY_ID, array));
}

/* ------------------------------------------------------------ maps in maps */

FIXTURE(of_maps)
{
	int fd, inner;
};

FIXTURE_VARIANT(of_maps)
{
	__u32 type;
	bool array;
	__u32 flags;
};

FIXTURE_VARIANT_ADD(of_maps, array)
{
	.type = BPF_MAP_TYPE_ARRAY_OF_MAPS,
	.array = true,
};

FIXTURE_VARIANT_ADD(of_maps, hash)
{
	.type = BPF_MAP_TYPE_HASH_OF_MAPS,
};

FIXTURE_VARIANT_ADD(of_maps, hash_no_prealloc)
{
	.type = BPF_MAP_TYPE_HASH_OF_MAPS,
	.flags = BPF_F_NO_PREALLOC,
};

FIXTURE_SETUP(of_maps)
{
	self->inner = map_create(BPF_MAP_TYPE_ARRAY, 4, 8, 3);
	ASSERT_LE(0, self->inner);
	self->fd = map_of_maps(variant->type, 4, 2, variant->flags, self->inner);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(of_maps)
{
	close(self->inner);
	close(self->fd);
}

TEST_F(of_maps, create)
{
	static const struct { __u32 flags; int want_array, want_hash; } flags[] = {
		{ 0, 0, 0 },
		{ BPF_F_RDONLY, 0, 0 },
		{ BPF_F_NO_PREALLOC, -EINVAL, 0 },
		{ BPF_F_ZERO_SEED, -EINVAL, 0 },
		{ BPF_F_RDONLY_PROG, -EINVAL, 0 },
		{ BPF_F_INNER_MAP, -EINVAL, -EINVAL },
		{ BPF_F_MMAPABLE, -EINVAL, -EINVAL },
	};
	static const struct { __u32 type, key, value, entries, flags; int want; } inners[] = {
		{ BPF_MAP_TYPE_ARRAY, 4, 8, 1, 0, 0 },
		{ BPF_MAP_TYPE_ARRAY, 4, 8, 1, BPF_F_INNER_MAP, 0 },
		{ BPF_MAP_TYPE_HASH, 4, 8, 1, 0, 0 },
		{ BPF_MAP_TYPE_PERCPU_HASH, 4, 8, 1, 0, 0 },
		{ BPF_MAP_TYPE_PERCPU_ARRAY, 4, 8, 1, 0, 0 },
		{ BPF_MAP_TYPE_PERF_EVENT_ARRAY, 4, 4, 1, 0, 0 },
		{ BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 1, 0, -ENOTSUPP },
	};
	union bpf_attr attr;
	int fd, inner;

	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		fd = map_of_maps(variant->type, 4, 1, flags[i].flags, self->inner);
		EXPECT_EQ(variant->array ? flags[i].want_array : flags[i].want_hash,
			  errno_of(fd)) { TH_LOG("flags %#x", flags[i].flags); }
		close(fd);
	}
	for (size_t i = 0; i < ARRAY_SIZE(inners); i++) {
		inner = map_create_flags(inners[i].type, inners[i].key, inners[i].value,
					 inners[i].entries, inners[i].flags);
		ASSERT_LE(0, inner) { TH_LOG("inner %zu", i); }
		fd = map_of_maps(variant->type, 4, 1, variant->flags, inner);
		EXPECT_EQ(inners[i].want, errno_of(fd)) { TH_LOG("inner %zu", i); }
		close(fd);
		close(inner);
	}
	EXPECT_EQ(-EBADF, map_of_maps(variant->type, 4, 1, variant->flags, -1));
	inner = trivial_prog(BPF_PROG_TYPE_SOCKET_FILTER);
	EXPECT_EQ(-EINVAL, map_of_maps(variant->type, 4, 1, variant->flags, inner));
	close(inner);
	/* one level only */
	EXPECT_EQ(-EINVAL, map_of_maps(variant->type, 4, 1, variant->flags, self->fd));
	memset(&attr, 0, sizeof(attr));
	attr.map_type = variant->type;
	attr.key_size = 4;
	attr.value_size = 8;
	attr.max_entries = 1;
	attr.inner_map_fd = self->inner;
	EXPECT_EQ(-EINVAL, sys_bpf(BPF_MAP_CREATE, &attr));
	attr.value_size = 4;
	attr.max_entries = 0;
	EXPECT_EQ(-EINVAL, sys_bpf(BPF_MAP_CREATE, &attr));
	attr.max_entries = 1;
	attr.key_size = 8;
	fd = sys_bpf(BPF_MAP_CREATE, &attr);
	EXPECT_EQ(variant->array ? -EINVAL : 0, errno_of(fd));
	close(fd);
	/* a map that holds no maps does not care */
	memset(&attr, 0, sizeof(attr));
	attr.map_type = BPF_MAP_TYPE_ARRAY;
	attr.key_size = 4;
	attr.value_size = 8;
	attr.max_entries = 1;
	attr.inner_map_fd = 4711;
	fd = sys_bpf(BPF_MAP_CREATE, &attr);
	EXPECT_EQ(0, errno_of(fd));
	close(fd);
}

TEST_F(of_maps, operations)
{
	__u32 key = 1, got = 77, next;
	int bad = -1, other, prog;

	EXPECT_EQ(-ENOENT, map_lookup(self->fd, &key, &got));
	EXPECT_EQ(-ENOENT, map_delete(self->fd, &key));
	EXPECT_EQ(-EBADF, map_update(self->fd, &key, &bad, BPF_ANY));
	prog = trivial_prog(BPF_PROG_TYPE_SOCKET_FILTER);
	EXPECT_EQ(-EINVAL, map_update(self->fd, &key, &prog, BPF_ANY));
	close(prog);
	EXPECT_EQ(-EINVAL, map_update(self->fd, &key, &self->fd, BPF_ANY)) { TH_LOG("itself"); }
	EXPECT_EQ(0, map_update(self->fd, &key, &self->inner, BPF_ANY));
	EXPECT_EQ(0, map_lookup(self->fd, &key, &got));
	EXPECT_EQ(map_id(self->inner), got);
	EXPECT_EQ(0, map_update(self->fd, &key, &self->inner, BPF_ANY)) { TH_LOG("again"); }
	other = map_create(BPF_MAP_TYPE_ARRAY, 4, 8, 3);
	EXPECT_EQ(0, map_update(self->fd, &key, &other, BPF_ANY)) { TH_LOG("another"); }
	EXPECT_EQ(0, map_lookup(self->fd, &key, &got));
	EXPECT_EQ(map_id(other), got);
	EXPECT_EQ(variant->array ? -EINVAL : -EEXIST,
		  map_update(self->fd, &key, &other, BPF_NOEXIST));
	EXPECT_EQ(variant->array ? -EINVAL : 0, map_update(self->fd, &key, &other, BPF_EXIST));
	EXPECT_EQ(-EINVAL, map_update(self->fd, &key, &other, 77));
	EXPECT_EQ(-EINVAL, map_update(self->fd, &key, &other, BPF_F_LOCK));
	EXPECT_EQ(0, map_next_key(self->fd, NULL, &next));
	EXPECT_EQ(variant->array ? 0 : 1, next);

	key = 2;
	EXPECT_EQ(variant->array ? -E2BIG : 0, map_update(self->fd, &key, &other, BPF_ANY));
	key = 3;
	EXPECT_EQ(-E2BIG, map_update(self->fd, &key, &other, BPF_ANY)) { TH_LOG("full"); }
	EXPECT_EQ(variant->array ? -E2BIG : -ENOENT, map_delete(self->fd, &key));
	EXPECT_EQ(-ENOENT, map_lookup(self->fd, &key, &got));
	key = 1;
	EXPECT_EQ(0, map_delete(self->fd, &key));
	EXPECT_EQ(-ENOENT, map_delete(self->fd, &key));
	EXPECT_EQ(-ENOENT, map_lookup(self->fd, &key, &got));
	close(other);
}

/* What programs were verified against must be so for every map that is put in. */
TEST_F(of_maps, like_the_model)
{
	static const struct {
		__u32 type, key, value, entries, flags;
	} models[] = {
		{ BPF_MAP_TYPE_ARRAY, 4, 8, 3, 0 },
		{ BPF_MAP_TYPE_ARRAY, 4, 8, 3, BPF_F_INNER_MAP },
		{ BPF_MAP_TYPE_HASH, 4, 8, 3, 0 },
		{ BPF_MAP_TYPE_PERCPU_ARRAY, 4, 8, 3, 0 },
		{ BPF_MAP_TYPE_PERF_EVENT_ARRAY, 4, 4, 3, 0 },
	};
	static const struct {
		__u32 model, type, key, value, entries, flags;
		int want;
	} cases[] = {
		{ 0, BPF_MAP_TYPE_ARRAY, 4, 8, 3, 0, 0 },
		{ 0, BPF_MAP_TYPE_ARRAY, 4, 8, 2, 0, -EINVAL },
		{ 0, BPF_MAP_TYPE_ARRAY, 4, 8, 4, 0, -EINVAL },
		{ 0, BPF_MAP_TYPE_ARRAY, 4, 4, 3, 0, -EINVAL },
		{ 0, BPF_MAP_TYPE_ARRAY, 4, 8, 3, BPF_F_RDONLY_PROG, -EINVAL },
		{ 0, BPF_MAP_TYPE_ARRAY, 4, 8, 3, BPF_F_INNER_MAP, -EINVAL },
		{ 0, BPF_MAP_TYPE_ARRAY, 4, 8, 3, BPF_F_RDONLY, 0 },
		{ 0, BPF_MAP_TYPE_HASH, 4, 8, 3, 0, -EINVAL },
		{ 1, BPF_MAP_TYPE_ARRAY, 4, 8, 30, BPF_F_INNER_MAP, 0 },
		{ 1, BPF_MAP_TYPE_ARRAY, 4, 8, 3, 0, -EINVAL },
		{ 2, BPF_MAP_TYPE_HASH, 4, 8, 30, 0, 0 },
		{ 2, BPF_MAP_TYPE_HASH, 8, 8, 3, 0, -EINVAL },
		{ 2, BPF_MAP_TYPE_HASH, 4, 4, 3, 0, -EINVAL },
		{ 2, BPF_MAP_TYPE_HASH, 4, 8, 3, BPF_F_NO_PREALLOC, -EINVAL },
		{ 2, BPF_MAP_TYPE_PERCPU_HASH, 4, 8, 3, 0, -EINVAL },
		{ 3, BPF_MAP_TYPE_PERCPU_ARRAY, 4, 8, 3, 0, 0 },
		{ 3, BPF_MAP_TYPE_PERCPU_ARRAY, 4, 8, 4, 0, 0 },
		{ 3, BPF_MAP_TYPE_PERCPU_ARRAY, 4, 4, 3, 0, -EINVAL },
		{ 4, BPF_MAP_TYPE_PERF_EVENT_ARRAY, 4, 4, 4, 0, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		__u32 m = cases[i].model, key = 0;
		int model = map_create_flags(models[m].type, models[m].key, models[m].value,
					     models[m].entries, models[m].flags);
		int outer = map_of_maps(variant->type, 4, 2, variant->flags, model);
		int inner;

		ASSERT_LE(0, outer);
		/* the model is a pattern, not an element: it may go */
		close(model);
		inner = map_create_flags(cases[i].type, cases[i].key, cases[i].value,
					 cases[i].entries, cases[i].flags);
		ASSERT_LE(0, inner);
		EXPECT_EQ(cases[i].want, map_update(outer, &key, &inner, BPF_ANY)) {
			TH_LOG("case %zu", i);
		}
		close(inner);
		close(outer);
	}
}

/* Inner maps live as long as they are in, and no longer. */
TEST_F(of_maps, references)
{
	__u32 key, ids[4];
	int inner;

	for (key = 0; key < 2; key++) {
		inner = map_create(BPF_MAP_TYPE_ARRAY, 4, 8, 3);
		ids[key] = map_id(inner);
		ASSERT_EQ(0, map_update(self->fd, &key, &inner, BPF_ANY));
		close(inner);
	}
	usleep(100000);
	for (key = 0; key < 2; key++) {
		inner = fd_by_id(BPF_MAP_GET_FD_BY_ID, ids[key]);
		EXPECT_LE(0, inner) { TH_LOG("the outer map keeps it"); }
		close(inner);
	}
	key = 0;
	EXPECT_EQ(0, map_update(self->fd, &key, &self->inner, BPF_ANY));
	EXPECT_TRUE(id_goes(BPF_MAP_GET_FD_BY_ID, ids[0])) { TH_LOG("replaced"); }
	key = 1;
	EXPECT_EQ(0, map_delete(self->fd, &key));
	EXPECT_TRUE(id_goes(BPF_MAP_GET_FD_BY_ID, ids[1])) { TH_LOG("deleted"); }
	inner = map_create(BPF_MAP_TYPE_ARRAY, 4, 8, 3);
	ids[1] = map_id(inner);
	ASSERT_EQ(0, map_update(self->fd, &key, &inner, BPF_ANY));
	close(inner);
	close(self->fd);
	EXPECT_TRUE(id_goes(BPF_MAP_GET_FD_BY_ID, ids[1])) { TH_LOG("the outer map is gone"); }
}

/* ------------------------------------------------------------ cgroup array */

#define CGROUP_ROOT	"/tmp/bvm-cgroup"
#define CGROUP		CGROUP_ROOT "/bvm-object-maps"

FIXTURE(cgroup)
{
	int fd, root, group;
};

FIXTURE_SETUP(cgroup)
{
	mkdir(CGROUP_ROOT, 0700);
	if (mount("none", CGROUP_ROOT, "cgroup2", 0, NULL))
		SKIP(return, "no cgroup2: %m");
	mkdir(CGROUP, 0700);
	self->root = open(CGROUP_ROOT, O_RDONLY | O_DIRECTORY);
	self->group = open(CGROUP, O_RDONLY | O_DIRECTORY);
	ASSERT_LE(0, self->root);
	ASSERT_LE(0, self->group);
	self->fd = map_create(BPF_MAP_TYPE_CGROUP_ARRAY, 4, 4, 2);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(cgroup)
{
	close(self->fd);
	close(self->root);
	close(self->group);
	rmdir(CGROUP);
	umount(CGROUP_ROOT);
	rmdir(CGROUP_ROOT);
}

TEST_F(cgroup, operations)
{
	int bad = -1, prog = trivial_prog(BPF_PROG_TYPE_SOCKET_FILTER);
	__u32 key = 0, got, next;

	EXPECT_EQ(-ENOTSUPP, map_lookup(self->fd, &key, &got));
	EXPECT_EQ(-ENOENT, map_delete(self->fd, &key));
	EXPECT_EQ(-EBADF, map_update(self->fd, &key, &bad, BPF_ANY));
	EXPECT_EQ(-EBADF, map_update(self->fd, &key, &prog, BPF_ANY)) { TH_LOG("no cgroup"); }
	EXPECT_EQ(-EINVAL, map_update(self->fd, &key, &self->group, BPF_NOEXIST));
	EXPECT_EQ(0, map_update(self->fd, &key, &self->group, BPF_ANY));
	EXPECT_EQ(0, map_update(self->fd, &key, &self->root, BPF_ANY)) { TH_LOG("another"); }
	EXPECT_EQ(0, map_next_key(self->fd, NULL, &next));
	EXPECT_EQ(0, next);
	key = 2;
	EXPECT_EQ(-E2BIG, map_update(self->fd, &key, &self->root, BPF_ANY));
	key = 0;
	EXPECT_EQ(0, map_delete(self->fd, &key));
	EXPECT_EQ(-ENOENT, map_delete(self->fd, &key));
	close(prog);
}

/* ret[] of the array OUT = what the helpers say about this thread, in its openat(2) */
static int cgroup_prog(int map, int out)
{
	const struct bpf_insn insns[] = {
		BPF_EMIT_CALL(BPF_FUNC_get_current_pid_tgid),
		BPF_LD_IMM64_RAW(BPF_REG_1, 0, pid_tgid(), pid_tgid() >> 32),
		BPF_JMP_REG(BPF_JEQ, BPF_REG_0, BPF_REG_1, 2),
		RETURN(0),
		BPF_LD_MAP_VALUE(BPF_REG_7, out, 0),
#define SAVE(INDEX)	BPF_STX_MEM(BPF_DW, BPF_REG_7, BPF_REG_0, 8 * (INDEX))
#define UNDER(INDEX)							\
		BPF_LD_MAP_FD(BPF_REG_1, map),				\
		BPF_MOV64_IMM(BPF_REG_2, INDEX),			\
		BPF_EMIT_CALL(BPF_FUNC_current_task_under_cgroup),	\
		SAVE(INDEX)
		UNDER(0), UNDER(1), UNDER(2),
		BPF_EMIT_CALL(BPF_FUNC_get_current_cgroup_id), SAVE(3),
#define ANCESTOR(LEVEL)							\
		BPF_MOV64_IMM(BPF_REG_1, LEVEL),			\
		BPF_EMIT_CALL(BPF_FUNC_get_current_ancestor_cgroup_id),	\
		SAVE(4 + (LEVEL))
		ANCESTOR(0), ANCESTOR(1), ANCESTOR(2),
		BPF_MOV64_IMM(BPF_REG_1, -1),
		BPF_EMIT_CALL(BPF_FUNC_get_current_ancestor_cgroup_id), SAVE(7),
		RETURN(0),
	};

	return prog_load_verbose(BPF_PROG_TYPE_KPROBE, insns, ARRAY_SIZE(insns));
}

static int join(const char *group)
{
	char path[128];
	int fd, ret;

	snprintf(path, sizeof(path), "%s/cgroup.procs", group);
	fd = open(path, O_WRONLY);
	ret = write(fd, "0", 1) == 1 ? 0 : -errno;
	close(fd);
	return ret;
}

TEST_F(cgroup, helpers)
{
	int out = map_create(BPF_MAP_TYPE_ARRAY, 4, 8 * 8, 1), event, prog;
	struct stat root, group;
	__u32 key = 0;
	__s64 got[8];

	ASSERT_EQ(0, fstat(self->root, &root));
	ASSERT_EQ(0, fstat(self->group, &group));
	ASSERT_EQ(0, map_update(self->fd, &key, &self->group, BPF_ANY));
	prog = cgroup_prog(self->fd, out);
	ASSERT_LE(0, prog);
	pin_to_cpu(0);
	event = kprobe_open(OPEN_FUNCTION, false);
	ASSERT_LE(0, event);
	ASSERT_EQ(0, event_attach(event, prog));

	open_once("/dev/null");
	ASSERT_EQ(0, map_lookup(out, &key, got));
	EXPECT_EQ(0, got[0]);
	EXPECT_EQ(-EAGAIN, got[1]);
	EXPECT_EQ(-E2BIG, got[2]);
	EXPECT_EQ(root.st_ino, got[4]);
	EXPECT_EQ(0, got[6]);
	EXPECT_EQ(0, got[7]);

	ASSERT_EQ(0, join(CGROUP));
	key = 1;
	ASSERT_EQ(0, map_update(self->fd, &key, &self->root, BPF_ANY));
	open_once("/dev/null");
	key = 0;
	ASSERT_EQ(0, map_lookup(out, &key, got));
	EXPECT_EQ(1, got[0]);
	EXPECT_EQ(1, got[1]) { TH_LOG("below it"); }
	EXPECT_EQ(group.st_ino, got[3]);
	EXPECT_EQ(root.st_ino, got[4]);
	EXPECT_EQ(group.st_ino, got[5]);
	EXPECT_EQ(0, got[6]);
	close(event);
	close(prog);
	close(out);
	ASSERT_EQ(0, join(CGROUP_ROOT));
}

TEST_HARNESS_MAIN
