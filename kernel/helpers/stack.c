// SPDX-License-Identifier: GPL-2.0-only
/*
 * Helpers that walk stacks: of the kernel from where the event was, or of the current
 * task in user space.  perf walks, into buffers of its own (one a CPU and kind of
 * context), which are there while a stack trace map or a program with bpf_get_stack()
 * lives.
 */
#include <linux/array_size.h>
#include <linux/minmax.h>
#include <linux/perf_event.h>
#include <linux/preempt.h>
#include <linux/string.h>
#include "../maps/stack_trace.h"
#include "build_id.h"
#include "helpers.h"
#include "perf_regs.h"

/**
 * struct bvm_walk - addresses in perf's buffer
 * @ip:		the innermost that is not skipped
 * @nr:		number of them, at most what was asked for; maybe 0
 */
struct bvm_walk {
	const u64 *ip;
	u32 nr;
};

/* Preemption is off and stays so: the buffer is this CPU's.  0 or -EFAULT: no stack. */
static int stack_walk(struct bvm_walk *walk, struct pt_regs *regs, u64 flags, u32 depth)
{
	u32 skip = flags & BPF_F_SKIP_FIELD_MASK;
	bool user = flags & BPF_F_USER_STACK;
	struct perf_callchain_entry *chain;
	u32 max = min_t(u32, depth + skip, sysctl_perf_event_max_stack);

	chain = get_perf_callchain(regs, !user, user, max, false, false);
	if (!chain || chain->nr < skip)
		return -EFAULT;
	walk->ip = chain->ip + skip;
	walk->nr = min_t(u64, chain->nr - skip, depth);
	return 0;
}

/* Preemption is off. */
static long stack_id(struct pt_regs *regs, struct bvm_map *map, u64 flags)
{
	bool build_ids = bvm_stack_trace_entry_size(map) != sizeof(u64);
	struct bvm_build_ids ids;
	struct bvm_stack stack = {};
	struct bvm_walk walk;
	long ret;

	if (stack_walk(&walk, regs, flags, bvm_stack_trace_depth(map)) || !walk.nr)
		return -EFAULT;
	stack.ip = walk.ip;
	stack.nr = walk.nr;
	if (!build_ids)
		return bvm_stack_trace_put(map, &stack, flags);
	stack.write = bvm_build_ids_write;
	stack.priv = &ids;
	bvm_build_ids_begin(&ids, flags & BPF_F_USER_STACK);
	ret = bvm_stack_trace_put(map, &stack, flags);
	bvm_build_ids_end(&ids);
	return ret;
}

/*
 * -EINVAL: unknown flags, -EFAULT: there is no such stack, -EEXIST, -EBUSY: see
 * bvm_stack_trace_put().
 */
static long get_stackid(struct pt_regs *regs, struct bvm_map *map, u64 flags)
{
	long ret;

	if (flags & ~(BPF_F_SKIP_FIELD_MASK | BPF_F_USER_STACK | BPF_F_FAST_STACK_CMP |
		      BPF_F_REUSE_STACKID))
		return -EINVAL;
	preempt_disable();
	ret = stack_id(regs, map, flags);
	preempt_enable();
	return ret;
}

/* Preemption is off.  Bytes written, or -EFAULT. */
static long stack_copy(struct pt_regs *regs, void *buf, u32 nr, u32 entry_size, u64 flags)
{
	struct bvm_build_ids ids;
	struct bvm_walk walk;
	u32 i;

	if (stack_walk(&walk, regs, flags, nr))
		return -EFAULT;
	if (!(flags & BPF_F_USER_BUILD_ID)) {
		memcpy(buf, walk.ip, walk.nr * sizeof(u64));
		return walk.nr * sizeof(u64);
	}
	bvm_build_ids_begin(&ids, true);
	for (i = 0; i < walk.nr; i++)
		bvm_build_ids_write(buf + i * entry_size, walk.ip[i], &ids);
	bvm_build_ids_end(&ids);
	return walk.nr * entry_size;
}

/*
 * -EINVAL: unknown flags, or such as do not go together, or a size that is no multiple
 * of an entry's, -EFAULT: there is no such stack.  What is not written is cleared.
 */
