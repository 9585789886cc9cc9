// SPDX-License-Identifier: GPL-2.0-only
/*
 * bpffs: names for objects, BPF_OBJ_PIN and BPF_OBJ_GET.
 */
#include <linux/magic.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/wait.h>

#include "lib/harness.h"
#include "lib/bpf_sys.h"

static int pin_at(int dir, const char *path, int fd, __u32 flags)
{
	union bpf_attr attr = {
		.pathname = ptr_to_u64(path),
		.bpf_fd = fd,
		.file_flags = flags,
		.path_fd = dir,
	};

	return sys_bpf(BPF_OBJ_PIN, &attr);
}

static int pin(const char *path, int fd)
{
	return pin_at(0, path, fd, 0);
}

static int get_at(int dir, const char *path, __u32 flags)
{
	union bpf_attr attr = {
		.pathname = ptr_to_u64(path),
		.file_flags = flags,
		.path_fd = dir,
	};

	return sys_bpf(BPF_OBJ_GET, &attr);
}

static int get(const char *path, __u32 flags)
{
	return get_at(0, path, flags);
}

/* for calls that set errno: 0, or the negative error */
static int result(int ret)
{
	return ret < 0 ? -errno : 0;
}

static bool is_mounted_with(const char *dir, const char *options)
{
	FILE *mounts = fopen("/proc/self/mounts", "r");
	char line[512], where[128], type[32], how[256];
	bool found = false;

	while (mounts && fgets(line, sizeof(line), mounts))
		if (sscanf(line, "%*s %127s %31s %255s", where, type, how) == 3 &&
		    !strcmp(where, dir) && !strcmp(type, "bpf"))
			found = !strcmp(how, options);
	if (mounts)
		fclose(mounts);
	return found;
}

static __u32 map_id(int fd)
{
	struct bpf_map_info info;

	return get_map_info(fd, &info) ? 0 : info.id;
}

/* is the id gone within a second?  A dead map waits for its grace periods. */
static bool map_dies(__u32 id)
{
	for (int i = 0; i < 100; i++) {
		int fd = fd_by_id(BPF_MAP_GET_FD_BY_ID, id);

		if (fd == -ENOENT)
			return true;
		close(fd);
		usleep(10000);
	}
	return false;
}

FIXTURE(fs)
{
	int map, prog;
};

FIXTURE_SETUP(fs)
{
	char dir[] = "/tmp/bpffs.XXXXXX";

	/* A namespace of our own: nothing is left when the test dies. */
	ASSERT_EQ(0, unshare(CLONE_NEWNS));
	ASSERT_EQ(0, mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL));
	ASSERT_NE(NULL, mkdtemp(dir));
	ASSERT_EQ(0, mount("bpf", dir, "bpf", 0, NULL));
	ASSERT_EQ(0, chdir(dir));
	rmdir(dir);
	self->map = map_create(BPF_MAP_TYPE_ARRAY, 4, 8, 1);
	self->prog = PROG_LOAD(BPF_PROG_TYPE_SOCKET_FILTER, RETURN(3));
	ASSERT_LE(0, self->map);
	ASSERT_LE(0, self->prog);
}

FIXTURE_TEARDOWN(fs)
{
	close(self->map);
	close(self->prog);
	if (chdir("/"))
		perror("chdir");
}

TEST_F(fs, a_map_outlives_its_descriptors)
{
	__u32 key = 0, id = map_id(self->map);
	__u64 value = 42, read = 0;
	int fd;

	ASSERT_EQ(0, pin("map", self->map));
	ASSERT_EQ(0, map_update(self->map, &key, &value, BPF_ANY));
	close(self->map);
	usleep(50000);
	fd = get("map", 0);
	ASSERT_LE(0, fd);
	EXPECT_EQ(id, map_id(fd));
	EXPECT_EQ(0, map_lookup(fd, &key, &read));
	EXPECT_EQ(42, read);
	close(fd);
	EXPECT_EQ(0, unlink("map"));
	EXPECT_EQ(-ENOENT, get("map", 0));
	EXPECT_TRUE(map_dies(id));
}

TEST_F(fs, a_program_too)
{
	struct bpf_prog_info before, after;
	int fd;

	ASSERT_EQ(0, pin("prog", self->prog));
	ASSERT_EQ(0, get_prog_info(self->prog, &before));
	close(self->prog);
	/* programs have one kind of descriptor, whatever is asked for */
	for (__u32 flags = 0; flags <= BPF_F_WRONLY; flags += BPF_F_RDONLY) {
		fd = get("prog", flags);
		ASSERT_LE(0, fd);
		EXPECT_EQ(0, get_prog_info(fd, &after));
		EXPECT_EQ(before.id, after.id);
		close(fd);
	}
}

