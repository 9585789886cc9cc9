// SPDX-License-Identifier: GPL-2.0-only
/*
 * Values with fields that the kernel manages (record.h), copied in and out of maps.
 *
 * Fields are never copied.  Whoever writes a value leaves its lock alone, for somebody may
 * hold it, also where the value's element has been given to another key; pointers in it are
 * cleared, and what they held is given back.  Whoever reads it gets zeroes in their place.
 *
 * A value that has a lock is read and written under it.  Locks of the map are outside of
 * it: a program that holds a value's lock calls nothing that takes them.
 */
#include "../deps.h"
#include "../record.h"
#include "lock.h"
#include "maps.h"

/* As bvm_copy_value(), from anywhere to anywhere; @from NULL: zeroes. */
static void value_copy(void *to, const void *from, u32 size)
{
	u32 step;

	for (; size; size -= step, to += step) {
		if (size >= sizeof(u64) && !((unsigned long)to % sizeof(u64))) {
			step = sizeof(u64);
			WRITE_ONCE(*(u64 *)to, from ? get_unaligned((const u64 *)from) : 0);
		} else if (size >= sizeof(u32) && !((unsigned long)to % sizeof(u32))) {
			step = sizeof(u32);
			WRITE_ONCE(*(u32 *)to, from ? get_unaligned((const u32 *)from) : 0);
		} else {
			step = 1;
			WRITE_ONCE(*(u8 *)to, from ? *(const u8 *)from : 0);
		}
		if (from)
			from += step;
	}
}

/* All but the fields. */
static void value_copy_rest(const struct bvm_record *rec, void *to, const void *from, u32 size)
{
	u32 i, at = 0;

	for (i = 0; i < rec->count; i++) {
		value_copy(to + at, from ? from + at : NULL, rec->field[i].off - at);
		at = rec->field[i].off + rec->field[i].size;
	}
	value_copy(to + at, from ? from + at : NULL, size - at);
}

/* The lock of a value, or NULL. */
static u32 *value_lock(const struct bvm_record *rec, void *value)
{
	u32 i;

	for (i = 0; i < rec->count; i++)
		if (rec->field[i].kind == BVM_FIELD_LOCK)
			return value + rec->field[i].off;
	return NULL;
}

/* Under the lock if there is one: copies what is no field. */
static void value_exchange(const struct bvm_record *rec, u32 *lock, void *to, const void *from,
			   u32 size)
{
	unsigned long flags;

	if (!lock) {
		value_copy_rest(rec, to, from, size);
		return;
	}
	local_irq_save(flags);
	bvm_spin_lock(lock);
	value_copy_rest(rec, to, from, size);
	bvm_spin_unlock(lock);
	local_irq_restore(flags);
}

/**
 * bvm_value_clear - pointers in a value go
 * @rec:	record
 * @value:	value
 *
 * What is stored there meanwhile stays, until the next time.  Any context but NMI.
 */
void bvm_value_clear(const struct bvm_record *rec, void *value)
{
	const struct bvm_field *f;
	void *object;

	for (f = rec->field; f < rec->field + rec->count; f++) {
		if (f->kind == BVM_FIELD_LOCK)
			continue;
		object = xchg((void **)(value + f->off), NULL);
		if (object && f->kind == BVM_FIELD_KPTR && f->release)
			f->release(object);
	}
}

/**
 * bvm_value_write - set a value
 * @rec:	its record
 * @value:	in the map
 * @from:	what it shall be, NULL: zeroes
 * @size:	bytes of both
 * Any context but NMI.
 */
void bvm_value_write(const struct bvm_record *rec, void *value, const void *from, u32 size)
{
	value_exchange(rec, value_lock(rec, value), value, from, size);
	bvm_value_clear(rec, value);
}

/**
 * bvm_value_read - copy a value
 * @rec:	its record
 * @to:		copy
 * @value:	in the map
 * @size:	bytes of both
 * Any context but NMI.
 */
void bvm_value_read(const struct bvm_record *rec, void *to, void *value, u32 size)
{
	u32 i;

	value_exchange(rec, value_lock(rec, value), to, value, size);
	for (i = 0; i < rec->count; i++)
		memset(to + rec->field[i].off, 0, rec->field[i].size);
}
