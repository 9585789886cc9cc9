// SPDX-License-Identifier: GPL-2.0-only
/*
 * States and instructions as text, in the format of the kernel's log, which
 * selftests and veristat parse.
 */
#include "env.h"

#define BVM_STATE_COLUMN	38	/* of the semicolon after an instruction */

/**
 * bvm_kind_name - type of a value, as messages call it
 * @v:		value
 */
const char *bvm_kind_name(const struct bvm_val *v)
{
	static const char * const name[__BVM_KIND_MAX][2] = {
		[BVM_UNINIT]	= { "?", "?" },
		[BVM_SCALAR]	= { "scalar", "scalar" },
		[BVM_PTR_CTX]	= { "ctx", "ctx_or_null" },
		[BVM_PTR_STACK]	= { "fp", "fp_or_null" },
		/* what a lookup in a map of maps gives has this name until it is checked */
		[BVM_PTR_MAP]	= { "map_ptr", "map_value_or_null" },
		[BVM_PTR_DYNPTR] = { "dynptr_ptr", "dynptr_ptr_or_null" },
		[BVM_PTR_FUNC]	= { "func", "func_or_null" },
		[BVM_PTR_VALUE]	= { "map_value", "map_value_or_null" },
		[BVM_PTR_KEY]	= { "map_key", "map_key_or_null" },
		[BVM_PTR_MEM]	= { "mem", "mem_or_null" },
		[BVM_PTR_BTF]	= { "ptr_", "ptr_or_null_" },
		[BVM_PTR_TP_BUFFER] = { "tp_buffer", "tp_buffer_or_null" },
		[BVM_PTR_ARENA]	= { "arena", "arena_or_null" },
		[BVM_PTR_PKT]	= { "pkt", "pkt_or_null" },
		[BVM_PTR_PKT_META] = { "pkt_meta", "pkt_meta_or_null" },
		[BVM_PTR_PKT_END] = { "pkt_end", "pkt_end_or_null" },
	};
	static const char * const untrusted[2] = { "untrusted_ptr_", "untrusted_ptr_or_null_" };
	static const char * const rcu[2] = { "rcu_ptr_", "rcu_ptr_or_null_" };
	static const char * const held[2] = { "ringbuf_mem", "ringbuf_mem_or_null" };
	static const char * const rdonly[2] = { "rdonly_mem", "rdonly_mem_or_null" };
	bool or_null = v->flags & BVM_VAL_OR_NULL;

	if (v->kind == BVM_OBJECT)
		return v->object->name;
	if (v->kind == BVM_PTR_VIEW)
		return or_null ? v->view->or_null : v->view->name;
	if (v->flags & BVM_VAL_RDONLY)
		return rdonly[or_null];
	if (v->kind == BVM_PTR_MEM && (v->flags & BVM_VAL_OWNED))
		return held[or_null];
	if (v->flags & BVM_VAL_UNTRUSTED)
		return untrusted[or_null];
	if (v->flags & BVM_VAL_RCU)
		return rcu[or_null];
	if (v->flags & BVM_VAL_TRUSTED)
		return or_null ? "trusted_ptr_or_null_" : "trusted_ptr_";
	return name[v->kind][or_null];
}

/**
 * bvm_helper_name - name of a helper of the user-space ABI
 * @id:		BPF_FUNC_*
 * Return: with "bpf_", or "unknown".
 */
const char *bvm_helper_name(s32 id)
{
	static const char * const name[] = {
#define BVM_NAME(fn, nr, ...)	\
		[nr] = "bpf_" #fn,
		___BPF_FUNC_MAPPER(BVM_NAME)
#undef BVM_NAME
	};

	return id > 0 && id < ARRAY_SIZE(name) && name[id] ? name[id] : "unknown";
}

/**
 * bvm_tnum_text - known bits as text
 * @env:	environment, whose scratch buffer is used
 * @t:		known bits
 */
const char *bvm_tnum_text(struct bvm_env *env, struct bvm_tnum t)
{
	/* %#llx would be "0" in user space and "0x0" in the kernel */
	if (bvm_tnum_is_const(t))
		scnprintf(env->text, sizeof(env->text), t.value ? "0x%llx" : "%llu", t.value);
	else
		scnprintf(env->text, sizeof(env->text), "(0x%llx; 0x%llx)", t.value, t.mask);
	return env->text;
}

