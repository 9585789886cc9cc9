// SPDX-License-Identifier: GPL-2.0-only
/*
 * Explanations: after the kernel's words, what is wrong, which value, where it came from
 * and what would help.
 *
 * While something is logged, states remember where their paths jumped.  When one of them
 * fails, the path is gone back from there, and what made the value is written down.  That is
 * for the reader: stores through pointers are not followed, and no verdict depends on it.
 */
#include "env.h"

#define BVM_NOWHERE	U32_MAX		/* a path begins */
#define BVM_TRACE_LINES	12		/* of an origin, at most */
#define BVM_TRACE_INSNS	100000		/* to go back, at most */
#define BVM_ARG_REGS	0x3e		/* r1..r5 */
#define BVM_CALL_REGS	0x3f		/* r0 as well: other than before a call */

/* What is wrong, and what would help. */
static const struct {
	const char *what;
	const char *fix;
} bvm_hints[__BVM_MSG_MAX] = {
	[BVM_MSG_NOT_READABLE] = {
		"a register is read that has no value on this path",
		"set it on every way here; calls leave nothing in r1 to r5",
	},
	[BVM_MSG_MEM_KIND] = {
		"this is no address to be used: a number, or an address that may be NULL",
		"check for NULL first; read other memory of the kernel with bpf_probe_read_kernel()",
	},
	[BVM_MSG_MAP_ACCESS] = {
		"the access reaches beyond the map's value",
		"keep offset plus size within value_size: compare the index before it is added",
	},
	[BVM_MSG_MIN_NEGATIVE] = {
		"the offset may be negative",
		"use an unsigned index, or leave if it is below 0 before it is added",
	},
	[BVM_MSG_MIN_OUTSIDE] = {
		"even with the smallest offset the access lies outside",
		"correct the offset, or compare the index before it is added",
	},
	[BVM_MSG_MAX_OUTSIDE] = {
		"with the greatest offset the access lies outside",
		"compare the index with the size before it is added, or mask it with 'index &= size - 1'",
	},
	[BVM_MSG_UNBOUNDED] = {
		"nothing limits the offset from above",
		"compare the index with the size before it is added, or mask it with 'index &= size - 1'",
	},
	[BVM_MSG_MEM_ACCESS] = {
		"the access reaches beyond the memory",
		"keep offset plus size within mem_size",
	},
	[BVM_MSG_STACK_ACCESS] = {
		"the access is not within the function's stack, or nothing was written there",
		"use offsets from -512 to -1 of r10, and initialise what is passed on",
	},
	[BVM_MSG_STACK_VAR_ACCESS] = {
		"the access with a variable offset is not always within the function's stack",
		"compare the index before it is added, and initialise all that it may reach",
	},
	[BVM_MSG_STACK_UNBOUNDED] = {
		"nothing limits the offset into the stack",
		"compare the index before it is added",
	},
	[BVM_MSG_PARTIAL_FILL] = {
		"part of an address that was put on the stack is read",
		"read all 8 bytes of it",
	},
	[BVM_MSG_PKT_ACCESS] = {
		"it has not been shown that the packet is that long",
		"compare the address, plus the size, with data_end on every way here",
	},
	[BVM_MSG_CTX_ACCESS] = {
		"programs of this type have no such field in their context, or not for this use",
		"use a field that there is, with its size, and do not write to those that are read only",
	},
	[BVM_MSG_PTR_MODIFIED] = {
		"the address must be used as it was handed out, an offset belongs into the instruction",
		"do not add to the pointer; compilers do when several accesses share a part of one",
	},
	[BVM_MSG_PTR_VARIABLE] = {
		"the address must be used as it was handed out, an offset must be constant",
		"use constant offsets",
	},
	[BVM_MSG_BTF_ACCESS] = {
		"the structure ends before that",
		"use BPF_CORE_READ(), which knows this kernel's structures",
	},
	[BVM_MSG_BTF_WRITE] = {
		"structures of the kernel may be read only", "copy what is to be changed",
	},
	[BVM_MSG_MISALIGNED] = {
		"the address is not a multiple of the size of the access",
		"align the offset, or access it in smaller parts",
	},
	[BVM_MSG_ARG_TYPE] = {
		"the function takes something else there",
		"pass what is expected; if it is '..._or_null', check for NULL first",
	},
	[BVM_MSG_SIZE_NEGATIVE] = {
		"the size may be negative",
		"use an unsigned number, or mask it with 'size &= constant'",
	},
	[BVM_MSG_SIZE_ZERO] = {
		"the size may be 0", "leave if it is 0 before the call",
	},
	[BVM_MSG_SIZE_UNBOUNDED] = {
		"nothing limits the size", "compare it with the buffer's size, or mask it",
	},
	[BVM_MSG_SIZE_NOT_CONST] = {
		"the size must be the same constant on every way here", "pass a constant",
	},
	[BVM_MSG_EXIT_RANGE] = {
		"the value returned is not one that programs of this type may return",
		"return a constant in the range that is named, on every way here",
	},
	[BVM_MSG_EXIT_NOT_SCALAR] = {
		"the program would return an address", "return a number",
	},
	[BVM_MSG_UNRELEASED] = {
		"something that was acquired is not given back on this path",
		"release it on every way to the end, also where something else fails",
	},
	[BVM_MSG_INFINITE_LOOP] = {
		"the same state comes here again: this loop would not end",
		"let each round change what the loop's condition looks at",
	},
	[BVM_MSG_TOO_LARGE] = {
		"there are too many paths, or a loop takes too many rounds",
		"use bpf_loop(), an iterator or may_goto for loops; move code into global functions",
	},
	[BVM_MSG_TOO_COMPLEX] = {
		"too many branches are waiting", "move code into global functions",
	},
	[BVM_MSG_STACK_CHAIN] = {
		"the functions that call each other need more than 512 bytes of stack",
		"move large variables into a map, or call less deeply",
	},
	[BVM_MSG_PTR_MATH_UNBOUNDED] = {
		"the number that is added to an address may be anything",
		"compare it from below and above before it is added",
	},
	[BVM_MSG_PTR_NULL_ALU] = {
		"the address may be NULL", "check for NULL before anything is added",
	},
	[BVM_MSG_PTR_KIND_ALU] = {
		"nothing may be added to an address of this kind", "use it as it is",
	},
	[BVM_MSG_WRONG_HELPER] = {
		"programs of this type do not have this helper",
		"Documentation/bvm/helpers.rst says which they have",
	},
	[BVM_MSG_GPL_HELPER] = {
		"this helper is for programs under the GPL", "declare a compatible licence",
	},
	[BVM_MSG_CERT_FAULT] = {
		"the program may be right: the verifier contradicts itself", "please report it",
	},
	[BVM_MSG_CERT_LOOP] = {
		"the program may be right: the verifier contradicts itself", "please report it",
	},
};

