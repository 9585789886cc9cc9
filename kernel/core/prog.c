// SPDX-License-Identifier: GPL-2.0-only
/*
 * Programs: BPF_PROG_LOAD from the attributes to the descriptor, and their end.
 */
#include <crypto/sha1.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/file.h>
#include <linux/license.h>
#include <linux/mutex.h>
#include <linux/security.h>
#include <linux/seq_file.h>
#include <linux/timekeeping.h>
#include <linux/uaccess.h>
#include "../verifier/messages.h"
#include "../verifier/verifier.h"
#include "core.h"

#define BVM_LICENSE_LEN	128
#define BVM_MAX_INSNS	1000000	/* longest program that may be loaded */

/* prog_flags that may be given; what they ask for is the verifier's business */
#define BVM_LOAD_FLAGS	(BPF_F_STRICT_ALIGNMENT | BPF_F_ANY_ALIGNMENT |			\
			 BPF_F_TEST_STATE_FREQ | BPF_F_TEST_RND_HI32 |			\
			 BPF_F_TEST_REG_INVARIANTS | BPF_F_SLEEPABLE)

/* what means something to XDP programs only, and is ignored for others */
#define BVM_LOAD_FLAGS_XDP (BPF_F_XDP_HAS_FRAGS | BPF_F_XDP_DEV_BOUND_ONLY)

/* ---------------------------------------------------- life of a program */

static void bvm_prog_free_parts(struct bvm_prog *prog)
{
	u32 i;

	bvm_prog_free_native(prog);
	bvm_ir_free(prog->ir);
	bvm_claims_free(prog->claims, prog->len);
	if (prog->needs)
		prog->needs->put();
	for (i = 0; i < prog->nr_maps; i++)
		bvm_map_put(prog->maps[i]);
	kfree(prog->maps);
	bvm_put_kfuncs(prog);
	bvm_prog_free_info(prog);
	free_percpu(prog->stats);
	kvfree(prog->insns);
	kvfree(prog);
}

static void bvm_prog_free(struct bvm_obj *obj)
{
	struct bvm_prog *prog = bvm_obj_prog(obj);

	security_bpf_prog_free(&prog->facade);
	bvm_prog_free_parts(prog);
}

/**
 * bvm_prog_alloc - a program without code that nobody else sees yet
 * @type:	its type
 * @len:	instructions, to be written to ->insns
 *
 * Charged to the memory control group of the caller.  Process context.
 *
 * Return: program with one reference, for bvm_prog_put(); or an ERR_PTR().
 */
struct bvm_prog *bvm_prog_alloc(const struct bvm_prog_type *type, u32 len)
{
	struct bvm_prog *prog = kvzalloc(sizeof(*prog), GFP_KERNEL_ACCOUNT);

