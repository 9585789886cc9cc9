#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# How long do the fuzzers take to find what is wrong?  Breaks one rule of the verifier, of a
# pass or of an encoder after the other in a copy and runs the fuzzer that is to find it.
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
mkdir -p "$dir/src" "$dir/clean" "$dir/build/host" "$dir/build/arm64/host"
cp -r "$top/kernel" "$top/arch" "$dir/clean/"
cp -r "$top/kernel" "$top/arch" "$top/selftests" "$dir/src/"
cp -r "$out/include" "$dir/build/host/"
cp -r "$out/include" "$dir/build/arm64/host/"

# The fuzzer that the faults from here on are for, what builds it, and what runs it.
fuzzer() {
	bin=$dir/build/$1
	goal=${2:-$bin}
	run=${3:-}
}

build() {
	make -C "$dir/src/selftests/host" -j"$(nproc)" O="$dir/build" WERROR= "$goal" \
		> "$dir/build.log" 2>&1
}

# The file of that name: below arch/, or in one of the kernel's directories.
find_file() {
	for file in "arch/$1" "kernel/verifier/$1" "kernel/value/$1" "kernel/exec/$1" "kernel/maps/$1"
	do
		[ -f "$dir/clean/$file" ] && return
	done
}

# mutant <file> <fault for sed> <what it is>
mutant() {
	# shellcheck disable=SC2254
	case $3 in $pick) ;; *) return ;; esac
	n=$((n + 1))
	find_file "$1"
	sed -i "$2" "$dir/src/$file"
	if cmp -s "$dir/src/$file" "$dir/clean/$file" || ! build; then
		echo "not ok $n $3 # cannot be planted"
		bad=2
		cp "$dir/clean/$file" "$dir/src/$file"
		return
	fi
	start=$(date +%s%N)
	if $run "$bin" --seconds "$limit" --seed "$seed" --jobs "$(nproc)" > "$dir/run.log" 2>&1; then
		echo "not ok $n missed in $limit s: $3"
		[ $bad = 2 ] || bad=1
	else
		ms=$((($(date +%s%N) - start) / 1000000))
		echo "ok $n found in $((ms / 1000)).$((ms / 100 % 10)) s: $3"
		sed -n 's/^# made smaller: /# /p' "$dir/run.log" | head -1
	fi
	cp "$dir/clean/$file" "$dir/src/$file"
}

echo "KTAP version 1"
fuzzer host/verifier_fuzz
# ------------------------------------------------------------------ the domain
mutant domain_alu.c 's/return len_b > BVM_ONES(bits) - len_a/return false/' \
	"sums that wrap around once too often"
mutant domain_alu.c \
	's/a->umin - b->umax, a->umax - b->umin/a->umin - b->umin, a->umax - b->umax/' \
	"difference of the wrong ends"
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
# ----------------------------------------------- the certificate, where it is alone
mutant certify.c 's/return bvm_scalar_includes(&old->s, &cur->s) \&\&/return/' \
	"alone: ranges are not compared"
mutant certify.c 's/ old->off == cur->off \&\&//' "alone: offsets of pointers are not compared"
mutant certify.c 's/!bvm_cert_slot(m, bvm_slot(old, i), bvm_slot(cur, i))/false/' \
	"alone: stacks are not compared"
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

# ---------------------------------------------------------------------- passes
fuzzer host/jit_fuzz
mutant opt.c 's/4 \* of\[cond\] + at % 4;/4 * of[cond] + (at % 4 ^ 2);/' \
	"clean: the opposite of a comparison has another width"
mutant opt.c 's/ | bvm_ir_reads(ir);/ | BIT(ir->dst);/' \
	"clean: what is read is not needed"
mutant opt.c 's/more |= o->about/more \&= o->about/' "clean: what a loop needs from round to round"
mutant opt_copy.c 's/c->off\[r\] -= imm;/c->off[r] += imm;/' "copy: sums move the wrong way"
mutant opt_copy.c 's/c->base\[r\] != reg)$/c->base[r] != reg || imm < 0)/' \
	"copy: sums stay when less is added"
mutant range.c 's/b.max - 1) : a.max/b.max - 2) : a.max/' \
	"fold: remainders are smaller than they are"
mutant range.c 's/a.max > all.max >> count ?/a.max > all.max ?/' "fold: what is shifted out is not"
mutant range.c 's/return wide || sum.min > sum.max ?/return wide ?/' "fold: sums do not wrap around"
mutant opt_fold.c 's/return v->a.max < b.min;/return v->a.max <= b.min;/' \
	"fold: a remainder of what is equal is that"
mutant opt_fold.c 's/^		changed |= bvm_ir_changes(&o->code\[i\]);/		changed |= bvm_ir_writes(\&o->code[i]);/' \
	"fold: atomics change nothing in a loop"
