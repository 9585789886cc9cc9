// SPDX-License-Identifier: GPL-2.0-only
/*
 * BPF_MAP_TYPE_ARENA: memory that programs and user space share, at one and the same address
 * in all processes.  max_entries is the number of pages; there are neither keys nor values.
 * Pages come when a program asks for them or user space touches them, and go when a program
 * gives them back.
 *
 * The kernel's addresses have the same low half as those of user space: no arena crosses a
 * multiple of 4 GiB there.  Programs use that half only, so whatever they compute lies in
 * the 4 GiB that belong to the arena; with the offset of an instruction, in a guard.
 *
 * Locks: @freeing, mmap_lock, @lock.
 */
#include "../deps.h"
#include <linux/bitmap.h>
#include <linux/memcontrol.h>
#include <linux/mman.h>
#include <linux/sched/mm.h>
#include <linux/vmalloc.h>
#include <linux/xarray.h>
#include "arena.h"

#define ARENA_SPACE	BIT_ULL(32)
#define ARENA_GUARD	SZ_64K		/* more than an offset reaches */
#define ARENA_FLAGS	(BPF_F_MMAPABLE | BPF_F_SEGV_ON_FAULT | BPF_F_NO_USER_CONV)
#define ARENA_GFP	(GFP_KERNEL_ACCOUNT | __GFP_ZERO | __GFP_NOWARN)
#define ARENA_BATCH	512U		/* pages that go at a time */

/**
 * struct bvm_arena_user - a mapping
 * @node:	on the arena's list
 * @vma:	which one; to be looked at under @mm's lock only
 * @mm:		its address space, which may be dead
 * @freed:	what was given back is not mapped there any more, see arena_zap()
 */
struct bvm_arena_user {
	struct list_head node;
	struct vm_area_struct *vma;
	struct mm_struct *mm;
	u64 freed;
};

/**
 * struct bvm_arena - an arena
 * @map:	common part
 * @memcg:	whom pages are charged to: who made the map
 * @area:	addresses in the kernel, with guards on both ends
 * @start:	address in user space, 0: not known yet; set once
 * @lock:	for what follows
 * @size:	bytes of each mapping, set with @start
 * @page:	pages that are there
 * @used:	[max_entries] there, or being given back
 * @users:	mappings
 * @freeing:	held while pages are given back
 * @freed:	how often pages were, under @freeing
 */
struct bvm_arena {
	struct bvm_map map;
	struct mem_cgroup *memcg;
	struct vm_struct *area;
	unsigned long start;
	struct mutex lock;	/* see above */
	u64 size;
	struct xarray page;
	unsigned long *used;
	struct list_head users;
	struct mutex freeing;	/* see above */
	u64 freed;
};

static struct bvm_arena *arena_of(const struct bvm_map *map)
{
	return container_of(map, struct bvm_arena, map);
}

/* Would it cross a multiple of 4 GiB? */
static bool arena_crosses(u64 start, u64 bytes)
{
	return start >> 32 != (start + bytes - 1) >> 32;
}

static int arena_check(const struct bvm_map_spec *spec)
{
	u64 bytes = (u64)spec->max_entries << PAGE_SHIFT;

	if (!bvm_map_flags_ok(spec, ARENA_FLAGS) || !(spec->flags & BPF_F_MMAPABLE) ||
	    spec->key_size || spec->value_size || !spec->max_entries ||
	    spec->extra & ~PAGE_MASK)
		return -EINVAL;
	if (bytes > ARENA_SPACE)
		return -E2BIG;
	if (spec->extra && (spec->extra > TASK_SIZE - bytes || arena_crosses(spec->extra, bytes)))
		return -ERANGE;
	/* KASAN's shadow of all these addresses would be half a gigabyte of memory */
	return IS_ENABLED(CONFIG_64BIT) && !IS_ENABLED(CONFIG_KASAN_VMALLOC) ? 0 : -EOPNOTSUPP;
}

static void arena_free(struct bvm_map *map)
{
	struct bvm_arena *arena = arena_of(map);
	unsigned long index;
	struct page *page;

	free_vm_area(arena->area);
	xa_for_each(&arena->page, index, page) {
		put_page(page);
		cond_resched();
	}
	xa_destroy(&arena->page);
	kvfree(arena->used);
	mem_cgroup_put(arena->memcg);
	kfree(arena);
}

static struct bvm_map *arena_alloc(const struct bvm_map_spec *spec)
{
	struct bvm_arena *arena = kzalloc(sizeof(*arena), GFP_KERNEL_ACCOUNT);

