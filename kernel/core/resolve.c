// SPDX-License-Identifier: GPL-2.0-only
/*
 * From instructions as user space wrote them to a program that can run: references
 * to maps are resolved, then decode, verify, lower.
 */
#include <linux/capability.h>
#include <linux/security.h>
#include "../verifier/messages.h"
#include "../verifier/verifier.h"
#include "core.h"

/* Values are addressed by 29 bits of offset at most. */
#define BVM_MAX_VALUE_OFF	BIT(29)

/* ---------------------------------------------------------- map references */

/**
 * bvm_prog_add_map - let a program refer to a map
 * @prog:	program that is being built, or under the lock of BPF_PROG_BIND_MAP
 * @map:	map; a reference is taken unless the program has one already
 * Process context.  Return: index into @prog->maps, or -E2BIG.
 */
int bvm_prog_add_map(struct bvm_prog *prog, struct bvm_map *map)
{
	u32 i;

	for (i = 0; i < prog->nr_maps; i++)
		if (prog->maps[i] == map)
			return i;
	if (i == BVM_MAX_MAPS)
		return -E2BIG;
	bvm_map_get(map);
	prog->maps[i] = map;
	/* others may read the list of a program that is complete */
	smp_store_release(&prog->nr_maps, i + 1);
	return i;
}

/* The descriptor that a reference names, directly or through the array of them. */
static int bvm_ref_fd(const struct bpf_insn *insn, const __u32 __user *fd_array, u32 *fd)
{
	*fd = insn->imm;
	if (insn->src_reg != BPF_PSEUDO_MAP_IDX && insn->src_reg != BPF_PSEUDO_MAP_IDX_VALUE)
		return 0;
	if (!fd_array)
		return -EPROTO;
	return get_user(*fd, fd_array + (u32)insn->imm) ? -EFAULT : 0;
}

static int bvm_check_direct(struct bvm_map *map, u32 off, struct bvm_log *log)
{
	if (off >= BVM_MAX_VALUE_OFF)
		return bvm_log_reject(log, DIRECT_OFFSET, off);
	if (!(map->type->caps & (BVM_MAP_DIRECT_VALUE | BVM_MAP_ARENA)))
		return bvm_log_reject(log, NO_DIRECT_VALUE);
	if (map->type->direct(map, off))
		return 0;
	bvm_log_reject(log, DIRECT_RANGE, map->value_size, off);
	/* There must be one value, and the offset must lie in it. */
	return map->type->direct(map, 0) ? -EINVAL : -ENOTSUPP;
}

/* @insn is a 64-bit immediate that refers to a map. */
static int bvm_resolve_map(struct bvm_prog *prog, struct bpf_insn *insn,
			   const __u32 __user *fd_array, struct bvm_log *log)
{
	bool value = insn->src_reg == BPF_PSEUDO_MAP_VALUE ||
		     insn->src_reg == BPF_PSEUDO_MAP_IDX_VALUE;
	struct bvm_map *map;
	int index, err;
	u32 fd;

	/* A reference to the map itself has no offset. */
	if (!value && insn[1].imm)
		return bvm_log_reject(log, UNKNOWN_LD_IMM64);
	err = bvm_ref_fd(insn, fd_array, &fd);
	if (err)
		return err;
	map = bvm_map_from_fd(fd, 0);
	if (IS_ERR(map)) {
		bvm_log_reject(log, MAP_FD, (int)fd);
		return PTR_ERR(map);
	}
	index = bvm_prog_add_map(prog, map);
	err = value ? bvm_check_direct(map, insn[1].imm, log) : 0;
	bvm_map_put(map);
	if (err)
		return err;
	if (index < 0) {
		bvm_log_reject(log, TOO_MANY_MAPS, BVM_MAX_MAPS);
		return index;
	}
	insn->src_reg = value ? BPF_PSEUDO_MAP_VALUE : BPF_PSEUDO_MAP_FD;
	insn->imm = index;
	return 0;
}

static int bvm_resolve_imm64(struct bvm_prog *prog, u32 i, const __u32 __user *fd_array,
			     struct bvm_log *log)
{
	struct bpf_insn *insn = &prog->insns[i];

