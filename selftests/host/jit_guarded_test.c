// SPDX-License-Identifier: GPL-2.0-only
/*
 * calls_test.c, as machine code for a CPU that indirect jumps and returns go through thunks on
 * (x86), or that guards them itself (arm64).
 */
#include "jit_run.h"

#ifdef __x86_64__
#include "../../arch/x86/encode.h"

#define THUNK(reg)	"thunk_" #reg ": endbr64; jmp *%" #reg "\n"
#define THUNKS(X)	X(rax) X(rcx) X(rdx) X(rbx) X(rsp) X(rbp) X(rsi) X(rdi) \
			X(r8) X(r9) X(r10) X(r11) X(r12) X(r13) X(r14) X(r15)
#define DECLARE(reg)	thunk_##reg[1],
#define ADDRESS(reg)	(unsigned long)thunk_##reg,

asm(".text\n" THUNKS(THUNK) "thunk_ret: ret\n");
extern char THUNKS(DECLARE) thunk_ret[1];

static void __attribute__((constructor)) guard(void)
{
	const unsigned long jump[] = { THUNKS(ADDRESS) };

	memcpy(jit_cpu.jump, jump, sizeof(jump));
	jit_cpu.ret = (unsigned long)thunk_ret;
	jit_cpu.features |= BVM_X86_IBT | BVM_X86_SLS;
	jit_near = ((unsigned long)thunk_ret - BIT(30)) & PAGE_MASK;
}
#endif

#ifdef __aarch64__
#include <sys/auxv.h>
#include <sys/mman.h>
#include "ktap.h"
#include "../../arch/arm64/jit.h"

static void __attribute__((constructor)) guard(void)
{
	jit_cpu.features |= A64_BTI | A64_PAC;
	if (getauxval(AT_HWCAP2) & BIT(17))
		jit_prot = 0x10;	/* HWCAP2_BTI, PROT_BTI */
	else
		printf("# indirect calls are not guarded\n");
}

/* Who puts the return address into memory has signed it. */
static u64 run_signed(const struct bvm_ir_prog *prog, void *ctx)
{
	const u32 *word = (const u32 *)jit_image(prog)->entry;
	/* in a prologue: STP x29, x30, of any form and offset */
	bool keeps = false;
	u32 i;

	for (i = 1; i < 4; i++)
		keeps |= (word[i] & 0xfe407fff) == 0xa8007bfd;
	CHECK(word[0] == (keeps ? a64_paciasp() : a64_bti_c()), "begins with %08x",
	      word[0]);
	return jit_run(prog, ctx);
}

#undef EXEC
#define EXEC(ir, ctx)	run_signed(ir, ctx)
#endif

#include "calls_test.c"