	if (!arena)
		return ERR_PTR(-ENOMEM);
	arena->used = kvcalloc(BITS_TO_LONGS(spec->max_entries), sizeof(long), GFP_KERNEL_ACCOUNT);
	arena->area = get_vm_area(ARENA_SPACE + 2 * ARENA_GUARD, VM_SPARSE | VM_USERMAP);
	if (!arena->used || !arena->area) {
		if (arena->area)
			free_vm_area(arena->area);
		kvfree(arena->used);
		kfree(arena);
		return ERR_PTR(-ENOMEM);
	}
	arena->start = spec->extra;
	arena->size = (u64)spec->max_entries << PAGE_SHIFT;
	arena->memcg = get_mem_cgroup_from_current();
	mutex_init(&arena->lock);
	mutex_init(&arena->freeing);
	xa_init(&arena->page);
	INIT_LIST_HEAD(&arena->users);
	return &arena->map;
}

/* ------------------------------------------------------------------ pages */

/* Where the kernel has the byte whose address in user space has 32 low bits of 0. */
static unsigned long arena_kernel(const struct bvm_arena *arena)
{
	return (unsigned long)arena->area->addr + ARENA_GUARD;
}

static unsigned long arena_page_kernel(const struct bvm_arena *arena, u32 index)
{
	return arena_kernel(arena) + (u32)(arena->start + ((u64)index << PAGE_SHIFT));
}

/* vm_area_unmap_pages() does nothing about more pages at a time than the machine has. */
static void arena_drop_batch(struct bvm_arena *arena, u32 first, u32 count)
{
	unsigned long at = arena_page_kernel(arena, first), index = first;
	unsigned long last = first + count - 1;
	struct page *page;

	if (!xa_find(&arena->page, &index, last, XA_PRESENT))
		return;
	vm_area_unmap_pages(arena->area, at, at + ((unsigned long)count << PAGE_SHIFT));
	xa_for_each_range(&arena->page, index, page, first, last) {
		xa_erase(&arena->page, index);
		put_page(page);
	}
}

/* Under @lock: programs do not see pages any more. */
static void arena_drop_pages(struct bvm_arena *arena, u32 first, u32 count)
{
	u32 n;

	for (; count; first += n, count -= n) {
		n = min(count, ARENA_BATCH);
		arena_drop_batch(arena, first, n);
		cond_resched();
	}
}

static int arena_make_page(struct bvm_arena *arena, u32 index, int node)
{
	unsigned long at = arena_page_kernel(arena, index);
	struct page *page = alloc_pages_node(node, ARENA_GFP, 0);
	int err;

	if (!page)
		return -ENOMEM;
	err = xa_err(xa_store(&arena->page, index, page, GFP_KERNEL_ACCOUNT));
	if (!err) {
		err = vm_area_map_pages(arena->area, at, at + PAGE_SIZE, &page);
		if (err)
			xa_erase(&arena->page, index);
	}
	if (err)
		put_page(page);
	else
		__set_bit(index, arena->used);
	return err;
}

/* A new page, zeroed, under @lock.  -ENOMEM. */
static int arena_add_page(struct bvm_arena *arena, u32 index, int node)
{
	struct mem_cgroup *old = set_active_memcg(arena->memcg);
	int err = arena_make_page(arena, index, node);

	set_active_memcg(old);
	return err;
}

/* The index of a page that a program names, by all of its address or the low half. */
static bool arena_index(const struct bvm_arena *arena, u64 addr, u32 *index)
{
	u32 at = (u32)addr - (u32)arena->start;

	if (addr >> 32 && addr >> 32 != arena->start >> 32)
		return false;
	*index = at >> PAGE_SHIFT;
	return *index < arena->map.max_entries;
}

/* Under @lock: where @count pages in a row are free, max_entries: nowhere. */
static u32 arena_find(const struct bvm_arena *arena, u64 addr, u32 count)
{
	u32 max = arena->map.max_entries, index;
	unsigned long found;

	if (!addr) {
		found = bitmap_find_next_zero_area(arena->used, max, 0, count, 0);
		return min_t(unsigned long, found, max);
	}
	if (addr & ~PAGE_MASK || !arena_index(arena, addr, &index) || count > max - index)
		return max;
	return find_next_bit(arena->used, index + count, index) < index + count ? max : index;
}

/**
 * bvm_arena_alloc_pages - new pages for a program
 * @map:	arena
 * @addr:	where; 0: anywhere
 * @count:	pages in a row
 * @node:	memory node, or NUMA_NO_NODE
 * Process context, may sleep.  Return: address in user space; 0: there is no room, or no
 * memory.
 */
