// SPDX-License-Identifier: GPL-2.0-only
/*
 * A pass over the IR: what the bits and ranges of numbers decide.
 *
 * It goes through the program once, in order, with a range for each register.  Where ways
 * meet they are joined; where a loop begins, nothing is known about what the loop changes.
 * That is less than the verifier knows, and does not depend on it: its states may leave out
 * what made no difference to safety.
 */
#include "opt.h"
#include "range.h"

/* Numbers as small as this are part of an instruction on every machine. */
#define SMALL	4096
/* Comparisons that a jump is led past. */
#define HOPS	4
/* Instructions that are looked at to find what loops change, for each one of the program. */
#define LOOP_COST	16
/* Addresses that per-CPU memory may have. */
#define PERCPU_MIN	BIT(12)
#define PERCPU_MAX	(U64_MAX - BIT(40))

static_assert(BVM_IR_ADD64R + 4 * BVM_ARSH + 3 == BVM_IR_ARSH32I);
static_assert(BVM_IR_JEQ64R + 4 * BVM_JSLE + 3 == BVM_IR_JSLE32I);

/**
 * struct facts - what is known between two instructions
 * @reg:	about each register
 */
struct facts {
	struct bvm_range reg[BVM_IR_REGS];
};

/**
 * struct fold - the pass
 * @o:		its in and out
 * @now:	what is known
 * @here:	control gets here
 * @then:	what would be known, when that is being found out
 * @to:		[o->len] about each instruction that jumps go to
 * @to.ahead:	what is known there by those forward: NULL if there was none so far, or an
 *		ERR_PTR() if nothing is known
 * @to.first:	the first of them, plus 1, or 0
 * @to.last:	the last one backwards, or 0
 * @cost:	of finding out what loops change
 */
struct fold {
	struct bvm_opt *o;
	struct facts now, then;
	bool here;
	struct {
		struct facts *ahead;
		u32 first, last;
	} *to;
	u64 cost;
};

/* ---------------------------------------------------------------- operations */

static struct bvm_range any(u32 bits)
{
	return bvm_range_any(bits);
}

static bool is_number(struct bvm_range r)
{
	return bvm_range_is_number(r);
}

static void forget(struct facts *f, u16 regs)
{
	u32 r;

	for (r = 0; regs >> r; r++)
		if (regs & BIT(r))
			f->reg[r] = any(64);
}

/**
 * struct binary - an operation or comparison in one of its four forms
 * @op:		enum bvm_alu_op or enum bvm_cond
 * @size:	4 or 8
 * @imm:	the second operand is a number of the instruction
 * @a:		the first operand
 * @b:		the second one
 */
struct binary {
	u32 op, size;
	bool imm;
	struct bvm_range a, b;
};

static bool is_alu(u16 op)
{
	return op >= BVM_IR_ADD64R && op <= BVM_IR_ARSH32I;
}

static bool is_compare(u16 op)
{
	return op >= BVM_IR_JEQ64R && op <= BVM_IR_JSLE32I;
}

static struct binary binary_of(const struct facts *f, const struct bvm_ir *ir, u16 base)
{
	u32 row = ir->op - base;
	struct binary v = {
		.op = row / 4,
		.size = row & 2 ? 4 : 8,
		.imm = row & 1,
		.a = f->reg[ir->dst],
		.b = row & 1 ? bvm_range_number(ir->imm) : f->reg[ir->src],
	};

	if (row & 1 && row & 2)
		v.b = bvm_range_number((u32)ir->imm);
	return v;
}

/* The second operand of an operation, in its size. */
static struct bvm_range second(const struct binary *v)
{
	return bvm_range_low(v->b, v->size * 8);
}

static struct bvm_range result_of(const struct binary *v)
{
	return bvm_range_alu(v->op, v->size, v->a, v->b);
}

/* What is known after a load, an extension or the like. */
static struct bvm_range unary_of(const struct facts *f, const struct bvm_ir *ir)
{
	struct bvm_range src = f->reg[ir->src];

