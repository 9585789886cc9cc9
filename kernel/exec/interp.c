// SPDX-License-Identifier: GPL-2.0-only
/*
 * The interpreter: threaded code over the IR.
 *
 * An operation is a label; its index in the instruction selects an entry of a
 * constant table, so no code pointer lies in data.  Everything that the encoding
 * of BPF leaves open has been settled by lowering: an operation here reads its
 * operands, computes, steps and jumps.
 *
 * What costs most is to get from one operation to the next, and then to write and read
 * results.  Where some follow each other that often do, and nothing jumps between them, the
 * first one's index is that of all of them.
 *
 * Stack and registers are not cleared.  Programs see only what they wrote there, unless
 * they were loaded with CAP_PERFMON, which may read kernel memory anyway.
 */
#include "exec.h"
#include "flow.h"
#include "runs.h"

static u64 div64(u64 a, u64 b)
{
	return b ? div64_u64(a, b) : 0;
}

static u64 mod64(u64 a, u64 b)
{
	return b ? a - div64_u64(a, b) * b : a;
}

/* -1 apart: S64_MIN / -1 traps on some machines */
static u64 sdiv64(s64 a, s64 b)
{
	if (b == -1)
		return -(u64)a;
	return b ? div64_s64(a, b) : 0;
}

static u64 smod64(s64 a, s64 b)
{
	if (b == -1)
		return 0;
	return b ? a - div64_s64(a, b) * b : a;
}

static u32 div32(u32 a, u32 b)
{
	return b ? a / b : 0;
}

static u32 mod32(u32 a, u32 b)
{
	return b ? a % b : a;
}

static u32 sdiv32(s32 a, s32 b)
{
	if (b == -1)
		return -(u32)a;
	return b ? a / b : 0;
}

static u32 smod32(s32 a, s32 b)
{
	if (b == -1)
		return 0;
	return b ? a % b : a;
}

/* Reads @size bytes that may not be there; they count as 0 then, and @err says so. */
static noinline u64 probe(u64 addr, u32 size, u64 *err)
{
	union {
		u8 b;
		u16 h;
		u32 w;
		u64 d;
	} value;

	*err = copy_from_kernel_nofault(&value, (void *)(unsigned long)addr, size) ? -EFAULT : 0;
	if (*err)
		return 0;
	switch (size) {
	case 1:
		return value.b;
	case 2:
		return value.h;
	case 4:
		return value.w;
	default:
		return value.d;
	}
}

/* Writes @size bytes to where there may be nothing: then it does not. */
static noinline void put(u64 addr, u64 value, u32 size)
{
	void *to = (void *)(unsigned long)addr;
	u32 w = value;
	u16 h = value;
	u8 b = value;

	switch (size) {
	case 1:
		copy_to_kernel_nofault(to, &b, size);
		break;
	case 2:
		copy_to_kernel_nofault(to, &h, size);
		break;
	case 4:
		copy_to_kernel_nofault(to, &w, size);
		break;
	default:
		copy_to_kernel_nofault(to, &value, size);
	}
}

/* What CALL_SUB keeps on the stack. */
struct saved {
	const struct bvm_ir *code, *pc;
	u64 r6, r7, r8, r9, fp, budget;
};

static_assert(sizeof(struct saved) <= BVM_IR_SAVE);

/*
 * One run of a program and of those that it tail-calls.  Programs share a piece of
 * stack as long as they fit; there are so many pieces at most.
 */
struct run {
	const struct bvm_ir_prog *next;	/* what to go on with when a piece has been left */
	void *ctx;			/* its context */
	u32 tail_calls;			/* that have succeeded */
	u32 pieces;			/* of stack that may still be taken */
};

#define PIECES		3

static noinline u64 run_prog(const struct bvm_ir_prog *prog, void *ctx, struct run *run);

/*
 * What TAIL_CALL goes on with: code, or NULL when it fails, without a result.  A program takes the
 * place of the function that calls it, and with it the stack from there on.  If that
 * is not enough, it runs on another piece: after this one has been left, when nothing
 * on it is needed any more, or else before this function's caller goes on.
 */
