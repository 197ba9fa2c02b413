#!/usr/bin/env bats
# Stock programs, with many functions of theirs and of libc traced: the same output, status and files.

setup() {
	load common
	load transparency
	cd "$BATS_TEST_TMPDIR"
	mkdir given
}

memory=('libc.so*!*alloc*' 'libc.so*!free')
children=('libc.so*!*fork*' 'libc.so*!*spawn*' 'libc.so*!*exec*' 'libc.so*!*wait*' 'libc.so*!*sig*')
files=('libc.so*!read' 'libc.so*!write' 'libc.so*!*open*' 'libc.so*!*close*' 'libc.so*!*stat*')

# need PROGRAM...: or skip
need() {
	local program
	for program in "$@"; do
		command -v "$program" >/dev/null || skip "no $program"
	done
}

@test "tools: make -j2 builds this project" {
	cp -a "$TOP/Makefile" "$TOP/include" "$TOP/src" "$TOP/testprogs" given
	specs=("${children[@]}" "${files[@]}" 'libc.so*!malloc')
	least_calls=1000
	local goals="$(scaled 'BUILD=out out/obj/util/text.o out/obj/util/table.o out/obj/util/clock.o out/obj/util/error.o out/obj/trace/number.o' 'BUILD=out all')"
	# The order in which two jobs tell is their own.
	cut=(sort)
	before=(env -u MAKEFLAGS -u MAKELEVEL)
	twice make -j2 $goals
	[ "$(find traced/out -name '*.o' | wc -l)" -ge 5 ]
}

@test "tools: gcc compiles, assembles and links" {
	cp "$TOP/testprogs/recursion.c" "$TOP/testprogs/truth.h" given
	specs=("${children[@]}" "${memory[@]}" "${files[@]}")
	twice gcc -O2 -g -o recursion recursion.c
	[ "$(traced/recursion | grep -c ^truth)" -ge 2 ]
	specs=('*!*spawn*' '*!*wait*')
	twice gcc -O1 -c recursion.c -save-temps
}

@test "tools: the compiler, the assembler and the linker by themselves" {
	cp "$TOP/testprogs/recursion.c" "$TOP/testprogs/truth.h" given
	specs=('libc.so*!*open*' 'libc.so*!*close*' 'libc.so*!*sig*' 'libc.so*!*rlimit*' 'libc.so*!mmap' 'libc.so*!fwrite*')
	twice "$(gcc -print-prog-name=cc1)" -quiet -O2 recursion.c -o recursion.s
	cp traced/recursion.s given
	specs=('libc.so*!*open*' 'libc.so*!*close*' 'libc.so*!malloc' 'libc.so*!fread*' 'libc.so*!fwrite*')
	twice as -o recursion.o recursion.s
	cp traced/recursion.o given
	twice ld -r -o linked.o recursion.o
}

@test "tools: git makes, packs and checks a repository" {
	need git
	cat >script <<-'EOF2'
	set -e
	export HOME=$PWD GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b
	export GIT_AUTHOR_DATE='2020-01-01T00:00:00Z' GIT_COMMITTER_DATE='2020-01-01T00:00:00Z'
	git=$1
	$git init -q -b main repository
	cd repository
	for i in 1 2 3; do
		seq $i 2000 >file$i
		$git add .
		$git commit -q -m "commit $i"
	done
	$git gc -q --prune=now
	$git fsck --full --strict
	$git log --oneline --stat
	$git branch side HEAD~1
	$git merge -q --no-edit side
	$git rev-parse HEAD
	EOF2
	sh script git >/dev/null # git has all it wants
	mkdir untraced traced
	(cd untraced && limited sh ../script git >../untraced.out 2>../untraced.err)
	printf '%s\n' '#!/bin/sh' "exec '$fmprof' run -q -o '$PWD'/x\$\$.dat -f 'libc.so*!*fork*' -f 'libc.so*!*exec*' -f 'libc.so*!*wait*' -f 'libc.so*!*sig*' \
		-f 'libc.so*!calloc' -f 'libc.so*!*stat*' -f 'libz*!*flate*' -f 'libc.so*!mmap' git \"\$@\"" >traced-git
	chmod +x traced-git
	(cd traced && limited sh ../script "$PWD/../traced-git" >../traced.out 2>../traced.err)
	diff untraced.out traced.out
	diff untraced.err traced.err
	diff <(cd untraced/repository && git cat-file --batch-all-objects --batch-check) \
		<(cd traced/repository && git cat-file --batch-all-objects --batch-check)
	cat x*.dat >all
	[ "$(grep -c ^FUNC all)" -ge 500 ]
}

