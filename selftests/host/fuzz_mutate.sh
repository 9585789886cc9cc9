#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# How long does the verifier's fuzzer take to find a rule that is wrong?  Breaks one after
# the other in a copy of the verifier and runs it.
#
#   fuzz_mutate.sh <repository> <host build directory> <most seconds for each> <seed> [pattern]
#
# Exit status: 0 all were found, 1 one was missed, 2 one could not be planted.

set -u
top=$1
out=$2
limit=$3
seed=$4
pick=${5:-*}
dir=$out/fuzz-mutant
n=0
bad=0
rm -rf "$dir/src" "$dir/clean"
mkdir -p "$dir/src" "$dir/build/host"
mkdir -p "$dir/clean"
cp "$top"/kernel/verifier/* "$top"/kernel/value/* "$dir/clean/"
cp -r "$top/kernel" "$top/selftests" "$dir/src/"
cp -r "$out/include" "$dir/build/host/"

build() {
	make -C "$dir/src/selftests/host" -j"$(nproc)" O="$dir/build" WERROR= \
		"$dir/build/host/verifier_fuzz" \
		> "$dir/build.log" 2>&1
}

# mutant <file> <fault for sed> <what it is>
mutant() {
	# shellcheck disable=SC2254
	case $3 in $pick) ;; *) return ;; esac
	n=$((n + 1))
	file=$dir/src/kernel/verifier/$1
	[ -f "$file" ] || file=$dir/src/kernel/value/$1
	sed -i "$2" "$file"
	if cmp -s "$file" "$dir/clean/$1" || ! build; then
		echo "not ok $n $3 # cannot be planted"
		bad=2
		cp "$dir/clean/$1" "$file"
		return
	fi
	start=$(date +%s%N)
	if "$dir/build/host/verifier_fuzz" --seconds "$limit" --seed "$seed" --jobs "$(nproc)" \
			> "$dir/run.log" 2>&1; then
		echo "not ok $n missed in $limit s: $3"
		[ $bad = 2 ] || bad=1
	else
		ms=$((($(date +%s%N) - start) / 1000000))
		echo "ok $n found in $((ms / 1000)).$((ms / 100 % 10)) s: $3"
		sed -n 's/^# made smaller: /# /p' "$dir/run.log" | head -1
	fi
	cp "$dir/clean/$1" "$file"
}

echo "KTAP version 1"
# ------------------------------------------------------------------ the domain
mutant domain_alu.c 's/return len_b > BVM_ONES(bits) - len_a/return false/' \
	"sums that wrap around once too often"
mutant domain_alu.c \
	's/a->umin - b->umax, a->umax - b->umin/a->umin - b->umin, a->umax - b->umax/' \
	"difference of the wrong ends"
mutant domain_alu.c 's/b->umax - 1);/b->umax - 2);/' "remainder below the divisor by two"
mutant domain_alu.c 's/a->umax = min(a->umax, b->umax);/a->umax = min(a->umax, b->umin);/' \
	"and takes the wrong bound"
mutant domain_alu.c 's/>>= a->smin < 0 ? b->umin : b->umax/>>= b->umin/' \
	"arithmetic shift takes the wrong bound"
mutant domain_alu.c 's/t = bvm_tnum_sext(s->t, bits)/t = bvm_tnum_zext(s->t, bits)/' \
	"sign extension extends with zeros"
mutant domain_view.h 's/if (max - min <= BVM_ONES(bits) \&\& low <= high)/if (low <= high)/' \
	"truncation forgets that the range may be long"
mutant domain.c 's/v->umax = neg ? neg_max : pos_max/v->umax = pos ? pos_max : neg_max/' \
	"unsigned range loses the negative half"
mutant domain.c 's/a->smin + 1)/a->smin + 2)/' "signed less than, off by one"
mutant domain.c 's/ \&\& is_power_of_2(low_b.value)//' "jset sets all the bits"
mutant tnum.c 's/(low ^ high) | a.mask/a.mask/' "addition forgets the carries"
# --------------------------------------------------------------- ids and links
mutant link.c 's/^		bvm_unlink(dst);$/		;/' "arithmetic keeps the id"
mutant step_alu.c 's/^	bvm_unlink(&v);$/	;/' "negation and byte swaps keep the id"
mutant step_alu.c 's/same = in->size == 8 || v.s.umax <= U32_MAX;/same = true;/' \
	"the low half, moved, is taken for the whole"
mutant stack.c 's/^		bvm_unlink(&copy);$/		;/' "a part that is stored keeps the id"
mutant stack.c 's/^		bvm_unlink(out);$/		;/' "a part that is loaded keeps the id"
# ----------------------------------------------------------------------- stack
mutant step_mem.c '/base.kind == BVM_PTR_STACK/,+1d' "atomics leave the slot as it was"
mutant step_mem.c '/in->flags & BVM_F_FETCH/,+1d' "atomics do not fetch"
mutant stack.c 's/zero ? BVM_BYTE_ZERO : BVM_BYTE_MISC, to - from/BVM_BYTE_ZERO, to - from/' \
	"stores write zeroes"
mutant args.c '/bvm_stack_forget(env, call->st, &v, 0, size)/s/size)/size \/ 2)/' \
	"helpers fill half of the memory"
mutant access.c 's/max + size > 0)/max + size > 8)/' "stack: eight bytes above the frame"
# ---------------------------------------------------------------------- memory
mutant access.c 's/off + size <= map->value_size ?/off + size <= map->value_size + 1 ?/' \
	"values are a byte larger"
mutant access.c 's/bvm_check_inside(env, v, at + v->s.smax, size)/0/' "no upper bound"
mutant args.c 's/return bvm_arg_memory(call, reg - 1, size->s.umax,/return bvm_arg_memory(call, reg - 1, size->s.umin,/' \
	"helper's memory of the least size"
mutant access.c '/map->flags & BPF_F_RDONLY_PROG))$/,+1d' "read-only maps are written"
# ---------------------------------------------------------------------- jumps
mutant step_jmp.c 's/equal ? succ->branch : st, in->dst)/equal ? st : succ->branch, in->dst)/;s/equal ? st : succ->branch, in->dst);$/equal ? succ->branch : st, in->dst);/' \
	"NULL on the wrong side"
# ----------------------------------------------------------------------- calls
mutant step_call.c 's/for (reg = 0; reg <= 5; reg++)/for (reg = 0; reg <= 4; reg++)/' \
	"calls leave r5 alone"
mutant refs.c '/bvm_forget_ref(env, st, id);/d' "pointers outlive what they point to"
mutant step_func.c 's/rounds < bvm_call_limit(limit)/rounds + 1 < bvm_call_limit(limit)/' \
	"the last round of a callback is forgotten"
# --------------------------------------------------------------------- pruning
mutant subsume.c 's/		       !bvm_scalar_includes(&old->s, &cur->s))/		       false)/' \
	"ranges are not compared"
mutant subsume.c 's/!bvm_match_stack(m, old->frame\[i\], cur->frame\[i\], live)/false/' \
	"stacks are not compared"
mutant subsume.c 's/old->off != cur->off/false/' "offsets of pointers are not compared"
mutant subsume.c 's/return cur && m->ids\[i\].cur == cur && .*;/return true;/' \
	"ids are not compared"
mutant subsume.c "s/old->byte\\[i\\] == BVM_BYTE_ZERO \\&\\& !bvm_zero_byte(cur, i)/false/" \
	"zeroes are not compared"

echo "1..$n"
rm -rf "$dir"
exit $bad
