/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the two halves of liveness share: live_addr.c finds out which part of the stack each
 * instruction touches, live.c what may still be read.
 */
#ifndef _BVM_LIVE_H
#define _BVM_LIVE_H

#include "env.h"

/* More passes than any sane program needs; then all is taken for live. */
#define BVM_MAX_PASSES	64

/** enum bvm_guess_kind - what a register may hold; later entries know less */
enum bvm_guess_kind {
	BVM_GUESS_NONE,		/* no path seen yet */
	BVM_GUESS_CONST,	/* the number .value */
	BVM_GUESS_MAP,		/* the map with index .value */
	BVM_GUESS_FUNC,		/* the function with index .value */
	BVM_GUESS_STACK,	/* address in a stack: that of .base plus .value */
	BVM_GUESS_OTHER,	/* anything but an address in a stack */
	BVM_GUESS_ANY,
};

/**
 * struct bvm_guess - what a register may hold
 * @kind:	enum bvm_guess_kind
 * @base:	0: r10; 1..5: what that argument of the function held when it began
 * @value:	see @kind
 */
struct bvm_guess {
	u16 kind;
	u16 base;
	s32 value;
};

/**
 * struct bvm_guesses - what a block begins with
 * @reg:	what registers may hold
 * @news:	that has changed since it was last looked at
 */
struct bvm_guesses {
	struct bvm_guess reg[BVM_REGS];
	bool news;
};

/** struct bvm_stack_use - four-byte units [from, to) of the function's stack; 0 is the lowest */
struct bvm_stack_use {
	u8 read_from, read_to;
	u8 kill_from, kill_to;
};

/**
 * struct bvm_func_use - what a function does to the stacks of its callers
 * @stack_args:	arguments, bits 1..5, that may be addresses there
 * @any:	it reads through addresses of which nothing is known
 * @callback:	the program holds its address: it may be called by a helper
 * @from:	bytes that it reads, relative to the address in the argument: from there
 * @to:		to there; no more than @from: none
 */
struct bvm_func_use {
	u8 stack_args;
	bool any;
	bool callback;
	s32 from[6];
	s32 to[6];
};

/**
 * struct bvm_live_env - one computation
 * @env:	environment
 * @entry:	per block: registers at its start
 * @use:	per instruction
 * @func:	per function
 * @spilled:	stacks may hold addresses of stacks
 * @changed:	this pass found out something new
 * @restart:	... which is not a consequence of what was found before
 * @passes:	passes so far
 */
struct bvm_live_env {
	struct bvm_env *env;
	struct bvm_guesses *entry;
	struct bvm_stack_use *use;
	struct bvm_func_use *func;
	bool spilled;
	bool changed;
	bool restart;
	u32 passes;
};

/* live_addr.c */
bool bvm_guess_all(struct bvm_live_env *live);

#endif /* _BVM_LIVE_H */
