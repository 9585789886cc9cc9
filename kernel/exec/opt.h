/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Passes over the IR, between their files and for lowering.
 *
 * A pass walks over the program once and writes another one, instruction by
 * instruction: it may leave some out, change them, or put more in their place.
 */
#ifndef _BVM_OPT_H
#define _BVM_OPT_H

#include "exec.h"
#include "flow.h"

/*
 * The passes: X(NAME, run, wanted, what it does).  Each can be left out, so that programs can
 * be run with it and without it; and is, where it says that there is nothing for it.
 */
#define BVM_PASSES(X)							\
	X(CLEAN, bvm_pass_clean, NULL,					\
	  "jumps to jumps, code that nothing gets to or needs")		\
	X(COPY, bvm_pass_copy, NULL, "copies, and sums of a register and a number") \
	X(FOLD, bvm_pass_fold, NULL, "what bits and ranges of numbers decide") \
	X(BYTES, bvm_pass_bytes, bvm_wants_bytes,			\
	  "bytes that are loaded or stored one by one")			\
	X(ROTATE, bvm_pass_rotate, bvm_wants_rotate, "rotations")	\
	/* part of FOLD, which knows their arguments */			\
	X(INLINE, NULL, NULL, "calls of helpers that have a form in IR")	\
	X(SUBS, bvm_pass_subs, bvm_wants_subs, "calls of small functions of the program")

enum bvm_pass {
#define BVM_PASS(name, ...) BVM_PASS_##name,
	BVM_PASSES(BVM_PASS)
#undef BVM_PASS
	__BVM_PASS_MAX
};

#define BVM_PASSES_ALL	(BIT(__BVM_PASS_MAX) - 1)

/**
 * struct bvm_opt - a program and a pass at work on it
 * @args:	what was lowered, for its type of program and its passes; or NULL, if the pass
 *		can do without
 * @code:	program before, memory for kvfree(); becomes other memory
 * @code_room:	that is for so many instructions
 * @len:	instructions of it
 * @about:	[@len] BVM_AT_* of each; the registers are for bvm_opt_live()
 * @about_room:	it and @at are for so many instructions
 * @looked:	it is of this program
 * @live_known:	the registers are there
 * @at:		[@len + 1] where in @out each one's code begins
 * @out:	program after; offsets that name instructions still mean @code, or ~ the index of
 *		one in @out
 * @n:		instructions of it
 * @in_place:	the pass has not written @out, but @code: all is where it was
 * @changed:	... but something is another one
 * @room:	for so many
 * @todo:	BIT(enum bvm_pass) of passes that there is work for again
 * @err:	-ENOMEM or the like: the program stays as it was
 */
struct bvm_opt {
	const struct bvm_lower_args *args;
	struct bvm_ir *code;
	u32 code_room, len;
	u16 *about;
	u32 about_room;
	bool looked, live_known;
	u32 *at;
	struct bvm_ir *out;
	u32 n, room;
	u8 todo;
	bool in_place, changed;
	int err;
};

/* More room, or @o->err. */
bool bvm_opt_grow(struct bvm_opt *o);

/**
 * bvm_opt_emit - put an instruction into the new program
 * @o:		pass
 * @ir:		instruction.  What names an instruction names one of the old program
 */
static inline void bvm_opt_emit(struct bvm_opt *o, struct bvm_ir ir)
{
	if (o->n < o->room || bvm_opt_grow(o))
		o->out[o->n++] = ir;
}

#define OPT_EMIT_OP(o, which, ...)	\
	bvm_opt_emit(o, (struct bvm_ir){ .op = (which), __VA_ARGS__ })
#define OPT_EMIT(o, name, ...)	OPT_EMIT_OP(o, BVM_IR_##name, __VA_ARGS__)

/* May only the one before it be followed by instruction @i? */
static inline bool bvm_opt_inside(const struct bvm_opt *o, u32 i)
{
	return !(o->about[i] & (BVM_AT_TARGET | BVM_AT_ENTRY));
}

/**
 * bvm_opt_live - what is live after an instruction of the program before the pass
 * @o:		pass
 * @i:		index of the instruction
 * Process context, may sleep.  Return: bits of registers.
 */
u16 bvm_opt_live(struct bvm_opt *o, u32 i);

/**
 * bvm_optimise - make passes over a program
 * @code:	its instructions, memory for kvfree(); may become other memory
 * @len:	number of them
 * @args:	its type of program, or NULL, and the passes
 * @where:	[@n] indices of instructions, or @len: become those of where their code is now
 * @n:		number of them
 *
 * For want of memory passes are left out.  The program does the same as before, as far as
 * its results, its calls and memory show.  Process context, may sleep.
 * Return: number of instructions.
 */
u32 bvm_optimise(struct bvm_ir **code, u32 len, const struct bvm_lower_args *args, u32 *where,
		 u32 n);

/**
 * bvm_opt_pass - make one pass over a program
 * @o:		its @code, @code_room and @len, the rest 0; or what the last pass has left
 * @run:	the pass
 * @where:	as bvm_optimise()
 * @n:		number of them
 *
 * Process context, may sleep.  Return: 1; 0 if it left all as it was; or an error: so did it then.
 */
int bvm_opt_pass(struct bvm_opt *o, void (*run)(struct bvm_opt *o), u32 *where, u32 n);

/**
 * bvm_opt_done - no more passes
 * @o:		as bvm_opt_pass(); its @code stays
 */
void bvm_opt_done(struct bvm_opt *o);

bool bvm_wants_bytes(const struct bvm_ir *code, u32 len);
bool bvm_wants_rotate(const struct bvm_ir *code, u32 len);
bool bvm_wants_subs(const struct bvm_ir *code, u32 len);

void bvm_pass_clean(struct bvm_opt *o);
void bvm_pass_copy(struct bvm_opt *o);
void bvm_pass_fold(struct bvm_opt *o);
void bvm_pass_bytes(struct bvm_opt *o);
void bvm_pass_rotate(struct bvm_opt *o);
void bvm_pass_subs(struct bvm_opt *o);

#endif /* _BVM_OPT_H */
