// SPDX-License-Identifier: GPL-2.0-only
/*
 * Programs on tracepoints whose arguments have the kernel's types (tp_btf).
 *
 * The event is this thread's change of its name: task_rename(task, comm), of which a
 * program reads members without a helper.
 */
#include <sys/prctl.h>
#include <sys/wait.h>

#include "lib/harness.h"
#include "lib/kernel_btf.h"
#include "lib/links.h"

#define COOKIE	0x1122334455667788ULL

static const struct kernel_btf *types(void)
{
	static struct kernel_btf btf;

	if (!btf.data && kernel_btf_read(&btf))
		return NULL;
	return &btf;
}

static int type_id(const char *name, __u32 kind)
{
	return kernel_btf_find(types(), name, kind, NULL);
}

static int tracepoint_type(const char *name)
{
	char type[128];

	snprintf(type, sizeof(type), "btf_trace_%s", name);
	return type_id(type, BTF_KIND_TYPEDEF);
}

static char log_text[65536];

static int tracing_load(__u32 attach_type, __u32 btf_id, const struct bpf_insn *insns, __u32 count)
{
	union bpf_attr attr;

	prog_attr(&attr, BPF_PROG_TYPE_TRACING, insns, count);
	attr.expected_attach_type = attach_type;
	attr.attach_btf_id = btf_id;
	attr.log_level = 1;
	attr.log_buf = ptr_to_u64(log_text);
	attr.log_size = sizeof(log_text);
	log_text[0] = 0;
	return sys_bpf(BPF_PROG_LOAD, &attr);
}

/* for a program that should load: the log goes to stderr when it does not */
static int tp_btf_load(const char *tracepoint, const struct bpf_insn *insns, __u32 count)
{
	int fd = tracing_load(BPF_TRACE_RAW_TP, tracepoint_type(tracepoint), insns, count);

	if (fd < 0)
		fprintf(stderr, "# refused (%d):\n%s", fd, log_text);
	return fd;
}

static int link_create(int prog, __u32 attach_type, __u64 cookie)
{
	union bpf_attr attr = {
		.link_create.prog_fd = prog,
		.link_create.attach_type = attach_type,
		.link_create.tracing.cookie = cookie,
	};

	return sys_bpf(BPF_LINK_CREATE, &attr);
}

static __u64 value(int map, int index)
{
	__u64 values[4] = {};
	__u32 key = 0;

	map_lookup(map, &key, values);
	return values[index];
}

/*
 * In this process: 0 counts runs, 1 is task->real_parent->tgid, 2 the cookie, 3 the first
 * byte of the old name.  Offsets are those in struct task_struct.
 */
static int reader(int map, int tgid, int parent, int comm)
{
	const struct bpf_insn insns[] = {
		BPF_MOV64_REG(BPF_REG_8, BPF_REG_1),
		BPF_LDX_MEM(BPF_DW, BPF_REG_6, BPF_REG_1, 0),
		BPF_LDX_MEM(BPF_W, BPF_REG_1, BPF_REG_6, tgid),
		BPF_JMP_IMM(BPF_JNE, BPF_REG_1, getpid(), 13),
		BPF_LD_MAP_VALUE(BPF_REG_7, map, 0),
		BPF_LDX_MEM(BPF_DW, BPF_REG_1, BPF_REG_6, parent),
		BPF_LDX_MEM(BPF_W, BPF_REG_1, BPF_REG_1, tgid),
		BPF_STX_MEM(BPF_DW, BPF_REG_7, BPF_REG_1, 8),
		BPF_LDX_MEM(BPF_B, BPF_REG_1, BPF_REG_6, comm),
		BPF_STX_MEM(BPF_DW, BPF_REG_7, BPF_REG_1, 24),
		BPF_MOV64_REG(BPF_REG_1, BPF_REG_8),
		BPF_EMIT_CALL(BPF_FUNC_get_attach_cookie),
		BPF_STX_MEM(BPF_DW, BPF_REG_7, BPF_REG_0, 16),
		BPF_LDX_MEM(BPF_DW, BPF_REG_1, BPF_REG_7, 0),
		BPF_ALU64_IMM(BPF_ADD, BPF_REG_1, 1),
		BPF_STX_MEM(BPF_DW, BPF_REG_7, BPF_REG_1, 0),
				RETURN(0),
	};

	return tp_btf_load("task_rename", insns, ARRAY_SIZE(insns));
}

