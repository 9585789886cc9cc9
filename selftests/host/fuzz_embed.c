// SPDX-License-Identifier: GPL-2.0-only
/*
 * A concrete run and the verifier's states side by side: bvm_step() is asked about each
 * instruction that the machine executes, from the state that it gave for the one before.
 * It must not refuse, must think the way that the run takes possible, and what it
 * claims must be true of the machine's registers and stack.
 *
 * In every second run, the state becomes that of the certificate's checkpoint which stands
 * for it, wherever there is one: so what is checked is what the certificate says.
 *
 * That finds a wrong rule at the instruction where it is wrong, whether or not an access goes
 * astray by it; and a path that exploration cut off wrongly, where that path is taken.
 */
#include "../../kernel/verifier/certify.h"
#include "fuzz.h"

static struct {
	struct bvm_env *env;
	struct bvm_state *st;
	const struct bvm_facts *facts;	/* the real ones */
	struct bvm_facts scratch;	/* what this path adds to them */
	u32 size;			/* entries of scratch.insn */
	bool general;			/* follow the certificate */
	bool covered;			/* it has stood for a state on the way */
	struct bvm_log *real_log, log;
	char text[256];
	char why[512];
} e;

/* ----------------------------------------------------------------- the log */

static int text_write(struct bvm_log_sink *sink, u32 off, const char *text, u32 len)
{
	memcpy(e.text + off, text, len);
	return 0;
}

static int text_read(struct bvm_log_sink *sink, u32 off, char *text, u32 len)
{
	memcpy(text, e.text + off, len);
	return 0;
}

static struct bvm_log_sink sink = { text_write, text_read };

/* ------------------------------------------------------------------ values */

/* Is it @v's variable part beyond @base? */
static bool at_offset(const struct bvm_val *v, u64 x, u64 base)
{
	return bvm_scalar_contains(&v->s, x - base - (s64)v->off);
}

static bool in_value(const struct bvm_val *v, u64 x)
{
	const struct bvm_map *map = bvm_val_map(e.env, v);
	u32 i;

	for (i = 0; i < fuzz_nr_memory; i++)
		if (fuzz_maps[fuzz_memory[i].map] == map && at_offset(v, x, fuzz_memory[i].start))
			return true;
	return false;
}

static bool in_record(const struct bvm_val *v, u64 x)
{
	u64 start, size;
	u32 i;

	for (i = 0; i < verif_held; i++) {
		start = verif_record_at(i, &size);
		if (size == v->size && at_offset(v, x, start))
			return true;
	}
	return false;
}

static bool in_iter(const struct fuzz_machine *m, const struct bvm_val *v, u64 x)
{
	u32 i;

	for (i = 0; v->size == 4 && i < m->nr_iters; i++)
		if (at_offset(v, x, m->iter[i]))
			return true;
	return false;
}

/* Is @x among what @v stands for? */
static bool admits(const struct fuzz_machine *m, const struct bvm_val *v, u64 x)
{
	if ((v->flags & BVM_VAL_OR_NULL) && !x)
		return true;
	switch (v->kind) {
	case BVM_UNINIT:
		return true;
	case BVM_SCALAR:
		return bvm_scalar_contains(&v->s, x);
	case BVM_PTR_CTX:
		return at_offset(v, x, (u64)fuzz_ctx);
	case BVM_PTR_STACK:
		return at_offset(v, x, m->frame[v->frame].fp);
	case BVM_PTR_MAP:
		return x == (u64)bvm_val_map(e.env, v);
	case BVM_PTR_VALUE:
		return in_value(v, x);
	case BVM_PTR_MEM:
		return in_record(v, x) || in_iter(m, v, x);
	case BVM_PTR_FUNC:
		return x == FUZZ_FUNC + e.env->funcs[v->map].start;
	}
	return true;
}

/* Ids seen so far in this state, and what had them. */
static struct {
	u32 id;
	u64 value;
	bool pointer;
} ids[BVM_MAX_FRAMES * (BVM_SAVED_REGS + BVM_SLOTS)];
static u32 nr_ids;

