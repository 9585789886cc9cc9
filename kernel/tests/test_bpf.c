// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit: the kernel's lib/test_bpf.c as it is, with its programs on BVM, in the interpreter and
 * as machine code.
 *
 * The file is included, and what it calls to make a program ready is ours.  Its programs are
 * unverified, and call functions of the kernel by their distance from __bpf_call_base; its array
 * for tail calls is the kernel's.  Classic filters have gone through the kernel's own converter
 * when they get here.
 */
#include <kunit/test.h>
#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/highmem.h>
#include <linux/if_vlan.h>
#include <linux/init.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/random.h>
#include <linux/sched.h>
#include <linux/skbuff.h>
#include "../exec/exec.h"
#include "../exec/jit.h"
#include "../exec/opt.h"

#define RUNS		10	/* of a program that keeps no state; the file asks for 1000 */
#define MAX_CALLED	16	/* functions that a program calls */
#define TAIL_CALL_ID	(MAX_CALLED + 1)

/* A program, found by the kernel's (aux->jit_data). */
struct unverified {
	struct bvm_ir_prog *ir;
	struct bvm_jit_image *image;
};

/* Functions that a program calls, as helpers 1, 2, ... of its type. */
struct called {
	struct bvm_helper helper[MAX_CALLED + 1];
	s32 distance[MAX_CALLED];
	u32 n;
};

/*
 * How the next programs are to run, and how often at most; how often the current one has been;
 * how many have been made; what the file has printed.
 */
static bool native;
static u32 max_runs, runs_so_far;
static u32 made;
static char said[512];

__printf(1, 2)
static void say(const char *fmt, ...)
{
	size_t len = strlen(said);
	va_list args;

	va_start(args, fmt);
	vsnprintf(said + len, sizeof(said) - len, printk_skip_level(fmt), args);
	va_end(args);
}

/* ------------------------------------------------------------------- lowering */

/* Where TAIL_CALL goes on; 0: nowhere. */
static u64 look_up(u64 ctx, u64 array, u64 index, u64 r4, u64 r5)
{
	const struct bpf_array *progs = (const struct bpf_array *)(unsigned long)array;
	const struct unverified *to;

	if ((u32)index >= progs->map.max_entries || !progs->ptrs[(u32)index])
		return 0;
	to = ((struct bpf_prog *)progs->ptrs[(u32)index])->aux->jit_data;
	return to->image ? (unsigned long)to->image : (unsigned long)to->ir;
}

/* Return: id of the function at that distance, or 0: there are too many. */
static s32 id_of(struct called *called, s32 distance)
{
	u32 i;

	for (i = 0; i < called->n; i++)
		if (called->distance[i] == distance)
			return i + 1;
	if (i == MAX_CALLED)
		return 0;
	called->distance[i] = distance;
	called->helper[i].id = i + 1;
	called->helper[i].fn = (void *)((unsigned long)__bpf_call_base + distance);
	return ++called->n;
}

/* The kernel's converter names a register also where a number is the operand. */
static void drop_second_register(struct bpf_insn *insn)
{
	u8 class = BPF_CLASS(insn->code);

	if (BPF_SRC(insn->code) == BPF_K && insn->code != (BPF_JMP | BPF_CALL) &&
	    (class == BPF_ALU || class == BPF_ALU64 || class == BPF_JMP || class == BPF_JMP32))
		insn->src_reg = 0;
}

/* Programs may have what only the kernel's verifier writes: tail calls, marked zero-extensions. */
static int decode(struct bpf_prog *fp, struct bvm_insn *out, struct called *called)
{
	u32 i;

	for (i = 0; i < fp->len; i += out[i].class == BVM_LD_IMM64 ? 2 : 1) {
		struct bpf_insn *insn = &fp->insnsi[i];
		bool tail = insn->code == (BPF_JMP | BPF_TAIL_CALL);

		if (tail)
			*insn = BPF_RAW_INSN(BPF_JMP | BPF_CALL, 0, 0, 0, 0);
		else if (insn_is_zext(insn))
			insn->imm = 0;
		drop_second_register(insn);
		if (bvm_decode(insn, fp->len - i, &out[i])) {
			say("instruction %u: %*ph ", i, 8, insn);
			return -EINVAL;
		}
		if (out[i].class == BVM_CALL)
			out[i].imm = tail ? TAIL_CALL_ID : id_of(called, out[i].imm);
	}
	called->helper[called->n].id = TAIL_CALL_ID;
	called->helper[called->n].fn = look_up;
	called->helper[called->n++].flags = BVM_HELPER_TAIL_CALL;
	return 0;
}

