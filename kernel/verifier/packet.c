// SPDX-License-Identifier: GPL-2.0-only
/*
 * The packet that is the context.  Nobody says how long it is: a program compares a pointer
 * into the packet with the packet's end, and if it is not above, the bytes before it are
 * there.  Metadata lie before the packet; they end where the packet begins.
 *
 * A pointer is the start of the packet, a variable part that is not negative when memory is
 * accessed, and a constant.  What a comparison says holds for all pointers with the same
 * variable part, which have the same id (or none, without a variable part).
 */
#include "env.h"

#define BVM_MAX_PACKET_OFF	0xffff	/* from the start; kernel addresses have as much above */
#define BVM_PACKET_ALIGN	2	/* NET_IP_ALIGN, where it is not 0 for speed */

/**
 * struct bvm_end_cond - what it means that a pointer compares so with the end of its packet
 * @opposite:	if it does not
 * @mirrored:	operands exchanged
 * @mark:	BVM_PKT_*, if it is not below the end
 * @more:	otherwise: bytes that are there besides those before the pointer
 */
struct bvm_end_cond {
	u8 opposite;
	u8 mirrored;
	s8 mark;
	u8 more;
};

static const struct bvm_end_cond bvm_end_conds[__BVM_COND_MAX] = {
	[BVM_JGT] = { BVM_JLE, BVM_JLT, .mark = BVM_PKT_BEYOND },
	[BVM_JGE] = { BVM_JLT, BVM_JLE, .mark = BVM_PKT_AT },
	[BVM_JLT] = { BVM_JGE, BVM_JGT, .more = 1 },
	[BVM_JLE] = { BVM_JGT, BVM_JGE },
};

static bool bvm_is_end_of(const struct bvm_val *end, const struct bvm_val *v)
{
	if (v->kind == BVM_PTR_PKT)
		return end->kind == BVM_PTR_PKT_END;
	/* ... of metadata: the first byte of the packet */
	return v->kind == BVM_PTR_PKT_META && end->kind == BVM_PTR_PKT && !end->off &&
	       bvm_scalar_is_const(&end->s) && !bvm_scalar_value(&end->s);
}

/**
 * bvm_packet_against_end - does a jump compare a pointer with the end of its packet?
 * @in:		conditional jump
 * @a:		its first operand
 * @b:		second operand
 * @reg:	out: register with the pointer
 * @op:		out: enum bvm_cond of "pointer against end"
 */
bool bvm_packet_against_end(const struct bvm_insn *in, const struct bvm_val *a,
			    const struct bvm_val *b, u32 *reg, u32 *op)
{
	if (in->size != 8 || !bvm_end_conds[in->op].opposite)
		return false;
	if (bvm_is_end_of(b, a)) {
		*reg = in->dst;
		*op = in->op;
		return true;
	}
	*reg = in->src;
	*op = bvm_end_conds[in->op].mirrored;
	return bvm_is_end_of(a, b);
}

/**
 * bvm_packet_decided - is it known how a pointer compares with the end of its packet?
 * @v:		pointer
 * @op:		as from bvm_packet_against_end()
 * Return: 1 if the comparison holds, -1 if not, 0 if it is not known.
 */
int bvm_packet_decided(const struct bvm_val *v, u32 op)
{
	const struct bvm_end_cond *cond = &bvm_end_conds[op];
	s8 above = cond->mark ?: bvm_end_conds[cond->opposite].mark;

	if (v->range != BVM_PKT_BEYOND && v->range != above)
		return 0;
	return cond->mark ? 1 : -1;
}

/**
 * bvm_packet_learn - a pointer was compared with the end of its packet
 * @env:	environment with a reserve
 * @st:		state
 * @reg:	register with the pointer
 * @op:		as from bvm_packet_against_end()
 * @holds:	what came out
 */
void bvm_packet_learn(struct bvm_env *env, struct bvm_state *st, u32 reg, u32 op, bool holds)
{
	const struct bvm_end_cond *cond = &bvm_end_conds[op];
	struct bvm_val v = *bvm_reg(env, st, reg);

	if (!holds)
		cond = &bvm_end_conds[cond->opposite];
	if (cond->mark) {
		v.range = cond->mark;
		bvm_reg_replace(env, st, reg, &v);
		return;
	}
	/* The address has not wrapped around, nor is it before the packet. */
	if (v.off < 0 || v.s.umax > BVM_MAX_PACKET_OFF || v.s.umax + v.off > BVM_MAX_PACKET_OFF)
		return;
	v.range = v.off + cond->more;
	if (v.range)
		bvm_update_range(env, st, &v);
}

/**
 * bvm_packet_moved - how far a pointer reaches that was moved
 * @env:	environment
 * @v:		pointer, moved
 * @op:		BVM_ADD or BVM_SUB
 * @by:		distance
 *
 * A constant distance changes nothing.  A variable one makes another variable part, and
 * all of what followed the old one also follows the new one if that is not above.
 */
void bvm_packet_moved(struct bvm_env *env, struct bvm_val *v, u32 op, const struct bvm_val *by)
{
	if (v->range < 0)
		v->range = 0;
	if (bvm_scalar_is_const(&by->s))
		return;
	v->id = bvm_new_id(env);
	if (op == BVM_ADD || by->s.smin < 0)
		v->range = 0;
}

/**
 * bvm_check_packet - is this part of a packet, or of its metadata, there?
 * @env:	environment
 * @st:		state
 * @reg:	register, for the message
 * @v:		pointer
 * @off:	further offset
 * @size:	bytes
 * @how:	why
 * Return: 0, or -EACCES with a message.
 */
int bvm_check_packet(struct bvm_env *env, const struct bvm_state *st, u32 reg,
		     const struct bvm_val *v, s32 off, u32 size, enum bvm_access how)
{
	s64 at = (s64)v->off + off;

	if (bvm_access_writes(how) && !(env->args->type->flags & BVM_PROG_PKT_WRITE))
		return bvm_reject(env, PKT_WRITE);
	if (v->s.smin < 0)
		return bvm_reject(env, MIN_NEGATIVE, reg);
	if (at >= 0 && at + size <= max(v->range, 0))
		return 0;
	if (v->range >= 0)
		bvm_reject(env, PKT_ACCESS, at, size, reg, v->id, at, v->range);
	return bvm_reject(env, PKT_OUTSIDE, reg);
}

/**
 * bvm_check_packet_aligned - alignment in a packet that begins as those of Ethernet do
 * @env:	environment
 * @v:		pointer
 * @off:	further offset
 * @size:	1, 2, 4 or 8: also the alignment asked for
 * Return: 0 or -EACCES with a message.
 */
int bvm_check_packet_aligned(struct bvm_env *env, const struct bvm_val *v, s32 off, u32 size)
{
	u64 at = v->s.t.value + BVM_PACKET_ALIGN + v->off + off;

	if (!((at | v->s.t.mask) & (size - 1)))
		return 0;
	return bvm_reject(env, PKT_MISALIGNED, BVM_PACKET_ALIGN, bvm_tnum_text(env, v->s.t),
			  v->off, off, size);
}
