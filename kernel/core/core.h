/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Private to core/ (and progs/, which attach and test-run): programs and maps as
 * kernel objects with ids, references and file descriptors.
 */
#ifndef _BVM_CORE_H
#define _BVM_CORE_H

#include <linux/bpf.h>
#include <linux/file.h>
#include <linux/filter.h>
#include <linux/module.h>
#include <linux/sysfs.h>
#include <linux/uidgid.h>
#include "../btf/btf.h"
#include "../bvm.h"
#include "../exec/exec.h"
#include "../exec/jit.h"
#include "../record.h"
#include "../verifier/log.h"
#include "object.h"

struct seq_file;

/* -------------------------------------------------------------- programs */

/**
 * struct bvm_native_func - a function as machine code
 * @start:	byte offset in the image
 * @len:	bytes
 * @insn:	BPF instruction that it begins with
 * @tag:	of its instructions
 * @aux:	of which the kernel needs the symbol and what leads to the table of faults; the
 *		program's own is the facade's
 */
struct bvm_native_func {
	u32 start, len, insn;
	u8 tag[BPF_TAG_SIZE];
	struct bpf_prog_aux *aux;
};

/**
 * struct bvm_native - a program as machine code
 * @image:	code
 * @nr_funcs:	number of @func
 * @func:	functions, in order; the first is the program itself
 * @line:	address of each of the program's source lines
 * @named:	the symbols of its functions are known to the kernel
 */
struct bvm_native {
	struct bvm_jit_image *image;
	u32 nr_funcs;
	struct bvm_native_func *func;
	u64 *line;
	bool named;
};

/**
 * struct bvm_prog - a loaded program
 * @type:	its type
 * @ir:		what runs, or NULL: machine code does
 * @native:	machine code, or NULL
 * @code:	@ir or the image, which tail calls go to: maps/prog_array.h
 * @claims:	per instruction: what it checks there; NULL without CONFIG_BVM_DEBUG_STATES
 * @run:	how @ir runs
 * @max_ctx_off: highest context offset accessed, plus size: attaching compares it
 * @max_tp_access: bytes of a writable tracepoint's buffer accessed: attaching compares it
 * @obj:	id, references, file
 * @insns:	instructions as loaded; the immediate of a map reference is an index
 *		into @maps, its source register BPF_PSEUDO_MAP_FD or BPF_PSEUDO_MAP_VALUE
 * @len:	number of @insns
 * @flags:	prog_flags of BPF_PROG_LOAD
 * @attach_type: expected_attach_type of BPF_PROG_LOAD
 * @maps:	maps that it refers to, a reference on each
 * @nr_maps:	number of @maps; grows by BPF_PROG_BIND_MAP
 * @kfuncs:	functions of the kernel that it calls, or NULL
 * @nr_kfuncs:	number of @kfuncs
 * @needs:	what the helpers that it calls need, held; or NULL
 * @gpl:	the license is GPL-compatible
 * @verified:	instructions that the verifier stepped through
 * @tag:	first bytes of the SHA-1 of the instructions
 * @name:	prog_name, may be empty
 * @load_time:	nanoseconds since boot
 * @uid:	who loaded it
 * @stats:	per CPU: runs and run time while kernel.bpf_stats_enabled, and misses;
 *		the facade points to it, bpf_prog_run() counts
 * @btf:	its own types, or NULL
 * @func_info:	what its functions look like, in order, or NULL
 * @nr_func_info: functions, or 0
 * @line_info:	source lines, in order, or NULL
 * @nr_line_info: number of @line_info
 * @attach_btf:	BVM_PROG_BTF_CTX: kernel types with what it attaches to, else NULL
 * @attach_btf_id: BVM_PROG_BTF_CTX: id of that
 * @attach_proto: BVM_PROG_BTF_CTX: id of the prototype that its context follows; set by
 *		->target() of its type
 * @attach_name: BVM_PROG_BTF_CTX: tracepoint; set by ->target() of its type
 * @attach_module: module of @attach_btf, kept loaded, or NULL
 * @facade_aux:	what perf and net find in @facade.aux
 * @facade:	the struct bpf_prog that perf and net hold; last, because it ends in a
 *		flexible array.  Only core/hooks.c, core/abi.c and
 *		core/jit.c look inside.
 */