/**
 * bvm_trail_add - a path goes on
 * @env:	environment with a reserve
 * @st:		state before an instruction
 */
void bvm_trail_add(struct bvm_env *env, struct bvm_state *st)
{
	u32 next = st->prev + (env->args->insn[st->prev].class == BVM_LD_IMM64 ? 2 : 1);
	struct bvm_trail *trail;

	if (!bvm_logs(env) || (st->trail && st->insn == next))
		return;
	/* a loop's rounds that are all the same, or a path that is looked at once more */
	if (st->trail && st->trail->from == st->prev && st->trail->to == st->insn)
		return;
	trail = bvm_pool_get(&env->trails);
	*trail = (struct bvm_trail){
		.prev = st->trail, .from = st->trail ? st->prev : BVM_NOWHERE, .to = st->insn,
	};
	st->trail = trail;
}

/* On the way back; what is looked for, by frame: registers, stack slots reached through r10 */
struct bvm_trace {
	struct bvm_env *env;
	const struct bvm_trail *trail;
	u32 insn;
	u32 frame;
	u32 lines;
	u32 regs[BVM_MAX_FRAMES];
	u64 slots[BVM_MAX_FRAMES];
};

/* The stack slot of an access through r10, as a bit; 0: it is none. */
static u64 bvm_trace_slot(const struct bvm_insn *in, u32 base)
{
	if (base != BVM_FP || in->off >= 0 || in->off < -8 * BVM_SLOTS)
		return 0;
	return BIT_ULL((-in->off - 1) / 8);
}

