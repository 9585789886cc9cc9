/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the two halves of the certificate share: certify.c says that all states are safe,
 * terminate.c that the program comes to an end.
 */
#ifndef _BVM_CERTIFY_H
#define _BVM_CERTIFY_H

#include "env.h"

/**
 * struct bvm_cert_edge - a segment from one checkpoint to another
 * @from:	where it begins
 * @to:		where it ends
 * @kept:	by places of runs of @from, see bvm_run_at(): @to is in the midst of that run
 * @grown:	... and at least one round of it has begun on the way
 * @gone:	no endless path goes this way for ever
 */
struct bvm_cert_edge {
	struct bvm_checkpoint *from, *to;
	u32 kept;
	u32 grown;
	bool gone;
};

/**
 * struct bvm_cert - a certificate in the making
 * @env:	environment
 * @from:	checkpoint that the segment comes from; NULL: the start of the program
 * @alone:	there was no exploration
 * @most:	steps that are allowed
 * @most_each:	and for each segment
 * @steps:	steps in this segment
 * @hits:	alone: states that checkpoints stood for
 * @misses:	alone: states that none stood for although there were some
 * @level:	of the log, for messages
 * @edges:	segments, without those from the start
 * @nr_edges:	their number
 * @max_edges:	room for them
 * @back:	a segment does not lead to a checkpoint that was closed earlier
 */
struct bvm_cert {
	struct bvm_env *env;
	struct bvm_checkpoint *from;
	bool alone;
	u32 most, most_each;
	u32 steps;
	u32 hits, misses;
	u32 level;
	struct bvm_cert_edge *edges;
	u32 nr_edges, max_edges;
	bool back;
};

/* What there is to say will be heard again. */
static inline struct bvm_env *bvm_cert_aloud(const struct bvm_cert *cert)
{
	cert->env->log->level = cert->level;
	return cert->env;
}

/* Something in the verifier is wrong: a message that is heard. */
#define bvm_cert_bug(cert, id, ...)	bvm_reject(bvm_cert_aloud(cert), id, ##__VA_ARGS__)

/* certify.c */
struct bvm_checkpoint *bvm_certified(struct bvm_env *env, const struct bvm_state *st);

/* terminate.c */
bool bvm_cert_went_on(const struct bvm_cert *cert, const struct bvm_state *st);
bool bvm_cert_goes_on(const struct bvm_cert *cert, const struct bvm_checkpoint *to,
		      const struct bvm_state *st);
int bvm_cert_edge(struct bvm_cert *cert, struct bvm_checkpoint *to, const struct bvm_state *st);
int bvm_cert_terminates(struct bvm_cert *cert);

#endif /* _BVM_CERTIFY_H */
