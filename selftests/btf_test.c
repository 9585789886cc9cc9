// SPDX-License-Identifier: GPL-2.0-only
/*
 * Type information: the kernel's own is there for tools to read; that of programs and
 * maps is loaded, checked, and shown.
 */
#include <linux/btf.h>
#include <sys/stat.h>

#include "lib/harness.h"
#include "lib/bpf_sys.h"
#include "lib/btf_blob.h"

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

/* The kernel's types by id, as bpftrace and libbpf look for them. */
TEST(vmlinux_by_id)
{
	char name[16] = "";
	struct bpf_btf_info info = { .name = ptr_to_u64(name), .name_len = sizeof(name) };
	__u32 len = sizeof(info);
	int id = next_id(BPF_BTF_GET_NEXT_ID, 0);
	int fd = fd_by_id(BPF_BTF_GET_FD_BY_ID, id);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, obj_info(fd, &info, &len));
	EXPECT_EQ(id, info.id);
	EXPECT_EQ(1, info.kernel_btf);
	EXPECT_STREQ("vmlinux", name);
	EXPECT_LT(100000, info.btf_size);
	close(fd);
}

/* ------------------------------------------------------------ BPF_BTF_LOAD */

static const char names[] = "\0int\0main\0sub\0x\0file.c\0  int x = 5;\0bpf_timer\0st\0.bss";

enum { INT = 1, MAIN = 5, SUB = 10, X = 14, FILE_C = 16, LINE = 23, TIMER = 36, ST = 46, BSS = 49 };

enum {
	T_INT = 1, T_PROTO, T_MAIN, T_SUB, T_LONG, T_ST, T_TIMER, T_TIMED, T_VAR, T_BSS, T_TYPEDEF,
};

static const __u32 types[] = {
	INT_TYPE(INT, BTF_INT_SIGNED, 0, 32, 4),
	TYPE(0, BTF_KIND_FUNC_PROTO, 0, 0, T_INT),
	TYPE(MAIN, BTF_KIND_FUNC, 0, BTF_FUNC_STATIC, T_PROTO),
	TYPE(SUB, BTF_KIND_FUNC, 0, BTF_FUNC_STATIC, T_PROTO),
	INT_TYPE(INT, 0, 0, 64, 8),
	TYPE(ST, BTF_KIND_STRUCT, 0, 2, 8), X, T_INT, 0, 0, T_INT, 32,
	TYPE(TIMER, BTF_KIND_STRUCT, 0, 2, 16), 0, T_LONG, 0, 0, T_LONG, 64,
	TYPE(ST, BTF_KIND_STRUCT, 0, 1, 16), X, T_TIMER, 0,
	TYPE(X, BTF_KIND_VAR, 0, 0, T_INT), BTF_VAR_STATIC,
	TYPE(BSS, BTF_KIND_DATASEC, 0, 1, 4), T_VAR, 0, 4,
	TYPE(X, BTF_KIND_TYPEDEF, 0, 0, T_INT),
};

static char log_text[1 << 16];

static int load_blob(const struct blob *blob, __u32 size)
{
	union bpf_attr attr = {
		.btf = ptr_to_u64(blob->data),
		.btf_size = size,
		.btf_log_level = 1,
		.btf_log_buf = ptr_to_u64(log_text),
		.btf_log_size = sizeof(log_text),
	};

	log_text[0] = 0;
	return sys_bpf(BPF_BTF_LOAD, &attr);
}

static int load_types(void)
{
	static struct blob blob;

	blob_make(&blob, types, sizeof(types), names, sizeof(names));
	return load_blob(&blob, blob.size);
}