struct bvm_prog {
	const struct bvm_prog_type *type;
	struct bvm_ir_prog *ir;
	struct bvm_native *native;
	const void *code;
	struct bvm_claims **claims;
	u64 (*run)(const struct bvm_ir_prog *ir, void *ctx);
	u32 max_ctx_off;
	u32 max_tp_access;

	struct bvm_obj obj;
	struct bpf_insn *insns;
	u32 len;
	u32 flags;
	u32 attach_type;
	struct bvm_map **maps;
	u32 nr_maps;
	struct bvm_kfunc *kfuncs;
	u32 nr_kfuncs;
	const struct bvm_resource *needs;
	bool gpl;
	u32 verified;
	u8 tag[BPF_TAG_SIZE];
	char name[BVM_NAME_LEN];
	u64 load_time;
	kuid_t uid;
	struct bpf_prog_stats __percpu *stats;

	struct bvm_btf_obj *btf;
	struct bpf_func_info *func_info;
	u32 nr_func_info;
	struct bpf_line_info *line_info;
	u32 nr_line_info;
	struct bvm_btf_obj *attach_btf;
	u32 attach_btf_id;
	u32 attach_proto;
	const char *attach_name;
	struct module *attach_module;

	struct bpf_prog_aux facade_aux;
	struct bpf_prog facade;
};

static inline struct bvm_prog *bvm_prog_of(const struct bpf_prog *facade)
{
	return container_of(facade, struct bvm_prog, facade);
}

static inline struct bvm_prog *bvm_obj_prog(struct bvm_obj *obj)
{
	return container_of(obj, struct bvm_prog, obj);
}

extern struct bvm_obj_kind bvm_prog_kind;

/* Another reference; the caller holds one.  Any context. */
static inline void bvm_prog_get(struct bvm_prog *prog)
{
	bvm_obj_get(&prog->obj);
}

/* Drop a reference.  Any context incl. NMI. */
static inline void bvm_prog_put(struct bvm_prog *prog)
{
	bvm_obj_put(&prog->obj);
}

/* A reference to a map as user space writes it: the descriptor is in the immediate. */
static inline bool bvm_insn_is_map(const struct bpf_insn *insn)
{
	return insn->code == (BPF_LD | BPF_IMM | BPF_DW) &&
	       (insn->src_reg == BPF_PSEUDO_MAP_FD || insn->src_reg == BPF_PSEUDO_MAP_VALUE);
}

struct bvm_prog *bvm_prog_from_fd(u32 fd);
struct bvm_prog *bvm_prog_alloc(const struct bvm_prog_type *type, u32 len);
int bvm_prog_add_map(struct bvm_prog *prog, struct bvm_map *map);
int bvm_check_arena(const struct bvm_prog *prog, struct bvm_log *log);
int bvm_check_sleepable_maps(const struct bvm_prog *prog, struct bvm_log *log);
int bvm_prog_compile(struct bvm_prog *prog, struct bvm_log *log);
void bvm_prog_tag(struct bvm_prog *prog);
void bvm_insns_tag(const struct bvm_prog *prog, u32 from, u32 to, u8 *tag);
int bvm_prog_load_info(struct bvm_prog *prog, const union bpf_attr *attr,
		       union bpf_attr __user *uattr, struct bvm_log *log);
int bvm_prog_find_target(struct bvm_prog *prog, const union bpf_attr *attr);
int bvm_prog_check_target(struct bvm_prog *prog, struct bvm_log *log);
void bvm_prog_free_info(struct bvm_prog *prog);
u64 bvm_prog_memory(const struct bvm_prog *prog);

