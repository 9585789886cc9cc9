// SPDX-License-Identifier: GPL-2.0-only
/* Lowering: context conversion, calls, packet loads, what is refused, failing memory. */
#include "exec_run.h"

/* ------------------------------------------------- a program type of our own */

struct inner {
	u32 pad;
	u16 be;
	u8 kind;
	struct inner *next;
} __packed;

struct kctx {
	u64 pad;
	struct inner *inner;
	u32 len;
	u32 bits;
	u64 wide;
	u32 cb[2];
	u16 cut;
	u16 beside;
	u32 skip;
};

enum {
	U_LEN = 0, U_BITS = 4, U_BE = 8, U_KIND = 12, U_WIDE = 16, U_CB = 24, U_NONE = 32,
	U_FLAG = 36, U_MIN = 40, U_HIGH = 48, U_WORD = 56, U_SIZE = 60, U_NEXT = 64, U_POINTER = 68,
	U_CUT = 72, U_SKIP = 76
};

#define K(member) .koff = offsetof(struct kctx, member), \
		  .ksize = sizeof_field(struct kctx, member)
#define IN(member) .has_via = 1, .via = offsetof(struct kctx, inner), \
		   .koff = offsetof(struct inner, member), \
		   .ksize = sizeof_field(struct inner, member)

static const struct bvm_ctx_field fields[] = {
	{ .off = U_LEN, .size = 4, .widths = 7, K(len) },
	{ .off = U_BITS, .size = 4, .widths = 7, .shift = 4, .mask = 0xff, K(bits) },
	{ .off = U_BE, .size = 4, .widths = 7, .swap16 = 1, IN(be) },
	{ .off = U_KIND, .size = 4, .widths = 7, IN(kind) },
	{ .off = U_WIDE, .size = 8, .widths = 15, K(wide) },
	{ .off = U_CB, .size = 8, .widths = 15, .stores = 15, .direct = 1,
	  .koff = offsetof(struct kctx, cb) },
	{ .off = U_NONE, .size = 4, .widths = 4 },
	{ .off = U_FLAG, .size = 4, .widths = 4, .mask = 0x10, .nonzero = 1, K(bits) },
	{ .off = U_MIN, .size = 4, .widths = 4, .min = 0xc0000000, K(len) },
	{ .off = U_HIGH, .size = 8, .widths = 8, .mask = 0xff00000000, K(wide) },
	{ .off = U_WORD, .size = 4, .widths = 4, .stores = 4, K(bits) },
	{ .off = U_SIZE, .size = 4, .widths = 4, .stores = 4, .kind = BVM_CTX_FORBIDDEN },
	{ .off = U_NEXT, .size = 4, .widths = 7, IN(kind), .has_via2 = 1,
	  .via2 = offsetof(struct inner, next) },
	{ .off = U_POINTER, .size = 4, .widths = 4, K(wide) },
	{ .off = U_CUT, .size = 4, .widths = 4, .stores = 4, .below = 0x10000, K(cut) },
	{ .off = U_SKIP, .size = 4, .widths = 7, IN(kind), .has_add = 1,
	  .add = offsetof(struct kctx, skip) },
};

static u64 calls;

static u64 sum5(u64 a, u64 b, u64 c, u64 d, u64 e)
{
	calls++;
	return a + 10 * b + 100 * c + 1000 * d + 10000 * e;
}

/* a packet of 16 bytes, 0x10 0x11 ... */
static u64 ld_pkt(u64 ctx, u64 r2, u64 size, u64 r4, u64 r5)
{
	s32 off = r2;
	u64 v = 0;

	if (off < 0 || off + size > 16)
		return -EFAULT;
	while (size--)
		v = v << 8 | (0x10 + off++);
	return v;
}

static const struct bvm_helper helper_rows[] = {
	{ .id = 5, .name = "sum5", .fn = sum5 },
};

static const struct bvm_helper_set helpers = { helper_rows, ARRAY_SIZE(helper_rows) };
static const struct bvm_helper_set no_helpers;
static const struct bvm_helper_set *const sets[] = { &no_helpers, &helpers };

static const struct bvm_prog_type type = {
	.ctx_size = U_SKIP + 4, .ctx = fields, .nr_ctx = ARRAY_SIZE(fields),
	.sets = sets, .nr_sets = ARRAY_SIZE(sets), .ld_pkt = ld_pkt,
};

