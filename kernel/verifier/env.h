/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of verifier/ share.  Nothing outside this folder includes it.
 *
 * One verification owns one struct bvm_env.  Values, stack pages, states and
 * checkpoints live in pools of that environment: they are recycled by reference
 * count, and go away with the pools, on every way out.
 */
#ifndef _BVM_ENV_H
#define _BVM_ENV_H

#include "../btf/btf.h"
#include "../value/domain.h"
#include "explain.h"
#include "field.h"
#include "messages.h"
#include "pool.h"
#include "verifier.h"

/* Limits of the stock verifier, which tools and programs are built for. */
#define BVM_MAX_PROCESSED	1000000	/* instructions stepped through */
#define BVM_MAX_PENDING		8192	/* branches not looked at yet */
#define BVM_MAX_VAR_OFF		0x20000000 /* bytes that a pointer may be moved */

#define BVM_REGS		11
#define BVM_FP			10
#define BVM_SAVED_REGS		10	/* r10 never changes: states do not hold it */
#define BVM_SLOTS		(BVM_MAX_STACK / 8)
#define BVM_PAGE_SLOTS		8	/* slots that states share or copy together */
#define BVM_PAGES		(BVM_SLOTS / BVM_PAGE_SLOTS)
#define BVM_MAX_FRAMES		8	/* functions active at a time */
#define BVM_MAX_FUNCS		256	/* functions of a program */
#define BVM_MAX_PARAMS		5	/* of a function */
#define BVM_MAX_REFS		16	/* references held at a time */
#define BVM_RUN_PLACES		(BVM_MAX_FRAMES * BVM_FRAME_RUNS + BVM_MAX_REFS)
#define BVM_POINT_BUCKETS	4096	/* lists of checkpoints, at most */
#define BVM_HALVES		(BVM_MAX_STACK / 4)	/* unit of stack liveness */

/** enum bvm_kind - what a register or stack slot holds */
enum bvm_kind {
	BVM_UNINIT,	/* never written: may be overwritten, not read */
	BVM_SCALAR,	/* a number */
	BVM_PTR_CTX,	/* the program's context */
	BVM_PTR_STACK,	/* address relative to r10 */
	BVM_PTR_MAP,	/* a map itself */
	BVM_PTR_VALUE,	/* inside a value of a map */
	BVM_PTR_KEY,	/* inside a key of a map, which is not written */
	BVM_PTR_MEM,	/* inside memory that a helper returned */
	BVM_PTR_BTF,	/* address of a kernel structure, valid or not: loads from it are probes */
	BVM_PTR_VIEW,	/* address of a kernel structure that programs see a view of */
	BVM_PTR_TP_BUFFER, /* inside the buffer of a writable tracepoint */
	BVM_PTR_PKT,	/* relative to the first byte of the packet */
	BVM_PTR_PKT_META, /* relative to the first byte of the metadata, which end at the packet */
	BVM_PTR_PKT_END, /* behind the last byte of the packet */
	BVM_PTR_DYNPTR,	/* a dynptr that is none of the program's, see BVM_CB_DYNPTR */
	BVM_PTR_ARENA,	/* any number, whose low half is taken for an address in the arena */
	BVM_PTR_FUNC,	/* a function of the program */
	BVM_OBJECT,	/* slots only, never in a register: part of a struct bvm_object */
	__BVM_KIND_MAX
};

#define BVM_VAL_OR_NULL	BIT(0)	/* NULL has not been excluded yet */
#define BVM_VAL_INNER	BIT(1)	/* not of the map at index @map, but of one found in it */
#define BVM_VAL_TRUSTED	BIT(2)	/* BVM_PTR_BTF: given by the kernel; NULL or a live object */
#define BVM_VAL_OWNED	BIT(3)	/* what the reference @ref stands for: NULL means there is none */
#define BVM_VAL_RDONLY	BIT(4)	/* BVM_PTR_MEM: must not be written */
#define BVM_VAL_DRAINED	BIT(5)	/* BVM_OBJECT: an iterator that has no more elements */
#define BVM_VAL_UNTRUSTED BIT(6) /* BVM_PTR_BTF: from where it may be stale */
#define BVM_VAL_RCU	BIT(7)	/* BVM_PTR_BTF: not freed as long as the program runs */

