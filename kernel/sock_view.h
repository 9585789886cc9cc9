/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What programs see of sockets, for all that gives them the address of one: fields of the
 * context, helpers, maps.
 */
#ifndef _BVM_SOCK_VIEW_H
#define _BVM_SOCK_VIEW_H

#include "bvm.h"

/* Any socket: also one that only waits, or is not whole yet (struct sock_common). */
extern const struct bvm_view bvm_sock_common_view;
/* One that is whole (struct sock). */
extern const struct bvm_view bvm_sock_view;

#define BVM_SOCK_VIEWS	2

/* Both of them. */
extern const struct bvm_view *const bvm_sock_views[BVM_SOCK_VIEWS];

#endif /* _BVM_SOCK_VIEW_H */
