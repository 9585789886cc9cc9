// SPDX-License-Identifier: GPL-2.0-only
/*
 * The outside of programs and maps: perf, net and security modules know a
 * program as a struct bpf_prog and a map as a struct bpf_map.  BVM embeds one in
 * each of its own objects; this file fills them in and answers what is called
 * with them.  It and hooks.c are the only ones that look inside.
 *
 * The names without bvm_ are those that the rest of the kernel calls.
 */
#include <linux/bpf.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/filter.h>
#include <linux/percpu.h>
#include <linux/perf_event.h>
#include <linux/string.h>
#include <linux/u64_stats_sync.h>
#include "core.h"

/*
 * Programs that run on this CPU on behalf of an event.  Anything that fires inside
 * one (a probe in a helper, an NMI) finds it above 0 and does not run.
 */
DEFINE_PER_CPU(int, bpf_prog_active);

/*
 * What bpf_prog_run() calls.  It passes the (empty) instruction array of the
 * facade, which is as good as the program.
 */
static unsigned int bvm_facade_run(const void *ctx, const struct bpf_insn *insnsi)
{
	const struct bvm_prog *prog = container_of((void *)insnsi, struct bvm_prog,
						   facade.insnsi);

	return prog->run(prog->ir, (void *)ctx);
}

/**
 * bvm_prog_facade_update - write what perf, net and security modules read
 * @prog:	program; before anybody else sees it
 *
 * May be called more than once, keeps what a security module has attached.  The
 * facade claims no JIT image and has no instructions: nobody outside may read
 * either.  cb_access makes the socket layer save and clear skb->cb around programs
 * that run on packets, so that they see neither the data of a protocol nor
 * overwrite them.
 *
 * Process context.
 */
void bvm_prog_facade_update(struct bvm_prog *prog)
{
	struct bpf_prog_aux *aux = &prog->facade_aux;
	struct bpf_prog *facade = &prog->facade;

	facade->type = prog->type->id;
	facade->expected_attach_type = prog->attach_type;
	facade->gpl_compatible = prog->gpl;
	facade->cb_access = !!(prog->type->flags & BVM_PROG_LD_PKT);
	facade->sleepable = !!(prog->flags & BPF_F_SLEEPABLE);
	facade->len = prog->len;
	memcpy(facade->tag, prog->tag, sizeof(facade->tag));
	facade->stats = prog->stats;
	facade->bpf_func = bvm_facade_run;
	if (prog->native) {
		facade->jited = 1;
		facade->jited_len = prog->native->func[0].len;
		facade->bpf_func = (void *)prog->native->image->entry;
	}
	facade->aux = aux;

	aux->prog = facade;
	aux->id = prog->obj.id;
	aux->max_ctx_offset = prog->max_ctx_off;
	aux->max_tp_access = prog->max_tp_access;
	aux->verified_insns = prog->verified;
	aux->load_time = prog->load_time;
	strscpy(aux->name, prog->name);
}

/**
 * bvm_map_facade_update - write what security modules read
 * @map:	map; before anybody else sees it
 *
 * May be called more than once, keeps what a security module has attached.
 * Process context.
 */
void bvm_map_facade_update(struct bvm_map *map)
{
	struct bpf_map *facade = &map->core->facade;

	facade->map_type = map->type->id;
	facade->key_size = map->key_size;
	facade->value_size = map->value_size;
	facade->max_entries = map->max_entries;
	facade->map_flags = map->flags;
	facade->map_extra = map->extra;
	facade->numa_node = map->numa_node;
	facade->id = map->core->obj.id;
	strscpy(facade->name, map->name);
}

/**
 * bvm_prog_announce - tell perf that a program was loaded, or goes away
 * @prog:	program with an id
 * @loaded:	which of them
 *
 * PERF_RECORD_BPF_EVENT for who asked for it, and a PERF_RECORD_KSYMBOL for each function,
 * or one without a length and a name where there is no image.  Atomic context.
 */
void bvm_prog_announce(struct bvm_prog *prog, bool loaded)
{
	const struct bvm_native *native = prog->native;
	const struct bpf_ksym *ksym;
	u32 i;

	for (i = 1; native && i < native->nr_funcs; i++) {
		ksym = &native->func[i].aux->ksym;
		perf_event_ksymbol(PERF_RECORD_KSYMBOL_TYPE_BPF, ksym->start,
				   native->func[i].len, !loaded, ksym->name);
	}
	perf_event_bpf_event(&prog->facade, loaded ? PERF_BPF_EVENT_PROG_LOAD :
						     PERF_BPF_EVENT_PROG_UNLOAD, 0);
}

/**
 * bpf_prog_get - the program behind a file descriptor
 * @ufd:	file descriptor
 *
 * Process context.  Return: program with a reference for bpf_prog_put(), or an
 * ERR_PTR(): -EBADF (no such descriptor), -EINVAL (not a program).
 */