	if (i + 1 >= prog->len || insn[1].code || insn[1].dst_reg || insn[1].src_reg ||
	    insn[1].off)
		return bvm_log_reject(log, BAD_LD_IMM64);
	switch (insn->src_reg) {
	case 0:
	case BPF_PSEUDO_FUNC:
		return 0;
	case BPF_PSEUDO_MAP_FD:
	case BPF_PSEUDO_MAP_VALUE:
	case BPF_PSEUDO_MAP_IDX:
	case BPF_PSEUDO_MAP_IDX_VALUE:
		return bvm_resolve_map(prog, insn, fd_array, log);
	}
	/* BPF_PSEUDO_BTF_ID needs the kernel's BTF. */
	return bvm_log_reject(log, UNKNOWN_LD_IMM64);
}

/**
 * bvm_resolve_maps - replace descriptors of maps by indices into the program's maps
 * @prog:	program with instructions as user space passed them
 * @fd_array:	user's array of descriptors for BPF_PSEUDO_MAP_IDX*, or NULL
 * @log:	where reasons go
 * Process context.  Return: 0 or a negative errno.
 */
int bvm_resolve_maps(struct bvm_prog *prog, const __u32 __user *fd_array, struct bvm_log *log)
{
	u32 i;
	int err;

	for (i = 0; i < prog->len; i++) {
		if (prog->insns[i].code != (BPF_LD | BPF_IMM | BPF_DW))
			continue;
		err = bvm_resolve_imm64(prog, i, fd_array, log);
		if (err)
			return err;
		i++;
	}
	return 0;
}

/**
 * bvm_check_arena - at most one arena, and it must be known where user space has it
 * @prog:	program whose map references are resolved
 * @log:	where reasons go
 * Process context.  Return: 0 or a negative errno.
 */
int bvm_check_arena(const struct bvm_prog *prog, struct bvm_log *log)
{
	struct bvm_arena_base base;
	u32 i, n = 0;

	for (i = 0; i < prog->nr_maps; i++) {
		if (!(prog->maps[i]->type->caps & BVM_MAP_ARENA))
			continue;
		if (n++)
			return bvm_log_reject(log, ARENAS);
		if (!prog->maps[i]->type->arena(prog->maps[i], &base))
			return bvm_log_reject(log, ARENA_ADDRESS);
	}
	return 0;
}

/**
 * bvm_check_sleepable_maps - may a program use its maps while it sleeps?
 * @prog:	program whose map references are resolved
 * @log:	where reasons go
 *
 * What a sleepable program finds in a map, or in a map in it, must stay under RCU tasks
 * trace.  Process context.  Return: 0 or -EINVAL.
 */
int bvm_check_sleepable_maps(const struct bvm_prog *prog, struct bvm_log *log)
{
	const struct bvm_map *map;
	u32 i;

	if (!(prog->flags & BPF_F_SLEEPABLE))
		return 0;
	for (i = 0; i < prog->nr_maps; i++)
		for (map = prog->maps[i]; map; map = map->inner)
			if (!(map->type->caps & BVM_MAP_SLEEPABLE))
				return bvm_log_reject(log, SLEEPABLE_MAPS);
	return 0;
}

/* ----------------------------------------------------------------- compile */

/* Flags of helpers that are not for this caller, or not for this kernel. */
static u32 bvm_denied_helpers(void)
{
	u32 denied = 0;

	if (security_locked_down(LOCKDOWN_BPF_READ_KERNEL))
		denied |= BVM_HELPER_LOCK_READ;
	if (security_locked_down(LOCKDOWN_BPF_WRITE_USER))
		denied |= BVM_HELPER_LOCK_WRITE;
	if (!capable(CAP_SYS_ADMIN))
		denied |= BVM_HELPER_ADMIN;
	if (!capable(CAP_SYS_BOOT))
		denied |= BVM_HELPER_DESTRUCTIVE;
	return denied;
}

/* Prog arrays that have become those of another kind of program are refused. */
static int bvm_claim_maps(const struct bvm_prog *prog)
{
	u32 i;

	for (i = 0; i < prog->nr_maps; i++)
		if (prog->maps[i]->type->caps & BVM_MAP_TAIL_CALL &&
		    !bvm_map_owner_fits(prog->maps[i], prog))
			return -EINVAL;
	return 0;
}

/* Helpers are told of the programs that call them; what they need, the program holds. */
static int bvm_tell_helpers(struct bvm_prog *prog, const struct bvm_insn *insn)
{
	const struct bvm_helper *helper;
	int err;
	u32 i;

	for (i = 0; i < prog->len; i++) {
		if (insn[i].class != BVM_CALL || insn[i].src)
			continue;
		helper = bvm_helper_find(prog->type, insn[i].imm);
		if (!helper)
			continue;
		if (helper->needs && !prog->needs) {
			err = helper->needs->get();
			if (err)
				return err;
			prog->needs = helper->needs;
		}
		if (helper->loaded)
			helper->loaded();
	}
	return 0;
}

