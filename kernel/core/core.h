/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Private to core/ (and progs/, which attach and test-run): programs and maps as
 * kernel objects with ids, references and file descriptors.
 */
#ifndef _BVM_CORE_H
#define _BVM_CORE_H

#include <linux/bpf.h>
#include <linux/filter.h>
#include "../bvm.h"
#include "../exec/exec.h"

/**
 * struct bvm_prog - a loaded program
 * @type:	its type
 * @ir:		what runs
 * @run:	how it runs: bvm_interp() now, a JIT image later
 * @facade:	the struct bpf_prog that perf and net hold; last, because it ends in a
 *		flexible array.  Only core/hooks.c and core/abi.c look inside.
 *
 * The rest is bookkeeping for bpf(2).
 */
struct bvm_prog {
	const struct bvm_prog_type *type;
	struct bvm_ir_prog *ir;
	u64 (*run)(const struct bvm_ir_prog *ir, void *ctx);
	u32 max_ctx_off;
	u32 id;
	refcount_t refs;
	/* ... core engineer: maps, insns, tag, name, uid, load time, stats, memcg ... */
	struct bpf_prog_aux facade_aux;
	struct bpf_prog facade;
};

static inline struct bvm_prog *bvm_prog_of(const struct bpf_prog *facade)
{
	return container_of(facade, struct bvm_prog, facade);
}

/* tables of descriptors, core/tables.c: the one place that lists them all */
extern const struct bvm_map_type *const bvm_map_types[];
extern const struct bvm_prog_type *const bvm_prog_types[];
const struct bvm_map_type *bvm_map_type_find(u32 id);
const struct bvm_prog_type *bvm_prog_type_find(u32 id);

/* descriptors, one a file in maps/ and progs/ */
extern const struct bvm_map_type bvm_array_map, bvm_hash_map, bvm_percpu_hash_map,
	bvm_perf_event_array_map;
extern const struct bvm_prog_type bvm_kprobe_prog, bvm_tracepoint_prog,
	bvm_socket_filter_prog;

/* programs: references that count, and the file behind a fd */
void bvm_prog_get(struct bvm_prog *prog);
void bvm_prog_put(struct bvm_prog *prog);	/* any context incl. NMI */
struct bvm_prog *bvm_prog_from_fd(u32 fd);	/* with a reference, or ERR_PTR */

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
	u32 retval;
	u32 duration;
};

/* Runs @prog @run->repeat times on @ctx with what a test run needs: migration disabled,
 * RCU, rescheduling in between, -EINTR on signals; sets retval and duration.  core/test_run.c */
int bvm_test_run_repeat(struct bvm_prog *prog, void *ctx, struct bvm_test_run *run);

#endif /* _BVM_CORE_H */