struct bpf_prog *bpf_prog_get(u32 ufd)
{
	struct bvm_prog *prog = bvm_prog_from_fd(ufd);

	return IS_ERR(prog) ? ERR_CAST(prog) : &prog->facade;
}

/**
 * bpf_prog_get_type_dev - the program behind a file descriptor, of one type
 * @ufd:	file descriptor
 * @type:	what it must be
 * @attach_drv:	a program for an offloading device is fine too; BVM has none
 *
 * Network devices and classifiers ask for what they attach.
 *
 * Process context.  Return: as bpf_prog_get(); -EINVAL for another type, and for one that is
 * not attached.
 */
struct bpf_prog *bpf_prog_get_type_dev(u32 ufd, enum bpf_prog_type type, bool attach_drv)
{
	struct bpf_prog *prog = bpf_prog_get(ufd);

	if (!IS_ERR(prog) && (prog->type != type ||
			      bvm_prog_of(prog)->type->flags & BVM_PROG_TEST_ONLY)) {
		bpf_prog_put(prog);
		return ERR_PTR(-EINVAL);
	}
	return prog;
}
EXPORT_SYMBOL_GPL(bpf_prog_get_type_dev);

/**
 * bpf_prog_inc - take another reference
 * @prog:	facade of a program of which the caller holds one
 * Any context.
 */
void bpf_prog_inc(struct bpf_prog *prog)
{
	bvm_prog_get(bvm_prog_of(prog));
}
EXPORT_SYMBOL_GPL(bpf_prog_inc);

/**
 * bpf_prog_inc_not_zero - take a reference unless the last one is gone
 * @prog:	facade of a program that RCU keeps in memory
 * Any context.  Return: @prog, or ERR_PTR(-ENOENT).
 */
struct bpf_prog *bpf_prog_inc_not_zero(struct bpf_prog *prog)
{
	if (!refcount_inc_not_zero(&bvm_prog_of(prog)->obj.refs))
		return ERR_PTR(-ENOENT);
	return prog;
}
EXPORT_SYMBOL_GPL(bpf_prog_inc_not_zero);

/**
 * bpf_prog_add - take several references
 * @prog:	facade of a program of which the caller holds one
 * @i:		how many
 * Any context.
 */
void bpf_prog_add(struct bpf_prog *prog, int i)
{
	refcount_add(i, &bvm_prog_of(prog)->obj.refs);
}
EXPORT_SYMBOL_GPL(bpf_prog_add);

/**
 * bpf_prog_sub - give back references that bpf_prog_add() took
 * @prog:	facade of a program of which the caller holds one more
 * @i:		how many
 *
 * For callers that fail after bpf_prog_add(); never the last reference.
 * Any context.
 */
void bpf_prog_sub(struct bpf_prog *prog, int i)
{
	WARN_ON_ONCE(refcount_sub_and_test(i, &bvm_prog_of(prog)->obj.refs));
}
EXPORT_SYMBOL_GPL(bpf_prog_sub);

/**
 * bpf_prog_put - drop a reference
 * @prog:	facade
 * Any context incl. NMI: freeing is deferred.
 */
void bpf_prog_put(struct bpf_prog *prog)
{
	bvm_prog_put(bvm_prog_of(prog));
}
EXPORT_SYMBOL_GPL(bpf_prog_put);

/**
 * bpf_prog_inc_misses_counter - count a run that did not happen
 * @prog:	facade
 * Any context incl. NMI.
 */
void notrace bpf_prog_inc_misses_counter(struct bpf_prog *prog)
{
	struct bpf_prog_stats *stats = get_cpu_ptr(prog->stats);
	unsigned long flags;

	flags = u64_stats_update_begin_irqsave(&stats->syncp);
	u64_stats_inc(&stats->misses);
	u64_stats_update_end_irqrestore(&stats->syncp, flags);
	put_cpu_ptr(prog->stats);
}

#ifdef CONFIG_BPF_JIT
/*
 * Trampolines and the XDP dispatcher are not built under BVM, but the classic JIT and
 * the net core refer to them.  Nobody makes a trampoline, so nobody calls the first
 * five; the dispatcher is a short cut to XDP programs that the kernel does without.
 */
bpf_trampoline_enter_t bpf_trampoline_enter(const struct bpf_prog *prog)
{
	return NULL;
}

bpf_trampoline_exit_t bpf_trampoline_exit(const struct bpf_prog *prog)
{
	return NULL;
}

void notrace __bpf_tramp_enter(struct bpf_tramp_image *tr)
{
}

void notrace __bpf_tramp_exit(struct bpf_tramp_image *tr)
{
}

void bpf_trampoline_put(struct bpf_trampoline *tr)
{
}

void bpf_dispatcher_change_prog(struct bpf_dispatcher *d, struct bpf_prog *from,
				struct bpf_prog *to)
{
}
#endif /* CONFIG_BPF_JIT */
