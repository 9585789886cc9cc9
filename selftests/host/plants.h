/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Bugs that certificate_test.c plants in the verifier of the host build, to see that the
 * certificate refuses what they make exploration accept.
 */
#ifndef _BVM_PLANTS_H
#define _BVM_PLANTS_H

#define PLANTS(P)									\
	/* needs that are not passed on */						\
	P(NEED_SPILL)		/* through the stack */					\
	P(NEED_PASSED)		/* to a function called */				\
	P(NEED_REFINED)		/* to what was compared */				\
	P(NEED_LINKED)		/* to an equal number */				\
	P(NEED_FETCHED)		/* through an atomic operation */			\
	P(NEED_OPERAND)		/* to the second operand */				\
	/* needs that are not noticed */						\
	P(NEED_DECIDED)		/* a branch goes one way */				\
	P(NEED_OFFSET)		/* added to a pointer */				\
	P(NEED_LENGTH)		/* of memory for a helper */				\
	P(NEED_RESULT)		/* of the program */					\
	P(NEED_ZERO)		/* bytes of what was spilled */				\
	/* checkpoints lack what is live */						\
	P(LIVE_REG)		/* r6 */						\
	P(LIVE_SLOT)		/* at fp - 8 */						\
	/* checkpoints cover what they do not */					\
	P(COVER_RANGE)									\
	P(COVER_POINTER)	/* one of the same kind */				\
	P(COVER_REFS)									\
	P(COVER_LOCK)									\
	P(COVER_ID)									\
	/* loops */									\
	P(EDGE_DROPPED)		/* what was covered early is forgotten */		\
	P(EDGE_UNCHECKED)	/* ... is not looked at again */			\
	P(OPEN_COVERS)		/* paths end on the way to themselves */		\
	P(RUN_ID)		/* a run is taken for another one */			\
	P(RUN_ROUNDS)		/* ... for one that is farther on */			\
	/* paths */									\
	P(BRANCH_LOST)									\
	P(ENTRY_SKIPPED)	/* a global function */					\
	/* in the certificate itself: the search for cycles has to do all the work */	\
	P(CERT_BACK)

enum {
#define P(bug) PLANT_##bug,
	PLANTS(P)
#undef P
	NR_PLANTS
};

extern u64 verif_plants;

#define BVM_PLANTED(bug)	((verif_plants >> PLANT_##bug) & 1)

#endif /* _BVM_PLANTS_H */