FIXTURE(tp_btf)
{
	int map, prog;
	int tgid, parent;	/* offsets in struct task_struct */
};

FIXTURE_SETUP(tp_btf)
{
	int comm;

	if (!types())
		SKIP(return, "the kernel has no BTF");
	self->tgid = kernel_btf_offset(types(), "task_struct", "tgid");
	self->parent = kernel_btf_offset(types(), "task_struct", "real_parent");
	comm = kernel_btf_offset(types(), "task_struct", "comm");
	ASSERT_LT(0, self->tgid);
	ASSERT_LT(0, self->parent);
	ASSERT_LT(0, comm);
	self->map = map_create(BPF_MAP_TYPE_ARRAY, 4, 32, 1);
	ASSERT_LE(0, self->map);
	self->prog = reader(self->map, self->tgid, self->parent, comm);
	ASSERT_LE(0, self->prog);
}

FIXTURE_TEARDOWN(tp_btf)
{
	close(self->prog);
	close(self->map);
}

TEST_F(tp_btf, reads_members)
{
	int link = raw_tp_open(NULL, self->prog);

	prctl(PR_SET_NAME, "Xold");
	ASSERT_LE(0, link);
	prctl(PR_SET_NAME, "new");
	EXPECT_EQ(2, value(self->map, 0));
	EXPECT_EQ(getppid(), value(self->map, 1));
	EXPECT_EQ('X', value(self->map, 3));
	EXPECT_EQ(0, value(self->map, 2));
	close(link);
	prctl(PR_SET_NAME, "other");
	EXPECT_EQ('X', value(self->map, 3));
}

TEST_F(tp_btf, link_create)
{
	int link = link_create(self->prog, BPF_TRACE_RAW_TP, COOKIE);
	struct bpf_prog_info prog_info;
	struct bpf_link_info info = {};
	char name[32] = {};

	ASSERT_LE(0, link);
	prctl(PR_SET_NAME, "name");
	EXPECT_EQ(1, value(self->map, 0));
	EXPECT_EQ(COOKIE, value(self->map, 2));

	info.raw_tracepoint.tp_name = ptr_to_u64(name);
	info.raw_tracepoint.tp_name_len = sizeof(name);
	ASSERT_EQ(0, get_link_info(link, &info));
	get_prog_info(self->prog, &prog_info);
	EXPECT_EQ(BPF_LINK_TYPE_RAW_TRACEPOINT, info.type);
	EXPECT_EQ(prog_info.id, info.prog_id);
	EXPECT_STREQ("task_rename", name);
	EXPECT_EQ(tracepoint_type("task_rename"), prog_info.attach_btf_id);
	EXPECT_NE(0, prog_info.attach_btf_obj_id);
	close(link);
	prctl(PR_SET_NAME, "name");
	EXPECT_EQ(1, value(self->map, 0));
}

TEST_F(tp_btf, open_with_cookie)
{
	int link = raw_tp_open_cookie(NULL, self->prog, COOKIE);

	ASSERT_LE(0, link);
	prctl(PR_SET_NAME, "name");
	EXPECT_EQ(COOKIE, value(self->map, 2));
	close(link);
}

TEST_F(tp_btf, attaches_to_its_target_only)
{
	EXPECT_EQ(-EINVAL, raw_tp_open("task_rename", self->prog));
	EXPECT_EQ(-EINVAL, raw_tp_open("sched_switch", self->prog));
	EXPECT_EQ(-EINVAL, link_create(self->prog, BPF_TRACE_FENTRY, 0));
	EXPECT_EQ(-EINVAL, link_create(self->prog, BPF_PERF_EVENT, 0));
	EXPECT_EQ(-EINVAL, link_create(self->prog, 0, 0));
}

