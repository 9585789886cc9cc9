// SPDX-License-Identifier: GPL-2.0-only
/*
 * BPF_MAP_TYPE_LPM_TRIE: keys are prefixes, a lookup finds the longest that matches.
 * Documentation/bpf/map_lpm_trie.rst.
 *
 * A binary trie in which paths without branches are one edge.  A node has a prefix,
 * and up to two children whose longer prefixes begin with it; which child is said by
 * the bit that follows the node's prefix.  A node without a value is there because it
 * has two children, so there are fewer of them than values.
 *
 * Writers hold the map's lock.  Readers hold nothing and write nothing, as in the hash
 * table (htab.h): a link changes by one store, a node is complete when it is linked,
 * and one that was unlinked may be used again at once.  Each removal counts up @seq
 * after the unlinking and before the reuse; a reader trusts what it has read of a node
 * if @seq is what it was when the reader started, and starts again otherwise.
 */
#include "../deps.h"
#include "lock.h"
#include "maps.h"
#include "pool.h"

#define LPM_FLAGS	(BPF_F_NO_PREALLOC | BPF_F_NUMA_NODE | BVM_MAP_ACCESS)

#define LPM_KEY_HEAD	offsetof(struct bpf_lpm_trie_key_u8, data)
#define LPM_DATA_MAX	256	/* bytes of the longest prefix */
/* as the stock kernel, whose nodes are allocated one by one */
#define LPM_VALUE_MAX	(KMALLOC_MAX_SIZE - LPM_DATA_MAX - 40)

/**
 * struct bvm_lpm_node - a node; its value follows the data, aligned to 8
 * @next:	the pool's
 * @child:	numbers of the nodes that go on with a 0 and a 1, or 0
 * @prefixlen:	bits of @data that count
 * @has_value:	the prefix is in the map; otherwise the node is a branch only
 * @data:	prefix, the first bit in the top of the first byte
 */
struct bvm_lpm_node {
	u32 next;
	u32 child[2];
	u16 prefixlen;
	u16 has_value;
	u8 data[];
};

/**
 * struct bvm_lpm - a trie
 * @map:	common part
 * @data_size:	bytes of a prefix
 * @value_off:	offset of the value in a node
 * @pool:	nodes
 * @lock:	of writers, see lock.h
 * @seq:	removals so far
 * @root:	number of the topmost node, or 0
 * @count:	values in the map
 */
struct bvm_lpm {
	struct bvm_map map;
	u32 data_size;
	u32 value_off;
	struct bvm_pool pool;
	u32 lock;
	u32 seq;
	u32 root;
	u32 count;
};

static struct bvm_lpm *lpm_of(const struct bvm_map *map)
{
	return container_of(map, struct bvm_lpm, map);
}

static struct bvm_lpm_node *lpm_node(const struct bvm_lpm *t, u32 n)
{
	return bvm_pool_elem(&t->pool, n);
}

static void *lpm_value(const struct bvm_lpm *t, u32 n)
{
	return (void *)lpm_node(t, n) + t->value_off;
}

/* --------------------------------------------------------- making, unmaking */

static int lpm_check(const struct bvm_map_spec *spec)
{
	if (!bvm_map_flags_ok(spec, LPM_FLAGS) || !(spec->flags & BPF_F_NO_PREALLOC))
		return -EINVAL;
	if (spec->key_size <= LPM_KEY_HEAD || spec->key_size > LPM_KEY_HEAD + LPM_DATA_MAX)
		return -EINVAL;
	if (!spec->value_size || spec->value_size > LPM_VALUE_MAX || !spec->max_entries)
		return -EINVAL;
	return 0;
}

static void lpm_free(struct bvm_map *map)
{
	bvm_pool_destroy(&lpm_of(map)->pool);
	kfree(lpm_of(map));
}

static struct bvm_map *lpm_alloc(const struct bvm_map_spec *spec)
{
	struct bvm_lpm *t = kzalloc_node(sizeof(*t), GFP_KERNEL_ACCOUNT, spec->numa_node);

