/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Test vectors: a program, and what has to come of it.  One file a case, *.bvt:
 *
 *	# what this is about
 *	test: signed division of the minimum by -1
 *	type: socket_filter
 *	map: m0 array key=4 value=8 entries=2
 *	data: 00 11 22 33
 *	asm:
 *		r1 = 0x8000000000000000 ll
 *		r0 = r1
 *		r0 s/= -1
 *		if r0 == r1 goto same
 *		r0 = 0
 *	same:
 *		exit
 *	expect: accept r0=0x8000000000000000
 *
 * or "expect: reject" with a piece of the verifier's log in quotes, "expect: reject
 * "unreachable insn"".  Lines before asm: are "key: value"; "test" and "expect" must
 * be there, "type" is socket_filter by default.  r0 may be left out; bpf(2) shows its
 * low 32 bits.  Further keys:
 *
 *	flags: state_freq	a flag of BPF_PROG_LOAD; so any_alignment, strict_alignment
 *	bug: CVE-2018-18445, commit b799207e1e18
 *				the bug of the stock verifier that the program is about; how it
 *				would go wrong is in a comment
 *	stock: accept		what 6.12.117 was seen to do where that is not what is
 *				expected here; "reject": in other words than expected
 *
 * A map of which programs may only read: "map: m0 array key=4 value=8 entries=1
 * flags=rdonly_prog"; so wronly_prog.
 *
 * The assembly is the verifier log's, without the opcode in parentheses, and:
 *	label:			a jump target, used as in "goto label"
 *	r1 = 5 ll		64-bit immediate
 *	r1 = map m0		reference to a map
 *	r1 = value m0 +8	address inside the value of a map
 *	call label		subprogram
 *	r2 = func label		its address, for a helper that calls it back
 *	call bpf_ktime_get_ns	helper, by name or as "call #5"
 *	call kfunc bpf_iter_num_new	function of the kernel
 *	raw 0x95 0 0 0 1	code dst src off imm: what no mnemonic can say
 *
 * Plain C on top of libc and linux/bpf.h, for the host tests and for the selftests
 * that load the programs through bpf(2).
 */
#ifndef _BVT_H
#define _BVT_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/bpf.h>
#include <linux/types.h>

#define BVT_INSNS	1024
#define BVT_MAPS	4
#define BVT_KFUNCS	4
#define BVT_DATA	256
#define BVT_TEXT	128

/**
 * struct bvt_map - a map that a vector wants
 * @name:	as the program refers to it
 * @type:	BPF_MAP_TYPE_*
 * @key_size:	bytes
 * @value_size:	bytes
 * @max_entries: elements
 * @flags:	BPF_F_*
 */
struct bvt_map {
	char name[16];
	__u32 type;
	__u32 key_size;
	__u32 value_size;
	__u32 max_entries;
	__u32 flags;
};

/** enum bvt_stock - what the stock kernel does, in words of its own */
enum bvt_stock {
	BVT_STOCK_AGREES,
	BVT_STOCK_ACCEPTS,
	BVT_STOCK_REJECTS,
};

/**
 * struct bvt - a test vector
 * @name:	one line
 * @bug:	bug of the stock verifier that the program would trigger, or ""
 * @prog_type:	BPF_PROG_TYPE_*
 * @map:	maps; a 64-bit immediate with BPF_PSEUDO_MAP_FD or BPF_PSEUDO_MAP_VALUE holds
 *		an index into them, which the runner replaces
 * @nr_maps:	number of maps
 * @kfunc:	functions of the kernel; a call of one holds an index into them
 * @nr_kfuncs:	their number
 * @data:	packet for the run
 * @data_len:	bytes; 0: not given
 * @insn:	program
 * @len:	instructions
 * @flags:	BPF_F_* of the load
 * @stock:	what the stock kernel does
 * @accept:	the program must load
 * @has_r0:	the result is given
 * @r0:		result
 * @log:	what the log must contain, or ""
 * @error:	why bvt_parse() failed
 */
struct bvt {
	char name[BVT_TEXT];
	char bug[BVT_TEXT];
	__u32 prog_type;
	struct bvt_map map[BVT_MAPS];
	__u32 nr_maps;
	char kfunc[BVT_KFUNCS][40];
	__u32 nr_kfuncs;
	__u8 data[BVT_DATA];
	__u32 data_len;
	struct bpf_insn insn[BVT_INSNS];
	__u32 len;
	__u32 flags;
	enum bvt_stock stock;
	bool accept;
	bool has_r0;
	__u64 r0;
	char log[BVT_TEXT];
	char error[BVT_TEXT];
};

/**
 * bvt_parse - read a vector
 * @text:	NUL-terminated text of the file
 * @t:		filled in
 *
 * Return: 0, or -1 with the reason and the line in @t->error.
 */
int bvt_parse(const char *text, struct bvt *t);

/**
 * bvt_load - read a vector from a file
 * @path:	file
 * @t:		filled in
 *
 * Return: 0, or -1 with the reason in @t->error.
 */
int bvt_load(const char *path, struct bvt *t);

/**
 * bvt_asm_line - assemble one line without labels and map names
 * @line:	text
 * @insn:	two entries; the second one is written for a 64-bit immediate only
 *
 * Return: instructions written, or -1.
 */
int bvt_asm_line(const char *line, struct bpf_insn *insn);

/**
 * bvt_is_kfunc - calls a function of the kernel
 * @insn:	instruction
 *
 * Return: whether it does.
 */
bool bvt_is_kfunc(const struct bpf_insn *insn);

/**
 * bvt_plain - needs neither maps nor helpers
 * @t:	vector
 *
 * Such vectors also run in KUnit, from a table that scripts/gen-vectors makes.
 * Return: whether it is one.
 */
bool bvt_plain(const struct bvt *t);

#endif /* _BVT_H */