static noinline const struct bvm_ir *tail_call(struct run *run, u64 fn, u64 *r, const u64 *bottom,
					       const u64 *top)
{
	static const struct bvm_ir leave = { .op = BVM_IR_EXIT }, back = { .op = BVM_IR_RET };
	u64 left = r[BVM_IR_FP] - (unsigned long)bottom;
	const struct bvm_ir_prog *next;
	void *ctx = (void *)(unsigned long)r[BPF_REG_1];

	if (run->tail_calls >= BVM_IR_TAIL_CALLS)
		return NULL;
	next = (void *)(unsigned long)((u64 (*)(u64, u64, u64, u64, u64))(unsigned long)fn)
		(r[BPF_REG_1], r[BPF_REG_2], r[BPF_REG_3], 0, 0);
	if (!next)
		return NULL;
	if (next->stack_size <= left) {
		run->tail_calls++;
		return next->code;
	}
	if (r[BVM_IR_FP] == (unsigned long)top) {
		run->tail_calls++;
		run->next = next;
		run->ctx = ctx;
		return &leave;
	}
	if (!run->pieces)
		return NULL;
	run->tail_calls++;
	r[BPF_REG_0] = run_prog(next, ctx, run);
	return &back;
}

#define D		(*d)
#define S		(*s)
#define IMM		(pc->imm)
#define AT(type, reg)	((type *)(unsigned long)((reg) + pc->off))
#define ATOM(reg)	AT(atomic_t, reg)
#define ATOM64(reg)	AT(atomic64_t, reg)

/* The four forms of an operation, each an expression of a and b of its width. */
#define ALU(NAME, expr64, expr32)						\
	case BVM_IR_##NAME##64R: { u64 a = D, b = S; D = (expr64); } break;	\
	case BVM_IR_##NAME##64I: { u64 a = D, b = IMM; D = (expr64); } break;	\
	case BVM_IR_##NAME##32R: { u32 a = D, b = S; D = (u32)(expr32); } break; \
	case BVM_IR_##NAME##32I: { u32 a = D, b = IMM; D = (u32)(expr32); } break

#define JCC(NAME, t64, t32, op)							\
	case BVM_IR_##NAME##64R: return (t64)D op (t64)S;			\
	case BVM_IR_##NAME##64I: return (t64)D op (t64)IMM;			\
	case BVM_IR_##NAME##32R: return (t32)D op (t32)S;			\
	case BVM_IR_##NAME##32I: return (t32)D op (t32)IMM

#define MEM(bits)								\
	case BVM_IR_LOAD##bits: D = get_unaligned(AT(u##bits, S)); break;	\
	case BVM_IR_PROBE##bits: D = probe(S + pc->off, bits / 8, &unused); break; \
	case BVM_IR_TRY##bits: D = probe(S + pc->off, bits / 8, &r[BPF_REG_0]); break; \
	case BVM_IR_PUT##bits: put(D + pc->off, S, bits / 8); break;		\
	case BVM_IR_STORE##bits##R: put_unaligned((u##bits)S, AT(u##bits, D)); break; \
	case BVM_IR_STORE##bits##I: put_unaligned((u##bits)IMM, AT(u##bits, D)); break

#define ATOMIC(OP, op)								\
	case BVM_IR_ATOMIC_##OP##32: atomic_##op((u32)S, ATOM(D)); break;	\
	case BVM_IR_ATOMIC_##OP##64: atomic64_##op(S, ATOM64(D)); break;	\
	case BVM_IR_FETCH_##OP##32: S = (u32)atomic_fetch_##op((u32)S, ATOM(D)); break; \
	case BVM_IR_FETCH_##OP##64: S = atomic64_fetch_##op(S, ATOM64(D)); break

/*
 * What operations do to registers and memory that are not about control.  @d, @s: where the
 * values of their registers are.  @op is a constant where this is inlined, so that nothing
 * but its case is left.
 */
