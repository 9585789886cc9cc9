// SPDX-License-Identifier: GPL-2.0-only
/*
 * The verifier's log.
 *
 * Text is a stream of bytes with positions from 0 on.  With BPF_LOG_FIXED the user's
 * buffer holds its head; otherwise the buffer is used as a ring that always holds the
 * tail, and is turned at the end so that the text begins at its first byte.
 */
#include "messages.h"

#define BVM_LOG_SIZE_MAX	(U32_MAX >> 2)

int bvm_log_init(struct bvm_log *log, u32 level, u32 size, struct bvm_log_sink *sink)
{
	memset(log, 0, sizeof(*log));
	if (level & ~BVM_LOG_MASK || size > BVM_LOG_SIZE_MAX)
		return -EINVAL;
	/* A level without a buffer is fine: it asks for log_true_size. */
	if (!sink != !size || (sink && !level))
		return -EINVAL;
	log->level = level;
	log->size = size;
	log->sink = sink;
	return 0;
}

static void bvm_log_write(struct bvm_log *log, u32 off, const char *text, u32 len)
{
	if (len && !log->err)
		log->err = log->sink->write(log->sink, off, text, len);
}

/* Into the head: what lies beyond it is counted, not kept.  The last byte is for the NUL. */
static void bvm_log_append_fixed(struct bvm_log *log, const char *text, u32 len)
{
	if (log->pos < log->size - 1)
		bvm_log_write(log, log->pos, text, min_t(u64, len, log->size - 1 - log->pos));
}

static void bvm_log_append_ring(struct bvm_log *log, const char *text, u32 len)
{
	u64 pos = log->pos;
	u64 end = pos + len;
	u32 off, part;

	while (pos < end) {
		div64_u64_rem(pos, log->size, &pos);
		off = pos;
		part = min(len, log->size - off);
		bvm_log_write(log, off, text, part);
		text += part;
		len -= part;
		pos = end - len;
	}
	if (end > log->size)
		log->start = max(log->start, end - log->size);
}

static void bvm_log_append(struct bvm_log *log, const char *text, u32 len)
{
	if (log->sink && (log->level & BVM_LOG_FIXED))
		bvm_log_append_fixed(log, text, len);
	else if (log->sink)
		bvm_log_append_ring(log, text, len);
	log->pos += len;
	log->max = max(log->max, log->pos + 1);
}

/**
 * bvm_vlog - add text
 * @log:	log, nothing happens at level 0
 * @fmt:	format; the text is cut off at sizeof(log->line) - 1 bytes
 * @args:	its arguments
 * Process context: the sink may fault user memory in.
 */
void bvm_vlog(struct bvm_log *log, const char *fmt, va_list args)
{
	if (log->level)
		bvm_log_append(log, log->line, vscnprintf(log->line, sizeof(log->line), fmt, args));
}

/**
 * bvm_log - add text, see bvm_vlog()
 * @log:	log
 * @fmt:	format and arguments
 */
void bvm_log(struct bvm_log *log, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	bvm_vlog(log, fmt, args);
	va_end(args);
}

/**
 * bvm_log_reset - drop the text after a position
 * @log:	log
 * @pos:	earlier value of log->pos
 *
 * log_true_size still counts what is dropped: the buffer had to hold it.
 */
void bvm_log_reset(struct bvm_log *log, u64 pos)
{
	log->pos = min(log->pos, pos);
	/* The ring may have lost everything before @pos to what is dropped now. */
	log->start = min(log->start, log->pos);
}

static void bvm_log_reverse(char *text, u32 len)
{
	u32 i;

	for (i = 0; i < len / 2; i++)
		swap(text[i], text[len - 1 - i]);
}

/* Reverse the bytes [@from, @to) of the user's buffer, from both ends towards the middle. */
static void bvm_log_reverse_user(struct bvm_log *log, u32 from, u32 to)
{
	struct bvm_log_sink *sink = log->sink;
	u32 half = sizeof(log->line) / 2;
	char *low = log->line, *high = log->line + half;
	u32 len;

	while (to - from > 1 && !log->err) {
		len = min(half, max((to - from) / 2, 1U));
		log->err = sink->read(sink, from, low, len);
		if (!log->err)
			log->err = sink->read(sink, to - len, high, len);
		bvm_log_reverse(low, len);
		bvm_log_reverse(high, len);
		bvm_log_write(log, from, high, len);
		bvm_log_write(log, to - len, low, len);
		from += len;
		to -= len;
		cond_resched();
	}
}

/* Turn the ring left until the byte @first comes first. */
static void bvm_log_rotate(struct bvm_log *log, u32 first)
{
	bvm_log_reverse_user(log, 0, first);
	bvm_log_reverse_user(log, first, log->size);
	bvm_log_reverse_user(log, 0, log->size);
}

static void bvm_log_terminate(struct bvm_log *log)
{
	u64 start, first = 0;

	if (log->level & BVM_LOG_FIXED) {
		bvm_log_write(log, min_t(u64, log->pos, log->size - 1), "", 1);
		return;
	}
	start = log->start;
	if (log->pos - start >= log->size)
		start = log->pos - log->size + 1;
	if (start) {
		div64_u64_rem(start, log->size, &first);
		if (first)
			bvm_log_rotate(log, first);
	}
	bvm_log_write(log, log->pos - start, "", 1);
}

int bvm_log_finish(struct bvm_log *log, u32 *true_size)
{
	*true_size = min_t(u64, log->max, U32_MAX);
	if (!log->level)
		return 0;
	if (log->sink)
		bvm_log_terminate(log);
	if (log->err)
		return log->err;
	return log->sink && log->max > log->size ? -ENOSPC : 0;
}

static const struct {
	int err;
	const char *words;
} bvm_messages[] = {
#define BVM_MSG(id, err, fmt)	\
	[BVM_MSG_##id] = { err, fmt },
	BVM_MESSAGES(BVM_MSG)
#undef BVM_MSG
};

/* The first "R1" of a message: what it is about.  -1: none. */
static int bvm_log_register(const char *text)
{
	const char *c;

	for (c = text; *c; c++)
		if (*c == 'R' && c[1] >= '0' && c[1] <= '9' && (c == text || c[-1] == ' '))
			return c[1] == '1' && c[2] == '0' ? 10 : c[1] - '0';
	return -1;
}

int __bvm_log_reject(struct bvm_log *log, enum bvm_msg msg, ...)
{
	va_list args;

	va_start(args, msg);
	bvm_vlog(log, bvm_messages[msg].words, args);
	va_end(args);
	log->rejected = msg + 1;
	log->rejected_reg = log->level ? bvm_log_register(log->line) : -1;
	return -bvm_messages[msg].err;
}
