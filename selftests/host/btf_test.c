// SPDX-License-Identifier: GPL-2.0-only
/*
 * Types: what is accepted and what is refused, with the words of the kernel's log; what
 * lies where in structures; and that no garbage makes the parser read or write what it
 * must not (ASan and UBSan watch).
 */
#include "../../kernel/btf/btf.h"
#include "../lib/btf_blob.h"
#include "ktap.h"

static char log_text[1 << 16];
static u32 log_len;

static void log_print(struct bvm_btf_log *log, const char *fmt, va_list args)
{
	log_len += vscnprintf(log_text + log_len, sizeof(log_text) - log_len, fmt, args);
}

static struct bvm_btf_log test_log = { log_print };

/* A copy of exactly its size, so that ASan sees what lies behind it. */
static int parse(struct bvm_btf *btf, const void *data, u32 size, const struct bvm_btf *base)
{
	void *copy = malloc(size);
	int err;

	memcpy(copy, data, size);
	log_len = 0;
	log_text[0] = 0;
	err = bvm_btf_parse(btf, copy, size, base, &test_log);
	if (err)
		free(copy);
	return err;
}

static void drop(struct bvm_btf *btf)
{
	bvm_btf_clear(btf);
	free((void *)btf->data);
}

/* --------------------------------------------------------------- refusals */

#define INT32	INT_TYPE(0, BTF_INT_SIGNED, 0, 32, 4)

