/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The verifier's log: text for user space, with the levels, truncation and
 * rotation that bpf(2) documents.  Knows nothing of user memory: a sink writes.
 */
#ifndef _BVM_LOG_H
#define _BVM_LOG_H

#include "../deps.h"

#define BVM_LOG_PATH	1	/* BPF_LOG_LEVEL1: the path to the failure */
#define BVM_LOG_ALL	2	/* BPF_LOG_LEVEL2: every step, with states */
#define BVM_LOG_STATS	4	/* BPF_LOG_STATS */
#define BVM_LOG_FIXED	8	/* BPF_LOG_FIXED: keep the head, do not rotate */
#define BVM_LOG_MASK	15

/**
 * struct bvm_log_sink - where the text goes; offsets are into the user's buffer
 * @write:	0 or -EFAULT
 * @read:	0 or -EFAULT; used once at the end to rotate the buffer
 */
struct bvm_log_sink {
	int (*write)(struct bvm_log_sink *sink, u32 off, const char *text, u32 len);
	int (*read)(struct bvm_log_sink *sink, u32 off, char *text, u32 len);
};

struct bvm_log {
	u32 level;
	u32 size;		/* bytes in the user's buffer, terminating NUL included */
	struct bvm_log_sink *sink;
	u64 pos;		/* end of text so far, had nothing been cut off */
	u64 start;		/* first byte still in the buffer (rotation) */
	u64 max;		/* greatest pos + 1 so far: log_true_size */
	int err;		/* first sink error */
	u32 rejected;		/* last message of bvm_log_reject() + 1, 0: none */
	int rejected_reg;	/* register that it is about, or -1 */
	char line[1024];	/* one message being formatted */
};

/**
 * bvm_log_init - check what user space passed and start a log
 * @log:	log to be started
 * @level:	log_level
 * @size:	log_size
 * @sink:	NULL when log_buf is NULL
 * Return: 0 or -EINVAL (level without buffer, unknown bits, size out of range).
 */
int bvm_log_init(struct bvm_log *log, u32 level, u32 size, struct bvm_log_sink *sink);
__printf(2, 3) void bvm_log(struct bvm_log *log, const char *fmt, ...);
__printf(2, 0) void bvm_vlog(struct bvm_log *log, const char *fmt, va_list args);

/* Drop text after @pos (level 1 keeps only the failing path). */
void bvm_log_reset(struct bvm_log *log, u64 pos);

/**
 * bvm_log_finish - terminate, rotate
 * @log:	log, not to be written any more
 * @true_size:	log_true_size: bytes that the whole log needs
 * Return: 0, -ENOSPC if it was cut off, -EFAULT.
 */
int bvm_log_finish(struct bvm_log *log, u32 *true_size);

#endif /* _BVM_LOG_H */
