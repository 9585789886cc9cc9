// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lowering: decoded BPF to IR.
 *
 * One walk over the program in order, made twice: the first walk only counts and
 * records where each instruction's code begins, the second writes, knowing every
 * jump target.  What the IR cannot express is an error, except in instructions
 * that verification never reached: those become TRAP.
 */
#include "lower.h"
#include "opt.h"

#define LOWER_MAX_OFFSET	0x20000000	/* that the verifier lets a pointer be moved by */

static void lower_alu(struct lower *l, const struct bvm_insn *insn)
{
	static const u16 base[__BVM_ALU_OP_MAX] = {
		[BVM_ADD] = BVM_IR_ADD64R, [BVM_SUB] = BVM_IR_SUB64R, [BVM_MUL] = BVM_IR_MUL64R,
		[BVM_DIV] = BVM_IR_DIV64R, [BVM_SDIV] = BVM_IR_SDIV64R,
		[BVM_MOD] = BVM_IR_MOD64R, [BVM_SMOD] = BVM_IR_SMOD64R,
		[BVM_OR] = BVM_IR_OR64R, [BVM_AND] = BVM_IR_AND64R, [BVM_XOR] = BVM_IR_XOR64R,
		[BVM_LSH] = BVM_IR_LSH64R, [BVM_RSH] = BVM_IR_RSH64R, [BVM_ARSH] = BVM_IR_ARSH64R,
	};

	EMIT_OP(l, form_of(base[insn->op], insn), .dst = insn->dst, .src = insn->src,
		.imm = insn->imm);
}

static void lower_mov(struct lower *l, const struct bvm_insn *insn)
{
	u16 op;

	if (!(insn->flags & BVM_F_SRC_REG)) {
		EMIT(l, MOVI, .dst = insn->dst,
		     .imm = insn->size == 4 ? (u32)insn->imm : insn->imm);
		return;
	}
	if (insn->op)
		return bvm_lower_cast(l, insn);
	switch (insn->ext) {
	case 0:
		op = insn->size == 4 ? BVM_IR_MOV32R : BVM_IR_MOV64R;
		break;
	case 4:
		op = BVM_IR_SEXT32_64;
		break;
	default:
		op = width_of(insn->size == 4 ? BVM_IR_SEXT8_32 : BVM_IR_SEXT8_64, insn->ext);
		break;
	}
	EMIT_OP(l, op, .dst = insn->dst, .src = insn->src);
}

static void lower_endian(struct lower *l, const struct bvm_insn *insn)
{
	bool swap = insn->op == BVM_BSWAP || (insn->op == BVM_TO_BE) == little_endian();

	if (swap)
		EMIT_OP(l, width_of(BVM_IR_SWAP16, insn->ext / 2), .dst = insn->dst);
	else if (insn->ext == 2)
		EMIT(l, ZEXT16, .dst = insn->dst, .src = insn->dst);
	else if (insn->ext == 4)
		EMIT(l, MOV32R, .dst = insn->dst, .src = insn->dst);
	/* 8 bytes in this machine's order: nothing to do */
}

/* Where the function begins that a call, or a 64-bit immediate, at @i names. */
static s64 callee(const struct bvm_insn *insn, u32 i)
{
	return (s64)i + 1 + (s32)insn->imm;
}

static void lower_ld_imm64(struct lower *l, const struct bvm_insn *insn, u32 i)
{
	u32 low = insn->imm, high = (u64)insn->imm >> 32;
	struct bvm_map *map;
	void *addr;

	switch (insn->src) {
	case 0:
		EMIT(l, MOVI, .dst = insn->dst, .imm = insn->imm);
		return;
	case BPF_PSEUDO_FUNC:
		/* find_functions() has checked that a function is there */
		EMIT(l, FUNC, .dst = insn->dst, .off = l->spot[callee(insn, i)].at);
		return;
	case BPF_PSEUDO_MAP_FD:
	case BPF_PSEUDO_MAP_IDX:
		addr = l->args->maps[low];
		break;
	case BPF_PSEUDO_MAP_VALUE:
	case BPF_PSEUDO_MAP_IDX_VALUE:
		map = l->args->maps[low];
		addr = map->type->direct ? map->type->direct(map, high) : NULL;
		break;
	default:
		addr = NULL;
		break;
	}
	if (!addr)
		l->err = -EINVAL;
	EMIT(l, MOVI, .dst = insn->dst, .imm = (unsigned long)addr);
}