TEST(load)
{
	static struct blob blob;
	char copy[sizeof(blob.data)], path[64], text[64];
	struct bpf_btf_info info = { .btf = ptr_to_u64(copy), .btf_size = sizeof(copy) };
	__u32 len = sizeof(info), id;
	int fd, fd2;
	FILE *file;

	blob_make(&blob, types, sizeof(types), names, sizeof(names));
	fd = load_blob(&blob, blob.size);
	ASSERT_LE(0, fd) TH_LOG("%s", log_text);
	EXPECT_NE(NULL, strstr(log_text, "[6] STRUCT st size=8 vlen=2\n"
					 "\tx type_id=1 bits_offset=0\n"));
	ASSERT_EQ(0, obj_info(fd, &info, &len));
	EXPECT_EQ(sizeof(info), len);
	EXPECT_EQ(blob.size, info.btf_size);
	EXPECT_EQ(0, info.kernel_btf);
	EXPECT_EQ(0, memcmp(blob.data, copy, blob.size));
	id = info.id;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	file = fopen(path, "r");
	snprintf(text, sizeof(text), "btf_id:\t%u\n", id);
	len = 0;
	while (file && fgets(path, sizeof(path), file))
		len += !strcmp(path, text);
	EXPECT_EQ(1, len);
	fclose(file);

	fd2 = fd_by_id(BPF_BTF_GET_FD_BY_ID, id);
	EXPECT_LE(0, fd2);
	close(fd);
	close(fd2);
	EXPECT_EQ(-ENOENT, fd_by_id(BPF_BTF_GET_FD_BY_ID, id));
}

/* What is refused is refused with words; all that is in the header may be wrong. */
TEST(load_refused)
{
	static const struct {
		__u32 at, value;	/* which 32 bits of the header */
		int err;
		const char *words;
	} rows[] = {
		{ 0, 0x0001eb9e, -EINVAL, "Invalid magic" },
		{ 0, 0x0002eb9f, -ENOTSUPP, "Unsupported version" },
		{ 0, 0x0101eb9f, -ENOTSUPP, "Unsupported flags" },
		{ 1, 0, -EINVAL, "Invalid magic" },
		{ 1, 100000, -EINVAL, "btf_header not found" },
		{ 1, 28, -E2BIG, "Unsupported btf_header" },
		{ 2, 4, -EINVAL, "Unsupported section found" },
		{ 2, 0x7fffffff, -EINVAL, NULL },
		{ 3, 0, -EINVAL, NULL },
		{ 3, 0xffffffff, -EINVAL, NULL },
		{ 4, 0, -EINVAL, "Section overlap found" },
		{ 5, 0, -EINVAL, "Unsupported section found" },
		{ 5, 0xffffffff, -EINVAL, "Total section length too long" },
	};
	static struct blob blob;
	__u32 i, size;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		blob_make(&blob, types, sizeof(types), names, sizeof(names));
		memcpy(blob.data + 4 * rows[i].at, &rows[i].value, 4);
		EXPECT_EQ(rows[i].err, load_blob(&blob, blob.size)) TH_LOG("row %u", i);
		EXPECT_NE(NULL, strstr(log_text, rows[i].words ?: "")) TH_LOG("%s", log_text);
	}
	blob_make(&blob, types, sizeof(types), names, sizeof(names));
	for (size = 0; size < blob.size; size++)
		EXPECT_GT(0, load_blob(&blob, size)) TH_LOG("%u bytes", size);
}

TEST(load_log)
{
	static struct blob blob;
	union bpf_attr attr = { .btf_log_level = 1 };
	char small[40];

	blob_make(&blob, types, sizeof(types), names, sizeof(names));
	attr.btf = ptr_to_u64(blob.data);
	attr.btf_size = blob.size;
	attr.btf_log_buf = ptr_to_u64(small);
	attr.btf_log_size = sizeof(small);
	EXPECT_EQ(-ENOSPC, sys_bpf(BPF_BTF_LOAD, &attr));
	EXPECT_LT(sizeof(small), attr.btf_log_true_size);
	EXPECT_EQ(sizeof(small) - 1, strnlen(small, sizeof(small)));
	attr.btf_log_buf = 0;
	attr.btf_log_size = 0;
	EXPECT_LE(0, sys_bpf(BPF_BTF_LOAD, &attr));
}

/* ---------------------------------------------------------------- programs */

/* A function that is called, so that there are two. */
static const struct bpf_insn two_functions[] = {
	BPF_INSN(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, 0, 3),
	BPF_LD_IMM64_RAW(BPF_REG_1, 0, 5, 0),
	BPF_EXIT_INSN(),
	RETURN(1),
};

static const struct bpf_func_info funcs[] = { { 0, T_MAIN }, { 4, T_SUB } };
static const struct bpf_line_info lines[] = {
	{ 0, FILE_C, LINE, 7 << 10 | 3 }, { 4, FILE_C, LINE, 9 << 10 | 1 },
};

