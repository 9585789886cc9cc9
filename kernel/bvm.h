/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The shared types of BVM: maps, helpers, program types, and the facts that the
 * verifier hands to execution.  maps/, helpers/ and progs/ describe themselves
 * in these terms; verifier/ and exec/ read the descriptions and never switch on
 * a map type, helper id or program type.
 *
 * This header includes deps.h and nothing of the folders.
 */
#ifndef _BVM_H
#define _BVM_H

#include "deps.h"
#include "map_caps.h"

struct bvm_btf;
struct bvm_btf_obj;
struct bvm_log;
struct bvm_ir;
struct bvm_map;
struct bvm_prog;
struct bvm_record;
struct file;
struct module;
struct poll_table_struct;
struct vm_area_struct;
struct vm_fault;
struct bvm_ir_prog;

#define BVM_MAX_STACK	512	/* bytes of stack a program may use, all frames together */
#define BVM_MAX_MAPS	64	/* maps that one program may refer to */
#define BVM_NAME_LEN	BPF_OBJ_NAME_LEN

/* ------------------------------------------------------------------ maps */

/**
 * struct bvm_object_kind - objects of the kernel that a BVM_MAP_FD_VALUES map keeps
 * @get:	the object behind @fd, with a reference that the map will have; an ERR_PTR()
 *		if there is none or it does not fit @map.  @opener stands for the file of
 *		the map through which that was asked for.  Process context, may sleep.
 * @put:	drops that reference.  Who found the object under RCU or RCU tasks trace can
 *		use it until the end of that section.  Any context incl. NMI.
 * @id:		what a system call reads; NULL if it may not.  Any context, under RCU.
 */
struct bvm_object_kind {
	void *(*get)(struct bvm_map *map, u32 fd, const void *opener);
	void (*put)(void *object);
	u32 (*id)(const void *object);
};

/**
 * struct bvm_map_spec - what user space asks for in BPF_MAP_CREATE
 * @type:	BPF_MAP_TYPE_*
 * @key_size:	bytes
 * @value_size:	bytes
 * @max_entries: elements
 * @flags:	BPF_F_*
 * @numa_node:	node, or NUMA_NO_NODE
 * @extra:	map_extra
 * @inner:	BVM_MAP_OF_MAPS: the map behind inner_map_fd, what elements must look like;
 *		valid during ->check() and ->alloc()
 * @objects:	BVM_MAP_OF_MAPS: maps, BVM_MAP_TAIL_CALL: programs, as core/ has them
 */
struct bvm_map_spec {
	u32 type;
	u32 key_size;
	u32 value_size;
	u32 max_entries;
	u32 flags;
	int numa_node;
	u64 extra;
	const struct bvm_map *inner;
	const struct bvm_object_kind *objects;
};

/**
 * struct bvm_cursor - where a helper stands that calls a function for each of many things
 * @arg:	what the function gets, see enum bvm_cb_arg
 * @count:	calls so far
 * @pos:	what is being gone through says what it means; all 0 at the start
 *
 * It lives in the stack of the program, see BVM_IR_CURSOR.
 */
struct bvm_cursor {
	u64 arg[2];
	u32 count;
	u32 pos[5];
};

/**
 * struct bvm_arena_base - where an arena is
 * @kernel:	32 bits of its addresses are added to this; so can be an offset of a load
 * @user:	the other 32 bits in user space; 0: programs need not know them
 */
struct bvm_arena_base {
	u64 kernel;
	u64 user;
};

