// SPDX-License-Identifier: GPL-2.0-only
/*
 * Helpers about where the running program is attached: its cookie, and the function that
 * it probes.
 *
 * Everything that runs programs of these types puts a struct bpf_trace_run_ctx into
 * current->bpf_ctx, but for the overflow handler of perf, where the event has the cookie.
 */
#include <linux/array_size.h>
#include <linux/bpf.h>
#include <linux/kprobes.h>
#include <linux/perf_event.h>
#include <linux/sched.h>
#include <linux/uprobes.h>
#include "../../trace/trace_probe.h"
#include "helpers.h"
#ifdef CONFIG_X86_KERNEL_IBT
#include <asm/ibt.h>
#endif

static const struct bpf_trace_run_ctx *attach_run_ctx(void)
{
	return container_of(current->bpf_ctx, struct bpf_trace_run_ctx, run_ctx);
}

static u64 get_attach_cookie(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	return attach_run_ctx()->bpf_cookie;
}

static u64 get_attach_cookie_event(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	const struct bpf_perf_event_data_kern *ctx = (void *)(unsigned long)r1;

	return ctx->event->bpf_cookie;
}

/* A probe at the entry of a function sits behind the landing pad that IBT wants there. */
static unsigned long attach_function(unsigned long addr)
{
#ifdef CONFIG_X86_KERNEL_IBT
	u32 insn;

	if (!get_kernel_nofault(insn, (u32 *)(addr - ENDBR_INSN_SIZE)) && is_endbr(insn))
		return addr - ENDBR_INSN_SIZE;
#endif
	return addr;
}

/*
 * bpf-helpers(7): the function of a kprobe at its entry or return, 0 for one in its
 * middle; the address of a uprobe, and for a return from there as well.
 */
static u64 get_func_ip(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	const struct kprobe *kp;

#ifdef CONFIG_UPROBE_EVENTS
	if (attach_run_ctx()->is_uprobe)
		return ((struct uprobe_dispatch_data *)current->utask->vaddr)->bp_addr;
#endif
	kp = kprobe_running();
	if (!kp || !(kp->flags & KPROBE_FLAG_ON_FUNC_ENTRY))
		return 0;
	return attach_function((unsigned long)kp->addr);
}

#define GET_ATTACH_COOKIE(fn_)							\
	{									\
		.id = BPF_FUNC_get_attach_cookie,				\
		.name = "get_attach_cookie",					\
		.fn = fn_,							\
		.arg = { BVM_ARG_CTX },						\
	}

static const struct bvm_helper attach_helpers_cookie[] = {
	GET_ATTACH_COOKIE(get_attach_cookie),
};

static const struct bvm_helper attach_helpers_cookie_event[] = {
	GET_ATTACH_COOKIE(get_attach_cookie_event),
};

static const struct bvm_helper attach_helpers_func[] = {
	{
		.id = BPF_FUNC_get_func_ip,
		.name = "get_func_ip",
		.fn = get_func_ip,
		.arg = { BVM_ARG_CTX },
		.flags = BVM_HELPER_GPL,
	},
};

const struct bvm_helper_set bvm_helpers_cookie = {
	attach_helpers_cookie, ARRAY_SIZE(attach_helpers_cookie)
};

const struct bvm_helper_set bvm_helpers_cookie_event = {
	attach_helpers_cookie_event, ARRAY_SIZE(attach_helpers_cookie_event)
};

const struct bvm_helper_set bvm_helpers_func = {
	attach_helpers_func, ARRAY_SIZE(attach_helpers_func)
};
