/* The script inside of interactive pictures: draws what FMPROF_DATA holds, and follows wheel, mouse and keys.
 * Names reach the page by textContent and nothing else, so that they are never markup. */
(function () {
"use strict";
const D = FMPROF_DATA, NS = "http://www.w3.org/2000/svg";
const svg = document.getElementById("fmprof-script").ownerSVGElement;
const W = D.width, H = D.height, S = D.scale, C = D.colours, FONT = D.font + ",Verdana,sans-serif";
const LAYERS = D.curves.some(c => c.layer), LANES = D.lanes.length > 0, GAP = 6 * S;

/* ---- data ---- */
function summed(deltas) {
	let at = 0;
	return deltas.map(delta => at += delta);
}
/* Records of so many figures each; the one at `offset` is the difference from the record before. */
function records(array, figures, offset, make) {
	const made = [];
	for (let i = 0, from = 0; i < array.length; i += figures) {
		from += array[i + offset];
		made.push(make(array.slice(i, i + figures), from));
	}
	return made;
}
const T = summed(D.t), M = summed(D.m), UNIT = D.unit, SPAN = Math.max(D.span, 1);
const OWNER = [];
for (let i = 0; i < D.owners.length; i += 2)
	for (let n = D.owners[i + 1]; n > 0; n--)
		OWNER.push(D.owners[i]);
const CURVES = D.curves.map(c => Object.assign({}, c, {t: summed(c.t), m: summed(c.m)}));
const BAND = {t: summed(D.band.t), m: summed(D.band.m)};
const BLOCKS = records(D.blocks, 10, 2, (b, from) => ({shown: b[0], row: b[1], from: from, to: from + b[3], rss: b[4], out: b[4] + b[5], peak: b[4] + b[6],
	calls: b[7], busy: b[8], flags: b[9]}));
const BARS = records(D.bars, 7, 3, (b, from) => ({shown: b[0], lane: b[1], row: b[2], from: from, to: from + b[4], calls: b[5], flags: b[6]}));

/* ---- places ---- */
const ENTRIES = legend(), PITCH = Math.min(37 * S, (H - 140 * S) / Math.max(ENTRIES.length, 1));
const LEFT = 84 * S, TOP = 78 * S, BOTTOM = H - 62 * S, RIGHT = W - (ENTRIES.length ? legendWidth() : 32 * S);
const ROWS = (LANES ? BARS : BLOCKS).reduce((most, b) => Math.max(most, b.row + 1), 0);
/* Rows are at the top; lanes are below the memory axis. */
const ROW = ROWS ? Math.min((LANES ? 15 : 19) * S, (LANES ? 0.4 : 0.28) * (BOTTOM - TOP) / ROWS) : 0;
const LANE_GAP = LANES ? Math.min(GAP, 0.12 * (BOTTOM - TOP) / D.lanes.length) : 0;
const BASE = LANES ? BOTTOM - ROWS * ROW - D.lanes.length * LANE_GAP - GAP : BOTTOM;
const CURVE_TOP = (LANES ? TOP : TOP + ROWS * ROW) + 40 * S;
const rowTop = b => LANES ? BASE + GAP + (b.lane + 0.5) * LANE_GAP + b.row * ROW : TOP + b.row * ROW;
let from = 0, to = SPAN, low = 0, high = 1, queued = false, last = {inside: false};

/* Recordings are followed by their functions; other curves come first, layers as they lie. */
function legend() {
	if (!D.legend) return [];
	const entries = [], several = D.curves.length > 0 && D.functions.some(f => f.recording > 0);
	const functions = recording => D.functions.forEach(f => { if (recording === undefined || f.recording === recording) entries.push({name: f.name, figures: f.figures, colour: f.colour, box: true}); });
	for (const c of LAYERS ? CURVES.slice().reverse() : CURVES) {
		if (!c.unnamed) entries.push({name: c.name, figures: c.figures, colour: c.colour, box: c.layer, dash: c.dash});
		if (several) functions(c.recording);
	}
	if (!several) functions();
	if (D.others) entries.push({name: "… and " + D.others + " more", figures: "", colour: C.others, box: true});
	return entries;
}
function legendWidth() {
	const of = (words, size) => words.length * 0.57 * size * S;
	return Math.min(0.36 * W, Math.max(...ENTRIES.map(e => Math.max(of(e.name, 13), of(e.figures, 12)))) + 72 * S);
}

function first(array, time) {
	let a = 0, b = array.length;
	while (a < b) {
		const middle = (a + b) >> 1;
		if (array[middle] < time) a = middle + 1; else b = middle;
	}
	return a;
}
function memory(time, t = T, m = M) {
	const i = first(t, time);
	if (i === 0) return m[0];
	if (i === t.length) return m[i - 1];
	return t[i] === t[i - 1] ? m[i] : m[i - 1] + (m[i] - m[i - 1]) * (time - t[i - 1]) / (t[i] - t[i - 1]);
}
const x = time => LEFT + (time - from) / (to - from) * (RIGHT - LEFT);
const y = kib => BASE - (kib - low) / (high - low) * (BASE - CURVE_TOP);
const time = px => from + (px - LEFT) / (RIGHT - LEFT) * (to - from);
const point = (time, kib) => x(time).toFixed(1) + "," + y(kib).toFixed(1);

/* ---- words ---- */
function bytes(kib) {
	if (D.units) return (kib / D.units.kib).toFixed(D.units.kib === 1 / 1024 ? 0 : D.units.kib > 900000 ? 3 : 1) + " " + D.units.name;
	const units = ["KiB", "MiB", "GiB", "TiB", "PiB"];
	let unit = 0, sign = 0 > kib ? "-" : "";
	kib = Math.abs(kib);
	while (kib >= 1023.95 && 4 > unit) { kib /= 1024; unit++; }
	return sign + kib.toFixed(Math.min(unit, 2)) + " " + units[unit];
}
function duration(ns) {
	if (1e3 > ns) return Math.round(ns) + " ns";
	if (999500 > ns) return (ns / 1e3).toFixed(1) + " µs";
	if (999.5e6 > ns) return (ns / 1e6).toFixed(99.95e6 > ns ? 2 : 0) + " ms";
	if (600e9 > ns) return (ns / 1e9).toFixed(3) + " s";
	const seconds = Math.round(ns / 1e9), rest = (seconds % 60).toString().padStart(2, "0") + " s";
	return seconds >= 36000 ? Math.floor(seconds / 3600) + " h " + Math.floor(seconds / 60 % 60) + " min" : Math.floor(seconds / 60) + " min " + rest;
}
function name(block) {
	const of = block.shown === D.functions.length ? "another function" : D.functions[block.shown].name;
	return block.calls > 1 ? of + " ×" + block.calls.toLocaleString("en") : of;
}
const colour = shown => shown === D.functions.length || 0 > shown ? C.others : D.functions[shown].colour;
/* Mixed with the page: bars that lie on each other do not mix. */
function tint(hex, part) {
	const channel = i => Math.round(parseInt(C.page.slice(i, i + 2), 16) * (1 - part) + parseInt(hex.slice(i, i + 2), 16) * part);
	return "rgb(" + [1, 3, 5].map(channel).join(",") + ")";
}
const dash = shown => shown === D.functions.length || 0 > shown ? "" : D.functions[shown].dash;

/* ---- drawing ---- */
function add(parent, kind, attributes, words) {
	const element = document.createElementNS(NS, kind);
	for (const key in attributes) element.setAttribute(key, attributes[key]);
	if (words !== undefined) element.textContent = words;
	parent.appendChild(element);
	return element;
}
function text(parent, px, py, words, size, more) {
	return add(parent, "text", Object.assign({x: px, y: py, "font-size": size * S, "font-family": FONT, fill: C.ink}, more), words);
}
/* At most so many letters: the middle gives way. */
function clipped(words, most) {
	const letters = Array.from(words), head = Math.ceil((most - 1) / 2);
	return most >= letters.length ? words : 3 > most ? "" : letters.slice(0, head).join("") + "…" + letters.slice(letters.length - most + 1 + head).join("");
}
/* By the width that letters have on average; only the browser knows better. */
const shortened = (words, room, size) => clipped(words, Math.floor(room / (0.6 * size * S)));
/* As much of its words as has room. */
function fit(element, room) {
	const words = element.textContent;
	for (let most = words.length; most > 2 && element.getComputedTextLength() > room;) element.textContent = clipped(words, --most);
}
for (const old of Array.from(svg.children))
	if (old.id !== "fmprof-script" && old.nodeName !== "title" && old.nodeName !== "desc" && old.nodeName !== "defs")
		svg.removeChild(old);
svg.style.touchAction = "none";
add(svg, "rect", {width: W, height: H, fill: C.page, id: "fmprof-page"});
const clip = add(add(svg, "defs", {}), "clipPath", {id: "fmprof-clip"});
add(clip, "rect", {x: LEFT, y: TOP - 1, width: RIGHT - LEFT, height: BOTTOM - TOP + 1});
fit(text(svg, LEFT, 33 * S, D.title, 17, {"font-weight": "bold"}), W - LEFT - 20 * S);
text(svg, LEFT, 57 * S, D.summary, 13, {fill: C.faint});
text(svg, RIGHT, 57 * S, "wheel: zoom · drag: zoom to · shift-drag: move · double click: all", 11, {fill: C.faint, "text-anchor": "end", id: "fmprof-help"});
ENTRIES.forEach((e, i) => {
	const top = TOP + i * PITCH, left = RIGHT + 24 * S, middle = top + (e.figures ? 8 : 6) * S;
	if (e.box) add(svg, "rect", {x: left, y: middle - 8 * S, width: 24 * S, height: 16 * S, fill: e.colour, "fill-opacity": 0.45, stroke: e.colour});
	else add(svg, "path", {d: "M" + left + "," + middle + "h" + 24 * S, stroke: e.colour, "stroke-width": 2 * S, "stroke-dasharray": e.dash});
	fit(text(svg, RIGHT + 58 * S, top + (e.figures ? 9 : 11) * S, e.name, 13, {"class": "fmprof-name"}), W - RIGHT - 62 * S);
	if (PITCH > 28 * S) fit(text(svg, RIGHT + 58 * S, top + 25 * S, e.figures, 12, {fill: C.faint}), W - RIGHT - 62 * S);
});
if (D.lanesLeftOut) text(svg, RIGHT, BOTTOM + 36 * S, "… and " + D.lanesLeftOut + " more threads", 11, {"text-anchor": "end", fill: C.faint});
/* Names of lanes, or of recordings at the first of their rows. */
(LANES ? D.lanes : D.curves.filter(c => c.row >= 0)).forEach((lane, i) => {
	const rows = lane.rows || 1, high = rows * ROW + LANE_GAP, size = Math.min(10.5, high / S * 0.95);
	if (high >= 8 * S) text(svg, LEFT - 6 * S, rowTop({lane: i, row: lane.row}) + rows * ROW / 2 + size * S * 0.36, shortened(lane.name, LEFT - 10 * S, size), size,
		{"text-anchor": "end", fill: C.faint, "class": "fmprof-lane"});
});
const axes = add(svg, "g", {}), drawing = add(svg, "g", {"clip-path": "url(#fmprof-clip)", id: "fmprof-drawing"});
const band = add(svg, "rect", {fill: C.select, "fill-opacity": 0.15, visibility: "hidden", y: TOP, height: BOTTOM - TOP});
const cursor = add(svg, "line", {stroke: C.faint, "stroke-dasharray": "3,3", visibility: "hidden", y1: TOP, y2: BOTTOM});
const tip = add(svg, "g", {visibility: "hidden", id: "fmprof-tip", "pointer-events": "none"});

function step(least) {
	const magnitude = Math.pow(10, Math.floor(Math.log10(least)));
	return [1, 2, 2.5, 5, 10].find(s => s * magnitude >= least * 0.999999) * magnitude;
}
function tics(a, b, most, draw) {
	const by = step((b - a) / most), digits = Math.max(0, Math.min(12, 1 - Math.floor(Math.log10(by))));
	for (let i = Math.ceil(a / by - 1e-9); b * (1 + 1e-12) >= i * by; i++) draw(i * by, String(+(i * by).toFixed(digits)));
}
function drawAxes() {
	const ns = (D.before + SPAN) * UNIT;
	const [second, word] = [[3.6e12 * 5, 3.6e12, "h"], [9e11, 6e10, "min"], [1e9, 1e9, "s"], [1e6, 1e6, "ms"], [0, 1e3, "µs"]].find(u => ns >= u[0]).slice(1);
	const most = high - low;
	const [size, unit] = D.units ? [D.units.kib, D.units.name] : [[2 ** 41, 2 ** 40, "PiB"], [2 ** 31, 2 ** 30, "TiB"], [2 ** 21, 2 ** 20, "GiB"], [1024, 1024, "MiB"], [0, 1, "KiB"]].find(u => (low > 0 ? 4 * most : most) >= u[0]).slice(1);
	tics(low / size, high / size, 8, (value, words) => {
		add(axes, "line", {x1: LEFT, x2: RIGHT, y1: y(value * size), y2: y(value * size), stroke: C.grid});
		text(axes, LEFT - 8 * S, y(value * size) + 4 * S, words, 12, {"text-anchor": "end", fill: C.faint});
	});
	tics((D.before + from) * UNIT / second, (D.before + to) * UNIT / second, 10, (value, words) => {
		const at = x(value * second / UNIT - D.before);
		add(axes, "line", {x1: at, x2: at, y1: BOTTOM, y2: BOTTOM + 5 * S, stroke: C.faint});
		text(axes, at, BOTTOM + 20 * S, words, 12, {"text-anchor": "middle", fill: C.faint});
	});
	for (const at of LANES ? [BASE, BOTTOM] : [BOTTOM]) add(axes, "line", {x1: LEFT, x2: RIGHT, y1: at, y2: at, stroke: C.line});
	text(axes, (LEFT + RIGHT) / 2, H - 16 * S, "time (" + word + ")", 12.5, {"text-anchor": "middle", fill: C.faint});
	const middle = (CURVE_TOP + BASE) / 2;
	text(axes, 22 * S, middle, "memory (" + unit + ")" + (low > 0 ? ", not from zero" : ""), 12.5,
		{"text-anchor": "middle", fill: C.faint, transform: "rotate(-90 " + 22 * S + " " + middle + ")"});
}
/* Indices of points of the window, at most four for each pixel. */
function visible(t, m) {
	const begin = Math.max(0, first(t, from) - 1), end = Math.min(t.length, first(t, to) + 1), kept = [];
	for (let i = begin; end > i;) {
		const pixel = Math.floor(x(t[i]));
		let lowest = i, highest = i, last = i;
		for (let j = i; end > j; j++) {
			if (Math.floor(x(t[j])) !== pixel) break;
			if (m[lowest] > m[j]) lowest = j;
			if (m[j] > m[highest]) highest = j;
			last = j;
		}
		kept.push(...new Set([i, Math.min(lowest, highest), Math.max(lowest, highest), last]));
		i = last + 1;
	}
	return kept;
}
function range(points) {
	low = Infinity; high = 0;
	const take = (m, indices) => { for (const i of indices) { low = Math.min(low, m[i]); high = Math.max(high, m[i]); } };
	take(M, points);
	for (const c of CURVES) take(c.m, c.points);
	for (let i = Math.max(1, first(BAND.t, from)); BAND.t.length > i && to > BAND.t[i - 1]; i++) high = Math.max(high, BAND.m[i]);
	if (from === 0 && to === SPAN) high = Math.max(high, D.peak);
	const spread = high - low;
	low = LAYERS || 256 > spread || high / 200 > spread || spread > high / 5 ? 0 : Math.max(0, low - spread / 5);
	if (!(high > low)) high = low + 1;
}
/* What memory was at most between two samples, above the curve. */
function drawBand() {
	let d = "";
	for (let i = Math.max(1, first(BAND.t, from)); BAND.t.length > i && to > BAND.t[i - 1]; i++)
		if (BAND.m[i] > memory(BAND.t[i - 1]) || BAND.m[i] > memory(BAND.t[i]))
			d += "M" + point(BAND.t[i - 1], memory(BAND.t[i - 1])) + "V" + y(BAND.m[i]).toFixed(1) + "H" + x(BAND.t[i]).toFixed(1) + "L" + point(BAND.t[i], memory(BAND.t[i])) + "Z";
	if (d) add(drawing, "path", {d: d, fill: C.outside, "fill-opacity": 0.3, id: "fmprof-band"});
}
function drawLayers() {
	CURVES.forEach((c, i) => {
		if (!c.layer || !c.points.length) return;
		const floor = i > 0 ? CURVES[i - 1].m : null;
		const under = c.points.slice().reverse().map(j => point(c.t[j], floor ? floor[j] : 0));
		add(drawing, "path", {d: "M" + c.points.map(j => point(c.t[j], c.m[j])).join("L") + "L" + under.join("L") + "Z", fill: c.colour, "fill-opacity": 0.6, "class": "fmprof-layer"});
	});
}
function drawLine(t, m, points, attributes) {
	if (points.length) add(drawing, "path", Object.assign({d: "M" + points.map(i => point(t[i], m[i])).join("L"), fill: "none", "stroke-width": 2 * S, "stroke-linejoin": "round"}, attributes));
}
/* Areas only where it is one recording's: they would hide the others'. */
function drawAreas(points) {
	const several = CURVES.some(c => c.recording > 0);
	for (let i = 0; points.length - 1 > i && !several && !LAYERS;) {
		let j = i;
		while (points.length - 1 > j && OWNER[points[j]] === OWNER[points[i]]) j++;
		const shown = OWNER[points[i]], at = points.slice(i, j + 1).map(n => point(T[n], M[n]));
		add(drawing, "path", {d: "M" + point(T[points[i]], low) + "L" + at.join("L") + "L" + point(T[points[j]], low) + "Z", fill: 0 > shown ? C.outside : colour(shown), "fill-opacity": 0.42});
		i = j;
	}
}
function drawCurves(points) {
	if (!LAYERS) drawBand();
	drawLayers();
	drawAreas(points);
	for (const c of CURVES)
		if (!c.layer) drawLine(c.t, c.m, c.points, {stroke: c.colour, "stroke-dasharray": c.dash, "class": "fmprof-other"});
	drawLine(T, M, points, {stroke: C.curve, id: "fmprof-curve"});
}
/* A '[' or ']'; half of a ']' for what was left without a return, '>' for what never ended. */
function bracket(b, end) {
	const half = 12 * S, serif = Math.max(2 * S, Math.min(6 * S, (x(b.to) - x(b.from)) / 2)) * (end ? -1 : 1), px = x(end ? b.to : b.from);
	/* On the memory axis rather than cut by it. */
	const py = Math.min(y(end ? b.out : b.rss), BASE - half);
	let d = "M" + (px + serif) + "," + (py - half) + "H" + px + "V" + (py + half) + "h" + serif, stroke = 1;
	if (end && b.flags & 1) d = "M" + (px + 1.6 * serif) + "," + (py - half) + "L" + px + "," + py + "l" + 1.6 * serif + "," + half;
	else if (end && b.flags & 4) d = "M" + (px + serif) + "," + (py - half) + "H" + px + "V" + (py + half);
	if (end && b.flags & 2) stroke = 0.6;
	add(drawing, "path", {d: d, fill: "none", stroke: C.page, "stroke-opacity": 0.6, "stroke-width": 5 * S});
	add(drawing, "path", {d: d, fill: "none", stroke: colour(b.shown), "stroke-opacity": stroke, "stroke-width": 2.5 * S, "stroke-linecap": "round",
		"stroke-dasharray": dash(b.shown), "class": end ? "fmprof-leave" : "fmprof-enter"});
}
/* Where all layers together, or the one curve, are highest. */
function drawPeak() {
	const top = CURVES[CURVES.length - 1], total = D.total;
	const highest = total ? top.m.reduce((most, kib, i) => kib > top.m[most] ? i : most, 0) : 0;
	const at = total ? top.t[highest] : D.peakAt, kib = total ? top.m[highest] : D.peak, level = y(kib);
	if (from > at || at > to || CURVE_TOP - 1 > level) return;
	add(drawing, "path", {d: "M" + LEFT + "," + level + "H" + RIGHT + "M" + x(at) + "," + level + "V" + BASE, stroke: C.peak, "stroke-width": 1.2 * S, "stroke-dasharray": "9,6"});
	add(drawing, "circle", {cx: x(at), cy: level, r: 3 * S, fill: C.curve});
	const words = (total ? "together" : D.peakName) + " " + bytes(kib), room = words.length * 4.5 * S;
	text(drawing, Math.max(LEFT + room, Math.min(RIGHT - room, x(at))), level - 17 * S, words, 13, {"text-anchor": "middle", "font-weight": "bold", fill: C.peak, id: "fmprof-peak"});
}
function drawRows() {
	const until = [], gap = Math.min(1, 0.12 * ROW);
	for (const b of LANES ? BARS : BLOCKS) {
		if (from > b.to || b.from > to) continue;
		const left = x(b.from), width = Math.max(x(b.to) - left, 1), top = rowTop(b);
		/* What lies within a pixel that is drawn already cannot be seen. */
		if (2 > width && until[b.row] > left) continue;
		until[b.row] = Math.max(left + 1, left + width);
		const pale = b.flags & 3 ? 0.6 : 1, strong = LANES || 8 * S > ROW ? 0.7 : b.calls > 1 ? 0.55 : 0.35;
		add(drawing, "rect", {x: left, y: top + gap, width: width, height: ROW - 2 * gap, fill: tint(colour(b.shown), strong * pale), "class": "fmprof-row"});
		if (width > 40 * S && ROW >= 12 * S && b.calls) {
			const start = Math.max(left, LEFT);
			text(drawing, start + 6 * S, top + 0.5 * ROW + 4 * S, shortened(name(b), Math.min(left + width, RIGHT) - start - 10 * S, 12), 12);
		}
	}
}
/* The longest first, and none where there is one already. */
function drawBrackets() {
	const standing = [], chosen = [];
	const visible = D.flame ? [] : BLOCKS.filter(b => b.to >= from && to >= b.from && !(b.flags & 8) && x(b.to) - x(b.from) > 8 * S);
	visible.sort((a, b) => (b.to - b.from) - (a.to - a.from));
	const near = (px, distance) => standing.some(other => distance > Math.abs(other - px));
	for (const b of visible) {
		const ends = [x(b.from), x(b.to)];
		if (chosen.length >= 10 && ends.some(px => near(px, 6 * S) && !near(px, S))) continue;
		if (chosen.length >= 200) break;
		standing.push(...ends.filter(px => !near(px, S)));
		chosen.push(b);
	}
	for (const b of chosen.reverse()) {
		if (!(b.flags & 16)) bracket(b, false); /* else it began before the window */
		bracket(b, true);
	}
}
function draw() {
	queued = false;
	axes.replaceChildren();
	drawing.replaceChildren();
	const points = visible(T, M);
	for (const c of CURVES) c.points = visible(c.t, c.m);
	/* A layer needs the points of the one beneath. */
	if (LAYERS) for (const c of CURVES) c.points = CURVES[CURVES.length - 1].points;
	range(points);
	drawAxes();
	drawCurves(points);
	drawRows();
	drawBrackets();
	drawPeak();
	hover(last);
	svg.dataset.from = Math.round(from * UNIT);
	svg.dataset.to = Math.round(to * UNIT);
}
function show(a, b) {
	const least = Math.min(SPAN, Math.max(16, 1e3 / UNIT)), length = Math.min(SPAN, Math.max(least, b - a));
	from = Math.max(0, Math.min((a + b - length) / 2, SPAN - length));
	to = from + length;
	if (!queued) requestAnimationFrame(draw);
	queued = true;
}

/* ---- mouse and keys ---- */
function place(event) {
	const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
	return {x: at.x, y: at.y, inside: at.x >= LEFT && RIGHT >= at.x && at.y >= TOP && BOTTOM >= at.y};
}
/* The bar or block under the mouse; over the curve the innermost at that time. */
function blockAt(at) {
	const t = time(at.x), near = (to - from) / (RIGHT - LEFT);
	const among = LANES && at.y > BASE ? BARS : BLOCKS, rows = among === BARS || (!LANES && TOP + ROWS * ROW >= at.y);
	let found = null;
	for (const b of among) {
		if (b.from - near > t && among === BLOCKS) break;
		if (b.from - near > t || t > b.to + near) continue;
		if (rows && (rowTop(b) > at.y || at.y > rowTop(b) + ROW)) continue;
		if (!found || b.row >= found.row) found = b;
	}
	return found;
}
/* A bar tells no memory itself: the block that holds it does, unless it is one of several calls that are joined there. */
function words(b) {
	const lines = [], open = b.flags & 1 ? ", never ended" : b.flags & 4 ? ", left without a return" : b.flags & 2 ? ", end noticed late" : "";
	if (b.rss === undefined) {
		const block = BLOCKS.find(block => block.from === b.from && block.to === b.to && block.shown === b.shown);
		if (block) return words(block);
		lines.push((b.calls > 1 ? "over " : b.calls ? "inside " : "several functions in ") + duration((b.to - b.from) * UNIT) + open);
		return lines;
	}
	lines.push("inside " + duration(b.busy) + open);
	lines.push(b.calls > 1 ? "first began at " + bytes(b.rss) + ", last ended at " + bytes(b.out) :
		bytes(b.rss) + " → " + bytes(b.out) + " (" + (b.out >= b.rss ? "+" : "") + bytes(b.out - b.rss) + ")");
	if (b.peak > Math.max(b.rss, b.out)) lines.push("peak inside " + bytes(b.peak) + (b.calls > 1 ? "" : " (+" + bytes(b.peak - b.rss) + ")"));
	return lines;
}
function hover(at) {
	last = at;
	tip.replaceChildren();
	tip.setAttribute("visibility", at.inside ? "visible" : "hidden");
	cursor.setAttribute("visibility", at.inside ? "visible" : "hidden");
	if (!at.inside) return;
	cursor.setAttribute("x1", at.x);
	cursor.setAttribute("x2", at.x);
	const b = blockAt(at), lines = ["at " + duration((D.before + time(at.x)) * UNIT) + ": " + bytes(memory(time(at.x)))];
	CURVES.forEach((c, i) => {
		if (c.unnamed || !c.t.length || c.t[0] > time(at.x) || time(at.x) > c.t[c.t.length - 1]) return;
		lines.push(c.name + ": " + bytes(memory(time(at.x), c.t, c.m) - (c.layer && i > 0 ? memory(time(at.x), c.t, CURVES[i - 1].m) : 0)));
	});
	if (b) {
		lines.unshift(name(b));
		lines.push(...words(b));
	}
	const back = add(tip, "rect", {fill: C.page, "fill-opacity": 0.94, stroke: C.faint, rx: 3 * S});
	const shown = lines.map((line, i) => text(tip, 0, 0, shortened(line, 0.5 * W, 12.5), 12.5, i === 0 && b ? {"font-weight": "bold", fill: colour(b.shown)} : {}));
	const width = Math.max(...shown.map(w => w.getComputedTextLength())) + 16 * S, height = (lines.length * 17 + 9) * S;
	const left = at.x + 14 * S + width > W ? at.x - 14 * S - width : at.x + 14 * S, top = Math.min(at.y + 14 * S, H - height - 2);
	shown.forEach((w, i) => { w.setAttribute("x", left + 8 * S); w.setAttribute("y", top + (i * 17 + 17) * S); });
	for (const [key, value] of [["x", left], ["y", top], ["width", width], ["height", height]]) back.setAttribute(key, value);
}
let drag = null;
svg.addEventListener("wheel", event => {
	const at = place(event);
	if (!at.inside) return;
	event.preventDefault();
	const by = event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY);
	if (by) {
		const move = (event.deltaX || event.deltaY) / (RIGHT - LEFT) * (to - from);
		show(from + move, to + move);
		return;
	}
	const t = time(at.x), factor = Math.pow(1.0015, Math.max(-400, Math.min(400, event.deltaY * (event.deltaMode ? 33 : 1))));
	show(t - (t - from) * factor, t + (to - t) * factor);
}, {passive: false});
svg.addEventListener("pointerdown", event => {
	const at = place(event);
	if (!at.inside || event.button !== 0) return;
	svg.setPointerCapture(event.pointerId);
	drag = {x: at.x, from: from, to: to, moves: event.shiftKey};
});
svg.addEventListener("pointermove", event => {
	const at = place(event);
	hover(at);
	if (!drag) return;
	if (drag.moves) {
		const by = (drag.x - at.x) / (RIGHT - LEFT) * (drag.to - drag.from);
		show(drag.from + by, drag.to + by);
		return;
	}
	const end = Math.max(LEFT, Math.min(RIGHT, at.x));
	band.setAttribute("x", Math.min(drag.x, end));
	band.setAttribute("width", Math.abs(drag.x - end));
	band.setAttribute("visibility", "visible");
});
svg.addEventListener("pointerup", event => {
	const at = place(event), end = Math.max(LEFT, Math.min(RIGHT, at.x));
	if (drag && !drag.moves && Math.abs(end - drag.x) > 4) show(time(Math.min(drag.x, end)), time(Math.max(drag.x, end)));
	drag = null;
	band.setAttribute("visibility", "hidden");
});
svg.addEventListener("pointerleave", () => hover({inside: false}));
svg.addEventListener("dblclick", () => show(0, SPAN));
document.addEventListener("keydown", event => {
	const length = to - from, middle = (from + to) / 2;
	const keys = {ArrowLeft: [from - length / 4, to - length / 4], ArrowRight: [from + length / 4, to + length / 4],
		"+": [middle - length / 4, middle + length / 4], "-": [middle - length, middle + length], "0": [0, SPAN], Escape: [0, SPAN]};
	if (!keys[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
	event.preventDefault();
	show(...keys[event.key]);
});
draw();
})();