/* Types 2 and up follow an int; @words end the log. */
static const struct {
	const char *name;
	int err;
	const char *words;
	u32 types[40];
	u32 len;
} refused[] = {
#define REFUSED(name, err, words, ...)					\
	{ name, err, words, { INT32, __VA_ARGS__ },			\
	  sizeof((u32[]){ INT32, __VA_ARGS__ }) }
	REFUSED("reserved bits", -EINVAL, "[2] Invalid btf_info:20000000", 0, 0x20000000, 4),
	REFUSED("kind 0", -EINVAL, "[2] Invalid kind:0", 0, 0, 4),
	REFUSED("kind 20", -EINVAL, "[2] Invalid kind:20", TYPE(0, 20, 0, 0, 4)),
	REFUSED("type cut off", -EINVAL, "[2] meta_left:8 meta_needed:12", 0, 0),
	REFUSED("member cut off", -EINVAL, "[2] STRUCT (anon) meta_left:8 meta_needed:12\n",
		TYPE(0, BTF_KIND_STRUCT, 0, 1, 4), 0, 1),
	REFUSED("name outside", -EINVAL, "[2] Invalid name_offset:1000",
		TYPE(1000, BTF_KIND_STRUCT, 0, 0, 4)),
	REFUSED("vlen", -EINVAL, "[2] PTR (anon) type_id=1 vlen != 0\n",
		TYPE(0, BTF_KIND_PTR, 0, 1, 1)),
	REFUSED("kind_flag", -EINVAL, "[2] PTR (anon) type_id=1 Invalid btf_info kind_flag\n",
		TYPE(0, BTF_KIND_PTR, 1, 0, 1)),
	REFUSED("int data", -EINVAL, "[2] INT (anon) Invalid int_data:10000020\n",
		TYPE(0, BTF_KIND_INT, 0, 0, 4), 0x10000020),
	REFUSED("int too wide", -EINVAL,
		"bits_offset=0 nr_bits=33 encoding=(none) nr_bits exceeds type_size\n",
		INT_TYPE(0, 0, 0, 33, 4)),
	REFUSED("int encoding", -ENOTSUPP, "encoding=UNKN Unsupported encoding\n",
		INT_TYPE(0, 3, 0, 32, 4)),
	REFUSED("no such type", -EINVAL, "[2] PTR (anon) type_id=9 Invalid type_id\n",
		TYPE(0, BTF_KIND_PTR, 0, 0, 9)),
	REFUSED("type id too large", -EINVAL, "[2] CONST (anon) type_id=1048576 Invalid type_id\n",
		TYPE(0, BTF_KIND_CONST, 0, 0, 0x100000)),
	REFUSED("void member", -EINVAL, "\t(anon) type_id=2 bits_offset=0 Invalid member\n",
		TYPE(0, BTF_KIND_CONST, 0, 0, 0), TYPE(0, BTF_KIND_STRUCT, 0, 1, 4), 0, 2, 0),
	REFUSED("member outside", -EINVAL,
		"[2] STRUCT (anon) size=7 vlen=2\n"
		"\t(anon) type_id=1 bits_offset=32 Member exceeds struct_size\n",
		TYPE(0, BTF_KIND_STRUCT, 0, 2, 7), 0, 1, 0, 0, 1, 32),
	REFUSED("members out of order", -EINVAL,
		"\t(anon) type_id=1 bits_offset=0 Invalid member bits_offset\n",
		TYPE(0, BTF_KIND_STRUCT, 0, 2, 8), 0, 1, 32, 0, 1, 0),
	REFUSED("bitfield too wide", -EINVAL,
		"\t(anon) type_id=1 bitfield_size=33 bits_offset=0 Invalid member bitfield_size\n",
		TYPE(0, BTF_KIND_STRUCT, 1, 1, 8), 0, 1, 33 << 24),
	REFUSED("bitfield of a pointer", -EINVAL,
		"\t(anon) type_id=2 bitfield_size=3 bits_offset=0 Invalid member bitfield_size\n",
		TYPE(0, BTF_KIND_PTR, 0, 0, 1), TYPE(0, BTF_KIND_STRUCT, 1, 1, 8), 0, 2, 3 << 24),
	REFUSED("array of itself", -EEXIST,
		"[2] ARRAY (anon) type_id=2 index_type_id=1 nr_elems=1 Loop detected\n",
		TYPE(0, BTF_KIND_ARRAY, 0, 0, 0), 2, 1, 1),
	REFUSED("structure in itself", -EEXIST, "[2] STRUCT (anon) size=4 vlen=1 Loop detected\n",
		TYPE(0, BTF_KIND_STRUCT, 0, 1, 4), 0, 3, 0, TYPE(0, BTF_KIND_CONST, 0, 0, 2)),
	REFUSED("pointer to itself", -EEXIST, "[2] PTR (anon) type_id=3 Loop detected\n",
		TYPE(0, BTF_KIND_PTR, 0, 0, 3), TYPE(0, BTF_KIND_CONST, 0, 0, 2)),
	REFUSED("prototype that returns itself", -EEXIST, " Loop detected\n",
		TYPE(0, BTF_KIND_FUNC_PROTO, 0, 0, 2)),
	REFUSED("array too large", -EINVAL, " Array size overflows U32_MAX\n",
		TYPE(0, BTF_KIND_ARRAY, 0, 0, 0), 1, 1, 0x40000000),
	REFUSED("argument id 0xffffffff", -EINVAL, " Invalid arg#1\n",
		TYPE(0, BTF_KIND_FUNC_PROTO, 0, 1, 0), 0, 0xffffffff),
	REFUSED("function of an int", -EINVAL, "[2] FUNC a type_id=1 Invalid type_id\n",
		TYPE(1, BTF_KIND_FUNC, 0, 0, 1)),
	REFUSED("variable in a structure", -EINVAL, " Invalid member\n",
		TYPE(1, BTF_KIND_VAR, 0, 0, 1), 0, TYPE(0, BTF_KIND_STRUCT, 0, 1, 4), 0, 2, 0),
	REFUSED("section of an int", -EINVAL,
		"\t type_id=1 offset=0 size=4 Not a VAR kind member\n",
		TYPE(1, BTF_KIND_DATASEC, 0, 1, 4), 1, 0, 4),
	REFUSED("tag on argument 0 of none", -EINVAL,
		"[4] DECL_TAG a type=3 component_idx=0 Invalid component_idx\n",
		TYPE(0, BTF_KIND_FUNC_PROTO, 0, 0, 0), TYPE(1, BTF_KIND_FUNC, 0, 0, 2),
		TYPE(1, BTF_KIND_DECL_TAG, 0, 0, 3), 0),
	REFUSED("tag behind const", -EINVAL, "Type tags don't precede modifiers",
		TYPE(0, BTF_KIND_CONST, 0, 0, 3), TYPE(1, BTF_KIND_TYPE_TAG, 0, 0, 1)),
};

