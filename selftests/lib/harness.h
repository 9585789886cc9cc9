/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The harness of kselftest, with the patience that an emulated debug kernel on a busy
 * machine wants: a test that hangs is still ended, by name.
 */
#ifndef _BVM_SELFTESTS_HARNESS_H
#define _BVM_SELFTESTS_HARNESS_H

#include "kselftest_harness.h"

#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT 240	/* seconds */

#endif /* _BVM_SELFTESTS_HARNESS_H */