/**
 * struct bvm_map_type - everything that BVM knows about a type of map
 * @id:		BPF_MAP_TYPE_*
 * @name:	as bpftool prints it
 * @kernel_name: structure that such a map is in the stock kernel, for messages; NULL: bpf_map
 * @caps:	BVM_MAP_*
 * @flags:	BPF_F_* that BPF_MAP_CREATE may carry (access flags BPF_F_RDONLY and
 *		friends included when allowed)
 * @check:	checks a request; returns the errno that bpf(2) documents.  Process context.
 * @alloc:	makes a map of a checked request, its struct bvm_map zeroed but for what
 *		the type itself keeps; the caller fills in the common fields (@type,
 *		sizes, flags).  ERR_PTR(-ENOMEM).
 * @free:	frees; no program and no system call can reach the map any more, an RCU
 *		grace period (and an RCU tasks trace one) has passed.  Process context, may sleep.
 * @lookup:	address of the value of @key, or NULL.  Any context incl. NMI, under RCU.
 *		Per-CPU maps return this CPU's value.
 * @lookup_in_ir: writes @lookup of this map as IR: see struct bvm_helper, @in_ir; r2 is the key.
 *		May be NULL
 * @lookup_cpu:	BVM_MAP_PERCPU: as @lookup, the value of a CPU that is possible
 * @update:	copies @value in.  Any context incl. NMI, under RCU.  0, -EEXIST, -ENOENT,
 *		-E2BIG, -ENOMEM, -EINVAL, -EBUSY.
 * @delete:	any context incl. NMI, under RCU.  0, -ENOENT, -EINVAL, -EBUSY.
 * @next_key:	the key after @key (NULL, or not there: the first); -ENOENT at the end.
 *		Under RCU.
 * @copy_out:	system-call read of the whole value of @key (per-CPU: all of them) into
 *		@value of bvm_map_user_value_size() bytes.  Under RCU.  NULL: lookup + copy.
 * @copy_in:	system-call write, the counterpart; may sleep (not under RCU).  NULL: update.
 * @direct:	address of byte @off of the map's only value area (BPF_PSEUDO_MAP_VALUE), or
 *		NULL when @off lies outside; for lowering, process context
 * @memory:	bytes that the map occupies, for fdinfo
 * @set_fd:	system-call write of a BVM_MAP_FD_VALUES map: the object behind @fd goes in;
 *		@opener stands for the file of the map through which that was asked for.  May
 *		sleep.
 * @opener_gone: that file was closed: what it set may have to go.  Process context.
 * @push:	BVM_MAP_QUEUE: puts @value in; @flags BPF_ANY or BPF_EXIST (make room).  Any
 *		context incl. NMI, under RCU.  0, -E2BIG, -EINVAL, -EBUSY.
 * @pop:	takes the next value out.  As @push.  0, -ENOENT (@value is zeroed), -EBUSY.
 * @peek:	copies the next value.  As @pop.
 * @take:	system-call lookup-and-delete into @value of bvm_map_user_value_size() bytes.
 *		Under RCU, migration disabled.  NULL: -ENOTSUPP.
 * @batch:	hash tables: copies whole buckets from *@pos on into @keys and @values, until
 *		@max elements are there or others should run, deletes them if @take, and
 *		advances *@pos.  Number of elements; -ENOENT: the end, -ENOSPC: the next
 *		bucket has more than @max, -EBUSY.  Under RCU, migration disabled.
 * @each:	BVM_MAP_FOR_EACH: the next element, its key in @cursor->arg[0] and its value in
 *		[1] (addresses; per-CPU: this CPU's value).  False at the end.  Elements that
 *		are there all the time come once; what is changed meanwhile may or may not.
 *		Any context incl. NMI, under RCU.
 * @mmap:	maps memory of the map into user space.  Process context, may sleep.
 * @poll:	poll(2).  Process context.
 * @copied:	a mapping that @mmap made is there once more.  Under mmap_lock.
 * @unmapped:	a mapping that @mmap made, or a copy of it, ends.  As @copied.
 * @fault:	BVM_MAP_ARENA: user space touches a page that is not mapped, which @mmap leaves
 *		to this.  Such a mapping is not split or moved.  As @copied.
 * @place:	where @mmap shall map @len bytes that are wanted at @addr (0: anywhere), or a
 *		negative errno.  Process context.  NULL: as usual
 * @arena:	BVM_MAP_ARENA: where it is; false: that is not known yet
 * @view:	BVM_MAP_SOCKETS: what programs see of a value.  @lookup gives the object itself
 *		with a reference that the program gives back, @update gets one in place of a
 *		value's address, and system calls use @copy_out and @copy_in.
 * @release:	the last system-call reference (descriptor, pin) is gone, programs may still
 *		hold the map: let go of objects that could refer back.  May come more than
 *		once, for a map can be opened again by its id.  Process context, may sleep.
 */
struct bvm_map_type {
	u32 id;
	const char *name;
	const char *kernel_name;
	u32 caps;
	u32 flags;
	int (*check)(const struct bvm_map_spec *spec);
	struct bvm_map *(*alloc)(const struct bvm_map_spec *spec);
	void (*free)(struct bvm_map *map);
	void *(*lookup)(struct bvm_map *map, const void *key);
	u32 (*lookup_in_ir)(struct bvm_map *map, struct bvm_ir *out);
	void *(*lookup_cpu)(struct bvm_map *map, const void *key, u32 cpu);
	long (*update)(struct bvm_map *map, const void *key, const void *value, u64 flags);
	long (*delete)(struct bvm_map *map, const void *key);
	int (*next_key)(struct bvm_map *map, const void *key, void *next);
	int (*copy_out)(struct bvm_map *map, const void *key, void *value, u64 flags);
	int (*copy_in)(struct bvm_map *map, const void *key, const void *value, u64 flags);
	void *(*direct)(struct bvm_map *map, u32 off);
	u64 (*memory)(const struct bvm_map *map);
	int (*set_fd)(struct bvm_map *map, const void *key, u32 fd, u64 flags,
		      const void *opener);
	void (*opener_gone)(struct bvm_map *map, const void *opener);
	long (*push)(struct bvm_map *map, const void *value, u64 flags);
	long (*pop)(struct bvm_map *map, void *value);
	long (*peek)(struct bvm_map *map, void *value);
	int (*take)(struct bvm_map *map, const void *key, void *value, u64 flags);
	int (*batch)(struct bvm_map *map, u32 *pos, void *keys, void *values, u32 max,
		     bool take);
	bool (*each)(struct bvm_map *map, struct bvm_cursor *cursor);
	int (*mmap)(struct bvm_map *map, struct vm_area_struct *vma);
	void (*copied)(struct bvm_map *map, struct vm_area_struct *vma);
	void (*unmapped)(struct bvm_map *map, struct vm_area_struct *vma);
	vm_fault_t (*fault)(struct bvm_map *map, struct vm_fault *vmf);
	unsigned long (*place)(struct bvm_map *map, struct file *file, unsigned long addr,
			       unsigned long len, unsigned long pgoff, unsigned long flags);
	bool (*arena)(const struct bvm_map *map, struct bvm_arena_base *base);
	__poll_t (*poll)(struct bvm_map *map, struct file *file, struct poll_table_struct *wait);
	const struct bvm_view *view;
	void (*release)(struct bvm_map *map);
};