static void test_refused(void)
{
	struct bvm_btf btf;
	struct blob blob;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(refused); i++) {
		const char *words = refused[i].words;
		int err;

		blob_make(&blob, refused[i].types, refused[i].len, "\0a\0b", 5);
		err = parse(&btf, blob.data, blob.size, NULL);
		CHECK(err == refused[i].err, "%s: %d", refused[i].name, err);
		CHECK(log_len >= strlen(words) &&
		      !strcmp(log_text + log_len - strlen(words), words), "%s: %s",
		      refused[i].name, log_text);
		if (!err)
			drop(&btf);
	}
}

/* As many references in a row as there may be, and one more. */
static void test_depth(void)
{
	u32 types[4 * 80], len = 0, i, deep;
	const u32 integer[] = { INT32 };
	struct bvm_btf btf;
	struct blob blob;

	memcpy(types, integer, sizeof(integer));
	for (deep = BVM_BTF_DEPTH - 1; deep <= BVM_BTF_DEPTH; deep++) {
		/* both ways round: the order of types makes no difference */
		len = ARRAY_SIZE(integer);
		for (i = 0; i < deep; i++) {
			const u32 t[] = { TYPE(0, BTF_KIND_CONST, 0, 0, i + 1) };

			memcpy(types + len, t, sizeof(t));
			len += ARRAY_SIZE(t);
		}
		blob_make(&blob, types, len * 4, "", 1);
		CHECK_EQ(parse(&btf, blob.data, blob.size, NULL),
			 deep < BVM_BTF_DEPTH ? 0 : -E2BIG);
		if (deep < BVM_BTF_DEPTH)
			drop(&btf);
		len = ARRAY_SIZE(integer);
		for (i = 0; i < deep; i++) {
			const u32 t[] = { TYPE(0, BTF_KIND_CONST, 0, 0, i < deep - 1 ? i + 3 : 1) };

			memcpy(types + len, t, sizeof(t));
			len += ARRAY_SIZE(t);
		}
		blob_make(&blob, types, len * 4, "", 1);
		CHECK_EQ(parse(&btf, blob.data, blob.size, NULL),
			 deep < BVM_BTF_DEPTH ? 0 : -E2BIG);
		if (deep < BVM_BTF_DEPTH)
			drop(&btf);
	}
}

/* Every failing allocation is an error, and nothing is left behind. */
static void test_memory(void)
{
	const u32 types[] = { INT32, TYPE(0, BTF_KIND_PTR, 0, 0, 1) };
	long live = host_alloc.live;
	struct bvm_btf btf;
	struct blob blob;
	u32 n;
	int err;

	blob_make(&blob, types, sizeof(types), "", 1);
	for (n = 1; n < 10; n++) {
		host_alloc_fail(n);
		err = parse(&btf, blob.data, blob.size, NULL);
		host_alloc_fail(0);
		if (!err)
			break;
		CHECK_EQ(err, -ENOMEM);
		CHECK_EQ(host_alloc.live, live);
	}
	CHECK_EQ(n, 4);
	drop(&btf);
	CHECK_EQ(host_alloc.live, live);
}

static void test_signal(void)
{
	u32 types[3 * 1100], i;
	struct bvm_btf btf;
	struct blob blob;

	for (i = 0; i < 1100; i++) {
		const u32 t[] = { TYPE(0, BTF_KIND_PTR, 0, 0, 0) };

		memcpy(types + 3 * i, t, sizeof(t));
	}
	blob_make(&blob, types, sizeof(types), "", 1);
	host_signal = true;
	CHECK_EQ(parse(&btf, blob.data, blob.size, NULL), -EAGAIN);
	host_signal = false;
}

