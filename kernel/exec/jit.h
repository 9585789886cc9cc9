/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Between the JIT (jit.c) and its back ends in arch/, which include this header,
 * flow.h and ir.h and nothing else of BVM.
 *
 * A back end is a function that walks over the whole program and writes a draft of its
 * code, with links where distances matter; another one writes those when the lengths have
 * settled (jit_link.c).  What it knows of an instruction's surroundings is in struct
 * bvm_jit::about.
 */
#ifndef _BVM_JIT_H
#define _BVM_JIT_H

#include "flow.h"
#include "ir.h"

/* bvm_jit_cpu::features: the tests' programs probe user space, the only memory that they have */
#define BVM_JIT_PROBE_USER BIT(31)

/* Bytes of an image at most: what is that much closer than a call reaches, every call reaches. */
#define BVM_JIT_SIZE	BIT(25)

/**
 * struct bvm_jit_fault - a load or store that may fault
 * @insn:	byte offset of the instruction
 * @fixup:	byte offset of where to go on; a load's destination is 0 already
 */
struct bvm_jit_fault {
	u32 insn, fixup;
};

/**
 * struct bvm_jit_cpu - what machine code depends on besides the program
 * @features:	each back end has its own bits
 * @jump:	x86: where jumps and calls through each register go instead, or 0
 * @ret:	x86: where returns go instead, or 0
 * @percpu:	x86: where a CPU has the distance to its variables, from where gs points
 */
struct bvm_jit_cpu {
	u32 features;
	s32 percpu;
	unsigned long jump[16];
	unsigned long ret;
};

/**
 * struct bvm_jit_link - a few bytes that depend on a distance
 * @to:		where it goes: IR instruction, or an address of the kernel's
 * @add:	bytes behind the beginning of that instruction's code
 * @arg:	the back end's
 * @kind:	the back end's: row of bvm_arch_reach[]
 * @is_address:	@to is one
 * @size:	bytes that it has: at first those of its longest form
 * @draft_size:	bytes in the draft
 * @saved:	bytes by which it has just become shorter
 * @draft:	byte offset behind it in the draft
 * @end:	byte offset behind it
 */
struct bvm_jit_link {
	u64 to;
	u32 add, arg;
	u8 kind;
	bool is_address;
	u8 size, draft_size, saved;
	u32 draft, end;
};

/**
 * struct bvm_jit_reach - how far the shorter form of a kind of link goes
 * @size:	its bytes; those of the longest if there is none
 * @ahead:	bytes between its end and where it goes, at most
 * @back:	bytes between where it goes and its beginning, at most
 */
struct bvm_jit_reach {
	u8 size;
	s64 ahead, back;
};

/**
 * struct bvm_jit - a program that is being compiled
 * @prog:	program
 * @at:		[prog->len + 1] byte offset of the code of each IR instruction (where a function
 *		begins: of its prologue), of the back end
 * @about:	[prog->len] BVM_AT_* of each IR instruction; the registers are those whose
 *		values after it may still be read
 * @wide:	[prog->len] registers whose upper halves may still be read after each IR instruction
 * @cpu:	what it is for
 * @addr:	address at which byte 0 will run, 0 while that is not known
 * @out:	[@room] draft
 * @room:	bytes that there is memory for
 * @len:	bytes of code
 * @link:	[@links_room] links in ascending order
 * @nr_links:	number of them
 * @links_room:	that there is memory for
 * @fault:	[@faults_room] loads and stores that may fault, in ascending order
 * @nr_faults:	number of them
 * @faults_room: that there is memory for
 * @tail_entry:	byte offset at which a tail call enters, no link before it gets shorter;
 *		byte 0 is where the kernel does
 * @err:	-ENOMEM or -EOPNOTSUPP: the draft is void
 */
struct bvm_jit {
	const struct bvm_ir_prog *prog;
	u32 *at;
	const u16 *about, *wide;
	const struct bvm_jit_cpu *cpu;
	unsigned long addr;
	u8 *out;
	u32 len;
	u32 room;
	struct bvm_jit_link *link;
	u32 nr_links;
	u32 links_room;
	struct bvm_jit_fault *fault;
	u32 nr_faults;
	u32 faults_room;
	u32 tail_entry;
	int err;
};

/**
 * struct bvm_jit_code - memory of an image, which the kernel and the host build have each
 * their own of
 * @code:	where the code will run
 * @buf:	where it is to be written; gone once it is sealed
 * @size:	bytes of code that there is room for
 * @own:	of the owner of this memory
 */
struct bvm_jit_code {
	u8 *code, *buf;
	u32 size;
	void *own[3];
};

/**
 * struct bvm_jit_image - a program as machine code
 * @tail_entry:	address at which a tail call enters: first, for TAIL_CALL reads it
 * @entry:	what the kernel calls
 * @size:	bytes of code
 * @code:	its memory
 * @nr_faults:	entries of @fault
 * @fault:	loads and stores that may fault, in ascending order
 */
struct bvm_jit_image {
	unsigned long tail_entry;
	u64 (*entry)(void *ctx);
	u32 size;
	struct bvm_jit_code code;
	u32 nr_faults;
	struct bvm_jit_fault fault[];
};

