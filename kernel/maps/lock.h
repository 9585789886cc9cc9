/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A lock that programs can take in any context, a NMI that has interrupted its holder
 * included: a word that names the CPU that holds it.
 *
 * It is held with interrupts off, so whoever finds this CPU's name in it has interrupted
 * the holder (an NMI, or a kprobe inside the copying of a value) and gets -EBUSY without
 * waiting.  Waiting for another CPU is bounded too: two CPUs in NMIs may each want what
 * the other's interrupted task holds.
 */
#ifndef _BVM_LOCK_H
#define _BVM_LOCK_H

#include "../deps.h"

/* Attempts to get a lock; a holder that runs needs well under a microsecond of them. */
#define BVM_LOCK_SPINS	BIT(17)

/**
 * bvm_lock - take a lock
 * @owner:	0, or 1 + the CPU that holds it
 *
 * Interrupts are off, and stay off until bvm_unlock().  Any context incl. NMI.
 *
 * Return: 0, -EBUSY: this CPU holds it already, or another one for too long.
 */
static inline int bvm_lock(u32 *owner)
{
	u32 me = raw_smp_processor_id() + 1;
	u32 spins, holder;

	for (spins = 0; spins < BVM_LOCK_SPINS; spins++) {
		holder = READ_ONCE(*owner);
		if (holder == me)
			break;
		if (!holder && try_cmpxchg_acquire(owner, &holder, me))
			return 0;
		cpu_relax();
	}
	return -EBUSY;
}

/**
 * bvm_trylock - take a lock that nobody has
 * @owner:	as of bvm_lock()
 * Interrupts are off.  Any context incl. NMI.  Return: true if it is the caller's now.
 */
static inline bool bvm_trylock(u32 *owner)
{
	u32 holder = 0;

	return !READ_ONCE(*owner) &&
	       try_cmpxchg_acquire(owner, &holder, raw_smp_processor_id() + 1);
}

/**
 * bvm_unlock - let others have the lock
 * @owner:	that of bvm_lock()
 */
static inline void bvm_unlock(u32 *owner)
{
	/* Pairs with try_cmpxchg_acquire() in bvm_lock(). */
	smp_store_release(owner, 0);
}

/**
 * bvm_spin_lock - take a lock, however long that takes
 * @owner:	as of bvm_lock()
 *
 * Interrupts are off, and stay off until bvm_spin_unlock().  Any context but NMI: whoever
 * holds it is at work on another CPU.
 */
static inline void bvm_spin_lock(u32 *owner)
{
	while (!bvm_trylock(owner))
		cpu_relax();
}

/**
 * bvm_spin_unlock - let others have the lock
 * @owner:	that of bvm_spin_lock()
 */
static inline void bvm_spin_unlock(u32 *owner)
{
	bvm_unlock(owner);
}

#endif /* _BVM_LOCK_H */