	if (!prog)
		return ERR_PTR(-ENOMEM);
	prog->type = type;
	prog->len = len;
	bvm_obj_init(&prog->obj, &bvm_prog_kind);
	prog->insns = kvmalloc_array(len, sizeof(*prog->insns), GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	prog->maps = kcalloc(BVM_MAX_MAPS, sizeof(*prog->maps), GFP_KERNEL_ACCOUNT);
	prog->stats = alloc_percpu_gfp(struct bpf_prog_stats, GFP_KERNEL_ACCOUNT);
	if (!prog->insns || !prog->maps || !prog->stats) {
		bvm_prog_free_parts(prog);
		return ERR_PTR(-ENOMEM);
	}
	/* a security module is told of its end even if the load fails early */
	bvm_prog_facade_update(prog);
	return prog;
}

/**
 * bvm_prog_memory - bytes that a program occupies
 * @prog:	program
 */
u64 bvm_prog_memory(const struct bvm_prog *prog)
{
	return sizeof(*prog) + (u64)prog->len * sizeof(*prog->insns) +
	       BVM_MAX_MAPS * sizeof(*prog->maps) +
	       (u64)prog->nr_kfuncs * sizeof(*prog->kfuncs) +
	       (u64)prog->nr_func_info * sizeof(*prog->func_info) +
	       (u64)prog->nr_line_info * sizeof(*prog->line_info) +
	       num_possible_cpus() * sizeof(*prog->stats) +
	       (prog->ir ? (u64)prog->ir->pages * PAGE_SIZE : prog->native->image->code.size);
}

static void bvm_prog_audit(const struct bvm_prog *prog, const char *op)
{
	struct audit_buffer *ab;

	if (audit_enabled == AUDIT_OFF)
		return;
	ab = audit_log_start(audit_context(), GFP_ATOMIC, AUDIT_BPF);
	if (!ab)
		return;
	audit_log_format(ab, "prog-id=%u op=%s", prog->obj.id, op);
	audit_log_end(ab);
}

static bool bvm_prog_quiet(struct bvm_obj *obj)
{
	return bvm_prog_unname(bvm_obj_prog(obj));
}

static void bvm_prog_withdraw(struct bvm_obj *obj)
{
	struct bvm_prog *prog = bvm_obj_prog(obj);

	bvm_prog_announce(prog, false);
	bvm_prog_audit(prog, "UNLOAD");
}

#ifdef CONFIG_PROC_FS
static void bvm_prog_fdinfo(struct seq_file *m, struct file *file)
{
	const struct bvm_prog *prog = bvm_obj_prog(file->private_data);
	struct bvm_run_stats stats;

	bvm_prog_read_stats(prog, &stats);
	seq_printf(m, "prog_type:\t%u\n", prog->type->id);
	seq_printf(m, "prog_jited:\t%u\n", prog->facade.jited);
	seq_printf(m, "prog_tag:\t%*phN\n", BPF_TAG_SIZE, prog->tag);
	seq_printf(m, "memlock:\t%llu\n", bvm_prog_memory(prog));
	seq_printf(m, "prog_id:\t%u\n", prog->obj.id);
	seq_printf(m, "run_time_ns:\t%llu\n", stats.nsecs);
	seq_printf(m, "run_cnt:\t%llu\n", stats.cnt);
	seq_printf(m, "recursion_misses:\t%llu\n", stats.misses);
	seq_printf(m, "verified_insns:\t%u\n", prog->verified);
}
#endif

static const struct file_operations bvm_prog_fops = {
#ifdef CONFIG_PROC_FS
	.show_fdinfo = bvm_prog_fdinfo,
#endif
	.release = bvm_obj_release,
};

/* As bvm_obj_fd(), if a security module lets the caller have it; always for all uses. */
static int bvm_prog_open(struct bvm_obj *obj, int flags)
{
	int err = security_bpf_prog(&bvm_obj_prog(obj)->facade);

	return err < 0 ? err : bvm_obj_fd(obj, O_RDWR);
}

struct bvm_obj_kind bvm_prog_kind = {
	.name = "bpf-prog",
	.fops = &bvm_prog_fops,
	.ids = XARRAY_INIT(bvm_prog_kind.ids, XA_FLAGS_ALLOC1 | XA_FLAGS_LOCK_IRQ),
	.open = bvm_prog_open,
	.withdraw = bvm_prog_withdraw,
	.quiet = bvm_prog_quiet,
	.free = bvm_prog_free,
};

/**
 * bvm_prog_from_fd - the program behind a descriptor
 * @fd:		descriptor
 * Process context.  Return: program with a reference; -EBADF, -EINVAL (something else).
 */
struct bvm_prog *bvm_prog_from_fd(u32 fd)
{
	CLASS(fd, f)(fd);
	struct bvm_prog *prog;

	if (fd_empty(f))
		return ERR_PTR(-EBADF);
	if (fd_file(f)->f_op != &bvm_prog_fops)
		return ERR_PTR(-EINVAL);
	prog = bvm_obj_prog(fd_file(f)->private_data);
	bvm_prog_get(prog);
	return prog;
}

/* ------------------------------------------------------------------ tag */

/* One instruction without what differs from load to load: descriptors of maps. */
static struct bpf_insn bvm_insn_for_tag(const struct bvm_prog *prog, u32 i)
{
	struct bpf_insn insn = prog->insns[i];