/* A tail call passes the context on: to programs on the same tracepoint only. */
TEST(tail_calls_stay_with_their_target)
{
	int array = map_create(BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 1), user, same, other;
	const struct bpf_insn refers[] = { BPF_LD_MAP_FD(BPF_REG_1, array), RETURN(0) };
	const struct bpf_insn trivial[] = { RETURN(0) };
	__u32 key = 0;

	ASSERT_LE(0, array);
	user = tp_btf_load("task_newtask", refers, ARRAY_SIZE(refers));
	same = tp_btf_load("task_newtask", trivial, ARRAY_SIZE(trivial));
	other = tp_btf_load("task_rename", trivial, ARRAY_SIZE(trivial));
	ASSERT_LE(0, user);
	ASSERT_LE(0, same);
	ASSERT_LE(0, other);
	EXPECT_EQ(0, map_update(array, &key, &same, BPF_ANY));
	EXPECT_EQ(-EINVAL, map_update(array, &key, &other, BPF_ANY));
	EXPECT_EQ(-EINVAL, tracing_load(BPF_TRACE_RAW_TP, tracepoint_type("task_rename"), refers,
					ARRAY_SIZE(refers)));
	close(user);
	close(same);
	close(other);
	close(array);
}

/* a pointer that leads nowhere reads as 0 and does no harm */
TEST_F(tp_btf, null_pointers)
{
	int context = kernel_btf_offset(types(), "task_struct", "io_context");
	int ioprio = kernel_btf_offset(types(), "io_context", "ioprio");
	/* this thread has read no file from a disk: task->io_context is NULL */
	const struct bpf_insn insns[] = {
		BPF_LDX_MEM(BPF_DW, BPF_REG_1, BPF_REG_1, 0),
		BPF_LDX_MEM(BPF_DW, BPF_REG_1, BPF_REG_1, context),
		BPF_LDX_MEM(BPF_H, BPF_REG_2, BPF_REG_1, ioprio),
		BPF_ALU64_IMM(BPF_ADD, BPF_REG_2, 1 << 16),
		BPF_LD_MAP_VALUE(BPF_REG_7, self->map, 0),
		BPF_STX_MEM(BPF_DW, BPF_REG_7, BPF_REG_1, 8),
		BPF_STX_MEM(BPF_DW, BPF_REG_7, BPF_REG_2, 16),
				RETURN(0),
	};
	int prog, link;

	if (context < 0 || ioprio < 0)
		SKIP(return, "no block layer");
	prog = tp_btf_load("task_rename", insns, ARRAY_SIZE(insns));
	ASSERT_LE(0, prog);
	link = raw_tp_open(NULL, prog);
	ASSERT_LE(0, link);
	prctl(PR_SET_NAME, "null");
	EXPECT_EQ(0, value(self->map, 1));
	EXPECT_EQ(1 << 16, value(self->map, 2));
	close(link);
	close(prog);
}

/* -------------------------------------------------------------- refusals */

static const struct bpf_insn nothing[] = { RETURN(0) };

TEST(wrong_targets)
{
	int pid_t_id, struct_id, func_id, tp_id;

	if (!types())
		SKIP(return, "the kernel has no BTF");
	pid_t_id = type_id("pid_t", BTF_KIND_TYPEDEF);
	struct_id = type_id("task_struct", BTF_KIND_STRUCT);
	func_id = type_id("do_sys_openat2", BTF_KIND_FUNC);
	tp_id = tracepoint_type("task_rename");

	EXPECT_EQ(-EINVAL, tracing_load(BPF_TRACE_RAW_TP, 0, nothing, 2));
	EXPECT_NE(NULL, strstr(log_text, "Tracing programs must provide btf_id\n"));
	EXPECT_EQ(-EINVAL, tracing_load(BPF_TRACE_RAW_TP, struct_id, nothing, 2));
	EXPECT_NE(NULL, strstr(log_text, "is not a typedef\n"));
	EXPECT_EQ(-EINVAL, tracing_load(BPF_TRACE_RAW_TP, func_id, nothing, 2));
	EXPECT_NE(NULL, strstr(log_text, "is not a typedef\n"));
	EXPECT_EQ(-EINVAL, tracing_load(BPF_TRACE_RAW_TP, pid_t_id, nothing, 2));
	EXPECT_NE(NULL, strstr(log_text, "points to wrong type name pid_t\n"));
	EXPECT_EQ(-EINVAL, tracing_load(BPF_TRACE_RAW_TP, 600000, nothing, 2));
	EXPECT_NE(NULL, strstr(log_text, "attach_btf_id 600000 is invalid\n"));
	EXPECT_EQ(-EINVAL, tracing_load(BPF_TRACE_RAW_TP, UINT32_MAX, nothing, 2));
	EXPECT_EQ(-EINVAL, tracing_load(0, tp_id, nothing, 2));
	EXPECT_EQ(-EINVAL, tracing_load(9999, tp_id, nothing, 2));
	/* what libbpf and bpftool look for */
	EXPECT_EQ(-EINVAL, tracing_load(BPF_TRACE_FENTRY, 1, nothing, 2));
	EXPECT_NE(NULL, strstr(log_text, "attach_btf_id 1 is not a function\n"));
	EXPECT_EQ(-EINVAL, tracing_load(BPF_TRACE_FEXIT, tp_id, nothing, 2));
}

