// SPDX-License-Identifier: GPL-2.0-only
/*
 * Functions of the kernel that programs call by id in its BTF: tasks, control groups and
 * sets of CPUs, by programs of system calls in test runs.
 */
#include "lib/harness.h"
#include "lib/bpf_sys.h"
#include "lib/kernel_btf.h"

#define R(n)	BPF_REG_##n
#define MOV(d, s) BPF_MOV64_REG(R(d), R(s))
#define SET(d, i) BPF_MOV64_IMM(R(d), i)

struct program {
	struct kernel_btf btf;
	struct bpf_insn insns[64];
	__u32 len;
};

FIXTURE(kfunc)
{
	struct program prog;
};

FIXTURE_SETUP(kfunc)
{
	if (kernel_btf_read(&self->prog.btf))
		SKIP(return, "no BTF");
}

FIXTURE_TEARDOWN(kfunc)
{
	kernel_btf_free(&self->prog.btf);
}

/* The program goes on with these. */
static void add(struct program *prog, const struct bpf_insn *insns, __u32 count)
{
	memcpy(prog->insns + prog->len, insns, count * sizeof(*insns));
	prog->len += count;
}

#define ADD(...)								\
do {										\
	const struct bpf_insn insns[] = { __VA_ARGS__ };			\
										\
	add(&self->prog, insns, ARRAY_SIZE(insns));					\
} while (0)