/* ------------------------------------------------------- what can be found */

/*
 * struct inner { int x; struct outer *p; };
 * struct outer {
 *	int a;					0
 *	unsigned int f:5, g:20;			4
 *	struct inner in[3];			8, 24, 40
 *	union { int u; struct inner *q; };	56
 *	char *s;				64
 *	struct inner *user;			72, of user space
 *	int arr[2][3];				80
 *	struct outer *more[];			104
 * };
 */
enum {
	T_INT = 1, T_INNER, T_OUTER, T_OUTER_PTR, T_INNERS, T_UNION, T_INNER_PTR, T_CHAR,
	T_CHAR_PTR, T_TAG, T_USER_PTR, T_ROW, T_ROWS, T_MORE, T_CONST, T_TYPEDEF,
};

static const char names[] = "\0x\0p\0a\0f\0g\0in\0u\0q\0s\0user\0arr\0more\0inner\0outer\0outer_t";

static u32 name(const char *text)
{
	const char *at = memmem(names, sizeof(names), text, strlen(text) + 1);

	return at - names;
}

static void make_outer(struct bvm_btf *btf)
{
	const u32 types[] = {
		INT32,
		TYPE(name("inner"), BTF_KIND_STRUCT, 0, 2, 16),
			name("x"), T_INT, 0, name("p"), T_OUTER_PTR, 64,
		TYPE(name("outer"), BTF_KIND_STRUCT, 1, 9, 104),
			name("a"), T_INT, 0,
			name("f"), T_INT, 5 << 24 | 32, name("g"), T_INT, 20 << 24 | 37,
			name("in"), T_INNERS, 64,
			0, T_UNION, 56 * 8,
			name("s"), T_CHAR_PTR, 64 * 8,
			name("user"), T_USER_PTR, 72 * 8,
			name("arr"), T_ROWS, 80 * 8,
			name("more"), T_MORE, 104 * 8,
		TYPE(0, BTF_KIND_PTR, 0, 0, T_CONST),
		TYPE(0, BTF_KIND_ARRAY, 0, 0, 0), T_INNER, T_INT, 3,
		TYPE(0, BTF_KIND_UNION, 0, 2, 8),
			name("u"), T_INT, 0, name("q"), T_INNER_PTR, 0,
		TYPE(0, BTF_KIND_PTR, 0, 0, T_INNER),
		INT_TYPE(0, BTF_INT_CHAR, 0, 8, 1),
		TYPE(0, BTF_KIND_PTR, 0, 0, T_CHAR),
		TYPE(name("user"), BTF_KIND_TYPE_TAG, 0, 0, T_INNER),
		TYPE(0, BTF_KIND_PTR, 0, 0, T_TAG),
		TYPE(0, BTF_KIND_ARRAY, 0, 0, 0), T_INT, T_INT, 3,
		TYPE(0, BTF_KIND_ARRAY, 0, 0, 0), T_ROW, T_INT, 2,
		TYPE(0, BTF_KIND_ARRAY, 0, 0, 0), T_OUTER_PTR, T_INT, 0,
		TYPE(0, BTF_KIND_CONST, 0, 0, T_OUTER),
		TYPE(name("outer_t"), BTF_KIND_TYPEDEF, 0, 0, T_CONST),
	};
	struct blob blob;

	blob_make(&blob, types, sizeof(types), names, sizeof(names));
	if (!CHECK_EQ(parse(btf, blob.data, blob.size, NULL), 0))
		printf("# %s\n", log_text);
}