/* From a subprogram back to its caller, from the program to the kernel. */
static void lower_exit(struct lower *l, u32 i)
{
	if (l->spot[i].fn)
		EMIT(l, RET);
	else
		EMIT(l, EXIT);
}

/* RFC 9669 section 5.5: r6 holds the context; no packet there ends the function with 0. */
static void lower_ld_pkt(struct lower *l, const struct bvm_insn *insn, u32 i)
{
	if (!l->args->type->ld_pkt) {
		l->err = -EINVAL;
		return;
	}
	if (insn->class == BVM_LD_IND) {
		EMIT(l, MOV64R, .dst = BPF_REG_2, .src = insn->src);
		EMIT(l, ADD32I, .dst = BPF_REG_2, .imm = insn->imm);
	} else {
		EMIT(l, MOVI, .dst = BPF_REG_2, .imm = (u32)insn->imm);
	}
	EMIT(l, MOV64R, .dst = BPF_REG_1, .src = BPF_REG_6);
	EMIT(l, MOVI, .dst = BPF_REG_3, .imm = insn->size);
	EMIT(l, CALL, .imm = (unsigned long)l->args->type->ld_pkt);
	EMIT(l, JSGE64I, .dst = BPF_REG_0, .off = l->n + 3);
	EMIT(l, MOVI, .dst = BPF_REG_0);
	lower_exit(l, i);
}

/* The IR index of a jump's target, which must be in the same function. */
static u32 target_of(struct lower *l, const struct bvm_insn *insn, u32 i)
{
	s64 to = (s64)i + 1 + insn->off;

	if (to < 0 || to >= l->args->len || l->args->insn[to].class == BVM_SLOT2 ||
	    l->spot[to].fn != l->spot[i].fn) {
		l->err = -EINVAL;
		return 0;
	}
	return l->spot[to].at;
}

static void lower_jcond(struct lower *l, const struct bvm_insn *insn, u32 i)
{
	static const u16 base[__BVM_COND_MAX] = {
		[BVM_JEQ] = BVM_IR_JEQ64R, [BVM_JNE] = BVM_IR_JNE64R, [BVM_JSET] = BVM_IR_JSET64R,
		[BVM_JGT] = BVM_IR_JGT64R, [BVM_JGE] = BVM_IR_JGE64R,
		[BVM_JLT] = BVM_IR_JLT64R, [BVM_JLE] = BVM_IR_JLE64R,
		[BVM_JSGT] = BVM_IR_JSGT64R, [BVM_JSGE] = BVM_IR_JSGE64R,
		[BVM_JSLT] = BVM_IR_JSLT64R, [BVM_JSLE] = BVM_IR_JSLE64R,
	};

	EMIT_OP(l, form_of(base[insn->op], insn), .dst = insn->dst, .src = insn->src,
		.off = target_of(l, insn, i), .imm = insn->imm);
}

/* Bytes of the frame of the function that contains instruction @i, a call. */
static u32 frame_of(const struct lower *l, u32 i)
{
	return l->args->facts ? l->args->facts->insn[i].frame * 8 :
				BVM_MAX_STACK / BVM_IR_FRAMES;
}

/* The program's r6..r9 are put below its frame, for what uses them meanwhile. */
static void lower_save(struct lower *l, u32 frame)
{
	u32 reg;

	for (reg = 0; reg < 4; reg++)
		EMIT(l, STORE64R, .dst = BVM_IR_FP, .src = BPF_REG_6 + reg,
		     .off = -(s32)(frame + 8 + 8 * reg));
}

static void lower_restore(struct lower *l, u32 frame)
{
	u32 reg;

	for (reg = 0; reg < 4; reg++)
		EMIT(l, LOAD64, .dst = BPF_REG_6 + reg, .src = BVM_IR_FP,
		     .off = -(s32)(frame + 8 + 8 * reg));
}

