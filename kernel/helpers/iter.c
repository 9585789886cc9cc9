// SPDX-License-Identifier: GPL-2.0-only
/*
 * Iterators that a program keeps on its stack: numbers, and the bits that are set in
 * some memory.  Each ends after a number of steps that is fixed when it is made, and has
 * no element left from then on: the verifier relies on that.
 */
#include "kfunc.h"

#define BVM_ITER_MAX_NUMBERS	BIT(23)	/* numbers of one iterator */
#define BVM_ITER_MAX_WORDS	511	/* u64s whose bits one iterator looks at */

/* ------------------------------------------------------------------ numbers */

/** struct bvm_iter_num - what is in a struct bpf_iter_num */
struct bvm_iter_num {
	s32 at;		/* number given out last, or the one before the first */
	s32 end;
};

static_assert(sizeof(struct bvm_iter_num) == sizeof(struct bpf_iter_num));

__bpf_kfunc_start_defs();

__bpf_kfunc int bpf_iter_num_new(struct bpf_iter_num *it, int start, int end)
{
	struct bvm_iter_num *num = (struct bvm_iter_num *)it;

	*num = (struct bvm_iter_num){};
	if (start > end)
		return -EINVAL;
	if ((s64)end - start > BVM_ITER_MAX_NUMBERS)
		return -E2BIG;
	*num = (struct bvm_iter_num){ .at = (u32)start - 1, .end = end };
	return 0;
}

__bpf_kfunc int *bpf_iter_num_next(struct bpf_iter_num *it)
{
	struct bvm_iter_num *num = (struct bvm_iter_num *)it;
	s32 next = (u32)num->at + 1;

	if (next >= num->end) {
		*num = (struct bvm_iter_num){};
		return NULL;
	}
	num->at = next;
	return &num->at;
}

__bpf_kfunc void bpf_iter_num_destroy(struct bpf_iter_num *it)
{
	*it = (struct bpf_iter_num){};
}

__bpf_kfunc_end_defs();

static u64 num_new(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	return bpf_iter_num_new((void *)(unsigned long)r1, r2, r3);
}

static u64 num_next(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	return (unsigned long)bpf_iter_num_next((void *)(unsigned long)r1);
}

static u64 num_destroy(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	bpf_iter_num_destroy((void *)(unsigned long)r1);
	return 0;
}

/* --------------------------------------------------------------------- bits */

/* As programs know it; its name is ABI. */
struct bpf_iter_bits {
	__u64 __opaque[2];
} __aligned(8);

/**
 * struct bvm_iter_bits - what is in a struct bpf_iter_bits
 * @words:	where the words are, to be read with care; or, if there is one, the word
 * @at:		number of the bit given out last, or -1
 * @count:	bits to look at, 0: no more
 *
 * Several words are read where they are, while the program goes over them: there may be
 * no memory for a copy.
 */
struct bvm_iter_bits {
	u64 words;
	s32 at;
	u32 count;
};

static_assert(sizeof(struct bvm_iter_bits) == sizeof(struct bpf_iter_bits));

static int bits_word(const struct bvm_iter_bits *bits, u32 index, u64 *word)
{
	const u64 *from = (const u64 *)(unsigned long)bits->words;

	if (bits->count == 64) {
		*word = bits->words;
		return 0;
	}
	return copy_from_kernel_nofault(word, from + index, sizeof(*word));
}

/* All that is needed can be read now. */
static int bits_check(const u64 *from, u32 count, u64 *word)
{
	u32 i;
	int err = 0;

	for (i = 0; i < count && !err; i++)
		err = copy_from_kernel_nofault(word, from + i, sizeof(*word));
	return err ? -EFAULT : 0;
}

__bpf_kfunc_start_defs();