static void info_attr(union bpf_attr *attr, int btf)
{
	prog_attr(attr, BPF_PROG_TYPE_SOCKET_FILTER, two_functions, ARRAY_SIZE(two_functions));
	attr->prog_btf_fd = btf;
	attr->func_info = ptr_to_u64(funcs);
	attr->func_info_cnt = ARRAY_SIZE(funcs);
	attr->func_info_rec_size = sizeof(*funcs);
	attr->line_info = ptr_to_u64(lines);
	attr->line_info_cnt = ARRAY_SIZE(lines);
	attr->line_info_rec_size = sizeof(*lines);
	attr->log_level = 2;
	attr->log_buf = ptr_to_u64(log_text);
	attr->log_size = sizeof(log_text);
	log_text[0] = 0;
}

TEST(prog_info)
{
	struct bpf_func_info got_funcs[3] = {};
	struct bpf_line_info got_lines[3] = {};
	struct bpf_insn insns[6] = {};
	struct bpf_prog_info info = {
		.xlated_prog_insns = ptr_to_u64(insns),
		.xlated_prog_len = sizeof(insns),
		.func_info = ptr_to_u64(got_funcs),
		.nr_func_info = ARRAY_SIZE(got_funcs),
		.func_info_rec_size = sizeof(*got_funcs),
		.line_info = ptr_to_u64(got_lines),
		.nr_line_info = ARRAY_SIZE(got_lines),
		.line_info_rec_size = sizeof(*got_lines),
	};
	int btf = load_types(), prog;
	__u32 len = sizeof(info);
	union bpf_attr attr;

	ASSERT_LE(0, btf);
	info_attr(&attr, btf);
	prog = sys_bpf(BPF_PROG_LOAD, &attr);
	ASSERT_LE(0, prog) TH_LOG("%s", log_text);
	EXPECT_NE(NULL, strstr(log_text, "; int x = 5; @ file.c:7\n0: (85) call pc+3\n"));
	EXPECT_NE(NULL, strstr(log_text, "; int x = 5; @ file.c:9\n4: (b7) r0 = 1"));

	ASSERT_EQ(0, obj_info(prog, &info, &len));
	EXPECT_EQ(2, info.nr_func_info);
	EXPECT_EQ(2, info.nr_line_info);
	EXPECT_EQ(0, memcmp(funcs, got_funcs, sizeof(funcs)));
	EXPECT_EQ(0, memcmp(lines, got_lines, sizeof(lines)));
	EXPECT_NE(0, info.btf_id);
	/* where tools look for the distance of a call */
	EXPECT_EQ(3, insns[0].off);

	/* the program keeps its types */
	close(btf);
	btf = fd_by_id(BPF_BTF_GET_FD_BY_ID, info.btf_id);
	EXPECT_LE(0, btf);
	close(btf);
	close(prog);
}

FIXTURE(record)
{
	int btf;
	union bpf_attr attr;
};

FIXTURE_SETUP(record)
{
	self->btf = load_types();
	ASSERT_LE(0, self->btf);
	info_attr(&self->attr, self->btf);
}

FIXTURE_TEARDOWN(record)
{
	close(self->btf);
}

#define EXPECT_REFUSED(err, words) do {					\
	EXPECT_EQ(err, sys_bpf(BPF_PROG_LOAD, &self->attr));		\
	EXPECT_NE(NULL, strstr(log_text, words)) TH_LOG("%s", log_text);	\
} while (0)

TEST_F(record, sizes)
{
	struct { struct bpf_func_info info; __u32 more; } wide[2] = {
		{ funcs[0] }, { funcs[1] },
	};
	int fd;

	self->attr.func_info = ptr_to_u64(wide);
	self->attr.func_info_rec_size = sizeof(wide[0]);
	fd = sys_bpf(BPF_PROG_LOAD, &self->attr);
	EXPECT_LE(0, fd);
	close(fd);
	wide[1].more = 1;
	EXPECT_REFUSED(-E2BIG, "nonzero tailing record in func info");
	/* what the kernel would have understood */
	EXPECT_EQ(sizeof(wide[0].info), self->attr.func_info_rec_size);
	self->attr.func_info_rec_size = 4;
	EXPECT_REFUSED(-EINVAL, "invalid func info rec size 4\n");
	self->attr.func_info_rec_size = 256;
	EXPECT_REFUSED(-EINVAL, "invalid func info rec size 256\n");
	info_attr(&self->attr, self->btf);
	self->attr.line_info_rec_size = 12;
	EXPECT_REFUSED(-EINVAL, "");
	self->attr.line_info_rec_size = 18;
	EXPECT_REFUSED(-EINVAL, "");
}

