// SPDX-License-Identifier: GPL-2.0-only
/* The value domain on a machine of 8 bits: random scalars, all numbers of each. */
#define BVM_BITS 8
#include "tnum.c"
#include "domain.c"
#include "domain_alu.c"
#include "domain_small.h"

int main(void)
{
	ktap_plan(4);
	sampled_alu(600);
	ktap_end("arithmetic");
	sampled_conds(600);
	ktap_end("comparisons");
	sampled_unary(6000);
	ktap_end("operations on one number");
	sampled_lattice(6000);
	ktap_end("intersection, union, inclusion");
	return ktap_exit();
}
