// SPDX-License-Identifier: GPL-2.0-only
/*
 * A pass over the IR: what the bits and ranges of numbers decide.
 *
 * It goes through the program once, in order, with a set of numbers for each register.
 * Where ways meet they are joined; where a loop begins, nothing is known about what the
 * loop changes.  That is less than the verifier knows, and does not depend on it: its
 * states may leave out what made no difference to safety.
 */
#include "opt.h"
#include "../value/domain.h"

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
	struct bvm_scalar reg[BVM_IR_REGS];
};

/**
 * struct fold - the pass
 * @o:		its in and out
 * @now:	what is known
 * @here:	control gets here
 * @then:	what would be known, when that is being found out
 * @ahead:	[o->len] what is known where jumps forward go: NULL if none does so far, or
 *		an ERR_PTR() if nothing is known
 * @first:	[o->len] first jump forward to each instruction, plus 1, or 0
 * @last:	[o->len] last jump back to each instruction, or 0
 * @cost:	of finding out what loops change
 */
struct fold {
	struct bvm_opt *o;
	struct facts now, then;
	bool here;
	struct facts **ahead;
	u32 *first, *last;
	u64 cost;
};

/* ---------------------------------------------------------------- operations */

/**
 * struct binary - an operation or comparison in one of its four forms
 * @op:		enum bvm_alu_op or enum bvm_cond
 * @size:	4 or 8
 * @imm:	the second operand is a number
 * @a:		what is known about the first operand
 * @b:		and the second one
 */
struct binary {
	u32 op;
	u32 size;
	bool imm;
	struct bvm_scalar a, b;
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
	struct binary v = {
		.op = (ir->op - base) / 4,
		.size = (ir->op - base) & 2 ? 4 : 8,
		.imm = (ir->op - base) & 1,
		.a = f->reg[ir->dst],
	};

	if (v.imm)
		bvm_scalar_const(&v.b, v.size == 8 ? ir->imm : (u32)ir->imm);
	else
		v.b = f->reg[ir->src];
	if (v.size == 4 && is_alu(ir->op))
		bvm_scalar_zext(&v.b, 32);
	/* the domain leaves open what a count beyond the width does, the IR does not */
	if (is_alu(ir->op) && v.op >= BVM_LSH && v.op <= BVM_ARSH && bvm_scalar_is_const(&v.b))
		bvm_scalar_const(&v.b, bvm_scalar_value(&v.b) & (v.size * 8 - 1));
	return v;
}

/* Quotients and remainders, which the domain says nothing about. */
static void divide_range(const struct binary *v, struct bvm_scalar *out)
{
	u64 top = v->size == 8 ? v->a.umax : v->a.u32max, most = top;

	if (v->op == BVM_MOD && bvm_scalar_is_const(&v->b) && bvm_scalar_value(&v->b))
		most = min(top, bvm_scalar_value(&v->b) - 1);
	bvm_scalar_range(out, 0, most);
}

static void result_of(const struct binary *v, struct bvm_scalar *out)
{
	*out = v->a;
	if (v->op == BVM_DIV || v->op == BVM_MOD)
		divide_range(v, out);
	else if (!bvm_scalar_alu(v->op, v->size, out, &v->b))
		bvm_scalar_unknown(out);
}

static void unknown_bits(struct bvm_scalar *s, u32 bits)
{
	bvm_scalar_unknown(s);
	if (bits < 64)
		bvm_scalar_zext(s, bits);
}

static void know_extended(struct bvm_scalar *s, const struct bvm_scalar *src, u32 bits, u32 size)
{
	*s = *src;
	if (!bvm_scalar_sext(s, bits, size))
		bvm_scalar_unknown(s);
}