/* Lowers with facts; accesses through r1 (or r6) are to the context. */
static struct bvm_ir_prog *lower_typed(struct exec_prog *p, const struct bpf_insn *insns, u32 len)
{
	u32 i;

	exec_prog_init(p, insns, len);
	p->args.type = &type;
	p->args.facts = &p->facts;
	for (i = 0; i < len; i++) {
		const struct bvm_insn *insn = &p->insn[i];
		bool load = insn->class == BVM_LDX;

		if (load || insn->class == BVM_ST || insn->class == BVM_STX ||
		    insn->class == BVM_ATOMIC)
			p->fact[i].mem = (load ? insn->src : insn->dst) == 1 ? BVM_MEM_CTX :
									 BVM_MEM_STACK;
	}
	return bvm_lower(&p->args);
}

static s64 run_typed(void *ctx, const struct bpf_insn *insns, u32 len)
{
	struct exec_prog p;
	struct bvm_ir_prog *ir = lower_typed(&p, insns, len);
	u64 r0;

	if (IS_ERR(ir))
		return PTR_ERR(ir);
	r0 = bvm_interp(ir, ctx);
	bvm_ir_free(ir);
	return r0;
}

#define TYPED(ctx, ...) run_typed(ctx, (struct bpf_insn[]){ __VA_ARGS__ },	\
				  sizeof((struct bpf_insn[]){ __VA_ARGS__ }) / 8)

/* ----------------------------------------------------------------- context */

static void ctx_loads(void)
{
	struct inner next = { .kind = 0x78 };
	struct inner inner[] = {
		{ .be = cpu_to_be16(0x1234), .kind = 0x56, .next = &next }, { .kind = 0x9a },
	};
	struct kctx ctx = { .inner = inner, .len = 0xdeadbeef, .bits = 0xabc,
			    .wide = 0x1122334455667788, .cb = { 1, 2 }, .skip = sizeof(*inner) };
	static const struct {
		struct bpf_insn insn;
		s64 want;
	} loads[] = {
		{ LDX(BPF_W, 0, 1, U_LEN), 0xdeadbeef },
		{ I(BPF_LDX | BPF_MEMSX | BPF_W, 0, 1, U_LEN, 0), (s32)0xdeadbeef },
		{ I(BPF_LDX | BPF_MEMSX | BPF_B, 0, 1, U_LEN, 0), (s8)0xef },
		{ LDX(BPF_B, 0, 1, U_LEN), 0xef },
		{ LDX(BPF_B, 0, 1, U_LEN + 1), 0xbe },
		{ LDX(BPF_B, 0, 1, U_LEN + 3), 0xde },
		{ LDX(BPF_H, 0, 1, U_LEN + 2), 0xdead },
		{ LDX(BPF_W, 1, 1, U_LEN), 0xdeadbeef },	/* over its own base */
		{ LDX(BPF_W, 0, 1, U_BITS), 0xab },
		{ LDX(BPF_B, 0, 1, U_BITS + 1), 0 },
		{ LDX(BPF_W, 0, 1, U_BE), 0x1234 },
		{ LDX(BPF_H, 1, 1, U_BE), 0x1234 },
		{ LDX(BPF_B, 0, 1, U_BE), 0x34 },
		{ LDX(BPF_W, 0, 1, U_KIND), 0x56 },
		{ LDX(BPF_DW, 0, 1, U_WIDE), 0x1122334455667788 },
		{ LDX(BPF_W, 0, 1, U_WIDE + 4), 0x11223344 },
		{ LDX(BPF_W, 0, 1, U_CB + 4), 2 },
		{ LDX(BPF_DW, 0, 1, U_CB), 0x200000001 },
		{ LDX(BPF_W, 0, 1, U_NONE), 0 },
		{ LDX(BPF_W, 0, 1, U_FLAG), 1 },
		{ LDX(BPF_W, 0, 1, U_MIN), 0xdeadbeef },
		{ LDX(BPF_DW, 0, 1, U_HIGH), 0x4400000000 },
		{ LDX(BPF_W, 0, 1, U_NEXT), 0x78 },
		{ LDX(BPF_B, 1, 1, U_NEXT), 0x78 },
		{ LDX(BPF_W, 0, 1, U_POINTER), 0x1122334455667788 },
		{ LDX(BPF_W, 0, 1, U_SKIP), 0x9a },
		{ LDX(BPF_W, 1, 1, U_SKIP), 0x9a },
	};
	u32 i;

	if (cpu_to_le16(1) != 1)
		return;	/* the wanted values are little endian */
	for (i = 0; i < ARRAY_SIZE(loads); i++) {
		s64 got = TYPED(&ctx, loads[i].insn, MOVR(0, loads[i].insn.dst_reg), EXIT);

		CHECK(got == loads[i].want, "load %u: got %llx, want %llx", i, got, loads[i].want);
	}
	ctx.bits = 0x20;
	ctx.len = 0xbfffffff;
	CHECK_EQ(TYPED(&ctx, LDX(BPF_W, 0, 1, U_FLAG), EXIT), 0);
	CHECK_EQ(TYPED(&ctx, LDX(BPF_W, 0, 1, U_MIN), EXIT), 0);
	/* a pointer on the way is missing */
	inner[0].next = NULL;
	CHECK_EQ(TYPED(&ctx, LDX(BPF_W, 1, 1, U_NEXT), MOVR(0, 1), EXIT), 0);
	ctx.inner = NULL;
	CHECK_EQ(TYPED(&ctx, MOV(0, 9), LDX(BPF_W, 0, 1, U_BE), EXIT), 0);
	CHECK_EQ(TYPED(&ctx, MOV(0, 9), LDX(BPF_W, 0, 1, U_NEXT), EXIT), 0);
	CHECK_EQ(TYPED(&ctx, LDX(BPF_W, 1, 1, U_KIND), MOVR(0, 1), EXIT), 0);
}