static const char *bvm_trace_load(struct bvm_trace *t, const struct bvm_insn *in)
{
	u64 slot = bvm_trace_slot(in, in->src);

	t->regs[t->frame] &= ~BIT(in->dst);
	t->slots[t->frame] |= slot;
	return slot ? "from the stack" : "from memory";
}

static const char *bvm_trace_store(struct bvm_trace *t, const struct bvm_insn *in)
{
	u64 slot = bvm_trace_slot(in, in->dst);

	if (!(t->slots[t->frame] & slot))
		return NULL;
	t->slots[t->frame] &= ~slot;
	if (in->class == BVM_STX)
		t->regs[t->frame] |= BIT(in->src);
	return "to the stack";
}

static const char *bvm_trace_call(struct bvm_trace *t)
{
	u32 had = t->regs[t->frame];

	t->regs[t->frame] &= ~BVM_CALL_REGS;
	if (had & BIT(0))
		return "returned this";
	return had & BVM_ARG_REGS ? "left nothing in r1 to r5" : NULL;
}

/* A comparison, of which the way tells how it ended. */
static const char *bvm_trace_jump(const struct bvm_trace *t, const struct bvm_insn *in, u32 read,
				  u32 next)
{
	if (!(t->regs[t->frame] & read))
		return NULL;
	if (!in->off)
		return "";
	return next == t->insn + 1 ? "was not so" : "was so";
}

/*
 * What an instruction, behind which @next was executed, had to do with what is looked for;
 * NULL: nothing.  Goes on looking for what that was made of.
 */
static const char *bvm_trace_insn(struct bvm_trace *t, u32 next)
{
	const struct bvm_insn *in = &t->env->args->insn[t->insn];
	u32 *regs = &t->regs[t->frame], dst = BIT(in->dst);
	u32 src = in->flags & BVM_F_SRC_REG ? BIT(in->src) : 0;

	switch (in->class) {
	case BVM_JCOND:
		return bvm_trace_jump(t, in, dst | src, next);
	case BVM_ST:
	case BVM_STX:
		return bvm_trace_store(t, in);
	case BVM_CALL:
	case BVM_LD_ABS:
	case BVM_LD_IND:
		return bvm_trace_call(t);
	case BVM_ATOMIC:
		dst = in->op == BVM_ATOMIC_CMPXCHG ? BIT(0) : BIT(in->src);
		if (!(in->flags & BVM_F_FETCH) || !(*regs & dst))
			return NULL;
		*regs &= ~dst;
		return "from memory";
	default:
		break;
	}
	if (!(*regs & dst))
		return NULL;
	switch (in->class) {
	case BVM_LDX:
		return bvm_trace_load(t, in);
	case BVM_MOV:
	case BVM_LD_IMM64:
		*regs &= ~dst;
		fallthrough;
	case BVM_ALU:
	case BVM_NEG:
	case BVM_ENDIAN:
		*regs |= src;
		return "";
	default:
		return NULL;
	}
}

/* From a function's first instruction to its call, or from behind a call to its end. */
static const char *bvm_trace_frame(struct bvm_trace *t)
{
	const struct bvm_insn *in = &t->env->args->insn[t->insn];
	u32 *regs = t->regs;

	if (in->class == BVM_EXIT && t->frame + 1 < BVM_MAX_FRAMES) {
		u32 *own = &regs[t->frame++];

		regs[t->frame] = 0;
		t->slots[t->frame] = 0;
		/* to a helper that called it, which goes on with its arguments */
		if (t->env->args->insn[t->trail->to - 1].src != BPF_PSEUDO_CALL)
			return NULL;
		regs[t->frame] = *own & BIT(0);
		*own &= ~BVM_CALL_REGS;
		return regs[t->frame] ? "returned this" : NULL;
	}
	if (in->class == BVM_CALL && t->frame) {
		t->frame--;
		if (!(regs[t->frame + 1] & BVM_ARG_REGS))
			return NULL;
		if (in->src != BPF_PSEUDO_CALL)
			return "passed this";
		regs[t->frame] |= regs[t->frame + 1] & BVM_ARG_REGS;
		return "passed on";
	}
	return bvm_trace_insn(t, t->trail->to);
}