static __always_inline void simple(enum bvm_ir_op op, u64 *r, const struct bvm_ir *pc, u64 *d,
				   u64 *s)
{
	u64 unused;

	switch (op) {
	ALU(ADD, a + b, a + b);
	ALU(SUB, a - b, a - b);
	ALU(MUL, a * b, a * b);
	ALU(DIV, div64(a, b), div32(a, b));
	ALU(SDIV, sdiv64(a, b), sdiv32(a, b));
	ALU(MOD, mod64(a, b), mod32(a, b));
	ALU(SMOD, smod64(a, b), smod32(a, b));
	ALU(OR, a | b, a | b);
	ALU(AND, a & b, a & b);
	ALU(XOR, a ^ b, a ^ b);
	ALU(LSH, a << (b & 63), a << (b & 31));
	ALU(RSH, a >> (b & 63), a >> (b & 31));
	ALU(ARSH, (s64)a >> (b & 63), (s32)a >> (b & 31));
	case BVM_IR_ROL64I: D = rol64(D, IMM); break;
	case BVM_IR_ROL32I: D = rol32(D, IMM); break;
	case BVM_IR_NEG64: D = -D; break;
	case BVM_IR_NEG32: D = -(u32)D; break;
	case BVM_IR_MOV64R: D = S; break;
	case BVM_IR_MOV32R: D = (u32)S; break;
	case BVM_IR_MOVI: D = IMM; break;
	case BVM_IR_CURRENT: D = (unsigned long)current; break;
	case BVM_IR_PERCPU:
		D = (unsigned long)this_cpu_ptr((void __percpu *)(unsigned long)D);
		break;
	case BVM_IR_SEXT8_64: D = (s64)(s8)S; break;
	case BVM_IR_SEXT16_64: D = (s64)(s16)S; break;
	case BVM_IR_SEXT32_64: D = (s64)(s32)S; break;
	case BVM_IR_SEXT8_32: D = (u32)(s8)S; break;
	case BVM_IR_SEXT16_32: D = (u32)(s16)S; break;
	case BVM_IR_ZEXT16: D = (u16)S; break;
	case BVM_IR_SWAP16: D = swab16((u16)D); break;
	case BVM_IR_SWAP32: D = swab32((u32)D); break;
	case BVM_IR_SWAP64: D = swab64(D); break;
	MEM(8);
	MEM(16);
	MEM(32);
	MEM(64);
	case BVM_IR_LOADS8: D = (s64)*AT(s8, S); break;
	case BVM_IR_LOADS16: D = (s64)get_unaligned(AT(s16, S)); break;
	case BVM_IR_LOADS32: D = (s64)get_unaligned(AT(s32, S)); break;
	ATOMIC(ADD, add);
	ATOMIC(OR, or);
	ATOMIC(AND, and);
	ATOMIC(XOR, xor);
	case BVM_IR_XCHG32: S = (u32)atomic_xchg(ATOM(D), (u32)S); break;
	case BVM_IR_XCHG64: S = atomic64_xchg(ATOM64(D), S); break;
	case BVM_IR_CMPXCHG32:
		r[BPF_REG_0] = (u32)atomic_cmpxchg(ATOM(D), (u32)r[BPF_REG_0], (u32)S);
		break;
	case BVM_IR_CMPXCHG64:
		r[BPF_REG_0] = atomic64_cmpxchg(ATOM64(D), r[BPF_REG_0], S);
		break;
	default:
		break;
	}
}

/* Does a comparison hold?  As above. */
static __always_inline bool holds(enum bvm_ir_op op, const struct bvm_ir *pc, const u64 *d,
				  const u64 *s)
{
	switch (op) {
	case BVM_IR_JA: return true;
	JCC(JEQ, u64, u32, ==);
	JCC(JNE, u64, u32, !=);
	JCC(JSET, u64, u32, &);
	JCC(JGT, u64, u32, >);
	JCC(JGE, u64, u32, >=);
	JCC(JLT, u64, u32, <);
	JCC(JLE, u64, u32, <=);
	JCC(JSGT, s64, s32, >);
	JCC(JSGE, s64, s32, >=);
	JCC(JSLT, s64, s32, <);
	JCC(JSLE, s64, s32, <=);
	default:
		return false;
	}
}

#undef D
#undef S
#define D		(r[pc->dst])
#define S		(r[pc->src])

/*
 * Each handler ends in its own jump: the processor predicts them apart.  Where it goes is
 * computed once, in one instruction.
 */
#define NEXT		do { pc++; goto *jump[pc->op]; } while (0)
#define JUMP									\
	do {									\
		pc = code + pc->off;						\
		OPTIMIZER_HIDE_VAR(pc);						\
		goto *jump[pc->op];						\
	} while (0)

