// SPDX-License-Identifier: GPL-2.0-only
/*
 * Marks in the log: "R1_w" was written since the last checkpoint of the Linux kernel's
 * verifier, not since ours.  Where that one stands, its logs show: by the work done since, on
 * all paths together, at conditional jumps, where jumps lead, at calls of functions and
 * behind calls.  Upstream's tests read values by their names without "_w", so this is a
 * contract; nothing but the log depends on it.
 */
#include "env.h"

/* Work between two of these checkpoints. */
#define BVM_MARK_JUMPS		2
#define BVM_MARK_INSNS		8

static bool bvm_mark_place(const struct bvm_env *env, u32 at)
{
	const struct bvm_insn *insn = &env->args->insn[at];
	u32 block = env->block_at[at];

	/* Behind a conditional jump a block begins although nothing leads there. */
	if (block && at && insn[-1].class == BVM_JCOND)
		block = env->blocks[block - 1].preds > 1 ? block : 0;
	return block || insn->class == BVM_JCOND ||
	       (insn->class == BVM_CALL && insn->src == BPF_PSEUDO_CALL) ||
	       (at && insn[-1].class == BVM_CALL);
}

/* Must there be one, whatever was done? */
static bool bvm_mark_forced(const struct bvm_env *env, u32 at)
{
	u32 block = env->block_at[at];

	return env->args->load_flags & BPF_F_TEST_STATE_FREQ ||
	       (block && env->blocks[block - 1].head);
}

/**
 * bvm_marks_jumped - an instruction was executed
 * @env:	environment
 * @at:		the instruction
 */
void bvm_marks_jumped(struct bvm_env *env, u32 at)
{
	switch (env->args->insn[at].class) {
	case BVM_JA:
	case BVM_JCOND:
	case BVM_CALL:
	case BVM_EXIT:
		env->marks.jumps++;
		break;
	default:
		break;
	}
}

/**
 * bvm_marks_end - where the kernel has a checkpoint, what was written before is old
 * @env:	environment
 * @st:		state before an instruction
 * @count:	instructions processed, that one included
 */
void bvm_marks_end(struct bvm_env *env, struct bvm_state *st, u32 count)
{
	if (!bvm_mark_place(env, st->insn) ||
	    (!bvm_mark_forced(env, st->insn) &&
	     (env->marks.jumps < BVM_MARK_JUMPS || count - env->marks.since < BVM_MARK_INSNS)))
		return;
	env->marks.since = count;
	env->marks.jumps = 0;
	st->wrote = 0;
	st->wrote_slots = 0;
}