static long get_stack(struct pt_regs *regs, void *buf, u32 size, u64 flags)
{
	u32 entry_size = flags & BPF_F_USER_BUILD_ID ? sizeof(struct bpf_stack_build_id) :
						       sizeof(u64);
	long ret = -EINVAL;

	if (!(flags & ~(BPF_F_SKIP_FIELD_MASK | BPF_F_USER_STACK | BPF_F_USER_BUILD_ID)) &&
	    (flags & BPF_F_USER_STACK || !(flags & BPF_F_USER_BUILD_ID)) &&
	    !(size % entry_size)) {
		preempt_disable();
		ret = stack_copy(regs, buf, size / entry_size, entry_size, flags);
		preempt_enable();
	}
	memset(buf + max(ret, 0L), 0, size - max(ret, 0L));
	return ret;
}

/* ------------------------------------------------ where the registers are */

/* Kprobes and the like: the context is the registers. */
static u64 get_stackid_regs(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	return get_stackid((void *)(unsigned long)r1, (void *)(unsigned long)r2, r3);
}

static u64 get_stack_regs(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	return get_stack((void *)(unsigned long)r1, (void *)(unsigned long)r2, r3, r4);
}

/* Tracepoints and perf events: the context starts with their address. */
static u64 get_stackid_record(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	return get_stackid(*(struct pt_regs **)(unsigned long)r1, (void *)(unsigned long)r2, r3);
}

static u64 get_stack_record(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	return get_stack(*(struct pt_regs **)(unsigned long)r1, (void *)(unsigned long)r2, r3, r4);
}

/* Raw tracepoints have only arguments: the registers are those of the helper's caller. */
static u64 get_stackid_args(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	struct pt_regs *regs;
	long ret = -EBUSY;

	preempt_disable();
	regs = bvm_caller_regs_get();
	if (regs)
		ret = get_stackid(regs, (void *)(unsigned long)r2, r3);
	bvm_caller_regs_put();
	preempt_enable();
	return ret;
}

static u64 get_stack_args(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	void *buf = (void *)(unsigned long)r2;
	struct pt_regs *regs;
	long ret = -EBUSY;

	preempt_disable();
	regs = bvm_caller_regs_get();
	if (regs)
		ret = get_stack(regs, buf, r3, r4);
	else
		memset(buf, 0, r3);
	bvm_caller_regs_put();
	preempt_enable();
	return ret;
}

/* ------------------------------------------------------------- tables */

static int stack_buffers_get(void)
{
	return get_callchain_buffers(sysctl_perf_event_max_stack);
}

static const struct bvm_resource stack_buffers = {
	.get = stack_buffers_get,
	.put = put_callchain_buffers,
};

#define STACK_HELPERS(where)							\
static const struct bvm_helper stack_helpers_##where[] = {			\
	{									\
		.id = BPF_FUNC_get_stackid,					\
		.name = "get_stackid",						\
		.fn = get_stackid_##where,					\
		.arg = { BVM_ARG_CTX, BVM_ARG_MAP_PTR, BVM_ARG_ANYTHING },	\
		.map_caps = BVM_MAP_STACK_TRACE,				\
		.flags = BVM_HELPER_GPL,					\
	},									\
	{									\
		.id = BPF_FUNC_get_stack,					\
		.name = "get_stack",						\
		.fn = get_stack_##where,					\
		.ret = BVM_RET_LENGTH,						\
		.arg = {							\
			BVM_ARG_CTX, BVM_ARG_UNINIT_MEM, BVM_ARG_SIZE_OR_ZERO,	\
			BVM_ARG_ANYTHING,					\
		},								\
		.flags = BVM_HELPER_GPL,					\
		.needs = &stack_buffers,					\
	},									\
};										\
const struct bvm_helper_set bvm_helpers_stack_##where = {			\
	stack_helpers_##where, ARRAY_SIZE(stack_helpers_##where)		\
}

STACK_HELPERS(regs);
STACK_HELPERS(record);
STACK_HELPERS(args);
