// SPDX-License-Identifier: GPL-2.0-only
/*
 * Nothing.  Upstream's test_verifier gives up when it cannot load a module of
 * this name; the real one adds kfuncs to Linux's own VM.
 */
#include <linux/module.h>

MODULE_DESCRIPTION("Stands in for the module of upstream's BPF selftests");
MODULE_LICENSE("GPL");
