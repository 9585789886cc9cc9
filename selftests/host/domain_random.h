/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Random scalars that stand for given numbers, among them shapes that no operation
 * would make, so that a rule cannot rely on how its operands came about.
 */
#ifndef _DOMAIN_RANDOM_H
#define _DOMAIN_RANDOM_H

#include "domain_concrete.h"

static u64 random_state = 0x9e3779b97f4a7c15ULL;

/* xorshift64*: repeatable, good enough. */
static inline u64 random_u64(void)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return random_state * 0x2545f4914f6cdd1dULL;
}

static inline u64 random_below(u64 n)
{
	return random_u64() % n;
}

/* Numbers where things happen: near 0, near the signs and ends of whole and half. */
static inline u64 random_value(void)
{
	static const u64 corner[] = {
		0, BVM_SIGN, BVM_UMAX, BVM_ONES(BVM_HALF), BVM_ONES(BVM_HALF - 1), BVM_BITS,
		BVM_HALF, 1ULL << BVM_HALF, BVM_UMAX << BVM_HALF, BVM_UMAX << (BVM_HALF - 1),
	};

	switch (random_below(4)) {
	case 0:
		return conc_cut(random_u64(), BVM_BITS);
	case 1:
		return conc_cut(random_u64() >> random_below(64), BVM_BITS);
	default:
		return conc_cut(corner[random_below(ARRAY_SIZE(corner))] + random_below(9) - 4,
				BVM_BITS);
	}
}

/* How far to push an end out. */
static inline u64 random_slack(void)
{
	return random_below(3) ? random_u64() >> random_below(64) : 0;
}

static inline void random_urange(u64 min, u64 max, u64 limit, u64 *umin, u64 *umax)
{
	*umin = min - min_t(u64, min, random_slack());
	*umax = max + min_t(u64, limit - max, random_slack());
}

/* Views that all hold @n numbers, each otherwise random; not reduced. */
static inline void random_around(struct bvm_scalar *s, const u64 *value, unsigned int n)
{
	u64 bias = BVM_SIGN, hbias = 1ULL << (BVM_HALF - 1), hmax = BVM_ONES(BVM_HALF);
	u64 one = BVM_UMAX, any = 0, umin = BVM_UMAX, umax = 0, smin = BVM_UMAX, smax = 0;
	u64 hmin = hmax, htop = 0, hsmin = hmax, hstop = 0;
	unsigned int i;

	for (i = 0; i < n; i++) {
		u64 v = value[i], h = v & hmax;

		one &= v;
		any |= v;
		umin = min(umin, v);
		umax = max(umax, v);
		smin = min(smin, v ^ bias);	/* biased: signed order as unsigned order */
		smax = max(smax, v ^ bias);
		hmin = min(hmin, h);
		htop = max(htop, h);
		hsmin = min(hsmin, h ^ hbias);
		hstop = max(hstop, h ^ hbias);
	}
	s->t.mask = (one ^ any) | (conc_cut(random_u64() & random_u64(), BVM_BITS));
	if (random_below(2))
		s->t.mask = BVM_UMAX;
	s->t.value = one & ~s->t.mask;
	random_urange(umin, umax, BVM_UMAX, &s->umin, &s->umax);
	random_urange(smin, smax, BVM_UMAX, &smin, &smax);
	s->smin = conc_sign(smin ^ bias, BVM_BITS);
	s->smax = conc_sign(smax ^ bias, BVM_BITS);
	random_urange(hmin, htop, hmax, &hmin, &htop);
	s->u32min = hmin;
	s->u32max = htop;
	random_urange(hsmin, hstop, hmax, &hsmin, &hstop);
	s->s32min = conc_sign(hsmin ^ hbias, BVM_HALF);
	s->s32max = conc_sign(hstop ^ hbias, BVM_HALF);
}

#define MAX_WITNESS	16

/* A random reduced scalar and some of the numbers that it stands for. */
struct sample {
	struct bvm_scalar s;
	u64 value[MAX_WITNESS];
	unsigned int nr;
};

static inline void sample_add(struct sample *x, u64 value)
{
	if (x->nr < MAX_WITNESS && bvm_scalar_contains(&x->s, value))
		x->value[x->nr++] = value;
}

/* Return: false when the reduction lost one of the numbers, a bug. */
static inline bool random_sample(struct sample *x)
{
	unsigned int i, n = 1 + random_below(3);
	struct bvm_scalar *s = &x->s;
	u64 v[3];

	for (i = 0; i < n; i++)
		v[i] = random_value();
	if (n > 1 && random_below(2))
		v[1] = conc_cut(v[0] + random_below(256), BVM_BITS);
	random_around(s, v, n);
	if (!bvm_scalar_reduce(s))
		return false;
	x->nr = 0;
	for (i = 0; i < n; i++)
		sample_add(x, v[i]);
	if (x->nr != n)
		return false;
	sample_add(x, s->umin);
	sample_add(x, s->umax);
	sample_add(x, conc_cut(s->smin, BVM_BITS));
	sample_add(x, conc_cut(s->smax, BVM_BITS));
	sample_add(x, s->t.value);
	sample_add(x, s->t.value | s->t.mask);
	for (i = 0; i < 4; i++)
		sample_add(x, s->t.value | (random_u64() & s->t.mask));
	return true;
}

static inline const char *scalar_str(const struct bvm_scalar *s)
{
	static char buf[4][256];
	static unsigned int turn;
	char *p = buf[turn++ % 4];

	snprintf(p, sizeof(buf[0]),
		 "(bits %llx/%llx u %llx..%llx s %lld..%lld u32 %x..%x s32 %d..%d)", s->t.value,
		 s->t.mask, s->umin, s->umax, s->smin, s->smax, s->u32min, s->u32max, s->s32min,
		 s->s32max);
	return p;
}

#endif /* _DOMAIN_RANDOM_H */
