// SPDX-License-Identifier: GPL-2.0-only
/*
 * Links of machine code: what a back end writes once depends on distances in a few places,
 * above all in jumps.  They have their longest form at first; those that reach with a
 * shorter one get that, until there are no more.  Then the code is put together.
 */
#include "jit.h"

/* -------------------------------------------------------------------- draft */

static void *grow(void *old, u32 *room, u32 used, size_t size)
{
	u32 more = *room ? 2 * *room : 32;
	void *new = kvmalloc_array(more, size, GFP_KERNEL);

	if (!new)
		return NULL;
	if (used)
		memcpy(new, old, used * size);
	kvfree(old);
	*room = more;
	return new;
}

void bvm_jit_grow(struct bvm_jit *jit)
{
	/* that is more than can get short enough */
	bool large = jit->room > 4 * BVM_JIT_SIZE;
	u8 *out = large ? NULL : grow(jit->out, &jit->room, jit->len, 1);

	if (out) {
		jit->out = out;
		return;
	}
	/* goes on in what there is, for nothing */
	jit->err = large ? -EOPNOTSUPP : -ENOMEM;
	jit->len = 0;
}

void bvm_jit_link(struct bvm_jit *jit, struct bvm_jit_link link)
{
	struct bvm_jit_link *links;

	if (jit->nr_links == jit->links_room) {
		links = grow(jit->link, &jit->links_room, jit->nr_links, sizeof(*links));
		if (!links) {
			jit->err = -ENOMEM;
			return;
		}
		jit->link = links;
	}
	jit->len += link.size;
	link.draft = jit->len;
	link.end = jit->len;
	link.draft_size = link.size;
	jit->link[jit->nr_links++] = link;
}

void bvm_jit_may_fault(struct bvm_jit *jit, u32 at, u32 to)
{
	struct bvm_jit_fault *fault;

	if (jit->nr_faults == jit->faults_room) {
		fault = grow(jit->fault, &jit->faults_room, jit->nr_faults, sizeof(*fault));
		if (!fault) {
			jit->err = -ENOMEM;
			return;
		}
		jit->fault = fault;
	}
	jit->fault[jit->nr_faults++] = (struct bvm_jit_fault){ at, to };
}

/* ------------------------------------------------------------------ lengths */

/* From the end of a link to where it goes. */
static s64 distance(const struct bvm_jit *jit, const struct bvm_jit_link *link)
{
	if (link->is_address)
		return link->to - (jit->addr + link->end);
	return (s64)jit->at[link->to] + link->add - link->end;
}

static bool shortens(const struct bvm_jit *jit, const struct bvm_jit_link *link)
{
	const struct bvm_jit_reach *reach = &bvm_arch_reach[link->kind];
	s64 off, margin = 0;

	if (link->size <= reach->size)
		return false;
	if (link->is_address) {
		if (!jit->addr)
			return false;
		/* it may still move */
		margin = BVM_JIT_SIZE;
	}
	off = distance(jit, link);
	return off >= 0 ? off + margin <= reach->ahead :
			  off + link->size - margin >= -reach->back;
}

/* What is behind a link that has become shorter moves. */
static void move(struct bvm_jit *jit)
{
	u32 i = 0, f = 0, k, saved = 0;

	for (k = 0; k < jit->nr_links; k++) {
		struct bvm_jit_link *link = &jit->link[k];

		if (saved) {
			for (; jit->at[i] < link->end; i++)
				jit->at[i] -= saved;
			for (; f < jit->nr_faults && jit->fault[f].insn < link->end; f++)
				jit->fault[f].insn -= saved;
		} else if (link->saved) {
			while (jit->at[i] < link->end)
				i++;
			while (f < jit->nr_faults && jit->fault[f].insn < link->end)
				f++;
		}
		saved += link->saved;
		link->saved = 0;
		link->end -= saved;
	}
	for (; i <= jit->prog->len; i++)
		jit->at[i] -= saved;
	for (; f < jit->nr_faults; f++)
		jit->fault[f].insn -= saved;
	jit->len -= saved;
}

void bvm_jit_settle(struct bvm_jit *jit)
{
	bool shorter;
	u32 k;

	do {
		shorter = false;
		for (k = 0; k < jit->nr_links; k++) {
			struct bvm_jit_link *link = &jit->link[k];

			if (!shortens(jit, link))
				continue;
			link->saved = link->size - bvm_arch_reach[link->kind].size;
			link->size -= link->saved;
			shorter = true;
		}
		if (shorter)
			move(jit);
	} while (shorter);
}

/* ------------------------------------------------------------------ writing */

void bvm_jit_write(const struct bvm_jit *jit, u8 *to)
{
	u32 from = 0, k;

	for (k = 0; k < jit->nr_links; k++) {
		const struct bvm_jit_link *link = &jit->link[k];
		u8 *at = to + link->end - link->size;
		u32 before = link->draft - link->draft_size - from;

		memcpy(at - before, jit->out + from, before);
		bvm_arch_link(jit, link, at, distance(jit, link));
		from = link->draft;
	}
	k = jit->nr_links ? jit->link[jit->nr_links - 1].end : 0;
	memcpy(to + k, jit->out + from, jit->len - k);
}