	if (!t)
		return ERR_PTR(-ENOMEM);
	t->data_size = spec->key_size - LPM_KEY_HEAD;
	t->value_off = round_up(offsetof(struct bvm_lpm_node, data) + t->data_size, 8);
	t->pool.elem_size = t->value_off + round_up(spec->value_size, 8);
	/* a branch for each value but one, and a node with which to replace another */
	t->pool.nr_elems = min_t(u64, 2 * (u64)spec->max_entries, BIT(30));
	t->pool.numa_node = spec->numa_node;
	t->pool.grows = true;
	if (bvm_pool_init(&t->pool, 0)) {
		lpm_free(&t->map);
		return ERR_PTR(-ENOMEM);
	}
	return &t->map;
}

static u64 lpm_memory(const struct bvm_map *map)
{
	return sizeof(struct bvm_lpm) + bvm_pool_memory(&lpm_of(map)->pool);
}

/* ----------------------------------------------------------------- prefixes */

/**
 * struct bvm_lpm_key - a key of a program's or a system call's
 * @len:	bits of @data that count
 * @data:	prefix
 */
struct bvm_lpm_key {
	u32 len;
	const u8 *data;
};

/* False: the prefix is longer than the map's. */
static bool lpm_key(const struct bvm_lpm *t, const void *from, struct bvm_lpm_key *key)
{
	key->len = get_unaligned((const u32 *)from);
	key->data = from + LPM_KEY_HEAD;
	return key->len <= t->data_size * BITS_PER_BYTE;
}

static u32 lpm_bit(const u8 *data, u32 i)
{
	return data[i / BITS_PER_BYTE] >> (BITS_PER_BYTE - 1 - i % BITS_PER_BYTE) & 1;
}

/* How many of the first @limit bits are the same. */
static u32 lpm_common(const struct bvm_lpm *t, const u8 *a, const u8 *b, u32 limit)
{
	u32 off = 0, diff;

	for (; off + 4 <= t->data_size && off * BITS_PER_BYTE < limit; off += 4) {
		diff = get_unaligned_be32(a + off) ^ get_unaligned_be32(b + off);
		if (diff)
			return min(limit, off * BITS_PER_BYTE + 32 - fls(diff));
	}
	for (; off < t->data_size && off * BITS_PER_BYTE < limit; off++) {
		diff = a[off] ^ b[off];
		if (diff)
			return min(limit, off * BITS_PER_BYTE + 8 - fls(diff));
	}
	return limit;
}

/* ------------------------------------------------------------------ readers */

/**
 * struct bvm_lpm_found - what a reader found
 * @n:		number of the node, 0: nothing matches
 * @seq:	if @seq of the trie has changed after a later read of the node, that read
 *		is void
 */
struct bvm_lpm_found {
	u32 n;
	u32 seq;
};

/*
 * The lowest node with a value, and @limit bits at most, to which the bits of a key lead;
 * those between them are not compared.  False: what has been read does not go together.
 */
static __always_inline bool lpm_descend(const struct bvm_lpm *t, const u8 *data, u32 limit,
					u32 *found)
{
	const struct bvm_lpm_node *node;
	u32 n, len, least = 0;

	*found = 0;
	for (n = READ_ONCE(t->root); n; n = READ_ONCE(node->child[lpm_bit(data, len)])) {
		/* Ordered after the link by the address, before its publication by the writer. */
		node = lpm_node(t, n);
		len = READ_ONCE(node->prefixlen);
		if (len > limit)
			break;
		/* they get longer on the way down, unless it leads through nodes used again */
		if (unlikely(len < least))
			return false;
		least = len + 1;
		if (READ_ONCE(node->has_value))
			*found = n;
		if (len == limit)
			break;
	}
	return true;
}

/*
 * The longest prefix with a value that @key begins with.  What a prefix begins with is above
 * it: only the lowest is compared with the key.  If they differ, what the key begins with is
 * further up, and no longer than what they have in common.
 *
 * Starts again only when another CPU has removed a node meanwhile.  Any context incl. NMI.
 */
static struct bvm_lpm_found lpm_find(const struct bvm_lpm *t, const struct bvm_lpm_key *key)
{
	const struct bvm_lpm_node *node;
	struct bvm_lpm_found found;
	u32 limit, len;
	bool whole;

again:
	limit = key->len;
	/* Before the links: what is linked now has not been removed by then. */
	found.seq = smp_load_acquire(&t->seq);
	do {
		whole = lpm_descend(t, key->data, limit, &found.n);
		len = 0;
		limit = 0;
		if (found.n) {
			node = lpm_node(t, found.n);
			len = READ_ONCE(node->prefixlen);
			limit = lpm_common(t, node->data, key->data, len);
		}
		/* Pairs with smp_wmb() in lpm_removed(): who saw the reuse sees the count. */
		smp_rmb();
		if (unlikely(!whole || READ_ONCE(t->seq) != found.seq))
			goto again;
	} while (limit < len);
	return found;
}

