// SPDX-License-Identifier: GPL-2.0-only
/*
 * The certificate finds what exploration overlooks: for each kind of bug that it must find,
 * the bug is planted, and a program verified for which it makes a difference.  Most of these
 * programs are unsafe, on the path that is explored last: it differs from the first in what
 * the bug makes the verifier forget.
 */
#include "ktap.h"
#include "verif_case.h"

/* r6 is one number or the other; the second is looked at first. */
#define EITHER(late, early)							\
	MOV(R6, late), RANDOM, JMP(JEQ, R0, 0, 1), MOV(R6, early)
/* Six instructions: fine for numbers up to 47. */
#define USE(r)									\
	BPF_LD_MAP_VALUE(R1, ARRAY48, 0), ADDR(R1, r), LDX(B, R0, R1, 0), MOV(R0, 0), EXIT
#define FETCH_ADD(d, s, o) BPF_ATOMIC_OP(BPF_DW, BPF_ADD | BPF_FETCH, d, s, o)

#define OUTSIDE		.c.err = -EACCES, .c.words = "outside of the allowed memory range"
#define BAD_MEM		.c.err = -EACCES, .c.words = "invalid mem access"
#define ENDLESS		.c.err = -EINVAL, .c.words = "infinite loop detected"

struct plant {
	u64 bugs;
	const char *says;	/* the certificate */
	struct verdict c;	/* without the bug */
};

#define BIT_OF(bug)	(1ULL << PLANT_##bug)
#define PLANT(bug)	.bugs = BIT_OF(bug), .c.name = #bug
#define FAULT		.says = "BUG: certificate: insn"
#define ROW(...)	.c.flags = BPF_F_TEST_STATE_FREQ, .c.insns = { __VA_ARGS__ }