mutant opt_fold.c 's/return v->b.max < 32;/return true;/' "fold: wide shifts become narrow"
mutant opt_bytes.c 's/b->age != m->age/false/' "bytes: loads move over stores"
mutant opt_bytes.c 's/swap(low, high);/;/;s/(high->imm \& mask) << bits | (low->imm/(low->imm \& mask) << bits | (high->imm/' \
	"bytes: stores are put together the other way round"
mutant opt_bytes.c 's/w->off != ir->off || width_of(w->op) != width/w->off != ir->off/' \
	"bytes: parts are taken for the whole"
mutant opt_sub.c 's/u16 free = SAVED \& ~live;/u16 free = SAVED;/' \
	"subs: numbers of the caller are lost"
mutant opt_sub.c 's/ir.src = sub->reg\[ir.src\];/;/' "subs: a copy reads the function's registers"
mutant opt_rotate.c 's/ \&\& a->left == b->left//' "rotate: any two shifts are a rotation"
mutant interp.c 's/ \&\& !(reads_src \&\& ir->src == ir->dst)//' \
	"runs: a result is both operands"
mutant interp.c 's/return ir->src == ir\[-1\].dst;/return true;/' "runs: a result is any source"
mutant array.c 's/{ BVM_IR_JGE32I, BPF_REG_1/{ BVM_IR_JGT32I, BPF_REG_1/' \
	"inline: an element behind the array"
# --------------------------------------------------------------- code of x86-64
mutant x86/encode.h 's/if (imm == (u32)imm) {/if (imm == (s32)imm) {/' \
	"x86: negative numbers are moved without their sign"
mutant x86/encode.h 's/return value == (s8)value;/return value >= -128 \&\& value <= 128;/' \
	"x86: 128 is a number of eight bits"
mutant x86/encode.h 's/indexed || (m.base & 7) == X86_SP/indexed || m.base == X86_SP/' \
	"x86: r12 has a form without SIB"
mutant x86/encode.h 's/X86_BYTE_REG && reg >= 4/X86_BYTE_REG \&\& reg > 6/' \
	"x86: a byte of rsi is one of rdx"
mutant x86/encode.h 's/u8 pp = shift == X86_SHL ? 1 : shift == X86_SAR ? 2 : 3;/u8 pp = shift == X86_SHL ? 1 : 3;/' \
	"x86: arithmetic shifts of BMI2 are logical"
mutant x86/jit.c 's/u32 how = ir->imm >= 0 ? 0 : row->how;/u32 how = 0;/' \
	"x86: and with a negative number loses the upper half"
mutant x86/divide.c 's/if (div->modulo || div->d == div->v)/if (div->d == div->v)/' \
	"x86: a remainder by 0 keeps the upper half"
mutant x86/divide.c 's/is_live(g, 3), /false, /' "x86: divisions change rdx"
mutant x86/link.c 's/inside ? g->fn.prologue : 0/0/' "x86: jumps back to a function run its prologue"
mutant x86/link.c 's/\[JCC\] = { 2, S8_MAX,/[JCC] = { 2, S8_MAX + 1,/' "x86: jumps reach a byte too far"
mutant x86/narrow.c 's/return dst || (ir->imm \& 63) >= 32;/return dst || (ir->imm \& 63) >= 31;/' \
	"x86: shifted by 31, the upper half is 0"
mutant x86/narrow.c 's/return (dst \&\& ir->imm >= 0) || unread;/return dst || unread;/' \
	"x86: or with a negative number has no upper half"
mutant jit_link.c 's/off + link->size - margin >= -reach->back/off - margin >= -reach->back - 6/' \
	"x86: jumps back reach too far"
# ----------------------------------------------------------------- code of arm64
fuzzer arm64/host/jit_fuzz jit_fuzz-arm64 qemu-aarch64-static
mutant arm64/encode.h 's/(off \& 0x1ff) << 12/(off \& 0xff) << 12/' "arm64: offsets have no sign"
mutant arm64/encode.h 's/<< 12 | ((size - rotate) % size) << 6/<< 12 | rotate << 6/' \
	"arm64: masks are rotated the other way"
mutant arm64/encode.h 's/ | sub << 15 / /' "arm64: remainders are sums"
mutant arm64/encode.h 's/nonzero << 24 | (bit & 31) << 19/nonzero << 24 | (bit \& 15) << 19/' \
	"arm64: the wrong bit is tested"
mutant arm64/jit.c 's/(u16)~part : part, i))/part : part, i))/' \
	"arm64: numbers with many ones are wrong"

echo "1..$n"
rm -rf "$dir"
exit $bad
