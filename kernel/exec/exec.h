/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Entry points of execution, for core/ and for tests.
 */
#ifndef _BVM_EXEC_H
#define _BVM_EXEC_H

#include "../bvm.h"
#include "../isa/isa.h"
#include "ir.h"

/**
 * struct bvm_lower_args - a verified program to be lowered
 * @type:	program type (context conversion, helper addresses)
 * @insn:	decoded instructions
 * @len:	number of them
 * @maps:	maps that LD_IMM64 refers to by index
 * @nr_maps:	number of @maps
 * @kfuncs:	functions of the kernel that calls name by id
 * @nr_kfuncs:	number of @kfuncs
 * @facts:	what verification proved, or NULL for an unverified test program
 * @passes:	passes to make over the IR, bits of enum bvm_pass
 * @at:		[@len] for the index of each instruction's first IR instruction, or NULL
 */
struct bvm_lower_args {
	const struct bvm_prog_type *type;
	const struct bvm_insn *insn;
	u32 len;
	struct bvm_map *const *maps;
	u32 nr_maps;
	const struct bvm_kfunc *kfuncs;
	u32 nr_kfuncs;
	const struct bvm_facts *facts;
	u32 passes;
	u32 *at;
};

/**
 * bvm_lower - BPF to IR
 * @args:	program
 *
 * Relies on @args->facts for: which instructions run at all (the others become TRAP),
 * which memory accesses are to the context (converted; their base register is r1 of the
 * program as it was passed in, so that the offset alone names the field) or to what may
 * be gone, the stack, and that no more than BVM_IR_FRAMES functions are active at a time,
 * those included that are called through pointers.
 * Without facts nothing is converted and every function has a frame of 512 bytes, or 64
 * when there are subprograms: for tests.
 *
 * Process context, may sleep.
 *
 * Return: program for bvm_ir_free(), or an ERR_PTR(): -ENOMEM, -EINVAL for what the
 * IR cannot express (never for a program that the verifier accepted).
 */
struct bvm_ir_prog *bvm_lower(const struct bvm_lower_args *args);
void bvm_ir_free(struct bvm_ir_prog *prog);

/**
 * bvm_interp_prepare - make a program as fast as the interpreter can run it
 * @prog:	program as lowered; nothing else understands it afterwards
 *
 * It becomes read-only where the architecture has that.  Process context, may sleep.
 * Return: 0; -ENOMEM, or the error of the architecture: the program must be freed then.
 */
int bvm_interp_prepare(struct bvm_ir_prog *prog);

/**
 * bvm_blind - a program without the numbers in it
 * @prog:	program; stays as it is
 * @where:	[@n] indices of its instructions, or its length: become those of where their
 *		code is now
 * @n:		number of them
 *
 * It does the same, but each number is put together at run time from two that nobody can
 * foresee: whoever chose it cannot choose bytes of machine code.  Process context, may sleep.
 * Return: program for bvm_ir_free(), or an ERR_PTR(): -ENOMEM, -EOPNOTSUPP where there is no
 * register for a number.
 */
struct bvm_ir_prog *bvm_blind(const struct bvm_ir_prog *prog, u32 *where, u32 n);

/**
 * bvm_interp - run a program in the interpreter
 * @prog:	program, prepared or not
 * @ctx:	context (r1)
 * Any context incl. NMI; migration disabled, under RCU.  Return: r0, all 64 bits.
 */
u64 bvm_interp(const struct bvm_ir_prog *prog, void *ctx);

#endif /* _BVM_EXEC_H */