/* a type must not load before it can attach */
TEST(no_programs_on_functions)
{
	int func_id;

	if (!kernel_is_bvm())
		SKIP(return, "the stock kernel has them");
	func_id = type_id("do_sys_openat2", BTF_KIND_FUNC);
	ASSERT_LT(0, func_id);
	EXPECT_EQ(-ENOTSUPP, tracing_load(BPF_TRACE_FENTRY, func_id, nothing, 2));
	EXPECT_EQ(-ENOTSUPP, tracing_load(BPF_TRACE_FEXIT, func_id, nothing, 2));
	EXPECT_EQ(-ENOTSUPP, tracing_load(BPF_MODIFY_RETURN, func_id, nothing, 2));
	EXPECT_EQ(-ENOTSUPP, tracing_load(BPF_TRACE_ITER, func_id, nothing, 2));
}

TEST(context)
{
	int tgid, id;

	if (!types())
		SKIP(return, "the kernel has no BTF");
	tgid = kernel_btf_offset(types(), "task_struct", "tgid");
	id = tracepoint_type("task_rename");
	const struct {
		struct bpf_insn insns[4];
		int want;
	} cases[] = {
		{ { BPF_LDX_MEM(BPF_DW, BPF_REG_2, BPF_REG_1, 8), RETURN(0), }, 0 },
		/* there are two arguments */
		{ { BPF_LDX_MEM(BPF_DW, BPF_REG_2, BPF_REG_1, 16), RETURN(0), }, -EACCES },
		{ { BPF_LDX_MEM(BPF_W, BPF_REG_2, BPF_REG_1, 0), RETURN(0), }, -EACCES },
		{ { BPF_ST_MEM(BPF_DW, BPF_REG_1, 0, 0), RETURN(0), }, -EACCES },
		/* structures of the kernel are read only, and end */
		{ { BPF_LDX_MEM(BPF_DW, BPF_REG_2, BPF_REG_1, 0),
		    BPF_ST_MEM(BPF_W, BPF_REG_2, tgid, 0), RETURN(0) }, -EACCES },
		{ { BPF_LDX_MEM(BPF_DW, BPF_REG_2, BPF_REG_1, 0),
		    BPF_LDX_MEM(BPF_W, BPF_REG_2, BPF_REG_2, 32760), RETURN(0) }, -EACCES },
		{ { BPF_LDX_MEM(BPF_DW, BPF_REG_2, BPF_REG_1, 0),
		    BPF_LDX_MEM(BPF_W, BPF_REG_2, BPF_REG_2, -4), RETURN(0) }, -EACCES },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		__u32 count = 4 - !cases[i].insns[3].code;
		int prog = tracing_load(BPF_TRACE_RAW_TP, id, cases[i].insns, count);

		EXPECT_EQ(cases[i].want, errno_of(prog)) { TH_LOG("case %zu:\n%s", i, log_text); }
		close(prog);
	}
}

TEST_HARNESS_MAIN
