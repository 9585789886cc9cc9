// SPDX-License-Identifier: GPL-2.0-only
/* Calls that instructions take the place of. */
#include "ktap.h"
#include "verif_case.h"
#include "../../kernel/exec/opt.h"

static struct verif verif;

static struct bvm_ir_prog *load_passes(const struct verdict *c, u32 passes)
{
	int err = load(&verif, c, 1);

	if (!CHECK(!err && log_has(log_buf, c->words), "%d: %s", err, log_buf))
		return NULL;
	verif.passes = passes;
	return verif_lower(&verif);
}

static u32 count(const struct bvm_ir_prog *ir, u16 op)
{
	u32 i, n = 0;

	for (i = 0; i < ir->len; i++)
		n += ir->code[i].op == op;
	return n;
}

/* A key that is known: the value's address is a number, which is not compared to NULL. */
static void constant_key(void)
{
	static const struct verdict c = {
		.words = "processed",
		.insns = { ST(W, FP, -4, 1), MOVR(R2, FP), ADD(R2, -4),
			   BPF_LD_MAP_FD(R1, ARRAY4), CALL(map_lookup_elem),
			   JMP(JEQ, R0, 0, 1), LDX(W, R0, R0, 0), EXIT },
	};
	struct bvm_ir_prog *ir = load_passes(&c, BVM_PASSES_ALL);
	struct bvm_map *map = maps[ARRAY4];
	u32 key = 1;
	u64 value = 77;

	if (!ir)
		return;
	map->type->update(map, &key, &value, 0);
	CHECK(ir->len == 4 && ir->code[1].op == BVM_IR_MOVI && ir->code[2].op == BVM_IR_LOAD32,
	      "%u instructions", ir->len);
	CHECK_EQ(bvm_interp(ir, NULL), 77);
	bvm_ir_free(ir);
	verif_free(&verif);
}

/* Any key: those behind the last one are not found. */
static void any_key(void)
{
	static const struct verdict c = {
		.words = "processed",
		.insns = { LDX(W, R3, R1, 0), STX(W, FP, R3, -4), MOVR(R2, FP), ADD(R2, -4),
			   BPF_LD_MAP_FD(R1, ARRAY4), CALL(map_lookup_elem),
			   JMP(JNE, R0, 0, 2), MOV(R0, -1), EXIT, LDX(W, R0, R0, 0), EXIT },
	};
	u32 passes, key;

	for (passes = 0; passes <= BVM_PASSES_ALL; passes += BVM_PASSES_ALL) {
		struct bvm_ir_prog *ir = load_passes(&c, passes);
		struct bvm_map *map = maps[ARRAY4];

		if (!ir)
			return;
		CHECK_EQ(count(ir, BVM_IR_CALL), passes ? 0 : 1);
		for (key = 0; key < 6; key++) {
			u64 value = 1000 + key;
			u32 ctx[64] = { key };

			map->type->update(map, &key, &value, 0);
			CHECK_EQ(bvm_interp(ir, ctx), key < map->max_entries ? value : -1ULL);
		}
		bvm_ir_free(ir);
		verif_free(&verif);
	}
}

int main(void)
{
	static const struct ktap_test tests[] = {
		{ "array: a key that is known", constant_key },
		{ "array: any key", any_key },
	};

	int err;

	make_maps();
	err = ktap_run(tests, ARRAY_SIZE(tests));
	free_maps();
	return err;
}