static bool bvm_trace_done(const struct bvm_trace *t)
{
	u32 i;

	for (i = 0; i <= t->frame; i++)
		if ((t->regs[i] & ~BIT(BVM_FP)) || t->slots[i])
			return false;
	return true;
}

/* One instruction back.  false: the path begins here. */
static bool bvm_trace_back(struct bvm_trace *t, const char **words)
{
	u32 next = t->insn;
	const struct bvm_trail *trail = t->trail;

	if (t->insn != trail->to) {
		t->insn--;
		if (t->env->args->insn[t->insn].class == BVM_SLOT2)
			t->insn--;
		*words = bvm_trace_insn(t, next);
		return true;
	}
	if (trail->from == BVM_NOWHERE)
		return false;
	t->insn = trail->from;
	*words = bvm_trace_frame(t);
	t->trail = trail->prev;
	return true;
}

static void bvm_trace_print(struct bvm_trace *t, const char *words)
{
	struct bvm_env *env = t->env;

	bvm_print_source(env, t->insn);
	bvm_log(env->log, "  %d: %s%s%s\n", t->insn, bvm_insn_text(env, t->insn),
		*words ? "\t; " : "", words);
	t->lines++;
}

/* Where a register's value came from. */
static void bvm_trace_reg(struct bvm_env *env, const struct bvm_failure *at, u32 reg)
{
	struct bvm_trace t = {
		.env = env, .trail = at->st->trail, .insn = at->insn, .frame = at->top,
	};
	const char *words;
	u32 i;

	t.regs[t.frame] = BIT(reg);
	bvm_log(env->log, "the way back to where R%d came from:\n", reg);
	env->line = NULL;
	for (i = 0; i < BVM_TRACE_INSNS && !bvm_trace_done(&t); i++) {
		if (t.lines == BVM_TRACE_LINES) {
			bvm_log(env->log, "  ...\n");
			return;
		}
		if (!bvm_trace_back(&t, &words)) {
			bvm_log(env->log, "  the beginning\n");
			return;
		}
		if (words)
			bvm_trace_print(&t, words);
	}
}

/* The register that it is about: the message says so, or the instruction. */
static int bvm_blamed(const struct bvm_env *env, const struct bvm_failure *at)
{
	const struct bvm_insn *in = &env->args->insn[at->insn];

	if (env->log->rejected_reg >= 0)
		return env->log->rejected_reg;
	switch (in->class) {
	case BVM_LDX:
		return in->src;
	case BVM_ALU:
	case BVM_ST:
	case BVM_STX:
	case BVM_ATOMIC:
		return in->dst;
	default:
		return -1;
	}
}

/**
 * bvm_explain - say more about why the program is refused
 * @env:	environment, after a message
 *
 * Nothing without a message, or without a log that shows paths.
 */
void bvm_explain(struct bvm_env *env)
{
	const struct bvm_failure *at = &env->failure;
	u32 msg = env->log->rejected;
	int reg;

	if (!bvm_logs(env) || !msg--)
		return;
	if (bvm_hints[msg].what)
		bvm_log(env->log, "what is wrong: %s\n", bvm_hints[msg].what);
	reg = at->st && at->st->trail ? bvm_blamed(env, at) : -1;
	if (reg >= 0 && reg <= BVM_FP) {
		if (at->st->top == at->top && bvm_reg(env, at->st, reg)->kind != BVM_UNINIT) {
			bvm_log(env->log, "at instruction %d, R%d=", at->insn, reg);
			bvm_print_val(env, bvm_reg(env, at->st, reg));
			bvm_log(env->log, "\n");
		}
		if (reg != BVM_FP)
			bvm_trace_reg(env, at, reg);
	}
	if (bvm_hints[msg].fix)
		bvm_log(env->log, "what may help: %s\n", bvm_hints[msg].fix);
}
