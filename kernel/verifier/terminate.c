// SPDX-License-Identifier: GPL-2.0-only
/*
 * The certificate's second half: the program comes to an end.
 *
 * A segment is a finite number of steps, so that a program that does not end goes through
 * segments for ever: round a cycle of checkpoints.  That is possible only if the cycle is
 * not within one run, see run.c: a run has a limited number of rounds.
 *
 * So where checkpoints form cycles, look for a run that all of them are in, and that no
 * segment among them leaves.  Segments in which it goes on are taken only a limited number
 * of times: forget them, and look at what cycles are left.  A cycle that leaves a run, to
 * come back in another one, is not bounded, even if every run is.
 */
#include "certify.h"

/* The place of a run in a state, by its number; BVM_RUN_PLACES: none. */
static u32 bvm_cert_place(const struct bvm_state *st, u32 id)
{
	u32 i;

	for (i = bvm_next_place(st, 0); i < BVM_RUN_PLACES; i = bvm_next_place(st, i + 1))
		if (bvm_run_at(st, i).id == id)
			break;
	return i;
}

static struct bvm_cert_edge bvm_cert_make_edge(const struct bvm_cert *cert,
					       const struct bvm_checkpoint *to,
					       const struct bvm_state *st)
{
	struct bvm_cert_edge edge = { .from = cert->from, .to = (struct bvm_checkpoint *)to };
	const struct bvm_state *from = &cert->from->st;
	struct bvm_run run;
	u32 i, place;

	for (i = bvm_next_place(from, 0); i < BVM_RUN_PLACES; i = bvm_next_place(from, i + 1)) {
		run = bvm_run_at(from, i);
		if (!run.id)
			continue;
		/* It is the same run for @to if that has it in the same place as the state. */
		place = bvm_cert_place(st, run.id);
		if (place == BVM_RUN_PLACES || bvm_run_at(&to->st, place).id != run.id)
			continue;
		edge.kept |= BIT(i);
		if (bvm_run_at(st, place).rounds > run.rounds)
			edge.grown |= BIT(i);
	}
	return edge;
}

/**
 * bvm_cert_went_on - may a segment lead back, to whatever checkpoint?
 * @cert:	certificate
 * @st:		state at the end of the segment
 *
 * Return: whether a round of a run begins there, or one has begun in the segment.
 */
bool bvm_cert_went_on(const struct bvm_cert *cert, const struct bvm_state *st)
{
	const struct bvm_state *from = &cert->from->st;
	const struct bvm_env *env = cert->env;
	struct bvm_run run;
	u32 i, place;

	if (env->blocks[env->block_at[st->insn] - 1].head || BVM_PLANTED(CERT_BACK))
		return true;
	for (i = bvm_next_place(from, 0); i < BVM_RUN_PLACES; i = bvm_next_place(from, i + 1)) {
		run = bvm_run_at(from, i);
		place = run.id ? bvm_cert_place(st, run.id) : BVM_RUN_PLACES;
		if (place < BVM_RUN_PLACES && bvm_run_at(st, place).rounds > run.rounds)
			return true;
	}
	return false;
}

/**
 * bvm_cert_goes_on - is it worth trying to let a segment lead back?
 * @cert:	certificate
 * @to:		checkpoint that might stand for the end of the segment, at the same instruction
 * @st:		state at the end
 *
 * Return: whether both are at the head of the same run, or it has gone on in the segment.
 * Should that not be enough, the program will be refused.
 */
bool bvm_cert_goes_on(const struct bvm_cert *cert, const struct bvm_checkpoint *to,
		      const struct bvm_state *st)
{
	const struct bvm_env *env = cert->env;

	return bvm_same_head_run(&env->blocks[env->block_at[st->insn] - 1], &to->st, st) ||
	       bvm_cert_make_edge(cert, to, st).grown;
}

/**
 * bvm_cert_edge - a segment has come to an end
 * @cert:	certificate
 * @to:		checkpoint that stands for its last state
 * @st:		that state
 * Process context, may sleep.  Return: 0 or -ENOMEM.
 */