static void ctx_stores(void)
{
	struct kctx ctx = { 0 };

	TYPED(&ctx, MOV(2, 7), STX(BPF_W, 1, 2, U_CB + 4), EXIT);
	CHECK(ctx.cb[1] == 7 && ctx.cb[0] == 0, "cb %u %u", ctx.cb[0], ctx.cb[1]);
	TYPED(&ctx, I(BPF_ST | BPF_MEM | BPF_W, 1, 0, U_WORD, 9), EXIT);
	CHECK_EQ(ctx.bits, 9);
	/* cut to what the kernel keeps, or dropped */
	ctx.beside = 5;
	TYPED(&ctx, MOV(2, 0xfffe), STX(BPF_W, 1, 2, U_CUT), EXIT);
	CHECK(ctx.cut == 0xfffe && ctx.beside == 5, "cut %x %x", ctx.cut, ctx.beside);
	TYPED(&ctx, MOV(2, 0x10000), STX(BPF_W, 1, 2, U_CUT), EXIT);
	CHECK_EQ(ctx.cut, 0xfffe);
	TYPED(&ctx, I(BPF_ST | BPF_MEM | BPF_W, 1, 0, U_CUT, 0xffff), EXIT);
	CHECK_EQ(ctx.cut, 0xffff);
	TYPED(&ctx, I(BPF_ST | BPF_MEM | BPF_W, 1, 0, U_CUT, -1), EXIT);
	CHECK_EQ(ctx.cut, 0xffff);
	TYPED(&ctx, MOV(2, 7), I(BPF_ALU64 | BPF_LSH | BPF_K, 2, 0, 0, 32), STX(BPF_W, 1, 2, U_CUT),
	      EXIT);
	CHECK_EQ(ctx.cut, 0);
	/* fields that cannot be written, parts, atomics, unknown offsets */
	CHECK_EQ(TYPED(&ctx, STX(BPF_W, 1, 1, U_LEN), EXIT), -EINVAL);
	CHECK_EQ(TYPED(&ctx, STX(BPF_H, 1, 1, U_WORD), EXIT), -EINVAL);
	CHECK_EQ(TYPED(&ctx, I(0xdb, 1, 2, U_CB, 0), EXIT), -EINVAL);
	CHECK_EQ(TYPED(&ctx, LDX(BPF_W, 0, 1, U_SIZE), EXIT), -EINVAL);
	CHECK_EQ(TYPED(&ctx, LDX(BPF_W, 0, 1, U_SKIP + 4), EXIT), -EINVAL);
	CHECK_EQ(TYPED(&ctx, LDX(BPF_W, 0, 1, -4), EXIT), -EINVAL);
	CHECK_EQ(TYPED(&ctx, LDX(BPF_DW, 0, 1, U_LEN), EXIT), -EINVAL);
	CHECK_EQ(TYPED(&ctx, LDX(BPF_H, 0, 1, U_LEN + 1), EXIT), -EINVAL);
}

