/* SPDX-License-Identifier: GPL-2.0-only */
/* For tests of the JIT: programs as machine code, and loads that fault. */
#ifndef _BVM_JIT_RUN_H
#define _BVM_JIT_RUN_H

#include "../../kernel/exec/exec.h"
#include "../../kernel/exec/jit.h"

/* in the suites that test what runs programs */
#define EXEC(ir, ctx)	jit_run(ir, ctx)
#define EXEC_TARGET(ir)	jit_target(ir)

/*
 * Pages of a size and protection, near an address if that is not 0.  With host_reuse what is
 * given back is used again, and code stays writable: to map and protect pages takes longer
 * than all else that a fuzzer does.
 */
extern bool host_reuse;
void *host_pages(unsigned long near, size_t size, int prot);
void host_pages_free(void *p, size_t size, int prot);

/* where code goes, how its pages are protected, and bvm_jit_compile()'s @cpu */
extern unsigned long jit_near;
extern int jit_prot;
extern struct bvm_jit_cpu jit_cpu;

/* Runs a program; images are kept as long as the last few programs are the same. */
u64 jit_run(const struct bvm_ir_prog *prog, void *ctx);
/* What a tail call to it goes to; 0 for NULL. */
unsigned long jit_target(const struct bvm_ir_prog *prog);
/* Its image; one that failed the test has none. */
struct bvm_jit_image *jit_image(const struct bvm_ir_prog *prog);
/* Forgets all images. */
void jit_forget(void);

#endif /* _BVM_JIT_RUN_H */