int bvm_cert_edge(struct bvm_cert *cert, struct bvm_checkpoint *to, const struct bvm_state *st)
{
	struct bvm_cert_edge *edges;
	u32 max;

	if (!cert->from)
		return 0;
	if (cert->nr_edges == cert->max_edges) {
		max = max(2 * cert->max_edges, 64U);
		edges = kvmalloc_array(max, sizeof(*edges), GFP_KERNEL_ACCOUNT);
		if (!edges)
			return -ENOMEM;
		if (cert->nr_edges)
			memcpy(edges, cert->edges, cert->nr_edges * sizeof(*edges));
		kvfree(cert->edges);
		cert->edges = edges;
		cert->max_edges = max;
	}
	cert->edges[cert->nr_edges++] = bvm_cert_make_edge(cert, to, st);
	if (to->index >= cert->from->index)
		cert->back = true;
	return 0;
}

/**
 * struct bvm_tarjan - strongly connected components of the checkpoints
 * @cert:	certificate
 * @first:	per checkpoint: index of its first edge; edges are sorted by where they begin
 * @next:	per checkpoint: edge to be followed next
 * @seen:	per checkpoint: when it was come to, from 1; 0: not yet
 * @low:	per checkpoint: earliest one that it leads back to
 * @comp:	per checkpoint: its component, from 1; 0: not known yet
 * @open:	stack of checkpoints whose component is not known yet
 * @way:	stack of checkpoints on the way
 * @cut:	per component: its cycles have been cut
 * @nr_open:	length of @open
 * @nr_way:	length of @way
 * @time:	checkpoints come to so far
 * @nr_comps:	components so far
 */
struct bvm_tarjan {
	struct bvm_cert *cert;
	u32 *first, *next, *seen, *low, *comp, *open, *way, *cut;
	u32 nr_open, nr_way, time, nr_comps;
};

static void bvm_tarjan_enter(struct bvm_tarjan *t, u32 node)
{
	t->seen[node] = ++t->time;
	t->low[node] = t->time;
	t->next[node] = t->first[node];
	t->open[t->nr_open++] = node;
	t->way[t->nr_way++] = node;
}

/* All edges of the last node on the way have been followed. */
static void bvm_tarjan_leave(struct bvm_tarjan *t)
{
	u32 node = t->way[--t->nr_way], up, last;

	if (t->nr_way) {
		up = t->way[t->nr_way - 1];
		t->low[up] = min(t->low[up], t->low[node]);
	}
	if (t->low[node] != t->seen[node])
		return;
	t->nr_comps++;
	do {
		last = t->open[--t->nr_open];
		t->comp[last] = t->nr_comps;
	} while (last != node);
}

static void bvm_tarjan_follow(struct bvm_tarjan *t, u32 node, const struct bvm_cert_edge *edge)
{
	u32 to = edge->to->index;

	if (edge->gone)
		return;
	if (!t->seen[to])
		bvm_tarjan_enter(t, to);
	else if (!t->comp[to])
		t->low[node] = min(t->low[node], t->seen[to]);
}

/* Fills in ->comp. */
static void bvm_tarjan_run(struct bvm_tarjan *t)
{
	u32 i, node, n = t->cert->env->nr_points;

	memset(t->seen, 0, n * sizeof(*t->seen));
	memset(t->comp, 0, n * sizeof(*t->comp));
	memset(t->cut, 0, (n + 1) * sizeof(*t->cut));
	t->time = 0;
	t->nr_comps = 0;
	for (i = 0; i < n; i++) {
		if (!t->seen[i])
			bvm_tarjan_enter(t, i);
		while (t->nr_way) {
			node = t->way[t->nr_way - 1];
			if (t->next[node] == t->first[node + 1])
				bvm_tarjan_leave(t);
			else
				bvm_tarjan_follow(t, node, &t->cert->edges[t->next[node]++]);
		}
	}
}

/* Is the edge part of a cycle? */
static bool bvm_cert_inside(const struct bvm_tarjan *t, const struct bvm_cert_edge *edge)
{
	return !edge->gone && t->comp[edge->from->index] == t->comp[edge->to->index];
}

