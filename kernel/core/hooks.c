// SPDX-License-Identifier: GPL-2.0-only
/*
 * Events: what kprobes, uprobes, tracepoints and the perf system call ask of BPF
 * (CONFIG_BPF_EVENTS).  The names without bvm_ are those that they call; their
 * declarations are in linux/trace_events.h.
 *
 * Each attach point (struct trace_event_call) has a run list, an array of programs
 * that is read under RCU and replaced as a whole; core.c of kernel/bpf/ keeps these
 * arrays (bpf_prog_array_*).
 */
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/export.h>
#include <linux/filter.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/perf_event.h>
#include <linux/slab.h>
#include <linux/trace_events.h>
#include <linux/tracepoint.h>
#include <linux/uaccess.h>
#include "core.h"

#define BVM_EVENT_PROGS_MAX	64	/* programs on one attach point */

/* Serialises changes of all run lists, and event->prog with them. */
static DEFINE_MUTEX(bvm_run_lists);

static struct bpf_prog_array *bvm_run_list(const struct perf_event *event)
{
	return rcu_dereference_protected(event->tp_event->prog_array,
					 lockdep_is_held(&bvm_run_lists));
}

/*
 * Only one event a CPU runs programs: a program may hold what the next one would
 * wait for, and a probe inside a helper must not run programs for ever.  Balanced
 * by bvm_leave() in both cases.
 */
static __always_inline bool bvm_enter(void)
{
	return __this_cpu_inc_return(bpf_prog_active) == 1;
}

static __always_inline void bvm_leave(void)
{
	__this_cpu_dec(bpf_prog_active);
}

/**
 * trace_call_bpf - an event happened: run the programs attached to it
 * @call:	attach point
 * @ctx:	context of its type of program: registers of a kprobe, record of a
 *		tracepoint
 *
 * Any context incl. NMI, preemption disabled.
 *
 * Return: 0 if the event shall not be recorded by perf, because a program said so
 * or because this CPU was running programs already (which counts as a miss).
 */
unsigned int trace_call_bpf(struct trace_event_call *call, void *ctx)
{
	const struct bpf_prog_array *progs;
	unsigned int ret = 0;

	rcu_read_lock();
	progs = rcu_dereference(call->prog_array);
	if (likely(bvm_enter()))
		ret = bpf_prog_run_array(progs, ctx, bpf_prog_run);
	else
		bpf_prog_inc_misses_counters(progs);
	bvm_leave();
	rcu_read_unlock();
	return ret;
}

/**
 * perf_event_attach_bpf_prog - put a program on the run list of an event
 * @event:	kprobe, uprobe or tracepoint event; perf has checked the program's type
 *		and the context that it reads against it
 * @prog:	program; the caller's reference moves to @event on success
 * @bpf_cookie:	for bpf_get_attach_cookie()
 *
 * Process context, may sleep.
 *
 * Return: 0; -EEXIST if the event has a program or the program is on the list of
 * this attach point; -E2BIG for more than 64 programs there; -ENOMEM.
 */
int perf_event_attach_bpf_prog(struct perf_event *event, struct bpf_prog *prog,
			       u64 bpf_cookie)
{
	struct bpf_prog_array *old, *new;
	int err = -EEXIST;

	mutex_lock(&bvm_run_lists);
	if (event->prog)
		goto out;

	old = bvm_run_list(event);
	if (old && bpf_prog_array_length(old) >= BVM_EVENT_PROGS_MAX) {
		err = -E2BIG;
		goto out;
	}
	err = bpf_prog_array_copy(old, NULL, prog, bpf_cookie, &new);
	if (err < 0)
		goto out;

	event->prog = prog;
	event->bpf_cookie = bpf_cookie;
	rcu_assign_pointer(event->tp_event->prog_array, new);
	/* uprobes walk the list under RCU tasks trace only */
	bpf_prog_array_free_sleepable(old);
	err = 0;
out:
	mutex_unlock(&bvm_run_lists);
	return err;
}

/**
 * perf_event_detach_bpf_prog - take the event's program off the run list
 * @event:	event that is going away, with or without a program
 *
 * Cannot fail: without memory for a shorter list the entry is disabled in place.
 * Drops the event's reference; the program itself waits for those that still run it.
 * Process context, may sleep.
 */