/*
 * r0 = how often the function r2 was called: r1 times, or until it returns something
 * other than 0.  It gets the number of the call, from 0, and r3.  -EINVAL: r4, the
 * flags, is not 0; -E2BIG: too often (bpf-helpers(7), bpf_loop).
 *
 * r6..r9 count: CALL_SUBR keeps them.
 */
static void lower_loop(struct lower *l, u32 i)
{
	u32 frame = frame_of(l, i), out, head;

	l->loops = max(l->loops, BVM_IR_LOOP);
	EMIT(l, MOVI, .dst = BPF_REG_0, .imm = -EINVAL);
	EMIT(l, JNE64I, .dst = BPF_REG_4, .off = l->spot[i + 1].at);
	EMIT(l, MOV32R, .dst = BPF_REG_1, .src = BPF_REG_1);
	EMIT(l, MOVI, .dst = BPF_REG_0, .imm = -E2BIG);
	EMIT(l, JGT64I, .dst = BPF_REG_1, .imm = BVM_IR_LOOPS, .off = l->spot[i + 1].at);
	lower_save(l, frame);
	EMIT(l, MOVI, .dst = BPF_REG_6);
	EMIT(l, MOV64R, .dst = BPF_REG_7, .src = BPF_REG_1);
	EMIT(l, MOV64R, .dst = BPF_REG_8, .src = BPF_REG_2);
	EMIT(l, MOV64R, .dst = BPF_REG_9, .src = BPF_REG_3);
	head = l->n + 1;
	out = head + 6;
	EMIT(l, JEQ64I, .dst = BPF_REG_7, .off = out);
	EMIT(l, MOV64R, .dst = BPF_REG_1, .src = BPF_REG_6);
	EMIT(l, MOV64R, .dst = BPF_REG_2, .src = BPF_REG_9);
	EMIT(l, CALL_SUBR, .src = BPF_REG_8, .imm = frame + BVM_IR_LOOP);
	EMIT(l, ADD64I, .dst = BPF_REG_6, .imm = 1);
	EMIT(l, JNE64I, .dst = BPF_REG_0, .off = out);
	EMIT(l, JLT64R, .dst = BPF_REG_6, .src = BPF_REG_7, .off = head);
	EMIT(l, MOV64R, .dst = BPF_REG_0, .src = BPF_REG_6);
	lower_restore(l, frame);
}

/* Argument of a helper of a kind; verification has seen to it that there is one. */
static u32 helper_reg(const struct bvm_helper *helper, u32 kind)
{
	u32 i;

	for (i = 0; i < 4; i++)
		if ((helper->arg[i] & ~BVM_ARG_MAYBE_NULL) == kind)
			break;
	return BPF_REG_1 + i;
}

/* What a function gets that is called for each of many things; r6: the helper's r1. */
static void lower_each_arg(struct lower *l, u32 reg, u32 kind, s32 cursor)
{
	switch (kind) {
	case BVM_CB_MAP:
	case BVM_CB_BTF:
		EMIT(l, MOV64R, .dst = reg, .src = BPF_REG_6);
		break;
	case BVM_CB_STACK:
		EMIT(l, MOV64R, .dst = reg, .src = BPF_REG_9);
		break;
	case BVM_CB_MAP_KEY:
	case BVM_CB_RET_BTF:
	case BVM_CB_DYNPTR:
		EMIT(l, LOAD64, .dst = reg, .src = BVM_IR_FP,
		     .off = cursor + (s32)offsetof(struct bvm_cursor, arg[0]));
		break;
	case BVM_CB_MAP_VALUE:
		EMIT(l, LOAD64, .dst = reg, .src = BVM_IR_FP,
		     .off = cursor + (s32)offsetof(struct bvm_cursor, arg[1]));
		break;
	default:
		l->err = -EINVAL;
	}
}

