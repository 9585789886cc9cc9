// SPDX-License-Identifier: GPL-2.0-only
/*
 * What maps of sockets share: the life of an entry, and access by programs and system calls
 * (Documentation/bpf/map_sockmap.rst).
 *
 * An entry has no reference to its socket: a map keeps neither sockets nor their network
 * namespaces.  It is in a list of all entries whose sockets have the same hash, with a lock,
 * and when a socket is closed, or its memory is about to be freed, bvm_sock_gone() takes its
 * entries out of that list and then out of their maps.  So:
 *
 * - While the lock of the list is held, the socket of an entry in it has its memory.  There a
 *   program gets its reference.  A socket that has SOCK_RCU_FREE needs none: if it had one of
 *   its own when it was found, its memory stays until the end of the program's RCU section.
 * - Who puts a socket into a map has it from somewhere that keeps its memory.  So that comes
 *   before the last call of bvm_sock_gone(), which finds the entry.
 * - A program may put a socket into a map while that is being closed, after the first call.
 *   What is closed is not found (SOCK_DEAD).
 *
 * The lock of a map is taken before that of a list.  bvm_sock_gone() holds one at a time: an
 * entry that it has taken out of the list stays, and so does its map, until the end of its
 * RCU section.  An entry enters list and map under the lock of the map, so that it is in
 * both, or in none, for whoever holds that.
 */
#include "../deps.h"
#include <linux/hash.h>
#include <linux/net.h>
#include <linux/sock_diag.h>
#include <net/bpf_sk_storage.h>
#include <net/sock.h>
#include <net/tcp_states.h>
#include "../sock_view.h"
#include "lock.h"
#include "sock_map.h"

#define SOCK_BUCKET_BITS	10

/**
 * struct bvm_sock_bucket - entries of sockets with the same hash
 * @lock:	as of bvm_spin_lock()
 * @entries:	entries
 */
struct bvm_sock_bucket {
	u32 lock;
	struct hlist_head entries;
};

static struct bvm_sock_bucket sock_buckets[1 << SOCK_BUCKET_BITS];

static struct bvm_sock_bucket *sock_bucket(const struct sock *sk)
{
	return &sock_buckets[hash_ptr(sk, SOCK_BUCKET_BITS)];
}

/* Interrupts off, too: a program may be run in any of them. */
static unsigned long sock_lock(u32 *lock)
{
	unsigned long flags;

	local_irq_save(flags);
	bvm_spin_lock(lock);
	return flags;
}

static void sock_unlock(u32 *lock, unsigned long flags)
{
	bvm_spin_unlock(lock);
	local_irq_restore(flags);
}

/* ---------------------------------------------------------- life of an entry */

static struct bvm_sock_entry *sock_entry_make(struct bvm_sock_map *map, const void *key,
					      u32 place, gfp_t gfp)
{
	u32 size = map->layout->keys ? map->map.key_size : 0;
	struct bvm_sock_entry *entry;

	entry = kzalloc_node(struct_size(entry, key, size), gfp | __GFP_NOWARN,
			     map->map.numa_node);
	if (!entry)
		return NULL;
	entry->home = map;
	entry->place = place;
	memcpy(entry->key, key, size);
	return entry;
}

/* Under the lock of the map. */
static void sock_entry_link(struct bvm_sock_entry *entry, struct sock *sk)
{
	struct bvm_sock_bucket *bucket = sock_bucket(sk);
	unsigned long flags = sock_lock(&bucket->lock);

	entry->bucket = bucket;
	entry->sk = sk;
	hlist_add_head(&entry->node, &bucket->entries);
	sock_unlock(&bucket->lock, flags);
}

static void sock_entry_unlink(struct bvm_sock_entry *entry)
{
	unsigned long flags = sock_lock(&entry->bucket->lock);

	if (entry->sk)
		hlist_del(&entry->node);
	entry->sk = NULL;
	sock_unlock(&entry->bucket->lock, flags);
}

/* An entry that is not in its map, or not any more; NULL will do. */
static void sock_entry_free(struct bvm_sock_entry *entry)
{
	if (!entry)
		return;
	if (entry->bucket)
		sock_entry_unlink(entry);
	kfree_rcu(entry, rcu);
}

/* Under the lock of the map. */
static bool sock_take_out(struct bvm_sock_map *map, struct bvm_sock_entry *entry)
{
	if (!entry || !entry->inside)
		return false;
	entry->inside = false;
	map->layout->take_out(map, entry);
	return true;
}

/**
 * bvm_sock_map_drop - take an entry out and free it
 * @map:	map
 * @entry:	entry that is in it or was, under RCU; or NULL
 * Any context but NMI.
 */
void bvm_sock_map_drop(struct bvm_sock_map *map, struct bvm_sock_entry *entry)
{
	unsigned long flags = sock_lock(&map->lock);
	bool taken = sock_take_out(map, entry);

	sock_unlock(&map->lock, flags);
	if (taken)
		sock_entry_free(entry);
}