/**
 * struct bvm_map - the part of a map that all types share
 * @type:	what the map can do
 * @key_size:	bytes
 * @value_size:	bytes
 * @max_entries: elements
 * @flags:	BPF_F_*
 * @numa_node:	node, or NUMA_NO_NODE
 * @extra:	map_extra
 * @name:	NUL-terminated, may be empty
 * @inner:	BVM_MAP_OF_MAPS: what every element looks like (type, sizes, flags), else NULL;
 *		set by core/map.c, which keeps a copy of these fields (its @core is NULL)
 * @record:	fields of its values that the kernel manages, NULL: none; set by core/map.c
 *		before anybody else sees the map
 * @frozen:	BPF_MAP_FREEZE has succeeded: no system call writes to the map, now or later;
 *		stored with release semantics when the last such write is over
 * @core:	bookkeeping of core/
 * @view:	the struct bpf_map that stands for it: what programs read of a map itself
 *
 * A map type embeds it first in its own structure.  The fields down to @name are
 * set by core/map.c right after ->alloc() and never change; those below belong to
 * core/.
 */
struct bvm_map {
	const struct bvm_map_type *type;
	u32 key_size;
	u32 value_size;
	u32 max_entries;
	u32 flags;
	int numa_node;
	u64 extra;
	char name[BVM_NAME_LEN];
	const struct bvm_map *inner;
	const struct bvm_record *record;
	bool frozen;
	/* core/ only */
	struct bvm_map_core *core;
	const void *view;
};

/* Bytes that user space passes for one value. */
static inline u32 bvm_map_user_value_size(const struct bvm_map *map)
{
	if (map->type->caps & BVM_MAP_FD_VALUES)
		return sizeof(u32);
	if (map->type->caps & BVM_MAP_PERCPU)
		return round_up(map->value_size, 8) * num_possible_cpus();
	return map->value_size;
}

/* -------------------------------------------------------------- helpers */

/** enum bvm_arg - what a helper wants in an argument register */
enum bvm_arg {
	BVM_ARG_NONE,
	BVM_ARG_ANYTHING,	/* any initialised value */
	BVM_ARG_CTX,
	BVM_ARG_MAP_PTR,	/* constant map with the helper's map_caps */
	BVM_ARG_MAP_KEY,	/* readable key of that map */
	BVM_ARG_MAP_VALUE,	/* readable value of that map */
	BVM_ARG_MEM,		/* readable, its length is the next argument */
	BVM_ARG_UNINIT_MEM,	/* writable, need not be initialised, length follows */
	BVM_ARG_SIZE,		/* length of the memory before it, > 0 */
	BVM_ARG_SIZE_OR_ZERO,
	BVM_ARG_STRING,		/* constant NUL-terminated string in a read-only map */
	BVM_ARG_LONG_OUT,	/* writable s64/u64 */
	BVM_ARG_MAP_VALUE_OUT,	/* writable value of that map, need not be initialised */
	BVM_ARG_CONST_SIZE,	/* known number: bytes of the memory that the helper returns */
	BVM_ARG_ACQUIRED,	/* memory that a BVM_HELPER_ACQUIRE helper returned */
	BVM_ARG_FUNC,		/* static subprogram, see struct bvm_callback */
	BVM_ARG_STACK,		/* address on the stack (or NULL): passed on to a callback */
	BVM_ARG_BTF,		/* pointer to a kernel structure named by ->btf_type, or NULL */
	BVM_ARG_SCALAR,		/* any number */
	BVM_ARG_ITER_NEW,	/* stack for the iterator ->object */
	BVM_ARG_ITER,		/* the iterator ->object */
	BVM_ARG_DYNPTR_NEW,	/* stack for the dynptr ->object, or one like the BVM_ARG_DYNPTR */
	BVM_ARG_DYNPTR,		/* any dynptr */
	BVM_ARG_DYNPTR_HELD,	/* a dynptr that must be given back */
	BVM_ARG_VALUE_MEM,	/* in a map's value, its length is the next argument */
	BVM_ARG_PERCPU,		/* what each CPU has one of: no program has its address so far */
	BVM_ARG_LOCK,		/* lock in a map's value, not held: will be */
	BVM_ARG_UNLOCK,		/* the same, held: will not be */
	BVM_ARG_KPTR,		/* pointer with a reference in a map's value */
	BVM_ARG_KPTR_NEW,	/* what shall be there: the program's reference, or NULL */
	BVM_ARG_VIEW,		/* pointer to a structure that programs see a view of, held */
	BVM_ARG_CONST_MEM_SIZE,	/* BVM_ARG_CONST_SIZE, and length of the memory before it, if any */
	BVM_ARG_TYPED,		/* pointer to what ->proto says */
	BVM_ARG_KERNEL_MEM,	/* readable and writable, its length is the next argument */
	BVM_ARG_CONST,		/* known number */
	__BVM_ARG_KIND_MAX,
	BVM_ARG_MAYBE_NULL = BIT(7),	/* ORed in: NULL is fine as well */
};

