/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Text made from a format and an array of numbers.
 */
#ifndef _BVM_FORMAT_H
#define _BVM_FORMAT_H

#include <linux/types.h>

#define BVM_FORMAT_ARGS		12	/* conversions that a format may have */
#define BVM_FORMAT_OUT		1024	/* bytes that are traced at most */
#define BVM_FORMAT_STRING	512	/* bytes of a string that are printed, NUL included */

/**
 * struct bvm_format_buf - memory for one text
 * @out:	for the text, if there is no other place
 * @string:	for a string of the program that is being printed
 */
struct bvm_format_buf {
	char out[BVM_FORMAT_OUT];
	char string[BVM_FORMAT_STRING];
};

int bvm_format_check(const char *fmt, u32 fmt_size, u32 nr_args);
int bvm_format(char *out, size_t size, const char *fmt, const u64 *args,
	       struct bvm_format_buf *buf);
struct bvm_format_buf *bvm_format_buf_get(void);
void bvm_format_buf_put(void);

#endif /* _BVM_FORMAT_H */