/* core/jit.c */
#ifdef CONFIG_BVM_JIT
bool bvm_jit_wanted(void);
int bvm_prog_jit(struct bvm_prog *prog, u32 *at);
bool bvm_prog_unname(struct bvm_prog *prog);
void bvm_prog_free_native(struct bvm_prog *prog);
#else
static inline bool bvm_jit_wanted(void)
{
	return false;
}

static inline int bvm_prog_jit(struct bvm_prog *prog, u32 *at)
{
	return -EOPNOTSUPP;
}

static inline bool bvm_prog_unname(struct bvm_prog *prog)
{
	return false;
}

static inline void bvm_prog_free_native(struct bvm_prog *prog)
{
}
#endif
int bvm_resolve_kfuncs(struct bvm_prog *prog, const __u32 __user *fd_array, struct bvm_log *log);
void bvm_put_kfuncs(struct bvm_prog *prog);
int bvm_resolve_maps(struct bvm_prog *prog, const __u32 __user *fd_array, struct bvm_log *log);

/**
 * struct bvm_run_stats - sum of a program's per-CPU counters
 * @cnt:	runs
 * @nsecs:	nanoseconds spent in them
 * @misses:	runs that the recursion guard refused
 */
struct bvm_run_stats {
	u64 cnt;
	u64 nsecs;
	u64 misses;
};

void bvm_prog_read_stats(const struct bvm_prog *prog, struct bvm_run_stats *stats);

/**
 * bvm_prog_run - run a program once
 * @prog:	program
 * @ctx:	its context
 *
 * The way that perf and net go as well: it counts runs and time when asked to.
 * Any context incl. NMI; migration disabled, under RCU (or RCU tasks trace).
 * Recursion is the caller's concern.  Return: low half of r0.
 */
static __always_inline u32 bvm_prog_run(const struct bvm_prog *prog, void *ctx)
{
	return bpf_prog_run(&prog->facade, ctx);
}

/* ------------------------------------------------------------------ maps */

/**
 * struct bvm_map_owner - what programs that call each other have in common: the context
 * @type:	program type
 * @attach_type: expected_attach_type
 * @btf:	id of the types of the attach target, or 0
 * @btf_id:	attach target in them, or 0
 * @max_tp_access: bytes of a writable tracepoint's buffer that are accessed
 * @native:	they are machine code
 */
struct bvm_map_owner {
	u32 type;
	u32 attach_type;
	u32 btf;
	u32 btf_id;
	u32 max_tp_access;
	u32 native;
};

/**
 * struct bvm_map_core - what bpf(2) keeps about a map
 * @map:	the map
 * @obj:	id, references, file
 * @owner:	BVM_MAP_TAIL_CALL: kind of programs that the map belongs to; @type 0: none yet
 * @writers:	system calls that are changing the map right now and writable mappings,
 *		or BVM_MAP_FROZEN
 * @objcg:	memory control group that pays for elements, or NULL
 * @btf:	types of its keys and values, with a reference, or NULL
 * @key_type:	id in @btf, 0: none
 * @value_type:	id in @btf, 0: none
 * @facade:	the struct bpf_map that security modules see; filled in by core/hooks.c
 */
struct bvm_map_core {
	struct bvm_map *map;
	struct bvm_obj obj;
	struct bvm_map_owner owner;
	atomic_t writers;
	struct obj_cgroup *objcg;
	struct bvm_btf_obj *btf;
	u32 key_type;
	u32 value_type;
	struct bpf_map facade;
};

#define BVM_MAP_FROZEN	(-1)

static inline bool bvm_map_frozen(const struct bvm_map *map)
{
	return atomic_read(&map->core->writers) == BVM_MAP_FROZEN;
}

static inline struct bvm_map *bvm_obj_map(struct bvm_obj *obj)
{
	return container_of(obj, struct bvm_map_core, obj)->map;
}

/* Somebody changes the map: a system call, or a writable mapping.  -EPERM: it is frozen. */
static inline int bvm_map_write_begin(struct bvm_map *map)
{
	return atomic_inc_unless_negative(&map->core->writers) ? 0 : -EPERM;
}