/* What is known about a BVM_PTR_PKT instead of how far it reaches. */
#define BVM_PKT_AT	(-1)	/* not below BVM_PTR_PKT_END */
#define BVM_PKT_BEYOND	(-2)	/* above it */

/**
 * struct bvm_def - where a number comes from: a node of the graph in need.c
 * @refs:	values in states, and nodes, that refer to it
 * @needed:	the number's range made a difference, see bvm_demand(): how many nodes were
 *		needed then.  0: it made none
 * @unused:	on the environment's list of nodes that nobody referred to
 * @from:	nodes of the numbers that it was computed from and that are not needed; none
 *		once it is needed itself, for then they are, too
 * @next:	list
 */
struct bvm_def {
	u32 refs;
	u32 needed : 31;
	u32 unused : 1;
	struct bvm_def *from[2];
	struct bvm_def *next;
};

/**
 * struct bvm_val - an abstract value
 * @s:		the number, or the variable part of a pointer's offset in bytes
 * @off:	constant part of a pointer's offset; of a number with an id: what it is more
 *		than another one with that id and 0 here, modulo 2^64.  0 without an id
 * @id:		values with the same id (not 0) are known to be equal, but for @off, pointers
 *		into values with a lock to be into the same one; packet
 *		pointers with the same id, or with 0, have equal variable parts
 * @kind:	enum bvm_kind
 * @flags:	BVM_VAL_*
 * @map:	index into the program's maps, for BVM_PTR_MAP, BVM_PTR_VALUE and BVM_PTR_KEY;
 *		which function, for BVM_PTR_FUNC; which of its slots, the one at the lowest
 *		address first, for BVM_OBJECT
 * @frame:	whose stack, for BVM_PTR_STACK: index into the frames of the state; the one that
 *		it goes away with, for BVM_PTR_DYNPTR
 * @ref:	reference that this stands or falls with, 0: none.  A BVM_OBJECT that need not be
 *		given back has a number of its own here, for the pointers that it gave out.
 * @size:	bytes of a BVM_PTR_MEM
 * @type:	structure that a BVM_PTR_BTF points to, an id in @btf
 * @range:	of a BVM_PTR_PKT or BVM_PTR_PKT_META: bytes that are there, counted from where
 *		it would point if @off were 0; or BVM_PKT_*, known of this very address
 * @btf:	types, for BVM_PTR_BTF
 * @view:	what is seen of it, for BVM_PTR_VIEW
 * @object:	what it is, for BVM_OBJECT and BVM_PTR_DYNPTR
 * @def:	where a number comes from, so that its range can be demanded later.  NULL: it is
 *		any number, or a constant that is not in a state yet.  Pointers have none.
 *		Local variables hold it without a reference: it stays until the next step.
 *
 * Whoever computes a number from others gives it the node bvm_def_join() makes of theirs.
 */
struct bvm_val {
	struct bvm_scalar s;
	union {
		const struct bvm_btf *btf;
		const struct bvm_object *object;
		const struct bvm_view *view;
	};
	struct bvm_def *def;
	s32 off;
	u32 id;
	u32 ref;
	union {
		u32 size;
		u32 type;
		s32 range;
	};
	u8 kind;
	u8 flags;
	u8 map;
	u8 frame;
};

/** struct bvm_cell - a value that states share; copied before it is written */
struct bvm_cell {
	u32 refs;
	struct bvm_val val;
};

/** enum bvm_byte - what one byte of a stack slot holds */
enum bvm_byte {
	BVM_BYTE_INVALID,	/* never written; readable as an unknown number */
	BVM_BYTE_MISC,		/* written, unknown */
	BVM_BYTE_ZERO,		/* 0 */
	BVM_BYTE_SPILL,		/* part of the slot's cell */
};

/**
 * struct bvm_slot - eight aligned bytes of stack
 * @cell:	value that was stored as a whole, or NULL
 * @byte:	enum bvm_byte, [0] is the byte at the lowest address.  The cell covers the
 *		lowest 1, 2, 4 or 8 bytes, which are exactly those marked SPILL; a cell of
 *		fewer than 8 bytes holds a number that fits into them.
 */