/** struct bvm_bound - one end of one range, as it is printed */
struct bvm_bound {
	const char *name;
	bool shown;
	char text[24];
};

/* Numbers of up to 16 bits are decimal, others hexadecimal. */
static void bvm_bound_u(struct bvm_bound *b, const char *name, u64 v, u64 any)
{
	b->name = name;
	b->shown = v != any;
	scnprintf(b->text, sizeof(b->text), v <= U16_MAX ? "%llu" : "0x%llx", v);
}

static void bvm_bound_s(struct bvm_bound *b, const char *name, s64 v, s64 any, bool wide)
{
	b->name = name;
	b->shown = v != any;
	if (v >= S16_MIN && v <= S16_MAX)
		scnprintf(b->text, sizeof(b->text), "%lld", v);
	else
		scnprintf(b->text, sizeof(b->text), "0x%llx", wide ? (u64)v : (u64)(u32)v);
}

/* "smin=umin=3,smax=7": ends that read the same are printed together */
static void bvm_print_bounds(struct bvm_env *env, const struct bvm_scalar *s, const char **sep)
{
	struct bvm_bound b[8];
	u32 i, j;

	bvm_bound_s(&b[0], "smin", s->smin, S64_MIN, true);
	bvm_bound_s(&b[1], "smax", s->smax, S64_MAX, true);
	bvm_bound_u(&b[2], "umin", s->umin, 0);
	bvm_bound_u(&b[3], "umax", s->umax, U64_MAX);
	bvm_bound_s(&b[4], "smin32", s->s32min, S32_MIN, false);
	bvm_bound_s(&b[5], "smax32", s->s32max, S32_MAX, false);
	bvm_bound_u(&b[6], "umin32", s->u32min, 0);
	bvm_bound_u(&b[7], "umax32", s->u32max, U32_MAX);
	for (i = 0; i < ARRAY_SIZE(b); i++) {
		if (!b[i].shown)
			continue;
		bvm_log(env->log, "%s%s=", *sep, b[i].name);
		*sep = ",";
		for (j = i + 1; j < ARRAY_SIZE(b); j++) {
			if (!b[j].shown || strcmp(b[i].text, b[j].text))
				continue;
			bvm_log(env->log, "%s=", b[j].name);
			b[j].shown = false;
		}
		bvm_log(env->log, "%s", b[i].text);
	}
	if (!bvm_tnum_is_const(s->t) && ~s->t.mask) {
		bvm_log(env->log, "%svar_off=%s", *sep, bvm_tnum_text(env, s->t));
		*sep = ",";
	}
}

/* "off=8", unless it is 0 */
static void bvm_print_part(struct bvm_env *env, const char **sep, const char *name, s32 value)
{
	if (!value)
		return;
	bvm_log(env->log, "%s%s=%d", *sep, name, value);
	*sep = ",";
}

/**
 * bvm_print_val - a value, "map_value(ks=4,vs=48,off=8)"
 * @env:	environment
 * @v:		value
 */
void bvm_print_val(struct bvm_env *env, const struct bvm_val *v)
{
	const struct bvm_map *map;
	const char *sep = "";
	struct bvm_bound number;

	if (bvm_is_const(v)) {
		bvm_bound_s(&number, "", bvm_scalar_value(&v->s), 0, true);
		bvm_log(env->log, "%s", number.text);
		return;
	}
	bvm_log(env->log, "%s", bvm_kind_name(v));
	if (v->kind == BVM_PTR_STACK && bvm_scalar_is_const(&v->s)) {
		bvm_log(env->log, "%d", v->off);
		return;
	}
	if (v->kind == BVM_PTR_BTF)
		bvm_log(env->log, "%s", bvm_type_name(v->btf, v->type));
	bvm_log(env->log, "(");
	bvm_print_part(env, &sep, "id", v->id);
	if (v->kind == BVM_SCALAR && v->off)
		bvm_log(env->log, "%+d", v->off);
	bvm_print_part(env, &sep, "ref_obj_id", v->ref);
	if (v->kind == BVM_PTR_MAP || v->kind == BVM_PTR_VALUE || v->kind == BVM_PTR_KEY) {
		map = bvm_val_map(env, v);
		if (*map->name)
			bvm_log(env->log, "%smap=%s", sep, map->name);
		sep = *map->name ? "," : sep;
		bvm_log(env->log, "%sks=%d,vs=%d", sep, map->key_size, map->value_size);
		sep = ",";
	}
	bvm_print_part(env, &sep, "off", v->kind == BVM_SCALAR ? 0 : v->off);
	if (v->kind == BVM_PTR_MEM)
		bvm_print_part(env, &sep, "sz", v->size);
	if (bvm_is_packet(v)) {
		/* BVM_PKT_* are large */
		bvm_log(env->log, v->range < 0 ? "%sr=0x%llx" : "%sr=%lld", sep, (s64)v->range);
		sep = ",";
	}
	if (!bvm_scalar_is_const(&v->s))
		bvm_print_bounds(env, &v->s, &sep);
	bvm_log(env->log, ")");
}