static inline void bvm_map_write_end(struct bvm_map *map)
{
	atomic_dec(&map->core->writers);
}

extern struct bvm_obj_kind bvm_map_kind;

/* Another reference; the caller holds one.  Any context. */
static inline void bvm_map_get(struct bvm_map *map)
{
	bvm_obj_get(&map->core->obj);
}

/* Drop a reference.  Any context incl. NMI. */
static inline void bvm_map_put(struct bvm_map *map)
{
	bvm_obj_put(&map->core->obj);
}

struct bvm_map *bvm_map_of(struct fd f, fmode_t need);
struct bvm_map *bvm_map_from_fd(u32 fd, fmode_t need);
struct bvm_map *bvm_map_make(const struct bvm_map_type *type, const struct bvm_map_spec *spec,
			     const char *name);
int bvm_open_flags(u32 access);
int bvm_map_fd(struct bvm_map *map, u32 access);
u64 bvm_map_memory(const struct bvm_map *map);

/* core/objects.c: programs and maps in maps */
bool bvm_map_owner_fits(struct bvm_map *map, const struct bvm_prog *prog);
bool bvm_map_like(const struct bvm_map *map, const struct bvm_map *model);
const struct bvm_object_kind *bvm_objects_of(const struct bvm_map_type *type);
struct bvm_map *bvm_map_inner_from_fd(u32 fd);
const struct bvm_map *bvm_map_model(const struct bvm_map *map);
void bvm_map_model_free(const struct bvm_map *model);

/* ----------------------------------------------------------------- links */

/**
 * struct bvm_link - a program on an attach point, as an object of its own
 * @type:	kind of attach point
 * @obj:	id, references, file
 * @prog:	program, with a reference
 * @attached:	->attach() succeeded and ->detach() has not been called
 *
 * A type of link embeds it first in its own structure.
 */
struct bvm_link {
	const struct bvm_link_type *type;
	struct bvm_obj obj;
	struct bvm_prog *prog;
	bool attached;
};

/**
 * struct bvm_attach_point - where a program is attached
 * @prog_id:	program
 * @type:	enum bpf_task_fd_type
 * @name:	tracepoint, symbol or file, or NULL; lives as long as the link or event
 * @offset:	bytes from @name
 * @addr:	kernel address, 0 if the caller may not see it
 * @missed:	events that the probe lost
 */
struct bvm_attach_point {
	u32 prog_id;
	u32 type;
	const char *name;
	u64 offset;
	u64 addr;
	unsigned long missed;
};

/**
 * struct bvm_link_type - everything that BVM knows about a kind of attach point
 * @id:		BPF_LINK_TYPE_*
 * @name:	as fdinfo shows it
 * @attach:	from now on events run the program.  Process context, may sleep.  0 or a
 *		negative errno.
 * @detach:	no event that happens after it runs the program; one that is running it may
 *		go on.  Process context, may sleep.
 * @free:	frees, after grace periods of RCU and RCU tasks trace since @detach; the link
 *		may never have been attached.  The caller drops the program afterwards.
 *		Process context, may sleep.
 * @info:	BPF_OBJ_GET_INFO_BY_FD: fills in what only this type has; what user space
 *		passed (addresses of buffers and their sizes) is in @info.  NULL: nothing.
 * @fdinfo:	the same for /proc/PID/fdinfo.  May be NULL.
 * @point:	the same for BPF_TASK_FD_QUERY.  NULL: -ENOTSUPP.
 */
struct bvm_link_type {
	u32 id;
	const char *name;
	int (*attach)(struct bvm_link *link);
	void (*detach)(struct bvm_link *link);
	void (*free)(struct bvm_link *link);
	int (*info)(const struct bvm_link *link, struct bpf_link_info *info);
	void (*fdinfo)(const struct bvm_link *link, struct seq_file *m);
	int (*point)(const struct bvm_link *link, struct bvm_attach_point *point);
};

extern struct bvm_obj_kind bvm_link_kind;

void bvm_link_init(struct bvm_link *link, const struct bvm_link_type *type,
		   struct bvm_prog *prog);