TEST_F(fs, pin_errors)
{
	int null = open("/dev/null", O_RDONLY);

	ASSERT_EQ(0, pin("map", self->map));
	EXPECT_EQ(-EEXIST, pin("map", self->map));
	EXPECT_EQ(-EEXIST, pin(".", self->map));
	EXPECT_EQ(-ENOENT, pin("no/map", self->map));
	EXPECT_EQ(-ENOENT, pin("", self->map));
	EXPECT_EQ(-EFAULT, pin(NULL, self->map));
	EXPECT_EQ(-EPERM, pin("/tmp/map", self->map));
	EXPECT_EQ(-EPERM, pin("a.map", self->map));
	EXPECT_EQ(-EINVAL, pin("x", -1));
	EXPECT_EQ(-EINVAL, pin("x", null));
	EXPECT_EQ(-EINVAL, pin_at(0, "x", self->map, BPF_F_RDONLY));
	EXPECT_EQ(-EINVAL, pin_at(3, "x", self->map, 0));
	EXPECT_EQ(-ENOTDIR, pin_at(null, "x", self->map, BPF_F_PATH_FD));
	EXPECT_EQ(-EBADF, pin_at(-1, "x", self->map, BPF_F_PATH_FD));
	EXPECT_EQ(-ENOENT, get("x", 0));
	EXPECT_EQ(-1, access("/tmp/map", F_OK));
	close(null);
}

TEST_F(fs, types_do_not_pin)
{
	int id = next_id(BPF_BTF_GET_NEXT_ID, 0);
	int btf = fd_by_id(BPF_BTF_GET_FD_BY_ID, id);

	if (btf < 0)
		SKIP(return, "no BTF");
	EXPECT_EQ(-EINVAL, pin("btf", btf));
	close(btf);
}

TEST_F(fs, get_errors)
{
	int dir = open(".", O_PATH | O_DIRECTORY);
	int fd;

	ASSERT_EQ(0, pin("map", self->map));
	EXPECT_EQ(-EINVAL, get("map", BPF_F_RDONLY | BPF_F_WRONLY));
	EXPECT_EQ(-EINVAL, get("map", BPF_F_STACK_BUILD_ID));
	EXPECT_EQ(-EACCES, get(".", 0));
	EXPECT_EQ(-EACCES, get("/dev/null", 0));
	EXPECT_EQ(-ENOENT, get("none", 0));
	EXPECT_EQ(-EFAULT, get(NULL, 0));
	EXPECT_EQ(-EINVAL, get_at(dir, "map", 0));
	EXPECT_EQ(-EBADF, get_at(-1, "map", BPF_F_PATH_FD));
	fd = get_at(dir, "map", BPF_F_PATH_FD | BPF_F_RDONLY);
	EXPECT_LE(0, fd);
	close(fd);
	close(dir);
}

TEST_F(fs, access_modes)
{
	__u32 key = 0;
	__u64 value = 1;
	int reader, writer;

	ASSERT_EQ(0, pin("map", self->map));
	reader = get("map", BPF_F_RDONLY);
	writer = get("map", BPF_F_WRONLY);
	ASSERT_LE(0, reader);
	ASSERT_LE(0, writer);
	EXPECT_EQ(-EPERM, map_update(reader, &key, &value, BPF_ANY));
	EXPECT_EQ(0, map_lookup(reader, &key, &value));
	EXPECT_EQ(0, map_update(writer, &key, &value, BPF_ANY));
	EXPECT_EQ(-EPERM, map_lookup(writer, &key, &value));
	close(reader);
	close(writer);
}

