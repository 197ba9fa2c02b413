#!/usr/bin/env bats
# Python's own regression tests give the same results under fmprof.

setup() {
	load common
	load transparency
	cd "$BATS_TEST_TMPDIR"
	$python -c 'import test.test_threading' 2>/dev/null || skip "no python3 regression tests (libpython3-testsuite)"
	ignored_files=(-x log)
	# What the interpreter does for each, and what it asks of libc.
	specs=('PyErr_Set*' 'PyErr_*Signal*' 'PyErr_Norm*' 'PyErr_Write*' 'PyOS_*Fork*' 'PyThread_*thread' 'Py_*Init*' 'Py_*Final*' 'PyImport_ImportModule' 'Py_AddPendingCall'
		'libc.so*!*fork*' 'libc.so*!*exec*' 'libc.so*!*spawn*' 'libc.so*!*wait*' 'libc.so*!sig*' 'libc.so*!__sig*' 'libc.so*!pthread_sig*' 'libc.so*!*kill*' 'libc.so*!*itimer*'
		'libc.so*!*alarm*' 'libc.so*!pthread_create' 'libc.so*!*longjmp*' 'libc.so*!*mmap*' 'libc.so*!read' 'libc.so*!poll')
	least_calls=1000
	cut=(sed -E 's/0x[0-9a-f]+/N/g')
}

# regression NAME...: modules, classes, tests
regression() {
	twice $python "$programs/python_tests.py" "${@/#/test.}"
	tail -n 1 traced.out
	# What fails on this machine without us fails with us: `twice` has compared that.
	grep -qE '^[1-9][0-9]* tests, ' traced.out
}

@test "python: its tests of exceptions, ctypes, generators, tracing, mmap" {
	regression test_exceptions test_ctypes test_generators test_sys_settrace test_mmap test_atexit
}

@test "python: its tests of os, posix, terminals, epoll, pipes" {
	regression test_posix test_pty test_epoll test_popen test_os.{ForkTests,SpawnTests,PidTests,ExecTests,MemfdCreateTests}
}

@test "python: its tests of signals, in short" {
	regression test_signal.{WakeupFDTests,RaiseSignalTest,PidfdSignalTest} \
		test_signal.PendingSignalsTests.test_{pthread_kill,pthread_kill_main_thread,sigpending,sigpending_empty,sigwait,pthread_sigmask,pthread_sigmask_arguments} \
		test_faulthandler.FaultHandlerTests.test_{sigsegv,sigabrt,register,register_chain,dump_traceback_threads,stack_overflow}
}

@test "python: its tests of threads and processes, in short" {
	regression test_threading.{ThreadingExceptionTests,InterruptMainTests,SubinterpThreadingTests} \
		test_subprocess.POSIXProcessTestCase.test_{exception_cwd,restore_signals,start_new_session,preexec,run_abort,send_signal,kill,terminate,close_fds,pass_fds,stopped,undecodable_env} \
		test_asyncio.test_unix_events
}

@test "python: its tests of threading, signal, subprocess, faulthandler …, all of them" {
	[ -n "$(scaled '' full)" ] || skip "only at full size (FMPROF_STRESS=1)"
	for module in test_{threading,signal,subprocess,faulthandler,fork1,wait3,wait4,thread,threadsignals,eintr,select,poll,gc,os,queue} \
		test_asyncio.test_subprocess; do
		echo "$module"
		regression $module
	done
}

@test "python: faulthandler tells of a crash in the program itself" {
	before=(sh -c 'ulimit -c 0; exec "$@"' -)
	cut=(no_numbers)
	least_calls=1
	for words in 'ctypes.string_at(0)' 'os.abort()' 'os.kill(os.getpid(), 7)' 'ctypes.pythonapi.Py_FatalError(b"word")' \
		'faulthandler.register(10); os.kill(os.getpid(), 10); faulthandler.dump_traceback_later(0.05, exit=True); time.sleep(9)'; do
		twice $python -X faulthandler -c "import ctypes, faulthandler, os, time
def inner(): $words
def outer(): inner()
outer()"
		grep -q 'in inner$' traced.err
	done
}
