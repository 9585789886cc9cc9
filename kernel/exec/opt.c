// SPDX-License-Identifier: GPL-2.0-only
/*
 * Passes over the IR: their order, and the one that cleans up.
 */
#include "opt.h"

/* Jumps to jumps that are followed: they may go round in circles. */
#define HOPS	8
/* Walks over the program in which it must be found out what is unused, or nothing is. */
#define ROUNDS	16

bool bvm_opt_grow(struct bvm_opt *o)
{
	u32 room = o->room + o->room / 2 + 16;
	struct bvm_ir *out = kvmalloc_array(room, sizeof(*out), GFP_KERNEL);

	if (!out) {
		o->err = -ENOMEM;
		o->n = 0;
		return false;
	}
	memcpy(out, o->out, o->n * sizeof(*out));
	kvfree(o->out);
	o->out = out;
	o->room = room;
	return true;
}

/* ---------------------------------------------------------------- cleaning up */

#define REACHED	BIT(0)
#define UNUSED	BIT(1)	/* its result is */

/**
 * struct clean - what is known for cleaning up
 * @o:		pass
 * @at:		[o->len] about each instruction
 * @at.todo:	a stack, of instructions from where it is still to be found out what is reached
 * @at.before:	registers that are needed before it, for targets of jumps
 * @at.is:	REACHED, UNUSED
 */
struct clean {
	struct bvm_opt *o;
	struct {
		u32 todo;
		u16 before;
		u8 is;
	} *at;
};

static u32 final_target(const struct bvm_opt *o, u32 to)
{
	u32 hops;

	for (hops = 0; hops < HOPS && o->code[to].op == BVM_IR_JA; hops++)
		to = o->code[to].off;
	return to;
}

/* Of what is to be done there is room for each instruction, for none gets there twice. */
static void find_reached(struct clean *c)
{
	const struct bvm_opt *o = c->o;
	u32 n = 0, i;

	for (i = o->len; i-- && o->code[i].op == BVM_IR_BODY;)
		c->at[n++].todo = i;
	for (i = 0;;) {
		for (; i < o->len && !(c->at[i].is & REACHED); i++) {
			const struct bvm_ir *ir = &o->code[i];

			c->at[i].is = REACHED;
			if (bvm_ir_names(ir) && !(c->at[ir->off].is & REACHED))
				c->at[n++].todo = ir->off;
			if (bvm_ir_ends(ir))
				break;
		}
		if (!n)
			break;
		i = c->at[--n].todo;
	}
}

/* A register keeps what it has. */
static bool is_nothing(const struct bvm_ir *ir)
{
	return ir->op == BVM_IR_MOV64R && ir->dst == ir->src;
}

/*
 * What is only needed by something unused is unused itself.  From the end to the start, as in
 * bvm_find_live().  Return: who jumps back may have seen less than that.
 */
static bool find_unused(struct clean *c)
{
	const struct bvm_opt *o = c->o;
	bool more = false;
	u16 live = 0;
	u32 i;

	for (i = o->len; i--;) {
		const struct bvm_ir *ir = &o->code[i];

		if (bvm_ir_ends(ir))
			live = 0;
		if (bvm_ir_jumps(ir))
			live |= c->at[ir->off].before;
		c->at[i].is &= ~UNUSED;
		if (bvm_ir_pure(ir) && (!(live & BIT(ir->dst)) || is_nothing(ir)))
			c->at[i].is |= UNUSED;
		else
			live = (live & ~bvm_ir_writes(ir)) | bvm_ir_reads(ir);
		if (o->about[i] & BVM_AT_TARGET) {
			more |= o->about[i] & BVM_AT_LOOP && live != c->at[i].before;
			c->at[i].before = live;
		}
	}
	return more;
}

static void find_all_unused(struct clean *c)
{
	u32 i, round;

	for (round = 0; round < ROUNDS; round++)
		if (!find_unused(c))
			return;
	for (i = 0; i < c->o->len; i++)
		c->at[i].is &= ~UNUSED;
}

