// SPDX-License-Identifier: GPL-2.0-only
/* Every form of x86-64 instruction that the back end emits, against an assembler. */
#include <unistd.h>
#include "ktap.h"
#include "../../arch/x86/encode.h"

#define ASSEMBLER	"llvm-mc-19 -triple=x86_64 -x86-asm-syntax=intel -show-encoding "

static const char *const r64[] = { "rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8",
				   "r9", "r10", "r11", "r12", "r13", "r14", "r15" };
static const char *const r32[] = { "eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi", "r8d",
				   "r9d", "r10d", "r11d", "r12d", "r13d", "r14d", "r15d" };
static const char *const r16[] = { "ax", "cx", "dx", "bx", "sp", "bp", "si", "di", "r8w", "r9w",
				   "r10w", "r11w", "r12w", "r13w", "r14w", "r15w" };
static const char *const r8[] = { "al", "cl", "dl", "bl", "spl", "bpl", "sil", "dil", "r8b", "r9b",
				  "r10b", "r11b", "r12b", "r13b", "r14b", "r15b" };
static const char *const arith[] = { "add", "or", NULL, NULL, "and", "sub", "xor", "cmp" };
static const char *const unary[] = { NULL, NULL, "not", "neg", "mul", NULL, "div", "idiv" };
static const char *const shift[] = { "rol", NULL, NULL, NULL, "shl", "shr", NULL, "sar" };
static const s32 numbers[] = { 1, -1, 127, 128, -128, -129, 0x7fffffff, -0x7fffffff - 1 };

#define MAX_FORMS	100000
static struct x86_code codes[MAX_FORMS];
static u32 nr_codes;
static FILE *source;

