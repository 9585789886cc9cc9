// SPDX-License-Identifier: GPL-2.0-only
/*
 * The lock of an address space, in any context.
 *
 * It is only tried.  With interrupts off it must not be dropped here either, for that may
 * wake a writer up, under locks of the scheduler that the event may be in the middle of: an
 * irq_work a CPU does it, soon after.
 */
#include <linux/irq_work.h>
#include <linux/irqflags.h>
#include <linux/mm.h>
#include <linux/mmap_lock.h>
#include <linux/percpu.h>
#include "mm_lock.h"

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

static void bvm_mm_unlock_now(struct irq_work *work)
{
	struct bvm_mm_unlock *later = container_of(work, struct bvm_mm_unlock, work);

	mmap_read_unlock_non_owner(later->mm);
	/* @mm has been read: pairs with xchg() in bvm_mm_unlock_later() */
	smp_store_release(&later->taken, 0);
}

/* In an interrupt even where interrupts are threads: it must not wait for long. */
static DEFINE_PER_CPU(struct bvm_mm_unlock, bvm_mm_unlocks) = {
	.work = IRQ_WORK_INIT_HARD(bvm_mm_unlock_now),
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
 * bvm_mm_trylock - lock an address space for reading, if that can be done at once
 * @lock:	filled in: what bvm_mm_unlock() needs; ->mm stays NULL if it fails
 * @mm:		address space, which stays until then
 * Any context incl. NMI, migration disabled until it is unlocked.  Return: true if it is
 * locked.
 */
bool bvm_mm_trylock(struct bvm_mm_lock *lock, struct mm_struct *mm)
{
	*lock = (struct bvm_mm_lock) {};
	if (irqs_disabled()) {
		lock->later = bvm_mm_unlock_later();
		if (!lock->later)
			return false;
	}
	if (mmap_read_trylock(mm))
		lock->mm = mm;
	else if (lock->later)
		/* nothing was done with it */
		smp_store_release(&lock->later->taken, 0);
	return lock->mm;
}

/**
 * bvm_mm_unlock - the address space is not needed any more
 * @lock:	that bvm_mm_trylock() has locked
 * Same context as bvm_mm_trylock().
 */
void bvm_mm_unlock(struct bvm_mm_lock *lock)
{
	if (!lock->later) {
		mmap_read_unlock(lock->mm);
		return;
	}
	lock->later->mm = lock->mm;
	/* lockdep: it is not this task that unlocks */
	rwsem_release(&lock->mm->mmap_lock.dep_map, _RET_IP_);
	irq_work_queue(&lock->later->work);
}