/* The handlers of operations by their form; those about control are written out. */
#define SIMPLE(name)		name: simple(BVM_IR_##name, r, pc, &D, &S); NEXT;
#define COMPARE(name)		name: if (holds(BVM_IR_##name, pc, &D, &S)) JUMP; NEXT;
#define HANDLE_BVM_FORM_NONE(name)
#define HANDLE_BVM_FORM_DST(name)	SIMPLE(name)
#define HANDLE_BVM_FORM_DST_SRC(name)	SIMPLE(name)
#define HANDLE_BVM_FORM_DST_IMM(name)	SIMPLE(name)
#define HANDLE_BVM_FORM_LOAD(name)	SIMPLE(name)
#define HANDLE_BVM_FORM_STORE(name)	SIMPLE(name)
#define HANDLE_BVM_FORM_STORE_IMM(name)	SIMPLE(name)
#define HANDLE_BVM_FORM_JUMP(name)
#define HANDLE_BVM_FORM_JUMP_SRC(name)	COMPARE(name)
#define HANDLE_BVM_FORM_JUMP_IMM(name)	COMPARE(name)
#define HANDLE_BVM_FORM_CALL_FN(name)
#define HANDLE_BVM_FORM_CALL_IR(name)
#define HANDLE_BVM_FORM_IR(name)
#define HANDLE_BVM_FORM_FUNC(name)
#define HANDLE_BVM_FORM_CALL_SRC(name)

/*
 * Operations in a row, of runs.h.  @v is the value of the destination, @w that of the source;
 * a result is written when the next operation begins, if that does not write its own there.
 */
#define HAS_RESULT(op)		((op) < BVM_IR_PUT8)
#define KEEP(op)		do { if (HAS_RESULT(op)) D = v; } while (0)
#define DO(op)									\
	do {									\
		if ((op) < BVM_IR_JEQ64R)					\
			simple(op, r, pc, &v, &w);				\
		else if (holds(op, pc, &v, &w))					\
			JUMP;							\
	} while (0)
#define AFTER_THEN(last, op)	do { KEEP(last); pc++; v = D; w = S; } while (0)
#define AFTER_ONTO(last, op)	do { if (!HAS_RESULT(op)) KEEP(last); pc++; w = S; } while (0)
#define AFTER_FROM(last, op)	do { KEEP(last); pc++; w = v; v = D; } while (0)

