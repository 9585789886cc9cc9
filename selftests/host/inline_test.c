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

/* Instructions that may go elsewhere, or on. */
static u32 branches(const struct bvm_ir_prog *ir)
{
	u32 i, n = 0;

	for (i = 0; i < ir->len; i++)
		n += bvm_ir_jumps(&ir->code[i]) && !bvm_ir_ends(&ir->code[i]);
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

/* The value of the key that the context has, or -1. */
#define LOOK_UP(which) {							\
	.words = "processed",							\
	.insns = { LDX(W, R3, R1, 0), STX(W, FP, R3, -4), MOVR(R2, FP), ADD(R2, -4), \
		   BPF_LD_MAP_FD(R1, which), CALL(map_lookup_elem),		\
		   JMP(JNE, R0, 0, 2), MOV(R0, -1), EXIT, LDX(W, R0, R0, 0), EXIT }, \
}

/* Any key: those behind the last one are not found, and nothing is compared twice. */
static void any_key(const struct verdict *c, u32 which)
{
	u32 passes, key;

	for (passes = 0; passes <= BVM_PASSES_ALL; passes += BVM_PASSES_ALL) {
		struct bvm_ir_prog *ir = load_passes(c, passes);
		struct bvm_map *map = maps[which];

		if (!ir)
			return;
		CHECK_EQ(count(ir, BVM_IR_CALL), passes ? 0 : 1);
		CHECK_EQ(branches(ir), 1);
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

static void array_any_key(void)
{
	static const struct verdict c = LOOK_UP(ARRAY4);

	any_key(&c, ARRAY4);
}

static void percpu_array_any_key(void)
{
	static const struct verdict c = LOOK_UP(CPUS4);

	for (host_cpu = 0; host_cpu < 2; host_cpu++)
		any_key(&c, CPUS4);
	host_cpu = 0;
}

/* What is called in place of the helper finds what the map's own lookup finds. */
static void hash_of(u32 type, u32 key_size)
{
	struct bvm_map *map = verif_map(type, key_size, 8, 64, 0);
	struct bvm_ir call = {};
	u8 key[40] = {};
	u64 value = 1;
	u32 i;

	CHECK_EQ(map->type->lookup_in_ir(map, &call), 1);
	for (i = 0; i < 100; i++) {
		u64 (*fn)(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5) = (void *)(unsigned long)call.imm;
		void *want;

		key[i % key_size] += 1 + i % 3;
		if (i & 1)
			map->type->update(map, key, &value, 0);
		want = map->type->lookup(map, key);
		CHECK(!want == !(i & 1), "type %u, keys of %u: %p", type, key_size, want);
		CHECK_EQ(fn((unsigned long)map, (unsigned long)key, 0, 0, 0), (unsigned long)want);
	}
	verif_map_free(map);
}

static void hashes(void)
{
	static const u32 types[] = {
		BPF_MAP_TYPE_HASH, BPF_MAP_TYPE_LRU_HASH, BPF_MAP_TYPE_PERCPU_HASH,
	};
	static const u32 sizes[] = { 1, 4, 7, 8, 12, 16, 17, 40 };
	u32 i, k;

	for (i = 0; i < ARRAY_SIZE(types); i++)
		for (k = 0; k < ARRAY_SIZE(sizes); k++)
			hash_of(types[i], sizes[k]);
}

int main(void)
{
	static const struct ktap_test tests[] = {
		{ "array: a key that is known", constant_key },
		{ "array: any key", array_any_key },
		{ "percpu_array: any key", percpu_array_any_key },
		{ "hashes: keys of every size", hashes },
	};

	int err;

	make_maps();
	err = ktap_run(tests, ARRAY_SIZE(tests));
	free_maps();
	return err;
}