	switch (ir->op) {
	case BVM_IR_MOV64R:
		return src;
	case BVM_IR_MOV32R:
		return bvm_range_low(src, 32);
	case BVM_IR_ZEXT16:
		return bvm_range_low(src, 16);
	case BVM_IR_MOVI:
		return bvm_range_number(ir->imm);
	case BVM_IR_SEXT8_64:
	case BVM_IR_SEXT16_64:
	case BVM_IR_SEXT32_64:
		return bvm_range_extend(src, 8 << (ir->op - BVM_IR_SEXT8_64), 8);
	case BVM_IR_SEXT8_32:
	case BVM_IR_SEXT16_32:
		return bvm_range_extend(src, 8 << (ir->op - BVM_IR_SEXT8_32), 4);
	case BVM_IR_LOAD8 ... BVM_IR_LOAD64:
		return any(8 << (ir->op - BVM_IR_LOAD8));
	case BVM_IR_PROBE8 ... BVM_IR_PROBE64:
		return any(8 << (ir->op - BVM_IR_PROBE8));
	case BVM_IR_SWAP16:
	case BVM_IR_SWAP32:
		return any(16 << (ir->op - BVM_IR_SWAP16));
	case BVM_IR_ROL32I:
	case BVM_IR_NEG32:
		return any(32);
	case BVM_IR_PERCPU:
		/* nowhere near either end of all addresses, and so not NULL */
		return (struct bvm_range){ PERCPU_MIN, PERCPU_MAX };
	default:
		return any(64);
	}
}

/* What is known after @ir. */
static void know(struct facts *f, const struct bvm_ir *ir)
{
	struct binary v;

	if (is_alu(ir->op)) {
		v = binary_of(f, ir, BVM_IR_ADD64R);
		f->reg[ir->dst] = result_of(&v);
	} else if (bvm_ir_pure(ir)) {
		f->reg[ir->dst] = unary_of(f, ir);
	} else {
		forget(f, bvm_ir_changes(ir));
	}
}

/* --------------------------------------------------------- where ways meet */

static void join(struct facts *f, const struct facts *with)
{
	u32 r;

	for (r = 0; r < BVM_IR_REGS; r++) {
		f->reg[r].min = min(f->reg[r].min, with->reg[r].min);
		f->reg[r].max = max(f->reg[r].max, with->reg[r].max);
	}
}

static void learn(struct facts *f, const struct bvm_ir *ir, const struct binary *v)
{
	f->reg[ir->dst] = v->a;
	if (!v->imm && ir->dst != ir->src)
		f->reg[ir->src] = v->b;
}

/*
 * Where a jump to @to ends up: beyond comparisons that what is known decides.  Not beyond
 * the head of a loop: from there on, more is taken for known than is so on another way in.
 */
static u32 thread(const struct fold *p, u32 to, u32 from, const struct facts *f)
{
	const struct bvm_opt *o = p->o;
	u32 hops;

	for (hops = 0; hops < HOPS && to > from && !(o->about[to] & BVM_AT_LOOP); hops++) {
		const struct bvm_ir *ir = &o->code[to];
		struct binary v, w;
		bool yes, no;
		u32 next;

		if (!is_compare(ir->op))
			break;
		v = binary_of(f, ir, BVM_IR_JEQ64R);
		w = v;
		yes = bvm_range_assume(v.op, v.size, &v.a, &v.b);
		no = bvm_range_assume_not(w.op, w.size, &w.a, &w.b);
		next = yes ? ir->off : to + 1;
		if (yes == no || next <= from)
			break;
		to = next;
	}
	return to;
}

/* A jump goes to @to, with @f known then. */
static void leave_for(struct fold *p, u32 to, u32 from, const struct facts *f)
{
	struct facts **at = &p->to[to].ahead;

	/* a loop's head assumes nothing about what comes round */
	if (to <= from || IS_ERR(*at))
		return;
	if (*at) {
		join(*at, f);
		return;
	}
	*at = kmemdup(f, sizeof(*f), GFP_KERNEL);
	if (!*at)
		*at = ERR_PTR(-ENOMEM);
}

/*
 * What may be different when control comes back to @head: what is changed between there
 * and the last jump that goes back to there, or to something in between.  Everything, if
 * there is another way in.
 */
