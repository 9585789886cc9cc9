// SPDX-License-Identifier: GPL-2.0-only
/*
 * BPF_MAP_TYPE_RINGBUF: the pages of a ring, and how user space gets at them.
 * max_entries is the number of bytes; there are neither keys nor values.
 *
 * User space maps, from offset 0: a page with the consumer's position, a page with the
 * producers' position, the data, the data again.  It may write to the first of them.
 */
#include "../deps.h"
#include <linux/poll.h>
#include "maps.h"
#include "ringbuf.h"

/* pages in front of the data */
#define RINGBUF_HEAD	(offsetof(struct bvm_ring, data) >> PAGE_SHIFT)

#define RINGBUF_GFP	(GFP_KERNEL_ACCOUNT | __GFP_RETRY_MAYFAIL | __GFP_NOWARN)

/**
 * bvm_ringbuf_check - &bvm_map_type.check of ring buffers
 * @spec:	request
 * Return: 0, -EINVAL.
 */
int bvm_ringbuf_check(const struct bvm_map_spec *spec)
{
	if (!bvm_map_flags_ok(spec, RINGBUF_FLAGS))
		return -EINVAL;
	if (spec->key_size || spec->value_size)
		return -EINVAL;
	if (!is_power_of_2(spec->max_entries) || !PAGE_ALIGNED(spec->max_entries))
		return -EINVAL;
	return 0;
}

static void ringbuf_free_pages(struct page **page, u32 nr)
{
	while (nr--) {
		__free_page(page[nr]);
		cond_resched();
	}
	kvfree(page);
}

/*
 * Pages of the head and of the data, the data's twice in a row.
 *
 * Return: array for ringbuf_free_pages(@nr), or NULL.
 */
static struct page **ringbuf_alloc_pages(u32 nr, u32 nr_data, int node)
{
	struct page **page;
	u32 i;

	/* Do not take all memory there is before failing. */
	if (nr > totalram_pages())
		return NULL;
	page = kvmalloc_array(nr + nr_data, sizeof(*page), RINGBUF_GFP);
	if (!page)
		return NULL;
	for (i = 0; i < nr; i++) {
		page[i] = alloc_pages_node(node, RINGBUF_GFP | __GFP_ZERO, 0);
		if (!page[i]) {
			ringbuf_free_pages(page, i);
			return NULL;
		}
		cond_resched();
	}
	memcpy(page + nr, page + nr - nr_data, nr_data * sizeof(*page));
	return page;
}

static struct bvm_ring *ringbuf_alloc_ring(u32 size, int node)
{
	u32 nr_data = size >> PAGE_SHIFT;
	u32 nr = RINGBUF_HEAD + nr_data;
	struct bvm_ring *ring;
	struct page **page;

	page = ringbuf_alloc_pages(nr, nr_data, node);
	if (!page)
		return NULL;
	ring = vmap(page, nr + nr_data, VM_MAP | VM_USERMAP, PAGE_KERNEL);
	if (!ring) {
		ringbuf_free_pages(page, nr);
		return NULL;
	}
	ring->page = page;
	ring->nr_pages = nr;
	bvm_ring_init(ring, size);
	return ring;
}

/**
 * bvm_ringbuf_alloc - &bvm_map_type.alloc of ring buffers
 * @spec:	checked request
 * Return: map; ERR_PTR(-ENOMEM).
 */
struct bvm_map *bvm_ringbuf_alloc(const struct bvm_map_spec *spec)
{
	struct bpf_ringbuf *rb = kzalloc_node(sizeof(*rb), GFP_KERNEL_ACCOUNT, spec->numa_node);

	if (!rb)
		return ERR_PTR(-ENOMEM);
	rb->ring = ringbuf_alloc_ring(spec->max_entries, spec->numa_node);
	if (!rb->ring) {
		kfree(rb);
		return ERR_PTR(-ENOMEM);
	}
	return &rb->map;
}

/**
 * bvm_ringbuf_free - &bvm_map_type.free of ring buffers
 * @map:	map
 */
void bvm_ringbuf_free(struct bvm_map *map)
{
	struct bvm_ring *ring = bvm_ringbuf_ring(map);
	struct page **page = ring->page;
	u32 nr = ring->nr_pages;

	irq_work_sync(&ring->work);
	vunmap(ring);
	ringbuf_free_pages(page, nr);
	kfree(container_of(map, struct bpf_ringbuf, map));
}

/* core/ has looked at how the file was opened, and makes a read-only mapping stay that. */
static int ringbuf_mmap(struct bvm_map *map, struct vm_area_struct *vma)
{
	unsigned long first = offsetof(struct bvm_ring, cons) >> PAGE_SHIFT;

	if (vma->vm_flags & VM_WRITE &&
	    (vma->vm_pgoff || vma->vm_end - vma->vm_start != PAGE_SIZE))
		return -EPERM;
	/* checks the range */
	return remap_vmalloc_range(vma, bvm_ringbuf_ring(map), vma->vm_pgoff + first);
}

static __poll_t ringbuf_poll(struct bvm_map *map, struct file *file,
			     struct poll_table_struct *wait)
{
	struct bvm_ring *ring = bvm_ringbuf_ring(map);

	poll_wait(file, &ring->wait, wait);
	return bvm_ring_unread(ring) ? EPOLLIN | EPOLLRDNORM : 0;
}

/**
 * bvm_ringbuf_memory - &bvm_map_type.memory of ring buffers
 * @map:	map
 */
u64 bvm_ringbuf_memory(const struct bvm_map *map)
{
	const struct bvm_ring *ring = bvm_ringbuf_ring(map);
	u64 nr_data = map->max_entries >> PAGE_SHIFT;

	return sizeof(struct bpf_ringbuf) + ((u64)ring->nr_pages << PAGE_SHIFT) +
	       (ring->nr_pages + nr_data) * sizeof(*ring->page);
}

/* No elements: the system calls on them give -ENOTSUPP. */
const struct bvm_map_type bvm_ringbuf_map = {
	.id = BPF_MAP_TYPE_RINGBUF,
	.name = "ringbuf",
	.caps = BVM_MAP_RINGBUF | BVM_MAP_SLEEPABLE,
	.flags = RINGBUF_FLAGS,
	.check = bvm_ringbuf_check,
	.alloc = bvm_ringbuf_alloc,
	.free = bvm_ringbuf_free,
	.mmap = ringbuf_mmap,
	.poll = ringbuf_poll,
	.memory = bvm_ringbuf_memory,
};