@test "tools: perl with forks, alarms and signals" {
	need perl
	cat >script.pl <<-'EOF2'
	use strict; use warnings; use POSIX ":sys_wait_h";
	$| = 1;
	my ($ended, $usr, %status) = (0, 0);
	$SIG{CHLD} = sub { while ((my $pid = waitpid(-1, WNOHANG)) > 0) { $ended++; $status{$? >> 8}++ } };
	$SIG{USR1} = sub { $usr++ };
	for my $i (1 .. 20) { my $pid = fork; if (!$pid) { $SIG{CHLD} = "DEFAULT"; exit $i % 3 } }
	my $end = time + 20;
	select undef, undef, undef, 0.01 while $ended < 20 && time < $end;
	print "ended $ended: @{[map { \"$_:$status{$_}\" } sort keys %status]}\n";
	kill "USR1", $$ for 1 .. 10; print "usr $usr\n";
	eval { local $SIG{ALRM} = sub { die "alarm\n" }; Time::HiRes::ualarm(50000); sleep 5 }; print $@;
	my %hash; $hash{$_ % 100} .= $_ for 1 .. 3000; print length join("", map { $hash{$_} } sort keys %hash), "\n";
	print `echo backticks; exit 3`, $? >> 8, "\n";
	open my $pipe, "-|", "seq 1 1000" or die; my $sum = 0; $sum += $_ while <$pipe>; close $pipe; print "$sum\n";
	eval { die { code => 42 } }; print "$@->{code}\n"; warn "warned\n"; exit 5
	EOF2
	specs=("${children[@]}" "${memory[@]}" 'libc.so*!*longjmp*')
	least_calls=3000
	twice perl -MTime::HiRes "$PWD/script.pl"
	equal "$(cat traced.status)" 5
}

@test "tools: openssl digests, ciphers and signs" {
	need openssl
	head -c 2000000 /dev/urandom >given/plain
	specs=('libcrypto*!EVP_*' 'libcrypto*!OPENSSL_*' 'libcrypto*!CRYPTO_*alloc*' 'libcrypto*!BN_*')
	twice openssl dgst -sha512 plain
	least_calls=100
	twice openssl enc -aes-256-cbc -pbkdf2 -iter 1000 -nosalt -pass pass:word -in plain -out ciphered
	specs=('libcrypto*!EVP_*' 'libcrypto*!RSA_*' 'libcrypto*!OPENSSL_*init*' "${children[@]}" 'libc.so*!*alarm*')
	# The figures are its speed. A timer ends each second.
	cut=(sed -E 's/[0-9]+(\.[0-9]+)?k?/N/g; s/ +/ /g; /^(OPENSSL_|CPUINFO)/d')
	twice openssl speed -seconds 1 -bytes 16384 sha256
}

@test "tools: sqlite3" {
	need sqlite3
	cat >sql <<-'EOF2'
	create table t(a integer primary key, b text);
	with recursive c(x) as (select 1 union all select x + 1 from c where x < 300) insert into t select x, hex(x * x) from c;
	create index i on t(b); analyze; begin; delete from t where a % 3 = 0; rollback; delete from t where a % 7 = 0; vacuum;
	select count(*), sum(a), max(b) from t; select b from t where b > '39' order by b limit 5; pragma integrity_check; select 1/0; nonsense;
	EOF2
	input=$PWD/sql
	specs=('libsqlite3*!sqlite3_*' "${memory[@]}" 'libc.so*!*pread*' 'libc.so*!*pwrite*' 'libc.so*!fcntl*')
	least_calls=1000
	twice sqlite3 base
}

@test "tools: tar | xz, each traced" {
	need xz
	cp -a "$TOP/src" given
	specs=('libc.so*!*fork*' 'libc.so*!*wait*' "${files[@]}" 'libc.so*!*alloc*')
	twice tar -c --sort=name --mtime=@0 -J -f src.tar.xz src
	twice tar -c --sort=name --mtime=@0 -f src.tar src
	cp traced/src.tar given
	specs=('liblzma*!lzma_*' 'libc.so*!*pthread*' 'libc.so*!*sig*' "${memory[@]}")
	twice xz -k -T2 -1 --block-size=100000 src.tar
	specs=("${children[@]}" "${files[@]}")
	twice sh -c 'tar -c --sort=name --mtime=@0 -f - src | xz -1 | xz -d | tar -t -f -'
}