/* What is known after a load, an extension or the like. */
static void know_unary(struct facts *f, const struct bvm_ir *ir)
{
	struct bvm_scalar *d = &f->reg[ir->dst], any;

	bvm_scalar_unknown(&any);
	switch (ir->op) {
	case BVM_IR_MOV64R:
		*d = f->reg[ir->src];
		break;
	case BVM_IR_MOV32R:
		*d = f->reg[ir->src];
		bvm_scalar_zext(d, 32);
		break;
	case BVM_IR_ZEXT16:
		*d = f->reg[ir->src];
		bvm_scalar_zext(d, 16);
		break;
	case BVM_IR_MOVI:
		bvm_scalar_const(d, ir->imm);
		break;
	case BVM_IR_SEXT8_64:
	case BVM_IR_SEXT16_64:
	case BVM_IR_SEXT32_64:
		know_extended(d, &f->reg[ir->src], 8 << (ir->op - BVM_IR_SEXT8_64), 8);
		break;
	case BVM_IR_SEXT8_32:
	case BVM_IR_SEXT16_32:
		know_extended(d, &f->reg[ir->src], 8 << (ir->op - BVM_IR_SEXT8_32), 4);
		break;
	case BVM_IR_LOADS8:
	case BVM_IR_LOADS16:
	case BVM_IR_LOADS32:
		know_extended(d, &any, 8 << (ir->op - BVM_IR_LOADS8), 8);
		break;
	case BVM_IR_LOAD8 ... BVM_IR_LOAD64:
		unknown_bits(d, 8 << (ir->op - BVM_IR_LOAD8));
		break;
	case BVM_IR_PROBE8 ... BVM_IR_PROBE64:
		unknown_bits(d, 8 << (ir->op - BVM_IR_PROBE8));
		break;
	case BVM_IR_SWAP16:
	case BVM_IR_SWAP32:
		unknown_bits(d, 16 << (ir->op - BVM_IR_SWAP16));
		break;
	case BVM_IR_ROL32I:
	case BVM_IR_NEG32:
		unknown_bits(d, 32);
		break;
	case BVM_IR_PERCPU:
		/* nowhere near either end of all addresses, and so not NULL */
		bvm_scalar_range(d, PERCPU_MIN, PERCPU_MAX);
		break;
	default:
		bvm_scalar_unknown(d);
	}
}

/* What is known after @ir. */
static void know(struct facts *f, const struct bvm_ir *ir)
{
	u16 changed = bvm_ir_changes(ir);
	struct binary v;
	u32 r;

	if (is_alu(ir->op)) {
		v = binary_of(f, ir, BVM_IR_ADD64R);
		result_of(&v, &f->reg[ir->dst]);
		return;
	}
	if (bvm_ir_pure(ir))
		return know_unary(f, ir);
	for (r = 0; r < BVM_IR_REGS; r++)
		if (changed & BIT(r))
			bvm_scalar_unknown(&f->reg[r]);
}

/* --------------------------------------------------------- where ways meet */

static void forget(struct facts *f, u16 regs)
{
	u32 r;

	for (r = 0; r < BVM_IR_REGS; r++)
		if (regs & BIT(r))
			bvm_scalar_unknown(&f->reg[r]);
}

static void join(struct facts *f, const struct facts *with)
{
	u32 r;

	for (r = 0; r < BVM_IR_REGS; r++)
		if (!bvm_scalar_equal(&f->reg[r], &with->reg[r]))
			bvm_scalar_union(&f->reg[r], &with->reg[r]);
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
		yes = bvm_scalar_assume(v.op, v.size, &v.a, &v.b);
		no = bvm_scalar_assume_not(w.op, w.size, &w.a, &w.b);
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
	struct facts **at = &p->ahead[to];

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
	u32 i, end = p->last[head];
	u16 changed = 0;

	for (i = head; i <= end; i++) {
		if (++p->cost > LOOP_COST * (u64)o->len)
			return BVM_AT_LIVE;
		if (i > head && ((p->first[i] && p->first[i] <= head) ||
				 o->about[i] & BVM_AT_ENTRY))
			return BVM_AT_LIVE;
		changed |= bvm_ir_changes(&o->code[i]);
		end = max(end, p->last[i]);
	}
	return changed;
}