/* Machine code, or else for the interpreter. */
static int bvm_make_code(struct bvm_prog *prog, const struct bvm_insn *insn,
			 const struct bvm_facts *facts)
{
	struct bvm_lower_args lower = {
		.type = prog->type,
		.insn = insn,
		.len = prog->len,
		.maps = prog->maps,
		.nr_maps = prog->nr_maps,
		.kfuncs = prog->kfuncs,
		.nr_kfuncs = prog->nr_kfuncs,
		.facts = facts,
		.passes = READ_ONCE(bvm_passes),
	};
	struct bvm_ir_prog *ir;
	int err = -EOPNOTSUPP;

	if (bvm_jit_wanted()) {
		lower.at = kvcalloc(prog->len, sizeof(*lower.at), GFP_KERNEL);
		if (!lower.at)
			return -ENOMEM;
	}
	ir = bvm_lower(&lower);
	if (IS_ERR(ir)) {
		kvfree(lower.at);
		return PTR_ERR(ir);
	}
	prog->ir = ir;
	prog->code = ir;
	if (lower.at)
		err = bvm_prog_jit(prog, lower.at);
	kvfree(lower.at);
#ifdef CONFIG_BVM_INTERP
	prog->run = bvm_interp;
	err = prog->ir ? bvm_interp_prepare(prog->ir) : 0;
#endif
	return err == -EOPNOTSUPP ? -ENOTSUPP : err;
}

static int bvm_verify_and_lower(struct bvm_prog *prog, const struct bvm_insn *insn,
				struct bvm_facts *facts, struct bvm_log *log)
{
	struct bvm_verify_args verify = {
		.type = prog->type,
		.insns = prog->insns,
		.insn = insn,
		.len = prog->len,
		.maps = prog->maps,
		.nr_maps = prog->nr_maps,
		.kfuncs = prog->kfuncs,
		.nr_kfuncs = prog->nr_kfuncs,
		.load_flags = prog->flags,
		.attach_btf = prog->attach_btf ? bvm_btf_types(prog->attach_btf) : NULL,
		.attach_btf_id = prog->attach_proto,
		.kernel_btf = bvm_btf_vmlinux,
		.attach_name = prog->attach_name,
		.btf = prog->btf ? &prog->btf->types : NULL,
		.func_info = prog->nr_func_info ? prog->func_info : NULL,
		.nr_func_info = prog->nr_func_info,
		.line_info = prog->nr_line_info ? prog->line_info : NULL,
		.nr_line_info = prog->nr_line_info,
		.gpl = prog->gpl,
		.claim = IS_ENABLED(CONFIG_BVM_DEBUG_STATES) && !bvm_jit_wanted(),
		.denied = bvm_denied_helpers(),
		.log = log,
	};
	u32 i;
	int err;

	err = bvm_verify(&verify, facts);
	if (err)
		return err;
	prog->claims = facts->claims;
	for (i = 0; prog->claims && i < prog->len; i++)
		if (prog->claims[i])
			prog->claims[i]->prog_id = &prog->obj.id;
	prog->verified = facts->processed;
	prog->max_ctx_off = facts->max_ctx_off;
	prog->max_tp_access = facts->max_tp_access;

	err = bvm_make_code(prog, insn, facts) ?: bvm_claim_maps(prog);
	return err ?: bvm_tell_helpers(prog, insn);
}

/**
 * bvm_prog_compile - verify a program and make it ready to run
 * @prog:	program whose map references are resolved
 * @log:	where reasons go
 * Process context, may sleep.  Return: 0 or a negative errno.
 */
int bvm_prog_compile(struct bvm_prog *prog, struct bvm_log *log)
{
	struct bvm_facts facts = {};
	struct bvm_insn *insn;
	int err = -ENOMEM;

	insn = kvmalloc_array(prog->len, sizeof(*insn), GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	facts.insn = kvcalloc(prog->len, sizeof(*facts.insn), GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!insn || !facts.insn)
		goto out;
	err = bvm_verify_encoding(prog->insns, prog->len, insn, log);
	if (!err)
		err = bvm_verify_and_lower(prog, insn, &facts, log);
out:
	kvfree(facts.insn);
	kvfree(insn);
	return err;
}