static void *lpm_lookup(struct bvm_map *map, const void *key)
{
	struct bvm_lpm *t = lpm_of(map);
	struct bvm_lpm_key k;
	u32 n;

	if (!lpm_key(t, key, &k))
		return NULL;
	n = lpm_find(t, &k).n;
	return n ? lpm_value(t, n) : NULL;
}

/* Becomes the writer, with interrupts off. */
static int lpm_lock(struct bvm_lpm *t, unsigned long *irq)
{
	int err;

	local_irq_save(*irq);
	err = bvm_lock(&t->lock);
	if (err)
		local_irq_restore(*irq);
	return err;
}

static void lpm_unlock(struct bvm_lpm *t, unsigned long irq)
{
	bvm_unlock(&t->lock);
	local_irq_restore(irq);
}

/* The copy is of one value, also when its node is used again meanwhile. */
static int lpm_copy_out(struct bvm_map *map, const void *key, void *value, u64 flags)
{
	struct bvm_lpm *t = lpm_of(map);
	struct bvm_lpm_found found;
	struct bvm_lpm_key k;
	unsigned long irq;
	int tries, err;

	if (!lpm_key(t, key, &k))
		return -ENOENT;
	for (tries = 0; tries < 16; tries++) {
		found = lpm_find(t, &k);
		if (!found.n)
			return -ENOENT;
		memcpy(value, lpm_value(t, found.n), map->value_size);
		/* as in lpm_find() */
		smp_rmb();
		if (READ_ONCE(t->seq) == found.seq)
			return 0;
	}
	/* with removals held off */
	err = lpm_lock(t, &irq);
	if (err)
		return err;
	found = lpm_find(t, &k);
	if (found.n)
		memcpy(value, lpm_value(t, found.n), map->value_size);
	lpm_unlock(t, irq);
	return found.n ? 0 : -ENOENT;
}

/* ------------------------------------------------------------------ writers */

/* Nodes have been unlinked, or a value is gone; only now they can be reused. */
static void lpm_removed(struct bvm_lpm *t)
{
	/*
	 * Unlink, count, reuse.  A reader that took the old link had read @seq before;
	 * if it reads the reused node, it sees @seq changed (smp_rmb() in lpm_find()).
	 */
	smp_wmb();
	WRITE_ONCE(t->seq, t->seq + 1);
	/* the count before the reuse, see above */
	smp_wmb();
}

/**
 * struct bvm_lpm_place - where a key is, or would be; the lock is held
 * @link:	the link to the node that has the key's prefix or a longer one; to the
 *		first node that disagrees with the key; or at the end, 0
 * @up:		the link to the node in which @link is, or NULL
 * @common:	bits that the key and the node at @link have in common
 */
struct bvm_lpm_place {
	u32 *link;
	u32 *up;
	u32 common;
};

static struct bvm_lpm_place lpm_place(struct bvm_lpm *t, const struct bvm_lpm_key *key)
{
	struct bvm_lpm_place p = { .link = &t->root };
	struct bvm_lpm_node *node;

	while (*p.link) {
		node = lpm_node(t, *p.link);
		p.common = lpm_common(t, node->data, key->data, min(node->prefixlen, key->len));
		if (p.common < node->prefixlen || node->prefixlen == key->len)
			break;
		p.up = p.link;
		p.link = &node->child[lpm_bit(key->data, node->prefixlen)];
	}
	return p;
}

/* Is the key's very prefix at a place?  Maybe as a branch only. */
static bool lpm_is_at(const struct bvm_lpm *t, const struct bvm_lpm_place *p,
		      const struct bvm_lpm_key *key)
{
	return *p->link && p->common == key->len &&
	       lpm_node(t, *p->link)->prefixlen == key->len;
}

/* A node that nobody can see yet. */
static void lpm_fill(struct bvm_lpm *t, u32 n, const u8 *data, u32 prefixlen, const void *value)
{
	struct bvm_lpm_node *node = lpm_node(t, n);

	WRITE_ONCE(node->child[0], 0);
	WRITE_ONCE(node->child[1], 0);
	WRITE_ONCE(node->prefixlen, prefixlen);
	WRITE_ONCE(node->has_value, !!value);
	memcpy(node->data, data, t->data_size);
	if (value)
		memcpy(lpm_value(t, n), value, t->map.value_size);
}

