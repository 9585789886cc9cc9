#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Would the domain's tests notice a fault?  Plants one after the other in a copy of the
# value domain and expects the test named with it to fail.
#
#   domain_mutate.sh <repository> <host build directory> <compiler>
#
# Exit status: 0 all were found, 1 one was missed, 2 one could not be planted.

set -u
top=$1
out=$2
shift 2
cc="$*"
here=$top/selftests/host
dir=$out/mutant
rm -rf "$dir"
n=0
bad=0

# Plants the fault with sed in a fresh copy.
plant() {
	mkdir -p "$dir/kernel/isa" "$dir/kernel/value"
	cp "$top/kernel/deps.h" "$dir/kernel/"
	cp "$top/kernel/isa/isa.h" "$dir/kernel/isa/"
	cp "$top"/kernel/value/tnum.[ch] "$top"/kernel/value/domain*.[ch] \
		"$dir/kernel/value/"
	sed -i "$2" "$dir/kernel/value/$1"
	! cmp -s "$dir/kernel/value/$1" "$top/kernel/value/$1"
}

flags="-std=gnu11 -w -O2 -fno-strict-overflow -funsigned-char -pthread
	-isystem $out/include -I$here -include $here/deps.h"

build() {
	v=$dir/kernel/value
	if [ "$1" = domain ]; then
		set -- domain "$v/tnum.c" "$v/domain.c" "$v/domain_alu.c"
	fi
	test=$1
	shift
	# shellcheck disable=SC2086
	$cc $flags -I"$v" -o "$dir/test" "$here/${test}_test.c" "$@" "$here/deps.c"
}

# Stops at the first failing case.
finds() {
	timeout 60 "$dir/test" 2>&1 | grep -q '^not ok'
}

# mutant <test> <file> <fault for sed> <what it is>
mutant() {
	n=$((n + 1))
	if ! plant "$2" "$3" || ! build "$1"; then
		echo "not ok $n $4 # cannot be planted"
		exit 2
	fi
	if finds; then
		echo "ok $n $1 finds: $4"
	else
		echo "not ok $n $1 misses: $4"
		bad=1
	fi
}

small() {
	mutant domain4 "$@"
}

full() {
	mutant domain "$@"
}

echo "KTAP version 1"
# ------------------------------------------------------------------------ tnum
small tnum.h 's/(low ^ high) | a.mask/a.mask/' "addition forgets the carries"
small tnum.h 's/(high ^ low) | a.mask/a.mask/' "subtraction forgets the borrows"
small tnum.c 's/any |= b.value/any |= 0/' \
	"multiplication takes an unknown bit for a clear one"
small tnum.h 's/tnum(one, (a.mask | b.mask) & ~one)/tnum(one, a.mask)/' \
	"or forgets what is unknown in one operand"
small tnum.h 's/bvm_fit_s(BVM_BITS, a.mask) >> count/a.mask >> count/' \
	"arithmetic shift forgets that the sign is unknown"
small domain.c 's/fls64(full->umin ^ full->umax)/fls64(full->umax - full->umin)/' \
	"range takes the wrong prefix"
# ------------------------------------------------------------------ arithmetic
small domain_alu.c 's/return len_b > BVM_ONES(bits) - len_a/return false/' \
	"sums that wrap around once too often"
small domain_alu.c \
	's/a->umin - b->umax, a->umax - b->umin/a->umin - b->umin, a->umax - b->umax/' \
	"difference of the wrong ends"
small domain_alu.c 's/ || umax > BVM_ONES(bits)//' "unsigned product overflows"
small domain_alu.c '/overflow |= p != /d' "signed product overflows"
small domain_alu.c 's/BIT(BVM_DIV) | //;/ranges_of/,/^}/s/case BVM_RSH:/case BVM_DIV: &/' \
	"quotients are shifted numbers"
small domain_alu.c 's/BIT(BVM_MOD) | //;/ranges_of/,/^}/s/case BVM_AND:/case BVM_MOD: &/' \
	"remainders by 0 are 0"
small domain_alu.c 's/ | BIT(BVM_SMOD)//;/ranges_of/,/^}/s/case BVM_AND:/case BVM_SMOD: &/' \
	"signed remainders are not below 0"
small domain_alu.c \
	's/a->umax = min(a->umax, b->umax);/a->umax = min(a->umax, b->umin);/' \
	"and takes the wrong bound"
small domain_alu.c 's/>>= a->smin < 0 ? b->umin : b->umax/>>= b->umin/' \
	"arithmetic shift takes the wrong bound"
small domain_alu.c '/any |= -any/d' "left shift by an unknown count clears bits"
small domain_alu.c 's/s->smin = (u64)half->smin <</s->smin = half->umin <</' \
	"shift by a half takes the sign of the half for nothing"
small domain_alu.c 's/src->u32max) >= bits/src->u32max) > bits/' \
	"shift by the width"
small domain_alu.c 's/BIT(BVM_XOR) | BIT(BVM_LSH)/& | BIT(BVM_RSH)/' \
	"right shift of the whole shifts the half"
small domain_alu.c 's/t = bvm_tnum_sext(s->t, bits)/t = bvm_tnum_zext(s->t, bits)/' \
	"sign extension extends with zeros"
small domain_alu.c 's/s->umax <= BVM_ONES(bits)/s->u32max <= BVM_ONES(bits)/' \
	"zero extension looks at the low half only"
small domain_alu.c 's/swapped << BYTE/swapped >> BYTE/' "byte swap goes the other way"
# ------------------------------------------------------------------- reduction
small domain_view.h \
	's/if (max - min <= BVM_ONES(bits) \&\& low <= high)/if (low <= high)/' \
	"truncation forgets that the range may be long"
small domain.c 's/if (pos \&\& neg)/if (0)/' \
	"unsigned range loses the negative half"
small domain.c \
	's/(full->umin \& upper) | half->umin/(full->umin \& upper) | half->umax/' \
	"whole takes the wrong end of the half"
small domain_view.h 's/low | unknown_sign/low/' "unknown sign taken for plus"
# ----------------------------------------------------------------- comparisons
small domain.c 's/b->umax - 1)/b->umax - 2)/' "less than, off by one"
small domain.c 's/a->smin + 1)/a->smin + 2)/' "signed less than, off by one"
small domain.c '/b->umin != b->umax)/,+1d' "not equal cuts an end off without a constant"
small domain.c 's/ \&\& is_power_of_2(low_b.value)//' "jset sets all the bits"
small domain.c 's/a->mask \&= ~known_b/a->mask \&= ~(known_b | b->mask)/' \
	"not jset clears bits that may be clear in the other"
small domain.c \
	's/\[BVM_JGT\] = BVM_JLE/[BVM_JGT] = BVM_JLT/' \
	"not greater than is less than"
# ------------------------------------- neither sharper nor duller than upstream
full domain_alu.c 's/bvm_tnum_is_const(src) \&\& op != BVM_ARSH \&\& /1 || /' \
	"ranges never add anything to bits"
full domain.c 's/cond == BVM_JEQ \&\& halves_disjoint/0 \&\& halves_disjoint/' \
	"equality does not look at the halves"
full domain.c 's/return bvm_tnum_intersect(a, low_bits(bits, \*b))/return 1/' \
	"equality does not look at the bits"
full domain.c 's/while (again)/if (again)/' "one round of reduction"
full domain.c \
	'/bvm_narrow_s(BVM_HALF, full->smin/d' \
	"signed half from unsigned whole only"
full domain.c 's/	trim(b, &old);//' "not equal sharpens the left operand only"

echo "1..$n"
rm -rf "$dir"
exit $bad