struct bvm_slot {
	struct bvm_cell *cell;
	u8 byte[8];
};

/**
 * struct bvm_page - slots that states share; copied before one is written
 * @refs:	frames that share it
 * @general:	see general.c
 * @slot:	slots
 */
struct bvm_page {
	u32 refs;
	bool general;
	struct bvm_slot slot[BVM_PAGE_SLOTS];
};

struct bvm_checkpoint;

/**
 * struct bvm_ref - something that the program must give back
 * @id:		reference; ids of values, references and runs are all different
 * @insn:	where it was acquired
 * @rounds:	of an iterator: how often it has given something; see run.c
 */
struct bvm_ref {
	u32 id;
	u32 insn;
	u32 rounds;
};

/**
 * struct bvm_run - something that goes round, but not for ever, whatever the program does
 * @id:		which one; no two have the same.  0: none
 * @rounds:	begun so far
 *
 * See run.c, also for how to add a kind.
 */
struct bvm_run {
	u32 id;
	u32 rounds;
};

/*
 * May_goto of the function that the program begins in: that is called once.  In others, a run
 * begins at the first may_goto that a call comes to.
 */
#define BVM_MAY_GOTO_RUN	U32_MAX

/** enum bvm_frame_run - runs that a function at work may be in the midst of */
enum bvm_frame_run {
	BVM_RUN_CALLBACK,	/* a helper that it called calls functions back */
	BVM_RUN_MAY_GOTO,	/* its may_goto instructions */
	BVM_FRAME_RUNS
};

/**
 * struct bvm_frame - a function at work; states share it, copied before it is written
 * @refs:	states that share it
 * @func:	which function, index into the environment's
 * @call:	instruction of the caller that called it
 * @general:	see general.c
 * @run:	by enum bvm_frame_run
 * @reg:	r0..r9; NULL: uninitialised
 * @page:	stack, slot 0 is at r10 - 8; NULL: nothing written there yet
 */
struct bvm_frame {
	u32 refs;
	u32 func;
	u32 call;
	bool general;
	struct bvm_run run[BVM_FRAME_RUNS];
	struct bvm_cell *reg[BVM_SAVED_REGS];
	struct bvm_page *page[BVM_PAGES];
};

/* Moves on to a slot of a page that has ever been written to.  Return: false if there is none. */
static inline bool bvm_next_slot(const struct bvm_frame *frame, u32 *slot)
{
	while (*slot < BVM_SLOTS && !frame->page[*slot / BVM_PAGE_SLOTS])
		*slot = round_up(*slot + 1, BVM_PAGE_SLOTS);
	return *slot < BVM_SLOTS;
}

/**
 * struct bvm_state - an abstract machine state
 * @frame:	functions at work, [0] is the program itself
 * @top:	index of the one that executes, the last
 * @nr_refs:	number of @ref
 * @ref:	references held, oldest first
 * @lock:	lock held
 * @rcu:	the one that stands for a section under RCU, which the program has begun; 0: none
 * @insn:	instruction to execute next
 * @prev:	instruction executed before (for the log)
 * @parent:	last checkpoint on the way here
 * @cover:	checkpoint that the path ends on
 * @next:	list of pending branches, or of covered states
 * @log_pos:	where the log stood when the branch was put aside
 * @insns:	instructions since @parent
 * @forked:	there has been another way since @parent
 * @exact:	where ways meet: differs from that of a state that is not equal, most likely
 * @wrote:	registers that the log marks as written (see marks.c)
 * @wrote_slots: stack slots that it marks so
 * @trail:	the way here, as far as it jumped; only if something is logged
 */
struct bvm_state {
	struct bvm_frame *frame[BVM_MAX_FRAMES];
	u32 top;
	u32 nr_refs;
	struct bvm_ref ref[BVM_MAX_REFS];
	struct bvm_held_lock lock;
	u32 rcu;
	u32 insn;
	u32 prev;
	struct bvm_checkpoint *parent;
	struct bvm_checkpoint *cover;
	struct bvm_state *next;
	u64 log_pos;
	u32 insns;
	bool forked;
	u32 exact;
	u32 wrote;
	u64 wrote_slots;
	const struct bvm_trail *trail;
};