/* Permissions of the file count, not capabilities for BPF. */
TEST_F(fs, permissions)
{
	int status, pid;

	umask(0022);
	ASSERT_EQ(0, pin("mine", self->map));
	ASSERT_EQ(0, pin("readable", self->map));
	ASSERT_EQ(0, chmod("readable", 0644));
	pid = fork();
	if (!pid) {
		int fd;

		if (setgid(1000) || setuid(1000))
			_exit(1);
		if (get("mine", 0) != -EACCES || get("mine", BPF_F_RDONLY) != -EACCES)
			_exit(2);
		if (get("readable", 0) != -EACCES)
			_exit(3);
		fd = get("readable", BPF_F_RDONLY);
		if (fd < 0)
			_exit(4);
		/* the root directory is for everybody, with the sticky bit */
		if (pin("theirs", fd))
			_exit(5);
		if (result(unlink("mine")) != -EPERM)
			_exit(6);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	EXPECT_EQ(0, status);
}

TEST_F(fs, modes)
{
	struct statfs sf;
	struct stat st;

	ASSERT_EQ(0, statfs(".", &sf));
	EXPECT_EQ(BPF_FS_MAGIC, sf.f_type);
	ASSERT_EQ(0, stat(".", &st));
	EXPECT_EQ(S_IFDIR | 01777, st.st_mode);
	umask(0077);
	ASSERT_EQ(0, pin("map", self->map));
	ASSERT_EQ(0, stat("map", &st));
	EXPECT_EQ(S_IFREG | 0600, st.st_mode);
	umask(0377);
	ASSERT_EQ(0, pin("map2", self->map));
	ASSERT_EQ(0, stat("map2", &st));
	EXPECT_EQ(S_IFREG | 0400, st.st_mode);
}

TEST_F(fs, files_are_not_for_reading)
{
	ASSERT_EQ(0, pin("prog", self->prog));
	EXPECT_EQ(-EIO, result(open("prog", O_RDONLY)));
	EXPECT_EQ(-EIO, result(open("prog", O_WRONLY)));
	EXPECT_EQ(-EACCES, result(open("new", O_CREAT | O_RDWR, 0600)));
	EXPECT_EQ(-EPERM, result(mknod("fifo", S_IFIFO | 0600, 0)));
}

TEST_F(fs, directories)
{
	struct stat st;
	int fd;

	ASSERT_EQ(0, pin("map", self->map));
	EXPECT_EQ(0, mkdir("dir", 0755));
	ASSERT_EQ(0, stat("dir", &st));
	EXPECT_EQ(2, st.st_nlink);
	EXPECT_EQ(-EPERM, result(mkdir("dir.d", 0755)));
	EXPECT_EQ(0, rename("map", "dir/map"));
	EXPECT_EQ(-ENOENT, get("map", 0));
	EXPECT_EQ(-ENOTEMPTY, result(rmdir("dir")));
	EXPECT_EQ(0, link("dir/map", "link"));
	EXPECT_EQ(0, symlink("dir/map", "symlink"));
	EXPECT_EQ(-EPERM, result(rename("link", "link.x")));
	EXPECT_EQ(-EPERM, result(symlink("dir/map", "sym.link")));
	fd = get("link", 0);
	EXPECT_LE(0, fd);
	close(fd);
	fd = get("symlink", 0);
	EXPECT_LE(0, fd);
	close(fd);
	EXPECT_EQ(0, unlink("dir/map"));
	EXPECT_EQ(0, rmdir("dir"));
	fd = get("link", 0);
	EXPECT_EQ(map_id(self->map), map_id(fd));
	close(fd);
	EXPECT_EQ(-ENOENT, get("symlink", 0));
}

TEST_F(fs, rename_over_another_one)
{
	int other = map_create(BPF_MAP_TYPE_ARRAY, 4, 8, 1);
	__u32 id = map_id(self->map);
	int fd;

	ASSERT_EQ(0, pin("old", self->map));
	ASSERT_EQ(0, pin("new", other));
	close(self->map);
	EXPECT_EQ(0, rename("new", "old"));
	fd = get("old", 0);
	EXPECT_EQ(map_id(other), map_id(fd));
	close(fd);
	close(other);
	EXPECT_TRUE(map_dies(id));
}

/* What is pinned goes away with the mount. */
TEST_F(fs, unmounting)
{
	__u32 id = map_id(self->map);

	ASSERT_EQ(0, mkdir("/tmp/second", 0755));
	ASSERT_EQ(0, mount("bpf", "/tmp/second", "bpf", 0, NULL));
	ASSERT_EQ(0, pin("/tmp/second/map", self->map));
	EXPECT_EQ(-ENOENT, get("map", 0));
	close(self->map);
	EXPECT_EQ(0, umount("/tmp/second"));
	EXPECT_TRUE(map_dies(id));
	rmdir("/tmp/second");
}

TEST_F(fs, options)
{
	struct stat st;

	ASSERT_EQ(0, mkdir("/tmp/third", 0755));
	ASSERT_EQ(0, mount("bpf", "/tmp/third", "bpf", 0, "mode=0700,uid=1,gid=2"));
	ASSERT_EQ(0, stat("/tmp/third", &st));
	EXPECT_EQ(S_IFDIR | 01700, st.st_mode);
	EXPECT_EQ(1, st.st_uid);
	EXPECT_EQ(2, st.st_gid);
	EXPECT_TRUE(is_mounted_with("/tmp/third", "rw,relatime,uid=1,gid=2,mode=700"));
	EXPECT_EQ(0, umount("/tmp/third"));
	EXPECT_EQ(-EINVAL, result(mount("bpf", "/tmp/third", "bpf", 0, "mode=0999")));
	/* unknown ones have always been ignored */
	ASSERT_EQ(0, mount("bpf", "/tmp/third", "bpf", 0, "bogus=1"));
	EXPECT_TRUE(is_mounted_with("/tmp/third", "rw,relatime"));
	EXPECT_EQ(0, umount("/tmp/third"));
	rmdir("/tmp/third");
}

TEST(mount_point)
{
	struct stat st;

	ASSERT_EQ(0, stat("/sys/fs/bpf", &st));
	EXPECT_TRUE(S_ISDIR(st.st_mode));
}

TEST_HARNESS_MAIN