	if (bvm_insn_is_map(&insn) || (i && bvm_insn_is_map(&prog->insns[i - 1])))
		insn.imm = 0;
	return insn;
}

/**
 * bvm_insns_tag - compute the tag of some instructions
 * @prog:	program whose instructions they are
 * @from:	first of them
 * @to:		the one behind them
 * @tag:	result
 */
void bvm_insns_tag(const struct bvm_prog *prog, u32 from, u32 to, u8 *tag)
{
	u32 digest[SHA1_DIGEST_WORDS], work[SHA1_WORKSPACE_WORDS];
	struct bpf_insn block[SHA1_BLOCK_SIZE / sizeof(struct bpf_insn)];
	u32 i, used = 0;

	sha1_init(digest);
	for (i = from; i < to; i++) {
		block[used++] = bvm_insn_for_tag(prog, i);
		if (used == ARRAY_SIZE(block)) {
			sha1_transform(digest, (const char *)block, work);
			used = 0;
		}
	}
	/* FIPS 180-4, 5.1.1: a one, zeros, the length in bits in the last 8 bytes */
	memset(&block[used], 0, sizeof(block) - used * sizeof(*block));
	*(u8 *)&block[used] = 0x80;
	if (used == ARRAY_SIZE(block) - 1) {
		sha1_transform(digest, (const char *)block, work);
		memset(block, 0, sizeof(block));
	}
	put_unaligned_be64((u64)(to - from) * sizeof(*block) * 8, &block[ARRAY_SIZE(block) - 1]);
	sha1_transform(digest, (const char *)block, work);

	put_unaligned_be32(digest[0], tag);
	put_unaligned_be32(digest[1], tag + 4);
}

/**
 * bvm_prog_tag - compute the tag
 * @prog:	program whose instructions are as user space passed them
 *
 * The tag, the first 8 bytes of a SHA-1 of the instructions, is how tools recognise
 * the same program on another system: descriptors of maps are left out of it.
 */
void bvm_prog_tag(struct bvm_prog *prog)
{
	bvm_insns_tag(prog, 0, prog->len, prog->tag);
}

/* -------------------------------------------------------- BPF_PROG_LOAD */

/* Who may load a program of this type?  bpf(2), capabilities(7). */
static int bvm_load_permitted(const struct bvm_prog_type *type)
{
	if (!bpf_capable() || !perfmon_capable())
		return -EPERM;
	if ((type->flags & BVM_PROG_NET) && !capable(CAP_NET_ADMIN) && !capable(CAP_SYS_ADMIN))
		return -EPERM;
	return 0;
}

/* All that can be said before memory is spent on the program. */
static int bvm_load_check(const union bpf_attr *attr, const struct bvm_prog_type **typep)
{
	const struct bvm_prog_type *type = bvm_prog_type_find(attr->prog_type);
	int err;

	if (attr->prog_flags & ~(BVM_LOAD_FLAGS | BVM_LOAD_FLAGS_XDP | BPF_F_TOKEN_FD))
		return -EINVAL;
	if (attr->prog_flags & BPF_F_TOKEN_FD)
		return bvm_absent_fd(attr->prog_token_fd);
	/* Before EINVAL for a type: who may not load does not learn what is there. */
	if (!bpf_capable())
		return -EPERM;
	if (!attr->insn_cnt || attr->insn_cnt > BVM_MAX_INSNS)
		return -E2BIG;
	if (!type)
		return -EINVAL;
	err = bvm_load_permitted(type);
	if (err)
		return err;
	*typep = type;
	/* offload to a device */
	return attr->prog_ifindex ? -EINVAL : 0;
}

/* Everything that comes from user memory, and what follows from it. */
static int bvm_load_fill(struct bvm_prog *prog, const union bpf_attr *attr)
{
	char license[BVM_LICENSE_LEN];

	if (copy_from_user(prog->insns, u64_to_user_ptr(attr->insns),
			   array_size(prog->len, sizeof(*prog->insns))))
		return -EFAULT;
	if (strncpy_from_user(license, u64_to_user_ptr(attr->license), sizeof(license) - 1) < 0)
		return -EFAULT;
	license[sizeof(license) - 1] = '\0';
	prog->gpl = license_is_gpl_compatible(license);
	prog->flags = attr->prog_flags & BVM_LOAD_FLAGS;
	prog->attach_type = attr->expected_attach_type;
	prog->uid = current_uid();
	prog->load_time = ktime_get_boottime_ns();
	bvm_prog_tag(prog);
	return bvm_name_copy(prog->name, attr->prog_name);
}

/* Is it sleepable, if it must be, and only if it may? */
static int bvm_load_check_sleep(const struct bvm_prog *prog, struct bvm_log *log)
{
	u32 can = prog->type->flags & (BVM_PROG_SLEEPABLE | BVM_PROG_MAY_SLEEP);

	if (prog->flags & BPF_F_SLEEPABLE)
		return can ? 0 : bvm_log_reject(log, NOT_SLEEPABLE);
	return can & BVM_PROG_SLEEPABLE ? bvm_log_reject(log, SLEEPABLE_ONLY) : 0;
}

/* Verify and lower, with the log in user memory. */
static int bvm_load_compile(struct bvm_prog *prog, const union bpf_attr *attr,
			    union bpf_attr __user *uattr, u32 size)
{
	bool has_true_size = size >= offsetofend(union bpf_attr, log_true_size);
	struct bvm_user_log *log;
	int err;

