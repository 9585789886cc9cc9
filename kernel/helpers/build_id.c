// SPDX-License-Identifier: GPL-2.0-only
/*
 * Addresses of user space as build id and offset: what finds the symbol on another
 * machine, or after the process is gone.
 *
 * The lock of the address space is only tried.  With interrupts off it must not be
 * dropped here either, for that may wake a writer up, under locks of the scheduler that
 * the event may be in the middle of: an irq_work a CPU does it, soon after.  Where none
 * of this is possible an entry is the address itself, as documented for
 * BPF_STACK_BUILD_ID_IP.
 */
#include <linux/bpf.h>
#include <linux/buildid.h>
#include <linux/irq_work.h>
#include <linux/irqflags.h>
#include <linux/mm.h>
#include <linux/mmap_lock.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/string.h>
#include "build_id.h"

static_assert(sizeof_field(struct bvm_build_ids, last) == BPF_BUILD_ID_SIZE);
static_assert(BUILD_ID_SIZE_MAX == BPF_BUILD_ID_SIZE);

/**
 * struct bvm_mm_unlock - an address space to be unlocked later
 * @work:	does it
 * @mm:		address space
 * @taken:	in use: from before the locking until after the unlocking
 */
struct bvm_mm_unlock {
	struct irq_work work;
	struct mm_struct *mm;
	int taken;
};

static void bvm_mm_unlock(struct irq_work *work)
{
	struct bvm_mm_unlock *later = container_of(work, struct bvm_mm_unlock, work);

	mmap_read_unlock_non_owner(later->mm);
	/* @mm has been read: pairs with xchg() in bvm_mm_unlock_later() */
	smp_store_release(&later->taken, 0);
}

/* In an interrupt even where interrupts are threads: it must not wait for long. */
static DEFINE_PER_CPU(struct bvm_mm_unlock, bvm_mm_unlocks) = {
	.work = IRQ_WORK_INIT_HARD(bvm_mm_unlock),
};

/* With interrupts off: who unlocks later, or NULL. */
static struct bvm_mm_unlock *bvm_mm_unlock_later(void)
{
	struct bvm_mm_unlock *later = this_cpu_ptr(&bvm_mm_unlocks);

	/* On PREEMPT_RT unlocking takes a lock that sleeps: only in a task. */
	if (IS_ENABLED(CONFIG_PREEMPT_RT))
		return NULL;
	return xchg(&later->taken, 1) ? NULL : later;
}

/**
 * bvm_build_ids_begin - get ready to look addresses up
 * @ids:	lookup
 * @user:	they are addresses of user space, of the current task
 * Any context incl. NMI, preemption off.  bvm_build_ids_end() has to follow.
 */
void bvm_build_ids_begin(struct bvm_build_ids *ids, bool user)
{
	*ids = (struct bvm_build_ids) {};
	if (!user || !current->mm)
		return;
	if (irqs_disabled()) {
		ids->later = bvm_mm_unlock_later();
		if (!ids->later)
			return;
	}
	if (mmap_read_trylock(current->mm))
		ids->mm = current->mm;
	else if (ids->later)
		/* nothing was done with it */
		smp_store_release(&ids->later->taken, 0);
}

/* The area of @ip, and its build id if it has one. */
static bool bvm_build_ids_find(struct bvm_build_ids *ids, u64 ip)
{
	if (!ids->mm || ip != (unsigned long)ip)
		return false;
	if (!ids->vma || ip < ids->vma->vm_start || ip >= ids->vma->vm_end) {
		ids->vma = vma_lookup(ids->mm, ip);
		ids->known = ids->vma && !build_id_parse_nofault(ids->vma, ids->last, NULL);
	}
	return ids->known;
}

/**
 * bvm_build_ids_write - make an entry of an address: &struct bvm_stack.write
 * @entry:	struct bpf_stack_build_id
 * @ip:		address
 * @priv:	lookup
 * Between bvm_build_ids_begin() and bvm_build_ids_end().
 */
void bvm_build_ids_write(void *entry, u64 ip, void *priv)
{
	struct bpf_stack_build_id *id = entry;
	struct bvm_build_ids *ids = priv;

	memset(id, 0, sizeof(*id));
	if (!bvm_build_ids_find(ids, ip)) {
		id->status = BPF_STACK_BUILD_ID_IP;
		id->ip = ip;
		return;
	}
	id->status = BPF_STACK_BUILD_ID_VALID;
	memcpy(id->build_id, ids->last, sizeof(id->build_id));
	id->offset = ((u64)ids->vma->vm_pgoff << PAGE_SHIFT) + ip - ids->vma->vm_start;
}

/**
 * bvm_build_ids_end - no more addresses
 * @ids:	lookup
 * Same context as bvm_build_ids_begin().
 */
void bvm_build_ids_end(struct bvm_build_ids *ids)
{
	if (!ids->mm)
		return;
	if (!ids->later) {
		mmap_read_unlock(ids->mm);
		return;
	}
	ids->later->mm = ids->mm;
	/* lockdep: it is not this task that unlocks */
	rwsem_release(&ids->mm->mmap_lock.dep_map, _RET_IP_);
	irq_work_queue(&ids->later->work);
}
