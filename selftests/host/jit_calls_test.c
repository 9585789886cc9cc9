// SPDX-License-Identifier: GPL-2.0-only
/* What calls_test.c asks of the interpreter, of machine code. */
#include "jit_run.h"
#include "calls_test.c"