static u16 changed_in_loop(struct fold *p, u32 head)
{
	const struct bvm_opt *o = p->o;
	u32 i, end = p->to[head].last;
	u16 changed = 0;

	for (i = head; i <= end; i++) {
		if (++p->cost > LOOP_COST * (u64)o->len)
			return BVM_AT_LIVE;
		if (i > head && ((p->to[i].first && p->to[i].first <= head) ||
				 o->about[i] & BVM_AT_ENTRY))
			return BVM_AT_LIVE;
		changed |= bvm_ir_changes(&o->code[i]);
		end = max(end, p->to[i].last);
	}
	return changed;
}

static void arrive(struct fold *p, u32 i)
{
	struct facts *ahead = p->to[i].ahead;

	if (!ahead && !(p->o->about[i] & (BVM_AT_ENTRY | BVM_AT_LOOP)))
		return;
	if (p->o->about[i] & BVM_AT_ENTRY || IS_ERR(ahead)) {
		forget(&p->now, BVM_AT_LIVE);
		p->here = true;
	} else if (ahead) {
		if (p->here)
			join(&p->now, ahead);
		else
			p->now = *ahead;
		p->here = true;
	}
	if (p->o->about[i] & BVM_AT_LOOP) {
		/* only what comes round may get here, and then nothing is known */
		forget(&p->now, p->here ? changed_in_loop(p, i) : BVM_AT_LIVE);
		p->here = true;
	}
	if (!IS_ERR(ahead))
		kfree(ahead);
	p->to[i].ahead = NULL;
}

/* ------------------------------------------------------------------- folding */

static void emit(struct fold *p, struct bvm_ir ir)
{
	bvm_opt_emit(p->o, ir);
	know(&p->now, &ir);
}

/* Is it a number that @imm of a form with a number can be, without loss anywhere? */
static bool as_imm(const struct fold *p, u32 i, u8 reg, const struct binary *v, s64 *imm)
{
	struct bvm_range b = second(v);

	if (v->imm || !is_number(b))
		return false;
	*imm = v->size == 8 ? (s64)b.min : (s32)b.min;
	if (*imm != (s32)*imm)
		return false;
	/* a big one is better kept in its register as long as others want it there */
	return (*imm > -SMALL && *imm < SMALL) || !(bvm_opt_live(p->o, i) & BIT(reg));
}

/* a op b is a, in 64 bits */
static bool keeps(const struct binary *v)
{
	struct bvm_range b = second(v);

	if (!is_number(b) || (v->size == 4 && v->a.max > U32_MAX))
		return false;
	switch (v->op) {
	case BVM_ADD:
	case BVM_SUB:
	case BVM_OR:
	case BVM_XOR:
		return !b.min;
	case BVM_LSH:
	case BVM_RSH:
	case BVM_ARSH:
		return !(b.min & (v->size * 8 - 1));
	case BVM_MUL:
	case BVM_DIV:
		return b.min == 1;
	case BVM_AND:
		return !(any(fls64(v->a.max)).max & ~b.min);
	case BVM_MOD:
		return v->a.max < b.min;
	default:
		return false;
	}
}

/* Is a op b the same when only the low halves are looked at, and the result has no more? */
static bool is_narrow(const struct binary *v, struct bvm_range result)
{
	if (v->op == BVM_AND)
		return v->size == 8 && (v->a.max <= U32_MAX || v->b.max <= U32_MAX);
	if (v->size == 4 || v->a.max > U32_MAX || v->b.max > U32_MAX || result.max > U32_MAX)
		return false;
	switch (v->op) {
	case BVM_SDIV:
	case BVM_SMOD:
	case BVM_ARSH:
		return false;
	case BVM_LSH:
	case BVM_RSH:
		return v->b.max < 32;
	default:
		return true;
	}
}

static bool is_division(u32 op)
{
	return op >= BVM_DIV && op <= BVM_SMOD;
}