/* r0 = fn(cursor, r6) */
static void lower_each_call(struct lower *l, u64 (*fn)(u64, u64, u64, u64, u64), s32 cursor)
{
	EMIT(l, MOV64R, .dst = BPF_REG_1, .src = BVM_IR_FP);
	EMIT(l, ADD64I, .dst = BPF_REG_1, .imm = cursor);
	EMIT(l, MOV64R, .dst = BPF_REG_2, .src = BPF_REG_6);
	EMIT(l, CALL, .imm = (unsigned long)fn);
}

/*
 * A function is called for each of many things, which the helper finds: see struct
 * bvm_callback.  r6: the helper's first argument, r8: the function, r9: what it is given
 * on; the cursor is below where the program's r6..r9 are kept.
 */
static void lower_each(struct lower *l, const struct bvm_helper *helper, u32 i)
{
	const struct bvm_callback *cb = helper->callback;
	u32 fn = helper_reg(helper, BVM_ARG_FUNC), n, head, end;
	u32 frame = frame_of(l, i), below = frame + BVM_IR_LOOP + BVM_IR_CURSOR;
	s32 cursor = -(s32)below;

	BUILD_BUG_ON(sizeof(struct bvm_cursor) > BVM_IR_CURSOR);
	for (n = 0; n < 5 && cb->arg[n]; n++)
		;
	l->loops = max(l->loops, BVM_IR_LOOP + BVM_IR_CURSOR);
	lower_save(l, frame);
	EMIT(l, MOV64R, .dst = BPF_REG_6, .src = BPF_REG_1);
	EMIT(l, MOV64R, .dst = BPF_REG_8, .src = fn);
	EMIT(l, MOV64R, .dst = BPF_REG_9, .src = helper_reg(helper, BVM_ARG_STACK));
	EMIT(l, MOV64R, .dst = fn, .src = BVM_IR_FP);
	EMIT(l, ADD64I, .dst = fn, .imm = cursor);
	EMIT(l, CALL, .imm = (unsigned long)helper->fn);
	head = l->n + 1;
	end = head + 4 + 1 + n + 2;
	EMIT(l, JNE64I, .dst = BPF_REG_0, .off = end + 4);
	lower_each_call(l, cb->next, cursor);
	EMIT(l, JEQ64I, .dst = BPF_REG_0, .off = end);
	for (n = 0; n < 5 && cb->arg[n]; n++)
		lower_each_arg(l, BPF_REG_1 + n, cb->arg[n], cursor);
	EMIT(l, CALL_SUBR, .src = BPF_REG_8, .imm = below);
	EMIT(l, JEQ64I, .dst = BPF_REG_0, .off = head);
	lower_each_call(l, cb->end, cursor);
	lower_restore(l, frame);
}

static void lower_helper(struct lower *l, const struct bvm_insn *insn, u32 i)
{
	const struct bvm_helper *helper = bvm_helper_find(l->args->type, insn->imm);
	u32 flags = helper ? helper->flags : 0;

	if (!helper) {
		l->err = -EINVAL;
	} else if (flags & BVM_HELPER_LOOP) {
		lower_loop(l, i);
	} else if (helper->callback) {
		lower_each(l, helper, i);
	} else if (flags & BVM_HELPER_TAIL_CALL) {
		l->tail_calls = true;
		l->deep |= l->spot[i].fn != 0;
		EMIT(l, TAIL_CALL, .imm = (unsigned long)helper->fn);
	} else {
		EMIT(l, CALL, .off = helper->id, .imm = (unsigned long)helper->fn);
	}
}

/*
 * What a program has of a structure of the kernel may be NULL, or a little more if it was
 * moved, and the function would not look: then it is not called, and 0 is the result.
 */
static void lower_typed(struct lower *l, const struct bvm_helper *func)
{
	u32 i, n = 0, skip;

	for (i = 0; i < 5; i++)
		n += func->arg[i] == BVM_ARG_TYPED;
	skip = l->n + n + 2;
	if (!n)
		return EMIT(l, CALL, .imm = (unsigned long)func->fn);
	for (i = 0; i < 5; i++)
		if (func->arg[i] == BVM_ARG_TYPED)
			EMIT(l, JLT64I, .dst = BPF_REG_1 + i, .imm = LOWER_MAX_OFFSET,
			     .off = skip);
	EMIT(l, CALL, .imm = (unsigned long)func->fn);
	EMIT(l, JA, .off = skip + 1);
	EMIT(l, MOVI, .dst = BPF_REG_0);
}