/* An entry of @sk, which has no socket now; NULL: there is none. */
static struct bvm_sock_entry *sock_detach(struct bvm_sock_bucket *bucket, const struct sock *sk)
{
	unsigned long flags = sock_lock(&bucket->lock);
	struct bvm_sock_entry *entry;

	hlist_for_each_entry(entry, &bucket->entries, node)
		if (entry->sk == sk)
			break;
	if (entry) {
		hlist_del(&entry->node);
		entry->sk = NULL;
	}
	sock_unlock(&bucket->lock, flags);
	return entry;
}

/**
 * bvm_sock_gone - a socket leaves all maps
 * @sk:		socket, which is closed now, or whose memory will be freed
 * Any context but NMI.
 */
void bvm_sock_gone(struct sock *sk)
{
	struct bvm_sock_bucket *bucket = sock_bucket(sk);
	struct bvm_sock_entry *entry;

	/* Pairs with sock_unlock(): who emptied the list is done with its sockets. */
	if (!smp_load_acquire(&bucket->entries.first))
		return;
	rcu_read_lock();
	while ((entry = sock_detach(bucket, sk)))
		bvm_sock_map_drop(entry->home, entry);
	rcu_read_unlock();
}

/* ------------------------------------------------- from an entry to a socket */

/* Under the lock of the bucket. */
static bool sock_open(const struct bvm_sock_entry *entry)
{
	return entry->sk && !sock_flag(entry->sk, SOCK_DEAD);
}

/**
 * bvm_sock_entry_open - does an entry count?
 * @entry:	entry, under RCU or the lock of its map
 * Any context but NMI.  Return: false if its socket is closed.
 */
bool bvm_sock_entry_open(struct bvm_sock_entry *entry)
{
	unsigned long flags = sock_lock(&entry->bucket->lock);
	bool open = sock_open(entry);

	sock_unlock(&entry->bucket->lock, flags);
	return open;
}

/* As bpf_sk_release() gives it back, see above. */
static bool sock_hold_whole(struct sock *sk)
{
	if (sk_is_refcounted(sk))
		return refcount_inc_not_zero(&sk->sk_refcnt);
	return refcount_read(&sk->sk_refcnt);
}

static struct sock *sock_entry_get(struct bvm_sock_entry *entry)
{
	unsigned long flags = sock_lock(&entry->bucket->lock);
	struct sock *sk = sock_open(entry) && sock_hold_whole(entry->sk) ? entry->sk : NULL;

	sock_unlock(&entry->bucket->lock, flags);
	return sk;
}

/* A number that names the socket, 0: it is closed. */
static u64 sock_entry_cookie(struct bvm_sock_entry *entry)
{
	unsigned long flags = sock_lock(&entry->bucket->lock);
	u64 cookie = sock_open(entry) ? __sock_gen_cookie(entry->sk) : 0;

	sock_unlock(&entry->bucket->lock, flags);
	return cookie;
}

/* Sockets that maps take; @sk may be any that a program can have. */
static int sock_check(const struct sock *sk)
{
	bool fits = false;

	if (!sk_fullsock(sk))
		return -EINVAL;
	if (sk_is_tcp(sk))
		fits = (1 << READ_ONCE(sk->sk_state)) & (TCPF_ESTABLISHED | TCPF_LISTEN);
	else if (sk_is_udp(sk))
		fits = sk_hashed(sk);
	return fits && !sock_flag(sk, SOCK_DEAD) ? 0 : -EOPNOTSUPP;
}

/* -------------------------------------------------------------------- access */

/**
 * bvm_sock_map_check - is a request for a map of sockets in order
 * @spec:	request
 * Process context.  Return: 0, -EINVAL, -EPERM.
 */
int bvm_sock_map_check(const struct bvm_map_spec *spec)
{
	if (!spec->max_entries || !spec->key_size ||
	    (spec->value_size != sizeof(u32) && spec->value_size != sizeof(u64)) ||
	    !bvm_map_flags_ok(spec, BVM_SOCK_MAP_FLAGS))
		return -EINVAL;
	return capable(CAP_NET_ADMIN) || capable(CAP_SYS_ADMIN) ? 0 : -EPERM;
}

static struct bvm_sock_entry *sock_find(const struct bvm_sock_map *map, const void *key)
{
	return map->layout->find(map, key, map->layout->place(map, key));
}

/**
 * bvm_sock_map_lookup - &struct bvm_map_type.lookup
 * @map:	map of sockets
 * @key:	key
 * Any context but NMI, under RCU.
 * Return: socket, as bpf_sk_release() takes it back; or NULL.
 */
void *bvm_sock_map_lookup(struct bvm_map *map, const void *key)
{
	struct bvm_sock_entry *entry = sock_find(bvm_sock_map_of(map), key);

	return entry ? sock_entry_get(entry) : NULL;
}

