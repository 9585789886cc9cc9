// SPDX-License-Identifier: GPL-2.0-only
/*
 * The verifier's passes in order.
 */
#include "env.h"

static int bvm_check_map(struct bvm_env *env, u32 insn)
{
	const struct bvm_insn *in = &env->args->insn[insn];
	u32 index = (u32)in->imm, off = upper_32_bits(in->imm);
	const struct bvm_map *map;

	if (index >= env->args->nr_maps)
		return bvm_reject(env, MAP_INDEX, insn, (s64)index, env->args->nr_maps);
	map = env->args->maps[index];
	if (bvm_check_map_fields(env, map))
		return -EINVAL;
	if (in->src == BPF_PSEUDO_MAP_FD)
		return 0;
	if (map->type->caps & BVM_MAP_ARENA)	/* just an address in user space */
		return 0;
	if (!(map->type->caps & BVM_MAP_DIRECT_VALUE) || map->max_entries != 1)
		return bvm_reject(env, NO_DIRECT_VALUE);
	if (off >= BVM_MAX_VAR_OFF)
		return bvm_reject(env, DIRECT_OFFSET, off);
	if (off >= map->value_size)
		return bvm_reject(env, DIRECT_RANGE, map->value_size, off);
	return 0;
}

/* Everything that 64-bit immediates refer to is there. */
static int bvm_check_maps(struct bvm_env *env)
{
	const struct bvm_insn *in;
	u32 i;
	int err;

	for (i = 0; i < env->args->len; i++) {
		in = &env->args->insn[i];
		if (in->class != BVM_LD_IMM64 || !in->src)
			continue;
		if (in->src == BPF_PSEUDO_FUNC)
			continue;
		if (in->src != BPF_PSEUDO_MAP_FD && in->src != BPF_PSEUDO_MAP_VALUE)
			return bvm_reject(env, UNKNOWN_LD_IMM64);
		err = bvm_check_map(env, i);
		if (err)
			return err;
	}
	return 0;
}

/* "stack depth 16+0+8": of the program, then of its functions */
static void bvm_print_stack(struct bvm_env *env)
{
	u32 i;

	for (i = 0; i < env->nr_funcs; i++)
		bvm_log(env->log, "%s%d", i ? "+" : "stack depth ", env->funcs[i].depth);
	if (env->nr_funcs)
		bvm_log(env->log, "\n");
}

static void bvm_print_stats(struct bvm_env *env, u64 start)
{
	struct bvm_log *log = env->log;

	if (log->level & BVM_LOG_STATS) {
		bvm_log(log, "verification time %lld usec\n",
			(s64)div_u64(ktime_get_ns() - start, 1000));
		bvm_print_stack(env);
	}
	bvm_log(log,
		"processed %d insns (limit %d) max_states_per_insn %d total_states %d peak_states %d mark_read %d\n",
		env->processed, BVM_MAX_PROCESSED, env->max_points, env->total_points,
		env->peak_points, 0);
	if (log->level & BVM_LOG_STATS)
		bvm_log(log,
			"certificate %u insns %u states %lld usec, provenance %llu needs, memory %llu KiB\n",
			env->certified, env->nr_points, (s64)div_u64(env->certify_ns, 1000),
			env->needs, bvm_pools_bytes(env) / 1024);
}

/* Explores and certifies, with a log; without one, exploration may be left out. */
static int bvm_prove(struct bvm_env *env)
{
	bool log = env->log->level || env->args->load_flags & BPF_F_TEST_STATE_FREQ;
	int err = log ? 0 : bvm_certify_alone(env);
	u64 start;

	if (err)
		return min(err, 0);
	err = bvm_explore(env);
	if (err)
		return err;
	start = ktime_get_ns();
	err = bvm_certify(env);
	env->certify_ns = ktime_get_ns() - start;
	return err;
}

static int bvm_run_passes(struct bvm_env *env)
{
	u32 i;
	int err;

	for (i = 0; i < env->args->len; i++)
		env->facts->insn[i].map = BVM_NO_MAP;
	err = bvm_check_maps(env);
	if (!err)
		err = bvm_check_cfg(env);
	if (!err)
		err = bvm_points_init(env);
	if (!err)
		err = bvm_compute_live(env);
	if (!err)
		err = bvm_prove(env);
	if (!err)
		err = bvm_check_stack_depth(env);
	return err;
}

int bvm_verify(const struct bvm_verify_args *args, struct bvm_facts *facts)
{
	u64 start = ktime_get_ns();
	struct bvm_env *env;
	u32 i;
	int err;

	env = kvmalloc(sizeof(*env), GFP_KERNEL_ACCOUNT);
	if (!env)
		return -ENOMEM;
	memset(env, 0, offsetof(struct bvm_env, match.ids));
	env->args = args;
	env->log = args->log;
	env->facts = facts;
	facts->claims = NULL;
	facts->stack_depth = 0;
	facts->max_ctx_off = 0;
	facts->max_tp_access = 0;
	for (i = 0; i < BVM_MAX_FRAMES; i++) {
		bvm_val_const(&env->fp[i], 0);
		env->fp[i].kind = BVM_PTR_STACK;
		env->fp[i].frame = i;
	}
	bvm_val_const(&env->imm, 0);
	INIT_LIST_HEAD(&env->closed);
	bvm_pools_init(env);
	err = bvm_run_passes(env);
	facts->processed = env->processed;
	bvm_print_stats(env, start);
	if (err)
		bvm_explain(env);
	if (!err && args->accepted)
		args->accepted(env);
	if (err) {
		bvm_claims_free(facts->claims, args->len);
		facts->claims = NULL;
	}
	bvm_pools_free(env);
	kvfree(env->points_by_key);
	kvfree(env->called_back);
	kvfree(env->funcs);
	kvfree(env->order);
	kvfree(env->blocks);
	kvfree(env->block_at);
	kvfree(env);
	return err;
}