/** enum bvm_ret - what a helper leaves in r0 */
enum bvm_ret {
	BVM_RET_INTEGER,
	BVM_RET_LENGTH,		/* at most what its BVM_ARG_SIZE* says, or a negative errno */
	BVM_RET_VOID,
	BVM_RET_MAP_VALUE_OR_NULL,
	BVM_RET_MEM_OR_NULL,	/* BVM_ARG_CONST_SIZE bytes */
	BVM_RET_BTF,		/* pointer to a kernel structure named by ->btf_type */
	BVM_RET_ELEMENT_OR_NULL, /* the next element of the BVM_ARG_ITER, NULL: no more */
	BVM_RET_KPTR_OR_NULL,	/* what was in the BVM_ARG_KPTR, with a reference */
	BVM_RET_VIEW_OR_NULL,	/* pointer to a structure that programs see as ->view */
	BVM_RET_DYNPTR_MEM_OR_NULL, /* BVM_ARG_CONST_SIZE bytes of the BVM_ARG_DYNPTR */
	BVM_RET_TYPED,		/* pointer to a structure, as ->proto says */
	BVM_RET_ARENA,		/* address in the program's arena, or NULL */
	BVM_RET_CAST,		/* its first argument, as a structure: id is the BVM_ARG_CONST */
};

#define BVM_HELPER_GPL		BIT(0)	/* program's license must be GPL-compatible */
#define BVM_HELPER_SLEEPS	BIT(1)	/* sleepable programs only */
#define BVM_HELPER_PERFMON	BIT(2)	/* reads kernel memory: CAP_PERFMON */
#define BVM_HELPER_ACQUIRE	BIT(3)	/* what it returns or makes must be given back */
#define BVM_HELPER_RELEASE	BIT(4)	/* releases its BVM_ARG_ACQUIRED, _ITER, _DYNPTR_HELD */
#define BVM_HELPER_TAIL_CALL	BIT(5)	/* @fn looks up: a struct bvm_ir_prog to go on in, or 0 */
#define BVM_HELPER_LOOP		BIT(6)	/* bpf_loop: lowering writes the loop, @fn is not called */
#define BVM_HELPER_MAP_WRITE	BIT(7)	/* changes its map: not one with BPF_F_RDONLY_PROG */
#define BVM_HELPER_LOCK_READ	BIT(8)	/* not under lockdown: reads kernel memory */
#define BVM_HELPER_LOCK_WRITE	BIT(9)	/* not under lockdown: writes memory of other tasks */
#define BVM_HELPER_ADMIN	BIT(10)	/* needs CAP_SYS_ADMIN */
#define BVM_HELPER_TAKES_PKT		BIT(11)	/* may be given memory of the packet */
#define BVM_HELPER_MOVES_PKT	BIT(12)	/* the packet may be elsewhere afterwards, or shorter */
#define BVM_HELPER_UNLOCK	BIT(20)	/* the one that is called while a lock is held */
#define BVM_HELPER_ATOMIC	BIT(15)	/* its callback must not sleep: not in sleepable programs */
#define BVM_HELPER_RDONLY	BIT(16)	/* the memory that it returns must not be written */
/* Of functions of the kernel: */
#define BVM_HELPER_BY_BTF	BIT(24)	/* ->arg and ->ret are as its BTF says */
#define BVM_HELPER_RET_NULL	BIT(27)	/* its BVM_RET_TYPED may be NULL */
#define BVM_HELPER_TRUSTED	BIT(21)	/* KF_TRUSTED_ARGS: objects, and not NULL */
#define BVM_HELPER_RCU		BIT(22)	/* KF_RCU: objects that RCU protects will do */
#define BVM_HELPER_RCU_LOCK	BIT(25)	/* begins a section under RCU */
#define BVM_HELPER_RCU_UNLOCK	BIT(26)	/* ends it */
#define BVM_HELPER_DESTRUCTIVE	BIT(23)	/* needs CAP_SYS_BOOT */