static void test_lookup(void)
{
	u32 id = T_TYPEDEF, size, to;
	struct bvm_btf btf;

	make_outer(&btf);
	CHECK_EQ(bvm_btf_find(&btf, "outer", BTF_KIND_STRUCT), T_OUTER);
	CHECK_EQ(bvm_btf_find(&btf, "outer", BTF_KIND_UNION), -ENOENT);
	CHECK_EQ(bvm_btf_kind(bvm_btf_type(&btf, 0)), BTF_KIND_UNKN);
	CHECK(!bvm_btf_type(&btf, T_TYPEDEF + 1), "behind the end");
	CHECK(!bvm_btf_type(&btf, U32_MAX), "far behind the end");
	CHECK(!strcmp(bvm_btf_str(&btf, U32_MAX), ""), "no string");
	CHECK(bvm_btf_resolve(&btf, &id) == bvm_btf_type(&btf, T_OUTER), "%u", id);
	CHECK_EQ(id, T_OUTER);
	CHECK(bvm_btf_pointed(&btf, T_OUTER_PTR, &to) == bvm_btf_type(&btf, T_OUTER), "%u", to);
	CHECK(!bvm_btf_pointed(&btf, T_INT, &to), "no pointer");
	CHECK_EQ(bvm_btf_size(&btf, T_TYPEDEF, &size), 0);
	CHECK_EQ(size, 104);
	CHECK_EQ(bvm_btf_size(&btf, T_ROWS, &size), 0);
	CHECK_EQ(size, 24);
	CHECK_EQ(bvm_btf_size(&btf, T_MORE, &size), 0);
	CHECK_EQ(size, 0);
	CHECK_EQ(bvm_btf_size(&btf, 0, &size), -EINVAL);
	drop(&btf);
}

static void test_walk(void)
{
	static const struct {
		u32 off, size;
		int err;
		u32 struct_id;
		const char *name;
	} loads[] = {
		{ 0, 4, 0, 0, "a" },
		{ 0, 1, 0, 0, "a" },
		{ 2, 2, 0, 0, "a" },
		{ 0, 8, -EACCES },		/* two members */
		{ 3, 2, -EACCES },
		{ 4, 4, 0, 0, "f" },
		{ 4, 1, 0, 0, "f" },
		{ 5, 4, -EACCES },		/* the end of g, and more */
		{ 4, 8, 0, 0, "f" },		/* a bitfield in a larger word */
		{ 8, 4, 0, 0, "x" },
		{ 12, 4, -EACCES },		/* a hole */
		{ 16, 8, 0, T_OUTER, "p" },
		{ 16, 4, -EACCES },		/* half of a pointer */
		{ 20, 8, -EACCES },
		{ 24, 4, 0, 0, "x" },		/* in[1] */
		{ 48, 8, 0, T_OUTER, "p" },	/* in[2] */
		{ 56, 4, 0, 0, "u" },
		{ 56, 8, 0, T_INNER, "q" },
		{ 60, 4, -EACCES },		/* the end of q */
		{ 64, 8, 0, 0, "s" },
		{ 72, 8, 0, 0, "user" },	/* of user space: a number */
		{ 80, 4, 0, 0, "arr" },
		{ 100, 4, 0, 0, "arr" },
		{ 98, 4, -EACCES },		/* across elements */
		{ 104, 8, 0, T_OUTER, "more" },
		{ 8104, 8, 0, T_OUTER, "more" },
		{ 8108, 4, -EACCES },
		{ 100, 8, -EACCES },		/* out of arr, into more */
		{ U32_MAX, 1, -EACCES },
		{ U32_MAX - 3, 8, -EACCES },
		{ 0, 0, -EACCES },
	};
	struct bvm_btf_place place;
	struct bvm_btf btf;
	u32 i;

	make_outer(&btf);
	for (i = 0; i < ARRAY_SIZE(loads); i++) {
		int err = bvm_btf_walk(&btf, T_CONST, loads[i].off, loads[i].size, &place);

		CHECK(err == loads[i].err, "%u+%u: %d", loads[i].off, loads[i].size, err);
		if (err)
			continue;
		CHECK(place.struct_id == loads[i].struct_id &&
		      place.pointer == !!loads[i].struct_id, "%u+%u: %u", loads[i].off,
		      loads[i].size, place.struct_id);
		CHECK(!strcmp(place.name, loads[i].name), "%u+%u: %s", loads[i].off,
		      loads[i].size, place.name);
	}
	CHECK_EQ(bvm_btf_walk(&btf, T_INT, 0, 4, &place), -EACCES);
	CHECK_EQ(bvm_btf_walk(&btf, 0, 0, 4, &place), -EACCES);
	/* behind the end of a structure that does not end in an array */
	CHECK_EQ(bvm_btf_walk(&btf, T_INNER, 16, 8, &place), -EACCES);
	drop(&btf);
}

