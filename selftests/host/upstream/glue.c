// SPDX-License-Identifier: GPL-2.0-only
/*
 * The bpf(2) that upstream's test_verifier.c sees in the host build: BVM's verifier and
 * interpreter with toy descriptors (verif.c), in the same process.
 *
 * What a first slice does not have (kfuncs, BTF, other map and program
 * types) answers ENOTSUPP, which test_verifier counts as skipped.
 */
#include "../verif.h"
#include "bpf/libbpf.h"

#define FIRST_FD	1000
#define MAX_FDS		4096

/* A map or a program; fds are given out once and closed all together. */
static struct {
	struct bvm_map *map;
	struct bvm_ir_prog *ir;
	const struct bvm_prog_type *type;
} fds[MAX_FDS];
static int nr_fds;

static const struct bvm_prog_type *const types[] = {
	&verif_socket_filter, &verif_kprobe, &verif_tracepoint, &verif_perf_event, &verif_xdp,
	&verif_sched_cls,
};

static const struct bvm_prog_type *find_type(int id)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(types); i++)
		if (types[i]->id == id)
			return types[i];
	return NULL;
}

static int fail(int err)
{
	errno = err;
	return -err;
}

int bpf_map_create(int type, const char *name, __u32 key_size, __u32 value_size,
		   __u32 max_entries, const struct bpf_map_create_opts *opts)
{
	struct bvm_map *map;

	if (opts && opts->btf_value_type_id)
		return fail(ENOTSUPP);
	map = verif_map(type, key_size, value_size, max_entries, opts ? opts->map_flags : 0);
	if (!map || nr_fds == MAX_FDS)
		return fail(EINVAL);
	fds[nr_fds].map = map;
	return FIRST_FD + nr_fds++;
}

int bpf_map_update_elem(int fd, const void *key, const void *value, __u64 flags)
{
	struct bvm_map *map = fds[fd - FIRST_FD].map;

	return map->type->update ? map->type->update(map, key, value, flags) : 0;
}

/* As core/resolve.c: fds in the program become indices into a table of maps. */
static int resolve(struct verif *v)
{
	u32 i, j;

	for (i = 0; i < v->len; i++) {
		struct bpf_insn *insn = &v->insns[i];
		int fd = insn->imm;

		if (insn->code != (BPF_LD | BPF_IMM | BPF_DW) || !insn->src_reg)
			continue;
		if (insn->src_reg != BPF_PSEUDO_MAP_FD && insn->src_reg != BPF_PSEUDO_MAP_VALUE)
			continue;
		/* malformed: the decoder says how */
		if (i + 1 == v->len || insn[1].code || insn[1].dst_reg || insn[1].src_reg ||
		    insn[1].off || (insn[1].imm && insn->src_reg == BPF_PSEUDO_MAP_FD))
			continue;
		if (fd < FIRST_FD || fd >= FIRST_FD + nr_fds || !fds[fd - FIRST_FD].map) {
			snprintf(v->log, v->log_size, "fd %d is not pointing to valid bpf_map\n",
				 fd);
			return -EBADF;
		}
		for (j = 0; j < v->nr_maps && v->maps[j] != fds[fd - FIRST_FD].map; j++)
			;
		v->maps[j] = fds[fd - FIRST_FD].map;
		v->nr_maps = max(v->nr_maps, j + 1);
		insn->imm = j;
		i++;
	}
	return 0;
}

static bool out_of_scope(const struct verif *v)
{
	return strstr(v->log, "calling kernel function is not allowed") ||
	       strstr(v->log, "may_goto is not supported");
}

