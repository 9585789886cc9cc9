// SPDX-License-Identifier: GPL-2.0-only
/* Runs programs as machine code; a signal handler plays the kernel's exception table. */
#include <signal.h>
#include <ucontext.h>
#include "ktap.h"
#include "jit_run.h"

struct bvm_jit_cpu jit_cpu = { .features = BVM_JIT_PROBE_USER };

/* Images of the last programs, found by their instructions. */
static struct cached {
	struct bvm_jit_image *image;
	struct bvm_ir *code;
	u32 len;
} cache[16];

#if defined(__x86_64__)
#define PC(uc)	((uc)->uc_mcontext.gregs[REG_RIP])
#elif defined(__aarch64__)
#define PC(uc)	((uc)->uc_mcontext.pc)
#endif

/* In the image's table: goes on at the fixup. */
static bool fix_up(const struct bvm_jit_image *image, ucontext_t *uc)
{
	unsigned long start = (unsigned long)image->entry;
	u32 i;

	for (i = 0; i < image->nr_faults; i++)
		if (PC(uc) == start + image->fault[i].insn) {
			PC(uc) = start + image->fault[i].fixup;
			return true;
		}
	return false;
}

/* What took signals before. */
static struct sigaction before[2];

static void on_fault(int sig, siginfo_t *info, void *arg)
{
	const struct sigaction *other = &before[sig == SIGBUS];
	u32 i;

	for (i = 0; i < ARRAY_SIZE(cache); i++)
		if (cache[i].image && fix_up(cache[i].image, arg))
			return;
	if (other->sa_flags & SA_SIGINFO)
		other->sa_sigaction(sig, info, arg);
	else if (other->sa_handler != SIG_DFL)
		other->sa_handler(sig);
	else
		signal(sig, SIG_DFL);
}

static void catch_faults(void)
{
	static const struct sigaction action = {
		.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO,
	};

	sigaction(SIGSEGV, &action, &before[0]);
	sigaction(SIGBUS, &action, &before[1]);
}

static void forget(struct cached *c)
{
	bvm_jit_free(c->image);
	free(c->code);
	memset(c, 0, sizeof(*c));
}

void jit_forget(void)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(cache); i++)
		forget(&cache[i]);
}

struct bvm_jit_image *jit_image(const struct bvm_ir_prog *prog)
{
	size_t size = array_size(prog->len, sizeof(prog->code[0]));
	struct bvm_jit_image *image;
	static u32 next;
	struct cached *c;

	for (c = cache; c < cache + ARRAY_SIZE(cache); c++)
		if (c->image && c->len == prog->len && !memcmp(c->code, prog->code, size))
			return c->image;
	if (!next)
		catch_faults();
	image = bvm_jit_compile(prog, &jit_cpu, NULL);
	if (!CHECK(!IS_ERR(image), "compiling: %ld", PTR_ERR(image)))
		return NULL;
	c = &cache[next++ % ARRAY_SIZE(cache)];
	forget(c);
	*c = (struct cached){ image, malloc(size), prog->len };
	memcpy(c->code, prog->code, size);
	return image;
}

unsigned long jit_target(const struct bvm_ir_prog *prog)
{
	return prog ? (unsigned long)jit_image(prog) : 0;
}

u64 jit_run(const struct bvm_ir_prog *prog, void *ctx)
{
	struct bvm_jit_image *image = jit_image(prog);

	return image ? image->entry(ctx) : 0xdead;
}
