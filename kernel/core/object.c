// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ids, descriptors and the end of programs and maps.
 *
 * An object whose last reference goes away may still be used by programs that run
 * under RCU (or RCU tasks trace, in sleepable contexts), and the last reference may
 * go away anywhere: in an NMI, under the locks of the workqueue code when a program
 * traces that.  So there is one way out, which takes no lock: a lock-free list, an
 * irq_work, and a work item that waits for one grace period of each kind for all
 * that has gathered on the list.
 */
#include <linux/anon_inodes.h>
#include <linux/irq_work.h>
#include <linux/rcupdate.h>
#include <linux/rcupdate_trace.h>
#include <linux/rcupdate_wait.h>
#include <linux/workqueue.h>
#include "object.h"

static LLIST_HEAD(bvm_dead);

/* Remove the id, once.  Takes the lock of the ids: not in NMI. */
static void bvm_obj_withdraw(struct bvm_obj *obj)
{
	if (!obj->published)
		return;
	obj->published = false;
	if (obj->kind->withdraw)
		obj->kind->withdraw(obj);
	xa_erase_irq(&obj->kind->ids, obj->id);
}

static void bvm_obj_reap(struct work_struct *work)
{
	struct llist_node *dead = llist_del_all(&bvm_dead);
	struct bvm_obj *obj, *next;
	bool again = false;

	if (!dead)
		return;
	llist_for_each_entry(obj, dead, free_node)
		bvm_obj_withdraw(obj);
	synchronize_rcu_mult(call_rcu_hurry, call_rcu_tasks_trace);
	llist_for_each_entry(obj, dead, free_node)
		again |= obj->kind->quiet && obj->kind->quiet(obj);
	if (again)
		synchronize_rcu_expedited();
	llist_for_each_entry_safe(obj, next, dead, free_node) {
		obj->kind->free(obj);
		cond_resched();
	}
}

static DECLARE_WORK(bvm_reap_work, bvm_obj_reap);

static void bvm_obj_kick(struct irq_work *work)
{
	queue_work(system_unbound_wq, &bvm_reap_work);
}

static DEFINE_IRQ_WORK(bvm_reap_kick, bvm_obj_kick);

/**
 * bvm_obj_init - the first reference
 * @obj:	zeroed
 * @kind:	what it is
 */
void bvm_obj_init(struct bvm_obj *obj, struct bvm_obj_kind *kind)
{
	obj->kind = kind;
	refcount_set(&obj->refs, 1);
}

/**
 * bvm_obj_publish - give an object its id: from now on others can find it
 * @obj:	complete object
 * Process context.  Return: 0; -ENOMEM, -EBUSY when all ids are taken.
 */
int bvm_obj_publish(struct bvm_obj *obj)
{
	struct bvm_obj_kind *kind = obj->kind;
	int err;

	/* Readers may find it as soon as it is stored, so the id comes first. */
	err = xa_alloc_cyclic_irq(&kind->ids, &obj->id, NULL, XA_LIMIT(1, INT_MAX),
				  &kind->next_id, GFP_KERNEL_ACCOUNT);
	if (err < 0)
		return err;
	obj->published = true;
	/* The slot is reserved: nothing is allocated, storing cannot fail. */
	xa_store_irq(&kind->ids, obj->id, obj, GFP_KERNEL_ACCOUNT);
	return 0;
}

/**
 * bvm_obj_put - drop a reference
 * @obj:	object
 *
 * Where locks may be taken, the id of a dead object is gone when this returns, so that
 * a program that closes a descriptor does not find the object any more.
 *
 * Any context incl. NMI; of a kind with ->last(), process context that may sleep.
 */
void bvm_obj_put(struct bvm_obj *obj)
{
	if (!refcount_dec_and_test(&obj->refs))
		return;
	if (in_task() && !irqs_disabled())
		bvm_obj_withdraw(obj);
	if (obj->kind->last)
		obj->kind->last(obj);
	if (llist_add(&obj->free_node, &bvm_dead))
		irq_work_queue(&bvm_reap_kick);
}

/**
 * bvm_obj_flush - wait until all objects that are dead by now have been freed
 *
 * Freeing an object may drop the last reference to another one (a program its maps), so
 * it takes two rounds.  For tests.  Process context, sleeps.
 */
void bvm_obj_flush(void)
{
	int round;

	for (round = 0; round < 2; round++) {
		irq_work_sync(&bvm_reap_kick);
		flush_work(&bvm_reap_work);
	}
}

/**
 * bvm_obj_from_id - find an object
 * @kind:	programs or maps
 * @id:		its id
 * Any context but NMI.  Return: object with a reference, or NULL.
 */
struct bvm_obj *bvm_obj_from_id(struct bvm_obj_kind *kind, u32 id)
{
	struct bvm_obj *obj;

	rcu_read_lock();
	obj = xa_load(&kind->ids, id);
	if (obj && !refcount_inc_not_zero(&obj->refs))
		obj = NULL;
	rcu_read_unlock();
	return obj;
}

/**
 * bvm_obj_next_id - the smallest id in use above another one
 * @kind:	programs or maps
 * @start:	that other one, 0 for the first
 * @next:	result
 * Return: 0; -EINVAL, -ENOENT as documented for BPF_*_GET_NEXT_ID.
 */
int bvm_obj_next_id(struct bvm_obj_kind *kind, u32 start, u32 *next)
{
	unsigned long id = (unsigned long)start + 1;

	if (start >= INT_MAX)
		return -EINVAL;
	if (!xa_find(&kind->ids, &id, INT_MAX, XA_PRESENT))
		return -ENOENT;
	*next = id;
	return 0;
}

/**
 * bvm_obj_fd - a new descriptor
 * @obj:	object; the file takes over one reference of the caller's if all goes well
 * @flags:	O_RDONLY, O_WRONLY or O_RDWR
 * Process context.  Return: descriptor, close-on-exec, or a negative errno.
 */
int bvm_obj_fd(struct bvm_obj *obj, int flags)
{
	int fd;

	/* Another thread may close the descriptor before it is known here. */
	bvm_obj_keep(obj);
	fd = anon_inode_getfd(obj->kind->name, obj->kind->fops, obj, flags | O_CLOEXEC);
	if (fd < 0)
		atomic_dec(&obj->users);
	return fd;
}

/**
 * bvm_obj_drop - a descriptor or pin goes away, and its reference with it
 * @obj:	object that bvm_obj_keep() was called for
 * Process context, may sleep.
 */
void bvm_obj_drop(struct bvm_obj *obj)
{
	if (atomic_dec_and_test(&obj->users) && obj->kind->unused)
		obj->kind->unused(obj);
	bvm_obj_put(obj);
}

/**
 * bvm_obj_release - &struct file_operations.release of descriptors
 * @inode:	unused
 * @file:	its private_data is the object
 * Return: 0.
 */
int bvm_obj_release(struct inode *inode, struct file *file)
{
	bvm_obj_drop(file->private_data);
	return 0;
}