void perf_event_detach_bpf_prog(struct perf_event *event)
{
	struct bpf_prog_array *old, *new;
	struct bpf_prog *prog;

	mutex_lock(&bvm_run_lists);
	prog = event->prog;
	if (!prog)
		goto out;

	/* an event that inherited its program has a reference, but no place on the list */
	old = event->parent ? NULL : bvm_run_list(event);
	if (old) {
		if (bpf_prog_array_copy(old, prog, NULL, 0, &new) < 0) {
			bpf_prog_array_delete_safe(old, prog);
		} else {
			rcu_assign_pointer(event->tp_event->prog_array, new);
			bpf_prog_array_free_sleepable(old);
		}
	}
	event->prog = NULL;
	bpf_prog_put(prog);
out:
	mutex_unlock(&bvm_run_lists);
}

/**
 * perf_event_query_prog_array - PERF_EVENT_IOC_QUERY_BPF
 * @event:	tracepoint event
 * @info:	struct perf_event_query_bpf of the caller
 *
 * Process context, may sleep.
 *
 * Return: 0; -EPERM without CAP_PERFMON; -EINVAL for other events; -E2BIG for more
 * than 64 ids; -ENOSPC with the number of programs when they do not fit; -EFAULT;
 * -ENOMEM.
 */
int perf_event_query_prog_array(struct perf_event *event, void __user *info)
{
	struct perf_event_query_bpf __user *query = info;
	u32 *ids, len, cnt = 0;
	int err;

	if (!perfmon_capable())
		return -EPERM;
	if (event->attr.type != PERF_TYPE_TRACEPOINT)
		return -EINVAL;
	if (get_user(len, &query->ids_len))
		return -EFAULT;
	if (len > BVM_EVENT_PROGS_MAX)
		return -E2BIG;
	ids = kcalloc(len, sizeof(*ids), GFP_USER | __GFP_NOWARN);
	if (!ids)
		return -ENOMEM;

	mutex_lock(&bvm_run_lists);
	err = bpf_prog_array_copy_info(bvm_run_list(event), ids, len, &cnt);
	mutex_unlock(&bvm_run_lists);

	if (put_user(cnt, &query->prog_cnt) ||
	    copy_to_user(query->ids, ids, len * sizeof(*ids)))
		err = -EFAULT;
	kfree(ids);
	return err;
}

/* A link may take the program off the event meanwhile. */
static int bvm_event_prog_id(const struct perf_event *event, u32 *id)
{
	const struct bpf_prog *prog;
	int err = 0;

	rcu_read_lock();
	prog = READ_ONCE(event->prog);
	if (!prog)
		err = -ENOENT;
	else if (prog->type == BPF_PROG_TYPE_PERF_EVENT)
		err = -EOPNOTSUPP;
	else
		*id = prog->aux->id;
	rcu_read_unlock();
	return err;
}

/**
 * bpf_get_perf_event_info - what BPF_TASK_FD_QUERY tells about an event
 * @event:	event
 * @prog_id:	id of its program
 * @fd_type:	BPF_FD_TYPE_*
 * @buf:	tracepoint, symbol or file
 * @probe_offset: bytes from @buf
 * @probe_addr:	address, 0 if the caller may not see it
 * @missed:	events that the probe lost, or NULL
 *
 * Process context.
 *
 * Return: 0; -ENOENT without a program; -EOPNOTSUPP for counters and samples;
 * -EINVAL for a probe that is gone.
 */
int bpf_get_perf_event_info(const struct perf_event *event, u32 *prog_id, u32 *fd_type,
			    const char **buf, u64 *probe_offset, u64 *probe_addr,
			    unsigned long *missed)
{
	bool by_id = event->attr.type == PERF_TYPE_TRACEPOINT;
	const struct trace_event_call *call = event->tp_event;
	int err = bvm_event_prog_id(event, prog_id);

	if (err)
		return err;
#ifdef CONFIG_KPROBE_EVENTS
	if (call->flags & TRACE_EVENT_FL_KPROBE)
		return bpf_get_kprobe_info(event, fd_type, buf, probe_offset,
					   probe_addr, missed, by_id);
#endif
#ifdef CONFIG_UPROBE_EVENTS
	if (call->flags & TRACE_EVENT_FL_UPROBE)
		return bpf_get_uprobe_info(event, fd_type, buf, probe_offset,
					   probe_addr, by_id);
#endif
	*fd_type = BPF_FD_TYPE_TRACEPOINT;
	*buf = call->flags & TRACE_EVENT_FL_TRACEPOINT ? call->tp->name : call->name;
	*probe_offset = 0;
	*probe_addr = 0;
	return 0;
}

