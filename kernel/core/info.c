// SPDX-License-Identifier: GPL-2.0-only
/*
 * BPF_OBJ_GET_INFO_BY_FD: programs, maps and types describe themselves.
 *
 * The structures of programs and maps grow from kernel to kernel: user space says how
 * much it knows, what it knows more must be zero, what it knows less is not written.
 */
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/uaccess.h>
#include "core.h"

/**
 * struct bvm_info_user - the buffer of user space
 * @buf:	where it is
 * @len:	bytes, at most what we know
 * @len_out:	where to write @len
 */
struct bvm_info_user {
	void __user *buf;
	u32 len;
	__u32 __user *len_out;
};

static int bvm_info_put(const struct bvm_info_user *user, const void *info)
{
	if (copy_to_user(user->buf, info, user->len) || put_user(user->len, user->len_out))
		return -EFAULT;
	return 0;
}

/*
 * An array that user space may want: @count says how many elements fit, and is told how
 * many there are.
 */
static int bvm_info_array(u64 user, u32 *count, const void *array, u32 there, u32 elem)
{
	u32 fit = min(*count, there);

	*count = there;
	if (!user || !fit)
		return 0;
	return copy_to_user(u64_to_user_ptr(user), array, (size_t)fit * elem) ? -EFAULT : 0;
}

/*
 * An array of addresses of the kernel, or of what contains them: it is forgotten, and user
 * space told so, unless the caller may see them.
 */
static u64 bvm_info_address(__u64 *user)
{
	if (!bpf_dump_raw_ok(current_cred()))
		*user = 0;
	return *user;
}

/* ------------------------------------------------------------- programs */

static int bvm_info_map_ids(const struct bvm_prog *prog, struct bpf_prog_info *info)
{
	u32 ids[BVM_MAX_MAPS], i, count;

	/* BPF_PROG_BIND_MAP may add one right now */
	count = smp_load_acquire(&prog->nr_maps);
	for (i = 0; i < count; i++)
		ids[i] = prog->maps[i]->core->obj.id;
	return bvm_info_array(info->map_ids, &info->nr_map_ids, ids, count, sizeof(ids[0]));
}

/* The number of the function that begins at an instruction, of those that are machine code. */
static u32 bvm_info_func(const struct bvm_prog *prog, u32 insn)
{
	u32 i;

	for (i = 0; prog->native && i < prog->native->nr_funcs; i++)
		if (prog->native->func[i].insn == insn)
			return i;
	return 0;
}

/*
 * One instruction as tools expect to see it: ids of maps, and the distance of a call in its
 * offset, for its immediate numbers what is called among functions in machine code.
 */
static void bvm_info_insn(const struct bvm_prog *prog, struct bpf_insn *insn, u32 i)
{
	if (bvm_insn_is_map(insn)) {
		insn->imm = prog->maps[insn->imm]->core->obj.id;
	} else if (insn->code == (BPF_JMP | BPF_CALL) && insn->src_reg == BPF_PSEUDO_CALL) {
		insn->off = insn->imm;
		insn->imm = bvm_info_func(prog, i + 1 + insn->imm);
	}
}

/* Else BVM does not rewrite programs, so this is what was loaded. */
static int bvm_info_xlated(const struct bvm_prog *prog, struct bpf_prog_info *info)
{
	u32 bytes = prog->len * sizeof(*prog->insns);
	struct bpf_insn *dump;
	u32 i;
	int err;

	dump = kvmalloc(bytes, GFP_USER | __GFP_NOWARN);
	if (!dump)
		return -ENOMEM;
	memcpy(dump, prog->insns, bytes);
	for (i = 0; i < prog->len; i++)
		bvm_info_insn(prog, &dump[i], i);
	err = bvm_info_array(info->xlated_prog_insns, &info->xlated_prog_len, dump, bytes, 1);
	kvfree(dump);
	return err;
}

/**
 * struct bvm_info_records - records of one kind about a program
 * @count:	member of struct bpf_prog_info: how many
 * @rec_size:	member: bytes of one
 * @user:	member: where to write them
 * @bytes:	bytes of one
 * @there:	how many there are
 * @array:	records
 */
struct bvm_info_records {
	u32 *count;
	u32 *rec_size;
	u64 user;
	u32 bytes;
	u32 there;
	const void *array;
};

