/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Between the JIT (jit.c) and its back ends in arch/, which include this header,
 * flow.h and ir.h and nothing else of BVM.
 *
 * A back end is one function that walks over the whole program and says what it would
 * emit, until the lengths have settled, and then emits it.  What it knows of an
 * instruction's surroundings is in struct bvm_jit::about.
 */
#ifndef _BVM_JIT_H
#define _BVM_JIT_H

#include "flow.h"
#include "ir.h"

/* @features: the tests' programs probe user space, the only memory that they have */
#define BVM_JIT_PROBE_USER BIT(31)

/* Bytes of an image at most: what is that much closer than a call reaches, every call reaches. */
#define BVM_JIT_SIZE	BIT(25)

/**
 * struct bvm_jit_fault - a load that may fault
 * @insn:	byte offset of the instruction
 * @fixup:	byte offset of where to go on; the destination is 0 then
 */
struct bvm_jit_fault {
	u32 insn, fixup;
};

/**
 * struct bvm_jit - one pass of a back end
 * @prog:	program
 * @at:		[prog->len + 1] byte offset of the code of each IR instruction (where a function
 *		begins: of its prologue).  The back end overwrites them as it goes along; those
 *		ahead are from the pass before, and never too small
 * @about:	[prog->len] BVM_AT_* of each IR instruction; the registers are those whose
 *		values after it may still be read
 * @out:	NULL: only count
 * @len:	bytes emitted so far
 * @features:	of the CPU, each back end has its own bits
 * @addr:	address at which byte 0 will run, 0 while that is not known: then calls of the
 *		kernel have their longest form
 * @fault:	loads that may fault, NULL while counting
 * @nr_faults:	number of them
 * @tail_entry:	byte offset at which a tail call enters; byte 0 is where the kernel does
 */
struct bvm_jit {
	const struct bvm_ir_prog *prog;
	u32 *at;
	const u16 *about;
	u8 *out;
	u32 len;
	u32 features;
	unsigned long addr;
	struct bvm_jit_fault *fault;
	u32 nr_faults;
	u32 tail_entry;
};

/**
 * struct bvm_jit_image - a program as machine code
 * @tail_entry:	address at which a tail call enters: first, for TAIL_CALL reads it
 * @entry:	what the kernel calls
 * @size:	bytes of code
 * @nr_faults:	entries of @fault
 * @fault:	loads that may fault, in ascending order
 */
struct bvm_jit_image {
	unsigned long tail_entry;
	u64 (*entry)(void *ctx);
	u32 size;
	u32 nr_faults;
	struct bvm_jit_fault fault[];
};

/**
 * bvm_arch_jit - one pass over a program
 * @jit:	all but @jit->prog, @jit->about, @jit->out, @jit->addr, @jit->features are results
 *
 * Lengths depend on @jit->at, @jit->addr and the program only, and do not grow when the
 * distances shrink.  Process context.  Return: 0, or -EOPNOTSUPP for an operation that the
 * back end does not have: the interpreter runs the program then.
 */
int bvm_arch_jit(struct bvm_jit *jit);

/**
 * bvm_jit_compile - machine code of a program
 * @prog:	lowered program
 * @features:	of the CPU, for the back end
 *
 * Process context, may sleep.  Return: image for bvm_jit_free(), or an ERR_PTR(): -ENOMEM,
 * -EOPNOTSUPP.
 */
struct bvm_jit_image *bvm_jit_compile(const struct bvm_ir_prog *prog, u32 features);

/**
 * bvm_jit_free - free an image
 * @image:	image that no one runs any more, or NULL
 */
void bvm_jit_free(struct bvm_jit_image *image);

/* Memory of images, which the kernel and the host build have each their own of. */

/**
 * bvm_jit_code_alloc - memory that code can be written to
 * @size:	bytes
 * Return: its address, at which the code will run too, or NULL.
 */
u8 *bvm_jit_code_alloc(u32 size);

/**
 * bvm_jit_code_seal - make written code executable and read-only
 * @code:	of bvm_jit_code_alloc()
 * @size:	as there
 * Return: 0 or the error of the architecture.
 */
int bvm_jit_code_seal(u8 *code, u32 size);

/**
 * bvm_jit_code_free - give code back
 * @code:	of bvm_jit_code_alloc(), or NULL
 * @size:	as there
 */
void bvm_jit_code_free(u8 *code, u32 size);

#endif /* _BVM_JIT_H */
