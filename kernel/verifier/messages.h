/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Every reason for which a program is refused: one row each, with its errno and
 * its words.  The words are those of the kernel's log, a contract: libbpf, veristat
 * and upstream's selftests look for them.
 *
 * BVM_MSG(id, errno, format)
 */
#ifndef _BVM_MESSAGES_H
#define _BVM_MESSAGES_H

#include "log.h"

#define BVM_MESSAGES(BVM_MSG)								\
	/* encoding */									\
	BVM_MSG(UNKNOWN_OPCODE, EINVAL, "unknown opcode %02x\n")			\
	BVM_MSG(RESERVED_FIELD, EINVAL, "%s uses reserved fields\n")			\
	BVM_MSG(BAD_REGISTER, EINVAL, "R%d is invalid\n")				\
	BVM_MSG(FRAME_POINTER, EACCES, "frame pointer is read only\n")			\
	BVM_MSG(BAD_LD_IMM64, EINVAL, "invalid bpf_ld_imm64 insn\n")			\
	BVM_MSG(UNKNOWN_LD_IMM64, EINVAL, "unrecognized bpf_ld_imm64 insn\n")		\
	BVM_MSG(BAD_SHIFT, EINVAL, "invalid shift %d\n")				\
	BVM_MSG(DIV_BY_ZERO, EINVAL, "div by zero\n")					\
	BVM_MSG(BAD_ATOMIC, EINVAL, "BPF_ATOMIC uses invalid atomic opcode %02x\n")	\
	BVM_MSG(BAD_ATOMIC_SIZE, EINVAL, "invalid atomic operand size\n")		\
	BVM_MSG(CAST_POINTER, EINVAL, "R%d type=%s cannot be cast to another address space\n") \
	BVM_MSG(CAST_SPACES, EINVAL,							\
		"addr_space_cast insn can only convert between address space 1 and 0\n")	\
	BVM_MSG(CAST_NO_ARENA, EINVAL,							\
		"addr_space_cast insn can only be used in a program that has an associated arena\n") \
	/* program structure */								\
	BVM_MSG(NO_INSNS, EINVAL, "last insn is not an exit or jmp\n")			\
	BVM_MSG(JUMP_RANGE, EINVAL, "jump out of range from insn %d to %d\n")		\
	BVM_MSG(JUMP_INTO_IMM64, EINVAL, "jump into the middle of ldimm64 insn %d\n")	\
	BVM_MSG(UNREACHABLE, EINVAL, "unreachable insn %d\n")				\
	BVM_MSG(BAD_CALL, EINVAL, "call to invalid destination\n")			\
	BVM_MSG(TOO_MANY_FUNCS, E2BIG, "too many subprograms\n")			\
	BVM_MSG(SLEEPABLE_ONLY, EINVAL, "Syscall programs can only be sleepable\n")	\
	BVM_MSG(NOT_SLEEPABLE, EINVAL,							\
		"Only fentry/fexit/fmod_ret, lsm, iter, uprobe, and struct_ops programs can be sleepable\n") \
	/* maps */									\
	BVM_MSG(MAP_FD, EINVAL, "fd %d is not pointing to valid bpf_map\n")		\
	BVM_MSG(TOO_MANY_MAPS, E2BIG,							\
		"The total number of maps per program has reached the limit of %u\n")	\
	BVM_MSG(ARENAS, EBUSY, "multiple arenas are not allowed in one program\n")	\
	BVM_MSG(ARENA_ADDRESS, EINVAL,							\
		"arena's user address must be set via map_extra or mmap()\n")		\
	BVM_MSG(MAP_INDEX, EFAULT, "insn %d refers to map %lld of %u\n")		\
	BVM_MSG(SLEEPABLE_MAPS, EINVAL,							\
		"Sleepable programs can only use array, hash, ringbuf and local storage maps\n") \
	BVM_MSG(NO_DIRECT_VALUE, EINVAL, "no direct value access support for this map type\n") \
	BVM_MSG(DIRECT_OFFSET, EINVAL, "direct value offset of %u is not allowed\n")	\
	BVM_MSG(DIRECT_RANGE, EINVAL,							\
		"invalid access to map value pointer, value_size=%u off=%u\n")		\
	BVM_MSG(MAP_WRITE, EACCES,							\
		"write into map forbidden, value_size=%d off=%lld size=%d\n")		\
	BVM_MSG(MAP_READ, EACCES, "read from map forbidden, value_size=%d off=%lld size=%d\n") \
	BVM_MSG(MAP_HELPER_WRITE, EACCES, "write into map forbidden\n")			\
	/* limits */									\
	BVM_MSG(TOO_LARGE, E2BIG, "BPF program is too large. Processed %d insn\n")	\
	BVM_MSG(TOO_COMPLEX, E2BIG, "The sequence of %d jumps is too complex.\n")	\
	BVM_MSG(FRAMES, E2BIG, "the call stack of %d frames is too deep\n")		\
	BVM_MSG(FRAMES_CHAIN, E2BIG, "the call stack of %d frames is too deep !\n")	\
	BVM_MSG(STACK_CHAIN, EACCES, "combined stack size of %d calls is %d. Too large\n") \
	BVM_MSG(TAIL_CALL_STACK, EACCES,						\
		"tail_calls are not allowed when call stack of previous frames is %d bytes. Too large\n") \
	BVM_MSG(INFINITE_LOOP, EINVAL, "infinite loop detected at insn %d\n")		\
	/* the certificate: nothing that a program can be blamed for */			\
	BVM_MSG(CERT_FAULT, EFAULT,							\
		"BUG: certificate: insn %d is not safe in all states that were taken for covered\n") \
	BVM_MSG(CERT_BUDGET, EFAULT, "BUG: certificate: too many steps at insn %d\n")	\
	BVM_MSG(CERT_LOOP, EFAULT, "BUG: certificate: a loop through insn %d may not end\n") \
	/* registers */									\
	BVM_MSG(NOT_READABLE, EACCES, "R%d !read_ok\n")					\
	BVM_MSG(EXIT_NOT_SCALAR, EINVAL,						\
		"At program exit the register R%d is not a known value (%s)\n")		\
	BVM_MSG(SUBPROG_EXIT, EINVAL,							\
		"At subprogram exit the register R%d is not a scalar value (%s)\n")	\
	BVM_MSG(EXIT_RANGE, EINVAL,							\
		"At %s the register R%d has %s should have been in [%d, %d]\n")		\
	BVM_MSG(RETURN_STACK, EINVAL, "cannot return stack pointer to the caller\n")	\
	BVM_MSG(CALLBACK_NOT_SCALAR, EACCES, "R0 not a scalar value\n")			\
	BVM_MSG(SPILL_STACK, EINVAL,							\
		"cannot spill pointers to stack into stack frame of the caller\n")	\
	/* global functions */								\
	BVM_MSG(GLOBAL_PARAMS, EINVAL,							\
		"Global function %s() with %d > %d args. Buggy compiler.\n")		\
	BVM_MSG(GLOBAL_RESULT, EINVAL,							\
		"Global function %s() doesn't return scalar. Only those are supported.\n") \
	BVM_MSG(PARAM_TAGS, EOPNOTSUPP, "arg#%d has unsupported set of tags\n")	\
	BVM_MSG(PARAM_KIND, EINVAL, "Arg#%d type %s in %s() is not supported yet.\n")	\
	BVM_MSG(PARAM_SIZE, EINVAL,							\
		"arg#%d reference type('%s %s') size cannot be determined: %ld\n")	\
	BVM_MSG(PARAM_STRUCT, EINVAL, "arg#%d: the kernel has no struct %s\n")		\
	BVM_MSG(PARAM_CTX_TYPE, EINVAL,							\
		"arg#%d is no pointer to what programs of this type call their context\n") \
	BVM_MSG(PARAM_CTX, EINVAL, "arg#%d expects pointer to ctx\n")			\
	BVM_MSG(NOT_SCALAR, EINVAL, "R%d is not a scalar\n")				\
	/* references */								\
	BVM_MSG(TOO_MANY_REFS, E2BIG, "more than %d references are held at a time\n")	\
	BVM_MSG(UNRELEASED, EINVAL, "Unreleased reference id=%d alloc_insn=%d\n")	\
	BVM_MSG(RCU_MISSING, EINVAL, "bpf_rcu_read_unlock is missing\n")			\
	BVM_MSG(RCU_NESTED, EINVAL, "nested rcu read lock (kernel function %s)\n")	\
	BVM_MSG(RCU_UNMATCHED, EINVAL, "unmatched rcu read unlock (kernel function %s)\n") \
	BVM_MSG(RCU_SLEEPING_HELPER, EINVAL,						\
		"sleepable helper %s#%d in rcu_read_lock region\n")			\
	BVM_MSG(RCU_SLEEPING_KFUNC, EACCES,						\
		"kernel func %s is sleepable within rcu_read_lock region\n")		\
	BVM_MSG(RCU_GLOBAL, EINVAL,							\
		"global function %s() may sleep, and is called in an rcu_read_lock region\n") \
	BVM_MSG(CAST_STRUCT, EINVAL,							\
		"kfunc bpf_rdonly_cast type ID argument must be of a struct\n")		\
	BVM_MSG(TAIL_CALL_REFS, EINVAL, "tail_call would lead to reference leak\n")	\
	BVM_MSG(LD_PKT_REFS, EINVAL, "BPF_LD_[ABS|IND] cannot be mixed with socket references\n") \
	BVM_MSG(RELEASE_OFFSET, EINVAL,							\
		"R%d must have zero offset when passed to release func or trusted arg to kfunc\n") \
	BVM_MSG(NOT_REFERENCED, EINVAL,							\
		"R%d must be referenced when passed to release function\n")		\
	/* fields of values that the kernel manages */					\
	BVM_MSG(FIELD_VARIABLE, EINVAL,							\
		"R%d doesn't have constant offset. %s has to be at the constant offset\n") \
	BVM_MSG(FIELD_NONE, EINVAL, "map '%s' has no valid %s\n")			\
	BVM_MSG(LOCK_PROG, EINVAL, "%s progs cannot use bpf_spin_lock yet\n")		\
	BVM_MSG(LOCK_ACCESS, EACCES,							\
		"bpf_spin_lock cannot be accessed directly by load/store\n")		\
	BVM_MSG(LOCK_OFFSET, EINVAL, "off %lld doesn't point to 'struct %s'\n")	\
	BVM_MSG(LOCK_TWO, EINVAL, "Locking two bpf_spin_locks are not allowed\n")	\
	BVM_MSG(LOCK_HELD, EINVAL, "bpf_spin_unlock is missing\n")			\
	BVM_MSG(LOCK_CALL, EINVAL, "function calls are not allowed while holding a lock\n") \
	BVM_MSG(LOCK_GLOBAL, EINVAL,							\
		"global function calls are not allowed while holding a lock,\nuse static function instead\n") \
	BVM_MSG(LOCK_LD_PKT, EINVAL,							\
		"BPF_LD_[ABS|IND] cannot be used inside bpf_spin_lock-ed region\n")	\
	BVM_MSG(UNLOCK_NONE, EINVAL, "bpf_spin_unlock without taking a lock\n")	\
	BVM_MSG(UNLOCK_OTHER, EINVAL, "bpf_spin_unlock of different lock\n")		\
	BVM_MSG(KPTR_HELPER, EACCES, "kptr cannot be accessed indirectly by helper\n")	\
	BVM_MSG(KPTR_VARIABLE, EACCES, "kptr access cannot have variable offset\n")	\
	BVM_MSG(KPTR_MISALIGNED, EACCES, "kptr access misaligned expected=%u off=%lld\n") \
	BVM_MSG(KPTR_SIZE, EACCES, "kptr access size must be BPF_DW\n")		\
	BVM_MSG(KPTR_ATOMIC, EACCES,							\
		"kptr in map can only be accessed using BPF_LDX/BPF_STX/BPF_ST\n")	\
	BVM_MSG(KPTR_STORE, EACCES, "store to referenced kptr disallowed\n")		\
	BVM_MSG(KPTR_IMM, EACCES, "BPF_ST imm must be 0 when storing to kptr at off=%u\n") \
	BVM_MSG(KPTR_TYPE, EINVAL,							\
		"invalid kptr access, R%d type=%s%s expected=ptr_%s%s%s\n")		\
	BVM_MSG(KPTR_OFFSET, EACCES, "off=%lld doesn't point to kptr\n")		\
	BVM_MSG(KPTR_UNREFERENCED, EACCES, "off=%u kptr isn't referenced kptr\n")	\
	/* objects on the stack */							\
	BVM_MSG(OBJECT_READ, EACCES, "invalid read from stack off %d+%d size %d\n")	\
	BVM_MSG(OBJECT_HELPER_READ, EACCES,						\
		"invalid indirect read from stack R%d off %d+%d size %d\n")		\
	BVM_MSG(OBJECT_VARIABLE, EINVAL, "%s has to be at a constant offset\n")		\
	BVM_MSG(OBJECT_OFFSET, EINVAL, "cannot pass in %s at an offset=%d\n")		\
	BVM_MSG(ITER_POINTER, EINVAL, "arg#%d expected pointer to an iterator on stack\n") \
	BVM_MSG(ITER_OLD, EINVAL, "expected uninitialized %s as arg #%d\n")		\
	BVM_MSG(ITER_NONE, EINVAL, "expected an initialized %s as arg #%d\n")		\
	BVM_MSG(DYNPTR_POINTER, EINVAL,							\
		"arg#%d expected pointer to stack or const struct bpf_dynptr\n")	\
	BVM_MSG(DYNPTR_NONE, EINVAL, "Expected an initialized dynptr as arg #%d\n")	\
	BVM_MSG(DYNPTR_NOT_HELD, EINVAL, "arg %d is an unacquired reference\n")		\
	BVM_MSG(DYNPTR_UNOWNED, EINVAL, "cannot release unowned const bpf_dynptr\n")	\
	BVM_MSG(DYNPTR_NOT_NEW, EINVAL, "Dynptr has to be an uninitialized dynptr\n")	\
	BVM_MSG(DYNPTR_MEMORY, EINVAL, "Unsupported reg type %s for bpf_dynptr_from_mem data\n") \
	BVM_MSG(DYNPTR_OVERWRITE, EINVAL, "cannot overwrite referenced dynptr\n")	\
	BVM_MSG(DYNPTR_WRITE, EACCES, "potential write to dynptr at off=%d disallowed\n") \
	/* arithmetic on pointers */							\
	BVM_MSG(PTR_ALU32, EACCES, "R%d 32-bit pointer arithmetic prohibited\n")	\
	BVM_MSG(PTR_NULL_ALU, EACCES,							\
		"R%d pointer arithmetic on %s prohibited, null-check it first\n")	\
	BVM_MSG(PTR_KIND_ALU, EACCES, "R%d pointer arithmetic on %s prohibited\n")	\
	BVM_MSG(PTR_PTR_ALU, EACCES, "R%d pointer %s pointer prohibited\n")		\
	BVM_MSG(PTR_SUB_FROM, EACCES, "R%d tried to subtract pointer from scalar\n")	\
	BVM_MSG(PTR_SUB_STACK, EACCES, "R%d subtraction from stack pointer prohibited\n") \
	BVM_MSG(PTR_BITWISE, EACCES, "R%d bitwise operator %s on pointer prohibited\n")	\
	BVM_MSG(PTR_OPERATOR, EACCES, "R%d pointer arithmetic with %s operator prohibited\n") \
	BVM_MSG(PTR_MATH_CONST, EINVAL, "math between %s pointer and %lld is not allowed\n") \
	BVM_MSG(PTR_MATH_UNBOUNDED, EINVAL,						\
		"math between %s pointer and register with unbounded min value is not allowed\n") \
	BVM_MSG(PTR_OFFSET, EINVAL, "%s pointer offset %lld is not allowed\n")		\
	BVM_MSG(PTR_VALUE, EINVAL, "value %lld makes %s pointer be out of bounds\n")	\
	/* memory */									\
	BVM_MSG(MEM_KIND, EACCES, "R%d invalid mem access '%s'\n")			\
	BVM_MSG(MISALIGNED, EACCES, "misaligned %saccess off %s+%d+%d size %d\n")	\
	BVM_MSG(MIXED_POINTERS, EINVAL, "same insn cannot be used with different pointers\n") \
	BVM_MSG(ST_KIND, EACCES, "%s stores into R%d %s is not allowed\n")		\
	BVM_MSG(PTR_NEGATIVE_OFF, EACCES, "negative offset %s ptr R%d off=%d disallowed\n") \
	BVM_MSG(PTR_MODIFIED, EACCES, "dereference of modified %s ptr R%d off=%d disallowed\n") \
	BVM_MSG(PTR_VARIABLE, EACCES, "variable %s access var_off=%s disallowed\n")	\
	BVM_MSG(CTX_ACCESS, EACCES, "invalid bpf_context access off=%d size=%d\n")	\
	BVM_MSG(MAP_ACCESS, EACCES,							\
		"invalid access to map value, value_size=%d off=%lld size=%d\n")	\
	BVM_MSG(KEY_ACCESS, EACCES,							\
		"invalid access to map key, key_size=%d off=%lld size=%d\n")		\
	BVM_MSG(KEY_WRITE, EACCES, "write to change key R%d not allowed\n")		\
	BVM_MSG(VIEW_ACCESS, EACCES, "R%d invalid %s access off=%d size=%d\n")		\
	BVM_MSG(NOT_HELD, EINVAL, "R%d must be referenced when passed to release function\n") \
	BVM_MSG(HELPER_WRITE, EACCES, "R%d cannot write into %s\n")			\
	BVM_MSG(MEM_ACCESS, EACCES,							\
		"invalid access to memory, mem_size=%u off=%lld size=%d\n")		\
	BVM_MSG(BUFFER_VARIABLE, EACCES,						\
		"R%d invalid variable buffer offset: off=%lld, var_off=%s\n")		\
	BVM_MSG(BUFFER_ACCESS, EACCES,							\
		"R%d invalid tracepoint buffer access: off=%lld, size=%u\n")		\
	BVM_MSG(BTF_VARIABLE, EACCES,							\
		"R%d is ptr_%s invalid variable offset: off=%lld, var_off=%s\n")	\
	BVM_MSG(BTF_NEGATIVE, EACCES, "R%d is ptr_%s invalid negative access: off=%lld\n") \
	BVM_MSG(MAP_ITSELF_NEGATIVE, EACCES, "R%d is %s invalid negative access: off=%lld\n") \
	BVM_MSG(MAP_ITSELF_WRITE, EACCES, "only read from %s is supported\n")		\
	BVM_MSG(BTF_PART, EACCES,							\
		"cannot access ptr member %s with moff %u in struct %s with off %u size %u\n") \
	BVM_MSG(BTF_WRITE, EACCES, "only read is supported\n")				\
	BVM_MSG(BTF_ACCESS, EACCES, "access beyond struct %s at off %lld size %u\n")	\
	BVM_MSG(MIN_NEGATIVE, EACCES,							\
		"R%d min value is negative, either use unsigned index or do a if (index >=0) check.\n") \
	BVM_MSG(MIN_OUTSIDE, EACCES, "R%d min value is outside of the allowed memory range\n") \
	BVM_MSG(MAX_OUTSIDE, EACCES, "R%d max value is outside of the allowed memory range\n") \
	BVM_MSG(UNBOUNDED, EACCES,							\
		"R%d unbounded memory access, make sure to bounds check any such access\n") \
	BVM_MSG(PKT_ACCESS, EACCES,							\
		"invalid access to packet, off=%lld size=%d, R%d(id=%d,off=%lld,r=%d)\n") \
	BVM_MSG(PKT_OUTSIDE, EACCES, "R%d offset is outside of the packet\n")		\
	BVM_MSG(PKT_WRITE, EACCES, "cannot write into packet\n")			\
	BVM_MSG(PKT_MISALIGNED, EACCES,							\
		"misaligned packet access off %d+%s+%d+%d size %d\n")			\
	BVM_MSG(PKT_PARAM, EACCES,							\
		"R%d is in the packet, which the function may change\n")		\
	BVM_MSG(PKT_HELPER, EACCES, "helper access to the packet is not allowed\n")	\
	BVM_MSG(STACK_ACCESS, EACCES, "invalid%s stack R%d off=%lld size=%d\n")		\
	BVM_MSG(STACK_VAR_ACCESS, EACCES,						\
		"invalid variable-offset%s stack R%d var_off=%s off=%d size=%d\n")	\
	BVM_MSG(STACK_UNBOUNDED, EACCES, "invalid unbounded variable-offset%s stack R%d\n") \
	BVM_MSG(PARTIAL_FILL, EACCES, "invalid size of register fill\n")		\
	BVM_MSG(LD_PKT_TYPE, EINVAL,							\
		"BPF_LD_[ABS|IND] instructions not allowed for this program type\n")	\
	BVM_MSG(LD_PKT_RESULT, EINVAL,							\
		"LD_ABS is only allowed in functions that return 'int'.\n")		\
	BVM_MSG(TAIL_CALL_RESULT, EINVAL,						\
		"tail_call is only allowed in functions that return 'int'.\n")		\
	BVM_MSG(LD_PKT_CTX, EINVAL, "at the time of BPF_LD_ABS|IND R6 != pointer to skb\n") \
	/* calls */									\
	BVM_MSG(TOO_MANY_KFUNCS, E2BIG, "too many different kernel function calls\n")	\
	BVM_MSG(NOT_KFUNC, EINVAL, "kernel btf_id %d is not a function\n")		\
	BVM_MSG(NO_KFUNC_BTF, EINVAL,							\
		"calling kernel function is not supported without CONFIG_DEBUG_INFO_BTF\n") \
	BVM_MSG(KFUNC_ZERO, EINVAL,							\
		"invalid kernel function call not eliminated in verifier pass\n")	\
	BVM_MSG(KFUNC_FOREIGN, EACCES, "calling kernel function %s is not allowed\n")	\
	BVM_MSG(KFUNC_GPL, EINVAL,							\
		"cannot call kernel function from non-GPL compatible program\n")	\
	BVM_MSG(KFUNC_MEM_SIZE, EINVAL,							\
		"arg#%d arg#%d memory, len pair leads to invalid memory access\n")	\
	BVM_MSG(KFUNC_NOT_CONST, EINVAL, "R%d must be a known constant\n")		\
	BVM_MSG(KFUNC_NEGATIVE, EINVAL,							\
		"negative offset disallowed for kernel module function call\n")		\
	BVM_MSG(KFUNC_NO_ARRAY, EPROTO, "kfunc offset > 0 without fd_array is invalid\n") \
	BVM_MSG(KFUNC_FD, EBADF, "invalid module BTF fd specified\n")			\
	BVM_MSG(KFUNC_NOT_MODULE, EINVAL, "BTF fd for kfunc is not a module BTF\n")	\
	BVM_MSG(KFUNC_DESTRUCTIVE, EACCES,						\
		"destructive kfunc calls require CAP_SYS_BOOT capability\n")		\
	BVM_MSG(KFUNC_CTX, EINVAL, "arg#%d expected pointer to ctx, but got %s\n")	\
	BVM_MSG(KFUNC_NULL, EACCES, "Possibly NULL pointer passed to trusted arg%d\n")	\
	BVM_MSG(KFUNC_POINTEE, EINVAL, "arg#%d pointer type %s %s must point to scalar\n") \
	BVM_MSG(KFUNC_TRUSTED, EINVAL, "R%d must be referenced or trusted\n")		\
	BVM_MSG(KFUNC_RCU, EINVAL, "R%d must be a rcu pointer\n")			\
	BVM_MSG(KFUNC_STRUCT, EINVAL,							\
		"kernel function %s args#%d expected pointer to %s %s but R%d has a pointer to %s %s\n") \
	BVM_MSG(KFUNC_RELEASE, EINVAL,							\
		"release kernel function %s expects refcounted PTR_TO_BTF_ID\n")	\
	BVM_MSG(KFUNC_SLEEPS, EACCES, "program must be sleepable to call sleepable kfunc %s\n") \
	BVM_MSG(UNKNOWN_HELPER, EINVAL, "invalid func %s#%d\n")				\
	BVM_MSG(WRONG_HELPER, EINVAL,							\
		"program of this type cannot use helper %s#%d (unknown func %s#%d)\n")	\
	BVM_MSG(TRACING_HELPER, EINVAL, "tracing progs cannot use %s yet\n")		\
	BVM_MSG(GPL_HELPER, EINVAL,							\
		"cannot call GPL-restricted function from non-GPL compatible program\n") \
	BVM_MSG(SLEEPING_HELPER, EINVAL, "helper call might sleep in a non-sleepable prog\n") \
	BVM_MSG(ATOMIC_HELPER, EINVAL, "helper call must not sleep, not in a sleepable prog\n") \
	BVM_MSG(HELPER_ARG, EFAULT, "verifier bug: %s#%d has an argument of unknown kind %d\n") \
	BVM_MSG(HELPER_RET, EFAULT, "verifier bug: %s#%d has a result of unknown kind %d\n") \
	BVM_MSG(ARG_TYPE, EACCES, "R%d type=%s expected=%s\n")				\
	BVM_MSG(ARG_STRUCT, EACCES, "R%d is of type %s but %s is expected\n")		\
	BVM_MSG(STRING_WRITABLE, EACCES, "R%d does not point to a readonly map'\n")	\
	BVM_MSG(STRING_VARIABLE, EACCES, "R%d is not a constant address'\n")		\
	BVM_MSG(NO_DIRECT_VALUE_ACCESS, EACCES,						\
		"no direct value access support for this map type\n")			\
	BVM_MSG(STRING_PLACE, ENOTSUPP, "direct value access on string failed\n")	\
	BVM_MSG(STRING_END, EINVAL, "string is not zero-terminated\n")			\
	BVM_MSG(FORMAT, EINVAL, "Invalid format string\n")				\
	BVM_MSG(SIZE_NOT_CONST, EACCES, "R%d is not a known constant'\n")		\
	BVM_MSG(MAP_FOR_HELPER, EINVAL, "cannot pass map_type %d into func %s#%d\n")	\
	BVM_MSG(SOCKET_MAP, EINVAL, "cannot update sockmap in this context\n")		\
	BVM_MSG(SIZE_NEGATIVE, EACCES,							\
		"R%d min value is negative, either use unsigned or 'var &= const'\n")	\
	BVM_MSG(SIZE_ZERO, EACCES, "R%d invalid zero-sized read: u64=[%lld,%lld]\n")	\
	BVM_MSG(SIZE_UNBOUNDED, EACCES,							\
		"R%d unbounded memory access, use 'var &= const' or 'if (var < const)'\n")

enum bvm_msg {
#define BVM_MSG(id, err, fmt) BVM_MSG_##id,
	BVM_MESSAGES(BVM_MSG)
#undef BVM_MSG
	__BVM_MSG_MAX
};

/* The words once more as constants, so that the compiler checks arguments against them. */
#define BVM_MSG(id, err, fmt) static const char bvm_words_##id[] __maybe_unused = fmt;
BVM_MESSAGES(BVM_MSG)
#undef BVM_MSG

static inline __printf(1, 2) void bvm_words_check(const char *fmt, ...)
{
}

/* Use bvm_log_reject(). */
int __bvm_log_reject(struct bvm_log *log, enum bvm_msg msg, ...);

/**
 * bvm_log_reject - write down why a program is refused
 * @log:	log
 * @id:		row of BVM_MESSAGES, without prefix
 * Process context.  Return: the row's errno, negative.
 */
#define bvm_log_reject(log, id, ...)							\
({											\
	if (0)										\
		bvm_words_check(bvm_words_##id, ##__VA_ARGS__);				\
	__bvm_log_reject(log, BVM_MSG_##id, ##__VA_ARGS__);				\
})

#endif /* _BVM_MESSAGES_H */