/* Numbers of the same id are equal but for ->off; of pointers, all are NULL or none is. */
static bool id_agrees(const struct bvm_val *v, u64 x)
{
	u32 i;

	if (!v->id || v->kind == BVM_UNINIT)
		return true;
	if (v->kind == BVM_SCALAR)
		x -= (s64)v->off;
	for (i = 0; i < nr_ids; i++) {
		if (ids[i].id != v->id)
			continue;
		if (bvm_is_pointer(v))
			return !ids[i].pointer || !ids[i].value == !x;
		return ids[i].pointer || ids[i].value == x;
	}
	ids[nr_ids].id = v->id;
	ids[nr_ids].value = x;
	ids[nr_ids++].pointer = bvm_is_pointer(v);
	return true;
}

static bool claim(const struct fuzz_machine *m, const struct bvm_val *v, u64 x, u32 frame,
		  const char *what, s32 which)
{
	const struct bvm_scalar *s = &v->s;
	bool in = admits(m, v, x);
	u32 n;

	if (in && id_agrees(v, x))
		return true;
	n = snprintf(e.why, sizeof(e.why), "%s%d of frame %u is %#llx, %s: %s id %u off %d ", what,
		     which, frame, x, in ? "but its equal is not" : "claimed not to be",
		     bvm_kind_name(v), v->id, v->off);
	snprintf(e.why + n, sizeof(e.why) - n,
		 "bits %llx/%llx u %llx..%llx s %llx..%llx u32 %x..%x s32 %x..%x", s->t.value,
		 s->t.mask, s->umin, s->umax, s->smin, s->smax, s->u32min, s->u32max, s->s32min,
		 s->s32max);
	return false;
}

/* ------------------------------------------------------------------- states */

static bool regs_agree(const struct fuzz_machine *m, const struct bvm_state *st, u32 frame)
{
	const struct bvm_frame *f = st->frame[frame];
	u32 i;

	for (i = frame < st->top ? 6 : 0; i < BVM_SAVED_REGS; i++)
		if (f->reg[i] && f->reg[i]->val.kind != BVM_UNINIT &&
		    !claim(m, &f->reg[i]->val, frame < st->top ? m->frame[frame + 1].saved[i - 6] :
							     m->r[i], frame, "r", i))
			return false;
	return true;
}

static bool slot_agrees(const struct fuzz_machine *m, const struct bvm_slot *slot, u32 frame,
			s32 off)
{
	u32 n = bvm_slot_spilled(slot), i;
	const u8 *bytes = (u8 *)m->frame[frame].fp + off;
	u64 x = 0;

	/* what lies below the promised stack has never been touched */
	if (bytes < m->stack)
		return true;
	for (i = n; i < 8; i++)
		if (slot->byte[i] == BVM_BYTE_ZERO && bytes[i]) {
			snprintf(e.why, sizeof(e.why), "fp%d of frame %u: byte %u is not 0", off,
				 frame, i);
			return false;
		}
	memcpy(&x, bytes, n);
	return !n || claim(m, &slot->cell->val, x, frame, "fp", off);
}

static bool stack_agrees(const struct fuzz_machine *m, const struct bvm_state *st, u32 frame)
{
	const struct bvm_frame *f = st->frame[frame];
	u32 i;

	for (i = 0; i < BVM_SLOTS; i++)
		if (f->page[i / BVM_PAGE_SLOTS] &&
		    !slot_agrees(m, bvm_slot(f, i), frame, -8 * (s32)(i + 1)))
			return false;
	return true;
}

/* Is the machine among what the state stands for? */
static bool state_agrees(const struct fuzz_machine *m, const struct bvm_state *st, bool all)
{
	u32 i;

	nr_ids = 0;
	if (!regs_agree(m, st, st->top))
		return false;
	for (i = 0; all && i <= st->top; i++)
		if ((i < st->top && !regs_agree(m, st, i)) || !stack_agrees(m, st, i))
			return false;
	if (verif_held > st->nr_refs) {
		snprintf(e.why, sizeof(e.why), "%u records are held, %u claimed", verif_held,
			 st->nr_refs);
		return false;
	}
	return true;
}

static bool here(const struct fuzz_machine *m, const struct bvm_state *st)
{
	return st && st->insn == m->at && st->top == m->depth;
}

/* ------------------------------------------------------------------- stepping */