static int bvm_info_one_kind(const struct bvm_info_records *records)
{
	if ((*records->count || *records->rec_size) && *records->rec_size != records->bytes)
		return -EINVAL;
	*records->rec_size = records->bytes;
	return bvm_info_array(records->user, records->count, records->array, records->there,
			      records->bytes);
}

/*
 * What its types and source lines say, for those who may load programs; where lines are in
 * its image for those of them who may see addresses.
 */
static int bvm_info_records(const struct bvm_prog *prog, struct bpf_prog_info *info)
{
	bool may = bpf_capable(), there = may && prog->native;
	const struct bvm_info_records records[] = {
		{ &info->nr_func_info, &info->func_info_rec_size, info->func_info,
		  sizeof(*prog->func_info), may ? prog->nr_func_info : 0, prog->func_info },
		{ &info->nr_line_info, &info->line_info_rec_size, info->line_info,
		  sizeof(*prog->line_info), may ? prog->nr_line_info : 0, prog->line_info },
		{ &info->nr_jited_line_info, &info->jited_line_info_rec_size,
		  bvm_info_address(&info->jited_line_info), sizeof(__u64),
		  there ? prog->nr_line_info : 0, there ? prog->native->line : NULL },
	};
	u32 i;
	int err = 0;

	for (i = 0; i < ARRAY_SIZE(records) && !err; i++)
		err = bvm_info_one_kind(&records[i]);
	return err;
}

/* One element of an array that user space may want. */
static int bvm_info_elem(u64 user, u32 count, u32 i, const void *elem, u32 size)
{
	if (!user || i >= count)
		return 0;
	return copy_to_user(u64_to_user_ptr(user + (u64)i * size), elem, size) ? -EFAULT : 0;
}

/* What runs without an image is one piece of code, without an address or a length. */
static int bvm_info_functions(const struct bvm_prog *prog, struct bpf_prog_info *info)
{
	const struct bvm_native_func none = {}, *func = &none;
	u32 nr = prog->native ? prog->native->nr_funcs : 1, i;
	u64 ksyms = bvm_info_address(&info->jited_ksyms);
	int err = 0;

	for (i = 0; i < nr && !err; i++) {
		u64 address = 0;

		if (prog->native) {
			func = &prog->native->func[i];
			address = func->aux->ksym.start;
		}
		err = bvm_info_elem(ksyms, info->nr_jited_ksyms, i, &address, sizeof(address)) ?:
		      bvm_info_elem(info->jited_func_lens, info->nr_jited_func_lens, i,
				    &func->len, sizeof(func->len)) ?:
		      bvm_info_elem(info->prog_tags, info->nr_prog_tags, i,
				    prog->native ? func->tag : prog->tag, BPF_TAG_SIZE);
	}
	info->nr_jited_ksyms = nr;
	info->nr_jited_func_lens = nr;
	info->nr_prog_tags = nr;
	return err;
}

static int bvm_info_image(const struct bvm_prog *prog, struct bpf_prog_info *info)
{
	const struct bvm_jit_image *image;

	if (!prog->native) {
		info->jited_prog_len = 0;
		return 0;
	}
	image = prog->native->image;
	return bvm_info_array(bvm_info_address(&info->jited_prog_insns), &info->jited_prog_len,
			      (void *)image->entry, image->size, 1);
}

/* What only those may see who may load programs. */
static int bvm_info_code(const struct bvm_prog *prog, struct bpf_prog_info *info)
{
	if (!bpf_capable()) {
		info->jited_prog_len = 0;
		info->nr_jited_ksyms = 0;
		info->nr_jited_func_lens = 0;
		info->xlated_prog_len = 0;
		info->nr_prog_tags = 0;
		return 0;
	}
	return bvm_info_functions(prog, info) ?: bvm_info_image(prog, info) ?:
	       bvm_info_xlated(prog, info);
}

