#!/usr/bin/env bats
# Shell scripts with traps and children.

setup() {
	load common
	load transparency
	cd "$BATS_TEST_TMPDIR"
	cut=(no_numbers)
	ignored_files=(-x ready)
}

libc=('libc.so*!*fork*' 'libc.so*!*wait*' 'libc.so*!*exec*' 'libc.so*!*sig*' 'libc.so*!kill*' 'libc.so*!read' 'libc.so*!write' 'libc.so*!*pipe*')

@test "shells: bash, its own functions and libc's" {
	specs=("${libc[@]}" '*trap*' '*wait*' '*job*' '*sig*' 'execute_*' '*child*' '*fork*')
	least_calls=1000
	twice bash "$programs/traps.sh"
	equal "$(cat traced.status)" 7
	grep -qx 'yes: child 3' traced.out
}

@test "shells: bash, every function" {
	specs=('*')
	least_calls=10000
	twice bash "$programs/traps.sh" 10
}

@test "shells: dash" {
	specs=("${libc[@]}")
	least_calls=200
	twice dash "$programs/traps.sh"
	equal "$(cat traced.status)" 7
	specs=('libc.so*!*')
	least_calls=1000
	twice dash "$programs/traps.sh" 10
}

@test "shells: bash with set -m, background jobs, coproc and process substitution" {
	cat >jobs.bash <<-'EOF2'
	set -m
	sleep 60 & kill %1; wait %1; echo "wait $?"
	(kill -STOP $BASHPID; exit 9) &
	until [[ $(jobs -s) ]]; do sleep 0.01; done
	bg >/dev/null; wait %%; echo "wait $?"
	coproc cat; echo word >&"${COPROC[1]}"; read -r answer <&"${COPROC[0]}"; echo "$answer"
	eval "exec ${COPROC[1]}>&-"; wait
	diff <(seq 1 100) <(seq 1 100 | cat) && echo same
	trap 'seen=CHLD' CHLD; (exit 1) & until [[ $seen ]]; do wait $!; done; trap - CHLD; echo "$seen"
	trap 'echo "debug $BASH_COMMAND" >&2' DEBUG; true; trap - DEBUG
	trap 'echo err' ERR; false; trap - ERR
	exec 5> >(cat); filter=$!; echo through >&5; exec 5>&-; wait $filter; echo done
	EOF2
	specs=("${libc[@]}" '*job*' '*child*' '*coproc*' '*wait*' '*trap*')
	least_calls=500
	twice bash "$PWD/jobs.bash"
	grep -qx word traced.out
}