/* -------------------------------------------------------- raw tracepoints */

/* linker script: one entry for each tracepoint of the kernel itself */
extern struct bpf_raw_event_map __start__bpf_raw_tp[], __stop__bpf_raw_tp[];

static struct bpf_raw_event_map *bvm_find_raw(struct bpf_raw_event_map *from,
					      struct bpf_raw_event_map *to,
					      const char *name)
{
	for (; from < to; from++)
		if (!strcmp(from->tp->name, name))
			return from;
	return NULL;
}

#ifdef CONFIG_MODULES
/*
 * Modules with tracepoints.  BCC reads from this name in kallsyms that their raw
 * tracepoints can be used.
 */
static LIST_HEAD(bpf_trace_modules);
static DEFINE_MUTEX(bvm_trace_modules_lock);

struct bvm_trace_module {
	struct list_head node;
	struct module *module;
};

static int bvm_trace_module_coming(struct module *module)
{
	struct bvm_trace_module *entry;

	if (!module->num_bpf_raw_events)
		return NOTIFY_DONE;
	entry = kmalloc(sizeof(*entry), GFP_KERNEL);
	if (!entry)
		return notifier_from_errno(-ENOMEM);
	entry->module = module;
	mutex_lock(&bvm_trace_modules_lock);
	list_add(&entry->node, &bpf_trace_modules);
	mutex_unlock(&bvm_trace_modules_lock);
	return NOTIFY_OK;
}

static int bvm_trace_module_going(struct module *module)
{
	struct bvm_trace_module *entry, *next;

	mutex_lock(&bvm_trace_modules_lock);
	list_for_each_entry_safe(entry, next, &bpf_trace_modules, node) {
		if (entry->module == module) {
			list_del(&entry->node);
			kfree(entry);
			break;
		}
	}
	mutex_unlock(&bvm_trace_modules_lock);
	return NOTIFY_OK;
}

static int bvm_trace_module_notify(struct notifier_block *nb, unsigned long op, void *data)
{
	switch (op) {
	case MODULE_STATE_COMING:
		return bvm_trace_module_coming(data);
	case MODULE_STATE_GOING:
		return bvm_trace_module_going(data);
	default:
		return NOTIFY_DONE;
	}
}

static struct notifier_block bvm_trace_module_nb = {
	.notifier_call = bvm_trace_module_notify,
};

static int __init bvm_hooks_init(void)
{
	return register_module_notifier(&bvm_trace_module_nb);
}
fs_initcall(bvm_hooks_init);

/* With a reference to the module. */
static struct bpf_raw_event_map *bvm_find_module_raw(const char *name)
{
	struct bpf_raw_event_map *btp = NULL;
	struct bvm_trace_module *entry;

	mutex_lock(&bvm_trace_modules_lock);
	list_for_each_entry(entry, &bpf_trace_modules, node) {
		struct module *module = entry->module;

		btp = bvm_find_raw(module->bpf_raw_events,
				   module->bpf_raw_events + module->num_bpf_raw_events, name);
		if (!btp)
			continue;
		if (!try_module_get(module))
			btp = NULL;
		break;
	}
	mutex_unlock(&bvm_trace_modules_lock);
	return btp;
}
#else
static struct bpf_raw_event_map *bvm_find_module_raw(const char *name)
{
	return NULL;
}
#endif /* CONFIG_MODULES */

/**
 * bpf_get_raw_tracepoint - a tracepoint by its name
 * @name:	name
 *
 * BCC reads from this function's name in kallsyms that raw tracepoints exist.
 * Process context, may sleep.
 *
 * Return: tracepoint for bpf_put_raw_tracepoint(), or NULL.
 */
struct bpf_raw_event_map *bpf_get_raw_tracepoint(const char *name)
{
	struct bpf_raw_event_map *btp;

	btp = bvm_find_raw(__start__bpf_raw_tp, __stop__bpf_raw_tp, name);
	return btp ?: bvm_find_module_raw(name);
}

/**
 * bpf_put_raw_tracepoint - let the module of a tracepoint go
 * @btp:	what bpf_get_raw_tracepoint() returned
 * Any context.
 */
void bpf_put_raw_tracepoint(struct bpf_raw_event_map *btp)
{
	preempt_disable();
	module_put(__module_address((unsigned long)btp));
	preempt_enable();
}