int bvm_link_open(struct bvm_link *link);
struct bvm_link *bvm_link_from_fd(u32 fd);
struct bvm_link *bvm_link_of_file(const struct file *file);
int bvm_link_info(const struct bvm_link *link, void __user *user, u32 size,
		  __u32 __user *size_out);
int bvm_link_info_string(u64 user, u32 *len, const char *text);

int bvm_perf_link(struct bvm_prog *prog, u32 fd, u64 cookie);
int bvm_raw_tp_link(struct bvm_prog *prog, const char *name, u64 cookie);

/* Drop a reference.  Process context, may sleep: the last one detaches. */
static inline void bvm_link_put(struct bvm_link *link)
{
	bvm_obj_put(&link->obj);
}

/* ---------------------------------------------------------------- tables */

/* tables of descriptors, core/tables.c: the one place that lists them all */
const struct bvm_map_type *bvm_map_type_find(u32 id);
const struct bvm_prog_type *bvm_prog_type_find(u32 id);

/* descriptors, one a file in progs/ (those of maps: maps/maps.h) */
extern const struct bvm_prog_type bvm_kprobe_prog, bvm_tracepoint_prog,
	bvm_perf_event_prog, bvm_raw_tracepoint_prog, bvm_raw_tracepoint_writable_prog,
	bvm_tracing_prog, bvm_syscall_prog,
	bvm_socket_filter_prog, bvm_sched_cls_prog, bvm_xdp_prog;

/* ----------------------------------------------------------------- types */

/**
 * struct bvm_btf_obj - types as an object of the kernel
 * @obj:	id, references, file
 * @name:	"vmlinux", the module's, "" for those of user space
 * @data:	BTF, as in Documentation/bpf/btf.rst
 * @size:	bytes of it
 * @owned:	@data is freed with the object
 * @parsed:	@types may be used; those of user space are born like that
 * @broken:	parsing failed for good
 * @types:	what is in @data; for readers: bvm_btf_types()
 * @module:	whose types they are, for finding them when it goes; else NULL
 * @node:	on the list of modules' types
 * @attr:	file in /sys/kernel/btf
 */
struct bvm_btf_obj {
	struct bvm_obj obj;
	char name[MODULE_NAME_LEN];
	const void *data;
	u32 size;
	bool owned;
	bool parsed;
	bool broken;
	struct bvm_btf types;
	struct module *module;
	struct list_head node;
	struct bin_attribute attr;
};

static inline struct bvm_btf_obj *bvm_obj_btf(struct bvm_obj *obj)
{
	return container_of(obj, struct bvm_btf_obj, obj);
}

extern struct bvm_obj_kind bvm_btf_obj_kind;

struct bvm_btf_obj *bvm_btf_make(const char *name, const void *data, u32 size, bool owned);
struct bvm_btf_obj *bvm_btf_from_fd(u32 fd);
struct bvm_btf_obj *bvm_btf_get_vmlinux(void);
struct module *bvm_btf_get_module(struct bvm_btf_obj *btf);
int bvm_btf_find_type(const char *name, u32 kind, struct bvm_btf_obj **found);
const struct bvm_btf *bvm_btf_types(struct bvm_btf_obj *btf);
void bvm_btf_put(struct bvm_btf_obj *btf);

/* core/record.c: fields of values that the kernel manages */
struct bvm_record *bvm_map_record(const struct bvm_map_type *type, const struct bvm_map_spec *spec,
				  struct bvm_btf_obj *btf, u32 value);
void bvm_record_get(const struct bvm_record *rec);
void bvm_record_put(const struct bvm_record *rec);
bool bvm_record_same(const struct bvm_record *a, const struct bvm_record *b);
struct bvm_btf_obj *bvm_map_find_btf(const union bpf_attr *attr, const struct bvm_map_type *type,
				     const struct bvm_map_spec *spec);
int bvm_btf_info(const struct bvm_btf_obj *btf, void __user *user, u32 size,
		 __u32 __user *size_out);