/* Does every segment of the component keep to a run, and does it go on in one of them? */
static bool bvm_cert_run_bounds(const struct bvm_tarjan *t, u32 comp, u32 id)
{
	const struct bvm_cert *cert = t->cert;
	const struct bvm_cert_edge *edge;
	bool grown = false;
	u32 i, place;

	for (i = 0; i < cert->nr_edges; i++) {
		edge = &cert->edges[i];
		if (!bvm_cert_inside(t, edge) || t->comp[edge->from->index] != comp)
			continue;
		place = bvm_cert_place(&edge->from->st, id);
		if (place == BVM_RUN_PLACES || !(edge->kept & BIT(place)))
			return false;
		grown |= edge->grown & BIT(place);
	}
	return grown;
}

static void bvm_cert_forget(struct bvm_tarjan *t, u32 comp, u32 id)
{
	struct bvm_cert *cert = t->cert;
	struct bvm_cert_edge *edge;
	u32 i;

	for (i = 0; i < cert->nr_edges; i++) {
		edge = &cert->edges[i];
		if (bvm_cert_inside(t, edge) && t->comp[edge->from->index] == comp &&
		    edge->grown & BIT(bvm_cert_place(&edge->from->st, id)))
			edge->gone = true;
	}
}

/* Finds a run that bounds the cycles which @edge is part of. */
static bool bvm_cert_cut(struct bvm_tarjan *t, const struct bvm_cert_edge *edge)
{
	u32 i, id, comp = t->comp[edge->from->index];
	const struct bvm_state *from = &edge->from->st;

	for (i = bvm_next_place(from, 0); i < BVM_RUN_PLACES; i = bvm_next_place(from, i + 1)) {
		id = bvm_run_at(from, i).id;
		if (!id || !bvm_cert_run_bounds(t, comp, id))
			continue;
		bvm_cert_forget(t, comp, id);
		t->cut[comp] = true;
		return true;
	}
	return false;
}

/* Takes one bound off all cycles.  Return: 1 if there were any, 0, or -EFAULT. */
static int bvm_cert_cut_all(struct bvm_tarjan *t)
{
	struct bvm_cert *cert = t->cert;
	int found = 0;
	u32 i;

	bvm_tarjan_run(t);
	for (i = 0; i < cert->nr_edges; i++) {
		if (!bvm_cert_inside(t, &cert->edges[i]))
			continue;
		found = 1;
		if (!t->cut[t->comp[cert->edges[i].from->index]] &&
		    !bvm_cert_cut(t, &cert->edges[i]))
			return bvm_cert_bug(cert, CERT_LOOP, cert->edges[i].from->st.insn);
	}
	return found;
}

/* Where the edges of each checkpoint begin: they were made in the order of checkpoints. */
static void bvm_tarjan_index(struct bvm_tarjan *t)
{
	struct bvm_cert *cert = t->cert;
	u32 i, node = 0;

	for (i = 0; i < cert->nr_edges; i++)
		while (node <= cert->edges[i].from->index)
			t->first[node++] = i;
	while (node <= cert->env->nr_points)
		t->first[node++] = i;
}

/**
 * bvm_cert_terminates - no path is endless
 * @cert:	certificate with all segments
 *
 * If each segment leads to a checkpoint that was closed before the one where it begins,
 * there is no cycle.
 *
 * Process context, may sleep.  Return: 0; -EFAULT with a message; -ENOMEM.
 */
int bvm_cert_terminates(struct bvm_cert *cert)
{
	struct bvm_tarjan t = { .cert = cert };
	u32 n = cert->env->nr_points + 1, *mem;
	int err;

	BUILD_BUG_ON(BVM_RUN_PLACES > 32);
	if (!cert->back)
		return 0;
	mem = kvcalloc(n, 8 * sizeof(*mem), GFP_KERNEL_ACCOUNT);
	if (!mem)
		return -ENOMEM;
	t.first = mem;
	t.next = mem + n;
	t.seen = mem + 2 * n;
	t.low = mem + 3 * n;
	t.comp = mem + 4 * n;
	t.open = mem + 5 * n;
	t.way = mem + 6 * n;
	t.cut = mem + 7 * n;
	bvm_tarjan_index(&t);
	do {
		err = bvm_cert_cut_all(&t);
		cond_resched();
	} while (err > 0);
	kvfree(mem);
	return err;
}