/** enum bvm_cb_arg - what a callback gets in an argument register */
enum bvm_cb_arg {
	BVM_CB_NONE,
	BVM_CB_SCALAR,		/* unknown number */
	BVM_CB_INDEX,		/* number below the helper's first argument; not known to be */
	BVM_CB_STACK,		/* the helper's BVM_ARG_STACK */
	BVM_CB_MAP,		/* the helper's map */
	BVM_CB_MAP_KEY,		/* readable key of it: arg[0] of the cursor */
	BVM_CB_MAP_VALUE,	/* value of it: arg[1] */
	BVM_CB_BTF,		/* the helper's BVM_ARG_BTF, its first */
	BVM_CB_DYNPTR,		/* a dynptr ->object, while the function runs: arg[0] */
	BVM_CB_RET_BTF,		/* pointer to a kernel structure named by ->ret_btf_type: arg[0] */
};

/**
 * struct bvm_callback - how a helper calls the subprogram in its BVM_ARG_FUNC
 * @arg:	enum bvm_cb_arg of r1..r5
 * @ret_max:	the subprogram returns 0 (go on) up to this (stop)
 * @next:	gets a struct bvm_cursor and the helper's first argument: the next call's
 *		arguments go into it.  0: there is no other call
 * @end:	gets the same, when all calls are over: what the helper returns
 *
 * The subprogram runs any number of times, none included.  But for BVM_HELPER_LOOP, the
 * helper's own function gets a cursor in place of its BVM_ARG_FUNC, and begins; all is
 * over at once with what it returns unless that is 0.
 */
struct bvm_callback {
	u8 arg[5];
	u32 ret_max;
	u64 (*next)(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5);
	u64 (*end)(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5);
};

#define BVM_DYNPTR_SLOTS	2	/* of any dynptr */

/**
 * struct bvm_object - something that the kernel keeps on a program's stack
 * @name:	as messages call it, "iter_num"
 * @slots:	units of eight bytes
 * @element:	an iterator: bytes of what it gives the address of; 0: a dynptr
 *
 * Its bytes are none of the program's business: it passes their address on.
 */
struct bvm_object {
	const char *name;
	u32 slots;
	u32 element;
};

struct bvm_ctx_field;

/**
 * struct bvm_view - a structure of the kernel as programs see it: fields of another one
 * @name:	as messages call a pointer to it
 * @or_null:	and one that may be NULL
 * @size:	bytes that the program sees
 * @field:	fields, read only; a program may touch nothing else
 * @nr_fields:	number of fields
 */
struct bvm_view {
	const char *name;
	const char *or_null;
	u32 size;
	const struct bvm_ctx_field *field;
	u32 nr_fields;
};

/**
 * struct bvm_resource - what must be there while a program that calls a helper lives
 * @get:	sees to it.  Process context, may sleep.  0 or a negative errno.
 * @put:	no longer, once for each @get.  Process context, may sleep.
 */
struct bvm_resource {
	int (*get)(void);
	void (*put)(void);
};

/**
 * struct bvm_proto - structures that a function of the kernel takes and returns
 * @btf:	types
 * @arg:	of BVM_ARG_TYPED: id in @btf of what it points to
 * @ret:	of BVM_RET_TYPED: the same
 */
struct bvm_proto {
	const struct bvm_btf *btf;
	u32 arg[5];
	u32 ret;
};

#define BVM_INLINE_MAX	24	/* instructions that take the place of a call */

/**
 * struct bvm_inline - a call that instructions may take the place of
 * @known:	BIT(r): the value of argument r is known
 * @value:	[1] to [5]: the arguments
 * @map:	the first one is this map, or NULL: not known
 * @unread:	no one reads its result, r0
 */
struct bvm_inline {
	u32 known;
	bool unread;
	u64 value[6];
	struct bvm_map *map;
};

/**
 * struct bvm_helper - one helper function, or function of the kernel, one row of a table
 * @id:		BPF_FUNC_*, 0: a function of the kernel, called by its id in the kernel's BTF
 * @name:	without "bpf_", as logs and bpftool print it; of a function of the kernel: all
 *		of its name
 * @fn:		called with r1..r5, returns r0; any context incl. NMI, preemption off or
 *		migration disabled, under RCU
 * @ret:	enum bvm_ret
 * @arg:	enum bvm_arg, | BVM_ARG_MAYBE_NULL
 * @map_caps:	what the map in a BVM_ARG_MAP_PTR must offer
 * @flags:	BVM_HELPER_*
 * @btf_type:	structure of BVM_ARG_BTF and BVM_RET_BTF, a name in the kernel's BTF
 * @ret_btf_type: structure of BVM_RET_BTF if it is another one
 * @callback:	of BVM_ARG_FUNC
 * @object:	of BVM_ARG_ITER*, BVM_ARG_DYNPTR_NEW, BVM_CB_DYNPTR
 * @proto:	of BVM_ARG_TYPED, BVM_RET_TYPED
 * @view:	of BVM_RET_VIEW_OR_NULL
 * @check_format: is the BVM_ARG_STRING a format for as many bytes of arguments as the last
 *		BVM_ARG_SIZE* says?  0 or a negative errno.  Pure; NULL: not a format
 * @loaded:	a program that calls it has been loaded.  Process context, may be NULL
 * @needs:	what must be there, or NULL; one and the same for all helpers of a type of
 *		program that need anything
 * @in_ir:	writes what @fn does as IR, BVM_INLINE_MAX instructions at most, which jump among
 *		themselves by index, or out to the first one behind them.  They may use r0 to r5 and
 *		the temporaries.  Process context.  Return: how many, 0: it is to be called.
 *		NULL: always
 */