u64 bvm_arena_alloc_pages(struct bvm_map *map, u64 addr, u32 count, int node)
{
	struct bvm_arena *arena = arena_of(map);
	u32 index, i;

	if (!count || count > map->max_entries || !READ_ONCE(arena->start))
		return 0;
	if (node != NUMA_NO_NODE && ((u32)node >= nr_node_ids || !node_online(node)))
		return 0;
	guard(mutex)(&arena->lock);
	index = arena_find(arena, addr, count);
	if (index == map->max_entries)
		return 0;
	for (i = 0; i < count; i++) {
		if (!fatal_signal_pending(current) && !arena_add_page(arena, index + i, node)) {
			cond_resched();
			continue;
		}
		arena_drop_pages(arena, index, i);
		bitmap_clear(arena->used, index, i);
		return 0;
	}
	return arena->start + ((u64)index << PAGE_SHIFT);
}

/* An address space that has not been looked at for this time; held. */
static struct mm_struct *arena_next_mm(struct bvm_arena *arena)
{
	struct bvm_arena_user *user;

	guard(mutex)(&arena->lock);
	list_for_each_entry(user, &arena->users, node) {
		if (user->freed == arena->freed)
			continue;
		user->freed = arena->freed;
		if (mmget_not_zero(user->mm))
			return user->mm;
	}
	return NULL;
}

/* With the lock of @mm, its mappings and their page tables stay. */
static void arena_zap_mm(struct bvm_arena *arena, const struct mm_struct *mm, unsigned long at,
			 unsigned long end)
{
	struct bvm_arena_user *user;

	guard(mutex)(&arena->lock);
	list_for_each_entry(user, &arena->users, node)
		if (user->mm == mm && at < user->vma->vm_end)
			zap_page_range_single(user->vma, at, min(end, user->vma->vm_end) - at,
					      NULL);
}

/*
 * Pages go from the address spaces of user space.  Page tables are freed under the lock of the
 * address space, or when it is dead and cannot be held any more.  Under @freeing.
 */
static void arena_zap(struct bvm_arena *arena, u32 index, u32 count)
{
	unsigned long at = arena->start + ((unsigned long)index << PAGE_SHIFT);
	unsigned long end = at + ((unsigned long)count << PAGE_SHIFT);
	struct mm_struct *mm;

	arena->freed++;
	for (mm = arena_next_mm(arena); mm; mm = arena_next_mm(arena)) {
		mmap_write_lock(mm);
		arena_zap_mm(arena, mm, at, end);
		mmap_write_unlock(mm);
		mmput(mm);
	}
}

/**
 * bvm_arena_free_pages - a program gives pages back
 * @map:	arena
 * @addr:	of the first one; any that are not there are left out
 * @count:	pages in a row
 * Process context, may sleep; not under the lock of an address space.
 */
void bvm_arena_free_pages(struct bvm_map *map, u64 addr, u32 count)
{
	struct bvm_arena *arena = arena_of(map);
	unsigned long there;
	struct page *page;
	u32 index;

	if (!count || !READ_ONCE(arena->start) || !arena_index(arena, addr & PAGE_MASK, &index))
		return;
	count = min(count, map->max_entries - index);
	guard(mutex)(&arena->freeing);
	/* Nobody finds them any more, and no program gets others there as long as they are seen. */
	mutex_lock(&arena->lock);
	arena_drop_pages(arena, index, count);
	mutex_unlock(&arena->lock);
	arena_zap(arena, index, count);
	guard(mutex)(&arena->lock);
	bitmap_clear(arena->used, index, count);
	/* what user space has touched meanwhile */
	xa_for_each_range(&arena->page, there, page, index, index + count - 1)
		__set_bit(there, arena->used);
}

/* ------------------------------------------------------------- user space */

static vm_fault_t arena_fault(struct bvm_map *map, struct vm_fault *vmf)
{
	struct bvm_arena *arena = arena_of(map);
	u32 index = (vmf->address - arena->start) >> PAGE_SHIFT;
	struct page *page;

	guard(mutex)(&arena->lock);
	page = xa_load(&arena->page, index);
	if (!page) {
		/* a mapping can have more pages than the arena */
		if (index >= map->max_entries || map->flags & BPF_F_SEGV_ON_FAULT ||
		    arena_add_page(arena, index, NUMA_NO_NODE))
			return VM_FAULT_SIGSEGV;
		page = xa_load(&arena->page, index);
	}
	get_page(page);
	vmf->page = page;
	return 0;
}

/* @vma is one more mapping, to be known by @user; under @lock. */
static void arena_add_user(struct bvm_arena *arena, struct bvm_arena_user *user,
			   struct vm_area_struct *vma)
{
	user->vma = vma;
	user->mm = vma->vm_mm;
	mmgrab(user->mm);
	list_add(&user->node, &arena->users);
	vma->vm_private_data = user;
}