#define RUN2(a, how, b)								\
	a##_##how##_##b:							\
	v = D;									\
	w = S;									\
	DO(BVM_IR_##a);								\
	AFTER_##how(BVM_IR_##a, BVM_IR_##b);					\
	DO(BVM_IR_##b);								\
	KEEP(BVM_IR_##b);							\
	NEXT;
#define RUN3(a, how_b, b, how_c, c)						\
	a##_##how_b##_##b##_##how_c##_##c:					\
	v = D;									\
	w = S;									\
	DO(BVM_IR_##a);								\
	AFTER_##how_b(BVM_IR_##a, BVM_IR_##b);					\
	DO(BVM_IR_##b);								\
	AFTER_##how_c(BVM_IR_##b, BVM_IR_##c);					\
	DO(BVM_IR_##c);								\
	KEEP(BVM_IR_##c);							\
	NEXT;

/* Runs @code with the stack between @bottom and @top; @run is for tail calls. */
static noinline u64 run_code(const struct bvm_ir *code, void *ctx, u64 *bottom, u64 *top,
			     struct run *run)
{
	static const void *const labels[__RUN_MAX] __annotate_jump_table = {
#define BVM_IR_OP(name, ...) \
		[BVM_IR_##name] = &&name,
		BVM_IR_OPS(BVM_IR_OP)
#undef BVM_IR_OP
#define LABEL2(a, how, b) \
		[RUN_##a##_##how##_##b] = &&a##_##how##_##b,
#define LABEL3(a, how_b, b, how_c, c) \
		[RUN_##a##_##how_b##_##b##_##how_c##_##c] = &&a##_##how_b##_##b##_##how_c##_##c,
		BVM_RUNS(LABEL2, LABEL3)
#undef LABEL2
#undef LABEL3
	};
	const void *const *jump = labels;
	const struct bvm_ir *pc = code, *to;
	u32 budget = BVM_IR_BUDGET;
	u64 regs[BVM_IR_REGS] __uninitialized, *r = regs;
	struct saved *save;
	u64 target, v, w;

	/*
	 * Keeps both addresses in registers instead of computing them for each
	 * operation.  objtool must see which table a jump uses, and where there is an
	 * objtool (x86) the address is part of the instruction anyway.
	 */
	OPTIMIZER_HIDE_VAR(r);
	if (!IS_ENABLED(CONFIG_OBJTOOL))
		OPTIMIZER_HIDE_VAR(jump);
	r[BPF_REG_1] = (unsigned long)ctx;
	r[BVM_IR_FP] = (unsigned long)top;
	goto *jump[pc->op];

#define BVM_IR_OP(name, form, ...) HANDLE_##form(name)
	BVM_IR_OPS(BVM_IR_OP)
#undef BVM_IR_OP
	BVM_RUNS(RUN2, RUN3)
JA:
	JUMP;
MAY_GOTO:
	if (!budget)
		JUMP;
	budget--;
	NEXT;
CALL:
	r[BPF_REG_0] = ((u64 (*)(u64, u64, u64, u64, u64))(unsigned long)IMM)
		(r[BPF_REG_1], r[BPF_REG_2], r[BPF_REG_3], r[BPF_REG_4], r[BPF_REG_5]);
	NEXT;
CALL_SUB:
	target = pc->off;
call:
	save = (struct saved *)(unsigned long)(r[BVM_IR_FP] - IMM) - 1;
	*save = (struct saved){ code, pc, r[6], r[7], r[8], r[9], r[BVM_IR_FP], budget };
	budget = BVM_IR_BUDGET;
	r[BVM_IR_FP] = (unsigned long)save;
	pc = code + target;
	goto *jump[pc->op];
CALL_SUBR:
	target = S;
	goto call;
FUNC:
	D = pc->off;
	NEXT;
TAIL_CALL:
	to = tail_call(run, IMM, r, bottom, top);
	if (to) {
		code = to;
		pc = to;
		budget = BVM_IR_BUDGET;
		goto *jump[pc->op];
	}
	NEXT;
RET:
	save = (struct saved *)(unsigned long)r[BVM_IR_FP];
	code = save->code;
	pc = save->pc;
	r[6] = save->r6;
	r[7] = save->r7;
	r[8] = save->r8;
	r[9] = save->r9;
	r[BVM_IR_FP] = save->fp;
	budget = save->budget;
	NEXT;
EXIT:
	if (r[BVM_IR_FP] != (unsigned long)top)
		goto RET;
	return r[BPF_REG_0];
CHECK:
	((const struct bvm_claims *)(unsigned long)IMM)->check((void *)(unsigned long)IMM, r);
	NEXT;
BODY:
TRAP:
	WARN_ON_ONCE(1);
	return 0;
}

/*
 * The stack is an array of one of these sizes (the kernel has no arrays of variable
 * size), chosen by what the program uses: kernel stack is scarce when events nest.
 */
#define SIZED(bytes)								\
static noinline u64 run_##bytes(const struct bvm_ir *code, void *ctx, struct run *run)	\
{										\
	u64 stack[(bytes) / 8] __uninitialized;					\
										\
	return run_code(code, ctx, stack, stack + ARRAY_SIZE(stack), run);	\
}

SIZED(64)
SIZED(256)
SIZED(512)
/* subprograms: 512 bytes of frames, and what the calls between them keep */
SIZED(1024)
/* loops keep more, and programs that subprograms tail-call add up */
SIZED(1536)
static_assert(BVM_MAX_STACK +
	      (BVM_IR_FRAMES - 1) * (BVM_IR_SAVE + BVM_IR_LOOP + BVM_IR_CURSOR) <= 1536);

static __always_inline u64 run_sized(const struct bvm_ir_prog *prog, u32 size, void *ctx,
				     struct run *run)
{
	if (size <= 64)
		return run_64(prog->code, ctx, run);
	if (size <= 256)
		return run_256(prog->code, ctx, run);
	if (size <= 512)
		return run_512(prog->code, ctx, run);
	if (size <= 1024)
		return run_1024(prog->code, ctx, run);
	if (size <= 1536)
		return run_1536(prog->code, ctx, run);
	WARN_ON_ONCE(1);
	return 0;
}

/* A program, on a piece of stack of its own, and the programs that replace it. */
static noinline u64 run_prog(const struct bvm_ir_prog *prog, void *ctx, struct run *run)
{
	u64 r0;

	run->pieces--;
	do {
		run->next = NULL;
		r0 = run_sized(prog, prog->deep ? 1536 : prog->stack_size, ctx, run);
		prog = run->next;
		ctx = run->ctx;
	} while (prog);
	run->pieces++;
	return r0;
}

/* A program with tail calls. */
static noinline u64 run_chain(const struct bvm_ir_prog *prog, void *ctx)
{
	struct run run = { .pieces = PIECES };

	return run_prog(prog, ctx, &run);
}

u64 bvm_interp(const struct bvm_ir_prog *prog, void *ctx)
{
	if (unlikely(prog->tail_calls))
		return run_chain(prog, ctx);
	return run_sized(prog, prog->stack_size, ctx, NULL);
}

/* ------------------------------------------------------------------- runs */

enum { THEN, ONTO, FROM };

/**
 * struct row - operations in a row that have a handler
 * @op:		they
 * @len:	number of them, 2 or 3
 * @how:	each one follows the one before it
 */
struct row {
	u8 op[3];
	u8 len;
	u8 how[3];
};

static_assert(__BVM_IR_OP_MAX <= U8_MAX);

static const struct row rows[] = {
#define ROW2(a, how, b) \
	{ { BVM_IR_##a, BVM_IR_##b }, 2, { 0, how } },
#define ROW3(a, how_b, b, how_c, c) \
	{ { BVM_IR_##a, BVM_IR_##b, BVM_IR_##c }, 3, { 0, how_b, how_c } },
	BVM_RUNS(ROW2, ROW3)
#undef ROW2
#undef ROW3
};

/* Instructions that are saved by how an operation follows, about. */
static const u8 saved_by[] = { [THEN] = 4, [ONTO] = 7, [FROM] = 6 };

/**
 * struct finder - rows by the operation that they begin with
 * @first:	[of each operation] a row, plus 1, or 0
 * @next:	[of each row] another one that begins as it does, plus 1, or 0
 */
struct finder {
	u8 first[__BVM_IR_OP_MAX];
	u8 next[ARRAY_SIZE(rows)];
};

static_assert(ARRAY_SIZE(rows) < U8_MAX);

static bool follows(const struct bvm_ir *ir, u32 how)
{
	bool reads_src = bvm_ir_use[ir->op].reads & BVM_USE_SRC;

	if (how == FROM)
		return ir->src == ir[-1].dst;
	/* what is in the register is the old value */
	if (how == ONTO)
		return ir->dst == ir[-1].dst && !(reads_src && ir->src == ir->dst);
	return true;
}

/*
 * What a row saves at @code, or 0 if it does not fit there.  To jump into one, by @about of
 * bvm_find_targets(), would do no harm, but what is jumped to had better begin one.
 */
static u32 saved_at(const struct row *row, const struct bvm_ir *code, const u16 *about, u32 left)
{
	u32 i, saved = 0;

	if (row->len > left)
		return 0;
	for (i = 1; i < row->len; i++) {
		if (code[i].op != row->op[i] || about[i] || !follows(&code[i], row->how[i]))
			return 0;
		saved += saved_by[row->how[i]];
	}
	return saved;
}

/* The row that saves most at @code, or NULL. */
static const struct row *row_at(const struct finder *f, const struct bvm_ir *code,
				const u16 *about, u32 left)
{
	const struct row *best = NULL;
	u32 i, most = 0;

	for (i = f->first[code->op]; i; i = f->next[i - 1]) {
		u32 saved = saved_at(&rows[i - 1], code, about, left);

		if (saved <= most)
			continue;
		most = saved;
		best = &rows[i - 1];
	}
	return best;
}

static void find_runs(struct bvm_ir_prog *prog, const u16 *about)
{
	struct finder f = {};
	const struct row *row;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		f.next[i] = f.first[rows[i].op[0]];
		f.first[rows[i].op[0]] = i + 1;
	}
	for (i = 0; i < prog->len; i += row ? row->len : 1) {
		row = row_at(&f, &prog->code[i], &about[i], prog->len - i);
		/* the others stay as they are: they are not begun with, only read */
		if (row)
			prog->code[i].op = __RUN_MIN + 1 + (row - rows);
	}
}

int bvm_interp_prepare(struct bvm_ir_prog *prog)
{
	u16 *about = kvcalloc(prog->len, sizeof(*about), GFP_KERNEL);

	if (!about)
		return -ENOMEM;
	bvm_find_targets(prog->code, prog->len, about);
	find_runs(prog, about);
	kvfree(about);
	return bvm_ir_seal(prog);
}