struct bvm_helper {
	u32 id;
	const char *name;
	u64 (*fn)(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5);
	u8 ret;
	u8 arg[5];
	u32 map_caps;
	u32 flags;
	const char *btf_type;
	const char *ret_btf_type;
	const struct bvm_callback *callback;
	const struct bvm_object *object;
	const struct bvm_proto *proto;
	const struct bvm_view *view;
	int (*check_format)(const char *fmt, u32 size);
	void (*loaded)(void);
	const struct bvm_resource *needs;
	u32 (*in_ir)(const struct bvm_inline *call, struct bvm_ir *out);
};

/** struct bvm_helper_set - helpers of one topic; a program type lists sets */
struct bvm_helper_set {
	const struct bvm_helper *helper;
	u32 count;
};

/**
 * struct bvm_barred - a helper that programs of a type never have
 * @id:		BPF_FUNC_*
 * @what:	what it is about, for the log
 */
struct bvm_barred {
	s32 id;
	const char *what;
};

/**
 * struct bvm_kfunc - a function of the kernel that a program refers to
 * @id:		immediate of the call: id in the kernel's BTF
 * @off:	offset of the call: which BTF, 0: the kernel's own
 * @name:	its name there
 * @func:	descriptor; NULL: not for programs of this type
 * @module:	core/ only: module that it is in, held, or NULL
 * @btf:	core/ only: types that name it, held, or NULL
 * @described:	core/ only: @func, unless that is a row of a table
 * @proto:	core/ only: of @described
 */
struct bvm_kfunc {
	s32 id;
	s32 off;
	const char *name;
	const struct bvm_helper *func;
	struct module *module;
	struct bvm_btf_obj *btf;
	struct bvm_helper described;
	struct bvm_proto proto;
};

/* ---------------------------------------------------------- program types */

/** enum bvm_ctx_kind - what a context field holds once it is loaded */
enum bvm_ctx_kind {
	BVM_CTX_SCALAR,
	BVM_CTX_FORBIDDEN,	/* documented field that this type may not touch */
	BVM_CTX_TP_BUFFER,	/* address of a writable tracepoint's buffer, as large as used */
	BVM_CTX_PKT,		/* address of the packet's first byte */
	BVM_CTX_PKT_META,	/* address of the first byte of the metadata before it */
	BVM_CTX_PKT_END,	/* address behind the packet's last byte */
	BVM_CTX_VIEW,		/* address of a structure seen as ->view, or NULL */
};

/**
 * struct bvm_ctx_field - a field (or a range) of a program's context
 * @off:	offset that the program uses, bytes
 * @size:	bytes; accesses lie inside the field
 * @widths:	widths that may be loaded: mask of 1, 2, 4 and 8
 * @stores:	widths that may be stored, 0: read only
 * @kind:	enum bvm_ctx_kind
 * @direct:	plain memory: byte @off + n is byte @koff + n of the kernel's structure, in
 *		any width of @widths and @stores; with @has_via of the structure behind the
 *		pointer at @via, which is never NULL then.  Otherwise the members below say
 *		where the value is:
 * @has_via:	@via is to be used
 * @via:	offset of a pointer to follow first (NULL gives 0)
 * @has_add:	@add is to be used
 * @add:	offset of a u32, bytes to go on from where @via points to
 * @has_via2:	@via2 is to be used
 * @via2:	offset there of a pointer to follow next (NULL gives 0)
 * @koff:	offset of the value in the kernel's structure
 * @ksize:	bytes to load there: 1, 2, 4, 8; 0: this kernel has no such value, it is 0
 * @shift:	then shift right by
 * @mask:	then AND with (0: no mask)
 * @swap16:	then swap the two low bytes (network order kept in host order)
 * @nonzero:	then 1 unless it is 0
 * @min:	then 0 if it is below
 * @below:	stores of this number and above are dropped (0: none are)
 * @view:	of BVM_CTX_VIEW
 *
 * A narrow load of a converted field loads it whole, then shifts and masks.  A store writes
 * the whole field, cut to @ksize.
 */
