// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory of images: the kernel's, which classic filters have theirs of as well.  It is
 * read-only and executable from the start; code is written elsewhere and put there
 * through a mapping of its own, so that nothing is writable and executable at any time.
 * What is allocated counts against net.core.bpf_jit_limit; what is free traps.
 *
 * Behind the code is the table of loads that may fault, which has relative addresses.
 */
#include <linux/extable.h>
#include <linux/filter.h>
#include "jit.h"

/* What struct bvm_jit_code::own is. */
enum { PACKED, WRITABLE, TABLE };

static u32 table_at(u32 size)
{
	return round_up(size, __alignof__(struct exception_table_entry));
}

bool bvm_jit_code_alloc(struct bvm_jit_code *c, u32 size, u32 nr_faults)
{
	struct bpf_binary_header *packed, *writable;
	u32 total = table_at(size) + nr_faults * sizeof(struct exception_table_entry);

	packed = bpf_jit_binary_pack_alloc(total, &c->code, BPF_IMAGE_ALIGNMENT, &writable,
					   &c->buf, bvm_arch_jit_fill, false);
	if (!packed)
		return false;
	c->size = size;
	c->own[PACKED] = packed;
	c->own[WRITABLE] = writable;
	c->own[TABLE] = nr_faults ? c->code + table_at(size) : NULL;
	return true;
}

/* As the architecture has it: 32-bit distances from the fields themselves. */
static void write_table(struct bvm_jit_code *c, const struct bvm_jit_fault *fault, u32 nr)
{
	struct exception_table_entry *there = c->own[TABLE];
	u32 at = table_at(c->size), i;

	for (i = 0; i < nr; i++, there++, at += sizeof(*there)) {
		struct exception_table_entry entry = {
			.insn = c->code + fault[i].insn - (u8 *)&there->insn,
			.fixup = c->code + fault[i].fixup - (u8 *)&there->fixup,
		};

		bvm_arch_jit_fixup(&entry);
		memcpy(c->buf + at, &entry, sizeof(entry));
	}
}

int bvm_jit_code_seal(struct bvm_jit_code *c, u32 len, const struct bvm_jit_fault *fault,
		      u32 nr_faults)
{
	int err;

	/* what an earlier pass has left there */
	bvm_arch_jit_fill(c->buf + len, c->size - len);
	write_table(c, fault, nr_faults);
	err = bpf_jit_binary_pack_finalize(c->own[PACKED], c->own[WRITABLE]);
	c->buf = NULL;
	c->own[WRITABLE] = NULL;
	/* it has freed both then */
	if (err)
		c->own[PACKED] = NULL;
	return err;
}

void bvm_jit_code_free(struct bvm_jit_code *c)
{
	if (c->own[PACKED])
		bpf_jit_binary_pack_free(c->own[PACKED], c->own[WRITABLE]);
}

const struct exception_table_entry *bvm_jit_extable(const struct bvm_jit_image *image)
{
	return image->code.own[TABLE];
}