	log = bvm_user_log_open(attr->log_level, attr->log_size, attr->log_buf);
	if (IS_ERR(log))
		return PTR_ERR(log);
	err = bvm_load_check_sleep(prog, &log->log) ?:
	      bvm_prog_load_info(prog, attr, uattr, &log->log) ?:
	      bvm_prog_check_target(prog, &log->log) ?:
	      bvm_resolve_maps(prog, u64_to_user_ptr(attr->fd_array), &log->log) ?:
	      bvm_check_arena(prog, &log->log) ?:
	      bvm_check_sleepable_maps(prog, &log->log) ?:
	      bvm_resolve_kfuncs(prog, u64_to_user_ptr(attr->fd_array), &log->log) ?:
	      bvm_prog_compile(prog, &log->log);
	return bvm_user_log_close(log, err, has_true_size ? &uattr->log_true_size : NULL);
}

/**
 * bvm_cmd_prog_load - BPF_PROG_LOAD
 * @attr:	prog_type ... prog_token_fd
 * @uattr:	log_true_size is written, if it lies within @size
 * @size:	bytes that user space passed
 * Return: descriptor or a negative errno.
 */
int bvm_cmd_prog_load(union bpf_attr *attr, union bpf_attr __user *uattr, u32 size)
{
	const struct bvm_prog_type *type;
	struct bvm_prog *prog;
	int err;

	err = bvm_load_check(attr, &type);
	if (err)
		return err;
	prog = bvm_prog_alloc(type, attr->insn_cnt);
	if (IS_ERR(prog))
		return PTR_ERR(prog);

	err = bvm_prog_find_target(prog, attr) ?: bvm_load_fill(prog, attr);
	if (err)
		goto put;
	bvm_prog_facade_update(prog);
	err = security_bpf_prog_load(&prog->facade, attr, NULL);
	if (err)
		goto put;
	err = bvm_load_compile(prog, attr, uattr, size);
	if (err)
		goto put;
	err = bvm_obj_publish(&prog->obj);
	if (err)
		goto put;
	bvm_prog_facade_update(prog);
	bvm_prog_announce(prog, true);
	bvm_prog_audit(prog, "LOAD");
	err = bvm_prog_open(&prog->obj, O_RDWR);
put:
	if (err < 0)
		bvm_prog_put(prog);
	return err;
}

/* ------------------------------------------------------------------ ids */

/**
 * bvm_cmd_prog_next_id - BPF_PROG_GET_NEXT_ID
 * @attr:	start_id
 * @uattr:	next_id is written
 * @size:	unused
 * Return: 0 or a negative errno.
 */
int bvm_cmd_prog_next_id(union bpf_attr *attr, union bpf_attr __user *uattr, u32 size)
{
	u32 next;
	int err = bvm_obj_next_id(&bvm_prog_kind, attr->start_id, &next);

	return err ?: put_user(next, &uattr->next_id);
}

/**
 * bvm_cmd_prog_from_id - BPF_PROG_GET_FD_BY_ID
 * @attr:	prog_id
 * @uattr:	unused
 * @size:	unused
 * Return: descriptor or a negative errno.
 */
int bvm_cmd_prog_from_id(union bpf_attr *attr, union bpf_attr __user *uattr, u32 size)
{
	struct bvm_obj *obj = bvm_obj_from_id(&bvm_prog_kind, attr->prog_id);
	int fd;

	if (!obj)
		return -ENOENT;
	fd = bvm_prog_open(obj, O_RDWR);
	if (fd < 0)
		bvm_obj_put(obj);
	return fd;
}

/* ------------------------------------------------------------------ maps */

static DEFINE_MUTEX(bvm_bind_mutex);

/**
 * bvm_cmd_prog_bind_map - BPF_PROG_BIND_MAP: a program keeps a map that it does not use
 * @attr:	.prog_bind_map
 * @uattr:	unused
 * @size:	unused
 * Return: 0, also for a map that the program has already; -E2BIG for more than 64 maps; or
 * what is wrong with a descriptor.
 */
int bvm_cmd_prog_bind_map(union bpf_attr *attr, union bpf_attr __user *uattr, u32 size)
{
	struct bvm_prog *prog;
	struct bvm_map *map;
	int err;

	if (attr->prog_bind_map.flags)
		return -EINVAL;
	prog = bvm_prog_from_fd(attr->prog_bind_map.prog_fd);
	if (IS_ERR(prog))
		return PTR_ERR(prog);
	map = bvm_map_from_fd(attr->prog_bind_map.map_fd, 0);
	err = PTR_ERR_OR_ZERO(map);
	if (!err) {
		mutex_lock(&bvm_bind_mutex);
		err = bvm_prog_add_map(prog, map);
		mutex_unlock(&bvm_bind_mutex);
		bvm_map_put(map);
	}
	bvm_prog_put(prog);
	return min(err, 0);
}