void fuzz_embed_begin(struct bvm_env *env, struct fuzz_machine *m)
{
	struct bvm_val ctx;

	e.env = env;
	e.general = !e.general;
	e.covered = false;
	e.facts = env->facts;
	e.real_log = env->log;
	if (e.size < env->args->len) {
		e.size = env->args->len;
		e.scratch.insn = realloc(e.scratch.insn, e.size * sizeof(*e.scratch.insn));
	}
	memcpy(e.scratch.insn, e.facts->insn, env->args->len * sizeof(*e.scratch.insn));
	env->facts = &e.scratch;
	env->log = &e.log;
	bvm_pools_reserve(env, 1);
	e.st = bvm_state_new(env);
	bvm_val_const(&ctx, 0);
	ctx.kind = BVM_PTR_CTX;
	bvm_reg_set(env, e.st, 1, &ctx);
}

void fuzz_embed_end(void)
{
	if (e.st)
		bvm_state_free(e.env, e.st);
	e.st = NULL;
	e.env->facts = (struct bvm_facts *)e.facts;
	e.env->log = e.real_log;
}

/* A checkpoint stands for the state: go on with that, or just remember. */
static void follow_certificate(void)
{
	struct bvm_checkpoint *cp = bvm_certified(e.env, e.st);

	if (!cp)
		return;
	e.covered = true;
	if (!e.general)
		return;
	bvm_state_free(e.env, e.st);
	e.st = bvm_state_copy(e.env, &cp->st);
}

/* One step of the verifier's.  Return: false if it refuses. */
static bool abstract_step(struct fuzz_machine *m, struct bvm_succ *succ)
{
	u32 block = e.env->block_at[e.st->insn];

	memset(e.text, 0, sizeof(e.text));
	bvm_log_init(&e.log, BVM_LOG_STATS, sizeof(e.text), &sink);	/* messages, no states */
	bvm_pools_reserve(e.env, e.st->top + 2);
	if (block && e.env->blocks[block - 1].head)
		bvm_note_run(e.env, e.st, &e.env->blocks[block - 1]);
	follow_certificate();
	if (!bvm_step(e.env, e.st, succ))
		return true;
	/*
	 * A state may be refused although a wider one, which covered it, is not: what lies in
	 * the stack is any number there, and a pointer here.  Only the machine goes on.
	 */
	if (e.covered && !e.general) {
		bvm_state_free(e.env, e.st);
		e.st = NULL;
		return false;
	}
	snprintf(e.why, sizeof(e.why), "on this path the verifier says: %s", e.text);
	m->wrong = e.why;
	return false;
}

/* Goes on with one of the two. */
static void choose(struct bvm_state *st, struct bvm_succ *succ)
{
	struct bvm_state *other = st == e.st ? succ->branch : e.st;

	if (other)
		bvm_state_free(e.env, other);
	succ->branch = NULL;
	e.st = st;
}

/* A callback has returned: the verifier is at the helper's call once more. */
static bool at_callback(const struct fuzz_machine *m, const struct bvm_state *st)
{
	return st && st->top < BVM_MAX_FRAMES - 1 && bvm_callback_helper(e.env, st->insn) &&
	       (st->top + 1 == m->depth || (st->top == m->depth && st->insn + 1 == m->at));
}

/**
 * fuzz_embed_step - the machine has executed an instruction
 * @m:		machine; its ->wrong is set if the verifier claims otherwise
 * @more:	it goes on
 */
void fuzz_embed_step(struct fuzz_machine *m, bool more)
{
	struct bvm_insn_fact *fact;
	struct bvm_succ succ;
	bool all = false;
	u32 at, tries;

	if (!e.st)
		return;
	at = e.st->insn;
	for (tries = 0; tries < 2; tries++) {
		if (!abstract_step(m, &succ))
			return;
		fact = &e.scratch.insn[at];
		if (memcmp(fact, &e.facts->insn[at], sizeof(*fact))) {
			m->wrong = "the facts are not those of this path";
			break;
		}
		if (!more)
			break;
		all = e.env->block_at[m->at] != 0;
		if (!succ.done && here(m, e.st) &&
		    (!here(m, succ.branch) || state_agrees(m, e.st, all))) {
			choose(e.st, &succ);
			break;
		}
		if (here(m, succ.branch)) {
			choose(succ.branch, &succ);
			break;
		}
		if (!succ.done && at_callback(m, e.st)) {
			choose(e.st, &succ);
		} else if (at_callback(m, succ.branch)) {
			choose(succ.branch, &succ);
		} else {
			m->wrong = "a way that the verifier thinks impossible";
			break;
		}
		at = e.st->insn;
	}
	if (succ.branch)
		bvm_state_free(e.env, succ.branch);
	if (!m->wrong && more && !state_agrees(m, e.st, all))
		m->wrong = e.why;
}