/* core/kfunc_sets.c: functions that programs may call, by who offers them */
typedef void (*bvm_dtor_t)(void *object);
bvm_dtor_t bvm_btf_dtor(struct bvm_btf_obj *btf, u32 id);
int bvm_kfunc_flags(const struct bvm_prog *prog, const struct module *owner, u32 id);
void *bvm_kfunc_address(struct module *owner, const char *name);
void bvm_kfuncs_forget(const struct module *module);

/* ------------------------------------------------------------------- logs */

/**
 * struct bvm_user_log - a log in user memory
 * @log:	the log
 * @sink:	its way to @buf
 * @buf:	log_buf
 */
struct bvm_user_log {
	struct bvm_log log;
	struct bvm_log_sink sink;
	char __user *buf;
};

struct bvm_user_log *bvm_user_log_open(u32 level, u32 size, u64 buf);
int bvm_user_log_close(struct bvm_user_log *user, int err, __u32 __user *true_size);

/* ------------------------------------------------------------ system call */

/**
 * struct bvm_cmd - one bpf(2) command
 * @fn:		does it.  @attr is a kernel copy, bytes that user space did not pass are
 *		zero; @uattr and @size are for commands that write results back.
 *		Returns a descriptor, 0, or a negative errno.
 * @used:	bytes of union bpf_attr that the command knows; the rest must be zero
 * @cap:	BVM_CMD_*: who may call it at all
 */
struct bvm_cmd {
	int (*fn)(union bpf_attr *attr, union bpf_attr __user *uattr, u32 size);
	u16 used;
	u16 cap;
};

#define BVM_CMD_ANYONE	0	/* the descriptor is the permission, or @fn looks itself */
#define BVM_CMD_ADMIN	1	/* CAP_SYS_ADMIN */

/* The commands: validate, act, write back.  Process context; values as struct bvm_cmd.fn. */
int bvm_cmd_map_create(union bpf_attr *attr, union bpf_attr __user *uattr, u32 size);
int bvm_cmd_map_lookup(union bpf_attr *attr, union bpf_attr __user *uattr, u32 size);
int bvm_cmd_map_update(union bpf_attr *attr, union bpf_attr __user *uattr, u32 size);
int bvm_cmd_map_delete(union bpf_attr *attr, union bpf_attr __user *uattr, u32 size);
int bvm_cmd_map_take(union bpf_attr *attr, union bpf_attr __user *uattr, u32 size);
int bvm_cmd_map_next_key(union bpf_attr *attr, union bpf_attr __user *uattr, u32 size);
int bvm_cmd_map_freeze(union bpf_attr *attr, union bpf_attr __user *uattr, u32 size);
int bvm_cmd_map_next_id(union bpf_attr *attr, union bpf_attr __user *uattr, u32 size);
int bvm_cmd_map_from_id(union bpf_attr *attr, union bpf_attr __user *uattr, u32 size);
int bvm_cmd_prog_load(union bpf_attr *attr, union bpf_attr __user *uattr, u32 size);
int bvm_cmd_prog_next_id(union bpf_attr *attr, union bpf_attr __user *uattr, u32 size);
int bvm_cmd_prog_from_id(union bpf_attr *attr, union bpf_attr __user *uattr, u32 size);
int bvm_cmd_prog_test_run(union bpf_attr *attr, union bpf_attr __user *uattr, u32 size);
int bvm_cmd_enable_stats(union bpf_attr *attr, union bpf_attr __user *uattr, u32 size);
int bvm_cmd_btf_load(union bpf_attr *attr, union bpf_attr __user *uattr, u32 size);
int bvm_cmd_btf_next_id(union bpf_attr *attr, union bpf_attr __user *uattr, u32 size);
int bvm_cmd_btf_from_id(union bpf_attr *attr, union bpf_attr __user *uattr, u32 size);
int bvm_cmd_link_next_id(union bpf_attr *attr, union bpf_attr __user *uattr, u32 size);
int bvm_cmd_link_from_id(union bpf_attr *attr, union bpf_attr __user *uattr, u32 size);
int bvm_cmd_link_detach(union bpf_attr *attr, union bpf_attr __user *uattr, u32 size);
int bvm_cmd_link_update(union bpf_attr *attr, union bpf_attr __user *uattr, u32 size);
int bvm_cmd_link_create(union bpf_attr *attr, union bpf_attr __user *uattr, u32 size);
int bvm_cmd_prog_bind_map(union bpf_attr *attr, union bpf_attr __user *uattr, u32 size);
int bvm_cmd_task_fd_query(union bpf_attr *attr, union bpf_attr __user *uattr, u32 size);
int bvm_cmd_raw_tp_open(union bpf_attr *attr, union bpf_attr __user *uattr, u32 size);
int bvm_cmd_obj_pin(union bpf_attr *attr, union bpf_attr __user *uattr, u32 size);
int bvm_cmd_obj_get(union bpf_attr *attr, union bpf_attr __user *uattr, u32 size);
int bvm_cmd_map_lookup_batch(union bpf_attr *attr, union bpf_attr __user *uattr, u32 size);
int bvm_cmd_map_take_batch(union bpf_attr *attr, union bpf_attr __user *uattr, u32 size);
int bvm_cmd_map_update_batch(union bpf_attr *attr, union bpf_attr __user *uattr, u32 size);
int bvm_cmd_map_delete_batch(union bpf_attr *attr, union bpf_attr __user *uattr, u32 size);
int bvm_cmd_info(union bpf_attr *attr, union bpf_attr __user *uattr, u32 size);

