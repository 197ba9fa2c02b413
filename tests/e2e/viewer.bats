#!/usr/bin/env bats
# Pictures that zoom: what they hold, and what a browser shows and says of them.

load plot.bash

@test "interactive pictures hold no address, and the static one for those who run no script" {
	local file
	plot -o a.interactive.svg demo.dat
	plot -o a.html demo.dat
	not grep -q '<title>.*using' a.interactive.svg
	is_xml a.interactive.svg
	for file in a.interactive.svg a.html; do
		grep -q '<text>.*my_func1' "$file"
		not grep -Eq '(src|href)="[^#d]' "$file"
		not grep -oE 'https?://[^" ]*' "$file" | not grep -v 'www.w3.org'
	done
	grep -q "default-src 'none'" a.html
	between 10000 "$(stat -c %s a.interactive.svg)" 200000 "size"
}

@test "the browser is heard when a page errs, speaks, or asks for anything" {
	need_browser
	local wrong
	for wrong in 'throw new Error("x")' 'console.error("x")' 'new Image().src = "missing.png"'; do
		printf '<!DOCTYPE html><link rel="icon" href="data:,"><script>%s</script>' "$wrong" >wrong.html
		not browser wrong.html 'js 1' >seen
		between 2 "$(wc -l <seen)" 9 "lines for $wrong"
	done
	printf '<!DOCTYPE html><link rel="icon" href="data:,"><script>1</script>' >right.html
	browser right.html 'js 1'
}

# counted SELECTOR: a step that tells how many there are
counted() {
	echo "js document.querySelectorAll('$1').length"
}

named() {
	echo "js Array.from(document.querySelectorAll('$1'), t => t.textContent).join('|')"
}

tip='js Array.from(document.querySelectorAll("#fmprof-tip text"), t => t.textContent).join("|")'

@test "zoom by wheel and drag, back by double click and key, what is under the mouse" {
	need_browser
	local file all='js document.querySelector("svg").dataset.from + " " + document.querySelector("svg").dataset.to'
	plot -o a.interactive.svg demo.dat
	plot -o a.html demo.dat
	for file in a.interactive.svg a.html; do
		browser "$file" "$all" \
			'move 0.22 0.6' "$tip" 'move 0.57 0.125' "$tip" \
			'js document.getElementById("fmprof-peak").textContent' \
			'wheel 0.4 0.5 -300' "$all" 'drag 0.3 0.5 0.5' "$all" 'double 0.5 0.5' "$all" \
			'js document.dispatchEvent(new KeyboardEvent("keydown", {key: "+"}))' "$all" \
			'js document.dispatchEvent(new KeyboardEvent("keydown", {key: "Escape"}))' "$all" >seen
		cat seen
		equal "$(sed -n 1p seen)" "0 4000000000" "at first"
		grep -q '^my_func1|at .*s: [0-9.]* MiB|inside 1.204 s|10.0 MiB → 12.0 MiB (+2.0 MiB)|peak inside 160.0 MiB (+150.0 MiB)$' <(sed -n 2p seen)
		grep -q '^my_func2|at ' <(sed -n 3p seen)
		equal "$(sed -n 4p seen)" "peak 480.2 MiB"
		# The wheel keeps what is under the mouse; each step is narrower.
		sed -n 5p seen | awk '{ exit !($1 > 0 && $2 < 4e9 && $2 > $1) }'
		paste -d ' ' <(sed -n 5p seen) <(sed -n 6p seen) | awk '{ exit !($3 > $1 && $4 < $2 && $4 > $3) }'
		equal "$(sed -n 7p seen)" "0 4000000000" "after double click"
		equal "$(sed -n 9p seen)" "1000000000 3000000000" "after +"
		equal "$(sed -n 11p seen)" "0 4000000000" "after Escape"
	done
}