static void bvm_print_reg(struct bvm_env *env, const struct bvm_state *st, u32 reg)
{
	const struct bvm_val *v = bvm_reg(env, st, reg);

	if (v->kind == BVM_UNINIT)
		return;
	bvm_log(env->log, " R%d%s=", reg, st->wrote & BIT(reg) ? "_w" : "");
	bvm_print_val(env, v);
}

/* Once for all its slots: "iter_num(ref_id=1,state=active,depth=0)", "dynptr_local" */
static void bvm_print_object(struct bvm_env *env, const struct bvm_state *st,
			     const struct bvm_val *v)
{
	const struct bvm_ref *ref = NULL;
	u32 i;

	for (i = 0; i < st->nr_refs; i++)
		if (st->ref[i].id == v->ref)
			ref = &st->ref[i];
	bvm_log(env->log, "%s", v->object->name);
	if (v->object->element)
		bvm_log(env->log, "(ref_id=%d,state=%s,depth=%u)", v->ref,
			v->flags & BVM_VAL_DRAINED ? "drained" : "active", ref ? ref->rounds : 0);
	else if (ref)
		bvm_log(env->log, "(ref_id=%d)", v->ref);
}

/*
 * The cell of a slot.  Where only its size is known, nothing: the stock verifier cuts a
 * number to size when it is loaded, here that was done when it was stored.
 */
static void bvm_print_spilled(struct bvm_env *env, const struct bvm_val *v, u32 bytes)
{
	struct bvm_val any;

	if (bytes < 8 && v->kind == BVM_SCALAR) {
		bvm_val_unknown(&any, bytes);
		if (bvm_scalar_equal(&any.s, &v->s)) {
			bvm_log(env->log, "scalar()");
			return;
		}
	}
	bvm_print_val(env, v);
}

static void bvm_print_slot(struct bvm_env *env, const struct bvm_state *st, u32 i)
{
	static const char kind[] = "?m0r";
	const struct bvm_slot *slot = bvm_slot(st->frame[st->top], i);
	u32 spilled = bvm_slot_spilled(slot);
	char text[9] = "";
	bool any = false;
	u32 j;

	for (j = 0; j < 8 - spilled; j++) {
		text[j] = kind[slot->byte[7 - j]];
		any |= slot->byte[7 - j] != BVM_BYTE_INVALID;
	}
	if ((!spilled && !any) || (bvm_slot_object(slot) && slot->cell->val.map))
		return;
	bvm_log(env->log, " fp-%d%s=%s", 8 * (i + 1), st->wrote_slots & BIT_ULL(i) ? "_w" : "",
		text);
	if (bvm_slot_object(slot))
		bvm_print_object(env, st, &slot->cell->val);
	else if (spilled)
		bvm_print_spilled(env, &slot->cell->val, spilled);
}

/* Of the function that executes. */
static void bvm_print_parts(struct bvm_env *env, const struct bvm_state *st, u32 regs, u64 slots)
{
	u32 i;

	if (st->top)
		bvm_log(env->log, " frame%d:", st->top);
	for (i = 0; i < BVM_REGS; i++)
		if (regs & BIT(i))
			bvm_print_reg(env, st, i);
	for (i = 0; i < BVM_SLOTS; i++)
		if (slots & BIT_ULL(i))
			bvm_print_slot(env, st, i);
	for (i = 0; i < st->nr_refs; i++)
		bvm_log(env->log, i ? ",%d" : " refs=%d", st->ref[i].id);
	bvm_log(env->log, "\n");
}