static void arrive(struct fold *p, u32 i)
{
	struct facts *ahead = p->ahead[i];

	if (p->o->about[i] & BVM_AT_ENTRY) {
		forget(&p->now, BVM_AT_LIVE);
		p->here = true;
	} else if (IS_ERR(ahead)) {
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
	p->ahead[i] = NULL;
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
	bool known = v->size == 8 ? bvm_scalar_is_const(&v->b) : bvm_scalar_is_const32(&v->b);

	if (v->imm || !known)
		return false;
	*imm = v->size == 8 ? (s64)bvm_scalar_value(&v->b) : (s32)v->b.u32min;
	if (*imm != (s32)*imm)
		return false;
	/* a big one is better kept in its register as long as others want it there */
	return (*imm > -SMALL && *imm < SMALL) || !(bvm_opt_live(p->o, i) & BIT(reg));
}

/* a op b is a, in 64 bits */
static bool keeps(const struct binary *v)
{
	u64 b = bvm_scalar_value(&v->b), maybe = v->a.t.value | v->a.t.mask;

	if (!bvm_scalar_is_const(&v->b) || (v->size == 4 && v->a.umax > U32_MAX))
		return false;
	switch (v->op) {
	case BVM_ADD:
	case BVM_SUB:
	case BVM_OR:
	case BVM_XOR:
	case BVM_LSH:
	case BVM_RSH:
	case BVM_ARSH:
		return !b;
	case BVM_MUL:
	case BVM_DIV:
		return b == 1;
	case BVM_AND:
		return !(maybe & ~b);
	case BVM_MOD:
		return v->a.umax < b;
	default:
		return false;
	}
}

/* Is a op b the same when only the low halves are looked at, and the result has no more? */
static bool is_narrow(const struct binary *v, const struct bvm_scalar *result)
{
	if (v->op == BVM_AND)
		return v->size == 8 && (v->a.umax <= U32_MAX || v->b.umax <= U32_MAX);
	if (v->size == 4 || v->a.umax > U32_MAX || v->b.umax > U32_MAX || result->umax > U32_MAX)
		return false;
	switch (v->op) {
	case BVM_SDIV:
	case BVM_SMOD:
	case BVM_ARSH:
		return false;
	case BVM_LSH:
	case BVM_RSH:
		return v->b.umax < 32;
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
	struct bvm_scalar result;
	s64 imm;

	result_of(&v, &result);
	if (ir.dst == ir.src && !v.imm && (v.op == BVM_SUB || v.op == BVM_XOR))
		bvm_scalar_const(&result, 0);
	if (bvm_scalar_is_const(&result))
		return emit(p, (struct bvm_ir){ .op = BVM_IR_MOVI, .dst = ir.dst,
						.imm = bvm_scalar_value(&result) });
	if (keeps(&v))
		return;
	if (is_division(v.op) && (v.size == 8 ? v.b.umin : v.b.u32min))
		ir.off = BVM_IR_NOT_ZERO;
	if (as_imm(p, i, ir.src, &v, &imm) && !(is_division(v.op) && !imm)) {
		ir.op++;
		ir.src = 0;
		ir.imm = imm;
		v.imm = true;
	}
	if (is_narrow(&v, &result) && (!v.imm || ir.imm == (s32)ir.imm))
		ir.op += 2;
	bvm_opt_emit(p->o, ir);
	p->now.reg[ir.dst] = result;
}

static bool is_signed(u32 cond)
{
	return cond >= BVM_JSGT;
}

static void fold_compare(struct fold *p, struct bvm_ir ir, u32 i)
{
	struct binary v = binary_of(&p->now, &ir, BVM_IR_JEQ64R);
	u64 most = is_signed(v.op) ? S32_MAX : U32_MAX;
	struct bvm_scalar a = v.a, b = v.b;
	struct facts *taken = &p->then;
	bool yes = bvm_scalar_assume(v.op, v.size, &v.a, &v.b);
	bool no = bvm_scalar_assume_not(v.op, v.size, &a, &b);
	s64 imm;

	if (!yes)
		return;
	*taken = p->now;
	taken->reg[ir.dst] = v.a;
	if (!v.imm && ir.src != ir.dst)
		taken->reg[ir.src] = v.b;
	ir.off = thread(p, ir.off, i, taken);
	leave_for(p, ir.off, i, taken);
	if (!no) {
		OPT_EMIT(p->o, JA, .off = ir.off);
		p->here = false;
		return;
	}
	v = binary_of(&p->now, &ir, BVM_IR_JEQ64R);
	p->now.reg[ir.dst] = a;
	if (!v.imm && ir.src != ir.dst)
		p->now.reg[ir.src] = b;
	if (as_imm(p, i, ir.src, &v, &imm)) {
		ir.op++;
		ir.src = 0;
		ir.imm = imm;
	}
	if (v.size == 8 && v.a.umax <= most && v.b.umax <= most)
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
	const struct bvm_scalar *result = &p->now.reg[ir.dst];
	u64 imm, umax = p->now.reg[ir.src].umax;

	know(&p->now, &ir);
	imm = bvm_scalar_value(result);
	if (ir.op != BVM_IR_MOVI && bvm_scalar_is_const(result) && imm <= S32_MAX)
		ir = (struct bvm_ir){ .op = BVM_IR_MOVI, .dst = ir.dst, .imm = imm };
	else if (ir.op == BVM_IR_MOV32R && umax <= U32_MAX)
		ir.op = BVM_IR_MOV64R;
	else if (ir.op == BVM_IR_ZEXT16 && umax <= U16_MAX)
		ir.op = BVM_IR_MOV64R;
	else if (ir.op == BVM_IR_SEXT32_64 && umax <= S32_MAX)
		ir.op = BVM_IR_MOV64R;
	else if (ir.op == BVM_IR_SEXT16_64 && umax <= S16_MAX)
		ir.op = BVM_IR_MOV64R;
	else if (ir.op == BVM_IR_SEXT8_64 && umax <= S8_MAX)
		ir.op = BVM_IR_MOV64R;
	if (ir.op != BVM_IR_MOV64R || ir.dst != ir.src)
		bvm_opt_emit(p->o, ir);
}

/* A store of a number that is known. */
static void fold_store(struct fold *p, struct bvm_ir ir, u32 i)
{
	struct bvm_scalar *src = &p->now.reg[ir.src];
	u32 width = ir.op - BVM_IR_STORE8R;
	u64 value = bvm_scalar_value(src);
	s64 imm = width == 0 ? (s8)value : width == 1 ? (s16)value :
		  width == 2 ? (s32)value : (s64)value;

	if (bvm_scalar_is_const(src) && imm == (s32)imm &&
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
		if (!bvm_scalar_is_const(&p->now.reg[i]))
			continue;
		call.known |= BIT(i);
		call.value[i] = bvm_scalar_value(&p->now.reg[i]);
	}
	if (call.known & BIT(BPF_REG_1))
		call.map = map_at(args, call.value[BPF_REG_1]);
	n = helper->in_ir(&call, form);
	if (WARN_ON_ONCE(n > BVM_INLINE_MAX))
		n = 0;
	for (i = 0, at = p->o->n; i < n; i++) {
		if (bvm_ir_names(&form[i]))
			form[i].off = ~(s32)(at + form[i].off);
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
			p->last[to] = i;
		else if (bvm_ir_jumps(&o->code[i]) && !p->first[to])
			p->first[to] = i + 1;
	}
	for (i = 0; i < o->len; i++) {
		o->at[i] = o->n;
		arrive(p, i);
		if (p->here && !o->err)
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
	p->ahead = kvcalloc(o->len, sizeof(*p->ahead), GFP_KERNEL);
	p->first = kvcalloc(o->len, sizeof(*p->first), GFP_KERNEL);
	p->last = kvcalloc(o->len, sizeof(*p->last), GFP_KERNEL);
	if (p->ahead && p->first && p->last)
		fold_all(p);
	else
		o->err = -ENOMEM;
	kvfree(p->ahead);
	kvfree(p->first);
	kvfree(p->last);
	kfree(p);
}