static void fold_alu(struct fold *p, struct bvm_ir ir, u32 i)
{
	struct binary v = binary_of(&p->now, &ir, BVM_IR_ADD64R);
	bool self = !v.imm && ir.dst == ir.src && (v.op == BVM_SUB || v.op == BVM_XOR);
	struct bvm_range result = self ? bvm_range_number(0) : result_of(&v);
	s64 imm;

	if (keeps(&v))
		return;
	p->now.reg[ir.dst] = result;
	if (is_number(result))
		return OPT_EMIT(p->o, MOVI, .dst = ir.dst, .imm = result.min);
	if (is_division(v.op) && second(&v).min)
		ir.off = BVM_IR_NOT_ZERO;
	if (as_imm(p, i, ir.src, &v, &imm) && !(is_division(v.op) && !imm)) {
		ir.op++;
		ir.src = 0;
		ir.imm = imm;
		v.imm = true;
	}
	if (is_narrow(&v, result) && (!v.imm || ir.imm == (s32)ir.imm))
		ir.op += 2;
	bvm_opt_emit(p->o, ir);
}

static bool is_signed(u32 cond)
{
	return cond >= BVM_JSGT;
}

static void fold_compare(struct fold *p, struct bvm_ir ir, u32 i)
{
	struct binary v = binary_of(&p->now, &ir, BVM_IR_JEQ64R), yes = v, no = v;
	u64 most = is_signed(v.op) ? S32_MAX : U32_MAX;
	s64 imm;

	if (!bvm_range_assume(v.op, v.size, &yes.a, &yes.b))
		return;
	p->then = p->now;
	learn(&p->then, &ir, &yes);
	ir.off = thread(p, ir.off, i, &p->then);
	leave_for(p, ir.off, i, &p->then);
	if (!bvm_range_assume_not(v.op, v.size, &no.a, &no.b)) {
		OPT_EMIT(p->o, JA, .off = ir.off);
		p->here = false;
		return;
	}
	learn(&p->now, &ir, &no);
	if (as_imm(p, i, ir.src, &v, &imm)) {
		ir.op++;
		ir.src = 0;
		ir.imm = imm;
	}
	if (v.size == 8 && v.a.max <= most && v.b.max <= most)
		ir.op += 2;
	bvm_opt_emit(p->o, ir);
}

static void fold_jump(struct fold *p, struct bvm_ir ir, u32 i)
{
	ir.off = thread(p, ir.off, i, &p->now);
	leave_for(p, ir.off, i, &p->now);
	bvm_opt_emit(p->o, ir);
	p->here = false;
}

/* A copy or an extension that changes nothing, or sets a number. */
static void fold_move(struct fold *p, struct bvm_ir ir)
{
	u64 max = p->now.reg[ir.src].max;
	struct bvm_range result;

	know(&p->now, &ir);
	result = p->now.reg[ir.dst];
	if (is_number(result) && result.min <= S32_MAX)
		ir = (struct bvm_ir){ .op = BVM_IR_MOVI, .dst = ir.dst, .imm = result.min };
	else if (ir.op == BVM_IR_MOV32R && max <= U32_MAX)
		ir.op = BVM_IR_MOV64R;
	else if (ir.op == BVM_IR_ZEXT16 && max <= U16_MAX)
		ir.op = BVM_IR_MOV64R;
	else if (ir.op == BVM_IR_SEXT32_64 && max <= S32_MAX)
		ir.op = BVM_IR_MOV64R;
	else if (ir.op == BVM_IR_SEXT16_64 && max <= S16_MAX)
		ir.op = BVM_IR_MOV64R;
	else if (ir.op == BVM_IR_SEXT8_64 && max <= S8_MAX)
		ir.op = BVM_IR_MOV64R;
	if (ir.op != BVM_IR_MOV64R || ir.dst != ir.src)
		bvm_opt_emit(p->o, ir);
}

/* A store of a number that is known. */
static void fold_store(struct fold *p, struct bvm_ir ir, u32 i)
{
	u32 width = ir.op - BVM_IR_STORE8R;
	u64 value = p->now.reg[ir.src].min;
	s64 imm = width == 0 ? (s8)value : width == 1 ? (s16)value :
		  width == 2 ? (s32)value : (s64)value;

	if (is_number(p->now.reg[ir.src]) && imm == (s32)imm &&
	    (!imm || !(bvm_opt_live(p->o, i) & BIT(ir.src)))) {
		ir.op = BVM_IR_STORE8I + width;
		ir.src = 0;
		ir.imm = imm;
	}
	bvm_opt_emit(p->o, ir);
}

