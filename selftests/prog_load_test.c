// SPDX-License-Identifier: GPL-2.0-only
/*
 * BPF_PROG_LOAD: what it accepts, what its log says, and who may load.
 */
#include "lib/harness.h"
#include "lib/bpf_sys.h"

static const struct bpf_insn return_0[] = { RETURN(0) };

/* reads a register that nothing has written */
static const struct bpf_insn bad[] = {
	BPF_MOV64_REG(BPF_REG_0, BPF_REG_2),
	BPF_EXIT_INSN(),
};

/* many lines at log level 2 */
static const struct bpf_insn longer[] = {
	BPF_MOV64_IMM(BPF_REG_0, 0),
	BPF_ALU64_IMM(BPF_ADD, BPF_REG_0, 1), BPF_ALU64_IMM(BPF_ADD, BPF_REG_0, 2),
	BPF_ALU64_IMM(BPF_ADD, BPF_REG_0, 3), BPF_ALU64_IMM(BPF_ADD, BPF_REG_0, 4),
	BPF_ALU64_IMM(BPF_ADD, BPF_REG_0, 5), BPF_ALU64_IMM(BPF_ADD, BPF_REG_0, 6),
	BPF_ALU64_IMM(BPF_ADD, BPF_REG_0, 7), BPF_ALU64_IMM(BPF_ADD, BPF_REG_0, 8),
	BPF_EXIT_INSN(),
};

#define FILTER_ATTR(INSNS)	filter_attr(INSNS, ARRAY_SIZE(INSNS))

static union bpf_attr filter_attr(const struct bpf_insn *insns, __u32 count)
{
	union bpf_attr attr;

	prog_attr(&attr, BPF_PROG_TYPE_SOCKET_FILTER, insns, count);
	return attr;
}

static char log_buf[65536];

/* load with a log of @size bytes; the rest of the buffer is filled with 0xff */
static int load_logged(union bpf_attr *attr, __u32 level, __u32 size)
{
	int fd;

	memset(log_buf, 0xff, sizeof(log_buf));
	attr->log_level = level;
	attr->log_size = size;
	attr->log_buf = ptr_to_u64(log_buf);
	attr->log_true_size = 0;
	fd = sys_bpf(BPF_PROG_LOAD, attr);
	if (fd >= 0)
		close(fd);
	return fd < 0 ? fd : 0;
}

TEST(types)
{
	static const __u32 types[] = {
		BPF_PROG_TYPE_SOCKET_FILTER, BPF_PROG_TYPE_KPROBE, BPF_PROG_TYPE_TRACEPOINT,
	};

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		int fd = prog_load(types[i], return_0, ARRAY_SIZE(return_0));

		EXPECT_LE(0, fd) { TH_LOG("type %u", types[i]); }
		close(fd);
	}
	EXPECT_EQ(-EINVAL, prog_load(BPF_PROG_TYPE_UNSPEC, return_0, ARRAY_SIZE(return_0)));
	EXPECT_EQ(-EINVAL, prog_load(9999, return_0, ARRAY_SIZE(return_0)));
}

/* Any size of attr from the minimum up works, as long as what lies beyond is zero. */
TEST(attr_sizes)
{
	char big[sizeof(union bpf_attr) + 64] = {};
	union bpf_attr *attr = (union bpf_attr *)big;
	__u32 minimum = offsetof(union bpf_attr, kern_version);
	int fd;

	prog_attr(attr, BPF_PROG_TYPE_SOCKET_FILTER, return_0, ARRAY_SIZE(return_0));
	for (__u32 size = minimum; size <= sizeof(big); size += 4) {
		fd = sys_bpf_size(BPF_PROG_LOAD, big, size);
		EXPECT_LE(0, fd) { TH_LOG("size %u", size); }
		close(fd);
	}
	big[sizeof(big) - 1] = 1;
	EXPECT_EQ(-E2BIG, sys_bpf_size(BPF_PROG_LOAD, big, sizeof(big)));
	EXPECT_EQ(-E2BIG, sys_bpf_size(BPF_PROG_LOAD, big, 1 << 20));
	EXPECT_EQ(-EFAULT, sys_bpf_size(BPF_PROG_LOAD, NULL, sizeof(big)));
}