/* Fields that the kernel would have to manage, however deep they are. */
static void test_special(void)
{
	static const char text[] = "\0bpf_timer\0bpf_timers\0kptr\0user";
	const u32 timer = 1, timers = 11, kptr = 22, user = 27;
	const u32 types[] = {
		INT32,
		/* 2 */ TYPE(timer, BTF_KIND_STRUCT, 0, 1, 4), 0, 1, 0,
		/* 3 */ TYPE(timers, BTF_KIND_STRUCT, 0, 1, 4), 0, 1, 0,
		/* 4 */ TYPE(0, BTF_KIND_ARRAY, 0, 0, 0), 2, 1, 3,
		/* 5 */ TYPE(0, BTF_KIND_STRUCT, 0, 2, 16), 0, 1, 0, 0, 4, 32,
		/* 6 */ TYPE(0, BTF_KIND_PTR, 0, 0, 2),
		/* 7 */ TYPE(kptr, BTF_KIND_TYPE_TAG, 0, 0, 3),
		/* 8 */ TYPE(0, BTF_KIND_PTR, 0, 0, 7),
		/* 9 */ TYPE(user, BTF_KIND_TYPE_TAG, 0, 0, 3),
		/* 10 */ TYPE(0, BTF_KIND_PTR, 0, 0, 9),
		/* 11 */ TYPE(0, BTF_KIND_UNION, 0, 2, 8), 0, 10, 0, 0, 8, 0,
		/* 12 */ TYPE(0, BTF_KIND_CONST, 0, 0, 11),
		/* 13 */ TYPE(timer, BTF_KIND_VAR, 0, 0, 2), 0,
		/* 14 */ TYPE(timer, BTF_KIND_DATASEC, 0, 1, 4), 13, 0, 4,
	};
	const u32 special = BIT(2) | BIT(4) | BIT(5) | BIT(8) | BIT(11) | BIT(12) | BIT(13) |
			    BIT(14);
	struct bvm_btf btf;
	struct blob blob;
	u32 id;

	blob_make(&blob, types, sizeof(types), text, sizeof(text));
	if (!CHECK_EQ(parse(&btf, blob.data, blob.size, NULL), 0))
		return;
	for (id = 0; id < 16; id++)
		CHECK(bvm_btf_is_special(&btf, id) == !!(special & BIT(id)), "type %u", id);
	drop(&btf);
}

/* Types of a module go on where those of the kernel end. */
static void test_split(void)
{
	static const char more[] = "extra";
	struct bvm_btf base, btf;
	struct blob blob;

	make_outer(&base);
	{
		const u32 types[] = {
			TYPE(sizeof(names), BTF_KIND_STRUCT, 0, 1, 104),
				name("in"), T_OUTER, 0,
			TYPE(0, BTF_KIND_PTR, 0, 0, T_TYPEDEF + 1),
		};

		blob_make(&blob, types, sizeof(types), more, sizeof(more));
	}
	CHECK_EQ(parse(&btf, blob.data, blob.size, &base), 0);
	CHECK_EQ(bvm_btf_find(&btf, "extra", BTF_KIND_STRUCT), T_TYPEDEF + 1);
	CHECK_EQ(bvm_btf_find(&btf, "outer", BTF_KIND_STRUCT), T_OUTER);
	CHECK_EQ(bvm_btf_find(&base, "extra", BTF_KIND_STRUCT), -ENOENT);
	CHECK(!strcmp(bvm_btf_str(&btf, name("in")), "in"), "string of the base");
	CHECK(!bvm_btf_has_str(&btf, sizeof(names) + sizeof(more)), "behind the strings");
	CHECK(!bvm_btf_type(&btf, T_TYPEDEF + 3), "behind the types");
	CHECK(bvm_btf_kind(bvm_btf_type(&btf, T_UNION)) == BTF_KIND_UNION, "type of the base");
	drop(&btf);
	{
		const u32 types[] = { TYPE(0, BTF_KIND_PTR, 0, 0, T_TYPEDEF + 2) };

		blob_make(&blob, types, sizeof(types), more, sizeof(more));
	}
	CHECK_EQ(parse(&btf, blob.data, blob.size, &base), -EINVAL);
	drop(&base);
}