#define CALL(name)								\
	ADD(BPF_INSN(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_KFUNC_CALL, 0,		\
		     kernel_btf_find(&self->prog.btf, #name, BTF_KIND_FUNC, NULL)))

static int load(struct program *prog, __u32 type, __u32 flags)
{
	union bpf_attr attr;

	prog_attr(&attr, type, prog->insns, prog->len);
	attr.prog_flags = flags;
	return sys_bpf(BPF_PROG_LOAD, &attr);
}

/* What the program returns, or a negative errno. */
static long long run(struct program *prog)
{
	union bpf_attr attr = {};
	int fd = load(prog, BPF_PROG_TYPE_SYSCALL, BPF_F_SLEEPABLE), err;

	if (fd < 0)
		return -errno;
	attr.test.prog_fd = fd;
	err = sys_bpf(BPF_PROG_RUN, &attr) ? -errno : 0;
	close(fd);
	return err ?: attr.test.retval;
}

TEST_F(kfunc, task)
{
	int pid = kernel_btf_offset(&self->prog.btf, "task_struct", "pid");

	ASSERT_LT(0, pid);
	ADD(SET(1, getpid()));
	CALL(bpf_task_from_pid);
	ADD(BPF_JMP_IMM(BPF_JNE, R(0), 0, 1), BPF_EXIT_INSN(), MOV(6, 0), MOV(1, 0));
	CALL(bpf_task_acquire);
	ADD(SET(7, 0), BPF_JMP_IMM(BPF_JEQ, R(0), 0, 3),
	    BPF_LDX_MEM(BPF_W, R(7), R(0), pid), MOV(1, 0));
	CALL(bpf_task_release);
	ADD(MOV(1, 6));
	CALL(bpf_task_release);
	ADD(MOV(0, 7), BPF_EXIT_INSN());
	EXPECT_EQ(getpid(), run(&self->prog));
}

TEST_F(kfunc, no_such_task)
{
	ADD(SET(1, 0x7fffffff));
	CALL(bpf_task_from_pid);
	ADD(BPF_JMP_IMM(BPF_JEQ, R(0), 0, 3), MOV(1, 0));
	CALL(bpf_task_release);
	ADD(SET(0, 1), BPF_EXIT_INSN());
	EXPECT_EQ(0, run(&self->prog));
}

TEST_F(kfunc, cgroup)
{
	int level = kernel_btf_offset(&self->prog.btf, "cgroup", "level");

	ASSERT_LT(0, level);
	ADD(SET(1, 1));	/* the root */
	CALL(bpf_cgroup_from_id);
	ADD(BPF_JMP_IMM(BPF_JNE, R(0), 0, 2), SET(0, 100), BPF_EXIT_INSN(), MOV(6, 0),
	    SET(7, 50), MOV(1, 0), SET(2, 0));
	CALL(bpf_cgroup_ancestor);
	ADD(BPF_JMP_IMM(BPF_JEQ, R(0), 0, 3), BPF_LDX_MEM(BPF_W, R(7), R(0), level), MOV(1, 0));
	CALL(bpf_cgroup_release);
	ADD(MOV(1, 6), SET(2, 1));
	CALL(bpf_cgroup_ancestor);
	ADD(BPF_JMP_IMM(BPF_JEQ, R(0), 0, 3), SET(7, 60), MOV(1, 0));
	CALL(bpf_cgroup_release);
	ADD(MOV(1, 6));
	CALL(bpf_cgroup_release);
	ADD(MOV(0, 7), BPF_EXIT_INSN());
	EXPECT_EQ(0, run(&self->prog));
}

TEST_F(kfunc, task_under_cgroup)
{
	ADD(SET(1, 1));
	CALL(bpf_cgroup_from_id);
	ADD(BPF_JMP_IMM(BPF_JNE, R(0), 0, 2), SET(0, 100), BPF_EXIT_INSN(), MOV(6, 0),
	    BPF_EMIT_CALL(BPF_FUNC_get_current_task_btf), MOV(1, 0), MOV(2, 6));
	CALL(bpf_task_under_cgroup);
	ADD(MOV(7, 0), MOV(1, 6));
	CALL(bpf_cgroup_release);
	ADD(MOV(0, 7), BPF_EXIT_INSN());
	EXPECT_EQ(1, run(&self->prog));
}

TEST_F(kfunc, cpumask)
{
	CALL(bpf_cpumask_create);
	ADD(BPF_JMP_IMM(BPF_JNE, R(0), 0, 2), SET(0, 100), BPF_EXIT_INSN(), MOV(6, 0),
	    MOV(1, 6));
	CALL(bpf_cpumask_empty);
	ADD(MOV(7, 0), SET(1, 0), MOV(2, 6));
	CALL(bpf_cpumask_set_cpu);
	ADD(SET(1, 0x7fffffff), MOV(2, 6));	/* there is none */
	CALL(bpf_cpumask_set_cpu);
	ADD(SET(1, 0), MOV(2, 6));
	CALL(bpf_cpumask_test_cpu);
	ADD(BPF_ALU64_IMM(BPF_MUL, R(0), 10), BPF_ALU64_REG(BPF_ADD, R(7), R(0)), MOV(1, 6));
	CALL(bpf_cpumask_weight);
	ADD(BPF_ALU64_IMM(BPF_MUL, R(0), 100), BPF_ALU64_REG(BPF_ADD, R(7), R(0)), MOV(1, 6));
	CALL(bpf_cpumask_release);
	ADD(MOV(0, 7), BPF_EXIT_INSN());
	EXPECT_EQ(111, run(&self->prog));
}

/* A set that was given back is made anew: nothing of the old one is left in it. */
TEST_F(kfunc, cpumask_again)
{
	for (int i = 0; i < 100; i++) {
		self->prog.len = 0;
		CALL(bpf_cpumask_create);
		ADD(BPF_JMP_IMM(BPF_JNE, R(0), 0, 2), SET(0, 100), BPF_EXIT_INSN(), MOV(6, 0),
		    MOV(1, 6));
		CALL(bpf_cpumask_weight);
		ADD(MOV(7, 0), MOV(1, 6));
		CALL(bpf_cpumask_setall);
		ADD(MOV(1, 6));
		CALL(bpf_cpumask_release);
		ADD(MOV(0, 7), BPF_EXIT_INSN());
		ASSERT_EQ(0, run(&self->prog));
	}
}

TEST_F(kfunc, leak)
{
	ADD(SET(1, 1));
	CALL(bpf_task_from_pid);
	ADD(RETURN(0));
	EXPECT_EQ(-EINVAL, run(&self->prog));
}

TEST_F(kfunc, rcu)
{
	CALL(bpf_rcu_read_lock);
	CALL(bpf_rcu_read_unlock);
	ADD(RETURN(7));
	EXPECT_EQ(7, run(&self->prog));
	self->prog.len = 0;
	CALL(bpf_rcu_read_lock);
	ADD(RETURN(7));
	EXPECT_EQ(-EINVAL, run(&self->prog));
}

/* Some address is looked at as if a structure were there: what cannot be read is 0. */
TEST_F(kfunc, cast)
{
	int pid = kernel_btf_offset(&self->prog.btf, "task_struct", "pid");
	int id = kernel_btf_find(&self->prog.btf, "task_struct", BTF_KIND_STRUCT, NULL);

	ADD(BPF_EMIT_CALL(BPF_FUNC_get_current_task), MOV(1, 0), SET(2, id));
	CALL(bpf_rdonly_cast);
	ADD(BPF_LDX_MEM(BPF_W, R(0), R(0), pid), BPF_EXIT_INSN());
	EXPECT_EQ(getpid(), run(&self->prog));
	self->prog.len = 0;
	ADD(SET(1, 64), SET(2, id));
	CALL(bpf_rdonly_cast);
	ADD(BPF_LDX_MEM(BPF_W, R(0), R(0), pid), BPF_EXIT_INSN());
	EXPECT_EQ(0, run(&self->prog));
}

/* Packets' programs have nothing to do with tasks. */
TEST_F(kfunc, other_type)
{
	ADD(SET(1, 1));
	CALL(bpf_task_from_pid);
	ADD(BPF_JMP_IMM(BPF_JEQ, R(0), 0, 2), MOV(1, 0));
	CALL(bpf_task_release);
	ADD(RETURN(0));
	EXPECT_EQ(-EACCES, load(&self->prog, BPF_PROG_TYPE_SOCKET_FILTER, 0) < 0 ? -errno : 0);
	EXPECT_EQ(0, run(&self->prog));
}

/* An offset names types by the array of descriptors, which is not there. */
TEST_F(kfunc, no_array)
{
	ADD(BPF_INSN(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_KFUNC_CALL, 1, 1), RETURN(0));
	EXPECT_EQ(-EPROTO, run(&self->prog));
	self->prog.insns[0].off = -1;
	EXPECT_EQ(-EINVAL, run(&self->prog));
}

TEST_HARNESS_MAIN
