// SPDX-License-Identifier: GPL-2.0-only
/*
 * What BPF_PROG_LOAD says about a program besides its code: the types of its functions,
 * the source lines of its instructions, and the type of the kernel that it attaches to.
 */
#include <linux/bitmap.h>
#include <linux/uaccess.h>
#include "core.h"

#define BVM_RECORD_MAX	252	/* bytes of a record of a future kernel */

/**
 * struct bvm_records - an array of records in user memory
 * @user:	where it is
 * @count:	records
 * @size:	bytes of one there; more than @known must be zero
 * @known:	bytes of one that this kernel knows
 * @name:	as messages call it
 * @size_out:	told @known when a record uses more
 */
struct bvm_records {
	u64 user;
	u32 count;
	u32 size;
	u32 known;
	const char *name;
	__u32 __user *size_out;
};

static bool bvm_records_size_ok(const struct bvm_records *records)
{
	return records->size >= records->known && records->size <= BVM_RECORD_MAX &&
	       records->size % sizeof(u32) == 0;
}

static int bvm_record_read(const struct bvm_records *records, u32 i, void *to, struct bvm_log *log)
{
	void __user *from = u64_to_user_ptr(records->user) + (u64)i * records->size;
	int err = bvm_user_tail_is_zero(from, records->known, records->size);

	if (err == -E2BIG) {
		bvm_log(log, "nonzero tailing record in %s", records->name);
		if (put_user(records->known, records->size_out))
			return -EFAULT;
	}
	if (err)
		return err;
	return copy_from_user(to, from, records->known) ? -EFAULT : 0;
}

/* --------------------------------------------------- where functions begin */

static void bvm_mark_func(unsigned long *starts, u32 len, s64 insn)
{
	/* one outside of the program is the verifier's business */
	if (insn >= 0 && insn < len)
		__set_bit(insn, starts);
}