/**
 * bpf_probe_register - run a program at a raw tracepoint
 * @btp:	tracepoint
 * @link:	its program, and the cookie
 *
 * Process context, may sleep.
 *
 * Return: 0; -EINVAL if the program reads more arguments than the tracepoint has;
 * -EEXIST; -ENOMEM.
 */
int bpf_probe_register(struct bpf_raw_event_map *btp, struct bpf_raw_tp_link *link)
{
	const struct bpf_prog_aux *aux = link->link.prog->aux;

	if (aux->max_ctx_offset > btp->num_args * sizeof(u64) ||
	    aux->max_tp_access > btp->writable_size)
		return -EINVAL;
	return tracepoint_probe_register_may_exist(btp->tp, btp->bpf_func, link);
}

/**
 * bpf_probe_unregister - undo bpf_probe_register()
 * @btp:	tracepoint
 * @link:	same as there; may still run until tracepoint_synchronize_unregister()
 * Process context, may sleep.  Return: 0 or a negative errno.
 */
int bpf_probe_unregister(struct bpf_raw_event_map *btp, struct bpf_raw_tp_link *link)
{
	return tracepoint_probe_unregister(btp->tp, btp->bpf_func, link);
}

/* Tracepoints call with preemption disabled, from any context. */
static noinline notrace void bvm_trace_run(struct bpf_raw_tp_link *link, const u64 *args)
{
	struct bpf_trace_run_ctx run_ctx = { .bpf_cookie = link->cookie };
	struct bpf_prog *prog = link->link.prog;
	struct bpf_run_ctx *old;

	if (likely(bvm_enter())) {
		rcu_read_lock();
		old = bpf_set_run_ctx(&run_ctx.run_ctx);
		bpf_prog_run(prog, args);
		bpf_reset_run_ctx(old);
		rcu_read_unlock();
	} else {
		bpf_prog_inc_misses_counter(prog);
	}
	bvm_leave();
}

/*
 * One function for each number of arguments: the probes that trace/bpf_probe.h
 * generates for every tracepoint call them.
 */
#define BVM_TRACE_RUN(n, params, ...)					\
	void bpf_trace_run##n(struct bpf_raw_tp_link *link, params)	\
	{								\
		const u64 args[] = { __VA_ARGS__ };			\
									\
		BUILD_BUG_ON(ARRAY_SIZE(args) != (n));			\
		bvm_trace_run(link, args);				\
	}								\
	EXPORT_SYMBOL_GPL(bpf_trace_run##n)

BVM_TRACE_RUN(1, PARAMS(u64 a), a);
BVM_TRACE_RUN(2, PARAMS(u64 a, u64 b), a, b);
BVM_TRACE_RUN(3, PARAMS(u64 a, u64 b, u64 c), a, b, c);
BVM_TRACE_RUN(4, PARAMS(u64 a, u64 b, u64 c, u64 d), a, b, c, d);
BVM_TRACE_RUN(5, PARAMS(u64 a, u64 b, u64 c, u64 d, u64 e), a, b, c, d, e);
BVM_TRACE_RUN(6, PARAMS(u64 a, u64 b, u64 c, u64 d, u64 e, u64 f), a, b, c, d, e, f);
BVM_TRACE_RUN(7, PARAMS(u64 a, u64 b, u64 c, u64 d, u64 e, u64 f, u64 g),
	      a, b, c, d, e, f, g);
BVM_TRACE_RUN(8, PARAMS(u64 a, u64 b, u64 c, u64 d, u64 e, u64 f, u64 g, u64 h),
	      a, b, c, d, e, f, g, h);
BVM_TRACE_RUN(9, PARAMS(u64 a, u64 b, u64 c, u64 d, u64 e, u64 f, u64 g, u64 h, u64 i),
	      a, b, c, d, e, f, g, h, i);
BVM_TRACE_RUN(10, PARAMS(u64 a, u64 b, u64 c, u64 d, u64 e, u64 f, u64 g, u64 h, u64 i,
			 u64 j),
	      a, b, c, d, e, f, g, h, i, j);
BVM_TRACE_RUN(11, PARAMS(u64 a, u64 b, u64 c, u64 d, u64 e, u64 f, u64 g, u64 h, u64 i,
			 u64 j, u64 k),
	      a, b, c, d, e, f, g, h, i, j, k);
BVM_TRACE_RUN(12, PARAMS(u64 a, u64 b, u64 c, u64 d, u64 e, u64 f, u64 g, u64 h, u64 i,
			 u64 j, u64 k, u64 l),
	      a, b, c, d, e, f, g, h, i, j, k, l);