#define FORM(code, fmt, ...)							\
do {										\
	codes[nr_codes++] = code;						\
	fprintf(source, fmt "\n", ##__VA_ARGS__);				\
} while (0)

static void registers(u32 how)
{
	const char *const *r = how & X86_W ? r64 : r32;
	u32 d, s, k, i;

	for (d = 0; d < 16; d++) {
		for (s = 0; s < 16; s++) {
			for (k = 0; k < 8; k++)
				if (arith[k])
					FORM(x86_arith(k, how, d, s), "%s %s, %s", arith[k], r[d],
					     r[s]);
			FORM(x86_mov(how, d, s), "mov %s, %s", r[d], r[s]);
			FORM(x86_test(how, d, s), "test %s, %s", r[d], r[s]);
			FORM(x86_imul(how, d, s), "imul %s, %s", r[d], r[s]);
			FORM(x86_cmov(X86_E, how, d, s), "cmove %s, %s", r[d], r[s]);
			FORM(x86_rr(0x0fbe, how | X86_BYTE_RM, d, s), "movsx %s, %s", r[d], r8[s]);
			FORM(x86_rr(0x0fbf, how, d, s), "movsx %s, %s", r[d], r16[s]);
			FORM(x86_shift_reg(X86_SHL, how, d, s, 15 - d), "shlx %s, %s, %s", r[d],
			     r[s], r[15 - d]);
			FORM(x86_rorx(how, d, s, 7), "rorx %s, %s, 7", r[d], r[s]);
			FORM(x86_mulx(d, s, 15 - d), "mulx %s, %s, %s", r64[d], r64[s],
			     r64[15 - d]);
			FORM(x86_shift_reg(X86_SAR, how, d, s, d), "sarx %s, %s, %s", r[d], r[s],
			     r[d]);
			FORM(x86_shift_reg(X86_SHR, how, d, s, s), "shrx %s, %s, %s", r[d], r[s],
			     r[s]);
		}
		for (k = 0; k < 8; k++) {
			for (i = 0; arith[k] && i < ARRAY_SIZE(numbers); i++)
				FORM(x86_arith_imm(k, how, d, numbers[i]), "%s %s, %d", arith[k],
				     r[d], numbers[i]);
			if (unary[k])
				FORM(x86_unary(k, how, d), "%s %s", unary[k], r[d]);
			for (i = 1; shift[k] && i < 32; i += 15)
				FORM(x86_shift_imm(k, how, d, i), "%s %s, %u", shift[k], r[d], i);
			if (shift[k])
				FORM(x86_shift_cl(k, how, d), "%s %s, cl", shift[k], r[d]);
		}
		for (i = 0; i < ARRAY_SIZE(numbers); i++) {
			FORM(x86_imul_imm(how, d, 15 - d, numbers[i]), "imul %s, %s, %d", r[d],
			     r[15 - d], numbers[i]);
			FORM(x86_test_imm(how, d, numbers[i]), "test %s, %d", r[d], numbers[i]);
		}
		FORM(x86_inc(how, d), "inc %s", r[d]);
		FORM(x86_dec(how, d), "dec %s", r[d]);
		FORM(x86_bswap(how, d), "bswap %s", r[d]);
	}
}

static void other_registers(void)
{
	u32 d;

	for (d = 0; d < 16; d++) {
		FORM(x86_rr(0x63, X86_W, d, 15 - d), "movsxd %s, %s", r64[d], r32[15 - d]);
		FORM(x86_rr(0x0fb6, X86_BYTE_RM, d, d), "movzx %s, %s", r32[d], r8[d]);
		FORM(x86_rr(0x0fb7, 0, d, d), "movzx %s, %s", r32[d], r16[d]);
		FORM(x86_test_imm(X86_BYTE_RM, d, 0x55), "test %s, 0x55", r8[d]);
		FORM(x86_mov_imm(d, 0), "xor %s, %s", r32[d], r32[d]);
		FORM(x86_mov_imm(d, 0xfffffffe), "mov %s, 0xfffffffe", r32[d]);
		FORM(x86_mov_imm(d, 0xffffffff), "or %s, -1", r32[d]);
		FORM(x86_mov_imm(d, -1), "or %s, -1", r64[d]);
		FORM(x86_setcc(X86_A, d), "seta %s", r8[d]);
		FORM(x86_mov_imm(d, -2), "mov %s, -2", r64[d]);
		FORM(x86_mov_imm(d, 0x123456789abcdef0), "movabs %s, 0x123456789abcdef0", r64[d]);
		FORM(x86_push(d), "push %s", r64[d]);
		FORM(x86_pop(d), "pop %s", r64[d]);
		FORM(x86_call_reg(d), "call %s", r64[d]);
		FORM(x86_jmp_reg(d), "jmp %s", r64[d]);
	}
	FORM(x86_push_imm(0), "push 0");
	FORM(x86_push_imm(BVM_IR_BUDGET), "push %lu", BVM_IR_BUDGET);
	FORM(x86_cqo(0), "cdq");
	FORM(x86_cqo(X86_W), "cqo");
	FORM(x86_leave(), "leave");
	FORM(x86_ret(), "ret");
}

static void memory(u8 base, u8 index, s32 disp)
{
	struct x86_mem m = { base, index, index == X86_NONE ? 0 : 2, disp };
	char at[48];
	u32 reg;

	snprintf(at, sizeof(at), "[%s%s%s + %d]", r64[base], index == X86_NONE ? "" : " + 4*",
		 index == X86_NONE ? "" : r64[index], disp);
	for (reg = 0; reg < 16; reg += 5) {
		FORM(x86_lea(X86_W, reg, m), "lea %s, %s", r64[reg], at);
		FORM(x86_gs_load_ip(reg, 0x12345), "mov %s, qword ptr gs:[rip + 0x12345]",
		     r64[reg]);
		FORM(x86_gs_load(reg, m.disp), "mov %s, qword ptr gs:[%d]", r64[reg], m.disp);
		FORM(x86_gs_add(reg, m.disp), "add %s, qword ptr gs:[%d]", r64[reg], m.disp);
		FORM(x86_mem_load(reg, m), "mov %s, %s", r64[reg], at);
		FORM(x86_rm(X86_MOVBE, X86_W, reg, m), "movbe %s, %s", r64[reg], at);
		FORM(x86_rm(X86_MOVBE, 0, reg, m), "movbe %s, %s", r32[reg], at);
		FORM(x86_rm(0x3a, X86_BYTE_REG, reg, m), "cmp %s, %s", r8[reg], at);
		FORM(x86_rm(0x38, X86_BYTE_REG, reg, m), "cmp %s, %s", at, r8[reg]);
		FORM(x86_rm(X86_CMP << 3 | 3, 0, reg, m), "cmp %s, %s", r32[reg], at);
		FORM(x86_rm(X86_SUB << 3 | 1, X86_W, reg, m), "sub %s, %s", at, r64[reg]);
		FORM(x86_rm(0x0faf, X86_W, reg, m), "imul %s, %s", r64[reg], at);
		FORM(x86_rm(0x88, X86_BYTE_REG, reg, m), "mov %s, %s", at, r8[reg]);
		FORM(x86_rm(0x89, X86_H, reg, m), "mov %s, %s", at, r16[reg]);
		FORM(x86_rm(0x89, 0, reg, m), "mov %s, %s", at, r32[reg]);
		FORM(x86_rm(0x0fb6, 0, reg, m), "movzx %s, byte ptr %s", r32[reg], at);
		FORM(x86_rm(0x0fbf, X86_W, reg, m), "movsx %s, word ptr %s", r64[reg], at);
		FORM(x86_rm(0x63, X86_W, reg, m), "movsxd %s, dword ptr %s", r64[reg], at);
		FORM(x86_rm(0x0fc1, X86_LOCK | X86_W, reg, m), "lock xadd %s, %s", at, r64[reg]);
		FORM(x86_rm(0x0fb1, X86_LOCK, reg, m), "lock cmpxchg %s, %s", at, r32[reg]);
		FORM(x86_rm(0x87, X86_W, reg, m), "xchg %s, %s", at, r64[reg]);
		FORM(x86_rm(0x21, X86_LOCK, reg, m), "lock and %s, %s", at, r32[reg]);
	}
	FORM(x86_store_imm(1, m, 7), "mov byte ptr %s, 7", at);
	FORM(x86_store_imm(2, m, -2), "mov word ptr %s, -2", at);
	FORM(x86_store_imm(4, m, -3), "mov dword ptr %s, -3", at);
	FORM(x86_store_imm(8, m, -4), "mov qword ptr %s, -4", at);
	FORM(x86_cmp_mem_imm8(0, m, 33), "cmp dword ptr %s, 33", at);
	FORM(x86_cmp_mem_byte(m, 200), "cmp byte ptr %s, 200", at);
	FORM(x86_test_mem_imm8(m, 129), "test byte ptr %s, 129", at);
	FORM(x86_arith_mem_imm(X86_ADD, X86_W, m, -128), "add qword ptr %s, -128", at);
	FORM(x86_arith_mem_imm(X86_XOR, 0, m, 128), "xor dword ptr %s, 128", at);
	FORM(x86_mem_inc(m), "inc dword ptr %s", at);
	FORM(x86_mem_dec(m), "dec dword ptr %s", at);
}

static void all_forms(void)
{
	static const s32 disps[] = { 0, 8, -128, 127, 128, -129, 0x7fffffff };
	u32 base, i;

	registers(0);
	registers(X86_W);
	other_registers();
	for (base = 0; base < 16; base++)
		for (i = 0; i < ARRAY_SIZE(disps); i++) {
			memory(base, X86_NONE, disps[i]);
			memory(base, base == X86_BP ? X86_R12 : X86_BP, disps[i]);
		}
}

/* The bytes of "... # encoding: [0x48,0x01,...]" */
static bool same_bytes(const char *line, const struct x86_code *c)
{
	const char *at = strstr(line, "encoding: [");
	char want[80] = "encoding: [";
	u32 i;

	for (i = 0; i < c->len; i++)
		sprintf(want + strlen(want), "%s0x%02x", i ? "," : "", c->byte[i]);
	strcat(want, "]");
	return at && !strncmp(at, want, strlen(want));
}

int main(void)
{
	char path[] = "/tmp/x86_encode.XXXXXX", command[200], line[300];
	u32 n = 0;
	FILE *pipe;

	ktap_plan(1);
	if (system("llvm-mc-19 --version >/dev/null 2>&1")) {
		ktap_skip("forms of instructions", "LLVM-MC-19 IS MISSING: scripts/setup");
		return ktap_exit();
	}
	source = fdopen(mkstemp(path), "w");
	all_forms();
	fclose(source);
	snprintf(command, sizeof(command), ASSEMBLER "-mattr=+bmi2 %s", path);
	pipe = popen(command, "r");
	while (fgets(line, sizeof(line), pipe))
		if (strstr(line, "encoding:") && n < nr_codes) {
			CHECK(same_bytes(line, &codes[n]), "%u bytes, %s", codes[n].len, line);
			n++;
		}
	pclose(pipe);
	unlink(path);
	CHECK(n == nr_codes, "%u forms, %u assembled", nr_codes, n);
	printf("# %u forms\n", n);
	ktap_end("forms of instructions");
	return ktap_exit();
}