static struct bvm_ir_prog *lower_decoded(const struct bpf_prog *fp, const struct bvm_insn *insn,
					 const struct called *called)
{
	const struct bvm_helper_set set = { called->helper, called->n }, *sets[] = { &set };
	const struct bvm_prog_type type = {
		.id = BPF_PROG_TYPE_SOCKET_FILTER, .name = "unverified", .sets = sets, .nr_sets = 1,
	};
	const struct bvm_lower_args args = {
		.type = &type, .insn = insn, .len = fp->len, .passes = BVM_PASSES_ALL,
	};

	return bvm_lower(&args);
}

static struct bvm_ir_prog *lower_unverified(struct bpf_prog *fp)
{
	struct bvm_insn *insn = kvcalloc(fp->len + 1, sizeof(*insn), GFP_KERNEL);
	struct called *called = kzalloc(sizeof(*called), GFP_KERNEL);
	struct bvm_ir_prog *ir = ERR_PTR(-ENOMEM);

	if (insn && called) {
		int err = decode(fp, insn, called);

		ir = err ? ERR_PTR(err) : lower_decoded(fp, insn, called);
	}
	kfree(called);
	kvfree(insn);
	return ir;
}

/* ------------------------------------------------------------ what the file calls */

#ifdef CONFIG_BVM_INTERP
static unsigned int interpret(const void *ctx, const struct bpf_insn *insnsi)
{
	const struct bpf_prog *fp = container_of((void *)insnsi, struct bpf_prog, insnsi);
	const struct unverified *prog = fp->aux->jit_data;

	return bvm_interp(prog->ir, (void *)ctx);
}

static int make_interpreted(struct bpf_prog *fp, struct unverified *prog)
{
	fp->bpf_func = interpret;
	return 0;
}
#else
static int make_interpreted(struct bpf_prog *fp, struct unverified *prog)
{
	return -EOPNOTSUPP;
}
#endif

#ifdef CONFIG_BVM_JIT
static int make_native(struct bpf_prog *fp, struct unverified *prog)
{
	struct bvm_jit_cpu cpu = {};
	struct bvm_jit_image *image;

	bvm_arch_jit_cpu(&cpu);
	image = bvm_jit_compile(prog->ir, &cpu, NULL);
	if (IS_ERR(image))
		return PTR_ERR(image);
	prog->image = image;
	fp->bpf_func = (void *)image->entry;
	return 0;
}

static void free_image(struct unverified *prog)
{
	bvm_jit_free(prog->image);
}
#else
static int make_native(struct bpf_prog *fp, struct unverified *prog)
{
	return -EOPNOTSUPP;
}

static void free_image(struct unverified *prog)
{
}
#endif

static void free_unverified(struct bpf_prog *fp)
{
	struct unverified *prog = fp->aux->jit_data;

	fp->aux->jit_data = NULL;
	if (prog) {
		free_image(prog);
		bvm_ir_free(prog->ir);
		kfree(prog);
	}
	bpf_prog_free(fp);
}

static struct bpf_prog *make_unverified(struct bpf_prog *fp, int *err)
{
	struct unverified *prog = kzalloc(sizeof(*prog), GFP_KERNEL);

	*err = -ENOMEM;
	if (!prog)
		return fp;
	prog->ir = lower_unverified(fp);
	if (IS_ERR(prog->ir)) {
		*err = PTR_ERR(prog->ir);
		kfree(prog);
		return fp;
	}
	fp->aux->jit_data = prog;
	*err = native ? make_native(fp, prog) : make_interpreted(fp, prog);
	made += !*err;
	return fp;
}

/* What the kernel's converter has made of a classic filter, as a program of ours. */
static int make_classic(struct bpf_prog **pfp, struct sock_fprog_kern *fprog)
{
	struct bpf_prog *filter, *fp;
	int err = bpf_prog_create(&filter, fprog);

	if (err)
		return err;
	fp = bpf_prog_alloc(bpf_prog_size(filter->len), 0);
	if (fp) {
		fp->len = filter->len;
		fp->type = filter->type;
		memcpy(fp->insnsi, filter->insnsi, array_size(filter->len, sizeof(*fp->insnsi)));
	}
	bpf_prog_destroy(filter);
	if (!fp)
		return -ENOMEM;
	*pfp = make_unverified(fp, &err);
	if (err)
		free_unverified(fp);
	return err;
}

static void begin_runs(void)
{
	runs_so_far = 0;
	migrate_disable();
}

static u32 run_again(const struct bpf_prog *fp, const void *ctx)
{
	static u32 result;

	if (runs_so_far < max_runs)
		result = bpf_prog_run(fp, ctx);
	runs_so_far++;
	return result;
}

/* -------------------------------------------------------------------- the file */

#define migrate_disable()			begin_runs()
#define bpf_prog_run(fp, ctx)			run_again(fp, ctx)