/* Under the lock of the map: @new, with @sk, in place of @old. */
static int sock_exchange(struct bvm_sock_map *map, struct bvm_sock_entry *new, struct sock *sk,
			 struct bvm_sock_entry *old, u64 flags)
{
	bool open = old && bvm_sock_entry_open(old);
	int err;

	if (open && flags == BPF_NOEXIST)
		return -EEXIST;
	if (!open && flags == BPF_EXIST)
		return -ENOENT;
	sock_entry_link(new, sk);
	err = map->layout->put_in(map, new, old);
	if (err)
		return err;
	new->inside = true;
	if (old)
		old->inside = false;
	return 0;
}

static int sock_set(struct bvm_sock_map *map, const void *key, struct sock *sk, u64 update,
		    gfp_t gfp)
{
	u32 place = map->layout->place(map, key);
	struct bvm_sock_entry *new, *old;
	unsigned long flags;
	int err;

	if (update > BPF_EXIST)
		return -EINVAL;
	err = sock_check(sk);
	if (err)
		return err;
	new = sock_entry_make(map, key, place, gfp);
	if (!new)
		return -ENOMEM;
	flags = sock_lock(&map->lock);
	old = map->layout->find(map, key, place);
	err = sock_exchange(map, new, sk, old, update);
	sock_unlock(&map->lock, flags);
	sock_entry_free(err ? new : old);
	return err;
}

/**
 * bvm_sock_map_update - &struct bvm_map_type.update
 * @map:	map of sockets
 * @key:	key
 * @sk:		socket; the program need not have a reference of its own
 * @flags:	BPF_ANY, BPF_NOEXIST, BPF_EXIST
 *
 * Any context but NMI, under RCU.
 *
 * Return: 0; -EINVAL: other flags, or not a whole socket; -EOPNOTSUPP: neither TCP, connected
 * or listening, nor bound UDP; -EEXIST, -ENOENT, -E2BIG, -ENOMEM.
 */
long bvm_sock_map_update(struct bvm_map *map, const void *key, const void *sk, u64 flags)
{
	return sock_set(bvm_sock_map_of(map), key, (struct sock *)sk, flags, GFP_ATOMIC);
}

/**
 * bvm_sock_map_delete - &struct bvm_map_type.delete
 * @map:	map of sockets
 * @key:	key
 * Any context but NMI, under RCU.  Return: 0, -EINVAL or -ENOENT: there is none.
 */
long bvm_sock_map_delete(struct bvm_map *map, const void *key)
{
	struct bvm_sock_map *socks = bvm_sock_map_of(map);
	unsigned long flags = sock_lock(&socks->lock);
	struct bvm_sock_entry *entry = sock_find(socks, key);
	bool open = entry && bvm_sock_entry_open(entry);
	bool taken = sock_take_out(socks, entry);

	sock_unlock(&socks->lock, flags);
	if (taken)
		sock_entry_free(entry);
	return open ? 0 : socks->layout->absent;
}

/**
 * bvm_sock_map_copy_in - &struct bvm_map_type.copy_in: a socket by its descriptor
 * @map:	map of sockets
 * @key:	key
 * @value:	descriptor, u32 or u64
 * @flags:	as for bvm_sock_map_update()
 *
 * Process context, may sleep.
 *
 * Return: as bvm_sock_map_update(); -EINVAL: a number that no descriptor has, -EBADF,
 * -ENOTSOCK.
 */
int bvm_sock_map_copy_in(struct bvm_map *map, const void *key, const void *value, u64 flags)
{
	u64 fd = map->value_size == sizeof(u64) ? get_unaligned((const u64 *)value) :
						  get_unaligned((const u32 *)value);
	struct socket *sock;
	int err;

	if (fd > S32_MAX)
		return -EINVAL;
	sock = sockfd_lookup(fd, &err);
	if (!sock)
		return err;
	err = sock->sk ? sock_set(bvm_sock_map_of(map), key, sock->sk, flags,
				  GFP_KERNEL_ACCOUNT) : -EINVAL;
	sockfd_put(sock);
	return err;
}

/**
 * bvm_sock_map_copy_out - &struct bvm_map_type.copy_out: the cookie of a socket
 * @map:	map of sockets
 * @key:	key
 * @value:	where the u64 goes
 * @flags:	unused
 * Under RCU.  Return: 0, -ENOENT; -ENOSPC: values are too small for a cookie.
 */
int bvm_sock_map_copy_out(struct bvm_map *map, const void *key, void *value, u64 flags)
{
	struct bvm_sock_entry *entry;
	u64 cookie;

	if (map->value_size != sizeof(u64))
		return -ENOSPC;
	entry = sock_find(bvm_sock_map_of(map), key);
	cookie = entry ? sock_entry_cookie(entry) : 0;
	if (!cookie)
		return -ENOENT;
	put_unaligned(cookie, (u64 *)value);
	return 0;
}