static void lower_kfunc(struct lower *l, const struct bvm_insn *insn)
{
	const struct bvm_kfunc *kfunc = bvm_kfunc_called(l->args->kfuncs, l->args->nr_kfuncs,
							 insn->imm, insn->off);

	if (!kfunc || !kfunc->func) {
		l->err = -EINVAL;
		return;
	}
	lower_typed(l, kfunc->func);
}

static void lower_call(struct lower *l, const struct bvm_insn *insn, u32 i)
{
	if (insn->src == BPF_PSEUDO_CALL)
		/* find_functions() has checked that a function is there */
		EMIT(l, CALL_SUB, .off = l->spot[callee(insn, i)].at, .imm = frame_of(l, i));
	else if (insn->src)
		lower_kfunc(l, insn);
	else
		lower_helper(l, insn, i);
}

static void lower_insn(struct lower *l, const struct bvm_insn *insn, u32 i)
{
	switch (insn->class) {
	case BVM_ALU:
		return lower_alu(l, insn);
	case BVM_MOV:
		return lower_mov(l, insn);
	case BVM_NEG:
		return EMIT_OP(l, insn->size == 4 ? BVM_IR_NEG32 : BVM_IR_NEG64, .dst = insn->dst);
	case BVM_ENDIAN:
		return lower_endian(l, insn);
	case BVM_LDX:
	case BVM_ST:
	case BVM_STX:
		return bvm_lower_mem(l, insn, i);
	case BVM_ATOMIC:
		return bvm_lower_atomic(l, insn, i);
	case BVM_LD_IMM64:
		return lower_ld_imm64(l, insn, i);
	case BVM_LD_ABS:
	case BVM_LD_IND:
		return lower_ld_pkt(l, insn, i);
	case BVM_JA:
		return EMIT(l, JA, .off = target_of(l, insn, i));
	case BVM_JCOND:
		return lower_jcond(l, insn, i);
	case BVM_MAY_GOTO:
		return EMIT(l, MAY_GOTO, .off = target_of(l, insn, i));
	case BVM_CALL:
		return lower_call(l, insn, i);
	case BVM_EXIT:
		return lower_exit(l, i);
	default:
		l->err = -EINVAL;
	}
}

/* What the verifier claims about the registers there, if that is to be looked after. */
static void lower_claims(struct lower *l, u32 i)
{
	struct bvm_claims **claims = l->args->facts ? l->args->facts->claims : NULL;

	if (claims && claims[i] && claims[i]->claim)
		EMIT(l, CHECK, .imm = (unsigned long)claims[i]);
}

static void lower_walk(struct lower *l)
{
	const struct bvm_facts *facts = l->args->facts;
	u32 i;

	l->n = 0;
	for (i = 0; i < l->args->len && !l->err; i++) {
		const struct bvm_insn *insn = &l->args->insn[i];

		l->spot[i].at = l->n;
		if (insn->class == BVM_SLOT2)
			continue;
		lower_claims(l, i);
		if (facts && !facts->insn[i].seen)
			EMIT(l, TRAP);
		else
			lower_insn(l, insn, i);
	}
	l->spot[i].at = l->n;
	/* Whatever the last instruction does, the code does not run off its end. */
	EMIT(l, TRAP);
}

static bool is_seen(const struct lower *l, u32 i)
{
	return !l->args->facts || l->args->facts->insn[i].seen;
}

static bool calls_function(const struct lower *l, u32 i)
{
	const struct bvm_insn *insn = &l->args->insn[i];

	return insn->class == BVM_CALL && insn->src == BPF_PSEUDO_CALL && is_seen(l, i);
}

static bool points_to_function(const struct lower *l, u32 i)
{
	const struct bvm_insn *insn = &l->args->insn[i];

	return insn->class == BVM_LD_IMM64 && insn->src == BPF_PSEUDO_FUNC && is_seen(l, i);
}

