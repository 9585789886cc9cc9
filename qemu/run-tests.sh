# SPDX-License-Identifier: GPL-2.0-only
#
# In a guest: run KUnit's results and test programs one after the other; KTAP.
#
# usage: sh -c "$(cat run-tests.sh)" run-tests SECONDS KUNIT [PROGRAM...]
#
# SECONDS: what each program may take. KUNIT=1: print what the suites that ran
# at boot found. Names go to the console too, so that a splat has an address.
# Plain sh, and nothing that an extracted root lacks.

seconds=$1 kunit=$2
shift 2
number=0
failed=0

mark() {
	echo "<4>bvm-test: $1" >/dev/kmsg
}

# A program may end in the middle of a line: begin on a new one.
result() {	# "ok" or "not ok", name, directive
	number=$((number + 1))
	printf '\n%s %d %s%s\n' "$1" "$number" "$2" "${3:+ # $3}"
	[ "$1" = ok ] || failed=1
}

run_program() {
	name=$(basename "$1")
	mark "$name"
	echo "# running $name"
	status=$(mktemp)
	{
		cd "$(dirname "$1")" && timeout -k 5 "$seconds" "$1" </dev/null
		echo $? >"$status"
	} 2>&1 | sed -u 's/^/  /'
	case $(cat "$status") in
	0)	result ok "$name" ;;
	4)	result ok "$name" SKIP ;;
	124)	result "not ok" "$name" "TIMEOUT $seconds seconds" ;;
	*)	result "not ok" "$name" "exit=$(cat "$status")" ;;
	esac
	rm -f "$status"
}

run_kunit() {
	suites=/sys/kernel/debug/kunit
	found=0
	for results in "$suites"/*/results; do
		[ -r "$results" ] || continue
		found=1
		name=$(basename "$(dirname "$results")")
		sed 's/^/  /' "$results"
		if grep -q '^not ok' "$results"; then
			result "not ok" "$name"
		else
			result ok "$name"
		fi
	done
	[ $found = 1 ] || result "not ok" kunit "ERROR no suite in $suites"
}

# The first scan only marks: what is younger than five seconds may be in flight.
run_kmemleak() {
	leaks=/sys/kernel/debug/kmemleak
	[ -w "$leaks" ] || return
	mark kmemleak
	echo scan >"$leaks"
	sleep 6
	echo scan >"$leaks"
	sed 's/^/  # /' "$leaks"
	if [ -s "$leaks" ]; then
		result "not ok" kmemleak
	else
		result ok kmemleak
	fi
}

echo "KTAP version 1"
[ "$kunit" = 0 ] || run_kunit
for program; do
	run_program "$program"
done
run_kmemleak
mark end
echo "1..$number"
exit $failed
