// SPDX-License-Identifier: GPL-2.0-only
/* The value domain on a machine of 6 bits: random scalars, all numbers of each. */
#define BVM_BITS 6
#include "tnum.c"
#include "domain.c"
#include "domain_alu.c"
#include "domain_small.h"

int main(void)
{
	ktap_plan(4);
	sampled_alu(2000);
	ktap_end("arithmetic");
	sampled_conds(2000);
	ktap_end("comparisons");
	sampled_unary(2000 * 20);
	ktap_end("operations on one number");
	sampled_lattice(2000 * 20);
	ktap_end("intersection, union, inclusion");
	return ktap_exit();
}
