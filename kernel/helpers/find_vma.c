// SPDX-License-Identifier: GPL-2.0-only
/*
 * bpf_find_vma(): a function of the program looks at the area of a task's address space
 * that an address lies in.
 *
 * The address space is locked while the function runs, and stays meanwhile: that of the
 * current task because it is used, that of another one because that task's lock is held,
 * which it takes before it lets go of its address space.  So the function must not sleep.
 */
#include <linux/array_size.h>
#include <linux/errno.h>
#include <linux/irqflags.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/string.h>
#include "helpers.h"
#include "mm_lock.h"

static struct bvm_mm_lock *vma_lock(struct bvm_cursor *cursor)
{
	return (struct bvm_mm_lock *)&cursor->pos[1];
}

static_assert(!(offsetof(struct bvm_cursor, pos[1]) % __alignof__(struct bvm_mm_lock)));
static_assert(sizeof_field(struct bvm_cursor, pos) >= sizeof(u32) + sizeof(struct bvm_mm_lock));

/*
 * Is the task's address space there until vma_unpin()?  Locks of the current task may be
 * held by what was interrupted, of others only with interrupts off; trying does no harm.
 */
static bool vma_pin(struct task_struct *task)
{
	if (task == current)
		return true;
	if (irqs_disabled() || IS_ENABLED(CONFIG_PREEMPT_RT))
		return false;
	return spin_trylock(&task->alloc_lock);
}

static void vma_unpin(struct task_struct *task)
{
	if (task != current)
		task_unlock(task);
}

/* The task is pinned. */
static long vma_begin_pinned(struct task_struct *task, u64 addr, struct bvm_cursor *cursor)
{
	struct vm_area_struct *vma = NULL;
	struct mm_struct *mm = task->mm;

	if (!mm)
		return -ENOENT;
	if (!bvm_mm_trylock(vma_lock(cursor), mm))
		return -EBUSY;
	if (addr == (unsigned long)addr)
		vma = vma_lookup(mm, addr);
	if (!vma) {
		bvm_mm_unlock(vma_lock(cursor));
		return -ENOENT;
	}
	cursor->arg[0] = (unsigned long)vma;
	return 0;
}

/* bpf-helpers(7): EINVAL, ENOENT, EBUSY.  No flags are known. */
static u64 do_vma_begin(u64 r1, u64 addr, u64 r3, u64 ctx, u64 flags)
{
	struct task_struct *task = (struct task_struct *)(unsigned long)r1;
	struct bvm_cursor *cursor = (struct bvm_cursor *)(unsigned long)r3;
	long ret;

	if (flags)
		return -EINVAL;
	if (!task || !READ_ONCE(task->mm))
		return -ENOENT;
	if (!vma_pin(task))
		return -EBUSY;
	memset(cursor, 0, sizeof(*cursor));
	ret = vma_begin_pinned(task, addr, cursor);
	if (ret)
		vma_unpin(task);
	return ret;
}

/* There is one. */
static u64 do_vma_next(u64 r1, u64 task, u64 r3, u64 r4, u64 r5)
{
	struct bvm_cursor *cursor = (struct bvm_cursor *)(unsigned long)r1;

	return !cursor->count++;
}

static u64 do_vma_end(u64 r1, u64 task, u64 r3, u64 r4, u64 r5)
{
	bvm_mm_unlock(vma_lock((struct bvm_cursor *)(unsigned long)r1));
	vma_unpin((struct task_struct *)(unsigned long)task);
	return 0;
}

static const struct bvm_callback vma_callback = {
	.arg = { BVM_CB_BTF, BVM_CB_RET_BTF, BVM_CB_STACK },
	.ret_max = 1,
	.next = do_vma_next,
	.end = do_vma_end,
};

static const struct bvm_helper vma_helpers[] = {
	{
		.id = BPF_FUNC_find_vma,
		.name = "find_vma",
		.fn = do_vma_begin,
		.arg = {
			BVM_ARG_BTF, BVM_ARG_ANYTHING, BVM_ARG_FUNC,
			BVM_ARG_STACK | BVM_ARG_MAYBE_NULL, BVM_ARG_ANYTHING,
		},
		.flags = BVM_HELPER_ATOMIC,
		.btf_type = "task_struct",
		.ret_btf_type = "vm_area_struct",
		.callback = &vma_callback,
	},
};

const struct bvm_helper_set bvm_helpers_vma = { vma_helpers, ARRAY_SIZE(vma_helpers) };
