// SPDX-License-Identifier: GPL-2.0-only
/*
 * The verifier's fuzzer, see fuzz.h: what was accepted is run, with what the verifier claims
 * beside it, and once more in the interpreter.
 */
#include "fuzz.h"

static char what[600];

/* What was accepted is run, with the verifier's states at hand. */
static void run_accepted(struct bvm_env *env)
{
	const struct fuzz_prog *p = fuzz_at_work();
	struct fuzz_machine m;
	u32 i;

	for (i = 0; i < fuzz_runs && !fuzz_wrong; i++) {
		fuzz_inputs(p, fuzz_mix(p->seed) + i);
		fuzz_machine_run(&m, &fuzz_verif, env);
		fuzz_steps += m.steps;
		if (m.wrong) {
			snprintf(what, sizeof(what), "insn %u, run %u: %s", m.at, i, m.wrong);
			fuzz_wrong = what;
		}
	}
}

/* Once more in the interpreter, which is to survive it. */
static void interpret(const struct fuzz_prog *p)
{
	struct bvm_ir_prog *ir;

	fuzz_verif.passes = p->seed;
	ir = verif_lower(&fuzz_verif);
	if (IS_ERR(ir)) {
		fuzz_wrong = "cannot be lowered";
		return;
	}
	/* the verifier's claims are checked on the way */
	fuzz_inputs(p, p->seed);
	bvm_interp(ir, fuzz_ctx);
	bvm_ir_free(ir);
	if (verif_held)
		fuzz_wrong = "record never given back in the interpreter";
}

const struct fuzz_target fuzz_target = {
	.name = "random programs", .accepted = run_accepted, .run = interpret,
};
