// SPDX-License-Identifier: GPL-2.0-only
/*
 * Addresses of user space as build id and offset: what finds the symbol on another
 * machine, or after the process is gone.  Where the address space cannot be locked an
 * entry is the address itself, as documented for BPF_STACK_BUILD_ID_IP.
 */
#include <linux/bpf.h>
#include <linux/buildid.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/string.h>
#include "build_id.h"

static_assert(sizeof_field(struct bvm_build_ids, last) == BPF_BUILD_ID_SIZE);
static_assert(BUILD_ID_SIZE_MAX == BPF_BUILD_ID_SIZE);

/**
 * bvm_build_ids_begin - get ready to look addresses up
 * @ids:	lookup
 * @user:	they are addresses of user space, of the current task
 * Any context incl. NMI, preemption off.  bvm_build_ids_end() has to follow.
 */
void bvm_build_ids_begin(struct bvm_build_ids *ids, bool user)
{
	*ids = (struct bvm_build_ids) {};
	if (user && current->mm)
		bvm_mm_trylock(&ids->lock, current->mm);
}

/* The area of @ip, and its build id if it has one. */
static bool bvm_build_ids_find(struct bvm_build_ids *ids, u64 ip)
{
	if (!ids->lock.mm || ip != (unsigned long)ip)
		return false;
	if (!ids->vma || ip < ids->vma->vm_start || ip >= ids->vma->vm_end) {
		ids->vma = vma_lookup(ids->lock.mm, ip);
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
	if (ids->lock.mm)
		bvm_mm_unlock(&ids->lock);
}