TEST_F(record, functions)
{
	struct bpf_func_info bad[2] = { funcs[0], funcs[1] };

	self->attr.func_info = ptr_to_u64(bad);
	bad[0].insn_off = 1;
	EXPECT_REFUSED(-EINVAL, "nonzero insn_off 1 for the first func info record");
	bad[0].insn_off = 0;
	bad[1].insn_off = 0;
	EXPECT_REFUSED(-EINVAL,
		       "same or smaller insn offset (0) than previous func info record (0)");
	bad[1].insn_off = 3;
	EXPECT_REFUSED(-EINVAL,
		       "func_info BTF section doesn't match subprog layout in BPF program\n");
	bad[1].insn_off = 0xffffffff;
	EXPECT_REFUSED(-EINVAL,
		       "func_info BTF section doesn't match subprog layout in BPF program\n");
	bad[1] = funcs[1];
	bad[1].type_id = T_INT;
	EXPECT_REFUSED(-EINVAL, "invalid type id 1 in func info");
	bad[1].type_id = 1000;
	EXPECT_REFUSED(-EINVAL, "invalid type id 1000 in func info");
	self->attr.func_info_cnt = 1;
	EXPECT_REFUSED(-EINVAL, "number of funcs in func_info doesn't match number of subprogs\n");
	info_attr(&self->attr, self->btf);
	self->attr.func_info = 8;
	EXPECT_REFUSED(-EFAULT, "");
	info_attr(&self->attr, 7777);
	EXPECT_REFUSED(-EBADF, "");
}

TEST_F(record, lines)
{
	struct bpf_line_info bad[3] = { lines[0], lines[1], lines[1] };

	self->attr.line_info = ptr_to_u64(bad);
	bad[0].insn_off = 1;
	EXPECT_REFUSED(-EINVAL, "missing bpf_line_info for func#0\n");
	bad[0] = lines[0];
	bad[1].insn_off = 0;
	EXPECT_REFUSED(-EINVAL, "Invalid line_info[1].insn_off:0 (prev_offset:0 prog->len:6)\n");
	bad[1].insn_off = 6;
	EXPECT_REFUSED(-EINVAL, "Invalid line_info[1].insn_off:6 (prev_offset:0 prog->len:6)\n");
	bad[1].insn_off = 2;
	EXPECT_REFUSED(-EINVAL, "Invalid insn code at line_info[1].insn_off\n");
	bad[1].insn_off = 5;
	EXPECT_REFUSED(-EINVAL, "missing bpf_line_info for func#1\n");
	bad[1] = lines[1];
	bad[1].line_off = sizeof(names);
	EXPECT_REFUSED(-EINVAL, "Invalid line_info[1].line_off or .file_name_off\n");
	bad[1] = lines[1];
	self->attr.line_info_cnt = 3;
	EXPECT_REFUSED(-EINVAL, "Invalid line_info[2].insn_off:4 (prev_offset:4 prog->len:6)\n");
	self->attr.line_info_cnt = 1;
	EXPECT_REFUSED(-EINVAL, "missing bpf_line_info for 1 funcs starting from func#1\n");
	self->attr.line_info_cnt = 0xffffffff;
	EXPECT_REFUSED(-EINVAL, "");
}

/* Types of the kernel are no types of a program. */
TEST_F(record, kernel_types)
{
	int fd = fd_by_id(BPF_BTF_GET_FD_BY_ID, next_id(BPF_BTF_GET_NEXT_ID, 0));

	ASSERT_LE(0, fd);
	info_attr(&self->attr, fd);
	EXPECT_REFUSED(-EACCES, "");
	close(fd);
}

/* ------------------------------------------------------------------- maps */

static int typed_map(__u32 type, __u32 key_size, __u32 value_size, int btf, __u32 key, __u32 value)
{
	union bpf_attr attr = {
		.map_type = type,
		.key_size = key_size,
		.value_size = value_size,
		.max_entries = 1,
		.btf_fd = btf,
		.btf_key_type_id = key,
		.btf_value_type_id = value,
	};

	return sys_bpf(BPF_MAP_CREATE, &attr);
}

