// SPDX-License-Identifier: GPL-2.0-only
/* What perf samples and bpftool disassembles: a program that is busy, with a function. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define ROUNDS	1000	/* the verifier walks them, too */

static __noinline unsigned int stir(unsigned int number)
{
	number ^= number << 13;
	number ^= number >> 17;
	return number ^ number << 5;
}

SEC("socket")
int bvm_spin(struct __sk_buff *skb)
{
	unsigned int number = skb->len;
	int i;

	for (i = 0; i < ROUNDS; i++)
		number = stir(number);
	return number & 1;
}

char LICENSE[] SEC("license") = "GPL";
