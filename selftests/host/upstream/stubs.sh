#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Assembly for what an object of the kernel needs and does not have: functions that say
# so, variables that are zero.
#
#   stubs.sh OBJECT BTF > stubs.S
#
# What it has from the C library and from shim.c is left alone; BTF is the file with the
# kernel's types.

libc='malloc calloc realloc posix_memalign free memcpy memmove memset memcmp memchr strlen
strnlen strcmp strncmp strcpy strncpy strchr strrchr strstr strcat vsnprintf snprintf sprintf
abort __stack_chk_fail __errno_location ktime_get_ns'
{
	echo "$libc" | tr ' ' '\n' | sed 's/^/have /'
	# called somewhere: a function
	readelf -rW "$1" | awk '$3 == "R_X86_64_PLT32" { print "called", $5 }'
	nm -u "$1" | awk '{ print "needs", $2 }'
} | awk -v btf="$2" '
	$1 == "have" { have[$2] = 1 }
	$1 == "called" { called[$2] = 1 }
	$1 != "needs" || $2 in have || $2 ~ /^(host_|shim_|__asan|__ubsan|__start_|__stop_)/ { next }
	{
		print ".globl " $2
		if ($2 in called) {
			print ".text\n" $2 ": mov $1f, %edi\n\tjmp host_missing"
			print ".section .rodata\n1: .asciz \"" $2 "\""
		} else {
			print ".bss\n.balign 64\n" $2 ": .skip 4096"
		}
	}
	END {
		print ".section .rodata\n.balign 8\n.globl __start_BTF, __stop_BTF"
		print "__start_BTF: .incbin \"" btf "\"\n__stop_BTF:"
		print ".globl __start__bpf_raw_tp, __stop__bpf_raw_tp"
		print "__start__bpf_raw_tp:\n__stop__bpf_raw_tp:"
		print ".section .note.GNU-stack,\"\",@progbits"
	}'