/**
 * struct bvm_checkpoint - a state to compare later ones with
 * @st:		the state, without what is dead there
 * @next:	list of open checkpoints of the block, or of closed ones with similar keys
 * @key:	see bvm_point_key()
 * @when:	among those that are closed: behind all that can be reached from here
 * @index:	place there, for the certificate
 * @open:	paths from here that have not been explored to their end
 * @needs:	nodes that were needed then: what is needed later, is not for paths from here
 * @hits:	states that it covered
 * @misses:	states that it did not cover
 * @loose:	its needs may still grow: a path from here ends on a checkpoint that was open
 *		then, or is loose
 * @ahead:	the path that is explored once more can be reached from here
 */
struct bvm_checkpoint {
	struct bvm_state st;
	struct bvm_checkpoint *next;
	struct list_head when;
	u32 key;
	u32 index;
	u32 open;
	u32 needs;
	u32 hits;
	u32 misses;
	bool loose;
	bool ahead;
};

/** struct bvm_live - what may be read before it is written */
struct bvm_live {
	u64 half[BVM_HALVES / 64];	/* of stack: bit 0 is the lowest address */
	u32 regs;
	u32 numbers;			/* of these: if it is one, its range may matter */
};

/** enum bvm_param_kind - what a global function may be given in a parameter */
enum bvm_param_kind {
	BVM_PARAM_NUMBER,
	BVM_PARAM_CTX,		/* the program's context */
	BVM_PARAM_MEM,		/* memory to read and write */
	BVM_PARAM_BTF,		/* pointer to a structure of the kernel that it handed out */
};

/**
 * struct bvm_param - a parameter of a global function
 * @kind:	enum bvm_param_kind
 * @or_null:	NULL will do
 * @size:	bytes, for BVM_PARAM_MEM
 * @type:	structure in the kernel's types, for BVM_PARAM_BTF
 */
struct bvm_param {
	u8 kind;
	bool or_null;
	union {
		u32 size;
		u32 type;
	};
};

/** enum bvm_entry - is a global function one that the program begins in, too? */
enum bvm_entry {
	BVM_ENTRY_NONE,		/* no call has been seen */
	BVM_ENTRY_CALLED,
	BVM_ENTRY_GIVEN,	/* bvm_next_entry() has told */
};

/**
 * struct bvm_func - a function of the program
 * @start:	first instruction
 * @end:	after the last
 * @depth:	bytes of stack that it uses, a multiple of 8
 * @above:	bytes of stack that its callers use, most of all chains of calls
 * @level:	number of functions above it, most of all chains of calls
 * @moves_pkt: may change the packet, itself or by what it calls
 * @name:	from the program's BTF, or ""
 * @proto:	prototype of a global function, NULL: it is verified for each call
 * @param:	its parameters, once it was called
 * @parsed:	@param is filled in
 * @no_number:	it returns something else, or nothing
 * @entry:	enum bvm_entry of a global function
 */
struct bvm_func {
	u32 start;
	u32 end;
	u32 depth;
	u32 above;
	u32 level;
	bool moves_pkt;
	const char *name;
	const struct btf_type *proto;
	struct bvm_param param[BVM_MAX_PARAMS];
	bool parsed;
	bool no_number;
	u8 entry;
};

/**
 * enum bvm_head - instructions where a round of a run begins, see run.c
 *
 * They begin blocks.
 */
enum bvm_head {
	BVM_HEAD_NONE,
	BVM_HEAD_CALLBACK,	/* call of a helper that calls a function of the program */
	BVM_HEAD_ITER,		/* an iterator is asked for its next element */
	BVM_HEAD_MAY_GOTO,	/* may_goto */
	__BVM_HEAD_MAX
};

/**
 * struct bvm_block - instructions with one way in at the top
 * @start:	first instruction
 * @end:	after the last
 * @preds:	ways into the block; functions return in many ways
 * @head:	enum bvm_head: what it begins with
 * @latch:	last block that jumps back to it + 1; 0: no loop begins here
 * @loop:	it is part of a loop
 * @decides:	its jump decides whether a loop goes on
 * @ends:	enum bvm_loop_end, of the loop looked at last: how a round may end from here
 * @open:	open checkpoints at @start, the last one first
 * @nr_points:	number of checkpoints at @start that states are compared with
 * @live:	live at @start
 */
