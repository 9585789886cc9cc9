/* SPDX-License-Identifier: GPL-2.0-only */
/* For tests of exec/: raw instructions in, result out. */
#ifndef _BVM_EXEC_RUN_H
#define _BVM_EXEC_RUN_H

#include "ktap.h"
#include "../../kernel/isa/opcodes.h"
#include "../../kernel/exec/exec.h"

#define I(c, d, s, o, i) ((struct bpf_insn){ .code = c, .dst_reg = d, .src_reg = s, \
					      .off = o, .imm = i })
#define MOV(d, i)	I(BPF_ALU64 | BPF_MOV | BPF_K, d, 0, 0, i)
#define MOVR(d, s)	I(BPF_ALU64 | BPF_MOV | BPF_X, d, s, 0, 0)
#define LDX(size, d, s, o) I(BPF_LDX | BPF_MEM | (size), d, s, o, 0)
#define STX(size, d, s, o) I(BPF_STX | BPF_MEM | (size), d, s, o, 0)
#define EXIT		I(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)
#define CALL_FN(id)	I(BPF_JMP | BPF_CALL, 0, 0, 0, id)
#define CALL_SUB(o)	I(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, 0, o)

#define MAX_INSNS	64

/* What runs programs; the suites of the JIT put it here. */
#ifndef EXEC
#define EXEC(ir, ctx)	bvm_interp(ir, ctx)
#define PREPARE(ir)	bvm_interp_prepare(ir)
#define EXEC_TARGET(ir)	((unsigned long)(ir))	/* what a tail call goes to */
#endif
#ifndef PREPARE
#define PREPARE(ir)	((void)(ir), 0)
#endif

/* Everything bvm_lower() takes, with room for small programs. */
struct exec_prog {
	struct bvm_insn insn[MAX_INSNS + 1];
	struct bvm_insn_fact fact[MAX_INSNS];
	struct bvm_facts facts;
	struct bvm_lower_args args;
};

static const struct bvm_prog_type exec_plain_type;

static inline void exec_prog_init(struct exec_prog *p, const struct bpf_insn *insns, u32 len)
{
	u32 i;

	memset(p, 0, sizeof(*p));
	for (i = 0; i < len; i++) {
		enum bvm_isa_error err = bvm_decode(insns + i, len - i, &p->insn[i]);

		CHECK(!err, "insn %u: decode error %d", i, err);
		p->fact[i] = (struct bvm_insn_fact){ .seen = 1, .map = BVM_NO_MAP };
		if (p->insn[i].class == BVM_LD_IMM64)
			i++;
	}
	p->facts.insn = p->fact;
	p->facts.stack_depth = BVM_MAX_STACK;
	p->args.type = &exec_plain_type;
	p->args.insn = p->insn;
	p->args.len = len;
}

/* Lowers without facts. */
static inline struct bvm_ir_prog *exec_lower(const struct bpf_insn *insns, u32 len)
{
	struct exec_prog p;

	exec_prog_init(&p, insns, len);
	return bvm_lower(&p.args);
}

static inline u64 exec_run(const struct bpf_insn *insns, u32 len, void *ctx)
{
	struct bvm_ir_prog *ir = exec_lower(insns, len);
	u64 r0;

	if (!CHECK(!IS_ERR(ir), "lowering: %ld", PTR_ERR(ir)))
		return 0xdead;
	CHECK_EQ(PREPARE(ir), 0);
	r0 = EXEC(ir, ctx);
	bvm_ir_free(ir);
	return r0;
}

#define RUN(ctx, ...) exec_run((struct bpf_insn[]){ __VA_ARGS__ },		\
			       sizeof((struct bpf_insn[]){ __VA_ARGS__ }) / 8, ctx)
#define LOWER(...) exec_lower((struct bpf_insn[]){ __VA_ARGS__ },		\
			      sizeof((struct bpf_insn[]){ __VA_ARGS__ }) / 8)

#endif /* _BVM_EXEC_RUN_H */
