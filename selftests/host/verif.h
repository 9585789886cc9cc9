/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For tests of verifier/: program types, maps and helpers as descriptors, and one call
 * that does what core/ does with BPF_PROG_LOAD.
 */
#ifndef _BVM_VERIF_H
#define _BVM_VERIF_H

#include "../../kernel/verifier/verifier.h"
#include "../../kernel/exec/exec.h"

extern const struct bvm_prog_type verif_socket_filter, verif_kprobe, verif_tracepoint,
	verif_perf_event, verif_ranged, verif_raw_tp_w, verif_tp_btf, verif_xdp, verif_sched_cls,
	verif_read_only_packet, verif_fields, verif_fields_tracing;

/**
 * struct verif_packet - context of those that are on packets
 * @skb:	its fields, but for addresses
 * @data:	packet
 * @data_end:	behind it
 * @data_meta:	metadata before it
 * @sk:		socket, or NULL
 */
struct verif_packet {
	struct __sk_buff skb;
	void *data;
	void *data_end;
	void *data_meta;
	void *sk;
};

extern const struct bvm_helper_set verif_base_set, verif_skb_set;
extern const struct bvm_view verif_sock, verif_any_sock;
extern const struct bvm_view *const verif_views[2];

#define VERIF_VIEWS	.views = verif_views, .nr_views = 2

/*
 * Functions in the types of programs, for func_info: all take one argument and return int
 * unless said otherwise; all are global but the first.  struct request has 16 bytes.
 */
enum {
	VERIF_STATIC = 50,	/* int */
	VERIF_INT,		/* int */
	VERIF_MEM,		/* struct request * */
	VERIF_NONNULL,		/* the same, tagged */
	VERIF_CTX,		/* bpf_user_pt_regs_t * */
	VERIF_TAGGED,		/* void *, tagged as context; so are the next two */
	VERIF_TAGGED_STRUCT,	/* struct request * */
	VERIF_TAGGED_U64,	/* long * */
	VERIF_TASK,		/* struct task_struct *, trusted */
	VERIF_TASK_NULL,	/* struct task_struct___old *, trusted, nullable */
	VERIF_REQUEST,		/* struct request *, trusted */
	VERIF_VOID,		/* void * */
	VERIF_FWD,		/* pointer to a structure that is not defined */
	VERIF_BY_VALUE,		/* struct thread */
	VERIF_NO_RESULT,	/* returns void */
	VERIF_TWO,		/* int, struct request * */
	VERIF_SIX,		/* six arguments */
	VERIF_TAGGED_INT,	/* int, tagged */
	VERIF_ARENA,		/* with a tag that is not known */
};

/* Functions of the kernel: KF_name is the id that programs call them by. */
#define VERIF_KFUNCS(X)								\
	X(bpf_iter_num_new) X(bpf_iter_num_next) X(bpf_iter_num_destroy)	\
	X(bpf_iter_bits_new) X(bpf_iter_bits_next) X(bpf_iter_bits_destroy)	\
	X(bpf_dynptr_adjust) X(bpf_dynptr_is_null) X(bpf_dynptr_is_rdonly)	\
	X(bpf_dynptr_size) X(bpf_dynptr_clone) X(bpf_dynptr_slice)		\
	X(bpf_dynptr_slice_rdwr) X(no_kfunc)					\
	X(task_acquire) X(task_copy) X(task_from_pid) X(task_release)		\
	X(task_trusted) X(task_rcu) X(task_any) X(task_optional) X(take_thread)	\
	X(take_deep) X(take_deeper) X(take_request) X(take_void) X(take_mem)	\
	X(take_regs) X(take_const) X(destroy) X(take_struct)			\
	X(take_sleep) X(bpf_rcu_read_lock) X(bpf_rcu_read_unlock)		\
	X(bpf_rdonly_cast)

enum {
	KF_NONE,
#define X(name) KF_##name,
	VERIF_KFUNCS(X)
#undef X
	NR_KFUNCS,
};

/**
 * struct verif - one program, and what became of it
 * @type:	program type
 * @insns:	instructions; map references are replaced by indices
 * @len:	number of @insns
 * @maps:	maps; a reference in @insns is an index
 * @nr_maps:	number of @maps
 * @flags:	BPF_F_*
 * @func_info:	its functions in order, types are VERIF_*, or NULL
 * @nr_func_info: number of @func_info
 * @not_gpl:	license is not GPL-compatible
 * @claim:	keep what the interpreter can check
 * @passes:	over the IR, when it is lowered
 * @level:	log level
 * @log:	buffer, or NULL
 * @log_size:	its size
 * @accepted:	called when it was accepted, with the verification's environment
 * @true_size:	out: log_true_size
 * @log_err:	out: result of bvm_log_finish()
 * @insn:	out: decoded, for verif_free()
 * @facts:	out
 * @kfuncs:	out: functions of the kernel by id
 */
struct verif {
	const struct bvm_prog_type *type;
	struct bpf_insn *insns;
	u32 len;
	struct bvm_map **maps;
	u32 nr_maps;
	u32 flags;
	const struct bpf_func_info *func_info;
	u32 nr_func_info;
	bool not_gpl;
	bool claim;
	u32 passes;
	u32 level;
	char *log;
	u32 log_size;
	void (*accepted)(struct bvm_env *env);
	u32 true_size;
	int log_err;
	struct bvm_insn *insn;
	struct bvm_facts facts;
	struct bvm_kfunc kfuncs[NR_KFUNCS];
};

/* The id of a function of the kernel, KF_NONE: there is none of that name. */
u32 verif_kfunc(const char *name);
/* ... and its name. */
const char *verif_kfunc_name(u32 id);

/* Decode and verify.  Return: as bvm_verify(), -EINVAL for a bad log. */
int verif_load(struct verif *v);

/* Lower what verif_load() accepted. */
struct bvm_ir_prog *verif_lower(const struct verif *v);
void verif_free(struct verif *v);

struct bvm_map *verif_map(u32 type, u32 key_size, u32 value_size, u32 max_entries, u32 flags);
/* A map of maps that look like @inner; @inner outlives it. */
struct bvm_map *verif_map_of(struct bvm_map *inner);
void verif_map_free(struct bvm_map *map);
/* Values have a lock at an offset; one map of two shares that. */
void verif_map_lock(struct bvm_map *map, u32 off);
/* Values begin with pointers to these types: not trusted, and two with references. */
void verif_map_kptrs(struct bvm_map *map, const struct bvm_btf *btf, u32 task, u32 request);
/* The same, to types of the programs that verif_load() loads. */
void verif_map_pointers(struct bvm_map *map);

/* Records of the toy ring buffer that were reserved and not given back. */
extern u32 verif_held;

/* Do these bytes lie in one of them? */
bool verif_record(u64 addr, u64 size);

/* One of them: its address and size. */
u64 verif_record_at(u32 i, u64 *size);

/* Helpers are at their heap, and not to be left in the midst. */
extern bool verif_busy;

/* Of all bytes that helpers have read. */
extern u64 verif_heard;

/* What the toy helpers draw random numbers from. */
extern u64 verif_seed;
u64 verif_random(void);

#endif /* _BVM_VERIF_H */
