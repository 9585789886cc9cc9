// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel's own type information is there for tools to read.
 */
#include <linux/btf.h>
#include <sys/stat.h>

#include "kselftest_harness.h"
#include "lib/bpf_sys.h"

TEST(vmlinux)
{
	int fd = open("/sys/kernel/btf/vmlinux", O_RDONLY);
	struct btf_header header = {};
	struct stat st;
	char *all;
	ssize_t len, got = 0;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, fstat(fd, &st));
	ASSERT_EQ(sizeof(header), read(fd, &header, sizeof(header)));
	EXPECT_EQ(BTF_MAGIC, header.magic);
	EXPECT_EQ(BTF_VERSION, header.version);
	EXPECT_EQ(sizeof(header), header.hdr_len);
	EXPECT_EQ(st.st_size, header.hdr_len + header.str_off + header.str_len);

	all = malloc(st.st_size);
	ASSERT_NE(NULL, all);
	ASSERT_EQ(0, lseek(fd, 0, SEEK_SET));
	while ((len = read(fd, all + got, st.st_size - got)) > 0)
		got += len;
	EXPECT_EQ(st.st_size, got);
	/* the string section starts and ends with a NUL, and names what CO-RE tools ask for */
	EXPECT_EQ(0, all[header.hdr_len + header.str_off]);
	EXPECT_EQ(0, all[got - 1]);
	EXPECT_NE(NULL, memmem(all + header.hdr_len + header.str_off, header.str_len,
			       "\0task_struct", sizeof("\0task_struct")));
	free(all);
	close(fd);
}

TEST_HARNESS_MAIN