TEST(names)
{
	union bpf_attr attr = FILTER_ATTR(return_0);
	int fd;

	memset(attr.prog_name, 'x', BPF_OBJ_NAME_LEN);
	EXPECT_EQ(-EINVAL, sys_bpf(BPF_PROG_LOAD, &attr)) { TH_LOG("no NUL"); }
	set_name(attr.prog_name, "a b");
	EXPECT_EQ(-EINVAL, sys_bpf(BPF_PROG_LOAD, &attr));
	set_name(attr.prog_name, "aZ_0.9");
	fd = sys_bpf(BPF_PROG_LOAD, &attr);
	EXPECT_LE(0, fd);
	close(fd);
}

/* A helper that only programs under the GPL may call. */
TEST(license)
{
	struct bpf_insn insns[] = {
		BPF_MOV64_REG(BPF_REG_1, BPF_REG_10),
		BPF_ALU64_IMM(BPF_ADD, BPF_REG_1, -8),
		BPF_MOV64_IMM(BPF_REG_2, 8),
		BPF_MOV64_IMM(BPF_REG_3, 0),
		BPF_EMIT_CALL(BPF_FUNC_probe_read_kernel),
		RETURN(0),
	};
	static const struct { const char *license; int want; } cases[] = {
		{ "GPL", 0 }, { "GPL v2", 0 }, { "Dual BSD/GPL", 0 },
		{ "Dual MIT/GPL", 0 }, { "Dual MPL/GPL", 0 },
		{ "GPL and additional rights", 0 },
		{ "BSD", -EINVAL }, { "", -EINVAL }, { "gpl", -EINVAL },
		{ "Proprietary", -EINVAL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		union bpf_attr attr;
		bool said;

		prog_attr(&attr, BPF_PROG_TYPE_KPROBE, insns, ARRAY_SIZE(insns));
		attr.license = ptr_to_u64(cases[i].license);
		EXPECT_EQ(cases[i].want, load_logged(&attr, 1, sizeof(log_buf))) {
			TH_LOG("license %s", cases[i].license);
		}
		said = strstr(log_buf, "GPL-restricted");
		EXPECT_EQ(cases[i].want != 0, said) {
			TH_LOG("license %s: %s", cases[i].license, log_buf);
		}
	}
}

TEST(license_shows_in_info)
{
	union bpf_attr attr = FILTER_ATTR(return_0);
	struct bpf_prog_info info;
	int fd;

	attr.license = ptr_to_u64("BSD");
	fd = sys_bpf(BPF_PROG_LOAD, &attr);
	ASSERT_EQ(0, get_prog_info(fd, &info));
	EXPECT_FALSE(!!info.gpl_compatible);
	close(fd);
}

TEST(refused_program)
{
	union bpf_attr attr = FILTER_ATTR(bad);

	EXPECT_EQ(-EACCES, prog_load(BPF_PROG_TYPE_SOCKET_FILTER, bad, ARRAY_SIZE(bad)));
	EXPECT_EQ(-EACCES, load_logged(&attr, 1, sizeof(log_buf)));
	EXPECT_NE(NULL, strstr(log_buf, "0: (bf) r0 = r2\n")) { TH_LOG("%s", log_buf); }
	EXPECT_NE(NULL, strstr(log_buf, "R2 !read_ok\n")) { TH_LOG("%s", log_buf); }
	EXPECT_NE(NULL, strstr(log_buf, "processed 1 insns (limit 1000000)"));
	EXPECT_EQ(strlen(log_buf) + 1, attr.log_true_size);
}

/* A program that loads: level 1 tells only the statistics, level 2 every step. */
TEST(log_levels)
{
	union bpf_attr attr = FILTER_ATTR(longer);

	EXPECT_EQ(0, load_logged(&attr, 1, sizeof(log_buf)));
	EXPECT_EQ(NULL, strstr(log_buf, "r0 = 0")) { TH_LOG("%s", log_buf); }
	EXPECT_EQ(&log_buf[0], strstr(log_buf, "processed 10 insns (limit 1000000)")) {
		TH_LOG("%s", log_buf);
	}

	EXPECT_EQ(0, load_logged(&attr, 2, sizeof(log_buf)));
	EXPECT_NE(NULL, strstr(log_buf, "0: (b7) r0 = 0")) { TH_LOG("%s", log_buf); }
	EXPECT_NE(NULL, strstr(log_buf, "8: (07) r0 += 8"));
	EXPECT_NE(NULL, strstr(log_buf, "9: (95) exit"));
	EXPECT_NE(NULL, strstr(log_buf, "processed 10 insns"));

	EXPECT_EQ(0, load_logged(&attr, 4, sizeof(log_buf)));
	EXPECT_EQ(NULL, strstr(log_buf, "r0 = 0"));
	EXPECT_NE(NULL, strstr(log_buf, "processed 10 insns"));
	EXPECT_NE(NULL, strstr(log_buf, "verification time")) { TH_LOG("%s", log_buf); }
}

TEST(log_arguments)
{
	union bpf_attr attr = FILTER_ATTR(return_0);

	EXPECT_EQ(-EINVAL, load_logged(&attr, 16, sizeof(log_buf)));
	EXPECT_EQ(-EINVAL, load_logged(&attr, 0, sizeof(log_buf)));
	EXPECT_EQ(-EINVAL, load_logged(&attr, 1, 0));
	EXPECT_EQ(-EINVAL, load_logged(&attr, 1, UINT32_MAX));

	/* no buffer: the size of the log is all that is wanted */
	attr.log_level = 1;
	attr.log_size = 0;
	attr.log_buf = 0;
	attr.log_true_size = 0;
	close(sys_bpf(BPF_PROG_LOAD, &attr));
	EXPECT_LT(50, attr.log_true_size);
}

/* exactly fitting, one byte short, and much too short */
TEST(log_truncation)
{
	union bpf_attr attr = FILTER_ATTR(longer);
	static char whole[sizeof(log_buf)];
	__u32 size;

	ASSERT_EQ(0, load_logged(&attr, 2, sizeof(log_buf)));
	size = strlen(log_buf) + 1;
	memcpy(whole, log_buf, size);
	EXPECT_EQ(size, attr.log_true_size);

	/* the counts at the end are of constant length, times are not part of level 2 */
	EXPECT_EQ(0, load_logged(&attr, 2, size));
	EXPECT_EQ(size, attr.log_true_size);
	EXPECT_STREQ(whole, log_buf);

	EXPECT_EQ(-ENOSPC, load_logged(&attr, 2, size - 1));
	EXPECT_EQ(size, attr.log_true_size);

	/* the end is kept, which is where the reason of a refusal stands */
	EXPECT_EQ(-ENOSPC, load_logged(&attr, 2, 100));
	EXPECT_EQ(size, attr.log_true_size);
	EXPECT_EQ(99, strnlen(log_buf, sizeof(log_buf)));
	EXPECT_STREQ(whole + size - 100, log_buf);
	EXPECT_EQ((char)0xff, log_buf[100]) { TH_LOG("written past log_size"); }

	/* BPF_LOG_FIXED keeps the beginning */
	EXPECT_EQ(-ENOSPC, load_logged(&attr, 2 | 8, 100));
	EXPECT_EQ(size, attr.log_true_size);
	EXPECT_EQ(99, strnlen(log_buf, sizeof(log_buf)));
	EXPECT_EQ(0, strncmp(whole, log_buf, 99));
	EXPECT_EQ((char)0xff, log_buf[100]) { TH_LOG("written past log_size"); }
}

TEST(log_into_bad_memory)
{
	union bpf_attr attr = FILTER_ATTR(longer);

	attr.log_level = 2;
	attr.log_size = 4096;
	attr.log_buf = 8;
	EXPECT_EQ(-EFAULT, sys_bpf(BPF_PROG_LOAD, &attr));
}

TEST(largest_program)
{
	const __u32 count = 20000;
	struct bpf_insn *insns = calloc(count + 1, sizeof(*insns));
	int fd;

	ASSERT_NE(NULL, insns);
	for (__u32 i = 0; i < count; i++)
		insns[i] = BPF_MOV64_IMM(BPF_REG_0, i);
	insns[count] = BPF_EXIT_INSN();
	fd = prog_load(BPF_PROG_TYPE_SOCKET_FILTER, insns, count + 1);
	EXPECT_LE(0, fd);
	close(fd);
	EXPECT_EQ(-E2BIG, prog_load(BPF_PROG_TYPE_SOCKET_FILTER, insns, 0));
	EXPECT_EQ(-E2BIG, prog_load(BPF_PROG_TYPE_SOCKET_FILTER, insns, 1000001));
	EXPECT_EQ(-EFAULT, prog_load(BPF_PROG_TYPE_SOCKET_FILTER, NULL, 2));
	free(insns);
}

/* -------------------------------------------------------------- privilege */

#define CAPS(...)	caps_mask((const int[]) { __VA_ARGS__, -1 })

static __u64 caps_mask(const int *caps)
{
	__u64 mask = 0;

	for (; *caps >= 0; caps++)
		mask |= 1ULL << *caps;
	return mask;
}

FIXTURE(privilege)
{
	int prog, map;
};

FIXTURE_SETUP(privilege)
{
	if (geteuid() != 0)
		SKIP(return, "not root");
	self->map = map_create(BPF_MAP_TYPE_ARRAY, 4, 8, 1);
	self->prog = prog_load(BPF_PROG_TYPE_SOCKET_FILTER, return_0, ARRAY_SIZE(return_0));
}

FIXTURE_TEARDOWN(privilege)
{
	close(self->map);
	close(self->prog);
}

TEST_F(privilege, unprivileged_bpf_is_off)
{
	EXPECT_EQ(2, read_number("/proc/sys/kernel/unprivileged_bpf_disabled"));
}

TEST_F(privilege, none)
{
	struct bpf_prog_info info;
	__u32 key = 0;
	__u64 value;
	int map;

	ASSERT_EQ(0, get_prog_info(self->prog, &info));
	ASSERT_EQ(0, keep_caps(0));
	EXPECT_EQ(-EPERM, prog_load(BPF_PROG_TYPE_SOCKET_FILTER, return_0, 2));
	EXPECT_EQ(-EPERM, prog_load(BPF_PROG_TYPE_KPROBE, return_0, 2));
	map = map_create(BPF_MAP_TYPE_ARRAY, 4, 8, 1);
	EXPECT_EQ(-EPERM, map);
	EXPECT_EQ(-EPERM, fd_by_id(BPF_PROG_GET_FD_BY_ID, info.id));
	EXPECT_EQ(-EPERM, next_id(BPF_PROG_GET_NEXT_ID, 0));
	/* who was handed a descriptor may use it */
	EXPECT_EQ(0, map_lookup(self->map, &key, &value));
}

TEST_F(privilege, other_user)
{
	ASSERT_EQ(0, setresuid(65534, 65534, 65534));
	EXPECT_EQ(-EPERM, prog_load(BPF_PROG_TYPE_SOCKET_FILTER, return_0, 2));
	EXPECT_EQ(-EPERM, map_create(BPF_MAP_TYPE_ARRAY, 4, 8, 1));
}

TEST_F(privilege, sys_admin)
{
	int fd;

	ASSERT_EQ(0, keep_caps(CAPS(CAP_SYS_ADMIN)));
	fd = prog_load(BPF_PROG_TYPE_KPROBE, return_0, 2);
	EXPECT_LE(0, fd);
	close(fd);
}

TEST_F(privilege, bpf_and_perfmon)
{
	int fd;

	ASSERT_EQ(0, keep_caps(CAPS(CAP_BPF, CAP_PERFMON)));
	fd = prog_load(BPF_PROG_TYPE_KPROBE, return_0, 2);
	EXPECT_LE(0, fd);
	close(fd);
	fd = prog_load(BPF_PROG_TYPE_TRACEPOINT, return_0, 2);
	EXPECT_LE(0, fd);
	close(fd);
	/* ids are the administrator's view of the whole system */
	EXPECT_EQ(-EPERM, next_id(BPF_PROG_GET_NEXT_ID, 0));
}

TEST_F(privilege, perfmon_alone)
{
	ASSERT_EQ(0, keep_caps(CAPS(CAP_PERFMON)));
	EXPECT_EQ(-EPERM, prog_load(BPF_PROG_TYPE_KPROBE, return_0, 2));
	EXPECT_EQ(-EPERM, prog_load(BPF_PROG_TYPE_SOCKET_FILTER, return_0, 2));
}

/* Tracing programs read the kernel's memory: CAP_BPF is not enough. */
TEST_F(privilege, bpf_alone)
{
	int fd;

	ASSERT_EQ(0, keep_caps(CAPS(CAP_BPF)));
	EXPECT_EQ(-EPERM, prog_load(BPF_PROG_TYPE_KPROBE, return_0, 2));
	EXPECT_EQ(-EPERM, prog_load(BPF_PROG_TYPE_TRACEPOINT, return_0, 2));
	fd = map_create(BPF_MAP_TYPE_HASH, 4, 8, 1);
	EXPECT_LE(0, fd);
	close(fd);
}

TEST_HARNESS_MAIN