@test "tools: redis-server serves redis-benchmark" {
	need redis-check-rdb redis-benchmark
	# Debian's redis-tools have the server too, under another name, without a service that would be started.
	ln -s "$(command -v redis-check-rdb)" redis-server
	# serve NAME WORD...: starts it behind the words on a socket of its own, and asks it the same
	serve() {
		local name=$1 redis
		shift
		limited "$@" "$PWD/redis-server" --port 0 --unixsocket "$PWD/$name.socket" --save '' --appendonly no --dir "$PWD" >$name.log 2>$name.err &
		redis=(redis-cli -s "$PWD/$name.socket")
		wait_until "${redis[@]}" ping >/dev/null 2>&1
		limited redis-benchmark -s "$PWD/$name.socket" -q -c 8 -n "$(scaled 1500 100000)" -r 100 -t ping,set,incr,lpush,zadd,mset |
			sed -E 's/\r/\n/g' | sed -nE 's/^([A-Z ()0-9a-z_]+): .*requests per second.*/\1/p' | sort -u >$name.out
		"${redis[@]}" eval 'local s = 0 for i = 1, 1000 do s = s + i end return s' 0 >>$name.out
		"${redis[@]}" debug sleep 0.01 >>$name.out
		"${redis[@]}" set key value >>$name.out
		"${redis[@]}" bgsave >/dev/null
		wait_until eval '"${redis[@]}" info persistence | grep -q "rdb_last_bgsave_status:ok" && "${redis[@]}" info persistence | grep -q "rdb_bgsave_in_progress:0"'
		"${redis[@]}" get key >>$name.out
		"${redis[@]}" info commandstats | sed -nE 's/^(cmdstat_(set|incr|lpush|zadd|mset|eval)):calls=([0-9]+).*/\1 \3/p' | sort >>$name.out
		"${redis[@]}" shutdown nosave >>$name.out 2>&1 || true
		wait $! && echo "status $?" >>$name.out
	}
	serve untraced
	serve traced "$fmprof" run -q -o x.dat -f 'libc.so*!*fork*' -f 'libc.so*!epoll*' -f 'libc.so*!read' -f 'libc.so*!write' -f 'libc.so*!*sig*' \
		-f 'libc.so*!*wait*' -f 'libc.so*!*pthread_create*'
	diff untraced.out traced.out
	grep -qx 'status 0' traced.out
	not grep -qiE 'crash|bug report' traced.log
	[ "$(count_of FUNC x.dat)" -ge 3000 ]
}

@test "tools: node with its garbage collector" {
	need node
	cat >script.js <<-'EOF2'
	const { spawnSync } = require('child_process'), { Worker, isMainThread, parentPort } = require('worker_threads');
	if (!isMainThread) { let sum = 0; for (let i = 0; i < 1e5; i++) sum += i; parentPort.postMessage(sum); return; }
	let kept = [];
	for (let i = 0; i < 60; i++) { kept.push(new Array(5000).fill(i).map(x => ({ x }))); if (kept.length > 10) kept.shift(); if (i % 20 == 0) gc(); }
	console.log(kept.length, kept[3][7].x);
	function deep(n) { return n ? deep(n - 1) + 1 : 0 }
	try { deep(1e6) } catch (e) { console.log(e.name) }
	console.log(spawnSync('sh', ['-c', 'echo child; exit 3']).status);
	process.on('SIGUSR2', () => { console.log('usr2'); new Worker(__filename).on('message', m => console.log(m)).on('exit', c => { console.log('exit', c); process.exitCode = 6 }) });
	setTimeout(() => process.kill(process.pid, 'SIGUSR2'), 10);
	setTimeout(() => {}, 300);
	EOF2
	specs=('libc.so*!*fork*' 'libc.so*!*spawn*' 'libc.so*!*sig*' 'libc.so*!*pthread_create*' 'libc.so*!*pthread_cond*' 'libc.so*!m*map' 'libc.so*!mprotect' 'libc.so*!epoll*')
	least_calls=100
	twice node --expose-gc "$PWD/script.js"
	equal "$(cat traced.status)" 6
}