struct bvm_block {
	u32 start;
	u32 end;
	u32 preds;
	enum bvm_head head;
	u32 latch;
	bool loop;
	bool decides;
	u8 ends;
	u32 nr_points;
	struct bvm_checkpoint *open;
	struct bvm_live live;
};

/*
 * Ids: where an old state says that two values are equal, they must be equal in one that
 * it is to cover.  So each id of the old one stands for one id of the other; the other way
 * round it need not be unique.  Distances between linked numbers agree when all of an id
 * have moved by the same.
 */
struct bvm_id_pair {
	u32 old;
	u32 cur;
	s64 by;
};

/** enum bvm_match_how - how close two states must be */
enum bvm_match_how {
	BVM_MATCH_NEEDED,	/* numbers that are not needed may differ */
	BVM_MATCH_ALL,		/* everything is among what the old state says */
	BVM_MATCH_EXACT,	/* equal as far as it is live */
};

/**
 * struct bvm_match - a comparison of two states, see subsume.c
 * @nr_ids:	length of @ids
 * @how:	what to ask for
 * @differs:	register that two states were found to differ in: others will, too
 * @ids:	pairs so far; one a reference and one a value at most
 */
struct bvm_match {
	u32 nr_ids;
	enum bvm_match_how how;
	u32 differs;
	struct bvm_id_pair ids[BVM_MAX_REFS + BVM_MAX_FRAMES * (BVM_SAVED_REGS + BVM_SLOTS)];
};

/**
 * struct bvm_env - one verification
 * @args:	the program
 * @log:	its log
 * @facts:	result
 * @fp:		value of r10 in each frame
 * @imm:	a number in an instruction
 * @funcs:	functions in program order
 * @nr_funcs:	their number
 * @called_back: function that called the helper * @nr_funcs + callback: that has happened
 * @block_at:	per instruction: index of the block that starts there + 1, or 0
 * @blocks:	basic blocks in program order
 * @nr_blocks:	their number
 * @order:	block indices, each after all blocks that it leads to (but for loops)
 * @defs:	pool of struct bvm_def
 * @cells:	pool of struct bvm_cell
 * @pages:	pool of struct bvm_page
 * @frames:	pool of struct bvm_frame
 * @states:	pool of struct bvm_state
 * @points:	pool of struct bvm_checkpoint
 * @trails:	pool of struct bvm_trail
 * @pending:	stack of branches to explore
 * @nr_pending:	its depth
 * @nr_buckets:	lists of checkpoints, a power of two
 * @points_by_key: the closed ones by key, and a list of those that are not looked at any more
 * @edges:	states covered by checkpoints that were open or loose
 * @closed:	checkpoints in the order in which they were closed, see settle.c
 * @unused:	nodes that nobody referred to at some time in this step
 * @needs:	nodes that became needed
 * @last_id:	last id given out
 * @touched:	registers to print after the current instruction
 * @touched_slots: stack slots to print
 * @processed:	instructions stepped through
 * @marks:	for the log, since its last checkpoint: jumps and calls; @processed then
 * @certified:	instructions stepped through for the certificate
 * @claims:	states kept in facts->claims
 * @certify_ns:	time for it
 * @certifying:	that is going on: nobody asks any more which numbers are needed
 * @any:	an unknown number, for the certificate
 * @nr_points:	checkpoints of the certificate
 * @total_points: checkpoints made
 * @live_points: checkpoints that exist
 * @peak_points: most of @live_points
 * @max_points:	most checkpoints of one block
 * @found_name:	name of the kernel's type that was looked for last, for its address
 * @found_type:	its id, or an error
 * @failure:	where exploration failed
 * @line:	source line printed last
 * @text:	scratch for parts of messages
 * @match:	scratch for the comparison of states; what comes last of it is not zeroed
 */
