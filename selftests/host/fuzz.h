/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The fuzzers of the host build: random programs (fuzz_gen.c), verified.  The verifier's runs
 * what is accepted in a plain machine that knows every byte a program may touch
 * (fuzz_machine.c), side by side with the verifier's own states (fuzz_embed.c); that of
 * the JIT runs it in each way that there is (jit_fuzz_test.c).  A program that goes wrong
 * is made smaller and printed (fuzz_edit.c).  fuzz_main.c has main().
 */
#ifndef _BVM_FUZZ_H
#define _BVM_FUZZ_H

#include "verif.h"
#include "../lib/insn.h"

#define FUZZ_LEN	1024	/* instructions, half of them the generator's */
#define FUZZ_VALUE	48	/* bytes of a map's value and of a record */
#define FUZZ_CTX	4096	/* bytes of the largest context */
#define FUZZ_FRAMES	16

enum { HASH, ARRAY, READ_ONLY, RING, OF_MAPS, FROZEN, PROGS, FUZZ_MAPS };

extern struct bvm_map *fuzz_maps[FUZZ_MAPS];

/**
 * struct fuzz_prog - a program
 * @seed:	what it was made from
 * @type:	program type
 * @flags:	BPF_F_* of its load
 * @insn:	instructions
 * @len:	their number
 */
struct fuzz_prog {
	u64 seed;
	const struct bvm_prog_type *type;
	u32 flags;
	u32 len;
	struct bpf_insn insn[FUZZ_LEN];
};

/**
 * struct fuzz_target - a fuzzer
 * @name:	what it tries
 * @fills:	of what is accepted each function begins by writing all of its stack
 * @kernel:	programs are such as a kernel accepts, and know nothing but what lies in maps
 * @accepted:	called when a program is, with the verifier's environment; or NULL
 * @run:	runs an accepted program
 * @more:	whatever else a seed is good for, or NULL.  Return: false if that fails; it has
 *		said so
 */
struct fuzz_target {
	const char *name;
	bool fills, kernel;
	void (*accepted)(struct bvm_env *env);
	void (*run)(const struct fuzz_prog *p);
	bool (*more)(u64 seed);
};

extern const struct fuzz_target fuzz_target;

/* fuzz_main.c: the program at work, how often it is to be run, what is wrong with it */
extern struct verif fuzz_verif;
extern u32 fuzz_runs;
extern u64 fuzz_steps;
extern const char *fuzz_wrong;
const struct fuzz_prog *fuzz_at_work(void);
/* Calls @fn, for so long at most.  Return: 0, or the signal that ended it. */
int fuzz_guard(void (*fn)(void *arg), void *arg, u32 usec);

/* fuzz_gen.c */
u64 fuzz_mix(u64 seed);
void fuzz_generate(struct fuzz_prog *p, u64 seed);

/* fuzz_edit.c */
bool fuzz_insert(struct fuzz_prog *p, u32 at, struct bpf_insn insn);
void fuzz_delete(struct fuzz_prog *p, u32 at);
void fuzz_minimise(struct fuzz_prog *p, bool (*fails)(const struct fuzz_prog *p));
void fuzz_print(const struct fuzz_prog *p);

static inline bool fuzz_is_imm64(const struct bpf_insn *insn)
{
	return insn->code == (BPF_LD | BPF_DW | BPF_IMM);
}

/* A jump within a function, whose distance is in ->off. */
static inline bool fuzz_is_jump(const struct bpf_insn *insn)
{
	return (BPF_CLASS(insn->code) == BPF_JMP || BPF_CLASS(insn->code) == BPF_JMP32) &&
	       BPF_OP(insn->code) != BPF_CALL && BPF_OP(insn->code) != BPF_EXIT &&
	       insn->code != (BPF_JMP32 | BPF_JA);
}

/* A call of a function of the program, or its address: the distance is in ->imm. */
static inline bool fuzz_is_func(const struct bpf_insn *insn)
{
	return (insn->code == (BPF_JMP | BPF_CALL) && insn->src_reg == BPF_PSEUDO_CALL) ||
	       (fuzz_is_imm64(insn) && insn->src_reg == BPF_PSEUDO_FUNC);
}

/* The address of a function of the program, as it sees it. */
#define FUZZ_FUNC	0x5afe00000000ULL

/* A function at work, or what it was called from. */
struct fuzz_frame {
	u32 call;		/* instruction that called it */
	u64 saved[4];		/* r6 to r9 of the caller */
	u64 fp;			/* its r10 */
	bool callback;		/* called by bpf_loop, with: */
	u32 start, round, rounds;
	u64 ctx;
};

/**
 * struct fuzz_machine - a machine without tricks
 * @v:		program
 * @r:		registers
 * @defined:	those that hold something, a bit each
 * @stack:	exactly the stack that the facts promise
 * @frame:	functions at work, [0] is the program
 * @depth:	the one that executes
 * @at:		instruction to execute next
 * @iter:	iterators that have been made and not destroyed
 * @nr_iters:	their number
 * @steps:	instructions executed
 * @wrong:	what went wrong, or NULL
 */
struct fuzz_machine {
	const struct verif *v;
	u64 r[11];
	u32 defined;
	u8 *stack;
	struct fuzz_frame frame[FUZZ_FRAMES];
	u32 depth;
	u32 at;
	u64 iter[FUZZ_FRAMES];
	u32 nr_iters;
	u64 steps;
	const char *wrong;
};

/** struct fuzz_memory - memory that a program may touch: an element of a map */
struct fuzz_memory {
	u64 start;
	u32 size;
	u32 map;
};

extern u64 fuzz_ctx[FUZZ_CTX / 8];
extern struct fuzz_memory fuzz_memory[16];
extern u32 fuzz_nr_memory;

/* fuzz_machine.c */
void fuzz_maps_init(void);
void fuzz_maps_free(void);
void fuzz_inputs(const struct fuzz_prog *p, u64 seed);
void fuzz_drop_records(void);
bool fuzz_in_iter(const struct fuzz_machine *m, u64 addr, u64 size);
void fuzz_machine_run(struct fuzz_machine *m, const struct verif *v, struct bvm_env *env);

/* fuzz_embed.c */
void fuzz_embed_begin(struct bvm_env *env, struct fuzz_machine *m);
void fuzz_embed_step(struct fuzz_machine *m, bool more);
void fuzz_embed_end(void);

#endif /* _BVM_FUZZ_H */
