// SPDX-License-Identifier: GPL-2.0-only
/*
 * BPF_MAP_TYPE_USER_RINGBUF: a ring that user space produces into and programs consume from.
 * All is as of BPF_MAP_TYPE_RINGBUF, but for who may write what: user space maps the
 * consumer's position to read, the producer's and the data to write.
 */
#include "../deps.h"
#include <linux/poll.h>
#include "maps.h"
#include "ringbuf.h"

/* core/ has looked at how the file was opened, and makes a read-only mapping stay that. */
static int user_ringbuf_mmap(struct bvm_map *map, struct vm_area_struct *vma)
{
	unsigned long first = offsetof(struct bvm_ring, cons) >> PAGE_SHIFT;

	if (vma->vm_flags & VM_WRITE && !vma->vm_pgoff)
		return -EPERM;
	/* checks the range */
	return remap_vmalloc_range(vma, bvm_ringbuf_ring(map), vma->vm_pgoff + first);
}

static __poll_t user_ringbuf_poll(struct bvm_map *map, struct file *file,
				  struct poll_table_struct *wait)
{
	struct bvm_ring *ring = bvm_ringbuf_ring(map);

	poll_wait(file, &ring->wait, wait);
	return bvm_ring_unread(ring) <= ring->mask ? EPOLLOUT | EPOLLWRNORM : 0;
}

/* No elements: the system calls on them give -ENOTSUPP. */
const struct bvm_map_type bvm_user_ringbuf_map = {
	.id = BPF_MAP_TYPE_USER_RINGBUF,
	.name = "user_ringbuf",
	.caps = BVM_MAP_USER_RINGBUF,
	.flags = RINGBUF_FLAGS,
	.check = bvm_ringbuf_check,
	.alloc = bvm_ringbuf_alloc,
	.free = bvm_ringbuf_free,
	.mmap = user_ringbuf_mmap,
	.poll = user_ringbuf_poll,
	.memory = bvm_ringbuf_memory,
};
