/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What programs, maps, links and types have in common as kernel objects: a reference
 * count, an id, a file descriptor, and the way they die.
 */
#ifndef _BVM_OBJECT_H
#define _BVM_OBJECT_H

#include <linux/fs.h>
#include <linux/llist.h>
#include <linux/refcount.h>
#include <linux/types.h>
#include <linux/xarray.h>

struct bvm_obj;

/**
 * struct bvm_obj_kind - programs, or maps, or ...
 * @name:	name of the anonymous inode: what /proc/PID/fd links show and tools parse
 * @fops:	of the file behind a descriptor; its private_data is the struct bvm_obj
 * @ids:	objects by id; ids count upwards, 0 is none.  Looked up under RCU.
 * @next_id:	where the next id is searched
 * @open:	a new descriptor, which takes over the caller's reference if all goes well;
 *		flags are O_RDONLY, O_WRONLY or O_RDWR.  Process context.  NULL: the object
 *		cannot be pinned.
 * @unused:	the last descriptor and the last pin are gone; programs and events may still
 *		hold the object, and ids lead to it.  May come again.  Process context, may
 *		sleep.  May be NULL.
 * @withdraw:	last words before the id goes away (audit).  Atomic context.  May be NULL.
 * @last:	the last reference is gone: undo what leads others to the object (a link
 *		detaches).  May sleep: objects of such a kind are put in process context
 *		only.  May be NULL.
 * @quiet:	all grace periods are over, no program uses the object any more.  Returns that
 *		another one of RCU must pass before it can be freed.  Process context, may
 *		sleep.  May be NULL.
 * @free:	frees the object after all grace periods.  Process context, may sleep.
 */
struct bvm_obj_kind {
	const char *name;
	const struct file_operations *fops;
	struct xarray ids;
	u32 next_id;
	int (*open)(struct bvm_obj *obj, int flags);
	void (*unused)(struct bvm_obj *obj);
	void (*withdraw)(struct bvm_obj *obj);
	void (*last)(struct bvm_obj *obj);
	bool (*quiet)(struct bvm_obj *obj);
	void (*free)(struct bvm_obj *obj);
};

/**
 * struct bvm_obj - embedded in each program, map, link
 * @kind:	what it is
 * @id:		0 before bvm_obj_publish(); stays readable after the id was withdrawn
 * @published:	the id is in use; owned by who holds, or dropped, the last reference
 * @users:	descriptors and pins, each with a reference
 * @refs:	references; at 0 the object is withdrawn and freed
 * @free_node:	on the list of what waits for its grace periods
 */
struct bvm_obj {
	struct bvm_obj_kind *kind;
	u32 id;
	bool published;
	atomic_t users;
	refcount_t refs;
	struct llist_node free_node;
};

void bvm_obj_init(struct bvm_obj *obj, struct bvm_obj_kind *kind);
int bvm_obj_publish(struct bvm_obj *obj);
void bvm_obj_put(struct bvm_obj *obj);
void bvm_obj_flush(void);
struct bvm_obj *bvm_obj_from_id(struct bvm_obj_kind *kind, u32 id);
int bvm_obj_next_id(struct bvm_obj_kind *kind, u32 start, u32 *next);
int bvm_obj_fd(struct bvm_obj *obj, int flags);
void bvm_obj_drop(struct bvm_obj *obj);
int bvm_obj_release(struct inode *inode, struct file *file);

/* Another reference; the caller holds one. */
static inline void bvm_obj_get(struct bvm_obj *obj)
{
	refcount_inc(&obj->refs);
}

/* A user (descriptor, pin) takes over one of the caller's references. */
static inline void bvm_obj_keep(struct bvm_obj *obj)
{
	atomic_inc(&obj->users);
}

#endif /* _BVM_OBJECT_H */