@test "names run nothing in a browser, in any layout" {
	need_browser
	python3 "$BATS_TEST_DIRNAME/hostile.py" hostile.dat
	local other="<img src=x onerror=alert(1)>\"'}];alert(2);\`.dat" number=0 options file
	cp hostile.dat "$other"
	for options in '' '--children curves --lanes' '--children stacked --theme dark' "./$other"; do
		local words=($options)
		[[ $options != ./* ]] || words=("$options")
		file=$((number += 1)).interactive.svg
		[ $number -ne 2 ] || file=2.html
		plot -t '</script><script>alert(0)</script>' -o "$file" "${words[@]}" hostile.dat
		browser "$file" 'js document.querySelectorAll("script").length + " " + document.querySelectorAll("image, img").length' \
			'js Array.from(document.querySelectorAll("text"), t => t.textContent).includes("</script><script>alert(0)</script>")' \
			'move 0.3 0.125' 'move 0.5 0.5' 'wheel 0.5 0.5 -500' 'move 0.4 0.8' "$(named text.fmprof-name)" >seen
		cat seen
		equal "$(sed -n 1p seen)" "1 0" "$file"
		equal "$(sed -n 2p seen)" True "$file"
	done
	grep -qF '<img src=x onerror=alert(1)' seen
}

@test "a dark page, chosen units and fonts, no legend" {
	need_browser
	plot --theme dark --units KiB --font 'DejaVu Serif' -o a.html demo.dat
	browser a.html 'js document.getElementById("fmprof-page").getAttribute("fill") + " " + getComputedStyle(document.body).backgroundColor' \
		'move 0.22 0.6' "$tip" "$(named text.fmprof-name)" 'js document.querySelector("text").getAttribute("font-family")' >seen
	cat seen
	equal "$(sed -n 1p seen)" "#1b2126 rgb(27, 33, 38)"
	grep -q '^my_func1|at .*: [0-9.]* KiB|.*10240.0 KiB → 12288.0 KiB (+2048.0 KiB)' <(sed -n 2p seen)
	equal "$(sed -n 3p seen)" "my_func1|my_func2"
	grep -q '^DejaVu Serif,' <(sed -n 4p seen)
	sed "s/my_func1/begin_$(printf '%090d' 0)_end/g" demo.dat >long.dat
	plot --legend none -o b.html demo.dat
	browser b.html "$(counted text.fmprof-name)" >seen
	equal "$(cat seen)" 0
	plot -o c.html long.dat
	browser c.html "$(named text.fmprof-name)" "js Math.round(document.querySelector('text.fmprof-name').getBoundingClientRect().right)" >seen
	cat seen
	grep -q '^begin_0*…0*_end|my_func2$' <(sed -n 1p seen)
	between 1000 "$(sed -n 2p seen)" 1200 "its right end"
}

@test "lanes: a lane for each thread, and what is under the mouse in them" {
	need_browser
	threads_write threads.dat
	plot --lanes -o a.html threads.dat
	browser a.html "$(named text.fmprof-lane)" "$(counted rect.fmprof-row)" "$(counted path.fmprof-enter)" \
		"js (() => { const r = document.querySelectorAll('rect.fmprof-row')[2].getBoundingClientRect(); \
			document.querySelector('svg').dispatchEvent(new PointerEvent('pointermove', {clientX: r.x + r.width / 2, clientY: r.y + r.height / 2})); \
			return Array.from(document.querySelectorAll('#fmprof-tip text'), t => t.textContent).join('|'); })()" >seen
	cat seen
	equal "$(sed -n 1p seen)" "tid 10|tid 11|tid 12"
	equal "$(sed -n 2p seen)" 4
	equal "$(sed -n 3p seen)" 4 "brackets"
	equal "$(sed -n 4p seen)" "load|at 2.850 s: 82.5 MiB|inside 700 ms, left without a return|60.0 MiB → 90.0 MiB (+30.0 MiB)"
	plot --flame -o b.html threads.dat
	browser b.html "$(named text.fmprof-lane)" "$(counted path.fmprof-enter)" >seen
	equal "$(cat seen)" "tid 10|tid 11|tid 12
0" "flame"
}

@test "ends that are no return differ" {
	need_browser
	threads_write threads.dat
	plot -o a.interactive.svg threads.dat
	# By the number of points: ] has four, half a ] three, > three of which two are slanted; a late one is paler.
	browser a.interactive.svg "js Array.from(document.querySelectorAll('path.fmprof-leave'), p => p.getAttribute('stroke') + p.getAttribute('d').replace(/[-0-9.,]+/g, '') + p.getAttribute('stroke-opacity')).sort().join(' ')" >seen
	cat seen
	equal "$(cat seen)" "#0072b2MHVh0.6 #009e73MLl1 #d55e00MHV1 #d55e00MHVh1"
}

@test "several recordings, children and metrics" {
	need_browser
	sed 's/480\.0/240.0/g; s/peak=480.2/peak=240.0/' demo.dat >other.dat
	plot -o a.html demo.dat other.dat
	browser a.html "$(counted path.fmprof-other)" "$(named text.fmprof-name)" 'move 0.5 0.6' "$tip" "$(named text.fmprof-lane)" >seen
	cat seen
	equal "$(sed -n 4p seen)" "demo.dat|other.dat"
	equal "$(sed -n 1p seen)" 1
	equal "$(sed -n 2p seen)" "demo.dat|my_func1|my_func2|other.dat|my_func1|my_func2"
	grep -q '^my_func2|at .*: [34][0-9.]* MiB|other.dat: [12][0-9.]* MiB|' <(sed -n 3p seen)
	family_write family.dat
	plot --children curves -o b.html family.dat
	browser b.html "$(counted path.fmprof-other)" "$(named text.fmprof-name)" "$(counted '#fmprof-band')" >seen
	equal "$(cat seen)" "1
first process|kid 11
1" "children"
	sed 's/^CHLD 11 /CHLD 11 1/' family.dat >higher.dat
	plot --children curves -o b.html higher.dat
	browser b.html "$(named '#fmprof-peak')" >seen
	equal "$(cat seen)" "kid 11 149.0 MiB" "a child that is higher"
	plot --children stacked -o c.html family.dat
	browser c.html "$(counted path.fmprof-layer)" "$(named '#fmprof-peak')" >seen
	equal "$(cat seen)" "2
together 80.0 MiB" "stacked"
	plot --stack file,anon -o d.html family.dat
	browser d.html "$(counted path.fmprof-layer)" "$(named text.fmprof-name)" 'move 0.3 0.6' "$tip" >seen
	cat seen
	equal "$(sed -n 1p seen)" 2
	equal "$(sed -n 2p seen)" "anon|file"
	grep -q '|file: 5.0 MiB|anon: [0-9.]* MiB$' <(sed -n 3p seen)
}

@test "a window begins at its own time, and its first calls have no begin there" {
	need_browser
	plot -w 1,3 -o a.html demo.dat
	browser a.html 'move 0.0701 0.6' "$tip" "$(counted path.fmprof-enter)" "$(counted path.fmprof-leave)" >seen
	cat seen
	grep -q '^my_func1|at 1.0[0-9]* s: ' <(sed -n 1p seen)
	# my_func1 has only its end there, my_func2 only its begin to be seen.
	equal "$(sed -n 2p seen)" 1
}
