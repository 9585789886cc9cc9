// SPDX-License-Identifier: GPL-2.0-only
/* calls_test.c, as machine code for a CPU that indirect jumps and returns go through thunks on. */
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

#include "calls_test.c"