/*
 * Functions begin at 0 and where calls and pointers go; each ends where the next one
 * begins.
 */
static int find_functions(struct lower *l)
{
	u32 i, fn = 0, len = l->args->len;
	const struct bvm_insn *insn = l->args->insn;

	l->spot[0].entry = 1;
	for (i = 0; i < len; i++) {
		s64 to = callee(&insn[i], i);

		l->funcs |= points_to_function(l, i);
		if (!calls_function(l, i) && !points_to_function(l, i))
			continue;
		/* nothing calls the program itself, and no function is fallen into */
		if (to <= 0 || to >= len ||
		    (insn[to - 1].class != BVM_EXIT && insn[to - 1].class != BVM_JA))
			return -EINVAL;
		l->spot[to].entry = 1;
	}
	for (i = 0; i < len; i++) {
		if (l->spot[i].entry)
			fn = i;
		l->spot[i].fn = fn;
	}
	return 0;
}

/*
 * Calls that can be active at a time: as many as verification allows when there are
 * pointers to functions, which can be called anywhere.  Otherwise, a function is one
 * deeper than the deepest that it calls; when that does not settle in as many rounds as
 * there may be frames, calls are nested too deeply or recurse.
 */
static int call_depth(struct lower *l)
{
	u32 i, round;

	if (l->funcs)
		return BVM_IR_FRAMES - 1;
	for (round = 0; round < BVM_IR_FRAMES; round++) {
		bool changed = false;

		for (i = 0; i < l->args->len; i++) {
			struct spot *caller = &l->spot[l->spot[i].fn];
			u8 depth;

			if (!calls_function(l, i))
				continue;
			depth = l->spot[callee(&l->args->insn[i], i)].depth + 1;
			if (depth > caller->depth) {
				caller->depth = depth;
				changed = true;
			}
		}
		if (!changed)
			return l->spot[0].depth;
	}
	return -EINVAL;
}

static u32 stack_size(const struct lower *l, u32 depth)
{
	u32 frames = BVM_MAX_STACK;

	if (l->args->facts)
		frames = round_up(l->args->facts->stack_depth, 8);
	return frames + depth * (BVM_IR_SAVE + l->loops);
}

/* The code, as it is to run. */
static struct bvm_ir_prog *finish(struct lower *l, u32 depth)
{
	u32 *at = l->args->at, nr = at ? l->args->len : 0, len, i;
	struct bvm_ir_prog *prog;

	for (i = 0; i < nr; i++)
		at[i] = l->spot[i].at;
	len = bvm_optimise(&l->code, l->n, l->args, at, nr);
	prog = bvm_ir_alloc(len);
	if (!prog)
		return ERR_PTR(-ENOMEM);
	memcpy(prog->code, l->code, len * sizeof(*l->code));
	prog->stack_size = stack_size(l, depth);
	prog->tail_calls = l->tail_calls;
	prog->deep = l->deep;
	return prog;
}

static struct bvm_ir_prog *lower(struct lower *l)
{
	int depth, err = find_functions(l);
	struct bvm_ir_prog *prog;

	if (err)
		return ERR_PTR(err);
	depth = call_depth(l);
	if (depth < 0)
		return ERR_PTR(depth);
	lower_walk(l);
	if (l->err)
		return ERR_PTR(l->err);
	l->code = kvmalloc_array(l->n, sizeof(*l->code), GFP_KERNEL);
	if (!l->code)
		return ERR_PTR(-ENOMEM);
	lower_walk(l);
	prog = finish(l, depth);
	kvfree(l->code);
	return prog;
}

struct bvm_ir_prog *bvm_lower(const struct bvm_lower_args *args)
{
	struct lower l = { .args = args };
	struct bvm_ir_prog *prog;

	if (!args->len)
		return ERR_PTR(-EINVAL);
	l.spot = kvcalloc(size_add(args->len, 1), sizeof(*l.spot), GFP_KERNEL);
	if (!l.spot)
		return ERR_PTR(-ENOMEM);
	prog = lower(&l);
	kvfree(l.spot);
	return prog;
}
