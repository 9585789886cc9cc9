// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packet pointers compared with the end of the packet: every condition, both orders of the
 * operands, both ways out, against what is true for packets of all lengths; and what was
 * accepted is run on the shortest packets that it is true for.
 */
#include "ktap.h"
#include "verif.h"
#include "../lib/insn.h"

#define MAX_OFF		3	/* bytes that the pointer is moved before it is compared */
#define MAX_LEN		8	/* longest packet that is looked at */

/* A program: pointer + @off compared with the end; if that @holds, byte @at is read. */
struct comparison {
	u8 op;		/* BPF_JEQ ... */
	bool mirrored;	/* the end is the first operand */
	bool holds;
	bool meta;	/* metadata against the packet */
	u8 size;	/* 8, or 4: half addresses */
	s8 off;
	s8 at;
};

static bool compare(u8 op, s64 a, s64 b)
{
	switch (op) {
	case BPF_JEQ:
		return a == b;
	case BPF_JNE:
		return a != b;
	case BPF_JGT:
	case BPF_JSGT:
		return a > b;
	case BPF_JGE:
	case BPF_JSGE:
		return a >= b;
	case BPF_JLT:
	case BPF_JSLT:
		return a < b;
	case BPF_JLE:
	case BPF_JSLE:
		return a <= b;
	default:
		return a & b;
	}
}

/* What this says about a packet of @len bytes. */
static bool comes_out(const struct comparison *c, s64 len)
{
	return (c->mirrored ? compare(c->op, len, c->off) : compare(c->op, c->off, len)) ==
	       c->holds;
}

/* Is the byte there in all packets of which that is true, and is it true of any? */
static bool safe(const struct comparison *c)
{
	bool any = false;
	s64 len;

	for (len = 0; len <= MAX_LEN; len++) {
		if (!comes_out(c, len))
			continue;
		if (c->at < 0 || c->at >= len)
			return false;
		any = true;
	}
	return any;
}

static int load(struct verif *v, const struct comparison *c, struct bpf_insn *insns)
{
	u32 data = offsetof(struct xdp_md, data), end = offsetof(struct xdp_md, data_end);
	struct bpf_insn insn[] = {
		BPF_LDX_MEM(BPF_W, BPF_REG_2, BPF_REG_1, data),
		BPF_LDX_MEM(BPF_W, BPF_REG_3, BPF_REG_1, end),
		BPF_MOV64_IMM(BPF_REG_0, 0),
		BPF_MOV64_REG(BPF_REG_4, BPF_REG_2),
		BPF_ALU64_IMM(BPF_ADD, BPF_REG_4, c->off),
		BPF_JMP_REG(c->op, BPF_REG_4, BPF_REG_3, c->holds ? 1 : 2),
		BPF_JMP_IMM(BPF_JA, 0, 0, c->holds ? 1 : 0),
		BPF_LDX_MEM(BPF_B, BPF_REG_0, BPF_REG_2, c->at),
		BPF_EXIT_INSN(),
	};

	if (c->meta) {
		insn[0].off = offsetof(struct xdp_md, data_meta);
		insn[1].off = data;
	}
	if (c->mirrored)
		insn[5] = (struct bpf_insn)BPF_JMP_REG(c->op, BPF_REG_3, BPF_REG_4, insn[5].off);
	if (c->size == 4)
		insn[5].code ^= BPF_JMP ^ BPF_JMP32;
	memcpy(insns, insn, sizeof(insn));
	*v = (struct verif){ .type = &verif_xdp, .insns = insns, .len = ARRAY_SIZE(insn) };
	return verif_load(v);
}

/* On a packet without a byte to spare: the sanitizer watches. */
static void run(const struct comparison *c, const struct bvm_ir_prog *ir, u32 len)
{
	struct verif_packet ctx = {};
	u8 *packet = malloc(len);
	u64 want = comes_out(c, len) ? 0x5a : 0;

	memset(packet, 0x5a, len);
	ctx.data = packet;
	ctx.data_meta = packet;
	ctx.data_end = packet + len;
	CHECK_EQ(bvm_interp(ir, &ctx), want);
	free(packet);
}

static void check(const struct comparison *c)
{
	bool ordered = c->op == BPF_JGT || c->op == BPF_JGE || c->op == BPF_JLT || c->op == BPF_JLE;
	struct bvm_ir_prog *ir;
	struct bpf_insn insns[16];
	struct verif v;
	int err = load(&v, c, insns);
	u32 len;

	CHECK(err || safe(c), "op %x mirrored %d holds %d size %d off %d at %d: accepted", c->op,
	      c->mirrored, c->holds, c->size, c->off, c->at);
	if (ordered && c->size == 8 && c->off >= 0)
		CHECK(!err || !safe(c), "op %x mirrored %d holds %d off %d at %d: %d", c->op,
		      c->mirrored, c->holds, c->off, c->at, err);
	else
		CHECK(err, "op %x mirrored %d holds %d off %d at %d: no such proof", c->op,
		      c->mirrored, c->holds, c->off, c->at);
	if (!err) {
		ir = verif_lower(&v);
		for (len = 0; len <= MAX_LEN && !c->meta; len++)
			run(c, ir, len);
		bvm_ir_free(ir);
	}
	verif_free(&v);
}

static void check_ops(bool meta)
{
	static const u8 ops[] = {
		BPF_JEQ, BPF_JNE, BPF_JGT, BPF_JGE, BPF_JLT, BPF_JLE, BPF_JSGT, BPF_JSGE,
		BPF_JSLT, BPF_JSLE, BPF_JSET,
	};
	struct comparison c = { .meta = meta };
	u32 i, bits;

	for (i = 0; i < ARRAY_SIZE(ops); i++) {
		c.op = ops[i];
		for (bits = 0; bits < 8; bits++) {
			c.mirrored = bits & 1;
			c.holds = bits & 2;
			c.size = bits & 4 ? 4 : 8;
			for (c.off = -1; c.off <= MAX_OFF; c.off++)
				for (c.at = -1; c.at <= MAX_OFF + 1; c.at++)
					check(&c);
		}
	}
}

int main(void)
{
	ktap_plan(2);
	check_ops(false);
	ktap_end("packet and its end");
	check_ops(true);
	ktap_end("metadata and the packet");
	return ktap_exit();
}