struct bvm_ctx_field {
	u16 off;
	u16 size;
	u8 widths;
	u8 stores;
	u8 kind;
	u8 direct : 1;
	u8 has_via : 1;
	u8 has_add : 1;
	u8 has_via2 : 1;
	u8 swap16 : 1;
	u8 nonzero : 1;
	u16 via;
	u16 add;
	u16 via2;
	u16 koff;
	u8 ksize;
	u8 shift;
	u32 min;
	u32 below;
	u64 mask;
	const struct bvm_view *view;
};

/* BPF_PROG_TEST_RUN, resolved by core/ */
struct bvm_test_run;

/* what core/ and the hooks call to attach; NULL: attached elsewhere */
struct bvm_prog_type;

#define BVM_PROG_NET		BIT(0)	/* CAP_NET_ADMIN for loading, as documented; kept as data */
#define BVM_PROG_TRACING	BIT(1)	/* CAP_PERFMON for loading */
#define BVM_PROG_LD_PKT		BIT(2)	/* LD_ABS and LD_IND allowed */
#define BVM_PROG_CTX_ALIGNED	BIT(3)	/* direct context: accesses must be aligned to their size */
/* The context is u64 arguments, typed by the attach target; ->ctx: one direct field. */
#define BVM_PROG_BTF_CTX	BIT(4)
#define BVM_PROG_RAW_TP		BIT(5)	/* attached to a raw tracepoint that user space names */
#define BVM_PROG_PERF_EVENT	BIT(6)	/* attached to events of perf_event_open(2) */
#define BVM_PROG_PKT_WRITE	BIT(7)	/* may write to the packet of BVM_CTX_PKT */
#define BVM_PROG_TEST_ONLY	BIT(8)	/* runs by BPF_PROG_TEST_RUN, is never attached */
#define BVM_PROG_SOCKETS	BIT(9)	/* never in a NMI: may change maps of sockets */
/* A parameter tagged as the context may point to u64, or to any structure. */
#define BVM_PROG_CTX_U64	BIT(12)
#define BVM_PROG_CTX_ANY	BIT(13)
#define BVM_PROG_SLEEPABLE	BIT(14)	/* must be loaded as sleepable */
#define BVM_PROG_MAY_SLEEP	BIT(15)	/* may be loaded as sleepable; others must not */
#define BVM_PROG_LOCKS		BIT(20)	/* never in a NMI: may use maps with locks in values */

/* What a test run takes besides a context to read; the rest must be 0. */
#define BVM_TEST_DATA		BIT(0)	/* data_in, data_out */
#define BVM_TEST_CTX_OUT	BIT(1)	/* ctx_out */
#define BVM_TEST_REPEAT		BIT(2)	/* repeat, duration */
#define BVM_TEST_ON_CPU		BIT(3)	/* BPF_F_TEST_RUN_ON_CPU, cpu */
#define BVM_TEST_CTX_BACK	BIT(4)	/* ctx_in of up to 64 KiB, which is written back */

/**
 * struct bvm_prog_type - everything that BVM knows about a type of program
 * @id:		BPF_PROG_TYPE_*
 * @name:	as bpftool prints it
 * @flags:	BVM_PROG_*
 * @ctx_size:	bytes of the program's context
 * @ctx:	fields; a program may touch nothing else
 * @nr_ctx:	number of fields
 * @ctx_names:	what global functions of a program call the context: names of structures and
 *		typedefs, NULL-terminated, or NULL
 * @ctx_tagged:	more of them, for parameters with the tag "arg:ctx"
 * @sets:	helper sets
 * @nr_sets:	number of sets
 * @views:	what its programs see of structures of the kernel
 * @nr_views:	number of @views
 * @barred:	helpers that such programs never have, up to an empty row; may be NULL
 * @kfuncs:	sets of functions of the kernel
 * @nr_kfuncs:	number of @kfuncs
 * @ret_min:	values that the program may return, signed 32 bit; both 0: any
 * @ret_max:	see @ret_min
 * @test_args:	BVM_TEST_*
 * @target:	BVM_PROG_BTF_CTX: looks at attach_btf_id of BPF_PROG_LOAD, a type that is there,
 *		and finds the function prototype that the context follows (->attach_proto).
 *		0 or a negative errno with words in the log.  Process context.
 * @test_run:	BPF_PROG_TEST_RUN, or NULL: -ENOTSUPP
 * @ld_pkt:	what LD_ABS and LD_IND call (BVM_PROG_LD_PKT): r1 context, r2 offset (low
 *		half, signed), r3 size 1, 2 or 4.  The value in host order, or negative
 *		(s64): then the program ends and returns 0.  Shaped like a helper.
 */
struct bvm_prog_type {
	u32 id;
	const char *name;
	u32 flags;
	u32 ctx_size;
	const struct bvm_ctx_field *ctx;
	u32 nr_ctx;
	const char *const *ctx_names;
	const char *const *ctx_tagged;
	const struct bvm_helper_set *const *sets;
	u32 nr_sets;
	const struct bvm_view *const *views;
	u32 nr_views;
	const struct bvm_barred *barred;
	const struct bvm_helper_set *const *kfuncs;
	u32 nr_kfuncs;
	s32 ret_min, ret_max;
	u32 test_args;
	int (*target)(struct bvm_prog *prog, struct bvm_log *log);
	int (*test_run)(struct bvm_prog *prog, struct bvm_test_run *run);
	u64 (*ld_pkt)(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5);
};