int bpf_prog_load(int type, const char *name, const char *license,
		  const struct bpf_insn *insns, size_t insn_cnt, struct bpf_prog_load_opts *opts)
{
	struct bvm_map *maps[BVM_MAX_MAPS];
	static char no_log[4096];
	struct verif v = {
		.type = find_type(type), .len = insn_cnt, .maps = maps,
		.flags = opts ? opts->prog_flags : 0, .not_gpl = strcmp(license, "GPL"),
		.level = opts ? opts->log_level : 1,
		.log = opts ? opts->log_buf : no_log,
		.log_size = opts ? opts->log_size : sizeof(no_log),
	};
	struct bvm_ir_prog *ir = NULL;
	int err;

	if (!v.type)
		return fail(EINVAL);
	v.log[0] = 0;
	v.insns = kmemdup(insns, insn_cnt * sizeof(*insns), GFP_KERNEL);
	err = resolve(&v);
	if (!err) {
		err = verif_load(&v);
		if (err && out_of_scope(&v))
			err = -ENOTSUPP;
		if (!err) {
			ir = verif_lower(&v);
			if (IS_ERR(ir)) {
				printf("NOT LOWERED %ld ", PTR_ERR(ir));
				err = PTR_ERR(ir);
			}
		}
		verif_free(&v);
	}
	kfree(v.insns);
	if (err)
		return fail(-err);
	if (nr_fds == MAX_FDS)
		return fail(EMFILE);
	fds[nr_fds].ir = ir;
	fds[nr_fds].type = v.type;
	return FIRST_FD + nr_fds++;
}

int bpf_prog_test_run_opts(int fd, struct bpf_test_run_opts *opts)
{
	const struct bvm_prog_type *type = fds[fd - FIRST_FD].type;
	/* a socket filter does not see the link layer header of an Ethernet frame */
	struct verif_packet ctx = {
		.skb.len = opts->data_size_in - (type == &verif_socket_filter ? 14 : 0),
	};
	void *packet;

	if (type != &verif_socket_filter && type != &verif_xdp && type != &verif_sched_cls)
		return fail(ENOTSUPP);
	packet = kmemdup(opts->data_in, opts->data_size_in, GFP_KERNEL);
	ctx.data = packet;
	ctx.data_meta = packet;
	ctx.data_end = packet + opts->data_size_in;
	opts->retval = bvm_interp(fds[fd - FIRST_FD].ir, &ctx);
	kfree(packet);
	return 0;
}

int libbpf_probe_bpf_prog_type(int type, const void *opts)
{
	return !!find_type(type);
}

int libbpf_probe_bpf_map_type(int type, const void *opts)
{
	return 0;
}

/* Nothing of the following is there. */
int bpf_btf_load(const void *data, size_t size, struct bpf_btf_load_opts *opts)
{
	return fail(ENOTSUPP);
}

int bpf_btf_get_next_id(__u32 start_id, __u32 *next_id)
{
	return fail(ENOENT);
}

int bpf_btf_get_fd_by_id(__u32 id)
{
	return fail(ENOENT);
}

int bpf_obj_get_info_by_fd(int fd, void *info, __u32 *info_len)
{
	return fail(ENOTSUPP);
}

struct btf *btf__load_from_kernel_by_id_split(__u32 id, struct btf *base)
{
	return NULL;
}

struct btf *btf__load_vmlinux_btf(void)
{
	return NULL;
}

void btf__set_fd(struct btf *btf, int fd)
{
}

int btf__fd(const struct btf *btf)
{
	return -1;
}

void btf__free(struct btf *btf)
{
}

int btf__find_by_name_kind(const struct btf *btf, const char *name, __u32 kind)
{
	return -ENOENT;
}

int libbpf_find_vmlinux_btf_id(const char *name, int attach_type)
{
	return -ENOENT;
}

int libbpf_set_strict_mode(unsigned int mode)
{
	return 0;
}

int libbpf_num_possible_cpus(void)
{
	return 1;
}

/* cap_helpers.h, unpriv_helpers.h, testing_helpers.h: root, and unprivileged BPF is off */
int cap_enable_effective(__u64 caps, __u64 *old_caps)
{
	return 0;
}

int cap_disable_effective(__u64 caps, __u64 *old_caps)
{
	if (old_caps)
		*old_caps = ~0ULL;
	return 0;
}

bool get_unpriv_disabled(void)
{
	return true;
}

int load_bpf_testmod(bool verbose)
{
	return 0;
}

int unload_bpf_testmod(bool verbose)
{
	return 0;
}

int get_xlated_program(int fd_prog, struct bpf_insn **buf, __u32 *cnt)
{
	return -1;
}

int testing_prog_flags(void)
{
	return BPF_F_TEST_RND_HI32;
}

bool is_jit_enabled(void)
{
	return true;
}
