// SPDX-License-Identifier: GPL-2.0-only
/* What calls_test.c asks of the interpreter, of machine code. */
#include "jit_run.h"
#ifndef __aarch64__
#define DEEP_MIN	34
#define DEEP_MAX	34
#endif
#include "calls_test.c"
