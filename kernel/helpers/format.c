// SPDX-License-Identifier: GPL-2.0-only
/*
 * Text made from a format and an array of numbers: what bpf_trace_printk(),
 * bpf_trace_vprintk() and bpf_snprintf() have in common (bpf-helpers(7)).
 *
 *	%[-+ 0][width]{d,i,u,x,X}	with l or ll before it: 64 bits, otherwise 32
 *	%[...]c				a character
 *	%[...]s				a string of the kernel or user space, by its address
 *	%pks %pus			a string of the kernel, of user space
 *	%p{i,I}{4,6}			an IP address, by its address
 *	%p %pK %px %ps %pS %pB		as printk() has them
 *	%%
 *
 * The same text is read twice: to check it, which names its conversions one by one,
 * and to print it, conversion by conversion.
 */
#include <linux/ctype.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <asm/tlb.h>
#include "format.h"

#define WIDTH_MAX	((1 << 23) - 1)	/* of what printk() prints */
#define FLAGS		"-+ 0"

/* how an argument is printed */
enum kind {
	KIND_PLAIN,		/* no conversion: a character of the text */
	KIND_NUMBER,		/* u32 */
	KIND_LONG,		/* u64 */
	KIND_CHAR,
	KIND_POINTER,		/* the address itself */
	KIND_STRING,		/* either space */
	KIND_STRING_KERNEL,
	KIND_STRING_USER,
	KIND_IP4,		/* what is there: 4 bytes */
	KIND_IP6,		/* 16 bytes */
};

/**
 * struct item - a conversion, or a character of the text
 * @kind:	enum kind
 * @text:	KIND_PLAIN: the character; else the conversion for printk(): '%', at most
 *		four flags, seven digits and three letters
 */
struct item {
	enum kind kind;
	char text[16];
};

static bool has_flag(const struct item *item, char flag)
{
	return strchr(item->text, flag);
}

/* @text begins behind '%'.  Return: what is behind flags and width. */
static const char *parse_width(const char *text, struct item *item)
{
	char *to = item->text;
	int width = 0;

	*to++ = '%';
	for (; *text && strchr(FLAGS, *text); text++)
		if (!has_flag(item, *text))
			*to++ = *text;
	for (; isdigit(*text); text++)
		width = min(width * 10 + *text - '0', WIDTH_MAX);
	if (width)
		sprintf(to, "%d", width);
	return text;
}

/* No width, no flags: for what has always been printed without. */
static void set_conversion(struct item *item, const char *conversion)
{
	strscpy_pad(item->text, conversion);
}

/* What is behind "%p".  Return: what is behind the conversion, or NULL. */
static const char *parse_pointer(const char *text, struct item *item)
{
	char add[] = { 'p', text[0], 0 };

	item->kind = KIND_POINTER;
	switch (text[0]) {
	case 'k':
	case 'u':
		if (text[1] != 's')
			return NULL;
		item->kind = text[0] == 'k' ? KIND_STRING_KERNEL : KIND_STRING_USER;
		set_conversion(item, "%s");
		return text + 2;
	case 'i':
	case 'I':
		if (text[1] != '4' && text[1] != '6')
			return NULL;
		item->kind = text[1] == '4' ? KIND_IP4 : KIND_IP6;
		set_conversion(item, text[1] == '4' ? "%pI4" : "%pI6");
		item->text[2] = text[0];
		text += 2;
		break;
	case 'B':
		set_conversion(item, "%pB");
		text++;
		break;
	case 'K':
	case 'x':
	case 's':
	case 'S':
		strlcat(item->text, add, sizeof(item->text));
		text++;
		break;
	default:
		if (text[0] && !isspace(text[0]) && !ispunct(text[0]))
			return NULL;
		strlcat(item->text, "p", sizeof(item->text));
	}
	/* printk() takes what follows for a part of the conversion */
	while (isalnum(*text))
		text++;
	return text;
}

static const char *parse_number(const char *text, struct item *item)
{
	char add[] = "ll?";
	u32 longs = 0;

	while (longs < 2 && text[longs] == 'l')
		longs++;
	text += longs;
	if (!*text || !strchr("diuxX", *text))
		return NULL;
	add[2] = *text;
	strlcat(item->text, longs ? add : add + 2, sizeof(item->text));
	item->kind = longs ? KIND_LONG : KIND_NUMBER;
	return text + 1;
}

/* Return: what is behind the item at @text, or NULL if it is none. */
static const char *parse(const char *text, struct item *item)
{
	*item = (struct item){};
	if (text[0] != '%' || text[1] == '%') {
		item->text[0] = text[0];
		if (isascii(text[0]) && !isprint(text[0]) && !isspace(text[0]))
			return NULL;
		return text + (text[0] == '%' ? 2 : 1);
	}
	text = parse_width(text + 1, item);
	switch (*text) {
	case 'p':
		text = parse_pointer(text + 1, item);
		break;
	case 's':
		item->kind = KIND_STRING;
		strlcat(item->text, "s", sizeof(item->text));
		text++;
		break;
	case 'c':
		item->kind = KIND_CHAR;
		strlcat(item->text, "c", sizeof(item->text));
		return text + 1;
	default:
		return parse_number(text, item);
	}
	if (text && item->kind >= KIND_STRING && item->kind <= KIND_STRING_USER &&
	    *text && !isspace(*text) && !ispunct(*text))
		return NULL;
	return text;
}