/* ------------------------------------------------------------------- calls */

static void helper_calls(void)
{
	calls = 0;
	CHECK_EQ(TYPED(NULL, MOV(1, 1), MOV(2, 2), MOV(3, 3), MOV(4, 4), MOV(5, 5), CALL_FN(5),
		       EXIT), 54321);
	CHECK_EQ(calls, 1);
	CHECK_EQ(TYPED(NULL, CALL_FN(6), EXIT), -EINVAL);
	CHECK_EQ(TYPED(NULL, CALL_FN(-1), EXIT), -EINVAL);
	CHECK_EQ(TYPED(NULL, I(0x85, 0, BPF_PSEUDO_KFUNC_CALL, 0, 5), EXIT), -EINVAL);
	CHECK(bvm_helper_find(&type, 5) == helper_rows && !bvm_helper_find(&type, 0), "find");
}

static void subprograms(void)
{
	/* f(r1) = r1 ? r1 + f(r1 - 1) : 0 written out to the deepest nesting allowed */
	struct bpf_insn insns[MAX_INSNS];
	struct bvm_ir_prog *ir;
	u32 n = 0, level;

	for (level = 0; level < BVM_IR_FRAMES; level++) {
		bool last = level == BVM_IR_FRAMES - 1;

		insns[n++] = MOV(6, 1 << level);
		/* a frame of its own, which the callee must not touch */
		insns[n++] = STX(BPF_DW, 10, 6, -8);
		insns[n++] = STX(BPF_DW, 10, 6, -64);
		insns[n++] = last ? MOV(0, 0) : CALL_SUB(3);
		insns[n++] = LDX(BPF_DW, 7, 10, level & 1 ? -8 : -64);
		insns[n++] = I(BPF_ALU64 | BPF_ADD | BPF_X, 0, 6 + (level & 1), 0, 0);
		insns[n++] = EXIT;
	}
	CHECK_EQ(exec_run(insns, n, NULL), (1 << BVM_IR_FRAMES) - 1);

	/* one level more */
	insns[n - 4] = CALL_SUB(3);
	insns[n++] = MOV(0, 0);
	insns[n++] = EXIT;
	ir = exec_lower(insns, n);
	CHECK(IS_ERR(ir) && PTR_ERR(ir) == -EINVAL, "%u frames", BVM_IR_FRAMES + 1);

	/* callee-saved registers come back, r0 and the scratch registers do not */
	CHECK_EQ(RUN(NULL, MOV(6, 1), MOV(7, 2), MOV(8, 3), MOV(9, 4), CALL_SUB(5),
		     I(0x0f, 0, 6, 0, 0), I(0x0f, 0, 7, 0, 0), I(0x0f, 0, 8, 0, 0),
		     I(0x0f, 0, 9, 0, 0), EXIT,
		     MOV(6, 100), MOV(7, 100), MOV(8, 100), MOV(9, 100), MOV(0, 1000), EXIT), 1010);
	/* arguments arrive; two calls of one function */
	CHECK_EQ(RUN(NULL, MOV(1, 5), CALL_SUB(3), MOVR(1, 0), CALL_SUB(1), EXIT,
		     MOV(0, 77), MOVR(0, 1), I(0x0f, 0, 1, 0, 0), EXIT), 20);
}