/* The pool is large enough for max_entries; what it says must not look like a full map. */
static int lpm_take_node(struct bvm_lpm *t, u32 *n)
{
	int err = bvm_pool_take(&t->pool, n);

	return err == -E2BIG ? -ENOSPC : err;
}

/* Another node with the same prefix takes the place of one. */
static int lpm_replace(struct bvm_lpm *t, u32 *link, const struct bvm_lpm_key *key,
		       const void *value)
{
	u32 old = *link, new;
	int err;

	err = lpm_take_node(t, &new);
	if (err)
		return err;
	lpm_fill(t, new, key->data, key->len, value);
	WRITE_ONCE(lpm_node(t, new)->child[0], lpm_node(t, old)->child[0]);
	WRITE_ONCE(lpm_node(t, new)->child[1], lpm_node(t, old)->child[1]);
	/* Pairs with the address dependency in lpm_find(). */
	smp_store_release(link, new);
	lpm_removed(t);
	bvm_pool_give(&t->pool, old);
	return 0;
}

/* A node for a new prefix goes to where @p says. */
static int lpm_insert(struct bvm_lpm *t, const struct bvm_lpm_place *p,
		      const struct bvm_lpm_key *key, const void *value)
{
	u32 below = *p->link, new, branch;
	const u8 *data = below ? lpm_node(t, below)->data : NULL;
	int err;

	err = lpm_take_node(t, &new);
	if (err)
		return err;
	lpm_fill(t, new, key->data, key->len, value);
	branch = new;
	if (below && p->common < key->len) {
		err = lpm_take_node(t, &branch);
		if (err) {
			bvm_pool_give(&t->pool, new);
			return err;
		}
		lpm_fill(t, branch, key->data, p->common, NULL);
		WRITE_ONCE(lpm_node(t, branch)->child[lpm_bit(key->data, p->common)], new);
	}
	if (below)
		WRITE_ONCE(lpm_node(t, branch)->child[lpm_bit(data, p->common)], below);
	/* Pairs with the address dependency in lpm_find(). */
	smp_store_release(p->link, branch);
	return 0;
}

static int lpm_update_locked(struct bvm_lpm *t, const struct bvm_lpm_key *key,
			     const void *value, u64 flags)
{
	struct bvm_lpm_place p = lpm_place(t, key);
	bool at = lpm_is_at(t, &p, key);
	int err;

	if (at && lpm_node(t, *p.link)->has_value)
		return flags == BPF_NOEXIST ? -EEXIST : lpm_replace(t, p.link, key, value);
	if (flags == BPF_EXIST)
		return -ENOENT;
	if (t->count == t->map.max_entries)
		return -ENOSPC;
	err = at ? lpm_replace(t, p.link, key, value) : lpm_insert(t, &p, key, value);
	if (!err)
		t->count++;
	return err;
}

static long lpm_update(struct bvm_map *map, const void *key, const void *value, u64 flags)
{
	struct bvm_lpm *t = lpm_of(map);
	struct bvm_lpm_key k;
	unsigned long irq;
	int err;

	if (flags > BPF_EXIST || !lpm_key(t, key, &k))
		return -EINVAL;
	err = lpm_lock(t, &irq);
	if (err)
		return err;
	err = lpm_update_locked(t, &k, value, flags);
	lpm_unlock(t, irq);
	return err;
}

/* For a system call: lets the pool grow when it is empty. */
static int lpm_copy_in(struct bvm_map *map, const void *key, const void *value, u64 flags)
{
	int err;

	while ((err = lpm_update(map, key, value, flags)) == -ENOMEM) {
		err = bvm_pool_extend(&lpm_of(map)->pool);
		if (err)
			break;
	}
	return err;
}

/*
 * Takes the node at @p out.  Its only child takes its place; a branch that would be
 * left with one child goes as well.
 */