static const struct plant plants[] = {
{ PLANT(NEED_SPILL), FAULT, OUTSIDE,
	ROW(EITHER(100, 8), STX(DW, FP, R6, -8), LDX(DW, R7, FP, -8), USE(R7)) },
{ PLANT(NEED_PASSED), FAULT, OUTSIDE,
	ROW(EITHER(100, 8), MOVR(R1, R6), FN(6), USE(R0), MOVR(R0, R1), EXIT) },
{ PLANT(NEED_REFINED), FAULT, OUTSIDE,
	ROW(EITHER(100, 8), RANDOM, MOVR(R7, R0), JMPR(JGE, R7, R6, 6), USE(R7), MOV(R0, 0),
	    EXIT) },
{ PLANT(NEED_LINKED), FAULT, OUTSIDE,
	ROW(EITHER(100, 8), RANDOM, MOVR(R7, R0), MOVR(R8, R7), JMPR(JGE, R8, R6, 6), USE(R7),
	    MOV(R0, 0), EXIT) },
{ PLANT(NEED_FETCHED), FAULT, OUTSIDE,
	ROW(EITHER(100, 8), STX(DW, FP, R6, -8), MOV(R7, 0), FETCH_ADD(FP, R7, -8), USE(R7)) },
{ PLANT(NEED_OPERAND), FAULT, OUTSIDE,
	ROW(EITHER(100, 8), MOV(R7, 0), ADDR(R7, R6), USE(R7)) },
{ PLANT(NEED_DECIDED), FAULT, BAD_MEM,
	ROW(EITHER(100, 8), MOV(R0, 0), JMP(JLE, R6, 50, 1), BAD, EXIT) },
{ PLANT(NEED_OFFSET), FAULT, OUTSIDE,
	ROW(EITHER(100, 8), USE(R6)) },
{ PLANT(NEED_LENGTH), FAULT, .c.err = -EINVAL, .c.words = "invalid indirect access to stack",
	ROW(EITHER(100, 8), MOVR(R1, FP), ADD(R1, -64), MOVR(R2, R6), MOV(R3, 0),
	    CALL(probe_read_kernel), MOV(R0, 0), EXIT) },
{ PLANT(NEED_RESULT), FAULT, .c.type = &verif_ranged, .c.err = -EINVAL,
	.c.words = "At program exit the register R0 has",
	ROW(EITHER(100, 1), MOVR(R0, R6), EXIT) },
{ PLANT(NEED_ZERO), FAULT, OUTSIDE,
	ROW(EITHER(100, 0), STX(DW, FP, R6, -8), ST(B, FP, -1, 0), LDX(B, R7, FP, -8), USE(R7)) },
{ PLANT(LIVE_REG), FAULT, OUTSIDE,
	ROW(EITHER(100, 8), USE(R6)) },
{ PLANT(LIVE_SLOT), FAULT, OUTSIDE,
	ROW(ST(DW, FP, -8, 100), RANDOM, JMP(JEQ, R0, 0, 1), ST(DW, FP, -8, 8),
	    LDX(DW, R7, FP, -8), USE(R7)) },
{ PLANT(COVER_RANGE), FAULT, OUTSIDE,
	ROW(EITHER(100, 8), USE(R6)) },
/* the offset of a pointer, and then whether it may be NULL; the key of checkpoints is no help */
{ PLANT(COVER_POINTER), FAULT, OUTSIDE,
	ROW(BPF_LD_MAP_VALUE(R6, ARRAY48, 44), RANDOM, STX(DW, FP, R6, -8), JMP(JEQ, R0, 0, 3),
	    BPF_LD_MAP_VALUE(R6, ARRAY48, 0), STX(DW, FP, R6, -8), MOV(R6, 0),
	    LDX(DW, R6, FP, -8), LDX(DW, R0, R6, 0), MOV(R0, 0), EXIT) },
{ PLANT(COVER_POINTER), FAULT, BAD_MEM,
	ROW(LOOKUP(HASH48), MOVR(R6, R0), RANDOM, JMP(JEQ, R0, 0, 2), JMP(JNE, R6, 0, 1), EXIT,
	    LDX(B, R0, R6, 0), MOV(R0, 0), EXIT) },
{ PLANT(COVER_REFS), FAULT, .c.err = -EINVAL, .c.words = "Unreleased reference",
	ROW(RANDOM, JMP(JNE, R0, 0, 1), JA(5), BPF_LD_MAP_FD(R1, RING), MOV(R2, 8), MOV(R3, 0),
	    CALL(ringbuf_reserve), MOV(R0, 0), EXIT) },
{ PLANT(COVER_LOCK), FAULT, .c.type = &verif_fields, .c.err = -EINVAL,
	.c.words = "bpf_spin_unlock is missing",
	ROW(VALUE(LOCKED), MOVR(R6, R0), RANDOM, JMP(JEQ, R0, 0, 1), JA(3), MOVR(R1, R6),
	    ADD(R1, 8), CALL(spin_lock), MOV(R0, 0), EXIT) },
{ PLANT(COVER_ID), FAULT, .c.err = -EINVAL, .c.words = "math between map_value pointer",
	ROW(RANDOM, MOVR(R7, R0), RANDOM, MOVR(R6, R0), RANDOM, JMP(JEQ, R0, 0, 1), MOVR(R6, R7),
	    JMP(JGE, R6, 8, 6), USE(R7), MOV(R0, 0), EXIT) },
/*
 * a and b in the stack, used in a callback: "use(a); a = b; b = 8 or, in the third round, 100".
 * That b makes a difference is known when that round has been covered.
 */
#define ROUNDS									\
	ST(DW, FP, -8, 0), ST(DW, FP, -16, 0), LOOP(100, 2), MOV(R0, 0), EXIT,	\
	LDX(DW, R3, R2, -8), BPF_LD_MAP_VALUE(R4, ARRAY48, 0), ADDR(R4, R3),	\
	LDX(B, R0, R4, 0), LDX(DW, R4, R2, 0), STX(DW, R2, R4, -8),		\
	MOVR(R6, R2), MOVR(R7, R3), RANDOM, JMP(JEQ, R7, 0, 1),			\
	JMP(JEQ, R0, 0, 2), ST(DW, R6, 0, 8), JA(1),				\
	ST(DW, R6, 0, 100), MOV(R0, 0), EXIT
{ PLANT(EDGE_DROPPED), FAULT, OUTSIDE,
	ROW(ROUNDS) },
{ PLANT(EDGE_UNCHECKED), FAULT, OUTSIDE,
	ROW(ROUNDS) },
{ PLANT(OPEN_COVERS), .says = "BUG: certificate: too many steps", ENDLESS,
	ROW(RANDOM, JMP(JNE, R0, 0, -2), MOV(R0, 0), EXIT) },
{ PLANT(OPEN_COVERS), .says = "BUG: certificate: too many steps", ENDLESS,
	ROW(LOOP(50, 1), JA(-8), MOV(R0, 0), EXIT) },
{ .bugs = BIT_OF(OPEN_COVERS) | BIT_OF(CERT_BACK), .c.name = "a loop that may not end",
	.says = "BUG: certificate: a loop through insn", ENDLESS,
	ROW(RANDOM, JMP(JNE, R0, 0, -2), MOV(R0, 0), EXIT) },
{ .bugs = BIT_OF(OPEN_COVERS) | BIT_OF(CERT_BACK), .c.name = "a run that starts again",
	.says = "BUG: certificate: a loop through insn", ENDLESS,
	ROW(LOOP(50, 1), JA(-8), MOV(R0, 0), EXIT) },
/* see verifier_func_cases.h */
{ PLANT(RUN_ID), .says = "BUG: certificate:", ENDLESS,
	ROW(RANDOM, STX(DW, FP, R0, -16), ST(DW, FP, -8, 1), LOOP(100, 4), LDX(DW, R0, FP, -8),
	    JMP(JEQ, R0, 0, -10), MOV(R0, 0), EXIT,
	    MOV(R0, 0), LDX(DW, R3, R2, 0), JMP(JEQ, R3, 0, 8), LDX(DW, R3, R2, -8),
	    JMP(JEQ, R3, 0, 7), JMP(JEQ, R1, 5, 1), MOV(R4, 0), MOVR(R6, R2), RANDOM,
	    STX(DW, R6, R0, -8), MOV(R0, 0), EXIT,
	    ST(DW, R2, 0, 0), ST(DW, R2, -8, 1), EXIT) },
/* a counter that two rounds may add to: after one of them, another one is left */
{ PLANT(RUN_ROUNDS), FAULT, BAD_MEM,
	ROW(ST(DW, FP, -8, 0), ST(DW, FP, -16, 0), LOOP(2, 5), LDX(DW, R0, FP, -8),
	    JMP(JLE, R0, 1, 1), BAD, LDX(DW, R0, FP, -16), EXIT,
	    ST(DW, R2, -8, 1), MOVR(R6, R2), RANDOM, JMP(JNE, R0, 0, 1), JA(3),
	    LDX(DW, R1, R6, 0), ADD(R1, 1), STX(DW, R6, R1, 0), MOV(R0, 0), EXIT) },
{ PLANT(BRANCH_LOST), FAULT, BAD_MEM,
	ROW(RANDOM, JMP(JEQ, R0, 0, 2), MOV(R0, 0), EXIT, BAD, EXIT) },
{ PLANT(ENTRY_SKIPPED), FAULT, BAD_MEM,
	.c.info = { { 0, VERIF_TAGGED }, { 3, VERIF_INT } },
	ROW(MOV(R1, 0), FN(1), EXIT, MOV(R0, 0), BAD, EXIT) },
};