static void refused(void)
{
	struct bvm_ir_prog *bad[] = {
		LOWER(CALL_SUB(-1), EXIT),		/* recursion */
		LOWER(CALL_SUB(0), EXIT),		/* into itself, falling in */
		LOWER(CALL_SUB(1), EXIT, CALL_SUB(-1), EXIT),	/* f calls f */
		LOWER(CALL_SUB(5), EXIT),		/* outside */
		LOWER(CALL_SUB(-100), EXIT),
		LOWER(I(0x05, 0, 0, 1, 0), EXIT),	/* jump behind the end */
		LOWER(I(0x05, 0, 0, -2, 0), EXIT),	/* before the start */
		LOWER(I(0x05, 0, 0, 1, 0), I(0x18, 0, 0, 0, 0), I(0, 0, 0, 0, 0), EXIT),
		LOWER(I(0x06, 0, 0, 0, 0x7fffffff), EXIT),
		LOWER(CALL_SUB(2), I(0x05, 0, 0, 1, 0), EXIT, MOV(0, 0), EXIT),	/* into f */
		LOWER(CALL_SUB(1), MOV(0, 0), MOV(0, 1), EXIT),	/* falls into a function */
		LOWER(I(0x20, 0, 0, 0, 0), EXIT),	/* no packet in this type */
		LOWER(I(0x18, 0, BPF_PSEUDO_BTF_ID, 0, 1), I(0, 0, 0, 0, 0), EXIT),
		LOWER(I(0x18, 0, BPF_PSEUDO_FUNC, 0, 1), I(0, 0, 0, 0, 0), EXIT),
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		CHECK(IS_ERR(bad[i]) && PTR_ERR(bad[i]) == -EINVAL, "program %u accepted", i);
}

/* -------------------------------------------------------------------- maps */

static u64 area[4];

static void *direct(struct bvm_map *map, u32 off)
{
	return off < sizeof(area) ? (char *)area + off : NULL;
}

static void maps(void)
{
	static const struct bvm_map_type with = { .direct = direct }, without;
	struct bvm_map a = { .type = &without }, b = { .type = &with };
	struct bvm_map *const maps[] = { &a, &b };
	struct {
		u8 src;
		u32 low, high;
		void *want;
	} cases[] = {
		{ BPF_PSEUDO_MAP_FD, 0, 0, &a },
		{ BPF_PSEUDO_MAP_IDX, 1, 0, &b },
		{ BPF_PSEUDO_MAP_VALUE, 1, 8, &area[1] },
		{ BPF_PSEUDO_MAP_IDX_VALUE, 1, 31, (char *)area + 31 },
		{ BPF_PSEUDO_MAP_VALUE, 1, 32, NULL },
		{ BPF_PSEUDO_MAP_VALUE, 0, 0, NULL },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct bpf_insn insns[] = { I(0x18, 0, cases[i].src, 0, cases[i].low),
					    I(0, 0, 0, 0, cases[i].high), EXIT };
		struct bvm_ir_prog *ir;
		struct exec_prog p;

		exec_prog_init(&p, insns, 3);
		p.args.maps = maps;
		ir = bvm_lower(&p.args);
		if (!cases[i].want) {
			CHECK(IS_ERR(ir) && PTR_ERR(ir) == -EINVAL, "case %u accepted", i);
			continue;
		}
		if (CHECK(!IS_ERR(ir), "case %u refused", i)) {
			CHECK(bvm_interp(ir, NULL) == (unsigned long)cases[i].want, "case %u", i);
			bvm_ir_free(ir);
		}
	}
}

/* ---------------------------------------------------------------- packets */

static void packet_loads(void)
{
	CHECK_EQ(TYPED(NULL, MOVR(6, 1), I(0x30, 0, 0, 0, 3), EXIT), 0x13);
	CHECK_EQ(TYPED(NULL, MOVR(6, 1), I(0x28, 0, 0, 0, 3), EXIT), 0x1314);
	CHECK_EQ(TYPED(NULL, MOVR(6, 1), I(0x20, 0, 0, 0, 12), EXIT), 0x1c1d1e1f);
	CHECK_EQ(TYPED(NULL, MOVR(6, 1), MOV(7, 5), I(0x50, 0, 7, 0, -2), EXIT), 0x13);
	CHECK_EQ(TYPED(NULL, MOVR(6, 1), MOV(2, 5), I(0x48, 0, 2, 0, 1), EXIT), 0x1617);
	/* outside: the program ends with 0 */
	CHECK_EQ(TYPED(NULL, MOVR(6, 1), I(0x20, 0, 0, 0, 13), MOV(0, 7), EXIT), 0);
	CHECK_EQ(TYPED(NULL, MOVR(6, 1), I(0x20, 0, 0, 0, -1), MOV(0, 7), EXIT), 0);
	CHECK_EQ(TYPED(NULL, MOVR(6, 1), I(0x20, 0, 0, 0, 12), MOV(0, 7), EXIT), 7);
}

/* ------------------------------------------------- unreached code, the end */

static void traps(void)
{
	struct bpf_insn insns[] = { MOV(0, 5), EXIT, CALL_FN(12345), STX(BPF_W, 1, 2, 999),
				    I(0x18, 0, BPF_PSEUDO_FUNC, 0, 0), I(0, 0, 0, 0, 0) };
	struct bvm_ir_prog *ir;
	struct exec_prog p;

	/* what verification did not reach is not even looked at */
	exec_prog_init(&p, insns, ARRAY_SIZE(insns));
	p.args.facts = &p.facts;
	memset(p.fact + 2, 0, 4 * sizeof(p.fact[0]));
	ir = bvm_lower(&p.args);
	if (CHECK(!IS_ERR(ir), "dead code refused")) {
		CHECK_EQ(bvm_interp(ir, NULL), 5);
		CHECK(ir->code[2].op == BVM_IR_TRAP && ir->code[3].op == BVM_IR_TRAP, "no trap");
		bvm_ir_free(ir);
	}
	/* running into it, or off the end, ends the program and says so */
	p.fact[1].seen = 0;
	ir = bvm_lower(&p.args);
	host_warns_expected = 1;
	CHECK_EQ(bvm_interp(ir, NULL), 0);
	CHECK_EQ(host_warns_expected, 0);
	bvm_ir_free(ir);
	host_warns_expected = 1;
	CHECK_EQ(RUN(NULL, MOV(0, 5)), 0);
	CHECK_EQ(host_warns_expected, 0);
}

static void failing_memory(void)
{
	struct bpf_insn insns[] = { MOV(0, 5), CALL_SUB(1), EXIT, MOV(0, 6), EXIT };
	struct bvm_ir_prog *ir;
	unsigned long n;

	for (n = 1; ; n++) {
		host_alloc_fail(n);
		ir = exec_lower(insns, ARRAY_SIZE(insns));
		host_alloc.fail_at = 0;
		if (!IS_ERR(ir))
			break;
		CHECK_EQ(PTR_ERR(ir), -ENOMEM);
		CHECK_EQ(host_alloc.live, 0);
	}
	CHECK(n == 4, "%lu allocations", n - 1);
	CHECK_EQ(bvm_interp(ir, NULL), 6);
	bvm_ir_free(ir);
	CHECK_EQ(host_alloc.live, 0);
}

/* -------------------------------------------------------------------- text */

static void as_text(void)
{
	static const char *const want[] = {
		"MOVI r6, 7", "ADD32I r6, -1", "MUL64R r6, r7", "LOAD32 r0, [r1+4]",
		"STORE16R [r10-8], r6", "STORE8I [r10-1], 255", "FETCH_ADD64 [r10-8], r6",
		"JSLT32I r6, -5, @9", "JEQ64R r6, r7, @9", "CALL_SUB @11, 64", "EXIT",
		"SWAP16 r0", "SEXT8_32 r0, r0", "RET", "TRAP",
	};
	const struct bpf_insn insns[] = {
		MOV(6, 7), I(0x04, 6, 0, 0, -1), I(0x2f, 6, 7, 0, 0), LDX(BPF_W, 0, 1, 4),
		STX(BPF_H, 10, 6, -8), I(BPF_ST | BPF_MEM | BPF_B, 10, 0, -1, 255),
		I(0xdb, 10, 6, -8, 1), I(0xc6, 6, 0, 1, -5), I(0x1d, 6, 7, 0, 0), CALL_SUB(1), EXIT,
		I(0xdc, 0, 0, 0, 16), I(0xbc, 0, 0, 8, 0), EXIT
	};
	struct bvm_ir_prog *ir = exec_lower(insns, ARRAY_SIZE(insns));
	struct bvm_ir any;
	char buf[64];
	u32 i;

	if (!CHECK(!IS_ERR(ir) && ir->len == ARRAY_SIZE(want), "length"))
		return;
	for (i = 0; i < ARRAY_SIZE(want); i++) {
		bvm_ir_print(buf, sizeof(buf), &ir->code[i]);
		CHECK(!strcmp(buf, want[i]), "%u: '%s', want '%s'", i, buf, want[i]);
	}
	bvm_ir_free(ir);
	for (i = 0; i < __BVM_IR_OP_MAX + 1; i++) {
		any = (struct bvm_ir){ .op = i };
		CHECK(bvm_ir_print(buf, sizeof(buf), &any) > 1, "op %u has no text", i);
	}
}

int main(void)
{
	static const struct ktap_test tests[] = {
		{ "context loads", ctx_loads },
		{ "context stores", ctx_stores },
		{ "helper calls", helper_calls },
		{ "subprograms", subprograms },
		{ "programs that have no IR", refused },
		{ "map references", maps },
		{ "packet loads", packet_loads },
		{ "unreached code", traps },
		{ "every allocation fails once", failing_memory },
		{ "IR as text", as_text },
	};

	return ktap_run(tests, ARRAY_SIZE(tests));
}