static int arena_mmap(struct bvm_map *map, struct vm_area_struct *vma)
{
	u64 bytes = (u64)map->max_entries << PAGE_SHIFT, len = vma->vm_end - vma->vm_start;
	struct bvm_arena *arena = arena_of(map);
	struct bvm_arena_user *user;

	if (vma->vm_pgoff || !vma->vm_start)
		return -EINVAL;
	if (arena_crosses(vma->vm_start, max(bytes, len)))
		return -ERANGE;
	user = kzalloc(sizeof(*user), GFP_KERNEL_ACCOUNT);
	if (!user)
		return -ENOMEM;
	mutex_lock(&arena->lock);
	if (arena->start && (arena->start != vma->vm_start || arena->size != len)) {
		mutex_unlock(&arena->lock);
		kfree(user);
		return -EBUSY;
	}
	arena->size = len;
	WRITE_ONCE(arena->start, vma->vm_start);
	arena_add_user(arena, user, vma);
	mutex_unlock(&arena->lock);
	vm_flags_set(vma, VM_DONTEXPAND | VM_DONTCOPY);
	return 0;
}

/* MADV_DOFORK: a child has it, too.  And mremap(2) copies first, is refused, and undoes that. */
static void arena_copied(struct bvm_map *map, struct vm_area_struct *vma)
{
	struct bvm_arena *arena = arena_of(map);
	struct bvm_arena_user *user;

	/* can neither fail nor do without: pages that are given back must go from it */
	user = kzalloc(sizeof(*user), GFP_KERNEL_ACCOUNT | __GFP_NOFAIL);
	guard(mutex)(&arena->lock);
	arena_add_user(arena, user, vma);
}

static void arena_unmapped(struct bvm_map *map, struct vm_area_struct *vma)
{
	struct bvm_arena *arena = arena_of(map);
	struct bvm_arena_user *user = vma->vm_private_data;

	mutex_lock(&arena->lock);
	list_del(&user->node);
	mutex_unlock(&arena->lock);
	mmdrop(user->mm);
	kfree(user);
}

/* All mappings but the first are as that is, or as the map's request says. */
static int arena_place_known(struct bvm_arena *arena, unsigned long addr, unsigned long len)
{
	guard(mutex)(&arena->lock);
	if (len > (arena->start ? arena->size : ARENA_SPACE))
		return -E2BIG;
	return arena->start && (addr != arena->start || len != arena->size) ? -EINVAL : 0;
}

static unsigned long arena_place(struct bvm_map *map, struct file *file, unsigned long addr,
				 unsigned long len, unsigned long pgoff, unsigned long flags)
{
	u64 bytes = max_t(u64, (u64)map->max_entries << PAGE_SHIFT, len);
	int err = pgoff ? -EINVAL : arena_place_known(arena_of(map), addr, len);
	unsigned long at;

	if (err)
		return err;
	at = mm_get_unmapped_area(current->mm, file, addr, len, pgoff, flags);
	if (IS_ERR_VALUE(at) || !arena_crosses(at, bytes))
		return at;
	if (flags & MAP_FIXED)
		return -ERANGE;
	at = mm_get_unmapped_area(current->mm, file, 0, len + ARENA_SPACE, pgoff, flags);
	return IS_ERR_VALUE(at) ? at : round_up(at, ARENA_SPACE);
}

static bool arena_base(const struct bvm_map *map, struct bvm_arena_base *base)
{
	const struct bvm_arena *arena = arena_of(map);
	u64 start = READ_ONCE(arena->start);

	*base = (struct bvm_arena_base){
		.kernel = arena_kernel(arena),
		.user = map->flags & BPF_F_NO_USER_CONV ? 0 : start & ~(u64)U32_MAX,
	};
	return start;
}

/* What programs have of variables in the arena is the address that user space has. */
static void *arena_direct(struct bvm_map *map, u32 off)
{
	unsigned long start = READ_ONCE(arena_of(map)->start);

	return start && off >> PAGE_SHIFT < map->max_entries ? (void *)(start + off) : NULL;
}

/* Pages are counted where they are charged. */
static u64 arena_memory(const struct bvm_map *map)
{
	return sizeof(struct bvm_arena) + BITS_TO_LONGS(map->max_entries) * sizeof(long);
}

/* No elements: the system calls on them give -ENOTSUPP. */
const struct bvm_map_type bvm_arena_map = {
	.id = BPF_MAP_TYPE_ARENA,
	.name = "arena",
	.kernel_name = "bpf_arena",
	.caps = BVM_MAP_ARENA | BVM_MAP_SLEEPABLE,
	.flags = ARENA_FLAGS,
	.check = arena_check,
	.alloc = arena_alloc,
	.free = arena_free,
	.direct = arena_direct,
	.mmap = arena_mmap,
	.copied = arena_copied,
	.unmapped = arena_unmapped,
	.fault = arena_fault,
	.place = arena_place,
	.arena = arena_base,
	.memory = arena_memory,
};