/**
 * bvm_print_state - a whole state, " R1=ctx() R10=fp0"
 * @env:	environment
 * @st:		state
 */
void bvm_print_state(struct bvm_env *env, const struct bvm_state *st)
{
	bvm_print_parts(env, st, BIT(BVM_REGS) - 1, U64_MAX);
}

static const char *bvm_call_name(void *priv, const struct bpf_insn *insn)
{
	const struct bvm_verify_args *args = priv;
	const struct bvm_kfunc *kfunc;

	if (!insn->src_reg)
		return bvm_helper_name(insn->imm);
	kfunc = bvm_kfunc_called(args->kfuncs, args->nr_kfuncs, insn->imm, insn->off);
	return kfunc ? kfunc->name : NULL;
}

/**
 * bvm_insn_text - "(bf) r6 = r1"
 * @env:	environment
 * @insn:	index
 * Return: text, in scratch memory of @env.
 */
const char *bvm_insn_text(struct bvm_env *env, u32 insn)
{
	const struct bvm_disasm_ops ops = {
		.call_name = bvm_call_name, .priv = (void *)env->args,
	};

	bvm_disasm(env->text, sizeof(env->text), &env->args->insns[insn], &ops);
	return env->text;
}

/**
 * bvm_print_insn - "6: (bf) r6 = r1"
 * @env:	environment
 * @insn:	index
 */
void bvm_print_insn(struct bvm_env *env, u32 insn)
{
	bvm_log(env->log, "%d: %s\n", insn, bvm_insn_text(env, insn));
}

/* The source line that an instruction belongs to: the last one that begins at or before it. */
static const struct bpf_line_info *bvm_line_of(const struct bvm_verify_args *args, u32 insn)
{
	u32 low = 0, high = args->nr_line_info, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (args->line_info[mid].insn_off <= insn)
			low = mid + 1;
		else
			high = mid;
	}
	return low ? &args->line_info[low - 1] : NULL;
}

static bool bvm_same_line(const struct bpf_line_info *a, const struct bpf_line_info *b)
{
	return a && a->file_name_off == b->file_name_off && a->line_off == b->line_off &&
	       BPF_LINE_INFO_LINE_NUM(a->line_col) == BPF_LINE_INFO_LINE_NUM(b->line_col);
}

/**
 * bvm_print_source - "; int x = 5; @ file.c:5", when it is another line than before
 * @env:	environment
 * @insn:	index of the instruction that is about to be printed
 */
void bvm_print_source(struct bvm_env *env, u32 insn)
{
	const struct bpf_line_info *line = bvm_line_of(env->args, insn), *last = env->line;
	const char *text, *file, *slash;

	if (!line || line == last)
		return;
	env->line = line;
	if (bvm_same_line(last, line))
		return;
	text = bvm_btf_str(env->args->btf, line->line_off);
	while (*text == ' ' || (*text >= '\t' && *text <= '\r'))
		text++;
	file = bvm_btf_str(env->args->btf, line->file_name_off);
	slash = strrchr(file, '/');
	bvm_log(env->log, "; %s @ %s:%u\n", text, slash ? slash + 1 : file,
		BPF_LINE_INFO_LINE_NUM(line->line_col));
}

/**
 * bvm_print_touched - what the last instruction read and wrote, behind its text
 * @env:	environment
 * @st:		state after it
 * @line_pos:	where its line began
 */
void bvm_print_touched(struct bvm_env *env, const struct bvm_state *st, u64 line_pos)
{
	u64 end = env->log->pos - 1;
	int pad = max_t(s64, BVM_STATE_COLUMN - (s64)(end - line_pos), 1);

	if (!env->touched && !env->touched_slots)
		return;
	bvm_log_reset(env->log, end);
	bvm_log(env->log, "%*s;", pad, "");
	bvm_print_parts(env, st, env->touched, env->touched_slots);
}