/* ------------------------------------------------------------------ fuzzing */

static u64 fuzz_seed = 1;

static u32 fuzz_random(u32 below)
{
	fuzz_seed ^= fuzz_seed << 13;
	fuzz_seed ^= fuzz_seed >> 7;
	fuzz_seed ^= fuzz_seed << 17;
	return fuzz_seed % below;
}

/* Values that hit limits, kinds, ids and sizes more often than chance would. */
static u32 fuzz_value(u32 old)
{
	static const u32 edges[] = {
		0, 1, 2, 3, 4, 8, 16, 31, 32, 33, 64, 127, 128, 255, 0xffff, 0x10000, 0xfffff,
		0x100000, 0x7fffffff, 0x80000000, 0xfffffff8, 0xffffffff,
	};

	switch (fuzz_random(5)) {
	case 0:
		return edges[fuzz_random(ARRAY_SIZE(edges))];
	case 1:
		return fuzz_random(21) << 24 | fuzz_random(2) << 31 | fuzz_random(5);
	case 2:
		return old ^ 1U << fuzz_random(32);
	case 3:
		return old + fuzz_random(9) - 4;
	}
	return fuzz_random(20);
}

/* Whatever was accepted must be usable. */
static u32 fuzz_use(const struct bvm_btf *btf)
{
	struct bvm_btf_place place;
	u32 id, to, size, sum = 0;

	for (id = 0; id < btf->end; id++) {
		to = id;
		bvm_btf_resolve(btf, &to);
		bvm_btf_pointed(btf, id, &to);
		sum += !bvm_btf_size(btf, id, &size);
		for (size = 1; size <= 8; size *= 2)
			sum += !bvm_btf_walk(btf, id, fuzz_random(140), size, &place);
		sum += strlen(bvm_btf_str(btf, bvm_btf_type(btf, id)->name_off));
	}
	return sum;
}

static void test_fuzz(void)
{
	u32 i, n, accepted = 0, rounds = 40000;
	struct bvm_btf outer, btf;

	make_outer(&outer);
	for (i = 0; i < rounds; i++) {
		u32 size = outer.size, *data = malloc(size);

		memcpy(data, outer.data, size);
		for (n = fuzz_random(4) + 1; n; n--) {
			u32 at = fuzz_random(size / 4);

			data[at] = fuzz_value(data[at]);
		}
		if (!fuzz_random(20))
			size = fuzz_random(size);
		if (!parse(&btf, data, size, fuzz_random(4) ? NULL : &outer)) {
			accepted++;
			fuzz_use(&btf);
			drop(&btf);
		}
		free(data);
	}
	CHECK(accepted > rounds / 50 && accepted < rounds / 2, "%u accepted", accepted);
	drop(&outer);
}

int main(void)
{
	static const struct ktap_test tests[] = {
		{ "refused", test_refused },
		{ "depth", test_depth },
		{ "memory", test_memory },
		{ "signal", test_signal },
		{ "lookup", test_lookup },
		{ "walk", test_walk },
		{ "special", test_special },
		{ "split", test_split },
		{ "fuzz", test_fuzz },
	};

	return ktap_run(tests, ARRAY_SIZE(tests));
}
