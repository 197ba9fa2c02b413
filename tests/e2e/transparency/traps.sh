# A script for bash and dash: traps, jobs, pipes, here-documents, substitutions. It prints no process numbers and waits for what it starts.
trap 'echo "exit $?"' EXIT
trap 'echo usr1' USR1
trap 'echo term' TERM
trap '' HUP
kill -USR1 $$
kill -TERM $$
kill -HUP $$
trap - TERM

# A child that waits for a signal, and answers it.
mkfifo ready
(
	trap 'echo "child term"; exit 3' TERM
	trap
	echo yes >ready
	while :; do sleep 0.01; done
) &
child=$!
read answer <ready
kill -TERM $child
wait $child
echo "$answer: child $?"

# wait is interrupted by a trap, and goes on.
(read go <ready; exit 4) &
child=$!
(sleep 0.05; kill -USR1 $$; sleep 0.05; echo go >ready) &
wait $child
echo "wait $?"
wait $child
echo "wait $?"
wait

for status in 0 1 2 126 255; do
	(exit $status)
	echo $?
done
sh -c 'kill -KILL $$' 2>/dev/null
echo "killed $?"
/nonexistent/program 2>/dev/null
echo "not found $?"

text=$(echo sub | cat | tr a-z A-Z)
echo "$text $(echo "nested $(echo deep)")"
sort <<END
b
a
END
i=0
while [ $i -lt ${1:-30} ]; do
	i=$((i + 1))
	/bin/true
done
echo $i
seq 1 3000 | while read -r line; do [ "$line" -ne 2999 ] || echo "$line"; done | cat
yes | head -n 2
echo "pipe $?"
set -e
exit 7