const struct bvm_cmd *bvm_cmd_find(u32 cmd);
bool bvm_attr_tail_is_zero(const union bpf_attr *attr, u32 used);
int bvm_user_tail_is_zero(const void __user *user, u32 known, u32 size);
int bvm_absent_fd(u32 fd);
int bvm_name_copy(char *to, const char *from);
bool bvm_may_create(void);

/* --------------------------------------------------------------- test run */

/**
 * struct bvm_test_run - BPF_PROG_TEST_RUN with user memory out of the way
 * @data_in:	input data, kernel copy, or NULL
 * @data_size_in: bytes
 * @data_out:	kernel buffer that test_run may set (kvmalloc; core frees) for copying out
 * @data_size_out: bytes in @data_out
 * @ctx_in:	context, kernel copy, or NULL
 * @ctx_size_in: bytes
 * @ctx_out:	see @data_out
 * @ctx_size_out: see @data_size_out
 * @repeat:	how often to run, at least 1
 * @flags:	BPF_F_TEST_*
 * @cpu:	BPF_F_TEST_RUN_ON_CPU: where to run; any number
 * @retval:	what the program returned last, 32 bits
 * @duration:	nanoseconds a run, mean
 */
struct bvm_test_run {
	void *data_in;
	u32 data_size_in;
	void *data_out;
	u32 data_size_out;
	void *ctx_in;
	u32 ctx_size_in;
	void *ctx_out;
	u32 ctx_size_out;
	u32 repeat;
	u32 flags;
	u32 cpu;
	u32 retval;
	u32 duration;
};

int bvm_test_ctx_in(const struct bvm_test_run *run, void *ctx, u32 size);
int bvm_test_run_repeat(struct bvm_prog *prog, void *ctx, struct bvm_test_run *run);

/* ----------------------------------------------- core/hooks.c, for core/ */

/*
 * Write what perf, net and security modules read in a facade.  Called before the
 * security hook (type, name, length, tag are set) and for programs again when they
 * are compiled (max_ctx_off, run), each time before anybody else sees the object;
 * keeps what a security module has attached.
 */
void bvm_prog_facade_update(struct bvm_prog *prog);
void bvm_map_facade_update(struct bvm_map *map);
void bvm_prog_announce(struct bvm_prog *prog, bool loaded);

/* bits of enum bvm_pass: passes that programs get when they are loaded (debugfs) */
extern u32 bvm_passes;

#endif /* _BVM_CORE_H */