/**
 * bvm_helper_find - the helper that a program type offers under an id
 * @type:	program type
 * @id:		BPF_FUNC_*, or anything that a program may have in its place
 * Return: descriptor, or NULL.  Pure.
 */
const struct bvm_helper *bvm_helper_find(const struct bvm_prog_type *type, s32 id);

/**
 * bvm_kfunc_find - the function of the kernel that a program type offers under a name
 * @type:	program type
 * @name:	name
 * Return: descriptor, or NULL.  Pure.
 */
const struct bvm_helper *bvm_kfunc_find(const struct bvm_prog_type *type, const char *name);

/**
 * bvm_kfunc_called - what a call of a function of the kernel calls
 * @kfunc:	functions that the program refers to
 * @count:	their number
 * @id:		immediate of the call
 * @off:	offset of the call
 * Return: one of @kfunc, or NULL.  Pure.
 */
const struct bvm_kfunc *bvm_kfunc_called(const struct bvm_kfunc *kfunc, u32 count, s32 id,
					 s32 off);

/**
 * bvm_ctx_find - the field of a context that an access falls into
 * @type:	program type
 * @off:	offset in bytes
 * @size:	1, 2, 4 or 8
 * @store:	write access
 * Return: field, or NULL if the access is not allowed.  Pure.
 */
const struct bvm_ctx_field *bvm_ctx_find(const struct bvm_prog_type *type, s64 off,
					 u32 size, bool store);

const struct bvm_ctx_field *bvm_view_find(const struct bvm_view *view, s64 off, u32 size);

u32 bvm_view_number(const struct bvm_prog_type *type, const struct bvm_view *view);

/* ------------------------------------------------------------------ facts */

/** enum bvm_mem - what kind of memory a load, store or atomic touches */
enum bvm_mem {
	BVM_MEM_NONE,
	BVM_MEM_STACK,
	BVM_MEM_CTX,
	BVM_MEM_MAP_VALUE,
	BVM_MEM_OTHER,		/* plain kernel memory that cannot fault */
	BVM_MEM_CONFLICT,	/* differs from path to path, all of them plain memory */
	BVM_MEM_VIEW,		/* see struct bvm_view; ->map is bvm_view_number() */
	BVM_MEM_MAP,		/* a map itself: its ->view */
	BVM_MEM_PROBE,		/* kernel structure that may be gone: a faulting load gives 0 */
	BVM_MEM_ARENA,		/* arena of the program: faulting stores do nothing besides */
};

/* Accesses to these are not plain loads and stores. */
#define BVM_MEM_CONVERTED	(BIT(BVM_MEM_CTX) | BIT(BVM_MEM_VIEW) | BIT(BVM_MEM_MAP) | \
				 BIT(BVM_MEM_PROBE) | BIT(BVM_MEM_ARENA))

/**
 * struct bvm_insn_fact - what verification proved about one instruction, on all paths
 * @seen:	some path reaches it; what is not seen must not be executed
 * @mem:	enum bvm_mem of a memory access
 * @map:	index into the program's maps for a map-value access or the map argument of a
 *		helper call, or BVM_NO_MAP
 * @frame:	of a call of a subprogram: bytes of the calling function's frame, divided by 8
 */
struct bvm_insn_fact {
	u8 seen;
	u8 mem;
	u8 map;
	u8 frame;
};

#define BVM_NO_MAP	0xff

/**
 * struct bvm_claims - states that registers may be in at an instruction, for debugging
 * @check:	looks whether r0 to r10 are in one of them, and warns if not.  Any context
 * @claim:	list of them; none: nothing is claimed
 * @prog_id:	the program's id, or NULL
 * @insn:	instruction
 * @nr:		states met
 * @any:	they were too many
 */
struct bvm_claims {
	void (*check)(const struct bvm_claims *claims, const u64 *reg);
	struct bvm_claim *claim;
	const u32 *prog_id;
	u32 insn;
	u32 nr;
	bool any;
};

/**
 * struct bvm_facts - result of verification that lowering may rely on
 * @insn:	one a (raw) instruction
 * @stack_depth: bytes of stack used, a multiple of 8
 * @max_ctx_off: highest context offset accessed, plus size (attach compares it)
 * @max_tp_access: bytes of a BVM_CTX_TP_BUFFER accessed (attach compares it)
 * @processed:	instructions that the explorer stepped through
 * @claims:	NULL, or per instruction what to check there, or NULL; bvm_claims_free()
 */
struct bvm_facts {
	struct bvm_insn_fact *insn;
	u32 stack_depth;
	u32 max_ctx_off;
	u32 max_tp_access;
	u32 processed;
	struct bvm_claims **claims;
};

#endif /* _BVM_H */