/* A bit for each instruction that a function begins with; NULL for lack of memory. */
static unsigned long *bvm_func_starts(const struct bvm_prog *prog)
{
	unsigned long *starts = bitmap_zalloc(prog->len, GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	u32 i;

	if (!starts)
		return NULL;
	__set_bit(0, starts);
	for (i = 0; i < prog->len; i++) {
		const struct bpf_insn *insn = &prog->insns[i];

		if ((insn->code == (BPF_JMP | BPF_CALL) && insn->src_reg == BPF_PSEUDO_CALL) ||
		    (insn->code == (BPF_LD | BPF_IMM | BPF_DW) &&
		     insn->src_reg == BPF_PSEUDO_FUNC))
			bvm_mark_func(starts, prog->len, (s64)i + 1 + insn->imm);
	}
	return starts;
}

/* -------------------------------------------------------------- functions */

/* One record by itself; @prev is the one before, or NULL. */
static int bvm_func_info_check(const struct bvm_btf *btf, const struct bpf_func_info *info,
			       const struct bpf_func_info *prev, struct bvm_log *log)
{
	const struct btf_type *t = bvm_btf_type(btf, info->type_id);

	if (!prev && info->insn_off) {
		bvm_log(log, "nonzero insn_off %u for the first func info record",
			info->insn_off);
		return -EINVAL;
	}
	if (prev && info->insn_off <= prev->insn_off) {
		bvm_log(log, "same or smaller insn offset (%u) than previous func info record (%u)",
			info->insn_off, prev->insn_off);
		return -EINVAL;
	}
	if (!t || bvm_btf_kind(t) != BTF_KIND_FUNC) {
		bvm_log(log, "invalid type id %d in func info", info->type_id);
		return -EINVAL;
	}
	return 0;
}

static int bvm_load_func_info(struct bvm_prog *prog, const struct bvm_records *records,
			      const unsigned long *starts, struct bvm_log *log)
{
	u32 i, funcs = bitmap_weight(starts, prog->len);
	struct bpf_func_info *info;
	int err;

	if (!records->count)
		return 0;
	if (!bvm_records_size_ok(records)) {
		bvm_log(log, "invalid func info rec size %u\n", records->size);
		return -EINVAL;
	}
	info = kvcalloc(min(records->count, prog->len), sizeof(*info),
			GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!info)
		return -ENOMEM;
	prog->func_info = info;
	for (i = 0; i < min(records->count, prog->len); i++) {
		err = bvm_record_read(records, i, &info[i], log) ?:
		      bvm_func_info_check(&prog->btf->types, &info[i], i ? &info[i - 1] : NULL,
					  log);
		if (err)
			return err;
	}
	if (records->count != funcs) {
		bvm_log(log, "number of funcs in func_info doesn't match number of subprogs\n");
		return -EINVAL;
	}
	for (i = 0; i < funcs; i++)
		if (info[i].insn_off >= prog->len || !test_bit(info[i].insn_off, starts))
			break;
	if (i < funcs) {
		bvm_log(log,
			"func_info BTF section doesn't match subprog layout in BPF program\n");
		return -EINVAL;
	}
	prog->nr_func_info = funcs;
	return 0;
}

/* ------------------------------------------------------------ source lines */

static int bvm_line_info_check(const struct bvm_prog *prog, u32 i, struct bvm_log *log)
{
	const struct bpf_line_info *line = &prog->line_info[i];
	u32 prev = i ? line[-1].insn_off : 0;

	if ((i && line->insn_off <= prev) || line->insn_off >= prog->len) {
		bvm_log(log, "Invalid line_info[%u].insn_off:%u (prev_offset:%u prog->len:%u)\n",
			i, line->insn_off, prev, prog->len);
		return -EINVAL;
	}
	/* the second half of a wide instruction */
	if (!prog->insns[line->insn_off].code) {
		bvm_log(log, "Invalid insn code at line_info[%u].insn_off\n", i);
		return -EINVAL;
	}
	if (!bvm_btf_has_str(&prog->btf->types, line->line_off) ||
	    !bvm_btf_has_str(&prog->btf->types, line->file_name_off)) {
		bvm_log(log, "Invalid line_info[%u].line_off or .file_name_off\n", i);
		return -EINVAL;
	}
	return 0;
}

/**
 * struct bvm_func_cursor - functions, in order, that still lack a line
 * @starts:	where functions begin
 * @next:	first instruction of the next one, or the length of the program
 * @nr:		its number
 */
struct bvm_func_cursor {
	const unsigned long *starts;
	u32 next;
	u32 nr;
};

/* Every function begins with a line. */
static int bvm_line_info_func(const struct bvm_prog *prog, u32 insn, struct bvm_func_cursor *func,
			      struct bvm_log *log)
{
	if (func->next > insn)
		return 0;
	if (func->next < insn) {
		bvm_log(log, "missing bpf_line_info for func#%u\n", func->nr);
		return -EINVAL;
	}
	func->next = find_next_bit(func->starts, prog->len, insn + 1);
	func->nr++;
	return 0;
}

static int bvm_load_line_info(struct bvm_prog *prog, const struct bvm_records *records,
			      const unsigned long *starts, struct bvm_log *log)
{
	u32 i, funcs = bitmap_weight(starts, prog->len);
	struct bvm_func_cursor func = { .starts = starts };
	int err;

	if (!records->count)
		return 0;
	if (!bvm_records_size_ok(records) ||
	    records->count > INT_MAX / sizeof(*prog->line_info))
		return -EINVAL;
	/* as many as there are instructions are enough: offsets grow, and must lie inside */
	prog->line_info = kvcalloc(min(records->count, prog->len + 1), sizeof(*prog->line_info),
				   GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!prog->line_info)
		return -ENOMEM;
	for (i = 0; i < records->count; i++) {
		err = bvm_record_read(records, i, &prog->line_info[i], log) ?:
		      bvm_line_info_check(prog, i, log) ?:
		      bvm_line_info_func(prog, prog->line_info[i].insn_off, &func, log);
		if (err)
			return err;
	}
	if (func.nr != funcs) {
		bvm_log(log, "missing bpf_line_info for %u funcs starting from func#%u\n",
			funcs - func.nr, func.nr);
		return -EINVAL;
	}
	prog->nr_line_info = records->count;
	return 0;
}

/**
 * bvm_prog_load_info - types and source lines of a program
 * @prog:	program with its instructions as user space passed them
 * @attr:	prog_btf_fd, func_info..., line_info..., core_relo_cnt
 * @uattr:	size of a record is written if a record has more than this kernel knows
 * @log:	log
 *
 * Process context, may sleep.  What was read before an error is freed with the program.
 *
 * Return: 0; -EBADF, -EINVAL for what is behind prog_btf_fd, -EACCES for types of the
 * kernel; -EINVAL, -E2BIG with a message; -EFAULT, -ENOMEM.
 */
int bvm_prog_load_info(struct bvm_prog *prog, const union bpf_attr *attr,
		       union bpf_attr __user *uattr, struct bvm_log *log)
{
	const struct bvm_records funcs = {
		attr->func_info, attr->func_info_cnt, attr->func_info_rec_size,
		sizeof(struct bpf_func_info), "func info", &uattr->func_info_rec_size,
	};
	const struct bvm_records lines = {
		attr->line_info, attr->line_info_cnt, attr->line_info_rec_size,
		sizeof(struct bpf_line_info), "line_info", &uattr->line_info_rec_size,
	};
	struct bvm_btf_obj *btf;
	unsigned long *starts;
	int err;

	/* A program whose relocations were not applied reads the wrong offsets. */
	if (attr->core_relo_cnt) {
		bvm_log(log, "CO-RE relocations by the kernel are not supported\n");
		return -EINVAL;
	}
	if (!funcs.count && !lines.count)
		return 0;
	btf = bvm_btf_from_fd(attr->prog_btf_fd);
	if (IS_ERR(btf))
		return PTR_ERR(btf);
	prog->btf = btf;
	if (btf->name[0])
		return -EACCES;
	starts = bvm_func_starts(prog);
	if (!starts)
		return -ENOMEM;
	err = bvm_load_func_info(prog, &funcs, starts, log) ?:
	      bvm_load_line_info(prog, &lines, starts, log);
	bitmap_free(starts);
	return err;
}

/* ---------------------------------------------------------- attach target */

/**
 * bvm_prog_find_target - the kernel's type that a program will be attached to
 * @prog:	program
 * @attr:	attach_btf_id, attach_btf_obj_fd (none: the kernel's own types)
 *
 * Nothing for types of programs that have no use for it.  Process context, may sleep.
 *
 * Return: 0, then @prog has the object and the id, which are not checked yet; -EINVAL;
 * -ENOTSUPP for types of user space.
 */
int bvm_prog_find_target(struct bvm_prog *prog, const union bpf_attr *attr)
{
	struct bvm_btf_obj *btf = NULL;

	if (attr->attach_btf_obj_fd) {
		btf = bvm_btf_from_fd(attr->attach_btf_obj_fd);
		if (IS_ERR(btf))
			return -EINVAL;
	} else if (attr->attach_btf_id) {
		btf = bvm_btf_get_vmlinux();
	}
	prog->attach_btf = btf;
	prog->attach_btf_id = attr->attach_btf_id;
	if (btf && !btf->name[0])
		return -ENOTSUPP;
	if (!btf != !attr->attach_btf_id || attr->attach_btf_id > BTF_MAX_TYPE)
		return -EINVAL;
	if (btf && !(prog->type->flags & BVM_PROG_BTF_CTX))
		return -EINVAL;
	return 0;
}

/**
 * bvm_prog_check_target - let a type of program see what it will be attached to
 * @prog:	program, after bvm_prog_find_target()
 * @log:	log
 *
 * From now on the module whose types they are stays loaded: what the program will read is
 * laid out as that module says.  Process context, may sleep.
 *
 * Return: 0 or a negative errno, with a message.
 */
int bvm_prog_check_target(struct bvm_prog *prog, struct bvm_log *log)
{
	if (!(prog->type->flags & BVM_PROG_BTF_CTX))
		return 0;
	if (!prog->attach_btf_id) {
		bvm_log(log, "Tracing programs must provide btf_id\n");
		return -EINVAL;
	}
	if (prog->attach_btf->module) {
		prog->attach_module = bvm_btf_get_module(prog->attach_btf);
		if (!prog->attach_module)
			return -ENOENT;
	}
	if (!bvm_btf_types(prog->attach_btf))
		return -EINVAL;
	if (!bvm_btf_type(bvm_btf_types(prog->attach_btf), prog->attach_btf_id)) {
		bvm_log(log, "attach_btf_id %u is invalid\n", prog->attach_btf_id);
		return -EINVAL;
	}
	return prog->type->target(prog, log);
}

/**
 * bvm_prog_free_info - drop what the functions above have found
 * @prog:	program
 */
void bvm_prog_free_info(struct bvm_prog *prog)
{
	kvfree(prog->func_info);
	kvfree(prog->line_info);
	if (prog->btf)
		bvm_btf_put(prog->btf);
	if (prog->attach_btf)
		bvm_btf_put(prog->attach_btf);
	module_put(prog->attach_module);
}