struct bvm_env {
	const struct bvm_verify_args *args;
	struct bvm_log *log;
	struct bvm_facts *facts;
	struct bvm_val fp[BVM_MAX_FRAMES];
	struct bvm_val imm;
	struct bvm_func *funcs;
	u32 nr_funcs;
	u8 *called_back;
	u32 *block_at;
	struct bvm_block *blocks;
	u32 nr_blocks;
	u32 *order;
	struct bvm_pool defs, cells, pages, frames, states, points, trails;
	struct bvm_state *pending;
	u32 nr_pending, nr_buckets;
	struct bvm_checkpoint **points_by_key;
	struct bvm_state *edges;
	struct list_head closed;
	struct bvm_def *unused;
	u64 needs;
	u32 last_id;
	u32 touched;
	u64 touched_slots;
	u32 processed, certified, claims;
	struct {
		u32 jumps, since;
	} marks;
	u64 certify_ns;
	bool certifying;
	struct bvm_cell *any;
	u32 nr_points;
	u32 total_points, live_points, peak_points, max_points;
	const char *found_name;
	int found_type;
	struct bvm_failure failure;
	const struct bpf_line_info *line;
	char text[256];
	struct bvm_match match;
};

/* Bugs that tests plant, to see the certificate find them; see selftests/host/plants.h. */
#ifndef BVM_PLANTED
#define BVM_PLANTED(...)	0
#endif

#define bvm_reject(env, id, ...) bvm_log_reject((env)->log, id, ##__VA_ARGS__)

static inline bool bvm_is_pointer(const struct bvm_val *v)
{
	return v->kind > BVM_SCALAR;
}

/* Into a packet: what a comparison with the packet's end, or a change of it, is about. */
static inline bool bvm_is_packet(const struct bvm_val *v)
{
	return v->kind == BVM_PTR_PKT || v->kind == BVM_PTR_PKT_META;
}

static inline bool bvm_is_const(const struct bvm_val *v)
{
	return v->kind == BVM_SCALAR && bvm_scalar_is_const(&v->s);
}

static inline bool bvm_is_zero(const struct bvm_val *v)
{
	return bvm_is_const(v) && !bvm_scalar_value(&v->s);
}

/* Are instructions and states written down? */
static inline bool bvm_logs(const struct bvm_env *env)
{
	return env->log->level & (BVM_LOG_PATH | BVM_LOG_ALL);
}

/* Is @v a number whose range made a difference? */
static inline bool bvm_needed(const struct bvm_val *v)
{
	return v->kind == BVM_SCALAR && v->def && v->def->needed;
}

/* The map that @v is or lies in; of one found in a map, what they all look like. */
static inline const struct bvm_map *bvm_val_map(const struct bvm_env *env, const struct bvm_val *v)
{
	const struct bvm_map *map = env->args->maps[v->map];

	return v->flags & BVM_VAL_INNER ? map->inner : map;
}

/* The map's index for a fact, if it is always the same map. */
static inline u32 bvm_val_map_index(const struct bvm_val *v)
{
	return v->flags & BVM_VAL_INNER ? BVM_NO_MAP : v->map;
}

/* A fresh id: for values that are equal, for references, for runs. */
static inline u32 bvm_new_id(struct bvm_env *env)
{
	return ++env->last_id;
}

/* A number of its own: all but the number itself, and its node in a state. */
static inline void bvm_val_number(struct bvm_val *v)
{
	v->btf = NULL;
	v->off = 0;
	v->id = 0;
	v->ref = 0;
	v->size = 0;
	v->kind = BVM_SCALAR;
	v->flags = 0;
	v->map = 0;
	v->frame = 0;
}

/* A known number. */
static inline void bvm_val_const(struct bvm_val *v, u64 value)
{
	bvm_scalar_const(&v->s, value);
	bvm_val_number(v);
	v->def = NULL;
}

/* Any number of 1, 2, 4 or 8 bytes, the rest is 0. */
static inline void bvm_val_unknown(struct bvm_val *v, u32 bytes)
{
	bvm_scalar_bits(&v->s, bvm_tnum_zext(BVM_TNUM_UNKNOWN, 8 * bytes));
	bvm_val_number(v);
	v->def = NULL;
}

/* An address in the arena. */
static inline void bvm_val_arena(struct bvm_val *v)
{
	bvm_val_const(v, 0);
	v->kind = BVM_PTR_ARENA;
}