/**
 * bvm_arch_jit - the draft of a program
 * @jit:	its @at, @out, @link, @fault and @tail_entry are results
 *
 * Process context.  Return: 0, or -EOPNOTSUPP for an operation that the back end does not
 * have: the interpreter runs the program then.
 */
int bvm_arch_jit(struct bvm_jit *jit);

/* By struct bvm_jit_link::kind, of the back end. */
extern const struct bvm_jit_reach bvm_arch_reach[];

/**
 * bvm_arch_link - write a link
 * @jit:	code that it is in
 * @link:	link; its @size says which of its forms it has
 * @out:	where to
 * @off:	distance from its end to where it goes
 */
void bvm_arch_link(const struct bvm_jit *jit, const struct bvm_jit_link *link, u8 *out, s64 off);

/**
 * bvm_jit_grow - more room for the draft, or @jit->err
 * @jit:	program
 *
 * Of bvm_jit_room().
 */
void bvm_jit_grow(struct bvm_jit *jit);

/**
 * bvm_jit_room - where the next bytes of the draft go
 * @jit:	program
 * @bytes:	at most so many, few
 */
static inline u8 *bvm_jit_room(struct bvm_jit *jit, u32 bytes)
{
	if (jit->len + bytes > jit->room)
		bvm_jit_grow(jit);
	return jit->out + jit->len;
}

/**
 * bvm_jit_link - append a link to the draft
 * @jit:	program
 * @link:	its @to, @add, @arg, @kind, @is_address, and @size of the longest form
 */
void bvm_jit_link(struct bvm_jit *jit, struct bvm_jit_link link);

/**
 * bvm_jit_may_fault - an instruction may fault
 * @jit:	program
 * @at:		its byte offset in the draft
 * @to:		IR instruction to go on with then
 */
void bvm_jit_may_fault(struct bvm_jit *jit, u32 at, u32 to);

/**
 * bvm_jit_settle - shorten links, as many as possible
 * @jit:	program; its offsets are those of the shorter code then
 */
void bvm_jit_settle(struct bvm_jit *jit);

/**
 * bvm_jit_write - the code, from its draft
 * @jit:	program of bvm_jit_settle()
 * @to:		[@jit->len]
 */
void bvm_jit_write(const struct bvm_jit *jit, u8 *to);

/**
 * bvm_jit_compile - machine code of a program
 * @prog:	lowered program
 * @cpu:	what it is for
 * @at:		[@prog->len + 1] for the byte offset of the code of each IR instruction, or NULL
 *
 * Process context, may sleep.  Return: image for bvm_jit_free(), or an ERR_PTR(): -ENOMEM,
 * -EOPNOTSUPP.
 */
struct bvm_jit_image *bvm_jit_compile(const struct bvm_ir_prog *prog,
				      const struct bvm_jit_cpu *cpu, u32 *at);

/**
 * bvm_jit_free - free an image
 * @image:	image that no one runs any more, or NULL
 */
void bvm_jit_free(struct bvm_jit_image *image);

/**
 * bvm_jit_code_alloc - memory that code can be written to
 * @c:		result
 * @size:	bytes of code
 * @nr_faults:	loads in it that may fault
 *
 * Process context, may sleep.  Return: true if there is some.
 */
bool bvm_jit_code_alloc(struct bvm_jit_code *c, u32 size, u32 nr_faults);

/**
 * bvm_jit_code_seal - make written code executable and read-only
 * @c:		of bvm_jit_code_alloc()
 * @len:	bytes of code, the rest is to trap
 * @fault:	loads that may fault, as many as there
 * @nr_faults:	number of them
 * Return: 0 or the error of the architecture: @c is gone then.
 */
int bvm_jit_code_seal(struct bvm_jit_code *c, u32 len, const struct bvm_jit_fault *fault,
		      u32 nr_faults);

/**
 * bvm_jit_code_free - give code back
 * @c:		of bvm_jit_code_alloc(), or zeroed
 */
void bvm_jit_code_free(struct bvm_jit_code *c);

/* Of the kernel only. */

struct exception_table_entry;

/**
 * bvm_jit_extable - the loads that may fault, as the exception handler finds them
 * @image:	image
 * Return: table of @image->nr_faults entries, NULL: there are none.
 */
const struct exception_table_entry *bvm_jit_extable(const struct bvm_jit_image *image);

/**
 * bvm_arch_jit_supported - has the back end all that this kernel protects itself with?
 */
bool bvm_arch_jit_supported(void);

/**
 * bvm_arch_jit_cpu - what this machine is like, for bvm_jit_compile()
 * @cpu:	result, zeroed before
 */
void bvm_arch_jit_cpu(struct bvm_jit_cpu *cpu);

/**
 * bvm_arch_jit_fill - fill with instructions that trap
 * @area:	where
 * @size:	bytes
 */
void bvm_arch_jit_fill(void *area, unsigned int size);

/**
 * bvm_arch_jit_fixup - how the exception handler goes on at a fixup
 * @entry:	entry of which everything but the addresses is to be filled in
 */
void bvm_arch_jit_fixup(struct exception_table_entry *entry);

#endif /* _BVM_JIT_H */