TEST(map_types)
{
	static const struct {
		__u32 type, key_size, value_size, key, value;
		int err;
	} rows[] = {
		{ BPF_MAP_TYPE_HASH, 4, 8, T_INT, T_ST, 0 },
		{ BPF_MAP_TYPE_HASH, 8, 4, T_ST, T_TYPEDEF, 0 },
		{ BPF_MAP_TYPE_HASH, 4, 4, T_INT, T_ST, -EINVAL },
		{ BPF_MAP_TYPE_HASH, 8, 8, T_INT, T_ST, -EINVAL },
		{ BPF_MAP_TYPE_HASH, 4, 8, 0, T_ST, -EINVAL },
		{ BPF_MAP_TYPE_HASH, 4, 4, T_INT, 0, -EINVAL },
		{ BPF_MAP_TYPE_HASH, 4, 4, T_INT, 1000, -EINVAL },
		{ BPF_MAP_TYPE_HASH, 4, 4, 1000, T_INT, -EINVAL },
		{ BPF_MAP_TYPE_HASH, 4, 4, T_INT, T_PROTO, -EINVAL },
		{ BPF_MAP_TYPE_HASH, 4, 4, T_INT, T_BSS, 0 },
		{ BPF_MAP_TYPE_ARRAY, 4, 8, T_INT, T_ST, 0 },
		{ BPF_MAP_TYPE_ARRAY, 4, 8, T_TYPEDEF, T_ST, 0 },
		{ BPF_MAP_TYPE_ARRAY, 4, 4, 0, T_BSS, 0 },
		{ BPF_MAP_TYPE_ARRAY, 4, 4, 0, T_INT, -EINVAL },
		{ BPF_MAP_TYPE_ARRAY, 4, 4, T_BSS, T_INT, -EINVAL },
		{ BPF_MAP_TYPE_PERCPU_HASH, 4, 8, T_INT, T_ST, 0 },
		{ BPF_MAP_TYPE_PERCPU_HASH, 4, 16, T_INT, T_TIMED, -EOPNOTSUPP },
		{ BPF_MAP_TYPE_PERF_EVENT_ARRAY, 4, 4, T_INT, T_INT, -ENOTSUPP },
		{ BPF_MAP_TYPE_PERF_EVENT_ARRAY, 4, 4, T_ST, T_ST, -EINVAL },
	};
	int btf = load_types(), map;
	struct bpf_map_info info;
	__u32 i, id;

	ASSERT_LE(0, btf);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		map = typed_map(rows[i].type, rows[i].key_size, rows[i].value_size, btf,
				rows[i].key, rows[i].value);
		EXPECT_EQ(rows[i].err, errno_of(map)) TH_LOG("row %u", i);
		if (map < 0)
			continue;
		ASSERT_EQ(0, get_map_info(map, &info));
		EXPECT_NE(0, info.btf_id);
		EXPECT_EQ(rows[i].key, info.btf_key_type_id);
		EXPECT_EQ(rows[i].value, info.btf_value_type_id);
		close(map);
	}
	EXPECT_EQ(-EBADF, typed_map(BPF_MAP_TYPE_HASH, 4, 4, 7777, T_INT, T_INT));

	/* a map keeps its types, and nobody else does */
	map = typed_map(BPF_MAP_TYPE_HASH, 4, 8, btf, T_INT, T_ST);
	ASSERT_EQ(0, get_map_info(map, &info));
	id = info.btf_id;
	close(btf);
	btf = fd_by_id(BPF_BTF_GET_FD_BY_ID, id);
	EXPECT_LE(0, btf);
	close(btf);
	close(map);
	/* the map goes after grace periods */
	for (i = 0; i < 500 && (btf = fd_by_id(BPF_BTF_GET_FD_BY_ID, id)) >= 0; i++) {
		close(btf);
		usleep(10000);
	}
	EXPECT_EQ(-ENOENT, btf);
}

/* A value with a timer: there are no timers in BVM. */
TEST(map_special)
{
	int btf = load_types();
	int map = typed_map(BPF_MAP_TYPE_HASH, 4, 16, btf, T_INT, T_TIMED);

	EXPECT_EQ(kernel_is_bvm() ? -EOPNOTSUPP : 0, errno_of(map));
	close(map);
	close(btf);
}

TEST_HARNESS_MAIN