/* The next instruction from @i on that stays. */
static u32 next_kept(const struct clean *c, u32 i)
{
	while (i < c->o->len && c->at[i].is != REACHED)
		i++;
	return i;
}

/* The comparison that holds when this one does not, or 0: there is none for JSET. */
static u16 opposite(u16 op)
{
	static const u8 of[] = {
		[BVM_JEQ] = BVM_JNE, [BVM_JNE] = BVM_JEQ, [BVM_JSET] = BVM_JSET,
		[BVM_JGT] = BVM_JLE, [BVM_JGE] = BVM_JLT, [BVM_JLT] = BVM_JGE, [BVM_JLE] = BVM_JGT,
		[BVM_JSGT] = BVM_JSLE, [BVM_JSGE] = BVM_JSLT, [BVM_JSLT] = BVM_JSGE,
		[BVM_JSLE] = BVM_JSGT,
	};
	u32 at = op - BVM_IR_JEQ64R, cond = at / 4;

	if (at > BVM_IR_JSLE32I - BVM_IR_JEQ64R || cond == BVM_JSET)
		return 0;
	return BVM_IR_JEQ64R + 4 * of[cond] + at % 4;
}

/* A jump over a jump. */
static bool turn_round(struct clean *c, struct bvm_ir *ir, u32 i)
{
	const struct bvm_opt *o = c->o;
	u16 op = opposite(ir->op);

	if (!op || i + 1 >= o->len || c->at[i + 1].is != REACHED || !bvm_opt_inside(o, i + 1) ||
	    o->code[i + 1].op != BVM_IR_JA || next_kept(c, i + 2) != next_kept(c, ir->off))
		return false;
	ir->op = op;
	ir->off = final_target(o, o->code[i + 1].off);
	return true;
}

static void clean_insn(struct clean *c, u32 *i)
{
	struct bvm_opt *o = c->o;
	struct bvm_ir ir = o->code[*i];

	if (c->at[*i].is != REACHED)
		return;
	if (bvm_ir_jumps(&ir)) {
		ir.off = final_target(o, ir.off);
		/* MAY_GOTO counts, wherever it goes */
		if (ir.op != BVM_IR_MAY_GOTO && next_kept(c, *i + 1) == next_kept(c, ir.off))
			return;
		if (turn_round(c, &ir, *i))
			o->at[++*i] = o->n;
	}
	bvm_opt_emit(o, ir);
}

/**
 * bvm_pass_clean - jumps to jumps, code that nothing gets to or whose result nobody reads
 * @o:		pass
 */
void bvm_pass_clean(struct bvm_opt *o)
{
	struct clean c = { .o = o };
	u32 i;

	c.at = kvcalloc(o->len, sizeof(*c.at), GFP_KERNEL);
	if (!c.at) {
		o->err = -ENOMEM;
		return;
	}
	find_reached(&c);
	find_all_unused(&c);
	for (i = 0; i < o->len && !o->err; i++) {
		o->at[i] = o->n;
		clean_insn(&c, &i);
	}
	kvfree(c.at);
}

/* -------------------------------------------------------------------- driver */

/*
 * What one pass leaves the next one finds; those that make work for others come first.
 * @again: only if it was left work to do
 */
static const struct {
	u8 pass;
	bool again;
} order[] = {
	/* a function that calls another one comes after that */
	{ BVM_PASS_SUBS },
	{ BVM_PASS_SUBS, true },
	{ BVM_PASS_SUBS, true },
	{ BVM_PASS_SUBS, true },
	{ BVM_PASS_FOLD },
	{ BVM_PASS_COPY },
	{ BVM_PASS_BYTES },
	{ BVM_PASS_ROTATE },
	{ BVM_PASS_CLEAN },
	{ BVM_PASS_FOLD, true },
	{ BVM_PASS_COPY, true },
	{ BVM_PASS_CLEAN, true },
};