bool bvm_has_arena(const struct bvm_env *env);

/* encoding.c */
int bvm_reject_encoding(struct bvm_log *log, const struct bpf_insn *insn, u32 left, u32 why);

/* global.c */
void bvm_describe_funcs(struct bvm_env *env);
struct bvm_state *bvm_entry_state(struct bvm_env *env, u32 nr);
u32 bvm_next_entry(struct bvm_env *env);
void bvm_forget_entries(struct bvm_env *env);
int bvm_step_global(struct bvm_env *env, struct bvm_state *st, u32 nr);

/* live.c */
int bvm_compute_live(struct bvm_env *env);
static inline bool bvm_live_slot(const struct bvm_live *live, u32 slot)
{
	u32 bit = BVM_HALVES - 2 * slot - 2;	/* slot 0 is the highest address */

	return live->half[bit / 64] >> bit % 64 & 3;
}

/*
 * What is live in a function that executes, at the start of a block, or that waits for the
 * one it called: calls begin blocks.
 */
static inline const struct bvm_live *bvm_frame_live(const struct bvm_env *env,
						    const struct bvm_state *st, u32 frame)
{
	u32 at = frame < st->top ? st->frame[frame + 1]->call : st->insn;

	return &env->blocks[env->block_at[at] - 1].live;
}

/* link.c */
void bvm_unlink(struct bvm_val *v);
void bvm_reg_link(struct bvm_env *env, struct bvm_state *st, u32 reg);
void bvm_link_alu(const struct bvm_insn *in, struct bvm_val *dst, const struct bvm_val *src);
void bvm_link_follow(const struct bvm_val *own, const struct bvm_val *learned,
		     struct bvm_val *out);

/* refs.c */
int bvm_ref_acquire(struct bvm_env *env, struct bvm_state *st, u32 *id);
void bvm_ref_drop(struct bvm_state *st, u32 id);
void bvm_ref_release(struct bvm_env *env, struct bvm_state *st, u32 id);
int bvm_check_no_refs(struct bvm_env *env, const struct bvm_state *st);
bool bvm_rcu_held(const struct bvm_env *env, const struct bvm_state *st);
int bvm_step_rcu(struct bvm_env *env, struct bvm_state *st, const struct bvm_helper *helper);

/* Bytes that the slot's cell covers, 0 without a cell. */
static inline u32 bvm_slot_spilled(const struct bvm_slot *slot)
{
	u32 n = 0;

	while (n < 8 && slot->byte[n] == BVM_BYTE_SPILL)
		n++;
	return n;
}

/* The object that a slot is a part of, or NULL. */
static inline const struct bvm_val *bvm_slot_object(const struct bvm_slot *slot)
{
	return slot->cell && slot->cell->val.kind == BVM_OBJECT ? &slot->cell->val : NULL;
}

/* subsume.c */
bool bvm_same_calls(const struct bvm_state *old, const struct bvm_state *cur);
bool bvm_subsumes(struct bvm_env *env, const struct bvm_state *old, const struct bvm_state *cur,
		  enum bvm_match_how how);
void bvm_pass_needs(struct bvm_env *env, const struct bvm_state *old,
		    const struct bvm_state *cur);
void bvm_widen(struct bvm_env *env, const struct bvm_state *old, struct bvm_state *cur);

/* general.c */
void bvm_forget_numbers(struct bvm_env *env, struct bvm_state *st, const struct bvm_block *block);
int bvm_generalise_begin(struct bvm_env *env);
int bvm_generalise(struct bvm_env *env);

/* certify.c */
int bvm_certify_alone(struct bvm_env *env);
int bvm_certify(struct bvm_env *env);

/* settle.c */
void bvm_cover(struct bvm_env *env, struct bvm_state *st, struct bvm_checkpoint *cp);
int bvm_settle(struct bvm_env *env);

/* explore.c */
int bvm_explore_from(struct bvm_env *env, struct bvm_state *st, bool popped);
int bvm_explore(struct bvm_env *env);

#include "cfg.h"
#include "need.h"
#include "points.h"
#include "print.h"
#include "run.h"
#include "state.h"
#include "step.h"
#include "call.h"

#endif /* _BVM_ENV_H */