static void lpm_unlink(struct bvm_lpm *t, const struct bvm_lpm_place *p)
{
	u32 n = *p->link, up = p->up ? *p->up : 0;
	struct bvm_lpm_node *node = lpm_node(t, n), *branch;

	if (node->child[0] && node->child[1]) {
		WRITE_ONCE(node->has_value, 0);
		lpm_removed(t);
		return;
	}
	if (node->child[0] || node->child[1] || !up || lpm_node(t, up)->has_value) {
		/* Orders the child's contents before the link to it. */
		smp_store_release(p->link, node->child[0] ?: node->child[1]);
		lpm_removed(t);
		bvm_pool_give(&t->pool, n);
		return;
	}
	branch = lpm_node(t, up);
	/* Orders the sibling's contents before the link to it, as do the others. */
	smp_store_release(p->up, branch->child[p->link == &branch->child[0]]);
	lpm_removed(t);
	bvm_pool_give(&t->pool, n);
	bvm_pool_give(&t->pool, up);
}

static long lpm_delete(struct bvm_map *map, const void *key)
{
	struct bvm_lpm *t = lpm_of(map);
	struct bvm_lpm_place p;
	struct bvm_lpm_key k;
	unsigned long irq;
	int err;

	if (!lpm_key(t, key, &k))
		return -EINVAL;
	err = lpm_lock(t, &irq);
	if (err)
		return err;
	p = lpm_place(t, &k);
	if (lpm_is_at(t, &p, &k) && lpm_node(t, *p.link)->has_value) {
		lpm_unlink(t, &p);
		t->count--;
	} else {
		err = -ENOENT;
	}
	lpm_unlock(t, irq);
	return err;
}

/* --------------------------------------------------------- the walk over keys */

/* The first of a subtree, children before parents: a node without children has a value. */
static u32 lpm_first(const struct bvm_lpm *t, u32 n)
{
	const struct bvm_lpm_node *node;
	u32 next = n;

	while (next) {
		n = next;
		node = lpm_node(t, n);
		next = node->child[0] ?: node->child[1];
	}
	return n;
}

/*
 * The node after that of @key; children come before parents, zeroes before ones.  Of
 * the nodes above it the lowest counts that has a value, or another subtree to come.
 * If the map does not have @key, the first node.  The lock is held.
 */
static u32 lpm_after(const struct bvm_lpm *t, const struct bvm_lpm_key *key)
{
	u32 n = t->root, after = 0, subtree = 0, bit;
	const struct bvm_lpm_node *node;

	for (; n; n = node->child[bit]) {
		node = lpm_node(t, n);
		if (node->prefixlen > key->len ||
		    lpm_common(t, node->data, key->data, node->prefixlen) < node->prefixlen)
			break;
		if (node->prefixlen == key->len) {
			if (!node->has_value)
				break;
			return subtree ? lpm_first(t, subtree) : after;
		}
		bit = lpm_bit(key->data, node->prefixlen);
		if (!bit && node->child[1]) {
			subtree = node->child[1];
		} else if (node->has_value) {
			after = n;
			subtree = 0;
		}
	}
	return lpm_first(t, t->root);
}

static int lpm_next_key(struct bvm_map *map, const void *key, void *next)
{
	struct bvm_lpm *t = lpm_of(map);
	struct bvm_lpm_node *node;
	struct bvm_lpm_key k;
	unsigned long irq;
	u32 n;
	int err;

	err = lpm_lock(t, &irq);
	if (err)
		return err;
	n = key && lpm_key(t, key, &k) ? lpm_after(t, &k) : lpm_first(t, t->root);
	if (n) {
		node = lpm_node(t, n);
		put_unaligned((u32)node->prefixlen, (u32 *)next);
		memcpy(next + LPM_KEY_HEAD, node->data, t->data_size);
	}
	lpm_unlock(t, irq);
	return n ? 0 : -ENOENT;
}

const struct bvm_map_type bvm_lpm_trie_map = {
	.id = BPF_MAP_TYPE_LPM_TRIE,
	.name = "lpm_trie",
	.caps = BVM_MAP_LOOKUP | BVM_MAP_UPDATE | BVM_MAP_DELETE |
		BVM_MAP_BATCH | BVM_MAP_BATCH_DELETE,
	.flags = LPM_FLAGS,
	.check = lpm_check,
	.alloc = lpm_alloc,
	.free = lpm_free,
	.lookup = lpm_lookup,
	.update = lpm_update,
	.delete = lpm_delete,
	.next_key = lpm_next_key,
	.copy_in = lpm_copy_in,
	.copy_out = lpm_copy_out,
	.memory = lpm_memory,
};