/**
 * bvm_format_check - is this a format for so many arguments?
 * @fmt:	format; it ends at its first NUL
 * @fmt_size:	bytes, the last of which must be NUL
 * @nr_args:	arguments that there are; the format may use fewer
 * Any context.  Return: 0 or -EINVAL.
 */
int bvm_format_check(const char *fmt, u32 fmt_size, u32 nr_args)
{
	struct item item;
	u32 args = 0;

	if (!fmt_size || fmt[fmt_size - 1] || nr_args > BVM_FORMAT_ARGS)
		return -EINVAL;
	while (*fmt) {
		fmt = parse(fmt, &item);
		if (!fmt)
			return -EINVAL;
		if (item.kind != KIND_PLAIN && ++args > nr_args)
			return -EINVAL;
	}
	return 0;
}

/* A string that cannot be read is an empty one. */
static void read_string(char *to, enum kind kind, u64 addr)
{
	long ret;

	to[0] = 0;
#ifdef CONFIG_ARCH_HAS_NON_OVERLAPPING_ADDRESS_SPACE
	if (kind == KIND_STRING && addr < TASK_SIZE)
		kind = KIND_STRING_USER;
#endif
	if (kind != KIND_STRING_USER)
		ret = strncpy_from_kernel_nofault(to, (void *)(unsigned long)addr,
						  BVM_FORMAT_STRING);
	else if (nmi_uaccess_okay())
		ret = strncpy_from_user_nofault(to, (void __user *)(unsigned long)addr,
						BVM_FORMAT_STRING);
	else
		ret = -EFAULT;
	if (ret < 0)
		to[0] = 0;
}

/* An address that cannot be read is 0. */
static void read_ip(char *to, size_t size, u64 addr)
{
	if (copy_from_kernel_nofault(to, (void *)(unsigned long)addr, size))
		memset(to, 0, size);
}

/* Prints an item that parse() has accepted; as snprintf(). */
static int print(char *out, size_t size, const struct item *item, u64 arg, char *string)
{
	const char *text = item->text;

	switch (item->kind) {
	case KIND_PLAIN:
		return snprintf(out, size, "%c", text[0]);
	case KIND_NUMBER:
	case KIND_CHAR:
		return snprintf(out, size, text, (u32)arg);
	case KIND_LONG:
		return snprintf(out, size, text, arg);
	case KIND_POINTER:
		return snprintf(out, size, text, (void *)(unsigned long)arg);
	case KIND_IP4:
	case KIND_IP6:
		read_ip(string, item->kind == KIND_IP4 ? 4 : 16, arg);
		break;
	default:
		read_string(string, item->kind, arg);
	}
	return snprintf(out, size, text, string);
}

/**
 * bvm_format - print
 * @out:	text goes here, NUL-terminated if @size is not 0
 * @size:	bytes
 * @fmt:	format that bvm_format_check() has accepted
 * @args:	its arguments
 * @buf:	from bvm_format_buf_get()
 *
 * Memory that arguments point to is read without faults: an empty string or 0 stands
 * for what cannot be read.  Any context incl. NMI.
 *
 * Return: characters of the whole text, without the NUL; may be more than @size.
 */
int bvm_format(char *out, size_t size, const char *fmt, const u64 *args,
	       struct bvm_format_buf *buf)
{
	struct item item;
	size_t len = 0;

	if (size)
		out[0] = 0;
	while (fmt && *fmt) {
		size_t room = size > len ? size - len : 0;
		u64 arg = 0;

		fmt = parse(fmt, &item);
		if (fmt && item.kind != KIND_PLAIN)
			arg = *args++;
		if (fmt)
			len += print(room ? out + len : NULL, room, &item, arg, buf->string);
	}
	return min_t(size_t, len, INT_MAX);
}

/* Texts at a time on a CPU: those that interrupt each other. */
#define FORMAT_NEST	3

struct bvm_format_bufs {
	struct bvm_format_buf buf[FORMAT_NEST];
	int nest;
};

static DEFINE_PER_CPU(struct bvm_format_bufs, bvm_format_bufs);

/**
 * bvm_format_buf_get - memory for one text
 *
 * Any context incl. NMI.  Disables preemption until bvm_format_buf_put().
 *
 * Return: memory, or NULL when too many texts are being made on this CPU.
 */
struct bvm_format_buf *bvm_format_buf_get(void)
{
	int nest;

	preempt_disable();
	nest = this_cpu_inc_return(bvm_format_bufs.nest) - 1;
	if (likely(nest < FORMAT_NEST))
		return this_cpu_ptr(&bvm_format_bufs.buf[nest]);
	bvm_format_buf_put();
	return NULL;
}

/**
 * bvm_format_buf_put - give back what bvm_format_buf_get() gave
 */
void bvm_format_buf_put(void)
{
	this_cpu_dec(bvm_format_bufs.nest);
	preempt_enable();
}