/*
 * The map that a number is the address of.  Where no run of the program gets to, a number
 * that it cannot be may seem to be known: so it is looked for.
 */
static struct bvm_map *map_at(const struct bvm_lower_args *args, u64 addr)
{
	u32 i;

	for (i = 0; i < args->nr_maps; i++)
		if ((unsigned long)args->maps[i] == addr)
			return args->maps[i];
	return NULL;
}

/* A call of a helper that has a form in IR for these arguments. */
static bool fold_call(struct fold *p, const struct bvm_ir *ir, u32 at)
{
	const struct bvm_lower_args *args = p->o->args;
	struct bvm_ir form[BVM_INLINE_MAX] = {};
	const struct bvm_helper *helper;
	struct bvm_inline call = {};
	u32 i, n;

	if (!(args->passes & BIT(BVM_PASS_INLINE)) || !args->type || !ir->off)
		return false;
	helper = bvm_helper_find(args->type, ir->off);
	if (!helper || !helper->in_ir)
		return false;
	call.unread = !(bvm_opt_live(p->o, at) & BIT(BPF_REG_0));
	for (i = BPF_REG_1; i <= BPF_REG_5; i++) {
		if (!is_number(p->now.reg[i]))
			continue;
		call.known |= BIT(i);
		call.value[i] = p->now.reg[i].min;
	}
	if (call.known & BIT(BPF_REG_1))
		call.map = map_at(args, call.value[BPF_REG_1]);
	n = helper->in_ir(&call, form);
	if (WARN_ON_ONCE(n > BVM_INLINE_MAX))
		n = 0;
	for (i = 0, at = p->o->n; i < n; i++) {
		if (bvm_ir_names(&form[i])) {
			form[i].off = ~(s32)(at + form[i].off);
			/* what follows often asks which way it went */
			p->o->todo |= BIT(BVM_PASS_FOLD);
		}
		bvm_opt_emit(p->o, form[i]);
	}
	if (n)
		know(&p->now, ir);
	return n;
}

static void fold_insn(struct fold *p, u32 i)
{
	const struct bvm_ir *ir = &p->o->code[i];

	if (is_alu(ir->op)) {
		fold_alu(p, *ir, i);
	} else if (is_compare(ir->op)) {
		fold_compare(p, *ir, i);
	} else if (bvm_ir_form[ir->op] == BVM_FORM_DST_SRC) {
		fold_move(p, *ir);
	} else if (ir->op >= BVM_IR_STORE8R && ir->op <= BVM_IR_STORE64R) {
		fold_store(p, *ir, i);
	} else if (ir->op == BVM_IR_JA) {
		fold_jump(p, *ir, i);
	} else if (ir->op != BVM_IR_CALL || !fold_call(p, ir, i)) {
		if (bvm_ir_jumps(ir))
			leave_for(p, ir->off, i, &p->now);
		emit(p, *ir);
		if (bvm_ir_ends(ir))
			p->here = false;
	}
}

/* ---------------------------------------------------------------------- pass */

static void fold_all(struct fold *p)
{
	struct bvm_opt *o = p->o;
	u32 i;

	for (i = 0; i < o->len; i++) {
		u32 to = o->code[i].off;

		if (bvm_ir_jumps(&o->code[i]) && to <= i)
			p->to[to].last = i;
		else if (bvm_ir_jumps(&o->code[i]) && !p->to[to].first)
			p->to[to].first = i + 1;
	}
	for (i = 0; i < o->len; i++) {
		o->at[i] = o->n;
		arrive(p, i);
		if ((p->here || o->code[i].op == BVM_IR_BODY) && !o->err)
			fold_insn(p, i);
	}
}

/**
 * bvm_pass_fold - what bits and ranges of numbers decide
 * @o:		pass
 */
void bvm_pass_fold(struct bvm_opt *o)
{
	struct fold *p = kzalloc(sizeof(*p), GFP_KERNEL);

	if (!p) {
		o->err = -ENOMEM;
		return;
	}
	p->o = o;
	p->to = kvcalloc(o->len, sizeof(*p->to), GFP_KERNEL);
	if (p->to)
		fold_all(p);
	else
		o->err = -ENOMEM;
	kvfree(p->to);
	kfree(p);
}
