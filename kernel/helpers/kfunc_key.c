// SPDX-License-Identifier: GPL-2.0-only
/*
 * Functions of the kernel that find keys: what signatures are checked with.
 *
 * A key of user space is held by reference.  The keyrings of the system are known by number
 * (verification.h) and are always there, so that nothing is allocated for them, and finding
 * one may happen in any context.
 */
#include <linux/array_size.h>
#include <linux/bpf.h>
#include <linux/key.h>
#include <linux/slab.h>
#include <linux/verification.h>
#include "kfunc.h"

static struct bpf_key system_keys[] = {
	{ .key = NULL },	/* those built in */
	{ .key = VERIFY_USE_SECONDARY_KEYRING },
	{ .key = VERIFY_USE_PLATFORM_KEYRING },
};

__bpf_kfunc_start_defs();

/* Whether it may be used is found out when it is. */
__bpf_kfunc struct bpf_key *bpf_lookup_user_key(s32 serial, u64 flags)
{
	struct bpf_key *bkey;
	key_ref_t ref;

	if (flags & ~KEY_LOOKUP_ALL)
		return NULL;
	ref = lookup_user_key(serial, flags, KEY_DEFER_PERM_CHECK);
	if (IS_ERR(ref))
		return NULL;
	bkey = kmalloc(sizeof(*bkey), GFP_KERNEL);
	if (!bkey) {
		key_put(key_ref_to_ptr(ref));
		return NULL;
	}
	bkey->key = key_ref_to_ptr(ref);
	bkey->has_ref = true;
	return bkey;
}

__bpf_kfunc struct bpf_key *bpf_lookup_system_key(u64 id)
{
	return id < ARRAY_SIZE(system_keys) ? &system_keys[id] : NULL;
}

__bpf_kfunc void bpf_key_put(struct bpf_key *bkey)
{
	if (!bkey->has_ref)
		return;
	key_put(bkey->key);
	kfree(bkey);
}

__bpf_kfunc_end_defs();

BVM_KFUNC(bpf_lookup_user_key, r1, r2)
BVM_KFUNC(bpf_lookup_system_key, r1)
BVM_KFUNC_VOID(bpf_key_put, BVM_KPTR(1))

static const struct bvm_helper key_kfuncs[] = {
	{
		.name = "bpf_lookup_user_key",
		.fn = do_bpf_lookup_user_key,
		.flags = BVM_HELPER_BY_BTF | BVM_HELPER_ACQUIRE | BVM_HELPER_RET_NULL |
			 BVM_HELPER_SLEEPS,
	},
	{
		.name = "bpf_lookup_system_key",
		.fn = do_bpf_lookup_system_key,
		.flags = BVM_HELPER_BY_BTF | BVM_HELPER_ACQUIRE | BVM_HELPER_RET_NULL,
	},
	{
		.name = "bpf_key_put",
		.fn = do_bpf_key_put,
		.flags = BVM_HELPER_BY_BTF | BVM_HELPER_RELEASE,
	},
};

const struct bvm_helper_set bvm_kfuncs_key = { key_kfuncs, ARRAY_SIZE(key_kfuncs) };