/* Without a log the certificate begins alone: it must not believe what is wrong, either. */
static void check_alone(const struct plant *p)
{
	struct verdict c = p->c;
	struct verif v;
	int err;

	c.flags = 0;
	verif_plants = p->bugs;
	err = load(&v, &c, 0);
	verif_plants = 0;
	CHECK(err == c.err || err == -EFAULT, "alone: %d", err);
	verif_free(&v);
}

static void check(const struct plant *p)
{
	struct verif v;
	int err = load(&v, &p->c, 1);

	CHECK(err == p->c.err, "without the bug: %d, want %d\n%s", err, p->c.err, log_buf);
	CHECK(log_has(log_buf, p->c.words), "want '%s' in\n%s", p->c.words, log_buf);
	verif_free(&v);
	verif_plants = p->bugs;
	err = load(&v, &p->c, 1);
	verif_plants = 0;
	CHECK(err == -EFAULT, "with the bug: %d\n%s", err, log_buf);
	CHECK(log_has(log_buf, p->says), "want '%s' in\n%s", p->says, log_buf);
	verif_free(&v);
	check_alone(p);
	ktap_end(p->c.name);
}

int main(void)
{
	u32 i;

	make_maps();
	ktap_plan(ARRAY_SIZE(plants));
	for (i = 0; i < ARRAY_SIZE(plants); i++)
		check(&plants[i]);
	free_maps();
	return ktap_exit();
}
