#!/usr/bin/env bats
# Other layouts: several recordings, lanes, children, metrics, axes; and poor recordings in all of them.

load plot.bash

@test "several recordings are laid over each other, by index too" {
	sed s/my_func1/other/ demo.dat >mprofile_20240101000000.dat
	cp demo.dat mprofile_20240102000000.dat
	"$fmprof" plot -o two.svg 0 -1
	found=$(texts two.svg)
	has '2 recordings: mprofile_20240101000000.dat, mprofile_20240102000000.dat'
	has mprofile_20240102000000.dat
	has other
	has my_func1
	has 'peak 480.2 MiB, 4.000 s'
	"$fmprof" plot --align my_func2 -o aligned.svg demo.dat mprofile_20240101000000.dat
	fails_in_one_line --align nobody -o two.png demo.dat mprofile_20240101000000.dat
	grep -q "align 'nobody'" err
}

@test "lanes, flame, trend, a logarithmic axis, the clock" {
	for format in png svg pdf; do
		"$fmprof" plot --lanes --slope --log --time absolute -o all.$format demo.dat
		"$fmprof" plot --flame --legend bottom --theme dark -o flame.$format demo.dat
	done
	TZ=UTC "$fmprof" plot --lanes --slope --log --time absolute -o all.svg demo.dat
	found=$(texts all.svg)
	has 'time (2023-11-14, UTC)'
	has '22:13:21'
	has 'tid 10'
	grep -q 'trend +' <<<"$found"
	for option in --slope --log '--time absolute' '--legend bottom'; do
		fails_in_one_line $option -o all.html demo.dat
		grep -q 'stand still only' err
	done
	for option in --slope --log '--time absolute' '--children stacked' '--stack anon' '--legend bottom'; do
		fails_in_one_line $option demo.dat
		grep -q 'in pictures only' err
	done
	for kind in text interactive html window; do
		fails_in_one_line --script all.gp --terminal $kind demo.dat
		grep -q -e '--script: for png' err
	done
}

@test "children and metrics in layers" {
	family_write family.dat
	"$fmprof" plot --children curves -o family.svg family.dat
	found=$(texts family.svg)
	has 'kid 11'
	has 'peak 49.0 MiB'
	has 'first process'
	"$fmprof" plot --children stacked --script family.gp family.dat
	# Together they are highest while both are there: 20 + i + 60 - i.
	grep -q '^[0-9.]* [0-9.]* 80$' family.gp
	grep -q "^set label 'together 80.0 MiB' " family.gp
	"$fmprof" plot --stack file,anon -o family.svg family.dat
	found=$(texts family.svg)
	has anon
	has 'peak 64.0 MiB'
	fails_in_one_line --stack anon,swap -o family.svg family.dat
	grep -q "no metric 'swap'; record it with -m swap" err
	fails_in_one_line --stack anon,file,anon -o family.svg family.dat
	grep -q "has anon twice" err
	fails_in_one_line --children curves -o demo.svg demo.dat
	grep -q 'record them with -M' err
	fails_in_one_line --stack anon -o family.svg family.dat demo.dat
}

@test "what is highest among processes bears its name, and the first process's peak is told as such" {
	family_write family.dat
	sed -i 's/^CHLD 11 /CHLD 11 1/' family.dat
	"$fmprof" plot --children curves --script family.gp family.dat
	grep -q "^set label 'kid 11 149.0 MiB' " family.gp
	not grep -q "^set label 'peak .*:Bold" family.gp
	grep -q "^set label 'first process: peak 70.0 MiB · " family.gp
	"$fmprof" plot --children curves --size 80x24 family.dat | grep -q ' kid 11 149.0 MiB$'
	# However long it is.
	sed "s/ start kid\$/ start $(printf 'k%.0s' {1..900})/" family.dat >long.dat
	"$fmprof" plot --children curves --size 40x24 long.dat | grep -q 'kkk…kkk.* 149.0 MiB$'
	"$fmprof" plot --children curves --script long.gp long.dat
	grep -q "^set label 'kkkk*…k* 11 149.0 MiB' .*:Bold" long.gp
	"$fmprof" plot --script demo.gp demo.dat
	grep -q "^set label 'peak 480.2 MiB · " demo.gp
}

@test "of many recordings each curve looks different, and lanes tell processes" {
	for i in 1 2 3 4 5 6 7 8 9; do
		cp demo.dat r$i.dat
	done
	"$fmprof" plot --script many.gp r?.dat
	# The first is the curve itself, of whose colour only a solid line would be the same.
	grep -o '\$line[0-9]* using 1:2 with lines.*' many.gp | sed 's/, \$line/\n$line/g; s/, \$ends.*//' |
		sed 's/^[^ ]*//' >looks
	[ "$(wc -l <looks)" -eq 8 ]
	[ "$(sort -u looks | wc -l)" -eq 8 ]
	not grep -q "dt solid lc rgb '#2f3e48'" looks
	sed '/ENTER 2/s/10 10/20 20/; /my_func2/s/pid=10 tid=10/pid=20 tid=20/' demo.dat >two.dat
	"$fmprof" plot --lanes --script lanes.gp two.dat demo.dat
	grep -q "^set label 'two.dat/10' " lanes.gp
	grep -q "^set label 'two.dat/20' " lanes.gp
	[ "$(grep -c "^set label 'demo.dat' " lanes.gp)" -eq 2 ] # in the legend as well
}

@test "poor and damaged recordings in every layout" {
	printf 'MEM 1.5 1700000000.1\n' >one.dat
	printf 'MEM 2 0.1\nMEM 3 0.2\nFUNC f 1 0.1 2 0.2 0\n' >early.dat
	printf '%s\n' 'CMDLINE x' 'FMPROF 1 start=1.0 interval=0.01 pid=10 host=h exe=/x metrics=rss,anon peaks=reset' \
		'MEM 5 10.0 peak=9 anon=3' 'FMPROF 1 start=1.0 interval=0.01 pid=10 host=h exe=/x metrics=rss' \
		'MEM 5 9.0 peak=3' 'ENTER 1 1 10 10 4294967295 5 9.0' 'ENTER 2 1 77 77 2 5 9.0' \
		'MEM 7 11 peak=99 anon=4' 'CHLD 77 4 10.5' >damaged.dat
	for file in one early damaged; do
		for options in --lanes --flame '--log -s' '--time absolute --legend bottom --size 200x150'; do
			"$fmprof" plot $options -o poor.png $file.dat
		done
	done
	for options in '--children curves' '--children stacked' '--stack anon' '-w 8,9.5'; do
		"$fmprof" plot $options -o poor.png damaged.dat
	done
	"$fmprof" plot -o poor.png one.dat early.dat damaged.dat
}