static const struct {
	void (*run)(struct bvm_opt *o);
	bool (*wanted)(const struct bvm_ir *code, u32 len);
} passes[] = {
#define BVM_PASS(name, ...) \
	[BVM_PASS_##name] = BVM_PASS_ROW(__VA_ARGS__),
#define BVM_PASS_ROW(run, wanted, ...) { run, wanted }
	BVM_PASSES(BVM_PASS)
#undef BVM_PASS
};

/* Is the program after the pass the one before it? */
static bool is_same(const struct bvm_opt *o)
{
	u32 i;

	if (o->n != o->len || memcmp(o->code, o->out, o->n * sizeof(*o->out)))
		return false;
	for (i = 0; i < o->len; i++)
		if (o->at[i] != i)
			return false;
	return true;
}

/* What names an instruction names one of the new program from now on. */
static void rename_targets(struct bvm_opt *o)
{
	u32 i;

	o->at[o->len] = o->n;
	for (i = 0; i < o->n; i++) {
		s32 *off = &o->out[i].off;

		if (bvm_ir_names(&o->out[i]))
			*off = *off < 0 ? ~*off : (s32)o->at[*off];
	}
}

u16 bvm_opt_live(struct bvm_opt *o, u32 i)
{
	u16 *before;

	if (o->live_known)
		return o->about[i] & BVM_AT_LIVE;
	o->live_known = true;
	before = kvcalloc(o->len, sizeof(*before), GFP_KERNEL);
	if (before)
		bvm_find_live(o->code, o->len, before, o->about);
	else
		o->err = -ENOMEM;
	kvfree(before);
	return o->about[i] & BVM_AT_LIVE;
}

/* What is known about the program so far is where jumps go. */
static void look_at(struct bvm_opt *o)
{
	if (o->looked)
		return;
	if (o->len > o->about_room) {
		kvfree(o->about);
		kvfree(o->at);
		o->about_room = o->len;
		o->about = kvmalloc_array(o->len, sizeof(*o->about), GFP_KERNEL);
		o->at = kvmalloc_array(size_add(o->len, 1), sizeof(*o->at), GFP_KERNEL);
	}
	if (!o->out) {
		o->room = o->len + o->len / 8 + 16;
		o->out = kvmalloc_array(o->room, sizeof(*o->out), GFP_KERNEL);
	}
	if (!o->about || !o->at || !o->out) {
		o->err = -ENOMEM;
		return;
	}
	memset(o->about, 0, o->len * sizeof(*o->about));
	bvm_find_targets(o->code, o->len, o->about);
	o->looked = true;
	o->live_known = false;
}

int bvm_opt_pass(struct bvm_opt *o, void (*run)(struct bvm_opt *o), u32 *where, u32 n)
{
	u32 i;

	o->n = 0;
	look_at(o);
	if (!o->err)
		run(o);
	if (o->in_place) {
		o->in_place = false;
		o->live_known &= !o->changed;
		return o->changed;
	}
	if (o->err || is_same(o))
		return o->err;
	rename_targets(o);
	for (i = 0; i < n; i++)
		where[i] = o->at[where[i]];
	swap(o->code, o->out);
	swap(o->code_room, o->room);
	o->len = o->n;
	o->looked = false;
	return 1;
}

void bvm_opt_done(struct bvm_opt *o)
{
	kvfree(o->about);
	kvfree(o->at);
	kvfree(o->out);
}

u32 bvm_optimise(struct bvm_ir **code, u32 len, const struct bvm_lower_args *args, u32 *where,
		 u32 n)
{
	struct bvm_opt o = { .args = args, .code = *code, .code_room = len, .len = len };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(order); i++) {
		u8 pass = order[i].pass;

		if (!(args->passes & BIT(pass)) || (order[i].again && !(o.todo & BIT(pass))) ||
		    (passes[pass].wanted && !passes[pass].wanted(o.code, o.len)))
			continue;
		o.err = 0;
		if (bvm_opt_pass(&o, passes[pass].run, where, n) > 0 && order[i].again)
			o.todo |= BIT(BVM_PASS_CLEAN);
	}
	*code = o.code;
	bvm_opt_done(&o);
	return o.len;
}