#define bpf_prog_select_runtime(fp, err)	make_unverified(fp, err)
#define bpf_prog_create(pfp, fprog)		make_classic(pfp, fprog)
#define bpf_prog_destroy(fp)			free_unverified(fp)
#define bpf_prog_free(fp)			free_unverified(fp)

/* KUnit says when it runs, and prints what it has to say */
#undef module_init
#define module_init(fn)	static_assert(!__same_type(fn, int))
#undef module_exit
#define module_exit(fn)	static_assert(!__same_type(fn, int))
#undef pr_fmt
#define _printk(...)	say(__VA_ARGS__)

#include <../lib/test_bpf.c>

/* -------------------------------------------------------------------------- KUnit */

/* 0: as often as the file says.  The file is of the boot, and so are these tests. */
static void __ref run_suite(struct kunit *test, const char *suite, u32 index, bool jit,
			    u32 runs)
{
	int err;

	native = jit;
	max_runs = runs ?: U32_MAX;
	made = 0;
	*said = 0;
	strscpy(test_suite, suite);
	test_range[0] = index;
	test_range[1] = index;
	err = test_bpf_init();
	KUNIT_EXPECT_EQ_MSG(test, err, 0, "%s", said);
}

static void run_test(struct kunit *test, bool jit)
{
	const struct bpf_test *param = test->param_value;

	run_suite(test, "test_bpf", param - tests, jit, RUNS);
	KUNIT_EXPECT_EQ(test, made, !(param->aux & FLAG_EXPECTED_FAIL));
}

static void run_tail_call(struct kunit *test, bool jit)
{
	const struct tail_call_test *param = test->param_value;

	run_suite(test, "test_tail_calls", param - tail_call_tests, jit, 0);
	KUNIT_EXPECT_EQ(test, made, ARRAY_SIZE(tail_call_tests));
}

static const void *next_test(const void *prev, char *name, u8 kind)
{
	const struct bpf_test *t = prev;

	for (t = t ? t + 1 : tests; t < tests + ARRAY_SIZE(tests); t++)
		if ((t->aux & TEST_TYPE_MASK) == kind) {
			strscpy(name, t->descr, KUNIT_PARAM_DESC_SIZE);
			return t;
		}
	return NULL;
}

static const void *next_ebpf(const void *prev, char *name)
{
	return next_test(prev, name, INTERNAL);
}

static const void *next_classic(const void *prev, char *name)
{
	return next_test(prev, name, CLASSIC);
}

KUNIT_ARRAY_PARAM_DESC(tail_call, tail_call_tests, descr);

#ifdef CONFIG_BVM_INTERP
static void interpreted(struct kunit *test)
{
	run_test(test, false);
}

static void interpreted_tail_calls(struct kunit *test)
{
	run_tail_call(test, false);
}

static struct kunit_case interp_cases[] = {
	KUNIT_CASE_PARAM(interpreted, next_ebpf),
	KUNIT_CASE_PARAM(interpreted_tail_calls, tail_call_gen_params),
	{ }
};

static struct kunit_case interp_classic_cases[] = {
	KUNIT_CASE_PARAM(interpreted, next_classic),
	{ }
};

static struct kunit_suite interp_suite = {
	.name = "bvm_test_bpf_interp",
	.test_cases = interp_cases,
};

static struct kunit_suite interp_classic_suite = {
	.name = "bvm_test_bpf_interp_classic",
	.test_cases = interp_classic_cases,
};

kunit_test_init_section_suites(&interp_suite, &interp_classic_suite);
#endif

#ifdef CONFIG_BVM_JIT
static void compiled(struct kunit *test)
{
	run_test(test, true);
}

static void compiled_tail_calls(struct kunit *test)
{
	run_tail_call(test, true);
}

static int needs_jit(struct kunit *test)
{
	if (!bvm_arch_jit_supported())
		kunit_skip(test, "not with what this kernel protects itself with");
	return 0;
}

static struct kunit_case jit_cases[] = {
	KUNIT_CASE_PARAM(compiled, next_ebpf),
	KUNIT_CASE_PARAM(compiled_tail_calls, tail_call_gen_params),
	{ }
};

static struct kunit_case jit_classic_cases[] = {
	KUNIT_CASE_PARAM(compiled, next_classic),
	{ }
};

static struct kunit_suite jit_suite = {
	.name = "bvm_test_bpf_jit",
	.init = needs_jit,
	.test_cases = jit_cases,
};

static struct kunit_suite jit_classic_suite = {
	.name = "bvm_test_bpf_jit_classic",
	.init = needs_jit,
	.test_cases = jit_classic_cases,
};

kunit_test_init_section_suites(&jit_suite, &jit_classic_suite);
#endif