static int bvm_info_prog(const struct bvm_prog *prog, const struct bvm_info_user *user)
{
	struct bvm_run_stats stats;
	struct bpf_prog_info info;
	int err;

	memset(&info, 0, sizeof(info));
	if (copy_from_user(&info, user->buf, user->len))
		return -EFAULT;

	info.type = prog->type->id;
	info.id = prog->obj.id;
	memcpy(info.tag, prog->tag, sizeof(info.tag));
	memcpy(info.name, prog->name, sizeof(info.name));
	info.load_time = prog->load_time;
	info.created_by_uid = from_kuid_munged(current_user_ns(), prog->uid);
	info.gpl_compatible = prog->gpl;
	info.verified_insns = prog->verified;
	bvm_prog_read_stats(prog, &stats);
	info.run_time_ns = stats.nsecs;
	info.run_cnt = stats.cnt;
	info.recursion_misses = stats.misses;
	info.ifindex = 0;
	info.netns_dev = 0;
	info.netns_ino = 0;
	info.btf_id = prog->btf ? prog->btf->obj.id : 0;
	info.attach_btf_obj_id = prog->attach_btf ? prog->attach_btf->obj.id : 0;
	info.attach_btf_id = prog->attach_btf_id;

	err = bvm_info_map_ids(prog, &info) ?: bvm_info_records(prog, &info) ?:
	      bvm_info_code(prog, &info);
	return err ?: bvm_info_put(user, &info);
}

/* ----------------------------------------------------------------- maps */

static int bvm_info_map(const struct bvm_map *map, const struct bvm_info_user *user)
{
	struct bpf_map_info info;

	memset(&info, 0, sizeof(info));
	info.type = map->type->id;
	info.id = map->core->obj.id;
	info.key_size = map->key_size;
	info.value_size = map->value_size;
	info.max_entries = map->max_entries;
	info.map_flags = map->flags;
	info.map_extra = map->extra;
	info.btf_id = map->core->btf ? map->core->btf->obj.id : 0;
	info.btf_key_type_id = map->core->key_type;
	info.btf_value_type_id = map->core->value_type;
	memcpy(info.name, map->name, sizeof(info.name));
	return bvm_info_put(user, &info);
}

static int bvm_info_link(const union bpf_attr *attr, union bpf_attr __user *uattr)
{
	struct bvm_link *link = bvm_link_from_fd(attr->info.bpf_fd);
	int err;

	if (IS_ERR(link))
		return PTR_ERR(link);
	err = bvm_link_info(link, u64_to_user_ptr(attr->info.info), attr->info.info_len,
			    &uattr->info.info_len);
	bvm_link_put(link);
	return err;
}

/* The descriptor is neither a program's nor a map's. */
static int bvm_info_other(const union bpf_attr *attr, union bpf_attr __user *uattr)
{
	struct bvm_btf_obj *btf = bvm_btf_from_fd(attr->info.bpf_fd);
	int err;

	if (PTR_ERR_OR_ZERO(btf) == -EINVAL)
		return bvm_info_link(attr, uattr);
	if (IS_ERR(btf))
		return PTR_ERR(btf);
	err = bvm_btf_info(btf, u64_to_user_ptr(attr->info.info), attr->info.info_len,
			   &uattr->info.info_len);
	bvm_btf_put(btf);
	return err;
}

/**
 * bvm_cmd_info - BPF_OBJ_GET_INFO_BY_FD
 * @attr:	.info
 * @uattr:	.info.info_len is written
 * @size:	unused
 * Return: 0 or a negative errno.
 */
int bvm_cmd_info(union bpf_attr *attr, union bpf_attr __user *uattr, u32 size)
{
	struct bvm_info_user user = {
		.buf = u64_to_user_ptr(attr->info.info),
		.len_out = &uattr->info.info_len,
	};
	struct bvm_prog *prog = bvm_prog_from_fd(attr->info.bpf_fd);
	struct bvm_map *map = NULL;
	u32 known = sizeof(struct bpf_prog_info);
	int err;

	if (PTR_ERR_OR_ZERO(prog) == -EINVAL) {
		map = bvm_map_from_fd(attr->info.bpf_fd, 0);
		known = sizeof(struct bpf_map_info);
		if (IS_ERR(map))
			return bvm_info_other(attr, uattr);
	} else if (IS_ERR(prog)) {
		return -EBADFD;	/* only this command says it so */
	}

	user.len = min(attr->info.info_len, known);
	err = bvm_user_tail_is_zero(user.buf, known, attr->info.info_len);
	if (!err)
		err = map ? bvm_info_map(map, &user) : bvm_info_prog(prog, &user);

	if (map)
		bvm_map_put(map);
	else
		bvm_prog_put(prog);
	return err;
}