__bpf_kfunc int bpf_iter_bits_new(struct bpf_iter_bits *it, const u64 *unsafe_ptr__ign,
				  u32 nr_words)
{
	struct bvm_iter_bits *bits = (struct bvm_iter_bits *)it;
	u64 word;
	int err;

	*bits = (struct bvm_iter_bits){};
	if (!unsafe_ptr__ign || !nr_words)
		return -EINVAL;
	if (nr_words > BVM_ITER_MAX_WORDS)
		return -E2BIG;
	err = bits_check(unsafe_ptr__ign, nr_words, &word);
	if (err)
		return err;
	bits->words = nr_words == 1 ? word : (unsigned long)unsafe_ptr__ign;
	bits->at = -1;
	bits->count = 64 * nr_words;
	return 0;
}

__bpf_kfunc int *bpf_iter_bits_next(struct bpf_iter_bits *it)
{
	struct bvm_iter_bits *bits = (struct bvm_iter_bits *)it;
	u32 bit = bits->at + 1;
	u64 word;

	while (bit < bits->count && !bits_word(bits, bit / 64, &word)) {
		word >>= bit % 64;
		if (word) {
			bits->at = bit + __ffs64(word);
			return &bits->at;
		}
		bit = round_down(bit, 64) + 64;
	}
	bits->count = 0;
	return NULL;
}

__bpf_kfunc void bpf_iter_bits_destroy(struct bpf_iter_bits *it)
{
	*it = (struct bpf_iter_bits){};
}

__bpf_kfunc_end_defs();

static u64 bits_new(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	return bpf_iter_bits_new((void *)(unsigned long)r1, (void *)(unsigned long)r2, r3);
}

static u64 bits_next(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	return (unsigned long)bpf_iter_bits_next((void *)(unsigned long)r1);
}

static u64 bits_destroy(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	bpf_iter_bits_destroy((void *)(unsigned long)r1);
	return 0;
}

/* -------------------------------------------------------------- descriptors */

static const struct bvm_object iter_num = {
	.name = "iter_num",
	.slots = sizeof(struct bpf_iter_num) / 8,
	.element = sizeof(int),
};

static const struct bvm_object iter_bits = {
	.name = "iter_bits",
	.slots = sizeof(struct bpf_iter_bits) / 8,
	.element = sizeof(int),
};

static const struct bvm_helper iter_kfuncs[] = {
	{
		.name = "bpf_iter_num_new",
		.fn = num_new,
		.arg = { BVM_ARG_ITER_NEW, BVM_ARG_SCALAR, BVM_ARG_SCALAR },
		.flags = BVM_HELPER_ACQUIRE,
		.object = &iter_num,
	},
	{
		.name = "bpf_iter_num_next",
		.fn = num_next,
		.ret = BVM_RET_ELEMENT_OR_NULL,
		.arg = { BVM_ARG_ITER },
		.object = &iter_num,
	},
	{
		.name = "bpf_iter_num_destroy",
		.fn = num_destroy,
		.ret = BVM_RET_VOID,
		.arg = { BVM_ARG_ITER },
		.flags = BVM_HELPER_RELEASE,
		.object = &iter_num,
	},
	{
		/* the address is read with care, whatever it is */
		.name = "bpf_iter_bits_new",
		.fn = bits_new,
		.arg = { BVM_ARG_ITER_NEW, BVM_ARG_ANYTHING, BVM_ARG_SCALAR },
		.flags = BVM_HELPER_ACQUIRE | BVM_HELPER_LOCK_READ,
		.object = &iter_bits,
	},
	{
		.name = "bpf_iter_bits_next",
		.fn = bits_next,
		.ret = BVM_RET_ELEMENT_OR_NULL,
		.arg = { BVM_ARG_ITER },
		.object = &iter_bits,
	},
	{
		.name = "bpf_iter_bits_destroy",
		.fn = bits_destroy,
		.ret = BVM_RET_VOID,
		.arg = { BVM_ARG_ITER },
		.flags = BVM_HELPER_RELEASE,
		.object = &iter_bits,
	},
};

const struct bvm_helper_set bvm_kfuncs_iter = { iter_kfuncs, ARRAY_SIZE(iter_kfuncs) };
